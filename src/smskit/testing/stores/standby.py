"""What a store promises of two channels: messages that stand by for others."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from threading import Thread

from attrs import evolve

from smskit.errors import InvalidInput, NaiveDatetime
from smskit.kinds import Channel, DeliveryStatus, EventType, FailureClass, Kind, Reason, RunState, SendState
from smskit.protocols import Store
from smskit.records import Account, Event, Link, Send, Settlement
from smskit.testing.factories import FIRST_NUMBER
from smskit.testing.stores.rows import (
    ANNE,
    BOB,
    CHLOE,
    NOON,
    OneStore,
    after,
    loaded,
    opened,
    planned,
    raises,
    receipt,
    run_record,
)

SMS = "run-sms"
RCS_PRICE, SMS_PRICE = 80_000, 45_000

_ACCEPTED, _REJECTED, _SUBMITTING, _CANCELLED, _PLANNED, _STANDBY = (
    SendState.ACCEPTED, SendState.REJECTED, SendState.SUBMITTING, SendState.CANCELLED, SendState.PLANNED,
    SendState.STANDBY,
)  # fmt: skip
_DELIVERED, _UNDELIVERED, _EXPIRED, _SENT = (
    DeliveryStatus.DELIVERED, DeliveryStatus.UNDELIVERED, DeliveryStatus.EXPIRED, DeliveryStatus.SENT,
)  # fmt: skip
_NEVER = frozenset({_DELIVERED, DeliveryStatus.READ, DeliveryStatus.BLOCKED, DeliveryStatus.UNKNOWN})


def both_loaded(store: Store, count: int = 3, *, at_once: int = 0, run_id: str = "run") -> None:
    """Put a run over RCS of *count* sends into *store*, and behind it one by SMS; both are still LOADING.

    An SMS stands by for each of them; *at_once* further people are sent one without trying RCS.
    """
    first = evolve(run_record(run_id), channel=Channel.RCS)
    store.create_run(first)
    store.create_run(evolve(first, run_id=f"{run_id}-sms", channel=Channel.SMS, fallback_of=run_id))
    store.add_sends(run_id, [evolve(planned(seq), text="{}", price_micros=RCS_PRICE) for seq in range(count)])
    store.add_sends(f"{run_id}-sms", [evolve(planned(seq), state=_STANDBY) for seq in range(count)])
    store.add_sends(f"{run_id}-sms", [planned(seq) for seq in range(count, count + at_once)])


def both_opened(store: Store, count: int = 3, *, at_once: int = 0, run_id: str = "run") -> None:
    """Put both runs into *store*, ready to be sent."""
    both_loaded(store, count, at_once=at_once, run_id=run_id)
    store.set_run_state(run_id, RunState.READY)


class StandbyContract(OneStore):
    """Two channels: each test is one promise; its docstring says which."""

    # two runs -----------------------------------------------------------

    def test_two_runs_name_each_other(self) -> None:
        """Channel and fallback come back as they were."""
        both_loaded(self.store)
        first, second = self.store.run("run"), self.store.run(SMS)
        assert first is not None
        assert second is not None
        assert (first.channel, first.fallback_of) == (Channel.RCS, None)
        assert (second.channel, second.fallback_of) == (Channel.SMS, "run")

    def test_what_stands_by_is_not_planned(self) -> None:
        """It is counted beside, is not leased and has no time, before and after the opening."""
        both_loaded(self.store, 3, at_once=2)
        waiting = Account(2, 0, 0, 0, 0, 2, standby=3)
        assert self.store.account(SMS) == waiting
        assert self.store.account("run") == Account(3, 0, 0, 0, 0, 3)
        self.store.set_run_state("run", RunState.READY)
        assert self.store.account(SMS) == waiting
        assert [send.seq for send in self.store.lease(SMS, limit=9, now=NOON)] == [3, 4]
        assert self.store.next_due(SMS) is None
        states = [send.state for send in self.store.sends(SMS)]
        assert states == [_STANDBY] * 3 + [_SUBMITTING] * 2

    def test_only_a_fallback_has_what_stands_by(self) -> None:
        """A message that stands by for nobody would wait for ever."""
        loaded(self.store)
        raises(InvalidInput, lambda: self.store.add_sends("run", [evolve(planned(5), state=_STANDBY)]))

    def test_two_runs_change_together(self) -> None:
        """Opened, paused, resumed and cancelled by the first; the second is paused and cancelled by itself as well."""
        ready, paused, cancelled = RunState.READY, RunState.PAUSED, RunState.CANCELLED
        cases: list[tuple[str, list[tuple[str, RunState]], RunState, RunState]] = [
            # what                            calls                                              first      second
            ("opened",                        [("run", ready)],                                  ready,     ready),
            ("opened into a pause",           [("run", paused)],                                 paused,    paused),
            ("paused",                        [("run", ready), ("run", paused)],                 paused,    paused),
            ("resumed",                       [("run", paused), ("run", ready)],                 ready,     ready),
            ("cancelled",                     [("run", ready), ("run", cancelled)],              cancelled, cancelled),
            ("cancelled while it is loaded",  [("run", cancelled)],                              cancelled, cancelled),
            ("the second paused",             [("run", ready), (SMS, paused)],                   ready,     paused),
            ("the second cancelled",          [("run", ready), (SMS, cancelled)],                ready,     cancelled),
            ("which stays so",                [("run", ready), (SMS, cancelled), ("run", paused)], paused,  cancelled),
            ("and is no obstacle",            [("run", ready), (SMS, cancelled), ("run", cancelled)], cancelled,
                                                                                                            cancelled),
        ]  # fmt: skip
        for sentence, calls, first, second in cases:
            store = self.make_store()
            both_loaded(store, 2, at_once=1)
            for run_id, state in calls:
                store.set_run_state(run_id, state)
            assert [_state(store, run_id) for run_id in ("run", SMS)] == [first, second], sentence
            for run_id, planned_ones, state in (("run", 2, first), (SMS, 1, second)):
                account = store.account(run_id)
                gone = planned_ones if state is cancelled else 0
                assert (account.cancelled, account.remaining) == (gone, planned_ones - gone), sentence
                assert account.closes, sentence
            assert store.account(SMS).standby == 2, sentence
            store.close()

    def test_two_runs_are_discarded_together(self) -> None:
        """While they are loaded; and the same names can be used again."""
        both_loaded(self.store, 2)
        self.store.discard_run("run")
        assert self.store.runs() == ()
        both_opened(self.store, 1)
        assert [self.store.account(run_id).closes for run_id in ("run", SMS)] == [True, True]
        assert [send.seq for send in self.store.sends(SMS)] == [0]

    # who is stranded ----------------------------------------------------

    def test_who_is_stranded(self) -> None:
        """Refused, or called a failure by a receipt; delivered, in doubt, and never tried are not."""
        for answer in (_ACCEPTED, _REJECTED, None):
            for status in (None, *DeliveryStatus):
                store = self.make_store()
                _told(store, answer, status)
                inferred = answer or (_REJECTED if status in _NOT_TAKEN else _ACCEPTED)
                arrived = status in (_DELIVERED, DeliveryStatus.READ)
                failed = status is not None and status.is_failure
                wanted = not arrived and (inferred is _REJECTED or failed)
                assert bool(store.stranded("run")) is wanted, (answer, status)
                store.close()

    def test_who_is_stranded_is_given_in_pages(self) -> None:
        """By seq, above a seq, so many at most; as the sends stand."""
        both_opened(self.store, 7)
        _answer(self.store, dict.fromkeys(range(0, 7, 2), _REJECTED))
        pages = [[send.seq for send in self.store.stranded("run", after=seq, limit=3)] for seq in (-1, 0, 4, 6)]
        assert pages == [[0, 2, 4], [2, 4, 6], [6], []]
        assert self.store.stranded("run", limit=1) == (next(iter(self.store.sends("run"))),)

    def test_nobody_is_stranded_for_whom_nothing_stands_by(self) -> None:
        """A run without a fallback, and people of whom only the other channel is tried."""
        opened(self.store, 2)
        _answer(self.store, {0: _REJECTED, 1: _ACCEPTED})
        assert self.store.stranded("run", overdue=after(999)) == ()
        assert self.store.oldest_under_way("run") is None
        raises(InvalidInput, lambda: self.store.stranded("no"))
        raises(InvalidInput, lambda: self.store.oldest_under_way("no"))
        raises(InvalidInput, lambda: self.store.fall_back("no", [0], now=NOON))

    def test_what_is_overdue_is_stranded_too(self) -> None:
        """Handed over before then, and without a final word; a word that nobody understands may be the final one."""
        both_opened(self.store, 9)
        _answer(self.store, dict.fromkeys(range(8), _ACCEPTED))
        told = [(1, _SENT), (2, DeliveryStatus.UNKNOWN), (3, _DELIVERED), (4, _EXPIRED), (5, DeliveryStatus.QUEUED)]
        self.store.record_events([receipt(status, seq) for seq, status in told])
        self.store.record_events([evolve(receipt(_SENT, 6), status=None, code="TELEPORTED")])
        self.store.lease("run", limit=1, now=NOON)

        def overdue(at: datetime | None) -> list[int]:
            return [send.seq for send in self.store.stranded("run", overdue=at)]

        assert overdue(None) == [4]
        assert overdue(NOON) == [4]
        assert overdue(NOON + timedelta(microseconds=1)) == [0, 1, 4, 5, 7]
        raises(NaiveDatetime, lambda: self.store.stranded("run", overdue=datetime(2026, 6, 24)))

    def test_the_oldest_under_way(self) -> None:
        """Of those with a name and without a final word; from an instant on, when it is asked so."""
        both_opened(self.store, 5)
        assert self.store.oldest_under_way("run") is None
        self.store.lease("run", limit=5, now=after(-9))
        self.store.settle("run", [Settlement(4, _ACCEPTED, at=after(-9))])
        self.store.settle("run", [Settlement(seq, _PLANNED) for seq in range(4)])
        assert self.store.oldest_under_way("run") is None
        for seq in range(4):
            self.store.lease("run", limit=1, now=after(seq))
            self.store.settle("run", [Settlement(seq, _ACCEPTED, f"id-{seq}", at=after(seq))])
        assert self.store.oldest_under_way("run") == NOON
        assert self.store.oldest_under_way("run", since=after(1)) == after(1)
        assert self.store.oldest_under_way("run", since=after(1.5)) == after(2)
        self.store.record_events([receipt(_DELIVERED, 0), receipt(_UNDELIVERED, 1), receipt(_SENT, 2)])
        assert self.store.oldest_under_way("run") == after(2)
        self.store.record_events([receipt(DeliveryStatus.UNKNOWN, 2), receipt(DeliveryStatus.READ, 3)])
        assert self.store.oldest_under_way("run") is None

    # whose place is taken -----------------------------------------------

    def test_what_certainly_did_not_arrive_falls_back(self) -> None:
        """What was delivered or blocked, is in doubt, or was not handed over does not, and neither does *unknown*."""
        for answer in (_ACCEPTED, _REJECTED, _CANCELLED, _PLANNED, None):
            for status in (None, *DeliveryStatus):
                store = self.make_store()
                state = _told(store, answer, status)
                wanted = state in (_ACCEPTED, _REJECTED) and status not in _NEVER
                told = (answer, status)
                assert store.fall_back("run", [0], now=after(60)) == wanted, told
                first, second = next(store.sends("run")), next(store.sends(SMS))
                assert (first.state, first.fell_back) == (state, wanted), told
                assert second.state is (_PLANNED if wanted else _STANDBY), told
                assert bool(store.lease(SMS, limit=9, now=after(60))) is wanted, told
                store.close()

    def test_a_word_that_nobody_understands_decides_nothing(self) -> None:
        """Of a message that was taken it may be the last word; of one that was refused it changes nothing."""
        both_opened(self.store, 2)
        _answer(self.store, {0: _ACCEPTED, 1: _REJECTED})
        self.store.record_events([evolve(receipt(_SENT, seq), status=None, code="TELEPORTED") for seq in (0, 1)])
        assert self.store.fall_back("run", [0, 1], now=NOON) == 1
        assert [send.fell_back for send in self.store.sends("run")] == [False, True]

    def test_a_place_is_taken_once(self) -> None:
        """Named twice, or again; who is not in the run, and who gets the SMS at once, has no place to take."""
        both_opened(self.store, 3, at_once=1)
        _answer(self.store, dict.fromkeys(range(3), _REJECTED))
        assert self.store.fall_back("run", [], now=NOON) == 0
        assert self.store.fall_back("run", [1, 1, 3, 99], now=NOON) == 1
        assert self.store.fall_back("run", [0, 1], now=NOON) == 1
        assert [send.state for send in self.store.sends(SMS)] == [_PLANNED, _PLANNED, _STANDBY, _PLANNED]
        assert [send.seq for send in self.store.stranded("run")] == [2]
        assert self.store.account("run").fell_back == 2
        assert self.store.account(SMS) == Account(3, 0, 0, 0, 0, 3, standby=1)
        raises(NaiveDatetime, lambda: self.store.fall_back("run", [2], now=datetime(2026, 6, 24)))

    def test_what_falls_back_is_due_then(self) -> None:
        """Not before, whatever time the message that stands by was planned with."""
        both_opened(self.store, 1)
        _answer(self.store, {0: _REJECTED})
        self.store.fall_back("run", [0], now=after(7))
        assert self.store.next_due(SMS) == after(7)
        assert self.store.lease(SMS, limit=1, now=after(6)) == ()
        (send,) = self.store.lease(SMS, limit=1, now=after(7))
        assert (send.seq, send.number, send.submitted_at) == (0, ANNE, after(7))

    def test_nothing_is_let_go_into_a_run_that_was_cancelled(self) -> None:
        """By itself or with the first; nobody is counted as fallen back then."""
        for run_id in (SMS, "run"):
            store = self.make_store()
            both_opened(store, 2)
            _answer(store, {0: _REJECTED, 1: _REJECTED})
            store.set_run_state(run_id, RunState.CANCELLED)
            assert store.fall_back("run", [0, 1], now=NOON) == 0
            assert store.account("run").fell_back == 0
            assert store.account(SMS) == Account(0, 0, 0, 0, 0, 0, standby=2)
            store.close()

    def test_what_is_let_go_into_a_paused_run_waits(self) -> None:
        """Until it is resumed."""
        both_opened(self.store, 1)
        _answer(self.store, {0: _REJECTED})
        self.store.set_run_state("run", RunState.PAUSED)
        assert self.store.fall_back("run", [0], now=NOON) == 1
        assert self.store.lease(SMS, limit=1, now=NOON) == ()
        self.store.set_run_state("run", RunState.READY)
        assert len(self.store.lease(SMS, limit=1, now=NOON)) == 1

    def test_what_is_let_go_is_cancelled_with_its_run(self) -> None:
        """And the account closes."""
        both_opened(self.store, 2)
        _answer(self.store, {0: _REJECTED})
        self.store.fall_back("run", [0], now=NOON)
        self.store.set_run_state("run", RunState.CANCELLED)
        assert self.store.account(SMS) == Account(1, 0, 0, 0, 1, 0, standby=1)

    def test_nothing_is_let_go_for_who_was_forgotten(self) -> None:
        """Before or after the message failed; nobody looks for their message any more; what was let go is cancelled."""
        both_opened(self.store, 4)
        _answer(self.store, {0: _REJECTED, 1: _ACCEPTED, 2: _REJECTED, 3: _REJECTED})
        self.store.fall_back("run", [2], now=NOON)
        for number in (ANNE, BOB, CHLOE):
            self.store.forget(number)
        assert [send.seq for send in self.store.stranded("run", overdue=after(9))] == [3]
        assert self.store.oldest_under_way("run") is None
        assert self.store.fall_back("run", range(4), now=NOON) == 1
        assert [send.state for send in self.store.sends(SMS)] == [_STANDBY, _STANDBY, _CANCELLED, _PLANNED]
        assert self.store.account("run").fell_back == 2
        assert self.store.account(SMS) == Account(2, 0, 0, 0, 1, 1, standby=2)

    def test_who_was_forgotten_while_the_runs_were_loaded_is_not_stood_by_for(self) -> None:
        """The message over RCS is cancelled, and the other one never leaves."""
        both_loaded(self.store, 2)
        self.store.forget(ANNE)
        self.store.set_run_state("run", RunState.READY)
        _answer(self.store, {1: _REJECTED})
        assert self.store.fall_back("run", [0, 1], now=NOON) == 1
        assert [send.state for send in self.store.sends(SMS)] == [_STANDBY, _PLANNED]

    def test_delivered_and_fallen_back_exclude_each_other(self) -> None:
        """Whichever comes first, told by another thread: what was delivered before is not let go."""
        both_opened(self.store, 120)
        _answer(self.store, dict.fromkeys(range(120), _ACCEPTED))
        self.store.record_events([receipt(_UNDELIVERED, seq) for seq in range(120)])

        def deliver() -> None:
            for seq in range(120):
                self.store.record_events([receipt(_DELIVERED, seq, minute=2)])

        thread = Thread(target=deliver)
        thread.start()
        # From the end: the two meet somewhere in the middle.
        released = sum(self.store.fall_back("run", [seq], now=NOON) for seq in reversed(range(120)))
        thread.join()
        firsts, seconds = list(self.store.sends("run")), list(self.store.sends(SMS))
        assert [send.fell_back for send in firsts] == [send.state is _PLANNED for send in seconds]
        assert self.store.account("run").fell_back == self.store.account(SMS).planned == released
        assert self.store.stranded("run") == ()

    # accounts -----------------------------------------------------------

    def test_both_accounts_close_at_every_step(self) -> None:
        """And everybody is in one of them: people are those of both, less who fell back."""
        store, random = self.store, Random(7)
        both_opened(store, 30, at_once=10)
        for step in range(120):
            now = after(step)
            run_id = random.choice(["run", SMS])
            leased = store.lease(run_id, limit=random.randrange(1, 4), now=now)
            ends = random.choices((_PLANNED, _ACCEPTED, _REJECTED, _CANCELLED), (1, 4, 3, 1), k=len(leased))
            settled = [Settlement(one.seq, end, at=now) for one, end in zip(leased, ends, strict=True)]
            store.settle(run_id, [one for one in settled if random.random() < 0.8])
            told = [receipt(random.choice(list(DeliveryStatus)), random.randrange(30), minute=step)]
            store.record_events(random.choices(told, k=random.randrange(3)))
            if random.random() < 0.5:
                store.fall_back("run", random.sample(range(30), 5), now=now)
            self._closes()

    def _closes(self) -> None:
        first, second = self.store.account("run"), self.store.account(SMS)
        sends, others = list(self.store.sends("run")), list(self.store.sends(SMS))
        fell_back = [send for send in sends if send.fell_back]
        assert first.closes
        assert second.closes
        assert (first.planned, second.planned + second.standby) == (30, 40)
        assert first.fell_back == len(fell_back) == second.planned - 10
        assert first.cost_micros == sum(
            send.price_micros for send in sends if send.state is _ACCEPTED and not _is_unbilled(send)
        )
        assert second.cost_micros == sum(send.price_micros for send in others if send.state is _ACCEPTED)

    def test_what_fell_back_is_not_billed_in_any_order(self) -> None:
        """The answer may come after the receipt and after the fall; what arrives after all is billed."""
        accepted, rejected = Settlement(0, _ACCEPTED, "id"), Settlement(0, _REJECTED)
        no, refused, yes = receipt(_UNDELIVERED), receipt(DeliveryStatus.REJECTED), receipt(_DELIVERED, minute=3)
        cases: list[tuple[str, list[Settlement | Event | None], int]] = [
            # what                                        steps; None is the fall             cost
            ("taken, failed, fallen",                     [accepted, no, None],               0),
            ("refused, fallen",                           [rejected, None],                   0),
            ("failed before the answer was known",        [no, None, accepted],               0),
            ("and the answer is a refusal",               [no, None, rejected],               0),
            ("refused by receipt, and taken",             [refused, None, accepted],          0),
            ("delivered after all",                       [accepted, no, None, yes],          RCS_PRICE),
            ("delivered after all, the answer last",      [no, None, yes, accepted],          RCS_PRICE),
            ("delivered in time",                         [accepted, yes, None],              RCS_PRICE),
        ]  # fmt: skip
        for sentence, steps, cost in cases:
            store = self.make_store()
            both_opened(store, 1)
            store.lease("run", limit=1, now=NOON)
            for step in steps:
                if step is None:
                    store.fall_back("run", [0], now=after(2))
                elif isinstance(step, Event):
                    store.record_events([step])
                else:
                    store.settle("run", [step])
            account = store.account("run")
            assert account.closes, sentence
            assert account.cost_micros == cost, sentence
            assert account.fell_back == (sentence != "delivered in time"), sentence
            store.close()

    # what counts as sent ------------------------------------------------

    def test_what_fell_back_was_not_sent(self) -> None:
        """Unless it arrived after all; the message that took its place was, and what only stands by was not."""
        both_opened(self.store, 4)
        _answer(self.store, dict.fromkeys(range(4), _ACCEPTED))
        everybody = [FIRST_NUMBER + seq for seq in range(4)]
        self.store.record_events([receipt(_UNDELIVERED, 0), receipt(_UNDELIVERED, 1), receipt(_DELIVERED, 2)])
        assert self._sent(everybody) == {0: 1, 1: 1, 2: 1, 3: 1}
        self.store.fall_back("run", [0, 1], now=NOON)
        assert self._sent(everybody) == {2: 1, 3: 1}
        self.store.lease(SMS, limit=1, now=after(1))
        assert self._sent(everybody) == {0: 1, 2: 1, 3: 1}
        assert set(self.store.already_sent("soldes", everybody, other_than=SMS)) == {CHLOE, FIRST_NUMBER + 3}
        self.store.record_events([receipt(_DELIVERED, 1, minute=9)])
        assert self._sent(everybody) == {0: 1, 1: 1, 2: 1, 3: 1}
        assert BOB in self.store.already_sent("soldes", everybody, other_than=SMS)

    def _sent(self, numbers: list[int]) -> dict[int, int]:
        """Give how many each place was sent, once the three that are asked agree."""
        recent = dict(self.store.recent_sends(numbers, since=NOON, kind=Kind.MARKETING))
        assert set(self.store.already_sent("soldes", numbers)) == set(recent)
        assert {number: told.sent for number, told in self.store.engagement(numbers).items()} == recent
        return {number - FIRST_NUMBER: count for number, count in recent.items()}

    # events and links ---------------------------------------------------

    def test_what_stands_behind_a_suggestion_is_kept(self) -> None:
        """And erased with the person."""
        both_opened(self.store, 2)
        _answer(self.store, dict.fromkeys(range(2), _ACCEPTED))
        taps = [
            Event(f"tap {n}", EventType.REPLY, after(n), number, text="Oui", postback=f"{{oui {n}}}")
            for n, number in enumerate([ANNE, BOB])
        ]
        self.store.record_events(taps)
        assert [(event.reference, event.postback) for event in self.store.events("run")] == [
            ("run-0", "{oui 0}"), ("run-1", "{oui 1}"),
        ]  # fmt: skip
        self.store.forget(ANNE)
        assert [event.postback for event in self.store.events("run")] == [None, "{oui 1}"]

    def test_a_click_is_about_the_message_that_was_opened(self) -> None:
        """Both messages to one person have links of their own."""
        both_loaded(self.store, 1)
        self.store.add_links([Link("aaaa", "run", 0, "https://b.example"), Link("bbbb", SMS, 0, "https://b.example")])
        self.store.set_run_state("run", RunState.READY)
        self.store.record_events([Event("k", EventType.CLICK, after(1), token="bbbb")])
        assert [event.key for event in self.store.events("run")] == []
        assert [event.key for event in self.store.events(SMS)] == ["k"]


_NOT_TAKEN = (DeliveryStatus.REJECTED, DeliveryStatus.BLOCKED)
_TOO_EARLY = (None, DeliveryStatus.SCHEDULED, DeliveryStatus.QUEUED)


def _told(store: Store, answer: SendState | None, status: DeliveryStatus | None) -> SendState:
    """Open both runs with one message, have it answered and a receipt come; give the state that it must have."""
    both_opened(store, 1)
    store.lease("run", limit=1, now=NOON)
    if answer is not None:
        store.settle("run", [Settlement(0, answer, "id", at=NOON, not_before=2**40)])
    if status is not None:
        store.record_events([receipt(status)])
    if answer in (_ACCEPTED, _REJECTED, _CANCELLED):
        return answer
    if status in _TOO_EARLY:
        return answer or _SUBMITTING
    return _REJECTED if status in _NOT_TAKEN else _ACCEPTED


def _answer(store: Store, answers: dict[int, SendState]) -> None:
    store.lease("run", limit=max(answers) + 1, now=NOON)
    refused, reason = FailureClass.CHANNEL_UNAVAILABLE, Reason.OPTED_OUT
    store.settle(
        "run",
        [
            Settlement(
                seq, state, f"id-{seq}", at=NOON,
                failure=refused if state is _REJECTED else None, reason=reason if state is _CANCELLED else None,
            )
            for seq, state in answers.items()
        ],
    )  # fmt: skip


def _state(store: Store, run_id: str) -> RunState | None:
    run = store.run(run_id)
    return None if run is None else run.state


def _is_unbilled(send: Send) -> bool:
    return send.fell_back and send.status not in (_DELIVERED, DeliveryStatus.READ)
