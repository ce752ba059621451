from __future__ import annotations

from math import comb

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
    wilson_of_sample,
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
    assert wilson_of_sample(successes, trials, 1_000) is None


SAMPLES = [
    # what                                            in truth   drawn   of
    ("half of them, and a quarter was looked at",     100,       50,     200),
    ("one in ten, and three quarters were looked at", 50,        375,    500),
    ("nearly all, and a tenth was looked at",         970,       100,    1_000),
]  # fmt: skip


@pytest.mark.parametrize(("true", "drawn", "of"), [row[1:] for row in SAMPLES], ids=[row[0] for row in SAMPLES])
def test_of_a_sample_without_replacement_about_95_intervals_in_100_hold_the_truth(
    true: int, drawn: int, of: int
) -> None:
    holding = 0
    for found in range(max(0, drawn - (of - true)), min(drawn, true) + 1):
        interval = wilson_of_sample(found, drawn, of)
        assert interval is not None
        if true / of in interval:
            holding += comb(true, found) * comb(of - true, drawn - found)
    assert 0.93 < holding / comb(of, drawn) < 0.985


def test_the_more_of_the_whole_is_known_the_less_is_left_to_guess() -> None:
    of_many, of_some, of_all = (wilson_of_sample(6, 10, population) for population in (10**12, 20, 10))
    assert of_many is not None
    assert of_some is not None
    assert of_many.low < of_some.low < 0.6 < of_some.high < of_many.high
    assert of_all == Interval(0.6, 0.6)
    few = wilson_of_sample(3, 3, 10_000)
    assert few is not None
    assert few.low < 0.5, "three answers are not everybody"


def test_three_quarters_of_500_tell_the_reach_within_26_points_of_a_thousand() -> None:
    interval = wilson_of_sample(188, 375, 500)
    assert interval is not None
    assert (interval.high - interval.low) / 2 == pytest.approx(0.0253, abs=0.0001)


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
    assert critical(1 - 2**-53) == pytest.approx(8.2924, abs=1e-4)  # the last one before certainty
    assert 0.5 in Interval(0.4, 0.5)
    assert 0.51 not in Interval(0.4, 0.5)
