"""What becomes of one message in the sandbox: a pure function of a seed, its reference and its number.

Nothing else counts, neither the batch nor the order nor what was sent before, so that a run that is
interrupted and resumed plays the same as one that is not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from hashlib import blake2b
from math import log1p
from typing import Final

from attrs import Attribute, field, frozen

from smskit.errors import InvalidInput
from smskit.kinds import DeliveryStatus, EventType, FailureClass
from smskit.records import Event

OPT_OUT_REPLIES: Final = ("STOP", "stop svp", "ARRET", "Stop.", "STOP STOP")
OTHER_REPLIES: Final = ("Merci !", "ok", "C'est qui ?", "Jusqu'à quelle heure ?", "👍")

FAILURES: Final[Mapping[FailureClass, float]] = {
    FailureClass.UNREACHABLE: 5,
    FailureClass.UNKNOWN_SUBSCRIBER: 2,
    FailureClass.VALIDITY_EXPIRED: 2,
    FailureClass.HANDSET_ERROR: 0.5,
    FailureClass.CARRIER_ERROR: 0.5,
}
REFUSALS: Final[Mapping[FailureClass, float]] = {
    FailureClass.INVALID_NUMBER: 2,
    FailureClass.DESTINATION_NOT_ALLOWED: 1,
    FailureClass.SPAM_FILTER: 1,
}

_BOT_DELAY_S = 3.0  # link scanners of operators and of handsets open a link within three seconds
_UNTIDY_DELAY_S = 3600.0


def a_share(_: object, attribute: Attribute[float], value: float) -> None:
    """Refuse what is no share, for a field of attrs."""
    if not 0 <= value <= 1:
        raise InvalidInput(f"{attribute.name}={value!r} is a share and must be from 0 to 1")


def not_negative(_: object, attribute: Attribute[float], value: float) -> None:
    """Refuse less than nothing, for a field of attrs."""
    if value < 0:
        raise InvalidInput(f"{attribute.name}={value!r} must be zero or more seconds")


def _weights(
    _: object, attribute: Attribute[Mapping[FailureClass, float]], value: Mapping[FailureClass, float]
) -> None:
    if not value or min(value.values()) < 0 or not sum(value.values()):
        raise InvalidInput(f"{attribute.name} must give at least one failure class a weight above zero")


@frozen(kw_only=True)
class Delays:
    """How long things take, as the mean in seconds; single delays are drawn from an exponential distribution.

    Args:
        sent_s: from acceptance until the carrier says that the message left.
        delivered_s: from then until the handset has it, or certainly will not.
        expired_s: how long the carrier tries when a handset is off; always that long.
        clicked_s: from delivery until a person opens the link.
        replied_s: from delivery until a person answers.
        heard_every_s: the carrier tells what happened in rounds this far apart; 0 tells each at once.
    """

    sent_s: float = field(default=2.0, validator=not_negative)
    delivered_s: float = field(default=8.0, validator=not_negative)
    expired_s: float = field(default=86_400.0, validator=not_negative)
    clicked_s: float = field(default=1_200.0, validator=not_negative)
    replied_s: float = field(default=600.0, validator=not_negative)
    heard_every_s: float = field(default=60.0, validator=not_negative)


@frozen(kw_only=True)
class Behaviour:
    """How carriers and people behave: shares from 0 to 1, weights of failure classes, delays.

    Args:
        refused: of all messages, refused at once.
        postponed: of all messages, put off once (throttling) and accepted when offered again.
        unanswered: of all messages, taken without an answer: they are in doubt until the sandbox is asked.
        delivered: of the accepted ones. Permanent failures belong to a number, at which nothing ever arrives.
        clicked: of the delivered ones with a link, opened by a person.
        scanned: of the delivered ones with a link, opened by a machine within 3 s.
        stopped: of the delivered ones, answered with STOP in one of its spellings.
        replied: of the delivered ones, answered with something else.
        failures: weights of the classes of what is not delivered.
        refusals: weights of the classes of what is refused.
        delays: how long it all takes.
        untidy: whether events come twice, late and in the wrong order, clicks and replies without reference.
    """

    refused: float = field(validator=a_share)
    postponed: float = field(validator=a_share)
    unanswered: float = field(validator=a_share)
    delivered: float = field(validator=a_share)
    clicked: float = field(validator=a_share)
    scanned: float = field(validator=a_share)
    stopped: float = field(validator=a_share)
    replied: float = field(validator=a_share)
    failures: Mapping[FailureClass, float] = field(validator=_weights)
    refusals: Mapping[FailureClass, float] = field(validator=_weights)
    delays: Delays
    untidy: bool

    @property
    def dead(self) -> float:
        """The share of numbers at which no message ever arrives."""
        permanent = sum(weight for failure, weight in self.failures.items() if failure.is_permanent)
        return (1 - self.delivered) * permanent / sum(self.failures.values())


Chance = Callable[[str], float]
"""Gives a number in [0, 1) for a word; the same word of the same message always gives the same number."""


def chance(seed: int, whose: str) -> Chance:
    """Give the dice of one message (by its reference) or of one person (by the number)."""
    key = f"{seed}\0{whose}\0".encode()

    def draw(word: str) -> float:
        digest = blake2b(key + word.encode(), digest_size=7).digest()
        # 53 bits: what a float holds exactly, so that 1.0 is never reached.
        return (int.from_bytes(digest, "big") >> 3) / (1 << 53)

    return draw


def person_dice(seed: int, number: int) -> Chance:
    """Give the dice of one person."""
    return chance(seed, f"+{number}")


def is_dead(seed: int, number: int, behaviour: Behaviour) -> bool:
    """Tell whether nothing ever arrives at *number*."""
    return happens(person_dice(seed, number), "dead", behaviour.dead)


@frozen
class Telling:
    """An event, and when the carrier tells of it."""

    heard_at: datetime
    event: Event


@frozen(kw_only=True)
class Story:
    """The fate of one message: an answer at submission, and what happens later."""

    seed: int
    reference: str
    number: int = field(repr=False)
    token: str | None
    behaviour: Behaviour

    @property
    def dice(self) -> Chance:
        """The dice of this message."""
        return chance(self.seed, self.reference)

    @property
    def refusal(self) -> FailureClass | None:
        """Why it is refused at once; None when it is not."""
        dice = self.dice
        if not happens(dice, "refused", self.behaviour.refused):
            return None
        return _pick(self.behaviour.refusals, dice("refusal"))

    @property
    def is_postponed(self) -> bool:
        """Whether it is put off when it is offered for the first time."""
        return happens(self.dice, "postponed", self.behaviour.postponed)

    @property
    def is_unanswered(self) -> bool:
        """Whether it is taken without an answer."""
        return happens(self.dice, "unanswered", self.behaviour.unanswered)

    def tellings(self, accepted_at: datetime) -> tuple[Telling, ...]:
        """Give everything that happens after acceptance, in the order in which the carrier tells it."""
        return self.told(self.events(accepted_at))

    def told(self, events: Iterable[Event]) -> tuple[Telling, ...]:
        """Say when the carrier tells of each of *events*."""
        tell = self._untidily if self.behaviour.untidy else _at_once
        return tuple(sorted(tell(events, self.dice), key=lambda telling: telling.heard_at))

    # ------------------------------------------------------------ what happens

    def events(self, accepted_at: datetime) -> list[Event]:
        """Give everything that happens after acceptance."""
        dice = self.dice
        delays = self.behaviour.delays
        sent_at = later(accepted_at, delays.sent_s, dice("sent after"))
        failure = self._failure(dice)
        if failure is FailureClass.VALIDITY_EXPIRED:
            ended_at = sent_at + timedelta(seconds=delays.expired_s)
        else:
            ended_at = later(sent_at, delays.delivered_s, dice("ended after"))
        sent = self.receipt(DeliveryStatus.SENT, sent_at)
        events = [sent, self.receipt(_status_of(failure), ended_at, failure)]
        if failure is None:
            events += self.clicks(ended_at, ended_at)
            events += self.replies(ended_at)
        return events

    def _failure(self, dice: Chance) -> FailureClass | None:
        behaviour = self.behaviour
        dead = behaviour.dead
        if is_dead(self.seed, self.number, behaviour):
            person = person_dice(self.seed, self.number)
            return _pick({f: w for f, w in behaviour.failures.items() if f.is_permanent}, person("failure"))
        # Of the living, as many fail as are missing to the share that was asked for.
        passing = {f: w for f, w in behaviour.failures.items() if not f.is_permanent}
        if not passing or dice("delivered") * (1 - dead) < behaviour.delivered:
            return None
        return _pick(passing, dice("failure"))

    def clicks(self, at: datetime, seen_at: datetime) -> Iterable[Event]:
        """Give the clicks of machines after it arrived *at*, and of people after they saw it."""
        if self.token is None:
            return
        dice = self.dice
        if happens(dice, "scanned", self.behaviour.scanned):
            yield self._click("scan", at + timedelta(seconds=_BOT_DELAY_S * dice("scanned after")))
        if (clicked_at := self.clicked_at(seen_at)) is not None:
            yield self._click("click", clicked_at)

    def clicked_at(self, seen_at: datetime) -> datetime | None:
        """Give when a person opens the link who saw it then; None for never."""
        dice = self.dice
        if not happens(dice, "clicked", self.behaviour.clicked):
            return None
        # A person needs longer than a machine to take the phone out.
        awake = seen_at + timedelta(seconds=_BOT_DELAY_S + 1)
        return later(awake, self.behaviour.delays.clicked_s, dice("clicked after"))

    def replies(self, seen_at: datetime) -> Iterable[Event]:
        """Give what a person answers who saw it then."""
        dice = self.dice
        replies = (
            ("stop", self.behaviour.stopped, OPT_OUT_REPLIES),
            ("reply", self.behaviour.replied, OTHER_REPLIES),
        )
        for word, share, texts in replies:
            if happens(dice, word, share):
                replied_at = later(seen_at, self.behaviour.delays.replied_s, dice(f"{word} after"))
                yield self.reply(word, replied_at, texts[int(dice(f"{word} text") * len(texts))])

    # ------------------------------------------------------------ how it is told

    def key(self, word: str) -> str:
        """Give the key of an event of this message."""
        return f"{self.reference}/{word}"

    @property
    def known(self) -> str | None:
        """The reference, as clicks and answers tell it."""
        return None if self.behaviour.untidy else self.reference

    def receipt(self, status: DeliveryStatus, at: datetime, failure: FailureClass | None = None) -> Event:
        """Give what the carrier says of the message."""
        key = self.key(status.value)
        return Event(key, EventType.RECEIPT, at, self.number, self.reference, status, failure)

    def _click(self, word: str, at: datetime) -> Event:
        return Event(self.key(word), EventType.CLICK, at, None, self.known, token=self.token)

    def reply(self, word: str, at: datetime, text: str, postback: str | None = None) -> Event:
        """Give what a person writes, or says by tapping."""
        return Event(self.key(word), EventType.REPLY, at, self.number, self.known, text=text, postback=postback)

    def _untidily(self, events: Iterable[Event], dice: Chance) -> Iterable[Telling]:
        for event in events:
            is_late = happens(dice, f"{event.key} is late", 0.2)
            late_s = _UNTIDY_DELAY_S * dice(f"{event.key} late") if is_late else 0.0
            yield Telling(event.at + timedelta(seconds=late_s), event)
            if happens(dice, f"{event.key} is repeated", 0.2):
                again_s = _UNTIDY_DELAY_S * dice(f"{event.key} again")
                yield Telling(event.at + timedelta(seconds=again_s), event)


def _at_once(events: Iterable[Event], _: Chance) -> Iterable[Telling]:
    return (Telling(event.at, event) for event in events)


def happens(dice: Chance, word: str, share: float) -> bool:
    """Throw the dice for something that happens in *share* of all cases."""
    return share > 0 and dice(word) < share


def _status_of(failure: FailureClass | None) -> DeliveryStatus:
    if failure is None:
        return DeliveryStatus.DELIVERED
    expired = failure is FailureClass.VALIDITY_EXPIRED
    return DeliveryStatus.EXPIRED if expired else DeliveryStatus.UNDELIVERED


def later(at: datetime, mean_s: float, draw: float) -> datetime:
    """Give an instant after *at*, as far away as *draw* says where the mean is *mean_s*."""
    return at + timedelta(seconds=-mean_s * log1p(-draw))


def _pick(weights: Mapping[FailureClass, float], draw: float) -> FailureClass:
    left = draw * sum(weights.values())
    for failure, weight in weights.items():
        left -= weight
        if left < 0:
            return failure
    return next(reversed(list(weights)))
