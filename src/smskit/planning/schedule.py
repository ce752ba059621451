"""Reading the time of a campaign, as people write it."""

from __future__ import annotations

import re
from datetime import datetime, timezone
from zoneinfo import ZoneInfo

from smskit.errors import InvalidInput, NaiveDatetime

_FRENCH = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})(?:[ T]+(\d{1,2})[:hH](\d{2})?)?")


def instant(at: datetime | str, zone: ZoneInfo, name: str = "at") -> datetime:
    """Give an aware datetime.

    Args:
        at: an aware datetime; or ``"2026-06-24 12:00"``, ``"24/06/2026 12:00"``, ``"24/06/2026 12h"`` on the
            clocks of *zone*.
        zone: where a written time is meant.
        name: what errors call it.

    Raises:
        NaiveDatetime: a datetime without a zone: a program that has one should say which instant it means.
        InvalidInput: no date with a time, or a time that the change to summer time leaves out.
    """
    if isinstance(at, datetime):
        if at.tzinfo is None or at.utcoffset() is None:
            raise NaiveDatetime(name, at)
        return at
    moment = _read(at, name)
    if moment.tzinfo is not None:
        return moment
    local = moment.replace(tzinfo=zone)
    try:
        back = local.astimezone(timezone.utc).astimezone(zone)
    except OverflowError:
        raise InvalidInput(f"{name}={at!r} is beyond the calendar") from None
    if back.replace(tzinfo=None) != moment:
        raise InvalidInput(f"{name}={at!r} does not exist in {zone.key}: the clocks skip it for summer time")
    return local


def _read(at: str, name: str) -> datetime:
    wrong = InvalidInput(f"{name}={at!r} is not a date with a time; write '2026-06-24 12:00'")
    if not isinstance(at, str):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise wrong
    text = at.strip()
    try:
        if match := _FRENCH.fullmatch(text):
            day, month, year, hour, minute = match.groups()
            if hour is None:
                raise ValueError
            return datetime(int(year), int(month), int(day), int(hour), int(minute or 0))
        moment = datetime.fromisoformat(f"{text[:-1]}+00:00" if text.endswith("Z") else text)
        if len(text) <= 10:
            raise ValueError
    except ValueError:
        raise wrong from None
    return moment
