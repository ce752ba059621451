"""What our callers and clients cost over the bare HTTP library, on loopback, against a server in another process.

    python benchmarks/http.py [seconds per measurement]

Absolute rates say more of the machine than of the code. All variants of a table take turns, and each ratio is the
median over the turns of the rate beside the rate of the table's first row in the same turn.
"""

from __future__ import annotations

import sys

# The folder of a script stands first on its path, and there this file would be taken for the standard library's http.
sys.path[:] = [folder for folder in sys.path if not folder.endswith("benchmarks")]

import asyncio
import json
import multiprocessing
import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from multiprocessing.connection import Connection

import httpx

from smskit.kinds import Kind
from smskit.protocols import Call, Features, Flow
from smskit.records import Accepted, Outcome, Outgoing
from smskit.transports.client import AsyncClient, Client
from smskit.transports.http import AiohttpCaller, HttpCaller, HttpLibrary
from smskit.transports.providers.smsmode import SmsMode

TURNS, BATCH, IN_FLIGHT = 7, 1000, 32
TEXT = "Bonjour Anais, -15% jusqu'a dimanche : https://go.boutique.fr/aB3dE9x STOP au 36180"
HEADERS = {"X-Api-Key": "0123456789abcdef", "Content-Type": "application/json", "Accept": "application/json"}


# ---------------------------------------------------------------- the server


def _answer(references: Sequence[str]) -> bytes:
    items = [
        {"message": {"messageId": f"0a1b2c3d-{n:08}", "refClient": reference, "status": {"value": "ENROUTE"}}}
        for n, reference in enumerate(references)
    ]
    body = json.dumps(items if len(items) > 1 else items[0]).encode()
    head = b"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    return head % len(body) + body


_MANY = _answer([f"run-{n}" for n in range(BATCH)])
_ANSWERS = {b"/one": _answer(["run-0"]), b"/many": _MANY, b"/sms/v1/messages": _MANY}


class _Carrier(asyncio.Protocol):
    """Reads requests by their Content-Length and answers each with bytes made beforehand."""

    def __init__(self) -> None:
        self._bytes = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._line = transport

    def data_received(self, data: bytes) -> None:
        self._bytes += data
        while (end := self._bytes.find(b"\r\n\r\n")) >= 0:
            head = bytes(self._bytes[:end])
            length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n", 1)[0] or 0)
            if len(self._bytes) < end + 4 + length:
                return
            del self._bytes[: end + 4 + length]
            self._line.write(_ANSWERS[head.split(b" ", 2)[1]])


def _serve(ready: Connection) -> None:
    async def run() -> None:
        server = await asyncio.get_running_loop().create_server(_Carrier, "127.0.0.1", 0)
        ready.send(server.sockets[0].getsockname()[1])
        await asyncio.Event().wait()

    asyncio.run(run())


# ---------------------------------------------------------------- a provider of a few lines


def _item(message: Outgoing) -> dict[str, object]:
    return {
        "recipient": {"to": str(message.number)},
        "body": {"text": message.text, "stop": False},
        "from": message.sender,
        "refClient": message.reference,
    }


class Minimal:
    """As little as a provider can do: JSON out, JSON in, an outcome for each message."""

    name = "minimal"

    def __init__(self, url: str, *, largest: int, in_flight: int = 1) -> None:
        self.features = Features(largest_batch=largest, in_flight=in_flight, live=False)
        self._url = url

    def submit(self, messages: Sequence[Outgoing], /) -> Flow[tuple[Outcome, ...]]:
        items = [_item(message) for message in messages]
        body = json.dumps(items if len(items) > 1 else items[0]).encode()
        reply = yield Call("POST", self._url, HEADERS, body)
        assert reply is not None
        told = json.loads(reply.body)
        items = told if isinstance(told, list) else [told]
        return tuple(Accepted(item["message"]["refClient"], item["message"]["messageId"]) for item in items)


def _messages(count: int) -> list[Outgoing]:
    return [Outgoing(f"run-{n}", 33600000000 + n, TEXT, 1, "MABOUTIQUE", Kind.MARKETING) for n in range(count)]


# ---------------------------------------------------------------- measuring

Rate = Callable[[], Awaitable[float]]


async def _compare(title: str, rows: Sequence[tuple[str, Rate]], goals: dict[str, float]) -> None:
    print(f"\n{title}")
    rates: dict[str, list[float]] = {name: [] for name, _ in rows}
    for _, rate in rows:
        await rate()  # warm: connections, imports
    for turn in range(TURNS):
        # Every other turn backwards: a neighbour that wakes up does not always meet the same row.
        for name, rate in rows if turn % 2 else reversed(rows):
            rates[name].append(await rate())
    first = rates[rows[0][0]]
    for name, measured in rates.items():
        ratios = [one / base for one, base in zip(measured, first, strict=True)]
        goal = f"   goal {goals[name]:g}" if name in goals else ""
        spread = f"[{min(ratios):.2f} .. {max(ratios):.2f}]"
        print(
            f"  {name:<58}{statistics.median(measured):>10,.0f} /s {statistics.median(ratios):>7.2f} {spread:<16}{goal}"
        )


def _awaited(work: Callable[[], Awaitable[object]], seconds: float, *, hands: int = 1, each: int = 1) -> Rate:
    """Repeat *work* with so many hands for so long; give how many messages a second that makes."""

    async def rate() -> float:
        done, until = 0, time.perf_counter() + seconds

        async def hand() -> None:
            nonlocal done
            while time.perf_counter() < until:
                await work()
                done += each

        began = time.perf_counter()
        await asyncio.gather(*(hand() for _ in range(hands)))
        return done / (time.perf_counter() - began)

    return rate


def _plain(work: Callable[[], object], seconds: float) -> Rate:
    async def rate() -> float:
        done, began = 0, time.perf_counter()
        while (now := time.perf_counter()) < began + seconds:
            work()
            done += 1
        return done / (now - began)

    return rate


@asynccontextmanager
async def _both() -> AsyncIterator[tuple[HttpCaller, AiohttpCaller]]:
    async with HttpCaller(library=HttpLibrary.HTTPX2) as two, AiohttpCaller() as fast:
        yield two, fast


async def _singles(url: str, seconds: float) -> None:
    message = _messages(1)
    minimal = Minimal(f"{url}/one", largest=1)
    async with httpx.AsyncClient() as bare, AsyncClient(minimal) as ours, _both() as (two, fast):

        async def post() -> object:
            body = json.dumps(_item(message[0])).encode()
            return (await bare.post(f"{url}/one", content=body, headers=HEADERS)).json()

        over_two, over_aiohttp = AsyncClient(minimal, caller=two), AsyncClient(minimal, caller=fast)
        rows = [
            ("httpx.AsyncClient.post, json", _awaited(post, seconds)),
            ("smskit AsyncClient", _awaited(lambda: ours.submit(message), seconds)),
            ("smskit AsyncClient over httpx2", _awaited(lambda: over_two.submit(message), seconds)),
            ("smskit AsyncClient over aiohttp", _awaited(lambda: over_aiohttp.submit(message), seconds)),
        ]
        await _compare("one message a request, one request at a time, awaited", rows, {"smskit AsyncClient": 0.9})
    with httpx.Client() as blocking, Client(minimal) as client:

        def post_blocking() -> object:
            body = json.dumps(_item(message[0])).encode()
            return blocking.post(f"{url}/one", content=body, headers=HEADERS).json()

        await _compare(
            "the same, in ordinary code",
            [
                ("httpx.Client.post, json", _plain(post_blocking, seconds)),
                ("smskit Client", _plain(lambda: client.submit(message), seconds)),
            ],
            {"smskit Client": 0.9},
        )


async def _batches(url: str, seconds: float) -> None:
    messages = _messages(BATCH)
    minimal = Minimal(f"{url}/many", largest=BATCH)
    made = json.dumps([_item(message) for message in messages]).encode()
    async with httpx.AsyncClient() as bare, AsyncClient(minimal) as ours, HttpCaller() as caller:

        async def post() -> object:
            return (await bare.post(f"{url}/many", content=made, headers=HEADERS)).content

        async def dump_and_post() -> object:
            body = json.dumps([_item(message) for message in messages]).encode()
            return (await bare.post(f"{url}/many", content=body, headers=HEADERS)).json()

        call = Call("POST", f"{url}/many", HEADERS, made)
        smsmode = AsyncClient(SmsMode(key="0123456789abcdef", base_url=url), caller=caller)
        rows = [
            ("httpx.AsyncClient.post, body made and answer read", _awaited(dump_and_post, seconds, each=BATCH)),
            ("smskit AsyncClient", _awaited(lambda: ours.submit(messages), seconds, each=BATCH)),
            ("smskit AsyncClient, SmsMode", _awaited(lambda: smsmode.submit(messages), seconds, each=BATCH)),
            ("httpx.AsyncClient.post, body made before, answer not read", _awaited(post, seconds, each=BATCH)),
            ("smskit HttpCaller, the same", _awaited(lambda: caller(call), seconds, each=BATCH)),
        ]
        goals = {"smskit AsyncClient": 0.8, "smskit AsyncClient, SmsMode": 0.8}
        await _compare(f"{BATCH} messages a request ({len(made):,} bytes)", rows, goals)


async def _at_once(url: str, seconds: float) -> None:
    call = Call("POST", f"{url}/one", HEADERS, json.dumps(_item(_messages(1)[0])).encode())
    async with httpx.AsyncClient() as bare, HttpCaller() as ours, AiohttpCaller() as theirs:

        async def post() -> object:
            return await bare.post(call.url, content=call.body, headers=HEADERS)

        rows = [
            ("smskit HttpCaller", _awaited(lambda: ours(call), seconds, hands=IN_FLIGHT)),
            ("httpx.AsyncClient.post", _awaited(post, seconds, hands=IN_FLIGHT)),
            ("smskit AiohttpCaller", _awaited(lambda: theirs(call), seconds, hands=IN_FLIGHT)),
            ("smskit HttpCaller, one at a time", _awaited(lambda: ours(call), seconds)),
        ]  # fmt: skip
        await _compare(f"{IN_FLIGHT} requests at once", rows, {"smskit AiohttpCaller": 3})


async def _run(port: int, seconds: float) -> None:
    url = f"http://127.0.0.1:{port}"
    await _singles(url, seconds)
    await _batches(url, seconds)
    await _at_once(url, seconds)


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 0.5
    spawn = multiprocessing.get_context("spawn")
    told, ready = spawn.Pipe(duplex=False)
    server = spawn.Process(target=_serve, args=(ready,), daemon=True)
    server.start()
    try:
        asyncio.run(_run(told.recv(), seconds))
    finally:
        server.terminate()
        server.join()


if __name__ == "__main__":
    main()
