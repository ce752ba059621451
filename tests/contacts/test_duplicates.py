"""Numbers in several rows: found, and settled without losing an objection."""

from __future__ import annotations

import pytest

from smskit.contacts import ConsentColumns, Contacts, Duplicate, Keep

# Rows 2, 4 and 6 are one person, 3 and 7 another; 5 has no number, as 8.
TWICE = (
    "prenom;ville;mobile\n"
    "Anaïs;;0612345678\n"
    "Loïc;Nice;0745678901\n"
    ";Paris;+33 6 12 34 56 78\n"
    "Zoé;;\n"
    "Anne;Lyon;00336 12 34 56 78\n"
    ";;07 45 67 89 01\n"
    "Max;;\n"
)


def kept(contacts: Contacts, size: int = 1000) -> list[tuple[int, tuple[str, ...]]]:
    return [
        (row, tuple(cells[index] for cells in batch.columns.values()))
        for batch in contacts.batches(size)
        for index, row in enumerate(batch.rows)
        if index not in batch.duplicates
    ]


def test_numbers_that_several_rows_have() -> None:
    assert Contacts.read(TWICE.encode()).duplicates() == (
        Duplicate(33612345678, (2, 4, 6)),
        Duplicate(33745678901, (3, 7)),
    )


def test_a_duplicate_tells_its_count_and_masks_its_number() -> None:
    one = Duplicate(33612345678, (2, 4, 6))
    assert (one.count, repr(one)) == (3, "Duplicate(number=+336••••••78, rows=(2, 4, 6))")


def test_rows_without_a_number_are_not_duplicates_of_each_other() -> None:
    assert Contacts.read(b"mobile;x\n;a\nabc;b\n;c\n").duplicates() == ()


KEEPS = [
    ("the first", Keep.FIRST, {2: ("Anaïs", "", "0612345678"), 3: ("Loïc", "Nice", "0745678901")}),
    ("the last", Keep.LAST, {6: ("Anne", "Lyon", "00336 12 34 56 78"), 7: ("", "", "07 45 67 89 01")}),
    ("the first, filled", Keep.MERGE, {2: ("Anaïs", "Paris", "0612345678"), 3: ("Loïc", "Nice", "0745678901")}),
]


@pytest.mark.parametrize(("keep", "rows"), [row[1:] for row in KEEPS], ids=[row[0] for row in KEEPS])
@pytest.mark.parametrize("size", [1, 1000])
def test_which_row_stays(keep: Keep, rows: dict[int, tuple[str, ...]], size: int) -> None:
    lonely = {5: ("Zoé", "", ""), 8: ("Max", "", "")}
    assert kept(Contacts.read(TWICE.encode()).deduplicated(keep), size) == sorted({**rows, **lonely}.items())


def test_rows_that_do_not_stay_are_still_there() -> None:
    contacts = Contacts.read(TWICE.encode())
    settled = contacts.deduplicated()
    assert [batch.size for batch in settled.batches()] == [batch.size for batch in contacts.batches()]
    assert [sorted(batch.duplicates) for batch in settled.batches()] == [[2, 4, 5]]
    assert [sorted(batch.duplicates) for batch in contacts.batches()] == [[]]


def test_settling_again_replaces_the_choice() -> None:
    contacts = Contacts.read(TWICE.encode())
    assert kept(contacts.deduplicated(Keep.MERGE).deduplicated(Keep.LAST)) == kept(contacts.deduplicated(Keep.LAST))


CONSENT = ConsentColumns(
    granted_at="granted", source="source", wording="wording", withdrawn_at="withdrawn", opted_out="stop",
    last_contact="contact",
)  # fmt: skip
COLUMNS = ("granted", "source", "wording", "withdrawn", "stop", "contact")


def settled(first: str, second: str, keep: Keep) -> dict[str, str]:
    text = f"{';'.join(COLUMNS)};mobile\n{first};0612345678\n{second};0612345678\n"
    ((_, cells),) = kept(Contacts.read(text.encode(), consent=CONSENT, mobile="mobile").deduplicated(keep))
    return {name: cell for name, cell in zip(COLUMNS, cells[:-1], strict=True) if cell}


OBJECTIONS = [
    ("said in the second row", "01/02/2024;till;;;;", ";;;;oui;", {"stop": "oui"}),
    ("said in the first row", ";;;;oui;", "01/02/2024;till;;;non;", {"stop": "oui"}),
    ("one that cannot be read stands against a no", ";;;;non;", ";;;;peut-être;", {"stop": "peut-être"}),
    ("a plain one stands against one that cannot be read", ";;;;??;", ";;;;yes;", {"stop": "yes"}),
    ("taken back in the second row", "01/02/2024;;;;;", ";;;03/02/2024;;", {"withdrawn": "03/02/2024"}),
    ("taken back twice", ";;;03/02/2024;;", ";;;04/01/2024;;", {"withdrawn": "03/02/2024"}),
    ("taken back on a day that cannot be read", ";;;03/02/2024;;", ";;;hier;;", {"withdrawn": "hier"}),
    ("not said at all", ";;;;non;", ";;;;;", {"stop": "non"}),
]


@pytest.mark.parametrize(("first", "second", "stands"), [r[1:] for r in OBJECTIONS], ids=[r[0] for r in OBJECTIONS])
@pytest.mark.parametrize("keep", list(Keep))
def test_an_objection_in_any_row_stands(first: str, second: str, stands: dict[str, str], keep: Keep) -> None:
    found = settled(first, second, keep)
    if keep is Keep.LAST and stands == {"stop": "non"}:
        stands = {}  # the row that stays says nothing, and a no is no objection to be carried over
    assert {name: found[name] for name in found if name in ("stop", "withdrawn")} == stands


EVIDENCE = [
    (
        "the latest consent wins with its own evidence",
        "01/02/2024;till;A;;;", "05/02/2024;form;;;;",
        {"granted": "05/02/2024", "source": "form"},
    ),
    (
        "an older consent fills nothing of it",
        "05/02/2024;;;;;", "01/02/2024;till;A;;;",
        {"granted": "05/02/2024"},
    ),
    (
        "of two on one day the first row's",
        "05/02/2024;till;;;;", "2024-02-05;form;B;;;",
        {"granted": "05/02/2024", "source": "till"},
    ),
    (
        "evidence without a date that can be read is not mixed",
        ";till;;;;", "soon;form;B;;;",
        {"source": "till"},
    ),
    (
        "an empty row takes the evidence of the other",
        ";;;;;", "01/02/2024;till;A;;;",
        {"granted": "01/02/2024", "source": "till", "wording": "A"},
    ),
    (
        "the last contact is the latest",
        ";;;;;03/02/2024", ";;;;;05/02/2024",
        {"contact": "05/02/2024"},
    ),
]  # fmt: skip


@pytest.mark.parametrize(("first", "second", "stands"), [r[1:] for r in EVIDENCE], ids=[r[0] for r in EVIDENCE])
def test_what_a_merged_row_says_of_consent(first: str, second: str, stands: dict[str, str]) -> None:
    assert settled(first, second, Keep.MERGE) == stands
