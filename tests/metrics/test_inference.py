from __future__ import annotations

import pytest

from smskit.errors import InvalidInput
from smskit.metrics.inference import (
    Interval,
    critical,
    detectable_lift,
    newcombe,
    pooled_z,
    sample_size,
    two_sided_p,
    wilson,
)

# The expected bounds come from statsmodels 0.15.0 (proportion_confint, method="wilson").
WILSONS = [
    ("50 clicks of 500", 50, 500, 0.0766775627, 0.1294219096),
    ("100 buyers of 1000", 100, 1000, 0.0829094436, 0.1201519632),
    ("Panda Tea, 2926 of 20 000", 2926, 20_000, 0.1414700452, 0.1512658011),
    ("none of 50 is not none of all", 0, 50, 0.0, 0.0713475991),
    ("all of 50 is not all of all", 50, 50, 0.9286524009, 1.0),
    ("one of one", 1, 1, 0.2065493144, 1.0),
]


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"), [row[1:] for row in WILSONS], ids=[row[0] for row in WILSONS]
)
def test_the_interval_of_a_share(successes: int, trials: int, low: float, high: float) -> None:
    interval = wilson(successes, trials)
    assert interval is not None
    assert (interval.low, interval.high) == pytest.approx((low, high), abs=1e-10)


@pytest.mark.parametrize(("successes", "trials"), [(0, 0), (3, 2), (-1, 5), (0, -1)])
def test_what_is_no_share_has_no_interval(successes: int, trials: int) -> None:
    assert wilson(successes, trials) is None
    assert newcombe(successes, trials, 1, 10) is None
    assert newcombe(1, 10, successes, trials) is None
    assert pooled_z(successes, trials, 1, 10) is None
    assert pooled_z(1, 10, successes, trials) is None


def test_a_difference_of_two_arms_as_published() -> None:
    # The mission's figures; statsmodels 0.15.0 (method="newcomb", proportions_ztest) gives the longer ones.
    interval = newcombe(120, 1000, 90, 1000)
    assert interval is not None
    assert (interval.low, interval.high) == pytest.approx((0.0030960486785798, 0.0570095711926585), abs=1e-12)
    assert (interval.low * 100, interval.high * 100) == pytest.approx((0.310, 5.701), abs=5e-4)
    z = pooled_z(120, 1000, 90, 1000)
    assert z == pytest.approx(2.1882658846227234, abs=1e-12)
    assert z is not None
    assert two_sided_p(z) == pytest.approx(0.028650240398448473, abs=1e-12)
    assert two_sided_p(-z) == two_sided_p(z)


@pytest.mark.parametrize(("first", "second"), [(0, 0), (10, 10)])
def test_there_is_nothing_to_test_where_nobody_or_everybody_did_it(first: int, second: int) -> None:
    assert pooled_z(first, 10, second, 10) is None


SIZES = [
    ("10 to 12 %", 0.10, 0.12, 3841),
    ("6 to 7 %", 0.06, 0.07, 9540),
    ("12 to 13 %", 0.12, 0.13, 17_169),
    ("1 to 1.2 %", 0.01, 0.012, 42_693),
    ("downwards is the same question", 0.12, 0.10, 3841),
]


@pytest.mark.parametrize(("base", "other", "size"), [row[1:] for row in SIZES], ids=[row[0] for row in SIZES])
def test_how_many_contacts_an_arm_needs(base: float, other: float, size: int) -> None:
    assert sample_size(base, other) == size


def test_the_lift_that_a_hold_out_detects() -> None:
    # statsmodels 0.15.0 (power_proportions_2indep) gives a power of 0.766 at 1.60 points, 0.805 at 1.68.
    assert detectable_lift(16_071, 1_786) == pytest.approx(0.0167, abs=5e-5)
    assert detectable_lift(3841, 3841, base=0.10) == pytest.approx(0.02, abs=1e-5)
    assert detectable_lift(16_071, 1_786, power=0.5) < detectable_lift(16_071, 1_786)


@pytest.mark.parametrize(("exposed", "held_out"), [(0, 10), (10, 0), (0, 0), (1, 1)])
def test_what_cannot_be_detected_is_the_most_there_can_be(exposed: int, held_out: int) -> None:
    assert detectable_lift(exposed, held_out) == pytest.approx(0.95)


MISUSE = [
    ("a share in per cent", lambda: sample_size(10, 12), "base=10"),
    ("the same share twice", lambda: sample_size(0.1, 0.1), "no sample tells"),
    ("no power", lambda: sample_size(0.1, 0.2, power=0), "power=0"),
    ("a confidence in per cent", lambda: wilson(1, 2, confidence=95), "confidence=95"),
    ("no base", lambda: detectable_lift(10, 10, base=0), "base=0"),
]


@pytest.mark.parametrize(("misuse", "problem"), [row[1:] for row in MISUSE], ids=[row[0] for row in MISUSE])
def test_a_misuse_is_told(misuse: object, problem: str) -> None:
    assert callable(misuse)
    with pytest.raises(InvalidInput, match=problem):
        misuse()


def test_the_critical_value_and_an_interval_that_holds_a_value() -> None:
    assert critical(0.95) == pytest.approx(1.959964, abs=1e-6)
    assert 0.5 in Interval(0.4, 0.5)
    assert 0.51 not in Interval(0.4, 0.5)
