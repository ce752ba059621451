"""The conditions on one column of the contacts, or on one fact of earlier runs."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from enum import Enum

from attrs import frozen
from typing_extensions import override

from smskit.contacts.answers import Answers
from smskit.contacts.conditions import Predicate, Saved
from smskit.contacts.operands import (
    Comparable,
    Json,
    Literal,
    Rows,
    SegmentContext,
    Subject,
    ValueKind,
    day_of,
    fold,
)
from smskit.errors import InvalidInput


@frozen(repr=False)
class _Leaf(Predicate):
    subject: Subject

    @property
    @override
    def subjects(self) -> tuple[Subject, ...]:
        return (self.subject,)


class Relation(Enum):
    """How a value stands to another."""

    IS = "is"
    IS_NOT = "is_not"
    BELOW = "below"
    AT_MOST = "at_most"
    ABOVE = "above"
    AT_LEAST = "at_least"


_COMPARE: Mapping[Relation, Callable[[Comparable, Comparable], bool]] = {
    Relation.IS: operator.eq,
    Relation.IS_NOT: operator.ne,
    Relation.BELOW: operator.lt,
    Relation.AT_MOST: operator.le,
    Relation.ABOVE: operator.gt,
    Relation.AT_LEAST: operator.ge,
}
_ON_DATES = {
    Relation.BELOW: "before",
    Relation.AT_MOST: "on or before",
    Relation.ABOVE: "after",
    Relation.AT_LEAST: "on or after",
}


@frozen(repr=False)
class Comparison(_Leaf):
    """``F.ca_12_mois >= 200``."""

    test = "compare"
    relation: Relation
    literal: Literal

    def __attrs_post_init__(self) -> None:
        self.subject.accept(self.literal.kind)
        if self.literal.kind is ValueKind.FLAG and self.relation not in (Relation.IS, Relation.IS_NOT):
            raise InvalidInput(f"{self.subject} is compared with yes or no; only == and != say something then")

    @override
    def answers(self, rows: Rows, context: SegmentContext, /) -> Answers:
        compare, wanted = _COMPARE[self.relation], self.literal.operand
        values = self.subject.values(self.literal.kind, rows, context)
        return Answers.of(bytes([2 if value is None else compare(value, wanted) for value in values]))

    @override
    def state(self) -> dict[str, Json]:
        return {
            "of": self.subject.to_json(),
            "relation": self.relation.value,
            "value": self.literal.to_json(),
        }

    @classmethod
    @override
    def restored(cls, saved: Saved, /) -> Predicate:
        return cls(saved.subject(), saved.word("relation", Relation), saved.literal())

    def __str__(self) -> str:
        dated = _ON_DATES.get(self.relation) if self.literal.kind in (ValueKind.DATE, ValueKind.INSTANT) else None
        return f"{self.subject} {dated or self.relation.value.replace('_', ' ')} {self.literal}"


def _named(literals: tuple[Literal, ...]) -> str:
    shown = ", ".join(map(str, literals[:5]))
    return f"{shown} … ({len(literals)} values)" if len(literals) > 5 else shown


@frozen(repr=False)
class OneOf(_Leaf):
    """``F.ville.in_(["Marseille", "Aix-en-Provence"])``."""

    test = "one_of"
    literals: tuple[Literal, ...]

    def __attrs_post_init__(self) -> None:
        kinds = {literal.kind for literal in self.literals}
        if len(kinds) != 1:
            problem = (
                "no value to choose from"
                if not kinds
                else "values of several kinds; give all as text, or all as numbers"
            )
            raise InvalidInput(f"{self.subject}: in_ has {problem}")
        self.subject.accept(*kinds)

    @override
    def answers(self, rows: Rows, context: SegmentContext, /) -> Answers:
        wanted = {literal.operand for literal in self.literals}
        values = self.subject.values(self.literals[0].kind, rows, context)
        return Answers.of(bytes([2 if value is None else value in wanted for value in values]))

    @override
    def state(self) -> dict[str, Json]:
        return {"of": self.subject.to_json(), "values": [literal.to_json() for literal in self.literals]}

    @classmethod
    @override
    def restored(cls, saved: Saved, /) -> Predicate:
        return cls(saved.subject(), saved.literals())

    def __str__(self) -> str:
        return f"{self.subject} is one of {_named(self.literals)}"


class TextTest(Enum):
    """Where a text is looked for in a cell."""

    STARTS_WITH = "starts_with"
    CONTAINS = "contains"


@frozen(repr=False)
class TextMatch(_Leaf):
    """``F.code_postal.startswith("13")``; one of several texts is enough."""

    test = "text"
    how: TextTest
    literals: tuple[Literal, ...]

    def __attrs_post_init__(self) -> None:
        if self.subject.past or not self.literals or any(text.kind is not ValueKind.TEXT for text in self.literals):
            raise InvalidInput(f"{self.subject}: {self.how.value.replace('_', ' ')} needs a text, in quotes")

    @override
    def answers(self, rows: Rows, context: SegmentContext, /) -> Answers:
        wanted = re.compile("|".join(re.escape(fold(str(literal.value))) for literal in self.literals))
        found = wanted.match if self.how is TextTest.STARTS_WITH else wanted.search
        texts = self.subject.texts(rows, context)
        return Answers.of(bytes([2 if text is None else found(text) is not None for text in texts]))

    @override
    def state(self) -> dict[str, Json]:
        texts = [literal.to_json() for literal in self.literals]
        return {"of": self.subject.to_json(), "how": self.how.value, "values": texts}

    @classmethod
    @override
    def restored(cls, saved: Saved, /) -> Predicate:
        return cls(saved.subject(), saved.word("how", TextTest), saved.literals())

    def __str__(self) -> str:
        return f"{self.subject} {self.how.value.replace('_', ' ')} {' or '.join(map(str, self.literals))}"


class AgeTest(Enum):
    """On which side of a number of days a date lies."""

    WITHIN = "within"
    OLDER = "older_than"


@frozen(repr=False)
class Age(_Leaf):
    """``F.dernier_achat.within(days=90)``: calendar days before the instant of the plan, in its zone.

    Of the day that lies exactly *days* back, within says yes and older than says no. What is still to come is
    neither. A number that was never sent to has no last message: it is neither, and that much is known.
    """

    test = "age"
    how: AgeTest
    days: int

    def __attrs_post_init__(self) -> None:
        if type(self.days) is not int or self.days < 0:
            raise InvalidInput(f"{self.subject}: days={self.days!r} must be a whole number, zero or more")
        self.subject.accept(ValueKind.DATE)

    @override
    def answers(self, rows: Rows, context: SegmentContext, /) -> Answers:
        today = context.at.date()
        oldest = date.fromordinal(max(1, today.toordinal() - self.days))
        moments = self.subject.moments(rows, context)
        # Plain dates, the common case, are judged in place.
        if self.how is AgeTest.WITHIN:
            codes = [oldest <= m <= today if type(m) is date else self._code(m, context.at, oldest) for m in moments]
        else:
            codes = [m < oldest if type(m) is date else self._code(m, context.at, oldest) for m in moments]
        return Answers.of(bytes(codes))

    def _code(self, moment: date | datetime | None, at: datetime, oldest: date) -> int:
        day = day_of(moment, at.tzinfo)
        if day is None:
            return 0 if self.subject.past else 2
        if isinstance(moment, datetime) and moment.replace(tzinfo=moment.tzinfo or at.tzinfo) > at:
            return 0
        return oldest <= day if self.how is AgeTest.WITHIN else day < oldest

    @override
    def state(self) -> dict[str, Json]:
        return {"of": self.subject.to_json(), "how": self.how.value, "days": self.days}

    @classmethod
    @override
    def restored(cls, saved: Saved, /) -> Predicate:
        return cls(saved.subject(), saved.word("how", AgeTest), saved.whole("days"))

    def __str__(self) -> str:
        return f"{self.subject} {self.how.value.replace('_', ' ')} {self.days} days"


@frozen(repr=False)
class Missing(_Leaf):
    """``F.email.is_missing()``: the cell is empty, or holds nothing but spaces. Always yes or no."""

    test = "missing"

    @override
    def answers(self, rows: Rows, context: SegmentContext, /) -> Answers:
        if self.subject.past:
            return Answers.of(bytes([moment is None for moment in self.subject.moments(rows, context)]))
        return Answers.of(bytes([not cell or cell.isspace() for cell in self.subject.cells(rows, context)]))

    @override
    def state(self) -> dict[str, Json]:
        return {"of": self.subject.to_json()}

    @classmethod
    @override
    def restored(cls, saved: Saved, /) -> Predicate:
        return cls(saved.subject())

    def __str__(self) -> str:
        return f"{self.subject} is missing"

    @property
    @override
    def denial(self) -> str:
        return f"{self.subject} is not missing"
