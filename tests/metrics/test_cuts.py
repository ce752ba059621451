"""Reports over several runs, cut and narrowed; and what is not known."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta, timezone

import pytest
from attrs import evolve

from smskit.errors import InvalidInput, NaiveDatetime
from smskit.kinds import Channel, DeliveryStatus, EventType, FailureClass, Kind, RunState, SendState
from smskit.metrics import (
    Asked,
    Attribution,
    Cut,
    Heard,
    LeftOut,
    Metric,
    Order,
    Rate,
    RateBasis,
    Reaction,
    Report,
    RunData,
    Scope,
    report_on,
)
from smskit.metrics.build import reader_for
from smskit.protocols import Receipts
from smskit.records import Event, RunRecord, Send

NOON = datetime(2026, 6, 24, 12, tzinfo=timezone.utc)
PLAN = '{"record": {"zone": "Europe/Paris"}}'
RUN = RunRecord("r1", "soldes", "d", Kind.MARKETING, "BOUTIQUE", NOON, NOON, RunState.READY, "EUR", PLAN)
LATER = evolve(RUN, run_id="r2", campaign="rentree", sender="38600", at=NOON + timedelta(days=1))
RCS = evolve(RUN, run_id="rcs", channel=Channel.RCS)
BEHIND = evolve(RUN, run_id="rcss", fallback_of="rcs")
FIRST = 33_612_345_600

HOUR = timedelta(hours=1)


def send(seq: int, run: RunRecord = RUN, **more: object) -> Send:
    """Give a message that was handed over at the time of its run and delivered ten seconds after."""
    usual = Send(
        run.run_id, seq, seq + 2, FIRST + seq, "", 1, 45_000, "FR", 0, "", SendState.ACCEPTED, f"{run.run_id}t{seq}", 1,
        submitted_at=run.at, status=DeliveryStatus.DELIVERED, status_at=run.at + timedelta(seconds=10),
    )  # fmt: skip
    return evolve(usual, **more)  # type: ignore[arg-type]


def held_out(seq: int) -> Send:
    return send(seq, state=SendState.HELD_OUT, status=None, status_at=None, submitted_at=None)


def event(kind: EventType, seq: int, minutes: float, run: RunRecord = RUN) -> Event:
    at = run.at + timedelta(minutes=minutes)
    return Event(f"{kind.value}{seq}{minutes}", kind, at, reference=f"{run.run_id}-{seq}")


def bought(seq: int, after: timedelta = HOUR, amount: str | None = "22", **more: object) -> Order:
    return Order(NOON + after, amount, FIRST + seq, **more)  # type: ignore[arg-type]


def report(*runs: tuple[RunRecord, Iterable[Send]], events: Iterable[Event] = (), **asked: object) -> Report:
    told = list(events)
    return report_on([RunData(run, sends, told) for run, sends in runs], Asked(**asked))  # type: ignore[arg-type]


# ---------------------------------------------------------------- cuts

DAYS = (
    send(0, arm="A"),
    send(1, arm="B", territory="RE", submitted_at=NOON + 11 * HOUR),
    send(2, arm="B", state=SendState.PLANNED, status=None, status_at=None, submitted_at=None, not_before=int((NOON + 24 * HOUR).timestamp())),
)  # fmt: skip

CUTS = [
    (Cut.ARM, {"A": 1, "B": 2}),
    (Cut.CAMPAIGN, {"soldes": 3, "rentree": 1}),
    (Cut.CHANNEL, {"sms": 4}),
    (Cut.DAY, {"2026-06-24": 1, "2026-06-25": 3}),
    (Cut.HOUR, {"14": 3, "01": 1}),
    (Cut.KIND, {"marketing": 4}),
    (Cut.RUN, {"r1": 3, "r2": 1}),
    (Cut.SEGMENT, {"low": 3, "high": 1}),
    (Cut.SENDER, {"BOUTIQUE": 3, "38600": 1}),
    (Cut.TERRITORY, {"FR": 3, "RE": 1}),
    (Cut.WEEKDAY, {"3 Wed": 1, "4 Thu": 3}),
]


@pytest.mark.parametrize(("cut", "planned"), CUTS, ids=[row[0].value for row in CUTS])
def test_a_report_is_cut(cut: Cut, planned: dict[str, int]) -> None:
    words = Scope(segments=lambda number: "low" if number < FIRST + 7 else "high")
    made = report((RUN, DAYS), (LATER, [send(9, LATER, arm="")]), scope=words)
    slices = made.by(cut.value)
    planned = planned | {"": 1} if cut is Cut.ARM else planned
    assert {name: one.counts.planned for name, one in slices.items()} == planned
    assert sum(one.counts.cost_micros for one in slices.values()) == made.counts.cost_micros
    assert list(slices) == sorted(slices)


def test_a_slice_has_rates() -> None:
    made = report((RUN, DAYS), events=[event(EventType.CLICK, 1, 800)], orders=[bought(0)])
    arm = made.by("arm")["B"]
    assert arm.rate(Metric.CLICK_RATE) == Rate(1, 1, RateBasis.DELIVERED)
    assert arm.rate(Metric.CONVERSION_RATE, RateBasis.SENT) == Rate(0, 1, RateBasis.SENT)
    assert report((RUN, DAYS)).by("arm")["B"].rate(Metric.CONVERSION_RATE) is None
    with pytest.raises(InvalidInput, match="cannot be cut by 'arms'; it can by arm, campaign"):
        made.by("arms")


def test_an_order_by_a_code_is_in_a_slice_without_a_name() -> None:
    order = Order(NOON + HOUR, "9", code="ete")
    made = report((RUN, DAYS), orders=[order], attribution=Attribution(codes={"ete": "B"}))
    assert {name: one.counts.orders for name, one in made.by("hour").items()} == {"": 1, "01": 0, "14": 0}
    assert made.by("arm")["B"].counts.orders == 1
    assert made.by("hour")[""].rate(Metric.DELIVERY_RATE) == Rate(0, 0, RateBasis.SENT)


# ---------------------------------------------------------------- scopes

SCOPES = [
    # what                                      scope                                              messages
    ("everything", Scope(), 3),
    ("from then on", Scope(since=NOON + HOUR), 2),
    ("before then", Scope(until=NOON + timedelta(hours=24)), 2),
    ("not yet handed over: by its planned time", Scope(since=NOON + timedelta(hours=24)), 1),
    ("of an arm", Scope(arms="B"), 2),
    ("of arms", Scope(arms=["A", "C"]), 1),
    ("in an hour, by the clocks of Paris", Scope(hours=14), 2),
    ("in hours", Scope(hours=[1, 2]), 1),
    ("to some numbers", Scope(numbers={FIRST, FIRST + 1}), 2),
    ("to a segment", Scope(segments={FIRST + 2: "loyal"}), 1),
    ("to nobody", Scope(numbers=()), 0),
]


@pytest.mark.parametrize(("scope", "planned"), [row[1:] for row in SCOPES], ids=[row[0] for row in SCOPES])
def test_a_report_is_narrowed(scope: Scope, planned: int) -> None:
    made = report((RUN, DAYS), scope=scope)
    assert made.counts.planned == planned
    assert made.to_dict()


def test_a_scope_that_makes_no_sense() -> None:
    with pytest.raises(NaiveDatetime):
        Scope(since=datetime(2026, 6, 24))
    with pytest.raises(InvalidInput, match="between 0 and 23"):
        Scope(hours=24)
    assert "612345" not in repr(Scope(numbers={FIRST}))


def test_codes_of_nobody_known_are_not_those_of_a_segment() -> None:
    asked = {"orders": [Order(NOON + HOUR, "9", code="ete")], "attribution": Attribution(codes="ete")}
    assert report((RUN, DAYS), **asked).counts.orders == 1
    assert report((RUN, DAYS), scope=Scope(hours=14), **asked).counts.orders == 0
    assert report((RUN, DAYS), scope=Scope(arms="A"), **asked).left_out == {LeftOut.NOBODY: 1}


# ---------------------------------------------------------------- several runs


def test_the_last_campaign_has_the_order() -> None:
    made = report(
        (RUN, [send(0), send(1)]), (LATER, [send(0, LATER)]), orders=[bought(0, 25 * HOUR), bought(0), bought(1)]
    )
    by_campaign = {name: one.counts.orders for name, one in made.by("campaign").items()}
    assert by_campaign == {"soldes": 2, "rentree": 1}
    assert (made.run_id, made.campaign, made.people, made.counts.sent) == ("r1 + r2", "soldes + rentree", 2, 3)


def test_a_code_belongs_to_the_last_run_before() -> None:
    codes = Attribution(codes="ete")
    orders = [Order(NOON + after, "9", code="ete") for after in (HOUR, 25 * HOUR)]
    made = report((RUN, [send(0)]), (LATER, [send(0, LATER)]), orders=orders, attribution=codes)
    assert {name: one.counts.orders for name, one in made.by("run").items()} == {"r1": 1, "r2": 1}


def test_people_over_rcs_and_sms_are_counted_once() -> None:
    failed = {"status": DeliveryStatus.UNDELIVERED, "failure": FailureClass.UNREACHABLE, "fell_back": True}
    waits = {"state": SendState.STANDBY, "submitted_at": None, "status": None, "status_at": None}
    first = [
        send(0, RCS, price_micros=80_000, status=DeliveryStatus.READ),
        send(1, RCS, price_micros=80_000, **failed),
        send(2, RCS, price_micros=80_000, number=0, **failed),
    ]
    behind = [
        send(0, BEHIND, **waits),
        send(1, BEHIND, submitted_at=NOON + HOUR),
        send(2, BEHIND, number=0, **waits),
        send(5, BEHIND),
    ]
    events = [event(EventType.CLICK, 1, 90, BEHIND), event(EventType.CLICK, 0, 1, RCS)]
    made = report_on([RunData(RCS, first, events[1:]), RunData(BEHIND, behind, events[:1])], Asked())
    counts = made.counts
    assert (counts.planned, counts.sent, counts.delivered, counts.opened, counts.clickers) == (4, 4, 3, 1, 2)
    assert (counts.cost_micros, counts.failed, counts.standby, made.people) == (170_000, 1, 0, 4)
    assert made.open_rate == Rate(1, 1, RateBasis.DELIVERED)
    assert {name: one.counts.sent for name, one in made.by("channel").items()} == {"rcs": 2, "sms": 2}
    alone = report_on([RunData(BEHIND, behind)], Asked()).counts
    assert (alone.planned, alone.standby) == (2, 2)


def test_runs_that_cannot_be_added() -> None:
    with pytest.raises(InvalidInput, match="in CHF and EUR; report on them apart"):
        report((RUN, []), (evolve(LATER, currency="CHF"), []))
    with pytest.raises(InvalidInput, match="there is no run"):
        report()


@pytest.mark.parametrize(
    "runs",
    [
        (RUN, RUN),
        (RCS, BEHIND, evolve(RUN, run_id="another", fallback_of="rcs")),
        (RCS, BEHIND, evolve(RUN, run_id="third", fallback_of="rcss")),
    ],
    ids=["a run twice", "two fallbacks of one", "a fallback of a fallback"],
)
def test_runs_that_would_be_counted_twice_or_left_out_are_refused(runs: tuple[RunRecord, ...]) -> None:
    with pytest.raises(InvalidInput, match="a run "):
        report(*((run, [send(0, run)]) for run in runs))


def test_kinds_that_are_mixed_are_noted() -> None:
    made = report((RUN, [send(0)]), (evolve(LATER, kind=Kind.NOTIFICATION), []))
    assert "several kinds" in made.notes[0]


# ---------------------------------------------------------------- what is not known


def test_before_the_first_receipt_nothing_is_delivered_nor_not() -> None:
    silent = [send(seq, status=None, status_at=None) for seq in range(4)]
    made = report((RUN, silent), events=[event(EventType.REPLY, 0, 5), event(EventType.OPT_OUT, 1, 5)])
    assert (made.heard, made.delivery_rate, made.basis) == (Heard.NONE_YET, None, RateBasis.SENT)
    assert made.reply_rate() == made.opt_out_rate() == Rate(1, 4, RateBasis.SENT)
    assert made.reply_rate(RateBasis.DELIVERED) is None
    saved = made.to_dict()
    assert saved["counts"]["delivered"] is None  # type: ignore[index,call-overload]
    assert "no receipt has come yet" in str(made)
    assert report((RUN, silent), receipts=Receipts.NONE).heard is Heard.NONE_TOLD
    assert report((RUN, [*silent, send(5)])).heard is Heard.SOME
    assert report((RUN, [send(5)])).heard is Heard.ALL
    assert report((RUN, [])).heard is Heard.NOTHING_SENT


def test_of_those_delivered_only_those_delivered_are_counted() -> None:
    sends = [send(0), send(1), send(2, status=None, status_at=None)]
    made = report((RUN, sends), events=[event(EventType.REPLY, seq, 5) for seq in (0, 2)])
    assert made.reply_rate() == Rate(1, 2, RateBasis.DELIVERED)
    assert made.reply_rate(RateBasis.SENT) == Rate(2, 3, RateBasis.SENT)


def test_more_conversions_than_messages_are_no_share() -> None:
    orders = [Order(NOON + HOUR, "9", code="ete")] * 3
    made = report((RUN, [send(0)]), orders=orders, attribution=Attribution(codes="ete"))
    assert (made.counts.conversions, made.conversion_rate()) == (3, None)


def test_clocks_that_go_back_time_nothing() -> None:
    early = send(0, submitted_at=NOON + HOUR, status_at=NOON - HOUR)
    made = report((RUN, [early]), events=[event(EventType.REPLY, 0, 1)], orders=[bought(0, timedelta(minutes=61))])
    assert made.reactivity(Reaction.REPLY).median_s == timedelta(minutes=61).total_seconds()
    backwards = report(
        (RUN, [send(0, submitted_at=NOON + HOUR, status_at=NOON + 2 * HOUR)]), events=[event(EventType.REPLY, 0, 1)]
    )
    assert (backwards.counts.repliers, backwards.reactivity().reacted) == (1, 0)


def test_times_are_those_of_the_campaign() -> None:
    assert str(report((RUN, [])).at) == "2026-06-24 14:00:00+02:00"
    assert report((RUN, [])).zone == "Europe/Paris"
    assert list(report((RUN, DAYS), zone="Indian/Reunion").by("hour")) == ["03", "16"]
    for plan in ("{}", "", "[]", '{"record": 1}', '{"record": {"zone": "Nowhere"}}', '{"record": {"zone": 1}}'):
        assert report((evolve(RUN, plan=plan), [])).zone == "UTC"
    with pytest.raises(InvalidInput, match="is no time zone"):
        report((RUN, []), zone="Nowhere")


# ---------------------------------------------------------------- reactivity, retention, visits


def test_how_soon_people_react() -> None:
    sends = [send(seq) for seq in range(5)]
    events = [event(EventType.CLICK, 0, 2), event(EventType.REPLY, 0, 9), event(EventType.CLICK, 1, 5)]
    made = report((RUN, sends), events=events, orders=[bought(1, timedelta(minutes=3)), bought(2)])
    arrival = 10
    first = made.reactivity()
    assert (first.reacted, first.median_s) == (3, 3 * 60 - arrival)
    assert made.reactivity(Reaction.CLICK).median_s == 3.5 * 60 - arrival
    assert made.reactivity(Reaction.ORDER).reacted == 2
    assert first.within(4) == Rate(2, 3, RateBasis.REACTED)
    assert first.within(4, RateBasis.DELIVERED) == Rate(2, 5, RateBasis.DELIVERED)
    assert first.within(1000, RateBasis.CLICKED) is None
    assert first.within(float("inf")) == Rate(3, 3, RateBasis.REACTED)
    nothing = report((RUN, sends)).reactivity()
    assert (nothing.median_s, nothing.within(4)) == (None, Rate(0, 0, RateBasis.REACTED))
    with pytest.raises(InvalidInput, match="more than none"):
        first.within(0)


def test_who_can_still_be_written_to() -> None:
    gone = {"status": DeliveryStatus.UNDELIVERED, "failure": FailureClass.UNKNOWN_SUBSCRIBER}
    sends = [send(0), send(1), send(2, **gone), send(3)]
    made = report((RUN, sends), events=[event(EventType.OPT_OUT, 0, 5)])
    assert made.retention_rate() == Rate(2, 4, RateBasis.SENT)
    assert made.retention_rate(RateBasis.DELIVERED) == Rate(2, 3, RateBasis.DELIVERED)
    over_rcs = report((RCS, [evolve(one, run_id="rcs") for one in sends]))
    assert over_rcs.retention_rate() == Rate(4, 4, RateBasis.SENT)


def test_who_bought_again() -> None:
    sends = [send(seq) for seq in range(4)]
    before = [bought(seq, -24 * HOUR) for seq in (0, 1)]
    made = report((RUN, sends), orders=[*before, bought(0), bought(2)])
    assert made.repurchase_rate == Rate(1, 2, RateBasis.CUSTOMERS)
    assert made.conversion_rate() == Rate(2, 4, RateBasis.DELIVERED)
    assert report((RUN, sends), orders=[bought(0)]).repurchase_rate is None
    assert report((RUN, sends)).repurchase_rate is None


def test_visits_against_those_held_out() -> None:
    sends = [*(send(seq) for seq in range(4)), *(held_out(seq) for seq in range(4, 8)), send(9, number=0)]
    visits = [bought(seq, amount=None) for seq in (0, 1, 4)]
    made = report((RUN, sends), orders=[*visits, Order(NOON + HOUR, code="ete")], attribution=Attribution(codes="ete"))
    uplift = made.visit_uplift
    assert uplift is not None
    assert (uplift.treated, uplift.control) == (Rate(2, 4, RateBasis.ASSIGNED), Rate(1, 4, RateBasis.ASSIGNED))
    assert (made.counts.visits, made.counts.visitors, made.counts.orders) == (3, 3, 0)
    assert made.visit_rate() == Rate(3, 5, RateBasis.DELIVERED)
    assert "forgotten are in neither group of the hold-out: 1" in made.notes[-1]
    assert report((RUN, sends), orders=[bought(0)]).visit_uplift is None


def test_what_recipients_brought_is_squared() -> None:
    made = report(
        (RUN, [send(0), send(1)]), orders=[bought(0, amount="3"), bought(0, amount="1"), bought(1, amount="2")]
    )
    assert made.counts.revenue_squares == (4_000_000**2) + (2_000_000**2)
    assert made.counts.assigned == 2


def test_a_reader_shows_nobody() -> None:
    reader = reader_for((RUN, LATER), Asked(), timezone.utc)
    reader.read(0, RunData(RUN, [send(0)]))
    assert list(reader.people) == [FIRST]
    assert str(FIRST) not in repr(reader)


@pytest.mark.parametrize("places", [(1, 0), (0, 0)], ids=["the wrong way round", "one twice"])
def test_rows_that_would_be_counted_twice_are_refused(places: tuple[int, ...]) -> None:
    with pytest.raises(InvalidInput, match="in order of seq"):
        report((RCS, [send(0, RCS), send(1, RCS)]), (BEHIND, [send(place, BEHIND) for place in places]))
