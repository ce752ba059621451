"""What a carrier should never answer, and does: bodies that are none, fields that are missing or of another type."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random
from typing import Final, cast

NONSENSE: Final = (
    ("nothing at all", b""),
    ("an HTML page", b"<!doctype html><html><body>Bad gateway</body></html>"),
    ("half of an object", b'{"messages": [{"id": "12'),
    ("an empty array", b"[]"),
    ("an empty object", b"{}"),
    ("null", b"null"),
    ("a number", b"42"),
    ("a string", b'"ok"'),
    ("an object of other things", b'{"hello": {"world": [1, 2, {"id": null}]}}'),
    ("deep nesting", b"[" * 100_000),
    ("bytes that are not text", b"\xff\xfe\x00\x80"),
)
"""Bodies that no carrier means, each with what it is."""


def changed(body: bytes) -> bytes:
    """Change one letter or digit in the middle, so that it stays readable."""
    place = next(i for i in range(len(body) // 2, len(body)) if body[i : i + 1].isalnum())
    return body[:place] + (b"7" if body[place : place + 1] != b"7" else b"8") + body[place + 1 :]


def bent(value: object, random: Random) -> object:
    """Replace some leaf or branch of a JSON value by something else."""
    places = list(_places(value))
    path = random.choice(places)
    strange: object = random.choice([None, [], {}, "", "?", -1, 3.5, True, "9" * 400, ["x"], {"a": 1}])
    return _replaced(value, path, strange)


def _places(value: object, path: tuple[object, ...] = ()) -> Iterator[tuple[object, ...]]:
    yield path
    if isinstance(value, dict):
        for name, inner in cast("dict[str, object]", value).items():
            yield from _places(inner, (*path, name))
    elif isinstance(value, list):
        for place, inner in enumerate(cast("list[object]", value)):
            yield from _places(inner, (*path, place))


def _replaced(value: object, path: Sequence[object], strange: object) -> object:
    if not path:
        return strange
    first, rest = path[0], path[1:]
    if isinstance(value, dict):
        return {
            name: _replaced(inner, rest, strange) if name == first else inner
            for name, inner in cast("dict[str, object]", value).items()
        }
    inners = cast("list[object]", value)
    return [_replaced(inner, rest, strange) if place == first else inner for place, inner in enumerate(inners)]
