"""How long a message is worth sending: a code that comes after twenty minutes helps nobody."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from math import ceil

from smskit.errors import InvalidInput, UnsupportedFeature
from smskit.protocols import Transport
from smskit.records import RunRecord, Send


def seconds_of(validity: timedelta | None) -> int | None:
    """Give *validity* in whole seconds.

    Raises:
        InvalidInput: it is none, or less than a second.
    """
    if validity is None:
        return None
    is_span = isinstance(validity, timedelta)  # pyright: ignore[reportUnnecessaryIsInstance]
    if not is_span or validity < timedelta(seconds=1):
        raise InvalidInput(f"validity={validity!r} must be a timedelta of a second or more, such as timedelta(hours=2)")
    return int(validity.total_seconds())


def refuse_validity(transport: Transport, validity_s: int | None) -> None:
    """Make sure that the carrier can be told how long to try.

    Raises:
        UnsupportedFeature: it takes none, or not such a one.
    """
    if validity_s is None:
        return
    takes = transport.features.validity_s
    if takes is None:
        raise UnsupportedFeature(transport.name, "a validity")
    if not takes[0] <= validity_s <= takes[1]:
        raise UnsupportedFeature(transport.name, f"a validity of {validity_s} s (it takes {takes[0]} to {takes[1]} s)")


def takes_validity(transport: Transport, validity_s: int) -> bool:
    """Whether the carrier can be told to try for so long, and no longer."""
    shortest_s, longest_s = transport.features.validity_s or (0, 0)
    return shortest_s <= validity_s <= longest_s


class Expiry:
    """When the messages of one run are no longer worth sending.

    A message is valid from when it was due: the time of the run, or the later one that it was deferred to. Waiting for
    a carrier that is down, or that put it off, does not make it younger. Where a retry has moved its time and another
    process did that, its due time is no longer known: then it counts from when the run could first have sent it. So
    does one that takes the place of another: an offer of two hours is no younger for having failed over RCS.

    Args:
        run: whose messages.
        validity_s: for how long; None means for ever.
        shortest_s: the shortest validity that the carrier can be told.
        opening: gives when the hours of a message were first open, from the time of the run on; None if never.
    """

    def __init__(
        self, run: RunRecord, validity_s: int | None, shortest_s: int, opening: Callable[[Send], datetime | None]
    ) -> None:
        self._at = run.at
        self._takes_places = run.fallback_of is not None
        self._validity_s = validity_s
        self._shortest_s = shortest_s
        self._opening = opening
        self._due: dict[int, datetime] = {}

    def end(self, send: Send) -> datetime | None:
        """Give the instant after which *send* must not leave any more; None when there is none."""
        if self._validity_s is None:
            return None
        return self._due_at(send) + timedelta(seconds=self._validity_s)

    def left_s(self, send: Send, now: datetime) -> int | None:
        """Give for how many seconds the carrier is to try; never less than it can be told, nor more than was asked."""
        end = self.end(send)
        if end is None or self._validity_s is None:
            return None
        # More is left only when a clock was set back, and may be more than the carrier takes.
        return max(self._shortest_s, min(self._validity_s, ceil((end - now).total_seconds())))

    def keep(self, send: Send) -> None:
        """Remember when *send* was due, before its time is moved."""
        if self._validity_s is not None:
            self._due[send.seq] = self._due_at(send)

    def _due_at(self, send: Send) -> datetime:
        known = self._due.get(send.seq)
        if known is not None:
            return known
        if send.attempts or self._takes_places:
            return max(self._at, self._opening(send) or self._at)
        return max(self._at, datetime.fromtimestamp(send.not_before, timezone.utc))
