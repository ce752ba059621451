"""Octopush held to the contract, and its own ways: one ticket for many, repetitions that are duplicates, texts it changes."""

from __future__ import annotations

import json
from datetime import datetime

import pytest
from attrs import evolve

from smskit.errors import InvalidInput, TransportError, UnsupportedFeature
from smskit.kinds import DeliveryStatus, EventType, FailureClass, Kind
from smskit.protocols import Call, Pause, Receipts, Reply
from smskit.records import Accepted, Balance, Postponed, Refused, Unanswered
from smskit.testing.factories import outgoing
from smskit.testing.providers import NOW, ProviderContract, Said, Told
from smskit.transports.drivers import drive
from smskit.transports.providers.octopush import Octopush

LOGIN, KEY = "shop@example.com", "key-of-the-shop"
# Of a campaign, by the vendor's page.
KEYS = {
    "text", "recipients", "type", "sender", "send_at", "purpose", "with_replies", "simulation_mode", "request_id",
    "auto_optimize_text",
}  # fmt: skip
SEND = "https://api.octopush.com/v1/public/sms-campaign/send"


def ticket(count: int = 1, **changes: object) -> bytes:
    """Give the answer as the vendor's client shows it."""
    told = {"sms_ticket": "sms_5fec89fe97109", "number_of_contacts": count, "total_cost": 0.0333 * count}
    return json.dumps({**told, "number_of_sms_needed": 1, "residual_credit": 99.5, **changes}).encode()


def refusal(code: int, status: int = 422) -> Reply:
    return Reply(status, {}, json.dumps({"code": code, "message": "…"}).encode())


def callback(**fields: object) -> bytes:
    return json.dumps({"message_id": "sms_5fa275dbf21dc", "number": "+33612000007", **fields}).encode()


RECEIPTS = [
    # what                                     word                  status                      failure
    ("the operator has it", "ACK", DeliveryStatus.SENT, None),
    ("it arrived", "DELIVERED", DeliveryStatus.DELIVERED, None),
    ("it was read", "READ", DeliveryStatus.READ, None),
    ("it did not arrive", "NOT_DELIVERED", DeliveryStatus.UNDELIVERED, FailureClass.UNSPECIFIED),
    ("it may not be sent", "NOT_ALLOWED", DeliveryStatus.BLOCKED, FailureClass.POLICY),
    ("nobody will ever know", "UNKNOWN_DELIVERY", DeliveryStatus.UNKNOWN, FailureClass.UNSPECIFIED),
    ("no such number", "BAD_DESTINATION", DeliveryStatus.REJECTED, FailureClass.INVALID_NUMBER),
    ("somebody on their list", "BLACKLISTED_NUMBER", DeliveryStatus.BLOCKED, FailureClass.OPTED_OUT),
    ("a word for nothing", "UNDEFINED", DeliveryStatus.UNKNOWN, FailureClass.UNSPECIFIED),
    ("a word that nobody knows", "TELEPORTED", None, None),
]
REFUSALS = [
    ("the key is wrong", 101, Postponed, FailureClass.AUTH),
    ("the text is too long", 102, Refused, FailureClass.CONTENT_INVALID),
    ("nobody to send to", 103, Refused, FailureClass.INVALID_NUMBER),
    ("no credit", 104, Postponed, FailureClass.INSUFFICIENT_CREDIT),
    ("no credit yet", 105, Postponed, FailureClass.INSUFFICIENT_CREDIT),
    ("the sender", 106, Refused, FailureClass.SENDER_INVALID),
    ("no text", 107, Refused, FailureClass.CONTENT_INVALID),
    ("an account that is not validated", 113, Postponed, FailureClass.ACCOUNT),
    ("an account under investigation", 114, Postponed, FailureClass.ACCOUNT),
    ("no valid number", 117, Refused, FailureClass.INVALID_NUMBER),
    ("more than 160 characters", 119, Refused, FailureClass.CONTENT_INVALID),
    ("premium without STOP", 121, Refused, FailureClass.STOP_MENTION_MISSING),
    ("low cost without STOP", 122, Refused, FailureClass.STOP_MENTION_MISSING),
    ("a code that nobody knows", 999, Refused, FailureClass.BAD_REQUEST),
]
WHEN = {"delivery_date": "2026-06-24 11:11:45"}


class TestOctopush(ProviderContract):
    secrets = (KEY, LOGIN)
    told = (
        *(
            Told(
                what=what,
                body=callback(channel="sms", status=word, **WHEN),
                events=({"type": EventType.RECEIPT, "status": status, "failure": failure, "number": 33612000007, "provider_id": "sms_5fa275dbf21dc", "code": word},),
            )
            for what, word, status, failure in RECEIPTS
        ),
        Told(what="a receipt without its time", body=callback(status="ACK"), events=({"status": DeliveryStatus.SENT},)),
        Told(
            what="a STOP",
            body=callback(text="stop", stop_date="2026-06-24 11:11:45"),
            events=({"type": EventType.OPT_OUT, "number": 33612000007, "text": "stop", "provider_id": "sms_5fa275dbf21dc"},),
        ),
        Told(
            what="a reply",
            body=callback(text="Merci", sim_card_number="12345", reception_date="2026-06-24 11:11:45"),
            events=({"type": EventType.REPLY, "number": 33612000007, "text": "Merci", "provider_id": "sms_5fa275dbf21dc"},),
        ),
        Told(
            what="a reply to nothing that is known, as a form",
            body=b"number=%2B33612000007&text=Bonjour&reception_date=2026-06-24+11%3A11%3A45",
            content_type="application/x-www-form-urlencoded",
            events=({"type": EventType.REPLY, "number": 33612000007, "text": "Bonjour", "provider_id": None},),
        ),
        Told(what="two receipts at once", body=b"[" + callback(status="ACK") + b"," + callback(status="DELIVERED") + b"]",
             events=({"status": DeliveryStatus.SENT}, {"status": DeliveryStatus.DELIVERED})),
        Told(what="a reply without its time", body=callback(text="Merci"), events=({"type": EventType.REPLY},)),
        Told(what="a test of the address", body=b'{"test": true}'),
    )  # fmt: skip
    refusals = (
        *((what, refusal(code), kind, failure) for what, code, kind, failure in REFUSALS),
        ("no credit, within a success", Reply(200, {}, b'{"error_code": "104"}'), Postponed, FailureClass.INSUFFICIENT_CREDIT),
        ("a wrong sender, within a success", Reply(200, {}, b'{"error_code": "106"}'), Refused, FailureClass.SENDER_INVALID),
        ("a duplicate of which nothing is known here", refusal(120), Unanswered, None),
        ("a broken machine that speaks of credit", refusal(104, 500), Unanswered, None),
        ("taken for nobody", Reply(201, {}, ticket(0)), Unanswered, None),
    )  # fmt: skip

    def make_transport(self, **options: object) -> Octopush:
        return Octopush(login=LOGIN, key=KEY, **options)

    def take(self, call: Call) -> Reply:
        assert (call.headers["api-login"], call.headers["api-key"]) == (LOGIN, KEY)
        assert (call.method, call.url, call.headers["Content-Type"]) == ("POST", SEND, "application/json")
        return Reply(201, {"Content-Type": "application/json"}, ticket(len(json.loads(call.body)["recipients"])))

    def said(self, call: Call) -> list[Said]:
        told = json.loads(call.body)
        assert set(told) - {"smskitUnmodelled"} <= KEYS
        assert told["auto_optimize_text"] is False, "the text would be changed"
        at = datetime.fromisoformat(told["send_at"]) if "send_at" in told else None
        return [
            Said(int(one["phone_number"]), told["text"], told.get("sender", ""), send_at=at)
            for one in told["recipients"]
        ]

    def id_of(self, number: int) -> str:
        return "sms_5fec89fe97109"


def calls_of(messages, answer=None, **options):
    calls: list[Call] = []

    def note(call: Call) -> Reply:
        calls.append(call)
        return answer or TestOctopush().take(call)

    outcomes = drive(Octopush(login=LOGIN, key=KEY, **options).submit(messages), note, sleep=lambda _: None)
    return [json.loads(call.body) for call in calls], outcomes


def test_what_it_can_do_is_declared():
    features = Octopush(login=LOGIN, key=KEY).features
    assert (features.largest_batch, features.in_flight, features.largest_parts) == (500, 2, 8)
    assert (features.live, features.replies, features.balance, features.schedules) == (True,) * 4
    assert features.receipts is Receipts.PUSHED
    assert (features.idempotent, features.can_be_asked, features.validity_s) == (False, False, None)
    assert Octopush(login=LOGIN, key=KEY, in_flight=5).features.in_flight == 5


@pytest.mark.parametrize(("told", "at"), [("2026-06-24 11:11:45", "09:11:45"), ("2026-06-24 23:00:00", "10:00:00")])
def test_times_are_those_of_paris_and_never_of_the_future(told, at):
    provider = Octopush(login=LOGIN, key=KEY)
    for fields in (
        {"status": "ACK", "delivery_date": told},
        {"text": "stop", "stop_date": told},
        {"text": "Merci", "reception_date": told},
    ):
        (event,) = provider.parse(Told(what="x", body=callback(**fields)).request(), NOW)
        assert event.at.isoformat() == f"2026-06-24T{at}+00:00"


def test_five_hundred_of_one_text_are_one_request():
    told, outcomes = calls_of([outgoing(seq) for seq in range(500)])
    assert [len(one["recipients"]) for one in told] == [500]
    assert {type(outcome) for outcome in outcomes} == {Accepted}
    assert {outcome.parts for outcome in outcomes} == {None}, "the parts of a request of many are nobody's"


def test_other_texts_are_other_requests_with_other_names():
    told, _ = calls_of([outgoing(seq, text=f"Bonjour {seq % 2}") for seq in range(6)])
    assert [len(one["recipients"]) for one in told] == [3, 3]
    assert len({one["request_id"] for one in told}) == 2


def test_a_request_keeps_its_name_and_another_selection_has_another():
    messages = [outgoing(seq) for seq in range(3)]
    names = [calls_of(some)[0][0]["request_id"] for some in (messages, messages, messages[:2], messages[1:])]
    assert names[0] == names[1]
    assert len(set(names)) == 3


def test_a_single_message_is_told_its_parts():
    _, outcomes = calls_of([outgoing()], Reply(201, {}, ticket(1, number_of_sms_needed=2)))
    assert outcomes == (Accepted("run-0", "sms_5fec89fe97109", 2),)


KINDS = [
    ("advertising", Kind.MARKETING, "wholesale"),
    ("a notification", Kind.NOTIFICATION, "alert"),
    ("a code", Kind.OTP, "alert"),
]


@pytest.mark.parametrize(("kind", "purpose"), [row[1:] for row in KINDS], ids=[row[0] for row in KINDS])
def test_the_purpose_follows_the_kind(kind, purpose):
    (told,), _ = calls_of([outgoing(kind=kind)])
    assert told["purpose"] == purpose


def test_options_are_told():
    (told,), _ = calls_of([outgoing()], quality="sms_low_cost", replies=True, simulate=True)
    assert (told["type"], told["with_replies"], told["simulation_mode"]) == ("sms_low_cost", True, True)
    assert not Octopush(login=LOGIN, key=KEY, simulate=True).features.live
    (told,), _ = calls_of([outgoing()])
    assert (told["type"], told["with_replies"]) == ("sms_premium", False)
    assert "simulation_mode" not in told


def test_a_quality_that_there_is_not_is_refused():
    with pytest.raises(InvalidInput, match="sms_low_cost"):
        Octopush(login=LOGIN, key=KEY, quality="gold")


@pytest.mark.parametrize(("quality", "mention"), [("sms_premium", "STOP au XXXXX"), ("sms_low_cost", "no PUB=STOP")])
def test_the_mention_is_that_which_octopush_wants_letter_by_letter(quality, mention):
    form = Octopush(login=LOGIN, key=KEY, quality=quality).features.stop_for("FR")
    assert form.suffix == f" {mention}"
    assert not form.printed_by_transport
    _, outcomes = calls_of([outgoing(text=f"Soldes{form.suffix}")], quality=quality)
    assert isinstance(outcomes[0], Accepted)


@pytest.mark.parametrize("text", ["Bonjour {param1}", "Bonjour {first_name} !", "Le code est XXXXX"])
def test_a_text_that_octopush_would_change_is_refused(text):
    with pytest.raises(UnsupportedFeature, match="replaces"):
        calls_of([outgoing(text=text)])


@pytest.mark.parametrize("sender", ["AB", "Boulangerie12", "Épicerie", "a-b-c"])
def test_a_sender_that_octopush_would_not_take_is_refused_at_the_call(sender):
    with pytest.raises(InvalidInput, match="senders"):
        calls_of([outgoing(sender=sender)])


def test_without_a_sender_octopush_puts_its_own():
    (told,), _ = calls_of([outgoing(sender="")])
    assert "sender" not in told


def test_a_text_is_at_most_1224_characters_long():
    calls_of([outgoing(text="a" * 1224, parts=8)])
    with pytest.raises(UnsupportedFeature, match="length"):
        calls_of([outgoing(text="a" * 1225, parts=8)])


# ---------------------------------------------------------------- a lost answer


def scripted(*answers: Reply | TransportError):
    """Drive one submission of two messages against these answers, and give the calls and what came of it."""
    calls: list[Call] = []

    def answer(call: Call) -> Reply:
        calls.append(call)
        told = answers[len(calls) - 1]
        if isinstance(told, TransportError):
            raise told
        return told

    flow = Octopush(login=LOGIN, key=KEY).submit([outgoing(0), outgoing(1)])
    outcomes = drive(flow, answer, sleep=lambda _: None)
    assert len(calls) == len(answers)
    assert len({call.body for call in calls}) == 1, "another request was made"
    return outcomes


LOST = TransportError("octopush", "no answer", retryable=False)
CLOSED = TransportError("octopush", "connection refused", retryable=True)
TAKEN = Reply(201, {}, ticket(2))
WORDS = Reply(400, {}, b'{"message": "The request_id has already been taken."}')
DOUBT = (Unanswered("run-0"), Unanswered("run-1"))
WITH_TICKET = (Accepted("run-0", "sms_5fec89fe97109"), Accepted("run-1", "sms_5fec89fe97109"))
WITHOUT = (Accepted("run-0"), Accepted("run-1"))

LOSSES = [
    ("a lost answer, and the request is taken the second time", (LOST, TAKEN), WITH_TICKET),
    ("a lost answer, and the second request is a duplicate", (LOST, refusal(120)), WITHOUT),
    ("a lost answer, and a validation error names the request", (LOST, WORDS), WITHOUT),
    ("a broken gateway, and the second request is a duplicate", (Reply(502, {}, b""), refusal(120)), WITHOUT),
    ("the line is lost three times", (LOST, LOST, LOST), DOUBT),
    ("a lost answer, and then nobody opens", (LOST, CLOSED, CLOSED), DOUBT),
    ("a lost answer, and then too many requests", (LOST, Reply(429), Reply(429)), DOUBT),
    ("a lost answer, and then the key is wrong", (LOST, Reply(401), Reply(401)), DOUBT),
    ("a lost answer, and then the sender is wrong", (LOST, refusal(106), refusal(106)), DOUBT),
    ("a duplicate at once is not asked for again", (refusal(120),), DOUBT),
]


@pytest.mark.parametrize(("answers", "wanted"), [row[1:] for row in LOSSES], ids=[row[0] for row in LOSSES])
def test_a_lost_answer_is_settled_by_a_repetition_or_not_at_all(answers, wanted):
    assert scripted(*answers) == wanted


def test_it_waits_before_it_repeats():
    flow = Octopush(login=LOGIN, key=KEY).submit([outgoing()])
    next(flow)
    assert flow.throw(LOST) == Pause(1.0)


# ---------------------------------------------------------------- the wallet


def test_the_balance_is_that_of_the_wallet():
    calls: list[Call] = []

    def answer(call: Call) -> Reply:
        calls.append(call)
        return Reply(200, {}, b'{"amount": 12.54, "unit": "Euros"}')

    balance = drive(Octopush(login=LOGIN, key=KEY).balance(), answer)
    assert (str(balance.amount), balance.currency) == ("12.54", "EUR")
    assert "Content-Type" not in calls[0].headers
    assert (calls[0].method, calls[0].url) == ("GET", "https://api.octopush.com/v1/public/wallet/check-balance")


def test_a_wallet_of_messages_tells_its_unit():
    told = Reply(201, {}, b'{"amount": 204, "unit": "sms_premium"}')
    assert drive(Octopush(login=LOGIN, key=KEY).balance(), lambda _: told) == Balance(204, "sms_premium")
    with pytest.raises(TransportError, match="balance"):
        drive(Octopush(login=LOGIN, key=KEY).balance(), lambda _: evolve(told, status=401))
