"""allmySMS held to the contract, and its own ways: one message a request, codes within a success, callbacks in any form."""

from __future__ import annotations

import json
from base64 import b64decode
from datetime import datetime, timezone
from urllib.parse import urlencode

import pytest

from smskit.errors import InvalidInput, TransportError
from smskit.kinds import DeliveryStatus, EventType, FailureClass
from smskit.protocols import Call, Receipts, Reply, StopForm
from smskit.records import Accepted, Balance, Postponed, Refused, Unanswered
from smskit.testing.factories import outgoing
from smskit.testing.providers import NOW, PATH_SECRET, ProviderContract, Said, Told
from smskit.transports.drivers import drive
from smskit.transports.providers.allmysms import AllMySms
from smskit.transports.wire.webhooks import Webhook

KEY = "key-of-the-shop"
# Of an SMS, by the Symfony bridge and its options.
KEYS = {"to", "from", "text", "date", "campaignName", "cliMsgId", "simulate", "alerting", "uniqueIdentifier", "verbose"}


def taken(number: int = 33612000000, **changes: object) -> bytes:
    """Give the answer as those who use the interface read it."""
    told = {"code": 100, "description": "OK", "smsId": f"sms-{number % 10_000}", "campaignId": "c-1"}
    return json.dumps({**told, "nbSms": 1, "cost": 0.05, "balance": 51.3, "invalidNumbers": "", **changes}).encode()


def refusal(code: int, status: int = 400) -> Reply:
    return Reply(status, {}, json.dumps({"code": code, "description": "…"}).encode())


FIELDS = {
    "smsId": "sms-7",
    "phoneNumber": "33612000007",
    "campaignId": "c-1",
    "receptionDate": "2026-06-24 11:59:07",
}
RECEIPT = {"type": EventType.RECEIPT, "number": 33612000007, "provider_id": "sms-7"}
RECEIPTS = [
    # what                                   code  status                      failure
    ("it arrived", "1", DeliveryStatus.DELIVERED, None),
    ("the operator did not deliver it", "2", DeliveryStatus.UNDELIVERED, FailureClass.UNREACHABLE),
    ("the operator has it", "3", DeliveryStatus.SENT, None),
    ("refused", "4", DeliveryStatus.REJECTED, FailureClass.UNSPECIFIED),
    ("no such subscriber", "5", DeliveryStatus.UNDELIVERED, FailureClass.UNKNOWN_SUBSCRIBER),
    ("a code that nobody knows", "77", None, None),
]
REFUSALS = [
    ("a wrong key", 102, Postponed, FailureClass.AUTH),
    ("no credit left", 103, Postponed, FailureClass.INSUFFICIENT_CREDIT),
    ("not enough credit for this", 104, Postponed, FailureClass.INSUFFICIENT_CREDIT),
    ("no text", 110, Refused, FailureClass.CONTENT_INVALID),
    ("a text that is too long", 111, Refused, FailureClass.CONTENT_INVALID),
    ("an incomplete request", 112, Refused, FailureClass.BAD_REQUEST),
    ("invalid numbers", 113, Refused, FailureClass.INVALID_NUMBER),
    ("no valid number", 114, Refused, FailureClass.INVALID_NUMBER),
    ("a bad date", 115, Refused, FailureClass.BAD_REQUEST),
    ("a link that is too long", 117, Refused, FailureClass.CONTENT_INVALID),
    ("a master account that there is not", 118, Postponed, FailureClass.ACCOUNT),
    ("a body that is not JSON", 1005, Refused, FailureClass.BAD_REQUEST),
    ("a code that nobody knows", 999, Refused, FailureClass.BAD_REQUEST),
]


class TestAllMySms(ProviderContract):
    secrets = (KEY, "shop-login")
    told = (
        *(
            Told(
                what=what,
                body=json.dumps({**FIELDS, "status": int(code), "statusText": "…"}).encode(),
                events=({**RECEIPT, "status": status, "failure": failure, "code": code},),
            )
            for what, code, status, failure in RECEIPTS
        ),
        Told(
            what="a receipt in the address",
            method="GET",
            content_type="",
            query=urlencode({**FIELDS, "status": "1", "statusText": "OK"}),
            events=({**RECEIPT, "status": DeliveryStatus.DELIVERED},),
        ),
        Told(
            what="a receipt as a form, with our reference",
            content_type="application/x-www-form-urlencoded",
            body=urlencode({**FIELDS, "status": "3", "cliMsgId": "run-7"}).encode(),
            events=({**RECEIPT, "status": DeliveryStatus.SENT, "reference": "run-7"},),
        ),
        Told(
            what="a reply",
            body=json.dumps({**FIELDS, "smsMoId": "mo-1", "message": "Stop svp"}).encode(),
            events=({"type": EventType.REPLY, "number": 33612000007, "provider_id": "sms-7", "text": "Stop svp"},),
        ),
        Told(
            what="a reply with our reference",
            body=json.dumps({**FIELDS, "smsMoId": "mo-2", "message": "Merci", "cliMsgId": "run-7"}).encode(),
            events=({"type": EventType.REPLY, "reference": "run-7"},),
        ),
        Told(what="a receipt of nothing", body=b'{"status": 1, "phoneNumber": "33612000007"}'),
        Told(what="an id without a status", body=b'{"smsId": "sms-7", "phoneNumber": "33612000007"}'),
        Told(what="something else", body=b'{"hello": "world"}'),
    )
    refusals = (
        *((what, refusal(code), kind, failure) for what, code, kind, failure in REFUSALS),
        *((f"{what}, within a success", refusal(code, 201), kind, failure) for what, code, kind, failure in REFUSALS[:-1]),
        ("the number, named within a success", Reply(201, {}, taken(invalidNumbers="33612000000")), Refused, FailureClass.INVALID_NUMBER),
        ("an error in an array", Reply(400, {}, b'[{"code": 110, "message": "..."}]'), Refused, FailureClass.CONTENT_INVALID),
        ("a broken machine that speaks of credit", refusal(103, 500), Unanswered, None),
        ("a code that nobody knows, within a success", refusal(999, 201), Unanswered, None),
    )  # fmt: skip

    def make_transport(self, **options: object) -> AllMySms:
        return AllMySms(login="shop-login", key=KEY, **options)

    def take(self, call: Call) -> Reply:
        scheme, account = call.headers["Authorization"].split()
        assert (scheme, b64decode(account)) == ("Basic", b"shop-login:key-of-the-shop")
        assert (call.method, call.url) == ("POST", "https://api.allmysms.com/sms/send")
        assert call.headers["Content-Type"] == "application/json"
        return Reply(201, {"Content-Type": "application/json"}, taken(int(json.loads(call.body)["to"])))

    def said(self, call: Call) -> list[Said]:
        told = json.loads(call.body)
        assert set(told) - {"smskitUnmodelled"} <= KEYS
        return [Said(int(told["to"]), told["text"], told.get("from", ""), told["cliMsgId"])]

    def id_of(self, number: int) -> str:
        return f"sms-{number % 10_000}"


def told_with(message=None, **options) -> dict[str, object]:
    calls: list[Call] = []

    def take(call: Call) -> Reply:
        calls.append(call)
        return TestAllMySms().take(call)

    drive(AllMySms(login="shop-login", key=KEY, **options).submit([message or outgoing()]), take)
    return json.loads(calls[0].body)


def test_what_it_can_do_is_declared():
    features = AllMySms(login="l", key="k").features
    assert (features.largest_batch, features.in_flight) == (1, 8)
    assert (features.live, features.replies, features.balance) == (True,) * 3
    assert features.receipts is Receipts.PUSHED
    assert (features.idempotent, features.can_be_asked, features.schedules, features.validity_s) == (False,) * 3 + (
        None,
    )
    assert AllMySms(login="l", key="k", in_flight=5).features.in_flight == 5


def test_the_request_has_nothing_that_was_not_asked_for():
    assert set(told_with()) == {"to", "text", "from", "cliMsgId"}
    assert set(told_with(outgoing(sender=""))) == {"to", "text", "cliMsgId"}


def test_options_are_told():
    told = told_with(campaign="soldes", simulate=True)
    assert (told["campaignName"], told["simulate"]) == ("soldes", 1)
    assert not AllMySms(login="l", key="k", simulate=True).features.live


def test_a_scheduled_code_is_taken_and_its_parts_are_told():
    reply = Reply(201, {}, taken(code=101, nbSms=3))
    outcomes = drive(AllMySms(login="l", key="k").submit([outgoing()]), lambda _: reply)
    assert outcomes == (Accepted("run-0", "sms-0", 3),)


@pytest.mark.parametrize("sender", ["ABC", "Boulangerie"])
def test_a_sender_that_allmysms_takes(sender):
    assert told_with(outgoing(sender=sender))["from"] == sender


@pytest.mark.parametrize("sender", ["AB", "Boulangerie1"])
def test_a_sender_that_allmysms_would_not_take_is_refused_at_the_call(sender):
    with pytest.raises(InvalidInput, match="senders"):
        AllMySms(login="l", key="k").submit([outgoing(sender=sender)])


def test_the_mention_is_part_of_the_text():
    assert AllMySms(login="l", key="k").features.stop == {"FR": StopForm("STOP au 36180")}


def test_a_receipt_is_read_in_the_time_of_paris_and_is_never_of_tomorrow():
    provider = AllMySms(login="l", key="k", webhook=Webhook(path_secrets=PATH_SECRET))
    request = Told(what="x", body=json.dumps({**FIELDS, "status": 1}).encode()).request()
    (event,) = provider.parse(request, NOW)
    assert event.at == datetime(2026, 6, 24, 9, 59, 7, tzinfo=timezone.utc)
    early = datetime(2026, 6, 24, 9, 0, tzinfo=timezone.utc)
    (event,) = provider.parse(request, early)
    assert event.at == early


def test_the_balance_is_that_of_the_account():
    told = Reply(200, {}, b'{"code": 100, "balance": 51.35, "nbSms": 1027, "company": "Shop"}')
    calls: list[Call] = []
    balance = drive(AllMySms(login="l", key="k").balance(), lambda call: calls.append(call) or told)
    assert (str(balance.amount), balance.currency) == ("51.35", "EUR")
    assert isinstance(balance, Balance)
    assert (calls[0].method, calls[0].url) == ("GET", "https://api.allmysms.com/account")
    with pytest.raises(TransportError, match="balance"):
        drive(AllMySms(login="l", key="k").balance(), lambda _: Reply(401))
