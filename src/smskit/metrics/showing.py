"""What a person sees of a report."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

from smskit.display import Block, Facts, Line, Note, Sum, Table, View, grouped, percent
from smskit.metrics.arms import ArmComparison
from smskit.metrics.benchmarks import Metric, Standing
from smskit.metrics.counts import Counts
from smskit.metrics.export import rates_of
from smskit.metrics.rates import Rate

if TYPE_CHECKING:
    from smskit.metrics.figures import Figures

_WORDS = {
    "delivery_rate": "delivered",
    "open_rate": "opened",
    "click_rate": "clicked",
    "reply_rate": "replied",
    "conversion_rate": "converted",
    "opt_out_rate": "opted out",
}


def view_of(report: Figures) -> View:
    """Give the view of a report."""
    at = report.at.strftime("%a %Y-%m-%d %H:%M %Z")
    title = f"{report.campaign} · {report.kind.value} · {report.sender} · {at} · report of run {report.run_id}"
    return View(title, *_blocks(report))


def _blocks(report: Figures) -> Iterator[Block]:
    counts = report.counts
    yield _account(counts)
    yield _rates(report)
    if counts.failures:
        yield Facts(*((failure.value, count) for failure, count in counts.failures.items()), title="failed")
    yield Facts(*_clicks(report), title="links")
    yield Facts(*_money(report), title="money")
    if len(report.arms) > 1:
        yield _arms(report)
        yield from (Line(_compared(one)) for one in report.compare())
    if report.uplift is not None:
        yield Line(f"hold-out, buyers by telephone: {report.uplift}")
        yield from _incremental(report)
    yield Note(*report.notes)


def _account(counts: Counts) -> Sum:
    terms = (
        ("sent", counts.sent),
        ("rejected", counts.rejected),
        ("in doubt", counts.in_doubt),
        ("cancelled", counts.cancelled),
        ("remaining", counts.remaining),
    )
    return Sum(("planned", counts.planned), *(term for term in terms if term[1] or term[0] == "sent"))


def _rates(report: Figures) -> Table:
    standings = report.standings()
    rows: list[tuple[str, str | None, str | None, str | None, str | None]] = []
    for name, rate in rates_of(report, report.counts).items():
        good, standing = standings.get(Metric(name), (None, Standing.UNKNOWN))
        judged = None if good is None else f"{good}: {standing.value}"
        rows.append((_WORDS[name], *_spoken(rate), judged))
    return Table(("", "rate", "95 % interval", "of", report.benchmarks.name), rows, align="lrrll")


def _spoken(rate: Rate | None) -> tuple[str | None, str | None, str | None]:
    if rate is None:
        return (None, None, "not known")
    interval = None
    if rate.interval is not None:
        interval = f"{percent(rate.interval.low, digits=2)} – {percent(rate.interval.high, digits=2)}"
    whole = f"{grouped(rate.numerator)} of {grouped(rate.denominator)} {rate.basis.value}"
    return (percent(rate.value, digits=2), interval, whole)


def _clicks(report: Figures) -> Iterator[tuple[str, str | int | None]]:
    counts = report.counts
    if not counts.clicks_raw:
        return
    yield "followed", counts.clicks_raw
    yield "by people", counts.clicks
    yield "by machines", counts.clicks_raw - counts.clicks
    if report.median_click_s is not None:
        yield "half of the first clicks within", _duration(report.median_click_s)


def _duration(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def _money(report: Figures) -> Iterator[tuple[str, str | int | None]]:
    counts, economics = report.counts, report.counts.economics
    yield "parts", counts.parts
    yield "cost", str(economics.cost)
    if report.economics is None:
        return
    yield "orders", counts.orders
    yield "revenue", str(economics.revenue)
    yield "ROI", _amount(economics.roi_percent, "%", digits=1)
    yield "revenue per message", _amount(economics.rpm, counts.currency, digits=4)
    yield "cost per conversion", _amount(economics.cost_per_conversion, counts.currency)
    yield "break-even conversion", percent(_float(economics.break_even_conversion), digits=2)


def _float(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


def _amount(value: Decimal | None, unit: str, *, digits: int = 2) -> str | None:
    if value is None:
        return None
    return f"{value:,.{digits}f}".replace(",", "\N{NARROW NO-BREAK SPACE}") + f" {unit}"


def _arms(report: Figures) -> Table:
    rows: list[tuple[str | int | None, ...]] = []
    for arm in report.arms:
        counts, rates = arm.counts, rates_of(report, arm.counts)
        shown = ("delivery_rate", "click_rate", "conversion_rate", "opt_out_rate")
        values = (rates[name] for name in shown)
        rows.append(
            (arm.name or "(none)", counts.sent, *(None if one is None else percent(one.value) for one in values))
        )
    return Table(("arm", "sent", "delivered", "clicked", "converted", "opted out"), rows, align="lrrrrr")


def _compared(one: ArmComparison) -> str:
    chance = "" if one.p_adjusted is None else f", p = {one.p_adjusted:.4f}"
    what = one.metric.value.replace("_", " ")
    return f"{one.arm} against {one.baseline}, {what} of sent: {one.difference}{chance}: {one.outcome.value}"


def _incremental(report: Figures) -> Iterator[Line]:
    uplift = report.uplift
    if uplift is None or uplift.incremental is None or uplift.incremental_interval is None:
        return
    low, high = uplift.incremental_interval.low, uplift.incremental_interval.high
    yield Line(f"buyers who would not have bought: {uplift.incremental:.0f} ({low:.0f} to {high:.0f})")
