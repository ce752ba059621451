"""Requests over HTTP against a real server on loopback: what arrived, what certainly did not, and what is in doubt."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import nullcontext
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

import smskit as sk
from smskit.errors import TransportError
from smskit.kinds import FailureClass
from smskit.protocols import Call, Features, StopForm
from smskit.records import Accepted, Postponed, Unanswered
from smskit.transports.http import HttpCaller


class Handler(BaseHTTPRequestHandler):
    """Takes messages as JSON, and answers as the path says."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.received.append((self.path, self.headers.get("X-Key"), body))
        if self.path == "/silence":
            self.server.release.wait(5)
            self.close_connection = True
            return
        if self.path == "/hang-up":
            self.connection.shutdown(socket.SHUT_RDWR)
            self.close_connection = True
            return
        status = {"/elsewhere": 302, "/busy": 429}.get(self.path, 201)
        answer = json.dumps({"taken": [m["reference"] for m in json.loads(body or b"[]")]}).encode()
        self.send_response(status)
        self.send_header("Location", "/nowhere")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[ThreadingHTTPServer]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.received, server.release = [], threading.Event()
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield server
    server.release.set()
    server.shutdown()
    server.server_close()


def _url(server: ThreadingHTTPServer, path: str = "/send") -> str:
    return f"http://127.0.0.1:{server.server_port}{path}"


async def _made(*calls: Call) -> list[object]:
    async with HttpCaller() as caller:
        return [await caller(call) for call in calls]


def test_a_request_arrives_whole_and_its_answer_comes_back(server):
    (reply,) = asyncio.run(_made(Call("POST", _url(server), {"X-Key": "secret"}, b'[{"reference": "r-0"}]')))
    assert (reply.status, json.loads(reply.body)) == (201, {"taken": ["r-0"]})
    assert server.received == [("/send", "secret", b'[{"reference": "r-0"}]')]
    assert "secret" not in repr(Call("POST", _url(server), {"X-Key": "secret"}, b"x"))


def test_a_redirect_is_an_answer_and_is_not_followed(server):
    (reply,) = asyncio.run(_made(Call("POST", _url(server, "/elsewhere"), {"X-Key": "secret"})))
    assert reply.status == 302
    assert len(server.received) == 1


def test_a_refused_connection_says_that_nothing_left():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    with pytest.raises(TransportError) as refused:
        asyncio.run(_made(Call("POST", f"http://127.0.0.1:{port}/?key=secret")))
    assert refused.value.retryable
    assert "secret" not in str(refused.value)


IN_DOUBT = [("a connection that ends without an answer", "/hang-up"), ("an answer that does not come", "/silence")]


@pytest.mark.parametrize("path", [case[1] for case in IN_DOUBT], ids=[case[0] for case in IN_DOUBT])
def test_without_an_answer_the_request_may_have_arrived(server, path):
    with pytest.raises(TransportError) as lost:
        asyncio.run(_made(Call("POST", _url(server, f"{path}"), timeout_s=0.5)))
    assert not lost.value.retryable
    assert len(server.received) == 1


class Carrier:
    """A small provider: one POST a batch."""

    name = "carrier"
    features = Features(largest_batch=10, live=False, stop={"*": StopForm("STOP au 36180")})

    def __init__(self, url: str) -> None:
        self.url = url
        self.clock = sk.Sandbox.quiet().clock

    def submit(self, messages, /):
        body = json.dumps([{"reference": m.reference, "to": m.number, "text": m.text} for m in messages]).encode()
        try:
            reply = yield Call("POST", self.url, {"X-Key": "k"}, body, timeout_s=2)
        except TransportError as error:
            if error.retryable:
                raise
            return tuple(Unanswered(m.reference) for m in messages)
        if reply.status == 429:
            return tuple(Postponed(m.reference, FailureClass.THROTTLED, 1) for m in messages)
        taken = set(json.loads(reply.body)["taken"])
        return tuple(Accepted(m.reference) for m in messages if m.reference in taken)


ROADS = [
    # what                                         path        accepted  in doubt  remaining  requests
    ("messages are taken",                         "/send",    25,       0,        0,         3),
    ("no answer leaves them in doubt",             "/hang-up", 0,        25,       0,         3),
    ("a busy carrier puts them off, asked 5 times", "/busy",   0,        0,        25,        5),
]  # fmt: skip


@pytest.mark.parametrize(
    ("path", "accepted", "in_doubt", "remaining", "requests"), [c[1:] for c in ROADS], ids=[c[0] for c in ROADS]
)
def test_a_plan_goes_through_a_carrier_that_makes_requests(server, path, accepted, in_doubt, remaining, requests):
    from smskit.testing.numbers import mobile_numbers

    numbers = mobile_numbers("FR", 3)
    rows = [{"mobile": f"+{next(numbers)}", "date": "12/03/2025", "origine": "caisse"} for _ in range(25)]
    contacts = sk.Contacts.read(rows, consent=sk.ConsentColumns(granted_at="date", source="origine"))
    campaign = sk.Campaign("http", "Bonjour", to=contacts, sender="MABOUTIQUE", kind=sk.Kind.MARKETING)
    store = sk.MemoryStore()
    plan = campaign.plan(at="2026-06-24 12:00", prices=sk.Prices.per_part("0.05"), store=store)
    carrier = Carrier(_url(server, path))
    carrier.clock = sk.VirtualClock(plan.inputs.at)
    # A carrier that takes nothing at all ends the run with an error; nothing of it is lost.
    with pytest.raises(TransportError, match="throttled") if remaining else nullcontext():
        plan.send(carrier, wait=False)
    (run,) = store.runs("http")
    account = store.account(run.run_id)
    assert account.closes
    assert (account.accepted, account.in_doubt, account.remaining) == (accepted, in_doubt, remaining)
    assert len(server.received) == requests
