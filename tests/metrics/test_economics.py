from __future__ import annotations

from decimal import Decimal

import pytest

from smskit.metrics.economics import Economics
from smskit.money import MICROS, Money


def spent(cost: int, revenue: int, messages: int = 1, conversions: int = 1) -> Economics:
    return Economics(cost * MICROS, revenue * MICROS, messages, conversions)


def test_panda_tea() -> None:
    tea = spent(1000, 64_372, 20_000, 2926)
    assert tea.roi_percent == Decimal("6337.2")
    assert tea.net_per_unit == Decimal("63.372")
    assert tea.revenue_per_unit == Decimal("64.372")
    assert tea.unit_cost == Decimal("0.05")
    assert tea.rpm == Decimal("3.2186")
    assert tea.rpm_1000 == Decimal("3218.6")
    assert tea.revenue_per_conversion == Decimal(22)
    assert tea.basket == Decimal("22.00")
    assert tea.cost_per_conversion is not None
    assert round(tea.cost_per_conversion, 5) == Decimal("0.34176")
    assert tea.break_even_conversion is not None
    assert round(tea.break_even_conversion * 100, 4) == Decimal("0.2273")
    assert tea.net == Money(63_372 * MICROS)


RETURNS = [
    ("one euro that brings fifty", 1, 50, "4900", "49", "50"),
    ("a thousand that bring ten thousand", 1000, 10_000, "900", "9", "10"),
    ("nothing comes back", 100, 0, "-100", "-1", "0"),
    ("refunds", 100, -50, "-150", "-1.5", "-0.5"),
]


@pytest.mark.parametrize(
    ("cost", "revenue", "roi", "net", "gross"), [row[1:] for row in RETURNS], ids=[row[0] for row in RETURNS]
)
def test_net_and_gross_are_two_things(cost: int, revenue: int, roi: str, net: str, gross: str) -> None:
    money = spent(cost, revenue)
    assert money.roi_percent == Decimal(roi)
    assert money.net_per_unit == Decimal(net)
    assert money.revenue_per_unit == Decimal(gross)


def test_a_division_by_nothing_is_unknown_and_not_zero() -> None:
    nothing = spent(0, 0, 0, 0)
    assert nothing.roi_percent is None
    assert nothing.revenue_per_unit is None
    assert nothing.unit_cost is None
    assert nothing.rpm is None
    assert nothing.rpm_1000 is None
    assert nothing.cost_per_conversion is None
    assert nothing.break_even_conversion is None
    assert spent(100, 0, 10, 2).break_even_conversion is None
    assert spent(100, -5, 10, 2).break_even_conversion is None
