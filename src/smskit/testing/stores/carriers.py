"""What a store promises of carriers that have words, names and habits of their own."""

from __future__ import annotations

from itertools import permutations

from attrs import evolve

from smskit.kinds import DeliveryStatus, EventType, FailureClass, RunState, SendState
from smskit.records import Event, Send, Settlement
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
    receipt,
    run_record,
)

_SENT, _DELIVERED, _UNDELIVERED, _READ = (
    DeliveryStatus.SENT, DeliveryStatus.DELIVERED, DeliveryStatus.UNDELIVERED, DeliveryStatus.READ,
)  # fmt: skip


class CarriersContract(OneStore):
    """Codes, names, early receipts, parts: each test is one promise; its docstring says which."""

    # what is kept of their words ----------------------------------------

    def test_a_carriers_own_words_are_kept(self) -> None:
        """Of a message those of the receipt that counts, if it has any, else those of the answer."""
        opened(self.store, 3)
        self.store.lease("run", limit=3, now=NOON)
        answers = [
            Settlement(0, SendState.ACCEPTED, "a", code="queued", billed_parts=2),
            Settlement(1, SendState.REJECTED, code="E 7"),
            Settlement(2, SendState.PLANNED, code="busy", billed_parts=9),
        ]
        self.store.settle("run", answers)
        assert self.codes() == ["queued", "E 7", "busy"]
        assert [send.billed_parts for send in self.store.sends("run")] == [2, None, None]
        told = evolve(receipt(_UNDELIVERED, minute=2), code="ABSENT/27", provider_id="a", part="1", number=ANNE)
        self.store.record_events([told, evolve(receipt(_SENT, minute=3), code="on its way")])
        assert self.codes() == ["ABSENT/27", "E 7", "busy"]
        self.store.record_events([receipt(_DELIVERED, minute=4)])
        assert self.codes() == ["queued", "E 7", "busy"]
        assert next(iter(self.store.events("run"))) == told
        self.store.lease("run", limit=1, now=NOON)
        self.store.settle("run", [Settlement(2, SendState.ACCEPTED)])
        assert self.codes() == ["queued", "E 7", ""]

    # whose message it is ------------------------------------------------

    def test_the_number_decides_where_many_share_a_reference(self) -> None:
        """The event is about the message to its number in the run of the reference, and never about another's."""
        opened(self.store, 3)
        opened(self.store, 5, run_id="second")
        self.store.lease("run", limit=3, now=NOON)
        cases = [
            # what                                      number           place
            ("its own number",                          ANNE,            "run-0"),
            ("another recipient of the request",        BOB,             "run-1"),
            ("no number",                               None,            "run-0"),
            ("somebody whom another run is to",         planned(4).number, None),
            ("somebody whom nothing was sent to",       NOBODY,          None),
        ]  # fmt: skip
        for sentence, number, place in cases:
            event = evolve(receipt(_SENT, minute=2), key=sentence, number=number)
            self.store.record_events([event, evolve(event, key=f"click {sentence}", type=EventType.CLICK)])
            found = [event.reference for event in self.store.events("run") if event.key.endswith(sentence)]
            assert found == ([place] * 2 if place else []), sentence
        assert [send.status for send in self.store.sends("run")] == [_SENT, _SENT, None]
        assert list(self.store.events("second")) == []

    def test_the_carriers_name_and_the_number_tell_the_message(self) -> None:
        """Where our reference is not known; one name may be that of a whole batch."""
        for run_id, minute, name in (("run", 0, "ticket"), ("second", 10, "later")):
            opened(self.store, 2, run_id=run_id)
            self.store.lease(run_id, limit=2, now=after(minute))
            self.store.settle(run_id, [Settlement(seq, SendState.ACCEPTED, name) for seq in (0, 1)])
        told = [
            Event("one", EventType.RECEIPT, after(20), BOB, status=_SENT, provider_id="ticket"),
            Event("two", EventType.RECEIPT, after(21), ANNE, "theirs-7", _SENT, provider_id="later"),
            Event("old", EventType.REPLY, after(22), ANNE, text="oui", provider_id="ticket"),
            Event("new", EventType.REPLY, after(23), ANNE, text="oui", provider_id="strange"),
            Event("not hers", EventType.RECEIPT, after(20), CHLOE, status=_READ, provider_id="ticket"),
            Event("whose", EventType.RECEIPT, after(20), status=_READ, provider_id="ticket"),
            Event("no name", EventType.RECEIPT, after(20), BOB, status=_READ),
        ]
        self.store.record_events(told)
        about = {event.key: event.reference for run in self.store.runs() for event in self.store.events(run.run_id)}
        assert about == {"one": "run-1", "two": "second-0", "old": "run-0", "new": "second-0"}
        assert [send.status for send in self.store.sends("run")] == [None, _SENT]

    def test_the_carriers_name_tells_two_messages_to_one_number_apart(self) -> None:
        """In one run, also where their reference is that of the request."""
        self.store.create_run(run_record())
        self.store.add_sends("run", [planned(0), planned(1, number=BOB), planned(2, number=BOB)])
        self.store.set_run_state("run", RunState.READY)
        self.store.lease("run", limit=3, now=NOON)
        self.store.settle("run", [Settlement(seq, SendState.ACCEPTED, f"id-{seq}") for seq in range(3)])
        event = evolve(receipt(_SENT), number=BOB, provider_id="id-2")
        self.store.record_events([event, evolve(event, key="k", reference=None, provider_id="id-1")])
        assert [send.status for send in self.store.sends("run")] == [None, _SENT, _SENT]

    # early receipts -----------------------------------------------------

    def test_a_receipt_may_be_faster_than_the_answer(self) -> None:
        """It is applied when the answer tells the carrier's name, as if it had come after it."""
        absent = FailureClass.HANDSET_ERROR
        told = [
            Event("sent", EventType.RECEIPT, after(1), ANNE, status=_SENT, provider_id="ticket"),
            Event("end", EventType.RECEIPT, after(2), ANNE, "x", _UNDELIVERED, absent, provider_id="ticket", code="27"),
            Event("click", EventType.CLICK, after(2), ANNE, provider_id="ticket"),
            Event("hers", EventType.RECEIPT, after(2), BOB, status=_DELIVERED, provider_id="ticket"),
            Event("nobody's", EventType.RECEIPT, after(2), CHLOE, status=_DELIVERED, provider_id="ticket"),
            Event("other", EventType.RECEIPT, after(2), ANNE, status=_DELIVERED, provider_id="other"),
        ]
        answers = [Settlement(seq, SendState.ACCEPTED, "ticket", at=after(1)) for seq in (0, 1)]
        seen: list[tuple[object, ...]] = []
        for early in (True, False):
            store = self.make_store()
            opened(store, 3)
            store.lease("run", limit=2, now=NOON)
            for step in range(2):
                if early == (step == 0):
                    assert store.record_events(told) == len(told)
                else:
                    store.settle("run", answers[:1])
                    store.settle("run", answers[1:])
            assert store.record_events(told) == 0
            sends, events = list(store.sends("run")), sorted(store.events("run"), key=lambda event: event.key)
            seen.append((sends, events, store.account("run"), store.engagement([ANNE, BOB, CHLOE])))
            assert [(send.status, send.failure, send.code) for send in sends] == [
                (_UNDELIVERED, absent, "27"), (_DELIVERED, None, ""), (None, None, ""),
            ]  # fmt: skip
            assert [(event.key, event.reference, event.number) for event in events] == [
                ("click", "run-0", ANNE), ("end", "run-0", ANNE), ("hers", "run-1", BOB), ("sent", "run-0", ANNE),
            ]  # fmt: skip
            store.close()
        assert seen[0] == seen[1]

    def test_an_early_failure_is_counted_after_the_mark(self) -> None:
        """The mark moved on while nobody knew whose it was."""
        opened(self.store, 2)
        self.store.lease("run", limit=2, now=NOON)
        flood = FailureClass.FLOOD_FILTER
        early = Event("k", EventType.RECEIPT, after(1), ANNE, None, _UNDELIVERED, flood, provider_id="a")
        self.store.record_events([early, receipt(_UNDELIVERED, 1, failure=flood)])
        counts, mark = self.store.failures("run")
        assert counts == {flood: 1}
        self.store.settle("run", [Settlement(0, SendState.ACCEPTED, "a")])
        assert self.store.failures("run", after=mark)[0] == {flood: 1}
        assert self.store.failures("run")[0] == {flood: 2}

    def test_an_answer_that_is_not_recorded_takes_nothing(self) -> None:
        """A settlement of a message that was not leased, and one that names it otherwise."""
        opened(self.store, 2)
        self.store.lease("run", limit=1, now=NOON)
        self.store.record_events(
            [
                Event(f"k{number}", EventType.RECEIPT, after(1), number, status=_SENT, provider_id="a")
                for number in (ANNE, BOB)
            ]
        )
        self.store.settle("run", [Settlement(0, SendState.ACCEPTED, "b"), Settlement(1, SendState.ACCEPTED, "a")])
        assert list(self.store.events("run")) == []
        assert [send.status for send in self.store.sends("run")] == [None, None]

    def test_a_name_does_not_lead_to_who_was_forgotten(self) -> None:
        """Neither from a receipt that came before, nor from one that comes after; who is back is known again."""
        store = self.store
        opened(store, 2)
        store.lease("run", limit=2, now=NOON)
        early = Event("early", EventType.RECEIPT, after(1), ANNE, status=_SENT, provider_id="a")
        store.record_events([early])
        store.forget(ANNE)
        store.settle("run", [Settlement(0, SendState.ACCEPTED, "a")])
        store.record_events([evolve(early, key="late"), Event("r", EventType.REPLY, after(2), ANNE, provider_id="a")])
        assert list(store.events("run")) == []
        assert [(send.number, send.status) for send in store.sends("run")] == [(0, None), (BOB, None)]
        loaded(store, 1, run_id="second")
        store.set_run_state("second", RunState.READY)
        store.lease("second", limit=1, now=after(5))
        store.record_events([evolve(early, key="again", provider_id="b")])
        store.settle("second", [Settlement(0, SendState.ACCEPTED, "b")])
        assert [event.key for event in store.events("second")] == ["again"]

    # parts --------------------------------------------------------------

    def test_a_message_is_delivered_when_all_its_parts_are(self) -> None:
        """In any order of arrival; one part that was delivered is a message that was sent."""
        failed = FailureClass.HANDSET_ERROR
        cases: list[tuple[str, int, list[tuple[str, DeliveryStatus, int]], DeliveryStatus, int]] = [
            # what                             parts  receipts: part, status, minute                    status  minute
            ("one of two",                      2, [("1", _DELIVERED, 1)],                              _SENT, 1),
            ("the same one again",              2, [("1", _DELIVERED, 1), ("1", _READ, 2)],             _SENT, 2),
            ("both",                            2, [("1", _DELIVERED, 2), ("2", _DELIVERED, 1)],        _DELIVERED, 2),
            ("read is delivered, of a part",    2, [("1", _READ, 1), ("2", _DELIVERED, 3)],             _DELIVERED, 3),
            ("two of three, and sent later",    3, [("1", _DELIVERED, 1), ("3", _DELIVERED, 2), ("2", _SENT, 3)],
                                                                                                        _SENT, 3),
            ("a part that failed",              2, [("1", _DELIVERED, 2), ("2", _UNDELIVERED, 1)],     _UNDELIVERED, 1),
            ("a part that was late",            2, [("1", _UNDELIVERED, 1), ("2", _DELIVERED, 2), ("1", _DELIVERED, 3)],
                                                                                                        _DELIVERED, 3),
            ("the whole",                       3, [("1", _DELIVERED, 1), ("", _DELIVERED, 2)],         _DELIVERED, 2),
            ("a message of one part",           1, [("1", _DELIVERED, 1)],                              _DELIVERED, 1),
            ("read, all of it",                 2, [("1", _DELIVERED, 1), ("2", _DELIVERED, 2), ("", _READ, 3)],
                                                                                                        _READ, 3),
        ]  # fmt: skip
        orders = [
            (case, [told[n] for n in order]) for case in cases for told in [case[2]] for order in _orders(len(told))
        ]
        self.store.create_run(run_record())
        self.store.add_sends("run", [evolve(planned(seq), parts=case[1]) for seq, (case, _) in enumerate(orders)])
        self.store.set_run_state("run", RunState.READY)
        self.store.lease("run", limit=len(orders), now=NOON)
        for seq, (_, told) in enumerate(orders):
            events = [
                _part(seq, part, status, minute, failed if status is _UNDELIVERED else None)
                for part, status, minute in told
            ]
            self.store.record_events(events[:1])
            self.store.record_events(events)
        for (case, _), send in zip(orders, self.store.sends("run"), strict=True):
            sentence, _, _, status, minute = case
            assert (send.status, send.status_at) == (status, after(minute)), sentence
            assert send.failure is (failed if status is _UNDELIVERED else None), sentence
            assert send.state is SendState.ACCEPTED

    def test_the_carrier_says_how_many_parts_there_are(self) -> None:
        """Before the receipts or after them; until it does, it is as many as were planned."""
        cases = [
            # what                   billed receipts                                                status, minute
            ("as planned",            2,    [("1", _DELIVERED), ("2", _DELIVERED)],                 (_DELIVERED, 2)),
            ("one more than planned", 3,    [("1", _DELIVERED), ("2", _DELIVERED)],                 (_SENT, 2)),
            ("one less than planned", 1,    [("1", _DELIVERED)],                                    (_DELIVERED, 1)),
            ("it does not say",       None, [("1", _DELIVERED), ("2", _DELIVERED)],                 (_DELIVERED, 2)),
            ("more, and the whole",   3,    [("1", _DELIVERED), ("2", _DELIVERED), ("", _DELIVERED)], (_DELIVERED, 3)),
            ("more, and one failed",  3,    [("1", _DELIVERED), ("2", _UNDELIVERED), ("2", _READ)], (_UNDELIVERED, 2)),
        ]  # fmt: skip
        seen: list[list[Send]] = []
        for late in (False, True):
            store = self.make_store()
            store.create_run(run_record())
            store.add_sends("run", [evolve(planned(seq), parts=2) for seq in range(len(cases))])
            store.set_run_state("run", RunState.READY)
            store.lease("run", limit=len(cases), now=NOON)
            answers = [
                Settlement(seq, SendState.ACCEPTED, billed_parts=case[1], at=NOON) for seq, case in enumerate(cases)
            ]
            if not late:
                store.settle("run", answers)
            for seq, (_, _, told, _) in enumerate(cases):
                store.record_events([_part(seq, part, status, n) for n, (part, status) in enumerate(told, 1)])
            store.settle("run", answers)
            seen.append(list(store.sends("run")))
            store.close()
        for before, afterwards, (sentence, billed, _, (status, minute)) in zip(*seen, cases, strict=True):
            assert (before.status, before.status_at, before.billed_parts) == (status, after(minute), billed), sentence
            assert before == afterwards, sentence

    def codes(self) -> list[str]:
        """Give the codes of the sends of the run."""
        return [send.code for send in self.store.sends("run")]


def _orders(count: int) -> list[tuple[int, ...]]:
    return list(permutations(range(count)))


def _part(seq: int, part: str, status: DeliveryStatus, minute: int, failure: FailureClass | None = None) -> Event:
    told = receipt(status, seq, minute=minute, failure=failure)
    return evolve(told, key=f"{told.key} {part}", part=part)
