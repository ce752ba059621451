"""The Messages API of Vonage, for SMS: JSON, an application's token, webhooks whose token covers their body.

Sources: OpenAPI document 1.20.0 of the Messages API as archived 2026-10-08 (its list of errors among them), the
requests of vonage-messages 1.8.1 and the tokens of vonage-jwt 1.1.5 as recorded, pages of developer.vonage.com as seen
2026-11. Two traps: an answer says only that a message was taken, all else is told at the webhook; and Vonage's own
libraries check the token of a webhook without looking whether the body is the one that it was made for.
"""

from __future__ import annotations

import json
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar, Final
from urllib.parse import urlsplit
from uuid import uuid4

from attrs import field, frozen

from smskit.errors import InvalidInput, WebhookError
from smskit.kinds import EventType
from smskit.protocols import Call, Features, Receipts, WebhookRequest
from smskit.records import Accepted, Event, Outcome, Outgoing
from smskit.transports.wire.answers import Answer, Fault, Unreadable, fault_of_code
from smskit.transports.wire.codes import Codes, Meaning
from smskit.transports.wire.provider import HttpProvider
from smskit.transports.wire.reading import codes_in, dig, epoch_in, instant_in, json_in, number_in, one_or_many, text_in
from smskit.transports.wire.requests import is_unicode, merged, without_plus
from smskit.transports.wire.signatures import basic, claims_of, same, sha256_hex
from smskit.transports.wire.webhooks import header

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

LONGEST_REFERENCE: Final = 100
TOKEN_LIVES_S: Final = 900


@frozen(kw_only=True)
class VonageMessages(HttpProvider):
    """Vonage, by its Messages API.

    Args:
        key: the API key, with ``secret``; webhooks need an application, and so ``token``.
        secret: the API secret.
        token: gives the token of an application for each request: :func:`application_token`, or a function of yours.
        base_url: of the API; ``https://api-eu.nexmo.com`` keeps to Europe.
        callback: where receipts are told. Where replies go is set up in the application.

    Raises:
        InvalidInput: neither a key with its secret nor a token, or both.
    """

    name = "vonage_messages"
    codes: ClassVar[Codes] = Codes.of("vonage-messages")

    key: str = ""
    secret: str = field(default="", repr=False)
    token: Callable[[], str] | None = field(default=None, repr=False)
    base_url: str = field(default="https://api.nexmo.com", repr=False)

    def check_options(self) -> None:
        """Refuse a login that is none, or two."""
        if (self.token is None) != bool(self.key and self.secret) or bool(self.key) != bool(self.secret):
            raise InvalidInput("Vonage takes token= of an application, or key= and secret= of the account")

    def declared(self) -> Features:
        """Say what the Messages API can do for SMS."""
        return Features(
            largest_batch=1,
            in_flight=8,
            longest_text=3200,
            validity_s=(20, 604_800),
            receipts=Receipts.PUSHED,
            replies=True,
            signature="JWT (HS256) with a hash of the body",
        )

    # ------------------------------------------------------------ submission

    def check_message(self, message: Outgoing, /) -> None:
        """Refuse a message of nobody, and a reference that Vonage would not carry."""
        if not message.sender:
            raise InvalidInput("Vonage needs a sender")
        if len(message.reference) > LONGEST_REFERENCE:
            raise InvalidInput(f"Vonage takes references of up to {LONGEST_REFERENCE} characters")

    def request(self, group: Sequence[Outgoing], /) -> Call:
        """Make the request for one message."""
        (message,) = group
        told: dict[str, object] = {
            "to": str(message.number),
            "client_ref": message.reference,
            **self._content(message),
        }
        if self.callback:
            told |= {"webhook_url": self.callback, "webhook_version": "v1"}
        return self.json_call("POST", f"{self.base_url}/v1/messages", self._headers(), merged(told, self.extra))

    def _content(self, message: Outgoing) -> Mapping[str, object]:
        told: dict[str, object] = {
            "channel": "sms",
            "message_type": "text",
            "from": without_plus(message.sender),
            "text": message.text,
            "sms": {"encoding_type": "unicode" if is_unicode(message.text) else "text"},
        }
        return told if message.validity_s is None else {**told, "ttl": message.validity_s}

    def _headers(self) -> Mapping[str, str]:
        return {"Authorization": basic(self.key, self.secret) if self.token is None else f"Bearer {self.token()}"}

    def outcomes(self, group: Sequence[Outgoing], answer: Answer, /) -> Iterator[Outcome]:
        """Read the id of the message; how many parts it has is not told."""
        provider_id = text_in(answer.at("message_uuid"))
        if not provider_id:
            raise Unreadable("no message_uuid in the answer")
        yield Accepted(group[0].reference, provider_id)

    def fault(self, answer: Answer, /) -> Fault:
        """Read a problem: its type ends with a word or with the number of the error (RFC 7807)."""
        code = _error_code(answer.json)
        meaning = self.meant("submit.error", code)
        if meaning.failure is None:
            meaning = self.meant("dlr.error", code)
        return fault_of_code(answer, code, meaning.failure, meaning.retry)

    # ------------------------------------------------------------ webhooks

    def is_signed(self, request: WebhookRequest, /) -> bool:
        """Whether there is a signature secret: then every call has to be signed."""
        return bool(self.webhook.secrets)

    def check_signature(self, request: WebhookRequest, now: datetime, /) -> None:
        """Check the token, its age, and that this body is the one that it was made for."""
        kind, _, token = header(request, "authorization").partition(" ")
        if kind.casefold() != "bearer":
            raise WebhookError("the request has no token; switch signed webhooks on in the settings of the application")
        claims = claims_of(token.strip(), self.webhook.secrets, now)
        if not same(text_in(claims.get("payload_hash")).lower(), [sha256_hex(request.body)]):
            raise WebhookError("the token of the request was made for another body (payload_hash)")
        at = epoch_in(claims.get("iat"))
        if at is None:
            raise WebhookError("the token of the request tells no time")
        self.webhook.check_age(at, now)

    def parse(self, request: WebhookRequest, now: datetime, /) -> tuple[Event, ...]:
        """Read a receipt, which has a status, or a reply, which has a type."""
        told = one_or_many(json_in(request.body))
        if not told:
            raise WebhookError("the body is not a message of Vonage")
        return tuple(event for one in told for event in self._events(one, now))

    def _events(self, told: object, now: datetime) -> Iterator[Event]:
        at = instant_in(dig(told, "timestamp")) or now
        provider_id, reference = text_in(dig(told, "message_uuid")), text_in(dig(told, "client_ref")) or None
        if status := text_in(dig(told, "status")):
            if provider_id or reference:
                meaning, code = self._meaning(status, _error_code(dig(told, "error")))
                yield self.event(
                    EventType.RECEIPT, at, number=number_in(dig(told, "to")), reference=reference,
                    provider_id=provider_id, meaning=meaning, code=code,
                )  # fmt: skip
        elif dig(told, "message_type") is not None and (number := number_in(dig(told, "from"))):
            yield from self._reply(told, number, at)

    def _reply(self, told: object, number: int, at: datetime) -> Iterator[Event]:
        answered, own_id = text_in(dig(told, "context", "message_uuid")), text_in(dig(told, "message_uuid"))
        text = text_in(dig(told, "text"))
        yield self.event(EventType.REPLY, at, number=number, provider_id=answered, own_id=own_id, text=text)

    def _meaning(self, status: str, error: str) -> tuple[Meaning, str]:
        meaning = self.meant("dlr.status", status)
        if meaning.failure is not None:
            # "submitted" with an error is a message that is tried again.
            meaning = self.meant("dlr.status", status, companions=[("dlr.error", error)])
        return meaning, codes_in(status, error)


def _error_code(problem: object) -> str:
    """Give the number of an error, or the word for it: behind the sign # of its type; the number may be its title."""
    title = text_in(dig(problem, "title")).strip()
    if title.isascii() and title.isdigit():
        return title
    try:
        return urlsplit(text_in(dig(problem, "type"))).fragment
    except ValueError:  # an address that is none
        return ""


# ---------------------------------------------------------------- the token of an application


@frozen
class _ApplicationToken:
    application: str
    key: RSAPrivateKey = field(repr=False)
    clock: Callable[[], float] = field(repr=False)

    def __call__(self) -> str:
        """Sign a new token; each has a name of its own and lives for a quarter of an hour."""
        from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
        from cryptography.hazmat.primitives.hashes import SHA256

        now = int(self.clock())
        claims = {"application_id": self.application, "iat": now, "exp": now + TOKEN_LIVES_S, "jti": str(uuid4())}
        signed = f"{_written({'alg': 'RS256', 'typ': 'JWT'})}.{_written(claims)}"
        return f"{signed}.{_base64url(self.key.sign(signed.encode(), PKCS1v15(), SHA256()))}"


def application_token(
    application: str, private_key: str | bytes, *, clock: Callable[[], float] = time.time
) -> Callable[[], str]:
    """Give what makes the tokens of an application, signed with its private key (RS256).

    Args:
        application: its id.
        private_key: its key as PEM, the text and not the name of a file.
        clock: gives the seconds since 1970.

    Returns:
        A function for ``VonageMessages(token=...)``.

    Raises:
        InvalidInput: no such key, or the package ``cryptography`` is missing.

    Source: RFC 7515, RFC 7519; the claims are those of vonage-jwt 1.1.5.
    """
    try:
        from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
        from cryptography.hazmat.primitives.serialization import load_pem_private_key
    except ImportError:
        raise InvalidInput("tokens of Vonage are signed with cryptography; pip install 'smskit[vonage]'") from None
    try:
        key = load_pem_private_key(private_key.encode() if isinstance(private_key, str) else private_key, None)
    except (ValueError, TypeError):
        key = None
    if not isinstance(key, RSAPrivateKey):
        raise InvalidInput("private_key= takes the RSA key of the application, as PEM and without a password")
    return _ApplicationToken(application, key, clock)


def _written(value: Mapping[str, object]) -> str:
    return _base64url(json.dumps(value, separators=(",", ":")).encode())


def _base64url(octets: bytes) -> str:
    return urlsafe_b64encode(octets).rstrip(b"=").decode()
