"""Whose receipt it is: the ids of what was taken, how the centre spells them, receipts that came before the answer."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Final, NamedTuple

from attrs import field, frozen

from smskit.phone.mask import mask
from smskit.transports.smpp.identifiers import Spelling, candidates, plain

_SAME_DIGITS: Final = 6
"""Numbers are compared by so many digits from the end: centres write them with and without prefixes."""


class Known(NamedTuple):
    """A part that the centre took. A named tuple: there is one for each part of the last days."""

    message_id: str
    reference: str
    number: int
    part: int
    total: int
    sender: str
    at: float

    def __repr__(self) -> str:
        return f"Known({self.message_id!r}, {self.reference!r}, {mask(self.number)}, {self.part}/{self.total})"


@frozen(eq=False)
class Early:
    """A receipt whose message nobody knows yet.

    Args:
        message_id: as it tells it.
        number: digits of whom it is about, empty when it does not say.
        at: when it came.
        claim: what to do when its message is known.
    """

    message_id: str
    number: str = field(repr=mask)
    at: float
    claim: Callable[[Known], None] = field(repr=False)


class Register:
    """The parts that a centre took, as far as receipts for them may come.

    Args:
        most: how many are remembered; the oldest go first.
        age_s: for how long.
        hold_s: for how long a receipt waits for the answer to its submission.
        most_early: how many such receipts wait.
    """

    def __init__(
        self, *, most: int = 100_000, age_s: float = 3 * 86_400.0, hold_s: float = 60.0, most_early: int = 10_000
    ) -> None:
        self.spelling: Spelling | None = None
        """How receipts of this centre spell the ids of its answers; None until one matched."""

        self._most = most
        self._age_s = age_s
        self._hold_s = hold_s
        self._most_early = most_early
        self._exact: dict[str, Known] = {}
        # Only ids that are not written plainly: most are.
        self._plain: dict[str, Known] = {}
        self._order: deque[Known] = deque()
        self._waiting: dict[str, list[Early]] = {}
        self._early: deque[Early] = deque()

    def __len__(self) -> int:
        return len(self._order)

    @property
    def held(self) -> int:
        """How many receipts wait for their message."""
        return len(self._early)

    def add(self, known: Known) -> None:
        """Remember a part, and give it the receipts that were faster."""
        message_id = known.message_id
        folded = _folded(message_id)
        self._exact[message_id] = known
        if folded is not message_id:
            self._plain[folded] = known
        self._order.append(known)
        order = self._order
        if len(order) > self._most or order[0].at < known.at - self._age_s:
            self._forget(order.popleft())
        if self._waiting:
            self._give_early(known, folded)

    def _forget(self, known: Known) -> None:
        for key, held in ((known.message_id, self._exact), (_folded(known.message_id), self._plain)):
            if held.get(key) is known:
                del held[key]

    def find(self, message_id: str, number: str = "") -> Known | None:
        """Give the part that a receipt is about, and learn from it how the centre spells ids.

        An id in another spelling may be that of somebody else's message, so the numbers must agree where both are
        known; only the exact one is believed without.
        """
        if self.spelling in (None, Spelling.EXACT):
            known = self._exact.get(message_id)
            if known is not None and _agree(known, number):
                self.spelling = Spelling.EXACT
                return known
        for spelling, written in candidates(message_id, learned=self.spelling):
            known = self._by(spelling, written)
            if known is not None and _agree(known, number):
                self.spelling = spelling
                return known
        return self._exact.get(message_id)

    def by_id(self, message_id: str) -> Known | None:
        """Give a part by the id of its answer."""
        return self._exact.get(message_id)

    def ids_of(self, reference: str) -> list[str]:
        """Give the ids of all parts of a message; it looks through everything."""
        return [known.message_id for known in self._order if known.reference == reference]

    def _by(self, spelling: Spelling, written: str) -> Known | None:
        if spelling is Spelling.EXACT:
            return self._exact.get(written)
        found = self._plain.get(written)
        return found if found is not None else self._exact.get(written)

    # ------------------------------------------------------------ receipts that were faster than the answer

    def hold(self, early: Early) -> Early | None:
        """Keep a receipt for the answer to come; give the oldest one back when there are too many."""
        self._early.append(early)
        for key in {written for _, written in candidates(early.message_id)} | {plain(early.message_id)}:
            self._waiting.setdefault(key, []).append(early)
        return self._let_go(self._early.popleft()) if len(self._early) > self._most_early else None

    def overdue(self, now: float) -> list[Early]:
        """Give the receipts that waited long enough, and forget them."""
        over: list[Early] = []
        while self._early and self._early[0].at <= now - self._hold_s:
            over.append(self._let_go(self._early.popleft()))
        return over

    def _let_go(self, early: Early) -> Early:
        for key in {written for _, written in candidates(early.message_id)} | {plain(early.message_id)}:
            left = [one for one in self._waiting.get(key, ()) if one is not early]
            if left:
                self._waiting[key] = left
            else:
                self._waiting.pop(key, None)
        return early

    def _give_early(self, known: Known, folded: str) -> None:
        waiting = {id(early): early for key in (known.message_id, folded) for early in self._waiting.get(key, ())}
        for early in waiting.values():
            if self.find(early.message_id, early.number) is known:
                self._early.remove(early)
                early = self._let_go(early)
                early.claim(known)


def _folded(message_id: str) -> str:
    # As plain() has it: most ids are digits, which have no case, and there is one for each part.
    return message_id.lstrip("0") or "0" if message_id.isdigit() else plain(message_id)


def _agree(known: Known, number: str) -> bool:
    return len(number) < _SAME_DIGITS or str(known.number)[-_SAME_DIGITS:] == number[-_SAME_DIGITS:]
