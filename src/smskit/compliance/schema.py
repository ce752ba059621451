"""The shape of a rule file, checked before anything is built from it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from enum import Enum
from typing import cast

from attrs import frozen

from smskit.compliance.settings import day_problems, settings_problems, table_problems
from smskit.compliance.vocabulary import Check, Confidence, Effect, Force, Profile
from smskit.compliance.zones import is_zone
from smskit.errors import InvalidRules
from smskit.kinds import Kind, Reason

SCHEMA = "smskit-compliance-rules/2"
ARCHIVE = "smskit-compliance-archive/1"

_DOCUMENT_KEYS = {"schema", "country", "rules", "territories", "tables", "sources"}
_NEEDED = (
    "id",
    "kinds",
    "check",
    "effect",
    "reason",
    "force",
    "confidence",
    "condition",
    "citation",
    "explain",
)
_RULE_KEYS = {*_NEEDED, "region", "settings", "by_profile", "sources", "in_force", "until", "penalty", "note"}
_WORDS: Mapping[str, type[Enum]] = {
    "check": Check, "effect": Effect, "reason": Reason, "force": Force, "confidence": Confidence,
}  # fmt: skip


@frozen
class Reading:
    """A JSON object read with a type in mind; what is absent reads as empty."""

    of: Mapping[str, object]

    def text(self, key: str) -> str:
        """Give a text, empty when absent."""
        value = self.of.get(key)
        return value if isinstance(value, str) else ""

    def words(self, key: str) -> tuple[str, ...]:
        """Give a list of texts."""
        value = self.of.get(key)
        return tuple(str(word) for word in cast("list[object]", value)) if isinstance(value, list) else ()

    def mapping(self, key: str) -> Mapping[str, object]:
        """Give an object as it stands."""
        value = self.of.get(key)
        return cast("dict[str, object]", value) if isinstance(value, dict) else {}

    def reading(self, key: str) -> Reading:
        """Give an object, read in its turn."""
        return Reading(self.mapping(key))

    def rows(self, key: str) -> Iterator[Reading]:
        """Give a list of objects, each read in its turn."""
        value = self.of.get(key)
        for row in cast("list[object]", value) if isinstance(value, list) else ():
            if isinstance(row, dict):
                yield Reading(cast("dict[str, object]", row))

    def flag(self, key: str) -> bool:
        """Tell whether something is true."""
        return self.of.get(key) is True

    def day(self, key: str) -> date | None:
        """Give a day written YYYY-MM-DD."""
        value = self.text(key)
        return date.fromisoformat(value) if value else None


def documents_of(value: object) -> Sequence[object]:
    """Give the rule files that an archive holds; anything else is taken for one rule file."""
    whole: list[object] = [value]
    if not isinstance(value, dict):
        return whole
    archive = cast("dict[str, object]", value)
    documents = archive.get("documents")
    return (
        cast("list[object]", documents) if archive.get("schema") == ARCHIVE and isinstance(documents, list) else whole
    )


def check_document(document: object, name: str) -> Mapping[str, object]:
    """Give *document* back when it keeps to the schema.

    Raises:
        InvalidRules: it does not; every problem found is listed with the rule it stands in.
    """
    if not isinstance(document, dict):
        raise InvalidRules(name, ["the file is not a JSON object"])
    mapping = cast("dict[str, object]", document)
    problems = list(_document_problems(mapping))
    if problems:
        raise InvalidRules(name, problems)
    return mapping


def _document_problems(document: Mapping[str, object]) -> Iterator[str]:
    if document.get("schema") != SCHEMA:
        yield f"schema must be {SCHEMA!r}"
    country = document.get("country")
    if not (isinstance(country, str) and (country == "*" or (len(country) == 2 and country.isupper()))):
        yield "country must be an ISO 3166 code such as 'FR', or '*'"
    for key in sorted(document.keys() - _DOCUMENT_KEYS):
        yield f"unknown key {key!r}"
    for key in ("territories", "tables", "sources"):
        if not isinstance(document.get(key, {}), dict):
            yield f"{key} must be an object"
    reading = Reading(document)
    yield from _territory_problems(reading.mapping("territories"))
    for name, table in reading.mapping("tables").items():
        yield from table_problems(name, table)
    rules = document.get("rules")
    if isinstance(rules, list):
        yield from _rules_problems(cast("list[object]", rules), str(country))
    else:
        yield "rules must be a list"


def _rules_problems(rules: Sequence[object], country: str) -> Iterator[str]:
    seen: set[str] = set()
    for number, row in enumerate(rules):
        if not isinstance(row, dict):
            yield f"rules[{number}] is not an object"
            continue
        rule = cast("dict[str, object]", row)
        rule_id = rule.get("id")
        label = rule_id if isinstance(rule_id, str) and rule_id else f"rules[{number}]"
        if label in seen:
            yield f"{label} stands twice"
        seen.add(label)
        yield from (f"{label}: {problem}" for problem in _rule_problems(rule, country))


def _territory_problems(territories: Mapping[str, object]) -> Iterator[str]:
    for code, value in territories.items():
        zones = cast("dict[str, object]", value).get("zones") if isinstance(value, dict) else None
        if not isinstance(zones, list) or not zones:
            yield f"territory {code}: zones must be a list of time zones"
            continue
        for zone in cast("list[object]", zones):
            if not (isinstance(zone, str) and is_zone(zone)):
                yield f"territory {code}: {zone!r} is not a time zone"
        for key in ("holidays", "customary"):
            days = cast("dict[str, object]", value).get(key, [])
            yield from (f"territory {code}: {problem}" for problem in day_problems(days))


def _rule_problems(rule: Mapping[str, object], country: str) -> Iterator[str]:
    for key in sorted(rule.keys() - _RULE_KEYS):
        yield f"unknown key {key!r}"
    missing = [key for key in _NEEDED if key not in rule]
    if missing:
        yield f"missing {', '.join(missing)}"
        return
    prefix = "GLOBAL." if country == "*" else f"{country}."
    if not str(rule["id"]).startswith(prefix):
        yield f"id must start with {prefix!r}"
    for key, words in _WORDS.items():
        yield from _word_problems(key, rule[key], words)
    yield from _list_problems("kinds", rule["kinds"], Kind)
    yield from _profile_problems(rule.get("by_profile", {}))
    yield from _date_problems(rule)
    explain = rule["explain"]
    if not (isinstance(explain, dict) and cast("dict[str, object]", explain).keys() == {"fr", "en"}):
        yield "explain needs 'fr' and 'en'"
    if rule["check"] in [check.value for check in Check]:
        yield from settings_problems(Check(rule["check"]), rule.get("settings", {}))


def _word_problems(key: str, value: object, words: type[Enum]) -> Iterator[str]:
    known = [str(word.value) for word in words]
    if value not in known:
        yield f"{key}={value!r} is none of {', '.join(known)}"


def _list_problems(key: str, value: object, words: type[Enum]) -> Iterator[str]:
    if not isinstance(value, list):
        yield f"{key} must be a list"
        return
    for word in cast("Sequence[object]", value):
        yield from _word_problems(key, word, words)


def _profile_problems(value: object) -> Iterator[str]:
    if not isinstance(value, dict):
        yield "by_profile must be an object"
        return
    for key, word in cast("dict[str, object]", value).items():
        yield from _word_problems("profile", key, Profile)
        yield from _word_problems("by_profile", word, Effect)


def _date_problems(rule: Mapping[str, object]) -> Iterator[str]:
    days: list[date] = []
    for key in ("in_force", "until"):
        value = rule.get(key)
        if value is None:
            continue
        try:
            days.append(date.fromisoformat(value if isinstance(value, str) else ""))
        except ValueError:
            yield f"{key}={value!r} is not a day written YYYY-MM-DD"
    if len(days) == 2 and days[1] < days[0]:
        yield "until lies before in_force"
