"""Alphabets, measuring, splitting, packing and folding of SMS texts.

``measure`` says what a text weighs, ``split`` cuts it into parts, ``fold`` writes it in the characters of GSM-7.
"""

from __future__ import annotations

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
    Octets,
    Septets,
    Utf16,
    national,
)
from smskit.encoding.folding import Change, Euro, Folded, Left, Level, Profile, When, fold, fold_many
from smskit.encoding.layouts import MAX_PARTS, STANDARD, Concat, Cut, Element, Layout, ports
from smskit.encoding.measures import Choice, Measure, Measures
from smskit.encoding.twin import IMPLEMENTATION, encode, measure, measure_many, pack


def count_many(
    texts: Iterable[str], /, *, alphabet: Choice = None, layout: Layout = STANDARD
) -> tuple[int, ...]:
    """Give how many parts each of *texts* needs: the first column of :func:`measure_many`."""
    return measure_many(texts, alphabet=alphabet, layout=layout).parts


__all__ = [
    "ASCII",
    "GSM7",
    "IMPLEMENTATION",
    "LATIN1",
    "MAX_PARTS",
    "STANDARD",
    "TELNYX",
    "UCS2",
    "UCS2_STRICT",
    "Alphabet",
    "Change",
    "Choice",
    "Concat",
    "Cut",
    "Element",
    "Euro",
    "Folded",
    "Language",
    "Layout",
    "Left",
    "Level",
    "Measure",
    "Measures",
    "Octets",
    "Profile",
    "Septets",
    "Utf16",
    "When",
    "count_many",
    "encode",
    "fold",
    "fold_many",
    "measure",
    "measure_many",
    "national",
    "pack",
    "ports",
]
