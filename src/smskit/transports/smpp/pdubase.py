"""What all PDUs share, how their fields are declared, and the one for commands that nobody named."""

from __future__ import annotations

from typing import ClassVar

from attrs import field, frozen

from smskit.phone.mask import mask
from smskit.transports.smpp.layouts import LAYOUT, Number, Octets, Text
from smskit.transports.smpp.statuses import Status

ANSWER = 0x80000000
"""The bit by which the command id of an answer differs from that of its request."""


def hide(value: str) -> str:
    """Show how long a secret is, and nothing of it."""
    return f"<{len(value)} characters>"


def _sizes(value: bytes) -> str:
    return f"<{len(value)} octets>"


def text(most: int, status: Status = Status.ESME_RINVCMDLEN) -> str:
    """Declare a C-octet string of at most *most* octets with its NUL."""
    return field(default="", metadata={LAYOUT: Text(most, status)})


def address(most: int, status: Status) -> str:
    """Declare the same for a number, which is shown masked."""
    return field(default="", repr=mask, metadata={LAYOUT: Text(most, status)})


def time(status: Status) -> str:
    """Declare a time: nothing, or sixteen characters."""
    return field(default="", metadata={LAYOUT: Text(17, status, whole=True)})


def number(octets: int = 1, default: int = 0) -> int:
    """Declare an unsigned integer."""
    return field(default=default, metadata={LAYOUT: Number(octets)})


def octets() -> bytes:
    """Declare octets with their number before them."""
    return field(default=b"", repr=_sizes, metadata={LAYOUT: Octets(Status.ESME_RINVMSGLEN)})


@frozen(slots=False)
class Pdu:
    """What all PDUs share. The sequence number is not in it: the session counts."""

    command_id: ClassVar[int] = 0


@frozen(slots=False)
class Answer(Pdu):
    """An answer; ``status`` is any 32-bit value, see :func:`~smskit.transports.smpp.statuses.meaning_of`."""

    status: int = 0


@frozen(slots=False)
class UnknownPdu(Pdu):
    """A command that no specification names, kept as it came. It says itself what its id is."""

    command_id: int = 0  # type: ignore[misc]  # what is a constant of the other classes is a value here
    status: int = 0
    body: bytes = field(default=b"", repr=_sizes)

    @property
    def is_answer(self) -> bool:
        """Whether it answers something, by its command id."""
        return bool(self.command_id & ANSWER)
