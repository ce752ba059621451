"""Sinch over RCS held to the contract, and its own ways: one channel, tokens, taps without labels."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from tests.transports.providers import test_sinch as over_sms
from tests.transports.providers.rich_cases import MESSAGES, said

from smskit.errors import InvalidInput, TransportError, WebhookError
from smskit.kinds import DeliveryStatus, EventType, FailureClass
from smskit.protocols import Call, Reply, WebhookRequest
from smskit.rcs import RichMessage
from smskit.records import Postponed, Refused, Unanswered
from smskit.testing.providers import NOW, ProviderContract, Said, Told
from smskit.transports.drivers import drive
from smskit.transports.providers.sinch_rcs import SinchRcs

TOKEN = "access-token-of-the-shop"
RECEIPTS = [
    # what                         status               reason                                meaning                      failure
    ("with the network",           "QUEUED_ON_CHANNEL", None,                                 DeliveryStatus.SENT,         None),
    ("arrived",                    "DELIVERED",         None,                                 DeliveryStatus.DELIVERED,    None),
    ("read",                       "READ",              None,                                 DeliveryStatus.READ,         None),
    ("no RCS",                     "FAILED",            "RECIPIENT_NOT_REACHABLE",            DeliveryStatus.UNDELIVERED,  FailureClass.CHANNEL_UNAVAILABLE),
    ("no number with RCS",         "FAILED",            "RECIPIENT_INVALID_CHANNEL_IDENTITY", DeliveryStatus.REJECTED,     FailureClass.CHANNEL_UNAVAILABLE),
    ("the only channel failed",    "FAILED",            "NO_CHANNELS_LEFT",                   DeliveryStatus.UNDELIVERED,  FailureClass.CHANNEL_UNAVAILABLE),
    ("a handset that cannot",      "FAILED",            "UNSUPPORTED_OPERATION",              DeliveryStatus.REJECTED,     FailureClass.CAPABILITY_UNSUPPORTED),
    ("too late",                   "FAILED",            "DELIVERY_TIMED_OUT",                 DeliveryStatus.EXPIRED,      FailureClass.VALIDITY_EXPIRED),
    ("the agent is not set up",    "FAILED",            "CHANNEL_BAD_CONFIGURATION",          DeliveryStatus.REJECTED,     FailureClass.ACCOUNT),
    ("a reason that nobody knows", "FAILED",            "MOON",                               DeliveryStatus.FAILED,       FailureClass.UNSPECIFIED),
    ("no reason",                  "FAILED",            None,                                 DeliveryStatus.FAILED,       FailureClass.UNSPECIFIED),
    ("a word that nobody knows",   "TELEPORTED",        None,                                 None,                        None),
]  # fmt: skip
IDENTITY = {"channel": "RCS", "identity": "33612000007", "app_id": ""}
ABOUT = {"app_id": "app-1", "project_id": "p", "accepted_time": "2026-06-24T09:59:58Z", "event_time": "2026-06-24T09:59:59.5Z"}  # fmt: skip
REPLY = {"type": EventType.REPLY, "number": 33612000007}


def receipt(status: str, reason: str | None, **changes: object) -> bytes:
    report = {"message_id": "m-7", "status": status, "channel_identity": IDENTITY, **({"reason": {"code": reason}} if reason else {}), **changes}  # fmt: skip
    return json.dumps({**ABOUT, "message_delivery_report": report, "correlation_id": "run-7"}).encode()


def wrote(contact_message: object, **changes: object) -> bytes:
    message = {"id": "mo-1", "direction": "TO_APP", "contact_message": contact_message, "channel_identity": IDENTITY, "accept_time": "2026-06-24T09:59:00Z", **changes}  # fmt: skip
    return json.dumps({**ABOUT, "message": message}).encode()


def refused(status: int, word: str) -> Reply:
    return Reply(status, {}, json.dumps({"error": {"code": status, "message": "…", "status": word}}).encode())


class TestSinchRcs(ProviderContract):
    secrets = (TOKEN,)
    webhook_secret = "secret-of-the-webhook"
    told = (
        *(
            Told(what=what, body=receipt(word, reason), events=({"type": EventType.RECEIPT, "status": meaning, "failure": failure, "number": 33612000007, "reference": "run-7", "provider_id": "m-7"},))
            for what, word, reason, meaning, failure in RECEIPTS
        ),
        Told(what="a text", body=wrote({"text_message": {"text": "Stop svp"}}), events=({**REPLY, "text": "Stop svp", "postback": None, "provider_id": None},)),
        Told(what="a tap", body=wrote({"choice_response_message": {"message_id": "m-7", "postback_data": "STOP"}}), events=({**REPLY, "text": "STOP", "postback": "STOP", "provider_id": "m-7"},)),
        Told(what="a place", body=wrote({"location_message": {"coordinates": {"latitude": 48.8, "longitude": 2.3}}}), events=({**REPLY, "text": ""},)),
        Told(what="a file", body=wrote({"media_message": {"url": "https://x.example/1.jpg"}}), events=({**REPLY, "text": ""},)),
        Told(what="somebody without a number", body=wrote({"text_message": {"text": "x"}}, channel_identity={"identity": "abc"})),
        Told(what="another event of theirs", body=json.dumps({**ABOUT, "message_submit_notification": {"message_id": "m-7"}}).encode()),
        Told(what="a receipt about nothing", body=json.dumps({**ABOUT, "message_delivery_report": {"status": "DELIVERED"}}).encode()),
    )  # fmt: skip
    refusals = (
        ("a request that is none", refused(400, "INVALID_ARGUMENT"), Refused, FailureClass.BAD_REQUEST),
        ("a token that is over", refused(401, "UNAUTHENTICATED"), Postponed, FailureClass.AUTH),
        ("an app that is not there", refused(404, "NOT_FOUND"), Postponed, FailureClass.ACCOUNT),
        ("too fast", refused(429, "RESOURCE_EXHAUSTED"), Postponed, FailureClass.THROTTLED),
        ("their own fault", refused(500, "INTERNAL"), Unanswered, None),
    )

    def make_transport(self, **options: object) -> SinchRcs:
        return SinchRcs(token=TOKEN, project="project-1", app="app-1", **options)

    def take(self, call: Call) -> Reply:
        assert call.url == "https://eu.conversation.api.sinch.com/v1/projects/project-1/messages:send"
        assert call.headers["Authorization"] == f"Bearer {TOKEN}"
        number = json.loads(call.body)["recipient"]["identified_by"]["channel_identities"][0]["identity"]
        return Reply(200, {}, json.dumps({"message_id": f"m-{int(number) % 10_000}"}).encode())

    def said(self, call: Call) -> list[Said]:
        told = json.loads(call.body)
        (identity,) = told["recipient"]["identified_by"]["channel_identities"]
        assert (told["app_id"], identity["channel"], told["channel_priority_order"]) == ("app-1", "RCS", ["RCS"])
        assert told["message_content_type"] == "CONTENT_MARKETING"
        ttl = int(told["ttl"].removesuffix("s")) if "ttl" in told else None
        words = told["message"]["text_message"]["text"]
        # Who sends is what the app says: no message names it.
        return [Said(int(identity["identity"]), words, "MABOUTIQUE", told["correlation_id"], None, None, ttl)]

    def id_of(self, number: int) -> str:
        return f"m-{number % 10_000}"

    def sign(self, request: WebhookRequest, at, secret):
        return over_sms.TestSinch.sign(self, request, at, secret)  # type: ignore[arg-type]


def body_of(rich: RichMessage, **options: Any) -> Any:
    return json.loads(SinchRcs(token=TOKEN, project="p", app="a", **options).request([said(rich)]).body)


def test_what_is_extra_goes_into_the_request():
    told = body_of(MESSAGES["a card"], callback="https://a.example/b", extra={"queue": "HIGH_PRIORITY"})
    assert (told["queue"], told["callback_url"]) == ("HIGH_PRIORITY", "https://a.example/b")
    assert body_of(RichMessage("x", ttl=timedelta(minutes=1)))["ttl"] == "60s"
    assert body_of(RichMessage("x", traffic="acknowledgement"))["message_content_type"] == "CONTENT_NOTIFICATION"


def test_a_token_that_cannot_be_had_leaves_nothing_in_doubt():
    def none() -> str:
        raise OSError("no token today")

    provider = SinchRcs(token=none, project="p", app="a")
    with pytest.raises(TransportError) as caught:
        drive(provider.submit([said(RichMessage("x"))]), lambda _: Reply(200))
    assert caught.value.retryable


def test_what_sinch_would_not_take_is_refused():
    with pytest.raises(InvalidInput):
        SinchRcs(token=TOKEN, project="p", app="a", region="fr")
    with pytest.raises(InvalidInput):
        SinchRcs(token=TOKEN, project="p", app="a").submit([said(RichMessage("x"), reference="x" * 129)])


def test_what_is_nothing_of_sinch_is_refused():
    with pytest.raises(WebhookError):
        SinchRcs(token=TOKEN, project="p", app="a").parse(WebhookRequest({}, b"{}", "https://a.example"), NOW)
