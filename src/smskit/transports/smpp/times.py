"""Times in a PDU: an instant, or a period from now on; sixteen characters, or none.

Source: SMPP 3.4 clause 7.1.1 and appendix C (centuries).
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

from smskit.errors import InvalidInput, NaiveDatetime

_SHAPE = re.compile(r"(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d)(\d\d)([-+R])", re.ASCII)
_PIVOT = 38
_QUARTER = timedelta(minutes=15)
_MOST_QUARTERS = 48
LONGEST = timedelta(days=99, hours=23, minutes=59, seconds=59)
"""The longest period that is written: months and years have no fixed length, so they are never used."""


def year_of(two_digits: int) -> int:
    """Give the year of *two_digits*: 38 to 99 are of the last century. Source: appendix C."""
    return two_digits + (1900 if two_digits >= _PIVOT else 2000)


def absolute(at: datetime, /) -> str:
    """Give the sixteen characters of an instant; tenths of a second are kept, finer is cut off.

    The offset is written as it is if it is a number of quarter hours up to twelve hours, else in UTC.

    Raises:
        NaiveDatetime: *at* has no zone.
        InvalidInput: its year is not one of 1938 to 2037.
    """
    offset = at.utcoffset()
    if offset is None:
        raise NaiveDatetime("at", at)
    if offset % _QUARTER or abs(offset) > _MOST_QUARTERS * _QUARTER:
        at, offset = at.astimezone(timezone.utc), timedelta(0)
    if year_of(at.year % 100) != at.year:
        raise InvalidInput(f"the year {at.year} cannot be written: two digits stand for 1938 to 2037")
    sign = "-" if offset < timedelta(0) else "+"
    return f"{at:%y%m%d%H%M%S}{at.microsecond // 100_000}{abs(offset) // _QUARTER:02}{sign}"


def relative(period: timedelta, /) -> str:
    """Give the sixteen characters of a period; parts of a second count as a whole one.

    Raises:
        InvalidInput: it is negative, or longer than :data:`LONGEST`.
    """
    if not timedelta(0) <= period <= LONGEST:
        raise InvalidInput(f"a period of {period} cannot be written: it is from 0 to {LONGEST}")
    seconds = -(-period // timedelta(seconds=1))
    minutes, second = divmod(seconds, 60)
    hours, minute = divmod(minutes, 60)
    day, hour = divmod(hours, 24)
    return f"0000{day:02}{hour:02}{minute:02}{second:02}000R"


def read_time(text: str, /) -> datetime | timedelta | None:
    """Read an instant (aware) or a period.

    Years and months of a period are taken as 365 and 30 days: only the centre knows its calendar.

    Returns:
        None for an empty text: the time is not set.

    Raises:
        InvalidInput: it is neither.
    """
    if not text:
        return None
    found = _SHAPE.fullmatch(text)
    if found is None:
        raise InvalidInput(f"{len(text)} characters are no time of SMPP")
    year, month, day, hour, minute, second, tenth, quarters = map(int, found.groups()[:8])
    if found[9] == "R":
        days = 365 * year + 30 * month + day
        return timedelta(days=days, hours=hour, minutes=minute, seconds=second)
    if quarters > _MOST_QUARTERS:
        raise InvalidInput(f"an offset of {quarters} quarter hours is more than {_MOST_QUARTERS}")
    offset = quarters * _QUARTER * (-1 if found[9] == "-" else 1)
    try:
        return datetime(year_of(year), month, day, hour, minute, second, tenth * 100_000, tzinfo=timezone(offset))
    except ValueError as error:
        raise InvalidInput(f"no such instant: {error}") from error
