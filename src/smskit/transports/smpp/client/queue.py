"""Parts that wait for room, a pace or a bind: codes before notices, notices before marketing."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from typing import Final

from smskit.kinds import Kind
from smskit.transports.smpp.client.batch import Part

FIRST_TO_LAST: Final = (Kind.OTP, Kind.NOTIFICATION, Kind.MARKETING)


class Queue:
    """First come, first served, within each kind of message."""

    def __init__(self) -> None:
        self._lanes: dict[Kind, deque[Part]] = {kind: deque() for kind in FIRST_TO_LAST}
        self._in_order = tuple(self._lanes.values())

    def __len__(self) -> int:
        return sum(map(len, self._in_order))

    def add(self, parts: Sequence[Part]) -> None:
        """Let each of *parts* wait behind the others of its kind."""
        for kind, lane in self._lanes.items():
            lane.extend([part for part in parts if part.message.outgoing.kind is kind])

    def put_back(self, part: Part) -> None:
        """Let *part* be the next of its kind."""
        self._lanes[part.message.outgoing.kind].appendleft(part)

    def pop(self) -> Part | None:
        """Give the next one."""
        for lane in self._in_order:
            if lane:
                return lane.popleft()
        return None

    def take_out(self, which: Callable[[Part], bool]) -> list[Part]:
        """Give all that *which* names, and forget them."""
        taken: list[Part] = []
        for kind, lane in self._lanes.items():
            found = [part for part in lane if which(part)]
            if found:
                out = set(map(id, found))
                self._lanes[kind] = deque(part for part in lane if id(part) not in out)
                taken += found
        self._in_order = tuple(self._lanes.values())
        return taken
