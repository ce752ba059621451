"""The run engine: lease, commit, submit, record; again until nothing is due."""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine, Mapping, Sequence
from datetime import datetime, timedelta
from typing import cast

from attrs import frozen

from smskit.delivery.answers import pause_s, remembered, understood
from smskit.delivery.guard import Guard
from smskit.delivery.inbox import receive
from smskit.delivery.pacing import Pace
from smskit.errors import TransportError
from smskit.kinds import RunState, SendState
from smskit.protocols import Asks, Clock, Polls, Store, Transport
from smskit.records import (
    Accepted,
    Outcome,
    Outgoing,
    Postponed,
    Refused,
    RunRecord,
    Send,
    Settlement,
)
from smskit.transports.drivers import Sender, adrive

logger = logging.getLogger("smskit.delivery")

LONGEST_BACKOFF_S = 300.0

LONGEST_NAP_S = 300.0
"""While it waits a run looks up so often: it may have been cancelled, or the clock been set."""


@frozen
class Progress:
    """How far a run has come: messages settled one way or another, of those planned."""

    done: int
    total: int


@frozen
class Patience:
    """How long an engine keeps trying.

    Args:
        attempts: hand-overs of one message that the carrier postponed, before it counts as rejected; and tries in a
            row to reach the carrier at all, before the run stops.
        wait: whether to sleep until deferred messages may leave, or to return and leave them remaining.
    """

    attempts: int = 5
    wait: bool = False


class Engine:
    """Drives one run to the point where nothing more is due.

    The order of every step is the promise: a lease is committed before the request leaves, an answer is recorded
    before the next lease. Whoever kills the process leaves at most one batch in doubt.
    """

    def __init__(
        self,
        store: Store,
        run: RunRecord,
        transport: Transport,
        guard: Guard,
        clock: Clock,
        *,
        call: Sender | None = None,
        patience: Patience | None = None,
        on_progress: Callable[[Progress], None] | None = None,
    ) -> None:
        self._store = store
        self._run = run
        self._transport = transport
        self._guard = guard
        self._clock = clock
        self._call = call
        self._patience = patience or Patience()
        self._on_progress = on_progress
        self._pace = Pace(transport.features.parts_per_second)
        self._limit = self._pace.batch_limit(transport.features.largest_batch)
        self._done = self._total = 0
        self._outages = 0

    async def drain(self) -> None:
        """Submit everything that is due, then fetch what a polled transport has to tell.

        Raises:
            RunBusy: another process is sending this campaign.
            TransportError: the carrier cannot be used; what was not settled is in doubt, the rest remains.
        """
        with self._store.hold(self._run.campaign):
            await self._resolve_doubts()
            account = self._store.account(self._run.run_id)
            self._done, self._total = account.planned - account.remaining, account.planned
            while await self._step():
                pass
            await self._listen()
            self._settle_cancelled()

    async def _step(self) -> bool:
        await self._keep_pace()
        batch = self._store.lease(self._run.run_id, limit=self._limit, now=self._clock.now())
        if not batch:
            return await self._wait_for_due()
        try:
            await _undisturbed(self._hand_over(batch))
        except TransportError as error:
            await self._outlast(error)
            return True
        self._outages = 0
        await self._poll()
        if self._on_progress is not None:
            self._on_progress(Progress(self._done, self._total))
        return True

    async def _keep_pace(self) -> None:
        if wait_s := self._pace.wait_s(self._clock.now()):
            await self._clock.sleep(wait_s)

    async def _wait_for_due(self) -> bool:
        due = self._store.next_due(self._run.run_id)
        if due is None or not self._patience.wait:
            return False
        now = self._clock.now()
        if (pending_s := self._pending_s()) is not None:
            due = min(due, now + timedelta(seconds=pending_s))
        # Never less than a moment, or a due time a hair away would spin.
        await self._clock.sleep(min(LONGEST_NAP_S, max(0.01, (due - now).total_seconds())))
        await self._poll()
        return True

    # ------------------------------------------------------------ one batch

    async def _hand_over(self, batch: Sequence[Send]) -> None:
        now = self._clock.now()
        refused = self._guard.refuse(batch, now)
        self._settle(list(refused.values()))
        going = [send for send in batch if send.seq not in refused]
        if not going:
            return
        self._pace.spend(sum(send.parts for send in going), now)
        try:
            outcomes = await self._submit(going)
        except TransportError as error:
            if error.retryable:
                # Nothing was taken: for these messages it was no attempt.
                self._settle(_offer_again(going))
                self._guard.give_back(going)
            raise
        settlements = [self._settlement(send, outcomes.get(send.reference)) for send in going]
        self._settle([settled for settled in settlements if settled])
        not_taken = {s.seq for s in settlements if s and s.state is not SendState.ACCEPTED}
        self._guard.give_back([send for send in going if send.seq in not_taken])

    def _settle(self, settlements: Sequence[Settlement]) -> None:
        if settlements:
            self._store.settle(self._run.run_id, settlements)
            self._done += sum(settled.state is not SendState.PLANNED for settled in settlements)

    async def _submit(self, sends: Sequence[Send]) -> Mapping[str, Outcome]:
        messages = tuple(self._outgoing(send) for send in sends)
        answer = await adrive(self._transport.submit(messages), self._call, self._clock.sleep)
        return understood(self._transport.name, answer)

    async def _outlast(self, error: TransportError) -> None:
        """Wait a while for a carrier that is out of reach; a run that gave up on it can be resumed."""
        self._outages += 1
        if not error.retryable or self._outages >= self._patience.attempts:
            raise error
        logger.warning("run %s: %s", self._run.run_id, error)
        usual_s = min(LONGEST_BACKOFF_S, 2.0**self._outages)
        await self._clock.sleep(min(LONGEST_BACKOFF_S, pause_s(error.retry_after_s, usual_s)))

    def _outgoing(self, send: Send) -> Outgoing:
        run = self._run
        return Outgoing(send.reference, send.number, send.text, send.parts, run.sender, run.kind)

    def _settlement(self, send: Send, outcome: Outcome | None) -> Settlement | None:
        now = self._clock.now()
        if isinstance(outcome, Accepted):
            return Settlement(send.seq, SendState.ACCEPTED, provider_id=outcome.provider_id, at=now, attempted=True)
        if isinstance(outcome, Refused):
            return Settlement(send.seq, SendState.REJECTED, failure=outcome.failure, at=now, attempted=True)
        if isinstance(outcome, Postponed):
            return self._postpone(send, outcome, now)
        # Unanswered, or not even named in the answer: it stays SUBMITTING,
        # which is how a message in doubt is written down.
        return None

    def _postpone(self, send: Send, outcome: Postponed, now: datetime) -> Settlement:
        attempts = send.attempts + 1
        if attempts >= self._patience.attempts:
            return Settlement(send.seq, SendState.REJECTED, failure=outcome.failure, at=now, attempted=True)
        later_s = pause_s(outcome.retry_after_s, min(LONGEST_BACKOFF_S, 2.0**attempts))
        not_before = int(now.timestamp() + later_s) + 1
        return Settlement(send.seq, SendState.PLANNED, not_before=not_before, at=now, attempted=True)

    # ------------------------------------------------------------ doubts, events, ends

    async def _resolve_doubts(self) -> None:
        features, store, run_id = self._transport.features, self._store, self._run.run_id
        # We hold the campaign: whatever is SUBMITTING now was left by a process that died.
        if not (features.can_be_asked or features.idempotent) or not store.account(run_id).in_doubt:
            return
        doubtful = [send for send in store.sends(run_id) if send.state is SendState.SUBMITTING]
        for start in range(0, len(doubtful), self._limit):
            some = doubtful[start : start + self._limit]
            store.settle(run_id, await (self._ask(some) if features.can_be_asked else self._tell_again(some)))

    async def _ask(self, doubtful: Sequence[Send]) -> list[Settlement]:
        asks = cast("Asks", self._transport)
        flow = asks.ask([send.reference for send in doubtful])
        known = remembered(self._transport.name, await adrive(flow, self._call, self._clock.sleep))
        settlements: list[Settlement] = []
        for send in doubtful:
            outcome = known.get(send.reference)
            if outcome is None:
                settlements += _offer_again([send])
            elif settled := self._settlement(send, outcome):
                settlements.append(settled)
        return settlements

    async def _tell_again(self, doubtful: Sequence[Send]) -> list[Settlement]:
        """Submit once more what an idempotent carrier takes once.

        Who said STOP meanwhile is not told again, and stays in doubt: "cancelled" would deny a message that may have
        arrived, and let a later plan send it a second time.
        """
        run = self._store.run(self._run.run_id)
        if run is None or run.state is not RunState.READY:
            return []
        await self._keep_pace()
        now = self._clock.now()
        forbidden = self._guard.forbid(doubtful, now)
        going = [send for send in doubtful if send.seq not in forbidden]
        if not going:
            return []
        self._pace.spend(sum(send.parts for send in going), now)
        outcomes = await self._submit(going)
        settlements = (self._settlement(send, outcomes.get(send.reference)) for send in going)
        return [settled for settled in settlements if settled]

    def _polls(self) -> Polls | None:
        return cast("Polls", self._transport) if hasattr(self._transport, "poll") else None

    def _pending_s(self) -> float | None:
        # Only a transport that brings its own time is heard to the end: a real
        # one tells of receipts for days, and nobody waits for those here.
        polls = self._polls()
        own = getattr(self._transport, "clock", None)
        return polls.pending_s() if polls is not None and own is self._clock else None

    async def _poll(self) -> None:
        if polls := self._polls():
            receive(self._store, await adrive(polls.poll(), self._call, self._clock.sleep))

    async def _listen(self) -> None:
        await self._poll()
        while (pending_s := self._pending_s()) is not None:
            await self._clock.sleep(pending_s)
            await self._poll()

    def _settle_cancelled(self) -> None:
        # A message that the carrier postponed comes back as PLANNED even when
        # the run was cancelled meanwhile.
        run = self._store.run(self._run.run_id)
        if run is not None and run.state is RunState.CANCELLED:
            self._store.set_run_state(self._run.run_id, RunState.CANCELLED)


async def _undisturbed(work: Coroutine[None, None, None]) -> None:
    """Await *work* to its end, also when we are cancelled (Ctrl-C) meanwhile; then be cancelled.

    A batch in hand is answered and recorded first, or it would be in doubt for no reason.
    """
    import asyncio

    from anyio import CancelScope
    from anyio.lowlevel import checkpoint

    task = asyncio.ensure_future(work)
    # The shield holds off asyncio, which cancels once; the scope holds off anyio (the thread of a sync call), which
    # cancels again and again.
    with CancelScope(shield=True):
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError:
            await asyncio.wait([task])
            raise
    await checkpoint()


def _offer_again(sends: Sequence[Send]) -> list[Settlement]:
    return [Settlement(send.seq, SendState.PLANNED) for send in sends]
