"""What a person sees of a report; :mod:`smskit.metrics.page` says the same to a whole team."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

from smskit.display import Block, Columns, Dots, Facts, Line, Note, Sum, Table, Tile, Tiles, Tone, View
from smskit.kinds import Channel
from smskit.metrics.benchmarks import Metric, Standing
from smskit.metrics.charts import arms, funnel, hours, lift, reactions
from smskit.metrics.counts import Counts
from smskit.metrics.cuts import Cut, rate_of
from smskit.metrics.rates import Rate
from smskit.metrics.wording import METRICS, Wording, wording

if TYPE_CHECKING:
    from smskit.metrics.figures import Figures

RATES = (
    Metric.DELIVERY_RATE, Metric.OPEN_RATE, Metric.CLICK_RATE, Metric.REPLY_RATE, Metric.CONVERSION_RATE,
    Metric.OPT_OUT_RATE,
)  # fmt: skip

_COMPARED = (Metric.DELIVERY_RATE, Metric.CLICK_RATE, Metric.CONVERSION_RATE, Metric.OPT_OUT_RATE)
# What the slices of a report are told apart by on the screen and on the page; report.by() knows more.
CUTS = (Cut.CAMPAIGN, Cut.CHANNEL, Cut.SEGMENT)

TONES = {
    Standing.GOOD: Tone.GOOD,
    Standing.POOR: Tone.POOR,
    Standing.UNSURE: Tone.UNSURE,
    Standing.UNKNOWN: Tone.PLAIN,
}


def view_of(report: Figures) -> View:
    """Give the view of a report."""
    at = report.at.strftime("%a %Y-%m-%d %H:%M %Z")
    title = f"{report.campaign} · {report.kind.value} · {report.sender} · {at} · report of run {report.run_id}"
    return View(title, *_blocks(report, wording()))


def _blocks(report: Figures, say: Wording) -> Iterator[Block]:
    counts = report.counts
    yield _account(counts)
    yield key_figures(report, say)
    yield funnel(report, say)
    if counts.failures:
        yield Facts(*((failure.value, count) for failure, count in counts.failures.items()), title="failed")
    yield Facts(*links(report, say), title="links")
    yield Facts(*money(report, say), title="money")
    yield from _drawn(reactions(report, say))
    yield from _drawn(hours(report, say))
    if len(report.arms) > 1:
        yield arms_table(report, say)
        yield from _drawn(arms(report, say))
    yield from _drawn(lift(report, say))
    yield from filter(None, (cut_table(report, cut, say) for cut in CUTS))
    yield from map(Line, conclusions(report))
    yield Note(*report.notes)


def _drawn(drawing: Columns | Dots) -> Iterator[Block]:
    # A drawing of nothing would be a title alone.
    if drawing.known:
        yield drawing


def _account(counts: Counts) -> Sum:
    terms = (
        ("sent", counts.sent),
        ("rejected", counts.rejected),
        ("in doubt", counts.in_doubt),
        ("cancelled", counts.cancelled),
        ("remaining", counts.remaining),
    )
    return Sum(("planned", counts.planned), *(term for term in terms if term[1] or term[0] == "sent"))


# ---------------------------------------------------------------- key figures


def key_figures(report: Figures, say: Wording, *, digits: int = 2) -> Tiles:
    """Give each rate with its interval, what it is a share of, and where it stands."""
    tiles = (_tile(report, metric, report.rate(metric), say, digits) for metric in RATES)
    return Tiles(*tiles, headers=("", say("rate"), say("95 % interval"), say("of"), report.benchmarks.name))


def _tile(report: Figures, metric: Metric, rate: Rate | None, say: Wording, digits: int) -> Tile:
    judged, tone = standing(report, metric, say)
    label = say(METRICS[metric])
    if rate is None:
        return Tile(label, None, None, say("not known"), judged, tone)
    return Tile(label, say.share(rate, digits=digits), say.interval(rate, digits=digits), say.of(rate), judged, tone)


def standing(report: Figures, metric: Metric, say: Wording) -> tuple[str | None, Tone]:
    """Say what *metric* is held against and how it stands: ``> 98 %: good``; None where nothing is."""
    found = report.standings().get(metric)
    if found is None:
        return None, Tone.PLAIN
    threshold, stands = found
    return f"{say.threshold(threshold)}{say(':')} {say(stands.value)}", TONES[stands]


# ---------------------------------------------------------------- links, money, arms


def links(report: Figures, say: Wording) -> Iterator[tuple[str, str | int | None]]:
    """Give what became of the short links; nothing when none was opened."""
    counts = report.counts
    if not counts.clicks_raw:
        return
    yield say("followed"), counts.clicks_raw
    yield say("by people"), counts.clicks
    yield say("by machines"), counts.clicks_raw - counts.clicks
    if report.median_click_s is not None:
        yield say("half of the first clicks within"), duration(report.median_click_s, say)


def duration(seconds: float, say: Wording) -> str:
    """Write a length of time in the unit that suits it."""
    if seconds < 120:
        return f"{seconds:.0f} s"
    if seconds < 7200:
        return f"{seconds / 60:.0f} min"
    return f"{say.tongue.number(seconds / 3600, digits=1)} h"


def billed(report: Figures) -> str:
    """Say what is counted as billed: over RCS a message is, and not its parts."""
    over_rcs = any(run.channel is Channel.RCS for run in report.runs)
    return "parts and rich messages" if over_rcs else "parts"


def money(report: Figures, say: Wording) -> Iterator[tuple[str, str | int | None]]:
    """Give cost and revenue; without orders the cost alone."""
    counts, economics = report.counts, report.counts.economics
    currency = economics.currency

    def amount(value: Decimal | None, digits: int = 2) -> str | None:
        return None if value is None else say.tongue.amount(value, currency, digits=digits)

    yield say(billed(report)), counts.parts
    yield say("cost"), amount(economics.cost.amount)
    if report.economics is None:
        return
    roi, even = economics.roi_percent, economics.break_even_conversion
    yield say("orders"), counts.orders
    yield say("revenue"), amount(economics.revenue.amount)
    yield say("ROI"), None if roi is None else f"{say.tongue.number(roi, digits=1)} %"
    yield say("revenue per message"), amount(economics.rpm, 4)
    yield say("cost per conversion"), amount(economics.cost_per_conversion)
    yield say("basket"), amount(economics.revenue_per_conversion)
    yield say("break-even conversion"), None if even is None else say.tongue.percent(even, digits=2)


def arms_table(report: Figures, say: Wording) -> Table:
    """Give each arm of an experiment with its rates."""
    return _rates_table(report, say("version"), [(arm.name or "(none)", arm.counts) for arm in report.arms], say)


def cut_table(report: Figures, cut: Cut, say: Wording) -> Table | None:
    """Give each slice of a cut with its rates; None where there are not two to tell apart."""
    slices = [(name, one.counts) for name, one in report.by(cut).items() if one.counts.sent]
    if cut is Cut.CHANNEL:
        slices = [(name.upper(), counts) for name, counts in slices]
    return _rates_table(report, say(f"cut {cut.value}"), slices, say) if len(slices) > 1 else None


def _rates_table(report: Figures, head: str, parts: Iterable[tuple[str, Counts]], say: Wording) -> Table:
    has_orders = report.orders_given is not None
    rows: list[tuple[str | int | None, ...]] = []
    for name, counts in parts:
        rates = (rate_of(counts, metric, report.basis, has_orders=has_orders) for metric in _COMPARED)
        rows.append((name, counts.sent, *(say.share(rate) for rate in rates)))
    return Table((head, say("sent"), *(say(METRICS[metric]) for metric in _COMPARED)), rows, align="lrrrrr")


def conclusions(report: Figures) -> Iterator[str]:
    """Say what may be concluded about the arms and the hold-out, in English."""
    for one in report.compare():
        yield one.sentence
    if report.visit_uplift is not None:
        yield f"hold-out, visits: {report.visit_uplift}"
    uplift = report.uplift
    if uplift is None:
        return
    yield f"hold-out, buyers by telephone: {uplift}"
    if uplift.incremental is not None and uplift.incremental_interval is not None:
        low, high = uplift.incremental_interval.low, uplift.incremental_interval.high
        yield f"buyers who would not have bought: {uplift.incremental:.0f} ({low:.0f} to {high:.0f})"
