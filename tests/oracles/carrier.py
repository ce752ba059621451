"""A carrier on this machine that every host name leads to, so that packages run as they are and reach nobody else.

It speaks TLS with a certificate that is made here and now, notes each request and answers as it is told. What runs with
it runs in a process of its own: the name look-up is replaced for the whole process.
"""

from __future__ import annotations

import os
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import certifi
import trustme
from attrs import field, frozen


@frozen
class Request:
    """What came in."""

    method: str
    host: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@frozen
class Answer:
    """What goes back; a status of 0 closes the line without a word."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(factory=dict)


class Carrier:
    def __init__(self, tls: ssl.SSLContext) -> None:
        self.requests: list[Request] = []
        self.answer: Callable[[Request], Answer] = lambda _: Answer(404)
        carrier = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_one_request(self) -> None:
                try:
                    super().handle_one_request()
                except OSError:
                    self.close_connection = True

            def do(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                headers = {name.lower(): value for name, value in self.headers.items()}
                request = Request(self.command, headers["host"], self.path, headers, self.rfile.read(length))
                carrier.requests.append(request)
                answer = carrier.answer(request)
                if answer.status == 0:
                    self.close_connection = True
                    return
                self.send_response(answer.status)
                for name, value in {"Content-Type": "application/json", **answer.headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                self.wfile.write(answer.body)

            def log_message(self, *_: object) -> None:
                pass

        for verb in ("GET", "POST", "PUT", "PATCH", "DELETE"):
            setattr(Handler, f"do_{verb}", Handler.do)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.socket = tls.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        self._serving = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._serving.start()

    @property
    def port(self) -> int:
        return self._server.server_address[1]

    def take(self) -> list[Request]:
        """Give what came in since the last time."""
        taken, self.requests = self.requests, []
        return taken

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def certify(folder: Path, hosts: tuple[str, ...]) -> ssl.SSLContext:
    """Make an authority that nobody knows, and a certificate of it for *hosts*; have this process trust it alone."""
    authority = trustme.CA()
    trusted = folder / "authority.pem"
    authority.cert_pem.write_to_path(trusted)
    # The ways in which packages find out whom to trust; all are read when a client is made.
    for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        os.environ[name] = str(trusted)
    certifi.where = lambda: str(trusted)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*hosts).configure_cert(context)
    return context


@contextmanager
def everywhere(folder: Path, hosts: tuple[str, ...]) -> Iterator[Carrier]:
    """Run a carrier that *hosts* lead to from this process, and nothing else leads anywhere."""
    carrier = Carrier(certify(folder, hosts))

    def look_up(host: Any, port: Any, *_: object, **__: object) -> list[Any]:
        name = host.decode() if isinstance(host, bytes) else host
        if name not in hosts:
            raise socket.gaierror(socket.EAI_NONAME, f"a name that is not expected here: {name}")
        return [(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", ("127.0.0.1", carrier.port))]

    # For good: this process has no other use, and a late thread of a package must not reach anybody either.
    socket.getaddrinfo = look_up
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        del os.environ[name]
    try:
        yield carrier
    finally:
        carrier.close()
