"""What we write loads back equal, a referee agrees with what we find, and no input makes us fall over."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from tests.rcs.rich_messages import MESSAGES, SCHEMA, changed, has_null, places_of

from smskit.display import Level
from smskit.errors import InvalidContent, UnknownColumn
from smskit.rcs import Media, OpenUrl, Reply, RichCard, RichMessage, RichTemplate, check, load
from smskit.text import Template

REFEREE = Draft202012Validator(SCHEMA)


@settings(max_examples=40, deadline=None)
@given(MESSAGES)
def test_what_we_write_loads_back_equal_and_the_referee_takes_it(message: RichMessage) -> None:
    body = message.json()
    assert load(body) == load(json.loads(body)) == message
    assert load(message.json()).json() == body
    assert not [one for one in check(body) if one.level is Level.ERROR]
    assert list(REFEREE.iter_errors(json.loads(body))) == []


@settings(max_examples=80, deadline=None)
@given(changed())
def test_one_change_is_judged_as_the_referee_judges_it(payload: dict[str, object]) -> None:
    errors = [one for one in check(payload) if one.level is Level.ERROR]
    # For the platform null is absent, which a schema does not know; and a schema knows no size.
    if not has_null(payload) and not any(one.rule == "payload.max" for one in errors):
        assert (not errors) == REFEREE.is_valid(payload), errors


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
