from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from attrs import evolve

from smskit.errors import InvalidInput
from smskit.kinds import DeliveryStatus, SendState
from smskit.metrics.attribution import Attribution, Join, LeftOut, OrderBook, Sale
from smskit.metrics.lines import line_of, micros_of
from smskit.metrics.orders import Order
from smskit.money import Money
from smskit.records import Send

NOON = datetime(2026, 6, 24, 12, tzinfo=timezone.utc)
SEND = Send(
    "r1", 7, 9, 33612345678, "text", 1, 45_000, "FR", 0, "", SendState.ACCEPTED, "tok",
    submitted_at=NOON, status=DeliveryStatus.DELIVERED, status_at=NOON + timedelta(hours=1),
)  # fmt: skip
MOBILE = 33612345678


def order(hours: float, amount: str | None = "22", **keys: object) -> Order:
    return Order(NOON + timedelta(hours=hours), amount, **keys)  # type: ignore[arg-type]


def claims(book: OrderBook, *sends: Send) -> dict[str, Sale]:
    """Offer the messages and give what each has, by the arm that it is called by."""
    for send in sends:
        line = line_of(send)
        arrived = line.status_at if send.status in (DeliveryStatus.DELIVERED, DeliveryStatus.READ) else None
        book.touch(send.arm, line.number, line.token, line.submitted, arrived)
    return {str(message): sale for message, sale in book.settle()}


def claim(book: OrderBook, send: Send) -> Sale | None:
    return claims(book, send).get(send.arm)


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
    sale = claim(book, SEND)
    assert book.joined == ({} if how is None else {how: 1})
    assert (sale is None) is (how is None)


def test_without_a_receipt_the_window_opens_with_the_hand_over() -> None:
    unheard = evolve(SEND, status=None, status_at=None)
    assert claim(OrderBook([order(7 * 24, number=MOBILE)], "EUR", Attribution()), unheard) is not None
    assert claim(OrderBook([order(7 * 24 + 0.5, number=MOBILE)], "EUR", Attribution()), unheard) is None
    unknown = evolve(unheard, submitted_at=None)
    assert claim(OrderBook([order(1, number=MOBILE)], "EUR", Attribution()), unknown) is None


def test_several_orders_are_one_conversion_and_a_refund_is_no_order() -> None:
    book = OrderBook(
        [order(1, number=MOBILE), order(2, token="tok"), order(3, "0", number=MOBILE), refund(4, -10)],
        "EUR",
        Attribution(),
    )
    sale = claim(book, SEND)
    assert sale is not None
    assert (sale.orders, sale.revenue_micros, sale.is_conversion) == (2, 34_000_000, True)


def refund(hours: float, euros: int) -> Order:
    return Order(NOON + timedelta(hours=hours), Money(euros * 1_000_000), MOBILE)


def test_a_refund_of_all_is_no_conversion() -> None:
    sale = claim(OrderBook([order(1, number=MOBILE), refund(2, -22)], "EUR", Attribution()), SEND)
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
    start, last = micros_of(NOON), micros_of(NOON + timedelta(hours=6))
    assert [arm for arm, _, _ in book.settle_codes(start, last)] == ["A", "B", "B"]
    assert book.joined == {Join.CODE: 3}
    assert not list(book.settle_codes(start, last))
    book.close()
    assert book.left_out == {LeftOut.EARLY: 1, LeftOut.LATE: 1, LeftOut.NOBODY: 2}


def test_exposed_and_held_out_are_asked_the_same_question() -> None:
    orders = [
        order(1, number=MOBILE), order(1, number=1), order(-1, number=2), order(8 * 24, number=3), refund(2, -30),
        order(3, None, number=4),
    ]  # fmt: skip
    book = OrderBook(orders, "EUR", Attribution())
    assert book.has_numbers
    start = micros_of(NOON)
    assert [book.bought(number, start) for number in (MOBILE, 1, 2, 3, 4, 5)] == [False, True, *[False] * 4]
    assert [book.visited(number, start) for number in (MOBILE, 1, 2, 3, 4, 5)] == [*[False] * 4, True, False]
    claim(book, SEND)
    assert book.bought(1, start)
    assert not OrderBook([order(1, code="x")], "EUR", Attribution()).has_numbers


# ---------------------------------------------------------------- the last touch

A = evolve(SEND, arm="A")
B = evolve(SEND, arm="B", token="b", submitted_at=NOON + timedelta(hours=24), status=None, status_at=None)
ELSEWHERE = evolve(B, arm="B", number=1)

TOUCHES = [
    # what                                            order                                    messages          whose
    ("between the two, the first", order(23, number=MOBILE), (A, B), "A"),
    ("after both, the last", order(25, number=MOBILE), (A, B), "B"),
    ("whatever is read first", order(25, number=MOBILE), (B, A), "B"),
    ("in the window of the last alone", order(7 * 24 + 20, number=MOBILE), (A, B), "B"),
    ("a link is a touch of its own, and nearer", order(25, number=MOBILE, token="tok"), (A, B), "A"),
    ("a link of one, the number of another", order(25, number=MOBILE, token="b"), (A, ELSEWHERE), "B"),
    ("at the same time, the one that is read first", order(2, number=MOBILE), (A, evolve(A, arm="B")), "A"),
]  # fmt: skip


@pytest.mark.parametrize(("one", "messages", "whose"), [row[1:] for row in TOUCHES], ids=[row[0] for row in TOUCHES])
def test_the_last_touch_has_the_order(one: Order, messages: tuple[Send, ...], whose: str) -> None:
    assert list(claims(OrderBook([one], "EUR", Attribution()), *messages)) == [whose]


def test_lines_of_one_order_are_one_order() -> None:
    lines = [order(1, "10", number=MOBILE, order_id="7"), order(1, "5", number=MOBILE, order_id="7")]
    book = OrderBook([*lines, order(1, "2", number=MOBILE)], "EUR", Attribution())
    sale = claim(book, SEND)
    assert sale is not None
    assert (sale.orders, sale.revenue_micros, book.joined) == (2, 17_000_000, {Join.PHONE: 2})


def test_a_line_that_is_there_twice_counts_once() -> None:
    twice = order(1, "10", number=MOBILE, order_id="7")
    book = OrderBook([twice, twice, order(1, "10", number=MOBILE)], "EUR", Attribution())
    sale = claim(book, SEND)
    assert sale is not None
    assert (sale.orders, sale.revenue_micros) == (2, 20_000_000)
    assert (book.given, len(book), book.left_out) == (3, 2, {LeftOut.DUPLICATE: 1})


def test_a_refund_follows_its_order_however_late_it_comes() -> None:
    back = Order(NOON + timedelta(days=30), Money(-22_000_000), MOBILE, order_id="7")
    book = OrderBook([order(1, number=MOBILE, order_id="7"), back], "EUR", Attribution())
    sale = claims(book, A, B)["A"]
    assert (sale.orders, sale.revenue_micros, sale.is_conversion) == (1, 0, False)


def test_a_refund_of_an_order_that_is_not_the_campaigns_costs_the_campaign_nothing() -> None:
    back = Order(NOON + timedelta(hours=2), Money(-22_000_000), MOBILE, order_id="7")
    book = OrderBook([back, order(-5, number=MOBILE, order_id="7")], "EUR", Attribution())
    assert claim(book, SEND) is None
    book.close()
    assert book.left_out == {LeftOut.EARLY: 2}


def test_lines_and_refunds_of_an_order_with_a_code_are_one_order() -> None:
    back = Order(NOON + timedelta(days=30), Money(-10_000_000), order_id="7")
    lines = [order(1, "10", code="ete", order_id="7"), order(1, "5", order_id="7")]
    book = OrderBook([back, *lines, order(2, "2", code="ete")], "EUR", Attribution(codes={"ete": "A"}))
    sales = [(arm, sale.orders, sale.revenue_micros) for arm, _, sale in book.settle_codes(*[micros_of(NOON)] * 2)]
    assert sales == [("A", 1, 5_000_000), ("A", 1, 2_000_000)]
    book.close()
    assert (book.joined, book.left_out) == ({Join.CODE: 2}, {})


def test_a_refund_with_a_code_goes_where_its_order_went() -> None:
    back = Order(NOON + timedelta(hours=2), Money(-10_000_000), code="ete", order_id="7")
    book = OrderBook([order(-1, "10", code="ete", order_id="7"), back], "EUR", Attribution(codes="ete"))
    assert not list(book.settle_codes(*[micros_of(NOON)] * 2))
    book.close()
    assert book.left_out == {LeftOut.EARLY: 2}


def test_a_visit_is_no_order_and_no_conversion() -> None:
    book = OrderBook([order(1, None, number=MOBILE), order(2, None, code="ete")], "EUR", Attribution(codes="ete"))
    sale = claim(book, SEND)
    assert sale is not None
    assert (sale.visits, sale.orders, sale.is_conversion, book.joined) == (1, 0, False, {})
    (coded,) = book.settle_codes(micros_of(NOON), micros_of(NOON))
    assert coded[2].visits == 1


def test_who_had_bought_before() -> None:
    orders = [order(-1, number=1), order(1, number=2), order(-1, number=MOBILE), refund(-0.5, -22)]
    book = OrderBook(orders, "EUR", Attribution())
    assert [book.bought_before(number, micros_of(NOON)) for number in (1, 2, MOBILE, 3)] == [True, False, False, False]


def test_what_is_left_out_is_told() -> None:
    orders = [
        order(1, number=MOBILE),
        Order(NOON, Money(1, "CHF")),
        order(-1, number=MOBILE),
        order(999, number=MOBILE),
        order(1, number=2),
        order(1, number=0),
    ]
    book = OrderBook(orders, "EUR", Attribution())
    claim(book, SEND)
    book.close()
    assert book.left_out == {LeftOut.CURRENCY: 1, LeftOut.EARLY: 1, LeftOut.LATE: 1, LeftOut.NOBODY: 2}
    assert book.given == 6
    with pytest.raises(InvalidInput, match="longer than nothing"):
        Attribution(timedelta(0))


def test_codes_are_given_as_one_some_or_by_arm() -> None:
    assert Attribution(codes="ete").codes == {"ETE": ""}
    assert Attribution(codes=[" ete ", "HIVER"]).codes == {"ETE": "", "HIVER": ""}
    assert Attribution(codes={"ete": "A"}).codes == {"ETE": "A"}


def test_what_is_no_order_is_refused_with_a_way_to_make_one() -> None:
    with pytest.raises(InvalidInput, match="orders_from_rows"):
        OrderBook([{"date": "2026-06-24", "montant": "12"}], "EUR", Attribution())  # type: ignore[list-item]


def test_orders_that_name_nobody_are_known_by_it() -> None:
    at = datetime(2026, 6, 24, 12, tzinfo=timezone.utc)
    bare, named = Order(at, Money(1_000_000)), Order(at, Money(1_000_000), code="SOLDES")
    assert not OrderBook([bare], "EUR", Attribution()).names_somebody
    assert OrderBook([bare, named], "EUR", Attribution()).names_somebody
