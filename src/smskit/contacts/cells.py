"""Reading one text cell; the readers live in :mod:`smskit.cells`, where reports can reach them too."""

from __future__ import annotations

from smskit.cells import (
    instant_of,
    parse_date,
    parse_dates,
    parse_flag,
    parse_flags,
    parse_instant,
    parse_instants,
    parse_number,
    parse_numbers,
)

__all__ = [
    "instant_of", "parse_date", "parse_dates", "parse_flag", "parse_flags", "parse_instant", "parse_instants",
    "parse_number", "parse_numbers",
]  # fmt: skip
