"""smsmode over RCS held to the contract, and its own ways: who wrote, which channel, keys of another one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest
from tests.transports.providers.rich_cases import MESSAGES, said

from smskit.errors import InvalidInput, UnsupportedFeature, WebhookError
from smskit.kinds import DeliveryStatus, EventType, FailureClass
from smskit.protocols import Call, Reply
from smskit.rcs import RichMessage
from smskit.records import Accepted, Outcome, Outgoing, Postponed, Refused, Taken, Unanswered
from smskit.testing.providers import HOOK, NOW, PATH_SECRET, ProviderContract, Said, Told
from smskit.transports.drivers import drive
from smskit.transports.providers.smsmode_rcs import MISMATCH, SmsModeRcs
from smskit.transports.wire.webhooks import Webhook, parse_events

KEY, CHANNEL = "key-of-the-rcs-channel", "channel-1"
RECEIPTS = [
    # what                            value            detail                 meaning                     failure
    ("with the network",              "ENROUTE",       "DELIVERED_TO_NETWORK", DeliveryStatus.SENT,       None),
    ("arrived",                       "DELIVERED",     None,                  DeliveryStatus.DELIVERED,   None),
    ("read",                          "READ",          None,                  DeliveryStatus.READ,        None),
    ("not reached over RCS",          "UNDELIVERED",   None,                  DeliveryStatus.UNDELIVERED, FailureClass.CHANNEL_UNAVAILABLE),
    ("a telephone without RCS",       "UNDELIVERABLE", "PHONE_NOT_SUITABLE",  DeliveryStatus.UNDELIVERED, FailureClass.CHANNEL_UNAVAILABLE),
    ("a network without RCS",         "UNDELIVERABLE", "NETWORK_NOT_SUITABLE", DeliveryStatus.UNDELIVERED, FailureClass.CHANNEL_UNAVAILABLE),
    ("too late",                      "UNDELIVERED",   "EXPIRED",             DeliveryStatus.EXPIRED,     FailureClass.VALIDITY_EXPIRED),
    ("no credit",                     "UNDELIVERABLE", "INSUFFICIENT_CREDIT", DeliveryStatus.REJECTED,    FailureClass.INSUFFICIENT_CREDIT),
    ("a number that is none",         "UNDELIVERABLE", "INVALID_PHONE_NUMBER", DeliveryStatus.REJECTED,   FailureClass.INVALID_NUMBER),
    ("somebody on their list",        "UNDELIVERABLE", "BLACKLISTED",         DeliveryStatus.BLOCKED,     FailureClass.OPTED_OUT),
    ("a picture that nobody fetched", "UNDELIVERABLE", "MEDIA_INVALID",       DeliveryStatus.REJECTED,    FailureClass.CONTENT_INVALID),
    ("a word that nobody knows",      "TELEPORTED",    None,                  None,                       None),
]  # fmt: skip
RECEIPT = {"type": EventType.RECEIPT, "number": 33612000007, "reference": "run-7", "provider_id": "id-7"}
REPLY = {"type": EventType.REPLY, "number": 33612000007, "provider_id": "id-7", "status": None}


def receipt(value: str, detail: str | None = None, **changes: object) -> bytes:
    status = {"value": value, "deliveryDate": "2026-06-24T09:59:59Z", **({"detail": detail} if detail else {})}
    told = {"messageId": "id-7", "refClient": "run-7", "channel": {"channelId": CHANNEL, "type": "RCS"},
            "recipient": {"to": "33612000007"}, "status": status}  # fmt: skip
    return json.dumps({**told, **changes}).encode()


def reply(body: object, **changes: object) -> bytes:
    told = {"messageId": "mo-1", "originMessageId": "id-7", "channel": {"channelId": CHANNEL}, "direction": "MO",
            "sentDate": "2026-06-24T09:59:00Z", "from": "MABOUTIQUE", "recipient": {"to": "33612000007"}, "body": body}  # fmt: skip
    return json.dumps({**told, **changes}).encode()


class TestSmsModeRcs(ProviderContract):
    secrets = (KEY,)
    told = (
        *(
            Told(what=what, body=receipt(value, detail), events=({**RECEIPT, "status": status, "failure": failure},))
            for what, value, detail, status, failure in RECEIPTS
        ),
        Told(what="what a person wrote, as it really comes", body=reply({"type": "TEXT", "text": "Stop svp"}), events=({**REPLY, "text": "Stop svp", "postback": None},)),
        Told(what="what a person wrote, as the document has it", body=reply({"type": "TEXT", "text": "Oui"}, **{"from": "33612000007", "recipient": {"to": "MABOUTIQUE"}}), events=({**REPLY, "text": "Oui"},)),
        Told(what="without a direction", body=reply({"type": "TEXT", "text": "Oui"}, direction=None), events=({**REPLY, "text": "Oui"},)),
        Told(what="a suggestion", body=reply({"type": "SUGGESTION", "text": "Oui", "postbackData": "oui"}), events=({**REPLY, "text": "Oui", "postback": "oui"},)),
        Told(what="a place", body=reply({"type": "LOCATION", "latitude": 48.8, "longitude": 2.3}), events=({**REPLY, "text": ""},)),
        Told(what="a file", body=reply({"type": "FILE", "fileUrl": "https://x.example/1.jpg"}), events=({**REPLY, "text": ""},)),
        Told(what="between two words", body=reply({"type": "TEXT", "text": "x"}, recipient={"to": "AUTRE"})),
        Told(what="a receipt about nothing", body=receipt("DELIVERED", messageId=None, refClient=None)),
    )  # fmt: skip
    refusals = (
        ("a number that is none", Reply(400, {}, b'{"errorCode":"400.029"}'), Refused, FailureClass.INVALID_NUMBER),
        ("a key of a channel for SMS", Reply(403, {}, b'{"title":"Forbidden","message":"Channel type mismatch"}'), Postponed, FailureClass.PERMISSION),
        ("no RCS at once", Reply(201, {}, b'[{"messageId": "id-0", "refClient": "run-0", "status": {"value": "UNDELIVERABLE", "detail": "PHONE_NOT_SUITABLE"}}]'), Refused, FailureClass.CHANNEL_UNAVAILABLE),
    )  # fmt: skip

    def make_transport(self, **options: object) -> SmsModeRcs:
        return SmsModeRcs(key=KEY, channel=CHANNEL, **options)

    def take(self, call: Call) -> Reply:
        assert call.headers["X-Api-Key"] == KEY
        if call.method == "GET":
            return Reply(200, {}, b'{"items": []}')
        assert call.url == f"https://rest.smsmode.com/rcs/v1/channels/{CHANNEL}/messages"
        items = [
            {"messageId": f"id-{int(one['recipient']['to']) % 10_000}", "refClient": one["refClient"]}
            for one in json.loads(call.body)
        ]
        return Reply(201, {}, json.dumps([{"message": item} for item in items]).encode())

    def said(self, call: Call) -> list[Said]:
        return [self._said_one(one) for one in json.loads(call.body)] if call.method == "POST" else []

    def _said_one(self, one: Any) -> Said:
        assert one["recipient"]["to"].isdigit()
        sent_at = datetime.fromisoformat(one["sentDate"]) if "sentDate" in one else None
        validity = one.get("validity", {"timeUnit": "SECONDS"})
        assert validity["timeUnit"] == "SECONDS"
        number, words = int(one["recipient"]["to"]), one["body"]["text"]
        return Said(number, words, one["from"], one["refClient"], None, sent_at, validity.get("amount"))

    def id_of(self, number: int) -> str:
        return f"id-{number % 10_000}"

    # A look-up of a message that was just taken may not find it yet.

    def test_a_reference_that_was_taken_is_known(self) -> None:
        messages = self.messages(1)
        assert self.run(self.make_transport().ask(messages)) == {"run-0": Unanswered("run-0")}
        item = {"messageId": "id-0", "refClient": "run-0", "status": {"value": "ENROUTE"}}
        reply = Reply(200, {}, json.dumps({"items": [item]}).encode())
        assert drive(self.make_transport().ask(messages), lambda _: reply) == {"run-0": Accepted("run-0", "id-0")}


PROVIDER = SmsModeRcs(key=KEY, channel=CHANNEL, webhook=Webhook(path_secrets=PATH_SECRET))


def body_of(message: Outgoing, **options: Any) -> Mapping[str, Any]:
    (told,) = json.loads(SmsModeRcs(key=KEY, channel=CHANNEL, **options).request([message]).body)
    return told


def test_the_life_of_a_message_is_that_of_its_run_or_its_own():
    rich = RichMessage("x", ttl=timedelta(hours=1))
    assert body_of(said(rich))["validity"] == {"amount": 3600, "timeUnit": "SECONDS"}
    assert body_of(said(rich, validity_s=60))["validity"] == {"amount": 60, "timeUnit": "SECONDS"}
    assert "validity" not in body_of(said(RichMessage("x")))


def test_nobody_is_named_where_no_agent_is_said():
    assert "from" not in body_of(said(MESSAGES["a card"], sender=""))


def test_what_is_extra_goes_over_the_body():
    assert body_of(said(RichMessage("x")), extra={"body": {"type": "TEXT"}})["body"] == {"type": "TEXT", "text": "x"}


def test_a_key_of_a_channel_for_sms_is_called_by_its_name():
    refusal = Reply(403, {}, b'{"detail": "Channel type mismatch", "errorCode": "403.001"}')
    (outcome,) = drive(PROVIDER.submit([said(RichMessage("x"))]), lambda _: refusal)
    assert outcome == Postponed("run-7", FailureClass.PERMISSION, None, MISMATCH)
    other = Reply(403, {}, b'{"errorCode": "403.002"}')
    (outcome,) = drive(PROVIDER.submit([said(RichMessage("x"))]), lambda _: other)
    assert outcome == Postponed("run-7", FailureClass.PERMISSION, None, "403.002")


ELSEWHERE = [
    # what                     channel
    ("another channel", {"channelId": "channel-2"}),
    ("no channel", None),
    ("a channel without name", {}),
]


@pytest.mark.parametrize("channel", [row[1] for row in ELSEWHERE], ids=[row[0] for row in ELSEWHERE])
@pytest.mark.parametrize(
    "make", [lambda c: receipt("DELIVERED", channel=c), lambda c: reply({"text": "STOP"}, channel=c)]
)
def test_what_does_not_name_our_channel_is_refused(make, channel):
    with pytest.raises(WebhookError, match="channel"):
        parse_events(PROVIDER, {}, make(channel), HOOK, now=NOW)


def test_a_receipt_that_is_not_there_yet_is_no_news():
    taken = [Taken("run-7", 33612000007, "id-7")]
    assert drive(PROVIDER.look_up(taken), lambda _: Reply(404, {}, b'{"errorCode": "404.001"}')) == ()
    told = {**json.loads(receipt("READ")), "acceptedAt": "2026-06-24T09:00:00Z"}
    (event,) = drive(PROVIDER.look_up(taken), lambda _: Reply(200, {}, json.dumps(told).encode()))
    assert (event.status, event.reference) == (DeliveryStatus.READ, "run-7")


BAD = [
    # what                          options
    ("no channel",                  {"channel": ""}),
    ("a callback that is too long", {"channel": "c", "callback": f"https://a.example/{'x' * 255}"}),
]  # fmt: skip


@pytest.mark.parametrize("options", [row[1] for row in BAD], ids=[row[0] for row in BAD])
def test_options_that_smsmode_would_not_take(options):
    with pytest.raises(InvalidInput):
        SmsModeRcs(key=KEY, **options)


def test_what_smsmode_would_not_carry_is_refused_at_the_call():
    for message in (said(RichMessage("x"), reference="r"), said(RichMessage("x"), sender="x" * 41)):
        with pytest.raises(InvalidInput):
            PROVIDER.submit([message])
    with pytest.raises(UnsupportedFeature):
        PROVIDER.create_campaign("x", [said(RichMessage("x"))], at=NOW)


def test_an_sms_is_none_of_its_messages():
    outcomes: list[Outcome] = []
    with pytest.raises(InvalidInput, match="rich"):
        PROVIDER.submit([Outgoing("run-7", 33612000007, "Bonjour", 1, "", said(RichMessage("x")).kind)])
    assert outcomes == []


def test_one_message_of_another_channel_refuses_all_of_a_call():
    both = b"[" + receipt("DELIVERED") + b"," + receipt("READ", channel={"channelId": "channel-2"}) + b"]"
    with pytest.raises(WebhookError, match="channel"):
        parse_events(PROVIDER, {}, both, HOOK, now=NOW)
