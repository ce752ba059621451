from __future__ import annotations

import pytest

from smskit.errors import InvalidInput
from smskit.metrics.arms import Arm, Outcome, compare_arms, holm
from smskit.metrics.benchmarks import Metric
from smskit.metrics.counts import Counts
from smskit.metrics.experiments import Against, ExperimentPlan
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


def test_a_plan_says_how_many_and_how_sure() -> None:
    plan = ExperimentPlan.of(0.10, absolute=0.02)
    (early,) = compare_arms([arm("A", 384, 3840), arm("B", 470, 3841)], Metric.CONVERSION_RATE, plan=plan)
    (enough,) = compare_arms([arm("A", 384, 3841), arm("B", 470, 3841)], Metric.CONVERSION_RATE, plan=plan)
    assert (early.outcome, enough.outcome) == (Outcome.TOO_EARLY, Outcome.DIFFERENT)
    assert (early.size, early.planned) == (3840, 3841)
    strict = ExperimentPlan(0.10, 0.02, 1000, alpha=0.01)
    (doubted,) = compare_arms([arm("A", 90), arm("B", 120)], Metric.CONVERSION_RATE, plan=strict)
    assert doubted.outcome is Outcome.NOT_SHOWN


def test_who_looks_too_early_sees_no_p_value_to_be_tempted_by() -> None:
    (early,) = compare_arms([arm("A", 90), arm("B", 150)], Metric.CONVERSION_RATE, min_per_arm=3841)
    assert "p =" not in early.sentence
    assert "too early to tell: the smallest arm has 1\N{NARROW NO-BREAK SPACE}000 of the 3" in early.sentence
    assert "19 of 100" in str(early)
    (enough,) = compare_arms([arm("A", 90), arm("B", 150)], Metric.CONVERSION_RATE, min_per_arm=1000)
    assert "p < 0.0001: different" in enough.sentence
    assert "19 of 100" not in str(enough)
    (unplanned,) = compare_arms([arm("A", 90), arm("B", 120)], Metric.CONVERSION_RATE)
    assert "worth one look" in str(unplanned).replace("\n          ", " ")
    assert "<table" in unplanned._repr_html_()


def test_a_sequential_test_is_never_too_early_and_asks_for_more() -> None:
    arms = [arm("A", 90), arm("B", 120)]
    (looked,) = compare_arms(arms, Metric.CONVERSION_RATE, min_per_arm=3841, sequential=True)
    assert (looked.outcome, looked.is_sequential) == (Outcome.NOT_SHOWN, True)
    assert looked.p_adjusted == pytest.approx(0.348324340, abs=1e-8)
    assert looked.interval is not None
    assert looked.difference.interval is not None
    assert looked.interval.low < looked.difference.interval.low < looked.difference.interval.high < looked.interval.high
    assert "no difference shown so far" in looked.sentence
    (large,) = compare_arms([arm("A", 90), arm("B", 190)], Metric.CONVERSION_RATE, sequential=True)
    assert large.outcome is Outcome.DIFFERENT


def test_a_sequential_test_looks_for_the_effect_of_the_plan() -> None:
    plan = ExperimentPlan.of(0.01, absolute=0.002)
    arms = [arm("A", 400, 40_000), arm("B", 520, 40_000)]
    (near,) = compare_arms(arms, Metric.CONVERSION_RATE, plan=plan, sequential=True)
    (far,) = compare_arms(arms, Metric.CONVERSION_RATE, sequential=True)
    assert near.p_adjusted is not None
    assert far.p_adjusted is not None
    assert near.p_adjusted < far.p_adjusted / 3


def test_all_pairs_or_each_with_the_first() -> None:
    arms = [arm("A", 90), arm("B", 120), arm("C", 92)]
    pairs = compare_arms(arms, Metric.CONVERSION_RATE, against=Against.EACH_OTHER)
    assert [(one.baseline, one.arm, one.comparisons) for one in pairs] == [("A", "B", 3), ("A", "C", 3), ("B", "C", 3)]
    assert pairs[0].p_adjusted == pytest.approx(3 * 0.028650, abs=1e-6)
    planned = ExperimentPlan.of(0.1, absolute=0.05, arms=3, against=Against.EACH_OTHER)
    assert len(compare_arms(arms, Metric.CONVERSION_RATE, plan=planned)) == 3
    assert "3 comparisons" in str(pairs[0])


def test_intervals_of_several_comparisons_hold_together() -> None:
    (alone,) = compare_arms([arm("A", 90), arm("B", 120)], Metric.CONVERSION_RATE)
    first, _ = compare_arms([arm("A", 90), arm("B", 120), arm("C", 92)], Metric.CONVERSION_RATE)
    assert alone.interval == alone.difference.interval
    assert alone.interval is not None
    assert first.interval is not None
    assert first.interval.low < 0 < alone.interval.low < alone.interval.high < first.interval.high


def test_more_clicks_than_deliveries_are_shown_and_not_tested() -> None:
    odd = [Arm("A", Counts(sent=100, delivered=5, linked=100, clickers=9)), arm("B", 20, 100)]
    (one,) = compare_arms(odd, Metric.CLICK_RATE, basis=RateBasis.DELIVERED)
    assert (one.p_adjusted, one.interval, one.outcome) == (None, None, Outcome.NOT_SHOWN)
    assert "nothing can be told" in one.sentence
    (looked,) = compare_arms(odd, Metric.CLICK_RATE, basis=RateBasis.DELIVERED, sequential=True)
    assert looked.p_adjusted is None


def test_before_the_first_receipt_nothing_is_delivered_and_nothing_told() -> None:
    arms = [Arm(name, Counts(sent=100, linked=100, clickers=9)) for name in "AB"]
    (one,) = compare_arms(arms, Metric.CLICK_RATE, basis=RateBasis.DELIVERED)
    assert (one.p_adjusted, one.outcome) == (None, Outcome.NOT_SHOWN)


def test_an_arm_whose_clicks_nobody_can_know_has_none_of_nothing() -> None:
    (one,) = compare_arms([Arm("A", Counts(sent=500)), arm("B", 20, 500)], Metric.CLICK_RATE)
    assert one.difference.control.value is None  # no link, no click that could be counted: not 0 %
    assert one.difference.treated.value == 0.04
    assert (one.p_adjusted, one.outcome) == (None, Outcome.NOT_SHOWN)
    assert "4.00\N{NARROW NO-BREAK SPACE}% against –; nothing can be told" in one.sentence


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
