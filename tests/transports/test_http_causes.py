"""Why there is no connection, in words that an administrator can use, and without the address."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator

import pytest
import trustme

from smskit.errors import TransportError
from smskit.protocols import Call
from smskit.transports.http import BlockingHttpCaller


@pytest.fixture
def stranger() -> Iterator[int]:
    """A server whose certificate nobody here trusts."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                line, _ = server.accept()
                context.wrap_socket(line, server_side=True).close()
            except ssl.SSLError:
                continue
            except OSError:
                return

    threading.Thread(target=serve, daemon=True).start()
    yield server.getsockname()[1]
    server.close()


def reason(url: str) -> str:
    caller = BlockingHttpCaller()
    try:
        with pytest.raises(TransportError) as caught:
            caller(Call("POST", url))
    finally:
        caller.close()
    assert caught.value.retryable
    assert "key=" not in str(caught.value)
    return caught.value.reason


def test_a_port_that_nobody_listens_at():
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    assert reason(f"http://127.0.0.1:{port}/?key=secret") == "no connection (refused)"


def test_a_name_that_there_is_not():
    assert reason("http://no-such-host.invalid/?key=secret") == "no connection (the name of the host is not known)"


def test_a_certificate_that_is_not_trusted(stranger):
    told = reason(f"https://127.0.0.1:{stranger}/?key=secret")
    assert told.startswith("no connection (the certificate is not trusted: ")
