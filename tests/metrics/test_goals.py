from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timezone
from decimal import Decimal

import pytest
from attrs import frozen

from smskit.errors import InvalidInput, NaiveDatetime
from smskit.metrics import Better, Counts, Economics, Goal, GoalProgress, Metric, Rate, RateBasis
from smskit.money import MICROS

DAY = date(2026, 12, 24)
BEFORE, AFTER = date(2026, 10, 1), date(2026, 12, 25)
SENT = RateBasis.SENT
LAST_YEAR = Rate(5000, 100_000, SENT)

GOALS = [
    # "+10 % conversion in six months", from 5 % to 5.5 %: the mission's example
    ("well above", Rate(6500, 100_000, SENT), BEFORE, GoalProgress.REACHED),
    ("above, by too few to be sure", Rate(58, 1000, SENT), BEFORE, GoalProgress.ON_THE_WAY),
    ("above, by too few to be sure, and the day is over", Rate(58, 1000, SENT), AFTER, GoalProgress.NOT_KNOWN),
    ("below, and there is time", Rate(5000, 100_000, SENT), BEFORE, GoalProgress.ON_THE_WAY),
    ("below, on the last day", Rate(5000, 100_000, SENT), DAY, GoalProgress.ON_THE_WAY),
    ("below, and the day is over", Rate(4800, 100_000, SENT), AFTER, GoalProgress.MISSED),
    ("nothing is counted", None, BEFORE, GoalProgress.NOT_KNOWN),
    ("of nothing", Rate(0, 0, SENT), AFTER, GoalProgress.NOT_KNOWN),
    ("more than there are", Rate(9, 5, SENT), AFTER, GoalProgress.NOT_KNOWN),
]


@pytest.mark.parametrize(("figure", "now", "progress"), [row[1:] for row in GOALS], ids=[row[0] for row in GOALS])
def test_ten_per_cent_more_than_last_year(figure: Rate | None, now: date, progress: GoalProgress) -> None:
    check = Goal("conversion", +0.10, by=DAY, base=LAST_YEAR).check(figure, now=now)
    assert check.progress is progress
    assert progress.value in str(check)


def test_ten_per_cent_is_of_the_base_and_points_are_points() -> None:
    assert Goal("conversion", +0.10, by=DAY, base=LAST_YEAR).wanted == Decimal("0.055")
    assert Goal("conversion", points=+0.10, by=DAY, base=LAST_YEAR).wanted == Decimal("0.15")
    assert Goal("conversion", target=0.10, by=DAY).wanted == Decimal("0.1")
    assert Goal("conversion", +0.10, by=DAY, base=Decimal("0.05")).wanted == Decimal("0.055")


def test_a_base_that_is_not_sure_makes_it_harder() -> None:
    rate, small = Rate(6000, 100_000, SENT), Rate(50, 1000, SENT)
    assert Goal("conversion", 0.1, by=DAY, base=LAST_YEAR).check(rate, now=BEFORE).progress is GoalProgress.REACHED
    assert Goal("conversion", 0.1, by=DAY, base=small).check(rate, now=BEFORE).progress is GoalProgress.ON_THE_WAY
    nothing = Rate(0, 0, SENT)
    assert Goal("conversion", 0.1, by=DAY, base=nothing).check(rate, now=AFTER).progress is GoalProgress.NOT_KNOWN
    assert Goal("conversion", 0.1, by=DAY).check(rate, now=AFTER).progress is GoalProgress.NOT_KNOWN


def test_fewer_can_be_better() -> None:
    fewer = Goal("opt_out", -0.5, by=DAY, base=Rate(1000, 100_000, SENT))
    assert fewer.better is Better.BELOW
    assert fewer.check(Rate(300, 100_000, SENT), now=AFTER).progress is GoalProgress.REACHED
    assert fewer.check(Rate(900, 100_000, SENT), now=AFTER).progress is GoalProgress.MISSED
    assert "at most 0.50" in fewer.check(None, now=BEFORE).sentence
    at_most = Goal("opt_out", target="0.01", by=DAY)
    assert at_most.check(Rate(300, 100_000, SENT), now=AFTER).progress is GoalProgress.REACHED


@frozen
class Shop:
    """Of a report, what a goal asks for."""

    counts: Counts
    economics: Economics | None = None

    def rate(self, metric: Metric, /) -> Rate | None:
        return Rate(self.counts.conversions, self.counts.sent, SENT) if metric is Metric.CONVERSION_RATE else None


def test_a_goal_is_looked_at_on_a_report() -> None:
    report = Shop(Counts(sent=1000, conversions=100), Economics(1000 * MICROS, 64_372 * MICROS, 1000, 100))
    goal = Goal("conversion", target=0.05, by=DAY)
    assert goal.check(report, now=AFTER).figure == Rate(100, 1000, SENT)
    assert goal.check(report, now=AFTER).progress is GoalProgress.REACHED
    roi = Goal("roi", target=3000, by=DAY)
    assert roi.check(report, now=BEFORE).progress is GoalProgress.REACHED
    assert "6\N{NARROW NO-BREAK SPACE}337.2" in roi.check(report, now=BEFORE).sentence
    assert roi.check(Shop(Counts()), now=AFTER).progress is GoalProgress.NOT_KNOWN
    assert Goal("roi", target=9000, by=DAY).check(report, now=AFTER).progress is GoalProgress.MISSED
    assert Goal("click", target=0.1, by=DAY).check(report, now=AFTER).progress is GoalProgress.NOT_KNOWN


def test_a_time_is_its_day() -> None:
    goal = Goal(Metric.CLICK_RATE, target=0.1, by=datetime(2026, 12, 24, 9, tzinfo=timezone.utc))
    assert goal.by == DAY
    late = goal.check(Rate(1, 1000, SENT), now=datetime(2026, 12, 24, 23, tzinfo=timezone.utc))
    assert late.progress is GoalProgress.ON_THE_WAY
    with pytest.raises(NaiveDatetime):
        goal.check(None, now=datetime(2026, 12, 24, 23))
    with pytest.raises(NaiveDatetime):
        Goal("click", target=0.1, by=datetime(2026, 12, 24))


MISUSE: list[tuple[str, Callable[[], Goal]]] = [
    ("an unknown metric", lambda: Goal("beauty", 0.1, by=DAY)),
    ("a metric that is no goal", lambda: Goal(Metric.UNIT_COST, 0.1, by=DAY)),
    ("nothing wanted", lambda: Goal("click", by=DAY)),
    ("two things wanted", lambda: Goal("click", 0.1, target=0.1, by=DAY)),
    ("no number", lambda: Goal("click", "much", by=DAY)),
    ("a base that is no number", lambda: Goal("click", 0.1, base="much", by=DAY)),
    ("no end of it", lambda: Goal("click", float("nan"), by=DAY)),
]


@pytest.mark.parametrize("misuse", [row[1] for row in MISUSE], ids=[row[0] for row in MISUSE])
def test_a_goal_that_cannot_be_says_why(misuse: Callable[[], Goal]) -> None:
    with pytest.raises(InvalidInput):
        misuse()


def test_a_base_is_a_number_of_any_kind() -> None:
    assert [Goal("click", 1, base=base, by=DAY).wanted for base in (0.05, "0.05", Decimal("0.05"))] == [
        Decimal("0.10")
    ] * 3
