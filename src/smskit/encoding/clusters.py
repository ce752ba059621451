"""Where a text may be cut without breaking what a reader sees as one character.

Source: Unicode Standard Annex 29, extended grapheme clusters. The rules and their data are those of the ``regex``
package; they are asked only where a quick look cannot tell.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import regex

# None of these joins a neighbour of these ranges: between two of them there is always a boundary (CR LF apart).
# Two expressions, because one with characters above U+FFFF is searched ten times slower.
_JOINING = re.compile(
    "[^\u0000-\u02ff\u0370-\u0482\u048a-\u0590\u05d0-\u05ea\u061f-\u064a\u1e00-\u1fff\u2010-\u205f\u20a0-\u20cf"
    "\u2100-\u2cee\u3000-\u3029\u3041-\u3098\u30a0-\ua66e\uac00-\ud7a3\ufffd]"
)
_ASTRAL_ALONE = re.compile("[\U0001f300-\U0001f3fa\U0001f400-\U0001f64f\U0001f680-\U0001f6ff\U0001f900-\U0001faff]")

# Bound here, because every cut of every text asks it.
_search_joining = _JOINING.search


def joins_none(characters: str, /) -> bool:
    """Say whether no one of *characters* can join a neighbour. CR LF do, and are not looked for."""
    return _search_joining(characters) is None or _search_joining(_ASTRAL_ALONE.sub("", characters)) is None


@lru_cache(maxsize=None)
def _cluster() -> regex.Pattern[str]:
    import regex  # noqa: PLC0415  # 20 ms that a text without clusters never pays

    return regex.compile(r"\X")


def boundary(text: str, start: int, stop: int, /) -> int:
    """Give the last cluster boundary of *text* after *start* and not after *stop*.

    *start* counts as a boundary. Where one cluster reaches from *start* past *stop*, there is none and *stop* itself
    is given: such a cluster has to be cut between code points.
    """
    around = text[stop - 1 : stop + 1]
    if around != "\r\n" and joins_none(around):
        return stop
    # Whether there is a boundary at stop depends on what is before it and on one character behind it.
    last = start
    for cluster in _cluster().finditer(text[start : stop + 1]):
        last = start + cluster.start()
    return last if last > start else stop
