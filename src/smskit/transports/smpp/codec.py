"""PDUs to octets and back.

Two roads: the table of each class reads and writes anything and notes what is odd; the five PDUs that make up the
traffic have straight-line code for the case that nothing is, which gives the same. Whatever the short road does not
like goes the long one.

Source: SMPP 3.4 clause 3.2 (header), clause 3.2.4.1 (optional parameters).
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar

from smskit.errors import InvalidInput
from smskit.transports.smpp import tlvs
from smskit.transports.smpp.layouts import Layout, Problem
from smskit.transports.smpp.pdubase import Answer, Pdu, UnknownPdu
from smskit.transports.smpp.pdus import (
    BY_COMMAND,
    NAMED,
    DeliverSm,
    DeliverSmResp,
    EnquireLink,
    EnquireLinkResp,
    MessageResp,
    ShortMessage,
    SubmitSm,
    SubmitSmResp,
    layouts_of,
)
from smskit.transports.smpp.statuses import Status
from smskit.transports.smpp.tlvs import ANY_LENGTH, BOUNDS, HEAD, Tlv

HEADER = struct.Struct(">IIII")
"""command_length, command_id, command_status, sequence_number."""

LAST_SEQUENCE = 0x7FFFFFFF
_LAYOUTS: Mapping[type[Pdu], tuple[tuple[str, Layout], ...]] = {pdu: layouts_of(pdu) for pdu in NAMED}


_Short = TypeVar("_Short", bound=ShortMessage)
_Named = TypeVar("_Named", bound=MessageResp)

# How far apart the NULs around a time may be: nothing or sixteen characters between them, and the three flags before.
_TIMES = frozenset({1, 17})
_TIMES_AFTER_FLAGS = frozenset({4, 20})


class Frame(NamedTuple):
    """One PDU as it came. A named tuple, not an attrs class: there is one for each PDU.

    Args:
        pdu: what it says.
        sequence: its number, any 32-bit value.
        problems: what is odd in it, in the order of the octets; mostly nothing.
        status: of its header; only requests of broken peers have one that their PDU does not tell.
    """

    pdu: Pdu
    sequence: int
    problems: tuple[Problem, ...] = ()
    status: int = 0


# ---------------------------------------------------------------- writing


def encode(pdu: Pdu, sequence: int, *, bounded: bool = True) -> bytes:
    """Give the octets of *pdu* with its header.

    Args:
        pdu: any; an unknown one is written as it came.
        sequence: 0 to 0xFFFFFFFF; the session takes 1 to 0x7FFFFFFF.
        bounded: refuse texts that are longer than the specification allows. Without it a password of more than eight
            characters is written whole, as operators that issue such ones expect.

    Raises:
        InvalidInput: a value that its field cannot hold.
    """
    writer = _WRITERS.get(pdu.__class__)
    if writer is None:
        return encode_by_table(pdu, sequence, bounded=bounded)
    try:
        return writer(pdu, sequence)
    except InvalidInput:
        if bounded:
            raise
        # Something is longer than it should be, and is wanted so.
        return encode_by_table(pdu, sequence, bounded=False)


def encode_by_table(pdu: Pdu, sequence: int, *, bounded: bool = True) -> bytes:
    """Give what :func:`encode` gives, field by field."""
    status = pdu.status if isinstance(pdu, (Answer, UnknownPdu)) else 0
    body = pdu.body if isinstance(pdu, UnknownPdu) else _body(pdu, bounded=bounded)
    if not 0 <= sequence <= 0xFFFFFFFF or not 0 <= status <= 0xFFFFFFFF or not 0 <= pdu.command_id <= 0xFFFFFFFF:
        raise InvalidInput(f"sequence {sequence}, status {status}: the header has 32 bits for each")
    return HEADER.pack(16 + len(body), pdu.command_id, status, sequence) + body


def _body(pdu: Pdu, *, bounded: bool) -> bytes:
    layouts = _LAYOUTS[type(pdu)]
    parameters: tuple[Tlv, ...] = getattr(pdu, "tlvs", ())
    if layouts and isinstance(pdu, Answer) and getattr(pdu, layouts[0][0]) is None:
        if parameters:
            raise InvalidInput(f"{layouts[0][0]} is None, so {type(pdu).__name__} has no body to hold parameters")
        return b""
    written = [layout.write(name, getattr(pdu, name), bounded=bounded) for name, layout in layouts]
    return b"".join(written) + tlvs.write(parameters)


@lru_cache(1024)
def _origin(service_type: str, ton: int, npi: int, address: str) -> bytes:
    """Give the head of a message: the same for all of a campaign, so it is checked and written once."""
    return _written(0, (service_type, ton, npi, address))


@lru_cache(1024)
def _terms(*values: object) -> bytes:
    """Give what stands between recipient and text: the same for most messages of a campaign."""
    return _written(7, values)


def _written(first: int, values: tuple[object, ...]) -> bytes:
    layouts = _LAYOUTS[SubmitSm][first : first + len(values)]
    return b"".join(
        layout.write(name, value, bounded=True) for (name, layout), value in zip(layouts, values, strict=True)
    )


def _write_message(pdu: ShortMessage, sequence: int) -> bytes:
    if body := pdu.written:
        try:
            return HEADER.pack(16 + len(body), pdu.command_id, 0, sequence) + body
        except struct.error:
            return encode_by_table(pdu, sequence)
    address, text = pdu.destination_addr, pdu.short_message
    ton, npi, length = pdu.dest_addr_ton, pdu.dest_addr_npi, len(text)
    # A recipient of digits needs no further look; anything else is for the table to judge.
    if not (address.isdigit() and address.isascii() and len(address) <= 20 and length <= 255):
        return encode_by_table(pdu, sequence)
    origin = _origin(pdu.service_type, pdu.source_addr_ton, pdu.source_addr_npi, pdu.source_addr)
    terms = _terms(
        pdu.esm_class,
        pdu.protocol_id,
        pdu.priority_flag,
        pdu.schedule_delivery_time,
        pdu.validity_period,
        pdu.registered_delivery,
        pdu.replace_if_present_flag,
        pdu.data_coding,
        pdu.sm_default_msg_id,
    )
    parameters = tlvs.write(pdu.tlvs) if pdu.tlvs else b""
    try:
        body = b"%b%c%c%b\0%b%c%b%b" % (origin, ton, npi, address.encode("ascii"), terms, length, text, parameters)
        return HEADER.pack(16 + len(body), pdu.command_id, 0, sequence) + body
    except (OverflowError, TypeError, struct.error):
        return encode_by_table(pdu, sequence)


def write_around(pdu: ShortMessage) -> tuple[bytes, bytes, bytes]:
    """Give what stands before the recipient of a message, between recipient and text, and after the text.

    Raises:
        InvalidInput: a value that its field cannot hold.
    """
    values = tuple(getattr(pdu, name) for name, _ in _LAYOUTS[SubmitSm])
    return _written(0, values[:6]), b"\0" + _written(7, values[7:16]), tlvs.write(pdu.tlvs)


def _write_resp(pdu: MessageResp, sequence: int) -> bytes:
    message_id = pdu.message_id
    # Letters and digits need no further look, and nothing at all is the usual answer to a delivery.
    if pdu.tlvs or message_id is None or not (message_id.isalnum() or not message_id) or len(message_id) > 64:
        return encode_by_table(pdu, sequence)
    try:
        body = message_id.encode("ascii") + b"\0"
        return HEADER.pack(16 + len(body), pdu.command_id, pdu.status, sequence) + body
    except (UnicodeEncodeError, struct.error):
        return encode_by_table(pdu, sequence)


def _write_enquire(pdu: EnquireLink | EnquireLinkResp, sequence: int) -> bytes:
    if pdu.tlvs or (isinstance(pdu, EnquireLinkResp) and pdu.status) or not 0 <= sequence <= 0xFFFFFFFF:
        return encode_by_table(pdu, sequence)
    return HEADER.pack(16, pdu.command_id, 0, sequence)


_WRITERS: Mapping[type[Pdu], Callable[[Any, int], bytes]] = {
    SubmitSm: _write_message,
    DeliverSm: _write_message,
    SubmitSmResp: _write_resp,
    DeliverSmResp: _write_resp,
    EnquireLink: _write_enquire,
    EnquireLinkResp: _write_enquire,
}


# ---------------------------------------------------------------- reading


def decode(octets: bytes) -> Frame:
    """Read one whole PDU; nothing but its header has to be right.

    Raises:
        InvalidInput: fewer than 16 octets, or not as many as the header says.
    """
    if len(octets) < 16 or HEADER.unpack_from(octets)[0] != len(octets):
        raise InvalidInput(f"{len(octets)} octets are not one PDU: the first four say its length, 16 at least")
    _, command, status, sequence = HEADER.unpack_from(octets)
    return read_frame(octets, 16, len(octets), command, status, sequence)


def read_frame(data: bytes, at: int, end: int, command: int, status: int, sequence: int) -> Frame:
    """Read the PDU whose body is ``data[at:end]`` and whose header says the rest. Never raises."""
    reader = _READERS.get(command)
    if reader is not None and (pdu := reader(data, at, end, status)) is not None:
        return Frame(pdu, sequence, (), status)
    return read_by_table(data, at, end, command, status, sequence)


def read_by_table(data: bytes, at: int, end: int, command: int, status: int, sequence: int) -> Frame:
    """Give what :func:`read_frame` gives, field by field."""
    kind = BY_COMMAND.get(command)
    if kind is None:
        return Frame(UnknownPdu(command, status, data[at:end]), sequence, (), status)
    values: dict[str, Any] = {"status": status} if issubclass(kind, Answer) else {}
    notes: list[Problem] = []
    layouts = _LAYOUTS[kind]
    if at < end or not issubclass(kind, Answer):
        for name, layout in layouts:
            values[name], at = layout.read(name, data, at, end, notes)
            if notes and notes[-1].unreadable:
                return Frame(kind(**values), sequence, tuple(notes), status)
        values["tlvs"] = _read_tlvs(data, at, end, notes)
    return Frame(kind(**values), sequence, tuple(notes), status)


def _read_tlvs(data: bytes, at: int, end: int, notes: list[Problem]) -> tuple[Tlv, ...]:
    found: list[Tlv] = []
    while at + 4 <= end:
        tag, length = HEAD.unpack_from(data, at)
        stop = at + 4 + length
        if stop > end:
            what = f"announces {length} octets where {end - at - 4} are left"
            notes.append(Problem(tlvs.name_of(tag), what, Status.ESME_RINVTLVSTREAM))
            return tuple(found)
        least, most = BOUNDS.get(tag, ANY_LENGTH)
        if not least <= length <= most:
            what = f"has {length} octets, {least} to {most} are allowed"
            notes.append(Problem(tlvs.name_of(tag), what, Status.ESME_RINVTLVLEN))
        found.append(Tlv(tag, data[at + 4 : stop]))
        at = stop
    if at < end:
        notes.append(Problem("tlvs", f"{end - at} stray octets at the end", Status.ESME_RINVTLVSTREAM))
    return tuple(found)


def _read_message(kind: type[_Short], data: bytes, at: int, end: int) -> _Short | None:
    """Read a message in which nothing is odd; None for all others."""
    data = data[at:end]
    # Once for all texts: a slice of it is a field.
    shown = data.decode("latin-1")
    try:
        service = shown.index("\0")
        source = shown.index("\0", service + 3)
        destination = shown.index("\0", source + 3)
        schedule = shown.index("\0", destination + 4)
        validity = shown.index("\0", schedule + 1)
        registered, replace, coding, default, length = data[validity + 1 : validity + 6]
    except ValueError:
        return None
    stop = validity + 6 + length
    if (
        stop > len(data)
        or service > 5
        or source - service > 23
        or destination - source > 23
        or schedule - destination not in _TIMES_AFTER_FLAGS
        or validity - schedule not in _TIMES
    ):
        return None
    parameters: tuple[Tlv, ...] = ()
    if stop < len(data):
        notes: list[Problem] = []
        parameters = _read_tlvs(data, stop, len(data), notes)
        if notes:
            return None
    return kind(
        shown[:service],
        data[service + 1],
        data[service + 2],
        shown[service + 3 : source],
        data[source + 1],
        data[source + 2],
        shown[source + 3 : destination],
        data[destination + 1],
        data[destination + 2],
        data[destination + 3],
        shown[destination + 4 : schedule],
        shown[schedule + 1 : validity],
        registered,
        replace,
        coding,
        default,
        data[validity + 6 : stop],
        parameters,
    )


def _read_resp(kind: type[_Named], data: bytes, at: int, end: int, status: int) -> _Named | None:
    stop = end - 1
    if stop < at:
        return kind(status)
    if data.find(0, at, end) != stop or stop - at > 64:
        return None
    return kind(status, data[at:stop].decode("latin-1"))


def _read_submit(data: bytes, at: int, end: int, _status: int) -> Pdu | None:
    return _read_message(SubmitSm, data, at, end)


def _read_deliver(data: bytes, at: int, end: int, _status: int) -> Pdu | None:
    return _read_message(DeliverSm, data, at, end)


def _read_submit_resp(data: bytes, at: int, end: int, status: int) -> Pdu | None:
    return _read_resp(SubmitSmResp, data, at, end, status)


def _read_deliver_resp(data: bytes, at: int, end: int, status: int) -> Pdu | None:
    return _read_resp(DeliverSmResp, data, at, end, status)


def _read_enquire(_data: bytes, at: int, end: int, _status: int) -> Pdu | None:
    return EnquireLink() if at == end else None


def _read_enquire_resp(_data: bytes, at: int, end: int, status: int) -> Pdu | None:
    return EnquireLinkResp(status) if at == end else None


_READERS: Mapping[int, Callable[[bytes, int, int, int], Pdu | None]] = {
    SubmitSm.command_id: _read_submit,
    DeliverSm.command_id: _read_deliver,
    SubmitSmResp.command_id: _read_submit_resp,
    DeliverSmResp.command_id: _read_deliver_resp,
    EnquireLink.command_id: _read_enquire,
    EnquireLinkResp.command_id: _read_enquire_resp,
}
