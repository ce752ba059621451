"""Brevo (transactional SMS): one message in one request, advertising too.

Sources: docstrings and types of the vendor's brevo-python 5.1.0, its pages developers.brevo.com (transactional-sms,
transactional-webhooks, username-and-password-authentication), and a webhook of 2026 that names the words of
``msg_status``. Four traps: ``[STOP_CODE]`` makes advertising of any message; advertising in France waits for
Brevo's own hours; the webhook has other words than the report of events; and ``unicodeEnabled`` is off unless it is
said, which costs letters.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, time, timezone
from typing import ClassVar, Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from attrs import field, frozen

from smskit.errors import InvalidInput, UnsupportedFeature, WebhookError
from smskit.kinds import EventType, Kind
from smskit.protocols import Call, Features, Flow, Receipts, StopForm, WebhookRequest, Window
from smskit.records import Accepted, Balance, Event, Outcome, Outgoing, Taken, Unanswered, parse_reference
from smskit.transports.wire.answers import Answer, Fault, Unreadable, answer_to, error_code, fault_of_code
from smskit.transports.wire.codes import Codes
from smskit.transports.wire.provider import HttpProvider
from smskit.transports.wire.reading import (
    code_in,
    dig,
    epoch_in,
    instant_in,
    int_in,
    items_in,
    json_in,
    number_in,
    one_or_many,
    text_in,
    until,
)
from smskit.transports.wire.requests import is_digits, is_unicode, merged, reference_in
from smskit.transports.wire.signatures import same
from smskit.transports.wire.webhooks import header

_STOP_CODE: Final = "[STOP_CODE]"
# Brevo puts a number of five digits in place of its mark: what is counted is what is read.
_STOP: Final = {"FR": StopForm("STOP 3XXXX", printed_by_transport=True)}
_MENTION: Final = f" STOP {_STOP_CODE}"
_WINDOWS: Final = {"FR": Window(time(8), time(22), frozenset(range(6)), holidays=False)}
_WORD: Final = re.compile(r"[A-Za-z0-9]{1,11}")
_PAGE: Final = 100
_REPLIES: Final = frozenset({"replied", "replies", "reply"})
_OPT_OUTS: Final = frozenset({"unsubscribed", "unsubscribe", "unsubscription"})
_OPT_INS: Final = frozenset({"subscribe", "subscribed"})


@frozen(kw_only=True)
class Brevo(HttpProvider):
    """Brevo.

    Args:
        key: the API key (``api-key``).
        tag: a tag of yours for all messages; empty tags each with our reference, by which :meth:`ask` finds it.
        base_url: of the API.
        callback: where receipts and replies are told (``webUrl``); our reference is put into it.
        webhook: ``secrets`` are the bearer tokens that you set up with Brevo for a webhook of the account.
    """

    name = "brevo"
    codes: ClassVar[Codes] = Codes.of("brevo")

    key: str = field(repr=False)
    tag: str = ""
    base_url: str = field(default="https://api.brevo.com", repr=False)

    def declared(self) -> Features:
        """Say what Brevo can do."""
        return Features(
            largest_batch=1,
            in_flight=8,
            can_be_asked=not self.tag,
            stop=_STOP,
            windows=_WINDOWS,
            receipts=Receipts.PUSHED,
            replies=True,
            balance=True,
        )

    # ------------------------------------------------------------ submission

    def check_message(self, message: Outgoing, /) -> None:
        """Refuse a sender that Brevo would not take, and a text that says itself what Brevo is to print."""
        sender = message.sender
        if not _WORD.fullmatch(sender) and not (is_digits(sender) and len(sender.removeprefix("+")) <= 15):
            raise InvalidInput(
                "Brevo takes a sender of up to 11 letters and digits, or of up to 15 digits, and needs one"
            )
        if _STOP_CODE in message.text:
            raise UnsupportedFeature(self.name, f"a text with {_STOP_CODE}, which it replaces")
        if message.carrier_stop and message.kind is not Kind.MARKETING:
            raise UnsupportedFeature(self.name, "a STOP mention in what is no advertising: it would become advertising")

    def request(self, group: Sequence[Outgoing], /) -> Call:
        """Make the request for one message."""
        (message,) = group
        told: dict[str, object] = {
            "sender": message.sender.removeprefix("+"),
            "recipient": str(message.number),
            "content": f"{message.text}{_MENTION}" if message.carrier_stop else message.text,
            "type": "marketing" if message.kind is Kind.MARKETING else "transactional",
            "unicodeEnabled": is_unicode(message.text),
            "tag": self.tag or message.reference,
        }
        if url := self.callback_for(message):
            told["webUrl"] = url
        return self._call("POST", "/transactionalSMS/sms", merged(told, self.extra))

    def outcomes(self, group: Sequence[Outgoing], answer: Answer, /) -> Iterator[Outcome]:
        """Read the id of the message and how many parts it has."""
        (message,) = group
        provider_id = text_in(answer.at("messageId"))
        if not provider_id:
            raise Unreadable("no id in the answer")
        yield Accepted(message.reference, provider_id, int_in(answer.at("smsCount")))

    def fault(self, answer: Answer, /) -> Fault:
        """Read Brevo's own word."""
        code = error_code(answer, ("code",))
        meaning = self.codes.meaning("error", code)
        return fault_of_code(answer, code, meaning.failure, meaning.retry)

    # ------------------------------------------------------------ afterwards

    def ask(self, messages: Sequence[Outgoing], /) -> Flow[Mapping[str, Outcome]]:
        """Look for the events of each message by its tag; one that has none yet may have been taken all the same."""
        known: dict[str, Outcome] = {}
        for message in messages:
            tags = json.dumps([message.reference])
            answer = yield from self._report("ask", tags=tags)
            known[message.reference] = Unanswered(message.reference)
            for item in items_in(answer.at("events")):
                provider_id = text_in(dig(item, "messageId"))
                if provider_id and text_in(dig(item, "tag")) == message.reference:
                    known[message.reference] = Accepted(message.reference, provider_id)
        return known

    def look_up(self, messages: Sequence[Taken], /) -> Flow[tuple[Event, ...]]:
        """Ask for the events of each message."""
        events: list[Event] = []
        now = datetime.now(timezone.utc)
        for taken in messages:
            answer = yield from self._report("look_up", phoneNumber=str(taken.number), sort="asc")
            for item in items_in(answer.at("events")):
                if text_in(dig(item, "messageId")) == taken.provider_id:
                    events += self._event(item, now, "event", taken.reference)
        return tuple(events)

    def balance(self) -> Flow[Balance]:
        """Ask for the SMS credits of the plan.

        Raises:
            TransportError: Brevo does not tell, or the plan has none.
        """
        answer = yield from answer_to(self._call("GET", "/account", label="balance"))
        plans = items_in(answer.at("plan"))
        plan = next((plan for plan in plans if text_in(dig(plan, "type")).casefold() == "sms"), None)
        return self.balance_in(answer, dig(plan, "credits"), "credits")

    def _report(self, label: str, **asked: str) -> Flow[Answer]:
        query = urlencode({**asked, "limit": _PAGE})
        return (yield from answer_to(self._call("GET", f"/transactionalSMS/statistics/events?{query}", label=label)))

    # ------------------------------------------------------------ webhooks

    def is_signed(self, request: WebhookRequest, /) -> bool:
        """Whether there is a token to compare, and either one in the request or nothing else to trust."""
        return bool(self.webhook.secrets) and bool(header(request, "authorization") or not self.webhook.path_secrets)

    def check_signature(self, request: WebhookRequest, now: datetime, /) -> None:
        """Compare the bearer token: it shows who calls, and nothing of what is said."""
        if not same(header(request, "authorization"), [f"Bearer {secret}" for secret in self.webhook.secrets]):
            raise WebhookError("the bearer token of this request is none of ours (Authorization)")

    def parse(self, request: WebhookRequest, now: datetime, /) -> tuple[Event, ...]:
        """Read one event or several."""
        told = one_or_many(json_in(request.body))
        if not told:
            raise WebhookError("the body is not an event of Brevo")
        reference = reference_in(request.url)
        return tuple(event for one in told for event in self._event(one, now, "webhook", reference))

    def _event(self, told: object, now: datetime, where: str, reference: str | None) -> Iterator[Event]:
        """Read an event; the report and the webhook call the same things by other names."""
        word = text_in(dig(told, "msg_status") or dig(told, "event"))
        number = number_in(dig(told, "to") or dig(told, "phoneNumber"))
        provider_id, tag = text_in(dig(told, "messageId")), text_in(dig(told, "tag"))
        at, told_at = _instant(told, now, where)
        if not word or (number is None and not provider_id):
            return
        what = _what(word.casefold())
        is_receipt = what is EventType.RECEIPT
        text = None if is_receipt else text_in(dig(told, "reply"))
        yield self.event(
            what,
            at,
            number=number,
            reference=reference or (tag if tag and parse_reference(tag) else None),
            provider_id=provider_id,
            meaning=self.meant("event", word, companions=[("webhook", word)]),
            code=code_in(word) if is_receipt else "",
            text=text,
            own_id="" if is_receipt else f"{told_at} {text}",
        )

    # ------------------------------------------------------------ requests

    def _call(self, method: str, path: str, body: object = None, *, label: str = "submit") -> Call:
        headers = {"api-key": self.key}
        return self.json_call(method, f"{self.base_url}/v3{path}", headers, body, label=label)


def _what(word: str) -> EventType:
    if word in _REPLIES:
        return EventType.REPLY
    if word in _OPT_OUTS:
        return EventType.OPT_OUT
    return EventType.OPT_IN if word in _OPT_INS else EventType.RECEIPT


def _instant(told: object, now: datetime, where: str) -> tuple[datetime, str]:
    """Give when it happened and how that is written; the webhook's ``date`` is in the time of Paris (CET/CEST)."""
    epoch, date = text_in(dig(told, "ts_event")), text_in(dig(told, "date"))
    zone = ZoneInfo("Europe/Paris") if where == "webhook" else timezone.utc
    at = epoch_in(epoch) or instant_in(date, zone)
    return until(at, now), epoch or date
