"""What goes wrong on the wire: an answer as it should be becomes the octets that really come, and how it goes on."""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from enum import Enum

from attrs import define, frozen

from smskit.transports.smpp import (
    EnquireLink,
    EnquireLinkResp,
    GenericNack,
    Pdu,
    Status,
    Unbind,
    UnknownPdu,
    encode,
)

_HEADER = struct.Struct(">IIII")
_OUR_SEQUENCE = 0x7FFFFF00
"""Number of the requests that are made here, past the session: far from those that it counts."""


class Fault(Enum):
    """What happens instead of an answer, or around it. What was asked for is done in all cases."""

    SILENT = "silent"
    """No answer."""

    RESET = "reset"
    """No answer, and the connection is reset."""

    HANG_UP = "hang_up"
    """No answer, and the connection is closed."""

    CUT = "cut"
    """Half of the answer, then the connection is closed."""

    LAST_FIRST = "last_first"
    """Answers are kept back until the last of them, then they come in the opposite order."""

    UNBIND = "unbind"
    """An ``unbind`` before the answer; the connection is closed when all is answered."""

    TWICE = "twice"
    STRAY = "stray"
    """An answer to nothing, before the right one."""

    OTHER_ANSWER = "other_answer"
    """An ``enquire_link_resp`` with this number, before the right one."""

    NACK = "nack"
    """A ``generic_nack`` with its number (``ESME_RINVCMDID``)."""

    NO_BODY = "no_body"
    """Only the header of the answer, whatever its status."""

    NO_NUL = "no_nul"
    """A text without its end."""

    VENDOR_STATUS = "vendor_status"
    """The status 0x45A, which no specification names."""

    VENDOR_TLV = "vendor_tlv"
    WRONG_TLV = "wrong_tlv"
    """A parameter of two octets that has one by the specification."""

    LONG_TLV = "long_tlv"
    """A parameter that is longer than its PDU."""

    STRAY_OCTETS = "stray_octets"
    """Three octets behind the last field."""

    UNKNOWN_COMMAND = "unknown_command"
    """A request that no specification names, before the answer."""

    ENQUIRIES = "enquiries"
    """Two thousand ``enquire_link`` behind the answer."""

    SHORT_LENGTH = "short_length"
    """A length of 8 instead of the answer."""

    HUGE_LENGTH = "huge_length"
    """A length of two gigabytes instead of the answer."""

    HTTP = "http"
    """Somebody who speaks HTTP instead of the answer."""


class Ending(Enum):
    """What becomes of the connection after a fault."""

    NONE = "none"
    FIN = "fin"
    RST = "rst"


@frozen
class Break:
    """How a fault is done: what the octets of the answer become, and what becomes of the connection.

    ``octets`` is None where the request gets no answer at all.
    """

    octets: Callable[[bytes], bytes] | None
    ending: Ending = Ending.NONE


def _made(octets: bytes, *, command: int | None = None, status: int | None = None, body: bytes | None = None) -> bytes:
    _, old_command, old_status, sequence = _HEADER.unpack_from(octets)
    body = octets[16:] if body is None else body
    command = old_command if command is None else command
    status = old_status if status is None else status
    return _HEADER.pack(16 + len(body), command, status, sequence) + body


def _sequence(octets: bytes) -> int:
    sequence: int = _HEADER.unpack_from(octets)[3]
    return sequence


def _with(tail: bytes) -> Callable[[bytes], bytes]:
    return lambda octets: _made(octets, body=(octets[16:] or b"\0") + tail)


def _other_number(octets: bytes) -> bytes:
    return octets[:12] + (_sequence(octets) ^ 0x40000000).to_bytes(4, "big") + octets[16:]


BREAKS: Mapping[Fault, Break] = {
    Fault.SILENT: Break(None),
    Fault.RESET: Break(None, Ending.RST),
    Fault.HANG_UP: Break(None, Ending.FIN),
    Fault.CUT: Break(lambda octets: octets[: len(octets) // 2], Ending.FIN),
    Fault.LAST_FIRST: Break(lambda octets: octets),
    Fault.UNBIND: Break(lambda octets: encode(Unbind(), _OUR_SEQUENCE) + octets),
    Fault.TWICE: Break(lambda octets: octets + octets),
    Fault.STRAY: Break(lambda octets: _other_number(octets) + octets),
    Fault.OTHER_ANSWER: Break(lambda octets: encode(EnquireLinkResp(), _sequence(octets)) + octets),
    Fault.NACK: Break(lambda octets: encode(GenericNack(Status.ESME_RINVCMDID), _sequence(octets))),
    Fault.NO_BODY: Break(lambda octets: _made(octets, body=b"")),
    Fault.NO_NUL: Break(lambda octets: _made(octets, body=octets[16:].rstrip(b"\0"))),
    Fault.VENDOR_STATUS: Break(lambda octets: _made(octets, status=0x45A)),
    Fault.VENDOR_TLV: Break(_with(b"\x14\x03\0\x03abc")),
    Fault.WRONG_TLV: Break(_with(b"\x04\x27\0\x02\0\x02")),
    Fault.LONG_TLV: Break(_with(b"\x04\x24\0\x09abc")),
    Fault.STRAY_OCTETS: Break(_with(b"\0\0\0")),
    Fault.UNKNOWN_COMMAND: Break(lambda octets: encode(UnknownPdu(0x00010201, 0, b"?"), _OUR_SEQUENCE) + octets),
    Fault.ENQUIRIES: Break(lambda octets: octets + encode(EnquireLink(), _OUR_SEQUENCE) * 2000),
    Fault.SHORT_LENGTH: Break(lambda octets: bytes((0, 0, 0, 8)) + octets[4:8]),
    Fault.HUGE_LENGTH: Break(lambda octets: b"\x7f\xff\xff\xff" + octets[4:]),
    Fault.HTTP: Break(lambda _octets: b"HTTP/1.1 400 Bad Request\r\n\r\n"),
}


# Mutable: it counts down what is still to be hit.
@define(eq=False)
class Armed:
    """Something that is done to the next requests of a kind.

    Args:
        what: a fault, or a refusal.
        to: the kind; a base class stands for all of its kinds.
        after: how many requests of that kind pass unharmed before.
        times: how many are hit then.
    """

    what: object
    to: type[Pdu]
    after: int
    times: int

    def passes(self, pdu: Pdu) -> bool:
        """Count *pdu*; tell whether it is not to be hit by this one."""
        if not isinstance(pdu, self.to):
            return True
        self.after -= 1
        return self.after >= 0


def fire(armed: list[Armed], pdu: Pdu) -> Armed | None:
    """Give what is to be done to *pdu*, the oldest first; what has hit all it was to hit is taken out."""
    ready = [each for each in armed if not each.passes(pdu)]
    if not ready:
        return None
    ready[0].times -= 1
    if not ready[0].times:
        armed.remove(ready[0])
    return ready[0]
