"""May this person be written to: consent, its proof and its age, and who may be written to without."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta, timezone
from functools import lru_cache
from typing import cast

from attrs import frozen

from smskit.compliance.case import Hit
from smskit.compliance.facts import CampaignFacts, CustomerBasis, Evidence
from smskit.compliance.folding import fold
from smskit.compliance.rulebook import Rule
from smskit.compliance.vocabulary import Check, Declaration, Effect, Sector

_SOURCES = 1_000
_LONG_AGO = datetime(1900, 1, 1, tzinfo=timezone.utc)


@frozen
class PersonRules:
    """The rules that look at a person, by what they look at; None where the country and the world have none."""

    prior: Rule
    withdrawn: Rule | None
    minor: Rule | None
    valid: Rule | None
    proof: Rule | None
    channel: Rule | None
    retention: Rule | None
    non_commercial: Rule | None
    sale: Rule | None
    same_entity: Rule | None
    collected_from_person: Rule | None
    similar_products: Rule | None
    opt_out_offered: Rule | None

    @classmethod
    def among(cls, rules: Mapping[Check, Rule]) -> PersonRules:
        """Pick them out of the rules in force; the registry sees to it that one asks for consent."""
        return cls(
            prior=rules[Check.CONSENT_PRIOR],
            withdrawn=rules.get(Check.CONSENT_WITHDRAWN),
            minor=rules.get(Check.MINOR),
            valid=rules.get(Check.CONSENT_VALID),
            proof=rules.get(Check.CONSENT_PROOF),
            channel=rules.get(Check.CONSENT_CHANNEL),
            retention=rules.get(Check.RETENTION),
            non_commercial=rules.get(Check.NON_COMMERCIAL),
            sale=rules.get(Check.CUSTOMER_SALE),
            same_entity=rules.get(Check.CUSTOMER_ENTITY),
            collected_from_person=rules.get(Check.CUSTOMER_DIRECT),
            similar_products=rules.get(Check.CUSTOMER_SIMILAR),
            opt_out_offered=rules.get(Check.CUSTOMER_OPT_OUT),
        )


@frozen
class Objection:
    """The rule that stands against one person, and what of it."""

    rule: Rule
    hit: Hit


def years_after(instant: datetime, years: int) -> datetime:
    """Give the same day and time some years on; 29 February becomes 1 March."""
    try:
        return instant.replace(year=instant.year + years)
    except ValueError:
        return instant.replace(year=instant.year + years, month=3, day=1)


def age_on(birth: date, day: date) -> int:
    """Give somebody's age in whole years."""
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))


class Bases:
    """The rules about persons as they stand for one campaign in one territory.

    Most rows of a list are plain: nothing on file, or a consent by SMS from a source that was looked at before and
    nothing else. Those are told at a glance; :func:`objection` looks at all others, and both answer alike.
    """

    def __init__(self, rules: PersonRules, facts: CampaignFacts) -> None:
        self._rules = rules
        self._facts = facts
        self._at = facts.at
        limit = years_after(facts.at, -rules.retention.number("years")) if rules.retention else _LONG_AGO
        # Two days on either side of the limit spare thinking about leap days; what lies between is looked at closely.
        self._recent = limit + timedelta(days=2)
        self._old = limit - timedelta(days=2)
        self._sources: set[str] = set()
        self._unknown = objection(rules, facts, Evidence())
        self._expired = Objection(rules.retention, Hit()) if rules.retention else None

    def objection(self, evidence: Evidence) -> Objection | None:
        """Find what stands against writing to this person, None when nothing does."""
        given = evidence.granted_at
        if given is None:
            return self._unknown if _is_empty(evidence) else objection(self._rules, self._facts, evidence)
        if self._is_plain(evidence):
            if self._recent < given <= self._at:
                return None
            if given < self._old and evidence.last_contact is None and evidence.purchased_at is None:
                return self._expired
        return objection(self._rules, self._facts, evidence)

    def _is_plain(self, evidence: Evidence) -> bool:
        return (
            evidence.withdrawn_at is None
            and evidence.birth_date is None
            and not evidence.advertiser
            and evidence.channel == "sms"
            and (evidence.source in self._sources or self._learn(evidence.source))
        )

    def _learn(self, source: str) -> bool:
        rule = self._rules.valid
        if not source.strip() or (rule and _refused(rule, source)):
            return False
        if len(self._sources) < _SOURCES:
            self._sources.add(source)
        return True


def _is_empty(evidence: Evidence) -> bool:
    """Tell whether nothing is on file that could count; a source or a channel without a date does not."""
    return (
        evidence.withdrawn_at is None
        and evidence.birth_date is None
        and evidence.last_contact is None
        and evidence.purchased_at is None
        and not evidence.professional
    )


def objection(rules: PersonRules, facts: CampaignFacts, evidence: Evidence) -> Objection | None:
    """Find what stands against writing to this person, None when nothing does.

    A withdrawal is looked at first and nothing but a later consent lifts it. A consent that does not hold falls
    back on the exceptions of the country; when none fits, the flaw of the consent is what is told.
    """
    barred = _withdrawn(rules.withdrawn, evidence) or _minor(rules.minor, facts, evidence)
    if barred:
        return barred
    flaw = _flaw(rules, facts, evidence)
    if flaw is not None:
        missing = flaw if facts.strict_consent else _missing(rules, facts, evidence)
        if missing is not None:
            # Who never consented is told which condition fails; who did is told why it does not count.
            return missing if evidence.granted_at is None else flaw
    return _expired(rules.retention, facts, evidence)


def _withdrawn(rule: Rule | None, evidence: Evidence) -> Objection | None:
    gone, given = evidence.withdrawn_at, evidence.granted_at
    # At the same instant the objection wins: unknown order never means yes.
    return Objection(rule, Hit()) if rule and gone is not None and (given is None or gone >= given) else None


def _minor(rule: Rule | None, facts: CampaignFacts, evidence: Evidence) -> Objection | None:
    if rule is None or evidence.birth_date is None:
        return None
    limit = rule.number("age")
    if facts.sector in (Sector.ALCOHOL, Sector.GAMBLING, Sector.TOBACCO, Sector.ADULT):
        limit = max(limit, cast("int", rule.settings.get("adult_sectors", limit)))
    return Objection(rule, Hit()) if age_on(evidence.birth_date, facts.at.date()) < limit else None


def _flaw(rules: PersonRules, facts: CampaignFacts, evidence: Evidence) -> Objection | None:
    """Say what is wrong with the consent on file, the gravest first; None when it holds."""
    given = evidence.granted_at
    if given is None:
        return Objection(rules.prior, Hit())
    if rules.channel and evidence.channel.casefold() != "sms":
        return Objection(rules.channel, Hit(f"channel {evidence.channel}"))
    if rules.channel and evidence.advertiser and evidence.advertiser != facts.advertiser:
        return Objection(rules.channel, Hit("advertiser"))
    word = _refused(rules.valid, evidence.source) if rules.valid else None
    # A partner's file is good where it names us: then the consent was given to this advertiser.
    if rules.valid and word and not (word in _THIRD_PARTIES and evidence.advertiser):
        return Objection(rules.valid, Hit(word))
    if rules.proof and not evidence.source.strip():
        return Objection(rules.proof, Hit("source"))
    if rules.proof and given > facts.at:
        return Objection(rules.proof, Hit("granted_at lies after the sending"))
    return None


_THIRD_PARTIES = frozenset({"partenaire", "partner", "courtier", "broker", "third part", "tiers"})


def _refused(rule: Rule, source: str) -> str | None:
    return _refused_word("|".join(cast("Iterable[str]", rule.settings["refused_sources"])), source)


@lru_cache(maxsize=1024)
def _refused_word(pattern: str, source: str) -> str | None:
    match = re.search(pattern, fold(source))
    return match[0].strip() if match else None


def _expired(rule: Rule | None, facts: CampaignFacts, evidence: Evidence) -> Objection | None:
    if rule is None:
        return None
    at = facts.at
    known = (evidence.granted_at, evidence.last_contact, evidence.purchased_at)
    acts = [act for act in known if act is not None and act <= at]
    expired = bool(acts) and years_after(max(acts), rule.number("years")) <= at
    return Objection(rule, Hit()) if expired else None


# ---------------------------------------------------------------- without consent


def _missing(rules: PersonRules, facts: CampaignFacts, evidence: Evidence) -> Objection | None:
    """Give None when an exception of the country covers this person, else the rule that comes closest to it."""
    may = rules.prior.settings
    if may.get("professionals") is True and _is_professional(facts, evidence):
        return None
    if rules.non_commercial and _is_non_commercial(facts):
        return None
    if may.get("customers") is True and facts.customers is not None:
        return _unmet(rules, facts.customers, facts, evidence)
    return Objection(rules.prior, Hit())


def _is_professional(facts: CampaignFacts, evidence: Evidence) -> bool:
    declared = facts.declarations
    addressed = evidence.professional or Declaration.PROFESSIONAL_RECIPIENTS in declared
    return addressed and {Declaration.RELATES_TO_PROFESSION, Declaration.INFORMED_AT_COLLECTION} <= declared


def _is_non_commercial(facts: CampaignFacts) -> bool:
    return facts.sector is Sector.CHARITY and Declaration.INFORMED_AT_COLLECTION in facts.declarations


def _unmet(rules: PersonRules, customers: CustomerBasis, facts: CampaignFacts, evidence: Evidence) -> Objection | None:
    """Name the first condition of the customer exception that is not met, the sale before the others."""
    prior = rules.prior
    if not _bought(prior, facts, evidence):
        return Objection(rules.sale or prior, Hit("purchased_at"))
    conditions = (
        ("same_entity", customers.same_entity, rules.same_entity),
        ("collected_from_person", customers.collected_from_person, rules.collected_from_person),
        ("similar_products", customers.similar_products, rules.similar_products),
        ("opt_out_offered", customers.opt_out_offered, rules.opt_out_offered),
    )
    # Canada asks for less than Europe: its row names the conditions.
    asked = cast("Sequence[str]", prior.settings.get("conditions", [name for name, _, _ in conditions]))
    unmet = (Objection(rule or prior, Hit(name)) for name, met, rule in conditions if name in asked and not met)
    return next(unmet, None)


def _bought(prior: Rule, facts: CampaignFacts, evidence: Evidence) -> bool:
    bought = evidence.purchased_at
    if bought is None or bought > facts.at:
        return False
    months = prior.settings.get("customer_months")
    return not isinstance(months, int) or facts.at < years_after(bought, months // 12)


def assessment_missing(facts: CampaignFacts) -> Hit | None:
    """Tell whether a campaign leans on legitimate interest without naming its written assessment."""
    customers = facts.customers
    leans = customers is not None and not facts.strict_consent
    return Hit("assessment", Effect.WARN) if leans and customers is not None and not customers.assessment else None
