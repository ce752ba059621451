"""Where a text may be cut without breaking what a reader sees as one character.

Source: Unicode Standard Annex 29, extended grapheme clusters. The rules and their data are those of the ``regex``
package; they are asked only where a quick look cannot tell.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import regex

# No character of these ranges joins another of them: between two there is always a boundary (CR LF apart).
_ALONE = (
    (0x0000, 0x02FF), (0x0370, 0x0482), (0x048A, 0x0590), (0x05D0, 0x05EA), (0x061F, 0x064A), (0x1E00, 0x1FFF),
    (0x2010, 0x205E), (0x20A0, 0x20CF), (0x2100, 0x2CEE), (0x3000, 0x3029), (0x3041, 0x3098), (0x30A0, 0xA66E),
    (0xAC00, 0xD7A3), (0xFFFD, 0xFFFD),
)  # fmt: skip
_ALONE_ASTRAL = ((0x1F300, 0x1F3FA), (0x1F400, 0x1F64F), (0x1F680, 0x1F6FF), (0x1F900, 0x1FAFF))


def _characters(ranges: Iterable[tuple[int, int]]) -> str:
    return "".join(f"{chr(first)}-{chr(last)}" for first, last in ranges)


def _blocks() -> bytes:
    """Mark each sixteen characters up to U+1FFFF that are all in the ranges: what the extension looks at."""
    blocks = bytearray(0x2000)
    for first, last in (*_ALONE, *_ALONE_ASTRAL):
        for block in range((first + 15) // 16, (last + 1) // 16):
            blocks[block] = 1
    return bytes(blocks)


BLOCKS = _blocks()

# Two expressions, because one with characters above U+FFFF is searched ten times slower.
search_joining = re.compile(f"[^{_characters(_ALONE)}]").search
_drop_astral = re.compile(f"[{_characters(_ALONE_ASTRAL)}]").sub


def joins_none(characters: str, /) -> bool:
    """Say whether no one of *characters* can join a neighbour. CR LF do, and are not looked for."""
    return search_joining(characters) is None or search_joining(_drop_astral("", characters)) is None


@cache
def _cluster() -> regex.Pattern[str]:
    import regex  # 20 ms that a text without clusters never pays

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
