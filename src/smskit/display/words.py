"""Counts, shares and foreign texts, written so that a person can read them and no terminal obeys them."""

from __future__ import annotations

import unicodedata
from decimal import Decimal

THIN = "\N{NARROW NO-BREAK SPACE}"
DASH = "–"

# A text comes from a file or from a stranger's phone. Control characters would move the cursor or recolour
# the terminal, the bidirectional overrides would show another text than the one there is, and a lone
# surrogate cannot be written out at all. Each becomes one visible character, so that places in
# the text stay the same.
_CONTROL_PICTURES = {code: 0x2400 + code for code in range(0x20) if code != 0x0A} | {0x7F: 0x2421}
_UNSHOWABLE = (
    *range(0x80, 0xA0),
    *range(0x2028, 0x202F),  # line and paragraph separators, embeddings and overrides
    *range(0x2066, 0x206A),  # isolates
    *range(0xD800, 0xE000),
    *range(0xFFFE, 0x10000),  # no characters, and no XML may hold them
)
_VISIBLE = _CONTROL_PICTURES | dict.fromkeys(_UNSHOWABLE, 0xFFFD)


def grouped(count: int, /) -> str:
    """Write a count with its thousands set apart by a narrow no-break space: ``16 402``."""
    return f"{count:,}".replace(",", THIN)


def decimals(value: float | Decimal, /, *, digits: int = 2, signed: bool = False) -> str:
    """Write a number with *digits* behind the point and its thousands set apart: ``1 502.90``."""
    return f"{value:{'+' if signed else ''},.{digits}f}".replace(",", THIN)


def percent(share: float | None, /, *, digits: int = 1, signed: bool = False) -> str:
    """Write a share of one as per cent, ``97.7 %``; None, which is a share of nothing, as a dash."""
    return DASH if share is None else f"{share * 100:{'+' if signed else ''}.{digits}f}{THIN}%"


def harmless(text: str, /) -> str:
    """Give *text* with each control character, direction override and lone surrogate made visible.

    The length stays the same; the line feed is left alone.
    """
    if text.isprintable():
        return text
    return text.translate(_VISIBLE)


def written(cell: str | int | None, /) -> str:
    """Give a cell on one line."""
    if cell is None:
        return DASH
    return grouped(cell) if isinstance(cell, int) else harmless(cell).replace("\n", " ")


def columns_of(text: str, /) -> int:
    """Count the columns that *text* takes on a terminal: an emoji takes two, a combining accent none."""
    if text.isascii():
        return len(text)
    return sum(map(_columns_of_character, text))


def _columns_of_character(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1
