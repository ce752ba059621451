"""The last look before a message leaves: opt-outs, hours, caps, budget, and other runs of the campaign."""

from datetime import datetime, timedelta, timezone

import pytest
from tests.delivery.conftest import NOON, Bench, Carrier

import smskit as sk
from smskit.delivery.guard import Limits, still_opposed
from smskit.kinds import Kind, Reason
from smskit.records import ConsentAction, ConsentEvent, Suppression

FIRST = 33_612_000_000
DAY = timedelta(days=1)


def _suppressed(reason=Reason.OPTED_OUT, at=NOON - DAY, until=None):
    return Suppression(FIRST, reason, at, "test", until)


def _event(action, at):
    return ConsentEvent(FIRST, action, at, "test")


GIVEN, TAKEN = ConsentAction.GRANTED, ConsentAction.WITHDRAWN
OPPOSED = [
    # what                                            suppression                              history                                            kind                reason
    ("nothing is known",                              None,                                    (),                                                Kind.MARKETING,     None),
    ("a STOP",                                        _suppressed(),                           (),                                                Kind.MARKETING,     Reason.OPTED_OUT),
    ("a STOP leaves notices alone",                   _suppressed(),                           (),                                                Kind.NOTIFICATION,  None),
    ("a consent after the STOP",                      _suppressed(),                           (_event(GIVEN, NOON),),                            Kind.MARKETING,     None),
    ("a consent before the STOP",                     _suppressed(),                           (_event(GIVEN, NOON - 2 * DAY),),                  Kind.MARKETING,     Reason.OPTED_OUT),
    ("a consent at the instant of the STOP",          _suppressed(),                           (_event(GIVEN, NOON - DAY),),                      Kind.MARKETING,     Reason.OPTED_OUT),
    ("a withdrawal without a suppression",            None,                                    (_event(TAKEN, NOON),),                            Kind.MARKETING,     Reason.OPTED_OUT),
    ("given again after it",                          None,                                    (_event(TAKEN, NOON - DAY), _event(GIVEN, NOON)),  Kind.MARKETING,     None),
    ("a dead number gets nothing of any kind",        _suppressed(Reason.SUPPRESSED),          (),                                                Kind.OTP,           Reason.SUPPRESSED),
    ("no consent lifts a dead number",                _suppressed(Reason.SUPPRESSED),          (_event(GIVEN, NOON),),                            Kind.MARKETING,     Reason.SUPPRESSED),
    ("until its time is over",                        _suppressed(Reason.SUPPRESSED, until=NOON), (),                                             Kind.MARKETING,     None),
    ("ours beside a STOP that a consent lifted",      _suppressed(until=NOON + DAY),           (_event(GIVEN, NOON),),                            Kind.MARKETING,     Reason.SUPPRESSED),
    ("ours beside a STOP, and it has ended",          _suppressed(until=NOON),                 (_event(GIVEN, NOON),),                            Kind.MARKETING,     None),
    ("and not an instant earlier",                    _suppressed(Reason.SUPPRESSED, until=NOON + timedelta(seconds=1)), (),                      Kind.MARKETING,     Reason.SUPPRESSED),
]  # fmt: skip


@pytest.mark.parametrize(
    ("suppression", "history", "kind", "reason"), [case[1:] for case in OPPOSED], ids=[case[0] for case in OPPOSED]
)
def test_opposition(suppression, history, kind, reason):
    assert still_opposed(suppression, history, kind, NOON) is reason


def test_a_stop_after_the_plan_stops_the_message_and_the_run_says_so(bench: Bench):
    bench.load(5)
    bench.store.suppress([_suppressed(at=NOON)])
    carrier = Carrier()
    run = bench.run(carrier).resume()
    assert {message.number for message in carrier.received} == {FIRST + seq for seq in range(1, 5)}
    assert dict(run.differences) == {Reason.OPTED_OUT: 1}
    assert run.account.cancelled == 1


def test_closed_hours_at_hand_over_put_off_to_the_opening(bench: Bench):
    bench.load(2)
    carrier = Carrier(clock=sk.VirtualClock(datetime(2026, 6, 24, 20, tzinfo=timezone.utc)))
    run = bench.run(carrier).resume()
    assert carrier.received == []
    assert run.resumes_at == datetime(2026, 6, 25, 6, tzinfo=timezone.utc)


def test_closed_hours_cancel_where_nothing_is_to_be_put_off(bench: Bench):
    bench.load(2, limits=Limits(defer=False))
    carrier = Carrier(clock=sk.VirtualClock(datetime(2026, 6, 24, 20, tzinfo=timezone.utc)))
    assert dict(bench.run(carrier).resume().differences) == {Reason.QUIET_HOURS: 2}


def test_at_hand_over_the_number_tells_its_zone_in_a_wide_country(bench: Bench):
    """Ten in New York is seven in Los Angeles, where nine is the earliest."""
    bench.load(1, territory="US", first=12_127_360_123)
    bench.load(1, run_id="west", campaign="west", territory="US", first=13_107_360_123)
    carrier = Carrier(clock=sk.VirtualClock(datetime(2026, 6, 24, 14, tzinfo=timezone.utc)))
    assert bench.run(carrier).resume().account.accepted == 1
    assert bench.run(carrier, "west").resume().resumes_at == datetime(2026, 6, 24, 16, tzinfo=timezone.utc)


def test_a_code_leaves_at_night(bench: Bench):
    bench.load(1, kind=Kind.OTP)
    carrier = Carrier(clock=sk.VirtualClock(datetime(2026, 6, 24, 23, tzinfo=timezone.utc)))
    assert bench.run(carrier).resume().account.accepted == 1


def test_two_runs_of_one_campaign_reach_a_person_once(bench: Bench):
    bench.load(5)
    bench.load(8, run_id="again")
    carrier = Carrier()
    bench.run(carrier).resume()
    run = bench.run(carrier, "again").resume()
    assert len({message.number for message in carrier.received}) == len(carrier.received) == 8
    assert dict(run.differences) == {Reason.ALREADY_SENT: 5}


def test_the_cap_counts_all_campaigns_and_the_message_in_hand_once(bench: Bench):
    carrier = Carrier()
    for campaign in ("un", "deux", "trois"):
        bench.load(2, run_id=campaign, campaign=campaign, limits=Limits(cap=2))
        bench.run(carrier, campaign).resume()
    assert len(carrier.received) == 4
    assert dict(bench.run(carrier, "trois").differences) == {Reason.FREQUENCY_CAP: 2}


def test_a_week_later_the_cap_is_free_again(bench: Bench):
    clock = sk.VirtualClock(NOON)
    for campaign in ("un", "deux"):
        bench.load(1, run_id=campaign, campaign=campaign, limits=Limits(cap=1))
        bench.run(Carrier(clock=clock), campaign).resume()
        clock.advance(7 * 86_400 + 60)
    assert bench.store.account("deux").accepted == 1


def test_the_budget_holds_over_all_runs_of_the_campaign(bench: Bench):
    bench.load(3, limits=Limits(budget_micros=5 * 45_000))
    bench.load(6, run_id="rest", limits=Limits(budget_micros=5 * 45_000), first=FIRST + 100)
    carrier = Carrier()
    bench.run(carrier).resume()
    run = bench.run(carrier, "rest").resume()
    assert len(carrier.received) == 5
    assert dict(run.differences) == {Reason.BUDGET: 4}
