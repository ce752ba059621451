"""Receipts in every dialect, and identifiers that are not written like those they mean."""

from __future__ import annotations

from datetime import datetime, timezone
from zoneinfo import ZoneInfo

import pytest

from smskit.kinds import DeliveryStatus, FailureClass
from smskit.transports.smpp import (
    DataSm,
    DeliverSm,
    MessageState,
    Receipt,
    Spelling,
    Tag,
    Tlv,
    candidates,
    is_receipt,
    plain,
    read_receipt,
    respell,
    tlv,
)
from smskit.transports.smpp.receipts import read_date, read_text

STANDARD = (
    "id:0123456789 sub:001 dlvrd:001 submit date:2611212300 done date:2611212301 stat:DELIVRD err:000 text:Bonjour"
)


def delivery(text: str | bytes = "", *tlvs: Tlv, esm_class: int = 4, data_coding: int = 0) -> DeliverSm:
    octets = text if isinstance(text, bytes) else text.encode("latin-1")
    return DeliverSm(esm_class=esm_class, data_coding=data_coding, short_message=octets, tlvs=tlvs)


def test_the_form_of_the_specification() -> None:
    assert read_receipt(delivery(STANDARD)) == Receipt(
        message_id="0123456789",
        text_id="0123456789",
        status=DeliveryStatus.DELIVERED,
        failure=None,
        word="DELIVRD",
        error="000",
        submitted="2611212300",
        done="2611212301",
        sub="001",
        delivered="001",
        text="Bonjour",
    )


DIALECTS: list[tuple[str, str, dict[str, object]]] = [
    # what                                  text                                                     what is read
    ("capitals", "ID:A1 SUB:001 STAT:DELIVRD ERR:000 TEXT:Hi", {"message_id": "A1", "text": "Hi"}),
    ("another order", "stat:EXPIRED id:7 err:027", {"message_id": "7", "status": DeliveryStatus.EXPIRED}),
    ("a whole word", "id:1 stat:UNDELIVERABLE", {"status": DeliveryStatus.UNDELIVERED}),
    ("small letters", "id:1 stat:delivered", {"status": DeliveryStatus.DELIVERED}),
    ("a word that nobody knows", "id:1 stat:PARKED err:1", {"status": None, "failure": None, "word": "PARKED"}),
    ("FAILED is a state", "id:1 stat:FAILED", {"status": DeliveryStatus.FAILED, "failure": FailureClass.UNSPECIFIED}),
    ("no err and no text", "id:1 stat:DELIVRD", {"error": "", "text": None}),
    ("an empty err", "id:1 err: stat:DELIVRD", {"error": "", "status": DeliveryStatus.DELIVERED}),
    ("letters in err", "id:1 stat:UNDELIV err:0x1F", {"error": "0x1F", "failure": FailureClass.UNSPECIFIED}),
    ("a UUID", "id:9b2e6c1a-5f7d-4a55-9d0e-0a1b2c3d4e5f stat:DELIVRD", {"message_id": "9b2e6c1a-5f7d-4a55-9d0e-0a1b2c3d4e5f"}),
    ("an id with a colon", "id:smsc1:42 stat:DELIVRD", {"message_id": "smsc1:42"}),
    ("spaces behind the colons", "id: 1 stat: DELIVRD err: 0", {"message_id": "1", "status": DeliveryStatus.DELIVERED}),
    ("commas", "id:1,stat:DELIVRD,err:0", {"message_id": "1", "status": DeliveryStatus.DELIVERED, "error": "0"}),
    ("dates with underscores", "id:1 submit_date:2611212300 done_date:261121230102 stat:DELIVRD", {"done": "261121230102"}),
    ("dates with a time of day", "id:1 done date:2026-11-21 23:01:02 stat:DELIVRD", {"done": "2026-11-21 23:01:02"}),
    ("a text with keys in it", "id:1 stat:DELIVRD text:id:2 stat:EXPIRED", {"message_id": "1", "text": "id:2 stat:EXPIRED"}),
    ("two ids", "id:1 id:2 stat:DELIVRD", {"message_id": "1"}),
    ("something more", "id:1 stat:DELIVRD mcc:208 mnc:01", {"other": {"mcc": "208", "mnc": "01"}}),
    ("a NUL at the end", "id:1 stat:DELIVRD\0", {"status": DeliveryStatus.DELIVERED, "word": "DELIVRD"}),
    ("nothing at all", "", {"message_id": None, "status": None}),
    ("prose", "Your message was delivered.", {"message_id": None, "status": None}),
    ("a rejection", "id:1 stat:REJECTD err:13", {"status": DeliveryStatus.REJECTED, "failure": FailureClass.UNSPECIFIED}),
    ("a deletion", "id:1 stat:DELETED", {"status": DeliveryStatus.CANCELLED, "failure": FailureClass.CANCELLED}),
    ("ACCEPTD is on its way", "id:1 stat:ACCEPTD", {"status": DeliveryStatus.ACCEPTED, "failure": None}),
    ("on its way", "id:1 stat:ENROUTE", {"status": DeliveryStatus.SENT}),
    ("never to be known", "id:1 stat:UNKNOWN err:5", {"status": DeliveryStatus.UNKNOWN, "failure": None}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), [row[1:] for row in DIALECTS], ids=[row[0] for row in DIALECTS])
@pytest.mark.parametrize("place", ["short_message", "message_payload", "data_sm"])
def test_dialects(text: str, expected: dict[str, object], place: str) -> None:
    octets = text.encode("latin-1")
    pdu: DeliverSm | DataSm = delivery(octets)
    if place == "message_payload":
        pdu = delivery("", tlv(Tag.MESSAGE_PAYLOAD, octets))
    elif place == "data_sm":
        pdu = DataSm(esm_class=4, tlvs=(tlv(Tag.MESSAGE_PAYLOAD, octets),))
    receipt = read_receipt(pdu)
    assert {name: getattr(receipt, name) for name in expected} == expected


def test_a_receipt_in_ucs2() -> None:
    receipt = read_receipt(delivery(STANDARD.encode("utf-16-be"), data_coding=8))
    assert (receipt.message_id, receipt.text) == ("0123456789", "Bonjour")


@pytest.mark.parametrize("state", MessageState, ids=lambda state: state.name)
def test_every_state_has_a_status(state: MessageState) -> None:
    receipt = read_receipt(delivery("", tlv(Tag.RECEIPTED_MESSAGE_ID, "abc"), tlv(Tag.MESSAGE_STATE, state)))
    assert receipt.message_id == "abc"
    assert receipt.status is not None
    assert receipt.word == state.name


def test_parameters_go_before_the_text_and_both_are_kept() -> None:
    receipt = read_receipt(delivery(STANDARD, tlv(Tag.RECEIPTED_MESSAGE_ID, "75bcd15"), tlv(Tag.MESSAGE_STATE, 5)))
    assert (receipt.message_id, receipt.text_id) == ("75bcd15", "0123456789")
    assert (receipt.status, receipt.word) == (DeliveryStatus.UNDELIVERED, "DELIVRD")


def test_a_state_that_nobody_named_leaves_the_word_of_the_text() -> None:
    assert read_receipt(delivery(STANDARD, tlv(Tag.MESSAGE_STATE, 99))).status is DeliveryStatus.DELIVERED
    alone = read_receipt(delivery("", tlv(Tag.MESSAGE_STATE, 99)))
    assert (alone.status, alone.word) == (None, "99")


@pytest.mark.parametrize("octets", [b"abc", b"abc\0", b"abc\0\0"])
def test_an_identifier_with_and_without_its_nul(octets: bytes) -> None:
    assert read_receipt(delivery("", Tlv(Tag.RECEIPTED_MESSAGE_ID, octets))).message_id == "abc"


ERRORS = [
    # what                                     text                       network    own                                    failure
    ("a cause of the GSM network", "stat:UNDELIV err:000", b"\x03\x00\x01", {}, FailureClass.UNKNOWN_SUBSCRIBER),
    ("a code of another network", "stat:UNDELIV err:000", b"\x08\x00\x01", {}, FailureClass.UNSPECIFIED),
    ("err is the centre's own", "stat:UNDELIV err:001", b"", {}, FailureClass.UNSPECIFIED),
    ("err as its operator says", "stat:UNDELIV err:001", b"", {"001": FailureClass.SPAM_FILTER}, FailureClass.SPAM_FILTER),
    ("err without its zeros", "stat:UNDELIV err:001", b"", {"1": FailureClass.SPAM_FILTER}, FailureClass.SPAM_FILTER),
    ("err beside a success", "stat:DELIVRD err:001", b"\x03\x00\x01", {"001": FailureClass.SPAM_FILTER}, None),
    ("too late", "stat:EXPIRED err:000", b"", {}, FailureClass.VALIDITY_EXPIRED),
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "network", "own", "failure"), [row[1:] for row in ERRORS], ids=[row[0] for row in ERRORS]
)
def test_errors(text: str, network: bytes, own: dict[str, FailureClass], failure: FailureClass | None) -> None:
    parameters = (Tlv(Tag.NETWORK_ERROR_CODE, network),) if network else ()
    assert read_receipt(delivery(f"id:1 {text}", *parameters), errors=own).failure is failure


WHICH = [
    # what                                       pdu                                                  plainly  leniently
    ("by its class", delivery("", esm_class=0x04), True, True),
    ("on its way", delivery("", esm_class=0x20), True, True),
    ("by its class beside a mode", delivery("", esm_class=0x07), True, True),
    ("an acknowledgement of the handset", delivery("", esm_class=0x08), False, False),
    ("a message", delivery("hello", esm_class=0), False, False),
    ("a message that says id:", delivery("my id: 5", esm_class=0), False, False),
    ("class 0 with the parameter", delivery("", tlv(Tag.RECEIPTED_MESSAGE_ID, "1"), esm_class=0), False, True),
    ("class 0 with the text", delivery(STANDARD, esm_class=0), False, True),
    ("a header and no class", delivery(STANDARD, esm_class=0x40), False, False),
]


@pytest.mark.parametrize(("pdu", "plainly", "leniently"), [row[1:] for row in WHICH], ids=[row[0] for row in WHICH])
def test_what_is_a_receipt(pdu: DeliverSm, plainly: bool, leniently: bool) -> None:
    assert (is_receipt(pdu), is_receipt(pdu, lenient=True)) == (plainly, leniently)


def test_a_notification_on_the_way() -> None:
    assert read_receipt(delivery("id:1 stat:ENROUTE", esm_class=0x20)).is_intermediate


UTC = timezone.utc
DATES = [
    # what                                written                 read
    ("ten digits", "2611212301", datetime(2026, 11, 21, 23, 1, tzinfo=UTC)),
    ("with seconds", "261121230102", datetime(2026, 11, 21, 23, 1, 2, tzinfo=UTC)),
    ("a year of four without seconds", "202611212301", datetime(2026, 11, 21, 23, 1, tzinfo=UTC)),
    ("a year of four with seconds", "20261121230102", datetime(2026, 11, 21, 23, 1, 2, tzinfo=UTC)),
    ("signs between", "2026-11-21 23:01:02", datetime(2026, 11, 21, 23, 1, 2, tzinfo=UTC)),
    ("the last century", "9911212301", datetime(1999, 11, 21, 23, 1, tzinfo=UTC)),
    ("nothing", "", None),
    ("zeros", "0000000000", None),
    ("eleven digits", "26112123010", None),
    ("a thirteenth month", "2613212301", None),
    ("words", "yesterday", None),
]


@pytest.mark.parametrize(("written", "expected"), [row[1:] for row in DATES], ids=[row[0] for row in DATES])
def test_dates(written: str, expected: datetime | None) -> None:
    assert read_date(written, UTC) == expected


def test_dates_are_in_the_zone_of_the_centre() -> None:
    receipt = read_receipt(delivery(STANDARD))
    paris = ZoneInfo("Europe/Paris")
    assert receipt.done_at(paris) == datetime(2026, 11, 21, 23, 1, tzinfo=paris)
    assert receipt.submitted_at(paris) == datetime(2026, 11, 21, 23, 0, tzinfo=paris)


def test_keys_of_a_text() -> None:
    assert read_text("id:1 Submit Date:x foo-bar:y text:z") == {
        "id": "1",
        "submit date": "x",
        "foo-bar": "y",
        "text": "z",
    }


def test_no_text_of_a_message_is_shown() -> None:
    assert "Bonjour" not in repr(read_receipt(delivery(STANDARD)))


# ---------------------------------------------------------------- identifiers

SPELLINGS = [
    # what                                       receipt        answer         by
    ("as it was", "A1b2", "A1b2", Spelling.EXACT),
    ("zeros gone", "123", "0000123", Spelling.PLAIN),
    ("zeros added", "0000000123", "123", Spelling.PLAIN),
    ("capitals", "ABCDEF01", "abcdef01", Spelling.PLAIN),
    ("hexadecimal receipt, decimal answer", "75BCD15", "123456789", Spelling.HEX_TO_DECIMAL),
    ("decimal receipt, hexadecimal answer", "123456789", "75bcd15", Spelling.DECIMAL_TO_HEX),
    ("decimal receipt, padded hexadecimal answer", "0123456789", "0075BCD15", Spelling.DECIMAL_TO_HEX),
]


@pytest.mark.parametrize(("told", "answered", "by"), [row[1:] for row in SPELLINGS], ids=[row[0] for row in SPELLINGS])
def test_spellings(told: str, answered: str, by: Spelling) -> None:
    matching = [
        spelling
        for spelling, written in candidates(told)
        if written == (answered if spelling is Spelling.EXACT else plain(answered))
    ]
    assert matching[0] is by


def test_what_was_learned_goes_first() -> None:
    assert candidates("10", learned=Spelling.DECIMAL_TO_HEX)[0] == (Spelling.DECIMAL_TO_HEX, "a")
    assert candidates("10")[0] == (Spelling.EXACT, "10")


@pytest.mark.parametrize("message_id", ["", "uuid-1", "9" * 65, "١٢٣"])
def test_what_is_no_number_has_no_other_radix(message_id: str) -> None:
    assert respell(message_id, Spelling.HEX_TO_DECIMAL) is None
    assert respell(message_id, Spelling.DECIMAL_TO_HEX) is None


def test_zeros_alone_stay_a_zero() -> None:
    assert (plain("000"), plain("")) == ("0", "")
