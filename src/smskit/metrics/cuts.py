"""Cutting a report: by hour, day, arm, channel, sender … Each message is in one slice of a cut, and they add up."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, tzinfo
from enum import Enum

from attrs import field, frozen

from smskit.errors import InvalidInput
from smskit.metrics.benchmarks import Metric
from smskit.metrics.counts import Counts
from smskit.metrics.lines import instant_of
from smskit.metrics.rates import Rate, RateBasis
from smskit.metrics.tally import BUCKET_MICROS, Cell, CellKey, Tally, total
from smskit.records import RunRecord


class Cut(Enum):
    """By what a report is cut.

    ``HOUR`` is that of the day (``"08"``), ``DAY`` a date, ``WEEKDAY`` a name with its place in the week (``"1 Mon"``):
    those of the hand-over, by the clocks of the report's zone; of a message that was not handed over, of its planned
    time. ``SEGMENT`` is the caller's own word for each number.
    """

    ARM = "arm"
    CAMPAIGN = "campaign"
    CHANNEL = "channel"
    DAY = "day"
    HOUR = "hour"
    KIND = "kind"
    RUN = "run"
    SEGMENT = "segment"
    SENDER = "sender"
    TERRITORY = "territory"
    WEEKDAY = "weekday"


@frozen
class Slice:
    """A part of a report.

    Args:
        name: what its messages have in common; empty for orders with a code of which nothing else is known, and where
            there is no name, as for an arm without an experiment.
        counts: of its messages.
        basis: that of the report.
        has_orders: whether orders were given, so that conversions are known.
    """

    name: str
    counts: Counts
    basis: RateBasis
    has_orders: bool

    def rate(self, metric: Metric, basis: RateBasis | None = None) -> Rate | None:
        """Give the rate of *metric*; None for what is not known, and for what is no rate."""
        return rate_of(self.counts, metric, basis or self.basis, has_orders=self.has_orders)


def rate_of(counts: Counts, metric: Metric, basis: RateBasis, *, has_orders: bool) -> Rate | None:
    """Give the rate of *metric*; delivery is of what was sent and opening of what was delivered, whatever *basis*."""
    if metric is Metric.DELIVERY_RATE:
        return counts.delivery_rate
    if metric is Metric.OPEN_RATE:
        return counts.open_rate
    if metric in (Metric.CONVERSION_RATE, Metric.VISIT_RATE) and not has_orders:
        return None
    rates: Mapping[Metric, Callable[[RateBasis], Rate | None]] = {
        Metric.CLICK_RATE: counts.click_rate,
        Metric.REPLY_RATE: counts.reply_rate,
        Metric.CONVERSION_RATE: counts.conversion_rate,
        Metric.VISIT_RATE: counts.visit_rate,
        Metric.OPT_OUT_RATE: counts.opt_out_rate,
        Metric.RETENTION_RATE: counts.retention_rate,
    }
    return rates[metric](basis) if metric in rates else None


@frozen(eq=False, repr=False)
class Cells:
    """A report in its smallest parts, from which every cut is made: some hundreds, never the messages."""

    runs: tuple[RunRecord, ...] = ()
    tallies: Mapping[CellKey, Tally] = field(factory=dict[CellKey, Tally])
    zone: tzinfo | None = None
    currency: str = "EUR"
    confirmation_micros: int = 0
    hears: bool = True

    def by(self, cut: Cut | str) -> dict[str, Counts]:
        """Give the counts of each slice, by name.

        Raises:
            InvalidInput: no such cut.
        """
        name_of = self._namer(cut)
        slices: dict[str, list[Tally]] = {}
        for cell, tally in self.tallies.items():
            slices.setdefault(name_of(Cell(*cell)), []).append(tally)
        return {name: self.counts(slices[name]) for name in sorted(slices)}

    def counts(self, tallies: Sequence[Tally]) -> Counts:
        """Add up."""
        return total(tallies).counts(self.currency, self.confirmation_micros, hears=self.hears)

    def _namer(self, cut: Cut | str) -> Callable[[Cell], str]:
        try:
            wanted = Cut(cut)
        except ValueError:
            known = ", ".join(one.value for one in Cut)
            raise InvalidInput(f"a report cannot be cut by {cut!r}; it can by {known}") from None
        names: Mapping[Cut, Callable[[Cell], str]] = {
            Cut.ARM: lambda cell: cell.arm,
            Cut.CAMPAIGN: lambda cell: self.runs[cell.run].campaign,
            Cut.CHANNEL: lambda cell: self.runs[cell.run].channel.value,
            Cut.DAY: self._timed(lambda at: at.date().isoformat()),
            Cut.HOUR: self._timed(lambda at: f"{at.hour:02}"),
            Cut.KIND: lambda cell: self.runs[cell.run].kind.value,
            Cut.RUN: lambda cell: self.runs[cell.run].run_id,
            Cut.SEGMENT: lambda cell: cell.segment,
            Cut.SENDER: lambda cell: self.runs[cell.run].sender,
            Cut.TERRITORY: lambda cell: cell.territory,
            Cut.WEEKDAY: self._timed(lambda at: f"{at.isoweekday()} {_WEEKDAYS[at.weekday()]}"),
        }
        return names[wanted]

    def _timed(self, word: Callable[[datetime], str]) -> Callable[[Cell], str]:
        def name(cell: Cell) -> str:
            if cell.bucket is None:
                return ""
            return word(instant_of(cell.bucket * BUCKET_MICROS).astimezone(self.zone))

        return name


_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")  # as every machine writes them, whatever its language
