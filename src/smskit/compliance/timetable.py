"""Hours in which messages may go, by kind of day, and the arithmetic on them; minutes since local midnight."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta, timezone, tzinfo
from itertools import pairwise
from typing import cast

from attrs import frozen

from smskit.errors import InvalidInput
from smskit.protocols import Window

MIDNIGHT = 24 * 60
Intervals = tuple[tuple[int, int], ...]
ALWAYS: Intervals = ((0, MIDNIGHT),)

_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)|24:00")
_HOURS = {"allowed", "saturday", "sunday", "holidays"}
_KEYS = {*_HOURS, "waived_by"}


@frozen
class Timetable:
    """Half-open hours for weekdays (Monday first) and for holidays; None: a holiday is a day like any other."""

    weekdays: tuple[Intervals, ...]
    holidays: Intervals | None = None

    def hours(self, day: date, *, holiday: bool) -> Intervals:
        """Give the hours of one local day."""
        usual = self.weekdays[day.weekday()]
        return usual if not holiday or self.holidays is None else intersect(usual, self.holidays)


def intersect(left: Intervals, right: Intervals) -> Intervals:
    """Give the minutes that stand in both."""
    both = ((max(a, c), min(b, d)) for a, b in left for c, d in right)
    return tuple(sorted((start, end) for start, end in both if start < end))


def check_hours(settings: object) -> Iterator[str]:
    """Say what is wrong with the settings of a rule of hours."""
    if not isinstance(settings, dict):
        yield "settings of a rule of hours must be an object with 'allowed'"
        return
    hours = cast("dict[str, object]", settings)
    if "allowed" not in hours:
        yield "settings need 'allowed'"
    for key in sorted(hours.keys() - _KEYS):
        yield f"settings has an unknown key {key!r}"
    yield from (problem for key in sorted(hours.keys() & _HOURS) for problem in _interval_problems(key, hours[key]))


def _interval_problems(key: str, value: object) -> Iterator[str]:
    try:
        _read_intervals(value)
    except InvalidInput as problem:
        yield f"{key}: {problem}"


def read_timetable(settings: Mapping[str, object]) -> Timetable:
    """Read ``{"allowed": [["08:00", "21:30"]], "sunday": [], "holidays": []}``.

    Raises:
        InvalidInput: a time that is none, or hours that end before they begin.
    """
    allowed = _read_intervals(settings["allowed"])
    saturday = _read_intervals(settings["saturday"]) if "saturday" in settings else allowed
    sunday = _read_intervals(settings["sunday"]) if "sunday" in settings else allowed
    holidays = _read_intervals(settings["holidays"]) if "holidays" in settings else None
    return Timetable((allowed,) * 5 + (saturday, sunday), holidays)


def window_timetable(window: Window) -> Timetable:
    """Give a carrier's own window in the same form; ``closes`` at 00:00 means the end of the day.

    Raises:
        InvalidInput: the window ends before it begins.
    """
    closes = _minutes(window.closes) or MIDNIGHT
    hours = (_minutes(window.opens), closes)
    if hours[0] >= hours[1]:
        raise InvalidInput(f"a window from {window.opens:%H:%M} to {window.closes:%H:%M} is never open")
    days = tuple((hours,) if day in window.weekdays else () for day in range(7))
    return Timetable(days, None if window.holidays else ())


def instant(day: date, minute: int, zone: tzinfo, *, closing: bool) -> datetime:
    """Give the UTC instant of a local minute; doubtful ones are read so that no open minute is invented.

    A minute that comes twice (clocks go back) opens the second time and closes the first; one that never comes
    (clocks go forward) opens late and closes early.
    """
    local = datetime.combine(day, time()) + timedelta(minutes=minute)
    readings = (local.replace(tzinfo=zone, fold=fold).astimezone(timezone.utc) for fold in (0, 1))
    return min(readings) if closing else max(readings)


def _minutes(clock: time) -> int:
    return clock.hour * 60 + clock.minute


def _read_intervals(value: object) -> Intervals:
    if not isinstance(value, list):
        raise InvalidInput("hours are a list such as [['08:00', '21:30']]")
    intervals = tuple(_read_interval(pair) for pair in cast("list[object]", value))
    if any(left[1] > right[0] for left, right in pairwise(intervals)):
        raise InvalidInput("hours must be in order and may not overlap")
    return intervals


def _read_interval(pair: object) -> tuple[int, int]:
    match pair:
        case [str(opens), str(closes)] if _CLOCK.fullmatch(opens) and _CLOCK.fullmatch(closes):
            start, end = (int(clock[:2]) * 60 + int(clock[3:]) for clock in (opens, closes))
        case _:
            raise InvalidInput(f"{pair!r} is not a pair of times such as ['08:00', '21:30']")
    if start >= end:
        raise InvalidInput(f"{pair!r} ends before it begins")
    return start, end
