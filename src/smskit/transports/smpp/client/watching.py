"""What an account tells about its work, to logs, metrics and traces: never a number, a text or a password."""

from __future__ import annotations

import logging
from collections.abc import Callable

from attrs import frozen

from smskit.transports.http.watching import Throttled

logger = logging.getLogger("smskit.transports.smpp")


@frozen
class BindOpened:
    """A session is bound. ``seconds`` is from before the connection on, ``role`` such as ``BindTransceiver``."""

    transport: str
    host: str
    role: str
    seconds: float


@frozen
class BindFailed:
    """No session: ``reason`` is the name of a status or the class of an error; tried again after ``wait_s``.

    ``wait_s`` is None where it is not tried again, because somebody has to mend something.
    """

    transport: str
    host: str
    role: str
    reason: str
    wait_s: float | None


@frozen
class BindEnded:
    """A session that was bound is over; ``end`` says why, in_doubt how many requests it leaves in doubt."""

    transport: str
    host: str
    role: str
    end: str
    in_doubt: int


@frozen
class BatchEnded:
    """All messages of one submission have their outcome.

    Args:
        transport: the name of the account.
        messages: how many there were; the four that follow are what became of them.
        accepted: taken by the centre.
        refused: never taken.
        postponed: not taken now.
        unanswered: in doubt.
        parts: how many PDUs they had.
        seconds: from the hand-over to the last outcome.
    """

    transport: str
    messages: int
    accepted: int
    refused: int
    postponed: int
    unanswered: int
    parts: int
    seconds: float


@frozen
class EventsHandled:
    """So many receipts and replies were given to the handler; ``error`` is the class of what it raised, or None."""

    transport: str
    events: int
    error: str | None
    seconds: float


Notice = BindOpened | BindFailed | BindEnded | BatchEnded | EventsHandled | Throttled
Watch = Callable[[Notice], None]


def tell(watch: Watch | None, notice: Notice) -> None:
    """Give *notice* to *watch*; what goes wrong there is logged and stays there."""
    if watch is None:
        return
    try:
        watch(notice)
    except Exception:
        # A broken metric must not turn an answered message into one in doubt.
        logger.exception("a watch failed on %s", type(notice).__name__)


__all__ = [
    "BatchEnded", "BindEnded", "BindFailed", "BindOpened", "EventsHandled", "Notice", "Throttled", "Watch", "tell",
]  # fmt: skip
