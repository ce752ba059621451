"""Octopush (v1): one request for up to 500 recipients of one text.

Sources: the vendor's pages at dev.octopush.com and octopush-api.readme.io (send-sms, return-codes, check-balance,
acknowledge-receipt, opt-out-management, inbounds), its PHP client 2.0.4, and wp-sms, which was tried against the real
gateway; seen 2026-11. Four traps: one ticket stands for all recipients of a request, so that a receipt is found by
ticket and number; names in braces and five capital X in a text are replaced by Octopush; a text is "optimised" unless
that is switched off; and a marketing text without the STOP mention, letter by letter, is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from hashlib import blake2b
from typing import ClassVar, Final
from zoneinfo import ZoneInfo

from attrs import field, frozen

from smskit.errors import InvalidInput, UnsupportedFeature, WebhookError
from smskit.kinds import EventType, FailureClass, Kind, Retry
from smskit.protocols import Call, Features, Flow, Receipts, StopForm, WebhookRequest
from smskit.records import Accepted, Balance, Event, Outcome, Outgoing
from smskit.transports.wire.answers import Answer, Fault, Unreadable, answer_to, error_code, fault_of_code
from smskit.transports.wire.codes import Codes
from smskit.transports.wire.provider import HttpProvider, failed
from smskit.transports.wire.reading import code_in, dig, instant_in, int_in, number_in, text_in, until
from smskit.transports.wire.requests import alike, merged
from smskit.transports.wire.webhooks import told_in

LARGEST_REQUEST: Final = 500
LONGEST_TEXT: Final = 1224
DUPLICATE: Final = "120"

# Octopush puts its own five digits in place of the five X: what is written and what is read are of one length.
_STOPS: Final = {
    "sms_premium": {"FR": StopForm("STOP au XXXXX")},
    "sms_low_cost": {"FR": StopForm("no PUB=STOP")},
}
_SENDER: Final = re.compile(r"[A-Za-z0-9 ]{3,11}")
_REPLACED: Final = re.compile(r"\{(?:first_name|last_name|param[1-5])\}|(?<!STOP au )XXXXX")


@frozen(kw_only=True)
class Octopush(HttpProvider):
    """Octopush.

    Args:
        login: e-mail address of the account (``api-login``).
        key: the API key (``api-key``).
        quality: ``sms_premium`` or ``sms_low_cost``.
        replies: whether people may answer: then Octopush puts a short number in place of the sender.
        simulate: have Octopush answer as if, and send nothing.
        base_url: of the API.

    Raises:
        InvalidInput: a quality that is none.
    """

    name = "octopush"
    codes: ClassVar[Codes] = Codes.of("octopush")

    login: str = field(repr=False)
    key: str = field(repr=False)
    quality: str = "sms_premium"
    replies: bool = False
    simulate: bool = False
    base_url: str = field(default="https://api.octopush.com", repr=False)

    def check_options(self) -> None:
        """Refuse a quality that Octopush does not have."""
        if self.quality not in _STOPS:
            raise InvalidInput(f"quality= takes one of {', '.join(_STOPS)}")

    def declared(self) -> Features:
        """Say what Octopush can do."""
        return Features(
            largest_batch=LARGEST_REQUEST,
            in_flight=2,
            live=not self.simulate,
            stop=_STOPS[self.quality],
            largest_parts=8,
            longest_text=LONGEST_TEXT,
            schedules=True,
            receipts=Receipts.PUSHED,
            replies=True,
            balance=True,
        )

    # ------------------------------------------------------------ submission

    def groups(self, messages: Sequence[Outgoing], /) -> Iterable[Sequence[Outgoing]]:
        """Put those with one text together."""
        return alike(messages, LARGEST_REQUEST)

    def check_message(self, message: Outgoing, /) -> None:
        """Refuse a sender that Octopush would not take, and a text that it would change."""
        if message.sender and not _SENDER.fullmatch(message.sender):
            raise InvalidInput("Octopush takes senders of 3 to 11 letters without accents, digits and spaces")
        if not message.text:
            raise InvalidInput("Octopush takes no empty texts")
        if name := _REPLACED.search(message.text):
            raise UnsupportedFeature(self.name, f"a text with {name[0]}, which it replaces")

    def request(self, group: Sequence[Outgoing], /) -> Call:
        """Make the request for up to 500 recipients of one text."""
        first = group[0]
        told: dict[str, object] = {
            "recipients": [{"phone_number": f"+{message.number}"} for message in group],
            "text": first.text,
            "type": self.quality,
            "purpose": "wholesale" if first.kind is Kind.MARKETING else "alert",
            "with_replies": self.replies,
            "auto_optimize_text": False,
            "request_id": _request_id(group),
        }
        if first.sender:
            told["sender"] = first.sender
        if first.send_at is not None:
            told["send_at"] = first.send_at.isoformat(timespec="seconds")
        if self.simulate:
            told["simulation_mode"] = True
        return self._call("POST", "/sms-campaign/send", merged(told, self.extra))

    def repeats(self, group: Sequence[Outgoing], /) -> bool:
        """Whether it may be made again: for 24 hours Octopush refuses a ``request_id`` that it had before."""
        return True

    def was_taken(self, answer: Answer, /) -> bool:
        """Whether the repetition was refused for its ``request_id``: the first request was taken, then.

        Sources: return codes of the older interface (120); v1 speaks of a validation error without showing it, so
        that one which names the field is taken for it.
        """
        return _code(answer) == DUPLICATE or (400 <= answer.status < 500 and b"request_id" in answer.reply.body)

    def outcomes(self, group: Sequence[Outgoing], answer: Answer, /) -> Iterator[Outcome]:
        """Read the ticket of the request; a repetition that is a duplicate tells none."""
        if answer.is_repeat and not answer.is_success:
            yield from (Accepted(message.reference) for message in group)
            return
        code = _code(answer)
        failure = self.codes.meaning("submit", code).failure
        if failure is not None:
            yield from failed(group, self.fault(answer))
            return
        ticket = text_in(answer.at("sms_ticket"))
        if not ticket or int_in(answer.at("number_of_contacts")) == 0:
            raise Unreadable("no ticket in the answer")
        # Of several recipients nobody says whether the number is that of one or of all.
        parts = int_in(answer.at("number_of_sms_needed")) if len(group) == 1 else None
        yield from (Accepted(message.reference, ticket, parts) for message in group)

    def fault(self, answer: Answer, /) -> Fault:
        """Read Octopush's own code: three digits."""
        code = _code(answer)
        meaning = self.codes.meaning("submit", code)
        if self.was_taken(answer):
            # Nothing of ours was lost, and yet Octopush knows the request: somebody has to look.
            return Fault(FailureClass.DUPLICATE, Retry.AMBIGUOUS, code)
        return fault_of_code(answer, code, meaning.failure, meaning.retry)

    # ------------------------------------------------------------ afterwards

    def balance(self) -> Flow[Balance]:
        """Ask what the wallet holds.

        Raises:
            TransportError: Octopush does not tell.
        """
        answer = yield from answer_to(self._call("GET", "/wallet/check-balance", label="balance"))
        unit = text_in(answer.at("unit"))
        currency = "EUR" if unit.casefold() in {"", "euro", "euros", "eur", "€"} else unit
        return self.balance_in(answer, answer.at("amount"), currency)

    # ------------------------------------------------------------ webhooks

    def parse(self, request: WebhookRequest, now: datetime, /) -> tuple[Event, ...]:
        """Read a receipt, an opt-out or a reply: three addresses at Octopush, told apart by their fields."""
        told = told_in(request)
        if not told:
            raise WebhookError("the body is not a callback of Octopush")
        return tuple(event for one in told for event in self._events(one, now))

    def _events(self, told: object, now: datetime) -> Iterator[Event]:
        number, ticket = number_in(dig(told, "number")), text_in(dig(told, "message_id"))
        if number is None:
            return
        if status := text_in(dig(told, "status")):
            yield self.event(
                EventType.RECEIPT,
                _instant(dig(told, "delivery_date"), now),
                number=number,
                provider_id=ticket,
                meaning=self.meant("dlr.status", status),
                code=code_in(status),
            )
            return
        text = dig(told, "text")
        if stopped := text_in(dig(told, "stop_date")):
            yield self._said(EventType.OPT_OUT, number, ticket, text_in(text), stopped, now)
        elif text is not None:
            told_at = text_in(dig(told, "reception_date"))
            yield self._said(EventType.REPLY, number, ticket, text_in(text), told_at, now)

    def _said(self, what: EventType, number: int, ticket: str, text: str, told_at: str, now: datetime) -> Event:
        # What has no name of Octopush's own has its time for one, as it was written: ours would differ each time.
        own_id = f"{told_at} {text}"
        return self.event(what, _instant(told_at, now), number=number, provider_id=ticket, text=text, own_id=own_id)

    # ------------------------------------------------------------ requests

    def _call(self, method: str, path: str, body: object = None, *, label: str = "submit") -> Call:
        headers = {"api-login": self.login, "api-key": self.key}
        return self.json_call(method, f"{self.base_url}/v1/public{path}", headers, body, label=label)


def _request_id(group: Sequence[Outgoing]) -> str:
    """Give a name that is the same for the same messages together, and another for any other selection of them."""
    references = "\0".join(message.reference for message in group)
    return blake2b(references.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def _code(answer: Answer) -> str:
    return error_code(answer, ("code",), ("error_code",), ("errors", 0, "code"))


def _instant(value: object, now: datetime) -> datetime:
    # No zone is written, and for the times that it takes Octopush means that of Paris where none is; a receipt never
    # comes before what it tells.
    return until(instant_in(value, ZoneInfo("Europe/Paris")), now)
