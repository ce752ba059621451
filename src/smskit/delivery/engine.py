"""The run engine: lease, commit, submit, record; several batches at once, again until nothing is due."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Final

from smskit.delivery.breaker import Breaker
from smskit.delivery.doubts import Doubts, Pauses
from smskit.delivery.expiry import Expiry
from smskit.delivery.guard import Guard
from smskit.delivery.inbox import receive
from smskit.delivery.line import Line
from smskit.delivery.pacing import Lane
from smskit.delivery.patience import Patience, Progress, pause_s
from smskit.delivery.settling import LONGEST_BACKOFF_S, given_back, hold_after, objection_of, outage_in, settlement_of
from smskit.errors import InvalidInput, TransportError, UnsupportedFeature
from smskit.kinds import FailureClass, RunState, SendState
from smskit.protocols import Clock, Flow, Store
from smskit.records import Accepted, Outcome, RunRecord, Send, Settlement, Unanswered

if TYPE_CHECKING:
    import asyncio

logger = logging.getLogger("smskit.delivery")

LONGEST_NAP_S: Final = 300.0
"""While it waits on the transport's own clock a run looks up so often: it may have been cancelled, or the clock set."""

LONGEST_REAL_NAP_S: Final = 5.0
"""The same on a clock that people wait by: another process may have paused or cancelled the run."""

OTHERS: Final = 1_000
"""So many messages of a run are looked at, to tell whether one that cannot be carried is at fault or all of it is."""


class Engine:
    """Drives one run to the point where nothing more is due.

    The order of every step is the promise: a lease is committed before the request leaves, an answer is recorded before
    the same worker leases again. There are as many workers as the transport takes submissions at once, so whoever
    kills the process leaves at most that many batches in doubt.

    *other_ways* are failures for which another message takes the place of one of this run: they reject it, and stop
    nothing.

    All of it runs on one loop, and no step waits between a lease and the end of the last look at it: the budget, the
    caps and the pace are counted by one worker at a time.
    """

    def __init__(
        self,
        store: Store,
        run: RunRecord,
        line: Line,
        guard: Guard,
        expiry: Expiry,
        clock: Clock,
        *,
        patience: Patience | None = None,
        on_progress: Callable[[Progress], None] | None = None,
        other_ways: frozenset[FailureClass] = frozenset(),
    ) -> None:
        self._store = store
        self._run = run
        self._line = line
        self._guard = guard
        self._expiry = expiry
        self._clock = clock
        self._patience = patience or Patience()
        self._on_progress = on_progress
        self._lane = Lane(store, run, line.transport)
        self._doubts = Doubts(store, run, line, guard, self._lane, clock, self._patience)
        self._other_ways = other_ways
        self._breaker = Breaker(store, run.run_id, line.transport.name, self._patience, other_ways)
        self._done = self._total = 0
        self._outages = 0
        self._in_hand = 0
        self._is_stopping = False
        self._is_polling = False
        self._error: BaseException | None = None
        self._resting: set[asyncio.Task[None]] = set()
        self._more_parts = self._other_parts = 0

    # ------------------------------------------------------------ from outside

    async def drain(self) -> None:
        """Submit everything that is due, then fetch what a polled transport has to tell.

        Raises:
            RunBusy: another process is sending this campaign.
            CarrierRefuses: it takes nothing of this account, or too much of the run fails.
            TransportError: the carrier cannot be used; what was not settled is in doubt, the rest remains.
        """
        with self._store.hold(self._run.campaign):
            await self.begin()
            await self.work()
            await self._listen()
            self.end()

    async def begin(self) -> None:
        """Make ready to work; the caller holds the campaign. What is in doubt is asked about first.

        Raises:
            CarrierRefuses: there is no credit.
            TransportError: the carrier cannot be asked.
        """
        if self._state() is RunState.PAUSED:
            self._store.set_run_state(self._run.run_id, RunState.READY)
        await self._breaker.heed_balance(self._line)
        await self._doubts.resolve()

    async def work(self) -> None:
        """Submit everything that is due; the errors are those of :meth:`drain`."""
        account = self._store.account(self._run.run_id)
        self._done, self._total = account.planned - account.remaining, account.planned
        self._guard.recount()
        try:
            await self._work_together()
        finally:
            self._tell_billed()

    async def hear(self) -> None:
        """Record what a polled transport has to tell now."""
        await self._poll()

    def end(self) -> None:
        """Leave nothing behind: what came back after the run was cancelled is cancelled too."""
        self._settle_cancelled()

    async def resolve(self, wait_s: float) -> None:
        """End the doubts that can be ended, and wait for receipts that end the others.

        Raises:
            RunBusy: another process is sending this campaign.
            TransportError: the carrier cannot be asked.
        """
        with self._store.hold(self._run.campaign):
            pauses = Pauses(wait_s, self._clock)
            while self._store.account(self._run.run_id).in_doubt:
                await self._poll()
                receive(self._store, await self._line.fetch(self._run.at))
                await self._doubts.resolve()
                if not self._store.account(self._run.run_id).in_doubt or not await pauses.rest():
                    return

    # ------------------------------------------------------------ workers

    async def _work_together(self) -> None:
        """Let the workers send until nothing is due.

        When one fails, or we are cancelled (Ctrl-C), no batch is leased any more and those in hand are answered and
        recorded first: otherwise they would be in doubt for no reason.
        """
        import asyncio

        self._quiet = asyncio.Event()
        workers = [asyncio.ensure_future(self._work()) for _ in range(self._line.transport.features.in_flight)]
        try:
            await asyncio.wait(workers)
        except asyncio.CancelledError:
            self._stop()
            await _finished(workers)
            raise
        if self._error is not None:
            raise self._error

    async def _work(self) -> None:
        import asyncio

        try:
            while not self._is_stopping and await self._turn():
                pass
        except asyncio.CancelledError:
            raise
        except BaseException as error:  # noqa: BLE001 - whatever it is, the others finish what they have in hand
            if self._error is not None:
                # Its text is somebody else's and may hold a number.
                logger.warning("run %s: %s, too", self._run.run_id, type(error).__name__)
            self._error = self._error or error
            self._stop()

    def _stop(self) -> None:
        self._is_stopping = True
        for task in self._resting:
            task.cancel()

    async def _rest(self, seconds: float) -> None:
        """Sleep while nothing is in hand; whoever stops the run ends it, or has ended it already."""
        import asyncio

        if self._is_stopping:
            return
        task = asyncio.current_task()
        assert task is not None
        self._resting.add(task)
        try:
            await self._clock.sleep(seconds)
        finally:
            self._resting.discard(task)

    async def _turn(self) -> bool:
        """Send one batch, or wait until there is one; false when there is nothing to do."""
        if not self._may_be_due():
            return await self._wait_for_due()
        await self._keep_pace()
        if self._is_stopping:
            return False
        self._breaker.heed_receipts()
        limit = self._breaker.most(self._lane.limit)
        batch = self._store.lease(self._run.run_id, limit=limit, now=self._clock.now())
        if not batch:
            return await self._wait_for_due()
        outages = self._outages
        try:
            is_short, hold_s = await self._in_hand_over(batch)
        except TransportError as error:
            await self._outlast(error, outages)
            return True
        self._outages = 0
        await self._poll()
        if self._on_progress is not None:
            self._on_progress(Progress(self._done, self._total))
        await self._let_others(quiet=is_short)
        if hold_s:
            await self._rest(hold_s)
        return True

    async def _in_hand_over(self, batch: Sequence[Send]) -> tuple[bool, float]:
        self._in_hand += 1
        try:
            return await self._hand_over(batch)
        finally:
            self._in_hand -= 1
            if not self._in_hand:
                self._quiet.set()

    async def _let_others(self, *, quiet: bool) -> None:
        """Let other tasks run; *quiet* waits until no batch is in hand."""
        import asyncio

        await asyncio.sleep(0)
        while quiet and self._in_hand:
            self._quiet.clear()
            await self._quiet.wait()

    async def _keep_pace(self) -> None:
        while self._lane.is_paced and not self._is_stopping and self._may_be_due():
            wait_s = self._lane.wait_s(self._clock.now())
            if not wait_s:
                return
            await self._rest(min(wait_s, self._longest_nap_s()))

    def _may_be_due(self) -> bool:
        due = self._store.next_due(self._run.run_id)
        # What leaves with the run has its time, and leaves also when the clock was set back before it.
        return due is not None and due <= max(self._clock.now(), self._run.at)

    async def _wait_for_due(self) -> bool:
        due = self._store.next_due(self._run.run_id)
        if due is None or not self._patience.wait or self._state() is not RunState.READY:
            return False
        now = self._clock.now()
        if (pending_s := self._line.pending_s()) is not None:
            due = min(due, now + timedelta(seconds=pending_s))
        # Never less than a moment, or a due time a hair away would spin.
        await self._rest(min(self._longest_nap_s(), max(0.01, (due - now).total_seconds())))
        await self._poll()
        return True

    def _longest_nap_s(self) -> float:
        return LONGEST_NAP_S if self._line.brings_time else LONGEST_REAL_NAP_S

    async def _outlast(self, error: TransportError, outages: int) -> None:
        """Wait a while for a carrier that is out of reach; a run that gave up on it can be resumed.

        *outages* is what was counted when the batch left: workers that meet the same outage count it once.
        """
        if self._outages == outages:
            self._outages += 1
        if not error.retryable or self._outages >= self._patience.attempts:
            raise error
        logger.warning("run %s: %s", self._run.run_id, error)
        usual_s = min(LONGEST_BACKOFF_S, 2.0**self._outages)
        await self._rest(min(LONGEST_BACKOFF_S, pause_s(error.retry_after_s, usual_s)))

    # ------------------------------------------------------------ one batch

    async def _hand_over(self, leased: Sequence[Send]) -> tuple[bool, float]:
        """Look at a batch for the last time, submit it, record the answers.

        Returns:
            Whether the budget was short, and for how many seconds the carrier wants no more.
        """
        hold_s = 0.0
        now = self._clock.now()
        count = self._lane.within_a_second(leased)
        batch, later = leased[:count], leased[count:]
        refused = self._guard.refuse(batch, now, alone=self._in_hand == 1)
        self._settle([*refused.values(), *map(given_back, later)])
        wanted = [send for send in batch if send.seq not in refused]
        going, flow = self._open(wanted, now) if wanted else ((), None)
        if flow is not None:
            self._lane.spend(going, now)
            answers = await self._answers(going, flow)
            self._record(going, answers)
            hold_s = hold_after(answers)
        # What the hours put off has a later time; what the budget put back has its own.
        back = (one for one in refused.values() if one.state is SendState.PLANNED)
        return any(one.not_before <= now.timestamp() for one in back), hold_s

    def _open(self, going: Sequence[Send], now: datetime) -> tuple[Sequence[Send], Flow[tuple[Outcome, ...]] | None]:
        """Open a submission of those of *going* that the carrier can carry; None when it can carry none of them."""
        try:
            return going, self._line.offer(going, now)
        except Exception as error:
            unfit = self._unfit(going, now) if isinstance(error, (InvalidInput, UnsupportedFeature)) else ()
            if not unfit:
                self._give_back(going)
                raise
        logger.warning("run %s: %s cannot carry %d messages", self._run.run_id, self._line.transport.name, len(unfit))
        failure = FailureClass.UNSUPPORTED
        self._settle([Settlement(send.seq, SendState.REJECTED, failure=failure, at=now) for send in unfit])
        self._guard.give_back(unfit)
        fit = [send for send in going if send not in unfit]
        return self._open(fit, now) if fit else ((), None)

    def _unfit(self, going: Sequence[Send], now: datetime) -> Sequence[Send]:
        """Give those that the carrier cannot carry, such as one whose name made its text too long.

        They must not hold up the rest. When it could carry none of the run, such as for its sender, it is none of them.
        """
        unfit = [send for send in going if not self._line.carries(send, now)]
        others = islice(self._store.sends(self._run.run_id), OTHERS)
        return unfit if any(self._line.carries(send, now) for send in others) else ()

    async def _answers(self, going: Sequence[Send], flow: Flow[tuple[Outcome, ...]]) -> list[Outcome | None]:
        """Drive a submission and give what the carrier says of each message, None where it says nothing."""
        try:
            outcomes = await self._line.answers(flow)
            answers = [outcomes.get(send.reference) for send in going]
            if outage := outage_in(answers, self._line.transport.name):
                raise outage
        except TransportError as error:
            if error.retryable:
                # Nothing was taken: for these messages it was no attempt.
                self._give_back(going)
            raise
        return answers

    def _record(self, going: Sequence[Send], answers: Sequence[Outcome | None]) -> None:
        now, attempts = self._clock.now(), self._patience.attempts
        self._tell_doubts(answers)
        settlements: list[Settlement] = []
        not_taken: list[Send] = []
        for send, answer in zip(going, answers, strict=True):
            settled = settlement_of(send, answer, now, attempts=attempts, other_ways=self._other_ways)
            if settled is None:
                continue
            settlements.append(settled)
            if settled.state is not SendState.ACCEPTED:
                not_taken.append(send)
            if settled.state is SendState.PLANNED:
                self._expiry.keep(send)
        self._settle(settlements)
        self._line.learn(self._store, going, answers, now)
        self._guard.give_back(not_taken)
        self._count_billed(going, answers)
        if objections := [event for event in map(objection_of, going, answers, [now] * len(going)) if event]:
            receive(self._store, objections)
        if refusal := self._breaker.judge(answers):
            raise refusal

    def _settle(self, settlements: Sequence[Settlement]) -> None:
        if settlements:
            self._store.settle(self._run.run_id, settlements)
            self._done += sum(settled.state is not SendState.PLANNED for settled in settlements)

    def _give_back(self, sends: Sequence[Send]) -> None:
        self._settle([given_back(send) for send in sends])
        self._guard.give_back(sends)

    def _count_billed(self, sends: Sequence[Send], answers: Sequence[Outcome | None]) -> None:
        for send, answer in zip(sends, answers, strict=True):
            if isinstance(answer, Accepted) and answer.parts is not None and answer.parts != send.parts:
                self._other_parts += 1
                self._more_parts += answer.parts - send.parts

    # ------------------------------------------------------------ events, ends

    async def _poll(self) -> None:
        if self._line.polls and not self._is_polling:
            self._is_polling = True
            try:
                receive(self._store, await self._line.poll())
            finally:
                self._is_polling = False

    async def _listen(self) -> None:
        await self._poll()
        while (pending_s := self._line.pending_s()) is not None:
            await self._clock.sleep(pending_s)
            await self._poll()

    def _tell_doubts(self, answers: Sequence[Outcome | None]) -> None:
        """Say what came instead of an answer: it stands nowhere else, and somebody will want to mend it."""
        silent = [answer for answer in answers if answer is None or isinstance(answer, Unanswered)]
        if silent:
            codes = sorted({answer.code for answer in silent if answer is not None and answer.code})
            told = f" ({', '.join(codes)})" if codes else ""
            logger.warning(
                "run %s: %s left %d messages in doubt%s", self._run.run_id, self._line.transport.name, len(silent), told
            )

    def _tell_billed(self) -> None:
        if self._other_parts:
            logger.warning(
                "run %s: for %d messages the carrier bills other parts than were planned, %+d in all",
                self._run.run_id, self._other_parts, self._more_parts,
            )  # fmt: skip
            self._other_parts = self._more_parts = 0

    def _state(self) -> RunState:
        run = self._store.run(self._run.run_id)
        return run.state if run is not None else RunState.CANCELLED

    def _settle_cancelled(self) -> None:
        # A message that the carrier postponed comes back as PLANNED even when
        # the run was cancelled meanwhile.
        if self._state() is RunState.CANCELLED:
            self._store.set_run_state(self._run.run_id, RunState.CANCELLED)


async def _finished(workers: Sequence[asyncio.Task[None]]) -> None:
    """Let workers finish what they have in hand. Who cancels a second time leaves it in doubt, but nobody behind."""
    import asyncio

    from anyio import CancelScope

    # The scope holds off anyio (the thread of a sync call), which cancels again and again.
    with CancelScope(shield=True):
        try:
            await asyncio.wait(workers)
        except asyncio.CancelledError:
            for worker in workers:
                worker.cancel()
            await asyncio.wait(workers)
