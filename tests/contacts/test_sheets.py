"""Spreadsheets. The workbooks in tests/fixtures hold the same sheet ``Clients``, written by openpyxl, xlwt and odfpy:

    Prénom   Tél. portable  Code postal  Client depuis         Points  VIP
    Anaïs    "0612345678"   "06308"      a date                12.5    yes
    Léo      745678901      6308         a date with an hour   3       no
    (an empty row)
    Zoë                     "97200"

and ``contacts.xlsx`` also an empty sheet before it; behind it a list of two numbers without headers (``Stop``), and a
table of one contact whose headers stand in B3 and C3 (``Décalé``).
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from smskit.contacts import Contacts
from smskit.errors import InvalidInput, UnreadableFile

FIXTURES = Path(__file__).parent.parent / "fixtures"

pytest.importorskip("python_calamine", reason="spreadsheets take python-calamine, the extra 'excel'")


@pytest.mark.parametrize("ending", ["xlsx", "xls", "ods"])
def test_a_workbook_is_text(ending: str) -> None:
    first, second = Contacts.read(FIXTURES / f"contacts.{ending}").batches()
    assert (first.first_row, first.numbers) == (2, [33612345678, 33745678901])
    assert {name: list(cells) for name, cells in first.columns.items()} == {
        "prenom": ["Anaïs", "Léo"],
        "tel_portable": ["0612345678", "745678901"],
        "code_postal": ["06308", "6308"],
        "client_depuis": ["2024-01-02", "2024-05-06T07:08:09"],
        "points": ["12.5", "3"],
        "vip": ["true", "false"],
    }
    assert (second.first_row, list(second.columns["prenom"]), second.numbers) == (5, ["Zoë"], [0])


def test_what_a_spreadsheet_dropped_is_an_issue() -> None:
    issues = Contacts.read(FIXTURES / "contacts.xlsx").issues
    assert [(issue.row, issue.column, issue.reason, issue.repaired) for issue in issues] == [
        (3, "tel_portable", "lost_zero", True),
        (3, "code_postal", "postal_code_zero", False),
        (5, "tel_portable", "missing", False),
    ]


@pytest.mark.parametrize("sheet", ["Stop", 2])
def test_a_sheet_by_name_or_place_and_without_headers(sheet: str | int) -> None:
    contacts = Contacts.read(FIXTURES / "contacts.xlsx", sheet=sheet)
    assert contacts.names == ("column_1",)
    (batch,) = contacts.batches()
    assert (batch.first_row, batch.numbers) == (1, [33612345678, 33745678901])


def test_the_kind_of_file_is_told_by_its_bytes() -> None:
    contacts = Contacts.read((FIXTURES / "contacts.ods").read_bytes())
    assert contacts.roles["mobile"] == "tel_portable"


def test_a_table_that_does_not_begin_in_the_corner() -> None:
    contacts = Contacts.read(FIXTURES / "contacts.xlsx", sheet="Décalé")
    (batch,) = contacts.batches()
    assert (contacts.first_row, batch.first_row, batch.numbers) == (4, 4, [33612345678])
    assert contacts.resolve("nom") == "nom"


def test_small_batches_give_the_same_rows() -> None:
    contacts = Contacts.read(FIXTURES / "contacts.xlsx")
    assert [list(batch.rows) for batch in contacts.batches(1)] == [[2], [3], [5]]


@pytest.mark.parametrize("sheet", ["Clientes", 4, -1])
def test_a_sheet_that_is_not_there(sheet: str | int) -> None:
    with pytest.raises(InvalidInput, match="the sheets are 'Vide', 'Clients', 'Stop', 'Décalé'"):
        Contacts.read(FIXTURES / "contacts.xlsx", sheet=sheet)


def test_an_empty_sheet() -> None:
    with pytest.raises(UnreadableFile, match="not one row"):
        Contacts.read(FIXTURES / "contacts.xlsx", sheet="Vide")


@pytest.mark.parametrize("magic", [b"PK\x03\x04 and no zip", b"\xd0\xcf\x11\xe0 and no workbook"])
def test_a_broken_workbook_is_one_clear_error(magic: bytes) -> None:
    with pytest.raises(UnreadableFile, match=r"bytes cannot be read: .*tried: python-calamine"):
        Contacts.read(magic)


def test_a_workbook_that_makes_the_reader_panic_is_one_clear_error() -> None:
    # Cut in the middle of its last sector: python-calamine 0.9.1 panics.
    damaged = (FIXTURES / "contacts.xls").read_bytes()[:4500]
    with pytest.raises(UnreadableFile, match="no workbook that can be read"):
        list(Contacts.read(damaged).batches())


def test_without_the_extra_the_way_out_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "python_calamine", None)
    with pytest.raises(UnreadableFile, match=r"pip install 'smskit\[excel\]'"):
        Contacts.read(FIXTURES / "contacts.xlsx")
