"""Texts brought to one form, so that accents, case and look-alike letters do not hide a word."""

from __future__ import annotations

import re
import unicodedata

_MARKS = re.compile("[\u0300-\u036f]+")

# Cyrillic and Greek letters that are drawn like Latin ones; the full table of Unicode (UTS 39) also joins
# letters that no French reader confuses, and would hold back honest names.
_LOOK_ALIKES = str.maketrans(
    "авеікмнорстухјѕԁԛԝһαβεηικμνορτυχɑɡıℓ",
    "abeikmhopctyxjsdqwhabenikuvoptuxagil",
)
_DRAWN_ALIKE = str.maketrans("01345789|!i", "oleastbglll")


def fold(text: str, /) -> str:
    """Give *text* in small letters without accents, apostrophes straight; its length may change."""
    if text.isascii():
        return text.lower()
    # NFKD has made plain spaces of the others by now. Three replacements cost a fifth of one str.translate.
    plain = unicodedata.normalize("NFKD", text).replace("’", "'").replace("ʼ", "'").replace("‘", "'")
    return _MARKS.sub("", plain.casefold())


def skeleton(text: str, /) -> str:
    """Give what the eye reads of a name: ``lMPOTS``, ``IMPOTS`` and ``1mpots`` have one skeleton.

    Source: the idea is that of Unicode UTS 39 clause 4; the table is ours and small.
    """
    drawn = fold(text).translate(_LOOK_ALIKES).translate(_DRAWN_ALIKE)
    letters = re.sub(r"[^a-z0-9]", "", drawn)
    return letters.replace("rn", "m").replace("vv", "w")


def one_apart(left: str, right: str, /) -> bool:
    """Tell whether one letter added, dropped or changed makes *left* into *right*."""
    if len(left) > len(right):
        left, right = right, left
    if len(right) - len(left) > 1 or left == right:
        return False
    same = next((i for i, (a, b) in enumerate(zip(left, right, strict=False)) if a != b), len(left))
    rest = same + 1 if len(left) == len(right) else same
    return left[rest:] == right[same + 1 :]
