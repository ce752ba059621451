"""One message to one person: a code, a parcel notice, a ticket."""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import blake2b
from time import monotonic
from typing import TYPE_CHECKING
from uuid import uuid4

from attrs import evolve, field, frozen

from smskit import encoding
from smskit.clock import SystemClock
from smskit.compliance import CampaignFacts, Desk, Evidence, Profile, Rules
from smskit.delivery.channels import over_both, over_rcs, own_clock, refuse_other_channel
from smskit.delivery.charter import Charter
from smskit.delivery.expiry import refuse_validity, seconds_of
from smskit.delivery.guard import Limits, opening_for, still_opposed
from smskit.delivery.loading import Loaded, load
from smskit.delivery.patience import Patience
from smskit.delivery.run import Run, closing
from smskit.delivery.sync import run_sync
from smskit.errors import InvalidInput, InvalidNumber, NotPermitted, RunBusy
from smskit.kinds import Channel, FailureClass, Kind, Reason, RunState, SendState
from smskit.money import Money, Prices
from smskit.phone import PhoneNumber, mask
from smskit.phone.reading import Problem
from smskit.rcs import Content, RichMessage, RichPrices, Traffic
from smskit.rcs.pieces import every_text
from smskit.records import ConsentAction, PlannedSend, RunRecord, Send
from smskit.stores import MemoryStore
from smskit.text import is_whole
from smskit.transports import Sandbox

if TYPE_CHECKING:
    from smskit.protocols import Clock, Store, Transport
    from smskit.transports.drivers import Sender


BUSY_S = 30.0
"""How long one call waits for another that has the same reference in hand."""

FORGOTTEN = 0
"""The number of a message to a person whom the store forgot."""


PATIENCE = Patience(attempts=3)
"""Somebody waits for the answer, often a person before a screen: three tries, about six seconds."""


@frozen
class Sent:
    """What became of a single message at hand-over; receipts come later, by ``reference``.

    Look at ``accepted`` and at ``in_doubt``: a message in doubt may well have arrived. Send it again only if twice is
    better than not at all, and under another reference: under the same one it is not sent a second time.
    """

    reference: str
    number: int = field(repr=mask)
    text: str = field(repr=lambda text: f"<{len(text)} characters>")
    parts: int
    state: SendState
    failure: FailureClass | None
    provider_id: str | None
    cost: Money | None
    code: str = ""

    @property
    def in_doubt(self) -> bool:
        """Whether a request left and no answer says what became of it."""
        return self.state is SendState.SUBMITTING

    @property
    def accepted(self) -> bool:
        """Whether the carrier took it."""
        return self.state is SendState.ACCEPTED


@frozen
class _Order:
    """What the caller asked for, read and complete."""

    number: PhoneNumber
    text: str = field(repr=False)
    kind: Kind
    sender: str
    transport: Transport
    store: Store
    reference: str
    prices: Prices | RichPrices | None
    rules: Rules
    profile: Profile
    clock: Clock
    is_test: bool
    validity_s: int | None
    call: Sender | None
    rich: RichMessage | None = field(default=None, repr=False)

    @property
    def run_id(self) -> str:
        return blake2b(self.reference.encode(), digest_size=8).hexdigest()

    def facts(self, at: datetime) -> CampaignFacts:
        features = self.transport.features if self.rich is None else over_rcs(self.transport.features)
        # A test to oneself is judged as what it is, whatever its text sells.
        text = "" if self.is_test else self.text
        return CampaignFacts(
            kind=self.kind, sender=self.sender, text=text, at=at, stop=features.stop, windows=features.windows
        )


def send(
    number: str | PhoneNumber,
    text: RichMessage | Content,
    *,
    kind: Kind | str,
    transport: Transport | None = None,
    sender: str = "",
    store: Store | None = None,
    reference: str | None = None,
    region: str = "FR",
    prices: Prices | RichPrices | None = None,
    rules: Rules | None = None,
    profile: Profile = Profile.LAW,
    clock: Clock | None = None,
    is_test: bool = False,
    validity: timedelta | None = None,
    call: Sender | None = None,
) -> Sent:
    """Send one message, if it may be sent now.

    Args:
        number: as people write it, or read already.
        text: the whole text; a marketing message gets its STOP mention. Over RCS also a card, a carousel, a file or a
            ``RichMessage``, and a text is sent as one.
        kind: marketing needs a consent in *store* and open hours; a code or a notice needs neither.
        transport: how it is handed over; None is a sandbox: no telephone rings.
        sender: what the handset shows; empty lets the carrier put a number of its own.
        store: consents, opt-outs and the account; None remembers nothing beyond this call.
        reference: your own id, such as ``"order-4711"``: the same one twice in one store sends once, also from several
            threads or processes at a time.
        region: where numbers without a country are meant.
        prices: to know the cost; ``RichPrices`` over RCS.
        rules: compliance rules; None takes the packaged ones.
        profile: how strictly hours are read.
        clock: what time it is; None takes the transport's, or the machine's.
        is_test: a message to yourself: no consent is asked for.
        validity: for how long it is worth sending: the carrier is told to try no longer, and a message that waited
            longer than that is not sent.
        call: makes the requests of a transport, such as an ``HttpCaller`` with options of your own; None takes HTTP.

    Raises:
        InvalidNumber: *number* is not one that can be sent to.
        InvalidInput: no text, *reference* was used for another number, or a rich message by a transport of SMS.
        InvalidContent: a rich message that the platform would refuse.
        NotPermitted: a rule forbids it, now or at all; ``until`` says when it is allowed.
        UnsupportedFeature: the transport cannot be told such a *validity*.
        CarrierRefuses: it takes nothing of the account; the message remains, and the same *reference* tries again.
        TransportError: the carrier cannot be used.
    """
    order = _order(number, text, kind, transport, sender, store, reference, region, prices, rules, profile, clock,
                   is_test=is_test, validity=validity, call=call)  # fmt: skip
    return run_sync(lambda: closing(call, lambda: _asend(order)))


async def asend(
    number: str | PhoneNumber,
    text: RichMessage | Content,
    *,
    kind: Kind | str,
    transport: Transport | None = None,
    sender: str = "",
    store: Store | None = None,
    reference: str | None = None,
    region: str = "FR",
    prices: Prices | RichPrices | None = None,
    rules: Rules | None = None,
    profile: Profile = Profile.LAW,
    clock: Clock | None = None,
    is_test: bool = False,
    validity: timedelta | None = None,
    call: Sender | None = None,
) -> Sent:
    """Do as :func:`send`, from a coroutine."""
    order = _order(number, text, kind, transport, sender, store, reference, region, prices, rules, profile, clock,
                   is_test=is_test, validity=validity, call=call)  # fmt: skip
    return await _asend(order)


def _order(
    number: str | PhoneNumber, text: RichMessage | Content, kind: Kind | str, transport: Transport | None, sender: str,
    store: Store | None, reference: str | None, region: str, prices: Prices | RichPrices | None, rules: Rules | None,
    profile: Profile, clock: Clock | None, *, is_test: bool, validity: timedelta | None, call: Sender | None,
) -> _Order:  # fmt: skip
    transport = transport if transport is not None else Sandbox()
    if kind not in {*Kind, *(known.value for known in Kind)}:
        raise InvalidInput(f"kind={kind!r} must be Kind.MARKETING, Kind.NOTIFICATION or Kind.OTP")
    rich = None
    if not isinstance(text, str) or transport.features.channel is Channel.RCS:
        transport, _ = over_both(transport, None)
        refuse_other_channel(transport, Channel.RCS)
        rich = _checked(text, Kind(kind))
        text = "\n".join(words for _, words, _ in every_text(rich))
    if not text.strip() and rich is None:
        raise InvalidInput("the text is empty; nothing would be sent")
    if not all(map(is_whole, (text, sender, reference or ""))):
        raise InvalidInput("the text, the sender or the reference holds half a character")
    if prices is not None and isinstance(prices, RichPrices) is not (rich is not None):
        raise InvalidInput("prices= takes Prices for an SMS, and RichPrices for a message over RCS")
    validity_s = seconds_of(validity)
    refuse_validity(transport, validity_s)
    return _Order(
        _mobile(number, region),
        text,
        Kind(kind),
        sender,
        transport,
        store if store is not None else MemoryStore(),
        reference or uuid4().hex,
        prices,
        rules or Rules.default(),
        profile,
        clock or own_clock(transport) or SystemClock(),
        is_test,
        validity_s,
        call,
        rich,
    )


def _checked(content: RichMessage | Content, kind: Kind) -> RichMessage:
    message = RichMessage.of(content)
    message = message if message.traffic is not None else evolve(message, traffic=Traffic.of(kind))
    message.json()  # raises here, before anything is written
    return message


def _mobile(number: str | PhoneNumber, region: str) -> PhoneNumber:
    if not isinstance(number, (str, PhoneNumber)):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InvalidInput(f"number= takes a text such as '+33 6 12 34 56 78', not {type(number).__name__}")
    found = number if isinstance(number, PhoneNumber) else PhoneNumber.parse(number, region)
    if not found.is_mobile:
        raise InvalidNumber(mask(found.number), Problem.NOT_MOBILE.sentence)
    return found


async def _asend(order: _Order) -> Sent:
    deadline = monotonic() + BUSY_S
    while True:
        try:
            return await _asend_once(order)
        except RunBusy:
            # Another thread or process has this reference in hand: what becomes of it is our answer too.
            if monotonic() > deadline:
                raise
            await SystemClock().sleep(0.02)


async def _asend_once(order: _Order) -> Sent:
    store, run_id = order.store, order.run_id
    known = store.run(run_id)
    # A process that died while it wrote the message down leaves a run in LOADING.
    if known is None or known.state is RunState.LOADING:
        now = order.clock.now()
        facts = order.facts(now)
        desk = order.rules.desk(facts, profile=order.profile)
        if not order.is_test:
            _refuse(order, desk, now)
        limits = Limits(defer=False, validity_s=order.validity_s)
        charter = Charter(
            facts, order.profile, limits, order.rules.version, is_test=order.is_test, carrier=order.transport.name
        )
        load(store, _record(order, desk.kind, now, charter), [[Loaded(order.run_id, [_planned(order, desk)], [])]])
    send = next(store.sends(run_id))
    if send.number != FORGOTTEN:
        _same_message(order, send)
    run = Run(store, run_id, order.transport, rules=order.rules, clock=order.clock, call=order.call)
    await run.aresume(patience=PATIENCE)
    return _sent(order, next(store.sends(run_id)))


def _same_message(order: _Order, send: Send) -> None:
    # A code that was never sent must not be reported as sent because an earlier one was.
    if send.number != order.number.number:
        raise InvalidInput(f"reference {order.reference!r} was used for another number; each message needs its own")
    same = send.text.startswith(order.text) if order.rich is None else send.text == order.rich.json().decode()
    if not same:
        raise InvalidInput(f"reference {order.reference!r} was used for another text; each message needs its own")


def _refuse(order: _Order, desk: Desk, now: datetime) -> None:
    number, store = order.number.number, order.store
    suppression = store.suppressed([number]).get(number)
    history = store.consents([number]).get(number, ())
    opposed = still_opposed(suppression, history, desk.kind, now)
    granted = [event for event in history if event.action is ConsentAction.GRANTED]
    evidence = Evidence()
    if granted:
        last = max(granted, key=lambda event: event.at)
        evidence = Evidence(
            granted_at=last.at, source=last.source, wording=last.wording, channel=last.channel,
            advertiser=last.advertiser,
        )  # fmt: skip
    findings = [desk.refusal(order.number.territory), None if opposed else desk.basis(evidence, order.number.territory)]
    reasons = [str(finding) for finding in findings if finding]
    if opposed is not None:
        reasons.append("the recipient opted out" if opposed is Reason.OPTED_OUT else "the number is suppressed")
    if reasons:
        raise NotPermitted(reasons)
    opening = opening_for(desk, number, order.number.territory, now)
    if opening.at is None or opening.at > now:
        raise NotPermitted([str(opening.finding or "the hours are closed")], opening.at)


def _planned(order: _Order, desk: Desk) -> PlannedSend:
    territory = order.number.territory
    if order.rich is not None:
        text = order.rich.json().decode()
        return PlannedSend(0, 1, order.number.number, text, 1, _rich_price(order), territory)
    suffix = "" if order.is_test else desk.suffix(territory, order.text)
    parts = encoding.measure(order.text + suffix).parts
    form = order.transport.features.stop_for(territory)
    printed = form is not None and form.printed_by_transport
    price = (order.prices.micros_for(territory[:2]) or 0) * parts if isinstance(order.prices, Prices) else 0
    text = order.text if printed else order.text + suffix
    return PlannedSend(0, 1, order.number.number, text, parts, price, territory)


def _rich_price(order: _Order) -> int:
    assert order.rich is not None
    return order.prices.micros_for(order.rich.billing()) if isinstance(order.prices, RichPrices) else 0


def _record(order: _Order, kind: Kind, now: datetime, charter: Charter) -> RunRecord:
    currency = order.prices.currency if order.prices else "EUR"
    return RunRecord(
        order.run_id, f"single:{order.reference}", order.run_id, kind, order.sender, now, now,
        RunState.LOADING, currency, charter.to_json(), Channel.SMS if order.rich is None else Channel.RCS,
    )  # fmt: skip


def _sent(order: _Order, send: Send) -> Sent:
    cost = Money(send.price_micros, order.prices.currency) if order.prices else None
    return Sent(
        send.reference, send.number, send.text, send.parts, send.state, send.failure, send.provider_id, cost,
        send.code,
    )  # fmt: skip
