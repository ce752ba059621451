"""Identifiers of messages: the one in a receipt is often not written like the one in the answer to the submission.

Leading zeros come and go, letters change their case, one of the two is hexadecimal and the other decimal. Which it is
stays the same for a bind, so whoever matches them learns it from the first match.
"""

from __future__ import annotations

from enum import Enum

_DECIMAL = frozenset("0123456789")
_HEXADECIMAL = frozenset("0123456789abcdef")
_LONGEST = 64


class Spelling(Enum):
    """How the identifier of a receipt becomes that of an answer, in the order in which they are tried."""

    EXACT = "exact"
    PLAIN = "plain"
    """Without leading zeros, in small letters: both are compared so."""

    HEX_TO_DECIMAL = "hex_to_decimal"
    """The receipt is hexadecimal, the answer was decimal."""

    DECIMAL_TO_HEX = "decimal_to_hex"


def plain(message_id: str) -> str:
    """Give *message_id* without leading zeros and in small letters; of nothing but zeros one stays."""
    folded = message_id.strip().casefold()
    return folded.lstrip("0") or folded[:1]


def respell(message_id: str, spelling: Spelling) -> str | None:
    """Give the identifier of a receipt in another spelling; None when it cannot be written so.

    All but ``EXACT`` are to be compared with the :func:`plain` form of the identifiers in answers.
    """
    if spelling is Spelling.EXACT:
        return message_id
    folded = plain(message_id)
    if spelling is Spelling.PLAIN:
        return folded
    if not folded or len(folded) > _LONGEST:
        return None
    if spelling is Spelling.HEX_TO_DECIMAL:
        return str(int(folded, 16)) if _HEXADECIMAL.issuperset(folded) else None
    return f"{int(folded):x}" if _DECIMAL.issuperset(folded) else None


def candidates(message_id: str, *, learned: Spelling | None = None) -> tuple[tuple[Spelling, str], ...]:
    """Give every spelling of the identifier of a receipt, the likeliest first.

    Args:
        message_id: as the receipt has it.
        learned: the spelling that matched before on this bind: it goes first, and the exact one after it.
    """
    order = sorted(Spelling, key=lambda spelling: spelling is not learned)
    tried = ((spelling, respell(message_id, spelling)) for spelling in order)
    found: dict[tuple[bool, str], Spelling] = {}
    for spelling, written in tried:
        if written is not None:
            found.setdefault((spelling is Spelling.EXACT, written), spelling)
    return tuple((spelling, written) for (_, written), spelling in found.items())
