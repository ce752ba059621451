"""What people are told about a text."""

from __future__ import annotations

from smskit.encoding import ASCII, GSM7, UCS2, explain, measure


def test_an_explanation_prints_the_parts_and_the_costly_characters():
    text = "L’été [12 €] 😀 " * 8
    told = str(explain(text))
    assert "alphabet UCS-2" in told
    assert "not in GSM-7" in told
    assert "U+2019 RIGHT SINGLE QUOTATION MARK" in told
    assert "U+1F600 GRINNING FACE" in told


def test_costly_characters_come_once_with_what_folding_writes():
    found = explain("l’œuf, l’été 😀")
    assert [(one.character, one.index, one.count, one.units, one.instead) for one in found.costly] == [
        ("’", 1, 2, 1, "'"),
        ("œ", 2, 1, 1, "oe"),
        ("😀", 13, 1, 2, None),
    ]
    assert found.measure == measure("l’œuf, l’été 😀")


def test_in_gsm_those_that_weigh_two_are_to_blame():
    found = explain("[12 €]" * 30)
    assert found.measure.alphabet is GSM7
    assert [(one.character, one.count, one.units) for one in found.costly] == [("[", 30, 2), ("€", 30, 2), ("]", 30, 2)]
    assert "".join(found.parts) == "[12 €]" * 30
    assert sum(found.weights) == found.measure.units


def test_a_plain_text_has_nothing_costly():
    found = explain("Bonjour")
    assert found.costly == ()
    assert "not in" not in str(found)
    assert explain("").parts == ("",)


def test_html_is_escaped_and_coloured():
    shown = explain("<b>l’été</b> & 😀")._repr_html_()
    assert "<b>" not in shown
    assert "&lt;b&gt;" in shown
    assert "style=" in shown
    assert "<script" not in shown


def test_control_characters_and_lone_surrogates_are_shown_by_their_code():
    told = str(explain("a\x1bb\ud800\u0301\u202e"))
    for code in ("U+001B", "U+D800", "U+0301", "U+202E"):
        assert code in told
    assert "\x1b" not in told
    assert "\u202e" not in told


def test_another_first_choice():
    found = explain("été", alphabet=(ASCII, UCS2))
    assert [(one.character, one.why) for one in found.costly] == [("é", "not in ASCII")]


def test_many_characters_and_many_parts_are_cut_short():
    found = explain("".join(map(chr, range(0x4E00, 0x4E00 + 70 * 260))))
    assert len(found.parts) == 255
    assert "further characters are not listed" in str(found)


def test_no_text_in_a_repr():
    assert "Bonjour" not in repr(explain("Bonjour"))
