"""What a campaign cost and brought in. Amounts are exact; nothing here is a float."""

from __future__ import annotations

from decimal import Decimal

from attrs import frozen

from smskit.money import Money, from_micros


@frozen
class Economics:
    """Cost and revenue of some messages.

    Three figures are told apart that are often given one for another: of 1 000 EUR that bring 10 000 EUR,
    ``roi_percent`` is 900, ``net_per_unit`` is 9 and ``revenue_per_unit`` is 10. None stands for a division by nothing.

    Args:
        cost_micros: what the messages cost, in millionths.
        revenue_micros: what the orders that are put down to them brought.
        messages: how many were handed over.
        conversions: how many of them led to an order.
        currency: of both amounts.
    """

    cost_micros: int
    revenue_micros: int
    messages: int
    conversions: int
    currency: str = "EUR"

    @property
    def cost(self) -> Money:
        """What the messages cost."""
        return Money(self.cost_micros, self.currency)

    @property
    def revenue(self) -> Money:
        """What the orders brought."""
        return Money(self.revenue_micros, self.currency)

    @property
    def net(self) -> Money:
        """Revenue less cost; the cost of the goods is not known here."""
        return Money(self.revenue_micros - self.cost_micros, self.currency)

    @property
    def roi_percent(self) -> Decimal | None:
        """(revenue - cost) / cost x 100."""
        net = self.net_per_unit
        return None if net is None else net * 100

    @property
    def net_per_unit(self) -> Decimal | None:
        """What is left of each unit spent, after that unit: (revenue - cost) / cost."""
        return _ratio(self.revenue_micros - self.cost_micros, self.cost_micros)

    @property
    def revenue_per_unit(self) -> Decimal | None:
        """What each unit spent brings in: revenue / cost."""
        return _ratio(self.revenue_micros, self.cost_micros)

    @property
    def unit_cost(self) -> Decimal | None:
        """What one message cost."""
        return _each(self.cost_micros, self.messages)

    @property
    def rpm(self) -> Decimal | None:
        """Revenue per message."""
        return _each(self.revenue_micros, self.messages)

    @property
    def rpm_1000(self) -> Decimal | None:
        """Revenue per thousand messages."""
        return None if self.rpm is None else self.rpm * 1000

    @property
    def cost_per_conversion(self) -> Decimal | None:
        """What one message that led to an order cost, with those that did not."""
        return _each(self.cost_micros, self.conversions)

    @property
    def revenue_per_conversion(self) -> Decimal | None:
        """What one message that led to an order brought: the basket."""
        return _each(self.revenue_micros, self.conversions)

    @property
    def basket(self) -> Decimal | None:
        """What one buyer spent: :attr:`revenue_per_conversion` in the word of the trade."""
        return self.revenue_per_conversion

    @property
    def break_even_conversion(self) -> Decimal | None:
        """The share of messages that must lead to an order of the same basket for the cost to come back."""
        basket = self.revenue_per_conversion
        if not basket or basket < 0 or self.unit_cost is None:
            return None
        return self.unit_cost / basket


def _ratio(part: int, whole: int) -> Decimal | None:
    return Decimal(part) / whole if whole else None


def _each(micros: int, count: int) -> Decimal | None:
    return from_micros(micros) / count if count else None
