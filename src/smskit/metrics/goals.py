"""Goals: a figure, where it is to be, and by when. Looked at on a report; nothing watches by itself."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from enum import Enum
from math import hypot
from typing import Protocol

from attrs import field, frozen

from smskit.display import Line, Note, Shown, View, decimals, percent
from smskit.display.words import THIN
from smskit.errors import InvalidInput, NaiveDatetime
from smskit.metrics.benchmarks import Better, Metric
from smskit.metrics.economics import Economics
from smskit.metrics.inference import Interval
from smskit.metrics.rates import Rate

_SHORT = {
    "delivery": Metric.DELIVERY_RATE,
    "open": Metric.OPEN_RATE,
    "click": Metric.CLICK_RATE,
    "reply": Metric.REPLY_RATE,
    "conversion": Metric.CONVERSION_RATE,
    "opt_out": Metric.OPT_OUT_RATE,
    "retention": Metric.RETENTION_RATE,
    "visit": Metric.VISIT_RATE,
    "roi": Metric.ROI_PERCENT,
}
_GOALS = frozenset(_SHORT.values())


class Rates(Protocol):
    """What a goal is looked at on: a report is one."""

    def rate(self, metric: Metric, /) -> Rate | None:
        """Give the rate of *metric*; None for what is not known."""
        ...

    @property
    def economics(self) -> Economics | None:
        """Cost and revenue; None when they are not known."""
        ...


class GoalProgress(Enum):
    """How a goal stands."""

    REACHED = "reached"
    ON_THE_WAY = "on the way"
    MISSED = "missed"
    NOT_KNOWN = "not known"


def _metric(value: str | Metric) -> Metric:
    metric = value if isinstance(value, Metric) else _SHORT.get(value)
    if metric not in _GOALS:
        raise InvalidInput(f"a goal cannot be of {value!r}; it can be of {', '.join(_SHORT)}")
    return metric


def _day(value: date | datetime) -> date:
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise NaiveDatetime("by", value)
        return value.date()
    return value


def _figure(value: str | int | float | Decimal | None) -> Decimal | None:
    try:
        figure = None if value is None else Decimal(str(value))
    except InvalidOperation:
        figure = Decimal("nan")
    if figure is not None and not figure.is_finite():
        raise InvalidInput(f"{value!r} is not a number that a goal can have; write 0.10 for ten per cent")
    return figure


def _base(value: Rate | str | int | float | Decimal | None) -> Rate | Decimal | None:
    return value if isinstance(value, Rate) else _figure(value)


@frozen
class Goal:
    """A figure, where it is to be, and by when: ``Goal("conversion", +0.10, by=date(2026, 12, 24), base=last_year)``.

    Args:
        metric: what is looked at: conversion, click, reply, visit, delivery, open, opt_out, retention or roi, or a
            :class:`Metric`.
        change: by how much more than *base*, as a share of it: +0.10 makes 5 % into 5.5 %; below zero for less.
        points: the same in points: 0.02 makes 5 % into 7 %. ROI has percentage points: 100 makes 900 into 1000.
        target: where it is to be, whatever it was: 0.05.
        base: what it was; the rate of an earlier report brings its uncertainty along.
        by: the last day on which it may be reached.

    Raises:
        InvalidInput: another metric, or not exactly one of *change*, *points* and *target*.
        NaiveDatetime: *by* is a time without a zone.
    """

    metric: Metric = field(converter=_metric)
    change: Decimal | None = field(default=None, converter=_figure)
    points: Decimal | None = field(default=None, converter=_figure, kw_only=True)
    target: Decimal | None = field(default=None, converter=_figure, kw_only=True)
    base: Rate | Decimal | None = field(default=None, converter=_base, kw_only=True)
    by: date = field(converter=_day, kw_only=True)

    def __attrs_post_init__(self) -> None:
        if sum(one is not None for one in (self.change, self.points, self.target)) != 1:
            raise InvalidInput("a goal has one of change (+0.10 of the base), points= and target=")

    @property
    def better(self) -> Better:
        """On which side of the wanted figure it is good to be."""
        if self.target is not None:
            return Better.BELOW if self.metric is Metric.OPT_OUT_RATE else Better.ABOVE
        return Better.ABOVE if (self.change or self.points or 0) >= 0 else Better.BELOW

    @property
    def wanted(self) -> Decimal | None:
        """Where the figure is to be; None as long as the base is not known."""
        if self.target is not None:
            return self.target
        base = self.base
        if isinstance(base, Rate):
            base = Decimal(base.numerator) / base.denominator if base.denominator else None
        if base is None:
            return None
        return base + self.points if self.points is not None else base * (1 + (self.change or 0))

    def check(self, figures: Rates | Rate | Decimal | None, *, now: date | datetime) -> GoalCheck:
        """Say how the goal stands.

        It is reached when the whole interval is on the good side, and missed when the day has passed and the whole
        interval is on the other. After the day an interval with both sides in it says NOT_KNOWN: too few to tell.

        Args:
            figures: a report, a rate, or a figure without uncertainty; None is not known.
            now: the day, or the instant.

        Raises:
            NaiveDatetime: *now* is a time without a zone.
        """
        if isinstance(figures, (Rate, Decimal)) or figures is None:
            figure = figures
        elif self.metric is Metric.ROI_PERCENT:
            figure = None if figures.economics is None else figures.economics.roi_percent
        else:
            figure = figures.rate(self.metric)
        if isinstance(now, datetime) and now.tzinfo is None:
            raise NaiveDatetime("now", now)
        ahead = self._ahead(figure)
        is_over = _day(now) > self.by
        return GoalCheck(self, figure, ahead, _progress(ahead, is_over=is_over), is_over)

    def _ahead(self, figure: Rate | Decimal | None) -> Interval | None:
        """Give by how much the figure is on the good side of what is wanted; None for what is not known."""
        wanted = self.wanted
        if figure is None or wanted is None:
            return None
        if isinstance(figure, Decimal):
            low = high = float(figure - wanted)
        else:
            bounds = self._beyond(figure, float(wanted))
            if bounds is None:
                return None
            low, high = bounds
        return Interval(low, high) if self.better is Better.ABOVE else Interval(-high, -low)

    def _beyond(self, rate: Rate, wanted: float) -> tuple[float, float] | None:
        found, value = rate.interval, rate.value
        if found is None or value is None:
            return None
        below, above = value - found.low, found.high - value
        if isinstance(self.base, Rate) and self.target is None:
            base = self.base.interval
            if base is None or self.base.value is None:
                return None
            # What is wanted is a multiple of a rate that is itself not sure: the two uncertainties are put together
            # as in Newcombe's interval. Source: Zou, Donner, Statistics in Medicine 27 (2008), 1693-1702.
            times = 1.0 if self.change is None else max(0.0, float(1 + self.change))
            below = hypot(below, times * (base.high - self.base.value))
            above = hypot(above, times * (self.base.value - base.low))
        return value - wanted - below, value - wanted + above


def _progress(ahead: Interval | None, *, is_over: bool) -> GoalProgress:
    if ahead is None:
        return GoalProgress.NOT_KNOWN
    if ahead.low >= 0:
        return GoalProgress.REACHED
    if not is_over:
        return GoalProgress.ON_THE_WAY
    return GoalProgress.MISSED if ahead.high < 0 else GoalProgress.NOT_KNOWN


@frozen
class GoalCheck(Shown):
    """How a goal stands.

    Args:
        goal: which goal.
        figure: what was looked at; None when it is not known.
        ahead: by how much it is on the good side of what is wanted, with its uncertainty; below zero on the other.
        progress: the answer.
        is_over: whether the day has passed.
    """

    goal: Goal
    figure: Rate | Decimal | None
    ahead: Interval | None
    progress: GoalProgress
    is_over: bool

    @property
    def sentence(self) -> str:
        """All of it in one sentence."""
        goal, wanted = self.goal, self.goal.wanted
        side = "at least" if goal.better is Better.ABOVE else "at most"
        target = "a figure that is not known without a base" if wanted is None else f"{side} {self._said(wanted)}"
        what = f"{goal.metric.value.replace('_', ' ')}, {target} by {goal.by.isoformat()}"
        return f"{what}: {self.progress.value}{self._why()}"

    def _why(self) -> str:
        if self.figure is None:
            return "; nothing is counted yet"
        shown = str(self.figure) if isinstance(self.figure, Rate) else self._said(self.figure)
        if self.ahead is None:
            return f"; it is {shown}"
        straddles = self.ahead.low < 0 <= self.ahead.high
        return f"; it is {shown}{', too few to be sure' if straddles else ''}"

    def _said(self, value: Decimal) -> str:
        if self.goal.metric is Metric.ROI_PERCENT:
            return f"{decimals(value, digits=1)}{THIN}%"
        return percent(float(value), digits=2)

    def view(self) -> View:
        """Give what is to be seen."""
        note = Note("the goal was not reached in time") if self.progress is GoalProgress.MISSED else Note()
        return View(f"goal · {self.goal.metric.value.replace('_', ' ')}", Line(self.sentence), note)
