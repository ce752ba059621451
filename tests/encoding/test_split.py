"""What stands in the octets of each part."""

from __future__ import annotations

import pytest

from smskit.encoding import (
    GSM7,
    LATIN1,
    UCS2,
    Concat,
    Element,
    Language,
    Layout,
    decode,
    national,
    ports,
    read_header,
    split,
    unpack,
)
from smskit.errors import InvalidInput, TooLong

# what, text, keywords of split, header, TP-UDL, the first octets of TP-UD behind the header
OCTETS = [
    ("a short text has no header", "hellohello", {}, "", 10, "e8329bfd4697d9ec37"),
    ("an empty text is nothing", "", {}, "", 0, ""),
    ("seven septets in seven octets", "abcdefg", {}, "", 7, "61f1985c369f01"),
    ("eight septets in seven octets", "abcdefgh", {}, "", 8, "61f1985c369fd1"),
    ("the euro sign is two septets", "€", {}, "", 2, "9b32"),
    ("one fill bit behind six octets", "A" * 161, {"reference": 0xCC}, "050003cc0201", 160, "82"),
    (
        "no fill bit behind seven octets",
        "A" * 161,
        {"reference": 0xABCD, "layout": Layout(concat=Concat.BITS_16)},
        "060804abcd0201",
        160,
        "c1",
    ),
    ("the reference wraps round", "A" * 161, {"reference": 0x1FF}, "050003ff0201", 160, "82"),
    ("ports in front of one part", "A", {"layout": Layout(elements=(ports(2948, 9200),))}, "0605040b8423f0", 9, "41"),
    (
        "8-bit ports leave two fill bits",
        "A",
        {"layout": Layout(elements=(ports(240, 1, wide=False),))},
        "040402f001",
        7,
        "0401",
    ),
    ("a single shift table is named", "ê", {"alphabet": national(single=Language.PORTUGUESE)}, "03240103", 7, "d81400"),
    ("a locking table is named", "ã", {"alphabet": national(locking=Language.PORTUGUESE)}, "03250103", 6, "d803"),
    (
        "both tables are named",
        "ğ",
        {"alphabet": national(locking=Language.TURKISH, single=Language.TURKISH)},
        "06240101250101",
        9,
        "0c",
    ),
    ("UCS-2 is not packed", "ê", {}, "", 2, "00ea"),
    ("an emoji is a surrogate pair", "😀", {}, "", 4, "d83dde00"),
    ("half a pair is sent as U+FFFD", "a\ud83d", {}, "", 4, "0061fffd"),
    ("Latin-1 is octets", "ça", {"alphabet": LATIN1}, "", 2, "e761"),
]


@pytest.mark.parametrize(
    ("text", "keywords", "header", "length", "octets"), [row[1:] for row in OCTETS], ids=[row[0] for row in OCTETS]
)
def test_user_data(text, keywords, header, length, octets):
    part = split(text, **keywords)[0]
    assert part.header.hex() == header
    assert part.user_data_length == length
    body = part.user_data[len(part.header) :].hex()
    assert body.startswith(octets)
    assert len(text) > 10 or body == octets


def test_parts_are_numbered_and_read_back():
    text = "Été [2026] à 12 € ! " * 30
    parts = split(text, reference=7)
    assert [part.number for part in parts] == list(range(1, len(parts) + 1))
    read = []
    for part in parts:
        elements, length = read_header(part.user_data)
        assert elements == (Element(0, bytes((7, len(parts), part.number))),)
        assert length == len(part.header)
        septets = unpack(part.user_data[length:], count=part.units, fill_bits=part.fill_bits)
        assert septets == part.data
        assert part.short_message == part.header + septets
        assert part.units + part.room == 153
        read.append(decode(septets))
    assert "".join(read) == text


def test_255_parts_are_the_most():
    assert len(split("a" * 153 * 255)) == 255
    assert len(split("ê" * 67 * 255)) == 255
    with pytest.raises(TooLong, match="256 parts") as caught:
        split("a" * (153 * 255 + 1))
    assert (caught.value.parts, caught.value.limit) == (256, 255)


def test_no_text_and_no_data_in_a_repr():
    shown = repr(split("rendez-vous à 15h"))
    assert "rendez" not in shown
    assert "17 characters" in shown


HEADERS = [
    ("nothing at all", ""),
    ("longer than the data", "0500"),
    ("an element without its length", "0100"),
    ("an element that reaches past the header", "04000500aa"),
]


@pytest.mark.parametrize("octets", [row[1] for row in HEADERS], ids=[row[0] for row in HEADERS])
def test_a_broken_header_is_refused(octets):
    with pytest.raises(InvalidInput):
        read_header(bytes.fromhex(octets))


def test_unknown_elements_are_given_as_they_are():
    elements, length = read_header(bytes.fromhex("08 00 03 01 02 01 70 01 ff 41 42"))
    assert (elements, length) == ((Element(0, b"\x01\x02\x01"), Element(0x70, b"\xff")), 9)


PORTS = [("above 8 bits", 256, 0, False), ("above 16 bits", 0x10000, 0, True), ("below zero", -1, 0, True)]


@pytest.mark.parametrize(("destination", "source", "wide"), [row[1:] for row in PORTS], ids=[row[0] for row in PORTS])
def test_a_port_that_does_not_fit_is_refused(destination, source, wide):
    with pytest.raises(InvalidInput, match="port"):
        ports(destination, source, wide=wide)


def test_split_takes_only_text():
    for wrong in (None, 5, b"abc", ["abc"]):
        with pytest.raises(TypeError, match="text must be str"):
            split(wrong)


def test_units_count_in_the_alphabet_of_the_part():
    assert [part.alphabet for part in split("a")] == [GSM7]
    (part,) = split("😀")
    assert (part.alphabet, part.units, len(part.data), part.room) == (UCS2, 2, 4, 68)
