"""The Python twin: what the C extension does, short and clear. It is the reference; the extension is only faster."""

from __future__ import annotations

from collections.abc import Iterable

from smskit.encoding.alphabets import GSM7, UCS2, Alphabet
from smskit.encoding.clusters import boundary
from smskit.encoding.layouts import STANDARD, Layout
from smskit.encoding.measures import Choice, Measure, Measures, measure_laid_out
from smskit.errors import InvalidInput

# Tables and rooms are read from here by the extension too, so that they are written once.
SEPTETS = dict(GSM7.septets)
ROOMS = tuple(STANDARD.room(alphabet, joined=joined) for alphabet in (GSM7, UCS2) for joined in (False, True))
_ALONE_7, _JOINED_7, _ALONE_16, _JOINED_16 = ROOMS
_LATIN = {character for character in GSM7.characters if character < "\u0100"}
_PLAIN = "".join(sorted(character for character in _LATIN if len(GSM7.septets[character]) == 1)).encode("latin-1")
_HEAVY = "".join(sorted(character for character in _LATIN if len(GSM7.septets[character]) == 2)).encode("latin-1")
# Above this the copies made below would be felt.
_LONG = 10_000

_tuple_new = tuple.__new__


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
    if not isinstance(text, str):
        raise TypeError(f"text must be str, not {type(text).__name__}")
    if alphabet is not None or layout is not STANDARD or len(text) > _LONG:
        return measure_laid_out(text, alphabet, layout)
    try:
        # The euro sign weighs as much as a bracket, which unlike it is a Latin-1 character.
        octets = text.replace("€", "[").encode("latin-1")
    except UnicodeEncodeError:
        return _measure_wide(text)
    heavy = octets.translate(None, _PLAIN)
    units = len(octets)
    if heavy:
        if heavy.translate(None, _HEAVY):
            return _measure_wide(text)
        units += len(heavy)
    if units <= _ALONE_7:
        return _tuple_new(Measure, (GSM7, units, 1, _ALONE_7, _ALONE_7 - units, None, None))
    if heavy or b"\r\n" in octets:
        return measure_laid_out(text, GSM7, layout)
    parts = -(-units // _JOINED_7)
    return _tuple_new(Measure, (GSM7, units, parts, _JOINED_7, parts * _JOINED_7 - units, None, None))


def _measure_wide(text: str) -> Measure:
    index = GSM7.foreign(text)
    if index is None:
        return measure_laid_out(text, GSM7, STANDARD)
    units = UCS2.weigh(text)
    if units <= _ALONE_16:
        return _tuple_new(Measure, (UCS2, units, 1, _ALONE_16, _ALONE_16 - units, text[index], index))
    return measure_laid_out(text, (GSM7, UCS2), STANDARD)


def measure_many(texts: Iterable[str], /, *, alphabet: Choice = None, layout: Layout = STANDARD) -> Measures:
    """Say what each of *texts* weighs, in columns: parts, units, alphabets.

    Raises:
        TypeError: *texts* is one text, or holds something that is none.
    """
    if isinstance(texts, (str, bytes)):
        raise TypeError(f"texts must be an iterable of str, not {type(texts).__name__}")
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
    if not isinstance(text, str):
        raise TypeError(f"text must be str, not {type(text).__name__}")
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
    if not isinstance(septets, bytes):
        raise TypeError(f"septets must be bytes, not {type(septets).__name__}")
    if not 0 <= fill_bits <= 6:
        raise InvalidInput(f"fill_bits={fill_bits} must be 0 to 6")
    if not septets.isascii():
        index = next(i for i, octet in enumerate(septets) if octet > 0x7F)
        raise InvalidInput(f"octet {septets[index]:#04x} at index {index} is no septet")
    bits, held, packed = 0, fill_bits, bytearray()
    for septet in septets:
        bits |= septet << held
        held += 7
        if held >= 8:
            packed.append(bits & 0xFF)
            bits >>= 8
            held -= 8
    if held:
        packed.append(bits)
    return bytes(packed)


__all__ = ["GSM7", "ROOMS", "SEPTETS", "UCS2", "Measure", "Measures", "boundary", "encode", "measure", "measure_many", "pack"]
