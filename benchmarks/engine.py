"""What the run engine costs beside the carrier: leases, the last look, pacing, answers. The carrier does nothing.

    python benchmarks/engine.py [messages]

Absolute times say more of the machine than of the engine. Each rate is therefore also given as a ratio to a bare lease
and settle of the same messages in the same store, measured in the same run. The paced rows have a pace that never
makes them wait, so that they cost what pacing costs; in the last ones each answer takes 20 ms.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from attrs import evolve

from smskit.clock import SystemClock
from smskit.compliance import CampaignFacts, Profile, Rules
from smskit.delivery import Run
from smskit.delivery.charter import Charter
from smskit.delivery.guard import Limits
from smskit.delivery.run import load
from smskit.kinds import Kind, RunState, SendState
from smskit.protocols import Features, Flow, Pause, StopForm, Store
from smskit.records import Accepted, Outcome, Outgoing, PlannedSend, RunRecord, Settlement
from smskit.stores import SqliteStore

NOON = datetime(2026, 6, 24, 10, tzinfo=timezone.utc)
STOP = {"*": StopForm("STOP au 36180")}
TEXT = "Bonjour Anais, -15% jusqu'a dimanche : https://go.boutique.fr/aB3dE9x STOP au 36180"
FIRST = 33_612_000_000
ROUNDS = 3


class Null:
    """Takes everything at once, or after *answers_after_s* of real time."""

    name = "null"

    def __init__(self, *, answers_after_s: float = 0.0, **features: object) -> None:
        self.features = evolve(Features(live=False, stop=STOP), **features)
        self._answers_after_s = answers_after_s

    def submit(self, messages: Sequence[Outgoing], /) -> Flow[tuple[Outcome, ...]]:
        if self._answers_after_s:
            yield Pause(self._answers_after_s)
        else:
            yield from ()
        return tuple(Accepted(message.reference, f"id-{message.reference}") for message in messages)


class FromNoon(SystemClock):
    """The machine's clock, set to noon, so that hours are open whenever this runs."""

    def __init__(self) -> None:
        self._ahead = NOON - super().now()

    def now(self) -> datetime:
        return super().now() + self._ahead


@contextmanager
def loaded(count: int, limits: Limits | None = None) -> Iterator[SqliteStore]:
    facts = CampaignFacts(kind=Kind.MARKETING, sender="BOUTIQUE", text="Bonjour", at=NOON, stop=STOP)
    charter = Charter(facts, Profile.LAW, limits or Limits(), Rules.default().version)
    record = RunRecord(
        "run", "soldes", "d", Kind.MARKETING, "BOUTIQUE", NOON, NOON, RunState.LOADING, "EUR", charter.to_json()
    )  # fmt: skip
    sends = [PlannedSend(seq, seq + 2, FIRST + seq, TEXT, 1, 45_000, "FR") for seq in range(count)]
    with TemporaryDirectory() as folder, SqliteStore(Path(folder) / "engine.db") as store:
        load(store, record, [(sends, [])])
        yield store


def bare(store: Store, batch: int) -> None:
    while leased := store.lease("run", limit=batch, now=NOON):
        store.settle("run", [Settlement(s.seq, SendState.ACCEPTED, provider_id="id", at=NOON) for s in leased])


def engine(**features: object) -> Callable[[Store], None]:
    def go(store: Store) -> None:
        run = Run(store, "run", Null(**features), clock=FromNoon()).resume()
        assert run.account.remaining == 0

    return go


def rate(count: int, work: Callable[[Store], None], limits: Limits | None = None) -> float:
    def once() -> float:
        with loaded(count, limits) as store:
            began = time.perf_counter()
            work(store)
            return count / (time.perf_counter() - began)

    return median(once() for _ in range(ROUNDS))


def main(count: int) -> None:
    print(f"{count} messages, SQLite on {Path('/tmp').resolve()}, median of {ROUNDS}\n")
    print(f"{'':<58}{'messages/s':>12}{'ratio':>9}")
    pace = {"parts_per_second": 1e6}
    cap = Limits(cap=2, budget_micros=10**12)
    for batch in (100, 1_000):
        base = rate(count, lambda store, batch=batch: bare(store, batch))
        print(f"{f'bare lease and settle, batches of {batch}':<58}{base:>12,.0f}{1:>9.2f}")
        rows = [
            ("engine, 1 in flight", {"in_flight": 1}, None),
            ("engine, 4 in flight", {"in_flight": 4}, None),
            ("engine, 1 in flight, paced", {"in_flight": 1, **pace}, None),
            ("engine, 4 in flight, paced", {"in_flight": 4, **pace}, None),
            ("engine, 4 in flight, paced, cap and budget", {"in_flight": 4, **pace}, cap),
            ("answers after 20 ms, 1 in flight", {"in_flight": 1, "answers_after_s": 0.02}, None),
            ("answers after 20 ms, 4 in flight", {"in_flight": 4, "answers_after_s": 0.02}, None),
        ]
        for label, features, limits in rows:
            each = rate(count, engine(largest_batch=batch, **features), limits)
            print(f"{label:<58}{each:>12,.0f}{each / base:>9.2f}")
        print()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)
