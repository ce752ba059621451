"""Reading one text cell: a number, a date, an instant, a yes or no.

A customer file is text: what a cell means is decided when somebody asks, never while the file is read, so
that a postal code keeps its zero. Every reader gives None for a cell that is empty or that it cannot read;
none raises for bad text. The plural form of each reads a whole column and pays once for a text that comes
back often.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta, timezone, tzinfo
from decimal import Decimal
from functools import lru_cache
from math import isfinite

# Consent and purchase dates repeat from batch to batch: 20 years of days are 7 300 texts. The bound is for
# columns of instants, in which no text comes back.
_REMEMBERED = 1 << 14

# No number, date or instant takes more; a comment or a hostile cell is not searched for one.
_LONGEST = 48

# ---------------------------------------------------------------- numbers

_UNIT = r"(?:[€$£¥%]|eur(?:os?)?|usd|gbp|chf|xpf)"
_SIGNED = re.compile(rf"{_UNIT}?\s*([+-]?)\s*{_UNIT}?\s*(.*?)\s*{_UNIT}?", re.IGNORECASE)
_PLAIN = re.compile(r"\d+(?:[.,]\d*)?|[.,]\d+")
# One kind of separator between groups of three, and another one, if any, before the decimals.
_GROUPED = re.compile(r"\d{1,3}([ '.,])\d{3}(?:\1\d{3})*(?:(?!\1)[.,]\d*)?")
# No-break, figure, thin and narrow spaces are those that spreadsheets and word processors put into numbers.
_UNIFORM = str.maketrans({**dict.fromkeys("\u00a0\u2007\u2009\u202f\t", " "), "\u2019": "'", "\u2212": "-"})


def parse_number(text: str, /) -> float | None:
    """Read a number as people and spreadsheets write it in French and in English.

    Args:
        text: ``1 234,56 €``, ``1,234.56``, ``1.234,56``, ``12,5 %``, ``-3``, ``1E+3``. A lone separator is
            the decimal mark, so ``1,234`` is a little over one: French files are the common case, and a guess
            that depends on the count of digits would read two rows of one column in two ways.

    Returns:
        The number; the currency or percent sign is dropped (``12,5 %`` is 12.5). None for anything else,
        among it two numbers in one cell, a telephone number with spaces, and what is too large for a float.
    """
    try:
        number = float(text.replace(",", "."))
    except ValueError:
        return _parse_written_number(text)
    # Python reads "nan", "inf" and "1_000" too; no customer file means a number by them.
    return number if isfinite(number) and "_" not in text else None


def parse_amount(text: str, /) -> Decimal | None:
    """Read an amount of money: what :func:`parse_number` reads, exactly as it is written.

    Returns:
        A finite Decimal; None where :func:`parse_number` gives None.
    """
    digits = _plain_digits(text)
    return None if digits is None else Decimal(digits)


def _parse_written_number(text: str) -> float | None:
    digits = _plain_digits(text)
    return None if digits is None else float(digits)


def _plain_digits(text: str) -> str | None:
    """Give the digits of a number as Python writes them, None for what is no number; at most 48 characters."""
    if len(text) > _LONGEST:
        return None
    whole = _SIGNED.fullmatch(text.translate(_UNIFORM).strip())
    if whole is None:
        return None
    sign, digits = whole.groups()
    if not _PLAIN.fullmatch(digits):
        grouped = _GROUPED.fullmatch(digits)
        if grouped is None:
            return None
        digits = digits.replace(grouped[1], "")
    return sign + digits.replace(",", ".")


def parse_numbers(cells: Iterable[str], /) -> list[float | None]:
    """Read a column of numbers; see :func:`parse_number`."""
    return list(map(parse_number, cells))


# ---------------------------------------------------------------- dates and instants

_TIME = (
    r"(?:\s*(?:[T ,]|à)\s*(?P<hour>\d{1,2})\s*[:h]\s*(?P<minute>\d{2})"
    r"(?::(?P<second>\d{2})(?:[.,](?P<fraction>\d{1,9}))?)?"
    r"\s*(?P<zone>Z|[+-]\d{2}(?::?\d{2})?)?)?"
)
_DAY_FIRST = re.compile(
    rf"(?P<day>\d{{1,2}})(?P<sep>[/.\- ])(?P<month>\d{{1,2}})(?P=sep)(?P<year>\d{{4}}|\d\d){_TIME}",
    re.IGNORECASE,
)
_YEAR_FIRST = re.compile(
    rf"(?P<year>\d{{4}})(?P<sep>[/.\-]?)(?P<month>\d\d)(?P=sep)(?P<day>\d\d){_TIME}", re.IGNORECASE
)

_OLDEST_YEAR = 1800


def parse_date(text: str, /) -> date | datetime | None:
    """Read a date, day first as in French, or year first as in ISO 8601; with a time where the cell has one.

    Args:
        text: ``24/06/2026``, ``24-06-2026``, ``24.06.26``, ``24/06/2026 14:22``, ``24/06/2026 à 14h22``,
            ``2026-06-24``, ``20260624``, ``2026-06-24 00:00:00``, ``2026-06-24T14:22:05+02:00``.

    Returns:
        A date, or a datetime where the cell has a time: aware only where it also has an offset. Years of two
        digits are 1950 to 2049. None for a day that is not in the calendar (``31/02/2026``, the month-first
        ``06/24/2026``, ``0000-00-00``), and for a year before 1800, which is a slip of the keyboard in any
        file of living customers.
    """
    return _remembered_date(text)


@lru_cache(_REMEMBERED)
def _remembered_date(text: str) -> date | datetime | None:
    if len(text) > _LONGEST:
        return None
    cell = text.translate(_UNIFORM).strip()
    found = _DAY_FIRST.fullmatch(cell) or _YEAR_FIRST.fullmatch(cell)
    if found is None:
        return None
    year = int(found["year"])
    if len(found["year"]) == 2:
        year += 2000 if year < 50 else 1900
    if year < _OLDEST_YEAR:
        return None
    try:
        day = date(year, int(found["month"]), int(found["day"]))
        return day if found["hour"] is None else datetime.combine(day, _time_of(found))
    except ValueError:
        return None


def _time_of(found: re.Match[str]) -> time:
    fraction = (found["fraction"] or "").ljust(6, "0")[:6]
    return time(
        int(found["hour"]),
        int(found["minute"]),
        int(found["second"] or 0),
        int(fraction),
        _offset(found["zone"]),
    )


def _offset(zone: str | None) -> timezone | None:
    if zone is None:
        return None
    if zone in "Zz":
        return timezone.utc
    digits = zone[1:].replace(":", "").ljust(4, "0")
    minutes = int(digits[:2]) * 60 + int(digits[2:])
    return timezone(timedelta(minutes=-minutes if zone[0] == "-" else minutes))


def parse_dates(cells: Iterable[str], /) -> list[date | datetime | None]:
    """Read a column of dates; see :func:`parse_date`."""
    return list(map(_remembered_date, cells))


def parse_instant(text: str, zone: tzinfo, /) -> datetime | None:
    """Read the instant that a cell names.

    Args:
        text: whatever :func:`parse_date` reads.
        zone: where the cell was written; a time without an offset is the wall clock's there, and a date
            without a time is the first instant of that day.

    Returns:
        An aware datetime, None where :func:`parse_date` gives None. An hour that the wall clock skips or has
        twice is taken as :mod:`datetime` takes it with ``fold=0``.
    """
    return instant_of(_remembered_date(text), zone)


def parse_instants(cells: Iterable[str], zone: tzinfo, /) -> list[datetime | None]:
    """Read a column of instants; see :func:`parse_instant`."""
    return [instant_of(moment, zone) for moment in map(_remembered_date, cells)]


def instant_of(moment: date | datetime | None, zone: tzinfo, /) -> datetime | None:
    """Give the instant at which *moment* is, or begins, in *zone*; None for None."""
    if moment is None:
        return None
    if not isinstance(moment, datetime):
        return datetime(moment.year, moment.month, moment.day, tzinfo=zone)
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)


# ---------------------------------------------------------------- yes and no

_FLAGS = {
    **dict.fromkeys(("oui", "o", "yes", "y", "vrai", "v", "true", "t", "1", "1.0", "1,0", "x"), True),
    **dict.fromkeys(("on", "ok", "✓", "✔"), True),
    **dict.fromkeys(("non", "n", "no", "faux", "false", "f", "0", "0.0", "0,0", "off", "✗", "✘"), False),
}  # fmt: skip


def parse_flag(text: str, /) -> bool | None:
    """Read a yes or a no.

    Args:
        text: ``oui``/``non``, ``o``/``n``, ``yes``/``no``, ``vrai``/``faux``, ``true``/``false``,
            ``1``/``0``, ``on``/``off``, ``x``, ``✓``.

    Returns:
        None for an empty cell and for any other word: what is not known to be a yes is none.
    """
    return _FLAGS.get(text.strip().lower())


def parse_flags(cells: Iterable[str], /) -> list[bool | None]:
    """Read a column of yes and no; see :func:`parse_flag`."""
    return list(map(parse_flag, cells))
