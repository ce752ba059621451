"""A rich template fills and checks every text of each contact, and writes what the objects would write."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from smskit.errors import InvalidContent, InvalidInput, TemplateError, UnknownColumn
from smskit.rcs import Billing, Carousel, Dial, Media, OpenUrl, Reply, RichCard, RichMessage, RichTemplate
from smskit.text import Template

CARD = RichMessage(
    RichCard(
        "Bonjour ${prenom|à vous}, 5 $$ pour $prenom",
        "slot0 $code",
        media=Media("https://a.example/a.jpg", alt="Une plage"),
        suggestions=[OpenUrl("Voir $code", "https://a.example/$prenom?c=$code"), OpenUrl("Lire", "$lien")],
    ),
    suggestions=[Reply("Oui $prenom")],
    traffic="promotion",
    ttl=timedelta(hours=4),
)
ZOE = {"prenom": "Zoë \"&\\ d'ici", "code": "A/1"}


def template(message=CARD, **links):
    return RichTemplate(message, Template.parse, links=links)


def test_every_text_is_filled_and_addresses_are_quoted():
    filled = template(lien="https://b.example/x").fill(ZOE)
    assert json.loads(filled.json)["contentMessage"] == {
        "richCard": {
            "standaloneCard": {
                "cardOrientation": "VERTICAL",
                "cardContent": {
                    "title": "Bonjour Zoë \"&\\ d'ici, 5 $ pour Zoë \"&\\ d'ici",
                    "description": "slot0 A/1",
                    "media": {
                        "contentInfo": {"fileUrl": "https://a.example/a.jpg"},
                        "height": "MEDIUM",
                        "contentDescription": "Une plage",
                    },
                    "suggestions": [
                        {
                            "action": {
                                "text": "Voir A/1",
                                "postbackData": "Voir A/1",
                                "openUrlAction": {"url": "https://a.example/Zo%C3%AB%20%22%26%5C%20d%27ici?c=A%2F1"},
                            }
                        },
                        {
                            "action": {
                                "text": "Lire",
                                "postbackData": "Lire",
                                "openUrlAction": {"url": "https://b.example/x"},
                            }
                        },
                    ],
                },
            }
        },
        "suggestions": [{"reply": {"text": "Oui Zoë \"&\\ d'ici", "postbackData": "Oui Zoë \"&\\ d'ici"}}],
    }
    assert filled.billing is Billing.SINGLE


def test_what_is_filled_is_what_the_objects_write():
    one = template(lien="https://b.example/x")
    assert one.fill(ZOE).json == one.render(ZOE).json()
    assert (
        one.fill(ZOE, {"lien": "https://go.example/1"}).json == one.render(ZOE, {"lien": "https://go.example/1"}).json()
    )


def test_variables_are_told_without_the_links():
    assert [(one.name, one.fallback) for one in template(lien="https://b.example").variables] == [
        ("prenom", "à vous"),
        ("prenom", None),
        ("code", None),
    ]


def test_a_missing_value_is_an_error_and_never_a_hole():
    with pytest.raises(UnknownColumn):
        template(lien="https://b.example").fill({"prenom": "Zoë", "code": " "})


def test_a_fallback_stands_in():
    message = RichTemplate("Bonjour ${prenom|à vous}", Template.parse)
    assert json.loads(message.fill({"prenom": ""}).json) == {"contentMessage": {"text": "Bonjour à vous"}}


TOO_MUCH = [
    # what                                   message                                                             value       rule, path
    ("a title that a name makes too long",   RichCard("$x", "b"),                                                "a" * 201,  "card.title.max", "contentMessage.richCard.standaloneCard.cardContent.title"),
    ("a label that a name makes too long",   RichMessage("a", suggestions=[Reply("Oui $x")]),                    "a" * 22,   "suggestion.text.max", "contentMessage.suggestions[0].reply.text"),
    ("a number that is none",                RichMessage("a", suggestions=[Dial("Oui", "$x")]),                  "chez moi", "form.dial", "contentMessage.suggestions[0].action.dialAction.phoneNumber"),
    ("an address that is none",              RichMessage("a", suggestions=[OpenUrl("Oui", "$x")]),               "chez moi", "form.address", "contentMessage.suggestions[0].action.openUrlAction.url"),
    ("a picture from nowhere",               RichCard("a", media="$x"),                                          "a.jpg",    "form.web_address", "contentMessage.richCard.standaloneCard.cardContent.media.contentInfo.fileUrl"),
    ("the second card of a carousel",        Carousel([RichCard("a"), RichCard("a", "$x")]),                     "a" * 2001, "card.description.max", "contentMessage.richCard.carouselCard.cardContents[1].description"),
    ("half a character",                     RichMessage("$x"),                                                  "\ud83d",   "form.whole", "contentMessage.text"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("message", "value", "rule", "path"), [row[1:] for row in TOO_MUCH], ids=[row[0] for row in TOO_MUCH]
)
def test_values_that_break_a_limit_are_refused_with_their_place(message, value, rule, path):
    one = RichTemplate(message, Template.parse)
    with pytest.raises(InvalidContent) as error:
        one.fill({"x": value})
    assert (error.value.rule, error.value.path) == (rule, path)
    one.fill({"x": "https://a.example" if "address" in rule else "1"})


def test_a_message_that_values_make_too_heavy_is_refused():
    heavy = [Reply("a", postback="€" * 2048)] * 4
    one = RichTemplate(Carousel([RichCard("a", "$x", suggestions=heavy)] * 10), Template.parse)
    with pytest.raises(InvalidContent) as error:
        one.fill({"x": "€" * 2000})
    assert error.value.rule == "payload.max"
    one.fill({"x": "a"})


def test_what_no_contact_changes_is_checked_once_at_the_start():
    with pytest.raises(InvalidContent) as error:
        RichTemplate(RichCard("$prenom", "a" * 2001), Template.parse)
    assert error.value.rule == "card.description.max"


def test_a_text_that_is_no_template_says_where_it_stands():
    with pytest.raises(TemplateError, match=r"contentMessage\.suggestions\[0\]\.reply\.text"):
        RichTemplate(RichMessage("a", suggestions=[Reply("5 $")]), Template.parse)


def test_a_link_that_no_text_has_is_refused():
    with pytest.raises(InvalidInput):
        RichTemplate("Bonjour", Template.parse, links={"lien": "https://a.example"})


BYTES = [
    # what                                   value       billing
    ("160 bytes",                            "a" * 152,  Billing.BASIC),
    ("161 bytes",                            "a" * 153,  Billing.SINGLE),
    ("76 accents are 152 bytes",             "é" * 76,   Billing.BASIC),
    ("77 accents are one too many",          "é" * 77,   Billing.SINGLE),
]  # fmt: skip


@pytest.mark.parametrize(("value", "billing"), [row[1:] for row in BYTES], ids=[row[0] for row in BYTES])
def test_a_name_can_make_a_message_dearer(value, billing):
    assert RichTemplate("Bonjour $x", Template.parse).fill({"x": value}).billing is billing


def test_a_stream_goes_on_after_a_contact_without_a_message():
    one = RichTemplate("Bonjour $x", Template.parse)
    found = list(one.fill_many([{"x": "a"}, {}, {"x": "a" * 3072}, {"x": "b"}]))
    assert [type(each).__name__ for each in found] == ["Filled", "UnknownColumn", "InvalidContent", "Filled"]


def test_a_picture_for_each_contact_is_warned_of():
    one = RichTemplate(RichCard("a", media=Media("https://a.example/$code.jpg")), Template.parse)
    assert [each.rule for each in one.findings()] == ["media.personal"]
    assert template(lien="https://a.example").findings() == []


def test_a_suggestion_makes_every_text_a_single_message():
    one = RichTemplate(RichMessage("Bonjour $x", suggestions=[Reply("Oui")]), Template.parse)
    assert one.fill({"x": "a"}).billing is Billing.SINGLE
    assert RichTemplate(RichCard("$x"), Template.parse).fill({"x": "a"}).billing is Billing.SINGLE
    assert RichTemplate("Bonjour", Template.parse).fill({}).billing is Billing.BASIC
