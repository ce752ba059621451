"""Requests as a person describes them: placeholders in values, filled without ever touching the text around them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final, cast

from attrs import frozen

from smskit.errors import InvalidInput

_TOKEN: Final = re.compile(r"\{\{|\}\}|\{(?P<name>\w+)\}|[{}]")

Values = Mapping[str, object]
Piece = tuple[str, bool]
"""Some text, and whether it is the name of a placeholder."""


class _Nothing:
    """Stands where a placeholder has nothing to say; what holds it is left out."""


NOTHING: Final = _Nothing()


@frozen
class Template:
    """A JSON value with placeholders in its texts, or in one text.

    A placeholder that is the whole of a value keeps its type, and with nothing to say it takes the value's name away
    with it. What is filled in is never looked at again: a text may hold quotes, braces and placeholders of its own.
    """

    value: object
    names: frozenset[str]

    @classmethod
    def of(cls, value: object, where: str, known: frozenset[str]) -> Template:
        """Read *value*, which stands at *where* in the description.

        Raises:
            InvalidInput: a placeholder that is not *known*, a lone brace, or what JSON does not have.
        """
        names: set[str] = set()
        read = _read(value, where, known, names)
        return cls(read, frozenset(names))

    def fill(self, values: Values) -> object:
        """Give the value with *values* in it; :data:`NOTHING` when it is one placeholder that has nothing to say."""
        return _filled(self.value, values)

    def text(self, values: Values, write: Callable[[str], str] = str) -> str:
        """Give a text with *values* in it, each as *write* has it, empty where they have nothing to say."""
        return _joined(self.value, values, write) if isinstance(self.value, _Text) else write_plain(self.value)


def write_plain(value: object) -> str:
    """Write a value into a text: JSON's own words for true and false, nothing for None."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


@frozen
class _Text:
    pieces: tuple[Piece, ...]


def _read(value: object, where: str, known: frozenset[str], names: set[str]) -> object:
    if isinstance(value, str):
        pieces = tuple(_pieces(value, where))
        for text, is_name in pieces:
            if is_name and text not in known:
                raise InvalidInput(f"{where}: there is no {{{text}}} here; there are {', '.join(sorted(known))}")
            if is_name:
                names.add(text)
        return _Text(pieces)
    if isinstance(value, Mapping):
        entries = cast("Mapping[object, object]", value).items()
        return {str(name): _read(inner, f"{where}.{name}", known, names) for name, inner in entries}
    if isinstance(value, list | tuple):
        inners = cast("list[object]", value)
        return [_read(inner, f"{where}.{place}", known, names) for place, inner in enumerate(inners)]
    if value is None or isinstance(value, bool | int | float):
        return value
    raise InvalidInput(f"{where} holds a {type(value).__name__}, and JSON has no such thing")


def _pieces(text: str, where: str) -> Iterator[Piece]:
    done = 0
    for found in _TOKEN.finditer(text):
        if found.start() > done:
            yield text[done : found.start()], False
        done = found.end()
        if found["name"]:
            yield found["name"], True
        elif len(found[0]) == 2:
            yield found[0][0], False
        else:
            raise InvalidInput(f"{where} has a lone {found[0]}; a brace that is meant is written twice")
    if done < len(text):
        yield text[done:], False


def _filled(value: object, values: Values) -> object:
    if isinstance(value, _Text):
        if len(value.pieces) == 1 and value.pieces[0][1]:
            told = values.get(value.pieces[0][0])
            return NOTHING if told is None or told == "" else told
        return _joined(value, values, str)
    if isinstance(value, dict):
        entries = ((name, _filled(inner, values)) for name, inner in cast("dict[str, object]", value).items())
        return {name: inner for name, inner in entries if inner is not NOTHING}
    if isinstance(value, list):
        inners = (_filled(inner, values) for inner in cast("list[object]", value))
        return [inner for inner in inners if inner is not NOTHING]
    return value


def _joined(text: _Text, values: Values, write: Callable[[str], str]) -> str:
    return "".join(write(write_plain(values.get(piece))) if is_name else piece for piece, is_name in text.pieces)
