"""Contrast, worked out from the colours as WCAG 2.2 does it: text 4.5 : 1, shapes 3 : 1, on light and on dark."""

from __future__ import annotations

import re
from collections.abc import Iterator
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

Colour = tuple[float, float, float]

# Where a fragment may stand: text and ground of the host, which may set neither a colour scheme nor a class.
HOSTS: list[tuple[str, str, str]] = [
    ("a page without any style", "#000000", "#ffffff"),
    ("JupyterLab, light", "#212121", "#ffffff"),
    ("JupyterLab, dark", "#ffffff", "#111111"),
    ("VS Code, light", "#3b3b3b", "#ffffff"),
    ("VS Code, dark", "#cccccc", "#1f1f1f"),
    ("Colab, dark", "#e3e3e3", "#1f1f1f"),
    ("white on black", "#ffffff", "#000000"),
]

VOID = {"br", "meta"}


def parsed(colour: str) -> tuple[Colour, float]:
    if colour.startswith("#"):
        red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
        return (red, green, blue), 1.0
    red, green, blue, alpha = map(float, re.findall(r"[\d.]+", colour))
    return (red, green, blue), alpha


def over(top: Colour, alpha: float, ground: Colour) -> Colour:
    mixed = [alpha * one + (1 - alpha) * other for one, other in zip(top, ground, strict=True)]
    return (mixed[0], mixed[1], mixed[2])


def luminance(colour: Colour) -> float:
    linear = [(one / 255 / 12.92) if one / 255 <= 0.04045 else ((one / 255 + 0.055) / 1.055) ** 2.4 for one in colour]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: Colour, other: Colour) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def styles(text: str) -> dict[str, str]:
    return {name.strip(): value.strip() for name, _, value in (one.partition(":") for one in text.split(";")) if value}


class Eye(HTMLParser):
    """Sees a fragment on a ground: each text, and each shape that has a colour of its own, with its contrast."""

    def __init__(self, html: str, ink: str, ground: str) -> None:
        super().__init__()
        self.found: list[tuple[str, float]] = []
        self.shapes: list[tuple[str, float]] = []
        self._stack = [(parsed(ink)[0], parsed(ground)[0], 1.0)]
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        ink, ground, opacity = self._stack[-1]
        style = styles(dict(attrs).get("style") or "")
        own = style.get("color", "inherit")
        if own not in ("inherit", "currentColor"):
            ink = parsed(own)[0]
        behind = style.get("background", "transparent")
        if behind not in ("transparent", "currentColor"):
            top, alpha = parsed(behind)
            if alpha == 1.0:
                self.shapes.append((behind, contrast(top, ground)))
            ground = over(top, alpha, ground)
        for border in re.findall(r"solid (#[0-9a-f]{6})", ";".join(style.values())):
            self.shapes.append((border, contrast(parsed(border)[0], ground)))
        if tag not in VOID:
            self._stack.append((ink, ground, opacity * float(style.get("opacity", 1))))

    def handle_endtag(self, tag: str) -> None:
        self._stack.pop()

    def handle_data(self, data: str) -> None:
        if data.strip():
            ink, ground, opacity = self._stack[-1]
            self.found.append((data, contrast(over(ink, opacity, ground), ground)))


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


@pytest.mark.parametrize(("ink", "ground"), [row[1:] for row in HOSTS], ids=[row[0] for row in HOSTS])
def test_every_text_of_a_view_can_be_read(ink: str, ground: str) -> None:
    eye = Eye(to_html(View("title", *EVERYTHING)), ink, ground)
    assert len(eye.found) > 40
    assert [(text, round(ratio, 2)) for text, ratio in eye.found if ratio < 4.5] == []


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
