"""The Python twin: what the C extension does, short and clear. It is the reference; the extension is only faster."""

from __future__ import annotations

from codecs import utf_16_le_decode, utf_16_le_encode
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import TYPE_CHECKING

from smskit.encoding.alphabets import GSM7, UCS2, Alphabet
from smskit.encoding.arguments import require_octets, require_text, require_texts
from smskit.encoding.clusters import BLOCKS, boundary, search_joining
from smskit.encoding.layouts import STANDARD, Cut, Layout
from smskit.encoding.measures import Choice, Measure, Measures, measure_laid_out, measure_parts
from smskit.errors import InvalidInput

if TYPE_CHECKING:
    import re

# Tables and rooms are read from here by the extension too, so that they are written once.
SEPTETS = dict(GSM7.septets)
ROOMS = tuple(STANDARD.room(alphabet, joined=joined) for alphabet in (GSM7, UCS2) for joined in (False, True))
_ALONE_7, _JOINED_7, _ALONE_16, _JOINED_16 = ROOMS

# Above this the copies that are made below would be felt.
_LONG = 10_000
_HEAD = 8

# One table marks what is special among Latin-1 characters; whatever weighs one septet stays as it is. The marks
# are themselves foreign to GSM-7 and marked otherwise, so that a text that holds them does not pass as plain.
_HEAVY, _FOREIGN, _OTHER_FOREIGN = 0x01, 0x02, 0x03
_CR = 0x0D

# Octets of one full part of UCS-2.
_STEP = 2 * _JOINED_16


# Bound here because each text of UCS-2 asks for it.
_search_foreign = GSM7.pattern.search

# A call of Measure itself goes through the __new__ of named tuples, which is written in Python.
_new: Callable[[type[Measure], tuple[object, ...]], Measure] = tuple[object, ...].__new__


def _mark(octet: int) -> int:
    weight = len(SEPTETS.get(chr(octet), b""))
    if weight:
        return _HEAVY if weight == 2 else octet
    return _OTHER_FOREIGN if octet == _FOREIGN else _FOREIGN


_MARKS = bytes(_mark(octet) for octet in range(256))


def measure(text: str, /, *, alphabet: Choice = None, layout: Layout = STANDARD) -> Measure:
    """Say what *text* weighs, without cutting it.

    Args:
        text: what the reader sees, names already filled in.
        alphabet: one, or several in order of preference; None takes GSM-7 where every character has a place in it,
            else UCS-2.
        layout: headers and cuts, as :func:`split` would lay the parts out.

    Returns:
        Alphabet, units, parts, room left in the last part, and the character that ruled GSM-7 out.

    Raises:
        TypeError: *text* is not a str.
        UnencodableText: an alphabet was asked for and a character has no place in it.

    Source: 3GPP TS 23.038 clause 6.2; TS 23.040 clause 9.2.3.24.1.
    """
    if type(text) is not str:
        require_text(text)
    length = len(text)
    if alphabet is not None or layout is not STANDARD or length > _LONG:
        return measure_laid_out(text, alphabet, layout)
    # A long text mostly shows in its beginning that it is none of GSM-7.
    if length > _ALONE_7 and (foreign := _search_foreign(text, 0, _HEAD)):
        return _measure_ucs2(text, foreign)
    octets = text.encode("latin-1", "ignore")
    if len(octets) < length:
        return _measure_euro(text) if "€" in text else _measure_ucs2(text)
    if octets.translate(_MARKS) == octets and (length <= _JOINED_7 or _CR not in octets):
        return _of_plain_septets(length)
    return _measure_latin(text, octets)


@lru_cache(maxsize=4096)
def _of_plain_septets(units: int) -> Measure:
    """Give what a text weighs that may be cut anywhere; most texts are such, and few of them differ in this."""
    parts = 1 if units <= _ALONE_7 else -(-units // _JOINED_7)
    room = _ALONE_7 if parts == 1 else _JOINED_7
    return Measure(GSM7, units, parts, room, parts * room - units)


def _measure_latin(text: str, octets: bytes) -> Measure:
    """Measure a text of which *octets* are the characters in Latin-1, the euro sign written as a bracket."""
    marked = octets.translate(_MARKS)
    if _FOREIGN in marked or _OTHER_FOREIGN in marked:
        return _measure_ucs2(text)
    units = len(octets) + marked.count(_HEAVY)
    if units <= _ALONE_7 or (units == len(octets) and b"\r\n" not in octets):
        return _of_plain_septets(units)
    return measure_parts(text, GSM7, None, _JOINED_7, Cut.GRAPHEME)


def _measure_euro(text: str) -> Measure:
    """Measure a text with the euro sign, which weighs as much as a bracket and unlike it is none of Latin-1."""
    octets = text.replace("€", "[").encode("latin-1", "ignore")
    return _measure_latin(text, octets) if len(octets) == len(text) else _measure_ucs2(text)


def _measure_ucs2(text: str, foreign: re.Match[str] | None = None) -> Measure:
    """Measure a text that only Greek capitals may still keep in GSM-7."""
    foreign = foreign or _search_foreign(text)
    if foreign is None:
        return measure_laid_out(text, GSM7, STANDARD)
    index = foreign.start()
    octets = utf_16_le_encode(text, "surrogatepass")[0]
    units = len(octets) // 2
    if units <= _ALONE_16:
        return _new(Measure, (UCS2, units, 1, _ALONE_16, _ALONE_16 - units, text[index], index))
    if _fills_each_part(octets):
        parts = -(-units // _JOINED_16)
        room = parts * _JOINED_16 - units
        return _new(Measure, (UCS2, units, parts, _JOINED_16, room, text[index], index))
    return measure_parts(text, UCS2, index, _JOINED_16, Cut.GRAPHEME)


def _fills_each_part(octets: bytes) -> bool:
    """Say whether each part of a UTF-16 text can be filled to its end: nothing that belongs together meets there."""
    after = octets[_STEP::_STEP]
    size = 2 * len(after)
    around = bytearray(2 * size)
    around[0:size:2] = after
    around[1:size:2] = octets[_STEP + 1 :: _STEP]
    around[size::2] = octets[_STEP - 2 : -2 : _STEP]
    around[size + 1 :: 2] = octets[_STEP - 1 : -2 : _STEP]
    # Half a surrogate pair is dropped here and then missed below: an emoji at a cut has to be looked at whole.
    meeting = utf_16_le_decode(around, "ignore")[0]
    return len(meeting) == size and "\n" not in meeting and search_joining(meeting) is None


def measure_many(texts: Iterable[str], /, *, alphabet: Choice = None, layout: Layout = STANDARD) -> Measures:
    """Say what each of *texts* weighs, in columns: parts, units, alphabets.

    Raises:
        TypeError: *texts* is one text, or holds something that is none.
    """
    require_texts(texts)
    found = [measure(text, alphabet=alphabet, layout=layout) for text in texts]
    return Measures(
        tuple([one.parts for one in found]),
        tuple([one.units for one in found]),
        tuple([one.alphabet for one in found]),
    )


def encode(text: str, /, *, alphabet: Alphabet = GSM7) -> bytes:
    """Give the octets of *text*: for GSM-7 one septet in each, an escape before each character of the second table.

    Raises:
        TypeError: *text* is not a str.
        UnencodableText: a character has no place in *alphabet*.
    """
    require_text(text)
    return alphabet.encode(text)


def pack(septets: bytes, /, *, fill_bits: int = 0) -> bytes:
    """Give *septets* (one in each octet) as a stream of bits, the lowest bit first.

    Args:
        septets: values 0 to 0x7F.
        fill_bits: zero bits before the first septet, so that it starts on a septet boundary after a header: 0 to 6.

    Raises:
        TypeError: *septets* is not bytes.
        InvalidInput: a value above 0x7F, or fill bits out of range.

    Source: 3GPP TS 23.038 clause 6.1.2.1; TS 23.040 clause 9.2.3.24.
    """
    require_octets(septets, "septets")
    if not 0 <= fill_bits <= 6:
        raise InvalidInput(f"fill_bits={fill_bits} must be 0 to 6")
    if not septets.isascii():
        index = next(i for i, octet in enumerate(septets) if octet > 0x7F)
        raise InvalidInput(f"octet {septets[index]:#04x} at index {index} is no septet")
    # Eight octets with a septet each become seven octets, all of them at once: pairs of septets close up to 14 bits,
    # pairs of those to 28 and 56, and what is left is one empty octet in eight.
    groups = -(-len(septets) // 8)
    bits = int.from_bytes(septets, "little")
    for mask, gap in _CLOSINGS:
        low = int.from_bytes(mask * groups, "little")
        bits = bits & low | (bits & ~low) >> gap
    octets = bytearray(bits.to_bytes(8 * groups, "little"))
    del octets[7::8]
    return (int.from_bytes(octets, "little") << fill_bits).to_bytes((len(septets) * 7 + fill_bits + 7) // 8, "little")


_CLOSINGS = ((b"\x7f\x00" * 4, 1), (b"\xff\x3f\x00\x00" * 2, 2), (b"\xff\xff\xff\x0f\x00\x00\x00\x00", 4))


# The second half of these is here for the extension alone, which reads what it needs from this module.
__all__ = ["encode", "measure", "measure_many", "pack", "BLOCKS", "GSM7", "Measure", "Measures", "UCS2", "boundary"]  # noqa: RUF022
