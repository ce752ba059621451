"""Every provider through our real caller against a real socket on a bad day: what left once is never sent again."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timezone

import pytest

from smskit import transports
from smskit.errors import TransportError
from smskit.kinds import Channel
from smskit.protocols import Call, Reply
from smskit.records import Outgoing, Unanswered
from smskit.testing.factories import outgoing, over_rcs
from smskit.transports import HttpOptions
from smskit.transports.drivers import drive
from smskit.transports.http import BlockingHttpCaller

OPTIONS: dict[str, dict[str, object]] = {
    "AllMySms": {"login": "shop", "key": "k"},
    "Brevo": {"key": "k"},
    "Infobip": {"key": "k"},
    "InfobipRcs": {"key": "k"},
    "MessageBird": {"key": "k"},
    "Octopush": {"login": "shop", "key": "k"},
    "OvhCloud": {
        "application_key": "a", "application_secret": "s", "consumer_key": "c", "service": "sms-1", "time_delta_s": 0,
    },
    "Plivo": {"auth_id": "MA", "auth_token": "t"},
    "Rbm": {"agent": "a", "token": "t"},
    "Sinch": {"token": "t", "service_plan": "p", "now": lambda: datetime.now(timezone.utc)},
    "SinchRcs": {"token": "t", "project": "p", "app": "a"},
    "SmsMode": {"key": "k"},
    "SmsModeRcs": {"key": "k", "channel": "c"},
    "Telnyx": {"key": "k", "profile": "p"},
    "TelnyxRcs": {"key": "k", "profile": "p"},
    "Twilio": {"account": "AC" + "0" * 32, "token": "t"},
    "TwilioRcs": {"account": "AC" + "0" * 32, "token": "t"},
    "VonageMessages": {"key": "k", "secret": "s"},
    "VonageRcs": {"key": "k", "secret": "s"},
    "VonageSms": {"key": "k", "secret": "s"},
}  # fmt: skip

HEAD = b"HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n%s\r\n"


def answer(status: bytes, body: bytes, *, length: int | None = None, more: bytes = b"") -> bytes:
    return HEAD % (status, len(body) if length is None else length, more) + body


def never(line: socket.socket, stop: threading.Event) -> None:
    stop.wait(5)


def slowly(line: socket.socket, stop: threading.Event) -> None:
    for octet in answer(b"200 OK", b'{"a": 1}' * 50):
        if stop.wait(0.02):
            return
        line.sendall(bytes([octet]))


def resets(line: socket.socket, stop: threading.Event) -> None:
    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def says(octets: bytes) -> Callable[[socket.socket, threading.Event], None]:
    return lambda line, stop: line.sendall(octets)


DAYS = [
    # what                               what the carrier does after it read the request
    ("it hangs up without a word", says(b"")),
    ("it resets the line", resets),
    ("it never answers", never),
    ("it answers a byte at a time", slowly),
    ("half of the answer", says(answer(b"201 Created", b'{"mess', length=500))),
    ("an HTML page with success", says(answer(b"200 OK", b"<!doctype html><html><body>Log in</body></html>"))),
    ("an HTML page of a gateway", says(answer(b"502 Bad Gateway", b"<html><body>Bad gateway</body></html>"))),
    ("another place", says(answer(b"302 Found", b"", more=b"Location: https://elsewhere.example/\r\n"))),
    ("a huge answer", says(answer(b"200 OK", b"[" + b"0," * 200_000))),
    ("an answer that says it is huge", says(answer(b"200 OK", b"", length=10**12))),
    ("no HTTP at all", says(b"220 mail.example ESMTP\r\n")),
]


class Carrier:
    """Reads each request whole, then does what the day is like."""

    def __init__(self, act: Callable[[socket.socket, threading.Event], None]) -> None:
        self.requests: list[bytes] = []
        self._act, self._stop = act, threading.Event()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while not self._stop.is_set():
            try:
                line, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._talk, args=(line,), daemon=True).start()

    def _talk(self, line: socket.socket) -> None:
        with line:
            octets = b""
            try:
                while not _is_whole(octets):
                    more = line.recv(65536)
                    if not more:
                        return
                    octets += more
                self.requests.append(octets)
                self._act(line, self._stop)
            except OSError:
                return

    def close(self) -> None:
        self._stop.set()
        self._socket.close()


def _is_whole(octets: bytes) -> bool:
    head, end, body = octets.partition(b"\r\n\r\n")
    lengths = [int(row.split(b":")[1]) for row in head.lower().split(b"\r\n") if row.startswith(b"content-length")]
    return bool(end) and len(body) >= (lengths[0] if lengths else 0)


@pytest.fixture
def carrier(request) -> Iterator[Carrier]:
    carrier = Carrier(request.param)
    yield carrier
    carrier.close()


@pytest.fixture
def caller() -> Iterator[Callable[[Call], Reply]]:
    caller = BlockingHttpCaller(HttpOptions(read_s=0.3, total_s=0.6, largest_reply_bytes=100_000))
    yield caller
    caller.close()


def said_by(provider) -> Outgoing:
    message = outgoing(text="Bonjour")
    return over_rcs(message) if provider.features.channel is Channel.RCS else message


def test_all_carriers_are_here():
    assert set(OPTIONS) == set(transports.PROVIDERS) - {"JsonCarrier"}


@pytest.mark.parametrize("name", sorted(OPTIONS))
@pytest.mark.parametrize("carrier", [row[1] for row in DAYS], ids=[row[0] for row in DAYS], indirect=True)
def test_a_request_that_left_is_in_doubt_and_is_made_once(name, carrier, caller):
    provider = getattr(transports, name)(base_url=carrier.url, **OPTIONS[name])
    (outcome,) = drive(provider.submit([said_by(provider)]), caller, sleep=lambda _: None)
    assert outcome == Unanswered("run-0")
    # Where a carrier takes the very same request once, that one is made again; anything else never is.
    posts = [octets for octets in carrier.requests if octets.startswith(b"POST")]
    assert len(set(posts)) == 1
    assert len(posts) == 1 or provider.repeats([outgoing()])


@pytest.mark.parametrize("name", sorted(OPTIONS))
def test_a_line_that_nobody_takes_up_leaves_nothing_in_doubt(name, caller):
    with socket.create_server(("127.0.0.1", 0)) as free:
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    provider = getattr(transports, name)(base_url=url, **OPTIONS[name])
    with pytest.raises(TransportError) as caught:
        drive(provider.submit([said_by(provider)]), caller, sleep=lambda _: None)
    assert caught.value.retryable
