"""What is asked and what is answered: the facts of a campaign, one person's evidence, a finding, an opening."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timezone

from attrs import field, frozen

from smskit.compliance.vocabulary import Confidence, Declaration, Effect, Force, Sector
from smskit.errors import InvalidInput, NaiveDatetime
from smskit.kinds import Kind, Reason
from smskit.protocols import StopForm, Window


def aware(value: datetime, name: str) -> datetime:
    """Give *value* back.

    Raises:
        NaiveDatetime: it has no time zone, so nobody can say at which instant it is.
    """
    if value.tzinfo is not timezone.utc and value.utcoffset() is None:
        raise NaiveDatetime(name, value)
    return value


def _aware(_instance: object, attribute: object, value: datetime) -> None:
    aware(value, getattr(attribute, "name", "time"))


def _aware_or_none(_instance: object, attribute: object, value: datetime | None) -> None:
    if value is not None:
        aware(value, getattr(attribute, "name", "time"))


def _declarations(given: Iterable[Declaration]) -> frozenset[Declaration]:
    return frozenset(given)


def _days(given: Iterable[date]) -> frozenset[date]:
    return frozenset(given)


@frozen(kw_only=True)
class CustomerBasis:
    """What the sender declares in order to write to customers who were not asked for consent.

    The sale itself is the fifth condition; it differs from person to person and stands in
    :attr:`Evidence.purchased_at`.

    Args:
        same_entity: the legal person that made the sale is the one that sends.
        collected_from_person: each number was given by the customer, at a sale or service.
        similar_products: the message offers goods or services similar to those sold.
        opt_out_offered: a free and simple way to object was offered when the number was collected.
        assessment: reference of the written balancing test; empty gives a warning.

    Source: CPCE art. L.34-5 al. 4; Directive 2002/58/EC art. 13(2); GDPR art. 6(1)(f).
    """

    same_entity: bool = False
    collected_from_person: bool = False
    similar_products: bool = False
    opt_out_offered: bool = False
    assessment: str = ""


@frozen(kw_only=True)
class CampaignFacts:
    """What the rules may know of a campaign before anybody's row is read.

    Args:
        kind: what the sender says it is; see :attr:`Desk.kind` for the one that counts.
        sender: what the handset shows: a name, a short code or a number with or without ``+``.
        text: the template as written, variables in place.
        at: planned time, aware.
        advertiser: on whose behalf; consents are given to an advertiser, not to an account.
        sector: what is sold; None means that nobody said, and then some words in the text decide.
        declarations: what the sender states and answers for.
        allowed_hosts: hosts that may be linked to, ``*.`` in front allows the names below; None checks links for
            spoofing and shorteners only, and warns.
        stop: how to object, by territory; ``*`` stands for the others.
        windows: the carrier's own hours by territory; no entry means none.
        customers: what was declared so that customers may be written to without consent.
        strict_consent: ask for consent even where the law has an exception.
        votes: days of the vote that a political message is about.

    Raises:
        NaiveDatetime: *at* has no time zone.
    """

    kind: Kind
    sender: str
    text: str = field(repr=lambda text: f"<{len(text)} characters>")
    at: datetime = field(validator=_aware)
    advertiser: str = ""
    sector: Sector | None = None
    declarations: frozenset[Declaration] = field(factory=frozenset[Declaration], converter=_declarations)
    allowed_hosts: frozenset[str] | None = None
    stop: Mapping[str, StopForm] = field(factory=dict[str, StopForm])
    windows: Mapping[str, Window] = field(factory=dict[str, Window])
    customers: CustomerBasis | None = None
    strict_consent: bool = False
    votes: frozenset[date] = field(factory=frozenset[date], converter=_days)

    def stop_for(self, territory: str) -> StopForm | None:
        """Give the way to object in *territory*, None when there is none."""
        return self.stop.get(territory) or self.stop.get(territory[:2]) or self.stop.get("*")

    def window_for(self, territory: str) -> Window | None:
        """Give the carrier's hours in *territory*, None when it has none of its own."""
        return self.windows.get(territory) or self.windows.get(territory[:2]) or self.windows.get("*")


@frozen(kw_only=True, cache_hash=True)
class Evidence:
    """What is on file about one person's will: folded from the history, or read from a row.

    Args:
        granted_at: the latest consent.
        source: where and how it was given (form, till, keyword); a consent without one cannot be shown.
        withdrawn_at: the latest opt-out.
        wording: what the person read when agreeing.
        channel: for which channel; consent to e-mail is not consent to SMS.
        advertiser: to whom; empty means the one who keeps the file.
        last_contact: the person's latest own act: a reply, a click, a visit; opening a message is none.
        purchased_at: latest completed sale or service.
        birth_date: if known.
        professional: written to in the exercise of a profession.

    Raises:
        NaiveDatetime: a time has no zone.
    """

    granted_at: datetime | None = field(default=None, validator=_aware_or_none)
    source: str = ""
    withdrawn_at: datetime | None = field(default=None, validator=_aware_or_none)
    wording: str = field(default="", repr=False)
    channel: str = "sms"
    advertiser: str = ""
    last_contact: datetime | None = field(default=None, validator=_aware_or_none)
    purchased_at: datetime | None = field(default=None, validator=_aware_or_none)
    birth_date: date | None = field(default=None, repr=False)
    professional: bool = False

    def __attrs_post_init__(self) -> None:
        if isinstance(self.birth_date, datetime):
            raise InvalidInput("birth_date is a date, not a time")


@frozen(kw_only=True)
class Finding:
    """One rule that has something to say about a message.

    ``detail`` is the word, host or number that raised it, where there is one; never a person's.
    """

    rule_id: str
    effect: Effect
    reason: Reason
    explanation_fr: str
    explanation_en: str
    citation: str
    edition: str
    force: Force = Force.LAW
    confidence: Confidence = Confidence.SECONDARY
    detail: str = ""

    def __str__(self) -> str:
        detail = f" ({self.detail})" if self.detail else ""
        return f"{self.rule_id}: {self.explanation_en}{detail} [{self.citation}]"


@frozen
class Opening:
    """The earliest instant at which a message may go, and what kept it waiting.

    ``at`` is None when no such instant was found within a year: the windows exclude each other, or no time zone is
    known. ``finding`` then blocks.
    """

    at: datetime | None
    finding: Finding | None = None
