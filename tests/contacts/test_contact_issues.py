"""What is said of rows that need a look."""

from __future__ import annotations

import pytest

from smskit.contacts import Contacts, Issue
from smskit.contacts import issues as noted
from smskit.contacts.sources import Fault
from smskit.display import to_text
from smskit.phone.reading import Problem, Repair


def issues_of(text: str, encoding: str = "utf-8") -> list[tuple[int, str, str, str, bool]]:
    issues = Contacts.read(text.encode(encoding)).issues
    return [(issue.row, issue.column, issue.value, issue.reason, issue.repaired) for issue in issues]


NUMBERS = [
    ("a plain number is no issue", "06 12 34 56 78", None),
    ("a number with a country code is no issue", "+33612345678", None),
    ("a lost zero is mended", "612345678", ("61•••••78", "lost_zero", True)),
    ("an overseas number is mended", "596696123456", ("59••••••••56", "missing_plus", True)),
    ("an overseas number in its national form too", "0696123456", ("06••••••56", "overseas_prefix", True)),
    ("spreadsheet notation is refused", "6,12346E+08", ("6,•••••••08", "spreadsheet_notation", False)),
    ("two numbers are refused", "0612345678 / 0745678901", ("06•••••••••••••••••••01", "two_numbers", False)),
    ("a fixed line is refused", "0123456789", ("01••••••89", "not_mobile", False)),
    ("nothing is an issue", "", ("", "missing", False)),
]


@pytest.mark.parametrize(("cell", "issue"), [row[1:] for row in NUMBERS], ids=[row[0] for row in NUMBERS])
def test_the_issue_of_a_number(cell: str, issue: tuple[str, str, bool] | None) -> None:
    expected = [] if issue is None else [(2, "mobile", *issue)]
    assert issues_of(f"nom;mobile\nA;{cell}\n") == expected


TEXTS = [
    ("UTF-8 read as cp1252", "AndrÃ©", True),
    ("a capital too", "Ã‰lodie", True),
    ("a quotation mark too", "lâ€™Hay", True),
    ("a no-break space too", "12Â\u00a0000", True),
    ("a degree sign too", "nÂ°3", True),
    ("a ligature too", "CÅ“ur", True),
    ("a byte that was lost", "Ren\ufffd", True),
    ("plain accents", "Hélène Œuvré", False),
    ("a circumflex at the beginning of a word", "Âge ÂGE", False),
    ("Portuguese", "JOÃO São CORAÇÃO", False),
    ("Norwegian", "Ålesund Åse", False),
]


@pytest.mark.parametrize(("cell", "garbled"), [row[1:] for row in TEXTS], ids=[row[0] for row in TEXTS])
def test_text_in_a_wrong_encoding_is_noticed(cell: str, garbled: bool) -> None:
    found = issues_of(f"nom;mobile\n{cell};0612345678\n")
    assert found == ([(2, "nom", cell.strip(), "garbled_text", False)] if garbled else [])


def test_a_postal_code_without_its_zero_is_noticed_in_france_only() -> None:
    text = "cp;mobile\n6308;+33612345678\n06308;+33612345679\n1000;+33612345680\n"
    assert issues_of(text) == [
        (2, "cp", "6308", "postal_code_zero", False),
        (4, "cp", "1000", "postal_code_zero", False),
    ]
    assert len(Contacts.read(text.encode(), region="BE").issues) == 0


def test_faults_of_rows_and_of_the_file() -> None:
    assert issues_of('0612345678;x;y\0\n0612345679;x\n"0612345670;x;y\n0612345671;x;y;z\n') == [
        (0, "", "", "nul_removed", True),
        (0, "", "", "no_header", True),
        (2, "", "2 cells of 3", "short_row", True),
        (3, "", "3 cells of 3", "open_quote", True),
        (4, "", "4 cells of 3", "long_row", False),
    ]


def test_issues_come_in_the_order_of_the_rows() -> None:
    rows = [row for row, *_ in issues_of("nom;mobile\nA\nÃ©;06\nB;0612345678;x\nC;\n")]
    assert rows == [2, 2, 3, 3, 4, 5]


def test_a_clean_file_has_none() -> None:
    issues = Contacts.read(b"mobile\n0612345678\n").issues
    assert (len(issues), issues.rows, list(issues)) == (0, 1, [])
    assert to_text(issues.view()) == "issues\nrows read 1   issues 0   repaired 0"


def test_the_file_is_read_once_for_them() -> None:
    contacts = Contacts.read(b"mobile\nabc\n")
    assert contacts.issues is contacts.issues
    assert contacts.issues is contacts.deduplicated().issues


def test_counts_go_on_when_no_more_rows_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(noted, "MOST_KEPT", 30)
    issues = Contacts.read(b"mobile\n" + b"abc\n" * 50 + b"612345678\n" * 7).issues
    assert (issues.rows, len(issues), len(list(issues)), issues.omitted, issues.repaired) == (57, 57, 30, 27, 7)
    assert dict(issues.counts) == {"not_a_number": 50, "lost_zero": 7}
    assert "37 more are not shown" in str(issues)


def test_the_sentence_of_an_issue() -> None:
    assert str(Issue(12, "mobile", "06•••••78", Problem.TOO_SHORT)) == "row 12 mobile 06•••••78: digits are missing"
    assert str(Issue(0, "", "", Fault.NUL_REMOVED)) == "file: the file holds NUL characters, which were taken out"
    assert str(Issue(3, "mobile", "", Problem.MISSING)) == "row 3 mobile: there is no number in the cell"


def test_every_cause_has_a_word_and_a_sentence() -> None:
    for cause in [*Problem, *Repair, *Fault]:
        assert Issue(1, "", "", cause).reason.isidentifier()
        assert Issue(1, "", "", cause).sentence[0].islower()
