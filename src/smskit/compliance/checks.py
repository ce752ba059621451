"""The predicates that a campaign and a territory decide alone; the constants stand in the rules' settings."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import timedelta
from functools import cache, lru_cache
from typing import cast
from zoneinfo import ZoneInfo

from smskit.compliance.case import Case, Hit, Predicate, brands_of
from smskit.compliance.folding import fold, skeleton
from smskit.compliance.links import borrowed_brand, is_listed
from smskit.compliance.rulebook import Rule, Rulebook
from smskit.compliance.senders import Brand, SenderKind, digits, national, resembled
from smskit.compliance.vocabulary import Check, Declaration, Effect, Sector

_compile = cache(re.compile)


@lru_cache(maxsize=256)
def _resembled(rules: Rulebook, table: str, name: str) -> Brand | None:
    """Remember senders: the campaigns of one advertiser share a few."""
    return resembled(name, brands_of(rules, table))


@lru_cache(maxsize=256)
def _letters(sender: str) -> str:
    return re.sub(r"[^a-z0-9]", "", fold(sender))


def _pattern(rule: Rule, key: str) -> re.Pattern[str]:
    return _compile(str(rule.settings[key]), re.IGNORECASE)


def _declared(case: Case, *needed: Declaration) -> bool:
    return case.facts.declarations.issuperset(needed)


# ---------------------------------------------------------------- what is known at all


def _no_rules(_rule: Rule, case: Case) -> Hit | None:
    return None if case.country in case.rules.countries else Hit(case.code)


def _zone_unknown(_rule: Rule, case: Case) -> Hit | None:
    return None if case.territory else Hit(case.code)


# ---------------------------------------------------------------- the way to object


def has_mention(rule: Rule, case: Case, text: str) -> bool:
    """Tell whether *text* itself says how to object, in a form that works with the sender."""
    folded = fold(text)
    if _pattern(rule, "form").search(folded):
        return True
    form = case.stop
    if form is not None and fold(form.mention) in folded:
        return True
    reply = rule.settings.get("reply")
    answers = reply is not None and bool(_compile(str(reply)).fullmatch(digits(case.facts.sender)))
    return answers and case.sender_kind is SenderKind.SHORT_CODE and bool(_BARE_STOP.search(folded))


_BARE_STOP = re.compile(r"(?<![\w-])stop(?![\w-])")


def _stop_mention(rule: Rule, case: Case) -> Hit | None:
    return None if case.stop is not None or has_mention(rule, case, case.text) else Hit(case.code)


def _stop_number(rule: Rule, case: Case) -> Hit | None:
    for text in (case.folded, fold(case.stop.mention) if case.stop else ""):
        match = _pattern(rule, "forbidden").search(text)
        if match:
            return Hit(match[1])
    return None


def _stop_twice(_rule: Rule, case: Case) -> Hit | None:
    form = case.stop
    if form is None or not form.printed_by_transport:
        return None
    return Hit(form.mention) if fold(form.mention) in case.folded or _BARE_STOP.search(case.folded) else None


# ---------------------------------------------------------------- who speaks, and what for


def _identity(_rule: Rule, case: Case) -> Hit | None:
    if case.sender_kind is SenderKind.NAME:
        return None
    words = re.findall(r"\w{3,}", fold(case.facts.advertiser))
    if not words:
        return Hit("advertiser", Effect.WARN)
    return None if any(word in case.folded for word in words) else Hit(case.facts.advertiser)


def _sells(_rule: Rule, case: Case) -> Hit | None:
    word = case.marked("sells")
    return Hit(word) if word else None


def _premium(rule: Rule, case: Case) -> Hit | None:
    match = _pattern(rule, "pattern").search(case.folded)
    return Hit(match[0]) if match else None


# ---------------------------------------------------------------- the sender


def _sender_pattern(rule: Rule, case: Case) -> Hit | None:
    sender = case.facts.sender
    if case.sender_kind is not SenderKind.NAME or _pattern(rule, "pattern").fullmatch(sender):
        return None
    return Hit(sender)


def _sender_number(rule: Rule, case: Case) -> Hit | None:
    if case.sender_kind is not SenderKind.NUMBER:
        return None
    number = national(case.facts.sender, str(rule.settings["country_code"]))
    if number is None or _pattern(rule, "allowed").fullmatch(number):
        return None
    is_mobile = _pattern(rule, "mobile").fullmatch(number)
    return None if not is_mobile and _declared(case, Declaration.CONVERSATIONAL_SENDER) else Hit(f"0{number[:2]}")


def _sender_short_code(rule: Rule, case: Case) -> Hit | None:
    if case.sender_kind is not SenderKind.SHORT_CODE:
        return None
    return Hit(case.facts.sender) if _pattern(rule, "forbidden").fullmatch(digits(case.facts.sender)) else None


def _sender_generic(rule: Rule, case: Case) -> Hit | None:
    word = _letters(case.facts.sender)
    if _declared(case, Declaration.SENDER_IS_COMPANY_NAME) or word not in case.words(rule.settings["list"]):
        return None
    return Hit(case.facts.sender)


def _sender_brand(rule: Rule, case: Case) -> Hit | None:
    if case.sender_kind is not SenderKind.NAME or _declared(case, Declaration.SENDER_AUTHORISED):
        return None
    brand = _resembled(case.rules, str(rule.settings["list"]), case.facts.sender)
    return Hit(brand.name) if brand else None


def _sender_register(rule: Rule, case: Case) -> Hit | None:
    concerned = case.sender_kind is SenderKind.NAME or rule.settings.get("numeric") is True
    return Hit(case.facts.sender) if concerned and not _declared(case, Declaration.SENDER_REGISTERED) else None


def _route(rule: Rule, case: Case) -> Hit | None:
    return None if _declared(case, Declaration(str(rule.settings["needs"]))) else Hit()


# ---------------------------------------------------------------- links


def _url_allow_list(_rule: Rule, case: Case) -> Hit | None:
    hosts = [link.host for link in case.links if "$" not in link.host]
    allowed = case.facts.allowed_hosts
    if allowed is None:
        return Hit(hosts[0], Effect.WARN) if hosts else None
    unlisted = next((host for host in hosts if not is_listed(host, allowed)), None)
    return Hit(unlisted) if unlisted is not None else None


def _url_shortener(rule: Rule, case: Case) -> Hit | None:
    shorteners = case.words(rule.settings["list"])
    host = next((link.host for link in case.links if link.host.removeprefix("www.") in shorteners), None)
    return Hit(host) if host else None


def _url_spoof(rule: Rule, case: Case) -> Hit | None:
    trick = next((link.trick for link in case.links if link.trick), None)
    if trick:
        return Hit(trick)
    if _declared(case, Declaration.SENDER_AUTHORISED):
        return None
    brands = case.brands(rule.settings["list"])
    for link in case.links:
        if borrowed_brand(link.host, brands):
            return Hit(link.host, Effect.WARN if is_listed(link.host, case.facts.allowed_hosts or ()) else None)
    return None


def _brand_link(rule: Rule, case: Case) -> Hit | None:
    if not case.links or _declared(case, Declaration.SENDER_AUTHORISED):
        return None
    # Short names ("free", "orange", "ce") are ordinary words of a text; a link in their name is still seen above.
    seen = {skeleton(word) for word in re.findall(r"\w{5,}", case.text)}
    for brand in case.brands(rule.settings["list"]):
        if len(brand.name) < 5 or brand.name in _ORDINARY_WORDS or seen.isdisjoint(brand.skeletons):
            continue
        elsewhere = [link.host for link in case.links if "$" not in link.host and not brand.owns(link.host)]
        if elsewhere:
            vouched = case.facts.allowed_hosts is not None and is_listed(elsewhere[0], case.facts.allowed_hosts)
            return Hit(brand.name, Effect.WARN if vouched else None)
    return None


_ORDINARY_WORDS = frozenset({"ORANGE", "APPLE", "IMPOTS", "AMENDES"})


# ---------------------------------------------------------------- what is sold


def sectors_of(rule: Rule) -> Sector:
    """Give the sector that a rule is about."""
    return Sector(str(rule.settings["sector"]))


def _subject(rule: Rule, case: Case) -> tuple[str, Effect | None] | None:
    """Tell whether a text is about the rule's subject, and how sure that is.

    The declared sector decides. Nobody declared one: a word raises a candidate, which warns or, where the rule says
    so, blocks. Another sector was declared: the word is warned of where it would have blocked, else ignored.
    """
    declared = case.facts.sector
    word = case.marked(rule.settings["markers"])
    if word is None and declared is None:
        return None
    unlabelled = Effect(str(rule.settings.get("unlabelled", "warn")))
    subject = sectors_of(rule)
    if declared is subject:
        # Training is not banned, training paid with the account is: the word is needed too.
        return (word or subject.value, None) if word or rule.settings.get("needs_marker") is not True else None
    if word is None:
        return None
    if declared is None:
        return word, None if unlabelled is Effect.BLOCK else Effect.WARN
    return (word, Effect.WARN) if unlabelled is Effect.BLOCK else None


def _sector(rule: Rule, case: Case) -> Hit | None:
    subject = _subject(rule, case)
    if subject is None:
        return None
    word, effect = subject
    exceptions = cast("Iterable[Iterable[str]]", rule.settings.get("exceptions", ()))
    excepted = any(_declared(case, *map(Declaration, group)) for group in exceptions)
    if excepted and ("must_contain" not in rule.settings or _pattern(rule, "must_contain").search(case.folded)):
        return None
    return Hit(word, effect)


def _mention(rule: Rule, case: Case) -> Hit | None:
    subject = _subject(rule, case)
    if subject is None or _pattern(rule, "must_contain").search(case.folded):
        return None
    return Hit(*subject)


def _gift(rule: Rule, case: Case) -> Hit | None:
    if case.marked(rule.settings["markers"]) is None:
        return None
    gift = case.marked(rule.settings["gifts"])
    return Hit(gift) if gift else None


def _bank_data(rule: Rule, case: Case) -> Hit | None:
    # What was found is a piece of a sentence and may hold a name: it is not repeated.
    return Hit() if case.marked(rule.settings["markers"]) else None


def _vote(rule: Rule, case: Case) -> Hit | None:
    if case.facts.sector is not sectors_of(rule) or case.territory is None:
        return None
    if not case.facts.votes:
        return Hit("votes", Effect.WARN)
    days = {case.facts.at.astimezone(ZoneInfo(zone)).date() for zone in case.territory.zones}
    silent = {vote - timedelta(days=back) for vote in case.facts.votes for back in (0, 1)}
    return Hit(min(days & silent).isoformat()) if days & silent else None


CAMPAIGN: Mapping[Check, Predicate] = {
    Check.NO_RULES: _no_rules,
    Check.ZONE_UNKNOWN: _zone_unknown,
    Check.STOP_MENTION: _stop_mention,
    Check.STOP_NUMBER: _stop_number,
    Check.STOP_TWICE: _stop_twice,
    Check.IDENTITY: _identity,
    Check.SENDER_PATTERN: _sender_pattern,
    Check.SENDER_NUMBER: _sender_number,
    Check.SENDER_SHORT_CODE: _sender_short_code,
    Check.SENDER_GENERIC: _sender_generic,
    Check.SENDER_BRAND: _sender_brand,
    Check.SENDER_REGISTER: _sender_register,
    Check.ROUTE: _route,
    Check.VOTE: _vote,
}
"""Decided by sender, transport and time."""

CONTENT: Mapping[Check, Predicate] = {
    Check.SELLS: _sells,
    Check.PREMIUM: _premium,
    Check.URL_SPOOF: _url_spoof,
    Check.URL_SHORTENER: _url_shortener,
    Check.URL_ALLOW_LIST: _url_allow_list,
    Check.BRAND_LINK: _brand_link,
    Check.SECTOR: _sector,
    Check.GIFT: _gift,
    Check.MENTION: _mention,
    Check.BANK_DATA: _bank_data,
}
"""Decided by the text; a name or link filled in can change the answer. The first that applies is told first."""
