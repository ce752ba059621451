"""The engine: every answer has its state, nothing leaves twice, and the account always closes."""

import itertools
from datetime import timedelta

import pytest
from tests.delivery.conftest import NOON, Bench, Carrier

import smskit as sk
from smskit.errors import RunBusy, TransportError
from smskit.kinds import FailureClass, RunState, SendState
from smskit.records import Accepted, PlannedSend, Postponed, Refused, Settlement, Unanswered

ANSWERS = [
    # what                                      answer                                                          state
    ("taken",                                   lambda m, again: Accepted(m.reference, "id"),                   SendState.ACCEPTED),
    ("refused for good",                        lambda m, again: Refused(m.reference, FailureClass.INVALID_NUMBER), SendState.REJECTED),
    ("put off, then taken",                     lambda m, again: Accepted(m.reference) if again else Postponed(m.reference, FailureClass.THROTTLED, 5), SendState.ACCEPTED),
    ("put off for ever is refused in the end",  lambda m, again: Postponed(m.reference, FailureClass.UNREACHABLE), SendState.REJECTED),
    ("unanswered stays in doubt",               lambda m, again: Unanswered(m.reference),                       SendState.SUBMITTING),
    ("not named in the answer stays in doubt",  lambda m, again: Accepted("somebody-else"),                     SendState.SUBMITTING),
]  # fmt: skip


@pytest.mark.parametrize(("answer", "state"), [case[1:] for case in ANSWERS], ids=[case[0] for case in ANSWERS])
def test_each_answer_has_its_state(bench: Bench, answer, state):
    bench.load(10)
    run = bench.run(Carrier(answer)).resume(wait=True)
    assert bench.states() == {state: 10}
    assert run.account.closes
    assert run.account.in_doubt == (10 if state is SendState.SUBMITTING else 0)


def test_a_message_in_doubt_is_never_offered_again_to_a_carrier_that_cannot_be_asked(bench: Bench):
    bench.load(10)
    carrier = Carrier(lambda message, again: Unanswered(message.reference))
    bench.run(carrier).resume()
    bench.run(carrier).resume()
    assert len(carrier.received) == 10
    assert bench.store.account("run").in_doubt == 10


def test_an_idempotent_carrier_is_offered_a_doubtful_message_again(bench: Bench):
    bench.load(10)
    carrier = Carrier(lambda m, again: Accepted(m.reference) if again else Unanswered(m.reference), idempotent=True)
    bench.run(carrier).resume()
    assert bench.store.account("run").in_doubt == 10
    bench.run(carrier).resume()
    assert bench.store.account("run").accepted == 10


def test_a_carrier_that_can_be_asked_ends_the_doubt_without_a_second_message(bench: Bench):
    class Asked(Carrier):
        def ask(self, messages):
            yield from ()
            known = {message.reference for message in self.received}
            return {m.reference: Accepted(m.reference, "asked") for m in messages if m.reference in known}

    bench.load(10)
    carrier = Asked(lambda message, again: Unanswered(message.reference), can_be_asked=True)
    bench.run(carrier).resume()
    # One more that the carrier never saw: the process died between lease and request.
    bench.store.settle("run", [])
    run = bench.run(carrier).resume()
    assert (run.account.accepted, run.account.in_doubt) == (10, 0)
    assert len(carrier.received) == 10


def test_a_doubt_about_a_message_that_the_carrier_never_saw_is_resolved_by_sending_it(bench: Bench):
    class Asked(Carrier):
        def ask(self, messages):
            yield from ()
            return {}

    bench.load(3)
    assert len(bench.store.lease("run", limit=3, now=NOON)) == 3
    run = bench.run(Asked(can_be_asked=True)).resume()
    assert run.account.accepted == 3


def test_a_dead_line_puts_off_and_a_broken_one_stops_with_the_batch_in_doubt(bench: Bench):
    class Dead(Carrier):
        failures = 2

        def submit(self, messages, /):
            if self.failures:
                self.failures -= 1
                raise TransportError("carrier", "no route", retryable=True, retry_after_s=1)
            return (yield from super().submit(messages))

    class Broken(Carrier):
        def submit(self, messages, /):
            yield from ()
            raise TransportError("carrier", "the answer makes no sense", retryable=False)

    bench.load(10)
    assert bench.run(Dead()).resume(wait=True).account.accepted == 10
    bench.load(10, run_id="two", campaign="other", first=33_613_000_000)
    with pytest.raises(TransportError, match="no sense"):
        bench.run(Broken(largest_batch=4), "two").resume()
    account = bench.store.account("two")
    assert (account.in_doubt, account.remaining) == (4, 6)
    assert account.closes


def test_batches_keep_to_what_the_carrier_takes(bench: Bench):
    bench.load(25)
    carrier = Carrier(largest_batch=10)
    bench.run(carrier).resume()
    assert carrier.batches == [10, 10, 5]


def test_parts_leave_no_faster_than_the_sender_may(bench: Bench):
    bench.load(40, parts=3)
    carrier = Carrier(parts_per_second=12.0)
    moments = []
    submit = carrier.submit

    def noted(messages, /):
        moments.append((carrier.clock.now(), sum(message.parts for message in messages)))
        return submit(messages)

    carrier.submit = noted
    bench.run(carrier).resume()
    assert sum(parts for _, parts in moments) == 120
    assert max(parts for _, parts in moments) == 12, "more than a second's worth in one lease"
    for (start, parts), (end, _) in itertools.pairwise(moments):
        assert (end - start).total_seconds() == pytest.approx(parts / 12.0, abs=1e-5)


def test_sending_again_sends_nothing_again(bench: Bench):
    bench.load(10)
    carrier = Carrier()
    bench.run(carrier).resume()
    bench.run(carrier).resume()
    assert len(carrier.received) == 10


def test_loading_the_same_run_again_changes_nothing(bench: Bench):
    bench.load(10)
    carrier = Carrier()
    bench.run(carrier).resume()
    bench.load(10)
    assert bench.run(carrier).resume().account.accepted == 10
    assert len(carrier.received) == 10


def test_a_half_loaded_run_cannot_leave_and_is_completed_by_loading_again(bench: Bench):
    bench.load(10)
    run = bench.store.run("run")
    from attrs import evolve

    half = evolve(run, run_id="half", campaign="half")
    bench.store.create_run(half)
    bench.store.add_sends("half", [PlannedSend(0, 2, 33_613_000_000, "x", 1, 1, "FR")])
    carrier = Carrier()
    bench.run(carrier, "half").resume()
    assert carrier.received == []
    bench.load(10, run_id="half", campaign="half", first=33_613_000_000)
    assert bench.run(carrier, "half").resume().account.accepted == 10


def test_another_process_that_sends_the_campaign_is_named(bench: Bench):
    bench.load(3)
    with bench.store.hold("soldes"), pytest.raises(RunBusy, match="soldes"):
        bench.run(Carrier()).resume()


def test_a_cancelled_run_sends_nothing_more_and_a_put_off_message_does_not_come_back(bench: Bench):
    bench.load(10)
    carrier = Carrier(largest_batch=5)

    def cancel_then_postpone(message, again):
        bench.store.set_run_state("run", RunState.CANCELLED)
        return Postponed(message.reference, FailureClass.THROTTLED, 1)

    carrier._answer = cancel_then_postpone
    run = bench.run(carrier).resume(wait=True)
    account = run.account
    assert (account.cancelled, account.remaining) == (10, 0)
    assert run.state is RunState.CANCELLED
    assert len(carrier.received) == 5


def test_progress_is_told_after_each_batch_and_ends_at_the_total(bench: Bench):
    bench.load(25)
    told = []
    bench.run(Carrier(largest_batch=10)).resume(on_progress=told.append)
    assert [(progress.done, progress.total) for progress in told] == [(10, 25), (20, 25), (25, 25)]


def test_an_answer_that_comes_after_the_row_was_settled_changes_nothing(bench: Bench):
    bench.load(1)
    bench.run(Carrier()).resume()
    bench.store.settle("run", [Settlement(0, SendState.REJECTED, failure=FailureClass.NETWORK, at=NOON)])
    assert bench.store.account("run").accepted == 1


def test_a_message_that_is_not_due_yet_remains_and_says_when(bench: Bench):
    bench.load(2, not_before=int((NOON + timedelta(hours=3)).timestamp()))
    run = bench.run(Carrier()).resume()
    assert run.account.remaining == 2
    assert run.resumes_at == NOON + timedelta(hours=3)
    assert bench.run(Carrier()).resume(wait=True).account.accepted == 2


def test_a_running_loop_is_no_obstacle(bench: Bench):
    import asyncio

    bench.load(3)

    async def in_a_notebook():
        return bench.run(Carrier()).resume().account.accepted

    assert asyncio.run(in_a_notebook()) == 3


def test_coroutines_drive_the_same_engine(bench: Bench):
    import asyncio

    bench.load(3)
    assert asyncio.run(bench.run(Carrier()).aresume()).account.accepted == 3


def test_an_unknown_run_names_those_that_there_are(bench: Bench):
    bench.load(1)
    with pytest.raises(sk.SmskitError, match="it has run"):
        bench.run(Carrier(), "runn")


def test_a_carrier_with_another_mention_does_not_take_over_a_run(bench: Bench):
    from smskit.errors import PlanChanged
    from smskit.protocols import StopForm

    bench.load(2)
    other = Carrier(stop={"*": StopForm("STOP au 36180", printed_by_transport=True)})
    with pytest.raises(PlanChanged, match="STOP mention"):
        bench.run(other).resume()
    assert bench.run(Carrier()).resume().account.accepted == 2
