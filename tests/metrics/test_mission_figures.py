"""Every worked example of the articles the project was made from, with its exact value."""

from __future__ import annotations

from decimal import Decimal

import pytest

from smskit.metrics import (
    Arm,
    Counts,
    Economics,
    ExperimentPlan,
    Metric,
    Outcome,
    Rate,
    RateBasis,
    compare_arms,
    newcombe,
    pooled_z,
    sample_size,
    simulate,
    visits,
    wilson,
)
from smskit.metrics.inference import two_sided_p
from smskit.money import MICROS

SENT, DELIVERED = RateBasis.SENT, RateBasis.DELIVERED

# The formulas, each with the example that the article works with it.
RATES = [
    (
        "click rate: 10 receive, 2 click",
        Counts(sent=10, delivered=10, linked=10, clickers=2).click_rate(DELIVERED),
        0.20,
    ),
    ("click rate: 500 sent, 50 click", Counts(sent=500, delivered=490, linked=500, clickers=50).click_rate(SENT), 0.10),
    ("conversion: 1000 sent, 100 buy", Counts(sent=1000, delivered=990, conversions=100).conversion_rate(SENT), 0.10),
    ("Panda Tea: 20 000 written to, 2926 buy", Counts(sent=20_000, conversions=2926).conversion_rate(SENT), 0.1463),
]


@pytest.mark.parametrize(("rate", "value"), [row[1:] for row in RATES], ids=[row[0] for row in RATES])
def test_rates(rate: Rate | None, value: float) -> None:
    assert rate is not None
    assert rate.value == value


RETURNS = [
    # cost, revenue, ROI in percent, net for each unit, gross for each unit
    ("1 EUR spent brings 50 EUR: 4900 %", 1, 50, "4900", "49", "50"),
    ("1000 EUR bring 10 000 EUR: 900 %, 9 EUR each", 1000, 10_000, "900", "9", "10"),
    ("Panda Tea: 6337.2 %, 63.37 EUR each", 1000, 64_372, "6337.2", "63.372", "64.372"),
]


@pytest.mark.parametrize(
    ("cost", "revenue", "roi", "net", "gross"), [row[1:] for row in RETURNS], ids=[row[0] for row in RETURNS]
)
def test_returns_on_investment(cost: int, revenue: int, roi: str, net: str, gross: str) -> None:
    money = Economics(cost * MICROS, revenue * MICROS, 1, 1)
    assert money.roi_percent == Decimal(roi)
    assert money.net_per_unit == Decimal(net)
    assert money.revenue_per_unit == Decimal(gross)


def test_panda_tea() -> None:
    tea = Economics(1000 * MICROS, 64_372 * MICROS, messages=20_000, conversions=2926)
    assert tea.roi_percent == Decimal("6337.2")
    assert tea.unit_cost == Decimal("0.05")
    assert tea.basket == Decimal("22.00")
    assert tea.rpm == Decimal("3.2186")
    assert tea.rpm_1000 == Decimal("3218.6")
    assert tea.cost_per_conversion is not None
    assert round(tea.cost_per_conversion, 5) == Decimal("0.34176")
    assert tea.break_even_conversion is not None
    assert round(100 * tea.break_even_conversion, 4) == Decimal("0.2273")


INTERVALS = [
    ("Panda Tea", 2926, 20_000, 14.147, 15.127),
    ("50 of 500", 50, 500, 7.668, 12.942),
    ("100 of 1000", 100, 1000, 8.291, 12.015),
]


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"), [row[1:] for row in INTERVALS], ids=[row[0] for row in INTERVALS]
)
def test_wilson_intervals_in_percent(successes: int, trials: int, low: float, high: float) -> None:
    interval = wilson(successes, trials)
    assert interval is not None
    assert (round(100 * interval.low, 3), round(100 * interval.high, 3)) == (low, high)


def test_two_arms() -> None:
    interval, z = newcombe(120, 1000, 90, 1000), pooled_z(120, 1000, 90, 1000)
    assert interval is not None
    assert z is not None
    assert (round(100 * interval.low, 3), round(100 * interval.high, 3)) == (0.310, 5.701)
    assert (round(z, 4), round(two_sided_p(z), 5)) == (2.1883, 0.02865)
    arms = [Arm("A", Counts(sent=1000, conversions=90)), Arm("B", Counts(sent=1000, conversions=120))]
    (compared,) = compare_arms(arms, Metric.CONVERSION_RATE)
    assert compared.outcome is Outcome.DIFFERENT
    assert compared.p_adjusted is not None
    assert round(compared.p_adjusted, 5) == 0.02865


def test_the_hold_out() -> None:
    shop = visits(exposed=(900, 18_000), control=(70, 2_000))
    interval = shop.incremental_interval
    assert shop.lift is not None
    assert shop.incremental is not None
    assert interval is not None
    assert (shop.difference.treated.value, shop.difference.control.value) == (0.05, 0.035)
    assert round(100 * shop.lift, 1) == 42.9
    assert (round(shop.incremental), round(interval.low), round(interval.high)) == (270, 99, 412)


@pytest.mark.parametrize(
    ("base", "other", "size"), [(0.10, 0.12, 3841), (0.06, 0.07, 9540), (0.12, 0.13, 17_169), (0.01, 0.012, 42_693)]
)
def test_sample_sizes(base: float, other: float, size: int) -> None:
    assert sample_size(base, other) == size
    assert ExperimentPlan.of(base, absolute=other - base).per_arm == size


def test_the_confirmation_of_each_opposition_is_one_credit() -> None:
    # "un débit d'un crédit sera automatiquement décompté [...] lors de chaque désinscription"
    forecast = simulate(20_000, "0.05", delivery="1", opt_outs="0.01", basket="22")
    assert forecast.credits == 20_200
    assert forecast.confirmation_cost is not None
    assert forecast.confirmation_cost.high == Decimal(10)
    told = Counts(sent=20_000, opted_out=200, cost_micros=1000 * MICROS, confirmations_micros=200 * 50_000)
    assert told.economics.cost.amount == Decimal(1010)
