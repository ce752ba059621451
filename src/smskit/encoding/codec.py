"""GSM-7 as a Python codec: ``"...".encode("gsm7")`` gives a septet in each octet.

Importing :mod:`smskit.encoding` registers the name. Error handlers work as with any codec of Python's own.
"""

# The names and the order of the arguments are those of Python's own codecs.
# ruff: noqa: A002, ARG002, FBT001, FBT002

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING

from smskit.encoding.alphabets import ESCAPE, GSM7

if TYPE_CHECKING:
    from typing_extensions import Buffer

NAME = "gsm7"

_NO_SEPTET = re.compile(rb"[\x80-\xff]")


def encode(text: str, errors: str = "strict") -> tuple[bytes, int]:
    """Encode as :meth:`str.encode` expects of a codec: the octets, and how many characters they stand for.

    Raises:
        UnicodeEncodeError: a character has no place in GSM-7 and *errors* is ``strict``.
    """
    pieces: list[bytes] = []
    start = 0
    while (foreign := GSM7.pattern.search(text, start)) is not None:
        pieces.append(GSM7.encode(text[start : foreign.start()]))
        stop = foreign.end()
        while stop < len(text) and text[stop] not in GSM7.characters:
            stop += 1
        error = UnicodeEncodeError(NAME, text, foreign.start(), stop, "no place in GSM-7")
        instead, start = codecs.lookup_error(errors)(error)
        pieces.append(_octets(instead, error))
        start += len(text) if start < 0 else 0
    pieces.append(GSM7.encode(text[start:]))
    return b"".join(pieces), len(text)


def _octets(instead: str | bytes, error: UnicodeEncodeError) -> bytes:
    if isinstance(instead, bytes):
        return instead
    if GSM7.foreign(instead) is not None:
        raise error
    return GSM7.encode(instead)


def decode(octets: Buffer, errors: str = "strict") -> tuple[str, int]:
    """Decode septets, one in each octet: the text, and how many octets were read.

    Only an octet above 0x7F is an error. An escape that leads nowhere shows what the standard says.

    Raises:
        UnicodeDecodeError: an octet is no septet and *errors* is ``strict``.
    """
    data = bytes(octets)
    pieces: list[str] = []
    start = 0
    while (foreign := _NO_SEPTET.search(data, start)) is not None:
        pieces.append(GSM7.decode(data[start : foreign.start()]))
        error = UnicodeDecodeError(NAME, data, foreign.start(), foreign.end(), "not a septet")
        instead, start = codecs.lookup_error(errors)(error)
        pieces.append(instead if isinstance(instead, str) else instead.decode("ascii"))
        start += len(data) if start < 0 else 0
    pieces.append(GSM7.decode(data[start:]))
    return "".join(pieces), len(data)


def _complete(data: bytes) -> int:
    """Give how much of *data* can be read: an escape at the end waits for the septet that it belongs to."""
    # Two escapes belong together already.
    return len(data) - (len(data) - len(data.rstrip(bytes((ESCAPE,))))) % 2


class _IncrementalEncoder(codecs.IncrementalEncoder):
    def encode(self, input: str, final: bool = False) -> bytes:
        return encode(input, self.errors)[0]


class _IncrementalDecoder(codecs.BufferedIncrementalDecoder):
    def _buffer_decode(self, input: Buffer, errors: str, final: bool) -> tuple[str, int]:
        data = bytes(input)
        read = len(data) if final else _complete(data)
        return decode(data[:read], errors)[0], read


class _StreamWriter(codecs.StreamWriter):
    def encode(self, input: str, errors: str = "strict") -> tuple[bytes, int]:
        return encode(input, errors)


class _StreamReader(codecs.StreamReader):
    def decode(self, input: Buffer, errors: str = "strict") -> tuple[str, int]:
        data = bytes(input)
        read = _complete(data)
        return decode(data[:read], errors)[0], read


def search(name: str) -> codecs.CodecInfo | None:
    """Answer Python's question for a codec of that name."""
    if name != NAME:
        return None
    return codecs.CodecInfo(
        encode,
        decode,
        streamreader=_StreamReader,
        streamwriter=_StreamWriter,
        incrementalencoder=_IncrementalEncoder,
        incrementaldecoder=_IncrementalDecoder,
        name=NAME,
    )
