"""A report as JSON, as CSV, and as rows for data frames."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TextIO

from smskit.metrics.arms import ArmComparison
from smskit.metrics.counts import Counts
from smskit.metrics.cuts import Cut
from smskit.metrics.difference import Difference
from smskit.metrics.economics import Economics
from smskit.metrics.inference import Interval
from smskit.metrics.rates import Rate, RateBasis
from smskit.metrics.reactivity import Reaction, Reactivity
from smskit.metrics.tables import pyarrow
from smskit.records import RunRecord

if TYPE_CHECKING:
    from smskit.metrics.figures import Figures

Json = None | bool | int | float | str | Sequence["Json"] | Mapping[str, "Json"]

CSV_COLUMNS = ("arm", "metric", "value", "low", "high", "numerator", "denominator", "basis")

_COUNTS = (
    "planned", "sent", "rejected", "in_doubt", "cancelled", "remaining", "held_out", "standby", "delivered", "awaiting",
    "failed", "opened", "linked", "clicks_raw", "clicks", "clickers", "replies", "repliers", "opted_out", "orders",
    "conversions", "visits", "visitors", "parts",
)  # fmt: skip
_MONEY = (
    "roi_percent", "net_per_unit", "revenue_per_unit", "unit_cost", "rpm", "cost_per_conversion",
    "revenue_per_conversion", "break_even_conversion",
)  # fmt: skip
# Without orders these are not known, and not zero.
_OF_ORDERS = frozenset({"orders", "conversions", "visits", "visitors"})
# Before the first receipt nobody knows these.
_OF_RECEIPTS = frozenset({"delivered", "awaiting"})
_OF_LINKS = frozenset({"clicks_raw", "clicks", "clickers"})
_REACTED_MINUTES = (4, 6, 60)  # the mission's texts speak of four and six minutes


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
        "zone": report.zone,
        "runs": [_run(run) for run in report.runs],
        "people": report.people,
        "heard": report.heard.value,
        **_figures(report, report.counts),
        "median_click_s": report.median_click_s,
        "reactivity": {reaction.value: _reactivity(report.reactivity(reaction)) for reaction in Reaction},
        "orders_given": report.orders_given,
        "joined": {how.value: count for how, count in report.joined.items()},
        "left_out": {reason.value: count for reason, count in report.left_out.items()},
        "arms": [{"name": arm.name, **_figures(report, arm.counts)} for arm in report.arms],
        "comparisons": [_comparison(one) for one in report.compare()],
        "uplift": None if report.uplift is None else _difference(report.uplift),
        "visit_uplift": None if report.visit_uplift is None else _difference(report.visit_uplift),
        "benchmarks": report.benchmarks.name,
        "standings": {metric.value: standing.value for metric, (_, standing) in report.standings().items()},
        "notes": list(report.notes),
    }


def to_json(report: Figures) -> str:
    """Give everything as one line of JSON."""
    return json.dumps(to_dict(report), ensure_ascii=False)


def write_csv(report: Figures, file: TextIO, cut: Cut | str = Cut.ARM) -> None:
    """Write one line for each figure of the whole and of each slice."""
    writer = csv.writer(file)
    slices = slices_of(report, cut)
    writer.writerow((Cut(cut).value, *CSV_COLUMNS[1:]))
    writer.writerows(_lines(report, "", report.counts))
    for name, counts in slices.items():
        if name:
            writer.writerows(_lines(report, name, counts))


def slices_of(report: Figures, cut: Cut | str) -> Mapping[str, Counts]:
    """Give the counts of each slice; arms as the report has them, without those that are only held out."""
    if cut in (Cut.ARM, Cut.ARM.value):
        return {arm.name: arm.counts for arm in report.arms}
    return report.cells.by(cut)


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


def more_rates_of(report: Figures, counts: Counts) -> dict[str, Rate | None]:
    """Give the other rates: visits, who can still be written to, and who bought again."""
    known = report.orders_given is not None
    return {
        "visit_rate": counts.visit_rate(report.basis) if known else None,
        "retention_rate": counts.retention_rate(),
        "repurchase_rate": counts.conversion_rate(RateBasis.CUSTOMERS) if known else None,
    }


def _counted(report: Figures, counts: Counts) -> dict[str, int | None]:
    unknown: frozenset[str] = frozenset()
    if report.orders_given is None:
        unknown |= _OF_ORDERS
    if counts.sent and not counts.tells_delivery:
        unknown |= _OF_RECEIPTS
    if not counts.counts_clicks:
        unknown |= _OF_LINKS
    return {name: None if name in unknown else getattr(counts, name) for name in _COUNTS}


def _all_rates(report: Figures, counts: Counts) -> dict[str, Rate | None]:
    return rates_of(report, counts) | more_rates_of(report, counts)


def _figures(report: Figures, counts: Counts) -> dict[str, Json]:
    return {
        "counts": _counted(report, counts),
        "failures": {failure.value: count for failure, count in counts.failures.items()},
        "machine_clicks": dict(counts.machine_clicks),
        "rates": {name: None if rate is None else _rate(rate) for name, rate in _all_rates(report, counts).items()},
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


def _run(run: RunRecord) -> dict[str, Json]:
    return {
        "run_id": run.run_id, "campaign": run.campaign, "kind": run.kind.value, "sender": run.sender,
        "channel": run.channel.value, "at": run.at.isoformat(), "fallback_of": run.fallback_of,
    }  # fmt: skip


def _reactivity(reactivity: Reactivity) -> dict[str, Json]:
    within = {minutes: reactivity.within(minutes) for minutes in _REACTED_MINUTES}
    return {
        "reacted": reactivity.reacted,
        "median_s": reactivity.median_s,
        **{f"within_{minutes}_min": None if rate is None else rate.value for minutes, rate in within.items()},
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
    for name, rate in _all_rates(report, counts).items():
        if rate is None:
            yield (arm, name, None, None, None, None, None, None)
        else:
            low, high = _bounds(rate.interval)
            yield (arm, name, rate.value, low, high, rate.numerator, rate.denominator, rate.basis.value)
    for name, amount in _money(report, counts.economics).items():
        if name != "currency":
            yield (arm, name, amount, None, None, None, None, counts.currency)


# ---------------------------------------------------------------- rows for data frames

Value = None | int | float | str | Decimal


def rows_of(report: Figures, cut: Cut | str = Cut.ARM) -> list[dict[str, Value]]:
    """Give one row for the whole and one for each slice; the same names in each."""
    rows = [_row(report, "", "", report.counts)]
    slices = slices_of(report, cut)
    if set(slices) != {""}:
        rows += [_row(report, Cut(cut).value, name, counts) for name, counts in slices.items()]
    return rows


def _row(report: Figures, cut: str, name: str, counts: Counts) -> dict[str, Value]:
    row: dict[str, Value] = {"cut": cut, "name": name, **_counted(report, counts)}
    for rate_name, rate in _all_rates(report, counts).items():
        low, high = _bounds(None if rate is None else rate.interval)
        row |= {
            rate_name: None if rate is None else rate.value,
            f"{rate_name}_low": low,
            f"{rate_name}_high": high,
            f"{rate_name}_of": None if rate is None else rate.basis.value,
        }
    row["median_reaction_s"] = counts.reactivity().median_s
    money, known = counts.economics, report.orders_given is not None
    row |= {"currency": money.currency, "cost": money.cost.amount, "revenue": money.revenue.amount if known else None}
    row |= {one: _to_the_millionth(getattr(money, one)) if known or one == "unit_cost" else None for one in _MONEY}
    return row


def _to_the_millionth(amount: Decimal | None) -> Decimal | None:
    return None if amount is None else round(amount, 6)


def table_of(report: Figures, cut: Cut | str = Cut.ARM) -> Any:
    """Give :func:`rows_of` as a pyarrow table, with the same types whatever is known."""
    pa, rows = pyarrow(), rows_of(report, cut)
    return pa.table({name: pa.array([row[name] for row in rows], _type_of(pa, name)) for name in rows[0]})


def _type_of(pa: Any, name: str) -> Any:
    if name in _COUNTS:
        return pa.int64()
    if name in ("cut", "name", "currency") or name.endswith("_rate_of"):
        return pa.string()
    # Money stays exact: 26 digits, six of them after the point.
    return pa.decimal128(26, 6) if name in ("cost", "revenue", *_MONEY) else pa.float64()
