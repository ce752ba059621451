"""Is it the carrier's word? Paths, signatures and tokens, and everything that somebody may forge."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smskit.errors import InvalidInput, NaiveDatetime, WebhookError
from smskit.protocols import WebhookRequest
from smskit.testing.providers import NOW
from smskit.transports.providers.smsmode import SmsMode
from smskit.transports.wire.signatures import claims_of, hmac_base64, hmac_hex, same
from smskit.transports.wire.webhooks import LARGEST_BODY, Webhook, fields_in, parse_events

SECRET = "a-long-word-in-the-path"
URL = f"https://shop.example/in/{SECRET}"


def listener(**options) -> SmsMode:
    return SmsMode(key="key-of-the-shop", webhook=Webhook(**options))


PATHS = [
    # what                              url                                         taken
    ("the secret is a word of the path", URL, True),
    ("further words follow", f"{URL}/sms?x=1", True),
    ("it is written with escapes", URL.replace("-", "%2D"), True),
    ("it is part of a word only", f"{URL}x", False),
    ("it stands in the query", f"https://shop.example/in?secret={SECRET}", False),
    ("in other capitals", URL.upper(), False),
    ("no path", "https://shop.example", False),
    ("no address", "", False),
]


@pytest.mark.parametrize(("url", "taken"), [row[1:] for row in PATHS], ids=[row[0] for row in PATHS])
def test_a_secret_path(url, taken):
    provider = listener(path_secrets=SECRET)
    if taken:
        assert parse_events(provider, {}, b"{}", url, now=NOW) == ()
    else:
        with pytest.raises(WebhookError):
            parse_events(provider, {}, b"{}", url, now=NOW)


def test_while_the_path_is_changed_both_words_are_taken():
    provider = listener(path_secrets=("the-word-of-tomorrow", SECRET))
    for url in (URL, "https://shop.example/in/the-word-of-tomorrow"):
        assert parse_events(provider, {}, b"{}", url, now=NOW) == ()


def test_nothing_is_trusted_by_default_and_the_error_says_what_to_do():
    with pytest.raises(WebhookError, match="path_secrets"):
        parse_events(SmsMode(key="k" * 20), {}, b"{}", URL, now=NOW)


def test_who_wants_to_trust_anybody_has_to_say_so():
    assert parse_events(listener(accept_unverified=True), {}, b"{}", URL, now=NOW) == ()


def test_a_wrong_path_is_refused_even_where_anybody_is_trusted():
    with pytest.raises(WebhookError, match="path"):
        parse_events(listener(accept_unverified=True, path_secrets=SECRET), {}, b"{}", "https://shop.example/", now=NOW)


def test_short_secrets_are_refused_when_they_are_set_up():
    with pytest.raises(InvalidInput, match="16 characters"):
        Webhook(path_secrets="short")
    with pytest.raises(InvalidInput, match="empty"):
        Webhook(secrets="")


def test_no_secret_is_shown():
    assert SECRET not in repr(Webhook(path_secrets=SECRET, secrets="s" * 20))
    assert "shop.example" not in repr(WebhookRequest({}, b"text", URL))


def test_a_huge_body_a_text_and_a_time_without_a_zone_are_refused():
    provider = listener(path_secrets=SECRET)
    with pytest.raises(WebhookError, match="bytes"):
        parse_events(provider, {}, b" " * (LARGEST_BODY + 1), URL, now=NOW)
    with pytest.raises(InvalidInput, match="raw bytes"):
        parse_events(provider, {}, "{}", URL, now=NOW)
    with pytest.raises(NaiveDatetime):
        parse_events(provider, {}, b"{}", URL, now=datetime(2026, 6, 24))


@pytest.mark.parametrize("seconds", [-300, 0, 300])
def test_a_signature_may_be_as_old_as_the_tolerance(seconds):
    Webhook().check_age(NOW + timedelta(seconds=seconds), NOW)


@pytest.mark.parametrize("seconds", [-301, 301, -86400])
def test_an_older_or_newer_one_is_a_repetition_or_a_wrong_clock(seconds):
    with pytest.raises(WebhookError, match="clock"):
        Webhook().check_age(NOW + timedelta(seconds=seconds), NOW)


# ---------------------------------------------------------------- keyed hashes


def test_keyed_hashes_are_those_of_the_standard():
    # RFC 4231, test case 2.
    assert (
        hmac_hex("Jefe", b"what do ya want for nothing?")
        == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    )
    assert hmac_base64("Jefe", b"what do ya want for nothing?", "sha1") == "7/zfauXrL6LSdBbV8YTfnCWafHk="


def test_any_of_several_secrets_will_do():
    assert same("b", ["a", "b"])
    assert not same("c", ["a", "b"])
    assert not same("", [])
    assert not same("é\udcff", ["a"])


# ---------------------------------------------------------------- tokens


def part(value: object) -> str:
    return urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def token(claims: object, secret: str = "s3cret", head: object = None, algorithm: str = "sha256") -> str:
    import hashlib
    import hmac

    signed = f"{part(head or {'alg': 'HS256', 'typ': 'JWT'})}.{part(claims)}"
    signature = hmac.new(secret.encode(), signed.encode(), getattr(hashlib, algorithm)).digest()
    return f"{signed}.{urlsafe_b64encode(signature).rstrip(b'=').decode()}"


def test_a_genuine_token_gives_its_claims():
    claims = {"iss": "MessageBird", "exp": NOW.timestamp() + 60, "payload_hash": "x"}
    assert claims_of(token(claims), ["other", "s3cret"], NOW) == claims
    assert claims_of(token({}, head={"alg": "HS512"}, algorithm="sha512"), ["s3cret"], NOW) == {}


FORGED = [
    ("another secret", token({}, secret="guess")),
    ("no signature at all", f"{part({'alg': 'none'})}.{part({})}."),
    ("no signature, and an algorithm", f"{part({'alg': 'HS256'})}.{part({})}."),
    ("an algorithm with a public key", token({}, head={"alg": "RS256"})),
    ("an algorithm in small letters", token({}, head={"alg": "hs256"})),
    ("no algorithm", token({}, head={"typ": "JWT"})),
    ("a list as algorithm", token({}, head={"alg": ["HS256"]})),
    ("claims that are a list", token([1])),
    ("not base64", "%%%.%%%.%%%"),
    ("not ASCII", "é.é.é"),
    ("two parts", "a.b"),
    ("nothing", ""),
    ("far too long", "a" * 20000 + ".b.c"),
    ("changed after it was signed", token({"a": 1}).replace(part({"a": 1}), part({"a": 2}))),
    ("over since an hour", token({"exp": NOW.timestamp() - 3600})),
    ("not valid before tomorrow", token({"nbf": NOW.timestamp() + 86400})),
    ("an impossible time", token({"exp": 1e300})),
]


@pytest.mark.parametrize("forged", [row[1] for row in FORGED], ids=[row[0] for row in FORGED])
def test_a_forged_token_is_refused(forged):
    with pytest.raises(WebhookError):
        claims_of(forged, ["s3cret"], NOW)


@given(st.text())
def test_any_text_is_a_token_or_a_webhook_error(text):
    with pytest.raises(WebhookError):
        claims_of(text, ["s3cret"], NOW)


# ---------------------------------------------------------------- forms


def test_fields_of_the_body_come_before_those_of_the_address():
    request = WebhookRequest(
        {"content-type": "application/x-www-form-urlencoded"}, b"To=%2B336&Body=a+b&e=", "https://x/?To=1&q=2"
    )
    assert fields_in(request) == {"To": "+336", "q": "2", "Body": "a b", "e": ""}


def test_a_form_that_is_not_utf8_is_refused():
    with pytest.raises(WebhookError, match="UTF-8"):
        fields_in(WebhookRequest({}, b"a=\xff", "https://x/"))
