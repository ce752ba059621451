"""Reading JSON member by member: what is not as it should be is written down, and reading goes on."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from difflib import get_close_matches
from enum import Enum
from typing import TypeVar, cast

from smskit.display import Level
from smskit.rcs.extras import why_no_json
from smskit.rcs.findings import Finding, errors_of

_Word = TypeVar("_Word", bound=Enum)

_TIME = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)", re.ASCII)
_DURATION = re.compile(r"(\d{1,12})(?:\.(\d{1,9}))?s", re.ASCII)
_SHOWABLE = re.compile(r"[A-Za-z_]{1,40}", re.ASCII)
_TYPES: Mapping[type, str] = {
    str: "a text", bool: "true or false", int: "a number", float: "a number", dict: "an object", list: "a list",
}  # fmt: skip


class Notes:
    """What reading found, and the members that are kept although nobody here knows them."""

    def __init__(self, *, keep_unknown: bool) -> None:
        self.keep_unknown = keep_unknown
        self.findings: list[Finding] = []
        self.extra: dict[str, object] = {}

    def add(
        self, path: str, rule: str, actual: str, limit: str, *, level: Level = Level.ERROR, advice: str = ""
    ) -> None:
        """Write a finding down."""
        self.findings.append(Finding(path, rule, actual, limit, level=level, advice=advice))


class Members:
    """One JSON object, read by name. Null is as good as absent, as everywhere in this interface."""

    def __init__(self, of: Mapping[str, object], path: str, notes: Notes) -> None:
        self._of = {str(name): value for name, value in of.items() if value is not None}
        self._asked: set[str] = set()
        self.path = path
        self.notes = notes

    def at(self, name: str) -> str:
        """Give the path of a member."""
        return f"{self.path}.{name}" if self.path else name

    def has(self, name: str) -> bool:
        """Whether the member is there."""
        return name in self._of

    def take(self, name: str) -> object:
        """Give a member as it stands, None when it is absent."""
        self._asked.add(name)
        return self._of.get(name)

    def text(self, name: str) -> str | None:
        """Give a text, None when there is none."""
        value = self.take(name)
        if value is None or isinstance(value, str):
            return value
        self._mistyped(name, value, "a text")
        return None

    def needed_text(self, name: str) -> str:
        """Give a text that must be there; an empty one stands in for it."""
        text = self.text(name)
        if text is None:
            self._missing(name, "a text")
        return text or ""

    def number(self, name: str) -> float | None:
        """Give a number."""
        value = self.take(name)
        if value is None or (isinstance(value, (int, float)) and not isinstance(value, bool)):
            return value
        self._mistyped(name, value, "a number")
        return None

    def boolean(self, name: str) -> bool | None:
        """Give true or false."""
        value = self.take(name)
        if value is None or isinstance(value, bool):
            return value
        self._mistyped(name, value, "true or false")
        return None

    def word(self, name: str, vocabulary: type[_Word]) -> _Word | None:
        """Give a word of *vocabulary*; the platform's *unspecified* is as good as absent."""
        value = self.take(name)
        if value is None:
            return None
        known = {one.value: one for one in vocabulary}
        if isinstance(value, str) and value in known:
            return known[value]
        shown = value if isinstance(value, str) and _SHOWABLE.fullmatch(value) else _type_of(value)
        limit = ", ".join(map(str, known))
        if isinstance(value, str) and value.endswith("_UNSPECIFIED"):
            advice = "it is the same as leaving it out"
            self.notes.add(self.at(name), "form.word", shown, limit, level=Level.WARNING, advice=advice)
        else:
            self.notes.add(self.at(name), "form.word", shown, limit)
        return None

    def needed_word(self, name: str, vocabulary: type[_Word], stand_in: _Word) -> _Word:
        """Give a word that must be there; *stand_in* lets reading go on without it."""
        found = self.word(name, vocabulary)
        if found is None:
            self._missing(name, ", ".join(str(one.value) for one in vocabulary))
        return found or stand_in

    def members(self, name: str) -> Members | None:
        """Give an object, to be read in its turn."""
        value = self.take(name)
        if value is None:
            return None
        if isinstance(value, Mapping):
            return Members(cast("Mapping[str, object]", value), self.at(name), self.notes)
        self._mistyped(name, value, "an object")
        return None

    def rows(self, name: str) -> Iterator[Members | None]:
        """Give a list of objects, each to be read in its turn; None for what is no object."""
        value = self.take(name)
        if value is None:
            return
        if not isinstance(value, (list, tuple)):
            self._mistyped(name, value, "a list")
            return
        for index, one in enumerate(cast("Sequence[object]", value)):
            path = f"{self.at(name)}[{index}]"
            if isinstance(one, Mapping):
                yield Members(cast("Mapping[str, object]", one), path, self.notes)
            else:
                self.notes.add(path, "form.type", _type_of(one), "an object")
                yield None

    def one_of(self, *names: str) -> str | None:
        """Give which of *names* is there; none and several are findings."""
        found = [name for name in names if self.has(name)]
        if not found:
            self.notes.add(self.path, "form.choice", "none", f"one of {', '.join(names)}")
        elif len(found) > 1:
            self.notes.add(self.path, "form.choice", " and ".join(found), "one of them")
        self._asked.update(names)
        return found[0] if found else None

    def time(self, name: str) -> datetime | None:
        """Give a time as RFC 3339 writes it."""
        text = self.text(name)
        if text is None:
            return None
        match = _TIME.fullmatch(text)
        at = None if match is None else _time(*match.groups())
        if at is None:
            self.notes.add(self.at(name), "form.time", "no time", "RFC 3339, such as 2026-06-24T12:00:00Z")
        elif match is not None:
            self._precise(name, match[5])
        return at

    def needed_time(self, name: str) -> datetime:
        """Give a time that must be there; the epoch stands in for it."""
        if not self.has(name):
            self._missing(name, "a time")
        return self.time(name) or datetime(1970, 1, 1, tzinfo=timezone.utc)

    def duration(self, name: str) -> timedelta | None:
        """Give a length of time, written as seconds: ``3.5s``."""
        text = self.text(name)
        if text is None:
            return None
        match = _DURATION.fullmatch(text)
        try:
            found = None if match is None else timedelta(0, int(match[1]), _micros(match[2]))
        except OverflowError:
            found = None
        if found is None:
            self.notes.add(self.at(name), "form.duration", "no duration", "seconds with an s, such as 3600s")
        elif match is not None:
            self._precise(name, match[2])
        return found

    def close(self, output_only: frozenset[str] = frozenset()) -> None:
        """Say which members nobody asked for."""
        for name in self._of:
            if name in self._asked:
                continue
            if name in output_only and why_no_json(self._of[name]) is None:
                limit = "nothing: the platform writes it and does not read it"
                self.notes.add(self.at(name), "form.output_only", "present", limit, level=Level.INFO)
                self.notes.extra[self.at(name)] = self._of[name]
            else:
                self._unknown(name)

    def rest(self) -> dict[str, object]:
        """Give the whole object as it stands."""
        return dict(self._of)

    def left(self) -> list[str]:
        """Give the names that nobody asked for yet."""
        return [name for name in self._of if name not in self._asked]

    def _unknown(self, name: str) -> None:
        # A name with a dot would be another path: it cannot be put back in its place.
        placed = bool(name) and not set(name) & set(".[]")
        kept = self.notes.keep_unknown and placed and why_no_json({name: self._of[name]}) is None
        if kept:
            self.notes.extra[self.at(name)] = self._of[name]
        near = get_close_matches(_camel(name), self._asked, 1, 0.6)
        advice = f"is {near[0]} meant?" if near else "the platform refuses members that it does not know"
        shown = name if _SHOWABLE.fullmatch(name) else "a name"
        level = Level.WARNING if kept else Level.ERROR
        self.notes.add(self.at(shown), "form.unknown", shown, "members of the interface", level=level, advice=advice)

    def _precise(self, name: str, fraction: str | None) -> None:
        if fraction is not None and fraction[6:].strip("0"):
            advice = "it is cut to microseconds here"
            self.notes.add(
                self.at(name), "form.precision", "nanoseconds", "microseconds", level=Level.WARNING, advice=advice
            )

    def _missing(self, name: str, limit: str) -> None:
        path = self.at(name)
        if not any(one.path == path for one in errors_of(self.notes.findings)):
            self.notes.add(path, "form.missing", "missing", limit)

    def _mistyped(self, name: str, value: object, limit: str) -> None:
        self.notes.add(self.at(name), "form.type", _type_of(value), limit)


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(map(str.title, others))


def _type_of(value: object) -> str:
    return _TYPES.get(type(value), "something else")


def _micros(fraction: str | None) -> int:
    return int((fraction or "0")[:6].ljust(6, "0"))


def _time(day: str, hour: str, minute: str, second: str, fraction: str | None, zone: str) -> datetime | None:
    # The second that is put in now and then (:60) is the first of the next minute for everybody else.
    leap = timedelta(seconds=1) if second == "60" else timedelta()
    clock = f"{hour}:{minute}:{'59' if leap else second}.{_micros(fraction):06d}"
    try:
        at = datetime.fromisoformat(f"{day}T{clock}{'+00:00' if zone == 'Z' else zone}")
        return at.astimezone(timezone.utc) + leap
    except (ValueError, OverflowError):
        return None
