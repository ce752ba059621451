"""Separated text: separators, quotes, line ends, blank rows."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

import pytest

from smskit.contacts.delimited import DelimitedFile, read_delimited, sniffed
from smskit.contacts.sources import Fault
from smskit.errors import InvalidInput, UnreadableFile


def has_digits(cells: Sequence[str]) -> bool:
    return any(len(cell) >= 10 and cell.isdigit() for cell in cells)


def file_of(text: str | bytes, **options: str) -> DelimitedFile:
    data = text.encode() if isinstance(text, str) else text
    return read_delimited(lambda: io.BytesIO(data), "clients.csv", is_data=has_digits, **options)


def rows_of(file: DelimitedFile, size: int = 1000) -> dict[int, tuple[str, ...]]:
    rows: dict[int, tuple[str, ...]] = {}
    for chunk in file.chunks(size):
        assert all(len(column) == chunk.size for column in chunk.columns)
        rows.update(enumerate(zip(*chunk.columns, strict=True), chunk.first_row))
    return rows


def faults_of(file: DelimitedFile) -> list[tuple[int, Fault]]:
    return [(fault.row, fault.fault) for chunk in file.chunks(1000) for fault in chunk.faults]


SEPARATORS = [
    ("semicolons", "Nom;Mobile;Ville\nA;0612345678;Nice\n", ";"),
    ("semicolons win over decimals with a comma", "Nom;CA\nA;12,50\nB;3,20\n", ";"),
    ("commas win over dates with slashes", "Nom,Le,CA\nA,12/05/2024,3\nB,13/05/2024,4\n", ","),
    ("commas with semicolons inside quotes", 'Nom,Note\nA,"a;b"\nB,"c;d"\n', ","),
    ("tabs", "Nom\tMobile\nA\t06\n", "\t"),
    ("bars", "Nom|Mobile\nA|06\n", "|"),
    ("slashes, as the mission allows", "Nom/Mobile\nA/0612345678\n", "/"),
    ("no header, decimals and dates", "A;12,50;12/05/2024\nB;3,20;13/05/2024\n", ";"),
    ("one column", "Mobile\n0612345678\n", ";"),
    ("one column whose header has a slash", "Tél / Mobile\n0612345678\n0745678901\n", ";"),
    ("one column with two numbers in a cell", "Mobile\n0612345678/0745678901\n", ";"),
    ("a header alone", "Nom,Mobile\n", ","),
    ("rows that end early", "a;b;c;d\n1;2;3;4\n1;2\n1;2;3\n1;2;3;4\n", ";"),
    ("a line end inside quotes", 'Nom;Adresse\nA;"1, rue X\n13001, Marseille"\n', ";"),
]


@pytest.mark.parametrize(("sample", "separator"), [r[1:] for r in SEPARATORS], ids=[r[0] for r in SEPARATORS])
def test_the_separator_is_found(sample: str, separator: str) -> None:
    assert sniffed(sample) == separator


def test_a_separator_can_be_given() -> None:
    assert file_of("a:b\n1:2\n", separator=":").headers == ("a", "b")
    with pytest.raises(InvalidInput, match="'::' is not one character"):
        file_of("a::b\n", separator="::")


SHAPES = [
    ("line feeds", "a;b\n1;2\n3;4\n", {2: ("1", "2"), 3: ("3", "4")}),
    ("Windows", "a;b\r\n1;2\r\n3;4\r\n", {2: ("1", "2"), 3: ("3", "4")}),
    ("old Macs", "a;b\r1;2\r3;4\r", {2: ("1", "2"), 3: ("3", "4")}),
    ("no line end at the end", "a;b\n1;2", {2: ("1", "2")}),
    ("lines that end twice", "a;b\r\r\n1;2\r\r\n3;4\r\r\n", {2: ("1", "2"), 3: ("3", "4")}),
    ("blank lines are no rows but are counted", "a;b\n\n1;2\n;\n\n3;4\n\n", {3: ("1", "2"), 6: ("3", "4")}),
    ("blank lines before the header", "\n;;\na;b\n1;2\n", {4: ("1", "2")}),
    ("Excel says its separator", "sep=,\r\na,b;c\r\n1,2;3\r\n", {2: ("1", "2;3")}),
    ("quotes with a separator and a quote in them", 'a;b\n"x;""y""";2\n', {2: ('x;"y"', "2")}),
    ("a line end inside quotes is one row", 'a;b\n"1\nParis";2\n3;4\n', {2: ("1\nParis", "2"), 3: ("3", "4")}),
    ("a formula that keeps a zero", 'a;b\n="0612";1\n"=""0745""";2\n', {2: ("0612", "1"), 3: ("0745", "2")}),
    ("a header over several lines is row 1", '"Tél.\nportable";b\n1;2\n', {2: ("1", "2")}),
    ("a NUL is taken out", "a;b\n1\0;2\n", {2: ("1", "2")}),
    ("no header", "0612345678;x\n0745678901;y\n", {1: ("0612345678", "x"), 2: ("0745678901", "y")}),
    ("a header alone is a file without rows", "a;b\n", {}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "rows"), [row[1:] for row in SHAPES], ids=[row[0] for row in SHAPES])
@pytest.mark.parametrize("size", [1, 2, 1000])
def test_the_rows_of_a_file(text: str, rows: dict[int, tuple[str, ...]], size: int) -> None:
    assert rows_of(file_of(text), size) == rows


RAGGED = [
    ("a short row is filled", "1;2\n", ("1", "2", ""), [(2, Fault.SHORT_ROW)]),
    ("a long row is cut", "1;2;3;4\n", ("1", "2", "3"), [(2, Fault.LONG_ROW)]),
    ("empty cells too many are nothing", "1;2;3;;\n", ("1", "2", "3"), []),
    ("all rows short alike", "1\n", ("1", "", ""), [(2, Fault.SHORT_ROW)]),
]


@pytest.mark.parametrize(("line", "row", "faults"), [row[1:] for row in RAGGED], ids=[row[0] for row in RAGGED])
def test_rows_of_another_width(line: str, row: tuple[str, ...], faults: list[tuple[int, Fault]]) -> None:
    file = file_of(f"a;b;c\n{line}", separator=";")
    assert rows_of(file) == {2: row}
    assert faults_of(file) == faults


def test_the_row_of_a_fault_counts_blank_lines() -> None:
    assert faults_of(file_of("a;b\n1;2\n\n1\n\n\n1;2;3\n")) == [(4, Fault.SHORT_ROW), (7, Fault.LONG_ROW)]


QUOTES = [
    ("never closed", 'a;"b;c\n1;2;3\n4;5;6\n', {2: ("a", "b", "c"), 3: ("1", "2", "3"), 4: ("4", "5", "6")}, [2]),
    ("closed by another one below", 'a;"b;c\n1;"2";3\n', {2: ("a", "b", "c"), 3: ("1", "2", "3")}, [2]),
    ("twice", 'a;"b;c\n1;2;3\n"d;e;f\n', {2: ("a", "b", "c"), 3: ("1", "2", "3"), 4: ("d", "e", "f")}, [2, 4]),
    ("odd but clear", 'a;"5" screen;c\n1;2;3\n', {2: ("a", "5 screen", "c"), 3: ("1", "2", "3")}, []),
    ("in each row", '"a;b;c\n"d;e;f\n"g;h;i\n', {2: tuple("abc"), 3: tuple("def"), 4: tuple("ghi")}, [2, 3, 4]),
    ("at the end of the file", '1;2;3\n"a;b;c', {2: ("1", "2", "3"), 3: ("a", "b", "c")}, [3]),
    ("two lines that look like rows, properly quoted", '"r\n1;2;3";5;6\n', {2: ("r\n1;2;3", "5", "6")}, []),
    ("in the middle of a cell", 'a;b 5";c\n1;2;3\n', {2: ("a", 'b 5"', "c"), 3: ("1", "2", "3")}, []),
    (
        "good cells of two lines before and after",
        '"r\ns";"2";3\na;"b;c\n1;"2";3\n"t\nu";5;6\n',
        {2: ("r\ns", "2", "3"), 3: ("a", "b", "c"), 4: ("1", "2", "3"), 5: ("t\nu", "5", "6")},
        [3],
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "rows", "mended"),
    [row[1:] for row in QUOTES],
    ids=[row[0] for row in QUOTES],
)
@pytest.mark.parametrize("size", [1, 3, 1000])
def test_a_stray_quote_swallows_no_row(
    text: str, rows: dict[int, tuple[str, ...]], mended: list[int], size: int
) -> None:
    file = file_of("x;y;z\n" + text, separator=";")
    assert rows_of(file, size) == rows
    assert [row for row, fault in faults_of(file) if fault is Fault.OPEN_QUOTE] == mended


def test_a_stray_quote_in_a_list_of_numbers_swallows_none() -> None:
    file = file_of('Mobile\n"0612345678\n0745678901\n0612345679\n')
    assert [row[0] for row in rows_of(file).values()] == ["0612345678", "0745678901", "0612345679"]


def test_a_stray_quote_before_a_hundred_thousand_rows_swallows_none() -> None:
    lines = [f"n{number};0612345678;x\n" for number in range(100_000)]
    lines[10] = 'n10;"0612345678;x\n'
    rows = rows_of(file_of("a;b;c\n" + "".join(lines)))
    assert [row[0] for row in rows.values()] == [f"n{number}" for number in range(100_000)]


def test_an_application_that_lifted_the_limit_of_the_csv_module_loses_nothing() -> None:
    before = csv.field_size_limit(2**31 - 1)
    try:
        rows = rows_of(file_of('a;b\n1;"x\n' + "3;4\n" * 30_000))
    finally:
        csv.field_size_limit(before)
    assert (len(rows), rows[2], rows[30_002]) == (30_001, ("1", "x"), ("3", "4"))


def test_a_cell_longer_than_the_csv_module_takes_stops_nothing() -> None:
    rows = rows_of(file_of("a;b\n1;" + "x" * 200_000 + "\n3;4\n"))
    assert [len(row[1]) for row in rows.values()] == [200_000, 1]


def test_a_file_without_a_row_is_refused() -> None:
    with pytest.raises(UnreadableFile, match="not one row"):
        file_of("\n;;\n  \n")


def test_a_file_that_is_no_longer_what_it_was_is_one_clear_error() -> None:
    data = [b"Nom;Mobile\nA;0612345678\n"]
    file = read_delimited(lambda: io.BytesIO(data[0]), "clients.csv", is_data=has_digits)
    data[0] = b"Nom;Mobile\nRen\xe9;0612345678\n"
    with pytest.raises(UnreadableFile, match=r"clients\.csv cannot be read: it changed"):
        rows_of(file)


def test_a_file_that_was_emptied_meanwhile_is_one_clear_error_and_no_endless_search_for_its_headers() -> None:
    data = [b"Nom;Mobile\nA;0612345678\n"]
    file = read_delimited(lambda: io.BytesIO(data[0]), "clients.csv", is_data=has_digits)
    data[0] = b""
    with pytest.raises(UnreadableFile, match="its headers are gone"):
        rows_of(file)


def test_a_file_left_in_the_middle_is_closed() -> None:
    opened: list[io.BytesIO] = []

    def opener() -> io.BytesIO:
        opened.append(io.BytesIO(b"a;b\n" + b"1;2\n" * 10))
        return opened[-1]

    chunks = read_delimited(opener, "x", is_data=has_digits).chunks(2)
    next(chunks)
    chunks.close()  # type: ignore[attr-defined]
    assert all(file.closed for file in opened)
