"""The quick look at a batch finds exactly what the close look at each text finds."""

from __future__ import annotations

import random
from datetime import datetime, timezone

import pytest

from smskit.compliance import CampaignFacts, Rules
from smskit.kinds import Kind

AT = datetime(2026, 6, 24, 10, tzinfo=timezone.utc)
PIECES = (
    "60417", "81212", "C60417", "é60417", "_60417", "-60417", " 60417", "/81212", "2 €", "EUR", "€", " envoyez ",
    "JEU au ", "stop ", "\n", "12", "a", "’", "“", "№", "—", "CPF", " casino ", "0899701234",
)  # fmt: skip


@pytest.mark.parametrize("kind", [Kind.MARKETING, Kind.NOTIFICATION])
def test_the_quick_look_misses_nothing_and_invents_nothing(kind: Kind) -> None:
    facts = CampaignFacts(kind=kind, sender="MABOUTIQUE", text="Bonjour $x, à bientôt", at=AT)
    desk = Rules.default().desk(facts)
    draw = random.Random(3)
    texts = ["Bonjour " + "".join(draw.choices(PIECES, k=draw.randint(1, 6))) + ", à bientôt" for _ in range(1_500)]
    quick = desk.content(texts)
    closely = desk._reader._read_each(texts)
    assert quick.keys() == closely.keys()
    assert len(quick) > 50
