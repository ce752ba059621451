"""What an answer of the carrier means for its message in the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from smskit.delivery.patience import pause_s
from smskit.errors import TransportError
from smskit.kinds import EventType, FailureClass, SendState
from smskit.records import Accepted, Event, Outcome, Postponed, Refused, Send, Settlement

LONGEST_BACKOFF_S = 300.0

OF_THE_LINE: Final = frozenset(
    {FailureClass.THROTTLED, FailureClass.NETWORK, FailureClass.PROVIDER_UNAVAILABLE, FailureClass.PROVIDER_ERROR}
)
"""Why a carrier puts messages off that it has not looked at."""


def settlement_of(
    send: Send,
    outcome: Outcome | None,
    now: datetime,
    *,
    attempts: int,
    other_ways: frozenset[FailureClass] = frozenset(),
) -> Settlement | None:
    """Give what becomes of a leased message; None leaves it in doubt, which is how no answer is written down.

    Args:
        send: the message.
        outcome: what the carrier said of it; None when it was not named in the answer.
        now: when it said so.
        attempts: so many hand-overs that the carrier put off count as a refusal. A carrier that is too busy, or out of
            reach, in the middle of a batch has not looked at the rest of it: that is no attempt, and rejects nobody.
        other_ways: failures for which another message takes the place of this one.
    """
    if isinstance(outcome, Accepted):
        return Settlement(
            send.seq, SendState.ACCEPTED, provider_id=outcome.provider_id, at=now, attempted=True,
            billed_parts=outcome.parts,
        )  # fmt: skip
    if not isinstance(outcome, (Refused, Postponed)):
        return None
    if outcome.failure.is_of_account and outcome.failure not in other_ways:
        # Nobody is rejected, and no attempt is counted, because the shop's credit is used up.
        return given_back(send)
    tried = isinstance(outcome, Refused) or outcome.failure not in OF_THE_LINE
    goes_another_way = outcome.failure.is_of_account
    if isinstance(outcome, Refused) or goes_another_way or (tried and send.attempts + 1 >= attempts):
        return Settlement(
            send.seq, SendState.REJECTED, failure=outcome.failure, at=now, attempted=True, code=outcome.code
        )  # fmt: skip
    later_s = pause_s(outcome.retry_after_s, min(LONGEST_BACKOFF_S, 2.0 ** (send.attempts + 1)))
    not_before = int(now.timestamp() + later_s) + 1
    return Settlement(
        send.seq, SendState.PLANNED, not_before=not_before, at=now, attempted=tried, code=outcome.code
    )  # fmt: skip


def given_back(send: Send) -> Settlement:
    """Put a message back as it was: it certainly was not taken, and it was no attempt."""
    return Settlement(send.seq, SendState.PLANNED, not_before=send.not_before)


def outage_in(answers: Sequence[Outcome | None], carrier: str) -> TransportError | None:
    """Give the outage that a batch met which the carrier put off whole: too fast, closed for repair, out of reach.

    That says nothing of the messages: they were not tried, and a storm of a minute must not reject them. A failure of
    the account is another matter, and so is one that each message has for itself.
    """
    longest_s: float | None = None
    for answer in answers:
        if not isinstance(answer, Postponed) or answer.failure not in OF_THE_LINE:
            return None
        if answer.retry_after_s is not None:
            longest_s = max(longest_s or 0.0, pause_s(answer.retry_after_s, 0.0))
    told = {answer.failure.value for answer in answers if isinstance(answer, Postponed)}
    return TransportError(carrier, ", ".join(sorted(told)), retryable=True, retry_after_s=longest_s) if told else None


def hold_after(answers: Sequence[Outcome | None]) -> float:
    """Give the seconds in which nothing more should be offered: the end of a batch was put off, its beginning taken."""
    last = answers[-1] if answers else None
    if not isinstance(last, Postponed) or last.failure not in OF_THE_LINE or last.retry_after_s is None:
        return 0.0
    return min(LONGEST_BACKOFF_S, pause_s(last.retry_after_s, 0.0))


def objection_of(send: Send, outcome: Outcome | None, now: datetime) -> Event | None:
    """Give the opposition that a refusal tells of: the carrier's list has a STOP that we did not see."""
    if not isinstance(outcome, Refused) or outcome.failure is not FailureClass.OPTED_OUT or not send.number:
        return None
    key = f"{send.reference}:refused:opt-out"
    return Event(key, EventType.OPT_OUT, now, send.number, reference=send.reference)
