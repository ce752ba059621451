"""What a text of a message must keep to: how long it may be, and which shape it has."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable

from attrs import frozen

from smskit.display import Level
from smskit.rcs.findings import Finding
from smskit.rcs.limits import count

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:")
_DIALLED = re.compile(r"[0-9+*#]+")
_WEB = ("https://", "http://")


def _is_solid(text: str) -> bool:
    # Asking the C of split is several times as fast as a pattern that walks along the address.
    return text.split() == [text]


def _is_web_address(text: str) -> bool:
    is_web = text.startswith(_WEB) or text[:8].lower().startswith(_WEB)
    return is_web and _is_solid(text) and not text.endswith("://")


def _is_address(text: str) -> bool:
    scheme = _SCHEME.match(text)
    return scheme is not None and scheme.end() < len(text) and _is_solid(text)


def _is_dialled(text: str) -> bool:
    return _DIALLED.fullmatch(text) is not None


@frozen
class Shape:
    """What a text looks like, for texts that are more than words."""

    rule: str
    fits: Callable[[str], bool]
    words: str
    found: str
    is_address: bool = False


WEB_ADDRESS = Shape(
    "form.web_address", _is_web_address, "http:// or https:// and no space", "no web address", is_address=True
)
ANY_ADDRESS = Shape("form.address", _is_address, "a scheme, a colon and no space", "no address", is_address=True)
DIALLED = Shape("form.dial", _is_dialled, "digits and + * # alone", "other characters")


@frozen
class TextRule:
    """The rule of one kind of text.

    Args:
        limit_id: its limit in ``LIMITS``, empty for none.
        most: characters, that is code points.
        least: 1 where an empty text must be left out instead.
        shape: None for words.
        bytes_too: warn when it weighs more bytes in UTF-8 than *most*.
    """

    limit_id: str
    most: int = sys.maxsize
    least: int = 1
    shape: Shape | None = None
    bytes_too: bool = False

    def holds(self, text: str, /) -> bool:
        """Whether there is nothing to find; the short road for almost every text."""
        if not self.least <= len(text) <= self.most:
            return False
        if not text.isascii():
            try:
                weight = len(text.encode())
            except UnicodeEncodeError:
                return False
            if self.bytes_too and weight > self.most:
                return False
        return self.shape is None or self.shape.fits(text)

    def findings(self, text: str, /, path: str = "") -> list[Finding]:
        """Give what is wrong with *text*, which stands at *path*."""
        if self.holds(text):
            return []
        found: list[Finding] = []
        length = len(text)
        weight = len(text.encode(errors="surrogatepass"))
        if length < self.least:
            return [Finding(path, "form.empty", 0, self.least, "characters", advice="leave it out or fill it")]
        if length > self.most:
            found.append(Finding(path, self.limit_id, length, self.most, "characters"))
        elif self.bytes_too and weight > self.most:
            advice = "some carriers count bytes"
            found.append(Finding(path, self.limit_id, weight, self.most, "bytes", Level.WARNING, advice))
        if any("\ud800" <= character <= "\udfff" for character in text):
            found.append(Finding(path, "form.whole", "half a character", "whole characters"))
        if self.shape is not None and not self.shape.fits(text):
            found.append(Finding(path, self.shape.rule, self.shape.found, self.shape.words))
        return found


def _limited(limit_id: str, *, least: int = 1, shape: Shape | None = None, bytes_too: bool = False) -> TextRule:
    return TextRule(limit_id, count(limit_id), least, shape, bytes_too)


MESSAGE_TEXT = _limited("text.max")
LABEL = _limited("suggestion.text.max")
POSTBACK = _limited("suggestion.postback.max", least=0)
FALLBACK_URL = _limited("action.fallbackUrl.max", shape=ANY_ADDRESS)
OPENED_URL = _limited("openUrl.url.max", shape=ANY_ADDRESS)
CALENDAR_TITLE = _limited("calendar.title.max")
CALENDAR_DESCRIPTION = _limited("calendar.description.max", least=0)
CARD_TITLE = _limited("card.title.max", bytes_too=True)
CARD_DESCRIPTION = _limited("card.description.max", bytes_too=True)
DIAL_NUMBER = TextRule("", shape=DIALLED)
FILE_URL = TextRule("", shape=WEB_ADDRESS)
FILE_NAME = TextRule("")
ALT_TEXT = TextRule("")
FREE_TEXT = TextRule("", least=0)
