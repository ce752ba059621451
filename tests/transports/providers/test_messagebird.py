"""MessageBird held to the contract, and its own ways: fifty numbers for one text, one id and one reference for all."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from datetime import datetime, timedelta, timezone
from hashlib import sha256
from hmac import new as hmac
from urllib.parse import urlencode

import pytest
from attrs import evolve
from tests.transports.providers.request_schemas import problems_of

from smskit.delivery.inbox import receive
from smskit.errors import InvalidInput, TransportError, WebhookError
from smskit.kinds import DeliveryStatus, EventType, FailureClass, SendState
from smskit.protocols import Call, Reply
from smskit.records import Accepted, Postponed, Refused, Settlement, Taken, Unanswered
from smskit.stores import MemoryStore
from smskit.testing.factories import outgoing
from smskit.testing.providers import HOOK, NOW, ProviderContract, Said, Told
from smskit.testing.stores.rows import opened
from smskit.transports.drivers import drive
from smskit.transports.providers.messagebird import MessageBird
from smskit.transports.wire.webhooks import Webhook, parse_events

KEY = "access-key-of-the-shop"
SIGNING = "signing-key-of-the-shop"


def made(numbers: list[int], **changes: object) -> dict[str, object]:
    """Give a message resource as MessageBird writes it."""
    return {
        "id": "mb-1",
        "href": "https://rest.messagebird.com/messages/mb-1",
        "direction": "mt",
        "type": "sms",
        "originator": "MABOUTIQUE",
        "body": "…",
        "reference": "run-0",
        "validity": None,
        "gateway": 10,
        "typeDetails": {},
        "datacoding": "plain",
        "mclass": 1,
        "scheduledDatetime": None,
        "createdDatetime": "2026-06-24T10:00:00+00:00",
        "recipients": {
            "totalCount": len(numbers),
            "totalSentCount": len(numbers),
            "totalDeliveredCount": 0,
            "totalDeliveryFailedCount": 0,
            "items": [item(number) for number in numbers],
        },
        **changes,
    }


def item(number: int, status: str = "sent", **more: object) -> dict[str, object]:
    return {
        "recipient": number,
        "status": status,
        "statusDatetime": "2026-06-24T10:00:00+00:00",
        "messagePartCount": 1,
        **more,
    }


def refusal(status: int, code: int, parameter: str | None = None) -> Reply:
    told = {"errors": [{"code": code, "description": "no (correct) recipients found", "parameter": parameter}]}
    return Reply(status, {}, json.dumps(told).encode())


def report(**fields: object) -> str:
    told = {
        "id": "mb-1",
        "reference": "run-0",
        "recipient": "33612000007",
        "statusDatetime": "2026-06-24T10:00:07+00:00",
        **fields,
    }
    return urlencode({name: value for name, value in told.items() if value is not None})


RECEIPTS = [
    # what                              fields                                          status                       failure
    ("it waits for its time", {"status": "scheduled"}, DeliveryStatus.SCHEDULED, None),
    ("it is at the operator", {"status": "sent"}, DeliveryStatus.SENT, None),
    ("it waits at the operator", {"status": "buffered"}, DeliveryStatus.SENT, None),
    ("it waits at the operator, for a reason", {"status": "buffered", "statusReason": "unavailable subscriber", "statusErrorCode": "103"}, DeliveryStatus.SENT, None),
    ("it arrived", {"status": "delivered", "statusReason": "successfully delivered"}, DeliveryStatus.DELIVERED, None),
    ("it expired", {"status": "expired"}, DeliveryStatus.EXPIRED, FailureClass.VALIDITY_EXPIRED),
    ("it failed", {"status": "delivery_failed"}, DeliveryStatus.UNDELIVERED, FailureClass.UNSPECIFIED),
    ("somebody objected", {"status": "delivery_failed", "statusErrorCode": "103"}, DeliveryStatus.BLOCKED, FailureClass.OPTED_OUT),
    ("somebody objected, in words", {"status": "delivery_failed", "statusReason": "opted out"}, DeliveryStatus.BLOCKED, FailureClass.OPTED_OUT),
    ("a dead number", {"status": "delivery_failed", "statusReason": "unknown subscriber", "statusErrorCode": "1"}, DeliveryStatus.UNDELIVERED, FailureClass.UNKNOWN_SUBSCRIBER),
    ("a handset that is off", {"status": "delivery_failed", "statusReason": "unavailable subscriber"}, DeliveryStatus.UNDELIVERED, FailureClass.UNREACHABLE),
    ("no credit, told only here", {"status": "delivery_failed", "statusReason": "insufficient balance"}, DeliveryStatus.REJECTED, FailureClass.INSUFFICIENT_CREDIT),
    ("a code that nobody knows", {"status": "delivery_failed", "statusErrorCode": "9999"}, DeliveryStatus.UNDELIVERED, FailureClass.UNSPECIFIED),
    ("a word that nobody knows", {"status": "teleported", "statusErrorCode": "103"}, None, None),
]  # fmt: skip


def token(secret: str, url: str, body: bytes, at: datetime, algorithm: str = "HS256", **changes: object) -> str:
    claims: dict[str, object] = {
        "iss": "MessageBird",
        "nbf": int(at.timestamp()),
        "exp": int(at.timestamp()) + 60,
        "jti": "j-1",
        "url_hash": sha256(url.encode()).hexdigest(),
    }
    if body:
        claims["payload_hash"] = sha256(body).hexdigest()
    claims = {name: value for name, value in (claims | changes).items() if value is not None}
    parts = [
        urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in ({"alg": algorithm, "typ": "JWT"}, claims)
    ]
    signed = b".".join(parts)
    digest = hmac(
        secret.encode(), signed, {"HS256": "sha256", "HS384": "sha384", "HS512": "sha512"}[algorithm]
    ).digest()
    return (signed + b"." + urlsafe_b64encode(digest).rstrip(b"=")).decode()


class TestMessageBird(ProviderContract):
    secrets = (KEY,)
    webhook_secret = SIGNING
    told = (
        *(
            Told(
                what=what, method="GET", content_type="", query=report(**fields),
                events=({"type": EventType.RECEIPT, "status": status, "failure": failure, "number": 33612000007, "reference": "run-0", "provider_id": "mb-1"},),
            )
            for what, fields, status, failure in RECEIPTS
        ),
        Told(
            what="a reply in a query", method="GET", content_type="",
            query=urlencode({"id": "mo-1", "recipient": "33644600000", "originator": "33612000007", "body": "Stop svp", "createdDatetime": "2026-06-24T10:01:00+00:00"}),
            events=({"type": EventType.REPLY, "number": 33612000007, "text": "Stop svp"},),
        ),
        Told(
            what="a reply in a form", content_type="application/x-www-form-urlencoded",
            body=urlencode({"id": "mo-1", "recipient": "33644600000", "originator": "+33612000007", "body": "Ça va"}).encode(),
            events=({"type": EventType.REPLY, "number": 33612000007, "text": "Ça va"},),
        ),
        Told(
            what="a reply in JSON",
            body=json.dumps({"id": "x", "message_id": "mo-1", "originator": "33612000007", "recipient": "36180", "body": "Oui", "createdDatetime": "2026-06-24T10:01:00+00:00"}).encode(),
            events=({"type": EventType.REPLY, "number": 33612000007, "text": "Oui"},),
        ),
    )  # fmt: skip
    refusals = (
        ("a number that is none", refusal(422, 9, "recipient"), Refused, FailureClass.INVALID_NUMBER),
        ("a sender that is none", refusal(422, 9, "originator"), Refused, FailureClass.SENDER_INVALID),
        ("a text that is none", refusal(422, 10, "body"), Refused, FailureClass.CONTENT_INVALID),
        ("something else is missing", refusal(422, 9, "validity"), Refused, FailureClass.BAD_REQUEST),
        ("a wrong key", refusal(401, 2, "access_key"), Postponed, FailureClass.AUTH),
        ("a wrong key, told with 422", refusal(422, 2, "access_key"), Postponed, FailureClass.AUTH),
        ("no credit", refusal(422, 25), Postponed, FailureClass.INSUFFICIENT_CREDIT),
        ("an address that is not there", refusal(404, 20), Postponed, FailureClass.ACCOUNT),
        ("a code that nobody knows", refusal(422, 999), Refused, FailureClass.BAD_REQUEST),
        ("too many requests", refusal(429, 999), Postponed, FailureClass.THROTTLED),
        ("their error, of which nobody knows what it did", refusal(500, 99), Unanswered, None),
        ("no credit within a success", refusal(200, 25), Postponed, FailureClass.INSUFFICIENT_CREDIT),
        ("an unknown code within a success", refusal(200, 999), Unanswered, None),
        (
            "failed at once",
            Reply(201, {}, json.dumps(made([], recipients={"items": [item(33612000000, "delivery_failed", statusErrorCode=103)]})).encode()),
            Refused,
            FailureClass.OPTED_OUT,
        ),
    )  # fmt: skip

    def make_transport(self, **options: object) -> MessageBird:
        return MessageBird(key=KEY, **options)

    def take(self, call: Call) -> Reply:
        assert call.headers["Authorization"] == f"AccessKey {KEY}"
        return Reply(201, {}, json.dumps(made([int(one) for one in json.loads(call.body)["recipients"]])).encode())

    def said(self, call: Call) -> list[Said]:
        if call.method != "POST":
            return []
        body = json.loads(call.body)
        published = dict(body)
        # The document calls the time an integer, shows a text beside it, and asks for RFC 3339.
        at = published.pop("scheduledDatetime", None)
        assert problems_of("messagebird", published, beside=frozenset({"smskitUnmodelled"})) == []
        assert len(body["recipients"]) <= 50
        return [
            Said(
                int(number), body["body"], body["originator"], body["reference"] if place == 0 else None,
                body["datacoding"] == "unicode", datetime.fromisoformat(at) if at else None, body.get("validity"),
            )
            for place, number in enumerate(body["recipients"])
        ]  # fmt: skip

    def id_of(self, number: int) -> str:
        return "mb-1"

    def sign(self, request, at, secret):
        return {"MessageBird-Signature-JWT": token(secret, request.url, request.body, at)}


def calls_of(messages, **options: object) -> list[Call]:
    calls: list[Call] = []
    take = TestMessageBird().take
    drive(MessageBird(key=KEY, **options).submit(messages), lambda call: calls.append(call) or take(call))
    return calls


def answering(body: object, status: int = 200):
    return lambda call: Reply(status, {}, json.dumps(body).encode())


# ---------------------------------------------------------------- requests


def test_fifty_people_with_one_text_are_one_request():
    (call,) = calls_of([outgoing(seq) for seq in range(50)])
    told = json.loads(call.body)
    assert told["recipients"] == [str(33612000000 + seq) for seq in range(50)]
    assert told["reference"] == "run-0"


def test_each_text_is_a_request_of_its_own():
    calls = calls_of([outgoing(seq, text=f"Bonjour {seq % 2}") for seq in range(6)])
    assert [len(json.loads(call.body)["recipients"]) for call in calls] == [3, 3]
    assert [json.loads(call.body)["reference"] for call in calls] == ["run-0", "run-1"]


def test_what_waits_for_its_time_is_alone_in_its_request():
    """The id that takes one back would take back all that share it."""
    at = datetime(2026, 6, 25, 8, tzinfo=timezone.utc)
    calls = calls_of([evolve(outgoing(seq), send_at=at) for seq in range(3)] + [outgoing(3), outgoing(4)])
    assert sorted(len(json.loads(call.body)["recipients"]) for call in calls) == [1, 1, 1, 2]


def test_nothing_is_left_to_what_messagebird_thinks_best():
    (call,) = calls_of([outgoing(text="https://shop.example/soldes")])
    told = json.loads(call.body)
    assert (told["shortenUrls"], told["datacoding"], told["mclass"], told["type"]) == (False, "plain", 1, "sms")


def test_the_callback_is_told_with_each_request():
    (call,) = calls_of([outgoing()], callback="https://shop.example/in")
    assert json.loads(call.body)["reportUrl"] == "https://shop.example/in"


SENDERS = [("nobody", "", "needs a sender"), ("twelve letters", "MABOUTIQUEXY", "11 letters")]


@pytest.mark.parametrize(("sender", "why"), [row[1:] for row in SENDERS], ids=[row[0] for row in SENDERS])
def test_a_sender_that_messagebird_does_not_take_is_refused_at_the_call(sender, why):
    with pytest.raises(InvalidInput, match=why):
        MessageBird(key=KEY).submit([outgoing(sender=sender)])


def test_a_number_as_sender_has_no_plus():
    (call,) = calls_of([outgoing(sender="+33644600000")])
    assert json.loads(call.body)["originator"] == "33644600000"


# ---------------------------------------------------------------- answers


def test_each_recipient_has_its_own_outcome():
    told = made([], recipients={"items": [
        item(33612000002, messagePartCount=2),
        item(33612000000, "delivery_failed", statusReason="incorrect number"),
        item(33699999999),
    ]})  # fmt: skip
    outcomes = drive(MessageBird(key=KEY).submit([outgoing(seq) for seq in range(3)]), answering(told, 201))
    assert sorted(outcomes, key=lambda outcome: outcome.reference) == [
        Refused("run-0", FailureClass.INVALID_NUMBER, "delivery_failed"),
        Unanswered("run-1"),
        Accepted("run-2", "mb-1", 2),
    ]


def test_one_bad_number_among_fifty_is_found():
    def strict(call: Call) -> Reply:
        return refusal(422, 9, "recipients") if b"33612000033" in call.body else TestMessageBird().take(call)

    outcomes = drive(MessageBird(key=KEY).submit([outgoing(seq) for seq in range(50)]), strict)
    assert [o for o in outcomes if not isinstance(o, Accepted)] == [Refused("run-33", FailureClass.INVALID_NUMBER, "9")]


def test_one_bad_number_is_found_though_the_refusal_is_called_a_success():
    def strict(call: Call) -> Reply:
        return refusal(200, 9, "recipients") if b"33612000033" in call.body else TestMessageBird().take(call)

    outcomes = drive(MessageBird(key=KEY).submit([outgoing(seq) for seq in range(50)]), strict)
    assert {o.reference for o in outcomes if not isinstance(o, Accepted)} == {"run-33"}


# ---------------------------------------------------------------- afterwards


def test_a_look_up_asks_once_for_a_request_and_answers_for_those_asked_about():
    calls: list[Call] = []
    told = made(
        [],
        recipients={"items": [item(33612000000, "delivered"), item(33612000001, "expired"), item(33612000002, "sent")]},
    )
    taken = [Taken("run-0", 33612000000, "mb/1"), Taken("run-1", 33612000001, "mb/1")]
    events = drive(MessageBird(key=KEY).look_up(taken), lambda call: calls.append(call) or answering(told)(call))
    assert [(event.reference, event.number, event.status) for event in events] == [
        ("run-0", 33612000000, DeliveryStatus.DELIVERED),
        ("run-1", 33612000001, DeliveryStatus.EXPIRED),
    ]
    assert [(call.method, call.url) for call in calls] == [("GET", "https://rest.messagebird.com/messages/mb%2F1")]
    assert drive(MessageBird(key=KEY).look_up(taken), answering(made([]), 404)) == ()


def test_a_message_that_waits_can_be_taken_back():
    assert drive(MessageBird(key=KEY).withdraw("mb-1"), lambda call: Reply(204)) is True
    assert drive(MessageBird(key=KEY).withdraw("mb-1"), lambda call: refusal(404, 20)) is False


UNITS = [("euros", "euros", "EUR"), ("their own unit", "credits", "credits")]


@pytest.mark.parametrize(("unit", "currency"), [row[1:] for row in UNITS], ids=[row[0] for row in UNITS])
def test_the_balance_is_told(unit, currency):
    left = drive(MessageBird(key=KEY).balance(), answering({"payment": "prepaid", "type": unit, "amount": 9.2}))
    assert (str(left.amount), left.currency) == ("9.2", currency)


def test_a_balance_that_is_not_told_is_an_error():
    with pytest.raises(TransportError, match="balance"):
        drive(MessageBird(key=KEY).balance(), answering({}, 401))


# ---------------------------------------------------------------- signatures

# Published with MessageBird's Go SDK (signature_jwt/testdata/reference.json, 2022): real tokens of its own making.
PUBLISHED_KEY = "36efdd1aace2e26cd490f0d951138253bef2f7c6d34d18981da781555cc4cebb"
PUBLISHED_AT = datetime(2021, 7, 5, 10, tzinfo=timezone.utc)
_HEAD = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJNZXNzYWdlQmlyZCIsIm5iZiI6MTYyNT"
BARE = _HEAD + (
    "Q3OTIwMCwiZXhwIjoxNjI1NDc5MjYwLCJqdGkiOiI1OWEyNDRkYy1lOWFkLTRlMjMtOTc3OC0zNzFmYWEyMzhmNzIiLCJ1cmxfaGFzaCI6"
    "IjBmMTE1ZGIwNjJiN2MwZGQwMzBiMTY4NzhjOTlkZWE1YzM1NGI0OWRjMzdiMzhlYjg4NDYxNzljNzc4M2U5ZDcifQ."
    "6Fp0rVOsRr1fj9S2GidXAfkmPVofKr8_RTffC6G6r2E"
)
WITH_BODY = _HEAD + (
    "Q3OTIwMCwiZXhwIjoxNjI1NDc5MjYwLCJqdGkiOiI5M2U1NTAwNi1hMGU4LTQ1MjYtYTE5MC1mYTVmZjAwZWExMTYiLCJ1cmxfaGFzaCI6"
    "IjQxZjA1ZjBkZGQwYTIyYWIyMDlhYzQ2ZjQ3YzQ1NzJkOWNlZmEyNTdlZDc0YjI0MDA0YmFlNzUzZWNlNmMyNjAiLCJwYXlsb2FkX2hhc2gi"
    "OiJkZmZkNjAyMWJiMmJkNWIwYWY2NzYyOTA4MDllYzNhNTMxOTFkZDgxYzdmNzBhNGIyODY4OGEzNjIxODI5ODZmIn0."
    "_H--TOuYFLpeEH39-rg5E3IHVkjHozBcaKVWPRC5m9I"
)
TOO_EARLY = _HEAD + (
    "Q4MjgwMCwiZXhwIjoxNjI1NDgyODYwLCJqdGkiOiJmOWY4YzM4Mi0yNDQ5LTQzMTEtYjcyYi0xZGY3MTY4NzkzMWUiLCJ1cmxfaGFzaCI6"
    "IjBmMTE1ZGIwNjJiN2MwZGQwMzBiMTY4NzhjOTlkZWE1YzM1NGI0OWRjMzdiMzhlYjg4NDYxNzljNzc4M2U5ZDcifQ."
    "ZELgDFNGhjZH9CffQKcq3sytBe2I0KciLxpBhcfstHQ"
)
PUBLISHED = [
    # what                                          token      url                                       body                genuine
    ("neither query nor body", BARE, "https://example.com/", b"", True),
    ("a query and a body", WITH_BODY, "https://example.com/path?bar=1&foo=2", b"Hello, World!", True),
    ("another address", BARE, "https://example.com/other", b"", False),
    ("the query in another order", WITH_BODY, "https://example.com/path?foo=2&bar=1", b"Hello, World!", False),
    ("another body", WITH_BODY, "https://example.com/path?bar=1&foo=2", b"Hello, World?", False),
    ("the body left out", WITH_BODY, "https://example.com/path?bar=1&foo=2", b"", False),
    ("a body put in", BARE, "https://example.com/", b"{}", False),
    ("before its time", TOO_EARLY, "https://example.com/", b"", False),
]  # fmt: skip


def verify(provider: MessageBird, jwt: str, url: str, body: bytes, now: datetime = NOW) -> None:
    from smskit.protocols import WebhookRequest

    provider.verify(WebhookRequest({"messagebird-signature-jwt": jwt}, body, url), now)


@pytest.mark.parametrize(
    ("jwt", "url", "body", "genuine"), [row[1:] for row in PUBLISHED], ids=[row[0] for row in PUBLISHED]
)
def test_published_tokens(jwt, url, body, genuine):
    provider = MessageBird(key=KEY, webhook=Webhook(secrets=("another-signing-key", PUBLISHED_KEY)))
    if genuine:
        verify(provider, jwt, url, body, PUBLISHED_AT)
        return
    with pytest.raises(WebhookError):
        verify(provider, jwt, url, body, PUBLISHED_AT)


LISTENER = MessageBird(key=KEY, webhook=Webhook(secrets=SIGNING))
URL = f"{HOOK}?{report(status='delivered')}"
FORGED = [
    ("of another issuer", token(SIGNING, URL, b"", NOW, iss="Somebody")),
    ("that never ends", token(SIGNING, URL, b"", NOW, exp=None)),
    ("that has no beginning", token(SIGNING, URL, b"", NOW, nbf=None)),
    ("for no address", token(SIGNING, URL, b"", NOW, url_hash=None)),
    ("that is over", token(SIGNING, URL, b"", NOW - timedelta(seconds=121))),
    ("that names no algorithm", "eyJhbGciOiJub25lIn0.e30."),
    ("that is none", "?"),
]


@pytest.mark.parametrize("jwt", [row[1] for row in FORGED], ids=[row[0] for row in FORGED])
def test_a_token_is_refused(jwt):
    with pytest.raises(WebhookError):
        verify(LISTENER, jwt, URL, b"")


@pytest.mark.parametrize("algorithm", ["HS256", "HS384", "HS512"])
def test_each_algorithm_of_messagebird_is_taken(algorithm):
    headers = {"MessageBird-Signature-JWT": token(SIGNING, URL, b"", NOW, algorithm)}
    (event,) = parse_events(LISTENER, headers, b"", URL, method="GET", now=NOW)
    assert event.status is DeliveryStatus.DELIVERED


def test_a_receipt_of_one_of_many_is_told_by_its_number():
    query = report(status="delivered", recipient="33612000031")
    url = f"{HOOK}?{query}"
    headers = {"MessageBird-Signature-JWT": token(SIGNING, url, b"", NOW)}
    (event,) = parse_events(LISTENER, headers, b"", url, method="GET", now=NOW)
    # The reference is that of the first of the request: the store takes the message to this number in the same run.
    assert (event.reference, event.number, event.provider_id) == ("run-0", 33612000031, "mb-1")


def test_each_receipt_of_a_request_finds_its_message_in_the_store():
    store = MemoryStore()
    opened(store, 3)
    store.lease("run", limit=3, now=NOW)
    store.settle("run", [Settlement(seq, SendState.ACCEPTED, "mb-1") for seq in range(3)])
    numbers = [str(send.number) for send in store.sends("run")]
    provider = MessageBird(key=KEY, webhook=Webhook(secrets=SIGNING))
    reports = (
        report(status="delivered", recipient=numbers[2]),
        report(status="delivery_failed", statusErrorCode="103", recipient=numbers[0]),
        report(status="sent", recipient=numbers[1], reference=None),
    )
    for query in reports:
        url = f"{HOOK}?{query}"
        headers = {"MessageBird-Signature-JWT": token(SIGNING, url, b"", NOW)}
        receive(store, parse_events(provider, headers, b"", url, method="GET", now=NOW))
    assert [send.status for send in store.sends("run")] == [
        DeliveryStatus.BLOCKED,
        DeliveryStatus.SENT,
        DeliveryStatus.DELIVERED,
    ]
    assert list(store.suppressed([int(number) for number in numbers])) == [int(numbers[0])]
