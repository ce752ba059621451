"""Any carrier that takes JSON or a form over HTTP, described instead of programmed.

    carrier = JsonCarrier(
        description={
            "url": "https://carrier.example/messages",
            "json": {"to": "{plus_number}", "from": "{sender}", "text": "{text}"},
            "answer": {"id": "message.id"},
        }
    )

Whatever a description leaves out the carrier cannot do: without ``{send_at}`` it takes no time, without ``receipts`` it
tells none. What is wrong in it is told when the carrier is made, with the place and what may stand there.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import cast
from urllib.parse import quote

from attrs import evolve, field, frozen

from smskit.errors import InvalidInput, UnreadableFile, WebhookError
from smskit.kinds import EventType
from smskit.protocols import Call, Features, Receipts, StopForm, WebhookRequest
from smskit.records import Accepted, Event, Outcome, Outgoing
from smskit.transports.providers.json_reading import settings_of
from smskit.transports.providers.json_settings import SHARED, Batch, Place, Settings, Told, epoch_s, word_in
from smskit.transports.providers.json_templates import NOTHING
from smskit.transports.wire.answers import Answer, Fault, fault_of_code
from smskit.transports.wire.codes import Meaning
from smskit.transports.wire.provider import HttpProvider, failed
from smskit.transports.wire.reading import (
    code_in,
    codes_in,
    epoch_in,
    instant_in,
    int_in,
    json_in,
    number_in,
    one_or_many,
    text_in,
)
from smskit.transports.wire.requests import alike, form_of, is_unicode, json_of, merged, reference_in
from smskit.transports.wire.signatures import basic, hmac_base64, hmac_hex, same
from smskit.transports.wire.webhooks import Webhook, fields_in, header

__all__ = ["JsonCarrier"]

_LONGEST_MESSAGE = 200


@frozen(kw_only=True)
class JsonCarrier(HttpProvider):
    """A carrier as a description says.

    Args:
        description: names and values as in ``docs/reference/providers/json.md``.
        secrets: keys and passwords by the names of their placeholders; those that are missing come from the
            environment variables that the description names. None of them is ever shown.
        callback: the address of your webhook, for ``{callback}``.
        webhook: how calls to it are told from forged ones; its ``secrets`` need a ``signature`` in the description.

    Raises:
        InvalidInput: anything in the description is not as it should be.
    """

    description: Mapping[str, object] = field(repr=False)
    secrets: Mapping[str, str] = field(factory=dict[str, str], repr=False)
    base_url: str = field(default="", init=False, repr=False)
    name: str = field(init=False)
    settings: Settings = field(init=False, repr=False, eq=False)

    def __attrs_post_init__(self) -> None:
        settings = settings_of(self.description, self.secrets)
        object.__setattr__(self, "settings", settings)
        object.__setattr__(self, "name", settings.name)
        if self.webhook.secrets and settings.signature is None:
            raise InvalidInput("Webhook(secrets=...) needs a signature in the description; or use path_secrets=")
        if "stop" not in settings.names and any(form.printed_by_transport for form in (self.stop or {}).values()):
            raise InvalidInput("stop= has a mention that the carrier prints, and {stop} is nowhere in the description")
        super().__attrs_post_init__()

    @classmethod
    def from_file(
        cls,
        path: str | Path,
        /,
        *,
        secrets: Mapping[str, str] | None = None,
        callback: str = "",
        webhook: Webhook | None = None,
        extra: Mapping[str, object] | None = None,
        stop: Mapping[str, StopForm] | None = None,
    ) -> JsonCarrier:
        """Read the description from a file of JSON, or of TOML where Python is 3.11 or newer.

        Raises:
            UnreadableFile: it is not there, or is neither.
            InvalidInput: as for the class.
        """
        return cls(
            description=_read(Path(path)),
            secrets=secrets or {},
            callback=callback,
            webhook=webhook or Webhook(),
            extra=extra or {},
            stop=stop,
        )

    def declared(self) -> Features:
        """Say what the description can do."""
        settings = self.settings
        signature = settings.signature
        return Features(
            largest_batch=settings.batch.largest if settings.batch else 1,
            in_flight=settings.in_flight or (2 if settings.batch else 8),
            parts_per_second=settings.parts_per_second,
            stop=self.stop or {} if "stop" in settings.names else {},
            alphabets=("GSM-7", "UCS-2") if settings.is_unicode else ("GSM-7",),
            largest_parts=settings.largest_parts,
            longest_text=settings.longest_text,
            alphanumeric_senders=settings.alphanumeric_senders,
            schedules=bool(settings.names & {"send_at", "send_at_epoch"}),
            validity_s=settings.validity_s,
            receipts=Receipts.PUSHED if settings.receipts else Receipts.NONE,
            replies=settings.replies is not None,
            signature=f"HMAC-{signature.algorithm.upper()}" if signature else "",
        )

    # ------------------------------------------------------------ submission

    def check_message(self, message: Outgoing, /) -> None:
        """Refuse what the description has no place for: a sender, a time with more than it can write."""
        names = self.settings.names
        if message.sender and "sender" not in names:
            raise InvalidInput("the message has a sender, and {sender} is nowhere in the description")
        if message.send_at is None:
            return
        if "send_at" in names:
            self.settings.moment.write(message.send_at)
        elif message.send_at.microsecond:
            raise InvalidInput("{send_at_epoch} is written in whole seconds; give such a send_at")

    def groups(self, messages: Sequence[Outgoing], /) -> Iterable[Sequence[Outgoing]]:
        """Put those together that the request says the same of, and no number twice: answers may tell by number."""
        batch = self.settings.batch
        if batch is None:
            return super().groups(messages)
        shared = sorted(self.settings.head_names & SHARED)

        def key(message: Outgoing) -> object:
            values = self._values(message)
            return tuple(str(values.get(name)) for name in shared)

        return alike(messages, batch.largest, key)

    def request(self, group: Sequence[Outgoing], /) -> Call:
        """Fill the templates."""
        settings = self.settings
        head = self._head(group)
        headers = {name: template.text(head) for name, template in settings.headers.items()}
        if settings.basic is not None:
            user, _, secret = settings.basic.text(head).partition(":")
            headers["Authorization"] = basic(user, secret)
        body, content_type = self._body(group, head)
        told = {name.lower() for name in headers}
        usual = {"Accept": "application/json", **({"Content-Type": content_type} if content_type else {})}
        headers |= {name: value for name, value in usual.items() if name.lower() not in told}
        return Call(settings.method, self._url(head), headers, body, self.timeout_s)

    def _url(self, head: Mapping[str, object]) -> str:
        settings = self.settings
        url = settings.url.text(head, lambda text: quote(text, safe=""))
        filled = {
            name: value for name, template in settings.query.items() if (value := template.fill(head)) is not NOTHING
        }
        has_body = settings.json is not None or settings.form is not None or _is_array(settings.batch)
        query = form_of(filled, {} if has_body else self.extra).decode()
        return f"{url}{'&' if '?' in url else '?'}{query}" if query else url

    def _body(self, group: Sequence[Outgoing], head: Mapping[str, object]) -> tuple[bytes, str]:
        settings, batch = self.settings, self.settings.batch
        if settings.form is not None:
            fields = cast("dict[str, object]", settings.form.fill(head))
            return form_of(fields, self.extra), "application/x-www-form-urlencoded"
        body = settings.json.fill(head) if settings.json is not None else None
        if batch is not None and batch.each is not None:
            items = [batch.each.fill(self._values(message)) for message in group]
            body = _put(body, batch.at.steps, items)
        if body is None:
            return b"", ""
        return json_of(self._with_extra(body) if self.extra else body), "application/json"

    def _with_extra(self, body: object) -> object:
        if isinstance(body, Mapping):
            return merged(cast("Mapping[str, object]", body), self.extra)
        if isinstance(body, list):
            return [self._with_extra(item) for item in cast("list[object]", body)]
        return body

    def _values(self, message: Outgoing) -> dict[str, object]:
        """Give what the placeholders mean for one message; None has nothing to say."""
        at = message.send_at
        values: dict[str, object] = {
            **self.settings.secrets,
            "number": str(message.number),
            "plus_number": f"+{message.number}",
            "text": message.text,
            "sender": message.sender or None,
            "reference": message.reference,
            "unicode": is_unicode(message.text),
            "parts": message.parts,
            "kind": message.kind.value,
            "stop": message.carrier_stop,
            "validity_s": message.validity_s,
            "callback": self.callback_for(message) or None,
            "send_at": at and self.settings.moment.write(at) if "send_at" in self.settings.names else None,
            "send_at_epoch": None if at is None else epoch_s(at),
        }
        for name, words in self.settings.words.items():
            values[name] = words[word_in(values[name])]
        return values

    def _head(self, group: Sequence[Outgoing]) -> dict[str, object]:
        """Give what the placeholders mean for a request: the first message speaks for what all share."""
        values, batch = self._values(group[0]), self.settings.batch
        if batch is None:
            return values
        numbers = [str(message.number) for message in group]
        values["numbers"] = batch.joined.join(numbers)
        values["plus_numbers"] = batch.joined.join(f"+{number}" for number in numbers)
        values["callback"] = self.callback or None
        return values

    # ------------------------------------------------------------ answers

    def is_refusal(self, answer: Answer, /) -> bool:
        """Whether there is no result, or a single one for all that is none, and a code that is known says why."""
        told = self.settings.answer
        if self._results(answer) if told.each is not None else self._is_accepted(answer.json):
            return False
        return self._why(answer)[1].failure is not None

    def outcomes(self, group: Sequence[Outgoing], answer: Answer, /) -> Iterator[Outcome]:
        """Read what became of each message; one result without a place of its own answers for all."""
        told, results = self.settings.answer, self._results(answer)
        if told.each is None:
            for message in group:
                yield from self._outcome(message, answer.json, answer)
            return
        known = {self._key(message): message for message in group}
        in_order = told.reference is None and told.whom is None and len(results) == len(group)
        for place, result in enumerate(results):
            one = group[place] if in_order else known.get(self._key_in(result))
            if one is not None:
                yield from self._outcome(one, result, answer)

    def _key(self, message: Outgoing) -> str:
        """Give what an answer calls a message by: our reference, or its number."""
        return message.reference if self.settings.answer.reference is not None else str(message.number)

    def _key_in(self, result: object) -> str:
        told = self.settings.answer
        if told.reference is not None:
            return text_in(told.reference.at(result))
        return str(number_in(told.whom.at(result))) if told.whom is not None else ""

    def _results(self, answer: Answer) -> Sequence[object]:
        each = self.settings.answer.each
        return () if each is None else one_or_many(each.at(answer.json))

    def _is_accepted(self, result: object) -> bool:
        """Whether a result says that its message was taken, and has the id that it should have."""
        told = self.settings.answer
        if told.status is not None and word_in(told.status.at(result)) not in told.accepted:
            return False
        return told.id is None or bool(text_in(told.id.at(result)))

    def _outcome(self, message: Outgoing, result: object, answer: Answer) -> Iterable[Outcome]:
        """Give what became of one message; nothing without a code that is known: then nobody knows."""
        told = self.settings.answer
        if self._is_accepted(result):
            provider_id = text_in(told.id.at(result)) if told.id else ""
            parts = int_in(told.parts.at(result)) if told.parts else None
            return [Accepted(message.reference, provider_id or None, parts)]
        for place in (told.code, told.status, told.message):
            code, meaning = self._code_at(place, result)
            if meaning.failure is not None:
                retry = meaning.retry or meaning.failure.retry
                return failed([message], Fault(meaning.failure, retry, code_in(code)))
        return ()

    def fault(self, answer: Answer, /) -> Fault:
        """Read the error code of an answer that refuses; after a 5xx nobody knows, whatever it says."""
        code, meaning = self._why(answer)
        return fault_of_code(answer, code, meaning.failure, meaning.retry)

    def _why(self, answer: Answer) -> tuple[str, Meaning]:
        """Give the code by which an answer refuses, and its meaning; the first that is known, or else the first."""
        told = self.settings.answer
        results = [*self._results(answer)[:1], answer.json]
        places = (told.error_code, told.code, told.status, told.message)
        seen = [self._code_at(place, result) for place in places for result in results]
        if answer.json is None and any(place is not None and not place.text for place in places):
            sentence = word_in(answer.reply.body[:_LONGEST_MESSAGE].decode("utf-8", "replace"))
            seen.append((sentence, self.settings.codes.meaning("answer", sentence)))
        known = [(code, meaning) for code, meaning in seen if meaning.failure is not None]
        return next(iter(known), None) or next((one for one in seen if one[0]), ("", Meaning()))

    def _code_at(self, place: Place | None, result: object) -> tuple[str, Meaning]:
        code = word_in(place.at(result)) if place is not None else ""
        return code, self.settings.codes.meaning("answer", code) if code else Meaning()

    # ------------------------------------------------------------ webhooks

    def is_signed(self, request: WebhookRequest, /) -> bool:
        """Whether there is a secret to check the signature with."""
        return bool(self.webhook.secrets)

    def check_signature(self, request: WebhookRequest, now: datetime, /) -> None:
        """Check the keyed hash of the body."""
        signature = self.settings.signature
        assert signature is not None, "secrets without it were refused"
        if not request.body:
            raise WebhookError(f"{self.name} signs the body, and there is none; use path_secrets= for this webhook")
        write = hmac_hex if signature.encoding == "hex" else hmac_base64
        given = header(request, signature.header).removeprefix(signature.prefix)
        wanted = [write(secret, request.body, signature.algorithm) for secret in self.webhook.secrets]
        if not same(given.lower() if signature.encoding == "hex" else given, wanted):
            raise WebhookError(f"{self.name} did not sign this body with a secret of ours ({signature.header})")

    def parse(self, request: WebhookRequest, now: datetime, /) -> tuple[Event, ...]:
        """Read receipts and replies, from JSON, a form or a query."""
        body = request.body
        is_json = body[:1] in (b"{", b"[") or (body and "json" in header(request, "content-type"))
        # A signature covers the body alone: fields that stand in the address may be anybody's.
        signed = evolve(request, url="") if self.is_signed(request) else request
        told: object = json_in(body) if is_json else fields_in(signed)
        if not one_or_many(told) and told != []:
            raise WebhookError(f"the body is not what {self.name} was said to send")
        receipts, replies = self.settings.receipts, self.settings.replies
        events: list[Event] = []
        for item in _items(receipts, told):
            events += self._receipt(cast("Told", receipts), item, request, now)
        for item in _items(replies, told):
            events += self._reply(cast("Told", replies), item, now)
        return tuple(events)

    def _receipt(self, told: Told, item: object, request: WebhookRequest, now: datetime) -> Iterator[Event]:
        word = word_in(told.read("status", item))
        reference = text_in(told.read("reference", item)) or reference_in(request.url)
        number, provider_id = number_in(told.read("number", item)), text_in(told.read("id", item))
        if not word or not (reference or number or provider_id):
            return
        code, codes = word_in(told.read("code", item)), self.settings.codes
        meaning, closer = codes.meaning("receipt", word), codes.meaning("answer", code)
        if meaning.is_failure and closer.failure is not None:
            meaning = Meaning(meaning.status, closer.failure, closer.retry)
        yield self.event(
            EventType.RECEIPT,
            self._at(told, item, now),
            number=number,
            reference=reference,
            provider_id=provider_id,
            meaning=meaning,
            part=code_in(told.read("part", item)),
            code=codes_in(told.read("status", item), told.read("code", item)),
        )

    def _reply(self, told: Told, item: object, now: datetime) -> Iterator[Event]:
        number = number_in(told.read("number", item))
        if number is not None and isinstance(told.read("text", item), str):
            yield self.event(
                EventType.REPLY,
                self._at(told, item, now),
                number=number,
                provider_id=text_in(told.read("to_id", item)),
                own_id=text_in(told.read("id", item)),
                text=text_in(told.read("text", item)),
            )

    def _at(self, told: Told, item: object, now: datetime) -> datetime:
        written = told.read("time", item)
        return instant_in(written, self.settings.zone) or epoch_in(written) or now


def _is_array(batch: Batch | None) -> bool:
    return batch is not None and batch.each is not None


def _items(told: Told | None, value: object) -> Iterator[object]:
    if told is not None:
        yield from (item for item in one_or_many(told.each.at(value)) if told.is_meant(item))


def _put(body: object, steps: Sequence[str | int], items: list[object]) -> object:
    """Give *body* with *items* at a place of it; objects on the way there are made."""
    if not steps:
        return items
    inside = dict(cast("Mapping[str, object]", body)) if isinstance(body, Mapping) else {}
    first = str(steps[0])
    inside[first] = _put(inside.get(first), steps[1:], items)
    return inside


def _read(path: Path) -> Mapping[str, object]:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableFile(path.name, str(error)) from error
    try:
        value: object = _toml(text, path.name) if path.suffix.lower() == ".toml" else json.loads(text)
    except ValueError as error:
        raise UnreadableFile(path.name, f"it is not what its name says ({error})") from error
    if not isinstance(value, dict):
        raise UnreadableFile(path.name, "a description is an object of names and values")
    return cast("dict[str, object]", value)


def _toml(text: str, name: str) -> object:
    if sys.version_info < (3, 11):
        raise UnreadableFile(name, "this Python reads no TOML; use 3.11 or newer, or write the description in JSON")
    import tomllib

    return tomllib.loads(text)
