"""Two groups side by side: exposed and held out, or two arms."""

from __future__ import annotations

from math import exp, sqrt

from attrs import frozen

from smskit.display import percent
from smskit.metrics.inference import CONFIDENCE, Interval, critical, newcombe, pooled_z, two_sided_p
from smskit.metrics.rates import Rate


@frozen
class Difference:
    """How much more *treated* does than *control*; the two must be groups that chance made.

    ``Difference(Rate(900, 18_000, …), Rate(70, 2_000, …))`` is 1.5 points, 270 visits that would not have been.
    """

    treated: Rate
    control: Rate

    @property
    def points(self) -> float | None:
        """Treated minus control, 0.015 for 1.5 points; None when one of them is of nothing."""
        if self.treated.value is None or self.control.value is None:
            return None
        return self.treated.value - self.control.value

    @property
    def interval(self) -> Interval | None:
        """Newcombe's 95 % interval of the points."""
        return newcombe(
            self.treated.numerator, self.treated.denominator, self.control.numerator, self.control.denominator
        )

    @property
    def relative(self) -> float | None:
        """The lift as a share of what the control does, 0.43 for +43 %; None when the control does nothing."""
        return self.points / self.control.value if self.points is not None and self.control.value else None

    @property
    def relative_interval(self) -> Interval | None:
        """The 95 % interval of :attr:`relative`; None when one of the two groups does nothing.

        Source: Katz et al., Biometrics 34 (1978), 469-474, of the ratio of two shares.
        """
        treated, control = self.treated, self.control
        if self.interval is None or not treated.numerator or not control.numerator or treated.value is None:
            return None
        ratio = treated.value / (control.value or 1)
        error = sqrt(sum(1 / one.numerator - 1 / one.denominator for one in (treated, control)))
        half = critical(CONFIDENCE) * error
        return Interval(ratio * exp(-half) - 1, ratio * exp(half) - 1)

    @property
    def incremental(self) -> float | None:
        """How many of the treated would not have done it otherwise."""
        return None if self.points is None else self.points * self.treated.denominator

    @property
    def incremental_interval(self) -> Interval | None:
        """The 95 % interval of :attr:`incremental`."""
        if self.interval is None:
            return None
        size = self.treated.denominator
        return Interval(self.interval.low * size, self.interval.high * size)

    @property
    def z(self) -> float | None:
        """The pooled z of the two-proportion test; None when there is nothing to test."""
        return pooled_z(
            self.treated.numerator, self.treated.denominator, self.control.numerator, self.control.denominator
        )

    @property
    def p_value(self) -> float | None:
        """How often chance alone would make such a difference, in either direction."""
        return None if self.z is None else two_sided_p(self.z)

    @property
    def is_shown(self) -> bool:
        """Whether the interval leaves zero out: the difference is more than chance."""
        return self.interval is not None and 0 not in self.interval

    def __str__(self) -> str:
        if self.points is None or self.interval is None:
            return "no difference can be told: a group is empty"
        relative = "" if self.relative is None else f" ({percent(self.relative, signed=True)})"
        return (
            f"{percent(self.treated.value)} against {percent(self.control.value)}: {_signed(self.points)} points"
            f"{relative}, 95\N{NARROW NO-BREAK SPACE}% between {_signed(self.interval.low)} and "
            f"{_signed(self.interval.high)}{'' if self.is_shown else '; not more than chance'}"
        )


def _signed(share: float) -> str:
    return f"{share * 100:+.1f}"
