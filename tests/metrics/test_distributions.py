from __future__ import annotations

from collections.abc import Callable

import pytest

from smskit.errors import InvalidInput
from smskit.metrics.distributions import chi_square_above, student_beyond, student_critical

# scipy 1.17.1: stats.chi2.sf
CHI_SQUARES = [
    ("one degree, where one in twenty is above", 3.841458820694124, 1, 0.05),
    ("two degrees are an exponential", 4.0, 2, 0.1353352832366127),
    ("three", 10.0, 3, 0.01856613546304325),
    ("far out in the tail", 200.0, 4, 3.757277467726634e-42),
    ("nothing apart", 0.0, 5, 1.0),
]


@pytest.mark.parametrize(
    ("x", "freedom", "above"), [row[1:] for row in CHI_SQUARES], ids=[row[0] for row in CHI_SQUARES]
)
def test_how_often_chi_square_is_above(x: float, freedom: int, above: float) -> None:
    assert chi_square_above(x, freedom) == pytest.approx(above, rel=1e-12)


# scipy 1.17.1: 2 * stats.t.sf
STUDENTS = [
    ("one degree is Cauchy's", 1.0, 1.0, 0.5),
    ("ten degrees, near the middle", 0.5, 10.0, 0.6278936057176257),
    ("ten degrees, where one in twenty is beyond", 2.228138851964939, 10.0, 0.05),
    ("either side", -2.228138851964939, 10.0, 0.05),
    ("degrees that are not whole", 3.3, 17.25, 0.004164442018390452),
    ("so many that it is the normal", 1.96, 1e7, 0.04999581802531423),
    ("nothing apart", 0.0, 4.0, 1.0),
]


@pytest.mark.parametrize(("t", "freedom", "beyond"), [row[1:] for row in STUDENTS], ids=[row[0] for row in STUDENTS])
def test_how_often_student_is_beyond(t: float, freedom: float, beyond: float) -> None:
    assert student_beyond(t, freedom) == pytest.approx(beyond, rel=1e-9)


@pytest.mark.parametrize(("confidence", "freedom"), [(0.95, 1.0), (0.95, 10.0), (0.999, 2.5), (0.8, 40_000.0)])
def test_beyond_the_critical_value_lies_what_was_asked_for(confidence: float, freedom: float) -> None:
    assert student_beyond(student_critical(confidence, freedom), freedom) == pytest.approx(1 - confidence, rel=1e-9)


MISUSE: list[tuple[str, Callable[[], float]]] = [
    ("a distance below zero", lambda: chi_square_above(-1, 2)),
    ("a distance that is no number", lambda: chi_square_above(float("nan"), 2)),
    ("a t that is no number", lambda: student_beyond(float("nan"), 2)),
    ("no degree of freedom", lambda: chi_square_above(1, 0)),
    ("no freedom of Student's", lambda: student_beyond(1, 0)),
    ("a confidence in per cent", lambda: student_critical(95, 10)),
]


@pytest.mark.parametrize("misuse", [row[1] for row in MISUSE], ids=[row[0] for row in MISUSE])
def test_a_misuse_of_a_distribution_is_told(misuse: Callable[[], float]) -> None:
    with pytest.raises(InvalidInput):
        misuse()


def test_nothing_lies_beyond_what_has_no_end() -> None:
    without_end = float("inf")
    assert [chi_square_above(without_end, freedom) for freedom in (1, 2, 3)] == [0.0] * 3
    assert [student_beyond(t, 3) for t in (without_end, -without_end, 1e200)] == [0.0] * 3
