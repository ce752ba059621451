"""What each carrier over RCS is told of the same messages, word by word, and what is told of the losses."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from tests.transports.providers.rich_cases import (
    CALL,
    CARD,
    LINK,
    MESSAGES,
    PICTURE,
    PLACE,
    REPLY,
    SHEET,
    SHOP,
    SUGGESTIONS,
    ids,
    said,
    told,
    written,
)

from smskit.display import Level
from smskit.errors import InvalidContent, InvalidInput
from smskit.rcs import (
    CalendarEvent,
    Carousel,
    Dial,
    File,
    Media,
    OpenUrl,
    OtherAction,
    Reply,
    RichCard,
    RichMessage,
    ShareLocation,
    ViewLocation,
    load,
)
from smskit.transports.providers import infobip_rcs, sinch_rcs, smsmode_rcs, telnyx_rcs, twilio_rcs, vonage_rcs
from smskit.transports.wire.rich import Dialect, Writing, converted_by, loaded
from smskit.transports.wire.rich_forms import SAID

VECTORS: Any = json.loads((Path(__file__).parents[2] / "vectors" / "rcs_carriers.json").read_text("utf-8"))
DIALECTS: dict[str, Dialect] = {
    "infobip": infobip_rcs.WORDS,
    "sinch": sinch_rcs.WORDS,
    "smsmode": smsmode_rcs.WORDS,
    "telnyx": telnyx_rcs.WORDS,
    "twilio": twilio_rcs.WORDS,
    "vonage": vonage_rcs.WORDS,
}
CARRIERS = pytest.mark.parametrize("carrier", DIALECTS)


@CARRIERS
@pytest.mark.parametrize("what", MESSAGES)
def test_a_message_in_the_words_of_a_carrier(carrier: str, what: str) -> None:
    assert written(DIALECTS[carrier], MESSAGES[what]) == VECTORS[carrier]["messages"][what]


@CARRIERS
@pytest.mark.parametrize("what", SUGGESTIONS)
def test_a_suggestion_in_the_words_of_a_carrier(carrier: str, what: str) -> None:
    assert Writing(DIALECTS[carrier]).piece(SUGGESTIONS[what], "at") == VECTORS[carrier]["suggestions"][what]


@CARRIERS
def test_what_is_lost_is_what_the_table_says(carrier: str) -> None:
    alone = {what: RichMessage("x", suggestions=[one]) for what, one in SUGGESTIONS.items()}
    found = {what: told(DIALECTS[carrier], message) for what, message in (MESSAGES | alone).items()}
    assert found == VECTORS[carrier]["losses"]


NOON = datetime(2026, 6, 24, 12, tzinfo=timezone.utc)
LONG = f"https://b.example/{'x' * 250}"
TEN_ROWS = RichMessage(Carousel([CARD] * 2), suggestions=[REPLY] * 4)
REFUSED = [
    # what                                          carrier    message                                                    path, actual, limit
    ("smsmode wants a title or media",              "smsmode", RichMessage(RichCard(description="x")),                    "contentMessage.richCard.standaloneCard.cardContent.title", "nothing", "a title, or media"),
    ("an address too long for smsmode",             "smsmode", RichMessage("x", suggestions=[OpenUrl("Voir", LONG)]),     "contentMessage.suggestions[0].action.openUrlAction.url", 268, 255),
    ("a label of a pin too long for smsmode",       "smsmode", RichMessage("x", suggestions=[ViewLocation("x", 1, 2, label="x" * 101)]), "contentMessage.suggestions[0].action.viewLocationAction.label", 101, 100),
    ("a place to search for, with smsmode",         "smsmode", RichMessage("x", suggestions=[ViewLocation("x", query="y")]), "contentMessage.suggestions[0].action.viewLocationAction.latLong.latitude", "nothing", "a latitude"),
    ("a life too short for smsmode",                "smsmode", RichMessage("x", ttl=timedelta(seconds=29)),               "ttl", 29, 30),
    ("Vonage wants a text on each card",            "vonage",  RichMessage(RichCard("x", media=PICTURE)),                 "contentMessage.richCard.standaloneCard.cardContent.description", "nothing", "a description"),
    ("Vonage wants media on each card",             "vonage",  RichMessage(RichCard("x", "y")),                           "contentMessage.richCard.standaloneCard.cardContent.media", "nothing", "a picture or a film"),
    ("Vonage wants a title on each card",           "vonage",  RichMessage(RichCard(None, "y", media=PICTURE)),           "contentMessage.richCard.standaloneCard.cardContent.title", "nothing", "a title"),
    ("Vonage dials whole numbers alone",            "vonage",  RichMessage("x", suggestions=[Dial("x", "1011")]),         "contentMessage.suggestions[0].action.dialAction.phoneNumber", "something else", "7 to 15 digits of a whole number"),
    ("Vonage has no suggestions under a card",      "vonage",  MESSAGES["a card with suggestions under it"],              "contentMessage.suggestions", 1, 0),
    ("a life too short for Vonage",                 "vonage",  RichMessage("x", ttl=timedelta(seconds=19)),               "ttl", 19, 20),
    ("a life too long for Vonage",                  "vonage",  RichMessage("x", ttl=timedelta(days=4)),                   "ttl", 345_600, 259_200),
    ("Vonage wants a description of 500 at most",   "vonage",  RichMessage("x", suggestions=[OpenUrl("x", SHOP, description="y" * 501)]), "contentMessage.suggestions[0].action.openUrlAction.description", 501, 500),
    ("an instant is told nobody but RBM and Telnyx", "vonage", RichMessage("x", expires_at=NOON),                         "expireTime", "an instant", "nothing"),
    ("a file that was uploaded to RBM",             "vonage",  RichMessage(File("files/1", uploaded=True)),               "contentMessage.uploadedRbmFile", "an uploaded file", "nothing"),
    ("three suggestions under a carousel of Sinch", "sinch",   TEN_ROWS,                                                  "contentMessage.suggestions", 4, 3),
    ("ten suggestions under a text of Sinch",       "sinch",   RichMessage("x", suggestions=[REPLY] * 11),                "contentMessage.suggestions", 11, 10),
    ("Sinch dials with a plus sign",                "sinch",   RichMessage("x", suggestions=[Dial("x", "33123456789")]),  "contentMessage.suggestions[0].action.dialAction.phoneNumber", "something else", "a plus sign and 7 to 15 digits"),
    ("Sinch asks for the place with an address",    "sinch",   RichMessage("x", suggestions=[ShareLocation("x")]),        "contentMessage.suggestions[0].action.fallbackUrl", "nothing", "an address for phones that cannot"),
    ("Sinch has events with an address",            "sinch",   RichMessage("x", suggestions=[CalendarEvent("x", "y", NOON, NOON)]), "contentMessage.suggestions[0].action.fallbackUrl", "nothing", "an address for phones that cannot"),
    ("Sinch has no suggestions under a file",       "sinch",   RichMessage(File(PICTURE), suggestions=[REPLY]),           "contentMessage.suggestions", 1, 0),
    ("Infobip wants something behind a suggestion", "infobip", RichMessage("x", suggestions=[Reply("x", postback="")]),   "contentMessage.suggestions[0].reply.postbackData", 0, 1),
    ("too much behind a suggestion of Infobip",     "infobip", RichMessage("x", suggestions=[Reply("x", postback="y" * 2025)]), "contentMessage.suggestions[0].reply.postbackData", 2025, 2024),
    ("Infobip dials digits alone",                  "infobip", RichMessage("x", suggestions=[Dial("x", "*123#")]),        "contentMessage.suggestions[0].action.dialAction.phoneNumber", "something else", "2 to 15 digits, with a plus sign or not"),
    ("an action that smskit does not know",         "telnyx",  RichMessage("x", suggestions=[OtherAction("x", "newAction", {"a": 1})]), "contentMessage.suggestions[0]", "OtherAction", "nothing"),
    ("a member that smskit does not know",          "telnyx",  RichMessage("x", extra={"contentMessage.newMember": 1}),   "contentMessage.newMember", "a member that smskit does not know", "nothing"),
    ("Twilio has no places",                        "twilio",  RichMessage("x", suggestions=[PLACE]),                     "contentMessage.suggestions[0]", "ViewLocation", "nothing"),
    ("a card without media is none at Twilio",      "twilio",  RichMessage(RichCard("x", "y")),                           "contentMessage.richCard.standaloneCard.cardContent.media", "nothing", "a picture or a film"),
    ("a card of a carousel without a button",       "twilio",  RichMessage(Carousel([CARD, RichCard("x", media=PICTURE)])), "contentMessage.richCard.carouselCard.cardContents[1].suggestions", 0, 1),
    ("a card of a carousel with three buttons",     "twilio",  RichMessage(Carousel([CARD, evolve(CARD, suggestions=[LINK] * 3)])), "contentMessage.richCard.carouselCard.cardContents[1].suggestions", 3, 2),
]  # fmt: skip


@pytest.mark.parametrize(
    ("carrier", "message", "path", "actual", "limit"), [row[1:] for row in REFUSED], ids=ids(REFUSED)
)
def test_what_a_carrier_refuses_is_found_before(
    carrier: str, message: RichMessage, path: str, actual: object, limit: object
) -> None:
    assert not [one for one in message.findings() if one.level is Level.ERROR], "RBM has to allow it"
    errors = [one for one in DIALECTS[carrier].convert(message).losses if one.level is Level.ERROR]
    assert (path, actual, limit) in [(one.path, one.actual, one.limit) for one in errors]


CHANGED = [
    # what                                           carrier    message                                                                   told
    ("a thumbnail of a picture",                     "smsmode", RichMessage(File(PICTURE, thumbnail=PICTURE)),                            ["WARNING changed contentInfo.thumbnailUrl"]),
    ("a thumbnail of nobody knows what",             "smsmode", RichMessage(File("https://b.example/f", thumbnail=PICTURE)),              []),
    ("what the message is for",                      "smsmode", RichMessage("x", traffic="promotion"),                                    ["WARNING lost messageTrafficType"]),
    ("what the message is for, which Vonage tells",  "vonage",  RichMessage("x", traffic="promotion"),                                    []),
    ("what Sinch calls a notification",              "sinch",   RichMessage("x", traffic="authentication"),                               ["WARNING changed messageTrafficType"]),
    ("what Sinch has a word for",                    "sinch",   RichMessage("x", traffic="transaction"),                                  []),
    ("one address in a sheet and one that is not",   "sinch",   RichMessage("x", suggestions=[LINK, OpenUrl("x", SHOP, view_mode="half")]), ["WARNING changed openUrlAction.webviewViewMode"]),
    ("all addresses in one sheet",                   "sinch",   RichMessage("x", suggestions=[OpenUrl("x", SHOP, view_mode="half")] * 2), []),
    ("half a second",                                "vonage",  RichMessage("x", ttl=timedelta(seconds=20.5)),                            ["WARNING changed ttl"]),
    ("a wish to fetch a picture again",              "sinch",   RichMessage(RichCard("x", "y", media=Media(PICTURE, force_refresh=True))), ["WARNING lost contentInfo.forceRefresh"]),
    ("no wish to fetch a picture again",             "sinch",   RichMessage(RichCard("x", "y", media=Media(PICTURE, force_refresh=False))), []),
    ("a sheet in a carousel",                        "twilio",  RichMessage(Carousel([evolve(CARD, suggestions=[evolve(SHEET, description=None)])] * 2)), ["WARNING changed openUrlAction.webviewViewMode"] * 2),
    ("five buttons",                                 "twilio",  RichMessage(evolve(CARD, suggestions=[LINK] * 4), suggestions=[CALL]),    []),
    ("a sheet of unknown size is a whole one",       "infobip", RichMessage("x", suggestions=[OpenUrl("x", SHOP, application="webview")]), []),
    ("members that the platform writes",             "telnyx",  load('{"name": "a", "contentMessage": {"text": "x"}}'),                    []),
]  # fmt: skip


@pytest.mark.parametrize(("carrier", "message", "losses"), [row[1:] for row in CHANGED], ids=ids(CHANGED))
def test_what_a_carrier_changes_is_told(carrier: str, message: RichMessage, losses: list[str]) -> None:
    assert told(DIALECTS[carrier], message) == losses


def test_the_sheet_of_a_carousel_is_not_told_twilio() -> None:
    message = RichMessage(Carousel([evolve(CARD, suggestions=[SHEET])] * 2))
    assert "webview_size" not in json.dumps(written(twilio_rcs.WORDS, message))


def test_a_sheet_of_all_addresses_is_a_property_of_the_message_at_sinch() -> None:
    body = written(sinch_rcs.WORDS, RichMessage("x", suggestions=[SHEET]))
    assert body["channel_properties"] == {"RCS_WEBVIEW_MODE": "TALL"}


def test_a_horizontal_picture_of_no_height_has_one_at_infobip() -> None:
    card = RichCard("x", "y", media=Media(PICTURE, height=None), orientation="horizontal")
    assert written(infobip_rcs.WORDS, RichMessage(card))["content"]["media"]["height"] == "MEDIUM"


def test_vonage_hands_on_what_it_has_no_words_for() -> None:
    message = RichMessage(RichCard("x", "y"), suggestions=[PLACE, OtherAction("x", "newAction", {"a": 1})])
    message = evolve(message, extra={"contentMessage.newMember": 1})
    provider = vonage_rcs.VonageRcs(key="k", secret="s", agent="a", as_rbm=True)
    assert provider.losses(message) == ()
    body: Any = provider.converted(said(RichMessage(RichCard("x", "y"), suggestions=[PLACE]))).body
    assert body["custom"]["contentMessage"]["suggestions"][0]["action"]["text"] == "Nous trouver"


@CARRIERS
def test_a_carrier_says_what_it_has_forms_for(carrier: str) -> None:
    assert {Reply, OpenUrl, Dial, Media, File, RichCard} <= DIALECTS[carrier].supports <= set(SAID)


# ---------------------------------------------------------------- reading what is handed over

BAD = [
    # what                       rich                          error
    ("nothing",                  None,                         InvalidInput),
    ("no JSON",                  "{",                          InvalidInput),
    ("no object",                "[]",                         InvalidInput),
    ("nothing in it",            "{}",                         InvalidContent),
    ("two contents",             '{"contentMessage": {"text": "a", "fileName": "b"}}', InvalidContent),
    ("a text that is too long",  json.dumps({"contentMessage": {"text": "a" * 3073}}), InvalidContent),
    ("a member nobody knows",    '{"contentMessage": {"text": "a", "b": 1}}', InvalidContent),
]  # fmt: skip


@pytest.mark.parametrize(("rich", "error"), [row[1:] for row in BAD], ids=ids(BAD))
def test_what_is_no_rich_message_is_refused_at_the_call(rich: str | None, error: type[Exception]) -> None:
    provider = smsmode_rcs.SmsModeRcs(key="k", channel="c")
    message = evolve(said(RichMessage("x")), rich=rich, text="x")
    with pytest.raises(error):
        provider.submit([message])
    with pytest.raises(InvalidInput):
        provider.converted(message)


def test_a_message_that_many_get_is_read_once() -> None:
    loaded.cache_clear()
    provider = smsmode_rcs.SmsModeRcs(key="k", channel="c")
    message = said(RichMessage("nobody else says this"))
    provider.submit([evolve(message, reference=f"run-{seq}", number=message.number + seq) for seq in range(1000)])
    assert loaded.cache_info().misses == 1


def test_a_card_with_other_words_is_not_read_again():
    card = evolve(CARD, suggestions=[LINK, REPLY])
    provider = telnyx_rcs.TelnyxRcs(key="k", profile="p")
    loaded.cache_clear()
    for seq in range(100):
        said_to = evolve(card, title=f'Soldes "{seq}"', description=f"Bonjour n° {seq}")
        body: Any = provider.converted(said(RichMessage(said_to, traffic="promotion"))).body
        content = body["content_message"]["rich_card"]["standalone_card"]["card_content"]
        assert (content["title"], content["description"]) == (f'Soldes "{seq}"', f"Bonjour n° {seq}")
    assert loaded.cache_info().misses == 1


def test_words_that_break_a_rule_are_found_on_the_short_way_too():
    provider = smsmode_rcs.SmsModeRcs(key="k", channel="c")
    provider.converted(said(RichMessage("x", suggestions=[LINK])))
    with pytest.raises(InvalidContent) as caught:
        provider.converted(said(RichMessage("x", suggestions=[evolve(LINK, url=LONG)])))
    assert (caught.value.rule, caught.value.actual, caught.value.limit) == ("carrier.limit", 268, 255)


def heavy(postback: str) -> RichMessage:
    card = RichCard("x", media=PICTURE, suggestions=[Reply("x", postback=postback)] * 4)
    return RichMessage(Carousel([card] * 10))


def test_a_message_that_is_too_heavy_is_found_on_the_short_way_too():
    provider = telnyx_rcs.TelnyxRcs(key="k", profile="p")
    provider.converted(said(heavy("short")))
    rich = json.dumps(heavy("🎉" * 2048).payload(), ensure_ascii=False, separators=(",", ":"))
    with pytest.raises(InvalidContent) as caught:
        provider.converted(evolve(said(RichMessage("x")), rich=rich))
    assert caught.value.rule == "payload.max"


class Shouting(telnyx_rcs.TelnyxWords):
    """A carrier whose words depend on what is said."""

    def content(self, message: RichMessage, writing: Writing) -> dict[str, object]:
        told = super().content(message, writing)
        return {**told, "loud": True} if "!" in str(message.payload()) else told


def test_what_became_something_else_for_its_words_is_no_mould_for_others():
    dialect = Shouting(carrier="x", forms=telnyx_rcs.WORDS.forms)
    for words in ("Oui !", "Oui"):
        message = RichMessage("x", suggestions=[Reply(words)])
        body = converted_by(dialect, message.json().decode()).body
        assert ("loud" in body) == ("!" in words)
