"""Keeping to the pace that a carrier allows, counted in parts."""

from __future__ import annotations

from datetime import datetime, timedelta
from math import ceil


class Pace:
    """A leaky bucket (GCRA): parts may leave no faster than *parts_per_second*, whatever the batches look like.

    The wait comes before the lease, never between the lease and the hand-over: a process that is killed while it
    waits leaves nothing in doubt.
    """

    def __init__(self, parts_per_second: float | None) -> None:
        self._rate = parts_per_second
        self._free_at: datetime | None = None
        self._longest = timedelta()

    def batch_limit(self, largest_batch: int) -> int:
        """Give how many messages one lease may hold: no more than leave in a second."""
        return largest_batch if self._rate is None else max(1, min(largest_batch, ceil(self._rate)))

    def wait_s(self, now: datetime) -> float:
        """Give the seconds until the next batch may leave."""
        if self._free_at is None:
            return 0.0
        # A clock that was set back must not make the run wait for the hour that it gained.
        self._free_at = min(self._free_at, now + self._longest)
        return max(0.0, (self._free_at - now).total_seconds())

    def spend(self, parts: int, now: datetime) -> None:
        """Book *parts* that leave at *now*."""
        if self._rate is not None:
            start = max(now, self._free_at) if self._free_at else now
            self._free_at = start + timedelta(seconds=parts / self._rate)
            self._longest = self._free_at - now
