"""The limits of the platform, each with where it is written; ``limits.json`` beside this module holds them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import Enum
from importlib.resources import files
from types import MappingProxyType
from typing import TypedDict, cast

from attrs import frozen


class Authority(Enum):
    """What happens beyond a limit."""

    API = "api"
    """The platform refuses the call."""

    GUIDE = "guide"
    """It advises against it."""

    BILLING = "billing"
    """It bills more."""

    QUOTA = "quota"
    """It makes the caller wait."""

    PLATFORM = "platform"
    """It behaves so; there is nothing to refuse."""


@frozen
class Limit:
    """One limit.

    Args:
        id: its name in findings, such as ``card.title.max``.
        path: the member that it is about.
        value: a count, or a rule in words.
        unit: what the count counts.
        authority: what happens beyond it.
        sources: where it is written.
        note: where sources disagree, and what was chosen.
    """

    id: str
    path: str
    value: int | str
    unit: str
    authority: Authority
    sources: tuple[str, ...]
    note: str = ""


class _Note(TypedDict, total=False):
    note: str


class _Row(_Note):
    id: str
    path: str
    value: int | str
    unit: str
    level: str
    source: list[str]


class _File(TypedDict):
    as_of: str
    sources: dict[str, str]
    limits: list[_Row]
    media_types: dict[str, list[str]]


def _read() -> _File:
    return cast("_File", json.loads(files("smskit.rcs").joinpath("limits.json").read_text("utf-8")))


def _limit(row: _Row, sources: Mapping[str, str]) -> Limit:
    named = tuple(sources[source] for source in row["source"])
    authority = Authority(row["level"])
    return Limit(row["id"], row["path"], row["value"], row["unit"], authority, named, row.get("note", ""))


_FILE = _read()

AS_OF = _FILE["as_of"]
"""The day on which the limits were gathered."""

LIMITS: Mapping[str, Limit] = MappingProxyType({row["id"]: _limit(row, _FILE["sources"]) for row in _FILE["limits"]})
"""Every limit by its id."""

CARD_TYPES = frozenset(_FILE["media_types"]["card"])
INDIAN_CARD_TYPES = frozenset(_FILE["media_types"]["card_india_only"])
FILE_TYPES = CARD_TYPES | frozenset(_FILE["media_types"]["file"])
THUMBNAIL_TYPES = frozenset(_FILE["media_types"]["thumbnail"])


def count(limit_id: str, /) -> int:
    """Give the number of one limit.

    Raises:
        KeyError: there is no such limit.
        TypeError: it is a rule in words.
    """
    value = LIMITS[limit_id].value
    if not isinstance(value, int):
        raise TypeError(f"{limit_id} is a rule, not a count")
    return value
