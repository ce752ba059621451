"""Clients: what is offered again and when, what comes back, and that both are one."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timezone
from decimal import Decimal

import pytest
from tests.transports.http_faults import answers, closed_port, serving, whole

from smskit.errors import InvalidInput, TransportError, UnsupportedFeature
from smskit.kinds import EventType, FailureClass, Kind
from smskit.protocols import Call, Features, Flow, Pause, Reply
from smskit.records import Accepted, Balance, Event, Outcome, Outgoing, Postponed, Reach, Refused, Taken, Unanswered
from smskit.transports.client import AsyncClient, Client
from smskit.transports.handover import Handover, Retries
from smskit.transports.http import HttpOptions, Notice, Retried, Throttled

NOON = datetime(2026, 6, 24, 12, tzinfo=timezone.utc)
DOWN = TransportError("carrier", "no connection", retryable=True)
DOWN_FOR_7 = TransportError("carrier", "no connection", retryable=True, retry_after_s=7)
LOST = TransportError("carrier", "no answer", retryable=False)

Step = Callable[[Sequence[Outgoing]], Sequence[Outcome]] | Exception


def messages(count: int) -> list[Outgoing]:
    return [Outgoing(f"r-{n}", 33612345678, "Bonjour", 1, "SHOP", Kind.NOTIFICATION) for n in range(count)]


def accept(batch: Sequence[Outgoing]) -> Sequence[Outcome]:
    return [Accepted(m.reference) for m in batch]


def postpone(failure: FailureClass = FailureClass.THROTTLED, after_s: float | None = None) -> Step:
    return lambda batch: [Postponed(m.reference, failure, after_s) for m in batch]


class Carrier:
    """Answers each submission with the next step of its script, and then accepts."""

    name = "carrier"

    def __init__(self, *script: Step, largest: int = 2, in_flight: int = 1) -> None:
        self.features = Features(largest_batch=largest, in_flight=in_flight, live=False)
        self.offered: list[list[str]] = []
        self._script = list(script)

    def submit(self, messages: Sequence[Outgoing], /) -> Flow[tuple[Outcome, ...]]:
        if any(not m.text for m in messages):
            raise InvalidInput("a message without a text")
        return self._submit(tuple(messages))

    def _submit(self, messages: Sequence[Outgoing]) -> Flow[tuple[Outcome, ...]]:
        self.offered.append([m.reference for m in messages])
        step = self._script.pop(0) if self._script else accept
        yield from ()
        if isinstance(step, Exception):
            raise step
        return tuple(step(messages))


def stepped(
    carrier: Carrier,
    count: int,
    *,
    attempts: int = 3,
    jitter: float = 1.0,
    watch: Callable[[Notice], None] | None = None,
) -> tuple[tuple[Outcome, ...], list[float]]:
    """Drive a handover by hand, with the waits collected; no clock, no socket."""
    handover = Handover(carrier, messages(count), Retries(attempts=attempts, jitter=lambda: jitter, watch=watch))
    waits: list[float] = []
    for flow in handover.flows():
        with handover.one_batch():
            for step in flow:
                assert isinstance(step, Pause)
                waits.append(step.seconds)
    return handover.outcomes, waits


THROTTLED, AWAY = FailureClass.THROTTLED, FailureClass.PROVIDER_UNAVAILABLE
CREDIT = FailureClass.INSUFFICIENT_CREDIT

SCRIPTS: list[tuple[str, list[Step], int, list[Outcome], list[int], list[float]]] = [
    # what                                script          messages    outcomes    offers       waits
    ("nothing to send", [], 0, [], [], []),
    ("taken at once", [], 2, accept(messages(2)), [2], []),
    ("more than one batch", [], 5, accept(messages(5)), [2, 2, 1], []),
    ("postponed once, without a wait named", [postpone()], 1, accept(messages(1)), [1, 1], [1]),
    ("postponed once, for 7 s", [postpone(after_s=7)], 1, accept(messages(1)), [1, 1], [7]),
    ("postponed once, for no time", [postpone(after_s=0)], 1, accept(messages(1)), [1, 1], [0]),
    ("a wait that is no number", [postpone(after_s=float("nan"))], 1, accept(messages(1)), [1, 1], [1]),
    ("postponed each time", [postpone()] * 3, 1, [Postponed("r-0", THROTTLED)], [1, 1, 1], [1, 2]),
    ("postponed for longer than anybody waits", [postpone(after_s=61)], 1, [Postponed("r-0", THROTTLED, 61)], [1], []),
    ("no connection once", [DOWN], 2, accept(messages(2)), [2, 2], [1]),
    ("no connection, come back in 7 s", [DOWN_FOR_7], 2, accept(messages(2)), [2, 2], [7]),
    ("no connection at all: the second batch is not tried", [DOWN] * 3, 3, [Postponed(f"r-{n}", AWAY) for n in range(3)], [2, 2, 2], [1, 2]),
    ("no answer is a doubt, and others are sent", [LOST], 3, [Unanswered("r-0"), Unanswered("r-1"), Accepted("r-2")], [2, 1], []),
    ("no answer to the second offer", [postpone(), LOST], 1, [Unanswered("r-0")], [1, 1], [1]),
    ("no credit stops the rest", [postpone(CREDIT)], 3, [Postponed(f"r-{n}", CREDIT) for n in range(3)], [2], []),
    ("only those postponed are offered again", [lambda b: [Accepted("r-0"), Postponed("r-1", THROTTLED)]], 2, accept(messages(2)), [2, 1], [1]),
    ("refused is the end of it", [lambda b: [Refused("r-0", FailureClass.SPAM_FILTER)]], 1, [Refused("r-0", FailureClass.SPAM_FILTER)], [1], []),
    ("an answer that names others", [lambda b: [Accepted("x"), "r-0", None]], 1, [Unanswered("r-0")], [1], []),
    ("two answers that differ", [lambda b: [Accepted("r-0"), Refused("r-0", THROTTLED)]], 1, [Unanswered("r-0")], [1], []),
    ("a mistake of ours in the second batch", [accept, ValueError("secret")], 5, [*accept(messages(2)), Unanswered("r-2"), Unanswered("r-3"), Postponed("r-4", FailureClass.UNSPECIFIED)], [2, 2], []),
    ("a mistake of ours in a second offer", [postpone(), ValueError("secret")], 1, [Unanswered("r-0")], [1, 1], [1]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("script", "count", "outcomes", "offers", "waits"), [row[1:] for row in SCRIPTS], ids=[row[0] for row in SCRIPTS]
)
def test_what_becomes_of_messages(
    script: list[Step], count: int, outcomes: list[Outcome], offers: list[int], waits: list[float],
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    carrier = Carrier(*script)
    came, waited = stepped(carrier, count, jitter=0.0 if 7 in waits else 1.0)
    assert (list(came), [len(batch) for batch in carrier.offered], waited) == (outcomes, offers, waits)
    assert "secret" not in caplog.text


def test_jitter_spreads_those_who_were_refused_together() -> None:
    assert Retries(jitter=lambda: 0.0).wait_s(1, None) == 0.5
    assert Retries(jitter=lambda: 1.0).wait_s(1, None) == 1.0
    assert Retries(jitter=lambda: 0.5).wait_s(1, 10) == 10.5


def test_the_usual_wait_grows_and_is_bounded() -> None:
    retries = Retries(attempts=99, longest_wait_s=6, jitter=lambda: 1.0)
    assert [retries.wait_s(attempt, None) for attempt in (1, 2, 3, 4, 98, 99)] == [1, 2, 4, 6, 6, None]


def test_no_attempt_is_no_client() -> None:
    with pytest.raises(InvalidInput):
        Client(Carrier(), attempts=0)


def test_one_reference_twice_is_refused_before_anything_leaves() -> None:
    carrier = Carrier()
    with pytest.raises(InvalidInput, match="same reference"):
        Client(carrier).submit(messages(1) * 2)
    assert carrier.offered == []


def test_a_message_that_nobody_could_send_keeps_all_batches_back() -> None:
    carrier = Carrier()
    with pytest.raises(InvalidInput, match="without a text"):
        Client(carrier).submit([*messages(3), Outgoing("r-9", 33612345678, "", 1, "SHOP", Kind.NOTIFICATION)])
    assert carrier.offered == []


def test_what_is_tried_again_is_told() -> None:
    told: list[Notice] = []
    stepped(Carrier(postpone(after_s=7), DOWN), 2, jitter=0, watch=told.append)
    assert told == [
        Throttled("carrier", 2, 7),
        Retried("carrier", 2, 2, 7, "throttled"),
        Retried("carrier", 3, 2, 1.0, "provider_unavailable"),
    ]


# ---------------------------------------------------------------- both clients


class Whole(Carrier):
    """A carrier that does everything, each with one call that fails as often as *fails* says."""

    def __init__(self, *lost: Exception) -> None:
        super().__init__()
        self.features = Features(can_be_asked=True, live=False)
        self.calls: list[str] = []
        self._lost = list(lost)

    def line(self, call: Call) -> Reply:
        self.calls.append(call.label)
        if self._lost:
            raise self._lost.pop(0)
        return Reply(200)

    async def aline(self, call: Call) -> Reply:
        return self.line(call)

    def _one(self, label: str, result: object) -> Flow[object]:
        yield Call("GET", "https://carrier.example/", label=label)
        return result

    def ask(self, messages: Sequence[Outgoing], /) -> Flow[Mapping[str, Outcome]]:
        return self._one("ask", {m.reference: Accepted(m.reference) for m in messages})

    def look_up(self, messages: Sequence[Taken], /) -> Flow[tuple[Event, ...]]:
        return self._one("look_up", tuple(Event(m.provider_id, EventType.RECEIPT, NOON) for m in messages))

    def fetch(self, since: datetime, /) -> Flow[tuple[Event, ...]]:
        return self._one("fetch", (Event("k", EventType.REPLY, since),))

    def balance(self) -> Flow[Balance]:
        return self._one("balance", Balance(Decimal("1.5"), "EUR"))

    def withdraw(self, provider_id: str, /) -> Flow[bool]:
        return self._one("withdraw", provider_id == "p-1")

    def revoke(self, messages: Sequence[Taken], /) -> Flow[frozenset[str]]:
        return self._one("revoke", frozenset(m.reference for m in messages))

    def capabilities(self, numbers: Sequence[int], /) -> Flow[Reach]:
        return self._one("capabilities", Reach((), len(numbers)))


QUESTIONS: list[tuple[str, tuple[object, ...], object]] = [
    ("ask", (messages(1),), {"r-0": Accepted("r-0")}),
    ("look_up", ([Taken("r-0", 33612345678, "p-1")],), (Event("p-1", EventType.RECEIPT, NOON),)),
    ("fetch", (NOON,), (Event("k", EventType.REPLY, NOON),)),
    ("balance", (), Balance(Decimal("1.5"), "EUR")),
    ("withdraw", ("p-1",), True),
    ("revoke", ([Taken("r-0", 33612345678, "p-1")],), frozenset({"r-0"})),
    ("capabilities", ([33612345678],), Reach((), 1)),
]


def _plain(carrier: Carrier, method: str, arguments: tuple[object, ...], **options: object) -> object:
    caller = getattr(carrier, "line", None)
    with Client(carrier, caller=caller, sleep=lambda _: None, **options) as client:
        return getattr(client, method)(*arguments)


def _awaited(carrier: Carrier, method: str, arguments: tuple[object, ...], **options: object) -> object:
    async def sleep(_: float) -> None:
        await asyncio.sleep(0)

    async def run() -> object:
        caller = getattr(carrier, "aline", None)
        async with AsyncClient(carrier, caller=caller, sleep=sleep, **options) as client:
            return await getattr(client, method)(*arguments)

    return asyncio.run(run())


Do = Callable[..., object]
BOTH = pytest.mark.parametrize("do", [_plain, _awaited], ids=["Client", "AsyncClient"])


@BOTH
@pytest.mark.parametrize(("method", "arguments", "result"), QUESTIONS, ids=[row[0] for row in QUESTIONS])
def test_a_question_is_asked(do: Do, method: str, arguments: tuple[object, ...], result: object) -> None:
    carrier = Whole()
    assert do(carrier, method, arguments) == result
    assert carrier.calls == [method]


@BOTH
@pytest.mark.parametrize(("method", "arguments", "result"), QUESTIONS, ids=[row[0] for row in QUESTIONS])
def test_a_question_that_did_not_leave_is_asked_again(
    do: Do, method: str, arguments: tuple[object, ...], result: object
) -> None:
    carrier = Whole(DOWN, DOWN)
    assert do(carrier, method, arguments) == result
    assert carrier.calls == [method] * 3


@BOTH
@pytest.mark.parametrize("lost", [[LOST], [DOWN] * 3], ids=["it may have arrived", "it was the last attempt"])
def test_a_question_that_is_not_asked_again(do: Do, lost: list[Exception]) -> None:
    carrier = Whole(*lost)
    with pytest.raises(TransportError):
        do(carrier, "balance", ())
    assert len(carrier.calls) == len(lost)


@BOTH
@pytest.mark.parametrize(("method", "arguments"), [row[:2] for row in QUESTIONS], ids=[row[0] for row in QUESTIONS])
def test_what_a_transport_lacks_is_said(do: Do, method: str, arguments: tuple[object, ...]) -> None:
    with pytest.raises(UnsupportedFeature, match="carrier does not support"):
        do(Carrier(), method, arguments)


@BOTH
def test_a_transport_that_has_the_method_and_denies_the_feature_is_not_asked(do: Do) -> None:
    carrier = Whole()
    carrier.features = Features(can_be_asked=False, live=False)
    with pytest.raises(UnsupportedFeature):
        do(carrier, "ask", (messages(1),))


@BOTH
def test_any_flow_is_driven_once(do: Do) -> None:
    carrier = Whole(LOST)
    with pytest.raises(TransportError):
        do(carrier, "run", (carrier.withdraw("p-1"),))
    assert do(carrier, "run", (carrier.withdraw("p-1"),)) is True
    assert carrier.calls == ["withdraw", "withdraw"]


@BOTH
def test_messages_are_handed_over_in_batches(do: Do) -> None:
    carrier = Carrier(largest=3, in_flight=2)
    assert do(carrier, "submit", (messages(7),)) == tuple(accept(messages(7)))
    assert carrier.offered == [["r-0", "r-1", "r-2"], ["r-3", "r-4", "r-5"], ["r-6"]]


@BOTH
def test_the_first_mistake_of_ours_is_raised_and_nothing_else_leaves(do: Do) -> None:
    carrier = Carrier(ValueError("ours"), in_flight=3)
    with pytest.raises(ValueError, match="ours"):
        do(carrier, "submit", (messages(9),))
    assert len(carrier.offered) == 1


def test_an_async_client_has_as_many_under_way_as_the_carrier_takes() -> None:
    class Slow(Carrier):
        most = now = 0

        def _submit(self, messages: Sequence[Outgoing]) -> Flow[tuple[Outcome, ...]]:
            self.now += 1
            self.most = max(self.most, self.now)
            yield Pause(0)
            self.now -= 1
            return tuple(accept(messages))

    slow = Slow(largest=1, in_flight=4)
    assert _awaited(slow, "submit", (messages(20),)) == tuple(accept(messages(20)))
    assert slow.most == 4


# ---------------------------------------------------------------- in step


def _surface(kind: type) -> dict[str, str]:
    """Names of the public methods with what they take; sleeping and calling are awaited in one of them."""
    found = {name: member for name, member in inspect.getmembers(kind, inspect.isfunction) if not name.startswith("_")}
    found["__init__"] = kind.__init__
    return {name: " ".join(inspect.signature(one).parameters) for name, one in found.items()}


def test_both_clients_have_the_same_methods_with_the_same_arguments() -> None:
    assert _surface(Client) == _surface(AsyncClient)
    assert set(_surface(Client)) == {
        "__init__",
        "submit",
        "ask",
        "look_up",
        "fetch",
        "balance",
        "withdraw",
        "revoke",
        "capabilities",
        "run",
        "close",
    }


@pytest.mark.parametrize("name", sorted(set(_surface(Client)) - {"__init__"}))
def test_both_give_the_same_and_one_is_awaited(name: str) -> None:
    plain, awaited = getattr(Client, name), getattr(AsyncClient, name)
    assert inspect.signature(plain).return_annotation == inspect.signature(awaited).return_annotation
    assert [p.annotation for p in inspect.signature(plain).parameters.values()] == [
        p.annotation for p in inspect.signature(awaited).parameters.values()
    ]
    assert (inspect.iscoroutinefunction(plain), inspect.iscoroutinefunction(awaited)) == (False, True)


# ---------------------------------------------------------------- connections


class Poster(Carrier):
    """One POST a batch to a real server."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = url

    def _submit(self, messages: Sequence[Outgoing]) -> Flow[tuple[Outcome, ...]]:
        reply = yield Call("POST", self._url, {}, b"x")
        return tuple(Accepted(m.reference, reply.body.decode()) for m in messages)


@BOTH
def test_a_client_brings_its_own_connections(do: Do) -> None:
    with serving(answers(whole(b"id-1"), keep=True)) as server:
        poster = Poster(f"http://127.0.0.1:{server.port}/")
        outcomes = do(poster, "submit", (messages(4),), options=HttpOptions(read_s=2))
    assert outcomes == tuple(Accepted(m.reference, "id-1") for m in messages(4))
    assert (len(server.requests), server.connections) == (2, 1)


@BOTH
def test_a_refused_connection_is_tried_again(do: Do) -> None:
    told: list[Notice] = []
    with closed_port() as port:
        outcomes = do(
            Poster(f"http://127.0.0.1:{port}/"), "submit", (messages(1),), options=HttpOptions(watch=told.append)
        )
    assert outcomes == (Postponed("r-0", AWAY),)
    assert [notice.attempt for notice in told if isinstance(notice, Retried)] == [2, 3]


def test_a_caller_that_was_brought_stays_open() -> None:
    class Mine:
        closed = False

        def __call__(self, call: Call, /) -> Reply:
            return Reply(200)

        def close(self) -> None:
            self.closed = True

    mine = Mine()
    Client(Carrier(), caller=mine).close()
    assert not mine.closed


def test_no_request_library_is_loaded_before_a_call() -> None:
    import subprocess
    import sys

    code = (
        "import sys, smskit.transports.client as c, smskit.transports.http as h; c.Client; h.HttpCaller(); "
        "h.AiohttpCaller(); h.BlockingHttpCaller(); "
        "print([m for m in ('httpx', 'httpx2', 'aiohttp', 'anyio', 'ssl', 'asyncio', 'opentelemetry') if m in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=30)
    assert ran.stdout.strip() == "[]"


def test_nothing_is_shown_of_the_carrier_but_its_name() -> None:
    assert repr(Client(Poster("https://carrier.example/?key=secret"))) == "Client(carrier)"
