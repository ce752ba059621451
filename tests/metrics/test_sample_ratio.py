from __future__ import annotations

import pytest

from smskit.errors import InvalidInput
from smskit.metrics import check_sample_ratio

# scipy 1.17.1: stats.chisquare
RATIOS: list[tuple[str, dict[str, int], dict[str, float] | None, float | None, bool]] = [
    ("as chance makes them", {"A": 5021, "B": 4979}, None, 0.6744775, False),
    ("one arm lost two in a hundred", {"A": 50_000, "B": 49_000}, None, 0.0014818808, False),
    ("one arm lost three in a hundred", {"A": 50_000, "B": 48_500}, None, 1.7582136e-06, True),
    ("nine to one, as asked for", {"A": 17_890, "B": 2_010}, {"A": 9, "B": 1}, 0.6365075, False),
    ("nine to one, and not asked for", {"A": 17_890, "B": 2_010}, None, 0.0, True),
    ("three arms", {"A": 1000, "B": 1000, "C": 1150}, None, 0.00079049032, True),
    ("an arm without traffic", {"A": 40, "B": 0}, None, 2.5396e-10, True),
    ("nobody at all", {"A": 0, "B": 0}, None, None, False),
    ("one arm", {"A": 12}, None, None, False),
    ("no arm", {}, None, None, False),
]


@pytest.mark.parametrize(
    ("sizes", "weights", "p", "is_suspect"), [row[1:] for row in RATIOS], ids=[row[0] for row in RATIOS]
)
def test_the_sizes_of_arms_against_their_weights(
    sizes: dict[str, int], weights: dict[str, float] | None, p: float | None, is_suspect: bool
) -> None:
    checked = check_sample_ratio(sizes, weights=weights)
    assert checked.p_value == (None if p is None else pytest.approx(p, rel=1e-4, abs=1e-12))
    assert checked.is_suspect is is_suspect
    assert (checked.warning is not None) is is_suspect
    assert ("something other than chance" in str(checked).replace("\n          ", " ")) is is_suspect


MISUSE = [
    ("weights of other arms", {"A": 1, "B": 2}, {"A": 1.0, "C": 1.0}),
    ("no weight", {"A": 1, "B": 2}, {"A": 1.0, "B": 0.0}),
    ("a weight without an end", {"A": 1, "B": 2}, {"A": 1.0, "B": float("inf")}),
    ("weights that have no sum", {"A": 1, "B": 2}, {"A": 1e308, "B": 1e308}),
    ("fewer than nobody", {"A": -1, "B": 2}, None),
]


@pytest.mark.parametrize(("sizes", "weights"), [row[1:] for row in MISUSE], ids=[row[0] for row in MISUSE])
def test_a_check_that_cannot_be_made_says_why(sizes: dict[str, int], weights: dict[str, float] | None) -> None:
    with pytest.raises(InvalidInput):
        check_sample_ratio(sizes, weights=weights)
