"""Two distributions that the standard library lacks: chi-square and Student's t.

Equal to scipy's to nine digits and better (tests/oracles/test_oracle_statistics.py).
"""

from __future__ import annotations

from math import erfc, exp, inf, lgamma, log, log1p, pi, sqrt

from smskit.errors import InvalidInput
from smskit.metrics.inference import critical

# From here on the difference of two log gammas is taken from its own series: each of the two is large by then, and
# their difference would lose the digits that they have in common.
_LARGE = 20.0


def chi_square_above(x: float, freedom: int) -> float:
    """Give how often a chi-square variable with *freedom* degrees of freedom is above *x*.

    Raises:
        InvalidInput: *x* below zero, or no degree of freedom.

    Source: Abramowitz, Stegun, Handbook of Mathematical Functions (1964), 26.4.4 and 26.4.5: a finite sum of
        positive terms, so that small p values keep their digits.
    """
    if not x >= 0 or freedom < 1:
        raise InvalidInput(f"chi-square of {x!r} with {freedom!r} degrees of freedom is nothing")
    if x in (0, inf):
        return 0.0 if x else 1.0
    half, is_odd = x / 2, freedom % 2
    total = erfc(sqrt(half)) if is_odd else 0.0
    power = 0.5 if is_odd else 0.0
    while power < freedom / 2:
        total += exp(power * log(half) - half - lgamma(power + 1))
        power += 1
    return min(1.0, total)


def student_beyond(t: float, freedom: float) -> float:
    """Give how often Student's t is further from zero than *t*, on either side.

    Args:
        t: any number.
        freedom: degrees of freedom, above zero; need not be whole.

    Source: Abramowitz, Stegun, 26.7.1: the incomplete beta function.
    """
    if not freedom > 0 or t != t:
        raise InvalidInput(f"freedom={freedom!r} must be above zero, and t={t!r} a number")
    squared = t * t
    if squared in (0, inf):
        return 0.0 if squared else 1.0
    half = freedom / 2
    inside = freedom / (freedom + squared)
    outside = squared / (freedom + squared)
    # I_x(a, 1/2) = x^a (1 - x)^(1/2) / B(a, 1/2) times a continued fraction, on the side where that is quick.
    front = exp(-half * log1p(squared / freedom) + log(outside) / 2 + _log_gamma_step(half) - log(pi) / 2)
    if inside < (half + 1) / (half + 2.5):
        return min(1.0, front * _continued(half, 0.5, inside) / half)
    return max(0.0, 1 - front * _continued(0.5, half, outside) * 2)


def student_critical(confidence: float, freedom: float) -> float:
    """Give the two-sided critical value of Student's t: 2.228 for 0.95 and 10 degrees of freedom.

    Raises:
        InvalidInput: *confidence* is not between 0 and 1, or *freedom* not above zero.
    """
    t, wanted = critical(confidence), 1 - confidence
    # The tail is convex and the normal's critical value lies left of the root: Newton's steps never jump over it.
    for _ in range(200):
        step = (student_beyond(t, freedom) - wanted) / (2 * _student_density(t, freedom))
        t += step
        if abs(step) <= 1e-13 * t:
            break
    return t


def _student_density(t: float, freedom: float) -> float:
    return exp(_log_gamma_step(freedom / 2) - log(pi * freedom) / 2 - (freedom + 1) / 2 * log1p(t * t / freedom))


def _log_gamma_step(a: float) -> float:
    """Give log gamma of a + 1/2 less log gamma of a."""
    if a < _LARGE:
        return lgamma(a + 0.5) - lgamma(a)
    return log(a) / 2 - 1 / (8 * a) + 1 / (192 * a**3) - 1 / (640 * a**5) + 17 / (14336 * a**7)


def _continued(a: float, b: float, x: float) -> float:
    """Give the continued fraction of the incomplete beta function, by Lentz's method.

    Source: Numerical Recipes (2007), 6.4.
    """
    c, d = 1.0, 1 / (1 - (a + b) * x / (a + 1))
    value = d
    for m in range(1, 100_000):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for term in (even, odd):
            d = 1 / (1 + term * d)
            c = 1 + term / c
            value *= c * d
        if abs(c * d - 1) < 1e-15:
            break
    return value
