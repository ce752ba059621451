"""Prices per part and per destination, and what a campaign costs.

Amounts are :class:`decimal.Decimal` at the surface and whole *micros* (millionths of the currency unit) inside, so
that adding up a million parts is exact.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Literal

from attrs import field, frozen

from smskit.errors import InvalidInput

MICROS = 1_000_000

WithoutPrice = Literal["refuse", "leave_out"]


def to_micros(amount: str | int | Decimal, name: str = "amount") -> int:
    """Give *amount* as whole millionths of the currency unit.

    Args:
        amount: ``"0.045"``, a Decimal or whole units; a float is refused, it has already lost the exact price.
        name: what the error calls it.

    Raises:
        InvalidInput: not a number, negative, or finer than a millionth.
    """
    if isinstance(amount, (float, bool)):
        raise InvalidInput(f"{name}={amount!r} is not exact; write it in quotes, for example '0.045'")
    try:
        micros = Decimal(amount) * MICROS
        whole = int(micros)
    except (ArithmeticError, TypeError, ValueError):
        raise InvalidInput(f"{name}={amount!r} is not an amount; write it with a point, for example '0.045'") from None
    if whole != micros or whole < 0:
        raise InvalidInput(f"{name}={amount!r} must be zero or more and no finer than a millionth")
    return whole


def from_micros(micros: int) -> Decimal:
    """Give whole millionths as an exact Decimal."""
    return Decimal(micros) / MICROS


@frozen
class Money:
    """An exact amount with its currency."""

    micros: int
    currency: str = "EUR"

    @property
    def amount(self) -> Decimal:
        """The amount in currency units."""
        return from_micros(self.micros)

    def __str__(self) -> str:
        return f"{self.amount:,.2f}".replace(",", "\N{NARROW NO-BREAK SPACE}") + f" {self.currency}"


def _copied(value: Mapping[str, int]) -> Mapping[str, int]:
    return dict(value)


@frozen
class Prices:
    """What one part costs, by territory of the recipient (``FR``, ``RE``, ``BE`` …), never by where the phone is.

    ``per_part_micros`` maps ISO 3166 territories to millionths; the key ``*`` stands for every other territory.
    """

    per_part_micros: Mapping[str, int] = field(converter=_copied)
    currency: str = "EUR"
    without_price: WithoutPrice = "refuse"

    @classmethod
    def per_part(
        cls,
        everywhere: str | Decimal | None = None,
        /,
        *,
        currency: str = "EUR",
        without_price: WithoutPrice = "refuse",
        **by_territory: str | Decimal,
    ) -> Prices:
        """Write a price list: ``Prices.per_part(FR="0.045", RE="0.0715")``.

        Args:
            everywhere: the price of every territory that is not named; None means there is none.
            currency: ISO 4217 code; one list has one currency.
            without_price: ``refuse`` raises :class:`~smskit.errors.MissingPrice` when a plan meets a territory
                without a price, ``leave_out`` gives those contacts the reason ``no_price``.
            by_territory: price of one part by ISO 3166 code in capitals.

        Raises:
            InvalidInput: a price that is no amount, a territory that is no two-letter code.
        """
        if without_price not in ("refuse", "leave_out"):
            raise InvalidInput(f"without_price={without_price!r} must be 'refuse' or 'leave_out'")
        micros: dict[str, int] = {}
        for territory, price in by_territory.items():
            if len(territory) != 2 or not territory.isalpha() or not territory.isupper():
                raise InvalidInput(f"{territory!r} is not an ISO 3166 territory such as FR, RE or BE")
            micros[territory] = to_micros(price, territory)
        if everywhere is not None:
            micros["*"] = to_micros(everywhere, "everywhere")
        if not micros:
            raise InvalidInput("a price list needs at least one price, for example Prices.per_part(FR='0.045')")
        return cls(micros, currency, without_price)

    def micros_for(self, territory: str) -> int | None:
        """Give the price of one part to *territory* in millionths, None when the list has none."""
        prices = self.per_part_micros
        price = prices.get(territory)
        return prices.get("*") if price is None else price
