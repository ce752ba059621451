"""Chooses once between the C twin and the Python twin of the table of numbers, as the encoding does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smskit.encoding import IMPLEMENTATION

if TYPE_CHECKING:
    from smskit.planning._claims import claim, move
elif IMPLEMENTATION == "C":
    try:
        from smskit.planning._claims import claim, move
    except ImportError:
        from smskit.planning._table import claim, move
else:
    from smskit.planning._table import claim, move

__all__ = ["claim", "move"]
