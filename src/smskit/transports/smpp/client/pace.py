"""How fast parts leave: as fast as agreed, slower when the centre says so, and slowly faster again."""

from __future__ import annotations

from math import inf
from typing import Final

_BURST_S: Final = 0.1
"""So much may leave at once: a timer is not finer than a few thousandths of a second."""

_SLOWEST: Final = 1.0
_FIRST_GUESS: Final = 10.0
"""Where nothing is known yet: the slowest contracts that carriers sell."""

_SHARE: Final = 0.7
_STEP: Final = 0.05
_SECOND: Final = 1.0
_FIRST_PAUSE_S: Final = 0.2
_LONGEST_PAUSE_S: Final = 5.0


class Pace:
    """Parts a second of one account: down by a share when the centre throttles, up by a step for each quiet second.

    The answers to a whole window may say "too fast" for one and the same second, so it goes down once a second only.
    Time is seconds of any clock.

    Args:
        limit: what is agreed with the carrier; None knows no limit until the centre tells of one.
    """

    def __init__(self, limit: float | None = None) -> None:
        self.rate = limit
        self._limit = inf if limit is None else limit
        self._due = -inf
        self._closed_until = -inf
        self._slowed_at = self._raised_at = -inf
        self._step = 0.0
        self._streak = 0
        self._second_at = -inf
        self._accepted = self._accepted_before = 0

    def wait_s(self, now: float) -> float:
        """Give the seconds until the next part may leave, 0.0 for now."""
        if now < self._closed_until:
            return self._closed_until - now
        return 0.0 if self.rate is None else max(0.0, self._due - _BURST_S - now)

    def spend(self, now: float) -> None:
        """Count a part that leaves."""
        if self.rate is not None:
            self._due = max(self._due, now) + 1 / self.rate

    def accepted(self, now: float) -> None:
        """Hear that the centre took a part."""
        self._streak = 0
        if now - self._second_at >= _SECOND:
            is_next = now - self._second_at < 2 * _SECOND
            self._accepted_before = self._accepted if is_next else 0
            self._second_at, self._accepted = now, 0
        self._accepted += 1
        rate = self.rate
        if rate is not None and rate < self._limit and now - max(self._slowed_at, self._raised_at) >= _SECOND:
            self.rate = min(self._limit, rate + self._step)
            self._raised_at = now

    def throttled(self, now: float) -> bool:
        """Hear that it was too fast; true when that changed the pace."""
        if now - self._slowed_at < _SECOND:
            return False
        # Of what it took in the last second it certainly takes a share in the next.
        taken = float(max(self._accepted, self._accepted_before))
        rate = max(_FIRST_GUESS, taken) if self.rate is None else self.rate
        self._step = max(self._step, _SLOWEST, rate * _STEP)
        self.rate = min(self._limit, max(_SLOWEST, rate * _SHARE))
        self._slowed_at = now
        self._closed_until = now + min(_LONGEST_PAUSE_S, _FIRST_PAUSE_S * 2.0**self._streak)
        self._streak = min(self._streak + 1, 10)
        self._due = self._closed_until
        return True
