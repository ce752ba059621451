from __future__ import annotations

from html.parser import HTMLParser

import pytest

from smskit.display import (
    Bars,
    Beside,
    Block,
    Bubble,
    Card,
    Chips,
    Columns,
    Dots,
    Facts,
    Line,
    Mark,
    Note,
    Phone,
    Picture,
    Row,
    Sum,
    Table,
    Tile,
    Tiles,
    View,
    to_html,
)

HOSTILE = '<script>alert("1")</script>&\'\x1b\u202e\ud83d'

BLOCKS: list[tuple[str, Block]] = [
    ("a view", View(HOSTILE)),
    ("a line", Line(HOSTILE)),
    ("a fact", Facts((HOSTILE, HOSTILE))),
    ("titled facts", Facts((HOSTILE, 1), title=HOSTILE)),
    ("a sum", Sum((HOSTILE, 2), (HOSTILE, 1))),
    ("a table", Table([HOSTILE], [[HOSTILE]])),
    ("bars", Bars((HOSTILE, 1, 2), title=HOSTILE)),
    ("columns", Columns(Mark(HOSTILE, 1, (HOSTILE,)), title=HOSTILE)),
    ("dots", Dots(Mark(HOSTILE, 1, (HOSTILE,)), title=HOSTILE)),
    ("tiles", Tiles(Tile(HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE))),
    ("a note", Note(HOSTILE)),
    ("a card", Phone(HOSTILE, Card(HOSTILE, HOSTILE, picture=Picture(HOSTILE, 112), buttons=[HOSTILE], side="left"))),
    ("cards in a row", Phone(HOSTILE, Row(Card(HOSTILE, width=180), Card(text=HOSTILE)), Chips(HOSTILE, is_list=True))),
    ("blocks side by side", Beside(Line(HOSTILE), Note(HOSTILE))),
    ("a phone", Phone(HOSTILE, Bubble([HOSTILE, HOSTILE], marks=range(200), note=HOSTILE))),
]


class Page(HTMLParser):
    """Collects what a browser would see: tags, attributes, text; and checks that all tags are closed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.text = ""
        self.open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.open.append(tag)
        self.attributes.update(name for name, _ in attrs)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize("block", [row[1] for row in BLOCKS], ids=[row[0] for row in BLOCKS])
def test_no_browser_obeys_a_foreign_text(block: Block) -> None:
    html = to_html(View("title", block))
    page = Page(html)
    assert not page.open
    assert set(page.tags) <= {"div", "span", "b", "mark", "table", "thead", "tbody", "tr", "th", "td"}
    assert page.attributes <= {"style", "title"}
    assert "<script>alert" in page.text, "the text is there, as text"
    html.encode()
    assert not set(html) & set("\x1b\u202e")


@pytest.mark.parametrize("block", [row[1] for row in BLOCKS], ids=[row[0] for row in BLOCKS])
def test_it_needs_nothing_from_elsewhere(block: Block) -> None:
    html = to_html(View("title", block)).lower()
    for outside in ("url(", "http", "src=", "href", "@import", "<style", "class="):
        assert outside not in html


def test_a_whole_small_view() -> None:
    number = "font-variant-numeric:tabular-nums"
    assert to_html(View("a & b", Facts(("parts", 1234)))) == (
        '<div style="font-family:system-ui,sans-serif;font-size:14px;line-height:1.5;color:inherit;'
        'max-width:60em">'
        '<div style="font-weight:600">a &amp; b</div>'
        '<div><span style="opacity:.85">parts</span> '
        f'<b style="font-weight:600;{number}">1\u202f234</b></div>'
        "</div>"
    )


def test_parts_are_told_apart_and_the_costly_character_is_marked() -> None:
    html = to_html(View("t", Phone("SHOP", Bubble(["Anaïs", "fin ï"], marks=[3, 9]))))
    assert 'title="part 1 of 2"' in html
    assert 'title="part 2 of 2"' in html
    assert html.count("<mark") == 2
    assert html.count(">ï</mark>") == 2


def test_a_short_message_has_no_parts() -> None:
    assert "title=" not in to_html(View("t", Phone("SHOP", Bubble(["Bonjour"]))))


def test_an_account_that_does_not_close_says_so() -> None:
    assert "≠" in to_html(View("t", Sum(("read", 3), ("sent", 1))))
    assert "≠" not in to_html(View("t", Sum(("read", 1), ("sent", 1))))


def test_nothing_to_say_is_nothing_to_see() -> None:
    assert to_html(View("t", Facts(title="blocked"), Note(), Bars())) == to_html(View("t"))


def test_a_bar_never_leaves_its_frame() -> None:
    html = to_html(View("t", Bars(("a", 3, 2), ("b", -1, 2), ("c", 1, 0))))
    assert html.count("width:100.00%") == 1
    assert html.count("width:0.00%") == 1, "and what is of nothing has no bar"


def test_what_is_not_known_has_no_bar_and_no_point() -> None:
    for drawing in (Bars(Mark("opened", None, ("–",))), Dots(Mark("opened", None, ("–",)))):
        html = to_html(View("t", drawing))
        assert "opened" in html
        assert "#1a80c4" not in html


def test_columns_are_as_high_as_they_are_many() -> None:
    html = to_html(View("t", Columns(*(Mark(f"{hour} h", hour, (str(hour),)) for hour in range(25)), axis="clicks")))
    assert "height:50.00%" in html
    assert 'title="24 h: 24"' in html
    assert html.count(" h</span>") == 9, "every third hour has its name"


def test_a_marked_character_is_escaped_too() -> None:
    assert "&lt;</mark>" in to_html(View("t", Phone("SHOP", Bubble(["<"], marks=[0]))))


def test_a_picture_stands_on_its_side_of_the_words():
    def drawn(side):
        html = to_html(View("t", Phone("SHOP", Card("Titre", picture=Picture("photo", 112), side=side))))
        return html.index("photo") < html.index("Titre"), "width:128px" in html

    assert drawn("") == (True, False)
    assert drawn("left") == (True, True)
    assert drawn("right") == (False, True)


def test_a_card_has_its_width_and_its_picture_its_height():
    html = to_html(View("t", Phone("SHOP", Row(Card("a", picture=Picture("photo", 168), width=296), Card("b")))))
    assert "width:296px" in html
    assert "height:168px" in html
    assert "overflow-x:auto" in html


def test_nothing_to_tap_is_nothing_to_see():
    assert to_html(View("t", Phone("SHOP", Card(), Chips()))).count("SHOP") == 1
    assert "border-radius:1.2em;padding:.25em" not in to_html(View("t", Phone("SHOP", Chips())))
