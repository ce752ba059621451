from __future__ import annotations

from decimal import Decimal

import pytest

from smskit.errors import InvalidInput
from smskit.metrics import Holdout, MeanDifference, Takings, visits
from smskit.money import MICROS, Money

THIN = "\N{NARROW NO-BREAK SPACE}"
BASKET = Money(22 * MICROS)


def test_the_visits_of_the_mission() -> None:
    shop = visits(exposed=(900, 18_000), control=(70, 2_000))
    assert shop.difference.treated.value == 0.05
    assert shop.difference.control.value == 0.035
    assert shop.lift == pytest.approx(0.42857142857)
    assert shop.incremental == pytest.approx(270)
    interval = shop.incremental_interval
    assert interval is not None
    assert (round(interval.low), round(interval.high)) == (99, 412)
    assert shop.sentence == (
        f"visits: 5.0{THIN}% against 3.5{THIN}%, +42.9{THIN}%, 270 that would not have been (95{THIN}% between 99 and 412)"
    )
    assert "hold-out · visits" in str(shop)
    assert "18\N{NARROW NO-BREAK SPACE}000" in shop._repr_html_()


def test_the_lift_has_an_interval_of_its_own() -> None:
    # scipy 1.17.1: stats.contingency.relative_risk(900, 18000, 70, 2000).confidence_interval()
    interval = visits(exposed=(900, 18_000), control=(70, 2_000)).lift_interval
    assert interval is not None
    assert (interval.low, interval.high) == pytest.approx((0.1251347659953812, 0.8138416732018308), abs=1e-9)


def test_what_the_visits_are_worth() -> None:
    worth = visits(exposed=(900, 18_000), control=(70, 2_000)).worth(BASKET)
    assert worth is not None
    assert worth.amount == Decimal(5940)
    assert worth.interval is not None
    assert round(worth.interval.low / 22) == 99
    assert round(worth.interval.high / 22) == 412
    assert str(worth) == f"5{THIN}940.00 EUR, 95{THIN}% between 2{THIN}176.68 and 9{THIN}074.88"


def test_what_each_spent_is_known() -> None:
    exposed, control = Takings.of(1000, ["20.00"] * 60 + ["80"] * 5), Takings.of(500, ["20.00"] * 15)
    shop = visits(exposed=(65, 1000), control=(15, 500), what="purchases", revenue=MeanDifference(exposed, control))
    assert shop.revenue is not None
    assert shop.revenue.incremental == Decimal(1000)  # 1600 less twice 300
    assert "revenue that would not have been: 1\N{NARROW NO-BREAK SPACE}000.00 EUR" in str(shop)
    assert "purchases" in str(shop)


ANSWERS: list[tuple[str, Holdout, str]] = [
    ("an empty control", visits(exposed=(5, 10), control=(0, 0)), "a group is empty"),
    ("nobody exposed", visits(exposed=(0, 0), control=(5, 10)), "a group is empty"),
    ("more visits than people", visits(exposed=(30, 20), control=(5, 10)), "more than people"),
    ("a difference that chance makes", visits(exposed=(51, 1000), control=(50, 1000)), "may be chance"),
    ("a control that does nothing", visits(exposed=(51, 1000), control=(0, 1000)), "51 that would not have been"),
]


@pytest.mark.parametrize(("shop", "said"), [row[1:] for row in ANSWERS], ids=[row[0] for row in ANSWERS])
def test_bad_groups_have_an_answer(shop: Holdout, said: str) -> None:
    assert said in shop.sentence
    assert str(shop)


def test_an_empty_group_is_worth_nothing_that_is_known() -> None:
    assert visits(exposed=(5, 10), control=(0, 0)).worth(BASKET) is None
    assert visits(exposed=(5, 10), control=(0, 0)).lift_interval is None
    crowd = visits(exposed=(30, 20), control=(5, 10)).worth(BASKET)
    assert crowd is not None
    assert (crowd.amount, crowd.interval) == (Decimal(440), None)


@pytest.mark.parametrize("exposed", [(-1, 10), (1.5, 10), (5,), (1, 2, 3)])
def test_counts_of_visits_are_counts(exposed: tuple[int, int]) -> None:
    with pytest.raises(InvalidInput):
        visits(exposed=exposed, control=(1, 10))
