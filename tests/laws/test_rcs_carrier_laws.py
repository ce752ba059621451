"""Whatever RBM allows is carried by each carrier, told as lost, or refused with a finding; nothing else is raised."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.rcs.rich_messages import MESSAGES

from smskit.display import Level
from smskit.errors import InvalidContent, InvalidInput
from smskit.rcs import Carousel, Dial, OpenUrl, Reply, RichCard, RichMessage, load
from smskit.rcs.pieces import every_text, with_texts
from smskit.records import Outgoing
from smskit.testing.factories import outgoing
from smskit.transports.providers import infobip_rcs, sinch_rcs, smsmode_rcs, telnyx_rcs, twilio_rcs, vonage_rcs
from smskit.transports.wire.rich import Converted, Dialect, OverRcs, converted_by

DIALECTS: dict[str, Dialect] = {
    "infobip": infobip_rcs.WORDS,
    "sinch": sinch_rcs.WORDS,
    "smsmode": smsmode_rcs.WORDS,
    "telnyx": telnyx_rcs.WORDS,
    "twilio": twilio_rcs.WORDS,
    "vonage": vonage_rcs.WORDS,
    "vonage, as RBM": vonage_rcs.HANDED_ON,
}
PROVIDERS: dict[str, OverRcs] = {
    "infobip": infobip_rcs.InfobipRcs(key="k"),
    "sinch": sinch_rcs.SinchRcs(token="t", project="p", app="a"),
    "smsmode": smsmode_rcs.SmsModeRcs(key="k", channel="c"),
    "telnyx": telnyx_rcs.TelnyxRcs(key="k", profile="p"),
    "twilio": twilio_rcs.TwilioRcs(account="AC" + "0" * 32, token="t"),
    "vonage": vonage_rcs.VonageRcs(key="k", secret="s"),
    "vonage, as RBM": vonage_rcs.VonageRcs(key="k", secret="s", as_rbm=True),
}


def strings_in(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from strings_in(one)
    elif isinstance(value, list):
        for one in value:
            yield from strings_in(one)


def plain(text: str) -> str:
    return text.removeprefix("+")


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=DIALECTS)
@settings(max_examples=60, deadline=None)
@given(MESSAGES)
def test_every_text_arrives_or_is_told(dialect: Dialect, message: RichMessage) -> None:
    converted = dialect.convert(message)
    json.dumps(converted.body)
    carried = {plain(text) for text in strings_in(converted.body)}
    told = {one.path for one in converted.losses}
    refused = {one.path for one in converted.losses if one.level is Level.ERROR}
    for path, text, _ in every_text(message):
        # A list that is too long is told as a whole, and a piece that has no form by its place.
        places = [path[:end] for end in range(len(path) + 1) if end == len(path) or path[end] in ".["]
        is_seen = re.search(r"(\.text|itle|cardContents?(\[\d+\])?\.description)$", path)
        assert plain(text) in carried or not text or (refused if is_seen else told) & set(places), path
    assert all(one.advice and one.rule.startswith("carrier.") for one in converted.losses)


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=DIALECTS)
@settings(max_examples=40, deadline=None)
@given(MESSAGES)
def test_no_finding_tells_what_the_message_says(dialect: Dialect, message: RichMessage) -> None:
    told = " ".join(f"{one.actual} {one.limit} {one.advice}" for one in dialect.convert(message).losses)
    for _, text, _ in every_text(message):
        assert len(text) < 12 or text not in told


@pytest.mark.parametrize("name", PROVIDERS)
@settings(max_examples=40, deadline=None)
@given(message=MESSAGES)
def test_a_message_is_sent_or_refused_at_the_call(name: str, message: RichMessage) -> None:
    provider: Any = PROVIDERS[name]
    said = evolve(outgoing(), text="", rich=message.json().decode(), sender="agent")
    errors = [str(one) for one in provider.losses(message) if one.level is Level.ERROR]
    refusal = refusal_of(provider, said)
    if isinstance(refusal, InvalidContent):
        assert errors == list(refusal.problems)
        return
    assert not errors
    # Twilio needs a content for all but texts.
    assert refusal is None or name == "twilio"
    assert refusal is not None or provider.request([said]).body


def refusal_of(provider: Any, message: Outgoing) -> InvalidInput | None:
    try:
        provider.submit([message])
    except InvalidInput as error:
        return error
    return None


@settings(max_examples=60, deadline=None)
@given(MESSAGES)
def test_what_vonage_hands_on_is_what_rbm_would_get(message: RichMessage) -> None:
    body: Any = vonage_rcs.HANDED_ON.convert(message).body
    assert body["custom"]["contentMessage"] == message.payload()["contentMessage"]


BUTTONS = [Reply("a"), OpenUrl("b", "https://c.example/?d", description="f"), Dial("e", "+33123456789")]
SHAPES = (
    RichMessage("a text", suggestions=BUTTONS),
    RichMessage(RichCard("a title", "a description", media="https://a.example/b.jpg", suggestions=BUTTONS)),
    RichMessage(Carousel([RichCard("one", "two", media="https://a.example/b.jpg", suggestions=BUTTONS[:2])] * 3)),
)


CHANGES = st.sampled_from(
    ("", "x", "é" * 26, '"\\\n\u2028', "https://c.example/?d", "+33123456789", "a" * 2025, "https://d.example/e.mp4")
)


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=DIALECTS)
@settings(max_examples=60, deadline=None)
@given(st.sampled_from(range(4)), st.data())
def test_the_short_way_leads_where_the_long_one_does(dialect: Dialect, place: int, data: st.DataObject) -> None:
    shape = (*SHAPES, RichMessage("a text alone"))[place]
    converted_by(dialect, shape.json().decode())
    texts = list(every_text(shape))
    changed = {path: data.draw(CHANGES) for path, _, _ in data.draw(st.lists(st.sampled_from(texts), max_size=3))}
    other = with_texts(shape, lambda path, text, _: changed.get(path, text))
    rich = json.dumps(other.payload(), ensure_ascii=data.draw(st.booleans()), separators=(",", ":"))
    assert made(lambda: converted_by(dialect, rich)) == made(lambda: dialect.convert(load(rich)))


def made(convert: Callable[[], Converted]) -> object:
    """Give what comes of it; the body as text, so that the order counts as well."""
    try:
        found = convert()
    except InvalidContent as error:
        return error.problems
    return json.dumps(found.body), found.losses, found.ttl_s, found.traffic


WORDS = st.text(st.characters(codec="utf-8", exclude_characters="{}"), max_size=12)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(SHAPES), st.lists(WORDS, min_size=3, max_size=3), st.data())
def test_what_fills_a_content_of_twilio_makes_the_message_again(
    shape: RichMessage, values: list[str], data: st.DataObject
) -> None:
    kept: dict[str, str] = {}

    def varied(path: str, text: str, _: object) -> str:
        literal = text[: data.draw(st.integers(0, 5))] + data.draw(st.sampled_from(("", "$", ".*", "é")))
        places = data.draw(st.lists(st.integers(0, 2), max_size=3))
        kept[path] = literal + "-".join(values[place] for place in places)
        return literal.replace("$", "$$") + "-".join(f"${{name {place}}}" for place in places)

    template = with_texts(shape, varied)
    filled = with_texts(shape, lambda path, text, _: kept[path])
    found = twilio_rcs.TwilioContent("HX" + "0" * 32, template).variables_of(filled)
    assert found is not None
    made = twilio_rcs.numbered(template).message
    for (path, text, _), (_, wanted, _) in zip(every_text(made), every_text(filled), strict=True):
        assert re.sub(r"\{\{(\d+)\}\}", lambda number: found[number[1]], text) == wanted, path


def test_a_message_of_another_shape_or_with_other_words_is_not_made_from_a_content() -> None:
    content = twilio_rcs.TwilioContent("HX" + "0" * 32, SHAPES[1])
    assert content.variables_of(SHAPES[1]) == {}
    assert content.variables_of(SHAPES[0]) is None
    assert content.variables_of(evolve(SHAPES[1], suggestions=[Reply("a")])) is None
    assert content.variables_of(evolve(SHAPES[1], content=evolve(SHAPES[1].content, title="another"))) is None
