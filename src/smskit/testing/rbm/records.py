"""What a fake RBM tells about itself: handsets, messages, requests."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import Enum

from attrs import field, frozen

from smskit.phone.mask import mask
from smskit.rcs import Carousel, Feature, RichCard, RichMessage, Suggestion, load

FEATURES = frozenset(feature.value for feature in Feature)
"""What a telephone of today can show, in RBM's words."""


def _features(value: frozenset[str] | set[str] | tuple[str, ...]) -> frozenset[str]:
    return frozenset(value)


@frozen
class Handset:
    """A telephone as RBM knows it.

    Args:
        has_rcs: whether the number is reachable; without it RBM answers 404.
        is_online: whether what is sent arrives; if not it waits.
        features: what it can show; a message that needs more is refused.
    """

    has_rcs: bool = True
    is_online: bool = True
    features: frozenset[str] = field(default=FEATURES, converter=_features)


class RbmState(Enum):
    """How far a message has come; ``DROPPED`` was never fetched for 30 days."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    READ = "read"
    REVOKED = "revoked"
    DROPPED = "dropped"


@frozen
class RbmMessage:
    """One message that RBM took.

    Args:
        id: what the agent calls it.
        number: whom it is to.
        payload: its JSON.
        at: when it was taken.
        ends_at: when RBM takes it back; None without ``ttl`` and ``expireTime``.
        state: how far it has come.
    """

    id: str
    number: int = field(repr=mask)
    payload: Mapping[str, object] = field(repr=lambda payload: f"<{len(payload)} members>")
    at: datetime
    ends_at: datetime | None = None
    state: RbmState = RbmState.WAITING

    @property
    def message(self) -> RichMessage:
        """The message as objects."""
        return load(self.payload)

    @property
    def suggestions(self) -> tuple[Suggestion, ...]:
        """All that can be tapped, those of cards first."""
        message = self.message
        match message.content:
            case RichCard() as card:
                return (*card.suggestions, *message.suggestions)
            case Carousel() as carousel:
                return (*(one for card in carousel.cards for one in card.suggestions), *message.suggestions)
            case _:
                return message.suggestions


@frozen
class Asked:
    """One request that came in, and what it was answered with; 0 for nothing."""

    method: str
    path: str = field(repr=lambda path: path.partition("/phones/")[0] or "/v1")
    status: int = 0


class RbmFault(Enum):
    """What goes wrong with a request; ``TAKES_…`` is done all the same, and only the answer is lost."""

    RESETS = "the line is reset before the request was read"
    BREAKS = "500, and nothing was done"
    IS_AWAY = "503, and nothing was done"
    THROTTLES = "429 with Retry-After, and nothing was done"
    TAKES_AND_RESETS = "done, and the line is reset"
    TAKES_AND_BREAKS = "done, and answered with 500"
    TAKES_AND_SAYS_HALF = "done, and half of the answer comes"
    TAKES_AND_IS_SLOW = "done, and answered late"

    @property
    def is_taken(self) -> bool:
        """Whether the request is done."""
        return self.name.startswith("TAKES")
