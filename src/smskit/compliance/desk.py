"""Where a plan asks: one campaign, answered per territory and per person, each question answered once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from attrs import frozen

from smskit.compliance.case import Case, Hit, finding_of, open_case
from smskit.compliance.checks import CONTENT, has_mention
from smskit.compliance.consent import Bases, assessment_missing
from smskit.compliance.facts import CampaignFacts, Evidence, Finding, Opening, aware
from smskit.compliance.openings import Place, earliest_everywhere
from smskit.compliance.places import places_of
from smskit.compliance.reading import ContentReader
from smskit.compliance.rulebook import Rule, Rulebook
from smskit.compliance.slate import RECLASSIFYING, Slate, slate_of
from smskit.compliance.vocabulary import Effect, Profile
from smskit.kinds import Kind, Reason

_ORDER = {reason: place for place, reason in enumerate(Reason)}
_GRAVITY = {Effect.BLOCK: 0, Effect.DEFER: 1, Effect.WARN: 2, Effect.NONE: 3}

Zones = tuple[str, ...]


@frozen
class FrequencyCap:
    """No more than ``most`` marketing messages to one person within ``days`` days."""

    most: int
    days: int
    finding: Finding


@frozen
class _Suffix:
    """What a territory appends: always, or unless the text holds a mention, which it cannot without the word."""

    text: str
    word: str
    always: bool
    rule: Rule


class Desk:
    """The rules applied to one campaign; made by :meth:`Rules.desk`.

    Every answer is kept: ask as often as there are rows.
    """

    def __init__(self, rules: Rulebook, facts: CampaignFacts, /, *, profile: Profile = Profile.LAW) -> None:
        self.rules = rules
        self.facts = facts
        self.profile = profile
        self.kind = _kind_that_counts(rules, facts)
        self._cases: dict[str, Case] = {}
        self._slates: dict[str, Slate] = {}
        self._found: dict[str, tuple[Finding, ...]] = {}
        self._openings: dict[tuple[str, datetime, int, Zones | None], Opening] = {}
        self._refusals: dict[str, Finding | None] = {}
        self._bases: dict[str, Bases] = {}
        self._told: dict[tuple[str, str], Finding] = {}
        self._capped: dict[str, tuple[FrequencyCap, ...]] = {}
        self._suffixes: dict[str, _Suffix | None] = {}
        self._reader: ContentReader | None = None

    def __repr__(self) -> str:
        return f"Desk({self.kind.value}, profile={self.profile.value}, rules={self.rules.version})"

    # ------------------------------------------------------------ the campaign

    @property
    def editions(self) -> str:
        """The editions that answered so far, by country: ``FR 2026-03``. Ask after the last territory."""
        countries = sorted({case.country for case in self._cases.values() if case.territory})
        return ", ".join(f"{country} {self._edition(country)}" for country in countries)

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """What does not stop the campaign and should be read, over the territories asked about so far."""
        seen = (finding for code in tuple(self._cases) for finding in self.findings(code))
        return tuple(dict.fromkeys(finding for finding in seen if finding.effect is Effect.WARN))

    def refusal(self, territory: str, /) -> Finding | None:
        """Give what forbids the campaign in *territory*, first in the order of reasons; None when nothing does."""
        if territory not in self._refusals:
            first = next(iter(self.findings(territory)), None)
            self._refusals[territory] = first if first is not None and first.effect is Effect.BLOCK else None
        return self._refusals[territory]

    def findings(self, territory: str, /) -> tuple[Finding, ...]:
        """Give everything the rules say of the campaign in *territory*: blocks, then warnings."""
        known = self._found.get(territory)
        if known is None:
            known = self._found[territory] = tuple(sorted(self._look(territory), key=_rank))
        return known

    # ------------------------------------------------------------ one person

    def basis(self, evidence: Evidence, territory: str, /) -> Finding | None:
        """Tell what stands against writing to a person of *territory*; None when nothing does.

        A notification and a one-time code need no consent, whatever was withdrawn.
        """
        if self.kind is not Kind.MARKETING:
            return None
        bases = self._bases.get(territory)
        if bases is None:
            bases = self._bases[territory] = Bases(self._slate(territory).persons, self.facts)
        found = bases.objection(evidence)
        return None if found is None else self._tell(found.rule, found.hit)

    def opening(self, territory: str, at: datetime, /, *, zones: Zones | None = None) -> Opening:
        """Give the earliest instant from *at* on that is open wherever the recipient may be.

        Args:
            territory: ``RE``, ``FR-AM``, ``US-FL`` …
            at: aware.
            zones: the time zones that the number may be in, where it tells more than the territory.

        Returns:
            The instant in the zone of *at* (*at* itself when it is open), and the rule that made it wait.

        Raises:
            NaiveDatetime: *at* has no time zone.
        """
        key = (territory, at, at.fold, zones)  # two times that differ in fold alone are equal and hours apart
        known = self._openings.get(key)
        # Two equal instants may be written in two zones, and the answer is written in that of the question.
        if known is None or (known.at is not None and known.at.tzinfo is not at.tzinfo):
            known = self._openings[key] = self._open(territory, aware(at, "at"), zones)
        return known

    def has_zones(self, territory: str, /) -> bool:
        """Tell whether a recipient of *territory* may be in several zones, so that the number may tell more."""
        place = self._case(territory).territory
        return place is not None and len(place.zones) > 1

    def suffix(self, territory: str, text: str, /) -> str:
        """Give what the handset shows behind *text*: the way to object, where it is due and not there yet.

        A carrier that prints it itself prints it whatever the text says, so it is counted then in any case.
        """
        try:
            suffix = self._suffixes[territory]
        except KeyError:
            suffix = self._suffixes[territory] = self._suffix_in(territory)
        if suffix is None:
            return ""
        # Most texts do not hold the word, and this asks nearly nothing of them.
        if suffix.always or (suffix.word and suffix.word not in text.lower()):
            return suffix.text
        return "" if has_mention(suffix.rule, self._case(territory), text) else suffix.text

    def content(self, texts: Sequence[str], /) -> Mapping[int, Finding]:
        """Find the texts that break a rule of content though the template does not, by their place in *texts*.

        The rules of every country count: what may not be said in one is not sent to another in the same campaign.
        """
        if self._reader is None:
            case = open_case(self.rules, self.facts, self.kind, "*")
            self._reader = ContentReader(case, tuple(self._content_rules()), self.profile)
        return self._reader.read(texts)

    def caps(self, territory: str, /) -> tuple[FrequencyCap, ...]:
        """Give the limits on how often one person of *territory* may be written to."""
        known = self._capped.get(territory)
        if known is None:
            known = self._capped[territory] = tuple(
                FrequencyCap(rule.number("most"), rule.number("days"), finding_of(rule, self.profile))
                for rule in self._slate(territory).caps
            )
        return known

    def house_finding(self, rule_id: str, /) -> Finding:
        """Give a rule that something outside the desk found to apply.

        Raises:
            InvalidInput: no rule has that id.
        """
        return finding_of(self.rules.explain(rule_id), self.profile)

    # ------------------------------------------------------------ inside

    def _tell(self, rule: Rule, hit: Hit) -> Finding:
        key = (rule.rule_id, hit.detail)
        finding = self._told.get(key)
        if finding is None:
            finding = self._told[key] = finding_of(rule, self.profile, hit)
        return finding

    def _suffix_in(self, code: str) -> _Suffix | None:
        form, rule = self.facts.stop_for(code), self._slate(code).mention
        if self.kind is not Kind.MARKETING or form is None or rule is None:
            return None
        word = str(rule.settings.get("word", ""))
        return _Suffix(form.suffix, word, form.printed_by_transport, rule)

    def _case(self, code: str) -> Case:
        case = self._cases.get(code)
        if case is None:
            case = self._cases[code] = open_case(self.rules, self.facts, self.kind, code)
        return case

    def _slate(self, code: str) -> Slate:
        slate = self._slates.get(code)
        if slate is None:
            territory = self._case(code).territory
            region = territory.region if territory else ""
            country, declared, day = self._case(code).country, self.facts.kind, self._day(code)
            slate = slate_of(self.rules, country, region, day, self.kind, declared, self.profile)
            self._slates[code] = slate
        return slate

    def _day(self, code: str) -> date:
        """Give the planned day where the recipient lives: it picks the edition of each rule."""
        territory, at = self._case(code).territory, self.facts.at
        return at.astimezone(ZoneInfo(territory.zones[0])).date() if territory else at.date()

    def _look(self, code: str) -> Iterator[Finding]:
        case, slate = self._case(code), self._slate(code)
        for rule, predicate in slate.campaign:
            hit = predicate(rule, case)
            if hit is not None:
                yield finding_of(rule, self.profile, hit)
        missing = assessment_missing(self.facts) if slate.assessment else None
        if slate.assessment and missing:
            yield finding_of(slate.assessment, self.profile, missing)
        for place in self._places(code, None, Effect.WARN):
            waiting = place.keeps_waiting(self.facts.at)
            if waiting is not None:
                yield finding_of(waiting[0].rule, self.profile, Hit(place.zone.key))

    def _edition(self, country: str) -> str:
        day = self.facts.at.date()
        own = (rule for rule in self.rules.of_country(country) if rule.country == country and rule.kinds)
        days = [rule.in_force for rule in own if rule.in_force and rule.holds_on(day)]
        return f"{max(days):%Y-%m}" if days else "undated"

    def _content_rules(self) -> Iterator[Rule]:
        day, kinds = self.facts.at.date(), {self.kind, self.facts.kind}
        for check in CONTENT:
            for rule in self.rules:
                if rule.check is check and rule.holds_on(day) and not kinds.isdisjoint(rule.kinds):
                    yield rule

    # ------------------------------------------------------------ hours

    def _open(self, code: str, at: datetime, zones: Zones | None) -> Opening:
        if self.kind is not Kind.MARKETING:
            return Opening(at)
        if self._case(code).territory is None:
            unplaced = self._slate(code).unplaced
            return Opening(None, finding_of(unplaced, self.profile, Hit(code)) if unplaced else None)
        places = self._places(code, zones, Effect.DEFER)
        found = earliest_everywhere(places, at)
        if found is not None and found == at:
            return Opening(at)
        return Opening(found.astimezone(at.tzinfo) if found else None, self._why(places, at, found))

    def _why(self, places: Sequence[Place], at: datetime, found: datetime | None) -> Finding | None:
        for place in places:
            waiting = place.keeps_waiting(at)
            if waiting is not None:
                hours, holiday = waiting
                hit = Hit(place.zone.key, None if found else Effect.BLOCK)
                reason = Reason.HOLIDAY if holiday else Reason.QUIET_HOURS
                return finding_of(hours.rule, self.profile, hit, reason=reason)
        return None

    def _places(self, code: str, zones: Zones | None, effect: Effect) -> tuple[Place, ...]:
        territory, facts = self._case(code).territory, self.facts
        if territory is None or self.kind is not Kind.MARKETING:
            return ()
        window, year = facts.window_for(code), facts.at.year
        return places_of(self.rules, territory, self.profile, facts.declarations, window, effect, zones, year)


def _kind_that_counts(rules: Rulebook, facts: CampaignFacts) -> Kind:
    """A text that sells is marketing, whatever it is called. Source: CPCE art. L.34-5 al. 3."""
    if facts.kind is Kind.MARKETING:
        return Kind.MARKETING
    case = open_case(rules, facts, facts.kind, "*")
    sells = any(rule.check in RECLASSIFYING and CONTENT[rule.check](rule, case) for rule in rules)
    return Kind.MARKETING if sells else facts.kind


def _rank(finding: Finding) -> tuple[int, int]:
    return _GRAVITY[finding.effect], _ORDER[finding.reason]
