from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from smskit.errors import InvalidInput
from smskit.kinds import Channel
from smskit.metrics import Benchmarks, Figure, Metric, MoneyInterval, Rate, RateBasis, Simulation, Span, simulate
from smskit.money import MICROS, Money


def span(low: str, high: str) -> Span:
    return Span(Decimal(low), Decimal(high))


def money(low: str, high: str) -> MoneyInterval:
    return MoneyInterval(Decimal(low), Decimal(high))


def test_panda_tea_before_it_was_sent() -> None:
    tea = simulate(20_000, "0.05", sector="tea", opt_outs="0")
    assert tea.conversions == span("2926", "2926")
    assert tea.cost == money("1000", "1000")
    assert tea.revenue == money("64372", "64372")
    assert tea.roi_percent == span("6337.2", "6337.2")
    assert tea.break_even_conversion is not None
    assert round(tea.break_even_conversion.low * 100, 4) == Decimal("0.2273")
    assert tea.credits == 20_000
    chance = tea.revenue_interval
    assert chance is not None
    assert chance.low < 64_372 < chance.high
    # 1.96 standard deviations of a binomial number, each 22 EUR
    assert float(chance.high - 64_372) == pytest.approx(1.959964 * (20_000 * 0.1463 * 0.8537) ** 0.5 * 22, abs=0.01)


def test_a_range_stays_a_range() -> None:
    some = simulate(10_000, "0.045", basket="20")
    assert some.delivered == span("9800", "10000")
    assert some.clicks == span("588", "1600")
    assert some.conversions == span("1176", "2900")
    assert some.opt_outs == span("0", "100")
    assert some.confirmation_cost == money("0", "4.5")
    assert some.cost == money("450", "454.5")
    assert some.credits == 10_100
    assert some.revenue == money("23520", "58000")
    assert some.roi_interval is not None
    assert some.roi_percent is not None
    assert some.roi_interval.low < some.roi_percent.low < some.roi_percent.high < some.roi_interval.high


def test_longer_messages_and_another_price_of_confirmations() -> None:
    some = simulate(1000, "0.05", parts=2, opt_outs="0.02", delivery="1", confirmation_price="0.10")
    assert some.message_cost == Money(100 * MICROS)
    assert some.confirmation_cost == money("2", "2")
    assert some.credits == 2020
    assert simulate(150, "0.05", delivery="1", opt_outs="0.01").credits == 152  # half a confirmation is a whole one


def test_your_own_rate_brings_its_interval() -> None:
    some = simulate(1000, "0.05", conversion=Rate(100, 1000, RateBasis.SENT), basket="10")
    assert some.conversions is not None
    assert float(some.conversions.low) == pytest.approx(82.909, abs=1e-3)
    assert float(some.conversions.high) == pytest.approx(120.152, abs=1e-3)


def test_every_figure_that_was_used_stands_with_its_source() -> None:
    some = simulate(1000, "0.05", basket="10", clicks=0.08)
    assert [(one.metric, one.source) for one in some.assumptions] == [
        (Metric.DELIVERY_RATE, "smsmode, SMS KPIs"),
        (Metric.CLICK_RATE, "given"),
        (
            Metric.CONVERSION_RATE,
            "smsmode, conversion rate; smsmode, SMS KPIs and conversion rate, after Marketing Charts",
        ),
        (Metric.OPT_OUT_RATE, "smsmode, SMS KPIs"),
        (Metric.BASKET, "given"),
    ]
    text = str(some)
    assert all(one.source in text for one in some.assumptions)
    assert "<table" in some._repr_html_()


def test_what_no_figure_tells_is_not_known() -> None:
    rcs = simulate(1000, "0.08", channel=Channel.RCS)
    assert rcs == simulate(1000, "0.08", channel="rcs")
    assert (rcs.delivered, rcs.conversions, rcs.revenue, rcs.roi_percent, rcs.roi_interval) == (None,) * 5
    assert rcs.break_even_conversion is None
    assert rcs.confirmation_cost is None
    assert rcs.cost == money("80", "80")
    assert "give your own" in str(rcs)
    known = simulate(1000, "0.08", channel="rcs", delivery="0.9", basket="10")
    assert known.conversions == span("162", "162")


def test_a_basket_in_another_money_is_not_taken() -> None:
    swiss = simulate(1000, "0.05", sector="tea", currency="CHF")
    assert (swiss.basket, swiss.revenue) == (None, None)
    assert "no basket is known in CHF" in str(swiss)
    assert swiss.cost.currency == "CHF"


NOTHING: list[tuple[str, Simulation]] = [
    ("nobody", simulate(0, "0.05", basket="10")),
    ("for nothing", simulate(10, "0", basket="10")),
    ("for no basket", simulate(10, "0.05", basket="0")),
]


@pytest.mark.parametrize("nothing", [row[1] for row in NOTHING], ids=[row[0] for row in NOTHING])
def test_nothing_is_divided_by_nothing(nothing: Simulation) -> None:
    assert str(nothing)
    if not nothing.cost.low:
        assert nothing.roi_percent is None
    assert nothing.contacts == 10 or nothing.break_even_conversion is None


def test_benchmarks_are_replaceable() -> None:
    own = Benchmarks.named("smsmode-2025").replacing(
        Figure("sms", Metric.CONVERSION_RATE, Decimal("0.02"), Decimal("0.03"), "our last year", RateBasis.SENT),
        Figure("sms", Metric.BASKET, Decimal(40), Decimal(60), "our last year", currency="EUR"),
    )
    some = simulate(1000, "0.05", benchmark=own)
    assert some.conversions == span("20", "30")
    assert some.revenue == money("800", "1800")
    odd = own.replacing(Figure("sms", Metric.CLICK_RATE, Decimal("0.1"), Decimal("0.1"), "x", RateBasis.OPENED))
    assert simulate(1000, "0.05", benchmark=odd).clicks is None  # nobody knows who opened


MISUSE: list[tuple[str, Callable[[], Simulation], str]] = [
    ("fewer than nobody", lambda: simulate(-1, "0.05"), "contacts=-1"),
    ("no part", lambda: simulate(1, "0.05", parts=0), "parts=0"),
    ("a price as a float", lambda: simulate(1, 0.05), "in quotes"),  # type: ignore[arg-type]
    ("a price below zero", lambda: simulate(1, Money(-1)), "zero or more"),
    ("a share in per cent", lambda: simulate(1, "0.05", clicks=8), "between 0 and 1"),
    ("a share that is no number", lambda: simulate(1, "0.05", clicks=float("nan")), "between 0 and 1"),
    ("an amount without an end", lambda: simulate(1, "0.05", basket="1e999999"), "not an amount"),
    ("a share that is none", lambda: simulate(1, "0.05", clicks="many"), "between 0 and 1"),
    ("a rate of nothing", lambda: simulate(1, "0.05", clicks=Rate(0, 0, RateBasis.SENT)), "no share"),
    ("a sector without figures", lambda: simulate(1, "0.05", sector="bank"), "tea"),
    ("a channel without figures", lambda: simulate(1, "0.05", channel="fax"), "fax"),
    ("unknown benchmarks", lambda: simulate(1, "0.05", benchmark="mine"), "mine"),
    ("two currencies", lambda: simulate(1, Money(1), basket=Money(1, "CHF")), "CHF"),
]


@pytest.mark.parametrize(("misuse", "problem"), [row[1:] for row in MISUSE], ids=[row[0] for row in MISUSE])
def test_a_simulation_that_cannot_be_made_says_why(misuse: Callable[[], Simulation], problem: str) -> None:
    with pytest.raises(InvalidInput, match=problem):
        misuse()
