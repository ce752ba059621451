"""Alphabets, measuring, splitting, packing and folding of SMS texts.

``measure`` says what a text weighs, ``split`` cuts it into parts, ``fold`` writes it in the characters of GSM-7.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterable

from smskit.encoding.alphabets import (
    ASCII,
    GSM7,
    LATIN1,
    TELNYX,
    UCS2,
    UCS2_STRICT,
    Alphabet,
    Language,
    Septets,
    national,
)
from smskit.encoding.arguments import require_octets
from smskit.encoding.codec import search as _search_codec
from smskit.encoding.explaining import Explanation, explain
from smskit.encoding.folding import Change, Euro, Folded, Left, Level, Profile, When, fold, fold_many
from smskit.encoding.layouts import STANDARD, Concat, Cut, Element, Layout, ports
from smskit.encoding.measures import Choice, Measure, Measures
from smskit.encoding.splitting import Part, read_header, split, unpack
from smskit.encoding.tables import cheapest
from smskit.encoding.twin import IMPLEMENTATION, encode, measure, measure_many, pack


def count_many(texts: Iterable[str], /, *, alphabet: Choice = None, layout: Layout = STANDARD) -> tuple[int, ...]:
    """Give how many parts each of *texts* needs: the first column of :func:`measure_many`."""
    return measure_many(texts, alphabet=alphabet, layout=layout).parts


def decode(octets: bytes, /, *, alphabet: Alphabet = GSM7) -> str:
    """Give the text of *octets*: for GSM-7 one septet in each, as :func:`unpack` gives them.

    Nothing is refused that the standard shows in some way: an escape that leads nowhere shows the character of the
    main table, two escapes show a space.

    Raises:
        TypeError: *octets* is not bytes.
        InvalidInput: GSM-7, and an octet is above 0x7F.
    """
    require_octets(octets, "octets")
    return alphabet.decode(octets)


# "text".encode("gsm7") works once this package is imported.
codecs.register(_search_codec)

__all__ = [
    "ASCII",
    "GSM7",
    "IMPLEMENTATION",
    "LATIN1",
    "TELNYX",
    "UCS2",
    "UCS2_STRICT",
    "Alphabet",
    "Change",
    "Concat",
    "Cut",
    "Element",
    "Euro",
    "Explanation",
    "Folded",
    "Language",
    "Layout",
    "Left",
    "Level",
    "Measure",
    "Measures",
    "Part",
    "Profile",
    "Septets",
    "When",
    "cheapest",
    "count_many",
    "decode",
    "encode",
    "explain",
    "fold",
    "fold_many",
    "measure",
    "measure_many",
    "national",
    "pack",
    "ports",
    "read_header",
    "split",
    "unpack",
]
