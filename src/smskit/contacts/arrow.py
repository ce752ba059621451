"""Tables of pandas, polars, pyarrow, duckdb: whatever speaks the Arrow C stream, through the extra ``arrow``.

Source: "The Arrow PyCapsule Interface",
https://arrow.apache.org/docs/format/CDataInterface/PyCapsuleInterface.html
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib import import_module
from typing import Protocol, cast

from attrs import field, frozen

from smskit.contacts.sources import Chunk, RowFault, chunked_columns
from smskit.contacts.written import written
from smskit.errors import InvalidInput, UnreadableFile


class ArrowTable(Protocol):
    """Anything that gives its rows as an Arrow stream, and gives them again when asked again."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """Give a capsule with a stream of record batches."""
        ...


class _Scalar(Protocol):
    def as_py(self) -> object: ...

    def cast(self, target: object) -> object: ...


class _Array(Protocol):
    type: object

    def __iter__(self) -> Iterator[_Scalar]: ...

    def to_pylist(self) -> list[object]: ...

    def cast(self, target: object, safe: bool = True) -> _Array: ...  # noqa: FBT001, FBT002 - pyarrow's own form

    def fill_null(self, value: object) -> _Array: ...


class _RecordBatch(Protocol):
    num_rows: int
    columns: list[_Array]

    def slice(self, offset: int, length: int) -> _RecordBatch: ...


class _Types(Protocol):
    def is_string(self, of: object) -> bool: ...
    def is_large_string(self, of: object) -> bool: ...
    def is_integer(self, of: object) -> bool: ...
    def is_timestamp(self, of: object) -> bool: ...


class _Schema(Protocol):
    names: list[str]


class _Stream(Protocol):
    schema: _Schema

    def __iter__(self) -> Iterator[_RecordBatch]: ...
    def close(self) -> None: ...


@frozen(eq=False)
class ArrowSource:
    """A table that streams itself. As in a file the headers count as row 1: the first record is row 2."""

    name: str
    headers: tuple[str, ...]
    table: ArrowTable = field(repr=False)
    first_row: int = 2
    faults: tuple[RowFault, ...] = ()

    def chunks(self, size: int, /) -> Iterator[Chunk]:
        """Give all rows in chunks of at most *size*, streaming."""
        row = self.first_row
        for batch in _stream(self.table):
            for start in range(0, batch.num_rows, size):
                part = batch.slice(start, size)
                yield from chunked_columns([texts_of(column) for column in part.columns], row, part.num_rows)
                row += part.num_rows


def read_arrow(table: ArrowTable) -> ArrowSource:
    """Take a table that can be streamed again and again.

    Raises:
        UnreadableFile: pyarrow is not installed.
        InvalidInput: the table is itself a stream, which ends after one reading.
    """
    name = f"{type(table).__module__.partition('.')[0]} {type(table).__name__}"
    if hasattr(table, "read_next_batch"):
        raise InvalidInput(f"{name} can be read only once and a plan reads twice; give its .read_all()")
    stream = _stream(table)
    headers = tuple(stream.schema.names)
    stream.close()
    return ArrowSource(name, headers, table)


def _stream(table: ArrowTable) -> _Stream:
    try:
        pyarrow = import_module("pyarrow")
    except ImportError:
        raise UnreadableFile(
            type(table).__name__,
            "reading it takes pyarrow; pip install 'smskit[arrow]', or give a list of dicts",
        ) from None
    try:
        return cast("_Stream", pyarrow.RecordBatchReader.from_stream(table))
    except (pyarrow.ArrowInvalid, TypeError) as error:
        # A single column has a stream too, of values instead of rows.
        raise InvalidInput(f"a {type(table).__name__} is no table; give the data frame it belongs to") from error


def texts_of(column: _Array) -> Sequence[str]:
    """Give a column as text: strings as they are, everything else as :func:`written` writes it."""
    types = cast("_Types", import_module("pyarrow").types)
    kind = column.type
    if types.is_string(kind) or types.is_large_string(kind):
        return cast("list[str]", column.fill_null("").to_pylist())
    if types.is_integer(kind):
        return cast("list[str]", column.cast("string").fill_null("").to_pylist())
    if types.is_timestamp(kind):
        return _timestamps(column)
    return list(map(written, column.to_pylist()))


def _timestamps(column: _Array) -> Sequence[str]:
    pyarrow = import_module("pyarrow")
    if getattr(column.type, "unit", "") == "ns":
        # Python's datetimes end at microseconds; nobody's consent is lost in the nanoseconds.
        column = column.cast(pyarrow.timestamp("us", tz=getattr(column.type, "tz", None)), safe=False)
    try:
        return list(map(written, column.to_pylist()))
    except (ValueError, OverflowError):
        return [_timestamp(value) for value in column]


def _timestamp(value: _Scalar) -> str:
    try:
        return written(value.as_py())
    except (ValueError, OverflowError):
        # A year beyond 9999: the row goes on with what Arrow says of it, which no date reader takes for one.
        return str(value.cast("string"))
