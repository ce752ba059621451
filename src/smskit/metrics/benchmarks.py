"""What others call good: named figures with their source, never numbers hidden in a formula."""

from __future__ import annotations

import json
from collections.abc import Iterable
from decimal import Decimal
from enum import Enum
from functools import cache
from importlib.resources import files
from typing import TypedDict

from attrs import frozen

from smskit.errors import InvalidInput
from smskit.metrics.rates import Rate, RateBasis


class Metric(Enum):
    """What a threshold or a figure is of."""

    DELIVERY_RATE = "delivery_rate"
    OPEN_RATE = "open_rate"
    CLICK_RATE = "click_rate"
    REPLY_RATE = "reply_rate"
    CONVERSION_RATE = "conversion_rate"
    OPT_OUT_RATE = "opt_out_rate"
    ROI_PERCENT = "roi_percent"
    UNIT_COST = "unit_cost"
    READING_DELAY_S = "reading_delay_s"
    READ_WITHIN_240_S = "read_within_240_s"


class Better(Enum):
    """On which side of a threshold it is good to be."""

    ABOVE = "above"
    BELOW = "below"


class Standing(Enum):
    """Where a figure stands against a threshold."""

    GOOD = "good"
    POOR = "not reached"
    UNSURE = "too few to tell"
    UNKNOWN = "not known"


@frozen
class Threshold:
    """From where on something is called good.

    Args:
        metric: what is judged.
        better: on which side of *value* it is good.
        value: a share (0.98), or a percentage for ROI_PERCENT.
        basis: what the rate is a share of; None for what is no rate.
        source: who says so.
        note: what has to be known about it.
    """

    metric: Metric
    better: Better
    value: Decimal
    basis: RateBasis | None
    source: str
    note: str = ""

    def standing(self, figure: Rate | Decimal | None) -> Standing:
        """Say where *figure* stands; a rate is good or not when its whole interval is."""
        if isinstance(figure, Rate):
            if figure.interval is None:
                return Standing.UNKNOWN
            sides = {self._is_good(Decimal(figure.interval.low)), self._is_good(Decimal(figure.interval.high))}
            return Standing.UNSURE if len(sides) == 2 else _standing(sides.pop())
        return Standing.UNKNOWN if figure is None else _standing(self._is_good(figure))

    def _is_good(self, value: Decimal) -> bool:
        return value > self.value if self.better is Better.ABOVE else value < self.value

    def __str__(self) -> str:
        sign = ">" if self.better is Better.ABOVE else "<"
        percent = self.value if self.metric is Metric.ROI_PERCENT else self.value * 100
        return f"{sign} {percent.normalize():f} %"


def _standing(is_good: bool) -> Standing:  # noqa: FBT001  # one private argument
    return Standing.GOOD if is_good else Standing.POOR


@frozen
class Figure:
    """A figure that somebody published, from *low* to *high*; shares as 0.95."""

    channel: str
    metric: Metric
    low: Decimal
    high: Decimal
    source: str


@frozen
class Benchmarks:
    """Thresholds and published figures under one name.

    Write your own, or start from a named one: ``Benchmarks.named("smsmode-2025").replacing(Threshold(...))``.
    """

    name: str
    source: str
    thresholds: tuple[Threshold, ...]
    figures: tuple[Figure, ...] = ()

    @classmethod
    def named(cls, name: str) -> Benchmarks:
        """Give the benchmarks that come with the library: ``smsmode-2025``.

        Raises:
            InvalidInput: no such name.
        """
        known = _all()
        if name not in known:
            raise InvalidInput(f"there are no benchmarks {name!r}; there are {', '.join(known)}")
        return known[name]

    def replacing(self, *thresholds: Threshold, name: str | None = None) -> Benchmarks:
        """Give these benchmarks with other thresholds for the metrics of *thresholds*."""
        replaced = {threshold.metric for threshold in thresholds}
        kept = tuple(one for one in self.thresholds if one.metric not in replaced)
        return Benchmarks(name or f"{self.name} (changed)", self.source, (*kept, *thresholds), self.figures)

    def threshold(self, metric: Metric) -> Threshold | None:
        """Give the threshold of *metric*, None when there is none."""
        return next((one for one in self.thresholds if one.metric is metric), None)

    def figures_of(self, metric: Metric, channel: str = "sms") -> tuple[Figure, ...]:
        """Give what was published about *metric* on *channel*."""
        return tuple(one for one in self.figures if one.metric is metric and one.channel == channel)


# ---------------------------------------------------------------- the file


class _SavedThreshold(TypedDict):
    metric: str
    better: str
    value: str
    basis: str | None
    source: str


class _SavedFigure(TypedDict):
    channel: str
    metric: str
    low: str
    high: str
    source: str


class _Saved(TypedDict):
    source: str
    thresholds: list[_SavedThreshold]
    figures: list[_SavedFigure]


@cache
def _all() -> dict[str, Benchmarks]:
    text = files("smskit.metrics").joinpath("benchmarks.json").read_text(encoding="utf-8")
    saved: dict[str, _Saved] = json.loads(text)
    return {
        name: Benchmarks(
            name, one["source"], tuple(_thresholds(one["thresholds"])), tuple(map(_figure, one["figures"]))
        )
        for name, one in saved.items()
    }


def _thresholds(saved: Iterable[_SavedThreshold]) -> Iterable[Threshold]:
    for one in saved:
        basis = None if one["basis"] is None else RateBasis(one["basis"])
        note = str(one.get("note", ""))
        yield Threshold(Metric(one["metric"]), Better(one["better"]), Decimal(one["value"]), basis, one["source"], note)


def _figure(one: _SavedFigure) -> Figure:
    return Figure(one["channel"], Metric(one["metric"]), Decimal(one["low"]), Decimal(one["high"]), one["source"])
