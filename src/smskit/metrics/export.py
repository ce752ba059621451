"""A report as JSON and as CSV."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, TextIO

from smskit.metrics.arms import ArmComparison
from smskit.metrics.counts import Counts
from smskit.metrics.difference import Difference
from smskit.metrics.economics import Economics
from smskit.metrics.inference import Interval
from smskit.metrics.rates import Rate

if TYPE_CHECKING:
    from smskit.metrics.figures import Figures

Json = None | bool | int | float | str | Sequence["Json"] | Mapping[str, "Json"]

CSV_COLUMNS = ("arm", "metric", "value", "low", "high", "numerator", "denominator", "basis")

_COUNTS = (
    "planned", "sent", "rejected", "in_doubt", "cancelled", "remaining", "held_out", "delivered", "awaiting", "failed",
    "opened", "linked", "clicks_raw", "clicks", "clickers", "replies", "repliers", "opted_out", "orders", "conversions",
    "parts",
)  # fmt: skip
_MONEY = (
    "roi_percent", "net_per_unit", "revenue_per_unit", "unit_cost", "rpm", "cost_per_conversion",
    "revenue_per_conversion", "break_even_conversion",
)  # fmt: skip
# Without orders these are not known, and not zero.
_OF_ORDERS = frozenset({"orders", "conversions"})


def to_dict(report: Figures) -> dict[str, Json]:
    """Give everything as JSON values."""
    return {
        "smskit": "report",
        "version": 1,
        "run_id": report.run_id,
        "campaign": report.campaign,
        "kind": report.kind.value,
        "sender": report.sender,
        "at": report.at.isoformat(),
        **_figures(report, report.counts),
        "median_click_s": report.median_click_s,
        "orders_given": report.orders_given,
        "joined": {how.value: count for how, count in report.joined.items()},
        "arms": [{"name": arm.name, **_figures(report, arm.counts)} for arm in report.arms],
        "comparisons": [_comparison(one) for one in report.compare()],
        "uplift": None if report.uplift is None else _difference(report.uplift),
        "benchmarks": report.benchmarks.name,
        "standings": {metric.value: standing.value for metric, (_, standing) in report.standings().items()},
        "notes": list(report.notes),
    }


def to_json(report: Figures) -> str:
    """Give everything as one line of JSON."""
    return json.dumps(to_dict(report), ensure_ascii=False)


def write_csv(report: Figures, file: TextIO) -> None:
    """Write one line for each figure."""
    writer = csv.writer(file)
    writer.writerow(CSV_COLUMNS)
    writer.writerows(_lines(report, "", report.counts))
    for arm in report.arms:
        if arm.name:
            writer.writerows(_lines(report, arm.name, arm.counts))


def rates_of(report: Figures, counts: Counts) -> dict[str, Rate | None]:
    """Give the rates of some counts, each of the report's basis."""
    basis = report.basis
    return {
        "delivery_rate": counts.delivery_rate,
        "open_rate": counts.open_rate,
        "click_rate": counts.click_rate(basis),
        "reply_rate": counts.reply_rate(basis),
        "conversion_rate": None if report.orders_given is None else counts.conversion_rate(basis),
        "opt_out_rate": counts.opt_out_rate(basis),
    }


def _counted(report: Figures, counts: Counts) -> dict[str, int | None]:
    known = report.orders_given is not None
    return {name: getattr(counts, name) if known or name not in _OF_ORDERS else None for name in _COUNTS}


def _figures(report: Figures, counts: Counts) -> dict[str, Json]:
    return {
        "counts": _counted(report, counts),
        "failures": {failure.value: count for failure, count in counts.failures.items()},
        "rates": {name: None if rate is None else _rate(rate) for name, rate in rates_of(report, counts).items()},
        "money": _money(report, counts.economics),
    }


def _money(report: Figures, economics: Economics) -> dict[str, str | None]:
    known = report.orders_given is not None
    return {
        "currency": economics.currency,
        "cost": _plain(economics.cost.amount),
        "revenue": _plain(economics.revenue.amount) if known else None,
        **{name: _plain(getattr(economics, name)) if known or name == "unit_cost" else None for name in _MONEY},
    }


def _plain(amount: Decimal | None) -> str | None:
    """Write an amount to the millionth, without zeros at its end."""
    if amount is None:
        return None
    whole, _, fraction = f"{amount:.6f}".partition(".")
    return f"{whole}.{fraction.rstrip('0')}".rstrip(".")


def _bounds(interval: Interval | None) -> tuple[float | None, float | None]:
    return (None, None) if interval is None else (interval.low, interval.high)


def _rate(rate: Rate) -> dict[str, Json]:
    low, high = _bounds(rate.interval)
    return {
        "value": rate.value,
        "low": low,
        "high": high,
        "numerator": rate.numerator,
        "denominator": rate.denominator,
        "basis": rate.basis.value,
    }


def _difference(difference: Difference) -> dict[str, Json]:
    low, high = _bounds(difference.interval)
    least, most = _bounds(difference.incremental_interval)
    return {
        "treated": _rate(difference.treated),
        "control": _rate(difference.control),
        "points": difference.points,
        "low": low,
        "high": high,
        "relative": difference.relative,
        "p_value": difference.p_value,
        "incremental": difference.incremental,
        "incremental_low": least,
        "incremental_high": most,
    }


def _comparison(one: ArmComparison) -> dict[str, Json]:
    return {
        "baseline": one.baseline,
        "arm": one.arm,
        "metric": one.metric.value,
        "outcome": one.outcome.value,
        "p_adjusted": one.p_adjusted,
        **_difference(one.difference),
    }


def _lines(report: Figures, arm: str, counts: Counts) -> Iterator[Sequence[str | int | float | None]]:
    for name, count in _counted(report, counts).items():
        yield (arm, name, count, None, None, None, None, None)
    for failure, count in counts.failures.items():
        yield (arm, f"failed_{failure.value}", count, None, None, None, None, None)
    for name, rate in rates_of(report, counts).items():
        if rate is None:
            yield (arm, name, None, None, None, None, None, None)
        else:
            low, high = _bounds(rate.interval)
            yield (arm, name, rate.value, low, high, rate.numerator, rate.denominator, rate.basis.value)
    for name, amount in _money(report, counts.economics).items():
        if name != "currency":
            yield (arm, name, amount, None, None, None, None, counts.currency)
