"""What is wrong with the contacts, row by row, and what was mended."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from attrs import field, frozen

from smskit.contacts.batches import Batch
from smskit.contacts.sources import Fault, RowFault
from smskit.display import Block, Facts, Level, Note, Shown, Table, View
from smskit.phone.mask import mask
from smskit.phone.reading import Problem, Reading, Repair

Cause = Problem | Repair | Fault

MOST_KEPT = 10_000

# UTF-8 that was read as cp1252 and saved again. Each of the first letters is followed by a sign that never
# stands behind it in a word of a Latin language. U+FFFD is a byte that could not be read at all.
_GARBLED = re.compile("Ã[\u0080-\u00bf‚ƒ„…†‡ˆ‰Š‹Œ-Ž‘-”•–—˜™š›œžŸ]|Â[\u00a0-\u00bf]|â€[™œ¦“”˜\u009d]|Å[“’¸]|\ufffd")
_SUSPECTS = ("Ã", "Â", "â€", "Å", "\ufffd")
_DIGITS = re.compile(r"\d(?:[ .\-]?\d){5,}")
_LONGEST_SHOWN = 40
_SHOWN_IN_VIEW = 20


@frozen
class Issue:
    """One thing to look at.

    Args:
        row: as a person counts: headers are row 1. 0 for the file as a whole.
        column: name of the column, empty for the row as a whole.
        value: what stands there, with numbers masked.
        cause: the problem, the repair or the fault.
    """

    row: int
    column: str
    value: str
    cause: Cause

    @property
    def reason(self) -> str:
        """The cause in one word, the same in every version."""
        return str(self.cause.value)

    @property
    def sentence(self) -> str:
        """The cause in words for the person who has to mend the file."""
        return self.cause.sentence

    @property
    def repaired(self) -> bool:
        """Whether the row is used all the same."""
        return self.cause.is_repaired if isinstance(self.cause, Fault) else isinstance(self.cause, Repair)

    def __str__(self) -> str:
        place = f"row {self.row}" if self.row else "file"
        value = f" {self.value}" if self.value else ""
        return f"{place} {self.column}{value}: {self.sentence}".replace(" :", ":").replace("  ", " ")


@frozen
class Issues(Shown):
    """Everything that is to be looked at, in the order of the rows.

    The first ten thousand are kept with their rows, the others are counted only: ``len`` and ``counts`` hold
    all.

    Args:
        rows: how many rows were read.
        counts: by reason, the most frequent first.
        repaired: how many of them were mended.
        kept: those that going through the issues gives.
    """

    rows: int
    counts: Mapping[str, int]
    repaired: int
    kept: Sequence[Issue] = field(repr=False)

    @property
    def omitted(self) -> int:
        """How many issues were counted without being kept."""
        return len(self) - len(self.kept)

    def __len__(self) -> int:
        return sum(self.counts.values())

    def __iter__(self) -> Iterator[Issue]:
        return iter(self.kept)

    def view(self) -> View:
        """Give the counts and the first issues."""
        shown = self.kept[:_SHOWN_IN_VIEW]
        more = len(self) - len(shown)
        blocks: list[Block] = [Facts(("rows read", self.rows), ("issues", len(self)), ("repaired", self.repaired))]
        if shown:
            blocks.append(Facts(*self.counts.items(), title="by reason"))
            headers = ("row", "column", "value", "what is wrong")
            blocks.append(Table(headers, [_cells(issue) for issue in shown], align="rlll"))
        if more:
            note = f"{more} more are not shown; go through contacts.issues for them"
            blocks.append(Note(note, level=Level.INFO))
        return View("issues", *blocks)


def _cells(issue: Issue) -> tuple[str, str, str, str]:
    mended = " (repaired)" if issue.repaired else ""
    return str(issue.row or "file"), issue.column, issue.value, f"{issue.sentence}{mended}"


def found_in(batches: Iterable[Batch], file_faults: Iterable[RowFault], mobile: str, postal_code: str | None) -> Issues:
    """Go through all rows once and note what is to be looked at.

    Args:
        batches: all rows.
        file_faults: what is wrong with the file as a whole.
        mobile: name of the column of numbers.
        postal_code: name of a column of French postal codes, None without one.
    """
    kept = [Issue(0, "", "", fault.fault) for fault in file_faults]
    counts = Counter(issue.reason for issue in kept)
    repaired = sum(issue.repaired for issue in kept)
    rows = 0
    for batch in batches:
        rows += batch.size
        found = sorted(_of_batch(batch, mobile, postal_code), key=lambda issue: issue.row)
        counts.update(issue.reason for issue in found)
        repaired += sum(issue.repaired for issue in found)
        kept += found[: MOST_KEPT - len(kept)]
    return Issues(rows, dict(counts.most_common()), repaired, tuple(kept))


def _of_batch(batch: Batch, mobile: str, postal_code: str | None) -> Iterator[Issue]:
    for index, reading in batch.readings.items():
        yield Issue(batch.first_row + index, mobile, mask(batch.columns[mobile][index]), _cause(reading))
    for fault in batch.faults:
        yield Issue(fault.row, "", f"{fault.cells} cells of {len(batch.columns)}", fault.fault)
    for name, cells in batch.columns.items():
        for index in _garbled(cells):
            yield Issue(batch.first_row + index, name, shown(cells[index]), Fault.GARBLED_TEXT)
    if postal_code is not None:
        for index, cell in enumerate(batch.columns[postal_code]):
            if len(cell) == 4 and cell.isdecimal():
                yield Issue(batch.first_row + index, postal_code, cell, Fault.POSTAL_CODE_ZERO)


def _cause(reading: Reading) -> Cause:
    cause = reading.problem or reading.repair
    assert cause is not None, "the reader lists only the cells with a problem or a repair"
    return cause


def _garbled(cells: Sequence[str]) -> Iterator[int]:
    # One search through the whole column tells that nearly every column has none.
    whole = "\n".join(cells)
    if whole.isascii() or not any(sign in whole for sign in _SUSPECTS):
        return iter(())
    return (index for index, cell in enumerate(cells) if _GARBLED.search(cell))


def shown(text: str) -> str:
    """Give the beginning of a cell with anything that could be a number masked."""
    cut = text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"
    return _DIGITS.sub(lambda number: mask(number[0]), cut)
