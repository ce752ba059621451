"""Where a contact is, as far as law and price are concerned."""

from __future__ import annotations

from collections.abc import Sequence

from smskit.phone import territories_of

ALSACE_MOSELLE = "FR-AM"
"""Two more holidays; a number never tells, only a postal code does (57 Moselle, 67 Bas-Rhin, 68 Haut-Rhin)."""

_BY_POSTAL_CODE = {
    "FR": {"57": ALSACE_MOSELLE, "67": ALSACE_MOSELLE, "68": ALSACE_MOSELLE},
    # Guadeloupe's numbers also serve two islands with holidays of their own.
    "GP": {"97150": "MF", "97133": "BL"},
}


def places_of(numbers: Sequence[int], postal_codes: Sequence[str] | None) -> list[str]:
    """Give the territory of each number, made finer by the postal code where one is known.

    Args:
        numbers: E.164 digits; 0 has the territory ``""``.
        postal_codes: of each contact, None when the file has none.
    """
    territories = territories_of(numbers)
    if postal_codes is None:
        return territories
    return [
        _refined(territory, code) if territory in _BY_POSTAL_CODE and code else territory
        for territory, code in zip(territories, postal_codes, strict=True)
    ]


def _refined(territory: str, code: str) -> str:
    finer = _BY_POSTAL_CODE[territory]
    return finer.get(code[:2]) or finer.get(code) or territory


def country_of(place: str) -> str:
    """Give the territory that price lists name: ``FR`` for ``FR-AM``."""
    return place[:2]
