"""Rendered texts read against the rules of content: a batch at a time, closely only where something shows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from smskit.compliance.case import Case, finding_of
from smskit.compliance.checks import CONTENT
from smskit.compliance.facts import Finding
from smskit.compliance.rules import Rule
from smskit.compliance.vocabulary import Effect, Profile


class ContentReader:
    """Reads what names and links filled in have made of a template."""

    def __init__(self, case: Case, rules: Iterable[Rule], profile: Profile) -> None:
        self._case = case
        self._rules = tuple(rules)
        self._profile = profile
        self._known = {rule.rule_id for rule in self._rules if self._broken(rule, case)}

    def read(self, texts: Sequence[str]) -> Mapping[int, Finding]:
        """Give the first rule that each offending text breaks, by place."""
        found = ((place, self._look(text)) for place, text in enumerate(texts))
        return {place: finding for place, finding in found if finding is not None}

    def _look(self, text: str) -> Finding | None:
        case = self._case.with_text(text)
        for rule in self._rules:
            if rule.rule_id not in self._known:
                finding = self._broken(rule, case)
                if finding is not None:
                    return finding
        return None

    def _broken(self, rule: Rule, case: Case) -> Finding | None:
        hit = CONTENT[rule.check](rule, case)
        finding = finding_of(rule, self._profile, hit) if hit else None
        return finding if finding is not None and finding.effect is Effect.BLOCK else None
