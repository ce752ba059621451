from __future__ import annotations

import pytest

from smskit.errors import InvalidInput
from smskit.metrics.rates import Rate, RateBasis

THIN = "\N{NARROW NO-BREAK SPACE}"

# The worked examples of the mission, each with the basis that it is worked with.
RATES = [
    ("10 receive, 2 click", Rate(2, 10, RateBasis.DELIVERED), 0.20),
    ("500 sent, 50 click", Rate(50, 500, RateBasis.SENT), 0.10),
    ("1000 sent, 100 buy", Rate(100, 1000, RateBasis.SENT), 0.10),
    ("Panda Tea", Rate(2926, 20_000, RateBasis.SENT), 0.1463),
    ("none of some", Rate(0, 10, RateBasis.SENT), 0.0),
    ("none of nothing is not zero", Rate(0, 0, RateBasis.SENT), None),
    ("more clicks than receipts", Rate(3, 2, RateBasis.DELIVERED), 1.5),
]


@pytest.mark.parametrize(("rate", "value"), [row[1:] for row in RATES], ids=[row[0] for row in RATES])
def test_a_rate_has_a_value(rate: Rate, value: float | None) -> None:
    assert rate.value == value


def test_a_rate_says_what_it_is_made_of() -> None:
    assert str(Rate(2926, 20_000, RateBasis.SENT)) == (
        f"14.63{THIN}% (14.15{THIN}% to 15.13{THIN}%) of 20{THIN}000 sent"
    )
    assert str(Rate(0, 0, RateBasis.DELIVERED)) == "– of 0 delivered"
    assert str(Rate(3, 2, RateBasis.DELIVERED)) == f"150.00{THIN}% of 2 delivered"


def test_a_rate_without_a_meaning_has_no_interval() -> None:
    assert Rate(0, 0, RateBasis.SENT).interval is None
    assert Rate(3, 2, RateBasis.SENT).interval is None


def test_another_confidence() -> None:
    wide, narrow = Rate(50, 500, RateBasis.SENT).interval, Rate(50, 500, RateBasis.SENT).interval_at(0.8)
    assert wide is not None
    assert narrow is not None
    assert wide.low < narrow.low < narrow.high < wide.high


@pytest.mark.parametrize(("numerator", "denominator"), [(-1, 5), (1, -5), (1.5, 3), (True, 3)])
def test_counts_are_counts(numerator: int, denominator: int) -> None:
    with pytest.raises(InvalidInput, match="whole number"):
        Rate(numerator, denominator, RateBasis.SENT)
