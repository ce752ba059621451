"""Making a report out of what the store remembers of runs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timezone, tzinfo
from decimal import Decimal
from math import inf
from statistics import median
from typing import cast
from zoneinfo import ZoneInfo

from attrs import astuple, evolve, field, frozen

from smskit.errors import InvalidInput
from smskit.metrics.arms import Arm
from smskit.metrics.attribution import Attribution, LeftOut, OrderBook
from smskit.metrics.benchmarks import Benchmarks
from smskit.metrics.clicks import ClickRules
from smskit.metrics.columns import Columns
from smskit.metrics.counts import Counts
from smskit.metrics.cuts import Cells, Cut
from smskit.metrics.experiments import ExperimentPlan
from smskit.metrics.orders import Order, Orders
from smskit.metrics.rates import RateBasis
from smskit.metrics.reading import Reader
from smskit.metrics.report import Report
from smskit.metrics.sample_ratio import check_sample_ratio
from smskit.metrics.scope import Gate, RunData, Scope
from smskit.metrics.tables import ArrowTable, events_of, events_to_arrow, sends_of
from smskit.money import to_micros
from smskit.protocols import Receipts
from smskit.records import Account, Event, EventLine, RunRecord, Send, SendLine

DEFAULT_BENCHMARKS = "smsmode-2025"
_MICROS = 1_000_000


@frozen(kw_only=True, eq=False)
class Asked:
    """What is asked of a report beside the runs; see :func:`build_report`."""

    orders: Iterable[Order] | None = None
    attribution: Attribution = field(factory=Attribution)
    basis: RateBasis | None = None
    confirmation_price: str | Decimal | None = None
    min_per_arm: int | None = None
    experiment: ExperimentPlan | None = None
    sequential: bool = False
    benchmarks: Benchmarks | None = None
    click_rules: ClickRules = field(factory=ClickRules.default)
    receipts: Receipts | None = None
    hears: bool = True
    zone: str | None = None
    scope: Scope = field(factory=Scope)

    @property
    def confirmation_micros(self) -> int:
        """What one confirmation of an opposition costs."""
        price = self.confirmation_price
        return 0 if price is None else to_micros(price, "confirmation_price")


def build_report(
    run: RunRecord,
    sends: Iterable[Send] | Iterable[SendLine],
    events: Iterable[Event | EventLine],
    account: Account | None = None,
    /,
    *,
    orders: Iterable[Order] | None = None,
    attribution: Attribution | None = None,
    basis: RateBasis | None = None,
    confirmation_price: str | Decimal | None = None,
    min_per_arm: int | None = None,
    experiment: ExperimentPlan | None = None,
    sequential: bool = False,
    benchmarks: Benchmarks | None = None,
    click_rules: ClickRules | None = None,
    receipts: Receipts | None = None,
    hears: bool = True,
    zone: str | None = None,
    scope: Scope | None = None,
) -> Report:
    """Count what became of a run.

    The sends are read once and none is kept; what came back and what was ordered is.

    Args:
        run: of which run.
        sends: its ledger, as it stands.
        events: what came back: clicks, replies, oppositions. Receipts among them are passed over, the sends have
            them already.
        account: the store's account, which the counts are checked against; None checks nothing.
        orders: what was bought; None means not known, and an empty list means nothing. An order in another currency
            than the run's is left out, and the notes say so.
        attribution: how orders are put down to messages; None takes a window of seven days, by link and number.
        basis: what clicks, replies, conversions and oppositions are shares of; None takes what was delivered, and
            what was sent as long as no receipt has come.
        confirmation_price: price of one confirmation of an opposition, such as ``"0.045"``; None adds nothing.
        min_per_arm: the planned size of an arm; until each has it, arms are not judged.
        experiment: what was planned of the experiment, with its size.
        sequential: test the arms so that one may look at any time, instead of once at the planned size.
        benchmarks: what the rates are held against; None takes ``smsmode-2025``.
        click_rules: by which clicks of machines are known; None takes :meth:`ClickRules.default`.
        receipts: how the transport tells what became of a message; None when that is not known.
        hears: whether it hands on what people answer; otherwise no reply and no STOP is unknown, and not zero.
        zone: whose clocks times are shown by, and hours and days are cut by; None takes that of the campaign.
        scope: which messages are counted; None counts all.

    Raises:
        InvalidInput: *confirmation_price* is no amount, or *zone* no time zone.
    """
    asked = Asked(
        orders=orders, attribution=attribution or Attribution(), basis=basis, confirmation_price=confirmation_price,
        min_per_arm=min_per_arm, experiment=experiment, sequential=sequential, benchmarks=benchmarks,
        click_rules=click_rules or ClickRules.default(), receipts=receipts, hears=hears, zone=zone,
        scope=scope or Scope(),
    )  # fmt: skip
    return report_on((RunData(run, sends, events, account),), asked)


def report_from_arrow(
    run: RunRecord,
    sends: ArrowTable,
    events: ArrowTable | None = None,
    account: Account | None = None,
    /,
    asked: Asked | None = None,
) -> Report:
    """Count what became of a run out of tables, by column: what :func:`build_report` counts, some times faster.

    Takes pyarrow, the extra ``arrow``. Words are the values of the library's enums, instants timestamps with a zone or
    microseconds since 1970 UTC (``not_before`` seconds).

    Args:
        run: of which run.
        sends: its ledger, with the columns of :class:`~smskit.records.SendLine`; ``seq`` and ``state`` are needed, the
            others are unknown, or as for one part without a price, where they are missing.
        events: what came back: ``type``, ``at``, and ``seq`` of the send, or its ``reference``, ``token`` or
            ``number``; ``text`` where the requests of clicks are known. Receipts are passed over.
        account: the store's account; None checks nothing.
        asked: orders, click rules, scope and the like.

    Raises:
        InvalidInput: pyarrow is not there, or a column is missing, of another type, or holds a word that is none.
    """
    asked = asked or Asked()
    zone = zone_of((run,), asked.zone)
    reader = reader_for((run,), asked, zone)
    happened = events_to_arrow(()) if events is None else events
    Columns(reader, 0, run, sends_of(sends), events_of(happened)).count()
    return finished(reader, (RunData(run, (), (), account),), asked, zone)


def report_on(data: Sequence[RunData], asked: Asked) -> Report:
    """Count what became of some runs, oldest first; a run and its fallback are one, in which each person is once.

    Raises:
        InvalidInput: no run, runs in several currencies, whose costs cannot be added, a run twice, or two fallbacks of
            one.
    """
    runs = tuple(one.run for one in data)
    zone = zone_of(runs, asked.zone)
    reader = reader_for(runs, asked, zone)
    for place, other in _legs(runs):
        if other is None:
            reader.read(place, data[place])
        else:
            reader.read_pair(place, data[place], other, data[other])
    return finished(reader, data, asked, zone)


def reader_for(runs: Sequence[RunRecord], asked: Asked, zone: tzinfo) -> Reader:
    """Give a reader for these runs.

    Raises:
        InvalidInput: no run, or runs in several currencies: their costs cannot be added.
    """
    currencies = sorted({run.currency for run in runs})
    if len(currencies) != 1:
        what = f"the runs are in {' and '.join(currencies)}; report on them apart" if runs else "there is no run"
        raise InvalidInput(f"nothing can be added up: {what}")
    rules, arms = asked.attribution, asked.scope.arms
    if arms is not None:
        rules = evolve(rules, codes={code: arm for code, arm in rules.codes.items() if arm in arms})
    book = OrderBook(() if asked.orders is None else asked.orders, currencies[0], rules)
    return Reader(book, asked.click_rules, Gate(asked.scope, zone), counts_people=len(runs) > 1)


def _legs(runs: Sequence[RunRecord]) -> Iterator[tuple[int, int | None]]:
    """Give the place of each run, with that of its fallback.

    Raises:
        InvalidInput: a run that is there twice, or runs of which one would be left out: a run has one fallback, and
            that has none.
    """
    places = {run.run_id: place for place, run in enumerate(runs)}
    if len(places) < len(runs):
        raise InvalidInput("a run is given twice; each of its messages would be counted twice")
    paired = [run for run in runs if run.fallback_of in places]
    fallbacks = {run.fallback_of: places[run.run_id] for run in paired}
    if len(fallbacks) < len(paired) or any(run.run_id in fallbacks for run in paired):
        raise InvalidInput("a run has one fallback at most, and a fallback has none; report on the others apart")
    for place, run in enumerate(runs):
        if run.fallback_of not in places:
            yield place, fallbacks.get(run.run_id)


def zone_of(runs: Sequence[RunRecord], name: str | None) -> tzinfo:
    """Give the zone that is asked for, or that of the first run that tells one; UTC when none does.

    Raises:
        InvalidInput: *name* is no time zone.
    """
    if name is not None:
        found = _zone(name)
        if found is None:
            raise InvalidInput(f"zone={name!r} is no time zone; give one such as 'Europe/Paris'")
        return found
    for run in runs:
        if (found := _zone_of_plan(run.plan)) is not None:
            return found
    return timezone.utc


def _zone_of_plan(plan: str) -> tzinfo | None:
    name = _record_of_plan(plan).get("zone")
    return _zone(name) if isinstance(name, str) else None


def _record_of_plan(plan: str) -> Mapping[str, object]:
    """Read the record of a plan; older plans, and runs without one, tell little or nothing in it."""
    try:
        told = json.loads(plan)
    except (ValueError, RecursionError):
        return {}
    record = cast("Mapping[str, object]", told).get("record") if isinstance(told, Mapping) else None
    return cast("Mapping[str, object]", record) if isinstance(record, Mapping) else {}


def _zone(name: str) -> tzinfo | None:
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        return None


def finished(reader: Reader, data: Sequence[RunData], asked: Asked, zone: tzinfo) -> Report:
    """Make the report of what was read."""
    runs = tuple(one.run for one in data)
    reader.close(runs)
    book, confirmation = reader.book, asked.confirmation_micros
    cells = Cells(runs, reader.tallies, zone, book.currency, confirmation, asked.hears)
    counts = reader.total.counts(book.currency, confirmation, hears=asked.hears)
    arms = tuple(_arms(cells))
    usual = RateBasis.DELIVERED if counts.tells_delivery or not counts.sent else RateBasis.SENT
    return Report(
        run_id=_together(run.run_id for run in runs),
        campaign=_together(run.campaign for run in runs),
        kind=runs[0].kind,
        sender=_together(run.sender for run in runs),
        at=min(run.at for run in runs).astimezone(zone),
        basis=asked.basis or usual,
        account=_account([one.account for one in data], counts),
        counts=counts,
        arms=arms,
        uplift=reader.uplift,
        visit_uplift=reader.visit_uplift,
        orders_given=None if asked.orders is None else book.given,
        joined=dict(book.joined),
        left_out={reason: count for reason in LeftOut if (count := book.left_out[reason])},
        median_click_s=median(reader.click_waits) / _MICROS if reader.click_waits else None,
        min_per_arm=asked.min_per_arm,
        experiment=asked.experiment,
        sequential=asked.sequential,
        benchmarks=asked.benchmarks or Benchmarks.named(DEFAULT_BENCHMARKS),
        notes=(*_of_draw(arms, runs, asked), *_notes(counts, data, reader, asked)),
        zone=_zone_name(zone),
        runs=runs,
        receipts=asked.receipts,
        people=len(set(reader.people)) if reader.counts_people else counts.sent,
        cells=cells,
    )


def _zone_name(zone: tzinfo) -> str:
    return zone.key if isinstance(zone, ZoneInfo) else "UTC"


def _together(words: Iterable[str]) -> str:
    return " + ".join(dict.fromkeys(words))


def _account(accounts: Sequence[Account | None], counts: Counts) -> Account:
    """Add up the accounts; the counts themselves make one where the store's is not given."""
    given = [account for account in accounts if account is not None]
    if len(given) < len(accounts):
        return Account(
            counts.planned, counts.sent, counts.rejected, counts.in_doubt, counts.cancelled, counts.remaining,
            counts.held_out, counts.parts, counts.cost_micros, counts.standby,
        )  # fmt: skip
    return Account(*map(sum, zip(*map(astuple, given), strict=True)))


def billed_note(more_parts: int) -> str:
    """Say that the carrier bills other parts than were planned."""
    word = "more" if more_parts > 0 else "fewer"
    return f"the carrier billed {abs(more_parts)} parts {word} than planned: what it says is in billed_parts"


def _arms(cells: Cells) -> Iterator[Arm]:
    arms = cells.by(Cut.ARM)
    for name, counts in arms.items():
        # Rows that are held out may be in no arm: that is not an arm without a name.
        if name or counts.planned or len(arms) == 1:
            yield Arm(name, counts)


# ---------------------------------------------------------------- notes


def _of_draw(arms: Sequence[Arm], runs: Sequence[RunRecord], asked: Asked) -> Iterator[str]:
    """Say when something other than chance made the arms; a narrowed report shows other sizes than the draw."""
    weights = _record_of_plan(runs[0].plan).get("weights")
    if not isinstance(weights, Mapping) or not asked.scope.is_whole or len({run.campaign for run in runs}) > 1:
        return
    drawn = {arm.name: arm.counts.planned for arm in arms}
    known = {
        name: float(weight)
        for name, weight in cast("Mapping[str, object]", weights).items()
        if isinstance(weight, int | float) and 0 < weight < inf
    }
    sizes = {name: drawn.get(name, 0) for name in known}
    # An arm that nobody is in has no rows, and is the last one to pass over.
    if set(drawn) <= set(known) and (warning := check_sample_ratio(sizes, weights=known).warning):
        yield warning


def _notes(counts: Counts, data: Sequence[RunData], reader: Reader, asked: Asked) -> Iterator[str]:
    if len(data) == 1 and asked.scope.is_whole and data[0].account is not None:
        yield from _changed(counts, data[0].account)
    if len({one.run.kind for one in data}) > 1:
        yield "messages of several kinds are counted together; report.by('kind') tells them apart"
    if counts.in_doubt:
        yield f"messages in doubt: {counts.in_doubt}; no answer of the carrier was recorded, they are in no rate"
    yield from _of_receipts(counts, asked)
    if not asked.hears and not (counts.repliers and counts.opted_out):
        yield "this transport hands on no answers: who replied or objected is not known"
    if more_parts := reader.total.more_parts:
        yield billed_note(more_parts)
    if counts.clickers > counts.delivered and counts.tells_delivery:
        yield "more messages were clicked than delivered: receipts are missing; take the rates of what was sent"
    if reader.unclaimed and asked.scope.is_whole:
        yield f"clicks, replies or oppositions without a message that was sent: {reader.unclaimed}"
    if reader.groups.forgotten:
        yield f"people who were forgotten are in neither group of the hold-out: {reader.groups.forgotten}"
    if asked.orders is not None:
        yield from _of_orders(asked.orders, reader.book)


def _changed(counts: Counts, account: Account) -> Iterator[str]:
    if counts.planned != account.planned or counts.held_out != account.held_out:
        yield (
            f"the ledger has {counts.planned} planned messages and the account {account.planned}: the run changed "
            f"while it was read; make the report again"
        )


def _of_receipts(counts: Counts, asked: Asked) -> Iterator[str]:
    if not counts.sent or counts.tells_delivery:
        return
    if asked.receipts is Receipts.NONE:
        yield "this transport tells no receipts: what was delivered is not known, and rates are of what was sent"
    else:
        yield "no receipt has come yet: what was delivered is not known, and rates are of what was sent"


def _of_orders(orders: Iterable[Order], book: OrderBook) -> Iterator[str]:
    if isinstance(orders, Orders) and orders.issues:
        first = orders.issues[0]
        yield (
            f"cells of the orders that could not be read: {len(orders.issues)}; the first is in row {first.row}, "
            f"column {first.column!r}; orders_from_rows(...).issues has all"
        )
    if not book.given:
        yield "there is no order to join"
    elif not book.names_somebody:
        yield "no order has a telephone, a code or a link: whether they came of these messages is not known"
    for reason, note in _LEFT_OUT.items():
        if count := book.left_out[reason]:
            yield note.format(count=count, currency=book.currency)


_LEFT_OUT = {
    LeftOut.EARLY: "orders before the message, put down to nothing: {count}",
    LeftOut.DUPLICATE: "orders that were given twice, counted once: {count}",
    LeftOut.CURRENCY: "orders in another currency than {currency}, in no figure: {count}; convert them first",
}
