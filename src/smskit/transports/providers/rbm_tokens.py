"""Access tokens of a Google service account: signed here, asked for in the flow, kept until shortly before their end.

Sources: RFC 7523 (the assertion), Google's guide 'Using OAuth 2.0 for Server to Server Applications' (audience, life of
an hour), google-auth 2.62.2 as recorded on a loopback; seen 2026-11. google-auth would make the request itself, and
block whatever runs beside it: only its signer is used.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from importlib import import_module
from os import PathLike
from pathlib import Path
from typing import Final, cast
from urllib.parse import urlencode

from attrs import field, frozen

from smskit.errors import InvalidInput, TransportError
from smskit.kinds import FailureClass, Retry
from smskit.protocols import Call, Flow
from smskit.transports.wire.answers import Answer, Fault, answer_to, error_code
from smskit.transports.wire.reading import code_in, int_in, text_in
from smskit.transports.wire.requests import is_address

SCOPE: Final = "https://www.googleapis.com/auth/rcsbusinessmessaging"
AUDIENCE: Final = "https://oauth2.googleapis.com/token"
"""Whom an assertion is for; it is the same whatever ``token_uri`` says."""

LIVES_S: Final = 3600
RENEWED_BEFORE_S: Final = 60.0

_LONGEST_NAME: Final = 80
_GRANT: Final = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_Sign = Callable[[Mapping[str, object]], bytes]


@frozen
class _Token:
    text: str = field(repr=False)
    ends_at: float


class ServiceAccount:
    """The key of a Google service account; :class:`Rbm` asks for access tokens with it.

    One of them may serve several transports and threads: they share its token.

    Args:
        key: path of the JSON file that Google gave, or its content, as text or read.
        scope: what the tokens are for.
        clock: gives the seconds since 1970.

    Raises:
        InvalidInput: it is no such key, or the package ``google-auth`` is missing.
    """

    __slots__ = ("_clock", "_scope", "_sign", "_token", "address", "email")

    def __init__(
        self,
        key: Mapping[str, object] | str | PathLike[str],
        *,
        scope: str = SCOPE,
        clock: Callable[[], float] = time.time,
    ) -> None:
        info = key if isinstance(key, Mapping) else _read(key)
        self.email = text_in(info.get("client_email"))
        self.address = text_in(info.get("token_uri")) or AUDIENCE
        if not self.email or not is_address(self.address):
            raise InvalidInput("a key of a service account has client_email, private_key and token_uri; make one anew")
        self._sign = _signer(info)
        self._scope = scope
        self._clock = clock
        # Replaced whole, never changed: threads see the old one or the new one.
        self._token: _Token | None = None

    def __repr__(self) -> str:
        return "ServiceAccount(<key>)"

    @property
    def at_hand(self) -> str:
        """The token that is kept; empty when none is."""
        token = self._token
        return "" if token is None else token.text

    def __call__(self) -> str:
        """Give the token that is at hand.

        Raises:
            InvalidInput: there is none; :meth:`renewed` asks for it.
        """
        if not (text := self.at_hand):
            raise InvalidInput("no access token was asked for yet; drive renewed() before")
        return text

    def forget(self, token: str) -> None:
        """Have the next :meth:`renewed` ask for another one: *token* was refused.

        One that somebody else asked for meanwhile stays.
        """
        if self.at_hand == token:
            self._token = None

    def renewed(self, timeout_s: float = 30.0) -> Flow[Fault | None]:
        """Have a token at hand that is good for another minute; say why there is none.

        Raises:
            TransportError: no answer; ``retryable``, since the request was for a token and nothing else.
        """
        token = self._token
        if token is not None and token.ends_at - self._clock() > RENEWED_BEFORE_S:
            return None
        try:
            answer = yield from answer_to(self._request(timeout_s))
        except TransportError as error:
            raise TransportError(
                error.transport, f"no access token: {error.reason}", retryable=True, retry_after_s=error.retry_after_s
            ) from None
        return self._keep(answer)

    def _request(self, timeout_s: float) -> Call:
        now = int(self._clock())
        claims = {"iss": self.email, "scope": self._scope, "aud": AUDIENCE, "iat": now, "exp": now + LIVES_S}
        body = urlencode({"grant_type": _GRANT, "assertion": self._sign(claims).decode()}).encode()
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        return Call("POST", self.address, headers, body, timeout_s, "token")

    def _keep(self, answer: Answer) -> Fault | None:
        text, lives_s = text_in(answer.at("access_token")), int_in(answer.at("expires_in"))
        if answer.is_success and text.isascii() and text.isprintable() and text.strip() == text != "":
            self._token = _Token(text, self._clock() + (LIVES_S if lives_s is None else lives_s))
            return None
        if answer.status in (400, 401, 403):
            code = code_in(error_code(answer, ("error",))) or f"http-{answer.status}"
            return Fault(FailureClass.AUTH, Retry.AFTER_FIX, code)
        why = f"no access token (HTTP {answer.status})"
        raise TransportError("rbm", why, retryable=True, retry_after_s=answer.retry_after_s())


def _read(key: str | PathLike[str]) -> Mapping[str, object]:
    is_content = isinstance(key, str) and key.lstrip().startswith("{")
    try:
        told: object = json.loads(str(key) if is_content else Path(key).read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        told = None
    if not isinstance(told, dict):
        # What was taken for a path may be a piece of the key: only what looks like the name of a file is said again.
        name = Path(key).name
        what = name if not is_content and name.endswith(".json") and len(name) <= _LONGEST_NAME else "this"
        raise InvalidInput(f"{what} is no key of a service account: give the JSON file that Google made")
    return cast("dict[str, object]", told)


def _signer(info: Mapping[str, object]) -> _Sign:
    try:
        # By name, and late: they take half a second to load.
        crypt, jwt = import_module("google.auth.crypt"), import_module("google.auth.jwt")
    except ImportError:
        raise InvalidInput("service accounts sign with google-auth; pip install 'smskit[rbm]'") from None
    try:
        signer = crypt.RSASigner.from_service_account_info(dict(info))
        signer.sign(b"")  # it takes keys of other kinds too, and fails with the first message
    except Exception:  # noqa: BLE001 - which one depends on what reads the key, and its text may hold it
        raise InvalidInput("private_key of the service account is no RSA key in PEM; make one anew") from None

    def sign(claims: Mapping[str, object]) -> bytes:
        signed: bytes = jwt.encode(signer, dict(claims))
        return signed

    return sign
