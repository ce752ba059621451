"""Infobip over RCS held to the contract and to its published schema, and its own ways: what was seen, who has RCS."""

from __future__ import annotations

import json
from base64 import b64encode
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from tests.transports.providers.rich_cases import MESSAGES, SUGGESTIONS, ids, said

from smskit.errors import InvalidInput, TransportError
from smskit.kinds import DeliveryStatus, EventType, FailureClass
from smskit.protocols import Call, Reply
from smskit.rcs import RichMessage
from smskit.records import Accepted, Capability, Refused, Unanswered
from smskit.testing.providers import ProviderContract, Said, Told
from smskit.transports.drivers import drive
from smskit.transports.providers.infobip_rcs import InfobipRcs

KEY = "key-of-the-shop"
CONTENT = Draft202012Validator(
    json.loads((Path(__file__).parents[2] / "vectors" / "infobip_rcs_content.json").read_text("utf-8"))
)


def state(group: str, number: int, name: str) -> dict[str, object]:
    return {"groupId": 1, "groupName": group, "id": number, "name": name, "description": "…"}


PENDING = state("PENDING", 26, "PENDING_ACCEPTED")
REPLY = {"type": EventType.REPLY, "number": 33612000007, "reference": "run-7"}


def results(*items: object) -> bytes:
    return json.dumps({"results": items}).encode()


def wrote(message: object) -> bytes:
    told = {"sender": "33612000007", "to": "MABOUTIQUE", "integrationType": "RCS", "receivedAt": "2026-06-24T09:59:00Z",
            "messageId": "mo-1", "pairedMessageId": "run-7", "message": message}  # fmt: skip
    return results(told)


class TestInfobipRcs(ProviderContract):
    secrets = (KEY,)
    webhook_secret = "infobip:a-password-of-ours"
    next_secret = "infobip:another-password"
    told = (
        Told(what="arrived", body=results({"messageId": "run-7", "to": "33612000007", "doneAt": "2026-06-24T09:59:59Z", "status": state("DELIVERED", 5, "DELIVERED_TO_HANDSET"), "error": {"id": 0}}), events=({"status": DeliveryStatus.DELIVERED, "reference": "run-7", "number": 33612000007},)),
        Told(what="seen", body=results({"messageId": "run-7", "from": "MABOUTIQUE", "to": "33612000007", "sentAt": "2026-06-24T09:59:00Z", "seenAt": "2026-06-24T09:59:59Z"}), events=({"type": EventType.RECEIPT, "status": DeliveryStatus.READ, "reference": "run-7", "number": 33612000007},)),
        Told(what="a text", body=wrote({"type": "TEXT", "text": "Stop svp"}), events=({**REPLY, "text": "Stop svp", "postback": None},)),
        Told(what="a tap", body=wrote({"type": "SUGGESTION", "text": "Oui", "postbackData": "oui"}), events=({**REPLY, "text": "Oui", "postback": "oui"},)),
        Told(what="a place", body=wrote({"type": "LOCATION", "latitude": 48.8, "longitude": 2.3}), events=({**REPLY, "text": ""},)),
        Told(what="a file", body=wrote({"type": "FILE", "url": "https://x.example/1", "name": "1", "contentType": "image/png", "size": 9}), events=({**REPLY, "text": ""},)),
        Told(what="that somebody types", body=results({"sender": "33612000007", "type": "TYPING_INDICATOR"})),
    )  # fmt: skip
    refusals = (
        ("a request that is none", Reply(400, {}, b'{"errorCode": "E400"}'), Refused, FailureClass.BAD_REQUEST),
    )

    def make_transport(self, **options: object) -> InfobipRcs:
        return InfobipRcs(key=KEY, **options)

    def take(self, call: Call) -> Reply:
        if call.method == "GET":
            return Reply(200, {}, b'{"results": []}')
        assert call.url == "https://api.infobip.com/rcs/2/messages"
        taken = [one["destinations"][0]["messageId"] for one in json.loads(call.body)["messages"]]
        return Reply(
            200, {}, json.dumps({"messages": [{"messageId": one, "status": PENDING} for one in taken]}).encode()
        )

    def said(self, call: Call) -> list[Said]:
        if call.method != "POST":
            return []
        body = json.loads(call.body)
        assert body["options"]["tracking"] == {"shortenUrl": False, "trackClicks": False}
        at = body["options"].get("schedule", {}).get("sendAt")
        return [self._said_one(one, None if at is None else datetime.fromisoformat(at)) for one in body["messages"]]

    def _said_one(self, one: Any, at: datetime | None) -> Said:
        assert list(CONTENT.iter_errors(one["content"])) == []
        (to,) = one["destinations"]
        validity = one.get("options", {}).get("validityPeriod", {}).get("amount")
        return Said(int(to["to"]), one["content"]["text"], one["sender"], to["messageId"], None, at, validity)

    def sign(self, request, at, secret):
        return {"Authorization": f"Basic {b64encode(secret.encode()).decode()}"}

    # A login covers no body: whoever has it may say anything.

    def test_a_signature_is_checked_over_every_byte(self) -> None:
        for told in self.told:
            signed = self._signed(told, datetime(2026, 6, 24, tzinfo=timezone.utc), self.webhook_secret)
            assert "authorization" in {name.lower() for name in signed.headers}

    def test_a_reference_that_was_taken_is_known(self) -> None:
        messages = self.messages(2)
        assert self.run(self.make_transport().ask(messages)) == {m.reference: Unanswered(m.reference) for m in messages}
        log = results({"messageId": "run-0", "status": PENDING})
        known = drive(self.make_transport().ask(messages), lambda _: Reply(200, {}, log))
        assert known == {"run-0": Accepted("run-0", "run-0", None), "run-1": Unanswered("run-1")}


PROVIDER = InfobipRcs(key=KEY, agent="MaBoutique", callback="https://a.example/b")


def message_of(rich: RichMessage, **changes: Any) -> Any:
    (told,) = json.loads(PROVIDER.request([said(rich, **changes)]).body)["messages"]
    return told


@pytest.mark.parametrize("message", MESSAGES.values(), ids=MESSAGES)
def test_every_message_fits_the_published_schema(message):
    assert [error.message for error in CONTENT.iter_errors(message_of(message)["content"])] == []


@pytest.mark.parametrize("suggestion", SUGGESTIONS.values(), ids=SUGGESTIONS)
def test_every_suggestion_fits_the_published_schema(suggestion):
    content = message_of(RichMessage("x", suggestions=[suggestion]))["content"]
    assert [error.message for error in CONTENT.iter_errors(content)] == []


def test_the_schema_can_refuse():
    content = message_of(MESSAGES["a card"])["content"]
    for member in ("orientation", "alignment", "content", "type"):
        assert not CONTENT.is_valid({name: value for name, value in content.items() if name != member})
    assert not CONTENT.is_valid({**content, "unknown": 1})


def test_receipts_and_what_was_seen_come_to_one_address():
    told = message_of(RichMessage("x", ttl=timedelta(minutes=2)))
    assert told["webhooks"]["seen"] == {"url": "https://a.example/b"}
    assert told["webhooks"]["delivery"]["url"] == "https://a.example/b"
    assert told["options"] == {"validityPeriod": {"amount": 120, "timeUnit": "SECONDS"}}
    assert told["sender"] == "MaBoutique"


def test_the_log_is_asked_about_25_at_once():
    calls: list[Call] = []
    messages = [said(RichMessage("x"), reference=f"run-{seq}") for seq in range(30)]
    drive(PROVIDER.ask(messages), lambda call: calls.append(call) or Reply(200, {}, b'{"results": []}'))
    assert [call.url.count("messageId=") for call in calls] == [25, 5]
    assert all("/rcs/2/logs?messageId=run-" in call.url for call in calls)


def test_capabilities_are_told_of_those_that_were_checked():
    codes = ["ENABLED", "UNREACHABLE", "REQUEST_FAILED", "REJECTED_NETWORK"]
    told = [{"phoneNumber": f"3361200000{place}", "code": code, "messageId": "m"} for place, code in enumerate(codes)]
    told.append({"phoneNumber": "33699999999", "code": "ENABLED", "messageId": "m"})  # nobody asked about it
    answer = Reply(
        200, {"Date": "Wed, 24 Jun 2026 10:00:00 GMT"}, json.dumps({"capabilityCheckResults": told}).encode()
    )
    calls: list[Call] = []
    reach = drive(PROVIDER.capabilities([33612000000 + n for n in range(4)]), lambda call: calls.append(call) or answer)
    at = datetime(2026, 6, 24, 10, tzinfo=timezone.utc)
    assert reach.capabilities == (
        Capability(33612000000, True, at), Capability(33612000001, False, at), Capability(33612000003, False, at),
    )  # fmt: skip
    assert reach.asked == 4
    assert json.loads(calls[0].body) == {"sender": "MaBoutique", "phoneNumbers": [f"3361200000{n}" for n in range(4)]}


UNASKED = [
    # what                provider              numbers
    ("no number",         PROVIDER,             []),
    ("too many numbers",  PROVIDER,             [33612000001] * 501),
    ("no agent",          InfobipRcs(key=KEY),  [33612000001]),
]  # fmt: skip


@pytest.mark.parametrize(("provider", "numbers"), [row[1:] for row in UNASKED], ids=ids(UNASKED))
def test_what_cannot_be_asked_is_refused_at_the_call(provider, numbers):
    with pytest.raises(InvalidInput):
        provider.capabilities(numbers)


def test_no_answer_about_capabilities_is_an_error():
    with pytest.raises(TransportError):
        drive(PROVIDER.capabilities([33612000001]), lambda _: Reply(401))


def test_nobody_to_send_it_is_refused_at_the_call():
    with pytest.raises(InvalidInput):
        InfobipRcs(key=KEY).submit([said(RichMessage("x"), sender="")])
