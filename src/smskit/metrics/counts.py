"""What became of some messages of a run, counted; and the rates that follow from the counts."""

from __future__ import annotations

from array import array
from collections.abc import Mapping

from attrs import field, frozen

from smskit.errors import InvalidInput
from smskit.kinds import FailureClass
from smskit.metrics.economics import Economics
from smskit.metrics.marks import Mark, having, without
from smskit.metrics.rates import Rate, RateBasis
from smskit.metrics.reactivity import Reaction, Reactivity

DELIVERED = RateBasis.DELIVERED

# What a message must have for it to be in the basis; all that were sent are in the others.
_BASIS_MARKS = {
    RateBasis.DELIVERED: Mark.DELIVERED,
    RateBasis.OPENED: Mark.OPENED,
    RateBasis.CLICKED: Mark.CLICKED,
    RateBasis.CUSTOMERS: Mark.CUSTOMER,
}
# An order by a code and no known buyer is nobody's: it is no share of those who opened, or clicked.
_NOBODYS = (RateBasis.SENT, RateBasis.DELIVERED, RateBasis.ASSIGNED)


def _by_count(failures: Mapping[FailureClass, int]) -> dict[FailureClass, int]:
    return dict(sorted(failures.items(), key=lambda item: (-item[1], item[0].value)))


def _by_mask(marks: Mapping[int, int]) -> dict[int, int]:
    return dict(sorted(marks.items()))


def _in_order(waits: Mapping[Reaction, array[int]]) -> object:
    return {reaction: sorted(some) for reaction, some in waits.items()}


@frozen(kw_only=True)
class Counts:
    """Whole numbers, each of messages unless it says otherwise.

    Args:
        planned: rows that were to be sent: sent, rejected, in doubt, cancelled and remaining.
        sent: the carrier took it; a receipt for a message in doubt proves that too.
        rejected: the carrier refused it.
        in_doubt: a request left and no answer came.
        cancelled: taken back before it was handed over.
        remaining: not handed over yet.
        held_out: rows that chance chose not to be sent to; not in *planned*.
        standby: rows that wait for a message over another channel that may not arrive; not in *planned*.
        delivered: the handset got it.
        opened: read receipts; None when there is none, and over a channel that has none, as SMS: nobody can know, so
            nobody is told a number.
        failures: why messages were refused or not delivered, the most frequent first.
        linked: sent with a short link of their own, so that a click can be known.
        clicks_raw: every opening of a link, by whatever.
        clicks: those that a person can have made.
        machine_clicks: the others, by the name of the rule that caught them.
        clickers: messages with at least one click of a person.
        replies: answers that are no opposition.
        repliers: messages with at least one.
        opted_out: messages that were answered with STOP.
        orders: orders that are put down to the messages; not refunds, not visits.
        conversions: messages that led to an order, and orders with a code of the campaign and no known buyer.
        visits: visits to a shop that are put down to the messages.
        visitors: messages that led to one, and visits with a code and no known visitor.
        revenue_micros: what those orders brought, less refunds.
        revenue_squares: the sum of the squares of what each recipient brought, less refunds, in millionths squared.
        parts: parts of the messages that were sent.
        cost_micros: what those parts cost.
        confirmations_micros: what the confirmations of oppositions cost.
        currency: of all amounts.
        hears: whether what people answer would have been told; otherwise nobody knows that nobody answered.
        marks: how many sent messages have exactly which :class:`Mark`; empty when that is not known, and then shares
            are made of the counts alone.
        waits: microseconds from each message to the first reaction, in any order.
    """

    planned: int = 0
    sent: int = 0
    rejected: int = 0
    in_doubt: int = 0
    cancelled: int = 0
    remaining: int = 0
    held_out: int = 0
    standby: int = 0
    delivered: int = 0
    opened: int | None = None
    failures: Mapping[FailureClass, int] = field(factory=dict[FailureClass, int], converter=_by_count)
    linked: int = 0
    clicks_raw: int = 0
    clicks: int = 0
    machine_clicks: Mapping[str, int] = field(factory=dict[str, int])
    clickers: int = 0
    replies: int = 0
    repliers: int = 0
    opted_out: int = 0
    orders: int = 0
    conversions: int = 0
    visits: int = 0
    visitors: int = 0
    revenue_micros: int = 0
    revenue_squares: int = 0
    parts: int = 0
    cost_micros: int = 0
    confirmations_micros: int = 0
    currency: str = "EUR"
    hears: bool = True
    marks: Mapping[int, int] = field(factory=dict[int, int], converter=_by_mask, repr=False)
    waits: Mapping[Reaction, array[int]] = field(factory=dict[Reaction, "array[int]"], repr=False, eq=_in_order)

    @property
    def assigned(self) -> int:
        """How many chance assigned and nobody withdrew: sent, rejected and in doubt."""
        return self.sent + self.rejected + self.in_doubt

    @property
    def failed(self) -> int:
        """How many were refused or certainly not delivered."""
        return sum(self.failures.values())

    @property
    def awaiting(self) -> int:
        """How many were sent and have neither arrived nor failed."""
        return self.sent - self.delivered - (self.failed - self.rejected)

    @property
    def tells_delivery(self) -> bool:
        """Whether a receipt has said of any message that it arrived or did not; before that nothing is known."""
        return self.delivered > 0 or self.failed > self.rejected

    @property
    def counts_clicks(self) -> bool:
        """Whether a click could be known: a message had a link of its own, or a click came all the same."""
        return self.linked > 0 or self.clicks_raw > 0

    @property
    def economics(self) -> Economics:
        """Cost, with that of the confirmations, and revenue."""
        cost = self.cost_micros + self.confirmations_micros
        return Economics(cost, self.revenue_micros, self.sent, self.conversions, self.currency)

    # ------------------------------------------------------------ rates

    def rate(self, numerator: int, basis: RateBasis) -> Rate | None:
        """Give *numerator* as a share of what *basis* names; None where that cannot be known.

        It cannot when *basis* is not counted, and when *numerator* is larger: then it is no share of it.
        """
        whole = self._wholes.get(basis)
        return None if whole is None or (whole and numerator > whole) else Rate(numerator, whole, basis)

    def share(self, mark: Mark, basis: RateBasis) -> Rate | None:
        """Give those with *mark* among the messages that *basis* names; None where that cannot be known."""
        return self.rate(self._among(mark, basis), basis)

    def _among(self, mark: Mark, basis: RateBasis) -> int:
        total = {
            Mark.DELIVERED: self.delivered,
            Mark.OPENED: self.opened or 0,
            Mark.CLICKED: self.clickers,
            Mark.REPLIED: self.repliers,
            Mark.OPTED_OUT: self.opted_out,
            Mark.CONVERTED: self.conversions,
            Mark.VISITED: self.visitors,
        }[mark]
        if not self.marks:
            return total
        found = having(self.marks, mark | _BASIS_MARKS.get(basis, 0))
        return found + (total - having(self.marks, mark) if basis in _NOBODYS else 0)

    @property
    def _wholes(self) -> Mapping[RateBasis, int | None]:
        return {
            RateBasis.SENT: self.sent,
            RateBasis.DELIVERED: self.delivered if self.tells_delivery or not self.sent else None,
            RateBasis.OPENED: self.opened,
            RateBasis.CLICKED: self.clickers,
            RateBasis.ASSIGNED: self.planned,
            RateBasis.CUSTOMERS: having(self.marks, Mark.CUSTOMER) or None,
        }

    @property
    def delivery_rate(self) -> Rate | None:
        """Delivered of sent; None as long as no receipt has said anything."""
        return Rate(self.delivered, self.sent, RateBasis.SENT) if self.tells_delivery or not self.sent else None

    @property
    def open_rate(self) -> Rate | None:
        """Opened of those delivered over a channel that tells it; None without read receipts."""
        if self.opened is None:
            return None
        readable = having(self.marks, Mark.DELIVERED | Mark.READABLE) if self.marks else self.delivered
        return Rate(self.opened, readable, DELIVERED)

    def click_rate(self, basis: RateBasis = DELIVERED) -> Rate | None:
        """Messages whose link a person opened; None where no click can be known: without links, or of opened ones.

        Where some messages had no link, as an SMS behind a card may have none, it is a share of those that had one.

        Raises:
            InvalidInput: of those who clicked.
        """
        if not self.counts_clicks:
            return None
        if basis is RateBasis.CLICKED:
            raise InvalidInput("everybody who clicked has clicked; take another basis for the click rate")
        if 0 < self.linked < self.sent and self.marks and basis is not RateBasis.ASSIGNED:
            linked = Mark.LINKED | _BASIS_MARKS.get(basis, 0)
            return Rate(having(self.marks, linked | Mark.CLICKED), having(self.marks, linked), basis)
        return self.share(Mark.CLICKED, basis)

    def reply_rate(self, basis: RateBasis = DELIVERED) -> Rate | None:
        """Messages that were answered, oppositions aside; None where answers are not told and none came."""
        return self.share(Mark.REPLIED, basis) if self.hears or self.repliers else None

    def conversion_rate(self, basis: RateBasis = DELIVERED) -> Rate | None:
        """Messages that led to an order; of CUSTOMERS it is the share of earlier buyers who bought again."""
        return self.share(Mark.CONVERTED, basis)

    def visit_rate(self, basis: RateBasis = DELIVERED) -> Rate | None:
        """Messages that led to a visit."""
        return self.share(Mark.VISITED, basis)

    def opt_out_rate(self, basis: RateBasis = DELIVERED) -> Rate | None:
        """Messages that were answered with STOP; None where answers are not told and none came."""
        return self.share(Mark.OPTED_OUT, basis) if self.hears or self.opted_out else None

    def retention_rate(self, basis: RateBasis = RateBasis.SENT) -> Rate | None:
        """Messages whose recipient can still be written to: no STOP came, and the number exists."""
        if self.marks:
            kept = without(self.marks, _BASIS_MARKS.get(basis, 0), Mark.OPTED_OUT | Mark.DEAD)
        else:
            kept = self.sent - self.opted_out
        return self.rate(kept, RateBasis.SENT if basis is RateBasis.ASSIGNED else basis)

    def reactivity(self, reaction: Reaction = Reaction.ANY) -> Reactivity:
        """Say how soon people clicked, answered or bought, or did the first of them."""
        wholes = {basis: self._wholes[basis] for basis in (RateBasis.SENT, RateBasis.DELIVERED)}
        return Reactivity(array("q", sorted(self.waits.get(reaction, ()))), wholes)
