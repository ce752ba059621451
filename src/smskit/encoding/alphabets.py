"""Alphabets: what a character weighs on the radio, and which octets stand for it.

An alphabet is an object because there are many: the default one of GSM, its national variants, the reduced ones of some
providers, ASCII and Latin-1 on some routes, UCS-2 for everything else.

Source: 3GPP TS 23.038 clause 6.2 (alphabets) and Annex A (national tables).
"""

from __future__ import annotations

import json
import re
from codecs import utf_16_le_encode
from collections.abc import Iterable, Mapping
from enum import Enum
from functools import cache, cached_property
from importlib.resources import files

from attrs import evolve, field, frozen

from smskit.errors import InvalidInput, UnencodableText

OCTETS = 140
"""Room of one message on the radio (TP-UD), in octets. Source: TS 23.040 clause 9.2.3.24."""

ESCAPE = 0x1B

_BLANK = ""
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


class Language(Enum):
    """National language identifiers. Source: TS 23.038 clause 6.2.1.2.4."""

    TURKISH = 1
    SPANISH = 2
    PORTUGUESE = 3
    BENGALI = 4
    GUJARATI = 5
    HINDI = 6
    KANNADA = 7
    MALAYALAM = 8
    ORIYA = 9
    PUNJABI = 10
    TAMIL = 11
    TELUGU = 12
    URDU = 13


@frozen(eq=False, repr=False, slots=False)
class Alphabet:
    """What all alphabets share; the ones to use are made below it.

    Args:
        name: what people call it; also how it prints.
        bits: size of one unit on the radio: 7, 8 or 16.
        data_coding: the octet of SMPP ``data_coding``.
        dcs: the octet of TP-DCS, None for an alphabet that only exists between application and provider.
    """

    name: str
    bits: int
    data_coding: int
    dcs: int | None

    def __repr__(self) -> str:
        return f"<{self.name}>"

    def __str__(self) -> str:
        return self.name

    def foreign(self, text: str, /) -> int | None:
        """Give the index of the first character of *text* that has no place here, None when all have one."""
        raise NotImplementedError

    def weigh(self, text: str, /) -> int:
        """Give the units of *text*, of which every character must have a place here."""
        raise NotImplementedError

    def encode(self, text: str, /) -> bytes:
        """Give *text* as octets: one septet or character in each, or two for a 16-bit unit, high one first.

        Raises:
            UnencodableText: a character has no place here.
        """
        raise NotImplementedError

    def decode(self, octets: bytes, /) -> str:
        """Give the text of *octets*; whatever has no meaning is shown as the standard says, never refused."""
        raise NotImplementedError

    def room(self, header: int = 0) -> int:
        """Give the units that one message has room for beside a user data header of *header* octets.

        The header is followed by fill bits up to the next septet, and a 16-bit unit is never halved.
        Source: TS 23.040 clause 9.2.3.24.1.
        """
        return (OCTETS - header) * 8 // self.bits

    def fit(self, text: str, start: int, room: int) -> tuple[int, int]:
        """Give the largest index up to which *text* weighs no more than *room* units from *start* on, and its units.

        A character weighs one or two: half of what is too much has to go in any case, so this never overshoots.
        """
        stop = min(start + room, len(text))
        units = self.weigh(text[start:stop])
        while units > room:
            fewer = stop - (units - room + 1) // 2
            units -= self.weigh(text[fewer:stop])
            stop = fewer
        return stop, units

    def _require(self, text: str) -> None:
        index = self.foreign(text)
        if index is not None:
            raise UnencodableText(text[index], index, self.name)


@frozen(eq=False, repr=False, slots=False)
class Septets(Alphabet):
    """GSM-7 with one pair of tables.

    Args:
        main: 128 characters by septet; an empty string where the table has none.
        behind: the same for the table behind the escape.
        locking: language of the main table, None for the default one.
        single: language of the table behind the escape, None for the default one.
        only_read: septets behind the escape that some handsets send; read, but never sent.
    """

    main: tuple[str, ...] = field(default=())
    behind: tuple[str, ...] = field(default=())
    locking: Language | None = None
    single: Language | None = None
    only_read: Mapping[int, str] = field(factory=dict[int, str])

    @cached_property
    def shifted(self) -> Mapping[str, int]:
        """The septet of each character behind the escape; of two places the lower one."""
        places = range(len(self.behind) - 1, -1, -1)
        return {self.behind[septet]: septet for septet in places if self.behind[septet]}

    @cached_property
    def septets(self) -> Mapping[str, bytes]:
        """The octets of each character, one septet in each. A character of both tables takes the shorter form."""
        septets = {character: bytes((ESCAPE, septet)) for character, septet in self.shifted.items()}
        # From the end, so that of two places in one table the lower one stays.
        for septet in range(len(self.main) - 1, -1, -1):
            if self.main[septet]:
                septets[self.main[septet]] = bytes((septet,))
        return septets

    @cached_property
    def characters(self) -> frozenset[str]:
        """Every character that has a place here."""
        return frozenset(self.septets)

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """Finds a character that has no place here."""
        return re.compile(f"[^{re.escape(''.join(sorted(self.septets)))}]")

    @cached_property
    def _heavy(self) -> re.Pattern[str]:
        heavy = sorted(character for character, septets in self.septets.items() if len(septets) == 2)
        return re.compile(f"[{re.escape(''.join(heavy))}]" if heavy else r"(?!)")

    @cached_property
    def _encoder(self) -> Mapping[int, str]:
        return {ord(character): octets.decode("latin-1") for character, octets in self.septets.items()}

    @cached_property
    def _decoder(self) -> Mapping[int, str]:
        # A place without a character shows a space; a stray escape at the very end shows nothing better.
        return {septet: character or " " for septet, character in enumerate(self.main)}

    @cached_property
    def _shift_decoder(self) -> Mapping[str, str]:
        behind = {chr(septet): character for septet, character in enumerate(self.behind) if character}
        behind.update((chr(septet), character) for septet, character in self.only_read.items())
        # A second escape is reserved for a further table: one space. Source: TS 23.038 clause 6.2.1.1, note 1.
        behind["\x1b"] = " "
        return behind

    def foreign(self, text: str, /) -> int | None:
        """Give the index of the first character of *text* that has no place here, None when all have one."""
        found = self.pattern.search(text)
        return found.start() if found else None

    def weigh(self, text: str, /) -> int:
        """Give the septets of *text*, of which every character must have a place here."""
        return len(text) + len(self._heavy.findall(text))

    def encode(self, text: str, /) -> bytes:
        """Give the septets of *text*, one in each octet.

        Raises:
            UnencodableText: a character has no place here.
        """
        self._require(text)
        return text.translate(self._encoder).encode("ascii")

    def decode(self, octets: bytes, /) -> str:
        """Give the text of septets, one in each octet.

        An escape before a place that is empty shows the character of the main table; two escapes show one space.
        Source: TS 23.038 clauses 6.2.1 and 6.2.1.1.

        Raises:
            InvalidInput: an octet is above 0x7F, so these are no septets.
        """
        if not octets.isascii():
            index = next(i for i, octet in enumerate(octets) if octet > 0x7F)
            raise InvalidInput(f"octet {octets[index]:#04x} at index {index} is no septet; unpack the data first")
        head, *escaped = re.split("\x1b(?s:(.|$))", octets.decode("ascii"))
        shown = [head.translate(self._decoder)]
        for behind, following in zip(escaped[::2], escaped[1::2], strict=True):
            shown.append(self._shift_decoder.get(behind) or behind.translate(self._decoder))
            shown.append(following.translate(self._decoder))
        return "".join(shown)

    def without(self, characters: Iterable[str], name: str) -> Septets:
        """Give this alphabet with fewer characters, as some providers offer it; reading stays as it is."""
        gone = frozenset(characters)
        kept = {character: octets for character, octets in self.septets.items() if character not in gone}
        fewer = evolve(self, name=name)
        # In the place of the cached property, as if it had been worked out already.
        fewer.__dict__["septets"] = kept
        return fewer


@frozen(eq=False, repr=False, slots=False)
class Octets(Alphabet):
    """One octet for each character: a plain code page."""

    codec: str = "ascii"

    def foreign(self, text: str, /) -> int | None:
        """Give the index of the first character of *text* that has no place here, None when all have one."""
        try:
            text.encode(self.codec)
        except UnicodeEncodeError as error:
            return error.start
        return None

    def weigh(self, text: str, /) -> int:
        """Give the octets of *text*."""
        return len(text)

    def encode(self, text: str, /) -> bytes:
        """Give the octets of *text*.

        Raises:
            UnencodableText: a character has no place here.
        """
        self._require(text)
        return text.encode(self.codec)

    def decode(self, octets: bytes, /) -> str:
        """Give the text of *octets*; one without meaning shows as U+FFFD."""
        return octets.decode(self.codec, "replace")


@frozen(eq=False, repr=False, slots=False)
class Utf16(Alphabet):
    """UCS-2 as handsets have it: UTF-16, where an emoji is two units.

    Half a surrogate pair is no character. It weighs one unit and is sent as U+FFFD, unless ``strict`` refuses it.
    """

    strict: bool = field(default=False, kw_only=True)

    def foreign(self, text: str, /) -> int | None:
        """Give None: every character has a place; in the strict form the index of the first lone surrogate."""
        found = _LONE_SURROGATE.search(text) if self.strict else None
        return found.start() if found else None

    def weigh(self, text: str, /) -> int:
        """Give the 16-bit units of *text*."""
        return len(utf_16_le_encode(text, "surrogatepass")[0]) // 2

    def encode(self, text: str, /) -> bytes:
        """Give *text* as 16-bit units, high octet first.

        Raises:
            UnencodableText: a lone surrogate, in the strict form.
        """
        self._require(text)
        try:
            return text.encode("utf-16-be")
        except UnicodeEncodeError:
            return _LONE_SURROGATE.sub("\ufffd", text).encode("utf-16-be")

    def decode(self, octets: bytes, /) -> str:
        """Give the text of *octets*; half a pair or half a unit shows as U+FFFD."""
        return octets.decode("utf-16-be", "replace")


_DEFAULT = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ"
    " !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
# The escape itself is no character: typed in a text (U+001B) it would turn what follows into another sign.
_MAIN = tuple(_BLANK if character == "\x1b" else character for character in _DEFAULT)
_EXTENSION = {
    0x0A: "\f", 0x14: "^", 0x28: "{", 0x29: "}", 0x2F: "\\", 0x3C: "[", 0x3D: "~", 0x3E: "]", 0x40: "|", 0x65: "€",
}  # fmt: skip
_BEHIND = tuple(_EXTENSION.get(septet, _BLANK) for septet in range(128))

GSM7 = Septets("GSM-7", 7, 0x00, 0x00, _MAIN, _BEHIND)
"""The default alphabet with its extension. Source: TS 23.038 clauses 6.2.1 and 6.2.1.1."""

UCS2 = Utf16("UCS-2", 16, 0x08, 0x08)
"""Everything else; two units for an emoji. Source: TS 23.038 clause 6.2.3."""

UCS2_STRICT = Utf16("UCS-2", 16, 0x08, 0x08, strict=True)
"""UCS-2 that refuses half a surrogate pair instead of sending U+FFFD."""

ASCII = Octets("ASCII", 8, 0x01, None, "ascii")
"""IA5 on routes that damage everything else (SMPP data_coding 1)."""

LATIN1 = Octets("Latin-1", 8, 0x03, None, "latin-1")
"""ISO 8859-1 between application and provider (SMPP data_coding 3)."""

TELNYX = GSM7.without("€Ç§¤ÆΔΦΓΛΩΠΨΣΘΞ", "GSM-7 of Telnyx")
"""What Telnyx documents as its GSM-7. Source: Telnyx, page "message encoding", as read for this table in 2025."""


_Table = Mapping[str, "list[int | None]"]


@cache
def _annex() -> Mapping[str, _Table]:
    """Annex A, read from its file when the first national table is asked for."""
    annex: Mapping[str, _Table] = json.loads(files("smskit.encoding").joinpath("national.json").read_text("utf-8"))
    return annex


def _characters(kind: str, language: Language) -> tuple[str, ...]:
    points = _annex()[kind].get(str(language.value), [])
    return tuple(_BLANK if point is None else chr(point) for point in points)


def national(*, locking: Language | None = None, single: Language | None = None) -> Septets:
    """Give GSM-7 with national tables.

    Args:
        locking: language of the main table; None keeps the default one. Spanish has none of its own.
        single: language of the table behind the escape; None keeps the default one.

    Raises:
        InvalidInput: *locking* is Spanish.

    Source: TS 23.038 Annex A.2 (single shift) and A.3 (locking shift).
    """
    return GSM7 if locking is None and single is None else _national(locking, single)


@cache
def _national(locking: Language | None, single: Language | None) -> Septets:
    main = _MAIN if locking is None else _characters("locking", locking)
    if not main:
        raise InvalidInput("Spanish has no locking table (TS 23.038 A.3.2 is void); use national(single=...)")
    behind = _BEHIND if single is None else _characters("single_shift", single)
    extra = () if single is None else _characters("only_read", single)
    only_read = {septet: character for septet, character in enumerate(extra) if character}
    words = [
        f"{kind} {language.name.title()}" for kind, language in (("locking", locking), ("single", single)) if language
    ]
    return Septets(f"GSM-7 {', '.join(words)}", 7, 0x00, 0x00, main, behind, locking, single, only_read)
