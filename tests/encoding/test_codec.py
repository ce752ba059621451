"""GSM-7 as a codec of Python, and reading septets that no table explains."""

from __future__ import annotations

import codecs
import io

import pytest

from smskit.encoding import GSM7, UCS2, Language, decode, national
from smskit.errors import InvalidInput


def test_the_codec_is_there_and_agrees_with_the_alphabet():
    everything = "".join(sorted(GSM7.characters))
    assert len(everything) == 137
    assert everything.encode("gsm7") == GSM7.encode(everything)
    assert everything.encode("gsm7").decode("gsm7") == everything


SHOWN = [
    ("an escape before an empty place shows the main table", "1b41", "A"),
    ("two escapes are one space", "1b1b", " "),
    ("an escape at the end shows nothing", "411b", "A"),
    ("an escape in front of the carriage return is no letter", "1b0d", "\r"),
    ("form feed", "1b0a", "\f"),
    ("three escapes and an e are a space and the euro sign", "1b1b1b65", " €"),
    ("a line feed behind an escaped letter", "1b650a", "€\n"),
]


@pytest.mark.parametrize(("octets", "text"), [row[1:] for row in SHOWN], ids=[row[0] for row in SHOWN])
def test_what_leads_nowhere_is_shown_as_the_standard_says(octets, text):
    assert decode(bytes.fromhex(octets)) == text
    assert bytes.fromhex(octets).decode("gsm7") == text


def test_national_tables_are_read():
    portuguese = national(single=Language.PORTUGUESE)
    assert decode(GSM7.encode("a") + b"\x1b\x1f", alphabet=portuguese) == "aÊ"
    turkish = national(locking=Language.TURKISH, single=Language.TURKISH)
    assert decode(turkish.encode("İğş€"), alphabet=turkish) == "İğş€"
    # Telugu: some handsets put the euro sign where the table has nothing. Read it, never send it.
    telugu = national(single=Language.TELUGU)
    assert decode(b"\x1b\x65", alphabet=telugu) == "€"
    assert "€" not in telugu.characters
    # A place of a locking table that is blank shows a space.
    assert decode(b"\x00", alphabet=national(locking=Language.TAMIL)) == " "


def test_other_alphabets_are_read():
    assert decode(b"\xd8\x3d\xde\x00\xd8\x3d\x00a", alphabet=UCS2) == "😀\ufffda"
    with pytest.raises(InvalidInput, match="index 1"):
        decode(b"a\x80")
    with pytest.raises(TypeError):
        decode("abc")


def test_encoding_errors_are_pythons_own():
    with pytest.raises(UnicodeEncodeError) as caught:
        "abçç€".encode("gsm7")
    assert (caught.value.encoding, caught.value.start, caught.value.end) == ("gsm7", 2, 4)
    assert "abçç€".encode("gsm7", "replace") == b"ab??\x1be"
    assert "çabç".encode("gsm7", "ignore") == b"ab"
    assert "ç€".encode("gsm7", "backslashreplace") == b"\x1b\x2fxe7\x1be"
    assert "ç".encode("gsm7", "xmlcharrefreplace") == GSM7.encode("&#231;")


def test_an_error_handler_may_answer_what_it_likes():
    codecs.register_error("smskit.test.octets", lambda error: (b"\x05", error.end))
    codecs.register_error("smskit.test.foreign", lambda error: ("ç", error.end))
    codecs.register_error("smskit.test.from_the_end", lambda error: ("e", -1))
    assert "aça".encode("gsm7", "smskit.test.octets") == b"a\x05a"
    with pytest.raises(UnicodeEncodeError):
        "aça".encode("gsm7", "smskit.test.foreign")
    assert "açbbc".encode("gsm7", "smskit.test.from_the_end") == b"aec"


def test_decoding_errors_are_pythons_own():
    with pytest.raises(UnicodeDecodeError) as caught:
        b"ab\xff".decode("gsm7")
    assert (caught.value.start, caught.value.end) == (2, 3)
    assert b"a\xff\x80b".decode("gsm7", "replace") == "a\ufffd\ufffdb"
    assert b"a\xffb".decode("gsm7", "ignore") == "ab"


def test_octet_by_octet_gives_the_same_text():
    text = "Été [12 €] à la \f fin"
    octets = text.encode("gsm7") + b"\x1b\x1b" + b"\x1bA"
    decoder = codecs.getincrementaldecoder("gsm7")()
    pieces = [decoder.decode(octets[place : place + 1]) for place in range(len(octets))]
    assert "".join(pieces) + decoder.decode(b"", final=True) == octets.decode("gsm7") == text + " A"
    encoder = codecs.getincrementalencoder("gsm7")()
    assert b"".join(encoder.encode(character) for character in text) == text.encode("gsm7")


def test_an_escape_that_waits_at_the_end_is_read_at_last():
    decoder = codecs.getincrementaldecoder("gsm7")()
    assert decoder.decode(b"A\x1b") == "A"
    assert decoder.decode(b"e") == "€"
    assert decoder.decode(b"\x1b") == ""
    assert decoder.decode(b"", final=True) == ""


def test_streams():
    target = io.BytesIO()
    codecs.getwriter("gsm7")(target).write("12 €")
    assert target.getvalue() == b"12 \x1be"
    assert codecs.getreader("gsm7")(io.BytesIO(target.getvalue())).read() == "12 €"
    assert io.TextIOWrapper(io.BytesIO(b"12 \x1be"), encoding="gsm7", newline="").read() == "12 €"
