from __future__ import annotations

import random

import pytest

from smskit.errors import InvalidInput
from smskit.metrics import always_valid, pooled_z
from smskit.metrics.inference import two_sided_p

# The likelihood averaged over the mixture by scipy 1.17.1 (integrate.quad), see tests/oracles.
LOOKS = [
    ("an early look at the mission's arms", 120, 1000, 90, 1000, 0.348324340, -0.0144485689, 0.0744485689),
    ("a late look at a true difference", 600, 5000, 500, 5000, 0.031934886, 0.0009879717, 0.0390120283),
    ("nothing apart", 100, 1000, 100, 1000, 1.0, None, None),
]


@pytest.mark.parametrize(
    ("first", "of_first", "second", "of_second", "p", "low", "high"),
    [row[1:] for row in LOOKS],
    ids=[row[0] for row in LOOKS],
)
def test_one_look(
    first: int, of_first: int, second: int, of_second: int, p: float, low: float | None, high: float | None
) -> None:
    found = always_valid(first, of_first, second, of_second)
    assert found is not None
    assert found.p_value == pytest.approx(p, abs=1e-8)
    if low is not None and high is not None:
        assert (found.interval.low, found.interval.high) == pytest.approx((low, high), abs=1e-9)


@pytest.mark.parametrize("first", [(0, 0), (3, 2), (-1, 5)])
def test_what_is_no_share_is_not_tested(first: tuple[int, int]) -> None:
    assert always_valid(*first, 1, 10) is None
    assert always_valid(1, 10, *first) is None


def test_nobody_bought_yet_is_no_certainty() -> None:
    found = always_valid(0, 40, 0, 40)
    assert found is not None
    assert found.p_value == 1.0
    assert found.interval.low < -0.05 < 0.05 < found.interval.high
    three = always_valid(3, 40, 0, 40)
    assert three is not None
    assert three.p_value > 0.05


@pytest.mark.parametrize(
    ("sd", "confidence"), [(0.0, 0.95), (-1.0, 0.95), (1e-170, 0.95), (float("inf"), 0.95), (0.02, 95)]
)
def test_a_misuse_of_the_sequential_test_is_told(sd: float, confidence: float) -> None:
    with pytest.raises(InvalidInput):
        always_valid(1, 10, 2, 10, mixture_sd=sd, confidence=confidence)


def test_ten_looks_at_two_arms_that_are_the_same() -> None:
    """The large simulation, with its figures, stands in tests/oracles/test_oracle_statistics.py; here are 400 runs."""
    dice = random.Random(20260624)
    peeked = sequential = covered = 0
    for _ in range(400):
        one = other = 0
        alarmed, surprised, held = False, False, True
        for look in range(1, 11):
            one += sum(dice.random() < 0.1 for _ in range(200))
            other += sum(dice.random() < 0.1 for _ in range(200))
            z, found = pooled_z(one, look * 200, other, look * 200), always_valid(one, look * 200, other, look * 200)
            assert z is not None
            assert found is not None
            alarmed |= two_sided_p(z) < 0.05
            surprised |= found.p_value < 0.05
            held &= 0 in found.interval
        peeked += alarmed
        sequential += surprised
        covered += held
    assert 0.14 < peeked / 400 < 0.25
    assert sequential / 400 <= 0.03
    assert covered / 400 >= 0.97
