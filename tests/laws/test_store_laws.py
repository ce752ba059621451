"""Laws of the stores: events commute, and a ledger does what a few lines of plain Python say it does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from random import Random

from attrs import define, evolve, field
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from smskit.kinds import DeliveryStatus, EventType, FailureClass, RunState, SendState
from smskit.protocols import Store
from smskit.records import Event, Link, PlannedSend, Settlement
from smskit.stores import MemoryStore
from smskit.testing.stores import opened, planned, receipt, run_record
from smskit.testing.stores.rows import NOON, after

PLACES = 5
NUMBERS = [planned(seq).number for seq in range(PLACES + 1)]

# ---------------------------------------------------------------- any order, any repetition

receipts = st.builds(
    receipt,
    st.sampled_from(DeliveryStatus),
    st.integers(0, PLACES),
    minute=st.integers(1, 3),
    failure=st.sampled_from([None, FailureClass.HANDSET_ERROR, FailureClass.FLOOD_FILTER]),
)
others = st.builds(
    lambda kind, seq, minute, by: Event(
        f"{kind.value} {seq} {minute} {by}",
        kind,
        after(minute),
        NUMBERS[seq] if by == "number" else None,
        f"run-{seq}" if by == "reference" else None,
        token=f"token{seq}" if by == "token" else None,
    ),
    st.sampled_from([kind for kind in EventType if kind is not EventType.RECEIPT]),
    st.integers(0, PLACES),
    st.integers(1, 3),
    st.sampled_from(["number", "reference", "token", "nothing"]),
)


def store_with_each_state() -> Store:
    """A run whose first five sends are: accepted, rejected, in doubt, given back, still planned."""
    store = MemoryStore()
    opened(store, PLACES)
    store.add_links([Link(f"token{seq}", "run", seq, "https://boutique.example") for seq in range(PLACES)])
    store.lease("run", limit=4, now=NOON)
    ends = (SendState.ACCEPTED, SendState.REJECTED, None, SendState.PLANNED)
    store.settle("run", [Settlement(seq, state) for seq, state in enumerate(ends) if state is not None])
    return store


def everything_in(store: Store) -> tuple[object, ...]:
    return (
        store.account("run"),
        list(store.sends("run")),
        sorted(store.events("run"), key=lambda event: event.key),
        store.suppressed(NUMBERS),
        {number: set(history) for number, history in store.consents(NUMBERS).items()},
        store.engagement(NUMBERS),
    )


@given(st.lists(receipts | others, max_size=14), st.randoms(use_true_random=False))
@settings(max_examples=150, deadline=None)
def test_the_order_and_the_number_of_times_that_events_come_change_nothing(events: list[Event], random: Random) -> None:
    straight, shuffled = store_with_each_state(), store_with_each_state()
    straight.record_events(events)
    again = [*events, *random.sample(events, len(events) // 2)]
    random.shuffle(again)
    while again:
        count = random.randrange(1, len(again) + 1)
        shuffled.record_events(again[:count])
        del again[:count]
    assert everything_in(shuffled) == everything_in(straight)
    assert straight.account("run").closes
    straight.close()
    shuffled.close()


# ---------------------------------------------------------------- answers among the events

PARTS, NAMES = (1, 2, 2, 3), ("ticket", "ticket", "b", "c")


def told(kind: EventType, seq: int, status: DeliveryStatus | None, minute: int, part: str, code: str, by: str) -> Event:
    """What a carrier tells of a message that it names in one of its ways."""
    key = f"{kind.value} {seq} {status} {minute} {part} {code} {by}"
    failure = FailureClass.HANDSET_ERROR if status is not None and status.is_failure else None
    event = Event(key, kind, after(minute), NUMBERS[seq], None, status, failure, part=part, code=code)
    if by == "name":
        return evolve(event, provider_id=NAMES[seq])
    return evolve(event, reference="run-0" if by == "reference of the request" else f"run-{seq}")


tellings = st.builds(
    told,
    st.sampled_from([EventType.RECEIPT] * 8 + [EventType.CLICK, EventType.REPLY]),
    st.integers(0, len(PARTS) - 1),
    st.sampled_from([DeliveryStatus.DELIVERED] * 6 + [*DeliveryStatus, None]),
    st.integers(1, 3),
    st.sampled_from(["1", "2", "3", ""]),
    st.sampled_from(["", "E1", "E2"]),
    st.sampled_from(["reference", "reference of the request", "name"]),
)
answers = st.tuples(
    *(
        st.builds(
            Settlement,
            st.just(seq),
            st.sampled_from([SendState.ACCEPTED] * 4 + [SendState.REJECTED]),
            st.just(name),
            code=st.sampled_from(["", "taken"]),
            billed_parts=st.sampled_from([None, 1, 2, 3]),
        )
        for seq, name in enumerate(NAMES)
    )
)


def store_with_a_lease() -> Store:
    store = MemoryStore()
    store.create_run(run_record())
    store.add_sends("run", [evolve(planned(seq), parts=parts) for seq, parts in enumerate(PARTS)])
    store.set_run_state("run", RunState.READY)
    store.lease("run", limit=len(PARTS), now=NOON)
    return store


def weighed(answer: Settlement, events: Sequence[Event]) -> tuple[DeliveryStatus | None, str]:
    """Status and code of one message, by what was told of it."""
    receipts = [event for event in events if event.type is EventType.RECEIPT]
    arrived = (DeliveryStatus.DELIVERED, DeliveryStatus.READ)
    billed = answer.billed_parts if answer.state is SendState.ACCEPTED else None
    there = {event.part for event in receipts if event.part and event.status in arrived}
    of_parts = DeliveryStatus.DELIVERED if len(there) >= (billed or PARTS[answer.seq]) else DeliveryStatus.SENT
    words = [None, *DeliveryStatus]
    best = max(
        (
            (-1 if word is None else word.rank, event.at, words.index(word), event.code)
            for event in receipts
            for word in [of_parts if event.part and event.status in arrived else event.status]
        ),
        default=(0, NOON, 0, ""),
    )
    return words[best[2]], best[3] or answer.code


@given(answers, st.lists(tellings, max_size=14), st.randoms(use_true_random=False))
@settings(max_examples=200, deadline=None)
def test_events_may_come_before_the_answers_and_between_them(
    answers: Sequence[Settlement], events: list[Event], random: Random
) -> None:
    straight, shuffled = store_with_a_lease(), store_with_a_lease()
    straight.settle("run", answers)
    straight.record_events(events)
    acts: list[Settlement | Event] = [*answers, *events, *random.sample(events, len(events) // 2)]
    random.shuffle(acts)
    for act in acts:
        if isinstance(act, Event):
            shuffled.record_events([act])
        else:
            shuffled.settle("run", [act])
    assert everything_in(shuffled) == everything_in(straight)
    assert shuffled.failures("run")[0] == straight.failures("run")[0]
    unique = list({event.key: event for event in events}.values())
    for answer, send in zip(answers, straight.sends("run"), strict=True):
        about = [event for event in unique if event.number == send.number]
        assert (send.status, send.code) == weighed(answer, about)
        assert send.state is answer.state
    straight.close()
    shuffled.close()


# ---------------------------------------------------------------- a ledger, twice


@define
class PlainSend:
    """A send as the interface describes it: what was done with it, and the receipts that came."""

    planned: PlannedSend
    state: SendState
    not_before: int
    receipts: list[Event] = field(factory=list)
    forgotten: bool = False

    @property
    def now(self) -> SendState:
        """The state as it shows: without an answer of the carrier the best receipt decides."""
        if self.answered or self.state in (SendState.CANCELLED, SendState.HELD_OUT):
            return self.state
        best = self.best
        if best is None or best.status is None or best.status.rank < DeliveryStatus.ACCEPTED.rank:
            return self.state
        refused = best.status in (DeliveryStatus.REJECTED, DeliveryStatus.BLOCKED)
        return SendState.REJECTED if refused else SendState.ACCEPTED

    @property
    def answered(self) -> bool:
        return self.state in (SendState.ACCEPTED, SendState.REJECTED)

    @property
    def best(self) -> Event | None:
        words = list(DeliveryStatus)
        return max(
            self.receipts,
            key=lambda e: (e.status and e.status.rank, e.at, words.index(e.status or words[0])),
            default=None,
        )


class LedgerMachine(RuleBasedStateMachine):
    """Drives a store and a plain model side by side."""

    @initialize(rows=st.lists(st.tuples(st.sampled_from([0, 0, 60, 120]), st.booleans()), min_size=1, max_size=12))
    def load(self, rows: Sequence[tuple[int, bool]]) -> None:
        self.store = MemoryStore()
        self.now = NOON
        self.run = RunState.READY
        self.store.create_run(run_record())
        noon_s = int(NOON.timestamp())
        self.sends = {
            seq: PlainSend(send, send.state, send.not_before)
            for seq, (wait_s, held_out) in enumerate(rows)
            for send in [_row(seq, noon_s + wait_s if wait_s else 0, held_out=held_out and seq > 0)]
        }
        self.store.add_sends("run", [send.planned for send in self.sends.values()])
        self.store.set_run_state("run", RunState.READY)

    @rule(minutes=st.sampled_from([0.5, 1, 2]))
    def wait(self, minutes: float) -> None:
        self.now += after(minutes) - NOON

    @rule(limit=st.integers(1, 5))
    def lease(self, limit: int) -> None:
        now_s = self.now.timestamp()
        due = [seq for seq, send in self.sends.items() if send.now is SendState.PLANNED and send.not_before <= now_s]
        leased = due[:limit] if self.run is RunState.READY else []
        assert [send.seq for send in self.store.lease("run", limit=limit, now=self.now)] == leased
        for seq in leased:
            self.sends[seq].state = SendState.SUBMITTING

    @rule(data=st.data(), wait_s=st.sampled_from([0, 30]))
    def settle(self, data: st.DataObject, wait_s: int) -> None:
        seq = data.draw(st.sampled_from(sorted(self.sends)))
        answers = (SendState.ACCEPTED, SendState.REJECTED)
        state = data.draw(st.sampled_from([*answers, SendState.PLANNED, SendState.CANCELLED]))
        not_before = int(self.now.timestamp()) + wait_s
        self.store.settle("run", [Settlement(seq, state, not_before=not_before)])
        send = self.sends[seq]
        guessed = not send.answered and send.now in answers
        if send.now is SendState.SUBMITTING or (guessed and state in answers):
            given_back = state is SendState.PLANNED
            over = self.run is RunState.CANCELLED or send.forgotten
            send.state = SendState.CANCELLED if given_back and over else state
            send.not_before = not_before if given_back else send.not_before

    @rule(data=st.data(), status=st.sampled_from(DeliveryStatus), minute=st.integers(1, 3))
    def receive(self, data: st.DataObject, status: DeliveryStatus, minute: int) -> None:
        seq = data.draw(st.sampled_from(sorted(self.sends)))
        event = receipt(status, seq, minute=minute)
        self.store.record_events([event])
        self.sends[seq].receipts.append(event)

    @rule(data=st.data())
    def forget(self, data: st.DataObject) -> None:
        send = self.sends[data.draw(st.sampled_from(sorted(self.sends)))]
        self.store.forget(send.planned.number)
        send.forgotten = True
        if send.now is SendState.PLANNED:
            send.state = SendState.CANCELLED

    @precondition(lambda self: self.run is not RunState.CANCELLED)
    @rule(state=st.sampled_from([RunState.PAUSED, RunState.READY]))
    def pause_or_resume(self, state: RunState) -> None:
        self.store.set_run_state("run", state)
        self.run = state

    @precondition(lambda self: self.run is not RunState.CANCELLED)
    @rule()
    def cancel(self) -> None:
        self.store.set_run_state("run", RunState.CANCELLED)
        self.run = RunState.CANCELLED
        for send in self.sends.values():
            if send.now is SendState.PLANNED:
                send.state = SendState.CANCELLED

    @invariant()
    def the_store_says_what_the_model_says(self) -> None:
        kept = list(self.store.sends("run"))
        assert [send.state for send in kept] == [send.now for send in self.sends.values()]
        best = [send.best for send in self.sends.values()]
        assert [send.status for send in kept] == [one and one.status for one in best]
        assert [send.status_at for send in kept] == [one and one.at for one in best]

    @invariant()
    def the_account_closes(self) -> None:
        account = self.store.account("run")
        count = Counter(send.now for send in self.sends.values())
        assert account.closes
        assert (account.accepted, account.rejected, account.in_doubt) == (
            count[SendState.ACCEPTED],
            count[SendState.REJECTED],
            count[SendState.SUBMITTING],
        )
        assert (account.cancelled, account.remaining, account.held_out) == (
            count[SendState.CANCELLED],
            count[SendState.PLANNED],
            count[SendState.HELD_OUT],
        )
        assert account.planned == len(self.sends) - count[SendState.HELD_OUT]
        assert account.parts_accepted == count[SendState.ACCEPTED]

    @invariant()
    def the_next_due_is_the_first_that_waits(self) -> None:
        waits = [send.not_before for send in self.sends.values() if send.now is SendState.PLANNED]
        due = self.store.next_due("run")
        assert (due is None) == (not waits)
        if due is not None:
            assert due.timestamp() == (min(waits) or NOON.timestamp())

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self.store.close()


def _row(seq: int, not_before: int, *, held_out: bool) -> PlannedSend:
    row = planned(seq, not_before=not_before)
    return PlannedSend(
        row.seq, row.row, row.number, row.text, 1, row.price_micros, row.territory, not_before, "A",
        SendState.HELD_OUT if held_out else SendState.PLANNED,
    )  # fmt: skip


TestLedger = LedgerMachine.TestCase
TestLedger.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
