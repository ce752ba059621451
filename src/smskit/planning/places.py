"""Where a contact is, as far as law and price are concerned."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from smskit.phone import territories_of, zones_of

ALSACE_MOSELLE = "FR-AM"
"""Two more holidays; a number never tells, only a postal code does (57 Moselle, 67 Bas-Rhin, 68 Haut-Rhin)."""

_REFINED = {
    ("FR", "57"): ALSACE_MOSELLE,
    ("FR", "67"): ALSACE_MOSELLE,
    ("FR", "68"): ALSACE_MOSELLE,
    # Guadeloupe's numbers also serve two islands with holidays of their own.
    ("GP", "97150"): "MF",
    ("GP", "97133"): "BL",
}

_NUMBERED_AS = {"MF": "GP", "BL": "GP"}

_BEGINNINGS = frozenset(code[:2] for _, code in _REFINED)


def places_of(numbers: Sequence[int], postal_codes: Sequence[str] | None) -> list[str]:
    """Give the territory of each number, made finer by the postal code where one is known.

    Args:
        numbers: E.164 digits; 0 has the territory ``ZZ``.
        postal_codes: of each contact, None when the file has none.
    """
    territories = territories_of(numbers)
    if postal_codes is None:
        return territories
    for index, code in enumerate(postal_codes):
        if code[:2] in _BEGINNINGS:
            territory = territories[index]
            territories[index] = _REFINED.get((territory, code[:2])) or _REFINED.get((territory, code)) or territory
    return territories


def wheres_of(places: list[str], numbers: Sequence[int], wide: Collection[str]) -> list[str]:
    """Give the place of each row and, in the *wide* ones, the zones that its number may be in.

    Args:
        places: as :func:`places_of` gives them.
        numbers: E.164 digits.
        wide: the places with more than one zone; without one *places* themselves are the answer.

    Returns:
        ``FR``, ``US America/New_York``: :func:`read_where` takes them apart.
    """
    if not wide:
        return places
    rows = zip(places, numbers, strict=True)
    return [" ".join((place, *zones_of(number))) if place in wide else place for place, number in rows]


def read_where(where: str) -> tuple[str, tuple[str, ...] | None]:
    """Give the place and the zones of an answer of :func:`wheres_of`; None when only the place is known."""
    place, *zones = where.split()
    return place, tuple(zones) or None


def country_of(place: str) -> str:
    """Give the territory that price lists name, that of the number: ``FR`` for ``FR-AM``, ``GP`` for ``MF``."""
    return _NUMBERED_AS.get(place) or place[:2]
