from __future__ import annotations

import pytest

from smskit.metrics.difference import Difference
from smskit.metrics.rates import Rate, RateBasis


def shop(treated: int, of_treated: int, control: int, of_control: int) -> Difference:
    return Difference(Rate(treated, of_treated, RateBasis.ASSIGNED), Rate(control, of_control, RateBasis.ASSIGNED))


def test_the_hold_out_of_the_mission() -> None:
    visits = shop(900, 18_000, 70, 2_000)
    assert visits.treated.value == 0.05
    assert visits.control.value == 0.035
    assert visits.points == pytest.approx(0.015)
    assert visits.relative is not None
    assert f"{visits.relative:+.1%}" == "+42.9%"
    assert visits.incremental == pytest.approx(270)
    interval = visits.incremental_interval
    assert interval is not None
    assert (round(interval.low), round(interval.high)) == (99, 412)
    assert visits.is_shown


def test_two_arms() -> None:
    arms = shop(120, 1000, 90, 1000)
    assert arms.points == pytest.approx(0.03)
    assert arms.interval is not None
    assert (arms.interval.low * 100, arms.interval.high * 100) == pytest.approx((0.310, 5.701), abs=5e-4)
    assert arms.z == pytest.approx(2.1883, abs=5e-5)
    assert arms.p_value == pytest.approx(0.02865, abs=5e-6)


def test_a_difference_that_chance_makes_is_not_shown() -> None:
    arms = shop(101, 1000, 100, 1000)
    assert not arms.is_shown
    assert "not more than chance" in str(arms)
    assert "not more than chance" not in str(shop(200, 1000, 100, 1000))


EMPTY = [
    ("nobody held out", shop(5, 10, 0, 0)),
    ("nobody sent to", shop(0, 0, 5, 10)),
]


@pytest.mark.parametrize("difference", [row[1] for row in EMPTY], ids=[row[0] for row in EMPTY])
def test_an_empty_group_makes_no_difference_of_zero(difference: Difference) -> None:
    assert difference.points is None
    assert difference.relative is None
    assert difference.incremental is None
    assert difference.incremental_interval is None
    assert difference.p_value is None
    assert not difference.is_shown
    assert "cannot" in str(difference) or "no difference can be told" in str(difference)


def test_a_control_that_does_nothing_has_no_relative_lift() -> None:
    assert shop(5, 10, 0, 10).relative is None
    assert shop(5, 10, 0, 10).points == 0.5
