"""A run counted by column is what it is line by line."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from attrs import evolve

from smskit.errors import InvalidInput
from smskit.kinds import Channel, DeliveryStatus, EventType, FailureClass, Kind, RunState, SendState
from smskit.metrics import (
    Asked,
    Attribution,
    ClickRules,
    Order,
    RequestRule,
    RunData,
    Scope,
    report_from_arrow,
    report_on,
)
from smskit.metrics.lines import micros_of
from smskit.metrics.tables import EVENT_COLUMNS, events_to_arrow, sends_to_arrow
from smskit.money import Money
from smskit.records import Event, EventLine, RunRecord, SendLine

pa = pytest.importorskip("pyarrow", reason="Arrow tables take pyarrow, the extra 'arrow'")

NOON = datetime(2026, 6, 24, 12, tzinfo=timezone.utc)
AT = micros_of(NOON)
RUN = RunRecord(
    "r1", "c", "d", Kind.MARKETING, "S", NOON, NOON, RunState.READY, "EUR", '{"record": {"zone": "Europe/Paris"}}'
)
AGENTS = (None, "", "HEAD x", "GET WhatsApp/2", "GET Mozilla/5.0 (iPhone)", "GET MyProbe")
COUNTED = (EventType.CLICK, EventType.REPLY, EventType.OPT_OUT, EventType.RECEIPT, EventType.OPT_IN)


def ledger(dice: random.Random, count: int) -> list[SendLine]:
    made: list[SendLine] = []
    for seq in range(count):
        state = dice.choice([*SendState, *[SendState.ACCEPTED] * 9])
        status = dice.choice([None, *DeliveryStatus, *[DeliveryStatus.DELIVERED] * 9])
        failure = dice.choice([None, FailureClass.UNKNOWN_SUBSCRIBER, FailureClass.UNREACHABLE])
        submitted = dice.choice([None, *[AT + dice.randrange(-5, 40_000) * 1_000_000] * 9])
        made.append(
            SendLine(
                seq, dice.choice([0, *[33_600_000_000 + seq] * 9]), dice.randint(1, 3), 45_000,
                dice.choice(["FR", "RE"]), dice.choice([0, AT // 1_000_000 + 40_000]), dice.choice(["", "A", "B"]),
                state.value, dice.choice([None, f"t{seq}"]), failure and failure.value, submitted,
                status and status.value, None if status is None else AT + dice.randrange(-5, 50_000) * 1_000_000,
                dice.choice([None, 1, 2]), int(dice.random() < 0.1),
            )
        )  # fmt: skip
    return made


def happened(dice: random.Random, sends: list[SendLine]) -> list[EventLine]:
    return [
        EventLine(
            dice.choice(COUNTED).value, AT + dice.randrange(0, 60) * dice.choice([1, 1000]) * 1_000_000,
            dice.randrange(len(sends) + 3), dice.choice(AGENTS),
        )
        for _ in range(2 * len(sends))
    ]  # fmt: skip


def ordered(dice: random.Random, sends: list[SendLine]) -> list[Order]:
    return [
        Order(
            NOON + timedelta(minutes=dice.randrange(-500, 20_000)),
            dice.choice([None, Money(dice.randrange(-5, 90) * 1_000_000), Money(1, "CHF")]),
            dice.choice([None, 33_600_000_000 + dice.randrange(len(sends))]), dice.choice([None, "ETE", "HIVER"]),
            dice.choice([None, f"t{dice.randrange(len(sends))}"]), dice.choice([None, f"o{dice.randrange(30)}"]),
        )
        for _ in range(len(sends) // 4)
    ]  # fmt: skip


def asked(dice: random.Random, sends: list[SendLine]) -> Iterator[Asked]:
    orders = ordered(dice, sends)
    yield Asked()
    yield Asked(orders=orders, attribution=Attribution(codes={"ete": "A"}))
    yield Asked(click_rules=ClickRules.default().without("at-arrival").plus(RequestRule("ours", "us", "myprobe")))
    yield Asked(
        orders=orders,
        scope=Scope(
            since=NOON + timedelta(hours=1), until=NOON + timedelta(hours=9), arms=["", "A"], hours=range(15, 23),
            segments=lambda number: None if number % 5 == 0 else "odd" if number % 2 else "even",
        ),
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("channel", Channel)
def test_columns_count_what_lines_count(seed: int, channel: Channel) -> None:
    dice = random.Random(seed)
    run = evolve(RUN, channel=channel)
    sends = ledger(dice, 300)
    events = happened(dice, sends)
    for one in asked(dice, sends):
        by_line = report_on([RunData(run, sends, events)], one)
        by_column = report_from_arrow(run, sends_to_arrow(sends), events_to_arrow(events), asked=one)
        assert by_column.counts == by_line.counts
        assert by_column.to_dict() == by_line.to_dict()
        assert by_column.notes == by_line.notes
        for cut in ("hour", "arm", "territory", "segment"):
            assert by_column.by(cut) == by_line.by(cut)


def test_events_that_only_a_token_or_a_number_knows() -> None:
    dice = random.Random(3)
    sends = ledger(dice, 60)
    events: list[Event] = []
    rows: list[dict[str, Any]] = []
    for place in range(90):
        at, seq = NOON + timedelta(minutes=place), dice.randrange(60)
        kind = dice.choice([EventType.CLICK, EventType.REPLY, EventType.OPT_OUT])
        keys: dict[str, Any] = dice.choice(
            [
                {"token": f"t{seq}"},
                {"number": 33_600_000_000 + seq},
                {"reference": f"r1-{seq}"},
                {"reference": "x-1"},
                {},
            ]
        )
        events.append(Event(str(place), kind, at, **keys))
        rows.append(dict.fromkeys(EVENT_COLUMNS) | {"type": kind.value, "at": at} | keys)
    by_line = report_on([RunData(RUN, sends, events)], Asked())
    by_column = report_from_arrow(RUN, sends_to_arrow(sends), pa.Table.from_pylist(rows))
    assert by_column.to_dict() == by_line.to_dict()
    assert by_line.counts.clicks_raw


def test_a_run_without_rows_or_events() -> None:
    report = report_from_arrow(RUN, sends_to_arrow([]))
    assert report.counts == report_on([RunData(RUN, [])], Asked()).counts
    assert report.delivery_rate is not None
    assert report.delivery_rate.value is None


@pytest.mark.parametrize("library", ["polars", "pandas"])
def test_a_data_frame_is_read_through_its_stream(library: str) -> None:
    module = pytest.importorskip(library, reason=f"{library} is not installed")
    frame = module.DataFrame(
        {"seq": [0, 1], "state": ["accepted", "rejected"], "submitted": [NOON, None], "parts": [2, 1]}
    )
    counts = report_from_arrow(RUN, frame).counts
    assert (counts.sent, counts.rejected, counts.parts, counts.linked) == (1, 1, 2, 0)


def test_events_of_no_known_kind_are_refused() -> None:
    sends = pa.table({"seq": [0], "state": ["accepted"]})
    with pytest.raises(InvalidInput, match="type has 'CLICK'"):
        report_from_arrow(RUN, sends, pa.table({"seq": [0], "type": ["CLICK"], "at": [AT]}))


def test_the_time_before_which_nothing_leaves_may_be_a_timestamp() -> None:
    later = [NOON + timedelta(hours=hours) for hours in (0, 2, 4)]
    table = pa.table({"seq": [0, 1, 2], "state": ["planned"] * 3, "not_before": later})
    assert set(report_from_arrow(RUN, table).by("hour")) == {"14", "16", "18"}


MISTAKES = [
    ("a column is missing", lambda: pa.table({"seq": [1]}), "no column state"),
    ("words for numbers", lambda: pa.table({"seq": ["one"], "state": ["accepted"]}), "seq is string, and int64"),
    ("the name of a word for its value", lambda: pa.table({"seq": [1], "state": ["ACCEPTED"]}), "has 'ACCEPTED'; it"),
    ("a row without a state", lambda: pa.table({"seq": [1, 2], "state": ["accepted", None]}), "empty in 1 rows"),
    (
        "a receipt in a carrier's own word",
        lambda: pa.table({"seq": [1], "state": ["accepted"], "status": ["DELIVRD"]}),
        "status has 'DELIVRD'",
    ),
    (
        "a failure that nobody knows",
        lambda: pa.table({"seq": [1], "state": ["rejected"], "failure": ["odd"]}),
        "failure has 'odd'",
    ),
    (
        "times without a zone",
        lambda: pa.table({"seq": [1], "state": ["accepted"], "submitted": [NOON.replace(tzinfo=None)]}),
        "submitted have no zone",
    ),
    (
        "nanoseconds",
        lambda: pa.table({"seq": [1], "state": ["accepted"], "submitted": [AT * 1000]}),
        "beyond the year 9999",
    ),
    (
        "a name twice",
        lambda: pa.table([[1], [1], ["accepted"]], names=["seq", "seq", "state"]),
        "two columns of one name",
    ),
    ("a single column", lambda: pa.chunked_array([[1]]), "is no Arrow table"),
]


@pytest.mark.parametrize(("make", "problem"), [row[1:] for row in MISTAKES], ids=[row[0] for row in MISTAKES])
def test_a_table_that_is_not_understood(make: Any, problem: str) -> None:
    with pytest.raises(InvalidInput, match=problem):
        report_from_arrow(RUN, make())
