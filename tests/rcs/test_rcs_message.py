"""Defaults, features, billing, hints and pictures of rich messages."""

from __future__ import annotations

from datetime import datetime, timezone
from decimal import Decimal
from html.parser import HTMLParser

import pytest

from smskit.display import Level, to_text
from smskit.errors import InvalidInput, NaiveDatetime
from smskit.kinds import Kind
from smskit.rcs import (
    Application,
    Billing,
    CalendarEvent,
    Carousel,
    Dial,
    Feature,
    File,
    Height,
    Media,
    OpenUrl,
    Orientation,
    OtherAction,
    Reply,
    RichCard,
    RichMessage,
    RichPrices,
    ShareLocation,
    Side,
    Traffic,
    ViewLocation,
    Width,
)

NOON = datetime(2026, 6, 24, 12, tzinfo=timezone.utc)
PICTURE = "https://a.example/a.jpg"


# ---------------------------------------------------------------- defaults and arguments


def test_a_designer_needs_to_say_little():
    card = RichCard("Été", media=PICTURE)
    assert card.orientation is Orientation.VERTICAL
    assert card.side is None
    assert card.media == Media(PICTURE, height=Height.MEDIUM)
    assert RichCard("Été", orientation="horizontal").side is Side.LEFT
    assert Carousel([card, card]).width is Width.MEDIUM
    assert Reply("Oui").postback == "Oui"
    assert OpenUrl("Voir", PICTURE).application is None
    assert OpenUrl("Voir", PICTURE, view_mode="half").application is Application.WEBVIEW


@pytest.mark.parametrize(
    ("kind", "traffic"),
    [(Kind.MARKETING, Traffic.PROMOTION), (Kind.NOTIFICATION, Traffic.TRANSACTION), (Kind.OTP, Traffic.AUTHENTICATION)],
)
def test_the_traffic_follows_from_the_kind(kind, traffic):
    assert Traffic.of(kind) is traffic


def test_a_content_is_a_message_and_a_message_stays_what_it_is():
    message = RichMessage("Bonjour", traffic="promotion")
    assert RichMessage.of(message) is message
    assert RichMessage.of("Bonjour") == RichMessage("Bonjour")


WRONG = [
    # what                                       call                                                             error
    ("a height that does not exist",             lambda: Media(PICTURE, height="enormous"),                       InvalidInput),
    ("a traffic that does not exist",            lambda: RichMessage("a", traffic="marketing"),                   InvalidInput),
    ("an event at no instant",                   lambda: CalendarEvent("a", "b", NOON.replace(tzinfo=None), NOON), NaiveDatetime),
    ("an end at no instant",                     lambda: RichMessage("a", expires_at=NOON.replace(tzinfo=None)),  NaiveDatetime),
    ("a file of less than nothing",              lambda: File(PICTURE, size_bytes=-1),                            InvalidInput),
    ("an action that is none",                   lambda: OtherAction("a", "fly", {}),                             InvalidInput),
    ("an action that is no JSON",                lambda: OtherAction("a", "flyAction", {"a": NOON}),              InvalidInput),
    ("a platform that does not exist",           lambda: RichMessage("a").preview("windows"),                     InvalidInput),
    ("a share that is none",                     lambda: RichPrices.of(basic="1", single="1", conversation="1").expected_micros(Billing.BASIC, Decimal(2)), InvalidInput),
    ("a conversation without a price",           lambda: RichPrices.of(basic="1", single="1").expected_micros(Billing.BASIC, Decimal(1)), InvalidInput),
]  # fmt: skip


@pytest.mark.parametrize(("call", "error"), [row[1:] for row in WRONG], ids=[row[0] for row in WRONG])
def test_wrong_arguments_are_refused_at_once(call, error):
    with pytest.raises(error):
        call()


def test_values_are_equal_and_hashable_whatever_is_known_of_their_files():
    assert Media(PICTURE, size_bytes=5) == Media(PICTURE)
    assert len({RichMessage(RichCard("a", media=PICTURE)), RichMessage(RichCard("a", media=PICTURE))}) == 1


# ---------------------------------------------------------------- what it takes and costs

FEATURES = [
    # what                                       message                                                           features
    ("a text",                                   RichMessage("a", suggestions=[Reply("a")]),                       set()),
    ("a card that opens a sheet",                RichMessage(RichCard("a", suggestions=[OpenUrl("a", PICTURE, view_mode="full")])), {Feature.CARD, Feature.OPEN_URL_IN_WEBVIEW}),
    ("a carousel is no card",                    RichMessage(Carousel([RichCard("a")] * 2)),                       {Feature.CAROUSEL}),
    ("every action",                             RichMessage("a", suggestions=[Dial("a", "1"), ViewLocation("a", 1, 2), ShareLocation("a"), CalendarEvent("a", "b", NOON, NOON), OpenUrl("a", PICTURE)]), {Feature.DIAL, Feature.VIEW_LOCATION, Feature.SHARE_LOCATION, Feature.CALENDAR, Feature.OPEN_URL}),
    ("a PDF in a card",                          RichMessage(RichCard("a", media="https://a.example/a.pdf")),      {Feature.CARD, Feature.PDF_IN_CARD}),
    ("a PDF alone",                              RichMessage(File("https://a.example/a.pdf")),                     set()),
]  # fmt: skip


@pytest.mark.parametrize(("message", "features"), [row[1:] for row in FEATURES], ids=[row[0] for row in FEATURES])
def test_what_the_handset_must_know_how_to_do(message, features):
    assert message.features == features


CLASSES = [
    # what                                       message                                             billing
    ("80 accents are 160 bytes",                 RichMessage("é" * 80),                              Billing.BASIC),
    ("81 are not",                               RichMessage("é" * 81),                              Billing.SINGLE),
    ("160 letters",                              RichMessage("a" * 160),                             Billing.BASIC),
    ("161 letters",                              RichMessage("a" * 161),                             Billing.SINGLE),
    ("40 emoji",                                 RichMessage("😀" * 40),                             Billing.BASIC),
    ("41 emoji",                                 RichMessage("😀" * 41),                             Billing.SINGLE),
    ("one suggestion",                           RichMessage("a", suggestions=[Reply("a")]),         Billing.SINGLE),
    ("a card",                                   RichMessage(RichCard("a")),                         Billing.SINGLE),
    ("a file",                                   RichMessage(File(PICTURE)),                         Billing.SINGLE),
]  # fmt: skip


@pytest.mark.parametrize(("message", "billing"), [row[1:] for row in CLASSES], ids=[row[0] for row in CLASSES])
def test_what_a_message_is_billed_as(message, billing):
    assert message.billing() is billing
    assert message.billing(in_conversation=True) is Billing.CONVERSATION


def test_prices_by_class_and_by_who_answers():
    prices = RichPrices.of(basic="0.04", single="0.06", conversation="0.10")
    assert [prices.micros_for(one) for one in Billing] == [40_000, 60_000, 0]
    assert prices.expected_micros(Billing.SINGLE, Decimal("0.25")) == 70_000
    assert RichPrices.of(basic="0.04", single="0.06").expected_micros(Billing.BASIC, Decimal(0)) == 40_000


HINTS = [
    # what                                       message                                                            rule                      actual
    ("a suggestion under a short text",          RichMessage("a", suggestions=[Reply("Oui")]),                      "cost.suggestions",       1),
    ("accents that weigh too much",              RichMessage("é" * 81),                                             "cost.bytes",             162),
    ("a card of words alone",                    RichMessage(RichCard("a", "b")),                                   "cost.card",              "a card of words alone"),
    ("no traffic",                               RichMessage("a"),                                                  "traffic.unset",          "none"),
    ("a question for the place first",           RichMessage(File(PICTURE), suggestions=[ShareLocation("a")]),      "look.first_suggestion",  "a question for the place"),
    ("three actions",                            RichMessage(File(PICTURE), suggestions=[Dial("a", "1")] * 3),      "look.ios_actions",       "3 actions"),
    ("a horizontal card",                        RichMessage(RichCard("a", media=PICTURE, orientation="horizontal")), "look.ios_horizontal",  "a horizontal card"),
    ("a long title",                             RichMessage(RichCard("a" * 103)),                                  "look.ios_title",         "103 characters"),
    ("many lines",                               RichMessage(RichCard("a", "b\n" * 6)),                             "look.ios_lines",         "about 8 lines"),
    ("an address in a card",                     RichMessage(RichCard("a", "www.a.example")),                       "look.ios_address",       "an address"),
    ("two buttons",                              RichMessage(RichCard("a", suggestions=[Reply("a")] * 2)),          "look.ios_buttons",       "2 buttons"),
    ("a picture without words",                  RichMessage(RichCard("a", media=PICTURE)),                         "look.alt",               "none"),
    ("a film without a picture",                 RichMessage(RichCard("a", media="https://a.example/a.mp4")),       "look.thumbnail",         "a film without thumbnail"),
    ("a moving picture",                         RichMessage(RichCard("a", media="https://a.example/a.gif")),       "look.ios_gif",           "a moving picture"),
    ("media of two heights",                     RichMessage(Carousel([RichCard(media=Media(PICTURE, height=one)) for one in ("short", "tall")])), "look.heights", "media of 2 heights"),
]  # fmt: skip


@pytest.mark.parametrize(("message", "rule", "actual"), [row[1:] for row in HINTS], ids=[row[0] for row in HINTS])
def test_what_could_be_cheaper_or_better_to_look_at_is_said(message, rule, actual):
    assert [one.actual for one in message.lint() if one.rule == rule] == [actual]
    assert all(one.level is not Level.ERROR for one in message.lint())


def test_there_is_nothing_to_say_of_a_good_message():
    card = RichCard("Soldes", media=Media(PICTURE, alt="Une plage"), suggestions=[OpenUrl("Voir", PICTURE)])
    assert RichMessage(card, suggestions=[Reply("STOP")], traffic="promotion").lint() == []
    assert RichMessage("é" * 80, traffic="promotion").lint() == []
    assert RichMessage("é" * 81, suggestions=[Reply("a")], traffic="promotion").lint() == []


# ---------------------------------------------------------------- pictures

HOSTILE = '<script>alert("1")</script>\x1b\u202e'


class Page(HTMLParser):
    def __init__(self, html):
        super().__init__()
        self.tags, self.attributes, self.text = set(), set(), ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes.update(name for name, _ in attrs)

    def handle_data(self, data):
        self.text += data


SHOWN = [
    # what             object
    ("a text",         RichMessage(HOSTILE, suggestions=[Reply(HOSTILE), Dial(HOSTILE, "1")])),
    ("a card",         RichCard(HOSTILE, HOSTILE, media=Media(PICTURE, alt=HOSTILE), suggestions=[OpenUrl(HOSTILE, "https://[" + HOSTILE)])),
    ("a carousel",     Carousel([RichCard(HOSTILE, media=PICTURE)] * 2)),
    ("a file",         RichMessage(File(PICTURE, type=HOSTILE))),
    ("a wrong card",   RichCard("a" * 201, HOSTILE, media=HOSTILE)),
    ("a preview",      RichMessage(HOSTILE).preview("ios", sender=HOSTILE)),
]  # fmt: skip


@pytest.mark.parametrize("shown", [row[1] for row in SHOWN], ids=[row[0] for row in SHOWN])
def test_no_browser_and_no_terminal_obeys_what_a_message_says(shown):
    html = shown._repr_html_()
    page = Page(html)
    assert page.tags <= {"div", "span", "b"}
    assert page.attributes <= {"style"}
    assert not set(html) & set("\x1b\u202e")
    assert not set(str(shown)) & set("\x1b\u202e")
    for outside in ("url(", "src=", "href", "@import", PICTURE):
        assert outside not in html
    for opaque in ("background:#", "background:white", ";color:#"):
        assert opaque not in html


CARD = RichCard(
    "Soldes d'été",
    "Jusqu'à dimanche, " * 9,
    media=Media(PICTURE, alt="Une plage", height="tall"),
    suggestions=[OpenUrl("Voir", "https://boutique.example/soldes"), Reply("Plus tard")],
)


def test_each_phone_shows_what_it_shows():
    message = RichMessage(
        CARD, suggestions=[ShareLocation("Ici"), Reply("Oui"), Dial("Appeler", "1"), Dial("Encore", "1")]
    )
    android, ios = (str(message.preview(platform)) for platform in ("android", "ios"))
    assert "↗ Voir · boutique.example" in android
    assert "( ⌖ Ici ) ( Oui )" in android
    assert "its text is cut to one line" in android
    assert "Options ▾" not in android
    assert "boutique.example" not in ios
    assert ios.count("Options ▾") == 2
    assert ios.index("( Oui )") < ios.index("( Options ▾ )", ios.index("( Oui )"))
    assert "the height of media is not obeyed" in ios


def test_media_is_as_tall_as_on_android_and_of_one_height_on_ios():
    android, ios = (RichMessage(CARD).preview(platform)._repr_html_() for platform in ("android", "ios"))
    assert "height:264px" in android
    assert "height:168px" in ios
    small = RichMessage(Carousel([CARD, CARD], width="small"))
    assert "width:180px" in small.preview()._repr_html_()
    assert "width:296px" in small.preview("ios")._repr_html_()


def test_one_view_has_both_phones_the_price_and_what_to_mend():
    drawing = to_text(RichMessage("é" * 81, traffic="promotion").view(), 200)
    assert drawing.startswith("billed as single · bytes ")
    assert "Android\n" in drawing
    assert "iOS\n" in drawing
    assert "162 bytes, at most 160 (cost.bytes); of which 81 for accents" in drawing


def test_a_broken_message_can_be_looked_at():
    drawing = str(
        RichMessage(RichCard(suggestions=[Reply("\ud83d")] * 5), suggestions=[ViewLocation("a", float("nan"), 1)])
    )
    assert "errors: " in drawing
    assert "card.nonempty" in drawing


def test_ios_says_what_it_does_otherwise_and_nothing_else():
    plain = RichCard("Soldes", media=PICTURE, suggestions=[OpenUrl("Voir", PICTURE)])
    shown = str(RichMessage(plain).preview("ios"))
    assert "image/jpeg" in shown
    assert "( ↗ Voir )" in shown
    assert "note" not in shown
    aside = RichCard("Soldes", media=Media("https://a.example/a", height="medium"), orientation="horizontal")
    shown = str(RichMessage(aside).preview("ios"))
    assert "notes: a horizontal card may crop its picture, and breaks films" in shown
    assert "[media]" in shown
    assert "media is not obeyed" not in str(RichMessage(RichCard("Soldes")).preview("ios"))


def test_android_sets_the_picture_beside_the_words_and_leaves_short_words_alone():
    aside = RichCard("Soldes", "Une ligne", media=PICTURE, orientation="horizontal", side="right")
    assert "[image/jpeg, on the right]" in str(aside)
    assert ", on the" not in str(RichCard("Soldes", media=PICTURE))
    full = RichCard("Soldes", "a" * 37, media=Media(PICTURE, height="tall"))
    assert "…" not in str(RichMessage(full).preview())
    tall = RichCard("Un titre", "x " * 60, media=Media(PICTURE, height="tall"))
    shown = str(RichMessage(tall).preview())
    assert "Un titre\n" in shown
    assert "x…" in shown
    long = str(RichMessage(RichCard("t " * 100, "x " * 990)).preview())
    assert "its title is cut" not in long
    assert "its text is cut to one line" in long
    assert "its title is cut to one line" in str(
        RichMessage(RichCard("t " * 100, "x " * 990, media=Media(PICTURE, height="tall"))).preview()
    )
    two_lines = str(RichMessage(RichCard("t " * 30, "Une ligne", media=Media(PICTURE, height="tall"))).preview())
    assert "Une ligne\n" in two_lines
    assert "its text is cut" not in two_lines
    assert "its title is cut to one line" in two_lines


def test_a_file_is_shown_by_what_is_known_of_it():
    assert "[application/pdf]" in str(RichMessage(File("https://a.example/a.pdf")).preview())
    assert "[a file]" in str(RichMessage(File("https://a.example/a")).preview("ios"))


def test_two_actions_are_not_too_many():
    message = RichMessage(File(PICTURE), suggestions=[Dial("a", "1")] * 2, traffic="promotion")
    assert message.lint() == []
    assert "Options" not in str(message.preview("ios"))


def test_everybody_may_answer():
    prices = RichPrices.of(basic="0.04", single="0.06", conversation="0.10")
    assert prices.expected_micros(Billing.BASIC, Decimal(1)) == 100_000
