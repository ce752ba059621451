"""One page of a campaign, for people who do not read code: what was sent, what came of it, and how sure that is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from smskit.display import Drawing, Table, Tile, Tone, paper
from smskit.display.paper import paragraph, safe, section
from smskit.kinds import Channel
from smskit.metrics.benchmarks import Metric, Standing
from smskit.metrics.charts import arms, funnel, hours, lift, reactions
from smskit.metrics.showing import CUTS, RATES, arms_table, billed, cut_table, duration, key_figures, money, standing
from smskit.metrics.wording import METRICS, Wording, wording
from smskit.money import Money

if TYPE_CHECKING:
    from smskit.metrics.figures import Figures


def page_of(report: Figures, language: str = "en") -> str:
    """Give the page as one HTML document: without script, and nothing in it comes from elsewhere.

    Raises:
        InvalidInput: another language than ``en`` and ``fr``.
    """
    say = wording(language)
    parts = (
        _header(report, say),
        section(say("Key figures"), _summary(report, say), paper.tiles(_tiles(report, say))),
        _scaled(funnel(report, say), say, _funnel_notes(report, say)),
        _scaled(reactions(report, say), say, _pace(report, say)),
        _scaled(hours(report, say), say),
        _scaled(arms(report, say), say, _versions(report, say)),
        _scaled(lift(report, say), say, _incremental(report, say)),
        section(say("Side by side"), _cuts(report, say)),
        paper.beside(
            section(say("Money"), _pairs(money(report, say), say), _no_orders(report, say)),
            section(say("Why messages did not arrive"), _failures(report, say)),
        ),
        section(say("Against the benchmarks"), _standings(report, say)),
        section(say("To know"), _notes(report, say)),
        _footer(report, say),
    )
    return paper.document(f"{report.campaign} · {say('Campaign report')}", *parts, language=say.tongue.code)


def _header(report: Figures, say: Wording) -> str:
    when = f"{say.tongue.moment(report.at)} ({report.zone})"
    told = " · ".join(filter(None, (say(report.kind.value), report.sender, when)))
    return f"<header><p>{safe(say('Campaign report'))}</p><h1>{safe(report.campaign)}</h1><p>{safe(told)}</p></header>"


def _summary(report: Figures, say: Wording) -> str:
    """Say the whole campaign in two sentences."""
    count, counts = say.tongue.count, report.counts
    if report.delivery_rate is None:
        told = [say("{sent} messages were sent; how many arrived is not known.", sent=count(counts.sent))]
    else:
        told = [
            say(
                "{sent} messages were sent and {delivered} arrived.",
                sent=count(counts.sent),
                delivered=count(counts.delivered),
            )
        ]
    economics = report.economics
    if economics is not None:
        told.append(
            say(
                "{orders} orders came of them: {revenue} for {cost} spent.",
                orders=count(counts.orders),
                revenue=say.tongue.amount(economics.revenue.amount, economics.currency),
                cost=say.tongue.amount(economics.cost.amount, economics.currency),
            )
        )
    return paragraph(" ".join(told), name="lead")


# ---------------------------------------------------------------- key figures


def _tiles(report: Figures, say: Wording) -> Iterator[Tile]:
    for tile, metric in zip(key_figures(report, say, digits=1).tiles, RATES, strict=True):
        # A card for what nobody can know would only draw the eye: it is said under the funnel.
        if report.rate(metric) is not None:
            yield tile
    economics, tongue = report.economics, say.tongue
    cost = report.counts.economics.cost
    parts = f"{tongue.count(report.counts.parts)} {say(billed(report))}"
    yield Tile(say("cost"), _amount(cost, say), of=parts)
    if economics is None:
        return
    orders = say("{orders} orders", orders=tongue.count(report.counts.orders))
    yield Tile(say("revenue"), _amount(economics.revenue, say), of=orders)
    judged, tone = standing(report, Metric.ROI_PERCENT, say)
    roi = economics.roi_percent
    yield Tile(say("ROI"), None if roi is None else tongue.percent(roi / 100, digits=0), judged=judged, tone=tone)


def _amount(money: Money, say: Wording) -> str:
    # Cents beside thousands only take room.
    return say.tongue.amount(money.amount, money.currency, digits=0 if money.amount >= 1000 else 2)


def _scaled(drawing: Drawing, say: Wording, *more: str) -> str:
    """Give a drawing under its title, with what is said about it; nothing without a drawing."""
    if not drawing.known:
        return ""
    heads = (say("what"), say("value"))
    return section(drawing.title, paper.figure(drawing, say.tongue, say("The same as a table"), heads), *more)


def _funnel_notes(report: Figures, say: Wording) -> str:
    is_sms = all(run.channel is Channel.SMS for run in report.runs)
    told = [
        (report.open_rate is None and is_sms, "No carrier and no handset tells whether an SMS was read."),
        (not report.counts.counts_clicks, "The messages had no short link of their own."),
        (report.orders_given is None, "No orders were given."),
    ]
    return paragraph(" ".join(say(sentence) for is_so, sentence in told if is_so), name="soft")


def _pace(report: Figures, say: Wording) -> str:
    if report.median_click_s is None:
        return ""
    took = duration(report.median_click_s, say)
    return paragraph(say("Half of those who clicked did so within {time}.", time=took))


# ---------------------------------------------------------------- what was compared


def _versions(report: Figures, say: Wording) -> str:
    return paper.table(arms_table(report, say)) if len(report.arms) > 1 else ""


def _incremental(report: Figures, say: Wording) -> str:
    uplift = report.uplift
    if uplift is None or uplift.incremental is None or uplift.incremental_interval is None:
        return ""
    number, between = say.tongue.number, uplift.incremental_interval
    bought = "Buyers who would not have bought without the campaign: {value} ({low} to {high}, 95 %)."
    chance = (
        "Whether the campaign made people buy cannot be told from chance: {value} buyers more ({low} to {high}, 95 %)."
    )
    value, low, high = (number(one, digits=0) for one in (uplift.incremental, between.low, between.high))
    return paragraph(say(bought if uplift.is_shown else chance, value=value, low=low, high=high))


# ---------------------------------------------------------------- tables


def _cuts(report: Figures, say: Wording) -> str:
    tables = (cut_table(report, cut, say) for cut in CUTS)
    return "".join(paper.table(table) for table in tables if table is not None)


def _pairs(pairs: Iterator[tuple[str, str | int | None]], say: Wording) -> str:
    rows = [(label, say.tongue.count(value) if isinstance(value, int) else value) for label, value in pairs]
    return paper.table(Table(("", say("value")), rows, align="lr"))


def _no_orders(report: Figures, say: Wording) -> str:
    return paragraph(say("No orders were given."), name="soft") if report.orders_given is None else ""


def _failures(report: Figures, say: Wording) -> str:
    failed = report.counts.failed
    rows = [
        (say.failures.get(failure, failure.value), say.tongue.count(count), say.tongue.percent(count / failed))
        for failure, count in report.counts.failures.items()
        if failed
    ]
    return paper.table(Table((say("reason"), say("messages"), say("share")), rows, align="lrr"))


def _standings(report: Figures, say: Wording) -> str:
    rows: list[tuple[str | None, ...]] = []
    for metric, (threshold, stands) in report.standings().items():
        if stands is Standing.UNKNOWN:
            continue
        mark = {Standing.GOOD: Tone.GOOD, Standing.POOR: Tone.POOR}.get(stands, Tone.UNSURE).value
        named = say(metric.value) if metric in METRICS else metric.value
        judged = f"{mark} {say(stands.value)}"
        rows.append((named, _reached(report, metric, say), say.threshold(threshold), judged, threshold.source))
    heads = (say("what"), say("this campaign"), say("benchmark"), say("standing"), say("source"))
    shown = paper.table(Table(heads, rows, align="lrrll"))
    source = f"{report.benchmarks.name}: {report.benchmarks.source}"
    return shown + (paragraph(source, name="soft", language=_other(say)) if shown else "")


def _reached(report: Figures, metric: Metric, say: Wording) -> str | None:
    if metric is Metric.ROI_PERCENT:
        roi = None if report.economics is None else report.economics.roi_percent
        return None if roi is None else say.tongue.percent(roi / 100, digits=0)
    threshold = report.benchmarks.threshold(metric)
    return say.share(report.rate(metric, None if threshold is None else threshold.basis))


def _notes(report: Figures, say: Wording) -> str:
    told = [say.note(note) for note in report.notes]
    told += [
        (say("The intervals are where the true value lies with a confidence of 95 %."), say.tongue.code),
        (say("What is not known is shown as a dash, never as nought."), say.tongue.code),
    ]
    return paper.sentences((text, "" if spoken == say.tongue.code else spoken) for text, spoken in told)


def _other(say: Wording) -> str:
    """Give the language of what is written in English only, where the page is in another."""
    return "" if say.tongue.code == "en" else "en"


def _footer(report: Figures, say: Wording) -> str:
    return f"<footer>{safe(say('run'))} {safe(report.run_id)} · smskit</footer>"
