"""MessageBird, today Bird (classic REST interface): fifty numbers in one request, which share one text and one id.

Sources: MessageBird's OpenAPI document of 2022-07, its Go, Node and Python SDKs (signatures with the vectors published
there, objects), RapidPro courier (103 is an opt-out); seen 2026-11. Words of ``statusReason`` and the code 25 are
remembered from its documentation, which was not at hand. Traps: receipts come only to requests that have a
``reference``, and all recipients of a request share it; whatever the documents say, ``recipients`` is an array and
``scheduledDatetime`` a text.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import ClassVar, Final
from urllib.parse import quote

from attrs import field, frozen

from smskit.errors import InvalidInput, WebhookError
from smskit.kinds import EventType, FailureClass
from smskit.protocols import Call, Features, Flow, Receipts, WebhookRequest
from smskit.records import Accepted, Balance, Event, Outcome, Outgoing, Refused, Taken
from smskit.transports.wire.answers import Answer, Fault, Unreadable, answer_to, error_code, fault_of_code
from smskit.transports.wire.codes import Codes, Meaning
from smskit.transports.wire.provider import HttpProvider
from smskit.transports.wire.reading import codes_in, dig, instant_in, int_in, items_in, json_in, number_in, text_in
from smskit.transports.wire.requests import alike, is_digits, is_unicode, merged, without_plus
from smskit.transports.wire.signatures import claims_of, same, sha256_hex
from smskit.transports.wire.webhooks import fields_in, header

LARGEST_REQUEST: Final = 50
_SIGNATURE: Final = "messagebird-signature-jwt"
_ISSUER: Final = "MessageBird"
_LONGEST_WORD: Final = 11
_CURRENCIES: Final[Mapping[str, str]] = {"euros": "EUR", "pounds": "GBP", "dollars": "USD"}


@frozen(kw_only=True)
class MessageBird(HttpProvider):
    """MessageBird, today Bird.

    Args:
        key: the access key of the classic interface.
        base_url: of the API.
        callback: where receipts are told, over the address of the account.
        webhook: its ``secrets`` are the signing key of the account, which is not the access key.
    """

    name = "messagebird"
    codes: ClassVar[Codes] = Codes.of("messagebird")

    key: str = field(repr=False)
    base_url: str = field(default="https://rest.messagebird.com", repr=False)

    def declared(self) -> Features:
        """Say what MessageBird can do."""
        return Features(
            largest_batch=LARGEST_REQUEST,
            in_flight=4,
            largest_parts=9,
            schedules=True,
            # What a network keeps is two days or less; more would be cut on the way without a word.
            validity_s=(30, 172_800),
            receipts=Receipts.PUSHED,
            replies=True,
            signature="JWT (HMAC)",
            balance=True,
        )

    # ------------------------------------------------------------ submission

    def groups(self, messages: Sequence[Outgoing], /) -> Iterable[Sequence[Outgoing]]:
        """Put messages with one text together; one that waits for its time stays alone, to be taken back alone."""
        now = [message for message in messages if message.send_at is None]
        later = [message for message in messages if message.send_at is not None]
        return [*alike(now, LARGEST_REQUEST), *((message,) for message in later)]

    def check_message(self, message: Outgoing, /) -> None:
        """Refuse a message without a sender, or with one that is too long."""
        if not message.sender:
            raise InvalidInput("MessageBird needs a sender with each message; give message.sender")
        if not is_digits(message.sender) and len(message.sender) > _LONGEST_WORD:
            raise InvalidInput(f"MessageBird takes senders of {_LONGEST_WORD} letters, not {len(message.sender)}")

    def request(self, group: Sequence[Outgoing], /) -> Call:
        """Make the request for up to fifty messages with one text."""
        first = group[0]
        told: dict[str, object] = {
            "recipients": [str(message.number) for message in group],
            "originator": without_plus(first.sender),
            "body": first.text,
            "type": "sms",
            "datacoding": "unicode" if is_unicode(first.text) else "plain",
            "mclass": 1,
            "shortenUrls": False,
            # Without one no receipt comes; the number beside it tells which message of the request is meant.
            "reference": first.reference,
        }
        if first.validity_s is not None:
            told["validity"] = first.validity_s
        if first.send_at is not None:
            told["scheduledDatetime"] = first.send_at.isoformat(timespec="seconds")
        if self.callback:
            told["reportUrl"] = self.callback
        return self._call("POST", "/messages", merged(told, self.extra))

    def is_refusal(self, answer: Answer, /) -> bool:
        """Whether there is no message in a success, but an error that is known."""
        return not text_in(answer.at("id")) and self._refusal(answer)[1] is not None

    def outcomes(self, group: Sequence[Outgoing], answer: Answer, /) -> Iterator[Outcome]:
        """Read the one id and, for each recipient, what became of it."""
        provider_id = text_in(answer.at("id"))
        if not provider_id:
            raise Unreadable("no message in the answer")
        references = {message.number: message.reference for message in group}
        for item in items_in(answer.at("recipients", "items")):
            reference = references.get(number_in(dig(item, "recipient")) or 0)
            if reference is None:
                continue
            meaning, code = self._meaning(item)
            if (failure := meaning.refusal) is not None:
                yield Refused(reference, failure, code)
            else:
                yield Accepted(reference, provider_id, int_in(dig(item, "messagePartCount")))

    def fault(self, answer: Answer, /) -> Fault:
        """Read the first of ``errors``; after a 5xx nobody knows, whatever it says."""
        code, failure = self._refusal(answer)
        return fault_of_code(answer, code, failure)

    def _refusal(self, answer: Answer) -> tuple[str, FailureClass | None]:
        code = error_code(answer, ("errors", 0, "code"))
        parameter = text_in(answer.at("errors", 0, "parameter"))
        failure = self.codes.meaning("submit.code", code).failure
        if failure in (FailureClass.INVALID_NUMBER, FailureClass.BAD_REQUEST):
            # One code says that something is missing or wrong, and the parameter beside it says what.
            failure = _PARAMETERS.get(parameter, FailureClass.BAD_REQUEST)
        return code, failure

    # ------------------------------------------------------------ afterwards

    def look_up(self, messages: Sequence[Taken], /) -> Flow[tuple[Event, ...]]:
        """Ask for each request once, and give the receipts of the recipients that were asked about."""
        wanted: dict[str, dict[int, str]] = {}
        for taken in messages:
            wanted.setdefault(taken.provider_id, {})[taken.number] = taken.reference
        events: list[Event] = []
        for provider_id, references in wanted.items():
            answer = yield from answer_to(self._call("GET", _resource(provider_id), label="look_up"))
            for item in items_in(answer.at("recipients", "items")) if answer.is_success else ():
                number, at = number_in(dig(item, "recipient")), instant_in(dig(item, "statusDatetime"))
                if number in references and at is not None:
                    events.append(self._receipt(item, at, number, references[number], provider_id))
        return tuple(events)

    def withdraw(self, provider_id: str, /) -> Flow[bool]:
        """Take back a message that waits for its time."""
        answer = yield from answer_to(self._call("DELETE", _resource(provider_id), label="withdraw"))
        return answer.is_success

    def balance(self) -> Flow[Balance]:
        """Ask what the account has left.

        Raises:
            TransportError: MessageBird does not tell.
        """
        answer = yield from answer_to(self._call("GET", "/balance", label="balance"))
        unit = text_in(answer.at("type"))
        return self.balance_in(answer, answer.at("amount"), _CURRENCIES.get(unit, unit))

    # ------------------------------------------------------------ webhooks

    def is_signed(self, request: WebhookRequest, /) -> bool:
        """Whether there is a signing key: MessageBird signs all that it sends."""
        return bool(self.webhook.secrets)

    def check_signature(self, request: WebhookRequest, now: datetime, /) -> None:
        """Check the token, and that it is about this address and this body: its signature covers only hashes."""
        claims = claims_of(header(request, _SIGNATURE), self.webhook.secrets, now)
        if claims.get("iss") != _ISSUER or "exp" not in claims or "nbf" not in claims:
            raise WebhookError(f"the token of {_SIGNATURE} is not one of MessageBird: iss, nbf and exp are needed")
        if not same(text_in(claims.get("url_hash")), [sha256_hex(request.url.encode())]):
            raise WebhookError(
                "the token of MessageBird is for another address; behind a proxy give the outer one, query included"
            )
        payload = text_in(claims.get("payload_hash"))
        # There is no such claim where there is no body, and no body may come without it.
        if (payload or request.body) and not same(payload, [sha256_hex(request.body)]):
            raise WebhookError("the token of MessageBird is for another body; give the raw bytes that came in")

    def parse(self, request: WebhookRequest, now: datetime, /) -> tuple[Event, ...]:
        """Read a receipt, which is a query, or a message that came in: a query, a form or JSON."""
        query: Mapping[str, object] = fields_in(request)
        body = json_in(request.body) if "json" in header(request, "content-type") else None
        told: dict[str, object] = {**query}
        for name in ("id", "status", "originator", "sender", *_BESIDE):
            if (value := dig(body, name)) is not None:
                told[name] = value
        if text_in(told.get("status")) and (text_in(told.get("id")) or text_in(told.get("reference"))):
            number, at = number_in(told.get("recipient")), instant_in(told.get("statusDatetime")) or now
            return (self._receipt(told, at, number, text_in(told.get("reference")), text_in(told.get("id"))),)
        if number := number_in(told.get("originator")) or number_in(told.get("sender")):
            return (self._reply(told, now, number),)
        raise WebhookError("this is neither a receipt nor a message of MessageBird")

    def _receipt(self, told: object, at: datetime, number: int | None, reference: str, provider_id: str) -> Event:
        meaning, code = self._meaning(told)
        return self.event(
            EventType.RECEIPT,
            at,
            number=number,
            reference=reference or None,
            provider_id=provider_id,
            meaning=meaning,
            code=code,
        )

    def _reply(self, told: Mapping[str, object], now: datetime, number: int) -> Event:
        return self.event(
            EventType.REPLY,
            instant_in(told.get("createdDatetime")) or now,
            number=number,
            own_id=text_in(told.get("message_id")) or text_in(told.get("id")),
            text=text_in(told.get("body")) or text_in(told.get("message")),
        )

    def _meaning(self, told: object) -> tuple[Meaning, str]:
        """Give what a status means: code and reason say more, but only of a failure (buffered has codes too)."""
        word, reason, code = (dig(told, name) for name in ("status", "statusReason", "statusErrorCode"))
        meaning = self.codes.meaning("dlr.status", text_in(word))
        if meaning.is_failure:
            closer = [("dlr.statusErrorCode", text_in(code)), ("dlr.statusReason", text_in(reason))]
            meaning = self.meant("dlr.status", word, companions=closer)
        return meaning, codes_in(word, reason, code)

    # ------------------------------------------------------------ requests

    def _call(self, method: str, path: str, body: object = None, *, label: str = "submit") -> Call:
        headers = {"Authorization": f"AccessKey {self.key}"}
        return self.json_call(method, f"{self.base_url}{path}", headers, body, label=label)


def _resource(provider_id: str) -> str:
    return f"/messages/{quote(provider_id, safe='')}"


_PARAMETERS: Final[Mapping[str, FailureClass]] = {
    "recipient": FailureClass.INVALID_NUMBER,
    "recipients": FailureClass.INVALID_NUMBER,
    "originator": FailureClass.SENDER_INVALID,
    "body": FailureClass.CONTENT_INVALID,
}
_BESIDE: Final = (
    "reference",
    "recipient",
    "statusReason",
    "statusErrorCode",
    "statusDatetime",
    "createdDatetime",
    "message_id",
    "body",
    "message",
)
