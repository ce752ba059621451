from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from attrs import evolve

from smskit.errors import InvalidInput
from smskit.kinds import DeliveryStatus, SendState
from smskit.metrics.attribution import Attribution, Join, OrderBook
from smskit.metrics.orders import Order
from smskit.money import Money
from smskit.records import Send

NOON = datetime(2026, 6, 24, 12, tzinfo=timezone.utc)
SEND = Send(
    "r1", 7, 9, 33612345678, "text", 1, 45_000, "FR", 0, "", SendState.ACCEPTED, "tok",
    submitted_at=NOON, status=DeliveryStatus.DELIVERED, status_at=NOON + timedelta(hours=1),
)  # fmt: skip
MOBILE = 33612345678


def order(hours: float, amount: str = "22", **keys: object) -> Order:
    return Order(NOON + timedelta(hours=hours), amount, **keys)  # type: ignore[arg-type]


JOINED = [
    # what                                        order                                      attribution       found by
    ("the link that was opened", order(2, token="tok"), Attribution(), Join.LINK),
    ("the number that was sent to", order(2, number=MOBILE), Attribution(), Join.PHONE),
    ("the number, with the code", order(2, number=MOBILE, code="ete"), Attribution(codes="ETE"), Join.CODE),
    ("both link and number", order(2, token="tok", number=MOBILE), Attribution(), Join.LINK),
    ("before the receipt, after the hand-over", order(0.5, number=MOBILE), Attribution(), Join.PHONE),
    ("a week after the receipt", order(7 * 24 + 1, number=MOBILE), Attribution(), Join.PHONE),
    ("later than that", order(7 * 24 + 1.01, number=MOBILE), Attribution(), None),
    ("before the message", order(-0.01, number=MOBILE), Attribution(), None),
    ("before the message, by link", order(-0.01, token="tok"), Attribution(), None),
    ("a window of an hour", order(2.1, number=MOBILE), Attribution(timedelta(hours=1)), None),
    ("another number", order(2, number=33699999999), Attribution(), None),
    ("another link", order(2, token="other"), Attribution(), None),
    ("the number, when it does not count", order(2, number=MOBILE), Attribution(by_phone=False), None),
    ("nothing that says who", order(2), Attribution(), None),
]


@pytest.mark.parametrize(("order", "rules", "how"), [row[1:] for row in JOINED], ids=[row[0] for row in JOINED])
def test_an_order_is_put_down_to_a_message(order: Order, rules: Attribution, how: Join | None) -> None:
    book = OrderBook([order], "EUR", rules)
    sale = book.claim(SEND)
    assert book.joined == ({} if how is None else {how: 1})
    assert (sale is None) is (how is None)
    assert book.claim(SEND) is None


def test_without_a_receipt_the_window_opens_with_the_hand_over() -> None:
    unheard = evolve(SEND, status=None, status_at=None)
    assert OrderBook([order(7 * 24, number=MOBILE)], "EUR", Attribution()).claim(unheard) is not None
    assert OrderBook([order(7 * 24 + 0.5, number=MOBILE)], "EUR", Attribution()).claim(unheard) is None
    unknown = evolve(unheard, submitted_at=None)
    assert OrderBook([order(1, number=MOBILE)], "EUR", Attribution()).claim(unknown) is None


def test_several_orders_are_one_conversion_and_a_refund_is_no_order() -> None:
    book = OrderBook(
        [order(1, number=MOBILE), order(2, token="tok"), order(3, "0", number=MOBILE), refund(4, -10)],
        "EUR",
        Attribution(),
    )
    sale = book.claim(SEND)
    assert sale is not None
    assert (sale.orders, sale.revenue_micros, sale.is_conversion) == (2, 34_000_000, True)


def refund(hours: float, euros: int) -> Order:
    return Order(NOON + timedelta(hours=hours), Money(euros * 1_000_000), MOBILE)


def test_a_refund_of_all_is_no_conversion() -> None:
    sale = OrderBook([order(1, number=MOBILE), refund(2, -22)], "EUR", Attribution()).claim(SEND)
    assert sale is not None
    assert (sale.orders, sale.revenue_micros, sale.is_conversion) == (1, 0, False)


def test_a_code_counts_without_a_buyer_and_by_arm() -> None:
    rules = Attribution(codes={"ete-a": "A", "ETE-B": "B"})
    orders = [
        order(1, code="ETE-A"),
        order(2, code="ete-b"),
        order(3, code="ete-b"),
        order(-1, code="ete-a"),
        order(8 * 24, code="ete-a"),
        order(4, code="hiver"),
        order(5),
    ]
    book = OrderBook(orders, "EUR", rules)
    sales = book.claim_codes(NOON, NOON + timedelta(hours=6))
    assert {arm: len(of_arm) for arm, of_arm in sales.items()} == {"A": 1, "B": 2}
    assert book.joined == {Join.CODE: 3}
    assert book.claim_codes(NOON, NOON) == {}


def test_exposed_and_held_out_are_asked_the_same_question() -> None:
    orders = [order(1, number=MOBILE), order(1, number=1), order(-1, number=2), order(8 * 24, number=3), refund(2, -30)]
    book = OrderBook(orders, "EUR", Attribution())
    assert book.has_numbers
    assert [book.bought(number, NOON) for number in (MOBILE, 1, 2, 3, 4)] == [False, True, False, False, False]
    book.claim(SEND)
    assert book.bought(1, NOON)
    assert not OrderBook([order(1, code="x")], "EUR", Attribution()).has_numbers


def test_what_is_wrong_is_told() -> None:
    with pytest.raises(InvalidInput, match="order 1 is in CHF and the run in EUR"):
        OrderBook([order(1), Order(NOON, Money(1, "CHF"))], "EUR", Attribution())
    with pytest.raises(InvalidInput, match="longer than nothing"):
        Attribution(timedelta(0))


def test_codes_are_given_as_one_some_or_by_arm() -> None:
    assert Attribution(codes="ete").codes == {"ETE": ""}
    assert Attribution(codes=[" ete ", "HIVER"]).codes == {"ETE": "", "HIVER": ""}
    assert Attribution(codes={"ete": "A"}).codes == {"ETE": "A"}
