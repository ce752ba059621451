"""One view per object, shown as text in a terminal and as HTML in a notebook."""

from __future__ import annotations

from smskit.display.html import to_html
from smskit.display.shown import Shown
from smskit.display.text import to_text
from smskit.display.views import (
    Bars,
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
    View,
)
from smskit.display.words import grouped, harmless, percent

__all__ = [
    "Bars", "Beside", "Block", "Bubble", "Card", "Cell", "Chips", "Facts", "Level", "Line", "Note", "OnScreen", "Phone",
    "Picture", "Row", "Shown", "Sum", "Table", "View", "grouped", "harmless", "percent", "to_html", "to_text",
]  # fmt: skip
