"""Contacts: from whatever a user has to batches of text with their numbers read."""

from __future__ import annotations

import pickle
import tracemalloc
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from smskit.contacts import ConsentColumns, Contacts, F, Fault, Segment
from smskit.display import to_text
from smskit.errors import InvalidInput, UnknownColumn, UnreadableFile

FRENCH = (
    "Civilité;Nom;Prénom;Tél. fixe;Tél. portable;E-mail;Code postal;Ville;CA 12 mois;Opt-in le\r\n"
    "Mme;Lefèvre;Anaïs;01 23 45 67 89;06 12 34 56 78;a@x.example;06308;Nice;1 250,50;12/05/2025\r\n"
    "M.;Cœuret; Loïc ;;+33 7 45 67 89 01;;97200;Fort-de-France;90;\r\n"
)


def cells(contacts: Contacts) -> dict[str, list[str]]:
    (batch,) = contacts.batches()
    return {name: list(column) for name, column in batch.columns.items()}


def test_a_french_export() -> None:
    contacts = Contacts.read(FRENCH.encode("cp1252"))
    assert contacts.names == (
        "civilite", "nom", "prenom", "tel_fixe", "tel_portable", "e_mail", "code_postal", "ville", "ca_12_mois",
        "opt_in_le",
    )  # fmt: skip
    assert contacts.roles["mobile"] == "tel_portable"
    (batch,) = contacts.batches()
    assert (batch.first_row, batch.size, batch.numbers) == (2, 2, [33612345678, 33745678901])
    assert list(batch.columns["prenom"]) == ["Anaïs", "Loïc"]
    assert list(batch.columns["nom"]) == ["Lefèvre", "Cœuret"]
    assert list(batch.columns["code_postal"]) == ["06308", "97200"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
def test_every_encoding_with_every_separator(encoding: str, separator: str, tmp_path: Path) -> None:
    path = tmp_path / "clients.csv"
    path.write_bytes(FRENCH.replace(",", ".").replace(";", separator).encode(encoding))
    assert cells(Contacts.read(path)) == cells(Contacts.read(FRENCH.replace(",", ".").encode()))


SOURCES: list[tuple[str, Any, dict[str, list[str]]]] = [
    (
        "dicts whose keys differ",
        [{"Prénom": "Anaïs", "Mobile": "0612345678"}, {"Mobile": "0745678901", "Points": 3}],
        {"prenom": ["Anaïs", ""], "mobile": ["0612345678", "0745678901"], "points": ["", "3"]},
    ),
    ("dicts with keys that are no text", [{"mobile": "0612345678", 1: "x"}], {"mobile": ["0612345678"], "1": ["x"]}),
    (
        "rows under a row of headers",
        [("Nom", "Mobile"), ["A", 612345678.0], ("B", None)],
        {"nom": ["A", "B"], "mobile": ["612345678", ""]},
    ),
    (
        "rows without headers",
        [("A", "0612345678"), ("B", "0745678901")],
        {"column_1": ["A", "B"], "column_2": ["0612345678", "0745678901"]},
    ),
    ("numbers alone", ["0612345678", "0745678901"], {"mobile": ["0612345678", "0745678901"]}),
    ("a file of numbers alone", b"0612345678\n0745678901\n", {"column_1": ["0612345678", "0745678901"]}),
]


@pytest.mark.parametrize(("source", "columns"), [row[1:] for row in SOURCES], ids=[row[0] for row in SOURCES])
def test_tables_in_memory(source: Any, columns: dict[str, list[str]]) -> None:
    assert cells(Contacts.read(source)) == columns


def test_a_table_counts_its_headers_as_a_file_does() -> None:
    (records,) = Contacts.read([{"mobile": "0612345678"}]).batches()
    (file,) = Contacts.read(b"mobile\n0612345678\n").batches()
    (headless,) = Contacts.read(b"0612345678\n").batches()
    assert (records.first_row, file.first_row, headless.first_row) == (2, 2, 1)


def test_a_list_that_changes_later_does_not_change_the_contacts() -> None:
    people = [{"mobile": "0612345678"}]
    contacts = Contacts.read(people)
    people.append({"mobile": "0745678901"})
    assert len(cells(contacts)["mobile"]) == 1


def test_without_headers_the_column_of_numbers_is_found() -> None:
    contacts = Contacts.read(b"0123456789;x;0612345678\n0123456780;y;0745678901\n")
    assert contacts.roles == {"mobile": "column_3"}
    assert [issue.cause for issue in contacts.issues] == [Fault.NO_HEADER]


def test_without_headers_it_can_be_given() -> None:
    assert Contacts.read(b"0612345678;0745678901\n", mobile="column_2").roles == {"mobile": "column_2"}


REFUSED: list[tuple[str, Any, type[Exception], str]] = [
    ("an iterator", iter([{"mobile": "06"}]), InvalidInput, "only once.*give a list"),
    ("a generator", (row for row in [{"mobile": "06"}]), InvalidInput, "only once.*give a list"),
    ("a number", 5, InvalidInput, "not from a int"),
    ("an empty list", [], InvalidInput, "the list is empty"),
    ("a mixture", [{"mobile": "06"}, "06"], InvalidInput, "only one kind"),
    ("a path to nowhere", "/nowhere/clients.csv", UnreadableFile, "clients.csv cannot be read: No such file"),
    ("typed numbers", "06 12 34 56 78, 0745678901", UnreadableFile, r"^06•+78, 07•+01 cannot .*Contacts\.parse"),
    ("a path that cannot be one", "a\0b", UnreadableFile, "null"),
    ("a folder", Path(__file__).parent, UnreadableFile, "contacts cannot be read: "),
    ("nothing", b"", UnreadableFile, "it is empty"),
]


@pytest.mark.parametrize(("source", "error", "why"), [r[1:] for r in REFUSED], ids=[r[0] for r in REFUSED])
def test_what_contacts_cannot_be_read_from(source: Any, error: type[Exception], why: str) -> None:
    with pytest.raises(error, match=why):
        Contacts.read(source)


def test_an_open_file_is_refused_with_a_way_out(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_bytes(b"mobile\n0612345678\n")
    with (tmp_path / "x.csv").open("rb") as file, pytest.raises(InvalidInput, match=r"its bytes with \.read\(\)"):
        Contacts.read(file)  # type: ignore[arg-type]


TITLES: list[tuple[str, Any, int, list[str]]] = [
    ("a title and a date", b"Clients\n\nle 24/06/2026\nNom;Mobile\nA;0612345678\n", 5, ["nom", "mobile"]),
    ("a title in a table", [("Clients", ""), ("Nom", "Mobile"), ("A", "0612345678")], 3, ["nom", "mobile"]),
    ("a column alone has no title", b"Mobile\nabc\n0612345678\n", 2, ["mobile"]),
    ("a column alone of nothing but text", b"Mobile\n" + b"abc\n" * 20, 2, ["mobile"]),
    ("a header alone above numbers", b"Mobile;\n0612345678;x\n", 2, ["mobile", "column_2"]),
]


@pytest.mark.parametrize(("source", "row", "names"), [r[1:] for r in TITLES], ids=[r[0] for r in TITLES])
def test_the_row_of_headers(source: Any, row: int, names: list[str]) -> None:
    contacts = Contacts.read(source)
    assert (contacts.first_row, next(contacts.batches()).first_row, list(contacts.names)) == (row, row, names)


def test_titles_that_are_left_out_are_said() -> None:
    issues = Contacts.read(b"Clients\nNom;Mobile\nA;0612345678\n").issues
    assert [(issue.row, issue.reason, issue.repaired) for issue in issues] == [(0, "title_rows", True)]


@pytest.mark.parametrize("options", [{"region": "XX"}, {"region": "France"}, {"group": " "}])
def test_options_that_are_none_are_refused_at_once(options: dict[str, str]) -> None:
    with pytest.raises(InvalidInput):
        Contacts.read(b"mobile\n0612345678\n", **options)  # type: ignore[arg-type]


def test_contacts_travel_to_another_process(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_bytes(FRENCH.encode("cp1252"))
    for source in (tmp_path / "x.csv", FRENCH.encode(), [{"mobile": "0612345678"}]):
        contacts = Contacts.read(source, consent=None).where(F.mobile.startswith("06"))
        assert cells(pickle.loads(pickle.dumps(contacts))) == cells(contacts)


# ---------------------------------------------------------------- typed numbers

TYPED = [
    ("commas", "06 12 34 56 78, 0745678901", [33612345678, 33745678901]),
    ("lines and semicolons", "0612345678;\n+33745678901\n", [33612345678, 33745678901]),
    ("one", "0612345678", [33612345678]),
    ("a bad one among them", "0612345678, abc", [33612345678, 0]),
    ("overseas", "0696 12 34 56", [596696123456]),
    ("none", " , ", []),
]


@pytest.mark.parametrize(("text", "numbers"), [row[1:] for row in TYPED], ids=[row[0] for row in TYPED])
def test_numbers_typed_into_a_field(text: str, numbers: list[int]) -> None:
    contacts = Contacts.parse(text)
    assert [number for batch in contacts.batches() for number in batch.numbers] == numbers


# ---------------------------------------------------------------- names

RESOLVED = [
    ("its name", "tel_portable", "tel_portable"),
    ("its header", "Tél. portable", "tel_portable"),
    ("its role", "mobile", "tel_portable"),
    ("another word for its role", "phone", "tel_portable"),
    ("English for a French column", "first_name", "prenom"),
    ("without accents, in capitals", "PRÉNOM", "prenom"),
    ("with a space", "code postal", "code_postal"),
    ("short", "cp", "code_postal"),
    ("a column without a role", "CA 12 mois", "ca_12_mois"),
    ("the other telephone by its name", "tel_fixe", "tel_fixe"),
    ("a role that no column has", "societe", None),
    ("a word that means nothing", "points", None),
]


@pytest.mark.parametrize(("name", "column"), [row[1:] for row in RESOLVED], ids=[row[0] for row in RESOLVED])
def test_the_column_behind_a_name(name: str, column: str | None) -> None:
    assert Contacts.read(FRENCH.encode()).resolve(name) == column


def test_a_role_that_was_given_wins_over_a_column_of_that_name() -> None:
    contacts = Contacts.read(
        "Prénom;Prénom usuel;Mobile;Solde\nAnne-Marie;Anne;0612345678;3\n".encode(),
        columns={"first name": "Prénom usuel", "points": "Solde"},
    )
    assert contacts.resolve("prenom") == "prenom_usuel"
    assert contacts.resolve("points") == contacts.resolve("solde") == "solde"


def test_consent_columns_are_checked_and_given_by_their_names() -> None:
    contacts = Contacts.read(FRENCH.encode(), consent=ConsentColumns(granted_at="Opt-in le"))
    assert contacts.consent == ConsentColumns(granted_at="opt_in_le")
    with pytest.raises(UnknownColumn, match="'date_optin'"):
        Contacts.read(FRENCH.encode(), consent=ConsentColumns(granted_at="date_optin"))


# ---------------------------------------------------------------- narrowing


def test_where_adds_conditions_and_leaves_the_contacts_as_they_were() -> None:
    everybody = Contacts.read(FRENCH.encode(), group="vip")
    nice = everybody.where(F.cp.startswith("06"))
    both = nice.where(Segment("grands", F.ca_12_mois >= 200))
    assert [len(each.segments) for each in (everybody, nice, both)] == [0, 1, 2]
    assert both.tags == {"vip"}
    assert sum(batch.size for batch in both.batches()) == 2


def test_where_refuses_a_column_that_is_not_there() -> None:
    with pytest.raises(UnknownColumn, match="'points'"):
        Contacts.read(FRENCH.encode()).where(F.points > 3)


# ---------------------------------------------------------------- rows


def test_batches_can_be_gone_through_again_and_again() -> None:
    contacts = Contacts.read(b"mobile\n" + b"0612345678\n" * 5)
    for _ in range(2):
        assert [list(batch.rows) for batch in contacts.batches(2)] == [[2, 3], [4, 5], [6]]
    with pytest.raises(InvalidInput, match="size=0"):
        next(contacts.batches(0))


def test_problems_and_repairs_are_given_by_index() -> None:
    (batch,) = Contacts.read(b"mobile;x\n0612345678;\n612345679;\nabc;\n;x\n").batches()
    assert batch.numbers == [33612345678, 33612345679, 0, 0]
    assert sorted(batch.readings) == [1, 2, 3]


def test_a_long_file_is_never_in_memory(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    with path.open("w") as file:
        file.write("nom;mobile;note\n")
        file.writelines(f"n{number};06{number:08d};{'x' * 50}\n" for number in range(40_000))
    contacts = Contacts.read(path)
    tracemalloc.start()
    try:
        rows = sum(batch.size for batch in contacts.batches())
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert rows == 40_000
    # The file is 2.9 MB and its rows as Python texts are 10; a batch of a thousand, twice over, is below 2.
    assert peak < 2_500_000


# ---------------------------------------------------------------- looking


def everything_said(contacts: Contacts) -> Sequence[str]:
    (batch,) = contacts.batches()
    issues = list(contacts.issues)
    said: list[object] = [contacts, contacts.view(), batch, batch.columns, contacts.issues, issues, *issues]
    return [*map(str, said), *map(repr, said), contacts._repr_html_(), contacts.issues._repr_html_()]


def test_no_number_is_shown_whole() -> None:
    contacts = Contacts.read(b"mobile;note\n612345678;call 06 12 34 56 78 \xc3\x83\xc2\xa9\n0712;\n")
    assert len(contacts.issues) == 3
    for text in everything_said(contacts):
        assert "345" not in text


def test_contacts_show_their_columns_without_being_read() -> None:
    contacts = Contacts.read(FRENCH.encode(), group="vip", consent=ConsentColumns(granted_at="opt_in_le")).where(
        F.cp.startswith("06")
    )
    assert repr(contacts) == "<Contacts bytes: 10 columns, numbers in 'tel_portable', 1 segments>"
    shown = to_text(contacts.view())
    for words in ("numbers in tel_portable", "group vip", "code_postal", "granted_at", "Opt-in le"):
        assert words in shown
