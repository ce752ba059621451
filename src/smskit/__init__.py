"""SMS and RCS campaigns: lawful, priced before sending, through any carrier, with an exact account of each message."""

from __future__ import annotations

__version__ = "0.1.0.dev0"
