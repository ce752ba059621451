"""Parts of one long reply, until all of them are there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, TypeVar

from attrs import define, field

from smskit.transports.smpp.profiles import Incoming

D = TypeVar("D")
Whose = tuple[str, str, int, int]
"""Who wrote to which of our senders, the number that the parts share, and how many there are."""


@define(eq=False)
class Unfinished(Generic[D]):
    """A text of which parts are missing, by their place.

    ``deliveries`` are what its parts came in and what still waits for an answer, ``samples`` one of each.
    """

    whose: Whose = field(repr=False)
    at: float
    parts: dict[int, Incoming] = field(factory=dict[int, Incoming])
    deliveries: dict[int, list[D]] = field(factory=dict[int, list[D]])
    samples: dict[int, D] = field(factory=dict[int, D])

    @property
    def text(self) -> str | None:
        """What is there of it, in order; None when a part is no text."""
        texts = [self.parts[number].text for number in sorted(self.parts)]
        return None if None in texts else "".join(text for text in texts if text is not None)

    @property
    def all_deliveries(self) -> Sequence[D]:
        """Everything that its parts came in, repetitions too."""
        return [delivery for number in sorted(self.deliveries) for delivery in self.deliveries[number]]


class Joiner(Generic[D]):
    """Texts whose parts come one by one, in any order and more than once.

    Args:
        age_s: for how long the rest of a text is waited for.
        most: how many texts are waited for at once; the oldest goes first.
    """

    def __init__(self, *, age_s: float = 600.0, most: int = 1_000) -> None:
        self._age_s = age_s
        self._most = most
        self._open: dict[Whose, Unfinished[D]] = {}

    def __len__(self) -> int:
        return len(self._open)

    def add(self, whose: Whose, part: Incoming, delivery: D, now: float) -> Unfinished[D] | None:
        """Add a part; give the text when it is whole now."""
        unfinished = self._open.get(whose)
        if unfinished is None:
            unfinished = self._open[whose] = Unfinished[D](whose, now)
        unfinished.parts[part.place] = part
        unfinished.samples[part.place] = delivery
        unfinished.deliveries.setdefault(part.place, []).append(delivery)
        if len(unfinished.parts) < part.total:
            return None
        return self._open.pop(whose)

    def waiting(self) -> Sequence[Unfinished[D]]:
        """Give those of which parts are missing, the oldest first."""
        return list(self._open.values())

    def overdue(self, now: float) -> list[Unfinished[D]]:
        """Give those whose rest is not waited for any more, and forget them."""
        oldest = list(self._open.values())
        beyond = max(0, len(oldest) - self._most)
        over = [one for place, one in enumerate(oldest) if place < beyond or one.at <= now - self._age_s]
        for one in over:
            del self._open[one.whose]
        return over
