"""A campaign, and the two things that are done with it: planning it and trying it on oneself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timezone
from os import PathLike, fspath
from typing import TYPE_CHECKING

from attrs import frozen

from smskit.clock import SystemClock
from smskit.compliance import Profile, Rules
from smskit.delivery import Sent, send
from smskit.delivery.channels import over_both, refuse_other_channel
from smskit.delivery.expiry import refuse_validity, seconds_of
from smskit.errors import InvalidInput
from smskit.kinds import Channel, Kind
from smskit.money import Prices
from smskit.planning.brief import Brief, features_of
from smskit.planning.inputs import Inputs, RichTerms
from smskit.planning.make import make_plan
from smskit.planning.plan import Plan
from smskit.planning.rich import example_of
from smskit.planning.schedule import instant
from smskit.protocols import Clock, Features, Store, Transport
from smskit.rcs import Finding, RichMessage, RichPrices
from smskit.rcs.personal import Variable
from smskit.text import Message
from smskit.transports import Sandbox

if TYPE_CHECKING:
    from smskit.transports.drivers import Sender


@frozen
class Campaign(Brief):
    """A campaign; its arguments are those of :class:`Brief`."""

    def plan(
        self,
        *,
        at: datetime | str | None = None,
        prices: Prices | None = None,
        rich_prices: RichPrices | None = None,
        store: Store | None = None,
        transport: Transport | None = None,
        fallback: Transport | None = None,
        rules: Rules | None = None,
        profile: Profile = Profile.LAW,
        clock: Clock | None = None,
    ) -> Plan:
        """Say who would be sent what, when and at which price, and why the others would not. Nothing is sent.

        No network is used and nothing is written. The same contacts, store, time and prices give the same digest.

        Args:
            at: when it is to be sent: an aware datetime, or text on the clocks of the contacts' region
                (``"2026-06-24 12:00"``); None means now.
            prices: what one part of an SMS costs, by territory; not needed over RCS without a fallback.
            rich_prices: what one message over RCS costs, by its class of billing.
            store: consents, opt-outs and earlier runs; None means that nothing is known of anybody.
            transport: its STOP mention and hours are planned with; None takes those of the sandbox. Over RCS, what it
                would lose of the message is among the warnings.
            fallback: the transport of the SMS behind messages over RCS; the same then goes for it.
            rules: compliance rules; None takes the packaged ones.
            profile: how strictly hours are read.
            clock: what time it is; None asks the machine.

        Raises:
            NaiveDatetime: *at* has no zone.
            InvalidInput: *at* is no time.
            UnknownColumn: the message or a segment names a column that the contacts do not have.
            MissingPrice: contacts in a territory that *prices* says nothing of.
            UnreadableFile: the contacts cannot be read.
            UnsupportedFeature: *transport* cannot be told the campaign's validity.
        """
        if isinstance(store, (str, PathLike)):
            raise InvalidInput(f"store={store!r} is a path; open it: smskit.Store({fspath(store)!r})")
        transport, fallback = self._transports(transport, fallback)
        for one in filter(None, (transport, fallback)):
            refuse_validity(one, seconds_of(self.validity))
        moment = (clock or SystemClock()).now() if at is None else instant(at, self.zone).astimezone(timezone.utc)
        rich = self._rich_terms(transport, rich_prices)
        by_sms = fallback if self.is_rich else transport
        features = rich.of_run() if rich is not None and self.fallback is None else features_of(by_sms)
        inputs = Inputs(
            self, moment, self._prices(prices, rich), store, features, rules or Rules.default(), profile, clock, rich
        )
        return make_plan(inputs)

    def _transports(
        self, transport: Transport | None, fallback: Transport | None
    ) -> tuple[Transport | None, Transport | None]:
        if not self.is_rich:
            if fallback is not None:
                raise InvalidInput("fallback= belongs to a campaign over RCS; this one goes by SMS")
            if transport is not None:
                refuse_other_channel(transport, Channel.SMS)
            return transport, None
        transport, fallback = over_both(transport if transport is not None else Sandbox(), fallback)
        refuse_other_channel(transport, Channel.RCS)
        if fallback is not None:
            refuse_other_channel(fallback, Channel.SMS)
        return transport, fallback if self.fallback is not None else None

    def _rich_terms(self, transport: Transport | None, prices: RichPrices | None) -> RichTerms | None:
        if not self.is_rich or transport is None:
            if prices is not None:
                raise InvalidInput("rich_prices= belong to a campaign over RCS; this one goes by SMS")
            return None
        if not isinstance(prices, RichPrices):
            raise InvalidInput(
                f"rich_prices={prices!r} must say what a message over RCS costs, for example "
                "RichPrices.of(basic='0.05', single='0.08')"
            )
        losses: Callable[[RichMessage], Iterable[Finding]] = getattr(transport, "losses", lambda _: ())
        agent = str(getattr(transport, "agent", ""))
        return RichTerms(
            transport.features, agent, prices,
            {arm: tuple(losses(example_of(template))) for arm, template in self.rich_arms.items()},
            can_revoke=hasattr(transport, "revoke"), name=transport.name,
        )  # fmt: skip

    def _prices(self, prices: Prices | None, rich: RichTerms | None) -> Prices:
        if prices is None and rich is not None and self.fallback is None:
            return Prices({}, rich.prices.currency)
        if not isinstance(prices, Prices):
            raise InvalidInput(f"prices={prices!r} must be a price list, for example Prices.per_part(FR='0.045')")
        if rich is not None and rich.prices.currency != prices.currency:
            raise InvalidInput(
                f"prices= are in {prices.currency} and rich_prices= in {rich.prices.currency}; a plan has one currency"
            )
        return prices

    def test(
        self,
        number: str,
        *,
        as_contact: Mapping[str, str] | int,
        transport: Transport,
        arm: str | None = None,
        call: Sender | None = None,
    ) -> Sent:
        """Send yourself what one contact would get. Nothing is written to the store, no audience is touched.

        Args:
            number: your own telephone.
            as_contact: values by variable name, or a row of the contacts file.
            transport: how it is handed over; one over RCS sends the rich message, another the SMS behind it.
            arm: which arm, the first by default.
            call: makes the requests of the transport; None takes HTTP.

        Raises:
            InvalidInput: no such row or arm, or *number* is none.
            UnknownColumn: the contact lacks a value.
        """
        arm = self.arm_names[0] if arm is None else arm
        if arm not in self.arm_names:
            raise InvalidInput(f"there is no arm {arm!r}; there are {', '.join(self.arm_names)}")
        contact = self._row(as_contact) if isinstance(as_contact, int) else as_contact
        if self.is_rich and (transport.features.channel is Channel.RCS or arm not in self.arms):
            template = self.rich_arms[arm]
            return send(
                number, template.render(self._named(template.variables, contact)), kind=Kind.NOTIFICATION,
                sender=self.sender, transport=transport, region=self.to.region, is_test=True, validity=self.validity,
                call=call,
            )  # fmt: skip
        message = self.arms[arm]
        rendered = message.render(self._named(message.variables, contact), shortener=self.short_links)
        return send(
            number, rendered.text + self._mention(message, transport.features),
            kind=Kind.NOTIFICATION, sender=self.sender, transport=transport,
            region=self.to.region, is_test=True, validity=self.validity, call=call,
        )  # fmt: skip

    def _mention(self, message: Message, features: Features) -> str:
        """Give what a plan would append for the contacts' region, unless the carrier prints it itself."""
        form, region = features.stop_for(self.to.region), self.to.region
        if form is not None and form.printed_by_transport:
            return ""
        desk = Rules.default().desk(self.facts(SystemClock().now(), features))
        return desk.suffix(region, "".join(message.template.literals))

    def _named(self, variables: Iterable[Variable], contact: Mapping[str, str]) -> Mapping[str, str]:
        resolve = self.to.resolve
        return {
            variable.name: contact.get(variable.name) or contact.get(resolve(variable.name) or "", "")
            for variable in variables
        }

    def _row(self, row: int) -> Mapping[str, str]:
        for batch in self.to.batches():
            if batch.first_row <= row < batch.first_row + batch.size:
                return {name: cells[row - batch.first_row] for name, cells in batch.columns.items()}
        raise InvalidInput(f"the contacts have no row {row}; the first is row 2, under the header")
