"""An eye: what contrast each text and each shape of a fragment of HTML has, worked out from its colours.

Source: WCAG 2.2, relative luminance and contrast ratio.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser

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


def unreadable(html: str) -> list[tuple[str, str, float]]:
    """What cannot be read somewhere: the host, the text, its contrast."""
    seen = [(where, Eye(html, ink, ground)) for where, ink, ground in HOSTS]
    return [(where, text, round(ratio, 2)) for where, eye in seen for text, ratio in eye.found if ratio < 4.5]
