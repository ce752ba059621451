"""Whatever a line and a carrier do, neither client has a message taken twice, nor says of one that was taken that it
was not."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from smskit.errors import TransportError
from smskit.kinds import FailureClass, Kind
from smskit.protocols import Call, Features, Flow, Reply
from smskit.records import Accepted, Outcome, Outgoing, Postponed, Refused, Unanswered
from smskit.transports.client import AsyncClient, Client

WORDS = ("take", "take", "refuse", "busy", "throttle", "credit", "silent", "twice")
LINES = ("fine", "fine", "fine", "fine", "refused", "lost before", "lost after", "garbage", "busy", "no credit")


class Carrier:
    """A carrier with a line that fails as *lines* say and a mood for each message as *words* say."""

    name = "carrier"

    def __init__(self, lines: Sequence[str], words: Sequence[str], largest: int, in_flight: int) -> None:
        self.features = Features(largest_batch=largest, in_flight=in_flight, live=False)
        self.taken: Counter[str] = Counter()
        self._lines = iter(lines)
        self._words = iter(words)

    def submit(self, messages: Sequence[Outgoing], /) -> Flow[tuple[Outcome, ...]]:
        assert 0 < len(messages) <= self.features.largest_batch
        return self._submit(tuple(messages))

    def _submit(self, messages: Sequence[Outgoing]) -> Flow[tuple[Outcome, ...]]:
        reply = yield Call("POST", "https://carrier.example/", {}, json.dumps([m.reference for m in messages]).encode())
        assert reply is not None
        if reply.status == 429:
            return tuple(Postponed(m.reference, FailureClass.THROTTLED, 2.0) for m in messages)
        if reply.status == 402:
            return tuple(Postponed(m.reference, FailureClass.INSUFFICIENT_CREDIT) for m in messages)
        return tuple(outcome for word, reference in json.loads(reply.body) for outcome in _outcomes(word, reference))

    def line(self, call: Call) -> Reply:
        how = next(self._lines, "fine")
        if how == "refused":
            raise TransportError("carrier", "no connection", retryable=True)
        if how == "lost before":
            raise TransportError("carrier", "no answer", retryable=False)
        if how in ("busy", "no credit"):
            return Reply(429 if how == "busy" else 402)
        said = []
        for reference in json.loads(call.body):
            word = next(self._words, "take")
            if word in ("take", "silent", "twice"):
                self.taken[reference] += 1
            said.append((word, reference))
        if how == "lost after":
            raise TransportError("carrier", "no answer", retryable=False)
        return Reply(200, {}, b"<html>" if how == "garbage" else json.dumps(said).encode())

    async def aline(self, call: Call) -> Reply:
        await asyncio.sleep(0)
        return self.line(call)


def _outcomes(word: str, reference: str) -> list[Outcome]:
    return {
        "take": [Accepted(reference)],
        "refuse": [Refused(reference, FailureClass.INVALID_NUMBER)],
        "busy": [Postponed(reference, FailureClass.PROVIDER_UNAVAILABLE)],
        "throttle": [Postponed(reference, FailureClass.THROTTLED, 5.0)],
        "credit": [Postponed(reference, FailureClass.INSUFFICIENT_CREDIT)],
        "silent": [],
        "twice": [Accepted(reference), Postponed(reference, FailureClass.THROTTLED)],
    }[word]


def _messages(count: int) -> list[Outgoing]:
    return [Outgoing(f"r-{n}", 33612345678, "Bonjour", 1, "SHOP", Kind.NOTIFICATION) for n in range(count)]


def _submitted(carrier: Carrier, messages: Sequence[Outgoing], attempts: int, *, awaited: bool) -> Sequence[Outcome]:
    if not awaited:
        return Client(carrier, attempts=attempts, caller=carrier.line, sleep=lambda _: None).submit(messages)

    async def sleep(_: float) -> None:
        await asyncio.sleep(0)

    return asyncio.run(AsyncClient(carrier, attempts=attempts, caller=carrier.aline, sleep=sleep).submit(messages))


@given(
    lines=st.lists(st.sampled_from(LINES), max_size=12),
    words=st.lists(st.sampled_from(WORDS), max_size=40),
    count=st.integers(0, 25),
    largest=st.integers(1, 7),
    in_flight=st.integers(1, 4),
    attempts=st.integers(1, 5),
    awaited=st.booleans(),
)
@settings(max_examples=400, deadline=None)
def test_no_message_is_taken_twice_and_none_that_was_taken_is_denied(
    lines: list[str], words: list[str], count: int, largest: int, in_flight: int, attempts: int, awaited: bool
) -> None:
    carrier = Carrier(lines, words, largest, in_flight)
    messages = _messages(count)
    try:
        outcomes = _submitted(carrier, messages, attempts, awaited=awaited)
    except ValueError:
        # The garbage of the very first answer: it is raised, and nothing else had happened.
        assert len(carrier.taken) <= largest
        assert set(carrier.taken.values()) <= {1}
        return
    assert [outcome.reference for outcome in outcomes] == [message.reference for message in messages]
    assert set(carrier.taken.values()) <= {1}
    for outcome in outcomes:
        taken = bool(carrier.taken[outcome.reference])
        if isinstance(outcome, Accepted):
            assert taken
        elif not isinstance(outcome, Unanswered):
            assert not taken
