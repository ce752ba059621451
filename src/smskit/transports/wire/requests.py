"""What goes into a request: which messages share one, and how senders, bodies and our reference are written."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Final, cast
from urllib.parse import parse_qs, urlencode, urlsplit

from smskit import encoding
from smskit.records import Outgoing

REFERENCE: Final = "smskit"
"""The query parameter of a webhook address that holds our reference, where the carrier does not carry it."""

_LONGEST_SHORT_CODE: Final = 6

# ---------------------------------------------------------------- which messages share a request


def alike(
    messages: Sequence[Outgoing], size: int, key: Callable[[Outgoing], object] | None = None
) -> list[Sequence[Outgoing]]:
    """Put messages that differ in nothing but reference and number, or that have one *key*, together, up to *size*.

    No number twice in a group: a carrier that answers by number could not tell the two apart.
    """
    groups: dict[object, list[dict[int, Outgoing]]] = {}
    for message in messages:
        found = groups.setdefault((key or _shared)(message), [{}])
        if len(found[-1]) == size or message.number in found[-1]:
            found.append({})
        found[-1][message.number] = message
    return [tuple(group.values()) for found in groups.values() for group in found]


def _shared(message: Outgoing) -> object:
    return message.text, message.sender, message.kind, message.send_at, message.validity_s, message.carrier_stop


def chunks(messages: Sequence[Outgoing], size: int) -> Iterator[Sequence[Outgoing]]:
    """Cut *messages* into groups of at most *size*."""
    rest = iter(messages)
    while group := tuple(islice(rest, size)):
        yield group


def even_chunks(numbers: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    """Cut *numbers* into as few chunks of at most *size* as there can be, whose sizes differ by one at most.

    Of those who tell which numbers have RCS some count nothing in a short question.
    """
    count = -(-len(numbers) // size)
    for place in range(count):
        yield numbers[place * len(numbers) // count : (place + 1) * len(numbers) // count]


# ---------------------------------------------------------------- texts, senders and bodies


def is_unicode(text: str) -> bool:
    """Whether *text* needs UCS-2."""
    return encoding.measure(text).alphabet is encoding.UCS2


def is_digits(sender: str) -> bool:
    """Whether a sender is a number or a short code, and not a word."""
    digits = sender.removeprefix("+")
    return digits.isascii() and digits.isdigit()


def without_plus(sender: str) -> str:
    """Write a number without its plus sign; a word stays as it is."""
    return sender.removeprefix("+") if is_digits(sender) else sender


def with_plus(sender: str) -> str:
    """Write a number with its plus sign; words and short codes, which have six digits at most, stay as they are."""
    digits = sender.removeprefix("+")
    return f"+{digits}" if is_digits(sender) and len(digits) > _LONGEST_SHORT_CODE else sender


def merged(modelled: Mapping[str, object], extra: Mapping[str, object]) -> dict[str, object]:
    """Put *extra* over what smskit says; objects are merged, all else is replaced."""
    result = dict(modelled)
    for name, value in extra.items():
        ours = result.get(name)
        if isinstance(ours, Mapping) and isinstance(value, Mapping):
            value = merged(cast("Mapping[str, object]", ours), cast("Mapping[str, object]", value))
        result[name] = value
    return result


def json_of(value: object) -> bytes:
    """Write JSON, without needless spaces and letters as they are."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def form_of(modelled: Mapping[str, object], extra: Mapping[str, object]) -> bytes:
    """Write a form with *extra* over what smskit says; a list is a field that stands several times."""
    fields = [(name, _written(value)) for name, value in {**modelled, **extra}.items()]
    return urlencode(fields, doseq=True).encode()


def _written(value: object) -> object:
    if isinstance(value, list | tuple):
        return [_written(one) for one in cast("Sequence[object]", value)]
    return str(value).lower() if isinstance(value, bool) else str(value)


# ---------------------------------------------------------------- addresses, and our reference in them


def is_address(url: str) -> bool:
    """Whether *url* is an address that a request can go to, with scheme and host."""
    try:
        parts = urlsplit(url)
        is_whole = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return is_whole and url.isprintable() and " " not in url


def with_reference(url: str, reference: str) -> str:
    """Put our reference into the query of *url*."""
    parts = urlsplit(url)
    query = "&".join(filter(None, (parts.query, urlencode({REFERENCE: reference}))))
    return parts._replace(query=query).geturl()


def reference_in(url: str) -> str | None:
    """Give the reference in the query of *url*, None when there is none."""
    found = parse_qs(urlsplit(url).query).get(REFERENCE)
    # Ours is the last: the address that it was put into may have had one of the same name.
    return found[-1] if found else None
