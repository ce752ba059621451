from __future__ import annotations

import pytest

from smskit.display import (
    Bars,
    Beside,
    Block,
    Bubble,
    Card,
    Chips,
    Facts,
    Level,
    Line,
    Note,
    Phone,
    Picture,
    Row,
    Sum,
    Table,
    View,
    to_html,
    to_text,
)

THIN = "\N{NARROW NO-BREAK SPACE}"


def drawn(*blocks: Block, width: int = 60) -> list[str]:
    """The lines under the title, thin spaces as plain ones so that the tables below can be read."""
    return to_text(View("title", *blocks), width).replace(THIN, " ").split("\n")[1:]


def test_a_plan_looks_as_the_design_draws_it() -> None:
    reasons = {
        "no_consent": 1034,
        "opted_out": 612,
        "duplicate": 297,
        "invalid_number": 141,
        "frequency_cap": 37,
        "missing_variable": 22,
    }
    plan = View(
        "soldes-ete · marketing · MABOUTIQUE · Wed 2026-06-24 12:00 Europe/Paris · rules FR 2026-03",
        Sum(("rows read", 20_000), ("to send", 16_071), ("hold-out", 1_786), ("blocked", 2_143)),
        Facts(
            (
                "parts",
                '16 402 (331 messages need 2: prenom "Anaïs" has ï; fold="french" would save 331)',
            ),
            ("cost", "738.09 EUR"),
        ),
        Facts(*reasons.items(), title="blocked"),
        Note("a hold-out of 1 786 only detects a lift of 1.5 points or more (base 5 %)"),
    )
    assert to_text(plan, 120).replace(THIN, " ").split("\n") == [
        "soldes-ete · marketing · MABOUTIQUE · Wed 2026-06-24 12:00 Europe/Paris · rules FR 2026-03",
        "rows read 20 000 = to send 16 071 + hold-out 1 786 + blocked 2 143",
        'parts 16 402 (331 messages need 2: prenom "Anaïs" has ï; fold="french" would save 331)   cost 738.09 EUR',
        "blocked: no_consent 1 034 · opted_out 612 · duplicate 297 · invalid_number 141"
        " · frequency_cap 37 · missing_variable 22",
        "warnings: a hold-out of 1 786 only detects a lift of 1.5 points or more (base 5 %)",
    ]


def test_thousands_are_set_apart_by_a_narrow_space_that_does_not_break() -> None:
    assert f"rows 16{THIN}402" in to_text(View("t", Facts(("rows", 16_402))))


# fmt: off
DRAWINGS: list[tuple[str, Block, list[str]]] = [
    ("a line feed starts a new line", Line("one\ntwo"), ["one", "two"]),
    (
        "a long sentence hangs under its beginning",
        Line("word " * 14),
        ["word " * 11 + "word", "    word word"],
    ),
    ("facts without a title stand apart",
     Facts(("parts", 2), ("cost", "0.09 EUR")), ["parts 2   cost 0.09 EUR"]),
    ("facts with a title are one list",
     Facts(("a", 1), ("b", None), title="blocked"), ["blocked: a 1 · b –"]),
    (
        "a list that is too long goes on under its first item",
        Facts(*((f"reason_{letter}", 1000) for letter in "abcd"), title="blocked"),
        ["blocked: reason_a 1 000 · reason_b 1 000 · reason_c 1 000 ·", "         reason_d 1 000"],
    ),
    ("no facts, no line", Facts(title="blocked"), []),
    ("an account that closes",
     Sum(("read", 3), ("sent", 2), ("blocked", 1)), ["read 3 = sent 2 + blocked 1"]),
    ("an account that does not close says so", Sum(("read", 4), ("sent", 2), ("blocked", 1)),
     ["read 4 ≠ sent 2 + blocked 1"]),
    ("one note", Note("beware"), ["warnings: beware"]),
    ("two notes stand under each other",
     Note("one", "two", level=Level.ERROR), ["errors: one", "        two"]),
    ("no note, no line", Note(), []),
    (
        "counts stand to the right, texts to the left",
        Table(["reason", "rows"], [("no_consent", 1034), ("minor", 2), ("other", None)]),
        ["reason       rows", "no_consent  1 034", "minor           2", "other           –"],
    ),
    ("the columns can be set by hand", Table(["a", "b"], [("x", "10 %"), ("y", "9 %")], align="lr"),
     ["a     b", "x  10 %", "y   9 %"]),
    ("an emoji takes two columns",
     Table(["a", "b"], [("🎉", "x"), ("abc", "y")]), ["a    b", "🎉   x", "abc  y"]),
    ("an accent of its own takes none", Table(["a", "b"], [("e\u0301", "x")]), ["a  b", "e\u0301  x"]),
    ("a table without rows has its headers", Table(["a", "b"], []), ["a  b"]),
    (
        "bars are shares of their whole",
        Bars(("delivered", 15_000, 20_000), ("clicked", 0, 0), ("more than all", 3, 2)),
        [
            "delivered      " + "█" * 15 + "░" * 5 + "  15 000  75.0 %",
            "clicked        " + " " * 20 + "       0  –",
            "more than all  " + "█" * 20 + "       3  150.0 %",
        ],
    ),
    (
        "a view in a view is set in",
        View("inner", Line("text")),
        ["  inner", "  text"],
    ),
    ("one part has no number", Phone("SHOP", Bubble(["Bonjour"])), ["SHOP", "   │ Bonjour"]),
    (
        "two parts have numbers and the characters that cost them are pointed at",
        Phone("SHOP", Bubble(["Anaïs\nici", "fin ï"], marks=[3, 13], note="2 parts")),
        ["SHOP", " 1 │ Anaïs", "   │    ^", "   │ ici", " 2 │ fin ï", "   │     ^", "   ╰ 2 parts"],
    ),
    ("a reply says that it is one", Phone("SHOP", Bubble(["STOP"], is_reply=True)), ["↩ reply", "   │ STOP"]),
    ("a screen line breaks at a space", Phone("S", Bubble(["12345678 " * 5 + "9"])),
     ["S", "   │ " + "12345678 " * 3 + "12345678", "   │ 12345678 9"]),
    ("a word longer than the screen is broken", Phone("S", Bubble(["x" * 45])),
     ["S", "   │ " + "x" * 40, "   │ xxxxx"]),
]
# fmt: on


@pytest.mark.parametrize(("block", "lines"), [row[1:] for row in DRAWINGS], ids=[row[0] for row in DRAWINGS])
def test_drawing(block: Block, lines: list[str]) -> None:
    assert drawn(block) == lines


@pytest.mark.parametrize(("block", "lines"), [row[1:] for row in DRAWINGS], ids=[row[0] for row in DRAWINGS])
def test_drawing_twice_gives_the_same(block: Block, lines: list[str]) -> None:
    view = View("title", block)
    assert to_text(view) == to_text(view)
    assert to_html(view) == to_html(view)


HOSTILE = [
    ("an escape sequence", "\x1b[31mred", "␛[31mred"),
    ("a bell and a null", "\x07\x00", "␇␀"),
    ("delete", "a\x7fb", "a␡b"),
    ("a control character of the second set", "a\x9bb", "a\N{REPLACEMENT CHARACTER}b"),
    ("a direction override", "a\u202eb", "a\N{REPLACEMENT CHARACTER}b"),
    ("a direction isolate", "a\u2066b", "a\N{REPLACEMENT CHARACTER}b"),
    ("a line separator", "a\u2028b", "a\N{REPLACEMENT CHARACTER}b"),
    ("half an emoji", "a\ud83d", "a\N{REPLACEMENT CHARACTER}"),
]


@pytest.mark.parametrize(("text", "shown"), [row[1:] for row in HOSTILE], ids=[row[0] for row in HOSTILE])
def test_no_terminal_obeys_a_foreign_text(text: str, shown: str) -> None:
    everywhere = View(
        text,
        Line(text),
        Facts((text, text), title=text),
        Sum((text, 1), (text, 1)),
        Table([text], [[text]]),
        Bars((text, 1, 2)),
        Note(text),
        Phone(text, Bubble([text], note=text)),
    )
    drawing = to_text(everywhere)
    assert drawing.count(shown) == 14
    assert text not in drawing
    drawing.encode()


def test_a_line_feed_cannot_forge_a_line_of_its_own() -> None:
    lines = drawn(Facts(("name", "x\nblocked: 0")), Table(["h"], [["x\ny"]]), Note("a\nb"))
    assert lines == ["name x blocked: 0", "h", "x y", "warnings: a b"]


def test_cards_stand_one_under_the_other_with_their_numbers() -> None:
    card = Card(
        "Été",
        "Un maillot, une serviette, et une plage qui a deux lignes",
        picture=Picture("photo", 112),
        buttons=["Voir"],
    )
    shown = Phone("SHOP", Row(card, Card("b", side="left", picture=Picture("film", 112))), Chips("Oui", "Non"))
    assert drawn(Beside(shown)) == [
        "SHOP",
        "   ┌─1/2 ",
        "   │ [photo]",
        "   │ Été",
        "   │ Un maillot, une serviette, et une plage",
        "   │ qui a deux lignes",
        "   │ ( Voir )",
        "   └─",
        "   ┌─2/2 ",
        "   │ [film, on the left]",
        "   │ b",
        "   └─",
        "   ( Oui ) ( Non )",
    ]


def test_a_list_of_chips_has_a_line_for_each() -> None:
    assert drawn(Phone("SHOP", Card("a"), Chips("Oui", "Non", is_list=True)))[-2:] == ["   ( Oui )", "   ( Non )"]


@pytest.mark.parametrize("text", [row[1] for row in HOSTILE], ids=[row[0] for row in HOSTILE])
def test_no_terminal_obeys_a_card(text: str) -> None:
    card = Card(text, text, picture=Picture(text, 1), buttons=[text])
    drawing = to_text(View("t", Phone(text, card, Row(card), Chips(text))))
    assert text not in drawing
    drawing.encode()
