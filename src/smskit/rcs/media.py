"""Pictures, films and files. Nothing is fetched: what is checked is what is known of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from attrs import field, frozen

from smskit.display import Level
from smskit.errors import InvalidInput
from smskit.rcs import limits, wording
from smskit.rcs.findings import Finding
from smskit.rcs.pieces import Piece, TextMember, hidden, word
from smskit.rcs.vocabulary import Height

# The endings of files that people really send; anything else says nothing of its type.
_ENDINGS: Mapping[str, str] = {
    "jpg": "image/jpeg", "jpeg": "image/jpeg", "png": "image/png", "gif": "image/gif", "webp": "image/webp",
    "svg": "image/svg+xml", "heic": "image/heic", "bmp": "image/bmp", "tif": "image/tiff", "tiff": "image/tiff",
    "mp4": "video/mp4", "m4v": "video/m4v", "mpeg": "video/mpeg", "webm": "video/webm", "mov": "video/quicktime",
    "avi": "video/x-msvideo", "mp3": "audio/mp3", "ogg": "audio/ogg", "aac": "audio/aac", "wav": "audio/wav",
    "pdf": "application/pdf", "html": "text/html",
}  # fmt: skip

_AFTER_PATH = re.compile("[?#]")

_MOST_BYTES = limits.count("file.max")
_MOST_THUMBNAIL_BYTES = limits.count("thumbnail.max")
_ADVISED_THUMBNAIL_BYTES = limits.count("thumbnail.recommended")

_LINKED = (
    TextMember("url", "contentInfo.fileUrl", wording.FILE_URL),
    TextMember("thumbnail", "contentInfo.thumbnailUrl", wording.FILE_URL),
)
_UPLOADED = (
    TextMember("url", "uploadedRbmFile.fileName", wording.FILE_NAME),
    TextMember("thumbnail", "uploadedRbmFile.thumbnailName", wording.FILE_NAME),
)
_ALT = TextMember("alt", "contentDescription", wording.ALT_TEXT)
_LINKED_MEDIA = (*_LINKED, _ALT)
_UPLOADED_MEDIA = (*_UPLOADED, _ALT)


def _bytes(value: int | None) -> int | None:
    if value is not None and value < 0:
        raise InvalidInput(f"a file of {value} bytes is not to be had")
    return value


def type_of_name(name: str, /) -> str | None:
    """Give the media type that the ending of an address or of a file name speaks of, None when it says nothing."""
    if "?" in name or "#" in name:
        name = _AFTER_PATH.split(name, 1)[0]
    _, dot, ending = name.rpartition(".")
    return _ENDINGS.get(ending.lower()) if dot else None


@frozen
class Hosted(Piece):
    """A file that the platform fetches, or one that was uploaded before.

    Args:
        url: where it is; no redirect is followed. With *uploaded* the name that the upload gave.
        thumbnail: a small picture of it, in the same way.
        uploaded: whether both are names of uploaded files.
        force_refresh: fetch it again although the platform has kept it (60 days).
        type: its media type, where you know it; only checked, never sent.
        size_bytes: its size, where you know it; only checked, never sent.
        thumbnail_bytes: the size of the thumbnail; only checked, never sent.
    """

    url: str = field(repr=hidden)
    thumbnail: str | None = field(default=None, repr=hidden, kw_only=True)
    uploaded: bool = field(default=False, kw_only=True)
    force_refresh: bool | None = field(default=None, kw_only=True)
    type: str | None = field(default=None, kw_only=True, eq=False)
    size_bytes: int | None = field(default=None, kw_only=True, eq=False, converter=_bytes)
    thumbnail_bytes: int | None = field(default=None, kw_only=True, eq=False, converter=_bytes)

    @property
    def media_type(self) -> str | None:
        """The type that was declared, or that the ending of the name speaks of; None when nobody knows."""
        declared = self.type
        return declared.partition(";")[0].strip().lower() if declared is not None else type_of_name(self.url)

    @property
    def words(self) -> str:
        """What can be said of it without fetching it."""
        return self.media_type or "a file"

    @property
    def url_path(self) -> str:
        """Where the address stands in the JSON of this piece."""
        return self.texts()[0].path

    def texts(self) -> Sequence[TextMember]:
        """Give the address and the thumbnail."""
        return _UPLOADED if self.uploaded else _LINKED

    def own_findings(self) -> Iterable[Finding]:
        """Find what is known to be too heavy, or of a type that the platform does not show."""
        found = self._type_findings()
        if self.size_bytes is not None and self.size_bytes > _MOST_BYTES:
            found.append(Finding(self.url_path, "file.max", self.size_bytes, _MOST_BYTES, "bytes"))
        if self.thumbnail is not None:
            found += self._thumbnail_findings(self.thumbnail)
        return found

    def _thumbnail_findings(self, thumbnail: str) -> list[Finding]:
        found: list[Finding] = []
        path = self.texts()[1].path
        size = self.thumbnail_bytes or 0
        if size > _MOST_THUMBNAIL_BYTES:
            found.append(Finding(path, "thumbnail.max", size, _MOST_THUMBNAIL_BYTES, "bytes"))
        elif size > _ADVISED_THUMBNAIL_BYTES:
            most = _ADVISED_THUMBNAIL_BYTES
            found.append(Finding(path, "thumbnail.recommended", size, most, "bytes", Level.WARNING))
        kind = type_of_name(thumbnail)
        if kind is not None and kind not in limits.THUMBNAIL_TYPES:
            found.append(_type_finding(path, kind, "a JPEG, GIF or PNG picture", Level.WARNING))
        return found

    @property
    def _types(self) -> frozenset[str]:
        return limits.FILE_TYPES

    def _type_findings(self) -> list[Finding]:
        kind = self.media_type
        if kind is None or kind in self._types:
            return []
        if kind in limits.INDIAN_CARD_TYPES:
            return [_type_finding(self.url_path, kind, "in cards in India alone; send it as a File", Level.WARNING)]
        # An ending is a hint: the server may send something else. A declared type is a statement.
        level = Level.WARNING if self.type is None else Level.ERROR
        return [_type_finding(self.url_path, kind, "pictures and films in cards, sound in files", level)]

    def payload(self) -> dict[str, object]:
        """Give the RBM JSON of the file: ``contentInfo`` or ``uploadedRbmFile``."""
        if self.uploaded:
            named: dict[str, object] = {"fileName": self.url}
            if self.thumbnail is not None:
                named["thumbnailName"] = self.thumbnail
            return {"uploadedRbmFile": named}
        linked: dict[str, object] = {"fileUrl": self.url}
        if self.thumbnail is not None:
            linked["thumbnailUrl"] = self.thumbnail
        if self.force_refresh is not None:
            linked["forceRefresh"] = self.force_refresh
        return {"contentInfo": linked}


def _type_finding(path: str, kind: str, allowed: str, level: Level) -> Finding:
    return Finding(path, "media.type", kind, allowed, level=level)


@frozen
class File(Hosted):
    """A message that is one file: a picture, a film, a sound, a PDF."""


def _height(value: Height | str | None) -> Height | None:
    return None if value is None else word(Height, value)


@frozen
class Media(Hosted):
    """The picture or film of a card: ``Media("https://boutique.example/ete.jpg", alt="Une plage")``.

    Args:
        height: how much of the card it takes. None says nothing, which only horizontal cards may.
        alt: what a screen reader says of it.
    """

    height: Height | None = field(default=Height.MEDIUM, converter=_height, kw_only=True)
    alt: str | None = field(default=None, repr=hidden, kw_only=True)

    @property
    def words(self) -> str:
        """Give the type and what the picture shows."""
        kind = self.media_type or "media"
        return f"{kind} · {self.alt}" if self.alt else kind

    def texts(self) -> Sequence[TextMember]:
        """Give the address, the thumbnail and the description."""
        return _UPLOADED_MEDIA if self.uploaded else _LINKED_MEDIA

    @property
    def _types(self) -> frozenset[str]:
        return limits.CARD_TYPES

    def payload(self) -> dict[str, object]:
        """Give the RBM JSON of ``media``."""
        media = Hosted.payload(self)
        if self.height is not None:
            media["height"] = self.height.value
        if self.alt is not None:
            media["contentDescription"] = self.alt
        return media
