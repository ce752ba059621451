"""Our statistics against statsmodels, where it is installed; it takes seconds to load and is no dependency."""

from __future__ import annotations

import random

import pytest

from smskit.metrics import detectable_lift, newcombe, pooled_z, wilson
from smskit.metrics.arms import holm
from smskit.metrics.inference import two_sided_p

proportion = pytest.importorskip("statsmodels.stats.proportion")
multitest = pytest.importorskip("statsmodels.stats.multitest")

DICE = random.Random(20260624)


def group() -> tuple[int, int]:
    trials = DICE.randint(2, 50_000)
    return DICE.randint(1, trials - 1), trials


PAIRS = [(*group(), *group()) for _ in range(200)]


@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.999])
def test_intervals_of_shares(confidence: float) -> None:
    for successes, trials, _, _ in PAIRS:
        interval = wilson(successes, trials, confidence=confidence)
        assert interval is not None
        expected = proportion.proportion_confint(successes, trials, alpha=1 - confidence, method="wilson")
        assert (interval.low, interval.high) == pytest.approx(expected, abs=1e-12)


def test_intervals_and_tests_of_differences() -> None:
    for first, of_first, second, of_second in PAIRS:
        interval = newcombe(first, of_first, second, of_second)
        assert interval is not None
        expected = proportion.confint_proportions_2indep(first, of_first, second, of_second, method="newcomb")
        assert (interval.low, interval.high) == pytest.approx(expected, abs=1e-9)
        z = pooled_z(first, of_first, second, of_second)
        assert z is not None
        statistic, p = proportion.proportions_ztest([first, second], [of_first, of_second])
        assert z == pytest.approx(statistic, abs=1e-9)
        assert two_sided_p(z) == pytest.approx(p, abs=1e-12)


@pytest.mark.parametrize(
    ("exposed", "held_out", "base"), [(16_071, 1_786, 0.05), (900, 100, 0.2), (10**6, 10**5, 0.01)]
)
def test_the_power_of_the_lift_that_is_promised(exposed: int, held_out: int, base: float) -> None:
    lift = detectable_lift(exposed, held_out, base=base)
    power = proportion.power_proportions_2indep(
        lift, base, exposed, ratio=held_out / exposed, alpha=0.05, return_results=False
    )
    # statsmodels pools the two shares by their mean, not by the sizes of the groups.
    assert power == pytest.approx(0.8, abs=0.03)


def test_p_values_for_several_looks() -> None:
    for size in range(1, 9):
        p_values = [DICE.random() / 10 for _ in range(size)]
        assert holm(p_values) == pytest.approx(tuple(multitest.multipletests(p_values, method="holm")[1]), abs=1e-12)
