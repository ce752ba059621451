"""A report as rows: dicts, CSV, Arrow, and the data frames that read its stream."""

from __future__ import annotations

import csv
import io
import sys
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve

from smskit.errors import InvalidInput
from smskit.kinds import DeliveryStatus, EventType, Kind, RunState, SendState
from smskit.metrics import Metric, Order, RateBasis, Report, build_report, compare_campaigns
from smskit.records import Event, RunRecord, Send

NOON = datetime(2026, 6, 24, 12, tzinfo=timezone.utc)
RUN = RunRecord("r1", "soldes", "d", Kind.MARKETING, "BOUTIQUE", NOON, NOON, RunState.READY, "EUR", "{}")


def made(campaign: str = "soldes", clickers: int = 3, *, told: bool = True, arms: str = "AB") -> Report:
    status = DeliveryStatus.DELIVERED if told else None
    sends = [
        Send(
            "r1", seq, seq, 33_600_000_000 + seq, "", 1, 45_000, "FR", 0, arms[seq % len(arms)] if arms else "",
            SendState.ACCEPTED, f"t{seq}", 1, submitted_at=NOON, status=status, status_at=NOON if told else None,
        )
        for seq in range(200)
    ]  # fmt: skip
    clicks = [Event(str(seq), EventType.CLICK, NOON + timedelta(hours=1), token=f"t{seq}") for seq in range(clickers)]
    orders = [Order(NOON + timedelta(hours=2), "22.10", 33_600_000_000)]
    return build_report(evolve(RUN, campaign=campaign), sends, clicks, orders=orders)


def test_rows_have_the_same_names_and_exact_money() -> None:
    whole, first, second = made().to_dicts()
    assert (whole["cut"], whole["name"], first["cut"], first["name"], second["name"]) == ("", "", "arm", "A", "B")
    assert list(whole) == list(first) == list(second)
    assert (whole["sent"], first["sent"], whole["opened"]) == (200, 100, None)
    assert (whole["revenue"], whole["cost"]) == (Decimal("22.1"), Decimal(9))
    assert (whole["click_rate"], whole["click_rate_of"]) == (0.015, "delivered")
    assert not any(isinstance(whole[name], float) for name in ("cost", "revenue", "rpm", "roi_percent"))
    assert len(made(arms="").to_dicts()) == 1
    assert [row["name"] for row in made().to_dicts("hour")] == ["", "12"]


def test_csv_of_another_cut() -> None:
    file = io.StringIO()
    made().to_csv(file, cut="hour")
    rows = list(csv.DictReader(io.StringIO(file.getvalue())))
    assert {row["hour"] for row in rows} == {"", "12"}
    with pytest.raises(InvalidInput, match="cannot be cut"):
        made().to_csv(io.StringIO(), cut="moon")


@pytest.mark.parametrize("library", ["pyarrow", "polars", "pandas"])
def test_a_data_frame_reads_the_stream(library: str) -> None:
    pytest.importorskip("pyarrow", reason="the stream takes pyarrow, the extra 'arrow'")
    module = pytest.importorskip(library, reason=f"{library} is not installed")
    report = made()
    if library == "pyarrow":
        rows: list[dict[str, Any]] = module.table(report).to_pylist()
    elif library == "polars":
        rows = module.DataFrame(report).to_dicts()
    else:
        rows = module.DataFrame.from_arrow(report).to_dict("records")
    assert [row["name"] for row in rows] == ["", "A", "B"]
    assert rows[0]["revenue"] == Decimal("22.100000")
    assert rows[1]["sent"] == 100


def test_types_do_not_depend_on_what_is_known() -> None:
    pytest.importorskip("pyarrow", reason="the stream takes pyarrow, the extra 'arrow'")
    known: Any = made().to_arrow()
    unknown: Any = evolve(made(told=False), orders_given=None).to_arrow("hour")
    assert known.schema == unknown.schema


def test_without_the_extra_the_way_out_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(InvalidInput, match=r"smskit\[arrow\].*to_dicts"):
        made().to_arrow()
    assert made().to_dicts()


# ---------------------------------------------------------------- campaigns side by side


def test_campaigns_are_compared_with_the_first() -> None:
    both = compare_campaigns([made(), made("rentree", 60)])
    assert both.basis is RateBasis.DELIVERED
    rates = both.rates(Metric.CLICK_RATE)
    assert {name: rate and rate.value for name, rate in rates.items()} == {"soldes": 0.015, "rentree": 0.3}
    difference = both.differences(Metric.CLICK_RATE)["rentree"]
    assert difference is not None
    assert difference.points == pytest.approx(0.285)
    assert difference.is_shown
    assert both.differences(Metric.OPEN_RATE) == {"rentree": None}
    assert "rentree against soldes, click rate" in str(both)
    assert "not drawn by chance" in str(both)
    assert repr(both) == "CampaignComparison(soldes, rentree)"
    row = next(row for row in both.to_dicts() if row["campaign"] == "rentree" and row["metric"] == "click_rate")
    assert row["points"] == pytest.approx(0.285)


def test_campaigns_are_compared_by_what_all_of_them_know() -> None:
    both = compare_campaigns([made(), made("rentree", told=False)])
    assert both.basis is RateBasis.SENT
    assert both.rates(Metric.DELIVERY_RATE)["rentree"] is None
    assert list(compare_campaigns([made(), made()]).reports) == ["soldes", "soldes (r1)"]
    with pytest.raises(InvalidInput, match="two campaigns or more"):
        compare_campaigns([made()])
