"""Both drivers are held to one table: a list of answers, and a list that collects the waits."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator

import pytest

from smskit.errors import InvalidInput, TransportError
from smskit.protocols import Call, Flow, Pause, Reply
from smskit.transports.drivers import adrive, drive

GET = Call("GET", "https://carrier.example/")
DOWN = TransportError("carrier", "no line", retryable=True)
Answer = Reply | Exception


def stubborn() -> Flow[str]:
    """Asks until it gets a 200: waits 1 s after a lost line and as long as a 429 says."""
    while True:
        try:
            reply = yield GET
        except TransportError:
            yield Pause(1)
            continue
        assert reply is not None
        if reply.status == 200:
            return "done"
        yield Pause(float(reply.headers["retry-after"]))


def silent() -> Flow[int]:
    """Needs nobody."""
    yield from ()
    return 7


def helpless() -> Flow[str]:
    """Lets errors through, its own too."""
    reply = yield GET
    raise TransportError("carrier", f"answered {reply.status if reply else None}", retryable=False)


Run = Callable[[Flow[object], "list[Answer] | None"], "tuple[object, list[float]]"]


def _answer(answers: Iterator[Answer]) -> Reply:
    answer = next(answers)
    if isinstance(answer, Exception):
        raise answer
    return answer


def run_sync(flow: Flow[object], answers: list[Answer] | None) -> tuple[object, list[float]]:
    waits: list[float] = []
    line = iter(answers or ())
    return drive(flow, None if answers is None else lambda _: _answer(line), waits.append), waits


def run_async(flow: Flow[object], answers: list[Answer] | None) -> tuple[object, list[float]]:
    waits: list[float] = []
    line = iter(answers or ())

    async def send(_: Call) -> Reply:
        return _answer(line)

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    return asyncio.run(adrive(flow, None if answers is None else send, sleep)), waits


@pytest.fixture(params=[run_sync, run_async], ids=["drive", "adrive"])
def run(request: pytest.FixtureRequest) -> Run:
    runner: Run = request.param
    return runner


CASES: list[tuple[str, Callable[[], Flow[object]], list[Answer] | None, object, list[float]]] = [
    ("a flow that needs nobody needs no sender", silent, None, 7, []),
    ("an answer at once", stubborn, [Reply(200)], "done", []),
    (
        "a lost line, then a carrier that asks for 7 s, then an answer",
        stubborn,
        [DOWN, Reply(429, {"retry-after": "7"}), Reply(200)],
        "done",
        [1, 7],
    ),
]


@pytest.mark.parametrize(
    ("flow", "answers", "result", "waits"), [row[1:] for row in CASES], ids=[row[0] for row in CASES]
)
def test_a_flow_is_driven_to_its_end(
    run: Run,
    flow: Callable[[], Flow[object]],
    answers: list[Answer] | None,
    result: object,
    waits: list[float],
) -> None:
    assert run(flow(), answers) == (result, waits)


def test_an_error_of_the_flow_reaches_the_caller(run: Run) -> None:
    with pytest.raises(TransportError, match="answered 500"):
        run(helpless(), [Reply(500)])


def test_a_lost_line_that_the_flow_does_not_catch_reaches_the_caller(run: Run) -> None:
    with pytest.raises(TransportError, match="no line"):
        run(helpless(), [DOWN])


def test_a_call_without_a_sender_says_what_is_missing(run: Run) -> None:
    with pytest.raises(InvalidInput, match="send="):
        run(stubborn(), None)


def test_a_flow_is_closed_whatever_happens(run: Run) -> None:
    ended: list[str] = []

    def tidy() -> Flow[None]:
        try:
            yield GET
        finally:
            ended.append("closed")

    with pytest.raises(ZeroDivisionError):
        run(tidy(), [ZeroDivisionError()])
    assert ended == ["closed"]
