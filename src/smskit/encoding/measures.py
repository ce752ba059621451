"""Measuring in general: any alphabet, any layout. The common case has a short cut in the twins."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from smskit.encoding.alphabets import GSM7, UCS2, Alphabet
from smskit.encoding.clusters import boundary
from smskit.encoding.layouts import Cut, Layout

Choice = Alphabet | Sequence[Alphabet] | None
"""One alphabet; several, of which the first that has every character is taken; None for GSM-7, else UCS-2."""

AUTOMATIC = (GSM7, UCS2)


# Two named tuples, not attrs classes: the extension makes one for less than a call of __init__ costs.
class Measure(NamedTuple):
    """What a text weighs.

    Args:
        alphabet: the one that it has to be sent in.
        units: septets for GSM-7, 16-bit units for UCS-2, octets for the others.
        parts: how many messages the carrier bills; 1 for an empty text. May be above 255, which cannot be sent.
        units_per_part: room of each of these parts.
        room: units left in the last one.
        culprit: the first character that has no place in the first choice (GSM-7); None when all have one.
        culprit_index: where it stands.
    """

    alphabet: Alphabet
    units: int
    parts: int
    units_per_part: int
    room: int
    culprit: str | None = None
    culprit_index: int | None = None


class Measures(NamedTuple):
    """What many texts weigh, column by column: the cheapest shape for a batch."""

    parts: tuple[int, ...]
    units: tuple[int, ...]
    alphabets: tuple[Alphabet, ...]


def choose(text: str, choice: Choice) -> tuple[Alphabet, int | None]:
    """Give the first alphabet of *choice* that has every character, and what is foreign to the very first.

    Raises:
        UnencodableText: none has.
    """
    alphabets = AUTOMATIC if choice is None else (choice,) if isinstance(choice, Alphabet) else tuple(choice)
    culprit = alphabets[0].foreign(text)
    if culprit is None:
        return alphabets[0], None
    for alphabet in alphabets[1:]:
        if alphabet.foreign(text) is None:
            return alphabet, culprit
    alphabets[-1].encode(text)
    raise AssertionError("an alphabet encodes what it calls foreign")


def cuts(text: str, alphabet: Alphabet, room: int, cut: Cut) -> Iterator[tuple[int, int]]:
    """Give the index at which each part of *text* ends and what the part weighs; as many parts as it takes."""
    start, length = 0, len(text)
    while start < length:
        stop, units = alphabet.fit(text, start, room)
        if stop < length and cut is Cut.GRAPHEME:
            whole = boundary(text, start, stop)
            if whole < stop:
                units -= alphabet.weigh(text[whole:stop])
                stop = whole
        yield stop, units
        start = stop


def measure_laid_out(text: str, choice: Choice, layout: Layout) -> Measure:
    """Measure *text* in any of the alphabets of *choice*, laid out by *layout*."""
    alphabet, index = choose(text, choice)
    alone = layout.room(alphabet, joined=False)
    if len(text) <= alone and (units := alphabet.weigh(text)) <= alone:
        return Measure(alphabet, units, 1, alone, alone - units, None if index is None else text[index], index)
    return measure_parts(text, alphabet, index, layout.room(alphabet, joined=True), layout.cut)


def measure_parts(text: str, alphabet: Alphabet, culprit: int | None, room: int, cut: Cut) -> Measure:
    """Measure a *text* that does not fit into one part, in parts of *room* units."""
    units = parts = last = 0
    # Part by part, so that a text of ten million characters takes no memory beside its own.
    for _, last in cuts(text, alphabet, room, cut):
        units += last
        parts += 1
    character = None if culprit is None else text[culprit]
    return Measure(alphabet, units, parts, room, room - last, character, culprit)
