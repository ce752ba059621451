"""Septets, bits and octets, on both twins."""

from __future__ import annotations

import pytest

from smskit.encoding import GSM7, UCS2, unpack
from smskit.errors import InvalidInput, UnencodableText

VECTORS = [
    ("nothing", "", 0, ""),
    ("nothing behind a fill bit is one empty octet", "", 1, "00"),
    ("ten letters", "hellohello", 0, "e8329bfd4697d9ec37"),
    ("one letter behind one fill bit", "A", 1, "82"),
    ("one letter behind six fill bits", "A", 6, "4010"),
    ("eight of the highest septet", "à" * 8, 0, "ff" * 7),
    ("eight behind one fill bit", "à" * 8, 1, "fe" + "ff" * 6 + "01"),
    ("nine", "à" * 9, 0, "ff" * 7 + "7f"),
]


@pytest.mark.parametrize(("text", "fill", "packed"), [row[1:] for row in VECTORS], ids=[row[0] for row in VECTORS])
def test_known_octets(twin, text, fill, packed):
    septets = twin.encode(text)
    assert twin.pack(septets, fill_bits=fill).hex() == packed
    assert unpack(bytes.fromhex(packed), count=len(septets), fill_bits=fill) == septets


def test_every_length_and_every_fill_comes_back(twin):
    for length in range(170):
        septets = bytes((37 * place + length) % 128 for place in range(length))
        for fill in range(7):
            packed = twin.pack(septets, fill_bits=fill)
            assert len(packed) == (7 * length + fill + 7) // 8
            assert unpack(packed, count=length, fill_bits=fill) == septets
            assert packed[0] & ((1 << fill) - 1) == 0 if packed else True


ENCODED = [
    ("the default alphabet", "@Δ à", "00 10 20 7f"),
    ("the table behind the escape", "€[|\f", "1b65 1b3c 1b40 1b0a"),
    ("Greek beside the euro sign", "Ω€", "15 1b65"),
    ("nothing", "", ""),
]


@pytest.mark.parametrize(("text", "octets"), [row[1:] for row in ENCODED], ids=[row[0] for row in ENCODED])
def test_encode(twin, text, octets):
    assert twin.encode(text) == bytes.fromhex(octets)


FOREIGN = [
    ("an escape", "a\x1be", "\x1b", 1),
    ("NUL", "\0", "\0", 0),
    ("a wide letter", "cœur", "œ", 1),
    ("an emoji", "a" * 50 + "😀", "😀", 50),
    ("a Latin-1 letter", "ç", "ç", 0),
]


@pytest.mark.parametrize(("text", "character", "index"), [row[1:] for row in FOREIGN], ids=[row[0] for row in FOREIGN])
def test_what_has_no_septet_is_named(twin, text, character, index):
    with pytest.raises(UnencodableText) as caught:
        twin.encode(text)
    assert (caught.value.character, caught.value.index, caught.value.alphabet) == (character, index, "GSM-7")


def test_encode_takes_other_alphabets(twin):
    assert twin.encode("ê", alphabet=UCS2) == b"\x00\xea"
    assert twin.encode("é", alphabet=GSM7) == b"\x05"


def test_pack_refuses_what_is_no_septet(twin):
    for place in range(20):
        septets = bytearray(20)
        septets[place] = 0x80
        with pytest.raises(InvalidInput, match=f"index {place} "):
            twin.pack(bytes(septets))
    for fill in (-1, 7, 2**80):
        with pytest.raises(InvalidInput, match="fill_bits"):
            twin.pack(b"\x01", fill_bits=fill)


def test_unpack_refuses_what_is_not_there():
    assert unpack(b"", count=0) == b""
    assert unpack(b"\xff" * 7, count=8) == b"\x7f" * 8
    for octets, count, fill in (
        (b"\xff" * 7, 9, 0),
        (b"\xff" * 7, 8, 1),
        (b"", 1, 0),
        (b"\xff", -1, 0),
        (b"\xff", 1, 7),
    ):
        with pytest.raises(InvalidInput):
            unpack(octets, count=count, fill_bits=fill)
    with pytest.raises(TypeError):
        unpack("abc", count=1)
