"""The figures of a run: counts, rates with what they are shares of, money, arms and hold-out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import Enum

from attrs import field, frozen

from smskit.kinds import Kind
from smskit.metrics.arms import Arm, ArmComparison, compare_arms
from smskit.metrics.attribution import Join, LeftOut
from smskit.metrics.benchmarks import Benchmarks, Metric, Standing, Threshold
from smskit.metrics.counts import Counts
from smskit.metrics.cuts import Cells, Cut, Slice, rate_of
from smskit.metrics.difference import Difference
from smskit.metrics.economics import Economics
from smskit.metrics.experiments import Against, ExperimentPlan
from smskit.metrics.rates import Rate, RateBasis
from smskit.metrics.reactivity import Reaction, Reactivity
from smskit.protocols import Receipts
from smskit.records import Account, RunRecord


class Heard(Enum):
    """What receipts have told."""

    NOTHING_SENT = "nothing was sent"
    NONE_YET = "no receipt yet"
    NONE_TOLD = "the transport tells none"
    SOME = "some receipts"
    ALL = "all receipts"


@frozen(kw_only=True, repr=False)
class Figures:
    """A run, or several, as it stood when it was counted; nothing in it changes afterwards.

    Args:
        run_id: of which run; the names of several are joined by a plus sign.
        campaign: of which campaign.
        kind: what its messages are for; of the first of several runs.
        sender: what handsets show.
        at: the time it was planned for, the earliest of several; in the zone.
        basis: what clicks, replies, conversions and oppositions are shares of, unless a method is told otherwise.
        account: the store's account of the run.
        counts: of all messages.
        arms: the same for each arm of the experiment; one with an empty name without one.
        uplift: conversions by telephone of the exposed against the held out; None without a hold-out or orders.
        visit_uplift: the same for visits to a shop.
        orders_given: how many orders and visits there were to join.
        joined: how the orders that were put down to messages found them.
        left_out: how many orders and visits were put down to no message, and why.
        median_click_s: seconds from the hand-over to the first click of a person, half of them sooner.
        min_per_arm: the planned size of an arm, None when none was planned.
        experiment: what was planned of the experiment; its size goes before *min_per_arm*.
        sequential: whether the arms may be looked at at any time.
        benchmarks: what the rates are held against.
        notes: what must be known to read the figures.
        zone: whose clocks times are shown by, such as ``Europe/Paris``.
        runs: which runs were counted.
        receipts: how the transport tells what became of a message; None when that is not known.
        people: how many numbers were sent to; a number that several runs were sent to counts once.
        cells: the smallest parts, from which every cut is made.
    """

    run_id: str
    campaign: str
    kind: Kind
    sender: str
    at: datetime
    basis: RateBasis
    account: Account
    counts: Counts
    arms: tuple[Arm, ...]
    uplift: Difference | None = None
    visit_uplift: Difference | None = None
    orders_given: int | None = None
    joined: Mapping[Join, int] = field(factory=dict[Join, int])
    left_out: Mapping[LeftOut, int] = field(factory=dict[LeftOut, int])
    median_click_s: float | None = None
    min_per_arm: int | None = None
    experiment: ExperimentPlan | None = None
    sequential: bool = False
    benchmarks: Benchmarks
    notes: tuple[str, ...] = ()
    zone: str = "UTC"
    runs: tuple[RunRecord, ...] = ()
    receipts: Receipts | None = None
    people: int | None = None
    cells: Cells = field(factory=Cells, eq=False)

    # ------------------------------------------------------------ rates

    @property
    def heard(self) -> Heard:
        """What receipts have told so far."""
        counts = self.counts
        if not counts.sent:
            return Heard.NOTHING_SENT
        if not counts.tells_delivery:
            return Heard.NONE_TOLD if self.receipts is Receipts.NONE else Heard.NONE_YET
        return Heard.SOME if counts.awaiting else Heard.ALL

    @property
    def delivery_rate(self) -> Rate | None:
        """Delivered of sent; None as long as no receipt has said anything."""
        return self.counts.delivery_rate

    @property
    def open_rate(self) -> Rate | None:
        """Opened of delivered; None without read receipts, which SMS does not have."""
        return self.counts.open_rate

    def click_rate(self, basis: RateBasis | None = None) -> Rate | None:
        """Messages whose link a person opened, of what *basis* names; None where that cannot be counted."""
        return self.counts.click_rate(basis or self.basis)

    def reply_rate(self, basis: RateBasis | None = None) -> Rate | None:
        """Messages that were answered, oppositions aside."""
        return self.counts.reply_rate(basis or self.basis)

    def conversion_rate(self, basis: RateBasis | None = None) -> Rate | None:
        """Messages that led to an order; None when no orders were given: that is not known, and not zero."""
        return None if self.orders_given is None else self.counts.conversion_rate(basis or self.basis)

    def opt_out_rate(self, basis: RateBasis | None = None) -> Rate | None:
        """Messages that were answered with STOP."""
        return self.counts.opt_out_rate(basis or self.basis)

    def visit_rate(self, basis: RateBasis | None = None) -> Rate | None:
        """Messages that led to a visit; None when no visits or orders were given."""
        return None if self.orders_given is None else self.counts.visit_rate(basis or self.basis)

    def retention_rate(self, basis: RateBasis = RateBasis.SENT) -> Rate | None:
        """Messages whose recipient can still be written to: no STOP came, and the number exists."""
        return self.counts.retention_rate(basis)

    @property
    def repurchase_rate(self) -> Rate | None:
        """Of the recipients who had bought before, those who bought again; None when nobody is known to have."""
        return self.conversion_rate(RateBasis.CUSTOMERS)

    def reactivity(self, reaction: Reaction = Reaction.ANY) -> Reactivity:
        """Say how soon people clicked, answered or bought, or did the first of them."""
        return self.counts.reactivity(reaction)

    @property
    def economics(self) -> Economics | None:
        """Cost and revenue; None when no orders were given."""
        return None if self.orders_given is None else self.counts.economics

    # ------------------------------------------------------------ judging

    def compare(
        self,
        metric: Metric | None = None,
        *,
        basis: RateBasis = RateBasis.SENT,
        sequential: bool | None = None,
        against: Against | None = None,
    ) -> tuple[ArmComparison, ...]:
        """Compare the arms by conversions, or by clicks when no orders were given; too early until the planned size.

        Without links either there is nothing to compare, unless *metric* says so.

        Args:
            metric: another rate.
            basis: what the rates are shares of.
            sequential: whether to test so that one may look at any time; None takes what the report was asked for.
            against: each with the first, or all with each other; None takes what was planned.

        Raises:
            InvalidInput: a metric that arms cannot be compared by.
        """
        if metric is None and self.orders_given is None and not self.counts.counts_clicks:
            return ()
        usual = Metric.CLICK_RATE if self.orders_given is None else Metric.CONVERSION_RATE
        return compare_arms(
            self.arms, metric or usual, basis=basis, plan=self.experiment, min_per_arm=self.min_per_arm,
            sequential=self.sequential if sequential is None else sequential, against=against,
        )  # fmt: skip

    def standings(self) -> Mapping[Metric, tuple[Threshold, Standing]]:
        """Say where the run stands against each threshold of the benchmarks."""
        return {one.metric: (one, self._standing(one)) for one in self.benchmarks.thresholds}

    def rate(self, metric: Metric, basis: RateBasis | None = None) -> Rate | None:
        """Give the rate of *metric*; None for what is not known, and for what is no rate."""
        return rate_of(self.counts, metric, basis or self.basis, has_orders=self.orders_given is not None)

    # ------------------------------------------------------------ cutting

    def by(self, cut: Cut | str) -> Mapping[str, Slice]:
        """Cut the report: ``report.by("hour")["18"].rate(Metric.CLICK_RATE)``; the slices add up to the report.

        Raises:
            InvalidInput: no such :class:`Cut`.
        """
        has_orders = self.orders_given is not None
        return {name: Slice(name, counts, self.basis, has_orders) for name, counts in self.cells.by(cut).items()}

    def _standing(self, threshold: Threshold) -> Standing:
        if threshold.metric is Metric.ROI_PERCENT:
            return threshold.standing(None if self.economics is None else self.economics.roi_percent)
        return threshold.standing(self.rate(threshold.metric, threshold.basis))
