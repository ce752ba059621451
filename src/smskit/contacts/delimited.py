"""CSV, TSV and their relatives: the separator found, stray quotes mended, rows streamed."""

from __future__ import annotations

import csv
import re
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain, islice
from typing import TextIO

from attrs import evolve, field, frozen

from smskit.contacts.filetext import Opener, TextFacts, examined, text_of
from smskit.contacts.headings import Heading, IsData, heading_of
from smskit.contacts.sources import Chunk, Fault, RowFault, chunked
from smskit.errors import InvalidInput, UnreadableFile

# In this order when several would do: decimals have commas and dates have slashes, a semicolon has no other
# use.
_SEPARATORS = (";", "\t", "|", ",", "/")
_SAMPLE_CHARACTERS = 1 << 16
_SAMPLE_ROWS = 200
_LONGEST_RECORD = 10_000
_AGREEING = 0.8
_CUT = 0.5

_DECLARED = re.compile(r'"?sep=(.)"?[\r\n]*\Z', re.IGNORECASE)
_FORMULA = re.compile(r'\s*="(.*)"\s*\Z', re.DOTALL)
_LINE_END = re.compile(r"\r\n|\r|\n")
_EIGHT_DIGITS = re.compile(r"\d(?:\D{0,2}\d){7}")


@frozen(eq=False)
class DelimitedFile:
    """A text file of separated cells.

    Args:
        name: what errors call it.
        opener: opens its bytes from the beginning.
        facts: how they are decoded.
        separator: one character.
        heading: its headers and where they stand.
        skipped_lines: lines before row 1 (Excel's ``sep=;``).
        doubled_ends: whether each line ends twice, as when a program on Windows ends lines for itself.
    """

    name: str
    opener: Opener = field(repr=False)
    facts: TextFacts
    separator: str
    heading: Heading = field(factory=Heading)
    skipped_lines: int = 0
    doubled_ends: bool = False

    @property
    def headers(self) -> tuple[str, ...]:
        """The columns as the file names them."""
        return self.heading.headers

    @property
    def first_row(self) -> int:
        """The row behind the headers."""
        return self.heading.row + 1

    @property
    def faults(self) -> tuple[RowFault, ...]:
        """What is wrong with the file as a whole."""
        nul = (RowFault(0, Fault.NUL_REMOVED, 0),) if self.facts.has_nul else ()
        return nul + self.heading.faults

    def chunks(self, size: int, /) -> Iterator[Chunk]:
        """Give all rows in chunks of at most *size*, streaming."""
        width = len(self.headers)
        with self.records() as records:
            row = 1
            while row < self.first_row:
                taken = len(records.take(1)[0])
                if not taken:
                    raise UnreadableFile(self.name, "it changed while it was used: its headers are gone")
                row += taken
            while True:
                rows, quotes = records.take(size)
                if not rows:
                    return
                faults = [RowFault(row + index, Fault.OPEN_QUOTE, len(rows[index])) for index in quotes]
                yield from chunked(rows, row, width, faults)
                row += len(rows)

    @contextmanager
    def records(self) -> Generator[Records, None, None]:
        """Open the file at its row 1."""
        try:
            with text_of(self.opener, self.facts) as text:
                yield Records(self._lines(text), self.separator, len(self.headers), formulas=self.facts.has_formulas)
        except (OSError, UnicodeError) as error:
            raise UnreadableFile(self.name, f"it changed or went away while it was read ({error})") from error

    def _lines(self, text: TextIO) -> Iterator[str]:
        lines: Iterator[str] = islice(text, self.skipped_lines, None)
        if self.doubled_ends:
            lines = filter("\r\n".__ne__, lines)
        if self.facts.has_nul:
            # The csv module of Python 3.10 stops at a NUL.
            lines = (line.replace("\0", "") for line in lines)
        return lines


def _split(lines: Sequence[str], separator: str) -> list[list[str]] | None:
    """Split lines as csv does, at half its price; None where that takes more than cutting at separators."""
    text = "".join(lines).replace("\r\n", "\n")
    if '"' in text or "\r" in text or not text or max(map(len, lines)) > csv.field_size_limit():
        return None
    rows = [line.split(separator) for line in text.removesuffix("\n").split("\n")]
    # csv gives no cell for a blank line, cutting gives an empty one.
    return [row if row != [""] else [] for row in rows] if [""] in rows else rows


class Records:
    """Lines of text as rows of cells, a batch at a time.

    A quote that is never closed would swallow the rows behind it into one cell. Lines are therefore kept
    until their batch has been looked at; where a record has run away, its first line is read without quotes
    and the rest anew.
    """

    def __init__(self, lines: Iterator[str], separator: str, width: int, *, formulas: bool = False) -> None:
        self._lines = lines
        self._again: list[str] = []
        self._separator = separator
        self._width = width
        self._formulas = formulas

    def __iter__(self) -> Iterator[list[str]]:
        while rows := self.take(1)[0]:
            yield from rows

    def take(self, count: int) -> tuple[list[list[str]], list[int]]:
        """Give the next *count* rows, fewer at the end, and the indices of those with mended quotes."""
        taken = self._again[:count]
        del self._again[:count]
        taken += islice(self._lines, count - len(taken))
        plain = _split(taken, self._separator)
        if plain is not None and not self._formulas:
            return plain, []
        beyond: list[str] = []
        reader = csv.reader(chain(taken, self._further(beyond)), delimiter=self._separator)
        rows: list[list[str]] = []
        mended: list[int] = []
        try:
            for row in reader:
                rows.append(row)
                if reader.line_num >= len(taken):
                    break
            sound = self._is_sound(rows, taken, beyond)
        except csv.Error:
            sound = False
        if not sound:
            rows, mended = self._carefully(taken + beyond, count)
        if self._formulas:
            rows = [list(map(_without_formula, row)) for row in rows]
        return rows, mended

    def _further(self, kept: list[str]) -> Iterator[str]:
        """Give the lines behind the batch: a record may end there. They are kept in case it has run away."""
        # The csv module has a limit of its own, but the application may have lifted it for all its files.
        while len(kept) < _LONGEST_RECORD:
            line = self._again.pop(0) if self._again else next(self._lines, None)
            if line is None:
                return
            kept.append(line)
            yield line

    def _carefully(self, lines: list[str], count: int) -> tuple[list[list[str]], list[int]]:
        rows: list[list[str]] = []
        mended: list[int] = []
        position = 0
        while position < len(lines) and len(rows) < count:
            row, used = self._whole_record(lines, position)
            if row is None:
                row, used = self._without_quotes(lines[position]), 1
                mended.append(len(rows))
            rows.append(row)
            position += used
        self._again[:0] = lines[position:]
        return rows, mended

    def _whole_record(self, lines: list[str], position: int) -> tuple[list[str] | None, int]:
        """Give the record that begins at *position* and its number of lines; None when it makes no sense."""
        beyond: list[str] = []
        following = chain(islice(lines, position, None), self._further(beyond))
        reader = csv.reader(following, delimiter=self._separator, strict=True)
        try:
            row = next(reader)
            understood = self._is_likely(row)
        except csv.Error:
            row, understood = [], False
        lines += beyond
        return (row, reader.line_num) if understood else (self._clear_line(lines[position]), 1)

    def _clear_line(self, line: str) -> list[str] | None:
        """Read a line whose quotes stand in odd places and yet leave no doubt: ``"5" screen";12``."""
        try:
            row = next(csv.reader([line], delimiter=self._separator))
        except csv.Error:
            return None
        return row if len(row) == self._width and not _LINE_END.search(row[-1]) else None

    def _without_quotes(self, line: str) -> list[str]:
        return [cell.strip('"') for cell in line.rstrip("\r\n").split(self._separator)]

    def _is_sound(self, rows: list[list[str]], taken: list[str], beyond: list[str]) -> bool:
        """Whether no quote has run away. Where each row is a line, a row of another width may have lost cells."""
        if len(rows) == len(taken) and not beyond:
            return {self._width}.issuperset(map(len, rows)) or not any(
                '"' in line and len(row) != self._width for row, line in zip(rows, taken, strict=True)
            )
        return len(beyond) < _LONGEST_RECORD and self._obeys(taken + beyond) and all(map(self._is_likely, rows))

    def _obeys(self, lines: list[str]) -> bool:
        """Whether the lines keep to the rules of quoting: a quote that ends a cell has a separator behind it."""
        try:
            deque(csv.reader(lines, delimiter=self._separator, strict=True), maxlen=0)
        except csv.Error:
            return False
        return True

    def _is_likely(self, row: list[str]) -> bool:
        """Whether a row that keeps to the rules (RFC 4180 clause 2) is what its writer meant."""
        return len(row) == self._width or not self._has_swallowed(row)

    def _has_swallowed(self, row: list[str]) -> bool:
        """Whether a cell holds a line that is a row of its own."""
        return any(
            self._is_row(line) for cell in row if _LINE_END.search(cell) for line in _LINE_END.split(cell)[1:]
        )  # fmt: skip

    def _is_row(self, line: str) -> bool:
        if line.count(self._separator) < self._width - 1:
            return False
        # One separator, or none, proves little: there has to be a number too.
        return self._width > 2 or _EIGHT_DIGITS.search(line) is not None


def read_delimited(
    opener: Opener,
    name: str,
    *,
    encoding: str | None = None,
    separator: str | None = None,
    is_data: IsData,
) -> DelimitedFile:
    """Find out how a text file is written.

    Args:
        opener: opens its bytes from the beginning.
        name: what errors call it.
        encoding: forces one.
        separator: forces one.
        is_data: tells a first row that holds data from one that holds headers.

    Raises:
        UnreadableFile: it is empty or no text.
        InvalidInput: the *separator* is not one character.
    """
    if separator is not None and len(separator) != 1:
        raise InvalidInput(f"separator={separator!r} is not one character")
    facts = examined(opener, name, encoding)
    with text_of(opener, facts) as text:
        sample = text.read(_SAMPLE_CHARACTERS).replace("\0", "")
    declared = _DECLARED.match(_LINE_END.split(sample, maxsplit=1)[0])
    file = DelimitedFile(
        name,
        opener,
        facts,
        separator or (declared[1] if declared else sniffed(sample)),
        skipped_lines=1 if declared else 0,
        doubled_ends="\r\r\n" in sample,
    )
    with file.records() as records:
        heading = heading_of(records, is_data)
    if heading is None:
        raise UnreadableFile(name, "there is not one row in it")
    return evolve(file, heading=heading)


def sniffed(sample: str, /) -> str:
    """Find the separator that cuts the first lines into rows of equal width; ``;`` for a single column."""
    lines = _LINE_END.split(sample)
    if len(sample) >= _SAMPLE_CHARACTERS:
        lines.pop()  # the sample ends in the middle of it
    widths = {separator: _widths(lines, separator) for separator in _SEPARATORS}
    for separator, found in widths.items():
        if _share(found, lambda width, first: width == first) >= _AGREEING:
            return separator
    # Spreadsheets leave out the empty cells at the end of a row: some widths differ, most rows are cut.
    shares = {separator: _share(found, lambda width, _: width > 1) for separator, found in widths.items()}
    best = max(_SEPARATORS, key=lambda separator: shares[separator])
    return best if shares[best] > _CUT else _SEPARATORS[0]


def _widths(lines: Sequence[str], separator: str) -> list[int]:
    # Any line end will do for the csv module, whichever the file has.
    reader = csv.reader((f"{line}\n" for line in lines if line.strip()), delimiter=separator)
    try:
        return [len(row) for row in islice(reader, _SAMPLE_ROWS)]
    except csv.Error:
        return []


def _share(widths: Sequence[int], agrees: Callable[[int, int], bool]) -> float:
    """Say which share of the rows agrees with the first one, 0 when that is a single cell."""
    if not widths or widths[0] < 2:
        return 0.0
    return sum(agrees(width, widths[0]) for width in widths) / len(widths)


def _without_formula(cell: str) -> str:
    """Take off what keeps spreadsheets from eating a zero: ``="0612345678"``."""
    formula = _FORMULA.match(cell)
    return formula[1] if formula else cell
