"""The centre for tests: what it takes, tells and plays, over real sockets."""

from __future__ import annotations

import asyncio
import socket
import ssl
from datetime import timezone

import pytest
import trustme
from tests.testing.smpp_prober import TO, Prober, message

from smskit.errors import InvalidInput
from smskit.kinds import DeliveryStatus, FailureClass
from smskit.testing.smsc import SMSC, Dialect, Fault, Form, Ids, Receipts
from smskit.transports.smpp import (
    Address,
    Bind,
    BindReceiver,
    BindTransceiver,
    BindTransceiverResp,
    BindTransmitter,
    BroadcastSm,
    CancelSm,
    DataSm,
    DataSmResp,
    DeliverSm,
    DeliverSmResp,
    Destination,
    EnquireLink,
    EnquireLinkResp,
    GenericNack,
    Long,
    MessageState,
    Outbind,
    Profile,
    QuerySm,
    QuerySmResp,
    ReplaceSm,
    Spelling,
    State,
    Status,
    SubmitMulti,
    SubmitSm,
    SubmitSmResp,
    Tag,
    Tlv,
    Unbind,
    UnbindResp,
    candidates,
    compose,
    decode,
    encode,
    is_receipt,
    plain,
    read_message,
    read_receipt,
    tlv,
)

ID = "1500000000"


# ---------------------------------------------------------------- binding

BINDS = [
    # what                            bind                              status
    ("the right password", BindTransceiver("shop", "secret"), 0),
    ("a transmitter", BindTransmitter("shop", "secret"), 0),
    ("a receiver", BindReceiver("shop", "secret"), 0),
    ("a wrong password", BindTransceiver("shop", "other"), Status.ESME_RINVPASWD),
    ("a stranger", BindTransceiver("stranger", "secret"), Status.ESME_RINVSYSID),
]


@pytest.mark.parametrize(("bind", "status"), [row[1:] for row in BINDS], ids=[row[0] for row in BINDS])
def test_who_may_bind(bind: Bind, status: int) -> None:
    with SMSC(accounts={"shop": "secret"}) as smsc, Prober(smsc, bind) as prober:
        assert prober.bound.pdu.status == status
        assert (prober.bound.pdu.system_id is None) == bool(status)
        assert [binding.status for binding in smsc.binds] == [status]
        assert smsc.connections == (not status)
        assert "secret" not in repr((smsc, smsc.binds))


def test_without_accounts_everybody_may_bind() -> None:
    with SMSC() as smsc, Prober(smsc, BindTransceiver("anybody", "x" * 40)) as prober:
        assert prober.bound.pdu == BindTransceiverResp(0, "smskit", (tlv(Tag.SC_INTERFACE_VERSION, 0x34),))
        assert smsc.binds[0].mode is State.BOUND_TRX


def test_an_application_without_parameters_is_told_none() -> None:
    with SMSC() as smsc, Prober(smsc, BindTransceiver("old", interface_version=0x33)) as prober:
        assert prober.bound.pdu.tlvs == ()


@pytest.mark.parametrize("has_body", [False, True])
def test_a_refused_bind_with_and_without_a_body(has_body: bool) -> None:
    with SMSC() as smsc:
        smsc.refuse_bind(Status.ESME_RBINDFAIL, has_body=has_body)
        with Prober(smsc) as prober:
            assert prober.bound.pdu == BindTransceiverResp(Status.ESME_RBINDFAIL, "smskit" if has_body else None)
        with Prober(smsc) as prober:
            assert prober.bound.pdu.status == 0


def test_with_tls() -> None:
    authority = trustme.CA()
    server, client = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context()
    authority.issue_cert("localhost").configure_cert(server)
    authority.configure_trust(client)
    with SMSC(tls=server) as smsc, Prober(smsc, tls=client) as prober:
        prober.ask(message())
        assert prober.read()[0].pdu.status == 0
        prober.acknowledge()
        smsc.go_wrong(Fault.CUT)
        prober.ask(message())
        assert len(prober.rest()) > 0


def test_the_centre_asks_to_be_bound_to() -> None:
    with SMSC() as smsc, socket.create_server(("127.0.0.1", 0)) as listener:
        smsc.outbind(*listener.getsockname(), system_id="centre")
        connected, _ = listener.accept()
        with connected:
            connected.settimeout(10)
            asked = decode(connected.recv(1000))
            assert asked.pdu == Outbind("centre")
            connected.sendall(encode(BindReceiver("shop"), 1))
            assert decode(connected.recv(1000)).pdu.status == 0


# ---------------------------------------------------------------- what it took


def test_what_was_sent_is_asked_for_as_of_the_sandbox() -> None:
    with SMSC() as smsc, Prober(smsc) as prober:
        prober.ask(message(b"Commande 4711"))
        prober.read(2)
        sent = smsc.assert_sent("+33612345678", containing="4711")
        assert (sent.text, sent.sender, sent.parts, sent.message_ids) == ("Commande 4711", "SHOP", 1, (ID,))
        assert sent == smsc.outbox[0] == smsc.sent_to(33612345678)[0]
        smsc.assert_nothing_sent_to("+33698765432")
        shown = repr((sent, smsc.submissions, smsc))
        assert "Commande" not in shown
        assert "612345678" not in shown


FAILING = [
    ("nothing to this number", lambda smsc: smsc.assert_sent("+33698765432"), "messages to others: 1"),
    ("another text", lambda smsc: smsc.assert_sent(TO, containing="x"), "messages to 33•+78: 1, and none contains 'x'"),
    ("something after all", lambda smsc: smsc.assert_nothing_sent_to(TO), "messages were sent to 33•+78: 1"),
    ("a receipt without an answer", lambda smsc: smsc.assert_all_acknowledged(), "1 of 1 deliveries"),
    ("what never happens", lambda smsc: smsc.wait_for(lambda smsc: smsc.taken > 1, timeout_s=0.01), "0.01 s"),
]


@pytest.mark.parametrize(("check", "says"), [row[1:] for row in FAILING], ids=[row[0] for row in FAILING])
def test_assertions_fail_without_a_number(check, says: str) -> None:
    with SMSC() as smsc, Prober(smsc) as prober:
        prober.ask(message())
        prober.read(2)
        with pytest.raises(AssertionError, match=says) as caught:
            check(smsc)
        assert "612345678" not in str(caught.value)


LONG = "À la une : " + "½ prix sur tout le magasin, € 20 remboursés. 😀 " * 9


@pytest.mark.parametrize("long", list(Long))
@pytest.mark.parametrize(
    "text", [LONG, LONG.replace("½", "1/2").replace("À", "A").replace("😀", "")], ids=["ucs-2", "gsm-7"]
)
def test_a_long_text_is_one_message(long: Long, text: str) -> None:
    profile = Profile(long=long)
    parts = compose(text, Address("SHOP", 5), Address(TO, 1, 1), profile=profile, reference=7)
    with SMSC(profile=profile) as smsc, Prober(smsc) as prober:
        # The last one comes first.
        for part in reversed(parts):
            prober.ask(part)
        smsc.wait_for(lambda smsc: smsc.taken == len(parts))
        [sent] = smsc.outbox
        assert (sent.text, sent.parts) == (text, len(parts))
        assert smsc.duplicates == ()


def test_a_cut_between_the_halves_of_a_character() -> None:
    octets = "ab😀".encode("utf-16-be")
    with SMSC() as smsc, Prober(smsc) as prober:
        for number, piece in ((1, octets[:6]), (2, octets[6:])):
            prober.ask(message(b"\5\0\3\7\2" + bytes((number,)) + piece, esm_class=0x40, data_coding=8))
        smsc.wait_for(lambda smsc: smsc.taken == 2)
        assert smsc.outbox[0].text == "ab😀"


def test_a_part_without_the_others_is_no_message_yet() -> None:
    with SMSC() as smsc, Prober(smsc) as prober:
        prober.ask(message(b"\5\0\3\7\2\1hello", esm_class=0x40))
        prober.read()
        assert (smsc.taken, smsc.outbox) == (1, ())


def test_what_comes_twice_is_told() -> None:
    with SMSC() as smsc, Prober(smsc) as prober, Prober(smsc, BindTransceiver("other")) as other:
        prober.ask(message())
        prober.ask(message(b"another"))
        other.ask(message())
        prober.ask(message())
        smsc.wait_for(lambda smsc: smsc.taken == 4)
        assert [each.pdu for each in smsc.duplicates] == [message()]


def test_octets_that_are_no_text() -> None:
    with SMSC() as smsc, Prober(smsc) as prober:
        prober.ask(message(b"\1\2", data_coding=4))
        prober.read()
        assert smsc.outbox[0].text is None


def test_data_sm_and_submit_multi() -> None:
    with SMSC() as smsc, Prober(smsc) as prober:
        prober.ask(DataSm("", 5, 0, "SHOP", 1, 1, TO, tlvs=(tlv(Tag.MESSAGE_PAYLOAD, b"data"),)))
        assert prober.read()[0].pdu == DataSmResp(0, ID)
        smsc.assert_sent(TO, containing="data")
        to = tuple(Destination(number) for number in (TO, "33698765432", "", "33600000000"))
        prober.ask(SubmitMulti("", 5, 0, "SHOP", to, short_message=b"all", registered_delivery=1))
        [answer] = prober.read()
        assert (answer.pdu.status, answer.pdu.message_id) == (0, "1500000001")
        assert [each.status for each in answer.pdu.unsuccess_sme] == [Status.ESME_RINVDSTADR]
        smsc.assert_sent("33698765432", containing="all")
        assert {read_receipt(frame.pdu).message_id for frame in prober.acknowledge(3)} == {"1500000001"}


# ---------------------------------------------------------------- refusals, throttling, latency


def test_a_rule_gives_any_status() -> None:
    def rule(pdu: SubmitSm) -> int:
        return 0x45A if pdu.destination_addr.endswith("78") else 0

    with SMSC(rule=rule) as smsc, Prober(smsc) as prober:
        prober.ask(message())
        prober.ask(message(destination_addr="33600000000", registered_delivery=0))
        assert [frame.pdu.status for frame in prober.read(2)] == [0x45A, 0]
        assert [each.status for each in smsc.submissions] == [0x45A, 0]
        assert smsc.taken == 1


def test_a_rule_that_raises_is_told_at_the_end() -> None:
    def rule(pdu: SubmitSm) -> int:
        raise ZeroDivisionError("a fault of the rule")

    def run() -> None:
        with SMSC(rule=rule) as smsc, Prober(smsc) as prober:
            prober.ask(message())
            assert prober.rest() == b""

    with pytest.raises(ZeroDivisionError):
        run()


def test_refusals_hit_those_that_they_are_meant_for() -> None:
    with SMSC() as smsc, Prober(smsc) as prober:
        smsc.refuse(Status.ESME_RTHROTTLED, after=1, times=2)
        smsc.refuse(Status.ESME_RQUERYFAIL, to=QuerySm)
        for text in b"abcd":
            prober.ask(message(bytes((text,)), registered_delivery=0))
        prober.ask(QuerySm())
        statuses = [frame.pdu.status for frame in prober.read(5)]
        assert statuses == [0, 0x58, 0x58, 0, Status.ESME_RQUERYFAIL]


def test_too_many_in_a_second_are_throttled() -> None:
    with SMSC(per_second=5) as smsc, Prober(smsc) as prober, Prober(smsc, BindTransceiver("other")) as other:
        prober.write(b"".join(encode(message(b"%d" % number, registered_delivery=0), number) for number in range(8)))
        assert [frame.pdu.status for frame in prober.read(8)] == [0] * 5 + [Status.ESME_RTHROTTLED] * 3
        other.ask(message())
        assert other.read()[0].pdu.status == 0


def test_a_full_queue_empties_itself() -> None:
    with SMSC(queue=1, delivered_after_s=0.05) as smsc, Prober(smsc) as prober:
        prober.ask(message(b"first"))
        prober.ask(message(b"second"))
        assert [frame.pdu.status for frame in prober.read(2)] == [0, Status.ESME_RMSGQFUL]
        prober.acknowledge()
        prober.ask(message(b"second"))
        assert prober.read()[0].pdu.status == 0


def test_latency_lets_answers_overtake_each_other() -> None:
    with SMSC(seed=3, latency_s=(0.0, 0.2)) as smsc, Prober(smsc) as prober:
        prober.write(b"".join(encode(message(registered_delivery=0), number) for number in range(6)))
        order = [frame.sequence for frame in prober.read(6)]
    assert sorted(order) == list(range(6))
    assert order != list(range(6))


def test_parameters_of_answers() -> None:
    with SMSC(answer_tlvs=(tlv(Tag.CONGESTION_STATE, 85), Tlv(0x1403, b"x"))) as smsc, Prober(smsc) as prober:
        prober.ask(message())
        assert prober.read()[0].pdu.tlvs == (tlv(Tag.CONGESTION_STATE, 85), Tlv(0x1403, b"x"))


# ---------------------------------------------------------------- receipts

SPELLINGS = [
    # how                       in the answer                            in the receipt             found by
    (Ids.DECIMAL, "1500000000", "1500000000", Spelling.EXACT),
    (Ids.HEX, "59682f00", "59682f00", Spelling.EXACT),
    (Ids.UUID, "00000000-0000-0000-0000-000059682f00", "00000000-0000-0000-0000-000059682f00", Spelling.EXACT),
    (Ids.PADDED, "00000000001500000000", "00000000001500000000", Spelling.EXACT),
    (Ids.PADDED_IN_ANSWER, "00000000001500000000", "1500000000", Spelling.PLAIN),
    (Ids.PADDED_IN_RECEIPT, "1500000000", "00000000001500000000", Spelling.PLAIN),
    (Ids.CAPITALS_IN_RECEIPT, "59682f00", "59682F00", Spelling.PLAIN),
    (Ids.DECIMAL_IN_RECEIPT, "59682f00", "1500000000", Spelling.DECIMAL_TO_HEX),
    (Ids.HEX_IN_RECEIPT, "1500000000", "59682f00", Spelling.HEX_TO_DECIMAL),
]


@pytest.mark.parametrize(("ids", "answered", "told", "spelling"), SPELLINGS, ids=[row[0].name for row in SPELLINGS])
def test_spellings_of_identifiers(ids: Ids, answered: str, told: str, spelling: Spelling) -> None:
    with SMSC(ids=ids) as smsc, Prober(smsc) as prober:
        prober.ask(message())
        answer, receipt = prober.read(2)
        assert answer.pdu.message_id == answered
        assert read_receipt(receipt.pdu).message_id == told
        # And the core finds the one by the other.
        found = dict(candidates(told))
        wanted = answered if spelling is Spelling.EXACT else plain(answered)
        assert found[spelling] == wanted


def test_every_spelling_is_in_the_table() -> None:
    assert [row[0] for row in SPELLINGS] == list(Ids)


def test_several_spellings_in_turn() -> None:
    with SMSC(ids=(Ids.HEX, Ids.UUID, Ids.PADDED)) as smsc, Prober(smsc) as prober:
        for _ in range(4):
            prober.ask(message(registered_delivery=0))
        assert [len(frame.pdu.message_id) for frame in prober.read(4)] == [8, 36, 20, 8]


@pytest.mark.parametrize("dialect", list(Dialect))
@pytest.mark.parametrize("form", list(Form))
@pytest.mark.parametrize("where", ["short_message", "message_payload", "data_sm"])
def test_our_own_reader_understands_every_dialect(dialect: Dialect, form: Form, where: str) -> None:
    how = Receipts(dialect=dialect, form=form, in_payload=where == "message_payload", in_data_sm=where == "data_sm")
    with SMSC(receipts=how) as smsc, Prober(smsc) as prober:
        smsc.decide(TO, MessageState.UNDELIVERABLE, error="001")
        prober.ask(message(b"Commande 4711"))
        _, frame = prober.read(2)
        assert isinstance(frame.pdu, DataSm if where == "data_sm" else DeliverSm)
        assert is_receipt(frame.pdu)
        receipt = read_receipt(frame.pdu)
        assert (receipt.message_id, receipt.status) == (ID, DeliveryStatus.UNDELIVERED)
        has_cause = form is not Form.TEXT
        assert receipt.failure is (FailureClass.UNKNOWN_SUBSCRIBER if has_cause else FailureClass.UNSPECIFIED)
        if form is not Form.TLVS and dialect not in (Dialect.ODD, Dialect.SHORT):
            done = receipt.done_at(timezone.utc)
            assert done is not None
            assert abs((done - smsc.submissions[0].at).total_seconds()) < 120
        assert frame.pdu.source_addr == TO
        assert frame.pdu.destination_addr == "SHOP"


def test_a_dialect_of_ones_own() -> None:
    how = Receipts(form=Form.TEXT, dialect="{id}/{long_word}", unmarked=True, tlvs=(Tlv(0x1403, b"x"),), copies=2)
    with SMSC(receipts=how) as smsc, Prober(smsc) as prober:
        prober.ask(message())
        _, one, two = prober.read(3)
        assert one.pdu == two.pdu
        assert (one.pdu.short_message, one.pdu.esm_class) == (b"1500000000/DELIVERED", 0)
        assert one.pdu.tlvs == (Tlv(0x1403, b"x"),)


WANTED = [
    # registered_delivery, what becomes of it, told
    (0, MessageState.DELIVERED, False),
    (1, MessageState.DELIVERED, True),
    (1, MessageState.EXPIRED, True),
    (2, MessageState.DELIVERED, False),
    (2, MessageState.REJECTED, True),
    (3, MessageState.DELIVERED, True),
    (3, MessageState.UNDELIVERABLE, False),
]


@pytest.mark.parametrize(("wanted", "state", "told"), WANTED)
def test_receipts_are_sent_to_who_asked_for_them(wanted: int, state: MessageState, told: bool) -> None:
    with SMSC() as smsc, Prober(smsc) as prober:
        smsc.decide(TO, state)
        prober.ask(message(registered_delivery=wanted))
        prober.read()
        smsc.wait_for(lambda smsc: smsc.outbox[0].state is state)
        assert len(smsc.deliveries) == told
    with SMSC(receipts=Receipts(unasked=True)) as smsc, Prober(smsc) as prober:
        prober.ask(message(registered_delivery=0))
        prober.read(2)


@pytest.mark.parametrize("window", [1, 10, 200])
def test_receipts_before_answers_all_match(window: int) -> None:
    how = Receipts(before_answer=True)
    ids = (Ids.DECIMAL, Ids.HEX, Ids.UUID, Ids.DECIMAL_IN_RECEIPT, Ids.PADDED_IN_RECEIPT)
    with SMSC(receipts=how, ids=ids, window=window) as smsc, Prober(smsc) as prober:
        prober.write(b"".join(encode(message(b"%d" % number), number) for number in range(100)))
        receipts, answers = {}, {}
        for at in range(200):
            [frame] = prober.read()
            if isinstance(frame.pdu, SubmitSmResp):
                answers[frame.sequence] = at
            else:
                receipts[int(frame.pdu.short_message.rsplit(b"text:")[1])] = at
                prober.ask(DeliverSmResp(0, ""), frame.sequence)
        assert all(receipts[number] < answers[number] for number in range(100))
        smsc.wait_for(lambda smsc: all(each.status == 0 for each in smsc.deliveries))


def test_a_receipt_before_its_answer_does_not_wait_for_somebody_who_is_not_there() -> None:
    with SMSC(receipts=Receipts(before_answer=True)) as smsc, Prober(smsc, BindTransmitter("shop")) as sender:
        sender.ask(message())
        assert sender.read()[0].pdu.status == 0
        with Prober(smsc, BindReceiver("shop")) as receiver:
            assert is_receipt(receiver.acknowledge()[0].pdu)


def test_receipts_go_to_the_account_that_sent() -> None:
    with SMSC() as smsc, Prober(smsc, BindReceiver("other")) as other, Prober(smsc, BindTransmitter("shop")) as sender:
        sender.ask(message())
        sender.read()
        with Prober(smsc, BindReceiver("shop")) as receiver:
            receiver.acknowledge()
        other.ask(EnquireLink())
        assert other.read()[0].pdu == EnquireLinkResp()


def test_a_share_arrives_and_the_seed_says_which() -> None:
    def fates(seed: int, order: int) -> dict[str, MessageState]:
        numbers = [str(33600000000 + number) for number in range(100)][::order]
        with SMSC(seed, delivered=0.7) as smsc, Prober(smsc) as prober:
            for number in numbers:
                prober.ask(message(destination_addr=number, registered_delivery=0))
            smsc.wait_for(lambda smsc: smsc.taken == 100)
            smsc.wait_for(lambda smsc: MessageState.ENROUTE not in {sent.state for sent in smsc.outbox})
            return {sent.number: sent.state for sent in smsc.outbox}

    first = fates(1, 1)
    assert first == fates(1, -1)
    assert first != fates(2, 1)
    assert 50 < sum(state is MessageState.DELIVERED for state in first.values()) < 90


# ---------------------------------------------------------------- replies


def test_a_reply_waits_for_somebody_and_comes_glued_behind_the_answer_to_the_bind() -> None:
    with SMSC() as smsc:
        smsc.receive("+33612345678", "STOP", to="36180")
        with Prober(smsc, None) as prober:
            prober.ask(BindTransceiver("shop"))
            octets = prober.socket.recv(65_536)
            length = int.from_bytes(octets[:4], "big")
            assert isinstance(decode(octets[:length]).pdu, BindTransceiverResp)
            reply = decode(octets[length:]).pdu
            assert isinstance(reply, DeliverSm)
            assert (reply.source_addr, reply.destination_addr, reply.short_message) == (TO, "36180", b"STOP")
            assert not is_receipt(reply, lenient=True)


@pytest.mark.parametrize("long", list(Long))
def test_a_long_reply(long: Long) -> None:
    with SMSC() as smsc, Prober(smsc) as prober:
        smsc.receive(TO, LONG, long=long)
        parts = [read_message(prober.read()[0].pdu) for _ in range(len(smsc.deliveries))]
        assert "".join(part.text or "" for part in parts) == LONG
        assert [part.place for part in parts] == list(range(1, parts[0].total + 1))
        assert (len(parts) == 1) == (long is Long.PAYLOAD)


def test_any_pdu_can_be_delivered() -> None:
    odd = DeliverSm(
        "", 7, 9, "odd", 1, 1, "36180", data_coding=0xF1, short_message=b"\xff\x00", tlvs=(Tlv(0x1403, b""),)
    )
    with SMSC() as smsc, Prober(smsc) as prober:
        smsc.deliver(odd, system_id="shop")
        assert prober.acknowledge()[0].pdu == odd


# ---------------------------------------------------------------- query, replace, cancel


def test_a_message_under_way_can_be_looked_at_changed_and_taken_back() -> None:
    with SMSC(delivered_after_s=60) as smsc, Prober(smsc) as prober:
        prober.ask(message(b"first"))
        prober.ask(QuerySm(ID, 5, 0, "SHOP"))
        prober.ask(ReplaceSm(ID, 5, 0, "SHOP", short_message=b"second"))
        prober.ask(CancelSm("", ID, 5, 0, "SHOP"))
        prober.ask(QuerySm(ID, 5, 0, "SHOP"))
        prober.ask(ReplaceSm(ID, 5, 0, "SHOP", short_message=b"third"))
        prober.ask(CancelSm("", ID, 5, 0, "SHOP"))
        answers = [frame.pdu for frame in prober.read(7)]
        assert answers[1] == QuerySmResp(0, ID, "", MessageState.ENROUTE, 0)
        assert [answer.status for answer in answers[2:4]] == [0, 0]
        assert answers[4].message_state == MessageState.DELETED
        assert len(answers[4].final_date) == 16
        assert [answer.status for answer in answers[5:]] == [Status.ESME_RREPLACEFAIL, Status.ESME_RCANCELFAIL]
        assert smsc.outbox[0].text == "second"


STRANGERS = [
    ("another identifier", "4711", "SHOP", "shop"),
    ("another sender", ID, "OTHER", "shop"),
    ("another account", ID, "SHOP", "other"),
]


@pytest.mark.parametrize(
    ("message_id", "source", "account"), [row[1:] for row in STRANGERS], ids=[row[0] for row in STRANGERS]
)
def test_nobody_else_touches_it(message_id: str, source: str, account: str) -> None:
    with SMSC(delivered_after_s=60) as smsc, Prober(smsc) as prober, Prober(smsc, BindTransceiver(account)) as other:
        prober.ask(message())
        prober.read()
        for request in (
            QuerySm(message_id, 5, 0, source),
            CancelSm("", message_id, 5, 0, source),
            ReplaceSm(message_id, 5, 0, source),
        ):
            other.ask(request)
        assert [frame.pdu.status for frame in other.read(3)] == [
            Status.ESME_RQUERYFAIL,
            Status.ESME_RCANCELFAIL,
            Status.ESME_RREPLACEFAIL,
        ]


def test_all_messages_to_one_number_are_cancelled_together() -> None:
    with SMSC(delivered_after_s=60) as smsc, Prober(smsc) as prober:
        for number in (TO, TO, "33698765432"):
            prober.ask(message(destination_addr=number))
        prober.ask(CancelSm("", "", 5, 0, "SHOP", 1, 1, TO))
        assert [frame.pdu.status for frame in prober.read(4)] == [0] * 4
        assert [sent.state.name for sent in smsc.outbox] == ["DELETED", "DELETED", "ENROUTE"]


def test_a_scheduled_message_waits_and_one_that_is_valid_for_less_expires() -> None:
    with SMSC() as smsc, Prober(smsc) as prober:
        prober.ask(message(schedule_delivery_time="000000000100000R"))
        prober.ask(QuerySm(ID, 5, 0, "SHOP"))
        assert prober.read(2)[1].pdu.message_state == MessageState.SCHEDULED
        prober.ask(message(schedule_delivery_time="000000000100000R", validity_period="000000000000000R"))
        receipt = prober.read(2)[1]
        assert read_receipt(receipt.pdu).status is DeliveryStatus.EXPIRED


def test_what_this_centre_does_not_have_is_nacked() -> None:
    with SMSC() as smsc, Prober(smsc) as prober:
        prober.ask(BroadcastSm(), 6)
        [frame] = prober.read()
        assert (frame.pdu, frame.sequence) == (GenericNack(Status.ESME_RINVCMDID), 6)


# ---------------------------------------------------------------- faults

RIGHT = encode(SubmitSmResp(0, ID), 5)
PLAIN = message(registered_delivery=0)
OURS = 0x7FFFFF00

WIRE = [
    # fault                  what comes
    (Fault.TWICE, RIGHT * 2),
    (Fault.STRAY, encode(SubmitSmResp(0, ID), 0x40000005) + RIGHT),
    (Fault.OTHER_ANSWER, encode(EnquireLinkResp(), 5) + RIGHT),
    (Fault.NACK, encode(GenericNack(3), 5)),
    (Fault.NO_BODY, encode(SubmitSmResp(0), 5)),
    (Fault.NO_NUL, b"\0\0\0\x1a" + RIGHT[4:-1]),
    (Fault.VENDOR_STATUS, RIGHT[:8] + b"\0\0\4\x5a" + RIGHT[12:]),
    (Fault.VENDOR_TLV, b"\0\0\0\x22" + RIGHT[4:] + b"\x14\3\0\3abc"),
    (Fault.WRONG_TLV, b"\0\0\0\x21" + RIGHT[4:] + b"\4\x27\0\2\0\2"),
    (Fault.LONG_TLV, b"\0\0\0\x22" + RIGHT[4:] + b"\4\x24\0\x09abc"),
    (Fault.STRAY_OCTETS, b"\0\0\0\x1e" + RIGHT[4:] + b"\0\0\0"),
    (Fault.UNKNOWN_COMMAND, b"\0\0\0\x11\0\1\2\1\0\0\0\0\x7f\xff\xff\0?" + RIGHT),
    (Fault.ENQUIRIES, RIGHT + encode(EnquireLink(), OURS) * 2000),
    (Fault.UNBIND, encode(Unbind(), OURS) + RIGHT),
    (Fault.SHORT_LENGTH, b"\0\0\0\x08\x80\0\0\4"),
    (Fault.HUGE_LENGTH, b"\x7f\xff\xff\xff" + RIGHT[4:]),
    (Fault.HTTP, b"HTTP/1.1 400 Bad Request\r\n\r\n"),
    (Fault.LAST_FIRST, RIGHT),
    (Fault.SILENT, b""),
    (Fault.CUT, RIGHT[:13]),
    (Fault.HANG_UP, b""),
    (Fault.RESET, ConnectionResetError),
]


@pytest.mark.parametrize(("fault", "octets"), WIRE, ids=[row[0].name for row in WIRE])
@pytest.mark.parametrize("chunk", [None, 1, 7])
def test_each_fault_on_the_wire(fault: Fault, octets: bytes | type[Exception], chunk: int | None) -> None:
    ends = fault in (Fault.CUT, Fault.HANG_UP, Fault.RESET)
    with SMSC(chunk=chunk) as smsc, Prober(smsc) as prober:
        smsc.go_wrong(fault)
        prober.ask(PLAIN, 5)
        smsc.wait_for(lambda smsc: smsc.taken == 1)
        if not ends:
            # An answer in good order shows where the fault ends.
            marker = encode(EnquireLinkResp(), 77)
            prober.ask(EnquireLink(), 77)
            seen = b""
            while not seen.endswith(marker):
                seen += prober.socket.recv(100_000)
            assert seen == octets + marker
        elif isinstance(octets, bytes):
            assert prober.rest() == octets
        else:
            with pytest.raises(octets):
                prober.rest()


def test_every_fault_is_in_the_table() -> None:
    assert {row[0] for row in WIRE} == set(Fault)


def test_faults_hit_those_that_they_are_meant_for() -> None:
    with SMSC() as smsc:
        smsc.go_wrong(Fault.HANG_UP, to=Bind)
        with pytest.raises(EOFError):
            Prober(smsc)
        with Prober(smsc) as prober:
            smsc.go_wrong(Fault.SILENT, after=1, times=2)
            for number in range(4):
                prober.ask(PLAIN, 100 + number)
            assert [frame.sequence for frame in prober.read(2)] == [100, 103]


def test_answers_in_the_opposite_order() -> None:
    with SMSC() as smsc, Prober(smsc) as prober:
        smsc.go_wrong(Fault.LAST_FIRST, times=3)
        for number in range(4):
            prober.ask(PLAIN, 100 + number)
        assert [frame.sequence for frame in prober.read(4)] == [102, 101, 100, 103]


def test_a_centre_that_unbinds_amid_messages_answers_what_it_has_and_goes() -> None:
    with SMSC(latency_s=0.02) as smsc, Prober(smsc) as prober:
        smsc.go_wrong(Fault.UNBIND)
        prober.ask(PLAIN, 100)
        unbind, first = prober.read(2)
        assert (unbind.pdu, first.sequence) == (Unbind(), 100)
        prober.write(encode(PLAIN, 101) + encode(PLAIN, 102) + encode(UnbindResp(), unbind.sequence))
        assert [frame.sequence for frame in prober.rest_of_pdus()] == [101, 102]
        smsc.assert_nothing_odd()


def test_a_centre_that_unbinds_in_good_order() -> None:
    with SMSC() as smsc, Prober(smsc) as prober:
        smsc.unbind()
        [unbind] = prober.read()
        prober.ask(UnbindResp(), unbind.sequence)
        assert prober.rest() == b""


def test_a_frozen_centre_says_nothing_until_it_thaws() -> None:
    with SMSC() as smsc, Prober(smsc) as prober:
        smsc.freeze()
        prober.ask(EnquireLink(), 9)
        prober.socket.settimeout(0.1)
        with pytest.raises(TimeoutError):
            prober.read()
        smsc.thaw()
        prober.socket.settimeout(10)
        assert prober.read()[0].sequence == 9


def test_any_octets_can_be_told() -> None:
    with SMSC() as smsc, Prober(smsc) as prober:
        smsc.tell(b"anything")
        assert prober.socket.recv(100) == b"anything"


# ---------------------------------------------------------------- running


def test_it_serves_a_loop_that_is_running() -> None:
    async def submit() -> str | None:
        async with SMSC() as smsc:
            reader, writer = await asyncio.open_connection(smsc.host, smsc.port)
            writer.write(encode(BindTransceiver("shop"), 1))
            await reader.readexactly(16)
            writer.write(encode(message(), 2))
            await smsc.until(lambda smsc: smsc.taken == 1)
            writer.close()
            await writer.wait_closed()
            return smsc.assert_sent(TO).text

    assert asyncio.run(submit()) == "hello"


def test_what_it_took_can_be_read_when_it_is_over() -> None:
    with SMSC() as smsc, Prober(smsc) as prober:
        prober.ask(message())
        prober.read()
    smsc.assert_sent(TO)
    for asked in (lambda: smsc.port, lambda: smsc.receive(TO, "STOP"), lambda: smsc.__enter__()):
        with pytest.raises(InvalidInput):
            asked()


def test_a_port_that_is_taken() -> None:
    with SMSC() as smsc, pytest.raises(OSError, match="in use"), SMSC(port=smsc.port):
        pass


IMPOSSIBLE = [
    ("a share above 1", lambda: SMSC(delivered=1.1)),
    ("a time before now", lambda: SMSC(latency_s=-1)),
    ("a range that runs backwards", lambda: SMSC(latency_s=(2, 1))),
    ("no spelling", lambda: SMSC(ids=())),
    ("copies below none", lambda: Receipts(copies=-1)),
    ("a fault that hits nothing", lambda: SMSC().go_wrong(Fault.CUT, times=0)),
    ("a word as a number", lambda: SMSC().sent_to("SHOP")),
]


@pytest.mark.parametrize("make", [row[1] for row in IMPOSSIBLE], ids=[row[0] for row in IMPOSSIBLE])
def test_what_cannot_be(make) -> None:
    with pytest.raises(InvalidInput):
        make()


def test_it_is_the_one_of_the_package() -> None:
    import smskit.testing

    assert smskit.testing.SMSC is SMSC
    with pytest.raises(AttributeError):
        smskit.testing.NOTHING
