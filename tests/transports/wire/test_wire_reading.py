"""Reading what carriers write: whatever it is, it is read or it is nothing; nothing raises."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smskit.transports.wire import reading
from smskit.transports.wire.reading import (
    code_in,
    codes_in,
    decimal_in,
    dig,
    epoch_in,
    instant_in,
    int_in,
    json_in,
    mail_date_in,
    number_in,
    one_or_many,
    text_in,
    until,
)

NOON = datetime(2026, 6, 24, 12, 0, tzinfo=timezone.utc)

INSTANTS = [
    # what                          written                              instant
    ("with a Z", "2026-06-24T12:00:00Z", NOON),
    ("with a small z", "2026-06-24t12:00:00z".upper().replace("Z", "z"), NOON),
    ("with an offset", "2026-06-24T14:00:00+02:00", NOON),
    ("with an offset without a colon", "2026-06-24T14:00:00+0200", NOON),
    ("with the hours of an offset", "2026-06-24T14:00:00+02", NOON),
    ("with an offset to the west", "2026-06-24T07:30:00-04:30", NOON),
    ("with a space", "2026-06-24 12:00:00", NOON),
    ("without seconds", "2026-06-24 12:00", NOON),
    ("with one digit of fraction", "2026-06-24T12:00:00.5Z", NOON + timedelta(milliseconds=500)),
    ("with nine digits of fraction", "2026-06-24T12:00:00.123456789Z", NOON + timedelta(microseconds=123456)),
    ("a day that there is not", "2026-02-30T12:00:00Z", None),
    ("an hour that there is not", "2026-06-24T25:00:00Z", None),
    ("an offset that there is not", "2026-06-24T12:00:00+99:00", None),
    ("the first instant of all, from the east", "0001-01-01T00:00:00+14:00", None),
    ("a date alone", "2026-06-24", None),
    ("a word", "yesterday", None),
    ("nothing", None, None),
    ("a list", ["2026-06-24T12:00:00Z"], None),
]


@pytest.mark.parametrize(("written", "instant"), [row[1:] for row in INSTANTS], ids=[row[0] for row in INSTANTS])
def test_an_instant(written, instant):
    assert instant_in(written) == instant


def test_an_instant_without_a_zone_is_meant_in_the_carriers():
    assert instant_in("2026-06-24 14:00:00", timezone(timedelta(hours=2))) == NOON


NUMBERS = [
    ("digits", "33612345678", 33612345678),
    ("with a plus sign", "+33612345678", 33612345678),
    ("an integer", 33612345678, 33612345678),
    ("a float, as some languages write integers", 33612345678.0, 33612345678),
    ("with spaces", " +33 6 12 34 56 78\n", 33612345678),
    ("with points, brackets and hyphens", "+1 (212) 555-01.99", 12125550199),
    ("with two zeros for the plus sign", "0033612345678", 33612345678),
    ("a national one is somebody else's abroad", "0612345678", None),
    ("a word", "MABOUTIQUE", None),
    ("a short code", "36180", None),
    ("sixteen digits", "1" * 16, None),
    ("other digits than ours", "٣٣٦١٢٣٤٥٦٧٨", None),
    ("two plus signs", "++33612345678", None),
    ("true", True, None),
    ("nothing", None, None),
]


@pytest.mark.parametrize(("written", "number"), [row[1:] for row in NUMBERS], ids=[row[0] for row in NUMBERS])
def test_a_number(written, number):
    assert number_in(written) == number


CODES = [
    ("a word", "UNDELIVERABLE", "UNDELIVERABLE"),
    ("a number", 21610, "21610"),
    ("signs", "400.029", "400.029"),
    ("a sentence may quote the text", "Invalid message: Bonjour Anna", ""),
    ("a telephone number is no code", "33612345678", ""),
    ("a plus sign", "+33612345678", ""),
    ("too long", "x" * 81, ""),
    ("an object", {"code": 1}, ""),
]


@pytest.mark.parametrize(("written", "code"), [row[1:] for row in CODES], ids=[row[0] for row in CODES])
def test_a_code_that_may_be_kept(written, code):
    assert code_in(written) == code


def test_seconds_and_milliseconds_since_1970():
    assert epoch_in(1782302400) == epoch_in("1782302400000") == NOON
    assert epoch_in(-1) is epoch_in("soon") is epoch_in("1e400") is epoch_in(10**30) is None


def test_amounts_are_exact_and_finite():
    assert decimal_in("0.045") == decimal_in(0.045) == Decimal("0.045")
    assert decimal_in("NaN") is decimal_in("Infinity") is decimal_in(None) is decimal_in(True) is None


def test_paths_lead_somewhere_or_nowhere():
    value = {"a": [{"b": 1}], "c": None}
    assert dig(value, "a", 0, "b") == 1
    assert dig(value, "a", 5) is dig(value, "a", "b") is dig(value, "c", "d") is dig(None, "a") is dig(value, 0) is None
    assert one_or_many([1, 2]) == [1, 2]
    assert one_or_many({"a": 1}) == ({"a": 1},)
    assert one_or_many("text") == ()


def test_whole_numbers():
    assert int_in("12") == int_in(12) == 12
    assert int_in("-3") == -3
    assert int_in("1.5") is int_in("9" * 400) is int_in(None) is int_in("²") is None


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@given(anything)
def test_nothing_raises_whatever_it_is_given(value):
    for read in (text_in, int_in, decimal_in, number_in, code_in, instant_in, epoch_in, one_or_many):
        read(value)
    dig(value, "a", 0, "b")


@given(st.binary())
def test_any_body_is_json_or_nothing(body):
    json_in(body)


def test_a_body_that_nests_without_end_is_nothing():
    assert json_in(b"[" * 1_000_000) is None
    assert reading.json_in(b'{"a": 1}') == {"a": 1}


MAIL_DATES = [
    # what                    written                              instant
    ("as HTTP has it", "Wed, 24 Jun 2026 12:00:00 GMT", NOON),
    ("with an offset", "Wed, 24 Jun 2026 14:00:00 +0200", NOON),
    ("without a zone", "Wed, 24 Jun 2026 12:00:00", NOON),
    ("a day that there is not", "Wed, 31 Jun 2026 12:00:00 GMT", None),
    ("no date", "soon", None),
    ("nothing", "", None),
]


@pytest.mark.parametrize(("written", "at"), [row[1:] for row in MAIL_DATES], ids=[row[0] for row in MAIL_DATES])
def test_a_date_of_mail_is_read(written, at):
    assert mail_date_in(written) == at


def test_what_happened_did_so_before_it_was_told():
    assert until(NOON - timedelta(hours=1), NOON) == NOON - timedelta(hours=1)
    assert until(NOON + timedelta(seconds=1), NOON) == NOON
    assert until(None, NOON) == NOON


def test_codes_of_one_thing_stand_side_by_side():
    assert codes_in("failed", 30007, None, "") == "failed/30007"
    assert codes_in("a whole sentence of the carrier", None) == ""
