"""Runs without a plan: a store, a record and messages, so that the engine is tested for itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta, timezone

import pytest
from attrs import evolve

import smskit as sk
from smskit.compliance import CampaignFacts, Profile
from smskit.delivery.charter import Charter
from smskit.delivery.guard import Limits
from smskit.delivery.loading import Loaded, load
from smskit.delivery.run import Run
from smskit.kinds import FailureClass, Kind, RunState, SendState
from smskit.protocols import Features, Flow, StopForm, Transport
from smskit.records import Accepted, Outcome, Outgoing, PlannedSend, RunRecord

NOON = datetime(2026, 6, 24, 10, tzinfo=timezone.utc)
STOP = {"*": StopForm("STOP au 36180")}


class Carrier:
    """A carrier that answers as a test tells it to, and remembers what it received."""

    name = "carrier"

    def __init__(self, answer=None, *, clock=None, **features) -> None:
        self.features = evolve(Features(live=False, stop=STOP), **features)
        self.received: list[Outgoing] = []
        self.batches: list[int] = []
        self.clock = clock or sk.VirtualClock(NOON)
        self._answer = answer or (lambda message, time: Accepted(message.reference, f"id-{message.reference}"))

    def submit(self, messages: Sequence[Outgoing], /) -> Flow[tuple[Outcome, ...]]:
        yield from ()
        self.batches.append(len(messages))
        seen = {message.reference for message in self.received}
        answers = tuple(self._answer(message, message.reference in seen) for message in messages)
        self.received += messages
        return answers


class Bench:
    """Loads runs and starts them."""

    def __init__(self) -> None:
        self.store = sk.MemoryStore()

    def load(self, count: int = 10, *, run_id: str = "run", campaign: str = "soldes", limits: Limits | None = None,
             kind: Kind = Kind.MARKETING, first: int = 33_612_000_000, **send: object) -> None:  # fmt: skip
        facts = CampaignFacts(kind=kind, sender="MABOUTIQUE", text="Bonjour", at=NOON, stop=STOP)
        charter = Charter(facts, Profile.LAW, limits or Limits(), sk.Rules.default().version)
        record = RunRecord(
            run_id, campaign, "digest", kind, "MABOUTIQUE", NOON, NOON, RunState.LOADING, "EUR", charter.to_json()
        )
        usual = {"text": "Bonjour STOP au 36180", "parts": 1, "price_micros": 45_000, "territory": "FR"}
        sends = [PlannedSend(seq=s, row=s + 2, number=first + s, **{**usual, **send}) for s in range(count)]
        load(self.store, record, [[Loaded(record.run_id, sends, [])]])

    def run(self, transport: Transport, run_id: str = "run") -> Run:
        return Run(self.store, run_id, transport)

    def states(self, run_id: str = "run") -> dict[SendState, int]:
        counts: dict[SendState, int] = {}
        for send in self.store.sends(run_id):
            counts[send.state] = counts.get(send.state, 0) + 1
        return counts


@pytest.fixture
def bench() -> Bench:
    return Bench()


LATER = timedelta
THROTTLED = FailureClass.THROTTLED
