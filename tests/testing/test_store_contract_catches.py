"""The contract of stores does not hold for stores that break a promise: each child of Broken breaks one."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import nullcontext
from datetime import datetime, timedelta

import pytest
from attrs import evolve

from smskit.kinds import DeliveryStatus, Kind, RunState, SendState
from smskit.records import Account, ConsentEvent, Event, PlannedSend, RunRecord, Send, Settlement, Suppression
from smskit.stores import MemoryStore
from smskit.testing.stores import StoreContract


class LastListed(MemoryStore):
    """Takes whatever was added last for the entry that counts."""

    def __init__(self) -> None:
        super().__init__()
        self.entries: dict[int, Suppression] = {}

    def suppress(self, entries: Iterable[Suppression], /) -> int:
        kept = list(entries)
        self.entries |= {entry.number: entry for entry in kept}
        return super().suppress(kept)

    def suppressed(self, numbers: Collection[int], /) -> Mapping[int, Suppression]:
        found = super().suppressed(numbers)
        return {number: self.entries.get(number, entry) for number, entry in found.items()}


class NewestFirst(MemoryStore):
    def consents(self, numbers: Collection[int], /) -> Mapping[int, tuple[ConsentEvent, ...]]:
        return {number: history[::-1] for number, history in super().consents(numbers).items()}


class ForgetsNothing(MemoryStore):
    def forget(self, number: int, /) -> None:
        pass


class ForgetsTheChain(MemoryStore):
    def forget(self, number: int, /) -> None:
        super().forget(number)
        with self._database.write() as connection:
            connection.execute("DELETE FROM consents WHERE number IS NULL")


class PurgesTheYoung(MemoryStore):
    def purge(self, *, now: datetime, years: int = 3, last_contact: Mapping[int, datetime] | None = None) -> int:
        return super().purge(now=now + timedelta(seconds=1), years=years, last_contact=last_contact)


class PurgesOppositions(MemoryStore):
    def purge(self, *, now: datetime, years: int = 3, last_contact: Mapping[int, datetime] | None = None) -> int:
        count = super().purge(now=now, years=years, last_contact=last_contact)
        with self._database.write() as connection:
            connection.execute("DELETE FROM forgotten")
            connection.execute("UPDATE facts SET value = value + 1 WHERE name = 'suppressions'")
        return count


class MarksTooLate(MemoryStore):
    def lease(self, run_id: str, /, *, limit: int, now: datetime) -> tuple[Send, ...]:
        sends = super().lease(run_id, limit=limit, now=now)
        self.settle(run_id, [Settlement(send.seq, SendState.PLANNED) for send in sends])
        return sends


class LeasesBackwards(MemoryStore):
    def lease(self, run_id: str, /, *, limit: int, now: datetime) -> tuple[Send, ...]:
        return super().lease(run_id, limit=limit, now=now)[::-1]


class LeasesEarly(MemoryStore):
    def lease(self, run_id: str, /, *, limit: int, now: datetime) -> tuple[Send, ...]:
        return super().lease(run_id, limit=limit, now=now.replace(year=now.year + 1))


class LeasesWhileLoading(MemoryStore):
    def add_sends(self, run_id: str, sends: Sequence[PlannedSend], /) -> None:
        super().add_sends(run_id, sends)
        self.set_run_state(run_id, RunState.READY)


class LosesOne(MemoryStore):
    def account(self, run_id: str, /) -> Account:
        account = super().account(run_id)
        return evolve(account, in_doubt=max(0, account.in_doubt - 1))


class HoldsNothing(MemoryStore):
    def hold(self, campaign: str, /) -> nullcontext[None]:  # type: ignore[override]
        return nullcontext()


class SettlesTwice(MemoryStore):
    def settle(self, run_id: str, settlements: Sequence[Settlement], /) -> None:
        for settlement in settlements:
            with self._database.write() as connection:
                connection.execute("UPDATE sends SET state = 1, answered = 0 WHERE seq = ?", (settlement.seq,))
        super().settle(run_id, settlements)


class OverwritesTheRun(MemoryStore):
    def create_run(self, run: RunRecord, /) -> RunRecord:
        super().create_run(run)
        return run


class IgnoresOtherThan(MemoryStore):
    def already_sent(
        self, campaign: str, numbers: Collection[int], /, *, other_than: str | None = None
    ) -> Collection[int]:
        return super().already_sent(campaign, numbers)


class IgnoresKinds(MemoryStore):
    def recent_sends(self, numbers: Collection[int], /, *, since: datetime, kind: Kind) -> Mapping[int, int]:
        return super().recent_sends(numbers, since=since, kind=Kind.MARKETING)


class LastReceiptWins(MemoryStore):
    def record_events(self, events: Sequence[Event], /) -> int:
        new = super().record_events(events)
        for event in events:
            if event.status is not None and event.reference is not None:
                with self._database.write() as connection:
                    seq = event.reference.rpartition("-")[2]
                    status = {DeliveryStatus.UNDELIVERED: 50}.get(event.status, 60)
                    connection.execute("UPDATE sends SET status = ? WHERE seq = CAST(? AS INTEGER)", (status, seq))
        return new


class CountsRepeats(MemoryStore):
    def record_events(self, events: Sequence[Event], /) -> int:
        super().record_events(events)
        return len(events)


class DropsStrangers(MemoryStore):
    def record_events(self, events: Sequence[Event], /) -> int:
        known = {run.run_id for run in self.runs()}
        return super().record_events([e for e in events if (e.reference or "run-0").rpartition("-")[0] in known])


class DeafToStop(MemoryStore):
    def suppressed(self, numbers: Collection[int], /) -> Mapping[int, Suppression]:
        return {n: entry for n, entry in super().suppressed(numbers).items() if entry.source != "opt_out"}


class OneSecret(MemoryStore):
    @property
    def secret(self) -> bytes:
        return bytes(32)


class StaysOpen(MemoryStore):
    def close(self) -> None:
        pass


BROKEN = [
    LastListed, NewestFirst, ForgetsNothing, ForgetsTheChain, PurgesTheYoung, PurgesOppositions, MarksTooLate, LeasesBackwards, LeasesEarly, LeasesWhileLoading, LosesOne,
    HoldsNothing, SettlesTwice, OverwritesTheRun, IgnoresOtherThan, IgnoresKinds, LastReceiptWins, CountsRepeats,
    DropsStrangers, DeafToStop, OneSecret, StaysOpen,
]  # fmt: skip


def broken_promises(make: Callable[[], MemoryStore]) -> list[str]:
    """Give the names of the promises that a store does not keep."""
    broken: list[str] = []
    for name in dir(StoreContract):
        if name.startswith("test_"):
            contract = StoreContract()
            contract.make_store = make  # type: ignore[method-assign]
            try:
                getattr(contract, name)()
            except Exception:  # noqa: BLE001 - whatever it is, the promise is not kept
                broken.append(name)
            contract.teardown_method()
    return broken


def test_the_store_itself_keeps_all_promises() -> None:
    assert broken_promises(MemoryStore) == []


@pytest.mark.parametrize("store", BROKEN, ids=[store.__name__ for store in BROKEN])
def test_a_broken_promise_is_seen(store: type[MemoryStore]) -> None:
    assert broken_promises(store) != []
