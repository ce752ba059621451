"""Hiding a number in what people and log files get to see."""

from __future__ import annotations

_DOT = "•"


def mask(number: int | str, /) -> str:
    """Show the first digits that many people share and the last two: ``+336••••••78``.

    Args:
        number: E.164 digits as an integer, or whatever a cell held (a text that may not be a number at all).

    Returns:
        At most five characters in clear; the rest are dots, one for each character.
    """
    text = f"+{number}" if isinstance(number, int) else number.strip()
    if len(text) < 8:
        return _DOT * len(text)
    shown = 4 if text.startswith("+") else 2
    return f"{text[:shown]}{_DOT * (len(text) - shown - 2)}{text[-2:]}"
