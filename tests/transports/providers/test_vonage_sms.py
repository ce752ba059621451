"""The SMS API of Vonage held to the contract, and its own ways: HTTP 200 for all, a receipt and an id for each part."""

from __future__ import annotations

import json
from random import Random
from urllib.parse import parse_qsl, urlencode

import pytest
from attrs import evolve
from tests.transports.providers.request_schemas import form_body, problems_of

from smskit import receive
from smskit.errors import InvalidInput, TransportError, UnsupportedFeature, WebhookError
from smskit.kinds import DeliveryStatus, EventType, FailureClass, Kind, Reason, RunState, SendState
from smskit.protocols import Call, Reply, WebhookRequest
from smskit.records import Accepted, PlannedSend, Postponed, Refused, RunRecord, Settlement, Unanswered
from smskit.stores import MemoryStore
from smskit.testing.factories import outgoing
from smskit.testing.providers import HOOK, NOW, PATH_SECRET, ProviderContract, Said, Told
from smskit.transports.drivers import drive
from smskit.transports.providers.vonage_sms import VonageSms
from smskit.transports.wire.signatures import hmac_hex
from smskit.transports.wire.webhooks import Webhook, parse_events

KEY, SECRET = "abcd1234", "secret-of-the-shop"
SIGNATURE_SECRET = "signature-secret-of-the-shop"
FORM = "application/x-www-form-urlencoded"


def taken(number: int, reference: str, part: int = 0) -> dict[str, str]:
    return {
        "to": str(number),
        "message-id": f"id-{number % 10_000}" + (f"-{part}" if part else ""),
        "status": "0",
        "remaining-balance": "3.14159265",
        "message-price": "0.03330000",
        "network": "20810",
        "client-ref": reference,
    }


def answer(*parts: object) -> Reply:
    told = {"message-count": str(len(parts)), "messages": parts}
    return Reply(200, {"Content-Type": "application/json"}, json.dumps(told).encode())


def no(status: str, text: str = "…") -> dict[str, str]:
    return {"status": status, "error-text": text}


RECEIPT = {
    "msisdn": "33612000007",
    "to": "MABOUTIQUE",
    "network-code": "20810",
    "messageId": "0A0000001234567B",
    "price": "0.03330000",
    "scts": "2606241159",
    "api-key": KEY,
    "message-timestamp": "2026-06-24 09:59:59",
    "client-ref": "run-7",
}
MO = {
    "msisdn": "33612000007",
    "to": "33644600000",
    "messageId": "0B0000001234567B",
    "type": "text",
    "keyword": "MERCI",
    "api-key": KEY,
    "message-timestamp": "2026-06-24 09:59:59",
}
REPLY = {"type": EventType.REPLY, "number": 33612000007, "at": NOW.replace(minute=59, hour=9, second=59), "part": ""}

RECEIPTS = [
    # what                                   status       err   meaning                     failure
    ("with the operator", "accepted", "0", DeliveryStatus.SENT, None),
    ("kept for later", "buffered", "0", DeliveryStatus.SENT, None),
    ("kept for later, for a reason", "buffered", "7", DeliveryStatus.SENT, None),
    ("arrived", "delivered", "0", DeliveryStatus.DELIVERED, None),
    ("too late", "expired", "1", DeliveryStatus.EXPIRED, FailureClass.VALIDITY_EXPIRED),
    ("nobody will ever know", "unknown", "1", DeliveryStatus.UNKNOWN, FailureClass.UNSPECIFIED),
    ("failed, nobody says why", "failed", "0", DeliveryStatus.UNDELIVERED, FailureClass.UNSPECIFIED),
    ("refused, nobody says why", "rejected", "", DeliveryStatus.REJECTED, FailureClass.UNSPECIFIED),
    ("switched off", "failed", "2", DeliveryStatus.UNDELIVERED, FailureClass.UNREACHABLE),
    ("a number that nobody has", "failed", "3", DeliveryStatus.UNDELIVERED, FailureClass.UNKNOWN_SUBSCRIBER),
    ("barred by the person", "failed", "4", DeliveryStatus.BLOCKED, FailureClass.OPTED_OUT),
    ("another network", "failed", "5", DeliveryStatus.UNDELIVERED, FailureClass.PORTABILITY),
    ("taken for spam", "rejected", "6", DeliveryStatus.BLOCKED, FailureClass.SPAM_FILTER),
    ("a busy handset", "failed", "7", DeliveryStatus.UNDELIVERED, FailureClass.HANDSET_ERROR),
    ("a network's fault", "failed", "8", DeliveryStatus.UNDELIVERED, FailureClass.CARRIER_ERROR),
    ("who answered STOP", "failed", "9", DeliveryStatus.BLOCKED, FailureClass.OPTED_OUT),
    ("a text that is none", "rejected", "10", DeliveryStatus.REJECTED, FailureClass.CONTENT_INVALID),
    ("no route", "rejected", "11", DeliveryStatus.REJECTED, FailureClass.ROUTE_UNAVAILABLE),
    ("an age", "rejected", "13", DeliveryStatus.BLOCKED, FailureClass.POLICY),
    ("a network's block", "rejected", "14", DeliveryStatus.BLOCKED, FailureClass.CARRIER_BLOCK),
    ("no credit of the recipient", "failed", "15", DeliveryStatus.UNDELIVERED, FailureClass.RECIPIENT_ACCOUNT),
    ("a quota", "failed", "16", DeliveryStatus.FAILED, FailureClass.QUOTA_EXCEEDED),
    ("a code that nobody knows", "failed", "777", DeliveryStatus.UNDELIVERED, FailureClass.UNSPECIFIED),
    ("a word that nobody knows", "teleported", "0", None, None),
]


def receipt(status: str, error: str) -> dict[str, str]:
    return {**RECEIPT, "status": status, "err-code": error}


def meant(status: str, error: str, meaning: object, failure: object) -> dict[str, object]:
    code = "/".join(filter(None, (status, error if error != "0" else "")))
    return {
        "type": EventType.RECEIPT, "status": meaning, "failure": failure, "number": 33612000007, "reference": "run-7",
        "provider_id": "0A0000001234567B", "part": "0A0000001234567B", "code": code,
    }  # fmt: skip


class TestVonageSms(ProviderContract):
    secrets = (SECRET,)
    webhook_secret = SIGNATURE_SECRET
    told = (
        *(
            Told(what=what, body=json.dumps(receipt(status, err)).encode(), events=(meant(status, err, meaning, failure),))
            for what, status, err, meaning, failure in RECEIPTS
        ),
        Told(what="a receipt as a form", content_type=FORM, body=urlencode(receipt("delivered", "0")).encode(), events=(meant("delivered", "0", DeliveryStatus.DELIVERED, None),)),
        Told(what="a receipt in the query of a GET", method="GET", query=urlencode(receipt("failed", "9")), events=(meant("failed", "9", DeliveryStatus.BLOCKED, FailureClass.OPTED_OUT),)),
        Told(what="a receipt of a message that was not ours", body=json.dumps({**receipt("delivered", "0"), "client-ref": ""}).encode(), events=({"reference": None, "provider_id": "0A0000001234567B"},)),
        Told(what="a receipt about nothing", body=b'{"status": "delivered"}'),
        Told(what="a reply", body=json.dumps({**MO, "text": "Merci & à bientôt 🎉"}).encode(), events=({**REPLY, "text": "Merci & à bientôt 🎉"},)),
        Told(what="a reply in a query", method="GET", query=urlencode({**MO, "text": "Stop svp"}), events=({**REPLY, "text": "Stop svp"},)),
        Told(what="a reply of bytes has no text", body=json.dumps({**MO, "type": "binary", "data": "00ff", "udh": "06"}).encode(), events=({**REPLY, "text": ""},)),
        Told(what="part of a long reply", body=json.dumps({**MO, "text": "STOP", "concat": "true", "concat-ref": "12", "concat-total": "3", "concat-part": "2"}).encode(), events=({**REPLY, "text": "STOP", "part": "12/2/3"},)),
        Told(what="part of a long reply without an id", body=json.dumps({**MO, "messageId": "", "text": "suite et fin", "concat-ref": "12", "concat-total": "3", "concat-part": "3"}).encode(), events=({**REPLY, "text": "suite et fin", "part": "12/3/3"},)),
        Told(what="a reply of a short code is nobody's", body=json.dumps({**MO, "msisdn": "36180", "text": "x"}).encode()),
    )  # fmt: skip
    refusals = (
        ("too fast", answer(no("1", "Throughput Rate Exceeded - please wait [ 250 ] and retry")), Postponed, FailureClass.THROTTLED),
        ("something missing", answer(no("2")), Refused, FailureClass.BAD_REQUEST),
        ("something wrong", answer(no("3")), Refused, FailureClass.BAD_REQUEST),
        ("a wrong secret", answer(no("4")), Postponed, FailureClass.AUTH),
        ("their own fault", answer(no("5")), Unanswered, None),
        ("a message that is none", answer(no("6")), Refused, FailureClass.CONTENT_INVALID),
        ("a barred number", answer(no("7")), Refused, FailureClass.CARRIER_BLOCK),
        ("a barred account", answer(no("8")), Postponed, FailureClass.ACCOUNT),
        ("no credit", answer(no("9")), Postponed, FailureClass.INSUFFICIENT_CREDIT),
        ("too many lines", answer(no("10")), Postponed, FailureClass.THROTTLED),
        ("an account without HTTP", answer(no("11")), Postponed, FailureClass.ACCOUNT),
        ("too long", answer(no("12")), Refused, FailureClass.CONTENT_INVALID),
        ("a sender of somebody else", answer(no("15")), Refused, FailureClass.SENDER_INVALID),
        ("a block of the provider", answer(no("17")), Refused, FailureClass.CARRIER_BLOCK),
        ("a trial and a number that is not listed", answer(no("29")), Refused, FailureClass.DESTINATION_NOT_ALLOWED),
        ("a number that is switched off for good", answer(no("33")), Refused, FailureClass.UNKNOWN_SUBSCRIBER),
        ("a code that nobody knows", answer(no("77")), Refused, FailureClass.UNSPECIFIED),
        ("all parts refused", answer(no("9"), no("9")), Postponed, FailureClass.INSUFFICIENT_CREDIT),
        ("one part in doubt, the other refused", answer(no("9"), no("5")), Unanswered, None),
        ("a part without a status", answer(no("9"), {}), Unanswered, None),
        ("one part refused, the other taken", answer(no("1"), taken(33612000000, "run-0")), Accepted, None),
        ("one part unreadable, the other taken", answer({}, taken(33612000000, "run-0")), Accepted, None),
    )  # fmt: skip

    def make_transport(self, **options: object) -> VonageSms:
        return VonageSms(key=KEY, secret=SECRET, **options)

    def take(self, call: Call) -> Reply:
        assert (call.method, call.url) == ("POST", "https://rest.nexmo.com/sms/json")
        assert call.headers["Authorization"] == "Basic YWJjZDEyMzQ6c2VjcmV0LW9mLXRoZS1zaG9w"
        fields = dict(parse_qsl(call.body.decode(), strict_parsing=True))
        return answer(taken(int(fields["to"]), fields["client-ref"]))

    def said(self, call: Call) -> list[Said]:
        fields = form_body("vonage-sms", call.body)
        told = {name: value for name, value in fields.items() if name not in self.extra}
        # The document of 2021 wants the key in the form; that of 2026 takes Basic authorization.
        assert problems_of("vonage-sms", {"api_key": KEY, **told}) == []
        assert told["status-report-req"] is True
        validity_s = None if "ttl" not in told else told["ttl"] / 1000
        is_unicode = {"unicode": True, "text": False}[told["type"]]
        return [Said(int(told["to"]), told["text"], told["from"], told["client-ref"], is_unicode, None, validity_s)]

    def id_of(self, number: int) -> str:
        return f"id-{number % 10_000}"

    def _signed(self, told: Told, at, secret: str) -> WebhookRequest:
        """Put the signature into the fields: this is where Vonage has it."""
        return with_sig(told.request(), at, secret)

    def test_a_signature_is_checked_over_every_byte_as_it_is_written(self) -> None:
        """The contract changes a body before it is signed; this one changes it afterwards."""
        for told in self.told:
            request = self._signed(told, NOW, SIGNATURE_SECRET)
            text = request.body.decode() or request.url
            changed = text.replace("33612000007", "33612000008").replace("delivered", "Delivered")
            if changed == text:
                continue
            request = evolve(request, **({"body": changed.encode()} if request.body else {"url": changed}))
            with pytest.raises(WebhookError, match="did not sign"):
                heard(request)


def with_sig(request: WebhookRequest, at, secret: str) -> WebhookRequest:
    is_json = "json" in request.headers["content-type"] and request.method == "POST"
    try:
        if is_json:
            fields = json.loads(request.body)
        else:
            fields = dict(parse_qsl((request.body or request.url.partition("?")[2].encode()).decode()))
        fields = {**fields, "timestamp": str(int(at.timestamp())), "nonce": "n-1"}
    except (ValueError, TypeError, RecursionError):
        return request
    plain = "".join(f"&{k}={str(fields[k]).replace('&', '_').replace('=', '_')}" for k in sorted(fields))
    fields["sig"] = hmac_hex(secret, plain.encode()).upper()
    if request.method == "GET":
        return evolve(request, url=f"{HOOK}?{urlencode(fields)}")
    return evolve(request, body=(json.dumps(fields) if is_json else urlencode(fields)).encode())


def provider(**options: object) -> VonageSms:
    return VonageSms(**{"key": KEY, "secret": SECRET, **options})


def heard(request: WebhookRequest, now=NOW, **options: object):
    listener = provider(**{"webhook": Webhook(secrets=SIGNATURE_SECRET), **options})
    return parse_events(listener, request.headers, request.body, request.url, method=request.method, now=now)


def fields_of(one: VonageSms, message: object) -> dict[str, str]:
    calls: list[Call] = []
    drive(one.submit([message]), lambda call: calls.append(call) or TestVonageSms().take(call))
    return dict(parse_qsl(calls[0].body.decode()))


# ---------------------------------------------------------------- requests

SENDERS = [
    ("a word", "MABOUTIQUE", "MABOUTIQUE"),
    ("a number has no plus sign", "+33644600000", "33644600000"),
    ("a short code", "36180", "36180"),
]


@pytest.mark.parametrize(("sender", "told"), [row[1:] for row in SENDERS], ids=[row[0] for row in SENDERS])
def test_the_sender_is_a_word_or_digits(sender, told):
    assert fields_of(provider(), outgoing(sender=sender))["from"] == told


UNFIT = [
    ("no sender", outgoing(sender=""), InvalidInput),
    ("a sender with a space, which Vonage leaves out", outgoing(sender="MA BOUTIQUE"), UnsupportedFeature),
    ("a reference that Vonage would not carry back", outgoing(run_id="r" * 100), InvalidInput),
    ("a time", evolve(outgoing(), send_at=NOW), UnsupportedFeature),
    ("a validity below 20 s", evolve(outgoing(), validity_s=19), UnsupportedFeature),
]


@pytest.mark.parametrize(("message", "kind"), [row[1:] for row in UNFIT], ids=[row[0] for row in UNFIT])
def test_what_cannot_be_carried_is_refused_at_the_call(message, kind):
    with pytest.raises(kind):
        provider().submit([message])


def test_the_longest_reference_is_carried():
    message = outgoing(run_id="r" * 98)
    assert fields_of(provider(), message)["client-ref"] == message.reference
    assert len(message.reference) == 100


def test_the_callback_is_told_as_it_is():
    assert fields_of(provider(callback=HOOK), outgoing())["callback"] == HOOK
    assert "callback" not in fields_of(provider(), outgoing())
    with pytest.raises(InvalidInput, match="100"):
        provider(callback="https://shop.example/" + "x" * 80)


def test_a_signature_that_vonage_does_not_have_is_refused():
    with pytest.raises(InvalidInput, match="md5hash"):
        provider(signature="sha3")


# ---------------------------------------------------------------- answers


def test_a_wait_is_told_in_milliseconds_in_the_text():
    reply = answer(no("1", "Throughput Rate Exceeded - please wait [ 250 ] and retry"))
    (outcome,) = drive(provider().submit([outgoing()]), lambda _: reply)
    assert outcome == Postponed("run-0", FailureClass.THROTTLED, 0.25, "1")
    (outcome,) = drive(provider().submit([outgoing()]), lambda _: answer(no("1", "wait")))
    assert outcome == Postponed("run-0", FailureClass.THROTTLED, None, "1")


def test_a_long_message_has_the_id_of_its_first_part_and_all_of_its_parts():
    parts = [taken(33612000000, "run-0", part) for part in (1, 2, 3)]
    (outcome,) = drive(provider().submit([outgoing(parts=3)]), lambda _: answer(*parts))
    assert outcome == Accepted("run-0", "id-0-1", 3)


PARTLY = [
    ("the first part was refused", (no("1"), taken(33612000000, "run-0", 2))),
    ("the last part was refused", (taken(33612000000, "run-0", 2), no("9"))),
    ("a part went wrong at their side", (no("5"), taken(33612000000, "run-0", 2))),
]


@pytest.mark.parametrize("parts", [row[1] for row in PARTLY], ids=[row[0] for row in PARTLY])
def test_a_message_taken_in_part_is_neither_repeated_nor_delivered(parts):
    """The receipt of the part that was taken comes, and the store weighs it against all parts."""
    (outcome,) = drive(provider().submit([outgoing(parts=2)]), lambda _: answer(*parts))
    assert outcome == Accepted("run-0", "id-0-2", 2)
    with MemoryStore() as store:
        store.create_run(RunRecord("run", "soldes", "d", Kind.MARKETING, "S", NOW, NOW, RunState.LOADING, "EUR", "{}"))
        store.add_sends("run", [PlannedSend(0, 1, 33612000000, "…", 2, 90_000, "FR")])
        store.set_run_state("run", RunState.READY)
        store.lease("run", limit=1, now=NOW)
        store.settle("run", [Settlement(0, SendState.ACCEPTED, outcome.provider_id, billed_parts=outcome.parts)])
        told = {**receipt("delivered", "0"), "msisdn": "33612000000", "client-ref": "run-0", "messageId": "id-0-2"}
        request = with_sig(WebhookRequest({"content-type": "application/json"}, json.dumps(told).encode(), HOOK), NOW, SIGNATURE_SECRET)  # fmt: skip
        receive(store, heard(request))
        (send,) = store.sends("run")
        assert (send.state, send.status) == (SendState.ACCEPTED, DeliveryStatus.SENT)
        other = {**told, "messageId": "id-0-1"}
        request = with_sig(evolve(request, body=json.dumps(other).encode()), NOW, SIGNATURE_SECRET)
        receive(store, heard(request))
        (send,) = store.sends("run")
        assert send.status is DeliveryStatus.DELIVERED, "with the other part it would have been"


def test_a_stop_in_one_part_of_a_long_reply_is_obeyed():
    told = {**MO, "text": "STOP", "concat": "true", "concat-ref": "12", "concat-total": "2", "concat-part": "1"}
    request = WebhookRequest({"content-type": "application/json"}, json.dumps(told).encode(), HOOK)
    with MemoryStore() as store:
        receive(store, heard(with_sig(request, NOW, SIGNATURE_SECRET)))
        assert store.suppressed([33612000007])[33612000007].reason is Reason.OPTED_OUT


def test_the_balance_is_in_euros():
    calls: list[Call] = []
    reply = Reply(200, {}, b'{"value": 10.28, "autoReload": false}')
    balance = drive(provider().balance(), lambda call: calls.append(call) or reply)
    assert (str(balance.amount), balance.currency) == ("10.28", "EUR")
    assert calls[0].url == "https://rest.nexmo.com/account/get-balance"
    with pytest.raises(TransportError, match="balance"):
        drive(provider().balance(), lambda _: Reply(401, {}, b'{"error-code": "401"}'))


# ---------------------------------------------------------------- signatures
# The keyed hashes were made with Auth.sign_params of vonage-http-client 1.5.2; md5hash is its description by Vonage.

FIELDS = {
    "msisdn": "33612000007",
    "to": "MABOUTIQUE",
    "messageId": "0A0000001234567B",
    "status": "delivered",
    "err-code": "0",
    "client-ref": "run-7",
    "message-timestamp": "2026-06-24 09:59:59",
    "timestamp": "1782295199",
    "nonce": "n-1",
    "text & more": "a=b&c é 🎉",
}
SIGNED = [
    ("a hash of fields and secret", "md5hash", "7be44f849743399d6daa2e28f4429a59"),
    ("HMAC-MD5", "md5", "310bf7671531c2e5b63f41d8454eda46"),
    ("HMAC-SHA-1", "sha1", "d391524ce398808d6fca5b5936f5334e14562f6b"),
    ("HMAC-SHA-256", "sha256", "fa0ab7e086710d702eb38fb6fa9ad6b074e01cfd6123b37d2af843485b76cdcb"),
    ("HMAC-SHA-512", "sha512", "f0a44f5c6c5d821d5c8374dfa01bff35ef1a1ca7bbb9b96fe23ce9b4c6f5e18d32e327efeb59d15f14a3a21f3f57962818a5f3384f0cdb29f72d11225d26197a"),
]  # fmt: skip
WAYS = ("json", "form", "get")


def written(fields: dict[str, str], way: str) -> WebhookRequest:
    if way == "get":
        return WebhookRequest({"content-type": ""}, b"", f"{HOOK}?{urlencode(fields)}", "GET")
    body = json.dumps(fields) if way == "json" else urlencode(fields)
    return WebhookRequest({"content-type": "application/json" if way == "json" else FORM}, body.encode(), HOOK)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("method", "sig"), [row[1:] for row in SIGNED], ids=[row[0] for row in SIGNED])
def test_signatures_of_the_official_library_are_taken_and_others_are_not(method, sig, way):
    for given in (sig, sig.upper()):
        (event,) = heard(written({**FIELDS, "sig": given}, way), signature=method)
        assert event.reference == "run-7"
    for given in (sig[:-1] + ("0" if sig[-1] != "0" else "1"), sig[:16], ""):
        with pytest.raises(WebhookError, match="did not sign"):
            heard(written({**FIELDS, "sig": given}, way), signature=method)
    other = "sha1" if method != "sha1" else "sha256"
    with pytest.raises(WebhookError, match="signature="):
        heard(written({**FIELDS, "sig": sig}, way), signature=other)


AGES = [
    ("at the edge of the past", 300, 0, True),
    ("older than that", 301, 0, False),
    ("at the edge of the future", -300, 0, True),
    ("newer than that", -301, 0, False),
    ("repeated for a day, and so allowed", 86_400, 90_000, True),
]


@pytest.mark.parametrize(("age_s", "tolerance_s", "fits"), [row[1:] for row in AGES], ids=[row[0] for row in AGES])
def test_a_signature_has_its_time(age_s, tolerance_s, fits):
    now = NOW.fromtimestamp(int(FIELDS["timestamp"]) + age_s, NOW.tzinfo)
    request = written({**FIELDS, "sig": SIGNED[3][2]}, "json")
    webhook = Webhook(secrets=SIGNATURE_SECRET, **({"tolerance_s": tolerance_s} if tolerance_s else {}))
    if fits:
        assert heard(request, now, webhook=webhook)
        return
    with pytest.raises(WebhookError, match="away from our clock"):
        heard(request, now, webhook=webhook)


def test_a_signature_without_a_time_is_refused():
    fields = {name: value for name, value in FIELDS.items() if name != "timestamp"}
    plain = "".join(f"&{k}={fields[k].replace('&', '_').replace('=', '_')}" for k in sorted(fields))
    with pytest.raises(WebhookError, match="no time"):
        heard(written({**fields, "sig": hmac_hex(SIGNATURE_SECRET, plain.encode())}, "json"))


def test_a_secret_in_the_path_does_not_replace_the_signature():
    webhook = Webhook(secrets=SIGNATURE_SECRET, path_secrets=PATH_SECRET)
    with pytest.raises(WebhookError, match="did not sign"):
        heard(written(FIELDS, "json"), webhook=webhook)
    assert heard(written(FIELDS, "json"), webhook=Webhook(path_secrets=PATH_SECRET))


def test_our_own_words_in_the_address_are_not_signed_with_a_body():
    request = written({**FIELDS, "sig": SIGNED[3][2]}, "form")
    assert heard(evolve(request, url=f"{HOOK}?shop=1"))


def test_nonsense_behind_the_right_path_never_raises_anything_else():
    random, webhook = Random(4), Webhook(path_secrets=PATH_SECRET)
    strange = (None, [], {}, "", -1, 3.5, True, "9" * 400, ["x"])
    for told in TestVonageSms.told:
        if not told.body or "json" not in told.content_type:
            continue
        for _ in range(40):
            fields = json.loads(told.body)
            fields[random.choice(list(fields))] = random.choice(strange)
            events = heard(evolve(told, body=json.dumps(fields).encode()).request(), webhook=webhook)
            assert all(event.at.utcoffset() is not None for event in events)
    for body in (b"", b"null", b"[]", b"42", b"[" * 100_000):
        with pytest.raises(WebhookError):
            heard(WebhookRequest({"content-type": "application/json"}, body, HOOK), webhook=webhook)
    with pytest.raises(WebhookError):
        heard(WebhookRequest({"content-type": FORM}, b"\xff", HOOK), webhook=webhook)
    assert heard(WebhookRequest({"content-type": FORM}, b"null", HOOK), webhook=webhook) == ()
