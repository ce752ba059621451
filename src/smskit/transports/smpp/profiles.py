"""Texts of smskit as PDUs, and back, by what one centre is known to take.

``data_coding`` 0 is the default alphabet of the centre, and no field says which one that is: GSM-7 with an octet for
each septet, packed GSM-7, ASCII, Latin-1 and Latin-9 all occur. So it is said here, once for each account.

Source: SMPP 3.4 clauses 5.2.19, 5.3.2.22 to 5.3.2.24 (SAR) and 5.3.2.32 (message_payload); 3GPP TS 23.040 clause
9.2.3.24 (user data header).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import Enum

from attrs import field, frozen

from smskit.encoding import (
    GSM7,
    UCS2,
    Alphabet,
    Element,
    Language,
    Layout,
    Part,
    Septets,
    decode,
    encode,
    national,
    pack,
    read_header,
    split,
    unpack,
)
from smskit.errors import InvalidInput, UnencodableText, UnsupportedFeature
from smskit.transports.smpp import tlvs
from smskit.transports.smpp.addresses import KINDS, Address, Kinds
from smskit.transports.smpp.datacoding import Charset, DataCoding
from smskit.transports.smpp.fields import UDHI, RegisteredDelivery, Wanted
from smskit.transports.smpp.pdus import DataSm, DeliverSm, SubmitSm
from smskit.transports.smpp.times import absolute, relative
from smskit.transports.smpp.tlvs import Tag, Tlv

_CONCAT_8, _CONCAT_16, _SINGLE_SHIFT, _LOCKING_SHIFT = 0x00, 0x08, 0x24, 0x25
_LANGUAGES = frozenset(language.value for language in Language)
_ALONE = 160
"""Septets of a text of one part. Source: 3GPP TS 23.038 clause 6.1.2.1.1."""


class Default(Enum):
    """The default alphabet of a centre, ``data_coding`` 0; the value of a code page is the name of its codec."""

    GSM = "gsm"
    """GSM-7, one septet in each octet: by far the commonest."""

    GSM_PACKED = "gsm packed"
    """GSM-7, eight septets in seven octets."""

    ASCII = "ascii"
    LATIN1 = "latin-1"
    LATIN9 = "iso8859-15"


class Long(Enum):
    """How the parts of a long text are tied together."""

    UDH = "udh"
    """By a header in each: every centre hands it through."""

    SAR = "sar"
    """By three parameters, of which the centre makes that header."""

    PAYLOAD = "payload"
    """Not at all: one PDU with the whole text in ``message_payload``, which the centre cuts."""


_ALL = RegisteredDelivery(Wanted.ALL)


@frozen
class Profile:
    """What one account of one centre takes.

    Args:
        default: its default alphabet.
        long: how long texts are handed over.
        alphabets: what texts are written in, in order of preference; national tables of GSM-7 always travel by header.
        layout: sizes of references, further header elements, where cuts may fall.
        kinds: type and plan of senders and recipients.
        receipts: what is asked for with each message.
        service_type: of every message.
        gsm_coding: ``data_coding`` of a text in the default alphabet.
        ucs2_coding: ``data_coding`` of a text in UCS-2.
    """

    default: Default = Default.GSM
    long: Long = Long.UDH
    alphabets: tuple[Alphabet, ...] = (GSM7, UCS2)
    layout: Layout = field(factory=Layout)
    kinds: Kinds = KINDS
    receipts: RegisteredDelivery = _ALL
    service_type: str = ""
    gsm_coding: int = 0
    ucs2_coding: int = 8
    _asks_for: int = field(init=False, repr=False, eq=False)
    _is_plain: bool = field(init=False, repr=False, eq=False)

    def __attrs_post_init__(self) -> None:
        layout = self.layout
        plain = self.default is Default.GSM and self.alphabets[:1] == (GSM7,) and not layout.elements
        object.__setattr__(self, "_asks_for", self.receipts.octet)
        object.__setattr__(self, "_is_plain", plain and layout.most is None)

    @property
    def registered_delivery(self) -> int:
        """What is asked for, as it is written."""
        return self._asks_for

    def alone(self, text: str) -> bytes | None:
        """Give the octets of a text that needs no header and no look at its letters; None leaves that to be seen.

        Most messages are one part of plain GSM-7, and cutting them would cost more than all the rest.
        """
        if not self._is_plain or len(text) > _ALONE:
            return None
        try:
            octets = encode(text)
        except UnencodableText:
            return None
        return octets if len(octets) <= _ALONE else None


PLAIN = Profile()


def compose(
    text: str,
    source: Address,
    destination: Address,
    *,
    profile: Profile = PLAIN,
    reference: int = 0,
    send_at: datetime | None = None,
    validity: timedelta | datetime | None = None,
) -> tuple[SubmitSm, ...]:
    """Give the PDUs that carry *text*, in sending order.

    Args:
        text: what the reader sees.
        source: see :func:`~smskit.transports.smpp.addresses.sender_address`.
        destination: see :func:`~smskit.transports.smpp.addresses.recipient_address`.
        profile: what the centre takes.
        reference: the number that the parts share; give another to the next text for the same handset.
        send_at: when the centre is to send it; None at once.
        validity: for how long it is to try, or until when; None leaves it to the centre.

    Raises:
        UnencodableText: no alphabet of the profile has all characters.
        TooLong: more than 255 parts.
        UnsupportedFeature: national tables by another way than a header.
        NaiveDatetime: a time without a zone.
    """
    octets = profile.alone(text)
    if octets is not None:
        carried, coding = [(octets, False, _NONE)], profile.gsm_coding
    else:
        carried, coding = _in_parts(text, profile, reference)
    schedule = absolute(send_at) if send_at else ""
    until = absolute(validity) if isinstance(validity, datetime) else relative(validity) if validity else ""
    return tuple(
        [
            SubmitSm(
                service_type=profile.service_type,
                source_addr_ton=source.ton,
                source_addr_npi=source.npi,
                source_addr=source.text,
                dest_addr_ton=destination.ton,
                dest_addr_npi=destination.npi,
                destination_addr=destination.text,
                esm_class=UDHI if udhi else 0,
                schedule_delivery_time=schedule,
                validity_period=until,
                registered_delivery=profile.registered_delivery,
                data_coding=coding,
                short_message=octets,
                tlvs=parameters,
            )
            for octets, udhi, parameters in carried
        ]
    )


_Carried = tuple[bytes, bool, tuple[Tlv, ...]]
"""The octets of ``short_message``, whether they begin with a header, and the parameters."""

_NONE: tuple[Tlv, ...] = ()


def _in_parts(text: str, profile: Profile, reference: int) -> tuple[list[_Carried], int]:
    """Give what carries each part of *text*, and the ``data_coding`` of all."""
    parts = split(text, alphabet=_choices(text, profile), layout=profile.layout, reference=reference)
    if profile.long is Long.PAYLOAD and len(parts) > 1:
        carried = [_as_payload(text, parts[0], profile)]
    else:
        carried = [_carry(part, len(parts), reference, profile) for part in parts]
    alphabet = next(part.alphabet for part in parts)
    return carried, profile.ucs2_coding if alphabet.bits == 16 else profile.gsm_coding


def _choices(text: str, profile: Profile) -> tuple[Alphabet, ...]:
    """Leave out GSM-7 for a text that the centre's own code page cannot write, though the radio could."""
    if profile.default in (Default.GSM, Default.GSM_PACKED):
        return profile.alphabets
    try:
        text.encode(profile.default.value)
    except UnicodeEncodeError as error:
        rest = tuple(alphabet for alphabet in profile.alphabets if alphabet.bits != 7)
        if not rest:
            raise UnencodableText(text[error.start], error.start, profile.default.value) from error
        return rest
    return profile.alphabets


def _as_payload(text: str, first: Part, profile: Profile) -> _Carried:
    if _has_more_than_joining(first):
        raise UnsupportedFeature("message_payload", "header elements, which are national tables and ports")
    octets = _octets(text, first.alphabet, profile)
    return b"", False, (tlvs.tlv(Tag.MESSAGE_PAYLOAD, octets),)


def _carry(part: Part, total: int, reference: int, profile: Profile) -> _Carried:
    if profile.long is not Long.SAR or total == 1:
        return part.header + _body(part, profile), bool(part.header), ()
    if _has_more_than_joining(part):
        raise UnsupportedFeature("SAR parameters", "header elements, which are national tables and ports")
    joined = (
        tlvs.tlv(Tag.SAR_MSG_REF_NUM, reference % 0x10000),
        tlvs.tlv(Tag.SAR_TOTAL_SEGMENTS, total),
        tlvs.tlv(Tag.SAR_SEGMENT_SEQNUM, part.number),
    )
    return _octets(part.text, part.alphabet, profile), False, joined


def _has_more_than_joining(part: Part) -> bool:
    elements = read_header(part.header)[0] if part.header else ()
    return any(element.identifier not in (_CONCAT_8, _CONCAT_16) for element in elements)


def _body(part: Part, profile: Profile) -> bytes:
    if profile.default is Default.GSM_PACKED and part.alphabet.bits == 7:
        # The first septet begins at a septet border of header and text together.
        return part.user_data[len(part.header) :]
    return _octets(part.text, part.alphabet, profile)


def _octets(text: str, alphabet: Alphabet, profile: Profile) -> bytes:
    if alphabet.bits != 7:
        return alphabet.encode(text)
    if profile.default is Default.GSM_PACKED:
        return pack(encode(text) if alphabet is GSM7 else alphabet.encode(text))
    if profile.default is Default.GSM:
        return encode(text) if alphabet is GSM7 else alphabet.encode(text)
    return text.encode(profile.default.value)


# ---------------------------------------------------------------- from handsets


@frozen
class Incoming:
    """What a person wrote, or one part of it.

    Args:
        text: None for octets that are no text, or in an alphabet that nobody here reads.
        data: the octets without their header.
        coding: what ``data_coding`` says.
        reference: number that the parts share; None for a text of one part.
        total: how many parts there are.
        place: which of them this is, from 1.
        elements: the header.
    """

    text: str | None = field(repr=lambda text: "None" if text is None else f"<{len(text)} characters>")
    data: bytes = field(repr=lambda data: f"<{len(data)} octets>")
    coding: DataCoding
    reference: int | None = None
    total: int = 1
    place: int = 1
    elements: tuple[Element, ...] = ()


def read_message(pdu: DeliverSm | DataSm | SubmitSm, *, profile: Profile = PLAIN) -> Incoming:
    """Read a message: its text, and which part of a longer one it is. Never raises for what a handset sent.

    The text is in ``short_message`` or in ``message_payload``; parts are joined by header or by SAR parameters.
    """
    octets = b"" if isinstance(pdu, DataSm) else pdu.short_message
    octets = octets or tlvs.find(pdu.tlvs, Tag.MESSAGE_PAYLOAD) or b""
    elements: tuple[Element, ...] = ()
    header = 0
    if pdu.esm_class & UDHI:
        try:
            elements, header = read_header(octets)
        except InvalidInput:
            elements, header = (), 0
    coding = DataCoding.of(pdu.data_coding & 0xFF)
    reference, total, place = _joined(elements, pdu.tlvs)
    text = _text(octets[header:], header, coding, profile, _alphabet(elements))
    return Incoming(text, octets[header:], coding, reference, total, place, elements)


def _joined(elements: tuple[Element, ...], parameters: tuple[Tlv, ...]) -> tuple[int | None, int, int]:
    for element in elements:
        size = {_CONCAT_8: 1, _CONCAT_16: 2}.get(element.identifier)
        if size is not None and len(element.data) == size + 2:
            total, number = element.data[size:]
            return _part_of(int.from_bytes(element.data[:size], "big"), total, number)
    named = (Tag.SAR_MSG_REF_NUM, Tag.SAR_TOTAL_SEGMENTS, Tag.SAR_SEGMENT_SEQNUM)
    told = [value for tag in named if (value := tlvs.number(parameters, tag)) is not None]
    return _part_of(told[0], told[1], told[2]) if len(told) == len(named) else (None, 1, 1)


def _part_of(reference: int, total: int, number: int) -> tuple[int | None, int, int]:
    # A part that cannot be is a text of its own: waiting for the others would lose it. Source: TS 23.040 9.2.3.24.1.
    return (reference, total, number) if 1 <= number <= total and total > 1 else (None, 1, 1)


def _alphabet(elements: tuple[Element, ...]) -> Septets:
    """Give GSM-7 with the national tables that a header names; one that nobody knows is left out."""
    named = {element.identifier: element.data[0] for element in elements if len(element.data) == 1}
    known = {identifier: Language(number) for identifier, number in named.items() if number in _LANGUAGES}
    locking, single = known.get(_LOCKING_SHIFT), known.get(_SINGLE_SHIFT)
    try:
        return national(locking=locking, single=single) if known else GSM7
    except InvalidInput:  # the one language that has no such table
        return GSM7


def _text(octets: bytes, header: int, coding: DataCoding, profile: Profile, alphabet: Septets) -> str | None:
    charset = coding.charset
    if charset in (Charset.BINARY, Charset.UNKNOWN):
        return None
    if charset in (Charset.DEFAULT, Charset.GSM7):
        return _default_text(octets, header, profile, alphabet)
    return octets.decode(charset.value, "replace")


def _default_text(octets: bytes, header: int, profile: Profile, alphabet: Septets) -> str:
    if profile.default is Default.GSM_PACKED:
        fill = -8 * header % 7
        bits = max(0, 8 * len(octets) - fill)
        octets = unpack(octets, count=bits // 7, fill_bits=fill)
        if bits % 7 == 0 and octets.endswith(b"\0"):
            # Seven septets leave seven bits over, which look like an eighth one.
            octets = octets[:-1]
    elif profile.default is not Default.GSM:
        return octets.decode(profile.default.value, "replace")
    if not octets.isascii():
        # No septets, whatever the profile says: Latin-1 shows each octet as something and loses none.
        return octets.decode("latin-1")
    return decode(octets) if alphabet is GSM7 else alphabet.decode(octets)
