"""What texts weigh, on both twins."""

from __future__ import annotations

import tracemalloc

import pytest

from smskit.encoding import (
    ASCII,
    GSM7,
    LATIN1,
    TELNYX,
    UCS2,
    UCS2_STRICT,
    Concat,
    Cut,
    Language,
    Layout,
    count_many,
    national,
    ports,
    split,
)
from smskit.errors import InvalidInput, UnencodableText

FAMILY = "👨‍👩‍👧‍👦"  # 11 units, one picture
FLAG = "🇫🇷"  # 4 units
ZALGO = "e" + "\u0301" * 70  # one cluster of 71 units

# what, text, alphabet, units of each part
CASES = [
    ("an empty text is one empty part", "", GSM7, (0,)),
    ("the last text that fits alone", "a" * 160, GSM7, (160,)),
    ("one more and both parts lose 7", "a" * 161, GSM7, (153, 8)),
    ("two full parts", "a" * 306, GSM7, (153, 153)),
    ("three parts begin at 307", "a" * 307, GSM7, (153, 153, 1)),
    ("accents of the default alphabet weigh one", "éèàùìòÇøÅåÆæßÉ" * 10, GSM7, (140,)),
    ("Greek capitals weigh one", "ΔΦΓΛΩΠΨΣΘΞ" * 16, GSM7, (160,)),
    ("Greek capitals in two parts", "Δ" * 161, GSM7, (153, 8)),
    ("the euro sign weighs two", "€" * 80, GSM7, (160,)),
    ("no cut inside an escape pair", "€" * 81, GSM7, (152, 10)),
    ("a euro sign that just does not fit alone", "a" * 159 + "€", GSM7, (153, 8)),
    ("a euro sign at the cut goes over", "a" * 152 + "€" + "b" * 20, GSM7, (152, 22)),
    ("a bracket costs a part: 306 septets in 3", "]" * 153, GSM7, (152, 152, 2)),
    ("form feed weighs two", "\f" * 81, GSM7, (152, 10)),
    ("Latin text with the euro sign in three parts", "é" * 400 + "€", GSM7, (153, 153, 96)),
    ("CR LF weighs two", "\r\n" * 80, GSM7, (160,)),
    ("CR LF is not cut", "a" * 152 + "\r\n" + "b" * 10, GSM7, (152, 12)),
    ("LF CR is cut", "a" * 152 + "\n\r" + "b" * 10, GSM7, (153, 11)),
    ("a backtick is foreign to GSM-7", "`", UCS2, (1,)),
    ("c with cedilla is, its capital is not", "ç", UCS2, (1,)),
    ("a typed escape is never septet 0x1B", "a\x1be", UCS2, (3,)),
    ("NUL is foreign", "a\0b", UCS2, (3,)),
    ("a tab is foreign", "a\tb", UCS2, (3,)),
    ("the marks of the table are foreign themselves", "a\x01\x02\x03b", UCS2, (5,)),
    ("the sign for ohm is not omega", "\u2126", UCS2, (1,)),
    ("the sign for angstrom is not a letter", "\u212b", UCS2, (1,)),
    ("U+FFFF is foreign", "\uffff", UCS2, (1,)),
    ("y with diaeresis is foreign", "ÿ", UCS2, (1,)),
    ("a foreign letter above U+00FF", "œ" * 70, UCS2, (70,)),
    ("UCS-2 alone has room for 70", "ê" * 70, UCS2, (70,)),
    ("one more and both parts lose 3", "ê" * 71, UCS2, (67, 4)),
    ("an emoji weighs two", "😀" * 35, UCS2, (70,)),
    ("a surrogate pair is not cut", "я" * 66 + "😀" + "b" * 5, UCS2, (66, 7)),
    ("emoji fill an odd part but for one unit", "😀" * 36, UCS2, (66, 6)),
    ("brackets weigh one in UCS-2", "[" * 69 + "ê", UCS2, (70,)),
    ("the foreign letter comes late", "a" * 200 + "ê", UCS2, (67, 67, 67)),
    ("the foreign letter comes late and is wide", "a" * 200 + "œ", UCS2, (67, 67, 67)),
    ("decomposed accents are UCS-2", "e\u0301" * 35, UCS2, (70,)),
    ("an accent stays with its letter", "ê" + "e\u0301" * 70, UCS2, (67, 66, 8)),
    ("letters and accents at an even cut", "e\u0301" * 70, UCS2, (66, 66, 8)),
    ("a flag is not cut", "x" + FLAG * 33, UCS2, (65, 64, 4)),
    ("a family is not cut", "é" * 60 + FAMILY + "b" * 10, UCS2, (60, 21)),
    ("a skin tone stays with its hand", "a" * 65 + "👍🏽" + "b" * 9, UCS2, (65, 13)),
    ("a cluster longer than a part is cut between code points", ZALGO, UCS2, (67, 4)),
    ("after an oversize cluster the text goes on", "ab" + ZALGO + "cd", UCS2, (2, 67, 6)),
    ("a heart keeps its variation selector", "я" * 66 + "❤\ufe0f" + "b" * 5, UCS2, (66, 7)),
    ("lone surrogates weigh one each", "\ud83d" * 71, UCS2, (67, 4)),
    ("two halves in the wrong order are no pair", "\ude00\ud83d" * 40, UCS2, (67, 13)),
    ("Hangul syllables may be cut between", "한" * 71, UCS2, (67, 4)),
    ("a Devanagari vowel sign stays with its letter", "क" * 66 + "कि" + "क" * 3, UCS2, (66, 5)),
]


@pytest.mark.parametrize(("text", "alphabet", "units"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_measure_agrees_with_the_parts_of_split(twin, text, alphabet, units):
    found = twin.measure(text)
    assert (found.alphabet, found.units, found.parts) == (alphabet, sum(units), len(units))
    assert found.units_per_part == ({GSM7: 160, UCS2: 70} if len(units) == 1 else {GSM7: 153, UCS2: 67})[alphabet]
    assert found.room == found.units_per_part - units[-1]
    parts = split(text)
    assert tuple(part.units for part in parts) == units
    assert "".join(part.text for part in parts) == text
    assert {part.alphabet for part in parts} == {alphabet}


CULPRITS = [
    ("the first character that has no place, not the next", "aça ê", "ç", 1),
    ("an emoji behind the euro sign", "12 € 😀", "😀", 5),
    ("a curly apostrophe", "l’été", "’", 1),
    ("a no-break space at the very end of a long text", "a" * 500 + "\u00a0", "\u00a0", 500),
    ("a lone surrogate", "ab\udc00", "\udc00", 2),
    ("nothing", "été", None, None),
]


@pytest.mark.parametrize(("text", "character", "index"), [c[1:] for c in CULPRITS], ids=[c[0] for c in CULPRITS])
def test_measure_names_the_culprit(twin, text, character, index):
    found = twin.measure(text)
    assert (found.culprit, found.culprit_index) == (character, index)


def test_measuring_twice_gives_equal_results_that_are_not_mixed_up(twin):
    texts = ["a" * n for n in range(400)] + ["ê" * n for n in range(200)] + ["a" * n + "😀" for n in range(200)]
    first = [twin.measure(text) for text in texts]
    for text, found in zip(texts, first, strict=True):
        units = len(text) + text.count("😀")
        assert twin.measure(text) == found
        assert found.units == units
        assert found.culprit_index == (text.find("😀") if "😀" in text else 0 if "ê" in text else None)


LAYOUTS = [
    # header octets of one part; room alone and joined, in GSM-7 and in UCS-2
    ("nothing further", Layout(), None, (160, 153), (70, 67)),
    ("a 16-bit reference (US toll-free)", Layout(concat=Concat.BITS_16), None, (160, 152), (70, 66)),
    ("8-bit ports", Layout(elements=(ports(240, wide=False),)), None, (154, 148), (67, 65)),
    ("16-bit ports", Layout(elements=(ports(2948),)), None, (152, 146), (66, 64)),
    ("16-bit ports and reference", Layout(elements=(ports(2948),), concat=Concat.BITS_16), None, (152, 145), (66, 63)),
    ("one national table", Layout(), {"single": Language.PORTUGUESE}, (155, 149), None),
    ("one national table, 16-bit", Layout(concat=Concat.BITS_16), {"locking": Language.TURKISH}, (155, 148), None),
    ("both national tables", Layout(), dict.fromkeys(("locking", "single"), Language.HINDI), (152, 146), None),
    (
        "both national tables, 16-bit",
        Layout(concat=Concat.BITS_16),
        dict.fromkeys(("locking", "single"), Language.URDU),
        (152, 145),
        None,
    ),
    (
        "ports and both national tables",
        Layout(elements=(ports(2948),)),
        dict.fromkeys(("locking", "single"), Language.TURKISH),
        (145, 139),
        None,
    ),
    ("a carrier that takes 150", Layout(most=150), None, (150, 144), (66, 63)),
]


@pytest.mark.parametrize(
    ("layout", "tables", "septets", "units"), [row[1:] for row in LAYOUTS], ids=[row[0] for row in LAYOUTS]
)
def test_rooms_follow_the_header(twin, layout, tables, septets, units):
    alphabet = national(**tables) if tables else GSM7
    letter = next(character for character in alphabet.main if character and character.isalpha())
    rooms = {alphabet: septets, UCS2: units} if units else {alphabet: septets}
    for one, (alone, joined) in rooms.items():
        assert twin.measure(letter * alone, alphabet=one, layout=layout).parts == 1
        more = twin.measure(letter * (alone + 1), alphabet=one, layout=layout)
        assert (more.parts, more.units_per_part) == (2, joined)
        for part in split(letter * (alone + 1), alphabet=one, layout=layout):
            assert len(part.user_data) <= 140


def test_a_mode_cuts_between_code_points(twin):
    flags = "x" + FLAG * 33
    assert twin.measure(flags).parts == 3
    assert twin.measure(flags, layout=Layout(cut=Cut.CODE_POINT)).parts == 2
    parts = split("a" * 152 + "\r\n" + "b" * 10, layout=Layout(cut=Cut.CODE_POINT))
    assert [part.units for part in parts] == [153, 11]
    pairs = split("😀" * 36, layout=Layout(cut=Cut.CODE_POINT))
    assert [part.units for part in pairs] == [66, 6]


CHOICES = [
    ("Telnyx lacks the euro sign", "12 €", (TELNYX, UCS2), UCS2, 4),
    ("Telnyx has e with acute", "été", (TELNYX, UCS2), TELNYX, 3),
    ("ASCII where it does, else Latin-1", "ça", (ASCII, LATIN1), LATIN1, 2),
    ("brackets weigh one in ASCII", "[ok]", ASCII, ASCII, 4),
    ("UCS-2 because it was asked for", "abc", UCS2, UCS2, 3),
]


@pytest.mark.parametrize(("text", "choice", "alphabet", "units"), [c[1:] for c in CHOICES], ids=[c[0] for c in CHOICES])
def test_alphabets_are_tried_in_order(twin, text, choice, alphabet, units):
    found = twin.measure(text, alphabet=choice)
    assert (found.alphabet, found.units, found.parts) == (alphabet, units, 1)


REFUSED = [
    ("a foreign letter in the alphabet that was asked for", "naçre", GSM7, "ç", 2),
    ("half a pair where that is refused", "a\ud800", UCS2_STRICT, "\ud800", 1),
    ("the last of several names what it lacks", "a€ê", (TELNYX, GSM7), "ê", 2),
]


@pytest.mark.parametrize(
    ("text", "choice", "character", "index"), [c[1:] for c in REFUSED], ids=[c[0] for c in REFUSED]
)
def test_what_has_no_place_is_named(twin, text, choice, character, index):
    for call in (lambda: twin.measure(text, alphabet=choice), lambda: split(text, alphabet=choice)):
        with pytest.raises(UnencodableText) as caught:
            call()
        assert (caught.value.character, caught.value.index) == (character, index)


def test_a_header_that_leaves_no_room_is_refused(twin):
    crowded = Layout(elements=(ports(1),) * 23)
    with pytest.raises(InvalidInput, match="no room"):
        twin.measure("a", layout=crowded)


def test_measure_many_has_a_column_for_each_figure(twin):
    texts = ["", "a" * 161, "€", "ê" * 71, "😀" * 1000]
    found = twin.measure_many(texts)
    one_by_one = [twin.measure(text) for text in texts]
    assert found.parts == tuple(one.parts for one in one_by_one) == (1, 2, 1, 2, 31)
    assert found.units == tuple(one.units for one in one_by_one) == (0, 161, 2, 71, 2000)
    assert found.alphabets == (GSM7, GSM7, GSM7, UCS2, UCS2)
    assert count_many(iter(texts)) == found.parts
    assert twin.measure_many(["[a]", "€"], alphabet=(ASCII, UCS2)).units == (3, 1)
    assert twin.measure_many([]) == ((), (), ())


@pytest.mark.parametrize(
    ("unit", "septets"),
    [("Été à [Paris], ", 17), ("Été à Nîmes 😀, ", 16)],
    ids=["GSM-7", "UCS-2"],
)
def test_ten_million_characters_take_no_memory_beside_their_own(twin, unit, septets):
    text = unit * (10_000_000 // len(unit))
    tracemalloc.start()
    try:
        found = twin.measure(text)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert found.units == septets * (10_000_000 // len(unit))
    assert peak < 1_000_000
