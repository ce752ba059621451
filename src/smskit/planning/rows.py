"""What a plan remembers of each row: columns of small numbers, some 20 bytes a row, never an object."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence

from smskit.kinds import Reason
from smskit.planning.table import claim, move
from smskit.rcs import Billing

UNDECIDED, TO_SEND, HELD_OUT, DEFERRED = range(4)
"""Codes of a row's disposition; a blocked row has ``FIRST_REASON`` plus the place of its reason."""

FIRST_REASON = 4

REASONS = tuple(Reason)

RICH = (None, Billing.BASIC, Billing.SINGLE)
"""What the bytes of :attr:`Rows.rich` mean."""

CODE_OF = {reason: FIRST_REASON + place for place, reason in enumerate(REASONS)}

# Sizes of the table: primes just below powers of two, so that the remainder of a number is its slot. Numbers
# that follow each other, as companies buy them, then fill slots that follow each other.
_SIZES = (4093, 8191, 16381, 32749, 65521, 131071, 262139, 524287, 1048573, 2097143, 4194301, 8388593, 16777213,
          33554393, 67108859, 134217689, 268435399, 536870909, 1073741789)  # fmt: skip


class Rows:
    """Number, disposition, parts and foldable parts of every row, with a table of the numbers seen.

    ``rich`` has a byte for each row in a campaign over RCS: 0 where it goes by SMS, else the class that it is billed in
    (``RICH``); *parts* are then those of the SMS that stands by. Of other campaigns it is empty.

    The table holds places in the number column instead of numbers: a Python set of a million ints takes 70 bytes
    for each, this takes 4 to 8, and it also tells *which* row had the number first.
    """

    __slots__ = ("_seen", "_starts", "_table", "codes", "numbers", "parts", "rich", "savings")

    def __init__(self) -> None:
        self.numbers = array("Q")
        self.codes = bytearray()
        self.parts = bytearray()
        self.savings = bytearray()
        self.rich = bytearray()
        self._table = array("I", bytes(4 * _SIZES[0]))
        self._seen = 0
        self._starts: list[tuple[int, int]] = []

    def __len__(self) -> int:
        return len(self.codes)

    def counted(self) -> Iterator[int]:
        """Give the row of each place as a person counts it; blank lines of the file are left out."""
        ends = [place for place, _ in self._starts[1:]]
        for (place, row), end in zip(self._starts, [*ends, len(self)], strict=True):
            yield from range(row, row + end - place)

    def extend(self, numbers: Sequence[int], first_row: int) -> int:
        """Add a batch of rows, the first of which a person counts as *first_row*; give its place."""
        first = len(self.codes)
        if not self._starts or first_row - first != self._starts[-1][1] - self._starts[-1][0]:
            self._starts.append((first, first_row))
        codes = bytes(len(numbers))
        self.numbers.extend(numbers)
        self.codes += codes
        self.parts += codes
        self.savings += codes
        return first

    def claim(self, places: Sequence[int]) -> list[int]:
        """Take each place as the first of its number; give those whose number an earlier row has.

        *places* point into :attr:`numbers`, in rising order.
        """
        self._make_room(len(places))
        repeated = claim(self._table, self.numbers, places)
        self._seen += len(places) - len(repeated)
        return repeated

    def first_of(self, number: int) -> int | None:
        """Give the place that claimed *number*, None when none did."""
        size = len(self._table)
        slot = number % size
        while held := self._table[slot]:
            if self.numbers[held - 1] == number:
                return held - 1
            slot = (slot + 1) % size
        return None

    def _make_room(self, more: int) -> None:
        # At most 70 % full: beyond that runs of taken slots grow quickly.
        wanted = (self._seen + more) * 10 // 7
        if wanted <= len(self._table):
            return
        size = next(size for size in _SIZES if size > wanted)
        larger = array("I", bytes(4 * size))
        move(self._table, larger, self.numbers)
        self._table = larger

    def count(self, code: int) -> int:
        """Count the rows of one disposition."""
        return self.codes.count(code)

    def reasons(self) -> dict[Reason, int]:
        """Count the blocked rows by reason, in the order in which a plan looks for them."""
        counts = {reason: self.codes.count(CODE_OF[reason]) for reason in REASONS}
        return {reason: count for reason, count in counts.items() if count}
