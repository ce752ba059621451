"""Plivo held to the contract, and its own ways: a request for each message, forms, senders that it would change, V3."""

from __future__ import annotations

import json
from base64 import b64encode
from datetime import datetime, timedelta, timezone
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from attrs import evolve

from smskit.delivery import receive
from smskit.errors import InvalidInput, TransportError, UnsupportedFeature, WebhookError
from smskit.kinds import DeliveryStatus, EventType, FailureClass, RunState, SendState
from smskit.protocols import Call, Reply, WebhookRequest
from smskit.records import Accepted, Postponed, Refused, Settlement, Taken, Unanswered
from smskit.stores import MemoryStore
from smskit.testing.factories import outgoing
from smskit.testing.providers import HOOK, NOW, PATH_SECRET, ProviderContract, Said, Told
from smskit.testing.stores.rows import planned, run_record
from smskit.transports.drivers import drive
from smskit.transports.providers.plivo import Plivo
from smskit.transports.wire.signatures import hmac_base64
from smskit.transports.wire.webhooks import Webhook, parse_events

AUTH_ID, AUTH_TOKEN = "MAXXXXXXXXXXXXXXXXXX", "token-of-the-shop"
FORM = "application/x-www-form-urlencoded"


def fields(status: str, code: str = "", **changes: str) -> dict[str, str]:
    """Give a receipt as Plivo writes it."""
    return {
        "MessageUUID": "u-7", "ParentMessageUUID": "u-7", "PartInfo": "1 of 1", "To": "33612000007", "From": "MABOUTIQUE",
        "Type": "sms", "Status": status, "ErrorCode": code, "Units": "1", "TotalRate": "0.0650", "TotalAmount": "0.0650",
        "MCC": "208", "MNC": "01", "Sequence": "2", "MessageTime": "2026-06-24 10:00:00.000000",
        "SentTime": "2026-06-24 10:00:01.000000", "DeliveryReportTime": "2026-06-24 10:00:07.123456", **changes,
    }  # fmt: skip


RECEIPTS = [
    # what                                     status        code   means                          failure
    ("a message that waits at Plivo", "queued", "", DeliveryStatus.QUEUED, None),
    ("a message that the network has", "sent", "", DeliveryStatus.SENT, None),
    ("a message that arrived", "delivered", "", DeliveryStatus.DELIVERED, None),
    ("a message that arrived, with the code of no error", "delivered", "000", DeliveryStatus.DELIVERED, None),
    ("a message that was read", "read", "", DeliveryStatus.READ, None),
    ("not delivered, nobody says why", "undelivered", "", DeliveryStatus.UNDELIVERED, FailureClass.UNSPECIFIED),
    ("failed at Plivo, nobody says why", "failed", "", DeliveryStatus.FAILED, FailureClass.UNSPECIFIED),
    ("refused, nobody says why", "rejected", "", DeliveryStatus.REJECTED, FailureClass.UNSPECIFIED),
    ("a code that nobody knows", "undelivered", "4711", DeliveryStatus.UNDELIVERED, FailureClass.UNSPECIFIED),
    ("a word that nobody knows", "teleported", "", None, None),
    ("a word that nobody knows, with a code", "teleported", "80", None, None),
    ("a text that the network refuses", "undelivered", "10", DeliveryStatus.UNDELIVERED, FailureClass.CONTENT_INVALID),
    ("the network for now", "undelivered", "20", DeliveryStatus.UNDELIVERED, FailureClass.NETWORK),
    ("taken for spam", "undelivered", "30", DeliveryStatus.BLOCKED, FailureClass.SPAM_FILTER),
    ("a sender that is none", "failed", "40", DeliveryStatus.REJECTED, FailureClass.SENDER_INVALID),
    ("a number that is none", "failed", "50", DeliveryStatus.REJECTED, FailureClass.INVALID_NUMBER),
    ("two machines that answer each other", "undelivered", "60", DeliveryStatus.UNDELIVERED, FailureClass.CARRIER_BLOCK),
    ("a number that is given up", "undelivered", "70", DeliveryStatus.UNDELIVERED, FailureClass.UNKNOWN_SUBSCRIBER),
    ("switched off", "undelivered", "80", DeliveryStatus.UNDELIVERED, FailureClass.UNREACHABLE),
    ("no route", "undelivered", "90", DeliveryStatus.UNDELIVERED, FailureClass.ROUTE_UNAVAILABLE),
    ("a network without SMS", "undelivered", "100", DeliveryStatus.UNDELIVERED, FailureClass.UNSUPPORTED),
    ("too long", "failed", "110", DeliveryStatus.REJECTED, FailureClass.CONTENT_INVALID),
    ("said STOP", "failed", "200", DeliveryStatus.BLOCKED, FailureClass.OPTED_OUT),
    ("a free number abroad", "failed", "201", DeliveryStatus.REJECTED, FailureClass.DESTINATION_NOT_ALLOWED),
    ("their own fault", "failed", "300", DeliveryStatus.FAILED, FailureClass.PROVIDER_ERROR),
    ("waited too long", "failed", "420", DeliveryStatus.EXPIRED, FailureClass.VALIDITY_EXPIRED),
    ("a country that is barred", "failed", "450", DeliveryStatus.REJECTED, FailureClass.DESTINATION_NOT_ALLOWED),
    ("no credit, told by receipt", "failed", "900", DeliveryStatus.REJECTED, FailureClass.INSUFFICIENT_CREDIT),
    ("nobody knows why", "undelivered", "1000", DeliveryStatus.UNDELIVERED, FailureClass.UNSPECIFIED),
]  # fmt: skip
MO = {
    "MessageUUID": "mo-1", "From": "33612000007", "To": "33644630000", "Type": "sms", "Text": "Merci é", "Units": "1",
    "TotalRate": "0", "TotalAmount": "0", "MessageIntent": "", "PowerpackUUID": "",
}  # fmt: skip


def told(what: str, form: dict[str, str], *events: dict[str, object], query: str = "smskit=run-7") -> Told:
    return Told(what=what, body=urlencode(form).encode(), content_type=FORM, query=query, events=events)


def refused(status: int, error: str) -> Reply:
    return Reply(status, {}, json.dumps({"api_id": "a-1", "error": error}).encode())


class TestPlivo(ProviderContract):
    secrets = (AUTH_TOKEN, AUTH_ID, b64encode(f"{AUTH_ID}:{AUTH_TOKEN}".encode()).decode())
    webhook_secret = "token-of-another-account"
    told = (
        *(
            told(what, fields(status, code), {"type": EventType.RECEIPT, "status": means, "failure": failure, "number": 33612000007, "reference": "run-7", "provider_id": "u-7", "part": ""})
            for what, status, code, means, failure in RECEIPTS
        ),
        told(
            "a part of a long message, with an id of its own",
            fields("delivered", MessageUUID="u-8", PartInfo="2 of 3"),
            {"status": DeliveryStatus.DELIVERED, "reference": "run-7", "provider_id": "u-7", "part": "2"},
        ),
        told(
            "a part of a long message that is not counted",
            fields("delivered", MessageUUID="u-8", PartInfo=""),
            {"status": DeliveryStatus.DELIVERED, "provider_id": "u-7", "part": "u-8"},
        ),
        told(
            "a receipt of an account that keeps no numbers: our reference is enough",
            fields("delivered", To="+336XXXXX007"),
            {"status": DeliveryStatus.DELIVERED, "number": None, "reference": "run-7"},
        ),
        told(
            "a receipt at an address that was set up elsewhere",
            fields("delivered"),
            {"status": DeliveryStatus.DELIVERED, "number": 33612000007, "reference": None, "provider_id": "u-7"},
            query="",
        ),
        Told(
            what="a receipt in the address",
            method="GET",
            query=f"smskit=run-7&{urlencode(fields('delivered'))}",
            events=({"status": DeliveryStatus.DELIVERED, "number": 33612000007, "reference": "run-7"},),
        ),
        told("a reply", MO, {"type": EventType.REPLY, "number": 33612000007, "text": "Merci é", "reference": None}, query=""),
        told("an opposition in a word that only Plivo knows", {**MO, "Text": "ASSEZ", "MessageIntent": "optout"}, {"type": EventType.OPT_OUT, "number": 33612000007, "text": "ASSEZ"}, query=""),
        told("YES is no consent", {**MO, "Text": "YES", "MessageIntent": "optin"}, {"type": EventType.REPLY, "text": "YES"}, query=""),
        told("a reply with a picture", {**{k: v for k, v in MO.items() if k != "Text"}, "Type": "mms", "Body": "Regardez"}, {"type": EventType.REPLY, "text": "Regardez"}, query=""),
        told("a receipt of nothing", {"Status": "delivered"}, query=""),
    )  # fmt: skip
    refusals = (
        ("a number that is none", Reply(202, {}, b'{"api_id": "a-1", "invalid_number": ["33612000000"], "message": "message(s) queued", "message_uuid": []}'), Refused, FailureClass.INVALID_NUMBER),
        ("no id and no number", Reply(202, {}, b'{"api_id": "a-1", "message": "message(s) queued", "message_uuid": []}'), Unanswered, None),
        ("a field that is none", refused(400, "src parameter is invalid"), Refused, FailureClass.BAD_REQUEST),
        ("no credit, in words and with the status of a wrong field", refused(400, "Insufficient credit"), Postponed, FailureClass.INSUFFICIENT_CREDIT),
        ("no credit, with its own status", refused(402, "Insufficient Credit"), Postponed, FailureClass.INSUFFICIENT_CREDIT),
        ("a token that is none", Reply(401, {}, b"Could not verify your access level for that URL."), Postponed, FailureClass.AUTH),
        ("an account that is none", refused(404, "not found"), Postponed, FailureClass.ACCOUNT),
        ("an error within a success", Reply(202, {}, b'{"api_id": "a-1", "error": "Insufficient credit"}'), Unanswered, None),
        ("words about credit of a broken machine", refused(500, "insufficient credit"), Unanswered, None),
    )  # fmt: skip

    def make_transport(self, **options: object) -> Plivo:
        return Plivo(**{"auth_id": AUTH_ID, "auth_token": AUTH_TOKEN, **options})

    def take(self, call: Call) -> Reply:
        login = b64encode(f"{AUTH_ID}:{AUTH_TOKEN}".encode()).decode()
        assert call.headers["Authorization"] == f"Basic {login}"
        number = json.loads(call.body)["dst"]
        body = {"api_id": "a-1", "message": "message(s) queued", "message_uuid": [f"u-{int(number) % 10_000}"]}
        return Reply(202, {"Content-Type": "application/json"}, json.dumps(body).encode())

    def said(self, call: Call) -> list[Said]:
        if call.method != "POST":
            return []
        assert call.url == f"https://api.plivo.com/v1/Account/{AUTH_ID}/Message/"
        asked = json.loads(call.body)
        known = {"src", "dst", "text", "type", "log", "trackable", "message_expiry", "powerpack_uuid", "url", "method"}
        assert set(asked) - known <= {"smskitUnmodelled"}, "a field that Plivo's client does not send"
        assert (asked["type"], asked["trackable"]) == ("sms", False)
        (reference,) = parse_qs(urlsplit(asked.get("url", "")).query).get("smskit", [None])
        return [
            Said(int(asked["dst"]), asked["text"], asked.get("src", ""), reference, None, None, asked.get("message_expiry"))
        ]  # fmt: skip

    def id_of(self, number: int) -> str:
        return f"u-{number % 10_000}"

    def sign(self, request: WebhookRequest, at: datetime, secret: str):
        return {"X-Plivo-Signature-V3": signature(request, secret), "X-Plivo-Signature-V3-Nonce": "nonce-1"}


def signature(request: WebhookRequest, token: str) -> str:
    """Sign as Plivo does, written once more from its documentation; the vectors below hold it to Plivo's own code."""
    address, _, query = request.url.partition("?")
    said = "&".join(f"{name}={one}" for name, values in sorted(parse_qs(query, True).items()) for one in sorted(values))
    form = sorted(parse_qs(request.body.decode(errors="replace"), True).items())
    if request.method == "GET" or not form:
        signed = f"{address}?{said}" if said else address
    else:
        point = "." if said else ""
        signed = f"{address}?{said}{point}" + "".join(name + one for name, values in form for one in sorted(values))
    return hmac_base64(token, f"{signed}.nonce-1".encode())


def plivo(**options: object) -> Plivo:
    return TestPlivo().make_transport(**options)


def body_of(provider: Plivo, message) -> dict:
    calls: list[Call] = []
    drive(provider.submit([message]), lambda call: calls.append(call) or TestPlivo().take(call))
    (call,) = calls
    return json.loads(call.body)


def test_each_number_has_a_request_of_its_own():
    assert plivo().features.largest_batch == 1
    assert plivo().features.in_flight == 8
    assert plivo(in_flight=2).features.in_flight == 2


def test_what_a_message_asks_for():
    provider = plivo(callback="https://shop.example/in?shop=1", log="number_only")
    assert body_of(provider, evolve(outgoing(sender="+33644630000"), validity_s=60)) == {
        "src": "33644630000",
        "dst": "33612000000",
        "text": outgoing().text,
        "type": "sms",
        "log": "number_only",
        "trackable": False,
        "message_expiry": 60,
        "url": "https://shop.example/in?shop=1&smskit=run-0",
        "method": "POST",
    }


def test_a_powerpack_gives_the_sender_to_a_message_without_one():
    provider = plivo(powerpack="p-1")
    asked = body_of(provider, outgoing(sender=""))
    assert (asked["powerpack_uuid"], "src" in asked) == ("p-1", False)
    asked = body_of(provider, outgoing())
    assert (asked["src"], "powerpack_uuid" in asked) == ("MABOUTIQUE", False)
    with pytest.raises(InvalidInput, match="powerpack="):
        plivo().submit([outgoing(sender="")])


SENDERS = [
    ("a word", "MABOUTIQUE", True),
    ("a word of eleven", "BOUTIQUE123", True),
    ("a number", "+33644630000", True),
    ("a short code", "36180", True),
    ("a word of twelve", "MABOUTIQUE12", False),
    ("two words", "MA BOUTIQUE", False),
    ("an apostrophe", "L'ATELIER", False),
    ("an accent", "CAFÉ", False),
    ("a dash", "E-SHOP", False),
]


@pytest.mark.parametrize(("sender", "taken"), [row[1:] for row in SENDERS], ids=[row[0] for row in SENDERS])
def test_a_sender_that_plivo_would_change_is_refused_at_the_call(sender, taken):
    if taken:
        assert body_of(plivo(), outgoing(sender=sender))["src"] == sender.removeprefix("+")
        return
    with pytest.raises(InvalidInput, match="strips"):
        plivo().submit([outgoing(sender=sender)])


LENGTHS = [
    ("the longest of GSM-7", "a" * 1600, True),
    ("one more", "a" * 1601, False),
    ("a euro sign weighs two", "€" * 801, False),
    ("the longest of UCS-2", "œ" * 737, True),
    ("one more of those", "œ" * 738, False),
    ("an emoji weighs two", "🎉" * 369, False),
]


@pytest.mark.parametrize(("text", "taken"), [row[1:] for row in LENGTHS], ids=[row[0] for row in LENGTHS])
def test_a_text_that_is_too_long_is_refused_at_the_call(text, taken):
    if taken:
        plivo().submit([outgoing(text=text)]).close()
        return
    with pytest.raises(UnsupportedFeature, match="units"):
        plivo().submit([outgoing(text=text)])


def test_what_plivo_keeps_is_one_of_four():
    with pytest.raises(InvalidInput, match="log="):
        plivo(log="no")


def test_of_several_ids_the_first_is_that_of_the_message():
    told = Reply(202, {}, b'{"message_uuid": [null, "u-1", "u-2"]}')
    assert drive(plivo().submit([outgoing()]), lambda call: told) == (Accepted("run-0", "u-1"),)


# ---------------------------------------------------------------- signatures

# Made with plivo 4.63.0 (get_signature_v3): token "the-token", nonce "nonce-1".
VECTORS = [
    ("a form, and our reference in the address", "POST", "https://shop.example/sms/in?smskit=run-7", "MessageUUID=u-7&Status=delivered&To=33612000007&ErrorCode=", "bg0T/XTLcr2bbioiQTvbLhpcPPm7qBChD31cfaN/adw="),
    ("a form beyond ASCII", "POST", "https://shop.example/sms/in", "Text=No%C3%ABl+%C3%A0+5+%E2%82%AC&From=33612000007", "tMXsYJ4CKCZMzRA7wvrlU3ASpgu1VSSs1LD9b9hrZ+M="),
    ("a port, and a name twice", "POST", "https://shop.example:8443/sms/in?b=2&a=1&a=0", "Status=sent", "rDsFsdPK0EqCd9IXWbRwwg0o3+9lNMTVpnhJhocWgnY="),
    ("all in the address", "GET", "https://shop.example/sms/in?smskit=run-7&Status=sent&MessageUUID=u-7", "", "Two76qd27QXTK5YgEGkFxd3JXoDEw2ZKeCIk8YbqYWo="),
    ("nothing at all", "GET", "https://shop.example/sms/in", "", "maNTMtNqncvDYQOhUcGFYqxzKS7XsKfoq1r+tDo9K8U="),
    ("a form without fields", "POST", "https://shop.example/sms/in?x=1", "", "WvUTtoOX+IYBBjZcIwtwv+RISn7x+TpLhB5cNS/KVh8="),
]  # fmt: skip


@pytest.mark.parametrize(
    ("method", "url", "body", "signed"), [row[1:] for row in VECTORS], ids=[row[0] for row in VECTORS]
)
def test_what_plivos_own_code_signs_is_believed(method, url, body, signed):
    headers = {"x-plivo-signature-v3": signed, "x-plivo-signature-v3-nonce": "nonce-1"}
    request = WebhookRequest(headers, body.encode(), url, method)
    plivo(auth_token="the-token").verify(request, NOW)
    assert signature(request, "the-token") == signed
    for changed in (
        evolve(request, url=f"{url}{'&' if '?' in url else '?'}smskit=run-8"),
        evolve(request, headers={**headers, "x-plivo-signature-v3-nonce": "nonce-2"}),
        evolve(request, headers={"x-plivo-signature-v3": signed}),
        evolve(request, url=url.replace("https", "http")),
    ):
        with pytest.raises(WebhookError, match="did not sign"):
            plivo(auth_token="the-token").verify(changed, NOW)


RECEIPT = told("a receipt", fields("delivered"))


def test_several_signatures_stand_with_commas_and_the_main_account_has_a_header_of_its_own():
    request = RECEIPT.request()
    genuine = signature(request, AUTH_TOKEN)
    nonce = {"X-Plivo-Signature-V3-Nonce": "nonce-1"}
    for headers in (
        {"X-Plivo-Signature-V3": f"bm9uZQ==, {genuine}"},
        {"X-Plivo-Signature-Ma-V3": genuine},
        {"X-Plivo-Signature-V3": "bm9uZQ==", "X-Plivo-Signature-Ma-V3": genuine},
    ):
        said = {"content-type": FORM, **headers, **nonce}
        assert len(parse_events(plivo(), said, request.body, request.url, now=NOW)) == 1
    for headers in (
        {"X-Plivo-Signature-V3": ","},
        {"X-Plivo-Signature-Ma-V3": "bm9uZQ=="},
        {"X-Plivo-Signature-V3": "é"},
    ):
        with pytest.raises(WebhookError, match="did not sign"):
            parse_events(plivo(), {**headers, **nonce}, request.body, request.url, now=NOW)


def test_the_older_signature_proves_nothing_and_the_secret_path_does():
    request = RECEIPT.request()
    v2 = {
        "content-type": FORM,
        "X-Plivo-Signature-V2": hmac_base64(AUTH_TOKEN, f"{HOOK}nonce-1".encode()),
        "X-Plivo-Signature-V2-Nonce": "nonce-1",
    }
    with pytest.raises(WebhookError, match="V2"):
        parse_events(plivo(), v2, request.body, request.url, now=NOW)
    by_path = plivo(webhook=Webhook(path_secrets=PATH_SECRET))
    assert len(parse_events(by_path, v2, request.body, request.url, now=NOW)) == 1
    forged = {**v2, "X-Plivo-Signature-V3": "bm9uZQ==", "X-Plivo-Signature-V3-Nonce": "nonce-1"}
    with pytest.raises(WebhookError, match="did not sign"):
        parse_events(by_path, forged, request.body, request.url, now=NOW)


def test_a_receipt_that_is_repeated_changes_nothing():
    request = RECEIPT.request()
    headers = {"content-type": FORM, **TestPlivo().sign(request, NOW, AUTH_TOKEN)}
    keys = {
        event.key
        for day in range(3)
        for event in parse_events(plivo(), headers, request.body, request.url, now=NOW + timedelta(days=day))
    }
    assert len(keys) == 1


# ---------------------------------------------------------------- afterwards


def test_a_look_up_tells_the_receipt():
    calls: list[Call] = []
    record = {
        "message_uuid": "u/7", "message_state": "failed", "error_code": "200", "to_number": "33612000007",
        "message_time": "2026-06-24 12:00:00+02:00", "units": 1,
    }  # fmt: skip
    taken = [Taken("run-7", 33612000007, "u/7")]
    (event,) = drive(
        plivo().look_up(taken), lambda call: calls.append(call) or Reply(200, {}, json.dumps(record).encode())
    )
    assert (event.status, event.failure) == (DeliveryStatus.BLOCKED, FailureClass.OPTED_OUT)
    assert (event.reference, event.number, event.code) == ("run-7", 33612000007, "failed/200")
    assert event.at == datetime(2026, 6, 24, 10, 0, tzinfo=timezone.utc)
    assert calls[0].url.endswith("/Message/u%2F7/")
    assert drive(plivo().look_up(taken), lambda call: refused(404, "not found")) == ()


def test_the_balance_is_in_dollars():
    told = Reply(200, {}, b'{"account_type": "standard", "cash_credits": "1.80900"}')
    calls: list[Call] = []
    balance = drive(plivo().balance(), lambda call: calls.append(call) or told)
    assert (str(balance.amount), balance.currency) == ("1.80900", "USD")
    assert calls[0].url == f"https://api.plivo.com/v1/Account/{AUTH_ID}/"
    with pytest.raises(TransportError, match="balance"):
        drive(plivo().balance(), lambda call: Reply(401, {}, b""))


def test_a_message_of_two_parts_is_delivered_when_both_are():
    store = MemoryStore()
    store.create_run(run_record())
    store.add_sends("run", [evolve(planned(0), parts=2)])
    store.set_run_state("run", RunState.READY)
    store.lease("run", limit=1, now=NOW)
    store.settle("run", [Settlement(0, SendState.ACCEPTED, "u-7")])
    provider = plivo(webhook=Webhook(path_secrets=PATH_SECRET))
    seen = []
    for own_id, part in (("u-7", "1 of 2"), ("u-8", "2 of 2")):
        form = fields("delivered", MessageUUID=own_id, PartInfo=part, To="33612000000")
        url = f"{HOOK}?smskit=run-0"
        receive(store, parse_events(provider, {"content-type": FORM}, urlencode(form).encode(), url, now=NOW))
        seen += [send.status for send in store.sends("run")]
    assert seen == [DeliveryStatus.SENT, DeliveryStatus.DELIVERED]
