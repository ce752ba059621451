"""Twilio Programmable Messaging (2010-04-01): a form for each message, signed calls to your webhook.

Sources: twilio/twilio-oai d50069b (2026-04-14), the requests and the signatures of twilio 9.13.0 as recorded, the error
pages and the event schemas of twilio.com as seen 2026-11. Two traps: Twilio takes no reference of ours, so that a
message in doubt is known again only by what it says and to whom; and a second request is a second message, there is no
key that tells the two apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from typing import ClassVar, Final
from urllib.parse import SplitResult, parse_qs, quote, urlencode, urlsplit

from attrs import field, frozen

from smskit.errors import InvalidInput, WebhookError
from smskit.kinds import EventType
from smskit.protocols import Call, Features, Flow, Receipts, WebhookRequest
from smskit.records import Accepted, Balance, Event, Outcome, Outgoing, Refused, Taken, Unanswered
from smskit.transports.wire.answers import Answer, Fault, Unreadable, answer_to, error_code, fault_of_code
from smskit.transports.wire.codes import Codes, Meaning
from smskit.transports.wire.provider import HttpProvider
from smskit.transports.wire.reading import (
    codes_in,
    dig,
    instant_in,
    int_in,
    items_in,
    json_in,
    mail_date_in,
    number_in,
    one_or_many,
    text_in,
)
from smskit.transports.wire.requests import form_of, reference_in, with_plus
from smskit.transports.wire.signatures import basic, hmac_base64, same, sha256_hex
from smskit.transports.wire.webhooks import fields_in, header

_SERVICE = re.compile(r"MG[0-9a-fA-F]{32}")
_RECENT: Final = timedelta(hours=24)
_HASHES: Final[Mapping[str, str]] = {"HMAC_SHA1": "sha1", "HMAC_SHA256": "sha256"}
_ADVANCED: Final = {"STOP": EventType.OPT_OUT, "START": EventType.OPT_IN}


@frozen(kw_only=True)
class Twilio(HttpProvider):
    """Twilio.

    A sender may be a word, a number, a short code, or the id of a messaging service (``MG…``).

    Args:
        account: its id (``AC…``).
        token: the auth token. It signs the calls to your webhook too.
        key: id of an API key (``SK…``), to make requests with it instead of the auth token. Webhooks are signed with
            the auth token all the same: give it as ``token``, or in ``Webhook(secrets=...)``.
        secret: of that key.
        messaging_service: id of a messaging service (``MG…``) that sends all messages, from their sender where they
            name one; only with it Twilio takes ``send_at``, from 5 minutes to 35 days ahead.
        base_url: of the API.
        callback: where receipts are told. Where replies go is set up in the account.

    Raises:
        InvalidInput: neither an auth token nor a key with its secret, or an id of something else.
    """

    name = "twilio"
    codes: ClassVar[Codes] = Codes.of("twilio")

    account: str
    token: str = field(default="", repr=False)
    key: str = field(default="", repr=False)
    secret: str = field(default="", repr=False)
    messaging_service: str = ""
    base_url: str = field(default="https://api.twilio.com", repr=False)

    def check_options(self) -> None:
        """Refuse a login that is none, and ids of something else."""
        if not (self.key and self.secret if self.key or self.secret else self.token):
            raise InvalidInput("Twilio takes token=, or key= and secret= of an API key")
        if not self.account.startswith("AC"):
            raise InvalidInput("account= takes the id of the account, which begins with AC")
        if self.messaging_service and not _SERVICE.fullmatch(self.messaging_service):
            raise InvalidInput("messaging_service= takes MG and 32 hexadecimals")

    def declared(self) -> Features:
        """Say what Twilio can do."""
        return Features(
            largest_batch=1,
            in_flight=8,
            can_be_asked=True,
            longest_text=1600,
            schedules=bool(self.messaging_service),
            validity_s=(1, 36_000),
            receipts=Receipts.PUSHED,
            replies=True,
            signature="HMAC-SHA1 or HMAC-SHA256",
            balance=True,
        )

    # ------------------------------------------------------------ submission

    def check_message(self, message: Outgoing, /) -> None:
        """Refuse a message of nobody: without a sender the service chooses one."""
        if not message.sender and not self.messaging_service:
            raise InvalidInput("Twilio needs a sender, or messaging_service= that chooses one")

    def request(self, group: Sequence[Outgoing], /) -> Call:
        """Make the request for one message."""
        (message,) = group
        told: dict[str, object] = {**self._content(message), **self._sender(message)}
        if message.send_at is not None:
            at = message.send_at.astimezone(timezone.utc)
            told |= {"ScheduleType": "fixed", "SendAt": at.isoformat(timespec="seconds").replace("+00:00", "Z")}
        if message.validity_s is not None:
            told["ValidityPeriod"] = message.validity_s
        if callback := self.callback_for(message):
            told["StatusCallback"] = callback
        return self._call("POST", "/Messages.json", form_of(told, self.extra))

    def _content(self, message: Outgoing) -> Mapping[str, object]:
        # Left to itself, a service may put other characters in place of those of ours.
        return {"To": f"+{message.number}", "Body": message.text, "SmartEncoded": False}

    def _sender(self, message: Outgoing) -> Mapping[str, str]:
        service = message.sender if _SERVICE.fullmatch(message.sender) else self.messaging_service
        told = {"MessagingServiceSid": service} if service else {}
        if message.sender and message.sender != service:
            told["From"] = with_plus(message.sender)
        return told

    def outcomes(self, group: Sequence[Outgoing], answer: Answer, /) -> Iterator[Outcome]:
        """Read the Message resource."""
        yield self._outcome(group[0].reference, answer.json)

    def _outcome(self, reference: str, made: object) -> Outcome:
        provider_id = text_in(dig(made, "sid"))
        if not provider_id:
            raise Unreadable("no sid in the answer")
        meaning, code = self._meaning(dig(made, "status"), dig(made, "error_code"))
        if (failure := meaning.refusal) is not None:
            return Refused(reference, failure, code)
        # A service says "0" until it has chosen a sender.
        return Accepted(reference, provider_id, int_in(dig(made, "num_segments")) or None)

    def fault(self, answer: Answer, /) -> Fault:
        """Read ``code``, a number of five digits."""
        code = error_code(answer, ("code",))
        meaning = self.meant("submit.code", code)
        return fault_of_code(answer, code, meaning.failure, meaning.retry)

    # ------------------------------------------------------------ afterwards

    def ask(self, messages: Sequence[Outgoing], /) -> Flow[Mapping[str, Outcome]]:
        """Look for the one message of the last 24 hours with this number, text and sender.

        Twilio carries no reference of ours. None, or several of them, prove nothing: then it cannot say. The list is
        read by recipient alone: a filter by the date of sending would leave out what is not sent yet.
        """
        known: dict[str, Outcome] = {}
        for message in messages:
            query = urlencode({"To": f"+{message.number}", "PageSize": 100})
            answer = yield from answer_to(self._call("GET", f"/Messages.json?{query}", label="ask"))
            now = mail_date_in(answer.header("date"))
            alike = [] if now is None else self._alike(message, items_in(answer.at("messages")), now)
            told = self._outcome(message.reference, alike[0]) if len(alike) == 1 else Unanswered(message.reference)
            known[message.reference] = told
        return known

    def _alike(self, message: Outgoing, items: Sequence[object], now: datetime) -> list[object]:
        sender = self._sender(message)
        wanted = {
            "to": f"+{message.number}",
            "body": message.text,
            **(
                {"from": sender["From"]}
                if "From" in sender
                else {"messaging_service_sid": sender["MessagingServiceSid"]}
            ),
        }
        found: list[object] = []
        for item in items:
            made_at = mail_date_in(text_in(dig(item, "date_created")))
            is_recent = made_at is not None and now - made_at <= _RECENT
            if is_recent and text_in(dig(item, "sid")) and all(dig(item, name) == one for name, one in wanted.items()):
                found.append(item)
        return found

    def look_up(self, messages: Sequence[Taken], /) -> Flow[tuple[Event, ...]]:
        """Ask for the receipt of each message."""
        events: list[Event] = []
        for taken in messages:
            path = f"/Messages/{quote(taken.provider_id, safe='')}.json"
            answer = yield from answer_to(self._call("GET", path, label="look_up"))
            at = mail_date_in(text_in(answer.at("date_updated")))
            if not answer.is_success or at is None:
                continue
            meaning, code = self._meaning(answer.at("status"), answer.at("error_code"))
            events.append(
                self.event(
                    EventType.RECEIPT, at, number=taken.number, reference=taken.reference,
                    provider_id=taken.provider_id, meaning=meaning, code=code,
                )
            )  # fmt: skip
        return tuple(events)

    def withdraw(self, provider_id: str, /) -> Flow[bool]:
        """Take back a message that waits for its time."""
        path = f"/Messages/{quote(provider_id, safe='')}.json"
        call = self._call("POST", path, form_of({"Status": "canceled"}, {}), label="withdraw")
        answer = yield from answer_to(call)
        return answer.is_success and answer.at("status") == "canceled"

    def balance(self) -> Flow[Balance]:
        """Ask what the account has left.

        Raises:
            TransportError: Twilio does not tell.
        """
        answer = yield from answer_to(self._call("GET", "/Balance.json", label="balance"))
        return self.balance_in(answer, answer.at("balance"), answer.at("currency"))

    # ------------------------------------------------------------ webhooks

    def is_signed(self, request: WebhookRequest, /) -> bool:
        """Whether there is a secret: Twilio signs every call."""
        return bool(self._secrets())

    def check_signature(self, request: WebhookRequest, now: datetime, /) -> None:
        """Check the keyed hash of the address and the fields, or of the address with the hash of the body in it.

        It tells no time; a repeated call gives the same events, which are kept once.
        """
        algorithm = _algorithm(header(request, "x-twilio-webhooks-signature-settings"))
        fields = _signed_fields(request)
        wanted = [
            hmac_base64(secret, f"{url}{fields}".encode(), algorithm)
            for secret in self._secrets()
            # Twilio signs the address sometimes with its port and sometimes without.
            for url in _with_and_without_port(urlsplit(request.url))
        ]
        if not same(header(request, "x-twilio-signature"), wanted):
            raise WebhookError(
                "Twilio did not sign this request with a secret of ours; url= takes the address as Twilio called it, "
                "with its scheme, host and query"
            )

    def _secrets(self) -> Sequence[str]:
        return [secret for secret in (self.token, *self.webhook.secrets) if secret]

    def parse(self, request: WebhookRequest, now: datetime, /) -> tuple[Event, ...]:
        """Read a status callback or a reply (a form), or events of Event Streams (JSON)."""
        if "json" in header(request, "content-type"):
            told = one_or_many(json_in(request.body))
            if not told:
                raise WebhookError("the body holds no events of Twilio")
            return tuple(event for one in told for event in self._streamed(one, now))
        fields = fields_in(request)
        provider_id = fields.get("MessageSid") or fields.get("SmsSid") or ""
        status = fields.get("MessageStatus") or fields.get("SmsStatus") or ""
        if not provider_id:
            return ()
        if status.casefold() in ("received", "receiving") or (not status and "Body" in fields):
            return tuple(self._reply(provider_id, fields, now))
        meaning, code = self._meaning(status, fields.get("ErrorCode"))
        return (
            self.event(
                EventType.RECEIPT, now, number=_number_in(fields.get("To")), reference=reference_in(request.url),
                provider_id=provider_id, meaning=meaning, code=code,
            ),
        )  # fmt: skip

    def _reply(self, provider_id: str, fields: Mapping[str, str], now: datetime) -> Iterator[Event]:
        number = _number_in(fields.get("From"))
        if number is None:
            return
        # Over RCS a person may tap a suggestion, and then the words are those on it.
        text, postback = fields.get("Body") or fields.get("ButtonText", ""), fields.get("ButtonPayload")
        yield self.event(EventType.REPLY, now, number=number, own_id=provider_id, text=text, postback=postback)
        # What Twilio understood, in words that may be set up in the account: it blocks the number by itself.
        if what := _ADVANCED.get(fields.get("OptOutType", "").upper()):
            yield self.event(what, now, number=number, own_id=provider_id, text=fields.get("Body", ""))

    def _streamed(self, told: object, now: datetime) -> Iterator[Event]:
        kind, data = text_in(dig(told, "type")), dig(told, "data")
        provider_id = text_in(dig(data, "messageSid")) or text_in(dig(data, "message_sid"))
        if not provider_id:
            return
        if kind.endswith("link-clicked"):
            yield self.event(
                EventType.CLICK, instant_in(dig(data, "click_time")) or now, number=_number_in(dig(data, "to")),
                provider_id=provider_id, own_id=text_in(dig(told, "id")),
            )  # fmt: skip
        elif "inbound-message" in kind:
            fields = {"From": text_in(dig(data, "from")), "Body": text_in(dig(data, "body"))}
            yield from self._reply(provider_id, fields, instant_in(dig(data, "timestamp")) or now)
        elif status := text_in(dig(data, "messageStatus")):
            meaning, code = self._meaning(status, dig(data, "errorCode"))
            yield self.event(
                EventType.RECEIPT, instant_in(dig(data, "dateUpdated")) or instant_in(dig(data, "timestamp")) or now,
                number=_number_in(dig(data, "to")), reference=_reference(text_in(dig(data, "statusCallBackUrl"))),
                provider_id=provider_id, meaning=meaning, code=code,
            )  # fmt: skip

    def _meaning(self, status: object, error: object) -> tuple[Meaning, str]:
        meaning = self.meant("dlr.MessageStatus", status)
        if meaning.failure is not None:
            # A service learns only after it took the message what Twilio otherwise answers at once, such as 21610.
            meaning = self.meant(
                "dlr.MessageStatus", status, companions=[("dlr.ErrorCode", error), ("submit.code", error)]
            )
        return meaning, codes_in(status, error if error not in (0, "0") else "")

    # ------------------------------------------------------------ requests

    def _call(self, method: str, path: str, body: bytes = b"", *, label: str = "submit") -> Call:
        user, secret = (self.key, self.secret) if self.key else (self.account, self.token)
        headers = {"Authorization": basic(user, secret)}
        url = f"{self.base_url}/2010-04-01/Accounts/{quote(self.account, safe='')}{path}"
        return self.form_call(method, url, headers, body, label=label)


def _number_in(address: object) -> int | None:
    """Give the number of an address, which over RCS has its channel before it."""
    return number_in(text_in(address).removeprefix("rcs:"))


def _reference(url: str) -> str | None:
    try:
        return reference_in(url)
    except ValueError:  # an address that is none
        return None


def _algorithm(settings: str) -> str:
    parts = (part.partition("=") for part in settings.split(","))
    named = {name.strip().casefold(): value.strip().upper() for name, _, value in parts}
    algorithm = _HASHES.get(named.get("algorithm", "") or "HMAC_SHA1")
    if algorithm is None:
        raise WebhookError("Twilio signed this request in a way that smskit does not know")
    return algorithm


def _signed_fields(request: WebhookRequest) -> str:
    """Give what is signed beside the address: each field with its values, in order.

    Raises:
        WebhookError: a body that is no form, and whose hash is not the one in the signed address.
    """
    if "json" in header(request, "content-type"):
        told = parse_qs(urlsplit(request.url).query).get("bodySHA256", [""])[0]
        if not same(told.lower(), [sha256_hex(request.body)]):
            raise WebhookError("the hash in the address (bodySHA256) is not that of the body")
        return ""
    try:
        fields = parse_qs(request.body.decode(), keep_blank_values=True, errors="strict")
    except ValueError as error:
        raise WebhookError("the body is no form") from error
    return "".join(f"{name}{value}" for name in sorted(fields) for value in sorted(set(fields[name])))


def _with_and_without_port(url: SplitResult) -> tuple[str, str]:
    try:
        port = url.port or (443 if url.scheme == "https" else 80)
    except ValueError as error:
        raise WebhookError("the address of the request has no port that could be one") from error
    host = url.netloc.removesuffix(f":{port}")
    return url._replace(netloc=host).geturl(), url._replace(netloc=f"{host}:{port}").geturl()
