"""A view for the terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from typing_extensions import assert_never

from smskit.display.drawings import Bars, Columns, Dots, Drawing, Mark
from smskit.display.views import (
    Beside,
    Block,
    Bubble,
    Card,
    Chips,
    Facts,
    Line,
    Note,
    OnScreen,
    Phone,
    Row,
    Sum,
    Table,
    Tiles,
    View,
)
from smskit.display.words import columns_of, grouped, harmless, written

_BAR_CELLS = 20
_DOT_CELLS = 33
_EIGHTHS = ("", "▏", "▎", "▍", "▌", "▋", "▊", "▉")
_BUBBLE_COLUMNS = 40  # about what a handset shows on one line


def to_text(view: Block, width: int = 100) -> str:
    """Draw *view* for a terminal of *width* columns.

    Words are kept whole and tables are never cut, so a line can be wider. There is no line feed at the end.
    """
    return "\n".join(_lines(view, width))


def _lines(block: Block, width: int) -> Iterator[str]:
    match block:
        case View():
            yield from _view(block, width)
        case Line():
            for line in harmless(block.text).split("\n"):
                yield from _wrapped(line, width)
        case Facts():
            yield from _facts(block, width)
        case Sum():
            yield from _sum(block, width)
        case Table():
            yield from _table(block)
        case Tiles():
            yield from _table(block.table)
        case Bars() | Columns() | Dots():
            yield from _drawing(block)
        case Note():
            yield from _note(block, width)
        case Phone():
            for shown in block.bubbles:
                yield from _on_screen(block.sender, shown, width)
        case Beside():
            for one in block.blocks:
                yield from _lines(one, width)
        case _:
            assert_never(block)


def _view(view: View, width: int) -> Iterator[str]:
    yield from _wrapped(written(view.title), width)
    for block in view.blocks:
        if isinstance(block, View):
            yield from (f"  {line}" for line in _view(block, width - 2))
        else:
            yield from _lines(block, width)


def _wrapped(text: str, width: int, prefix: str = "", hang: str = "    ") -> list[str]:
    return textwrap.wrap(
        text,
        max(width, 20),
        initial_indent=prefix,
        subsequent_indent=hang,
        break_long_words=False,
        break_on_hyphens=False,
    ) or [prefix.rstrip()]


def _packed(pieces: Sequence[str], width: int, prefix: str = "", between: str = "   ") -> Iterator[str]:
    """Put as many pieces on a line as it holds; a piece is only broken when it is wider than a line."""
    hang = " " * (columns_of(prefix) or 4)
    line = ""
    for place, piece in enumerate(pieces):
        longer = line + between + piece if line else prefix + piece
        if line and columns_of(longer) > width:
            # The separator stays at the end of the line, where it says that the list goes on.
            yield (line + between).rstrip()
            line = hang + piece
        else:
            line = longer
        if columns_of(line) > width:
            *done, line = _wrapped(line.lstrip(), width, hang if line.startswith(hang) else "", hang)
            yield from done
        if place == len(pieces) - 1:
            yield line


def _facts(facts: Facts, width: int) -> Iterator[str]:
    pieces = [f"{written(label)} {written(value)}" for label, value in facts.items]
    if facts.title:
        return _packed(pieces, width, f"{written(facts.title)}: ", " · ")
    return _packed(pieces, width)


def _sum(account: Sum, width: int) -> Iterator[str]:
    label, total = account.total
    pieces = [f"{written(label)} {grouped(total)}"]
    sign = "=" if account.closes else "≠"
    for label, count in account.terms:
        pieces.append(f"{sign} {written(label)} {grouped(count)}")
        sign = "+"
    return _packed(pieces, width, between=" ")


def _table(table: Table) -> Iterator[str]:
    lines = [[written(cell) for cell in row] for row in (table.headers, *table.rows)]
    widths = [max(columns_of(line[column]) for line in lines) for column in range(len(table.headers))]
    for line in lines:
        cells = (_padded(cell, widths[place], right=table.is_right(place)) for place, cell in enumerate(line))
        yield "  ".join(cells).rstrip()


def _padded(text: str, width: int, *, right: bool = False) -> str:
    space = " " * (width - columns_of(text))
    return space + text if right else text + space


def _drawing(drawing: Drawing) -> Iterator[str]:
    if not drawing.marks:
        return
    if drawing.title:
        yield f"{written(drawing.title)}:"
    labels = [written(mark.label) for mark in drawing.marks]
    label_width = max(map(columns_of, labels))
    columns = max(len(mark.words) for mark in drawing.marks)
    words = [[written(word) for word in mark.words] + [""] * (columns - len(mark.words)) for mark in drawing.marks]
    widths = [max(columns_of(line[column]) for line in words) for column in range(columns)]
    draw = _point if isinstance(drawing, Dots) else _length
    for label, mark, line in zip(labels, drawing.marks, words, strict=True):
        cells = (_padded(word, widths[place], right=not place) for place, word in enumerate(line))
        yield "  ".join((_padded(label, label_width), draw(drawing, mark), *cells)).rstrip()


def _length(drawing: Drawing, mark: Mark) -> str:
    """Draw a length in eighths of a character: what is there is seen, however little it is."""
    if mark.value is None:
        return " " * _BAR_CELLS
    eighths = round(drawing.place(mark.value) * _BAR_CELLS * 8)
    full, rest = divmod(max(eighths, 1) if mark.value > 0 else 0, 8)
    return ("█" * full + _EIGHTHS[rest]).ljust(_BAR_CELLS, "░")


def _point(drawing: Drawing, mark: Mark) -> str:
    """Draw a point, its interval, and where nought is."""
    line = [" "] * _DOT_CELLS

    def cell(value: float) -> int:
        return round(drawing.place(value) * (_DOT_CELLS - 1))

    line[cell(0.0)] = "│"
    if mark.low is not None and mark.high is not None:
        for place in range(cell(mark.low), cell(mark.high) + 1):
            line[place] = "┼" if line[place] == "│" else "─"
    if mark.value is not None:
        line[cell(mark.value)] = "○" if mark.is_muted else "●"
    return "".join(line)


def _note(note: Note, width: int) -> Iterator[str]:
    prefix = f"{note.level.value}s: "
    hang = " " * len(prefix)
    for place, text in enumerate(note.texts):
        yield from _wrapped(written(text), width, hang if place else prefix, hang)


def _on_screen(sender: str, shown: OnScreen, width: int) -> Iterator[str]:
    match shown:
        case Bubble():
            yield from _bubble(sender, shown, width)
        case Card():
            yield written(sender)
            yield from _card(shown, width)
        case Row():
            yield written(sender)
            for number, card in enumerate(shown.cards, 1):
                yield from _card(card, width, f"{number}/{len(shown.cards)} ")
        case Chips():
            between = "\n" if shown.is_list else " "
            yield from _fitted(between.join(f"( {written(label)} )" for label in shown.labels), "   ", width)
        case _:
            assert_never(shown)


def _card(card: Card, width: int, number: str = "") -> Iterator[str]:
    yield f"   ┌─{number:─<4}"
    if card.picture is not None:
        side = f", on the {card.side}" if card.side else ""
        yield from _fitted(f"[{written(card.picture.words)}{side}]", "   │ ", width)
    for words in filter(None, (card.title, card.text)):
        yield from _fitted(harmless(words), "   │ ", width)
    for label in card.buttons:
        yield from _fitted(f"( {written(label)} )", "   │ ", width)
    yield "   └─"


def _fitted(text: str, gutter: str, width: int) -> Iterator[str]:
    room = min(_BUBBLE_COLUMNS, max(width - 6, 10))
    for _, line in _screen_lines(text, room):
        yield (gutter + line).rstrip()


def _bubble(sender: str, bubble: Bubble, width: int) -> Iterator[str]:
    yield "↩ reply" if bubble.is_reply else written(sender)
    room = min(_BUBBLE_COLUMNS, max(width - 6, 10))
    start = 0
    for number, part in enumerate(bubble.parts, 1):
        gutter = f"{number:>2} │ " if len(bubble.parts) > 1 else "   │ "
        for place, line in _screen_lines(harmless(part), room):
            yield (gutter + line).rstrip()
            gutter = "   │ "
            carets = _carets(line, frozenset(mark - start - place for mark in bubble.marks))
            if carets:
                yield gutter + carets
        start += len(part)
    if bubble.note:
        yield f"   ╰ {written(bubble.note)}"


def _carets(line: str, marks: frozenset[int]) -> str:
    return "".join(
        ("^" if place in marks else " ") * columns_of(character) for place, character in enumerate(line)
    ).rstrip()


def _screen_lines(text: str, room: int) -> Iterator[tuple[int, str]]:
    """Cut *text* at spaces and line feeds as a screen does, each line with its place in *text*."""
    start = 0
    for paragraph in text.split("\n"):
        line_start = last_space = used = 0
        for place, character in enumerate(paragraph):
            used += columns_of(character)
            if used > room and place > line_start:
                cut = last_space + 1 if last_space > line_start else place
                yield start + line_start, paragraph[line_start:cut]
                line_start, used = cut, columns_of(paragraph[cut : place + 1])
            if character == " ":
                last_space = place
        yield start + line_start, paragraph[line_start:]
        start += len(paragraph) + 1
