"""Drawings as HTML: boxes whose lengths are per cent, so that the words stay even where a page drops the style.

Text has the colour of the page around it, whatever that is. Only shapes have colours: they stand out (3 : 1) on white
and on the dark grounds of notebooks, and they are told apart by who does not see red or green.

Source of the hues: Okabe and Ito, Color Universal Design (2008); the blue is lighter, to be seen on dark grounds too.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from smskit.display.drawings import Bars, Columns, Dots, Drawing, Mark
from smskit.display.words import harmless, written

MAIN = "#1a80c4"
MUTED = "#808080"
GOOD = "#009e73"
POOR = "#d55e00"
FAINT = "rgba(128,128,128,.14)"
GREY = "rgba(128,128,128,.45)"

_MOST_LABELS = 12


def drawn(drawing: Drawing) -> str:
    """Draw *drawing* as an HTML element; empty without marks."""
    if not drawing.marks:
        return ""
    inner = _columns(drawing) if isinstance(drawing, Columns) else _rows(drawing)
    title = f'<div style="font-weight:600">{escape(harmless(drawing.title))}</div>' if drawing.title else ""
    return f'<div style="margin:.5em 0">{title}{inner}</div>'


def _rows(drawing: Bars | Dots | Drawing) -> str:
    columns = max(len(mark.words) for mark in drawing.marks)
    # Columns of words are as wide as they must be; the bars take what is left.
    grid = f"max-content minmax(6em,18em) repeat({columns},max-content)" if columns else "max-content minmax(6em,18em)"
    style = f"display:grid;grid-template-columns:{grid};gap:.25em .8em;align-items:center;overflow-x:auto"
    cells = "".join(cell for mark in drawing.marks for cell in _row(drawing, mark, columns))
    return f'<div style="{style}">{cells}</div>'


def _row(drawing: Drawing, mark: Mark, columns: int) -> Iterator[str]:
    yield f"<span>{escape(written(mark.label))}</span>"
    yield _point(drawing, mark) if isinstance(drawing, Dots) else _length(drawing, mark)
    for place in range(columns):
        word = escape(written(mark.words[place])) if place < len(mark.words) else ""
        side = "text-align:left" if place else "text-align:right"
        yield f'<span style="{side};font-variant-numeric:tabular-nums;white-space:nowrap">{word}</span>'


def _track(inner: str, ground: str = "") -> str:
    style = f"position:relative;display:block;height:.9em;border-radius:3px{ground}"
    return f'<span style="{style}">{inner}</span>'


def _box(left: float, width: str, look: str) -> str:
    return f'<span style="position:absolute;left:{left * 100:.2f}%;width:{width};{look}"></span>'


def _length(drawing: Drawing, mark: Mark) -> str:
    if mark.value is None:
        return _track("")
    look = f"top:0;height:100%;background:{MUTED if mark.is_muted else MAIN};border-radius:3px"
    bar = _box(0.0, f"{drawing.place(mark.value) * 100:.2f}%", look)
    return _track(bar + _whisker(drawing, mark), f";background:{FAINT}")


def _whisker(drawing: Drawing, mark: Mark) -> str:
    if mark.low is None or mark.high is None:
        return ""
    low, high = drawing.place(mark.low), drawing.place(mark.high)
    return _box(low, f"{(high - low) * 100:.2f}%", "top:calc(50% - 1px);height:2px;background:currentColor")


def _point(drawing: Drawing, mark: Mark) -> str:
    nought = _box(drawing.place(0.0), "1px", f"top:-.25em;height:1.4em;background:{GREY}")
    if mark.value is None:
        return _track(nought)
    look = f"top:.1em;height:.7em;margin-left:-.35em;border-radius:50%;background:{MUTED if mark.is_muted else MAIN}"
    return _track(nought + _whisker(drawing, mark) + _box(drawing.place(mark.value), ".7em", look))


def _columns(drawing: Drawing) -> str:
    every = -(-len(drawing.marks) // _MOST_LABELS)
    columns = "".join(_column(drawing, mark) for mark in drawing.marks)
    named = ("" if place % every else escape(written(mark.label)) for place, mark in enumerate(drawing.marks))
    labels = "".join(f'<span style="flex:1;min-width:0;white-space:nowrap">{label}</span>' for label in named)
    row = "display:flex;gap:2px"
    return (
        f'<div style="{row};align-items:flex-end;height:6em;border-bottom:1px solid {GREY}">{columns}</div>'
        f'<div style="{row};font-size:.85em">{labels}</div>'
    )


def _column(drawing: Drawing, mark: Mark) -> str:
    title = escape(" ".join((written(mark.label) + ":", *map(written, mark.words))))
    if mark.value is None:
        return f'<span title="{title}" style="flex:1;min-width:0"></span>'
    look = f"background:{MUTED if mark.is_muted else MAIN};border-radius:2px 2px 0 0"
    column = _upright(0.0, drawing.place(mark.value), "left:0;width:100%", look)
    if mark.low is not None and mark.high is not None:
        low, high = drawing.place(mark.low), drawing.place(mark.high)
        column += _upright(low, high - low, "left:calc(50% - 1px);width:2px", "background:currentColor")
    return f'<span title="{title}" style="position:relative;flex:1;min-width:0;height:100%">{column}</span>'


def _upright(bottom: float, high: float, place: str, look: str) -> str:
    style = f"position:absolute;bottom:{bottom * 100:.2f}%;height:{high * 100:.2f}%;{place};{look}"
    return f'<span style="{style}"></span>'
