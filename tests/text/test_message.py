"""A message says what it weighs, never leaves a hole, and tells each character that it replaced."""

import pytest

from smskit import encoding
from smskit.errors import InvalidInput, UnknownColumn
from smskit.protocols import StopForm
from smskit.text import Message, ShortLinks
from smskit.text.message import USUAL_STOP

ROOM = [
    # what                                            template        stop    room
    ("the mission's example: 146 with the mention",   "",             True,   146),
    ("160 without it",                                "",             False,  160),
    ("the euro sign weighs two",                      "€",            False,  158),
    ("variables are not counted",                     "Bonjour $nom", False,  152),
    ("one letter outside GSM-7 leaves 70",            "ê",            False,  69),
    ("with the mention 56 of 70",                     "…",            True,   55),
    ("too long for one part is below zero",           "a" * 170,      False,  -10),
]  # fmt: skip


@pytest.mark.parametrize(("template", "stop", "room"), [case[1:] for case in ROOM], ids=[case[0] for case in ROOM])
def test_room(template, stop, room):
    assert Message(template).room(stop=stop) == room


def test_room_counts_the_mention_that_it_is_given():
    assert Message("").room(stop=StopForm("STOP 36180")) == 149


def test_a_contact_without_a_value_is_an_error_and_never_a_hole():
    with pytest.raises(UnknownColumn, match="prenom"):
        Message("Bonjour $prenom").render({"prenom": " "})


def test_a_fallback_stands_in_for_an_empty_value():
    assert Message("Bonjour ${prenom|cher client}").render({"prenom": ""}).text == "Bonjour cher client"


def test_the_mention_is_counted():
    rendered = Message("a" * 147).render({}, stop=USUAL_STOP)
    assert rendered.text.endswith(" STOP au 36180")
    assert rendered.parts == 2


def test_nothing_is_replaced_unless_asked():
    rendered = Message("l’été à 5 €…").render({})
    assert rendered.text == "l’été à 5 €…"
    assert rendered.changes == ()


def test_folding_tells_each_change():
    rendered = Message("l’été à 5 €…", fold="french").render({})
    assert rendered.text == "l'été à 5 €..."
    assert [(change.index, change.before, change.after) for change in rendered.changes] == [
        (1, "’", "'"),
        (11, "…", "..."),
    ]


def test_the_euro_sign_is_replaced_only_on_request_and_told():
    rendered = Message("5 € et 6 €", euro=encoding.Euro.E).render({})
    assert rendered.text == "5 E et 6 E"
    assert [change.index for change in rendered.changes] == [2, 9]


def test_a_link_stands_as_it_is_without_a_domain_of_ones_own():
    message = Message("Voir $lien", links={"lien": "https://boutique.example/soldes?x=1"})
    assert message.render({}).text == "Voir https://boutique.example/soldes?x=1"
    assert message.variables == ()


def test_a_short_link_weighs_what_every_token_weighs():
    message = Message("Voir $lien", links={"lien": "https://boutique.example/" + "x" * 200})
    text = message.render({}, shortener=ShortLinks("go.boutique.fr")).text
    assert text == "Voir https://go.boutique.fr/0000000"


WRONG = [
    # what                                arguments
    ("a link that is not in the text",    dict(links={"lien": "https://a.example"})),
    ("an address without a scheme",       dict(links={"nom": "a.example"})),
    ("no part at all",                    dict(max_parts=0)),
    ("more parts than can be numbered",   dict(max_parts=256)),
    ("a profile that does not exist",     dict(fold="klingon")),
    ("a euro policy that does not exist", dict(euro="pounds")),
]  # fmt: skip


@pytest.mark.parametrize("arguments", [case[1] for case in WRONG], ids=[case[0] for case in WRONG])
def test_wrong_arguments_are_refused_at_once(arguments):
    with pytest.raises(InvalidInput):
        Message("Bonjour $nom", **arguments)


def test_binding_names_the_columns_and_refuses_an_unknown_one():
    message = Message("$prenom ${code postal}")
    columns = {"prenom": "prenom", "code postal": "code_postal"}
    assert message.bind(columns.get, tuple(columns)) == ("prenom", "code_postal")
    with pytest.raises(UnknownColumn, match="code postal"):
        message.bind({"prenom": "prenom"}.get, ("prenom",))


def test_the_lock_screen_shows_the_first_words():
    message = Message("Bonjour $prenom, -15% sur tout le magasin jusqu'à dimanche")
    assert message.lock_screen(30) == "Bonjour $prenom, -15% sur tout…"
    assert Message("Bonjour").lock_screen() == "Bonjour"


def test_the_text_of_a_person_is_not_in_a_repr():
    rendered = Message("Bonjour $prenom").render({"prenom": "Anaïs"})
    assert "Anaïs" not in repr(rendered)
    assert rendered.text == "Bonjour Anaïs"


def test_the_room_is_that_of_the_text_that_leaves() -> None:
    assert Message("L’été… $prenom").room() == 70 - 7
    assert Message("L’été… $prenom", fold="french").room() == 160 - 9


def test_a_message_points_at_what_makes_it_dear() -> None:
    shown = str(Message("Anaïs, -15 € : $lien", links={"lien": "https://boutique.example"}))
    for seen in (
        "   │    ^",
        "alphabet UCS-2",
        "with STOP au 36180",
        "links: lien https://boutique.example",
        "'ï': not in GSM-7",
    ):
        assert seen in shown
    assert "filled in: prenom – · ville or Paris" in str(Message("$prenom à ${ville|Paris}"))
