"""What a report costs over a million events: out of a store, out of lines in memory, out of Arrow tables.

    python benchmarks/metrics.py [events]

There is a message for each receipt; one event in ten is a click, one in fifty a reply, one in a hundred an opposition:
a campaign that the mission's thresholds call good. The store is filled by plain SQL: what writing costs is in
``benchmarks/store.py``. Of each row the best of three is printed, since the machine has other things to do.
"""

from __future__ import annotations

import random
import sqlite3
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

from smskit.kinds import DeliveryStatus, EventType, Kind, RunState, SendState
from smskit.metrics import Asked, Order, Report, build_report, report_from_arrow
from smskit.metrics.tables import events_to_arrow, sends_to_arrow
from smskit.records import EventLine, Link, PlannedSend, RunRecord
from smskit.stores import SqliteStore
from smskit.stores.rows import EVENT_TYPES, SEND_STATES, STATUSES

T = TypeVar("T")

NOON = datetime(2026, 6, 24, 10, 0, tzinfo=timezone.utc)
AT = int(NOON.timestamp()) * 1_000_000
RUN = RunRecord("run", "soldes", "d", Kind.MARKETING, "BOUTIQUE", NOON, NOON, RunState.LOADING, "EUR", "{}")
AGENTS = (
    "GET Mozilla/5.0 (iPhone; CPU iPhone OS 18_4 like Mac OS X) AppleWebKit/605.1.15",
    "GET Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/131 Mobile Safari/537.36",
    "GET WhatsApp/2.23.20.0",
    "",
)
SHARES = {EventType.CLICK: 0.10, EventType.REPLY: 0.02, EventType.OPT_OUT: 0.01}


def fill(store: SqliteStore, path: Path, events: int) -> None:
    """Load a run, and say of it in SQL what became of it."""
    count = events - sum(round(events * share) for share in SHARES.values())
    store.create_run(RUN)
    for start in range(0, count, 10_000):
        seqs = range(start, min(start + 10_000, count))
        store.add_sends(
            "run",
            [
                PlannedSend(seq, seq + 2, 33_600_000_000 + seq, "Bonjour", 1 + seq % 9 // 8, 45_000, "FR",
                            arm="AB"[seq % 2], token=f"t{seq:07}")
                for seq in seqs
            ],
        )  # fmt: skip
        store.add_links([Link(f"t{seq:07}", "run", seq, "https://boutique.example/") for seq in seqs])
    store.set_run_state("run", RunState.READY)
    with sqlite3.connect(path) as connection:
        connection.execute("DROP TRIGGER IF EXISTS sends_moved")
        connection.execute(
            "UPDATE sends SET state = ?, answered = 1, submitted_at = ? + seq * 20000,"
            " status = CASE WHEN seq % 50 = 0 THEN ? ELSE ? END, status_at = ? + seq * 20000 + 5000000,"
            " status_failure = CASE WHEN seq % 50 = 0 THEN 'unreachable' END",
            (SEND_STATES[SendState.ACCEPTED], AT, STATUSES[DeliveryStatus.UNDELIVERED],
             STATUSES[DeliveryStatus.DELIVERED], AT),
        )  # fmt: skip
        connection.execute(
            "INSERT INTO events (key, type, at, run, seq, status)"
            " SELECT 'r' || seq, ?, status_at, run, seq, status FROM sends",
            (EVENT_TYPES[EventType.RECEIPT],),
        )
        connection.executemany(
            "INSERT INTO events (key, type, at, run, seq, text) VALUES (?, ?, ?, 1, ?, ?)", responses(events, count)
        )
    connection.close()


def responses(events: int, sends: int) -> list[tuple[object, ...]]:
    dice = random.Random(8)
    made: list[tuple[object, ...]] = []
    for kind, share in SHARES.items():
        for place in range(round(events * share)):
            seq = dice.randrange(sends)
            at = AT + seq * 20_000 + dice.randrange(1, 7200) * 1_000_000
            text = dice.choice(AGENTS) if kind is EventType.CLICK else None
            made.append((f"{kind.value}{place}", EVENT_TYPES[kind], at, seq, text))
    return made


def best(label: str, events: int, work: Callable[[], T], bound_s: float | None = None) -> T:
    """Print the best of three, and the processor time of the cheapest: on a busy machine it is the fairer one."""
    taken: list[float] = []
    worked: list[float] = []
    for _ in range(3):
        began, busy = time.perf_counter(), time.process_time()
        result = work()
        taken.append(time.perf_counter() - began)
        worked.append(time.process_time() - busy)
    bound = "" if bound_s is None else f"   at most {bound_s:g} s: {'kept' if min(taken) <= bound_s else 'MISSED'}"
    rate = f"{events / min(taken) / 1e6:>7.2f} M events/s"
    print(f"{label:<52}{min(taken):>7.2f} s {min(worked):>7.2f} s CPU {rate}{bound}", flush=True)
    return result


def main(events: int) -> None:
    dice = random.Random(7)
    scale = events / 1_000_000
    orders = [
        Order(NOON + timedelta(hours=dice.randrange(1, 90)), "22", 33_600_000_000 + dice.randrange(events))
        for _ in range(events // 100)
    ]
    with TemporaryDirectory() as folder:
        path = Path(folder) / "shop.db"
        store = SqliteStore(path)
        fill(store, path, events)
        sends = best("skimming the sends out of SQLite", events, lambda: list(store.skim_sends("run")))
        told = best("skimming the responses out of SQLite", events, lambda: list(store.skim_responses("run")))
        best("  the same through values (sends)", events, lambda: sum(1 for _ in store.sends("run")))
        best("counting, from lines in memory", events, lambda: build_report(RUN, sends, told))
        from_store: Callable[..., Report] = lambda **more: build_report(  # noqa: E731
            RUN, store.skim_sends("run"), store.skim_responses("run"), **more
        )
        whole = best("a report out of the store", events, from_store, 5 * scale)
        joined = best("  with orders, one for a hundred events", events, lambda: from_store(orders=orders), 5 * scale)
        best("  cut by hour", events, lambda: whole.by("hour"))
        receipts = (EventLine("receipt", AT, send.seq, None) for send in sends)
        table, happened = sends_to_arrow(sends), events_to_arrow([*told, *receipts])
        quick = best(
            "a report out of Arrow tables", events, lambda: report_from_arrow(RUN, table, happened), 0.5 * scale
        )
        asked = Asked(orders=orders)
        other = best("  with orders", events, lambda: report_from_arrow(RUN, table, happened, asked=asked))
        store.close()
    same = quick.counts == whole.counts and other.counts == joined.counts
    print(f"messages {whole.counts.sent:,}, clicks {whole.counts.clicks_raw:,}; both ways give the same counts: {same}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
