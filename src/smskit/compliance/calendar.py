"""Days off: fixed dates, days counted from Easter, and from which year to which they hold."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, timedelta
from functools import lru_cache

from attrs import frozen

from smskit.errors import InvalidInput

_DAY = re.compile(
    r"(?:(?P<month>\d\d)-(?P<day>\d\d)|easter(?P<offset>[+-]\d{1,2}))"
    r"(?:@(?P<first>\d{4})?\.\.(?P<last>\d{4})?)?"
)


@frozen
class Day:
    """A day off that comes back each year: by date, or so many days after Easter Sunday."""

    month: int = 0
    day: int = 0
    easter: int | None = None
    first: int = 1
    last: int = 9999

    def in_year(self, year: int) -> date | None:
        """Give its date in *year*, None in a year in which it is not a day off."""
        if not self.first <= year <= self.last:
            return None
        if self.easter is not None:
            return easter(year) + timedelta(days=self.easter)
        return date(year, self.month, self.day)


@lru_cache(maxsize=512)
def read_day(text: str) -> Day:
    """Read ``05-27``, ``easter+39`` or, limited to some years, ``11-20@2025..`` and ``06-29@..2024``.

    Raises:
        InvalidInput: the text has another shape.
    """
    match = _DAY.fullmatch(text)
    if match is None:
        raise InvalidInput(f"{text!r} is not a day such as '05-27', 'easter+39' or '11-20@2025..'")
    years = int(match["first"] or 1), int(match["last"] or 9999)
    if match["offset"]:
        return Day(easter=int(match["offset"]), first=years[0], last=years[1])
    return Day(int(match["month"]), int(match["day"]), None, *years)


def easter(year: int) -> date:
    """Give Easter Sunday of the Gregorian calendar.

    Source: J.-M. Oudin, in Explanatory Supplement to the Astronomical Almanac (1992), p. 582.
    """
    century, golden = year // 100, year % 19
    epact = (century - century // 4 - (century - (century - 17) // 25) // 3 + 19 * golden + 15) % 30
    epact -= epact // 28 * (1 - 29 // (epact + 1) * ((21 - golden) // 11))
    weekday = (year + year // 4 + epact + 2 - century + century // 4) % 7
    offset = epact - weekday
    month = 3 + (offset + 40) // 44
    return date(year, month, offset + 28 - 31 * (month // 4))


@lru_cache(maxsize=1024)
def days_off(days: tuple[str, ...], year: int) -> frozenset[date]:
    """Give the dates on which *days* fall in *year*."""
    return frozenset(_dates(days, year))


def _dates(days: Iterable[str], year: int) -> Iterable[date]:
    for text in days:
        found = read_day(text).in_year(year)
        if found is not None:
            yield found
