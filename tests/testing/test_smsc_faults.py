"""What broken applications do to our centre over a real socket: each gets the answer of the specification.

The same table without sockets, and for the other side: ``tests/transports/smpp/test_smpp_faults.py``.
"""

from __future__ import annotations

import socket
from contextlib import suppress

import pytest
from tests.testing.smpp_prober import TO, Prober, message

from smskit.testing import SMSC
from smskit.transports.smpp import (
    ANSWERS,
    BindReceiver,
    BindTransceiver,
    BindTransmitter,
    CancelSm,
    DataSm,
    DeliverSm,
    DeliverSmResp,
    EnquireLink,
    EnquireLinkResp,
    GenericNack,
    Limits,
    Pdu,
    QuerySm,
    ReplaceSm,
    Status,
    SubmitMulti,
    SubmitSm,
    SubmitSmResp,
    Tag,
    Timers,
    Tlv,
    Unbind,
    UnbindResp,
    UnknownPdu,
    encode,
    tlv,
)

MESSAGE = encode(message(), 5)[16:]


@pytest.fixture(params=[False, True], ids=["lenient", "strict"])
def smsc(request: pytest.FixtureRequest):
    with SMSC(accounts={"shop": "secret"}, strict=request.param) as centre:
        yield centre


# ---------------------------------------------------------------- frames

LENGTHS = [
    ("a length of 8", bytes((0, 0, 0, 8)) + bytes(4)),
    ("a length of 0", bytes(4)),
    ("a length of two gigabytes", b"\x7f\xff\xff\xff" + bytes(12)),
    ("a length over the cap", (Limits().largest_pdu + 1).to_bytes(4, "big")),
    ("somebody who speaks HTTP", b"GET / HTTP/1.1\r\nHost: smsc\r\n\r\n"),
    ("somebody who speaks TLS", bytes.fromhex("1603010200010001fc0303")),
]


@pytest.mark.parametrize("octets", [row[1] for row in LENGTHS], ids=[row[0] for row in LENGTHS])
def test_a_length_that_cannot_be_is_nacked_and_the_connection_closed(smsc: SMSC, octets: bytes) -> None:
    with Prober(smsc) as prober, Prober(smsc) as other:
        prober.write(octets + encode(message(), 6))
        [nack] = prober.rest_of_pdus()
        assert (nack.pdu, nack.sequence) == (GenericNack(Status.ESME_RINVCMDLEN), 0)
        # Nothing after it is read, and nobody else is hurt.
        assert smsc.submissions == ()
        other.ask(message())
        assert other.read()[0].pdu.status == 0


@pytest.mark.parametrize("cut", [1, 15, 16, 40])
def test_a_pdu_that_is_cut_by_the_end_of_the_connection_is_not_taken(smsc: SMSC, cut: int) -> None:
    with Prober(smsc) as prober:
        prober.write(encode(message(registered_delivery=0), 5) + encode(message(), 6)[:cut])
        prober.socket.shutdown(socket.SHUT_WR)
        assert [frame.sequence for frame in prober.rest_of_pdus()] == [5]
    smsc.wait_for(lambda smsc: smsc.connections == 0)
    assert smsc.taken == 1


def test_octet_by_octet(smsc: SMSC) -> None:
    with Prober(smsc) as prober:
        prober.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for octet in encode(message(), 7) + encode(EnquireLink(), 8):
            prober.write(bytes((octet,)))
        assert {7, 8} <= {frame.sequence for frame in prober.read(2)} | {frame.sequence for frame in prober.read(1)}
    assert smsc.taken == 1


def test_many_in_one_segment(smsc: SMSC) -> None:
    with Prober(smsc) as prober:
        prober.write(b"".join(encode(message(registered_delivery=0), number) for number in range(1, 51)))
        assert [frame.sequence for frame in prober.read(50)] == list(range(1, 51))
    assert len(smsc.duplicates) == 49


# ---------------------------------------------------------------- commands and numbers


def test_an_unknown_command_is_nacked_with_its_number_and_the_session_goes_on(smsc: SMSC) -> None:
    with Prober(smsc) as prober:
        prober.ask(UnknownPdu(0x00010201, 0, b"vendor"), 77)
        [nack] = prober.read()
        assert (nack.pdu, nack.sequence) == (GenericNack(Status.ESME_RINVCMDID), 77)
        prober.ask(EnquireLink(), 78)
        assert prober.read()[0].pdu == EnquireLinkResp()
    assert len(smsc.oddities) == 1


@pytest.mark.parametrize("sequence", [0, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF])
def test_any_number_is_echoed(smsc: SMSC, sequence: int) -> None:
    with Prober(smsc) as prober:
        prober.ask(message(registered_delivery=0), sequence)
        assert prober.read()[0].sequence == sequence


def test_answers_to_nothing_are_told_and_nothing_is_said(smsc: SMSC) -> None:
    with Prober(smsc) as prober:
        prober.ask(DeliverSmResp(0, ""), 4711)
        prober.ask(GenericNack(3), 0)
        prober.ask(EnquireLink(), 78)
        assert prober.read()[0].sequence == 78
    assert [oddity.why for oddity in smsc.oddities] == ["answers nothing"] * 2
    with pytest.raises(AssertionError, match="2 oddities; the first: DeliverSmResp answers nothing"):
        smsc.assert_nothing_odd()


def test_two_thousand_enquiries_at_once(smsc: SMSC) -> None:
    with Prober(smsc) as prober:
        prober.write(encode(EnquireLink(), 3) * 2000)
        assert {frame.pdu for frame in prober.read(2000)} == {EnquireLinkResp()}


def test_an_application_that_does_not_read_is_not_read_from(smsc: SMSC) -> None:
    enquiries, sent = memoryview(encode(EnquireLink(), 3) * 50_000), 0
    with Prober(smsc) as prober:
        prober.socket.settimeout(1.0)
        # Far more than the sockets of both sides hold: without a limit the centre would keep all answers.
        with suppress(TimeoutError):
            while sent < 60_000_000:
                sent += prober.socket.send(enquiries[sent % 16 :])
    assert sent < 60_000_000


# ---------------------------------------------------------------- states

WRONG = [
    # what                                    bind              request             status
    ("a message before the bind", None, SubmitSm(), Status.ESME_RINVBNDSTS),
    ("many messages before the bind", None, SubmitMulti(), Status.ESME_RINVBNDSTS),
    ("a query before the bind", None, QuerySm(), Status.ESME_RINVBNDSTS),
    ("data before the bind", None, DataSm(), Status.ESME_RINVBNDSTS),
    ("a message from a receiver", BindReceiver, SubmitSm(), Status.ESME_RINVBNDSTS),
    ("a replacement from a receiver", BindReceiver, ReplaceSm(), Status.ESME_RINVBNDSTS),
    ("a cancellation from a receiver", BindReceiver, CancelSm(), Status.ESME_RINVBNDSTS),
    ("a second bind", BindTransceiver, BindTransmitter("shop", "secret"), Status.ESME_RALYBND),
]


@pytest.mark.parametrize(("bind", "pdu", "status"), [row[1:] for row in WRONG], ids=[row[0] for row in WRONG])
def test_a_request_in_the_wrong_state_is_refused(smsc: SMSC, bind, pdu: Pdu, status: Status) -> None:
    with Prober(smsc, bind and bind("shop", "secret")) as prober:
        prober.ask(pdu, 9)
        [frame] = prober.read()
        assert (type(frame.pdu), frame.pdu.status, frame.sequence) == (ANSWERS[type(pdu)], status, 9)
        prober.ask(EnquireLink(), 10)
        assert prober.read()[0].sequence == 10
    assert smsc.submissions == ()


def test_a_delivery_from_an_application_is_no_command_of_its(smsc: SMSC) -> None:
    with Prober(smsc) as prober:
        prober.ask(DeliverSm(), 9)
        assert prober.read()[0].pdu == GenericNack(Status.ESME_RINVCMDID)


def test_a_message_glued_behind_the_bind_comes_too_early(smsc: SMSC) -> None:
    with Prober(smsc, None) as prober:
        prober.write(encode(BindTransceiver("shop", "secret"), 1) + encode(message(), 2))
        refused, bound = sorted(prober.read(2), key=lambda frame: -frame.sequence)
        assert (refused.pdu.status, bound.pdu.status) == (Status.ESME_RINVBNDSTS, 0)


def test_who_never_binds_is_sent_away() -> None:
    with SMSC(timers=Timers(session_init_s=0.05)) as smsc, Prober(smsc, None) as prober:
        assert prober.rest() == b""


def test_who_unbinds_amid_messages_gets_its_answer(smsc: SMSC) -> None:
    with Prober(smsc) as prober:
        prober.write(encode(message(registered_delivery=0), 1) + encode(Unbind(), 2))
        assert [(type(frame.pdu), frame.sequence) for frame in prober.rest_of_pdus()] == [
            (SubmitSmResp, 1),
            (UnbindResp, 2),
        ]


# ---------------------------------------------------------------- something odd in a message

ODD = [
    # what                                    fields                                                   refused by the letter
    ("a parameter of a vendor", {"tlvs": (Tlv(0x1403, b"\x01"),)}, None),
    ("a parameter of a wrong length", {"tlvs": (Tlv(Tag.MESSAGE_STATE, b"\x01\x02"),)}, Status.ESME_RINVTLVLEN),
    ("a type of number that nobody named", {"source_addr_ton": 7}, None),
    ("a data coding by its group", {"data_coding": 0xF1}, None),
    ("an address of thirty digits", {"destination_addr": "1" * 30}, Status.ESME_RINVDSTADR),
    ("a time of three characters", {"validity_period": "now"}, Status.ESME_RINVEXPIRY),
    ("sixty thousand octets", {"tlvs": (tlv(Tag.MESSAGE_PAYLOAD, b"x" * 60_000),), "short_message": b""}, None),
]


@pytest.mark.parametrize(("fields", "refused"), [row[1:] for row in ODD], ids=[row[0] for row in ODD])
def test_something_odd_is_taken_unless_the_centre_is_strict(smsc: SMSC, fields: dict, refused: Status | None) -> None:
    with Prober(smsc) as prober:
        prober.ask(message(**{"registered_delivery": 0, **fields}), 5)
        [frame] = prober.read()
        is_strict = "strict" in repr(smsc)
        assert frame.pdu.status == (refused if is_strict and refused else 0)
        assert len(smsc.oddities) == (refused is not None)


DAMAGED = [
    # what                                    body                                     lenient  strict
    ("a parameter longer than the PDU", MESSAGE + b"\x04\x24\x00\x09abc", 0, Status.ESME_RINVTLVSTREAM),
    ("stray octets at the end", MESSAGE + b"\0\0\0", 0, Status.ESME_RINVTLVSTREAM),
    ("a text shorter than announced", MESSAGE[:-2], 0, Status.ESME_RINVMSGLEN),
    ("a recipient without its NUL", MESSAGE[:19], Status.ESME_RINVCMDLEN, Status.ESME_RINVDSTADR),
    ("no body at all", b"", Status.ESME_RINVCMDLEN, Status.ESME_RINVCMDLEN),
]


@pytest.mark.parametrize(("body", "lenient", "strict"), [row[1:] for row in DAMAGED], ids=[row[0] for row in DAMAGED])
def test_a_damaged_message(smsc: SMSC, body: bytes, lenient: int, strict: int) -> None:
    with Prober(smsc) as prober:
        prober.body(SubmitSm, body, 5)
        [frame] = prober.read()
        expected = strict if "strict" in repr(smsc) else lenient
        assert (type(frame.pdu), frame.pdu.status, frame.sequence) == (SubmitSmResp, expected, 5)
        prober.ask(EnquireLink(), 6)
        assert 6 in {frame.sequence for frame in prober.read(1 if expected else 2)}


# ---------------------------------------------------------------- answers to what the centre delivers

ANSWERS_OF_APPLICATIONS = [
    # what                              octets of the body, command, status          noted
    ("without a body", b"", 0x80000005, 0),
    ("an identifier without its NUL", b"abc", 0x80000005, 0),
    ("a refusal without a body", b"", 0x80000005, Status.ESME_RX_R_APPN),
    ("a refusal with a body", b"\0", 0x80000005, Status.ESME_RX_P_APPN),
    ("a nack", b"", 0x80000000, Status.ESME_RINVCMDID),
    ("a status of a vendor", b"\0", 0x80000005, 0x45A),
    ("a parameter longer than the PDU", b"\0\x04\x24\0\x09abc", 0x80000005, 0),
]


@pytest.mark.parametrize(
    ("body", "command", "status"),
    [row[1:] for row in ANSWERS_OF_APPLICATIONS],
    ids=[row[0] for row in ANSWERS_OF_APPLICATIONS],
)
def test_every_answer_to_a_delivery_is_an_answer(smsc: SMSC, body: bytes, command: int, status: int) -> None:
    smsc.receive(TO, "STOP", to="36180")
    with Prober(smsc) as prober:
        [frame] = prober.read()
        prober.ask(UnknownPdu(command, status, body), frame.sequence)
        smsc.wait_for(lambda smsc: smsc.deliveries[0].status is not None)
    assert (smsc.deliveries[0].status, smsc.deliveries[0].attempts) == (status, 1)


def test_a_delivery_without_an_answer_comes_again_and_again_until_it_has_one() -> None:
    with SMSC(timers=Timers(response_s=0.05)) as smsc, Prober(smsc) as prober:
        smsc.receive(TO, "STOP", to="36180")
        first, second = prober.read(2)
        assert first.pdu == second.pdu
        assert first.sequence != second.sequence
        for frame in (first, second):
            prober.ask(DeliverSmResp(0, ""), frame.sequence)
        smsc.wait_for(lambda smsc: smsc.deliveries[0].status == 0)
        smsc.assert_all_acknowledged()


def test_a_delivery_that_is_asked_to_come_later_comes_later() -> None:
    with SMSC(redelivered_after_s=0.01) as smsc, Prober(smsc) as prober:
        smsc.receive(TO, "STOP", to="36180")
        prober.acknowledge(status=Status.ESME_RX_T_APPN)
        prober.acknowledge()
        smsc.wait_for(lambda smsc: smsc.deliveries[0].status == 0)
        assert smsc.deliveries[0].attempts == 2


@pytest.mark.parametrize("reset", [False, True], ids=["closed", "reset"])
def test_what_was_not_acknowledged_goes_to_the_next_who_binds(smsc: SMSC, reset: bool) -> None:
    with Prober(smsc) as prober:
        smsc.receive(TO, "STOP", to="36180")
        prober.read()
        smsc.drop(reset=reset)
    smsc.wait_for(lambda smsc: smsc.connections == 0)
    with Prober(smsc) as prober:
        [frame] = prober.acknowledge()
        assert frame.pdu.short_message == b"STOP"
        smsc.wait_for(lambda smsc: smsc.deliveries[0].status == 0)
    assert smsc.deliveries[0].attempts == 2
