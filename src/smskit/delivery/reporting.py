"""Reports out of a store: over one run, or over any period, campaign, channel, sender and segment."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timezone
from decimal import Decimal
from os import PathLike
from typing import TYPE_CHECKING, cast

from smskit.contacts import Contacts, SegmentContext
from smskit.delivery.channels import second_of
from smskit.delivery.orders import read_orders
from smskit.errors import InvalidInput
from smskit.kinds import Channel, Kind, RunState
from smskit.metrics import (
    Asked,
    Attribution,
    Benchmarks,
    ClickRules,
    ExperimentPlan,
    Order,
    RateBasis,
    Report,
    RunData,
    Scope,
    Segments,
    report_on,
    zone_of,
)

if TYPE_CHECKING:
    from smskit.protocols import Receipts, Skims, Store
    from smskit.records import RunRecord

OrdersGiven = str | PathLike[str] | Iterable[Order]
"""A file of orders, or orders."""


def report(
    store: Store,
    campaign: str | Collection[str] | None = None,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    channel: Channel | None = None,
    sender: str | None = None,
    kind: Kind | None = None,
    arms: str | Collection[str] | None = None,
    hours: int | Collection[int] | None = None,
    segment: Contacts | Collection[int] | None = None,
    segments: Mapping[str, Contacts] | Segments | None = None,
    orders: OrdersGiven | None = None,
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
    region: str = "FR",
) -> Report:
    """Count what became of the runs in a store: all of them, or those that are named.

    A run over RCS and its SMS fallback are counted as the people that they were to, each once. Runs of several
    campaigns are counted together and can be told apart with :meth:`~smskit.metrics.Report.by`; an order belongs to the
    last message that its buyer got before.

    Args:
        store: where the runs are.
        campaign: one, or several; None takes every campaign.
        since: what was handed over from then on; aware.
        until: what was handed over before then; aware.
        channel: over this channel only.
        sender: by this sender only.
        kind: of this kind only.
        arms: of these arms of the experiment only.
        hours: handed over in these hours of the day only, by the clocks of *zone*.
        segment: only to those in ``contacts.where(…)``, or to these numbers.
        segments: ``{"loyal": contacts.where(…)}``, to cut by; only those in one are counted, and who is in several is
            in the first. Or a word for each number, as a mapping or a function; None leaves a number out.
        orders: a file of orders, or :class:`~smskit.metrics.Order` values; None means not known.
        attribution: how orders are put down to messages; None takes a week, by link and telephone.
        basis: what rates are shares of; None takes what was delivered, or what was sent before any receipt came.
        confirmation_price: price of one confirmation of an opposition; None adds nothing.
        min_per_arm: the planned size of an arm.
        experiment: what was planned of the experiment, with its size.
        sequential: test the arms so that one may look at any time.
        benchmarks: what the rates are held against.
        click_rules: by which clicks of machines are known.
        receipts: how the transport tells what became of a message, ``transport.features.receipts``.
        hears: whether the transport hands on what people answer, ``transport.features.replies``; otherwise no reply and
            no STOP is unknown, and not zero.
        zone: whose clocks count, such as ``"Europe/Paris"``; None takes that of the first campaign.
        region: whose national forms of telephone numbers are understood in a file of orders.

    Raises:
        InvalidInput: no run fits, or the runs are in several currencies.
        UnreadableFile: the orders cannot be read.
        NaiveDatetime: an instant without a zone.
    """
    runs = [
        run
        for run in _runs_of(store, campaign)
        if run.state is not RunState.LOADING
        and (channel is None or run.channel is channel)
        and (sender is None or run.sender == sender)
        and (kind is None or run.kind is kind)
        and (until is None or run.at < until)
    ]
    if not runs:
        raise InvalidInput("there is no run to report on; store.runs() lists those that there are")
    scope = Scope(
        since=since, until=until, arms=arms, hours=hours, numbers=_numbers(segment, store, runs, zone),
        segments=_words(segments, store, runs, zone),
    )  # fmt: skip
    asked = Asked(
        orders=orders_of(orders, runs, zone, region), attribution=attribution or Attribution(), basis=basis,
        confirmation_price=confirmation_price, min_per_arm=min_per_arm, experiment=experiment, sequential=sequential,
        benchmarks=benchmarks,
        click_rules=click_rules or ClickRules.default(), receipts=receipts, hears=hears, zone=zone, scope=scope,
    )  # fmt: skip
    return report_on([data_of(store, run) for run in runs], asked)


def _runs_of(store: Store, campaign: str | Collection[str] | None) -> Sequence[RunRecord]:
    if campaign is None or isinstance(campaign, str):
        return store.runs(campaign)
    return sorted((run for one in dict.fromkeys(campaign) for run in store.runs(one)), key=lambda run: run.created_at)


def with_fallback(store: Store, run: RunRecord) -> tuple[RunRecord, ...]:
    """Give a run, and behind it the one that takes the place of what did not arrive."""
    second = second_of(store, run)
    return (run,) if second is None else (run, second)


def data_of(store: Store, run: RunRecord) -> RunData:
    """Give a run as reports are counted from it, read the quickest way that the store has."""
    if hasattr(store, "skim_sends"):
        skims = cast("Skims", store)
        sends, events = skims.skim_sends(run.run_id), skims.skim_responses(run.run_id)
        return RunData(run, sends, events, store.account(run.run_id))
    return RunData(run, store.sends(run.run_id), store.events(run.run_id), store.account(run.run_id))


def orders_of(
    orders: OrdersGiven | None, runs: Sequence[RunRecord], zone: str | None = None, region: str = "FR"
) -> Iterable[Order] | None:
    """Read orders where a file is given; times and amounts in it are those of the runs."""
    if not isinstance(orders, (str, PathLike)):
        return orders
    return read_orders(orders, region=region, currency=runs[0].currency, zone=zone_of(runs, zone))


# ---------------------------------------------------------------- segments


def _numbers(
    segment: Contacts | Collection[int] | None, store: Store, runs: Sequence[RunRecord], zone: str | None
) -> Collection[int] | None:
    if isinstance(segment, Contacts):
        return numbers_in(segment, store, runs, zone)
    return None if segment is None else frozenset(segment)


def _words(
    segments: Mapping[str, Contacts] | Segments | None, store: Store, runs: Sequence[RunRecord], zone: str | None
) -> Segments | None:
    if segments is None or callable(segments):
        return segments
    words: dict[int, str] = {}
    for name, one in segments.items():
        if isinstance(name, str) and isinstance(one, Contacts):
            for number in numbers_in(one, store, runs, zone):
                words.setdefault(number, name)
        elif isinstance(name, int) and isinstance(one, str):
            words[name] = one
    return words


def numbers_in(contacts: Contacts, store: Store, runs: Sequence[RunRecord], zone: str | None = None) -> frozenset[int]:
    """Give the numbers of contacts, those in their segments; days are counted from the first run."""
    first = runs[0].at if runs else datetime.now(timezone.utc)
    at = first.astimezone(zone_of(runs, zone))
    wants_engagement = any(segment.needs_engagement for segment in contacts.segments)
    found: set[int] = set()
    for batch in contacts.batches():
        engagement = store.engagement(batch.numbers) if wants_engagement else None
        context = SegmentContext(at, contacts.resolve, engagement, contacts.tags)
        masks = [segment.mask(batch, context) for segment in contacts.segments]
        found.update(number for number, *flags in zip(batch.numbers, *masks, strict=True) if number and all(flags))
    return frozenset(found)
