"""What makes a message dearer than it need be, or worse to look at on some phones."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from smskit.display import Level
from smskit.rcs.billing import BASIC_BYTES, weight_of
from smskit.rcs.cards import Carousel, RichCard
from smskit.rcs.findings import Finding
from smskit.rcs.media import File, Media
from smskit.rcs.screens import IOS_LINES, IOS_TITLE, lines_of
from smskit.rcs.suggestions import Action, ShareLocation, Suggestion
from smskit.rcs.vocabulary import Orientation, Traffic

_ADDRESS = re.compile(r"https?://|www\.", re.IGNORECASE)
_CARD = "contentMessage.richCard.standaloneCard.cardContent"
_CARDS = "contentMessage.richCard.carouselCard.cardContents"


def hints_of(
    content: str | RichCard | Carousel | File, suggestions: Sequence[Suggestion], traffic: Traffic | None
) -> list[Finding]:
    """List what makes a message dearer, then what some phones show otherwise.

    Returns:
        ``cost.*`` as warnings: what puts the message into a dearer class. ``traffic.unset`` as a warning. ``look.*`` as
        notes: where phones show something else than was meant.

    Source: RCS for Business, guide 'Send messages' (billing); Postscript, 'Guide to RCS on iOS vs. Android' (iOS 26.2)
    and Infobip, 'RCS behaviour and guidance' (looks).
    """
    unset: list[Finding] = []
    if traffic is None:
        advice = "an agent of several uses is refused without"
        unset = [_warning("messageTrafficType", "traffic.unset", "none", "PROMOTION or another", "", advice)]
    return [*unset, *_costs(content, len(suggestions)), *_chip_looks(suggestions), *_looks(content)]


def _costs(content: str | RichCard | Carousel | File, suggestions: int) -> Iterator[Finding]:
    if isinstance(content, str):
        yield from _text_costs(content, suggestions)
    elif isinstance(content, RichCard) and content.media is None and not content.suggestions and not suggestions:
        words = "\n".join(filter(None, (content.title, content.description)))
        if weight_of(words) <= BASIC_BYTES:
            advice = "sent as a text it is billed as basic"
            yield _warning(_CARD, "cost.card", "a card of words alone", "a text", "", advice)


def _text_costs(text: str, suggestions: int) -> Iterator[Finding]:
    weight = weight_of(text)
    if weight <= BASIC_BYTES and suggestions:
        advice = "a text alone of at most 160 bytes is billed as basic"
        yield _warning("contentMessage.suggestions", "cost.suggestions", suggestions, 0, "suggestions", advice)
    elif weight > BASIC_BYTES and not suggestions:
        heavy = weight - len(text)
        because = f"of which {heavy} for accents and signs that weigh more than one" if heavy else "shorten the text"
        yield _warning("contentMessage.text", "cost.bytes", weight, BASIC_BYTES, "bytes", because)


def _chip_looks(suggestions: Sequence[Suggestion]) -> Iterator[Finding]:
    path = "contentMessage.suggestions"
    if suggestions and isinstance(suggestions[0], ShareLocation):
        advice = "Android notifications show the first one that is no question for the place"
        yield _note(f"{path}[0]", "look.first_suggestion", "a question for the place", "the main suggestion", advice)
    actions = sum(isinstance(one, Action) for one in suggestions)
    if actions > 2:
        yield _ios(path, "look.ios_actions", f"{actions} actions", "two: more become a menu")


def _looks(content: str | RichCard | Carousel | File) -> Iterator[Finding]:
    if isinstance(content, RichCard):
        yield from _card_looks(content, _CARD)
        if content.orientation is Orientation.HORIZONTAL and content.media is not None:
            yield _ios(_CARD, "look.ios_horizontal", "a horizontal card", "a vertical one: pictures are cropped")
    elif isinstance(content, Carousel):
        for place, card in enumerate(content.cards):
            yield from _card_looks(card, f"{_CARDS}[{place}]")
        heights = {card.media.height for card in content.cards if card.media is not None}
        if len(heights) > 1:
            advice = "all cards become as tall as the tallest"
            yield _note(_CARDS, "look.heights", f"media of {len(heights)} heights", "one height", advice)


def _card_looks(card: RichCard, path: str) -> Iterator[Finding]:
    title, description = card.title or "", card.description or ""
    if len(title) > IOS_TITLE:
        yield _ios(f"{path}.title", "look.ios_title", f"{len(title)} characters", f"at most {IOS_TITLE}")
    lines = lines_of(title) + lines_of(description)
    if lines > IOS_LINES:
        yield _ios(path, "look.ios_lines", f"about {lines} lines", f"{IOS_LINES}: longer words hide media and buttons")
    if _ADDRESS.search(description):
        yield _ios(f"{path}.description", "look.ios_address", "an address", "a button: it cannot be tapped")
    if len(card.suggestions) > 1:
        limit = "one: several become a menu"
        yield _ios(f"{path}.suggestions", "look.ios_buttons", f"{len(card.suggestions)} buttons", limit)
    if card.media is not None:
        yield from _media_looks(card.media, f"{path}.media")


def _media_looks(media: Media, path: str) -> Iterator[Finding]:
    kind = media.media_type or ""
    if media.alt is None:
        yield _note(f"{path}.contentDescription", "look.alt", "none", "what the picture shows", "screen readers say it")
    if kind.startswith("video/") and media.thumbnail is None:
        yield _note(path, "look.thumbnail", "a film without thumbnail", "a picture to tap", "")
    if kind == "image/gif":
        yield _ios(path, "look.ios_gif", "a moving picture", "one that says all at its first frame")


def _warning(path: str, rule: str, actual: int | str, limit: int | str, unit: str, advice: str) -> Finding:
    return Finding(path, rule, actual, limit, unit, Level.WARNING, advice)


def _note(path: str, rule: str, actual: str, limit: str, advice: str) -> Finding:
    return Finding(path, rule, actual, limit, "", Level.INFO, advice)


def _ios(path: str, rule: str, actual: str, limit: str) -> Finding:
    return Finding(path, rule, actual, limit, "", Level.INFO, "on iOS")
