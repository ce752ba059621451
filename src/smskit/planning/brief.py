"""What a campaign consists of: what is said, to whom, in whose name, and within which limits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from attrs import Factory, evolve, field, frozen

from smskit.compliance import CampaignFacts, CustomerBasis, Declaration, Rules, Sector
from smskit.contacts import Contacts
from smskit.delivery.expiry import seconds_of
from smskit.errors import InvalidInput
from smskit.kinds import Kind
from smskit.money import to_micros
from smskit.planning.experiment import Experiment
from smskit.planning.fallback import Fallback, fallback_of
from smskit.protocols import Features, Transport
from smskit.rcs import Content, RichMessage, RichTemplate, Traffic
from smskit.rcs.pieces import every_text
from smskit.text import Message, ShortLinks, Template, is_whole
from smskit.text.links import TOKEN_PLACEHOLDER
from smskit.text.message import USUAL_STOP

LATE_AFTER = timedelta(minutes=15)


CAPABILITY_AGE = timedelta(days=30)
"""The platform itself answers for numbers that it saw within 31 days."""


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


def _message(value: Message | str | None) -> Message | None:
    return value if value is None or isinstance(value, Message) else Message(value)


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


Rich = RichMessage | Content
Variants = Mapping[str, Message | Rich]


def _variants(value: Variants) -> Variants:
    return dict(value)


@frozen
class Brief:
    """One message (or several arms of it) for one audience, by SMS, or by RCS with an SMS behind it.

    Args:
        id: its name for ever: within a store a number gets a campaign once, however often it is planned.
        message: the SMS, a :class:`Message` or its template; not together with *content*.
        content: the message over RCS: a card, a carousel, a file, a text, or a ``RichMessage`` with its suggestions;
            every text in it may hold variables.
        links: addresses of the variables in *content* that are links.
        fallback: the SMS for those whom RCS does not reach; without one they are left out.
        try_unknown: send over RCS also where nobody knows whether the number has it. Otherwise the unknown get the SMS.
        capability_age: what is known of a handset is believed for so long.
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
        variants: further arms by name; *message*, or *content*, is arm ``A``. All arms share one fallback.
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
    message: Message | None = field(default=None, converter=_message)
    content: Rich | None = field(default=None, kw_only=True)
    links: Mapping[str, str] = field(factory=dict[str, str], kw_only=True)
    fallback: Fallback | None = field(default=None, kw_only=True, converter=fallback_of)
    try_unknown: bool = field(default=False, kw_only=True)
    capability_age: timedelta = field(default=CAPABILITY_AGE, kw_only=True)
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
    variants: Variants = field(default={}, kw_only=True, converter=_variants)
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
    arms: Mapping[str, Message] = field(init=False, repr=False, eq=False)
    """The SMS of each arm; empty in a campaign over RCS without a fallback."""
    rich_arms: Mapping[str, RichTemplate] = field(init=False, repr=False, eq=False)
    """The rich message of each arm; empty in a campaign by SMS."""

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
        arms, rich_arms = messages_of(self)
        object.__setattr__(self, "arms", arms)
        object.__setattr__(self, "rich_arms", rich_arms)
        if self.weights and set(self.weights) != set(self.arm_names):
            named = ", ".join(self.arm_names) if self.variants else "of variants=, and there are none"
            raise InvalidInput(f"weights= must name the arms {named}")
        seconds_of(self.validity)  # fails here, not when the plan is made
        after = self.fallback.after if self.fallback is not None else None
        if self.validity is not None and after is not None and after >= self.validity:
            raise InvalidInput(f"after={after!r} must be less than validity={self.validity!r}, or the SMS is too late")
        self.experiment  # noqa: B018 - a bad hold-out or weight fails here, not when the plan is made

    @property
    def is_rich(self) -> bool:
        """Whether it goes over RCS."""
        return self.content is not None

    @property
    def arm_names(self) -> tuple[str, ...]:
        """The names of the arms; a campaign without variants has one arm without a name."""
        return ("A", *self.variants) if self.variants else ("",)

    @property
    def experiment(self) -> Experiment:
        """How the audience is drawn."""
        weights = self.weights or dict.fromkeys(self.arm_names, 1.0)
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
            text="\n".join(dict.fromkeys((*map(self._readable, self.arms.values()), *self._rich_texts()))),
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

    def _rich_texts(self) -> Iterator[str]:
        for template in self.rich_arms.values():
            links = {name: url if self.short_links is None else self.short_links.url(TOKEN_PLACEHOLDER)
                     for name, url in template.links.items()}  # fmt: skip
            for _, text, _ in every_text(template.message):
                parsed = Template.parse(text)
                yield parsed.fill(*(links.get(variable.name, str(variable)) for variable in parsed.variables))

    def _hosts(self) -> frozenset[str] | None:
        if self.allowed_hosts is None:
            return None
        own = {self.short_links.domain} if self.short_links else set[str]()
        return self.allowed_hosts | own


def messages_of(brief: Brief) -> tuple[Mapping[str, Message], Mapping[str, RichTemplate]]:
    """Give the SMS and the rich message of each arm.

    Raises:
        InvalidInput: there is no message, or two; a variant of the other channel; a life time within a rich message.
        InvalidContent: a rich message that the platform would refuse.
        TemplateError: a text that cannot be read.
    """
    names = brief.arm_names
    if brief.content is None:
        if brief.message is None:
            raise InvalidInput("a campaign needs a message, Campaign(id, Message(...), ...), or content= over RCS")
        if brief.fallback is not None or brief.links:
            raise InvalidInput("fallback= and links= belong to content=, a message over RCS; an SMS has its own links")
        texts = [brief.message, *brief.variants.values()]
        return {name: _sms(name, text) for name, text in zip(names, texts, strict=True)}, {}
    if brief.message is not None:
        raise InvalidInput("a campaign has a message= (SMS) or content= (RCS); the SMS behind RCS is fallback=")
    contents = [brief.content, *brief.variants.values()]
    rich = {name: _rich(name, content, brief) for name, content in zip(names, contents, strict=True)}
    if unknown := sorted(set(brief.links).difference(*(template.links for template in rich.values()))):
        raise InvalidInput(f"links {', '.join(unknown)} are in no text of the content; write ${unknown[0]} in one")
    return dict.fromkeys(names, brief.fallback.message) if brief.fallback is not None else {}, rich


def _sms(arm: str, message: Message | Rich) -> Message:
    if not isinstance(message, (Message, str)):
        raise InvalidInput(f"arm {arm} is a rich message, and the campaign goes by SMS; give content= for arm A")
    return message if isinstance(message, Message) else Message(message)


def _rich(arm: str, content: Message | Rich, brief: Brief) -> RichTemplate:
    if isinstance(content, Message):
        raise InvalidInput(f"arm {arm} is an SMS, and the campaign goes over RCS; give a card or another rich message")
    message = RichMessage.of(content)
    if message.ttl is not None or message.expires_at is not None:
        raise InvalidInput(
            "the life time of a rich message in a campaign is validity=, or Fallback(..., after=); leave ttl= out"
        )
    traffic = message.traffic or Traffic.of(brief.kind)
    names = {variable.name for _, text, _ in every_text(message) for variable in Template.parse(text).variables}
    links = {name: url for name, url in brief.links.items() if name in names}
    return RichTemplate(evolve(message, traffic=traffic), Template.parse, links=links)


def features_of(transport: Transport | None) -> Features:
    """Give what a plan needs to know of a transport; without one, the sandbox's STOP mention."""
    return transport.features if transport is not None else Features(live=False, stop={"*": USUAL_STOP})
