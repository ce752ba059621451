from __future__ import annotations

from datetime import date

from smskit.testing.factories import contact_rows, outgoing


def test_rows_are_the_same_for_the_same_seed() -> None:
    assert contact_rows(50, 1) == contact_rows(50, 1)
    assert contact_rows(50, 1) != contact_rows(50, 2)
    assert contact_rows(50, 1) == contact_rows(80, 1)[:50]


def test_rows_are_clean() -> None:
    rows = contact_rows(500, today=date(2026, 6, 1))
    assert len({row["telephone"] for row in rows}) == 500
    assert all(row["telephone"].startswith("+336") and len(row["telephone"]) == 12 for row in rows)
    assert all(row["date_optin"] < "2026-06-01" for row in rows)
    assert all("2025-06-01" <= row["dernier_achat"] < "2026-06-01" for row in rows)
    assert {row["code_postal"][0] for row in rows} >= {"0", "9"}
    assert any("ï" in row["prenom"] for row in rows)


def test_each_message_has_a_number_of_its_own() -> None:
    messages = [outgoing(seq) for seq in range(5)]
    assert len({message.number for message in messages}) == 5
    assert outgoing(3, run_id="a", number=33612345678).reference == "a-3"
    assert "612345678" not in repr(outgoing(number=33612345678))
