"""Where a recipient may be: the zones of a territory, those of its regions, and the hours that hold in each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from smskit.compliance.openings import Hours, Place
from smskit.compliance.rulebook import Rulebook
from smskit.compliance.slate import hours_of
from smskit.compliance.territories import Territory
from smskit.compliance.timetable import window_timetable
from smskit.compliance.vocabulary import Declaration, Effect, Profile
from smskit.kinds import Kind
from smskit.protocols import Window

TRANSPORT = "GLOBAL.QH.TRANSPORT"


@lru_cache(maxsize=512)
def places_of(
    rules: Rulebook,
    territory: Territory,
    profile: Profile,
    declarations: frozenset[Declaration],
    window: Window | None,
    effect: Effect,
    zones: tuple[str, ...] | None,
    year: int,
) -> tuple[Place, ...]:
    """Give every place in which a recipient of *territory* may be, with the hours that *effect* enforces there.

    Args:
        rules: the rules.
        territory: where the recipient lives.
        profile: which rules are enforced.
        declarations: what the sender states; some hours are waived by it.
        window: the carrier's own hours, if it has any.
        effect: DEFER for the hours that make a message wait, WARN for those that are only told.
        zones: the zones that the number may be in, where they are known better than by the territory.
        year: in which clocks are compared.
    """
    days = territory.holidays + (territory.customary if profile is Profile.STRICT else ())
    own: tuple[Hours, ...] = ()
    if window is not None and effect is Effect.DEFER:
        own = (Hours(rules.explain(TRANSPORT), window_timetable(window)),)
    found: list[Place] = []
    for region, region_zones in _regions(rules, territory):
        legal = hours_of(rules, territory.country, region, Kind.MARKETING, profile, effect, declarations)
        names = _narrowed(region_zones, zones, year, whole=region == territory.region)
        found += [Place(ZoneInfo(name), legal + own, days) for name in names]
    return tuple(found)


def _regions(rules: Rulebook, territory: Territory) -> Iterator[tuple[str, tuple[str, ...]]]:
    yield territory.region, territory.zones
    if territory.region:
        return
    # The state is unknown: every state with hours of its own is a candidate, in its own zones.
    ruled = {rule.region for rule in rules.of_country(territory.country) if rule.region}
    for region in sorted(ruled & rules.territories.keys()):
        yield region, rules.territories[region].zones


def _narrowed(zones: Sequence[str], known: Sequence[str] | None, year: int, *, whole: bool) -> Sequence[str]:
    """Give the zones of a place that the number may be in; those of the whole country are the number's own."""
    if not known or whole:
        return known or zones
    clocks = {_clock(zone, year) for zone in known}
    return [zone for zone in zones if _clock(zone, year) in clocks]


@lru_cache(maxsize=1024)
def _clock(zone: str, year: int) -> tuple[object, ...]:
    """Tell zones apart by what their clocks show: Louisville and New York are one."""
    days = (datetime(year, month, 1, 12, tzinfo=ZoneInfo(zone)) for month in range(1, 13))
    return tuple(day.utcoffset() for day in days)
