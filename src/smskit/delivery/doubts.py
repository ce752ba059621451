"""Ending doubts: messages whose request left and of which no answer was recorded."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from smskit.delivery.guard import Guard
from smskit.delivery.inbox import receive
from smskit.delivery.line import Line
from smskit.delivery.pacing import Lane
from smskit.delivery.patience import Patience
from smskit.delivery.settling import given_back, objection_of, settlement_of
from smskit.kinds import FailureClass, RunState, SendState
from smskit.protocols import Clock, Features, Store
from smskit.records import Accepted, Outcome, Refused, RunRecord, Send, Settlement

ON_ITS_WAY_S: Final = 30.0
"""A request of a process that died a moment ago may still arrive: that the carrier does not know it proves nothing."""

LONGEST_MARGIN_S: Final = 60.0


def is_still_known(send: Send, features: Features, now: datetime) -> bool:
    """Whether an idempotent carrier certainly still knows the reference of a message in doubt.

    A tenth of the time that it remembers one, a minute at most, is left for the request to arrive. When a clock was set
    back the age is not known, and unknown never means yes.
    """
    if not features.idempotent:
        return False
    if features.idempotent_for_s is None:
        return True
    if send.submitted_at is None or send.submitted_at > now:
        return False
    margin_s = min(LONGEST_MARGIN_S, features.idempotent_for_s / 10)
    return (now - send.submitted_at).total_seconds() + margin_s < features.idempotent_for_s


class Doubts:
    """Asks the carrier about the messages of a run that are in doubt, or tells an idempotent one again.

    Whoever calls it holds the campaign: then whatever is SUBMITTING was left by a process that died, or by a request
    that nobody answered.
    """

    def __init__(
        self,
        store: Store,
        run: RunRecord,
        line: Line,
        guard: Guard,
        lane: Lane,
        clock: Clock,
        patience: Patience,
    ) -> None:
        self._store = store
        self._run_id = run.run_id
        self._line = line
        self._guard = guard
        self._lane = lane
        self._clock = clock
        self._patience = patience
        self._features = line.transport.features

    async def resolve(self) -> None:
        """End the doubts that can be ended now."""
        features, store = self._features, self._store
        if (
            not self._line.has_the_run
            or not (features.can_be_asked or features.idempotent)
            or not store.account(self._run_id).in_doubt
        ):
            return
        now = self._clock.now()
        doubtful = [send for send in store.sends(self._run_id) if send.state is SendState.SUBMITTING]
        if not features.can_be_asked:
            doubtful = [send for send in doubtful if is_still_known(send, features, now)]
        start = 0
        while some := doubtful[start : start + self._lane.limit]:
            start += len(some)
            await (self._ask(some) if features.can_be_asked else self._tell_again(some))

    def _settle(self, settlements: Sequence[Settlement | None]) -> None:
        if known := [settled for settled in settlements if settled]:
            self._store.settle(self._run_id, known)

    async def _ask(self, doubtful: Sequence[Send]) -> None:
        now = self._clock.now()
        known = await self._line.ask(doubtful, now)
        self._settle([self._after_asking(send, known.get(send.reference), now) for send in doubtful])
        self._obey(doubtful, [known.get(send.reference) for send in doubtful], now)

    def _after_asking(self, send: Send, outcome: Outcome | None, now: datetime) -> Settlement | None:
        left_at = send.submitted_at or now
        if outcome is None:
            arrived = (now - left_at).total_seconds() >= ON_ITS_WAY_S or not self._features.live
            return given_back(send) if arrived or is_still_known(send, self._features, now) else None
        # It was answered when it left; today it was only asked about.
        told_at = left_at if isinstance(outcome, (Accepted, Refused)) else now
        return settlement_of(send, outcome, told_at, attempts=self._patience.attempts)

    async def _tell_again(self, doubtful: Sequence[Send]) -> None:
        """Submit once more what an idempotent carrier takes once.

        Who said STOP meanwhile is not told again, and stays in doubt: "cancelled" would deny a message that may have
        arrived, and let a later plan send it a second time.
        """
        run = self._store.run(self._run_id)
        if run is None or run.state is not RunState.READY:
            return
        while wait_s := self._lane.wait_s(self._clock.now()):
            await self._clock.sleep(wait_s)
        now = self._clock.now()
        forbidden = self._guard.forbid(doubtful, now)
        # The wait may have taken a while: they are as old as they are now.
        going = [s for s in doubtful if s.seq not in forbidden and is_still_known(s, self._features, now)]
        if not going:
            return
        self._lane.spend(going, now)
        answers = await self._line.answers(self._line.offer(going, now))
        now = self._clock.now()
        outcomes = [answers.get(send.reference) for send in going]
        self._settle(
            [
                settlement_of(send, outcome, now, attempts=self._patience.attempts)
                for send, outcome in zip(going, outcomes, strict=True)
                if _ends_the_doubt(outcome)
            ]
        )
        self._obey(going, outcomes, now)

    def _obey(self, sends: Sequence[Send], outcomes: Sequence[Outcome | None], now: datetime) -> None:
        told = (objection_of(send, outcome, now) for send, outcome in zip(sends, outcomes, strict=True))
        if objections := [objection for objection in told if objection]:
            receive(self._store, objections)


def _ends_the_doubt(outcome: Outcome | None) -> bool:
    """Whether the answer to a second telling says what became of the first.

    "Too fast", "no credit" and "he objected" are about the second one: the first may well have been taken.
    """
    if isinstance(outcome, Refused):
        return not outcome.failure.is_of_account and outcome.failure is not FailureClass.OPTED_OUT
    return isinstance(outcome, Accepted)


class Pauses:
    """Pauses of 1, 2, 4 … 60 seconds, until *wait_s* are over: receipts come soon or late."""

    def __init__(self, wait_s: float, clock: Clock) -> None:
        self._end = clock.now() + timedelta(seconds=wait_s)
        self._clock = clock
        self._next_s = 1.0

    async def rest(self) -> bool:
        """Sleep until the next look; false when the time is over."""
        left_s = (self._end - self._clock.now()).total_seconds()
        if left_s <= 0:
            return False
        await self._clock.sleep(min(self._next_s, left_s))
        self._next_s = min(60.0, self._next_s * 2)
        return True
