"""Drawing a sample again and again out of itself, to see how much its mean moves.

Few recipients buy and most amounts are zero: only the buyers are drawn. How many of them a replicate has is a binomial
number, and which ones is chance; that is the same as drawing all recipients, a hundred times sooner.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import accumulate
from math import exp, lgamma, log, sqrt
from random import Random
from statistics import NormalDist

from attrs import frozen

from smskit.errors import InvalidInput
from smskit.metrics.distributions import student_beyond, student_critical

REPLICATES = 2000
_NORMAL = NormalDist()


@frozen
class Redrawn:
    """What the replicates say of the difference of two means, in the unit of the amounts."""

    low: Fraction
    high: Fraction
    p_value: float


def redrawn_difference(
    treated: tuple[Sequence[int], int],
    control: tuple[Sequence[int], int],
    *,
    confidence: float,
    seed: int,
    replicates: int = REPLICATES,
) -> Redrawn | None:
    """Give the percentile interval of the difference of two means, widened for few buyers.

    Args:
        treated: the amounts that are not zero, and how many recipients there are in all.
        control: the same of the other group.
        confidence: of the interval.
        seed: the same seed gives the same answer, on every version of Python.
        replicates: how often to draw.

    Returns:
        None with fewer than two buyers in a group: drawing them again would tell nothing of those who did not come.

    Raises:
        InvalidInput: fewer than 100 replicates, or *confidence* outside of 0 to 1.

    Source: Efron, Tibshirani, An Introduction to the Bootstrap (1993), chapters 8 and 13; the widening is that of
        Hesterberg, The American Statistician 69 (2015), 371-386, with the buyers of the smaller group as its size.
    """
    if replicates < 100 or not 0 < confidence < 1:
        raise InvalidInput(f"replicates={replicates!r} must be 100 or more, confidence={confidence!r} between 0 and 1")
    fewest = min(len(treated[0]), len(control[0]))
    if fewest < 2:
        return None
    dice = Random(seed)
    sums = zip(_sums(*treated, dice, replicates), _sums(*control, dice, replicates), strict=True)
    # Over one denominator the differences are whole numbers.
    means = sorted(one * control[1] - other * treated[1] for one, other in sums)
    scale, wider = treated[1] * control[1], sqrt(fewest / (fewest - 1))
    outside = int(replicates * _NORMAL.cdf(-wider * student_critical(confidence, fewest - 1)))
    zero_or_less, zero_or_more = bisect_left(means, 1), replicates - bisect_left(means, 0)
    share = min(0.5, (min(zero_or_less, zero_or_more) + 1) / (replicates + 1))
    p = student_beyond(_NORMAL.inv_cdf(share) / wider, fewest - 1)
    return Redrawn(Fraction(means[outside], scale), Fraction(means[-1 - outside], scale), p)


def _sums(amounts: Sequence[int], recipients: int, dice: Random, replicates: int) -> Iterator[int]:
    first, reached = _binomial(recipients, len(amounts))
    for _ in range(replicates):
        buyers = first + bisect_left(reached, dice.random())
        yield sum(dice.choices(amounts, k=buyers))


def _binomial(trials: int, successes: int) -> tuple[int, list[float]]:
    """Give how likely each number of successes or fewer is, from a first number on; where it is never, it is cut."""
    if successes == trials:
        return trials, [1.0]
    share = successes / trials
    wide = 12 * sqrt(trials * share * (1 - share)) + 12
    first, last = max(0, int(successes - wide)), min(trials, int(successes + wide) + 1)
    likely = [
        exp(
            lgamma(trials + 1) - lgamma(k + 1) - lgamma(trials - k + 1) + k * log(share) + (trials - k) * log(1 - share)
        )
        for k in range(first, last + 1)
    ]
    whole = sum(likely)
    return first, [*accumulate(one / whole for one in likely[:-1]), 1.0]
