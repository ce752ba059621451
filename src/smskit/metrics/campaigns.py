"""Campaigns side by side: their rates, and how much they differ."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from attrs import frozen

from smskit.display import Line, Note, Shown, Table, View, percent
from smskit.errors import InvalidInput
from smskit.metrics.benchmarks import Metric
from smskit.metrics.cuts import rate_of
from smskit.metrics.difference import Difference
from smskit.metrics.export import Value
from smskit.metrics.figures import Figures
from smskit.metrics.rates import Rate, RateBasis

RATES = (
    Metric.DELIVERY_RATE,
    Metric.OPEN_RATE,
    Metric.CLICK_RATE,
    Metric.REPLY_RATE,
    Metric.CONVERSION_RATE,
    Metric.VISIT_RATE,
    Metric.OPT_OUT_RATE,
    Metric.RETENTION_RATE,
)


@frozen(repr=False)
class CampaignComparison(Shown):
    """Some campaigns, each against the first.

    Nobody drew by chance who got which: a difference says that the results differ, not that the message made it.

    Args:
        reports: theirs, by name.
        basis: what rates are shares of, the same for all.
    """

    reports: Mapping[str, Figures]
    basis: RateBasis

    def rates(self, metric: Metric) -> dict[str, Rate | None]:
        """Give the rate of each; None for what is not known, and for what is no rate."""
        return {
            name: rate_of(one.counts, metric, self.basis, has_orders=one.orders_given is not None)
            for name, one in self.reports.items()
        }

    def differences(self, metric: Metric) -> dict[str, Difference | None]:
        """Give what each has more than the first, with Newcombe's interval; None where one of the two is not known."""
        (_, first), *others = self.rates(metric).items()
        return {name: None if rate is None or first is None else Difference(rate, first) for name, rate in others}

    def to_dicts(self) -> list[dict[str, Value]]:
        """Give one row for each rate of each campaign, with its bounds, and its difference from the first."""
        return [row for metric in RATES for row in self._rows(metric)]

    def _rows(self, metric: Metric) -> Iterator[dict[str, Value]]:
        differences = self.differences(metric)
        for name, rate in self.rates(metric).items():
            interval = None if rate is None else rate.interval
            difference = differences.get(name)
            between = None if difference is None else difference.interval
            yield {
                "campaign": name,
                "metric": metric.value,
                "basis": None if rate is None else rate.basis.value,
                "value": None if rate is None else rate.value,
                "low": None if interval is None else interval.low,
                "high": None if interval is None else interval.high,
                "points": None if difference is None else difference.points,
                "points_low": None if between is None else between.low,
                "points_high": None if between is None else between.high,
            }

    def __repr__(self) -> str:
        return f"CampaignComparison({', '.join(self.reports)})"

    def view(self) -> View:
        """Give what is to be seen."""
        known = [metric for metric in RATES if any(self.rates(metric).values())]
        rows = [
            (_word(metric), *(None if rate is None else percent(rate.value, digits=2) for rate in rates.values()))
            for metric in known
            if (rates := self.rates(metric))
        ]
        table = Table(("", *self.reports), rows, align="l" + "r" * len(self.reports))
        first = next(iter(self.reports))
        lines = [
            Line(f"{name} against {first}, {_word(metric)}: {difference}")
            for metric in known
            for name, difference in self.differences(metric).items()
            if difference is not None and difference.is_shown
        ]
        note = Note("who got which was not drawn by chance: the message need not be what made a difference")
        return View(f"{len(self.reports)} campaigns · of {self.basis.value}", table, *lines, note)


def _word(metric: Metric) -> str:
    return metric.value.replace("_", " ")


def compare_campaigns(reports: Iterable[Figures], *, basis: RateBasis | None = None) -> CampaignComparison:
    """Put campaigns side by side; the first is what the others are compared with.

    Args:
        reports: two or more.
        basis: what rates are shares of; None takes what was delivered, or what was sent where receipts of one of them
            are missing.

    Raises:
        InvalidInput: fewer than two.
    """
    named: dict[str, Figures] = {}
    for one in reports:
        named[one.campaign if one.campaign not in named else f"{one.campaign} ({one.run_id})"] = one
    if len(named) < 2:
        raise InvalidInput("there is nothing to compare: give the reports of two campaigns or more")
    tell = all(one.counts.tells_delivery for one in named.values())
    return CampaignComparison(named, basis or (RateBasis.DELIVERED if tell else RateBasis.SENT))
