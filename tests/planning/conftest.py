"""A small shop: rows as a file gives them, and a campaign for them."""

from __future__ import annotations

import pytest

import smskit as sk
from smskit.testing.numbers import mobile_numbers

CONSENT = sk.ConsentColumns(granted_at="date_optin", source="origine", withdrawn_at="desinscrit_le")
PRICES = sk.Prices.per_part(FR="0.045", GP="0.0715", MQ="0.0715", GF="0.0715", RE="0.0715", YT="0.0715")
WEDNESDAY = "2026-06-24 12:00"


class Shop:
    """Makes contacts, campaigns and plans with as few words as a test needs."""

    def __init__(self) -> None:
        self._numbers = mobile_numbers("FR", 11)

    def number(self) -> str:
        return f"+{next(self._numbers)}"

    def row(self, **cells: str) -> dict[str, str]:
        usual = {
            "prenom": "Marie", "mobile": self.number(), "code_postal": "75011", "date_optin": "12/03/2025",
            "origine": "caisse", "desinscrit_le": "", "ca": "100",
        }  # fmt: skip
        return {**usual, **cells}

    def contacts(self, *rows: dict[str, str]) -> sk.Contacts:
        return sk.Contacts.read(list(rows), region="FR", consent=CONSENT)

    def campaign(self, contacts: sk.Contacts, text: object = "Bonjour $prenom", **arguments: object) -> sk.Campaign:
        usual = {"to": contacts, "sender": "MABOUTIQUE", "kind": sk.Kind.MARKETING}
        return sk.Campaign("soldes", text, **{**usual, **arguments})

    def plan(self, *rows: dict[str, str], at: object = WEDNESDAY, store: object = None, transport: object = None,
             prices: sk.Prices = PRICES, text: object = "Bonjour $prenom", **arguments: object) -> sk.Plan:  # fmt: skip
        campaign = self.campaign(self.contacts(*rows), text, **arguments)
        return campaign.plan(at=at, prices=prices, store=store, transport=transport)


@pytest.fixture
def shop() -> Shop:
    return Shop()
