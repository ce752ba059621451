"""RBM payloads in the words that others have for the same things: names are changed, nothing is left out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any


def for_telnyx(payload: Mapping[str, Any]) -> Any:
    """Give an RBM payload in snake case, with the members that Telnyx wants each time: they say that nothing is said."""
    return _snake(payload)


_WANTED = {
    "standalone_card": {"thumbnail_image_alignment": "THUMBNAIL_IMAGE_ALIGNMENT_UNSPECIFIED"},
    "open_url_action": {
        "application": "OPEN_URL_APPLICATION_UNSPECIFIED",
        "webview_view_mode": "WEBVIEW_VIEW_MODE_UNSPECIFIED",
    },
}


def _snake(value: Any, name: str = "") -> Any:
    if isinstance(value, list):
        return [_snake(one) for one in value]
    if not isinstance(value, Mapping):
        return value
    names = {key: re.sub("[A-Z]", lambda one: f"_{one[0].lower()}", key) for key in value}
    return {**_WANTED.get(name, {}), **{names[key]: _snake(one, names[key]) for key, one in value.items()}}


# ---------------------------------------------------------------- Bandwidth

_TYPES = {
    "dialAction": "DIAL_PHONE",
    "viewLocationAction": "SHOW_LOCATION",
    "createCalendarEventAction": "CREATE_CALENDAR_EVENT",
    "openUrlAction": "OPEN_URL",
    "shareLocationAction": "REQUEST_LOCATION",
}


def for_bandwidth(payload: Mapping[str, Any]) -> tuple[str, Any]:
    """Give the name of Bandwidth's model for a message, and what it takes."""
    content = dict(payload["contentMessage"])
    suggestions = (
        {"suggestions": [_flat(one) for one in content.pop("suggestions")]} if "suggestions" in content else {}
    )
    if "text" in content:
        return "RbmMessageContentText", {"text": content["text"], **suggestions}
    if "richCard" not in content:
        (file,) = content.values()
        return "RbmMessageMedia", {"media": [file], **suggestions}
    rich = content["richCard"]
    if "carouselCard" in rich:
        cards = rich["carouselCard"]
        contents = [_card(one) for one in cards["cardContents"]]
        return "RbmMessageCarouselCard", {"cardWidth": cards["cardWidth"], "cardContents": contents, **suggestions}
    alone = dict(rich["standaloneCard"])
    given = {"orientation": alone.pop("cardOrientation"), **alone, "cardContent": _card(alone["cardContent"])}
    return "RbmStandaloneCard", {**given, **suggestions}


def _card(content: Mapping[str, Any]) -> dict[str, Any]:
    made = dict(content)
    if "media" in made:
        media = dict(made["media"])
        made["media"] = {**(media.pop("contentInfo", None) or media.pop("uploadedRbmFile")), **media}
    if "suggestions" in made:
        made["suggestions"] = [_flat(one) for one in made["suggestions"]]
    return made


def _flat(suggestion: Mapping[str, Any]) -> dict[str, Any]:
    ((kind, said),) = suggestion.items()
    if kind == "reply":
        return {"type": "REPLY", **said}
    made = dict(said)
    (name,) = made.keys() & _TYPES.keys()
    inside = dict(made.pop(name))
    place = {axis: str(degrees) for axis, degrees in inside.pop("latLong", {}).items()}
    return {"type": _TYPES[name], **made, **inside, **place}


# ---------------------------------------------------------------- Dialogflow


def for_dialogflow(payload: Mapping[str, Any]) -> tuple[str, Any]:
    """Give the name of Dialogflow's message for a text or a card, and what it takes."""
    content = _renamed(payload["contentMessage"])
    below = {"rbmSuggestion": content.pop("suggestions")} if "suggestions" in content else {}
    if "richCard" in content:
        ((kind, card),) = content["richCard"].items()
        return {"standaloneCard": "RbmStandaloneCard", "carouselCard": "RbmCarouselCard"}[kind], {**card, **below}
    return "RbmText", {**content, **below}


_DIALOGFLOW = {
    "dialAction": "dial",
    "openUrlAction": "openUrl",
    "shareLocationAction": "shareLocation",
    "url": "uri",
    "fileUrl": "fileUri",
    "thumbnailUrl": "thumbnailUri",
}


def _renamed(value: Any) -> Any:
    if isinstance(value, list):
        return [_renamed(one) for one in value]
    if not isinstance(value, dict):
        return value
    made = {_DIALOGFLOW.get(key, key): _renamed(one) for key, one in value.items()}
    if "height" in made and "contentInfo" in made:
        made |= made.pop("contentInfo")
    return made


# ---------------------------------------------------------------- AWS

_AWS = {
    "dialAction": "DialPhone",
    "viewLocationAction": "ShowLocation",
    "createCalendarEventAction": "CreateCalendarEvent",
    "openUrlAction": "OpenUrl",
    "shareLocationAction": "RequestLocation",
}


def for_aws(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Give what AWS takes of a message in one call."""
    content = dict(payload["contentMessage"])
    suggestions = (
        {"Suggestions": [_aws_tap(one) for one in content.pop("suggestions")]} if "suggestions" in content else {}
    )
    call: dict[str, Any] = {"RcsMessageContent": {"Content": _aws_content(content), **suggestions}}
    if "ttl" in payload:
        call["TimeToLive"] = int(float(payload["ttl"].removesuffix("s")))
    others = {key: one for key, one in payload.items() if key not in ("contentMessage", "ttl", "messageTrafficType")}
    if "messageTrafficType" in payload:
        call["MessageTrafficType"] = payload["messageTrafficType"]
    return {**call, **_capital(others)}


def _aws_content(content: Mapping[str, Any]) -> dict[str, Any]:
    ((kind, inside),) = content.items()
    if kind == "text":
        return {"TextMessage": {"Body": inside}}
    if kind != "richCard":
        return {"FileMessage": _capital(inside)}
    if "carouselCard" in inside:
        cards = inside["carouselCard"]
        contents = [_aws_card(one) for one in cards["cardContents"]]
        return {"Carousel": {"CardWidth": cards["cardWidth"], "CardContents": contents}}
    alone = inside["standaloneCard"]
    return {"RichCard": {**_capital(alone), "CardContent": _aws_card(alone["cardContent"])}}


def _aws_card(content: Mapping[str, Any]) -> dict[str, Any]:
    made = _capital(_card({key: one for key, one in content.items() if key != "suggestions"}))
    if "media" in content:
        made["Media"] = _capital(made["Media"])
    if "suggestions" in content:
        made["Suggestions"] = [_aws_tap(one) for one in content["suggestions"]]
    return made


def _aws_tap(suggestion: Mapping[str, Any]) -> dict[str, Any]:
    ((kind, said),) = suggestion.items()
    if kind == "reply":
        return {"Reply": _capital(said)}
    made = dict(said)
    (name,) = made.keys() & _AWS.keys()
    inside = dict(made.pop(name))
    return {_AWS[name]: _capital({**made, **inside.pop("latLong", {}), **inside})}


def _capital(members: Mapping[str, Any]) -> dict[str, Any]:
    return {key[0].upper() + key[1:]: one for key, one in members.items()}
