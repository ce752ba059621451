"""How a language writes counts, shares, amounts and times."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from attrs import frozen

from smskit.display.words import DASH, THIN, decimals, grouped
from smskit.errors import InvalidInput

_SIGNS = {"EUR": "€", "GBP": "£", "USD": "$", "CHF": "CHF"}


@frozen
class Tongue:
    """A language, as far as numbers and times go.

    Args:
        code: ``en`` or ``fr``, as the ``lang`` of a page.
        decimal: what stands between the units and the tenths.
        days: of the week, from Monday.
        months: of the year.
        clock: a time of day: ``{hour}`` and ``{minute}``.
        date: a day with its name: ``{day_name}``, ``{day}``, ``{month}``, ``{year}`` and ``{clock}``.
        uses_signs: whether an amount has the sign of its currency (``12,50 €``) or its code (``12.50 EUR``).
    """

    code: str
    decimal: str
    days: tuple[str, ...]
    months: tuple[str, ...]
    clock: str
    date: str
    uses_signs: bool

    def count(self, value: int, /) -> str:
        """Write a count: ``16 402``."""
        return grouped(value)

    def number(self, value: float | Decimal, /, *, digits: int = 2, signed: bool = False) -> str:
        """Write a number with *digits* behind the point: ``1 502.90`` or ``1 502,90``."""
        written = decimals(value, digits=digits, signed=signed)
        if not float(written.replace(THIN, "")):
            written = written.replace("-", "").replace("+", "")
        return written.replace("-", "\N{MINUS SIGN}").replace(".", self.decimal)

    def percent(self, share: float | Decimal | None, /, *, digits: int = 1) -> str:
        """Write a share of one as per cent; None, which is not known, as a dash."""
        return DASH if share is None else f"{self.number(share * 100, digits=digits)}{THIN}%"

    def amount(self, value: Decimal | None, currency: str, /, *, digits: int = 2) -> str:
        """Write an amount of money; None, which is not known, as a dash."""
        if value is None:
            return DASH
        written = self.number(value, digits=digits)
        return (
            f"{written}\N{NO-BREAK SPACE}{_SIGNS.get(currency, currency)}"
            if self.uses_signs
            else f"{written} {currency}"
        )

    def moment(self, at: datetime, /) -> str:
        """Write a time on its own clock: ``Wednesday 24 June 2026, 12:00``."""
        clock = self.clock.format(hour=at.hour, minute=at.minute)
        # In French the first of a month is "1er".
        day = "1er" if self.code == "fr" and at.day == 1 else str(at.day)
        return self.date.format(
            day_name=self.days[at.weekday()], day=day, month=self.months[at.month - 1], year=at.year, clock=clock
        )


ENGLISH = Tongue(
    "en",
    ".",
    ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    (
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ),
    "{hour:02d}:{minute:02d}",
    "{day_name} {day} {month} {year}, {clock}",
    uses_signs=False,
)  # fmt: skip

FRENCH = Tongue(
    "fr",
    ",",
    ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
    (
        "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre",
        "décembre",
    ),
    f"{{hour}}{THIN}h{THIN}{{minute:02d}}",
    "{day_name} {day} {month} {year} à {clock}",
    uses_signs=True,
)  # fmt: skip


def tongue(language: str, /) -> Tongue:
    """Give how *language* writes.

    Raises:
        InvalidInput: another language than ``en`` and ``fr``.
    """
    known = {one.code: one for one in (ENGLISH, FRENCH)}
    if language not in known:
        raise InvalidInput(f"language={language!r} is not known; there are 'en' and 'fr'")
    return known[language]
