"""Counting messages while they stream past: those that are alike are counted together, and added up at the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from attrs import define, field

from smskit.kinds import FailureClass, SendState
from smskit.metrics.attribution import Sale
from smskit.metrics.counts import Counts
from smskit.metrics.marks import FAILED_STATUSES, Mark, added, having
from smskit.metrics.reactivity import Waits

ACCEPTED, SUBMITTING, REJECTED = (
    state.value for state in (SendState.ACCEPTED, SendState.SUBMITTING, SendState.REJECTED)
)
HELD_OUT, STANDBY = SendState.HELD_OUT.value, SendState.STANDBY.value
# What chance assigned and nobody withdrew: the groups of a hold-out are compared as they were drawn, whether the
# message arrived or not, because nobody knows whose message would have arrived among those who got none.
ASSIGNED = frozenset({ACCEPTED, REJECTED, SUBMITTING})

BUCKET_MICROS = 900_000_000
"""A quarter of an hour: the hours of every zone begin with one."""


class Cell(NamedTuple):
    """Where a message stands in every cut of a report.

    Args:
        run: its place among the runs of the report.
        arm: of the experiment.
        territory: of the recipient; empty for an order with a code and no known buyer.
        bucket: quarters of an hour since 1970 UTC until the hand-over; None for such an order.
        segment: the caller's own word for the recipient.
    """

    run: int
    arm: str
    territory: str
    bucket: int | None
    segment: str


CellKey = tuple[int, str, str, int | None, str]
"""A :class:`Cell`, as a tuple that is quick to make."""


class Alike(NamedTuple):
    """Messages of a cell that nothing tells apart.

    Args:
        cell: theirs.
        state: the value of their SendState.
        status: that of their DeliveryStatus.
        failure: that of their FailureClass.
        is_linked: whether they had short links of their own.
        parts: of each.
        price_micros: of each.
        more_parts: what the carrier billed beyond *parts*.
        marks: what else is said of them.
    """

    cell: CellKey
    state: str
    status: str | None
    failure: str | None
    is_linked: bool
    parts: int
    price_micros: int
    more_parts: int
    marks: int


AlikeKey = tuple[CellKey, str, str | None, str | None, bool, int, int, int, int]
"""An :class:`Alike`, as a tuple that is quick to make."""


def was_taken(state: str, status: str | None) -> bool:
    """Say whether the carrier has the message; a receipt for one in doubt proves it."""
    return state == ACCEPTED or (state == SUBMITTING and status is not None)


@define
class Tally:
    """Running counts of a cell; see :class:`Counts` for what each means."""

    states: Counter[str] = field(factory=Counter[str])
    failures: Counter[str] = field(factory=Counter[str])
    marks: dict[int, int] = field(factory=dict[int, int])
    machines: Counter[str] = field(factory=Counter[str])
    waits: Waits = field(factory=Waits)
    linked: int = 0
    parts: int = 0
    cost_micros: int = 0
    more_parts: int = 0
    clicks: int = 0
    replies: int = 0
    orders: int = 0
    visits: int = 0
    conversions: int = 0
    visitors: int = 0
    revenue_micros: int = 0
    revenue_squares: int = 0

    def add(self, alike: Alike, count: int) -> None:
        """Count some messages that are alike."""
        _, state, status, failure, is_linked, parts, price_micros, more_parts, marks = alike
        self.more_parts += more_parts * count
        if not was_taken(state, status):
            self.states[state] += count
            if state == REJECTED:
                self.failures[failure or _UNSPECIFIED] += count
            return
        self.states[ACCEPTED] += count
        self.parts += parts * count
        self.cost_micros += price_micros * count
        self.linked += is_linked * count
        if is_linked:
            marks |= Mark.LINKED
        self.marks[marks] = self.marks.get(marks, 0) + count
        if status in FAILED_STATUSES:
            self.failures[failure or _UNSPECIFIED] += count

    def sale(self, sale: Sale) -> None:
        """Count what one message, or one order with a code, brought."""
        self.orders += sale.orders
        self.visits += sale.visits
        self.conversions += sale.is_conversion
        self.visitors += sale.visits > 0
        self.revenue_micros += sale.revenue_micros
        self.revenue_squares += sale.revenue_micros**2

    def counts(self, currency: str, confirmation_micros: int, *, hears: bool = True) -> Counts:
        """Give the counts; *confirmation_micros* is the price of one confirmation of an opposition."""
        states, marks = self.states, self.marks
        opted_out, machine_clicks = having(marks, Mark.OPTED_OUT), self.machines.total()
        return Counts(
            planned=states.total() - states[HELD_OUT] - states[STANDBY],
            sent=states[ACCEPTED],
            rejected=states[REJECTED],
            in_doubt=states[SUBMITTING],
            cancelled=states[SendState.CANCELLED.value],
            remaining=states[SendState.PLANNED.value],
            held_out=states[HELD_OUT],
            standby=states[STANDBY],
            delivered=having(marks, Mark.DELIVERED),
            opened=having(marks, Mark.OPENED) or None,
            linked=self.linked,
            failures={FailureClass(failure): count for failure, count in self.failures.items()},
            clicks_raw=self.clicks + machine_clicks,
            clicks=self.clicks,
            machine_clicks=dict(sorted(self.machines.items())),
            clickers=having(marks, Mark.CLICKED),
            replies=self.replies,
            repliers=having(marks, Mark.REPLIED),
            opted_out=opted_out,
            orders=self.orders,
            conversions=self.conversions,
            visits=self.visits,
            visitors=self.visitors,
            revenue_micros=self.revenue_micros,
            revenue_squares=self.revenue_squares,
            parts=self.parts,
            cost_micros=self.cost_micros,
            confirmations_micros=opted_out * confirmation_micros,
            currency=currency,
            hears=hears,
            marks=marks,
            waits={reaction: waits for reaction, waits in self.waits.each if waits},
        )


_UNSPECIFIED = FailureClass.UNSPECIFIED.value


def total(tallies: Iterable[Tally]) -> Tally:
    """Add up tallies."""
    some = list(tallies)
    whole = Tally(marks=added(one.marks for one in some))
    for one in some:
        _add(whole.states, one.states)
        _add(whole.failures, one.failures)
        _add(whole.machines, one.machines)
        whole.waits.add(one.waits)
        for name in _NUMBERS:
            setattr(whole, name, getattr(whole, name) + getattr(one, name))
    return whole


_NUMBERS = (
    "linked", "parts", "cost_micros", "more_parts", "clicks", "replies", "orders", "visits", "conversions", "visitors",
    "revenue_micros", "revenue_squares",
)  # fmt: skip


def _add(some: Counter[str], others: Mapping[str, int]) -> None:
    for name, count in others.items():
        some[name] += count
