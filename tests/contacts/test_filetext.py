"""Which encoding a file is in."""

from __future__ import annotations

import codecs
import io

import pytest

from smskit.contacts.filetext import TextFacts, examined, text_of
from smskit.errors import UnreadableFile

MIB = 1 << 20


def facts_of(data: bytes, encoding: str | None = None) -> TextFacts:
    return examined(lambda: io.BytesIO(data), "clients.csv", encoding)


ENCODINGS = [
    ("plain ASCII is UTF-8", b"Nom;Mobile\n", "utf-8"),
    ("UTF-8", "Prénom\n".encode(), "utf-8"),
    ("UTF-8 with its mark", codecs.BOM_UTF8 + "Prénom\n".encode(), "utf-8-sig"),
    ("UTF-16 of Windows", "Prénom\n".encode("utf-16"), "utf-16"),
    ("UTF-16 with the high byte first", codecs.BOM_UTF16_BE + "Prénom\n".encode("utf-16-be"), "utf-16"),
    ("UTF-32", "Prénom\n".encode("utf-32"), "utf-32"),
    ("cp1252", "Prénom\n".encode("cp1252"), "cp1252"),
    ("an é of cp1252 behind 3 MB of ASCII", b"a;b;c;d\n" * (3 * MIB // 8) + b"Ren\xe9\n", "cp1252"),
    ("an é of cp1252 as the very last byte", b"Ren\xe9", "cp1252"),
    ("a character across the end of a block", b"a" * (MIB - 1) + "é".encode() + b"\n", "utf-8"),
    ("a block of ASCII behind half a character", b"a" * (MIB - 1) + b"\xc3" + b"b" * MIB, "cp1252"),
    ("one odd byte does not outvote UTF-8", "élève, ".encode() * 20 + b"\xe9", "utf-8"),
    ("one odd byte before a megabyte of UTF-8", b"\xe9\n" + "élève, ".encode() * 100, "utf-8"),
    ("some accents by chance do not outvote cp1252", "Ã©".encode("cp1252") + b"Ren\xe9, \xe7a, \xe0 \xe8 ", "cp1252"),
]  # fmt: skip


@pytest.mark.parametrize(("data", "encoding"), [row[1:] for row in ENCODINGS], ids=[row[0] for row in ENCODINGS])
def test_the_encoding_is_found(data: bytes, encoding: str) -> None:
    assert facts_of(data).encoding == encoding


def test_a_byte_without_meaning_is_shown_and_stops_nothing() -> None:
    data = b"Ren\xe9 \x81"
    with text_of(lambda: io.BytesIO(data), facts_of(data)) as text:
        assert text.read() == "René \ufffd"


def test_nul_and_formulas_are_noted_wherever_they_stand() -> None:
    for encoding in ("utf-8", "utf-16", "cp1252"):
        facts = facts_of(("é\n" + "a" * MIB + '\0;="06"').encode(encoding))
        assert (facts.has_nul, facts.has_formulas) == (True, True), encoding
    assert not facts_of(b"a").has_nul


def test_an_encoding_that_was_asked_for_is_taken() -> None:
    assert facts_of("Prénom".encode("mac-roman"), "mac-roman").encoding == "mac-roman"


REFUSED = [
    ("an empty file", b"", None, "it is empty"),
    ("an encoding that nobody knows", b"a", "utf-99", "no encoding called 'utf-99'"),
    ("an encoding that does not fit", b"Ren\xe9", "utf-8", "not all of it is utf-8.*tried: utf-8"),
    ("a character cut at the end", "é".encode()[:1], "utf-8", "not all of it is utf-8"),
    ("UTF-16 without its mark", "Nom;Mobile\n".encode("utf-16-le"), None, "encoding='utf-16-le'.*tried: byte-order"),
    ("a PDF", b"%PDF-1.7", None, "PDF"),
    ("a compressed file", b"\x1f\x8b\x08", None, "gzip"),
    ("a web page named .xls", b"\n<html><table>", None, "web page"),
]  # fmt: skip


@pytest.mark.parametrize(("data", "encoding", "why"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_what_is_refused(data: bytes, encoding: str | None, why: str) -> None:
    with pytest.raises(UnreadableFile, match=f"clients.csv cannot be read: .*{why}"):
        facts_of(data, encoding)
