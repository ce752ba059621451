"""What a centre brings: receipts find their messages however ids are spelled and whenever they come; replies; answers."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from datetime import timezone

import pytest
from tests.transports.smpp.client_parts import account, kinds_of, messages, submit, wait_for

import smskit as sk
from smskit.errors import StoreBusy
from smskit.kinds import DeliveryStatus, EventType, FailureClass
from smskit.records import Event
from smskit.testing.smsc import SMSC, Dialect, Fault, Form, Ids, Receipts
from smskit.transports.smpp import DeliverSm, Long, MessageState, Profile, Status, Tag, tlv
from smskit.transports.smpp.client import Memory

QUICKLY = Memory(answer_s=0.2)


class Taken:
    """A handler that keeps what it is given, and raises as often as it is told."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.failures = 0
        self.lots: list[int] = []

    def __call__(self, events: Sequence[Event]) -> None:
        self.lots.append(len(events))
        if self.failures:
            self.failures -= 1
            raise StoreBusy("shop.db", 1.0)
        self.events += events

    def of(self, kind: EventType) -> list[Event]:
        return [event for event in self.events if event.type is kind]


@pytest.fixture
def taken() -> Taken:
    return Taken()


SPELLINGS = [(ids.name.lower(), ids) for ids in Ids]


@pytest.mark.parametrize("before", [False, True], ids=["after the answer", "before the answer"])
@pytest.mark.parametrize("ids", [row[1] for row in SPELLINGS], ids=[row[0] for row in SPELLINGS])
def test_every_receipt_finds_its_message(taken, ids, before):
    with SMSC(ids=ids, receipts=Receipts(before_answer=before)) as smsc:
        with account(smsc, window=100, on_events=taken) as carrier:
            some = messages(300)
            assert set(kinds_of(submit(carrier, some))) == {"Accepted"}
            wait_for(lambda: len(taken.events) == 300)
        smsc.assert_all_acknowledged()
    numbers = {one.reference: one.number for one in some}
    assert {event.reference: event.number for event in taken.events} == numbers
    assert {event.status for event in taken.events} == {DeliveryStatus.DELIVERED}
    given = {each.pdu.destination_addr: each.message_id for each in smsc.submissions}
    assert all(event.provider_id == given[str(event.number)] for event in taken.events)


def test_ids_that_are_spelled_in_turns_find_their_messages_too(taken):
    with SMSC(ids=tuple(Ids), receipts=Receipts(before_answer=True), latency_s=(0.0, 0.02)) as smsc:
        with account(smsc, window=100, on_events=taken) as carrier:
            submit(carrier, messages(300))
            wait_for(lambda: len(taken.events) == 300)
    assert len({event.reference for event in taken.events}) == 300
    assert None not in {event.reference for event in taken.events}


WRITTEN = [
    # what                                            receipts
    ("as text", Receipts(form=Form.TEXT)),
    ("as parameters only", Receipts(form=Form.TLVS)),
    ("in message_payload", Receipts(in_payload=True)),
    ("in data_sm", Receipts(in_data_sm=True)),
    ("with odd dates and errors", Receipts(form=Form.TEXT, dialect=Dialect.ODD)),
    ("with words in full", Receipts(form=Form.TEXT, dialect=Dialect.COMMAS)),
    ("with a vendor's parameter", Receipts(tlvs=(tlv(0x1403, b"x"),))),
]


@pytest.mark.parametrize("receipts", [row[1] for row in WRITTEN], ids=[row[0] for row in WRITTEN])
def test_a_receipt_is_read_wherever_it_says_it(taken, receipts):
    with SMSC(receipts=receipts) as smsc, account(smsc, on_events=taken) as carrier:
        some = messages(3)
        smsc.decide(some[1].number, MessageState.UNDELIVERABLE, error="001")
        submit(carrier, some)
        wait_for(lambda: len(taken.events) == 3)
        smsc.wait_for(lambda centre: all(each.status == 0 for each in centre.deliveries))
    told = {event.reference: event for event in taken.events}
    assert told["run-0"].status is DeliveryStatus.DELIVERED
    assert told["run-1"].status is DeliveryStatus.UNDELIVERED
    assert told["run-1"].failure is not None
    assert told["run-0"].at.tzinfo is not None


def test_what_err_means_and_when_it_was_is_for_the_application_to_say(taken):
    with SMSC(receipts=Receipts(form=Form.TEXT, dialect=Dialect.SECONDS)) as smsc:
        with account(
            smsc, on_events=taken, errors={"1": FailureClass.UNKNOWN_SUBSCRIBER}, zone=timezone.utc
        ) as carrier:  # fmt: skip
            some = messages(1)
            smsc.decide(some[0].number, MessageState.UNDELIVERABLE, error="001")
            submit(carrier, some)
            wait_for(lambda: len(taken.events) == 1)
    (event,) = taken.events
    assert (event.failure, event.code) == (FailureClass.UNKNOWN_SUBSCRIBER, "UNDELIV/001")
    assert event.at.microsecond == 0


def test_a_receipt_that_looks_like_a_message_is_one_only_where_that_is_said(taken):
    for lenient, kind in ((False, EventType.REPLY), (True, EventType.RECEIPT)):
        taken.events.clear()
        with SMSC(receipts=Receipts(form=Form.TEXT, unmarked=True)) as smsc:
            with account(smsc, on_events=taken, lenient_receipts=lenient) as carrier:
                submit(carrier, messages(1))
                wait_for(lambda: len(taken.events) == 1)
        assert taken.events[0].type is kind


def test_the_same_receipt_twice_has_one_key(taken):
    with SMSC(receipts=Receipts(copies=3)) as smsc, account(smsc, on_events=taken) as carrier:
        submit(carrier, messages(2))
        wait_for(lambda: len(taken.events) == 6)
    assert len({event.key for event in taken.events}) == 2


def test_each_part_of_a_long_message_is_told_with_its_id(taken):
    with SMSC() as smsc, account(smsc, on_events=taken) as carrier:
        submit(carrier, messages(1, text="a" * 400))
        wait_for(lambda: len(taken.events) == 3)
    assert {event.part for event in taken.events} == {each.message_id for each in smsc.submissions}
    assert {event.reference for event in taken.events} == {"run-0"}


def test_a_message_that_the_centre_cuts_has_one_receipt_for_all(taken):
    way = Profile(long=Long.PAYLOAD)
    with SMSC(profile=way) as smsc, account(smsc, on_events=taken, profile=way) as carrier:
        submit(carrier, messages(1, text="a" * 400))
        wait_for(lambda: len(taken.events) == 1)
    assert taken.events[0].part == ""


def test_of_a_message_of_an_earlier_process_the_store_gets_id_number_and_part(taken):
    with SMSC(delivered_after_s=0.5) as smsc:
        with account(smsc) as carrier:
            (outcome,) = submit(carrier, messages(1))
        with account(smsc, on_events=taken):
            wait_for(lambda: len(taken.events) == 1)
    (event,) = taken.events
    assert (event.reference, event.number) == (None, messages(1)[0].number)
    assert event.provider_id == event.part == outcome.provider_id


def test_a_receipt_whose_answer_never_comes_is_answered_and_told_without_its_message(taken):
    # The answer is lost, but another submission is in flight: the receipt might be for that one.
    with SMSC(receipts=Receipts(before_answer=True)) as smsc:
        smsc.go_wrong(Fault.SILENT)
        with account(smsc, on_events=taken, memory=QUICKLY, centre={"timers": sk_timers(20.0)}) as carrier:
            flow = carrier.submit(messages(1))
            done = next(flow).start()
            wait_for(lambda: len(taken.events) == 1, 9.0)
            smsc.wait_for(lambda centre: [each.status for each in centre.deliveries] == [0])
            assert taken.events[0].reference is None
            assert taken.events[0].provider_id == smsc.submissions[0].message_id
            smsc.drop()
            done.result(5)


def sk_timers(response_s: float):
    from smskit.transports.smpp import Timers

    return Timers(response_s=response_s, drain_s=0.5)


def test_a_late_answer_tells_what_became_of_a_message_in_doubt(taken):
    with SMSC(latency_s=1.5) as smsc, account(smsc, on_events=taken) as carrier:
        (outcome,) = submit(carrier, messages(1))
        assert kinds_of([outcome]) == ["Unanswered"]
        wait_for(lambda: any(event.status is DeliveryStatus.ACCEPTED for event in taken.events))
        from smskit.transports.drivers import drive

        known = drive(carrier.ask(messages(2)))
        assert kinds_of([known["run-0"], known["run-1"]]) == ["Accepted", "Unanswered"]
        wait_for(lambda: any(event.status is DeliveryStatus.DELIVERED for event in taken.events))
    assert {event.reference for event in taken.events} == {"run-0"}


# ---------------------------------------------------------------- replies


def test_a_reply_is_told_with_who_wrote_it(taken):
    with SMSC() as smsc, account(smsc, on_events=taken):
        smsc.receive("+33612345678", "Oui, merci à vous €", to="36180")
        wait_for(lambda: len(taken.events) == 1)
        smsc.wait_for(lambda centre: all(each.status == 0 for each in centre.deliveries))
    (event,) = taken.events
    assert (event.type, event.number, event.text) == (EventType.REPLY, 33612345678, "Oui, merci à vous €")
    assert "Oui" not in repr(event)


@pytest.mark.parametrize("way", [Long.UDH, Long.SAR], ids=lambda way: way.value)
def test_a_long_reply_is_joined_and_its_parts_are_answered_together(taken, way):
    text = "Je voudrais changer la date de mon rendez-vous. " * 8
    with SMSC() as smsc, account(smsc, on_events=taken):
        smsc.receive("+33612345678", text, to="36180", long=way)
        wait_for(lambda: len(taken.events) == 1)
        smsc.wait_for(lambda centre: all(each.status == 0 for each in centre.deliveries))
        assert len(smsc.deliveries) == 3
    assert taken.events[0].text == text


def test_a_long_reply_from_a_centre_that_brings_one_at_a_time(taken):
    with SMSC(window=1) as smsc, account(smsc, on_events=taken, memory=QUICKLY):
        smsc.receive("+33612345678", "a" * 200, to="36180")
        wait_for(lambda: len(taken.events) == 1, 9.0)
    assert taken.events[0].text == "a" * 200


def test_a_long_reply_that_never_ends_is_told_part_by_part(taken):
    with SMSC() as smsc, account(smsc, on_events=taken, memory=Memory(replies_s=0.3)):
        smsc.deliver(_part(2, 3, b"deux"))
        smsc.deliver(_part(1, 3, b"un"))
        wait_for(lambda: len(taken.events) == 2)
        smsc.wait_for(lambda centre: all(each.status == 0 for each in centre.deliveries))
    assert [(event.text, event.part) for event in taken.events] == [("un", "7/1/3"), ("deux", "7/2/3")]


def _part(number: int, total: int, text: bytes) -> DeliverSm:
    parameters = (tlv(Tag.SAR_MSG_REF_NUM, 7), tlv(Tag.SAR_TOTAL_SEGMENTS, total), tlv(Tag.SAR_SEGMENT_SEQNUM, number))
    return DeliverSm(source_addr_ton=1, source_addr="33612345678", short_message=text, tlvs=parameters)


ODD = [
    # what                                  delivery                                                 text
    ("a type of number that nobody named", DeliverSm(source_addr_ton=7, source_addr="33612345678", short_message=b"Oui"), "Oui"),
    ("a coding that is no text", DeliverSm(source_addr="33612345678", data_coding=0xF5, short_message=b"\x01\x02"), None),
    ("nothing at all", DeliverSm(), ""),
]  # fmt: skip


@pytest.mark.parametrize(("pdu", "text"), [row[1:] for row in ODD], ids=[row[0] for row in ODD])
def test_odd_replies_are_told_and_answered(taken, pdu, text):
    with SMSC() as smsc, account(smsc, on_events=taken):
        smsc.deliver(pdu)
        wait_for(lambda: len(taken.events) == 1)
        smsc.wait_for(lambda centre: all(each.status == 0 for each in centre.deliveries))
    assert taken.events[0].text == text


def test_a_stop_is_obeyed_by_the_store(taken):
    with sk.MemoryStore() as store, SMSC() as smsc:
        with account(smsc, on_events=lambda events: sk.receive(store, events)):
            smsc.receive("+33612345678", "STOP", to="36180")
            smsc.wait_for(lambda centre: [each.status for each in centre.deliveries] == [0])
            assert 33612345678 in store.suppressed([33612345678])


# ---------------------------------------------------------------- answers


def test_a_delivery_is_answered_when_the_handler_has_returned():
    may_go, events = threading.Event(), []

    def handler(some: Sequence[Event]) -> None:
        may_go.wait(5)
        events.extend(some)

    with SMSC() as smsc, account(smsc, on_events=handler):
        smsc.receive("+33612345678", "Oui")
        time.sleep(0.1)
        assert [each.status for each in smsc.deliveries] == [None]
        may_go.set()
        smsc.wait_for(lambda centre: [each.status for each in centre.deliveries] == [0])
        assert len(events) == 1


def test_what_the_handler_does_not_take_comes_again_as_the_same(taken):
    seen: list[int] = []
    taken.failures = 2
    with SMSC(redelivered_after_s=0.05) as smsc, account(smsc, on_events=taken):
        smsc.receive("+33612345678", "Oui")
        smsc.wait_for(lambda centre: [each.status for each in centre.deliveries] == [0])
        seen += [each.attempts for each in smsc.deliveries]
    assert seen == [3]
    assert len(taken.events) == 1


def test_one_event_that_nobody_can_take_keeps_no_other():
    taken: list[str] = []

    def handler(events: Sequence[Event]) -> None:
        if any(event.text == "poison" for event in events):
            raise ValueError("it cannot be written down")
        taken.extend(event.text or "" for event in events)

    with SMSC(redelivered_after_s=0.05) as smsc, account(smsc, on_events=handler):
        for number in range(20):
            smsc.receive("+33612345678", "poison" if number == 7 else f"Oui {number}")
        wait_for(lambda: len(taken) == 19)
        statuses = [each.status for each in smsc.deliveries]
        assert statuses.count(0) >= 18
        assert Status.ESME_RX_P_APPN not in statuses


def test_nobody_listens_so_the_centre_keeps_it(taken):
    with SMSC(redelivered_after_s=0.05) as smsc, account(smsc, memory=QUICKLY) as carrier:
        smsc.receive("+33612345678", "Oui")
        smsc.wait_for(lambda centre: [each.status for each in centre.deliveries] == [Status.ESME_RX_T_APPN])
        with carrier.listen(taken):
            smsc.wait_for(lambda centre: [each.status for each in centre.deliveries] == [0])
    assert len(taken.events) == 1


def test_who_stops_listening_is_not_called_any_more(taken):
    with SMSC() as smsc, account(smsc) as carrier:
        with carrier.listen(taken):
            submit(carrier, messages(50))
            smsc.wait_for(lambda centre: [each.status for each in centre.deliveries] == [0] * 50)
        count = len(taken.events)
        assert count == 50
        smsc.receive("+33612345678", "Oui")
        time.sleep(0.2)
        assert len(taken.events) == count


def test_a_handler_that_is_slow_holds_up_no_answer_to_our_own_requests():
    may_go = threading.Event()

    def handler(_: Sequence[Event]) -> None:
        may_go.wait(10)

    with SMSC(window=3_000, redelivered_after_s=0.2) as smsc:
        with account(smsc, window=100, on_events=handler, largest_batch=2_000) as carrier:
            assert set(kinds_of(submit(carrier, messages(2_000)))) == {"Accepted"}
            assert Status.ESME_RX_T_APPN in [each.status for each in smsc.deliveries]
            may_go.set()
            smsc.wait_for(lambda centre: all(each.status == 0 for each in centre.deliveries), timeout_s=15.0)


@pytest.fixture(autouse=True)
def _no_thread_is_left() -> Iterator[None]:
    before = {thread.name for thread in threading.enumerate()}
    yield
    until = time.monotonic() + 5
    while left := [one.name for one in threading.enumerate() if one.name not in before and one.name == "smpp-smpp"]:
        assert time.monotonic() < until, left
        time.sleep(0.01)
