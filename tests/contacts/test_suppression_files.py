"""Files of people who must not be written to."""

from __future__ import annotations

from datetime import datetime, timezone
from zoneinfo import ZoneInfo

import pytest

from smskit.contacts import read_suppressions
from smskit.errors import InvalidInput, NaiveDatetime, UnknownColumn
from smskit.kinds import Reason
from smskit.records import Suppression

AT = datetime(2026, 1, 2, 3, 4, tzinfo=timezone.utc)


def test_a_list_of_numbers_is_a_list_of_suppressions() -> None:
    entries = read_suppressions(b"0612345678\n+33745678901\n", source="stop.csv", at=AT)
    expected = [
        Suppression(33612345678, Reason.SUPPRESSED, AT, "stop.csv"),
        Suppression(33745678901, Reason.SUPPRESSED, AT, "stop.csv"),
    ]
    assert list(entries) == expected
    assert list(entries) == expected, "they can be gone through again"


def test_a_number_that_cannot_be_read_is_an_issue() -> None:
    entries = read_suppressions(b"STOP\n0612345678\n06123\n", reason=Reason.OPTED_OUT, source="stop.csv", at=AT)
    assert [entry.number for entry in entries] == [33612345678]
    assert [(issue.row, issue.reason) for issue in entries.issues] == [(3, "too_short")]


def test_a_column_of_dates_stands_in_place_of_the_date() -> None:
    paris = AT.astimezone(ZoneInfo("Europe/Paris"))
    entries = read_suppressions(
        "Téléphone;Désinscrit le\n0612345678;24/12/2025\n0745678901;\n".encode(),
        source="crm", at=paris, columns={"at": "Désinscrit le"},
    )  # fmt: skip
    assert [entry.at for entry in entries] == [datetime(2025, 12, 24, tzinfo=ZoneInfo("Europe/Paris")), paris]


def test_what_is_refused() -> None:
    with pytest.raises(NaiveDatetime):
        read_suppressions(b"0612345678\n", source="x", at=datetime(2026, 1, 2))
    with pytest.raises(InvalidInput, match="OPTED_OUT or SUPPRESSED"):
        read_suppressions(b"0612345678\n", source="x", at=AT, reason=Reason.BUDGET)
    with pytest.raises(UnknownColumn, match="'date'"):
        read_suppressions(b"mobile\n0612345678\n", source="x", at=AT, columns={"at": "date"})


def test_no_number_is_shown_whole() -> None:
    entries = read_suppressions(b"0612345678\n06123\n", source="stop.csv", at=AT)
    for shown in (repr(entries), str(entries), repr(list(entries)), str(entries.issues)):
        assert "12345" not in shown
