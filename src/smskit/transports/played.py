"""What a transport that plays does over any channel: it takes messages, answers, remembers and tells.

Each channel has its own outbox, outages and events; seed, clock and people are those of the whole sandbox.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import ClassVar, Generic, Protocol, TypeVar

from smskit.clock import SystemClock, VirtualClock
from smskit.display import Facts, Shown, View
from smskit.errors import InvalidInput, InvalidNumber, NaiveDatetime, TransportError
from smskit.kinds import DeliveryStatus, EventType, FailureClass
from smskit.phone.mask import mask
from smskit.protocols import Features, Flow
from smskit.records import Accepted, Event, Outcome, Outgoing, Postponed, Refused, Unanswered
from smskit.transports.rounds import Place, Rounds
from smskit.transports.story import Story, Telling

_POSTPONED_S = 2.0
_ANSWERS = (EventType.REPLY, EventType.OPT_OUT)


def hidden(text: str) -> str:
    """Give what stands for a text in a ``repr``: how long it is."""
    return f"<{len(text)} characters>"


class Stage:
    """What the channels of one sandbox share: the seed, the clock, and who answers over which of them."""

    def __init__(self, seed: int, starts_at: datetime | None) -> None:
        self.seed = seed
        self.clock = VirtualClock(starts_at or SystemClock().now())
        self.has_started = starts_at is not None
        self._answering: dict[int, set[tuple[str, str]]] = {}

    def start(self, at: datetime) -> None:
        """Set the clock to *at*; one that has started is only ever moved forward."""
        if at.tzinfo is None:
            raise NaiveDatetime("at", at)
        ahead_s = (at - self.clock.now()).total_seconds()
        if ahead_s > 0 or not self.has_started:
            self.clock.advance(ahead_s)
        self.has_started = True

    def may_answer(self, number: int, channel: str, reference: str) -> bool:
        """Let a person answer *reference*, unless they answer over another channel already."""
        answering = self._answering.setdefault(number, set())
        if any(other != channel for other, _ in answering):
            return False
        answering.add((channel, reference))
        return True

    def takes_back_answer(self, number: int, channel: str, reference: str) -> None:
        """Forget that a person would have answered *reference*, which they never got."""
        self._answering.get(number, set()).discard((channel, reference))


class Kept(Protocol):
    """A message that was taken, as it is read back."""

    @property
    def number(self) -> int:
        """Whom it was to."""
        ...

    @property
    def text(self) -> str:
        """What the handset shows."""
        ...


Sent = TypeVar("Sent", bound=Kept)


class Played(Shown, Generic[Sent]):
    """One channel of a sandbox: ``Transport``, ``Asks`` and ``Polls``; children say what becomes of a message."""

    name: ClassVar[str]

    def __init__(self, stage: Stage, features: Features, *, heard_every_s: float, keep: bool) -> None:
        self.features = features
        self._stage = stage
        self._outbox: list[Sent] | None = [] if keep else None
        self._settled: dict[str, FailureClass | None] = {}
        self._postponed: set[str] = set()
        self._duplicates: list[str] = []
        self._rounds = Rounds(timedelta(seconds=heard_every_s))
        self._taken = self._received = 0
        self._lost_answers = 0
        self._outages: list[float | None] = []

    @property
    def seed(self) -> int:
        """What decides over the fates."""
        return self._stage.seed

    @property
    def clock(self) -> VirtualClock:
        """The clock of the whole sandbox."""
        return self._stage.clock

    def __repr__(self) -> str:
        return f"{type(self).__name__}(seed={self.seed}, taken={self.taken})"

    def view(self) -> View:
        """Give how many messages it took and when it is."""
        answers = (
            ("messages taken", self.taken),
            ("offered twice", len(self._duplicates)),
            ("events to come", len(self._rounds)),
        )
        return View(f"{self.name} · seed {self.seed} · {self.clock.now():%Y-%m-%d %H:%M} UTC", Facts(*answers))

    def start(self, at: datetime, /) -> None:
        """Set the clock to *at*; a clock that has started is only ever moved forward.

        Raises:
            NaiveDatetime: *at* has no zone.
        """
        self._stage.start(at)

    # ------------------------------------------------------------ what a channel says of its own

    @abstractmethod
    def _check(self, message: Outgoing) -> None:
        """Raise what makes *message* one that this channel cannot carry."""

    @abstractmethod
    def _story(self, message: Outgoing) -> Story:
        """Give what becomes of *message*."""

    @abstractmethod
    def _kept(self, message: Outgoing, now: datetime) -> Sent:
        """Give *message* as it is read back."""

    # ------------------------------------------------------------ transport

    def submit(self, messages: Sequence[Outgoing], /) -> Flow[tuple[Outcome, ...]]:
        """Take messages, refuse some and put some off, as their stories say.

        Raises:
            InvalidInput: more messages at once than ``features.largest_batch``.
            UnsupportedFeature: a message of the other channel.
            TransportError: when driven, after :meth:`go_down` or :meth:`lose_answers`.
        """
        if len(messages) > self.features.largest_batch:
            limit = self.features.largest_batch
            raise InvalidInput(f"{self.name} takes at most {limit} messages at once, not {len(messages)}")
        for message in messages:
            self._check(message)
        return self._submit(tuple(messages))

    def _submit(self, messages: Sequence[Outgoing]) -> Flow[tuple[Outcome, ...]]:
        yield from ()
        self._stage.has_started = True
        if self._outages:
            again_s = self._outages.pop(0)
            raise TransportError(self.name, "no connection", retryable=True, retry_after_s=again_s)
        outcomes = tuple(map(self._take, messages))
        if self._lost_answers:
            self._lost_answers -= 1
            raise TransportError(self.name, "the request left and no answer came", retryable=False)
        return outcomes

    def ask(self, messages: Sequence[Outgoing], /) -> Flow[Mapping[str, Outcome]]:
        """Tell what became of each message that was taken or refused; the others are missing."""
        yield from ()
        references = (message.reference for message in messages)
        return {reference: self._answer(reference) for reference in references if reference in self._settled}

    def poll(self) -> Flow[tuple[Event, ...]]:
        """Give what happened and was told since the last call, up to where the clock stands."""
        yield from ()
        return self._rounds.take(self.clock.now())

    def pending_s(self) -> float | None:
        """Seconds until the next event is told, None when none is to come."""
        return self._rounds.pending_s(self.clock.now())

    # ------------------------------------------------------------ one message

    def _take(self, message: Outgoing) -> Outcome:
        reference = message.reference
        if reference in self._settled:
            self._duplicates.append(reference)
            return self._answer(reference)
        story = self._story(message)
        if story.is_postponed and reference not in self._postponed:
            self._postponed.add(reference)
            return Postponed(reference, FailureClass.THROTTLED, _POSTPONED_S)
        self._settled[reference] = story.refusal
        if self._settled[reference] is None:
            self._deliver(message, story)
            if story.is_unanswered:
                return Unanswered(reference)
        return self._answer(reference)

    def _answer(self, reference: str) -> Outcome:
        failure = self._settled[reference]
        if failure is None:
            return Accepted(reference, f"{self.name}-{reference}")
        return Refused(reference, failure, f"{self.name}:{failure.value}")

    def _deliver(self, message: Outgoing, story: Story) -> None:
        now = self.clock.now()
        self._taken += 1
        if self._outbox is not None:
            self._outbox.append(self._kept(message, now))
        self._follow(story, now)

    def _follow(self, story: Story, now: datetime) -> None:
        """Put on its way all that will be told of a message that was just taken."""
        self._tell(story, story.tellings(now))

    def _tell(self, story: Story, tellings: Iterable[Telling], *, at_once: DeliveryStatus | None = None) -> list[Place]:
        """Put on their way what the carrier tells of a message; a person answers over one channel only.

        What it says of the status *at_once* waits for no round.
        """
        told = list(tellings)
        answers = any(one.event.type in _ANSWERS for one in told)
        if answers and not self._stage.may_answer(story.number, self.name, story.reference):
            told = [one for one in told if one.event.type not in _ANSWERS]
        return [
            self._rounds.add(one.heard_at, one.event, at_once=at_once is not None and one.event.status is at_once)
            for one in told
        ]

    # ------------------------------------------------------------ for tests: what was sent

    @property
    def taken(self) -> int:
        """How many messages were accepted; a reference that was offered twice counts once."""
        return self._taken

    @property
    def duplicates(self) -> tuple[str, ...]:
        """The references that were offered again after they were answered; the handset got them once."""
        return tuple(self._duplicates)

    @property
    def outbox(self) -> tuple[Sent, ...]:
        """Every message that was taken, oldest first.

        Raises:
            InvalidInput: the sandbox was made with ``keep=False``.
        """
        if self._outbox is None:
            raise InvalidInput("this sandbox keeps no messages; make it with keep=True to read them back")
        return tuple(self._outbox)

    def sent_to(self, number: int | str, /) -> tuple[Sent, ...]:
        """Give the messages to one number, ``"+33612345678"`` or ``33612345678``, oldest first.

        Raises:
            InvalidNumber: a text that is not a number with its country code.
        """
        digits = _digits(number)
        return tuple(message for message in self.outbox if message.number == digits)

    def assert_sent(self, number: int | str, /, *, containing: str = "") -> Sent:
        """Give the last message to *number* with *containing* in its text; fail the test if there is none."""
        sent = self.sent_to(number)
        fitting = [message for message in sent if containing in message.text]
        if not fitting:
            masked, others = mask(_digits(number)), len(self.outbox) - len(sent)
            what = f"messages to {masked}: {len(sent)}, and none contains {containing!r}" if sent else ""
            raise AssertionError(what or f"nothing was sent to {masked}; messages to others: {others}")
        return fitting[-1]

    def assert_nothing_sent_to(self, number: int | str, /) -> None:
        """Fail the test when *number* was sent anything."""
        if sent := self.sent_to(number):
            raise AssertionError(f"messages were sent to {mask(_digits(number))}: {len(sent)}")

    # ------------------------------------------------------------ for tests: what goes wrong, who writes

    def receive(self, number: int | str, text: str, /) -> None:
        """Let *number* write *text*; the next poll tells it as a reply, whatever it may mean.

        Raises:
            InvalidNumber: a text that is not a number with its country code.
        """
        self._received += 1
        now = self.clock.now()
        event = Event(f"{self.name}/received-{self._received}", EventType.REPLY, now, _digits(number), text=text)
        self._rounds.add(now, event, at_once=True)

    def go_down(self, batches: int = 1, *, retry_after_s: float | None = None) -> None:
        """Make the next submissions fail before anything is taken: an error that may be retried."""
        self._outages += [retry_after_s] * batches

    def lose_answers(self, batches: int = 1) -> None:
        """Take the next submissions and never answer them: an error that must not be retried, and doubt."""
        self._lost_answers += batches


def _digits(number: int | str) -> int:
    if isinstance(number, int):
        return number
    digits = number.strip().removeprefix("+").replace(" ", "")
    if not number.strip().startswith("+") or not (digits.isascii() and digits.isdigit()):
        raise InvalidNumber(mask(number), "write it with its country code, such as +33612345678")
    return int(digits)
