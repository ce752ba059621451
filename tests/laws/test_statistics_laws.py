"""Laws of experiments and money: estimates lie in their intervals, sums add up, money is never a float, nothing divides by zero."""

from __future__ import annotations

from datetime import date
from decimal import Decimal, localcontext
from fractions import Fraction
from math import isfinite

from attrs import asdict
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from smskit.errors import InvalidInput
from smskit.kinds import FailureClass
from smskit.metrics import (
    Against,
    Alert,
    Arm,
    Benchmarks,
    Counts,
    Economics,
    ExperimentPlan,
    Figure,
    Goal,
    GoalProgress,
    Interval,
    MeanDifference,
    Metric,
    MoneyInterval,
    Rate,
    RateBasis,
    RevenueTest,
    Span,
    Takings,
    always_valid,
    check_alerts,
    check_sample_ratio,
    compare_arms,
    compare_revenue,
    simulate,
    visits,
)
from smskit.money import MICROS, Money
from smskit.records import Balance

few = st.integers(0, 50)
counted = st.integers(0, 10**6)
arms = st.builds(
    lambda sent, delivered, clickers, conversions, opted_out, revenue: Counts(
        planned=sent, sent=sent, delivered=delivered, linked=sent, clickers=clickers, conversions=conversions,
        opted_out=opted_out, revenue_micros=revenue, revenue_squares=revenue * revenue, cost_micros=sent * 45_000,
        failures={FailureClass.UNREACHABLE: max(0, sent - delivered)},
    ),
    few | counted, few | counted, few | counted, few | counted, few | counted, st.integers(-(10**12), 10**12),
)  # fmt: skip
"""Whatever can be counted, also what cannot be: more clicks than deliveries, buyers of nothing."""

amounts = st.lists(st.integers(-(10**9), 10**10), max_size=12)


def takings(extra: int, spent: list[int]) -> Takings:
    return Takings.of(len(spent) + extra, [Money(one) for one in spent])


groups = st.builds(takings, st.integers(0, 40), amounts)


def holds_no_float(value: object) -> bool:
    if isinstance(value, dict):
        return all(map(holds_no_float, value.values()))
    if isinstance(value, (list, tuple)):
        return all(map(holds_no_float, value))
    return not isinstance(value, float)


@given(
    st.lists(arms, max_size=4),
    st.sampled_from([Metric.CLICK_RATE, Metric.CONVERSION_RATE, Metric.OPT_OUT_RATE, Metric.DELIVERY_RATE]),
    st.sampled_from([RateBasis.SENT, RateBasis.DELIVERED, RateBasis.ASSIGNED]),
    st.booleans(),
    st.sampled_from(Against),
    st.none() | st.integers(0, 1000),
)
def test_any_counts_are_compared_without_a_fault(
    counts: list[Counts], metric: Metric, basis: RateBasis, sequential: bool, against: Against, size: int | None
) -> None:
    named = [Arm(name, one) for name, one in zip("ABCD", counts, strict=False)]
    compared = compare_arms(named, metric, basis=basis, sequential=sequential, against=against, min_per_arm=size)
    assert len(compared) == (against.comparisons(len(named)) if len(named) > 1 else 0)
    for one in compared:
        assert one.p_adjusted is None or 0 <= one.p_adjusted <= 1
        points = one.difference.points
        if one.interval is not None and points is not None:
            assert one.interval.low - 1e-12 <= points <= one.interval.high + 1e-12
            assert isfinite(one.interval.low)
            assert isfinite(one.interval.high)
        assert str(one)


@given(counted, counted, counted, counted, st.floats(1e-4, 0.5), st.floats(0.5, 0.999))
def test_always_valid_looks_both_ways_and_agrees_with_itself(
    first: int, of_first: int, second: int, of_second: int, sd: float, confidence: float
) -> None:
    assume(0 < of_first >= first)
    assume(0 < of_second >= second)
    there = always_valid(first, of_first, second, of_second, mixture_sd=sd, confidence=confidence)
    back = always_valid(second, of_second, first, of_first, mixture_sd=sd, confidence=confidence)
    assert there is not None
    assert back is not None
    assert 0 <= there.p_value == back.p_value <= 1
    assert abs(there.interval.low + back.interval.high) < 1e-12
    assert there.interval.low < first / of_first - second / of_second < there.interval.high
    # The interval leaves zero out exactly when p is under what the confidence leaves.
    assume(abs(there.p_value - (1 - confidence)) > 1e-9)
    assert (0 not in there.interval) is (there.p_value < 1 - confidence)


@given(st.floats(0.01, 0.6), st.floats(0.005, 0.3), st.integers(2, 5), st.sampled_from(Against), st.floats(0.5, 0.95))
def test_a_plan_finds_what_it_was_made_for(
    base: float, effect: float, arms: int, against: Against, power: float
) -> None:
    plan = ExperimentPlan.of(base, absolute=effect, arms=arms, against=against, power=power)
    found = ExperimentPlan.of(base, absolute=effect, arms=arms, against=against, per_arm=plan.per_arm)
    assert found.power >= power - 1e-9
    assert plan.recipients == arms * plan.per_arm
    assert str(plan)
    assume(plan.per_arm > 1)
    less = ExperimentPlan.of(base, absolute=effect, arms=arms, against=against, per_arm=plan.per_arm - 1)
    assert less.power < power + 1e-9


@given(st.dictionaries(st.sampled_from("ABCDE"), few | counted))
def test_any_sizes_are_checked(sizes: dict[str, int]) -> None:
    checked = check_sample_ratio(sizes)
    assert checked.p_value is None or 0 <= checked.p_value <= 1
    assert abs(sum(checked.expected.values()) - sum(sizes.values())) < 1e-6 * (1 + sum(sizes.values()))
    assert str(checked)


@given(groups, groups)
def test_takings_add_up_and_their_means_are_exact(one: Takings, other: Takings) -> None:
    both = one + other
    assert (both.recipients, both.micros) == (one.recipients + other.recipients, one.micros + other.micros)
    assert both == Takings.of(both.recipients, [Money(amount) for amount in (*one.amounts, *other.amounts)])
    if both.mean is not None:
        assert abs(Fraction(both.mean) * both.recipients * MICROS - both.micros) < Fraction(1, 10**6)
    assert both.variance is None or both.variance >= 0


@given(groups, groups, st.sampled_from(RevenueTest))
@settings(max_examples=60)
def test_revenue_of_any_groups_is_compared_in_exact_money(one: Takings, other: Takings, test: RevenueTest) -> None:
    (compared,) = compare_revenue({"A": one, "B": other}, test=test, replicates=100)
    difference = MeanDifference(other, one)
    assert compared.p_adjusted is None or 0 <= compared.p_adjusted <= 1
    interval = difference.interval
    if interval is not None and difference.amount is not None:
        assert isinstance(interval.low, Decimal)
        assert interval.low - Decimal("0.000002") <= difference.amount <= interval.high + Decimal("0.000002")
    for found in (compared.interval, interval, difference.incremental_interval):
        assert found is None or (found.low <= found.high and holds_no_float((found.low, found.high)))
    assert str(compared)


@given(groups, groups)
def test_exactness_does_not_hang_on_the_context_around(one: Takings, other: Takings) -> None:
    difference = MeanDifference(one, other)
    usual = (difference.interval, difference.amount, difference.incremental)
    with localcontext() as context:
        context.prec = 5  # a program around us that works with five digits
        assert (difference.interval, difference.amount, difference.incremental) == usual


@given(few, few, few, few, st.integers(0, 10**10))
def test_any_visits_have_an_answer(came: int, exposed: int, others: int, control: int, each: int) -> None:
    shop = visits(exposed=(came, exposed), control=(others, control))
    worth = shop.worth(Money(each))
    assert (shop.incremental is None) is (worth is None) is (not exposed or not control)
    if worth is not None:
        assert holds_no_float(asdict(worth))
        assert worth.interval is None or worth.interval.low <= worth.amount <= worth.interval.high
    if shop.lift is not None and shop.lift_interval is not None:
        assert shop.lift_interval.low <= shop.lift <= shop.lift_interval.high
    assert str(shop)


shares = st.decimals("0", "1", places=4)


@st.composite
def figures(draw: st.DrawFn) -> Benchmarks:
    def ranged(metric: Metric, basis: RateBasis | None) -> Figure:
        low, high = sorted((draw(shares), draw(shares)))
        return Figure("sms", metric, low, high, "drawn", basis)

    bases = st.sampled_from([RateBasis.SENT, RateBasis.DELIVERED, RateBasis.OPENED, None])
    metrics = draw(
        st.sets(
            st.sampled_from([Metric.DELIVERY_RATE, Metric.CLICK_RATE, Metric.CONVERSION_RATE, Metric.OPT_OUT_RATE]),
            min_size=1,
        )
    )
    return Benchmarks("drawn", "drawn", (), tuple(ranged(metric, draw(bases)) for metric in metrics))


@given(
    st.integers(0, 10**7), st.decimals("0", "2", places=4), figures(), st.integers(1, 10),
    st.none() | st.decimals("0", "500", places=2),
)  # fmt: skip
def test_any_simulation_has_an_answer_in_order(
    contacts: int, price: Decimal, benchmark: Benchmarks, parts: int, basket: Decimal | None
) -> None:
    found = simulate(contacts, price, benchmark=benchmark, parts=parts, basket=basket)
    spans = (found.delivered, found.clicks, found.conversions, found.opt_outs, found.roi_percent, found.roi_interval)
    for span in (*spans, found.break_even_conversion, found.cost, found.revenue, found.revenue_interval):
        assert span is None or (span.low <= span.high and holds_no_float((span.low, span.high)))
    for span in spans[:4]:
        assert span is None or (0 <= span.low and span.high <= contacts)
    assert found.credits >= contacts * parts
    assert found.cost.low >= found.message_cost.amount
    if found.revenue is not None and found.revenue_interval is not None:
        assert found.revenue_interval.low <= found.revenue.low
        assert found.revenue.high <= found.revenue_interval.high
    assert str(found)


@given(arms, st.decimals("-0.9", "3", places=2), st.none() | st.tuples(few, few), st.booleans())
def test_any_goal_has_an_answer(counts: Counts, change: Decimal, base: tuple[int, int] | None, is_over: bool) -> None:
    known = None if base is None else Rate(*base, RateBasis.SENT)
    goal = Goal("conversion", change, by=date(2026, 12, 24), base=known)
    rate = Rate(counts.conversions, counts.sent, RateBasis.SENT)
    check = goal.check(rate, now=date(2026, 12, 25) if is_over else date(2026, 12, 1))
    assert str(check)
    assert check.progress is not GoalProgress.MISSED or is_over
    if check.ahead is not None:
        assert isinstance(check.ahead, Interval)
        assert check.ahead.low <= check.ahead.high
    if rate.interval is None or known is None or known.interval is None:
        assert check.progress is GoalProgress.NOT_KNOWN


@given(arms, st.decimals("-100", "100", places=2), st.decimals("0.01", "0.99", places=2))
def test_any_alert_has_an_answer(counts: Counts, credit: Decimal, limit: Decimal) -> None:
    shop = type("Shop", (), {"counts": counts})()
    alerts = (Alert.low_credit(limit), Alert.delivery_under(limit), Alert.opt_outs_over(limit))
    assert all(str(one) for one in check_alerts(alerts, shop, Balance(credit, "EUR")))


@given(arms)
def test_money_of_any_counts_is_never_a_float(counts: Counts) -> None:
    money: Economics = counts.economics
    names = ("roi_percent", "net_per_unit", "revenue_per_unit", "unit_cost", "rpm", "rpm_1000", "cost_per_conversion",
             "revenue_per_conversion", "basket", "break_even_conversion")  # fmt: skip
    for name in names:
        assert getattr(money, name) is None or isinstance(getattr(money, name), Decimal)
    assert holds_no_float(asdict(money))


@given(st.decimals(allow_nan=True, allow_infinity=True), st.text(max_size=4))
def test_a_money_interval_and_a_span_are_read(amount: Decimal, text: str) -> None:
    assume(amount.is_finite() and abs(amount) < 10**20)
    assert str(Span(amount, amount))
    assert text in str(MoneyInterval(amount, amount, text))


@given(st.text(max_size=6))
def test_no_text_is_taken_for_a_share_or_an_amount(text: str) -> None:
    try:
        found = simulate(10, text or "x", clicks=text)
    except InvalidInput:
        return
    assert found.clicks is not None
    assert 0 <= found.clicks.low <= 10
