"""Laws of two channels: whatever carriers answer and tell, in any order, nobody who was reached gets the SMS as well."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from datetime import timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from tests.delivery.two_ways import ALL, FIRST, HOURS, Revoking, TwoWays, Way, word

from smskit.errors import CarrierRefuses, TransportError
from smskit.kinds import DeliveryStatus, EventType, FailureClass, FallbackCondition, RunState, SendState
from smskit.records import Accepted, Event, Outcome, Outgoing, Postponed, Refused, Unanswered

PEOPLE, AT_ONCE = 8, 2
ARRIVED = (DeliveryStatus.DELIVERED, DeliveryStatus.READ)
TELLING = (None, *DeliveryStatus)
FAILURES = (
    None, FailureClass.CHANNEL_UNAVAILABLE, FailureClass.CAPABILITY_UNSUPPORTED, FailureClass.VALIDITY_EXPIRED,
    FailureClass.SENDER_UNREGISTERED, FailureClass.SPAM_FILTER, FailureClass.OPTED_OUT, FailureClass.UNSPECIFIED,
)  # fmt: skip
ANSWERS = ("taken", "taken", "taken", "no name", "no RCS", "lacks", "agent", "not allowed", "postponed", "in doubt")
REFUSALS = {
    "no RCS": FailureClass.CHANNEL_UNAVAILABLE,
    "lacks": FailureClass.CAPABILITY_UNSUPPORTED,
    "agent": FailureClass.SENDER_INVALID,
    "not allowed": FailureClass.PERMISSION,
}

places = st.integers(0, PEOPLE - 1)
tellings = st.tuples(places, st.sampled_from(TELLING), st.sampled_from(FAILURES), st.integers(-120, 0))


def answer_of(message: Outgoing, told: str) -> Outcome:
    reference = message.reference
    if told in REFUSALS:
        return Refused(reference, REFUSALS[told])
    if told == "postponed":
        return Postponed(reference, FailureClass.UNREACHABLE, 5)
    if told == "in doubt":
        return Unanswered(reference)
    return Accepted(reference, None if told == "no name" else f"id-{reference}")


class BothChannels(RuleBasedStateMachine):
    """Two runs that are driven, stopped, told things and asked things, by one process after the other."""

    def __init__(self) -> None:
        super().__init__()
        self.ways = TwoWays()
        self.taken: Counter[str] = Counter()
        self.told: list[Event] = []
        self.answers: dict[tuple[str, int], str] = {}
        self.wrong: list[str] = []
        self.forgotten: set[int] = set()
        self.is_over = False

    @initialize(
        after_s=st.sampled_from([None, 60, HOURS]),
        on=st.one_of(st.just(ALL), st.sets(st.sampled_from(ALL), min_size=1)),
        revokes=st.booleans(),
        rich=st.lists(st.sampled_from(ANSWERS), min_size=PEOPLE, max_size=PEOPLE),
        texts=st.lists(st.sampled_from(("taken", "taken", "agent", "in doubt")), min_size=10, max_size=10),
    )
    def load(self, after_s: int | None, on: set[str], revokes: bool, rich: list[str], texts: list[str]) -> None:
        ways = self.ways
        if after_s is not None and FallbackCondition.EXPIRED.value not in on:
            on = {*on, FallbackCondition.EXPIRED.value}
        self.answers = {("rcs", n): told for n, told in enumerate(rich)} | {("sms", n): t for n, t in enumerate(texts)}
        ways.rcs = Revoking(ways.log) if revokes else Way("rcs", ways.log)
        ways.rcs.answer, ways.sms.answer = self.over_rcs, self.by_sms
        ways.load(PEOPLE, at_once=AT_ONCE, on=sorted(on), after_s=after_s)

    # ------------------------------------------------------------ what the carriers meet

    def over_rcs(self, message: Outgoing) -> Outcome:
        return self.answered("rcs", message)

    def by_sms(self, message: Outgoing) -> Outcome:
        place = message.number - FIRST
        first = {send.seq: send for send in self.ways.store.sends("run")}.get(place)
        if first is not None:
            if first.status in ARRIVED:
                self.wrong.append(f"{place} was told as delivered before its SMS left")
            if first.state in (SendState.SUBMITTING, SendState.PLANNED, SendState.CANCELLED):
                self.wrong.append(f"{place} gets an SMS while its rich message is {first.state.value}")
            if not first.fell_back:
                self.wrong.append(f"{place} gets an SMS though it did not fall back")
        return self.answered("sms", message)

    def answered(self, way: str, message: Outgoing) -> Outcome:
        outcome = answer_of(message, self.answers[way, message.number - FIRST])
        if isinstance(outcome, (Accepted, Unanswered)):
            self.taken[message.reference] += 1
        elif isinstance(outcome, Postponed) or outcome.failure.is_of_account:
            # Mended when it is offered again, if it ever is.
            self.answers[way, message.number - FIRST] = "taken"
        return outcome

    # ------------------------------------------------------------ what happens

    @rule(wait=st.booleans())
    def resume(self, wait: bool) -> None:
        """By another process each time: nothing is kept but the store."""
        if self.is_over:
            return
        with suppress(TransportError, CarrierRefuses):
            self.ways.run().resume(wait=wait)

    @rule(minutes=st.integers(1, 90))
    def time_passes(self, minutes: int) -> None:
        self.ways.later(60 * minutes)

    @rule(said=st.lists(tellings, min_size=1, max_size=4))
    def receipts_come(self, said: list[tuple[int, DeliveryStatus | None, FailureClass | None, int]]) -> None:
        self.tell([self.event(*one) for one in said])

    def event(self, place: int, status: DeliveryStatus | None, failure: FailureClass | None, minutes: int) -> Event:
        at = self.ways.clock.now() + timedelta(minutes=minutes)
        failure = failure if status is not None and status.is_failure else None
        return word(status, place, failure=failure, at=at, code="" if status is not None else "TELEPORTED")

    def tell(self, events: list[Event]) -> None:
        self.told += events
        self.ways.run().receive(events)

    @precondition(lambda self: self.told)
    @rule(data=st.data())
    def receipts_are_repeated(self, data: st.DataObject) -> None:
        again = data.draw(st.lists(st.sampled_from(self.told), min_size=1, max_size=5))
        before = [list(self.ways.store.sends(run)) for run in ("run", "run-sms")]
        assert self.ways.run().receive(again) == 0
        assert before == [list(self.ways.store.sends(run)) for run in ("run", "run-sms")]

    @precondition(lambda self: isinstance(self.ways.rcs, Revoking))
    @rule(
        said=st.lists(tellings, max_size=3), fails=st.integers(0, 2), is_retryable=st.booleans(), deaf=st.sets(places)
    )
    def the_next_revocation_is_crossed(
        self,
        said: list[tuple[int, DeliveryStatus | None, FailureClass | None, int]],
        fails: int,
        is_retryable: bool,
        deaf: set[int],
    ) -> None:
        assert isinstance(self.ways.rcs, Revoking)
        self.ways.rcs.crossing = [self.event(*one) for one in said]
        error = TransportError("rcs", "no", retryable=is_retryable)
        self.ways.rcs.errors = [error] * fails
        self.ways.rcs.deaf_to = deaf

    @rule(place=places)
    def somebody_objects(self, place: int) -> None:
        at = self.ways.clock.now()
        self.ways.run().receive([Event(f"stop {place} {at}", EventType.REPLY, at, FIRST + place, text="STOP")])

    @rule(place=places)
    def somebody_is_forgotten(self, place: int) -> None:
        self.forgotten.add(place)
        self.ways.store.forget(FIRST + place)

    @rule(which=st.sampled_from(["run", "run-sms"]))
    def it_is_paused(self, which: str) -> None:
        run = self.ways.store.run(which)
        if run is not None and run.state is not RunState.CANCELLED:
            self.ways.store.set_run_state(which, RunState.PAUSED)

    @precondition(lambda self: not self.is_over)
    @rule(which=st.sampled_from(["run", "run-sms"]), really=st.integers(0, 5))
    def it_is_cancelled(self, which: str, really: int) -> None:
        if really == 0:
            self.ways.store.set_run_state(which, RunState.CANCELLED)

    # ------------------------------------------------------------ what always holds

    @invariant()
    def nobody_gets_what_must_not_leave(self) -> None:
        assert self.wrong == []

    @invariant()
    def nothing_leaves_twice(self) -> None:
        assert max(self.taken.values(), default=0) <= 1

    @invariant()
    def both_accounts_close_and_hold_everybody(self) -> None:
        if self.ways.store.run("run") is not None:
            self.ways.check()

    def teardown(self) -> None:
        """Resumed until nothing moves, everybody is somewhere."""
        ways = self.ways
        if ways.store.run("run") is None:
            return
        for _ in range(12):
            before = list(ways.log)
            with suppress(TransportError, CarrierRefuses):
                ways.run().resume(wait=True)
            if before == ways.log:
                break
        self.nobody_gets_what_must_not_leave()
        self.nothing_leaves_twice()
        ways.check()
        seconds = {send.seq: send for send in ways.store.sends("run-sms")}
        for send in ways.store.sends("run"):
            sms = seconds[send.seq].state
            assert send.fell_back is (sms is not SendState.STANDBY)
            if send.fell_back and sms is SendState.ACCEPTED:
                assert self.taken[seconds[send.seq].reference] == 1
            if send.state is SendState.ACCEPTED and send.fell_back and send.status in ARRIVED:
                # Told too late for the SMS; else the last look has stopped it.
                assert sms in (SendState.ACCEPTED, SendState.REJECTED, SendState.SUBMITTING, SendState.CANCELLED)


BothChannels.TestCase.settings = settings(max_examples=40, stateful_step_count=20, deadline=None)
TestBothChannels = BothChannels.TestCase
