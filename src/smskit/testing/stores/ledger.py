"""What a store promises of runs and sends."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from random import Random
from threading import Thread

from attrs import evolve

from smskit.errors import InvalidInput, RunBusy, StoreError
from smskit.kinds import DeliveryStatus, EventType, FailureClass, Kind, Reason, RunState, SendState
from smskit.protocols import Store
from smskit.records import (
    Account,
    Event,
    Link,
    PlannedSend,
    Send,
    Settlement,
)
from smskit.testing.factories import FIRST_NUMBER
from smskit.testing.stores.rows import (
    ANNE,
    BOB,
    CHLOE,
    NOBODY,
    NOON,
    OneStore,
    after,
    loaded,
    opened,
    planned,
    raises,
    run_record,
)


class LedgerContract(OneStore):
    """Runs and sends: each test is one promise; its docstring says which."""

    def test_a_new_run_is_loading(self) -> None:
        """Whatever the record says; and it is given back as it was, in UTC."""
        run = run_record()
        assert self.store.create_run(evolve(run, state=RunState.READY)) == run
        assert self.store.run("run") == run
        assert self.store.run("other") is None

    def test_a_run_is_created_once(self) -> None:
        """The second time gives the first, as it stands now."""
        opened(self.store)
        again = self.store.create_run(evolve(run_record(), campaign="another"))
        assert (again.campaign, again.state) == ("soldes", RunState.READY)

    def test_rows_are_added_once(self) -> None:
        """A load that was interrupted is repeated; what is there stays as it is."""
        loaded(self.store, 2)
        self.store.add_sends("run", [planned(1, number=NOBODY), planned(2)])
        assert [send.number for send in self.store.sends("run")] == [ANNE, BOB, CHLOE]

    def test_rows_come_back_as_they_were_planned(self) -> None:
        """Each column, the held-out state and the token among them."""
        loaded(self.store, 0)
        row = PlannedSend(7, 9, ANNE, "€ ï 😀\x00", 3, 214_500, "RE", 123, "B", SendState.HELD_OUT, "tok")
        self.store.add_sends("run", [row])
        assert list(self.store.sends("run")) == [
            Send("run", 7, 9, ANNE, "€ ï 😀\x00", 3, 214_500, "RE", 123, "B", SendState.HELD_OUT, "tok")
        ]

    def test_only_a_loading_run_takes_rows(self) -> None:
        """Once a run is open its rows are fixed, and a row begins as planned or held out."""
        loaded(self.store)
        started = evolve(planned(5), state=SendState.ACCEPTED)
        raises(InvalidInput, lambda: self.store.add_sends("run", [started]))
        self.store.set_run_state("run", RunState.READY)
        raises(InvalidInput, lambda: self.store.add_sends("run", [planned(5)]))
        assert self.store.account("run").planned == 3

    def test_a_loading_run_can_be_discarded(self) -> None:
        """With its rows; an opened one cannot, and one that is gone already does no harm."""
        store = self.store
        loaded(store)
        store.discard_run("run")
        store.discard_run("run")
        assert store.run("run") is None
        opened(store, 1)
        assert [send.seq for send in store.sends("run")] == [0]
        raises(InvalidInput, lambda: store.discard_run("run"))

    def test_where_a_run_may_go(self) -> None:
        """Out of loading, to and fro between ready and paused, and cancelled for good; the same again is nothing."""
        open_ones = (RunState.READY, RunState.PAUSED)
        ways: dict[RunState, tuple[RunState, ...]] = {
            RunState.LOADING: tuple(RunState),
            RunState.READY: (*open_ones, RunState.CANCELLED),
            RunState.PAUSED: (*open_ones, RunState.CANCELLED),
            RunState.CANCELLED: (RunState.CANCELLED,),
        }
        for old in RunState:
            for new in RunState:
                run_id = f"{old.value}-{new.value}"
                loaded(self.store, 1, run_id=run_id)
                self.store.set_run_state(run_id, old)
                if new in ways[old]:
                    self.store.set_run_state(run_id, new)
                else:
                    raises(InvalidInput, partial(self.store.set_run_state, run_id, new))
                kept = self.store.run(run_id)
                assert _one_is_accounted_for(self.store, run_id)
                assert kept is not None
                assert kept.state is (new if new in ways[old] else old)

    def test_a_paused_run_waits(self) -> None:
        """Nothing leaves it; what is given back is planned again; resumed, it goes on where it was."""
        store = self.store
        loaded(store, 4)
        store.set_run_state("run", RunState.PAUSED)
        assert store.lease("run", limit=9, now=NOON) == ()
        raises(InvalidInput, lambda: store.add_sends("run", [planned(5)]))
        store.set_run_state("run", RunState.READY)
        store.lease("run", limit=3, now=NOON)
        store.set_run_state("run", RunState.PAUSED)
        assert store.lease("run", limit=9, now=NOON) == ()
        store.settle("run", [Settlement(0, SendState.PLANNED), Settlement(1, SendState.ACCEPTED)])
        assert store.account("run") == Account(4, 1, 0, 1, 0, 2, 0, 1, 45_000)
        assert store.next_due("run") == NOON
        store.set_run_state("run", RunState.READY)
        assert [send.seq for send in store.lease("run", limit=9, now=NOON)] == [0, 3]
        store.set_run_state("run", RunState.PAUSED)
        store.set_run_state("run", RunState.CANCELLED)
        store.settle("run", [Settlement(0, SendState.PLANNED)])
        assert store.account("run") == Account(4, 1, 0, 2, 1, 0, 0, 1, 45_000)

    def test_runs_are_listed_oldest_first(self) -> None:
        """All of them, or those of one campaign."""
        store = self.store
        for run_id, campaign, minute in (("c", "soldes", 3), ("a", "soldes", 1), ("b", "noel", 2)):
            store.create_run(evolve(run_record(run_id, campaign=campaign), created_at=after(minute)))
        assert [run.run_id for run in store.runs()] == ["a", "b", "c"]
        assert [run.run_id for run in store.runs("soldes")] == ["a", "c"]

    def test_an_unknown_run_is_the_callers_mistake(self) -> None:
        """Not an empty account."""
        store = self.store
        tries: list[Callable[[], object]] = [
            lambda: store.account("no"),
            lambda: store.next_due("no"),
            lambda: store.failures("no"),
            lambda: store.lease("no", limit=1, now=NOON),
            lambda: store.settle("no", [Settlement(0, SendState.ACCEPTED)]),
            lambda: store.add_sends("no", [planned(0)]),
            lambda: store.set_run_state("no", RunState.READY),
            lambda: store.add_links([Link("t", "no", 0, "https://boutique.example")]),
        ]
        for attempt in tries:
            raises(InvalidInput, attempt)

    def test_a_lease_is_in_order_and_marked(self) -> None:
        """The lowest places that are due, as SUBMITTING, and never twice."""
        opened(self.store, 5)
        first = self.store.lease("run", limit=2, now=NOON)
        assert [(send.seq, send.state, send.submitted_at) for send in first] == [
            (seq, SendState.SUBMITTING, NOON) for seq in (0, 1)
        ]
        assert tuple(self.store.sends("run"))[:2] == first
        assert [send.seq for send in self.store.lease("run", limit=9, now=NOON)] == [2, 3, 4]
        assert self.store.lease("run", limit=9, now=NOON) == ()
        raises(InvalidInput, lambda: self.store.lease("run", limit=0, now=NOON))

    def test_nothing_leaves_a_run_that_is_not_ready(self) -> None:
        """Neither while it is loaded nor after it was cancelled, nor what is held out."""
        loaded(self.store)
        self.store.add_sends("run", [evolve(planned(3), state=SendState.HELD_OUT)])
        assert self.store.lease("run", limit=9, now=NOON) == ()
        self.store.set_run_state("run", RunState.READY)
        assert [send.seq for send in self.store.lease("run", limit=9, now=NOON)] == [0, 1, 2]
        self.store.settle("run", [Settlement(0, SendState.PLANNED)])
        self.store.set_run_state("run", RunState.CANCELLED)
        assert self.store.lease("run", limit=9, now=NOON) == ()

    def test_what_is_deferred_waits(self) -> None:
        """Until its second; then it leaves in order of place with the others."""
        store = self.store
        store.create_run(run_record())
        noon_s = int(NOON.timestamp())
        waits = [noon_s + 60, 0, noon_s + 30, noon_s, noon_s + 60]
        store.add_sends("run", [planned(seq, not_before=until) for seq, until in enumerate(waits)])
        store.set_run_state("run", RunState.READY)
        assert [send.seq for send in store.lease("run", limit=9, now=NOON)] == [1, 3]
        assert store.next_due("run") == after(0.5)
        assert store.lease("run", limit=9, now=after(0.49)) == ()
        assert [send.seq for send in store.lease("run", limit=1, now=after(1))] == [0]
        assert [send.seq for send in store.lease("run", limit=1, now=after(1))] == [2]
        assert store.next_due("run") == after(1)
        assert [send.seq for send in store.lease("run", limit=2, now=after(1))] == [4]
        assert store.next_due("run") is None

    def test_what_may_leave_with_the_run_is_due_with_the_run(self) -> None:
        """``not_before`` 0 is the instant of the run, not the year 1970."""
        opened(self.store)
        assert self.store.next_due("run") == NOON

    def test_a_settlement_is_recorded(self) -> None:
        """Each state with what belongs to it; what is given back waits until it may leave again."""
        store = self.store
        opened(store, 4)
        store.lease("run", limit=4, now=NOON)
        later_s = int(after(5).timestamp())
        store.settle(
            "run",
            [
                Settlement(0, SendState.ACCEPTED, "carrier-1", not_before=later_s, at=after(1), attempted=True),
                Settlement(1, SendState.REJECTED, failure=FailureClass.INVALID_NUMBER, attempted=True),
                Settlement(2, SendState.CANCELLED, reason=Reason.OPTED_OUT),
                Settlement(3, SendState.PLANNED, not_before=later_s, attempted=True),
            ],
        )
        taken, refused, cancelled, back = store.sends("run")
        assert (taken.not_before, refused.not_before, cancelled.not_before) == (0, 0, 0)
        assert (taken.state, taken.provider_id, taken.submitted_at, taken.attempts) == (
            SendState.ACCEPTED, "carrier-1", after(1), 1,
        )  # fmt: skip
        assert (refused.state, refused.failure, refused.submitted_at) == (
            SendState.REJECTED, FailureClass.INVALID_NUMBER, NOON,
        )  # fmt: skip
        assert (cancelled.state, cancelled.reason, cancelled.attempts) == (
            SendState.CANCELLED, Reason.OPTED_OUT, 0,
        )  # fmt: skip
        assert (back.state, back.not_before, back.submitted_at, back.attempts) == (
            SendState.PLANNED, later_s, None, 1,
        )  # fmt: skip
        assert store.account("run") == Account(4, 1, 1, 0, 1, 1, 0, 1, 45_000)
        assert [send.seq for send in store.lease("run", limit=9, now=after(5))] == [3]

    def test_only_what_is_leased_is_settled(self) -> None:
        """A settlement of a planned send, or a second one of the same, changes nothing."""
        store = self.store
        opened(store)
        store.lease("run", limit=1, now=NOON)
        store.settle("run", [Settlement(0, SendState.ACCEPTED, "one"), Settlement(1, SendState.ACCEPTED, "x")])
        before = list(store.sends("run"))
        store.settle("run", [Settlement(0, SendState.REJECTED), Settlement(0, SendState.PLANNED)])
        store.settle("run", [Settlement(99, SendState.ACCEPTED)])
        assert list(store.sends("run")) == before
        for state in (SendState.SUBMITTING, SendState.HELD_OUT, SendState.STANDBY):
            raises(InvalidInput, partial(store.settle, "run", [Settlement(0, state)]))

    def test_cancelling_ends_what_is_planned(self) -> None:
        """What is with the carrier stays in doubt until it is settled; given back it is cancelled too."""
        store = self.store
        opened(store, 5)
        store.lease("run", limit=2, now=NOON)
        store.set_run_state("run", RunState.CANCELLED)
        account = store.account("run")
        assert (account.cancelled, account.in_doubt, account.remaining, account.closes) == (3, 2, 0, True)
        store.settle("run", [Settlement(0, SendState.PLANNED, not_before=1), Settlement(1, SendState.ACCEPTED)])
        account = store.account("run")
        assert (account.cancelled, account.accepted, account.in_doubt, account.closes) == (4, 1, 0, True)
        assert store.next_due("run") is None

    def test_the_account_closes_at_every_step(self) -> None:
        """And says what a count of the sends says, while loading, sending and after."""
        store, random, held_out = self.store, Random(1), SendState.HELD_OUT
        loaded(store, 20)
        store.add_sends("run", [evolve(planned(seq), state=held_out, parts=seq) for seq in range(20, 25)])
        assert store.account("run") == _counted(store)
        store.set_run_state("run", RunState.READY)
        for step in range(30):
            leased = store.lease("run", limit=random.randrange(1, 4), now=after(step))
            ends = (SendState.PLANNED, SendState.ACCEPTED, SendState.REJECTED, SendState.CANCELLED)
            left = [send.seq for send in leased if random.random() < 0.8]
            store.settle("run", [Settlement(seq, random.choice(ends)) for seq in left])
            account = store.account("run")
            assert account == _counted(store)
            assert account.closes
            assert (account.planned, account.held_out) == (20, 5)

    def test_a_campaign_is_held_by_one(self) -> None:
        """The second is told who is busy; other campaigns are free; the block frees it, also when it raises."""
        store = self.store
        with ExitStack() as stack:
            stack.enter_context(store.hold("soldes été/2026"))
            raises(RunBusy, lambda: store.hold("soldes été/2026").__enter__())
            told: list[bool] = []
            busy = Thread(target=lambda: told.append(_is_busy(store, "soldes été/2026")))
            busy.start()
            busy.join()
            assert told == [True]
            stack.enter_context(store.hold("noel"))
            raises(ZeroDivisionError, lambda: _fail_within(store, "free"))
        raises(ZeroDivisionError, lambda: _fail_within(store, "soldes été/2026"))
        assert not _is_busy(store, "soldes été/2026")

    def test_threads_lease_each_send_once(self) -> None:
        """However many of them share the store."""
        opened(self.store, 200)
        leased: list[int] = []

        def work() -> None:
            while len(leased) <= 200 and (sends := self.store.lease("run", limit=7, now=NOON)):
                leased.extend(send.seq for send in sends)

        threads = [Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(leased) == list(range(200))

    def test_sends_stream_in_order(self) -> None:
        """More than one page of them; and the store may be written to meanwhile."""
        loaded(self.store, 0)
        self.store.add_sends("run", [planned(seq) for seq in reversed(range(2500))])
        self.store.set_run_state("run", RunState.READY)
        seen: list[int] = []
        for send in self.store.sends("run"):
            seen.append(send.seq)
            if send.seq == 10:
                self.store.lease("run", limit=1, now=NOON)
        assert seen == list(range(2500))

    def test_who_was_already_sent_to(self) -> None:
        """Accepted, in doubt and held out count; of this campaign, of other runs than the one named."""
        store = self.store
        loaded(store, 4)
        store.add_sends("run", [evolve(planned(4), state=SendState.HELD_OUT)])
        everybody = [FIRST_NUMBER + seq for seq in range(6)]
        assert set(store.already_sent("soldes", everybody)) == set()
        store.set_run_state("run", RunState.READY)
        store.lease("run", limit=3, now=NOON)
        store.settle("run", [Settlement(0, SendState.ACCEPTED), Settlement(2, SendState.REJECTED)])
        assert set(store.already_sent("soldes", everybody)) == {ANNE, BOB, FIRST_NUMBER + 4}
        assert set(store.already_sent("soldes", everybody, other_than="run")) == set()
        assert set(store.already_sent("soldes", [CHLOE, NOBODY])) == set()
        assert set(store.already_sent("noel", everybody)) == set()

    def test_what_was_rejected_for_want_of_credit_was_not_sent(self) -> None:
        """A receipt that says so frees the number for another run; any other rejection does not."""
        store = self.store
        opened(store, 4)
        store.lease("run", limit=4, now=NOON)
        store.settle("run", [Settlement(seq, SendState.ACCEPTED, at=NOON) for seq in range(4)])
        told = [FailureClass.INSUFFICIENT_CREDIT, FailureClass.SPAM_FILTER, None]
        store.record_events(
            [
                Event(
                    f"e{seq}",
                    EventType.RECEIPT,
                    NOON,
                    reference=f"run-{seq}",
                    status=DeliveryStatus.REJECTED,
                    failure=one,
                )
                for seq, one in enumerate(told)
            ]
        )
        everybody = [FIRST_NUMBER + seq for seq in range(4)]
        assert set(store.already_sent("soldes", everybody)) == set(everybody[1:])
        assert dict(store.recent_sends(everybody, since=NOON, kind=Kind.MARKETING)) == dict.fromkeys(everybody[1:], 1)
        delivered = Event("late", EventType.RECEIPT, NOON, reference="run-0", status=DeliveryStatus.DELIVERED)
        store.record_events([delivered])
        assert set(store.already_sent("soldes", everybody)) == set(everybody)

    def test_who_was_sent_to_lately(self) -> None:
        """What was handed over since then counts, in doubt or accepted, by kind of run; what is planned does not."""
        store = self.store
        opened(store, 4)
        store.create_run(run_record("code", kind=Kind.OTP))
        store.add_sends("code", [planned(0), planned(1, number=ANNE)])
        store.set_run_state("code", RunState.READY)
        everybody = [FIRST_NUMBER + seq for seq in range(5)]
        store.lease("run", limit=3, now=NOON)
        store.settle("run", [Settlement(0, SendState.ACCEPTED), Settlement(2, SendState.REJECTED)])

        def recent(minute: int, kind: Kind = Kind.MARKETING) -> dict[int, int]:
            return dict(store.recent_sends(everybody, since=after(minute), kind=kind))

        assert recent(0) == {ANNE: 1, BOB: 1}
        assert recent(1) == {}
        assert recent(0, Kind.OTP) == {}
        store.lease("code", limit=2, now=after(1))
        assert recent(1, Kind.OTP) == {ANNE: 2}

    def test_a_closed_store_says_so(self) -> None:
        """Closing twice is no error, using it afterwards is one."""
        self.store.close()
        self.store.close()
        raises(StoreError, lambda: self.store.runs())

    def test_the_secret_stays(self) -> None:
        """32 bytes, the same each time; another store has another."""
        other = self.make_store()
        assert len(self.store.secret) == 32
        assert self.store.secret == self.store.secret != other.secret
        other.close()


def _one_is_accounted_for(store: Store, run_id: str) -> bool:
    account = store.account(run_id)
    return account.closes and account.planned == 1


def _counted(store: Store) -> Account:
    """Add up the run ``run`` from its sends."""
    sends = list(store.sends("run"))

    def count(state: SendState) -> int:
        return sum(send.state is state for send in sends)

    accepted = [send for send in sends if send.state is SendState.ACCEPTED]
    held_out = count(SendState.HELD_OUT)
    return Account(
        len(sends) - held_out,
        count(SendState.ACCEPTED),
        count(SendState.REJECTED),
        count(SendState.SUBMITTING),
        count(SendState.CANCELLED),
        count(SendState.PLANNED),
        held_out,
        sum(send.parts for send in accepted),
        sum(send.price_micros for send in accepted),
    )


def _fail_within(store: Store, campaign: str) -> None:
    with store.hold(campaign):
        raise ZeroDivisionError


def _is_busy(store: Store, campaign: str) -> bool:
    try:
        with store.hold(campaign):
            return False
    except RunBusy:
        return True
