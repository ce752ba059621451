"""Sinch (SMS REST API, once XMS): one text to up to a thousand numbers in one request.

Sources: Sinch's reference of batches, delivery reports, webhooks and error codes, and its Python SDK 2.3.0; seen
2026-11. A batch has one id for all of its recipients, so that a receipt is only found with the number beside it. A text
with ``${name}`` in it is a template there, and Sinch fills it in or drops the message. Words of status are written
``Delivered`` on the wire and ``DELIVERED`` in the SDK.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from typing import ClassVar, Final
from urllib.parse import quote, urlencode

from attrs import field, frozen

from smskit.errors import InvalidInput, TransportError, WebhookError
from smskit.kinds import EventType, FailureClass
from smskit.protocols import Call, Features, Flow, Receipts, WebhookRequest
from smskit.records import Accepted, Event, Outcome, Outgoing, Taken, Unanswered
from smskit.transports.wire.answers import Answer, Fault, Unreadable, answer_to, error_code, fault_of_code
from smskit.transports.wire.codes import Codes
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
from smskit.transports.wire.requests import alike, merged
from smskit.transports.wire.signatures import hmac_base64, same
from smskit.transports.wire.webhooks import Webhook, header

LARGEST_REQUEST: Final = 1000
LONGEST_TEXT: Final = 2000
LONGEST_REFERENCE: Final = 128
LISTED_FOR: Final = timedelta(days=14)
"""How far back Sinch lists batches."""

_REGIONS: Final = ("us", "eu", "au", "br", "ca")
_REPORTS: Final = ("none", "summary", "full", "per_recipient", "per_recipient_final")
_PLACEHOLDER: Final = re.compile(r"\$\{[A-Za-z0-9._-]{1,16}\}")
_SIGNATURE: Final = "x-sinch-webhook-signature"
# 403 is not only a key without rights: the words say whose fault it is.
_REFUSALS: Final[Mapping[str, FailureClass]] = {
    "blocked_account": FailureClass.ACCOUNT,
    "missing_callback_url": FailureClass.ACCOUNT,
    "unknown_campaign": FailureClass.SENDER_UNREGISTERED,
    "illegal_number_type": FailureClass.DESTINATION_NOT_ALLOWED,
    "unknown_group": FailureClass.BAD_REQUEST,
}


def _now() -> datetime:
    return datetime.now(timezone.utc)


@frozen(kw_only=True)
class Sinch(HttpProvider):
    """Sinch.

    Args:
        token: the API token of a service plan; or, with *project*, an OAuth2 access token. Something that is called for
            each request may stand for it: access tokens are over after an hour, so keep one and fetch the next in time.
        service_plan: id of the service plan.
        project: id of the project, instead of a service plan.
        region: where the account is: ``us``, ``eu``, ``au``, ``br`` or ``ca``. Another one does not know it.
        reports: which receipts are told: ``per_recipient``, ``per_recipient_final`` (without those of messages on their
            way), ``full``, ``summary``, or ``none``. All but ``none`` need a callback address, here or in the account.
        holds_to_parts: have Sinch drop a message that it would cut into more parts than were planned.
        now: tells the present instant: Sinch takes the end of a validity as a time.
        base_url: of the API; empty takes the one of the region.
        callback: where receipts are told, and replies when the account has the same address.

    Raises:
        InvalidInput: neither or both of *service_plan* and *project*, or a region or kind of report that is none.
    """

    name = "sinch"
    codes: ClassVar[Codes] = Codes.of("sinch")

    token: str | Callable[[], str] = field(repr=False)
    service_plan: str = ""
    project: str = ""
    region: str = "eu"
    reports: str = "per_recipient"
    holds_to_parts: bool = False
    now: Callable[[], datetime] = field(default=_now, repr=False, eq=False)
    base_url: str = field(default="", repr=False)

    def check_options(self) -> None:
        """Refuse a login without an account, or a region or kind of report that Sinch does not have."""
        if bool(self.service_plan) == bool(self.project):
            raise InvalidInput("Sinch takes service_plan= with its API token, or project= with an access token")
        if self.region not in _REGIONS:
            raise InvalidInput(f"region= takes one of {', '.join(_REGIONS)}")
        if self.reports not in _REPORTS:
            raise InvalidInput(f"reports= takes one of {', '.join(_REPORTS)}")

    def declared(self) -> Features:
        """Say what Sinch can do."""
        return Features(
            largest_batch=LARGEST_REQUEST,
            in_flight=4,
            can_be_asked=True,
            longest_text=LONGEST_TEXT,
            schedules=True,
            # Three days after send_at is the most that Sinch allows; less than a minute may be over before it arrives.
            validity_s=(60, 259_200),
            receipts=Receipts.NONE if self.reports == "none" else Receipts.PUSHED,
            replies=True,
            signature="HMAC-SHA256 with nonce and time",
        )

    # ------------------------------------------------------------ submission

    def groups(self, messages: Sequence[Outgoing], /) -> Iterable[Sequence[Outgoing]]:
        """Put those of one text together."""
        return alike(messages, LARGEST_REQUEST)

    def check_message(self, message: Outgoing, /) -> None:
        """Refuse a text that Sinch would take for a template, and a reference that it would not carry back."""
        if "parameters" not in self.extra and _PLACEHOLDER.search(message.text):
            raise InvalidInput("Sinch fills in ${name} by itself; write the text without, or give extra={'parameters'}")
        if len(message.reference) > LONGEST_REFERENCE:
            raise InvalidInput(f"Sinch takes references of up to {LONGEST_REFERENCE} characters")

    def request(self, group: Sequence[Outgoing], /) -> Call:
        """Make the request for one batch; its reference is that of its first message."""
        return self._call("POST", "/batches", self._batch(group))

    def _batch(self, group: Sequence[Outgoing]) -> Mapping[str, object]:
        first = group[0]
        told: dict[str, object] = {
            "type": "mt_text",
            "to": [f"+{message.number}" for message in group],
            "body": first.text,
            "delivery_report": self.reports,
            "client_reference": first.reference,
            "truncate_concat": False,
        }
        if first.sender:
            told["from"] = first.sender
        if first.send_at is not None:
            told["send_at"] = _written(first.send_at)
        if first.validity_s is not None:
            starts = first.send_at or self.now()
            told["expire_at"] = _written(starts + timedelta(seconds=first.validity_s))
        if self.holds_to_parts:
            told["max_number_of_message_parts"] = first.parts
        if self.callback:
            told["callback_url"] = self.callback
        return merged(told, self.extra)

    def outcomes(self, group: Sequence[Outgoing], answer: Answer, /) -> Iterator[Outcome]:
        """Read the id of the batch; it is that of each message in it."""
        batch_id = text_in(answer.at("id"))
        if not batch_id:
            raise Unreadable("no id of a batch")
        yield from (Accepted(message.reference, batch_id) for message in group)

    def fault(self, answer: Answer, /) -> Fault:
        """Read ``code``: a word for what is wrong with the request, or with the account."""
        code = error_code(answer, ("code",))
        return fault_of_code(answer, code, _REFUSALS.get(code) if answer.status in (400, 403) else None)

    # ------------------------------------------------------------ afterwards

    def ask(self, messages: Sequence[Outgoing], /) -> Flow[Mapping[str, Outcome]]:
        """Look for batches by the reference of their first message; each found tells of all numbers in it.

        What is in no batch found may still have been taken: a batch is listed under one reference only, and for two
        weeks.
        """
        known: dict[str, Outcome] = {}
        for message in messages:
            if message.reference in known:
                continue
            since = _written(self.now() - LISTED_FOR)
            query = urlencode({"client_reference": message.reference, "start_date": since, "page_size": 100})
            answer = yield from answer_to(self._call("GET", f"/batches?{query}", label="ask"))
            for batch in items_in(answer.at("batches")) if answer.is_success else ():
                known |= _found(batch, message.reference, messages)
        return {one.reference: known.get(one.reference, Unanswered(one.reference)) for one in messages}

    def look_up(self, messages: Sequence[Taken], /) -> Flow[tuple[Event, ...]]:
        """Ask for the receipt of each message, by its batch and its number."""
        events: list[Event] = []
        for taken in messages:
            path = f"/batches/{quote(taken.provider_id, safe='')}/delivery_report/{taken.number}"
            answer = yield from answer_to(self._call("GET", path, label="look_up"))
            if answer.is_success and (at := instant_in(answer.at("at"))):
                events += self._recipient_report(answer.json, at)
        return tuple(events)

    def withdraw(self, provider_id: str, /) -> Flow[bool]:
        """Take back a batch that waits for its time, with all the messages in it."""
        path = f"/batches/{quote(provider_id, safe='')}"
        answer = yield from answer_to(self._call("DELETE", path, label="withdraw"))
        return answer.is_success

    def count_parts(self, message: Outgoing, /) -> Flow[int]:
        """Ask into how many parts Sinch would cut a message; nothing is sent.

        Raises:
            TransportError: Sinch does not say.
        """
        body = self._batch((message,))
        answer = yield from answer_to(self._call("POST", "/batches/dry_run", body, label="count_parts"))
        parts = int_in(answer.at("number_of_messages"))
        if not answer.is_success or parts is None:
            raise TransportError(self.name, f"it does not count parts (HTTP {answer.status})", retryable=False)
        return parts

    # ------------------------------------------------------------ webhooks

    def is_signed(self, request: WebhookRequest, /) -> bool:
        """Whether there is a secret: who has one had Sinch switch signing on, and then nothing comes unsigned."""
        return bool(self.webhook.secrets)

    def check_signature(self, request: WebhookRequest, now: datetime, /) -> None:
        """Check the keyed hash of body, nonce and time, and that time."""
        check_signature(self.webhook, request, now)

    def parse(self, request: WebhookRequest, now: datetime, /) -> tuple[Event, ...]:
        """Read a receipt of one recipient, the receipts of a batch, or a reply."""
        told = json_in(request.body)
        kind = text_in(dig(told, "type"))
        if not kind:
            raise WebhookError("the body is nothing that Sinch tells")
        if kind.startswith("recipient_delivery_report_"):
            return tuple(self._recipient_report(told, now))
        if kind.startswith("delivery_report_"):
            return tuple(self._batch_report(told, now))
        return tuple(self._reply(told, now)) if kind in ("mo_text", "mo_media") else ()

    def _recipient_report(self, told: object, now: datetime) -> Iterator[Event]:
        at = instant_in(dig(told, "operator_status_at")) or instant_in(dig(told, "at")) or now
        number = number_in(dig(told, "recipient"))
        if number is not None:
            yield from self._receipt(told, told, number, at)

    def _batch_report(self, told: object, now: datetime) -> Iterator[Event]:
        is_single = int_in(dig(told, "total_message_count")) == 1
        for status in items_in(dig(told, "statuses")):
            numbers = [number for one in items_in(dig(status, "recipients")) if (number := number_in(one))]
            for number in numbers:
                yield from self._receipt(told, status, number, now)
            if is_single and not numbers:
                # A summary counts and names nobody; of a batch of one it is clear who is meant.
                yield from self._receipt(told, status, None, now)

    def _receipt(self, report: object, status: object, number: int | None, at: datetime) -> Iterator[Event]:
        batch_id, reference = text_in(dig(report, "batch_id")), text_in(dig(report, "client_reference"))
        if not batch_id and not reference:
            return
        word, code = text_in(dig(status, "status")), dig(status, "code")
        meaning = self.meant("dlr.status", word)
        if meaning.is_known:
            # The number says more than the word, but a number alone is of a word that nobody understood.
            meaning = self.meant("dlr.status", word, companions=[("dlr.code", code)])
        yield self.event(
            EventType.RECEIPT,
            at,
            number=number,
            reference=reference or None,
            provider_id=batch_id,
            meaning=meaning,
            code=codes_in(word, code),
        )

    def _reply(self, told: object, now: datetime) -> Iterator[Event]:
        if number := number_in(dig(told, "from")):
            body = dig(told, "body")
            yield self.event(
                EventType.REPLY,
                instant_in(dig(told, "received_at")) or now,
                number=number,
                reference=text_in(dig(told, "client_reference")) or None,
                own_id=text_in(dig(told, "id")),
                text=text_in(dig(body, "message")) or text_in(body),
            )

    # ------------------------------------------------------------ requests

    def _call(self, method: str, path: str, body: object = None, *, label: str = "submit") -> Call:
        host = f"https://{'zt.' if self.project else ''}{self.region}.sms.api.sinch.com"
        account = quote(self.project or self.service_plan, safe="")
        headers = {"Authorization": f"Bearer {access_token(self.name, self.token)}"}
        return self.json_call(method, f"{self.base_url or host}/xms/v1/{account}{path}", headers, body, label=label)


def access_token(provider: str, token: str | Callable[[], str]) -> str:
    """Give the token for one request.

    Raises:
        TransportError: whoever makes the tokens gave none; nothing left.
    """
    if isinstance(token, str):
        return token
    try:
        return token()
    except Exception as error:
        # Whatever went wrong, nothing left: without this the messages would be in doubt.
        what = f"token= gave no access token ({type(error).__name__})"
        raise TransportError(provider, what, retryable=True) from error


def check_signature(webhook: Webhook, request: WebhookRequest, now: datetime) -> None:
    """Check the keyed hash that Sinch puts over body, nonce and time, and that time.

    Raises:
        WebhookError: it is missing, wrong or too old.
    """
    nonce, told_at = header(request, f"{_SIGNATURE}-nonce"), header(request, f"{_SIGNATURE}-timestamp")
    signed = b".".join((request.body, nonce.encode(), told_at.encode()))
    if not same(header(request, _SIGNATURE), [hmac_base64(secret, signed) for secret in webhook.secrets]):
        raise WebhookError(f"Sinch did not sign this body with a secret of ours ({_SIGNATURE})")
    at = epoch_in(told_at) or instant_in(told_at)
    if at is None:
        raise WebhookError("the signature of Sinch does not tell its time")
    webhook.check_age(at, now)


def _written(at: datetime) -> str:
    return at.astimezone(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _found(batch: object, reference: str, messages: Sequence[Outgoing]) -> dict[str, Outcome]:
    """Give those of *messages* that are in a batch of that reference: same run, number among its own, same text."""
    batch_id = text_in(dig(batch, "id"))
    if not batch_id or text_in(dig(batch, "client_reference")) != reference:
        return {}
    run, numbers = reference.rpartition("-")[0], {number_in(one) for one in items_in(dig(batch, "to"))}
    return {
        message.reference: Accepted(message.reference, batch_id)
        for message in messages
        if message.number in numbers
        and message.text == dig(batch, "body")
        and message.reference.rpartition("-")[0] == run
    }
