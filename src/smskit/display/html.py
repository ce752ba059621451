"""A view for a notebook: one self-contained fragment.

Inline CSS and no script, because notebooks strip style sheets and scripts from a page that is not trusted.
Colours are translucent or mid tones over whatever is behind, so that it reads on white and on black.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from itertools import accumulate

from typing_extensions import assert_never

from smskit.display.drawings import Bars, Columns, Dots
from smskit.display.html_drawings import FAINT, GOOD, GREY, MUTED, POOR, drawn
from smskit.display.views import (
    Beside,
    Block,
    Bubble,
    Card,
    Cell,
    Chips,
    Facts,
    Level,
    Line,
    Note,
    OnScreen,
    Phone,
    Picture,
    Row,
    Sum,
    Table,
    Tile,
    Tiles,
    Tone,
    View,
)
from smskit.display.words import harmless, written

_PART_COLOURS = ("rgba(59,130,246,.20)", "rgba(16,185,129,.22)")
_MARK = "background:rgba(239,68,68,.40);color:inherit;border-radius:2px"
_LEVEL_COLOURS = {Level.INFO: "#3b82f6", Level.WARNING: "#d97706", Level.ERROR: "#dc2626"}
_TONE_COLOURS = {Tone.PLAIN: MUTED, Tone.UNSURE: MUTED, Tone.GOOD: GOOD, Tone.POOR: POOR}
_FONT = "font-family:system-ui,sans-serif;font-size:14px;line-height:1.5;color:inherit"
_NUMBER = "font-variant-numeric:tabular-nums"


def to_html(view: View) -> str:
    """Draw *view* as one HTML element; every text in it is escaped."""
    return f'<div style="{_FONT};max-width:60em">{_view(view)}</div>'


def _view(view: View) -> str:
    title = f'<div style="font-weight:600">{_escaped(view.title)}</div>'
    return title + "".join(map(_block, view.blocks))


def _block(block: Block) -> str:
    match block:
        case View():
            return _div(_view(block), "margin:.4em 0 .4em 1em")
        case Line():
            return _div(_escaped(block.text), "white-space:pre-wrap")
        case Facts():
            return _facts(block)
        case Sum():
            return _sum(block)
        case Table():
            return _table(block)
        case Tiles():
            return _tiles(block)
        case Bars() | Columns() | Dots():
            return drawn(block)
        case Note():
            return "".join(_note(text, block.level) for text in block.texts)
        case Phone():
            return _phone(block)
        case Beside():
            inner = "".join(_div(_block(one), "max-width:28em") for one in block.blocks)
            return _div(inner, "display:flex;flex-wrap:wrap;gap:0 1.5em;align-items:flex-start")
        case _:
            assert_never(block)


def _escaped(text: str) -> str:
    return escape(harmless(text))


def _cell(cell: Cell) -> str:
    return escape(written(cell))


def _div(inner: str, style: str = "") -> str:
    return f'<div style="{style}">{inner}</div>' if style else f"<div>{inner}</div>"


def _labelled(label: str, value: Cell) -> str:
    name = f'<span style="opacity:.85">{_escaped(label)}</span>'
    return f'{name} <b style="font-weight:600;{_NUMBER}">{_cell(value)}</b>'


def _facts(facts: Facts) -> str:
    if not facts.items:
        return ""
    title = f"{_escaped(facts.title)}: " if facts.title else ""
    between = " · " if facts.title else " &emsp; "
    return _div(title + between.join(_labelled(label, value) for label, value in facts.items))


def _sum(account: Sum) -> str:
    equals = " = " if account.closes else f' <b style="border-bottom:3px solid {_LEVEL_COLOURS[Level.ERROR]}">≠</b> '
    terms = " + ".join(_labelled(label, count) for label, count in account.terms)
    return _div(_labelled(*account.total) + (equals + terms if terms else ""))


def _table(table: Table) -> str:
    head = _row(table, table.headers, "th", f"font-weight:600;border-bottom:1px solid {GREY}")
    body = "".join(_row(table, cells, "td", "border:0") for cells in table.rows)
    style = "border-collapse:collapse;margin:.4em 0;color:inherit;border:0"
    return f'<table style="{style}"><thead>{head}</thead><tbody>{body}</tbody></table>'


def _row(table: Table, cells: Sequence[Cell], tag: str, style: str) -> str:
    # The background is spelled out: notebooks stripe the rows of tables in colours made for white pages.
    base = f"padding:.1em .8em .1em 0;background:transparent;{_NUMBER};{style}"
    sides = ["right" if table.is_right(column) else "left" for column in range(len(cells))]
    shown = (
        f'<{tag} style="text-align:{side};{base}">{_cell(cell)}</{tag}>'
        for side, cell in zip(sides, cells, strict=True)
    )
    return f'<tr style="background:transparent">{"".join(shown)}</tr>'


def _tiles(tiles: Tiles) -> str:
    style = "display:flex;flex-wrap:wrap;gap:.6em;margin:.5em 0"
    return _div("".join(map(_tile, tiles.tiles)), style) if tiles.tiles else ""


def _tile(tile: Tile) -> str:
    value = _div(_cell(tile.value), f"font-size:1.6em;font-weight:600;line-height:1.3;{_NUMBER}")
    small = "".join(
        _div(_escaped(text), f"font-size:.85em;{_NUMBER}") for text in (tile.interval, tile.of, _judged(tile)) if text
    )
    colour = _TONE_COLOURS[tile.tone]
    look = f"border:1px solid {GREY};border-top:3px solid {colour};border-radius:.4em;padding:.4em .8em .6em"
    return _div(_div(_escaped(tile.label), "opacity:.85") + value + small, f"flex:1 1 10.5em;max-width:16em;{look}")


def _judged(tile: Tile) -> str:
    return f"{tile.tone.value} {tile.judged}".strip() if tile.judged else ""


def _note(text: str, level: Level) -> str:
    style = f"border-left:3px solid {_LEVEL_COLOURS[level]};padding-left:.6em;margin:.2em 0"
    return _div(f'<b style="font-weight:600">{level.value}</b> {_escaped(text)}', style)


def _phone(phone: Phone) -> str:
    sender = f'<div style="text-align:center;font-weight:600">{_escaped(phone.sender)}</div>'
    bubbles = "".join(map(_on_screen, phone.bubbles))
    # Cards are drawn at their size on a handset 360 pixels wide.
    width = "20em" if all(isinstance(one, Bubble) for one in phone.bubbles) else "344px"
    style = f"width:{width};border:1px solid {GREY};border-radius:1.2em;padding:.8em;margin:.4em 0"
    return _div(sender + bubbles, style)


def _on_screen(shown: OnScreen) -> str:
    match shown:
        case Bubble():
            return _bubble(shown)
        case Card():
            return _card(shown)
        case Row():
            return _div("".join(map(_card, shown.cards)), "display:flex;gap:8px;overflow-x:auto")
        case Chips():
            return _chips(shown)
        case _:
            assert_never(shown)


def _card(card: Card) -> str:
    title = _div(_escaped(card.title), "font-weight:600;margin-top:.3em") if card.title else ""
    text = _div(_escaped(card.text), "white-space:pre-wrap") if card.text else ""
    words = (
        _div(title + text, "padding:.2em .8em .6em;overflow-wrap:anywhere;min-width:0;flex:1") if title or text else ""
    )
    picture = "" if card.picture is None else _picture(card.picture, beside=bool(card.side))
    body = words + picture if card.side == "right" else picture + words
    if card.side:
        body = _div(body, "display:flex;align-items:stretch")
    buttons = "".join(_div(_escaped(label), _BUTTON) for label in card.buttons)
    width = f"width:{card.width}px;flex:none" if card.width else "width:100%"
    look = f"background:{FAINT};border-radius:1em;overflow:hidden;margin:.4em 0 .1em"
    return _div(body + buttons, f"{width};box-sizing:border-box;{look}")


_BUTTON = f"text-align:center;padding:.5em .8em;border-top:1px solid {GREY};font-weight:600"


def _picture(picture: Picture, *, beside: bool) -> str:
    size = f"width:128px;flex:none;min-height:{picture.height}px" if beside else f"height:{picture.height}px"
    inside = f"display:flex;align-items:center;justify-content:center;text-align:center;background:{FAINT}"
    words = f'<span style="opacity:.85;font-size:.85em;padding:0 .8em">{_escaped(picture.words)}</span>'
    return _div(words, f"{size};box-sizing:border-box;overflow:hidden;{inside}")


def _chips(chips: Chips) -> str:
    look = f"border:1px solid {GREY};border-radius:1.2em;padding:.25em .9em"
    labels = "".join(_div(_escaped(label), look) for label in chips.labels)
    direction = "flex-direction:column;align-items:flex-start" if chips.is_list else "flex-wrap:wrap"
    return _div(labels, f"display:flex;{direction};gap:6px;margin:.5em 0 .2em") if labels else ""


def _bubble(bubble: Bubble) -> str:
    side = "margin:.4em 0 .1em 3em" if bubble.is_reply else "margin:.4em 3em .1em 0"
    look = f"padding:.5em .8em;border-radius:1em;background:{FAINT}"
    shown = _div("".join(_parts(bubble)), f"{side};{look};white-space:pre-wrap;overflow-wrap:anywhere")
    note = _div(_escaped(bubble.note), "font-size:.85em;opacity:.85") if bubble.note else ""
    return shown + note


def _parts(bubble: Bubble) -> Iterator[str]:
    starts = accumulate((len(part) for part in bubble.parts), initial=0)
    for number, (start, part) in enumerate(zip(starts, bubble.parts, strict=False), 1):
        inner = _marked(part, frozenset(mark - start for mark in bubble.marks))
        if len(bubble.parts) == 1:
            yield inner
        else:
            style = f"background:{_PART_COLOURS[number % len(_PART_COLOURS)]}"
            yield f'<span title="part {number} of {len(bubble.parts)}" style="{style}">{inner}</span>'


def _marked(text: str, marks: frozenset[int]) -> str:
    return "".join(
        f'<mark style="{_MARK}">{escape(character)}</mark>' if place in marks else escape(character)
        for place, character in enumerate(harmless(text))
    )
