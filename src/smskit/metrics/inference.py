"""Intervals, tests and sample sizes for shares; the standard library's normal distribution is all they need.

Shares and differences are fractions: 0.05 is five per cent, a difference of 0.03 is three points.
"""

from __future__ import annotations

from math import ceil, hypot, sqrt
from statistics import NormalDist

from attrs import frozen

from smskit.errors import InvalidInput

CONFIDENCE = 0.95
POWER = 0.8
_NORMAL = NormalDist()


@frozen
class Interval:
    """Where the true value lies with a confidence that was asked for."""

    low: float
    high: float

    def __contains__(self, value: float) -> bool:
        return self.low <= value <= self.high


def critical(confidence: float) -> float:
    """Give the two-sided critical value of the normal distribution: 1.96 for 0.95.

    Raises:
        InvalidInput: *confidence* is not between 0 and 1.
    """
    if not 0 < confidence < 1:
        raise InvalidInput(f"confidence={confidence!r} must be between 0 and 1, for example 0.95")
    below = (1 + confidence) / 2
    # Next to certainty that is rounded to 1, which has no value; the other tail still has one.
    return _NORMAL.inv_cdf(below) if below < 1 else -_NORMAL.inv_cdf((1 - confidence) / 2)


def wilson(successes: int, trials: int, *, confidence: float = CONFIDENCE) -> Interval | None:
    """Give Wilson's score interval of a share.

    Unlike the textbook interval it stays inside 0 and 1 and says something at 0 out of 50.

    Args:
        successes: 0 to *trials*.
        trials: how many there were.
        confidence: how often such an interval holds the true share.

    Returns:
        None without trials, or with more successes than trials: these are no shares.

    Source: Wilson, JASA 22 (1927), 209-212.
    """
    if trials <= 0 or not 0 <= successes <= trials:
        return None
    return _score(successes / trials, trials, confidence)


def wilson_of_sample(successes: int, drawn: int, population: int, *, confidence: float = CONFIDENCE) -> Interval | None:
    """Give Wilson's score interval of a share in *population*, of which *drawn* were looked at and the others not.

    The more of the whole is known, the less is left to guess: the interval is that of a sample which is larger by the
    correction for finite populations, and a point once all are known.

    Returns:
        None without a sample, or with more successes than were drawn.

    Source: Cochran, Sampling Techniques (1977), 2.6 and 3.2, for the correction.
    """
    if drawn <= 0 or not 0 <= successes <= drawn:
        return None
    share = successes / drawn
    if drawn >= population:
        return Interval(share, share)
    return _score(share, drawn * (population - 1) / (population - drawn), confidence)


def _score(share: float, trials: float, confidence: float) -> Interval:
    z = critical(confidence)
    shrunk = 1 + z * z / trials
    centre = (share + z * z / (2 * trials)) / shrunk
    half = z * sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials)) / shrunk
    # At the ends the bound is 0 or 1 exactly; rounding must not leave the share outside of its interval.
    low = 0.0 if share == 0 else max(0.0, centre - half)
    return Interval(low, 1.0 if share == 1 else min(1.0, centre + half))


def newcombe(
    first: int, of_first: int, second: int, of_second: int, *, confidence: float = CONFIDENCE
) -> Interval | None:
    """Give Newcombe's hybrid score interval of the difference of two shares, first minus second.

    Returns:
        None where one of the two is no share.

    Source: Newcombe, Statistics in Medicine 17 (1998), 873-890, method 10.
    """
    one = wilson(first, of_first, confidence=confidence)
    other = wilson(second, of_second, confidence=confidence)
    if one is None or other is None:
        return None
    share, base = first / of_first, second / of_second
    below = hypot(share - one.low, other.high - base)
    above = hypot(one.high - share, base - other.low)
    return Interval(share - base - below, share - base + above)


def pooled_z(first: int, of_first: int, second: int, of_second: int) -> float | None:
    """Give the z of the two-proportion test with pooled variance, first minus second.

    Returns:
        None where one of the two is no share, or where nobody or everybody succeeded: there is nothing to test.
    """
    if min(of_first, of_second) <= 0 or not 0 <= first <= of_first or not 0 <= second <= of_second:
        return None
    pooled = (first + second) / (of_first + of_second)
    if pooled in (0, 1):
        return None
    error = sqrt(pooled * (1 - pooled) * (1 / of_first + 1 / of_second))
    return (first / of_first - second / of_second) / error


def two_sided_p(z: float) -> float:
    """Give how often chance alone makes a z this large, in either direction."""
    return 2 * _NORMAL.cdf(-abs(z))


def sample_size(base: float, other: float, *, power: float = POWER, confidence: float = CONFIDENCE) -> int:
    """Give how many contacts each of two arms needs to tell the share *other* from the share *base*.

    Args:
        base: the share that is expected now, 0.10 for ten per cent.
        other: the share that would be worth knowing.
        power: how often a true difference is found.
        confidence: 1 minus how often a difference is found where there is none; two-sided.

    Raises:
        InvalidInput: a share, *power* or *confidence* outside of 0 to 1, or two shares that are the same.

    Source: Fleiss, Levin, Paik, Statistical Methods for Rates and Proportions (2003), 4.2, without continuity
        correction.
    """
    _between(base=base, other=other, power=power)
    if base == other:
        raise InvalidInput(f"no sample tells {base} from {other}; ask for a difference")
    return ceil((_noise(base, other, 1, 1, power, confidence) / (other - base)) ** 2)


def detectable_lift(
    exposed: int,
    held_out: int,
    /,
    *,
    base: float = 0.05,
    power: float = POWER,
    confidence: float = CONFIDENCE,
) -> float:
    """Give the smallest lift over *base* that a test with groups of this size finds.

    Args:
        exposed: contacts who get the message.
        held_out: contacts who do not.
        base: the share of those who are held out that is expected to buy.
        power: how often such a lift is found.
        confidence: 1 minus how often a lift is found where there is none; two-sided.

    Returns:
        A difference of shares, 0.015 for 1.5 points; ``1 - base``, the most there can be, when not even that is
        found.

    Raises:
        InvalidInput: *base*, *power* or *confidence* outside of 0 to 1.
    """
    _between(base=base, power=power)
    if min(exposed, held_out) <= 0:
        return 1 - base
    low, high = 0.0, 1 - base
    # The noise grows more slowly than the lift, so that there is one crossing; 50 halvings find it.
    for _ in range(50):
        lift = (low + high) / 2
        if lift < _noise(base, base + lift, held_out, exposed, power, confidence):
            low = lift
        else:
            high = lift
    return high


def power_of(base: float, other: float, of_base: int, of_other: int, *, confidence: float = CONFIDENCE) -> float:
    """Give how often a test with groups of this size finds the difference, on the side where it is.

    Args:
        base: the share of one group, 0.10 for ten per cent.
        other: the share of the other group.
        of_base: contacts in the one.
        of_other: contacts in the other.
        confidence: 1 minus how often a difference is found where there is none; two-sided.

    Returns:
        0.8 for four times out of five; 0.0 when a group is empty.

    Raises:
        InvalidInput: a share or *confidence* outside of 0 to 1.
    """
    _between(base=base, other=other)
    if min(of_base, of_other) <= 0:
        return 0.0
    by_chance, in_truth = _errors(base, other, of_base, of_other)
    return _NORMAL.cdf((abs(other - base) - critical(confidence) * by_chance) / in_truth)


def _noise(base: float, other: float, of_base: int, of_other: int, power: float, confidence: float) -> float:
    """Give the difference that is found with this power, were the shares what they are."""
    by_chance, in_truth = _errors(base, other, of_base, of_other)
    return critical(confidence) * by_chance + _NORMAL.inv_cdf(power) * in_truth


def _errors(base: float, other: float, of_base: int, of_other: int) -> tuple[float, float]:
    """Give the standard error of the difference were there none, and with the one that there is."""
    pooled = (base * of_base + other * of_other) / (of_base + of_other)
    by_chance = sqrt(pooled * (1 - pooled) * (1 / of_base + 1 / of_other))
    return by_chance, sqrt(base * (1 - base) / of_base + other * (1 - other) / of_other)


def _between(**shares: float) -> None:
    for name, share in shares.items():
        is_number = isinstance(share, (int, float))  # pyright: ignore[reportUnnecessaryIsInstance]
        if not is_number or not 0 < share < 1:
            raise InvalidInput(f"{name}={share!r} must be between 0 and 1, for example 0.05 for five per cent")
