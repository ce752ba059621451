"""What a store promises of people."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from attrs import evolve

from smskit.compliance.history import GENESIS, broken_at
from smskit.errors import InvalidInput, NaiveDatetime
from smskit.kinds import DeliveryStatus, EventType, Kind, Reason, RunState, SendState
from smskit.records import (
    ConsentAction,
    ConsentEvent,
    Engagement,
    Event,
    Link,
    Settlement,
    Suppression,
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
    receipt,
    run_record,
)


class PeopleContract(OneStore):
    """Suppressions, consents, erasure: each test is one promise; its docstring says which."""

    def test_who_is_on_the_list_is_found(self) -> None:
        """Only the numbers that were asked for and that are on the list are given."""
        store = self.store
        assert store.suppressed([ANNE]) == {}
        entry = Suppression(ANNE, Reason.SUPPRESSED, NOON, "stop.csv")
        assert store.suppress([entry, evolve(entry, number=BOB)]) == 2
        assert store.suppressed([ANNE, NOBODY]) == {ANNE: entry}
        assert store.suppressed([]) == {}

    def test_the_same_entry_is_kept_once(self) -> None:
        """A list that is read twice adds nothing the second time."""
        entry = Suppression(ANNE, Reason.SUPPRESSED, NOON, "stop.csv")
        assert self.store.suppress([entry, entry]) == 1
        assert self.store.suppress([entry]) == 0

    def test_the_entry_that_counts(self) -> None:
        """The latest one, but none of ours that ends ever hides that the person said no."""
        said_no = Suppression(ANNE, Reason.OPTED_OUT, NOON, "reply")
        for_ever = Suppression(ANNE, Reason.SUPPRESSED, NOON, "complaint")
        for_now = evolve(for_ever, source="unreachable", until=after(5))
        cases = [
            ("the later of two oppositions", [said_no, evolve(said_no, at=after(1))], 1),
            ("a later end replaces an earlier one", [for_now, evolve(for_now, at=after(1), until=after(2))], 1),
            ("an end replaces no end when it is later", [for_ever, evolve(for_now, at=after(1))], 1),
            ("an entry without end stands behind a later opposition", [for_ever, evolve(said_no, at=after(1))], 0),
        ]
        for place, (sentence, entries, winner) in enumerate(cases):
            number = FIRST_NUMBER + place
            mine = [evolve(entry, number=number) for entry in entries]
            self.store.suppress(mine[1:])
            self.store.suppress(mine[:1])
            assert self.store.suppressed([number]) == {number: mine[winner]}, sentence

    def test_an_opposition_says_until_when_ours_holds_beside_it(self) -> None:
        """None hides the other: a consent may lift the opposition, and ours forbids all the same until it ends."""
        said_no = Suppression(ANNE, Reason.OPTED_OUT, NOON, "reply")
        for place, moment in enumerate((after(-1), NOON, after(1))):
            number = FIRST_NUMBER + place
            mine = evolve(said_no, number=number)
            self.store.suppress([mine, Suppression(number, Reason.SUPPRESSED, moment, "unreachable", until=after(5))])
            assert self.store.suppressed([number]) == {number: evolve(mine, until=after(5))}

    def test_an_entry_whose_time_has_passed_is_given(self) -> None:
        """The store does not know what time it is: the caller compares ``until``."""
        entry = Suppression(ANNE, Reason.SUPPRESSED, NOON, "unreachable", until=after(1))
        self.store.suppress([entry])
        assert self.store.suppressed([ANNE]) == {ANNE: entry}

    def test_only_two_reasons_suppress(self) -> None:
        """What is no opposition and no decision of ours is refused."""
        entry = Suppression(ANNE, Reason.BUDGET, NOON, "")
        raises(InvalidInput, lambda: self.store.suppress([entry]))
        assert self.store.suppressed([ANNE]) == {}

    def test_consents_are_a_history(self) -> None:
        """Everything is kept, oldest first whatever the order it came in; the same event twice is kept once."""
        given = ConsentEvent(ANNE, ConsentAction.GRANTED, NOON, "form", "sms", "Boutique", "J'accepte", "ip")
        taken_back = evolve(given, action=ConsentAction.WITHDRAWN, at=after(1))
        assert self.store.record_consents([taken_back, given, given]) == 2
        assert self.store.record_consents([evolve(given, channel="rcs")]) == 1
        history = self.store.consents([ANNE, NOBODY])
        assert set(history) == {ANNE}
        assert set(history[ANNE][:2]) == {given, evolve(given, channel="rcs")}
        assert history[ANNE][2:] == (taken_back,)

    def test_consents_are_a_chain(self) -> None:
        """Each act is sealed behind all before it, in the order in which they came in, whoever recorded them."""
        store = self.store
        assert (list(store.consent_log()), store.consent_head()) == ([], GENESIS)
        given = ConsentEvent(ANNE, ConsentAction.GRANTED, after(5), "form", wording="J'accepte")
        store.record_consents([given, evolve(given, number=BOB, at=NOON), given])
        store.record_events([Event("k", EventType.OPT_OUT, after(9), ANNE, text="STOP")])
        store.record_consents(evolve(given, number=FIRST_NUMBER + n) for n in range(3, 2503))
        chain = list(store.consent_log())
        assert [sealed.event.number for sealed in chain[:3] if sealed.event] == [ANNE, BOB, ANNE]
        assert chain[0].event == given
        assert len(chain) == 2503
        assert broken_at(chain, key=store.secret, head=store.consent_head()) is None
        assert broken_at(chain[:2] + chain[3:], key=store.secret) == 2

    def test_the_chain_outlives_the_people(self) -> None:
        """Who is forgotten leaves digest and seal in their places, and nothing else."""
        store = self.store
        given = ConsentEvent(ANNE, ConsentAction.GRANTED, NOON, "form")
        store.record_consents([given, evolve(given, number=BOB), evolve(given, at=after(1))])
        before = list(store.consent_log())
        store.forget(ANNE)
        store.record_consents([evolve(given, number=CHLOE)])
        chain = list(store.consent_log())
        assert [sealed.event.number if sealed.event else None for sealed in chain] == [None, BOB, None, CHLOE]
        assert [(sealed.digest, sealed.seal) for sealed in chain[:3]] == [(old.digest, old.seal) for old in before]
        assert broken_at(chain, key=store.secret, head=store.consent_head()) is None

    def test_silent_people_are_purged(self) -> None:
        """Three years after the last sign of life, to the instant; who gave one is kept, with the whole history."""
        store = self.store
        words = ("consent", "opt-out", "reply", "click", "list", "shop")
        heard = {word: after(minute) for minute, word in enumerate(words)}
        numbers = {word: FIRST_NUMBER + place for place, word in enumerate(heard)}
        store.record_consents(ConsentEvent(n, ConsentAction.GRANTED, NOON, "form") for n in numbers.values())
        create = [evolve(planned(place, number=n), token=f"t{place}") for place, n in enumerate(numbers.values())]
        store.create_run(run_record("run"))
        store.add_sends("run", create)
        store.add_links([Link(f"t{send.seq}", "run", send.seq, "https://boutique.example") for send in create])
        store.set_run_state("run", RunState.READY)
        store.lease("run", limit=9, now=NOON)
        store.record_events(
            [
                Event("o", EventType.OPT_OUT, heard["opt-out"], numbers["opt-out"], text="STOP"),
                Event("r", EventType.REPLY, heard["reply"], reference="run-2", text="Merci"),
                Event("c", EventType.CLICK, heard["click"], token="t3"),
                *(receipt(DeliveryStatus.READ, send.seq, minute=9) for send in create),
            ]
        )
        store.suppress([Suppression(numbers["list"], Reason.OPTED_OUT, heard["list"], "stop.csv")])
        visits = {numbers["shop"]: heard["shop"], NOBODY: after(9)}
        for word, at in heard.items():
            due = at.replace(year=at.year + 3)
            assert store.purge(now=due - timedelta(seconds=1), last_contact=visits) == 0, word
            assert numbers[word] in store.consents(numbers.values())
            assert store.purge(now=due, last_contact=visits) == 1, word
            assert store.consents([numbers[word]]) == {}
        assert {send.number for send in store.sends("run")} == {0}
        assert store.account("run").closes
        assert broken_at(store.consent_log(), key=store.secret, head=store.consent_head()) is None
        listed = {number: entry.at for number, entry in store.suppressed(numbers.values()).items()}
        assert listed == {numbers["opt-out"]: heard["opt-out"], numbers["list"]: heard["list"]}, "an opposition stays"

    def test_what_a_purge_leaves(self) -> None:
        """An opposition that a later consent lifted is gone with the person; a decision of ours is not."""
        store = self.store
        given = ConsentEvent(ANNE, ConsentAction.GRANTED, after(1), "form")
        store.record_consents([given, evolve(given, number=BOB), evolve(given, number=CHLOE, at=after(60))])
        dead = Suppression(BOB, Reason.SUPPRESSED, NOON, "dead number")
        store.suppress([Suppression(ANNE, Reason.OPTED_OUT, NOON, "reply"), dead])
        assert store.purge(now=after(1).replace(year=NOON.year + 3)) == 2
        assert store.suppressed([ANNE, BOB]) == {BOB: dead}
        assert set(store.consents([ANNE, BOB, CHLOE])) == {CHLOE}
        assert store.purge(now=after(1).replace(year=NOON.year + 3)) == 0

    def test_a_time_without_zone_is_refused(self) -> None:
        """Nobody can say at which instant it is."""
        naive = NOON.replace(tzinfo=None)
        store = self.store
        opened(store)
        tries: list[Callable[[], object]] = [
            lambda: store.suppress([Suppression(ANNE, Reason.OPTED_OUT, naive, "")]),
            lambda: store.suppress([Suppression(ANNE, Reason.OPTED_OUT, NOON, "", naive)]),
            lambda: store.record_consents([ConsentEvent(ANNE, ConsentAction.GRANTED, naive, "")]),
            lambda: store.purge(now=naive),
            lambda: store.create_run(evolve(run_record("other"), at=naive)),
            lambda: store.lease("run", limit=1, now=naive),
            lambda: store.settle("run", [Settlement(0, SendState.ACCEPTED, at=naive)]),
            lambda: store.recent_sends([ANNE], since=naive, kind=Kind.OTP),
            lambda: store.record_events([Event("k", EventType.REPLY, naive)]),
        ]
        for attempt in tries:
            raises(NaiveDatetime, attempt)

    def test_forgetting_erases_a_person(self) -> None:
        """Consents, texts and numbers go; only the list still answers, with an opposition."""
        store = self.store
        opened(store)
        store.record_consents([ConsentEvent(ANNE, ConsentAction.GRANTED, NOON, "form")])
        store.lease("run", limit=1, now=NOON)
        store.record_events([Event("k", EventType.REPLY, after(1), ANNE, "run-0", text="Merci, Anne")])
        before = store.account("run")
        assert store.suppressed([ANNE, BOB]) == {}
        store.forget(ANNE)
        assert store.consents([ANNE]) == {}
        assert store.engagement([ANNE]) == {}
        assert store.suppressed([ANNE, BOB])[ANNE].reason is Reason.OPTED_OUT
        assert BOB not in store.suppressed([ANNE, BOB])
        first, second, _ = store.sends("run")
        assert (first.number, first.text, second.number) == (0, "", BOB)
        assert [(event.number, event.text) for event in store.events("run")] == [(None, None)]
        assert store.account("run") == before

    def test_a_forgotten_person_is_not_sent_to(self) -> None:
        """What was planned for the person is cancelled; the account closes."""
        store = self.store
        opened(store)
        store.forget(BOB)
        assert [send.seq for send in store.lease("run", limit=9, now=NOON)] == [0, 2]
        account = store.account("run")
        assert (account.cancelled, account.in_doubt, account.closes) == (1, 2, True)

    def test_a_person_is_forgotten_in_a_run_that_is_loading(self) -> None:
        """It is not sent to when the run is opened."""
        store = self.store
        loaded(store)
        store.forget(BOB)
        store.set_run_state("run", RunState.READY)
        assert [(send.number, send.text) for send in store.sends("run")][1] == (0, "")
        assert [send.seq for send in store.lease("run", limit=9, now=NOON)] == [0, 2]
        assert store.account("run").closes

    def test_a_message_that_is_out_does_not_come_back_to_be_sent(self) -> None:
        """Who was forgotten meanwhile does not get it another time."""
        store = self.store
        opened(store)
        store.lease("run", limit=1, now=NOON)
        store.forget(ANNE)
        store.settle("run", [Settlement(0, SendState.PLANNED)])
        first = next(iter(store.sends("run")))
        assert (first.state, first.reason) == (SendState.CANCELLED, Reason.OPTED_OUT)
        assert store.account("run").closes

    def test_what_comes_after_forgetting_stays_forgotten(self) -> None:
        """A late receipt counts, and neither it nor a late reply brings number and text back."""
        store = self.store
        opened(store)
        store.lease("run", limit=1, now=NOON)
        store.forget(ANNE)
        reply = Event("k", EventType.REPLY, after(2), ANNE, "run-0", text="Merci, Anne")
        store.record_events([evolve(receipt(DeliveryStatus.DELIVERED), number=ANNE), reply])
        assert store.account("run").accepted == 1
        assert [(event.number, event.text) for event in store.events("run")] == [(None, None)] * 2

    def test_engagement_adds_up_earlier_runs(self) -> None:
        """What was taken or may have been taken is sent; a message counts as clicked once."""
        store = self.store
        for run_id in ("run", "second"):
            opened(store, run_id=run_id)
        store.add_links([Link("abc", "run", 0, "https://boutique.example")])
        assert store.engagement([ANNE]) == {}
        store.lease("run", limit=2, now=NOON)
        store.lease("second", limit=1, now=after(60))
        store.settle("run", [Settlement(1, SendState.REJECTED)])
        clicks = [Event(f"click {n}", EventType.CLICK, after(n), token="abc") for n in (1, 2)]
        reply = Event("reply", EventType.REPLY, after(3), ANNE, "run-0", text="oui")
        store.record_events([*clicks, reply, receipt(DeliveryStatus.DELIVERED)])
        assert store.engagement([ANNE, BOB, CHLOE]) == {
            ANNE: Engagement(sent=2, delivered=1, clicked=1, replied=1, last_sent=after(60))
        }
