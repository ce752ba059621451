"""What a store promises of events and links."""

from __future__ import annotations

from itertools import permutations

from attrs import evolve

from smskit.errors import InvalidInput
from smskit.kinds import DeliveryStatus, EventType, FailureClass, Kind, Reason, RunState, SendState
from smskit.records import (
    Account,
    ConsentAction,
    Event,
    Link,
    Settlement,
)
from smskit.testing.stores.rows import (
    ANNE,
    BOB,
    NOON,
    OneStore,
    after,
    loaded,
    opened,
    planned,
    raises,
    receipt,
)


class MailboxContract(OneStore):
    """Events and links: each test is one promise; its docstring says which."""

    def test_an_event_is_kept_once(self) -> None:
        """By its key, in one call and over several."""
        opened(self.store)
        reply = Event("k", EventType.REPLY, after(1), ANNE, "run-0", text="oui")
        assert self.store.record_events([reply, evolve(reply, text="non")]) == 1
        assert self.store.record_events([reply]) == 0
        assert self.store.record_events([]) == 0
        assert list(self.store.events("run")) == [reply]
        assert self.store.engagement([ANNE]) == {}

    def test_a_status_only_rises(self) -> None:
        """In any order of arrival: the highest rank, and of one rank the latest, with its failure."""
        absent = FailureClass.HANDSET_ERROR
        cases: list[tuple[str, list[tuple[str, int, FailureClass | None]], int]] = [
            ("delivered overtakes a failure", [("undelivered", 1, absent), ("delivered", 2, None)], 1),
            ("a failure does not overtake delivered", [("delivered", 1, None), ("undelivered", 2, absent)], 0),
            ("of one rank the later", [("undelivered", 1, absent), ("expired", 2, None)], 1),
            ("sent and queued are earlier", [("sent", 1, None), ("scheduled", 3, None), ("queued", 2, None)], 0),
            ("a carrier that will never know is a failure's equal", [("failed", 1, absent), ("unknown", 2, None)], 1),
            ("read is the end", [("read", 1, None), ("delivered", 2, None), ("rejected", 3, absent)], 0),
        ]  # fmt: skip
        place = 0
        opened(self.store, 200)
        self.store.lease("run", limit=200, now=NOON)
        for sentence, words, winner in cases:
            for order in permutations(range(len(words))):
                events = [
                    receipt(DeliveryStatus(words[n][0]), place, minute=words[n][1], failure=words[n][2]) for n in order
                ]
                self.store.record_events(events[:1])
                self.store.record_events(events)
                (send,) = [send for send in self.store.sends("run") if send.seq == place]
                word, minute, failure = words[winner]
                assert (send.status, send.status_at) == (DeliveryStatus(word), after(minute)), sentence
                assert send.failure is failure, sentence
                place += 1

    def test_a_receipt_ends_the_doubt(self) -> None:
        """The carrier has what it reports on; what it only knows of, or queues, stays in doubt."""
        opened(self.store, len(DeliveryStatus))
        self.store.lease("run", limit=len(DeliveryStatus), now=NOON)
        self.store.record_events([receipt(status, seq) for seq, status in enumerate(DeliveryStatus)])
        doubtful = (DeliveryStatus.SCHEDULED, DeliveryStatus.QUEUED)
        for status, send in zip(DeliveryStatus, self.store.sends("run"), strict=True):
            expected = SendState.SUBMITTING if status in doubtful else SendState.ACCEPTED
            if status in (DeliveryStatus.REJECTED, DeliveryStatus.BLOCKED):
                expected = SendState.REJECTED
            assert (send.state, send.status) == (expected, status)
        assert self.store.account("run").closes

    def test_a_word_that_nobody_understands_changes_nothing(self) -> None:
        """It is kept and the message is as it was; what the carrier said shows until it says something clearer."""
        opened(self.store)
        self.store.lease("run", limit=2, now=NOON)
        self.store.record_events([receipt(DeliveryStatus.SENT, 1)])
        before = list(self.store.sends("run"))
        told = [Event(f"k{seq}", EventType.RECEIPT, after(9), reference=f"run-{seq}") for seq in range(3)]
        assert self.store.record_events(told) == 3
        assert list(self.store.sends("run")) == before
        assert [event.status for event in self.store.events("run")] == [DeliveryStatus.SENT, None, None, None]
        strange = [
            evolve(event, key=f"{word} {event.key}", code=word, at=after(at), failure=FailureClass.UNSPECIFIED)
            for word, at in (("EH", 11), ("HM", 10))
            for event in told
        ]
        self.store.record_events(strange)
        changed = [evolve(send, code="" if send.status else "EH") for send in before]
        assert list(self.store.sends("run")) == changed
        self.store.record_events([receipt(DeliveryStatus.SCHEDULED)])
        assert next(iter(self.store.sends("run"))) == evolve(
            before[0], status=DeliveryStatus.SCHEDULED, status_at=after(1)
        )

    def test_failures_are_counted_from_a_mark_on(self) -> None:
        """Receipts of this run with a failure, each once, by class; the mark is where the next count begins."""
        store = self.store
        opened(store, 9)
        opened(store, 9, run_id="second")
        assert store.failures("run") == ({}, 0)
        absent, flood = FailureClass.HANDSET_ERROR, FailureClass.FLOOD_FILTER
        first = [receipt(DeliveryStatus.UNDELIVERED, seq, failure=absent) for seq in (0, 1)]
        first += [receipt(DeliveryStatus.BLOCKED, 2, failure=flood), receipt(DeliveryStatus.DELIVERED, 3)]
        elsewhere = evolve(first[0], key="elsewhere", reference="second-0")
        reply = Event("reply", EventType.REPLY, after(1), reference="run-0", failure=flood)
        store.record_events([*first, elsewhere, reply])
        counts, mark = store.failures("run")
        assert counts == {absent: 2, flood: 1}
        assert store.failures("run", after=mark) == ({}, mark)
        store.record_events([*first, receipt(DeliveryStatus.UNDELIVERED, 4, failure=flood)])
        later, second = store.failures("run", after=mark)
        assert (later, store.failures("run", after=second)) == ({flood: 1}, ({}, second))
        assert store.failures("run")[0] == {absent: 2, flood: 2}
        assert store.failures("second")[0] == {absent: 1}

    def test_the_answer_outranks_what_a_receipt_let_us_guess(self) -> None:
        """Receipt first or answer first: the account is the same, and the carrier's id is not lost."""
        opened(self.store, 2)
        self.store.lease("run", limit=2, now=NOON)
        answers = [Settlement(seq, SendState.ACCEPTED, f"carrier-{seq}", at=after(1)) for seq in (0, 1)]
        rejected = [receipt(DeliveryStatus.REJECTED, seq) for seq in (0, 1)]
        self.store.settle("run", answers[:1])
        self.store.record_events(rejected)
        self.store.settle("run", answers[1:])
        early, late = self.store.sends("run")
        assert (early.state, early.provider_id, early.status) == (
            SendState.ACCEPTED, "carrier-0", DeliveryStatus.REJECTED,
        )  # fmt: skip
        assert late == evolve(early, seq=1, row=3, number=BOB, text=planned(1).text, provider_id="carrier-1")

    def test_what_the_carrier_has_is_not_given_back(self) -> None:
        """A receipt proves it: giving the message back would send it twice."""
        opened(self.store, 2)
        self.store.lease("run", limit=1, now=NOON)
        self.store.record_events([receipt(DeliveryStatus.SENT, seq) for seq in (0, 1)])
        self.store.settle("run", [Settlement(0, SendState.PLANNED)])
        assert [send.state for send in self.store.sends("run")] == [SendState.ACCEPTED] * 2
        assert self.store.lease("run", limit=9, now=NOON) == ()

    def test_a_receipt_does_not_bring_back_what_was_not_sent(self) -> None:
        """Held out and cancelled rows stay what they are."""
        loaded(self.store, 1)
        self.store.add_sends("run", [evolve(planned(1), state=SendState.HELD_OUT)])
        self.store.set_run_state("run", RunState.CANCELLED)
        self.store.record_events([receipt(DeliveryStatus.DELIVERED, seq) for seq in (0, 1)])
        assert [send.state for send in self.store.sends("run")] == [SendState.CANCELLED, SendState.HELD_OUT]

    def test_an_opposition_is_heard(self) -> None:
        """It is on the list and in the history of consents when the call returns."""
        stop = Event("k", EventType.OPT_OUT, after(1), ANNE, text="STOP")
        self.store.record_events([stop, stop])
        entry = self.store.suppressed([ANNE])[ANNE]
        assert (entry.reason, entry.at, entry.until) == (Reason.OPTED_OUT, after(1), None)
        (consent,) = self.store.consents([ANNE])[ANNE]
        assert (consent.action, consent.at, consent.evidence) == (ConsentAction.WITHDRAWN, after(1), "k")

    def test_an_opposition_without_number_is_heard(self) -> None:
        """When it names the message it answers to."""
        opened(self.store)
        self.store.record_events([Event("k", EventType.OPT_OUT, after(1), reference="run-1")])
        assert set(self.store.suppressed([ANNE, BOB])) == {BOB}

    def test_a_new_consent_is_heard(self) -> None:
        """It is in the history; the opposition stays on the list, whoever compares the two sees the later one."""
        words = ((EventType.OPT_OUT, 1), (EventType.OPT_IN, 2))
        self.store.record_events([Event(kind.value, kind, after(at), ANNE) for kind, at in words])
        assert [consent.action for consent in self.store.consents([ANNE])[ANNE]] == [
            ConsentAction.WITHDRAWN, ConsentAction.GRANTED,
        ]  # fmt: skip
        assert self.store.suppressed([ANNE])[ANNE].at == after(1)

    def test_an_event_about_nothing_we_know_is_kept(self) -> None:
        """It is no error and changes no run."""
        opened(self.store)
        strange = ("other-0", "run-99", "run-00", "run", "-1", f"run-{10**30}", "")
        events = [evolve(receipt(DeliveryStatus.READ), key=text, reference=text) for text in strange]
        events += [Event("click", EventType.CLICK, NOON, token="nobody"), Event("bare", EventType.RECEIPT, NOON)]
        assert self.store.record_events(events) == len(events)
        assert self.store.record_events(events) == 0
        assert list(self.store.events("run")) == []
        assert self.store.account("run") == Account(3, 0, 0, 0, 0, 3)

    def test_events_belong_to_the_run_of_their_message(self) -> None:
        """By reference, by token, or as the answer of a person to the last message before it; in order of time."""
        store = self.store
        for run_id, minute in (("run", 0), ("second", 10)):
            opened(store, run_id=run_id)
            store.lease(run_id, limit=9, now=after(minute))
        store.add_links([Link("abc", "run", 1, "https://boutique.example")])
        store.record_events(
            [
                Event("late", EventType.REPLY, after(11), ANNE, text="oui"),
                Event("early", EventType.REPLY, after(9), ANNE, text="oui"),
                Event("click", EventType.CLICK, after(8), token="abc"),
                receipt(DeliveryStatus.SENT, minute=20),
                Event("before", EventType.REPLY, after(-1), ANNE, text="oui"),
            ]
        )
        assert [(event.key, event.reference, event.number) for event in store.events("run")] == [
            ("click", "run-1", BOB),
            ("early", "run-0", ANNE),
            ("0 sent 20 None", "run-0", ANNE),
        ]
        assert [event.key for event in store.events("second")] == ["late"]

    def test_a_link_is_found_by_its_token(self) -> None:
        """At once, also while its run is loading; the same link twice is one."""
        links = [Link(f"token{seq}", "run", seq, f"https://boutique.example/{seq % 2}") for seq in range(3)]
        loaded(self.store)
        self.store.add_links(links[:2])
        assert self.store.link("token1") == links[1]
        self.store.set_run_state("run", RunState.READY)
        self.store.add_links(links)
        assert [self.store.link(f"token{seq}") for seq in range(4)] == [*links, None]

    def test_a_token_has_one_owner(self) -> None:
        """A click never counts for somebody else: two messages with one token are refused."""
        store = self.store
        loaded(store)
        one = Link("abc", "run", 0, "https://boutique.example")
        store.add_links([one])
        raises(InvalidInput, lambda: store.add_links([evolve(one, token="x"), evolve(one, token="x", seq=1)]))
        store.set_run_state("run", RunState.READY)
        loaded(store, run_id="second")
        raises(InvalidInput, lambda: store.add_links([evolve(one, run_id="second")]))
        store.add_links([evolve(one, run_id="second", token="def")])
        store.add_links([evolve(one, run_id="second", token="def", seq=1)])
        raises(InvalidInput, lambda: store.set_run_state("second", RunState.READY))
        assert store.link("abc") == one

    def test_nothing_asked_is_nothing_told(self) -> None:
        """Empty calls are no errors, and on an empty store everybody is unknown."""
        store, numbers = self.store, [ANNE, BOB]
        assert (store.suppress([]), store.record_consents([]), store.record_events([])) == (0, 0, 0)
        store.add_links([])
        for asked in ([], numbers):
            assert dict(store.suppressed(asked)) == {}
            assert dict(store.consents(asked)) == {}
            assert dict(store.engagement(asked)) == {}
            assert set(store.already_sent("soldes", asked)) == set()
            assert dict(store.recent_sends(asked, since=NOON, kind=Kind.OTP)) == {}
        assert (store.runs(), store.link("abc"), list(store.events("run"))) == ((), None, [])
