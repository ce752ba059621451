"""From what a user has (a path, bytes, a table) to a source of rows."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from os import PathLike
from pathlib import Path
from typing import BinaryIO, Union, cast

from attrs import frozen

from smskit.contacts.arrow import ArrowTable, read_arrow
from smskit.contacts.delimited import read_delimited
from smskit.contacts.filetext import Opener
from smskit.contacts.headings import IsData
from smskit.contacts.issues import shown
from smskit.contacts.sheets import is_workbook, read_spreadsheet
from smskit.contacts.sources import Source
from smskit.contacts.tables import read_grid, read_numbers, read_records
from smskit.errors import InvalidInput, UnreadableFile
from smskit.phone.reader import NumberReader

Readable = Union[
    str,
    "PathLike[str]",
    bytes,
    Sequence[Mapping[str, object]],
    Sequence[Sequence[object]],
    ArrowTable,
]
"""A path, the bytes of a file, a list of dicts, of rows or of numbers, a data frame."""

_SHORTEST_NUMBER = 8


@frozen
class FileOptions:
    """How a file is to be read where that shall not be found out; tables have no use for it."""

    encoding: str | None = None
    separator: str | None = None
    sheet: str | int | None = None


def opened(source: Readable, region: str, options: FileOptions) -> Source:
    """Find out what *source* is and how to read it.

    Raises:
        UnreadableFile: no way of reading gives rows.
        InvalidInput: it is nothing that contacts can be read from, or it can be read only once.
    """
    is_data = partial(_holds_number, region=region)
    if isinstance(source, bytes):
        return _file(partial(io.BytesIO, source), "bytes", options, is_data)
    if isinstance(source, (str, PathLike)):
        path = Path(source)
        return _file(partial(_bytes_of, path), path.name, options, is_data)
    if hasattr(source, "__arrow_c_stream__"):
        return read_arrow(cast("ArrowTable", source))
    if isinstance(source, Sequence):
        return _sequence(source, is_data)
    raise InvalidInput(_advice(source))


def _bytes_of(path: Path) -> BinaryIO:
    return path.open("rb")


def _file(opener: Opener, name: str, options: FileOptions, is_data: IsData) -> Source:
    try:
        with opener() as raw:
            first = raw.read(8)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        if sum(map(str.isdigit, name)) >= _SHORTEST_NUMBER:
            reason += "; numbers typed into a field are read by Contacts.parse"
        raise UnreadableFile(shown(name), reason) from error
    if is_workbook(first):
        return read_spreadsheet(opener, name, sheet=options.sheet, is_data=is_data)
    return read_delimited(opener, name, encoding=options.encoding, separator=options.separator, is_data=is_data)


def _sequence(rows: Sequence[object], is_data: IsData) -> Source:
    if all(isinstance(row, Mapping) for row in rows):
        return read_records(cast("Sequence[Mapping[object, object]]", rows))
    if all(isinstance(row, str) for row in rows):
        return read_numbers(cast("Sequence[str]", rows))
    if all(isinstance(row, Sequence) and not isinstance(row, (str, bytes)) for row in rows):
        return read_grid(cast("Sequence[Sequence[object]]", rows), is_data)
    raise InvalidInput("a list of contacts holds dicts, or rows, or numbers as text, and only one kind of them")


def _advice(source: object) -> str:
    kind = type(source).__name__
    if hasattr(source, "read"):
        return f"an open file ({kind}) can be read only once; give its path, or its bytes with .read()"
    if hasattr(source, "collect"):
        return f"a {kind} holds no rows yet; give its .collect()"
    if isinstance(source, Iterable):
        return f"a {kind} can be read only once and a plan reads twice; give a list of it"
    return f"contacts are read from a path, bytes, a list of dicts or a data frame, not from a {kind}"


def _holds_number(cells: Sequence[str], region: str) -> bool:
    """Whether a first row is data: a header is never a number that can be called."""
    digits = [cell for cell in cells if sum(map(str.isdigit, cell)) >= _SHORTEST_NUMBER]
    return bool(digits) and any(NumberReader(region).read_many(digits)[0])
