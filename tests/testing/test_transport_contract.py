"""The contract holds for the sandbox, and does not hold for transports that break a promise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest
from attrs import evolve

from smskit.protocols import Flow, Transport
from smskit.records import Accepted, Event, Outcome, Outgoing
from smskit.testing.transports import TransportContract
from smskit.transports.drivers import drive
from smskit.transports.sandbox import Sandbox


class TestSandbox(TransportContract):
    def make_transport(self) -> Transport:
        return Sandbox()


class TestDifficultSandbox(TransportContract):
    def make_transport(self) -> Transport:
        return Sandbox(refused=0.2, postponed=0.2, clicked=1, stopped=1, replied=1, untidy=True)

    def test_the_sandbox_of_this_test_is_difficult(self) -> None:
        transport = self.make_transport()
        kinds = {type(outcome).__name__ for outcome in self.run(transport.submit(self.messages(50)))}
        assert kinds == {"Accepted", "Refused", "Postponed"}


class Broken(Sandbox):
    """A sandbox of which each child breaks one promise."""


class LosesOne(Broken):
    def submit(self, messages: Sequence[Outgoing], /) -> Flow[tuple[Outcome, ...]]:
        outcomes = yield from super().submit(messages)
        return outcomes[:-1]


class TellsTwice(Broken):
    def submit(self, messages: Sequence[Outgoing], /) -> Flow[tuple[Outcome, ...]]:
        outcomes = yield from super().submit(messages)
        return (*outcomes, *outcomes[:1])


class TakesTooMany(Broken):
    def submit(self, messages: Sequence[Outgoing], /) -> Flow[tuple[Outcome, ...]]:
        return self._submit(messages)


class RefusesTooLate(Broken):
    def submit(self, messages: Sequence[Outgoing], /) -> Flow[tuple[Outcome, ...]]:
        return (yield from super().submit(messages))


class EmptiesTheList(Broken):
    def submit(self, messages: Sequence[Outgoing], /) -> Flow[tuple[Outcome, ...]]:
        flow = super().submit(list(messages))
        messages.clear()  # type: ignore[attr-defined]
        return flow


class LooksAgain(Broken):
    def submit(self, messages: Sequence[Outgoing], /) -> Flow[tuple[Outcome, ...]]:
        super().submit(messages)
        return self._submit(messages)


class ShowsNumbers(Broken):
    def __repr__(self) -> str:
        return f"ShowsNumbers({[sent.number for sent in self.outbox]})"


class ShowsTexts(Broken):
    def __repr__(self) -> str:
        return f"ShowsTexts({[sent.text for sent in self.outbox]})"


class GuessesRefused(Broken):
    def ask(self, references: Sequence[str], /) -> Flow[Mapping[str, Outcome]]:
        yield from ()
        return {reference: Accepted(reference) for reference in references}


class ForgetsWhatItTook(Broken):
    def ask(self, references: Sequence[str], /) -> Flow[Mapping[str, Outcome]]:
        yield from ()
        return {}


class SendsTwice(Broken):
    def submit(self, messages: Sequence[Outgoing], /) -> Flow[tuple[Outcome, ...]]:
        flow = super().submit(messages)
        return self._renumbered(flow)

    def _renumbered(self, flow: Flow[tuple[Outcome, ...]]) -> Flow[tuple[Outcome, ...]]:
        outcomes = yield from flow
        count = len(self.duplicates)
        return tuple(Accepted(outcome.reference, f"{count}-{outcome.reference}") for outcome in outcomes)


class NaiveEvents(Broken):
    def poll(self) -> Flow[tuple[Event, ...]]:
        events = yield from super().poll()
        return tuple(evolve(event, at=event.at.replace(tzinfo=None)) for event in events)


class OneKeyForAll(Broken):
    def poll(self) -> Flow[tuple[Event, ...]]:
        events = yield from super().poll()
        return tuple(evolve(event, key="same") for event in events)


class TellsOfNothing(Broken):
    def submit(self, messages: Sequence[Outgoing], /) -> Flow[tuple[Outcome, ...]]:
        outcomes = yield from super().submit(messages)
        return outcomes or (Accepted("nothing"),)


class IsTooEager(Broken):
    def submit(self, messages: Sequence[Outgoing], /) -> Flow[tuple[Outcome, ...]]:
        drive(super().submit(messages))
        return super().submit(messages)


class HasNoName(Broken):
    name = "My Carrier"


class CannotReallyBeAsked(Broken):
    ask = property()  # type: ignore[assignment]


PROMISES = [name for name in dir(TransportContract) if name.startswith("test_")]

BROKEN: list[tuple[type[Broken], str]] = [
    (LosesOne, "test_each_message_has_one_outcome"),
    (TellsTwice, "test_each_message_has_one_outcome"),
    (TakesTooMany, "test_a_batch_that_is_too_large_is_refused_at_the_call"),
    (RefusesTooLate, "test_a_batch_that_is_too_large_is_refused_at_the_call"),
    (EmptiesTheList, "test_what_it_is_given_stays_as_it_is"),
    (LooksAgain, "test_what_it_is_given_stays_as_it_is"),
    (ShowsNumbers, "test_no_repr_tells_who_or_what"),
    (ShowsTexts, "test_no_repr_tells_who_or_what"),
    (GuessesRefused, "test_a_reference_that_was_never_taken_is_missing"),
    (ForgetsWhatItTook, "test_a_reference_that_was_taken_is_known"),
    (SendsTwice, "test_a_reference_twice_is_one_message"),
    (NaiveEvents, "test_events_are_whole"),
    (OneKeyForAll, "test_events_are_whole"),
    (TellsOfNothing, "test_nothing_submitted_is_nothing_told"),
    (IsTooEager, "test_a_flow_is_lazy"),
    (HasNoName, "test_it_says_its_name_and_what_it_can_do"),
    (CannotReallyBeAsked, "test_it_says_its_name_and_what_it_can_do"),
]


@pytest.mark.parametrize(("broken", "promise"), BROKEN, ids=[row[0].__name__ for row in BROKEN])
def test_a_broken_promise_is_noticed(broken: type[Broken], promise: str) -> None:
    class Contract(TransportContract):
        def make_transport(self) -> Transport:
            return broken()

    with pytest.raises(AssertionError):
        getattr(Contract(), promise)()


def test_each_promise_can_be_broken() -> None:
    assert {promise for _, promise in BROKEN} == set(PROMISES)


def test_a_contract_needs_to_know_how_the_transport_is_made() -> None:
    with pytest.raises(NotImplementedError):
        TransportContract().test_it_says_its_name_and_what_it_can_do()


def test_the_contract_drives_flows_without_waiting() -> None:
    assert TransportContract().run(Sandbox().submit([])) == drive(Sandbox().submit([])) == ()
