from __future__ import annotations

from collections.abc import Callable

import pytest

from smskit.errors import InvalidInput
from smskit.metrics import Against, ExperimentPlan, power_of

THIN = "\N{NARROW NO-BREAK SPACE}"

# The mission's sizes: 80 % power, 5 % on both sides.
SIZES = [
    ("10 to 12 %", 0.10, 0.02, 3841),
    ("6 to 7 %", 0.06, 0.01, 9540),
    ("12 to 13 %", 0.12, 0.01, 17_169),
    ("1 to 1.2 %", 0.01, 0.002, 42_693),
]


@pytest.mark.parametrize(("base", "effect", "size"), [row[1:] for row in SIZES], ids=[row[0] for row in SIZES])
def test_the_size_of_an_arm(base: float, effect: float, size: int) -> None:
    plan = ExperimentPlan.of(base, absolute=effect)
    assert (plan.per_arm, plan.recipients) == (size, 2 * size)
    assert ExperimentPlan.of(base, relative=effect / base).per_arm == size


def test_what_is_left_open_is_worked_out() -> None:
    sized = ExperimentPlan.of(0.10, absolute=0.02)
    seen = ExperimentPlan.of(0.10, per_arm=sized.per_arm)
    assert seen.effect == pytest.approx(0.02, abs=1e-5)
    assert seen.power == 0.8
    surer = ExperimentPlan.of(0.10, absolute=0.02, per_arm=5000)
    assert surer.power == pytest.approx(0.8918973515970163)  # statsmodels, tests/oracles
    assert surer.power == pytest.approx(power_of(0.10, 0.12, 5000, 5000))


def test_a_loss_needs_as_many_as_a_gain_from_the_other_end() -> None:
    assert ExperimentPlan.of(0.12, absolute=-0.02).per_arm == ExperimentPlan.of(0.10, absolute=0.02).per_arm


def test_more_arms_need_more_each() -> None:
    two, three = ExperimentPlan.of(0.1, absolute=0.02), ExperimentPlan.of(0.1, absolute=0.02, arms=3)
    pairs = ExperimentPlan.of(0.1, absolute=0.02, arms=3, against=Against.EACH_OTHER)
    assert two.per_arm < three.per_arm < pairs.per_arm
    assert (two.confidence, three.confidence, pairs.confidence) == pytest.approx((0.95, 0.975, 1 - 0.05 / 3))


@pytest.mark.parametrize(("arms", "first", "pairs"), [(2, 1, 1), (3, 2, 3), (5, 4, 10)])
def test_how_many_comparisons_there_are(arms: int, first: int, pairs: int) -> None:
    assert (Against.FIRST.comparisons(arms), Against.EACH_OTHER.comparisons(arms)) == (first, pairs)


def test_a_plan_can_be_read() -> None:
    text = str(ExperimentPlan.of(0.10, absolute=0.02))
    assert f"from 10.0{THIN}% to 12.0{THIN}%" in text
    assert f"recipients in each arm 3{THIN}841" in text
    assert f"in all 7{THIN}682" in text
    assert "+2.00 points" in text  # the table says what the size finds
    assert "look at the result once" in text
    assert "<table" in ExperimentPlan.of(0.10, absolute=0.02)._repr_html_()
    assert "nothing" in str(ExperimentPlan.of(0.10, absolute=0.5))  # a quarter of few finds nothing


SHARES = [
    ("as many digits as it has", 0.10, 0.02, "10.0", "12.0"),
    ("more where they matter", 0.10, 0.0174, "10.0", "11.74"),
    ("small ones are told apart", 0.0001, 0.000001, "0.01", "0.0101"),
]


@pytest.mark.parametrize(
    ("base", "effect", "one", "other"), [row[1:] for row in SHARES], ids=[row[0] for row in SHARES]
)
def test_shares_of_a_plan_are_told_apart(base: float, effect: float, one: str, other: str) -> None:
    title = str(ExperimentPlan(base, effect, 10_000)).splitlines()[0]
    assert title == f"experiment · 2 arms · {one}{THIN}% or {other}{THIN}%"


MISUSE: list[tuple[str, Callable[[], ExperimentPlan], str]] = [
    ("a base in per cent", lambda: ExperimentPlan.of(10, absolute=0.02), "base=10"),
    ("an effect that leads out of the shares", lambda: ExperimentPlan.of(0.9, absolute=0.2), "other=1.1"),
    ("no effect", lambda: ExperimentPlan.of(0.1, absolute=0.0), "no sample tells"),
    ("an effect said twice", lambda: ExperimentPlan.of(0.1, absolute=0.02, relative=0.2), "once"),
    ("nothing to work with", lambda: ExperimentPlan.of(0.1), "say what is worth knowing"),
    ("nothing left to work out", lambda: ExperimentPlan.of(0.1, absolute=0.02, per_arm=9, power=0.8), "three ends"),
    ("one arm", lambda: ExperimentPlan.of(0.1, absolute=0.02, arms=1), "arms=1"),
    ("nobody in an arm", lambda: ExperimentPlan.of(0.1, per_arm=0), "0 recipients"),
    ("too few to find anything", lambda: ExperimentPlan.of(0.1, per_arm=2), "find nothing"),
    ("a plan by hand with no base", lambda: ExperimentPlan(0.0, 0.1, 10), "base=0.0"),
    ("a plan by hand with no effect", lambda: ExperimentPlan(0.1, 0.0, 10), "not zero"),
    ("a plan by hand with one arm", lambda: ExperimentPlan(0.1, 0.1, 10, arms=1), "arms=1"),
    ("no alpha", lambda: ExperimentPlan.of(0.1, absolute=0.02, alpha=0), "alpha=0"),
    ("a power in per cent", lambda: ExperimentPlan.of(0.1, absolute=0.02, power=80), "power=80"),
]


@pytest.mark.parametrize(("misuse", "problem"), [row[1:] for row in MISUSE], ids=[row[0] for row in MISUSE])
def test_a_plan_that_cannot_be_made_says_why(misuse: Callable[[], ExperimentPlan], problem: str) -> None:
    with pytest.raises(InvalidInput, match=problem):
        misuse()


def test_a_loss_is_found_as_often_as_a_gain() -> None:
    assert power_of(0.12, 0.10, 3841, 3841) == pytest.approx(power_of(0.10, 0.12, 3841, 3841))
    assert power_of(0.12, 0.10, 3841, 3841) == pytest.approx(0.8, abs=1e-4)


def test_empty_groups_have_no_power() -> None:
    assert power_of(0.1, 0.2, 0, 10) == 0.0
