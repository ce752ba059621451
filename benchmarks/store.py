"""What the SQLite store costs: loading, leasing, settling, receipts and look-ups.

    python benchmarks/store.py [sends]

Absolute times say more of the machine than of the store. Each rate is therefore also given as a ratio to a bare
``executemany`` of the same rows into a table without any index, measured in the same run, before and after.
"""

from __future__ import annotations

import random
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path
from tempfile import TemporaryDirectory

from smskit.compliance.history import broken_at
from smskit.kinds import DeliveryStatus, EventType, Kind, Reason, RunState, SendState
from smskit.records import ConsentAction, ConsentEvent, Event, Link, PlannedSend, RunRecord, Settlement, Suppression
from smskit.stores import SqliteStore

NOW = datetime(2026, 6, 24, 10, 0, tzinfo=timezone.utc)
TEXT = "Bonjour Anais, -15% jusqu'a dimanche : https://go.boutique.fr/aB3dE9x STOP au 36180"
BATCH, LEASE = 1000, 100


def batches(count: int, size: int) -> Iterator[range]:
    for start in range(0, count, size):
        yield range(start, min(start + size, count))


@contextmanager
def timed(label: str, count: int, bare_s: float | None = None) -> Iterator[None]:
    """Print how fast the block did *count* things, and its ratio to *bare_s* for one row."""
    began = time.perf_counter()
    yield
    each = (time.perf_counter() - began) / count
    ratio = f"{bare_s / each:8.2f}" if bare_s else "        "
    print(f"{label:<58}{1 / each:>12,.0f} /s {each * 1e6:>9.2f} us {ratio}")


def bare(path: Path, sends: list[PlannedSend]) -> float:
    """Give the seconds that sqlite3 alone takes for one row."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("CREATE TABLE bare (a, b, c, d, e, f, g, h, i, j, k, l, PRIMARY KEY (a, b)) WITHOUT ROWID")
    rows = [
        (1, s.seq, s.row, s.number, s.text, s.parts, s.price_micros, s.territory, 0, s.arm, 0, s.token) for s in sends
    ]
    began = time.perf_counter()
    for some in batches(len(rows), BATCH):
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(f"INSERT INTO bare VALUES ({', '.join('?' * 12)})", rows[some.start : some.stop])
        connection.execute("COMMIT")
    each = (time.perf_counter() - began) / len(rows)
    connection.close()
    print(f"{'bare executemany, batches of 1000':<58}{1 / each:>12,.0f} /s {each * 1e6:>9.2f} us {1:8.2f}")
    return each


def create(store: SqliteStore, run_id: str, campaign: str) -> None:
    record = RunRecord(run_id, campaign, "d", Kind.MARKETING, "BOUTIQUE", NOW, NOW, RunState.LOADING, "EUR", "{}")
    store.create_run(record)


def load(store: SqliteStore, sends: list[PlannedSend], each: float) -> None:
    create(store, "run", "soldes")
    with timed("add_sends, batches of 1000", len(sends), each):
        for some in batches(len(sends), BATCH):
            store.add_sends("run", sends[some.start : some.stop])
    links = [Link(send.token or "", "run", send.seq, "https://boutique.example/soldes") for send in sends]
    with timed("add_links, batches of 1000", len(sends), each):
        for some in batches(len(sends), BATCH):
            store.add_links(links[some.start : some.stop])
    with timed("open the run (per send)", len(sends), each):
        store.set_run_state("run", RunState.READY)


def drive(store: SqliteStore, count: int, each: float) -> None:
    with timed("lease 100 + settle 100, each commit on the disk", count, each):
        while leased := store.lease("run", limit=LEASE, now=NOW):
            store.settle("run", [Settlement(s.seq, SendState.ACCEPTED, f"id-{s.seq}", at=NOW) for s in leased])
    later = NOW + timedelta(minutes=1)
    events = [
        Event(f"r{seq}", EventType.RECEIPT, later, reference=f"run-{seq}", status=DeliveryStatus.DELIVERED)
        for seq in range(count)
    ]
    half = count // 2
    with timed("record_events, 100 receipts, in order of sending", half, each):
        for some in batches(half, LEASE):
            store.record_events(events[some.start : some.stop])
    scattered = events[half:]
    random.Random(2).shuffle(scattered)
    with timed("record_events, 100 receipts, from all over the run", half, each):
        for some in batches(half, LEASE):
            store.record_events(scattered[some.start : some.stop])
    with timed("account()", 1000):
        for _ in range(1000):
            store.account("run")
    with timed("sends(), streamed", count, each):
        for _ in store.sends("run"):
            pass


def keep_consents(store: SqliteStore, numbers: list[int], each: float) -> None:
    events = [
        ConsentEvent(n, ConsentAction.GRANTED, NOW, "caisse", "sms", "Boutique", "J'accepte les SMS", f"ticket {n}")
        for n in numbers
    ]
    with timed("record_consents, sealed", len(events), each):
        store.record_consents(events)
    with timed("record_consents, the same again", len(events), each):
        store.record_consents(events)
    with timed("consent_log(), checked by broken_at()", len(events), each):
        assert broken_at(store.consent_log(), key=store.secret, head=store.consent_head()) is None


def ask(label: str, question: Callable[[list[int]], object], numbers: list[int]) -> None:
    picker = random.Random(3)
    asked = [picker.sample(numbers, BATCH) for _ in range(10)]
    question(asked[0])
    with timed(f"{label}, per number", 10 * BATCH):
        for some in asked:
            question(some)


def ask_all(store: SqliteStore, when: str, numbers: list[int]) -> None:
    ask(f"suppressed, {when}", store.suppressed, numbers)
    ask(f"consents, {when}", store.consents, numbers)
    ask(f"engagement, {when}", store.engagement, numbers)
    ask(f"already_sent, {when}", lambda some: store.already_sent("soldes", some), numbers)
    ask(f"recent_sends, {when}", lambda some: store.recent_sends(some, since=NOW, kind=Kind.MARKETING), numbers)


def main(count: int) -> None:
    numbers = random.Random(1).sample(range(33_600_000_000, 33_799_999_999), count)
    sends = [
        PlannedSend(seq, seq + 2, number, TEXT, 1, 45_000, "FR", token=f"{seq * 7919 % 10**8:08d}")
        for seq, number in enumerate(numbers)
    ]
    with TemporaryDirectory() as folder:
        each = bare(Path(folder) / "bare.db", sends)
        with SqliteStore(Path(folder) / "store.db") as store:
            ask_all(store, "empty store", numbers)
            load(store, sends, each)
            drive(store, count, each)
            ask_all(store, "full store", numbers)
            keep_consents(store, numbers, each)
            listed = [Suppression(number, Reason.SUPPRESSED, NOW, "list") for number in numbers[:5000]]
            store.suppress(listed)
            ask("suppressed, list of 5000", store.suppressed, numbers)
            store.forget(numbers[0])
            ask("suppressed, list of 5000 and somebody was forgotten", store.suppressed, numbers)
        bare(Path(folder) / "again.db", sends)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
