"""Everything that a plan is made from; the same inputs give the same plan."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from attrs import field, frozen

from smskit.compliance import Desk, Profile, Rules
from smskit.delivery.channels import over_rcs
from smskit.money import Prices
from smskit.planning.brief import Brief
from smskit.protocols import Clock, Features, Store
from smskit.rcs import Billing, Finding, RichPrices


@frozen
class RichTerms:
    """What is planned over RCS beside the campaign itself.

    Args:
        features: of the transport over RCS.
        agent: in whose name it asks about handsets; empty when it cannot ask.
        prices: what a delivered message costs by its class of billing.
        losses: what the transport would change or drop, by arm.
        can_revoke: whether the transport can take a message back.
        name: of the transport.
    """

    features: Features
    agent: str
    prices: RichPrices
    losses: Mapping[str, tuple[Finding, ...]] = field(factory=dict[str, tuple[Finding, ...]])
    can_revoke: bool = field(default=False, kw_only=True)
    name: str = field(default="", kw_only=True)

    def of_run(self) -> Features:
        """Give the features as the rules are to see them."""
        return over_rcs(self.features)


@frozen
class Inputs:
    """A campaign with its time, prices, store, carrier and rules; *rich* for one over RCS."""

    campaign: Brief
    at: datetime
    prices: Prices
    store: Store | None
    features: Features
    rules: Rules
    profile: Profile
    clock: Clock | None = None
    rich: RichTerms | None = None

    def desk(self) -> Desk:
        """Give the rules, decided for this campaign."""
        return self.rules.desk(self.campaign.facts(self.at, self.features), profile=self.profile)

    def price_micros(self, country: str, parts: int) -> int:
        """Give the price of *parts* to a country that has one."""
        return (self.prices.micros_for(country) or 0) * parts

    def rich_price_micros(self, billing: Billing) -> int:
        """Give the price of one message over RCS, once it is delivered."""
        return self.rich.prices.micros_for(billing) if self.rich is not None else 0
