"""The two sides of a condition: what is looked at (a column, a fact of earlier runs), and a value.

The value decides how the cells of a column are read. Against a number they are numbers, against a date they
are dates, against a text they stay text: nothing is guessed from the cells.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, tzinfo
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from math import isfinite
from typing import Protocol

from attrs import field, frozen
from attrs.validators import instance_of

from smskit.cells import instant_of, parse_dates, parse_flags, parse_numbers
from smskit.errors import InvalidInput, NaiveDatetime, UnknownColumn
from smskit.phone.mask import mask
from smskit.records import Engagement

Json = None | bool | int | float | str | Sequence["Json"] | Mapping[str, "Json"]
Comparable = float | str | date | bool

# ---------------------------------------------------------------- where the rows come from


class Rows(Protocol):
    """A batch of contacts by column: each column, and ``numbers``, has ``size`` entries."""

    @property
    def size(self) -> int:
        """How many rows there are."""
        ...

    @property
    def columns(self) -> Mapping[str, Sequence[str]]:
        """The cells of each column, as text."""
        ...

    @property
    def numbers(self) -> Sequence[int]:
        """E.164 digits of each row, 0 where there is no number to send to."""
        ...


def _aware(_instance: object, _attribute: object, at: datetime) -> None:
    if at.tzinfo is None:
        raise NaiveDatetime("at", at)


@frozen
class SegmentContext:
    """What the rows alone do not say.

    Args:
        at: the instant of the plan; its zone is that in which the cells were written and days are counted.
        resolve: gives the column that a name in a predicate stands for (``code_postal`` for ``Code postal``),
            None when there is none.
        engagement: what earlier runs know, by number; a number that is not in it was never sent to. None
            means that no store was asked.
        tags: the tags that the rows carry.
    """

    at: datetime = field(validator=_aware)
    resolve: Callable[[str], str | None]
    engagement: Mapping[int, Engagement] | None = None
    tags: frozenset[str] = frozenset()


# ---------------------------------------------------------------- the value


class ValueKind(Enum):
    """How a value, and with it the cells it is compared with, are read."""

    NUMBER = "number"
    TEXT = "text"
    DATE = "date"
    INSTANT = "instant"
    FLAG = "flag"


_TELEPHONE = re.compile(r"\+?[\d\s.()/-]{9,}")


@frozen
class Literal:
    """A value of a condition with its kind, so that ``True`` and ``1`` stay two things."""

    kind: ValueKind
    value: float | str | date | bool

    @classmethod
    def of(cls, value: object, name: str) -> Literal:
        """Take a value out of Python.

        Args:
            value: int, float, Decimal, str, bool, date or aware datetime.
            name: the column or fact, for the error.

        Raises:
            InvalidInput: a value of another type, an empty text, a number that is not finite.
            NaiveDatetime: a datetime without a zone.
        """
        if isinstance(value, bool):
            return cls(ValueKind.FLAG, value)
        if isinstance(value, (int, float, Decimal)):
            # Cells are read as floats. A Decimal has to become one too, or 0.1 would differ from
            # Decimal("0.1").
            number = float(value)
            if not isfinite(number):
                raise InvalidInput(f"{name} cannot be compared with {value}, which is not a finite number")
            return cls(ValueKind.NUMBER, number)
        if isinstance(value, datetime):
            if value.tzinfo is None:
                raise NaiveDatetime(name, value)
            return cls(ValueKind.INSTANT, value)
        if isinstance(value, date):
            return cls(ValueKind.DATE, value)
        if isinstance(value, str) and value.strip():
            return cls(ValueKind.TEXT, value)
        raise InvalidInput(_why_not(value, name))

    @property
    def operand(self) -> Comparable:
        """What the cells, once read, are compared with."""
        return fold(self.value) if isinstance(self.value, str) else self.value

    def __str__(self) -> str:
        if isinstance(self.value, bool):
            return "yes" if self.value else "no"
        if isinstance(self.value, float):
            text = str(int(self.value)) if self.value.is_integer() else repr(self.value)
            return mask(text) if len(text) >= 9 and text.isdigit() else text
        if isinstance(self.value, str):
            return f'"{mask(self.value) if _TELEPHONE.fullmatch(self.value) else self.value}"'
        return str(self.value)

    def to_json(self) -> Json:
        """Give ``{kind: value}``; :meth:`from_json` reads it."""
        value = self.value
        if isinstance(value, float) and value.is_integer():
            return {self.kind.value: int(value)}
        return {self.kind.value: value.isoformat() if isinstance(value, date) else value}

    @classmethod
    def from_json(cls, saved: Json) -> Literal:
        """Read what :meth:`to_json` gave.

        Raises:
            InvalidInput: anything else.
        """
        kind, value = _only_entry(saved, "a value")
        moment: Json | date = value
        try:
            if kind in ("date", "instant") and isinstance(value, str):
                moment = date.fromisoformat(value) if kind == "date" else datetime.fromisoformat(value)
        except ValueError:
            raise InvalidInput(f"a saved predicate has {kind} {value!r}, which is none") from None
        literal = cls.of(moment, "the saved value")
        if literal.kind.value != kind:
            raise InvalidInput(f"a saved predicate calls {value!r} a {kind}")
        return literal


def _why_not(value: object, name: str) -> str:
    if value is None or isinstance(value, str):
        return f"{name} cannot be compared with an empty value; write .is_missing() for an empty cell"
    return (
        f"{name} cannot be compared with a {type(value).__name__}; write a number, a text, True, False, "
        f"a date or an aware datetime"
    )


def _only_entry(saved: Json, what: str) -> tuple[str, Json]:
    if not isinstance(saved, Mapping) or len(saved) != 1:
        raise InvalidInput(f"a saved predicate has {saved!r} where {what} should be")
    return next(iter(saved.items()))


# ---------------------------------------------------------------- text


@lru_cache(1 << 14)
def fold(text: str) -> str:
    """Give the form in which texts are compared: no case, no accents, single spaces, none around.

    ``Saint-Étienne``, ``SAINT-ETIENNE`` and ``saint-etienne`` are one town, however the till wrote it.
    Digits, hyphens and other signs count, and a leading zero does: ``06308`` is not ``6308``.
    """
    if not text.isascii():
        # Unicode's caseless matching (chapter 3, D146), plus the ligatures that people type in two ways.
        letters = unicodedata.normalize("NFKD", text).casefold().replace("œ", "oe").replace("æ", "ae")
        letters = unicodedata.normalize("NFKD", letters)
        text = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return " ".join(text.lower().split())


# ---------------------------------------------------------------- what is looked at

_NOTHING = Engagement()
COUNTS = ("sent", "delivered", "clicked", "replied", "converted")
LAST_SENT = "last_sent"


def day_of(moment: date | datetime | None, zone: tzinfo | None) -> date | None:
    """Give the calendar day of *moment* in *zone*; a wall clock without an offset is taken as the zone's."""
    if not isinstance(moment, datetime):
        return moment
    if moment.tzinfo is None:
        return moment.date()
    try:
        return moment.astimezone(zone).date()
    except OverflowError:  # the last day of the year 9999, "for ever" in some systems
        return moment.date()


@frozen
class Subject:
    """A column of the contacts, or with ``past`` a fact of earlier runs; their names never meet."""

    name: str = field(validator=instance_of(str))
    past: bool = False

    def __str__(self) -> str:
        return f"past {self.name}" if self.past else self.name

    def accept(self, kind: ValueKind) -> None:
        """Refuse a value that a fact of earlier runs cannot be compared with."""
        dated = kind in (ValueKind.DATE, ValueKind.INSTANT)
        if self.past and (not dated if self.name == LAST_SENT else kind is not ValueKind.NUMBER):
            wanted = "a date or an aware datetime" if self.name == LAST_SENT else "a whole number"
            raise InvalidInput(f"Past.{self.name} is compared with {wanted}, not with a {kind.value}")

    def cells(self, rows: Rows, context: SegmentContext) -> Sequence[str]:
        """Give the cells of the column.

        Raises:
            UnknownColumn: the contacts do not have it.
        """
        actual = context.resolve(self.name)
        if actual is None or actual not in rows.columns:
            raise UnknownColumn(self.name, tuple(rows.columns))
        return rows.columns[actual]

    def facts(self, rows: Rows, context: SegmentContext) -> list[Engagement]:
        """Give what earlier runs know of each row.

        Raises:
            InvalidInput: no store was asked.
        """
        known = context.engagement
        if known is None:
            raise InvalidInput(f"Past.{self.name} needs the store of the earlier runs; give store= to the plan")
        return [known.get(number, _NOTHING) for number in rows.numbers]

    def moments(self, rows: Rows, context: SegmentContext) -> Sequence[date | datetime | None]:
        """Give the date or instant of each row, None where there is none or it cannot be read."""
        if self.past:
            return [fact.last_sent for fact in self.facts(rows, context)]
        return parse_dates(self.cells(rows, context))

    def values(self, kind: ValueKind, rows: Rows, context: SegmentContext) -> Sequence[Comparable | None]:
        """Give each row's value, read as *kind*; None where the cell is empty or cannot be read so."""
        zone = context.at.tzinfo
        if kind is ValueKind.DATE:
            return [day_of(moment, zone) for moment in self.moments(rows, context)]
        if kind is ValueKind.INSTANT:
            return [None if zone is None else instant_of(moment, zone) for moment in self.moments(rows, context)]
        if self.past:
            return [float(getattr(fact, self.name)) for fact in self.facts(rows, context)]
        if kind is ValueKind.NUMBER:
            return parse_numbers(self.cells(rows, context))
        if kind is ValueKind.FLAG:
            return parse_flags(self.cells(rows, context))
        return self.texts(rows, context)

    def texts(self, rows: Rows, context: SegmentContext) -> list[str | None]:
        """Give the text of each row in the form in which texts are compared, None for an empty cell."""
        return [fold(cell) or None for cell in self.cells(rows, context)]

    def to_json(self) -> Json:
        """Give ``{"column": name}`` or ``{"past": name}``."""
        return {"past" if self.past else "column": self.name}

    @classmethod
    def from_json(cls, saved: Json) -> Subject:
        """Read what :meth:`to_json` gave.

        Raises:
            InvalidInput: anything else.
        """
        source, name = _only_entry(saved, "a column")
        if source == "past" and name in (*COUNTS, LAST_SENT):
            return cls(str(name), past=True)
        if source != "column" or not isinstance(name, str):
            raise InvalidInput(f"a saved predicate looks at {source} {name!r}, which this version does not know")
        return cls(name)
