"""Contrast, worked out from the colours as WCAG 2.2 does it: text 4.5 : 1, shapes 3 : 1, on light and on dark."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from tests.display.eye import HOSTS, Eye, contrast, parsed, unreadable

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
    Level,
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
    Tone,
    View,
    to_html,
)
from smskit.display.html_drawings import GOOD, MAIN, MUTED, POOR
from smskit.display.paper import STYLE

TONES = (Tile("figure", "97.7 %", "97 – 98 %", "3 of 4 sent", "> 98 %: good", tone) for tone in Tone)
EVERYTHING: list[Block] = [
    View("inner", Line("a line")),
    Facts(("a fact", 1)),
    Facts(("a fact", None), title="titled"),
    Sum(("read", 3), ("sent", 1)),
    Table(["head"], [["cell"]]),
    Tiles(*TONES),
    Bars(Mark("delivered", 2, ("2",), low=1, high=3), Mark("planned", 3, is_muted=True)),
    Columns(Mark("12 h", 3, ("3",)), Mark("13 h", 1, is_muted=True)),
    Dots(Mark("B", 0.1, ("+10",), low=0.0, high=0.2), Mark("C", 0.1, is_muted=True)),
    *(Note("a note", level=level) for level in Level),
    Phone("SHOP", Bubble(["one part ï", "another"], marks=[9], note="2 parts"), Bubble(["STOP"], is_reply=True)),
    Phone("SHOP", Row(Card("t", "w", picture=Picture("photo", 112), buttons=["Oui"])), Chips("Oui")),
    Beside(Line("left"), Line("right")),
]


def test_every_text_of_a_view_can_be_read() -> None:
    html = to_html(View("title", *EVERYTHING))
    assert len(Eye(html, "#000000", "#ffffff").found) > 40
    assert unreadable(html) == []


@pytest.mark.parametrize(("ink", "ground"), [row[1:] for row in HOSTS], ids=[row[0] for row in HOSTS])
def test_every_shape_of_a_view_can_be_seen(ink: str, ground: str) -> None:
    eye = Eye(to_html(View("title", *EVERYTHING)), ink, ground)
    assert {GOOD, POOR, MUTED, MAIN} <= {colour for colour, _ in eye.shapes}
    assert [(colour, round(ratio, 2)) for colour, ratio in eye.shapes if ratio < 3] == []


def test_the_eye_sees_what_cannot_be_read() -> None:
    grey = Eye('<div style="opacity:.3">text</div><b style="background:#777777"></b>', "#000000", "#ffffff")
    assert grey.found[0][1] < 4.5
    assert grey.shapes[0][1] == pytest.approx(4.48, abs=0.01)
    assert contrast((0, 0, 0), (255, 255, 255)) == 21


# ---------------------------------------------------------------- the page

_LIGHT, _DARK = (re.findall(r"--(\w+): (#[0-9a-f]{6})", part) for part in STYLE.split("@media screen")[:2])
PALETTES = [("light", dict(_LIGHT)), ("dark", dict(_LIGHT) | dict(_DARK))]


def pairs(palette: dict[str, str]) -> Iterator[tuple[str, str, float]]:
    for ground in ("paper", "card"):
        for text in ("ink", "soft", "good", "poor"):
            yield text, ground, 4.5
    yield "main", "paper", 3.0


@pytest.mark.parametrize("palette", [row[1] for row in PALETTES], ids=[row[0] for row in PALETTES])
def test_the_colours_of_the_page_stand_out(palette: dict[str, str]) -> None:
    for text, ground, least in pairs(palette):
        assert contrast(parsed(palette[text])[0], parsed(palette[ground])[0]) >= least, (text, ground)
    for mark in (MAIN, MUTED):
        assert contrast(parsed(mark)[0], parsed(palette["paper"])[0]) >= 3, mark


def test_the_page_names_no_colour_beside_its_palettes() -> None:
    rules = re.sub(r"--\w+: #[0-9a-f]{6}", "", STYLE)
    assert not re.findall(
        r"#[0-9a-f]{3,8}|rgb|(?<!-)color: (?!var)\w+(?<!light)", rules.replace("color-scheme: light dark", "")
    )


def test_good_and_poor_are_told_apart_without_colours() -> None:
    assert len({tone.value for tone in Tone}) == len(Tone)
