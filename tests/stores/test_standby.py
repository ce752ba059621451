"""Two channels in a file: older files, other processes, the work of a look; and stores that break a promise."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest
from attrs import evolve
from tests.stores.test_steps import steps_of

from smskit.kinds import Channel, DeliveryStatus, EventType, FailureClass, RunState, SendState
from smskit.protocols import Store
from smskit.records import Account, Capability, Event, PlannedSend, Send, Settlement
from smskit.stores import MemoryStore, SqliteStore, schema
from smskit.testing.stores import StandbyContract, both_opened, receipt
from smskit.testing.stores.handsets import HandsetsContract
from smskit.testing.stores.rows import NOON, after, loaded

SMS = "run-sms"

# ---------------------------------------------------------------- older files

THIRD_SCHEMA = """
INSERT INTO runs VALUES (1, 'run', 'soldes', 'd', 'marketing', 'BOUTIQUE', 0, 0, 1, 'EUR', '{}', 3);
INSERT INTO sends (run, seq, row_number, number, text, parts, price_micros, territory, not_before, arm, state,
    provider_id, status, status_at, status_failure, answered)
VALUES (1, 0, 2, 33612345670, 'a', 1, 5, 'FR', 0, '', 2, 'id-0', 60, 7, NULL, 1),
    (1, 1, 3, 33612345671, 'b', 1, 5, 'FR', 0, '', 2, 'id-1', 50, 8, 'network', 1),
    (1, 2, 4, 33612345672, 'c', 1, 5, 'FR', 0, '', 0, NULL, NULL, NULL, NULL, 0);
INSERT INTO recipients SELECT number, run, seq FROM sends;
INSERT INTO tallies VALUES (1, 0, 1, 1, 5), (1, 1, 0, 0, 0), (1, 2, 2, 2, 10), (1, 3, 0, 0, 0), (1, 4, 0, 0, 0),
    (1, 5, 0, 0, 0);
INSERT INTO events (key, type, at, run, seq, status) VALUES ('x', 0, 7, 1, 0, 60);
"""


def make_third(path: Path) -> None:
    """Make a file with the statements of that time, with a run under way."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        first, chain, words = schema.MIGRATIONS[:3]
        schema._migrate(connection, first)
        connection.execute("INSERT INTO facts VALUES ('secret', zeroblob(32)), ('suppressions', 0)")
        schema._migrate(connection, chain)
        schema._migrate(connection, words)
        connection.executescript(f"PRAGMA application_id = {schema.APPLICATION_ID}; PRAGMA user_version = 3;")
        connection.executescript(THIRD_SCHEMA)


def test_a_store_of_the_third_schema_goes_on_and_learns_the_second_channel(tmp_path: Path) -> None:
    path = tmp_path / "boutique.db"
    make_third(path)
    for _ in range(2):
        with SqliteStore(path) as store:
            run = store.run("run")
            assert run is not None
            assert (run.channel, run.fallback_of) == (Channel.SMS, None)
            assert store.account("run") == Account(3, 2, 0, 0, 0, 1, parts_accepted=2, cost_micros=10)
            assert not any(send.fell_back for send in store.sends("run"))
            assert [event.postback for event in store.events("run")] == [None]
            assert store.stranded("run", overdue=after(1)) == ()
    with SqliteStore(path) as store:
        (leased,) = store.lease("run", limit=9, now=NOON)
        store.settle("run", [Settlement(leased.seq, SendState.ACCEPTED, "id-2")])
        store.record_events([receipt(DeliveryStatus.DELIVERED, 2)])
        assert store.account("run") == Account(3, 3, 0, 0, 0, 0, parts_accepted=3, cost_micros=15)
        store.record_capabilities("shop", [Capability(33612345670, is_reachable=True, at=NOON)])
        both_opened(store, 2, run_id="rich")
        store.lease("rich", limit=1, now=NOON)
        store.settle("rich", [Settlement(0, SendState.REJECTED)])
        assert store.fall_back("rich", [0], now=NOON) == 1
        assert store.account("rich-sms") == Account(1, 0, 0, 0, 0, 1, standby=1)


def test_a_paused_run_of_the_third_schema_is_resumed(tmp_path: Path) -> None:
    path = tmp_path / "boutique.db"
    make_third(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("UPDATE runs SET state = 3")
    with SqliteStore(path) as store:
        store.set_run_state("run", RunState.READY)
        assert len(store.lease("run", limit=9, now=NOON)) == 1
        store.set_run_state("run", RunState.CANCELLED)
        assert store.account("run").closes


# ---------------------------------------------------------------- other processes

DELIVERING = """
import sys
from smskit.kinds import DeliveryStatus
from smskit.stores import SqliteStore
from smskit.testing.stores import receipt

with SqliteStore(sys.argv[1]) as store:
    print("ready", flush=True)
    sys.stdin.readline()
    for seq in range(int(sys.argv[2])):
        store.record_events([receipt(DeliveryStatus.DELIVERED, seq, minute=2)])
        if seq == 99:
            print("some", flush=True)
"""


def test_delivered_in_another_process_is_not_let_go_in_this_one(tmp_path: Path) -> None:
    path, count = tmp_path / "boutique.db", 300
    with SqliteStore(path) as store:
        both_opened(store, count)
        store.lease("run", limit=count, now=NOON)
        store.settle("run", [Settlement(seq, SendState.ACCEPTED, f"id-{seq}", at=NOON) for seq in range(count)])
        store.record_events([receipt(DeliveryStatus.UNDELIVERED, seq) for seq in range(count)])
        command = [sys.executable, "-c", DELIVERING, str(path), str(count)]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
            assert other.stdin is not None
            assert other.stdout is not None
            assert other.stdout.readline() == b"ready\n"
            # From the end: a hundred are let go before, a hundred delivered before, the others race.
            released = [seq for seq in range(200, 300) if store.fall_back("run", [seq], now=after(1))]
            other.stdin.write(b"go\n")
            other.stdin.flush()
            assert other.stdout.readline() == b"some\n"
            released += [seq for seq in reversed(range(200)) if store.fall_back("run", [seq], now=after(1))]
            assert other.wait(timeout=60) == 0
        firsts, seconds = list(store.sends("run")), list(store.sends(SMS))
        assert {send.seq for send in firsts if send.fell_back} == set(released)
        assert [send.fell_back for send in firsts] == [send.state is SendState.PLANNED for send in seconds]
        assert all(send.status is DeliveryStatus.DELIVERED for send in firsts)
        assert set(released).isdisjoint(range(100))
        assert 100 <= len(released) <= 200
        account = store.account("run")
        assert account.cost_micros == count * 80_000, "all of them arrived, and are billed"
        # And who was reached after the SMS was let go is known as reached when it is leased.
        numbers = [send.number for send in firsts]
        assert set(store.already_sent("soldes", numbers, other_than=SMS)) == set(numbers)


# ---------------------------------------------------------------- the work of a look


def test_a_look_does_not_read_what_has_arrived(tmp_path: Path) -> None:
    with SqliteStore(tmp_path / "boutique.db") as store:
        both_opened(store, 4000)
        store.lease("run", limit=4000, now=NOON)
        store.settle("run", [Settlement(seq, SendState.ACCEPTED, f"id-{seq}", at=NOON) for seq in range(4000)])

        def look() -> int:
            return steps_of(store, lambda: (store.stranded("run"), store.oldest_under_way("run")))

        under_way = look()
        store.record_events([receipt(DeliveryStatus.DELIVERED, seq) for seq in range(3900)])
        assert look() < under_way / 20
        store.record_events([receipt(DeliveryStatus.UNDELIVERED, seq) for seq in range(3900, 4000)])
        store.fall_back("run", range(4000), now=NOON)
        assert look() < under_way / 500


# ---------------------------------------------------------------- the contract sees stores that break it


class PlansWhatStandsBy(MemoryStore):
    def account(self, run_id: str, /) -> Account:
        account = super().account(run_id)
        return evolve(account, planned=account.planned + account.standby, remaining=account.remaining + account.standby)


class OpensTheFirstOnly(MemoryStore):
    def set_run_state(self, run_id: str, state: RunState, /) -> None:
        super().set_run_state(run_id, state)
        if not run_id.endswith("-sms") and state is RunState.CANCELLED:
            with self._database.write() as connection:
                connection.execute("UPDATE runs SET state = 1 WHERE fallback_of = ?", (run_id,))


class TakesStandbyAnywhere(MemoryStore):
    def add_sends(self, run_id: str, sends: Sequence[PlannedSend], /) -> None:
        run = self.run(run_id)
        if run is not None and run.fallback_of is None:
            sends = [evolve(send, state=SendState.PLANNED) for send in sends]
        super().add_sends(run_id, sends)


class LooksNoSecondTime(MemoryStore):
    """Lets go whatever it is told to."""

    def fall_back(self, run_id: str, seqs: Collection[int], /, *, now: datetime) -> int:
        with self._database.write() as connection:
            connection.execute("UPDATE sends SET state = 2, status = 50 WHERE fallback = 1 AND state IN (1, 2, 3)")
        return super().fall_back(run_id, seqs, now=now)


class LetsGoAtOnce(MemoryStore):
    def fall_back(self, run_id: str, seqs: Collection[int], /, *, now: datetime) -> int:
        return super().fall_back(run_id, seqs, now=NOON)


class BillsWhatFellBack(MemoryStore):
    def account(self, run_id: str, /) -> Account:
        accepted = [send for send in self.sends(run_id) if send.state is SendState.ACCEPTED]
        return evolve(super().account(run_id), cost_micros=sum(send.price_micros for send in accepted))


class StrandsNobody(MemoryStore):
    def stranded(
        self, run_id: str, /, *, overdue: datetime | None = None, after: int = -1, limit: int = 1000
    ) -> tuple[Send, ...]:
        return ()


class StrandsTheYoung(MemoryStore):
    def stranded(
        self, run_id: str, /, *, overdue: datetime | None = None, after: int = -1, limit: int = 1000
    ) -> tuple[Send, ...]:
        return super().stranded(run_id, overdue=overdue and overdue.replace(year=2099), after=after, limit=limit)


class RemembersTheFirst(MemoryStore):
    def oldest_under_way(self, run_id: str, /, *, since: datetime | None = None) -> datetime | None:
        return super().oldest_under_way(run_id)


class CountsWhatFellBack(MemoryStore):
    def already_sent(
        self, campaign: str, numbers: Collection[int], /, *, other_than: str | None = None
    ) -> Collection[int]:
        return {send.number for run in self.runs(campaign) for send in self.sends(run.run_id)
                if send.state is SendState.ACCEPTED and send.number in numbers}  # fmt: skip


class LosesPostbacks(MemoryStore):
    def record_events(self, events: Sequence[Event], /) -> int:
        return super().record_events([evolve(event, postback=None) for event in events])


class LastWordOfHandsets(MemoryStore):
    def record_capabilities(self, agent: str, capabilities: Iterable[Capability], /) -> None:
        told = list(capabilities)
        with self._database.write() as connection:
            connection.executemany("DELETE FROM capabilities WHERE number = ?", [(one.number,) for one in told])
        super().record_capabilities(agent, told)


class OneAgent(MemoryStore):
    def record_capabilities(self, agent: str, capabilities: Iterable[Capability], /) -> None:
        super().record_capabilities("shop", capabilities)

    def capabilities(self, agent: str, numbers: Collection[int], /) -> Mapping[int, Capability]:
        return super().capabilities("shop", numbers)


class KeepsHandsets(MemoryStore):
    def forget(self, number: int, /) -> None:
        known = {agent: self.capabilities(agent, [number]) for agent in ("shop", "bank")}
        super().forget(number)
        for agent, told in known.items():
            self.record_capabilities(agent, told.values())


BROKEN = [
    PlansWhatStandsBy, OpensTheFirstOnly, TakesStandbyAnywhere, LooksNoSecondTime, LetsGoAtOnce, BillsWhatFellBack,
    StrandsNobody, StrandsTheYoung, RemembersTheFirst, CountsWhatFellBack, LosesPostbacks, LastWordOfHandsets, OneAgent,
    KeepsHandsets,
]  # fmt: skip


class TwoChannelContract(StandbyContract, HandsetsContract):
    """The part of the contract that this is about."""

    __test__ = False


def broken_promises(make: type[MemoryStore]) -> list[str]:
    broken: list[str] = []
    for name in dir(TwoChannelContract):
        if name.startswith("test_"):
            contract = TwoChannelContract()
            contract.make_store = make  # type: ignore[method-assign]
            try:
                getattr(contract, name)()
            except Exception:  # noqa: BLE001 - whatever it is, the promise is not kept
                broken.append(name)
            contract.teardown_method()
    return broken


@pytest.mark.parametrize("store", BROKEN, ids=[store.__name__ for store in BROKEN])
def test_a_broken_promise_about_two_channels_is_seen(store: type[MemoryStore]) -> None:
    assert broken_promises(store) != []


# ---------------------------------------------------------------- what nobody should do


def test_a_run_without_a_follower_lets_nothing_go() -> None:
    store: Store = MemoryStore()
    loaded(store, 1)
    store.set_run_state("run", RunState.READY)
    store.lease("run", limit=1, now=NOON)
    failed = Settlement(0, SendState.REJECTED, failure=FailureClass.CHANNEL_UNAVAILABLE)
    store.settle("run", [failed])
    assert store.fall_back("run", [0], now=NOON) == 0
    assert not next(store.sends("run")).fell_back
    store.close()


def test_a_tap_is_kept_where_it_cannot_be_written_whole() -> None:
    """Half a character in a postback is mended, as in a text."""
    store = MemoryStore()
    both_opened(store, 1)
    number = next(store.sends("run")).number
    store.record_events([Event("k", EventType.REPLY, after(1), number, reference="run-0", postback="oui \ud83d")])
    assert [event.postback for event in store.events("run")] == ["oui \ufffd"]
    store.close()
