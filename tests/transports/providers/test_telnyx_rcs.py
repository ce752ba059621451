"""Telnyx over RCS held to the contract, and its own ways: a key for each request, capabilities, the news of reading."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from tests.transports.providers import test_telnyx as over_sms
from tests.transports.providers.request_schemas import problems_of
from tests.transports.providers.rich_cases import MESSAGES, SUGGESTIONS, ids, said

from smskit.errors import InvalidInput, TransportError
from smskit.kinds import DeliveryStatus, EventType, FailureClass
from smskit.protocols import Call, Reply
from smskit.rcs import RichMessage
from smskit.records import Accepted, Capability, Refused
from smskit.testing.providers import ProviderContract, Said, Told
from smskit.transports.drivers import drive
from smskit.transports.providers.telnyx_rcs import TelnyxRcs

KEY = "KEY-of-the-shop"
RECEIPTS = [
    # what                        status                  error    meaning                     failure
    ("on its way",                "sent",                 None,    DeliveryStatus.SENT,        None),
    ("arrived",                   "delivered",            None,    DeliveryStatus.DELIVERED,   None),
    ("no RCS at this number",     "delivery_failed",      "40001", DeliveryStatus.UNDELIVERED, FailureClass.CHANNEL_UNAVAILABLE),
    ("a handset that cannot",     "sending_failed",       "40301", DeliveryStatus.REJECTED,    FailureClass.CAPABILITY_UNSUPPORTED),
    ("nobody will ever know",     "delivery_unconfirmed", None,    DeliveryStatus.UNKNOWN,     FailureClass.UNSPECIFIED),
    ("a word that nobody knows",  "teleported",           None,    None,                       None),
]  # fmt: skip
RECEIPT = {"type": EventType.RECEIPT, "number": 33612000007, "reference": "run-7", "provider_id": "t-7"}
REPLY = {"type": EventType.REPLY, "number": 33612000007}
QUERY = "smskit=run-7"


def event(what: str, payload: object) -> bytes:
    told = {"event_type": what, "id": "e", "occurred_at": "2026-06-24T09:59:59Z", "payload": payload}
    return json.dumps({"data": told}).encode()


def sent(status: str, error: str | None = None) -> dict[str, object]:
    to = {"phone_number": "+33612000007", "status": status}
    return {"id": "t-7", "type": "RCS", "from": {"agent_id": "Agent"}, "to": [to], "errors": [{"code": error, "title": "…"}] if error else []}  # fmt: skip


def wrote(body: object, **changes: object) -> bytes:
    payload = {"id": "mo-1", "type": "RCS", "from": {"phone_number": "+33612000007"}, "to": [{"agent_id": "Agent"}], "body": body}  # fmt: skip
    return event("message.received", {**payload, **changes})


class TestTelnyxRcs(ProviderContract):
    secrets = (KEY,)
    webhook_secret = over_sms.PUBLIC
    next_secret = over_sms.TestTelnyx.next_secret
    told = (
        *(
            Told(what=what, body=event("message.finalized", sent(status, error)), query=QUERY, events=({**RECEIPT, "status": meaning, "failure": failure},))
            for what, status, error, meaning, failure in RECEIPTS
        ),
        Told(what="read", body=event("message.read", sent("delivered")), query=QUERY, events=({**RECEIPT, "status": DeliveryStatus.READ, "code": "read"},)),
        Told(what="that nothing was read", body=event("message.read", {}), query=""),
        Told(what="a text", body=wrote({"text": "Stop svp"}), events=({**REPLY, "text": "Stop svp", "postback": None},)),
        Told(what="a tap", body=wrote({"suggestion_response": {"text": "Oui", "postback_data": "oui"}}), events=({**REPLY, "text": "Oui", "postback": "oui"},)),
        Told(what="a place", body=wrote({"location": {"latitude": 48.8, "longitude": 2.3}}), events=({**REPLY, "text": "", "postback": None},)),
        Told(what="a file", body=wrote({"user_file": {"payload": {"file_uri": "https://x.example/1"}}}), events=({**REPLY, "text": ""},)),
        Told(what="a STOP that Telnyx answered", body=wrote({"text": "STOP"}, autoresponse_type="STOP"), events=({**REPLY, "type": EventType.OPT_OUT, "text": "STOP"},)),
    )  # fmt: skip
    refusals = (
        ("no RCS", Reply(422, {}, b'{"errors": [{"code": "40001", "title": "Not routable"}]}'), Refused, FailureClass.CHANNEL_UNAVAILABLE),
        ("a handset that cannot", Reply(422, {}, b'{"errors": [{"code": "40301"}]}'), Refused, FailureClass.CAPABILITY_UNSUPPORTED),
    )  # fmt: skip

    def make_transport(self, **options: object) -> TelnyxRcs:
        return TelnyxRcs(key=KEY, profile="p-1", **options)

    def take(self, call: Call) -> Reply:
        assert call.url == "https://api.telnyx.com/v2/messages/rcs"
        to = json.loads(call.body)["to"]
        told = {"id": f"t-{int(to) % 10_000}", "type": "RCS", "to": [{"phone_number": to, "status": "queued"}]}
        return Reply(200, {}, json.dumps({"data": told}).encode())

    def said(self, call: Call) -> list[Said]:
        told = json.loads(call.body)
        told.pop("smskitUnmodelled", None)
        assert problems_of("telnyx-rcs", told) == []
        message = told["agent_message"]
        ttl = int(message["ttl"].removesuffix("s")) if "ttl" in message else None
        reference = call.headers["Idempotency-Key"]
        return [Said(int(told["to"]), message["content_message"]["text"], told["agent_id"], reference, None, None, ttl)]

    def id_of(self, number: int) -> str:
        return f"t-{number % 10_000}"

    def sign(self, request, at, secret):
        return over_sms.TestTelnyx.sign(self, request, at, secret)  # type: ignore[arg-type]


PROVIDER = TelnyxRcs(key=KEY, profile="p-1", agent="Agent")


def body_of(rich: RichMessage, **changes: Any) -> Any:
    return json.loads(PROVIDER.request([said(rich, **changes)]).body)


@pytest.mark.parametrize("message", MESSAGES.values(), ids=MESSAGES)
def test_every_message_fits_the_published_schema(message):
    assert problems_of("telnyx-rcs", body_of(message)) == []


@pytest.mark.parametrize("suggestion", SUGGESTIONS.values(), ids=SUGGESTIONS)
def test_every_suggestion_fits_the_published_schema(suggestion):
    assert problems_of("telnyx-rcs", body_of(RichMessage("x", suggestions=[suggestion]))) == []


def test_times_are_those_of_the_run_or_of_the_message():
    at = datetime(2026, 6, 25, tzinfo=timezone.utc)
    assert body_of(RichMessage("x", ttl=timedelta(seconds=12.5)))["agent_message"]["ttl"] == "12.5s"
    assert body_of(RichMessage("x", expires_at=at))["agent_message"]["expire_time"] == "2026-06-25T00:00:00Z"
    assert body_of(RichMessage("x", expires_at=at), validity_s=60)["agent_message"] == {
        "content_message": {"text": "x"}, "ttl": "60s",
    }  # fmt: skip


def test_a_lost_request_is_made_again_with_its_key():
    calls: list[Call] = []

    def lose_one(call: Call) -> Reply:
        calls.append(call)
        if len(calls) == 1:
            raise TransportError("telnyx", "no answer", retryable=False)
        return TestTelnyxRcs().take(call)

    outcomes = drive(PROVIDER.submit([said(RichMessage("x"))]), lose_one, sleep=lambda _: None)
    assert outcomes == (Accepted("run-7", "t-7", None),)
    assert calls[0] == calls[1]


def test_capabilities_are_told_with_what_handsets_can_show():
    answer = {"data": [
        {"phone_number": "+33612000001", "features": ["RICHCARD_STANDALONE", "ACTION_DIAL"]},
        {"phone_number": "+33612000002", "features": []},
        {"phone_number": "+33699999999", "features": ["ACTION_DIAL"]},
    ]}  # fmt: skip
    headers = {"Date": "Wed, 24 Jun 2026 10:00:00 GMT"}
    calls: list[Call] = []
    reach = drive(
        PROVIDER.capabilities([33612000001, 33612000002, 33612000003]),
        lambda call: calls.append(call) or Reply(200, headers, json.dumps(answer).encode()),
    )
    at = datetime(2026, 6, 24, 10, tzinfo=timezone.utc)
    assert reach.capabilities == (
        Capability(33612000001, True, at, frozenset({"RICHCARD_STANDALONE", "ACTION_DIAL"})),
        Capability(33612000002, False, at, frozenset()),
    )
    assert (reach.asked, reach.sampled) == (3, 0)
    assert calls[0].url.endswith("/messaging/rcs/bulk_capabilities")
    assert json.loads(calls[0].body)["agent_id"] == "Agent"


UNASKED = [
    # what                provider                             numbers
    ("no number",         PROVIDER,                            []),
    ("too many numbers",  PROVIDER,                            [33612000001] * 101),
    ("no agent",          TelnyxRcs(key=KEY, profile="p-1"),   [33612000001]),
]  # fmt: skip


@pytest.mark.parametrize(("provider", "numbers"), [row[1:] for row in UNASKED], ids=ids(UNASKED))
def test_what_cannot_be_asked_is_refused_at_the_call(provider, numbers):
    with pytest.raises(InvalidInput):
        provider.capabilities(numbers)


def test_no_answer_about_capabilities_is_an_error():
    with pytest.raises(TransportError):
        drive(PROVIDER.capabilities([33612000001]), lambda _: Reply(500))


def test_what_telnyx_would_not_take_is_refused():
    with pytest.raises(InvalidInput):
        TelnyxRcs(key=KEY)
    with pytest.raises(InvalidInput):
        TelnyxRcs(key=KEY, profile="p").submit([said(RichMessage("x"), sender="")])
