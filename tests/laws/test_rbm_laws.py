"""Whatever comes in at RBM's webhook: events or a WebhookError, and nothing else. No bulk question is short."""

from __future__ import annotations

import json
from base64 import b64encode
from datetime import datetime, timezone

from hypothesis import given
from hypothesis import strategies as st

from smskit.errors import WebhookError
from smskit.kinds import DeliveryStatus, EventType
from smskit.protocols import WebhookRequest
from smskit.transports import Rbm, Webhook, parse_events
from smskit.transports.providers.rbm import LEAST_AT_ONCE, MOST_AT_ONCE
from smskit.transports.wire.requests import even_chunks
from smskit.transports.wire.signatures import hmac_base64

NOW = datetime(2026, 6, 24, 10, 0, tzinfo=timezone.utc)
TOKEN = "a-client-token-of-the-webhook"
RBM = Rbm(agent="shop", token="t", webhook=Webhook(secrets=TOKEN))
HOOK = "https://shop.example/rbm"

scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
WORDS = [
    "DELIVERED",
    "READ",
    "IS_TYPING",
    "UNSUBSCRIBE",
    "SUBSCRIBE",
    "TTL_EXPIRATION_REVOKED",
    "TTL_EXPIRATION_REVOKE_FAILED",
]
known = {
    "senderPhoneNumber": st.just("+33612345678"),
    "phoneNumber": st.just("+33612345678"),
    "messageId": st.text(max_size=5),
    "eventId": st.text(max_size=5),
    "eventType": st.sampled_from(WORDS),
    "sendTime": st.datetimes().map(lambda at: at.isoformat() + "Z"),
    "agentId": st.sampled_from(["shop", "shop@rbm.goog", "another"]),
    "text": st.text(max_size=10),
    "suggestionResponse": st.fixed_dictionaries({}, optional={"postbackData": values, "text": values, "type": values}),
    "location": values,
    "userFile": values,
}
events = st.fixed_dictionaries({}, optional={name: usual | values for name, usual in known.items()})


def hear(body: bytes, signature: str = ""):
    try:
        return parse_events(RBM, {"X-Goog-Signature": signature}, body, HOOK, now=NOW)
    except WebhookError:
        return None


@given(st.binary(max_size=400), st.text(max_size=20))
def test_any_bytes_are_refused(body, signature):
    assert hear(body, signature) is None
    try:
        assert RBM.handshake(WebhookRequest({}, body, HOOK)) is None
    except WebhookError:
        pass


@given(values)
def test_any_json_is_refused_and_is_no_handshake(value):
    body = json.dumps(value).encode()
    assert hear(body) is None
    assert RBM.handshake(WebhookRequest({}, body, HOOK)) is None


@given(events)
def test_a_signed_event_of_any_shape_is_read_or_refused(event):
    data = json.dumps(event).encode()
    body = json.dumps({"message": {"data": b64encode(data).decode()}}).encode()
    found = hear(body, hmac_base64(TOKEN, data, "sha512"))
    if found is None:
        return
    assert len(found) <= 1
    for one in found:
        assert one.number == 33612345678 or one.number is not None
        assert one.at <= NOW
        assert event.get("agentId") != "another"
        if one.status is DeliveryStatus.DELIVERED:
            assert event["eventType"] == "DELIVERED"
        if one.type is EventType.OPT_OUT:
            assert event["eventType"] == "UNSUBSCRIBE"
        assert hear(body, hmac_base64(TOKEN, data, "sha512")) == found, "told again, it is the same"


@given(st.binary(max_size=200))
def test_signed_bytes_of_any_kind_are_read_or_refused(data):
    body = json.dumps({"message": {"data": b64encode(data).decode()}}).encode()
    assert hear(body, hmac_base64(TOKEN, data, "sha512")) in (None, ())


@given(st.integers(LEAST_AT_ONCE, 60_000))
def test_no_bulk_question_is_short_and_none_is_too_long(count):
    chunks = [list(chunk) for chunk in even_chunks(range(count), MOST_AT_ONCE)]
    assert [number for chunk in chunks for number in chunk] == list(range(count))
    assert all(LEAST_AT_ONCE <= len(chunk) <= MOST_AT_ONCE for chunk in chunks)
