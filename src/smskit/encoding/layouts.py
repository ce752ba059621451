"""What stands before the text of a part: joined parts, application ports, national tables.

Source: 3GPP TS 23.040 clause 9.2.3.24 (user data header).
"""

from __future__ import annotations

from enum import Enum

from attrs import frozen

from smskit.encoding.alphabets import OCTETS, Alphabet, Septets
from smskit.errors import InvalidInput

MAX_PARTS = 255
"""What the one octet of a part's number can count to. Source: TS 23.040 clause 9.2.3.24.1."""

_CONCAT_8, _PORTS_8, _PORTS_16, _CONCAT_16, _SINGLE_SHIFT, _LOCKING_SHIFT = 0x00, 0x04, 0x05, 0x08, 0x24, 0x25


class Cut(Enum):
    """Between what a text may be cut."""

    GRAPHEME = "grapheme"
    """Between what readers see as characters: flags, families and accented letters stay whole."""

    CODE_POINT = "code point"
    """Between code points, as most providers count; a surrogate or escape pair stays whole all the same."""


class Concat(Enum):
    """Size of the reference that the parts of one message share."""

    BITS_8 = 8
    BITS_16 = 16


@frozen
class Element:
    """One information element of a user data header."""

    identifier: int
    data: bytes = b""

    @property
    def octets(self) -> bytes:
        """The element as it is sent: identifier, length, data."""
        return bytes((self.identifier, len(self.data))) + self.data


def concatenation(reference: int, total: int, number: int, *, concat: Concat = Concat.BITS_8) -> Element:
    """Say that a part is *number* (from 1) of *total*; the reference wraps round.

    Source: TS 23.040 clauses 9.2.3.24.1 and 9.2.3.24.8.
    """
    if not 1 <= number <= total <= MAX_PARTS:
        raise InvalidInput(f"part {number} of {total} cannot be: there are 1 to {MAX_PARTS} parts, counted from 1")
    if concat is Concat.BITS_16:
        return Element(_CONCAT_16, (reference % 0x10000).to_bytes(2, "big") + bytes((total, number)))
    return Element(_CONCAT_8, bytes((reference % 0x100, total, number)))


def ports(destination: int, source: int = 0, *, wide: bool = True) -> Element:
    """Address a message to an application port; *wide* writes 16 bits a port, else 8.

    Source: TS 23.040 clauses 9.2.3.24.3 and 9.2.3.24.4.
    """
    size = 2 if wide else 1
    for port in (destination, source):
        if not 0 <= port < 1 << 8 * size:
            raise InvalidInput(f"port {port} does not fit into {8 * size} bits")
    return Element(_PORTS_16 if wide else _PORTS_8, destination.to_bytes(size, "big") + source.to_bytes(size, "big"))


def shifts(alphabet: Alphabet) -> tuple[Element, ...]:
    """Name the national tables of *alphabet*, none for one without. Source: TS 23.040 clauses 9.2.3.24.15 and .16."""
    if not isinstance(alphabet, Septets):
        return ()
    named = ((_SINGLE_SHIFT, alphabet.single), (_LOCKING_SHIFT, alphabet.locking))
    return tuple(Element(identifier, bytes((language.value,))) for identifier, language in named if language)


def write_header(elements: tuple[Element, ...]) -> bytes:
    """Give the header of *elements* with its length octet; nothing for none.

    Raises:
        InvalidInput: longer than a message.
    """
    body = b"".join(element.octets for element in elements)
    if len(body) >= OCTETS:
        raise InvalidInput(f"a header of {len(body)} octets leaves no room for a text")
    return bytes((len(body),)) + body if body else b""


@frozen
class Layout:
    """How the parts of a message are laid out.

    Args:
        cut: between what a text may be cut.
        concat: size of the reference of joined parts; US toll-free numbers take 16 bits, hence 152 and 66 units.
        elements: further elements that every part carries, for example ``(ports(2948),)``.
        most: septets that the carrier takes in one message, if fewer than the standard's 160; other alphabets
            have the same octets (US Cellular is known for 150).
    """

    cut: Cut = Cut.GRAPHEME
    concat: Concat = Concat.BITS_8
    elements: tuple[Element, ...] = ()
    most: int | None = None

    def room(self, alphabet: Alphabet, *, joined: bool) -> int:
        """Give the units of *alphabet* that one part has room for.

        Raises:
            InvalidInput: the elements leave no room for a character.
        """
        elements = (*self.elements, *shifts(alphabet))
        if joined:
            elements = (concatenation(0, 1, 1, concat=self.concat), *elements)
        lost = 0 if self.most is None else OCTETS - (self.most * 7 + 7) // 8
        room = alphabet.room(len(write_header(elements)) + lost)
        if room < 2:
            raise InvalidInput("the header elements leave no room for a text")
        return room


STANDARD = Layout()
"""An 8-bit reference, no further elements, no cut within what a reader sees as one character."""
