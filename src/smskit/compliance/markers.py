"""Words and shapes in a text that point to a subject the law looks at."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import cast

from attrs import frozen

from smskit.compliance.folding import fold


@frozen
class Markers:
    """What to look for in a folded text, and turns of phrase that look the same and are not.

    ``stems`` are words, at least one of which stands in every text that :meth:`find` would stop at, whichever of
    its words a template holds already.
    """

    pattern: re.Pattern[str]
    innocent: re.Pattern[str] | None
    stems: tuple[str, ...]

    def find(self, folded: str) -> str | None:
        """Give the first marker in *folded*, None when there is none."""
        match = self.pattern.search(folded)
        if match is None or self.innocent is None:
            return match[0] if match else None
        match = self.pattern.search(self.innocent.sub(" ", folded))
        return match[0] if match else None


def read_markers(table: object) -> Markers:
    """Read ``{"words": [...], "regex": [...], "not": [...], "stems": [...]}``.

    Words stand alone and are folded as texts are; ``stems`` are the words that the shapes of ``regex`` rest on.
    """
    row: Mapping[str, list[str]] = cast("dict[str, list[str]]", table) if isinstance(table, dict) else {}
    words = "|".join(re.escape(fold(word)) for word in sorted(row.get("words", ()), key=len, reverse=True))
    shapes = [*row.get("regex", ())]
    if words:
        shapes.append(rf"(?<![\w-])(?:{words})(?!\w)")
    innocent = "|".join(re.escape(fold(phrase)) for phrase in row.get("not", ()))
    stems = {word for phrase in row.get("words", ()) for word in re.findall(r"\w{4,}|^\w+", fold(phrase))}
    return Markers(
        re.compile("|".join(shapes) or r"(?!)"),
        re.compile(innocent) if innocent else None,
        tuple(sorted(stems.union(row.get("stems", ())))),
    )
