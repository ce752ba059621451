"""The SMS API of Vonage: a form for each message, and an answer whose HTTP status is always 200.

Sources: OpenAPI document 1.5.1 of the SMS API as archived 2026-10-08, the requests of vonage-sms 1.2.0 and the
signatures of vonage-http-client 1.5.2 as recorded, pages of developer.vonage.com as seen 2026-11. Two traps: a long
message has an id, an answer and receipts for each of its parts; and a part may be refused while another is taken.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from hashlib import md5
from typing import ClassVar, Final, cast
from urllib.parse import parse_qsl, urlsplit

from attrs import field, frozen

from smskit.errors import InvalidInput, UnsupportedFeature, WebhookError
from smskit.kinds import EventType, FailureClass, Retry
from smskit.protocols import Call, Features, Flow, Receipts, WebhookRequest
from smskit.records import Accepted, Balance, Event, Outcome, Outgoing
from smskit.transports.wire.answers import Answer, Fault, Unreadable, answer_to
from smskit.transports.wire.codes import Codes, Meaning
from smskit.transports.wire.provider import HttpProvider, failed
from smskit.transports.wire.reading import (
    code_in,
    codes_in,
    dig,
    epoch_in,
    instant_in,
    items_in,
    json_in,
    number_in,
    text_in,
)
from smskit.transports.wire.requests import form_of, is_unicode, without_plus
from smskit.transports.wire.signatures import basic, hmac_hex, same
from smskit.transports.wire.webhooks import header

LONGEST_REFERENCE: Final = 100
LONGEST_CALLBACK: Final = 100
_SIGNATURES: Final = ("md5hash", "md5", "sha1", "sha256", "sha512")
_WAIT_MS = re.compile(r"\[\s*(\d{1,7})\s*\]")


@frozen(kw_only=True)
class VonageSms(HttpProvider):
    """Vonage, by its SMS API.

    Args:
        key: the API key.
        secret: the API secret.
        signature: how the account signs its webhooks, as its settings have it: ``md5hash`` (what a new account has),
            or a keyed hash, ``md5``, ``sha1``, ``sha256`` or ``sha512``. What it signs with is the signature secret of
            the account: ``Webhook(secrets=...)``.
        base_url: of the API.
        callback: where receipts are told; at most 100 characters. Where replies go is set up for the number.

    Raises:
        InvalidInput: an address that is too long, or a signature that Vonage does not have.
    """

    name = "vonage_sms"
    codes: ClassVar[Codes] = Codes.of("vonage-sms")

    key: str
    secret: str = field(repr=False)
    signature: str = "sha256"
    base_url: str = field(default="https://rest.nexmo.com", repr=False)

    def check_options(self) -> None:
        """Refuse a signature that Vonage does not have, and an address that it would not take."""
        if self.signature not in _SIGNATURES:
            raise InvalidInput(f"signature= takes one of {', '.join(_SIGNATURES)}")
        if len(self.callback) > LONGEST_CALLBACK:
            raise InvalidInput(f"Vonage takes a callback of up to {LONGEST_CALLBACK} characters")

    def declared(self) -> Features:
        """Say what the SMS API can do."""
        return Features(
            largest_batch=1,
            in_flight=8,
            validity_s=(20, 604_800),
            receipts=Receipts.PUSHED,
            replies=True,
            signature=f"sig, {self.signature}",
            balance=True,
        )

    # ------------------------------------------------------------ submission

    def check_message(self, message: Outgoing, /) -> None:
        """Refuse a sender that Vonage would change, and a reference that it would not carry."""
        if not message.sender:
            raise InvalidInput("Vonage needs a sender")
        if " " in message.sender:
            raise UnsupportedFeature(self.name, "a sender with a space, which it leaves out")
        if len(message.reference) > LONGEST_REFERENCE:
            raise InvalidInput(f"Vonage takes references of up to {LONGEST_REFERENCE} characters")

    def request(self, group: Sequence[Outgoing], /) -> Call:
        """Make the request for one message."""
        (message,) = group
        told: dict[str, object] = {
            "from": without_plus(message.sender),
            "to": message.number,
            "text": message.text,
            # A text beyond GSM-7 that is sent as "text" arrives with question marks.
            "type": "unicode" if is_unicode(message.text) else "text",
            "client-ref": message.reference,
            "status-report-req": True,
        }
        if self.callback:
            told["callback"] = self.callback
        if message.validity_s is not None:
            told["ttl"] = message.validity_s * 1000
        return self._call("POST", "/sms/json", form_of(told, self.extra))

    def outcomes(self, group: Sequence[Outgoing], answer: Answer, /) -> Iterator[Outcome]:
        """Read one answer for each part.

        Once a single part was taken the message is neither offered again nor refused. It is accepted with all of its
        parts: those that were refused have no receipt, so it is never called delivered.
        """
        (message,) = group
        parts = items_in(answer.at("messages"))
        statuses = [text_in(dig(part, "status")) for part in parts]
        if "0" in statuses:
            first = parts[statuses.index("0")]
            yield Accepted(message.reference, text_in(dig(first, "message-id")) or None, len(parts))
            return
        if not statuses or "" in statuses:
            raise Unreadable("a part without a status")
        faults = [self._fault(part) for part in parts]
        yield from failed(group, next((one for one in faults if one.retry is Retry.AMBIGUOUS), faults[0]))

    def _fault(self, part: object) -> Fault:
        status = text_in(dig(part, "status"))
        meaning = self.meant("submit.status", status)
        if meaning.failure is None:
            return Fault(FailureClass.UNSPECIFIED, Retry.NEVER, code_in(status))
        wait_s = None
        if meaning.failure is FailureClass.THROTTLED and (told := _WAIT_MS.search(text_in(dig(part, "error-text")))):
            wait_s = int(told[1]) / 1000
        return Fault(meaning.failure, meaning.retry or meaning.failure.retry, status, wait_s)

    # ------------------------------------------------------------ afterwards

    def balance(self) -> Flow[Balance]:
        """Ask what the account has left, in euros.

        Raises:
            TransportError: Vonage does not tell.
        """
        answer = yield from answer_to(self._call("GET", "/account/get-balance", label="balance"))
        return self.balance_in(answer, answer.at("value"), "EUR")

    # ------------------------------------------------------------ webhooks

    def is_signed(self, request: WebhookRequest, /) -> bool:
        """Whether there is a signature secret: then every call has to be signed."""
        return bool(self.webhook.secrets)

    def check_signature(self, request: WebhookRequest, now: datetime, /) -> None:
        """Check ``sig`` over the other fields, and the time among them."""
        fields = _fields(request)
        given = fields.pop("sig", "").lower()
        signed = "".join(f"&{name}={_without_signs(fields[name])}" for name in sorted(fields))
        if not same(given, [self._hash(secret, signed) for secret in self.webhook.secrets]):
            raise WebhookError(
                f"Vonage did not sign this with a secret of ours and {self.signature}; signature= names what the "
                "settings of the account have"
            )
        at = epoch_in(fields.get("timestamp"))
        if at is None:
            raise WebhookError("the signature of this request tells no time")
        self.webhook.check_age(at, now)

    def _hash(self, secret: str, signed: str) -> str:
        if self.signature == "md5hash":
            return md5(f"{signed}{secret}".encode(), usedforsecurity=False).hexdigest()
        return hmac_hex(secret, signed.encode(), self.signature)

    def parse(self, request: WebhookRequest, now: datetime, /) -> tuple[Event, ...]:
        """Read a receipt or a reply: JSON, a form, or the query of a GET."""
        fields = _fields(request)
        if not fields:
            raise WebhookError("the request holds nothing that Vonage tells")
        at = instant_in(fields.get("message-timestamp")) or now
        number = number_in(fields.get("msisdn"))
        if "text" in fields or "keyword" in fields or "data" in fields:
            return () if number is None else (self._reply(fields, number, at),)
        provider_id, reference = fields.get("messageId", ""), fields.get("client-ref") or None
        if not provider_id and not reference:
            return ()
        meaning, code = self._meaning(fields.get("status", ""), fields.get("err-code", ""))
        return (
            self.event(
                EventType.RECEIPT, at, number=number, reference=reference, provider_id=provider_id, meaning=meaning,
                # Each part of a message has a receipt, under an id of its own.
                part=provider_id, code=code,
            ),
        )  # fmt: skip

    def _reply(self, fields: Mapping[str, str], number: int, at: datetime) -> Event:
        # A long reply comes in parts, each in a call of its own. They are told as they come: who joins them would have
        # to remember, and a STOP in one of them must not wait for the others.
        part = "/".join(fields[name] for name in ("concat-ref", "concat-part", "concat-total") if fields.get(name))
        own_id, text = fields.get("messageId", ""), fields.get("text", "")
        return self.event(EventType.REPLY, at, number=number, own_id=own_id, part=part, text=text)

    def _meaning(self, status: str, error: str) -> tuple[Meaning, str]:
        meaning = self.meant("dlr.status", status)
        if meaning.refusal is FailureClass.UNSPECIFIED:
            meaning = self.meant("dlr.status", status, companions=[("dlr.err-code", error)])
        return meaning, codes_in(status, error if error != "0" else "")

    # ------------------------------------------------------------ requests

    def _call(self, method: str, path: str, body: bytes = b"", *, label: str = "submit") -> Call:
        headers = {"Authorization": basic(self.key, self.secret)}
        return self.form_call(method, f"{self.base_url}{path}", headers, body, label=label)


def _fields(request: WebhookRequest) -> dict[str, str]:
    """Give what is told; the query only where there is no body, because it may hold words of our own."""
    if not request.body:
        return dict(parse_qsl(urlsplit(request.url).query, keep_blank_values=True))
    if "json" in header(request, "content-type"):
        told = json_in(request.body)
        fields = cast("dict[str, object]", told) if isinstance(told, dict) else {}
        return {name: text_in(value) for name, value in fields.items()}
    try:
        return dict(parse_qsl(request.body.decode(), keep_blank_values=True))
    except UnicodeDecodeError as error:
        raise WebhookError("the body is not UTF-8") from error


def _without_signs(value: str) -> str:
    return value.replace("&", "_").replace("=", "_")
