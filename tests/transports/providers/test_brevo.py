"""Brevo held to the contract, and its own ways: STOP makes advertising, its hours in France, two vocabularies, tokens."""

from __future__ import annotations

import json
from datetime import datetime, time, timezone
from urllib.parse import parse_qs, urlsplit

import pytest
from attrs import evolve

from smskit.errors import InvalidInput, TransportError, UnsupportedFeature, WebhookError
from smskit.kinds import DeliveryStatus, EventType, FailureClass, Kind
from smskit.protocols import Call, Receipts, Reply, StopForm
from smskit.records import Accepted, Postponed, Refused, Taken, Unanswered
from smskit.testing.factories import outgoing
from smskit.testing.providers import HOOK, NOW, PATH_SECRET, ProviderContract, Said, Told
from smskit.transports.drivers import drive
from smskit.transports.providers.brevo import Brevo
from smskit.transports.wire.webhooks import Webhook, parse_events

KEY = "xkeysib-of-the-shop"
# Of an SMS, by brevo-python 5.1.0; templates are not ours.
KEYS = {"recipient", "sender", "organisationPrefix", "tag", "type", "unicodeEnabled", "webUrl", "content"}


def taken(number: int = 33612000000, **changes: object) -> bytes:
    """Give the answer as the vendor's client reads it."""
    told = {"messageId": 1_511_882_900_176_000 + number % 10_000, "reference": "ab1cde2fgh3i4jklmno", "smsCount": 1}
    return json.dumps({**told, "usedCredits": 0.7, "remainingCredits": 82.85, **changes}).encode()


def event(word: str, **changes: object) -> dict[str, object]:
    """Give a call of the webhook as the vendor's page shows it."""
    told: dict[str, object] = {"id": 26570, "to": "33612000007", "sms_count": 1, "credits_used": 1.5, "messageId": 123}
    told |= {"remaining_credit": 11488.845, "msg_status": word, "date": "2026-06-24 11:59:07", "type": "Transactional"}
    return {**told, "ts_event": 1782295147, "reference": {"1": "ab1cde2fgh3i4jklmno"}, **changes}


RECEIPT = {"type": EventType.RECEIPT, "number": 33612000007, "provider_id": "123"}
RECEIPTS = [
    # what                                      word           status                      failure
    ("Brevo has sent it", "sent", DeliveryStatus.SENT, None),
    ("the operator has it", "accepted", DeliveryStatus.ACCEPTED, None),
    ("it arrived", "delivered", DeliveryStatus.DELIVERED, None),
    ("it did not arrive, for now", "soft_bounce", DeliveryStatus.UNDELIVERED, FailureClass.UNREACHABLE),
    ("it never will", "hard_bounce", DeliveryStatus.UNDELIVERED, FailureClass.UNKNOWN_SUBSCRIBER),
    ("somebody on their list", "bl", DeliveryStatus.BLOCKED, FailureClass.OPTED_OUT),
    ("the same in a whole word", "blacklisted", DeliveryStatus.BLOCKED, FailureClass.OPTED_OUT),
    ("rejected", "rej", DeliveryStatus.REJECTED, FailureClass.UNSPECIFIED),
    ("the same in a whole word again", "rejected", DeliveryStatus.REJECTED, FailureClass.UNSPECIFIED),
    ("not sent at all", "skip", DeliveryStatus.REJECTED, FailureClass.POLICY),
    ("the same, again", "skipped", DeliveryStatus.REJECTED, FailureClass.POLICY),
    ("soft, in the words of the report", "softBounces", DeliveryStatus.UNDELIVERED, FailureClass.UNREACHABLE),
    ("hard, in the words of the report", "hardBounces", DeliveryStatus.UNDELIVERED, FailureClass.UNKNOWN_SUBSCRIBER),
    ("either, in the words of the report", "bounces", DeliveryStatus.UNDELIVERED, FailureClass.UNSPECIFIED),
    ("blocked, in the words of the report", "blocked", DeliveryStatus.BLOCKED, FailureClass.OPTED_OUT),
    ("a word that nobody knows", "teleported", None, None),
]
REFUSALS = [
    # what                             status  code                        outcome    failure
    ("the key", 401, "unauthorized", Postponed, FailureClass.AUTH),
    ("no credit", 402, "not_enough_credits", Postponed, FailureClass.INSUFFICIENT_CREDIT),
    ("no credit, with the status of a bad request", 400, "not_enough_credits", Postponed, FailureClass.INSUFFICIENT_CREDIT),
    ("no credit, in a sentence", 400, "Insufficient credits", Postponed, FailureClass.INSUFFICIENT_CREDIT),
    ("an account that is looked at", 400, "account_under_validation", Postponed, FailureClass.ACCOUNT),
    ("not allowed", 400, "permission_denied", Postponed, FailureClass.PERMISSION),
    ("a bad field", 400, "invalid_parameter", Refused, FailureClass.BAD_REQUEST),
    ("a missing field", 400, "missing_parameter", Refused, FailureClass.BAD_REQUEST),
    ("too fast", 429, "too_many_requests", Postponed, FailureClass.THROTTLED),
    ("a code that nobody knows", 400, "moon", Refused, FailureClass.BAD_REQUEST),
    ("a broken machine that speaks of credit", 500, "not_enough_credits", Unanswered, None),
]  # fmt: skip


class TestBrevo(ProviderContract):
    secrets = (KEY,)
    told = (
        *(
            Told(
                what=what,
                body=json.dumps(event(word)).encode(),
                events=({**RECEIPT, "status": status, "failure": failure, "code": word},),
            )
            for what, word, status, failure in RECEIPTS
        ),
        Told(
            what="our reference in the address",
            body=json.dumps(event("delivered")).encode(),
            query="smskit=run-7",
            events=({**RECEIPT, "reference": "run-7", "status": DeliveryStatus.DELIVERED},),
        ),
        Told(
            what="our reference in the tag",
            body=json.dumps(event("delivered", tag="run-7")).encode(),
            events=({**RECEIPT, "reference": "run-7"},),
        ),
        Told(
            what="a tag that is not our reference",
            body=json.dumps(event("delivered", tag="soldes")).encode(),
            events=({**RECEIPT, "reference": None},),
        ),
        Told(
            what="a reply",
            body=json.dumps(event("replied", reply="Merci beaucoup")).encode(),
            events=({"type": EventType.REPLY, "number": 33612000007, "text": "Merci beaucoup", "provider_id": "123"},),
        ),
        Told(
            what="a STOP",
            body=json.dumps(event("unsubscribed")).encode(),
            events=({"type": EventType.OPT_OUT, "number": 33612000007, "status": None},),
        ),
        Told(
            what="a START",
            body=json.dumps(event("subscribe")).encode(),
            events=({"type": EventType.OPT_IN, "number": 33612000007},),
        ),
        Told(
            what="several at once",
            body=json.dumps([event("sent"), event("delivered", to="33612000008", messageId=124)]).encode(),
            events=({**RECEIPT, "status": DeliveryStatus.SENT}, {"number": 33612000008, "provider_id": "124"}),
        ),
        Told(what="an event of an e-mail", body=b'{"event": "click", "email": "anna@example.com", "id": 4}'),
    )
    refusals = tuple(
        (what, Reply(status, {}, json.dumps({"code": code, "message": "..."}).encode()), kind, failure)
        for what, status, code, kind, failure in REFUSALS
    )

    def make_transport(self, **options: object) -> Brevo:
        return Brevo(key=KEY, **options)

    def take(self, call: Call) -> Reply:
        assert call.headers["api-key"] == KEY
        assert ("Content-Type" in call.headers) is (call.method == "POST")
        if call.method == "GET":
            return Reply(200, {}, b'{"events": []}')
        assert call.url == "https://api.brevo.com/v3/transactionalSMS/sms"
        return Reply(201, {"Content-Type": "application/json"}, taken(int(json.loads(call.body)["recipient"])))

    def said(self, call: Call) -> list[Said]:
        if call.method == "GET":
            return []
        told = json.loads(call.body)
        assert set(told) - {"smskitUnmodelled"} <= KEYS
        text = told["content"].removesuffix(" STOP [STOP_CODE]")
        return [
            Said(int(told["recipient"]), text, told["sender"], told["tag"], told["unicodeEnabled"], stop=text != told["content"])
        ]  # fmt: skip

    def id_of(self, number: int) -> str:
        return str(1_511_882_900_176_000 + number % 10_000)

    # ------------------------------------------------------------ its own ways
    # Brevo tells of a message when something happened to it: one without events may have been taken all the same.

    def test_a_reference_that_was_never_taken_is_missing(self) -> None:
        assert self.run(self.make_transport().ask([outgoing(0)])) == {"run-0": Unanswered("run-0")}

    def test_a_reference_that_was_taken_is_known(self) -> None:
        calls: list[Call] = []
        events = [
            {"event": "sent", "messageId": "9", "tag": "run-1"},
            {"event": "sent", "messageId": "8", "tag": "run-0"},
        ]

        def answer(call: Call) -> Reply:
            calls.append(call)
            return Reply(200, {}, json.dumps({"events": events}).encode())

        assert drive(self.make_transport().ask([outgoing(0)]), answer) == {"run-0": Accepted("run-0", "8")}
        assert parse_qs(urlsplit(calls[0].url).query)["tags"] == ['["run-0"]']

    def test_a_flow_is_lazy(self) -> None:
        calls: list[Call] = []
        self.make_transport().submit([outgoing()]).close()
        assert calls == []


def told_with(message=None, **options) -> dict[str, object]:
    calls: list[Call] = []

    def take(call: Call) -> Reply:
        calls.append(call)
        return TestBrevo().take(call)

    drive(Brevo(key=KEY, **options).submit([message or outgoing()]), take)
    return json.loads(calls[0].body)


def test_what_it_can_do_is_declared():
    features = Brevo(key=KEY).features
    assert (features.largest_batch, features.in_flight) == (1, 8)
    assert (features.live, features.replies, features.balance, features.can_be_asked) == (True,) * 4
    assert features.receipts is Receipts.PUSHED
    assert (features.idempotent, features.schedules, features.validity_s) == (False, False, None)
    assert Brevo(key=KEY, in_flight=5).features.in_flight == 5


KINDS = [
    ("advertising", Kind.MARKETING, "marketing"),
    ("a notification", Kind.NOTIFICATION, "transactional"),
    ("a code", Kind.OTP, "transactional"),
]


@pytest.mark.parametrize(("kind", "wanted"), [row[1:] for row in KINDS], ids=[row[0] for row in KINDS])
def test_the_type_follows_the_kind(kind, wanted):
    assert told_with(outgoing(kind=kind))["type"] == wanted


def test_the_mention_is_brevos_mark_and_as_long_as_what_is_counted():
    told = told_with(evolve(outgoing(text="Soldes"), carrier_stop=True))
    assert told["content"] == "Soldes STOP [STOP_CODE]"
    form = Brevo(key=KEY).features.stop_for("FR")
    assert len(form.suffix) == len(" STOP 36180")
    assert form.printed_by_transport


def test_a_mark_that_would_make_advertising_of_a_notification_is_refused():
    for message in (
        outgoing(kind=Kind.NOTIFICATION, text="Votre colis. STOP [STOP_CODE]"),
        outgoing(text="Soldes STOP [STOP_CODE]"),
        evolve(outgoing(kind=Kind.OTP), carrier_stop=True),
    ):
        with pytest.raises(UnsupportedFeature, match="STOP"):
            Brevo(key=KEY).submit([message])


def test_a_mention_of_ones_own_is_not_printed_by_brevo():
    provider = Brevo(key=KEY, stop={"FR": StopForm("STOP au 36111")})
    assert provider.features.stop_for("FR").suffix == " STOP au 36111"
    assert "STOP_CODE" not in str(told_with(stop={"FR": StopForm("STOP au 36111")})["content"])


def test_the_hours_of_brevo_in_france_are_declared():
    window = Brevo(key=KEY).features.windows["FR"]
    assert (window.opens, window.closes) == (time(8), time(22))
    assert 6 not in window.weekdays
    assert len(window.weekdays) == 6
    assert not window.holidays


SENDERS = [
    ("none", "", False),
    ("a word of twelve letters", "Boulangerie1", False),
    ("a word with a space", "Ma Boutique", False),
    ("sixteen digits", "1234567890123456", False),
    ("fifteen digits", "123456789012345", True),
    ("a word", "MaBoutique1", True),
    ("a number", "+33644000001", True),
    ("a short code", "36180", True),
]


@pytest.mark.parametrize(("sender", "is_taken"), [row[1:] for row in SENDERS], ids=[row[0] for row in SENDERS])
def test_senders(sender, is_taken):
    if is_taken:
        assert told_with(outgoing(sender=sender))["sender"] == sender.removeprefix("+")
        return
    with pytest.raises(InvalidInput, match="sender"):
        Brevo(key=KEY).submit([outgoing(sender=sender)])


def test_the_callback_carries_our_reference():
    assert told_with(callback="https://shop.example/in")["webUrl"] == "https://shop.example/in?smskit=run-0"
    assert "webUrl" not in told_with()


def test_a_tag_of_ones_own_takes_the_place_of_the_reference():
    assert told_with(tag="soldes")["tag"] == "soldes"
    assert Brevo(key=KEY).features.can_be_asked
    assert not Brevo(key=KEY, tag="soldes").features.can_be_asked


def test_the_parts_that_brevo_bills_are_told():
    outcomes = drive(Brevo(key=KEY).submit([outgoing()]), lambda _: Reply(201, {}, taken(smsCount=2)))
    assert outcomes == (Accepted("run-0", "1511882900176000", 2),)


def test_a_look_up_tells_all_that_happened_to_the_message():
    events = [
        {"date": "2026-06-24T09:59:00.000Z", "event": "sent", "messageId": "123", "phoneNumber": "33612000007"},
        {"date": "2026-06-24T09:59:01Z", "event": "delivered", "messageId": "99", "phoneNumber": "33612000007"},
        {"date": "2026-06-24T09:59:07Z", "event": "hardBounces", "messageId": 123, "phoneNumber": "33612000007", "reason": "…"},
        {"date": "2026-06-24T09:59:09Z", "event": "unsubscription", "messageId": "123", "phoneNumber": "33612000007"},
    ]  # fmt: skip
    calls: list[Call] = []

    def answer(call: Call) -> Reply:
        calls.append(call)
        return Reply(200, {}, json.dumps({"events": events}).encode())

    told = drive(Brevo(key=KEY).look_up([Taken("run-7", 33612000007, "123")]), answer)
    assert [(one.type, one.status) for one in told] == [
        (EventType.RECEIPT, DeliveryStatus.SENT),
        (EventType.RECEIPT, DeliveryStatus.UNDELIVERED),
        (EventType.OPT_OUT, None),
    ]
    assert {(one.reference, one.number, one.provider_id) for one in told} == {("run-7", 33612000007, "123")}
    assert told[1].at == datetime(2026, 6, 24, 9, 59, 7, tzinfo=timezone.utc)
    assert parse_qs(urlsplit(calls[0].url).query)["phoneNumber"] == ["33612000007"]


def test_the_webhooks_date_is_that_of_paris_and_its_epoch_is_better():
    provider = Brevo(key=KEY)
    for changes in ({}, {"ts_event": None}, {"date": "2026-06-24 08:00:00"}):
        (told,) = provider.parse(Told(what="x", body=json.dumps(event("sent", **changes)).encode()).request(), NOW)
        assert told.at == datetime(2026, 6, 24, 9, 59, 7, tzinfo=timezone.utc), changes


def keys_of(*told: dict[str, object]) -> set[str]:
    body = json.dumps(told).encode()
    return {one.key for one in Brevo(key=KEY).parse(Told(what="x", body=body).request(), NOW)}


def test_what_a_person_says_twice_is_said_twice():
    reply = event("replied", reply="Merci")
    assert len(keys_of(reply, reply)) == 1, "the same call, repeated"
    assert len(keys_of(reply, {**reply, "ts_event": 1782295200})) == 2
    assert len(keys_of(reply, {**reply, "reply": "Bonjour"})) == 2
    dated = {**reply, "ts_event": None}
    assert len(keys_of(dated, {**dated, "date": "2026-06-24 11:59:30"})) == 2


def test_an_event_without_a_number_is_found_by_its_id_or_not_at_all():
    one = Brevo(key=KEY).parse(Told(what="x", body=json.dumps(event("Delivered", to=None)).encode()).request(), NOW)
    assert [(told.number, told.provider_id, told.status) for told in one] == [(None, "123", DeliveryStatus.DELIVERED)]
    (two,) = Brevo(key=KEY).parse(
        Told(what="x", body=json.dumps(event("Replied", messageId=None)).encode()).request(), NOW
    )
    assert (two.type, two.number, two.provider_id) == (EventType.REPLY, 33612000007, None)
    nobody = json.dumps(event("sent", to=None, messageId=None)).encode()
    assert Brevo(key=KEY).parse(Told(what="x", body=nobody).request(), NOW) == ()


CODES = [
    ("a code of Brevo's", {"code": "missing_parameter"}, "missing_parameter"),
    ("a sentence is not kept", {"code": "Insufficient credits"}, "http-400"),
    ("an unknown code is kept", {"code": "moon"}, "moon"),
    ("no code", {}, "http-400"),
]


@pytest.mark.parametrize(("body", "code"), [row[1:] for row in CODES], ids=[row[0] for row in CODES])
def test_what_is_kept_of_a_refusal(body, code):
    reply = Reply(400, {}, json.dumps(body).encode())
    (outcome,) = drive(Brevo(key=KEY).submit([outgoing()]), lambda _: reply)
    assert outcome.code == code


def test_the_balance_is_that_of_the_sms_plan():
    plans = [{"type": "free", "credits": 300}, {"type": "sms", "credits": 82.85, "creditsType": "sendLimit"}]
    reply = Reply(200, {}, json.dumps({"email": "a@b.example", "plan": plans}).encode())
    balance = drive(Brevo(key=KEY).balance(), lambda _: reply)
    assert (str(balance.amount), balance.currency) == ("82.85", "credits")
    with pytest.raises(TransportError, match="balance"):
        drive(Brevo(key=KEY).balance(), lambda _: Reply(200, {}, b'{"plan": [{"type": "free", "credits": 300}]}'))


# ---------------------------------------------------------------- bearer tokens of the account's webhook

BODY = json.dumps(event("delivered")).encode()
TOKENS = [
    # what                                   secrets                    path         header              is heard
    ("the token", ("the-token",), "", "Bearer the-token", True),
    ("the old token beside the new one", ("tomorrow", "the-token"), "", "Bearer the-token", True),
    ("another token", ("the-token",), "", "Bearer another", False),
    ("no token", ("the-token",), "", "", False),
    ("the token in another scheme", ("the-token",), "", "Basic the-token", False),
    ("no token, but the path of a webUrl", ("the-token",), PATH_SECRET, "", True),
    ("the path, and a wrong token", ("the-token",), PATH_SECRET, "Bearer another", False),
]


@pytest.mark.parametrize(
    ("secrets", "path", "token", "is_heard"), [row[1:] for row in TOKENS], ids=[row[0] for row in TOKENS]
)
def test_bearer_tokens(secrets, path, token, is_heard):
    provider = Brevo(key=KEY, webhook=Webhook(secrets=secrets, path_secrets=path or ()))
    headers = {"Content-Type": "application/json", **({"Authorization": token} if token else {})}
    if is_heard:
        assert len(parse_events(provider, headers, BODY, HOOK, now=NOW)) == 1
        return
    with pytest.raises(WebhookError):
        parse_events(provider, headers, BODY, HOOK, now=NOW)
