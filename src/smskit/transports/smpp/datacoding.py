"""What ``data_coding`` says of the octets of a message.

Source: SMPP 3.4 clause 5.2.19; 3GPP TS 23.038 clause 4 (groups of TP-DCS, which many centres pass through).
"""

from __future__ import annotations

from enum import Enum

from attrs import frozen

from smskit.errors import InvalidInput


class Charset(Enum):
    """In what the text of a message is written; the value of those of Python is the name of its codec."""

    DEFAULT = "default"
    """The default alphabet of the centre: only its operator can say which one that is."""

    GSM7 = "gsm7"
    BINARY = "binary"
    UCS2 = "utf-16-be"
    ASCII = "ascii"
    LATIN1 = "iso8859-1"
    CYRILLIC = "iso8859-5"
    HEBREW = "iso8859-8"
    JIS = "euc_jp"
    PICTOGRAM = "shift_jis"
    MUSIC = "iso2022_jp"
    KOREAN = "euc_kr"
    UNKNOWN = "unknown"


_BY_VALUE = {
    0: Charset.DEFAULT,
    1: Charset.ASCII,
    2: Charset.BINARY,
    3: Charset.LATIN1,
    4: Charset.BINARY,
    5: Charset.JIS,
    6: Charset.CYRILLIC,
    7: Charset.HEBREW,
    8: Charset.UCS2,
    9: Charset.PICTOGRAM,
    10: Charset.MUSIC,
    13: Charset.JIS,
    14: Charset.KOREAN,
}
_GENERAL = (Charset.GSM7, Charset.BINARY, Charset.UCS2, Charset.UNKNOWN)


@frozen
class DataCoding:
    """The reading of one value of ``data_coding``.

    Args:
        value: as it is in the PDU.
        charset: how the octets are read.
        message_class: 0 shows at once and is not kept (flash), 1 goes to the handset, 2 to the SIM; None without one.
        waiting: whether it tells of a voice mail, a fax or a mail that waits.
    """

    value: int
    charset: Charset
    message_class: int | None = None
    waiting: bool = False

    @classmethod
    def of(cls, value: int) -> DataCoding:
        """Read *value*: by itself up to 15, by its group of TP-DCS above; a value of no group is ``UNKNOWN``."""
        if not 0 <= value <= 0xFF:
            raise InvalidInput(f"data_coding={value} is no octet")
        if value < 0x10:
            return cls(value, _BY_VALUE.get(value, Charset.UNKNOWN))
        if value < 0x80:
            # Bit 6 asks for deletion after reading. Bit 5 says compressed, which nobody can read as text. Bit 4 says
            # that there is a class.
            charset = Charset.BINARY if value & 0x20 else _GENERAL[value >> 2 & 3]
            return cls(value, charset, value & 3 if value & 0x10 else None)
        if value >= 0xF0:
            return cls(value, Charset.BINARY if value & 0x04 else Charset.GSM7, value & 3)
        if value >= 0xC0:
            return cls(value, Charset.UCS2 if value >= 0xE0 else Charset.GSM7, waiting=True)
        return cls(value, Charset.UNKNOWN)

    @property
    def is_flash(self) -> bool:
        """Whether the handset shows it at once and does not keep it."""
        return self.message_class == 0
