"""Tables that are already in memory: lists of dicts, lists of rows, lists of numbers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain

from attrs import field, frozen

from smskit.contacts.headings import IsData, heading_of
from smskit.contacts.sources import Chunk, RowFault, chunked, chunked_columns
from smskit.contacts.written import written
from smskit.errors import InvalidInput


@frozen(eq=False)
class Records:
    """Rows by name. As in a file the headers count as row 1, so the first record is row 2."""

    name: str
    keys: tuple[object, ...]
    rows: tuple[Mapping[object, object], ...] = field(repr=False)
    first_row: int = 2
    faults: tuple[RowFault, ...] = ()

    @property
    def headers(self) -> tuple[str, ...]:
        """The keys as text."""
        return tuple(map(str, self.keys))

    def chunks(self, size: int, /) -> Iterator[Chunk]:
        """Give all rows in chunks of at most *size*; a key that a row does not have is an empty cell."""
        for start in range(0, len(self.rows), size):
            rows = self.rows[start : start + size]
            columns = [_texts(row.get(key) for row in rows) for key in self.keys]
            yield from chunked_columns(columns, self.first_row + start, len(rows))


@frozen(eq=False)
class Grid:
    """Rows by position; ``first_row`` is 2 under a row of headers and 1 without."""

    name: str
    headers: tuple[str, ...]
    rows: tuple[Sequence[object], ...] = field(repr=False)
    first_row: int = 2
    faults: tuple[RowFault, ...] = ()

    def chunks(self, size: int, /) -> Iterator[Chunk]:
        """Give all rows in chunks of at most *size*."""
        for start in range(0, len(self.rows), size):
            rows = [_texts(row) for row in self.rows[start : start + size]]
            yield from chunked(rows, self.first_row + start, len(self.headers))


def _texts(values: Iterable[object]) -> list[str]:
    return [value if isinstance(value, str) else written(value) for value in values]


def read_records(rows: Sequence[Mapping[object, object]]) -> Records:
    """Take a list of dicts, whose keys may differ from row to row.

    Raises:
        InvalidInput: there is no key, hence no column.
    """
    if not any(rows):
        raise InvalidInput("the list is empty: there is no column to take numbers from")
    keys = dict.fromkeys(chain.from_iterable(rows))
    return Records(f"{len(rows)} records", tuple(keys), tuple(rows))


def read_grid(rows: Sequence[Sequence[object]], is_data: IsData) -> Grid:
    """Take a list of rows; the first holds the headers unless it looks like data.

    Raises:
        InvalidInput: no row has a text.
    """
    name = f"{len(rows)} rows"
    heading = heading_of(map(_texts, rows), is_data)
    if heading is None:
        raise InvalidInput("the table has no row with a text, not even one of headers")
    return Grid(name, heading.headers, tuple(rows[heading.row :]), heading.row + 1, heading.faults)


def read_numbers(numbers: Sequence[str]) -> Grid:
    """Take a list of telephone numbers; the first is row 1."""
    return Grid(f"{len(numbers)} numbers", ("mobile",), tuple((number,) for number in numbers), 1)
