"""One view per object, shown as text in a terminal and as HTML in a notebook."""

from __future__ import annotations

from smskit.display.drawings import Bars, Columns, Dots, Drawing, Mark, Scaled, Unit
from smskit.display.html import to_html
from smskit.display.shown import Shown
from smskit.display.text import to_text
from smskit.display.tongue import ENGLISH, FRENCH, Tongue, tongue
from smskit.display.views import (
    Beside,
    Block,
    Bubble,
    Card,
    Cell,
    Chips,
    Facts,
    Level,
    Line,
    Note,
    OnScreen,
    Phone,
    Picture,
    Row,
    Sum,
    Table,
    Tile,
    Tiles,
    Tone,
    View,
)
from smskit.display.words import decimals, grouped, harmless, percent

__all__ = [
    "ENGLISH", "FRENCH", "Bars", "Beside", "Block", "Bubble", "Card", "Cell", "Chips", "Columns", "Dots", "Drawing",
    "Facts", "Level", "Line", "Mark", "Note", "OnScreen", "Phone", "Picture", "Row", "Scaled", "Shown", "Sum", "Table",
    "Tile", "Tiles", "Tone", "Tongue", "Unit", "View", "decimals", "grouped", "harmless", "percent", "to_html",
    "to_text", "tongue",
]  # fmt: skip
