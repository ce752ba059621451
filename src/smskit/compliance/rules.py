"""The registry: rules as dated data, read from JSON, checked against the schema, named by a version."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cache, lru_cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import field, frozen

from smskit.compliance.schema import ARCHIVE, Reading, check_document, documents_of
from smskit.compliance.territories import WORLD, Territory, read_territories
from smskit.compliance.vocabulary import Check, Confidence, Effect, Force, Profile
from smskit.errors import InvalidInput, InvalidRules
from smskit.kinds import Kind, Reason

if TYPE_CHECKING:
    from smskit.compliance.desk import Desk
    from smskit.compliance.facts import CampaignFacts

Settings = Mapping[str, object]


@frozen(kw_only=True)
class Rule:
    """One rule of one country, in force from one day to another.

    Args:
        rule_id: ``FR.QH.HOURS``; the country comes first, ``GLOBAL`` stands for every country.
        country: ISO 3166 code, ``*`` for every country that has no row of its own for the same check.
        region: subdivision that it is limited to (``US-FL``), empty for the whole country.
        kinds: the kinds of message that it looks at.
        check: the predicate that decides it.
        settings: constants of the predicate.
        effect: what it does, before the profile has its say; see :meth:`effect_in`.
        reason: the word under which a plan counts it.
        condition: when it applies, in words.
        citation: title and clause.
        sources: what was read for this row.
        in_force: first day, None when it was in force before anybody here looked.
        until: last day, None when no end is known.
        penalty: what a breach may cost, one phrase per ceiling or example.
        explain_fr, explain_en: one sentence for the person who asks why.
        note: conflicts between sources, doubts, remarks.
    """

    rule_id: str
    country: str
    region: str = ""
    kinds: frozenset[Kind]
    check: Check
    settings: Settings
    effect: Effect
    by_profile: Mapping[Profile, Effect] = field(factory=lambda: dict[Profile, Effect]())
    reason: Reason
    force: Force
    confidence: Confidence
    condition: str
    citation: str
    sources: tuple[str, ...] = ()
    in_force: date | None = None
    until: date | None = None
    penalty: tuple[str, ...] = ()
    explain_fr: str
    explain_en: str
    note: str = ""

    def effect_in(self, profile: Profile) -> Effect:
        """Give what the rule does under *profile*."""
        return self.by_profile.get(profile, self.effect)

    def holds_on(self, day: date) -> bool:
        """Tell whether the rule is in force on *day*, both ends included."""
        return (self.in_force is None or self.in_force <= day) and (self.until is None or day <= self.until)

    def number(self, key: str) -> int:
        """Give a whole number of the settings.

        Raises:
            InvalidInput: the rule has none of that name.
        """
        value = self.settings.get(key)
        if not isinstance(value, int):
            raise InvalidInput(f"{self.rule_id} needs a whole number {key!r} in its settings")
        return value

    @property
    def edition(self) -> str:
        """The day it came into force, ``undated`` when no row says."""
        return self.in_force.isoformat() if self.in_force else "undated"

    def __str__(self) -> str:
        until = f" until {self.until.isoformat()}" if self.until else ""
        lines = [
            f"{self.rule_id} ({self.force.value}, {self.confidence.value}): {self.explain_en}",
            f"  {self.explain_fr}",
            f"  when: {self.condition}",
            f"  source: {self.citation}",
            f"  in force: {self.edition}{until}",
        ]
        lines += [f"  penalty: {line}" for line in self.penalty]
        return "\n".join(lines + ([f"  note: {self.note}"] if self.note else []))


@frozen(eq=False)
class Rules:
    """All rules and tables that verdicts rest on. Immutable; :attr:`version` names exactly this set."""

    version: str
    by_id: Mapping[str, Rule] = field(repr=False)
    _documents: tuple[Mapping[str, object], ...] = field(repr=False)
    territories: Mapping[str, Territory] = field(repr=False)
    tables: Mapping[str, Mapping[str, object]] = field(repr=False)

    @classmethod
    def default(cls) -> Rules:
        """Give the packaged rules; they are read once per process."""
        return _packaged()

    @classmethod
    def from_file(cls, path: str | Path, /, *, alone: bool = False) -> Rules:
        """Read rules of your own, on top of the packaged ones.

        Args:
            path: a JSON file in the schema of the packaged ones (``docs/reference/compliance.md``). A rule with
                the id of a packaged one takes its place.
            alone: leave the packaged countries out; what holds everywhere stays, unless the file brings that too.

        Raises:
            InvalidRules: the file is missing, no JSON, or does not keep to the schema; every problem is listed.
        """
        name = Path(path).name
        try:
            text = Path(path).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as problem:
            raise InvalidRules(name, [f"cannot be read: {type(problem).__name__}"]) from None
        documents = _parse(text, name)
        return _build((*_beneath(documents, alone=alone), *documents), name)

    def archive(self) -> str:
        """Write all rules into one text, for replays years later: ``Rules.from_file(path, alone=True)`` reads it."""
        return json.dumps({"schema": ARCHIVE, "documents": self._documents}, ensure_ascii=False, indent=1) + "\n"

    @property
    def countries(self) -> tuple[str, ...]:
        """The countries that have a row, in alphabetical order."""
        return tuple(sorted({rule.country for rule in self.by_id.values()} - {WORLD}))

    def __iter__(self) -> Iterator[Rule]:
        return iter(self.by_id.values())

    def __len__(self) -> int:
        return len(self.by_id)

    def explain(self, rule_id: str, /) -> Rule:
        """Give a rule by its id; ``print()`` shows what a lawyer would ask for.

        Raises:
            InvalidInput: no rule has that id.
        """
        try:
            return self.by_id[rule_id]
        except KeyError:
            raise InvalidInput(f"there is no rule {rule_id!r}; Rules.default().countries lists what there is") from None

    def of_country(self, country: str, /, *, on: date | None = None) -> tuple[Rule, ...]:
        """Give the rules that count in a country: its own, and the world's for each check that it has no row for.

        Args:
            country: ISO 3166 code.
            on: only rules in force on that day, so that the world's stand in before a country's own begin; None
                gives every edition.
        """
        return _of_country(self, country, on)

    def territory(self, code: str, /) -> Territory | None:
        """Give what is known of a territory (``RE``, ``FR-AM``, ``US-FL``), None when nothing is."""
        return self.territories.get(code)

    def table(self, country: str, name: str, /) -> object:
        """Give a table of a country's file, of the world's when it has none of that name, else None."""
        own = self.tables.get(country, {})
        return own[name] if name in own else self.tables.get(WORLD, {}).get(name)

    def desk(self, facts: CampaignFacts, /, *, profile: Profile = Profile.LAW) -> Desk:
        """Open a desk for one campaign: what depends on the campaign alone is decided once."""
        from smskit.compliance.desk import Desk  # late: a desk holds rules, rules only make one

        return Desk(self, facts, profile=profile)


@lru_cache(maxsize=1024)
def _of_country(rules: Rules, country: str, on: date | None) -> tuple[Rule, ...]:
    known = [rule for rule in rules if on is None or rule.holds_on(on)]
    own = [rule for rule in known if rule.country == country]
    settled = {rule.check for rule in own}
    return (*own, *(rule for rule in known if rule.country == WORLD and rule.check not in settled))


def explain(rule_id: str, /) -> Rule:
    """Give a packaged rule by its id: ``print(explain("FR.QH.HOURS"))``."""
    return Rules.default().explain(rule_id)


# ---------------------------------------------------------------- reading


def _parse(text: str, name: str) -> tuple[Mapping[str, object], ...]:
    try:
        document: object = json.loads(text)
    except json.JSONDecodeError as problem:
        raise InvalidRules(name, [f"line {problem.lineno} is not JSON: {problem.msg}"]) from None
    return tuple(check_document(single, name) for single in documents_of(document))


def _packaged_texts() -> Iterator[tuple[str, str]]:
    folder = resources.files("smskit.compliance.countries")
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.name.endswith(".json"):
            yield entry.name, entry.read_text(encoding="utf-8")


@cache
def _packaged_documents() -> tuple[Mapping[str, object], ...]:
    return tuple(document for name, text in _packaged_texts() for document in _parse(text, name))


@cache
def _packaged() -> Rules:
    return _build(_packaged_documents(), "the package")


_SAFETY = frozenset({Check.NO_RULES, Check.ZONE_UNKNOWN, Check.CONSENT_PRIOR, Check.CONSENT_WITHDRAWN})


def _beneath(documents: Sequence[Mapping[str, object]], *, alone: bool) -> Iterable[Mapping[str, object]]:
    """Give the packaged files that a file of one's own rests on."""
    if not alone:
        return _packaged_documents()
    if any(document["country"] == WORLD for document in documents):
        return ()
    return (document for document in _packaged_documents() if document["country"] == WORLD)


def _build(documents: Sequence[Mapping[str, object]], name: str) -> Rules:
    by_id: dict[str, Rule] = {}
    territories: dict[str, Territory] = {}
    tables: dict[str, dict[str, object]] = {}
    for document in documents:
        reading = Reading(document)
        country = reading.text("country")
        by_id.update((rule.rule_id, rule) for rule in _read_rules(reading))
        territories.update(read_territories(country, reading.mapping("territories")))
        tables.setdefault(country, {}).update(reading.mapping("tables"))
    missing = _SAFETY - {rule.check for rule in by_id.values() if rule.country == WORLD}
    if missing:
        # Without them an unknown country or an unknown person would be a yes.
        raise InvalidRules(name, [f"no rule for every country ('*') decides {check.value}" for check in missing])
    return Rules(_version(documents), by_id, tuple(documents), territories, tables)


def _version(documents: Iterable[Mapping[str, object]]) -> str:
    """Name a set of rules by its content: the same rules have the same name on every machine."""
    canonical = json.dumps(list(documents), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()[:12]


def _read_rules(document: Reading) -> Iterator[Rule]:
    country, sources = document.text("country"), document.reading("sources")
    for row in document.rows("rules"):
        explain_ = row.reading("explain")
        yield Rule(
            rule_id=row.text("id"),
            country=country,
            region=row.text("region"),
            kinds=frozenset(Kind(word) for word in row.words("kinds")),
            check=Check(row.text("check")),
            settings=row.mapping("settings"),
            effect=Effect(row.text("effect")),
            by_profile={Profile(key): Effect(str(word)) for key, word in row.mapping("by_profile").items()},
            reason=Reason(row.text("reason")),
            force=Force(row.text("force")),
            confidence=Confidence(row.text("confidence")),
            condition=row.text("condition"),
            citation=row.text("citation"),
            sources=tuple(sources.text(key) or key for key in row.words("sources")),
            in_force=row.day("in_force"),
            until=row.day("until"),
            penalty=row.words("penalty"),
            explain_fr=explain_.text("fr"),
            explain_en=explain_.text("en"),
            note=row.text("note"),
        )


__all__ = ["Rule", "Rules", "Settings", "explain"]
