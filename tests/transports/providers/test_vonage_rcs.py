"""Vonage over RCS held to the contract, and its own ways: types of messages, revocation, what a tap tells."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, ClassVar

import pytest
from tests.transports.providers.rich_cases import MESSAGES, said
from tests.transports.providers.test_vonage_messages import (
    KEY,
    SECRET,
    SIGNATURE_SECRET,
    problem,
    status,
    webhook_token,
)

from smskit.errors import InvalidInput
from smskit.kinds import DeliveryStatus, EventType, FailureClass, Kind
from smskit.protocols import Call, Reply
from smskit.rcs import RichMessage
from smskit.records import Refused, Taken
from smskit.testing.providers import ProviderContract, Said, Told
from smskit.transports.drivers import drive
from smskit.transports.providers.vonage_rcs import VonageRcs

RECEIPTS = [
    # what                          status       error  meaning                      failure
    ("arrived",                     "delivered", None,  DeliveryStatus.DELIVERED,    None),
    ("read",                        "read",      None,  DeliveryStatus.READ,         None),
    ("a number without RCS",        "rejected",  1300,  DeliveryStatus.UNDELIVERED,  FailureClass.CHANNEL_UNAVAILABLE),
    ("a handset that cannot",       "rejected",  1310,  DeliveryStatus.UNDELIVERED,  FailureClass.CAPABILITY_UNSUPPORTED),
    ("switched off",                "rejected",  1180,  DeliveryStatus.UNDELIVERED,  FailureClass.CHANNEL_UNAVAILABLE),
    ("a number nobody has on RCS",  "rejected",  1190,  DeliveryStatus.UNDELIVERED,  FailureClass.CHANNEL_UNAVAILABLE),
    ("no route",                    "rejected",  1250,  DeliveryStatus.REJECTED,     FailureClass.CHANNEL_UNAVAILABLE),
    ("too late",                    "rejected",  1360,  DeliveryStatus.EXPIRED,      FailureClass.VALIDITY_EXPIRED),
    ("who answered STOP",           "rejected",  1240,  DeliveryStatus.BLOCKED,      FailureClass.OPTED_OUT),
    ("a word that nobody knows",    "teleported", None, None,                        None),
]  # fmt: skip
MO = {"channel": "rcs", "message_uuid": "u-9", "to": "MaBoutique", "from": "33612000007", "timestamp": "2026-06-24T09:59:59Z", "context": {"message_uuid": "u-7"}}  # fmt: skip
REPLY = {"type": EventType.REPLY, "number": 33612000007, "provider_id": "u-7"}


def mo(**changes: object) -> bytes:
    return json.dumps({**MO, **changes}).encode()


class TestVonageRcs(ProviderContract):
    secrets = (SECRET,)
    webhook_secret = SIGNATURE_SECRET
    told = (
        *(
            Told(what=what, body=status(word, error, channel="rcs"), events=({"type": EventType.RECEIPT, "status": meaning, "failure": failure, "reference": "run-7", "provider_id": "u-7"},))
            for what, word, error, meaning, failure in RECEIPTS
        ),
        Told(what="a text", body=mo(message_type="text", text="Stop svp"), events=({**REPLY, "text": "Stop svp", "postback": None},)),
        Told(what="a tapped reply", body=mo(message_type="reply", reply={"id": "oui", "title": "Oui"}), events=({**REPLY, "text": "Oui", "postback": "oui"},)),
        Told(what="a tapped action", body=mo(message_type="button", button={"payload": "appel", "text": "Appeler"}), events=({**REPLY, "text": "Appeler", "postback": "appel"},)),
        Told(what="a place", body=mo(message_type="location", location={"lat": 48.8, "long": 2.3}), events=({**REPLY, "text": "", "postback": None},)),
        Told(what="a file", body=mo(message_type="file", file={"url": "https://x.example/1"}), events=({**REPLY, "text": ""},)),
    )  # fmt: skip
    refusals = (
        ("no RCS", problem(422, "/messages#1300"), Refused, FailureClass.CHANNEL_UNAVAILABLE),
        ("a handset that cannot", problem(422, "/messages#1310"), Refused, FailureClass.CAPABILITY_UNSUPPORTED),
    )
    extra: ClassVar[Mapping[str, object]] = {"rcs": {"unmodelled": "passes-through"}}

    def make_transport(self, **options: object) -> VonageRcs:
        return VonageRcs(key=KEY, secret=SECRET, **options)

    def take(self, call: Call) -> Reply:
        assert (call.method, call.url) == ("POST", "https://api.nexmo.com/v1/messages")
        told = {"message_uuid": f"u-{int(json.loads(call.body)['to']) % 10_000}"}
        return Reply(202, {}, json.dumps(told).encode())

    def said(self, call: Call) -> list[Said]:
        told = json.loads(call.body)
        assert (told["channel"], told["message_type"]) == ("rcs", "text")
        assert told["rcs"]["category"] == "promotion"
        return [Said(int(told["to"]), told["text"], told["from"], told["client_ref"], None, None, told.get("ttl"))]

    def id_of(self, number: int) -> str:
        return f"u-{number % 10_000}"

    def sign(self, request, at, secret):
        return {"Authorization": f"Bearer {webhook_token(request.body, at, secret)}"}


def body_of(rich: RichMessage, **changes: Any) -> Any:
    return json.loads(VonageRcs(key=KEY, secret=SECRET, agent="Agent").request([said(rich, **changes)]).body)


def test_the_agent_of_the_account_goes_before_the_sender():
    assert body_of(MESSAGES["a card"])["from"] == "Agent"


def test_how_a_card_looks_stands_beside_what_it_is_for():
    assert body_of(MESSAGES["a card on its side"])["rcs"] == {
        "card_orientation": "HORIZONTAL", "image_alignment": "RIGHT", "category": "promotion",
    }  # fmt: skip
    assert body_of(RichMessage("x"), kind=Kind.OTP)["rcs"] == {"category": "authentication"}
    assert body_of(RichMessage("x", traffic="acknowledgement"))["rcs"] == {"category": "acknowledgement"}


def test_the_life_of_a_message_is_that_of_its_run_or_its_own():
    rich = RichMessage("x", ttl=timedelta(hours=1))
    assert [body_of(rich)["ttl"], body_of(rich, validity_s=60)["ttl"]] == [3600, 60]


def test_what_is_taken_back_is_what_vonage_said_it_takes_back():
    calls: list[Call] = []

    def answer(call: Call) -> Reply:
        calls.append(call)
        return Reply(200 if call.url.endswith("u-1") else 422)

    provider = VonageRcs(key=KEY, secret=SECRET, base_url="https://api-eu.vonage.com")
    taken = [Taken("run-1", 33612000001, "u-1"), Taken("run-2", 33612000002, "a/b")]
    assert drive(provider.revoke(taken), answer) == {"run-1"}
    assert [(call.method, call.url) for call in calls] == [
        ("PATCH", "https://api-eu.vonage.com/v1/messages/u-1"), ("PATCH", "https://api-eu.vonage.com/v1/messages/a%2Fb"),
    ]  # fmt: skip
    assert json.loads(calls[0].body) == {"status": "revoked"}
    assert calls[0].headers["Authorization"].startswith("Basic ")


@pytest.mark.parametrize("changes", [{"sender": ""}, {"sender": "Ma Boutique"}, {"reference": "x" * 101}])
def test_what_vonage_would_not_take_is_refused_at_the_call(changes):
    with pytest.raises(InvalidInput):
        VonageRcs(key=KEY, secret=SECRET).submit([said(RichMessage("x"), **changes)])
