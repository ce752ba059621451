from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from attrs import frozen

from smskit.errors import InvalidInput
from smskit.kinds import FailureClass
from smskit.metrics import Alert, AlertKind, Counts, check_alerts
from smskit.records import Balance


@frozen
class Shop:
    counts: Counts


def seen(sent: int, delivered: int, failed: int = 0, opted_out: int = 0) -> Shop:
    failures = {FailureClass.UNREACHABLE: failed} if failed else {}
    return Shop(Counts(sent=sent, delivered=delivered, failures=failures, opted_out=opted_out))


def left(amount: str, currency: str = "EUR") -> Balance:
    return Balance(Decimal(amount), currency)


DELIVERY, OPT_OUTS, CREDIT = Alert.delivery_under("0.98"), Alert.opt_outs_over("0.01"), Alert.low_credit("50")

ALERTS: list[tuple[str, Alert, Shop | Balance, str | None]] = [
    ("credit above the limit", CREDIT, left("50"), None),
    ("credit under the limit", CREDIT, left("49.99"), "49.99 EUR left, the limit is 50 EUR"),
    ("credit in the carrier's own unit", CREDIT, left("20", "credits"), "20 credits left"),
    ("0 takes the alert away", Alert.low_credit(0), left("-3"), None),
    ("a report has no credit", CREDIT, seen(100, 100), None),
    ("a balance has no deliveries", DELIVERY, left("0"), None),
    ("no receipt yet", DELIVERY, seen(1000, 0), None),
    ("nothing was sent", DELIVERY, seen(0, 0), None),
    ("some failed and the rest may arrive", DELIVERY, seen(1000, 100, 5), None),
    ("too few to be sure", DELIVERY, seen(50, 48, 2), None),
    ("too many failed, whatever comes", DELIVERY, seen(1000, 100, 60), "60 of 1\N{NARROW NO-BREAK SPACE}000 messages"),
    ("more receipts than messages", DELIVERY, seen(100, 120), None),
    ("few oppose", OPT_OUTS, seen(1000, 1000, 0, 9), None),
    ("a little more, too few to be sure", OPT_OUTS, seen(1000, 1000, 0, 12), None),
    ("many oppose", OPT_OUTS, seen(1000, 980, 20, 40), "40 of 980 delivered"),
    ("many oppose before the receipts come", OPT_OUTS, seen(1000, 0, 0, 40), "of 1\N{NARROW NO-BREAK SPACE}000 sent"),
    ("nobody can oppose nothing", OPT_OUTS, seen(0, 0), None),
]


@pytest.mark.parametrize(("alert", "subject", "said"), [row[1:] for row in ALERTS], ids=[row[0] for row in ALERTS])
def test_what_is_said(alert: Alert, subject: Shop | Balance, said: str | None) -> None:
    raised = alert.check(subject)
    assert (raised is None) is (said is None)
    assert said is None or said in str(raised)


def test_several_alerts_are_looked_at_at_once() -> None:
    raised = check_alerts((CREDIT, DELIVERY, OPT_OUTS), seen(1000, 100, 60, 40), left("3"))
    assert [one.alert for one in raised] == [CREDIT, DELIVERY, OPT_OUTS]
    assert check_alerts((CREDIT, DELIVERY), left("90"), seen(10, 10)) == ()


def test_credit_in_another_currency_than_its_limit_is_a_mistake() -> None:
    with pytest.raises(InvalidInput, match="CHF"):
        Alert.low_credit("50", currency="EUR").check(left("10", "CHF"))


MISUSE: list[tuple[str, Callable[[], Alert]]] = [
    ("a limit below zero", lambda: Alert.low_credit("-1")),
    ("a limit that is no number", lambda: Alert.low_credit("much")),
    ("a limit that is not exact", lambda: Alert.low_credit(0.1)),  # type: ignore[arg-type]
    ("a share in per cent", lambda: Alert.delivery_under("98")),
    ("a share in per cent, made by hand", lambda: Alert(AlertKind.DELIVERY_UNDER, "98")),  # type: ignore[arg-type]
    ("no share at all", lambda: Alert.opt_outs_over("0")),
]


@pytest.mark.parametrize("misuse", [row[1] for row in MISUSE], ids=[row[0] for row in MISUSE])
def test_a_limit_that_cannot_be_says_why(misuse: Callable[[], Alert]) -> None:
    with pytest.raises(InvalidInput):
        misuse()
