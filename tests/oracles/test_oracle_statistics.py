"""Our statistics beside those of statsmodels and scipy, and long seeded simulations with their figures."""

from __future__ import annotations

import random
from collections.abc import Callable
from math import sqrt

import pytest

from smskit.metrics import (
    ExperimentPlan,
    MeanDifference,
    RevenueTest,
    Takings,
    always_valid,
    check_sample_ratio,
    compare_revenue,
    detectable_lift,
    newcombe,
    pooled_z,
    power_of,
    sample_size,
    visits,
    wilson,
)
from smskit.metrics.arms import holm
from smskit.metrics.distributions import chi_square_above, student_beyond, student_critical
from smskit.metrics.inference import two_sided_p
from smskit.money import Money

np = pytest.importorskip("numpy")
stats = pytest.importorskip("scipy.stats")
integrate = pytest.importorskip("scipy.integrate")
proportion = pytest.importorskip("statsmodels.stats.proportion")
multitest = pytest.importorskip("statsmodels.stats.multitest")
weightstats = pytest.importorskip("statsmodels.stats.weightstats")

FIGURES = "figures of a simulation"
DICE = random.Random(20260624)


def group() -> tuple[int, int]:
    trials = DICE.randint(2, 50_000)
    return DICE.randint(1, trials - 1), trials


PAIRS = [(*group(), *group()) for _ in range(300)]


# ---------------------------------------------------------------- shares


@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.999])
def test_intervals_of_shares(confidence: float) -> None:
    for successes, trials, _, _ in PAIRS:
        interval = wilson(successes, trials, confidence=confidence)
        assert interval is not None
        expected = proportion.proportion_confint(successes, trials, alpha=1 - confidence, method="wilson")
        assert (interval.low, interval.high) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.999])
def test_intervals_and_tests_of_differences(confidence: float) -> None:
    for first, of_first, second, of_second in PAIRS:
        interval = newcombe(first, of_first, second, of_second, confidence=confidence)
        assert interval is not None
        expected = proportion.confint_proportions_2indep(
            first, of_first, second, of_second, method="newcomb", alpha=1 - confidence
        )
        assert (interval.low, interval.high) == pytest.approx(expected, abs=1e-9)
        z = pooled_z(first, of_first, second, of_second)
        assert z is not None
        statistic, p = proportion.proportions_ztest([first, second], [of_first, of_second])
        assert z == pytest.approx(statistic, abs=1e-9)
        assert two_sided_p(z) == pytest.approx(p, abs=1e-9)


def test_intervals_of_lifts() -> None:
    for first, of_first, second, of_second in PAIRS:
        lift = visits(exposed=(first, of_first), control=(second, of_second)).lift_interval
        expected = stats.contingency.relative_risk(first, of_first, second, of_second).confidence_interval(0.95)
        assert lift is not None
        assert (lift.low + 1, lift.high + 1) == pytest.approx((expected.low, expected.high), rel=1e-9)


def test_p_values_of_several_comparisons() -> None:
    for size in range(1, 9):
        p_values = [DICE.random() / 10 for _ in range(size)]
        assert holm(p_values) == pytest.approx(tuple(multitest.multipletests(p_values, method="holm")[1]), abs=1e-12)


# ---------------------------------------------------------------- planning

PLANS = [
    (0.10, 0.12, 0.8, 0.05), (0.06, 0.07, 0.8, 0.05), (0.12, 0.13, 0.8, 0.05), (0.01, 0.012, 0.8, 0.05),
    (0.30, 0.25, 0.9, 0.01), (0.002, 0.004, 0.95, 0.10), (0.5, 0.51, 0.8, 0.025),
]  # fmt: skip


@pytest.mark.parametrize(("base", "other", "power", "alpha"), PLANS)
def test_sizes(base: float, other: float, power: float, alpha: float) -> None:
    expected = proportion.samplesize_proportions_2indep_onetail(
        abs(other - base), min(base, other), power, ratio=1, alpha=alpha, alternative="two-sided"
    )
    assert sample_size(base, other, power=power, confidence=1 - alpha) - 1 < expected
    assert expected <= sample_size(base, other, power=power, confidence=1 - alpha) + 1e-9


@pytest.mark.parametrize(("base", "other", "power", "alpha"), PLANS)
@pytest.mark.parametrize("size", [50, 1000, 5000, 60_000])
def test_powers(base: float, other: float, power: float, alpha: float, size: int) -> None:
    # One side of half the alpha: a difference that is found on the wrong side is none that was found.
    low, high = sorted((base, other))
    expected = proportion.power_proportions_2indep(
        high - low, low, size, ratio=1, alpha=alpha / 2, alternative="larger", return_results=False
    )
    assert power_of(base, other, size, size, confidence=1 - alpha) == pytest.approx(expected, abs=1e-9)


def test_the_smallest_effect_of_a_size_has_the_power_that_is_promised() -> None:
    for base, _, power, alpha in PLANS:
        lift = detectable_lift(4000, 4000, base=base, power=power, confidence=1 - alpha)
        found = proportion.power_proportions_2indep(
            lift, base, 4000, ratio=1, alpha=alpha / 2, alternative="larger", return_results=False
        )
        assert found == pytest.approx(power, abs=1e-9)
        assert ExperimentPlan.of(base, per_arm=4000, power=power, alpha=alpha).effect == lift


@pytest.mark.parametrize(
    ("exposed", "held_out", "base"), [(16_071, 1_786, 0.05), (900, 100, 0.2), (10**6, 10**5, 0.01)]
)
def test_the_power_of_the_lift_of_a_hold_out(exposed: int, held_out: int, base: float) -> None:
    lift = detectable_lift(exposed, held_out, base=base)
    power = proportion.power_proportions_2indep(
        lift, base, exposed, ratio=held_out / exposed, alpha=0.05, return_results=False
    )
    # statsmodels pools the two shares by their mean, we by the sizes of the groups, as the test itself does.
    assert power == pytest.approx(0.8, abs=0.03)


# ---------------------------------------------------------------- distributions


def test_chi_square() -> None:
    for _ in range(3000):
        x, freedom = DICE.uniform(0, 200), DICE.randint(1, 60)
        assert chi_square_above(x, freedom) == pytest.approx(stats.chi2.sf(x, freedom), rel=1e-9)


def test_student() -> None:
    for _ in range(3000):
        freedom, t = 10 ** DICE.uniform(-0.3, 7), DICE.choice([DICE.uniform(-5, 5), DICE.uniform(0, 40)])
        assert student_beyond(t, freedom) == pytest.approx(2 * stats.t.sf(abs(t), freedom), abs=1e-9, rel=1e-8)
    for _ in range(500):
        freedom, confidence = 10 ** DICE.uniform(0, 6), DICE.choice([0.5, 0.9, 0.95, 0.999])
        expected = stats.t.ppf((1 + confidence) / 2, freedom)
        assert student_critical(confidence, freedom) == pytest.approx(expected, rel=1e-9)


def test_sample_ratios() -> None:
    for _ in range(300):
        weights = {name: DICE.choice([1, 1, 2, 9]) for name in "ABCD"[: DICE.randint(2, 4)]}
        sizes = {name: DICE.randint(0, 1000) for name in weights}
        if not sum(sizes.values()):
            continue
        whole = sum(weights.values())
        expected = stats.chisquare(
            list(sizes.values()), [sum(sizes.values()) * weight / whole for weight in weights.values()]
        )
        checked = check_sample_ratio(sizes, weights={name: float(weight) for name, weight in weights.items()})
        assert checked.chi_square == pytest.approx(expected.statistic, rel=1e-9)
        assert checked.p_value == pytest.approx(expected.pvalue, rel=1e-9, abs=1e-300)


# ---------------------------------------------------------------- revenue


def shop(recipients: int) -> tuple[Takings, list[float]]:
    buyers = DICE.randint(1, max(1, recipients // 4))
    cents = [max(1, int(DICE.lognormvariate(7.5, 0.8))) for _ in range(buyers)]
    return (
        Takings.of(recipients, [Money(cent * 10_000) for cent in cents]),
        [cent / 100 for cent in cents] + [0.0] * (recipients - buyers),
    )


@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.999])
def test_welch(confidence: float) -> None:
    for _ in range(60):
        (one, amounts), (other, others) = shop(DICE.randint(5, 3000)), shop(DICE.randint(5, 3000))
        difference = MeanDifference(one, other)
        expected = stats.ttest_ind(amounts, others, equal_var=False)
        assert difference.p_value == pytest.approx(expected.pvalue, rel=1e-9, abs=1e-12)
        interval, wanted = difference.interval_at(confidence), expected.confidence_interval(confidence)
        assert interval is not None
        # Amounts are given to the millionth.
        assert (float(interval.low), float(interval.high)) == pytest.approx((wanted.low, wanted.high), abs=6e-7)
        means = weightstats.CompareMeans.from_data(amounts, others)
        low, high = means.tconfint_diff(alpha=1 - confidence, usevar="unequal")
        assert (float(interval.low), float(interval.high)) == pytest.approx((low, high), abs=6e-7)


def test_drawing_again_beside_scipy() -> None:
    (one, amounts), (other, others) = shop(1500), shop(1500)
    (ours,) = compare_revenue({"A": other, "B": one}, test=RevenueTest.BOOTSTRAP, replicates=4000)
    theirs = stats.bootstrap(
        (amounts, others), lambda x, y, axis: x.mean(axis=axis) - y.mean(axis=axis), n_resamples=4000,
        method="percentile", vectorized=True, batch=100, random_state=np.random.default_rng(1),
    )  # fmt: skip
    low, high = theirs.confidence_interval
    assert ours.interval is not None
    # Both are random: their bounds differ by a few per cent of the width, on 4000 draws.
    assert (float(ours.interval.low), float(ours.interval.high)) == pytest.approx((low, high), abs=0.06 * (high - low))


# ---------------------------------------------------------------- at any time


def test_the_mixture_is_the_integral_that_it_stands_for() -> None:
    for first, of_first, second, of_second in ((120, 1000, 90, 1000), (600, 5000, 500, 5000), (3, 40, 0, 40)):
        for sd in (0.005, 0.02, 0.1):
            found = always_valid(first, of_first, second, of_second, mixture_sd=sd)
            assert found is not None
            points = first / of_first - second / of_second
            smoothed = [((x + 1) / (n + 2), n + 2) for x, n in ((first, of_first), (second, of_second))]
            error = sqrt(sum(p * (1 - p) / n for p, n in smoothed))

            def likely(true: float, points: float = points, error: float = error, sd: float = sd) -> float:
                return float(stats.norm.pdf(points, true, error) * stats.norm.pdf(true, 0, sd))

            wide = 12 * max(sd, error)
            mixed = integrate.quad(likely, -wide, wide, points=[0, points], epsabs=1e-14, epsrel=1e-12, limit=800)[0]
            assert found.p_value == pytest.approx(min(1, stats.norm.pdf(points, 0, error) / mixed), rel=1e-7)


Record = Callable[[str, object], None]


@pytest.fixture
def told(request: pytest.FixtureRequest) -> Record:
    """Print what a simulation found, whether it passes or not; with several workers too."""

    def tell(what: str, figure: object) -> None:
        request.node.user_properties.append((FIGURES, f"{what}: {figure}"))

    return tell


def looks_at(base: float, other: float, per_arm: int, looks: int, runs: int) -> tuple[float, float, float, float]:
    """Give how often a fixed test finds something at the end, at any look, an always-valid one at any look, and how
    often the always-valid interval holds the true difference at every look."""
    step = per_arm // looks
    dice = np.random.default_rng(20260624)
    one = dice.binomial(step, base, size=(runs, looks)).cumsum(axis=1).tolist()
    two = dice.binomial(step, other, size=(runs, looks)).cumsum(axis=1).tolist()
    at_end = peeked = sequential = covered = 0
    for controls, treated in zip(one, two, strict=True):
        alarms, surprises, holds = [], [], True
        for look, (control, treat) in enumerate(zip(controls, treated, strict=True), 1):
            size = look * step
            z, found = pooled_z(treat, size, control, size), always_valid(treat, size, control, size)
            assert found is not None
            alarms.append(z is not None and two_sided_p(z) < 0.05)
            surprises.append(found.p_value < 0.05)
            holds &= other - base in found.interval
        at_end += alarms[-1]
        peeked += any(alarms)
        sequential += any(surprises)
        covered += holds
    return at_end / runs, peeked / runs, sequential / runs, covered / runs


@pytest.mark.parametrize("base", [0.003, 0.01, 0.05, 0.10, 0.30])
def test_false_alarms_of_ten_looks(base: float, told: Record) -> None:
    at_end, peeked, sequential, covered = looks_at(base, base, 5000, 10, 20_000)
    told(
        f"A/A at {base:.1%}, 5000 per arm, 20 000 runs",
        f"one look {at_end:.2%}, any of ten looks {peeked:.2%}, always valid {sequential:.2%}, covered {covered:.2%}",
    )
    assert at_end == pytest.approx(0.05, abs=0.008)
    assert 0.17 < peeked < 0.21
    assert sequential < 0.02
    assert covered > 0.98


def test_false_alarms_of_many_looks(told: Record) -> None:
    at_end, peeked, sequential, covered = looks_at(0.05, 0.05, 20_000, 200, 2000)
    told(
        "A/A at 5.0%, 20 000 per arm, 200 looks, 2000 runs",
        f"one look {at_end:.2%}, any look {peeked:.2%}, always valid {sequential:.2%}, covered {covered:.2%}",
    )
    assert peeked > 0.35
    assert sequential <= 0.05
    assert covered >= 0.95


def test_power_of_both(told: Record) -> None:
    at_end, _, sequential, covered = looks_at(0.10, 0.12, 5000, 10, 20_000)
    told(
        "10 to 12 %, 5000 per arm, ten looks, 20 000 runs",
        f"found at the end {at_end:.1%}, always valid {sequential:.1%}, covered {covered:.2%}",
    )
    assert at_end == pytest.approx(power_of(0.10, 0.12, 5000, 5000), abs=0.01)
    assert sequential == pytest.approx(0.62, abs=0.02)
    assert covered > 0.98


# ---------------------------------------------------------------- coverage of intervals

SHARES = [(0.01, 500), (0.05, 2000), (0.5, 30)]


@pytest.mark.parametrize(("share", "trials"), SHARES)
def test_how_often_wilson_holds_the_true_share(share: float, trials: int, told: Record) -> None:
    draws = np.random.default_rng(1).binomial(trials, share, size=20_000).tolist()
    held = sum(share in interval for x in draws if (interval := wilson(x, trials)) is not None) / 20_000
    told(f"Wilson 95 %, {share:.0%} of {trials}, 20 000 runs", f"covered {held:.2%}")
    assert 0.93 < held < 0.98


@pytest.mark.parametrize(("one", "other"), [((0.05, 1000), (0.04, 1000)), ((0.05, 18_000), (0.035, 2000))])
def test_how_often_newcombe_holds_the_true_difference(
    one: tuple[float, int], other: tuple[float, int], told: Record
) -> None:
    dice = np.random.default_rng(2)
    first = dice.binomial(one[1], one[0], size=20_000).tolist()
    second = dice.binomial(other[1], other[0], size=20_000).tolist()
    held = 0
    for x, y in zip(first, second, strict=True):
        interval = newcombe(x, one[1], y, other[1])
        assert interval is not None
        held += one[0] - other[0] in interval
    told(f"Newcombe 95 %, {one} against {other}, 20 000 runs", f"covered {held / 20_000:.2%}")
    assert 0.935 < held / 20_000 < 0.965


REVENUES = [
    # recipients, share that buys: of one arm and of the other; runs; how often the interval should hold
    ((2000, 0.05), (2000, 0.05), 600, 0.93),
    ((20_000, 0.02), (20_000, 0.02), 300, 0.92),
    ((500, 0.02), (500, 0.02), 600, 0.92),
    # A small hold-out of which twenty buy: whoever spends a lot is rarely among them, and then the lift seems larger.
    ((9000, 0.02), (1000, 0.02), 300, 0.87),
]


@pytest.mark.parametrize(("one", "other", "runs", "least"), REVENUES)
@pytest.mark.parametrize("test", list(RevenueTest))
def test_how_often_intervals_of_revenue_hold_the_true_difference(
    one: tuple[int, float], other: tuple[int, float], runs: int, least: float, test: RevenueTest, told: Record
) -> None:
    draws = np.random.default_rng(3)

    def arm(recipients: int, share: float) -> Takings:
        spent = draws.lognormal(3, 0.9, size=draws.binomial(recipients, share))
        return Takings.of(recipients, [Money(int(amount * 100) * 10_000 + 10_000) for amount in spent])

    held = alarms = 0
    for run in range(runs):
        arms = {"A": arm(*other), "B": arm(*one)}
        (compared,) = compare_revenue(arms, test=test, replicates=400, seed=run)
        held += compared.interval is None or 0 in compared.interval
        alarms += compared.p_adjusted is not None and compared.p_adjusted < 0.05
    told(
        f"{test.value}, A/A, (recipients, buyers) {one} and {other}, {runs} runs",
        f"covered {held / runs:.1%}, false alarms {alarms / runs:.1%}",
    )
    assert least < held / runs < 0.995
    assert alarms / runs < 1 - least
