"""What we write loads back equal, a referee agrees with what we find, and no input makes us fall over."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from smskit.display import Level
from smskit.errors import InvalidContent, UnknownColumn
from smskit.rcs import (
    Application,
    CalendarEvent,
    Carousel,
    Dial,
    File,
    Height,
    Media,
    OpenUrl,
    Orientation,
    Reply,
    RichCard,
    RichMessage,
    RichTemplate,
    ShareLocation,
    Side,
    Traffic,
    ViewLocation,
    ViewMode,
    Width,
    check,
    load,
)
from smskit.text import Template

SCHEMA = json.loads((Path(__file__).parents[1] / "rcs" / "agent_message_schema.json").read_text("utf-8"))
REFEREE = Draft202012Validator(SCHEMA)


def texts(most: int, least: int = 1) -> st.SearchStrategy[str]:
    """Texts that are often as long as they may be."""
    anything = st.text(st.characters(codec="utf-8"), min_size=least, max_size=min(most, 30))
    return anything | st.sampled_from(("a" * most, "é" * most))


ADDRESSES = st.sampled_from(("https://a.example/a.jpg", "http://été.example/?q=œ#x", "HTTPS://A.EXAMPLE/" + "x" * 99))
TIMES = st.datetimes(datetime(1990, 1, 1), datetime(2999, 1, 1), timezones=st.just(timezone.utc) | st.timezones())
POSTBACKS = dict(postback=texts(2048, 0))
BEHIND = dict(**POSTBACKS, fallback_url=st.none() | ADDRESSES)
DESCRIPTION = dict(description=st.none() | texts(500, 0))
PLACES = dict(latitude=st.floats(-90, 90), longitude=st.floats(-180, 180) | st.integers(-180, 180))

SUGGESTIONS = st.one_of(
    st.builds(Reply, texts(25), **POSTBACKS),
    st.builds(Dial, texts(25), st.text("0123456789+*#", min_size=1), **BEHIND),
    st.builds(ShareLocation, texts(25), **BEHIND),
    st.builds(
        ViewLocation, texts(25), **PLACES, label=st.none() | texts(99, 0), query=st.none() | texts(99, 0), **BEHIND
    ),
    st.builds(ViewLocation, texts(25), query=texts(99, 0), **BEHIND),
    st.builds(CalendarEvent, texts(25), texts(100), TIMES, TIMES, **DESCRIPTION, **BEHIND),
    st.builds(
        OpenUrl,
        texts(25),
        ADDRESSES | st.just("geo:1,2"),
        view_mode=st.none() | st.sampled_from(ViewMode),
        application=st.none() | st.sampled_from(Application),
        **DESCRIPTION,
        **BEHIND,
    ),
)
LINKED = dict(thumbnail=st.none() | ADDRESSES, force_refresh=st.none() | st.booleans())
UPLOADED = dict(thumbnail=st.none() | texts(50), uploaded=st.just(True))
LOOKS = dict(height=st.sampled_from((Height.SHORT, Height.MEDIUM)), alt=st.none() | texts(200))
MEDIA = st.builds(Media, ADDRESSES, **LINKED, **LOOKS) | st.builds(Media, texts(50), **UPLOADED, **LOOKS)
FILES = st.builds(File, ADDRESSES, **LINKED) | st.builds(File, texts(50), **UPLOADED)
INSIDE = dict(
    description=st.none() | texts(2000), media=st.none() | MEDIA, suggestions=st.lists(SUGGESTIONS, max_size=4)
)
CARDS = st.builds(RichCard, texts(200), **INSIDE)
ALONE = CARDS | st.builds(
    RichCard, texts(200), **INSIDE, orientation=st.just(Orientation.HORIZONTAL), side=st.sampled_from(Side)
)
CAROUSELS = st.builds(Carousel, st.lists(CARDS, min_size=2, max_size=5), width=st.sampled_from(Width))
MESSAGES = st.builds(
    RichMessage,
    texts(3072) | ALONE | CAROUSELS | FILES,
    suggestions=st.lists(SUGGESTIONS, max_size=11),
    traffic=st.none() | st.sampled_from(Traffic),
    ttl=st.none() | st.timedeltas(timedelta(0), timedelta(days=15)),
)


@settings(max_examples=40, deadline=None)
@given(MESSAGES)
def test_what_we_write_loads_back_equal_and_the_referee_takes_it(message: RichMessage) -> None:
    body = message.json()
    assert load(body) == load(json.loads(body)) == message
    assert load(message.json()).json() == body
    assert not [one for one in check(body) if one.level is Level.ERROR]
    assert list(REFEREE.iter_errors(json.loads(body))) == []


ODD = st.sampled_from((7, True, None, "", "zz", 1.5, "a" * 5000)) | st.just([]) | st.just({}) | st.just(["a"])


def places_of(value: object, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [one for key, below in inside for one in [(*path, key), *places_of(below, (*path, key))]]


@settings(max_examples=80, deadline=None)
@given(st.data(), MESSAGES)
def test_one_change_is_judged_as_the_referee_judges_it(data: st.DataObject, message: RichMessage) -> None:
    payload = json.loads(message.json())
    path = data.draw(st.sampled_from(places_of(payload)))
    place = payload
    for step in path[:-1]:
        place = place[step]
    change = data.draw(st.sampled_from(("replace", "remove", "rename", "double")))
    if change == "replace":
        place[path[-1]] = data.draw(ODD)
    elif change == "remove":
        del place[path[-1]]
    elif change == "rename" and isinstance(place, dict):
        place[f"{path[-1]}X"] = place.pop(path[-1])
    elif change == "double" and isinstance(place, list):
        place.extend([place[-1]] * 11)
    errors = [one for one in check(payload) if one.level is Level.ERROR]
    # For the platform null is absent, which a schema does not know; and a schema knows no size.
    if not has_null(payload) and not any(one.rule == "payload.max" for one in errors):
        assert (not errors) == REFEREE.is_valid(payload), errors


def has_null(value: object) -> bool:
    if isinstance(value, dict):
        return any(map(has_null, value.values()))
    return any(map(has_null, value)) if isinstance(value, list) else value is None


@settings(max_examples=60, deadline=None)
@given(st.data(), MESSAGES, st.sampled_from((1, "zz", [None], {"a": {"b": 2}})))
def test_a_member_that_nobody_knows_is_told_or_kept_in_its_place(
    data: st.DataObject, message: RichMessage, value: object
) -> None:
    payload = json.loads(message.json())
    paths = [path for path in places_of({"": payload}) if isinstance(at(payload, path[1:]), dict)]
    path = data.draw(st.sampled_from(paths))[1:]
    at(payload, path)["nouveau"] = value
    told = [one for one in check(payload) if one.level is Level.ERROR]
    assert [(one.rule, one.path.endswith("nouveau")) for one in told] == [("form.unknown", True)]
    loaded = load(payload, keep_unknown=True)
    assert json.loads(loaded.json()) == payload
    assert load(loaded.json(), keep_unknown=True) == loaded
    assert loaded != message


def at(payload: Any, path: tuple[str | int, ...]) -> Any:
    return at(payload[path[0]], path[1:]) if path else payload


NAMES = (
    "contentMessage text richCard standaloneCard carouselCard cardContents cardContent media contentInfo fileUrl reply "
    "suggestions action viewLocationAction latLong latitude ttl expireTime createCalendarEventAction startTime zz a.b"
).split()
JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(st.characters(codec=None), max_size=9),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=5),
    max_leaves=30,
)


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(st.sampled_from(("contentMessage", "ttl", "x")), JSON, max_size=3), st.booleans())
def test_any_json_is_listed_or_loaded(payload: dict[str, object], keep_unknown: bool) -> None:
    findings = check(payload, keep_unknown=keep_unknown)
    assert all(str(one) for one in findings)
    try:
        loaded = load(payload, keep_unknown=keep_unknown)
    except InvalidContent:
        assert any(one.level is Level.ERROR for one in findings)
    else:
        assert load(loaded.json(), keep_unknown=keep_unknown) == loaded


WORDS = st.text(st.characters(codec="utf-8"), max_size=12)
SAID = st.lists(st.sampled_from(("$a", "${b|c}", "$$", "é", '"', "slot0", "slot", " ")), min_size=1, max_size=6).map(
    "".join
)
TEMPLATES = st.builds(
    RichMessage,
    SAID
    | st.builds(
        RichCard,
        SAID,
        SAID,
        media=st.builds(Media, SAID.map("https://a.example/{}".format), alt=SAID),
        suggestions=st.lists(st.builds(OpenUrl, SAID, SAID.map("https://a.example/{}".format)), max_size=2),
    ),
    suggestions=st.lists(st.builds(Reply, SAID), max_size=2),
)


@settings(max_examples=150, deadline=None)
@given(TEMPLATES, WORDS, WORDS)
def test_what_is_filled_fast_is_what_the_objects_write(message: RichMessage, a: str, b: str) -> None:
    try:
        template = RichTemplate(message, Template.parse)
    except InvalidContent:
        reject()  # a label that is too long for everybody, a space in an address
    contact = {"a": a, "b": b}
    try:
        body = template.render(contact).json()
    except (InvalidContent, UnknownColumn) as error:
        with pytest.raises(type(error)):
            template.fill(contact)
    else:
        assert template.fill(contact) == (body, template.render(contact).billing())
        assert load(body) == template.render(contact)
