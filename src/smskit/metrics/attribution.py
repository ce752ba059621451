"""Which orders are put down to which messages: by the link, by the code, by the telephone.

Orders are kept and sends are read past them. Each order is counted once: where its link and its number lead to
two messages, the one that stands first in the run has it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from enum import Enum
from typing import cast

from attrs import Attribute, define, field, frozen

from smskit.errors import InvalidInput
from smskit.kinds import DeliveryStatus
from smskit.metrics.orders import Order, folded_code
from smskit.records import Send

WEEK = timedelta(days=7)


class Join(Enum):
    """How an order and a message found each other."""

    LINK = "link"
    CODE = "code"
    PHONE = "phone"


def _codes(codes: str | Mapping[str, str] | Iterable[str]) -> dict[str, str]:
    if isinstance(codes, str):
        return {folded_code(codes): ""}
    if isinstance(codes, Mapping):
        by_arm = cast("Mapping[str, str]", codes)
        return {folded_code(code): arm for code, arm in by_arm.items()}
    return {folded_code(code): "" for code in codes}


def _positive(_: object, attribute: Attribute[timedelta], value: timedelta) -> None:
    if value <= timedelta(0):
        raise InvalidInput(f"{attribute.name}={value} must be longer than nothing, for example timedelta(days=7)")


@frozen
class Attribution:
    """How orders are put down to messages.

    Args:
        window: how long after a message was delivered (or, without a receipt, handed over) an order counts.
        codes: the promotion codes of the campaign: one, a list, or each with the experiment arm that it belongs to. An
            order with such a code counts also when nothing says who bought.
        by_phone: whether an order by the number that was sent to counts.
    """

    window: timedelta = field(default=WEEK, validator=_positive)
    codes: Mapping[str, str] = field(factory=dict[str, str], converter=_codes)
    by_phone: bool = field(default=True, kw_only=True)


@define
class Sale:
    """What was bought after one message, or with one code."""

    orders: int = 0
    revenue_micros: int = 0

    @property
    def is_conversion(self) -> bool:
        """Whether something was bought and kept; a refund alone is none."""
        return self.revenue_micros > 0


class OrderBook:
    """The orders, waiting for their sends."""

    def __init__(self, orders: Iterable[Order], currency: str, rules: Attribution) -> None:
        self.rules = rules
        self.joined: Counter[Join] = Counter()
        self._orders = tuple(orders)
        self._at = [order.at.timestamp() for order in self._orders]
        self._done = bytearray(len(self._orders))
        self._by_token: dict[str, list[int]] = {}
        self._by_number: dict[int, list[int]] = {}
        for place, order in enumerate(self._orders):
            if order.amount.currency != currency:
                raise InvalidInput(
                    f"order {place} is in {order.amount.currency} and the run in {currency}; convert it first"
                )
            if order.token is not None:
                self._by_token.setdefault(order.token, []).append(place)
            if order.number is not None:
                self._by_number.setdefault(order.number, []).append(place)

    def __len__(self) -> int:
        return len(self._orders)

    @property
    def has_numbers(self) -> bool:
        """Whether it can be told who bought, and so whether the held-out bought too."""
        return bool(self._by_number)

    def claim(self, send: Send) -> Sale | None:
        """Take the orders that are put down to *send*."""
        by_link = self._by_token.get(send.token, ()) if send.token is not None else ()
        by_phone = self._by_number.get(send.number, ()) if self.rules.by_phone else ()
        if not by_link and not by_phone:
            return None
        opens, closes = self._window(send)
        sale = Sale()
        for place in by_link:
            self._take(place, Join.LINK, opens, closes, sale)
        for place in by_phone:
            code = self._orders[place].code
            self._take(place, Join.CODE if code in self.rules.codes else Join.PHONE, opens, closes, sale)
        return sale if sale.orders or sale.revenue_micros else None

    def _window(self, send: Send) -> tuple[float, float]:
        # Receipts can be late: an order between the hand-over and the receipt is after the message all the same.
        handed_over = send.submitted_at
        delivered = send.status_at if send.status in (DeliveryStatus.DELIVERED, DeliveryStatus.READ) else None
        start, arrival = handed_over or delivered, delivered or handed_over
        if start is None or arrival is None:
            return (float("inf"), float("-inf"))
        return (start.timestamp(), (arrival + self.rules.window).timestamp())

    def _take(self, place: int, how: Join, opens: float, closes: float, sale: Sale) -> None:
        if self._done[place] or not opens <= self._at[place] <= closes:
            return
        self._done[place] = 1
        sale.revenue_micros += self._orders[place].amount.micros
        if self._orders[place].amount.micros > 0:  # a refund is money, and no order
            self.joined[how] += 1
            sale.orders += 1

    def claim_codes(self, start: datetime, last: datetime) -> dict[str, list[Sale]]:
        """Take the orders that have a code of the campaign and no known buyer, by experiment arm.

        Args:
            start: the time of the run.
            last: when its last message was handed over.
        """
        sales: dict[str, list[Sale]] = {}
        opens, closes = start.timestamp(), (last + self.rules.window).timestamp()
        for place, order in enumerate(self._orders):
            arm = None if order.code is None else self.rules.codes.get(order.code)
            if arm is None:
                continue
            sale = Sale()
            self._take(place, Join.CODE, opens, closes, sale)
            if sale.orders or sale.revenue_micros:
                sales.setdefault(arm, []).append(sale)
        return sales

    def bought(self, number: int, opens: datetime) -> bool:
        """Say whether *number* bought in the window that opens then, whatever message it got or did not get.

        Exposed and held-out contacts have to be asked the same question: links and codes would find the buyers of
        one group only.
        """
        places = self._by_number.get(number)
        if not places:
            return False
        start, end = opens.timestamp(), (opens + self.rules.window).timestamp()
        return sum(self._orders[place].amount.micros for place in places if start <= self._at[place] <= end) > 0
