"""Words and shapes in a text that point to a subject the law looks at."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import cast

from attrs import frozen

from smskit.compliance.folding import fold

_WORD = re.compile("[a-z]+")


@frozen
class Markers:
    """What to look for in a folded text, and turns of phrase that look the same and are not.

    ``stems`` are words, at least one of which stands in every text that :meth:`find` would stop at, whichever of
    its words a template holds already. ``shapes`` is the part of ``pattern`` that is no list of words, and ``keys``
    are words, at least one of which stands in every text with a word of that list; None when there are no such words.
    """

    pattern: re.Pattern[str]
    shapes: re.Pattern[str] | None
    innocent: re.Pattern[str] | None
    stems: tuple[str, ...]
    keys: frozenset[str] | None

    def find(self, folded: str, words: Collection[str]) -> str | None:
        """Give the first marker in *folded*, None when there is none.

        Args:
            folded: the text.
            words: what :func:`words_of` gives for it.
        """
        pattern: re.Pattern[str] | None = self.pattern
        if self.keys is not None and self.keys.isdisjoint(words):
            pattern = self.shapes
        match = pattern.search(folded) if pattern else None
        if match is None or self.innocent is None:
            return match[0] if match else None
        match = self.pattern.search(self.innocent.sub(" ", folded))
        return match[0] if match else None


def words_of(folded: str) -> frozenset[str]:
    """Give the runs of plain letters in a folded text."""
    return frozenset(_WORD.findall(folded))


def read_markers(table: object) -> Markers:
    """Read ``{"words": [...], "regex": [...], "not": [...], "stems": [...]}``.

    Words stand alone and are folded as texts are; ``stems`` are the words that the shapes of ``regex`` rest on.
    """
    row: Mapping[str, list[str]] = cast("dict[str, list[str]]", table) if isinstance(table, dict) else {}
    words = "|".join(re.escape(fold(word)) for word in sorted(row.get("words", ()), key=len, reverse=True))
    shapes = row.get("regex", [])
    listed = [rf"(?<![\w-])(?:{words})(?!\w)"] if words else []
    innocent = "|".join(re.escape(fold(phrase)) for phrase in row.get("not", ()))
    keys = [_keys(fold(phrase)) for phrase in row.get("words", ())]
    stems = frozenset(word for found in keys for word in found)
    are_sure = all(keys) and all(_WORD.fullmatch(stem) for stem in stems)
    return Markers(
        re.compile("|".join([*shapes, *listed]) or r"(?!)"),
        re.compile("|".join(shapes)) if shapes else None,
        re.compile(innocent) if innocent else None,
        tuple(sorted(stems.union(row.get("stems", ())))),
        stems if are_sure else None,
    )


def _keys(phrase: str) -> list[str]:
    """Give the words of a phrase that stand for it: the long ones, and the first."""
    return re.findall(r"\w{4,}|^\w+", phrase)
