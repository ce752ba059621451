"""Deliveries as events: the same key whenever the centre brings the same thing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, tzinfo
from hashlib import blake2b

from attrs import field, frozen

from smskit.kinds import DeliveryStatus, EventType, FailureClass
from smskit.records import Accepted, Event, Outcome, Outgoing
from smskit.transports.smpp.addresses import Address, number_of
from smskit.transports.smpp.client.matching import Known
from smskit.transports.smpp.identifiers import Spelling, respell
from smskit.transports.smpp.pdubase import Pdu
from smskit.transports.smpp.pdus import DataSm, DeliverSm
from smskit.transports.smpp.profiles import PLAIN, Long, Profile
from smskit.transports.smpp.receipts import Receipt

_NO_ERROR = frozenset({"", "0", "00", "000", "0000"})


@frozen(kw_only=True)
class Reading:
    """How what a centre brings is read.

    Args:
        name: of the account; it begins the keys of events.
        profile: its default alphabet, and how long texts were handed over.
        zone: that of the dates in its receipts, which no receipt states; None takes the time at which they came.
        errors: what ``err`` of its receipts means; without it nothing is read into it.
        lenient_receipts: take a delivery for a receipt by its text too, where ``esm_class`` does not say so.
    """

    name: str = "smpp"
    profile: Profile = PLAIN
    zone: tzinfo | None = None
    errors: Mapping[str, FailureClass] | None = field(default=None, repr=False)
    lenient_receipts: bool = False

    def digits_of(self, pdu: Pdu) -> str:
        """Give the digits of whom a delivery comes from."""
        return "".join(filter(str.isdigit, getattr(pdu, "source_addr", "")))

    def event_of(
        self,
        receipt: Receipt,
        pdu: Pdu,
        known: Known | None,
        heard_at: datetime,
        *,
        spelling: Spelling | None = None,
        again: bool = False,
    ) -> Event:
        """Make the event of a receipt.

        Args:
            receipt: what it says.
            pdu: what it came in.
            known: the part that it is about; None leaves it to a store to find the message by id and number.
            heard_at: the time.
            spelling: how the centre spells ids in receipts, as far as it is known.
            again: whether it was told before, without its message.
        """
        told_id = receipt.message_id or ""
        key = _digest(
            told_id, self.digits_of(pdu), receipt.word, receipt.error, receipt.done, str(receipt.is_intermediate)
        )
        at = receipt.done_at(self.zone) if self.zone is not None else None
        code = receipt.word if receipt.error in _NO_ERROR else f"{receipt.word}/{receipt.error}"
        if known is not None:
            number: int | None = known.number
            part = known.message_id if known.total > 1 else ""
            provider_id = known.message_id
        else:
            number = _number(pdu)
            provider_id = (respell(told_id, spelling) if spelling is not None else None) or told_id
            # It may be that of one part among several: a store then counts it as one, and as the whole if it is.
            part = "" if self.profile.long is Long.PAYLOAD else provider_id
        return Event(
            f"{self.name}:{key}{':matched' if again else ''}", EventType.RECEIPT, at or heard_at, number,
            known.reference if known is not None else None, receipt.status, receipt.failure,
            provider_id=provider_id or None, part=part, code=code,
        )  # fmt: skip

    def mark_of(self, pdu: DeliverSm | DataSm, text: str | None, part: str) -> str:
        """Give what a reply is known by when it is brought again."""
        octets = pdu.short_message.hex() if isinstance(pdu, DeliverSm) else ""
        return _digest(pdu.source_addr, pdu.destination_addr, octets if text is None else text, part)

    def reply_of(self, pdu: DeliverSm | DataSm, text: str | None, at: datetime, mark: str, *, part: str) -> Event:
        """Make the event of what a person wrote; a message that is no text has none, and a code that says so."""
        key = f"{self.name}:{_digest(mark, at.isoformat())}"
        code = "" if text is not None else f"data_coding {pdu.data_coding}"
        return Event(key, EventType.REPLY, at, _number(pdu), text=text, part=part, code=code)

    def late(self, outgoing: Outgoing, outcome: Outcome, at: datetime) -> Event | None:
        """Make the event by which a message that was in doubt is told to be taken or refused after all."""
        failure: FailureClass | None = getattr(outcome, "failure", None)
        is_taken = isinstance(outcome, Accepted)
        if not is_taken and failure is None:
            return None
        status = DeliveryStatus.ACCEPTED if is_taken else DeliveryStatus.REJECTED
        provider_id = outcome.provider_id if isinstance(outcome, Accepted) else None
        key = f"{self.name}:late:{_digest(outgoing.reference, status.value)}"
        return Event(
            key, EventType.RECEIPT, at, outgoing.number, outgoing.reference, status, failure,
            provider_id=provider_id, code=getattr(outcome, "code", ""),
        )  # fmt: skip


def _number(pdu: Pdu) -> int | None:
    if not isinstance(pdu, (DeliverSm, DataSm)):
        return None
    return number_of(Address(pdu.source_addr, pdu.source_addr_ton, pdu.source_addr_npi))


def _digest(*told: str) -> str:
    return blake2b("\0".join(told).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
