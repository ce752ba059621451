"""One campaign seen from one territory: what the predicates look at."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import cast

from attrs import evolve, field, frozen

from smskit.compliance.facts import CampaignFacts, Finding
from smskit.compliance.folding import fold
from smskit.compliance.links import Link, links_in
from smskit.compliance.markers import Markers, read_markers, words_of
from smskit.compliance.rulebook import Rule, Rulebook
from smskit.compliance.senders import Brand, SenderKind, read_brands, sender_kind
from smskit.compliance.territories import WORLD, Territory
from smskit.compliance.vocabulary import Effect, Profile
from smskit.kinds import Kind, Reason
from smskit.protocols import StopForm

VARIABLE = re.compile(r"\$\{?[^\W\d]\w*\}?")


@frozen
class Hit:
    """What a predicate answers: the rule applies. What it leaves empty the rule's own row says."""

    detail: str = ""
    effect: Effect | None = None


@frozen
class Case:
    """The facts of a campaign in one territory, with what is read from its text."""

    rules: Rulebook = field(repr=False)
    facts: CampaignFacts
    kind: Kind
    territory: Territory | None
    code: str
    text: str = field(repr=False)
    folded: str = field(repr=False)
    tokens: frozenset[str] = field(repr=False)
    links: tuple[Link, ...]
    sender_kind: SenderKind

    @property
    def country(self) -> str:
        """Whose rules are asked."""
        return self.territory.country if self.territory else self.code[:2]

    @property
    def stop(self) -> StopForm | None:
        """How recipients of this territory object through the transport."""
        return self.facts.stop_for(self.code)

    def markers(self, name: object) -> Markers:
        """Give a table of markers."""
        return _markers(self.rules, self.country, str(name))

    def marked(self, name: object) -> str | None:
        """Give the first marker of a table that stands in the text, None when there is none."""
        return self.markers(name).find(self.folded, self.tokens)

    def brands(self, name: object) -> tuple[Brand, ...]:
        """Give a table of brands; the French one serves everywhere, names are borrowed across borders."""
        return brands_of(self.rules, str(name))

    def words(self, name: object) -> frozenset[str]:
        """Give a table that is a list of words."""
        return _table_words(self.rules, self.country, str(name))

    def with_text(self, text: str) -> Case:
        """Give the same case with another text."""
        folded = fold(text)
        return evolve(self, text=text, folded=folded, tokens=words_of(folded), links=read_links(self.rules, text))


def open_case(rules: Rulebook, facts: CampaignFacts, kind: Kind, code: str) -> Case:
    """Put the facts of a campaign on the table for one territory."""
    # A figure filled in makes "-$percent%" sell; what a word filled in makes of a text is read when it is there.
    folded = fold(VARIABLE.sub("10", facts.text))
    return Case(
        rules=rules,
        facts=facts,
        kind=kind,
        territory=rules.territory(code) or rules.territory(code[:2]),
        code=code,
        text=facts.text,
        folded=folded,
        tokens=words_of(folded),
        links=read_links(rules, facts.text),
        sender_kind=sender_kind(facts.sender),
    )


def read_links(rules: Rulebook, text: str) -> tuple[Link, ...]:
    """Give the links of *text*."""
    return tuple(links_in(text, _table_words(rules, WORLD, "top_level")))


Predicate = Callable[[Rule, Case], "Hit | None"]


def finding_of(rule: Rule, profile: Profile, hit: Hit = Hit(), *, reason: Reason | None = None) -> Finding:
    """Turn a rule that applies into what is told to people."""
    return Finding(
        rule_id=rule.rule_id,
        effect=hit.effect or rule.effect_in(profile),
        reason=reason or rule.reason,
        explanation_fr=rule.explain_fr,
        explanation_en=rule.explain_en,
        citation=rule.citation,
        edition=rule.edition,
        force=rule.force,
        confidence=rule.confidence,
        detail=hit.detail,
    )


@lru_cache(maxsize=256)
def _markers(rules: Rulebook, country: str, name: str) -> Markers:
    return read_markers(rules.table(country, name))


@lru_cache(maxsize=256)
def brands_of(rules: Rulebook, name: str) -> tuple[Brand, ...]:
    """Give a table of brands, those of all countries."""
    own = (tables.get(name) for tables in rules.tables.values())
    return tuple(brand for table in own for brand in read_brands(table))


@lru_cache(maxsize=256)
def _table_words(rules: Rulebook, country: str, name: str) -> frozenset[str]:
    table = rules.table(country, name)
    return frozenset(cast("Sequence[str]", table)) if isinstance(table, list) else frozenset()
