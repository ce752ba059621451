"""Telnyx (Messaging v2): one message in each request, receipts signed with Ed25519.

Sources: Telnyx's OpenAPI document of 2026-07, its pages on error codes, opt-out words, scheduling, encoding and
webhooks (developers.telnyx.com), its Python SDK 4.189.0 as recorded on a loopback; seen 2026-11. That SDK posts a
message again after a 500 or a lost line, without a key that would keep it from being sent twice: nothing here does.
"""

from __future__ import annotations

from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timezone
from typing import TYPE_CHECKING, ClassVar, Final
from urllib.parse import quote

from attrs import field, frozen

from smskit.encoding import TELNYX
from smskit.errors import InvalidInput, WebhookError
from smskit.kinds import EventType, FailureClass
from smskit.protocols import Call, Features, Flow, Receipts, WebhookRequest
from smskit.records import Accepted, Balance, Event, Outcome, Outgoing, Refused, Taken
from smskit.transports.wire.answers import Answer, Fault, Unreadable, answer_to, error_code, fault_of_code
from smskit.transports.wire.codes import Codes, Meaning
from smskit.transports.wire.provider import HttpProvider
from smskit.transports.wire.reading import (
    codes_in,
    dig,
    epoch_in,
    instant_in,
    int_in,
    items_in,
    json_in,
    number_in,
    text_in,
)
from smskit.transports.wire.requests import is_digits, merged, reference_in, with_plus
from smskit.transports.wire.webhooks import header

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

_STOPPED: Final = "40300"
_RECEIPTS: Final = frozenset({"message.sent", "message.finalized"})
_WORDS: Final[Mapping[str, EventType]] = {"STOP": EventType.OPT_OUT, "START": EventType.OPT_IN}
_LONGEST_WORD: Final = 11


@frozen(kw_only=True)
class Telnyx(HttpProvider):
    """Telnyx.

    Args:
        key: the API key (v2).
        profile: id of the messaging profile; a word as sender, or none, needs it.
        base_url: of the API.
        webhook: its ``secrets`` are public keys of your account as the portal shows them, in base64.

    Raises:
        InvalidInput: a public key that is none, or one without the package ``cryptography`` to check with.
    """

    name = "telnyx"
    codes: ClassVar[Codes] = Codes.of("telnyx")

    key: str = field(repr=False)
    profile: str = ""
    base_url: str = field(default="https://api.telnyx.com/v2", repr=False)

    def check_options(self) -> None:
        """Refuse a public key that is none."""
        for secret in self.webhook.secrets:
            _public_key(secret)

    def declared(self) -> Features:
        """Say what Telnyx can do."""
        return Features(
            largest_batch=1,
            in_flight=8,
            largest_parts=10,
            alphanumeric_senders=bool(self.profile),
            schedules=True,
            receipts=Receipts.PUSHED,
            replies=True,
            signature="Ed25519",
            balance=True,
        )

    # ------------------------------------------------------------ submission

    def check_message(self, message: Outgoing, /) -> None:
        """Refuse a message without anybody to send it, and a time that Telnyx would round."""
        if not message.sender and not self.profile:
            raise InvalidInput("Telnyx sends from message.sender, or from a number of profile=; give one of them")
        if not is_digits(message.sender or "0") and len(message.sender) > _LONGEST_WORD:
            raise InvalidInput(f"Telnyx takes senders of {_LONGEST_WORD} letters, not {len(message.sender)}")
        if message.send_at is not None and (message.send_at.second or message.send_at.microsecond):
            raise InvalidInput("Telnyx sends on whole minutes: give a send_at without seconds")

    def request(self, group: Sequence[Outgoing], /) -> Call:
        """Make the request for one message."""
        (message,) = group
        told: dict[str, object] = {
            "to": f"+{message.number}",
            "text": message.text,
            "type": "SMS",
            # Either word forces the alphabet: with "auto" the profile may replace characters to fit GSM-7. Its own
            # GSM-7 lacks the euro among others: such a text goes as UCS-2, whole, and its parts are told in the answer.
            "encoding": "gsm7" if TELNYX.foreign(message.text) is None else "ucs2",
            "auto_detect": False,
        }
        if message.sender:
            told["from"] = with_plus(message.sender)
        if self.profile:
            told["messaging_profile_id"] = self.profile
        if message.send_at is not None:
            told["send_at"] = f"{message.send_at.astimezone(timezone.utc):%Y-%m-%dT%H:%M:%SZ}"
        if callback := self.callback_for(message):
            told["webhook_url"] = callback
        return self._call("POST", "/messages", merged(told, self.extra))

    def is_refusal(self, answer: Answer, /) -> bool:
        """Whether there is no message in a success, but an error that is known."""
        return not text_in(answer.at("data", "id")) and self._refusal(answer)[1] is not None

    def outcomes(self, group: Sequence[Outgoing], answer: Answer, /) -> Iterator[Outcome]:
        """Read the message resource; a status of failure is no success."""
        (message,) = group
        told = answer.at("data")
        provider_id = text_in(dig(told, "id"))
        if not provider_id:
            raise Unreadable("no message in the answer")
        meaning, code = self._meaning(told, dig(told, "to", 0, "status"))
        if (failure := meaning.refusal) is not None:
            yield Refused(message.reference, failure, code)
        else:
            yield Accepted(message.reference, provider_id, int_in(dig(told, "parts")))

    def fault(self, answer: Answer, /) -> Fault:
        """Read the first of ``errors``; after a 5xx nobody knows, whatever it says."""
        code, failure = self._refusal(answer)
        return fault_of_code(answer, code, failure, self.codes.meaning("error.code", code).retry)

    def _refusal(self, answer: Answer) -> tuple[str, FailureClass | None]:
        code = error_code(answer, ("errors", 0, "code"))
        failure = self.codes.meaning("error.code", code).failure
        places = (answer.at("errors", 0, "source", "pointer"), answer.at("errors", 0, "source", "parameter"))
        if failure is FailureClass.INVALID_NUMBER and any(text_in(place).strip("/") == "from" for place in places):
            return code, FailureClass.SENDER_INVALID
        return code, failure

    # ------------------------------------------------------------ afterwards

    def look_up(self, messages: Sequence[Taken], /) -> Flow[tuple[Event, ...]]:
        """Ask for the receipt of each message; Telnyx keeps them for ten days."""
        events: list[Event] = []
        for taken in messages:
            answer = yield from answer_to(self._call("GET", _resource(taken.provider_id), label="look_up"))
            told = answer.at("data")
            times = [instant_in(dig(told, name)) for name in ("completed_at", "sent_at", "received_at")]
            at = next(filter(None, times), None)
            if answer.is_success and at is not None:
                events += self._receipts(told, at, taken.reference)
        return tuple(events)

    def withdraw(self, provider_id: str, /) -> Flow[bool]:
        """Take back a message that waits for its time, until a minute before."""
        answer = yield from answer_to(self._call("DELETE", _resource(provider_id), label="withdraw"))
        return answer.is_success

    def balance(self) -> Flow[Balance]:
        """Ask what can still be spent: the balance and the credit on top of it.

        Raises:
            TransportError: Telnyx does not tell.
        """
        answer = yield from answer_to(self._call("GET", "/balance", label="balance"))
        left = answer.at("data", "available_credit")
        amount = answer.at("data", "balance") if left is None else left
        return self.balance_in(answer, amount, answer.at("data", "currency"))

    # ------------------------------------------------------------ webhooks

    def is_signed(self, request: WebhookRequest, /) -> bool:
        """Whether there is a public key: Telnyx signs all that it sends."""
        return bool(self.webhook.secrets)

    def check_signature(self, request: WebhookRequest, now: datetime, /) -> None:
        """Check the signature over time and body, and that the time is now."""
        stamp = header(request, "telnyx-timestamp")
        at = epoch_in(stamp)
        if at is None:
            raise WebhookError("Telnyx signs with a time, and this request tells none (telnyx-timestamp)")
        try:
            signature = b64decode(header(request, "telnyx-signature-ed25519"), validate=True)
        except (NotBase64, ValueError) as error:
            raise WebhookError("telnyx-signature-ed25519 is not base64") from error
        signed = stamp.encode("utf-8", "replace") + b"|" + request.body
        if not any(_is_genuine(_public_key(secret), signature, signed) for secret in self.webhook.secrets):
            raise WebhookError("Telnyx did not sign this body with a key of yours (telnyx-signature-ed25519)")
        self.webhook.check_age(at, now)

    def parse(self, request: WebhookRequest, now: datetime, /) -> tuple[Event, ...]:
        """Read a receipt or a message that came in; other events of Telnyx mean nothing here."""
        told = dig(json_in(request.body), "data")
        what, message = text_in(dig(told, "event_type")), dig(told, "payload")
        if not what:
            raise WebhookError("the body is not an event of Telnyx")
        at = instant_in(dig(told, "occurred_at")) or now
        if what == "message.received":
            return tuple(self._reply(message, at))
        if what not in _RECEIPTS:
            return ()
        reference = reference_in(request.url) or reference_in(text_in(dig(message, "webhook_url")))
        return tuple(self._receipts(message, at, reference))

    def _receipts(self, message: object, at: datetime, reference: str | None) -> Iterator[Event]:
        provider_id = text_in(dig(message, "id"))
        if not provider_id and not reference:
            return
        for recipient in items_in(dig(message, "to")):
            meaning, code = self._meaning(message, dig(recipient, "status"))
            yield self.event(
                EventType.RECEIPT,
                at,
                number=number_in(dig(recipient, "phone_number")),
                reference=reference,
                provider_id=provider_id,
                meaning=meaning,
                code=code,
            )

    def _reply(self, message: object, at: datetime) -> Iterator[Event]:
        if number := number_in(dig(message, "from", "phone_number")):
            # Telnyx answers STOP and START itself, in the words that the profile has for them in any language.
            done = text_in(dig(message, "autoresponse_type")).upper()
            yield self.event(
                _WORDS.get(done, EventType.REPLY),
                instant_in(dig(message, "received_at")) or at,
                number=number,
                own_id=text_in(dig(message, "id")),
                text=text_in(dig(message, "text")),
            )

    def _meaning(self, message: object, word: object) -> tuple[Meaning, str]:
        """Give what a status means: its error says more, but only of a failure."""
        errors = items_in(dig(message, "errors"))
        code = text_in(dig(errors[0], "code")) if errors else ""
        meaning = self.codes.meaning("dlr.to.status", text_in(word))
        if meaning.is_failure and self._tells_more(code, errors):
            meaning = self.meant("dlr.to.status", word, companions=[("error.code", code)])
        return meaning, codes_in(word, code)

    def _tells_more(self, code: str, errors: Sequence[object]) -> bool:
        # In a receipt 40300 may be about the sender: it is a person's objection only when its words say so.
        told = " ".join(text_in(dig(errors[0], name)) for name in ("title", "detail")) if errors else ""
        return code != _STOPPED or "stop" in told.casefold() or "block rule" in told.casefold()

    # ------------------------------------------------------------ requests

    def _call(self, method: str, path: str, body: object = None, *, label: str = "submit") -> Call:
        headers = {"Authorization": f"Bearer {self.key}"}
        return self.json_call(method, f"{self.base_url}{path}", headers, body, label=label)


def _resource(provider_id: str) -> str:
    return f"/messages/{quote(provider_id, safe='')}"


def _public_key(text: str) -> Ed25519PublicKey:
    try:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    except ImportError:
        raise InvalidInput(
            "signatures of Telnyx are checked with cryptography; pip install 'smskit[telnyx]', or use path_secrets="
        ) from None
    try:
        return Ed25519PublicKey.from_public_bytes(b64decode(text, validate=True))
    except (NotBase64, ValueError):
        raise InvalidInput(
            "Webhook(secrets=...) of Telnyx takes the public key of your account: 32 bytes, in base64"
        ) from None


def _is_genuine(key: Ed25519PublicKey, signature: bytes, signed: bytes) -> bool:
    from cryptography.exceptions import InvalidSignature

    try:
        key.verify(signature, signed)
    except InvalidSignature:
        return False
    return True
