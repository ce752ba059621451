"""The arms of an experiment, side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import Enum
from itertools import combinations
from typing import TypeVar

from attrs import field, frozen

from smskit.display import Line, Note, Shown, Table, View, grouped, percent
from smskit.display.words import THIN
from smskit.errors import InvalidInput
from smskit.metrics.benchmarks import Metric
from smskit.metrics.counts import Counts
from smskit.metrics.difference import Difference
from smskit.metrics.experiments import ALPHA, PEEKING, Against, ExperimentPlan
from smskit.metrics.inference import Interval, newcombe
from smskit.metrics.rates import Rate, RateBasis
from smskit.metrics.sequential import MIXTURE_SD, always_valid

T = TypeVar("T")


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
class ArmComparison(Shown):
    """One arm against another, the first unless all pairs were asked for.

    Args:
        baseline: the arm that is compared with.
        arm: the arm that is compared.
        metric: which rate.
        difference: arm minus baseline.
        p_adjusted: the p value, made larger for each further comparison that was made (Holm); None when there is
            nothing to test.
        outcome: what may be said.
        interval: of the points; Newcombe's, or the always-valid one of a sequential test. All intervals of one
            experiment hold together: with two comparisons each is one of 97.5 %. None when an arm is empty.
        size: what the smallest arm of the experiment has so far.
        planned: what each arm was to have; None when nothing was planned.
        is_sequential: whether the test may be looked at at any time.
        comparisons: how many were made.
    """

    baseline: str
    arm: str
    metric: Metric
    difference: Difference
    p_adjusted: float | None
    outcome: Outcome
    interval: Interval | None = field(default=None, kw_only=True)
    size: int = field(default=0, kw_only=True)
    planned: int | None = field(default=None, kw_only=True)
    is_sequential: bool = field(default=False, kw_only=True)
    comparisons: int = field(default=1, kw_only=True)

    @property
    def sentence(self) -> str:
        """All of it in one sentence; while it is too early there is no p value in it to be tempted by."""
        treated, control = self.difference.treated, self.difference.control
        what = f"{self.arm} against {self.baseline}, {self._named} of {treated.basis.value}: "
        shares = f"{percent(treated.value, digits=2)} against {percent(control.value, digits=2)}"
        if self.outcome is Outcome.TOO_EARLY:
            return f"{what}{shares} so far; {self._early}"
        points = self.difference.points
        if points is None or self.interval is None:
            return f"{what}{shares}; nothing can be told: an arm is empty, tells nothing or counts more than it has"
        relative = self.difference.relative
        more = "" if relative is None else f" ({percent(relative, signed=True)})"
        chance = "" if self.p_adjusted is None else f", {spoken_p(self.p_adjusted)}"
        return (
            f"{what}{shares}, {points * 100:+.2f} points{more}, between {self.interval.low * 100:+.2f} and "
            f"{self.interval.high * 100:+.2f}{chance}: {self.outcome.value}{self._so_far}"
        )

    @property
    def _named(self) -> str:
        return self.metric.value.replace("_", " ")

    @property
    def _early(self) -> str:
        planned = "" if self.planned is None else f" of the {grouped(self.planned)} planned"
        return f"{self.outcome.value}: the smallest arm has {grouped(self.size)}{planned}"

    @property
    def _so_far(self) -> str:
        is_open = self.is_sequential and self.outcome is Outcome.NOT_SHOWN
        return " so far" if is_open and (self.planned is None or self.size < self.planned) else ""

    def view(self) -> View:
        """Give what is to be seen."""
        rows = (
            (name, grouped(rate.denominator), percent(rate.value, digits=2), _spoken(rate.interval))
            for name, rate in ((self.baseline, self.difference.control), (self.arm, self.difference.treated))
        )
        table = Table(("arm", self.difference.treated.basis.value, self._named, f"95{THIN}% interval"), rows, "lrrr")
        return View(f"{self.arm} against {self.baseline}", table, Line(self.sentence), Note(*self._notes()))

    def _notes(self) -> Iterator[str]:
        if self.outcome is Outcome.TOO_EARLY:
            yield PEEKING
        elif self.planned is None and not self.is_sequential:
            yield f"no size was planned: this is worth one look. {PEEKING}"
        if self.comparisons > 1:
            yield f"p and interval make up for {self.comparisons} comparisons"


def compare_arms(
    arms: Sequence[Arm],
    metric: Metric,
    *,
    basis: RateBasis = RateBasis.SENT,
    plan: ExperimentPlan | None = None,
    min_per_arm: int | None = None,
    sequential: bool = False,
    against: Against | None = None,
) -> tuple[ArmComparison, ...]:
    """Compare each arm with the first, or all with each other.

    Args:
        arms: at least two, or nothing is compared.
        metric: CLICK_RATE, REPLY_RATE, CONVERSION_RATE, VISIT_RATE, OPT_OUT_RATE or DELIVERY_RATE.
        basis: what the rates are shares of; what was sent, because chance made the arms before anything arrived.
        plan: what was planned: the size, and how often a false alarm is accepted. Until each arm has the size the
            outcome is TOO_EARLY: looking ten times and stopping when it pleases makes 19 % of false alarms out of 5 %.
        min_per_arm: the size alone, where there is no plan.
        sequential: test so that one may look at any time (:func:`always_valid`, which looks for differences of the
            plan's effect, or of two points); nothing is too early then, and a true difference is found less often.
        against: which are compared; what the plan says, or each with the first.

    Raises:
        InvalidInput: another metric, or a basis that cannot be counted.
    """
    rates = [(arm.name, _rate(arm, metric, basis)) for arm in arms]
    pairs = tuple(paired(rates, against or (Against.FIRST if plan is None else plan.against)))
    if not pairs:
        return ()
    alpha = ALPHA if plan is None else plan.alpha
    confidence = 1 - alpha / len(pairs)
    differences = [Difference(rate, base) for (_, base), (_, rate) in pairs]
    if sequential:
        tests = [_at_any_time(one, confidence, plan) for one in differences]
    else:
        tests = [_at_the_end(one, confidence) for one in differences]
    planned = min_per_arm if plan is None else plan.per_arm
    size = min(rate.denominator for _, rate in rates)
    is_early = planned is not None and size < planned and not sequential
    return tuple(
        ArmComparison(
            base, name, metric, difference, p, judged(p, alpha, is_early=is_early),
            interval=interval, size=size, planned=planned, is_sequential=sequential, comparisons=len(pairs),
        )
        for ((base, _), (name, _)), difference, (_, interval), p in zip(
            pairs, differences, tests, holm([p for p, _ in tests]), strict=True
        )
    )  # fmt: skip


def paired(arms: Sequence[T], against: Against) -> Iterator[tuple[T, T]]:
    """Give what is compared, the baseline first; nothing of one arm."""
    if against is Against.EACH_OTHER:
        yield from combinations(arms, 2)
    else:
        yield from ((arms[0], arm) for arm in arms[1:])


def judged(p: float | None, alpha: float, *, is_early: bool) -> Outcome:
    """Give what may be said with this adjusted p value."""
    if is_early:
        return Outcome.TOO_EARLY
    return Outcome.DIFFERENT if p is not None and p < alpha else Outcome.NOT_SHOWN


def _at_the_end(difference: Difference, confidence: float) -> tuple[float | None, Interval | None]:
    treated, control = difference.treated, difference.control
    interval = newcombe(
        treated.numerator, treated.denominator, control.numerator, control.denominator, confidence=confidence
    )
    return difference.p_value, interval


def _at_any_time(
    difference: Difference, confidence: float, plan: ExperimentPlan | None
) -> tuple[float | None, Interval | None]:
    treated, control = difference.treated, difference.control
    looked_for = MIXTURE_SD if plan is None else abs(plan.effect)
    found = always_valid(
        treated.numerator, treated.denominator, control.numerator, control.denominator,
        mixture_sd=looked_for, confidence=confidence,
    )  # fmt: skip
    return (None, None) if found is None else (found.p_value, found.interval)


def _rate(arm: Arm, metric: Metric, basis: RateBasis) -> Rate:
    counts = arm.counts
    shares: Mapping[Metric, tuple[int, Callable[[RateBasis], Rate | None]]] = {
        Metric.DELIVERY_RATE: (counts.delivered, lambda basis: counts.rate(counts.delivered, basis)),
        Metric.CLICK_RATE: (counts.clickers, counts.click_rate),
        Metric.REPLY_RATE: (counts.repliers, counts.reply_rate),
        Metric.CONVERSION_RATE: (counts.conversions, counts.conversion_rate),
        Metric.OPT_OUT_RATE: (counts.opted_out, counts.opt_out_rate),
        Metric.VISIT_RATE: (counts.visitors, counts.visit_rate),
    }
    if metric not in shares:
        raise InvalidInput(f"arms cannot be compared by {metric.value} of {basis.value}: it is not counted")
    total, share = shares[metric]
    rate = share(basis)
    if rate is not None:
        return rate
    whole = counts.rate(0, basis)
    if whole is None and basis is not RateBasis.DELIVERED:
        raise InvalidInput(f"arms cannot be compared by {metric.value} of {basis.value}: it is not counted")
    # No share: more than there are is shown as it is and never tested; what nobody can know (no receipt yet, no link in
    # this arm) is a share of nothing, and not 0 %.
    size = 0 if whole is None else whole.denominator
    return Rate(total, size, basis) if total and size else Rate(0, 0, basis)


def spoken_p(p: float) -> str:
    """Write a p value: ``p = 0.0287``, and ``p < 0.0001`` for what would read as zero."""
    return "p < 0.0001" if p < 0.0001 else f"p = {p:.4f}"


def _spoken(interval: Interval | None) -> str | None:
    return None if interval is None else f"{percent(interval.low, digits=2)} – {percent(interval.high, digits=2)}"


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
