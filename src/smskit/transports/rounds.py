"""Events on their way: a carrier gathers what it tells in rounds."""

from __future__ import annotations

import heapq
from datetime import datetime, timedelta, timezone

from smskit.records import Event

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)

Place = tuple[datetime, int]
"""Where an event stands: its round, and its number among all events."""


class Rounds:
    """Events by the instant at which they are told.

    Each round costs whoever polls a request and a commit, so events are gathered to whole multiples of
    *every*, as with carriers whose receipts are fetched; a zero tells each event at its own instant.
    """

    def __init__(self, every: timedelta) -> None:
        self._every = every
        self._events: dict[datetime, dict[int, Event]] = {}
        self._due: list[datetime] = []
        self._added = 0

    def __len__(self) -> int:
        return sum(map(len, self._events.values()))

    def add(self, at: datetime, event: Event, *, at_once: bool = False) -> Place:
        """Have *event* told in the first round that is not before *at*, or exactly then; give its place."""
        due = at
        if self._every and not at_once:
            due = _EPOCH - (_EPOCH - at) // self._every * self._every
        if due not in self._events:
            self._events[due] = {}
            heapq.heappush(self._due, due)
        self._added += 1
        self._events[due][self._added] = event
        return due, self._added

    def remove(self, place: Place) -> None:
        """Have the event at *place* never told; nothing happens when it was told already."""
        due, number = place
        events = self._events.get(due, {})
        events.pop(number, None)
        if not events:
            # The instant stays among those that are due, and is passed over when its time comes.
            self._events.pop(due, None)

    def take(self, now: datetime) -> tuple[Event, ...]:
        """Give the events of all rounds up to *now*, and forget them."""
        told: list[Event] = []
        while self._due and self._due[0] <= now:
            told += self._events.pop(heapq.heappop(self._due), {}).values()
        return tuple(told)

    def pending_s(self, now: datetime) -> float | None:
        """Give the seconds until the next round, None when there is none."""
        while self._due and self._due[0] not in self._events:
            heapq.heappop(self._due)
        return max(0.0, (self._due[0] - now).total_seconds()) if self._due else None
