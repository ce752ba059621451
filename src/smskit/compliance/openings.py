"""When may it go: the earliest instant at which every place where the recipient may be is open."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from attrs import define, field, frozen

from smskit.compliance.calendar import days_off
from smskit.compliance.rulebook import Rule
from smskit.compliance.timetable import ALWAYS, Intervals, Timetable, instant, intersect

HORIZON = timedelta(days=366)


@frozen
class Hours:
    """One source of hours: the rule that people are told of, and its timetable."""

    rule: Rule
    timetable: Timetable


@define(eq=False)
class Place:
    """One zone with the hours, the days off and the silent days that hold there."""

    zone: ZoneInfo
    hours: Sequence[Hours]
    holidays: tuple[str, ...] = ()
    _open: dict[date, tuple[tuple[datetime, datetime], ...]] = field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        self._open = {}

    def earliest(self, at: datetime) -> datetime | None:
        """Give the earliest open UTC instant from *at* (UTC) on; None: not within a year."""
        day = at.astimezone(self.zone).date() - timedelta(days=1)
        for _ in range(HORIZON.days + 2):
            for opens, closes in self._intervals(day):
                if at < closes:
                    return max(at, opens)
            day += timedelta(days=1)
        return None

    def keeps_waiting(self, at: datetime) -> tuple[Hours, bool] | None:
        """Name the first source of hours that is closed at *at*, and whether a holiday closes it."""
        local = at.astimezone(self.zone)
        minute = local.hour * 60 + local.minute
        holiday = self.is_holiday(local.date())
        for hours in self._in_force(local.date()):
            if not _within(hours.timetable.hours(local.date(), holiday=holiday), minute):
                usual = hours.timetable.hours(local.date(), holiday=False)
                return hours, holiday and _within(usual, minute)
        return None

    def is_holiday(self, day: date) -> bool:
        """Tell whether *day* is a day off here."""
        return bool(self.holidays) and day in days_off(self.holidays, day.year)

    def _in_force(self, day: date) -> Iterator[Hours]:
        return (hours for hours in self.hours if hours.rule.holds_on(day))

    def _intervals(self, day: date) -> tuple[tuple[datetime, datetime], ...]:
        known = self._open.get(day)
        if known is None:
            known = self._open[day] = tuple(self._instants(day))
        return known

    def _instants(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        holiday = self.is_holiday(day)
        minutes: Intervals = ALWAYS
        for hours in self._in_force(day):
            minutes = intersect(minutes, hours.timetable.hours(day, holiday=holiday))
        for start, end in minutes:
            opens = instant(day, start, self.zone, closing=False)
            closes = instant(day, end, self.zone, closing=True)
            if opens < closes:
                yield opens, closes


def _within(intervals: Intervals, minute: int) -> bool:
    return any(start <= minute < end for start, end in intervals)


def earliest_everywhere(places: Iterable[Place], at: datetime) -> datetime | None:
    """Give the earliest UTC instant from *at* on at which all *places* are open at once; None: not within a year."""
    all_places = tuple(places)
    start = now = at.astimezone(timezone.utc)
    while now - start <= HORIZON:
        later = now
        for place in all_places:
            found = place.earliest(later)
            if found is None:
                return None
            later = found
        if later == now:
            return now
        now = later
    return None
