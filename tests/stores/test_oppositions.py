"""An opposition that is told in two ways is one act."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from smskit.delivery.guard import still_opposed
from smskit.kinds import EventType, Kind
from smskit.records import ConsentAction, ConsentEvent, Event
from smskit.stores import MemoryStore

ONE_OR_TWO_ACTS = [
    # what                                                        acts (minutes, what)                          withdrawals
    ("a text and the platform's word for it are one act",         [(0, "stop"), (1, "stop")],                   1),
    ("also when the later one is told first",                     [(1, "stop"), (0, "stop")],                   1),
    ("ten minutes apart they may still be one",                   [(0, "stop"), (10, "stop")],                  1),
    ("further apart the person said it twice",                    [(0, "stop"), (11, "stop")],                  2),
    ("who agreed in between objects anew",                        [(0, "stop"), (2, "start"), (4, "stop")],     2),
    ("so does whose agreement the shop wrote down in between",    [(0, "stop"), (2, "form"), (4, "stop")],      2),
    ("an agreement before both changes nothing",                  [(0, "start"), (1, "stop"), (2, "stop")],     1),
]  # fmt: skip


@pytest.mark.parametrize(("acts", "expected"), [row[1:] for row in ONE_OR_TWO_ACTS], ids=[row[0] for row in ONE_OR_TWO_ACTS])  # fmt: skip
def test_an_opposition_that_is_told_twice_is_one(acts: list[tuple[int, str]], expected: int) -> None:
    noon, number = datetime(2026, 6, 24, 12, tzinfo=timezone.utc), 33_612_345_678
    types = {"stop": EventType.OPT_OUT, "start": EventType.OPT_IN}
    for together in (False, True):
        store = MemoryStore()
        events = []
        for place, (minutes, what) in enumerate(acts):
            at = noon + timedelta(minutes=minutes)
            if what == "form":
                store.record_consents([ConsentEvent(number, ConsentAction.GRANTED, at, "form")])
                continue
            event = Event(f"event-{place}", types[what], at, number)
            events.append(event)
            if not together:
                store.record_events([event])
        if together:
            store.record_events(events)
        history = store.consents([number])[number]
        assert sum(one.action is ConsentAction.WITHDRAWN for one in history) == expected
        assert still_opposed(store.suppressed([number]).get(number), history, Kind.MARKETING, noon + timedelta(hours=1))
