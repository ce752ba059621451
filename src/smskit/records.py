"""The values that plans, stores, carriers and reports pass to each other.

A telephone number inside the library is an ``int``: its E.164 digits without the plus sign (33612345678). It sorts,
hashes and stores well, and every ``repr`` masks it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import NamedTuple

from attrs import field, frozen

from smskit.kinds import Channel, DeliveryStatus, EventType, FailureClass, Kind, Reason, RunState, SendState
from smskit.phone.mask import mask


def _mask_optional(number: int | None) -> str:
    return "None" if number is None else mask(number)


def _hide(text: str | None) -> str:
    return "None" if text is None else f"<{len(text)} characters>"


# ---------------------------------------------------------------- to the carrier and back


@frozen
class Outgoing:
    """One message as a carrier gets it.

    Args:
        reference: ours and unique: a carrier that is idempotent, or that can be asked, knows the message by it.
        number: E.164 digits.
        text: what the handset shows, without the mention that the carrier prints itself.
        parts: what the carrier bills, that mention included.
        sender: what the handset shows; empty lets the carrier put a number of its own.
        kind: what the message is for.
        send_at: when the carrier is to send it; None means at once.
        validity_s: for how many seconds the carrier is to try; None leaves it to the carrier.
        carrier_stop: whether the carrier is to print its own way to object; if not it must not.
        rich: the JSON of a rich message (an RBM AgentMessage, see :mod:`smskit.rcs`), for a carrier over RCS; *text* is
            empty then. None for an SMS.
    """

    reference: str
    number: int = field(repr=mask)
    text: str = field(repr=_hide)
    parts: int
    sender: str
    kind: Kind
    send_at: datetime | None = None
    validity_s: int | None = None
    carrier_stop: bool = False
    rich: str | None = field(default=None, repr=_hide)


@frozen
class Accepted:
    """The carrier took the message and answers for it; ``parts`` are those that it says it bills."""

    reference: str
    provider_id: str | None = None
    parts: int | None = None


@frozen
class Refused:
    """The carrier did not take the message and never will as it is."""

    reference: str
    failure: FailureClass
    code: str = ""


@frozen
class Postponed:
    """The carrier certainly did not take the message; it may be offered again.

    A failure that is of the account (credit, key) stops the run: the message waits until somebody mended it.
    """

    reference: str
    failure: FailureClass
    retry_after_s: float | None = None
    code: str = ""


@frozen
class Unanswered:
    """A request left and no answer came that says what became of it: the message is in doubt.

    ``code`` is what came instead, such as ``http-502`` or ``unreadable``; it is no part of what two of them compare.
    """

    reference: str
    code: str = field(default="", eq=False)


Outcome = Accepted | Refused | Postponed | Unanswered


@frozen
class Taken:
    """A message that a carrier took, as it is asked about: ours, theirs, and whom it is to."""

    reference: str
    number: int = field(repr=mask)
    provider_id: str


@frozen
class Capability:
    """Whether a handset is reached over RCS, as a carrier told it.

    ``features`` are what it can show, in RBM's words (``RICHCARD_CAROUSEL`` …; more may come); None when only its being
    reachable was told.
    """

    number: int = field(repr=mask)
    is_reachable: bool
    at: datetime
    features: frozenset[str] | None = None


@frozen
class Reach:
    """What a carrier told of many numbers at once.

    Args:
        capabilities: of those of which it told something.
        asked: how many numbers it was asked about.
        sampled: how many of them, drawn by chance, it counted over all networks; 0 when it did not.
        reachable_in_sample: how many of those have RCS.
    """

    capabilities: tuple[Capability, ...]
    asked: int
    sampled: int = 0
    reachable_in_sample: int = 0


@frozen
class Balance:
    """What an account has left. ``currency`` is a code such as EUR, or the carrier's own unit, such as credits."""

    amount: Decimal
    currency: str


@frozen
class Event:
    """Something that came back about a message or from a person.

    ``key`` is the same each time the carrier tells the same thing, so that a repeated webhook changes nothing.
    ``at`` is when it happened, not when we heard of it: events may come in any order.

    Args:
        key: see above.
        type: what happened.
        at: see above; aware.
        number: whom the message was to, or who replied.
        reference: ours. With a number that is not that of the reference it means the message to that number in the
            same run: some carriers have one reference for all recipients of a request.
        status: None for a word of the carrier that we do not understand.
        failure: why it was not delivered.
        text: what a person wrote.
        token: of the short link that was opened.
        provider_id: the carrier's own name of the message; with the number it finds a send whose carrier does not tell
            our reference.
        part: which part of a long message, in the carrier's words, where each part has a receipt of its own.
        code: the carrier's own words for the status, such as ``UNDELIVERABLE/SPAM``.
        postback: what stands behind the suggestion that a person tapped, RCS only.
    """

    key: str
    type: EventType
    at: datetime
    number: int | None = field(default=None, repr=_mask_optional)
    reference: str | None = None
    status: DeliveryStatus | None = None
    failure: FailureClass | None = None
    text: str | None = field(default=None, repr=_hide)
    token: str | None = None
    provider_id: str | None = None
    part: str = ""
    code: str = ""
    postback: str | None = field(default=None, repr=_hide)


# ---------------------------------------------------------------- what the store remembers of a run


@frozen
class RunRecord:
    """One sending of one plan over one channel. ``plan`` is its JSON: rule editions, prices, template, account.

    A campaign over RCS with a fallback has two of them. ``fallback_of`` of the second names the first; rows with the
    same seq are about the same person.
    """

    run_id: str
    campaign: str
    digest: str
    kind: Kind
    sender: str
    at: datetime
    created_at: datetime
    state: RunState
    currency: str
    plan: str = field(repr=_hide)
    channel: Channel = Channel.SMS
    fallback_of: str | None = None


@frozen
class PlannedSend:
    """One row of the ledger before it is handed over.

    Args:
        seq: place in the run, from 0; ``(run_id, seq)`` is the key.
        row: row of the contacts file, as a person counts it.
        number: E.164 digits.
        text: the final text with its STOP mention, or the JSON of a rich message; empty for a row that is held out.
        parts: what the carrier bills.
        price_micros: price of all parts, in millionths.
        territory: whose hours and holidays apply (``FR``, ``FR-AM`` for Alsace-Moselle, ``RE`` …).
        not_before: deferred until; epoch seconds, 0 when it may leave with the run.
        arm: name of the experiment arm, empty without one.
        state: ``PLANNED``, ``HELD_OUT``, or ``STANDBY`` in a run that is the fallback of another.
        token: short-link token of this send, None without links.
    """

    seq: int
    row: int
    number: int = field(repr=mask)
    text: str = field(repr=_hide)
    parts: int
    price_micros: int
    territory: str
    not_before: int = 0
    arm: str = ""
    state: SendState = SendState.PLANNED
    token: str | None = None


@frozen
class Send:
    """One row of the ledger as it stands now.

    ``code`` is the carrier's own word for the last refusal or receipt, ``billed_parts`` what it says it bills.
    ``fell_back``: the message certainly did not arrive, and the one of the same seq in the fallback's run was let go.
    """

    run_id: str
    seq: int
    row: int
    number: int = field(repr=mask)
    text: str = field(repr=_hide)
    parts: int
    price_micros: int
    territory: str
    not_before: int
    arm: str
    state: SendState
    token: str | None
    attempts: int = 0
    provider_id: str | None = None
    failure: FailureClass | None = None
    reason: Reason | None = None
    submitted_at: datetime | None = None
    status: DeliveryStatus | None = None
    status_at: datetime | None = None
    code: str = ""
    billed_parts: int | None = None
    fell_back: bool = False

    @property
    def reference(self) -> str:
        """What the carrier knows this message by."""
        return reference_of(self.run_id, self.seq)


def reference_of(run_id: str, seq: int) -> str:
    """Give the reference of one send: ``run_id-seq``."""
    return f"{run_id}-{seq}"


def parse_reference(reference: str) -> tuple[str, int] | None:
    """Give the run and place that a reference names, None when it is not one of ours."""
    run_id, dash, seq = reference.rpartition("-")
    if not dash or not seq.isascii() or not seq.isdigit():
        return None
    return run_id, int(seq)


@frozen
class Settlement:
    """What becomes of one leased send; ``SUBMITTING`` is not a settlement, it is the absence of one.

    ``state`` PLANNED gives it back (with ``not_before``), ACCEPTED, REJECTED and CANCELLED end it.
    """

    seq: int
    state: SendState
    provider_id: str | None = None
    failure: FailureClass | None = None
    reason: Reason | None = None
    not_before: int = 0
    at: datetime | None = None
    attempted: bool = False
    code: str = ""
    billed_parts: int | None = None


@frozen
class Account:
    """Where each planned message of a run is; ``planned`` is always the sum of the five that follow.

    Held out and standing by are not planned: chance keeps the ones from it, and the others wait for a message over
    another channel that did not arrive. ``fell_back`` counts the messages of this run whose place was taken so.
    """

    planned: int
    accepted: int
    rejected: int
    in_doubt: int
    cancelled: int
    remaining: int
    held_out: int = 0
    parts_accepted: int = 0
    cost_micros: int = 0
    standby: int = 0
    fell_back: int = 0

    @property
    def closes(self) -> bool:
        """Whether the sum is right; a store for which it is not has lost a message."""
        return self.planned == self.accepted + self.rejected + self.in_doubt + self.cancelled + self.remaining


# ---------------------------------------------------------------- what a report reads, a million of them at a time


class SendLine(NamedTuple):
    """What a report needs of one row of the ledger, in plain values: a million of them have to be cheap.

    Words are the values of :class:`SendState`, :class:`DeliveryStatus` and :class:`FailureClass`, instants are
    microseconds since 1970 UTC. The others are those of :class:`Send`.
    """

    seq: int
    number: int
    parts: int
    price_micros: int
    territory: str
    not_before: int
    arm: str
    state: str
    token: str | None
    failure: str | None
    submitted: int | None
    status: str | None
    status_at: int | None
    billed_parts: int | None
    fell_back: int

    def __repr__(self) -> str:
        return f"SendLine(seq={self.seq}, number={mask(self.number)}, state={self.state!r}, status={self.status!r})"


class EventLine(NamedTuple):
    """What a report needs of one event about a known send; *type* is the value of an :class:`EventType`."""

    type: str
    at: int
    seq: int
    text: str | None

    def __repr__(self) -> str:
        return f"EventLine(type={self.type!r}, seq={self.seq}, text={_hide(self.text)})"


# ---------------------------------------------------------------- what the store remembers of people


class ConsentAction(Enum):
    """A consent is given or withdrawn; both are kept for ever, the later one counts."""

    GRANTED = "granted"
    WITHDRAWN = "withdrawn"


@frozen
class ConsentEvent:
    """One act of one person, with its evidence: who, when, how, in which words, for whom.

    Source: GDPR art. 7(1) (the sender must be able to show it); CPCE art. L.34-5 (by channel and advertiser).
    """

    number: int = field(repr=mask)
    action: ConsentAction
    at: datetime
    source: str
    channel: str = "sms"
    advertiser: str = ""
    wording: str = ""
    evidence: str = ""


@frozen
class Sealed:
    """A consent event, its digest, and the seal that binds it to all events before it; all of them in hexadecimals.

    ``event`` is None once the person was forgotten: the digest stays in its place, so the chain still holds, and
    since it is keyed nobody without the key can try numbers against it. ``erasure`` then shows that whoever has the
    key erased the event.
    """

    event: ConsentEvent | None
    digest: str
    seal: str
    erasure: str = ""


@frozen
class Suppression:
    """A number that is not to be sent to, and why.

    ``reason`` OPTED_OUT is a person's word: only a consent given later lifts it. SUPPRESSED is ours (dead number,
    complaint, imported list): it holds until ``until``, or for ever. An opposition that a store gives with ``until``
    has one of ours beside it: nothing is sent before then, whatever consent came.
    """

    number: int = field(repr=mask)
    reason: Reason
    at: datetime
    source: str
    until: datetime | None = None


@frozen
class Engagement:
    """What earlier runs know of one number."""

    sent: int = 0
    delivered: int = 0
    clicked: int = 0
    replied: int = 0
    converted: int = 0
    last_sent: datetime | None = None


@frozen
class Link:
    """A short link: who opened it and where it leads."""

    token: str
    run_id: str
    seq: int
    target: str = field(repr=False)


Counts = Mapping[str, int]
