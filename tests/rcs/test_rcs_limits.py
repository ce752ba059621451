"""Every limit has two sides: the last thing that is allowed, and one more."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from smskit.display import Level
from smskit.errors import InvalidContent
from smskit.rcs import (
    LIMITS,
    CalendarEvent,
    Carousel,
    Dial,
    File,
    Finding,
    Media,
    OpenUrl,
    Reply,
    RichCard,
    RichMessage,
    ShareLocation,
    ViewLocation,
)
from smskit.rcs.limits import Authority

NOON = datetime(2026, 6, 24, 12, tzinfo=timezone.utc)
PICTURE = "https://boutique.example/ete.jpg"
CARD = "contentMessage.richCard.standaloneCard.cardContent"
CAROUSEL = "contentMessage.richCard.carouselCard"


def card(**members):
    return RichMessage(RichCard(**{"title": "Été", **members}))


def chips(*suggestions):
    return RichMessage("Bonjour", suggestions=suggestions)


def cards(count, **members):
    return RichMessage(Carousel([RichCard("Été", **members)] * count))


def replies(count):
    return [Reply(str(number)) for number in range(count)]


def event(title="Soldes", description=None):
    return chips(CalendarEvent("Noter", title, NOON, NOON, description=description))


SMALL = dict(width="small")
FRAME = len('{"contentMessage":{"text":"a"},"x":""}')
MIB_100 = 100 * 1024 * 1024

BOTH_SIDES = [
    # what                                       rule                        allowed                                          refused                                          path                                                                           actual, limit
    ("a text",                                   "text.max",                 RichMessage("é" * 3072),                         RichMessage("é" * 3073),                         "contentMessage.text",                                                         3073, 3072),
    ("suggestions under a message",              "suggestions.message.max",  chips(*replies(11)),                             chips(*replies(12)),                             "contentMessage.suggestions",                                                  12, 11),
    ("suggestions of a card",                    "suggestions.card.max",     card(suggestions=replies(4)),                    card(suggestions=replies(5)),                    CARD + ".suggestions",                                                         5, 4),
    ("the label of a reply",                     "suggestion.text.max",      chips(Reply("é" * 25)),                          chips(Reply("é" * 26)),                          "contentMessage.suggestions[0].reply.text",                                    26, 25),
    ("the label of an action of a card",         "suggestion.text.max",      card(suggestions=[ShareLocation("a" * 25)]),     card(suggestions=[ShareLocation("a" * 26)]),     CARD + ".suggestions[0].action.text",                                          26, 25),
    ("a postback",                               "suggestion.postback.max",  chips(Reply("Oui", postback="é" * 2048)),        chips(Reply("Oui", postback="é" * 2049)),        "contentMessage.suggestions[0].reply.postbackData",                            2049, 2048),
    ("the address behind an action",             "action.fallbackUrl.max",   chips(Dial("Oui", "1", fallback_url="a:" + "b" * 2046)), chips(Dial("Oui", "1", fallback_url="a:" + "b" * 2047)), "contentMessage.suggestions[0].action.fallbackUrl",             2049, 2048),
    ("an address",                               "openUrl.url.max",          chips(OpenUrl("Voir", "a:" + "b" * 2046)),       chips(OpenUrl("Voir", "a:" + "b" * 2047)),       "contentMessage.suggestions[0].action.openUrlAction.url",                      2049, 2048),
    ("the title of an event",                    "calendar.title.max",       event("é" * 100),                                event("é" * 101),                                "contentMessage.suggestions[0].action.createCalendarEventAction.title",        101, 100),
    ("the description of an event",              "calendar.description.max", event("é", "é" * 500),                           event("é", "é" * 501),                           "contentMessage.suggestions[0].action.createCalendarEventAction.description",  501, 500),
    ("the title of a card",                      "card.title.max",           card(title="a" * 200),                           card(title="a" * 201),                           CARD + ".title",                                                               201, 200),
    ("the description of a card",                "card.description.max",     card(description="a" * 2000),                    card(description="a" * 2001),                    CARD + ".description",                                                         2001, 2000),
    ("the title of the second card",             "card.title.max",           RichMessage(Carousel([RichCard("a"), RichCard("a" * 200)])), RichMessage(Carousel([RichCard("a"), RichCard("a" * 201)])), CAROUSEL + ".cardContents[1].title",             201, 200),
    ("a card with something on it",              "card.nonempty",            card(title=None, media=PICTURE),                 card(title=None, suggestions=replies(1)),        CARD,                                                                          "nothing", "a title, a description or media"),
    ("few cards",                                "carousel.cards.min",       cards(2),                                        cards(1),                                        CAROUSEL + ".cardContents",                                                    1, 2),
    ("many cards",                               "carousel.cards.max",       cards(10),                                       cards(11),                                       CAROUSEL + ".cardContents",                                                    11, 10),
    ("tall media in wide cards",                 "carousel.small.notall",    cards(2, media=Media(PICTURE, height="tall")),   RichMessage(Carousel([RichCard("a"), RichCard(media=Media(PICTURE, height="tall"))], **SMALL)), CAROUSEL + ".cardContents[1].media.height", "TALL", "SHORT or MEDIUM in small cards"),
    ("a side for the media of a wide card",      "horizontal.alignment",     card(orientation="horizontal"),                  card(orientation="horizontal", side=None),       "contentMessage.richCard.standaloneCard.thumbnailImageAlignment",              "none", "LEFT or RIGHT"),
    ("a height for the media of a card",         "vertical.height",          card(media=PICTURE),                             card(media=Media(PICTURE, height=None)),         CARD + ".media.height",                                                        "none", "SHORT, MEDIUM or TALL"),
    ("a height for the media in a carousel",     "vertical.height",          cards(2, media=PICTURE),                         RichMessage(Carousel([RichCard("a"), RichCard(media=Media(PICTURE, height=None))])), CAROUSEL + ".cardContents[1].media.height", "none", "SHORT, MEDIUM or TALL"),
    ("media with words beside it",               "horizontal.media.companion", card(media=PICTURE, orientation="horizontal"), card(title=None, media=PICTURE, orientation="horizontal"), CARD,                                                                "media alone", "a title, a description or suggestions beside it"),
    ("fifteen days",                             "ttl.max",                  RichMessage("a", ttl=timedelta(days=15)),        RichMessage("a", ttl=timedelta(days=15, microseconds=1)), "ttl",                                                                1296001, 1296000),
    ("one end of life",                          "ttl.union",                RichMessage("a", expires_at=NOON),               RichMessage("a", expires_at=NOON, ttl=timedelta(hours=1)), "expireTime",                                                         "ttl and expireTime", "one of them"),
    ("a file that is not too heavy",             "file.max",                 RichMessage(File(PICTURE, size_bytes=MIB_100)),  RichMessage(File(PICTURE, size_bytes=MIB_100 + 1)), "contentMessage.contentInfo.fileUrl",                                       MIB_100 + 1, MIB_100),
    ("files that are not too heavy together",    "file.max",                 cards(2, media=Media(PICTURE, size_bytes=MIB_100 // 2)), cards(2, media=Media(PICTURE, size_bytes=MIB_100 // 2 + 1)), "",                                                        MIB_100 + 2, MIB_100),
    ("a thumbnail that is not too heavy",        "thumbnail.max",            card(media=Media(PICTURE, thumbnail=PICTURE, thumbnail_bytes=100_000)), card(media=Media(PICTURE, thumbnail=PICTURE, thumbnail_bytes=100_001)), CARD + ".media.contentInfo.thumbnailUrl", 100_001, 100_000),
    ("the whole message",                        "payload.max",              RichMessage("a", extra={"x": "a" * (256_000 - FRAME)}), RichMessage("a", extra={"x": "a" * (256_001 - FRAME)}), "",                                                                256_001, 256_000),
]  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "allowed", "refused", "path", "actual", "limit"),
    [row[1:] for row in BOTH_SIDES],
    ids=[row[0] for row in BOTH_SIDES],
)
def test_both_sides_of_a_limit(rule, allowed, refused, path, actual, limit):
    assert [one for one in allowed.findings() if one.level is Level.ERROR] == []
    allowed.json()
    with pytest.raises(InvalidContent) as error:
        refused.validate()
    assert (error.value.rule, error.value.path, error.value.actual, error.value.limit) == (rule, path, actual, limit)
    assert len(error.value.problems) == 1
    with pytest.raises(InvalidContent):
        refused.json()


def test_every_limit_of_messages_has_its_two_sides():
    beyond_messages = {
        "messageId.format",
        "file.redirects.message",
        "file.redirects.create",
        "batch.users.max",
        "batch.users.min",
    }
    asked = {limit.id for limit in LIMITS.values() if limit.authority is Authority.API}
    assert asked - {row[1] for row in BOTH_SIDES} == beyond_messages


WARNINGS = [
    # what                                          rule                      quiet                                              warned                                           actual, limit
    ("a title of more bytes than characters",       "card.title.max",         card(title="é" * 100),                             card(title="é" * 100 + "a"),                     201, 200),
    ("a description of more bytes",                 "card.description.max",   card(description="é" * 1000),                      card(description="é" * 1001),                    2002, 2000),
    ("a life of nine seconds",                      "ttl.min.recommended",    RichMessage("a", ttl=timedelta(seconds=10)),       RichMessage("a", ttl=timedelta(seconds=9.5)),    9, 10),
    ("a thumbnail that some carriers refuse",       "thumbnail.recommended",  card(media=Media(PICTURE, thumbnail=PICTURE, thumbnail_bytes=50_000)), card(media=Media(PICTURE, thumbnail=PICTURE, thumbnail_bytes=50_001)), 50_001, 50_000),
    ("a message between kB and KiB",                "payload.advised",        RichMessage("a", extra={"x": "a" * (250_000 - FRAME)}), RichMessage("a", extra={"x": "a" * (250_001 - FRAME)}), 250_001, 250_000),
    ("a film by its ending where a card takes none", "media.type",            card(media="https://a.example/film.mp4?x=1.mov"),  card(media="https://a.example/film.MOV?x=1"),     "video/quicktime", "pictures and films in cards, sound in files"),
    ("a PDF in a card",                             "media.type",             RichMessage(File("https://a.example/a.pdf")),      card(media="https://a.example/a.pdf"),           "application/pdf", "in cards in India alone; send it as a File"),
    ("a thumbnail that is no picture",              "media.type",             card(media=Media(PICTURE, thumbnail=PICTURE)),     card(media=Media(PICTURE, thumbnail="https://a.example/a.mp4")), "video/mp4", "a JPEG, GIF or PNG picture"),
    ("an event that ends before it begins",         "form.order",             event(),                                           chips(CalendarEvent("Noter", "Soldes", NOON, NOON - timedelta(seconds=1))), "before the start", "the start or later"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "quiet", "warned", "actual", "limit"), [row[1:] for row in WARNINGS], ids=[row[0] for row in WARNINGS]
)
def test_what_may_be_refused_is_warned_of_and_sent(rule, quiet, warned, actual, limit):
    assert quiet.findings() == []
    found = warned.findings()
    assert [(one.rule, one.actual, one.limit, one.level) for one in found] == [(rule, actual, limit, Level.WARNING)]
    warned.validate()
    assert warned.json()


FORMS = [
    # what                                       message                                                  rule
    ("an empty text",                            RichMessage(""),                                         "form.empty"),
    ("an empty title",                           card(title=""),                                          "form.empty"),
    ("the first half of all characters", RichMessage("\ud800"), "form.whole"),
    ("a scheme alone", chips(OpenUrl("Voir", "https:")), "form.address"),
    ("an address that is heavy and none", chips(OpenUrl("Voir", "é" * 1500)), "form.address"),
    ("half a character",                         RichMessage("Bonjour \ud83d"),                           "form.whole"),
    ("a picture that no web server has",         card(media="ftp://a.example/a.jpg"),                     "form.web_address"),
    ("a picture without a host",                 card(media="https://"),                                  "form.web_address"),
    ("an address with a space",                  chips(OpenUrl("Voir", "https://a.example/a b")),         "form.address"),
    ("an address without a scheme",              chips(OpenUrl("Voir", "a.example")),                     "form.address"),
    ("a number with spaces",                     chips(Dial("Appeler", "01 23")),                         "form.dial"),
    ("a place off the globe",                    chips(ViewLocation("Voir", 90.1, 2)),                    "form.degrees"),
    ("a place that is no number",                chips(ViewLocation("Voir", 1, float("nan"))),            "form.degrees"),
    ("half a place",                             chips(ViewLocation("Voir", 1)),                          "form.missing"),
    ("no place",                                 chips(ViewLocation("Voir", label="Ici")),                "form.missing"),
    ("less than no time",                        RichMessage("a", ttl=timedelta(seconds=-1)),             "form.duration"),
    ("a declared type that no card shows",       card(media=Media("https://a.example/a", type="audio/mp3")), "media.type"),
    ("a wide card in a carousel",                RichMessage(Carousel([RichCard("a"), RichCard("b", orientation="horizontal")])), "carousel.orientation"),
]  # fmt: skip


@pytest.mark.parametrize(("message", "rule"), [row[1:] for row in FORMS], ids=[row[0] for row in FORMS])
def test_what_has_no_form_is_refused(message, rule):
    with pytest.raises(InvalidContent) as error:
        message.json()
    assert error.value.rule == rule
    assert [one.rule for one in message.findings()] == [rule]


LEGAL = [
    # what                                       message
    ("a scheme in capitals",                     card(media="HTTPS://A.example/a.JPG")),
    ("an address of a map",                      chips(OpenUrl("Voir", "geo:48.85,2.35"))),
    ("an address with accents",                  chips(OpenUrl("Voir", "https://a.example/été?q=œ"))),
    ("a short code",                             chips(Dial("Appeler", "#123*"))),
    ("an empty postback",                        chips(Reply("Oui", postback=""))),
    ("the poles",                                chips(ViewLocation("Voir", -90, 180), ViewLocation("Voir", query=""))),
    ("a file without an ending",                 RichMessage(File("https://a.example/12345"))),
    ("a declared type with a parameter",         RichMessage(File("https://a.example/a.exe", type="Audio/OGG; codecs=opus"))),
    ("an uploaded file",                         card(media=Media("files/1", uploaded=True, thumbnail="files/2"))),
    ("a wide card without media",                card(orientation="horizontal", side="right")),
    ("an emoji for a label",                     chips(Reply("👩‍🚀"))),
    ("an event of no length",                    event()),
    ("an empty file", RichMessage(File("https://a.example/a.pdf", size_bytes=0))),
    ("no time at all",                           RichMessage("a", ttl=timedelta(0))),
]  # fmt: skip


@pytest.mark.parametrize("message", [row[1] for row in LEGAL], ids=[row[0] for row in LEGAL])
def test_nothing_legal_is_refused(message):
    message.validate()


def test_all_faults_are_told_at_once_and_the_first_is_an_attribute():
    message = RichMessage(RichCard("a" * 201, media="x", suggestions=replies(5)), ttl=timedelta(days=16))
    with pytest.raises(InvalidContent) as error:
        message.validate()
    assert len(error.value.problems) == 4
    assert "201 characters, at most 200 (card.title.max)" in str(error.value)
    assert "1382400 seconds, at most 1296000" in str(error.value)


def test_an_end_of_life_is_checked_against_the_hour_that_it_is():
    message = RichMessage("a", expires_at=NOON + timedelta(days=15, seconds=1))
    assert message.findings() == []
    assert [one.rule for one in message.findings(now=NOON)] == ["ttl.max"]
    assert message.findings(now=NOON + timedelta(seconds=1)) == []


def test_a_finding_never_says_what_the_message_says():
    secret = "Anaïs 0612345678 "
    message = RichMessage(RichCard(secret * 20, media=secret), suggestions=[Dial(secret * 2, secret)])
    told = " ".join(map(str, message.findings())) + repr(message) + repr(message.findings())
    assert "Anaïs" not in told
    assert "0612345678" not in told


def test_every_limit_names_its_sources():
    assert len(LIMITS) == 42
    for limit in LIMITS.values():
        assert limit.sources
        assert all(len(source) > 15 for source in limit.sources)


def test_the_page_of_the_limits_is_the_limits():
    page = (Path(__file__).parents[2] / "docs" / "reference" / "rcs.md").read_text("utf-8")
    for limit in LIMITS.values():
        value = limit.value if isinstance(limit.value, str) else f"{limit.value:,}".replace(",", " ")
        assert f"| `{limit.id}` | {limit.path.replace('|', ' or ')} | {value} | {limit.unit} |" in page
    assert page.count("\n| `") - page.partition("## The limits")[0].count("\n| `") == len(LIMITS)


def test_a_finding_compares_counts_and_contrasts_words():
    assert str(Finding("a", "r", 3, 2, "cards")) == "a: 3 cards, at most 2 (r)"
    assert str(Finding("a", "r", 1, 2, "cards")) == "a: 1 cards, at least 2 (r)"
    assert str(Finding("", "r", 3, "two", advice="mend it")) == "the message: 3 where there should be two (r); mend it"
    assert str(Finding("a", "r", "three", 2)) == "a: three where there should be 2 (r)"
