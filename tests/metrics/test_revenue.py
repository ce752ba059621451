from __future__ import annotations

import random
from collections.abc import Callable
from decimal import Decimal

import pytest

from smskit.errors import InvalidInput
from smskit.metrics import (
    Against,
    Counts,
    MeanDifference,
    MoneyInterval,
    Outcome,
    RevenueTest,
    Takings,
    compare_revenue,
)
from smskit.money import MICROS, Money

FEW = Takings.of(8, ["10", "12.50", "0.01"])
MORE = Takings.of(10, ["22.00", "18", "31.99", "7.5"])


def shop(seed: int, recipients: int, share: float, *, times: float = 1.0) -> Takings:
    dice = random.Random(seed)
    buyers = sum(dice.random() < share for _ in range(recipients))
    return Takings.of(recipients, [f"{dice.lognormvariate(3, 0.9) * times:.2f}" for _ in range(buyers)])


def test_sums_are_exact() -> None:
    assert FEW.micros == 22_510_000
    assert FEW.squares == 10_000_000**2 + 12_500_000**2 + 10_000**2
    assert FEW.mean == Decimal("2.81375")
    assert Takings.of(3, ["0.10"] * 3).mean == Decimal("0.1")
    assert Takings(0).mean is None


def test_sums_add_up() -> None:
    both = FEW + MORE
    assert both == Takings.of(18, ["10", "12.50", "0.01", "22.00", "18", "31.99", "7.5"])
    assert (FEW + Takings(10, 1, MICROS, MICROS**2)).amounts == ()  # the amounts of one were not kept


def test_a_difference_by_welch() -> None:
    # scipy 1.17.1: stats.ttest_ind(equal_var=False) and its confidence_interval
    difference = MeanDifference(MORE, FEW)
    assert difference.amount == Decimal("5.13525")
    assert difference.p_value == pytest.approx(WELCH_P, rel=1e-9)
    interval = difference.interval
    assert interval is not None
    assert (interval.low, interval.high) == (WELCH_LOW, WELCH_HIGH)
    assert isinstance(interval.low, Decimal)
    assert difference.incremental == Decimal("51.3525")
    whole = difference.incremental_interval
    assert whole is not None
    assert float(whole.low) == pytest.approx(float(WELCH_LOW) * 10, abs=1e-5)
    narrow = difference.interval_at(0.5)
    assert narrow is not None
    assert interval.low < narrow.low < difference.amount < narrow.high < interval.high


WELCH_P = 0.24010934360061342
WELCH_LOW, WELCH_HIGH = Decimal("-3.877445"), Decimal("14.147945")

NOTHING: list[tuple[str, Takings, Takings]] = [
    ("an arm without recipients", Takings(0), FEW),
    ("one recipient has no variance", Takings.of(1, ["5"]), FEW),
    ("nobody bought", Takings(100), Takings(100)),
    ("everybody spent the same", Takings.of(3, ["5"] * 3), Takings.of(2, ["5"] * 2)),
]


@pytest.mark.parametrize(("one", "other"), [row[1:] for row in NOTHING], ids=[row[0] for row in NOTHING])
@pytest.mark.parametrize("test", list(RevenueTest))
def test_where_nothing_can_be_told_nothing_is(one: Takings, other: Takings, test: RevenueTest) -> None:
    difference = MeanDifference(one, other)
    assert (difference.p_value, difference.interval, difference.incremental_interval) == (None, None, None)
    (compared,) = compare_revenue({"A": other, "B": one}, test=test)
    assert compared.outcome is not Outcome.DIFFERENT
    assert str(compared)


def test_a_true_difference_is_found_both_ways() -> None:
    arms = {"A": shop(1, 20_000, 0.05), "B": shop(2, 20_000, 0.05, times=1.6)}
    (welch,) = compare_revenue(arms)
    (redrawn,) = compare_revenue(arms, test=RevenueTest.BOOTSTRAP)
    assert (welch.outcome, redrawn.outcome) == (Outcome.DIFFERENT, Outcome.DIFFERENT)
    assert welch.interval is not None
    assert redrawn.interval is not None
    assert float(redrawn.interval.low) == pytest.approx(float(welch.interval.low), abs=0.06)
    assert float(redrawn.interval.high) == pytest.approx(float(welch.interval.high), abs=0.06)
    assert "by bootstrap" in redrawn.sentence


def test_one_buyer_tells_nothing_of_those_who_did_not_come() -> None:
    arms = {"A": FEW, "B": Takings.of(10, ["22.00"])}
    (redrawn,) = compare_revenue(arms, test=RevenueTest.BOOTSTRAP)
    (welch,) = compare_revenue(arms)
    assert (redrawn.interval, redrawn.p_adjusted, redrawn.outcome) == (None, None, Outcome.NOT_SHOWN)
    assert welch.interval is not None


def test_drawing_again_is_the_same_each_time() -> None:
    arms = {"A": shop(3, 2000, 0.02), "B": shop(4, 2000, 0.02)}
    first, again = (compare_revenue(arms, test=RevenueTest.BOOTSTRAP, replicates=200)[0] for _ in range(2))
    other = compare_revenue(arms, test=RevenueTest.BOOTSTRAP, replicates=200, seed=1)[0]
    assert first == again
    assert first.interval != other.interval
    # Random.random() is the same on every Python: so are these.
    assert first.interval == REDRAWN


REDRAWN = MoneyInterval(Decimal("-0.59935"), Decimal("0.300935"))


def test_no_two_comparisons_are_drawn_alike() -> None:
    same = shop(4, 2000, 0.02)
    first, second = compare_revenue(
        {"A": shop(3, 2000, 0.02), "B": same, "C": same}, test=RevenueTest.BOOTSTRAP, replicates=200
    )
    assert first.interval != second.interval


def test_amounts_that_never_differ_are_no_surprise() -> None:
    arms = {"A": Takings.of(50, ["5"] * 50), "B": Takings.of(60, ["5"] * 60)}
    (compared,) = compare_revenue(arms, test=RevenueTest.BOOTSTRAP, replicates=200)
    assert (compared.p_adjusted, compared.interval) == (1.0, MoneyInterval(Decimal(0), Decimal(0)))


def test_three_arms_make_each_comparison_harder() -> None:
    arms = {"A": shop(5, 5000, 0.05), "B": shop(6, 5000, 0.05, times=1.5), "C": shop(7, 5000, 0.05)}
    first, second = compare_revenue(arms)
    assert ((first.baseline, first.arm), (second.baseline, second.arm)) == (("A", "B"), ("A", "C"))
    assert first.p_adjusted is not None
    assert first.difference.p_value is not None
    assert first.p_adjusted == pytest.approx(2 * first.difference.p_value)
    assert [(one.baseline, one.arm) for one in compare_revenue(arms, against=Against.EACH_OTHER)] == [
        ("A", "B"), ("A", "C"), ("B", "C"),
    ]  # fmt: skip
    assert compare_revenue({"A": FEW}) == ()


def test_revenue_is_too_early_until_every_arm_has_its_size() -> None:
    arms = {"A": shop(1, 20_000, 0.05), "B": shop(2, 19_000, 0.05, times=1.6)}
    (early,) = compare_revenue(arms, min_per_arm=19_001)
    (enough,) = compare_revenue(arms, min_per_arm=19_000)
    assert (early.outcome, enough.outcome) == (Outcome.TOO_EARLY, Outcome.DIFFERENT)
    assert "p < " not in early.sentence
    assert "p < 0.0001" in enough.sentence


def test_the_sums_of_a_report() -> None:
    counts = Counts(sent=8, conversions=3, revenue_micros=FEW.micros, revenue_squares=FEW.squares)
    assert MeanDifference(MORE, Takings.of_counts(counts)).p_value == pytest.approx(WELCH_P, rel=1e-9)
    # Orders with a code and no known buyer: more of them than messages, and no variance that could be.
    odd = Takings.of_counts(Counts(sent=2, conversions=5, revenue_micros=50 * MICROS, revenue_squares=500 * MICROS**2))
    assert (odd.recipients, odd.buyers, odd.variance) == (2, 2, None)


MISUSE: list[tuple[str, Callable[[], object], str]] = [
    ("more buyers than recipients", lambda: Takings.of(1, ["5", "6"]), "2 buyers of 1"),
    ("a float", lambda: Takings.of(2, [5.5]), "exact amount"),  # type: ignore[list-item]
    ("no amount", lambda: Takings.of(2, ["five"]), "not an amount"),
    ("another currency", lambda: Takings.of(2, [Money(MICROS, "CHF")]), "CHF"),
    ("two currencies added up", lambda: FEW + Takings(1, currency="CHF"), "CHF"),
    ("two currencies compared", lambda: compare_revenue({"A": FEW, "B": Takings(5, currency="CHF")}), "CHF"),
    ("amounts that are not all", lambda: Takings(5, 2, 5, 25, amounts=(5,)), "1 amounts of 2"),
    (
        "no amounts to draw",
        lambda: compare_revenue({"A": FEW, "B": Takings(5, 1, 5, 25)}, test=RevenueTest.BOOTSTRAP),
        "Takings.of",
    ),
    (
        "too few draws",
        lambda: compare_revenue({"A": FEW, "B": MORE}, test=RevenueTest.BOOTSTRAP, replicates=9),
        "100 or more",
    ),
]


@pytest.mark.parametrize(("misuse", "problem"), [row[1:] for row in MISUSE], ids=[row[0] for row in MISUSE])
def test_takings_that_cannot_be_compared_say_why(misuse: Callable[[], object], problem: str) -> None:
    with pytest.raises(InvalidInput, match=problem):
        misuse()


def test_a_money_interval_holds_amounts() -> None:
    interval = MoneyInterval(Decimal("-1.5"), Decimal(2000))
    assert 0 in interval
    assert Decimal("2000.01") not in interval
    assert str(interval) == "-1.5000 to 2\N{NARROW NO-BREAK SPACE}000.00 EUR"
