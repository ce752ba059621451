"""smsmode held to the contract, and its own ways: one POST for a thousand, wrapped answers, credit told by receipt."""

from __future__ import annotations

import json
from datetime import datetime

import pytest

from smskit.errors import InvalidInput, TransportError
from smskit.kinds import DeliveryStatus, EventType, FailureClass
from smskit.protocols import Call, Reply, StopForm
from smskit.records import Accepted, Postponed, Refused, Taken, Unanswered
from smskit.testing.factories import outgoing
from smskit.testing.providers import NOW, ProviderContract, Said, Told
from smskit.transports.drivers import drive
from smskit.transports.providers.smsmode import SmsMode
from smskit.transports.wire.signatures import hmac_hex

KEY = "key-of-the-shop"


def made(number: int, reference: str, **changes: object) -> dict[str, object]:
    """Give a Message resource as smsmode writes it."""
    return {
        "messageId": f"id-{number % 10_000}",
        "acceptedAt": "2026-06-24T12:00:00Z",
        "sentDate": "2026-06-24T12:00:00Z",
        "channel": {"channelId": "c-1", "name": "shop", "type": "SMS", "flow": "MARKETING"},
        "type": "SMS",
        "direction": "MT",
        "recipient": {"to": str(number)},
        "from": "MABOUTIQUE",
        "body": {"text": "…", "encoding": "GSM7", "messagePartCount": 1, "length": 32},
        "price": {"amount": 0.045, "currency": "EUR"},
        "status": {"deliveryDate": "2026-06-24T12:00:00Z", "value": "ENROUTE"},
        "refClient": reference,
        "href": "https://rest.smsmode.com/sms/v1/messages/id",
        **changes,
    }


def receipt(value: str, detail: str | None = None) -> bytes:
    status = {"deliveryDate": "2026-06-24T10:00:07.123Z", "value": value, **({"detail": detail} if detail else {})}
    return json.dumps(made(33612000007, "run-7", status=status)).encode()


RECEIPTS = [
    # what                                        value            detail                 status  failure
    ("a message on its way", "ENROUTE", None, DeliveryStatus.ACCEPTED, None),
    ("the detail says more than the word", "ENROUTE", "DELIVERED_TO_NETWORK", DeliveryStatus.SENT, None),
    ("a message that arrived", "DELIVERED", None, DeliveryStatus.DELIVERED, None),
    ("READ, which the list of SMS words does not have", "READ", None, DeliveryStatus.READ, None),
    (
        "no credit, told only here",
        "UNDELIVERABLE",
        "INSUFFICIENT_CREDIT",
        DeliveryStatus.REJECTED,
        FailureClass.INSUFFICIENT_CREDIT,
    ),
    ("somebody on their list", "UNDELIVERABLE", "BLACKLISTED", DeliveryStatus.BLOCKED, FailureClass.OPTED_OUT),
    ("a word that nobody knows", "TELEPORTED", None, None, None),
    ("a detail that nobody knows", "UNDELIVERED", "MOON", DeliveryStatus.UNDELIVERED, FailureClass.UNREACHABLE),
]


class TestSmsMode(ProviderContract):
    secrets = (KEY,)
    webhook_secret = "what-smsmode-signs-with"
    told = (
        *(
            Told(
                what=what,
                body=receipt(value, detail),
                events=({"type": EventType.RECEIPT, "status": status, "failure": failure, "number": 33612000007, "reference": "run-7", "provider_id": "id-7"},),
            )
            for what, value, detail, status, failure in RECEIPTS
        ),
        Told(
            what="a reply",
            body=json.dumps(
                {"messageId": "mo-1", "originMessageId": "id-7", "direction": "MO", "sentDate": "2026-06-24T12:01:00Z",
                 "recipient": {"to": "36180"}, "from": "33612000007", "body": {"text": "Stop svp"}, "refClient": "run-7"}
            ).encode(),
            events=({"type": EventType.REPLY, "number": 33612000007, "reference": "run-7", "text": "Stop svp", "provider_id": "id-7"},),
        ),
    )  # fmt: skip
    refusals = (
        ("a number that is none", Reply(400, {}, b'{"title":"Bad Request","errorCode":"400.029"}'), Refused, FailureClass.INVALID_NUMBER),
        ("a code that nobody knows", Reply(400, {}, b'{"errorCode":"400.999"}'), Refused, FailureClass.BAD_REQUEST),
        ("a key of another kind of channel", Reply(403, {}, b'{"errorCode":"403.001"}'), Postponed, FailureClass.PERMISSION),
        ("refused within a success", Reply(201, {}, b'[{"refClient": "run-0", "errorCode": "400.029"}]'), Refused, FailureClass.INVALID_NUMBER),
        ("undeliverable at once", Reply(201, {}, json.dumps([{"message": made(33612000000, "run-0", status={"value": "UNDELIVERABLE", "detail": "SPAM"})}]).encode()), Refused, FailureClass.SPAM_FILTER),
    )  # fmt: skip

    def make_transport(self, **options: object) -> SmsMode:
        return SmsMode(key=KEY, **options)

    def take(self, call: Call) -> Reply:
        assert call.headers["X-Api-Key"] == KEY
        if call.method == "GET":
            return Reply(200, {}, b'{"items": []}')
        items = [made(int(m["recipient"]["to"]), m["refClient"]) for m in json.loads(call.body)]
        return Reply(
            201, {"Content-Type": "application/json"}, json.dumps([{"message": item} for item in items]).encode()
        )

    def said(self, call: Call) -> list[Said]:
        if call.method != "POST":
            return []
        return [
            Said(
                int(m["recipient"]["to"]), m["body"]["text"], m.get("from", ""), m["refClient"],
                m["body"]["encoding"] == "UNICODE",
                datetime.fromisoformat(m["sentDate"]) if "sentDate" in m else None, None, m["body"]["stop"],
            )
            for m in json.loads(call.body)
        ]  # fmt: skip

    def id_of(self, number: int) -> str:
        return f"id-{number % 10_000}"

    def sign(self, request, at, secret):
        return {"X-Smsmode-256": hmac_hex(secret, request.body)}

    # ------------------------------------------------------------ its own ways
    # A look-up of a message that was just taken may not find it yet: see below.

    def test_a_reference_that_was_never_taken_is_missing(self) -> None:
        known = self.run(self.make_transport().ask([outgoing(0)]))
        assert known == {"run-0": Unanswered("run-0")}

    def test_a_reference_that_was_taken_is_known(self) -> None:
        item = made(33612000000, "run-0", body={"messagePartCount": 2})
        known = drive(
            self.make_transport().ask([outgoing(0)]),
            lambda call: Reply(200, {}, json.dumps({"items": [item]}).encode()),
        )
        assert known == {"run-0": Accepted("run-0", "id-0", 2)}

    def test_a_flow_is_lazy(self) -> None:
        calls: list[Call] = []
        self.make_transport().submit([outgoing()]).close()
        assert calls == []


def answering(body: object, status: int = 200):
    return lambda call: Reply(status, {}, json.dumps(body).encode())


def test_a_thousand_messages_are_one_request():
    calls: list[Call] = []

    def take(call: Call) -> Reply:
        calls.append(call)
        return TestSmsMode().take(call)

    outcomes = drive(SmsMode(key=KEY).submit([outgoing(seq) for seq in range(1000)]), take)
    assert len(outcomes) == 1000
    assert [call.url for call in calls] == ["https://rest.smsmode.com/sms/v1/messages"]


def test_answers_in_another_order_find_their_messages():
    items = [{"message": made(33612000000 + seq, f"run-{seq}")} for seq in (2, 0, 1)]
    outcomes = drive(SmsMode(key=KEY).submit([outgoing(seq) for seq in range(3)]), answering(items, 201))
    assert {o.reference: o.provider_id for o in outcomes} == {f"run-{seq}": f"id-{seq}" for seq in range(3)}


def test_a_message_that_the_answer_leaves_out_is_in_doubt():
    items = [{"message": made(33612000000, "run-0")}]
    outcomes = drive(SmsMode(key=KEY).submit([outgoing(0), outgoing(1)]), answering(items, 201))
    assert outcomes == (Accepted("run-0", "id-0", 1), Unanswered("run-1"))


def test_one_bad_number_among_a_thousand_is_found_and_the_others_are_sent():
    requests = 0

    def strict(call: Call) -> Reply:
        nonlocal requests
        requests += 1
        if b"33612000700" in call.body:
            return Reply(400, {}, b'{"errorCode": "400.029"}')
        return TestSmsMode().take(call)

    outcomes = drive(SmsMode(key=KEY).submit([outgoing(seq) for seq in range(1000)]), strict)
    assert [o for o in outcomes if not isinstance(o, Accepted)] == [
        Refused("run-700", FailureClass.INVALID_NUMBER, "400.029")
    ]
    assert len(outcomes) == 1000
    assert requests <= 25


def test_when_everything_is_refused_the_halving_ends():
    requests = 0

    def refuse(call: Call) -> Reply:
        nonlocal requests
        requests += 1
        return Reply(400, {}, b"{}")

    outcomes = drive(SmsMode(key=KEY).submit([outgoing(seq) for seq in range(1000)]), refuse)
    assert {type(o) for o in outcomes} == {Refused}
    assert len(outcomes) == 1000
    assert requests <= 70


PATHS = [
    ("the account's own channel", {}, "/sms/v1/messages"),
    ("a channel", {"channel": "c 1"}, "/sms/v1/channels/c%201/messages"),
    ("a campaign", {"campaign": "k-1"}, "/sms/v1/campaigns/k-1/messages"),
    ("a campaign of a channel", {"channel": "c-1", "campaign": "k-1"}, "/sms/v1/channels/c-1/campaigns/k-1/messages"),
]


@pytest.mark.parametrize(("options", "path"), [row[1:] for row in PATHS], ids=[row[0] for row in PATHS])
def test_the_path_names_channel_and_campaign(options, path):
    calls: list[Call] = []
    drive(SmsMode(key=KEY, **options).submit([outgoing()]), lambda call: calls.append(call) or TestSmsMode().take(call))
    assert calls[0].url == f"https://rest.smsmode.com{path}"


def test_a_callback_that_smsmode_would_not_take_is_refused():
    address = "https://shop.example/"
    SmsMode(key=KEY, callback=address + "a" * (255 - len(address)))
    with pytest.raises(InvalidInput, match="up to 255"):
        SmsMode(key=KEY, callback=address + "a" * (256 - len(address)))


def test_callbacks_are_told_with_each_message():
    calls: list[Call] = []
    provider = SmsMode(key=KEY, callback="https://shop.example/in")
    drive(provider.submit([outgoing()]), lambda call: calls.append(call) or TestSmsMode().take(call))
    (told,) = json.loads(calls[0].body)
    assert (told["callbackUrlStatus"], told["callbackUrlMo"]) == ("https://shop.example/in",) * 2


def test_a_mention_of_ones_own_is_not_printed_by_smsmode():
    provider = SmsMode(key=KEY, stop={"FR": StopForm("STOP au 36111")})
    assert provider.features.stop_for("FR").suffix == " STOP au 36111"
    (said,) = [one for call in _calls(provider) for one in TestSmsMode().said(call)]
    assert said.stop is False


def _calls(provider: SmsMode) -> list[Call]:
    calls: list[Call] = []
    drive(provider.submit([outgoing()]), lambda call: calls.append(call) or TestSmsMode().take(call))
    return calls


def test_the_balance_is_that_of_the_organisation():
    told = {"items": [{"organisationId": "o-1", "balance": {"amount": 51.35, "currency": "EUR"}}]}
    balance = drive(SmsMode(key=KEY).balance(), answering(told))
    assert (str(balance.amount), balance.currency) == ("51.35", "EUR")
    with pytest.raises(TransportError, match="balance"):
        drive(SmsMode(key=KEY).balance(), answering({}, 500))


def test_a_look_up_tells_the_receipt():
    taken = [Taken("run-7", 33612000007, "id/7")]
    calls: list[Call] = []

    def answer(call: Call) -> Reply:
        calls.append(call)
        return Reply(200, {}, receipt("DELIVERED"))

    (event,) = drive(SmsMode(key=KEY).look_up(taken), answer)
    assert (event.status, event.reference, event.number) == (DeliveryStatus.DELIVERED, "run-7", 33612000007)
    assert calls[0].url.endswith("/sms/v1/messages/id%2F7")
    assert drive(SmsMode(key=KEY).look_up(taken), answering({}, 404)) == ()


def test_a_message_that_waits_can_be_taken_back():
    assert drive(SmsMode(key=KEY).withdraw("id-1"), answering({}, 204)) is True
    assert drive(SmsMode(key=KEY).withdraw("id-1"), answering({}, 409)) is False


def test_a_campaign_of_smsmode_has_each_text_as_a_parameter():
    calls: list[Call] = []

    def answer(call: Call) -> Reply:
        calls.append(call)
        return Reply(201, {}, b'{"campaignId": "k-9", "status": "SCHEDULED"}')

    messages = [outgoing(0, text="Bonjour Anna"), outgoing(1, text="Bonjour $prenom")]
    assert drive(SmsMode(key=KEY).create_campaign("soldes", messages, at=NOW), answer) == "k-9"
    told = json.loads(calls[0].body)
    assert told["body"]["text"] == "$text"
    assert [one["parameters"]["text"] for one in told["recipients"]] == ["Bonjour Anna", "Bonjour $prenom"]
    assert [one["refClient"] for one in told["recipients"]] == ["run-0", "run-1"]


def test_a_campaign_of_smsmode_of_two_senders_is_refused():
    with pytest.raises(InvalidInput, match="one sender"):
        SmsMode(key=KEY).create_campaign("x", [outgoing(0), outgoing(1, sender="AUTRE")], at=NOW)


def test_a_reference_that_smsmode_would_not_carry_is_refused_at_the_call():
    with pytest.raises(InvalidInput, match="references"):
        SmsMode(key=KEY).submit([outgoing(0, run_id="r" * 200)])
