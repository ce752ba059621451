from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from smskit.cells import (
    parse_amount,
    parse_date,
    parse_dates,
    parse_flag,
    parse_flags,
    parse_instant,
    parse_instants,
    parse_number,
    parse_numbers,
)

PARIS = ZoneInfo("Europe/Paris")
SUMMER = timezone(timedelta(hours=2))

NUMBERS = [
    # what                                              text                    number
    ("whole", "200", 200.0),
    ("French decimals", "1234,56", 1234.56),
    ("English decimals", "1234.56", 1234.56),
    ("French with a space and the euro", "1 234,56 €", 1234.56),
    ("no-break space between groups", "1\u00a0234,56", 1234.56),
    ("narrow no-break space, as French spreadsheets write", "1\u202f234\u202f567,8 €", 1234567.8),
    ("thin and figure spaces", "1\u2009234\u2007567", 1234567.0),
    ("English with groups", "1,234.56", 1234.56),
    ("German with groups", "1.234,56", 1234.56),
    ("Swiss with apostrophes", "1'234.50", 1234.5),
    ("Swiss with typographic apostrophes", "1’234.50 CHF", 1234.5),
    ("several groups of one kind", "1,234,567", 1234567.0),
    ("a lone comma is the decimal mark", "1,234", 1.234),
    ("a lone point is the decimal mark", "1.234", 1.234),
    ("the sign of a currency before", "$1 000", 1000.0),
    ("the name of a currency", "12,50 EUR", 12.5),
    ("euros in words", "12 euros", 12.0),
    ("percent is dropped", "12,5 %", 12.5),
    ("negative", "-3", -3.0),
    ("the minus sign of typographers", "−3,5", -3.5),
    ("negative after the currency", "€ -3", -3.0),
    ("negative before the currency", "-€3.50", -3.5),
    ("a plus sign", "+7", 7.0),
    ("the notation of spreadsheets", "6,12E+03", 6120.0),
    ("nothing before the comma", ",5", 0.5),
    ("spaces around", "  7 ", 7.0),
    ("Arabic digits", "١٢", 12.0),
    ("a zero that is kept elsewhere", "06308", 6308.0),
    ("empty", "", None),
    ("only spaces", " \u202f ", None),
    ("a word", "néant", None),
    ("a word that Python takes for a number", "nan", None),
    ("another one", "Infinity", None),
    ("digits joined by an underscore", "1_000", None),
    ("too large", "1e999", None),
    ("too large, in groups", "1 000" + " 000" * 120, None),
    ("two numbers", "12 34", None),
    ("a telephone number", "06 12 34 56 78", None),
    ("groups that are not of three", "1.23.456", None),
    ("three kinds of separators", "1.234.5", None),
    ("a unit inside", "12€50", None),
    ("another unit", "12 ans", None),
    ("a date", "24/06/2026", None),
    ("a sign alone", "-", None),
    ("a currency alone", "€", None),
]


@pytest.mark.parametrize(("text", "number"), [row[1:] for row in NUMBERS], ids=[row[0] for row in NUMBERS])
def test_a_number(text: str, number: float | None) -> None:
    assert parse_number(text) == number
    assert parse_numbers([text, text]) == [number, number]


AMOUNTS = [
    ("French", "1 234,56 €", "1234.56"),
    ("English", "1,234.56", "1234.56"),
    ("cents that no float has", "0,1", "0.1"),
    ("a refund", "-12,30", "-12.30"),
    ("too many digits for a float", "12345678901234567,89", "12345678901234567.89"),
    ("nothing", "", None),
    ("a word", "gratuit", None),
    ("the notation of spreadsheets is no amount", "1E+3", None),
    ("not a number", "nan", None),
]


@pytest.mark.parametrize(("text", "amount"), [row[1:] for row in AMOUNTS], ids=[row[0] for row in AMOUNTS])
def test_an_amount(text: str, amount: str | None) -> None:
    assert parse_amount(text) == (None if amount is None else Decimal(amount))


DATES = [
    ("French", "24/06/2026", date(2026, 6, 24)),
    ("French with hyphens", "24-06-2026", date(2026, 6, 24)),
    ("French with points and two digits", "24.06.26", date(2026, 6, 24)),
    ("French with spaces", "24 06 2026", date(2026, 6, 24)),
    ("without zeros", "4/6/2026", date(2026, 6, 4)),
    ("two digits up to 49 are this century", "01/01/49", date(2049, 1, 1)),
    ("two digits from 50 are the last", "01/01/50", date(1950, 1, 1)),
    ("with minutes", "24/06/2026 14:22", datetime(2026, 6, 24, 14, 22)),
    ("with seconds", "24/06/2026 14:22:05", datetime(2026, 6, 24, 14, 22, 5)),
    ("with a French hour", "24/06/2026 à 14h22", datetime(2026, 6, 24, 14, 22)),
    ("with a no-break space", "24/06/2026\u00a014:22", datetime(2026, 6, 24, 14, 22)),
    ("ISO", "2026-06-24", date(2026, 6, 24)),
    ("ISO without hyphens", "20260624", date(2026, 6, 24)),
    ("year first with slashes", "2026/06/24", date(2026, 6, 24)),
    ("ISO of a spreadsheet", "2026-06-24 00:00:00", datetime(2026, 6, 24)),
    (
        "ISO with a fraction",
        "2026-06-24T14:22:05.123Z",
        datetime(2026, 6, 24, 14, 22, 5, 123000, timezone.utc),
    ),
    ("ISO with nanoseconds", "2026-06-24 14:22:05.123456789", datetime(2026, 6, 24, 14, 22, 5, 123456)),
    ("ISO with an offset", "2026-06-24T14:22:05+02:00", datetime(2026, 6, 24, 14, 22, 5, tzinfo=SUMMER)),
    ("an offset of hours", "2026-06-24 14:22 +02", datetime(2026, 6, 24, 14, 22, tzinfo=SUMMER)),
    (
        "an offset without a colon",
        "2026-06-24T14:22:05+0200",
        datetime(2026, 6, 24, 14, 22, 5, tzinfo=SUMMER),
    ),
    ("spaces around", "  24/06/2026 ", date(2026, 6, 24)),
    ("a leap day", "29/02/2024", date(2024, 2, 29)),
    ("for ever", "31/12/9999", date(9999, 12, 31)),
    ("no leap day", "29/02/2023", None),
    ("not in the calendar", "31/02/2026", None),
    ("month first", "06/24/2026", None),
    ("zeros of a database", "0000-00-00", None),
    ("a year that lost a digit", "24/06/226", None),
    ("a year that nobody lived in", "24/06/0026", None),
    ("mixed separators", "24/06-2026", None),
    ("hour 24", "24/06/2026 24:00", None),
    ("minute 60", "24/06/2026 14:60", None),
    ("an offset of two days", "2026-06-24T14:22:05+48:00", None),
    ("a time alone", "14:22", None),
    ("a day and a month", "24/06", None),
    ("a serial number of a spreadsheet", "46197", None),
    ("more behind it", "24/06/2026 ou 25/06/2026", None),
    ("a long comment", "24/06/2026 " + " " * 10_000 + "x", None),
    ("empty", "", None),
]


@pytest.mark.parametrize(("text", "moment"), [row[1:] for row in DATES], ids=[row[0] for row in DATES])
def test_a_date(text: str, moment: date | None) -> None:
    read = parse_date(text)
    assert read == moment
    assert type(read) is type(moment)
    assert parse_dates([text, text]) == [moment, moment]


INSTANTS = [
    ("a wall clock in summer", "24/06/2026 14:22", "2026-06-24T12:22:00+00:00"),
    ("a wall clock in winter", "24/12/2026 14:22", "2026-12-24T13:22:00+00:00"),
    ("a day begins at its first instant", "24/06/2026", "2026-06-23T22:00:00+00:00"),
    ("an offset wins over the zone", "2026-06-24T14:22:05-04:00", "2026-06-24T18:22:05+00:00"),
    ("the hour that comes twice is the first", "25/10/2026 02:30", "2026-10-25T00:30:00+00:00"),
]


@pytest.mark.parametrize(("text", "utc"), [row[1:] for row in INSTANTS], ids=[row[0] for row in INSTANTS])
def test_an_instant(text: str, utc: str) -> None:
    instant = parse_instant(text, PARIS)
    assert instant is not None
    assert instant.astimezone(timezone.utc).isoformat() == utc
    assert parse_instants([text], PARIS) == [instant]


def test_no_instant_without_a_date() -> None:
    assert parse_instant("bientôt", PARIS) is None
    assert parse_instants(["", "24/06/2026"], PARIS) == [None, datetime(2026, 6, 24, tzinfo=PARIS)]


FLAGS = [
    ("yes in French", "Oui", True),
    ("its letter", " O ", True),
    ("a cross", "X", True),
    ("a one", "1", True),
    ("a one out of a spreadsheet", "1.0", True),
    ("true", "TRUE", True),
    ("true in French", "Vrai", True),
    ("no in French", "NON", False),
    ("its letter", "n", False),
    ("a zero", "0", False),
    ("false in French", "faux", False),
    ("an empty cell is not known", "", None),
    ("a hesitation is not known", "peut-être", None),
    ("a number is not known", "2", None),
    ("a date is not known", "24/06/2026", None),
]


@pytest.mark.parametrize(("text", "flag"), [row[1:] for row in FLAGS], ids=[row[0] for row in FLAGS])
def test_a_flag(text: str, flag: bool | None) -> None:
    assert parse_flag(text) is flag
    assert parse_flags([text, text]) == [flag, flag]
