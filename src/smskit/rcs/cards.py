"""Cards, alone and side by side."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from attrs import Factory, field, frozen

from smskit.display import Row, Shown, View
from smskit.rcs import limits, wording
from smskit.rcs.findings import Finding, notes_of
from smskit.rcs.media import Media
from smskit.rcs.pieces import Piece, TextMember, hidden, word
from smskit.rcs.screens import SENDER, Sketch, phones
from smskit.rcs.suggestions import OpenUrl, Suggestion
from smskit.rcs.vocabulary import Height, Orientation, Platform, Side, Width

_MOST_SUGGESTIONS = limits.count("suggestions.card.max")
_FEWEST_CARDS = limits.count("carousel.cards.min")
_MOST_CARDS = limits.count("carousel.cards.max")

_CARD = (
    TextMember("title", "title", wording.CARD_TITLE),
    TextMember("description", "description", wording.CARD_DESCRIPTION),
)


def _suggestions(given: Iterable[Suggestion]) -> tuple[Suggestion, ...]:
    return tuple(given)


def _media(given: Media | str | None) -> Media | None:
    return Media(given) if isinstance(given, str) else given


def _orientation(value: Orientation | str) -> Orientation:
    return word(Orientation, value)


def _side(value: Side | str | None) -> Side | None:
    return None if value is None else word(Side, value)


def _usual_side(card: RichCard) -> Side | None:
    return Side.LEFT if card.orientation is Orientation.HORIZONTAL else None


@frozen
class RichCard(Shown, Piece):
    """A card: ``RichCard("Soldes d'été", "Jusqu'à dimanche", media="https://…/ete.jpg", suggestions=[…])``.

    Args:
        title: at most 200 characters.
        description: at most 2000 characters.
        media: a :class:`Media`, or its address.
        suggestions: at most four, shown as buttons of the card.
        orientation: vertical has the media above the text; in a carousel every card is.
        side: where the media of a horizontal card stands; left unless you say.
    """

    title: str | None = field(default=None, repr=hidden)
    description: str | None = field(default=None, repr=hidden)
    media: Media | None = field(default=None, converter=_media, kw_only=True)
    suggestions: tuple[Suggestion, ...] = field(default=(), converter=_suggestions, kw_only=True)
    orientation: Orientation = field(default=Orientation.VERTICAL, converter=_orientation, kw_only=True)
    side: Side | None = field(default=Factory(_usual_side, takes_self=True), converter=_side, kw_only=True)

    def texts(self) -> Sequence[TextMember]:
        """Give the title and the description."""
        return _CARD

    def below(self) -> Sequence[Piece]:
        """Give the media and the suggestions."""
        return self.suggestions if self.media is None else (self.media, *self.suggestions)

    def place_of(self, index: int, /) -> tuple[str, str]:
        """Give the attribute and the path of a piece."""
        if self.media is not None:
            if index == 0:
                return "media", "media"
            index -= 1
        return "suggestions", f"suggestions[{index}]"

    def own_findings(self) -> Iterable[Finding]:
        """Find an empty card and too many suggestions."""
        found: list[Finding] = []
        if self.title is None and self.description is None and self.media is None:
            found.append(Finding("", "card.nonempty", "nothing", "a title, a description or media"))
        if len(self.suggestions) > _MOST_SUGGESTIONS:
            count, most = len(self.suggestions), _MOST_SUGGESTIONS
            found.append(Finding("suggestions", "suggestions.card.max", count, most, "suggestions"))
        return found

    def payload(self) -> dict[str, object]:
        """Give the RBM JSON of ``cardContent``, which a card alone and a card of a carousel share."""
        content: dict[str, object] = {}
        if self.title is not None:
            content["title"] = self.title
        if self.description is not None:
            content["description"] = self.description
        if self.media is not None:
            content["media"] = self.media.payload()
        if self.suggestions:
            content["suggestions"] = [suggestion.payload() for suggestion in self.suggestions]
        return content

    def alone(self) -> dict[str, object]:
        """Give the RBM JSON of ``standaloneCard``."""
        card: dict[str, object] = {"cardOrientation": self.orientation.value}
        if self.side is not None:
            card["thumbnailImageAlignment"] = self.side.value
        card["cardContent"] = self.payload()
        return card

    def findings_alone(self) -> Iterable[Finding]:
        """Find what a card alone must have beside what every card must."""
        media = self.media
        if self.orientation is Orientation.VERTICAL:
            if media is not None and media.height is None:
                yield _no_height("cardContent.media.height")
            return
        if self.side is None:
            yield Finding("thumbnailImageAlignment", "horizontal.alignment", "none", "LEFT or RIGHT")
        if media is not None and self.title is None and self.description is None and not self.suggestions:
            limit = "a title, a description or suggestions beside it"
            yield Finding("cardContent", "horizontal.media.companion", "media alone", limit)

    # ---------------------------------------------------------------- looking at it

    def sketch(self) -> Sketch:
        """Give what is on the card, for a phone to draw."""
        media = self.media
        return Sketch(
            self.title or "",
            self.description or "",
            None if media is None else media.words,
            None if media is None else media.height,
            moving=media is not None and media.media_type == "image/gif",
            side=self.side if self.orientation is Orientation.HORIZONTAL and media is not None else None,
            buttons=tuple((one.button, one.url if isinstance(one, OpenUrl) else "") for one in self.suggestions),
        )

    def view(self) -> View:
        """Give the card as it looks on both phones, and what is wrong with it."""
        faults = [*self.findings(), *(one.under("standaloneCard") for one in self.findings_alone())]
        sketch = self.sketch()
        return phones("card", SENDER, lambda platform, told: [sketch.drawn(platform, told)], *notes_of(faults))


def _no_height(path: str) -> Finding:
    return Finding(path, "vertical.height", "none", "SHORT, MEDIUM or TALL")


def _cards(given: Iterable[RichCard]) -> tuple[RichCard, ...]:
    return tuple(given)


def _width(value: Width | str) -> Width:
    return word(Width, value)


@frozen
class Carousel(Shown, Piece):
    """Two to ten cards side by side.

    Args:
        cards: all vertical.
        width: of each card; small cards cannot have tall media.
    """

    cards: tuple[RichCard, ...] = field(converter=_cards)
    width: Width = field(default=Width.MEDIUM, converter=_width, kw_only=True)

    def below(self) -> Sequence[Piece]:
        """Give the cards."""
        return self.cards

    def place_of(self, index: int, /) -> tuple[str, str]:
        """Give the attribute and the path of a card."""
        return "cards", f"cardContents[{index}]"

    def own_findings(self) -> Iterable[Finding]:
        """Find too few and too many cards, and cards that do not go into a carousel."""
        found: list[Finding] = []
        count = len(self.cards)
        if count < _FEWEST_CARDS:
            found.append(Finding("cardContents", "carousel.cards.min", count, _FEWEST_CARDS, "cards"))
        elif count > _MOST_CARDS:
            found.append(Finding("cardContents", "carousel.cards.max", count, _MOST_CARDS, "cards"))
        for place, card in enumerate(self.cards):
            if card.orientation is Orientation.HORIZONTAL:
                limit = "vertical cards in a carousel"
                found.append(Finding(f"cardContents[{place}]", "carousel.orientation", "HORIZONTAL", limit))
            if card.media is not None:
                found += self._media_findings(card.media, place)
        return found

    def _media_findings(self, media: Media, place: int) -> Sequence[Finding]:
        if media.height is None:
            return [_no_height(f"cardContents[{place}].media.height")]
        if media.height is Height.TALL and self.width is Width.SMALL:
            path, limit = f"cardContents[{place}].media.height", "SHORT or MEDIUM in small cards"
            return [Finding(path, "carousel.small.notall", "TALL", limit)]
        return ()

    def payload(self) -> dict[str, object]:
        """Give the RBM JSON of ``carouselCard``."""
        return {"cardWidth": self.width.value, "cardContents": [card.payload() for card in self.cards]}

    def view(self) -> View:
        """Give the cards as they look on both phones, and what is wrong with them."""
        return phones(
            "carousel", SENDER, lambda platform, told: [self.drawn(platform, told)], *notes_of(self.findings())
        )

    def drawn(self, platform: Platform, told: list[str]) -> Row:
        """Draw the cards side by side."""
        return Row(*(card.sketch().drawn(platform, told, self.width) for card in self.cards))
