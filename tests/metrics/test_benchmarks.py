from __future__ import annotations

from decimal import Decimal

import pytest

from smskit.errors import InvalidInput
from smskit.metrics.benchmarks import Benchmarks, Better, Metric, Standing, Threshold
from smskit.metrics.rates import Rate, RateBasis

SMSMODE = Benchmarks.named("smsmode-2025")

THRESHOLDS = [
    (Metric.DELIVERY_RATE, RateBasis.SENT, "> 98 %"),
    (Metric.OPEN_RATE, RateBasis.DELIVERED, "> 95 %"),
    (Metric.CLICK_RATE, RateBasis.DELIVERED, "> 10 %"),
    (Metric.CONVERSION_RATE, RateBasis.DELIVERED, "> 5 %"),
    (Metric.OPT_OUT_RATE, RateBasis.DELIVERED, "< 1 %"),
    (Metric.ROI_PERCENT, None, "> 3000 %"),
]


@pytest.mark.parametrize(("metric", "basis", "text"), THRESHOLDS, ids=[row[0].value for row in THRESHOLDS])
def test_what_the_mission_calls_good(metric: Metric, basis: RateBasis | None, text: str) -> None:
    threshold = SMSMODE.threshold(metric)
    assert threshold is not None
    assert threshold.basis is basis
    assert str(threshold) == text
    assert threshold.source


STANDINGS = [
    ("well above", Rate(995, 1000, RateBasis.SENT), Standing.GOOD),
    ("well below", Rate(900, 1000, RateBasis.SENT), Standing.POOR),
    ("above, by too few to tell", Rate(99, 100, RateBasis.SENT), Standing.UNSURE),
    ("of nothing", Rate(0, 0, RateBasis.SENT), Standing.UNKNOWN),
    ("not known", None, Standing.UNKNOWN),
]


@pytest.mark.parametrize(("rate", "standing"), [row[1:] for row in STANDINGS], ids=[row[0] for row in STANDINGS])
def test_where_a_rate_stands(rate: Rate | None, standing: Standing) -> None:
    threshold = SMSMODE.threshold(Metric.DELIVERY_RATE)
    assert threshold is not None
    assert threshold.standing(rate) is standing


def test_below_can_be_good_and_money_has_no_interval() -> None:
    opt_out, roi = SMSMODE.threshold(Metric.OPT_OUT_RATE), SMSMODE.threshold(Metric.ROI_PERCENT)
    assert opt_out is not None
    assert roi is not None
    assert opt_out.standing(Rate(1, 1000, RateBasis.DELIVERED)) is Standing.GOOD
    assert opt_out.standing(Rate(30, 1000, RateBasis.DELIVERED)) is Standing.POOR
    assert roi.standing(Decimal("6337.2")) is Standing.GOOD
    assert roi.standing(Decimal(900)) is Standing.POOR
    assert roi.standing(Decimal(3000)) is Standing.POOR


def test_benchmarks_are_replaced_by_ones_own() -> None:
    own = Threshold(Metric.CLICK_RATE, Better.ABOVE, Decimal("0.08"), RateBasis.SENT, "our last year")
    ours = SMSMODE.replacing(own, name="ours")
    assert ours.name == "ours"
    assert ours.threshold(Metric.CLICK_RATE) == own
    assert ours.threshold(Metric.OPT_OUT_RATE) == SMSMODE.threshold(Metric.OPT_OUT_RATE)
    assert len(ours.thresholds) == len(SMSMODE.thresholds)
    assert SMSMODE.replacing(own).name == "smsmode-2025 (changed)"
    assert SMSMODE.threshold(Metric.UNIT_COST) is None


def test_published_figures_have_a_channel_and_a_source() -> None:
    (clicks,) = SMSMODE.figures_of(Metric.CLICK_RATE)
    assert (clicks.low, clicks.high) == (Decimal("0.06"), Decimal("0.16"))
    assert SMSMODE.figures_of(Metric.CONVERSION_RATE, "rcs")[0].low == Decimal("0.18")
    assert all(figure.source and figure.low <= figure.high for figure in SMSMODE.figures)


def test_an_unknown_name_is_told() -> None:
    with pytest.raises(InvalidInput, match="there are smsmode-2025"):
        Benchmarks.named("others")
