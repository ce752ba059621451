"""Senders as addresses, texts as PDUs by what a centre takes, and texts of handsets."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from smskit.encoding import ASCII, GSM7, UCS2, Concat, Language, Layout, national, pack, ports
from smskit.errors import InvalidInput, NaiveDatetime, TooLong, UnencodableText, UnsupportedFeature
from smskit.transports.smpp import (
    Address,
    Charset,
    DataSm,
    Default,
    DeliverSm,
    Kinds,
    Long,
    Npi,
    Profile,
    RegisteredDelivery,
    SubmitSm,
    Tag,
    Tlv,
    Ton,
    compose,
    number_of,
    read_message,
    recipient_address,
    sender_address,
    tlv,
)

SENDERS = [
    # what                              sender          address
    ("a word", "PandaTea", Address("PandaTea", Ton.ALPHANUMERIC, Npi.UNKNOWN)),
    ("a word with digits", "Shop24", Address("Shop24", Ton.ALPHANUMERIC, Npi.UNKNOWN)),
    ("a word with a space", "Panda Tea", Address("Panda Tea", Ton.ALPHANUMERIC, Npi.UNKNOWN)),
    ("a word of eleven characters", "PandaTeaSho", Address("PandaTeaSho", Ton.ALPHANUMERIC, Npi.UNKNOWN)),
    ("a short code", "36111", Address("36111", Ton.NETWORK_SPECIFIC, Npi.UNKNOWN)),
    ("eight digits are a short code", "12345678", Address("12345678", Ton.NETWORK_SPECIFIC, Npi.UNKNOWN)),
    ("eight digits with a plus sign are a number", "+12345678", Address("12345678", Ton.INTERNATIONAL, Npi.ISDN_E164)),
    ("a number", "+33612345678", Address("33612345678", Ton.INTERNATIONAL, Npi.ISDN_E164)),
    ("a number without its plus sign", "33612345678", Address("33612345678", Ton.INTERNATIONAL, Npi.ISDN_E164)),
    ("the centre's own", "", Address("", Ton.UNKNOWN, Npi.UNKNOWN)),
]


@pytest.mark.parametrize(("sender", "address"), [row[1:] for row in SENDERS], ids=[row[0] for row in SENDERS])
def test_senders(sender: str, address: Address) -> None:
    assert sender_address(sender) == address


@pytest.mark.parametrize("sender", ["12", "1234567890123456", "PandaTeaShop", "Thé", "a\0b", "+", "..", "12 34"])
def test_what_is_no_sender(sender: str) -> None:
    with pytest.raises(InvalidInput):
        sender_address(sender)


def test_short_codes_as_the_operator_wants_them() -> None:
    assert sender_address("36111", kinds=Kinds(short_code=(6, 0))) == Address("36111", Ton.ABBREVIATED, 0)


def test_recipients() -> None:
    assert recipient_address(33612345678) == Address("33612345678", 1, 1)
    for number in (0, 1234567, 10**15, -33612345678):
        with pytest.raises(InvalidInput):
            recipient_address(number)


FROM = [
    ("an international number", Address("33612345678", 1, 1), 33612345678),
    ("with its plus sign", Address("+33612345678", 1, 1), 33612345678),
    ("of an unknown type", Address("33612345678", 0, 0), 33612345678),
    ("a national number", Address("0612345678", 2, 1), None),
    ("a word", Address("PandaTea", 5, 0), None),
    ("a short code", Address("36111", 3, 0), None),
]


@pytest.mark.parametrize(("address", "number"), [row[1:] for row in FROM], ids=[row[0] for row in FROM])
def test_numbers_of_addresses(address: Address, number: int | None) -> None:
    assert number_of(address) == number


def test_an_address_is_masked() -> None:
    assert "33612345678" not in repr(Address("33612345678"))


# ---------------------------------------------------------------- texts

SENDER, RECIPIENT = sender_address("PandaTea"), recipient_address(33612345678)
LONG_TEXT = "été à la mer " * 20
LONG_UCS2 = "😀 " * 40


def made(text: str, **profile: object) -> tuple[SubmitSm, ...]:
    return compose(text, SENDER, RECIPIENT, profile=Profile(**profile), reference=0x1234)


def test_a_short_text() -> None:
    [pdu] = made("Thé é@€")
    assert pdu == SubmitSm(
        source_addr_ton=5,
        source_addr="PandaTea",
        dest_addr_ton=1,
        dest_addr_npi=1,
        destination_addr="33612345678",
        registered_delivery=1,
        short_message=b"Th\x05 \x05\x00\x1b\x65",
    )


CODED = [
    # what                                     text    profile                                     coding  octets
    ("GSM-7 unpacked", "é@", {}, 0, b"\x05\x00"),
    ("GSM-7 packed", "é@", {"default": Default.GSM_PACKED}, 0, b"\x05\x00"),
    ("GSM-7 packed, more", "hello", {"default": Default.GSM_PACKED}, 0, bytes.fromhex("e8329bfd06")),
    ("Latin-1", "é@", {"default": Default.LATIN1}, 0, b"\xe9@"),
    ("Latin-9 has the euro", "€", {"default": Default.LATIN9}, 0, b"\xa4"),
    ("Latin-1 has not", "€", {"default": Default.LATIN1}, 8, b"\x20\xac"),
    ("ASCII has no accents", "é", {"default": Default.ASCII}, 8, b"\x00\xe9"),
    ("what the radio has not is UCS-2", "ê", {"default": Default.LATIN1}, 8, b"\x00\xea"),
    ("an emoji", "😀", {}, 8, b"\xd8\x3d\xde\x00"),
    ("codings of its own", "ê", {"ucs2_coding": 0x18}, 0x18, b"\x00\xea"),
    ("flash", "e", {"gsm_coding": 0x10}, 0x10, b"e"),
]


@pytest.mark.parametrize(("text", "profile", "coding", "octets"), [r[1:] for r in CODED], ids=[r[0] for r in CODED])
def test_codings_of_texts(text: str, profile: dict[str, object], coding: int, octets: bytes) -> None:
    [pdu] = made(text, **profile)
    assert (pdu.data_coding, pdu.short_message) == (coding, octets)
    assert read_message(pdu, profile=Profile(**profile)).text == text


def test_parts_by_header() -> None:
    first, second = made(LONG_TEXT)
    assert first.esm_class == second.esm_class == 0x40
    assert first.short_message[:6] == bytes.fromhex("050003340201")
    assert second.short_message[:6] == bytes.fromhex("050003340202")
    assert len(first.short_message) == 6 + 153


def test_parts_by_a_longer_reference() -> None:
    first, _ = made(LONG_TEXT, layout=Layout(concat=Concat.BITS_16))
    assert first.short_message[:7] == bytes.fromhex("06080412340201")
    assert read_message(first).reference == 0x1234


def test_packed_parts_are_what_the_radio_carries() -> None:
    first, second = made(LONG_TEXT, default=Default.GSM_PACKED)
    assert len(first.short_message) == 140
    joined = [read_message(pdu, profile=Profile(default=Default.GSM_PACKED)).text for pdu in (first, second)]
    assert "".join(text or "" for text in joined) == LONG_TEXT


def test_parts_by_parameters() -> None:
    first, second = made(LONG_TEXT, long=Long.SAR)
    assert (first.esm_class, len(first.short_message)) == (0, 153)
    assert first.tlvs == (
        tlv(Tag.SAR_MSG_REF_NUM, 0x1234),
        tlv(Tag.SAR_TOTAL_SEGMENTS, 2),
        tlv(Tag.SAR_SEGMENT_SEQNUM, 1),
    )
    found = read_message(second)
    assert (found.reference, found.total, found.place) == (0x1234, 2, 2)


def test_a_whole_text_as_payload() -> None:
    [pdu] = made(LONG_UCS2, long=Long.PAYLOAD)
    assert (pdu.short_message, pdu.data_coding) == (b"", 8)
    assert pdu.tlvs == (Tlv(Tag.MESSAGE_PAYLOAD, LONG_UCS2.encode("utf-16-be")),)
    assert read_message(pdu).text == LONG_UCS2
    [short] = made("hello", long=Long.PAYLOAD)
    assert (short.short_message, short.tlvs) == (b"hello", ())


TURKISH = national(single=Language.TURKISH)


def test_national_tables_travel_by_header() -> None:
    [pdu] = made("ğş", alphabets=(GSM7, TURKISH, UCS2))
    assert (pdu.esm_class, pdu.data_coding) == (0x40, 0)
    assert pdu.short_message[:4] == bytes.fromhex("03240101")
    assert read_message(pdu).elements[0].identifier == 0x24


def test_packed_national_tables() -> None:
    profile = {"alphabets": (TURKISH,), "default": Default.GSM_PACKED}
    [pdu] = made("ğş", **profile)
    # Three fill bits after a header of four octets, then an escape and the sign of the table, twice.
    assert pdu.short_message == bytes.fromhex("03240101") + pack(TURKISH.encode("ğş"), fill_bits=3)


@pytest.mark.parametrize("long", [Long.SAR, Long.PAYLOAD])
def test_national_tables_by_another_way_are_refused(long: Long) -> None:
    with pytest.raises(UnsupportedFeature):
        made("ğş" * 100, alphabets=(TURKISH,), long=long)


def test_ports_by_another_way_are_refused() -> None:
    with pytest.raises(UnsupportedFeature):
        made("a" * 300, layout=Layout(elements=(ports(2948),)), long=Long.SAR)


def test_a_character_without_a_place() -> None:
    with pytest.raises(UnencodableText):
        made("é", alphabets=(ASCII,))
    with pytest.raises(UnencodableText, match="é"):
        made("é", alphabets=(GSM7,), default=Default.ASCII)
    with pytest.raises(TooLong):
        made("a" * 40_000)


def test_times_of_a_message() -> None:
    at = datetime(2026, 11, 21, 23, tzinfo=timezone.utc)
    [pdu] = compose("hi", SENDER, RECIPIENT, send_at=at, validity=timedelta(hours=2))
    assert (pdu.schedule_delivery_time, pdu.validity_period) == ("261121230000000+", "000000020000000R")
    [pdu] = compose("hi", SENDER, RECIPIENT, validity=at)
    assert pdu.validity_period == "261121230000000+"
    with pytest.raises(NaiveDatetime):
        compose("hi", SENDER, RECIPIENT, send_at=datetime(2026, 11, 21))


def test_receipts_and_service_as_the_profile_says() -> None:
    [pdu] = made("hi", receipts=RegisteredDelivery(), service_type="CMT")
    assert (pdu.registered_delivery, pdu.service_type) == (0, "CMT")


# ---------------------------------------------------------------- from handsets

HEARD = [
    # what                                     pdu                                                       text, reference, total, number
    ("a text", DeliverSm(short_message=b"STOP"), ("STOP", None, 1, 1)),
    ("a text in UCS-2", DeliverSm(data_coding=8, short_message=b"\x00S\x20\xac"), ("S€", None, 1, 1)),
    ("flash", DeliverSm(data_coding=0xF0, short_message=b"\x05"), ("é", None, 1, 1)),
    ("a text in Hebrew", DeliverSm(data_coding=7, short_message=b"\xe0"), ("א", None, 1, 1)),
    ("Latin-1 where septets were promised", DeliverSm(short_message=b"\xe9t\xe9"), ("été", None, 1, 1)),
    ("octets", DeliverSm(data_coding=4, short_message=b"\x01\x02"), (None, None, 1, 1)),
    ("a coding that nobody named", DeliverSm(data_coding=0x0F, short_message=b"x"), (None, None, 1, 1)),
    ("a part by header", DeliverSm(esm_class=0x40, short_message=b"\x05\x00\x03\x07\x02\x01hi"), ("hi", 7, 2, 1)),
    ("a part by a long header", DeliverSm(esm_class=0x40, short_message=b"\x06\x08\x04\x01\x07\x02\x02hi"), ("hi", 263, 2, 2)),
    ("a header with something else", DeliverSm(esm_class=0x40, short_message=b"\x04\x04\x02\x01\x02hi"), ("hi", None, 1, 1)),
    ("one part of one", DeliverSm(esm_class=0x40, short_message=b"\x05\x00\x03\x07\x01\x01hi"), ("hi", None, 1, 1)),
    ("a part that cannot be", DeliverSm(esm_class=0x40, short_message=b"\x05\x00\x03\x07\x02\x03hi"), ("hi", None, 1, 1)),
    # Better a stray sign than a lost word.
    ("a header that is longer than the text", DeliverSm(esm_class=0x40, short_message=b"\x50hi"), ("Phi", None, 1, 1)),
    ("a payload", DeliverSm(tlvs=(Tlv(Tag.MESSAGE_PAYLOAD, b"hello"),)), ("hello", None, 1, 1)),
    ("data", DataSm(data_coding=3, tlvs=(Tlv(Tag.MESSAGE_PAYLOAD, b"\xe9"),)), ("é", None, 1, 1)),
    ("two of three parameters", DeliverSm(short_message=b"x", tlvs=(tlv(Tag.SAR_MSG_REF_NUM, 1), tlv(Tag.SAR_TOTAL_SEGMENTS, 2))), ("x", None, 1, 1)),
    ("nothing", DeliverSm(), ("", None, 1, 1)),
]  # fmt: skip


@pytest.mark.parametrize(("pdu", "expected"), [row[1:] for row in HEARD], ids=[row[0] for row in HEARD])
def test_messages_of_handsets(pdu: DeliverSm | DataSm, expected: tuple[object, ...]) -> None:
    found = read_message(pdu)
    assert (found.text, found.reference, found.total, found.place) == expected


def test_seven_packed_septets_are_not_eight() -> None:
    profile = Profile(default=Default.GSM_PACKED)
    [pdu] = made("seven77", default=Default.GSM_PACKED)
    assert read_message(pdu, profile=profile).text == "seven77"


def test_no_text_is_shown() -> None:
    found = read_message(DeliverSm(short_message=b"hello"))
    assert (found.coding.charset, "hello" in repr(found)) == (Charset.DEFAULT, False)


# ---------------------------------------------------------------- national tables

NATIONAL = [
    # what                        text                   locking                single
    ("Turkish behind an escape", "Şişli gÜzel çöğ ığĞİ", None, Language.TURKISH),
    ("Turkish as the main table", "Şişli çöğ ığĞİ", Language.TURKISH, None),
    ("both of Portuguese", "Olá, coração à ção €", Language.PORTUGUESE, Language.PORTUGUESE),
    ("Spanish behind an escape", "¿Qué? Ángel Í ú", None, Language.SPANISH),
]


@pytest.mark.parametrize(("text", "locking", "single"), [row[1:] for row in NATIONAL], ids=[row[0] for row in NATIONAL])
@pytest.mark.parametrize("default", [Default.GSM, Default.GSM_PACKED])
@pytest.mark.parametrize("times", [1, 20], ids=["alone", "in parts"])
def test_a_header_names_the_tables_of_its_text(text, locking, single, default: Default, times: int) -> None:
    profile = Profile(default=default, alphabets=(national(locking=locking, single=single),))
    parts = compose(text * times, Address("SHOP", 5), Address("33612345678", 1, 1), profile=profile)
    assert "".join(read_message(part, profile=profile).text or "" for part in parts) == text * times


ODD_TABLES = [
    ("a language that nobody knows", b"\3\x24\1\x63"),
    ("no language", b"\2\x24\0"),
    ("a language of two octets", b"\4\x25\2\1\1"),
    ("Spanish as the main table, which there is none of", b"\3\x25\1\2"),
]


@pytest.mark.parametrize("header", [row[1] for row in ODD_TABLES], ids=[row[0] for row in ODD_TABLES])
def test_a_header_with_another_table_is_read_without_it(header: bytes) -> None:
    assert read_message(DeliverSm(esm_class=0x40, short_message=header + b"STOP")).text == "STOP"
