"""Asking a carrier about a list of numbers at once which of them have RCS."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timezone

from smskit.errors import InvalidInput, TransportError
from smskit.protocols import Call, Flow
from smskit.records import Capability, Reach
from smskit.transports.wire.answers import Answer, answer_to
from smskit.transports.wire.reading import mail_date_in


def check_question(carrier: str, agent: str, numbers: Sequence[int], most: int) -> None:
    """Make sure that a question can be asked.

    Raises:
        InvalidInput: no agent, no number, or more than *most*.
    """
    if not agent:
        raise InvalidInput(f"{carrier} tells capabilities of an agent: give agent=")
    if not 1 <= len(numbers) <= most:
        raise InvalidInput(f"{carrier} is asked about 1 to {most} numbers at once, not {len(numbers)}")


def reach_told_by(
    name: str,
    call: Call,
    numbers: Sequence[int],
    read: Callable[[Answer, datetime], Iterable[Capability]],
) -> Flow[Reach]:
    """Ask, and give what is told of *numbers*; what is told of others is left out.

    Args:
        name: the provider's, for its errors.
        call: the question.
        numbers: those that it is about.
        read: gives what an answer tells, at the time that it has.

    Raises:
        TransportError: no answer, or one that tells nothing; it may be asked again.
    """
    answer = yield from answer_to(call)
    if not answer.is_success:
        raise TransportError(name, f"it does not tell capabilities (HTTP {answer.status})", retryable=True)
    asked = frozenset(numbers)
    at = mail_date_in(answer.header("date")) or datetime.now(timezone.utc)
    return Reach(tuple(one for one in read(answer, at) if one.number in asked), len(numbers))
