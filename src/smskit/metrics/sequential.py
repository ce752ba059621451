"""A test that may be looked at whenever one likes: always-valid p values and intervals.

A fixed test is good for one look. Who looks ten times and stops at the first p below 0.05 is wrong in 19 cases out of
100 where nothing is different, and not in five. Here the likelihood of what was seen is averaged over the
differences there might be (a normal mixture around none) and held against none at all; whenever one looks and
whenever one stops, it is wrong in at most five cases out of 100. The price is power: at the planned size a true
difference is found less often than by a fixed test.
"""

from __future__ import annotations

from math import exp, inf, log, log1p, sqrt

from attrs import frozen

from smskit.errors import InvalidInput
from smskit.metrics.inference import CONFIDENCE, Interval, critical

MIXTURE_SD = 0.02
"""Differences around two points are looked for unless a plan names another one.

Any value is valid as long as it is chosen before the first look; one near the true difference finds it soonest. Two
points are what tells 10 % from 12 %, the case of the mission's figures.
"""


@frozen
class AlwaysValid:
    """What may be said at this look, whatever the looks before it and after it.

    ``p_value`` is that of this look alone; who writes down one for each look may take the smallest of them.
    """

    p_value: float
    interval: Interval


def always_valid(
    first: int,
    of_first: int,
    second: int,
    of_second: int,
    *,
    mixture_sd: float = MIXTURE_SD,
    confidence: float = CONFIDENCE,
) -> AlwaysValid | None:
    """Test the difference of two shares, first minus second, at any time.

    Args:
        first: successes of one arm.
        of_first: how many it has so far.
        second: successes of the other.
        of_second: how many that has so far.
        mixture_sd: standard deviation of the differences that are looked for, 0.02 for two points.
        confidence: 1 minus how often a difference is found, at any look, where there is none.

    Returns:
        None where one of the two is no share.

    Raises:
        InvalidInput: *mixture_sd* is not above zero, or *confidence* is not between 0 and 1.

    Source: Johari, Koomen, Pekelis, Walsh, Always valid inference, Operations Research 70 (2022), 1806-1821 (the
        mixture sequential probability ratio test); Robbins, Annals of Mathematical Statistics 41 (1970), 1397-1409.
    """
    if not 0 < mixture_sd < inf or mixture_sd**2 == 0:
        raise InvalidInput(f"mixture_sd={mixture_sd!r} must be above zero, for example 0.02 for two points")
    critical(confidence)
    if min(of_first, of_second) <= 0 or not 0 <= first <= of_first or not 0 <= second <= of_second:
        return None
    points = first / of_first - second / of_second
    noise, mixture = _variance(first, of_first) + _variance(second, of_second), mixture_sd**2
    widened = log1p(mixture / noise)
    evidence = mixture * points * points / (2 * noise * (noise + mixture)) - widened / 2
    half = sqrt(noise * (noise + mixture) / mixture * (widened - 2 * log(1 - confidence)))
    return AlwaysValid(exp(-max(0.0, evidence)), Interval(points - half, points + half))


def _variance(successes: int, trials: int) -> float:
    # One success and one failure more (Agresti and Caffo 2000): at the first looks nobody may have bought yet, and a
    # variance of zero would make certainty out of nothing.
    share = (successes + 1) / (trials + 2)
    return share * (1 - share) / (trials + 2)
