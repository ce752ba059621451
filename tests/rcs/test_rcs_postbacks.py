"""Postbacks: which function gets which, and what is told from a forgery."""

from __future__ import annotations

import re
import time
from datetime import datetime, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smskit.errors import InvalidContent, InvalidInput
from smskit.kinds import EventType
from smskit.rcs import Postbacks, Reply, RichMessage, sign, verify
from smskit.records import Event

SECRET = "a-secret-of-the-shop"
NEXT = "the-secret-of-tomorrow"


def tapped(postback: str | None) -> Event:
    return Event("k", EventType.REPLY, datetime(2026, 6, 24, tzinfo=timezone.utc), 33612345678, postback=postback)


ROUTES = [
    # what                                   patterns                            postback            who, with what
    ("a word that stands for itself", ["yes", "no"], "no", ("no", ())),
    ("a star", ["order:*"], "order:4711", ("order:*", ("4711",))),
    ("a star for nothing", ["order:*"], "order:", ("order:*", ("",))),
    ("two stars", ["order:*/size:*"], "order:7/size:XL", ("order:*/size:*", ("7", "XL"))),
    ("the first that fits counts", ["order:1", "order:*"], "order:1", ("order:1", ())),
    ("the first that fits counts, wide before narrow", ["*", "order:1"], "order:1", ("*", ("order:1",))),
    ("several lines", ["note:*"], "note:a\nb", ("note:*", ("a\nb",))),
    ("signs of regular expressions stand for themselves", ["a.c", "a(b)*"], "a(b)d", ("a(b)*", ("d",))),
    ("a point is a point", ["a.c"], "abc", None),
    ("the whole has to fit", ["order:*"], "my order:4711", None),
    ("capitals are other letters", ["yes"], "Yes", None),
    ("nothing was tapped", ["*"], None, None),
    ("an empty postback", ["*"], "", ("*", ("",))),
    ("no patterns", [], "yes", None),
]


@pytest.mark.parametrize(
    ("patterns", "postback", "wanted"), [row[1:] for row in ROUTES], ids=[row[0] for row in ROUTES]
)
def test_a_postback_finds_its_function(patterns, postback, wanted):
    called: list[tuple[str, tuple[str, ...]]] = []
    event = tapped(postback)

    def handler(pattern: str):
        return lambda told, *stars: called.append((pattern, stars)) if told is event else None

    postbacks = Postbacks({pattern: handler(pattern) for pattern in patterns})
    assert postbacks.route(event) is (wanted is not None)
    assert called == ([wanted] if wanted else [])


@given(st.text("ab*", max_size=8), st.text("ab\n", max_size=12))
def test_a_pattern_is_what_a_regular_expression_would_make_of_it(pattern, data):
    found = re.fullmatch("(.*)".join(pattern.split("*")), data, re.DOTALL)
    stars: list[tuple[str, ...]] = []
    assert Postbacks({pattern: lambda _, *some: stars.append(some)}).route(tapped(data)) is (found is not None)
    assert stars == ([found.groups()] if found else [])


def test_a_long_postback_and_many_stars_take_no_time():
    started = time.perf_counter()
    assert not Postbacks({"a*" * 12 + "b": print}).route(tapped("a" * 2048))
    assert time.perf_counter() - started < 1


def test_a_tag_without_its_data_is_no_postback():
    assert verify(sign("", SECRET), SECRET) == ""
    assert verify(sign("", SECRET)[1:], SECRET) is None


def test_a_function_is_named_above_it_and_stays_what_it_is():
    postbacks = Postbacks()
    orders: list[str] = []

    @postbacks.on("order:*")
    def show(event: Event, order: str) -> None:
        orders.append(order)

    assert postbacks.route(tapped("order:7"))
    show(tapped(None), "8")
    assert orders == ["7", "8"]


def test_what_a_function_raises_goes_through():
    def fail(event: Event) -> None:
        raise OSError("no database")

    with pytest.raises(OSError, match="no database"):
        Postbacks({"yes": fail}).route(tapped("yes"))


# ---------------------------------------------------------------- signed


def test_what_was_signed_stays_readable_and_fits_into_an_address():
    signed = sign("order:4711", SECRET)
    assert signed.startswith("order:4711.")
    assert len(signed) == len("order:4711") + 17
    assert set(signed.rpartition(".")[2]) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
    # A tag of yesterday's process must be good today.
    assert signed == "order:4711.LL-d6QTaIyfw1BeD"


def test_signed_data_come_back_as_they_were():
    for data in ("order:4711", "", "a.b.c", "é 🎉\n"):
        assert verify(sign(data, SECRET), SECRET) == data
        assert verify(sign(data, SECRET), (NEXT, SECRET)) == data


FORGED = [
    # what                          the postback
    ("not signed", "order:4711"),
    ("nothing", ""),
    ("a point", "."),
    ("other data", sign("order:4711", SECRET).replace("4711", "4712")),
    ("another tag", sign("order:4711", SECRET)[:-1] + "~"),
    ("half a tag", sign("order:4711", SECRET)[:-8]),
    ("no tag", "order:4711."),
    ("a longer tag", sign("order:4711", SECRET) + "A"),
    ("somebody else's secret", sign("order:4711", "another-secret-of-16")),
    ("signed twice and cut", sign(sign("order:4711", NEXT), NEXT)),
    ("letters beyond ASCII", "order:4711.éééééééééééééééé"),
    ("half a character", "\ud83d.\ud83d"),
]


@pytest.mark.parametrize("postback", [row[1] for row in FORGED], ids=[row[0] for row in FORGED])
def test_a_forged_postback_is_nobodys(postback):
    assert verify(postback, SECRET) is None
    called: list[object] = []
    postbacks = Postbacks({"*": lambda event, data: called.append(data)}, secrets=SECRET)
    assert postbacks.route(tapped(postback)) is False
    assert postbacks.data_in(tapped(postback)) is None
    assert called == []


def test_a_router_signs_with_its_first_secret_and_takes_all_of_them():
    postbacks = Postbacks(secrets=(NEXT, SECRET))
    called: list[str] = []
    postbacks.on("order:*")(lambda event, order: called.append(order))
    assert postbacks.sign("order:1") == sign("order:1", NEXT)
    assert postbacks.route(tapped(postbacks.sign("order:1")))
    assert postbacks.route(tapped(sign("order:2", SECRET)))
    assert called == ["1", "2"]


def test_without_secrets_a_router_takes_what_comes_and_signs_nothing():
    assert Postbacks().data_in(tapped("order:1")) == "order:1"
    with pytest.raises(InvalidInput, match="secrets="):
        Postbacks().sign("order:1")


@pytest.mark.parametrize(
    "make",
    [lambda: sign("a", "short"), lambda: verify("a", ["short"]), lambda: Postbacks(secrets="short")],
    ids=["sign", "verify", "Postbacks"],
)
def test_a_short_secret_is_refused_and_not_shown(make):
    with pytest.raises(InvalidInput, match="16 characters") as caught:
        make()
    assert "short" not in str(caught.value)


def test_no_secret_at_all_vouches_for_nothing():
    assert verify(sign("a", SECRET), ()) is None


def test_the_longest_postback_fits_and_one_more_does_not():
    longest = sign("a" * 2031, SECRET)
    assert len(longest) == 2048
    RichMessage("Oui ?", suggestions=[Reply("Oui", postback=longest)]).validate()
    with pytest.raises(InvalidInput, match="2048"):
        sign("a" * 2032, SECRET)
    with pytest.raises(InvalidContent):
        RichMessage("Oui ?", suggestions=[Reply("Oui", postback=longest + "a")]).validate()


def test_half_a_character_cannot_be_signed():
    with pytest.raises(InvalidInput, match="half a character"):
        sign("\ud83d", SECRET)


def test_nothing_secret_is_shown():
    assert repr(Postbacks({"a": print, "b": print}, secrets=SECRET)) == "Postbacks(2 patterns, signed)"
    assert repr(Postbacks()) == "Postbacks(0 patterns)"


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


@given(texts, texts)
def test_a_tag_is_of_its_data_alone(data, other):
    signed = sign(data, SECRET)
    assert verify(signed, SECRET) == data
    if other != data:
        assert verify(other + signed[len(data) :], SECRET) is None


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(postback):
    data = verify(postback, SECRET)
    assert data is None or sign(data, SECRET) == postback
