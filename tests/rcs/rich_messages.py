"""Any rich message that our objects can say, and any of them with one thing changed: for laws and for referees."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from smskit.rcs import (
    Application,
    CalendarEvent,
    Carousel,
    Content,
    Dial,
    File,
    Height,
    Media,
    OpenUrl,
    Orientation,
    Reply,
    RichCard,
    RichMessage,
    ShareLocation,
    Side,
    Traffic,
    ViewLocation,
    ViewMode,
    Width,
)

SCHEMA = json.loads(Path(__file__).with_name("agent_message_schema.json").read_text("utf-8"))


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
CONTENTS = {"texts": texts(3072), "cards": ALONE, "carousels": CAROUSELS, "files": FILES}


def messages(content: st.SearchStrategy[Content]) -> st.SearchStrategy[RichMessage]:
    """Give messages of *content*; among all kinds those with little in them come more often."""
    return st.builds(
        RichMessage,
        content,
        suggestions=st.lists(SUGGESTIONS, max_size=11),
        traffic=st.none() | st.sampled_from(Traffic),
        ttl=st.none() | st.timedeltas(timedelta(0), timedelta(days=15)),
    )


MESSAGES = messages(st.one_of(*CONTENTS.values()))

ODD = st.sampled_from((7, True, None, "", "zz", 1.5, "a" * 5000)) | st.just([]) | st.just({}) | st.just(["a"])


def places_of(value: object, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [one for key, below in inside for one in [(*path, key), *places_of(below, (*path, key))]]


@st.composite
def changed(draw: st.DrawFn, kind: str = "") -> Any:
    """Give the JSON of a message with one thing replaced, removed, renamed or said many times; of one *kind*, or any."""
    payload = json.loads(draw(messages(CONTENTS[kind]) if kind else MESSAGES).json())
    path = draw(st.sampled_from(places_of(payload)))
    place = payload
    for step in path[:-1]:
        place = place[step]
    change = draw(st.sampled_from(("replace", "remove", "rename", "double")))
    if change == "replace":
        place[path[-1]] = draw(ODD)
    elif change == "remove":
        del place[path[-1]]
    elif change == "rename" and isinstance(place, dict):
        place[f"{path[-1]}X"] = place.pop(path[-1])
    elif change == "double" and isinstance(place, list):
        place.extend([place[-1]] * 11)
    return payload


def has_null(value: object) -> bool:
    if isinstance(value, dict):
        return any(map(has_null, value.values()))
    return any(map(has_null, value)) if isinstance(value, list) else value is None
