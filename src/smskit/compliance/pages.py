"""The reference pages of the rules, one per country, made from the registry and from nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from smskit.compliance.rulebook import Rule, Rulebook
from smskit.compliance.territories import WORLD, Territory
from smskit.compliance.vocabulary import Confidence, Effect, Profile
from smskit.kinds import Kind

_DOES = {
    Effect.BLOCK: "blocks",
    Effect.DEFER: "makes it wait",
    Effect.WARN: "warns",
    Effect.NONE: "nothing",
}
_HEAD = "% Made from the registry by docs/countries.py; edit the JSON of the country, not this page."


def country_pages(rules: Rulebook, /) -> Iterator[tuple[str, str]]:
    """Give each page by the name of its file: ``FR.md`` …, and ``world.md`` for what holds everywhere."""
    for country in (*rules.countries, WORLD):
        name = "world.md" if country == WORLD else f"{country}.md"
        yield name, country_page(rules, country)


def country_page(rules: Rulebook, country: str, /) -> str:
    """Write the page of one country in Markdown: its territories, then each rule with its source."""
    own = [rule for rule in rules if rule.country == country]
    lines = [_HEAD, "", f"# {_title(rules, country)}", "", *_summary(own), ""]
    places = [place for place in rules.territories.values() if place.country == country]
    if places:
        lines += [*_territories(places), ""]
    for rule in own:
        lines += [*_rule(rule), ""]
    return "\n".join(lines).rstrip() + "\n"


def _title(rules: Rulebook, country: str) -> str:
    if country == WORLD:
        return "Every country"
    names, place = rules.table(country, "names"), rules.territory(country)
    given = cast("dict[str, str]", names).get("en") if isinstance(names, dict) else None
    return f"{given or (place.name_en if place else country)} ({country})"


def _summary(own: list[Rule]) -> list[str]:
    counts = {word: sum(rule.confidence is word for rule in own) for word in Confidence}
    told = ", ".join(f"{count} {word.value}" for word, count in counts.items() if count)
    return [
        f"Rules: {told}.",
        "",
        "*Verified* rests on the text or page of the rule-maker, *secondary* on somebody who quotes it,",
        "*unverified* on memory. None of it is legal advice.",
    ]


def _territories(places: list[Territory]) -> list[str]:
    lines = ["## Territories", "", "| code | name | time zones | days off | by custom |", "|---|---|---|---|---|"]
    for place in places:
        days = (", ".join(place.holidays), ", ".join(place.customary))
        cells = (place.code, place.name_en or place.region, ", ".join(place.zones), *days)
        lines.append(f"| {' | '.join(cells)} |")
    notes = [f"- {place.code}: {place.note}." for place in places if place.note]
    return [*lines, "", *notes] if notes else lines


def _rule(rule: Rule) -> list[str]:
    facts = {
        "when": rule.condition,
        "does": _effects(rule),
        "looks at": ", ".join(kind.value for kind in Kind if kind in rule.kinds) or "no message",
        "counted as": f"`{rule.reason.value}`",
        "in force": rule.edition + (f" until {rule.until.isoformat()}" if rule.until else ""),
        "source": f"{rule.citation} ({rule.force.value}, {rule.confidence.value})",
        "read": "; ".join(rule.sources),
        "penalty": "; ".join(rule.penalty),
        "settings": ", ".join(f"`{key}` = `{_code(value)}`" for key, value in rule.settings.items()),
        "note": rule.note,
    }
    lines = [f"## {rule.rule_id}", "", rule.explain_en, "", f"*{rule.explain_fr}*", ""]
    return lines + [f"- {name}: {value}" for name, value in facts.items() if value]


def _effects(rule: Rule) -> str:
    by_profile = {profile: _DOES[rule.effect_in(profile)] for profile in Profile}
    if len(set(by_profile.values())) == 1:
        return by_profile[Profile.LAW]
    return ", ".join(f"{word} in profile {profile.value}" for profile, word in by_profile.items())


def _code(value: object) -> str:
    return str(value).replace("`", "'")
