"""Drawings as SVG pictures: for pages that are printed, and for notebooks that know no Vega.

Text and axes have the colour of what is around the picture (``currentColor``). Nothing is fetched and nothing runs.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from math import ceil, floor, log10

from smskit.display.drawings import Columns, Dots, Drawing, Mark, Unit
from smskit.display.html_drawings import MAIN, MUTED
from smskit.display.tongue import ENGLISH, Tongue
from smskit.display.words import columns_of, written

_WIDTH = 800
_BAR_ROW = 30
_DOT_ROW = 46  # the words of a point stand on two lines
_SIZE = 14
_AXIS = 40
_CHARACTER = 8.6  # of a wide system font of 14 pixels; a narrow one leaves air
_HIGH = 180
_TOP = 24
_MOST_LABELS = 12
_EDGE = 14
_HEAD = 28
_GROUND, _INK = "#ffffff", "#1b1f24"


def to_svg(drawing: Drawing, tongue: Tongue = ENGLISH, *, has_ground: bool = False) -> str:
    """Draw *drawing* as one ``<svg>`` element; empty without marks.

    Its description, for who does not see it, holds every label with its words.

    Args:
        drawing: what is drawn.
        tongue: how the numbers of its axes are written.
        has_ground: dark on a white ground of its own, for wherever the picture is a file and knows no colour around it.
    """
    if not drawing.marks:
        return ""
    picture = _Upright(drawing, tongue) if isinstance(drawing, Columns) else _Lying(drawing, tongue)
    title, told = (escape(written(text)) for text in (drawing.title or drawing.axis, _told(drawing)))
    shapes, ground, left, top = "".join(picture.shapes()), "", 0, 0
    if has_ground:
        ground, left = f";background:{_GROUND};color:{_INK}", _EDGE
        # Beside a page's own words a second title would be one too many; a file has none but this.
        top = _EDGE + (_HEAD if drawing.title else 0)
        shapes = _text(0, 8 - _HEAD, drawing.title, more=' font-weight="600"') + shapes if drawing.title else shapes
    width, height = _WIDTH + 2 * left, picture.height + top + left
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{-left} {-top} {width} {height}" role="img" '
        f'width="{width}" height="{height}" style="max-width:100%;height:auto{ground}" '
        f'font-family="system-ui,sans-serif" font-size="{_SIZE}" fill="currentColor">'
        f"<title>{title}</title><desc>{told}</desc>{shapes}</svg>"
    )


def ticks(low: float, high: float, most: int = 6, *, whole: bool = False) -> tuple[float, ...]:
    """Give round places on a scale from *low* to *high*, 1, 2 or 5 times a power of ten apart.

    Args:
        low: where the scale begins.
        high: where it ends, above *low*.
        most: no more steps than this.
        whole: no fractions, for counts.
    """
    power = 10.0 ** floor(log10((high - low) / most))
    step = next(power * factor for factor in (1, 2, 5, 10) if (high - low) / (power * factor) <= most)
    step = max(1.0, step) if whole else step
    first, last = ceil(low / step - 1e-9), floor(high / step + 1e-9)
    return tuple(place * step for place in range(first, last + 1))


def _told(drawing: Drawing) -> str:
    return "; ".join(" ".join((f"{mark.label}:", *mark.words)) for mark in drawing.marks)


def _text(x: float, y: float, words: str, anchor: str = "start", more: str = "") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{more}>{escape(written(words))}</text>'


def _line(x1: float, y1: float, x2: float, y2: float, more: str) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="currentColor" {more}/>'


_GRID = 'stroke-opacity=".18"'
_SOFT = ' font-size="12"'


class _Picture:
    """What both kinds have: the scale, and how its numbers are written."""

    def __init__(self, drawing: Drawing, tongue: Tongue) -> None:
        self.drawing = drawing
        self.tongue = tongue
        low, high = drawing.span
        self.ticks = ticks(low, high, whole=drawing.unit is Unit.COUNT)
        # Neighbouring numbers of an axis must not look the same.
        step = self.ticks[1] - self.ticks[0] if len(self.ticks) > 1 else high - low
        self._digits = max(0, ceil(-log10(step * 100) - 1e-9))

    def number(self, value: float) -> str:
        if self.drawing.unit is Unit.COUNT:
            return self.tongue.count(round(value))
        if self.drawing.unit is Unit.SHARE:
            return self.tongue.percent(value, digits=self._digits)
        return self.tongue.number(value * 100, digits=self._digits, signed=True)

    @staticmethod
    def colour(mark: Mark) -> str:
        return MUTED if mark.is_muted else MAIN


class _Lying(_Picture):
    """Bars and dots: one row for each mark, its words at the right."""

    def __init__(self, drawing: Drawing, tongue: Tongue) -> None:
        super().__init__(drawing, tongue)
        self.is_dots = isinstance(drawing, Dots)
        self.row = _DOT_ROW if self.is_dots else _BAR_ROW
        self.height = len(drawing.marks) * self.row + _AXIS
        self.words = [self._lines(mark) for mark in drawing.marks]
        self.left = min(280.0, max(columns_of(written(mark.label)) for mark in drawing.marks) * _CHARACTER + 14)
        longest = max(columns_of(line) for lines in self.words for line in lines)
        self.right = _WIDTH - min(300.0, longest * _CHARACTER + 16 if longest else 14)

    def _lines(self, mark: Mark) -> tuple[str, ...]:
        words = [written(word) for word in mark.words if word]
        if self.is_dots:
            return " ".join(words[:2]), " ".join(words[2:])
        return (" · ".join(filter(None, (*words[:1], " ".join(words[1:])))),)

    def x(self, value: float) -> float:
        return self.left + self.drawing.place(value) * (self.right - self.left)

    def shapes(self) -> Iterator[str]:
        yield from self._axis()
        for row, (mark, lines) in enumerate(zip(self.drawing.marks, self.words, strict=True)):
            middle = row * self.row + self.row / 2
            yield _text(self.left - 10, middle + 5, mark.label, "end")
            above = 4 if len(lines) > 1 and lines[1] else -5
            for place, line in enumerate(lines):
                yield _text(self.right + 14, middle - above + place * 18, line, more=_SOFT if place else "")
            if mark.value is not None:
                yield from self._mark(mark, mark.value, middle)

    def _axis(self) -> Iterator[str]:
        bottom = len(self.drawing.marks) * self.row
        for tick in self.ticks:
            yield _line(self.x(tick), 0, self.x(tick), bottom + 4, "" if tick == 0 else _GRID)
            yield _text(self.x(tick), bottom + 18, self.number(tick), "middle", _SOFT)
        yield _text((self.left + self.right) / 2, bottom + 35, self.drawing.axis, "middle", _SOFT)

    def _mark(self, mark: Mark, value: float, middle: float) -> Iterator[str]:
        x, colour = self.x(value), self.colour(mark)
        if self.is_dots:
            yield from self._whisker(mark, middle)
            yield f'<circle cx="{x:.1f}" cy="{middle}" r="6" fill="{colour}"/>'
        else:
            # What is there is seen, however little it is.
            width = max(x - self.left, 1.5 if value else 0)
            look = f'height="20" rx="2" fill="{colour}"'
            yield f'<rect x="{self.left:.1f}" y="{middle - 10}" width="{width:.1f}" {look}/>'
            yield from self._whisker(mark, middle)

    def _whisker(self, mark: Mark, middle: float) -> Iterator[str]:
        if mark.low is None or mark.high is None:
            return
        low, high, look = self.x(mark.low), self.x(mark.high), 'stroke-width="1.6"'
        yield _line(low, middle, high, middle, look)
        for end in (low, high):
            yield _line(end, middle - 5, end, middle + 5, look)


class _Upright(_Picture):
    """Columns: one beside the other, numbers at the left."""

    height = _HIGH + _AXIS + _TOP

    def __init__(self, drawing: Drawing, tongue: Tongue) -> None:
        super().__init__(drawing, tongue)
        self.left = max(columns_of(self.number(tick)) for tick in self.ticks) * _CHARACTER + 10
        self.step = (_WIDTH - self.left) / len(drawing.marks)

    def y(self, value: float) -> float:
        return _TOP + (1 - self.drawing.place(value)) * _HIGH

    def shapes(self) -> Iterator[str]:
        for tick in self.ticks:
            yield _line(self.left, self.y(tick), _WIDTH, self.y(tick), "" if tick == 0 else _GRID)
            yield _text(self.left - 6, self.y(tick) + 4, self.number(tick), "end", _SOFT)
        for place, mark in enumerate(self.drawing.marks):
            middle = self.left + (place + 0.5) * self.step
            if place % self._every == 0:
                yield _text(middle, _TOP + _HIGH + 18, mark.label, "middle", _SOFT)
            if mark.value is not None:
                yield from self._column(mark, mark.value, middle)
        yield _text((self.left + _WIDTH) / 2, _TOP + _HIGH + 36, self.drawing.axis, "middle", _SOFT)

    @property
    def _every(self) -> int:
        """Which labels have room: each, every second, ..."""
        longest = max(columns_of(written(mark.label)) for mark in self.drawing.marks)
        room = max(1, min(_MOST_LABELS, int((_WIDTH - self.left) / (longest * _CHARACTER + 6))))
        return -(-len(self.drawing.marks) // room)

    def _column(self, mark: Mark, value: float, middle: float) -> Iterator[str]:
        wide = min(90.0, self.step * 0.85)
        top = min(self.y(value), self.y(0) - (1.5 if value else 0))
        words = escape(" ".join((f"{written(mark.label)}:", *map(written, mark.words))))
        yield (
            f'<rect x="{middle - wide / 2:.1f}" y="{top:.1f}" width="{wide:.1f}" '
            f'height="{self.y(0) - top:.1f}" fill="{self.colour(mark)}"><title>{words}</title></rect>'
        )
        if mark.low is not None and mark.high is not None:
            low, high, look = self.y(mark.low), self.y(mark.high), 'stroke-width="1.6"'
            yield _line(middle, low, middle, high, look)
            for end in (low, high):
                yield _line(middle - 5, end, middle + 5, end, look)
            top = high
        if mark.words and len(self.drawing.marks) <= _MOST_LABELS:
            yield _text(middle, top - 6, mark.words[0], "middle", _SOFT)
