"""Keeping to the pace that a carrier allows to a sender, counted in parts and shared by all who use the store."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from math import ceil
from typing import Final

from smskit.kinds import Kind
from smskit.protocols import Store, Transport
from smskit.records import RunRecord, Send

FIRST_TO_LAST: Final = (Kind.OTP, Kind.NOTIFICATION, Kind.MARKETING)
"""Who goes first. Each waits for those before it and for its own kind, never for those behind it."""


class Lane:
    """The turns of one run among all that leaves under its sender.

    There is a lane for each kind of message. What leaves is booked on the lane of its kind and, without asking, on
    those behind it: codes wait for codes only, notices for codes and notices, marketing for all. So over time all of
    them together keep to the pace, and a code overtakes a campaign of a million.

    The wait comes before the lease, never between the lease and the hand-over: a process that is killed while it
    waits leaves nothing in doubt. What a lease will hold is not known while it is waited for, so one part is booked to
    keep others out, and the rest of it when it is there; the next turn waits for all of it.
    """

    def __init__(self, store: Store, run: RunRecord, transport: Transport) -> None:
        self._store = store
        self._rate = transport.features.parts_per_second
        self._largest = transport.features.largest_batch
        place = FIRST_TO_LAST.index(run.kind)
        lanes = [f"{transport.name}/{run.sender}/{kind.value}" for kind in FIRST_TO_LAST]
        self._own, self._behind = lanes[place], lanes[place + 1 :]
        # Until a batch was seen a message is taken for one part.
        self._parts_each = 1.0

    @property
    def is_paced(self) -> bool:
        """Whether there is anything to wait for."""
        return self._rate is not None

    @property
    def limit(self) -> int:
        """How many messages a lease may hold: no more than leave in a second, as far as one can know."""
        return self._largest if self._rate is None else max(1, min(self._largest, ceil(self._rate / self._parts_each)))

    def wait_s(self, now: datetime) -> float:
        """Give the seconds until the next lease; 0.0 means that it may be made, and keeps others out."""
        return 0.0 if self._rate is None else self._store.book(self._own, 1, rate=self._rate, now=now)

    def within_a_second(self, sends: Sequence[Send]) -> int:
        """Give how many of *sends*, from the first, leave in a second; at least one."""
        if self._rate is None:
            return len(sends)
        room, count = max(1.0, self._rate), 0
        for send in sends:
            room -= send.parts
            if room < 0:
                break
            count += 1
        self._parts_each = sum(send.parts for send in sends) / len(sends)
        return max(1, count)

    def spend(self, sends: Sequence[Send], now: datetime) -> None:
        """Book *sends*, which leave now; :meth:`wait_s` gave their turn."""
        if self._rate is None:
            return
        parts = sum(send.parts for send in sends)
        if parts > 1:
            self._store.book(self._own, parts - 1, rate=self._rate, now=now, ahead=True)
        for lane in self._behind:
            self._store.book(lane, parts, rate=self._rate, now=now, ahead=True)
