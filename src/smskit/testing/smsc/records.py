"""What a centre was given and what it gave, for tests to look at. Numbers are masked, texts never shown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from attrs import define, field, frozen

from smskit.phone.mask import mask
from smskit.transports.smpp import (
    Charset,
    DataSm,
    DeliverSm,
    Incoming,
    MessageState,
    Pdu,
    Problem,
    Profile,
    State,
    SubmitSm,
    read_message,
)


def _hide(text: str) -> str:
    return f"<{len(text)} characters>"


@frozen
class Submission:
    """One message that was handed over, whether or not it was taken.

    Args:
        pdu: as a ``SubmitSm``, also if it came in a ``data_sm``, or as one of many in a ``submit_multi``.
        system_id: of the account.
        status: what was answered.
        message_id: as it was answered; empty if it was refused.
        at: when.
    """

    pdu: SubmitSm
    system_id: str
    status: int
    message_id: str
    at: datetime


@frozen
class Binding:
    """One bind that was asked for.

    Args:
        system_id: of the account.
        mode: what was asked for: ``BOUND_TX``, ``BOUND_RX`` or ``BOUND_TRX``.
        version: ``interface_version`` as it was told.
        status: what was answered.
    """

    system_id: str
    mode: State
    version: int
    status: int


@frozen
class Delivered:
    """One receipt or reply that was to be delivered.

    Args:
        pdu: as it was sent.
        system_id: of the account; None for any.
        attempts: how often it was sent.
        status: what was answered last; None without an answer.
    """

    pdu: DeliverSm | DataSm
    system_id: str | None
    attempts: int
    status: int | None


@frozen
class Oddity:
    """Something that the application did and should not have done.

    Args:
        what: the PDU.
        why: in words.
        problems: what is odd in its fields.
    """

    what: Pdu
    why: str
    problems: tuple[Problem, ...] = ()


@frozen
class SentMessage:
    """One message as the handset shows it, its parts joined.

    Args:
        number: of the recipient, as it was written.
        text: None for octets that are no text.
        sender: as it was written.
        parts: how many it came in.
        message_ids: of its parts.
        system_id: of the account.
        state: that of the part that is worst off.
    """

    number: str = field(repr=mask)
    text: str | None = field(repr=lambda text: "None" if text is None else _hide(text))
    sender: str
    parts: int
    message_ids: tuple[str, ...]
    system_id: str
    state: MessageState


# Mutable: its state goes on.
@define(eq=False)
class Kept:
    """A message that the centre has.

    Args:
        pdu: what is to be delivered; ``replace_sm`` changes it.
        system_id: of the account.
        message_id: as the answer has it.
        receipt_id: as receipts have it.
        taken_at: when it came.
        state: what became of it.
        error: the centre's own word for why.
        done_at: when it came to its end; None before.
    """

    pdu: SubmitSm
    system_id: str
    message_id: str
    receipt_id: str
    taken_at: datetime
    state: MessageState = MessageState.ENROUTE
    error: str = "000"
    done_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether it has not come to its end."""
        return self.done_at is None


_BEST_FIRST = (MessageState.DELIVERED, MessageState.ACCEPTED, MessageState.ENROUTE, MessageState.SCHEDULED)


def joined(kept: Iterable[Kept], profile: Profile) -> tuple[SentMessage, ...]:
    """Give the messages whose parts are all there, in the order in which they became whole."""
    found: list[SentMessage] = []
    open_parts: dict[tuple[object, ...], dict[int, tuple[Kept, Incoming]]] = {}
    for each in kept:
        part = read_message(each.pdu, profile=profile)
        if part.total == 1:
            found.append(_message([(each, part)]))
            continue
        pdu = each.pdu
        key = (each.system_id, pdu.source_addr, pdu.destination_addr, part.reference, part.total)
        parts = open_parts.setdefault(key, {})
        parts[part.place] = each, part
        if len(parts) == part.total:
            found.append(_message([parts[place] for place in sorted(parts)]))
            del open_parts[key]
    return tuple(found)


def _message(parts: Sequence[tuple[Kept, Incoming]]) -> SentMessage:
    first = parts[0][0]
    states = [kept.state for kept, _ in parts]
    worst = max(states, key=lambda state: _BEST_FIRST.index(state) if state in _BEST_FIRST else len(_BEST_FIRST))
    return SentMessage(
        number=first.pdu.destination_addr,
        text=_text([part for _, part in parts]),
        sender=first.pdu.source_addr,
        parts=len(parts),
        message_ids=tuple(kept.message_id for kept, _ in parts),
        system_id=first.system_id,
        state=worst,
    )


def _text(parts: Sequence[Incoming]) -> str | None:
    if all(part.coding.charset is Charset.UCS2 for part in parts):
        # A cut may fall between the two units of one character.
        return b"".join(part.data for part in parts).decode("utf-16-be", "replace")
    texts = [part.text for part in parts]
    return None if None in texts else "".join(text for text in texts if text is not None)
