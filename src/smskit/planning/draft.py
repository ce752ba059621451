"""One batch of rows on its way to a plan."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import compress
from typing import TypeVar

from smskit.contacts import Batch
from smskit.kinds import Reason
from smskit.planning.rows import CODE_OF
from smskit.planning.wording import Said

T = TypeVar("T")


class Draft:
    """A batch with the rows that failed no question yet.

    ``alive`` are places in the batch, rising. ``said``, ``arms``, ``held``, ``rich`` (is it tried over RCS) and
    ``behind`` (the SMS that stands by for such a row) are either empty or have one entry for each row alive; ``codes``,
    ``places`` and ``wheres`` (the places, with zones where a place has several) have one for each row of the batch.
    """

    __slots__ = ("alive", "arms", "batch", "behind", "codes", "first", "held", "places", "rich", "said", "wheres")

    def __init__(self, batch: Batch, places: list[str], first: int) -> None:
        self.batch = batch
        self.places = places
        self.wheres = places
        self.first = first
        self.codes = bytearray(batch.size)
        self.alive = list(range(batch.size))
        self.said: list[Said] = []
        self.arms: list[str] = []
        self.held: list[bool] = []
        self.rich: list[bool] = []
        self.behind: list[Said | None] = []

    def drop(self, rows: Collection[int], reason: Reason) -> None:
        """Give *rows* (of those alive) their reason and take them out."""
        if rows:
            code = CODE_OF[reason]
            for row in rows:
                self.codes[row] = code
            self.sift()

    def sift(self) -> None:
        """Take out the rows that have a code by now."""
        codes = self.codes
        keep = [not codes[row] for row in self.alive]
        if all(keep):
            return
        self.alive = list(compress(self.alive, keep))
        self.said = list(compress(self.said, keep))
        self.arms = list(compress(self.arms, keep))
        self.held = list(compress(self.held, keep))
        self.rich = list(compress(self.rich, keep))
        self.behind = list(compress(self.behind, keep))

    def of_alive(self, column: Sequence[T]) -> Sequence[T]:
        """Give the cells of the rows alive, of a column of the whole batch."""
        if len(self.alive) == self.batch.size:
            return column
        return [column[row] for row in self.alive]

    def at(self, place: str) -> list[int]:
        """Give the rows alive in *place*."""
        places = self.places
        return [row for row in self.alive if places[row] == place]

    def distinct_places(self) -> set[str]:
        """Give the territories of the rows alive."""
        return set(self.of_alive(self.places))
