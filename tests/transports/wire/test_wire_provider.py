"""What all providers do alike: grouping, halving, repeating, and what a strange day means for each message."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from typing import ClassVar

import pytest
from attrs import evolve, field, frozen
from hypothesis import given
from hypothesis import strategies as st

from smskit.errors import InvalidInput, TransportError
from smskit.kinds import FailureClass
from smskit.protocols import Call, Features, Pause, Reply, StopForm
from smskit.records import Accepted, Postponed, Refused, Unanswered
from smskit.testing.factories import outgoing
from smskit.transports import SmsMode, Webhook
from smskit.transports.drivers import drive
from smskit.transports.wire.answers import LONGEST_RETRY_AFTER_S, Answer
from smskit.transports.wire.provider import HttpProvider
from smskit.transports.wire.requests import alike, merged, reference_in, with_reference


@frozen(kw_only=True)
class Post(HttpProvider):
    """A carrier that takes up to four messages of one text in a request."""

    name = "post"
    base_url: str = "https://carrier.example"
    once: bool = field(default=False)
    size: ClassVar[int] = 4

    def declared(self):
        return Features(largest_batch=20)

    def groups(self, messages):
        return alike(messages, self.size)

    def request(self, group):
        return Call("POST", self.base_url, {}, json.dumps([m.reference for m in group]).encode())

    def outcomes(self, group, answer):
        for reference in answer.json:
            yield Accepted(reference)

    def repeats(self, group):
        return self.once


def take(call: Call) -> Reply:
    return Reply(200, {}, call.body)


class Line:
    """A line that behaves as it is told, request by request; then it takes everything."""

    def __init__(self, *behaviours: Callable[[Call], Reply]) -> None:
        self.behaviours = list(behaviours)
        self.calls: list[Call] = []
        self.pauses: list[float] = []

    def __call__(self, call: Call) -> Reply:
        self.calls.append(call)
        return self.behaviours.pop(0)(call) if self.behaviours else take(call)

    def drive(self, provider: Post, messages) -> dict[str, object]:
        outcomes = drive(provider.submit(messages), self, sleep=self.pauses.append)
        assert sorted(o.reference for o in outcomes) == sorted(m.reference for m in messages), "one outcome for each"
        return {outcome.reference: outcome for outcome in outcomes}


def status(code: int, headers: dict[str, str] | None = None) -> Callable[[Call], Reply]:
    return lambda call: Reply(code, headers or {}, b"{}")


def lost(call: Call) -> Reply:
    raise TransportError("carrier", "no answer", retryable=False)


def refused(call: Call) -> Reply:
    raise TransportError("carrier", "connection refused", retryable=True, retry_after_s=3)


TEN = [outgoing(seq) for seq in range(10)]  # three requests: four, four, two

DAYS = [
    # what                                          line                        accepted       others
    ("everything is taken", (), range(10), {}),
    ("the second answer is lost: the third request is not made", (take, lost), range(4), {4: Unanswered, 8: Postponed}),
    ("the second request cannot be made", (take, refused), range(4), {4: Postponed, 8: Postponed}),
    ("the carrier breaks", (take, status(500)), range(4), {4: Unanswered, 8: Postponed}),
    ("too fast", (take, status(429)), range(4), {4: Postponed, 8: Postponed}),
    ("no credit any more", (take, status(402)), range(4), {4: Postponed, 8: Postponed}),
    ("the second request has a bad message", (take, status(400), status(400), status(400)), (0, 1, 2, 3, 5, 6, 7, 8, 9), {4: Refused}),
]  # fmt: skip


@pytest.mark.parametrize(("behaviours", "accepted", "others"), [row[1:] for row in DAYS], ids=[row[0] for row in DAYS])
def test_a_day_of_the_carrier(behaviours, accepted, others):
    outcomes = Line(*behaviours).drive(Post(), TEN)
    assert {int(name.split("-")[1]) for name, one in outcomes.items() if isinstance(one, Accepted)} == set(accepted)
    for seq, kind in others.items():
        assert type(outcomes[f"run-{seq}"]) is kind


def test_a_line_that_cannot_be_opened_at_first_is_told_as_it_is():
    with pytest.raises(TransportError) as caught:
        Line(refused).drive(Post(), TEN)
    assert caught.value.retryable


def test_the_carriers_wait_is_handed_on():
    outcomes = Line(status(429, {"retry-after": "12"})).drive(Post(), TEN)
    assert {(one.failure, one.retry_after_s) for one in outcomes.values()} == {(FailureClass.THROTTLED, 12.0)}


def test_an_account_without_credit_rejects_nobody():
    outcomes = Line(status(402)).drive(Post(), TEN)
    assert {(type(one), one.failure) for one in outcomes.values()} == {(Postponed, FailureClass.INSUFFICIENT_CREDIT)}


# ---------------------------------------------------------------- repeating the very same request

REPEATS = [
    # what                                     line                              requests  first outcome
    ("an answer that is lost once", (lost,), 2, Accepted),
    ("a machine that breaks twice", (status(503), status(500)), 3, Accepted),
    ("a line that is lost for good", (lost, lost, lost), 3, Unanswered),
    ("a refusal is an answer", (status(400),), 1, Refused),
]


@pytest.mark.parametrize(
    ("behaviours", "requests", "kind"), [row[1:] for row in REPEATS], ids=[row[0] for row in REPEATS]
)
def test_what_the_carrier_takes_once_is_told_again(behaviours, requests, kind):
    line = Line(*behaviours)
    outcomes = line.drive(Post(once=True), [outgoing()])
    assert type(outcomes["run-0"]) is kind
    assert len(line.calls) == requests
    assert len(set(map(id, line.calls))) == 1, "the very same request"
    assert len(line.pauses) == requests - 1


def test_nothing_else_is_ever_told_again():
    line = Line(lost)
    assert isinstance(line.drive(Post(), [outgoing()])["run-0"], Unanswered)
    assert len(line.calls) == 1
    flow = Post().submit([outgoing()])
    assert not isinstance(next(flow), Pause)
    flow.close()


# ---------------------------------------------------------------- groups


@given(st.lists(st.tuples(st.integers(0, 5), st.sampled_from(["a", "b", "c"])), max_size=30), st.integers(1, 5))
def test_groups_hold_everything_once_and_nobody_twice(rows, size):
    messages = [outgoing(seq, number=33612000000 + who, text=text) for seq, (who, text) in enumerate(rows)]
    groups = alike(messages, size)
    assert sorted(m.reference for group in groups for m in group) == sorted(m.reference for m in messages)
    for group in groups:
        assert 1 <= len(group) <= size
        assert len({m.text for m in group}) == 1
        assert len({m.number for m in group}) == len(group)


def test_messages_that_differ_in_anything_else_do_not_share_a_request():
    plain = outgoing(0)
    for name, value in (
        ("sender", "X"),
        ("validity_s", 60),
        ("carrier_stop", True),
        ("send_at", datetime.now(timezone.utc)),
    ):
        other = evolve(outgoing(1), **{name: value})
        assert len(alike([plain, other], 10)) == 2, name


# ---------------------------------------------------------------- small things

WAITS = [
    ("seconds", "7", 7.0),
    ("a fraction", "1.5", 1.5),
    ("far too long", "999999", LONGEST_RETRY_AFTER_S),
    ("a date to come", "Wed, 24 Jun 2026 10:00:30 GMT", 30.0),
    ("a date that is over", "Wed, 24 Jun 2026 09:00:00 GMT", 0.0),
    ("a date without a zone", "Wed, 24 Jun 2026 10:00:30 -0000", 30.0),
    ("a word", "soon", None),
    ("a negative number", "-5", None),
    ("nothing", "", None),
]


@pytest.mark.parametrize(("text", "seconds"), [row[1:] for row in WAITS], ids=[row[0] for row in WAITS])
def test_how_long_a_carrier_asks_to_wait(text, seconds):
    now = datetime(2026, 6, 24, 10, 0, tzinfo=timezone.utc)
    assert Answer(Reply(429, {"Retry-After": text})).retry_after_s(now) == seconds


def test_a_date_to_wait_for_is_held_against_the_machines_clock():
    later = format_datetime(datetime.now(timezone.utc) + timedelta(seconds=50))
    assert 40 < Answer(Reply(429, {"RETRY-AFTER": later})).retry_after_s() <= 50


def test_options_of_the_carrier_are_put_over_ours_and_into_objects():
    ours = {"a": 1, "body": {"text": "x", "stop": False}}
    assert merged(ours, {"body": {"class": 1}, "b": 2}) == {
        "a": 1,
        "b": 2,
        "body": {"text": "x", "stop": False, "class": 1},
    }
    assert merged(ours, {"body": "other"})["body"] == "other"
    assert ours == {"a": 1, "body": {"text": "x", "stop": False}}


@given(st.text(min_size=1, max_size=40))
def test_a_reference_goes_through_an_address(reference):
    for url in ("https://shop.example/in", "https://shop.example/in?a=1&b=%20#top"):
        assert reference_in(with_reference(url, reference)) == reference
    assert reference_in("https://shop.example/in?a=1") is None


def test_options_go_over_what_a_provider_declares_though_it_does_not_read_them():
    stop = {"FR": StopForm("STOP au 36111")}
    features = Post(in_flight=7, parts_per_second=2.5, stop=stop).features
    assert (features.in_flight, features.parts_per_second, features.stop) == (7, 2.5, stop)
    assert (Post().features.in_flight, Post().features.parts_per_second, Post().features.stop) == (1, None, {})


def test_a_smaller_batch_leaves_fewer_in_doubt_and_a_larger_one_is_not_possible():
    assert Post(largest_batch=5).features.largest_batch == 5
    assert Post(largest_batch=500).features.largest_batch == 20
    for options in ({"largest_batch": 0}, {"in_flight": 0}, {"largest_batch": -1}):
        with pytest.raises(InvalidInput, match="1 or more"):
            Post(**options)


@pytest.mark.parametrize("name", ["parts_per_second", "timeout_s"])
@pytest.mark.parametrize("value", [0, -1.0, float("nan")])
def test_no_pace_and_no_time_is_told_at_once(name, value):
    with pytest.raises(InvalidInput, match="above 0"):
        Post(**{name: value})


@pytest.mark.parametrize("url", ["shop.example/in", "ftp://shop.example", "https://", "/in"])
def test_an_address_that_is_none_is_told_at_once(url):
    with pytest.raises(InvalidInput, match="whole address"):
        Post(callback=url)
    with pytest.raises(InvalidInput, match="whole address"):
        Post(base_url=url)


def test_a_mention_that_nobody_would_print_is_refused_when_the_provider_is_made():
    with pytest.raises(InvalidInput, match="prints none"):
        Post(stop={"FR": StopForm("STOP 36111", printed_by_transport=True)})


MISTAKES = [
    # what                                             options                                              says
    ("a key whose variable is not set", {"key": None}, "variable"),
    ("an empty key", {"key": ""}, "variable"),
    ("a key with an accent", {"key": "clé"}, "plain letters"),
    ("a mention that is a text", {"key": "k", "stop": {"FR": "STOP au 36111"}}, "StopForm"),
    ("a callback that every call would be refused at",
     {"key": "k", "callback": "https://shop.example/sms", "webhook": Webhook(path_secrets="a-long-word-in-the-path")},
     "would be refused"),
]  # fmt: skip


@pytest.mark.parametrize(("options", "says"), [row[1:] for row in MISTAKES], ids=[row[0] for row in MISTAKES])
def test_a_mistake_in_the_settings_is_told_when_the_carrier_is_made(options, says):
    with pytest.raises(InvalidInput, match=says):
        SmsMode(**options)


def test_a_number_that_is_a_text_is_told_at_the_call():
    with pytest.raises(InvalidInput, match="33612345678"):
        Post().submit([evolve(outgoing(), number="+33612345678")])
