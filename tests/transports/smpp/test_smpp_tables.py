"""What the tables say: statuses, parameters, bits, codings, times."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from smskit.errors import InvalidInput, NaiveDatetime
from smskit.kinds import FailureClass, Retry
from smskit.transports.smpp import (
    MEANINGS,
    Acknowledgement,
    Charset,
    Content,
    DataCoding,
    EsmClass,
    Meaning,
    Mode,
    RegisteredDelivery,
    Status,
    StatusClass,
    Tag,
    Tlv,
    Wanted,
    absolute,
    meaning_of,
    read_time,
    relative,
    tlv,
)
from smskit.transports.smpp.tlvs import SHAPES, find, name_of, number, read, text

MEANT = [
    # what                             status                      class                           failure                           retry
    ("throttled: the same again", Status.ESME_RTHROTTLED, StatusClass.THROTTLE, FailureClass.THROTTLED, Retry.SAFE),
    ("a full queue is throttling", Status.ESME_RMSGQFUL, StatusClass.THROTTLE, FailureClass.THROTTLED, Retry.SAFE),
    ("trouble inside", Status.ESME_RSYSERR, StatusClass.TRANSIENT, FailureClass.PROVIDER_ERROR, Retry.SAFE),
    ("a wrong password", Status.ESME_RINVPASWD, StatusClass.PERMANENT_CONFIG, FailureClass.AUTH, Retry.AFTER_FIX),
    ("a bad number", Status.ESME_RINVDSTADR, StatusClass.PERMANENT_MESSAGE, FailureClass.INVALID_NUMBER, Retry.NEVER),
    ("a bad sender", Status.ESME_RINVSRCADR, StatusClass.PERMANENT_MESSAGE, FailureClass.SENDER_INVALID, Retry.AFTER_FIX),
    ("a wrong state", Status.ESME_RINVBNDSTS, StatusClass.SESSION, FailureClass.PROVIDER_UNAVAILABLE, Retry.SAFE),
    ("a value of a vendor", 0x400, StatusClass.PERMANENT_MESSAGE, FailureClass.UNSPECIFIED, Retry.NEVER),
]  # fmt: skip


@pytest.mark.parametrize(("status", "kind", "failure", "retry"), [r[1:] for r in MEANT], ids=[r[0] for r in MEANT])
def test_what_a_status_means(status: int, kind: StatusClass, failure: FailureClass, retry: Retry) -> None:
    assert meaning_of(status) == Meaning(status, kind, failure, retry)


def test_all_67_statuses_have_a_meaning_and_only_success_is_no_failure() -> None:
    assert len(Status) == len(MEANINGS) == 67
    assert [meaning.status for meaning in MEANINGS.values() if meaning.failure is None] == [Status.ESME_ROK]
    assert meaning_of(0).is_ok


def test_what_throttles_is_always_safe_to_send_again() -> None:
    for meaning in MEANINGS.values():
        if meaning.kind in (StatusClass.THROTTLE, StatusClass.TRANSIENT):
            assert meaning.retry is Retry.SAFE


def test_wrong_settings_stop_the_run() -> None:
    for meaning in MEANINGS.values():
        if meaning.kind is StatusClass.PERMANENT_CONFIG:
            assert meaning.failure is not None
            assert meaning.failure.is_of_account


def test_the_operators_own_table_goes_first() -> None:
    own = {0x45A: Meaning(0x45A, StatusClass.THROTTLE, FailureClass.THROTTLED, Retry.SAFE)}
    assert meaning_of(0x45A, own) is own[0x45A]
    assert meaning_of(Status.ESME_RSYSERR, own) == meaning_of(Status.ESME_RSYSERR)


def test_a_status_has_a_name_even_if_nobody_gave_it_one() -> None:
    assert (meaning_of(0x58).name, meaning_of(0x45A).name) == ("ESME_RTHROTTLED", "0x0000045A")


VALUES = [
    # what                                  tag                              value           octets
    ("one octet", Tag.MESSAGE_STATE, 2, b"\x02"),
    ("two octets", Tag.USER_MESSAGE_REFERENCE, 258, b"\x01\x02"),
    ("four octets", Tag.QOS_TIME_TO_LIVE, 1, b"\0\0\0\x01"),
    ("as many as it takes", Tag.DEST_ADDR_NP_COUNTRY, 0x100, b"\x01\x00"),
    ("a text", Tag.RECEIPTED_MESSAGE_ID, "abc", b"abc\0"),
    ("octets", Tag.MESSAGE_PAYLOAD, b"abc", b"abc"),
    ("nothing", Tag.MESSAGE_PAYLOAD, b"", b""),
    ("octets of a vendor", 0x1403, b"abc", b"abc"),
]


@pytest.mark.parametrize(("tag", "value", "octets"), [row[1:] for row in VALUES], ids=[row[0] for row in VALUES])
def test_parameters_are_written_and_read_in_their_form(tag: int, value: int | str | bytes, octets: bytes) -> None:
    assert tlv(tag, value) == Tlv(tag, octets)
    assert Tlv(tag, octets).reading == value


BAD_VALUES = [
    ("a number that is too large", Tag.MESSAGE_STATE, 256),
    ("a number below zero", Tag.MESSAGE_STATE, -1),
    ("a text for a number", Tag.MESSAGE_STATE, "2"),
    ("a number for a text", Tag.RECEIPTED_MESSAGE_ID, 5),
    ("a text that is too long", Tag.RECEIPTED_MESSAGE_ID, "x" * 65),
    ("a text that is no octets", Tag.RECEIPTED_MESSAGE_ID, "€"),
    ("octets of a wrong length", Tag.NETWORK_ERROR_CODE, b"\x03"),
    ("a number for a vendor's tag", 0x1403, 5),
]


@pytest.mark.parametrize(("tag", "value"), [row[1:] for row in BAD_VALUES], ids=[row[0] for row in BAD_VALUES])
def test_values_that_a_parameter_cannot_have(tag: int, value: int | str | bytes) -> None:
    with pytest.raises(InvalidInput):
        tlv(tag, value)


def test_parameters_are_found_and_odd_ones_are_given_as_octets() -> None:
    found = (Tlv(Tag.MESSAGE_STATE, b"\x01\x02"), Tlv(Tag.RECEIPTED_MESSAGE_ID, b"no nul"), Tlv(0x1403, b""))
    assert read(found, Tag.MESSAGE_STATE) == b"\x01\x02"
    assert number(found, Tag.MESSAGE_STATE) is None
    assert read(found, Tag.RECEIPTED_MESSAGE_ID) == text(found, Tag.RECEIPTED_MESSAGE_ID) == "no nul"
    assert find(found, 0x1403) == b""
    assert find(found, Tag.SOURCE_PORT) is read(found, Tag.SOURCE_PORT) is text(found, Tag.SOURCE_PORT) is None


def test_all_64_parameters_have_a_form_and_a_name() -> None:
    assert len(Tag) == len(SHAPES) == 64
    assert (name_of(0x0427), name_of(0x1403)) == ("message_state", "0x1403")


def test_a_parameter_shows_its_size_only() -> None:
    assert repr(tlv(Tag.MESSAGE_PAYLOAD, b"hello")) == "<message_payload, 5 octets>"


# ---------------------------------------------------------------- bits


def test_bits_of_esm_class() -> None:
    assert EsmClass.of(0x04).content is Content.RECEIPT
    assert EsmClass.of(0x23) == EsmClass(Mode.STORE_AND_FORWARD, Content.INTERMEDIATE)
    assert EsmClass.of(0xC0) == EsmClass(udhi=True, reply_path=True)
    assert EsmClass.of(0x3C).content == 0x3C
    assert EsmClass(Mode.FORWARD, Content.RECEIPT, udhi=True, reply_path=True).octet == 0xC6
    assert EsmClass(content=0xFF).octet == 0x3C


def test_bits_of_registered_delivery() -> None:
    assert RegisteredDelivery.of(0x11) == RegisteredDelivery(Wanted.ALL, intermediate=True)
    assert RegisteredDelivery.of(0x0E) == RegisteredDelivery(Wanted.FAILURE, Acknowledgement.BOTH)
    assert RegisteredDelivery.of(0xE0).rest == 0xE0


CODINGS = [
    # what                              value   charset           class   waiting
    ("the default of the centre", 0x00, Charset.DEFAULT, None, False),
    ("Latin-1", 0x03, Charset.LATIN1, None, False),
    ("octets", 0x04, Charset.BINARY, None, False),
    ("UCS-2", 0x08, Charset.UCS2, None, False),
    ("reserved", 0x0B, Charset.UNKNOWN, None, False),
    ("flash, general group", 0x10, Charset.GSM7, 0, False),
    ("flash in UCS-2", 0x18, Charset.UCS2, 0, False),
    ("compressed", 0x20, Charset.BINARY, None, False),
    ("to be deleted after reading", 0x48, Charset.UCS2, None, False),
    ("reserved group", 0x80, Charset.UNKNOWN, None, False),
    ("a voice mail waits, discard", 0xC8, Charset.GSM7, None, True),
    ("a voice mail waits, store in UCS-2", 0xE0, Charset.UCS2, None, True),
    ("flash, class group", 0xF0, Charset.GSM7, 0, False),
    ("to the handset", 0xF1, Charset.GSM7, 1, False),
    ("octets for the SIM", 0xF6, Charset.BINARY, 2, False),
]


@pytest.mark.parametrize(("value", "charset", "kind", "waiting"), [r[1:] for r in CODINGS], ids=[r[0] for r in CODINGS])
def test_codings(value: int, charset: Charset, kind: int | None, waiting: bool) -> None:
    found = DataCoding.of(value)
    assert found == DataCoding(value, charset, kind, waiting)
    assert found.is_flash is (kind == 0)


@pytest.mark.parametrize("value", [-1, 256])
def test_what_is_no_octet_has_no_reading(value: int) -> None:
    for kind in (EsmClass, RegisteredDelivery, DataCoding):
        with pytest.raises(InvalidInput):
            kind.of(value)


# ---------------------------------------------------------------- times

PARIS = ZoneInfo("Europe/Paris")
UTC = timezone.utc
TIMES = [
    # what                               written              read
    ("an instant in winter", "261121230000004+", datetime(2026, 11, 21, 23, tzinfo=PARIS)),
    ("an instant in summer", "260721230000008+", datetime(2026, 7, 21, 23, tzinfo=PARIS)),
    ("west of Greenwich", "260721230000316-", datetime(2026, 7, 21, 23, 0, 0, 300_000, timezone(timedelta(hours=-4)))),
    ("the last year of the century", "371231235959000+", datetime(2037, 12, 31, 23, 59, 59, tzinfo=UTC)),
    ("the first year of the last one", "380101000000000+", datetime(1938, 1, 1, tzinfo=UTC)),
    ("two days and a second", "000002000001000R", timedelta(days=2, seconds=1)),
]


@pytest.mark.parametrize(("written", "value"), [row[1:] for row in TIMES], ids=[row[0] for row in TIMES])
def test_times(written: str, value: datetime | timedelta) -> None:
    assert read_time(written) == value
    assert (absolute(value) if isinstance(value, datetime) else relative(value)) == written


def test_an_offset_that_is_no_quarter_hour_is_written_in_utc() -> None:
    odd = timezone(timedelta(hours=5, minutes=7))
    assert absolute(datetime(2026, 1, 2, 5, 7, tzinfo=odd)) == "260102000000000+"


def test_months_and_years_of_others_are_read() -> None:
    assert read_time("010203040506000R") == timedelta(days=365 + 60 + 3, hours=4, minutes=5, seconds=6)


def test_no_time() -> None:
    assert read_time("") is None


UNREADABLE = ["now", "261121230000004", "261121230000004*", "261321230000004+", "261121230000049+", "２61121230000004+"]


@pytest.mark.parametrize("written", UNREADABLE)
def test_what_is_no_time(written: str) -> None:
    with pytest.raises(InvalidInput):
        read_time(written)


def test_times_that_cannot_be_written() -> None:
    with pytest.raises(NaiveDatetime):
        absolute(datetime(2026, 1, 1))
    with pytest.raises(InvalidInput, match="2038"):
        absolute(datetime(2038, 1, 1, tzinfo=UTC))
    for period in (timedelta(seconds=-1), timedelta(days=100)):
        with pytest.raises(InvalidInput):
            relative(period)
