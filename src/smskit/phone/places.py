"""Where a number lives: its territory, and every time zone in which its bearer may be."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

UNKNOWN_TERRITORY = "ZZ"
"""What stands for no territory: ISO 3166 leaves ZZ to users and CLDR writes unknown so."""

# All but the last five digits tell the territory, also where several share a country code (checked by a test
# against phonenumbers): the tables of +1, +7, +44 and +262 look no further. Shorter numbers are not kept: in
# Tokelau or Niue the last five digits reach into the country code.
_TAIL = 100_000
_SHORTEST_KEPT = 10_000_000

# The country code 1 and three digits; no zone is looked up by more.
_AREA_CODE = 4

_known: dict[int, str] = {}


def territory_of(number: int) -> str:
    """Give the territory whose prices, hours and holidays go with *number*.

    Args:
        number: E.164 digits of a valid number.

    Returns:
        The ISO 3166 code: ``FR``, ``GP``, ``MQ``, ``GF``, ``RE``, ``YT``, ``PM``, ``NC``, ``BE`` … Guadeloupe
        stands for Saint-Martin and Saint-Barthélemy, whose mobiles cannot be told from its own. ``ZZ`` for a
        number of no territory: satellites, invalid ones.
    """
    return _known.get(number // _TAIL) or _learn(number)


def territories_of(numbers: Sequence[int]) -> list[str]:
    """Give the territory of each of many numbers, as :func:`territory_of` does."""
    known = _known.get
    return [known(number // _TAIL) or _learn(number) for number in numbers]


def zones_of(number: int) -> tuple[str, ...]:
    """Give every time zone in which the bearer of a mobile may be; a message has to suit them all.

    Args:
        number: E.164 digits of a valid number.

    Returns:
        IANA names in order of the alphabet; one for France and each of its territories (French Polynesia has
        three), those of the area code in North America, those of the whole country elsewhere: two for Spain,
        eight for Australia. Empty when nothing is known, which never means that it is a good time.
    """
    territory = territory_of(number)
    return () if territory == UNKNOWN_TERRITORY else _zones(str(number)[:_AREA_CODE], territory)


def _learn(number: int) -> str:
    # Imported late, since it loads phonenumbers.
    from smskit.phone import geography

    territory = geography.territory(number)
    if territory is None:
        # Not kept: an invalid number must not answer for the valid ones that begin like it.
        return UNKNOWN_TERRITORY
    if number >= _SHORTEST_KEPT:
        _known[number // _TAIL] = territory
    return territory


@lru_cache(maxsize=1 << 12)
def _zones(begin: str, territory: str) -> tuple[str, ...]:
    from smskit.phone import geography

    return geography.zones(begin, territory)
