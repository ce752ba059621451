from __future__ import annotations

from datetime import datetime, timezone
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from smskit.errors import InvalidInput, NaiveDatetime, UnknownColumn
from smskit.metrics.orders import Order, Orders, orders_from_rows
from smskit.money import Money

PARIS = ZoneInfo("Europe/Paris")
UTC = timezone.utc


def rows(header: str, *lines: str) -> list[dict[str, str]]:
    names = header.split(";")
    return [dict(zip(names, line.split(";"), strict=True)) for line in lines]


def only(orders: Orders) -> Order:
    assert not orders.issues
    (order,) = orders
    return order


HEADERS = [
    ("a French till", "Date;Montant;Téléphone;Code promo", "24/06/2026 14:22;22,00 €;06 12 34 56 78;soldes10"),
    ("a French shop", "N° commande;Date de commande;Total TTC;Total HT;Mobile client;Code de réduction",
     "991;2026-06-24 14:22:00;22.00;18.33;0612345678;SOLDES10"),
    ("an English shop", "Order ID;Created at;Total price;Phone;Discount code",
     "991;2026-06-24T14:22:00+02:00;22.00;+33612345678;SOLDES10"),
    ("a postal code is no promotion", "date;ca;code postal;portable;code",
     "24/06/26 14h22;22;13001;+33 6 12 34 56 78;Soldes10"),
]  # fmt: skip


@pytest.mark.parametrize(("header", "line"), [row[1:] for row in HEADERS], ids=[row[0] for row in HEADERS])
def test_columns_are_known_by_their_headers(header: str, line: str) -> None:
    order = only(orders_from_rows(rows(header, line)))
    assert order.at == datetime(2026, 6, 24, 14, 22, tzinfo=PARIS)
    assert order.amount == Money(22_000_000)
    assert order.number == 33612345678
    assert order.code == "SOLDES10"


def test_columns_can_be_named() -> None:
    table = rows("quand;combien;lien", "24/06/2026;22;https://go.example/4fT9bQz")
    order = only(orders_from_rows(table, columns={"at": "quand", "amount": "combien", "token": "lien"}))
    assert (order.token, order.number, order.code) == ("4fT9bQz", None, None)


def test_a_day_without_a_time_is_its_last_instant() -> None:
    order = only(orders_from_rows(rows("date;montant", "24/06/2026;22")))
    assert order.at == datetime(2026, 6, 24, 23, 59, 59, 999999, tzinfo=PARIS)


def test_another_zone_currency_and_region() -> None:
    table = rows("date;montant;tel", "24/06/2026 12:00;10,50;0692 12 34 56")
    order = only(orders_from_rows(table, zone=UTC, currency="CHF", region="RE"))
    assert order.at == datetime(2026, 6, 24, 12, tzinfo=UTC)
    assert order.amount == Money(10_500_000, "CHF")
    assert order.number == 262692123456


def test_what_cannot_be_read_is_told_by_row_and_column() -> None:
    orders = orders_from_rows(
        rows(
            "date;montant;tel",
            "24/06/2026;22;0612345678",
            "31/02/2026;22;0612345678",
            "24/06/2026;gratuit;0612345678",
            "24/06/2026;-5,00;12",
            "24/06/2026;0;",
        )
    )
    assert [order.amount.amount for order in orders] == [Decimal(22), Decimal(-5), Decimal(0)]
    assert [(issue.row, issue.column) for issue in orders.issues] == [(3, "date"), (4, "montant"), (5, "tel")]
    assert "left out" in orders.issues[0].reason
    assert "without it" in orders.issues[2].reason
    assert len(orders) == 3


def test_rows_keep_their_place_beyond_a_chunk() -> None:
    lines = ["24/06/2026;1"] * 2500 + ["nie;1"]
    orders = orders_from_rows(rows("date;montant", *lines))
    assert len(orders) == 2500
    assert orders.issues[0].row == 2502


def test_no_rows_are_no_orders() -> None:
    assert len(orders_from_rows([])) == 0


def test_rows_of_another_length_than_the_headers() -> None:
    # As csv.DictReader gives them: None for a cell that is not there, and more cells under None.
    short = {"date": "24/06/2026", "montant": "22", "tel": None}
    long = {"date": "24/06/2026", "montant": "22", None: ["more"]}
    for row in (short, long):
        assert orders_from_rows([row]).orders[0].amount == Money(22_000_000)  # type: ignore[list-item]


def test_a_file_without_headers_gives_nobody_away() -> None:
    nameless = rows("01.02.2026;22;06 12 34 56 78;jean@x.example", "02.02.2026;22;06 12 34 56 79;anne@x.example")
    for columns in (None, {"at": "date"}):
        with pytest.raises(InvalidInput) as told:
            orders_from_rows(nameless, columns=columns)
        assert "34 56" not in f"{told.value} {told.value.args}"
        assert "jean" not in f"{told.value} {told.value.args}"


MISTAKES = [
    ("no date", "montant;tel", None, "hold the date"),
    ("no amount", "date;tel", None, "hold the amount"),
    ("a date of birth is no date of an order", "date de naissance;montant", None, "hold the date"),
    ("a word that is none of an order", "date;montant", {"price": "montant"}, "'price' is none of an order"),
]


@pytest.mark.parametrize(
    ("header", "columns", "problem"), [row[1:] for row in MISTAKES], ids=[row[0] for row in MISTAKES]
)
def test_a_file_that_is_not_understood(header: str, columns: dict[str, str] | None, problem: str) -> None:
    with pytest.raises(InvalidInput, match=problem):
        orders_from_rows(rows(header, "1;2"), columns=columns)


def test_a_column_that_is_not_there() -> None:
    with pytest.raises(UnknownColumn, match="there is no column 'quand'"):
        orders_from_rows(rows("date;montant", "24/06/2026;22"), columns={"at": "quand"})


def test_an_order_by_hand() -> None:
    order = Order(datetime(2026, 6, 24, tzinfo=UTC), "22.00", 33612345678, code=" soldes10 ")
    assert order.amount == Money(22_000_000)
    assert order.code == "SOLDES10"
    assert "612345678" not in repr(order)
    assert Order(order.at, Money(1, "CHF"), code="  ").code is None
    assert "number=None" in repr(Order(order.at, 1))
    with pytest.raises(NaiveDatetime):
        Order(datetime(2026, 6, 24), "1")
    with pytest.raises(InvalidInput, match="not exact"):
        Order(order.at, 22.5)  # type: ignore[arg-type]
