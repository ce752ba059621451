"""Territories and time zones out of the tables of phonenumbers, where those tables can be trusted.

Importing this module loads phonenumbers.
"""

from __future__ import annotations

from phonenumbers import region_code_for_number
from phonenumbers.tzdata import TIMEZONE_DATA

from smskit.phone.exact import parse

_WORLD = "001"

# phonenumbers answers both zones for every mobile of +262, as it does not look behind the country code.
_ZONES_OF_TERRITORY = {"RE": ("Indian/Reunion",), "YT": ("Indian/Mayotte",)}


def territory(number: int) -> str | None:
    """Give the ISO territory of a valid number, None for no number of any territory."""
    parsed = parse(f"+{number}", "ZZ")
    region = None if parsed is None else region_code_for_number(parsed)
    return None if region in (None, _WORLD) else region


def zones(begin: str, territory: str) -> tuple[str, ...]:
    """Give the union of the zones of *territory* in which a mobile that begins with these four digits may be."""
    if territory in _ZONES_OF_TERRITORY:
        return _ZONES_OF_TERRITORY[territory]
    if begin.startswith("1"):
        return _zones_of_area_code(begin)
    if territory == "KZ":
        return TIMEZONE_DATA["77"]
    # A mobile says nothing of the place within its country, though entries for fixed lines begin like it:
    # Sydney for an Australian mobile, Moscow for a Russian one. That of the country code holds all its zones.
    return next((TIMEZONE_DATA[begin[:n]] for n in (1, 2, 3) if begin[:n] in TIMEZONE_DATA), ())


def _zones_of_area_code(area: str) -> tuple[str, ...]:
    """Join the zones of an area code and of each exchange in it.

    What stands for the area code alone is wrong in 423, 850 or 270: it is one zone, and not that of them all.
    """
    found = {zone for prefix, names in TIMEZONE_DATA.items() if prefix.startswith(area) for zone in names}
    # Toll-free and personal numbers and area codes newer than the table: anywhere in North America.
    return tuple(sorted(found)) if found else TIMEZONE_DATA["1"]
