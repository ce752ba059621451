"""Webhook calls that our tests sign are accepted by the carriers' own validators, and what these sign by ours.

What was forged is refused by both; where a carrier's own package looks at less than ours, the table says so.
"""

from __future__ import annotations

import json
import warnings
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from hashlib import sha256
from importlib import import_module
from importlib.util import find_spec
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import pytest
from attrs import evolve, frozen

from smskit.errors import WebhookError
from smskit.protocols import WebhookRequest
from smskit.testing.providers import ProviderContract
from smskit.transports.wire.webhooks import Webhook, parse_events

# The secrets of our tests are shorter than PyJWT likes them; carriers choose theirs themselves.
pytestmark = pytest.mark.filterwarnings("ignore:The HMAC key is")


def package(name: str):
    """Import a carrier's package; what it warns of is its own affair."""
    top = name.partition(".")[0]
    if find_spec(top) is None:
        pytest.skip(f"the package {top} is not installed here; make test-oracles installs it, or says why it cannot")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return import_module(name)


def header(request: WebhookRequest, name: str) -> str:
    return next((value for key, value in request.headers.items() if key.lower() == name), "")


def is_json(request: WebhookRequest) -> bool:
    return "json" in header(request, "content-type")


def with_headers(request: WebhookRequest, **headers: str) -> WebhookRequest:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return evolve(request, headers={**request.headers, **given})


class Form(dict):
    """A form as web frameworks give it to Twilio's validator: several values under one name."""

    def getlist(self, name: str) -> list[str]:
        return self[name]


# ---------------------------------------------------------------- what the packages say, and how they sign


def twilio_accepts(request: WebhookRequest, secret: str) -> bool:
    validator = package("twilio.request_validator")
    settings = header(request, "x-twilio-webhooks-signature-settings")
    body = request.body.decode()
    told = body if is_json(request) else Form(parse_qs(body, keep_blank_values=True))
    return validator.RequestValidator(secret).validate(
        request.url, told, header(request, "x-twilio-signature"), validator.get_signature_algorithm(settings)
    )


def twilio_signs(algorithm: str) -> Callable[[WebhookRequest, str, datetime], WebhookRequest]:
    def signs(request: WebhookRequest, secret: str, at: datetime) -> WebhookRequest:
        validator = package("twilio.request_validator").RequestValidator(secret)
        if is_json(request):
            url = f"{request.url}{'&' if '?' in request.url else '?'}bodySHA256={sha256(request.body).hexdigest()}"
            request, fields = evolve(request, url=url), {}
        else:
            fields = Form(parse_qs(request.body.decode(), keep_blank_values=True))
        signature = validator.compute_signature(request.url, fields, algorithm)
        settings = {"x_twilio_webhooks_signature_settings": f"key=k-1,algorithm={algorithm}"}
        return with_headers(request, x_twilio_signature=signature, **(settings if algorithm != "HMAC_SHA1" else {}))

    return signs


def plivo_accepts(request: WebhookRequest, secret: str) -> bool:
    return package("plivo.utils").validate_v3_signature(
        request.method,
        request.url,
        header(request, "x-plivo-signature-v3-nonce"),
        secret,
        header(request, "x-plivo-signature-v3"),
        {name: one if len(one) > 1 else one[0] for name, one in _form(request).items()},
    )


def plivo_signs(request: WebhookRequest, secret: str, at: datetime) -> WebhookRequest:
    v3 = package("plivo.utils.signature_v3")
    fields = {name: one if len(one) > 1 else one[0] for name, one in _form(request).items()}
    base = (
        v3.construct_get_url(request.url, fields)
        if request.method == "GET"
        else v3.construct_post_url(request.url, fields)
    )
    signature = v3.get_signature_v3(secret.encode(), base.decode(), b"nonce-9").decode()
    return with_headers(request, x_plivo_signature_v3=signature, x_plivo_signature_v3_nonce="nonce-9")


def _form(request: WebhookRequest) -> dict[str, list[str]]:
    return parse_qs(request.body.decode(), keep_blank_values=True)


def sinch_accepts(request: WebhookRequest, secret: str) -> bool:
    module = package("sinch.domains.authentication.sinch_events.v1.authentication_validation")
    return module.validate_sinch_event_signature_with_nonce(secret, dict(request.headers), request.body.decode())


def sinch_signs(request: WebhookRequest, secret: str, at: datetime) -> WebhookRequest:
    module = package("sinch.domains.authentication.sinch_events.v1.authentication_validation")
    stamp = str(int(at.timestamp()))
    signed = module.compute_signed_data(request.body.decode(), "nonce-9", stamp)
    return with_headers(
        request,
        x_sinch_webhook_signature=module.calculate_sinch_event_signature(signed, secret),
        x_sinch_webhook_signature_nonce="nonce-9",
        x_sinch_webhook_signature_timestamp=stamp,
        x_sinch_webhook_signature_algorithm="HmacSHA256",
    )


TELNYX_SEEDS = (b"k" * 32, b"s" * 32)  # ours and a stranger's


def telnyx_keys() -> dict[str, Any]:
    """Give keys to sign with by the public keys that the portal would show."""
    keys = [package("nacl.signing").SigningKey(seed) for seed in TELNYX_SEEDS]
    return {b64encode(bytes(key.verify_key)).decode(): key for key in keys}


def telnyx_accepts(request: WebhookRequest, secret: str) -> bool:
    module = package("telnyx.lib.webhook_verification")
    try:
        module.verify_webhook_signature(request.body, request.headers, secret)
    except module.WebhookVerificationError:
        return False
    return True


def telnyx_signs(request: WebhookRequest, secret: str, at: datetime) -> WebhookRequest:
    stamp = str(int(at.timestamp()))
    signature = telnyx_keys()[secret].sign(stamp.encode() + b"|" + request.body).signature
    return with_headers(request, telnyx_timestamp=stamp, telnyx_signature_ed25519=b64encode(signature).decode())


def messagebird_accepts(request: WebhookRequest, secret: str) -> bool:
    module = package("messagebird.request_validator")
    try:
        module.RequestValidator(secret).validate_signature(
            header(request, "messagebird-signature-jwt"), request.url, request.body
        )
    except module.ValidationError:
        return False
    return True


def messagebird_signs(request: WebhookRequest, secret: str, at: datetime) -> WebhookRequest:
    claims = {
        "iss": "MessageBird",
        "nbf": int(at.timestamp()),
        "exp": int(at.timestamp()) + 60,
        "jti": "0f1e",
        "url_hash": sha256(request.url.encode()).hexdigest(),
        **({"payload_hash": sha256(request.body).hexdigest()} if request.body else {}),
    }
    return with_headers(request, messagebird_signature_jwt=package("jwt").encode(claims, secret, "HS256"))


def vonage_sms_fields(request: WebhookRequest) -> dict[str, object]:
    query = dict(parse_qsl(urlsplit(request.url).query, keep_blank_values=True))
    if is_json(request):
        return {**query, **(json.loads(request.body) if request.body else {})}
    return {**query, **dict(parse_qsl(request.body.decode(), keep_blank_values=True))}


def vonage_sms_accepts(request: WebhookRequest, secret: str) -> bool:
    auth = package("vonage_http_client.auth").Auth(
        api_key="abcd1234", signature_secret=secret, signature_method="sha256"
    )
    return auth.check_signature(vonage_sms_fields(request))


def vonage_sms_signs(request: WebhookRequest, secret: str, at: datetime) -> WebhookRequest:
    auth = package("vonage_http_client.auth").Auth(
        api_key="abcd1234", signature_secret=secret, signature_method="sha256"
    )
    fields = {**vonage_sms_fields(request), "timestamp": str(int(at.timestamp()))}
    fields.pop("sig", None)
    signed = {**fields, "sig": auth.sign_params(dict(fields))}
    if is_json(request):
        return evolve(request, body=json.dumps(signed).encode())
    if request.method == "GET":
        return evolve(request, url=f"{request.url.partition('?')[0]}?{urlencode(signed)}")
    return evolve(request, url=request.url.partition("?")[0], body=urlencode(signed).encode())


def vonage_messages_accepts(request: WebhookRequest, secret: str) -> bool:
    module = package("vonage_jwt.verify_jwt")
    try:
        return module.verify_signature(header(request, "authorization").removeprefix("Bearer "), secret)
    except module.VonageVerifyJwtError:
        return False


def vonage_messages_signs(request: WebhookRequest, secret: str, at: datetime) -> WebhookRequest:
    claims = {
        "iss": "Vonage",
        "iat": int(at.timestamp()),
        "jti": "0f1e",
        "api_key": "abcd1234",
        "payload_hash": sha256(request.body).hexdigest(),
    }
    return with_headers(request, authorization=f"Bearer {package('jwt').encode(claims, secret, 'HS256')}")


# ---------------------------------------------------------------- the table


def contract_of(carrier: str) -> ProviderContract:
    """Give the contract that holds a carrier, with its deliveries and how it signs them."""
    module = import_module(f"tests.transports.providers.test_{carrier}")
    (found,) = [
        one
        for one in vars(module).values()
        if isinstance(one, type) and issubclass(one, ProviderContract) and one is not ProviderContract
    ]
    return found()


def words(contract: ProviderContract) -> tuple[str, str]:
    return contract.webhook_secret, "x" * len(contract.webhook_secret)


@frozen
class Scheme:
    """How a carrier signs: what its package accepts, how it signs, and which forgeries its package lets pass."""

    carrier: str
    accepts: Callable[[WebhookRequest, str], bool]
    signs: Callable[[WebhookRequest, str, datetime], WebhookRequest]
    secrets: Callable[[ProviderContract], Sequence[str]] = words
    covers_address: bool = False
    looks_at_time: bool = False
    tells_time: bool = True
    lets_pass: Mapping[str, str] = {}

    @property
    def contract(self) -> ProviderContract:
        found = contract_of(self.carrier)
        assert found.told
        assert found.webhook_secret
        return found


SCHEMES = {
    "twilio, HMAC-SHA1": Scheme(
        "twilio", twilio_accepts, twilio_signs("HMAC_SHA1"), covers_address=True, tells_time=False
    ),
    "twilio, HMAC-SHA256": Scheme(
        "twilio", twilio_accepts, twilio_signs("HMAC_SHA256"), covers_address=True, tells_time=False
    ),
    "sinch": Scheme("sinch", sinch_accepts, sinch_signs),
    "telnyx": Scheme("telnyx", telnyx_accepts, telnyx_signs, lambda _: list(telnyx_keys()), looks_at_time=True),
    "messagebird": Scheme(
        "messagebird", messagebird_accepts, messagebird_signs, covers_address=True, looks_at_time=True
    ),
    "plivo": Scheme("plivo", plivo_accepts, plivo_signs, covers_address=True, tells_time=False),
    "vonage_sms": Scheme("vonage_sms", vonage_sms_accepts, vonage_sms_signs),
    "vonage_messages": Scheme(
        "vonage_messages",
        vonage_messages_accepts,
        vonage_messages_signs,
        lets_pass={"the body was changed": "the package looks at the token alone and never at payload_hash"},
    ),
}

each_scheme = pytest.mark.parametrize("scheme", SCHEMES.values(), ids=list(SCHEMES))


def we_accept(contract: ProviderContract, request: WebhookRequest, secret: str, now: datetime) -> bool:
    provider = contract.make_transport(webhook=Webhook(secrets=secret))
    try:
        parse_events(provider, request.headers, request.body, request.url, method=request.method, now=now)
    except WebhookError:
        return False
    return True


def forgeries(
    genuine: WebhookRequest, unsigned: WebhookRequest, scheme: Scheme
) -> Iterator[tuple[str, WebhookRequest]]:
    body = genuine.body
    if body:
        place = next(i for i in range(len(body) // 2, len(body)) if body[i : i + 1].isalnum())
        other = b"7" if body[place : place + 1] != b"7" else b"8"
        yield "the body was changed", evolve(genuine, body=body[:place] + other + body[place + 1 :])
    if scheme.covers_address:
        yield "the address was changed", evolve(genuine, url=genuine.url.replace("shop.example", "shop.invalid"))
    yield "not signed at all", unsigned


@each_scheme
def test_what_our_tests_sign_the_carriers_own_validator_accepts(scheme: Scheme):
    contract, now = scheme.contract, datetime.now(timezone.utc)
    secret = contract.webhook_secret
    for told in contract.told:
        signed = contract._signed(told, now, secret)
        assert scheme.accepts(signed, secret), f"{told.what}: theirs"
        assert we_accept(contract, signed, secret, now), f"{told.what}: ours"


@each_scheme
def test_what_the_carriers_own_package_signs_we_accept(scheme: Scheme):
    contract, now = scheme.contract, datetime.now(timezone.utc)
    secret, _ = scheme.secrets(contract)
    for told in contract.told:
        signed = scheme.signs(told.request(), secret, now)
        assert scheme.accepts(signed, secret), f"{told.what}: theirs"
        assert we_accept(contract, signed, secret, now), f"{told.what}: ours"


@each_scheme
def test_what_was_forged_both_refuse(scheme: Scheme):
    contract, now = scheme.contract, datetime.now(timezone.utc)
    (secret, strange), passed = scheme.secrets(contract), set()
    for told in contract.told:
        unsigned = told.request()
        forged = [*forgeries(scheme.signs(unsigned, secret, now), unsigned, scheme)]
        forged.append(("signed by somebody else", scheme.signs(unsigned, strange, now)))
        for what, request in forged:
            assert not we_accept(contract, request, secret, now), f"{told.what}: {what}: ours"
            if scheme.accepts(request, secret):
                assert what in scheme.lets_pass, f"{told.what}: {what}: theirs"
                passed.add(what)
    assert passed == set(scheme.lets_pass), "a weakness that the package has no more"


@each_scheme
def test_what_was_signed_long_ago_we_refuse(scheme: Scheme):
    """Some packages refuse it too, and some do not look at the time."""
    contract, now = scheme.contract, datetime.now(timezone.utc)
    secret, _ = scheme.secrets(contract)
    for told in contract.told:
        signed = scheme.signs(told.request(), secret, now - timedelta(hours=2))
        assert we_accept(contract, signed, secret, now) is not scheme.tells_time, f"{told.what}: ours"
        assert scheme.accepts(signed, secret) is not scheme.looks_at_time, f"{told.what}: theirs"


# ---------------------------------------------------------------- odd requests: both say the same of them

FORM = "application/x-www-form-urlencoded"
HOOK = "https://shop.example/sms/in"
EDGES = [
    # what                                        address                                 kind  body
    ("several values under one name",             HOOK,                                   FORM, b"To=1&MediaUrl=b&MediaUrl=a&Body=x"),
    ("the same value twice under one name",       HOOK,                                   FORM, b"To=1&MediaUrl=a&MediaUrl=a"),
    ("an empty value",                            HOOK,                                   FORM, b"To=1&Body=&From=2"),
    ("letters beyond ASCII and a plus",           HOOK,                                   FORM, urlencode({"Body": "Noël + 🎉 & =", "To": "+33612000007"}).encode()),
    ("names in another order",                    HOOK,                                   FORM, b"b=2&a=1&B=3&A=4"),
    ("a query in the address",                    f"{HOOK}?smskit=run-7&x=%2B+%26",       FORM, b"To=1"),
    ("a query and no body",                       f"{HOOK}?b=2&a=1",                      FORM, b""),
    ("a name that stands twice in the query",     f"{HOOK}?a=2&a=1",                      FORM, b"To=1"),
    ("an empty value in the query",               f"{HOOK}?a=&b=1",                       FORM, b"To=1"),
    ("a port that is said",                       "https://shop.example:8443/sms/in",     FORM, b"To=1"),
    ("the usual port, said",                      "https://shop.example:443/sms/in",      FORM, b"To=1"),
    ("no path",                                   "https://shop.example",                 FORM, b"To=1"),
    ("JSON",                                      HOOK,                                   "application/json", b'{"a": "\xc3\xa9 &=", "b": 1}'),
]  # fmt: skip


@each_scheme
@pytest.mark.parametrize(("url", "kind", "body"), [row[1:] for row in EDGES], ids=[row[0] for row in EDGES])
def test_odd_requests_that_the_package_signs_are_ours_too(scheme: Scheme, url: str, kind: str, body: bytes):
    contract, now = scheme.contract, datetime.now(timezone.utc)
    secret, strange = scheme.secrets(contract)
    provider = contract.make_transport(webhook=Webhook(secrets=secret))
    for signer, is_genuine in ((secret, True), (strange, False)):
        signed = scheme.signs(WebhookRequest({"content-type": kind}, body, url, "POST"), signer, now)
        lowered = evolve(signed, headers={name.lower(): value for name, value in signed.headers.items()})
        assert scheme.accepts(signed, secret) is is_genuine, "theirs"
        try:
            provider.verify(lowered, now)
        except WebhookError:
            assert not is_genuine, "ours"
        else:
            assert is_genuine, "ours"


# ---------------------------------------------------------------- what we sign ourselves


def test_ovhclouds_package_signs_our_request_as_we_do(recorded):
    told = recorded("signed", "ovhcloud")
    assert told["ours"]["body"] == told["theirs"]["body"]
    for name in ("x-ovh-timestamp", "x-ovh-consumer", "x-ovh-application", "x-ovh-signature"):
        assert told["ours"][name] == told["theirs"][name], name
    assert told["ours"]["x-ovh-signature"].startswith("$1$")


def test_the_token_of_an_application_is_one_of_vonages_package():
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    from smskit.transports.providers.vonage_messages import application_token

    jwt, key = package("jwt"), rsa.generate_private_key(65537, 2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    theirs = package("vonage_jwt.jwt").JwtClient("app-1", pem).generate_application_jwt().decode()
    ours = application_token("app-1", pem)()
    assert jwt.get_unverified_header(ours) == jwt.get_unverified_header(theirs)
    told, wanted = (jwt.decode(one, key.public_key(), algorithms=["RS256"]) for one in (ours, theirs))
    assert set(told) == set(wanted)
    assert told["application_id"] == wanted["application_id"] == "app-1"
    assert told["exp"] - told["iat"] == wanted["exp"] - wanted["iat"]
    assert told["jti"] != wanted["jti"]
