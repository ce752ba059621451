"""The Messages API of Vonage held to the contract, and its own ways: tokens in both directions, a hash really compared."""

from __future__ import annotations

import builtins
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from datetime import timedelta
from hashlib import sha256
from typing import ClassVar

import pytest
from attrs import evolve
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from smskit.errors import InvalidInput, UnsupportedFeature, WebhookError
from smskit.kinds import DeliveryStatus, EventType, FailureClass
from smskit.protocols import Call, Reply, WebhookRequest
from smskit.records import Accepted, Postponed, Refused, Unanswered
from smskit.testing.factories import outgoing
from smskit.testing.providers import HOOK, NOW, PATH_SECRET, ProviderContract, Said, Told
from smskit.transports.drivers import drive
from smskit.transports.providers.vonage_messages import TOKEN_LIVES_S, VonageMessages, application_token
from smskit.transports.wire.signatures import hmac_base64
from smskit.transports.wire.webhooks import Webhook, parse_events

KEY, SECRET = "abcd1234", "secret-of-the-shop"
SIGNATURE_SECRET = "signature-secret-of-the-application"
JSON = "application/json"


def problem(status: int, kind: str, title: str = "An error occurred") -> Reply:
    told = {"type": f"https://developer.vonage.com/api-errors{kind}", "title": title, "detail": "…", "instance": "bf0c"}
    return Reply(status, {"Content-Type": "application/problem+json"}, json.dumps(told).encode())


def status(word: str, error: object = None, **changes: object) -> bytes:
    told: dict[str, object] = {
        "message_uuid": "u-7",
        "to": "33612000007",
        "from": "MABOUTIQUE",
        "timestamp": "2026-06-24T09:59:59Z",
        "status": word,
        "client_ref": "run-7",
        "channel": "sms",
        "usage": {"currency": "EUR", "price": "0.0333"},
        "sms": {"count_total": "2"},
        **changes,
    }
    if isinstance(error, int):
        where = f"https://developer.vonage.com/api-errors/messages#{error}"
        told["error"] = {"type": where, "title": str(error), "detail": "…", "instance": "bf0c"}
    elif error is not None:
        told["error"] = error
    return json.dumps(told).encode()


RECEIPTS = [
    # what                                status          error  meaning                     failure
    ("with the operator", "submitted", None, DeliveryStatus.SENT, None),
    ("with the operator, tried again", "submitted", 1220, DeliveryStatus.SENT, None),
    ("arrived", "delivered", None, DeliveryStatus.DELIVERED, None),
    ("read, on another channel", "read", None, DeliveryStatus.READ, None),
    ("refused, nobody says why", "rejected", None, DeliveryStatus.REJECTED, FailureClass.UNSPECIFIED),
    ("Vonage did not reach the operator", "undeliverable", None, DeliveryStatus.FAILED, FailureClass.PROVIDER_ERROR),
    ("too late", "rejected", 1360, DeliveryStatus.EXPIRED, FailureClass.VALIDITY_EXPIRED),
    ("nobody will ever know", "rejected", 1330, DeliveryStatus.UNKNOWN, FailureClass.UNSPECIFIED),
    ("not all parts were told", "undeliverable", 1490, DeliveryStatus.UNKNOWN, FailureClass.UNSPECIFIED),
    ("who answered STOP", "rejected", 1240, DeliveryStatus.BLOCKED, FailureClass.OPTED_OUT),
    ("a number that nobody has", "rejected", 1190, DeliveryStatus.UNDELIVERED, FailureClass.UNKNOWN_SUBSCRIBER),
    ("switched off", "rejected", 1180, DeliveryStatus.UNDELIVERED, FailureClass.UNREACHABLE),
    ("another network", "rejected", 1200, DeliveryStatus.UNDELIVERED, FailureClass.PORTABILITY),
    ("taken for spam", "rejected", 1210, DeliveryStatus.BLOCKED, FailureClass.SPAM_FILTER),
    ("a busy handset", "rejected", 1220, DeliveryStatus.UNDELIVERED, FailureClass.HANDSET_ERROR),
    ("a network's fault", "rejected", 1230, DeliveryStatus.UNDELIVERED, FailureClass.CARRIER_ERROR),
    ("a network's block", "rejected", 1280, DeliveryStatus.BLOCKED, FailureClass.CARRIER_BLOCK),
    ("no credit of the recipient", "rejected", 1290, DeliveryStatus.UNDELIVERED, FailureClass.RECIPIENT_ACCOUNT),
    ("no route", "rejected", 1250, DeliveryStatus.REJECTED, FailureClass.ROUTE_UNAVAILABLE),
    ("an age", "rejected", 1270, DeliveryStatus.BLOCKED, FailureClass.POLICY),
    ("a handset that cannot", "rejected", 1310, DeliveryStatus.UNDELIVERED, FailureClass.UNSUPPORTED),
    ("sent already", "rejected", 1320, DeliveryStatus.REJECTED, FailureClass.DUPLICATE),
    ("too fast", "rejected", 1000, DeliveryStatus.FAILED, FailureClass.THROTTLED),
    ("an account that is barred", "rejected", 1060, DeliveryStatus.REJECTED, FailureClass.ACCOUNT),
    ("a quota", "rejected", 1070, DeliveryStatus.REJECTED, FailureClass.QUOTA_EXCEEDED),
    ("taken for fraud", "rejected", 1473, DeliveryStatus.BLOCKED, FailureClass.FRAUD_FILTER),
    ("a flood", "rejected", 1241, DeliveryStatus.FAILED, FailureClass.FLOOD_FILTER),
    ("a number that is none", "rejected", 1170, DeliveryStatus.REJECTED, FailureClass.INVALID_NUMBER),
    ("a sender that is not allowed", "rejected", 1120, DeliveryStatus.REJECTED, FailureClass.SENDER_INVALID),
    ("a code that nobody knows", "rejected", 9999, DeliveryStatus.REJECTED, FailureClass.UNSPECIFIED),
    ("a word that nobody knows", "teleported", None, None, None),
]
MO = {"channel": "sms", "message_uuid": "u-9", "to": "33644600000", "from": "33612000007", "timestamp": "2026-06-24T09:59:59.123Z"}  # fmt: skip
REPLY = {"type": EventType.REPLY, "number": 33612000007, "reference": None}


class TestVonageMessages(ProviderContract):
    secrets = (SECRET,)
    webhook_secret = SIGNATURE_SECRET
    told = (
        *(
            Told(
                what=what, body=status(word, error),
                events=({"type": EventType.RECEIPT, "status": meaning, "failure": failure, "number": 33612000007, "reference": "run-7", "provider_id": "u-7", "part": "", "code": f"{word}/{error}" if error else word, "at": NOW - timedelta(seconds=1)},),
            )
            for what, word, error, meaning, failure in RECEIPTS
        ),
        Told(what="a code only in the type, which is a number", body=status("rejected", error={"type": "https://x.example/e#1240", "title": 7.5}),
             events=({"failure": FailureClass.OPTED_OUT, "code": "rejected/1240"},)),
        Told(what="a title that is a number", body=status("rejected", error={"type": "https://x.example", "title": 1240}), events=({"failure": FailureClass.OPTED_OUT},)),
        Told(what="a receipt of a message that was not ours", body=status("delivered", client_ref=None), events=({"reference": None, "provider_id": "u-7"},)),
        Told(what="a receipt about nothing", body=b'{"status": "delivered"}'),
        Told(what="a reply", body=json.dumps({**MO, "message_type": "text", "text": "Stop svp", "sms": {"num_messages": "1", "keyword": "STOP"}}).encode(),
             events=({**REPLY, "text": "Stop svp", "provider_id": None},)),
        Told(what="a reply to a message", body=json.dumps({**MO, "message_type": "text", "text": "Merci", "context": {"message_uuid": "u-7"}}).encode(),
             events=({**REPLY, "text": "Merci", "provider_id": "u-7"},)),
        Told(what="a picture", body=json.dumps({**MO, "message_type": "image", "image": {"url": "https://x.example/1.jpg"}}).encode(), events=({**REPLY, "text": ""},)),
        Told(what="something else about a person", body=json.dumps(MO).encode()),
        Told(what="a reply of a short code is nobody's", body=json.dumps({**MO, "from": "36180", "message_type": "text", "text": "x"}).encode()),
    )  # fmt: skip
    refusals = (
        ("a wrong secret", problem(401, "/#unathorized"), Postponed, FailureClass.AUTH),
        ("an account without the API", problem(401, "/#unprovisioned"), Postponed, FailureClass.PERMISSION),
        ("no credit", problem(402, "#low-balance"), Postponed, FailureClass.INSUFFICIENT_CREDIT),
        ("a barred account", problem(422, "/messages#1060"), Postponed, FailureClass.ACCOUNT),
        ("a quota", problem(422, "/messages#1070"), Postponed, FailureClass.QUOTA_EXCEEDED),
        ("too fast", problem(429, "#rate-limit"), Postponed, FailureClass.THROTTLED),
        ("too fast, by its number", problem(422, "/messages#1000", "Throttled"), Postponed, FailureClass.THROTTLED),
        ("not JSON", problem(422, "#invalid-json"), Refused, FailureClass.BAD_REQUEST),
        ("a sender of somebody else", problem(422, "/messages#1420"), Refused, FailureClass.SENDER_INVALID),
        ("a number that is none", problem(422, "/messages#1430"), Refused, FailureClass.INVALID_NUMBER),
        ("the number of an error as its title", problem(422, "", "1240"), Refused, FailureClass.OPTED_OUT),
        ("a route that is not there, for now", problem(422, "/messages#1250"), Refused, FailureClass.ROUTE_UNAVAILABLE),
        ("their own fault", problem(500, "/messages#1030"), Unanswered, None),
        ("their own fault, by another status", problem(422, "/messages#1030"), Unanswered, None),
        ("a line that they lost", problem(422, "/messages#1100"), Unanswered, None),
        ("a code that nobody knows", problem(422, "/messages#9999"), Refused, FailureClass.BAD_REQUEST),
    )  # fmt: skip
    extra: ClassVar[Mapping[str, object]] = {"sms": {"content_id": "passes-through"}}

    def make_transport(self, **options: object) -> VonageMessages:
        return VonageMessages(key=KEY, secret=SECRET, **options)

    def take(self, call: Call) -> Reply:
        assert (call.method, call.url) == ("POST", "https://api.nexmo.com/v1/messages")
        assert call.headers["Authorization"] == "Basic YWJjZDEyMzQ6c2VjcmV0LW9mLXRoZS1zaG9w"
        assert call.headers["Content-Type"] == JSON
        told = {"message_uuid": f"u-{int(json.loads(call.body)['to']) % 10_000}", "workflow_id": "w"}
        return Reply(202, {"Content-Type": JSON}, json.dumps(told).encode())

    def said(self, call: Call) -> list[Said]:
        told = json.loads(call.body)
        assert problems_of_sms(told) == []
        is_unicode = {"unicode": True, "text": False}[told["sms"]["encoding_type"]]
        return [
            Said(int(told["to"]), told["text"], told["from"], told["client_ref"], is_unicode, None, told.get("ttl"))
        ]

    def id_of(self, number: int) -> str:
        return f"u-{number % 10_000}"

    def sign(self, request: WebhookRequest, at, secret: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {webhook_token(request.body, at, secret)}"}


FIELDS = {
    # OpenAPI 1.20.0: OutboundSMSText, channelOptionsSms, outboundMessageCommon.
    "channel": str, "message_type": str, "to": str, "from": str, "text": str, "ttl": int, "client_ref": str,
    "webhook_url": str, "webhook_version": str, "sms": dict, "trusted_recipient": bool,
}  # fmt: skip
SMS_FIELDS = ("encoding_type", "content_id", "entity_id", "pool_id")


def problems_of_sms(told: dict[str, object]) -> list[str]:
    """Hold a request against the fields of the published document, with keys closed."""
    wrong = [name for name, value in told.items() if type(value) is not FIELDS.get(name)]
    wrong += [f"{name} is missing" for name in ("channel", "message_type", "to", "from", "text") if name not in told]
    wrong += [name for name in told["sms"] if name not in SMS_FIELDS]
    return wrong


def base64url(octets: bytes) -> str:
    return urlsafe_b64encode(octets).rstrip(b"=").decode()


def webhook_token(body: bytes, at, secret: str, **changes: object) -> str:
    claims = {
        "iss": "Vonage",
        "iat": int(at.timestamp()),
        "jti": "j",
        "payload_hash": sha256(body).hexdigest(),
        "api_key": KEY,
    }
    head, payload = (
        base64url(json.dumps(one).encode()) for one in ({"alg": "HS256", "typ": "JWT"}, {**claims, **changes})
    )
    signature = hmac_base64(secret, f"{head}.{payload}".encode(), "sha256")
    return f"{head}.{payload}.{signature.rstrip('=').replace('+', '-').replace('/', '_')}"


def heard(body: bytes, token: str | None, now=NOW, **options: object):
    listener = VonageMessages(**{"key": KEY, "secret": SECRET, "webhook": Webhook(secrets=SIGNATURE_SECRET), **options})
    headers = {"Content-Type": JSON, **({"Authorization": token} if token is not None else {})}
    return parse_events(listener, headers, body, HOOK, now=now)


def body_of(provider: VonageMessages, message: object) -> dict[str, object]:
    calls: list[Call] = []
    reply = Reply(202, {}, b'{"message_uuid": "u-0"}')
    (outcome,) = drive(provider.submit([message]), lambda call: calls.append(call) or reply)
    assert outcome == Accepted(message.reference, "u-0")
    return json.loads(calls[0].body)


# ---------------------------------------------------------------- requests


def test_a_request_is_what_the_document_shows():
    provider = VonageMessages(key=KEY, secret=SECRET, callback=HOOK)
    told = body_of(provider, evolve(outgoing(sender="+33644600000"), validity_s=600))
    assert told == {
        "channel": "sms", "message_type": "text", "to": "33612000000", "from": "33644600000", "text": outgoing().text,
        "client_ref": "run-0", "sms": {"encoding_type": "text"}, "ttl": 600, "webhook_url": HOOK, "webhook_version": "v1",
    }  # fmt: skip


def test_options_of_the_carrier_are_put_beside_ours():
    provider = VonageMessages(key=KEY, secret=SECRET, extra={"sms": {"entity_id": "e"}, "trusted_recipient": True})
    told = body_of(provider, outgoing(text="Noël 🎉"))
    assert told["sms"] == {"encoding_type": "unicode", "entity_id": "e"}
    assert told["trusted_recipient"] is True


UNFIT = [
    ("no sender", outgoing(sender=""), InvalidInput),
    ("a reference that Vonage would not carry back", outgoing(run_id="r" * 100), InvalidInput),
    ("a text of more than 3,200 characters", outgoing(text="a" * 3201, parts=21), UnsupportedFeature),
    ("a time", evolve(outgoing(), send_at=NOW), UnsupportedFeature),
    ("a validity below 20 s", evolve(outgoing(), validity_s=19), UnsupportedFeature),
]


@pytest.mark.parametrize(("message", "kind"), [row[1:] for row in UNFIT], ids=[row[0] for row in UNFIT])
def test_what_cannot_be_carried_is_refused_at_the_call(message, kind):
    with pytest.raises(kind):
        VonageMessages(key=KEY, secret=SECRET).submit([message])


CREDENTIALS = [
    ("key and secret", {"key": KEY, "secret": SECRET}, True),
    ("a token", {"token": lambda: "t"}, True),
    ("nothing", {}, False),
    ("half of it", {"key": KEY}, False),
    ("the other half", {"secret": SECRET}, False),
    ("both", {"key": KEY, "secret": SECRET, "token": lambda: "t"}, False),
    ("a token and half of it", {"key": KEY, "token": lambda: "t"}, False),
]


@pytest.mark.parametrize(("options", "fits"), [row[1:] for row in CREDENTIALS], ids=[row[0] for row in CREDENTIALS])
def test_one_way_to_log_in_is_needed(options, fits):
    if fits:
        VonageMessages(**options)
        return
    with pytest.raises(InvalidInput, match="token="):
        VonageMessages(**options)


def test_each_request_has_a_token_of_its_own():
    tokens = iter(("first-token", "second-token"))
    provider = VonageMessages(token=lambda: next(tokens))
    calls: list[Call] = []
    reply = Reply(202, {}, b'{"message_uuid": "u-0"}')
    for seq in range(2):
        drive(provider.submit([outgoing(seq)]), lambda call: calls.append(call) or reply)
    assert [call.headers["Authorization"] for call in calls] == ["Bearer first-token", "Bearer second-token"]
    assert "first-token" not in repr(calls) + repr(provider)


def test_a_wait_is_told_in_a_header():
    reply = evolve(problem(429, "#rate-limit"), headers={"Retry-After": "15"})
    (outcome,) = drive(VonageMessages(key=KEY, secret=SECRET).submit([outgoing()]), lambda _: reply)
    assert outcome == Postponed("run-0", FailureClass.THROTTLED, 15.0, "rate-limit")


# ---------------------------------------------------------------- the token of an application


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def pem(key) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def decoded(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def test_a_token_is_signed_with_the_key_of_the_application(key):
    make = application_token("app-1", pem(key).decode(), clock=lambda: 1_782_295_200.9)
    token = make()
    head, claims, signature = token.split(".")
    key.public_key().verify(decoded(signature), f"{head}.{claims}".encode(), PKCS1v15(), SHA256())
    assert json.loads(decoded(head)) == {"alg": "RS256", "typ": "JWT"}
    told = json.loads(decoded(claims))
    assert (told["application_id"], told["iat"], told["exp"]) == ("app-1", 1_782_295_200, 1_782_295_200 + TOKEN_LIVES_S)
    assert make() != token, "each token has a name of its own"
    assert "PRIVATE" not in repr(make)


def test_a_key_that_is_none_is_refused(key):
    other = ec.generate_private_key(ec.SECP256R1())
    for given in ("private.key", b"", pem(other), pem(key)[:200]):
        with pytest.raises(InvalidInput, match="PEM"):
            application_token("app-1", given)


def test_without_cryptography_it_says_what_to_install(key, monkeypatch):
    genuine, text = builtins.__import__, pem(key)

    def without(name: str, *args: object, **kwargs: object):
        if name.startswith("cryptography"):
            raise ImportError(name)
        return genuine(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(InvalidInput, match=r"smskit\[vonage\]"):
        application_token("app-1", text)


# ---------------------------------------------------------------- webhooks
# The token was made with PyJWT 2.15.1.

BODY = '{"message_uuid":"u-7","to":"33612000007","from":"MABOUTIQUE","timestamp":"2026-06-24T09:59:59Z","status":"delivered","client_ref":"run-7","channel":"sms","note":"é 🎉"}'.encode()  # fmt: skip
TOKEN = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJWb25hZ2UiLCJpYXQiOjE3ODIyOTUyMDAsImp0aSI6ImM1YmE4ZjI0LTFhMTQtNGMxMC1iZmRmLTNmYmU4Y2U1MTFiNSIsInBheWxvYWRfaGFzaCI6IjcxMjhiZTlmMDRkNmRmNjY0NmVkMTcyZDJhMjU4YWI2MGE1NWMyMmI4NmUwNzQ0NzQ2ODI3MmM1MGU3MWQ4MjUiLCJhcGlfa2V5IjoiYWJjZDEyMzQiLCJhcHBsaWNhdGlvbl9pZCI6ImFhYWFhYWFhLWJiYmItY2NjYy1kZGRkLTAxMjM0NTY3ODlhYiJ9.g0QQjUMOAQPTSl0HZmRlPNxN-UaGVmtCRzdDPdKRT7o"  # fmt: skip


def test_a_token_of_another_library_is_taken():
    (event,) = heard(BODY, f"Bearer {TOKEN}")
    assert (event.reference, event.status) == ("run-7", DeliveryStatus.DELIVERED)
    assert heard(BODY, f"bearer {TOKEN}"), "the word may be written otherwise"


def test_the_body_is_really_compared():
    """Vonage's own libraries check the token alone: anybody who has seen one could tell anything."""
    with pytest.raises(WebhookError, match="payload_hash"):
        heard(BODY.replace(b"delivered", b"rejected!"), f"Bearer {TOKEN}")
    with pytest.raises(WebhookError, match="payload_hash"):
        heard(BODY + b" ", f"Bearer {TOKEN}")


TOKENS = [
    # what                              token                                                                     complaint
    ("no token", None, "has no token"),
    ("another way to log in", "Basic eDp5", "has no token"),
    ("nothing behind the word", "Bearer", "not a JSON web token"),
    ("no hash of the body", f"Bearer {webhook_token(BODY, NOW, SIGNATURE_SECRET, payload_hash=None)}", "payload_hash"),
    ("an empty hash", f"Bearer {webhook_token(BODY, NOW, SIGNATURE_SECRET, payload_hash='')}", "payload_hash"),
    ("no time", f"Bearer {webhook_token(BODY, NOW, SIGNATURE_SECRET, iat=None)}", "no time"),
    ("a time that is none", f"Bearer {webhook_token(BODY, NOW, SIGNATURE_SECRET, iat='noon')}", "no time"),
    ("another secret", f"Bearer {webhook_token(BODY, NOW, 'another-secret')}", "not signed with a secret of ours"),
    ("signed with nothing", "Bearer eyJhbGciOiJub25lIn0.e30.", "not accepted"),
]  # fmt: skip


@pytest.mark.parametrize(("token", "complaint"), [row[1:] for row in TOKENS], ids=[row[0] for row in TOKENS])
def test_a_token_that_proves_nothing_is_refused(token, complaint):
    with pytest.raises(WebhookError, match=complaint):
        heard(BODY, token)


@pytest.mark.parametrize(("age_s", "fits"), [(300, True), (301, False), (-300, True), (-301, False)])
def test_a_token_has_its_time(age_s, fits):
    now = NOW + timedelta(seconds=age_s)
    if fits:
        assert heard(BODY, f"Bearer {TOKEN}", now)
        return
    with pytest.raises(WebhookError, match="away from our clock"):
        heard(BODY, f"Bearer {TOKEN}", now)


def test_a_secret_in_the_path_does_not_replace_the_token():
    both = Webhook(secrets=SIGNATURE_SECRET, path_secrets=PATH_SECRET)
    with pytest.raises(WebhookError, match="has no token"):
        heard(BODY, None, webhook=both)
    assert heard(BODY, None, webhook=Webhook(path_secrets=PATH_SECRET))
