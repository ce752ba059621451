"""What an answer of the carrier means for its message in the ledger."""

from __future__ import annotations

from datetime import datetime

from smskit.delivery.answers import pause_s
from smskit.kinds import EventType, FailureClass, SendState
from smskit.records import Accepted, Event, Outcome, Postponed, Refused, Send, Settlement

LONGEST_BACKOFF_S = 300.0


def settlement_of(send: Send, outcome: Outcome | None, now: datetime, *, attempts: int) -> Settlement | None:
    """Give what becomes of a leased message; None leaves it in doubt, which is how no answer is written down.

    Args:
        send: the message.
        outcome: what the carrier said of it; None when it was not named in the answer.
        now: when it said so.
        attempts: so many hand-overs that the carrier put off count as a refusal.
    """
    if isinstance(outcome, Accepted):
        return Settlement(
            send.seq, SendState.ACCEPTED, provider_id=outcome.provider_id, at=now, attempted=True,
            billed_parts=outcome.parts,
        )  # fmt: skip
    if not isinstance(outcome, (Refused, Postponed)):
        return None
    if outcome.failure.is_of_account:
        # Nobody is rejected, and no attempt is counted, because the shop's credit is used up.
        return given_back(send)
    if isinstance(outcome, Refused) or send.attempts + 1 >= attempts:
        return Settlement(
            send.seq, SendState.REJECTED, failure=outcome.failure, at=now, attempted=True, code=outcome.code
        )  # fmt: skip
    later_s = pause_s(outcome.retry_after_s, min(LONGEST_BACKOFF_S, 2.0 ** (send.attempts + 1)))
    not_before = int(now.timestamp() + later_s) + 1
    return Settlement(
        send.seq, SendState.PLANNED, not_before=not_before, at=now, attempted=True, code=outcome.code
    )  # fmt: skip


def given_back(send: Send) -> Settlement:
    """Put a message back as it was: it certainly was not taken, and it was no attempt."""
    return Settlement(send.seq, SendState.PLANNED, not_before=send.not_before)


def objection_of(send: Send, outcome: Outcome | None, now: datetime) -> Event | None:
    """Give the opposition that a refusal tells of: the carrier's list has a STOP that we did not see."""
    if not isinstance(outcome, Refused) or outcome.failure is not FailureClass.OPTED_OUT or not send.number:
        return None
    key = f"{send.reference}:refused:opt-out"
    return Event(key, EventType.OPT_OUT, now, send.number, reference=send.reference)
