"""Service accounts: what is signed, when a token is asked for, and what a refusal of one means."""

from __future__ import annotations

import json
import sys
from base64 import urlsafe_b64decode
from collections.abc import Iterator
from urllib.parse import parse_qs

import pytest
from tests.transports.providers.test_rbm import rbm, rich, taken

from smskit.errors import InvalidInput, TransportError
from smskit.kinds import FailureClass
from smskit.protocols import Call, Reply
from smskit.records import Accepted, Postponed
from smskit.testing import FakeRbm
from smskit.transports import Client, ServiceAccount
from smskit.transports.drivers import drive
from smskit.transports.providers.rbm_tokens import AUDIENCE, SCOPE

pytest.importorskip("google.auth")

NOW = 1_782_295_200.0


@pytest.fixture(scope="module")
def google() -> Iterator[FakeRbm]:
    with FakeRbm("MABOUTIQUE") as google:
        yield google


@pytest.fixture(scope="module")
def key(google) -> dict[str, object]:
    return dict(google.key_file())


class Google:
    """Gives tokens as its script says, and takes each message."""

    def __init__(self, *script: Reply | Exception, lives_s: int = 3600) -> None:
        self.tokens: list[Call] = []
        self.bearers: list[str] = []
        self._script = list(script)
        self._lives_s = lives_s

    def __call__(self, call: Call) -> Reply:
        if call.label != "token":
            self.bearers.append(call.headers["Authorization"].removeprefix("Bearer "))
            return taken(call)
        self.tokens.append(call)
        step = self._script.pop(0) if self._script else None
        if isinstance(step, Exception):
            raise step
        name = f"token-{len(self.tokens)}"
        return step or Reply(200, {}, json.dumps({"access_token": name, "expires_in": self._lives_s}).encode())


def claims_in(call: Call) -> dict[str, object]:
    form = parse_qs(call.body.decode())
    assert form["grant_type"] == ["urn:ietf:params:oauth:grant-type:jwt-bearer"]
    payload = form["assertion"][0].split(".")[1]
    return json.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))


def test_the_assertion_says_who_asks_for_what(key):
    google = Google()
    drive(rbm(token=ServiceAccount(key, clock=lambda: NOW)).submit([rich()]), google)
    (call,) = google.tokens
    assert call.url == key["token_uri"]
    assert claims_in(call) == {
        "iss": key["client_email"],
        "scope": SCOPE,
        "aud": AUDIENCE,
        "iat": int(NOW),
        "exp": int(NOW) + 3600,
    }
    assert google.bearers == ["token-1"]


def test_a_token_is_kept_until_a_minute_before_its_end(key):
    now = [NOW]
    google = Google()
    transport = rbm(token=ServiceAccount(key, clock=lambda: now[0]))
    for seconds, wanted in ((0, 1), (3539, 1), (3540, 2), (7079, 2), (7080, 3)):
        now[0] = NOW + seconds
        drive(transport.submit([rich()]), google)
        assert google.bearers[-1] == f"token-{wanted}", seconds


def test_two_transports_share_a_token_of_one_account(key):
    google = Google()
    account = ServiceAccount(key)
    for agent in ("a", "b"):
        drive(rbm(agent=agent, token=account).submit([rich()]), google)
    assert google.bearers == ["token-1", "token-1"]


def test_every_question_brings_a_token(key):
    google = Google()

    def answer(call: Call) -> Reply:
        reply = google(call) if call.label == "token" else Reply(200, {}, b'{"name": "files/1"}')
        assert call.label == "token" or call.headers["Authorization"] == "Bearer token-1"
        return reply

    transport = rbm(token=ServiceAccount(key))
    drive(transport.capability(33612345678), answer)
    drive(transport.upload("https://shop.example/a.jpg"), answer)
    drive(transport.invite_tester(33612345678), answer)
    assert len(google.tokens) == 1


BAD = [
    # what                            what the token's address answers                          what becomes of the message
    ("the key was withdrawn", Reply(400, {}, b'{"error": "invalid_grant"}'), Postponed("run-0", FailureClass.AUTH, None, "invalid_grant")),
    ("nobody knows the account", Reply(401, {}, b'{"error": "invalid_client"}'), Postponed("run-0", FailureClass.AUTH, None, "invalid_client")),
    ("forbidden, without a word", Reply(403, {}, b"<html>"), Postponed("run-0", FailureClass.AUTH, None, "http-403")),
]  # fmt: skip


@pytest.mark.parametrize(("reply", "outcome"), [row[1:] for row in BAD], ids=[row[0] for row in BAD])
def test_a_key_that_is_refused_stops_the_run_and_rejects_nobody(key, reply, outcome):
    google = Google(reply, reply)
    transport = rbm(token=ServiceAccount(key))
    assert drive(transport.submit([rich()]), google) == (outcome,)
    assert google.bearers == []
    with pytest.raises(TransportError, match=r"no access token for this key") as caught:
        drive(transport.capability(33612345678), google)
    assert not caught.value.retryable


@pytest.mark.parametrize(
    "step",
    [
        TransportError("google", "no answer", retryable=False),
        Reply(503, {"Retry-After": "7"}),
        Reply(200, {}, b"{}"),
        Reply(200, {}, b"<html>"),
        Reply(200, {}, b'{"access_token": "two words\\n"}'),
        Reply(404),
    ],
    ids=[
        "a lost line",
        "Google is away",
        "no token",
        "a page",
        "a token with a line break",
        "elsewhere",
    ],
)
def test_without_an_answer_no_message_left(key, step):
    google = Google(step)
    transport = rbm(token=ServiceAccount(key))
    with pytest.raises(TransportError) as caught:
        drive(transport.submit([rich()]), google)
    assert caught.value.retryable
    assert google.bearers == []
    assert caught.value.retry_after_s == (7.0 if isinstance(step, Reply) and step.status == 503 else None)


def test_a_token_that_google_took_back_is_asked_for_again(google):
    transport = google.transport(token=ServiceAccount(google.key_file()))
    with Client(transport) as client:
        assert isinstance(client.submit([rich(seq=1)])[0], Accepted)
        google.take_tokens_back()
        assert isinstance(client.submit([rich(seq=2)])[0], Accepted)
        google.take_tokens_back()
        assert client.capabilities([33612345678]).capabilities[0].is_reachable


def test_a_key_of_somebody_else_is_refused(google, key):
    stolen = ServiceAccount({**key, "client_email": "somebody@else.example"})
    with Client(google.transport(token=stolen)) as client:
        (outcome,) = client.submit([rich(seq=3)])
    assert outcome == Postponed("run-3", FailureClass.AUTH, None, "invalid_grant")


def test_a_key_is_read_from_a_file(tmp_path, key):
    path = tmp_path / "key.json"
    path.write_text(json.dumps(key))
    for told in (path, str(path)):
        assert ServiceAccount(told).email == key["client_email"]


@pytest.mark.parametrize(
    "content",
    [
        None,
        "",
        "[]",
        "{",
        "{}",
        '{"client_email": "a", "private_key": "b"}',
        '{"client_email": "a", "token_uri": "nowhere"}',
    ],
)
def test_a_file_that_is_no_key_is_refused_without_what_is_in_it(tmp_path, content):
    path = tmp_path / "key.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(InvalidInput):
        ServiceAccount(path)


def test_a_key_is_its_content_too_and_a_broken_one_is_not_shown(tmp_path, key):
    content = json.dumps(key)
    assert ServiceAccount(f"\n{content}").email == key["client_email"]
    nested = tmp_path / "key.json"
    nested.write_text("[" * 100_000)
    for told in (content[:-1], content[1:], "/".join((content, "secret.json" * 10)), nested):
        with pytest.raises(InvalidInput, match="is no key") as caught:
            ServiceAccount(told)
        assert len(str(caught.value)) < 120


def test_a_key_of_another_kind_is_refused_before_a_message_is(key):
    ec = pytest.importorskip("cryptography.hazmat.primitives.asymmetric.ec")
    serialization = pytest.importorskip("cryptography.hazmat.primitives.serialization")
    kind = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    pem = ec.generate_private_key(ec.SECP256R1()).private_bytes(*kind).decode()
    with pytest.raises(InvalidInput, match="no RSA key"):
        ServiceAccount({**key, "private_key": pem})


def test_a_private_key_that_is_none_is_not_shown(key):
    with pytest.raises(InvalidInput) as caught:
        ServiceAccount({**key, "private_key": "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----"})
    assert "c2VjcmV0" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_neither_key_nor_token_is_shown(key):
    account = ServiceAccount(key)
    with pytest.raises(InvalidInput, match="no access token"):
        account()
    drive(account.renewed(), Google())
    assert account() == "token-1"
    for shown in (repr(account), repr(rbm(token=account))):
        assert "token-1" not in shown
        assert str(key["private_key"])[30:60] not in shown


def test_without_google_auth_it_says_what_to_install(key, monkeypatch):
    monkeypatch.setitem(sys.modules, "google.auth.crypt", None)
    with pytest.raises(InvalidInput, match=r"smskit\[rbm\]"):
        ServiceAccount(key)


def test_a_request_that_loses_its_token_on_the_way_is_not_in_doubt(key):
    replies = iter([401] * 4)  # the first try, and one with each of three new tokens

    def answer(call: Call) -> Reply:
        if call.label == "token":
            return Reply(200, {}, b'{"access_token": "t", "expires_in": 3600}')
        return Reply(next(replies), {}, b'{"error": {"code": 401, "status": "UNAUTHENTICATED"}}')

    (outcome,) = drive(rbm(token=ServiceAccount(key)).submit([rich()]), answer)
    assert outcome == Postponed("run-0", FailureClass.AUTH, None, "UNAUTHENTICATED")
    assert not list(replies)


def test_a_token_that_was_had_anew_is_not_forgotten_for_the_old_one(key):
    account = ServiceAccount(key)
    drive(account.renewed(), Google())
    account.forget("token-0")
    assert account() == "token-1"
    account.forget("token-1")
    assert account.at_hand == ""


def test_the_library_of_google_reads_our_assertion(key):
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key
    from google.auth import jwt

    google = Google()
    drive(ServiceAccount(key).renewed(), google)
    assertion = parse_qs(google.tokens[0].body.decode())["assertion"][0]
    private = load_pem_private_key(str(key["private_key"]).encode(), None)
    public = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    claims = jwt.decode(assertion, certs=public, audience=AUDIENCE)
    assert (claims["iss"], claims["scope"]) == (key["client_email"], SCOPE)
    assert jwt.decode_header(assertion)["kid"] == key["private_key_id"]
