"""One rich message in the words of many carriers.

A carrier is described by tables: the forms that it has for each kind of piece, where each member goes, what it needs,
how long it may be. Whatever a message says and no table has a place for is told before anything is sent: an error where
a person would see or tap less than was meant, a warning where it only looks or is counted otherwise.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from functools import lru_cache
from typing import Any, ClassVar, Protocol, cast

from attrs import field, frozen

from smskit.display import Level
from smskit.errors import InvalidInput
from smskit.rcs import Carousel, Finding, RichCard, RichMessage, Side, Traffic, load
from smskit.rcs.findings import errors_of, refuse
from smskit.rcs.pieces import Piece
from smskit.rcs.reading import OUTPUT_ONLY
from smskit.records import Outgoing
from smskit.transports.wire.rich_forms import CARD, CAROUSEL, CHIPS, NAMES, SAID, STANDALONE, Form, Lost, Step
from smskit.transports.wire.rich_moulds import STRINGS, Marked, Mould, json_text


@frozen
class Converted:
    """A message in the words of a carrier.

    Args:
        body: what the carrier gets as its content; unfinished where *losses* has an error.
        losses: what it does not carry, or carries otherwise. Errors among them: it is not sent.
        ttl_s: for how many seconds the carrier is to try, where the message says so.
        traffic: what it is for, in the carrier's word; empty where the message or the carrier has none.
    """

    body: Mapping[str, object] = field(repr=False)
    losses: tuple[Finding, ...]
    ttl_s: int | None = None
    traffic: str = ""


@frozen(eq=False, kw_only=True)
class Dialect:
    """The words of one carrier.

    Args:
        carrier: what it is called in sentences.
        forms: how it writes each kind of piece; a kind that is not here it cannot carry.
        chips: how many suggestions may stand under a message.
        ttl_s: the shortest and the longest time that it tries.
        traffic: its word for each kind of traffic; a kind that is not here is lost.
        expires: whether it takes the instant at which a message is over.
        carries_unknown: whether members of the content that nobody knows go with it.
    """

    carrier: str
    forms: tuple[Form, ...]
    chips: int = 11
    ttl_s: tuple[int, int] | None = None
    traffic: Mapping[Traffic, str] = {}
    expires: bool = False
    carries_unknown: bool = False
    _by_kind: Mapping[type[Piece], Form] = field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "_by_kind", {form.of: form for form in self.forms})

    @property
    def supports(self) -> frozenset[type[Piece]]:
        """The kinds of pieces that the carrier has a form for."""
        return frozenset(self._by_kind)

    def form_of(self, piece: Piece) -> Form | None:
        """Give the form for a piece, None when the carrier has none."""
        return self._by_kind.get(type(piece))

    def content(self, message: RichMessage, writing: Writing) -> dict[str, object]:
        """Write the content of a message and its suggestions; what is found on the way goes into *writing*.

        Nothing but their length may hang on the words of labels, titles and the like: messages that differ in these
        alone are written once, see :mod:`smskit.transports.wire.rich_moulds`.
        """
        raise NotImplementedError

    def convert(self, message: RichMessage) -> Converted:
        """Write a message in the words of the carrier; what is lost is told, and nothing raised."""
        writing = Writing(self)
        body = self.content(message, writing)
        writing.whole(message)
        ttl_s = None if message.ttl is None else math.floor(message.ttl.total_seconds())
        word = "" if message.traffic is None else self.traffic.get(message.traffic, "")
        return Converted(body, tuple(writing.found), ttl_s, word)


class Writing:
    """One message on its way into a carrier's words; ``found`` so far, and by which step each text was ``placed``."""

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        self.found: list[Finding] = []
        self.placed: dict[str, Step] = {}

    # ------------------------------------------------------------ pieces

    def piece(self, piece: Piece, at: str) -> dict[str, object]:
        """Write one piece that stands at *at* in the message; empty when the carrier has no form for it."""
        form = self.dialect.form_of(piece)
        if form is None:
            self.unsupported(at, type(piece).__name__)
            return {}
        told: dict[str, object] = dict(form.fixed)
        for step in form.steps:
            value = getattr(piece, step.attribute) if step.read is None else step.read(piece)
            if value is None and step.needed is not None:
                value = self._stand_in(piece, step, at)
            if value is not None:
                self._put(told, step, value, at, piece)
        for lost in form.lost:
            value = getattr(piece, lost.attribute) if lost.read is None else lost.read(piece)
            if value not in lost.said.unset:
                self._lose(lost, value, f"{at}.{lost.said.path}")
        return told

    def pieces(self, pieces: Sequence[Piece], at: str) -> list[dict[str, object]]:
        """Write pieces one after another; those that the carrier cannot write are told and left out."""
        written = [self.piece(piece, f"{at}[{place}]") for place, piece in enumerate(pieces)]
        return [one for one in written if one]

    def chips(self, message: RichMessage) -> list[dict[str, object]]:
        """Write the suggestions under a message."""
        if len(message.suggestions) > self.dialect.chips:
            self.limit(CHIPS, len(message.suggestions), self.dialect.chips, "suggestions")
        return self.pieces(message.suggestions, CHIPS)

    def no_chips(self, message: RichMessage, where: str) -> None:
        """Refuse suggestions where the carrier has no place for them."""
        if message.suggestions:
            count, advice = len(message.suggestions), f"{self.dialect.carrier} has no place for them {where}"
            self.found.append(Finding(CHIPS, "carrier.unsupported", count, 0, "suggestions", advice=advice))

    def card(self, card: RichCard) -> dict[str, object]:
        """Write a card that stands alone."""
        return self.piece(card, CARD)

    def cards(self, carousel: Carousel) -> list[dict[str, object]]:
        """Write the cards of a carousel."""
        return self.pieces(carousel.cards, f"{CAROUSEL}.cardContents")

    def _put(self, told: dict[str, object], step: Step, value: object, at: str, piece: Piece) -> None:
        if isinstance(value, tuple):
            pieces = cast("tuple[Piece, ...]", value)
            if not pieces:
                return
            value = self.pieces(pieces, f"{at}.{step.attribute}")
        elif isinstance(value, Piece):
            value = self.piece(value, f"{at}.{step.attribute}")
        if step.bounds is not None or step.fits is not None:
            self._check(step, value, f"{at}.{SAID[type(piece)][step.attribute].path}")
        if type(value) is str:
            self.placed[value] = step
        put(told, step.path, value if step.write is None else step.write(value))

    def _check(self, step: Step, value: Any, path: str) -> None:
        bounds, fits = step.bounds, step.fits
        if bounds is not None and not bounds.least <= len(value) <= bounds.most:
            limit = bounds.most if len(value) > bounds.most else bounds.least
            self.limit(path, len(value), limit, "characters" if isinstance(value, str) else "suggestions")
        if fits is not None and not fits.holds(value):
            advice = f"{self.dialect.carrier} takes no other"
            self.found.append(Finding(path, "carrier.form", "something else", fits.words, advice=advice))

    def _stand_in(self, piece: Piece, step: Step, at: str) -> object:
        assert step.needed is not None
        path = f"{at}.{SAID[type(piece)][step.attribute].path}"
        if not step.needed.stand_in:
            self.required(path, NAMES.get(step.attribute, f"a {step.attribute}"))
            return None
        self.invented(path, f"its {step.needed.stand_in}")
        return getattr(piece, step.needed.stand_in)

    def _lose(self, lost: Lost, value: object, path: str) -> None:
        actual = str(getattr(value, "value", "")) or NAMES.get(lost.attribute, f"a {lost.attribute}")
        if lost.said.level is Level.ERROR:
            self.unsupported(path, actual)
        else:
            self.lost(path, actual)

    # ------------------------------------------------------------ the whole

    def layout(self, card: RichCard, *, carries: bool) -> None:
        """Tell a horizontal card where the carrier has none."""
        if not carries and card.orientation.value != "VERTICAL":
            self.lost(f"{STANDALONE}.cardOrientation", card.orientation.value)
            if card.side is Side.RIGHT:
                self.lost(f"{STANDALONE}.thumbnailImageAlignment", card.side.value)

    def width(self, carousel: Carousel, *, usual: str = "MEDIUM") -> None:
        """Tell the width of a carousel's cards where the carrier has no word for it."""
        if carousel.width.value != usual:
            self.lost(f"{CAROUSEL}.cardWidth", carousel.width.value)

    def whole(self, message: RichMessage) -> None:
        """Find what only shows in the whole: how long it is good for, what it is for, members that nobody knows."""
        dialect = self.dialect
        if message.ttl is not None:
            self._life(message.ttl)
        if message.expires_at is not None and not dialect.expires:
            self.unsupported("expireTime", "an instant", advice="say ttl= instead")
        if message.traffic is not None and message.traffic not in dialect.traffic:
            self.lost("messageTrafficType", message.traffic.value)
        for path in message.extra:
            if path not in OUTPUT_ONLY and not (dialect.carries_unknown and path.startswith("contentMessage.")):
                self.unsupported(path, "a member that smskit does not know")

    def _life(self, ttl: timedelta) -> None:
        bounds = self.dialect.ttl_s
        seconds = math.floor(ttl.total_seconds())
        if bounds is None:
            self.lost("ttl", f"{seconds} s")
        elif not bounds[0] <= seconds <= bounds[1]:
            self.limit("ttl", seconds, bounds[1] if seconds > bounds[1] else bounds[0], "seconds")
        elif ttl.microseconds:
            self.changed("ttl", "a part of a second", "whole seconds")

    # ------------------------------------------------------------ findings

    def lost(self, path: str, actual: str) -> None:
        """Tell what the carrier has no word for, and a person does not miss."""
        advice = f"{self.dialect.carrier} has no word for it"
        self.found.append(Finding(path, "carrier.lost", actual, "nothing", level=Level.WARNING, advice=advice))

    def changed(self, path: str, actual: str, limit: str, advice: str = "") -> None:
        """Tell what the carrier shows or counts otherwise."""
        told = advice or f"as {self.dialect.carrier} has it"
        self.found.append(Finding(path, "carrier.changed", actual, limit, level=Level.WARNING, advice=told))

    def invented(self, path: str, what: str) -> None:
        """Tell what is put where the carrier needs something and the message says nothing."""
        advice = f"{self.dialect.carrier} needs it, and gets {what}"
        self.found.append(Finding(path, "carrier.invented", "nothing", "a text", level=Level.WARNING, advice=advice))

    def unsupported(self, path: str, actual: str, advice: str = "") -> None:
        """Refuse what the carrier cannot carry at all."""
        told = advice or f"{self.dialect.carrier} cannot carry it"
        self.found.append(Finding(path, "carrier.unsupported", actual, "nothing", advice=told))

    def required(self, path: str, what: str) -> None:
        """Refuse a message without something that the carrier needs."""
        self.found.append(Finding(path, "carrier.required", "nothing", what, advice=f"{self.dialect.carrier} needs it"))

    def limit(self, path: str, actual: int, limit: int, unit: str) -> None:
        """Refuse too much or too little of something."""
        advice = f"the limit of {self.dialect.carrier}"
        self.found.append(Finding(path, "carrier.limit", actual, limit, unit, advice=advice))


def put(told: dict[str, object], path: Sequence[str], value: object) -> None:
    """Put *value* at *path*, making the objects on the way; members of an object go beside those that are there."""
    for name in path if isinstance(value, dict) else path[:-1]:
        told = cast("dict[str, object]", told.setdefault(name, {}))
    if isinstance(value, dict):
        told.update(cast("dict[str, object]", value))
    else:
        told[path[-1]] = value


# ---------------------------------------------------------------- for providers


class TellsLosses(Protocol):
    """A transport over RCS that tells what its carrier will not carry of a message."""

    def losses(self, message: RichMessage, /) -> tuple[Finding, ...]:
        """Give what is lost or changed on the way; a message with an error among it is refused before it is sent."""
        ...


# A batch is looked at twice: when it is checked and when its requests are made. Many messages of a campaign are alike.
@lru_cache(maxsize=1024)
def loaded(rich: str) -> RichMessage:
    """Read the JSON of a message, once for all that are alike.

    Raises:
        InvalidContent: the platform would refuse it.
        InvalidInput: it is no JSON.
    """
    return load(rich)


@lru_cache(maxsize=1024)
def _converted(dialect: Dialect, rich: str) -> Converted:
    return converted_by(dialect, rich)


def converted_by(dialect: Dialect, rich: str) -> Converted:
    """Read a message and convert it; the short way where one of the same shape was converted before.

    Raises:
        InvalidContent: the platform would refuse it.
        InvalidInput: it is no JSON.
    """
    parts = STRINGS.split(rich)
    kept = _kept(dialect, "\0".join(parts[::2]))
    for mould in kept:
        if (body := mould.body_of(parts)) is not None:
            return Converted(body, mould.losses, mould.ttl_s, mould.traffic)
    message = loaded(rich)
    converted = dialect.convert(message)
    if not kept and not errors_of(converted.losses):
        kept.extend(_moulded(dialect, parts, message, converted))
    return converted


@lru_cache(maxsize=64)
def _kept(dialect: Dialect, shape: str) -> list[Mould]:
    """Give the mould of a shape, none when there is none yet; who makes it puts it in."""
    del dialect, shape
    return []


def _moulded(dialect: Dialect, parts: list[str], message: RichMessage, converted: Converted) -> Iterator[Mould]:
    marked = Marked(message)
    writing = Writing(dialect)
    body = dialect.content(marked.message, writing)
    slots = marked.slots(parts, converted.body, body, writing.placed)
    if slots is not None:
        own = STRINGS.split(json_text(converted.body))
        yield Mould(parts, own, slots, converted.losses, converted.ttl_s, converted.traffic)


class OverRcs:
    """What providers over RCS have beside those over SMS: the words of their carrier, and what gets lost in them."""

    __slots__ = ()

    dialect: ClassVar[Dialect]

    @property
    def words(self) -> Dialect:
        """Give the words that messages are put into."""
        return self.dialect

    def losses(self, message: RichMessage, /) -> tuple[Finding, ...]:
        """Give what the carrier will not carry of *message*, or carry otherwise.

        Returns:
            Errors, with which a message is refused before it is sent: something that a person would see or tap has no
            place, or a limit of the carrier's own is broken. Warnings: it looks or is counted otherwise.
        """
        return self.words.convert(message).losses

    def converted(self, message: Outgoing) -> Converted:
        """Give the words of the carrier for one message; read once for all that are alike.

        Raises:
            InvalidContent: the platform, or this carrier, would refuse it.
            InvalidInput: what should be the message is no JSON.
        """
        if message.rich is None:
            raise InvalidInput("over RCS each message is rich: rich= of an Outgoing is the JSON of one")
        found = _converted(self.words, message.rich)
        refuse(found.losses)
        return found


def traffic_of(converted: Converted, message: Outgoing, dialect: Dialect) -> str:
    """Give what a message is for, in the carrier's word; where it does not say so, what its run is for."""
    return converted.traffic or dialect.traffic.get(Traffic.of(message.kind), "")


def ttl_of(converted: Converted, message: Outgoing) -> int | None:
    """Give for how long the carrier is to try: what the run says, or else the message itself."""
    return converted.ttl_s if message.validity_s is None else message.validity_s
