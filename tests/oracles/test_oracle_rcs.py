"""Rich messages beside the packages of others: their numbers are ours, their words are ours, they take what we write."""

from __future__ import annotations

import importlib
import importlib.util
import json
import re
import warnings
from datetime import datetime, timezone
from enum import Enum
from typing import Any, get_args, get_origin

import pytest

from smskit import rcs
from smskit.rcs import Application, Height, Orientation, Side, ViewMode, Width

NOON = datetime(2026, 6, 24, 12, tzinfo=timezone.utc)
PICTURE = "https://boutique.example/a.jpg"


def package(module: str, name: str) -> Any:
    """Import a package of others, whatever it warns of; where it is not to be had the test is skipped."""
    top = module.partition(".")[0]
    if importlib.util.find_spec(top) is None:
        pytest.skip(f"the package {name} is not installed here; make test-oracles installs it")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return importlib.import_module(module)
        except ModuleNotFoundError as error:
            if error.name is not None and error.name.partition(".")[0] != top:
                raise
            pytest.skip(f"the package {name} is not installed here; make test-oracles installs it")


# ---------------------------------------------------------------- AWS: the numbers

NUMBERS = [
    # the shape of AWS                  bound  ours
    ("RcsTextBody",                     "max", "text.max"),
    ("RcsCardTitle",                    "max", "card.title.max"),
    ("RcsCardDescription",              "max", "card.description.max"),
    ("RcsCardSuggestedActionList",      "max", "suggestions.card.max"),
    ("RcsSuggestedActionList",          "max", "suggestions.message.max"),
    ("RcsSuggestedActionText",          "max", "suggestion.text.max"),
    ("RcsPostbackData",                 "max", "suggestion.postback.max"),
    ("RcsOpenUrlValue",                 "max", "openUrl.url.max"),
    ("RcsCalendarEventTitle",           "max", "calendar.title.max"),
    ("RcsCalendarEventDescription",     "max", "calendar.description.max"),
    ("RcsCarouselCardContentList",      "min", "carousel.cards.min"),
    ("RcsCarouselCardContentList",      "max", "carousel.cards.max"),
]  # fmt: skip


@pytest.mark.parametrize(("shape", "bound", "limit"), NUMBERS, ids=[f"{row[2]} is {row[0]}" for row in NUMBERS])
def test_the_numbers_are_those_of_aws(shape: str, bound: str, limit: str) -> None:
    session = package("botocore.session", "botocore").get_session()
    model = session.get_service_model("pinpoint-sms-voice-v2")
    if shape not in model.shape_names:
        pytest.skip("this botocore knows nothing of RCS; 1.44.5 does")
    assert model.shape_for(shape).metadata[bound] == rcs.LIMITS[limit].value


# ---------------------------------------------------------------- Telnyx: the words, and whole messages

LINK = rcs.OpenUrl("Voir", PICTURE, view_mode="tall", description="Les soldes", fallback_url=PICTURE)
# Telnyx wants an alignment for every card, and three members for every address.
CARD = rcs.RichCard(
    "Soldes",
    "Jusqu'à dimanche",
    media=rcs.Media(PICTURE, thumbnail=PICTURE, force_refresh=True),
    suggestions=[LINK, rcs.Reply("Plus tard")],
    orientation="horizontal",
)
MESSAGES = [
    # what                      message
    ("a text with suggestions", rcs.RichMessage("Bonjour", suggestions=[rcs.Reply("Oui"), rcs.Dial("Appeler", "+33123456789"), rcs.ShareLocation("Ici"), rcs.ViewLocation("Voir", 48.8, 2.3, label="Boutique", query="Boutique"), rcs.CalendarEvent("Noter", "Soldes", NOON, NOON, description="Ici")])),
    ("a card",                  rcs.RichMessage(CARD, suggestions=[LINK])),
    ("a carousel",              rcs.RichMessage(rcs.Carousel([rcs.RichCard("a", "b", media=PICTURE, suggestions=[LINK])] * 10, width="small"))),
    ("a file",                  rcs.RichMessage(rcs.File(PICTURE, thumbnail=PICTURE, force_refresh=False))),
]  # fmt: skip


def snake(value: Any) -> Any:
    if isinstance(value, dict):
        return {re.sub("[A-Z]", lambda letter: f"_{letter[0].lower()}", key): snake(one) for key, one in value.items()}
    return [snake(one) for one in value] if isinstance(value, list) else value


@pytest.mark.parametrize("message", [row[1] for row in MESSAGES], ids=[row[0] for row in MESSAGES])
def test_the_models_of_telnyx_hold_what_we_write(message: rcs.RichMessage) -> None:
    model = package("telnyx.types.rcs_agent_message", "telnyx").RcsAgentMessage
    payload = snake(json.loads(message.json()))
    held = model.model_validate(payload)
    assert json.loads(held.model_dump_json(exclude_unset=True)) == payload
    assert not held.model_extra


WORDS: list[tuple[str, str, str, type[Enum]]] = [
    ("rcs_agent_message", "ContentMessageRichCardCarouselCard", "card_width", Width),
    ("rcs_agent_message", "ContentMessageRichCardStandaloneCard", "card_orientation", Orientation),
    ("rcs_agent_message", "ContentMessageRichCardStandaloneCard", "thumbnail_image_alignment", Side),
    ("rcs_card_content", "Media", "height", Height),
    ("rcs_suggestion", "ActionOpenURLAction", "application", Application),
    ("rcs_suggestion", "ActionOpenURLAction", "webview_view_mode", ViewMode),
]


@pytest.mark.parametrize(("module", "model", "member", "ours"), WORDS, ids=[row[2] for row in WORDS])
def test_the_words_are_those_of_telnyx(module: str, model: str, member: str, ours: type[Enum]) -> None:
    theirs = getattr(package(f"telnyx.types.{module}", "telnyx"), model).model_fields[member].annotation
    words = {word for one in (theirs, *get_args(theirs)) if get_origin(one) is not None for word in get_args(one)}
    words = {word for word in words | set(get_args(theirs)) if isinstance(word, str)}
    assert {word for word in words if not word.endswith("_UNSPECIFIED")} == {one.value for one in ours}


# ---------------------------------------------------------------- Google: the messages of Dialogflow


def renamed(value: Any) -> Any:
    """Write an RBM payload in the words that Dialogflow has for the same things."""
    if isinstance(value, list):
        return [renamed(one) for one in value]
    if not isinstance(value, dict):
        return value
    members = {key: renamed(one) for key, one in value.items()}
    if "contentInfo" in members:
        info = members.pop("contentInfo")
        members["fileUri"] = info["fileUrl"]
    for ours, theirs, inner in (("dialAction", "dial", {}), ("openUrlAction", "openUrl", {"url": "uri"})):
        if ours in members:
            members[theirs] = {inner.get(key, key): one for key, one in members.pop(ours).items()}
    if "shareLocationAction" in members:
        members["shareLocation"] = members.pop("shareLocationAction")
    return members


TAPPED = [rcs.Reply("Oui"), rcs.Dial("Appeler", "+33123456789"), rcs.OpenUrl("Voir", PICTURE), rcs.ShareLocation("Ici")]
ON_CARDS = rcs.RichCard("Soldes", "Jusqu'à dimanche", media=rcs.Media(PICTURE, height="short"), suggestions=TAPPED)


def test_the_messages_of_dialogflow_hold_our_cards() -> None:
    message = package("google.cloud.dialogflow_v2beta1", "google-cloud-dialogflow").Intent.Message
    parse = package("google.protobuf.json_format", "protobuf").ParseDict
    alone = renamed(rcs.RichMessage(ON_CARDS).payload()["contentMessage"]["richCard"]["standaloneCard"])  # type: ignore[index]
    row = renamed(rcs.Carousel([ON_CARDS] * 2).payload())
    for kind, payload in ((message.RbmStandaloneCard, alone), (message.RbmCarouselCard, row)):
        held = parse(payload, kind.pb()())
        assert kind.to_dict(kind.wrap(held))
    assert {one.name for one in message.RbmCarouselCard.CardWidth} - {"CARD_WIDTH_UNSPECIFIED"} == {"SMALL", "MEDIUM"}
