"""A rate says of what it is a share, and how sure it is."""

from __future__ import annotations

from enum import Enum

from attrs import Attribute, field, frozen

from smskit.display import grouped, percent
from smskit.errors import InvalidInput
from smskit.metrics.inference import CONFIDENCE, Interval, wilson


class RateBasis(Enum):
    """What a rate is a share of.

    The mission's own texts divide clicks by those who opened in the definition and by those who were sent to in
    the example; a rate that does not say which cannot be compared with anything. ``ASSIGNED`` are all that were to be
    sent, ``CUSTOMERS`` those whose recipient had bought before, ``REACTED`` those that somebody clicked, answered or
    bought after.
    """

    SENT = "sent"
    DELIVERED = "delivered"
    OPENED = "opened"
    CLICKED = "clicked"
    ASSIGNED = "assigned"
    CUSTOMERS = "customers"
    REACTED = "reacted"


def _count(_: object, attribute: Attribute[int], value: int) -> None:
    if type(value) is not int or value < 0:
        raise InvalidInput(f"{attribute.name}={value!r} of a rate must be a whole number, zero or more")


@frozen
class Rate:
    """A share with everything it is made of: ``Rate(2926, 20_000, RateBasis.SENT)``."""

    numerator: int = field(validator=_count)
    denominator: int = field(validator=_count)
    basis: RateBasis

    @property
    def value(self) -> float | None:
        """The share, 0.1463 for 14.63 %; None of nothing, which is not zero."""
        return self.numerator / self.denominator if self.denominator else None

    @property
    def interval(self) -> Interval | None:
        """Wilson's 95 % interval; None of nothing, and where there are more than there could be."""
        return self.interval_at(CONFIDENCE)

    def interval_at(self, confidence: float) -> Interval | None:
        """Give Wilson's interval for another confidence, 0.9 for 90 %."""
        return wilson(self.numerator, self.denominator, confidence=confidence)

    def __str__(self) -> str:
        whole = f"of {grouped(self.denominator)} {self.basis.value}"
        if self.interval is None:
            return f"{percent(self.value, digits=2)} {whole}"
        low, high = percent(self.interval.low, digits=2), percent(self.interval.high, digits=2)
        return f"{percent(self.value, digits=2)} ({low} to {high}) {whole}"
