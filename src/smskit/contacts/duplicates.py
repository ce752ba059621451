"""Numbers that stand in several rows: finding them, and keeping one row of each."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timezone
from enum import Enum
from itertools import pairwise

from attrs import field, frozen

from smskit.cells import parse_flag, parse_instants
from smskit.contacts.batches import Batch
from smskit.contacts.consent import ConsentColumns
from smskit.phone.mask import mask


class Keep(Enum):
    """Which row of a number stays."""

    FIRST = "first"
    LAST = "last"
    MERGE = "merge"


@frozen
class Duplicate:
    """A number that several rows have; the rows as a person counts them, in the order of the file."""

    number: int = field(repr=mask)
    rows: tuple[int, ...]

    @property
    def count(self) -> int:
        """How many rows have it."""
        return len(self.rows)


@frozen
class Choice:
    """What is left when each number keeps one row.

    Args:
        given_up: the rows that do not stay.
        replaced: by row, the texts that stand in place of its cells, by name of the column.
    """

    given_up: frozenset[int] = field(repr=lambda rows: f"<{len(rows)} rows>")
    replaced: Mapping[int, Mapping[str, str]] = field(repr=False)

    def indices(self, rows: range) -> frozenset[int]:
        """Give the places of the rows that do not stay."""
        return frozenset(row - rows.start for row in self.given_up.intersection(rows))

    def texts(self, rows: range) -> dict[int, Mapping[str, str]]:
        """Give the replaced texts by place of the row."""
        if not self.replaced:
            return {}
        return {row - rows.start: self.replaced[row] for row in self.replaced.keys() & set(rows)}


def found_in(batches: Iterable[Batch]) -> tuple[Duplicate, ...]:
    """Find the numbers that several rows have, in the order of their first rows.

    This takes 16 bytes for each row, and about 40 more for each number while they are sorted.
    """
    numbers, rows = array("Q"), array("Q")
    for batch in batches:
        numbers.extend(batch.numbers)
        rows.extend(batch.rows)
    again = {number for number, following in pairwise(sorted(numbers)) if number == following and number}
    found: dict[int, list[int]] = {}
    for number, row in zip(numbers, rows, strict=True):
        if number in again:
            found.setdefault(number, []).append(row)
    return tuple(Duplicate(number, tuple(places)) for number, places in found.items())


def chosen(
    duplicates: Sequence[Duplicate], keep: Keep, batches: Iterable[Batch], consent: ConsentColumns | None
) -> Choice:
    """Choose the row of each number that stays, and what it takes over from the others.

    Whatever is kept, an objection or a withdrawal in any row of a number stands in the row that stays.

    Args:
        duplicates: as :func:`found_in` gives them.
        keep: which row stays; MERGE keeps the first and fills its empty cells from the later ones, with the
            latest consent and its evidence.
        batches: all rows; gone through once, and only if something may be taken over.
        consent: the columns of evidence.
    """
    stays = {one.rows[-1 if keep is Keep.LAST else 0] for one in duplicates}
    given_up = frozenset(row for one in duplicates for row in one.rows if row not in stays)
    replaced: dict[int, Mapping[str, str]] = {}
    if duplicates and (keep is Keep.MERGE or consent is not None):
        cells = _cells_of(duplicates, batches)
        for one in duplicates:
            kept = one.rows[-1 if keep is Keep.LAST else 0]
            others = [cells[row] for row in one.rows if row != kept]
            texts = _taken_over([cells[kept], *others], consent or ConsentColumns(), merge=keep is Keep.MERGE)
            if texts:
                replaced[kept] = texts
    return Choice(given_up, replaced)


def _cells_of(duplicates: Sequence[Duplicate], batches: Iterable[Batch]) -> dict[int, Mapping[str, str]]:
    wanted = {row for one in duplicates for row in one.rows}
    found: dict[int, Mapping[str, str]] = {}
    for batch in batches:
        for row in wanted.intersection(batch.rows):
            index = row - batch.first_row
            found[row] = {name: cells[index] for name, cells in batch.columns.items()}
    return found


def _taken_over(rows: Sequence[Mapping[str, str]], consent: ConsentColumns, *, merge: bool) -> Mapping[str, str]:
    """Give the texts that the first of *rows* takes over from the others."""
    texts = dict(_objections(rows, consent))
    if merge:
        # What comes later overrides: an objection is never filled over.
        texts = {
            **dict(_filled(rows)),
            **dict(_evidence(rows, consent)),
            **dict(_latest_dates(rows, consent)),
            **texts,
        }
    return {name: text for name, text in texts.items() if text != rows[0][name]}


def _filled(rows: Sequence[Mapping[str, str]]) -> Iterator[tuple[str, str]]:
    for name in rows[0]:
        yield name, next((row[name] for row in rows if row[name]), "")


def _evidence(rows: Sequence[Mapping[str, str]], consent: ConsentColumns) -> Iterator[tuple[str, str]]:
    # Date, source, wording and channel are one proof: they come from one row, never mixed.
    columns = [c for c in (consent.granted_at, consent.source, consent.wording, consent.channel) if c]
    if not columns:
        return
    row = next((row for row in rows if any(row[column] for column in columns)), rows[0])
    if consent.granted_at:
        latest = _latest([row[consent.granted_at] for row in rows])
        row = rows[latest] if latest is not None else row
    for column in columns:
        yield column, row[column]


def _latest_dates(rows: Sequence[Mapping[str, str]], consent: ConsentColumns) -> Iterator[tuple[str, str]]:
    for column in (consent.last_contact, consent.purchased_at):
        if column:
            texts = [row[column] for row in rows]
            latest = _latest(texts)
            if latest is not None:
                yield column, texts[latest]


def _objections(rows: Sequence[Mapping[str, str]], consent: ConsentColumns) -> Iterator[tuple[str, str]]:
    if consent.withdrawn_at:
        yield consent.withdrawn_at, _withdrawal([row[consent.withdrawn_at] for row in rows])
    if consent.opted_out:
        yield consent.opted_out, _objection([row[consent.opted_out] for row in rows])


def _withdrawal(texts: Sequence[str]) -> str:
    given = [text for text in texts if text]
    moments = parse_instants(given, timezone.utc)
    # A withdrawal whose date cannot be read may be the latest of all.
    unread = [text for text, moment in zip(given, moments, strict=True) if moment is None]
    if unread or not given:
        return unread[0] if unread else ""
    return given[_latest(given) or 0]


def _objection(texts: Sequence[str]) -> str:
    said = [text for text in texts if text and parse_flag(text) is not False]
    plain = [text for text in said if parse_flag(text)]
    return (plain or said or list(texts))[0]


def _latest(texts: Sequence[str]) -> int | None:
    moments: list[tuple[datetime, int]] = [
        (moment, -place) for place, moment in enumerate(parse_instants(texts, timezone.utc)) if moment is not None
    ]
    return -max(moments)[1] if moments else None
