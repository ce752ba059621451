"""Optional parameters: a tag, a length, a value. Whatever comes is kept; the table says what 64 of them hold.

Source: SMPP 3.4 clause 5.3; SMPP 5.0 clause 4.8.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import Enum, IntEnum
from struct import Struct
from typing import NamedTuple

from attrs import frozen

from smskit.errors import InvalidInput

LARGEST = 0xFFFF
"""The most octets that one value may have."""

HEAD = Struct(">HH")


class Tag(IntEnum):
    """The parameters that the specifications name. Those of vendors are 0x1400 to 0x3FFF."""

    DEST_ADDR_SUBUNIT = 0x0005
    DEST_NETWORK_TYPE = 0x0006
    DEST_BEARER_TYPE = 0x0007
    DEST_TELEMATICS_ID = 0x0008
    SOURCE_ADDR_SUBUNIT = 0x000D
    SOURCE_NETWORK_TYPE = 0x000E
    SOURCE_BEARER_TYPE = 0x000F
    SOURCE_TELEMATICS_ID = 0x0010
    QOS_TIME_TO_LIVE = 0x0017
    PAYLOAD_TYPE = 0x0019
    ADDITIONAL_STATUS_INFO_TEXT = 0x001D
    RECEIPTED_MESSAGE_ID = 0x001E
    MS_MSG_WAIT_FACILITIES = 0x0030
    PRIVACY_INDICATOR = 0x0201
    SOURCE_SUBADDRESS = 0x0202
    DEST_SUBADDRESS = 0x0203
    USER_MESSAGE_REFERENCE = 0x0204
    USER_RESPONSE_CODE = 0x0205
    SOURCE_PORT = 0x020A
    DEST_PORT = 0x020B
    SAR_MSG_REF_NUM = 0x020C
    LANGUAGE_INDICATOR = 0x020D
    SAR_TOTAL_SEGMENTS = 0x020E
    SAR_SEGMENT_SEQNUM = 0x020F
    SC_INTERFACE_VERSION = 0x0210
    CALLBACK_NUM_PRES_IND = 0x0302
    CALLBACK_NUM_ATAG = 0x0303
    NUMBER_OF_MESSAGES = 0x0304
    CALLBACK_NUM = 0x0381
    DPF_RESULT = 0x0420
    SET_DPF = 0x0421
    MS_AVAILABILITY_STATUS = 0x0422
    NETWORK_ERROR_CODE = 0x0423
    MESSAGE_PAYLOAD = 0x0424
    DELIVERY_FAILURE_REASON = 0x0425
    MORE_MESSAGES_TO_SEND = 0x0426
    MESSAGE_STATE = 0x0427
    CONGESTION_STATE = 0x0428
    USSD_SERVICE_OP = 0x0501
    BROADCAST_CHANNEL_INDICATOR = 0x0600
    BROADCAST_CONTENT_TYPE = 0x0601
    BROADCAST_CONTENT_TYPE_INFO = 0x0602
    BROADCAST_MESSAGE_CLASS = 0x0603
    BROADCAST_REP_NUM = 0x0604
    BROADCAST_FREQUENCY_INTERVAL = 0x0605
    BROADCAST_AREA_IDENTIFIER = 0x0606
    BROADCAST_ERROR_STATUS = 0x0607
    BROADCAST_AREA_SUCCESS = 0x0608
    BROADCAST_END_TIME = 0x0609
    BROADCAST_SERVICE_GROUP = 0x060A
    BILLING_IDENTIFICATION = 0x060B
    SOURCE_NETWORK_ID = 0x060D
    DEST_NETWORK_ID = 0x060E
    SOURCE_NODE_ID = 0x060F
    DEST_NODE_ID = 0x0610
    DEST_ADDR_NP_RESOLUTION = 0x0611
    DEST_ADDR_NP_INFORMATION = 0x0612
    DEST_ADDR_NP_COUNTRY = 0x0613
    DISPLAY_TIME = 0x1201
    SMS_SIGNAL = 0x1203
    MS_VALIDITY = 0x1204
    ALERT_ON_MESSAGE_DELIVERY = 0x130C
    ITS_REPLY_TYPE = 0x1380
    ITS_SESSION_INFO = 0x1383


class Form(Enum):
    """How the value of a parameter is written."""

    INT = "int"
    """An unsigned integer, high octet first."""

    TEXT = "text"
    """A C-octet string; its NUL is often forgotten, and both ways are read."""

    OCTETS = "octets"


@frozen
class Shape:
    """What the value of a parameter looks like: its form, and the fewest and most octets it has."""

    form: Form
    least: int
    most: int
    repeatable: bool = False


SHAPES: Mapping[int, Shape] = {
    Tag.DEST_ADDR_SUBUNIT: Shape(Form.INT, 1, 1),
    Tag.DEST_NETWORK_TYPE: Shape(Form.INT, 1, 1),
    Tag.DEST_BEARER_TYPE: Shape(Form.INT, 1, 1),
    Tag.DEST_TELEMATICS_ID: Shape(Form.INT, 2, 2),
    Tag.SOURCE_ADDR_SUBUNIT: Shape(Form.INT, 1, 1),
    Tag.SOURCE_NETWORK_TYPE: Shape(Form.INT, 1, 1),
    Tag.SOURCE_BEARER_TYPE: Shape(Form.INT, 1, 1),
    Tag.SOURCE_TELEMATICS_ID: Shape(Form.INT, 1, 1),
    Tag.QOS_TIME_TO_LIVE: Shape(Form.INT, 4, 4),
    Tag.PAYLOAD_TYPE: Shape(Form.INT, 1, 1),
    Tag.ADDITIONAL_STATUS_INFO_TEXT: Shape(Form.TEXT, 1, 256),
    Tag.RECEIPTED_MESSAGE_ID: Shape(Form.TEXT, 1, 65),
    Tag.MS_MSG_WAIT_FACILITIES: Shape(Form.INT, 1, 1),
    Tag.PRIVACY_INDICATOR: Shape(Form.INT, 1, 1),
    Tag.SOURCE_SUBADDRESS: Shape(Form.OCTETS, 2, 23),
    Tag.DEST_SUBADDRESS: Shape(Form.OCTETS, 2, 23),
    Tag.USER_MESSAGE_REFERENCE: Shape(Form.INT, 2, 2),
    Tag.USER_RESPONSE_CODE: Shape(Form.INT, 1, 1),
    Tag.SOURCE_PORT: Shape(Form.INT, 2, 2),
    Tag.DEST_PORT: Shape(Form.INT, 2, 2),
    Tag.SAR_MSG_REF_NUM: Shape(Form.INT, 2, 2),
    Tag.LANGUAGE_INDICATOR: Shape(Form.INT, 1, 1),
    Tag.SAR_TOTAL_SEGMENTS: Shape(Form.INT, 1, 1),
    Tag.SAR_SEGMENT_SEQNUM: Shape(Form.INT, 1, 1),
    Tag.SC_INTERFACE_VERSION: Shape(Form.INT, 1, 1),
    Tag.CALLBACK_NUM_PRES_IND: Shape(Form.INT, 1, 1, repeatable=True),
    Tag.CALLBACK_NUM_ATAG: Shape(Form.OCTETS, 1, 65, repeatable=True),
    Tag.NUMBER_OF_MESSAGES: Shape(Form.INT, 1, 1),
    Tag.CALLBACK_NUM: Shape(Form.OCTETS, 4, 19, repeatable=True),
    Tag.DPF_RESULT: Shape(Form.INT, 1, 1),
    Tag.SET_DPF: Shape(Form.INT, 1, 1),
    Tag.MS_AVAILABILITY_STATUS: Shape(Form.INT, 1, 1),
    Tag.NETWORK_ERROR_CODE: Shape(Form.OCTETS, 3, 3),
    Tag.MESSAGE_PAYLOAD: Shape(Form.OCTETS, 0, 65535),
    Tag.DELIVERY_FAILURE_REASON: Shape(Form.INT, 1, 1),
    Tag.MORE_MESSAGES_TO_SEND: Shape(Form.INT, 1, 1),
    Tag.MESSAGE_STATE: Shape(Form.INT, 1, 1),
    Tag.CONGESTION_STATE: Shape(Form.INT, 1, 1),
    Tag.USSD_SERVICE_OP: Shape(Form.INT, 1, 1),
    Tag.BROADCAST_CHANNEL_INDICATOR: Shape(Form.INT, 1, 1),
    Tag.BROADCAST_CONTENT_TYPE: Shape(Form.OCTETS, 3, 3),
    Tag.BROADCAST_CONTENT_TYPE_INFO: Shape(Form.OCTETS, 1, 255),
    Tag.BROADCAST_MESSAGE_CLASS: Shape(Form.INT, 1, 1),
    Tag.BROADCAST_REP_NUM: Shape(Form.INT, 2, 2),
    Tag.BROADCAST_FREQUENCY_INTERVAL: Shape(Form.OCTETS, 3, 3),
    Tag.BROADCAST_AREA_IDENTIFIER: Shape(Form.OCTETS, 1, 101, repeatable=True),
    Tag.BROADCAST_ERROR_STATUS: Shape(Form.INT, 4, 4, repeatable=True),
    Tag.BROADCAST_AREA_SUCCESS: Shape(Form.INT, 1, 1, repeatable=True),
    Tag.BROADCAST_END_TIME: Shape(Form.TEXT, 16, 17),
    Tag.BROADCAST_SERVICE_GROUP: Shape(Form.OCTETS, 1, 255),
    Tag.BILLING_IDENTIFICATION: Shape(Form.OCTETS, 1, 1024),
    Tag.SOURCE_NETWORK_ID: Shape(Form.TEXT, 7, 65),
    Tag.DEST_NETWORK_ID: Shape(Form.TEXT, 7, 65),
    Tag.SOURCE_NODE_ID: Shape(Form.OCTETS, 6, 6),
    Tag.DEST_NODE_ID: Shape(Form.OCTETS, 6, 6),
    Tag.DEST_ADDR_NP_RESOLUTION: Shape(Form.INT, 1, 1),
    Tag.DEST_ADDR_NP_INFORMATION: Shape(Form.OCTETS, 10, 10),
    Tag.DEST_ADDR_NP_COUNTRY: Shape(Form.INT, 1, 5),
    Tag.DISPLAY_TIME: Shape(Form.INT, 1, 1),
    Tag.SMS_SIGNAL: Shape(Form.INT, 2, 2),
    Tag.MS_VALIDITY: Shape(Form.OCTETS, 1, 4),
    Tag.ALERT_ON_MESSAGE_DELIVERY: Shape(Form.INT, 0, 1),
    Tag.ITS_REPLY_TYPE: Shape(Form.INT, 1, 1),
    Tag.ITS_SESSION_INFO: Shape(Form.OCTETS, 2, 2),
}


# Plain integers: looking up a number among members of an enumeration asks Python to compare them.
BOUNDS: Mapping[int, tuple[int, int]] = {int(tag): (shape.least, shape.most) for tag, shape in SHAPES.items()}
"""The fewest and the most octets of each named tag."""

ANY_LENGTH = (0, LARGEST)


class Tlv(NamedTuple):
    """One optional parameter as it is on the wire. A named tuple, not an attrs class: receipts have several of them."""

    tag: int
    value: bytes

    def __repr__(self) -> str:
        """Show no value: it may be a message, a number or an address."""
        return f"<{name_of(self.tag)}, {len(self.value)} octets>"

    @property
    def reading(self) -> int | str | bytes:
        """The value in its form: an integer, a text (Latin-1, up to its NUL) or the octets.

        Those of a tag without a form, or of a length that its form cannot have, are given as octets.
        """
        shape = SHAPES.get(self.tag)
        if shape is None or shape.form is Form.OCTETS or not shape.least <= len(self.value) <= shape.most:
            return self.value
        if shape.form is Form.INT:
            return int.from_bytes(self.value, "big")
        return self.value.split(b"\0", 1)[0].decode("latin-1")


def name_of(tag: int) -> str:
    """Give the name of *tag* in the specification, or ``0x1403`` for one that has none."""
    return Tag(tag).name.lower() if tag in SHAPES else f"0x{tag:04X}"


def tlv(tag: int, value: int | str | bytes = b"") -> Tlv:
    """Make the parameter *tag* of *value*, which is written in its form.

    Args:
        tag: any; one that the specifications do not name takes octets only.
        value: octets are taken as they are, whatever the form.

    Raises:
        InvalidInput: the value does not have the form of the tag, or is longer or shorter than it allows.
    """
    shape = SHAPES.get(tag)
    octets = value if isinstance(value, bytes) else _octets(tag, shape, value)
    least, most = (shape.least, shape.most) if shape else (0, LARGEST)
    if not least <= len(octets) <= most:
        raise InvalidInput(f"{name_of(tag)} has {least} to {most} octets, not {len(octets)}")
    return Tlv(tag, octets)


def _octets(tag: int, shape: Shape | None, value: int | str) -> bytes:
    if shape is not None and shape.form is Form.INT and isinstance(value, int):
        size = max(shape.least, (value.bit_length() + 7) // 8, 1)
        if value >= 0 and size <= shape.most:
            return value.to_bytes(size, "big")
        raise InvalidInput(f"{name_of(tag)} is an unsigned number of at most {shape.most} octets")
    if shape is not None and shape.form is Form.TEXT and isinstance(value, str):
        try:
            return value.encode("latin-1") + b"\0"
        except UnicodeEncodeError as error:
            raise InvalidInput(f"{name_of(tag)} has a character that is no octet") from error
    raise InvalidInput(f"{name_of(tag)} is not written as {type(value).__name__}; give its octets")


def find(tlvs: Iterable[Tlv], tag: int) -> bytes | None:
    """Give the octets of the first parameter *tag* among *tlvs*, None when there is none."""
    for found, value in tlvs:
        if found == tag:
            return value
    return None


def read(tlvs: Iterable[Tlv], tag: int) -> int | str | bytes | None:
    """Give the first parameter *tag* among *tlvs* in its form, None when there is none."""
    value = find(tlvs, tag)
    return None if value is None else Tlv(tag, value).reading


def number(tlvs: Iterable[Tlv], tag: int) -> int | None:
    """Give the first parameter *tag* as a number; None when there is none, or it is none."""
    value = read(tlvs, tag)
    return value if isinstance(value, int) else None


def text(tlvs: Iterable[Tlv], tag: int) -> str | None:
    """Give the first parameter *tag* as a text; None when there is none.

    One of a length that the specification does not allow is read all the same: there are identifiers of more than 64.
    """
    value = find(tlvs, tag)
    return None if value is None else value.split(b"\0", 1)[0].decode("latin-1")


def write(tlvs: Iterable[Tlv]) -> bytes:
    """Give the octets of *tlvs*.

    Raises:
        InvalidInput: a value longer than its length can say, or a tag of more than 16 bits.
    """
    written: list[bytes] = []
    for tag, value in tlvs:
        if len(value) > LARGEST or not 0 <= tag <= 0xFFFF:
            raise InvalidInput(f"{tag:#x} with {len(value)} octets: a tag has 16 bits and a value {LARGEST} octets")
        written.append(HEAD.pack(tag, len(value)))
        written.append(value)
    return b"".join(written)
