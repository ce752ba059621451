"""Twilio held to the contract, and its own ways: forms, services, signatures with and without a port, no reference."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from hashlib import sha256
from random import Random
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import pytest
from attrs import evolve
from tests.transports.providers.request_schemas import form_body, problems_of

from smskit.errors import InvalidInput, TransportError, UnsupportedFeature, WebhookError
from smskit.kinds import DeliveryStatus, EventType, FailureClass
from smskit.protocols import Call, Reply, WebhookRequest
from smskit.records import Accepted, Postponed, Refused, Taken, Unanswered
from smskit.testing.factories import outgoing
from smskit.testing.providers import HOOK, NOW, PATH_SECRET, ProviderContract, Said, Told
from smskit.transports.drivers import drive
from smskit.transports.providers.twilio import Twilio
from smskit.transports.wire.requests import reference_in
from smskit.transports.wire.signatures import hmac_base64
from smskit.transports.wire.webhooks import Webhook, parse_events

ACCOUNT = "AC" + "0" * 32
TOKEN = "twilio-auth-token-0123456789abcd"
SERVICE = "MG" + "a" * 32
SID = "SM" + "1" * 32
FORM = "application/x-www-form-urlencoded"


def sid_of(number: int) -> str:
    return f"SM{number % 10_000:032d}"


def made(number: int, text: str, **changes: object) -> dict[str, object]:
    """Give a Message resource as Twilio writes it."""
    return {
        "sid": sid_of(number),
        "account_sid": ACCOUNT,
        "messaging_service_sid": SERVICE,
        "to": f"+{number}",
        "from": "MABOUTIQUE",
        "body": text,
        "status": "accepted",
        "num_segments": "1",
        "num_media": "0",
        "direction": "outbound-api",
        "price": None,
        "price_unit": "USD",
        "error_code": None,
        "error_message": None,
        "date_created": format_datetime(NOW - timedelta(minutes=1)),
        "date_updated": format_datetime(NOW),
        "date_sent": None,
        "uri": f"/2010-04-01/Accounts/{ACCOUNT}/Messages/{sid_of(number)}.json",
        **changes,
    }


def error(status: int, code: int) -> Reply:
    told = {"code": code, "message": "…", "more_info": f"https://www.twilio.com/docs/errors/{code}", "status": status}
    return Reply(status, {"Content-Type": "application/json"}, json.dumps(told).encode())


def form(**fields: object) -> bytes:
    return urlencode(fields).encode()


def callback(status: str, code: str = "", **fields: str) -> bytes:
    told = {"AccountSid": ACCOUNT, "From": "MABOUTIQUE", "MessageSid": SID, "SmsSid": SID, "To": "+33612000007"}
    if code:
        told["ErrorCode"] = code
    return form(**told, MessageStatus=status, SmsStatus=status, ApiVersion="2010-04-01", **fields)


def streamed(kind: str, **data: object) -> bytes:
    event = {"specversion": "1.0", "type": f"com.twilio.{kind}", "source": "AB1", "id": "NO1", "data": data}
    return json.dumps([event]).encode()


def by_hash(what: str, body: bytes, *events: dict[str, object]) -> Told:
    return Told(what=what, body=body, query=f"bodySHA256={sha256(body).hexdigest()}", events=events)


RECEIPTS = [
    # what                                           status        code     meaning                  failure
    ("taken", "accepted", "", DeliveryStatus.ACCEPTED, None),
    ("waiting for its time", "scheduled", "", DeliveryStatus.SCHEDULED, None),
    ("in their queue", "queued", "", DeliveryStatus.QUEUED, None),
    ("about to leave", "sending", "", DeliveryStatus.QUEUED, None),
    ("with the operator", "sent", "", DeliveryStatus.SENT, None),
    ("arrived", "delivered", "", DeliveryStatus.DELIVERED, None),
    ("read, over RCS", "read", "", DeliveryStatus.READ, None),
    ("some of several", "partially_delivered", "", DeliveryStatus.SENT, None),
    ("taken back", "canceled", "", DeliveryStatus.CANCELLED, FailureClass.CANCELLED),
    ("not arrived, nobody says why", "undelivered", "", DeliveryStatus.UNDELIVERED, FailureClass.UNSPECIFIED),
    ("switched off", "undelivered", "30003", DeliveryStatus.UNDELIVERED, FailureClass.UNREACHABLE),
    ("blocked", "undelivered", "30004", DeliveryStatus.BLOCKED, FailureClass.CARRIER_BLOCK),
    ("a number that nobody has", "undelivered", "30005", DeliveryStatus.UNDELIVERED, FailureClass.UNKNOWN_SUBSCRIBER),
    ("a landline", "undelivered", "30006", DeliveryStatus.UNDELIVERED, FailureClass.UNSUPPORTED),
    ("taken for spam", "undelivered", "30007", DeliveryStatus.BLOCKED, FailureClass.SPAM_FILTER),
    ("their queue is full", "failed", "30001", DeliveryStatus.FAILED, FailureClass.THROTTLED),
    ("the account is closed", "failed", "30002", DeliveryStatus.FAILED, FailureClass.ACCOUNT),
    ("the price is above the cap", "failed", "30010", DeliveryStatus.FAILED, FailureClass.PRICE_CAP),
    ("a sender that is not registered", "failed", "30024", DeliveryStatus.REJECTED, FailureClass.SENDER_UNREGISTERED),
    ("too late", "failed", "30036", DeliveryStatus.EXPIRED, FailureClass.VALIDITY_EXPIRED),
    ("a network's quota", "undelivered", "30023", DeliveryStatus.UNDELIVERED, FailureClass.QUOTA_EXCEEDED),
    ("opted out, told late by a service", "failed", "21610", DeliveryStatus.BLOCKED, FailureClass.OPTED_OUT),
    ("a code that nobody knows", "failed", "39999", DeliveryStatus.FAILED, FailureClass.UNSPECIFIED),
    ("a word that nobody knows", "teleported", "", None, None),
    ("a success with a code is a success", "delivered", "30003", DeliveryStatus.DELIVERED, None),
]

REFUSALS = [
    # what                                        HTTP  code   outcome     failure
    ("a wrong token", 401, 20003, Postponed, FailureClass.AUTH),
    ("an account that is not active", 403, 20005, Postponed, FailureClass.ACCOUNT),
    ("no such account", 404, 20404, Postponed, FailureClass.ACCOUNT),
    ("too many requests", 429, 20429, Postponed, FailureClass.THROTTLED),
    ("the sender's queue is full", 400, 21611, Postponed, FailureClass.THROTTLED),
    ("the pace of the channel", 429, 63018, Postponed, FailureClass.THROTTLED),
    ("the day's messages of a trial", 429, 63038, Postponed, FailureClass.QUOTA_EXCEEDED),
    ("their own fault", 500, 20500, Unanswered, None),
    ("not there for now", 503, 20503, Unanswered, None),
    ("a number that is none", 400, 21211, Refused, FailureClass.INVALID_NUMBER),
    ("a number that is no mobile", 400, 21614, Refused, FailureClass.INVALID_NUMBER),
    ("a country that is not allowed", 400, 21408, Refused, FailureClass.DESTINATION_NOT_ALLOWED),
    ("a trial and a number that is not verified", 400, 21608, Refused, FailureClass.DESTINATION_NOT_ALLOWED),
    ("who opted out", 400, 21610, Refused, FailureClass.OPTED_OUT),
    ("no route", 400, 21612, Refused, FailureClass.ROUTE_UNAVAILABLE),
    ("a text that is too long", 400, 21617, Refused, FailureClass.CONTENT_INVALID),
    ("a sender of somebody else", 400, 21606, Refused, FailureClass.SENDER_INVALID),
    ("a service without senders", 400, 21703, Refused, FailureClass.SENDER_INVALID),
    ("a time that is too near", 400, 35115, Refused, FailureClass.BAD_REQUEST),
    ("a time without a service", 400, 35118, Refused, FailureClass.BAD_REQUEST),
    ("a code that nobody knows", 400, 99999, Refused, FailureClass.BAD_REQUEST),
]

MO = {
    "MessageSid": "SM" + "9" * 32,
    "AccountSid": ACCOUNT,
    "From": "+33612000007",
    "To": "+33644600000",
    "NumMedia": "0",
}
REPLY = {"type": EventType.REPLY, "number": 33612000007, "reference": None}


class TestTwilio(ProviderContract):
    secrets = (TOKEN,)
    webhook_secret = TOKEN
    refusals = (
        *((what, error(status, code), kind, failure) for what, status, code, kind, failure in REFUSALS),
        ("failed within a success", Reply(201, {}, json.dumps(made(33612000000, "x", status="failed", error_code=30007)).encode()), Refused, FailureClass.SPAM_FILTER),
    )  # fmt: skip
    told = (
        *(
            Told(
                what=what, body=callback(status, code), content_type=FORM, query="smskit=run-7",
                events=({"type": EventType.RECEIPT, "status": meaning, "failure": failure, "number": 33612000007, "reference": "run-7", "provider_id": SID, "code": "/".join(filter(None, (status, code)))},),
            )
            for what, status, code, meaning, failure in RECEIPTS
        ),
        Told(what="a receipt without our address", body=callback("sent"), content_type=FORM,
             events=({"reference": None, "provider_id": SID, "number": 33612000007, "status": DeliveryStatus.SENT},)),
        Told(what="a reply", body=form(**MO, SmsStatus="received", Body="Merci 🎉 & à bientôt"), content_type=FORM,
             events=({**REPLY, "text": "Merci 🎉 & à bientôt", "provider_id": None},)),
        Told(what="a reply that says nothing", body=form(**MO, Body=""), content_type=FORM, events=({**REPLY, "text": ""},)),
        Told(what="STOP in the account's own words", body=form(**MO, Body="Fini", OptOutType="STOP"), content_type=FORM,
             events=({**REPLY, "text": "Fini"}, {**REPLY, "type": EventType.OPT_OUT, "text": "Fini"})),
        Told(what="START", body=form(**MO, Body="Encore", OptOutType="START"), content_type=FORM,
             events=({**REPLY, "text": "Encore"}, {**REPLY, "type": EventType.OPT_IN, "text": "Encore"})),
        Told(what="HELP is only a reply", body=form(**MO, Body="AIDE", OptOutType="HELP"), content_type=FORM, events=({**REPLY, "text": "AIDE"},)),
        Told(what="a reply of a short code is nobody's", body=form(**{**MO, "From": "36180"}, Body="x"), content_type=FORM),
        Told(what="a call, not a message", body=form(CallSid="CA1", CallStatus="ringing"), content_type=FORM),
        by_hash("a receipt of Event Streams",
                streamed("messaging.message.undelivered", messageSid=SID, to="+33612000007", messageStatus="UNDELIVERED", errorCode=30005, statusCallBackUrl=f"{HOOK}?smskit=run-7", dateUpdated="2026-06-24T09:59:59.000Z"),
                {"type": EventType.RECEIPT, "status": DeliveryStatus.UNDELIVERED, "failure": FailureClass.UNKNOWN_SUBSCRIBER, "reference": "run-7", "number": 33612000007, "provider_id": SID}),
        by_hash("a reply of Event Streams",
                streamed("messaging.inbound-message.received", messageSid="SM9", to="+33644600000", **{"from": "+33612000007"}, body="STOP", timestamp="2026-06-24T09:59:00.000Z"),
                {**REPLY, "text": "STOP"}),
        by_hash("a click of Event Streams",
                streamed("daptbt.link-shortening.link-clicked", message_sid=SID, to="+33612000007", click_time="2026-06-24T09:58:00.000Z"),
                {"type": EventType.CLICK, "number": 33612000007, "provider_id": SID, "at": NOW - timedelta(minutes=2)}),
        by_hash("an event about something else", streamed("voice.status", callSid="CA1")),
    )  # fmt: skip

    def make_transport(self, **options: object) -> Twilio:
        return Twilio(**{"account": ACCOUNT, "token": TOKEN, "messaging_service": SERVICE, **options})

    def take(self, call: Call) -> Reply:
        assert call.url.startswith(f"https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT}/Messages.json")
        assert call.headers["Authorization"].startswith("Basic QUMwMDAw")
        if call.method == "GET":
            return Reply(200, {"Date": format_datetime(NOW, usegmt=True)}, b'{"messages": []}')
        assert call.headers["Content-Type"] == FORM
        fields = dict(parse_qsl(call.body.decode(), strict_parsing=True))
        body = made(int(fields["To"]), fields["Body"], from_=fields.get("From"))
        return Reply(201, {"Content-Type": "application/json"}, json.dumps(body).encode())

    def said(self, call: Call) -> list[Said]:
        if call.method != "POST":
            return []
        fields = form_body("twilio", call.body)
        told = {name: value for name, value in fields.items() if name not in self.extra}
        assert problems_of("twilio", told) == []
        assert told["SmartEncoded"] is False
        at = datetime.fromisoformat(told["SendAt"].replace("Z", "+00:00")) if "SendAt" in told else None
        assert (told.get("ScheduleType") == "fixed") == (at is not None)
        url = told.get("StatusCallback", "")
        return [
            Said(int(told["To"].removeprefix("+")), told["Body"], told.get("From", ""), reference_in(url), None, at, told.get("ValidityPeriod"))
        ]  # fmt: skip

    def id_of(self, number: int) -> str:
        return sid_of(number)

    def sign(self, request: WebhookRequest, at: datetime, secret: str) -> dict[str, str]:
        fields = ""
        if "json" not in request.headers["content-type"]:
            try:
                pairs = sorted(parse_qsl(request.body.decode(), keep_blank_values=True))
            except UnicodeDecodeError:
                pairs = []
            fields = "".join(name + value for name, value in pairs)
        return {"X-Twilio-Signature": hmac_base64(secret, f"{request.url}{fields}".encode(), "sha1")}


def play(provider: Twilio, *messages: object, reply: Reply | None = None) -> list[Call]:
    calls: list[Call] = []

    def answer(call: Call) -> Reply:
        calls.append(call)
        return reply or TestTwilio().take(call)

    for message in messages or (outgoing(),):
        drive(provider.submit([message]), answer)
    return calls


def fields_of(provider: Twilio, message: object) -> dict[str, str]:
    (call,) = play(provider, message)
    return dict(parse_qsl(call.body.decode()))


# ---------------------------------------------------------------- requests

SENDERS = [
    # what                                         option   sender           From             MessagingServiceSid
    ("a word", "", "MABOUTIQUE", "MABOUTIQUE", None),
    ("a number gets its plus sign", "", "33644600000", "+33644600000", None),
    ("a number keeps its plus sign", "", "+33644600000", "+33644600000", None),
    ("a short code has none", "", "36180", "36180", None),
    ("a service as the sender", "", SERVICE, None, SERVICE),
    ("a service and a word", SERVICE, "MABOUTIQUE", "MABOUTIQUE", SERVICE),
    ("a service that chooses", SERVICE, "", None, SERVICE),
    ("a service named twice", SERVICE, SERVICE, None, SERVICE),
    ("a word that begins like one", "", "MGSTORE", "MGSTORE", None),
]


@pytest.mark.parametrize(
    ("option", "sender", "number", "service"), [row[1:] for row in SENDERS], ids=[row[0] for row in SENDERS]
)
def test_the_sender_is_a_number_a_word_or_a_service(option, sender, number, service):
    provider = Twilio(account=ACCOUNT, token=TOKEN, messaging_service=option)
    told = fields_of(provider, outgoing(sender=sender))
    assert (told.get("From"), told.get("MessagingServiceSid")) == (number, service)


def test_a_message_of_nobody_is_refused_at_the_call():
    with pytest.raises(InvalidInput, match="sender"):
        Twilio(account=ACCOUNT, token=TOKEN).submit([outgoing(sender="")])


def test_a_time_needs_a_service():
    message = evolve(outgoing(), send_at=NOW + timedelta(hours=1))
    bare = Twilio(account=ACCOUNT, token=TOKEN)
    assert not bare.features.schedules
    with pytest.raises(UnsupportedFeature, match="send_at"):
        bare.submit([message])
    told = fields_of(Twilio(account=ACCOUNT, token=TOKEN, messaging_service=SERVICE), message)
    assert (told["SendAt"], told["ScheduleType"]) == ("2026-06-24T11:00:00Z", "fixed")


def test_the_callback_carries_our_reference():
    provider = Twilio(account=ACCOUNT, token=TOKEN, callback="https://shop.example/in?shop=1")
    told = fields_of(provider, outgoing(7))
    assert told["StatusCallback"] == "https://shop.example/in?shop=1&smskit=run-7"
    assert "StatusCallback" not in fields_of(Twilio(account=ACCOUNT, token=TOKEN), outgoing())


def test_an_option_may_stand_several_times_and_replaces_ours():
    provider = Twilio(
        account=ACCOUNT, token=TOKEN, extra={"MediaUrl": ["https://a", "https://b"], "SmartEncoded": True}
    )
    (call,) = play(provider)
    told = parse_qs(call.body.decode())
    assert (told["MediaUrl"], told["SmartEncoded"]) == (["https://a", "https://b"], ["true"])


CREDENTIALS = [
    # what                              options                                            user     fits
    ("the auth token", {"token": TOKEN}, ACCOUNT, True),
    ("an API key", {"key": "SK1", "secret": "s3cret"}, "SK1", True),
    ("both: the key makes the requests", {"token": TOKEN, "key": "SK1", "secret": "s3cret"}, "SK1", True),
    ("nothing", {}, "", False),
    ("a key without its secret", {"key": "SK1", "token": TOKEN}, "", False),
    ("a secret without its key", {"secret": "s3cret"}, "", False),
    ("the id of something else", {"token": TOKEN, "account": "SK1"}, "", False),
    ("a service that is none", {"token": TOKEN, "messaging_service": "MG1"}, "", False),
]


@pytest.mark.parametrize(
    ("options", "user", "fits"), [row[1:] for row in CREDENTIALS], ids=[row[0] for row in CREDENTIALS]
)
def test_requests_are_made_with_the_token_or_with_a_key(options, user, fits):
    if not fits:
        with pytest.raises(InvalidInput, match="takes"):
            Twilio(**{"account": ACCOUNT, **options})
        return
    provider = Twilio(account=ACCOUNT, **options)
    assert "s3cret" not in repr(provider)
    replies = [Reply(201, {}, json.dumps(made(33612000000, "x")).encode())]
    (call,) = play(provider, reply=replies[0])
    assert call.headers["Authorization"] == httpx_basic(user, options.get("secret") if user == "SK1" else TOKEN)


def httpx_basic(user: str, secret: str) -> str:
    """Let somebody else write the header."""
    import httpx

    request = next(httpx.BasicAuth(user, secret).auth_flow(httpx.Request("GET", "https://a.example")))
    return request.headers["Authorization"]


# ---------------------------------------------------------------- answers

PARTS = [
    # what                            num_segments  parts
    ("one, as text", "1", 1),
    ("seven, as text", "7", 7),
    ("a number all the same", 2, 2),
    ("not known yet by a service", "0", None),
    ("nothing", None, None),
    ("nonsense", "many", None),
]


@pytest.mark.parametrize(("told", "parts"), [row[1:] for row in PARTS], ids=[row[0] for row in PARTS])
def test_parts_are_text_and_nought_is_not_known(told, parts):
    reply = Reply(201, {}, json.dumps(made(33612000000, "x", num_segments=told)).encode())
    (outcome,) = drive(Twilio(account=ACCOUNT, token=TOKEN).submit([outgoing()]), lambda _: reply)
    assert outcome == Accepted("run-0", sid_of(33612000000), parts)


def test_a_refusal_keeps_the_code():
    (outcome,) = drive(Twilio(account=ACCOUNT, token=TOKEN).submit([outgoing()]), lambda _: error(400, 21610))
    assert outcome == Refused("run-0", FailureClass.OPTED_OUT, "21610")


# ---------------------------------------------------------------- afterwards

LISTED = [
    # what                                      changes                                                      found
    ("it", {}, True),
    ("another text", {"body": "Bonjour, -15% jusqu'a dimanche. STOP au 36180 "}, False),
    ("another sender", {"from": "AUTRE"}, False),
    ("another number", {"to": "+33612000001"}, False),
    ("of an earlier campaign", {"date_created": format_datetime(NOW - timedelta(hours=25))}, False),
    ("of a time that nobody can read", {"date_created": "yesterday"}, False),
    ("without an id", {"sid": None}, False),
]


def listing(*items: object, date: str | None = None) -> Reply:
    return Reply(200, {"Date": date or format_datetime(NOW, usegmt=True)}, json.dumps({"messages": items}).encode())


@pytest.mark.parametrize(("changes", "found"), [row[1:] for row in LISTED], ids=[row[0] for row in LISTED])
def test_a_message_in_doubt_is_known_by_all_that_it_says(changes, found):
    calls: list[Call] = []
    item = made(33612000000, outgoing().text, **changes)
    provider = Twilio(account=ACCOUNT, token=TOKEN)
    known = drive(provider.ask([outgoing()]), lambda call: calls.append(call) or listing(item))
    wanted = Accepted("run-0", sid_of(33612000000), 1) if found else Unanswered("run-0")
    assert known == {"run-0": wanted}
    assert dict(parse_qsl(urlsplit(calls[0].url).query))["To"] == "+33612000000"
    assert calls[0].label == "ask"


def test_two_that_say_the_same_prove_nothing():
    item = made(33612000000, outgoing().text)
    provider = Twilio(account=ACCOUNT, token=TOKEN)
    assert drive(provider.ask([outgoing()]), lambda _: listing(item, item)) == {"run-0": Unanswered("run-0")}


def test_a_list_that_tells_no_date_proves_nothing():
    item = made(33612000000, outgoing().text)
    provider = Twilio(account=ACCOUNT, token=TOKEN)
    assert drive(provider.ask([outgoing()]), lambda _: listing(item, date="?")) == {"run-0": Unanswered("run-0")}
    assert drive(provider.ask([outgoing()]), lambda _: Reply(500)) == {"run-0": Unanswered("run-0")}


def test_what_a_service_sent_is_known_by_the_service():
    item = made(33612000000, outgoing().text, **{"from": None})
    provider = Twilio(account=ACCOUNT, token=TOKEN, messaging_service=SERVICE)
    message = outgoing(sender="")
    assert isinstance(drive(provider.ask([message]), lambda _: listing(item))["run-0"], Accepted)
    other = {**item, "messaging_service_sid": "MG" + "b" * 32}
    assert drive(provider.ask([message]), lambda _: listing(other)) == {"run-0": Unanswered("run-0")}


def test_a_message_in_doubt_that_failed_was_refused():
    item = made(33612000000, outgoing().text, status="failed", error_code=21610)
    known = drive(Twilio(account=ACCOUNT, token=TOKEN).ask([outgoing()]), lambda _: listing(item))
    assert known == {"run-0": Refused("run-0", FailureClass.OPTED_OUT, "failed/21610")}


def test_strange_lists_never_raise():
    random, strange = Random(3), (None, [], {}, "", -1, 3.5, "9" * 400, ["x"], {"a": 1})
    for _ in range(200):
        item = made(33612000000, outgoing().text)
        item[random.choice(list(item))] = random.choice(strange)
        known = drive(Twilio(account=ACCOUNT, token=TOKEN).ask([outgoing()]), lambda _, item=item: listing(item))
        assert isinstance(known["run-0"], Accepted | Unanswered)


def test_a_look_up_tells_the_receipt():
    calls: list[Call] = []
    item = made(33612000007, "x", status="undelivered", error_code=30005)
    provider = Twilio(account=ACCOUNT, token=TOKEN)
    taken = [Taken("run-7", 33612000007, "SM/1")]
    reply = Reply(200, {}, json.dumps(item).encode())
    (event,) = drive(provider.look_up(taken), lambda call: calls.append(call) or reply)
    assert (event.status, event.failure) == (DeliveryStatus.UNDELIVERED, FailureClass.UNKNOWN_SUBSCRIBER)
    assert (event.reference, event.number, event.at, event.code) == ("run-7", 33612000007, NOW, "undelivered/30005")
    assert calls[0].url.endswith("/Messages/SM%2F1.json")
    assert drive(provider.look_up(taken), lambda _: Reply(404, {}, b"{}")) == ()
    assert drive(provider.look_up(taken), lambda _: Reply(200, {}, b"[]")) == ()


def test_a_message_that_waits_can_be_taken_back():
    calls: list[Call] = []
    provider = Twilio(account=ACCOUNT, token=TOKEN)
    reply = Reply(200, {}, json.dumps(made(33612000000, "x", status="canceled")).encode())
    assert drive(provider.withdraw(SID), lambda call: calls.append(call) or reply) is True
    assert (calls[0].method, calls[0].body) == ("POST", b"Status=canceled")
    assert drive(provider.withdraw(SID), lambda _: error(400, 30409)) is False
    assert drive(provider.withdraw(SID), lambda _: Reply(200, {}, b'{"status": "sent"}')) is False


def test_the_balance_has_its_currency():
    provider = Twilio(account=ACCOUNT, token=TOKEN)
    reply = Reply(200, {}, b'{"account_sid": "AC1", "balance": "48.80000", "currency": "USD"}')
    balance = drive(provider.balance(), lambda _: reply)
    assert (str(balance.amount), balance.currency) == ("48.80000", "USD")
    with pytest.raises(TransportError, match="balance"):
        drive(provider.balance(), lambda _: error(401, 20003))


# ---------------------------------------------------------------- signatures
# Made with RequestValidator.compute_signature of twilio 9.13.0 and the token above.

RECEIPT = {"MessageSid": SID, "MessageStatus": "delivered", "To": "+33612000007", "From": "MABOUTIQUE", "Empty": ""}
EMOJI = {"Body": "Ça va ? Noël 🎉 a=b&c", "From": "+33612000007", "MessageSid": "SM" + "2" * 32}
TWICE = [("A", "2"), ("A", "1"), ("A", "1"), ("a", "x"), ("B", "")]
JSON = '[{"id":"1","ok":"é"}]'.encode()
HASH = "2b47129588deac04de87a5c58e51797f6abe6f56c1ce83ab81689894f5e741a5"
PLAIN = "https://shop.example/sms?smskit=run-7"
PORT = PLAIN.replace("example/", "example:443/")
NEW = "key=webhooks_sharedkey_1,algorithm=HMAC_SHA256"
SIGNED = [
    # what                                          url    body    settings  signature
    ("SHA-1 over a form", PLAIN, RECEIPT, "", "vEB4A2wue3nHPBnW5S99CTNY8Zw="),
    ("SHA-256, said in a header", PLAIN, RECEIPT, NEW, "hr+kVZ2NiBnipXmYViReb6EOXTBXSfpMAKl1FGyPjdk="),
    ("a header without an algorithm", PLAIN, RECEIPT, "key=x", "vEB4A2wue3nHPBnW5S99CTNY8Zw="),
    ("signed with the port, called without", PLAIN, RECEIPT, "", "SbvjZ9YIQrdIy/sMQX16ldBkpDs="),
    ("called with the port, signed without", PORT, RECEIPT, "", "vEB4A2wue3nHPBnW5S99CTNY8Zw="),
    ("another port", PORT.replace("443", "8443"), RECEIPT, "", "8X5OoZkzfClEzRictXlHRxuJub4="),
    ("another port that is not signed", PORT.replace("443", "8443"), RECEIPT, "", "vEB4A2wue3nHPBnW5S99CTNY8Zw="),
    ("http without its port", "http://shop.example/sms", RECEIPT, "", "qn/a58cWkCwx5gxMmwIQHhAL6Xw="),
    ("emoji and signs of a query in a text", PLAIN, EMOJI, "", "M6W5LSP8yAM93CcShcB16NImbnA="),
    ("a field that stands several times", PLAIN, TWICE, "", "M5Q7iIHCwXXIl3/G3E4GLJxdHIE="),
    ("nothing but an address", PLAIN, {}, "", "gOZ1AlWtta5DgJ70W7De7K+QG0Q="),
    ("JSON, its hash in the address", f"https://shop.example/sms?bodySHA256={HASH}", JSON, NEW, "DAkjCbKR1RFgylTeIECbnTGTRHa1ea5qyJZuYBGfWMo="),
]  # fmt: skip


def signed(url: str, body: object, settings: str, signature: str, provider: Twilio | None = None):
    is_json = isinstance(body, bytes)
    headers = {"X-Twilio-Signature": signature, "Content-Type": "application/json" if is_json else FORM}
    if settings:
        headers["X-Twilio-Webhooks-Signature-Settings"] = settings
    octets = body if is_json else urlencode(body).encode()
    return parse_events(provider or Twilio(account=ACCOUNT, token=TOKEN), headers, octets, url, now=NOW)


@pytest.mark.parametrize(("url", "body", "settings", "signature"), [row[1:] for row in SIGNED], ids=[row[0] for row in SIGNED])  # fmt: skip
def test_signatures_of_the_official_library_are_taken_and_changed_ones_are_not(url, body, settings, signature):
    signed(url, body, settings, signature)
    other = ("A" if signature[5] != "A" else "B").join((signature[:5], signature[6:]))
    for forged in (other, "", signature.lower(), signature[:-4]):
        with pytest.raises(WebhookError, match="did not sign"):
            signed(url, body, settings, forged)
    with pytest.raises(WebhookError, match="did not sign"):
        signed(url.replace("/sms", "/smx"), body, settings, signature)


def test_an_algorithm_that_nobody_knows_is_refused():
    with pytest.raises(WebhookError, match="a way"):
        signed(PLAIN, RECEIPT, "key=x,algorithm=HMAC_MD5", "vEB4A2wue3nHPBnW5S99CTNY8Zw=")


def test_a_body_that_the_signed_hash_does_not_cover_is_refused():
    url, signature = f"https://shop.example/sms?bodySHA256={HASH}", "DAkjCbKR1RFgylTeIECbnTGTRHa1ea5qyJZuYBGfWMo="
    with pytest.raises(WebhookError, match="bodySHA256"):
        signed(url, JSON.replace(b"1", b"2"), NEW, signature)
    with pytest.raises(WebhookError, match="bodySHA256"):  # an address that was signed for something else
        signed(PLAIN, JSON, "", "gOZ1AlWtta5DgJ70W7De7K+QG0Q=")


def test_with_an_api_key_the_auth_token_signs_or_the_path_does():
    key = {"account": ACCOUNT, "key": "SK1", "secret": "s3cret"}
    row = (PLAIN, RECEIPT, "", "vEB4A2wue3nHPBnW5S99CTNY8Zw=")
    with pytest.raises(WebhookError, match="nothing shows"):
        signed(*row, provider=Twilio(**key))
    assert signed(*row, provider=Twilio(**key, webhook=Webhook(secrets=TOKEN)))
    by_path = Twilio(**key, webhook=Webhook(path_secrets=PATH_SECRET))
    assert signed(HOOK, RECEIPT, "", "", provider=by_path)


def test_a_secret_in_the_path_does_not_replace_the_signature():
    provider = Twilio(account=ACCOUNT, token=TOKEN, webhook=Webhook(path_secrets=PATH_SECRET))
    with pytest.raises(WebhookError, match="did not sign"):
        signed(HOOK, RECEIPT, "", "", provider=provider)


def test_strange_events_of_a_stream_never_raise():
    random, strange = Random(9), (None, [], {}, "", -1, 3.5, True, "9" * 400, ["x"], {"a": 1}, "http://[")
    provider = Twilio(account=ACCOUNT, token=TOKEN)
    for told in TestTwilio.told:
        if "json" not in told.content_type:
            continue
        for _ in range(60):
            (event,) = json.loads(told.body)
            place = event["data"] if random.random() < 0.8 else event
            place[random.choice(list(place))] = random.choice(strange)
            request = evolve(told, body=json.dumps([event]).encode()).request()
            assert all(one.status is not DeliveryStatus.DELIVERED for one in provider.parse(request, NOW))


def test_the_time_of_a_callback_is_when_it_came():
    now = datetime(2026, 7, 1, tzinfo=timezone.utc)
    request = WebhookRequest({"content-type": FORM}, callback("delivered"), HOOK)
    (event,) = Twilio(account=ACCOUNT, token=TOKEN).parse(request, now)
    assert event.at == now
