"""The registry: rules as dated data, read from JSON, checked against the schema, named by a version."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from importlib import resources
from pathlib import Path

from attrs import field, frozen

from smskit.compliance.desk import Desk
from smskit.compliance.facts import CampaignFacts
from smskit.compliance.rulebook import Rule, Rulebook
from smskit.compliance.schema import ARCHIVE, Reading, check_document, documents_of
from smskit.compliance.territories import WORLD, Territory, read_territories
from smskit.compliance.vocabulary import Check, Confidence, Effect, Force, Profile
from smskit.errors import InvalidRules
from smskit.kinds import Kind, Reason


@frozen(eq=False)
class Rules(Rulebook):
    """All rules and tables that verdicts rest on. Immutable; :attr:`version` names exactly this set."""

    _documents: tuple[Mapping[str, object], ...] = field(repr=False)

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

    def desk(self, facts: CampaignFacts, /, *, profile: Profile = Profile.LAW) -> Desk:
        """Open a desk for one campaign: what depends on the campaign alone is decided once."""
        return Desk(self, facts, profile=profile)


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


_BY_BRAND = frozenset({Check.SENDER_BRAND, Check.URL_SPOOF, Check.BRAND_LINK})
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
    rules = Rules(_version(documents), by_id, territories, tables, tuple(documents))
    without = list(_without_table(rules))
    if without:
        raise InvalidRules(name, without)
    return rules


def _without_table(rules: Rules) -> Iterator[str]:
    """Find rules whose words stand in no table: they would never apply, and nobody would know."""
    for rule in rules:
        if rule.check in _BY_BRAND:
            continue  # brands of all countries count, and there may be none
        for key in ("markers", "gifts", "list"):
            table = rule.settings.get(key)
            if isinstance(table, str) and rules.table(rule.country, table) is None:
                yield f"{rule.rule_id}: there is no table {table!r}"


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


__all__ = ["Rule", "Rules", "explain"]
