"""What recipients spent, arm by arm: the mean and how sure it is, by Welch's t or by drawing again.

Amounts are whole micros and their sums are exact; what is estimated of money is a Decimal. Only p values are floats.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal, localcontext
from enum import Enum
from fractions import Fraction
from math import sqrt

from attrs import field, frozen

from smskit.display import Line, Note, Shown, Table, View, decimals, grouped
from smskit.display.words import DASH
from smskit.errors import InvalidInput
from smskit.metrics.arms import Outcome, holm, judged, paired, spoken_p
from smskit.metrics.bootstrap import REPLICATES, redrawn_difference
from smskit.metrics.counts import Counts
from smskit.metrics.distributions import student_beyond, student_critical
from smskit.metrics.experiments import ALPHA, Against
from smskit.metrics.inference import CONFIDENCE
from smskit.money import MICROS, Money


@frozen
class MoneyInterval:
    """Where a true amount lies; exact to the millionth."""

    low: Decimal
    high: Decimal
    currency: str = "EUR"

    def __contains__(self, amount: Decimal | int) -> bool:
        return self.low <= amount <= self.high

    def __str__(self) -> str:
        return f"{_money(self.low)} to {_money(self.high)} {self.currency}"


@frozen
class Takings:
    """What the recipients of one arm spent, in sums that can be added up: ``Takings.of(1000, ["22.00", "8.50"])``.

    Args:
        recipients: everybody, those who bought nothing too.
        buyers: those with an amount.
        micros: the sum of their amounts, in millionths.
        squares: the sum of the squares of their amounts, in millionths of millionths.
        currency: of the amounts.
        amounts: each buyer's amount in millionths, for drawing again; empty where only the sums were kept.
    """

    recipients: int
    buyers: int = 0
    micros: int = 0
    squares: int = 0
    currency: str = "EUR"
    amounts: tuple[int, ...] = field(default=(), repr=False, kw_only=True)

    def __attrs_post_init__(self) -> None:
        if not 0 <= self.buyers <= self.recipients:
            raise InvalidInput(f"{self.buyers} buyers of {self.recipients} recipients: there cannot be more")
        if self.amounts and len(self.amounts) != self.buyers:
            raise InvalidInput(f"{len(self.amounts)} amounts of {self.buyers} buyers: give all of them, or none")

    @classmethod
    def of(cls, recipients: int, spent: Iterable[str | int | Decimal | Money], *, currency: str = "EUR") -> Takings:
        """Count what was spent.

        Args:
            recipients: everybody, those who bought nothing too.
            spent: one amount for each buyer, all orders together; a refund may make it negative.
            currency: of the amounts that are not Money.

        Raises:
            InvalidInput: an amount that is none or in another currency, or more buyers than recipients.
        """
        amounts = tuple(_micros(amount, currency) for amount in spent)
        squares = sum(amount * amount for amount in amounts)
        return cls(recipients, len(amounts), sum(amounts), squares, currency, amounts=amounts)

    @classmethod
    def of_counts(cls, counts: Counts, /) -> Takings:
        """Take the sums of a run or of an arm: ``{arm.name: Takings.of_counts(arm.counts) for arm in report.arms}``.

        Recipients are the messages that were sent. The amounts themselves are not kept by a report.
        """
        # Orders with a code of the campaign and no known buyer can be more than the messages.
        buyers = min(counts.conversions, counts.sent)
        return cls(counts.sent, buyers, counts.revenue_micros, counts.revenue_squares, counts.currency)

    @property
    def mean(self) -> Decimal | None:
        """What one recipient spent on average; None without recipients."""
        return _exact(Fraction(self.micros, self.recipients * MICROS)) if self.recipients else None

    @property
    def variance(self) -> Fraction | None:
        """The unbiased variance over all recipients, in millionths squared.

        None of fewer than two recipients, and of sums that no amounts can have: orders with a code that nobody in
        particular was sent can be more than the recipients.
        """
        if self.recipients < 2:
            return None
        spread = self.squares - Fraction(self.micros**2, self.recipients)
        return None if spread < 0 else spread / (self.recipients - 1)

    def __add__(self, other: Takings) -> Takings:
        if self.currency != other.currency:
            raise InvalidInput(f"takings in {self.currency} and in {other.currency} cannot be added up; convert one")
        # Amounts are only worth keeping when there is one for each buyer.
        amounts = self.amounts + other.amounts
        buyers = self.buyers + other.buyers
        return Takings(
            self.recipients + other.recipients, buyers, self.micros + other.micros, self.squares + other.squares,
            self.currency, amounts=amounts if len(amounts) == buyers else (),
        )  # fmt: skip


class RevenueTest(Enum):
    """How sure a difference of means is, and by what.

    ``WELCH`` needs the sums alone. ``BOOTSTRAP`` needs each buyer's amount and asks nothing of their distribution; it
    needs two buyers in each arm. Where both can be had they agree but for the tails; an interval of either holds the
    true difference somewhat less often than it says when one arm is small and a few of its buyers spend most of it.
    """

    WELCH = "Welch's t"
    BOOTSTRAP = "bootstrap"


@frozen
class MeanDifference:
    """How much more a recipient of *treated* spends than one of *control*; both are groups that chance made."""

    treated: Takings
    control: Takings

    def __attrs_post_init__(self) -> None:
        if self.treated.currency != self.control.currency:
            raise InvalidInput(
                f"revenue in {self.treated.currency} and in {self.control.currency} cannot be compared; convert one"
            )

    @property
    def amount(self) -> Decimal | None:
        """Treated minus control, for each recipient; None when one of them is empty."""
        difference = self._micros
        return None if difference is None else _exact(difference / MICROS)

    @property
    def p_value(self) -> float | None:
        """How often chance alone makes such a difference, by Welch's t; None when there is nothing to test."""
        terms = self._welch
        if terms is None:
            return None
        difference, variance, freedom = terms
        return student_beyond(sqrt(difference * difference / variance), freedom)

    @property
    def interval(self) -> MoneyInterval | None:
        """Welch's 95 % interval of :attr:`amount`; None when there is nothing to test.

        Source: Welch, Biometrika 34 (1947), 28-35; the degrees of freedom are Satterthwaite's.
        """
        return self.interval_at(CONFIDENCE)

    def interval_at(self, confidence: float) -> MoneyInterval | None:
        """Give Welch's interval for another confidence, 0.9 for 90 %."""
        return self._interval(confidence, 1)

    @property
    def incremental(self) -> Decimal | None:
        """What all of the treated spent that they would not have spent otherwise."""
        difference = self._micros
        return None if difference is None else _exact(difference * self.treated.recipients / MICROS)

    @property
    def incremental_interval(self) -> MoneyInterval | None:
        """The 95 % interval of :attr:`incremental`."""
        return self._interval(CONFIDENCE, self.treated.recipients)

    def _interval(self, confidence: float, size: int) -> MoneyInterval | None:
        terms = self._welch
        if terms is None:
            return None
        difference, variance, freedom = terms
        half = _root(variance) * Fraction(student_critical(confidence, freedom))
        low, high = (bound * size / MICROS for bound in (difference - half, difference + half))
        return MoneyInterval(to_the_micro(low), to_the_micro(high), self.treated.currency)

    @property
    def _micros(self) -> Fraction | None:
        if not self.treated.recipients or not self.control.recipients:
            return None
        mean = Fraction(self.treated.micros, self.treated.recipients)
        return mean - Fraction(self.control.micros, self.control.recipients)

    @property
    def _welch(self) -> tuple[Fraction, Fraction, float] | None:
        """Give the difference, the square of its error and the degrees of freedom."""
        difference, one, other = self._micros, self.treated.variance, self.control.variance
        if difference is None or one is None or other is None:
            return None
        of_one, of_other = one / self.treated.recipients, other / self.control.recipients
        variance = of_one + of_other
        if not variance:
            return None
        share = of_one**2 / (self.treated.recipients - 1) + of_other**2 / (self.control.recipients - 1)
        return difference, variance, float(variance**2 / share)


@frozen
class RevenueComparison(Shown):
    """Revenue per recipient of one arm against another.

    Args:
        baseline: the arm that is compared with.
        arm: the arm that is compared.
        difference: arm minus baseline.
        interval: of the difference, for each recipient; all intervals of one experiment hold together. None when
            there is nothing to test.
        p_adjusted: the p value, made larger for each further comparison (Holm); None when there is nothing to test.
        outcome: what may be said.
        test: what interval and p were made by.
        planned: what each arm was to have; None when nothing was planned.
    """

    baseline: str
    arm: str
    difference: MeanDifference
    interval: MoneyInterval | None
    p_adjusted: float | None
    outcome: Outcome
    test: RevenueTest
    planned: int | None = None

    @property
    def sentence(self) -> str:
        """All of it in one sentence; while it is too early there is no p value in it."""
        treated, control = self.difference.treated, self.difference.control
        shown = f"{_money(treated.mean)} against {_money(control.mean)} {treated.currency}"
        what = f"{self.arm} against {self.baseline}, revenue per recipient: {shown}"
        if self.outcome is Outcome.TOO_EARLY:
            size = min(treated.recipients, control.recipients)
            return f"{what} so far; {self.outcome.value}: {grouped(size)} of the {grouped(self.planned or 0)} planned"
        if self.interval is None or self.p_adjusted is None:
            return f"{what}; nothing can be told: too few recipients or buyers"
        amounts = (self.difference.amount, self.interval.low, self.interval.high)
        more, low, high = (_money(amount, signed=True) for amount in amounts)
        return (
            f"{what}, {more} each, between {low} and {high} by {self.test.value}, {spoken_p(self.p_adjusted)}: "
            f"{self.outcome.value}"
        )

    def view(self) -> View:
        """Give what is to be seen."""
        groups = ((self.baseline, self.difference.control), (self.arm, self.difference.treated))
        rows = [
            (name, one.recipients, one.buyers, _money(Decimal(one.micros) / MICROS), _money(one.mean))
            for name, one in groups
        ]
        headers = ("arm", "recipients", "buyers", f"revenue, {self.difference.treated.currency}", "per recipient")
        note = Note() if self.planned else Note("no size was planned: this is worth one look, and not one each day")
        return View(f"{self.arm} against {self.baseline}", Table(headers, rows, "lrrrr"), Line(self.sentence), note)


def compare_revenue(
    arms: Mapping[str, Takings],
    *,
    test: RevenueTest = RevenueTest.WELCH,
    alpha: float = ALPHA,
    min_per_arm: int | None = None,
    against: Against = Against.FIRST,
    seed: int = 0,
    replicates: int = REPLICATES,
) -> tuple[RevenueComparison, ...]:
    """Compare revenue per recipient of each arm with that of the first, or of all pairs.

    There is no sequential test of revenue: look once, when each arm has its size.

    Args:
        arms: what the recipients of each arm spent, those who bought nothing among them.
        test: Welch's t, or drawing again, which takes a second for two arms of 5000 buyers and longer with more.
        alpha: how often a difference is found where there is none, all comparisons together.
        min_per_arm: the size that was planned; until each arm has it the outcome is TOO_EARLY.
        against: which arms are compared with which.
        seed: of the bootstrap; the same seed gives the same answer.
        replicates: how often the bootstrap draws.

    Returns:
        One for each pair; nothing of a single arm.

    Raises:
        InvalidInput: several currencies, or a bootstrap of takings whose amounts were not kept.
    """
    pairs = tuple(paired(list(arms.items()), against))
    if not pairs:
        return ()
    confidence = 1 - alpha / len(pairs)
    differences = [MeanDifference(treated, control) for (_, control), (_, treated) in pairs]
    if test is RevenueTest.WELCH:
        tests = [(one.p_value, one.interval_at(confidence)) for one in differences]
    else:
        tests = [_redrawn(one, confidence, seed + place, replicates) for place, one in enumerate(differences)]
    is_early = min_per_arm is not None and min(one.recipients for one in arms.values()) < min_per_arm
    return tuple(
        RevenueComparison(
            base, name, difference, interval, p, judged(p, alpha, is_early=is_early), test, min_per_arm
        )
        for ((base, _), (name, _)), difference, (_, interval), p in zip(
            pairs, differences, tests, holm([p for p, _ in tests]), strict=True
        )
    )  # fmt: skip


def _redrawn(
    difference: MeanDifference, confidence: float, seed: int, replicates: int
) -> tuple[float | None, MoneyInterval | None]:
    treated, control = difference.treated, difference.control
    for one in (treated, control):
        if len(one.amounts) != one.buyers:
            raise InvalidInput("drawing again needs each buyer's amount: make the takings with Takings.of(...)")
    found = redrawn_difference(
        (treated.amounts, treated.recipients), (control.amounts, control.recipients),
        confidence=confidence, seed=seed, replicates=replicates,
    )  # fmt: skip
    if found is None:
        return None, None
    low, high = (to_the_micro(bound / MICROS) for bound in (found.low, found.high))
    return found.p_value, MoneyInterval(low, high, treated.currency)


def _micros(amount: str | int | Decimal | Money, currency: str) -> int:
    if isinstance(amount, Money):
        if amount.currency != currency:
            raise InvalidInput(f"an amount in {amount.currency} among takings in {currency}; convert it first")
        return amount.micros
    try:
        micros = Decimal(amount) * MICROS
        whole = int(micros)
    except (ArithmeticError, TypeError, ValueError):
        raise InvalidInput(f"{amount!r} is not an amount; write it with a point, for example '22.00'") from None
    if isinstance(amount, (bool, float)) or whole != micros:
        raise InvalidInput(f"{amount!r} is not an exact amount; write it in quotes, for example '22.00'")
    return whole


def _exact(value: Fraction) -> Decimal:
    with localcontext() as context:
        context.prec = 28  # whatever the program around us works with
        return Decimal(value.numerator) / Decimal(value.denominator)


def to_the_micro(value: Fraction) -> Decimal:
    """Give an amount to the millionth."""
    with localcontext() as context:
        context.prec = 60
        return Decimal(round(value * MICROS)) / MICROS


def _root(value: Fraction) -> Fraction:
    with localcontext() as context:
        context.prec = 40
        return Fraction((Decimal(value.numerator) / Decimal(value.denominator)).sqrt())


def _money(amount: Decimal | None, *, signed: bool = False) -> str:
    return DASH if amount is None else decimals(amount, digits=2 if abs(amount) >= 10 else 4, signed=signed)
