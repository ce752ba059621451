"""A campaign over RCS with SMS behind it, without a plan: two carriers that a test tells what to do."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timezone

from attrs import evolve

import smskit as sk
from smskit.compliance import CampaignFacts, Profile
from smskit.delivery.channels import PLATFORM_STOP
from smskit.delivery.charter import Charter
from smskit.delivery.guard import Limits
from smskit.delivery.loading import Loaded, load
from smskit.delivery.run import Run
from smskit.kinds import (
    Channel,
    DeliveryStatus,
    EventType,
    FailureClass,
    FallbackCondition,
    Kind,
    RunState,
    SendState,
)
from smskit.protocols import Features, Flow, StopForm
from smskit.records import Accepted, Event, Outcome, Outgoing, PlannedSend, Refused, RunRecord, Taken

NOON = datetime(2026, 6, 24, 10, tzinfo=timezone.utc)
FIRST = 33_612_000_000
ALL = tuple(condition.value for condition in FallbackCondition)
HOURS = 3_600
STOP = {"*": StopForm("STOP au 36180")}

Answer = Callable[[Outgoing], Outcome]
Log = list[tuple[str, int]]


class BoundedClock(sk.VirtualClock):
    """Moves when it is slept on; a run that sleeps for ever fails instead of hanging."""

    def __init__(self, start: datetime) -> None:
        super().__init__(start)
        self.naps: list[float] = []

    async def sleep(self, seconds: float, /) -> None:
        self.naps.append(seconds)
        assert len(self.naps) < 20_000, "it never ends"
        await super().sleep(seconds)


def taken(message: Outgoing) -> Outcome:
    return Accepted(message.reference, f"id-{message.reference}")


def refused(failure: FailureClass) -> Answer:
    return lambda message: Refused(message.reference, failure, "no")


def by_place(answers: Mapping[int, Answer], usual: Answer = taken) -> Answer:
    """Answer by the place of the person."""
    return lambda message: answers.get(message.number - FIRST, usual)(message)


class Way:
    """A carrier of one channel; what it does stands in a log that both share."""

    def __init__(self, name: str, log: Log, answer: Answer = taken, **features: object) -> None:
        channel = Channel.RCS if name == "rcs" else Channel.SMS
        usual = Features(
            live=False, channel=channel, stop=STOP if name == "sms" else {}, validity_s=(1, 15 * 86_400),
            largest_batch=10, in_flight=1,
        )  # fmt: skip
        self.name, self.log, self.answer = name, log, answer
        self.features = evolve(usual, **features)
        self.outgoing: list[Outgoing] = []
        self.told: list[Event] = []

    def submit(self, messages: Sequence[Outgoing], /) -> Flow[tuple[Outcome, ...]]:
        yield from ()
        self.log += [(self.name, message.number - FIRST) for message in messages]
        self.outgoing += messages
        return tuple(self.answer(message) for message in messages)

    def poll(self) -> Flow[tuple[Event, ...]]:
        yield from ()
        told, self.told = tuple(self.told), []
        return told

    def pending_s(self) -> float | None:
        return None


class Revoking(Way):
    """One that takes back; ``crossing`` is told as soon as it was asked to."""

    def __init__(self, log: Log, answer: Answer = taken, **features: object) -> None:
        super().__init__("rcs", log, answer, **features)
        self.crossing: list[Event] = []
        self.errors: list[Exception] = []
        self.deaf_to: set[int] = set()
        self.at: list[datetime] = []

    def revoke(self, messages: Sequence[Taken], /) -> Flow[frozenset[str]]:
        yield from ()
        self.log += [("revoke", message.number - FIRST) for message in messages]
        if self.errors:
            raise self.errors.pop(0)
        self.told += self.crossing
        self.crossing = []
        return frozenset(one.reference for one in messages if one.number - FIRST not in self.deaf_to)


def word(status: DeliveryStatus | None, place: int = 0, *, failure: FailureClass | None = None, run: str = "run",
         at: datetime = NOON, code: str = "") -> Event:  # fmt: skip
    """Give a receipt for one message."""
    key = f"{run} {place} {status} {at.isoformat()} {code}"
    return Event(key, EventType.RECEIPT, at, reference=f"{run}-{place}", status=status, failure=failure, code=code)


class TwoWays:
    """A store with both runs, and the means to go on with them."""

    def __init__(self, store: sk.MemoryStore | sk.Store | None = None) -> None:
        self.store = store if store is not None else sk.MemoryStore()
        self.clock = BoundedClock(NOON)
        self.log: Log = []
        self.rcs: Way = Revoking(self.log)
        self.sms = Way("sms", self.log)

    def load(self, count: int = 3, *, at_once: int = 0, on: Sequence[str] = ALL, after_s: int | None = None,
             run_id: str = "run", rcs_at: Mapping[int, datetime] | None = None, **limits: object) -> None:  # fmt: skip
        usual = Limits(**limits)
        falling = evolve(usual, fallback_on=on, fallback_after_s=after_s)
        first = self._record(run_id, falling, {"*": PLATFORM_STOP})
        first = evolve(first, channel=Channel.RCS)
        second = evolve(self._record(run_id, usual, STOP), run_id=f"{run_id}-sms", fallback_of=run_id)
        due = {place: int(at.timestamp()) for place, at in (rcs_at or {}).items()}
        rich = [PlannedSend(n, n + 2, FIRST + n, "{}", 1, 80_000, "FR", due.get(n, 0)) for n in range(count)]
        sms = [PlannedSend(n, n + 2, FIRST + n, f"Bonjour {n} STOP au 36180", 1, 45_000, "FR",
                           state=SendState.STANDBY if n < count else SendState.PLANNED)
               for n in range(count + at_once)]  # fmt: skip
        batch = [Loaded(run_id, rich, []), Loaded(second.run_id, sms, [])]
        load(self.store, first, [batch], second=second)

    def _record(self, run_id: str, limits: Limits, stop: Mapping[str, StopForm]) -> RunRecord:
        facts = CampaignFacts(kind=Kind.MARKETING, sender="MABOUTIQUE", text="Bonjour", at=NOON, stop=stop)
        charter = Charter(facts, Profile.LAW, limits, sk.Rules.default().version)
        return RunRecord(run_id, "soldes", "digest", Kind.MARKETING, "MABOUTIQUE", NOON, NOON, RunState.LOADING, "EUR",
                         charter.to_json())  # fmt: skip

    def run(self, run_id: str = "run") -> Run:
        """Give it as any process would open it."""
        return Run(self.store, run_id, self.rcs, fallback=self.sms, clock=self.clock)

    def later(self, seconds: float) -> None:
        self.clock.advance(seconds)

    def got(self, name: str) -> list[int]:
        """Give who was handed over to a carrier, by place, in order."""
        return [place for what, place in self.log if what == name]

    def check(self, run_id: str = "run") -> None:
        """Make sure that both accounts close and that people are those of both, less who fell back."""
        first, second = self.store.account(run_id), self.store.account(f"{run_id}-sms")
        assert first.closes
        assert second.closes
        firsts, seconds = list(self.store.sends(run_id)), list(self.store.sends(f"{run_id}-sms"))
        people = len({send.seq for send in (*firsts, *seconds)})
        assert first.planned + second.planned - first.fell_back == people
        assert first.fell_back == sum(send.fell_back for send in firsts)
        assert second.planned + second.standby == len(seconds)
