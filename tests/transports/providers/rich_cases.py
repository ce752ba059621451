"""Messages that every carrier over RCS is tried with, each under a sentence, and how their losses are read."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from typing import Any

from attrs import evolve

from smskit.rcs import (
    CalendarEvent,
    Carousel,
    Dial,
    File,
    Media,
    OpenUrl,
    Reply,
    RichCard,
    RichMessage,
    ShareLocation,
    ViewLocation,
)
from smskit.records import Outgoing
from smskit.testing.factories import outgoing
from smskit.transports.wire.rich import Dialect

NOON = datetime(2026, 6, 24, 12, tzinfo=timezone.utc)
PICTURE = "https://b.example/a.jpg"
FILM = Media("https://b.example/f.mp4", thumbnail="https://b.example/t.jpg", height="tall", alt="Une plage")
SHOP = "https://b.example/x"

REPLY = Reply("Oui", postback="oui")
LINK = OpenUrl("Voir", SHOP)
SHEET = OpenUrl("Voir", SHOP, view_mode="tall", description="Les soldes")
CALL = Dial("Appeler", "+33123456789", postback="appel")
PLACE = ViewLocation("Nous trouver", 48.8566, 2.3522, label="Boutique")
WHERE = ShareLocation("Où ?", fallback_url=SHOP)
EVENT = CalendarEvent("Noter", "Soldes", NOON, NOON + timedelta(hours=2), description="-15 %", fallback_url=SHOP)
SUGGESTIONS = {
    "a reply": REPLY,
    "an address": LINK,
    "an address in a sheet": SHEET,
    "a number to dial": CALL,
    "a place": PLACE,
    "a question for the place": WHERE,
    "an event": EVENT,
}

CARD = RichCard("Soldes", "Dès mercredi", media=PICTURE, suggestions=[LINK])
MESSAGES = {
    "a text": RichMessage("Bonjour " * 30),
    "a short text": RichMessage("Bonjour"),
    "a text with suggestions": RichMessage("Bonjour", suggestions=[REPLY, LINK]),
    "a card": RichMessage(CARD),
    "a card on its side": RichMessage(evolve(CARD, orientation="horizontal", side="right")),
    "a card with a film": RichMessage(evolve(CARD, media=FILM)),
    "a card with suggestions under it": RichMessage(CARD, suggestions=[REPLY]),
    "a carousel": RichMessage(Carousel([CARD, evolve(CARD, title="Livres")])),
    "a small carousel with suggestions under it": RichMessage(Carousel([CARD, CARD], width="small"), suggestions=[REPLY]),
    "a file": RichMessage(File("https://b.example/a.pdf")),
}  # fmt: skip


def written(dialect: Dialect, message: RichMessage) -> Any:
    """Give the body as JSON holds it."""
    return json.loads(json.dumps(dialect.convert(message).body))


def told(dialect: Dialect, message: RichMessage) -> list[str]:
    """Give what is found, short: the level, the rule and the end of the path."""
    return [
        f"{one.level.name} {one.rule.removeprefix('carrier.')} {'.'.join(one.path.split('.')[-2:])}"
        for one in dialect.convert(message).losses
    ]


def said(rich: RichMessage, **changes: Any) -> Outgoing:
    """Give a message as it is handed over."""
    return evolve(outgoing(7), text="", rich=rich.json().decode(), **changes)


def ids(rows: Sequence[tuple[Any, ...]]) -> list[str]:
    """Give the sentences of a table."""
    return [row[0] for row in rows]
