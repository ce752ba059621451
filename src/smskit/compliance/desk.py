"""Where a plan asks: one campaign, answered per territory and per person, each question answered once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import cache
from zoneinfo import ZoneInfo

from attrs import frozen

from smskit.compliance.case import Case, Hit, finding_of, open_case
from smskit.compliance.checks import CAMPAIGN, CONTENT, has_mention
from smskit.compliance.consent import ByCheck, assessment_missing, objection
from smskit.compliance.facts import CampaignFacts, Evidence, Finding, Opening, aware
from smskit.compliance.openings import Hours, Place, earliest_everywhere
from smskit.compliance.reading import ContentReader
from smskit.compliance.rules import Rule, Rules
from smskit.compliance.timetable import read_timetable, window_timetable
from smskit.compliance.vocabulary import Check, Declaration, Effect, Profile
from smskit.kinds import Kind, Reason

_ORDER = {reason: place for place, reason in enumerate(Reason)}
_GRAVITY = {Effect.BLOCK: 0, Effect.DEFER: 1, Effect.WARN: 2, Effect.NONE: 3}


@frozen
class FrequencyCap:
    """No more than ``most`` marketing messages to one person within ``days`` days."""

    most: int
    days: int
    finding: Finding


class Desk:
    """The rules applied to one campaign; made by :meth:`Rules.desk`.

    Every answer is kept: ask as often as there are rows.
    """

    def __init__(self, rules: Rules, facts: CampaignFacts, /, *, profile: Profile = Profile.LAW) -> None:
        self.rules = rules
        self.facts = facts
        self.profile = profile
        self.kind = _kind_that_counts(rules, facts)
        self._cases: dict[str, Case] = {}
        self._found: dict[str, tuple[Finding, ...]] = {}
        self._places: dict[tuple[str, tuple[str, ...] | None], tuple[Place, ...]] = {}
        self._openings: dict[tuple[str, datetime, int, tuple[str, ...] | None], Opening] = {}
        self._by_check: dict[str, ByCheck] = {}
        self._bases: dict[tuple[str, Evidence], Finding | None] = {}
        self._suffix_rules: dict[str, Rule | None] = {}
        self._reader: ContentReader | None = None

    def __repr__(self) -> str:
        return f"Desk({self.kind.value}, profile={self.profile.value}, rules={self.rules.version})"

    # ------------------------------------------------------------ the campaign

    @property
    def editions(self) -> str:
        """The editions that answered so far, by country: ``FR 2026-03``. Ask after the last territory."""
        countries = sorted({self._case(code).country for code in self._cases if self._case(code).territory})
        return ", ".join(f"{country} {self._edition(country)}" for country in countries)

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """What does not stop the campaign and should be read, over the territories asked about so far."""
        seen = (finding for code in self._cases for finding in self.findings(code))
        return tuple(dict.fromkeys(finding for finding in seen if finding.effect is Effect.WARN))

    def refusal(self, territory: str, /) -> Finding | None:
        """Give what forbids the campaign in *territory*, first in the order of reasons; None when nothing does."""
        first = next(iter(self.findings(territory)), None)
        return first if first is not None and first.effect is Effect.BLOCK else None

    def findings(self, territory: str, /) -> tuple[Finding, ...]:
        """Give everything the rules say of the campaign in *territory*: blocks, then warnings."""
        known = self._found.get(territory)
        if known is None:
            found = sorted(self._look(territory), key=lambda finding: _rank(finding))
            known = self._found[territory] = tuple(found)
        return known

    # ------------------------------------------------------------ one person

    def basis(self, evidence: Evidence, territory: str, /) -> Finding | None:
        """Tell what stands against writing to a person of *territory*; None when nothing does.

        A notification and a one-time code need no consent, whatever was withdrawn.
        """
        if self.kind is not Kind.MARKETING:
            return None
        key = (territory, evidence)
        if key not in self._bases:
            found = objection(self._rules_by_check(territory), self.facts, evidence)
            self._bases[key] = None if found is None else finding_of(found.rule, self.profile, found.hit)
        return self._bases[key]

    def opening(self, territory: str, at: datetime, /, *, zones: tuple[str, ...] | None = None) -> Opening:
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

    def suffix(self, territory: str, text: str, /) -> str:
        """Give what the handset shows behind *text*: the way to object, where it is due and not there yet.

        A carrier that prints it itself prints it whatever the text says, so it is counted then in any case.
        """
        if self.kind is not Kind.MARKETING:
            return ""
        form = self.facts.stop_for(territory)
        if form is None:
            return ""
        if form.printed_by_transport or ("top" not in text and "TOP" not in text):
            return form.suffix if self._mention_rule(territory) else ""
        rule = self._mention_rule(territory)
        return form.suffix if rule and not has_mention(rule, self._case(territory).with_text(text)) else ""

    def content(self, texts: Sequence[str], /) -> Mapping[int, Finding]:
        """Find the texts that break a rule of content though the template does not, by their place in *texts*."""
        if self._reader is None:
            self._reader = ContentReader(self._case("*"), tuple(self._content_rules()), self.profile)
        return self._reader.read(texts)

    def caps(self, territory: str, /) -> tuple[FrequencyCap, ...]:
        """Give the limits on how often one person of *territory* may be written to."""
        return tuple(self._caps(territory))

    def house_finding(self, rule_id: str, /) -> Finding:
        """Give a rule that something outside the desk found to apply.

        Raises:
            InvalidInput: no rule has that id.
        """
        return finding_of(self.rules.explain(rule_id), self.profile)

    # ------------------------------------------------------------ inside

    def _case(self, code: str) -> Case:
        case = self._cases.get(code)
        if case is None:
            case = self._cases[code] = open_case(self.rules, self.facts, self.kind, code)
        return case

    def _day(self, code: str) -> date:
        territory = self._case(code).territory
        zone = ZoneInfo(territory.zones[0]) if territory else None
        return self.facts.at.astimezone(zone).date() if zone else self.facts.at.date()

    def _rules_for(self, code: str) -> Iterator[Rule]:
        """Give the rules in force for this kind, this profile and this territory on the planned day."""
        case, day = self._case(code), self._day(code)
        for rule in self.rules.of_country(case.country):
            in_region = not rule.region or (case.territory is not None and rule.region == case.territory.region)
            applies = self.kind in rule.kinds or (rule.check in _RECLASSIFY and self.facts.kind in rule.kinds)
            if applies and in_region and rule.holds_on(day) and rule.effect_in(self.profile) is not Effect.NONE:
                yield rule

    def _look(self, code: str) -> Iterator[Finding]:
        case = self._case(code)
        for rule in self._rules_for(code):
            predicate = CAMPAIGN.get(rule.check) or CONTENT.get(rule.check)
            hit = predicate(rule, case) if predicate else None
            if rule.check is Check.ASSESSMENT:
                hit = assessment_missing(self.facts)
            if hit is not None:
                yield finding_of(rule, self.profile, hit)
        yield from self._hours_warned_of(code)

    def _rules_by_check(self, code: str) -> ByCheck:
        known = self._by_check.get(code)
        if known is None:
            rules = self.rules.of_country(self._case(code).country)
            known = self._by_check[code] = {rule.check: rule for rule in rules if self._counts(rule, code)}
        return known

    def _counts(self, rule: Rule, code: str) -> bool:
        return Kind.MARKETING in rule.kinds and rule.holds_on(self._day(code)) and not rule.region

    def _mention_rule(self, code: str) -> Rule | None:
        if code not in self._suffix_rules:
            due = (rule for rule in self._rules_for(code) if rule.check is Check.STOP_MENTION)
            self._suffix_rules[code] = next(due, None)
        return self._suffix_rules[code]

    def _edition(self, country: str) -> str:
        day = self.facts.at.date()
        days = [
            rule.in_force
            for rule in self.rules.of_country(country)
            if rule.country == country and rule.in_force and rule.kinds and rule.holds_on(day)
        ]
        return f"{max(days):%Y-%m}" if days else "undated"

    def _content_rules(self) -> Iterator[Rule]:
        day = self.facts.at.date()
        for rule in self.rules:
            of_kind = self.kind in rule.kinds or self.facts.kind in rule.kinds
            if rule.check in CONTENT and of_kind and rule.holds_on(day):
                yield rule

    def _caps(self, code: str) -> Iterator[FrequencyCap]:
        for rule in self._rules_for(code):
            most, days = rule.settings.get("most"), rule.settings.get("days")
            if rule.check is Check.FREQUENCY and isinstance(most, int) and isinstance(days, int):
                yield FrequencyCap(most, days, finding_of(rule, self.profile))

    # ------------------------------------------------------------ hours

    def _open(self, code: str, at: datetime, zones: tuple[str, ...] | None) -> Opening:
        if self.kind is not Kind.MARKETING:
            return Opening(at)
        if self._case(code).territory is None:
            return Opening(None, self._unplaced(code))
        places = self._places_of(code, zones)
        found = earliest_everywhere(places, at)
        if found is not None and found == at:
            return Opening(at)
        return Opening(found.astimezone(at.tzinfo) if found else None, self._why(places, at, found))

    def _unplaced(self, code: str) -> Finding | None:
        rules = {rule.check: rule for rule in self._rules_for(code)}
        rule = rules.get(Check.ZONE_UNKNOWN) or rules.get(Check.NO_RULES)
        return finding_of(rule, self.profile, Hit(code)) if rule else None

    def _why(self, places: Sequence[Place], at: datetime, found: datetime | None) -> Finding | None:
        for place in places:
            waiting = place.keeps_waiting(at)
            if waiting is not None:
                hours, holiday = waiting
                hit = Hit(place.zone.key, None if found else Effect.BLOCK)
                reason = Reason.HOLIDAY if holiday else Reason.QUIET_HOURS
                return finding_of(hours.rule, self.profile, hit, reason=reason)
        return None

    def _places_of(self, code: str, zones: tuple[str, ...] | None) -> tuple[Place, ...]:
        key = (code, zones)
        if key not in self._places:
            self._places[key] = tuple(self._make_places(code, zones, Effect.DEFER))
        return self._places[key]

    def _make_places(self, code: str, zones: tuple[str, ...] | None, effect: Effect) -> Iterator[Place]:
        territory = self._case(code).territory
        if territory is None:
            return
        country = territory.country
        holidays = territory.holidays + (territory.customary if self.profile is Profile.STRICT else ())
        regions = [(territory.region, territory.zones)]
        if not territory.region:
            # The state is unknown: every state with hours of its own is a candidate, in its own zones.
            ruled = {rule.region for rule in self.rules.of_country(country) if rule.region}
            known = self.rules.territories
            regions += [(region, known[region].zones) for region in sorted(ruled) if region in known]
        for region, region_zones in regions:
            hours = self._hours(code, region, effect)
            for zone in _narrowed(region_zones, zones, self.facts.at.year, whole=region == territory.region):
                yield Place(ZoneInfo(zone), hours, holidays)

    def _hours(self, code: str, region: str, effect: Effect) -> tuple[Hours, ...]:
        found: list[Hours] = []
        for rule in self.rules.of_country(self._case(code).country):
            if rule.check is not Check.HOURS or rule.region not in ("", region) or self.kind not in rule.kinds:
                continue
            waived = rule.settings.get("waived_by")
            if isinstance(waived, str) and Declaration(waived) in self.facts.declarations:
                continue
            if rule.effect_in(self.profile) is effect:
                found.append(Hours(rule, read_timetable(rule.settings)))
        window = self.facts.window_for(code)
        if window is not None and effect is Effect.DEFER:
            found.append(Hours(self.rules.explain("GLOBAL.QH.TRANSPORT"), window_timetable(window)))
        return tuple(found)

    def _hours_warned_of(self, code: str) -> Iterator[Finding]:
        if self.kind is not Kind.MARKETING:
            return
        for place in self._make_places(code, None, Effect.WARN):
            waiting = place.keeps_waiting(self.facts.at)
            if waiting is not None:
                yield finding_of(waiting[0].rule, self.profile, Hit(place.zone.key))


def _narrowed(zones: Sequence[str], known: Sequence[str] | None, year: int, *, whole: bool) -> Iterator[str]:
    """Give the zones of a place that the number may be in; those of the whole country are the number's own."""
    if not known or whole:
        yield from known or zones
        return
    clocks = {_clock(zone, year) for zone in known}
    yield from (zone for zone in zones if _clock(zone, year) in clocks)


@cache
def _clock(zone: str, year: int) -> tuple[object, ...]:
    """Tell zones apart by what their clocks show: Louisville and New York are one."""
    days = (datetime(year, month, 1, 12, tzinfo=ZoneInfo(zone)) for month in range(1, 13))
    return tuple(day.utcoffset() for day in days)


_RECLASSIFY = frozenset({Check.SELLS, Check.PREMIUM})


def _kind_that_counts(rules: Rules, facts: CampaignFacts) -> Kind:
    """A text that sells is marketing, whatever it is called. Source: CPCE art. L.34-5 al. 3."""
    if facts.kind is Kind.MARKETING:
        return Kind.MARKETING
    case = open_case(rules, facts, facts.kind, "*")
    sells = any(rule.check in _RECLASSIFY and CONTENT[rule.check](rule, case) for rule in rules)
    return Kind.MARKETING if sells else facts.kind


def _rank(finding: Finding) -> tuple[int, int, str]:
    return _GRAVITY[finding.effect], _ORDER[finding.reason], finding.rule_id
