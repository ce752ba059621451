"""Whatever a text holds, both renderings take it, keep what it says, and obey none of it."""

from __future__ import annotations

from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from smskit.display import (
    Beside,
    Bubble,
    Card,
    Chips,
    Facts,
    Line,
    Note,
    Phone,
    Picture,
    Row,
    Sum,
    Table,
    View,
    harmless,
    to_html,
    to_text,
)
from smskit.display.words import columns_of

TEXTS = st.text(st.characters(codec=None), max_size=120)
WIDTHS = st.integers(min_value=1, max_value=120)


class Text(HTMLParser):
    """What a browser would show."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text = ""
        self.feed(html)
        self.close()

    def handle_data(self, data: str) -> None:
        self.text += data


def solid(text: str) -> str:
    """A text without its white space, which is what wrapping may change."""
    return "".join(harmless(text).split())


@given(TEXTS, TEXTS, WIDTHS)
def test_any_text_can_be_shown(text: str, other: str, width: int) -> None:
    view = View(
        text,
        Line(other),
        Facts((text, other), title=other),
        Sum((text, 3), (other, 2)),
        Table([text], [[other]]),
        Note(other),
        Phone(text, Bubble([text, other], marks=range(len(text)), note=other)),
        Beside(Phone(text, Row(Card(text, other, picture=Picture(other, 9), buttons=[text])), Chips(other))),
    )
    for drawing in (to_text(view, width), to_html(view)):
        drawing.encode()
        assert not any(ord(character) < 0x20 for character in drawing.replace("\n", ""))


@given(TEXTS)
def test_html_shows_the_text_itself(text: str) -> None:
    assert Text(to_html(View("", Line(text)))).text == harmless(text)
    assert Text(to_html(View("", Phone("", Bubble([text]))))).text == harmless(text)


@given(TEXTS, WIDTHS)
def test_a_screen_loses_no_character(text: str, width: int) -> None:
    lines = to_text(View("", Phone("", Bubble([text]))), width).split("\n")[2:]
    assert solid("".join(line.removeprefix("   │") for line in lines)) == solid(text)


@given(st.lists(st.tuples(st.text("abc é", min_size=1, max_size=9), st.integers(0, 10**6)), max_size=20), WIDTHS)
def test_a_list_is_whole_and_keeps_to_its_width(items: list[tuple[str, int]], width: int) -> None:
    drawing = to_text(View("t", Facts(*items, title="blocked")), width).split("\n")[1:]
    assert sum(line.count(" · ") + line.endswith(" ·") for line in drawing) == max(0, len(items) - 1)
    longest = max((len(label) + 12 for label, _ in items), default=0) + len("blocked: ")
    assert all(columns_of(line) <= max(width, longest) + len(" ·") for line in drawing)
