"""Reading what carriers write: any field may be missing, of another type, or nonsense, and nothing raises for that."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, timezone, tzinfo
from decimal import Decimal, InvalidOperation
from typing import cast

_INSTANT = re.compile(
    r"(?P<date>\d{4}-\d\d-\d\d)[T ](?P<time>\d\d:\d\d(?::\d\d)?)(?:[.,](?P<fraction>\d+))?"
    r"\s*(?P<zone>Z|z|[+-]\d\d:?\d\d|[+-]\d\d)?"
)
_LONGEST_CODE = 80
_DIGITS = re.compile(r"\d{7}")  # no code has so many in a row, and each number does
_LARGEST = 10**19
_BETWEEN_DIGITS = str.maketrans("", "", " \t\r\n\u00a0\u202f.-()")
_NO_FIELDS: Mapping[str, object] = {}


def json_in(body: bytes) -> object:
    """Give the value that *body* holds, None when it is not JSON."""
    try:
        # Every nesting costs a frame: what nests deeper than the parser goes is no answer of a carrier.
        return cast("object", json.loads(body))
    except (ValueError, RecursionError):
        return None


def dig(value: object, *path: str | int) -> object:
    """Follow *path* into objects and arrays; None where it leads nowhere."""
    # The parser makes dicts and lists and nothing else; asking for just these is five times faster, and this is done
    # ten times for each message of an answer.
    for step in path:
        if type(value) is dict:
            value = cast("dict[object, object]", value).get(step)
        elif type(value) is list and type(step) is int:
            items = cast("list[object]", value)
            value = items[step] if -len(items) <= step < len(items) else None
        else:
            return None
    return value


def fields_of(value: object) -> Mapping[str, object]:
    """Give the fields of an object; none for anything else."""
    return cast("dict[str, object]", value) if type(value) is dict else _NO_FIELDS


def items_in(value: object) -> Sequence[object]:
    """Give the elements of an array; nothing for anything else."""
    return cast("list[object]", value) if isinstance(value, list) else ()


def one_or_many(value: object) -> Sequence[object]:
    """Give the elements of an array, or the one object that stands where an array may; nothing for anything else."""
    return (cast("object", value),) if isinstance(value, Mapping) else items_in(value)


def text_in(value: object) -> str:
    """Give a string or a number as text; empty for anything else."""
    if type(value) is str:
        return value
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return str(value)


def text_or_none(value: object) -> str | None:
    """Give :func:`text_in`, None where nothing is told: what stands behind a suggestion may be an empty text."""
    return None if value is None else text_in(value)


def int_in(value: object) -> int | None:
    """Give a whole number, written as one or as text."""
    if type(value) is int and -_LARGEST < value < _LARGEST:
        return value
    text = text_in(value).strip()
    digits = text.removeprefix("-")
    return int(text) if digits.isascii() and digits.isdigit() and len(digits) < 20 else None


def decimal_in(value: object) -> Decimal | None:
    """Give an amount, written as a number or as text."""
    try:
        amount = Decimal(text_in(value).strip())
    except InvalidOperation:
        return None
    return amount if amount.is_finite() else None


def number_in(value: object) -> int | None:
    """Give the digits of an international number, however it is written; None for a word or a short code.

    None also for a national one: without its country it would be somebody else's.
    """
    text = text_in(int(value) if type(value) is float and value.is_integer() else value)
    digits = text.translate(_BETWEEN_DIGITS).removeprefix("+").removeprefix("00")
    fits = digits.isascii() and digits.isdigit() and 7 <= len(digits) <= 15 and digits[0] != "0"
    return int(digits) if fits else None


def code_in(value: object) -> str:
    """Give a carrier's code as it may be kept and logged: letters, digits and a few signs, never a sentence.

    A sentence of a carrier may quote the number or the text.
    """
    text = text_in(value).strip()
    fit = len(text) <= _LONGEST_CODE and all(sign.isalnum() or sign in "._-/:" for sign in text)
    return text if fit and not _DIGITS.search(text) else ""


def codes_in(*values: object) -> str:
    """Give the codes of one thing with strokes between them, the general one first: ``failed/30007``."""
    return "/".join(filter(None, map(code_in, values)))


def instant_in(value: object, zone: tzinfo = timezone.utc) -> datetime | None:
    """Give an instant in UTC, read from ISO 8601 and what resembles it; *zone* is meant where none is written."""
    found = _INSTANT.fullmatch(text_in(value).strip())
    if found is None:
        return None
    try:
        naive = datetime.fromisoformat(f"{found['date']}T{found['time']}")
        # Carriers write from one to nine digits; we keep six.
        naive += timedelta(microseconds=int((found["fraction"] or "0")[:6].ljust(6, "0")))
        return naive.replace(tzinfo=_zone(found["zone"]) or zone).astimezone(timezone.utc)
    except (ValueError, OverflowError):
        return None


def mail_date_in(text: str) -> datetime | None:
    """Give an instant as mail and HTTP write it; UTC is meant where no zone is written. Source: RFC 5322 clause 3.3."""
    from email.utils import parsedate_to_datetime  # late: few answers have a date that matters

    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=timezone.utc)


def until(at: datetime | None, now: datetime) -> datetime:
    """Give *at*, or *now* where none was told or it lies ahead: a receipt never comes before what it tells."""
    return now if at is None else min(at, now)


def _zone(text: str | None) -> tzinfo | None:
    if text is None:
        return None
    if text in "Zz":
        return timezone.utc
    digits = text[1:].replace(":", "").ljust(4, "0")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-offset if text[0] == "-" else offset)


def epoch_in(value: object) -> datetime | None:
    """Give an instant from seconds, or milliseconds, since 1970."""
    amount = decimal_in(value)
    if amount is None or amount < 0:
        return None
    try:
        # Seconds have ten digits until the year 2286; thirteen are milliseconds.
        seconds = amount / 1000 if amount >= 100_000_000_000 else amount
        return datetime.fromtimestamp(float(seconds), timezone.utc)
    except (ValueError, ArithmeticError, OSError):
        return None
