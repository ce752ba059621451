"""What of a report is drawn: the funnel, the hours, the reactions, the arms and the lift."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Literal

from smskit.display import Bars, Columns, Dots, Mark, Unit
from smskit.display.chart import Chart
from smskit.display.drawings import Scaled
from smskit.errors import InvalidInput
from smskit.metrics.arms import ArmComparison, Outcome
from smskit.metrics.benchmarks import Metric
from smskit.metrics.cuts import Cut
from smskit.metrics.difference import Difference
from smskit.metrics.inference import Interval
from smskit.metrics.rates import Rate, RateBasis
from smskit.metrics.wording import Wording, wording

if TYPE_CHECKING:
    from smskit.metrics.figures import Figures

ChartName = Literal["funnel", "hours", "arms", "lift", "reactions"]


def chart_of(report: Figures, name: str, language: str = "en") -> Chart:
    """Give one chart of a report; one without anything to draw has no marks.

    Raises:
        InvalidInput: another chart or language than there are.
    """
    if name not in DRAWINGS:
        raise InvalidInput(f"chart {name!r} is not known; there are {', '.join(map(repr, DRAWINGS))}")
    words = wording(language)
    return Chart(DRAWINGS[name](report, words), words.tongue)


# ---------------------------------------------------------------- from plan to order


def funnel(report: Figures, say: Wording) -> Bars:
    """Draw how many messages went how far; a stage that is not known is left out."""
    counts = report.counts
    planned = Mark(say("planned"), counts.planned, (say.tongue.count(counts.planned), "", ""), is_muted=True)
    stages = (_stage(word, rate, say) for word, rate in _stages(report) if rate is not None and rate.denominator)
    return Bars(
        *((planned, *stages) if counts.planned else ()),
        title=say("From plan to order"),
        axis=say("messages"),
        whole=counts.planned,
    )


def _stages(report: Figures) -> Iterator[tuple[str, Rate | None]]:
    counts = report.counts
    yield "sent", counts.rate(counts.sent, RateBasis.ASSIGNED)
    yield "delivered", report.delivery_rate
    yield "opened", report.open_rate
    yield "clicked", report.click_rate()
    yield "replied", report.reply_rate()
    yield "converted", report.conversion_rate()


def _stage(word: str, rate: Rate, say: Wording) -> Mark:
    words = (say.tongue.count(rate.numerator), say.share(rate) or "", say.of_what(rate))
    low, high = _bounds(rate.interval, rate.denominator)
    # What was handed over is counted, not estimated.
    if rate.basis is RateBasis.ASSIGNED:
        low = high = None
    return Mark(say(word), rate.numerator, words, low=low, high=high)


def _bounds(interval: Interval | None, by: float = 1.0) -> tuple[float | None, float | None]:
    return (None, None) if interval is None else (interval.low * by, interval.high * by)


# ---------------------------------------------------------------- hours and reactions


def hours(report: Figures, say: Wording) -> Columns:
    """Draw the rate of each hour of the day in which messages were handed over, by the clocks of the report's zone."""
    metric = Metric.CLICK_RATE if report.orders_given is None else Metric.CONVERSION_RATE
    marks = (_hour(name, one.rate(metric), say) for name, one in report.by(Cut.HOUR).items() if name)
    known = tuple(mark for mark in marks if mark is not None)
    title = say("{metric}, by hour of sending", metric=say(metric.value))
    return Columns(*known, title=title, axis=say("hour of sending ({zone})", zone=report.zone), unit=Unit.SHARE)


def _hour(name: str, rate: Rate | None, say: Wording) -> Mark | None:
    # An hour in which nothing could convert is not an hour in which nobody did.
    return None if rate is None or rate.value is None else _rated(say("{hour}:00", hour=int(name)), rate, say)


# Where people's patience changes: most that click do so in the first minutes, those who buy take the evening.
_STEPS_MIN = (5, 15, 60, 180, 720, 1440)


def reactions(report: Figures, say: Wording) -> Columns:
    """Draw how long after their message people first clicked, answered or bought."""
    reactivity = report.reactivity()
    soon = [rate.numerator for step in _STEPS_MIN if (rate := reactivity.within(step)) is not None]
    counts = [later - sooner for sooner, later in zip((0, *soon), (*soon, reactivity.reacted), strict=True)]
    names = [say("up to {time}", time=say(_span(step))) for step in _STEPS_MIN]
    names.append(say("later"))
    marks = (
        Mark(name, count, (say.tongue.count(count), say.tongue.percent(count / reactivity.reacted)))
        for name, count in zip(names, counts, strict=True)
    )
    title = say("How soon people reacted")
    axis = say("people, by time after the message")
    return Columns(*(marks if reactivity.reacted else ()), title=title, axis=axis)


def _span(minutes: int) -> str:
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h"


# ---------------------------------------------------------------- arms and lift


def arms(report: Figures, say: Wording) -> Dots:
    """Draw the rate that the arms are compared by, each arm with its interval."""
    compared = report.compare()
    rates: dict[str, Rate] = {}
    for one in compared:
        rates.setdefault(one.baseline, one.difference.control)
        rates.setdefault(one.arm, one.difference.treated)
    metric = compared[0].metric if compared else Metric.CONVERSION_RATE
    marks = (_rated(name, rate, say) for name, rate in rates.items())
    title = say("{metric}, by version", metric=say(metric.value))
    return Dots(*marks, title=title, axis=say("95 % interval"), unit=Unit.SHARE)


def _rated(name: str, rate: Rate, say: Wording) -> Mark:
    low, high = _bounds(rate.interval)
    interval = say.interval(rate, digits=2)
    words = (say.share(rate, digits=2) or "", f"({interval})" if interval else "", say.of(rate))
    return Mark(name, rate.value, words, low=low, high=high)


def lift(report: Figures, say: Wording) -> Dots:
    """Draw how much more each arm does than the one it is compared with, and those who were sent to than the held out.

    In grey is what may be chance, and what is not to be judged yet.
    """
    marks = [_compared(one, say) for one in report.compare()]
    if report.uplift is not None:
        marks.append(_uplift("sent against held out", report.uplift, say))
    if report.visit_uplift is not None:
        marks.append(_uplift("sent against held out, visits", report.visit_uplift, say))
    return Dots(*marks, title=say("What made a difference"), axis=say("Difference, in points"), unit=Unit.POINTS)


def _compared(one: ArmComparison, say: Wording) -> Mark:
    label = say("{arm} against {baseline}", arm=one.arm, baseline=one.baseline)
    is_muted = one.outcome is not Outcome.DIFFERENT
    return _lifted(label, one.difference, one.interval, say(one.outcome.value), say, is_muted=is_muted)


def _uplift(label: str, uplift: Difference, say: Wording) -> Mark:
    verdict = say("more than chance" if uplift.is_shown else "not more than chance")
    return _lifted(say(label), uplift, uplift.interval, verdict, say, is_muted=not uplift.is_shown)


def _lifted(
    label: str, difference: Difference, interval: Interval | None, verdict: str, say: Wording, *, is_muted: bool
) -> Mark:
    low, high = _bounds(interval)
    if difference.points is None:
        return Mark(label, None, ("", "", say("not known")), is_muted=is_muted)
    points = say("{value} points", value=say.tongue.number(difference.points * 100, digits=1, signed=True))
    ends = [say.tongue.number(end * 100, digits=1, signed=True) for end in (low, high) if end is not None]
    between = say("{low} to {high}", low=ends[0], high=ends[1]) if ends else ""
    words = (points, f"({between})" if between else "", verdict)
    return Mark(label, difference.points, words, low=low, high=high, is_muted=is_muted)


DRAWINGS: Mapping[str, Callable[[Figures, Wording], Scaled]] = {
    "funnel": funnel,
    "hours": hours,
    "reactions": reactions,
    "arms": arms,
    "lift": lift,
}  # fmt: skip
