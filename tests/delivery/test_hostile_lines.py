"""What a bad line must not do to a run: requests that cannot be made, pages of a portal, clocks that were set back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest
from tests.delivery.conftest import NOON, Bench, Carrier

import smskit as sk
from smskit.delivery import Patience
from smskit.delivery.breaker import FIRST_BATCH
from smskit.delivery.guard import Limits
from smskit.delivery.run import Run
from smskit.errors import CarrierRefuses, InvalidInput, TransportError, UnsupportedFeature
from smskit.kinds import EventType, FailureClass, SendState
from smskit.protocols import Call, Flow
from smskit.records import Accepted, Event, Outcome, Outgoing, Unanswered


class Calling(Carrier):
    """A carrier that is reached by one request for each half of a batch."""

    def submit(self, messages: Sequence[Outgoing], /) -> Flow[tuple[Outcome, ...]]:
        middle = len(messages) // 2 or 1
        outcomes: list[Outcome] = []
        for half in (messages[:middle], messages[middle:]):
            try:
                yield Call("POST", "https://carrier.example")
            except TransportError as error:
                if error.retryable and not outcomes:
                    raise
                outcomes += [Unanswered(message.reference) for message in half]
            else:
                outcomes += [Accepted(message.reference) for message in half]
        return tuple(outcomes)


def test_a_request_that_cannot_be_made_leaves_nothing_in_doubt_and_says_why(bench: Bench):
    bench.load(10)

    async def call(_: Call):
        raise InvalidInput("submit: the header X-Api-Key holds a line break")

    with pytest.raises(TransportError, match="X-Api-Key holds a line break"):
        Run(bench.store, "run", Calling(), call=call).resume()
    assert bench.states() == {SendState.PLANNED: 10}


def test_a_portal_in_place_of_the_carrier_puts_few_messages_in_doubt(bench: Bench):
    bench.load(10 * FIRST_BATCH)
    carrier = Carrier(lambda message, _: Unanswered(message.reference), largest_batch=1_000)
    with pytest.raises(CarrierRefuses, match="no answer"):
        bench.run(carrier).resume(patience=Patience(silent_batches=3))
    assert bench.run(carrier).account.in_doubt == 3 * FIRST_BATCH


def test_a_carrier_that_speaks_gets_whole_batches_until_it_falls_silent(bench: Bench):
    bench.load(5_000)
    carrier = Carrier(largest_batch=1_000)
    talk = carrier._answer
    silence = {2: lambda message, _: Unanswered(message.reference)}

    def next_one(progress):
        carrier._answer = silence.get(len(carrier.batches), talk)

    bench.run(carrier).resume(on_progress=next_one)
    assert carrier.batches == [FIRST_BATCH, 1_000, 1_000, FIRST_BATCH, 1_000, 1_000, 800]


def test_a_clock_that_was_set_back_makes_no_message_valid_for_longer(bench: Bench):
    bench.load(2, limits=Limits(validity_s=3_600))
    carrier = Carrier(clock=sk.VirtualClock(NOON - timedelta(hours=2)), validity_s=(60, 3_600))
    bench.run(carrier).resume()
    assert {message.validity_s for message in carrier.received} == {3_600}


def test_half_a_character_in_a_reply_does_not_lose_the_opposition(bench: Bench):
    bench.load(1)
    said = Event(
        "reply", EventType.REPLY, NOON, 33_612_000_000, text="STOP \ud83d", provider_id="\udc00", code="\ud800"
    )
    assert sk.receive(bench.store, [said]) == 2
    assert 33_612_000_000 in bench.store.suppressed([33_612_000_000])


class Narrow(Carrier):
    """A carrier that refuses some messages before anything is sent."""

    def __init__(self, refused, **features: object) -> None:
        super().__init__(**features)
        self._refused = {f"run-{seq}" for seq in refused}

    def submit(self, messages: Sequence[Outgoing], /) -> Flow[tuple[Outcome, ...]]:
        if any(message.reference in self._refused for message in messages):
            raise UnsupportedFeature(self.name, "11 parts")
        return super().submit(messages)


@pytest.mark.parametrize("size", [1, 4, 100])
@pytest.mark.parametrize("long", [{0}, {3, 4}, {11}, {0, 1, 2, 3}])
def test_a_message_that_cannot_be_carried_does_not_hold_up_the_others(bench: Bench, size, long):
    bench.load(12, limits=Limits(budget_micros=12 * 45_000))
    run = bench.run(Narrow(long, largest_batch=size)).resume()
    assert {send.seq for send in run.sends() if send.state is SendState.REJECTED} == long
    assert {send.failure for send in run.sends() if send.seq in long} == {FailureClass.UNSUPPORTED}
    assert run.account.accepted == 12 - len(long)


def test_a_run_that_cannot_be_carried_at_all_rejects_nobody(bench: Bench):
    bench.load(12)
    with pytest.raises(UnsupportedFeature, match="11 parts"):
        bench.run(Narrow(range(12), largest_batch=4)).resume()
    assert bench.states() == {SendState.PLANNED: 12}
