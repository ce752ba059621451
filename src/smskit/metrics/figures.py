"""The figures of a run: counts, rates with what they are shares of, money, arms and hold-out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from attrs import field, frozen

from smskit.kinds import Kind
from smskit.metrics.arms import Arm, ArmComparison, compare_arms
from smskit.metrics.attribution import Join
from smskit.metrics.benchmarks import Benchmarks, Metric, Standing, Threshold
from smskit.metrics.counts import Counts
from smskit.metrics.difference import Difference
from smskit.metrics.economics import Economics
from smskit.metrics.rates import Rate, RateBasis
from smskit.records import Account


@frozen(kw_only=True, repr=False)
class Figures:
    """A run as it stood when it was counted; nothing in it changes afterwards.

    Args:
        run_id: of which run.
        campaign: of which campaign.
        kind: what its messages are for.
        sender: what handsets show.
        at: the time it was planned for.
        basis: what clicks, replies, conversions and oppositions are shares of, unless a method is told otherwise.
        account: the store's account of the run.
        counts: of all messages.
        arms: the same for each arm of the experiment; one with an empty name without one.
        uplift: conversions by telephone of the exposed against the held out; None without a hold-out or orders.
        orders_given: how many orders there were to join.
        joined: how the orders that were put down to messages found them.
        median_click_s: seconds from the hand-over to the first click of a person, half of them sooner.
        min_per_arm: the planned size of an arm, None when none was planned.
        benchmarks: what the rates are held against.
        notes: what must be known to read the figures.
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
    orders_given: int | None = None
    joined: Mapping[Join, int] = field(factory=dict[Join, int])
    median_click_s: float | None = None
    min_per_arm: int | None = None
    benchmarks: Benchmarks
    notes: tuple[str, ...] = ()

    # ------------------------------------------------------------ rates

    @property
    def delivery_rate(self) -> Rate:
        """Delivered of sent."""
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

    @property
    def economics(self) -> Economics | None:
        """Cost and revenue; None when no orders were given."""
        return None if self.orders_given is None else self.counts.economics

    # ------------------------------------------------------------ judging

    def compare(self, metric: Metric | None = None, *, basis: RateBasis = RateBasis.SENT) -> tuple[ArmComparison, ...]:
        """Compare each arm with the first; by conversions, or by clicks when no orders were given.

        Without links either there is nothing to compare, unless *metric* says so.

        Raises:
            InvalidInput: a metric that arms cannot be compared by.
        """
        if metric is None and self.orders_given is None and not self.counts.counts_clicks:
            return ()
        usual = Metric.CLICK_RATE if self.orders_given is None else Metric.CONVERSION_RATE
        return compare_arms(self.arms, metric or usual, basis=basis, min_per_arm=self.min_per_arm)

    def standings(self) -> Mapping[Metric, tuple[Threshold, Standing]]:
        """Say where the run stands against each threshold of the benchmarks."""
        return {one.metric: (one, self._standing(one)) for one in self.benchmarks.thresholds}

    def rate(self, metric: Metric, basis: RateBasis | None = None) -> Rate | None:
        """Give the rate of *metric*; None for what is not known, and for what is no rate."""
        if metric is Metric.DELIVERY_RATE:
            return self.delivery_rate
        if metric is Metric.OPEN_RATE:
            return self.open_rate
        rates = {
            Metric.CLICK_RATE: self.click_rate,
            Metric.REPLY_RATE: self.reply_rate,
            Metric.CONVERSION_RATE: self.conversion_rate,
            Metric.OPT_OUT_RATE: self.opt_out_rate,
        }
        return rates[metric](basis) if metric in rates else None

    def _standing(self, threshold: Threshold) -> Standing:
        if threshold.metric is Metric.ROI_PERCENT:
            return threshold.standing(None if self.economics is None else self.economics.roi_percent)
        return threshold.standing(self.rate(threshold.metric, threshold.basis))
