"""What a campaign may cost and bring, worked out beforehand from published figures or from your own.

A figure that was published as a range stays one to the end. Nothing is assumed in silence: each figure that was used
stands in the result with its source.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import ROUND_CEILING, Decimal, InvalidOperation
from fractions import Fraction
from math import sqrt

from attrs import frozen

from smskit.display import Facts, Line, Note, Shown, Table, View, decimals, grouped
from smskit.display.words import THIN
from smskit.errors import InvalidInput
from smskit.kinds import Channel
from smskit.metrics.benchmarks import Benchmarks, Figure, Metric, channel_name
from smskit.metrics.inference import CONFIDENCE, critical
from smskit.metrics.rates import Rate, RateBasis
from smskit.metrics.revenue import MoneyInterval, to_the_micro
from smskit.money import MICROS, Money, to_micros

DEFAULT_BENCHMARKS = "smsmode-2025"

Share = str | float | Decimal | Rate
"""A share of your own: 0.08, or the :class:`Rate` of an earlier campaign, which brings its interval along."""


@frozen
class Span:
    """A number that is known from one to the other; both are the same when one figure was given."""

    low: Decimal
    high: Decimal

    def __str__(self) -> str:
        if self.low == self.high:
            return _number(self.low)
        return f"{_number(self.low)} to {_number(self.high)}"


@frozen(kw_only=True)
class Simulation(Shown):
    """What may be expected; None stands for what no figure tells.

    Args:
        contacts: people who are written to.
        parts: parts of each message.
        price: of one part.
        confirmation_price: of one confirmation of an opposition.
        basket: what one buyer spends.
        assumptions: the figures that were used.
        name: of the benchmarks.
        sector: whose figures were asked for; empty for everybody's.
        delivered: messages that arrive.
        clicks: people who open the link.
        conversions: people who buy.
        opt_outs: people who answer STOP.
    """

    contacts: int
    parts: int
    price: Money
    confirmation_price: Money
    basket: Span | None
    assumptions: tuple[Figure, ...]
    name: str
    sector: str
    delivered: Span | None
    clicks: Span | None
    conversions: Span | None
    opt_outs: Span | None

    # ------------------------------------------------------------ what it costs

    @property
    def message_cost(self) -> Money:
        """What the messages cost; certain, apart from longer ones after personalising."""
        return Money(self.contacts * self.parts * self.price.micros, self.price.currency)

    @property
    def confirmation_cost(self) -> MoneyInterval | None:
        """What the confirmations of oppositions cost, each a message of its own that the law asks for."""
        if self.opt_outs is None:
            return None
        each = Fraction(self.confirmation_price.micros, MICROS)
        low, high = (to_the_micro(Fraction(count) * each) for count in (self.opt_outs.low, self.opt_outs.high))
        return MoneyInterval(low, high, self.price.currency)

    @property
    def cost(self) -> MoneyInterval:
        """Messages and confirmations together; the messages alone where nobody says how many oppose."""
        messages, confirmed = self.message_cost.amount, self.confirmation_cost
        low, high = (Decimal(0), Decimal(0)) if confirmed is None else (confirmed.low, confirmed.high)
        return MoneyInterval(messages + low, messages + high, self.price.currency)

    @property
    def credits(self) -> int:
        """How many parts the account must hold: those of the messages, and one for each confirmation at most."""
        most = Decimal(0) if self.opt_outs is None else self.opt_outs.high
        return self.contacts * self.parts + int(most.to_integral_value(rounding=ROUND_CEILING))

    # ------------------------------------------------------------ what it brings

    @property
    def revenue(self) -> MoneyInterval | None:
        """Conversions times basket, from the lowest figure to the highest."""
        if self.conversions is None or self.basket is None:
            return None
        return self._worth(self.conversions)

    @property
    def revenue_interval(self) -> MoneyInterval | None:
        """:attr:`revenue`, and what chance alone does to so many contacts on both sides of it, at 95 %.

        How much baskets differ is not in it: a figure of the average does not tell.
        """
        if self.conversions is None or self.basket is None:
            return None
        return self._worth(
            Span(self._moved(self.conversions.low, above=False), self._moved(self.conversions.high, above=True))
        )

    @property
    def roi_percent(self) -> Span | None:
        """(revenue - cost) / cost x 100 of :attr:`revenue`; None without revenue or cost."""
        return self._roi(self.revenue)

    @property
    def roi_interval(self) -> Span | None:
        """The same of :attr:`revenue_interval`."""
        return self._roi(self.revenue_interval)

    def _roi(self, revenue: MoneyInterval | None) -> Span | None:
        cost = self.cost
        if revenue is None or not cost.low:
            return None
        return Span((revenue.low - cost.high) / cost.high * 100, (revenue.high - cost.low) / cost.low * 100)

    @property
    def break_even_conversion(self) -> Span | None:
        """The share of messages that must lead to a purchase for the cost to come back; None without a basket."""
        if self.basket is None or not self.basket.low > 0 or not self.contacts:
            return None
        least, most = self.basket.high * self.contacts, self.basket.low * self.contacts
        return Span(self.cost.low / least, self.cost.high / most)

    def _worth(self, buyers: Span) -> MoneyInterval:
        basket = self.basket or Span(Decimal(0), Decimal(0))
        low = to_the_micro(Fraction(buyers.low) * Fraction(basket.low))
        return MoneyInterval(low, to_the_micro(Fraction(buyers.high) * Fraction(basket.high)), self.price.currency)

    def _moved(self, buyers: Decimal, *, above: bool) -> Decimal:
        share = float(buyers) / self.contacts if self.contacts else 0.0
        wide = critical(CONFIDENCE) * sqrt(max(0.0, self.contacts * share * (1 - share)))
        moved = buyers + Decimal(wide) if above else buyers - Decimal(wide)
        return max(Decimal(0), min(Decimal(self.contacts), moved))

    # ------------------------------------------------------------ what is seen

    def view(self) -> View:
        """Give what is to be seen."""
        sector = f" · {self.sector}" if self.sector else ""
        title = f"simulation · {grouped(self.contacts)} contacts · {self.name}{sector}"
        money = Facts(
            ("price of a part", f"{self.price.amount.normalize():f} {self.price.currency}"),
            ("messages", str(self.message_cost)),
            ("STOP confirmations", _spoken(self.confirmation_cost)),
            ("cost", _spoken(self.cost)),
            ("credits needed", self.credits),
        )
        rows = [(name, None if value is None else str(value)) for name, value in self._expected()]
        used = [
            (one.metric.value, _figure(one), None if one.basis is None else one.basis.value, one.source)
            for one in self.assumptions
        ]
        return View(
            title,
            money,
            Table(("expected", "from to"), rows, "lr"),
            Facts(("break-even conversion", _percent(self.break_even_conversion))),
            Table(("figure", "value", "of", "source"), used, "lrll"),
            Line("Figures of others are a start; take those of your own campaigns as soon as you have them."),
            Note(*self._missing()),
        )

    def _expected(self) -> Iterator[tuple[str, Span | str | None]]:
        yield "delivered", self.delivered
        yield "clicks", self.clicks
        yield "conversions", self.conversions
        yield "STOP", self.opt_outs
        yield "revenue", _spoken(self.revenue)
        yield "ROI, %", self.roi_percent
        yield "revenue, with what chance does", _spoken(self.revenue_interval)
        yield "ROI, %, with what chance does", self.roi_interval

    def _missing(self) -> Iterator[str]:
        if self.basket is None:
            yield f"no basket is known in {self.price.currency}: give basket= to know revenue, ROI and break-even"
        if self.opt_outs is None:
            yield f"{self.name} does not tell here how many will oppose: the confirmations are not in the cost"
        known = {"delivered": self.delivered, "clicks": self.clicks, "conversions": self.conversions}
        for what, value in known.items():
            if value is None:
                yield f"{self.name} has no figure for {what} here: give your own"


def simulate(
    contacts: int,
    price: str | Decimal | Money,
    *,
    benchmark: Benchmarks | str = DEFAULT_BENCHMARKS,
    sector: str = "",
    channel: Channel | str = Channel.SMS,
    parts: int = 1,
    basket: str | Decimal | Money | None = None,
    delivery: Share | None = None,
    clicks: Share | None = None,
    conversion: Share | None = None,
    opt_outs: Share | None = None,
    confirmation_price: str | Decimal | Money | None = None,
    currency: str = "EUR",
) -> Simulation:
    """Work out what a campaign may cost and bring: ``simulate(20_000, "0.05", basket="22.00")``.

    Args:
        contacts: people who are written to.
        price: of one part.
        benchmark: whose figures are used, a name or your own.
        sector: one of ``benchmark.sectors``; empty takes the figures of everybody.
        channel: over which it goes.
        parts: parts of each message.
        basket: what one buyer spends; None takes that of the sector, where it has one.
        delivery: your own share of messages that arrive, in place of the benchmark's.
        clicks: your own share of those delivered that are clicked.
        conversion: your own share of those delivered that buy; a Rate says itself of what it is one.
        opt_outs: your own share of those delivered that answer STOP.
        confirmation_price: of one confirmation of an opposition; None takes the price of a part.
        currency: of the amounts that are not Money.

    Raises:
        InvalidInput: a negative count, an amount that is none, several currencies, a share outside of 0 to 1, or a
            sector or channel that the benchmark has no figure of.
    """
    if contacts < 0 or parts < 1:
        raise InvalidInput(f"contacts={contacts!r} must be zero or more, parts={parts!r} one or more")
    figures = Benchmarks.named(benchmark) if isinstance(benchmark, str) else benchmark
    channel = channel_name(channel)
    _check(figures, sector, channel)
    part = _amount(price, currency, "price")
    confirmation = (
        part if confirmation_price is None else _amount(confirmation_price, part.currency, "confirmation_price")
    )
    shares = {
        Metric.DELIVERY_RATE: delivery,
        Metric.CLICK_RATE: clicks,
        Metric.CONVERSION_RATE: conversion,
        Metric.OPT_OUT_RATE: opt_outs,
    }
    used = {
        metric: figures.range_of(metric, channel, sector=sector) if share is None else _own(metric, share, channel)
        for metric, share in shares.items()
    }
    spent = _basket(figures.range_of(Metric.BASKET, channel, sector=sector), basket, part.currency)
    count = _counting(contacts, used)
    return Simulation(
        contacts=contacts,
        parts=parts,
        price=part,
        confirmation_price=confirmation,
        basket=None if spent is None else Span(spent.low, spent.high),
        assumptions=tuple(one for one in (*used.values(), spent) if one is not None),
        name=figures.name,
        sector=sector,
        delivered=count(Metric.DELIVERY_RATE),
        clicks=count(Metric.CLICK_RATE),
        conversions=count(Metric.CONVERSION_RATE),
        opt_outs=count(Metric.OPT_OUT_RATE),
    )


def _check(figures: Benchmarks, sector: str, channel: str) -> None:
    if sector and sector not in figures.sectors:
        raise InvalidInput(
            f"{figures.name} has no sector {sector!r}; it has {', '.join(figures.sectors) or 'none'}; add figures of "
            f"your own with benchmarks.replacing(Figure(...))"
        )
    if not any(one.channel == channel for one in figures.figures):
        raise InvalidInput(f"{figures.name} has no figure of the channel {channel!r}")


def _counting(contacts: int, used: Mapping[Metric, Figure | None]) -> Callable[[Metric], Span | None]:
    arriving = used[Metric.DELIVERY_RATE]

    def count(metric: Metric) -> Span | None:
        figure = used[metric]
        if figure is None:
            return None
        if metric is Metric.DELIVERY_RATE or figure.basis in (RateBasis.SENT, RateBasis.ASSIGNED):
            return Span(contacts * figure.low, contacts * figure.high)
        # A source that does not say of what it speaks is taken to speak of what arrived.
        if arriving is None or figure.basis not in (RateBasis.DELIVERED, None):
            return None
        return Span(contacts * arriving.low * figure.low, contacts * arriving.high * figure.high)

    return count


def _own(metric: Metric, share: Share, channel: str) -> Figure:
    if isinstance(share, Rate):
        interval = share.interval
        if interval is None:
            raise InvalidInput(f"{metric.value}: {share} is no share that anything can be worked out from")
        low, high = (Decimal(f"{bound:.9f}") for bound in (interval.low, interval.high))
        return Figure(channel, metric, low, high, f"given: {share}", share.basis)
    try:
        value = Decimal(str(share))
    except InvalidOperation:
        value = Decimal(-1)
    if not value.is_finite() or not 0 <= value <= 1:
        raise InvalidInput(f"{metric.value}={share!r} must be a share between 0 and 1, such as 0.08")
    basis = RateBasis.SENT if metric is Metric.DELIVERY_RATE else RateBasis.DELIVERED
    return Figure(channel, metric, value, value, "given", basis)


def _basket(published: Figure | None, own: str | Decimal | Money | None, currency: str) -> Figure | None:
    if own is not None:
        amount = _amount(own, currency, "basket").amount
        return Figure("", Metric.BASKET, amount, amount, "given", currency=currency)
    return published if published is not None and published.currency == currency else None


def _amount(amount: str | Decimal | Money, currency: str, name: str) -> Money:
    if not isinstance(amount, Money):
        return Money(to_micros(amount, name), currency)
    if amount.micros < 0:
        raise InvalidInput(f"{name}={amount} must be zero or more")
    if name != "price" and amount.currency != currency:
        raise InvalidInput(f"{name} is in {amount.currency} and the price in {currency}; convert it first")
    return amount


def _number(value: Decimal) -> str:
    digits = 0 if abs(value) >= 100 or value == value.to_integral_value() else 2 if abs(value) >= 1 else 4
    return decimals(value, digits=digits)


def _spoken(interval: MoneyInterval | None) -> str | None:
    if interval is None:
        return None
    low, high = map(decimals, (interval.low, interval.high))
    return f"{low} {interval.currency}" if low == high else f"{low} to {high} {interval.currency}"


def _figure(one: Figure) -> str:
    if not one.metric.value.endswith("_rate"):
        return f"{Span(one.low, one.high)} {one.currency}".rstrip()
    low, high = (f"{(bound * 100).normalize():f}" for bound in (one.low, one.high))
    return f"{low}{THIN}%" if low == high else f"{low} to {high}{THIN}%"


def _percent(span: Span | None) -> str | None:
    if span is None:
        return None
    low, high = (f"{bound * 100:.4f}" for bound in (span.low, span.high))
    return f"{low}{THIN}%" if low == high else f"{low} to {high}{THIN}%"
