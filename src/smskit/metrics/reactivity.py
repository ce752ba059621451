"""How soon people react: from the moment the message was there to the first click, answer or order."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from enum import Enum
from statistics import median

from attrs import define, field, frozen

from smskit.errors import InvalidInput
from smskit.metrics.rates import Rate, RateBasis

_MICROSECONDS = 1_000_000


class Reaction(Enum):
    """What a person did first."""

    ANY = "any"
    CLICK = "click"
    REPLY = "reply"
    ORDER = "order"


def no_waits() -> array[int]:
    """Give an empty list of microseconds."""
    return array("q")


@define
class Waits:
    """Microseconds from a message to the first reaction of each sort, and to the first of all."""

    all: array[int] = field(factory=no_waits)
    clicks: array[int] = field(factory=no_waits)
    replies: array[int] = field(factory=no_waits)
    orders: array[int] = field(factory=no_waits)

    @property
    def each(self) -> tuple[tuple[Reaction, array[int]], ...]:
        """Those of each sort."""
        return (
            (Reaction.ANY, self.all),
            (Reaction.CLICK, self.clicks),
            (Reaction.REPLY, self.replies),
            (Reaction.ORDER, self.orders),
        )

    def add(self, other: Waits) -> None:
        """Take those of another."""
        for (_, own), (_, others) in zip(self.each, other.each, strict=True):
            own.extend(others)


@frozen(repr=False)
class Reactivity:
    """How long people took, in seconds from the arrival of the message, or from its hand-over without a receipt.

    A reaction that is older than the message, by clocks that differ, is not timed.

    Args:
        waits: microseconds, the shortest first; one for each message that somebody reacted to.
        wholes: how many messages there were, by what they are counted as.
    """

    waits: array[int] = field(factory=no_waits)
    wholes: dict[RateBasis, int | None] = field(factory=dict[RateBasis, "int | None"])

    @property
    def reacted(self) -> int:
        """How many messages somebody reacted to, at a known time."""
        return len(self.waits)

    @property
    def median_s(self) -> float | None:
        """Half of them took no longer; None when nobody reacted."""
        return median(self.waits) / _MICROSECONDS if self.waits else None

    def within(self, minutes: float, basis: RateBasis = RateBasis.REACTED) -> Rate | None:
        """Give the share that reacted within so many minutes.

        Args:
            minutes: more than none.
            basis: of those who reacted, or of SENT or DELIVERED.

        Raises:
            InvalidInput: no time at all.
        """
        if not minutes > 0:
            raise InvalidInput(f"minutes={minutes!r} must be more than none, for example 4")
        soon = bisect_right(self.waits, minutes * 60 * _MICROSECONDS)
        whole = self.reacted if basis is RateBasis.REACTED else self.wholes.get(basis)
        return None if whole is None or soon > whole else Rate(soon, whole, basis)

    def __repr__(self) -> str:
        return f"Reactivity(reacted={self.reacted}, median_s={self.median_s})"
