"""Spreadsheets, ``.xlsx``, ``.xls`` and ``.ods``, through python-calamine (the extra ``excel``)."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from itertools import islice
from typing import Protocol, cast

from attrs import field, frozen

from smskit.contacts.filetext import Opener
from smskit.contacts.headings import Heading, IsData, heading_of
from smskit.contacts.sources import Chunk, RowFault, chunked
from smskit.contacts.written import written
from smskit.errors import InvalidInput, UnreadableFile

_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0"


class _Sheet(Protocol):
    @property
    def start(self) -> tuple[int, int] | None: ...

    def iter_rows(self) -> Iterator[Sequence[object]]: ...


class _Workbook(Protocol):
    sheet_names: list[str]

    def get_sheet_by_name(self, name: str) -> _Sheet: ...


@frozen(eq=False)
class Spreadsheet:
    """One sheet of a workbook. It is unpacked anew for each reading and lies in memory meanwhile.

    Args:
        name: what errors call it.
        opener: opens the bytes of the workbook.
        sheet: name of the sheet.
        heading: its headers and where they stand.
    """

    name: str
    opener: Opener = field(repr=False)
    sheet: str
    heading: Heading

    @property
    def headers(self) -> tuple[str, ...]:
        """The columns as the sheet names them."""
        return self.heading.headers

    @property
    def first_row(self) -> int:
        """The row behind the headers."""
        return self.heading.row + 1

    @property
    def faults(self) -> tuple[RowFault, ...]:
        """What is wrong with the sheet as a whole."""
        return self.heading.faults

    def chunks(self, size: int, /) -> Iterator[Chunk]:
        """Give all rows in chunks of at most *size*."""
        cells = _rows(_workbook(self.opener, self.name), self.sheet, self.name)
        cells = islice(cells, self.heading.row, None)
        row = self.first_row
        while rows := list(islice(cells, size)):
            yield from chunked(rows, row, len(self.headers))
            row += len(rows)


def is_workbook(first_bytes: bytes) -> bool:
    """Whether a file begins as workbooks do, whatever its ending says."""
    return first_bytes.startswith((_ZIP, _OLE))


def read_spreadsheet(opener: Opener, name: str, *, sheet: str | int | None, is_data: IsData) -> Spreadsheet:
    """Find the sheet and its headers.

    Args:
        opener: opens the bytes of the workbook.
        name: what errors call it.
        sheet: name of the sheet, or its place from 0; None takes the first that is not empty.
        is_data: tells a first row that holds data from one that holds headers.

    Raises:
        UnreadableFile: python-calamine is not installed, cannot read the file, or every sheet is empty.
        InvalidInput: there is no such *sheet*.
    """
    workbook = _workbook(opener, name)
    for candidate in _candidates(workbook.sheet_names, sheet):
        heading = heading_of(_rows(workbook, candidate, name), is_data)
        if heading is not None:
            return Spreadsheet(name, opener, candidate, heading)
    raise UnreadableFile(name, "there is not one row in it", ("python-calamine",))


def _candidates(names: Sequence[str], sheet: str | int | None) -> Sequence[str]:
    if sheet is None:
        return names
    if isinstance(sheet, int) and 0 <= sheet < len(names):
        return names[sheet : sheet + 1]
    if sheet in names:
        return [str(sheet)]
    raise InvalidInput(f"there is no sheet {sheet!r}; the sheets are {', '.join(map(repr, names))}")


def _workbook(opener: Opener, name: str) -> _Workbook:
    try:
        calamine = import_module("python_calamine")
    except ImportError:
        raise UnreadableFile(
            name, "reading spreadsheets takes python-calamine; pip install 'smskit[excel]', or save it as CSV"
        ) from None
    with _damage(name), opener() as raw:
        return cast("_Workbook", calamine.load_workbook(raw))


def _rows(workbook: _Workbook, sheet: str, name: str) -> Iterator[list[str]]:
    """Give the rows as text from row 1 on, empty ones included."""
    with _damage(name):
        cells = workbook.get_sheet_by_name(sheet)
        # Older versions panic when an empty sheet is gone through (seen with 0.2.3 to 0.5.0).
        if cells.start is not None:
            for row in cells.iter_rows():
                yield [written(cell) for cell in row]


@contextmanager
def _damage(name: str) -> Generator[None, None, None]:
    """Say in one way that a workbook is damaged, however deep in it python-calamine notices."""
    try:
        yield
    except BaseException as error:
        # A damaged .xls makes the Rust side panic (seen with 0.9.1), which arrives as no Exception and has no
        # name to import; CalamineError and the errors of files are Exceptions.
        if isinstance(error, Exception) or type(error).__name__ == "PanicException":
            raise UnreadableFile(name, f"it is no workbook that can be read ({error})", ("python-calamine",)) from error
        raise
