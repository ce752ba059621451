"""Runs, sends and receipts that the contract of stores is tried with; and one store for each test."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from functools import cached_property

from smskit.kinds import DeliveryStatus, EventType, FailureClass, Kind, RunState
from smskit.protocols import Store
from smskit.records import (
    Event,
    PlannedSend,
    RunRecord,
)
from smskit.testing.factories import FIRST_NUMBER

NOON = datetime(2026, 6, 24, 10, 0, tzinfo=timezone.utc)
ANNE, BOB, CHLOE, NOBODY = FIRST_NUMBER, FIRST_NUMBER + 1, FIRST_NUMBER + 2, FIRST_NUMBER + 999_999


def run_record(run_id: str = "run", *, campaign: str = "soldes", kind: Kind = Kind.MARKETING) -> RunRecord:
    """Give a new run for today noon."""
    return RunRecord(
        run_id, campaign, "digest", kind, "MABOUTIQUE", NOON, NOON, RunState.LOADING, "EUR", '{"rules": "FR"}'
    )


def planned(seq: int, *, number: int | None = None, not_before: int = 0) -> PlannedSend:
    """Give one row of a run; each *seq* has a number of its own unless *number* says otherwise."""
    whom = FIRST_NUMBER + seq if number is None else number
    return PlannedSend(seq, seq + 2, whom, f"Bonjour {seq} STOP au 36180", 1, 45_000, "FR", not_before, "A")


def loaded(store: Store, count: int = 3, *, run_id: str = "run", campaign: str = "soldes") -> None:
    """Put a run of *count* sends into *store*, to ANNE, BOB, CHLOE …; it is still LOADING."""
    store.create_run(run_record(run_id, campaign=campaign))
    store.add_sends(run_id, [planned(seq) for seq in range(count)])


def opened(store: Store, count: int = 3, *, run_id: str = "run", campaign: str = "soldes") -> None:
    """Put a run of *count* sends into *store*, ready to be sent."""
    loaded(store, count, run_id=run_id, campaign=campaign)
    store.set_run_state(run_id, RunState.READY)


def receipt(status: DeliveryStatus, seq: int = 0, *, minute: int = 1, failure: FailureClass | None = None) -> Event:
    """Give a receipt for one send of the run ``run``."""
    key = f"{seq} {status.value} {minute} {failure}"
    return Event(key, EventType.RECEIPT, after(minute), reference=f"run-{seq}", status=status, failure=failure)


def after(minutes: float) -> datetime:
    """Give an instant so many minutes after NOON."""
    return NOON + timedelta(minutes=minutes)


class OneStore:
    """One store for each test."""

    def make_store(self) -> Store:
        """Give an empty store of its own to each test."""
        raise NotImplementedError("subclasses say how their store is made")

    @cached_property
    def store(self) -> Store:
        """The store of the test that runs."""
        return self.make_store()

    def teardown_method(self) -> None:
        """Close the store when the test had one."""
        if "store" in self.__dict__:
            self.store.close()


def raises(kind: type[Exception], call: Callable[[], object]) -> None:
    """Check that *call* raises an error of *kind*."""
    try:
        call()
    except kind:
        return
    raise AssertionError(f"the store must raise {kind.__name__}")
