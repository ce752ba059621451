from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta, timezone

import pytest
from attrs import evolve

from smskit.kinds import DeliveryStatus, EventType, SendState
from smskit.metrics.clicks import ClickRules
from smskit.metrics.lines import line_of, micros_of
from smskit.metrics.responses import Response, Responses
from smskit.records import Event, Send

NOON = datetime(2026, 6, 24, 12, tzinfo=timezone.utc)
SEND = Send(
    "r1", 7, 9, 33612345678, "text", 1, 45_000, "FR", 0, "", SendState.ACCEPTED, "tok",
    submitted_at=NOON, status=DeliveryStatus.DELIVERED, status_at=NOON + timedelta(seconds=20),
)  # fmt: skip

RULES = ClickRules.default()


def take(responses: Responses, send: Send) -> Response | None:
    return responses.take(line_of(send))


def people(response: Response, send: Send) -> int:
    line = line_of(send)
    arrived = line.status_at if send.status is DeliveryStatus.DELIVERED else None
    return len(response.people(RULES, line.submitted, arrived, Counter()))


REQUESTS = [
    ("a telephone", "GET Mozilla/5.0 (iPhone; CPU iPhone OS 18_4 like Mac OS X) AppleWebKit/605.1.15", False),
    (
        "an Android telephone",
        "GET Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/131 Mobile Safari/537.36",
        False,
    ),
    ("nothing is known", "", False),
    ("only looks", "HEAD Mozilla/5.0 (iPhone)", True),
    ("a preview of a messenger", "GET WhatsApp/2.23.20.0", True),
    ("a preview of a social network", "GET facebookexternalhit/1.1", True),
    ("a crawler", "GET Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", True),
    ("a scanner", "GET Mozilla/5.0 BarracudaURLScanner", True),
    ("a program", "GET python-requests/2.32", True),
]


@pytest.mark.parametrize(("request_text", "machine"), [row[1:] for row in REQUESTS], ids=[row[0] for row in REQUESTS])
def test_a_machine_is_known_by_its_request(request_text: str, machine: bool) -> None:
    assert (RULES.by_request(request_text) is not None) is machine


def click(seconds: float, text: str | None = None, **keys: object) -> Event:
    return Event(f"c{seconds}", EventType.CLICK, NOON + timedelta(seconds=seconds), text=text, **keys)  # type: ignore[arg-type]


CLICKS = [
    ("before the hand-over", click(-1, token="tok"), SEND, 0),
    ("at once", click(2.9, token="tok"), SEND, 0),
    ("3 s after the hand-over, a receipt being late", click(3, token="tok"), SEND, 1),
    ("the moment it arrived", click(20, token="tok"), SEND, 0),
    ("2.9 s after it arrived", click(22.9, token="tok"), SEND, 0),
    ("3 s after it arrived", click(23, token="tok"), SEND, 1),
    ("later", click(600, token="tok"), SEND, 1),
    ("later, by a machine", click(600, "HEAD x", token="tok"), SEND, 0),
    ("later, by a telephone", click(600, "GET Mozilla/5.0 (iPhone)", token="tok"), SEND, 1),
    ("without a receipt", click(21, token="tok"), evolve(SEND, status=None, status_at=None), 1),
    ("without a time of the hand-over", click(-1, token="tok"), evolve(SEND, submitted_at=None), 1),
]


@pytest.mark.parametrize(("event", "send", "persons"), [row[1:] for row in CLICKS], ids=[row[0] for row in CLICKS])
def test_a_click_of_a_person(event: Event, send: Send, persons: int) -> None:
    response = take(Responses(["r1"], [event]), send)
    assert response is not None
    assert response.events == 1
    assert people(response, send) == persons


def reply(kind: EventType, seconds: float, **keys: object) -> Event:
    return Event(f"{kind.value}{seconds}", kind, NOON + timedelta(seconds=seconds), **keys)  # type: ignore[arg-type]


FOUND = [
    ("by reference", {"reference": "r1-7"}),
    ("by token", {"token": "tok"}),
    ("by number", {"number": 33612345678}),
    ("by reference before number", {"reference": "r1-7", "number": 33699999999}),
    ("by number where the reference is the carrier's", {"reference": "abc", "number": 33612345678}),
]


@pytest.mark.parametrize("keys", [row[1] for row in FOUND], ids=[row[0] for row in FOUND])
def test_an_event_finds_its_send(keys: dict[str, object]) -> None:
    responses = Responses(["r1"], [reply(EventType.REPLY, 60, **keys)])
    assert take(responses, evolve(SEND, seq=8, token=None, number=33600000000)) is None
    response = take(responses, SEND)
    assert response is not None
    assert response.answers == [micros_of(NOON + timedelta(seconds=60))]
    assert take(responses, SEND) is None
    assert responses.unclaimed == 0


def test_what_belongs_to_another_run_finds_nothing() -> None:
    responses = Responses(["r1"], [reply(EventType.REPLY, 60, reference="r2-7"), click(9, token="other")])
    assert take(responses, SEND) is None
    assert responses.unclaimed == 1


def test_what_came_under_several_keys_is_put_together() -> None:
    events = [
        click(60, reference="r1-7"),
        click(61, token="tok"),
        reply(EventType.REPLY, 62, number=33612345678),
        reply(EventType.RECEIPT, 63, reference="r1-7"),
    ]
    response = take(Responses(["r1"], events), SEND)
    assert response is not None
    assert (len(response.clicks), len(response.answers)) == (2, 1)


def test_stop_is_an_opposition_and_no_answer() -> None:
    events = [
        reply(EventType.REPLY, 60, number=33612345678),
        reply(EventType.OPT_OUT, 60, number=33612345678),
        reply(EventType.REPLY, 90, number=33612345678),
        reply(EventType.OPT_IN, 99, number=33612345678),
    ]
    response = take(Responses(["r1"], events), SEND)
    assert response is not None
    assert (len(response.answers), len(response.oppositions)) == (1, 1)


def test_what_is_left_of_somebody_who_was_forgotten_finds_nobody() -> None:
    responses = Responses(["r1"], [reply(EventType.REPLY, 60), reply(EventType.REPLY, 61, number=0)])
    assert take(responses, evolve(SEND, number=0)) is None
    assert responses.unclaimed == 2


def test_a_run_and_its_fallback_share_their_places() -> None:
    events = [click(60, reference="r1-7"), reply(EventType.REPLY, 62, reference="sms-7"), click(63, reference="x-7")]
    response = take(Responses(["r1", "sms"], events), SEND)
    assert response is not None
    assert (len(response.clicks), len(response.answers)) == (1, 1)
