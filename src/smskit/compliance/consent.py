"""May this person be written to: consent, its proof and its age, and who may be written to without."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import cast

from attrs import frozen

from smskit.compliance.case import Hit
from smskit.compliance.facts import CampaignFacts, Evidence
from smskit.compliance.folding import fold
from smskit.compliance.rulebook import Rule
from smskit.compliance.vocabulary import Check, Declaration, Effect, Sector

ByCheck = Mapping[Check, Rule]


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


def objection(rules: ByCheck, facts: CampaignFacts, evidence: Evidence) -> Objection | None:
    """Find what stands against writing to this person, None when nothing does.

    A withdrawal is looked at first and nothing but a later consent lifts it. A consent that does not hold falls
    back on the exceptions of the country; when none fits, the flaw of the consent is what is told.
    """
    withdrawn = _withdrawn(rules, evidence)
    if withdrawn:
        return withdrawn
    young = _minor(rules, facts, evidence)
    if young:
        return young
    flaw = next(_flaws(rules, facts, evidence), None)
    if flaw is None:
        return _expired(rules, facts, evidence)
    if facts.strict_consent:
        return flaw
    missing = _exceptions(rules, facts, evidence)
    if missing is None:
        return _expired(rules, facts, evidence)
    return missing if missing.rule.check is not Check.CONSENT_PRIOR and evidence.granted_at is None else flaw


def _withdrawn(rules: ByCheck, evidence: Evidence) -> Objection | None:
    rule = rules.get(Check.CONSENT_WITHDRAWN)
    gone, given = evidence.withdrawn_at, evidence.granted_at
    # At the same instant the objection wins: unknown order never means yes.
    return Objection(rule, Hit()) if rule and gone is not None and (given is None or gone >= given) else None


def _minor(rules: ByCheck, facts: CampaignFacts, evidence: Evidence) -> Objection | None:
    rule = rules.get(Check.MINOR)
    if rule is None or evidence.birth_date is None:
        return None
    limit = cast("int", rule.settings["age"])
    if facts.sector in (Sector.ALCOHOL, Sector.GAMBLING, Sector.TOBACCO, Sector.ADULT):
        limit = max(limit, cast("int", rule.settings.get("adult_sectors", limit)))
    return Objection(rule, Hit()) if age_on(evidence.birth_date, facts.at.date()) < limit else None


def _flaws(rules: ByCheck, facts: CampaignFacts, evidence: Evidence) -> Iterator[Objection]:
    """Say what is wrong with the consent on file, the gravest first."""
    for check, test in _TESTS:
        rule = rules.get(check)
        hit = test(rule, facts, evidence) if rule else None
        if rule and hit:
            yield Objection(rule, hit)


def _not_given(_rule: Rule, _facts: CampaignFacts, evidence: Evidence) -> Hit | None:
    return Hit() if evidence.granted_at is None else None


def _elsewhere(_rule: Rule, facts: CampaignFacts, evidence: Evidence) -> Hit | None:
    if evidence.channel.casefold() != "sms":
        return Hit(f"channel {evidence.channel}")
    return Hit("advertiser") if evidence.advertiser and evidence.advertiser != facts.advertiser else None


def _refused_source(rule: Rule, _facts: CampaignFacts, evidence: Evidence) -> Hit | None:
    patterns = cast("Iterable[str]", rule.settings["refused_sources"])
    word = _refused_word("|".join(patterns), evidence.source)
    # A partner's file is good where it names us: then the consent was given to this advertiser.
    if word is None or (word in _THIRD_PARTIES and evidence.advertiser):
        return None
    return Hit(word)


@lru_cache(maxsize=1024)
def _refused_word(pattern: str, source: str) -> str | None:
    match = re.search(pattern, fold(source))
    return match[0].strip() if match else None


_THIRD_PARTIES = frozenset({"partenaire", "partner", "courtier", "broker", "third part", "tiers"})


def _not_shown(_rule: Rule, facts: CampaignFacts, evidence: Evidence) -> Hit | None:
    if not evidence.source.strip():
        return Hit("source")
    granted = evidence.granted_at
    return Hit("granted_at lies after the sending") if granted is not None and granted > facts.at else None


_TESTS: Sequence[tuple[Check, Callable[[Rule, CampaignFacts, Evidence], Hit | None]]] = (
    (Check.CONSENT_PRIOR, _not_given),
    (Check.CONSENT_CHANNEL, _elsewhere),
    (Check.CONSENT_VALID, _refused_source),
    (Check.CONSENT_PROOF, _not_shown),
)


def _expired(rules: ByCheck, facts: CampaignFacts, evidence: Evidence) -> Objection | None:
    rule = rules.get(Check.RETENTION)
    if rule is None:
        return None
    known = (evidence.granted_at, evidence.last_contact, evidence.purchased_at)
    acts = [act for act in known if act is not None and act <= facts.at]
    if not acts:
        return None
    years = cast("int", rule.settings["years"])
    return Objection(rule, Hit()) if years_after(max(acts), years) <= facts.at else None


# ---------------------------------------------------------------- without consent


def _exceptions(rules: ByCheck, facts: CampaignFacts, evidence: Evidence) -> Objection | None:
    """Give None when an exception of the country covers this person, else the rule that comes closest to it."""
    prior = rules[Check.CONSENT_PRIOR]
    if prior.settings.get("professionals") is True and _is_professional(facts, evidence):
        return None
    if Check.NON_COMMERCIAL in rules and _is_non_commercial(facts):
        return None
    if prior.settings.get("customers") is True and facts.customers is not None:
        return next(_unmet(rules, prior, facts, evidence), None)
    return Objection(prior, Hit())


def _is_professional(facts: CampaignFacts, evidence: Evidence) -> bool:
    declared = facts.declarations
    addressed = evidence.professional or Declaration.PROFESSIONAL_RECIPIENTS in declared
    return addressed and {Declaration.RELATES_TO_PROFESSION, Declaration.INFORMED_AT_COLLECTION} <= declared


def _is_non_commercial(facts: CampaignFacts) -> bool:
    return facts.sector is Sector.CHARITY and Declaration.INFORMED_AT_COLLECTION in facts.declarations


def _unmet(rules: ByCheck, prior: Rule, facts: CampaignFacts, evidence: Evidence) -> Iterator[Objection]:
    """Name the conditions of the customer exception that are not met, the sale first."""
    customers = facts.customers
    if customers is None or not _bought(prior, facts, evidence):
        yield Objection(rules.get(Check.CUSTOMER_SALE, prior), Hit("purchased_at"))
        return
    conditions = (
        (Check.CUSTOMER_ENTITY, "same_entity", customers.same_entity),
        (Check.CUSTOMER_DIRECT, "collected_from_person", customers.collected_from_person),
        (Check.CUSTOMER_SIMILAR, "similar_products", customers.similar_products),
        (Check.CUSTOMER_OPT_OUT, "opt_out_offered", customers.opt_out_offered),
    )
    asked = cast("Sequence[str] | None", prior.settings.get("conditions"))
    for check, name, met in conditions:
        if not met and (asked is None or name in asked):
            yield Objection(rules.get(check, prior), Hit(name))


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
