"""How a message looks on a phone: sizes of Android, habits of iOS, and what each leaves out.

Sizes are in dp, which a page shows as pixels. What a line holds is an estimate: fonts differ.

Source: RCS for Business, guide 'Rich cards' (sizes, order of what gives way); Postscript, 'Guide to RCS on iOS vs.
Android' (iOS 26.2) and Infobip, 'RCS behaviour and guidance' (iOS).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from urllib.parse import urlsplit

from attrs import evolve, frozen

from smskit.display import Beside, Card, Chips, Level, Note, OnScreen, Phone, Picture, View
from smskit.rcs.vocabulary import Height, Platform, Side, Width

SENDER = "MABOUTIQUE"
"""Who stands above a preview that was not told."""

IOS_LINES = 6
"""Longer words open in a view of their own, without media and buttons."""

IOS_TITLE = 102
"""From more characters than this a title is broken."""

_MEDIA: Mapping[Height | None, int] = {Height.SHORT: 112, Height.MEDIUM: 168, Height.TALL: 264, None: 112}
_WIDTHS: Mapping[Width | None, int] = {Width.SMALL: 180, Width.MEDIUM: 296, None: 320}
_MOST: Mapping[Width | None, int] = {Width.SMALL: 542, Width.MEDIUM: 592, None: 344}
_IOS_MEDIA = 168
_TITLE_LINE, _TEXT_LINE, _EDGES = 24, 20, 24
_DP_PER_CHARACTER = 8

Draw = Callable[[Platform, list[str]], Sequence[OnScreen]]
"""Draws something for one platform, and notes what the phone leaves out."""


def phones(title: str, sender: str, draw: Draw, *below: Note) -> View:
    """Show the same message on both phones."""
    return View(title, Beside(*(phone(platform, sender, draw) for platform in Platform)), *below)


def phone(platform: Platform, sender: str, draw: Draw) -> View:
    """Show a message on one phone, and say what that phone leaves out."""
    told: list[str] = []
    shown = draw(platform, told)
    return View(platform.value, Phone(sender, *shown), Note(*dict.fromkeys(told), level=Level.INFO))


def lines_of(text: str, width: int = _WIDTHS[None]) -> int:
    """Estimate the lines that *text* takes in *width* dp."""
    room = _room(width)
    return sum(max(1, -(-len(line) // room)) for line in text.split("\n")) if text else 0


def host_of(url: str) -> str:
    """Give what a phone shows of an address."""
    try:
        return urlsplit(url).hostname or url.partition(":")[0]
    except ValueError:
        return "?"


def _room(width: int) -> int:
    return max(1, (width - _EDGES) // _DP_PER_CHARACTER)


@frozen
class Sketch:
    """What is on a card, before a phone draws it.

    Args:
        title: see :class:`RichCard`.
        text: its description.
        media: what the media is and shows; None without any.
        height: of the media.
        moving: whether it is a GIF.
        side: where the media stands beside the words; None where it stands above.
        buttons: label and address of each.
    """

    title: str
    text: str
    media: str | None
    height: Height | None
    moving: bool
    side: Side | None
    buttons: tuple[tuple[str, str], ...]

    def drawn(self, platform: Platform, told: list[str], width: Width | None = None) -> Card:
        """Draw the card, alone or among others of *width*."""
        return self._ios(told, width) if platform is Platform.IOS else self._android(told, width)

    def _android(self, told: list[str], width: Width | None) -> Card:
        height = _MEDIA[Height.SHORT if self.side is not None else self.height]
        # Since March 2026 the address stands under the label of a button.
        labels = [f"{label} · {host_of(url)}" if url else label for label, url in self.buttons]
        card = self._card(labels, height, _WIDTHS[width])
        if self.side is not None:
            card = evolve(card, side="left" if self.side is Side.LEFT else "right")
        return _fitted(card, _MOST[width], told)

    def _ios(self, told: list[str], width: Width | None) -> Card:
        if width is Width.SMALL:
            told.append("the width of cards is not obeyed")
        if self.side is not None:
            told.append("a horizontal card may crop its picture, and breaks films")
        if self.media is not None and self.height not in (Height.MEDIUM, None):
            told.append("the height of media is not obeyed")
        if self.moving:
            told.append("a moving picture stands still")
        pixels = _WIDTHS[None if width is None else Width.MEDIUM]
        if lines_of(self.title, pixels) + lines_of(self.text, pixels) > IOS_LINES:
            told.append(f"words of more than {IOS_LINES} lines open in a view without media and buttons")
        labels = [label for label, _ in self.buttons]
        if len(labels) > 1:
            told.append(f"several buttons become a menu: {', '.join(labels)}")
            labels = ["Options ▾"]
        return self._card(labels, _IOS_MEDIA, pixels)

    def _card(self, labels: Sequence[str], height: int, width: int) -> Card:
        picture = None if self.media is None else Picture(self.media, height)
        return Card(self.title, self.text, picture=picture, buttons=labels, width=width)


def _fitted(card: Card, most: int, told: list[str]) -> Card:
    """Take away what Android takes away first from a card that is too tall; tapping the card shows it whole."""
    # The guide goes on with buttons, but the words of one line fit under the tallest media. Buttons are not counted:
    # with them the guide's own advice, tall media and one button, would be too tall.
    for what, smaller in (
        ("text", evolve(card, text=_one_line(card.text, card.width))),
        ("title", evolve(card, text=_one_line(card.text, card.width), title=_one_line(card.title, card.width))),
    ):
        if _height(card) <= most:
            break
        if smaller != card:
            told.append(f"a card is taller than {most} dp: its {what} is cut to one line until it is tapped")
        card = smaller
    return card


def _height(card: Card) -> int:
    words = lines_of(card.title, card.width) * _TITLE_LINE + lines_of(card.text, card.width) * _TEXT_LINE
    words += _EDGES if words else 0
    picture = card.picture.height if card.picture is not None else 0
    return max(words, picture) if card.side else words + picture


def _one_line(text: str, width: int) -> str:
    return text if lines_of(text, width) <= 1 else text.split("\n")[0][: _room(width) - 1].rstrip() + "…"


def file_of(platform: Platform, words: str) -> Card:
    """Draw a message that is a file."""
    height = _IOS_MEDIA if platform is Platform.IOS else _MEDIA[Height.MEDIUM]
    return Card(picture=Picture(words, height), width=_WIDTHS[Width.MEDIUM])


def chips_of(platform: Platform, labels: Sequence[tuple[str, bool]], told: list[str]) -> Chips:
    """Draw what can be tapped under a message, each label with whether it is an action.

    iOS lists replies before actions, and hides more than two actions in a menu.
    """
    if platform is Platform.ANDROID:
        return Chips(*(label for label, _ in labels))
    replies = [label for label, is_action in labels if not is_action]
    actions = [label for label, is_action in labels if is_action]
    if len(actions) > 2:
        told.append(f"more than two actions become a menu: {', '.join(actions)}")
        actions = ["Options ▾"]
    return Chips(*replies, *actions, is_list=True)
