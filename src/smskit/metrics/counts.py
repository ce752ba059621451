"""What became of some messages of a run, counted; and the rates that follow from the counts."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import field, frozen

from smskit.errors import InvalidInput
from smskit.kinds import FailureClass
from smskit.metrics.economics import Economics
from smskit.metrics.rates import Rate, RateBasis

DELIVERED = RateBasis.DELIVERED


def _by_count(failures: Mapping[FailureClass, int]) -> dict[FailureClass, int]:
    return dict(sorted(failures.items(), key=lambda item: (-item[1], item[0].value)))


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
        delivered: the handset got it.
        opened: read receipts; None when there is none, as with SMS: nobody can know, so nobody is told a number.
        failures: why messages were refused or not delivered, the most frequent first.
        linked: sent with a short link of their own, so that a click can be known.
        clicks_raw: every opening of a link, by whatever.
        clicks: those that a person can have made.
        clickers: messages with at least one click of a person.
        replies: answers that are no opposition.
        repliers: messages with at least one.
        opted_out: messages that were answered with STOP.
        orders: orders that are put down to the messages; not refunds.
        conversions: messages that led to an order, and orders with a code of the campaign and no known buyer.
        revenue_micros: what those orders brought, less refunds.
        parts: parts of the messages that were sent.
        cost_micros: what those parts cost.
        confirmations_micros: what the confirmations of oppositions cost.
        currency: of all amounts.
    """

    planned: int = 0
    sent: int = 0
    rejected: int = 0
    in_doubt: int = 0
    cancelled: int = 0
    remaining: int = 0
    held_out: int = 0
    delivered: int = 0
    opened: int | None = None
    failures: Mapping[FailureClass, int] = field(factory=dict[FailureClass, int], converter=_by_count)
    linked: int = 0
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
    confirmations_micros: int = 0
    currency: str = "EUR"

    @property
    def failed(self) -> int:
        """How many were refused or certainly not delivered."""
        return sum(self.failures.values())

    @property
    def awaiting(self) -> int:
        """How many were sent and have neither arrived nor failed."""
        return self.sent - self.delivered - (self.failed - self.rejected)

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
        """Give *numerator* as a share of what *basis* names; None where that cannot be known."""
        whole = self._wholes[basis]
        return None if whole is None else Rate(numerator, whole, basis)

    @property
    def _wholes(self) -> Mapping[RateBasis, int | None]:
        return {
            RateBasis.SENT: self.sent,
            RateBasis.DELIVERED: self.delivered,
            RateBasis.OPENED: self.opened,
            RateBasis.CLICKED: self.clickers,
            RateBasis.ASSIGNED: self.planned,
        }

    @property
    def delivery_rate(self) -> Rate:
        """Delivered of sent."""
        return Rate(self.delivered, self.sent, RateBasis.SENT)

    @property
    def open_rate(self) -> Rate | None:
        """Opened of delivered; None without read receipts."""
        return None if self.opened is None else Rate(self.opened, self.delivered, DELIVERED)

    def click_rate(self, basis: RateBasis = DELIVERED) -> Rate | None:
        """Messages whose link a person opened; None where no click can be known: without links, or of opened ones.

        Raises:
            InvalidInput: of those who clicked.
        """
        if not self.counts_clicks:
            return None
        if basis is RateBasis.CLICKED:
            raise InvalidInput("everybody who clicked has clicked; take another basis for the click rate")
        return self.rate(self.clickers, basis)

    def reply_rate(self, basis: RateBasis = DELIVERED) -> Rate | None:
        """Messages that were answered, oppositions aside."""
        return self.rate(self.repliers, basis)

    def conversion_rate(self, basis: RateBasis = DELIVERED) -> Rate | None:
        """Messages that led to an order."""
        return self.rate(self.conversions, basis)

    def opt_out_rate(self, basis: RateBasis = DELIVERED) -> Rate | None:
        """Messages that were answered with STOP."""
        return self.rate(self.opted_out, basis)
