"""RBM JSON that others wrote: each fault with its place, everything else as objects, and back."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from smskit.display import Level
from smskit.errors import InvalidContent, InvalidInput
from smskit.rcs import Media, OtherAction, Reply, RichCard, RichMessage, Traffic, check, load

NOON = datetime(2026, 6, 24, 12, tzinfo=timezone.utc)
TEXT = {"text": "Bonjour"}


def said(**members):
    return {"contentMessage": {**TEXT, **members}}


def tapped(**action):
    return said(suggestions=[{"action": {"text": "Oui", "postbackData": "oui", **action}}])


def card(content, **members):
    return {
        "contentMessage": {
            "richCard": {"standaloneCard": {"cardOrientation": "VERTICAL", "cardContent": content, **members}}
        }
    }


def carousel(**members):
    return {
        "contentMessage": {
            "richCard": {"carouselCard": {"cardWidth": "MEDIUM", "cardContents": [{"title": "a"}] * 2, **members}}
        }
    }


PLACE = "contentMessage.suggestions[0].action.viewLocationAction"
EVENT = {"startTime": "2026-06-24T12:00:00Z", "endTime": "2026-06-24T13:00:00Z", "title": "Soldes"}

FAULTS = [
    # what                                       payload                                                          path, rule
    ("nothing",                                  {},                                                              [("contentMessage", "form.missing")]),
    ("no content",                               {"contentMessage": {}},                                          [("contentMessage", "form.choice")]),
    ("null is absent",                           {"contentMessage": {"text": None}},                              [("contentMessage", "form.choice")]),
    ("two contents",                             said(contentInfo={"fileUrl": "https://a.example"}),              [("contentMessage", "form.choice")]),
    ("a content that is no object",              {"contentMessage": "Bonjour"},                                   [("contentMessage", "form.type")]),
    ("a text that is a number",                  {"contentMessage": {"text": 7}},                                 [("contentMessage.text", "form.type")]),
    ("the content one floor too high",           TEXT,                                                            [("contentMessage", "form.missing"), ("text", "form.unknown")]),
    ("a member that nobody knows",               {**said(), "nouveau": 1},                                        [("nouveau", "form.unknown")]),
    ("a member deep inside",                     card({"title": "a", "subtitle": "b"}),                           [("contentMessage.richCard.standaloneCard.cardContent.subtitle", "form.unknown")]),
    ("names in the other style",                 {**said(), "message_traffic_type": "PROMOTION"},                 [("message_traffic_type", "form.unknown")]),
    ("a traffic that does not exist",            {**said(), "messageTrafficType": "MARKETING"},                   [("messageTrafficType", "form.word")]),
    ("no card in the card",                      {"contentMessage": {"richCard": {}}},                            [("contentMessage.richCard", "form.choice")]),
    ("a card without orientation",               {"contentMessage": {"richCard": {"standaloneCard": {"cardContent": {"title": "a"}}}}}, [("contentMessage.richCard.standaloneCard.cardOrientation", "form.missing")]),
    ("a card without content",                   {"contentMessage": {"richCard": {"standaloneCard": {"cardOrientation": "VERTICAL"}}}}, [("contentMessage.richCard.standaloneCard.cardContent", "form.missing")]),
    ("a carousel without width",                 carousel(cardWidth=None),                                        [("contentMessage.richCard.carouselCard.cardWidth", "form.missing")]),
    ("a width that does not exist",              carousel(cardWidth="LARGE"),                                     [("contentMessage.richCard.carouselCard.cardWidth", "form.word")]),
    ("a width that says nothing",                carousel(cardWidth="CARD_WIDTH_UNSPECIFIED"),                    [("contentMessage.richCard.carouselCard.cardWidth", "form.missing")]),
    ("a carousel without cards",                 carousel(cardContents=None),                                     [("contentMessage.richCard.carouselCard.cardContents", "carousel.cards.min")]),
    ("a card that is a text",                    carousel(cardContents=["a", {"title": "a"}]),                    [("contentMessage.richCard.carouselCard.cardContents[0]", "form.type")]),
    ("cards that are no list",                   carousel(cardContents={}),                                       [("contentMessage.richCard.carouselCard.cardContents", "form.type")]),
    ("media from nowhere",                       card({"title": "a", "media": {"height": "TALL"}}),               [("contentMessage.richCard.standaloneCard.cardContent.media", "form.choice")]),
    ("media without address",                    card({"media": {"height": "TALL", "contentInfo": {}}}),          [("contentMessage.richCard.standaloneCard.cardContent.media.contentInfo.fileUrl", "form.missing")]),
    ("a refresh that is a text",                 {"contentMessage": {"contentInfo": {"fileUrl": "https://a.example", "forceRefresh": "yes"}}}, [("contentMessage.contentInfo.forceRefresh", "form.type")]),
    ("a suggestion that is neither",             said(suggestions=[{}]),                                          [("contentMessage.suggestions[0]", "form.choice")]),
    ("a suggestion that is both",                said(suggestions=[{"reply": {"text": "a", "postbackData": "a"}, "action": {}}]), [("contentMessage.suggestions[0]", "form.choice")]),
    ("a suggestion that is a text",              said(suggestions=["Oui"]),                                       [("contentMessage.suggestions[0]", "form.type")]),
    ("a reply without postback",                 said(suggestions=[{"reply": {"text": "Oui"}}]),                  [("contentMessage.suggestions[0].reply.postbackData", "form.missing")]),
    ("an action that does nothing",              tapped(),                                                        [("contentMessage.suggestions[0].action", "form.choice")]),
    ("an action that does two things",           tapped(dialAction={"phoneNumber": "1"}, shareLocationAction={}), [("contentMessage.suggestions[0].action", "form.choice")]),
    ("an action that nobody knows",              tapped(flyAction={}),                                            [("contentMessage.suggestions[0].action", "form.choice"), ("contentMessage.suggestions[0].action.flyAction", "form.unknown")]),
    ("a call to nobody",                         tapped(dialAction={}),                                           [("contentMessage.suggestions[0].action.dialAction.phoneNumber", "form.missing")]),
    ("no place",                                 tapped(viewLocationAction={}),                                   [(PLACE, "form.missing")]),
    ("a place of words",                         tapped(viewLocationAction={"latLong": {"latitude": "48", "longitude": 2}}), [(PLACE + ".latLong.latitude", "form.type")]),
    ("an empty place",                           tapped(viewLocationAction={"latLong": {}}),                      [(PLACE + ".latLong.latitude", "form.missing"), (PLACE + ".latLong.longitude", "form.missing")]),
    ("a place that is true",                     tapped(viewLocationAction={"latLong": {"latitude": True, "longitude": 2}}), [(PLACE + ".latLong.latitude", "form.type")]),
    ("an event without times",                   tapped(createCalendarEventAction={"title": "a"}),                [("contentMessage.suggestions[0].action.createCalendarEventAction.startTime", "form.missing"), ("contentMessage.suggestions[0].action.createCalendarEventAction.endTime", "form.missing")]),
    ("an event without a zone",                  tapped(createCalendarEventAction={**EVENT, "startTime": "2026-06-24T12:00:00"}), [("contentMessage.suggestions[0].action.createCalendarEventAction.startTime", "form.time")]),
    ("an event on a day that is none",           tapped(createCalendarEventAction={**EVENT, "startTime": "2026-02-30T12:00:00Z"}), [("contentMessage.suggestions[0].action.createCalendarEventAction.startTime", "form.time")]),
    ("an event without title",                   tapped(createCalendarEventAction={**EVENT, "title": None}),      [("contentMessage.suggestions[0].action.createCalendarEventAction.title", "form.missing")]),
    ("an address nowhere",                       tapped(openUrlAction={}),                                        [("contentMessage.suggestions[0].action.openUrlAction.url", "form.missing")]),
    ("a duration without unit",                  {**said(), "ttl": "60"},                                         [("ttl", "form.duration")]),
    ("a duration of a thousand million years",   {**said(), "ttl": "999999999999999s"},                           [("ttl", "form.duration")]),
    ("a long duration",                          {**said(), "ttl": "99999999999s"},                               [("ttl", "ttl.max")]),
    ("an end of life that is a number",          {**said(), "expireTime": 5},                                     [("expireTime", "form.type")]),
    ("two faults in one card",                   card({"title": "a" * 201, "suggestions": [7] * 5}),              [*((f"contentMessage.richCard.standaloneCard.cardContent.suggestions[{place}]", "form.type") for place in range(5)), ("contentMessage.richCard.standaloneCard.cardContent.title", "card.title.max"), ("contentMessage.richCard.standaloneCard.cardContent.suggestions", "suggestions.card.max")]),
]  # fmt: skip


@pytest.mark.parametrize(("payload", "expected"), [row[1:] for row in FAULTS], ids=[row[0] for row in FAULTS])
def test_each_fault_is_listed_with_its_place(payload, expected):
    found = check(payload)
    assert [(one.path, one.rule) for one in found if one.level is Level.ERROR] == expected
    with pytest.raises(InvalidContent) as error:
        load(payload)
    assert (error.value.path, error.value.rule) == expected[0]


@pytest.mark.parametrize(
    "payload",
    [b"", "[]", "{", '{"x": NaN}', 7, "\ud83d", b"\xff", "[" * 100_000],
    ids=lambda payload: repr(payload)[:12],
)
def test_what_is_no_json_object_is_refused(payload):
    with pytest.raises(InvalidInput):
        check(payload)


NOT_KEPT = [
    # what                                  payload
    ("an infinite number",                  {**said(), "x": [float("inf")]}),
    ("half a character",                    {**said(), "x": {"a": "\ud83d"}}),
    ("a name of half a character",          {**said(), "\ud83d": 1}),
    ("something that Python alone knows",   {**said(), "x": NOON}),
    ("half a character of the platform's",  {**said(), "name": "\ud83d"}),
    ("half a character in a newer action",  tapped(flyAction={"to": "\ud83d"})),
    ("half a character in a text",          {"contentMessage": {"text": "\ud83d"}}),
    ("a name that is a number",             {**said(), 7: 7, "x.y": 1}),
]  # fmt: skip


@pytest.mark.parametrize("payload", [row[1] for row in NOT_KEPT], ids=[row[0] for row in NOT_KEPT])
def test_what_cannot_be_written_is_an_error_even_where_it_would_be_kept(payload):
    assert any(one.level is Level.ERROR for one in check(payload, keep_unknown=True))
    with pytest.raises(InvalidContent):
        load(payload, keep_unknown=True)


def test_a_member_where_nothing_can_be_read_is_listed_too():
    payload = {"contentMessage": {"richCard": {"x": 1}}}
    assert [(one.path, one.level) for one in check(payload, keep_unknown=True)] == [
        ("contentMessage.richCard", Level.ERROR),
        ("contentMessage.richCard.x", Level.WARNING),
    ]


@pytest.mark.parametrize("word", ["Anaïs vous attend", 612345678, ["Anaïs"], "A" * 41])
def test_a_word_that_may_be_the_text_of_a_message_is_not_repeated(word):
    found = check({**said(), "messageTrafficType": word})
    assert [one.actual for one in found] == [{str: "a text", int: "a number", list: "a list"}[type(word)]]


def test_a_misspelt_member_is_pointed_at():
    found = check(card({"titel": "a", "title": "b"}))
    assert str(found[0]).endswith("is title meant?")


TOLD = [
    # what                                       payload                                                          rule                loads as
    ("a name of old times",                      {"contentMessage": {"fileName": "f"}},                           "form.deprecated"),
    ("a word that says nothing",                 carousel(cardContents=[{"title": "a"}, {"title": "a", "media": {"height": "MEDIUM", "contentInfo": {"fileUrl": "https://a.example"}}, "suggestions": [{"action": {"text": "a", "postbackData": "", "openUrlAction": {"url": "a:b", "application": "OPEN_URL_APPLICATION_UNSPECIFIED"}}}]}]), "form.word"),
    ("an action that was withdrawn",             tapped(composeAction={"composeTextMessage": {"text": "a"}}),     "form.unmodelled"),
    ("nanoseconds",                              {**said(), "expireTime": "2026-06-24T12:00:00.123456789Z"},      "form.precision"),
    ("nanoseconds of a duration",                {**said(), "ttl": "20.000000001s"},                              "form.precision"),
    ("what only the platform writes",            {**said(), "name": "phones/1/agentMessages/2", "carrier": "x"},  "form.output_only"),
]  # fmt: skip


@pytest.mark.parametrize(("payload", "rule"), [row[1:] for row in TOLD], ids=[row[0] for row in TOLD])
def test_what_cannot_be_kept_as_it_is_is_told_and_loads(payload, rule):
    assert {one.rule for one in check(payload)} == {rule}
    loaded = load(payload)
    assert load(loaded.json()) == loaded


def test_a_time_with_another_zone_is_the_same_instant():
    loaded = load(
        {**said(), "expireTime": "2026-06-24T14:00:00+02:00", "messageTrafficType": "MESSAGE_TRAFFIC_TYPE_UNSPECIFIED"}
    )
    assert loaded == RichMessage("Bonjour", expires_at=NOON)
    assert loaded.payload()["expireTime"] == "2026-06-24T12:00:00Z"


def test_an_hour_that_a_clock_skips_loads_back_equal():
    skipped = datetime(2026, 3, 29, 2, 30, tzinfo=ZoneInfo("Europe/Paris"))
    message = RichMessage("Bonjour", expires_at=skipped)
    assert message.payload()["expireTime"] == "2026-03-29T01:30:00Z"
    assert load(message.json()) == message


def test_a_time_beyond_the_years_is_refused():
    payload = {**said(), "expireTime": "9999-12-31T23:59:59-05:00"}
    assert [one.rule for one in check(payload)] == ["form.time"]
    with pytest.raises(InvalidInput):
        RichMessage("Bonjour", expires_at=datetime(9999, 12, 31, 23, tzinfo=timezone(timedelta(hours=-5))))


def test_the_second_that_is_put_in_is_the_next_one():
    assert load({**said(), "expireTime": "2026-06-24T11:59:60Z"}).expires_at == NOON


def test_members_that_nobody_knows_are_kept_on_request_and_written_back_in_their_place():
    payload = carousel(
        cardContents=[
            {"title": "a"},
            {
                "title": "b",
                "badge": {"colour": "red"},
                "suggestions": [{"reply": {"text": "a", "postbackData": "", "icon": 7}}],
            },
        ]
    )
    payload["newer"] = [1, None]
    with pytest.raises(InvalidContent):
        load(payload)
    loaded = load(payload, keep_unknown=True)
    assert [one.level for one in check(payload, keep_unknown=True)] == [Level.WARNING] * 3
    assert json.loads(loaded.json()) == payload
    assert load(loaded.json(), keep_unknown=True) == loaded


def test_an_action_newer_than_this_library_passes_through_on_request():
    payload = tapped(flyAction={"to": "Nice"})
    loaded = load(payload, keep_unknown=True)
    assert loaded.suggestions == (OtherAction("Oui", "flyAction", {"to": "Nice"}, postback="oui"),)
    assert json.loads(loaded.json()) == payload


def test_a_member_whose_name_looks_like_a_path_cannot_be_kept():
    with pytest.raises(InvalidContent):
        load({**said(), "a.b": 1}, keep_unknown=True)


EXTRAS = [
    # what                                       extra
    ("a place that is not there",                {"contentMessage.richCard.x": 1}),
    ("a place in a text",                        {"contentMessage.text.x": 1}),
    ("something that the message has itself",    {"contentMessage.text": "autre"}),
    ("a place in a list",                        {"contentMessage.suggestions[0]": 1}),
    ("nowhere",                                  {"": 1}),
]  # fmt: skip


@pytest.mark.parametrize("extra", [row[1] for row in EXTRAS], ids=[row[0] for row in EXTRAS])
def test_an_extra_that_leads_nowhere_is_refused(extra):
    with pytest.raises(InvalidInput):
        RichMessage("Bonjour", suggestions=[Reply("Oui")], extra=extra).json()


def test_an_extra_is_json():
    with pytest.raises(InvalidInput):
        RichMessage("Bonjour", extra={"x": NOON})
    with pytest.raises(InvalidInput):
        RichMessage("Bonjour", extra={"x": float("nan")})


def test_a_whole_message_by_hand():
    message = RichMessage(
        RichCard("Soldes", media=Media("https://a.example/a.jpg", alt="Une plage", height="tall")),
        suggestions=[Reply("STOP", postback="stop")],
        traffic=Traffic.PROMOTION,
        ttl=timedelta(hours=4, milliseconds=500),
    )
    assert json.loads(message.json()) == {
        "contentMessage": {
            "richCard": {
                "standaloneCard": {
                    "cardOrientation": "VERTICAL",
                    "cardContent": {
                        "title": "Soldes",
                        "media": {
                            "contentInfo": {"fileUrl": "https://a.example/a.jpg"},
                            "height": "TALL",
                            "contentDescription": "Une plage",
                        },
                    },
                }
            },
            "suggestions": [{"reply": {"text": "STOP", "postbackData": "stop"}}],
        },
        "messageTrafficType": "PROMOTION",
        "ttl": "14400.5s",
    }
    assert load(message.json()) == message
