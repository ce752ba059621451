"""Alerts: limits that are looked at whenever you like, on a report or on a balance. Nothing watches by itself.

::

    alerts = (Alert.low_credit("50"), Alert.delivery_under("0.98"), Alert.opt_outs_over("0.01"))
    for raised in check_alerts(alerts, report, balance):
        print(raised)
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from enum import Enum
from typing import Protocol

from attrs import field, frozen

from smskit.display import grouped, percent
from smskit.errors import InvalidInput
from smskit.metrics.counts import Counts
from smskit.metrics.inference import Interval
from smskit.metrics.rates import Rate, RateBasis
from smskit.records import Balance


class Counted(Protocol):
    """What delivery and oppositions are looked at on: a report is one."""

    @property
    def counts(self) -> Counts:
        """The counts of all messages."""
        ...


class AlertKind(Enum):
    """What is looked at."""

    LOW_CREDIT = "low credit"
    DELIVERY_UNDER = "delivery under"
    OPT_OUTS_OVER = "opt-outs over"


def _limit(value: str | int | Decimal) -> Decimal:
    try:
        limit = Decimal(value)
    except (InvalidOperation, TypeError, ValueError):
        limit = Decimal(-1)
    if isinstance(value, float) or not limit.is_finite() or limit < 0:
        raise InvalidInput(f"the limit {value!r} must be zero or more and exact, such as '0.98'")
    return limit


@frozen
class Alert:
    """A limit; make one with :meth:`low_credit`, :meth:`delivery_under` or :meth:`opt_outs_over`.

    Args:
        kind: what is looked at.
        limit: where it begins; a share, or an amount of credit. Credit has no alert at 0.
        currency: of the credit; None takes the balance's, whatever it is.
    """

    kind: AlertKind
    limit: Decimal = field(converter=_limit)
    currency: str | None = None

    def __attrs_post_init__(self) -> None:
        if self.kind is not AlertKind.LOW_CREDIT and not 0 < self.limit < 1:
            raise InvalidInput(f"the limit {self.limit} must be a share between 0 and 1, such as '0.98'")

    @classmethod
    def low_credit(cls, limit: str | int | Decimal, *, currency: str | None = None) -> Alert:
        """Raise when the balance is under *limit*; 0 takes the alert away.

        Raises:
            InvalidInput: a limit that is none.
        """
        return cls(AlertKind.LOW_CREDIT, limit, currency)

    @classmethod
    def delivery_under(cls, limit: str | int | Decimal) -> Alert:
        """Raise when it is sure that fewer than *limit* of the messages can still arrive, ``"0.98"``.

        Messages without a receipt may still arrive and are no reason.

        Raises:
            InvalidInput: a limit that is no share.
        """
        return cls(AlertKind.DELIVERY_UNDER, limit)

    @classmethod
    def opt_outs_over(cls, limit: str | int | Decimal) -> Alert:
        """Raise when it is sure that more than *limit* of those who got the message answer STOP, ``"0.01"``.

        Raises:
            InvalidInput: a limit that is no share.
        """
        return cls(AlertKind.OPT_OUTS_OVER, limit)

    def check(self, subject: Counted | Balance) -> RaisedAlert | None:
        """Look at a report or a balance.

        Returns:
            None when there is nothing to say: within the limit, too few to be sure, or not a thing that this alert
            looks at.

        Raises:
            InvalidInput: credit in another currency than the limit.
        """
        if isinstance(subject, Balance):
            return self._credit(subject) if self.kind is AlertKind.LOW_CREDIT else None
        if self.kind is AlertKind.DELIVERY_UNDER:
            return self._delivery(subject.counts)
        return self._opt_outs(subject.counts) if self.kind is AlertKind.OPT_OUTS_OVER else None

    def _credit(self, balance: Balance) -> RaisedAlert | None:
        if self.currency is not None and self.currency != balance.currency:
            raise InvalidInput(f"the limit is in {self.currency} and the credit in {balance.currency}; use one of them")
        if not self.limit or balance.amount >= self.limit:
            return None
        left, limit = (f"{amount.normalize():f} {balance.currency}" for amount in (balance.amount, self.limit))
        return RaisedAlert(self, f"credit is low: {left} left, the limit is {limit}")

    def _delivery(self, counts: Counts) -> RaisedAlert | None:
        arrived = counts.delivered + max(0, counts.awaiting)
        possible = Rate(min(arrived, counts.sent), counts.sent, RateBasis.SENT)
        if possible.interval is None or Decimal(possible.interval.high) >= self.limit:
            return None
        lost = grouped(counts.sent - possible.numerator)
        return RaisedAlert(
            self,
            f"delivery is under {self._said}: {lost} of {grouped(counts.sent)} messages did not arrive, so that at "
            f"most {percent(possible.value)} can{_sure(possible.interval)}",
        )

    def _opt_outs(self, counts: Counts) -> RaisedAlert | None:
        # Before the receipts come more may have answered than are known to have got it.
        told = counts.delivered >= counts.opted_out and counts.delivered > 0
        basis, whole = (RateBasis.DELIVERED, counts.delivered) if told else (RateBasis.SENT, counts.sent)
        rate = Rate(counts.opted_out, whole, basis)
        if rate.interval is None or Decimal(rate.interval.low) <= self.limit:
            return None
        return RaisedAlert(
            self,
            f"oppositions are over {self._said}: {grouped(counts.opted_out)} of {grouped(whole)} {basis.value} "
            f"answered STOP, {percent(rate.value, digits=2)}{_sure(rate.interval)}",
        )

    @property
    def _said(self) -> str:
        return f"{(self.limit * 100).normalize():f}\N{NARROW NO-BREAK SPACE}%"


@frozen
class RaisedAlert:
    """An alert that has something to say; ``str()`` is the message."""

    alert: Alert
    message: str

    def __str__(self) -> str:
        return self.message


def check_alerts(alerts: Iterable[Alert], *subjects: Counted | Balance) -> tuple[RaisedAlert, ...]:
    """Look at reports and balances, and give what has to be said, in the order of the alerts.

    Raises:
        InvalidInput: credit in another currency than its limit.
    """
    found = (alert.check(subject) for alert in alerts for subject in subjects)
    return tuple(one for one in found if one is not None)


def _sure(interval: Interval) -> str:
    low, high = percent(interval.low, digits=2), percent(interval.high, digits=2)
    return f" (95\N{NARROW NO-BREAK SPACE}% between {low} and {high})"
