"""Messages at the edge of what RBM takes, as objects, and payloads beyond it, each with one fault."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone

from smskit.rcs import (
    CalendarEvent,
    Carousel,
    Dial,
    File,
    Media,
    OpenUrl,
    Reply,
    RichCard,
    RichMessage,
    ShareLocation,
    Suggestion,
    ViewLocation,
)

NOON = datetime(2026, 6, 24, 12, tzinfo=timezone.utc)
PICTURE = "https://boutique.example/a.jpg"
FULL = RichCard("é" * 200, "é" * 2000, media=PICTURE, suggestions=[OpenUrl("a" * 25, PICTURE, postback="a" * 2048)] * 4)


def chips(*suggestions: Suggestion) -> RichMessage:
    return RichMessage("Bonjour", suggestions=suggestions)


EDGES = [
    # what                                    message
    ("the shortest text",                     RichMessage("a")),
    ("the longest text",                      RichMessage("é" * 3072)),
    ("the longest text of emoji",             RichMessage("😀" * 3072)),
    ("a text of two lines",                   RichMessage("Bonjour\nLes soldes")),
    ("eleven suggestions",                    chips(*[Reply("Oui")] * 11)),
    ("the longest label and postback",        chips(Reply("é" * 25, postback="é" * 2048))),
    ("an empty postback",                     chips(Reply("Oui", postback=""))),
    ("a call",                                chips(Dial("Appeler", "+33123456789"))),
    ("a call to a short code",                chips(Dial("Appeler", "*123#"))),
    ("a call, else a page",                   chips(Dial("Appeler", "1011", fallback_url=PICTURE))),
    ("a place",                               chips(ViewLocation("Voir", 48.85, 2.35, label="Boutique"))),
    ("a place at the edge of the globe",      chips(ViewLocation("Voir", -90, 180))),
    ("a place to search",                     chips(ViewLocation("Voir", query="Boutique, Lyon"))),
    ("a place and a search",                  chips(ViewLocation("Voir", 0, 0, query="Boutique"))),
    ("a question for the place",              chips(ShareLocation("Ici"))),
    ("an event",                              chips(CalendarEvent("Noter", "é" * 100, NOON, NOON, description="é" * 500))),
    ("an event in another zone",              chips(CalendarEvent("Noter", "a", NOON.astimezone(timezone(timedelta(hours=-5))), NOON + timedelta(microseconds=1)))),
    ("the longest address",                   chips(OpenUrl("Voir", "https://a.example/" + "a" * 2030))),
    ("an address with accents",               chips(OpenUrl("Voir", "https://été.example/œ?q=ç"))),
    ("an address of a map",                   chips(OpenUrl("Voir", "geo:48.85,2.35"))),
    ("a sheet of each height",                chips(*(OpenUrl("Voir", PICTURE, view_mode=one) for one in ("full", "half", "tall")))),
    ("the browser by name",                   chips(OpenUrl("Voir", PICTURE, application="browser", description="Les soldes"))),
    ("a card of a title",                     RichMessage(RichCard("a"))),
    ("a card of a description",               RichMessage(RichCard(description="a"))),
    ("a card of a picture",                   RichMessage(RichCard(media=PICTURE))),
    ("a full card",                           RichMessage(FULL, suggestions=[Reply("Oui")] * 11)),
    ("a card to the right of its picture",    RichMessage(RichCard("a", media=PICTURE, orientation="horizontal"))),
    ("a card to the left of it",              RichMessage(RichCard(media=PICTURE, suggestions=[Reply("Oui")], orientation="horizontal", side="right"))),
    ("a picture with all that it can have",   RichMessage(RichCard(media=Media(PICTURE, thumbnail=PICTURE, force_refresh=True, alt="Une plage", height="tall")))),
    ("an uploaded picture",                   RichMessage(RichCard(media=Media("files/1", uploaded=True, thumbnail="files/2", height="short")))),
    ("two cards",                             RichMessage(Carousel([RichCard("a"), RichCard("b")]))),
    ("ten full cards",                        RichMessage(Carousel([FULL] * 10))),
    ("small cards",                           RichMessage(Carousel([RichCard(media=Media(PICTURE, height="medium"))] * 2, width="small"))),
    ("tall pictures in wide cards",           RichMessage(Carousel([RichCard(media=Media(PICTURE, height="tall"))] * 2, width="medium"))),
    ("a file",                                RichMessage(File("HTTPS://boutique.example/a.pdf"))),
    ("a file with a picture for it",          RichMessage(File(PICTURE, thumbnail=PICTURE, force_refresh=False))),
    ("an uploaded file",                      RichMessage(File("files/1", uploaded=True))),
    ("no time at all",                        RichMessage("a", ttl=timedelta(0))),
    ("fifteen days and its traffic",          RichMessage("a", ttl=timedelta(days=15), traffic="promotion")),
    ("a time with a fraction",                RichMessage("a", ttl=timedelta(seconds=12.5), traffic="service_request")),
    ("an end",                                RichMessage("a", expires_at=NOON, traffic="authentication")),
]  # fmt: skip


TEXT = {"text": "Bonjour"}
SAID = {"text": "Oui", "postbackData": "oui"}
FILE = {"fileUrl": PICTURE}
SHOWN = {"height": "MEDIUM", "contentInfo": FILE}
EVENT = {"startTime": "2026-06-24T12:00:00Z", "endTime": "2026-06-24T13:00:00Z", "title": "Soldes"}


def said(**members: object) -> dict[str, object]:
    return {"contentMessage": {**TEXT, **members}}


def with_all(**members: object) -> dict[str, object]:
    return {**said(), **members}


def replied(**members: object) -> dict[str, object]:
    return said(suggestions=[{"reply": {**SAID, **members}}])


def tapped(**members: object) -> dict[str, object]:
    return said(suggestions=[{"action": {**SAID, **members}}])


def opened(**members: object) -> dict[str, object]:
    return tapped(openUrlAction={"url": PICTURE, **members})


def noted(**members: object) -> dict[str, object]:
    return tapped(createCalendarEventAction={**EVENT, **members})


def found_at(latitude: object, longitude: object) -> dict[str, object]:
    return tapped(viewLocationAction={"latLong": {"latitude": latitude, "longitude": longitude}})


def in_card(card: object) -> dict[str, object]:
    return {"contentMessage": {"richCard": card}}


def card(content: object, **members: object) -> dict[str, object]:
    return in_card({"standaloneCard": {"cardOrientation": "VERTICAL", "cardContent": content, **members}})


def aside(content: object, **members: object) -> dict[str, object]:
    return card(content, **{"cardOrientation": "HORIZONTAL", "thumbnailImageAlignment": "LEFT", **members})


def cards(*contents: object, width: object = "MEDIUM") -> dict[str, object]:
    return in_card({"carouselCard": {"cardWidth": width, "cardContents": list(contents)}})


def without(name: str, members: Mapping[str, object]) -> dict[str, object]:
    return {key: one for key, one in members.items() if key != name}


A = {"title": "a"}
PASSED = {"extra": 1}

BROKEN = [
    # what                                          payload
    # -- the message
    ("nothing at all",                              {}),
    ("a content that is a text",                    {"contentMessage": "Bonjour"}),
    ("a content that is a list",                    {"contentMessage": [TEXT]}),
    ("a content that is empty",                     {"contentMessage": {}}),
    ("the content one floor too high",              TEXT),
    ("a member that nobody knows",                  with_all(**PASSED)),
    ("a member of the other style",                 with_all(message_traffic_type="PROMOTION")),
    ("a traffic that does not exist",               with_all(messageTrafficType="MARKETING")),
    ("a traffic in small letters",                  with_all(messageTrafficType="promotion")),
    ("a traffic that is a number",                  with_all(messageTrafficType=3)),
    ("two ends of life",                            with_all(ttl="60s", expireTime="2026-06-24T12:00:00Z")),
    ("a time to live without unit",                 with_all(ttl="60")),
    ("a time to live that is a number",             with_all(ttl=60)),
    ("a time to live below nothing",                with_all(ttl="-5s")),
    ("a time to live in minutes",                   with_all(ttl="5m")),
    ("a time to live of ten decimals",              with_all(ttl="5.0123456789s")),
    ("an end without a zone",                       with_all(expireTime="2026-06-24T12:00:00")),
    ("an end that is a day",                        with_all(expireTime="2026-06-24")),
    ("an end in a month that is none",              with_all(expireTime="2026-13-24T12:00:00Z")),
    ("an end that is a number",                     with_all(expireTime=1782302400)),
    # -- the content
    ("an empty text",                               {"contentMessage": {"text": ""}}),
    ("a text that is a number",                     {"contentMessage": {"text": 7}}),
    ("a text of 3 073 characters",                  {"contentMessage": {"text": "é" * 3073}}),
    ("a text and a file",                           said(contentInfo=FILE)),
    ("a text and a card",                           said(richCard={"standaloneCard": {"cardOrientation": "VERTICAL", "cardContent": A}})),
    ("a member of the content that nobody knows",   said(**PASSED)),
    ("a file without address",                      {"contentMessage": {"contentInfo": {"thumbnailUrl": PICTURE}}}),
    ("a file on no web server",                     {"contentMessage": {"contentInfo": {"fileUrl": "s3://boutique/a.jpg"}}}),
    ("a file whose address has a space",            {"contentMessage": {"contentInfo": {"fileUrl": "https://a.example/a b"}}}),
    ("a picture for a file on no web server",       {"contentMessage": {"contentInfo": {**FILE, "thumbnailUrl": "a.jpg"}}}),
    ("a refresh that is a text",                    {"contentMessage": {"contentInfo": {**FILE, "forceRefresh": "true"}}}),
    ("a member of a file that nobody knows",        {"contentMessage": {"contentInfo": {**FILE, **PASSED}}}),
    ("an uploaded file without name",               {"contentMessage": {"uploadedRbmFile": {}}}),
    ("an uploaded file of an empty name",           {"contentMessage": {"uploadedRbmFile": {"fileName": ""}}}),
    # -- suggestions
    ("suggestions that are no list",                said(suggestions={"reply": SAID})),
    ("twelve suggestions",                          said(suggestions=[{"reply": SAID}] * 12)),
    ("a suggestion that is a text",                 said(suggestions=["Oui"])),
    ("a suggestion that is neither",                said(suggestions=[{}])),
    ("a suggestion that is both",                   said(suggestions=[{"reply": SAID, "action": {**SAID, "shareLocationAction": {}}}])),
    ("a member of a suggestion that nobody knows",  said(suggestions=[{"reply": SAID, **PASSED}])),
    ("a reply without label",                       said(suggestions=[{"reply": without("text", SAID)}])),
    ("a reply without postback",                    said(suggestions=[{"reply": without("postbackData", SAID)}])),
    ("an empty label",                              replied(text="")),
    ("a label of 26 characters",                    replied(text="é" * 26)),
    ("a postback of 2 049 characters",              replied(postbackData="a" * 2049)),
    ("a postback that is an object",                replied(postbackData={"a": 1})),
    ("a member of a reply that nobody knows",       replied(**PASSED)),
    ("a fallback of a reply",                       replied(fallbackUrl=PICTURE)),
    # -- actions
    ("an action that does nothing",                 tapped()),
    ("an action that does two things",              tapped(dialAction={"phoneNumber": "1"}, shareLocationAction={})),
    ("an action that nobody knows",                 tapped(flyAction={})),
    ("a label of an action of 26 characters",       tapped(text="a" * 26, shareLocationAction={})),
    ("a fallback that is no address",               tapped(fallbackUrl="boutique", shareLocationAction={})),
    ("a fallback of 2 049 characters",              tapped(fallbackUrl="https://" + "a" * 2041, shareLocationAction={})),
    ("a call to nobody",                            tapped(dialAction={})),
    ("a call to a number with spaces",              tapped(dialAction={"phoneNumber": "01 23 45"})),
    ("a call to a name",                            tapped(dialAction={"phoneNumber": "Boutique"})),
    ("a call to an empty number",                   tapped(dialAction={"phoneNumber": ""})),
    ("a call to a number that is one",              tapped(dialAction={"phoneNumber": 33123456789})),
    ("no place",                                    tapped(viewLocationAction={})),
    ("half a place",                                tapped(viewLocationAction={"latLong": {"latitude": 48.85}})),
    ("a place north of the pole",                   found_at(90.1, 2)),
    ("a place west of the line",                    found_at(48, -180.1)),
    ("a place of words",                            found_at("48.85", 2)),
    ("a place that is true",                        found_at(True, 2)),
    ("a question for the place with a place",       tapped(shareLocationAction={"latLong": {}})),
    ("an address that is missing",                  tapped(openUrlAction={})),
    ("an address without scheme",                   opened(url="boutique.example")),
    ("an address of 2 049 characters",              opened(url="https://" + "a" * 2041)),
    ("an empty address",                            opened(url="")),
    ("a browser that does not exist",               opened(application="SAFARI")),
    ("a sheet that does not exist",                 opened(application="WEBVIEW", webviewViewMode="SMALL")),
    ("a description of an address that is a list",  opened(description=["a"])),
    ("an event without beginning",                  tapped(createCalendarEventAction=without("startTime", EVENT))),
    ("an event without end",                        tapped(createCalendarEventAction=without("endTime", EVENT))),
    ("an event without title",                      tapped(createCalendarEventAction=without("title", EVENT))),
    ("an event of an empty title",                  noted(title="")),
    ("a title of an event of 101 characters",       noted(title="a" * 101)),
    ("a description of an event of 501 characters", noted(description="a" * 501)),
    ("an event at no instant",                      noted(startTime="24/06/2026 12:00")),
    ("a member of an event that nobody knows",      noted(location="Lyon")),
    # -- cards
    ("a card that is neither",                      in_card({})),
    ("a card that is both",                         in_card({"standaloneCard": {"cardOrientation": "VERTICAL", "cardContent": A}, "carouselCard": {"cardWidth": "SMALL", "cardContents": [A, A]}})),
    ("a card without orientation",                  in_card({"standaloneCard": {"cardContent": A}})),
    ("a card of an orientation that is none",       card(A, cardOrientation="DIAGONAL")),
    ("a card without content",                      in_card({"standaloneCard": {"cardOrientation": "VERTICAL"}})),
    ("a card of nothing",                           card({})),
    ("a card of suggestions",                       card({"suggestions": [{"reply": SAID}]})),
    ("a wide card without a side",                  in_card({"standaloneCard": {"cardOrientation": "HORIZONTAL", "cardContent": A}})),
    ("a side that does not exist",                  aside(A, thumbnailImageAlignment="TOP")),
    ("a wide card of a picture alone",              aside({"media": SHOWN})),
    ("an empty title",                              card({"title": ""})),
    ("a title of 201 characters",                   card({"title": "é" * 201})),
    ("an empty description",                        card({**A, "description": ""})),
    ("a description of 2 001 characters",           card({"description": "a" * 2001})),
    ("five suggestions on a card",                  card({**A, "suggestions": [{"reply": SAID}] * 5})),
    ("a subtitle",                                  card({**A, "subtitle": "b"})),
    ("a picture without height",                    card({"media": {"contentInfo": FILE}})),
    ("a picture of a height that does not exist",   card({"media": {**SHOWN, "height": "HUGE"}})),
    ("a picture from nowhere",                      card({**A, "media": {"height": "TALL"}})),
    ("a picture from two places",                   card({"media": {**SHOWN, "uploadedRbmFile": {"fileName": "files/1"}}})),
    ("words for a picture that are empty",          card({"media": {**SHOWN, "contentDescription": ""}})),
    ("a member of a picture that nobody knows",     card({"media": {**SHOWN, "url": PICTURE}})),
    # -- carousels
    ("one card",                                    cards(A)),
    ("eleven cards",                                cards(*[A] * 11)),
    ("no cards",                                    cards()),
    ("cards that are no list",                      in_card({"carouselCard": {"cardWidth": "SMALL", "cardContents": A}})),
    ("cards without width",                         in_card({"carouselCard": {"cardContents": [A, A]}})),
    ("cards of a width that does not exist",        cards(A, A, width="LARGE")),
    ("a card of nothing among cards",               cards(A, {})),
    ("a tall picture on a small card",              cards(A, {"media": {**SHOWN, "height": "TALL"}}, width="SMALL")),
    ("a picture without height among cards",        cards(A, {"media": {"contentInfo": FILE}})),
    ("a card among cards that is as if alone",      cards(A, {"cardContent": A})),
]  # fmt: skip
