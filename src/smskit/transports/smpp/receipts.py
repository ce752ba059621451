"""Receipts: what a centre says became of a message, in its dialect, as one value.

The text is the form of appendix B, which its own specification calls an example; every field of it comes in other
lengths, orders and alphabets. Nothing here raises for what a centre wrote: what cannot be read is None, and the word as
it came is kept.

Source: SMPP 3.4 appendix B and clause 5.2.28; SMPP 5.0 clause 4.7.15; what centres were seen to send.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, tzinfo

from attrs import field, frozen

from smskit.kinds import DeliveryStatus, FailureClass
from smskit.transports.smpp import tlvs
from smskit.transports.smpp.fields import UDHI, Content, EsmClass, MessageState
from smskit.transports.smpp.pdus import DataSm, DeliverSm
from smskit.transports.smpp.times import year_of
from smskit.transports.smpp.tlvs import Tag

Delivery = DeliverSm | DataSm
"""What a receipt or a message from a handset comes in."""

_STATES: Mapping[MessageState, DeliveryStatus] = {
    MessageState.SCHEDULED: DeliveryStatus.SCHEDULED,
    MessageState.ENROUTE: DeliveryStatus.SENT,
    MessageState.DELIVERED: DeliveryStatus.DELIVERED,
    MessageState.EXPIRED: DeliveryStatus.EXPIRED,
    MessageState.DELETED: DeliveryStatus.CANCELLED,
    MessageState.UNDELIVERABLE: DeliveryStatus.UNDELIVERED,
    # Final by the letter, but most aggregators say with it that an operator has the message.
    MessageState.ACCEPTED: DeliveryStatus.ACCEPTED,
    MessageState.UNKNOWN: DeliveryStatus.UNKNOWN,
    MessageState.REJECTED: DeliveryStatus.REJECTED,
    MessageState.SKIPPED: DeliveryStatus.REJECTED,
}
_WORDS: Mapping[str, DeliveryStatus] = {
    "SCHEDLD": DeliveryStatus.SCHEDULED,
    "SCHEDULED": DeliveryStatus.SCHEDULED,
    "BUFFERED": DeliveryStatus.QUEUED,
    "BUFFRED": DeliveryStatus.QUEUED,
    "QUEUED": DeliveryStatus.QUEUED,
    "ENROUTE": DeliveryStatus.SENT,
    "ACCEPTD": DeliveryStatus.ACCEPTED,
    "ACCEPTED": DeliveryStatus.ACCEPTED,
    "DELIVRD": DeliveryStatus.DELIVERED,
    "DELIVERED": DeliveryStatus.DELIVERED,
    "EXPIRED": DeliveryStatus.EXPIRED,
    "DELETED": DeliveryStatus.CANCELLED,
    "CANCELLED": DeliveryStatus.CANCELLED,
    "UNDELIV": DeliveryStatus.UNDELIVERED,
    "UNDELIVERED": DeliveryStatus.UNDELIVERED,
    "UNDELIVERABLE": DeliveryStatus.UNDELIVERED,
    "REJECTD": DeliveryStatus.REJECTED,
    "REJECTED": DeliveryStatus.REJECTED,
    "SKIPPED": DeliveryStatus.REJECTED,
    "BLOCKED": DeliveryStatus.BLOCKED,
    "FAILED": DeliveryStatus.FAILED,
    "UNKNOWN": DeliveryStatus.UNKNOWN,
}
_FAILURES: Mapping[DeliveryStatus, FailureClass] = {
    DeliveryStatus.EXPIRED: FailureClass.VALIDITY_EXPIRED,
    DeliveryStatus.CANCELLED: FailureClass.CANCELLED,
}

GSM_ERRORS: Mapping[int, FailureClass] = {
    1: FailureClass.UNKNOWN_SUBSCRIBER,
    5: FailureClass.UNREACHABLE,
    6: FailureClass.UNREACHABLE,
    9: FailureClass.RECIPIENT_ACCOUNT,
    11: FailureClass.UNSUPPORTED,
    12: FailureClass.HANDSET_ERROR,
    13: FailureClass.CARRIER_BLOCK,
    21: FailureClass.UNSUPPORTED,
    27: FailureClass.UNREACHABLE,
    31: FailureClass.UNREACHABLE,
    32: FailureClass.HANDSET_ERROR,
    34: FailureClass.NETWORK,
    69: FailureClass.NETWORK,
    208: FailureClass.HANDSET_ERROR,
}
"""Causes of the network, as ``network_error_code`` of type GSM tells them. Source: 3GPP TS 29.002 clause 17.6.6."""

_GSM_NETWORK = 3
_UCS2 = 8
_KEY = re.compile(r"(?:^|(?<=[\s,;]))((?:submit|done)[ _-]?date|[a-z][\w-]{0,31})[ ]?:", re.IGNORECASE | re.ASCII)
_NOT_DIGITS = re.compile(r"\D+", re.ASCII)


def _hide(value: str | None) -> str:
    return "None" if value is None else f"<{len(value)} characters>"


@frozen
class Receipt:
    """One receipt.

    Args:
        message_id: of the message that it is about; that of the parameter goes before that of the text.
        text_id: the one in the text, if there is a text with one.
        status: None for a word that nobody here knows.
        failure: why it was not delivered; None when it was, or is still under way.
        word: the state as it was told: ``stat`` of the text, or the name or number of the parameter.
        error: ``err`` as it was told; its meaning is the centre's own.
        network_error: type of network and code of the parameter, None without one.
        submitted: ``submit date`` as it was told.
        done: ``done date`` as it was told.
        sub: how many messages it is about, as it was told.
        delivered: how many of them were delivered, as it was told.
        text: the beginning of the message, as it was told.
        other: whatever else stands in the text, by its key in lower case.
        is_intermediate: whether it is a notification on the way.
    """

    message_id: str | None
    text_id: str | None
    status: DeliveryStatus | None
    failure: FailureClass | None
    word: str = ""
    error: str = ""
    network_error: tuple[int, int] | None = None
    submitted: str = ""
    done: str = ""
    sub: str = ""
    delivered: str = ""
    text: str | None = field(default=None, repr=_hide)
    other: Mapping[str, str] = field(factory=dict[str, str], repr=False)
    is_intermediate: bool = False

    def done_at(self, zone: tzinfo) -> datetime | None:
        """Give when it was done; *zone* is that of the centre, which no receipt states. None for no readable date."""
        return read_date(self.done, zone)

    def submitted_at(self, zone: tzinfo) -> datetime | None:
        """Give when the centre took the message; see :meth:`done_at`."""
        return read_date(self.submitted, zone)


def is_receipt(pdu: Delivery, *, lenient: bool = False) -> bool:
    """Whether *pdu* is a receipt, by its ``esm_class``.

    Args:
        pdu: a delivery.
        lenient: take it for one too when it has the parameters of a receipt or a text with an id and a state, as some
            centres send with ``esm_class`` 0. A person could write such a text, so it is not the default.
    """
    if EsmClass.of(pdu.esm_class & 0xFF).content in (Content.RECEIPT, Content.INTERMEDIATE):
        return True
    if not lenient or pdu.esm_class & UDHI:
        return False
    if tlvs.find(pdu.tlvs, Tag.RECEIPTED_MESSAGE_ID) is not None:
        return True
    named = read_text(_shown(pdu))
    return bool(named.get("id")) and "stat" in named


def read_receipt(pdu: Delivery, *, errors: Mapping[str, FailureClass] | None = None) -> Receipt:
    """Read what a receipt says; whether *pdu* is one is for :func:`is_receipt` to say.

    Args:
        pdu: a delivery. Its text is in ``short_message`` or in ``message_payload``.
        errors: what ``err`` means at this centre. Without it nothing is read into it: the same digits mean an unknown
            subscriber here and a full memory there.
    """
    named = read_text(_shown(pdu))
    text_id, word = named.pop("id", "") or None, named.pop("stat", "")
    told_id = tlvs.text(pdu.tlvs, Tag.RECEIPTED_MESSAGE_ID)
    state = tlvs.number(pdu.tlvs, Tag.MESSAGE_STATE)
    status = _WORDS.get(word.upper())
    if state is not None:
        known = state in MessageState.__members__.values()
        status = _STATES[MessageState(state)] if known else status
        word = word or (MessageState(state).name if known else str(state))
    network = tlvs.find(pdu.tlvs, Tag.NETWORK_ERROR_CODE) or b""
    network_error = (network[0], int.from_bytes(network[1:3], "big")) if len(network) == 3 else None
    error = named.pop("err", "")
    return Receipt(
        message_id=told_id or text_id,
        text_id=text_id,
        status=status,
        failure=_failure(status, error, network_error, errors or {}),
        word=word,
        error=error,
        network_error=network_error,
        submitted=named.pop("submit date", ""),
        done=named.pop("done date", ""),
        sub=named.pop("sub", ""),
        delivered=named.pop("dlvrd", ""),
        text=named.pop("text", None),
        other=named,
        is_intermediate=EsmClass.of(pdu.esm_class & 0xFF).content is Content.INTERMEDIATE,
    )


def _shown(pdu: Delivery) -> str:
    octets = pdu.short_message if isinstance(pdu, DeliverSm) else b""
    octets = octets or tlvs.find(pdu.tlvs, Tag.MESSAGE_PAYLOAD) or b""
    # A few centres write receipts in UCS-2: every second octet of what is ASCII otherwise is nothing.
    if len(octets) % 2 == 0 and (octets[:1] == b"\0" or pdu.data_coding == _UCS2):
        return octets.decode("utf-16-be", "replace")
    return octets.decode("latin-1")


def _failure(
    status: DeliveryStatus | None,
    error: str,
    network_error: tuple[int, int] | None,
    errors: Mapping[str, FailureClass],
) -> FailureClass | None:
    if status is None or not status.is_failure:
        return None
    found = errors.get(error) or errors.get(error.lstrip("0"))
    if found is None and network_error is not None and network_error[0] == _GSM_NETWORK:
        found = GSM_ERRORS.get(network_error[1])
    return found or _FAILURES.get(status, FailureClass.UNSPECIFIED)


def read_text(text: str, /) -> dict[str, str]:
    """Give the fields of the text of a receipt by their keys, in lower case and with spaces: ``submit date``.

    Keys come in any case and order. ``text`` takes all that follows it, whatever it looks like; of two fields with one
    key the first counts.
    """
    fields: dict[str, str] = {}
    found = _KEY.search(text)
    while found is not None:
        key = _key(found[1])
        if key == "text":
            fields.setdefault(key, text[found.end() :])
            break
        following = _KEY.search(text, found.end())
        value = text[found.end() : following.start() if following else len(text)]
        fields.setdefault(key, value.strip(" \t\r\n,;\0"))
        found = following
    return fields


def _key(written: str) -> str:
    key = written.lower()
    return (
        f"{key[:-4].rstrip(' _-')} date"
        if key.endswith("date") and key[:-4].rstrip(" _-") in ("submit", "done")
        else key
    )


def read_date(written: str, zone: tzinfo) -> datetime | None:
    """Read a date of a receipt: ten digits (``YYMMDDhhmm``), twelve (seconds, or a year of four), or fourteen.

    Signs between the digits are left out. Source for two-digit years: SMPP 3.4 appendix C.
    """
    digits = _NOT_DIGITS.sub("", written)
    for size, year in ((10, 2), (12, 2), (12, 4), (14, 4)):
        if len(digits) != size:
            continue
        numbers = [int(digits[:year]), *(int(digits[at : at + 2]) for at in range(year, size, 2))]
        if year == 2:
            numbers[0] = year_of(numbers[0])
        try:
            return datetime(*numbers, tzinfo=zone)  # type: ignore[misc,arg-type]  # five or six numbers
        except ValueError:
            continue
    return None
