"""Infobip held to the contract, and its own ways: our reference is its id, refusals in HTTP 200, a log that is asked."""

from __future__ import annotations

import json
from base64 import b64encode
from datetime import datetime, timedelta, timezone
from urllib.parse import parse_qs, urlsplit

import pytest
from attrs import evolve
from tests.transports.providers.request_schemas import problems_of

from smskit.errors import InvalidInput, TransportError, UnsupportedFeature, WebhookError
from smskit.kinds import DeliveryStatus, EventType, FailureClass
from smskit.protocols import Call, Reply
from smskit.records import Accepted, Postponed, Refused, Taken, Unanswered
from smskit.testing.factories import outgoing
from smskit.testing.providers import HOOK, NOW, ProviderContract, Said, Told
from smskit.transports.drivers import drive
from smskit.transports.providers.infobip import Infobip
from smskit.transports.wire.webhooks import Webhook, parse_events

KEY = "key-of-the-shop"
FINE = {"groupId": 0, "groupName": "OK", "id": 0, "name": "NO_ERROR", "description": "No Error", "permanent": False}
PENDING = {"groupId": 1, "groupName": "PENDING", "id": 26, "name": "PENDING_ACCEPTED", "description": "…"}


def status(id_: object, name: str, group: str) -> dict[str, object]:
    groups = {"PENDING": 1, "UNDELIVERABLE": 2, "DELIVERED": 3, "EXPIRED": 4, "REJECTED": 5}
    return {"groupId": groups.get(group), "groupName": group, "id": id_, "name": name, "description": "…"}


def error(id_: int, name: str, *, permanent: bool) -> dict[str, object]:
    return {
        "groupId": 1,
        "groupName": "HANDSET_ERRORS",
        "id": id_,
        "name": name,
        "description": "…",
        "permanent": permanent,
    }


def result(told: dict[str, object], cause: dict[str, object] = FINE, seq: int = 7) -> dict[str, object]:
    """Give one receipt as Infobip writes it."""
    return {
        "bulkId": "bulk-1", "price": {"pricePerMessage": 0.01, "currency": "EUR"}, "status": told, "error": cause,
        "messageId": f"run-{seq}", "to": f"3361200000{seq}", "sender": "MABOUTIQUE",
        "sentAt": "2026-06-24T12:00:00.000+0200", "doneAt": "2026-06-24T12:00:07.123+0200", "messageCount": 1,
    }  # fmt: skip


def results(*items: dict[str, object]) -> bytes:
    return json.dumps({"results": items}).encode()


PERMANENT = error(1, "EC_UNKNOWN_SUBSCRIBER", permanent=True)
RECEIPTS = [
    # what, status, error, what it means, failure
    ("on its way", status(7, "PENDING_ENROUTE", "PENDING"), FINE, DeliveryStatus.ACCEPTED, None),
    ("the network waits", status(3, "PENDING_WAITING_DELIVERY", "PENDING"), FINE, DeliveryStatus.SENT, None),
    ("delivered to the operator is not delivered", status(2, "DELIVERED_TO_OPERATOR", "DELIVERED"), FINE, DeliveryStatus.SENT, None),
    ("delivered to the handset", status(5, "DELIVERED_TO_HANDSET", "DELIVERED"), FINE, DeliveryStatus.DELIVERED, None),
    ("a new word for delivered, which may be the operator's", status(2000, "DELIVERED_TO_MOON", "DELIVERED"), FINE, DeliveryStatus.SENT, None),
    ("a new word among those on their way", status(2001, "PENDING_MOON", "PENDING"), FINE, DeliveryStatus.ACCEPTED, None),
    ("a new word among refusals", status(2002, "REJECTED_MOON", "REJECTED"), FINE, DeliveryStatus.REJECTED, FailureClass.UNSPECIFIED),
    ("a group that nobody knows", status(2003, "TELEPORTED", "MOON"), FINE, None, None),
    ("nobody there", status(9, "UNDELIVERABLE_NOT_DELIVERED", "UNDELIVERABLE"), PERMANENT, DeliveryStatus.UNDELIVERED, FailureClass.UNKNOWN_SUBSCRIBER),
    ("switched off until it was too late", status(15, "EXPIRED_EXPIRED", "EXPIRED"), error(27, "EC_ABSENT_SUBSCRIBER", permanent=False), DeliveryStatus.EXPIRED, FailureClass.UNREACHABLE),
    ("an invalid number that may pass", status(9, "UNDELIVERABLE_NOT_DELIVERED", "UNDELIVERABLE"), error(351, "EC_INVALID_DESTINATION_ADDRESS", permanent=False), DeliveryStatus.UNDELIVERED, FailureClass.UNREACHABLE),
    ("an invalid number that stays one", status(9, "UNDELIVERABLE_NOT_DELIVERED", "UNDELIVERABLE"), error(351, "EC_INVALID_DESTINATION_ADDRESS", permanent=True), DeliveryStatus.UNDELIVERED, FailureClass.INVALID_NUMBER),
    ("an error that nobody knows", status(9, "UNDELIVERABLE_NOT_DELIVERED", "UNDELIVERABLE"), error(9999, "EC_MOON", permanent=True), DeliveryStatus.UNDELIVERED, FailureClass.UNSPECIFIED),
    ("nobody will ever know", status(29, "EXPIRED_DLR_UNKNOWN", "EXPIRED"), FINE, DeliveryStatus.UNKNOWN, FailureClass.VALIDITY_EXPIRED),
    ("on a list of oppositions", status(14, "REJECTED_DESTINATION_BLOCKLISTED", "REJECTED"), FINE, DeliveryStatus.BLOCKED, FailureClass.OPTED_OUT),
    ("said STOP to the network", status(4, "UNDELIVERABLE_REJECTED_OPERATOR", "UNDELIVERABLE"), error(603, "EC_CONTENT_BLOCKED", permanent=True), DeliveryStatus.UNDELIVERED, FailureClass.OPTED_OUT),
    ("does not want to be disturbed", status(10, "REJECTED_DND", "REJECTED"), FINE, DeliveryStatus.BLOCKED, FailureClass.POLICY),
    ("too many to one number", status(20, "REJECTED_FLOODING_FILTER", "REJECTED"), FINE, DeliveryStatus.BLOCKED, FailureClass.FLOOD_FILTER),
    ("the filter against fraud", status(87, "SIGNALS_BLOCKED", "REJECTED"), FINE, DeliveryStatus.BLOCKED, FailureClass.FRAUD_FILTER),
    ("no credit, told by receipt", status(12, "REJECTED_NOT_ENOUGH_CREDITS", "REJECTED"), FINE, DeliveryStatus.REJECTED, FailureClass.INSUFFICIENT_CREDIT),
]  # fmt: skip
MO = {
    "messageId": "817790313235066447", "from": "33612000007", "to": "36180", "text": "STOP svp", "cleanText": "svp",
    "keyword": "STOP", "receivedAt": "2026-06-24T12:05:00.000+0200", "smsCount": 1, "price": {}, "callbackData": "x",
}  # fmt: skip
CLICK = {
    "notificationType": "CLICKED", "recipient": "33612000007", "url": "https://shop.example/soldes",
    "sendDateTime": 1782295500000, "messageId": "run-7", "bulkId": "bulk-1", "callbackData": "x",
}  # fmt: skip


def within(told: dict[str, object]) -> Reply:
    """Give the answer to a request for one message, with its status."""
    item = {"messageId": "run-0", "destination": "33612000000", "status": told}
    return Reply(200, {}, json.dumps({"bulkId": "b", "messages": [item]}).encode())


def apart(status_code: int, code: str) -> Reply:
    return Reply(status_code, {}, json.dumps({"errorCode": code, "description": "…", "action": "…", "violations": [], "resources": []}).encode())  # fmt: skip


class TestInfobip(ProviderContract):
    secrets = (KEY,)
    told = (
        *(
            Told(
                what=what,
                body=results(result(told, cause)),
                events=({"type": EventType.RECEIPT, "status": means, "failure": failure, "number": 33612000007, "reference": "run-7", "provider_id": "run-7"},),
            )
            for what, told, cause, means, failure in RECEIPTS
        ),
        Told(
            what="a hundred receipts in one call",
            body=results(*(result(status(5, "DELIVERED_TO_HANDSET", "DELIVERED"), seq=seq % 10) | {"messageId": f"run-{seq}"} for seq in range(100))),
            events=tuple({"reference": f"run-{seq}", "status": DeliveryStatus.DELIVERED} for seq in range(100)),
        ),
        Told(what="that an id was repeated is no news of its message", body=results(result(status(23, "REJECTED_DUPLICATE_MESSAGE_ID", "REJECTED")))),
        Told(
            what="a reply, with the word that Infobip takes out of it",
            body=results(MO),
            events=({"type": EventType.REPLY, "number": 33612000007, "text": "STOP svp", "reference": None},),
        ),
        Told(
            what="a click",
            body=json.dumps(CLICK).encode(),
            events=({"type": EventType.CLICK, "number": 33612000007, "reference": "run-7", "at": datetime(2026, 6, 24, 10, 5, tzinfo=timezone.utc)},),
        ),
        Told(what="a notice of another kind", body=json.dumps({**CLICK, "notificationType": "SEEN"}).encode()),
        Told(what="nothing new", body=results()),
    )  # fmt: skip
    refusals = (
        ("a number that is none", within(status(52, "REJECTED_DESTINATION", "REJECTED")), Refused, FailureClass.INVALID_NUMBER),
        ("a number without its country", within(status(8, "REJECTED_PREFIX_MISSING", "REJECTED")), Refused, FailureClass.INVALID_NUMBER),
        ("a network that is not reached", within(status(6, "REJECTED_NETWORK", "REJECTED")), Refused, FailureClass.DESTINATION_NOT_ALLOWED),
        ("no route", within(status(19, "REJECTED_ROUTE_NOT_AVAILABLE", "REJECTED")), Refused, FailureClass.ROUTE_UNAVAILABLE),
        ("an account on trial", within(status(18, "REJECTED_DESTINATION_NOT_REGISTERED", "REJECTED")), Refused, FailureClass.DESTINATION_NOT_ALLOWED),
        ("on a list of oppositions", within(status(14, "REJECTED_DESTINATION_BLOCKLISTED", "REJECTED")), Refused, FailureClass.OPTED_OUT),
        ("a sender that is not registered", within(status(11, "REJECTED_SOURCE", "REJECTED")), Refused, FailureClass.SENDER_UNREGISTERED),
        ("a sender on a list", within(status(13, "REJECTED_SENDER", "REJECTED")), Refused, FailureClass.SENDER_INVALID),
        ("too many to one number", within(status(20, "REJECTED_FLOODING_FILTER", "REJECTED")), Refused, FailureClass.FLOOD_FILTER),
        ("too long", within(status(25, "REJECTED_MESSAGE_TOO_LONG", "REJECTED")), Refused, FailureClass.CONTENT_INVALID),
        ("their own fault", within(status(21, "REJECTED_SYSTEM_ERROR", "REJECTED")), Refused, FailureClass.PROVIDER_ERROR),
        ("no credit", within(status(12, "REJECTED_NOT_ENOUGH_CREDITS", "REJECTED")), Postponed, FailureClass.INSUFFICIENT_CREDIT),
        ("credit that is too old", within(status(17, "REJECTED_PREPAID_PACKAGE_EXPIRED", "REJECTED")), Postponed, FailureClass.INSUFFICIENT_CREDIT),
        ("a refusal that nobody knows", within(status(2002, "REJECTED_MOON", "REJECTED")), Refused, FailureClass.UNSPECIFIED),
        ("a group that nobody knows", within(status(2003, "TELEPORTED", "MOON")), Unanswered, None),
        ("a body that is none", apart(400, "E400"), Refused, FailureClass.BAD_REQUEST),
        ("a key that is none", apart(401, "E401"), Postponed, FailureClass.AUTH),
        ("a key without the right", Reply(403, {}, b'{"requestError":{"serviceException":{"messageId":"FORBIDDEN","text":"Forbidden"}}}'), Postponed, FailureClass.PERMISSION),
    )  # fmt: skip

    def make_transport(self, **options: object) -> Infobip:
        return Infobip(key=KEY, **options)

    def take(self, call: Call) -> Reply:
        assert call.headers["Authorization"] == f"App {KEY}"
        if call.method == "GET":
            return Reply(200, {}, b'{"results": []}')
        taken = [
            {"messageId": to["messageId"], "status": PENDING, "destination": to["to"], "details": {"messageCount": 1}}
            for message in json.loads(call.body)["messages"]
            for to in message["destinations"]
        ]
        body = {"bulkId": "2034072219640523072", "messages": taken[::-1]}  # the order is not promised
        return Reply(200, {"Content-Type": "application/json"}, json.dumps(body).encode())

    def said(self, call: Call) -> list[Said]:
        if call.method != "POST":
            return []
        asked = json.loads(call.body)
        if "smskitUnmodelled" not in asked:
            assert problems_of("infobip", asked) == []
        schedule = asked["options"].get("schedule")
        at = datetime.fromisoformat(schedule["sendAt"]) if schedule else None
        assert asked["options"]["tracking"] == {"shortenUrl": False, "trackClicks": False}
        said = []
        for message in asked["messages"]:
            (to,) = message["destinations"]
            content, validity = message["content"], message.get("options", {}).get("validityPeriod")
            assert (content["transliteration"], content["language"]) == ("NONE", {"languageCode": "NONE"})
            assert validity is None or validity["timeUnit"] == "SECONDS"
            said.append(
                Said(int(to["to"]), content["text"], message.get("sender", ""), to["messageId"], None, at, validity and validity["amount"])
            )  # fmt: skip
        return said

    def id_of(self, number: int) -> str:
        return f"run-{number - 33612000000}"

    # ------------------------------------------------------------ its own ways
    # The log may be late: what it does not have may be there in a moment.

    def test_a_reference_that_was_never_taken_is_missing(self) -> None:
        known = self.run(self.make_transport().ask([outgoing(0)]))
        assert known == {"run-0": Unanswered("run-0")}

    def test_a_reference_that_was_taken_is_known(self) -> None:
        log = [
            entry(0, status(5, "DELIVERED_TO_HANDSET", "DELIVERED")),
            entry(1, status(52, "REJECTED_DESTINATION", "REJECTED")),
            entry(2, status(9, "UNDELIVERABLE_NOT_DELIVERED", "UNDELIVERABLE")),
        ]
        known = drive(self.make_transport().ask([outgoing(seq) for seq in range(4)]), logged(log))
        assert known == {
            "run-0": Accepted("run-0", "run-0", 2),
            "run-1": Refused("run-1", FailureClass.INVALID_NUMBER, "REJECTED_DESTINATION"),
            "run-2": Accepted("run-2", "run-2", 2),
            "run-3": Unanswered("run-3"),
        }

    def test_a_flow_is_lazy(self) -> None:
        self.make_transport().submit([outgoing()]).close()


def entry(seq: int, told: dict[str, object], cause: dict[str, object] = FINE) -> dict[str, object]:
    """Give a line of the log as Infobip writes it."""
    return {**result(told, cause), "messageId": f"run-{seq}", "destination": f"3361200000{seq}", "messageCount": 2}


def logged(log):
    return lambda call: Reply(200, {}, json.dumps({"results": log}).encode())


def infobip(**options: object) -> Infobip:
    return TestInfobip().make_transport(**options)


def bodies_of(provider: Infobip, messages) -> list[dict]:
    calls: list[Call] = []
    drive(provider.submit(messages), lambda call: calls.append(call) or TestInfobip().take(call))
    return [json.loads(call.body) for call in calls]


REPEATED = status(23, "REJECTED_DUPLICATE_MESSAGE_ID", "REJECTED")
BEFORE = [
    # what, what the log has, the outcome
    ("it was taken", [entry(0, PENDING)], Accepted("run-0", "run-0", 2)),
    ("it was taken, and the repetition is logged too", [entry(0, REPEATED), entry(0, PENDING), entry(0, REPEATED)], Accepted("run-0", "run-0", 2)),
    ("it was refused", [entry(0, status(52, "REJECTED_DESTINATION", "REJECTED"))], Refused("run-0", FailureClass.INVALID_NUMBER, "REJECTED_DESTINATION")),
    ("it used up its id without credit", [entry(0, status(12, "REJECTED_NOT_ENOUGH_CREDITS", "REJECTED"))], Refused("run-0", FailureClass.PROVIDER_ERROR, "REJECTED_NOT_ENOUGH_CREDITS")),
    ("the log is late", [], Unanswered("run-0")),
    ("the log has only the repetition", [entry(0, REPEATED)], Unanswered("run-0")),
]  # fmt: skip


@pytest.mark.parametrize(("log", "outcome"), [row[1:] for row in BEFORE], ids=[row[0] for row in BEFORE])
def test_of_a_repeated_id_the_log_says_what_became(log, outcome):
    def answer(call: Call) -> Reply:
        return within(REPEATED) if call.method == "POST" else logged(log)(call)

    assert drive(infobip().submit([outgoing()]), answer) == (outcome,)


def test_a_log_that_cannot_be_asked_leaves_only_the_repeated_ones_in_doubt():
    def answer(call: Call) -> Reply:
        if call.method == "GET":
            raise TransportError("infobip", "no answer", retryable=True)
        items = [
            {"messageId": "run-0", "destination": "33612000000", "status": REPEATED},
            {"messageId": "run-1", "destination": "33612000001", "status": PENDING},
        ]
        return Reply(200, {}, json.dumps({"messages": items}).encode())

    assert drive(infobip().submit([outgoing(0), outgoing(1)]), answer) == (
        Unanswered("run-0"),
        Accepted("run-1", "run-1"),
    )


def test_a_lost_answer_is_asked_for_again_with_the_very_same_request():
    calls: list[Call] = []

    def answer(call: Call) -> Reply:
        calls.append(call)
        if call.method == "GET":
            return logged([entry(0, PENDING)])(call)
        if len(calls) == 1:
            raise TransportError("infobip", "no answer", retryable=False)
        return within(REPEATED)

    assert drive(infobip().submit([outgoing()]), answer, sleep=lambda _: None) == (Accepted("run-0", "run-0", 2),)
    assert calls[0] == calls[1]


LOST = [
    ("the first was taken", [entry(0, PENDING)], Accepted("run-0", "run-0", 2)),
    ("the log is late", [], Unanswered("run-0")),
]


@pytest.mark.parametrize(("log", "outcome"), [row[1:] for row in LOST], ids=[row[0] for row in LOST])
def test_a_repetition_that_meets_no_credit_says_nothing_of_the_first(log, outcome):
    posts: list[Call] = []

    def answer(call: Call) -> Reply:
        if call.method == "GET":
            return logged(log)(call)
        posts.append(call)
        return Reply(502, {}, b"") if len(posts) == 1 else within(status(12, "REJECTED_NOT_ENOUGH_CREDITS", "REJECTED"))

    assert drive(infobip().submit([outgoing()]), answer, sleep=lambda _: None) == (outcome,)


def test_messages_of_one_time_share_a_request():
    at = datetime(2026, 6, 25, 12, 0, tzinfo=timezone(timedelta(hours=2)))
    messages = [outgoing(0), evolve(outgoing(1), send_at=at), outgoing(2), evolve(outgoing(3), send_at=at)]
    now, later = bodies_of(infobip(), messages)
    assert [m["destinations"][0]["messageId"] for m in now["messages"]] == ["run-0", "run-2"]
    assert "schedule" not in now["options"]
    assert [m["destinations"][0]["messageId"] for m in later["messages"]] == ["run-1", "run-3"]
    assert later["options"]["schedule"] == {"sendAt": "2026-06-25T10:00:00.000+00:00"}


def test_a_partial_failure_is_told_message_by_message():
    told = [
        PENDING,
        status(52, "REJECTED_DESTINATION", "REJECTED"),
        status(12, "REJECTED_NOT_ENOUGH_CREDITS", "REJECTED"),
    ]
    items = [{"messageId": f"run-{seq}", "destination": "…", "status": one} for seq, one in enumerate(told)]
    answer = Reply(200, {}, json.dumps({"messages": items}).encode())
    assert drive(infobip().submit([outgoing(seq) for seq in range(4)]), lambda call: answer) == (
        Accepted("run-0", "run-0"),
        Refused("run-1", FailureClass.INVALID_NUMBER, "REJECTED_DESTINATION"),
        Postponed("run-2", FailureClass.INSUFFICIENT_CREDIT, code="REJECTED_NOT_ENOUGH_CREDITS"),
        Unanswered("run-3"),
    )


def test_one_message_that_spoils_the_request_is_found():
    def strict(call: Call) -> Reply:
        return apart(400, "E400") if b"33612000070" in call.body else TestInfobip().take(call)

    outcomes = drive(infobip().submit([outgoing(seq) for seq in range(100)]), strict)
    assert [o for o in outcomes if not isinstance(o, Accepted)] == [Refused("run-70", FailureClass.BAD_REQUEST, "E400")]
    assert len(outcomes) == 100


def test_where_receipts_are_told():
    (body,) = bodies_of(infobip(callback="https://shop.example/in"), [outgoing()])
    assert problems_of("infobip", body) == []
    assert body["messages"][0]["webhooks"] == {
        "delivery": {"url": "https://shop.example/in", "notify": True},
        "contentType": "application/json",
    }


def test_options_stand_beside_the_messages_or_in_each():
    window = {"days": ["MONDAY"], "from": {"hour": 8, "minute": 0}, "to": {"hour": 20, "minute": 0}}
    provider = infobip(
        extra={"options": {"tracking": {"shortenUrl": True}}},
        message_extra={"options": {"deliveryTimeWindow": window}, "content": {"language": {"languageCode": "TR"}}},
    )
    (body,) = bodies_of(provider, [evolve(outgoing(), validity_s=600)])
    assert problems_of("infobip", body) == []
    assert body["options"]["tracking"] == {"shortenUrl": True, "trackClicks": False}
    assert body["options"]["includeSmsCountInResponse"] is True
    (message,) = body["messages"]
    assert message["options"] == {
        "validityPeriod": {"amount": 600, "timeUnit": "SECONDS"},
        "deliveryTimeWindow": window,
    }
    assert message["content"]["language"] == {"languageCode": "TR"}
    assert message["content"]["transliteration"] == "NONE"


def test_what_infobip_would_cut_is_refused_at_the_call():
    with pytest.raises(UnsupportedFeature, match="validity"):
        infobip().submit([evolve(outgoing(), validity_s=49 * 3600)])
    with pytest.raises(UnsupportedFeature, match="26 parts"):
        infobip().submit([outgoing(parts=26)])
    for run_id in ("r" * 200, "a,b"):
        with pytest.raises(InvalidInput, match="references"):
            infobip().submit([outgoing(run_id=run_id)])


def test_the_log_is_asked_for_as_many_as_an_address_holds():
    messages = [outgoing(seq, run_id="r" * 90) for seq in range(50)]
    asked: list[list[str]] = []

    def answer(call: Call) -> Reply:
        (ids,) = parse_qs(urlsplit(call.url).query)["messageId"]
        assert len(ids) <= 2048
        asked.append(ids.split(","))
        return Reply(200, {}, b'{"results": []}')

    drive(infobip().ask(messages), answer)
    assert [one for ids in asked for one in ids] == [message.reference for message in messages]
    assert len(asked) == 3
    assert drive(infobip().ask([]), answer) == {}


def test_a_log_that_refuses_proves_nothing():
    assert drive(infobip().ask([outgoing(0)]), lambda call: apart(403, "E403")) == {"run-0": Unanswered("run-0")}


def test_a_look_up_asks_the_log_and_tells_receipts():
    calls: list[Call] = []
    log = [entry(7, status(5, "DELIVERED_TO_HANDSET", "DELIVERED")), entry(7, REPEATED), {"messageId": "run-8"}]
    taken = [Taken("run-7", 33612000007, "run-7"), Taken("run-8", 33612000008, "run-8")]
    (event,) = drive(infobip().look_up(taken), lambda call: calls.append(call) or logged(log)(call))
    assert (event.status, event.reference, event.number) == (DeliveryStatus.DELIVERED, "run-7", 33612000007)
    assert event.at == datetime(2026, 6, 24, 10, 0, 7, 123000, tzinfo=timezone.utc)
    assert [urlsplit(call.url).path for call in calls] == ["/sms/3/logs"], "what /sms/3/reports tells it tells once"


def test_the_balance():
    told = Reply(200, {}, b'{"balance": 47.79134, "currency": "EUR"}')
    balance = drive(infobip().balance(), lambda call: told)
    assert (str(balance.amount), balance.currency) == ("47.79134", "EUR")
    with pytest.raises(TransportError, match="balance"):
        drive(infobip().balance(), lambda call: Reply(401, {}, b"{}"))


def basic(login: str) -> dict[str, str]:
    return {"Authorization": f"Basic {b64encode(login.encode()).decode()}"}


def test_a_login_at_the_webhook_is_compared_the_old_one_too():
    body = results(result(status(5, "DELIVERED_TO_HANDSET", "DELIVERED")))
    provider = infobip(webhook=Webhook(secrets=("smskit:tomorrow", "smskit:today")))
    for login in ("smskit:tomorrow", "smskit:today"):
        assert len(parse_events(provider, basic(login), body, HOOK, now=NOW)) == 1
    for headers in ({}, basic("smskit:yesterday"), basic("smskit"), {"Authorization": "Bearer smskit:today"}):
        with pytest.raises(WebhookError, match="login"):
            parse_events(provider, headers, body, HOOK, now=NOW)
