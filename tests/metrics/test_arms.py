from __future__ import annotations

import pytest

from smskit.errors import InvalidInput
from smskit.metrics.arms import Arm, Outcome, compare_arms, holm
from smskit.metrics.benchmarks import Metric
from smskit.metrics.counts import Counts
from smskit.metrics.rates import RateBasis


def arm(name: str, conversions: int, sent: int = 1000) -> Arm:
    return Arm(name, Counts(sent=sent, delivered=sent, conversions=conversions, clickers=conversions))


def test_the_arms_of_the_mission() -> None:
    (one,) = compare_arms([arm("A", 90), arm("B", 120)], Metric.CONVERSION_RATE)
    assert (one.baseline, one.arm, one.outcome) == ("A", "B", Outcome.DIFFERENT)
    assert one.difference.points == pytest.approx(0.03)
    assert one.p_adjusted == pytest.approx(0.028650, abs=1e-6)


def test_a_further_arm_makes_it_harder() -> None:
    first, second = compare_arms([arm("A", 90), arm("B", 120), arm("C", 92)], Metric.CONVERSION_RATE)
    assert first.p_adjusted == pytest.approx(2 * 0.028650, abs=1e-6)
    assert (first.outcome, second.outcome) == (Outcome.NOT_SHOWN, Outcome.NOT_SHOWN)


def test_too_early_until_every_arm_has_the_planned_size() -> None:
    arms = [arm("A", 90), arm("B", 150, sent=1200)]
    (early,) = compare_arms(arms, Metric.CONVERSION_RATE, min_per_arm=1001)
    (enough,) = compare_arms(arms, Metric.CONVERSION_RATE, min_per_arm=1000)
    assert (early.outcome, enough.outcome) == (Outcome.TOO_EARLY, Outcome.DIFFERENT)


def test_an_arm_without_traffic_shows_nothing() -> None:
    (one,) = compare_arms([arm("A", 90), arm("B", 0, sent=0)], Metric.CLICK_RATE)
    assert (one.p_adjusted, one.outcome) == (None, Outcome.NOT_SHOWN)


def test_one_arm_is_compared_with_nothing() -> None:
    assert compare_arms([arm("A", 90)], Metric.CLICK_RATE) == ()


def test_what_is_not_counted_cannot_be_compared() -> None:
    arms = [arm("A", 90), arm("B", 120)]
    with pytest.raises(InvalidInput, match="roi_percent of sent"):
        compare_arms(arms, Metric.ROI_PERCENT)
    with pytest.raises(InvalidInput, match="click_rate of opened"):
        compare_arms(arms, Metric.CLICK_RATE, basis=RateBasis.OPENED)


HOLM = [
    # statsmodels 0.15.0, multipletests(method="holm")
    ("three", (0.01, 0.04, 0.03), (0.03, 0.06, 0.06)),
    ("none above one", (0.6, 0.7), (1.0, 1.0)),
    ("untested ones count for nothing", (None, 0.04, None), (None, 0.04, None)),
    ("nothing", (), ()),
]


@pytest.mark.parametrize(("p_values", "adjusted"), [row[1:] for row in HOLM], ids=[row[0] for row in HOLM])
def test_p_values_for_several_looks(p_values: tuple[float | None, ...], adjusted: tuple[float | None, ...]) -> None:
    got = holm(p_values)
    assert [p is None for p in got] == [p is None for p in adjusted]
    assert [p for p in got if p is not None] == pytest.approx([p for p in adjusted if p is not None])
