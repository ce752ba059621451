"""What the handset shows: a name, a short code or a number; and whose name it resembles."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from enum import Enum
from typing import cast

from attrs import frozen

from smskit.compliance.folding import fold, one_apart, skeleton

_DIGITS = re.compile(r"\+?[\d\s().-]*\d[\d\s().-]*")


class SenderKind(Enum):
    """Which rules look at a sender."""

    NAME = "name"
    SHORT_CODE = "short_code"
    NUMBER = "number"
    SHARED = "shared"
    """None was given: the carrier puts a number of its own, and answers for it."""


def sender_kind(sender: str, /) -> SenderKind:
    """Tell a name from a short code (at most six digits), from a telephone number, and from none."""
    if not sender.strip():
        return SenderKind.SHARED
    if not _DIGITS.fullmatch(sender):
        return SenderKind.NAME
    return SenderKind.SHORT_CODE if len(digits(sender)) <= 6 and "+" not in sender else SenderKind.NUMBER


def digits(sender: str, /) -> str:
    """Give the digits of a sender."""
    return re.sub(r"\D", "", sender)


def national(sender: str, country_code: str, /) -> str | None:
    """Give the national part of a number of one country without its leading zero, None for another country's."""
    number = digits(sender)
    if sender.strip().startswith("+") or number.startswith("00"):
        number = number.removeprefix("00")
        return number.removeprefix(country_code) if number.startswith(country_code) else None
    if number.startswith("0"):
        return number[1:]
    return number.removeprefix(country_code) if number.startswith(country_code) else None


@frozen(cache_hash=True)
class Brand:
    """A name that others like to borrow, what else it is called, and where it lives."""

    name: str
    spellings: tuple[str, ...]
    skeletons: frozenset[str]
    domains: tuple[str, ...]

    def owns(self, host: str) -> bool:
        """Tell whether *host* is the brand's own."""
        return any(host == domain or host.endswith(f".{domain}") for domain in self.domains)


def read_brands(table: object) -> tuple[Brand, ...]:
    """Read a table of brands: name, aliases, domains."""
    rows = cast("Sequence[Mapping[str, object]]", table) if isinstance(table, list) else ()
    return tuple(_read_brand(row) for row in rows)


def _read_brand(row: Mapping[str, object]) -> Brand:
    names = (str(row["name"]), *_words(row.get("aliases")))
    return Brand(
        name=names[0],
        spellings=tuple(fold(name) for name in names),
        skeletons=frozenset(skeleton(name) for name in names),
        domains=tuple(_words(row.get("domains"))),
    )


def _words(value: object) -> list[str]:
    return cast("list[str]", value) if isinstance(value, list) else []


def resembled(name: str, brands: Iterable[Brand], /) -> Brand | None:
    """Find the brand whose name *name* equals or resembles; a name that only contains one does not.

    Two skeletons resemble each other when one letter tells them apart and both have five or more.
    """
    seen = skeleton(name)
    for brand in brands:
        if seen in brand.skeletons:
            return brand
    if len(seen) < 5:
        return None
    return next((brand for brand in brands if any(_near(seen, own) for own in brand.skeletons)), None)


def _near(seen: str, own: str) -> bool:
    return len(own) >= 5 and one_apart(seen, own)
