"""Orders, as a shop exports them, read into values that a report can join with its messages."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, time, tzinfo
from decimal import Decimal
from enum import Enum
from itertools import islice
from zoneinfo import ZoneInfo

from attrs import field, frozen

from smskit.cells import instant_of, parse_amount, parse_date
from smskit.errors import InvalidInput, NaiveDatetime, UnknownColumn
from smskit.money import MICROS, Money, to_micros
from smskit.phone import NumberReader, mask

PARIS = ZoneInfo("Europe/Paris")


def _money(amount: Money | str | int | Decimal | None) -> Money | None:
    return amount if amount is None or isinstance(amount, Money) else Money(to_micros(amount))


def _aware(_: object, __: object, at: datetime) -> None:
    if at.tzinfo is None:
        raise NaiveDatetime("at", at)


def folded_code(code: str) -> str:
    """Give the form in which promotion codes are compared: ``" Soldes10 "`` is ``SOLDES10``."""
    return code.strip().upper()


def _code(code: str | None) -> str | None:
    return folded_code(code) or None if code else None


@frozen
class Order:
    """Something that was bought: ``Order(at, "22.00", code="SOLDES10")``; or a visit: ``Order(at, code="SOLDES10")``.

    Args:
        at: when; aware.
        amount: Money, or an amount in EUR as ``"22.00"``; a refund is negative. None is a visit: somebody came and
            nothing is known to have been bought.
        number: E.164 digits of who bought.
        code: the promotion code that was used, or shown at the till.
        token: the token of the short link that led there.
        order_id: the shop's own. The same id, instant and amount twice is one line of a file that is there twice; other
            lines of the same id are parts of one order, and a refund with it goes where that order went.
    """

    at: datetime = field(validator=_aware)
    amount: Money | None = field(default=None, converter=_money)
    number: int | None = field(default=None, repr=lambda number: "None" if number is None else mask(number))
    code: str | None = field(default=None, converter=_code)
    token: str | None = None
    order_id: str | None = None

    @property
    def is_visit(self) -> bool:
        """Whether somebody only came."""
        return self.amount is None


class OrderColumn(Enum):
    """What a column of an orders file holds."""

    AT = "at"
    AMOUNT = "amount"
    NUMBER = "number"
    CODE = "code"
    TOKEN = "token"
    ORDER_ID = "order_id"


@frozen
class OrderIssue:
    """A row that was not taken, or taken without a part of it, and why."""

    row: int
    column: str
    reason: str


@frozen
class Orders:
    """The orders of a file, in the order of its rows, with what could not be read of it."""

    orders: tuple[Order, ...]
    issues: tuple[OrderIssue, ...] = ()

    def __iter__(self) -> Iterator[Order]:
        return iter(self.orders)

    def __len__(self) -> int:
        return len(self.orders)


# A header is known by its words: all words of one of these, in any order. The first that fits a file wins.
_HEADERS: Mapping[OrderColumn, tuple[str, ...]] = {
    OrderColumn.AT: (
        "date commande", "order date", "date achat", "date vente", "purchase date", "created at", "paid at",
        "ordered at", "date heure", "date", "at",
    ),
    OrderColumn.AMOUNT: (
        "montant ttc", "total ttc", "prix ttc", "montant total", "order total", "total price", "montant", "amount",
        "total", "ca", "prix", "price", "revenue",
    ),
    OrderColumn.NUMBER: (
        "mobile", "portable", "gsm", "telephone", "tel", "phone", "numero telephone", "msisdn",
    ),
    OrderColumn.CODE: (
        "code promo", "code promotion", "code reduction", "code coupon", "discount code", "promo code", "coupon",
        "promo", "code",
    ),
    OrderColumn.TOKEN: ("jeton", "token", "lien court", "short link", "sms token"),
    OrderColumn.ORDER_ID: (
        "numero commande", "no commande", "n commande", "num commande", "reference commande", "id commande",
        "order number", "order id", "order no", "order name", "numero ticket", "no ticket", "n ticket",
    ),
}  # fmt: skip
# With one of these words the header is of something else: a postal code, a date of birth.
_ELSEWHERE: Mapping[OrderColumn, frozenset[str]] = {
    OrderColumn.AT: frozenset({"naissance", "birth", "livraison", "delivery"}),
    OrderColumn.ORDER_ID: frozenset({"date", "client", "customer"}),
    OrderColumn.CODE: frozenset({"postal", "client", "barre", "pays", "article", "produit", "country", "product"}),
}
_CHUNK = 1_000


def orders_from_rows(
    rows: Iterable[Mapping[str, str]],
    /,
    *,
    region: str = "FR",
    columns: Mapping[str, str] | None = None,
    currency: str = "EUR",
    zone: tzinfo = PARIS,
    are_visits: bool = False,
) -> Orders:
    """Read orders out of the rows of a file.

    Args:
        rows: header to cell, as text; the columns are known by their headers in French or English.
        region: whose national forms of telephone numbers are understood.
        columns: ``{"at": "Date de paiement"}``, for headers that are not known: at, amount, number, code, token,
            order_id.
        currency: of the amounts.
        zone: of times without an offset.
        are_visits: each row is a visit to a shop, and no amount is looked for.

    Returns:
        The orders. A row without a date or an amount that can be read is an issue and no order; a number that cannot
        be read is an issue, and the order is taken without it. A date without a time is the last instant of its day,
        so that what was bought on the day of the message is not taken for bought before it.

    Raises:
        InvalidInput: no column is known to hold the date or the amount.
        UnknownColumn: *columns* names one that is not there.
    """
    ahead = iter(rows)
    chunk = list(islice(ahead, _CHUNK))
    if not chunk:
        return Orders(())
    wanted = (OrderColumn.AT,) if are_visits else (OrderColumn.AT, OrderColumn.AMOUNT)
    # The cells of a row that is longer than its headers are under None there.
    places = _places(tuple(filter(None, chunk[0])), columns or {}, wanted)
    if are_visits:
        places.pop(OrderColumn.AMOUNT, None)
    reader = _Reader(places, region, currency, zone)
    while chunk:
        reader.take(chunk)
        chunk = list(islice(ahead, _CHUNK))
    return Orders(tuple(reader.orders), tuple(reader.issues))


class _Reader:
    """Reads chunk by chunk; row 1 is that of the headers."""

    def __init__(self, places: Mapping[OrderColumn, str], region: str, currency: str, zone: tzinfo) -> None:
        self._places = places
        self._numbers = NumberReader(region) if OrderColumn.NUMBER in places else None
        self._currency = currency
        self._zone = zone
        self._row = 1
        self.orders: list[Order] = []
        self.issues: list[OrderIssue] = []

    def take(self, rows: Sequence[Mapping[str, str]]) -> None:
        """Read some rows that follow each other."""
        numbers = self._read_numbers(rows)
        for row, number in zip(rows, numbers, strict=True):
            self._row += 1
            at, money = self._at(row), self._money(row)
            if at is None or (money is None and OrderColumn.AMOUNT in self._places):
                self._note(OrderColumn.AT if at is None else OrderColumn.AMOUNT, "cannot be read; the row is left out")
                continue
            if number == 0 and self._cell(row, OrderColumn.NUMBER):
                self._note(OrderColumn.NUMBER, "is no mobile number; the order is taken without it")
            token = self._cell(row, OrderColumn.TOKEN).rpartition("/")[2]
            code, order_id = self._cell(row, OrderColumn.CODE), self._cell(row, OrderColumn.ORDER_ID)
            self.orders.append(Order(at, money, number or None, code, token or None, order_id or None))

    def _money(self, row: Mapping[str, str]) -> Money | None:
        amount = parse_amount(self._cell(row, OrderColumn.AMOUNT))
        return None if amount is None else Money(int(amount * MICROS), self._currency)

    def _cell(self, row: Mapping[str, str], column: OrderColumn) -> str:
        header = self._places.get(column)
        # Where a row is shorter than its headers, the csv module of Python gives None.
        return "" if header is None else (row.get(header) or "").strip()

    def _note(self, column: OrderColumn, reason: str) -> None:
        self.issues.append(OrderIssue(self._row, self._places[column], reason))

    def _read_numbers(self, rows: Sequence[Mapping[str, str]]) -> list[int]:
        if self._numbers is None:
            return [0] * len(rows)
        return self._numbers.read_many([self._cell(row, OrderColumn.NUMBER) for row in rows])[0]

    def _at(self, row: Mapping[str, str]) -> datetime | None:
        moment = parse_date(self._cell(row, OrderColumn.AT))
        if moment is not None and not isinstance(moment, datetime):
            return datetime.combine(moment, time.max, self._zone)
        return instant_of(moment, self._zone)


# ---------------------------------------------------------------- headers


def _words(header: str) -> frozenset[str]:
    plain = "".join(letter for letter in unicodedata.normalize("NFKD", header.casefold()) if letter.isascii())
    return frozenset(re.findall(r"[a-z0-9]+", plain))


def _places(headers: Sequence[str], given: Mapping[str, str], wanted: Iterable[OrderColumn]) -> dict[OrderColumn, str]:
    places: dict[OrderColumn, str] = {}
    for name, header in given.items():
        if header not in headers:
            raise UnknownColumn(header, _named(headers))
        try:
            places[OrderColumn(name)] = header
        except ValueError:
            known = ", ".join(column.value for column in OrderColumn)
            raise InvalidInput(f"columns={name!r} is none of an order; there are {known}") from None
    for column, names in _HEADERS.items():
        taken = set(places.values())
        found = _found([one for one in headers if one not in taken], names, _ELSEWHERE.get(column, frozenset()))
        if column not in places and found is not None:
            places[column] = found
    for column in wanted:
        if column not in places:
            what = "date" if column is OrderColumn.AT else "amount"
            raise InvalidInput(
                f"none of the columns {', '.join(_named(headers))} is known to hold the {what} of an order; name it, "
                f"for example columns={{{column.value!r}: {next(iter(_named(headers)), 'date')!r}}}"
            )
    return places


def _named(headers: Iterable[str]) -> list[str]:
    """Give headers for an error to name; of a file without headers they are those of a person."""
    return [mask(header) if _DATA.search(header) else header for header in headers]


_DATA = re.compile(r"@|(?:[0-9][^0-9A-Za-z]*){7}")


def _found(headers: Iterable[str], names: Iterable[str], elsewhere: frozenset[str]) -> str | None:
    spoken = [(header, _words(header)) for header in headers]
    for name in names:
        wanted = frozenset(name.split())
        for header, words in spoken:
            if wanted <= words and not words & elsewhere:
                return header
    return None
