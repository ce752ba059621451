"""What callers and clients tell about their work, to logs, metrics and traces: never a number, a text or an address.

A watch is one callable that is given one value at a time, in the task or thread that does the work.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from attrs import frozen

logger = logging.getLogger("smskit.transports")


@frozen
class CallBegan:
    """A call is about to be made. ``label`` is the flow's word for it: ``submit``, ``balance``."""

    label: str
    host: str
    method: str
    request_bytes: int


@frozen
class CallEnded:
    """A call was answered (``status``) or not (``error``, the class of what happened).

    Args:
        label: the flow's word for the call.
        host: whom it went to, without port and path.
        method: of HTTP.
        status: of HTTP; None without an answer.
        error: the name of a class, None with an answer.
        seconds: from before the connection to the last byte of the answer.
        request_bytes: length of the body that was sent.
        reply_bytes: length of the body that came back, unpacked; 0 without an answer.
    """

    label: str
    host: str
    method: str
    status: int | None
    error: str | None
    seconds: float
    request_bytes: int
    reply_bytes: int


@frozen
class Retried:
    """What certainly had not been taken is going to be offered again after ``wait_s``.

    ``attempt`` is the one to come, from 2; ``messages`` is how many it concerns, 0 for what is no submission;
    ``reason`` is the failure or the class of the error.
    """

    transport: str
    attempt: int
    messages: int
    wait_s: float
    reason: str


@frozen
class Throttled:
    """The carrier, or our own pace, wants ``messages`` to wait for ``wait_s``."""

    transport: str
    messages: int
    wait_s: float


Notice = CallBegan | CallEnded | Retried | Throttled
Watch = Callable[[Notice], None]


def tell(watch: Watch | None, notice: Notice) -> None:
    """Give *notice* to *watch*; what goes wrong there is logged and stays there."""
    if watch is None:
        return
    try:
        watch(notice)
    except Exception:
        # A broken metric must not turn an answered call into one in doubt.
        logger.exception("a watch failed on %s", type(notice).__name__)


def together(*watches: Watch) -> Watch:
    """Make one watch of several; each is told even when another fails."""

    def watch(notice: Notice) -> None:
        for one in watches:
            tell(one, notice)

    return watch


def log(notice: Notice) -> None:
    """Write a line to the logger ``smskit.transports``: calls at DEBUG, lost calls, retries and throttling at INFO."""
    if isinstance(notice, CallBegan):
        logger.debug("%s: %s %s, %d bytes", notice.label, notice.method, notice.host, notice.request_bytes)
    elif isinstance(notice, CallEnded):
        level = logging.DEBUG if notice.error is None else logging.INFO
        outcome = notice.status if notice.error is None else notice.error
        logger.log(
            level, "%s: %s %s: %s in %.3f s, %d bytes",
            notice.label, notice.method, notice.host, outcome, notice.seconds, notice.reply_bytes,
        )  # fmt: skip
    elif isinstance(notice, Retried):
        logger.info(
            "%s: attempt %d for %d messages in %.1f s (%s)",
            notice.transport, notice.attempt, notice.messages, notice.wait_s, notice.reason,
        )  # fmt: skip
    else:
        logger.info("%s: %d messages wait for %.1f s", notice.transport, notice.messages, notice.wait_s)
