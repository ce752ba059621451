"""What a campaign consists of: what is said, to whom, in whose name, and within which limits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from attrs import Factory, field, frozen

from smskit.compliance import CampaignFacts, CustomerBasis, Declaration, Rules, Sector
from smskit.contacts import Contacts
from smskit.delivery.expiry import seconds_of
from smskit.errors import InvalidInput
from smskit.kinds import Kind
from smskit.money import to_micros
from smskit.planning.experiment import Experiment
from smskit.protocols import Features, Transport
from smskit.text import Message, ShortLinks, is_whole
from smskit.text.message import USUAL_STOP

LATE_AFTER = timedelta(minutes=15)


@frozen
class FrequencyCap:
    """At most *messages* of one kind to one person in *days* days, over all campaigns of the store."""

    messages: int
    days: int = 7

    def __attrs_post_init__(self) -> None:
        if self.messages < 1 or self.days < 1:
            raise InvalidInput("a frequency cap needs at least one message and one day")


TWO_A_WEEK = FrequencyCap(2, 7)
"""What the trade advises for marketing; French restaurants are told one or two promotions a week at most."""


def usual_cap(kind: Kind) -> FrequencyCap | None:
    """Give the cap of a campaign that names none."""
    return TWO_A_WEEK if kind is Kind.MARKETING else None


def _cap(value: FrequencyCap | None) -> FrequencyCap | None:
    if value is not None and not isinstance(value, FrequencyCap):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InvalidInput(f"cap={value!r} must be a FrequencyCap, for example FrequencyCap(1, days=7), or None")
    return value


def _short_links(value: ShortLinks | str | None) -> ShortLinks | None:
    return ShortLinks(value) if isinstance(value, str) else value


def _message(value: Message | str) -> Message:
    return value if isinstance(value, Message) else Message(value)


def _kind(value: Kind | str) -> Kind:
    try:
        return Kind(value)
    except ValueError:
        raise InvalidInput(f"kind={value!r} must be Kind.MARKETING, Kind.NOTIFICATION or Kind.OTP") from None


def _budget(value: str | Decimal | None) -> int | None:
    return None if value is None else to_micros(value, "budget")


def _declarations(value: Iterable[Declaration]) -> frozenset[Declaration]:
    return frozenset(value)


def _names(value: Iterable[str] | None) -> frozenset[str] | None:
    if isinstance(value, str):
        raise InvalidInput(f"{value!r} is one text; give a set of them: {{{value!r}}}")
    return None if value is None else frozenset(value)


def _variants(value: Mapping[str, Message | str]) -> Mapping[str, Message]:
    return {name: _message(message) for name, message in value.items()}


@frozen
class Brief:
    """One message (or several arms of it) for one audience.

    Args:
        id: its name for ever: within a store a number gets a campaign once, however often it is planned.
        message: a :class:`Message` or its template.
        to: the contacts, narrowed by ``contacts.where(...)``.
        sender: what the handset shows.
        kind: marketing, notification or one-time password; the law asks different things of each.
        advertiser: on whose behalf; empty means the owner of the contacts.
        sector: what is sold, for the rules of sectors; None lets words in the text decide.
        declarations: what you state and answer for (an ongoing training, an authorised sender …).
        allowed_hosts: hosts that links may lead to; None warns of every link, one on *short_links* too.
        customers: the conditions of the customer exception, for contacts without consent.
        strict_consent: ask for consent even where the law has an exception.
        holdout: share of the audience that is sent nothing, to measure the campaign's effect.
        variants: further arms by name; *message* is arm ``A``.
        weights: weight by arm; equal when empty.
        cap: messages of this kind to one person, over all campaigns; the default for marketing is two a week,
            None means no cap.
        budget: the most that the campaign may cost, such as ``"500"``; contacts beyond it are left out.
        countries: territories that may be sent to; None means every one with a price.
        short_links: links become short and trackable on this domain of yours.
        zone: where written times are meant, such as ``"Europe/Paris"``; None takes the contacts' region.
        late_after: how long past its time a plan may still start.
        defer: closed hours defer a contact to the opening; False leaves it out.
        validity: for how long a message is worth sending from when it is due: the carrier is told to try no longer, and
            one that waited longer than that is not sent; None leaves it to the carrier.
    """

    id: str
    message: Message = field(converter=_message)
    to: Contacts = field(kw_only=True)
    sender: str = field(kw_only=True)
    kind: Kind = field(kw_only=True, converter=_kind)
    advertiser: str = field(default="", kw_only=True)
    sector: Sector | None = field(default=None, kw_only=True)
    declarations: frozenset[Declaration] = field(default=frozenset(), kw_only=True, converter=_declarations)
    allowed_hosts: frozenset[str] | None = field(default=None, kw_only=True, converter=_names)
    customers: CustomerBasis | None = field(default=None, kw_only=True)
    strict_consent: bool = field(default=False, kw_only=True)
    holdout: float = field(default=0.0, kw_only=True)
    variants: Mapping[str, Message] = field(default={}, kw_only=True, converter=_variants)
    weights: Mapping[str, float] = field(factory=dict[str, float], kw_only=True)
    cap: FrequencyCap | None = field(
        default=Factory(lambda self: usual_cap(self.kind), takes_self=True), kw_only=True, converter=_cap
    )
    budget_micros: int | None = field(default=None, kw_only=True, converter=_budget, alias="budget")
    countries: frozenset[str] | None = field(default=None, kw_only=True, converter=_names)
    short_links: ShortLinks | None = field(default=None, kw_only=True, converter=_short_links)
    zone_name: str | None = field(default=None, kw_only=True, alias="zone")
    late_after: timedelta = field(default=LATE_AFTER, kw_only=True)
    defer: bool = field(default=True, kw_only=True)
    validity: timedelta | None = field(default=None, kw_only=True)

    def __attrs_post_init__(self) -> None:
        if not str(self.id or "").strip() or str(self.id) != self.id:
            raise InvalidInput(f"a campaign needs an id, for example 'soldes-ete-2026', not {self.id!r}")
        for name, text in (("id", self.id), ("sender", self.sender), ("advertiser", self.advertiser)):
            if not is_whole(text):
                raise InvalidInput(f"{name}={text!r} holds half a character")
        if not isinstance(self.to, Contacts):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidInput(f"to= takes Contacts, not {type(self.to).__name__}; read them with Contacts.read(...)")
        if self.kind is Kind.OTP and self.holdout:
            raise InvalidInput("holdout= keeps a message from people, and nobody waits for a code in vain")
        if "A" in self.variants:
            raise InvalidInput("arm A is the campaign's own message; name the variants B, C …")
        if self.weights and set(self.weights) != set(self.arms):
            named = ", ".join(self.arms) if self.variants else "of variants=, and there are none"
            raise InvalidInput(f"weights= must name the arms {named}")
        seconds_of(self.validity)  # fails here, not when the plan is made
        self.experiment  # noqa: B018 - a bad hold-out or weight fails here, not when the plan is made

    @property
    def arms(self) -> Mapping[str, Message]:
        """The message of each arm; a campaign without variants has one arm without a name."""
        return {"A": self.message, **self.variants} if self.variants else {"": self.message}

    @property
    def experiment(self) -> Experiment:
        """How the audience is drawn."""
        weights = self.weights or dict.fromkeys(self.arms, 1.0)
        return Experiment(self.id, self.holdout, weights if self.variants else {})

    @property
    def zone(self) -> ZoneInfo:
        """The zone of written times: its own, or that of the contacts' region."""
        name = self.zone_name or self._usual_zone()
        try:
            return ZoneInfo(name)
        except (KeyError, ValueError, OSError):
            raise InvalidInput(f"zone={name!r} is no time zone; give one such as 'Europe/Paris'") from None

    def _usual_zone(self) -> str:
        territory = Rules.default().territory(self.to.region)
        zones = territory.zones if territory else ()
        if len(zones) != 1:
            raise InvalidInput(
                f"{self.to.region} has several time zones; give the campaign one: zone='America/New_York'"
            )
        return zones[0]

    def facts(self, at: datetime, features: Features) -> CampaignFacts:
        """Give what compliance may know of the campaign."""
        return CampaignFacts(
            kind=self.kind,
            sender=self.sender,
            text="\n".join(self._readable(message) for message in self.arms.values()),
            at=at,
            advertiser=self.advertiser,
            sector=self.sector,
            declarations=self.declarations,
            allowed_hosts=self._hosts(),
            stop=features.stop,
            windows=features.windows,
            customers=self.customers,
            strict_consent=self.strict_consent,
        )

    def _readable(self, message: Message) -> str:
        # Links stand in the text as recipients will see them, so that the
        # rules on addresses see them too.
        values = [
            message.placeholder(variable.name, self.short_links) if variable.name in message.links else str(variable)
            for variable in message.template.variables
        ]
        return message.template.fill(*values)

    def _hosts(self) -> frozenset[str] | None:
        if self.allowed_hosts is None:
            return None
        own = {self.short_links.domain} if self.short_links else set[str]()
        return self.allowed_hosts | own


def features_of(transport: Transport | None) -> Features:
    """Give what a plan needs to know of a transport; without one, the sandbox's STOP mention."""
    return transport.features if transport is not None else Features(live=False, stop={"*": USUAL_STOP})
