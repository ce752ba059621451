"""RBM JSON that others wrote: what is wrong with it, and the objects that it stands for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import cast

from smskit.display import Level
from smskit.errors import InvalidInput
from smskit.rcs.cards import Carousel, RichCard
from smskit.rcs.extras import why_no_json
from smskit.rcs.findings import Finding, errors_of, refuse
from smskit.rcs.media import File, Media
from smskit.rcs.members import Members, Notes
from smskit.rcs.message import Content, RichMessage
from smskit.rcs.suggestions import (
    CalendarEvent,
    Dial,
    OpenUrl,
    OtherAction,
    Reply,
    ShareLocation,
    Suggestion,
    ViewLocation,
)
from smskit.rcs.vocabulary import Application, Height, Orientation, Side, Traffic, ViewMode, Width

Payload = Mapping[str, object] | str | bytes
"""An ``AgentMessage`` of the RBM interface: as a mapping, or as the text of its JSON."""

OUTPUT_ONLY = frozenset({"name", "sendTime", "richMessageClassification", "totalPayloadSizeBytes", "carrier"})
"""Members that the platform writes and does not read."""
_FILES = ("contentInfo", "uploadedRbmFile", "fileName")
# Lets reading go on where there is nothing to read; a message with one has errors and is never given out.
_STAND_IN = Reply("?")


def check(payload: Payload, /, *, keep_unknown: bool = False) -> list[Finding]:
    """List what is wrong with RBM JSON: form, limits, size.

    Args:
        payload: an ``AgentMessage``.
        keep_unknown: warn of members that nobody here knows, instead of calling them errors.

    Raises:
        InvalidInput: *payload* is no JSON object.
    """
    return _read(payload, keep_unknown=keep_unknown)[1]


def load(payload: Payload, /, *, keep_unknown: bool = False) -> RichMessage:
    """Make objects of RBM JSON.

    Args:
        payload: an ``AgentMessage``; what we write loads back equal.
        keep_unknown: keep members that nobody here knows in :attr:`RichMessage.extra`; they are written back in
            their place. Without it they are errors: nothing is dropped in silence.

    Raises:
        InvalidContent: the platform would refuse it.
        InvalidInput: *payload* is no JSON object.
    """
    message, findings = _read(payload, keep_unknown=keep_unknown)
    refuse(findings)
    return message


def _read(payload: Payload, *, keep_unknown: bool) -> tuple[RichMessage, list[Finding]]:
    notes = Notes(keep_unknown=keep_unknown)
    message = _message(Members(_object(payload), "", notes))
    # A place is told once: where nothing could be read, a stand-in is not complained about too.
    told = {one.path for one in notes.findings}
    return message, notes.findings + [one for one in message.findings() if one.path not in told]


def _refuse_constant(name: str) -> object:
    raise ValueError(name)  # NaN and Infinity, which are no JSON although Python writes them


def _object(payload: Payload) -> Mapping[str, object]:
    value: object = payload
    if isinstance(payload, (str, bytes)):
        try:
            value = json.loads(payload, parse_constant=_refuse_constant)
        except (ValueError, RecursionError):
            raise InvalidInput("the payload is no JSON") from None
    if not isinstance(value, Mapping):
        raise InvalidInput("the payload is no JSON object; give the AgentMessage, with its contentMessage")
    return cast("Mapping[str, object]", value)


def _message(members: Members) -> RichMessage:
    inside = members.members("contentMessage")
    content: Content = "?"
    suggestions: tuple[Suggestion, ...] = ()
    if inside is not None:
        content = _content(inside)
        suggestions = _suggestions(inside)
        inside.close()
    elif not members.has("contentMessage"):
        members.notes.add("contentMessage", "form.missing", "missing", "the content of the message")
    traffic = None
    if members.take("messageTrafficType") != "MESSAGE_TRAFFIC_TYPE_UNSPECIFIED":
        traffic = members.word("messageTrafficType", Traffic)
    ttl, expires_at = members.duration("ttl"), members.time("expireTime")
    members.close(OUTPUT_ONLY)
    notes = members.notes
    # Where something could not be read there is no place to put a member back, and nothing will be given out.
    extra = {} if errors_of(notes.findings) else notes.extra
    return RichMessage(content, suggestions=suggestions, traffic=traffic, ttl=ttl, expires_at=expires_at, extra=extra)


def _content(members: Members) -> Content:
    kind = members.one_of("text", "richCard", *_FILES)
    if kind == "text":
        return members.needed_text("text")
    if kind == "richCard":
        card = members.members("richCard")
        return "?" if card is None else _rich_card(card)
    if kind is None:
        return "?"
    url, thumbnail, refresh = _file(members, kind)
    return File(url, thumbnail=thumbnail, uploaded=kind != "contentInfo", force_refresh=refresh)


def _rich_card(members: Members) -> Content:
    kind = members.one_of("standaloneCard", "carouselCard")
    inside = None if kind is None else members.members(kind)
    members.close()
    if inside is None:
        return "?"
    content = _carousel(inside) if kind == "carouselCard" else _alone(inside)
    inside.close()
    return content


def _alone(members: Members) -> Content:
    orientation = members.needed_word("cardOrientation", Orientation, Orientation.VERTICAL)
    side = members.word("thumbnailImageAlignment", Side)
    content = members.members("cardContent")
    if content is None:
        if not members.has("cardContent"):
            members.notes.add(members.at("cardContent"), "form.missing", "missing", "the content of the card")
        return "?"
    return _card(content, orientation, side)


def _carousel(members: Members) -> Carousel:
    width = members.needed_word("cardWidth", Width, Width.MEDIUM)
    cards = [RichCard("?") if row is None else _card(row) for row in members.rows("cardContents")]
    return Carousel(cards, width=width)


def _card(members: Members, orientation: Orientation = Orientation.VERTICAL, side: Side | None = None) -> RichCard:
    inside = members.members("media")
    card = RichCard(
        members.text("title"),
        members.text("description"),
        media=None if inside is None else _media(inside),
        suggestions=_suggestions(members),
        orientation=orientation,
        side=side,
    )
    members.close()
    return card


def _media(members: Members) -> Media:
    kind = members.one_of(*_FILES)
    url, thumbnail, refresh = ("?", None, None) if kind is None else _file(members, kind)
    height, alt = members.word("height", Height), members.text("contentDescription")
    members.close()
    return Media(
        url, thumbnail=thumbnail, uploaded=kind != "contentInfo", force_refresh=refresh, height=height, alt=alt
    )


def _file(members: Members, kind: str) -> tuple[str, str | None, bool | None]:
    if kind == "fileName":
        limit = "uploadedRbmFile.fileName, as which it is written"
        members.notes.add(members.at(kind), "form.deprecated", kind, limit, level=Level.WARNING)
        return members.needed_text(kind), None, None
    inside = members.members(kind)
    if inside is None:
        return "?", None, None
    uploaded = kind == "uploadedRbmFile"
    url = inside.needed_text("fileName" if uploaded else "fileUrl")
    thumbnail = inside.text("thumbnailName" if uploaded else "thumbnailUrl")
    refresh = None if uploaded else inside.boolean("forceRefresh")
    inside.close()
    return url, thumbnail, refresh


# ---------------------------------------------------------------- suggestions


def _suggestions(members: Members) -> tuple[Suggestion, ...]:
    return tuple(_STAND_IN if row is None else _suggestion(row) for row in members.rows("suggestions"))


def _suggestion(members: Members) -> Suggestion:
    kind = members.one_of("reply", "action")
    inside = None if kind is None else members.members(kind)
    members.close()
    if inside is None:
        return _STAND_IN
    text, postback = inside.needed_text("text"), inside.needed_text("postbackData")
    found = Reply(text, postback=postback) if kind == "reply" else _action(inside, text, postback)
    inside.close()
    return found


def _action(members: Members, text: str, postback: str) -> Suggestion:
    fallback = members.text("fallbackUrl")
    known = ("dialAction", "viewLocationAction", "createCalendarEventAction", "openUrlAction", "shareLocationAction")
    newer = [name for name in members.left() if name.endswith("Action") and name not in (*known, "composeAction")]
    # An action that is newer than this library is one of the choices, for those who said that they know.
    kind = members.one_of(*known, "composeAction", *(newer if members.notes.keep_unknown else ()))
    inside = None if kind is None else members.members(kind)
    if kind is None or inside is None:
        return _STAND_IN
    if kind not in known:
        if why := why_no_json(inside.rest()):
            members.notes.add(members.at(kind), "form.type", why, "JSON")
            return _STAND_IN
        return OtherAction(text, kind, inside.rest(), postback=postback, fallback_url=fallback)
    action = _known_action(kind, inside, text, postback, fallback)
    inside.close()
    return action


def _known_action(kind: str, inside: Members, text: str, postback: str, fallback: str | None) -> Suggestion:
    match kind:
        case "dialAction":
            return Dial(text, inside.needed_text("phoneNumber"), postback=postback, fallback_url=fallback)
        case "viewLocationAction":
            return _place(inside, text, postback, fallback)
        case "createCalendarEventAction":
            start, end = inside.needed_time("startTime"), inside.needed_time("endTime")
            title, description = inside.needed_text("title"), inside.text("description")
            return CalendarEvent(
                text, title, start, end, description=description, postback=postback, fallback_url=fallback
            )
        case "openUrlAction":
            return OpenUrl(
                text,
                inside.needed_text("url"),
                application=inside.word("application", Application),
                view_mode=inside.word("webviewViewMode", ViewMode),
                description=inside.text("description"),
                postback=postback,
                fallback_url=fallback,
            )
        case _:
            return ShareLocation(text, postback=postback, fallback_url=fallback)


def _place(inside: Members, text: str, postback: str, fallback: str | None) -> ViewLocation:
    place = inside.members("latLong")
    latitude = longitude = None
    if place is not None:
        latitude, longitude = place.number("latitude"), place.number("longitude")
        for name, value in (("latitude", latitude), ("longitude", longitude)):
            if value is None and not place.has(name):
                place.notes.add(place.at(name), "form.missing", "missing", "a number")
        place.close()
    label, query = inside.text("label"), inside.text("query")
    if place is not None and latitude is None and longitude is None and query is None:
        # What is wrong was said of its two halves; the place as a whole is there.
        latitude = longitude = 0.0
    return ViewLocation(text, latitude, longitude, label=label, query=query, postback=postback, fallback_url=fallback)
