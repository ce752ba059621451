"""The tables, against what is known of the standard beside them, and the choice among them."""

from __future__ import annotations

import pytest

from smskit.encoding import (
    ASCII,
    GSM7,
    LATIN1,
    TELNYX,
    UCS2,
    Language,
    Layout,
    cheapest,
    decode,
    measure,
    national,
    split,
)
from smskit.errors import InvalidInput

NOT_GSM = "`çáíóúêëîïôûœÿ\t\u00a0\u202f’“”…–—°µΩÅαω\x1b".replace("Ω", "\u2126").replace("Å", "\u212b")


def test_characters_that_are_often_believed_to_be_gsm():
    assert [character for character in NOT_GSM if character in GSM7.characters] == []
    assert GSM7.encode("Ç") == b"\x09"


# what, language, table, septet, character; each of these some published copy or some library has wrong
PLACES = [
    ("Turkish has E with acute", "TURKISH", "locking", 0x1F, "É"),
    ("Hindi candrabindu is Devanagari", "HINDI", "locking", 0x00, "\u0901"),
    ("Kannada dda, misprinted as pa", "KANNADA", "locking", 0x24, "\u0ca1"),
    ("Oriya lla, not nukta", "ORIYA", "locking", 0x47, "\u0b33"),
    ("Punjabi digit seven", "PUNJABI", "single", 0x23, "\u0a6d"),
    ("Tamil digit eight, misprinted as nine", "TAMIL", "single", 0x24, "\u0bee"),
    ("Telugu digit six, misprinted in Arabic", "TELUGU", "single", 0x22, "\u0c6c"),
    ("Telugu digit seven, misprinted in Arabic", "TELUGU", "single", 0x23, "\u0c6d"),
    ("the comma is no apostrophe", "URDU", "locking", 0x2C, ","),
    ("the comma of Gujarati", "GUJARATI", "locking", 0x2C, ","),
    ("Spanish cedilla", "SPANISH", "single", 0x09, "ç"),
]


@pytest.mark.parametrize(
    ("language", "table", "septet", "character"), [row[1:] for row in PLACES], ids=[row[0] for row in PLACES]
)
def test_places_that_others_have_wrong(language, table, septet, character):
    alphabet = national(**{table: Language[language]})
    octets = bytes((septet,)) if table == "locking" else bytes((0x1B, septet))
    assert decode(octets, alphabet=alphabet) == character
    assert alphabet.encode(character) == octets


@pytest.mark.parametrize("locking", [None, *Language])
@pytest.mark.parametrize("single", [None, *Language])
def test_every_pair_reads_what_it_writes(locking, single):
    if locking is Language.SPANISH:
        with pytest.raises(InvalidInput, match="Spanish"):
            national(locking=locking, single=single)
        return
    alphabet = national(locking=locking, single=single)
    assert "\x1b" not in alphabet.characters
    for character in alphabet.characters:
        octets = alphabet.encode(character)
        assert len(octets) == alphabet.weigh(character) == (2 if octets[0] == 0x1B else 1)
        assert decode(octets, alphabet=alphabet) == character
    for octet in range(128):
        decode(bytes((octet,)), alphabet=alphabet)
        decode(bytes((0x1B, octet)), alphabet=alphabet)


def test_of_two_places_the_lower_one_is_sent():
    doubled = 0
    for language in Language:
        alphabet = national(single=language)
        for septet, character in enumerate(alphabet.behind):
            lowest = alphabet.behind.index(character) if character else septet
            if lowest < septet:
                doubled += 1
                assert alphabet.shifted[character] == lowest
                assert decode(bytes((0x1B, septet)), alphabet=alphabet) == character
    assert doubled == 20  # ¡ and * in the tables of ten languages


def test_a_pair_is_made_once():
    assert national() is GSM7
    assert national(single=Language.URDU) is national(locking=None, single=Language.URDU)
    assert repr(national(single=Language.URDU)) == "<GSM-7 single Urdu>"


def test_reduced_alphabets_write_less_and_read_all():
    assert TELNYX.characters == GSM7.characters - set("€Ç§¤ÆΔΦΓΛΩΠΨΣΘΞ")
    assert decode(b"\x1be\x09", alphabet=TELNYX) == "€Ç"
    small = GSM7.without("[]{}", "no brackets")
    assert small.foreign("a[b]") == 1
    assert (small.name, str(small)) == ("no brackets", "no brackets")


WIRE = [
    ("GSM-7", GSM7, 7, 0x00, 0x00),
    ("ASCII", ASCII, 8, 0x01, None),
    ("Latin-1", LATIN1, 8, 0x03, None),
    ("UCS-2", UCS2, 16, 0x08, 0x08),
]


@pytest.mark.parametrize(
    ("alphabet", "bits", "data_coding", "dcs"), [row[1:] for row in WIRE], ids=[row[0] for row in WIRE]
)
def test_what_the_wire_calls_them(alphabet, bits, data_coding, dcs):
    assert (alphabet.bits, alphabet.data_coding, alphabet.dcs) == (bits, data_coding, dcs)


CHEAPEST = [
    ("GSM-7 where it does", "Bonjour", (None, None), 1),
    ("UCS-2 where one part is enough anyway", "ça va", "UCS-2", 1),
    ("one table instead of two parts", "ã" * 71, ("PORTUGUESE", None), 1),
    ("Hindi in one part instead of three", "नमस्ते " * 20, ("HINDI", None), 1),
    ("Turkish letters behind the escape", "Günaydın, ışık ve güneş " * 5, (None, "TURKISH"), 1),
    ("nothing helps Cyrillic", "привет " * 20, "UCS-2", 3),
    ("nothing helps an emoji", "ç" * 100 + "😀", "UCS-2", 2),
]


@pytest.mark.parametrize(("text", "tables", "parts"), [row[1:] for row in CHEAPEST], ids=[row[0] for row in CHEAPEST])
def test_the_cheapest_alphabet(text, tables, parts):
    alphabet = cheapest(text)
    assert measure(text, alphabet=alphabet).parts == parts
    if tables == "UCS-2":
        assert alphabet is UCS2
    else:
        locking, single = (Language[name] if name else None for name in tables)
        assert alphabet in (national(locking=locking, single=single), national(locking=single, single=locking))


def test_the_cheapest_is_that_of_an_exhaustive_search():
    texts = ["ãõê ç " * 40, "ğüşıöç İ " * 30, "নমস্কার " * 30, "தமிழ் " * 40, "اردو " * 60, "a€[]" * 60 + "á"]
    tables = [None, *Language]
    for text in texts:
        costs = [measure(text, alphabet=UCS2).parts]
        for locking in tables:
            for single in tables:
                if locking is not Language.SPANISH and national(locking=locking, single=single).foreign(text) is None:
                    costs.append(measure(text, alphabet=national(locking=locking, single=single)).parts)
        assert measure(text, alphabet=cheapest(text)).parts == min(costs)


def test_the_cheapest_of_the_languages_that_are_named():
    text = "ç" * 71
    assert cheapest(text, languages=()) is UCS2
    assert cheapest(text, languages=[Language.SPANISH]) is national(single=Language.SPANISH)
    assert cheapest("ç" * 78, languages=[Language.SPANISH]) is UCS2  # 156 septets: two parts either way
    with pytest.raises(TypeError):
        cheapest(b"abc")


def test_a_part_names_its_tables():
    alphabet = cheapest("नमस्ते " * 40, languages=[Language.HINDI], layout=Layout())
    parts = split("नमस्ते " * 40, alphabet=alphabet)
    assert len(parts) == 2
    assert "".join(decode(part.data, alphabet=part.alphabet) for part in parts) == "नमस्ते " * 40
    assert all(b"\x25\x01\x06" in part.header for part in parts)
