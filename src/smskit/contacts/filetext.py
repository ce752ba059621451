"""From the bytes of a file to its text; the whole file decides its encoding, before a row is given out."""

from __future__ import annotations

import codecs
import io
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from typing import BinaryIO, TextIO

from attrs import frozen

from smskit.errors import UnreadableFile

Opener = Callable[[], BinaryIO]

_BLOCK = 1 << 20

# The mark of UTF-32 LE begins with that of UTF-16 LE: longest first.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

_NOT_TEXT = (
    (b"%PDF", "it is a PDF; export the table as CSV"),
    (b"\x1f\x8b", "it is compressed with gzip; unpack it first"),
    (b"Rar!", "it is a RAR archive; unpack it first"),
    (b"7z\xbc\xaf", "it is a 7z archive; unpack it first"),
    (b"SQLite format 3", "it is an SQLite database; export the table as CSV"),
    (b"PAR1", "it is a Parquet file; read it with pyarrow or polars and give the table"),
)

# One odd byte in a UTF-8 file must not turn every é into Ã©: this many good characters outvote one bad byte.
_GOOD_FOR_ONE_BAD = 10


@frozen
class TextFacts:
    """How a file has to be decoded, and what has to be mended on the way."""

    encoding: str
    errors: str = "strict"
    has_nul: bool = False
    has_formulas: bool = False


@contextmanager
def text_of(opener: Opener, facts: TextFacts) -> Generator[TextIO, None, None]:
    """Open a file as lines of text; line ends stay as they are, as the csv module wants them."""
    with opener() as raw, io.TextIOWrapper(raw, facts.encoding, facts.errors, newline="") as text:
        yield text


def examined(opener: Opener, name: str, encoding: str | None = None) -> TextFacts:
    """Decide how to decode a file: byte-order mark, else UTF-8 if all of it is, else cp1252.

    The whole file is read once, in blocks: an é of cp1252 may stand at its very end.

    Raises:
        UnreadableFile: it is empty, it is no text, or it is not in the *encoding* that was asked for.
    """
    with opener() as raw:
        first = raw.read(_BLOCK)
        if not first:
            raise UnreadableFile(name, "it is empty")
        _refuse_binary(name, first)
        if encoding is not None:
            return _asked_for(raw, first, name, encoding)
        for mark, marked in _MARKS:
            if first.startswith(mark):
                return _marked(raw, first, marked)
        return _unmarked(raw, first, name)


def _refuse_binary(name: str, first: bytes) -> None:
    for magic, reason in _NOT_TEXT:
        if first.startswith(magic):
            raise UnreadableFile(name, reason)
    if first.lstrip()[:200].lower().startswith((b"<html", b"<!doctype html", b"<table", b"<?xml")):
        raise UnreadableFile(name, "it is a web page or XML, whatever its ending; save it as CSV or xlsx")


def _blocks(raw: BinaryIO, first: bytes) -> Iterator[bytes]:
    block = first
    while block:
        yield block
        block = raw.read(_BLOCK)


def _asked_for(raw: BinaryIO, first: bytes, name: str, encoding: str) -> TextFacts:
    try:
        decoder = codecs.getincrementaldecoder(encoding)()
    except LookupError:
        raise UnreadableFile(name, f"there is no encoding called {encoding!r}") from None
    nul = formulas = False
    try:
        for block in _blocks(raw, first):
            text = decoder.decode(block)
            nul, formulas = nul or "\0" in text, formulas or '="' in text
        decoder.decode(b"", final=True)
    except UnicodeError as error:
        raise UnreadableFile(
            name, f"not all of it is {encoding}; leave encoding= out to have it found", (encoding,)
        ) from error
    return TextFacts(encoding, "strict", nul, formulas)


def _marked(raw: BinaryIO, first: bytes, encoding: str) -> TextFacts:
    # The mark is the writer's own word: bytes that do not fit are damage and are shown as U+FFFD, an issue
    # each.
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    nul = formulas = False
    for block in _blocks(raw, first):
        text = decoder.decode(block)
        nul, formulas = nul or "\0" in text, formulas or '="' in text
    return TextFacts(encoding, "replace", nul, formulas)


def _unmarked(raw: BinaryIO, first: bytes, name: str) -> TextFacts:
    if first.count(0) * 4 > len(first):
        raise UnreadableFile(
            name,
            "every other byte is zero; if it is UTF-16 without its mark, say encoding='utf-16-le'",
            ("byte-order mark", "utf-8", "cp1252"),
        )
    nul = formulas = False
    utf8 = _Utf8Check()
    for block in _blocks(raw, first):
        nul, formulas = nul or b"\0" in block, formulas or b'="' in block
        utf8.feed(block)
    encoding, errors = utf8.verdict()
    return TextFacts(encoding, errors, nul, formulas)


class _Utf8Check:
    """Whether bytes are UTF-8, fed block by block; as long as they are ASCII this costs next to nothing."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._pending = b""
        self._good = 0
        self._bad = 0

    def feed(self, block: bytes) -> None:
        if self._bad or (not self._pending and block.isascii()):
            return
        tail = self._pending
        try:
            text = self._decoder.decode(block)
        except UnicodeDecodeError:
            self._weigh(tail + block)
            return
        # A character outside ASCII takes more bytes than one: the surplus counts them.
        self._good += len(block) - len(text)
        self._pending = self._decoder.getstate()[0]

    def _weigh(self, block: bytes) -> None:
        # The verdict falls in the block of the first bad byte: good and bad are counted in it, and what came
        # before.
        text = block.decode("utf-8", "replace")
        self._bad = text.count("�")
        kept = text.replace("�", "")
        self._good += len(kept.encode()) - len(kept)

    def verdict(self) -> tuple[str, str]:
        if self._pending:
            self._bad += 1
        if not self._bad:
            return "utf-8", "strict"
        if self._good > self._bad * _GOOD_FOR_ONE_BAD:
            return "utf-8", "replace"
        # Five bytes mean nothing in cp1252: they are shown as U+FFFD, an issue each.
        return "cp1252", "replace"
