"""The pace that all who send through one store share: how many parts a second leave on each lane."""

from __future__ import annotations

import math
from datetime import datetime
from typing import Final

from smskit.errors import InvalidInput
from smskit.stores.database import Database
from smskit.stores.rows import micros_of

_SECOND: Final = 1_000_000
# Whoever waited for the store comes with a time that has passed meanwhile: that clock was not set back.
_STALE: Final = _SECOND

_BOOK = """
INSERT INTO lanes VALUES (:lane, :free_at, :booked_at)
ON CONFLICT DO UPDATE SET free_at = excluded.free_at, booked_at = excluded.booked_at
"""


class Lanes:
    """The part of a store that is about pace."""

    _database: Database

    def book(self, lane: str, parts: int, /, *, rate: float, now: datetime, ahead: bool = False) -> float:
        """Take *parts* of the pace that all users of this store share on *lane*, at *rate* parts a second.

        A lane that is free takes any number of parts and is then busy for as long as they last at that rate: there are
        no bursts to be saved up. A clock that was set back takes the lane with it; nobody waits for the hours gained.

        Args:
            lane: any name; a new one is free.
            parts: 0 or more.
            rate: parts a second, above 0.
            now: aware.
            ahead: never wait: what is urgent goes first and the others wait for it.

        Returns:
            0.0 when they are booked and may leave; otherwise the seconds after which to ask again, and nothing is
            booked.

        Raises:
            InvalidInput: *rate* or *parts* is out of range.
            NaiveDatetime: *now* has no zone.

        Source: the generic cell rate algorithm, ITU-T I.371 annex A, without tolerance.
        """
        if not rate > 0:
            raise InvalidInput(f"rate={rate} must be above 0")
        if parts < 0:
            raise InvalidInput(f"parts={parts} must be 0 or more")
        at = micros_of("now", now)
        lasts = math.ceil(parts * _SECOND / rate)
        # What a power cut takes back is a few seconds of pace.
        with self._database.write(durable=False) as connection:
            row = connection.execute("SELECT free_at, booked_at FROM lanes WHERE lane = ?", (lane,)).fetchone()
            free_at, booked_at = row or (at, at)
            gained = booked_at - at if booked_at - at > _STALE else 0
            free_at -= gained
            waits = 0 if ahead else max(0, free_at - at)
            if not waits:
                free_at = max(free_at, at) + lasts
            if not waits or gained:
                # Also when nothing is booked: who waits on a clock that was set back has to see it come nearer.
                connection.execute(_BOOK, {"lane": lane, "free_at": free_at, "booked_at": at})
        return waits / _SECOND
