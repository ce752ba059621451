"""Headers: their names, and what they stand for."""

from __future__ import annotations

import pytest

from smskit.contacts.columns import guessed_roles, names_of, normalised, role_named, roles_of
from smskit.errors import InvalidInput, UnknownColumn

NAMES = [
    ("accents and case go", "Prénom", "prenom"),
    ("dots and spaces become one underscore", "Tél. portable", "tel_portable"),
    ("nothing stands at the ends", " (Ville) ", "ville"),
    ("a ligature becomes two letters", "Cœur de cible", "coeur_de_cible"),
    ("digits stay", "CA 12 mois", "ca_12_mois"),
    ("decomposed accents are the same word", "Pre\u0301nom", "prenom"),
    ("no-break spaces are spaces", "Code\u00a0postal", "code_postal"),
    ("a byte-order mark is no letter", "\ufeffNom", "nom"),
    ("other scripts stay", "Имя", "имя"),
    ("signs alone leave nothing", "€ %", ""),
]


@pytest.mark.parametrize(("header", "name"), [row[1:] for row in NAMES], ids=[row[0] for row in NAMES])
def test_the_name_of_a_header(header: str, name: str) -> None:
    assert normalised(header) == name


def test_each_column_has_a_name_of_its_own() -> None:
    assert names_of(["Tel", "tél", "", "TEL", "Tel 2"]) == ("tel", "tel_2", "column_3", "tel_3", "tel_2_2")


MOBILES = [
    ("the mobile is preferred to the fixed line", ["Tél. fixe", "Tél. portable"], "tel_portable"),
    ("a telephone will do", ["Nom", "Téléphone"], "telephone"),
    ("a bare number will do", ["Nom", "Numéro"], "numero"),
    ("the customer's number is no telephone", ["Numéro client", "GSM"], "gsm"),
    ("a date of opt-in is no mobile", ["Date opt-in mobile", "Phone"], "phone"),
    ("an operator is no mobile", ["Opérateur mobile", "Mobile"], "mobile"),
    ("of two mobiles the first", ["Portable 1", "Portable 2"], "portable_1"),
    ("the private one before the one for work", ["Portable pro", "Portable"], "portable"),
    ("the one for work when there is no other", ["Tél. fixe", "Portable pro"], "portable_pro"),
    ("English exports", ["First Name", "Mobile Phone Number"], "mobile_phone_number"),
    ("English with a country code beside", ["Phone Country Code", "Phone"], "phone"),
    ("a single column, whatever it is called", ["Désabonnés"], "desabonnes"),
]


@pytest.mark.parametrize(("headers", "column"), [row[1:] for row in MOBILES], ids=[row[0] for row in MOBILES])
def test_the_column_of_mobiles(headers: list[str], column: str) -> None:
    assert roles_of(headers, names_of(headers), None, None)["mobile"] == column


def test_roles_in_french_and_english() -> None:
    french = names_of(["Civilité", "NOM", "Prénom", "E-mail", "CP", "Commune", "Né(e) le", "Raison sociale"])
    assert guessed_roles(french) == {
        "civilite": "civilite",
        "nom": "nom",
        "prenom": "prenom",
        "email": "e_mail",
        "code_postal": "cp",
        "ville": "commune",
        "date_naissance": "ne_e_le",
        "societe": "raison_sociale",
    }
    english = names_of(["Title", "Last Name", "First name", "Email address", "ZIP code", "City", "Birth date"])
    assert set(guessed_roles(english)) == {
        "civilite", "nom", "prenom", "email", "code_postal", "ville", "date_naissance",
    }  # fmt: skip


def test_the_likelier_header_wins() -> None:
    assert guessed_roles(["name", "nom"])["nom"] == "nom"


def test_what_is_given_wins_over_what_is_guessed() -> None:
    headers = ["Prénom", "Prénom du client", "Mobile", "Tél. 2"]
    roles = roles_of(headers, names_of(headers), {"first_name": "Prénom du client", "mobile": "Tél. 2"}, None)
    assert (roles["prenom"], roles["mobile"]) == ("prenom_du_client", "tel_2")


def test_a_column_can_be_given_by_its_name() -> None:
    assert roles_of(["Solde fid."], ("solde_fid",), {"points": "solde_fid"}, "Solde fid.")["points"] == "solde_fid"


def test_words_that_mean_a_role() -> None:
    assert [role_named(word) for word in ("First name", "lastname", "Portable", "points")] == [
        "prenom", "nom", "mobile", "points",
    ]  # fmt: skip


def test_a_column_that_is_not_there_is_said_with_those_that_are() -> None:
    with pytest.raises(UnknownColumn, match=r"'Gsm'.*Nom, Mobile"):
        roles_of(["Nom", "Mobile"], ("nom", "mobile"), {"mobile": "Gsm"}, None)


def test_without_a_mobile_the_headers_and_the_way_out_are_said() -> None:
    with pytest.raises(InvalidInput, match=r"'Nom', 'Tél\. fixe'.*columns=\{'mobile': 'Nom'\}"):
        roles_of(["Nom", "Tél. fixe"], ("nom", "tel_fixe"), None, None)


def test_the_mobile_cannot_be_given_twice() -> None:
    with pytest.raises(InvalidInput, match="given twice"):
        roles_of(["A", "B"], ("a", "b"), {"gsm": "A"}, "B")
