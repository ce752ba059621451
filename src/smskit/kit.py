"""One object that holds an application's defaults, so that calls can leave them out."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from attrs import field, frozen

from smskit.compliance import Profile, Rules
from smskit.contacts import ConsentColumns, Contacts
from smskit.delivery import Progress, Run, Sent, asend, receive, send
from smskit.errors import InvalidInput
from smskit.kinds import Channel, Kind
from smskit.planning import Campaign, Plan
from smskit.planning.brief import Brief
from smskit.stores import MemoryStore
from smskit.transports import Sandbox

if TYPE_CHECKING:
    from smskit.contacts.opening import Readable
    from smskit.money import Prices
    from smskit.protocols import Clock, Store, Transport
    from smskit.rcs import Content, RichMessage, RichPrices
    from smskit.records import Event
    from smskit.transports.drivers import Sender


@frozen
class Kit:
    """The store, transport, prices, rules and region of one application.

    Args:
        store: consents, opt-outs, runs; None keeps them in memory.
        transport: how messages are handed over; None is the sandbox: going live needs an explicit transport.
        rcs: how rich messages are handed over; the SMS behind them go by *transport*. None leaves them to a transport
            that does both, such as the sandbox.
        prices: what one part costs, by territory.
        rich_prices: what one message over RCS costs, by its class of billing.
        rules: compliance rules; None takes the packaged ones.
        profile: how strictly hours are read.
        region: where numbers without a country, and written times, are meant.
        sender: what the handset shows when a call does not say.
        clock: what time it is; None asks the transport's clock, or the machine's.
        call: makes the requests of the transport, such as an ``HttpCaller`` with options of your own; None takes HTTP.
    """

    store: Store = field(factory=MemoryStore, kw_only=True)
    transport: Transport = field(factory=Sandbox, kw_only=True)
    rcs: Transport | None = field(default=None, kw_only=True)
    prices: Prices | None = field(default=None, kw_only=True)
    rich_prices: RichPrices | None = field(default=None, kw_only=True)
    rules: Rules | None = field(default=None, kw_only=True)
    profile: Profile = field(default=Profile.LAW, kw_only=True)
    region: str = field(default="FR", kw_only=True)
    sender: str = field(default="", kw_only=True)
    clock: Clock | None = field(default=None, kw_only=True)
    call: Sender | None = field(default=None, kw_only=True)

    def contacts(
        self, source: Readable, *, consent: ConsentColumns | None = None, group: str | None = None
    ) -> Contacts:
        """Read contacts of the kit's region; see :meth:`Contacts.read`."""
        return Contacts.read(source, region=self.region, consent=consent, group=group)

    def plan(self, campaign: Campaign, *, at: datetime | str | None = None) -> Plan:
        """Plan *campaign* with the kit's store, prices, transport and rules; see :meth:`Campaign.plan`.

        Raises:
            InvalidInput: the kit has no prices.
        """
        needs_prices = not campaign.is_rich or campaign.fallback is not None
        if self.prices is None and needs_prices:
            raise InvalidInput("the kit has no prices; give it some: Kit(prices=Prices.per_part(FR='0.045'))")
        if self.rich_prices is None and campaign.is_rich:
            raise InvalidInput(
                "the kit has no prices over RCS; give it some: "
                "Kit(rich_prices=RichPrices.of(basic='0.05', single='0.08'))"
            )
        transport, fallback = self._transports(campaign)
        return campaign.plan(
            at=at, prices=self.prices, rich_prices=self.rich_prices if campaign.is_rich else None, store=self.store,
            transport=transport, fallback=fallback, rules=self.rules, profile=self.profile, clock=self.clock,
        )  # fmt: skip

    def _transports(self, campaign: Brief) -> tuple[Transport, Transport | None]:
        if not campaign.is_rich:
            return self.transport, None
        return self.rcs or self.transport, self.transport if campaign.fallback is not None else None

    def start(
        self, plan: Plan, *, wait: bool | None = None, on_progress: Callable[[Progress], None] | None = None
    ) -> Run:
        """Send a plan with the kit's transport; see :meth:`Plan.send`."""
        transport, fallback = self._transports(plan.inputs.campaign)
        return plan.send(
            transport, fallback=fallback, wait=wait, clock=self.clock, on_progress=on_progress, call=self.call
        )

    def run(self, run_id: str) -> Run:
        """Open a run of the kit's store, to resume, cancel or report on it."""
        record = self.store.run(run_id)
        over_rcs = record is not None and record.channel is Channel.RCS
        transport = self.rcs or self.transport if over_rcs else self.transport
        fallback = self.transport if over_rcs else None
        return Run(
            self.store, run_id, transport, fallback=fallback, rules=self.rules, clock=self.clock, call=self.call
        )  # fmt: skip

    def send(
        self,
        number: str,
        text: RichMessage | Content,
        *,
        kind: Kind,
        sender: str | None = None,
        reference: str | None = None,
        validity: timedelta | None = None,
    ) -> Sent:
        """Send one message, a rich one over RCS; see :func:`smskit.send`."""
        transport, prices = self._way_of(text)
        return send(
            number, text, kind=kind, transport=transport, sender=self.sender if sender is None else sender,
            store=self.store, reference=reference, region=self.region, prices=prices, rules=self.rules,
            profile=self.profile, clock=self.clock, validity=validity, call=self.call,
        )  # fmt: skip

    async def asend(
        self,
        number: str,
        text: RichMessage | Content,
        *,
        kind: Kind,
        sender: str | None = None,
        reference: str | None = None,
        validity: timedelta | None = None,
    ) -> Sent:
        """Do as :meth:`send`, from a coroutine."""
        transport, prices = self._way_of(text)
        return await asend(
            number, text, kind=kind, transport=transport, sender=self.sender if sender is None else sender,
            store=self.store, reference=reference, region=self.region, prices=prices, rules=self.rules,
            profile=self.profile, clock=self.clock, validity=validity, call=self.call,
        )  # fmt: skip

    def _way_of(self, text: RichMessage | Content) -> tuple[Transport, Prices | RichPrices | None]:
        """Give how one message goes, and what it costs there; a kit that has RCS alone sends texts over it too."""
        if isinstance(text, str) and self.transport.features.channel is Channel.SMS:
            return self.transport, self.prices
        return self.rcs or self.transport, self.rich_prices

    def receive(self, events: Iterable[Event]) -> int:
        """Record what came back; see :func:`smskit.receive`."""
        return receive(self.store, events)
