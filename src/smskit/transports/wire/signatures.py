"""How carriers sign: keyed hashes and JSON web tokens, compared in constant time over the bytes that came in."""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import b64encode, urlsafe_b64decode
from binascii import Error as NotBase64
from collections.abc import Iterable, Mapping
from datetime import datetime, timezone
from math import nan
from typing import Final, cast

from smskit.errors import WebhookError

_JWT_HASHES: Final = {"HS256": "sha256", "HS384": "sha384", "HS512": "sha512"}
_LONGEST_TOKEN: Final = 16_384


def hmac_hex(secret: str, signed: bytes, algorithm: str = "sha256") -> str:
    """Give a keyed hash in hexadecimals."""
    return hmac.new(secret.encode(), signed, algorithm).hexdigest()


def hmac_base64(secret: str, signed: bytes, algorithm: str = "sha256") -> str:
    """Give a keyed hash in base64."""
    return b64encode(hmac.new(secret.encode(), signed, algorithm).digest()).decode()


def basic(user: str, secret: str) -> str:
    """Give the ``Authorization`` of a user and a secret. Source: RFC 7617."""
    return f"Basic {b64encode(f'{user}:{secret}'.encode()).decode()}"


def same(given: str, wanted: Iterable[str]) -> bool:
    """Whether *given* is one of *wanted*; all are compared, and the time tells nothing."""
    genuine = [hmac.compare_digest(given.encode("utf-8", "replace"), one.encode()) for one in wanted]
    return any(genuine)


def sha256_hex(body: bytes) -> str:
    """Give the hash of a body in hexadecimals."""
    return hashlib.sha256(body).hexdigest()


def claims_of(token: str, secrets: Iterable[str], now: datetime, *, leeway_s: float = 60.0) -> Mapping[str, object]:
    """Give the claims of a JSON web token that one of *secrets* signed (HS256, HS384, HS512; never ``none``).

    Raises:
        WebhookError: it is no such token, nobody known signed it, or its time has not come or is over.

    Source: RFC 7519 (exp, nbf), RFC 7515 (compact form).
    """
    if len(token) > _LONGEST_TOKEN or token.count(".") != 2:
        raise WebhookError("the token of the request is not a JSON web token")
    signed, _, signature = token.rpartition(".")
    head, _, payload = signed.partition(".")
    algorithm = _JWT_HASHES.get(str(_object_in(head).get("alg")))
    if algorithm is None:
        raise WebhookError("the token of the request is signed in a way that is not accepted")
    given = _octets_in(signature)
    genuine = [hmac.compare_digest(hmac.new(s.encode(), signed.encode(), algorithm).digest(), given) for s in secrets]
    if not any(genuine):
        raise WebhookError("the token of the request was not signed with a secret of ours")
    claims = _object_in(payload)
    for name, sign in (("exp", 1), ("nbf", -1)):
        at = _instant_in(claims[name]) if name in claims else None
        if at is not None and sign * (now - at).total_seconds() > leeway_s:
            raise WebhookError("the token of the request is over, or its time has not come; look at the clock")
    return claims


def _object_in(text: str) -> Mapping[str, object]:
    try:
        value: object = json.loads(_octets_in(text))
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise WebhookError("the token of the request cannot be read")
    return cast("dict[str, object]", value)


def _octets_in(text: str) -> bytes:
    try:
        return urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    except (NotBase64, UnicodeEncodeError, ValueError) as error:
        raise WebhookError("the token of the request is not base64") from error


def _instant_in(value: object) -> datetime:
    # What is no number must not count as no time: the token would be good for ever.
    seconds = value if isinstance(value, int | float) and not isinstance(value, bool) else nan
    try:
        return datetime.fromtimestamp(seconds, timezone.utc)
    except (ValueError, OverflowError, OSError) as error:
        raise WebhookError("the token of the request tells an impossible time") from error
