"""What others call good: named figures with their source, never numbers hidden in a formula."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from enum import Enum
from functools import cache
from importlib.resources import files
from os import PathLike
from pathlib import Path
from typing import TypeVar, cast

from attrs import field, frozen

from smskit.errors import InvalidInput
from smskit.kinds import Channel
from smskit.metrics.rates import Rate, RateBasis

W = TypeVar("W", bound=Enum)


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
    READ_WITHIN_360_S = "read_within_360_s"
    VISIT_RATE = "visit_rate"
    RETENTION_RATE = "retention_rate"
    BASKET = "basket"
    CONVERSION_FACTOR = "conversion_factor"
    REVENUE_SHARE = "revenue_share"
    EXTRA_SALES = "extra_sales"
    ACCEPTS_SEVERAL = "accepts_several"
    PLANNED_USE = "planned_use"


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
            return Standing.UNSURE if len(sides) == 2 else _standing(is_good=sides.pop())
        return Standing.UNKNOWN if figure is None else _standing(is_good=self._is_good(figure))

    def _is_good(self, value: Decimal) -> bool:
        return value > self.value if self.better is Better.ABOVE else value < self.value

    def __str__(self) -> str:
        sign = ">" if self.better is Better.ABOVE else "<"
        percent = self.value if self.metric is Metric.ROI_PERCENT else self.value * 100
        return f"{sign} {percent.normalize():f} %"


def channel_name(channel: Channel | str) -> str:
    """Give the name that figures of a channel have; of what is none, such as e-mail, its own."""
    return channel.value if isinstance(channel, Channel) else channel


def _standing(*, is_good: bool) -> Standing:
    return Standing.GOOD if is_good else Standing.POOR


@frozen
class Figure:
    """A figure that somebody published, from *low* to *high*; a range stays a range.

    Args:
        channel: a :class:`~smskit.kinds.Channel`, or the name of something that they are compared with; kept as a name.
        metric: of what.
        low: a share (0.12), a percentage for ROI_PERCENT, an amount for BASKET and UNIT_COST.
        high: the same as *low* where one figure was published.
        source: who published it.
        basis: what a rate is a share of; None where the source does not say, and for what is no rate.
        sector: whom it holds for; empty for everybody.
        note: what has to be known about it.
        currency: of an amount; empty for what is none.

    Raises:
        InvalidInput: *low* is above *high*.
    """

    channel: str = field(converter=channel_name)
    metric: Metric
    low: Decimal
    high: Decimal
    source: str
    basis: RateBasis | None = None
    sector: str = ""
    note: str = ""
    currency: str = ""

    def __attrs_post_init__(self) -> None:
        if self.low > self.high:
            raise InvalidInput(f"a figure of {self.metric.value} goes from {self.low} to {self.high}: turn it round")


@frozen
class Benchmarks:
    """Thresholds and published figures under one name.

    Write your own, read them with :meth:`load`, or start from named ones:
    ``Benchmarks.named("smsmode-2025").replacing(Threshold(...))``.
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

    @classmethod
    def load(cls, source: str | PathLike[str] | Mapping[str, object]) -> Benchmarks:
        """Read your own benchmarks from a JSON file, or from values of that shape.

        The shape is that of the file that comes with the library, for one name: ``name``, ``source``, ``thresholds``
        (metric, better, value, basis, source, note) and ``figures`` (channel, metric, low, high, source, basis,
        sector, note, currency); from basis on all may be left out, and so may either list. Numbers may be text.

        Raises:
            InvalidInput: the file cannot be read, a word that is not known, or a number that is none; the text says
                where.
        """
        if isinstance(source, Mapping):
            return _benchmarks(source)
        try:
            saved: object = json.loads(Path(source).read_text(encoding="utf-8"), parse_float=Decimal)
        except (OSError, ValueError) as error:
            raise InvalidInput(f"the benchmarks cannot be read: {type(error).__name__}: {error}") from None
        return _benchmarks(_mapping(saved, "the file"))

    def replacing(self, *others: Threshold | Figure, name: str | None = None) -> Benchmarks:
        """Give these benchmarks with other thresholds and figures.

        A threshold takes the place of that of its metric, figures that of all figures of their channel, metric and
        sector.
        """
        thresholds = tuple(one for one in others if isinstance(one, Threshold))
        figures = tuple(one for one in others if isinstance(one, Figure))
        judged = {one.metric for one in thresholds}
        told = {(one.channel, one.metric, one.sector) for one in figures}
        return Benchmarks(
            name or f"{self.name} (changed)",
            self.source,
            (*(one for one in self.thresholds if one.metric not in judged), *thresholds),
            (*(one for one in self.figures if (one.channel, one.metric, one.sector) not in told), *figures),
        )

    @property
    def sectors(self) -> tuple[str, ...]:
        """The sectors that have figures of their own."""
        return tuple(dict.fromkeys(one.sector for one in self.figures if one.sector))

    def threshold(self, metric: Metric) -> Threshold | None:
        """Give the threshold of *metric*, None when there is none."""
        return next((one for one in self.thresholds if one.metric is metric), None)

    def figures_of(
        self, metric: Metric, channel: Channel | str = Channel.SMS, *, sector: str = ""
    ) -> tuple[Figure, ...]:
        """Give what was published about *metric* on *channel*: of one sector, or of everybody."""
        name = channel_name(channel)
        return tuple(
            one for one in self.figures if one.metric is metric and one.channel == name and one.sector == sector
        )

    def range_of(self, metric: Metric, channel: Channel | str = Channel.SMS, *, sector: str = "") -> Figure | None:
        """Give one figure from the lowest to the highest that was published; None when nobody published any.

        A sector without a figure of its own has that of everybody.

        Raises:
            InvalidInput: amounts in several currencies.
        """
        found = self.figures_of(metric, channel, sector=sector) or self.figures_of(metric, channel)
        if not found:
            return None
        bases, currencies = {one.basis for one in found}, {one.currency for one in found}
        if len(currencies) > 1:
            raise InvalidInput(f"the figures of {metric.value} are in several currencies; replace them by one")
        return Figure(
            channel,
            metric,
            min(one.low for one in found),
            max(one.high for one in found),
            "; ".join(dict.fromkeys(one.source for one in found)),
            bases.pop() if len(bases) == 1 else None,
            found[0].sector,
            "; ".join(dict.fromkeys(one.note for one in found if one.note)),
            currencies.pop(),
        )


# ---------------------------------------------------------------- the file


@cache
def _all() -> dict[str, Benchmarks]:
    text = files("smskit.metrics").joinpath("benchmarks.json").read_text(encoding="utf-8")
    saved: dict[str, dict[str, object]] = json.loads(text)
    return {name: _benchmarks({"name": name, **one}) for name, one in saved.items()}


_THRESHOLD = frozenset({"metric", "better", "value", "basis", "source", "note"})
_FIGURE = frozenset({"channel", "metric", "low", "high", "source", "basis", "sector", "note", "currency"})


def _benchmarks(saved: Mapping[str, object]) -> Benchmarks:
    _known(saved, frozenset({"name", "source", "thresholds", "figures"}), "the benchmarks")
    return Benchmarks(
        _text(saved, "name", "the benchmarks"),
        _text(saved, "source", "the benchmarks"),
        tuple(_threshold(one, where) for one, where in _rows(saved, "thresholds")),
        tuple(_figure(one, where) for one, where in _rows(saved, "figures")),
    )


def _threshold(saved: Mapping[str, object], where: str) -> Threshold:
    _known(saved, _THRESHOLD, where)
    return Threshold(
        _word(Metric, saved, "metric", where),
        _word(Better, saved, "better", where),
        _number(saved, "value", where),
        _basis(saved, where),
        _text(saved, "source", where),
        _text(saved, "note", where, default=""),
    )


def _figure(saved: Mapping[str, object], where: str) -> Figure:
    _known(saved, _FIGURE, where)
    return Figure(
        _text(saved, "channel", where),
        _word(Metric, saved, "metric", where),
        _number(saved, "low", where),
        _number(saved, "high", where),
        _text(saved, "source", where),
        _basis(saved, where),
        _text(saved, "sector", where, default=""),
        _text(saved, "note", where, default=""),
        _text(saved, "currency", where, default=""),
    )


def _rows(saved: Mapping[str, object], name: str) -> Iterable[tuple[Mapping[str, object], str]]:
    rows = saved.get(name, ())
    if not isinstance(rows, (list, tuple)):
        raise InvalidInput(f"{name} of the benchmarks must be a list")
    for place, row in enumerate(cast("Sequence[object]", rows)):
        where = f"{name}[{place}]"
        yield _mapping(row, where), where


def _known(saved: Mapping[str, object], names: frozenset[str], where: str) -> None:
    # A name that is misspelt would otherwise leave its figure out in silence.
    unknown = sorted(map(str, saved.keys() - names))
    if unknown:
        raise InvalidInput(f"{where}: there is no {', '.join(unknown)}; there are {', '.join(sorted(names))}")


def _mapping(value: object, where: str) -> Mapping[str, object]:
    if not isinstance(value, Mapping):
        raise InvalidInput(f"{where} of the benchmarks must be an object with names")
    return cast("Mapping[str, object]", value)


def _text(saved: Mapping[str, object], name: str, where: str, *, default: str | None = None) -> str:
    value = saved.get(name, default)
    if not isinstance(value, str):
        raise InvalidInput(f"{where}: {name} must be a text")
    return value


def _word(words: type[W], saved: Mapping[str, object], name: str, where: str) -> W:
    value = saved.get(name)
    try:
        return words(value)
    except ValueError:
        known = ", ".join(str(one.value) for one in words)
        raise InvalidInput(f"{where}: {name}={value!r} must be one of {known}") from None


def _basis(saved: Mapping[str, object], where: str) -> RateBasis | None:
    return None if saved.get("basis") is None else _word(RateBasis, saved, "basis", where)


def _number(saved: Mapping[str, object], name: str, where: str) -> Decimal:
    value = saved.get(name)
    try:
        if isinstance(value, (str, int, Decimal)) and not isinstance(value, bool) and Decimal(value).is_finite():
            return Decimal(value)
    except InvalidOperation:
        pass
    raise InvalidInput(f"{where}: {name}={value!r} must be a number, exact: 0.12 in a file, '0.12' in Python")
