"""One message, one verdict: asked for, answered, archived and answered again in the same bytes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from enum import Enum
from functools import lru_cache

from attrs import evolve, field, frozen

from smskit.compliance.desk import Desk
from smskit.compliance.facts import CampaignFacts, Evidence, Finding
from smskit.compliance.history import evidence_of
from smskit.compliance.rules import Rules
from smskit.compliance.vocabulary import Effect, Profile
from smskit.display import Block, Facts, Note, Shown, Table, View
from smskit.errors import NotPermitted
from smskit.kinds import Kind, Reason
from smskit.records import ConsentEvent


def _count(history: tuple[ConsentEvent, ...]) -> str:
    return f"<{len(history)} events>"


class Decision(Enum):
    """What a verdict comes to."""

    ALLOWED = "allowed"
    DEFERRED = "deferred"
    BLOCKED = "blocked"


class ActionKind(Enum):
    """What has to be done so that the verdict holds."""

    APPEND_STOP = "append_stop"
    CARRIER_PRINTS_STOP = "carrier_prints_stop"


@frozen
class Action:
    """One thing to do; ``text`` is what stands behind the message."""

    kind: ActionKind
    text: str


@frozen(kw_only=True)
class Request:
    """Everything a verdict rests on, for one message to one person.

    Args:
        territory: where the recipient lives (``FR``, ``RE``, ``FR-AM``, ``BE`` …).
        facts: the message: its text is the one that leaves, names filled in; ``facts.at`` is when.
        evidence: what is on file about the person.
        history: consents and opt-outs, any order; folded into *evidence*.
        zones: time zones that the number may be in, where it tells more than the territory.
        recent: when this person was last sent marketing by this advertiser, any order.
        suppressed: the entry of the suppression list: OPTED_OUT or SUPPRESSED, None when there is none.
        profile: see :class:`Profile`.
    """

    territory: str
    facts: CampaignFacts
    evidence: Evidence = field(factory=Evidence)
    history: tuple[ConsentEvent, ...] = field(default=(), repr=_count)
    zones: tuple[str, ...] | None = None
    recent: tuple[datetime, ...] = ()
    suppressed: Reason | None = None
    profile: Profile = Profile.LAW


@frozen(kw_only=True)
class Verdict(Shown):
    """What compliance says, with every reason.

    Args:
        decision: blocked beats deferred beats allowed.
        until: the earliest instant that suits every rule, when deferred.
        kind: the kind that counted.
        findings: all reasons, blocks first; empty when allowed.
        warnings: what changes nothing and should be read.
        actions: what has to be done when it is sent.
        rules_version: the rules that were asked.
    """

    decision: Decision
    until: datetime | None
    kind: Kind
    findings: tuple[Finding, ...]
    warnings: tuple[Finding, ...]
    actions: tuple[Action, ...]
    rules_version: str

    @property
    def allowed(self) -> bool:
        """Whether it may leave now."""
        return self.decision is Decision.ALLOWED

    def explain(self, language: str = "en") -> str:
        """Say why, one line for each rule with its citation; ``fr`` or ``en``."""
        lines = [self._said(language)]
        for finding in (*self.findings, *self.warnings):
            said = finding.explanation_fr if language == "fr" else finding.explanation_en
            mark = "!" if finding.effect is Effect.WARN else "-"
            detail = f" ({finding.detail})" if finding.detail else ""
            lines.append(f"{mark} {finding.rule_id}: {said}{detail} [{finding.citation}]")
        return "\n".join(lines)

    def raise_unless_allowed(self) -> None:
        """Raise what an application can show.

        Raises:
            NotPermitted: with each reason, and the instant from which it is allowed.
        """
        if not self.allowed:
            raise NotPermitted([str(finding) for finding in self.findings], self.until)

    def view(self) -> View:
        """Give the decision, each reason with its source, and what has to be done."""
        return View(f"{self._said('en')} · {self.kind.value} · rules {self.rules_version}", *self._blocks())

    def _blocks(self) -> Iterator[Block]:
        if self.findings:
            rows = ((one.rule_id, one.explanation_en, one.detail or None, one.citation) for one in self.findings)
            yield Table(("rule", "reason", "found", "source"), rows)
        actions = ((one.kind.value.replace("_", " "), one.text.strip()) for one in self.actions)
        yield Facts(*actions, title="to do")
        yield Note(*map(str, self.warnings))

    def _said(self, language: str) -> str:
        return _SENTENCES[language][self.decision].format(until=self.until.isoformat() if self.until else "")

    def __str__(self) -> str:
        return self.explain("en")


_SENTENCES = {
    "en": {
        Decision.ALLOWED: "Allowed.",
        Decision.DEFERRED: "Deferred until {until}.",
        Decision.BLOCKED: "Blocked.",
    },
    "fr": {
        Decision.ALLOWED: "Autorisé.",
        Decision.DEFERRED: "Reporté au {until}.",
        Decision.BLOCKED: "Bloqué.",
    },
}


def decide(request: Request, /, *, rules: Rules | None = None) -> Verdict:
    """Say whether one message may leave, when, and why.

    Args:
        request: the message, the person and the time.
        rules: None takes the packaged ones.

    Raises:
        InvalidInput: facts that cannot be read (a window that is never open, a naive time).
    """
    rules = rules or Rules.default()
    desk = _desk(rules, _Same(request.facts), request.profile)
    waits, until = _waits(desk, request)
    told = (*_reasons(desk, request), *waits)
    blocks, defers, warnings = (_having(told, effect) for effect in (Effect.BLOCK, Effect.DEFER, Effect.WARN))
    decision = Decision.BLOCKED if blocks else Decision.DEFERRED if defers else Decision.ALLOWED
    return Verdict(
        decision=decision,
        until=until if decision is Decision.DEFERRED else None,
        kind=desk.kind,
        findings=blocks + defers,
        warnings=warnings,
        actions=() if blocks else _actions(desk, request),
        rules_version=rules.version,
    )


def _having(told: tuple[Finding, ...], effect: Effect) -> tuple[Finding, ...]:
    return tuple(finding for finding in told if finding.effect is effect) if told else ()


class _Same:
    """Facts by identity: they hold mappings and have no hash, and requests of one campaign share them."""

    __slots__ = ("facts",)

    def __init__(self, facts: CampaignFacts) -> None:
        self.facts = facts

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.facts is self.facts

    def __hash__(self) -> int:
        return id(self.facts)


@lru_cache(maxsize=8)
def _desk(rules: Rules, same: _Same, profile: Profile) -> Desk:
    return rules.desk(same.facts, profile=profile)


def _reasons(desk: Desk, request: Request) -> Iterator[Finding]:
    yield from desk.findings(request.territory)
    evidence = request.evidence
    if request.history:
        evidence = evidence_of(request.history, advertiser=request.facts.advertiser, known=evidence)
    if request.suppressed is Reason.OPTED_OUT and evidence.withdrawn_at is None:
        evidence = evolve(evidence, withdrawn_at=request.facts.at)
    basis = desk.basis(evidence, request.territory)
    if basis is not None:
        yield basis
    if request.suppressed is Reason.SUPPRESSED:
        yield desk.house_finding("GLOBAL.NUMBER.SUPPRESSED")


def _waits(desk: Desk, request: Request) -> tuple[tuple[Finding, ...], datetime | None]:
    """Give what keeps the message waiting, and until when: past the caps, then into the hours."""
    at = request.facts.at
    opening = desk.opening(request.territory, at, zones=request.zones)
    waits = [] if opening.finding is None else [opening.finding]
    if not request.recent:
        return tuple(waits), opening.at
    start = at
    for cap in desk.caps(request.territory) if desk.kind is Kind.MARKETING else ():
        within = sorted(sent for sent in request.recent if at - timedelta(days=cap.days) < sent <= at)
        if len(within) >= cap.most:
            waits.append(cap.finding)
            start = max(start, within[-cap.most] + timedelta(days=cap.days))
    if start > at:
        opening = desk.opening(request.territory, start.astimezone(at.tzinfo), zones=request.zones)
    return tuple(waits), opening.at


def _actions(desk: Desk, request: Request) -> tuple[Action, ...]:
    suffix = desk.suffix(request.territory, request.facts.text)
    form = request.facts.stop_for(request.territory)
    if not suffix or form is None:
        return ()
    kind = ActionKind.CARRIER_PRINTS_STOP if form.printed_by_transport else ActionKind.APPEND_STOP
    return (Action(kind, suffix),)
