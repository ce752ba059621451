"""The token endpoint of a fake RBM, and the key of the service account that it believes."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Final, cast
from urllib.parse import parse_qs

from smskit.errors import InvalidInput
from smskit.transports.providers.rbm_tokens import AUDIENCE, SCOPE

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

EMAIL: Final = "shop@fake.iam.gserviceaccount.com"
LIVES_S: Final = 3600
_GRANT: Final = "urn:ietf:params:oauth:grant-type:jwt-bearer"


def key_file(address: str) -> Mapping[str, object]:
    """Give what stands in the JSON file of a service account whose tokens are had at *address*.

    Raises:
        InvalidInput: the package ``cryptography`` is missing.
    """
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    pem = _key().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    return {
        "type": "service_account", "project_id": "fake", "private_key_id": "key-1", "private_key": pem,
        "client_email": EMAIL, "client_id": "1", "token_uri": address,
    }  # fmt: skip


class Tokens:
    """The access tokens that are good: one that never ends, and those that were asked for."""

    def __init__(self, token: str) -> None:
        self.asked = 0
        self._good = {token}
        self._given: list[str] = []

    def knows(self, authorization: str) -> bool:
        """Whether a request with this header may come in."""
        kind, _, token = authorization.partition(" ")
        return kind == "Bearer" and token in self._good

    def take_back(self) -> None:
        """Have every token that was asked for be good no more."""
        self._good.difference_update(self._given)

    def give(self, body: bytes) -> tuple[int, Mapping[str, object]]:
        """Answer somebody who asks for a token, as RFC 6749 clause 5 says."""
        self.asked += 1
        form = parse_qs(body.decode("utf-8", "replace"))
        assertion = form.get("assertion", [""])[0]
        if form.get("grant_type") != [_GRANT]:
            return 400, {"error": "unsupported_grant_type"}
        claims = _claims_of(assertion)
        if claims.get("iss") != EMAIL or claims.get("aud") != AUDIENCE or claims.get("scope") != SCOPE:
            return 400, {"error": "invalid_grant", "error_description": "Invalid JWT"}
        token = f"fake-token-{self.asked}"
        self._given.append(token)
        self._good.add(token)
        return 200, {"access_token": token, "expires_in": LIVES_S, "token_type": "Bearer"}


def _claims_of(assertion: str) -> Mapping[str, object]:
    """Give the claims that the key of :func:`key_file` signed; none for anything else."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.hashes import SHA256

    signed, _, signature = assertion.rpartition(".")
    try:
        _key().public_key().verify(_octets(signature), signed.encode(), PKCS1v15(), SHA256())
        claims: object = json.loads(_octets(signed.rpartition(".")[2]))
    except (InvalidSignature, ValueError):
        claims = None
    return cast("dict[str, object]", claims) if isinstance(claims, dict) else {}


def _octets(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


@cache
def _key() -> RSAPrivateKey:
    # A new one in every process: a key that stood here would be found, and used.
    try:
        from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
    except ImportError:
        raise InvalidInput("the key of a service account is made with cryptography; pip install cryptography") from None
    return generate_private_key(65537, 2048)
