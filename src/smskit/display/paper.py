"""A page that stands alone: to be opened, sent on and printed, without script and without network.

Its colours are light, or dark where the reader's system is; on paper they are light. Each pair of text and ground has a
contrast of 4.5 : 1 or more.

Source: WCAG 2.2, success criteria 1.4.3 (contrast of text) and 1.4.11 (of shapes).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from smskit.display.drawings import Drawing
from smskit.display.svg import to_svg
from smskit.display.tongue import Tongue
from smskit.display.views import Cell, Table, Tile, Tone
from smskit.display.words import columns_of, harmless, written

STYLE = """
:root { color-scheme: light dark; --paper: #ffffff; --ink: #1b1f24; --soft: #4d5761; --line: #d3d9df; --card: #f5f7f9;
  --good: #00704f; --poor: #a84300; --main: #0072b2; }
@media screen and (prefers-color-scheme: dark) { :root { --paper: #14181d; --ink: #e8ebee; --soft: #abb5bf;
  --line: #3a444e; --card: #1d232a; --good: #3ecf9e; --poor: #ff9a52; --main: #4aa8e0; } }
* { box-sizing: border-box; }
html { background: var(--paper); }
body { margin: 0 auto; max-width: 54rem; padding: 2rem 1.5rem 3rem; background: var(--paper); color: var(--ink);
  font: 15px/1.55 system-ui, sans-serif; overflow-wrap: break-word; }
header { border-bottom: 3px solid var(--main); padding-bottom: 1rem; margin-bottom: 1.5rem; }
header p { margin: 0; color: var(--soft); }
h1 { font-size: 2rem; line-height: 1.2; margin: .1em 0 .2em; }
h2 { font-size: 1.2rem; margin: 0 0 .6rem; }
section { margin: 0 0 2.2rem; break-inside: avoid; }
p { margin: .5rem 0; }
.lead { font-size: 1.1rem; }
.soft, small, figcaption, summary { color: var(--soft); }
ul.tiles { list-style: none; padding: 0; margin: 0; display: grid; gap: .8rem;
  grid-template-columns: repeat(auto-fit, minmax(11.5rem, 1fr)); }
ul.tiles li { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: .7rem .9rem .8rem;
  break-inside: avoid; }
ul.tiles b { display: block; font-size: 1.7rem; line-height: 1.3; white-space: nowrap;
  font-variant-numeric: tabular-nums; }
ul.tiles span { display: block; font-size: .87rem; font-variant-numeric: tabular-nums; }
ul.tiles b.long { font-size: 1.25rem; line-height: 1.75; }
ul.tiles .label { color: var(--soft); font-size: .95rem; }
.label::first-letter, th::first-letter, td:first-child::first-letter, li::first-letter { text-transform: uppercase; }
.pair { display: grid; gap: 0 2rem; align-items: start;
  grid-template-columns: repeat(auto-fit, minmax(min(20rem, 100%), 1fr)); }
.good { color: var(--good); }
.poor { color: var(--poor); }
figure { margin: 0; overflow-x: auto; }
figure svg { min-width: 34rem; display: block; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; margin: .4rem 0; }
th, td { text-align: left; vertical-align: top; padding: .28rem 1.4rem .28rem 0; border-bottom: 1px solid var(--line); }
.right { text-align: right; }
th { font-weight: 600; color: var(--soft); }
.wide { overflow-x: auto; }
details { margin-top: .5rem; }
summary { cursor: pointer; font-size: .9rem; }
footer { border-top: 1px solid var(--line); padding-top: .8rem; color: var(--soft); font-size: .87rem; }
@media (max-width: 34rem) { body { padding: 1.2rem 1rem 2rem; } ul.tiles { gap: .5rem;
  grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); } ul.tiles b { font-size: 1.4rem; }
  ul.tiles b.long { font-size: 1.1rem; } h1 { font-size: 1.6rem; } }
@page { size: A4; margin: 15mm; }
@media print { body { max-width: none; padding: 0; font-size: 9.5pt; } details { display: none; }
  header, section { margin-bottom: 1rem; } h1 { font-size: 1.6rem; } h2 { font-size: 1.05rem; margin-bottom: .3rem; }
  ul.tiles { grid-template-columns: repeat(4, 1fr); gap: .5rem; } ul.tiles li { padding: .4rem .6rem; }
  ul.tiles b { font-size: 1.3rem; } ul.tiles b.long { font-size: 1.05rem; } ul.tiles span { font-size: .8rem; }
  .pair { grid-template-columns: 1fr 1fr; }
  figure svg { min-width: 0; width: 34rem; } th, td { padding: .12rem 1rem .12rem 0; }
  figure, .wide { overflow: visible; } }
""".strip()

# Nothing may be fetched or run, whatever finds its way into the page.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def document(title: str, *parts: str, language: str) -> str:
    """Give a whole page; *parts* are HTML already."""
    return (
        f'<!DOCTYPE html>\n<html lang="{escape(language)}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{safe(title)}</title>\n<style>\n{STYLE}\n</style>\n</head>\n<body>\n"
        + "\n".join(filter(None, parts))
        + "\n</body>\n</html>\n"
    )


def safe(text: str) -> str:
    """Give *text* as HTML that shows it."""
    return escape(harmless(text))


def section(title: str, *parts: str) -> str:
    """Give a part of the page under its title; nothing when there is nothing in it."""
    inner = "".join(parts)
    return f"<section><h2>{safe(title)}</h2>{inner}</section>" if inner else ""


def beside(*parts: str) -> str:
    """Give parts side by side, where the page has room."""
    inner = "".join(parts)
    return f'<div class="pair">{inner}</div>' if inner else ""


def paragraph(text: str, *, name: str = "", language: str = "") -> str:
    """Give a sentence; *language* where it is another than the page's."""
    return f"<p{_named(name)}{_spoken(language)}>{safe(text)}</p>" if text else ""


def sentences(texts: Iterable[tuple[str, str]]) -> str:
    """Give a list of sentences, each with the language that it is in, empty for the page's."""
    inner = "".join(f"<li{_spoken(language)}>{safe(text)}</li>" for text, language in texts)
    return f"<ul>{inner}</ul>" if inner else ""


def _named(name: str) -> str:
    return f' class="{name}"' if name else ""


def _spoken(language: str) -> str:
    return f' lang="{escape(language)}"' if language else ""


def tiles(shown: Iterable[Tile]) -> str:
    """Give key figures as cards."""
    inner = "".join(map(_tile, shown))
    return f'<ul class="tiles">{inner}</ul>' if inner else ""


_USUAL = 9  # characters of a figure that fit a card in large type
_TONES = {Tone.GOOD: "good", Tone.POOR: "poor", Tone.PLAIN: "soft", Tone.UNSURE: "soft"}


def _tile(tile: Tile) -> str:
    more = "".join(f'<span class="soft">{safe(text)}</span>' for text in (tile.interval, tile.of) if text)
    if tile.judged:
        mark = f"{tile.tone.value} {tile.judged}".strip()
        more += f'<span class="{_TONES[tile.tone]}">{safe(mark)}</span>'
    value = written(tile.value)
    name = _named("long" if columns_of(value) > _USUAL else "")
    return f'<li><span class="label">{safe(tile.label)}</span><b{name}>{escape(value)}</b>{more}</li>'


def table(shown: Table, caption: str = "") -> str:
    """Give a table; its columns of numbers stand to the right."""
    if not shown.rows:
        return ""
    head = "".join(
        _cell("th", cell, ' scope="col"', is_right=shown.is_right(place)) for place, cell in enumerate(shown.headers)
    )
    body = "".join(f"<tr>{_row(shown, row)}</tr>" for row in shown.rows)
    said = f"<caption>{safe(caption)}</caption>" if caption else ""
    return f'<div class="wide"><table>{said}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def _row(shown: Table, row: Sequence[Cell]) -> str:
    return "".join(_cell("td", cell, is_right=shown.is_right(place)) for place, cell in enumerate(row))


def _cell(tag: str, cell: Cell, more: str = "", *, is_right: bool) -> str:
    return f"<{tag}{more}{_named('right' if is_right else '')}>{escape(written(cell))}</{tag}>"


def figure(drawing: Drawing, tongue: Tongue, summary: str, heads: Sequence[str]) -> str:
    """Give a drawing, and under *summary* the same as a table for who does not see it; nothing without marks."""
    if not drawing.known:
        return ""
    columns = max(len(mark.words) for mark in drawing.marks)
    rows = [(mark.label, *mark.words, *[""] * (columns - len(mark.words))) for mark in drawing.marks]
    named = (*heads, *[""] * (columns + 1 - len(heads)))[: columns + 1]
    shown = table(Table(named, rows, align="l" + "r" * min(columns, 1) + "l" * max(0, columns - 1)))
    picture = f"<figure>{to_svg(drawing, tongue)}</figure>"
    return f"{picture}<details><summary>{safe(summary)}</summary>{shown}</details>"
