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
from smskit.kinds import Kind
from smskit.planning import Campaign, Plan
from smskit.stores import MemoryStore
from smskit.transports import Sandbox

if TYPE_CHECKING:
    from smskit.contacts.opening import Readable
    from smskit.money import Prices
    from smskit.protocols import Clock, Store, Transport
    from smskit.records import Event
    from smskit.transports.drivers import Sender


@frozen
class Kit:
    """The store, transport, prices, rules and region of one application.

    Args:
        store: consents, opt-outs, runs; None keeps them in memory.
        transport: how messages are handed over; None is the sandbox: going live needs an explicit transport.
        prices: what one part costs, by territory.
        rules: compliance rules; None takes the packaged ones.
        profile: how strictly hours are read.
        region: where numbers without a country, and written times, are meant.
        sender: what the handset shows when a call does not say.
        clock: what time it is; None asks the transport's clock, or the machine's.
        call: makes the requests of the transport, such as an ``HttpCaller`` with options of your own; None takes HTTP.
    """

    store: Store = field(factory=MemoryStore, kw_only=True)
    transport: Transport = field(factory=Sandbox, kw_only=True)
    prices: Prices | None = field(default=None, kw_only=True)
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
        if self.prices is None:
            raise InvalidInput("the kit has no prices; give it some: Kit(prices=Prices.per_part(FR='0.045'))")
        return campaign.plan(
            at=at, prices=self.prices, store=self.store, transport=self.transport, rules=self.rules,
            profile=self.profile, clock=self.clock,
        )  # fmt: skip

    def start(
        self, plan: Plan, *, wait: bool | None = None, on_progress: Callable[[Progress], None] | None = None
    ) -> Run:
        """Send a plan with the kit's transport; see :meth:`Plan.send`."""
        return plan.send(self.transport, wait=wait, clock=self.clock, on_progress=on_progress, call=self.call)

    def run(self, run_id: str) -> Run:
        """Open a run of the kit's store, to resume, cancel or report on it."""
        return Run(self.store, run_id, self.transport, rules=self.rules, clock=self.clock, call=self.call)

    def send(
        self,
        number: str,
        text: str,
        *,
        kind: Kind,
        sender: str | None = None,
        reference: str | None = None,
        validity: timedelta | None = None,
    ) -> Sent:
        """Send one message; see :func:`smskit.send`."""
        return send(
            number, text, kind=kind, transport=self.transport, sender=self.sender if sender is None else sender,
            store=self.store, reference=reference, region=self.region, prices=self.prices, rules=self.rules,
            profile=self.profile, clock=self.clock, validity=validity, call=self.call,
        )  # fmt: skip

    async def asend(
        self,
        number: str,
        text: str,
        *,
        kind: Kind,
        sender: str | None = None,
        reference: str | None = None,
        validity: timedelta | None = None,
    ) -> Sent:
        """Do as :meth:`send`, from a coroutine."""
        return await asend(
            number, text, kind=kind, transport=self.transport, sender=self.sender if sender is None else sender,
            store=self.store, reference=reference, region=self.region, prices=self.prices, rules=self.rules,
            profile=self.profile, clock=self.clock, validity=validity, call=self.call,
        )  # fmt: skip

    def receive(self, events: Iterable[Event]) -> int:
        """Record what came back; see :func:`smskit.receive`."""
        return receive(self.store, events)
