"""Telnyx held to the contract, and its own ways: Ed25519, forced alphabets, opt-outs that it answers itself."""

from __future__ import annotations

import builtins
import json
from base64 import b64decode, b64encode
from datetime import datetime, timedelta, timezone

import pytest
from attrs import evolve
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from tests.transports.providers.request_schemas import problems_of

from smskit.delivery.inbox import receive
from smskit.errors import InvalidInput, TransportError, UnsupportedFeature, WebhookError
from smskit.kinds import DeliveryStatus, EventType, FailureClass, SendState
from smskit.protocols import Call, Reply
from smskit.records import Accepted, Postponed, Refused, Settlement, Taken, Unanswered
from smskit.stores import MemoryStore
from smskit.testing.factories import outgoing
from smskit.testing.providers import HOOK, NOW, PATH_SECRET, ProviderContract, Said, Told
from smskit.testing.stores.rows import opened
from smskit.transports.drivers import drive
from smskit.transports.providers.telnyx import Telnyx
from smskit.transports.wire.webhooks import Webhook, parse_events

KEY = "KEY0123456789ABCDEF"
PROFILE = "4000eba1-a0c0-4563-9925-b25e842a7cb6"


def key_pair(seed: int) -> tuple[Ed25519PrivateKey, str]:
    private = Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)
    return private, b64encode(private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()


OURS, PUBLIC = key_pair(1)
_, PUBLIC_OF_TOMORROW = key_pair(2)
STRANGER, _ = key_pair(3)


def message(number: int, **changes: object) -> dict[str, object]:
    """Give a message resource as Telnyx writes it."""
    return {
        "record_type": "message",
        "direction": "outbound",
        "id": f"id-{number % 10_000}",
        "type": "SMS",
        "messaging_profile_id": PROFILE,
        "from": {"phone_number": "MABOUTIQUE", "carrier": "Telnyx", "line_type": "Wireless"},
        "to": [{"phone_number": f"+{number}", "status": "queued", "carrier": "", "line_type": ""}],
        "text": "…",
        "encoding": "GSM-7",
        "parts": 1,
        "cost": {"amount": "0.0051", "currency": "USD"},
        "received_at": "2026-06-24T10:00:00.000+00:00",
        "sent_at": None,
        "completed_at": None,
        "wait_seconds": 1.5,
        "errors": [],
        **changes,
    }


def event(what: str, payload: dict[str, object]) -> bytes:
    data = {"record_type": "event", "id": "event-1", "event_type": what, "occurred_at": "2026-06-24T10:00:07.123+00:00"}
    return json.dumps({"data": {**data, "payload": payload}, "meta": {"attempt": 1, "delivered_to": HOOK}}).encode()


def receipt(word: str, *errors: dict[str, str]) -> bytes:
    to = [{"phone_number": "+33612000007", "status": word}]
    return event("message.finalized", message(33612000007, to=to, errors=list(errors)))


def error(code: str, title: str = "Something", pointer: str = "") -> dict[str, object]:
    return {"code": code, "title": title, "detail": title, "source": {"pointer": pointer}, "meta": {}}


def refusal(status: int, *errors: dict[str, object]) -> Reply:
    return Reply(status, {}, json.dumps({"errors": list(errors)}).encode())


STOPPED = "Blocked due to STOP message"
RECEIPTS = [
    # what                                     word                    error                          status                      failure
    ("a message in its queue", "queued", None, DeliveryStatus.QUEUED, None),
    ("a message on its way out", "sending", None, DeliveryStatus.QUEUED, None),
    ("a message at the operator", "sent", None, DeliveryStatus.SENT, None),
    ("a message that arrived", "delivered", None, DeliveryStatus.DELIVERED, None),
    ("a message that expired", "expired", None, DeliveryStatus.EXPIRED, FailureClass.VALIDITY_EXPIRED),
    ("Telnyx could not send it", "sending_failed", None, DeliveryStatus.FAILED, FailureClass.PROVIDER_ERROR),
    ("the operator could not", "delivery_failed", None, DeliveryStatus.UNDELIVERED, FailureClass.UNSPECIFIED),
    ("nobody will ever know", "delivery_unconfirmed", None, DeliveryStatus.UNKNOWN, FailureClass.UNSPECIFIED),
    ("nobody will ever know, and an error does not change that", "delivery_unconfirmed", error("40008"), DeliveryStatus.UNKNOWN, FailureClass.UNSPECIFIED),
    ("an error says why", "delivery_failed", error("40002"), DeliveryStatus.BLOCKED, FailureClass.SPAM_FILTER),
    ("a landline", "delivery_failed", error("40001"), DeliveryStatus.UNDELIVERED, FailureClass.UNSUPPORTED),
    ("a number that is none", "delivery_failed", error("40012"), DeliveryStatus.REJECTED, FailureClass.INVALID_NUMBER),
    ("too late in its own queue", "sending_failed", error("40014"), DeliveryStatus.EXPIRED, FailureClass.VALIDITY_EXPIRED),
    ("somebody objected", "sending_failed", error("40300", STOPPED), DeliveryStatus.BLOCKED, FailureClass.OPTED_OUT),
    ("the same code about the sender is no objection", "sending_failed", error("40300", "The number is not assigned to a profile"), DeliveryStatus.FAILED, FailureClass.PROVIDER_ERROR),
    ("an error that nobody knows", "delivery_failed", error("49999"), DeliveryStatus.UNDELIVERED, FailureClass.UNSPECIFIED),
    ("an error beside a success", "delivered", error("40008"), DeliveryStatus.DELIVERED, None),
    ("a word that nobody knows", "teleported", error("40008"), None, None),
]  # fmt: skip


def received(**changes: object) -> bytes:
    payload = message(
        33612000007,
        id="mo-1", direction="inbound", text="Ok merci", autoresponse_type=None,
        **{"from": {"phone_number": "+33612000007"}, "to": [{"phone_number": "+33644600000", "status": "webhook_delivered"}]},
    )  # fmt: skip
    return event("message.received", payload | changes)


class TestTelnyx(ProviderContract):
    secrets = (KEY,)
    webhook_secret = PUBLIC
    next_secret = PUBLIC_OF_TOMORROW
    told = (
        *(
            Told(
                what=what,
                body=receipt(word, *filter(None, [why])),
                query="smskit=run-7",
                events=({"type": EventType.RECEIPT, "status": status, "failure": failure, "number": 33612000007, "reference": "run-7", "provider_id": "id-7"},),
            )
            for what, word, why, status, failure in RECEIPTS
        ),
        Told(
            what="our reference stands in the address that Telnyx repeats",
            body=event("message.sent", message(33612000007, webhook_url=f"{HOOK}?smskit=run-7", to=[{"phone_number": "+33612000007", "status": "sent"}])),
            events=({"status": DeliveryStatus.SENT, "reference": "run-7"},),
        ),
        Told(
            what="a receipt without our reference is found by their id",
            body=event("message.sent", message(33612000007)),
            events=({"status": DeliveryStatus.QUEUED, "reference": None, "provider_id": "id-7", "number": 33612000007},),
        ),
        Told(what="a reply", body=received(), events=({"type": EventType.REPLY, "number": 33612000007, "text": "Ok merci"},)),
        Told(
            what="an objection in a word that only the profile has",
            body=received(text="Genug", autoresponse_type="STOP"),
            events=({"type": EventType.OPT_OUT, "number": 33612000007, "text": "Genug"},),
        ),
        Told(what="somebody is back", body=received(text="Start", autoresponse_type="START"), events=({"type": EventType.OPT_IN, "number": 33612000007},)),
        Told(what="somebody asks for help", body=received(text="Aide", autoresponse_type="HELP"), events=({"type": EventType.REPLY, "text": "Aide"},)),
        Told(what="an event of another product", body=event("call.initiated", {"id": "c-1"})),
    )  # fmt: skip
    refusals = (
        ("a number that is none", refusal(422, error("40310")), Refused, FailureClass.INVALID_NUMBER),
        ("the number of the sender is none", refusal(422, error("10002", pointer="/from")), Refused, FailureClass.SENDER_INVALID),
        ("a sender of somebody else", refusal(400, error("40305")), Refused, FailureClass.SENDER_INVALID),
        ("a word that is not set up", refusal(400, error("40306")), Refused, FailureClass.SENDER_UNREGISTERED),
        ("a country that is not allowed", refusal(400, error("40309")), Refused, FailureClass.DESTINATION_NOT_ALLOWED),
        ("somebody who objected, with 403", refusal(403, error("40300", STOPPED)), Refused, FailureClass.OPTED_OUT),
        ("a text that is too long", refusal(400, error("40302")), Refused, FailureClass.CONTENT_INVALID),
        ("a text that is blocked", refusal(400, error("40322")), Refused, FailureClass.SPAM_FILTER),
        ("a missing parameter", refusal(422, error("10004")), Refused, FailureClass.BAD_REQUEST),
        ("a code that nobody knows", refusal(400, error("49999")), Refused, FailureClass.BAD_REQUEST),
        ("a wrong key", refusal(401, error("10009")), Postponed, FailureClass.AUTH),
        ("a key that may not", refusal(403, error("10010")), Postponed, FailureClass.PERMISSION),
        ("no credit, with 403", refusal(403, error("20100")), Postponed, FailureClass.INSUFFICIENT_CREDIT),
        ("a profile that is off", refusal(400, error("40312")), Postponed, FailureClass.ACCOUNT),
        ("too many requests", refusal(429, error("10011")), Postponed, FailureClass.THROTTLED),
        ("their queue is full", refusal(400, error("40318")), Postponed, FailureClass.THROTTLED),
        ("their error, of which nobody knows what it did", refusal(500, error("10007")), Unanswered, None),
        ("a known code behind a 5xx proves nothing", refusal(502, error("40310")), Unanswered, None),
        ("refused within a success", refusal(200, error("40310")), Refused, FailureClass.INVALID_NUMBER),
        ("no credit within a success", refusal(200, error("20100")), Postponed, FailureClass.INSUFFICIENT_CREDIT),
        ("an unknown code within a success", refusal(200, error("49999")), Unanswered, None),
        (
            "failed at once",
            Reply(200, {}, json.dumps({"data": message(33612000000, to=[{"phone_number": "+33612000000", "status": "sending_failed"}], errors=[error("40015")])}).encode()),
            Refused,
            FailureClass.SPAM_FILTER,
        ),
    )  # fmt: skip

    def make_transport(self, **options: object) -> Telnyx:
        return Telnyx(key=KEY, profile=PROFILE, **options)

    def take(self, call: Call) -> Reply:
        assert call.headers["Authorization"] == f"Bearer {KEY}"
        return Reply(200, {}, json.dumps({"data": message(int(json.loads(call.body)["to"]))}).encode())

    def said(self, call: Call) -> list[Said]:
        if call.method != "POST":
            return []
        body = json.loads(call.body)
        beside = frozenset({"smskitUnmodelled"})
        assert problems_of("telnyx", body, beside=beside) == []
        assert body["to"].startswith("+")
        return [
            Said(
                int(body["to"]), body["text"], body.get("from", ""), None, body["encoding"] == "ucs2",
                datetime.fromisoformat(body["send_at"].replace("Z", "+00:00")) if "send_at" in body else None,
            )
        ]  # fmt: skip

    def id_of(self, number: int) -> str:
        return f"id-{number % 10_000}"

    def sign(self, request, at, secret):
        private = OURS if secret == PUBLIC else STRANGER
        stamp = str(int(at.timestamp()))
        signature = private.sign(stamp.encode() + b"|" + request.body)
        return {"Telnyx-Signature-Ed25519": b64encode(signature).decode(), "Telnyx-Timestamp": stamp}


def calls_of(transport: Telnyx, *messages) -> list[Call]:
    calls: list[Call] = []
    for one in messages:
        drive(transport.submit([one]), lambda call: calls.append(call) or TestTelnyx().take(call))
    return calls


def answering(body: object, status: int = 200):
    return lambda call: Reply(status, {}, json.dumps(body).encode())


# ---------------------------------------------------------------- requests


def test_the_alphabet_is_forced_and_nothing_is_replaced():
    plain, accents = calls_of(
        Telnyx(key=KEY, profile=PROFILE), outgoing(0, text="Sale -20%"), outgoing(1, text="“Noël” — 5 œufs")
    )
    assert [json.loads(call.body)["encoding"] for call in (plain, accents)] == ["gsm7", "ucs2"]
    assert json.loads(accents.body)["text"] == "“Noël” — 5 œufs"
    assert json.loads(plain.body)["auto_detect"] is False


SENDERS = [
    ("a word", "MABOUTIQUE", "MABOUTIQUE"),
    ("a number", "33644600000", "+33644600000"),
    ("a number with its plus", "+33644600000", "+33644600000"),
    ("a short code", "36180", "36180"),
]


@pytest.mark.parametrize(("sender", "said"), [row[1:] for row in SENDERS], ids=[row[0] for row in SENDERS])
def test_senders_are_written_as_telnyx_wants_them(sender, said):
    (call,) = calls_of(Telnyx(key=KEY, profile=PROFILE), outgoing(sender=sender))
    assert json.loads(call.body)["from"] == said


def test_without_a_sender_the_profile_has_one():
    (call,) = calls_of(Telnyx(key=KEY, profile=PROFILE), outgoing(sender=""))
    assert "from" not in json.loads(call.body)
    assert json.loads(call.body)["messaging_profile_id"] == PROFILE


def test_without_a_profile_a_word_or_nobody_cannot_send():
    bare = Telnyx(key=KEY)
    assert bare.features.alphanumeric_senders is False
    with pytest.raises(UnsupportedFeature, match="a word as sender"):
        bare.submit([outgoing()])
    with pytest.raises(InvalidInput, match="profile="):
        bare.submit([outgoing(sender="")])
    (call,) = calls_of(bare, outgoing(sender="33644600000"))
    assert "messaging_profile_id" not in json.loads(call.body)


def test_a_word_of_twelve_letters_is_refused():
    with pytest.raises(InvalidInput, match="11 letters"):
        Telnyx(key=KEY, profile=PROFILE).submit([outgoing(sender="MABOUTIQUEXY")])


def test_a_time_with_seconds_is_not_rounded_but_refused():
    at = datetime(2026, 6, 25, 8, 0, 30, tzinfo=timezone.utc)
    with pytest.raises(InvalidInput, match="whole minutes"):
        Telnyx(key=KEY, profile=PROFILE).submit([evolve(outgoing(), send_at=at)])


def test_a_text_of_eleven_parts_is_refused():
    with pytest.raises(UnsupportedFeature, match="11 parts"):
        Telnyx(key=KEY, profile=PROFILE).submit([outgoing(text="x" * 1600, parts=11)])


def test_the_callback_has_our_reference():
    (call,) = calls_of(Telnyx(key=KEY, profile=PROFILE, callback="https://shop.example/in"), outgoing(7))
    assert json.loads(call.body)["webhook_url"] == "https://shop.example/in?smskit=run-7"


@pytest.mark.parametrize("status", [500, 503, 408])
def test_a_message_is_posted_once_whatever_comes_back(status):
    calls: list[Call] = []
    outcomes = drive(
        Telnyx(key=KEY, profile=PROFILE).submit([outgoing()]),
        lambda call: calls.append(call) or Reply(status),
        sleep=lambda _: None,
    )
    assert outcomes == (Unanswered("run-0"),)
    assert len(calls) == 1


def test_parts_are_those_that_telnyx_bills():
    (outcome,) = drive(
        Telnyx(key=KEY, profile=PROFILE).submit([outgoing()]), answering({"data": message(33612000000, parts=3)})
    )
    assert outcome == Accepted("run-0", "id-0", 3)


# ---------------------------------------------------------------- afterwards


def test_a_look_up_tells_the_receipt():
    calls: list[Call] = []
    told = {
        "data": message(
            33612000007,
            to=[{"phone_number": "+33612000007", "status": "delivered"}],
            completed_at="2026-06-24T10:00:09Z",
        )
    }
    (found,) = drive(
        Telnyx(key=KEY).look_up([Taken("run-7", 33612000007, "id/7")]),
        lambda call: calls.append(call) or answering(told)(call),
    )
    assert (found.status, found.reference, found.number) == (DeliveryStatus.DELIVERED, "run-7", 33612000007)
    assert found.at == datetime(2026, 6, 24, 10, 0, 9, tzinfo=timezone.utc)
    assert [(call.method, call.url, call.label) for call in calls] == [
        ("GET", "https://api.telnyx.com/v2/messages/id%2F7", "look_up")
    ]
    assert drive(Telnyx(key=KEY).look_up([Taken("run-7", 33612000007, "id-7")]), answering({"errors": []}, 404)) == ()


def test_a_message_that_waits_can_be_taken_back():
    assert drive(Telnyx(key=KEY).withdraw("id-1"), answering({"data": {}})) is True
    assert drive(Telnyx(key=KEY).withdraw("id-1"), answering({"errors": []}, 400)) is False


def test_the_balance_is_what_can_still_be_spent():
    told = {
        "data": {
            "record_type": "balance",
            "balance": "300.00",
            "credit_limit": "100.00",
            "available_credit": "400.00",
            "currency": "USD",
        }
    }
    left = drive(Telnyx(key=KEY).balance(), answering(told))
    assert (str(left.amount), left.currency) == ("400.00", "USD")
    with pytest.raises(TransportError, match="balance"):
        drive(Telnyx(key=KEY).balance(), answering({}, 500))


# ---------------------------------------------------------------- signatures


def heard(provider: Telnyx, headers):
    return parse_events(provider, headers, receipt("delivered"), HOOK, now=NOW)


def signed_by(private: Ed25519PrivateKey, at: datetime, body: bytes) -> dict[str, str]:
    stamp = str(int(at.timestamp()))
    return {
        "telnyx-signature-ed25519": b64encode(private.sign(stamp.encode() + b"|" + body)).decode(),
        "telnyx-timestamp": stamp,
    }


LISTENER = Telnyx(key=KEY, webhook=Webhook(secrets=PUBLIC))


@pytest.mark.parametrize("apart", [-300, 0, 300])
def test_a_signature_is_good_for_five_minutes(apart):
    headers = signed_by(OURS, NOW + timedelta(seconds=apart), receipt("delivered"))
    assert heard(LISTENER, headers)[0].status is DeliveryStatus.DELIVERED


@pytest.mark.parametrize("apart", [-301, 301])
def test_an_older_or_newer_one_is_a_repetition(apart):
    headers = signed_by(OURS, NOW + timedelta(seconds=apart), receipt("delivered"))
    with pytest.raises(WebhookError, match="away from our clock"):
        heard(LISTENER, headers)


GOOD = signed_by(OURS, NOW, receipt("delivered"))
FORGED = [
    ("another time", {**GOOD, "telnyx-timestamp": str(int(NOW.timestamp()) + 1)}),
    ("no time", {"telnyx-signature-ed25519": GOOD["telnyx-signature-ed25519"]}),
    ("a time that is none", {**GOOD, "telnyx-timestamp": "soon"}),
    ("no signature", {"telnyx-timestamp": GOOD["telnyx-timestamp"]}),
    ("a signature that is no base64", {**GOOD, "telnyx-signature-ed25519": "&&&"}),
    ("a signature of another length", {**GOOD, "telnyx-signature-ed25519": b64encode(b"x" * 10).decode()}),
    ("letters beyond ASCII", {**GOOD, "telnyx-signature-ed25519": "é" * 88}),
]


@pytest.mark.parametrize("headers", [row[1] for row in FORGED], ids=[row[0] for row in FORGED])
def test_a_forged_signature_is_refused(headers):
    with pytest.raises(WebhookError):
        heard(LISTENER, headers)


def test_the_known_answer_of_ed25519_is_accepted():
    """RFC 8032, section 7.1, test 1: the key pair that everybody has; the rest is ours."""
    private = Ed25519PrivateKey.from_private_bytes(
        bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
    )
    public = b64encode(bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")).decode()
    provider = Telnyx(key=KEY, webhook=Webhook(secrets=(PUBLIC, public)))
    assert heard(provider, signed_by(private, NOW, receipt("delivered")))


NO_KEYS = [
    ("a word", "the-signing-secret"),
    ("half a key", b64encode(b"x" * 16).decode()),
    ("hexadecimals", b64decode(PUBLIC).hex()),
]


@pytest.mark.parametrize("secret", [row[1] for row in NO_KEYS], ids=[row[0] for row in NO_KEYS])
def test_what_is_no_public_key_is_told_at_once(secret):
    with pytest.raises(InvalidInput, match="public key") as told:
        Telnyx(key=KEY, webhook=Webhook(secrets=secret))
    assert secret not in str(told.value)


def test_without_the_package_it_says_what_to_install(monkeypatch):
    genuine = builtins.__import__

    def without(name, *rest, **named):
        if name.startswith("cryptography"):
            raise ImportError(name)
        return genuine(name, *rest, **named)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(InvalidInput, match=r"pip install 'smskit\[telnyx\]'"):
        Telnyx(key=KEY, webhook=Webhook(secrets=PUBLIC))
    assert Telnyx(key=KEY, webhook=Webhook(path_secrets=PATH_SECRET)).name == "telnyx"


def test_receipts_and_objections_find_their_place_in_the_store():
    store = MemoryStore()
    opened(store, 2)
    store.lease("run", limit=2, now=NOW)
    store.settle("run", [Settlement(seq, SendState.ACCEPTED, f"id-{seq}") for seq in range(2)])
    first, second = (send.number for send in store.sends("run"))
    for number, reference, provider_id, word in ((first, "run-0", "id-0", "delivered"), (second, "", "id-1", "sent")):
        to = [{"phone_number": f"+{number}", "status": word}]
        body = event("message.finalized", message(number, id=provider_id, to=to))
        url = f"{HOOK}?smskit={reference}" if reference else HOOK
        receive(store, parse_events(LISTENER, signed_by(OURS, NOW, body), body, url, now=NOW))
    assert [send.status for send in store.sends("run")] == [DeliveryStatus.DELIVERED, DeliveryStatus.SENT]
    stop = received(text="Genug", autoresponse_type="STOP", **{"from": {"phone_number": f"+{second}"}})
    receive(store, parse_events(LISTENER, signed_by(OURS, NOW, stop), stop, HOOK, now=NOW))
    assert list(store.suppressed([first, second])) == [second]


ALPHABETS = [
    ("letters of both alphabets", "Bonjour à tous", "gsm7"),
    ("the euro, which Telnyx's own GSM-7 lacks", "Soldes à 9,90 €", "ucs2"),
    ("a capital c with a cedilla", "ÇA COMMENCE", "ucs2"),
    ("beyond GSM-7", "Noël", "ucs2"),
]


@pytest.mark.parametrize(("text", "encoding"), [row[1:] for row in ALPHABETS], ids=[row[0] for row in ALPHABETS])
def test_no_text_is_left_for_telnyx_to_refuse_or_change(text, encoding):
    call = next(Telnyx(key="k" * 20, profile="p").submit([outgoing(text=text)]))
    assert json.loads(call.body)["encoding"] == encoding
    assert json.loads(call.body)["text"] == text
