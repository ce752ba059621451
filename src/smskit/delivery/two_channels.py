"""Driving a run over RCS and the one that falls back for it: two engines, one loop."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Final

from smskit.delivery.engine import LONGEST_NAP_S, LONGEST_REAL_NAP_S, Engine
from smskit.delivery.falling_back import FallingBack
from smskit.delivery.line import Line
from smskit.delivery.patience import Progress
from smskit.errors import TransportError
from smskit.kinds import RunState
from smskit.protocols import Clock, Store
from smskit.records import RunRecord

_SHORTEST_NAP_S: Final = 0.01


class TwoChannels:
    """Sends what is due over both channels, lets fall back what must, and again until nothing is left to wait for.

    Neither engine waits by itself: a message that falls back today does not wait for those that leave tomorrow.

    Args:
        store: where both runs are.
        first: the run over RCS, with its engine and line.
        second: the run that falls back for it.
        falling: lets messages of the second go.
        clock: what time it is.
        wait: whether to sleep until deferred messages may leave, and messages under way are overdue.
    """

    def __init__(
        self,
        store: Store,
        first: tuple[RunRecord, Engine, Line],
        second: tuple[RunRecord, Engine, Line],
        falling: FallingBack,
        clock: Clock,
        *,
        wait: bool,
    ) -> None:
        self._store = store
        self._both = (first, second)
        self._falling = falling
        self._clock = clock
        self._wait = wait

    async def drain(self) -> None:
        """Do it; the errors are those of :meth:`Engine.drain`."""
        (run, first, _), (_, second, _) = self._both
        with self._store.hold(run.campaign):
            await first.begin()
            await second.begin()
            while True:
                await self._work(first, second)
                if not await self._rest():
                    break
                await first.hear()
                await second.hear()
            first.end()
            second.end()

    async def _work(self, first: Engine, second: Engine) -> None:
        """Let both send; who gets an SMS does not wait for an account over RCS that somebody has to mend."""
        error: TransportError | None = None
        for step in (first.work, self._falling.look):
            try:
                await step()
            except TransportError as problem:
                error = error or problem
        await second.work()
        if error is not None:
            raise error

    async def _rest(self) -> bool:
        """Sleep until something may be due; false when nothing will be, or nobody waits for it."""
        now = self._clock.now()
        # Events of a transport that brings its own time are heard to the end, also by who does not wait.
        times = [now + timedelta(seconds=pending_s) for pending_s in self._pending()]
        if self._wait:
            times += self._due()
        if not times:
            return False
        left_s = (min(times) - now).total_seconds()
        await self._clock.sleep(max(_SHORTEST_NAP_S, min(left_s, self._longest_nap_s())))
        return True

    def _pending(self) -> Iterable[float]:
        return (pending_s for _, _, line in self._both if (pending_s := line.pending_s()) is not None)

    def _due(self) -> list[datetime]:
        ready = [run.run_id for run, _, _ in self._both if self._state(run) is RunState.READY]
        dues = [self._store.next_due(run_id) for run_id in ready]
        return [due for due in (*dues, self._falling.next_look if ready else None) if due is not None]

    def _state(self, run: RunRecord) -> RunState:
        kept = self._store.run(run.run_id)
        return kept.state if kept is not None else RunState.CANCELLED

    def _longest_nap_s(self) -> float:
        virtual = all(line.brings_time for _, _, line in self._both)
        return LONGEST_NAP_S if virtual else LONGEST_REAL_NAP_S


class Together:
    """The progress of two engines as that of one."""

    def __init__(self, tell: Callable[[Progress], None]) -> None:
        self._tell = tell
        self._known: dict[str, Progress] = {}

    def part(self, run_id: str) -> Callable[[Progress], None]:
        """Give what the engine of one run tells its progress to."""

        def told(progress: Progress) -> None:
            self._known[run_id] = progress
            known = self._known.values()
            self._tell(Progress(sum(one.done for one in known), sum(one.total for one in known)))

        return told
