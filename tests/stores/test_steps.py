"""What calls cost in SQLite's own steps: no clock, so that a slow machine does not count."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from smskit.kinds import DeliveryStatus, EventType, FailureClass, RunState, SendState
from smskit.records import Event, Send, Settlement
from smskit.stores import SqliteStore
from smskit.testing.stores import opened, planned, receipt
from smskit.testing.stores.rows import ANNE, NOON, run_record


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "boutique.db"


@pytest.fixture
def store(path: Path) -> Iterator[SqliteStore]:
    with SqliteStore(path) as store:
        yield store


def steps_of(store: SqliteStore, call: Callable[[], object]) -> int:
    """Count SQLite's own steps, by tens."""
    counted = [0]

    def count() -> None:
        counted[0] += 1

    connection = store._database._live()
    connection.set_progress_handler(count, 10)
    call()
    connection.set_progress_handler(None, 0)
    return counted[0]


def test_a_lease_does_not_read_what_is_settled(store: SqliteStore) -> None:
    """Counted in SQLite's own steps: the last of many leases costs about what the first did."""
    store.create_run(run_record())
    store.add_sends("run", [planned(seq, not_before=seq % 3) for seq in range(3000)])
    store.set_run_state("run", RunState.READY)
    steps: list[int] = []
    while True:
        leased: list[Send] = []
        took = steps_of(store, lambda leased=leased: leased.extend(store.lease("run", limit=100, now=NOON)))
        if not leased:
            break
        steps.append(took)
        store.settle("run", [Settlement(send.seq, SendState.ACCEPTED) for send in leased])
    assert len(steps) == 30
    assert steps[-1] < 1.5 * steps[0]


def strangers(count: int) -> list[Event]:
    """Receipts of another program's messages, which come over the same account."""
    return [
        Event(
            f"theirs {n}", EventType.RECEIPT, NOON, ANNE + n % 50, status=DeliveryStatus.SENT, provider_id=f"their-{n}"
        )
        for n in range(count)
    ]


def test_settling_does_not_read_the_receipts_of_strangers(store: SqliteStore) -> None:
    opened(store, 300)
    store.lease("run", limit=300, now=NOON)

    def settle(first: int) -> int:
        ends = [Settlement(seq, SendState.ACCEPTED, f"id-{seq}") for seq in range(first, first + 100)]
        return steps_of(store, lambda: store.settle("run", ends))

    nobody = settle(0)
    store.record_events(strangers(100))
    few = settle(100)
    store.record_events(strangers(20_000))
    assert few < 1.6 * nobody
    assert settle(200) < 1.1 * few


def test_failures_are_counted_without_reading_what_is_counted(store: SqliteStore) -> None:
    opened(store, 5000)
    failure = FailureClass.HANDSET_ERROR
    marks = [0]

    def count() -> int:
        def ask() -> None:
            marks.append(store.failures("run", after=marks[-1])[1])

        return steps_of(store, ask)

    store.record_events([receipt(DeliveryStatus.UNDELIVERED, seq, failure=failure) for seq in range(20)])
    first = count()
    more = [receipt(DeliveryStatus.UNDELIVERED, seq, failure=failure) for seq in range(20, 2500)]
    store.record_events([*more, *(receipt(DeliveryStatus.SENT, seq) for seq in range(5000))])
    assert count() > 20 * first, "these are new"
    store.record_events([receipt(DeliveryStatus.UNDELIVERED, seq, failure=failure) for seq in range(4000, 4020)])
    assert count() <= first + 1
    assert len(set(marks)) == 4
