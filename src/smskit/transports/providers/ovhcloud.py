"""OVHcloud SMS: one job for up to 500 recipients of one text, signed with the time of OVHcloud's own clock.

Sources: the client ovh 1.2.0 (signature, errors), the types of @ovh-api/sms 3.1.26 (from OVHcloud's own api.json),
OVHcloud's guides in github.com/ovh/docs (faq-sms 2026-03, control panel 2026-01, users and ptt codes 2022-08, http2sms,
cookbook), issue 1496 there (callbacks) and ovhtelecom.fr (wording of STOP); seen 2026-11. Five traps: HTTP 200 with no
id means that nobody was sent to; the order of the ids is promised nowhere; ``noStopClause`` is off by default;
times are handed over as minutes from now; and a signature with a wrong time is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, time, timedelta, timezone
from hashlib import sha1
from math import ceil
from time import monotonic
from typing import ClassVar, Final
from urllib.parse import quote, urlencode

from attrs import evolve, field, frozen

from smskit.errors import InvalidInput, TransportError, WebhookError
from smskit.kinds import EventType, FailureClass
from smskit.protocols import Call, Features, Flow, Receipts, StopForm, WebhookRequest, Window
from smskit.records import Accepted, Balance, Event, Outcome, Outgoing, Refused, Taken, Unanswered, parse_reference
from smskit.transports.wire.answers import Answer, Fault, Unreadable, answer_to, error_code, fault_of_code
from smskit.transports.wire.codes import Codes
from smskit.transports.wire.provider import HttpProvider
from smskit.transports.wire.reading import codes_in, dig, instant_in, int_in, items_in, number_in, text_in, until
from smskit.transports.wire.requests import alike, is_unicode, json_of, merged
from smskit.transports.wire.webhooks import told_in

LARGEST_REQUEST: Final = 500
LONGEST_TAG: Final = 20
_PRIORITIES: Final = ("high", "medium", "low", "veryLow")
_VALIDITY_S: Final = (60, 48 * 3600)
_STOP: Final = {"FR": StopForm("STOP 36111", printed_by_transport=True)}
_WINDOWS: Final = {"FR": Window(time(8), time(20), frozenset(range(6)))}
_ONE_JOB: Final = timedelta(minutes=1)


@frozen
class _Anchor:
    """An instant of OVHcloud's clock, and what ours, which nobody sets, showed then."""

    server_s: float
    ours_s: float

    def now_s(self) -> float:
        return self.server_s + (monotonic() - self.ours_s)


@frozen(kw_only=True)
class OvhCloud(HttpProvider):
    """OVHcloud SMS.

    Args:
        application_key: of your application.
        application_secret: of your application; it signs and is never sent.
        consumer_key: that may call ``/sms/*``.
        service: name of the SMS account, such as ``sms-ab12345-1``.
        priority: ``high``, ``medium``, ``low`` or ``veryLow``; empty leaves it to OVHcloud.
        time_delta_s: how far OVHcloud's clock is ahead of this machine's, in seconds, when you keep an eye on that
            yourself. None asks OVHcloud for its time before each submission: one more request, and a machine whose
            clock is wrong sends all the same.
        base_url: of the API, with its version; ``https://ca.api.ovh.com/1.0`` for Canada.

    Raises:
        InvalidInput: a priority that is none.
    """

    name = "ovhcloud"
    codes: ClassVar[Codes] = Codes.of("ovhcloud")

    application_key: str = field(repr=False)
    application_secret: str = field(repr=False)
    consumer_key: str = field(repr=False)
    service: str
    priority: str = ""
    time_delta_s: float | None = None
    base_url: str = field(default="https://eu.api.ovh.com/1.0", repr=False)
    _anchor: _Anchor | None = field(default=None, repr=False, eq=False, alias="_anchor")

    def check_options(self) -> None:
        """Refuse a priority that OVHcloud does not have."""
        if self.priority and self.priority not in _PRIORITIES:
            raise InvalidInput(f"priority= takes one of {', '.join(_PRIORITIES)}")

    def declared(self) -> Features:
        """Say what OVHcloud can do; its hours are those for texts to which it adds STOP."""
        return Features(
            largest_batch=LARGEST_REQUEST,
            in_flight=2,
            can_be_asked=True,
            stop=_STOP,
            windows=_WINDOWS if self.stop is None else {},
            largest_parts=6,
            schedules=True,
            validity_s=_VALIDITY_S,
            receipts=Receipts.FETCHED,
            replies=True,
            balance=True,
        )

    # ------------------------------------------------------------ submission

    def groups(self, messages: Sequence[Outgoing], /) -> Iterable[Sequence[Outgoing]]:
        """Put those with one text together, of one run: a job has one tag."""
        of_tag: dict[str, list[Outgoing]] = {}
        for message in messages:
            of_tag.setdefault(_tag(message.reference), []).append(message)
        return [group for some in of_tag.values() for group in alike(some, LARGEST_REQUEST)]

    def check_message(self, message: Outgoing, /) -> None:
        """Refuse a sender that OVHcloud would not take."""
        if len(message.sender) > 11 and not message.sender.removeprefix("+").isdigit():
            raise InvalidInput("OVHcloud takes senders of up to 11 letters and digits, or a number of the account")

    def _submit(self, messages: Sequence[Outgoing]) -> Flow[tuple[Outcome, ...]]:
        if not messages:
            return ()
        punctual = yield from self._punctual()
        return (yield from HttpProvider._submit(punctual, messages))

    def request(self, group: Sequence[Outgoing], /) -> Call:
        """Make the job for up to 500 recipients of one text."""
        first = group[0]
        told: dict[str, object] = {
            "message": first.text,
            "receivers": [f"+{message.number}" for message in group],
            "charset": "UTF-8",
            "class": "phoneDisplay",
            "coding": "8bit" if is_unicode(first.text) else "7bit",
            "noStopClause": not first.carrier_stop,
            # Without a sender of ours OVHcloud puts a short number, to which people can answer.
            **({"sender": first.sender} if first.sender else {"senderForResponse": True}),
        }
        if self.priority:
            told["priority"] = self.priority
        if first.validity_s is not None:
            # Whole minutes, and never longer than was asked.
            told["validityPeriod"] = first.validity_s // 60
        if first.send_at is not None:
            told["differedPeriod"] = max(0, ceil((first.send_at.timestamp() - self._now_s()) / 60))
        if tag := _tag(first.reference):
            told["tag"] = tag
        return self._call("POST", "/jobs", merged(told, self.extra))

    def outcomes(self, group: Sequence[Outgoing], answer: Answer, /) -> Iterator[Outcome]:
        """Read who is sent to and who is not, and an id for each.

        That the ids come in the order of the receivers is likely and not promised. They are all of this job: should one
        be of another recipient, :meth:`look_up` sees whose it is.
        """
        ids = [text for item in items_in(answer.at("ids")) if (text := text_in(item))]
        valid = [number_in(item) for item in items_in(answer.at("validReceivers"))]
        invalid = {number_in(item) for item in items_in(answer.at("invalidReceivers"))}
        if not ids and not invalid:
            raise Unreadable("nobody in the answer")
        id_of = dict(zip(valid, ids, strict=True)) if len(valid) == len(ids) else {}
        for message in group:
            if ids and message.number in valid:
                yield Accepted(message.reference, id_of.get(message.number))
            elif message.number in invalid:
                yield Refused(message.reference, FailureClass.INVALID_NUMBER, "invalidReceivers")

    def fault(self, answer: Answer, /) -> Fault:
        """Read ``errorCode``, and what the message says of credit, for which no code is known."""
        code = error_code(answer, ("errorCode",))
        meaning = self.codes.meaning("error", code)
        if meaning.failure is None and "credit" in text_in(answer.at("message")).casefold():
            # Taken for a bad request it would reject everybody; taken for credit it stops, and somebody looks.
            return fault_of_code(answer, code, FailureClass.INSUFFICIENT_CREDIT)
        return fault_of_code(answer, code, meaning.failure, meaning.retry)

    # ------------------------------------------------------------ afterwards

    def ask(self, messages: Sequence[Outgoing], /) -> Flow[Mapping[str, Outcome]]:
        """Look among what was sent to each number for the text, in a job of the same run.

        What waits may not be listed yet: that nothing is found proves nothing. Of two alike to one person either may
        be the one that is found.
        """
        known: dict[str, Outcome] = {}
        punctual = yield from self._punctual()
        for message in messages:
            known[message.reference] = Unanswered(message.reference)
            if not (tag := _tag(message.reference)):
                continue
            sent = yield from punctual._sent_to(message.number, {"tag": tag})
            alike_sent = [item for item in sent if dig(item, "tag") == tag]
            found = [item for item in alike_sent if text_in(dig(item, "message")).startswith(message.text)]
            if len(found) == 1 and (provider_id := text_in(dig(found[0], "id"))):
                parts = int_in(dig(found[0], "numberOfSms"))
                known[message.reference] = Accepted(message.reference, provider_id, parts)
        return known

    def look_up(self, messages: Sequence[Taken], /) -> Flow[tuple[Event, ...]]:
        """Ask for the receipt of each message; where its id is of another recipient of the job, for that of its own."""
        events: list[Event] = []
        punctual = yield from self._punctual()
        for taken in messages:
            item = yield from punctual._get(f"/outgoing/{quote(taken.provider_id, safe='')}", "look_up")
            events += self._receipt(item, taken.reference)
            at = instant_in(dig(item, "creationDatetime"))
            if at is None or number_in(dig(item, "receiver")) in (taken.number, None):
                continue
            for other in (yield from punctual._sent_to(taken.number, _around(at))):
                if dig(other, "tag") == dig(item, "tag") and dig(other, "message") == dig(item, "message"):
                    events += self._receipt(other, taken.reference)
        return tuple(events)

    def fetch(self, since: datetime, /) -> Flow[tuple[Event, ...]]:
        """Fetch replies from *since* on, and everybody on the account's list of those who said STOP."""
        events: list[Event] = []
        punctual = yield from self._punctual()
        query = urlencode({"creationDatetime.from": since.isoformat(timespec="seconds")})
        for reply_id in items_in((yield from punctual._get(f"/incoming?{query}", "fetch"))):
            item = yield from punctual._get(f"/incoming/{quote(text_in(reply_id), safe='')}", "fetch")
            at, number = instant_in(dig(item, "creationDatetime")), number_in(dig(item, "sender"))
            if at is not None and number is not None:
                events.append(self._reply(item, number, at, text_in(reply_id)))
        # When it was said costs a request for each. OVHcloud sends them nothing now: it counts as said now, and again
        # each week, so that whoever came back and left again is not taken for one who is back.
        now = datetime.fromtimestamp(punctual._now_s(), timezone.utc)
        blocked = items_in((yield from punctual._get("/blacklists", "fetch")))
        numbers = filter(None, map(number_in, blocked))
        year, week_of_year, _ = now.isocalendar()
        week = f"blacklists {year}-{week_of_year}"
        return (*events, *(self.event(EventType.OPT_OUT, now, number=number, own_id=week) for number in numbers))

    def withdraw(self, provider_id: str, /) -> Flow[bool]:
        """Take back a message that waits for its time."""
        punctual = yield from self._punctual()
        path = f"/jobs/{quote(provider_id, safe='')}"
        answer = yield from answer_to(punctual._call("DELETE", path, label="withdraw"))
        return answer.is_success

    def balance(self) -> Flow[Balance]:
        """Ask how many credits the account has left; one is one part to France.

        Raises:
            TransportError: OVHcloud does not tell.
        """
        punctual = yield from self._punctual()
        answer = yield from answer_to(punctual._call("GET", "", label="balance"))
        return self.balance_in(answer, answer.at("creditsLeft"), "credits")

    def _sent_to(self, number: int, asked: Mapping[str, str]) -> Flow[list[object]]:
        query = urlencode({"receiver": f"+{number}", **asked})
        ids = items_in((yield from self._get(f"/outgoing?{query}", "look_up")))
        found: list[object] = []
        for path in [f"/outgoing/{quote(text_in(item_id), safe='')}" for item_id in ids]:
            item = yield from self._get(path, "look_up")
            found.append(item)
        return found

    def _get(self, path: str, label: str) -> Flow[object]:
        answer = yield from answer_to(self._call("GET", path, label=label))
        return answer.json if answer.is_success else None

    # ------------------------------------------------------------ webhooks

    def parse(self, request: WebhookRequest, now: datetime, /) -> tuple[Event, ...]:
        """Read a receipt (``ptt``) or a reply (``senderid``), in the address, as a form or as JSON."""
        told = next(iter(told_in(request)), None)
        if told is None:
            raise WebhookError("the body is not a callback of OVHcloud")
        told_id, number = text_in(dig(told, "id")), number_in(dig(told, "senderid"))
        if number is not None and dig(told, "message") is not None:
            return (self._reply(told, number, now, told_id),)
        if not told_id or dig(told, "ptt") is None:
            return ()
        # Its zone is written nowhere; a receipt never comes before what it tells.
        at = until(instant_in(dig(told, "date")), now)
        return (self._told(told_id, dig(told, "description"), dig(told, "ptt"), at),)

    def _reply(self, told: object, number: int, at: datetime, own_id: str) -> Event:
        tag, text = text_in(dig(told, "tag")), text_in(dig(told, "message"))
        reference = tag if parse_reference(tag) else None
        return self.event(EventType.REPLY, at, number=number, reference=reference, text=text, own_id=own_id)

    def _receipt(self, item: object, reference: str) -> Iterator[Event]:
        told_id, number = text_in(dig(item, "id")), number_in(dig(item, "receiver"))
        times = (instant_in(dig(item, name)) for name in ("deliveredAt", "sentAt", "creationDatetime"))
        at = next(filter(None, times), None)
        if told_id and at is not None and number is not None:
            # With a number that is not that of the reference it means the message to that number in the same run.
            yield self._told(told_id, dig(item, "deliveryReceipt"), dig(item, "ptt"), at, number, reference)

    def _told(
        self,
        told_id: str,
        receipt: object,
        ptt: object,
        at: datetime,
        number: int | None = None,
        reference: str | None = None,
    ) -> Event:
        return self.event(
            EventType.RECEIPT,
            at,
            number=number,
            reference=reference,
            provider_id=told_id,
            meaning=self.meant("dlr", receipt, companions=[("ptt", ptt)]),
            code=codes_in(receipt, ptt),
        )

    # ------------------------------------------------------------ time and signature

    def _punctual(self) -> Flow[OvhCloud]:
        """Give this provider with the time of OVHcloud's clock, which is asked for unless it is known.

        Raises:
            TransportError: OVHcloud does not tell; nothing was handed over.
        """
        if self._anchor is not None or self.time_delta_s is not None:
            return self
        call = Call("GET", f"{self.base_url}/auth/time", {"Accept": "application/json"}, b"", self.timeout_s, "time")
        try:
            answer = yield from answer_to(call)
        except TransportError as error:
            raise TransportError(self.name, error.reason, retryable=True, retry_after_s=error.retry_after_s) from error
        server_s = int_in(answer.json)
        if not answer.is_success or server_s is None:
            wait_s = answer.retry_after_s()
            reason = f"it does not tell its time (HTTP {answer.status})"
            raise TransportError(self.name, reason, retryable=True, retry_after_s=wait_s)
        return evolve(self, _anchor=_Anchor(server_s, monotonic()))

    def _now_s(self) -> float:
        if self._anchor is not None:
            return self._anchor.now_s()
        return datetime.now(timezone.utc).timestamp() + (self.time_delta_s or 0.0)

    def _call(self, method: str, path: str, body: object = None, *, label: str = "submit") -> Call:
        url = f"{self.base_url}/sms/{quote(self.service, safe='')}{path}"
        signed = b"" if body is None else json_of(body)
        at = str(int(self._now_s()))
        headers = {
            "X-Ovh-Application": self.application_key,
            "X-Ovh-Consumer": self.consumer_key,
            "X-Ovh-Timestamp": at,
            "X-Ovh-Signature": signature(self.application_secret, self.consumer_key, method, url, signed, at),
        }
        return self.json_call(method, url, headers, body, label=label)


def signature(secret: str, consumer: str, method: str, url: str, body: bytes, at: str) -> str:
    """Sign a request the way OVHcloud wants it: a hash, version 1, over all of it and the time (seconds since 1970)."""
    signed = "+".join((secret, consumer, method, url, body.decode(), at))
    # Their scheme, not our choice.
    return f"$1${sha1(signed.encode(), usedforsecurity=False).hexdigest()}"


def _tag(reference: str) -> str:
    """Give what OVHcloud keeps with a job and hands back with replies: the first reference of the run.

    With a number it means the message to that number. Nothing where it is too long.
    """
    named = parse_reference(reference)
    tag = f"{named[0]}-0" if named else reference
    return tag if len(tag) <= LONGEST_TAG else ""


def _around(at: datetime) -> Mapping[str, str]:
    edges = {"from": at - _ONE_JOB, "to": at + _ONE_JOB}
    return {f"creationDatetime.{name}": edge.isoformat(timespec="seconds") for name, edge in edges.items()}
