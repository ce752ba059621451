"""What happened to one message, as a set of marks: every share of every basis follows from how often each set is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import IntFlag

from smskit.kinds import DeliveryStatus, FailureClass


class Mark(IntFlag):
    """What may be said of a message that was sent.

    ``READABLE``: its channel tells whether it was read. ``DEAD``: the carrier says that there is no such number.
    ``CUSTOMER``: its recipient had bought before. ``VISITED``: they came to the shop. ``LINKED``: it had a short link
    of its own, so that a click could be known.
    """

    DELIVERED = 1
    OPENED = 2
    CLICKED = 4
    REPLIED = 8
    OPTED_OUT = 16
    CONVERTED = 32
    VISITED = 64
    READABLE = 128
    DEAD = 256
    CUSTOMER = 512
    LINKED = 1024


Marks = Mapping[int, int]
"""How many messages have exactly these marks."""

DEAD_FAILURES = frozenset(failure.value for failure in FailureClass if failure.is_permanent)
FAILED_STATUSES = frozenset(status.value for status in DeliveryStatus if status.is_failure)


def status_marks(*, readable: bool) -> dict[str | None, int]:
    """Give the marks that each word of a receipt puts on a message of one channel.

    Over a channel that does not tell what was read, as SMS, a receipt that says so is one of delivery and no more.
    """
    delivered, read = int(Mark.DELIVERED), int(Mark.DELIVERED | Mark.OPENED)
    basis = int(Mark.READABLE) if readable else 0
    marks: dict[str | None, int] = {status.value: basis for status in DeliveryStatus}
    marks[None] = basis
    marks[DeliveryStatus.DELIVERED.value] = basis | delivered
    marks[DeliveryStatus.READ.value] = basis | (read if readable else delivered)
    return marks


def having(marks: Marks, wanted: int) -> int:
    """Count the messages that have all of these marks."""
    return sum(count for mask, count in marks.items() if mask & wanted == wanted)


def without(marks: Marks, wanted: int, unwanted: int) -> int:
    """Count the messages that have all of the one and none of the other marks."""
    return sum(count for mask, count in marks.items() if mask & wanted == wanted and not mask & unwanted)


def added(some: Iterable[Marks]) -> dict[int, int]:
    """Add up."""
    total: dict[int, int] = {}
    for marks in some:
        for mask, count in marks.items():
            total[mask] = total.get(mask, 0) + count
    return total
