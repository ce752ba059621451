"""What cards, suggestions, media and messages have in common: texts to check and to fill, and pieces inside."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timezone
from enum import Enum
from typing import NamedTuple, TypeVar

from attrs import evolve, frozen

from smskit.errors import InvalidInput, NaiveDatetime
from smskit.rcs.findings import Finding, refuse
from smskit.rcs.wording import TextRule

_Word = TypeVar("_Word", bound=Enum)
_Self = TypeVar("_Self", bound="Piece")


class TextMember(NamedTuple):
    """One text of a piece: its attribute here, its path in the JSON of the piece, its rule."""

    attribute: str
    path: str
    rule: TextRule


@frozen
class Piece:
    """A part of a rich message. Pieces are values: they compose freely and know nothing of where they stand."""

    # No abstract class: asking each piece what it is would take three times as long.
    def payload(self) -> dict[str, object]:
        """Give the RBM JSON of this piece, unchecked."""
        raise NotImplementedError

    def texts(self) -> Sequence[TextMember]:
        """Give the texts of this piece itself."""
        return ()

    def below(self) -> Sequence[Piece]:
        """Give the pieces in this one."""
        return ()

    def place_of(self, index: int, /) -> tuple[str, str]:
        """Give the attribute that holds a piece of :meth:`below`, alone or in a tuple, and its path in the JSON."""
        raise IndexError(index)

    def own_findings(self) -> Iterable[Finding]:
        """Give what is wrong with this piece beside its texts and its pieces."""
        return ()

    def findings(self) -> list[Finding]:
        """List what is wrong: what the platform refuses, then what it may refuse, by place."""
        found: list[Finding] = []
        for attribute, path, rule in self.texts():
            text = getattr(self, attribute)
            # Paths are only put together once there is something to say: most messages are as they should be.
            if text is not None and not rule.holds(text):
                found += rule.findings(text, path)
        found.extend(self.own_findings())
        for index, piece in enumerate(self.below()):
            if below := piece.findings():
                _, path = self.place_of(index)
                found += [one.under(path) for one in below]
        return found

    def validate(self) -> None:
        """Check every limit.

        Raises:
            InvalidContent: the platform would refuse it; path, rule, actual and limit are attributes.
        """
        refuse(self.findings())


def every_text(piece: Piece, at: str = "") -> Iterator[tuple[str, str, TextRule]]:
    """Give each text of *piece* and of all within it, with its path and rule; absent ones are left out."""
    for attribute, path, rule in piece.texts():
        text = getattr(piece, attribute)
        if text is not None:
            yield _joined(at, path), text, rule
    for index, below in enumerate(piece.below()):
        _, path = piece.place_of(index)
        yield from every_text(below, _joined(at, path))


def with_texts(piece: _Self, change: Callable[[str, str, TextRule], str], at: str = "") -> _Self:
    """Give *piece* with each text replaced by what *change* makes of its path, itself and its rule."""
    changed: dict[str, object] = {}
    for attribute, path, rule in piece.texts():
        text = getattr(piece, attribute)
        if text is not None:
            changed[attribute] = change(_joined(at, path), text, rule)
    lists: dict[str, list[Piece]] = {}
    for index, below in enumerate(piece.below()):
        attribute, path = piece.place_of(index)
        new = with_texts(below, change, _joined(at, path))
        if isinstance(getattr(piece, attribute), tuple):
            lists.setdefault(attribute, []).append(new)
        else:
            changed[attribute] = new
    return evolve(piece, **changed, **{attribute: tuple(pieces) for attribute, pieces in lists.items()})


def _joined(at: str, path: str) -> str:
    return at + path if path.startswith("[") or not at or not path else f"{at}.{path}"


# ---------------------------------------------------------------- arguments


def hidden(text: str | None) -> str:
    """Show a text by its length: a repr ends in a log."""
    return "None" if text is None else f"<{len(text)} characters>"


def word(vocabulary: type[_Word], value: _Word | str) -> _Word:
    """Take a word of *vocabulary*, or its name in any case.

    Raises:
        InvalidInput: there is no such word.
    """
    if isinstance(value, vocabulary):
        return value
    try:
        return vocabulary[str(value).upper()]
    except KeyError:
        known = ", ".join(one.name.lower() for one in vocabulary)
        raise InvalidInput(f"{value!r} is no {vocabulary.__name__.lower()}; there are {known}") from None


def instant(name: str, value: datetime) -> datetime:
    """Give a time in UTC, as it is sent: hours that a clock skips or repeats are equal to nothing in another zone.

    Raises:
        NaiveDatetime: nobody can say at which instant it is.
        InvalidInput: it is beyond the years that can be written.
    """
    if value.utcoffset() is None:
        raise NaiveDatetime(name, value)
    try:
        return value.astimezone(timezone.utc)
    except OverflowError:
        raise InvalidInput(f"{name}={value.isoformat()} is beyond the years that can be written") from None


def timestamp(at: datetime) -> str:
    """Write an :func:`instant` as RFC 3339."""
    return at.isoformat().replace("+00:00", "Z")


def copied(value: Mapping[str, object]) -> Mapping[str, object]:
    """Copy a mapping, so that a frozen value stays as it is."""
    return dict(value)
