"""Which rules look at a message: chosen once for a country, a region, a day, a kind and a profile."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import lru_cache

from attrs import frozen

from smskit.compliance.case import Predicate
from smskit.compliance.checks import CAMPAIGN, CONTENT
from smskit.compliance.consent import PersonRules
from smskit.compliance.openings import Hours
from smskit.compliance.rulebook import Rule, Rulebook
from smskit.compliance.timetable import read_timetable
from smskit.compliance.vocabulary import Check, Declaration, Effect, Profile
from smskit.kinds import Kind

RECLASSIFYING = frozenset({Check.SELLS, Check.PREMIUM})
"""Checks by which a message becomes marketing; they look at the kind that the sender named."""


@frozen
class Slate:
    """The rules in force, sorted by who decides them.

    Args:
        campaign: decided by sender, transport, time and text, each with its predicate.
        persons: decided by what is on file about a person.
        mention: the rule that makes the way to object due, None where it is not.
        caps: limits on how often.
        assessment: whether a written balancing test is asked for.
        unplaced: what is told when no time zone is known.
    """

    campaign: tuple[tuple[Rule, Predicate], ...]
    persons: PersonRules
    mention: Rule | None
    caps: tuple[Rule, ...]
    assessment: Rule | None
    unplaced: Rule | None


@lru_cache(maxsize=1024)
def slate_of(
    rules: Rulebook, country: str, region: str, day: date, kind: Kind, declared: Kind, profile: Profile
) -> Slate:
    """Choose the rules that look at a message of *kind*, called *declared* by its sender, on *day*."""
    chosen = [
        rule
        for rule in rules.of_country(country, on=day)
        if (kind in rule.kinds or (rule.check in RECLASSIFYING and declared in rule.kinds))
        and rule.region in ("", region)
    ]
    by_check = {rule.check: rule for rule in rules.of_country(country, on=day) if rule.region in ("", region)}
    active = [rule for rule in chosen if rule.effect_in(profile) is not Effect.NONE]
    first = {rule.check: rule for rule in reversed(active)}
    return Slate(
        campaign=tuple(_with_predicates(active)),
        persons=PersonRules.among(by_check),
        mention=first.get(Check.STOP_MENTION),
        caps=tuple(rule for rule in active if rule.check is Check.FREQUENCY),
        assessment=first.get(Check.ASSESSMENT),
        unplaced=first.get(Check.ZONE_UNKNOWN) or first.get(Check.NO_RULES),
    )


def _with_predicates(rules: list[Rule]) -> Iterator[tuple[Rule, Predicate]]:
    """Give the rules that a campaign decides, in the order of their checks: what tells most comes first."""
    predicates = {**CAMPAIGN, **CONTENT}
    for check, predicate in predicates.items():
        yield from ((rule, predicate) for rule in rules if rule.check is check)


@lru_cache(maxsize=1024)
def hours_of(
    rules: Rulebook,
    country: str,
    region: str,
    kind: Kind,
    profile: Profile,
    effect: Effect,
    declarations: frozenset[Declaration],
) -> tuple[Hours, ...]:
    """Choose the rules of hours that have *effect*, of every edition: each local day picks its own."""
    return tuple(
        Hours(rule, read_timetable(rule.settings))
        for rule in rules.of_country(country)
        if rule.check is Check.HOURS
        and kind in rule.kinds
        and rule.region in ("", region)
        and rule.effect_in(profile) is effect
        and not _waived(rule, declarations)
    )


def _waived(rule: Rule, declarations: frozenset[Declaration]) -> bool:
    waived = rule.settings.get("waived_by")
    return isinstance(waived, str) and Declaration(waived) in declarations
