"""Infobip (SMS v3): many messages in one request, each with its own text and our reference as its id.

Sources: Infobip's OpenAPI document 3.210.0 of 2026-07 and its list of status and error codes; seen 2026-11. A message
that is refused is told within HTTP 200. Status 2 stands in the group DELIVERED and means the operator, not the handset.
A repeated id is refused with status 23, which proves that it was told before but not that it was sent: a message that
was refused for want of credit may have used up its id. Its log says what became of it; what the other way of asking
(``/sms/3/reports``) has told once it never tells again, so nobody asks there.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timezone
from typing import ClassVar, Final
from urllib.parse import urlencode

from attrs import field, frozen

from smskit.errors import InvalidInput, TransportError, WebhookError
from smskit.kinds import DeliveryStatus, EventType, FailureClass
from smskit.protocols import Call, Features, Flow, Receipts, WebhookRequest
from smskit.records import Accepted, Balance, Event, Outcome, Outgoing, Postponed, Refused, Taken, Unanswered
from smskit.transports.wire.answers import Answer, Fault, Unreadable, answer_to, error_code, fault_of_code
from smskit.transports.wire.codes import Codes, Meaning
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
    text_in,
)
from smskit.transports.wire.requests import chunks, merged
from smskit.transports.wire.signatures import same
from smskit.transports.wire.webhooks import header

LARGEST_REQUEST: Final = 100
"""Of our own choice: Infobip speaks of thousands in one go and names no number. As many receipts come in one call."""

REMEMBERED_FOR_S: Final = 900.0
"""Of our own choice too: how long Infobip refuses a repeated id is not written anywhere."""

LONGEST_REFERENCE: Final = 200
LONGEST_QUERY: Final = 2048

_REPEATED: Final = 23
_NOT_TAKEN: Final = (DeliveryStatus.REJECTED, DeliveryStatus.BLOCKED, DeliveryStatus.FAILED)


@frozen(kw_only=True)
class Infobip(HttpProvider):
    """Infobip.

    Args:
        key: the API key (``Authorization: App ...``).
        message_extra: as *extra*, but put into each message: ``{"options": {"deliveryTimeWindow": ...}}``. What *extra*
            says stands beside the messages, for all of them.
        base_url: of the API; your account has one of its own.
        callback: where receipts are told; replies go to the address that is set up for the number.
        webhook: its ``secrets`` are logins, ``"user:password"``, where your subscription has Basic authentication.
    """

    name = "infobip"
    codes: ClassVar[Codes] = Codes.of("infobip")
    service: ClassVar[str] = "/sms/3"
    """Which of Infobip's interfaces requests go to: the beginning of their path."""

    key: str = field(repr=False)
    message_extra: Mapping[str, object] = field(factory=dict[str, object], repr=False)
    base_url: str = field(default="https://api.infobip.com", repr=False)

    def declared(self) -> Features:
        """Say what Infobip can do."""
        return Features(
            largest_batch=LARGEST_REQUEST,
            in_flight=4,
            idempotent=True,
            idempotent_for_s=REMEMBERED_FOR_S,
            can_be_asked=True,
            largest_parts=25,
            schedules=True,
            # More than 48 hours is cut to that without a word; less than a minute may be over before it arrives.
            validity_s=(60, 172_800),
            receipts=Receipts.PUSHED,
            replies=True,
            signature="Basic authentication, which does not cover the body",
            balance=True,
        )

    # ------------------------------------------------------------ submission

    def submit(self, messages: Sequence[Outgoing], /) -> Flow[tuple[Outcome, ...]]:
        """Hand over at most a hundred messages; of those that Infobip was told before its log says what became."""
        taken = tuple(messages)
        return self._judged(taken, HttpProvider.submit(self, taken))

    def _judged(self, messages: Sequence[Outgoing], flow: Flow[tuple[Outcome, ...]]) -> Flow[tuple[Outcome, ...]]:
        outcomes = yield from flow
        repeated = {o.reference for o in outcomes if isinstance(o, Refused) and o.failure is FailureClass.DUPLICATE}
        if not repeated:
            return outcomes
        known: Mapping[str, Outcome] = {}
        with suppress(TransportError):  # Then they are in doubt, and nothing that was answered is lost.
            known = yield from self.ask([message for message in messages if message.reference in repeated])
        return tuple(_of_before(o, known) if o.reference in repeated else o for o in outcomes)

    def groups(self, messages: Sequence[Outgoing], /) -> Iterable[Sequence[Outgoing]]:
        """Put those of one time together: it is said once for a request."""
        by_time: dict[datetime | None, list[Outgoing]] = {}
        for message in messages:
            by_time.setdefault(message.send_at, []).append(message)
        return (group for some in by_time.values() for group in chunks(some, LARGEST_REQUEST))

    def repeats(self, group: Sequence[Outgoing], /) -> bool:
        """Whether a lost request may be made again: Infobip refuses an id that it has."""
        return True

    def check_message(self, message: Outgoing, /) -> None:
        """Refuse a reference that Infobip would cut, or that its log could not be asked for."""
        if len(message.reference) > LONGEST_REFERENCE or "," in message.reference:
            raise InvalidInput(f"Infobip takes references of up to {LONGEST_REFERENCE} characters without a comma")

    def request(self, group: Sequence[Outgoing], /) -> Call:
        """Make the request for messages of one time."""
        options = self._options()
        if (at := group[0].send_at) is not None:
            options["schedule"] = {"sendAt": at.astimezone(timezone.utc).isoformat(timespec="milliseconds")}
        body = {"messages": [self._message(message) for message in group], "options": options}
        return self._call("POST", f"{self.service}/messages", merged(body, self.extra))

    def _options(self) -> dict[str, object]:
        # Both are true by default: links would be replaced by others.
        return {"includeSmsCountInResponse": True, "tracking": {"shortenUrl": False, "trackClicks": False}}

    def _message(self, message: Outgoing) -> Mapping[str, object]:
        told: dict[str, object] = {
            "destinations": [{"to": str(message.number), "messageId": message.reference}],
            **self._content(message),
        }
        if self.callback:
            told["webhooks"] = {**self._webhooks(), "contentType": "application/json"}
        return merged(told, self.message_extra) if self.message_extra else told

    def _content(self, message: Outgoing) -> Mapping[str, object]:
        told: dict[str, object] = {
            # An account may be set up to replace letters, or to shift tables: nothing is changed unless asked for.
            "content": {"text": message.text, "transliteration": "NONE", "language": {"languageCode": "NONE"}},
        }
        if message.sender:
            told["sender"] = message.sender
        if message.validity_s is not None:
            told["options"] = {"validityPeriod": {"amount": message.validity_s, "timeUnit": "SECONDS"}}
        return told

    def _webhooks(self) -> dict[str, object]:
        return {"delivery": {"url": self.callback, "notify": True}}

    def outcomes(self, group: Sequence[Outgoing], answer: Answer, /) -> Iterator[Outcome]:
        """Read the status of each message, by our reference, in any order."""
        items = items_in(answer.at("messages"))
        if not items:
            raise Unreadable("no messages in the answer")
        for item in items:
            outcome = self._outcome(item, dig(item, "details", "messageCount"))
            if answer.is_repeat and isinstance(outcome, Refused | Postponed):
                # What refused the repetition says nothing of the request before it: the log does.
                yield Refused(outcome.reference, FailureClass.DUPLICATE, outcome.code)
            elif outcome is not None:
                yield outcome

    def _outcome(self, item: object, parts: object) -> Outcome | None:
        """Give what a status says of the hand-over; None for a status that nobody knows."""
        reference, (meaning, code) = text_in(dig(item, "messageId")), self._meaning(item)
        if not reference or meaning.status is None:
            return None
        if meaning.status in _NOT_TAKEN:
            failure = meaning.failure or FailureClass.UNSPECIFIED
            if failure.is_of_account:
                return Postponed(reference, failure, code=code)
            return Refused(reference, failure, code)
        return Accepted(reference, reference, int_in(parts))

    def fault(self, answer: Answer, /) -> Fault:
        """Read the word of the error in its new or its old place."""
        return fault_of_code(
            answer, error_code(answer, ("errorCode",), ("requestError", "serviceException", "messageId")), None
        )

    # ------------------------------------------------------------ afterwards

    def ask(self, messages: Sequence[Outgoing], /) -> Flow[Mapping[str, Outcome]]:
        """Look messages up in the log by their references; it goes back 48 hours and may be late."""
        known: dict[str, Outcome] = {}
        for entry in (yield from self._log([message.reference for message in messages], "ask")):
            outcome = self._outcome(entry, dig(entry, "messageCount"))
            # A repeated id has an entry of its own: the other one tells.
            if isinstance(outcome, Refused) and outcome.failure is FailureClass.DUPLICATE:
                continue
            if outcome is not None and not isinstance(known.get(outcome.reference), Accepted):
                known[outcome.reference] = outcome
        return {one.reference: known.get(one.reference, Unanswered(one.reference)) for one in messages}

    def look_up(self, messages: Sequence[Taken], /) -> Flow[tuple[Event, ...]]:
        """Ask the log for the receipts."""
        events: list[Event] = []
        for entry in (yield from self._log([taken.provider_id for taken in messages], "look_up")):
            at = instant_in(dig(entry, "doneAt")) or instant_in(dig(entry, "sentAt"))
            if at is not None:
                events += self._receipt(entry, at)
        return tuple(events)

    def _log(self, references: Sequence[str], label: str) -> Flow[tuple[object, ...]]:
        entries: list[object] = []
        for query in self._queries(references):
            answer = yield from answer_to(self._call("GET", f"{self.service}/logs?{query}", label=label))
            entries += items_in(answer.at("results")) if answer.is_success else ()
        return tuple(entries)

    def _queries(self, references: Sequence[str]) -> Iterator[str]:
        return (urlencode({"messageId": ids, "limit": 1000}) for ids in _joined(references))

    def balance(self) -> Flow[Balance]:
        """Ask what the account has left.

        Raises:
            TransportError: Infobip does not tell.
        """
        answer = yield from answer_to(self._call("GET", "/account/1/balance", label="balance"))
        return self.balance_in(answer, answer.at("balance"), answer.at("currency"))

    # ------------------------------------------------------------ webhooks

    def is_signed(self, request: WebhookRequest, /) -> bool:
        """Whether there is a login to compare with."""
        return bool(self.webhook.secrets)

    def check_signature(self, request: WebhookRequest, now: datetime, /) -> None:
        """Compare the login of the request with ours."""
        wanted = [f"Basic {b64encode(login.encode()).decode()}" for login in self.webhook.secrets]
        if not same(header(request, "authorization"), wanted):
            raise WebhookError("this call has no login of ours; give Infobip's subscription the one that you gave here")

    def parse(self, request: WebhookRequest, now: datetime, /) -> tuple[Event, ...]:
        """Read up to a hundred receipts or replies, or the news of a click."""
        told = json_in(request.body)
        if dig(told, "notificationType") is not None:
            return tuple(self._click(told, now))
        if dig(told, "results") is None:
            raise WebhookError("the body is nothing that Infobip tells")
        events: list[Event] = []
        for item in items_in(dig(told, "results")):
            if dig(item, "status") is not None:
                events += self._receipt(item, instant_in(dig(item, "doneAt")) or now)
            else:
                events += self._reply(item, now)
        return tuple(events)

    def _receipt(self, item: object, at: datetime) -> Iterator[Event]:
        reference, (meaning, code) = text_in(dig(item, "messageId")), self._meaning(item)
        # That we told them twice is no news of the message.
        if reference and int_in(dig(item, "status", "id")) != _REPEATED:
            yield self.event(
                EventType.RECEIPT,
                at,
                number=number_in(dig(item, "to")) or number_in(dig(item, "destination")),
                reference=reference,
                provider_id=reference,
                meaning=meaning,
                code=code,
            )

    def _reply(self, item: object, now: datetime) -> Iterator[Event]:
        text = dig(item, "text")
        if isinstance(text, str) and (number := number_in(dig(item, "from"))):
            yield self.event(
                EventType.REPLY,
                instant_in(dig(item, "receivedAt")) or now,
                number=number,
                own_id=text_in(dig(item, "messageId")),
                text=text,
            )

    def _click(self, told: object, now: datetime) -> Iterator[Event]:
        reference, number = text_in(dig(told, "messageId")), number_in(dig(told, "recipient"))
        if text_in(dig(told, "notificationType")).upper() == "CLICKED" and (reference or number):
            at = epoch_in(dig(told, "sendDateTime")) or now
            yield self.event(EventType.CLICK, at, number=number, reference=reference or None, provider_id=reference)

    def _meaning(self, item: object) -> tuple[Meaning, str]:
        status, error = dig(item, "status"), dig(item, "error")
        meaning = self.meant(
            "status.groupName", dig(status, "groupName"), companions=[("status.id", dig(status, "id"))]
        )
        if (
            meaning.status is DeliveryStatus.DELIVERED
            and not self.codes.meaning("status.id", dig(status, "id")).is_known
        ):
            # The group holds what the operator has as well as what the handset has.
            meaning = Meaning(DeliveryStatus.SENT)
        code = code_in(dig(status, "name")) or code_in(dig(status, "groupName"))
        if int_in(dig(error, "id")) in (None, 0):
            return meaning, code
        return _nearer(meaning, self.codes.meaning("error.id", dig(error, "id")), error), "/".join(
            filter(None, (code, code_in(dig(error, "name"))))
        )

    # ------------------------------------------------------------ requests

    def _call(self, method: str, path: str, body: object = None, *, label: str = "submit") -> Call:
        headers = {"Authorization": f"App {self.key}"}
        return self.json_call(method, f"{self.base_url}{path}", headers, body, label=label)


def _nearer(meaning: Meaning, cause: Meaning, error: object) -> Meaning:
    """Put the cause of a failure into what its status says."""
    if not meaning.is_failure:
        return meaning
    failure = cause.failure or meaning.failure
    if failure is not None and failure.is_permanent and dig(error, "permanent") is False:
        # "Invalid destination" of some networks passes; a number is not given up for it.
        failure = FailureClass.UNREACHABLE
    return Meaning(meaning.status, failure, cause.retry or meaning.retry)


def _of_before(outcome: Outcome, known: Mapping[str, Outcome]) -> Outcome:
    """Say what became of a message that Infobip was told before; without a word of its log it is in doubt."""
    before = known.get(outcome.reference, Unanswered(outcome.reference))
    if isinstance(before, Postponed):
        # Its id is used up: it will never be sent under it, however much credit there is now. That is their fault and
        # no longer the account's: as the account's it would stop the run again after the credit was mended, for ever.
        return Refused(before.reference, FailureClass.PROVIDER_ERROR, before.code)
    return before


def _joined(references: Sequence[str]) -> Iterator[str]:
    """Give the references with commas between them, in texts of a length that the log takes."""
    ids = ""
    for reference in references:
        if ids and len(ids) + len(reference) + 1 > LONGEST_QUERY:
            yield ids
            ids = ""
        ids = f"{ids},{reference}" if ids else reference
    if ids:
        yield ids
