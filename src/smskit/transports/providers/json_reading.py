"""A description of a carrier, read and checked: whatever is wrong is told with its place and what may stand there."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from datetime import timezone, tzinfo
from typing import Final, cast
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from smskit.errors import InvalidInput
from smskit.kinds import DeliveryStatus, FailureClass, Kind
from smskit.transports.providers.json_settings import (
    ADDRESSED,
    OF_MANY,
    OF_ONE,
    SHARED,
    Answered,
    Batch,
    Moment,
    Place,
    Settings,
    Signature,
    Told,
    word_in,
)
from smskit.transports.providers.json_templates import Template
from smskit.transports.wire.codes import Codes, Meaning

_WORDS: Final[Mapping[str, frozenset[str]]] = {
    "unicode": frozenset({"true", "false"}),
    "stop": frozenset({"true", "false"}),
    "kind": frozenset(kind.value for kind in Kind),
}
_ALGORITHMS: Final = frozenset({"sha1", "sha256", "sha384", "sha512"})
_ENCODINGS: Final = frozenset({"hex", "base64"})


class _Reader:
    """One object of the description: each entry is taken once, and what is left over is unknown."""

    def __init__(self, value: object, where: str) -> None:
        if not isinstance(value, Mapping):
            raise InvalidInput(f"{where or 'the description'} is an object of names and values")
        self._left = {str(name): inner for name, inner in cast("Mapping[object, object]", value).items()}
        self._where = where
        self._known: list[str] = []

    def path(self, name: str) -> str:
        return f"{self._where}.{name}" if self._where else name

    def has(self, name: str) -> bool:
        return name in self._left

    def take(self, name: str) -> object:
        self._known.append(name)
        return self._left.pop(name, None)

    def need(self, name: str, kind: str) -> InvalidInput:
        return InvalidInput(f"{self.path(name)} takes {kind}")

    def text(self, name: str, default: str = "") -> str:
        value = self.take(name)
        if value is None:
            return default
        if not isinstance(value, str):
            raise self.need(name, "a text")
        return value

    def one_of(self, name: str, allowed: Iterable[str], default: str) -> str:
        value, choice = self.text(name, default), sorted(allowed)
        if value not in choice:
            raise self.need(name, f"one of {', '.join(choice)}, not {value!r}")
        return value

    def flag(self, name: str, *, default: bool) -> bool:
        value = self.take(name)
        if value is not None and not isinstance(value, bool):
            raise self.need(name, "true or false")
        return default if value is None else value

    def whole(self, name: str) -> int | None:
        value = self.take(name)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < 1):
            raise self.need(name, "a whole number from 1 on")
        return value

    def amount(self, name: str) -> float | None:
        value = self.take(name)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int | float) or value <= 0):
            raise self.need(name, "a number above 0")
        return value

    def place(self, name: str) -> Place | None:
        value = self.take(name)
        return None if value is None else _place(value, self.path(name))

    def inner(self, name: str) -> _Reader | None:
        value = self.take(name)
        return None if value is None else _Reader(value, self.path(name))

    def entries(self, name: str) -> Mapping[str, object]:
        value = self.take(name)
        if value is None:
            return {}
        if not isinstance(value, Mapping):
            raise self.need(name, "an object of names and values")
        return {str(key): inner for key, inner in cast("Mapping[object, object]", value).items()}

    def end(self) -> None:
        if self._left:
            unknown = self.path(min(self._left))
            raise InvalidInput(f"{unknown} is nothing that is known here; there are {', '.join(self._known)}")


def settings_of(description: Mapping[str, object], given: Mapping[str, str]) -> Settings:
    """Read a description; *given* are secrets by the names that its placeholders have.

    Raises:
        InvalidInput: anything in it is not as it should be; the message names the place and what may stand there.
    """
    reader = _Reader(description, "")
    name = reader.text("name", "json")
    secrets = _secrets(reader.entries("secrets"), given)
    batch_reader = reader.inner("messages")
    joined = batch_reader is not None and batch_reader.has("joined")
    names = SHARED | ADDRESSED | frozenset(secrets)
    if joined:
        names |= OF_MANY
    batch = _batch(batch_reader, names | OF_ONE)
    head = names if batch else names | OF_ONE
    codes = _codes(reader.take("codes"))
    receipts, statuses = _receipts(reader.inner("receipts"), codes)
    settings = Settings(
        name=name,
        method=reader.one_of("method", ("POST", "PUT", "GET"), "POST"),
        url=_template(reader, "url", head) or _wanted("url", "the address that messages are posted to"),
        headers=_templates(reader, "headers", secrets.keys() | {"reference"}),
        basic=_template(reader, "basic", frozenset(secrets)),
        query=_templates(reader, "query", head),
        json=_template(reader, "json", head),
        form=_template(reader, "form", head),
        secrets=secrets,
        words=_words(reader.inner("words")),
        moment=_moment(reader.inner("send_at")),
        validity_s=_bounds(reader),
        batch=batch,
        answer=_answer(reader.inner("answer")),
        codes=Codes({**codes, **statuses}),
        receipts=receipts,
        replies=_replies(reader.inner("replies")),
        zone=_zone(reader.text("zone", "UTC"), "zone"),
        signature=_signature(reader.inner("signature")),
        largest_parts=reader.whole("largest_parts"),
        longest_text=reader.whole("longest_text"),
        alphanumeric_senders=reader.flag("alphanumeric_senders", default=True),
        is_unicode=reader.flag("unicode", default=True),
        in_flight=reader.whole("in_flight"),
        parts_per_second=reader.amount("parts_per_second"),
    )
    reader.end()
    _check(settings)
    return settings


def _check(settings: Settings) -> None:
    """Look at what only shows when the parts are together."""
    if not settings.name.isidentifier():
        raise InvalidInput("name takes one word of letters, digits and underscores")
    address = urlsplit(settings.url.text({}))
    if address.scheme not in {"http", "https"} or not address.hostname:
        raise InvalidInput("url takes a whole address such as https://carrier.example/sms, its host written out")
    if settings.json is not None and settings.form is not None:
        raise InvalidInput("json and form: a request has one body; put the rest into query")
    _check_batch(settings)
    names = settings.names
    if not names & (OF_ONE | OF_MANY):
        raise InvalidInput("nothing in the request says whom it is for: {number} or {plus_number} is nowhere")
    if "text" not in names:
        raise InvalidInput("nothing in the request holds the text: {text} is nowhere")
    settled = {*settings.words, *(("validity_s",) if settings.validity_s else ())}
    for name in (*settings.words, "validity_s"):
        if (name in settled) != (name in names):
            raise InvalidInput(
                f"{name}: its setting and the placeholder {{{name}}} go together; one of them is missing"
            )


def _check_batch(settings: Settings) -> None:
    batch = settings.batch
    if batch is None:
        return
    if batch.each is not None and settings.form is not None:
        raise InvalidInput("messages.each: a form has no array of messages; use messages.joined with {numbers}")
    if batch.each is not None and batch.at.text == "" and settings.json is not None:
        raise InvalidInput("messages.at is empty, so that the array is the whole body: then there is no json beside it")
    if batch.each is not None and batch.at.text and settings.json is None:
        raise InvalidInput("messages.at: there is no json in which the array could stand")
    if batch.each is None and not settings.head_names & OF_MANY:
        raise InvalidInput("messages.joined: {numbers} or {plus_numbers} is nowhere in the request")


def _wanted(name: str, what: str) -> Template:
    raise InvalidInput(f"{name} is missing: {what}")


def _template(reader: _Reader, name: str, known: Iterable[str]) -> Template | None:
    value = reader.take(name)
    if value is None:
        return None
    if name in ("url", "basic") and not isinstance(value, str):
        raise reader.need(name, "a text")
    is_object: bool = isinstance(value, Mapping)
    if name in ("json", "form") and not is_object:
        raise reader.need(name, "an object of names and values")
    return Template.of(value, reader.path(name), frozenset(known))


def _templates(reader: _Reader, name: str, known: Iterable[str]) -> Mapping[str, Template]:
    found = {key: Template.of(value, f"{name}.{key}", frozenset(known)) for key, value in reader.entries(name).items()}
    for key, template in found.items():
        if isinstance(template.value, dict | list):
            raise InvalidInput(f"{name}.{key} takes one value")
    return found


def _secrets(named: Mapping[str, object], given: Mapping[str, str]) -> Mapping[str, str]:
    """Give the value of each secret: as given, or from the environment variable that the description names."""
    secrets = dict(given)
    for name, variable in named.items():
        if name in given:
            continue
        if not isinstance(variable, str) or not variable:
            raise InvalidInput(f"secrets.{name} takes the name of an environment variable")
        value = os.environ.get(variable)
        if not value:
            raise InvalidInput(
                f"secrets.{name}: set the environment variable {variable}, or give secrets={{{name!r}: …}}"
            )
        secrets[name] = value
    reserved = secrets.keys() & (SHARED | OF_ONE | OF_MANY | ADDRESSED)
    if reserved:
        raise InvalidInput(f"secrets.{min(reserved)}: that placeholder is of the message; call the secret otherwise")
    return secrets


def _words(reader: _Reader | None) -> Mapping[str, Mapping[str, object]]:
    if reader is None:
        return {}
    words: dict[str, Mapping[str, object]] = {}
    for name, wanted in _WORDS.items():
        entries = reader.entries(name)
        if entries and frozenset(entries) != wanted:
            raise reader.need(name, f"a value for each of {', '.join(sorted(wanted))}, and for nothing else")
        if entries:
            words[name] = entries
    reader.end()
    return words


def _moment(reader: _Reader | None) -> Moment:
    if reader is None:
        return Moment("", timezone.utc)
    moment = Moment(reader.text("format"), _zone(reader.text("zone", "UTC"), "send_at.zone"))
    reader.end()
    if not moment.format:
        raise InvalidInput("send_at.format takes a pattern such as %Y-%m-%d %H:%M:%S")
    return moment


def _zone(name: str, where: str) -> tzinfo:
    try:
        return timezone.utc if name == "UTC" else ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise InvalidInput(f"{where} takes the name of a zone such as Europe/Paris, not {name!r}") from None


def _bounds(reader: _Reader) -> tuple[int, int] | None:
    value = reader.take("validity_s")
    if value is None:
        return None
    bounds = cast("Sequence[object]", value) if isinstance(value, list | tuple) else ()
    whole = [bound for bound in bounds if isinstance(bound, int) and not isinstance(bound, bool)]
    if len(whole) != 2 or len(bounds) != 2 or not 1 <= whole[0] <= whole[1]:
        raise reader.need("validity_s", "the shortest and the longest in seconds, such as [60, 172800]")
    return whole[0], whole[1]


def _batch(reader: _Reader | None, known: frozenset[str]) -> Batch | None:
    if reader is None:
        return None
    largest, joined = reader.whole("largest"), reader.text("joined")
    at, each = reader.place("at"), reader.take("each")
    reader.end()
    if largest is None:
        raise reader.need("largest", "how many messages one request may hold")
    if (each is None) == (not joined):
        raise InvalidInput("messages takes each (what is told of one message), or joined (what stands between numbers)")
    template = None if each is None else Template.of(each, "messages.each", known - OF_MANY)
    if template is not None and not template.names & OF_ONE:
        raise InvalidInput("messages.each does not say whom it is for: {number} or {plus_number} is nowhere in it")
    return Batch(largest, at or Place("", ()), template, joined)


def _answer(reader: _Reader | None) -> Answered:
    if reader is None:
        raise InvalidInput("answer is missing: where the carrier's answer tells its id, such as {'id': 'message.id'}")
    whom = reader.place("number")
    names = ("each", "id", "reference", "parts", "status", "code", "error_code", "message")
    places = {name: reader.place(name) for name in names}
    accepted = _words_of(reader.take("accepted"), reader.path("accepted"))
    reader.end()
    if (places["status"] is None) != (not accepted):
        raise InvalidInput("answer.status and answer.accepted go together: where it stands, and what means success")
    if places["id"] is None and places["status"] is None:
        raise InvalidInput("answer takes id, or status with accepted: otherwise nobody can tell what was taken")
    return Answered(**places, whom=whom, accepted=accepted)


def _codes(value: object) -> dict[tuple[str, str], Meaning]:
    """Read a table of error codes, or take a packaged one: what it says of receipts, it says of answers too."""
    if value is None:
        return {}
    if isinstance(value, str):
        packaged = Codes.of(value).meanings
        if not packaged:
            raise InvalidInput(f"codes: there is no table {value!r}; there are {', '.join(Codes.packaged())}")
        receipts = {code: meaning for (where, code), meaning in packaged.items() if where.startswith("dlr")}
        answers = {code: meaning for (where, code), meaning in packaged.items() if not where.startswith("dlr")}
        told = {("receipt", code): meaning for code, meaning in receipts.items()}
        return told | {("answer", code): meaning for code, meaning in (receipts | answers).items()}
    if not isinstance(value, Mapping):
        raise InvalidInput("codes takes the name of a packaged table, or what each error code means")
    words = {str(code): word for code, word in cast("Mapping[object, object]", value).items()}
    failures = {code: _failure(word, f"codes.{code}", FailureClass) for code, word in words.items()}
    return dict(Codes.made({"answer": failures}).meanings)


def _receipts(
    reader: _Reader | None, codes: Mapping[tuple[str, str], Meaning]
) -> tuple[Told | None, Mapping[tuple[str, str], Meaning]]:
    if reader is None:
        return None, {}
    words = reader.entries("statuses")
    told = _told(reader, ("status", "id", "number", "reference", "code", "part", "time"))
    if "status" not in told.places or not told.places.keys() & {"id", "number", "reference"}:
        raise InvalidInput("receipts takes status, and one of id, number and reference")
    if not words and not any(where == "receipt" for where, _ in codes):
        raise InvalidInput("receipts.statuses is missing: what each word of the carrier means")
    statuses = {word: _status(meaning, f"receipts.statuses.{word}") for word, meaning in words.items()}
    return told, Codes.made({"receipt": statuses}).meanings


def _replies(reader: _Reader | None) -> Told | None:
    if reader is None:
        return None
    told = _told(reader, ("number", "text", "id", "time", "to_id"))
    if not told.places.keys() >= {"number", "text"}:
        raise InvalidInput("replies takes number and text")
    return told


def _told(reader: _Reader, names: Sequence[str]) -> Told:
    each = reader.place("each") or Place("", ())
    when = tuple(
        (_place(place, reader.path("when")), _words_of(words, reader.path(f"when.{place}")))
        for place, words in reader.entries("when").items()
    )
    places = {name: place for name in names if (place := reader.place(name)) is not None}
    reader.end()
    return Told(each, when, places)


def _signature(reader: _Reader | None) -> Signature | None:
    if reader is None:
        return None
    signature = Signature(
        reader.text("header").lower(),
        reader.one_of("algorithm", _ALGORITHMS, "sha256"),
        reader.one_of("encoding", _ENCODINGS, "hex"),
        reader.text("prefix"),
    )
    reader.end()
    if not signature.header:
        raise reader.need("header", "the name of the header that holds it")
    return signature


def _status(value: object, where: str) -> DeliveryStatus | FailureClass:
    found = next((status for status in DeliveryStatus if status.value == value), None)
    return found or _failure(value, where, (*DeliveryStatus, *FailureClass))


def _failure(value: object, where: str, allowed: Iterable[DeliveryStatus | FailureClass]) -> FailureClass:
    try:
        return FailureClass(value)
    except ValueError:
        choice = ", ".join(word.value for word in allowed)
        raise InvalidInput(f"{where} takes one of {choice}, not {value!r}") from None


def _words_of(value: object, where: str) -> frozenset[str]:
    if value is None:
        return frozenset()
    values = cast("Sequence[object]", value) if isinstance(value, list | tuple) else (value,)
    words = frozenset(map(word_in, values))
    if "" in words or not words:
        raise InvalidInput(f"{where} takes the values that are meant: texts, numbers, true or false")
    return words


def _place(value: object, where: str) -> Place:
    if not isinstance(value, str):
        raise InvalidInput(f"{where} takes names with points between, such as 'messages.0.id'; '' means all of it")
    steps = (
        tuple(int(step) if step.isascii() and step.isdigit() else step for step in value.split(".")) if value else ()
    )
    if "" in steps:
        raise InvalidInput(f"{where}: {value!r} has nothing between two points")
    return Place(value, steps)
