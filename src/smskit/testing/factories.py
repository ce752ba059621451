"""Messages and rows to test with: seeded, so that a failing test fails again."""

from __future__ import annotations

import json
from datetime import date, timedelta
from random import Random
from typing import Final

from attrs import evolve

from smskit.kinds import Kind
from smskit.rcs import RichMessage, Traffic
from smskit.records import Outgoing

FIRST_NUMBER: Final = 33_612_000_000

# Every third of these first names holds a letter that is not in GSM-7, as a file of French customers has them.
_FIRST_NAMES = ("Anaïs", "Marc", "Zoé", "Loïc", "Inès", "François", "Noël", "Léa", "Jérôme")
_NAMES = ("Martin", "Lefèvre", "Nuñez", "Garçon", "O'Brien", "Bœuf", "Müller", "Petit")
_POSTCODES = ("01000", "13001", "33000", "67000", "75011", "97400")
_SOURCES = ("site", "boutique", "salon")


def outgoing(
    seq: int = 0,
    *,
    run_id: str = "run",
    number: int | None = None,
    text: str = "Bonjour, -15% jusqu'a dimanche. STOP au 36180",
    parts: int = 1,
    sender: str = "MABOUTIQUE",
    kind: Kind = Kind.MARKETING,
) -> Outgoing:
    """Give one message as a transport gets it; each *seq* has a number of its own unless *number* says otherwise."""
    whom = FIRST_NUMBER + seq if number is None else number
    return Outgoing(f"{run_id}-{seq}", whom, text, parts, sender, kind)


def over_rcs(message: Outgoing) -> Outgoing:
    """Give the same message as a carrier over RCS gets it: its text alone, as a rich message."""
    rich = RichMessage(message.text, traffic=Traffic.of(message.kind)).json().decode()
    return evolve(message, text="", rich=rich)


def words_of(message: Outgoing) -> str:
    """Give the text of a message of :func:`outgoing` or :func:`over_rcs`."""
    return message.text if message.rich is None else str(json.loads(message.rich)["contentMessage"]["text"])


def contact_rows(count: int, seed: int = 0, *, today: date = date(2026, 6, 1)) -> tuple[dict[str, str], ...]:
    """Give rows of a French customer file, all clean: distinct mobile numbers, consents of the year before *today*.

    Args:
        count: how many, up to a million.
        seed: another seed, other people with the same numbers.
        today: the day before which everything in the rows happened.

    Returns:
        Rows with ``prenom``, ``nom``, ``telephone``, ``code_postal``, ``date_optin``, ``origine``,
        ``dernier_achat`` (ISO dates) and ``ca_12_mois`` (euros, with a decimal comma), all text as in a file.
    """
    random = Random(seed)
    return tuple(_row(place, random, today) for place in range(count))


def _row(place: int, random: Random, today: date) -> dict[str, str]:
    def before() -> str:
        return (today - timedelta(days=random.randrange(1, 366))).isoformat()

    return {
        "prenom": random.choice(_FIRST_NAMES),
        "nom": random.choice(_NAMES),
        "telephone": f"+{FIRST_NUMBER + place}",
        "code_postal": random.choice(_POSTCODES),
        "date_optin": before(),
        "origine": random.choice(_SOURCES),
        "dernier_achat": before(),
        "ca_12_mois": f"{random.randrange(0, 90_000) / 100:.2f}".replace(".", ","),
    }
