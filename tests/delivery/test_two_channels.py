"""RCS first, SMS where it fails: in which order, on whose word, and what is left when something breaks."""

from __future__ import annotations

import asyncio
import itertools
import logging
from contextlib import suppress
from datetime import timedelta

import pytest
from tests.delivery.two_ways import (
    ALL,
    FIRST,
    HOURS,
    NOON,
    BoundedClock,
    Revoking,
    TwoWays,
    Way,
    by_place,
    refused,
    taken,
    word,
)

import smskit as sk
from smskit.delivery.falling_back import CROSSING_S, TOLD_BOTH_S, TOLD_LATE_S, TRIES
from smskit.errors import CarrierRefuses, InvalidInput, PlanTooLate, RunBusy, TransportError
from smskit.kinds import DeliveryStatus, EventType, FailureClass, Kind, Reason, RunState, SendState
from smskit.records import Accepted, Event, Postponed, Refused, Suppression, Unanswered

NO_RCS = refused(FailureClass.CHANNEL_UNAVAILABLE)
S = DeliveryStatus


@pytest.fixture
def ways() -> TwoWays:
    return TwoWays()


# ---------------------------------------------------------------- at once


def test_who_has_no_rcs_gets_the_sms_in_the_same_call(ways: TwoWays):
    ways.rcs.answer = by_place({1: NO_RCS})
    ways.load(3, at_once=1)
    run = ways.run().resume()
    assert ways.got("rcs") == [0, 1, 2]
    assert ways.got("sms") == [1, 3]
    assert (run.account.accepted, run.account.rejected, run.account.fell_back) == (2, 1, 1)
    assert (run.fallback.account.accepted, run.fallback.account.standby) == (2, 2)
    ways.check()


def test_an_sms_is_an_sms_and_a_rich_message_is_rich(ways: TwoWays):
    ways.rcs.answer = NO_RCS
    ways.load(1)
    ways.run().resume()
    (rich,), (text,) = ways.rcs.outgoing, ways.sms.outgoing
    assert (rich.rich, rich.text, rich.reference) == ("{}", "", "run-0")
    assert (text.rich, text.text, text.reference) == (None, "Bonjour 0 STOP au 36180", "run-sms-0")


CONDITIONS = [
    # what            condition        failure
    ("unavailable",   "unavailable",   FailureClass.CHANNEL_UNAVAILABLE),
    ("capability",    "capability",    FailureClass.CAPABILITY_UNSUPPORTED),
    ("expired",       "expired",       FailureClass.VALIDITY_EXPIRED),
    ("agent error",   "agent_error",   FailureClass.SENDER_UNREGISTERED),
]  # fmt: skip


@pytest.mark.parametrize(("condition", "failure"), [c[1:] for c in CONDITIONS], ids=[c[0] for c in CONDITIONS])
@pytest.mark.parametrize("by_receipt", [False, True], ids=["refused", "told by a receipt"])
def test_each_condition_can_be_on_and_off(ways: TwoWays, condition: str, failure: FailureClass, by_receipt: bool):
    for name, on in (("on", (condition,)), ("off", [one for one in ALL if one != condition])):
        if not by_receipt:
            ways.rcs.answer = refused(failure)
        ways.load(2, on=on, run_id=name)
        ways.run(name).resume()
        if by_receipt:
            ways.run(name).receive([word(S.UNDELIVERED, 0, failure=failure, run=name)])
            ways.run(name).resume()
        fell_back = ways.store.account(name).fell_back
        assert fell_back == ((1 if by_receipt else 2) if name == "on" else 0)
        ways.check(name)
        ways.store.set_run_state(name, RunState.CANCELLED)
        ways.store.record_events([word(S.UNDELIVERED, n, run=f"{name}-sms") for n in range(2)])


NEVER = [
    # what                                status             code
    ("on its way",                        S.SENT,            ""),
    ("delivered",                         S.DELIVERED,       ""),
    ("read",                              S.READ,            ""),
    ("the carrier will never know",       S.UNKNOWN,         ""),
    ("blocked",                           S.BLOCKED,         ""),
    ("a word that nobody understands",    None,              "TELEPORTED"),
]  # fmt: skip


@pytest.mark.parametrize(("status", "code"), [case[1:] for case in NEVER], ids=[case[0] for case in NEVER])
def test_what_may_have_arrived_never_falls_back(ways: TwoWays, status, code):
    ways.load(1)
    run = ways.run().resume()
    run.receive([word(status, code=code)])
    run.resume()
    assert ways.got("sms") == []
    assert run.account.fell_back == 0


def test_what_is_in_doubt_never_falls_back(ways: TwoWays):
    ways.rcs.answer = lambda message: Unanswered(message.reference)
    ways.load(2, after_s=HOURS)
    run = ways.run().resume()
    ways.later(10 * HOURS)
    run.resume()
    assert (run.account.in_doubt, ways.got("sms"), ways.got("revoke")) == (2, [], [])


# ---------------------------------------------------------------- after a time


def test_a_message_is_revoked_before_its_sms_leaves(ways: TwoWays):
    ways.load(3, after_s=HOURS)
    run = ways.run().resume()
    run.receive([word(S.DELIVERED, 1)])
    ways.later(HOURS + TOLD_LATE_S + 1)
    run.resume()
    assert ways.log == [("rcs", 0), ("rcs", 1), ("rcs", 2), ("revoke", 0), ("revoke", 2), ("sms", 0), ("sms", 2)]
    assert ways.clock.naps[-1] == CROSSING_S, "what crosses the revocation has time to be told"
    ways.check()


def test_the_carrier_is_told_how_long_to_try_and_its_own_word_is_waited_for(ways: TwoWays):
    ways.load(1, after_s=HOURS)
    ways.run().resume()
    assert ways.rcs.outgoing[0].validity_s == HOURS
    ways.later(HOURS + TOLD_LATE_S)
    ways.run().resume()
    assert ways.got("revoke") == [], "it is overdue after that second, not in it"
    ways.later(0.001)
    ways.run().resume()
    assert ways.got("revoke") == [0]


def test_a_carrier_that_takes_no_such_time_is_not_told_and_is_not_waited_for(ways: TwoWays):
    ways.rcs = Revoking(ways.log, validity_s=None)
    ways.load(1, after_s=HOURS)
    ways.run().resume()
    assert ways.rcs.outgoing[0].validity_s is None
    ways.later(HOURS + 0.001)
    ways.run().resume()
    assert ways.log[1:] == [("revoke", 0), ("sms", 0)]


CROSSING = [
    # what crosses the revocation                        status          code  failure                         SMS
    ("nothing",                                          None,           "",   None,                            True),
    ("sent, which is nothing new",                       S.SENT,         "",   None,                            True),
    ("delivered",                                        S.DELIVERED,    "",   None,                            False),
    ("read",                                             S.READ,         "",   None,                            False),
    ("expired",                                          S.EXPIRED,      "",   None,                            True),
    ("taken back",                                       S.CANCELLED,    "",   None,                            True),
    ("unknown",                                          S.UNKNOWN,      "",   None,                            False),
    ("blocked",                                          S.BLOCKED,      "",   None,                            False),
    ("undelivered, for spam",                            S.UNDELIVERED,  "",   FailureClass.SPAM_FILTER,        False),
    ("a word that nobody understands",                   None,           "TTL_EXPIRATION_REVOKE_FAILED", None,  False),
]  # fmt: skip


@pytest.mark.parametrize(
    ("status", "code", "failure", "falls"), [c[1:] for c in CROSSING], ids=[c[0] for c in CROSSING]
)
def test_what_crosses_the_revocation_counts(ways: TwoWays, status, code, failure, falls):
    ways.load(2, after_s=HOURS)
    run = ways.run().resume()
    ways.later(2 * HOURS)
    if status is not None or code:
        ways.rcs.crossing = [word(status, 0, code=code, failure=failure, at=ways.clock.now())]
    run.resume()
    assert ways.got("revoke") == [0, 1]
    assert ways.got("sms") == ([0, 1] if falls else [1])
    ways.check()


def test_a_platform_that_tells_of_both_is_waited_for(ways: TwoWays):
    """A message that expired just now may be told as delivered within moments; an older word is not waited for."""
    ways.load(3)
    run = ways.run().resume()
    run.receive([word(S.EXPIRED, 0), word(S.EXPIRED, 1), word(S.UNDELIVERED, 2)])
    ways.rcs.told = [word(S.DELIVERED, 0)]
    ways.later(TOLD_BOTH_S - 10)
    run.resume()
    assert (ways.clock.naps, ways.got("sms")) == ([10], [1, 2])
    other = TwoWays()
    other.load(2)
    other.run().resume()
    other.store.record_events([word(S.EXPIRED, 0), word(S.UNDELIVERED, 1, at=NOON + timedelta(hours=1))])
    other.later(TOLD_BOTH_S)
    other.run().resume()
    assert (other.clock.naps, other.got("sms")) == ([], [0, 1])


def test_delivered_between_the_fall_and_the_sms_is_known_at_the_last_look(ways: TwoWays):
    ways.load(1, after_s=HOURS)
    run = ways.run().resume()
    ways.store.record_events([word(S.EXPIRED)])
    assert ways.store.fall_back("run", [0], now=NOON) == 1
    ways.store.record_events([word(S.DELIVERED, at=NOON + timedelta(hours=1))])
    run.resume()
    assert ways.got("sms") == []
    assert run.fallback.differences == {Reason.ALREADY_SENT: 1}
    assert run.account.cost_micros == 80_000, "it arrived and is billed"
    ways.check()


def test_a_carrier_that_revokes_nothing_never_falls_back_by_time(ways: TwoWays):
    ways.rcs = Way("rcs", ways.log)
    ways.load(2, after_s=HOURS)
    run = ways.run().resume(wait=True)
    ways.later(48 * HOURS)
    run.resume(wait=True)
    assert ways.got("sms") == []
    run.receive([word(S.EXPIRED, 1)])
    run.resume()
    assert ways.got("sms") == [1], "but on the platform's own word"
    ways.check()


def test_after_a_time_only_where_that_is_a_condition(ways: TwoWays):
    ways.load(1, after_s=HOURS, on=("unavailable",))
    run = ways.run().resume()
    ways.later(99 * HOURS)
    run.resume(wait=True)
    assert (ways.got("revoke"), ways.got("sms")) == ([], [])


# ---------------------------------------------------------------- a revocation that fails


def test_what_cannot_be_revoked_stands_by_and_goes_on_next_time(ways: TwoWays):
    ways.rcs.answer = by_place({2: NO_RCS})
    ways.load(3, after_s=HOURS)
    ways.run().resume()
    ways.store.record_events([word(S.EXPIRED, 1)])
    ways.later(2 * HOURS)
    ways.rcs.errors = [TransportError("rcs", "what?", retryable=False)]
    with pytest.raises(TransportError, match="what"):
        ways.run().resume()
    assert ways.got("sms") == [2, 1], "the others have been let go"
    assert ways.store.account("run-sms").standby == 1
    ways.run().resume()
    assert ways.got("sms") == [2, 1, 0]
    ways.check()


def test_a_carrier_out_of_reach_is_asked_again(ways: TwoWays):
    ways.load(2, after_s=HOURS)
    ways.run().resume()
    ways.later(2 * HOURS)
    ways.rcs.errors = [TransportError("rcs", "no route", retryable=True, retry_after_s=7)]
    ways.run().resume()
    assert ways.got("revoke") == [0, 1, 0, 1]
    assert 7 in ways.clock.naps
    assert ways.got("sms") == [0, 1]


def test_a_carrier_that_stays_out_of_reach_ends_it(ways: TwoWays):
    ways.load(1, after_s=HOURS)
    ways.run().resume()
    ways.later(2 * HOURS)
    ways.rcs.errors = [TransportError("rcs", "no route", retryable=True) for _ in range(TRIES)]
    with pytest.raises(TransportError, match="no route"):
        ways.run().resume(wait=True)
    assert (len(ways.got("revoke")), ways.got("sms")) == (TRIES, [])
    ways.run().resume()
    assert ways.got("sms") == [0]


def test_what_the_carrier_does_not_confirm_is_not_asked_about_for_ever(ways: TwoWays, caplog):
    """It is left for the next time, and nobody hangs for it."""
    ways.load(3, after_s=HOURS)
    ways.rcs.deaf_to = {1}
    with caplog.at_level(logging.WARNING):
        ways.run().resume(wait=True)
    assert ways.got("sms") == [0, 2]
    assert ways.got("revoke").count(1) == TRIES
    assert "1 messages were not taken back" in caplog.text
    ways.rcs.deaf_to = set()
    ways.run().resume(wait=True)
    assert ways.got("sms") == [0, 2, 1]
    ways.check()


STUCK = [
    # what                                           how it came about
    ("the carrier gave it no name",                  lambda ways: None),
    ("the person was forgotten",                     lambda ways: ways.store.forget(FIRST)),
]  # fmt: skip


@pytest.mark.parametrize("how", [case[1] for case in STUCK], ids=[case[0] for case in STUCK])
def test_nobody_waits_for_what_cannot_be_taken_back(ways: TwoWays, how):
    ways.rcs.answer = by_place({0: lambda message: Accepted(message.reference)})
    ways.load(2, after_s=HOURS)
    ways.run().resume()
    how(ways)
    ways.run().resume(wait=True)
    assert ways.got("revoke") == [1]
    assert ways.got("sms") == [1]


# ---------------------------------------------------------------- waiting


def test_who_waits_stays_until_all_is_decided(ways: TwoWays):
    ways.load(3, after_s=HOURS)
    told = []
    run = ways.run().resume(wait=True, on_progress=lambda progress: told.append((progress.done, progress.total)))
    assert ways.got("sms") == [0, 1, 2]
    slept = ways.clock.now() - NOON
    assert timedelta(seconds=HOURS + TOLD_LATE_S) < slept < timedelta(seconds=HOURS + TOLD_LATE_S + 30)
    assert max(ways.clock.naps) <= 5.0, "another process may pause or cancel it meanwhile"
    assert told[-1] == (6, 6)
    assert all(done <= total for done, total in told)
    assert run.account.closes


def test_who_does_not_wait_comes_back(ways: TwoWays):
    ways.load(1, after_s=HOURS)
    ways.run().resume()
    assert ways.got("sms") == []
    assert sum(ways.clock.naps) < 10


def test_deferred_messages_do_not_hold_up_the_others(ways: TwoWays):
    ways.rcs.answer = NO_RCS
    ways.load(2, rcs_at={1: NOON + timedelta(hours=3)})
    ways.run().resume(wait=True)
    assert ways.log == [("rcs", 0), ("sms", 0), ("rcs", 1), ("sms", 1)]


def test_an_sms_that_falls_back_at_night_waits_for_the_morning(ways: TwoWays):
    ways.load(1, after_s=11 * HOURS)
    run = ways.run().resume()
    ways.later(12 * HOURS)  # midnight in Paris
    run.resume()
    assert (ways.got("revoke"), ways.got("sms")) == ([0], [])
    assert run.fallback.account.remaining == 1
    assert run.resumes_at is not None
    assert run.resumes_at.hour + 2 == 8
    run.resume(wait=True)
    assert ways.got("sms") == [0]


def test_an_offer_of_two_hours_is_no_younger_for_having_failed_over_rcs(ways: TwoWays):
    ways.load(2, at_once=1, validity_s=2 * HOURS)
    run = ways.run().resume()
    assert ways.sms.outgoing[0].validity_s == 2 * HOURS
    ways.later(1.5 * HOURS)
    run.receive([word(S.UNDELIVERED, 0)])
    run.resume()
    assert ways.sms.outgoing[1].validity_s == HOURS / 2
    ways.later(HOURS)
    run.receive([word(S.UNDELIVERED, 1)])
    run.resume()
    assert ways.got("sms") == [2, 0]
    assert run.fallback.differences == {Reason.EXPIRED: 1}


def test_the_run_says_when_to_come_back(ways: TwoWays):
    """For what is deferred over either channel, and for what is overdue; a loop that does as it says comes to an end."""
    ways.rcs.answer = by_place({1: NO_RCS})
    ways.load(3, at_once=1, after_s=HOURS, rcs_at={2: NOON + timedelta(minutes=30)})
    run, told = ways.run(), []
    assert run.resumes_at == NOON
    while (at := run.resumes_at) is not None:
        told.append((at - NOON, str(run)))
        ways.later(max(0.001, (at - ways.clock.now()).total_seconds() + 0.001))
        run.resume()
        assert len(told) < 10
    overdue = timedelta(seconds=HOURS + TOLD_LATE_S)
    assert [at for at, _ in told[:2]] == [timedelta(), timedelta(minutes=30)]
    assert overdue <= told[2][0] < overdue + timedelta(seconds=1)
    assert "1 remain; the next may leave at" in told[1][1]
    assert "an SMS takes the place of what has not arrived at" in told[2][1]
    assert sorted(ways.got("sms")) == [0, 1, 2, 3]
    assert "call run.resume()" not in str(run)


def test_a_run_that_was_cancelled_has_nothing_to_come_back_for(ways: TwoWays):
    for cancel in (lambda run: run.cancel(), lambda run: run.fallback.cancel()):
        ways = TwoWays()
        ways.load(1, after_s=HOURS)
        run = ways.run().resume()
        assert run.resumes_at is not None
        cancel(run)
        assert run.resumes_at is None


# ---------------------------------------------------------------- the account, the breaker


def test_a_failure_of_the_account_goes_another_way_only_where_that_is_a_condition(ways: TwoWays):
    for postponed in (False, True):
        for on, falls in ((ALL, True), (("unavailable",), False)):
            ways = TwoWays()
            kind = Postponed if postponed else Refused
            ways.rcs.answer = lambda message, kind=kind: kind(message.reference, FailureClass.PERMISSION)
            ways.load(3, on=on)
            if falls:
                ways.run().resume()
            else:
                with pytest.raises(CarrierRefuses, match="permission"):
                    ways.run().resume()
            account = ways.store.account("run")
            assert (account.fell_back, account.remaining) == ((3, 0) if falls else (0, 3))
            ways.check()


@pytest.mark.parametrize("kind", [Refused, Postponed], ids=["refused", "put off"])
def test_a_run_in_which_the_agent_may_send_nothing_stops(ways: TwoWays, kind):
    ways.rcs.answer = lambda message: kind(message.reference, FailureClass.PERMISSION)
    ways.load(1_000)
    with pytest.raises(CarrierRefuses, match="200 were refused"):
        ways.run().resume()
    assert len(ways.got("rcs")) == 200
    assert ways.store.account("run").remaining == 800
    ways.check()


NOT_THE_CARRIERS = [
    # what                                failure
    ("no RCS",                            FailureClass.CHANNEL_UNAVAILABLE),
    ("a handset that lacks something",    FailureClass.CAPABILITY_UNSUPPORTED),
    ("unknown to the agent",              FailureClass.UNKNOWN_SUBSCRIBER),
]  # fmt: skip


@pytest.mark.parametrize("failure", [case[1] for case in NOT_THE_CARRIERS], ids=[case[0] for case in NOT_THE_CARRIERS])
def test_numbers_without_rcs_stop_nothing(ways: TwoWays, failure):
    ways.rcs.answer = refused(failure)
    ways.load(500)
    run = ways.run().resume()
    assert (run.account.fell_back, len(ways.got("sms"))) == (500, 500)


def test_without_credit_over_rcs_nobody_is_rejected_and_who_gets_an_sms_does(ways: TwoWays):
    ways.rcs.answer = lambda message: Refused(message.reference, FailureClass.INSUFFICIENT_CREDIT)
    ways.load(2, at_once=1)
    with pytest.raises(CarrierRefuses, match="insufficient_credit"):
        ways.run().resume()
    assert (ways.store.account("run").remaining, ways.got("sms")) == (2, [2])
    ways.rcs.answer = taken
    assert ways.run().resume().account.accepted == 2


def test_a_number_without_rcs_is_remembered_under_the_agents_name(ways: TwoWays):
    ways.rcs.agent = "boutique"
    ways.rcs.answer = by_place({0: NO_RCS, 1: refused(FailureClass.CAPABILITY_UNSUPPORTED)})
    ways.load(3)
    ways.run().resume()
    known = ways.store.capabilities("boutique", [FIRST, FIRST + 1, FIRST + 2])
    assert {number: (one.is_reachable, one.at) for number, one in known.items()} == {FIRST: (False, NOON)}


# ---------------------------------------------------------------- the last look


def test_who_objects_between_the_two_gets_no_sms(ways: TwoWays):
    objections = [
        Event("stop", EventType.REPLY, NOON, FIRST, text="STOP"),
        Event("unsubscribed", EventType.OPT_OUT, NOON, FIRST + 1),
    ]
    ways.load(4, after_s=HOURS)
    run = ways.run().resume()
    run.receive(objections)
    ways.store.suppress([Suppression(FIRST + 2, Reason.SUPPRESSED, NOON, "shop")])
    ways.later(2 * HOURS)
    run.resume()
    assert ways.got("sms") == [3]
    assert run.fallback.differences == {Reason.OPTED_OUT: 2, Reason.SUPPRESSED: 1}
    ways.check()


def test_who_objected_before_is_not_tried_over_rcs_and_gets_no_sms_either(ways: TwoWays):
    ways.load(2)
    ways.store.record_events([Event("unsubscribed", EventType.OPT_OUT, NOON, FIRST)])
    run = ways.run().resume()
    assert (ways.got("rcs"), ways.got("sms")) == ([1], [])
    assert (run.account.cancelled, run.fallback.account.standby) == (1, 2)


def test_a_cap_counts_a_person_who_fell_back_once(ways: TwoWays):
    ways.rcs.answer = NO_RCS
    ways.load(1, cap=1, cap_days=7)
    run = ways.run().resume()
    assert ways.got("sms") == [0]
    assert run.fallback.differences == {}
    assert dict(ways.store.recent_sends([FIRST], since=NOON - timedelta(days=1), kind=Kind.MARKETING)) == {FIRST: 1}


def test_the_budget_is_that_of_both(ways: TwoWays):
    """Two at 0.08 over RCS and one at 0.045 are within 0.25; what falls back then is not, and nor are later ones."""
    ways.rcs.answer = taken
    ways.load(4, at_once=1, budget_micros=250_000, rcs_at={n: NOON + timedelta(hours=1) for n in (2, 3)})
    run = ways.run().resume(wait=True)
    spent = run.account.cost_micros + run.fallback.account.cost_micros
    assert spent <= 250_000
    assert (ways.got("rcs"), ways.got("sms")) == ([0, 1], [4])
    assert run.differences == {Reason.BUDGET: 2}


def test_what_fell_back_leaves_its_price_to_the_sms(ways: TwoWays):
    ways.rcs.answer = NO_RCS
    ways.load(3, budget_micros=3 * 80_000)
    run = ways.run().resume()
    assert (ways.got("sms"), run.fallback.account.cost_micros) == ([0, 1, 2], 135_000)


# ---------------------------------------------------------------- pause, cancel, other processes


def test_pause_and_resume_are_of_both(ways: TwoWays):
    ways.load(3, at_once=1, after_s=HOURS)
    run = ways.run()
    run.pause()
    assert (run.state, run.fallback.state) == (RunState.PAUSED, RunState.PAUSED)
    assert ways.run().resume().fallback.account.accepted == 1
    assert (run.state, run.fallback.state) == (RunState.READY, RunState.READY)


def test_a_run_that_is_paused_while_it_waits_takes_nothing_back(ways: TwoWays):
    ways.load(20, after_s=HOURS)
    run = ways.run()
    run.resume(wait=True, on_progress=lambda _: ways.run().pause())
    ways.later(2 * HOURS)
    assert (run.state, ways.got("revoke"), ways.got("sms")) == (RunState.PAUSED, [], [])
    assert len(ways.got("rcs")) == 10
    run.resume(wait=True)
    assert sorted(ways.got("sms")) == list(range(20))
    ways.check()


def test_a_cancelled_run_sends_no_sms_either(ways: TwoWays):
    ways.load(3, after_s=HOURS)
    run = ways.run().resume()
    run.receive([word(S.EXPIRED, 0)])
    run.cancel()
    ways.later(2 * HOURS)
    run.resume(wait=True)
    assert (run.state, run.fallback.state) == (RunState.CANCELLED, RunState.CANCELLED)
    assert (ways.got("revoke"), ways.got("sms")) == ([], [])
    ways.check()


def test_a_cancelled_fallback_leaves_the_messages_over_rcs_alone(ways: TwoWays):
    """To take them back would leave people without anything."""
    ways.load(3, after_s=HOURS)
    run = ways.run().resume()
    run.fallback.cancel()
    ways.later(2 * HOURS)
    run.resume(wait=True)
    assert (ways.got("revoke"), ways.got("sms")) == ([], [])
    assert (run.state, run.fallback.state) == (RunState.READY, RunState.CANCELLED)
    ways.check()


def test_another_process_that_sends_the_campaign_is_named(ways: TwoWays):
    ways.load(1)
    with ways.store.hold("soldes"), pytest.raises(RunBusy, match="soldes"):
        ways.run().resume()
    busy = []
    ways.rcs.answer = lambda message: busy.append(ways) or NO_RCS(message)

    class Second(Way):
        def submit(self, messages, /):
            with pytest.raises(RunBusy):
                ways.run().resume()
            return super().submit(messages)

    ways.sms = Second("sms", ways.log)
    ways.run().resume()
    assert ways.got("sms") == [0]


def test_a_run_over_rcs_wants_both_transports(ways: TwoWays):
    ways.load(1)
    with pytest.raises(InvalidInput, match="falls back to SMS"):
        sk.Run(ways.store, "run", ways.rcs, clock=ways.clock).resume()
    with pytest.raises(InvalidInput, match="sends over SMS"):
        sk.Run(ways.store, "run", ways.sms, clock=ways.clock)
    with pytest.raises(InvalidInput, match="sends over RCS"):
        sk.Run(ways.store, "run", ways.rcs, fallback=ways.rcs, clock=ways.clock)
    with pytest.raises(InvalidInput, match="sends over RCS"):
        sk.Run(ways.store, "run-sms", ways.rcs, clock=ways.clock)


def test_the_second_run_can_be_resumed_by_itself(ways: TwoWays):
    """It sends what was let go, and lets nothing go."""
    ways.load(2, at_once=1)
    sk.Run(ways.store, "run-sms", ways.sms, clock=ways.clock).resume()
    assert (ways.got("sms"), ways.got("rcs")) == ([2], [])


def test_sending_again_sends_nothing_again(ways: TwoWays):
    ways.rcs.answer = by_place({0: NO_RCS})
    ways.load(3, at_once=1, after_s=HOURS)
    ways.run().resume()
    before = list(ways.log)
    ways.run().resume()
    ways.run().resume(wait=True)
    after = list(ways.log)
    ways.run().resume(wait=True)
    assert before == after[: len(before)]
    assert ways.log == after
    assert sorted(ways.got("sms")) == [0, 1, 2, 3]


def test_a_run_that_nobody_began_in_time_does_not_begin(ways: TwoWays):
    """Also where all of it is SMS at once."""
    for count in (2, 0):
        ways = TwoWays()
        ways.load(count, at_once=1, late_after_s=900.0)
        ways.later(HOURS)
        with pytest.raises(PlanTooLate):
            ways.run().resume()
        assert ways.log == []


def test_a_run_that_has_begun_may_end_days_later(ways: TwoWays):
    ways.load(1, late_after_s=900.0, after_s=HOURS)
    ways.run().resume()
    ways.later(3 * 24 * HOURS)
    ways.run().resume()
    assert ways.got("sms") == [0]


# ---------------------------------------------------------------- interrupted anywhere


class Killed(BaseException):
    """The process dies here."""


class Mortal:
    """Dies at one of the calls that reach the world or the store."""

    def __init__(self, moment: int) -> None:
        self.left = moment

    def step(self) -> None:
        self.left -= 1
        if self.left == 0:
            raise Killed


class MortalStore(sk.Store):
    """A store that a process dies in, before or after a commit."""

    mortal: Mortal

    def lease(self, run_id, /, *, limit, now):
        self.mortal.step()
        leased = super().lease(run_id, limit=limit, now=now)
        self.mortal.step()
        return leased

    def settle(self, run_id, settlements, /):
        self.mortal.step()
        super().settle(run_id, settlements)
        self.mortal.step()

    def fall_back(self, run_id, seqs, /, *, now):
        self.mortal.step()
        count = super().fall_back(run_id, seqs, now=now)
        self.mortal.step()
        return count

    def record_events(self, events, /):
        self.mortal.step()
        return super().record_events(events)


def interrupted(path, moment: int) -> tuple[TwoWays, int]:
    """Drive a run that dies at *moment*, then resume it with new objects until it ends; give the world, and deaths."""
    world, deaths = TwoWays(), 0
    world.rcs.answer = by_place({1: NO_RCS, 2: refused(FailureClass.CAPABILITY_UNSUPPORTED)})
    for attempt in itertools.count():
        store = MortalStore(path)
        store.mortal = Mortal(moment if attempt == 0 else 0)
        world.store = store
        if store.run("run") is None:
            world.load(5, at_once=1, after_s=HOURS)
        try:
            run = world.run().resume()
            run.receive([word(S.DELIVERED, 3)])
            world.later(2 * HOURS)
            world.run().resume()
        except Killed:
            deaths += 1
            store.close()
            continue
        return world, deaths
    raise AssertionError


def test_a_process_may_die_anywhere(tmp_path):
    died = 0
    for moment in range(1, 60):
        world, deaths = interrupted(tmp_path / f"{moment}.db", moment)
        died += deaths
        sms, rcs, store = world.got("sms"), world.got("rcs"), world.store
        assert len(sms) == len(set(sms)), moment
        assert len(rcs) == len(set(rcs)), moment
        assert 3 not in sms, moment
        in_doubt = {send.seq for run in ("run", "run-sms") for send in store.sends(run)
                    if send.state is SendState.SUBMITTING}  # fmt: skip
        assert {0, 1, 2, 3, 4, 5} <= {*sms, *in_doubt, 3}, moment
        world.check()
        store.close()
        if not deaths:
            break
    assert died >= 15, "it died in few places"
    assert not deaths, "the last one came to its end"


def test_ctrl_c_while_it_waits_leaves_all_as_it_was(ways: TwoWays):
    ways.load(2, after_s=HOURS)

    class Interrupted(BoundedClock):
        async def sleep(self, seconds: float, /) -> None:
            if self.now() > NOON + timedelta(minutes=30):
                raise asyncio.CancelledError
            await super().sleep(seconds)

    usual, ways.clock = ways.clock, Interrupted(NOON)
    with suppress(asyncio.CancelledError):
        asyncio.run(ways.run().aresume(wait=True))
    assert ways.got("sms") == []
    usual.advance(HOURS)
    ways.clock = usual
    ways.run().resume(wait=True)
    assert ways.got("sms") == [0, 1]
    ways.check()
