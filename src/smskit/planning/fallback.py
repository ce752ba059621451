"""What is said by SMS to those whom RCS does not reach, and when."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from attrs import field, frozen

from smskit.errors import InvalidInput
from smskit.kinds import FallbackCondition
from smskit.text import Message


def _message(value: Message | str) -> Message:
    return value if isinstance(value, Message) else Message(value)


def _conditions(value: Iterable[FallbackCondition | str]) -> frozenset[FallbackCondition]:
    try:
        return frozenset(map(FallbackCondition, value))
    except ValueError:
        known = ", ".join(condition.value for condition in FallbackCondition)
        raise InvalidInput(f"on={value!r} must be of the conditions {known}") from None


@frozen
class Fallback:
    """An SMS that takes the place of a rich message: ``Fallback("Soldes : -15 % $lien", after=timedelta(hours=4))``.

    Who has no RCS gets it at once. For the others it stands by, and leaves when the rich message certainly did not
    arrive. What was delivered, is in doubt, or was answered with a word that nobody understands, never falls back.

    Args:
        message: the SMS; its parts and price are planned for everybody.
        on: the conditions; all four unless named.
        after: for how long the platform tries to deliver; then the rich message is taken back, and only then the SMS
            leaves. None waits until the platform gives up, which may be thirty days.
    """

    message: Message = field(converter=_message)
    on: frozenset[FallbackCondition] = field(default=frozenset(FallbackCondition), converter=_conditions, kw_only=True)
    after: timedelta | None = field(default=None, kw_only=True)

    def __attrs_post_init__(self) -> None:
        if self.after is not None and self.after < timedelta(seconds=1):
            raise InvalidInput(f"after={self.after!r} must be a second or more, such as timedelta(hours=4)")
        if self.after is not None and FallbackCondition.EXPIRED not in self.on:
            raise InvalidInput("after= says when a message has expired; add FallbackCondition.EXPIRED to on=")


def fallback_of(value: Fallback | Message | str | None) -> Fallback | None:
    """Give *value* as a fallback; a message alone falls back on all conditions."""
    return value if value is None or isinstance(value, Fallback) else Fallback(value)
