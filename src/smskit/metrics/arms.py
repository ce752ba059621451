"""The arms of an experiment, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

from attrs import frozen

from smskit.errors import InvalidInput
from smskit.metrics.benchmarks import Metric
from smskit.metrics.counts import Counts
from smskit.metrics.difference import Difference
from smskit.metrics.inference import CONFIDENCE
from smskit.metrics.rates import Rate, RateBasis


@frozen
class Arm:
    """One arm of an experiment; the name is empty for a run without one."""

    name: str
    counts: Counts


class Outcome(Enum):
    """What may be said of two arms."""

    TOO_EARLY = "too early to tell"
    DIFFERENT = "different"
    NOT_SHOWN = "no difference shown"


@frozen
class ArmComparison:
    """One arm against the first.

    Args:
        baseline: the arm that is compared with.
        arm: the arm that is compared.
        metric: which rate.
        difference: arm minus baseline.
        p_adjusted: the p value, made larger for each further arm that was looked at (Holm); None when there is
            nothing to test.
        outcome: what may be said.
    """

    baseline: str
    arm: str
    metric: Metric
    difference: Difference
    p_adjusted: float | None
    outcome: Outcome


def compare_arms(
    arms: Sequence[Arm], metric: Metric, *, basis: RateBasis = RateBasis.SENT, min_per_arm: int | None = None
) -> tuple[ArmComparison, ...]:
    """Compare each arm with the first.

    Args:
        arms: at least two, or nothing is compared.
        metric: CLICK_RATE, REPLY_RATE, CONVERSION_RATE, OPT_OUT_RATE or DELIVERY_RATE.
        basis: what the rates are shares of; what was sent, because chance made the arms before anything arrived.
        min_per_arm: the size that was planned (:func:`sample_size`). Until each arm has it the outcome is TOO_EARLY:
            looking ten times and stopping when it pleases makes 19 % of false alarms out of 5 %.

    Raises:
        InvalidInput: another metric, or a basis that cannot be counted.
    """
    if len(arms) < 2:
        return ()
    first, *others = arms
    differences = [Difference(_rate(arm, metric, basis), _rate(first, metric, basis)) for arm in others]
    adjusted = holm([difference.p_value for difference in differences])
    is_early = min_per_arm is not None and min(arm.counts.sent for arm in arms) < min_per_arm
    return tuple(
        ArmComparison(first.name, arm.name, metric, difference, p, _outcome(p, is_early=is_early))
        for arm, difference, p in zip(others, differences, adjusted, strict=True)
    )


def _outcome(p: float | None, *, is_early: bool) -> Outcome:
    if is_early:
        return Outcome.TOO_EARLY
    return Outcome.DIFFERENT if p is not None and p < 1 - CONFIDENCE else Outcome.NOT_SHOWN


def _rate(arm: Arm, metric: Metric, basis: RateBasis) -> Rate:
    counts = arm.counts
    numerators = {
        Metric.DELIVERY_RATE: counts.delivered,
        Metric.CLICK_RATE: counts.clickers,
        Metric.REPLY_RATE: counts.repliers,
        Metric.CONVERSION_RATE: counts.conversions,
        Metric.OPT_OUT_RATE: counts.opted_out,
    }
    rate = counts.rate(numerators[metric], basis) if metric in numerators else None
    if rate is None:
        raise InvalidInput(f"arms cannot be compared by {metric.value} of {basis.value}: it is not counted")
    return rate


def holm(p_values: Sequence[float | None], /) -> tuple[float | None, ...]:
    """Adjust p values for having looked at all of them; None stays None and counts for nothing.

    Source: Holm, Scandinavian Journal of Statistics 6 (1979), 65-70.
    """
    tested = sorted((p, place) for place, p in enumerate(p_values) if p is not None)
    adjusted: list[float | None] = [None] * len(p_values)
    largest = 0.0
    for rank, (p, place) in enumerate(tested):
        largest = max(largest, min(1.0, p * (len(tested) - rank)))
        adjusted[place] = largest
    return tuple(adjusted)
