"""What single octets of a PDU mean: numbers of types and plans, and the bits of the octets that hold several things.

Fields of a PDU are plain integers, so that a value nobody named is kept; the types here read and write them.

Source: SMPP 3.4 clauses 5.2.5 (TON), 5.2.6 (NPI), 5.2.12 (esm_class), 5.2.17 (registered_delivery), 5.2.28
(message_state); SMPP 5.0 clauses 4.7.12, 4.7.15, 4.7.21.
"""

from __future__ import annotations

from enum import Enum, IntEnum

from attrs import frozen

from smskit.errors import InvalidInput


class Ton(IntEnum):
    """Type of number."""

    UNKNOWN = 0
    INTERNATIONAL = 1
    NATIONAL = 2
    NETWORK_SPECIFIC = 3
    SUBSCRIBER_NUMBER = 4
    ALPHANUMERIC = 5
    ABBREVIATED = 6


class Npi(IntEnum):
    """Numbering plan."""

    UNKNOWN = 0
    ISDN_E164 = 1
    DATA_X121 = 3
    TELEX_F69 = 4
    LAND_MOBILE_E212 = 6
    NATIONAL = 8
    PRIVATE = 9
    ERMES = 10
    INTERNET_IP = 14
    WAP_CLIENT_ID = 18


class Version(IntEnum):
    """Values of ``interface_version``; anything up to 0x33 is a peer without optional parameters."""

    V3_3 = 0x33
    V3_4 = 0x34
    V5_0 = 0x50


class MessageState(IntEnum):
    """Values of ``message_state``."""

    SCHEDULED = 0
    ENROUTE = 1
    DELIVERED = 2
    EXPIRED = 3
    DELETED = 4
    UNDELIVERABLE = 5
    ACCEPTED = 6
    UNKNOWN = 7
    REJECTED = 8
    SKIPPED = 9


class Mode(Enum):
    """How a message is handled on its way; says nothing in a delivery."""

    DEFAULT = 0
    DATAGRAM = 1
    FORWARD = 2
    STORE_AND_FORWARD = 3


class Content(Enum):
    """What a message is, by bits 2 to 5 of ``esm_class``."""

    MESSAGE = 0x00
    RECEIPT = 0x04
    DELIVERY_ACKNOWLEDGEMENT = 0x08
    USER_ACKNOWLEDGEMENT = 0x10
    CONVERSATION_ABORT = 0x18
    INTERMEDIATE = 0x20


_MODE, _CONTENT, UDHI, _REPLY_PATH = 0x03, 0x3C, 0x40, 0x80
_CONTENTS = {content.value: content for content in Content}


def _require_octet(value: int, name: str) -> None:
    if not 0 <= value <= 0xFF:
        raise InvalidInput(f"{name}={value} is no octet")


@frozen
class EsmClass:
    """What ``esm_class`` says. ``content`` is a plain integer (its bits in place) where nobody named the value.

    Args:
        mode: how the message is handled.
        content: what it is.
        udhi: whether the user data begin with a header.
        reply_path: whether an answer goes back the same way.
    """

    mode: Mode = Mode.DEFAULT
    content: Content | int = Content.MESSAGE
    udhi: bool = False
    reply_path: bool = False

    @classmethod
    def of(cls, octet: int) -> EsmClass:
        """Read *octet*; every value has a reading."""
        _require_octet(octet, "esm_class")
        content = octet & _CONTENT
        return cls(Mode(octet & _MODE), _CONTENTS.get(content, content), bool(octet & UDHI), bool(octet & _REPLY_PATH))

    @property
    def octet(self) -> int:
        """The value for a PDU."""
        content = self.content.value if isinstance(self.content, Content) else self.content & _CONTENT
        return self.mode.value | content | (UDHI if self.udhi else 0) | (_REPLY_PATH if self.reply_path else 0)


class Wanted(Enum):
    """Of which final outcomes a receipt is wanted."""

    NONE = 0
    ALL = 1
    FAILURE = 2
    SUCCESS = 3
    """Since 5.0; reserved in 3.4."""


class Acknowledgement(Enum):
    """Which acknowledgements of the recipient are wanted."""

    NONE = 0x00
    DELIVERY = 0x04
    USER = 0x08
    BOTH = 0x0C


_INTERMEDIATE, _NO_NAME = 0x10, 0xE0


@frozen
class RegisteredDelivery:
    """What ``registered_delivery`` asks for; ``rest`` holds the three bits that nobody named.

    The text of 3.4 calls the bit of intermediate receipts the fifth; its own pattern and 5.0 say 0x10.
    """

    receipt: Wanted = Wanted.NONE
    acknowledgement: Acknowledgement = Acknowledgement.NONE
    intermediate: bool = False
    rest: int = 0

    @classmethod
    def of(cls, octet: int) -> RegisteredDelivery:
        """Read *octet*; every value has a reading."""
        _require_octet(octet, "registered_delivery")
        wanted, asked = Wanted(octet & 0x03), Acknowledgement(octet & 0x0C)
        return cls(wanted, asked, bool(octet & _INTERMEDIATE), octet & _NO_NAME)

    @property
    def octet(self) -> int:
        """The value for a PDU."""
        intermediate = _INTERMEDIATE if self.intermediate else 0
        return self.receipt.value | self.acknowledgement.value | intermediate | self.rest & _NO_NAME
