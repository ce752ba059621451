"""A rule as it is kept, and the book in which rules are looked up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from functools import lru_cache

from attrs import field, frozen

from smskit.compliance.territories import WORLD, Territory
from smskit.compliance.vocabulary import Check, Confidence, Effect, Force, Profile
from smskit.errors import InvalidInput
from smskit.kinds import Kind, Reason

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
class Rulebook:
    """Rules by id, territories by code and tables by country; :attr:`version` names exactly this set."""

    version: str
    by_id: Mapping[str, Rule] = field(repr=False)
    territories: Mapping[str, Territory] = field(repr=False)
    tables: Mapping[str, Mapping[str, object]] = field(repr=False)

    @property
    def countries(self) -> tuple[str, ...]:
        """The countries that have a row, in alphabetical order."""
        return _countries(self)

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


@lru_cache(maxsize=64)
def _countries(rules: Rulebook) -> tuple[str, ...]:
    return tuple(sorted({rule.country for rule in rules} - {WORLD}))


@lru_cache(maxsize=1024)
def _of_country(rules: Rulebook, country: str, on: date | None) -> tuple[Rule, ...]:
    known = [rule for rule in rules if on is None or rule.holds_on(on)]
    own = [rule for rule in known if rule.country == country]
    settled = {rule.check for rule in own}
    return (*own, *(rule for rule in known if rule.country == WORLD and rule.check not in settled))
