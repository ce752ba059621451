"""Counting a run while it streams past: one tally for each experiment arm."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from functools import reduce
from operator import add

from attrs import astuple, define, field

from smskit.kinds import DeliveryStatus, FailureClass, SendState
from smskit.metrics.attribution import OrderBook, Sale
from smskit.metrics.counts import Counts
from smskit.metrics.difference import Difference
from smskit.metrics.rates import Rate, RateBasis
from smskit.metrics.responses import Response, Responses
from smskit.records import Send

_ARRIVED = (DeliveryStatus.DELIVERED, DeliveryStatus.READ)  # a tuple: enum members are slow to hash
# What chance assigned and nobody withdrew: the groups of a hold-out are compared as they were drawn, whether the
# message arrived or not, because nobody knows whose message would have arrived among those who got none.
_ASSIGNED = (SendState.ACCEPTED, SendState.REJECTED, SendState.SUBMITTING)


@define
class Tally:
    """Running counts; see :class:`Counts` for what each means."""

    failures: Counter[FailureClass] = field(factory=Counter[FailureClass])
    sent: int = 0
    rejected: int = 0
    in_doubt: int = 0
    cancelled: int = 0
    remaining: int = 0
    held_out: int = 0
    linked: int = 0
    delivered: int = 0
    opened: int = 0
    clicks_raw: int = 0
    clicks: int = 0
    clickers: int = 0
    replies: int = 0
    repliers: int = 0
    opted_out: int = 0
    orders: int = 0
    conversions: int = 0
    revenue_micros: int = 0
    parts: int = 0
    cost_micros: int = 0

    def send(self, send: Send) -> bool:
        """Count one row; say whether the carrier took it."""
        state, status = send.state, send.status
        # A receipt for a message in doubt proves that the carrier took it.
        if state is not SendState.ACCEPTED and (state is not SendState.SUBMITTING or status is None):
            self._unsent(send)
            return False
        self.sent += 1
        self.parts += send.parts
        self.cost_micros += send.price_micros
        self.linked += send.token is not None
        if status in _ARRIVED:
            self.delivered += 1
            self.opened += status is DeliveryStatus.READ
        elif status is not None and status.is_failure:
            self.failures[send.failure or FailureClass.UNSPECIFIED] += 1
        return True

    def _unsent(self, send: Send) -> None:
        if send.state is SendState.HELD_OUT:
            self.held_out += 1
        elif send.state is SendState.PLANNED:
            self.remaining += 1
        elif send.state is SendState.SUBMITTING:
            self.in_doubt += 1
        elif send.state is SendState.CANCELLED:
            self.cancelled += 1
        else:
            self.rejected += 1
            self.failures[send.failure or FailureClass.UNSPECIFIED] += 1

    def response(self, response: Response, human: list[float]) -> None:
        """Count what came back about one message."""
        self.clicks_raw += len(response.clicks)
        self.clicks += len(human)
        self.clickers += bool(human)
        answers = response.answers
        self.replies += answers
        self.repliers += bool(answers)
        self.opted_out += bool(response.oppositions)

    def sale(self, sale: Sale) -> None:
        """Count what one message brought."""
        self.orders += sale.orders
        self.conversions += sale.is_conversion
        self.revenue_micros += sale.revenue_micros

    def counts(self, currency: str, confirmation_micros: int) -> Counts:
        """Give the counts; *confirmation_micros* is the price of one confirmation of an opposition."""
        return Counts(
            planned=self.sent + self.rejected + self.in_doubt + self.cancelled + self.remaining,
            sent=self.sent,
            rejected=self.rejected,
            in_doubt=self.in_doubt,
            cancelled=self.cancelled,
            remaining=self.remaining,
            held_out=self.held_out,
            delivered=self.delivered,
            opened=self.opened or None,
            linked=self.linked,
            failures=self.failures,
            clicks_raw=self.clicks_raw,
            clicks=self.clicks,
            clickers=self.clickers,
            replies=self.replies,
            repliers=self.repliers,
            opted_out=self.opted_out,
            orders=self.orders,
            conversions=self.conversions,
            revenue_micros=self.revenue_micros,
            parts=self.parts,
            cost_micros=self.cost_micros,
            confirmations_micros=self.opted_out * confirmation_micros,
            currency=currency,
        )

    def __add__(self, other: Tally) -> Tally:
        return Tally(*map(add, astuple(self, recurse=False), astuple(other, recurse=False)))


@define
class RunTally:
    """All that is counted of a run."""

    at: datetime
    book: OrderBook
    responses: Responses
    arms: dict[str, Tally] = field(factory=dict[str, Tally])
    waits: array[float] = field(factory=lambda: array("d"))
    exposed: int = 0
    exposed_buyers: int = 0
    held_out: int = 0
    held_out_buyers: int = 0
    more_parts: int = 0
    last: datetime | None = None

    def read(self, sends: Iterable[Send]) -> None:
        """Read the sends past what came back and what was ordered; nothing of a send is kept."""
        arms = self.arms
        compares = self.book.has_numbers
        for send in sends:
            tally = arms.get(send.arm)
            if tally is None:
                tally = arms[send.arm] = Tally()
            if send.billed_parts is not None:
                self.more_parts += send.billed_parts - send.parts
            if tally.send(send):
                self._answered(tally, send)
            if compares:
                self._compare(send)
        for arm, sales in self.book.claim_codes(self.at, self.last or self.at).items():
            for sale in sales:
                arms.setdefault(arm, Tally()).sale(sale)

    def _answered(self, tally: Tally, send: Send) -> None:
        if send.submitted_at is not None and (self.last is None or send.submitted_at > self.last):
            self.last = send.submitted_at
        response = self.responses.take(send)
        if response is not None:
            human = response.human_clicks(send)
            tally.response(response, human)
            if human and send.submitted_at is not None:
                self.waits.append(min(human) - send.submitted_at.timestamp())
        sale = self.book.claim(send)
        if sale is not None:
            tally.sale(sale)

    def _compare(self, send: Send) -> None:
        if send.state is SendState.HELD_OUT:
            self.held_out += 1
            self.held_out_buyers += self.book.bought(send.number, self.at)
        elif send.state in _ASSIGNED:
            self.exposed += 1
            self.exposed_buyers += self.book.bought(send.number, self.at)

    @property
    def total(self) -> Tally:
        """All arms together."""
        return reduce(add, self.arms.values(), Tally())

    @property
    def uplift(self) -> Difference | None:
        """Exposed against held out; None without a hold-out, or when nothing says who bought."""
        if not self.held_out or not self.exposed:
            return None
        return Difference(
            Rate(self.exposed_buyers, self.exposed, RateBasis.ASSIGNED),
            Rate(self.held_out_buyers, self.held_out, RateBasis.ASSIGNED),
        )
