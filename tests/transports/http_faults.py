"""A server that misbehaves on real sockets, and counts each request that it saw."""

from __future__ import annotations

import gzip
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

Fault = Callable[["Visit"], None]

LARGE = 200_000
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Visit:
    """One connection of a client."""

    def __init__(self, line: socket.socket, server: Server) -> None:
        self.line = line
        self.server = server
        self._rest = b""

    def request(self) -> bytes:
        """Read one request with its body, and count it; empty when the client is gone."""
        while b"\r\n\r\n" not in self._rest:
            if not (more := self.line.recv(65536)):
                return b""
            self._rest += more
        head, _, self._rest = self._rest.partition(b"\r\n\r\n")
        length = 0
        for line in head.split(b"\r\n")[1:]:
            if line.lower().startswith(b"content-length:"):
                length = int(line.partition(b":")[2])
        while len(self._rest) < length:
            if not (more := self.line.recv(65536)):
                break
            self._rest += more
        body, self._rest = self._rest[:length], self._rest[length:]
        self.server.requests.append(head + b"\r\n\r\n" + body)
        return self.server.requests[-1]

    def send(self, *pieces: bytes, every_s: float = 0.0) -> None:
        with suppress(OSError):
            for piece in pieces:
                self.line.sendall(piece)
                if every_s and self.server.closing.wait(every_s):
                    return

    def wait(self) -> None:
        """Keep the line open until the test is over."""
        self.server.closing.wait(10)

    def reset(self) -> None:
        """End with RST instead of FIN."""
        self.line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.line.close()


class Server:
    """Serves one fault on a port of its own, a thread for each connection."""

    def __init__(self, fault: Fault, tls: ssl.SSLContext | None = None) -> None:
        self.requests: list[bytes] = []
        self.connections = 0
        self.closing = threading.Event()
        self._fault = fault
        self._tls = tls
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._threads: list[threading.Thread] = []
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._accepting.start()

    def _accept(self) -> None:
        while True:
            try:
                line, _ = self._listener.accept()
            except OSError:
                return
            if self.closing.is_set():
                line.close()
                return
            self.connections += 1
            thread = threading.Thread(target=self._serve, args=(line,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, line: socket.socket) -> None:
        line.settimeout(10)
        with suppress(OSError), line:
            if self._tls is not None:
                line = self._tls.wrap_socket(line, server_side=True)
            with line:
                self._fault(Visit(line, self))

    def close(self) -> None:
        self.closing.set()
        # Closing a socket does not wake a thread that accepts on it: a last visitor does.
        with suppress(OSError):
            socket.create_connection(("127.0.0.1", self.port), 1).close()
        self._accepting.join(5)
        self._listener.close()
        for thread in self._threads:
            thread.join(5)


@contextmanager
def serving(fault: Fault, tls: ssl.SSLContext | None = None) -> Iterator[Server]:
    server = Server(fault, tls)
    try:
        yield server
    finally:
        server.close()


@contextmanager
def closed_port() -> Iterator[int]:
    """A port that is ours and that nobody listens on."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        yield unused.getsockname()[1]


# ---------------------------------------------------------------- faults


def answers(*pieces: bytes, every_s: float = 0.0, keep: bool = False) -> Fault:
    """Reads requests and answers each with *pieces*; then closes, unless it is to *keep* the line."""

    def fault(visit: Visit) -> None:
        while visit.request():
            visit.send(*pieces, every_s=every_s)
            if not keep:
                return

    return fault


def resets_before_reading(visit: Visit) -> None:
    # Wait until something is there, or the reset could come before the client has even connected.
    visit.line.recv(1)
    visit.reset()


def resets_after_the_request(visit: Visit) -> None:
    visit.request()
    visit.reset()


def hangs_up(visit: Visit) -> None:
    visit.request()


def never_answers(visit: Visit) -> None:
    visit.request()
    visit.wait()


def one_answer_then_closes_at_the_next_request(visit: Visit) -> None:
    """A kept connection that ends when it is used again: whether the request was read nobody knows."""
    visit.request()
    visit.send(OK)
    visit.request()


def one_answer_then_closes(visit: Visit) -> None:
    """A kept connection that was closed, and the client could have noticed."""
    visit.request()
    visit.send(OK)


def asks_for_nothing(visit: Visit) -> None:
    """Takes the connection and never a byte: what was TLS for the client is silence."""
    visit.wait()


def speaks_plainly(visit: Visit) -> None:
    """Answers in plain HTTP whatever comes, a TLS greeting too."""
    visit.line.recv(65536)
    visit.send(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")


def proxy_refuses(visit: Visit) -> None:
    visit.request()
    visit.send(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")


def proxy_hangs_up(visit: Visit) -> None:
    visit.request()


def proxy_leads_on(visit: Visit) -> None:
    """A proxy that opens the tunnel, and carries bytes to the server that was asked for."""
    head = visit.request()
    host, _, port = head.split(b" ")[1].partition(b":")
    with socket.create_connection((host.decode(), int(port))) as other:
        visit.send(b"HTTP/1.1 200 Connection established\r\n\r\n")

        def carry(source: socket.socket, target: socket.socket) -> None:
            with suppress(OSError):
                while piece := source.recv(65536):
                    target.sendall(piece)
            with suppress(OSError):
                target.shutdown(socket.SHUT_WR)

        back = threading.Thread(target=carry, args=(other, visit.line), daemon=True)
        back.start()
        carry(visit.line, other)
        back.join(5)


def whole(body: bytes, *headers: bytes, status: bytes = b"200 OK") -> bytes:
    lines = [b"HTTP/1.1 " + status, *headers, b"Content-Length: %d" % len(body)]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


BOMB = whole(gzip.compress(b"\0" * 50_000_000), b"Content-Encoding: gzip")
PACKED = whole(gzip.compress(b"hello"), b"Content-Encoding: gzip")
PACKED_SHORT = whole(gzip.compress(b"hello" * 500)[:-12], b"Content-Encoding: gzip")


def endless(visit: Visit) -> None:
    """A body without an end, as fast as it goes."""
    visit.request()
    with suppress(OSError):
        visit.line.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        until = time.monotonic() + 5
        while time.monotonic() < until and not visit.server.closing.is_set():
            visit.line.sendall(b"2000\r\n" + b"x" * 0x2000 + b"\r\n")
