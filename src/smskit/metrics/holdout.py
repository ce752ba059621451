"""What would not have happened without the message: visits, purchases, revenue, against a group that did not get it."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction

from attrs import field, frozen

from smskit.display import Line, Note, Shown, Table, View, decimals, grouped, percent
from smskit.display.words import THIN
from smskit.errors import InvalidInput
from smskit.metrics.difference import Difference
from smskit.metrics.inference import Interval
from smskit.metrics.rates import Rate, RateBasis
from smskit.metrics.revenue import MeanDifference, MoneyInterval, to_the_micro
from smskit.money import MICROS, Money


@frozen
class Worth:
    """What the difference is worth, with its 95 % interval."""

    amount: Decimal
    interval: MoneyInterval | None
    currency: str = "EUR"

    def __str__(self) -> str:
        said = f"{decimals(self.amount)} {self.currency}"
        if self.interval is None:
            return said
        return f"{said}, 95{THIN}% between {decimals(self.interval.low)} and {decimals(self.interval.high)}"


@frozen
class Holdout(Shown):
    """Two groups that chance made, one of which got the message.

    Args:
        difference: what share of each did it.
        what: what they did, in the plural: visits, purchases.
        revenue: what each group spent; None when that is not known.
    """

    difference: Difference
    what: str = "visits"
    revenue: MeanDifference | None = field(default=None, kw_only=True)

    @property
    def lift(self) -> float | None:
        """How much more the exposed do, as a share of what the control does: 0.429 for +42.9 %."""
        return self.difference.relative

    @property
    def lift_interval(self) -> Interval | None:
        """The 95 % interval of :attr:`lift`."""
        return self.difference.relative_interval

    @property
    def incremental(self) -> float | None:
        """How many would not have been without the message."""
        return self.difference.incremental

    @property
    def incremental_interval(self) -> Interval | None:
        """The 95 % interval of :attr:`incremental`."""
        return self.difference.incremental_interval

    def worth(self, each: Money) -> Worth | None:
        """Give what the incremental ones are worth when each brings *each*: a basket, a margin.

        Returns:
            None when a group is empty. The interval is that of their number: how much baskets differ is not in it. With
            what each recipient spent, :class:`MeanDifference` knows it.
        """
        treated, control = self.difference.treated, self.difference.control
        if not treated.denominator or not control.denominator:
            return None
        more = treated.numerator - Fraction(control.numerator * treated.denominator, control.denominator)
        bounds = self.incremental_interval
        interval = None
        if bounds is not None:
            low, high = (to_the_micro(Fraction(bound) * each.micros / MICROS) for bound in (bounds.low, bounds.high))
            interval = MoneyInterval(min(low, high), max(low, high), each.currency)
        return Worth(to_the_micro(more * each.micros / MICROS), interval, each.currency)

    @property
    def sentence(self) -> str:
        """All of it in one sentence."""
        more, bounds = self.incremental, self.incremental_interval
        treated, control = self.difference.treated, self.difference.control
        if more is None:
            return f"nothing can be told of {self.what}: a group is empty"
        shares = f"{percent(treated.value)} against {percent(control.value)}"
        lift = "" if self.lift is None else f", {percent(self.lift, signed=True)}"
        if bounds is None:
            return f"{self.what}: {shares}{lift}; there are more than people, so that no interval can be given"
        doubt = "" if self.difference.is_shown else "; that may be chance alone"
        between = f"95{THIN}% between {_whole(bounds.low)} and {_whole(bounds.high)}"
        return f"{self.what}: {shares}{lift}, {_whole(more)} that would not have been ({between}){doubt}"

    def view(self) -> View:
        """Give what is to be seen."""
        rows = [
            (name, rate.denominator, rate.numerator, percent(rate.value, digits=2))
            for name, rate in (("exposed", self.difference.treated), ("control", self.difference.control))
        ]
        table = Table(("group", "people", self.what, "share"), rows, "lrrr")
        note = (
            Note()
            if self.difference.is_shown
            else Note("zero is in the interval, or nothing can be told: no lift is shown")
        )
        return View(f"hold-out · {self.what}", table, Line(self.sentence), *self._revenue(), note)

    def _revenue(self) -> Iterator[Line]:
        if self.revenue is not None and self.revenue.incremental is not None:
            currency = self.revenue.treated.currency
            worth = Worth(self.revenue.incremental, self.revenue.incremental_interval, currency)
            yield Line(f"revenue that would not have been: {worth}")


def visits(
    *,
    exposed: tuple[int, int],
    control: tuple[int, int],
    what: str = "visits",
    revenue: MeanDifference | None = None,
) -> Holdout:
    """Say how many visits to a shop would not have been without the message, counted by whatever counts them.

    ``visits(exposed=(900, 18_000), control=(70, 2_000))`` gives 270, between 99 and 412.

    Args:
        exposed: people who came, and people who were drawn to get the message, arrived or not.
        control: the same of those who were drawn to get none. Chance must have made the groups: people who did not want
            the message, or could not be reached, are no control.
        what: what is counted, in the plural.
        revenue: what each group spent, where that is known.

    Raises:
        InvalidInput: a count that is no whole number of zero or more.
    """
    for name, group in (("exposed", exposed), ("control", control)):
        if len(group) != 2:
            raise InvalidInput(f"{name}={group!r} must be two counts: who came, of how many")
    treated, held_out = Rate(*exposed, RateBasis.ASSIGNED), Rate(*control, RateBasis.ASSIGNED)
    return Holdout(Difference(treated, held_out), what, revenue=revenue)


def _whole(number: float) -> str:
    return grouped(round(number))
