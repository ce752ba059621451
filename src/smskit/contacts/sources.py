"""Where rows come from: what every kind of file or table has to give, column by column."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from enum import Enum
from typing import Protocol

from attrs import field, frozen


class Fault(Enum):
    """What is wrong with a row or a cell apart from its number; ``value`` is a stable word for files.

    Attributes:
        sentence: for the person who has to mend the file.
        is_repaired: whether the row could be used all the same, nothing of it lost.
    """

    sentence: str
    is_repaired: bool

    def __new__(cls, word: str, sentence: str, is_repaired: int) -> Fault:
        """Make the word the value; the rest are attributes."""
        member = object.__new__(cls)
        member._value_ = word
        member.sentence = sentence
        member.is_repaired = bool(is_repaired)
        return member

    SHORT_ROW = (
        "short_row",
        "the row has fewer cells than there are columns; the missing ones were read as empty",
        1,
    )
    LONG_ROW = (
        "long_row",
        "the row has more cells than there are columns; those at its end were left out",
        0,
    )
    OPEN_QUOTE = ("open_quote", "a quotation mark is never closed; the line was read as if it had none", 1)
    GARBLED_TEXT = (
        "garbled_text",
        "the text was saved in a wrong encoding (Ã© for é); export it again as UTF-8",
        0,
    )
    POSTAL_CODE_ZERO = (
        "postal_code_zero",
        "the postal code has four digits: a spreadsheet dropped its zero; format the column as text",
        0,
    )
    NUL_REMOVED = ("nul_removed", "the file holds NUL characters, which were taken out", 1)
    TITLE_ROWS = ("title_rows", "what stands above the headers was left out", 1)
    NO_HEADER = ("no_header", "the first row is data, so the columns are called column_1, column_2 …", 1)


@frozen
class RowFault:
    """One fault of one row, found while the row was cut into cells."""

    row: int
    fault: Fault
    cells: int


@frozen
class Chunk:
    """Rows that follow each other without a gap, as columns of text in the order of the headers."""

    first_row: int
    size: int
    columns: Sequence[Sequence[str]] = field(repr=False)
    faults: tuple[RowFault, ...] = ()


class Source(Protocol):
    """A table that can be read from its beginning as often as it is needed."""

    @property
    def name(self) -> str:
        """What errors and summaries call it."""
        ...

    @property
    def headers(self) -> tuple[str, ...]:
        """The columns as the table names them."""
        ...

    @property
    def first_row(self) -> int:
        """The row behind the headers, as a person counts; 1 without headers."""
        ...

    @property
    def faults(self) -> tuple[RowFault, ...]:
        """What is wrong with the table as a whole; their row is 0."""
        ...

    def chunks(self, size: int, /) -> Iterator[Chunk]:
        """Give all rows in chunks of at most *size*, streaming."""
        ...


def chunked(
    rows: Sequence[Sequence[str]], first_row: int, width: int, faults: Iterable[RowFault] = ()
) -> Iterator[Chunk]:
    """Turn rows of cells into columns.

    A row without any text is no row, but it keeps its place: the chunk ends before it and the next begins
    behind it, so that ``first_row + index`` is the row that a person sees in a spreadsheet.
    """
    known = tuple(faults)
    if all(map(any, rows)):
        yield _squared(rows, first_row, width, known)
        return
    start = 0
    for end in [*(index for index, row in enumerate(rows) if not any(row)), len(rows)]:
        if end > start:
            here = tuple(fault for fault in known if start <= fault.row - first_row < end)
            yield _squared(rows[start:end], first_row + start, width, here)
        start = end + 1


def chunked_columns(columns: Sequence[Sequence[str]], first_row: int, size: int) -> Iterator[Chunk]:
    """Take rows that are columns already; rows without any text are left out as in :func:`chunked`."""
    if all(map(any, zip(*columns, strict=True))):
        yield Chunk(first_row, size, columns)
    else:
        yield from chunked(list(zip(*columns, strict=True)), first_row, len(columns))


def _squared(rows: Sequence[Sequence[str]], first_row: int, width: int, known: tuple[RowFault, ...]) -> Chunk:
    try:
        columns = tuple(zip(*rows, strict=True))
    except ValueError:
        columns = ()
    if len(columns) == width:
        return Chunk(first_row, len(rows), columns, known)
    square: list[list[str]] = []
    faults = list(known)
    for row_number, row in enumerate(rows, start=first_row):
        if len(row) < width:
            faults.append(RowFault(row_number, Fault.SHORT_ROW, len(row)))
        elif any(row[width:]):
            faults.append(RowFault(row_number, Fault.LONG_ROW, len(row)))
        square.append([*row[:width], *[""] * (width - len(row))])
    return Chunk(first_row, len(rows), tuple(zip(*square, strict=True)), tuple(faults))
