from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pytest
from attrs import evolve

from smskit.errors import InvalidInput
from smskit.kinds import Channel, DeliveryStatus, EventType, FailureClass, Kind, RunState, SendState
from smskit.metrics import (
    Attribution,
    Benchmarks,
    Join,
    LeftOut,
    Metric,
    Order,
    Orders,
    Outcome,
    Rate,
    RateBasis,
    Report,
    Standing,
    build_report,
)
from smskit.metrics.orders import OrderIssue
from smskit.money import Money
from smskit.protocols import Receipts
from smskit.records import Account, Event, RunRecord, Send

THIN = "\N{NARROW NO-BREAK SPACE}"
NOON = datetime(2026, 6, 24, 12, tzinfo=timezone.utc)
RUN = RunRecord("r1", "soldes-ete", "d", Kind.MARKETING, "MABOUTIQUE", NOON, NOON, RunState.READY, "EUR", "{}")
OVER_RCS = evolve(RUN, channel=Channel.RCS)
FIRST = 33612345600

STATES = {
    "delivered": (SendState.ACCEPTED, DeliveryStatus.DELIVERED, None),
    "read": (SendState.ACCEPTED, DeliveryStatus.READ, None),
    "failed": (SendState.ACCEPTED, DeliveryStatus.UNDELIVERED, FailureClass.UNREACHABLE),
    "expired": (SendState.ACCEPTED, DeliveryStatus.EXPIRED, None),
    "awaiting": (SendState.ACCEPTED, None, None),
    "refused": (SendState.REJECTED, None, FailureClass.SPAM_FILTER),
    "refused without a word": (SendState.REJECTED, None, None),
    "in doubt": (SendState.SUBMITTING, None, None),
    "in doubt, then delivered": (SendState.SUBMITTING, DeliveryStatus.DELIVERED, None),
    "cancelled": (SendState.CANCELLED, None, None),
    "planned": (SendState.PLANNED, None, None),
    "held out": (SendState.HELD_OUT, None, None),
    "standing by": (SendState.STANDBY, None, None),
}


def sends(*words: str, arms: str = "") -> list[Send]:
    made: list[Send] = []
    for seq, word in enumerate(words):
        state, status, failure = STATES[word]
        handed = state in (SendState.ACCEPTED, SendState.SUBMITTING, SendState.REJECTED)
        made.append(
            Send(
                "r1", seq, seq + 2, FIRST + seq, "", 1, 45_000, "FR", 0, arms[seq % len(arms)] if arms else "", state,
                f"t{seq}", 1, None, failure, None, NOON if handed else None, status,
                NOON + timedelta(seconds=10) if status else None,
            )
        )  # fmt: skip
    return made


def report(ledger: list[Send], events: Iterable[Event] = (), run: RunRecord = RUN, **more: object) -> Report:
    held = sum(send.state is SendState.HELD_OUT for send in ledger)
    account = Account(len(ledger) - held - sum(send.state is SendState.STANDBY for send in ledger), 0, 0, 0, 0, 0, held)
    return build_report(run, iter(ledger), iter(events), account, **more)  # type: ignore[arg-type]


def click(seq: int, minutes: float = 5) -> Event:
    return Event(f"c{seq}-{minutes}", EventType.CLICK, NOON + timedelta(minutes=minutes), token=f"t{seq}")


def stop(seq: int) -> Event:
    return Event(f"s{seq}", EventType.OPT_OUT, NOON + timedelta(minutes=5), FIRST + seq)


def bought(seq: int, amount: str = "22", **keys: object) -> Order:
    return Order(NOON + timedelta(hours=1), amount, FIRST + seq, **keys)  # type: ignore[arg-type]


def test_each_state_is_counted_where_it_belongs() -> None:
    counts = report(sends(*STATES)).counts
    assert (counts.planned, counts.sent, counts.rejected, counts.in_doubt) == (11, 6, 2, 1)
    assert (counts.cancelled, counts.remaining, counts.held_out) == (1, 1, 1)
    assert (counts.delivered, counts.opened, counts.awaiting) == (3, None, 1)
    assert (counts.standby, counts.assigned) == (1, 9)
    assert counts.planned == (counts.sent + counts.rejected + counts.in_doubt + counts.cancelled + counts.remaining)
    assert counts.failures == {
        FailureClass.UNSPECIFIED: 2, FailureClass.SPAM_FILTER: 1, FailureClass.UNREACHABLE: 1,
    }  # fmt: skip
    assert next(iter(counts.failures)) is FailureClass.UNSPECIFIED
    assert counts.failed == 4
    assert (counts.parts, counts.cost_micros) == (6, 270_000)


def test_an_sms_that_was_opened_is_not_known() -> None:
    plain = report(sends("delivered", "delivered"))
    assert plain.counts.opened is None
    assert plain.open_rate is None
    assert plain.click_rate(RateBasis.OPENED) is None
    assert plain.standings()[Metric.OPEN_RATE][1] is Standing.UNKNOWN
    assert "opened" in str(plain)
    assert "98.0" not in str(plain)
    told = report(sends("read", "delivered"))
    assert (told.counts.delivered, told.counts.opened, told.open_rate) == (2, None, None)
    rcs = report(sends("read", "delivered", "failed"), run=OVER_RCS)
    assert rcs.open_rate == Rate(1, 2, RateBasis.DELIVERED)
    assert report(sends("delivered"), run=OVER_RCS).open_rate is None


def test_ten_receive_and_two_click() -> None:
    made = report(sends(*["delivered"] * 10), [click(0), click(1), click(1, 7), click(2, 0.01)])
    rate = made.click_rate()
    assert rate is not None
    assert (rate.value, rate.basis) == (0.2, RateBasis.DELIVERED)
    assert (made.counts.clicks_raw, made.counts.clicks, made.counts.clickers) == (4, 3, 2)
    assert made.median_click_s == 300


def test_clicks_are_not_zero_where_nobody_could_count_them() -> None:
    bare = [evolve(send, token=None) for send in sends("delivered", "delivered", arms="AB")]
    made = report(bare)
    assert made.click_rate() is None
    assert made.compare() == ()
    assert made.standings()[Metric.CLICK_RATE][1] is Standing.UNKNOWN
    by_reference = Event("c", EventType.CLICK, NOON + timedelta(hours=1), reference="r1-0")
    assert report(bare, [by_reference]).click_rate() == Rate(1, 2, RateBasis.DELIVERED)
    assert len(report(sends("delivered", "delivered", arms="AB")).compare()) == 1


def test_every_rate_can_be_taken_of_every_basis() -> None:
    made = report(sends(*["delivered"] * 4, "failed"), [click(0), stop(1)], orders=[bought(0)])
    values = {basis: made.conversion_rate(basis) for basis in RateBasis}
    assert {basis.value: rate and rate.denominator for basis, rate in values.items()} == {
        "sent": 5, "delivered": 4, "opened": None, "clicked": 1, "assigned": 5, "customers": None, "reacted": None,
    }  # fmt: skip
    assert made.opt_out_rate() == made.rate(Metric.OPT_OUT_RATE)
    opt_out = made.opt_out_rate(RateBasis.SENT)
    assert opt_out is not None
    assert opt_out.value == 0.2
    assert made.rate(Metric.UNIT_COST) is None
    assert made.reply_rate() == made.rate(Metric.REPLY_RATE) == Rate(0, 4, RateBasis.DELIVERED)
    with pytest.raises(InvalidInput, match="everybody who clicked"):
        made.click_rate(RateBasis.CLICKED)
    assert report(sends("delivered"), basis=RateBasis.SENT).click_rate() == Rate(0, 1, RateBasis.SENT)


def test_conversions_are_not_zero_when_nobody_counted_them() -> None:
    made = report(sends("delivered"))
    assert made.conversion_rate() is None
    assert made.economics is None
    assert made.standings()[Metric.ROI_PERCENT][1] is Standing.UNKNOWN
    assert made.to_dict()["money"] == {
        "currency": "EUR", "cost": "0.045", "revenue": None, "unit_cost": "0.045", "roi_percent": None,
        "net_per_unit": None, "revenue_per_unit": None, "rpm": None, "cost_per_conversion": None,
        "revenue_per_conversion": None, "break_even_conversion": None,
    }  # fmt: skip
    none = report(sends("delivered"), orders=[])
    rate = none.conversion_rate()
    assert rate is not None
    assert rate.value == 0
    assert "there is no order to join" in none.notes


def test_money_of_a_run() -> None:
    made = report(
        sends(*["delivered"] * 20),
        [stop(5), stop(6)],
        orders=[bought(0), bought(1), bought(1), bought(30)],
        confirmation_price="0.05",
    )
    money = made.economics
    assert money is not None
    assert money.cost == Money(20 * 45_000 + 2 * 50_000)
    assert money.revenue == Money(66_000_000)
    assert money.roi_percent == 6500
    assert money.rpm == Decimal("3.3")
    assert (made.counts.orders, made.counts.conversions) == (3, 2)
    assert (made.orders_given, made.joined) == (4, {Join.PHONE: 3})
    assert made.standings()[Metric.ROI_PERCENT][1] is Standing.GOOD


def test_an_order_with_a_code_and_no_buyer_goes_to_its_arm() -> None:
    made = report(
        sends(*["delivered"] * 4, arms="AB"),
        orders=[Order(NOON + timedelta(days=1), "10", code="ete-b"), Order(NOON, "5", code="x")],
        attribution=Attribution(codes={"ETE-A": "A", "ETE-B": "B"}),
    )
    assert [(arm.name, arm.counts.conversions) for arm in made.arms] == [("A", 0), ("B", 1)]
    assert made.counts.revenue_micros == 10_000_000


def test_the_window_of_a_code_opens_with_the_last_message() -> None:
    days_late = (2, 3, 0)
    late = [
        evolve(send, submitted_at=NOON + timedelta(days=days))
        for days, send in zip(days_late, sends("delivered", "delivered", "delivered"), strict=True)
    ]
    orders = [Order(NOON + timedelta(days=days), "10", code="ete") for days in (-0.1, 8, 9.9, 10.1)]
    assert report(late, orders=orders, attribution=Attribution(codes="ete")).counts.orders == 2


def test_arms_add_up_and_are_compared() -> None:
    ledger = sends(*["delivered"] * 400, *["held out"] * 10, arms="AB")
    ledger = [evolve(send, arm="") if send.state is SendState.HELD_OUT else send for send in ledger]
    orders = [bought(seq) for seq in range(0, 400, 8)]
    made = report(ledger, [click(seq) for seq in range(1, 400, 4)], orders=orders)
    assert [arm.name for arm in made.arms] == ["A", "B"]
    assert [arm.counts.sent for arm in made.arms] == [200, 200]
    assert [arm.counts.clickers for arm in made.arms] == [0, 100]
    (by_orders,) = made.compare()
    assert (by_orders.metric, by_orders.outcome) == (Metric.CONVERSION_RATE, Outcome.DIFFERENT)
    (by_clicks,) = made.compare(Metric.CLICK_RATE)
    assert by_clicks.difference.points == 0.5
    assert "B against A, conversion rate" in str(made)
    (early,) = evolve(made, min_per_arm=201).compare()
    assert early.outcome is Outcome.TOO_EARLY
    assert evolve(made, orders_given=None).compare()[0].metric is Metric.CLICK_RATE


def test_the_hold_out_compares_buyers_by_telephone_only() -> None:
    ledger = sends(*["delivered"] * 90, "refused", "cancelled", "planned", *["held out"] * 100)
    by_phone = [bought(seq) for seq in (*range(18), *range(93, 103))]
    by_link = [Order(NOON + timedelta(hours=1), "9", token=f"t{seq}") for seq in range(40, 60)]
    uplift = report(ledger, orders=by_phone + by_link).uplift
    assert uplift is not None
    assert (uplift.treated.numerator, uplift.treated.denominator) == (18, 91)
    assert (uplift.control.numerator, uplift.control.denominator) == (10, 100)
    assert uplift.treated.basis is RateBasis.ASSIGNED


def test_a_hold_out_says_nothing_when_nobody_knows_who_bought() -> None:
    ledger = sends("delivered", "held out")
    assert report(ledger).uplift is None
    assert report(ledger, orders=[Order(NOON, "9", code="x")]).uplift is None
    assert report(sends("delivered"), orders=[bought(0)]).uplift is None
    assert report(sends("held out"), orders=[bought(0)]).uplift is None


NOTES = [
    ("in doubt", sends("delivered", "in doubt"), (), {}, "messages in doubt: 1"),
    ("clicked and not delivered", sends("awaiting", "failed"), [click(0)], {}, "receipts are missing"),
    ("no receipt", sends("awaiting"), (), {}, "no receipt has come yet: what was delivered is not known"),
    ("no receipts at all", sends("awaiting"), (), {"receipts": Receipts.NONE}, "this transport tells no receipts"),
    ("orders too early", sends("delivered"), (), {"orders": [Order(NOON - timedelta(hours=1), "9", FIRST)]},
     "orders before the message, put down to nothing: 1"),
    ("orders that are there twice", sends("delivered"), (), {"orders": [bought(0, order_id="7")] * 3},
     "given twice, counted once: 2"),
    ("orders in francs", sends("delivered"), (), {"orders": [bought(0), Order(NOON, Money(1, "CHF"))]},
     "in another currency than EUR, in no figure: 1"),
    ("nobody's click", sends("refused"), [click(0)], {}, "without a message that was sent: 1"),
    ("orders that were not read", sends("delivered"), (),
     {"orders": Orders((bought(0),), (OrderIssue(2, "date", "x"),))},
     "cells of the orders that could not be read: 1"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("ledger", "events", "more", "note"), [row[1:] for row in NOTES], ids=[row[0] for row in NOTES]
)
def test_what_must_be_known_is_noted(
    ledger: list[Send], events: list[Event], more: dict[str, object], note: str
) -> None:
    made = report(ledger, events, **more)
    assert any(note in one for one in made.notes)
    assert not report(sends("delivered")).notes


def test_an_account_that_does_not_fit_the_ledger_is_noted() -> None:
    made = build_report(RUN, sends("delivered"), (), Account(2, 2, 0, 0, 0, 0))
    assert "the ledger has 1 planned messages and the account 2" in made.notes[0]


def test_a_run_without_rows_divides_by_nothing() -> None:
    made = report([], orders=[])
    assert made.delivery_rate.value is None
    assert made.economics is not None
    assert made.economics.roi_percent is None
    assert "planned 0 = sent 0" in str(made)
    json.loads(made.to_json())


def test_orders_in_another_currency_are_in_no_figure() -> None:
    made = report(sends("delivered"), orders=[bought(0), Order(NOON + timedelta(hours=1), Money(10**9, "CHF"), FIRST)])
    assert (made.counts.orders, made.counts.revenue_micros, made.orders_given) == (1, 22_000_000, 2)
    assert made.left_out == {LeftOut.CURRENCY: 1}


def full() -> Report:
    ledger = sends(*["delivered"] * 60, "failed", "refused", "in doubt", *["held out"] * 20, arms="AB")
    orders = [bought(0), bought(3), bought(65)]
    return report(ledger, [click(0), stop(1)], orders=orders)


def test_what_is_seen() -> None:
    text = str(full())
    for seen in (
        "soldes-ete · marketing · MABOUTIQUE · Wed 2026-06-24 12:00 UTC · report of run r1",
        "planned 63 = sent 61 + rejected 1 + in doubt 1",
        f"98.36{THIN}%",
        "60 of 61 sent",
        "> 98 %: too few to tell",
        "failed: spam_filter 1 · unreachable 1",
        "followed 1 · by people 1 · by machines 0 · half of the first clicks within 5 min",
        "cost 2.74 EUR",
        "revenue 44.00 EUR",
        f"ROI 1{THIN}502.9 %",
        "hold-out, buyers by telephone: 3.2",
        "buyers who would not have bought: -1",
        "messages in doubt: 1",
    ):
        assert seen in text
    html = full()._repr_html_()
    assert "soldes-ete" in html
    assert "<script" not in html
    assert repr(full()) == "Report(run_id='r1', sent=61, delivered=60)"
    assert str(FIRST) not in text + html + full().to_json()


DURATIONS = [(0.2, "12 s"), (30, "30 min"), (300, "5.0 h")]


@pytest.mark.parametrize(("minutes", "text"), DURATIONS)
def test_how_long_people_take(minutes: float, text: str) -> None:
    ledger = [evolve(send, status_at=NOON) for send in sends("delivered")]
    assert f"half of the first clicks within {text}" in str(report(ledger, [click(0, minutes)]))


def test_json_holds_everything() -> None:
    saved = json.loads(full().to_json())
    assert saved["smskit"] == "report"
    assert saved["counts"]["sent"] == 61
    assert saved["counts"]["opened"] is None
    assert saved["failures"] == {"spam_filter": 1, "unreachable": 1}
    assert saved["rates"]["open_rate"] is None
    assert saved["rates"]["delivery_rate"]["numerator"] == 60
    assert saved["rates"]["delivery_rate"]["basis"] == "sent"
    assert saved["money"]["cost"] == "2.745"
    assert saved["money"]["revenue"] == "44"
    assert [arm["name"] for arm in saved["arms"]] == ["A", "B"]
    assert saved["comparisons"][0]["baseline"] == "A"
    assert saved["uplift"]["control"]["denominator"] == 20
    assert saved["standings"]["open_rate"] == "not known"
    assert saved["joined"] == {"phone": 2}


def test_csv_has_a_line_for_each_figure(tmp_path: Path) -> None:
    full().to_csv(tmp_path / "report.csv")
    text = (tmp_path / "report.csv").read_text(encoding="utf-8")
    file = io.StringIO()
    full().to_csv(file)
    assert file.getvalue().replace("\r\n", "\n") == text
    lines = {(row["arm"], row["metric"]): row for row in csv.DictReader(io.StringIO(text))}
    assert lines["", "sent"]["value"] == "61"
    assert lines["", "opened"]["value"] == ""
    assert lines["", "failed_unreachable"]["value"] == "1"
    assert lines["", "delivery_rate"]["denominator"] == "61"
    assert lines["", "cost"] == {
        "arm": "", "metric": "cost", "value": "2.745", "low": "", "high": "", "numerator": "", "denominator": "",
        "basis": "EUR",
    }  # fmt: skip
    assert lines["A", "sent"]["value"] == "31"


def test_the_benchmarks_can_be_ones_own() -> None:
    named = Benchmarks.named("smsmode-2025")
    none = Benchmarks("ours", "us", ())
    assert report(sends("delivered"), benchmarks=none).standings() == {}
    assert report(sends("delivered")).benchmarks is named
    assert "ours" in str(report(sends("delivered"), benchmarks=none))


def test_an_arm_that_nobody_is_in_is_told() -> None:
    drawn = evolve(RUN, plan='{"record": {"weights": {"A": 1, "B": 1}}}')
    (note,) = report(sends(*["delivered"] * 40, arms="A"), run=drawn).notes
    assert "something other than chance" in note


@pytest.mark.parametrize("plan", ['{"record": {"weights": {"A": "x", "B": null}}}', "[" * 100_000])
def test_a_plan_that_says_nothing_takes_no_report_away(plan: str) -> None:
    assert report(sends("delivered", "delivered", arms="AB"), run=evolve(RUN, plan=plan)).notes == ()
