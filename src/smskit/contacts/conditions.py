"""The conditions of a segment: frozen values that judge a batch of rows by column.

Three answers are possible: yes, no, and *not known*, for a row whose cell is empty or cannot be read. Not
known is never a match, and it stays not known when it is negated, as in SQL: whoever has no birthday in the
file is neither under thirty nor not under thirty.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import Enum
from itertools import chain
from typing import ClassVar, TypeVar

from attrs import frozen
from typing_extensions import override

from smskit.contacts.answers import Answers
from smskit.contacts.operands import Json, Literal, Rows, SegmentContext, Subject
from smskit.errors import InvalidInput, UnknownColumn

# ---------------------------------------------------------------- the root

_FORMAT = "predicate"
_VERSION = 1
# Nobody writes brackets so deep; a hostile document would.
_DEEPEST = 64
_TESTS: dict[str, type[Predicate]] = {}

_E = TypeVar("_E", bound=Enum)


@frozen
class Saved:
    """One object of a saved document, read field by field; whatever is not as expected is an InvalidInput."""

    fields: Mapping[str, Json]
    depth: int = 0

    @classmethod
    def document(cls, text: str, form: str, version: int) -> Saved:
        """Open a whole document.

        Raises:
            InvalidInput: not JSON, not a document of this *form*, or of a version that is not known.
        """
        try:
            whole: Json = json.loads(text)
        except (ValueError, RecursionError):
            raise InvalidInput(f"not a saved {form}: the text is not JSON") from None
        if not isinstance(whole, Mapping) or whole.get("smskit") != form:
            raise InvalidInput(f'not a saved {form}: the JSON has no "smskit": "{form}"')
        if whole.get("version") != version:
            raise InvalidInput(
                f"the saved {form} is of version {whole.get('version')!r} and this smskit reads {version}; "
                f"update smskit, or write the {form} again"
            )
        return cls(whole)

    def _field(self, name: str) -> Json:
        if name not in self.fields:
            raise InvalidInput(f"a saved predicate lacks {name!r}: it has {', '.join(self.fields)}")
        return self.fields[name]

    def text(self, name: str) -> str:
        """Give a text."""
        value = self._field(name)
        if not isinstance(value, str):
            raise InvalidInput(f"{name}={value!r} of a saved predicate is not a text")
        return value

    def whole(self, name: str) -> int:
        """Give a whole number."""
        value = self._field(name)
        if not isinstance(value, int) or isinstance(value, bool):
            raise InvalidInput(f"{name}={value!r} of a saved predicate is not a whole number")
        return value

    def word(self, name: str, words: type[_E]) -> _E:
        """Give a word of a closed list."""
        try:
            return words(self.text(name))
        except ValueError:
            raise InvalidInput(
                f"a saved predicate says {self.text(name)!r}, which this version does not know"
            ) from None

    def _list(self, name: str) -> Sequence[Json]:
        value = self._field(name)
        if not isinstance(value, list):
            raise InvalidInput(f"{name}={value!r} of a saved predicate is not a list")
        return value

    def subject(self) -> Subject:
        """Give what is looked at."""
        return Subject.from_json(self._field("of"))

    def literal(self) -> Literal:
        """Give the value."""
        return Literal.from_json(self._field("value"))

    def literals(self) -> tuple[Literal, ...]:
        """Give the values."""
        return tuple(map(Literal.from_json, self._list("values")))

    def predicate(self, name: str) -> Predicate:
        """Give the condition of one field."""
        return self._restored(self._field(name))

    def predicates(self, name: str) -> tuple[Predicate, ...]:
        """Give the conditions of a list."""
        return tuple(map(self._restored, self._list(name)))

    def _restored(self, node: Json) -> Predicate:
        if not isinstance(node, Mapping):
            raise InvalidInput(f"a saved predicate has {node!r} where a condition should be")
        if self.depth >= _DEEPEST:
            raise InvalidInput(f"the saved predicate is nested more than {_DEEPEST} deep")
        saved = Saved(node, self.depth + 1)
        kind = _TESTS.get(saved.text("test"))
        if kind is None:
            raise InvalidInput(
                f"a saved predicate has the test {saved.text('test')!r}, which this version does not know"
            )
        condition = kind.restored(saved)
        # A field that nobody reads may be a limit that a newer version set: leaving it out would send to more
        # people.
        unread = set(node) - set(condition.to_dict())
        if unread:
            raise InvalidInput(f"a saved predicate has {', '.join(sorted(unread))}, which this version does not know")
        return condition


class Predicate(ABC):
    """A condition on contacts. Join conditions with ``&``, ``|`` and ``~``; equal when they say the same.

    ``str()`` gives a sentence. A value that looks like a telephone number is masked in it.
    """

    __slots__ = ()

    test: ClassVar[str] = ""

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if cls.test:
            _TESTS[cls.test] = cls

    def mask(self, rows: Rows, context: SegmentContext, /) -> list[bool]:
        """Say of each row whether it matches.

        Raises:
            UnknownColumn: the rows do not have a column that is named.
            InvalidInput: earlier runs are asked for and the context has no engagement.
        """
        return self.answers(rows, context).mask

    @abstractmethod
    def answers(self, rows: Rows, context: SegmentContext, /) -> Answers:
        """Say of each row whether it matches, does not, or cannot be judged; raises as :meth:`mask` does."""

    @property
    @abstractmethod
    def subjects(self) -> tuple[Subject, ...]:
        """The columns and facts that are looked at, each once, in the order in which they are named."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that have to be there, as they are named here."""
        return tuple(subject.name for subject in self.subjects if not subject.past)

    @property
    def needs_engagement(self) -> bool:
        """Whether the store has to be asked about earlier runs."""
        return any(subject.past for subject in self.subjects)

    def check(self, resolve: Callable[[str], str | None], known: Iterable[str]) -> None:
        """Make sure that every column is there, before a row is read.

        Raises:
            UnknownColumn: names the first that is not.
        """
        for column in self.columns:
            if resolve(column) is None:
                raise UnknownColumn(column, tuple(known))

    @abstractmethod
    def state(self) -> dict[str, Json]:
        """Give the fields as JSON values, without the name of the test."""

    @classmethod
    @abstractmethod
    def restored(cls, saved: Saved, /) -> Predicate:
        """Make the condition again from what :meth:`state` gave."""

    def to_dict(self) -> dict[str, Json]:
        """Give the condition as JSON values."""
        return {"test": self.test, **self.state()}

    def to_json(self) -> str:
        """Save the condition; :meth:`from_json` reads it back. Telephone numbers in it are not masked."""
        whole = {"smskit": _FORMAT, "version": _VERSION, "where": self.to_dict()}
        return json.dumps(whole, ensure_ascii=False, separators=(",", ":"))

    @staticmethod
    def from_json(text: str, /) -> Predicate:
        """Read a saved condition.

        Raises:
            InvalidInput: not a saved condition, one of a newer version, or one with a test that is not known;
                what is not understood is never left out, because that would send to more people.
        """
        return Saved.document(text, _FORMAT, _VERSION).predicate("where")

    @property
    def denial(self) -> str:
        """The sentence that says the opposite."""
        return f"not {self}"

    def __and__(self, other: Predicate) -> Predicate:
        return all_of((self, checked(other)))

    def __or__(self, other: Predicate) -> Predicate:
        return any_of((self, checked(other)))

    def __invert__(self) -> Predicate:
        return Not(self)

    def __bool__(self) -> bool:
        raise InvalidInput(
            f"the condition ({self}) is true of some contacts only; join conditions with & | ~ and brackets, "
            f"(F.a >= 1) & (F.b == 2), not with and, or, not, in or a chain such as 1 <= F.a <= 2 "
            f"(F.a.between(1, 2) says that)"
        )

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self}>"


def checked(value: object) -> Predicate:
    """Give *value* back when it is a predicate.

    Raises:
        InvalidInput: it is not; a bare column is the usual slip.
    """
    if isinstance(value, Predicate):
        return value
    raise InvalidInput(f"{value!r} is no condition; compare it with something, for example F.newsletter == True")


def _once(subjects: Iterable[Subject]) -> tuple[Subject, ...]:
    return tuple(dict.fromkeys(subjects))


@frozen(repr=False)
class Tagged(Predicate):
    """``tagged("vip")``: the contacts were read into that group."""

    test = "tagged"
    tag: str

    @property
    @override
    def subjects(self) -> tuple[Subject, ...]:
        return ()

    @override
    def answers(self, rows: Rows, context: SegmentContext, /) -> Answers:
        return Answers.same(rows.size, yes=self.tag in context.tags)

    @override
    def state(self) -> dict[str, Json]:
        return {"tag": self.tag}

    @classmethod
    @override
    def restored(cls, saved: Saved, /) -> Predicate:
        return cls(saved.text("tag"))

    def __str__(self) -> str:
        return f'tagged "{self.tag}"'


# ---------------------------------------------------------------- joined conditions


@frozen(repr=False)
class AllOf(Predicate):
    """Every part holds; without parts it is true of everybody."""

    test = "all"
    parts: tuple[Predicate, ...]

    @property
    @override
    def subjects(self) -> tuple[Subject, ...]:
        return _once(chain.from_iterable(part.subjects for part in self.parts))

    @override
    def answers(self, rows: Rows, context: SegmentContext, /) -> Answers:
        whole = Answers.same(rows.size, yes=True)
        for part in self.parts:
            whole &= part.answers(rows, context)
        return whole

    @property
    @override
    def denial(self) -> str:
        return f"not ({self})"

    @override
    def state(self) -> dict[str, Json]:
        return {"parts": [part.to_dict() for part in self.parts]}

    @classmethod
    @override
    def restored(cls, saved: Saved, /) -> Predicate:
        return cls(saved.predicates("parts"))

    def __str__(self) -> str:
        return " and ".join(f"({part})" if isinstance(part, AnyOf) else str(part) for part in self.parts) or "everybody"


@frozen(repr=False)
class AnyOf(Predicate):
    """At least one part holds; without parts it is true of nobody."""

    test = "any"
    parts: tuple[Predicate, ...]

    @property
    @override
    def subjects(self) -> tuple[Subject, ...]:
        return _once(chain.from_iterable(part.subjects for part in self.parts))

    @override
    def answers(self, rows: Rows, context: SegmentContext, /) -> Answers:
        whole = Answers.same(rows.size, yes=False)
        for part in self.parts:
            whole |= part.answers(rows, context)
        return whole

    @property
    @override
    def denial(self) -> str:
        return f"not ({self})"

    @override
    def state(self) -> dict[str, Json]:
        return {"parts": [part.to_dict() for part in self.parts]}

    @classmethod
    @override
    def restored(cls, saved: Saved, /) -> Predicate:
        return cls(saved.predicates("parts"))

    def __str__(self) -> str:
        return " or ".join(f"({part})" if isinstance(part, AllOf) else str(part) for part in self.parts) or "nobody"


@frozen(repr=False)
class Not(Predicate):
    """The part does not hold; what is not known stays so."""

    test = "not"
    part: Predicate

    @property
    @override
    def subjects(self) -> tuple[Subject, ...]:
        return self.part.subjects

    @override
    def answers(self, rows: Rows, context: SegmentContext, /) -> Answers:
        return ~self.part.answers(rows, context)

    @override
    def state(self) -> dict[str, Json]:
        return {"part": self.part.to_dict()}

    @classmethod
    @override
    def restored(cls, saved: Saved, /) -> Predicate:
        return cls(saved.predicate("part"))

    def __invert__(self) -> Predicate:
        return self.part

    def __str__(self) -> str:
        return self.part.denial


def all_of(parts: Iterable[Predicate]) -> Predicate:
    """Join with *and*; brackets that say nothing are taken away, so that what is the same is equal."""
    flat = chain.from_iterable(part.parts if isinstance(part, AllOf) else (part,) for part in parts)
    kept = tuple(flat)
    return kept[0] if len(kept) == 1 else AllOf(kept)


def any_of(parts: Iterable[Predicate]) -> Predicate:
    """Join with *or*; brackets that say nothing are taken away."""
    flat = chain.from_iterable(part.parts if isinstance(part, AnyOf) else (part,) for part in parts)
    kept = tuple(flat)
    return kept[0] if len(kept) == 1 else AnyOf(kept)
