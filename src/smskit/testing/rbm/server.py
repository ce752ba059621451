"""The sockets of a fake RBM: a thread for each connection, and what goes wrong on the way."""

from __future__ import annotations

import json
import socket
import struct
from collections.abc import Callable, Mapping
from contextlib import suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event as Flag
from threading import Lock, Thread
from typing import cast
from urllib.parse import parse_qsl, unquote, urlsplit

from attrs import field, frozen

from smskit.testing.rbm.platform import Request
from smskit.testing.rbm.records import RbmFault

LARGEST_BODY = 128 * 1024 * 1024


@frozen
class Answer:
    """What goes back."""

    status: int
    body: Mapping[str, object] = field(repr=False)
    headers: Mapping[str, str] = field(factory=dict[str, str], repr=False)

    def octets(self) -> bytes:
        """Write it."""
        body = json.dumps(self.body, ensure_ascii=False).encode()
        told = {"Content-Type": "application/json; charset=UTF-8", "Content-Length": str(len(body)), **self.headers}
        head = "".join(f"{name}: {value}\r\n" for name, value in told.items())
        return f"HTTP/1.1 {self.status} {HTTPStatus(self.status).phrase}\r\n{head}\r\n".encode() + body


@frozen
class Wrong:
    """A fault, and how long an answer takes with it."""

    fault: RbmFault
    seconds: float = 0.0


Serve = Callable[[Request], Answer]
Draw = Callable[[str, str], "Wrong | None"]
"""Gives what goes wrong with the next request of a method to a path."""

BROKEN = {
    RbmFault.BREAKS: Answer(500, {"error": {"code": 500, "message": "Internal error.", "status": "INTERNAL"}}),
    RbmFault.IS_AWAY: Answer(503, {"error": {"code": 503, "message": "Unavailable.", "status": "UNAVAILABLE"}}),
    RbmFault.THROTTLES: Answer(
        429,
        {"error": {"code": 429, "message": "Quota exceeded.", "status": "RESOURCE_EXHAUSTED"}},
        {"Retry-After": "1"},
    ),
}
BROKEN[RbmFault.TAKES_AND_BREAKS] = BROKEN[RbmFault.BREAKS]
"""What is answered instead."""


class Server:
    """Listens on loopback from its making until it is closed."""

    def __init__(self, serve: Serve, draw: Draw) -> None:
        self.stopped = Flag()
        self.serve, self.draw = serve, draw
        self._lines: set[socket.socket] = set()
        self._lock = Lock()
        self._http = _Http(("127.0.0.1", 0), self)
        self._thread = Thread(target=self._http.serve_forever, args=(0.02,), name="fake-rbm", daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        """Where it listens."""
        port: int = self._http.server_address[1]
        return port

    def close(self) -> None:
        """Hang up on everybody."""
        self.stopped.set()
        self._http.shutdown()
        self._thread.join(10)
        with self._lock:
            for line in self._lines:
                _hang_up(line)
        self._http.server_close()

    def note(self, line: socket.socket, *, is_open: bool) -> None:
        """Know which connections there are."""
        with self._lock:
            (self._lines.add if is_open else self._lines.discard)(line)
        if is_open and self.stopped.is_set():
            _hang_up(line)


def _hang_up(line: socket.socket) -> None:
    with suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)


class _Http(ThreadingHTTPServer):
    # Threads that are waited for: none outlives its server, and no socket is left for the collector to find.
    daemon_threads = False
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], server: Server) -> None:
        self.fake = server
        super().__init__(address, _Line)


class _Line(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    @property
    def _fake(self) -> Server:
        return cast("_Http", self.server).fake

    def handle(self) -> None:
        self._fake.note(self.connection, is_open=True)
        try:
            super().handle()
        except OSError:
            self.close_connection = True
        finally:
            self._fake.note(self.connection, is_open=False)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name of the base class
        """Say nothing: a test reads what was asked."""

    def _answer(self) -> None:
        parts = urlsplit(self.path)
        wrong = self._fake.draw(self.command, unquote(parts.path)) or Wrong(RbmFault.TAKES_AND_IS_SLOW)
        if wrong.fault is RbmFault.RESETS:
            self._reset()
            return
        size = int(self.headers.get("content-length") or 0)
        body = self.rfile.read(min(size, LARGEST_BODY))
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(self.command, unquote(parts.path), dict(parse_qsl(parts.query)), headers, body)
        answer = self._fake.serve(request) if wrong.fault.is_taken else BROKEN[wrong.fault]
        self._go_wrong(wrong, BROKEN.get(wrong.fault, answer).octets())

    def _go_wrong(self, wrong: Wrong, octets: bytes) -> None:
        if wrong.fault is RbmFault.TAKES_AND_RESETS:
            self._reset()
        elif wrong.fault is RbmFault.TAKES_AND_SAYS_HALF:
            self.close_connection = True
            self.wfile.write(octets[: len(octets) - 7])
        elif not (wrong.seconds and self._fake.stopped.wait(wrong.seconds)):
            # One write: two would wait for each other on the way.
            self.wfile.write(octets)

    def _reset(self) -> None:
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    do_GET = do_POST = do_DELETE = do_PUT = do_PATCH = _answer  # noqa: N815 - names of the base class
