"""Writing conditions: ``F.<column>`` for the contacts, ``Past.<fact>`` for earlier runs, ``tagged``.

>>> from smskit.contacts.predicates import F, Past, tagged
>>> print((F.ca_12_mois >= 200) & F.dernier_achat.within(days=90) & ~tagged("personnel"))
ca_12_mois at least 200 and dernier_achat within 90 days and not tagged "personnel"

``F.sent`` is always a column of the file and ``Past.sent`` always the fact: no file can change what a saved
condition means by having a column of that name.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import NoReturn

from smskit.contacts.column_conditions import (
    Age,
    AgeTest,
    Comparison,
    Missing,
    OneOf,
    Relation,
    TextMatch,
    TextTest,
)
from smskit.contacts.conditions import Predicate, Tagged
from smskit.contacts.operands import Literal, SegmentContext, Subject
from smskit.errors import InvalidInput

Value = int | float | Decimal | str | bool | date | datetime


class Operand:
    """Something that conditions are made from; alone it is none.

    Against a number cells are read as numbers (``1 234,56 €``), against a date or an aware datetime as dates
    (day first), against True or False as yes or no. Texts are compared without case and accents, but digit by
    digit: ``F.ville == "saint-etienne"`` finds ``Saint-Étienne`` and ``F.code_postal == "6308"`` does not
    find ``06308``. A cell that is empty or cannot be read so is no match, also for ``!=`` and under ``~``.
    """

    __slots__ = ("_subject",)

    # Comparing gives a condition, so an operand cannot be found in a set or a dict.
    __hash__ = None  # type: ignore[assignment]  # Python's own way of saying so

    def __init__(self, subject: Subject) -> None:
        self._subject = subject

    def _compare(self, relation: Relation, value: object) -> Predicate:
        return Comparison(self._subject, relation, Literal.of(value, str(self._subject)))

    def __eq__(self, value: object) -> Predicate:  # type: ignore[override]  # not a bool: see __bool__
        return self._compare(Relation.IS, value)

    def __ne__(self, value: object) -> Predicate:  # type: ignore[override]  # not a bool: see __bool__
        return self._compare(Relation.IS_NOT, value)

    def __lt__(self, value: Value) -> Predicate:
        return self._compare(Relation.BELOW, value)

    def __le__(self, value: Value) -> Predicate:
        return self._compare(Relation.AT_MOST, value)

    def __gt__(self, value: Value) -> Predicate:
        return self._compare(Relation.ABOVE, value)

    def __ge__(self, value: Value) -> Predicate:
        return self._compare(Relation.AT_LEAST, value)

    def between(self, low: Value, high: Value) -> Predicate:
        """Say *low* <= value <= *high*."""
        return (self >= low) & (self <= high)

    def in_(self, values: Iterable[Value]) -> Predicate:
        """Say that the value is one of *values*, all numbers, all texts or all dates.

        Raises:
            InvalidInput: no value, values of several kinds, or one text, whose letters nobody means.
        """
        if isinstance(values, str):
            raise InvalidInput(f"{self._subject}: in_ takes a list of values; for one text write == {values!r}")
        return OneOf(self._subject, tuple(Literal.of(value, str(self._subject)) for value in values))

    def __bool__(self) -> NoReturn:
        raise InvalidInput(f"{self!r} alone is no condition; compare it with something, for example {self!r} == True")

    def __repr__(self) -> str:
        return f"{'Past' if self._subject.past else 'F'}[{self._subject.name!r}]"


class Dated(Operand):
    """An operand that may hold a date."""

    __slots__ = ()

    def within(self, *, days: int) -> Predicate:
        """Say that the date is at most *days* calendar days before the plan's day, and not in the future."""
        return Age(self._subject, AgeTest.WITHIN, days)

    def older_than(self, *, days: int) -> Predicate:
        """Say that the date is more than *days* calendar days before the plan's day."""
        return Age(self._subject, AgeTest.OLDER, days)

    def is_missing(self) -> Predicate:
        """Say that there is no value: an empty cell, or no message ever sent."""
        return Missing(self._subject)


class Column(Dated):
    """A column of the contacts."""

    __slots__ = ()

    def startswith(self, *prefixes: str) -> Predicate:
        """Say that the text starts with one of *prefixes*: ``F.code_postal.startswith("13", "83")``."""
        return TextMatch(self._subject, TextTest.STARTS_WITH, self._texts(prefixes))

    def contains(self, *texts: str) -> Predicate:
        """Say that one of *texts* stands somewhere in the cell: ``F.centres.contains("vélo")``."""
        return TextMatch(self._subject, TextTest.CONTAINS, self._texts(texts))

    def _texts(self, texts: Iterable[str]) -> tuple[Literal, ...]:
        return tuple(Literal.of(text, self._subject.name) for text in texts)


class Columns:
    """``F``: every column of the contacts by its name, ``F.ville`` or ``F["code postal"]``."""

    __slots__ = ()

    def __getattr__(self, name: str) -> Column:
        # Notebooks, copy and pickle look for names such as _repr_html_; they must not find a column.
        if name.startswith("_"):
            raise AttributeError(f'F has no {name}; for a column of that name write F["{name}"]')
        return self[name]

    def __getitem__(self, name: str) -> Column:
        if not name.strip():
            raise InvalidInput("a column needs a name, for example F.ville or F['code postal']")
        return Column(Subject(name))

    def __repr__(self) -> str:
        return "F"


class Facts:
    """``Past``: what the store knows of earlier runs.

    ``sent``, ``delivered``, ``clicked``, ``replied`` and ``converted`` count, and are 0 for a number that was
    never sent to; ``last_sent`` is an instant, and is missing for such a number.
    """

    __slots__ = ()

    sent = Operand(Subject("sent", past=True))
    delivered = Operand(Subject("delivered", past=True))
    clicked = Operand(Subject("clicked", past=True))
    replied = Operand(Subject("replied", past=True))
    converted = Operand(Subject("converted", past=True))
    last_sent = Dated(Subject("last_sent", past=True))

    def __repr__(self) -> str:
        return "Past"


F = Columns()
Past = Facts()


def tagged(tag: str, /) -> Predicate:
    """Say that the contacts were read into the group *tag* (case and accents count).

    Raises:
        InvalidInput: an empty tag.
    """
    if not tag.strip():
        raise InvalidInput('a tag needs a name, for example tagged("vip")')
    return Tagged(tag)


__all__ = ["Column", "F", "Past", "Predicate", "SegmentContext", "tagged"]
