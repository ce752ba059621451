"""Laws of runs: whatever a carrier answers and whenever people say STOP, nothing is lost and nothing leaves twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta, timezone
from random import Random

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

import smskit as sk
from smskit.errors import StoreError, TransportError
from smskit.kinds import EventType, FailureClass, Kind, RunState, SendState
from smskit.protocols import Features, Flow, Pause, StopForm
from smskit.records import Accepted, Event, Outcome, Outgoing, Postponed, Refused, Send, Unanswered

NOON = datetime(2026, 6, 24, 10, tzinfo=timezone.utc)
FIRST = 33_612_000_000
MOODS = ("well", "well", "well", "moody", "moody", "out of reach", "broken", "lost answer", "nonsense", "no credit")
ANSWERS = ("taken", "taken", "taken", "refused", "postponed", "unanswered", "unnamed")


class Moody:
    """A carrier whose mood changes with each batch; it remembers what it was handed and what it told."""

    name = "moody"

    def __init__(self, seed: int, store: sk.MemoryStore, **features: object) -> None:
        self.clock = sk.VirtualClock(NOON)
        self.moods, self.stops = MOODS, 0.4
        usual = Features(largest_batch=7, live=False, stop={"*": StopForm("STOP au 36180")})
        self.features = evolve(usual, **features)
        self.in_hand = self.most_in_hand = 0
        self.has: dict[str, int] = {}
        self.told: dict[str, str] = {}
        self.handed_over: Counter[str] = Counter()
        self.not_taken: Counter[str] = Counter()
        self.stopped: set[int] = set()
        self.wrongly: list[int] = []
        self._random = Random(seed)
        self._store = store

    def submit(self, messages: Sequence[Outgoing], /) -> Flow[tuple[Outcome, ...]]:
        self.in_hand += 1
        self.most_in_hand = max(self.most_in_hand, self.in_hand)
        try:
            return (yield from self._submit(messages))
        finally:
            self.in_hand -= 1

    def _submit(self, messages: Sequence[Outgoing]) -> Flow[tuple[Outcome, ...]]:
        random = self._random
        self.wrongly += [message.number for message in messages if message.number in self.stopped]
        mood = random.choice(self.moods)
        if mood == "out of reach":
            raise TransportError(self.name, "no route", retryable=True, retry_after_s=random.choice([None, 1, 7]))
        self.handed_over.update(message.reference for message in messages)
        if mood == "broken":
            raise TransportError(self.name, "what?", retryable=False)
        if random.random() < 0.3:
            yield Pause(random.uniform(0, 2))
        outcomes = [self._outcome(message, mood) for message in messages]
        self._people_say_stop()
        random.shuffle(outcomes)
        if mood == "lost answer":
            raise ZeroDivisionError
        if mood == "nonsense":
            outcomes[0] = None  # type: ignore[call-overload]
        return tuple(outcome for outcome in outcomes if outcome != "unnamed")

    def _outcome(self, message: Outgoing, mood: str) -> Outcome | str:
        word = "taken" if mood == "well" else self._random.choice(ANSWERS)
        reference = message.reference
        if mood == "no credit" and reference not in self.has:
            self.not_taken[reference] += 1
            return Refused(reference, FailureClass.INSUFFICIENT_CREDIT)
        if word == "postponed" and reference not in self.has:
            self.not_taken[reference] += 1
            return Postponed(reference, FailureClass.THROTTLED, self._random.choice([None, 0, 3, 40]))
        if word == "refused" and reference not in self.has:
            return Refused(reference, FailureClass.INVALID_NUMBER)
        self.has.setdefault(reference, message.number)
        if word in ("taken", "refused", "postponed"):
            return Accepted(reference, f"id-{reference}")
        return Unanswered(reference) if word == "unanswered" else "unnamed"

    def _people_say_stop(self) -> None:
        """Somebody writes STOP while a batch is on its way: the next lease has to respect it."""
        if self._random.random() < self.stops:
            number = FIRST + self._random.randrange(60)
            self.stopped.add(number)
            reply = Event(f"mo-{number}", EventType.REPLY, self.clock.now(), number, text="STOP")
            sk.receive(self._store, [reply])

    def ask(self, messages: Sequence[Outgoing], /) -> Flow[Mapping[str, Outcome]]:
        yield from ()
        references = (message.reference for message in messages)
        return {reference: Accepted(reference) for reference in references if reference in self.has}


KINDS = {"plain": {}, "idempotent": {"idempotent": True}, "can be asked": {"can_be_asked": True}}


def contacts(count: int) -> sk.Contacts:
    rows = [{"prenom": f"P{n}", "mobile": f"+{FIRST + n}", "date_optin": "12/03/2025", "origine": "caisse"}
            for n in range(count)]  # fmt: skip
    return sk.Contacts.read(rows, consent=sk.ConsentColumns(granted_at="date_optin", source="origine"))


class Journey:
    """One plan, sent and resumed until nothing remains, while things happen."""

    def __init__(
        self, seed: int, kind: str, *, holdout: float = 0.0, budget: str | None = None, in_flight: int = 1
    ) -> None:
        self.random = Random(seed)
        self.store = sk.MemoryStore()
        self.carrier = Moody(seed, self.store, in_flight=in_flight, **KINDS[kind])
        self.kind = kind
        campaign = sk.Campaign("soldes", "Bonjour $prenom", to=contacts(60), sender="MABOUTIQUE", kind=Kind.MARKETING,
                               holdout=holdout, budget=budget, late_after=timedelta(days=30))  # fmt: skip
        prices = sk.Prices.per_part(FR="0.045")
        self.plan = campaign.plan(at=NOON, prices=prices, store=self.store, transport=self.carrier)
        self.run = self.plan.load(self.carrier)
        self.looks = 0

    def look(self, _: object = None) -> None:
        self.looks += 1
        account = self.run.account
        counted = Counter(send.state for send in self.run.sends())
        assert account.closes
        assert account.planned == self.plan.account.to_send + self.plan.account.deferred
        assert (account.accepted, account.rejected, account.in_doubt, account.cancelled, account.remaining) == tuple(
            counted[state] for state in (SendState.ACCEPTED, SendState.REJECTED, SendState.SUBMITTING,
                                         SendState.CANCELLED, SendState.PLANNED)
        )  # fmt: skip

    def go(self, steps: Sequence[Callable[[], None]]) -> None:
        for step in steps:
            with suppress(TransportError, ZeroDivisionError):
                step()
            self.look()

    def once(self) -> None:
        self.run.resume(on_progress=self.look)

    def waiting(self) -> None:
        self.run.resume(wait=True, on_progress=self.look)

    def elsewhere(self) -> None:
        """Another process takes the run up."""
        self.run = sk.Run(self.store, self.plan.run_id, self.carrier)
        self.once()

    def replanned(self) -> None:
        """The same script again, from its first line."""
        self.plan.send(self.carrier, on_progress=self.look)

    def cancelled(self) -> None:
        self.run.cancel()
        assert self.run.state is RunState.CANCELLED

    def resolved(self) -> None:
        """Somebody asks for the doubts."""
        assert self.run.resolve(wait_s=5).closes

    def paused(self) -> None:
        """It is paused while its batches are out, by another process; then somebody resumes it."""
        other = sk.Run(self.store, self.plan.run_id, self.carrier)

        def pause(_: object) -> None:
            self.look()
            other.pause()

        self.run.resume(wait=True, on_progress=pause)
        assert self.run.state in (RunState.PAUSED, RunState.READY)
        self.once()

    def an_hour_later(self) -> None:
        self.carrier.clock.advance(3_600)

    def an_hour_earlier(self) -> None:
        self.carrier.clock.advance(-3_600)

    def to_its_end(self) -> None:
        for _ in range(200):
            if not self.run.account.remaining:
                return
            self.go([self.waiting])
        raise AssertionError("it has no end")

    def check(self) -> None:
        carrier, sends = self.carrier, list(self.run.sends())
        self.look()
        assert carrier.wrongly == [], "somebody who said STOP before the lease"
        assert carrier.most_in_hand <= carrier.features.in_flight
        assert carrier.in_hand == 0, "a batch that nobody waited for"
        by_reference = {send.reference: send for send in sends}
        assert set(carrier.handed_over) <= set(by_reference)
        if self.kind == "plain":
            again = {ref: n - 1 - carrier.not_taken[ref] for ref, n in carrier.handed_over.items()}
            assert max(again.values(), default=0) <= 0, "handed over twice though it was not put off"
        numbers = Counter(carrier.has.values())
        assert not numbers or max(numbers.values()) == 1
        for reference, send in by_reference.items():
            self._agrees(reference, send)

    def _agrees(self, reference: str, send: Send) -> None:
        has = reference in self.carrier.has
        if send.state is SendState.ACCEPTED:
            assert has
        elif send.state in (SendState.PLANNED, SendState.HELD_OUT, SendState.REJECTED, SendState.CANCELLED):
            assert not has, f"the carrier has what is {send.state.value}"


steps = st.lists(
    st.sampled_from(
        ["once", "waiting", "elsewhere", "an_hour_later", "an_hour_earlier", "once", "replanned", "paused", "resolved"]
    ),
    max_size=5,
)


in_flights = st.sampled_from([1, 2, 5])


@given(
    st.integers(0, 10**6),
    st.sampled_from(sorted(KINDS)),
    steps,
    st.booleans(),
    st.sampled_from([0.0, 0.3]),
    in_flights,
)
@settings(max_examples=120, deadline=None)
def test_nothing_is_lost_and_nothing_leaves_twice(
    seed: int, kind: str, names: list[str], cancelled: bool, holdout: float, in_flight: int
) -> None:
    journey = Journey(seed, kind, holdout=holdout, in_flight=in_flight)
    journey.go([getattr(journey, name) for name in names])
    if cancelled:
        journey.go([journey.cancelled, journey.once])
        assert journey.run.account.remaining == 0
    else:
        journey.to_its_end()
    journey.check()
    if kind != "plain" and not cancelled:
        for _ in range(25):
            journey.go([journey.waiting])
        journey.check()
        doubtful = {send.number for send in journey.run.sends() if send.state is SendState.SUBMITTING}
        assert doubtful <= journey.carrier.stopped, "a doubt that asking or telling again would have ended"
        assert not doubtful or kind == "idempotent"


@given(st.integers(0, 10**6), st.sampled_from(sorted(KINDS)), steps, in_flights)
@settings(max_examples=60, deadline=None)
def test_what_the_carrier_may_have_taken_never_costs_more_than_the_budget(
    seed: int, kind: str, names: list[str], in_flight: int
) -> None:
    journey = Journey(seed, kind, budget="1.80", in_flight=in_flight)
    journey.go([getattr(journey, name) for name in names])
    journey.to_its_end()
    journey.check()
    assert len(journey.carrier.has) * 45_000 <= 1_800_000


@pytest.mark.parametrize("moment", range(1, 9))
def test_a_run_cancelled_from_elsewhere_between_two_batches_hands_over_no_other(moment: int) -> None:
    journey = Journey(0, "plain")
    journey.carrier.moods, journey.carrier.stops = ("well",), 0.0
    told: list[int] = []

    def cancel(progress: sk.Progress) -> None:
        told.append(progress.done)
        if len(told) == moment:
            sk.Run(journey.store, journey.plan.run_id, journey.carrier).cancel()

    with suppress(StoreError):
        journey.run.resume(on_progress=cancel)
    assert sum(journey.carrier.handed_over.values()) == moment * 7
    account = journey.run.account
    assert (account.accepted, account.cancelled, account.remaining) == (moment * 7, 60 - moment * 7, 0)


def test_a_second_campaign_reaches_nobody_who_said_stop_to_the_first() -> None:
    journey = Journey(5, "plain")
    journey.to_its_end()
    assert journey.carrier.stopped
    later = sk.Campaign("noel", "Bonjour $prenom", to=contacts(60), sender="MABOUTIQUE", kind=Kind.MARKETING)
    plan = later.plan(at=NOON + timedelta(days=8), prices=sk.Prices.per_part(FR="0.045"), store=journey.store)
    assert not journey.carrier.stopped & {send.number for send in plan.messages()}
    assert plan.reasons[sk.Reason.OPTED_OUT] == len(journey.carrier.stopped)
