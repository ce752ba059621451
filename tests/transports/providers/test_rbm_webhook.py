"""RBM's webhook: the handshake, who may speak, how old a word may be, and what stands in it."""

from __future__ import annotations

import json
from base64 import b64encode
from datetime import datetime, timedelta, timezone

import pytest
from tests.transports.providers.test_rbm import CLIENT_TOKEN, rbm

from smskit.delivery.inbox import receive
from smskit.errors import WebhookError
from smskit.kinds import EventType
from smskit.protocols import WebhookRequest
from smskit.stores import MemoryStore
from smskit.testing import FakeRbm
from smskit.transports import Webhook, parse_events
from smskit.transports.wire.signatures import hmac_base64

NOW = datetime(2026, 6, 24, 10, 0, tzinfo=timezone.utc)
HOOK = "https://shop.example/rbm"
PATH = "a-very-secret-word-of-mine"


def call(body: bytes, url: str = HOOK, **headers: str) -> WebhookRequest:
    return WebhookRequest(headers, body, url)


def greeting(token: object = CLIENT_TOKEN, secret: object = "1234567890", **more: object) -> WebhookRequest:
    return call(json.dumps({"clientToken": token, "secret": secret, **more}).encode())


def ours(*tokens: str):
    return rbm(webhook=Webhook(secrets=tokens or (CLIENT_TOKEN,)))


def test_the_handshake_is_answered_with_the_bare_secret():
    assert ours().handshake(greeting()) == "1234567890"
    assert ours("the-next-one", CLIENT_TOKEN).handshake(greeting()) == "1234567890"


@pytest.mark.parametrize("token", ["another", "", CLIENT_TOKEN + "x", CLIENT_TOKEN[:-1], "é"])
def test_a_handshake_of_a_stranger_is_refused(token):
    with pytest.raises(WebhookError):
        ours().handshake(greeting(token))


def test_a_handshake_without_a_token_of_ours_needs_a_secret_path():
    with pytest.raises(WebhookError):
        rbm().handshake(greeting())
    with_path = rbm(webhook=Webhook(path_secrets=PATH))
    body = greeting().body
    assert with_path.handshake(call(body, f"https://shop.example/{PATH}/rbm")) == "1234567890"
    for elsewhere in (HOOK, "http://[", "https://shop.example/\ud800"):
        with pytest.raises(WebhookError):
            with_path.handshake(call(body, elsewhere))
    assert rbm(webhook=Webhook(accept_unverified=True)).handshake(greeting()) == "1234567890"


@pytest.mark.parametrize(
    "request_",
    [call(b""), call(b"[]"), call(b"{"), greeting(7), greeting(CLIENT_TOKEN, None), greeting(message={"data": ""})],
    ids=["nothing", "a list", "half", "a number for a token", "no secret", "an event that pretends to be one"],
)
def test_any_other_call_is_no_handshake(request_):
    assert ours().handshake(request_) is None


def test_a_handshake_is_no_event():
    with pytest.raises(WebhookError):
        parse_events(ours(), {}, greeting().body, HOOK)


def told(event: object, *, key: str = CLIENT_TOKEN, now: datetime = NOW, transport=None):
    data = event if isinstance(event, bytes) else json.dumps(event).encode()
    body = json.dumps({"message": {"data": b64encode(data).decode()}}).encode()
    headers = {"X-Goog-Signature": hmac_base64(key, data, "sha512")}
    return parse_events(transport or ours(), headers, body, HOOK, now=now)


TEXT = {"senderPhoneNumber": "+33612345678", "messageId": "u-1", "text": "STOP", "sendTime": "2026-06-24T09:59:00Z"}


def test_only_the_event_itself_is_signed_so_nothing_else_is_believed():
    data = json.dumps(TEXT).encode()
    envelope = {
        "message": {"data": b64encode(data).decode(), "attributes": {"type": "agent_launch_event"}},
        "senderPhoneNumber": "+33698765432",
    }
    headers = {"x-goog-signature": hmac_base64(CLIENT_TOKEN, data, "sha512")}
    (event,) = parse_events(ours(), headers, json.dumps(envelope).encode(), HOOK, now=NOW)
    assert event.number == 33612345678


AGES = [
    # what                                        days ago    taken
    ("told again for a week", 7, True),
    ("of a message that waited for a month, told again for a week", 38, True),
    ("a replay", 39, False),
    ("from the future, it counts as now", -1, True),
]


@pytest.mark.parametrize(("days", "is_taken"), [row[1:] for row in AGES], ids=[row[0] for row in AGES])
def test_how_old_an_event_may_be(days, is_taken):
    at = NOW - timedelta(days=days)
    event = {**TEXT, "sendTime": at.isoformat()}
    if is_taken:
        (heard,) = told(event)
        assert heard.at == min(at, NOW)
    else:
        with pytest.raises(WebhookError, match="39 days"):
            told(event)


def test_nothing_arrives_before_it_is_told():
    at = (NOW + timedelta(hours=1)).isoformat()
    (heard,) = told(
        {"senderPhoneNumber": "+33612345678", "eventType": "DELIVERED", "messageId": "id-1", "sendTime": at}
    )
    assert heard.at == NOW


def test_base64_is_taken_as_it_was_signed_and_not_with_anything_in_between():
    data = b64encode(json.dumps(TEXT).encode()).decode()
    headers = {"x-goog-signature": hmac_base64(CLIENT_TOKEN, json.dumps(TEXT).encode(), "sha512")}
    with pytest.raises(WebhookError, match="base64"):
        parse_events(
            ours(), headers, json.dumps({"message": {"data": f"{data[:8]} {data[8:]}"}}).encode(), HOOK, now=NOW
        )


def test_an_event_without_a_time_is_of_now_and_has_one_key():
    event = {name: value for name, value in TEXT.items() if name != "sendTime"}
    (first,), (again,) = told(event), told(event, now=NOW + timedelta(hours=1))
    assert first.at == NOW
    assert first.key == again.key


def test_an_event_without_an_id_has_the_key_of_its_words():
    event = {"senderPhoneNumber": "+33612345678", "text": "Bonjour"}
    (first,), (again,), (other,) = told(event), told(event), told({**event, "text": "Bonsoir"})
    assert first.key == again.key != other.key


NONSENSE = [
    # what                              the event
    ("no JSON", b"\xff\xfe"),
    ("a list", []),
    ("nothing", {}),
    ("deep nesting", b"[" * 100_000),
]


@pytest.mark.parametrize("event", [row[1] for row in NONSENSE], ids=[row[0] for row in NONSENSE])
def test_what_is_signed_and_cannot_be_read_is_refused(event):
    with pytest.raises(WebhookError):
        told(event)


QUIET = [
    # what                              the event
    ("nobody", {"text": "STOP", "messageId": "u-1"}),
    ("a number that is none", {**TEXT, "senderPhoneNumber": "MABOUTIQUE"}),
    ("a word without a message", {"senderPhoneNumber": "+33612345678", "eventType": "DELIVERED", "eventId": "e-1"}),
    ("a sentence for a word", {"senderPhoneNumber": "+33612345678", "eventType": "he said stop", "messageId": "id-1"}),
    ("a list for a word", {"senderPhoneNumber": "+33612345678", "eventType": ["UNSUBSCRIBE"], "messageId": "id-1"}),
]


@pytest.mark.parametrize("event", [row[1] for row in QUIET], ids=[row[0] for row in QUIET])
def test_nothing_is_invented(event):
    assert told(event) == ()


@pytest.mark.parametrize("data", ["", 7, None, "not base64!", "é", "YQ"], ids=repr)
def test_an_envelope_without_an_event_is_refused(data):
    body = json.dumps({"message": {"data": data}}).encode()
    for transport in (ours(), rbm(webhook=Webhook(accept_unverified=True))):
        with pytest.raises(WebhookError):
            parse_events(transport, {"x-goog-signature": "x"}, body, HOOK, now=NOW)


def test_text_and_event_say_stop_once_each_and_a_repetition_says_nothing_new():
    store = MemoryStore()
    with FakeRbm("MABOUTIQUE", starts_at=NOW) as google:
        transport = google.transport()
        google.unsubscribe(33612345678)

        def hear() -> int:
            events = [
                event
                for one in google.take_calls()
                for event in parse_events(transport, one.headers, one.body, one.url, now=google.now)
            ]
            return receive(store, events)

        assert hear() == 3  # the text, the opt-out that it means, and the event
        assert list(store.suppressed([33612345678])) == [33612345678]
        google.tell_again()
        assert hear() == 0


def test_what_a_person_sent_is_read_once_it_is_verified():
    event = {**TEXT, "location": {"latitude": 1.5, "longitude": 2.5}}
    data = json.dumps(event).encode()
    body = json.dumps({"message": {"data": b64encode(data).decode()}}).encode()
    genuine = call(body, **{"x-goog-signature": hmac_base64(CLIENT_TOKEN, data, "sha512")})
    assert ours().told(genuine) == event
    with pytest.raises(WebhookError):
        ours().told(call(body))


def test_opt_outs_are_told_apart_by_their_ids():
    event = {"senderPhoneNumber": "+33612345678", "eventType": "UNSUBSCRIBE", "sendTime": "2026-06-24T09:59:00Z"}
    (first,), (second,) = told({**event, "eventId": "e-1"}), told({**event, "eventId": "e-2"})
    assert first.key != second.key
    assert first.type is second.type is EventType.OPT_OUT
