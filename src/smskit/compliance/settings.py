"""What the settings of a rule must hold for its predicate to be able to decide it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from typing import cast

from smskit.compliance.calendar import read_day
from smskit.compliance.timetable import check_hours
from smskit.compliance.vocabulary import Check, Declaration, Effect, Sector
from smskit.errors import InvalidInput

Complaint = Callable[[object], "str | None"]


def _pattern(value: object) -> str | None:
    try:
        re.compile(value if isinstance(value, str) else "(")
    except re.error as problem:
        return f"is no regular expression: {problem}"
    return None


def _patterns(value: object) -> str | None:
    given = cast("list[object]", value) if isinstance(value, list) and value else [None]
    return next((found for pattern in given if (found := _pattern(pattern))), None)


def _text(value: object) -> str | None:
    return None if isinstance(value, str) and value else "must be a text"


def _count(value: object) -> str | None:
    return None if isinstance(value, int) and value > 0 else "must be a whole number above zero"


def _word_of(words: type[Enum]) -> Complaint:
    known = [str(word.value) for word in words]
    return lambda value: None if value in known else f"must be one of {', '.join(known)}"


_declaration = _word_of(Declaration)


def _groups(value: object) -> str | None:
    """Exceptions are groups of declarations; one whole group is enough."""
    groups = cast("list[object]", value) if isinstance(value, list) else [None]
    for group in groups:
        words = cast("list[object]", group) if isinstance(group, list) and group else [None]
        complaint = next((found for word in words if (found := _declaration(word))), None)
        if complaint:
            return complaint
    return None


_NEEDED: Mapping[Check, Mapping[str, Complaint]] = {
    Check.CONSENT_VALID: {"refused_sources": _patterns},
    Check.RETENTION: {"years": _count},
    Check.MINOR: {"age": _count},
    Check.FREQUENCY: {"most": _count, "days": _count},
    Check.STOP_MENTION: {"form": _pattern},
    Check.STOP_NUMBER: {"forbidden": _pattern},
    Check.PREMIUM: {"pattern": _pattern},
    Check.SENDER_PATTERN: {"pattern": _pattern},
    Check.SENDER_NUMBER: {"country_code": _text, "allowed": _pattern, "mobile": _pattern},
    Check.SENDER_SHORT_CODE: {"forbidden": _pattern},
    Check.SENDER_GENERIC: {"list": _text},
    Check.SENDER_BRAND: {"list": _text},
    Check.ROUTE: {"needs": _declaration},
    Check.URL_SHORTENER: {"list": _text},
    Check.URL_SPOOF: {"list": _text},
    Check.BRAND_LINK: {"list": _text},
    Check.SECTOR: {"sector": _word_of(Sector), "markers": _text},
    Check.MENTION: {"sector": _word_of(Sector), "markers": _text, "must_contain": _pattern},
    Check.GIFT: {"markers": _text, "gifts": _text},
    Check.BANK_DATA: {"markers": _text},
    Check.VOTE: {"sector": _word_of(Sector)},
}
_MAY: Mapping[str, Complaint] = {
    "must_contain": _pattern,
    "reply": _pattern,
    "exceptions": _groups,
    "unlabelled": _word_of(Effect),
    "waived_by": _declaration,
    "adult_sectors": _count,
    "customer_months": _count,
}


def settings_problems(check: Check, settings: object) -> Iterator[str]:
    """Say what is wrong with the settings of a rule that *check* decides."""
    if check is Check.HOURS:
        yield from check_hours(settings)
    if not isinstance(settings, dict):
        yield "settings must be an object"
        return
    given = cast("dict[str, object]", settings)
    for key, complaint in (*_NEEDED.get(check, {}).items(), *_MAY.items()):
        if key in given:
            problem = complaint(given[key])
            if problem:
                yield f"settings: {key} {problem}"
        elif key in _NEEDED.get(check, {}):
            yield f"settings need {key!r}"


def table_problems(name: str, table: object) -> Iterator[str]:
    """Say what is wrong with a table of markers; tables of other shapes are read as they stand."""
    if not isinstance(table, dict):
        return
    row = cast("dict[str, object]", table)
    for key in sorted(row.keys() & {"words", "regex", "not", "stems"}):
        words = cast("list[object]", row[key]) if isinstance(row[key], list) else [None]
        if not all(isinstance(word, str) for word in words):
            yield f"table {name}: {key} must be a list of texts"
        elif key == "regex" and (problem := next((found for word in words if (found := _pattern(word))), None)):
            yield f"table {name}: an entry of regex {problem}"


def day_problems(days: object) -> Iterator[str]:
    """Say what is wrong with a list of days off."""
    if not isinstance(days, list):
        yield "days off must be a list"
        return
    for day in cast("list[object]", days):
        problem = _day_problem(day)
        if problem:
            yield problem


def _day_problem(day: object) -> str | None:
    try:
        found = read_day(str(day))
        found.in_year(2024)
    except (InvalidInput, ValueError) as problem:
        return f"{day!r} is no day off: {problem}"
    return None
