"""The tables of a carrier: what a message may say, and which form a carrier has for each piece of it.

An attribute that a form has no place for is lost: whoever adds one to a piece has to say here where it stands.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from attrs import field, frozen

from smskit.display import Level
from smskit.rcs import (
    Application,
    CalendarEvent,
    Dial,
    File,
    Height,
    Media,
    OpenUrl,
    Reply,
    RichCard,
    ShareLocation,
    ViewLocation,
    ViewMode,
)
from smskit.rcs.pieces import Piece, timestamp

Write = Callable[[Any], object]
"""Makes of a value what the carrier's JSON holds."""

# ---------------------------------------------------------------- what a message may say, and where RBM has it


class Said(NamedTuple):
    """One attribute of a piece that a message may set."""

    path: str
    unset: tuple[object, ...] = (None,)
    level: Level = Level.WARNING
    """How bad it is where a carrier has no place for it."""


_FALLBACK = {"fallback_url": Said("action.fallbackUrl")}
_LABELLED = {
    "text": Said("action.text", level=Level.ERROR),
    "postback": Said("action.postbackData", ("",)),
    **_FALLBACK,
}
_FILE = {
    "url": Said("contentInfo.fileUrl", level=Level.ERROR),
    "uploaded": Said("uploadedRbmFile", (False,), Level.ERROR),
    "thumbnail": Said("contentInfo.thumbnailUrl"),
    "force_refresh": Said("contentInfo.forceRefresh", (None, False)),
}
SAID: Final[Mapping[type[Piece], Mapping[str, Said]]] = {
    Reply: {"text": Said("reply.text", level=Level.ERROR), "postback": Said("reply.postbackData", ("",))},
    OpenUrl: {
        **_LABELLED,
        "url": Said("action.openUrlAction.url", level=Level.ERROR),
        "sheet": Said("action.openUrlAction.webviewViewMode"),
        "description": Said("action.openUrlAction.description", (None, "")),
    },
    Dial: {**_LABELLED, "number": Said("action.dialAction.phoneNumber", level=Level.ERROR)},
    ViewLocation: {
        **_LABELLED,
        "latitude": Said("action.viewLocationAction.latLong.latitude", level=Level.ERROR),
        "longitude": Said("action.viewLocationAction.latLong.longitude", level=Level.ERROR),
        "label": Said("action.viewLocationAction.label", (None, "")),
        "query": Said("action.viewLocationAction.query", (None, "")),
    },
    ShareLocation: _LABELLED,
    CalendarEvent: {
        **_LABELLED,
        "title": Said("action.createCalendarEventAction.title", level=Level.ERROR),
        "start": Said("action.createCalendarEventAction.startTime", level=Level.ERROR),
        "end": Said("action.createCalendarEventAction.endTime", level=Level.ERROR),
        "description": Said("action.createCalendarEventAction.description", (None, ""), Level.ERROR),
    },
    File: _FILE,
    Media: {**_FILE, "height": Said("height", (None, Height.MEDIUM)), "alt": Said("contentDescription")},
    RichCard: {
        "title": Said("title", level=Level.ERROR),
        "description": Said("description", level=Level.ERROR),
        "media": Said("media", level=Level.ERROR),
        "suggestions": Said("suggestions", ((),), Level.ERROR),
    },
}
"""Each attribute of each kind of piece, with its place in the JSON of RBM."""

STANDALONE: Final = "contentMessage.richCard.standaloneCard"
CAROUSEL: Final = "contentMessage.richCard.carouselCard"
CARD: Final = f"{STANDALONE}.cardContent"
CHIPS: Final = "contentMessage.suggestions"


def sheet_of(action: OpenUrl) -> ViewMode | None:
    """Give how much of the screen the sheet takes; None for the browser."""
    if action.application is Application.BROWSER or (action.application is None and action.view_mode is None):
        return None
    return action.view_mode or ViewMode.FULL


def value_of(word: Any) -> object:
    """Write a word of a vocabulary."""
    return word.value


def digits_of(number: str) -> str:
    """Write a number without its plus sign."""
    return number.removeprefix("+")


NAMES: Final[Mapping[str, str]] = {
    "alt": "a description of the picture",
    "fallback_url": "an address for phones that cannot",
    "force_refresh": "a wish to fetch it again",
    "media": "a picture or a film",
    "query": "words to search for",
    "uploaded": "an uploaded file",
    "url": "an address",
}
_VALUES: Final[Mapping[str, Callable[[Any], object]]] = {"sheet": sheet_of}
TIME: Final[Write] = timestamp


def told_elsewhere(value: object) -> Mapping[str, object]:
    """Write nothing here: the carrier has it in another place, where it is put by hand."""
    del value
    return {}


# ---------------------------------------------------------------- the tables of a carrier


class To(NamedTuple):
    """Where an attribute goes in the carrier's JSON: a path with dots; an empty one puts an object's members here."""

    path: str
    write: Write | None = None


@frozen
class Bounds:
    """How long a text, or how many of something, a carrier takes."""

    most: int
    least: int = 0


@frozen
class Needed:
    """What a carrier needs though RBM does not; ``stand_in`` is the attribute whose value it gets instead, if any."""

    stand_in: str = ""


@frozen
class Fits:
    """Which texts a carrier takes."""

    holds: Callable[[str], object]
    words: str


class Step(NamedTuple):
    """One attribute on its way into the carrier's JSON."""

    attribute: str
    read: Callable[[Any], object] | None
    path: tuple[str, ...]
    write: Write | None
    bounds: Bounds | None
    fits: Fits | None
    needed: Needed | None


class Lost(NamedTuple):
    """One attribute that a carrier has no place for."""

    attribute: str
    read: Callable[[Any], object] | None
    said: Said


@frozen(eq=False)
class Form:
    """How a carrier writes one kind of piece.

    Args:
        of: the kind.
        renames: attribute to its place. What is not here, and said, is lost.
        fixed: what stands beside them, always.
        requires: attributes that may not be missing.
        limits: how long they may be.
        fits: what they have to look like.
    """

    of: type[Piece]
    renames: Mapping[str, str | To]
    fixed: Mapping[str, object] = {}
    requires: Mapping[str, Needed] = {}
    limits: Mapping[str, Bounds] = {}
    fits: Mapping[str, Fits] = {}
    steps: tuple[Step, ...] = field(init=False, repr=False)
    lost: tuple[Lost, ...] = field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "steps", tuple(self._step(name, to) for name, to in self.renames.items()))
        unplaced = [(name, said) for name, said in SAID[self.of].items() if name not in self.renames]
        object.__setattr__(self, "lost", tuple(Lost(name, _VALUES.get(name), said) for name, said in unplaced))

    def _step(self, name: str, to: str | To) -> Step:
        path, write = (to, None) if isinstance(to, str) else to
        parts = tuple(path.split(".")) if path else ()
        return Step(
            name, _VALUES.get(name), parts, write, self.limits.get(name), self.fits.get(name), self.requires.get(name)
        )
