"""Which orders are put down to which messages: by the link, by the telephone, by the code; the last touch has it.

Orders are kept and sends are read past them. Each order is counted once: a link names its message; where a telephone
leads to several, in one run or in several, the last that was handed over before the order has it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from enum import Enum
from typing import cast

from attrs import Attribute, define, field, frozen

from smskit.errors import InvalidInput
from smskit.metrics.lines import micros_of
from smskit.metrics.orders import Order, folded_code

WEEK = timedelta(days=7)
_MICROSECOND = timedelta(microseconds=1)


class Join(Enum):
    """How an order and a message found each other."""

    LINK = "link"
    CODE = "code"
    PHONE = "phone"


class LeftOut(Enum):
    """Why an order, or a visit, is put down to no message."""

    NOBODY = "nobody's"
    EARLY = "before the message"
    LATE = "after the window"
    DUPLICATE = "given twice"
    CURRENCY = "in another currency"


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
    """What was bought after one message, or with one code; *first* is when, in microseconds."""

    orders: int = 0
    visits: int = 0
    revenue_micros: int = 0
    first: int | None = None

    @property
    def is_conversion(self) -> bool:
        """Whether something was bought and kept; a refund alone is none."""
        return self.revenue_micros > 0


@frozen(eq=False)
class Touch:
    """A message that an order may be put down to; instants are microseconds, *message* is the caller's own."""

    message: object
    opens: int
    closes: int


class OrderBook:
    """The orders, waiting for the messages that they may be put down to.

    Orders in another currency, and lines that are there twice, are left out and counted in :attr:`left_out`.
    """

    def __init__(self, orders: Iterable[Order], currency: str, rules: Attribution) -> None:
        self.rules = rules
        self.currency = currency
        self.joined: Counter[Join] = Counter()
        self.left_out: Counter[LeftOut] = Counter()
        self.given = 0
        self._window = rules.window // _MICROSECOND
        self._orders: list[Order] = []
        self._by_token: dict[str, list[int]] = {}
        self._by_number: dict[int, list[int]] = {}
        self._by_id: dict[str, int] = {}
        seen: set[object] = set()
        self.names_somebody = False
        for order in orders:
            if not isinstance(order, Order):  # pyright: ignore[reportUnnecessaryIsInstance]
                raise InvalidInput(
                    f"orders= takes Order values, not {type(order).__name__}; orders_from_rows(...) makes them of rows"
                )
            self.given += 1
            self.names_somebody |= any(name is not None for name in (order.token, order.number, order.code))
            self._keep(order, seen)
        self._at = [micros_of(order.at) for order in self._orders]
        # The best touch so far of each order: a link before a telephone, then the latest hand-over.
        self._touches: dict[int, tuple[bool, int, Touch]] = {}
        self._missed: dict[int, LeftOut] = {}

    def _keep(self, order: Order, seen: set[object]) -> None:
        if order.amount is not None and order.amount.currency != self.currency:
            self.left_out[LeftOut.CURRENCY] += 1
            return
        if order.order_id is not None:
            line = (order.order_id, order.at, order.amount)
            if line in seen:
                self.left_out[LeftOut.DUPLICATE] += 1
                return
            seen.add(line)
        place = len(self._orders)
        self._orders.append(order)
        if order.token is not None:
            self._by_token.setdefault(order.token, []).append(place)
        if order.number:
            self._by_number.setdefault(order.number, []).append(place)
        if order.order_id is not None and _micros(order) > 0:
            self._by_id.setdefault(order.order_id, place)

    def __len__(self) -> int:
        return len(self._orders)

    @property
    def numbers(self) -> Iterable[int]:
        """Who bought, as far as that is known."""
        return self._by_number.keys()

    @property
    def tokens(self) -> Iterable[str]:
        """The short links that led to orders."""
        return self._by_token.keys()

    @property
    def has_numbers(self) -> bool:
        """Whether it can be told who bought, and so whether the held-out bought too."""
        return bool(self._by_number)

    @property
    def has_visits(self) -> bool:
        """Whether it can be told who came to the shop."""
        return any(self._orders[place].is_visit for places in self._by_number.values() for place in places)

    # ------------------------------------------------------------ messages

    def knows(self, number: int, token: str | None) -> bool:
        """Say whether an order may belong to such a message."""
        return number in self._by_number or token in self._by_token

    def touch(
        self, message: object, number: int, token: str | None, handed_over: int | None, arrived: int | None
    ) -> None:
        """Offer a message to the orders; the last one that is offered in time has them.

        Args:
            message: what :meth:`settle` gives back with what it brought.
            number: whom it was to.
            token: of its short link.
            handed_over: when; microseconds.
            arrived: when; microseconds.
        """
        # Receipts can be late: an order between the hand-over and the receipt is after the message all the same.
        starts = [at for at in (handed_over, arrived) if at is not None]
        if not starts:
            return
        opens = starts[0]
        touch = Touch(message, opens, max(opens, starts[-1]) + self._window)
        for place in self._by_token.get(token, ()) if token is not None else ():
            self._offer(place, touch, by_link=True)
        for place in self._by_number.get(number, ()) if self.rules.by_phone else ():
            self._offer(place, touch, by_link=False)

    def _offer(self, place: int, touch: Touch, *, by_link: bool) -> None:
        at = self._at[place]
        if at < touch.opens:
            self._missed.setdefault(place, LeftOut.EARLY)
        elif at > touch.closes:
            self._missed[place] = LeftOut.LATE
        else:
            best = self._touches.get(place)
            if best is None or (by_link, touch.opens) > best[:2]:
                self._touches[place] = (by_link, touch.opens, touch)

    def settle(self) -> Iterator[tuple[object, Sale]]:
        """Give each message that brought something, with what it brought."""
        sales: dict[int, tuple[Touch, list[int]]] = {}
        for place, order in enumerate(self._orders):
            origin = self._origin(place, order)
            best = self._touches.get(origin)
            if best is None and origin != place:
                # A refund goes where its order went, however late it comes: where that is nowhere, so does the refund.
                if _micros(order) < 0:
                    self._touches.pop(place, None)
                    self._missed[place] = self._missed.get(origin, LeftOut.NOBODY)
                best = self._touches.get(place)
            if best is not None:
                self._touches[place] = best
                touch = best[2]
                sales.setdefault(id(touch), (touch, []))[1].append(place)
        for touch, places in sales.values():
            yield touch.message, self._sale(places)

    def _origin(self, place: int, order: Order) -> int:
        """Give the first line of the same order."""
        return place if order.order_id is None else self._by_id.get(order.order_id, place)

    def _sale(self, places: Iterable[int]) -> Sale:
        sale, orders = Sale(), set[int]()
        for place in places:
            order, micros = self._orders[place], _micros(self._orders[place])
            sale.visits += order.is_visit
            sale.revenue_micros += micros
            if micros <= 0:  # a refund is money, and no order
                continue
            sale.first = self._at[place] if sale.first is None else min(sale.first, self._at[place])
            if self._origin(place, order) not in orders:
                orders.add(self._origin(place, order))
                self.joined[self._join(place)] += 1
        sale.orders = len(orders)
        return sale

    def _join(self, place: int) -> Join:
        by_link, _, touch = self._touches[place]
        is_coded = touch.message is None or self._orders[place].code in self.rules.codes
        return Join.LINK if by_link else Join.CODE if is_coded else Join.PHONE

    def settle_codes(self, start: int, last: int) -> Iterator[tuple[str, int, Sale]]:
        """Give what was bought with a code of the campaign and is nobody's yet: the arm, when, and what.

        Args:
            start: the time of a run; microseconds. Of several runs the last one comes first.
            last: when its last message was handed over.
        """
        for places in self._unclaimed():
            codes = (self._orders[place].code or "" for place in places)
            arm = next((self.rules.codes[code] for code in codes if code in self.rules.codes), None)
            if arm is None:
                continue
            at = self._at[places[0]]
            if not start <= at <= last + self._window:
                for place in places:
                    self._missed.setdefault(place, LeftOut.EARLY if at < start else LeftOut.LATE)
                continue
            touch = Touch(None, start, last)
            self._touches |= dict.fromkeys(places, (False, start, touch))
            yield arm, at, self._sale(places)

    def _unclaimed(self) -> list[list[int]]:
        """Give the orders that are nobody's, each with its lines and refunds, the order itself first."""
        if not self.rules.codes:
            return []
        orders: dict[int, list[int]] = {}
        for place, order in enumerate(self._orders):
            if place not in self._touches:
                origin = self._origin(place, order)
                lines = orders.setdefault(origin, [])
                lines.insert(0 if place == origin else len(lines), place)
        return list(orders.values())

    def close(self) -> None:
        """Count what was put down to nothing, and why; nothing is offered or settled after it."""
        for place in range(len(self._orders)):
            if place not in self._touches:
                self.left_out[self._missed.get(place, LeftOut.NOBODY)] += 1

    # ------------------------------------------------------------ people

    def bought(self, number: int, opens: int) -> bool:
        """Say whether *number* bought in the window that opens then, whatever message it got or did not get.

        Exposed and held-out contacts have to be asked the same question: links and codes would find the buyers of
        one group only.
        """
        end = opens + self._window
        places = self._by_number.get(number, ())
        return sum(_micros(self._orders[place]) for place in places if opens <= self._at[place] <= end) > 0

    def visited(self, number: int, opens: int) -> bool:
        """Say whether *number* came to the shop in the window that opens then."""
        end = opens + self._window
        places = self._by_number.get(number, ())
        return any(self._orders[place].is_visit and opens <= self._at[place] <= end for place in places)

    def bought_before(self, number: int, at: int) -> bool:
        """Say whether *number* had bought, and kept, something before then."""
        places = self._by_number.get(number, ())
        return sum(_micros(self._orders[place]) for place in places if self._at[place] < at) > 0


def _micros(order: Order) -> int:
    return 0 if order.amount is None else order.amount.micros
