"""Sinch held to the contract, and its own ways: one text to many numbers, one id for all of them, signed callbacks."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone

import pytest
from attrs import evolve

from smskit.delivery import receive
from smskit.errors import InvalidInput, TransportError, WebhookError
from smskit.kinds import DeliveryStatus, EventType, FailureClass, SendState
from smskit.protocols import Call, Reply, WebhookRequest
from smskit.records import Accepted, Postponed, Refused, Settlement, Taken, Unanswered
from smskit.stores import MemoryStore
from smskit.testing.factories import outgoing
from smskit.testing.providers import HOOK, NOW, PATH_SECRET, ProviderContract, Said, Told
from smskit.testing.stores.rows import opened
from smskit.transports.drivers import drive
from smskit.transports.providers.sinch import Sinch
from smskit.transports.wire.signatures import hmac_base64
from smskit.transports.wire.webhooks import Webhook, parse_events

TOKEN = "token-of-the-shop"


def report(status: str, code: int = 0, **changes: object) -> bytes:
    """Give a receipt of one recipient as Sinch writes it."""
    told = {
        "type": "recipient_delivery_report_sms",
        "batch_id": "01FC66621XXXXX119Z8PMV1QPQ",
        "recipient": "33612000007",
        "code": code,
        "status": status,
        "at": "2026-06-24T10:00:07.123Z",
        "operator_status_at": "2026-06-24T10:00:06.000Z",
        "client_reference": "run-7",
        **changes,
    }
    return json.dumps({name: value for name, value in told.items() if value is not None}).encode()


RECEIPTS = [
    # what                                                  status       code  means                       failure
    ("a message that waits at Sinch", "Queued", 400, DeliveryStatus.QUEUED, None),
    ("a message that the network has", "Dispatched", 401, DeliveryStatus.SENT, None),
    ("a message that arrived", "Delivered", 0, DeliveryStatus.DELIVERED, None),
    ("the same in the capitals of the SDK", "DELIVERED", 0, DeliveryStatus.DELIVERED, None),
    ("no way to it", "Aborted", 402, DeliveryStatus.REJECTED, FailureClass.ROUTE_UNAVAILABLE),
    ("their own fault", "Aborted", 403, DeliveryStatus.FAILED, FailureClass.PROVIDER_ERROR),
    ("for the time being", "Aborted", 404, DeliveryStatus.UNDELIVERED, FailureClass.UNREACHABLE),
    ("a name that is not filled in", "Aborted", 405, DeliveryStatus.FAILED, FailureClass.BAD_REQUEST),
    ("too late", "Aborted", 406, DeliveryStatus.EXPIRED, FailureClass.VALIDITY_EXPIRED),
    ("taken back", "Cancelled", 407, DeliveryStatus.CANCELLED, FailureClass.CANCELLED),
    ("refused inside", "Aborted", 408, DeliveryStatus.REJECTED, FailureClass.PROVIDER_ERROR),
    ("no sender", "Aborted", 410, DeliveryStatus.REJECTED, FailureClass.SENDER_INVALID),
    ("more parts than allowed", "Aborted", 411, DeliveryStatus.REJECTED, FailureClass.CONTENT_INVALID),
    ("a region that is not open", "Aborted", 412, DeliveryStatus.REJECTED, FailureClass.DESTINATION_NOT_ALLOWED),
    ("an account that is blocked", "Aborted", 413, DeliveryStatus.BLOCKED, FailureClass.ACCOUNT),
    ("aborted, nobody says why", "Aborted", 999, DeliveryStatus.FAILED, FailureClass.PROVIDER_ERROR),
    ("refused by the network", "Rejected", 0, DeliveryStatus.REJECTED, FailureClass.UNSPECIFIED),
    ("deleted by the network", "Deleted", 0, DeliveryStatus.BLOCKED, FailureClass.UNSPECIFIED),
    ("not delivered", "Failed", 0, DeliveryStatus.UNDELIVERED, FailureClass.UNSPECIFIED),
    ("over", "Expired", 0, DeliveryStatus.EXPIRED, FailureClass.VALIDITY_EXPIRED),
    ("nobody will ever know", "Unknown", 0, DeliveryStatus.UNKNOWN, FailureClass.UNSPECIFIED),
    ("a word that nobody knows", "Teleported", 0, None, None),
    ("a word that nobody knows, with a number", "Teleported", 401, None, None),
]
ID = "01FC66621XXXXX119Z8PMV1QPQ"
FULL = {
    "type": "delivery_report_sms",
    "batch_id": ID,
    "client_reference": "run-7",
    "total_message_count": 3,
    "statuses": [
        {"code": 0, "status": "Delivered", "count": 2, "recipients": ["33612000007", "33612000008"]},
        {"code": 404, "status": "Aborted", "count": 1, "recipients": ["33612000009"]},
    ],
}
SUMMARY = {**FULL, "statuses": [{"code": 0, "status": "Delivered", "count": 3}]}
ALONE = {**SUMMARY, "total_message_count": 1, "statuses": [{"code": 0, "status": "Delivered", "count": 1}]}
MO = {
    "type": "mo_text", "id": "01XXXXX21XXXXX119Z8P1XXXXX", "from": "33612000007", "to": "36180", "body": "Stop svp",
    "operator_id": "20801", "received_at": "2026-06-24T10:05:00.000Z", "sent_at": "2026-06-24T10:04:59Z",
    "client_reference": "run-7",
}  # fmt: skip


def refused(status: int, code: str) -> Reply:
    return Reply(status, {}, json.dumps({"code": code, "text": "What Sinch says about it."}).encode())


class TestSinch(ProviderContract):
    secrets = (TOKEN,)
    webhook_secret = "what-sinch-signs-with"
    told = (
        *(
            Told(
                what=what,
                body=report(status, code),
                events=({"type": EventType.RECEIPT, "status": means, "failure": failure, "number": 33612000007, "reference": "run-7", "provider_id": ID},),
            )
            for what, status, code, means, failure in RECEIPTS
        ),
        Told(
            what="receipts of a whole batch in one call: the reference is that of its first message, the number tells",
            body=json.dumps(FULL).encode(),
            events=(
                {"status": DeliveryStatus.DELIVERED, "number": 33612000007, "reference": "run-7", "provider_id": ID},
                {"status": DeliveryStatus.DELIVERED, "number": 33612000008, "reference": "run-7", "provider_id": ID},
                {"status": DeliveryStatus.UNDELIVERED, "number": 33612000009, "reference": "run-7", "provider_id": ID},
            ),
        ),
        Told(what="a summary names nobody", body=json.dumps(SUMMARY).encode()),
        Told(
            what="a summary of a batch of one",
            body=json.dumps(ALONE).encode(),
            events=({"status": DeliveryStatus.DELIVERED, "number": None, "reference": "run-7", "provider_id": ID},),
        ),
        Told(
            what="a reply",
            body=json.dumps(MO).encode(),
            events=({"type": EventType.REPLY, "number": 33612000007, "reference": "run-7", "text": "Stop svp", "provider_id": None},),
        ),
        Told(
            what="a reply with a picture",
            body=json.dumps({**MO, "type": "mo_media", "body": {"subject": "", "message": "Merci", "media": []}}).encode(),
            events=({"type": EventType.REPLY, "text": "Merci"},),
        ),
        Told(what="a reply that is no text", body=json.dumps({**MO, "type": "mo_binary", "udh": "06050423F423F4", "body": "VGhpcw=="}).encode()),
    )  # fmt: skip
    refusals = (
        ("a field that is none", refused(400, "syntax_invalid_parameter_format"), Refused, FailureClass.BAD_REQUEST),
        ("a body that is none", refused(400, "syntax_invalid_json"), Refused, FailureClass.BAD_REQUEST),
        ("a body that is not allowed", refused(400, "syntax_constraint_violation"), Refused, FailureClass.BAD_REQUEST),
        ("a kind of number that is not allowed", refused(403, "illegal_number_type"), Refused, FailureClass.DESTINATION_NOT_ALLOWED),
        ("a sender of no campaign", refused(403, "unknown_campaign"), Refused, FailureClass.SENDER_UNREGISTERED),
        ("a group that is none", refused(403, "unknown_group"), Refused, FailureClass.BAD_REQUEST),
        ("no callback address anywhere", refused(403, "missing_callback_url"), Postponed, FailureClass.ACCOUNT),
        ("an account that is blocked", refused(403, "blocked_account"), Postponed, FailureClass.ACCOUNT),
        ("a code that nobody knows", refused(403, "teleported"), Postponed, FailureClass.PERMISSION),
        ("a plan of another region", Reply(404, {}, b""), Postponed, FailureClass.ACCOUNT),
        ("an error within a success", Reply(200, {}, b'{"code": "blocked_account", "text": "..."}'), Unanswered, None),
        ("a word of theirs on a broken machine", refused(500, "blocked_account"), Unanswered, None),
    )  # fmt: skip

    def make_transport(self, **options: object) -> Sinch:
        return Sinch(**{"token": TOKEN, "service_plan": "plan-1", "now": lambda: NOW, **options})

    def take(self, call: Call) -> Reply:
        assert call.headers["Authorization"] == f"Bearer {TOKEN}"
        if call.method == "GET":
            return Reply(200, {}, b'{"count": 0, "page": 0, "page_size": 100, "batches": []}')
        asked = json.loads(call.body)
        made = {
            **asked,
            "id": f"batch-{asked['client_reference']}",
            "created_at": "2026-06-24T10:00:00Z",
            "canceled": False,
        }
        return Reply(201, {"Content-Type": "application/json"}, json.dumps(made).encode())

    def said(self, call: Call) -> list[Said]:
        if call.method != "POST" or not call.url.endswith("/batches"):
            return []
        asked = json.loads(call.body)
        assert asked["truncate_concat"] is False
        at = datetime.fromisoformat(asked["send_at"].replace("Z", "+00:00")) if "send_at" in asked else None
        over = datetime.fromisoformat(asked["expire_at"].replace("Z", "+00:00")) if "expire_at" in asked else None
        validity_s = None if over is None else int((over - (at or NOW)).total_seconds())
        assert len(asked["to"]) <= 1000
        assert len(set(asked["to"])) == len(asked["to"])
        return [
            Said(int(to.removeprefix("+")), asked["body"], asked.get("from", ""), asked["client_reference"], None, at, validity_s)
            for to in asked["to"]
        ]  # fmt: skip

    def sign(self, request: WebhookRequest, at: datetime, secret: str):
        told_at = str(int(at.timestamp()))
        signed = request.body + b".nonce-1." + told_at.encode()
        return {
            "x-sinch-webhook-signature": hmac_base64(secret, signed),
            "x-sinch-webhook-signature-nonce": "nonce-1",
            "x-sinch-webhook-signature-timestamp": told_at,
            "x-sinch-webhook-signature-algorithm": "HmacSHA256",
        }

    # ------------------------------------------------------------ its own ways
    # A batch is found by the reference of its first message only: that one is not found proves nothing.

    def test_a_reference_that_was_never_taken_is_missing(self) -> None:
        known = self.run(self.make_transport().ask([outgoing(0)]))
        assert known == {"run-0": Unanswered("run-0")}

    def test_a_reference_that_was_taken_is_known(self) -> None:
        calls: list[Call] = []
        batch = {
            "id": "b-1",
            "client_reference": "run-0",
            "body": outgoing().text,
            "to": ["33612000000", "+33612000001"],
        }

        def answer(call: Call) -> Reply:
            calls.append(call)
            found = [batch] if "client_reference=run-0&" in call.url else []
            return Reply(200, {}, json.dumps({"batches": found}).encode())

        asked = [outgoing(0), outgoing(1), outgoing(2), outgoing(3, text="Autre chose")]
        known = drive(self.make_transport().ask(asked), answer)
        assert known == {
            "run-0": Accepted("run-0", "b-1"),
            "run-1": Accepted("run-1", "b-1"),
            "run-2": Unanswered("run-2"),
            "run-3": Unanswered("run-3"),
        }
        assert len(calls) == 3, "what the first batch told was asked again"
        assert all("start_date=2026-06-10T10%3A00%3A00.000Z" in call.url for call in calls), (
            "Sinch lists a day unless told"
        )

    def test_a_flow_is_lazy(self) -> None:
        self.make_transport().submit([outgoing()]).close()


def calls_of(provider: Sinch, messages) -> list[Call]:
    calls: list[Call] = []
    drive(provider.submit(messages), lambda call: calls.append(call) or TestSinch().take(call))
    return calls


def sinch(**options: object) -> Sinch:
    return TestSinch().make_transport(**options)


def test_one_text_to_a_thousand_is_one_request_and_each_text_one_more():
    assert len(calls_of(sinch(), [outgoing(seq) for seq in range(1000)])) == 1
    assert len(calls_of(sinch(), [outgoing(seq, text=f"Bonjour {seq % 3}") for seq in range(999)])) == 3


def test_one_id_for_all_recipients():
    outcomes = drive(sinch().submit([outgoing(seq) for seq in range(3)]), TestSinch().take)
    assert outcomes == tuple(Accepted(f"run-{seq}", "batch-run-0") for seq in range(3))


def test_one_number_that_is_not_allowed_is_found_among_a_thousand():
    def strict(call: Call) -> Reply:
        return refused(403, "illegal_number_type") if b"33612000700" in call.body else TestSinch().take(call)

    outcomes = drive(sinch().submit([outgoing(seq) for seq in range(1000)]), strict)
    assert [o for o in outcomes if not isinstance(o, Accepted)] == [
        Refused("run-700", FailureClass.DESTINATION_NOT_ALLOWED, "illegal_number_type")
    ]
    assert len(outcomes) == 1000


def test_a_missing_callback_address_is_said_once_and_for_all():
    calls: list[Call] = []
    outcomes = drive(
        sinch().submit([outgoing(seq, text=str(seq)) for seq in range(3)]),
        lambda call: calls.append(call) or refused(403, "missing_callback_url"),
    )
    assert len(calls) == 1
    assert {o.code for o in outcomes} == {"missing_callback_url"}


ADDRESSES = [
    ("a service plan in Europe", {}, "https://eu.sms.api.sinch.com/xms/v1/plan-1/batches"),
    ("another region", {"region": "br"}, "https://br.sms.api.sinch.com/xms/v1/plan-1/batches"),
    ("a project", {"service_plan": "", "project": "p/1", "region": "us"}, "https://zt.us.sms.api.sinch.com/xms/v1/p%2F1/batches"),
    ("a test server", {"base_url": "http://127.0.0.1:9"}, "http://127.0.0.1:9/xms/v1/plan-1/batches"),
]  # fmt: skip


@pytest.mark.parametrize(("options", "url"), [row[1:] for row in ADDRESSES], ids=[row[0] for row in ADDRESSES])
def test_the_address_follows_account_and_region(options, url):
    assert [call.url for call in calls_of(sinch(**options), [outgoing()])] == [url]


WRONG = [
    ("neither plan nor project", {"service_plan": ""}, "service_plan="),
    ("both of them", {"project": "p-1"}, "service_plan="),
    ("a region that is none", {"region": "fr"}, "region="),
    ("a kind of report that is none", {"reports": "all"}, "reports="),
]


@pytest.mark.parametrize(("options", "says"), [row[1:] for row in WRONG], ids=[row[0] for row in WRONG])
def test_options_that_do_not_go_together_are_refused(options, says):
    with pytest.raises(InvalidInput, match=says):
        sinch(**options)


def test_a_token_may_be_fetched_for_each_request():
    tokens = iter(["first", "second"])
    seen: list[str] = []
    provider = sinch(token=lambda: next(tokens))
    messages = [outgoing(0), outgoing(1, text="Autre")]
    drive(
        provider.submit(messages),
        lambda call: seen.append(call.headers["Authorization"]) or Reply(201, {}, b'{"id": "b"}'),
    )
    assert seen == ["Bearer first", "Bearer second"]


def test_a_token_that_cannot_be_fetched_leaves_nothing_in_doubt():
    tokens = iter(["first"])
    messages = [outgoing(0), outgoing(1, text="Autre")]
    outcomes = drive(sinch(token=lambda: next(tokens)).submit(messages), lambda call: Reply(201, {}, b'{"id": "b"}'))
    assert outcomes == (Accepted("run-0", "b"), Postponed("run-1", FailureClass.NETWORK))

    def broken() -> str:
        raise OSError("the key is in here")

    with pytest.raises(TransportError, match=r"no access token \(OSError\)") as told:
        drive(sinch(token=broken).submit(messages), TestSinch().take)
    assert told.value.retryable
    assert "the key" not in str(told.value)


def test_what_a_batch_asks_for():
    provider = sinch(callback="https://shop.example/in", reports="full", holds_to_parts=True)
    (call,) = calls_of(provider, [outgoing(0, parts=2, sender=""), outgoing(1, parts=2, sender="")])
    assert json.loads(call.body) == {
        "type": "mt_text",
        "to": ["+33612000000", "+33612000001"],
        "body": outgoing().text,
        "delivery_report": "full",
        "client_reference": "run-0",
        "truncate_concat": False,
        "max_number_of_message_parts": 2,
        "callback_url": "https://shop.example/in",
    }


def test_a_validity_counts_from_the_time_of_sending():
    at = datetime(2026, 6, 25, 12, 0, tzinfo=timezone(timedelta(hours=2)))
    (call,) = calls_of(sinch(), [evolve(outgoing(), send_at=at, validity_s=3600)])
    asked = json.loads(call.body)
    assert (asked["send_at"], asked["expire_at"]) == ("2026-06-25T10:00:00.000Z", "2026-06-25T11:00:00.000Z")


def test_a_text_that_sinch_would_take_for_a_template_is_refused_at_the_call():
    template = outgoing(text="Bonjour ${name}")
    with pytest.raises(InvalidInput, match="fills in"):
        sinch().submit([template])
    provider = sinch(extra={"parameters": {"name": {"default": "vous"}}})
    (call,) = calls_of(provider, [template])
    assert json.loads(call.body)["parameters"] == {"name": {"default": "vous"}}
    for harmless in ("5 $ {x}", "$x {y}", "${}", "${trop long pour un nom}"):
        sinch().submit([outgoing(text=harmless)]).close()


def test_a_reference_that_sinch_would_not_carry_is_refused_at_the_call():
    with pytest.raises(InvalidInput, match="references"):
        sinch().submit([outgoing(0, run_id="r" * 130)])


def test_a_signature_of_another_time_is_refused_and_one_without_a_time_too():
    told = Told(what="a receipt", body=report("Delivered"))
    provider = sinch(webhook=Webhook(secrets="what-sinch-signs-with"))
    signed = TestSinch()._signed(told, NOW, "what-sinch-signs-with")
    for late_s in (-299, 299):
        now = NOW + timedelta(seconds=late_s)
        assert parse_events(provider, signed.headers, signed.body, signed.url, now=now)
    for late_s in (-301, 301):
        with pytest.raises(WebhookError, match="clock"):
            parse_events(provider, signed.headers, signed.body, signed.url, now=NOW + timedelta(seconds=late_s))
    timeless = {
        "x-sinch-webhook-signature": hmac_base64("what-sinch-signs-with", told.body + b".n."),
        "x-sinch-webhook-signature-nonce": "n",
    }
    with pytest.raises(WebhookError, match="time"):
        parse_events(provider, timeless, told.body, HOOK, now=NOW)


def test_another_nonce_or_time_is_another_signature():
    provider = sinch(webhook=Webhook(secrets="what-sinch-signs-with"))
    signed = TestSinch()._signed(Told(what="a receipt", body=report("Delivered")), NOW, "what-sinch-signs-with")
    for name in ("nonce", "timestamp"):
        headers = {**signed.headers, f"x-sinch-webhook-signature-{name}": "1782295201"}
        with pytest.raises(WebhookError, match="did not sign"):
            parse_events(provider, headers, signed.body, signed.url, now=NOW)


def test_who_has_a_signing_secret_takes_nothing_unsigned_even_on_the_secret_path():
    provider = sinch(webhook=Webhook(secrets="what-sinch-signs-with", path_secrets="a-very-secret-word-of-mine"))
    with pytest.raises(WebhookError, match="did not sign"):
        parse_events(provider, {}, report("Delivered"), HOOK, now=NOW)


def test_a_look_up_tells_the_receipt_of_one_recipient():
    calls: list[Call] = []
    taken = [Taken("run-7", 33612000007, "b/1")]
    (event,) = drive(sinch().look_up(taken), lambda call: calls.append(call) or Reply(200, {}, report("Delivered")))
    assert (event.status, event.number, event.provider_id) == (DeliveryStatus.DELIVERED, 33612000007, ID)
    assert calls[0].url.endswith("/batches/b%2F1/delivery_report/33612000007")
    assert drive(sinch().look_up(taken), lambda call: Reply(404, {}, b"{}")) == ()


def test_a_batch_that_waits_can_be_taken_back():
    calls: list[Call] = []
    assert (
        drive(sinch().withdraw("b-1"), lambda call: calls.append(call) or Reply(200, {}, b'{"canceled": true}')) is True
    )
    assert (calls[0].method, calls[0].label) == ("DELETE", "withdraw")
    assert drive(sinch().withdraw("b-1"), lambda call: refused(404, "unknown_batch")) is False


def test_sinch_counts_parts_without_sending():
    calls: list[Call] = []
    answer = Reply(200, {}, b'{"number_of_recipients": 1, "number_of_messages": 3}')
    assert drive(sinch().count_parts(outgoing()), lambda call: calls.append(call) or answer) == 3
    assert calls[0].url.endswith("/batches/dry_run")
    with pytest.raises(TransportError, match="count"):
        drive(sinch().count_parts(outgoing()), lambda call: Reply(500, {}, b""))


def test_each_receipt_of_a_batch_finds_its_message_in_the_store():
    store = MemoryStore()
    opened(store, 3)
    store.lease("run", limit=3, now=NOW)
    store.settle("run", [Settlement(seq, SendState.ACCEPTED, ID) for seq in range(3)])
    first, second, third = (str(send.number) for send in store.sends("run"))
    whole = {
        **FULL,
        "client_reference": "run-0",
        "statuses": [
            {"code": 0, "status": "Delivered", "count": 1, "recipients": [second]},
            {"code": 404, "status": "Aborted", "count": 1, "recipients": [third]},
        ],
    }
    alone = report("Dispatched", 401, recipient=first, client_reference=None)
    provider = sinch(webhook=Webhook(path_secrets=PATH_SECRET))
    for body in (json.dumps(whole).encode(), alone):
        receive(store, parse_events(provider, {}, body, HOOK, now=NOW))
    told = [(send.status, send.failure) for send in store.sends("run")]
    assert told == [
        (DeliveryStatus.SENT, None),
        (DeliveryStatus.DELIVERED, None),
        (DeliveryStatus.UNDELIVERED, FailureClass.UNREACHABLE),
    ]


def test_what_sinchs_own_code_signs_is_believed():
    # Made with sinch 2.3.0 (calculate_sinch_event_signature).
    body = (
        '{"type":"recipient_delivery_report_sms","batch_id":"b-1","recipient":"33612000007","code":0,'
        '"status":"Delivered","at":"2026-06-24T10:00:07.123Z","client_reference":"run-7 é"}'
    ).encode()
    headers = {
        "X-Sinch-Webhook-Signature": "tKIlyVx5ZbfDG7ygKqcdosGa/Ej/91kk8k5Z1HIA208=",
        "X-Sinch-Webhook-Signature-Nonce": "01FJA8B4A7BM43YGWSG9GBV067",
        "X-Sinch-Webhook-Signature-Timestamp": "1782295200",
        "X-Sinch-Webhook-Signature-Algorithm": "HmacSHA256",
    }
    provider = sinch(webhook=Webhook(secrets="foo_secret1234"))
    (event,) = parse_events(provider, headers, body, HOOK, now=NOW)
    assert (event.reference, event.status) == ("run-7 é", DeliveryStatus.DELIVERED)
