"""From RCS to SMS: which messages certainly did not arrive, and whose place may be taken.

What is delivered is out of the question, what is in doubt or not understood is left alone, and what may still arrive is
taken back first. Nobody gets both, as far as the platform has told by the time that the SMS is let go.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from smskit.delivery.guard import Limits
from smskit.delivery.inbox import receive
from smskit.delivery.line import Line
from smskit.kinds import DeliveryStatus, FailureClass, FallbackCondition, SendState
from smskit.protocols import Clock, Store
from smskit.records import RunRecord, Send, Taken

logger = logging.getLogger("smskit.delivery")

CROSSING_S: Final = 5.0
"""How long a receipt may take that crosses with the revocation of its message."""

TOLD_LATE_S: Final = 60.0
"""How long to wait for the platform's own word that the time of a message was over, before it is revoked."""

_SOME: Final = 1_000


def condition_of(send: Send) -> FallbackCondition | None:
    """Give why the place of *send* may be taken; None when it may not, or not yet.

    A receipt whose status is a failure counts although it gives no reason. One that calls the message blocked does
    not: consent, spam and policy are no matter of the channel. A word that nobody understands has no status at all.
    """
    status, failure = send.status, send.failure
    if send.state is not SendState.REJECTED and (status is None or not status.is_failure):
        return None
    if status is DeliveryStatus.BLOCKED:
        return None
    if status in (DeliveryStatus.EXPIRED, DeliveryStatus.CANCELLED):
        return FallbackCondition.EXPIRED
    if failure is not None and failure is not FailureClass.UNSPECIFIED:
        return FallbackCondition.of(failure)
    if status is DeliveryStatus.UNDELIVERED:
        return FallbackCondition.UNAVAILABLE
    return FallbackCondition.AGENT_ERROR if status in (DeliveryStatus.REJECTED, DeliveryStatus.FAILED) else None


def other_ways(limits: Limits) -> frozenset[FailureClass]:
    """Give the failures for which another message takes the place of one of the run."""
    conditions = frozenset(map(FallbackCondition, limits.fallback_on))
    return frozenset(failure for failure in FailureClass if FallbackCondition.of(failure) in conditions)


class FallingBack:
    """Looks at the messages of a run for which others stand by, and lets those go whose time has come.

    Args:
        store: where both runs are.
        run: the run over RCS; the caller holds its campaign.
        line: to its carrier.
        limits: those of the run.
        clock: what time it is.
    """

    def __init__(self, store: Store, run: RunRecord, line: Line, limits: Limits, clock: Clock) -> None:
        self._store = store
        self._run_id = run.run_id
        self._line = line
        self._clock = clock
        self._conditions = frozenset(map(FallbackCondition, limits.fallback_on))
        self._after: timedelta | None = None
        if limits.fallback_after_s is not None and FallbackCondition.EXPIRED in self._conditions and line.revokes:
            told_s = TOLD_LATE_S if line.takes_back else 0.0
            self._after = timedelta(seconds=limits.fallback_after_s + told_s)

    async def look(self) -> int:
        """Let the messages go that stand by for what certainly did not arrive; give how many.

        Raises:
            TransportError: what is overdue cannot be revoked now; the others have been let go.
        """
        released = self._release(self._fallen())
        overdue = self._overdue()
        if not overdue:
            return released
        for start in range(0, len(overdue), _SOME):
            some = overdue[start : start + _SOME]
            revoked = await self._line.revoke([taken for taken, _ in some])
            await self._clock.sleep(CROSSING_S)
            receive(self._store, await self._line.poll())
            released += self._release([seq for taken, seq in some if taken.reference in revoked])
        return released

    @property
    def next_look(self) -> datetime | None:
        """When the oldest message under way is overdue; None when none will be."""
        if self._after is None:
            return None
        oldest = self._store.oldest_under_way(self._run_id)
        return None if oldest is None else oldest + self._after

    def _release(self, seqs: Sequence[int]) -> int:
        released = self._store.fall_back(self._run_id, seqs, now=self._clock.now()) if seqs else 0
        if released:
            logger.info("run %s: %d messages fall back", self._run_id, released)
        return released

    def _fallen(self) -> list[int]:
        return [send.seq for send in self._stranded(None) if condition_of(send) in self._conditions]

    def _overdue(self) -> list[tuple[Taken, int]]:
        if self._after is None:
            return []
        stranded = self._stranded(self._clock.now() - self._after)
        return [
            (Taken(send.reference, send.number, send.provider_id), send.seq)
            for send in stranded
            if send.state is SendState.ACCEPTED and not _has_failed(send) and send.provider_id and send.number
        ]

    def _stranded(self, overdue: datetime | None) -> list[Send]:
        found: list[Send] = []
        after = -1
        while some := self._store.stranded(self._run_id, overdue=overdue, after=after, limit=_SOME):
            found += some
            after = some[-1].seq
        return found


def _has_failed(send: Send) -> bool:
    return send.status is not None and send.status.is_failure
