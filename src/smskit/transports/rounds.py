"""Events on their way: a carrier gathers what it tells in rounds."""

from __future__ import annotations

import heapq
from datetime import datetime, timedelta, timezone

from smskit.records import Event

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


class Rounds:
    """Events by the instant at which they are told.

    Each round costs whoever polls a request and a commit, so events are gathered to whole multiples of
    *every*, as with carriers whose receipts are fetched; a zero tells each event at its own instant.
    """

    def __init__(self, every: timedelta) -> None:
        self._every = every
        self._events: dict[datetime, list[Event]] = {}
        self._due: list[datetime] = []

    def __len__(self) -> int:
        return sum(map(len, self._events.values()))

    def add(self, at: datetime, event: Event, *, at_once: bool = False) -> None:
        """Have *event* told in the first round that is not before *at*, or exactly then."""
        due = at
        if self._every and not at_once:
            due = _EPOCH - (_EPOCH - at) // self._every * self._every
        if due not in self._events:
            self._events[due] = []
            heapq.heappush(self._due, due)
        self._events[due].append(event)

    def take(self, now: datetime) -> tuple[Event, ...]:
        """Give the events of all rounds up to *now*, and forget them."""
        told: list[Event] = []
        while self._due and self._due[0] <= now:
            told += self._events.pop(heapq.heappop(self._due))
        return tuple(told)

    def pending_s(self, now: datetime) -> float | None:
        """Give the seconds until the next round, None when there is none."""
        return max(0.0, (self._due[0] - now).total_seconds()) if self._due else None
