"""What a description says of a carrier, as values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta, timezone, tzinfo
from typing import Final, cast

from attrs import frozen

from smskit.errors import InvalidInput
from smskit.transports.providers.json_templates import Template
from smskit.transports.wire.codes import Codes
from smskit.transports.wire.reading import dig

OF_ONE: Final = frozenset({"number", "plus_number"})
OF_MANY: Final = frozenset({"numbers", "plus_numbers"})
SHARED: Final = frozenset(
    {"text", "sender", "unicode", "parts", "kind", "send_at", "send_at_epoch", "validity_s", "stop"}
)
"""What messages in one request must have in common, where it stands but once in the request."""
ADDRESSED: Final = frozenset({"reference", "callback"})


@frozen
class Place:
    """Where something stands in an answer: names and numbers with points between; empty means all of it."""

    text: str
    steps: tuple[str | int, ...]

    def at(self, value: object) -> object:
        """Give what stands there; a name that itself has points is found too, as forms have them."""
        if isinstance(value, Mapping):
            entries = cast("Mapping[str, object]", value)
            return entries[self.text] if self.text in entries else dig(entries, *self.steps)
        return dig(value, *self.steps)


@frozen
class Batch:
    """How many messages share a request: an array at ``at`` with one ``each``, or numbers joined by ``joined``."""

    largest: int
    at: Place
    each: Template | None
    joined: str


@frozen
class Answered:
    """Where an answer tells what became of messages."""

    each: Place | None
    id: Place | None
    whom: Place | None
    reference: Place | None
    parts: Place | None
    status: Place | None
    accepted: frozenset[str]
    code: Place | None
    error_code: Place | None
    message: Place | None


@frozen
class Told:
    """Where a webhook tells of a receipt or a reply."""

    each: Place
    when: tuple[tuple[Place, frozenset[str]], ...]
    places: Mapping[str, Place]

    def read(self, name: str, value: object) -> object:
        """Give what *value* tells under *name*; None for what the description does not have."""
        place = self.places.get(name)
        return None if place is None else place.at(value)

    def is_meant(self, value: object) -> bool:
        """Whether *value* is of this kind."""
        return all(word_in(place.at(value)) in words for place, words in self.when)


@frozen
class Signature:
    """How a carrier signs the body of its webhook: a keyed hash in a header."""

    header: str
    algorithm: str
    encoding: str
    prefix: str


@frozen
class Moment:
    """How a carrier wants a time written."""

    format: str
    zone: tzinfo

    def write(self, at: datetime) -> str:
        """Write it.

        Raises:
            InvalidInput: so written it would be another time.
        """
        if not self.format:
            return at.isoformat(timespec="seconds")
        text = at.astimezone(self.zone).strftime(self.format)
        if any(again != at for again in self._read(text)):
            raise InvalidInput(f"send_at cannot be written as {self.format!r} without becoming another time")
        return text

    def _read(self, text: str) -> Iterator[datetime]:
        """Give the instants that *text* may mean: two in the hour that comes twice."""
        try:
            again = datetime.strptime(text, self.format)
        except ValueError:
            again = datetime(1970, 1, 1)
        for fold in (0, 1):
            zoned = again if again.tzinfo else again.replace(tzinfo=self.zone, fold=fold)
            # Two times of one zone are compared by their clocks, which are the same: so both go by UTC.
            yield zoned.astimezone(timezone.utc)


@frozen(repr=False)
class Settings:
    """A carrier as described; keys may stand anywhere in it, and nothing of it is shown."""

    name: str
    method: str
    url: Template
    headers: Mapping[str, Template]
    basic: Template | None
    query: Mapping[str, Template]
    json: Template | None
    form: Template | None
    secrets: Mapping[str, str]
    words: Mapping[str, Mapping[str, object]]
    moment: Moment
    validity_s: tuple[int, int] | None
    batch: Batch | None
    answer: Answered
    codes: Codes
    receipts: Told | None
    replies: Told | None
    zone: tzinfo
    signature: Signature | None
    largest_parts: int | None
    longest_text: int | None
    alphanumeric_senders: bool
    is_unicode: bool
    in_flight: int | None
    parts_per_second: float | None

    @property
    def head_names(self) -> frozenset[str]:
        """The placeholders outside of what is told of each message of several."""
        templates = [self.url, *self.headers.values(), *self.query.values()]
        templates += filter(None, (self.basic, self.json, self.form))
        return frozenset(name for template in templates for name in template.names)

    @property
    def names(self) -> frozenset[str]:
        """All placeholders."""
        each = self.batch.each if self.batch else None
        return self.head_names | each.names if each else self.head_names


def word_in(value: object) -> str:
    """Give a code or a status as text, capitals aside."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value).strip().casefold() if isinstance(value, str | int | float) else ""


EPOCH: Final = datetime(1970, 1, 1, tzinfo=timezone.utc)


def epoch_s(at: datetime) -> int:
    """Give whole seconds since 1970."""
    return (at - EPOCH) // timedelta(seconds=1)
