"""What becomes of one rich message in the sandbox, and what the handset of a number can do.

As with an SMS it follows from the seed, the reference, the number and the message alone. Whether a number has RCS is
a fact of the number, so that what the platform tells of it and what a message meets go together.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final

from attrs import Attribute, evolve, field, frozen

from smskit.errors import InvalidInput
from smskit.kinds import Channel, DeliveryStatus, EventType, FailureClass
from smskit.protocols import Features, Receipts
from smskit.rcs import Feature, OpenUrl, Reply, RichMessage, Suggestion
from smskit.rcs.pieces import Piece, every_text
from smskit.records import Event
from smskit.transports.story import (
    Behaviour,
    Chance,
    Story,
    Telling,
    a_share,
    chance,
    happens,
    is_dead,
    later,
    not_negative,
    person_dice,
)

RCS_SANDBOX_FEATURES: Final = Features(
    largest_batch=100,
    idempotent=True,
    can_be_asked=True,
    live=False,
    validity_s=(1, 15 * 86_400),
    receipts=Receipts.FETCHED,
    replies=True,
    channel=Channel.RCS,
    largest_question=10_000,  # as on Google's platform
)

LACKING: Final[Mapping[Feature, float]] = {
    Feature.CAROUSEL: 0.02,
    Feature.CALENDAR: 0.03,
    Feature.OPEN_URL_IN_WEBVIEW: 0.10,
    # Only phones in India show them.
    Feature.PDF_IN_CARD: 1.0,
}

REVOCATION: Final = "REVOCATION"
"""The platform's word for a handset whose messages can be taken back."""

_UNSUBSCRIBED_S = 5.0  # the platform tells of STOP within seconds after the phone has sent the word
_CROSSING_S = 30.0  # so far apart at most are the two things that a platform tells of one message
_SHOWN = (".text", ".title", ".description", "openUrlAction.url")


def _shares(_: object, attribute: Attribute[Mapping[Feature, float]], value: Mapping[Feature, float]) -> None:
    for feature, lacking in value.items():
        if not 0 <= lacking <= 1:
            raise InvalidInput(f"{attribute.name}: {lacking!r} of {feature.name} is a share and must be from 0 to 1")


@frozen(kw_only=True)
class RcsBehaviour:
    """How handsets and the platform behave over RCS: shares from 0 to 1.

    How many people click and answer is said to the sandbox, for both channels; who answers over one of them does not
    answer over the other.

    Args:
        reachable: of the numbers that exist, those that have RCS.
        changed: of all numbers, those of which the platform tells what is not so any more: a message meets the
            opposite.
        lacking: of the handsets with RCS, those that lack a feature.
        agent_errors: of the messages, refused because the agent may not send them.
        agent_failure: as what.
        offline: of the accepted messages, those to a phone that is off. One with a life time is taken back by the
            platform at its end, which then tells EXPIRED; of one without nothing is ever told.
        expired_and_delivered: of those that were taken back, delivered all the same: both is told, in any order.
        expired_untold: of those that were taken back, nothing is told.
        late: of those that are revoked before they arrived, delivered all the same.
        late_s: within so many seconds, and told at once: whoever waits that long with an SMS sends nobody both.
        read: of the delivered messages, those of which it is told that they were read.
        tapped: of the delivered messages with replies to tap, those in which a person taps one.
        read_s: mean seconds from delivery until a person looks at it.
        features: what the transport pretends to be able to do.

    Raises:
        InvalidInput: a share outside 0 to 1, or two that are more than all together.
    """

    reachable: float = field(default=0.7, validator=a_share)
    changed: float = field(default=0.01, validator=a_share)
    lacking: Mapping[Feature, float] = field(default=LACKING, validator=_shares)
    agent_errors: float = field(default=0.0, validator=a_share)
    agent_failure: FailureClass = FailureClass.SENDER_UNREGISTERED
    offline: float = field(default=0.08, validator=a_share)
    expired_and_delivered: float = field(default=0.02, validator=a_share)
    expired_untold: float = field(default=0.02, validator=a_share)
    late: float = field(default=0.05, validator=a_share)
    late_s: float = field(default=3.0, validator=not_negative)
    read: float = field(default=0.7, validator=a_share)
    tapped: float = field(default=0.05, validator=a_share)
    read_s: float = field(default=900.0, validator=not_negative)
    features: Features = RCS_SANDBOX_FEATURES

    def __attrs_post_init__(self) -> None:
        if self.expired_and_delivered + self.expired_untold > 1:
            raise InvalidInput("expired_and_delivered and expired_untold are shares of the same messages: at most 1")

    @classmethod
    def quiet(cls) -> RcsBehaviour:
        """Give one in which every number has all of RCS, and everything arrives and is neither read nor tapped."""
        return cls(reachable=1, changed=0, lacking={}, offline=0, late=0, read=0, tapped=0)


@frozen
class Handset:
    """What one number is over RCS: what the platform tells of it, what a message meets, what it can show."""

    is_told_reachable: bool
    is_reachable: bool
    features: frozenset[str]


def handset_of(seed: int, number: int, behaviour: Behaviour, rcs: RcsBehaviour) -> Handset:
    """Give the handset of *number*; one that does not exist has no RCS."""
    if is_dead(seed, number, behaviour):
        return Handset(is_told_reachable=False, is_reachable=False, features=frozenset())
    dice = person_dice(seed, number)
    told = happens(dice, "rcs", rcs.reachable)
    features = {
        feature.value for feature in Feature if not happens(dice, f"lacks {feature.value}", rcs.lacking.get(feature, 0))
    }
    changed = happens(dice, "rcs changed", rcs.changed)
    return Handset(
        is_told_reachable=told, is_reachable=told is not changed, features=frozenset({*features, REVOCATION})
    )


# ---------------------------------------------------------------- what is in a message


def suggestions_in(piece: Piece) -> Iterator[Suggestion]:
    """Give everything in a message that can be tapped, those of its cards first."""
    for below in piece.below():
        if isinstance(below, Suggestion):
            yield below
        else:
            yield from suggestions_in(below)


def texts_in(message: RichMessage) -> Iterator[str]:
    """Give what a person reads or opens in a message: not postbacks, nor the addresses of pictures."""
    return (text for path, text, _ in every_text(message) if path.endswith(_SHOWN))


@frozen
class Reading:
    """What the story of a rich message takes from it.

    Args:
        needed: what the handset must know how to do, in the platform's words.
        replies: what can be tapped to answer.
        opens: the first button that opens an address.
        texts: what a person reads and opens; one of them may hold a short link.
        ttl: how long the platform is to try.
        expires_at: until when.
    """

    needed: frozenset[str]
    replies: tuple[Reply, ...]
    opens: OpenUrl | None
    texts: tuple[str, ...] = field(repr=False)
    ttl: timedelta | None
    expires_at: datetime | None

    @classmethod
    def of(cls, message: RichMessage) -> Reading:
        """Read *message*."""
        found = tuple(suggestions_in(message))
        return cls(
            needed=frozenset(feature.value for feature in message.features),
            replies=tuple(one for one in found if isinstance(one, Reply)),
            opens=next((one for one in found if isinstance(one, OpenUrl)), None),
            texts=tuple(texts_in(message)),
            ttl=message.ttl,
            expires_at=message.expires_at,
        )


@frozen(kw_only=True)
class RcsStory(Story):
    """The fate of one rich message. ``validity_s`` is what was asked for beside the message."""

    rcs: RcsBehaviour
    reading: Reading
    validity_s: int | None

    @property
    def dice(self) -> Chance:
        """The dice of this message: not those of an SMS with the same reference."""
        return chance(self.seed, f"rcs {self.reference}")

    def key(self, word: str) -> str:
        """Give the key of an event of this message: not that of an SMS with the same reference."""
        return super().key(f"rcs/{word}")

    @property
    def refusal(self) -> FailureClass | None:
        """Why it is refused at once: the number, its handset or the agent; None when it is not."""
        handset = handset_of(self.seed, self.number, self.behaviour, self.rcs)
        if happens(self.dice, "agent error", self.rcs.agent_errors):
            return self.rcs.agent_failure
        if not handset.is_reachable:
            return FailureClass.CHANNEL_UNAVAILABLE
        if not self.reading.needed <= handset.features:
            return FailureClass.CAPABILITY_UNSUPPORTED
        return None

    def ends_at(self, accepted_at: datetime) -> datetime | None:
        """Give when the platform takes it back unless it has arrived; None for never."""
        reading = self.reading
        ends = [accepted_at + timedelta(seconds=self.validity_s)] if self.validity_s is not None else []
        ends += [accepted_at + reading.ttl] if reading.ttl is not None else []
        ends += [reading.expires_at] if reading.expires_at is not None else []
        return max(min(ends), accepted_at) if ends else None

    def over_at(self, accepted_at: datetime, tellings: Iterable[Telling]) -> datetime | None:
        """Give when it has arrived or was taken back, whatever is told of it; None for never."""
        ends_at = self.ends_at(accepted_at)
        over = [one.event.at for one in tellings if one.event.type is EventType.RECEIPT]
        return min([*over, ends_at] if ends_at is not None else over, default=None)

    # ------------------------------------------------------------ what happens

    def events(self, accepted_at: datetime) -> list[Event]:
        """Give everything that happens after acceptance."""
        arrives_at, ends_at = self._arrives_at(accepted_at), self.ends_at(accepted_at)
        if arrives_at is not None and (ends_at is None or arrives_at <= ends_at):
            return self._arrival(arrives_at)
        return [] if ends_at is None else self._end(ends_at, accepted_at)

    def crossing(self, revoked_at: datetime) -> tuple[Telling, ...]:
        """Give what is told of it after it was revoked, when it was on its way to the handset just then."""
        if not happens(self.dice, "late", self.rcs.late):
            return ()
        return self.told(self._arrival(revoked_at + timedelta(seconds=self.rcs.late_s * self.dice("late after"))))

    def _arrives_at(self, accepted_at: datetime) -> datetime | None:
        if happens(self.dice, "offline", self.rcs.offline):
            return None
        return later(accepted_at, self.behaviour.delays.delivered_s, self.dice("ended after"))

    def _arrival(self, at: datetime) -> list[Event]:
        seen_at = later(at, self.rcs.read_s, self.dice("read after"))
        events = [self.receipt(DeliveryStatus.DELIVERED, at)]
        if happens(self.dice, "read", self.rcs.read):
            events.append(self.receipt(DeliveryStatus.READ, seen_at))
        return [*events, *self.clicks(at, seen_at), *self.replies(seen_at)]

    def _end(self, at: datetime, accepted_at: datetime) -> list[Event]:
        how = self.dice("taken back")
        if how < self.rcs.expired_untold:
            return []
        expired = self.receipt(DeliveryStatus.EXPIRED, at, FailureClass.VALIDITY_EXPIRED)
        if how >= self.rcs.expired_untold + self.rcs.expired_and_delivered:
            return [expired]
        apart_s = _CROSSING_S * (2 * self.dice("crossing") - 1)
        return [expired, *self._arrival(max(accepted_at, at + timedelta(seconds=apart_s)))]

    # ------------------------------------------------------------ what people do

    def clicks(self, at: datetime, seen_at: datetime) -> Iterable[Event]:
        """Give the clicks on a short link; of an address behind a button the platform tells the tap as well."""
        yield from super().clicks(at, seen_at)
        button = self.reading.opens
        if button is None or (self.token is not None and self.token not in button.url):
            return
        if (clicked_at := self.clicked_at(seen_at)) is not None:
            yield self.reply("button", clicked_at, button.text, button.postback)

    def replies(self, seen_at: datetime) -> Iterable[Event]:
        """Give what a person writes and taps; of STOP the platform tells too."""
        for event in super().replies(seen_at):
            yield event
            if event.key == self.key("stop"):
                yield self._unsubscribed(event)
        dice, replies = self.dice, self.reading.replies
        if replies and happens(dice, "tapped", self.rcs.tapped):
            tapped = replies[int(dice("tap") * len(replies))]
            tapped_at = later(seen_at, self.behaviour.delays.replied_s, dice("tapped after"))
            yield self.reply("tap", tapped_at, tapped.text, tapped.postback)

    def _unsubscribed(self, stop: Event) -> Event:
        told_at = stop.at + timedelta(seconds=_UNSUBSCRIBED_S * self.dice("unsubscribed after"))
        return evolve(stop, key=self.key("unsubscribe"), type=EventType.OPT_OUT, at=told_at, text=None)
