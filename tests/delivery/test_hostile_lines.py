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
from smskit.errors import CarrierRefuses, InvalidInput, TransportError
from smskit.kinds import EventType, SendState
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
