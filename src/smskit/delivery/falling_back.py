"""From RCS to SMS: which messages certainly did not arrive, and whose place may be taken.

What is delivered is out of the question, what is in doubt or not understood is left alone, and what may still arrive is
taken back first. Nobody gets both, as far as the platform has told by the time that the SMS is let go.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Final

from smskit.delivery.channels import second_of
from smskit.delivery.expiry import takes_validity
from smskit.delivery.guard import Limits
from smskit.delivery.inbox import receive
from smskit.delivery.line import Line
from smskit.delivery.patience import pause_s
from smskit.delivery.settling import LONGEST_BACKOFF_S
from smskit.errors import TransportError
from smskit.kinds import DeliveryStatus, FailureClass, FallbackCondition, RunState, SendState
from smskit.protocols import Clock, Store, Transport
from smskit.records import RunRecord, Send, Taken

logger = logging.getLogger("smskit.delivery")

CROSSING_S: Final = 5.0
"""How long a receipt may take that crosses with the revocation of its message."""

TOLD_BOTH_S: Final = 90.0
"""How long after a message expired its platform may still tell that it was delivered, which wins.

Google says that both may be told; half a minute is left for the two to cross, and a minute for rounds of asking.
"""

TOLD_LATE_S: Final = 60.0
"""How long to wait for the platform's own word that the time of a message was over, before it is revoked."""

TRIES: Final = 5
"""How often a message is revoked in vain before it is left for the next time."""

_SOME: Final = 1_000


def condition_of(send: Send) -> FallbackCondition | None:
    """Give why the place of *send* may be taken; None when it may not, or not yet.

    A receipt whose status is a failure counts although it gives no reason. One that calls the message blocked does
    not: consent, spam and policy are no matter of the channel. A word that nobody understands has no status at all, and
    a receipt of any other kind contradicts even a refusal.
    """
    status, failure = send.status, send.failure
    if status is None:
        return FallbackCondition.of(failure) if send.state is SendState.REJECTED and failure is not None else None
    if status is DeliveryStatus.BLOCKED or not status.is_failure:
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


def overdue_after(transport: Transport, limits: Limits) -> timedelta | None:
    """Give how long after its hand-over a message is taken back; None for one that is not, or cannot be."""
    after_s = limits.fallback_after_s
    if after_s is None or FallbackCondition.EXPIRED.value not in limits.fallback_on or not hasattr(transport, "revoke"):
        return None
    return timedelta(seconds=after_s + (TOLD_LATE_S if takes_validity(transport, after_s) else 0.0))


def overdue_at(store: Store, run: RunRecord, transport: Transport, limits: Limits) -> datetime | None:
    """Give when the oldest message under way is to be taken back; None when none will be."""
    after = overdue_after(transport, limits)
    oldest = None if after is None else store.oldest_under_way(run.run_id)
    return None if after is None or oldest is None else oldest + after


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
        self._after = overdue_after(line.transport, limits)
        second = second_of(store, run)
        self._second = None if second is None else second.run_id
        self._since: datetime | None = None

    async def look(self) -> int:
        """Let the messages go that stand by for what certainly did not arrive; give how many.

        Nothing is let go, or taken back, while the run of those messages is paused, or when it was cancelled.

        Raises:
            TransportError: what is overdue cannot be revoked now; the others have been let go.
        """
        if not self._may_take_over():
            return 0
        fallen = self._fallen()
        if left_s := self._time_to_tell_both_s(fallen):
            await self._clock.sleep(left_s)
            receive(self._store, await self._line.poll())
            fallen = self._fallen()
        released = self._release([send.seq for send in fallen])
        return released + await self._take_back()

    @property
    def next_look(self) -> datetime | None:
        """When the oldest message under way is overdue; None when none will be."""
        if self._after is None or not self._may_take_over():
            return None
        oldest = self._store.oldest_under_way(self._run_id, since=self._since)
        return None if oldest is None else oldest + self._after

    def _may_take_over(self) -> bool:
        second = None if self._second is None else self._store.run(self._second)
        return second is not None and second.state is RunState.READY

    def _release(self, seqs: Sequence[int]) -> int:
        released = self._store.fall_back(self._run_id, seqs, now=self._clock.now()) if seqs else 0
        if released:
            logger.info("run %s: %d messages fall back", self._run_id, released)
        return released

    def _fallen(self) -> list[Send]:
        return [send for send in self._stranded(None) if self._has_failed(send)]

    def _time_to_tell_both_s(self, fallen: Sequence[Send]) -> float:
        """Give for how many seconds the platform may still tell that one of those that expired was delivered."""
        expired = [send.status_at for send in fallen if send.status is DeliveryStatus.EXPIRED and send.status_at]
        if not expired:
            return 0.0
        left_s = TOLD_BOTH_S - (self._clock.now() - max(expired)).total_seconds()
        return max(0.0, min(TOLD_BOTH_S, left_s))

    def _has_failed(self, send: Send) -> bool:
        return condition_of(send) in self._conditions

    # ------------------------------------------------------------ taking back

    async def _take_back(self) -> int:
        if self._after is None:
            return 0
        before, released = self._clock.now() - self._after, 0
        if overdue := [_taken(send) for send in self._stranded(before) if self._is_overdue(send)]:
            revoked, error = await self._revoke(overdue)
            if revoked:
                await self._clock.sleep(CROSSING_S)
                receive(self._store, await self._line.poll())
                # What was told meanwhile counts: only what is under way still, or has failed, is let go.
                released = self._release([send.seq for send in self._stranded(before) if self._is_gone(send, revoked)])
            if error is not None:
                raise error
        # What could not be revoked waits for the next time that the run is resumed: nobody asks for it for ever.
        self._since = before
        return released

    def _is_overdue(self, send: Send) -> bool:
        at = send.submitted_at
        is_new = self._since is None or (at is not None and at >= self._since)
        return is_new and _is_under_way(send) and bool(send.provider_id and send.number)

    def _is_gone(self, send: Send, revoked: Collection[str]) -> bool:
        return send.reference in revoked and (_is_under_way(send) or self._has_failed(send))

    async def _revoke(self, overdue: Sequence[Taken]) -> tuple[Collection[str], TransportError | None]:
        """Have messages taken back; give the references of those that were, and the error that ended it."""
        revoked: set[str] = set()
        for tries in range(1, TRIES + 1):
            left = [taken for taken in overdue if taken.reference not in revoked]
            asked_s: float | None = None
            try:
                for start in range(0, len(left), _SOME):
                    revoked |= await self._line.revoke(left[start : start + _SOME])
            except TransportError as error:
                if not error.retryable or tries == TRIES:
                    return revoked, error
                asked_s = error.retry_after_s
            if len(revoked) >= len(overdue) or tries == TRIES:
                break
            await self._clock.sleep(min(LONGEST_BACKOFF_S, pause_s(asked_s, 2.0**tries)))
        if len(revoked) < len(overdue):
            logger.warning("run %s: %d messages were not taken back", self._run_id, len(overdue) - len(revoked))
        return revoked, None

    def _stranded(self, overdue: datetime | None) -> list[Send]:
        found: list[Send] = []
        after = -1
        while some := self._store.stranded(self._run_id, overdue=overdue, after=after, limit=_SOME):
            found += some
            after = some[-1].seq
        return found


def _is_under_way(send: Send) -> bool:
    return send.state is SendState.ACCEPTED and not (send.status is not None and send.status.is_failure)


def _taken(send: Send) -> Taken:
    return Taken(send.reference, send.number, send.provider_id or "")
