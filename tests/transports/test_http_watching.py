"""What a watch is told of calls, and what it never is; options that make no sense."""

from __future__ import annotations

import asyncio
import logging
import re

import pytest
from tests.transports.http_faults import answers, closed_port, never_answers, serving, whole

from smskit.errors import InvalidInput, TransportError
from smskit.protocols import Call, Reply
from smskit.transports.http import (
    AiohttpCaller,
    BlockingHttpCaller,
    CallBegan,
    CallEnded,
    HttpCaller,
    HttpOptions,
    Notice,
    Retried,
    Throttled,
    log,
    together,
)


def _call(port: int) -> Call:
    return Call(
        "POST", f"http://127.0.0.1:{port}/to/33612345678?key=hush", {"X-Key": "hush"}, b"Bonjour", label="submit"
    )


def _blocking(options: HttpOptions, call: Call) -> Reply:
    with BlockingHttpCaller(options) as caller:
        return caller(call)


def _awaited(options: HttpOptions, call: Call) -> Reply:
    async def run() -> Reply:
        async with HttpCaller(options) as caller:
            return await caller(call)

    return asyncio.run(run())


def _aiohttp(options: HttpOptions, call: Call) -> Reply:
    pytest.importorskip("aiohttp")

    async def run() -> Reply:
        async with AiohttpCaller(options) as caller:
            return await caller(call)

    return asyncio.run(run())


CALLERS = pytest.mark.parametrize("make", [_blocking, _awaited, _aiohttp], ids=["blocking", "awaited", "aiohttp"])


@CALLERS
def test_a_call_is_told_at_both_ends(make) -> None:
    told: list[Notice] = []
    with serving(answers(whole(b"taken", status=b"201 Created"))) as server:
        make(HttpOptions(watch=told.append), _call(server.port))
    began, ended = told
    assert began == CallBegan("submit", "127.0.0.1", "POST", 7)
    assert isinstance(ended, CallEnded)
    assert ended == CallEnded("submit", "127.0.0.1", "POST", 201, None, ended.seconds, 7, 5)
    assert not re.search("33612345678|hush|Bonjour|/to/", repr(told))


@CALLERS
def test_a_call_that_was_lost_is_told_by_its_class(make) -> None:
    told: list[Notice] = []
    with closed_port() as port, pytest.raises(TransportError) as lost:
        make(HttpOptions(watch=told.append), _call(port))
    ended = told[-1]
    assert isinstance(ended, CallEnded)
    assert (ended.status, len(told)) == (None, 2)
    assert ended.error in ("ConnectError", "ClientConnectorError")
    assert "(refused)" in str(lost.value)


def test_a_call_that_nobody_waits_for_any_more_is_told() -> None:
    told: list[Notice] = []

    async def run(port: int) -> None:
        async with HttpCaller(HttpOptions(watch=told.append)) as caller:
            waiting = asyncio.ensure_future(caller(_call(port)))
            while not server.requests:
                await asyncio.sleep(0.01)
            waiting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await waiting

    with serving(never_answers) as server:
        asyncio.run(run(server.port))
    assert [getattr(notice, "error", None) for notice in told] == [None, "CancelledError"]


@CALLERS
def test_a_watch_that_fails_changes_nothing(make, caplog: pytest.LogCaptureFixture) -> None:
    def broken(notice: Notice) -> None:
        raise ZeroDivisionError

    told: list[Notice] = []
    with serving(answers(whole(b"taken"))) as server:
        make(HttpOptions(watch=together(broken, told.append)), _call(server.port))
    assert len(told) == 2
    assert "a watch failed on CallEnded" in caplog.text


LINES: list[tuple[str, Notice, int, str]] = [
    ("a call begins", CallBegan("submit", "h.example", "POST", 7), logging.DEBUG, "submit: POST h.example, 7 bytes"),
    ("a call ends", CallEnded("submit", "h.example", "POST", 201, None, 0.25, 7, 5), logging.DEBUG, "submit: POST h.example: 201 in 0.250 s, 5 bytes"),
    ("a call is lost", CallEnded("ask", "h.example", "GET", None, "ReadTimeout", 3, 0, 0), logging.INFO, "ask: GET h.example: ReadTimeout in 3.000 s, 0 bytes"),
    ("a retry", Retried("carrier", 2, 40, 7, "throttled"), logging.INFO, "carrier: attempt 2 for 40 messages in 7.0 s (throttled)"),
    ("a wait", Throttled("carrier", 40, 7), logging.INFO, "carrier: 40 messages wait for 7.0 s"),
]  # fmt: skip


@pytest.mark.parametrize(("notice", "level", "line"), [row[1:] for row in LINES], ids=[row[0] for row in LINES])
def test_the_log_has_a_line_for_each(notice: Notice, level: int, line: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "smskit.transports")
    log(notice)
    assert [(r.name, r.levelno, r.getMessage()) for r in caplog.records] == [("smskit.transports", level, line)]


@CALLERS
def test_no_log_of_anybody_shows_an_address_a_key_or_a_text(make, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with serving(answers(whole(b"taken"))) as server:
        make(HttpOptions(watch=log), _call(server.port))
    assert "submit: POST 127.0.0.1: 200" in caplog.text
    assert not re.search("33612345678|hush|Bonjour|/to/", caplog.text)


# ---------------------------------------------------------------- options


@CALLERS
def test_we_say_who_we_are(make) -> None:
    with serving(answers(whole(b""))) as server:
        make(HttpOptions(product="boutique/2.1"), _call(server.port))
    assert re.search(rb"\r\nuser-agent: smskit/\S+ python/3\.\d+ boutique/2\.1\r\n", server.requests[0], re.IGNORECASE)


@CALLERS
def test_what_arrives_is_what_the_flow_asked_for(make) -> None:
    call = Call("PUT", "http://127.0.0.1:{}/a%2Fb?c=%C3%A9+d&e=%7E", {"User-Agent": "mine/1", "X-Key": "k"}, b"body")
    with serving(answers(whole(b""))) as server:
        make(HttpOptions(), Call(call.method, call.url.format(server.port), call.headers, call.body))
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    first, *headers = head.decode().lower().split("\r\n")
    assert (first, body) == ("put /a%2fb?c=%c3%a9+d&e=%7e http/1.1", b"body")
    assert sorted(headers) == sorted(
        [
            f"host: 127.0.0.1:{server.port}",
            "user-agent: mine/1",
            "accept: */*",
            "accept-encoding: gzip",
            "x-key: k",
            "content-length: 4",
        ]
    )


@CALLERS
def test_headers_that_come_twice_are_joined_and_names_are_small(make) -> None:
    with serving(answers(whole(b"", b"X-A: 1", b"x-a: 2"))) as server:
        reply = make(HttpOptions(), _call(server.port))
    assert reply.headers == {"x-a": "1, 2", "content-length": "0"}


NO_OPTIONS: list[tuple[str, dict[str, object]]] = [
    ("no time to connect", {"connect_s": 0}),
    ("a time that is no number", {"read_s": float("nan")}),
    ("for ever", {"total_s": float("inf")}),
    ("no connections", {"connections": 0}),
    ("a proxy of another kind", {"proxy": "socks5://hush@proxy.example"}),
    ("a proxy without a host", {"proxy": "http://:3128"}),
    ("a proxy with a port that is none", {"proxy": "http://proxy.example:port"}),
    ("a product that would be a header of its own", {"product": "shop\r\nX-Key: hush"}),
]


@pytest.mark.parametrize("given", [row[1] for row in NO_OPTIONS], ids=[row[0] for row in NO_OPTIONS])
def test_options_that_make_no_sense(given: dict[str, object]) -> None:
    with pytest.raises(InvalidInput) as wrong:
        HttpOptions(**given)
    assert "hush" not in str(wrong.value)


def test_a_proxy_shows_its_host_only() -> None:
    shown = repr(HttpOptions(proxy="http://user:hush@proxy.example:3128"))
    assert "proxy.example" in shown
    assert "hush" not in shown
    assert "user" not in shown
