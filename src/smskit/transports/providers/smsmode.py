"""smsmode (REST v1): a thousand messages in one request, each with its own text.

Sources: types and README of the vendor's @smsmode/rcs 1.0.0 (one platform for SMS and RCS), integrations that quote
its OpenAPI documents, and a monitoring template that reads the balance; seen 2026-11. Two traps: an account without
credit is answered with success, only the receipt tells (the run engine stops then); and a message that was just taken
may not be found for a while, so that a look-up never proves that one was not taken.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import ClassVar, Final
from urllib.parse import quote, urlencode

from attrs import field, frozen

from smskit.errors import InvalidInput, NaiveDatetime, TransportError, WebhookError
from smskit.kinds import EventType, FailureClass
from smskit.protocols import Call, Features, Flow, Receipts, StopForm, WebhookRequest
from smskit.records import Accepted, Balance, Event, Outcome, Outgoing, Refused, Taken, Unanswered
from smskit.transports.wire.answers import Answer, Fault, Unreadable, answer_to, error_code, fault_of_code
from smskit.transports.wire.codes import Codes, Meaning
from smskit.transports.wire.provider import HttpProvider
from smskit.transports.wire.reading import (
    code_in,
    codes_in,
    dig,
    fields_of,
    instant_in,
    int_in,
    items_in,
    json_in,
    number_in,
    one_or_many,
    text_in,
)
from smskit.transports.wire.requests import chunks, is_unicode, merged
from smskit.transports.wire.signatures import hmac_hex, same
from smskit.transports.wire.webhooks import header

LARGEST_REQUEST: Final = 1000
LONGEST_CALLBACK: Final = 255
_STOP = {"FR": StopForm("STOP 36180", printed_by_transport=True)}
_SIGNATURE = "x-smsmode-256"
CODES: Final[Mapping[str, Codes]] = {"sms": Codes.of("smsmode"), "rcs": Codes.over_rcs("smsmode")}
"""What its words mean, by the interface that says them."""

_REFUSALS: Final[Mapping[str, FailureClass]] = {"400.029": FailureClass.INVALID_NUMBER}


@frozen(kw_only=True)
class SmsMode(HttpProvider):
    """smsmode.

    Args:
        key: the API key (``X-Api-Key``); it belongs to one channel.
        channel: id of the channel, when the key may use several.
        campaign: id of a campaign there, made with :meth:`create_campaign`, that the messages are to belong to.
        base_url: of the API.
        callback: where receipts and replies are told; at most 255 characters.

    Raises:
        InvalidInput: an address that is longer.
    """

    name = "smsmode"
    codes: ClassVar[Codes] = CODES["sms"]
    service: ClassVar[str] = "sms"
    """Which of smsmode's interfaces requests go to: a word of their path."""

    key: str = field(repr=False)
    channel: str = ""
    campaign: str = ""
    base_url: str = field(default="https://rest.smsmode.com", repr=False)

    def check_options(self) -> None:
        """Refuse an address of a webhook that smsmode would not take."""
        if len(self.callback) > LONGEST_CALLBACK:
            raise InvalidInput(f"smsmode takes a callback of up to {LONGEST_CALLBACK} characters")

    def declared(self) -> Features:
        """Say what smsmode can do."""
        return Features(
            largest_batch=LARGEST_REQUEST,
            in_flight=2,
            can_be_asked=True,
            stop=_STOP,
            largest_parts=10,
            schedules=True,
            receipts=Receipts.PUSHED,
            replies=True,
            signature="HMAC-SHA256, on some accounts",
            balance=True,
        )

    # ------------------------------------------------------------ submission

    def groups(self, messages: Sequence[Outgoing], /) -> Iterable[Sequence[Outgoing]]:
        """Put all of them into one request."""
        return chunks(messages, LARGEST_REQUEST)

    def check_message(self, message: Outgoing, /) -> None:
        """Refuse a reference that smsmode would not carry back."""
        if not 3 <= len(message.reference) <= 140:
            raise InvalidInput(f"smsmode takes references of 3 to 140 characters, not {len(message.reference)}")

    def request(self, group: Sequence[Outgoing], /) -> Call:
        """Make the request for up to a thousand messages."""
        callbacks = self._callbacks()
        return self._call("POST", self._path("/messages"), [self._message(message, callbacks) for message in group])

    def _message(self, message: Outgoing, callbacks: Mapping[str, str]) -> Mapping[str, object]:
        told: dict[str, object] = {
            **self._content(message),
            "refClient": message.reference,
            **callbacks,
        }
        if message.sender:
            told["from"] = message.sender
        if message.send_at is not None:
            told["sentDate"] = message.send_at.isoformat(timespec="seconds")
        return merged(told, self.extra) if self.extra else told

    def _content(self, message: Outgoing) -> Mapping[str, object]:
        return {
            "recipient": {"to": f"+{message.number}"},
            "body": {
                "text": message.text,
                "stop": message.carrier_stop,
                "encoding": "UNICODE" if is_unicode(message.text) else "GSM7",
            },
        }

    def outcomes(self, group: Sequence[Outgoing], answer: Answer, /) -> Iterator[Outcome]:
        """Read one Message resource for each message, wrapped or not, in any order."""
        items = one_or_many(answer.json)
        if not items:
            raise Unreadable("no messages in the answer")
        for item in items:
            message = fields_of(item)
            message = fields_of(message.get("message")) or message
            reference = text_in(message.get("refClient"))
            if provider_id := text_in(message.get("messageId")):
                yield self._outcome(reference, provider_id, message)
            elif code := text_in(message.get("errorCode")):
                yield Refused(reference, _REFUSALS.get(code, FailureClass.BAD_REQUEST), code_in(code))

    def fault(self, answer: Answer, /) -> Fault:
        """Read ``errorCode``: the HTTP status, a point and three digits."""
        code = error_code(answer, ("errorCode",), ("message", "errorCode"))
        return fault_of_code(answer, code, _REFUSALS.get(code))

    def _outcome(self, reference: str, provider_id: str, message: Mapping[str, object]) -> Outcome:
        meaning, code = self._meaning_in(message)
        if (failure := meaning.refusal) is not None:
            return Refused(reference, failure, code)
        return Accepted(reference, provider_id, int_in(fields_of(message.get("body")).get("messagePartCount")))

    def _meaning_in(self, message: Mapping[str, object]) -> tuple[Meaning, str]:
        status = fields_of(message.get("status"))
        return _meaning(self.service, text_in(status.get("value")), text_in(status.get("detail")))

    # ------------------------------------------------------------ afterwards

    def ask(self, messages: Sequence[Outgoing], /) -> Flow[Mapping[str, Outcome]]:
        """Look each message up by its reference; one that is not found may only not be listed yet."""
        known: dict[str, Outcome] = {}
        for message in messages:
            query = urlencode({"searchBy[refClient]": message.reference, "pageSize": 10})
            answer = yield from answer_to(self._call("GET", f"{self._path('/messages')}?{query}", label="ask"))
            known[message.reference] = Unanswered(message.reference)
            for item in items_in(answer.at("items")) or items_in(answer.json):
                provider_id = text_in(dig(item, "messageId"))
                if text_in(dig(item, "refClient")) == message.reference and provider_id:
                    known[message.reference] = self._outcome(message.reference, provider_id, fields_of(item))
        return known

    def look_up(self, messages: Sequence[Taken], /) -> Flow[tuple[Event, ...]]:
        """Ask for the receipt of each message."""
        events: list[Event] = []
        for taken in messages:
            path = f"{self._path('/messages')}/{quote(taken.provider_id, safe='')}"
            answer = yield from answer_to(self._call("GET", path, label="look_up"))
            accepted_at = instant_in(answer.at("acceptedAt"))
            if answer.is_success and accepted_at is not None:
                events += self._receipt(answer.json, accepted_at)
        return tuple(events)

    def withdraw(self, provider_id: str, /) -> Flow[bool]:
        """Take back a message that waits for its time, until five minutes before."""
        path = f"{self._path('/messages')}/{quote(provider_id, safe='')}"
        answer = yield from answer_to(self._call("DELETE", path, label="withdraw"))
        return answer.is_success

    def balance(self) -> Flow[Balance]:
        """Ask what the organisation of the key has left.

        Raises:
            TransportError: smsmode does not tell.
        """
        answer = yield from answer_to(self._call("GET", "/commons/v1/organisations", label="balance"))
        organisation = next(iter(items_in(answer.at("items"))), answer.json)
        currency = text_in(dig(organisation, "balance", "currency")) or "EUR"
        return self.balance_in(answer, dig(organisation, "balance", "amount"), currency)

    def create_campaign(self, name: str, messages: Sequence[Outgoing], /, *, at: datetime) -> Flow[str]:
        """Have smsmode itself send up to a thousand messages, half an hour ahead or later.

        Give the id that it has there to :class:`SmsMode` as ``campaign``, and further messages join it. The references
        come back in the receipts as with any other message. When the line is lost on the way nobody knows whether the
        campaign is there: look at your account before you make it again.

        Raises:
            InvalidInput: no message, more than a thousand, or several senders or STOP wishes among them.
            NaiveDatetime: *at* has no zone.
            TransportError: smsmode refuses it, or gives no id.
        """
        if at.utcoffset() is None:
            raise NaiveDatetime("at", at)
        shared = {(message.sender, message.carrier_stop) for message in messages}
        if len(shared) != 1 or len(messages) > LARGEST_REQUEST:
            raise InvalidInput("a campaign of smsmode has 1 to 1000 messages of one sender, all with STOP or none")
        return self._create_campaign(name, tuple(messages), at)

    def _create_campaign(self, name: str, messages: Sequence[Outgoing], at: datetime) -> Flow[str]:
        first = messages[0]
        told: dict[str, object] = {
            "name": name,
            "recipients": [
                {"to": f"+{message.number}", "parameters": {"text": message.text}, "refClient": message.reference}
                for message in messages
            ],
            "body": {
                # The whole text is the parameter: each has its own, and no dollar sign in it is taken for a name.
                "text": "$text",
                "stop": first.carrier_stop,
                "encoding": "UNICODE" if any(is_unicode(message.text) for message in messages) else "GSM7",
            },
            "sentDate": at.isoformat(timespec="seconds"),
            **({"from": first.sender} if first.sender else {}),
            **self._callbacks(),
        }
        call = self._call("POST", self._path("/campaigns"), merged(told, self.extra), label="create_campaign")
        answer = yield from answer_to(call)
        campaign_id = text_in(answer.at("campaignId"))
        if not answer.is_success or not campaign_id:
            raise TransportError(self.name, f"it gives no campaign (HTTP {answer.status})", retryable=False)
        return campaign_id

    def _callbacks(self) -> Mapping[str, str]:
        return {"callbackUrlStatus": self.callback, "callbackUrlMo": self.callback} if self.callback else {}

    # ------------------------------------------------------------ webhooks

    def is_signed(self, request: WebhookRequest, /) -> bool:
        """Whether there is a secret, and either a signature or nothing else to trust."""
        return bool(self.webhook.secrets) and bool(header(request, _SIGNATURE) or not self.webhook.path_secrets)

    def check_signature(self, request: WebhookRequest, now: datetime, /) -> None:
        """Check the keyed hash of the body."""
        wanted = [hmac_hex(secret, request.body) for secret in self.webhook.secrets]
        if not same(header(request, _SIGNATURE).lower(), wanted):
            raise WebhookError(f"smsmode did not sign this body with a secret of ours ({_SIGNATURE})")

    def parse(self, request: WebhookRequest, now: datetime, /) -> tuple[Event, ...]:
        """Read a Message resource: one that was sent (MT) is a receipt, one that came in (MO) a reply."""
        told = one_or_many(json_in(request.body))
        if not told:
            raise WebhookError("the body is not a message of smsmode")
        events: list[Event] = []
        for item in told:
            message = dig(item, "message") or item
            is_reply = text_in(dig(message, "direction")).upper() == "MO"
            events += self._reply(message, now) if is_reply else self._receipt(message, now)
        return tuple(events)

    def _receipt(self, message: object, now: datetime) -> Iterator[Event]:
        provider_id, reference = text_in(dig(message, "messageId")), text_in(dig(message, "refClient"))
        if not provider_id and not reference:
            return
        meaning, code = self._meaning_in(fields_of(message))
        yield self.event(
            EventType.RECEIPT,
            instant_in(dig(message, "status", "deliveryDate")) or now,
            number=number_in(dig(message, "recipient", "to")),
            reference=reference or None,
            provider_id=provider_id,
            meaning=meaning,
            code=code,
        )

    def _reply(self, message: object, now: datetime) -> Iterator[Event]:
        if number := number_in(dig(message, "from")):
            yield self.event(
                EventType.REPLY,
                instant_in(dig(message, "sentDate")) or now,
                number=number,
                reference=text_in(dig(message, "refClient")) or None,
                provider_id=text_in(dig(message, "originMessageId")),
                own_id=text_in(dig(message, "messageId")),
                text=text_in(dig(message, "body", "text")),
            )

    # ------------------------------------------------------------ requests

    def _path(self, resource: str) -> str:
        channel = f"/channels/{quote(self.channel, safe='')}" if self.channel else ""
        campaign = f"/campaigns/{quote(self.campaign, safe='')}" if self.campaign else ""
        return f"/{self.service}/v1{channel}{campaign}{resource}"

    def _call(self, method: str, path: str, body: object = None, *, label: str = "submit") -> Call:
        headers = {"X-Api-Key": self.key}
        return self.json_call(method, f"{self.base_url}{path}", headers, body, label=label)


# A thousand messages of one answer have the same two words.
@lru_cache(maxsize=256)
def _meaning(service: str, value: str, detail: str) -> tuple[Meaning, str]:
    meaning = CODES[service].meaning("dlr.detail", detail)
    if not meaning.is_known:
        meaning = CODES[service].meaning("dlr", value)
    return meaning, codes_in(value, detail)
