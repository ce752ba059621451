"""Files that RBM keeps: each is handed over once, and its name is remembered for as long as it is good.

Sources: RCS for Business, guide 'Send messages' (files are kept for 60 days) and files.create of Google's generated
clients (2025-07); seen 2026-11.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta, timezone
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import Final, Protocol, cast

from attrs import evolve, field, frozen

from smskit.errors import InvalidInput
from smskit.exports import write_whole
from smskit.rcs import Carousel, Content, File, Media, RichCard, RichMessage, limits

KEPT_FOR: Final = timedelta(days=30)
"""How long a name is used again. RBM keeps a file for 60 days, and a message may wait for its handset for 30."""

MOST_BYTES: Final = limits.count("file.max")
_KINDS: Final = limits.FILE_TYPES | limits.INDIAN_CARD_TYPES


class FileCache(Protocol):
    """Remembers the names of files that were handed over."""

    def get(self, key: str, now: datetime, /) -> str | None:
        """Give the name that was put under *key*; None when there is none or it is over."""
        ...

    def put(self, key: str, name: str, ends_at: datetime, /) -> None:
        """Remember *name* until *ends_at*."""
        ...


class MemoryFileCache:
    """Remembers names as long as the process lives."""

    def __init__(self) -> None:
        self._names: dict[str, tuple[str, datetime]] = {}

    def get(self, key: str, now: datetime, /) -> str | None:
        """Give the name that was put under *key*; None when there is none or it is over."""
        name, ends_at = self._names.get(key, ("", now))
        return name if ends_at > now else None

    def put(self, key: str, name: str, ends_at: datetime, /) -> None:
        """Remember *name* until *ends_at*."""
        self._names[key] = (name, ends_at)


_WRITING: Final = Lock()
"""One for all: several transports of a process may have the same file."""


class JsonFileCache:
    """Remembers names in a JSON file, for the next process; what cannot be read in it is asked for again.

    Args:
        path: of the file; its folder is there already.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._path = Path(path)

    def get(self, key: str, now: datetime, /) -> str | None:
        """Give the name that was put under *key*; None when there is none or it is over."""
        name, ends_at = self._read().get(key, ("", now))
        return name if ends_at > now else None

    def put(self, key: str, name: str, ends_at: datetime, /) -> None:
        """Remember *name* until *ends_at*; names that were over before today are dropped."""
        with _WRITING:
            today = datetime.now(timezone.utc)
            names = {old: row for old, row in self._read().items() if row[1] > today} | {key: (name, ends_at)}
            rows = {one: [name, ends_at.isoformat()] for one, (name, ends_at) in names.items()}
            write_whole(self._path, json.dumps(rows, indent=1))

    def _read(self) -> Mapping[str, tuple[str, datetime]]:
        try:
            told: object = json.loads(self._path.read_text("utf-8"))
        except (OSError, ValueError, RecursionError):
            return {}
        rows = cast("dict[str, object]", told) if isinstance(told, dict) else {}
        return {key: row for key, value in rows.items() if (row := _row(value)) is not None}


def _row(value: object) -> tuple[str, datetime] | None:
    match value:
        case [str(name), str(written)]:
            try:
                ends_at = datetime.fromisoformat(written)
            except ValueError:
                return None
            return None if ends_at.tzinfo is None else (name, ends_at)
        case _:
            return None


# ---------------------------------------------------------------- what is handed over


@frozen
class Upload:
    """A file of yours, to be handed over byte by byte: ``Upload(path.read_bytes(), "image/jpeg")``.

    Raises:
        InvalidInput: a type that RBM does not show, nothing at all, or more than 100 MiB.
    """

    data: bytes = field(repr=lambda data: f"<{len(data)} bytes>")
    type: str

    def __attrs_post_init__(self) -> None:
        if self.type not in _KINDS:
            raise InvalidInput(f"RBM shows no files of type {self.type!r}; pictures, films, sound and PDF")
        if not 0 < len(self.data) <= MOST_BYTES:
            raise InvalidInput(f"RBM takes files of 1 to {MOST_BYTES} bytes, not {len(self.data)}")


def key_of(agent: str, file: str | Upload) -> str:
    """Give what a file is remembered by: its address, or what is in it. A file belongs to an agent."""
    if isinstance(file, str):
        return f"{agent} url {file}"
    return f"{agent} {file.type} {sha256(file.data).hexdigest()}"


def linked_files(content: Content) -> Iterator[str]:
    """Give the address of each file of a message that RBM would fetch, thumbnails too, each once."""
    urls = (url for one in _hosted(content) if not one.uploaded for url in (one.url, one.thumbnail) if url is not None)
    yield from dict.fromkeys(urls)


def with_names(message: RichMessage, names: Mapping[str, str]) -> RichMessage:
    """Give *message* with the names of uploaded files in place of their addresses.

    A file with a thumbnail has names for both or keeps both addresses.
    """

    def named(one: Media | File) -> Media | File:
        if one.uploaded or one.url not in names or (one.thumbnail is not None and one.thumbnail not in names):
            return one
        thumbnail = None if one.thumbnail is None else names[one.thumbnail]
        # A type may have been read off the ending of the address, and a name has none.
        known = one.media_type if one.media_type in _KINDS else one.type
        return evolve(one, url=names[one.url], thumbnail=thumbnail, uploaded=True, type=known)

    return evolve(message, content=_changed(message.content, named))


def _hosted(content: Content) -> Iterator[Media | File]:
    match content:
        case File():
            yield content
        case RichCard(media=Media() as media):
            yield media
        case Carousel():
            yield from (card.media for card in content.cards if card.media is not None)
        case _:
            pass


def _changed(content: Content, change: Callable[[Media | File], Media | File]) -> Content:
    match content:
        case File():
            return cast("File", change(content))
        case RichCard(media=Media() as media):
            return evolve(content, media=cast("Media", change(media)))
        case Carousel():
            return evolve(content, cards=tuple(cast("RichCard", _changed(card, change)) for card in content.cards))
        case _:
            return content
