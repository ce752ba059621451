"""Forged, mangled and misleading requests and answers: nothing is believed, nothing crashes, nobody is shown."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from hmac import new as keyed

import pytest
from attrs import evolve

import smskit as sk
from smskit.delivery.guard import still_opposed
from smskit.errors import InvalidInput, TransportError, WebhookError
from smskit.kinds import FailureClass, Kind
from smskit.protocols import Reply
from smskit.records import Accepted, Postponed, Unanswered
from smskit.testing.factories import outgoing
from smskit.transports.drivers import drive
from smskit.transports.providers.json_carrier import JsonCarrier
from smskit.transports.providers.octopush import Octopush
from smskit.transports.providers.plivo import Plivo
from smskit.transports.providers.smsmode import SmsMode
from smskit.transports.providers.telnyx import Telnyx
from smskit.transports.providers.vonage_messages import VonageMessages
from smskit.transports.wire.answers import Answer
from smskit.transports.wire.reading import code_in, epoch_in
from smskit.transports.wire.requests import reference_in, with_reference
from smskit.transports.wire.signatures import claims_of, hmac_base64, hmac_hex
from smskit.transports.wire.webhooks import Webhook, parse_events

NOW = datetime(2026, 6, 24, 10, tzinfo=timezone.utc)
OPEN = Webhook(accept_unverified=True)
SECRET = "a-secret-that-is-long"


# ---------------------------------------------------------------- signatures over other bytes than those that are read


@pytest.mark.parametrize("method", ["GET", "get", "PUT"])
def test_a_body_beside_a_signed_address_is_not_read(method):
    url = "https://shop.example/p?From=33600000001&Text=Bonjour"
    headers = {
        "X-Plivo-Signature-V3": hmac_base64("token", f"{url}.nonce".encode()),
        "X-Plivo-Signature-V3-Nonce": "nonce",
    }
    plivo = Plivo(auth_id="id", auth_token="token")
    assert len(parse_events(plivo, headers, b"", url, method="GET", now=NOW)) == 1
    with pytest.raises(WebhookError, match="covers no body"):
        parse_events(plivo, headers, b"From=33699999999&Text=STOP", url, method=method, now=NOW)


def described(**options: object) -> JsonCarrier:
    return JsonCarrier(
        description={
            "url": "https://carrier.example/messages",
            "json": {"to": "{number}", "text": "{text}"},
            "answer": {"id": "id"},
            "receipts": {"status": "status", "number": "to", "id": "id", "statuses": {"OK": "delivered"}},
            "signature": {"header": "X-Signature"},
        },
        **options,
    )


def test_fields_of_the_address_are_no_part_of_a_signed_body():
    carrier, url = described(webhook=Webhook(secrets=SECRET)), "https://shop.example/?status=OK&to=33612345678&id=1"
    signed = {"X-Signature": hmac_hex(SECRET, b"id=1")}
    assert parse_events(carrier, signed, b"id=1", url, now=NOW) == ()
    with pytest.raises(WebhookError, match="there is none"):
        parse_events(carrier, {"X-Signature": hmac_hex(SECRET, b"")}, b"", url, now=NOW)
    assert len(parse_events(described(webhook=OPEN), {}, b"", url, now=NOW)) == 1


def token(claims: dict[str, object]) -> str:
    def written(octets: bytes) -> str:
        return urlsafe_b64encode(octets).rstrip(b"=").decode()

    head = written(json.dumps({"alg": "HS256"}).encode())
    signed = f"{head}.{written(json.dumps(claims).encode())}"
    return f"{signed}.{written(keyed(SECRET.encode(), signed.encode(), 'sha256').digest())}"


@pytest.mark.parametrize("end", ["9", True, None, [], float("nan"), float("inf"), 10**30], ids=repr)
def test_an_end_that_is_no_time_is_not_endless(end):
    with pytest.raises(WebhookError):
        claims_of(token({"exp": end}), [SECRET], NOW)


# ---------------------------------------------------------------- what must not crash before anybody was believed


ADDRESSES = ["http://[/sms", "https://shop.example/\ud800", "\udc80", "https://[::1/x"]


@pytest.mark.parametrize("url", ADDRESSES, ids=ascii)
@pytest.mark.parametrize("provider", [SmsMode(key="key"), Plivo(auth_id="id", auth_token="t")], ids=lambda p: p.name)
def test_an_address_that_is_none_is_refused(provider, url):
    with pytest.raises(WebhookError):
        parse_events(provider, {}, b"", url, now=NOW)


def test_half_a_character_in_a_header_is_refused():
    headers = {"X-Plivo-Signature-V3": "signature", "X-Plivo-Signature-V3-Nonce": "\udc80"}
    with pytest.raises(WebhookError):
        parse_events(Plivo(auth_id="id", auth_token="token"), headers, b"", "https://shop.example/", now=NOW)


@pytest.mark.parametrize("stamp", ["1e9999999", "9e999999999", "-1", "NaN", "²", "1" * 400])
def test_a_time_beyond_all_clocks_is_none(stamp):
    assert epoch_in(stamp) is None
    pytest.importorskip("cryptography")
    telnyx = Telnyx(key="key", webhook=Webhook(secrets="A" * 43 + "="))
    with pytest.raises(WebhookError):
        parse_events(telnyx, {"telnyx-timestamp": stamp}, b"{}", "https://shop.example/", now=NOW)


WAITS = [
    # what                             Retry-After                                          seconds
    ("a zone beyond all zones",        "Mon, 01 Jan 2026 00:00:00 +99999999999999999999",   None),
    ("a year beyond all years",        "Mon, 01 Jan 99999999999999999999999 00:00:00 GMT",  None),
    ("a number of four hundred digits", "9" * 400,                                          3600.0),
    ("a digit that is none",           "²",                                                 None),
]  # fmt: skip


@pytest.mark.parametrize(("text", "seconds"), [row[1:] for row in WAITS], ids=[row[0] for row in WAITS])
def test_a_strange_wait_leaves_nothing_in_doubt(text, seconds):
    assert Answer(Reply(429, {"Retry-After": text})).retry_after_s(NOW) == seconds
    (outcome,) = drive(SmsMode(key="key").submit([outgoing()]), lambda call: Reply(429, {"Retry-After": text}))
    assert outcome == Postponed("run-0", FailureClass.THROTTLED, seconds, "http-429")


# ---------------------------------------------------------------- what may be said


def reply(text: str, at: datetime) -> bytes:
    told = {"messageId": text, "direction": "MO", "from": "+33612345678", "body": {"text": text}}
    return json.dumps({**told, "sentDate": at.isoformat()}).encode()


def test_a_start_from_the_future_does_not_outlast_a_stop():
    store, provider, number = sk.MemoryStore(), SmsMode(key="key", webhook=OPEN), 33612345678
    for text, at in (("START", NOW + timedelta(days=9_999)), ("STOP", NOW)):
        sk.receive(store, parse_events(provider, {}, reply(text, at), "https://shop.example/", now=NOW))
    later = NOW + timedelta(days=20_000)
    assert still_opposed(store.suppressed([number])[number], store.consents([number])[number], Kind.MARKETING, later)


@pytest.mark.parametrize("code", ["33612345678", "to:33612345678", "E-0612345678", "invalid/33612345678/x"])
def test_a_number_within_a_code_is_not_kept(code):
    assert code_in(code) == ""


def test_what_is_given_as_extra_is_not_shown():
    assert "hidden" not in repr(SmsMode(key="key", extra={"password": "hidden"}))


def test_our_reference_is_the_last_of_its_name():
    assert reference_in(with_reference("https://shop.example/sms?smskit=theirs&shop=3", "run-7")) == "run-7"


# ---------------------------------------------------------------- answers and requests


def test_two_words_about_one_message_are_a_doubt_and_those_of_others_are_not_heard():
    def answer(call):
        items = [
            {"refClient": "run-0", "errorCode": "400.001"},
            {"refClient": "run-0", "messageId": "m0"},
            {"refClient": "run-1", "messageId": "m1"},
            {"refClient": "other-1", "messageId": "m2"},
        ]
        return Reply(201, {}, json.dumps(items).encode())

    outcomes = drive(SmsMode(key="key").submit([outgoing(0), outgoing(1)]), answer)
    assert outcomes == (Unanswered("run-0"), Accepted("run-1", "m1"))


def test_a_request_that_cannot_be_made_promises_that_nothing_left():
    def no_token():
        raise OSError("the file with the token")

    flow = VonageMessages(token=no_token).submit([outgoing()])
    with pytest.raises(TransportError, match=r"no request could be made \(OSError\)") as raised:
        drive(flow, lambda call: pytest.fail("it left"))
    assert raised.value.retryable


def test_what_cannot_be_written_is_told_before_anything_is_sent():
    with pytest.raises(InvalidInput, match="extra="):
        SmsMode(key="key", extra={"tariff": Decimal(1)})
    with pytest.raises(InvalidInput, match="half a character"):
        SmsMode(key="key").submit([evolve(outgoing(), text="Bonjour \ud83d")])


def test_a_request_that_the_carrier_knew_before_says_nothing_of_the_others():
    answers = iter(
        [Reply(400, {}, b'{"code": "120"}'), Reply(201, {}, b'{"sms_ticket": "t", "number_of_contacts": 1}')]
    )
    messages = [evolve(outgoing(seq), text=f"Bonjour {seq}", sender="BOUTIQUE") for seq in (0, 1)]
    first, second = drive(Octopush(login="login", key="key").submit(messages), lambda call: next(answers))
    assert (type(first), second) == (Unanswered, Accepted("run-1", "t"))


STATUSES = [(status, FailureClass.ACCOUNT) for status in (406, 410, 411, 415, 421, 426, 431)]


@pytest.mark.parametrize(("status", "failure"), [*STATUSES, (511, FailureClass.NETWORK)])
def test_what_is_wrong_with_each_request_rejects_nobody(status, failure):
    (outcome,) = drive(SmsMode(key="key").submit([outgoing()]), lambda call: Reply(status, {}, b"<html>"))
    assert outcome == Postponed("run-0", failure, None, f"http-{status}")


ADDRESSED = ["https://user:secret@carrier.example", "https://carrier.example:99999", "https://[", "https://é.example/é"]


@pytest.mark.parametrize("base_url", ADDRESSED)
def test_an_address_to_which_no_request_can_go_is_told_at_once(base_url):
    with pytest.raises(InvalidInput, match="base_url=") as raised:
        SmsMode(key="key", base_url=base_url)
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize("key", ["secret\n", " secret", "sec\r\nret", "sec\x00ret"], ids=ascii)
def test_a_key_with_a_line_break_is_told_at_once_and_not_shown(key):
    with pytest.raises(InvalidInput, match="key= has a line break") as raised:
        SmsMode(key=key)
    assert "sec" not in str(raised.value)


def test_a_slash_at_the_end_of_an_address_is_not_doubled():
    calls = []
    drive(
        SmsMode(key="k", base_url="https://carrier.example/").submit([outgoing()]),
        lambda c: calls.append(c) or Reply(429),
    )
    assert calls[0].url == "https://carrier.example/sms/v1/messages"
