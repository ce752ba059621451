"""Arrow tables, through the stream that data frames speak; with pyarrow where it is there (the extra ``arrow``).

Source: "The Arrow PyCapsule Interface",
https://arrow.apache.org/docs/format/CDataInterface/PyCapsuleInterface.html
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from importlib import import_module
from typing import Any, Protocol

from smskit.errors import InvalidInput
from smskit.kinds import DeliveryStatus, EventType, FailureClass, SendState
from smskit.records import EventLine, SendLine


class ArrowTable(Protocol):
    """Anything that gives its rows as an Arrow stream: tables of pyarrow, data frames of polars and pandas."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """Give a capsule with a stream of record batches."""
        ...


def pyarrow(part: str = "") -> Any:
    """Load pyarrow.

    Raises:
        InvalidInput: it is not installed.
    """
    try:
        return import_module(f"pyarrow{part}")
    except ImportError:
        raise InvalidInput("Arrow tables take pyarrow; pip install 'smskit[arrow]', or use to_dicts()") from None


_TYPES = {
    "seq": "int64", "number": "int64", "parts": "int64", "price_micros": "int64", "territory": "string",
    "not_before": "int64", "arm": "string", "state": "string", "token": "string", "failure": "string",
    "submitted": "int64", "status": "string", "status_at": "int64", "billed_parts": "int64", "fell_back": "int64",
    "type": "string", "at": "int64", "text": "string", "reference": "string",
}  # fmt: skip
_WORDS = {
    "state": {one.value for one in SendState},
    "status": {one.value for one in DeliveryStatus},
    "failure": {one.value for one in FailureClass},
    "type": {one.value for one in EventType},
}
_INSTANTS = ("submitted", "status_at", "at")
_IN_SECONDS = ("not_before",)  # as the ledger has it
_YEAR_10_000 = 253_402_300_800_000_000
_USUAL = {"number": 0, "parts": 1, "price_micros": 0, "territory": "", "not_before": 0, "arm": "", "fell_back": 0}
SEND_COLUMNS = SendLine._fields
EVENT_COLUMNS = ("type", "at", "seq", "text", "token", "number", "reference")


def sends_to_arrow(sends: Iterable[SendLine]) -> Any:
    """Give sends as a pyarrow table, one column for each field of a line."""
    columns = list(zip(*sends, strict=True)) or [()] * len(SEND_COLUMNS)
    return _table(SEND_COLUMNS, columns)


def events_to_arrow(events: Iterable[EventLine]) -> Any:
    """Give events about known sends as a pyarrow table: type, at, seq, text."""
    columns = list(zip(*events, strict=True)) or [()] * len(EventLine._fields)
    return _table(EventLine._fields, columns)


def _table(names: Sequence[str], columns: Sequence[Sequence[object]]) -> Any:
    pa = pyarrow()
    return pa.table({name: pa.array(column, _TYPES[name]) for name, column in zip(names, columns, strict=True)})


def sends_of(table: ArrowTable) -> Any:
    """Read a table of sends: its columns are those of a line, and all but ``seq`` and ``state`` may be missing.

    Raises:
        InvalidInput: it is no table, or a column is missing, of another type, or holds a word that is none.
    """
    return _read(table, SEND_COLUMNS, ("seq", "state"))


def events_of(table: ArrowTable) -> Any:
    """Read a table of events: ``type``, ``at``, and what they are known by: seq, token, number or reference.

    Raises:
        InvalidInput: it is no table, or a column is missing, of another type, or holds a word that is none.
    """
    return _read(table, EVENT_COLUMNS, ("type", "at"))


def _read(table: ArrowTable, names: Sequence[str], needed: Sequence[str]) -> Any:
    pa = pyarrow()
    try:
        read = pa.RecordBatchReader.from_stream(table).read_all()
    except (pa.ArrowInvalid, TypeError) as error:
        raise InvalidInput(f"a {type(table).__name__} is no Arrow table") from error
    there = set(read.column_names)
    missing = [name for name in needed if name not in there]
    if missing:
        raise InvalidInput(f"the table has no column {', '.join(missing)}; it has {', '.join(read.column_names)}")
    if len(there) < len(read.column_names):
        raise InvalidInput(f"the table has two columns of one name: {', '.join(read.column_names)}")
    columns = {name: _column(read, name) for name in names}
    for name, column in columns.items():
        _check(name, column, is_needed=name in needed)
    return pa.table(columns)


def _column(table: Any, name: str) -> Any:
    pa, wanted = pyarrow(), _TYPES[name]
    usual = _USUAL.get(name)
    if name not in table.column_names:
        return (
            pa.nulls(table.num_rows, wanted) if usual is None else pa.repeat(pa.scalar(usual, wanted), table.num_rows)
        )
    column = table.column(name).combine_chunks()
    try:
        if pa.types.is_dictionary(column.type):
            column = column.dictionary_decode()
        if pa.types.is_timestamp(column.type):
            if column.type.tz is None:
                raise InvalidInput(
                    f"the times of the column {name} have no zone; say of which one they are, or give UTC"
                )
            column = column.cast(pa.timestamp("s" if name in _IN_SECONDS else "us", column.type.tz), safe=False)
        column = column.cast(wanted)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise InvalidInput(f"the column {name} is {column.type}, and {wanted} is needed") from error
    return column if usual is None else pyarrow(".compute").fill_null(column, usual)


def _check(name: str, column: Any, *, is_needed: bool) -> None:
    """Refuse what would be counted as nothing, and shown as nought."""
    pc = pyarrow(".compute")
    if is_needed and column.null_count:
        raise InvalidInput(f"the column {name} is empty in {column.null_count} rows, and is needed in each")
    if name in _WORDS:
        unknown = sorted(set(pc.unique(column).to_pylist()) - _WORDS[name] - {None})
        if unknown:
            raise InvalidInput(f"the column {name} has {unknown[0]!r}; it takes {', '.join(sorted(_WORDS[name]))}")
    if name in _INSTANTS and (latest := pc.max(column).as_py()) is not None and latest >= _YEAR_10_000:
        raise InvalidInput(f"the column {name} reaches beyond the year 9999; it takes microseconds since 1970 UTC")
