"""Everything that a plan is made from; the same inputs give the same plan."""

from __future__ import annotations

from datetime import datetime

from attrs import frozen

from smskit.compliance import Desk, Profile, Rules
from smskit.money import Prices
from smskit.planning.brief import Brief
from smskit.protocols import Clock, Features, Store


@frozen
class Inputs:
    """A campaign with its time, prices, store, carrier and rules."""

    campaign: Brief
    at: datetime
    prices: Prices
    store: Store | None
    features: Features
    rules: Rules
    profile: Profile
    clock: Clock | None = None

    def desk(self) -> Desk:
        """Give the rules, decided for this campaign."""
        return self.rules.desk(self.campaign.facts(self.at, self.features), profile=self.profile)

    def price_micros(self, country: str, parts: int) -> int:
        """Give the price of *parts* to a country that has one."""
        return (self.prices.micros_for(country) or 0) * parts
