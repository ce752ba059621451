from __future__ import annotations

from datetime import datetime, timedelta, timezone

from smskit.kinds import EventType
from smskit.records import Event
from smskit.transports.rounds import Rounds

NOON = datetime(2026, 6, 24, 12, tzinfo=timezone.utc)


def event(key: str) -> Event:
    return Event(key, EventType.RECEIPT, NOON)


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def test_what_was_removed_is_not_told() -> None:
    rounds = Rounds(timedelta(minutes=1))
    place = rounds.add(after(10), event("a"))
    rounds.add(after(20), event("b"))
    rounds.remove(place)
    assert len(rounds) == 1
    assert [one.key for one in rounds.take(after(60))] == ["b"]


def test_one_of_two_that_are_equal_is_removed() -> None:
    rounds = Rounds(timedelta(0))
    place = rounds.add(NOON, event("a"))
    rounds.add(NOON, event("a"))
    rounds.remove(place)
    assert rounds.take(NOON) == (event("a"),)


def test_nobody_waits_for_a_round_that_is_empty() -> None:
    rounds = Rounds(timedelta(minutes=1))
    places = [rounds.add(after(10), event("a")), rounds.add(after(20), event("b"))]
    rounds.add(after(130), event("c"))
    for place in places:
        rounds.remove(place)
    assert rounds.pending_s(NOON) == 180
    assert rounds.take(after(60)) == ()
    assert rounds.pending_s(after(60)) == 120


def test_a_round_that_was_emptied_can_be_filled_again() -> None:
    rounds = Rounds(timedelta(minutes=1))
    rounds.remove(rounds.add(after(10), event("a")))
    assert rounds.pending_s(NOON) is None
    rounds.remove(rounds.add(after(10), event("b")))
    rounds.add(after(20), event("c"))
    assert rounds.pending_s(NOON) == 60
    assert [one.key for one in rounds.take(after(60))] == ["c"]
    assert rounds.pending_s(after(60)) is None


def test_removing_what_was_told_changes_nothing() -> None:
    rounds = Rounds(timedelta(minutes=1))
    place = rounds.add(after(10), event("a"))
    assert len(rounds.take(after(60))) == 1
    rounds.remove(place)
    assert len(rounds) == 0
