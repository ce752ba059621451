"""What can be shown: a title and a handful of blocks.

    View    a title and what stands under it; a view may stand in a view
    Line    a sentence
    Facts   short labels with their values
    Sum     a total and the terms that it should be the sum of
    Table   columns
    Tiles   key figures: cards in a notebook, a table in a terminal
    Bars    lengths; Columns and Dots: see drawings.py
    Note    what the reader must not overlook
    Phone   what a handset shows
    Beside  blocks side by side, where there is room

They are frozen values that know nothing of terminals and browsers.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from typing import Literal

from attrs import field, frozen

from smskit.display.drawings import Bars, Columns, Dots
from smskit.errors import InvalidInput

Cell = str | int | None
"""What stands in a table or beside a label: a text, a count (its thousands are set apart), None (a dash)."""


@frozen
class Line:
    """A sentence; a line feed in it starts a new line."""

    text: str


@frozen(init=False)
class Facts:
    """Labels with their values: ``Facts(("parts", 16402), ("cost", "738.09 EUR"))``.

    With a title they read as one list, ``blocked: no_consent 1 034 · opted_out 612``. Without items nothing
    is shown.
    """

    items: tuple[tuple[str, Cell], ...]
    title: str

    def __init__(self, *items: tuple[str, Cell], title: str = "") -> None:
        object.__setattr__(self, "items", items)
        object.__setattr__(self, "title", title)


@frozen(init=False)
class Sum:
    """An account that should close: ``Sum(("rows read", 20), ("to send", 18), ("blocked", 2))``.

    It is shown with ``=`` only when the terms do add up to the total, and with ``≠`` when they do not.
    """

    total: tuple[str, int]
    terms: tuple[tuple[str, int], ...]

    def __init__(self, total: tuple[str, int], *terms: tuple[str, int]) -> None:
        object.__setattr__(self, "total", total)
        object.__setattr__(self, "terms", terms)

    @property
    def closes(self) -> bool:
        """Whether the terms add up to the total."""
        return self.total[1] == sum(count for _, count in self.terms)


def _texts(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(texts)


def _places(places: Iterable[int]) -> frozenset[int]:
    return frozenset(places)


def _rows(rows: Iterable[Iterable[Cell]]) -> tuple[tuple[Cell, ...], ...]:
    return tuple(tuple(row) for row in rows)


@frozen
class Table:
    """Columns with headers.

    Args:
        headers: one text for each column.
        rows: as many cells in each as there are headers.
        align: ``l`` or ``r`` for each column, such as ``"lrr"``; empty sets columns of counts to the right
            and the others to the left.

    Raises:
        InvalidInput: a row, or *align*, has another length than *headers*.
    """

    headers: tuple[str, ...] = field(converter=_texts)
    rows: tuple[tuple[Cell, ...], ...] = field(converter=_rows)
    align: str = ""

    def __attrs_post_init__(self) -> None:
        columns = len(self.headers)
        for place, row in enumerate(self.rows):
            if len(row) != columns:
                raise InvalidInput(f"row {place} of the table has {len(row)} cells for {columns} headers")
        if self.align and (len(self.align) != columns or self.align.strip("lr")):
            raise InvalidInput(f"align={self.align!r} must have one of l and r for each of {columns} columns")

    def is_right(self, column: int) -> bool:
        """Whether the cells of *column* are set to the right."""
        if self.align:
            return self.align[column] == "r"
        found = [row[column] for row in self.rows]
        return any(isinstance(one, int) for one in found) and not any(isinstance(one, str) for one in found)


class Tone(Enum):
    """Whether a figure is as one would like it; the words beside it say so too, for who does not see colours."""

    PLAIN = ""
    GOOD = "✓"
    POOR = "✗"
    UNSURE = "?"


@frozen
class Tile:
    """A key figure: ``Tile("delivered", "97.7 %", "97.4 – 97.9 %", "15 703 of 16 071 sent")``.

    Args:
        label: what it is.
        value: how much; None is not known.
        interval: where the true value lies.
        of: what it is a share of, or made of.
        judged: what it is held against, and how it stands.
        tone: whether that is good.
    """

    label: str
    value: str | None
    interval: str | None = None
    of: str | None = None
    judged: str | None = None
    tone: Tone = Tone.PLAIN


@frozen(init=False)
class Tiles:
    """Key figures side by side; *headers* are the five columns that a terminal shows them in."""

    tiles: tuple[Tile, ...]
    headers: tuple[str, ...]

    def __init__(self, *tiles: Tile, headers: Iterable[str] = ("", "value", "95 % interval", "of", "")) -> None:
        object.__setattr__(self, "tiles", tiles)
        object.__setattr__(self, "headers", tuple(headers))

    @property
    def table(self) -> Table:
        """The same as a table."""
        rows = ((one.label, one.value, one.interval, one.of, one.judged) for one in self.tiles)
        return Table(self.headers, rows, align="lrrll")


class Level(Enum):
    """How much a note matters."""

    INFO = "note"
    WARNING = "warning"
    ERROR = "error"


@frozen(init=False)
class Note:
    """What must not be overlooked, one sentence each: ``Note(*plan.warnings)``; without any it is empty."""

    texts: tuple[str, ...]
    level: Level

    def __init__(self, *texts: str, level: Level = Level.WARNING) -> None:
        object.__setattr__(self, "texts", texts)
        object.__setattr__(self, "level", level)


@frozen
class Bubble:
    """One message on a handset.

    Args:
        parts: its text, cut as it travels; one text when it is short.
        marks: places in the whole text (parts joined) of characters to point at: those that cost more.
        note: a few words under the bubble: ``2 parts, 0.09 EUR``.
        is_reply: whether the person who holds the phone wrote it.
    """

    parts: tuple[str, ...] = field(converter=_texts)
    marks: frozenset[int] = field(default=frozenset(), converter=_places, kw_only=True)
    note: str = field(default="", kw_only=True)
    is_reply: bool = field(default=False, kw_only=True)


@frozen
class Picture:
    """Where a picture or film stands; it is described and never fetched.

    Args:
        words: what it is and shows: ``image/jpeg · Une plage``.
        height: in pixels of the page, as tall as on the handset.
    """

    words: str
    height: int


@frozen
class Card:
    """A card on a handset: a picture, words, buttons.

    Args:
        title: in bold; empty for none.
        text: under it; empty for none.
        picture: above the words, or beside them.
        buttons: what each says.
        width: in pixels of the page; 0 takes what there is.
        side: ``left`` or ``right`` where the picture stands beside the words.
    """

    title: str = ""
    text: str = ""
    picture: Picture | None = field(default=None, kw_only=True)
    buttons: tuple[str, ...] = field(default=(), converter=_texts, kw_only=True)
    width: int = field(default=0, kw_only=True)
    side: Literal["", "left", "right"] = field(default="", kw_only=True)


@frozen(init=False)
class Row:
    """Cards side by side, to be pushed along: ``Row(Card("a"), Card("b"))``."""

    cards: tuple[Card, ...]

    def __init__(self, *cards: Card) -> None:
        object.__setattr__(self, "cards", cards)


@frozen(init=False)
class Chips:
    """What can be tapped under a message: ``Chips("Oui", "Non")``; ``is_list`` sets each on a line of its own."""

    labels: tuple[str, ...]
    is_list: bool

    def __init__(self, *labels: str, is_list: bool = False) -> None:
        object.__setattr__(self, "labels", labels)
        object.__setattr__(self, "is_list", is_list)


OnScreen = Bubble | Card | Row | Chips


@frozen(init=False)
class Phone:
    """What a handset shows: ``Phone("MABOUTIQUE", Bubble(["Bonjour"]), Bubble(["STOP"], is_reply=True))``."""

    sender: str
    bubbles: tuple[OnScreen, ...]

    def __init__(self, sender: str, *bubbles: OnScreen) -> None:
        object.__setattr__(self, "sender", sender)
        object.__setattr__(self, "bubbles", bubbles)


@frozen(init=False)
class Beside:
    """Blocks side by side where the page has room, one under the other elsewhere."""

    blocks: tuple[Block, ...]

    def __init__(self, *blocks: Block) -> None:
        object.__setattr__(self, "blocks", blocks)


@frozen(init=False)
class View:
    """A title and what stands under it."""

    title: str
    blocks: tuple[Block, ...]

    def __init__(self, title: str, *blocks: Block) -> None:
        object.__setattr__(self, "title", title)
        object.__setattr__(self, "blocks", blocks)


Block = View | Line | Facts | Sum | Table | Tiles | Bars | Columns | Dots | Note | Phone | Beside
