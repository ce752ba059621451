"""Plivo: one request for each message, and receipts that find it by our reference in their address.

Sources: Plivo's reference of messages, bulk messaging, status callbacks, incoming messages, message expiry and error
codes, and its Python SDK 4.63.0 for the signature; seen 2026-11. Plivo takes up to a thousand numbers in one request,
but it leaves out those that it refuses and does not say in which order the ids of the others stand: nobody could tell
which id is whose, so each number has a request of its own. It strips from a sender whatever is no letter or digit. An
account without credit is told by receipt (900), and for two minutes after that in words.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import ClassVar, Final
from urllib.parse import parse_qs, quote, urlsplit

from attrs import field, frozen

from smskit import encoding
from smskit.errors import InvalidInput, UnsupportedFeature, WebhookError
from smskit.kinds import EventType, FailureClass, Retry
from smskit.protocols import Call, Features, Flow, Receipts, WebhookRequest
from smskit.records import Accepted, Balance, Event, Outcome, Outgoing, Refused, Taken
from smskit.transports.wire.answers import Answer, Fault, Unreadable, answer_to, fault_of_status
from smskit.transports.wire.codes import Codes, Meaning
from smskit.transports.wire.provider import HttpProvider
from smskit.transports.wire.reading import codes_in, instant_in, items_in, number_in, text_in
from smskit.transports.wire.requests import is_digits, merged, reference_in
from smskit.transports.wire.signatures import basic, hmac_base64, same
from smskit.transports.wire.webhooks import fields_in, header

LONGEST_GSM: Final = 1600
LONGEST_UCS2: Final = 737
_LONGEST_WORD: Final = 11

_LOGS: Final = ("true", "false", "number_only", "content_only")
_SIGNATURES: Final = ("x-plivo-signature-v3", "x-plivo-signature-ma-v3")
_NONCE: Final = "x-plivo-signature-v3-nonce"


@frozen(kw_only=True)
class Plivo(HttpProvider):
    """Plivo.

    Args:
        auth_id: of the account or the subaccount.
        auth_token: its token; Plivo signs its calls with it too. Give the tokens of other accounts that are to be
            believed, and an old one while you change it, as ``Webhook(secrets=...)``.
        powerpack: UUID of the Powerpack that gives the sender to a message that names none.
        log: what Plivo keeps: ``true`` (number and text), ``false``, ``number_only`` or ``content_only``. Where it does
            not keep the number it masks it in receipts, which then find their message by our reference alone.
        base_url: of the API.
        callback: where receipts are told; replies go to the address of the number's application.

    Raises:
        InvalidInput: *log* is none of these.
    """

    name = "plivo"
    codes: ClassVar[Codes] = Codes.of("plivo")

    auth_id: str = field(repr=False)
    auth_token: str = field(repr=False)
    powerpack: str = ""
    log: str = "true"
    base_url: str = field(default="https://api.plivo.com", repr=False)

    def check_options(self) -> None:
        """Refuse a way to keep logs that Plivo does not have."""
        if self.log not in _LOGS:
            raise InvalidInput(f"log= takes one of {', '.join(_LOGS)}")

    def declared(self) -> Features:
        """Say what Plivo can do."""
        return Features(
            largest_batch=1,
            in_flight=8,
            largest_parts=11,
            # For how long it may wait at Plivo before it goes to the network.
            validity_s=(5, 10_799),
            receipts=Receipts.PUSHED,
            replies=True,
            signature="HMAC-SHA256 of address and fields (V3), without a time",
            balance=True,
        )

    # ------------------------------------------------------------ submission

    def check_message(self, message: Outgoing, /) -> None:
        """Refuse a text that is too long, and a sender that Plivo would change."""
        measured = encoding.measure(message.text)
        longest = LONGEST_UCS2 if measured.alphabet is encoding.UCS2 else LONGEST_GSM
        if measured.units > longest:
            raise UnsupportedFeature(self.name, f"a text of more than {longest} units")
        if not message.sender:
            if not self.powerpack:
                raise InvalidInput("Plivo needs a sender with each message, or powerpack=")
        elif not is_digits(message.sender) and not _is_word(message.sender):
            raise InvalidInput(
                f"Plivo strips all but A-Z, a-z and 0-9 from a sender, and takes {_LONGEST_WORD} of them; write it so"
            )

    def request(self, group: Sequence[Outgoing], /) -> Call:
        """Make the request for one message."""
        (message,) = group
        told: dict[str, object] = {
            "dst": str(message.number),
            "text": message.text,
            "type": "sms",
            "log": self.log,
            "trackable": False,
        }
        if message.sender:
            told["src"] = message.sender.removeprefix("+")
        else:
            told["powerpack_uuid"] = self.powerpack
        if message.validity_s is not None:
            told["message_expiry"] = message.validity_s
        if self.callback:
            told |= {"url": self.callback_for(message), "method": "POST"}
        return self._call("POST", "Message/", merged(told, self.extra))

    def outcomes(self, group: Sequence[Outgoing], answer: Answer, /) -> Iterator[Outcome]:
        """Read the id, or that the number is none."""
        (message,) = group
        ids = [text for one in items_in(answer.at("message_uuid")) if (text := text_in(one))]
        if ids:
            yield Accepted(message.reference, ids[0])
        elif [one for one in items_in(answer.at("invalid_number")) if text_in(one)]:
            yield Refused(message.reference, FailureClass.INVALID_NUMBER, "invalid_number")
        else:
            raise Unreadable("no id of a message")

    def fault(self, answer: Answer, /) -> Fault:
        """Read the one error that has no HTTP status of its own: no credit, told in words."""
        if 400 <= answer.status < 500 and "insufficient credit" in text_in(answer.at("error")).lower():
            return Fault(FailureClass.INSUFFICIENT_CREDIT, Retry.AFTER_FIX, "insufficient_credit")
        return fault_of_status(answer)

    # ------------------------------------------------------------ afterwards

    def look_up(self, messages: Sequence[Taken], /) -> Flow[tuple[Event, ...]]:
        """Ask for the receipt of each message."""
        events: list[Event] = []
        for taken in messages:
            path = f"Message/{quote(taken.provider_id, safe='')}/"
            answer = yield from answer_to(self._call("GET", path, label="look_up"))
            at = instant_in(answer.at("message_time"))
            if not answer.is_success or at is None:
                continue
            meaning, code = self._meaning(answer.at("message_state"), answer.at("error_code"))
            events.append(
                self.event(
                    EventType.RECEIPT, at, number=taken.number, reference=taken.reference,
                    provider_id=taken.provider_id, meaning=meaning, code=code,
                )
            )  # fmt: skip
        return tuple(events)

    def balance(self) -> Flow[Balance]:
        """Ask what the account has left, in dollars.

        Raises:
            TransportError: Plivo does not tell.
        """
        answer = yield from answer_to(self._call("GET", "", label="balance"))
        return self.balance_in(answer, answer.at("cash_credits"), "USD")

    # ------------------------------------------------------------ webhooks

    def is_signed(self, request: WebhookRequest, /) -> bool:
        """Whether it says so, or there is nothing else to trust; the older V2 covers neither fields nor query."""
        return any(header(request, name) for name in _SIGNATURES) or not self.webhook.path_secrets

    def check_signature(self, request: WebhookRequest, now: datetime, /) -> None:
        """Check the keyed hash of address, fields and nonce: of the account's token, or of the main account's."""
        nonce = header(request, _NONCE)
        given = [one.strip() for name in _SIGNATURES for one in header(request, name).split(",")]
        signed = f"{_signed_over(request)}.{nonce}".encode()
        wanted = [hmac_base64(token, signed) for token in (self.auth_token, *self.webhook.secrets)]
        # All are compared: how long it takes tells nobody which one was close.
        genuine = [same(one, wanted) for one in given]
        if not nonce or not any(genuine):
            raise WebhookError(
                "Plivo did not sign this with a token of ours (X-Plivo-Signature-V3); calls that are signed V2 only "
                "need a secret in the path, and an address behind a proxy is the outer one"
            )

    def parse(self, request: WebhookRequest, now: datetime, /) -> tuple[Event, ...]:
        """Read a receipt or a reply, from the fields of a form or of the address."""
        told = fields_in(request)
        if "Status" in told:
            return tuple(self._receipt(told, reference_in(request.url), now))
        if "Text" in told or "Body" in told:
            return tuple(self._reply(told, now))
        raise WebhookError("this is nothing that Plivo tells")

    def _receipt(self, told: Mapping[str, str], reference: str | None, now: datetime) -> Iterator[Event]:
        own_id = told.get("MessageUUID", "")
        provider_id = told.get("ParentMessageUUID") or own_id
        if not provider_id and not reference:
            return
        meaning, code = self._meaning(told["Status"], told.get("ErrorCode"))
        at = instant_in(told.get("DeliveryReportTime")) or instant_in(told.get("SentTime"))
        yield self.event(
            EventType.RECEIPT,
            at or now,
            number=number_in(told.get("To")),
            reference=reference,
            provider_id=provider_id,
            meaning=meaning,
            part=_part(told.get("PartInfo", ""), own_id if own_id != provider_id else ""),
            code=code,
        )

    def _reply(self, told: Mapping[str, str], now: datetime) -> Iterator[Event]:
        if number := number_in(told.get("From")):
            # Plivo refuses further messages to who wrote one of its words for STOP, whether we know that word or not.
            # Its words for START are left to ours: YES is no consent to advertising.
            objects = told.get("MessageIntent", "").lower() == "optout"
            yield self.event(
                EventType.OPT_OUT if objects else EventType.REPLY,
                now,
                number=number,
                own_id=told.get("MessageUUID", ""),
                text=told.get("Text") or told.get("Body", ""),
            )

    def _meaning(self, status: object, error: object) -> tuple[Meaning, str]:
        meaning = self.meant("dlr.Status", status)
        if meaning.is_failure:
            meaning = self.meant("dlr.Status", status, companions=[("dlr.ErrorCode", error)])
        return meaning, codes_in(status, error if text_in(error).strip("0") else "")

    # ------------------------------------------------------------ requests

    def _call(self, method: str, path: str, body: object = None, *, label: str = "submit") -> Call:
        headers = {"Authorization": basic(self.auth_id, self.auth_token)}
        url = f"{self.base_url}/v1/Account/{quote(self.auth_id, safe='')}/{path}"
        return self.json_call(method, url, headers, body, label=label)


def _is_word(sender: str) -> bool:
    return sender.isascii() and sender.isalnum() and len(sender) <= _LONGEST_WORD


def _part(info: str, own_id: str) -> str:
    """Name a part: "2 of 3" in Plivo's words, or its own id; nothing for a message of one part."""
    place, of, count = info.partition(" of ")
    if of:
        return place if count.strip() != "1" else ""
    return own_id


def _signed_over(request: WebhookRequest) -> str:
    """Give what Plivo signs: the address with its query sorted, a point, and the names and values of a form sorted.

    Source: signature V3 of Plivo's Python SDK 4.63.0.
    """
    if request.method != "POST" and request.body:
        raise WebhookError("the signature of Plivo covers no body beside the address of a GET")
    parts = urlsplit(request.url)
    query = _sorted_fields(parts.query)
    joined = "&".join(f"{name}={value}" for name, value in query)
    address = f"{parts.scheme}://{parts.netloc}{parts.path}"
    try:
        form = _sorted_fields(request.body.decode()) if request.method == "POST" else []
    except UnicodeDecodeError as error:
        raise WebhookError("the body is not UTF-8") from error
    if not form:
        return f"{address}?{joined}" if joined else address
    point = "." if joined else ""
    return f"{address}?{joined}{point}{''.join(f'{name}{value}' for name, value in form)}"


def _sorted_fields(text: str) -> list[tuple[str, str]]:
    fields = parse_qs(text, keep_blank_values=True)
    return [(name, value) for name in sorted(fields) for value in sorted(fields[name])]
