"""Carriers that are described and not programmed: three real ones under the contract, and whatever can be wrong."""

from __future__ import annotations

import json
import sys
from base64 import b64decode
from datetime import datetime, timezone
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

import pytest
from attrs import evolve

from smskit.errors import InvalidInput, UnreadableFile, UnsupportedFeature, WebhookError
from smskit.kinds import DeliveryStatus, EventType, FailureClass, Kind
from smskit.protocols import Call, Receipts, Reply, StopForm
from smskit.records import Accepted, Postponed, Refused, Unanswered
from smskit.testing.factories import outgoing
from smskit.testing.providers import HOOK, NOW, PATH_SECRET, ProviderContract, Said, Told
from smskit.transports.drivers import drive
from smskit.transports.providers.json_carrier import JsonCarrier
from smskit.transports.wire.signatures import hmac_base64, hmac_hex
from smskit.transports.wire.webhooks import Webhook, parse_events

KEY = "key-of-the-shop"

# ---------------------------------------------------------------- 46elks: a form, basic authorization, no signature
# Sources: its pages on sending, receiving and delivery reports (46elks.se), Symfony's bridge; seen 2026-11.

ELKS: dict[str, object] = {
    "name": "elks",
    "url": "https://api.46elks.com/a1/sms",
    "basic": "{user}:{password}",
    "form": {"to": "{plus_number}", "from": "{sender}", "message": "{text}", "whendelivered": "{callback}"},
    "answer": {"id": "id", "parts": "parts", "message": ""},
    "codes": {
        "invalid to number": "invalid_number",
        "invalid sender": "sender_invalid",
        "not enough credits": "insufficient_credit",
    },
    "receipts": {
        "id": "id", "status": "status", "time": "delivered",
        "statuses": {"created": "accepted", "sent": "sent", "delivered": "delivered", "failed": "undelivered"},
    },
    "replies": {"number": "from", "text": "message", "id": "id", "when": {"direction": "incoming"}},
}  # fmt: skip


def form(**fields: str) -> bytes:
    return urlencode(fields).encode()


class TestElks(ProviderContract):
    secrets = (KEY, "user-of-the-shop")
    refusals = (
        ("a number that is none, in a sentence", Reply(403, {}, b"Invalid to number"), Refused, FailureClass.INVALID_NUMBER),
        ("a sender that is none", Reply(400, {}, b"Invalid sender"), Refused, FailureClass.SENDER_INVALID),
        ("no credit, with 403", Reply(403, {}, b"Not enough credits"), Postponed, FailureClass.INSUFFICIENT_CREDIT),
        ("a wrong key", Reply(401, {}, b"API access requires Basic HTTP authentication."), Postponed, FailureClass.AUTH),
        ("a sentence that nobody knows", Reply(400, {}, b"No."), Refused, FailureClass.BAD_REQUEST),
        ("a known sentence behind a 5xx proves nothing", Reply(500, {}, b"Invalid sender"), Unanswered, None),
        ("a known sentence within a success", Reply(200, {}, b"Invalid sender"), Refused, FailureClass.SENDER_INVALID),
    )  # fmt: skip
    told = (
        *(
            Told(
                what=f"a receipt: {word}", body=form(id="s1", status=word, delivered="2026-06-24T10:00:07.123000"),
                content_type="application/x-www-form-urlencoded", query="smskit=run-7",
                events=({"type": EventType.RECEIPT, "status": status, "reference": "run-7", "provider_id": "s1", "code": word},),
            )
            for word, status in (
                ("sent", DeliveryStatus.SENT), ("delivered", DeliveryStatus.DELIVERED),
                ("failed", DeliveryStatus.UNDELIVERED), ("teleported", None),
            )
        ),
        Told(
            what="a reply", content_type="application/x-www-form-urlencoded",
            body=form(id="mo1", direction="incoming", to="+46700000000", **{"from": "+33612000007"}, message="Stop {svp}"),
            events=({"type": EventType.REPLY, "number": 33612000007, "text": "Stop {svp}"},),
        ),
    )  # fmt: skip

    def make_transport(self, **options: object) -> JsonCarrier:
        secrets = {"user": "user-of-the-shop", "password": KEY}
        return JsonCarrier(description=ELKS, secrets=secrets, **options)

    def take(self, call: Call) -> Reply:
        scheme, _, told = call.headers["Authorization"].partition(" ")
        assert (scheme, b64decode(told)) == ("Basic", f"user-of-the-shop:{KEY}".encode())
        assert call.headers["Content-Type"] == "application/x-www-form-urlencoded"
        to = dict(parse_qsl(call.body.decode()))["to"]
        answer = {"id": f"s{to[-4:]}", "status": "created", "to": to, "parts": 1, "cost": 3500}
        return Reply(200, {}, json.dumps(answer).encode())

    def said(self, call: Call) -> list[Said]:
        told = dict(parse_qsl(call.body.decode(), keep_blank_values=True))
        return [Said(int(told["to"].removeprefix("+")), told["message"], told.get("from", ""))]

    def id_of(self, number: int) -> str:
        return f"s{str(number)[-4:]}"


# ---------------------------------------------------------------- Clickatell: an array of numbers, a packaged table
# Sources: its PHP library for the platform of 2016 on, RapidPro courier (receipts and replies); seen 2026-11.

CLICKATELL: dict[str, object] = {
    "name": "clickatell",
    "url": "https://platform.clickatell.com/messages",
    "headers": {"Authorization": "{key}"},
    "json": {"content": "{text}", "from": "{sender}", "clientMessageId": "{reference}", "charset": "{unicode}"},
    "words": {"unicode": {"true": "UCS2-BE", "false": None}},
    "messages": {"largest": 100, "at": "to", "each": "{number}"},
    "answer": {
        "each": "messages", "id": "apiMessageId", "number": "to", "status": "accepted", "accepted": True,
        "code": "errorCode", "error_code": "errorCode",
    },
    "codes": "clickatell",
    "receipts": {"id": "messageId", "status": "statusCode", "number": "toNumber", "time": "timestamp"},
    "replies": {"number": "fromNumber", "text": "text", "id": "messageId", "time": "timestamp"},
    "signature": {"header": "X-Signature", "algorithm": "sha512", "encoding": "base64", "prefix": "sha512="},
}  # fmt: skip
CLICKATELL_STATUSES = [
    ("1", DeliveryStatus.UNKNOWN), ("2", DeliveryStatus.QUEUED), ("3", DeliveryStatus.SENT), (4, DeliveryStatus.DELIVERED),
    ("5", DeliveryStatus.REJECTED), ("6", DeliveryStatus.CANCELLED), ("7", DeliveryStatus.UNDELIVERED),
    ("8", DeliveryStatus.ACCEPTED), (9, DeliveryStatus.REJECTED), (10, DeliveryStatus.EXPIRED), ("11", DeliveryStatus.QUEUED),
    ("12", DeliveryStatus.FAILED), ("14", DeliveryStatus.REJECTED), ("77", None),
]  # fmt: skip


class TestClickatell(ProviderContract):
    secrets = (KEY,)
    webhook_secret = "what-the-webhook-is-signed-with"
    refusals = (
        ("an error of one message within a success", Reply(202, {}, b'{"messages": [{"to": "33612000000", "accepted": false, "errorCode": 9}]}'), Refused, FailureClass.ROUTE_UNAVAILABLE),
        ("no credit, within a success", Reply(202, {}, b'{"messages": [{"to": "33612000000", "accepted": false, "errorCode": 12}]}'), Postponed, FailureClass.INSUFFICIENT_CREDIT),
        ("an unknown error within a success", Reply(202, {}, b'{"messages": [{"to": "33612000000", "accepted": false, "errorCode": 999}]}'), Unanswered, None),
        ("an error of the whole request within a success", Reply(202, {}, b'{"messages": [], "errorCode": 14}'), Refused, FailureClass.CONTENT_INVALID),
        ("an id for somebody else", Reply(202, {}, b'{"messages": [{"to": "33699999999", "accepted": true, "apiMessageId": "x"}]}'), Unanswered, None),
        ("accepted without an id", Reply(202, {}, b'{"messages": [{"to": "33612000000", "accepted": true}]}'), Unanswered, None),
        ("a known code in a refusal", Reply(400, {}, b'{"errorCode": 10}'), Refused, FailureClass.VALIDITY_EXPIRED),
        ("a code that nobody knows", Reply(400, {}, b'{"errorCode": 999}'), Refused, FailureClass.BAD_REQUEST),
    )  # fmt: skip
    told = (
        *(
            Told(
                what=f"a receipt: {code}",
                body=json.dumps({"messageId": "m1", "statusCode": code, "toNumber": "33612000007", "timestamp": 1782295207000}).encode(),
                events=({"type": EventType.RECEIPT, "status": status, "number": 33612000007, "provider_id": "m1", "at": datetime(2026, 6, 24, 10, 0, 7, tzinfo=timezone.utc)},),
            )
            for code, status in CLICKATELL_STATUSES
        ),
        Told(
            what="a reply",
            body=json.dumps({"messageId": "mo1", "fromNumber": "33612000007", "toNumber": "36180", "text": "Merci 🎉", "timestamp": 1782295207000}).encode(),
            events=({"type": EventType.REPLY, "number": 33612000007, "text": "Merci 🎉"},),
        ),
        Told(
            what="two receipts at once",
            body=json.dumps([{"messageId": "m1", "statusCode": 4, "toNumber": "33612000007"}, {"messageId": "m2", "statusCode": 7, "toNumber": "33612000008"}]).encode(),
            events=({"number": 33612000007, "status": DeliveryStatus.DELIVERED}, {"number": 33612000008, "status": DeliveryStatus.UNDELIVERED}),
        ),
    )  # fmt: skip

    def make_transport(self, **options: object) -> JsonCarrier:
        return JsonCarrier(description=CLICKATELL, secrets={"key": KEY}, **options)

    def take(self, call: Call) -> Reply:
        assert call.headers["Authorization"] == KEY
        told = [{"apiMessageId": f"id-{to[-4:]}", "accepted": True, "to": to} for to in json.loads(call.body)["to"]]
        return Reply(202, {}, json.dumps({"messages": told[::-1]}).encode())

    def said(self, call: Call) -> list[Said]:
        told = json.loads(call.body)
        return [
            Said(
                int(to), told["content"], told.get("from", ""), told["clientMessageId"] if place == 0 else None,
                told.get("charset") == "UCS2-BE",
            )
            for place, to in enumerate(told["to"])
        ]  # fmt: skip

    def id_of(self, number: int) -> str:
        return f"id-{str(number)[-4:]}"

    def sign(self, request, at, secret):
        return {"X-Signature": "sha512=" + hmac_base64(secret, request.body, "sha512")}


# ---------------------------------------------------------------- SMSFactor: recipients deep in the body, one ticket
# Sources: smsfactor-php-sdk and hexdocs sms_factor as read in 2026-11; a test of time, purpose and one id for all.

SMSFACTOR: dict[str, object] = {
    "name": "smsfactor",
    "url": "https://api.smsfactor.com/send",
    "headers": {"Authorization": "Bearer {token}"},
    "secrets": {"token": "SHOP_SMSFACTOR_TOKEN"},
    "json": {"sms": {"message": {"text": "{text}", "sender": "{sender}", "pushtype": "{kind}", "delay": "{send_at}"}}},
    "messages": {
        "largest": 500, "at": "sms.recipients.gsm", "each": {"value": "{number}", "gsmsmsid": "{reference}"},
    },
    "words": {"kind": {"marketing": "marketing", "notification": "alert", "otp": "alert"}},
    "send_at": {"format": "%Y-%m-%d %H:%M:%S", "zone": "Europe/Paris"},
    "answer": {"id": "ticket", "status": "status", "accepted": [1]},
    "codes": "smsfactor",
    "receipts": {
        "reference": "gsmsmsid", "number": "destination", "status": "status",
        "statuses": {"0": "sent", "6": "delivered", "5": "unreachable", "9": "opted_out"},
    },
}  # fmt: skip


class TestSmsFactor(ProviderContract):
    secrets = (KEY,)
    refusals = (
        ("a wrong token within a success", Reply(200, {}, b'{"status": -1, "message": "Authentication error"}'), Postponed, FailureClass.AUTH),
        ("nonsense within a success", Reply(200, {}, b'{"status": -6}'), Refused, FailureClass.BAD_REQUEST),
        ("a status that nobody knows", Reply(200, {}, b'{"status": -77}'), Unanswered, None),
        ("accepted without a ticket", Reply(200, {}, b'{"status": 1}'), Unanswered, None),
    )  # fmt: skip
    told = (
        *(
            Told(
                what=f"a receipt: {code}", method="GET", content_type="",
                query=urlencode({"gsmsmsid": "run-7", "destination": "33612000007", "status": code}),
                events=({"status": status, "failure": failure, "number": 33612000007, "reference": "run-7"},),
            )
            for code, status, failure in (
                ("0", DeliveryStatus.SENT, None), ("6", DeliveryStatus.DELIVERED, None),
                ("5", DeliveryStatus.FAILED, FailureClass.UNREACHABLE), ("9", DeliveryStatus.FAILED, FailureClass.OPTED_OUT),
                ("42", None, None),
            )
        ),
    )  # fmt: skip

    def make_transport(self, **options: object) -> JsonCarrier:
        return JsonCarrier(description=SMSFACTOR, secrets={"token": KEY}, **options)

    def take(self, call: Call) -> Reply:
        assert call.headers["Authorization"] == f"Bearer {KEY}"
        return Reply(200, {}, b'{"status": 1, "message": "OK", "ticket": "14672468", "cost": 1, "credits": 642}')

    def said(self, call: Call) -> list[Said]:
        sms = json.loads(call.body)["sms"]
        message = sms["message"]
        at = message.get("delay")
        return [
            Said(
                int(one["value"]), message["text"], message["sender"], one["gsmsmsid"],
                send_at=at and datetime.fromisoformat(f"{at}+02:00"),
            )
            for one in sms["recipients"]["gsm"]
        ]  # fmt: skip

    def id_of(self, number: int) -> str:
        return "14672468"


# ---------------------------------------------------------------- what is filled in stays as it is

SMALL: dict[str, object] = {
    "url": "https://carrier.example/messages",
    "json": {"to": "{plus_number}", "text": "{text}"},
    "answer": {"id": "message.id"},
}


def changed(**entries: object) -> dict[str, object]:
    """Give the small description with some entries changed; None takes one away."""
    return {name: value for name, value in {**SMALL, **entries}.items() if value is not None}


def calls_of(carrier: JsonCarrier, *messages) -> list[Call]:
    calls: list[Call] = []
    drive(carrier.submit(messages), lambda call: calls.append(call) or Reply(500), sleep=lambda _: None)
    return calls


PLAIN = outgoing(sender="")
TEXTS = [
    ("quotes and a backslash", "He said \"no\" \\ 'yes'"),
    ("braces", "{text} {number} {{key}} }{"),
    ("lines and tabs", "a\nb\tc\r\n"),
    ("signs of an address", "a&b=c?d#e%20+f/g"),
    ("other scripts", "Ça œuvre 🎉 日本"),
]


@pytest.mark.parametrize("text", [row[1] for row in TEXTS], ids=[row[0] for row in TEXTS])
@pytest.mark.parametrize("kind", ["json", "form", "query", "url", "beside other text"])
def test_a_text_arrives_as_it_is(kind, text):
    message = evolve(PLAIN, text=text)
    entries: dict[str, object] = {
        "json": {},
        "form": {"json": None, "form": {"to": "{number}", "text": "{text}"}},
        "query": {"json": None, "method": "GET", "query": {"to": "{number}", "text": "{text}"}},
        "url": {"json": {"to": "{number}"}, "url": "https://carrier.example/{text}/send"},
        "beside other text": {"json": {"to": "{number}", "text": "<{text}>"}},
    }[kind]
    (call,) = calls_of(JsonCarrier(description=changed(**entries)), message)
    if kind == "json":
        assert json.loads(call.body)["text"] == text
    elif kind == "beside other text":
        assert json.loads(call.body)["text"] == f"<{text}>"
    elif kind == "form":
        assert dict(parse_qsl(call.body.decode(), keep_blank_values=True)) == {"to": "33612000000", "text": text}
    elif kind == "query":
        assert dict(parse_qsl(urlsplit(call.url).query, keep_blank_values=True))["text"] == text
    else:
        (_, middle, _) = urlsplit(call.url).path.split("/")
        assert unquote(middle) == text


def test_a_value_keeps_its_type_and_what_has_nothing_to_say_is_left_out():
    description = changed(
        json={
            "to": "{number}", "text": "{text}", "from": "{sender}", "unicode": "{unicode}", "parts": "{parts}",
            "at": "{send_at_epoch}", "hook": "{callback}", "fixed": [1, True, None, "{{x}}"], "note": "by {sender}!",
        }
    )  # fmt: skip
    (call,) = calls_of(JsonCarrier(description=description), PLAIN)
    assert json.loads(call.body) == {
        "to": "33612000000", "text": PLAIN.text, "unicode": False, "parts": 1, "fixed": [1, True, None, "{x}"], "note": "by !",
    }  # fmt: skip
    at = datetime(2026, 6, 24, 10, 0, tzinfo=timezone.utc)
    (call,) = calls_of(
        JsonCarrier(description=description, callback="https://shop.example/in"), evolve(PLAIN, send_at=at)
    )
    assert json.loads(call.body)["at"] == int(at.timestamp())
    assert json.loads(call.body)["hook"] == "https://shop.example/in?smskit=run-0"


def test_options_of_the_carrier_reach_every_kind_of_body():
    extra = {"priority": "high"}
    each = {"largest": 10, "each": {"to": "{number}", "text": "{text}"}}
    (call,) = calls_of(
        JsonCarrier(description=changed(json=None, messages=each), extra=extra), PLAIN, outgoing(1, sender="")
    )
    assert [item["priority"] for item in json.loads(call.body)] == ["high", "high"]
    query = changed(json=None, method="GET", query={"to": "{number}", "text": "{text}"})
    (call,) = calls_of(JsonCarrier(description=query, extra=extra), PLAIN)
    assert dict(parse_qsl(urlsplit(call.url).query))["priority"] == "high"
    assert call.body == b""


def test_numbers_may_be_joined_in_a_form():
    description = changed(
        json=None, form={"to": "{plus_numbers}", "message": "{text}"}, messages={"largest": 3, "joined": ","},
        answer={"each": "SMSMessageData.Recipients", "id": "messageId", "number": "number", "status": "statusCode", "accepted": [100, 101, 102], "code": "statusCode"},
        codes={"403": "invalid_number", "406": "opted_out"},
    )  # fmt: skip
    told = [
        {"number": "+33612000001", "statusCode": 406, "messageId": "None"},
        {"number": "+33612000000", "statusCode": 101, "messageId": "ATXid_1"},
        {"number": "+33612000002", "statusCode": 500, "messageId": "None"},
    ]
    calls: list[Call] = []
    outcomes = drive(
        JsonCarrier(description=description).submit([outgoing(seq, sender="") for seq in range(3)]),
        lambda call: (
            calls.append(call) or Reply(201, {}, json.dumps({"SMSMessageData": {"Recipients": told}}).encode())
        ),
    )
    assert dict(parse_qsl(calls[0].body.decode()))["to"] == "+33612000000,+33612000001,+33612000002"
    assert sorted(outcomes, key=lambda outcome: outcome.reference) == [
        Accepted("run-0", "ATXid_1"),
        Refused("run-1", FailureClass.OPTED_OUT, "406"),
        Unanswered("run-2"),
    ]


def test_results_without_names_are_taken_in_order_only_when_all_are_there():
    description = changed(
        json=None,
        messages={"largest": 3, "each": {"to": "{number}", "text": "{text}"}},
        answer={"each": "", "id": "id"},
    )
    carrier, messages = (
        JsonCarrier(description=description),
        [outgoing(seq, sender="", text=f"{seq}") for seq in range(3)],
    )
    outcomes = drive(carrier.submit(messages), lambda call: Reply(200, {}, b'[{"id": "a"}, {}, {"id": "c"}]'))
    assert set(outcomes) == {Accepted("run-0", "a"), Unanswered("run-1"), Accepted("run-2", "c")}
    outcomes = drive(carrier.submit(messages), lambda call: Reply(200, {}, b'[{"id": "a"}, {"id": "c"}]'))
    assert {type(outcome) for outcome in outcomes} == {Unanswered}


def test_one_bad_number_is_found_though_the_refusal_is_called_a_success():
    """The refusal of a whole request blames nobody in it before it stands alone."""
    carrier = JsonCarrier(description={**SMSFACTOR, "codes": {"-7": "invalid_number"}}, secrets={"token": KEY})

    def strict(call: Call) -> Reply:
        return Reply(200, {}, b'{"status": -7}') if b"33612000033" in call.body else TestSmsFactor().take(call)

    outcomes = drive(carrier.submit([outgoing(seq) for seq in range(100)]), strict)
    assert [o for o in outcomes if not isinstance(o, Accepted)] == [
        Refused("run-33", FailureClass.INVALID_NUMBER, "-7")
    ]
    assert len(outcomes) == 100


def test_no_credit_told_as_a_success_stops_the_rest():
    calls: list[Call] = []
    outcomes = drive(
        JsonCarrier(description=CLICKATELL, secrets={"key": KEY}).submit([outgoing(0), outgoing(1, text="Autre")]),
        lambda call: calls.append(call) or Reply(202, {}, b'{"messages": [], "errorCode": 12}'),
    )
    assert {type(outcome) for outcome in outcomes} == {Postponed}
    assert len(calls) == 1


# ---------------------------------------------------------------- features are those of the description


def test_a_carrier_of_three_fields_can_do_little():
    features = JsonCarrier(description=SMALL).features
    assert (features.largest_batch, features.schedules, features.validity_s) == (1, False, None)
    assert (features.receipts, features.replies, features.signature) == (Receipts.NONE, False, "")


def test_a_complete_one_can_do_what_it_says():
    description = changed(
        json={"to": "{number}", "text": "{text}", "at": "{send_at}", "ttl": "{validity_s}", "stop": "{stop}"},
        validity_s=[60, 3600], largest_parts=3, longest_text=400, alphanumeric_senders=False, unicode=False,
        in_flight=4, parts_per_second=30,
    )  # fmt: skip
    stop = {"FR": StopForm("STOP 36180", printed_by_transport=True)}
    features = JsonCarrier(description=description, stop=stop).features
    assert (features.schedules, features.validity_s, features.largest_parts) == (True, (60, 3600), 3)
    assert (features.longest_text, features.alphabets, features.alphanumeric_senders) == (400, ("GSM-7",), False)
    assert (features.in_flight, features.parts_per_second, features.stop) == (4, 30, stop)


def test_a_sender_that_has_no_place_is_refused():
    with pytest.raises(InvalidInput, match=r"\{sender\}"):
        JsonCarrier(description=SMALL).submit([outgoing()])


TIMES = [
    ("seconds that the format does not have", "%d/%m/%Y %H:%M", datetime(2026, 6, 24, 10, 0, 30, tzinfo=timezone.utc)),
    ("the hour that comes twice", "%Y-%m-%d %H:%M:%S", datetime(2026, 10, 25, 1, 30, tzinfo=timezone.utc)),
]


@pytest.mark.parametrize(("pattern", "at"), [row[1:] for row in TIMES], ids=[row[0] for row in TIMES])
def test_a_time_that_cannot_be_written_is_not_changed_but_refused(pattern, at):
    description = changed(
        json={"to": "{number}", "text": "{text}", "at": "{send_at}"},
        send_at={"format": pattern, "zone": "Europe/Paris"},
    )
    with pytest.raises(InvalidInput, match="another time"):
        JsonCarrier(description=description).submit([evolve(PLAIN, send_at=at)])


def test_what_a_message_is_for_has_words_of_the_carrier():
    carrier = JsonCarrier(description=SMSFACTOR, secrets={"token": KEY})
    calls = calls_of(carrier, outgoing(0), outgoing(1, kind=Kind.OTP))
    # Two purposes are two requests; the first broke, and the second was not made.
    assert [json.loads(call.body)["sms"]["message"]["pushtype"] for call in calls] == ["marketing"]
    (call,) = calls_of(carrier, outgoing(1, kind=Kind.OTP))
    assert json.loads(call.body)["sms"]["message"]["pushtype"] == "alert"


# ---------------------------------------------------------------- secrets


def test_a_secret_comes_from_the_environment(monkeypatch):
    monkeypatch.setenv("SHOP_SMSFACTOR_TOKEN", "from-the-environment")
    (call,) = calls_of(JsonCarrier(description=SMSFACTOR), outgoing())
    assert call.headers["Authorization"] == "Bearer from-the-environment"


def test_a_secret_that_is_nowhere_is_told_by_its_name(monkeypatch):
    monkeypatch.delenv("SHOP_SMSFACTOR_TOKEN", raising=False)
    with pytest.raises(InvalidInput, match=r"secrets\.token: set the environment variable SHOP_SMSFACTOR_TOKEN"):
        JsonCarrier(description=SMSFACTOR)


def test_a_key_that_stands_in_the_description_is_not_shown_either():
    carrier = JsonCarrier(description=changed(headers={"X-Key": KEY}, url=f"https://carrier.example/{KEY}"))
    (call,) = calls_of(carrier, PLAIN)
    assert call.headers["X-Key"] == KEY
    for shown in (repr(carrier), repr(carrier.settings), repr(call)):
        assert KEY not in shown


def test_a_secret_is_written_into_an_address_as_one_word():
    description = changed(url="https://carrier.example/{key}/send?user={key}")
    (call,) = calls_of(JsonCarrier(description=description, secrets={"key": "a/b&c"}), PLAIN)
    assert call.url == "https://carrier.example/a%2Fb%26c/send?user=a%2Fb%26c"


# ---------------------------------------------------------------- webhooks

RECEIVING = changed(
    receipts={
        "each": "events", "when": {"type": ["dlr", "status"]}, "id": "sms.id", "number": "sms.to", "status": "state",
        "code": "error.code", "part": "sms.part", "time": "when", "statuses": {"ok": "delivered", "ko": "unspecified"},
    },
    replies={"each": "events", "when": {"type": "mo"}, "number": "sms.from", "text": "sms.text", "to_id": "sms.id"},
    codes={"21": "opted_out", "7": "unreachable"},
    zone="Europe/Paris",
)  # fmt: skip


def heard(carrier: JsonCarrier, told: object, headers=None, url: str = HOOK):
    body = told if isinstance(told, bytes) else json.dumps(told).encode()
    return parse_events(carrier, {"content-type": "application/json", **(headers or {})}, body, url, now=NOW)


def test_receipts_and_replies_come_mixed_and_deep():
    told = {
        "events": [
            {
                "type": "dlr",
                "state": "ok",
                "sms": {"id": "m1", "to": "33612000001", "part": 2},
                "when": "2026-06-24 12:00:05",
            },
            {"type": "status", "state": "KO", "sms": {"id": "m2", "to": "33612000002"}, "error": {"code": 21}},
            {"type": "mo", "sms": {"id": "m1", "from": "33612000001", "text": "Stop"}},
            {"type": "click", "state": "ok", "sms": {"id": "m1", "to": "33612000001"}},
        ]
    }
    listener = JsonCarrier(description=RECEIVING, webhook=Webhook(path_secrets=PATH_SECRET))
    delivered, objected, reply = heard(listener, told)
    assert (delivered.status, delivered.part, delivered.provider_id) == (DeliveryStatus.DELIVERED, "2", "m1")
    assert delivered.at == datetime(2026, 6, 24, 10, 0, 5, tzinfo=timezone.utc)
    assert (objected.status, objected.failure, objected.code) == (
        DeliveryStatus.FAILED,
        FailureClass.OPTED_OUT,
        "KO/21",
    )
    assert (reply.type, reply.text, reply.provider_id) == (EventType.REPLY, "Stop", "m1")


def test_a_query_counts_though_it_calls_itself_json():
    description = changed(receipts={"id": "id", "status": "s", "statuses": {"ok": "delivered"}})
    listener = JsonCarrier(description=description, webhook=Webhook(path_secrets=PATH_SECRET))
    assert heard(listener, b"", url=f"{HOOK}?id=m1&s=ok")[0].status is DeliveryStatus.DELIVERED


SIGNATURES = [
    ("hexadecimals", {"header": "X-Sign"}, lambda body: hmac_hex("s", body)),
    ("hexadecimals in capitals", {"header": "X-Sign"}, lambda body: hmac_hex("s", body).upper()),
    ("base64 of SHA-1", {"header": "X-Sign", "algorithm": "sha1", "encoding": "base64"}, lambda body: hmac_base64("s", body, "sha1")),
    ("with a prefix", {"header": "x-sign", "prefix": "sha256="}, lambda body: "sha256=" + hmac_hex("s", body)),
]  # fmt: skip


@pytest.mark.parametrize(("signature", "sign"), [row[1:] for row in SIGNATURES], ids=[row[0] for row in SIGNATURES])
def test_signatures_as_described(signature, sign):
    listener = JsonCarrier(description={**RECEIVING, "signature": signature}, webhook=Webhook(secrets=("new", "s")))
    body = b'{"events": [{"type": "dlr", "state": "ok", "sms": {"id": "m1"}}]}'
    assert heard(listener, body, {"X-Sign": sign(body)})[0].status is DeliveryStatus.DELIVERED
    for wrong in ("", sign(body)[:-2], sign(body + b" ")):
        with pytest.raises(WebhookError):
            heard(listener, body, {"X-Sign": wrong})


# ---------------------------------------------------------------- whatever is wrong is told, with its place

WRONG = [
    # what                                           entries                                               told
    ("no address", {"url": None}, r"url is missing"),
    ("an address without a scheme", {"url": "carrier.example/sms"}, r"url takes a whole address"),
    ("an address with its host from a secret", {"url": "https://{key}/sms"}, r"its host written out"),
    ("no answer", {"answer": None}, r"answer is missing"),
    ("an answer that tells nothing", {"answer": {"parts": "n"}}, r"answer takes id, or status"),
    ("a status without its good values", {"answer": {"status": "s"}}, r"answer.status and answer.accepted"),
    ("a word that nobody knows", {"urll": "x"}, r"urll is nothing that is known here; there are .*url"),
    ("a word that nobody knows, further in", {"answer": {"id": "id", "ids": "x"}}, r"answer\.ids is nothing"),
    ("a placeholder that nobody knows", {"json": {"to": "{phone}", "text": "{text}"}}, r"json\.to: there is no \{phone\}.*plus_number"),
    ("a message in a header", {"headers": {"X-Text": "{text}"}}, r"headers\.X-Text: there is no \{text\}"),
    ("a lone brace", {"json": {"to": "{number}", "text": "{text}}"}}, r"json\.text has a lone \}"),
    ("nobody to send to", {"json": {"text": "{text}"}}, r"whom it is for"),
    ("no text", {"json": {"to": "{number}"}}, r"\{text\} is nowhere"),
    ("two bodies", {"form": {"to": "{number}"}}, r"one body"),
    ("a body that is no object", {"json": "{text}"}, r"json takes an object"),
    ("another method", {"method": "DELETE"}, r"method takes one of GET, POST, PUT, not 'DELETE'"),
    ("a name of two words", {"name": "my carrier"}, r"name takes one word"),
    ("a place that is no text", {"answer": {"id": 3}}, r"answer\.id takes names with points"),
    ("a place with a gap", {"answer": {"id": "a..b"}}, r"answer\.id: 'a\.\.b'"),
    ("a failure that nobody knows", {"codes": {"9": "broken"}}, r"codes\.9 takes one of account, .*not 'broken'"),
    ("a table that nobody has", {"codes": "acme"}, r"codes: there is no table 'acme'; there are .*clickatell"),
    ("receipts without words", {"receipts": {"id": "id", "status": "s"}}, r"receipts\.statuses is missing"),
    ("receipts of nobody", {"receipts": {"status": "s", "statuses": {"ok": "delivered"}}}, r"one of id, number and reference"),
    ("a status that nobody knows", {"receipts": {"id": "id", "status": "s", "statuses": {"ok": "arrived"}}}, r"receipts\.statuses\.ok takes one of .*delivered"),
    ("replies of nobody", {"replies": {"text": "t"}}, r"replies takes number and text"),
    ("a signature nowhere", {"signature": {"algorithm": "sha256"}}, r"signature\.header takes"),
    ("a signature of another kind", {"signature": {"header": "X", "algorithm": "md5"}}, r"signature\.algorithm takes one of sha1"),
    ("a validity that is not used", {"validity_s": [60, 600]}, r"validity_s: its setting and the placeholder"),
    ("a validity without bounds", {"json": {"to": "{number}", "text": "{text}", "v": "{validity_s}"}}, r"validity_s: its setting"),
    ("bounds the wrong way round", {"validity_s": [600, 60]}, r"validity_s takes the shortest and the longest"),
    ("words for half of the values", {"words": {"unicode": {"true": 1}}}, r"words\.unicode takes a value for each of false, true"),
    ("words that are not used", {"words": {"unicode": {"true": 1, "false": 0}}}, r"unicode: its setting and the placeholder"),
    ("a zone that is none", {"zone": "Europe/Lille"}, r"zone takes the name of a zone"),
    ("a batch without a size", {"messages": {"each": {"to": "{number}"}}}, r"messages\.largest takes"),
    ("a batch of neither kind", {"messages": {"largest": 3}}, r"messages takes each"),
    ("a batch that says nobody", {"messages": {"largest": 3, "at": "to", "each": {"x": 1}}}, r"messages\.each does not say whom"),
    ("a batch beside a body", {"json": {"text": "{text}"}, "messages": {"largest": 3, "each": {"to": "{number}"}}}, r"messages\.at is empty"),
    ("one number in the body of many", {"messages": {"largest": 3, "at": "to", "each": "{number}"}}, r"json\.to: there is no \{plus_number\}"),
    ("joined numbers that are nowhere", {"json": {"text": "{text}"}, "messages": {"largest": 3, "joined": ","}}, r"messages\.joined"),
    ("a size of nothing", {"messages": {"largest": 0, "joined": ","}}, r"messages\.largest takes a whole number"),
    ("a pace of nothing", {"parts_per_second": 0}, r"parts_per_second takes a number above 0"),
    ("a flag that is a word", {"unicode": "yes"}, r"unicode takes true or false"),
    ("a secret called as what is of the message", {"secrets": {"text": "HOME"}}, r"secrets\.text"),
    ("a value that JSON does not have", {"json": {"to": "{number}", "text": "{text}", "at": NOW}}, r"json\.at holds a datetime"),
]  # fmt: skip


@pytest.mark.parametrize(("entries", "told"), [row[1:] for row in WRONG], ids=[row[0] for row in WRONG])
def test_what_is_wrong_is_told_with_its_place(entries, told):
    with pytest.raises(InvalidInput, match=told):
        JsonCarrier(description=changed(**entries), secrets={"key": "k"})


def test_a_mention_that_the_carrier_prints_needs_to_be_asked_for():
    with pytest.raises(InvalidInput, match=r"\{stop\}"):
        JsonCarrier(description=SMALL, stop={"FR": StopForm("STOP 36180", printed_by_transport=True)})
    with pytest.raises(UnsupportedFeature):
        JsonCarrier(description=SMALL).submit([evolve(PLAIN, carrier_stop=True)])


def test_a_secret_for_signatures_needs_a_signature():
    with pytest.raises(InvalidInput, match="signature in the description"):
        JsonCarrier(description=SMALL, webhook=Webhook(secrets="s"))


# ---------------------------------------------------------------- files


def test_a_description_in_json(tmp_path):
    path = tmp_path / "carrier.json"
    path.write_text(json.dumps(ELKS), encoding="utf-8")
    carrier = JsonCarrier.from_file(path, secrets={"user": "u", "password": "p"}, callback=HOOK)
    assert (carrier.name, carrier.features.receipts) == ("elks", Receipts.PUSHED)


TOML = """
name = "acme"
url = "https://carrier.example/messages"
[json]
to = "{plus_number}"
text = "{text}"
[answer]
id = "message.id"
"""


def test_a_description_in_toml(tmp_path):
    path = tmp_path / "carrier.toml"
    path.write_text(TOML, encoding="utf-8")
    if sys.version_info < (3, 11):
        with pytest.raises(UnreadableFile, match=r"use 3\.11 or newer"):
            JsonCarrier.from_file(path)
        return
    assert JsonCarrier.from_file(str(path)).name == "acme"


FILES = [
    ("half of an object", "carrier.json", b'{"url": '),
    ("an array", "carrier.json", b"[]"),
    ("bytes that are no text", "carrier.json", b"\xff\xfe"),
    ("TOML that is none", "carrier.toml", b"a b c"),
]


@pytest.mark.parametrize(("name", "body"), [row[1:] for row in FILES], ids=[row[0] for row in FILES])
def test_a_file_that_cannot_be_read(tmp_path, name, body):
    (tmp_path / name).write_bytes(body)
    with pytest.raises(UnreadableFile, match=name):
        JsonCarrier.from_file(tmp_path / name)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(UnreadableFile, match=r"nowhere\.json"):
        JsonCarrier.from_file(tmp_path / "nowhere.json")
