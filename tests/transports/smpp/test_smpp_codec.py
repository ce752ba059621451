"""PDUs on the wire: known octets, refusals on writing, everything odd on reading."""

from __future__ import annotations

import pytest

from smskit.errors import InvalidInput
from smskit.transports.smpp import (
    AlertNotification,
    Bind,
    BindTransceiver,
    BindTransceiverResp,
    BroadcastSm,
    CancelSm,
    DataSm,
    DeliverSm,
    DeliverSmResp,
    Destination,
    EnquireLink,
    EnquireLinkResp,
    GenericNack,
    Outbind,
    Pdu,
    QuerySm,
    QuerySmResp,
    ReplaceSm,
    Status,
    SubmitMulti,
    SubmitMultiResp,
    SubmitSm,
    SubmitSmResp,
    Tag,
    Tlv,
    Unbind,
    Undelivered,
    UnknownPdu,
    codec,
    decode,
    encode,
    tlv,
)
from smskit.transports.smpp.pdus import ANSWERS, BY_COMMAND, NAMED, layouts_of

# Written by hand from the tables of the specification, octet by octet.
WIRE: list[tuple[str, Pdu, int, str]] = [
    (
        "a bind",
        BindTransceiver("SMPP3TEST", "secret08", "SUBMIT1", 0x34, 1, 1, ""),
        1,
        "0000002f 00000009 00000000 00000001 534d50503354455354 00 7365637265743038 00 5355424d495431 00 34 01 01 00",
    ),
    (
        "its answer with the version of the centre",
        BindTransceiverResp(0, "SMPP", (tlv(Tag.SC_INTERFACE_VERSION, 0x34),)),
        1,
        "0000001a 80000009 00000000 00000001 534d5050 00 0210 0001 34",
    ),
    ("its refusal", BindTransceiverResp(0x0E), 1, "00000010 80000009 0000000e 00000001"),
    ("an outbind", Outbind("a", "b"), 2, "00000014 0000000b 00000000 00000002 61 00 62 00"),
    ("an unbind", Unbind(), 3, "00000010 00000006 00000000 00000003"),
    ("an enquiry", EnquireLink(), 4, "00000010 00000015 00000000 00000004"),
    ("its answer", EnquireLinkResp(), 4, "00000010 80000015 00000000 00000004"),
    ("a nack", GenericNack(3), 0, "00000010 80000000 00000003 00000000"),
    (
        "a message",
        SubmitSm("CMT", 5, 0, "ACME", 1, 1, "33612345678", 0x40, 1, 2, "", "", 1, 0, 8, 3, b"\x00\x41"),
        5,
        "00000035 00000004 00000000 00000005 434d54 00 05 00 41434d45 00 01 01 3333363132333435363738 00"
        "40 01 02 00 00 01 00 08 03 02 0041",
    ),
    (
        "a message with times",
        SubmitSm(
            schedule_delivery_time="261121230000004+", validity_period="000002000000000R", destination_addr="33612345678"
        ),
        6,
        "0000004c 00000004 00000000 00000006 00 00 00 00 00 00 3333363132333435363738 00 00 00 00"
        "323631313231323330303030303034 2b 00 303030303032303030303030303030 52 00 00 00 00 00 00",
    ),
    ("the answer with an id", SubmitSmResp(0, "abc"), 6, "00000014 80000004 00000000 00000006 616263 00"),
    ("the answer to a delivery", DeliverSmResp(0, ""), 6, "00000011 80000005 00000000 00000006 00"),
    (
        "data with its text in a parameter",
        DataSm("", 1, 1, "1", 1, 1, "2", 4, 1, 8, (tlv(Tag.MESSAGE_PAYLOAD, b"hi"),)),
        7,
        "00000022 00000103 00000000 00000007 00 01 01 31 00 01 01 32 00 04 01 08 0424 0002 6869",
    ),
    (
        "a message for a number and a list",
        SubmitMulti(
            source_addr="1",
            dest_address=(Destination("2", 1, 1), Destination("friends", 0, 0, is_list=True)),
            short_message=b"x",
        ),
        8,
        "0000002f 00000021 00000000 00000008 00 00 00 31 00 02 01 01 01 32 00 02 667269656e6473 00"
        "00 00 00 00 00 00 00 00 00 01 78",
    ),
    (
        "whom it was not taken for",
        SubmitMultiResp(0, "id", (Undelivered("2", 0x0B, 1, 1),)),
        8,
        "0000001c 80000021 00000000 00000008 6964 00 01 01 01 32 00 0000000b",
    ),
    ("a query", QuerySm("id", 1, 1, "1"), 9, "00000017 00000003 00000000 00000009 6964 00 01 01 31 00"),
    ("its answer with a state", QuerySmResp(0, "id", "", 2, 0), 9, "00000016 80000003 00000000 00000009 6964 00 00 02 00"),
    ("a cancellation", CancelSm("", "id", 0, 0, "1", 0, 0, "2"), 9, "0000001c 00000008 00000000 00000009 00 6964 00 00 00 31 00 00 00 32 00"),
    ("a replacement", ReplaceSm("id", 0, 0, "1", "", "", 1, 0, b"new"), 9, "0000001f 00000007 00000000 00000009 6964 00 00 00 31 00 00 00 01 00 03 6e6577"),
    ("an alert", AlertNotification(1, 1, "1", 0, 0, "2"), 9, "00000018 00000102 00000000 00000009 01 01 31 00 00 00 32 00"),
    (
        "a broadcast",
        BroadcastSm("CBS", 0, 0, "1", "id", 1, "", "", 0, 3, 0, (tlv(Tag.BROADCAST_REP_NUM, 2),)),
        9,
        "00000027 00000111 00000000 00000009 434253 00 00 00 31 00 6964 00 01 00 00 00 03 00 0604 0002 0002",
    ),
    ("a command of a vendor", UnknownPdu(0x00010203, 5, b"\x01\x02"), 9, "00000012 00010203 00000005 00000009 0102"),
]  # fmt: skip


@pytest.mark.parametrize(("pdu", "sequence", "wire"), [row[1:] for row in WIRE], ids=[row[0] for row in WIRE])
def test_octets_of_the_specification(pdu: Pdu, sequence: int, wire: str) -> None:
    octets = bytes.fromhex(wire.replace(" ", ""))
    assert encode(pdu, sequence).hex() == octets.hex()
    frame = decode(octets)
    assert (frame.pdu, frame.sequence, frame.problems) == (pdu, sequence, ())


def test_every_pdu_of_the_specifications_is_there() -> None:
    assert len(NAMED) == len(BY_COMMAND) == 33
    assert sorted(BY_COMMAND) == [
        *(0x1, 0x2, 0x3, 0x4, 0x5, 0x6, 0x7, 0x8, 0x9, 0xB, 0x15, 0x21, 0x102, 0x103, 0x111, 0x112, 0x113),
        *(0x80000000 | command for command in (0x0, 0x1, 0x2, 0x3, 0x4, 0x5, 0x6, 0x7, 0x8, 0x9, 0x15, 0x21)),
        *(0x80000000 | command for command in (0x103, 0x111, 0x112, 0x113)),
    ]


def test_every_request_but_two_has_its_answer() -> None:
    assert {kind.__name__ for kind in NAMED if kind not in ANSWERS and not kind.command_id & 0x80000000} == {
        "Outbind",
        "AlertNotification",
    }
    assert all(answer.command_id == kind.command_id | 0x80000000 for kind, answer in ANSWERS.items())


def test_the_fields_of_a_submission_are_in_order() -> None:
    names = [name for name, _ in layouts_of(SubmitSm)]
    assert names == [name for name, _ in layouts_of(DeliverSm)]
    assert names[:2] == ["service_type", "source_addr_ton"]
    assert names[-1] == "short_message"


UNWRITABLE = [
    # what                                         pdu                                             said
    ("a source of 21 octets", SubmitSm(source_addr="1" * 21), "source_addr has 21 octets"),
    ("a recipient of 21 octets", SubmitSm(destination_addr="1" * 21), "destination_addr has 21 octets"),
    ("a recipient with a NUL", SubmitSm(destination_addr="1\0002"), "destination_addr holds a NUL"),
    ("a source with a NUL", SubmitSm(source_addr="\0"), "source_addr holds a NUL"),
    ("a source that is no octets", SubmitSm(source_addr="€"), "source_addr has a character at index 0"),
    ("a time of five characters", SubmitSm(validity_period="12345"), "nothing or exactly 16"),
    ("a number over an octet", SubmitSm(esm_class=256), "esm_class=256 does not fit into 8 bits"),
    ("a number below zero", SubmitSm(dest_addr_ton=-1), "dest_addr_ton=-1"),
    ("a recipient's plan over an octet", SubmitSm(destination_addr="1", dest_addr_npi=300), "dest_addr_npi=300"),
    ("a text of 256 octets", DeliverSm(short_message=b"x" * 256), "use message_payload"),
    ("an id of 65 octets", SubmitSmResp(0, "x" * 65), "message_id has 65 octets"),
    ("a status of 33 bits", SubmitSmResp(1 << 32, "x"), "the header has 32 bits"),
    ("a refusal without a body but with parameters", SubmitSmResp(1, None, (Tlv(1, b""),)), "has no body"),
    ("a parameter of 65 536 octets", DataSm(tlvs=(Tlv(Tag.MESSAGE_PAYLOAD, bytes(65_536)),)), "65535"),
    ("a tag of 17 bits", EnquireLink((Tlv(0x10000, b""),)), "a tag has 16 bits"),
    ("256 recipients", SubmitMulti(dest_address=(Destination("1"),) * 256), "256 entries"),
    ("a command of 33 bits", UnknownPdu(1 << 32), "the header has 32 bits"),
]


@pytest.mark.parametrize(("pdu", "said"), [row[1:] for row in UNWRITABLE], ids=[row[0] for row in UNWRITABLE])
def test_what_cannot_be_written_is_refused(pdu: Pdu, said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        encode(pdu, 1)


@pytest.mark.parametrize("sequence", [-1, 1 << 32])
@pytest.mark.parametrize(
    "pdu", [SubmitSm(), SubmitSmResp(0, "x"), EnquireLink(), EnquireLinkResp(), Unbind()], ids=repr
)
def test_a_number_of_more_than_32_bits_is_refused(pdu: Pdu, sequence: int) -> None:
    with pytest.raises(InvalidInput, match="32 bits"):
        encode(pdu, sequence)


WRONG_TYPES = [
    ("octets for a text", SubmitSm(source_addr=b"1")),
    ("a number for a text", QuerySm(message_id=5)),
    ("a text for a number", SubmitSm(esm_class="0")),
    ("a text for octets", ReplaceSm(short_message="hi")),
    ("one recipient instead of several", SubmitMulti(dest_address=Destination("1"))),
    ("recipients of another kind", SubmitMulti(dest_address=("33612345678",))),
]


@pytest.mark.parametrize("pdu", [row[1] for row in WRONG_TYPES], ids=[row[0] for row in WRONG_TYPES])
def test_a_value_of_another_type_is_an_error_of_the_programmer(pdu: Pdu) -> None:
    with pytest.raises(TypeError):
        encode(pdu, 1)


def test_long_texts_may_be_written_if_asked_for() -> None:
    bind = BindTransceiver("a-system-id-of-twenty", "a-password-of-twenty")
    frame = decode(encode(bind, 1, bounded=False))
    assert frame.pdu == bind
    assert [problem.where for problem in frame.problems] == ["system_id", "password"]


@pytest.mark.parametrize("octets", [b"", bytes(15), bytes((0, 0, 0, 17)) + bytes(12), bytes((0, 0, 0, 16)) + bytes(13)])
def test_octets_that_are_not_one_pdu(octets: bytes) -> None:
    with pytest.raises(InvalidInput, match="are not one PDU"):
        decode(octets)


READ = [
    # what                                       command     body                        where                status
    ("a bind with too long a password", 0x09, b"us\0" + b"x" * 9 + b"\0\0\x34\0\0\0", "password", Status.ESME_RINVPASWD),
    ("a bind that ends after its name", 0x09, b"us\0", "password", Status.ESME_RINVCMDLEN),
    ("a query without its NUL", 0x03, b"id", "message_id", Status.ESME_RINVMSGID),
    ("a flag that nobody named", 0x21, b"\0\0\0\0\x01\x09", "dest_address", Status.ESME_RINVDESTFLAG),
    ("more recipients announced than there", 0x21, b"\0\0\0\0\x02\x01\1\1" b"2\0", "dest_address", Status.ESME_RINVCMDLEN),
    ("a replacement that ends before its text", 0x07, b"id\0\0\0\0\0\0\0\0", "short_message", Status.ESME_RINVCMDLEN),
    ("two octets behind an enquiry", 0x15, b"\0\0", "tlvs", Status.ESME_RINVTLVSTREAM),
    ("a tag without its length", 0x06, b"\x04\x24\0", "tlvs", Status.ESME_RINVTLVSTREAM),
    ("a value of a wrong length", 0x15, b"\x04\x27\0\x02ab", "message_state", Status.ESME_RINVTLVLEN),
    ("failures that are not there", 0x80000021, b"id\0\x02", "unsuccess_sme", Status.ESME_RINVCMDLEN),
]  # fmt: skip


@pytest.mark.parametrize(
    ("command", "body", "where", "status"), [row[1:] for row in READ], ids=[row[0] for row in READ]
)
def test_what_is_odd_is_said_with_its_status(command: int, body: bytes, where: str, status: Status) -> None:
    frame = decode(encode(UnknownPdu(command, 0, body), 1))
    assert type(frame.pdu) is BY_COMMAND[command]
    assert (where, status) in [(problem.where, problem.status) for problem in frame.problems]


NUMBER = "33612345678901234567"
TIME = "261121230000004+"
USUAL: list[tuple[str, Pdu]] = [
    ("a message", SubmitSm("", 5, 0, "ACME", 1, 1, "33612345678", registered_delivery=1, short_message=b"hello")),
    ("a message of the longest fields", SubmitSm("CMT12", 1, 1, NUMBER, 1, 1, NUMBER, 0, 0, 0, TIME, TIME, 0, 0, 0, 0, bytes(255))),
    ("a message as payload", SubmitSm(destination_addr="1", tlvs=(tlv(Tag.MESSAGE_PAYLOAD, bytes(300)),))),
    ("a receipt", DeliverSm("", 1, 1, NUMBER, 5, 0, "36111", 4, short_message=b"id:1", tlvs=(tlv(Tag.MESSAGE_STATE, 2),))),
    ("an answer", SubmitSmResp(0, "75bcd15")),
    ("an answer with the longest id", SubmitSmResp(0, "a" * 64)),
    ("an answer to a delivery", DeliverSmResp(0, "")),
    ("a refused delivery", DeliverSmResp(Status.ESME_RX_T_APPN, "")),
    ("an enquiry", EnquireLink()),
    ("its answer", EnquireLinkResp()),
]  # fmt: skip


@pytest.mark.parametrize("pdu", [row[1] for row in USUAL], ids=[row[0] for row in USUAL])
def test_the_usual_traffic_takes_the_short_road(pdu: Pdu, monkeypatch: pytest.MonkeyPatch) -> None:
    octets = codec.encode_by_table(pdu, 7)
    # Were the long road taken, nothing would be wrong but the time; so it is closed.
    monkeypatch.setattr(codec, "encode_by_table", None)
    monkeypatch.setattr(codec, "read_by_table", None)
    assert encode(pdu, 7) == octets
    assert decode(octets) == (pdu, 7, (), getattr(pdu, "status", 0))


def test_a_refusal_without_a_body_is_read_by_the_short_road(monkeypatch: pytest.MonkeyPatch) -> None:
    octets = encode(SubmitSmResp(0x58), 7)
    monkeypatch.setattr(codec, "read_by_table", None)
    assert decode(octets).pdu == SubmitSmResp(0x58)


def test_no_problem_tells_a_value() -> None:
    frame = decode(encode(BindTransceiver("us", "a-long-password"), 1, bounded=False))
    assert "a-long-password" not in repr(frame)


def test_pdus_of_two_kinds_are_never_equal() -> None:
    assert SubmitSm() != DeliverSm()
    assert issubclass(BindTransceiver, Bind)
