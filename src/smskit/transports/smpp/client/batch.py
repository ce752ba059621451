"""One submission on its way: its messages, their parts, and what became of each.

Parts that a centre took cannot be had back, so a message of several parts has an outcome of its own kind: once one of
them was taken the message is never offered again, whatever became of the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from typing import TYPE_CHECKING, Protocol

from smskit.kinds import FailureClass
from smskit.records import Accepted, Outcome, Outgoing, Postponed, Refused, Unanswered
from smskit.transports.smpp.events import Answered
from smskit.transports.smpp.events import Unanswered as NotAnswered
from smskit.transports.smpp.pdus import SubmitSm

if TYPE_CHECKING:
    from smskit.transports.smpp.client.connection import Wire


class Judge(Protocol):
    """Whoever decides what the end of a request means for its part."""

    def judge(self, part: Part, event: Answered | NotAnswered, /) -> None:
        """Decide it."""
        ...


class Part:
    """One PDU of a message, and how often it was tried. It is the context of its requests."""

    __slots__ = ("doubts", "last", "message", "number", "pdu", "seen", "tries", "wire")

    def __init__(self, message: Message, number: int, pdu: SubmitSm) -> None:
        self.message = message
        self.number = number
        self.pdu = pdu
        self.tries = 0
        self.doubts = 0
        self.last: Postponed | None = None
        self.seen = 0
        self.wire: Wire | None = None

    def settled(self, event: Answered | NotAnswered, /) -> None:
        """Hear the end of the request."""
        self.message.batch.judge.judge(self, event)


class Message:
    """One message of a batch.

    ``taken`` holds the centre's id of each part that it took, empty for one that it did not name; ``bad`` is why
    another will not be taken, ``in_doubt`` how many nobody knows of.
    """

    __slots__ = ("bad", "batch", "in_doubt", "is_told", "open", "outgoing", "taken", "total")

    def __init__(self, batch: Batch, outgoing: Outgoing, total: int) -> None:
        self.batch = batch
        self.outgoing = outgoing
        self.total = self.open = total
        self.taken: dict[int, str] = {}
        self.bad: Refused | Postponed | None = None
        self.in_doubt = 0
        self.is_told = False

    def outcome(self) -> Outcome:
        """Say what became of it, with what is known now."""
        reference = self.outgoing.reference
        if len(self.taken) == self.total:
            first = self.taken[1]
            return Accepted(reference, first or None, None if self.batch.is_cut_there else self.total)
        if self.in_doubt:
            return Unanswered(reference)
        if self.bad is None:
            return Unanswered(reference)
        if not self.taken:
            return self.bad
        # Never again, though nobody can read it: a failure of the account would have the whole offered once more.
        failure = FailureClass.CARRIER_ERROR if self.bad.failure.is_of_account else self.bad.failure
        code = f"{len(self.taken)} of {self.total} parts taken, then {self.bad.code or failure.value}"
        return Refused(reference, failure, code)


class Batch:
    """The messages of one submission. ``done`` ends when each of them has its outcome.

    Args:
        composed: the messages with their PDUs.
        is_cut_there: whether the centre cuts long texts, so that nobody here knows how many parts it bills.
        now: the time.
        judge: decides about the answers.
    """

    def __init__(
        self, composed: Sequence[tuple[Outgoing, tuple[SubmitSm, ...]]], *, is_cut_there: bool, now: float, judge: Judge
    ) -> None:
        self.judge = judge
        self.is_cut_there = is_cut_there
        self.began_at = self.progress_at = now
        self.outcomes: list[Outcome] = []
        self.done: Future[None] = Future()
        self.is_given_up = False
        self.messages = [Message(self, outgoing, len(pdus)) for outgoing, pdus in composed]
        self.parts = [
            Part(message, number, pdu)
            for message, (_, pdus) in zip(self.messages, composed, strict=True)
            for number, pdu in enumerate(pdus, 1)
        ]
        self.untried = len(self.parts)

    @property
    def is_over(self) -> bool:
        """Whether all messages have their outcome."""
        return len(self.outcomes) == len(self.messages)

    def part_done(self, message: Message) -> bool:
        """Count a part whose end is known; true when it was the last of the last message."""
        message.open -= 1
        if message.open:
            return False
        message.is_told = True
        self.outcomes.append(message.outcome())
        return self.is_over
