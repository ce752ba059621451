"""Several batches at once: each is leased before it leaves, recorded when it is answered, and none is left behind."""

import asyncio
import itertools
import logging
from collections import Counter

import pytest
from tests.delivery.conftest import NOON, Bench, Carrier

import smskit as sk
from smskit.delivery.guard import Limits
from smskit.errors import InvalidInput, RunBusy, TransportError, UnsupportedFeature
from smskit.kinds import EventType, FailureClass, SendState
from smskit.protocols import Pause
from smskit.records import Accepted, Event, Postponed, Refused, Unanswered


class Busy(Carrier):
    """Has several batches in hand; each takes a few turns of the loop, and the first one the longest."""

    def __init__(self, answer=None, *, meanwhile=None, turns=None, **features):
        super().__init__(answer, **{"largest_batch": 5, "in_flight": 4, **features})
        self.in_hand = self.most_in_hand = 0
        self.meanwhile = meanwhile or (lambda batch: None)
        self._turns = turns or (lambda batch: 3)

    def submit(self, messages, /):
        batch = len(self.batches)
        self.in_hand += 1
        self.most_in_hand = max(self.most_in_hand, self.in_hand)
        try:
            answers = yield from super().submit(messages)
            for _ in range(self._turns(batch)):
                yield Pause(0.0)
            self.meanwhile(batch)
            return answers
        finally:
            self.in_hand -= 1


@pytest.mark.parametrize(("in_flight", "batches"), [(1, 1), (2, 2), (4, 4), (16, 6)])
def test_as_many_batches_are_under_way_as_the_carrier_takes(bench: Bench, in_flight, batches):
    bench.load(30)
    carrier = Busy(in_flight=in_flight)
    assert bench.run(carrier).resume().account.accepted == 30
    assert carrier.most_in_hand == batches
    assert max(Counter(message.reference for message in carrier.received).values()) == 1


def test_each_lease_is_committed_before_its_request_leaves(bench: Bench):
    bench.load(40)
    carrier, seen = Busy(), []

    def look(batch):
        account = bench.store.account("run")
        assert account.closes
        seen.append(account.in_doubt)

    carrier.meanwhile = look
    bench.run(carrier).resume()
    assert max(seen) == 4 * 5, "four leases are out at once"
    assert bench.store.account("run").in_doubt == 0


def test_an_answer_is_recorded_when_it_comes_not_when_the_slowest_came(bench: Bench):
    bench.load(20)
    done = []
    carrier = Busy(turns=lambda batch: 50 if batch == 0 else 1)
    bench.run(carrier).resume(on_progress=lambda progress: done.append((progress.done, carrier.in_hand)))
    assert done[:3] == [(5, 3), (10, 2), (15, 1)]
    assert bench.store.account("run").accepted == 20


def test_progress_never_goes_back_and_ends_at_the_total(bench: Bench):
    bench.load(60)
    told = []
    carrier = Busy(
        lambda m, again: Accepted(m.reference) if again or m.number % 3 else Postponed(m.reference, FailureClass.THROTTLED, 1),
        turns=lambda batch: (batch * 7) % 5,
    )  # fmt: skip
    bench.run(carrier).resume(wait=True, on_progress=lambda progress: told.append((progress.done, progress.total)))
    assert all(earlier <= later for earlier, later in itertools.pairwise(told))
    assert told[-1] == (60, 60)


# ---------------------------------------------------------------- one of them fails

ERRORS = [
    # what                                      error                                                       in doubt
    ("the carrier talks nonsense",              TransportError("carrier", "what?", retryable=False),        5),
    ("a bug in the transport",                  ZeroDivisionError(),                                        5),
    ("the line is out and stays out",           TransportError("carrier", "no route", retryable=True),      0),
]  # fmt: skip


@pytest.mark.parametrize(("error", "doubts"), [case[1:] for case in ERRORS], ids=[case[0] for case in ERRORS])
def test_an_error_lets_the_others_finish_and_lease_no_more(bench: Bench, error, doubts):
    bench.load(100)

    def fail(batch):
        if batch >= 1:
            raise error

    carrier = Busy(meanwhile=fail, turns=lambda batch: 9 if batch == 0 else 1)
    with pytest.raises(type(error)):
        bench.run(carrier).resume()
    states = bench.states()
    assert states[SendState.ACCEPTED] == 5, "the slow first batch was still recorded"
    assert states.get(SendState.SUBMITTING, 0) in (doubts, 2 * doubts, 3 * doubts)
    if doubts:
        assert len(carrier.batches) == 4, "nothing was leased after the first error"
    assert bench.store.account("run").closes


def test_workers_that_meet_one_outage_count_it_once(bench: Bench):
    bench.load(40)
    carrier = Busy()
    tries = [0]
    submit = carrier.submit

    def down(messages, /):
        tries[0] += 1
        if tries[0] <= 16:
            yield Pause(0.0)
            raise TransportError("carrier", "no route", retryable=True)
        return (yield from submit(messages))

    carrier.submit = down
    assert bench.run(carrier).resume().account.accepted == 40, "sixteen failures of four workers are four outages"


def test_a_cancelled_task_lets_all_batches_in_hand_be_recorded(bench: Bench):
    bench.load(100)
    carrier = Busy(turns=lambda batch: 2 + batch)

    async def cancelled():
        task = asyncio.ensure_future(bench.run(carrier).aresume())
        carrier.meanwhile = lambda batch: task.cancel() if batch == 1 else None
        await task

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(cancelled())
    states = bench.states()
    assert SendState.SUBMITTING not in states
    assert states[SendState.ACCEPTED] == len(carrier.received) <= 30
    assert states[SendState.PLANNED] == 100 - len(carrier.received)


PUT_OFF = [
    # what                                                  the carrier's last word about the batch in hand
    ("it is out of reach, try again in five minutes",       TransportError("carrier", "no route", retryable=True, retry_after_s=300)),
    ("the end of the batch was too fast, wait as long",     300.0),
]  # fmt: skip


@pytest.mark.parametrize("word", [case[1] for case in PUT_OFF], ids=[case[0] for case in PUT_OFF])
def test_who_cancels_does_not_wait_until_the_carrier_wants_more(bench: Bench, word):
    bench.load(30)
    asleep = []

    def answer(message, again):
        late = isinstance(word, float) and int(message.reference[4:]) % 5 == 4
        return Postponed(message.reference, FailureClass.THROTTLED, word) if late else Accepted(message.reference)

    async def cancelled():
        def meanwhile(batch):
            if not isinstance(word, float):
                raise word

        def turns(batch):
            task.cancel()
            return 3

        carrier = Busy(answer, in_flight=2, meanwhile=meanwhile, turns=turns, clock=sk.VirtualClock(NOON))

        async def for_ever(seconds):
            if seconds > 200:
                asleep.append(seconds)
                await asyncio.Event().wait()
            await asyncio.sleep(0)

        carrier.clock.sleep = for_ever
        task = asyncio.ensure_future(bench.run(carrier).aresume())
        await task

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(asyncio.wait_for(cancelled(), 20))
    assert asleep == [], "the stop came first"
    assert SendState.SUBMITTING not in bench.states()


def test_who_cancels_twice_leaves_doubts_but_no_request_behind(bench: Bench):
    """The campaign is let go then: a request that was still under way could be asked about, and sent again."""
    bench.load(100)
    carrier = Busy(turns=lambda batch: 10**6)

    async def cancelled_twice():
        task = asyncio.ensure_future(bench.run(carrier).aresume())
        for _ in range(2):
            for _ in range(20):
                await asyncio.sleep(0)
            assert carrier.in_hand == 4
            task.cancel()
        try:
            await task
        finally:
            assert carrier.in_hand == 0

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(cancelled_twice())
    assert bench.states() == {SendState.SUBMITTING: 20, SendState.PLANNED: 80}


def test_a_run_that_only_waits_is_cancelled_at_once(bench: Bench):
    bench.load(3, not_before=int(NOON.timestamp()) + 86_400)
    clock = sk.VirtualClock(NOON)
    asleep = []

    async def for_ever(seconds):
        asleep.append(seconds)
        await asyncio.Event().wait()

    clock.sleep = for_ever

    async def cancelled():
        task = asyncio.ensure_future(bench.run(Busy(clock=clock)).aresume(wait=True))
        while len(asleep) < 4:
            await asyncio.sleep(0)
        task.cancel()
        await task

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(cancelled())
    assert bench.states() == {SendState.PLANNED: 3}


def test_an_interrupt_in_a_worker_is_raised_behind_the_others(bench: Bench):
    bench.load(40)

    def interrupt(batch):
        if batch == 1:
            raise SystemExit

    with pytest.raises(SystemExit):
        asyncio.run(bench.run(Busy(meanwhile=interrupt, turns=lambda batch: 5 if batch == 0 else 1)).aresume())
    states = bench.states()
    assert states == {SendState.ACCEPTED: 15, SendState.SUBMITTING: 5, SendState.PLANNED: 20}


# ---------------------------------------------------------------- errors at the call

AT_THE_CALL = [
    ("a message that nobody could send", InvalidInput("a text of 2 000 characters")),
    ("a feature that is not there", UnsupportedFeature("carrier", "an empty sender")),
    ("any other mistake", ZeroDivisionError()),
]


@pytest.mark.parametrize("error", [case[1] for case in AT_THE_CALL], ids=[case[0] for case in AT_THE_CALL])
def test_what_is_raised_at_the_call_has_sent_nothing_and_leaves_no_doubt(bench: Bench, error):
    bench.load(20, limits=Limits(budget_micros=20 * 45_000))
    carrier = Busy(turns=lambda batch: 9)
    submit, calls = carrier.submit, []

    def refusing(messages, /):
        calls.append(len(messages))
        if len(calls) == 3:
            raise error
        return submit(messages)

    carrier.submit = refusing
    with pytest.raises(type(error)):
        bench.run(carrier).resume()
    assert bench.states() == {SendState.ACCEPTED: 10, SendState.PLANNED: 10}
    assert {send.attempts for send in bench.store.sends("run") if send.state is SendState.PLANNED} == {0}
    assert bench.run(carrier).resume().account.accepted == 20, "and the budget was given back"


# ---------------------------------------------------------------- the last look, several at once


def test_the_budget_is_kept_by_all_batches_together(bench: Bench):
    bench.load(100, limits=Limits(budget_micros=37 * 45_000))
    carrier = Busy()
    run = bench.run(carrier).resume()
    assert len(carrier.received) == run.account.accepted == 37
    assert dict(run.differences) == {sk.Reason.BUDGET: 63}


def test_what_a_batch_in_hand_may_free_is_waited_for_before_others_are_refused(bench: Bench):
    bench.load(20, limits=Limits(budget_micros=10 * 45_000))

    def refused_first(m, again):
        first = int(m.reference[4:]) < 10
        return Refused(m.reference, FailureClass.INVALID_NUMBER) if first else Accepted(m.reference)

    leases, lease = [], bench.store.lease
    bench.store.lease = lambda *args, **rest: leases.append(lease(*args, **rest)) or leases[-1]
    run = bench.run(Busy(refused_first, turns=lambda batch: 30)).resume()
    assert (run.account.accepted, run.account.rejected, run.account.cancelled) == (10, 10, 0)
    assert len(leases) < 20, "they wait, and do not lease the same messages over and over"


def test_a_stop_between_two_leases_is_obeyed_while_other_batches_are_out(bench: Bench):
    bench.load(40)
    stopped = [33_612_000_000 + seq for seq in range(25, 40)]
    seen = []

    def stop(batch):
        if batch == 0:
            seen.extend(message.number for message in carrier.received)
            told = [Event(f"mo-{n}", EventType.REPLY, carrier.clock.now(), n, text="STOP") for n in stopped]
            sk.receive(bench.store, told)

    carrier = Busy(meanwhile=stop, turns=lambda batch: 1 + 3 * (batch > 0))
    bench.run(carrier).resume()
    later = [message.number for message in carrier.received][len(seen):]  # fmt: skip
    assert not set(later) & set(stopped)
    assert bench.store.account("run").cancelled == 15


# ---------------------------------------------------------------- others meanwhile


def test_two_campaigns_of_one_loop_leave_side_by_side_and_one_campaign_is_busy(bench: Bench):
    bench.load(30)
    bench.load(30, run_id="two", campaign="noel", first=33_613_000_000)
    first, second = Busy(), Busy()

    async def both():
        await asyncio.gather(bench.run(first).aresume(), bench.run(second, "two").aresume())
        with bench.store.hold("noel"), pytest.raises(RunBusy):
            await bench.run(second, "two").aresume()

    asyncio.run(both())
    assert bench.store.account("run").accepted == bench.store.account("two").accepted == 30


def test_what_the_carrier_bills_is_kept_and_told_once_without_numbers(bench: Bench, caplog):
    bench.load(20)
    caplog.set_level(logging.WARNING)
    carrier = Busy(lambda m, again: Accepted(m.reference, "id", 2 if int(m.reference[4:]) < 5 else 1))
    run = bench.run(carrier).resume()
    assert [send.billed_parts for send in run.sends()] == [2] * 5 + [1] * 15
    assert [record.message for record in caplog.records] == [
        "run run: for 5 messages the carrier bills other parts than were planned, +5 in all"
    ]
    assert "billed 5 parts more than planned" in str(run)
    assert any("billed 5 parts more than planned" in note for note in run.report().notes)


def test_a_report_can_be_made_while_the_run_is_under_way(bench: Bench):
    bench.load(40)
    reports = []

    def look(progress):
        other = sk.Run(bench.store, "run", Carrier())
        reports.append(other.report())
        str(other)

    bench.run(Busy()).resume(on_progress=look)
    assert [report.counts.planned for report in reports] == [40] * len(reports)
    assert [report.counts.sent for report in reports] == [5, 10, 15, 20, 25, 30, 35, 40]
    assert {report.counts.sent + report.counts.in_doubt + report.counts.remaining for report in reports} == {40}


def test_unanswered_messages_of_several_batches_stay_in_doubt(bench: Bench):
    bench.load(20)
    carrier = Busy(lambda m, again: Unanswered(m.reference) if int(m.reference[4:]) % 4 == 0 else Accepted(m.reference))
    assert bench.run(carrier).resume().account.in_doubt == 5
