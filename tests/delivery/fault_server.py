"""A carrier on a real socket that has every fault of the book: what it took, and how often, is written down.

It speaks the interface of smsmode: a POST with an array of messages. The fault of each request is drawn from a seed.
"""

from __future__ import annotations

import asyncio
import json
import socket
import struct
import threading
from collections import Counter
from collections.abc import Callable, Coroutine, Mapping
from random import Random
from typing import Any

Writer = asyncio.StreamWriter


class FaultServer:
    """Serves in a thread of its own until it is closed.

    ``taken`` counts each reference that was accepted; ``requests`` counts the requests by what became of them.
    """

    def __init__(self, faults: Mapping[str, float], *, seed: int = 0) -> None:
        self.taken: Counter[str] = Counter()
        self.requests: Counter[str] = Counter()
        self.numbers: dict[str, str] = {}
        self._faults = dict(faults)
        self._random = Random(seed)
        self._ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        assert self._ready.wait(10)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def mend(self) -> None:
        """From now on everything goes well."""
        self._faults = {}

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    # ------------------------------------------------------------ the server

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._talk, "127.0.0.1", 0))
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        self._loop.run_forever()
        server.close()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0))
        self._loop.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: Writer) -> None:
        try:
            while await self._answer(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: Writer) -> bool:
        head = await reader.readuntil(b"\r\n\r\n")
        fault = self._draw()
        self.requests[fault] += 1
        if fault == "reset before reading":
            return _reset(writer)
        length = next(
            (int(line.split(b":")[1]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0
        )
        messages = json.loads(await reader.readexactly(length)) if length else []
        behave: Callable[[Writer, list[Any]], Coroutine[None, None, bool]] = getattr(
            self, f"_{fault.replace(' ', '_')}"
        )
        return await behave(writer, messages)

    def _draw(self) -> str:
        roll = self._random.random()
        for fault, share in self._faults.items():
            roll -= share
            if roll < 0:
                return fault
        return "takes"

    def _take(self, messages: list[Any]) -> bytes:
        for message in messages:
            self.taken[message["refClient"]] += 1
            self.numbers[message["refClient"]] = message["recipient"]["to"]
        items = [
            {"message": {"messageId": f"id-{m['refClient']}", "refClient": m["refClient"], "body": {"messagePartCount": 1},
                         "status": {"value": "ENROUTE"}}}
            for m in messages
        ]  # fmt: skip
        return json.dumps(items).encode()

    # ------------------------------------------------------------ what may happen

    async def _takes(self, writer: Writer, messages: list[Any]) -> bool:
        writer.write(_reply(201, self._take(messages)))
        return True

    async def _takes_and_closes(self, writer: Writer, messages: list[Any]) -> bool:
        # As carriers do with a kept-alive connection: without a word.
        writer.write(_reply(201, self._take(messages)))
        await writer.drain()
        return False

    async def _takes_and_resets(self, writer: Writer, messages: list[Any]) -> bool:
        self._take(messages)
        return _reset(writer)

    async def _takes_and_says_half(self, writer: Writer, messages: list[Any]) -> bool:
        answer = _reply(201, self._take(messages))
        writer.write(answer[: len(answer) // 2])
        await writer.drain()
        return False

    async def _takes_and_says_nothing(self, writer: Writer, messages: list[Any]) -> bool:
        self._take(messages)
        await asyncio.sleep(30)
        return False

    async def _takes_and_says_it_slowly(self, writer: Writer, messages: list[Any]) -> bool:
        answer = _reply(201, self._take(messages))
        third = len(answer) // 3
        for piece in (answer[:third], answer[third : 2 * third], answer[2 * third :]):
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0.02)
        return True

    async def _takes_and_breaks(self, writer: Writer, messages: list[Any]) -> bool:
        self._take(messages)
        writer.write(_reply(500, b"<html><body>Internal Server Error</body></html>"))
        return True

    async def _breaks(self, writer: Writer, messages: list[Any]) -> bool:
        writer.write(_reply(503, b"<html><body>Service Unavailable</body></html>"))
        return True

    async def _takes_and_answers_nonsense(self, writer: Writer, messages: list[Any]) -> bool:
        self._take(messages)
        writer.write(_reply(200, b"<html><body>OK</body></html>"))
        return True

    async def _too_fast(self, writer: Writer, messages: list[Any]) -> bool:
        writer.write(_reply(429, b"{}", "Retry-After: 1\r\n"))
        return True

    async def _refuses_one(self, writer: Writer, messages: list[Any]) -> bool:
        """Refuse the whole request for one bad message in it; smaller ones then go through unless it is in them."""
        if len(messages) == 1:
            writer.write(_reply(400, b'{"errorCode": "400.029"}'))
        else:
            writer.write(_reply(400, b'{"errorCode": "400.000"}'))
        return True


def _reply(status: int, body: bytes, headers: str = "") -> bytes:
    return f"HTTP/1.1 {status} X\r\nContent-Length: {len(body)}\r\n{headers}\r\n".encode() + body


def _reset(writer: Writer) -> bool:
    raw = writer.get_extra_info("socket")
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
    return False
