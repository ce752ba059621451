r"""Links in a text: finding them, reading the host as a browser would, and seeing through disguises.

Nothing here asks ``urlsplit``: for ``https://evil.example\@bank.example`` it answers bank.example and browsers go to
evil.example.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator
from ipaddress import ip_address

from attrs import frozen

from smskit.compliance.folding import skeleton
from smskit.compliance.senders import Brand, resembled

_WITH_SCHEME = r"[a-z][a-z0-9+.-]{1,10}://[^\s<>\"]+"
_WITH_WWW = r"(?<![\w@.-])www\.[^\s<>\"]+"
_BARE = r"(?<![\w@.$-])(?:[\w-]+\.)+(?P<top>[a-zA-Z]{2,24})(?![\w-])(?!\.[\w])(?P<path>[/?#:]\S*)?"
_LINK = re.compile(f"(?i:{_WITH_SCHEME})|(?i:{_WITH_WWW})|{_BARE}")
# What every link has somewhere; most texts without one are told at a glance.
_SHAPE = re.compile(r"://|\.[a-zA-Z]{2}|[wW]{3}\.")
_TRAILING = ".,;:!?)»\"'…"

# Endings that are also words or abbreviations: "samedi.me" and "9h.in" are links only with a path behind them.
_ALSO_WORDS = frozenset(
    {"me", "in", "to", "re", "at", "de", "it", "es", "be", "ch", "top", "live", "work", "club", "page", "link"}
    | {"site", "app", "co", "pm"}
)


@frozen
class Link:
    """One link as it stands in a text.

    ``trick`` says how it hides its host, empty when it does not; ``host`` is then what a browser would visit, as far
    as that can be told.
    """

    raw: str
    host: str
    trick: str = ""


def links_in(text: str, top_level: Collection[str], /) -> Iterator[Link]:
    """Find the links of *text*; a bare ``shop.fr`` counts when its ending is one of *top_level*."""
    shape = _SHAPE.search(text)
    if shape is None:
        return
    # No link has a blank in it: none begins before the word that has the first such shape.
    start = shape.start()
    while start and not text[start - 1].isspace():
        start -= 1
    for match in _LINK.finditer(text, start):
        raw = match[0].rstrip(_TRAILING)
        top = match["top"]
        if top is not None and not _is_bare_link(top, match["path"], top_level):
            continue
        yield read_link(raw)


def _is_bare_link(top: str, path: str | None, top_level: Collection[str]) -> bool:
    ending = top.lower()
    # "samedi.Profitez" is a full stop without a blank behind it; nobody writes an ending as "Fr".
    if ending not in top_level or not (top.islower() or top.isupper()):
        return False
    return ending not in _ALSO_WORDS or bool(path and path[0] in "/?#")


def read_link(raw: str, /) -> Link:
    """Read one link as browsers do; a variable in the host leaves it unread."""
    rest = raw.partition("://")[2] or raw
    # Browsers take a backslash for a slash, so what follows it is no host.
    authority = re.split(r"[/?#\\]", rest, maxsplit=1)[0]
    host = authority.rpartition("@")[2]
    host = host if host.startswith("[") else host.partition(":")[0]
    host = _unicode_host(host.strip(".").lower())
    return Link(raw, host, _trick(rest, authority, host))


def _unicode_host(host: str) -> str:
    if "xn--" not in host:
        return unicodedata.normalize("NFKC", host)
    try:
        return ".".join(_unicode_label(label) for label in host.split("."))
    except UnicodeError:
        return host


def _unicode_label(label: str) -> str:
    return label[4:].encode("ascii").decode("punycode") if label.startswith("xn--") else label


def _trick(rest: str, authority: str, host: str) -> str:
    if "\\" in rest:
        return "backslash"
    if "@" in authority:
        return "user-info"
    if "$" in host:
        return ""
    if _is_address(host):
        return "ip-address"
    if any(_is_mixed(label) for label in host.split(".")):
        return "mixed-script"
    return "" if "." in host else "no-domain"


def _is_address(host: str) -> bool:
    if host.startswith("["):
        return True
    # Browsers read one number, octal and hexadecimal as an IPv4 address too.
    if re.fullmatch(r"(?:0x[0-9a-f]+|\d+)(?:\.(?:0x[0-9a-f]+|\d+)){0,3}", host):
        return True
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _is_mixed(label: str) -> bool:
    """Tell whether a label mixes scripts, or is drawn in another one to look Latin."""
    scripts = {_script(letter) for letter in label if letter.isalpha()}
    if len(scripts) > 1:
        return True
    drawn = skeleton(label)
    return bool(scripts) and scripts != {"LATIN"} and drawn.isascii() and len(drawn) == len(label)


def _script(letter: str) -> str:
    return unicodedata.name(letter, "UNKNOWN").partition(" ")[0]


def is_listed(host: str, allowed: Collection[str], /) -> bool:
    """Tell whether *host* is one of *allowed*; ``*.shop.example`` allows the names below shop.example."""
    if host in allowed:
        return True
    parents = host.split(".")
    return any("*." + ".".join(parents[depth:]) in allowed for depth in range(1, len(parents)))


def borrowed_brand(host: str, brands: Collection[Brand], /) -> Brand | None:
    """Find the brand that a host wears without being its own: ``ameli.aide.example``, ``colissimo-suivi.example``."""
    for label in host.split(".")[:-1]:
        for word in (label, *label.split("-")):
            if len(word) < (3 if word == label else 5):
                continue
            brand = resembled(word, brands)
            if brand is not None and not any(other.owns(host) for other in brands):
                return brand
    return None
