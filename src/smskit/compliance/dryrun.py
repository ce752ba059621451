"""Many verdicts at once and nothing sent: which rule would hold back how many, and whom first."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from attrs import define, field, frozen

from smskit.compliance.decision import Decision, Request, decide
from smskit.compliance.facts import Finding
from smskit.compliance.rules import Rules

EXAMPLES = 20


@frozen
class DryRunRow:
    """One rule: how many messages it speaks of, and the places of the first of them among the requests."""

    finding: Finding
    count: int
    examples: tuple[int, ...]


@frozen
class DryRun:
    """What would become of a batch of requests.

    ``rows`` add up to more than the messages: a message that three rules block stands in three rows.
    """

    messages: int
    decisions: dict[Decision, int]
    rows: tuple[DryRunRow, ...]
    next_opening: datetime | None
    rules_version: str

    def to_csv(self) -> str:
        """Write the table: one row per rule, in English and French."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(
            ("rule", "effect", "reason", "messages", "explanation_fr", "explanation_en", "citation", "first")
        )
        for row in self.rows:
            said = row.finding
            first = " ".join(map(str, row.examples))
            cells = (said.rule_id, said.effect.value, said.reason.value, row.count)
            writer.writerow((*cells, said.explanation_fr, said.explanation_en, said.citation, first))
        return out.getvalue()

    def __str__(self) -> str:
        told = ", ".join(f"{decision.value} {count}" for decision, count in self.decisions.items())
        lines = [f"{self.messages} messages: {told} (rules {self.rules_version})"]
        if self.next_opening:
            lines.append(f"next opening {self.next_opening.isoformat()}")
        width = max((len(row.finding.rule_id) for row in self.rows), default=0)
        for row in self.rows:
            said = row.finding
            lines.append(f"{row.count:>8} {said.effect.value:<5} {said.rule_id:<{width}} {said.explanation_en}")
        return "\n".join(lines)


@define
class _Tally:
    finding: Finding
    count: int = 0
    examples: list[int] = field(factory=list[int])


def dry_run(requests: Iterable[Request], /, *, rules: Rules | None = None) -> DryRun:
    """Decide every request and count by rule; nothing is sent and nothing is kept of a person.

    Args:
        requests: read once, in order.
        rules: None takes the packaged ones.

    Returns:
        The table, the rule that speaks of most messages first.
    """
    rules = rules or Rules.default()
    decisions: Counter[Decision] = Counter()
    tallies: dict[str, _Tally] = {}
    openings: list[datetime] = []
    for place, request in enumerate(requests):
        verdict = decide(request, rules=rules)
        decisions[verdict.decision] += 1
        if verdict.until is not None:
            openings.append(verdict.until)
        for finding in (*verdict.findings, *verdict.warnings):
            _count(tallies.setdefault(finding.rule_id, _Tally(finding)), place)
    rows = (DryRunRow(tally.finding, tally.count, tuple(tally.examples)) for tally in tallies.values())
    return DryRun(
        messages=sum(decisions.values()),
        decisions={decision: decisions[decision] for decision in Decision},
        rows=tuple(sorted(rows, key=lambda row: (-row.count, row.finding.rule_id))),
        next_opening=min(openings, default=None),
        rules_version=rules.version,
    )


def _count(tally: _Tally, place: int) -> None:
    tally.count += 1
    if len(tally.examples) < EXAMPLES:
        tally.examples.append(place)
