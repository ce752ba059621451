"""Messages that did not arrive and will not by themselves: why, and what to do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from attrs import field, frozen

from smskit.display import Facts, Line, Shown, View
from smskit.exports import Target, write_csv, write_jsonl
from smskit.kinds import DeliveryStatus, FailureClass, Reason, Retry, SendState
from smskit.phone.mask import mask
from smskit.records import Send

EXPORTED: Final = (
    "seq", "row", "number", "state", "reason", "failure", "status", "code", "retry", "what_to_do", "attempts", "parts",
    "provider_id", "reference",
)  # fmt: skip

_WORDS: Final[Mapping[Retry, str]] = {
    Retry.SAFE: "the carrier did not take it: plan the campaign again: it goes to those left out",
    Retry.AMBIGUOUS: "it may have arrived: call run.resolve(), and do not send it again before",
    Retry.LATER: "the network or the handset, for now: a new campaign may reach it later",
    Retry.AFTER_FIX: "mend the account, sender or text, then plan the campaign again: it goes to those left out",
    Retry.NEVER: "do not send it again",
}

_OF_NUMBER: Final = "the number does not exist: suppress it, store.suppress(run.hard_failures())"
_OBJECTED: Final = "the recipient objected: never again, unless a new consent comes"

_REASONS: Final[Mapping[Reason, tuple[Retry, str]]] = {
    Reason.OPTED_OUT: (Retry.NEVER, _OBJECTED),
    Reason.SUPPRESSED: (Retry.NEVER, "the number is on your suppression list"),
    Reason.ALREADY_SENT: (Retry.NEVER, "another run of the campaign has it"),
    Reason.FREQUENCY_CAP: (Retry.LATER, "it had enough messages for now: plan it for later"),
    Reason.QUIET_HOURS: (Retry.LATER, "the hours were closed: plan it for a time when they are open"),
    Reason.BUDGET: (Retry.AFTER_FIX, "the budget was used up: raise it, then plan again"),
    Reason.EXPIRED: (Retry.LATER, "it waited longer than it was valid: plan it again if it still matters"),
}


@frozen
class DeadLetter:
    """One message that did not arrive and will not by itself.

    Args:
        seq: place in the run.
        row: row of the contacts file.
        number: E.164 digits; 0 for a person who was forgotten.
        reference: what the carrier knows it by.
        state: REJECTED, CANCELLED at sending, SUBMITTING for one in doubt, ACCEPTED where a receipt tells a failure.
        reason: why the last look before sending stopped it.
        failure: why the carrier refused or did not deliver it.
        status: what the receipt says.
        code: the carrier's own words.
        retry: what may be done with it.
        what_to_do: the same in a sentence.
        attempts: how often it was handed over.
        parts: what it was planned to be billed.
        provider_id: the carrier's own name of it.
    """

    seq: int
    row: int
    number: int = field(repr=mask)
    reference: str
    state: SendState
    reason: Reason | None
    failure: FailureClass | None
    status: DeliveryStatus | None
    code: str
    retry: Retry
    what_to_do: str
    attempts: int
    parts: int
    provider_id: str | None

    @property
    def cause(self) -> str:
        """The reason or failure in a word, ``in_doubt`` where there is none."""
        if self.state is SendState.SUBMITTING:
            return "in_doubt"
        for told in (self.reason, self.failure, self.status):
            if told is not None:
                return str(told.value)
        return str(self.state.value)


class DeadLetters(Shown):
    """The dead letters of one run, read from the store each time that they are looked at.

    Iterate over them; ``print`` counts them by cause.
    """

    def __init__(self, name: str, sends: Callable[[], Iterator[Send]]) -> None:
        self._name = name
        self._sends = sends

    def __repr__(self) -> str:
        return f"DeadLetters({self._name!r})"

    def __iter__(self) -> Iterator[DeadLetter]:
        for send in self._sends():
            letter = dead_letter_of(send)
            if letter is not None:
                yield letter

    def to_csv(self, target: Target, *, show_numbers: bool = False) -> None:
        """Write one line for each: place, number, state, reason, failure, the carrier's code, what to do.

        Args:
            target: a path or an open text file.
            show_numbers: write whole numbers; they are masked otherwise.
        """
        write_csv(target, EXPORTED, self._exported(show_numbers=show_numbers))

    def to_jsonl(self, target: Target, *, show_numbers: bool = False) -> None:
        """Write what :meth:`to_csv` writes as one JSON object a line."""
        write_jsonl(target, self._exported(show_numbers=show_numbers))

    def _exported(self, *, show_numbers: bool) -> Iterator[dict[str, object]]:
        for letter in self:
            number = f"+{letter.number}" if show_numbers else mask(letter.number)
            yield {
                "seq": letter.seq, "row": letter.row, "number": number, "state": letter.state.value,
                "reason": letter.reason and letter.reason.value, "failure": letter.failure and letter.failure.value,
                "status": letter.status and letter.status.value, "code": letter.code, "retry": letter.retry.value,
                "what_to_do": letter.what_to_do, "attempts": letter.attempts, "parts": letter.parts,
                "provider_id": letter.provider_id, "reference": letter.reference,
            }  # fmt: skip

    def view(self) -> View:
        """Give how many there are, by cause, and what to do about each."""
        causes: Counter[str] = Counter()
        words: dict[str, str] = {}
        for letter in self:
            causes[letter.cause] += 1
            words[letter.cause] = letter.what_to_do
        usual_first = causes.most_common()
        lines = (Line(f"{cause}: {words[cause]}") for cause, _ in usual_first)
        return View(f"{self._name} · dead letters: {causes.total()}", Facts(*usual_first), *lines)


def dead_letter_of(send: Send) -> DeadLetter | None:
    """Give the dead letter that *send* is; None for one that arrived, or still may.

    What ``run.cancel()`` took back is none: somebody decided that. Nor is one whose place another took: if that failed,
    it is a dead letter of its own run.
    """
    if send.fell_back:
        return None
    judged = _judged(send)
    if judged is None:
        return None
    retry, what_to_do = judged
    return DeadLetter(
        send.seq, send.row, send.number, send.reference, send.state, send.reason, send.failure, send.status, send.code,
        retry, what_to_do, send.attempts, send.parts, send.provider_id,
    )  # fmt: skip


def _judged(send: Send) -> tuple[Retry, str] | None:
    state, status = send.state, send.status
    if send.fell_back:
        return None  # another message has its place, and is a dead letter itself if it must
    if state is SendState.CANCELLED:
        return _REASONS.get(send.reason, (Retry.NEVER, _WORDS[Retry.NEVER])) if send.reason is not None else None
    if state is SendState.SUBMITTING and status is None:
        return Retry.AMBIGUOUS, _WORDS[Retry.AMBIGUOUS]
    if status in (DeliveryStatus.DELIVERED, DeliveryStatus.READ):
        return None
    failed = status is not None and status.is_failure and state in (SendState.ACCEPTED, SendState.SUBMITTING)
    if state is not SendState.REJECTED and not failed:
        return None
    failure = send.failure or FailureClass.UNSPECIFIED
    if failure.is_permanent:
        return Retry.NEVER, _OF_NUMBER
    if failure is FailureClass.OPTED_OUT:
        return Retry.NEVER, _OBJECTED
    return failure.retry, _WORDS[failure.retry]
