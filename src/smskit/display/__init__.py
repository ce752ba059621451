"""One view per object, shown as text in a terminal and as HTML in a notebook."""

from __future__ import annotations

from smskit.display.html import to_html
from smskit.display.shown import Shown
from smskit.display.text import to_text
from smskit.display.views import (
    Bars,
    Block,
    Bubble,
    Cell,
    Facts,
    Level,
    Line,
    Note,
    Phone,
    Sum,
    Table,
    View,
)
from smskit.display.words import grouped, harmless, percent

__all__ = [
    "Bars", "Block", "Bubble", "Cell", "Facts", "Level", "Line", "Note", "Phone", "Shown", "Sum", "Table",
    "View", "grouped", "harmless", "percent", "to_html", "to_text",
]  # fmt: skip
