"""What goes wrong while messages are handed over: nonsense, outages, interruptions, clocks. Nothing leaves twice."""

import asyncio
import logging
import signal
import threading
from datetime import timedelta
from threading import Thread

import pytest
from tests.delivery.conftest import NOON, Bench, Carrier

import smskit as sk
from smskit.delivery.guard import Limits
from smskit.errors import StoreError, TransportError
from smskit.kinds import FailureClass, RunState, SendState
from smskit.protocols import Pause
from smskit.records import Accepted, Postponed, Refused, Suppression, Unanswered

THROTTLED = FailureClass.THROTTLED


class Answering(Carrier):
    """A carrier whose whole answer is made by a test from the answers that make sense."""

    def __init__(self, answered, **features):
        super().__init__(**features)
        self._answered = answered

    def submit(self, messages, /):
        return self._answered((yield from super().submit(messages)))


NONSENSE = [
    # what                                       answer to two messages                                      in doubt
    ("nothing at all", lambda told: (), 2),
    ("None among outcomes", lambda told: (None, told[1]), 1),
    ("a text instead of an outcome", lambda told: ("ok", told[1]), 1),
    ("a reference that is no text", lambda told: (Accepted(0), told[1]), 1),
    ("a reference that cannot be looked up", lambda told: (Accepted(["run-0"]), told[1]), 1),
    ("a provider id that is none", lambda told: (Accepted("run-0", {"id": 1}), told[1]), 1),
    ("a failure in the provider's own words", lambda told: (Refused("run-0", "2031"), told[1]), 1),
    ("a time to wait in words", lambda told: (Postponed("run-0", THROTTLED, "soon"), told[1]), 1),
    ("taken and put off at once", lambda told: (*told, Postponed("run-0", THROTTLED)), 1),
    ("put off and taken at once", lambda told: (Postponed("run-0", THROTTLED), *told), 1),
    ("taken, said twice", lambda told: (*told, *told), 0),
    ("messages of others", lambda told: (*told, Accepted("other-0"), Accepted("run-77")), 0),
]  # fmt: skip


@pytest.mark.parametrize(("answer", "doubts"), [case[1:] for case in NONSENSE], ids=[case[0] for case in NONSENSE])
def test_what_makes_no_sense_leaves_its_message_in_doubt_and_no_other(bench: Bench, answer, doubts):
    bench.load(2)
    carrier = Answering(answer)
    account = bench.run(carrier).resume(wait=True).account
    assert (account.accepted, account.in_doubt) == (2 - doubts, doubts)
    assert account.closes
    assert len(carrier.received) == 2


@pytest.mark.parametrize("answer", [None, 5, True], ids=["None", "a number", "a yes"])
def test_an_answer_that_is_none_stops_the_run_with_the_batch_in_doubt(bench: Bench, answer):
    bench.load(10)
    with pytest.raises(TransportError, match="carrier: the answer makes no sense"):
        bench.run(Answering(lambda told: answer, largest_batch=4)).resume()
    account = bench.store.account("run")
    assert (account.in_doubt, account.remaining) == (4, 6)


@pytest.mark.parametrize("seconds", [float("nan"), float("inf"), -float("inf"), 1e300, -5, 10**400])
def test_a_carrier_that_asks_to_wait_for_ever_is_asked_again_within_a_day(bench: Bench, seconds):
    bench.load(3)
    away = FailureClass.UNREACHABLE
    carrier = Carrier(lambda m, again: Accepted(m.reference) if again else Postponed(m.reference, away, seconds))
    bench.run(carrier).resume()
    due = bench.store.next_due("run")
    assert due is not None
    assert NOON <= due <= NOON + timedelta(days=1, seconds=2)


ASKED = [
    # what                                      told of run-0             state                 sent again
    ("it was never taken",                      {},                       SendState.ACCEPTED,   True),
    ("it was taken",                            {"run-0": Accepted("run-0")}, SendState.ACCEPTED, False),
    ("the carrier does not know yet",           {"run-0": Unanswered("run-0")}, SendState.SUBMITTING, False),
    ("there is an entry, and it is None",       {"run-0": None},          SendState.SUBMITTING, False),
    ("there is an entry of some other kind",    {"run-0": "delivered"},   SendState.SUBMITTING, False),
]  # fmt: skip


@pytest.mark.parametrize(("told", "state", "again"), [case[1:] for case in ASKED], ids=[case[0] for case in ASKED])
def test_only_a_message_that_the_carrier_says_it_never_took_is_sent_again(bench: Bench, told, state, again):
    class Asked(Carrier):
        def ask(self, messages):
            yield from ()
            return told

    bench.load(1)
    bench.store.lease("run", limit=1, now=NOON)
    carrier = Asked(can_be_asked=True)
    bench.run(carrier).resume()
    assert bench.states() == {state: 1}
    assert bool(carrier.received) is again


def test_asking_and_hearing_nonsense_sends_nothing(bench: Bench):
    class Asked(Carrier):
        def ask(self, messages):
            yield from ()

    bench.load(3)
    bench.store.lease("run", limit=1, now=NOON)
    with pytest.raises(TransportError, match="no sense"):
        bench.run(Asked(can_be_asked=True)).resume()
    assert bench.states() == {SendState.SUBMITTING: 1, SendState.PLANNED: 2}


# ---------------------------------------------------------------- outages


class Down(Carrier):
    """Out of reach for a number of tries, then well."""

    def __init__(self, tries, *, after=None, **features):
        super().__init__(**features)
        self.tries = tries
        self._after = after

    def submit(self, messages, /):
        if self.tries:
            self.tries -= 1
            raise TransportError("carrier", "no route", retryable=True, retry_after_s=self._after)
        return (yield from super().submit(messages))


@pytest.mark.parametrize("wait", [True, False])
def test_an_outage_rejects_nobody(bench: Bench, wait):
    bench.load(10)
    carrier = Down(1_000, largest_batch=4)
    with pytest.raises(TransportError, match="no route"):
        bench.run(carrier).resume(wait=wait)
    assert bench.states() == {SendState.PLANNED: 10}
    assert {send.attempts for send in bench.store.sends("run")} == {0}
    carrier.tries = 0
    assert bench.run(carrier).resume().account.accepted == 10
    assert len(carrier.received) == 10


def test_a_short_outage_is_waited_for_and_counted_anew_each_time(bench: Bench):
    bench.load(10)
    carrier = Down(4, largest_batch=5)
    moments = []

    def again(progress):
        moments.append(carrier.clock.now() - NOON)
        carrier.tries = 4

    run = bench.run(carrier).resume(on_progress=again)
    assert run.account.accepted == 10
    assert moments == [timedelta(seconds=30), timedelta(seconds=60)]


def test_during_an_outage_the_carrier_says_when_to_come_back_within_minutes(bench: Bench):
    bench.load(1)
    carrier = Down(2, after=1e9)
    bench.run(carrier).resume()
    assert carrier.clock.now() - NOON == timedelta(minutes=10)


class Storm(Carrier):
    """Answers each batch that it does not want with a request to come back later, as carriers do."""

    def __init__(self, batches, *, failure=THROTTLED, after=None, **features):
        super().__init__(**features)
        self.left, self.failure, self.after = batches, failure, after
        self.moments = []

    def submit(self, messages, /):
        self.moments.append((self.clock.now() - NOON).total_seconds())
        if self.left:
            self.left -= 1
            yield from ()
            return tuple(Postponed(m.reference, self.failure, self.after, "429") for m in messages)
        return (yield from super().submit(messages))


STORMS = [
    # what                                   batches    failure                              after        came back at
    ("it says nothing of when",              3,         THROTTLED,                           None,        [0, 2, 6, 14]),
    ("after what it says",                   3,         THROTTLED,                           7,           [0, 7, 14, 21]),
    ("closed for repair",                    2,         FailureClass.PROVIDER_UNAVAILABLE,   60,          [0, 60, 120]),
    ("for ever is some minutes",             1,         THROTTLED,                           10**400,     [0, 300]),
    ("a time that is none",                  1,         THROTTLED,                           float("nan"), [0, 0]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("batches", "failure", "after", "moments"), [case[1:] for case in STORMS], ids=[case[0] for case in STORMS]
)
def test_a_storm_is_waited_for_and_rejects_nobody(bench: Bench, batches, failure, after, moments):
    bench.load(10)
    carrier = Storm(batches, failure=failure, after=after)
    assert bench.run(carrier).resume().account.accepted == 10
    assert carrier.moments == moments
    assert {send.attempts for send in bench.store.sends("run")} == {1}


def test_a_storm_without_an_end_stops_the_run_and_rejects_nobody(bench: Bench):
    bench.load(10, limits=Limits(budget_micros=10 * 45_000))
    carrier = Storm(1_000)
    with pytest.raises(TransportError, match="throttled") as error:
        bench.run(carrier).resume(wait=True)
    assert error.value.retryable
    assert bench.states() == {SendState.PLANNED: 10}
    carrier.left = 0
    assert bench.run(carrier).resume().account.accepted == 10


def test_a_batch_whose_end_was_put_off_is_followed_by_what_the_carrier_asks_for(bench: Bench):
    """Its single requests were answered until one was too many."""
    bench.load(10)
    moments = []
    carrier = Carrier(largest_batch=5)

    def answer(message, again):
        moments.append((carrier.clock.now() - NOON).total_seconds())
        too_fast = int(message.reference[4:]) in (3, 4) and not again
        return Postponed(message.reference, THROTTLED, 9) if too_fast else Accepted(message.reference)

    carrier._answer = answer
    assert bench.run(carrier).resume(wait=True).account.accepted == 10
    assert moments[:5] == [0] * 5
    assert moments[5] == 9


def test_an_outage_gives_its_budget_back(bench: Bench):
    bench.load(4, limits=Limits(budget_micros=4 * 45_000))
    assert bench.run(Down(3)).resume().account.accepted == 4


def test_what_is_in_doubt_is_spent(bench: Bench):
    bench.load(6, limits=Limits(budget_micros=4 * 45_000))
    carrier = Carrier(lambda m, again: Unanswered(m.reference), largest_batch=3)
    bench.store.lease("run", limit=3, now=NOON)  # a process died here
    run = bench.run(carrier).resume()
    assert len(carrier.received) == 1
    assert dict(run.differences) == {sk.Reason.BUDGET: 2}


def test_a_doubt_that_is_resolved_is_spent_once(bench: Bench):
    bench.load(4, limits=Limits(budget_micros=4 * 45_000))
    carrier = Carrier(idempotent=True)
    bench.store.lease("run", limit=3, now=NOON)
    assert bench.run(carrier).resume().account.accepted == 4


# ---------------------------------------------------------------- interruptions


class Slow(Carrier):
    """Takes its time over each batch, and does something after it has taken the messages."""

    def __init__(self, meanwhile, **features):
        super().__init__(**features)
        self._meanwhile = meanwhile

    def submit(self, messages, /):
        answers = yield from super().submit(messages)
        if len(self.batches) == 2:
            self._meanwhile()
        for _ in range(20):
            yield Pause(0.01)
        return answers


@pytest.fixture
def heeds_ctrl_c():
    """A shell that starts the tests in the background has them ignore it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("heeds_ctrl_c")
def test_ctrl_c_lets_the_batch_in_hand_be_recorded_and_sends_no_other(bench: Bench):
    bench.load(12)
    # To the thread that waits: the system may give a signal for the process to any of its threads.
    main = threading.main_thread().ident
    carrier = Slow(lambda: signal.pthread_kill(main, signal.SIGINT), largest_batch=3, clock=sk.VirtualClock(NOON))
    carrier.clock.sleep = lambda seconds: asyncio.sleep(seconds)
    with pytest.raises(KeyboardInterrupt):
        bench.run(carrier).resume()
    assert bench.states() == {SendState.ACCEPTED: 6, SendState.PLANNED: 6}
    assert bench.run(carrier).resume().account.accepted == 12
    assert len(carrier.received) == 12


def test_a_cancelled_task_lets_the_batch_in_hand_be_recorded_and_sends_no_other(bench: Bench):
    bench.load(12)

    async def cancelled():
        task = asyncio.ensure_future(bench.run(carrier).aresume())
        carrier._meanwhile = task.cancel
        await task

    carrier = Slow(None, largest_batch=3)
    with pytest.raises(asyncio.CancelledError):
        asyncio.run(cancelled())
    assert bench.states() == {SendState.ACCEPTED: 6, SendState.PLANNED: 6}


def test_a_progress_callback_that_raises_stops_behind_a_recorded_batch(bench: Bench):
    bench.load(10)

    def broken(progress):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        bench.run(Carrier(largest_batch=4)).resume(on_progress=broken)
    assert bench.states() == {SendState.ACCEPTED: 4, SendState.PLANNED: 6}
    assert bench.run(Carrier()).resume().account.accepted == 10


def test_a_store_that_was_closed_meanwhile_says_so(bench: Bench):
    bench.load(10)
    with pytest.raises(StoreError, match="was closed; open the store again"):
        bench.run(Carrier(largest_batch=4)).resume(on_progress=lambda progress: bench.store.close())


def test_a_run_cancelled_while_it_waits_ends_soon(bench: Bench):
    bench.load(3, not_before=int(NOON.timestamp()) + 86_400)
    carrier = Carrier()
    sleep = carrier.clock.sleep

    async def cancel_then_sleep(seconds):
        bench.store.set_run_state("run", RunState.CANCELLED)
        await sleep(seconds)

    carrier.clock.sleep = cancel_then_sleep
    assert bench.run(carrier).resume(wait=True).account.cancelled == 3
    assert carrier.clock.now() - NOON <= timedelta(minutes=5)


# ---------------------------------------------------------------- clocks

JUMPS = [
    # what                                      seconds   accepted at once
    ("the clock is set back an hour",           -3600,    9),
    ("the clock is set back a year",            -31_536_000, 9),
    ("the clock jumps a day ahead",             86_400,   9),
    ("the clock jumps into the night",          12 * 3600, 3),
]  # fmt: skip


@pytest.mark.parametrize(("seconds", "accepted"), [case[1:] for case in JUMPS], ids=[case[0] for case in JUMPS])
def test_a_clock_that_jumps_between_batches_neither_sends_twice_nor_at_night_nor_waits(bench: Bench, seconds, accepted):
    bench.load(9)
    carrier = Carrier(largest_batch=3, parts_per_second=3.0)
    jumps = iter([seconds])
    run = bench.run(carrier).resume(on_progress=lambda progress: carrier.clock.advance(next(jumps, 0)))
    assert run.account.accepted == accepted
    assert run.account.closes
    assert len({message.reference for message in carrier.received}) == len(carrier.received)
    slept = (carrier.clock.now() - NOON).total_seconds() - seconds
    assert slept < 10


# ---------------------------------------------------------------- what is told


def test_no_log_line_and_no_error_shows_a_number_or_a_text(bench: Bench, caplog):
    bench.load(4, text="Bonjour Marie, code 4821")
    caplog.set_level(logging.DEBUG)
    carrier = Down(2, largest_batch=2)
    carrier._answer = lambda m, again: "33612000000 Marie"
    run = bench.run(carrier).resume()
    assert "no route" in caplog.text
    assert "make no sense" in caplog.text
    message = carrier.received[0]
    kept = next(run.sends())
    shown = [caplog.text, repr(run), str(run), repr(message), repr(kept), repr(run.account), repr(run.record)]
    for text in shown:
        assert "612000" not in text
        assert "Marie" not in text


def test_two_threads_that_resume_one_run_send_each_message_once(bench: Bench):
    bench.load(60)
    carrier = Carrier(largest_batch=2)
    busy = []

    def work():
        try:
            bench.run(carrier).resume()
        except sk.SmskitError as error:
            busy.append(str(error))

    threads = [Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert bench.store.account("run").accepted == 60
    assert len(carrier.received) == 60
    assert all("'soldes' is being sent by another" in text for text in busy)


# ---------------------------------------------------------------- doubts that may not be told again


def _stop(bench):
    bench.store.suppress([_suppression(number) for number in (33_612_000_000, 33_612_000_001)])


def _suppression(number):
    return Suppression(number, sk.Reason.OPTED_OUT, NOON, "STOP")


FORBIDDEN = [
    # what                                   meanwhile                                                       told again
    ("nothing happens",                      lambda bench, carrier: None,                                    4),
    ("two people say STOP",                  lambda bench, carrier: _stop(bench),                            2),
    ("night falls",                          lambda bench, carrier: carrier.clock.advance(12 * 3600),        0),
    ("the run is cancelled",                 lambda bench, carrier: bench.run(carrier).cancel(),             0),
]  # fmt: skip


@pytest.mark.parametrize(("meanwhile", "told"), [case[1:] for case in FORBIDDEN], ids=[case[0] for case in FORBIDDEN])
def test_a_doubt_that_may_not_be_told_again_stays_a_doubt(bench: Bench, meanwhile, told):
    """To call it cancelled would deny a message that may have arrived, and let a later plan send it again."""
    bench.load(4)
    carrier = Carrier(idempotent=True, parts_per_second=2.0)
    bench.store.lease("run", limit=4, now=NOON)  # a process died here
    meanwhile(bench, carrier)
    account = bench.run(carrier).resume().account
    assert (account.accepted, account.in_doubt) == (told, 4 - told)
    assert len(carrier.received) == told
    assert len(bench.store.already_sent("soldes", range(33_612_000_000, 33_612_000_004))) == 4
