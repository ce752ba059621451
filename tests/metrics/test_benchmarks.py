from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

from smskit.errors import InvalidInput
from smskit.metrics.benchmarks import Benchmarks, Better, Figure, Metric, Standing, Threshold
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


# Each article's own figure, as it says it; several of one article's kind make a range together.
PUBLISHED: list[tuple[str, Metric, str, str, str, str]] = [
    ("opening, from Valentine's 90 to the KPIs' 98", Metric.OPEN_RATE, "sms", "", "0.90", "0.98"),
    ("read within four minutes", Metric.READ_WITHIN_240_S, "sms", "", "0.90", "0.92"),
    ("nearly all within six minutes", Metric.READ_WITHIN_360_S, "sms", "", "1", "1"),
    ("half a minute and one", Metric.READING_DELAY_S, "sms", "", "90", "90"),
    ("answers", Metric.REPLY_RATE, "sms", "", "0.45", "0.45"),
    ("clicks in France", Metric.CLICK_RATE, "sms", "", "0.06", "0.16"),
    ("clicks where they are the goal", Metric.CLICK_RATE, "sms", "click-goal", "0.30", "0.30"),
    ("conversion, 12 here and 29 there", Metric.CONVERSION_RATE, "sms", "", "0.12", "0.29"),
    ("conversion of RCS", Metric.CONVERSION_RATE, "rcs", "", "0.18", "0.18"),
    ("conversion of a tea shop", Metric.CONVERSION_RATE, "sms", "tea", "0.1463", "0.1463"),
    ("its basket", Metric.BASKET, "sms", "tea", "22", "22"),
    ("e-mails that are opened", Metric.OPEN_RATE, "email", "", "0.20", "0.25"),
    ("e-mails that are answered", Metric.REPLY_RATE, "email", "", "0.06", "0.06"),
    ("e-mails that convert", Metric.CONVERSION_RATE, "email", "", "0.03", "0.04"),
    ("e-mails that are clicked", Metric.CLICK_RATE, "email", "", "0.028", "0.028"),
    ("sponsored links", Metric.CLICK_RATE, "sponsored_link", "", "0.0198", "0.0198"),
    ("social networks", Metric.CLICK_RATE, "social", "", "0.0005", "0.0005"),
    ("ROI, 3000 here and 4900 there", Metric.ROI_PERCENT, "sms", "", "3000", "4900"),
    ("three to seven cents", Metric.UNIT_COST, "sms", "", "0.03", "0.07"),
    ("a sector without one of its own has everybody's", Metric.CLICK_RATE, "sms", "tea", "0.06", "0.16"),
]


@pytest.mark.parametrize(
    ("metric", "channel", "sector", "low", "high"), [row[1:] for row in PUBLISHED], ids=[row[0] for row in PUBLISHED]
)
def test_what_was_published(metric: Metric, channel: str, sector: str, low: str, high: str) -> None:
    found = SMSMODE.range_of(metric, channel, sector=sector)
    assert found is not None
    assert (found.low, found.high) == (Decimal(low), Decimal(high))
    assert found.source


def test_nobody_published_what_is_not_there() -> None:
    assert SMSMODE.range_of(Metric.RETENTION_RATE) is None
    assert SMSMODE.sectors == ("click-goal", "high-price", "tea", "personal", "shop-app")
    assert all(one.currency == "EUR" for one in SMSMODE.figures if one.metric in (Metric.BASKET, Metric.UNIT_COST))


OURS: dict[str, object] = {
    "name": "ours",
    "source": "our campaigns of 2025",
    "thresholds": [{"metric": "click_rate", "better": "above", "value": "0.08", "basis": "sent", "source": "2025"}],
    "figures": [
        {
            "channel": "sms",
            "metric": "basket",
            "low": "31.5",
            "high": 40,
            "source": "2025",
            "sector": "shoes",
            "currency": "EUR",
        },
        {
            "channel": "sms",
            "metric": "conversion_rate",
            "low": "0.02",
            "high": "0.03",
            "source": "2025",
            "basis": "sent",
        },
    ],
}


def test_benchmarks_are_read_from_values_and_from_a_file(tmp_path: Path) -> None:
    ours = Benchmarks.load(OURS)
    assert ours.sectors == ("shoes",)
    assert ours.threshold(Metric.CLICK_RATE) == Threshold(
        Metric.CLICK_RATE, Better.ABOVE, Decimal("0.08"), RateBasis.SENT, "2025"
    )
    assert ours.figures[1] == Figure(
        "sms", Metric.CONVERSION_RATE, Decimal("0.02"), Decimal("0.03"), "2025", RateBasis.SENT
    )
    file = tmp_path / "ours.json"
    file.write_text(json.dumps(OURS), encoding="utf-8")
    assert Benchmarks.load(file) == ours
    file.write_text(json.dumps(OURS).replace('"0.08"', "0.08"), encoding="utf-8")
    assert Benchmarks.load(str(file)) == ours  # 0.08 in a file is exactly that


def spoilt(row: dict[str, object]) -> dict[str, object]:
    return {
        "name": "x",
        "source": "y",
        "figures": [{"channel": "sms", "metric": "basket", "low": "1", "high": "2", "source": "z", **row}],
    }


FAULTS: list[tuple[str, dict[str, object], str]] = [
    ("a misspelt list", {"name": "x", "source": "y", "tresholds": []}, "no tresholds; there are figures"),
    ("a misspelt name", spoilt({"sektor": "tea"}), r"figures\[0\]: there is no sektor"),
    ("no name", {"source": "y"}, "name must be a text"),
    (
        "a list that is none",
        {"name": "x", "source": "y", "figures": "none"},
        "figures of the benchmarks must be a list",
    ),
    ("a row that is none", {"name": "x", "source": "y", "thresholds": [3]}, r"thresholds\[0\]"),
    ("an unknown metric", spoilt({"metric": "beauty"}), r"figures\[0\]: metric='beauty'"),
    ("an unknown basis", spoilt({"basis": "seen"}), "basis='seen' must be one of sent"),
    ("no number", spoilt({"low": "few"}), "low='few'"),
    ("a number without an end", spoilt({"high": "Infinity"}), "high='Infinity'"),
    ("a float", spoilt({"low": 0.5}), "exact"),
    ("a range turned round", spoilt({"low": "3"}), "turn it round"),
]


@pytest.mark.parametrize(("saved", "problem"), [row[1:] for row in FAULTS], ids=[row[0] for row in FAULTS])
def test_faults_of_a_file_say_where(saved: dict[str, object], problem: str) -> None:
    with pytest.raises(InvalidInput, match=problem):
        Benchmarks.load(saved)


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="FileNotFoundError"):
        Benchmarks.load(tmp_path / "none.json")
    (tmp_path / "bad.json").write_text("{", encoding="utf-8")
    with pytest.raises(InvalidInput, match="JSONDecodeError"):
        Benchmarks.load(tmp_path / "bad.json")
    (tmp_path / "list.json").write_text("[]", encoding="utf-8")
    with pytest.raises(InvalidInput, match="object with names"):
        Benchmarks.load(tmp_path / "list.json")


def test_amounts_in_two_currencies_make_no_range() -> None:
    mixed = Benchmarks("x", "y", (), tuple(
        Figure("sms", Metric.BASKET, Decimal(1), Decimal(2), "z", currency=currency) for currency in ("EUR", "CHF")
    ))  # fmt: skip
    with pytest.raises(InvalidInput, match="several currencies"):
        mixed.range_of(Metric.BASKET)
