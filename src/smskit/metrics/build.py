"""Making a report out of what the store remembers of a run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from statistics import median

from smskit.metrics.arms import Arm
from smskit.metrics.attribution import Attribution, OrderBook
from smskit.metrics.benchmarks import Benchmarks
from smskit.metrics.counts import Counts
from smskit.metrics.orders import Order, Orders
from smskit.metrics.rates import RateBasis
from smskit.metrics.report import Report
from smskit.metrics.responses import Responses
from smskit.metrics.tally import RunTally
from smskit.money import to_micros
from smskit.records import Account, Event, RunRecord, Send

DEFAULT_BENCHMARKS = "smsmode-2025"


def build_report(
    run: RunRecord,
    sends: Iterable[Send],
    events: Iterable[Event],
    account: Account,
    /,
    *,
    orders: Iterable[Order] | None = None,
    attribution: Attribution | None = None,
    basis: RateBasis = RateBasis.DELIVERED,
    confirmation_price: str | Decimal | None = None,
    min_per_arm: int | None = None,
    benchmarks: Benchmarks | None = None,
) -> Report:
    """Count what became of a run.

    The sends are read once and none is kept; what came back and what was ordered is.

    Args:
        run: of which run.
        sends: its ledger, as it stands.
        events: what came back: clicks, replies, oppositions. Receipts among them are passed over, the sends have
            them already.
        account: the store's account, which the counts are checked against.
        orders: what was bought; None means not known, and an empty list means nothing.
        attribution: how orders are put down to messages; None takes a window of seven days, by link and number.
        basis: what clicks, replies, conversions and oppositions are shares of.
        confirmation_price: price of one confirmation of an opposition, such as ``"0.045"``; None adds nothing.
        min_per_arm: the planned size of an arm; until each has it, arms are not judged.
        benchmarks: what the rates are held against; None takes ``smsmode-2025``.

    Raises:
        InvalidInput: an order in another currency than the run's, or *confirmation_price* is no amount.
    """
    confirmation = 0 if confirmation_price is None else to_micros(confirmation_price, "confirmation_price")
    book = OrderBook(() if orders is None else orders, run.currency, attribution or Attribution())
    tally = RunTally(run.at, book, Responses(run.run_id, events))
    tally.read(sends)
    counts = tally.total.counts(run.currency, confirmation)
    return Report(
        run_id=run.run_id,
        campaign=run.campaign,
        kind=run.kind,
        sender=run.sender,
        at=run.at,
        basis=basis,
        account=account,
        counts=counts,
        arms=tuple(_arms(tally, run.currency, confirmation)),
        uplift=tally.uplift,
        orders_given=None if orders is None else len(book),
        joined=dict(book.joined),
        median_click_s=median(tally.waits) if tally.waits else None,
        min_per_arm=min_per_arm,
        benchmarks=benchmarks or Benchmarks.named(DEFAULT_BENCHMARKS),
        notes=tuple(_notes(counts, account, tally, orders)),
    )


def billed_note(more_parts: int) -> str:
    """Say that the carrier bills other parts than were planned."""
    word = "more" if more_parts > 0 else "fewer"
    return f"the carrier billed {abs(more_parts)} parts {word} than planned: what it says is in billed_parts"


def _arms(tally: RunTally, currency: str, confirmation_micros: int) -> Iterator[Arm]:
    for name, arm in sorted(tally.arms.items()):
        counts = arm.counts(currency, confirmation_micros)
        # Rows that are held out may be in no arm: that is not an arm without a name.
        if name or counts.planned or len(tally.arms) == 1:
            yield Arm(name, counts)


def _notes(counts: Counts, account: Account, tally: RunTally, orders: Iterable[Order] | None) -> Iterator[str]:
    if counts.planned != account.planned or counts.held_out != account.held_out:
        yield (
            f"the ledger has {counts.planned} planned messages and the account {account.planned}: the run changed "
            f"while it was read; make the report again"
        )
    if counts.in_doubt:
        yield f"messages in doubt: {counts.in_doubt}; no answer of the carrier was recorded, they are in no rate"
    if tally.more_parts:
        yield billed_note(tally.more_parts)
    if counts.clickers > counts.delivered:
        yield "more messages were clicked than delivered: receipts are missing; take the rates of what was sent"
    if tally.responses.unclaimed:
        yield f"clicks, replies or oppositions without a message that was sent: {tally.responses.unclaimed}"
    if isinstance(orders, Orders) and orders.issues:
        yield f"cells of the orders that could not be read: {len(orders.issues)}; look at orders.issues"
    if orders is not None and not len(tally.book):
        yield "there is no order to join"
