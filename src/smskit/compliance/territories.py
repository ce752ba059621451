"""Places with a law, candidate time zones and holidays of their own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import cast

from attrs import frozen

from smskit.compliance.schema import Reading

WORLD = "*"


@frozen
class Territory:
    """What is known of one territory.

    Args:
        code: ISO 3166 (``RE``, ``US-FL``), and ``FR-AM`` for Alsace-Moselle.
        country: whose rules hold there.
        zones: every time zone in which a recipient of this territory may be.
        region: subdivision with rules of its own, empty without.
        holidays: days off by statute, as :func:`smskit.compliance.calendar.read_day` reads them.
        customary: days off by custom; only the strict profile waits for them.
        name_fr, name_en: what people call it.
        note: doubts about which rules bind there.
    """

    code: str
    country: str
    zones: tuple[str, ...]
    region: str = ""
    holidays: tuple[str, ...] = ()
    customary: tuple[str, ...] = ()
    name_fr: str = ""
    name_en: str = ""
    note: str = ""


def read_territories(country: str, rows: Mapping[str, object]) -> Iterator[tuple[str, Territory]]:
    """Read the territories of one rule file."""
    for code, row in rows.items():
        reading = Reading(cast("Mapping[str, object]", row))
        yield (
            code,
            Territory(
                code=code,
                country=country,
                zones=reading.words("zones"),
                region=reading.text("region"),
                holidays=reading.words("holidays"),
                customary=reading.words("customary"),
                name_fr=reading.text("fr"),
                name_en=reading.text("en"),
                note=reading.text("note"),
            ),
        )
