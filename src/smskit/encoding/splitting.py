"""Cutting a text into parts that are ready for SMPP or for a PDU, and reading their headers back."""

from __future__ import annotations

from attrs import field, frozen

from smskit.encoding.alphabets import GSM7, Alphabet
from smskit.encoding.arguments import require_octets, require_text
from smskit.encoding.layouts import MAX_PARTS, STANDARD, Element, Layout, concatenation, shifts, write_header
from smskit.encoding.measures import Choice, choose, cuts
from smskit.encoding.twin import encode, pack
from smskit.errors import InvalidInput, TooLong


@frozen
class Part:
    """One message on the radio.

    Args:
        number: place among the parts, from 1.
        text: what it says; the texts of all parts in a row are the whole text.
        units: what it weighs: septets, 16-bit units or octets of *alphabet*.
        room: units left in it.
        header: the user data header with its length octet, empty without one.
        data: the text as octets: a septet in each for GSM-7, two for a 16-bit unit, high one first.
        alphabet: the same for all parts of a text.
    """

    number: int
    text: str = field(repr=lambda text: f"<{len(text)} characters>")
    units: int
    room: int
    header: bytes
    data: bytes = field(repr=lambda data: f"<{len(data)} octets>")
    alphabet: Alphabet

    @property
    def short_message(self) -> bytes:
        """SMPP ``short_message``: header and unpacked text. With a header, ``esm_class`` needs the bit 0x40 (UDHI)."""
        return self.header + self.data

    @property
    def fill_bits(self) -> int:
        """Zero bits between the header and the first septet. Source: TS 23.040 clause 9.2.3.24."""
        return -8 * len(self.header) % 7 if self.alphabet.bits == 7 else 0

    @property
    def user_data(self) -> bytes:
        """TP-UD: header and text as they are on the radio, septets packed."""
        if self.alphabet.bits == 7:
            return self.header + pack(self.data, fill_bits=self.fill_bits)
        return self.header + self.data

    @property
    def user_data_length(self) -> int:
        """TP-UDL: septets for GSM-7, the header and its fill bits counted as septets too; else octets."""
        if self.alphabet.bits == 7:
            return (8 * len(self.header) + self.fill_bits) // 7 + self.units
        return len(self.header) + len(self.data)


def split(text: str, /, *, alphabet: Choice = None, layout: Layout = STANDARD, reference: int = 0) -> tuple[Part, ...]:
    """Cut *text* into the parts that a handset joins again.

    An escape pair and a surrogate pair are never cut, and by default nothing that a reader sees as one character; what
    is longer than a part is cut between code points.

    Args:
        text: what the reader sees, names already filled in.
        alphabet: one, or several in order of preference; None takes GSM-7 where every character has a place in it,
            else UCS-2.
        layout: further header elements, size of the reference, where cuts may fall.
        reference: the number that the parts of one text share; give another to the next text for the same handset.

    Returns:
        1 to 255 parts in sending order; an empty text is one empty part.

    Raises:
        TypeError: *text* is not a str.
        UnencodableText: an alphabet was asked for and a character has no place in it.
        TooLong: the text needs more than 255 parts.

    Source: 3GPP TS 23.038 clause 6.2; TS 23.040 clause 9.2.3.24.1.
    """
    require_text(text)
    chosen, _ = choose(text, alphabet)
    alone = layout.room(chosen, joined=False)
    if len(text) <= alone and chosen.weigh(text) <= alone:
        return (_part(1, text, (*layout.elements, *shifts(chosen)), chosen, alone),)
    room = layout.room(chosen, joined=True)
    ends = [end for end, _ in cuts(text, chosen, room, layout.cut)]
    if len(ends) > MAX_PARTS:
        raise TooLong(len(ends), MAX_PARTS)
    parts: list[Part] = []
    for number, (start, stop) in enumerate(zip([0, *ends], ends, strict=False), 1):
        joined = concatenation(reference, len(ends), number, concat=layout.concat)
        parts.append(_part(number, text[start:stop], (joined, *layout.elements, *shifts(chosen)), chosen, room))
    return tuple(parts)


def _part(number: int, text: str, elements: tuple[Element, ...], alphabet: Alphabet, room: int) -> Part:
    data = encode(text) if alphabet is GSM7 else alphabet.encode(text)
    units = len(data) // 2 if alphabet.bits == 16 else len(data)
    return Part(number, text, units, room - units, write_header(elements), data, alphabet)


def read_header(octets: bytes, /) -> tuple[tuple[Element, ...], int]:
    """Give the elements of the user data header that *octets* begin with, and its length with the length octet.

    Raises:
        InvalidInput: the header or one of its elements is longer than what is there.
    """
    length = octets[0] + 1 if octets else 0
    if not 0 < length <= len(octets):
        raise InvalidInput(f"a header of {length or 'no'} octets in {len(octets)} octets of user data")
    elements: list[Element] = []
    at = 1
    while at < length:
        stop = at + 2 + (octets[at + 1] if at + 1 < length else 0)
        if at + 2 > length or stop > length:
            raise InvalidInput(f"element {octets[at]:#04x} at octet {at} reaches past the header")
        elements.append(Element(octets[at], octets[at + 2 : stop]))
        at = stop
    return tuple(elements), length


def unpack(octets: bytes, /, *, count: int, fill_bits: int = 0) -> bytes:
    """Give *count* septets, one in each octet, from a stream of bits: the reverse of :func:`pack`.

    Args:
        octets: what was packed, without a header.
        count: septets to read; seven octets may hold seven or eight, and only TP-UDL knows.
        fill_bits: bits to leave out before the first: 0 to 6.

    Raises:
        TypeError: *octets* is not bytes.
        InvalidInput: fewer septets are there than *count*, or fill bits out of range.
    """
    require_octets(octets, "octets")
    if not 0 <= fill_bits <= 6:
        raise InvalidInput(f"fill_bits={fill_bits} must be 0 to 6")
    if not 0 <= count * 7 <= len(octets) * 8 - fill_bits and count:
        raise InvalidInput(f"{len(octets)} octets do not hold {count} septets after {fill_bits} fill bits")
    septets = bytearray()
    # Seven octets at a time are eight septets; so the number that is shifted stays small.
    for start in range(0, count, 8):
        bit = fill_bits + 7 * start
        eight = int.from_bytes(octets[bit // 8 : bit // 8 + 8], "little") >> bit % 8
        septets += bytes((eight >> 7 * place) & 0x7F for place in range(8))
    return bytes(septets[:count])
