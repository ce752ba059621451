"""The transport that needs no account: it plays carriers and handsets, and shows what would have been sent.

It has a clock of its own, so that two days of receipts, clicks and replies pass in a moment; and it is
seeded, so that the same messages have the same fate each time.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from attrs import field, frozen

from smskit.clock import SystemClock, VirtualClock
from smskit.display import Bubble, Facts, Phone, Shown, View
from smskit.errors import InvalidInput, InvalidNumber, NaiveDatetime, TransportError
from smskit.kinds import EventType, FailureClass, Kind
from smskit.phone.mask import mask
from smskit.protocols import Features, Flow, StopForm
from smskit.records import Accepted, Event, Outcome, Outgoing, Postponed, Refused, Unanswered
from smskit.transports.rounds import Rounds
from smskit.transports.story import FAILURES, REFUSALS, Behaviour, Delays, Story

SANDBOX_FEATURES = Features(
    largest_batch=100,
    idempotent=True,
    can_be_asked=True,
    live=False,
    stop={"*": StopForm("STOP au 36180")},
    validity_s=(1, 7 * 86_400),
)

_SHORT_LINK = re.compile(r"https?://\S+/([0-9A-Za-z]{7})\b")
_POSTPONED_S = 2.0


def token_in(text: str, /) -> str | None:
    """Give the token of the first short link in *text*: ``https://host/`` and seven letters or digits."""
    found = _SHORT_LINK.search(text)
    return found.group(1) if found else None


def _hide(text: str) -> str:
    return f"<{len(text)} characters>"


@frozen
class SentMessage(Shown):
    """One message as the handset shows it; ``print`` shows its text, its ``repr`` does not."""

    number: int = field(repr=mask)
    text: str = field(repr=_hide)
    sender: str
    parts: int
    reference: str
    at: datetime
    kind: Kind

    def view(self) -> View:
        """Give the handset."""
        parts = f"{self.parts} part" if self.parts == 1 else f"{self.parts} parts"
        bubble = Bubble([self.text], note=f"{parts} · {self.at:%Y-%m-%d %H:%M} UTC")
        return View(f"to {mask(self.number)}", Phone(self.sender, bubble))


class Sandbox(Shown):
    """A transport that plays: implements ``Transport``, ``Asks`` and ``Polls``, and needs no sender.

    The fate of a message follows from the seed, its reference and its number alone, never from batches or
    order. A sandbox serves one thread at a time.

    Args:
        seed: another seed, other fates.
        starts_at: where its clock stands at first; None waits for :meth:`start`, which a run calls with the
            time of its plan, and shows the machine's time until then.
        refused: share of messages that are refused at once.
        postponed: share of messages that are put off once, and taken when they are offered again.
        unanswered: share of messages that are taken without an answer: in doubt until :meth:`ask` is asked.
        delivered: share of the accepted messages that arrive.
        clicked: share of the delivered messages with a short link in which a person opens it.
        scanned: the same for machines, which open it within 3 seconds.
        stopped: share of the delivered messages that are answered with STOP, in one of its spellings.
        replied: share of the delivered messages that are answered with something else.
        failures: weights of the classes of what does not arrive; a number that does not exist never does.
        refusals: weights of the classes of what is refused at once.
        delays: how long things take, and how often the carrier tells of them.
        untidy: events come twice, late and in the wrong order, clicks and replies without the reference, as
            they do in life.
        links: finds the token of the short link in a text; by default a URL that ends in 7 letters or digits.
        keep: whether messages can be read back; False forgets the texts of a campaign of millions.
        features: what it pretends to be able to do.

    Raises:
        InvalidInput: a share outside 0 to 1, weights that are all zero, a negative delay.
        NaiveDatetime: *starts_at* has no zone.
    """

    name = "sandbox"

    def __init__(
        self,
        seed: int = 0,
        *,
        starts_at: datetime | None = None,
        refused: float = 0.0,
        postponed: float = 0.0,
        unanswered: float = 0.0,
        delivered: float = 0.96,
        clicked: float = 0.08,
        scanned: float = 0.02,
        stopped: float = 0.008,
        replied: float = 0.01,
        failures: Mapping[FailureClass, float] = FAILURES,
        refusals: Mapping[FailureClass, float] = REFUSALS,
        delays: Delays | None = None,
        untidy: bool = False,
        links: Callable[[str], str | None] = token_in,
        keep: bool = True,
        features: Features = SANDBOX_FEATURES,
    ) -> None:
        self.features = features
        self.seed = seed
        self.behaviour = Behaviour(
            refused=refused, postponed=postponed, unanswered=unanswered, delivered=delivered, clicked=clicked,
            scanned=scanned, stopped=stopped, replied=replied, failures=failures, refusals=refusals,
            delays=delays or Delays(), untidy=untidy,
        )  # fmt: skip
        self.clock = VirtualClock(starts_at or SystemClock().now())
        self._started = starts_at is not None
        self._links = links
        self._outbox: list[SentMessage] | None = [] if keep else None
        self._settled: dict[str, FailureClass | None] = {}
        self._postponed: set[str] = set()
        self._duplicates: list[str] = []
        self._rounds = Rounds(timedelta(seconds=self.behaviour.delays.heard_every_s))
        self._taken = self._received = 0
        self._lost_answers = 0
        self._outages: list[float | None] = []

    @classmethod
    def quiet(cls, seed: int = 0, *, starts_at: datetime | None = None, keep: bool = True) -> Sandbox:
        """Give one in which everything arrives and nobody clicks or answers: for tests that look at texts."""
        return cls(seed, starts_at=starts_at, keep=keep, delivered=1, clicked=0, scanned=0, stopped=0, replied=0)

    def __repr__(self) -> str:
        return f"Sandbox(seed={self.seed}, taken={self.taken})"

    def view(self) -> View:
        """Give how many messages it took and when it is."""
        answers = (
            ("messages taken", self.taken),
            ("offered twice", len(self._duplicates)),
            ("events to come", len(self._rounds)),
        )
        return View(f"sandbox · seed {self.seed} · {self.clock.now():%Y-%m-%d %H:%M} UTC", Facts(*answers))

    # ------------------------------------------------------------ time

    def start(self, at: datetime, /) -> None:
        """Set the clock to *at*; a clock that has started is only ever moved forward.

        Raises:
            NaiveDatetime: *at* has no zone.
        """
        if at.tzinfo is None:
            raise NaiveDatetime("at", at)
        ahead_s = (at - self.clock.now()).total_seconds()
        if ahead_s > 0 or not self._started:
            self.clock.advance(ahead_s)
        self._started = True

    # ------------------------------------------------------------ transport

    def submit(self, messages: Sequence[Outgoing], /) -> Flow[tuple[Outcome, ...]]:
        """Take messages, refuse some and put some off, as their stories say.

        Raises:
            InvalidInput: more messages at once than ``features.largest_batch``.
            TransportError: when driven, after :meth:`go_down` or :meth:`lose_answers`.
        """
        if len(messages) > self.features.largest_batch:
            limit = self.features.largest_batch
            raise InvalidInput(f"{self.name} takes at most {limit} messages at once, not {len(messages)}")
        return self._submit(tuple(messages))

    def _submit(self, messages: Sequence[Outgoing]) -> Flow[tuple[Outcome, ...]]:
        yield from ()
        self._started = True
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
        story = Story(
            seed=self.seed,
            reference=reference,
            number=message.number,
            token=self._links(message.text),
            behaviour=self.behaviour,
        )
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
            self._outbox.append(
                SentMessage(
                    number=message.number,
                    text=message.text,
                    sender=message.sender,
                    parts=message.parts,
                    reference=message.reference,
                    at=now,
                    kind=message.kind,
                )
            )
        for telling in story.tellings(now):
            self._rounds.add(telling.heard_at, telling.event)

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
    def outbox(self) -> tuple[SentMessage, ...]:
        """Every message that was taken, oldest first.

        Raises:
            InvalidInput: the sandbox was made with ``keep=False``.
        """
        if self._outbox is None:
            raise InvalidInput("this sandbox keeps no messages; make it with keep=True to read them back")
        return tuple(self._outbox)

    def sent_to(self, number: int | str, /) -> tuple[SentMessage, ...]:
        """Give the messages to one number, ``"+33612345678"`` or ``33612345678``, oldest first.

        Raises:
            InvalidNumber: a text that is not a number with its country code.
        """
        digits = _digits(number)
        return tuple(message for message in self.outbox if message.number == digits)

    def assert_sent(self, number: int | str, /, *, containing: str = "") -> SentMessage:
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
        event = Event(f"sandbox/received-{self._received}", EventType.REPLY, now, _digits(number), text=text)
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
