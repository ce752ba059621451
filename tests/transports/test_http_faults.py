"""Everything that can go wrong on a line, on real sockets, for each adapter: what certainly did not leave, what may
have arrived, and never more than one request for a call."""

from __future__ import annotations

import asyncio
import importlib.util
import ssl
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
import trustme
from attrs import evolve
from tests.transports import http_faults as faults
from tests.transports.http_faults import Fault, Server, answers, closed_port, serving, whole

from smskit.errors import InvalidInput, TransportError
from smskit.protocols import Call, Reply
from smskit.transports.http import AiohttpCaller, BlockingHttpCaller, HttpCaller, HttpLibrary, HttpOptions

if TYPE_CHECKING:
    from _pytest.mark import ParameterSet

Result = Reply | TransportError
Make = Callable[[HttpOptions, Sequence[Call]], "list[Result]"]

QUICK = HttpOptions(connect_s=0.6, read_s=0.3, pool_s=0.3, total_s=2, largest_reply_bytes=faults.LARGE)


def _async(make: Callable[[HttpOptions], HttpCaller | AiohttpCaller]) -> Make:
    def made(options: HttpOptions, calls: Sequence[Call]) -> list[Result]:
        async def run() -> list[Result]:
            results: list[Result] = []
            async with make(options) as caller:
                for call in calls:
                    try:
                        results.append(await caller(call))
                    except TransportError as error:
                        results.append(error)
            return results

        return asyncio.run(run())

    return made


def _blocking(library: HttpLibrary) -> Make:
    def made(options: HttpOptions, calls: Sequence[Call]) -> list[Result]:
        results: list[Result] = []
        with BlockingHttpCaller(options, library=library) as caller:
            for call in calls:
                try:
                    results.append(caller(call))
                except TransportError as error:
                    results.append(error)
        return results

    return made


def _needs(module: str) -> pytest.MarkDecorator:
    missing = importlib.util.find_spec(module) is None
    return pytest.mark.skipif(missing, reason=f"{module} is not installed on Python {sys.version.split()[0]}")


ADAPTERS = [
    pytest.param(_async(HttpCaller), id="httpx"),
    pytest.param(_blocking(HttpLibrary.HTTPX), id="httpx blocking"),
    pytest.param(_async(lambda o: HttpCaller(o, library=HttpLibrary.HTTPX2)), id="httpx2", marks=_needs("httpx2")),
    pytest.param(_blocking(HttpLibrary.HTTPX2), id="httpx2 blocking", marks=_needs("httpx2")),
    pytest.param(_async(AiohttpCaller), id="aiohttp", marks=_needs("aiohttp")),
]


@pytest.fixture(params=ADAPTERS)
def make(request: pytest.FixtureRequest) -> Make:
    made: Make = request.param
    return made


def _blind(adapter: ParameterSet) -> ParameterSet:
    """An adapter that is known not to see what it should, unless it is aiohttp's."""
    if adapter.id == "aiohttp":
        return adapter
    blind = pytest.mark.xfail(reason="httpx does not tell of bytes after an answer", strict=True)
    return pytest.param(*adapter.values, id=adapter.id, marks=[*adapter.marks, blind])


def _told(result: Result) -> str:
    """``safe``, ``doubt``, or the status of the reply."""
    if isinstance(result, TransportError):
        return "safe" if result.retryable else "doubt"
    return str(result.status)


def _post(port: int, scheme: str = "http", method: str = "POST") -> Call:
    body = b"" if method == "GET" else b'{"to": "33612345678"}'
    return Call(method, f"{scheme}://127.0.0.1:{port}/send?key=secret", {"X-Key": "secret"}, body)


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"

FAULTS: list[tuple[str, Fault, str, int]] = [
    # what                                                    fault                                      told    seen
    ("an answer", answers(faults.OK), "200", 1),
    ("an answer in chunks", answers(CHUNKED, b"2\r\nok\r\n0\r\n\r\n"), "200", 1),
    ("an answer of HTTP/1.0, which ends with the line", answers(b"HTTP/1.0 200 OK\r\n\r\nok"), "200", 1),
    ("an interim answer first", answers(b"HTTP/1.1 103 Early Hints\r\n\r\n", faults.OK), "200", 1),
    ("a redirect is an answer", answers(whole(b"", b"Location: /again", status=b"307 Temporary Redirect")), "307", 1),
    ("an answer byte by byte, in time", answers(*(faults.OK[i : i + 1] for i in range(len(faults.OK))), every_s=0.002), "200", 1),
    ("a reset before the request was read", faults.resets_before_reading, "doubt", 0),
    ("a reset after the request", faults.resets_after_the_request, "doubt", 1),
    ("the end of the line instead of an answer", faults.hangs_up, "doubt", 1),
    ("no answer", faults.never_answers, "doubt", 1),
    ("headers and no more", answers(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"), "doubt", 1),
    ("half the headers", answers(b"HTTP/1.1 200 OK\r\nContent-Le"), "doubt", 1),
    ("a body shorter than announced", answers(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok"), "doubt", 1),
    ("chunks that stop", answers(CHUNKED, b"2\r\nok\r\n"), "doubt", 1),
    ("a body that trickles for ever", answers(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n", *[b"x"] * 50, every_s=0.1), "doubt", 1),
    ("an interim answer and no other", answers(b"HTTP/1.1 100 Continue\r\n\r\n"), "doubt", 1),
    ("an upgrade that nobody asked for", answers(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"), "doubt", 1),
    ("a status line that is none", answers(b"HELLO 200\r\n\r\n"), "doubt", 1),
    ("a status that is no number", answers(b"HTTP/1.1 OK OK\r\n\r\n"), "doubt", 1),
    ("two lengths that differ", answers(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok"), "doubt", 1),
    ("a huge body, announced", answers(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n"), "doubt", 1),
    ("a huge body, in chunks without end", faults.endless, "doubt", 1),
    ("a gzip bomb", answers(faults.BOMB), "doubt", 1),
    ("gzip that stops in the middle", answers(faults.PACKED_SHORT), "doubt", 1),
    ("gzip that is none", answers(whole(b"hello", b"Content-Encoding: gzip")), "doubt", 1),
    ("a packing nobody asked for", answers(whole(b"hello", b"Content-Encoding: br")), "doubt", 1),
]  # fmt: skip


@pytest.mark.parametrize(("fault", "told", "seen"), [row[1:] for row in FAULTS], ids=[row[0] for row in FAULTS])
@pytest.mark.parametrize("method", ["POST", "GET"])
def test_a_fault_is_told_as_what_it_means(make: Make, fault: Fault, told: str, seen: int, method: str) -> None:
    with serving(fault) as server:
        (result,) = make(QUICK, [_post(server.port, method=method)])
    assert (_told(result), len(server.requests)) == (told, seen)
    assert "secret" not in f"{result!s} {result!r}"
    if isinstance(result, TransportError):
        assert result.__cause__ is None


def test_a_body_is_unpacked(make: Make) -> None:
    with serving(answers(faults.PACKED)) as server:
        (reply,) = make(QUICK, [_post(server.port)])
    assert reply.body == b"hello"


def test_what_is_too_large_says_so(make: Make) -> None:
    with serving(answers(whole(b"x" * (faults.LARGE + 1)), keep=True)) as server:
        (error,) = make(QUICK, [_post(server.port)])
    assert "too large" in str(error)


def test_what_just_fits_is_taken(make: Make) -> None:
    with serving(answers(whole(b"x" * faults.LARGE), keep=True)) as server:
        (reply,) = make(QUICK, [_post(server.port)])
    assert len(reply.body) == faults.LARGE


def _waiting(caller: HttpCaller | AiohttpCaller, first: Call, second: Call) -> asyncio.Future[list[object]]:
    return asyncio.gather(caller(first), caller(second), return_exceptions=True)


ASYNC_ONLY = pytest.mark.parametrize("adapter", [HttpCaller, pytest.param(AiohttpCaller, marks=_needs("aiohttp"))])


@ASYNC_ONLY
def test_headers_that_trickle_for_ever_end_with_the_whole_time(adapter: Callable[..., HttpCaller]) -> None:
    trickle = [b"HTTP/1.1 200 OK\r\nX: "] + [b"x"] * 100

    async def run(port: int) -> None:
        async with adapter(evolve(QUICK, total_s=0.5)) as caller:
            with pytest.raises(TransportError, match="Timeout") as late:
                await caller(_post(port))
            assert not late.value.retryable

    with serving(answers(*trickle, every_s=0.05)) as server:
        asyncio.run(run(server.port))
        assert not server.closing.is_set()


@ASYNC_ONLY
def test_who_waits_for_a_connection_too_long_has_sent_nothing(adapter: Callable[..., HttpCaller]) -> None:
    async def run(port: int) -> list[object]:
        async with adapter(evolve(QUICK, connections=1, pool_s=0.1, connect_s=0.1, read_s=1)) as caller:
            return await _waiting(caller, _post(port), _post(port))

    with serving(faults.never_answers) as server:
        first, second = asyncio.run(run(server.port))
    assert (_told(first), _told(second), len(server.requests)) == ("doubt", "safe", 1)


# ---------------------------------------------------------------- before anything left


def test_a_refused_connection_is_safe(make: Make) -> None:
    with closed_port() as port:
        (error,) = make(QUICK, [_post(port)])
    assert _told(error) == "safe"


def test_a_name_that_nobody_knows_is_safe(make: Make) -> None:
    (error,) = make(QUICK, [Call("POST", "http://nobody.invalid/")])
    assert _told(error) == "safe"


def test_tls_to_a_server_that_stays_silent_is_safe(make: Make) -> None:
    with serving(faults.asks_for_nothing) as server:
        (error,) = make(QUICK, [_post(server.port, "https")])
    assert _told(error) == "safe"


def test_tls_to_a_port_without_it_is_safe(make: Make) -> None:
    with serving(faults.speaks_plainly) as server:
        (error,) = make(QUICK, [_post(server.port, "https")])
    assert _told(error) == "safe"


# ---------------------------------------------------------------- TLS


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


def _server_tls(authority: trustme.CA, name: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    return context


def _trusting(authority: trustme.CA) -> HttpOptions:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return HttpOptions(connect_s=2, read_s=2, tls=context)


def test_a_certificate_that_we_trust(make: Make, authority: trustme.CA) -> None:
    with serving(answers(faults.OK), _server_tls(authority, "127.0.0.1")) as server:
        (reply,) = make(_trusting(authority), [_post(server.port, "https")])
    assert reply.body == b"ok"


STRANGERS = [
    ("the system trusts nobody of ours", "127.0.0.1", False),
    ("a certificate for another name", "elsewhere.example", True),
]


@pytest.mark.parametrize(("name", "trusted"), [row[1:] for row in STRANGERS], ids=[row[0] for row in STRANGERS])
def test_a_wrong_certificate_is_safe(make: Make, authority: trustme.CA, name: str, trusted: bool) -> None:
    options = _trusting(authority) if trusted else HttpOptions(connect_s=2, read_s=2)
    with serving(answers(faults.OK), _server_tls(authority, name)) as server:
        (error,) = make(options, [_post(server.port, "https")])
    assert (_told(error), server.requests) == ("safe", [])


# ---------------------------------------------------------------- connections that are kept


def test_a_connection_is_used_again(make: Make) -> None:
    with serving(answers(faults.OK, keep=True)) as server:
        results = make(QUICK, [_post(server.port)] * 3)
    assert ([_told(one) for one in results], server.connections) == (["200"] * 3, 1)


@pytest.mark.parametrize("method", ["POST", "GET", "PUT", "DELETE"])
def test_a_kept_connection_that_ends_when_it_is_used_leaves_a_doubt_and_no_second_request(
    make: Make, method: str
) -> None:
    with serving(faults.one_answer_then_closes_at_the_next_request) as server:
        results = make(QUICK, [_post(server.port, method=method)] * 2)
    assert ([_told(one) for one in results], len(server.requests), server.connections) == (["200", "doubt"], 2, 1)


def test_a_kept_connection_that_was_closed_is_never_worse_than_a_doubt(make: Make) -> None:
    with serving(faults.one_answer_then_closes) as server:
        results = make(QUICK, [_post(server.port)] * 4)
    # Whether the client notices in time is a race; what it tells must fit what the server saw.
    assert sum(_told(one) == "200" for one in results) == len(server.requests)
    assert all(_told(one) in ("200", "doubt") for one in results)


@pytest.mark.parametrize("make", [_blind(adapter) for adapter in ADAPTERS], indirect=True)
def test_an_answer_to_nobody_is_not_taken_for_the_next_one(make: Make) -> None:
    stray = whole(b"stray")

    def fault(visit: faults.Visit) -> None:
        visit.request()
        visit.send(faults.OK + stray)
        visit.request()
        visit.send(faults.OK)

    with serving(fault) as server:
        results = make(QUICK, [_post(server.port)] * 2)
    assert all(one.body == b"ok" for one in results if isinstance(one, Reply))
    assert _told(results[0]) in ("200", "doubt")


def test_a_cookie_is_not_kept(make: Make) -> None:
    with serving(answers(whole(b"ok", b"Set-Cookie: a=b; Path=/"), keep=True)) as server:
        # By name: jars keep no cookies of bare addresses anyway.
        make(QUICK, [Call("POST", f"http://localhost:{server.port}/")] * 2)
    assert len(server.requests) == 2
    assert b"cookie" not in server.requests[1].lower()


@ASYNC_ONLY
def test_each_event_loop_has_connections_of_its_own(adapter: Callable[..., HttpCaller]) -> None:
    caller = adapter(QUICK)

    async def run(*, close: bool) -> int:
        try:
            return (await caller(_post(server.port))).status
        finally:
            if close:
                await caller.aclose()

    with serving(answers(faults.OK, keep=True)) as server:
        loop = asyncio.new_event_loop()
        assert loop.run_until_complete(run(close=False)) == 200
        assert asyncio.run(run(close=True)) == 200
        assert loop.run_until_complete(run(close=True)) == 200
        loop.close()
        assert asyncio.run(run(close=True)) == 200
    assert (len(server.requests), server.connections) == (4, 3)


def test_threads_share_a_caller() -> None:
    with serving(answers(faults.OK, keep=True)) as server, BlockingHttpCaller() as caller:
        with ThreadPoolExecutor(8) as threads:
            replies = list(threads.map(lambda _: caller(_post(server.port)), range(80)))
    assert {reply.status for reply in replies} == {200}
    assert len(server.requests) == 80
    assert server.connections <= 8


# ---------------------------------------------------------------- proxies


def _through(server: Server, options: HttpOptions = QUICK) -> HttpOptions:
    return evolve(options, proxy=f"http://user:hush@127.0.0.1:{server.port}")


PROXIES = [
    # what                                    fault                      scheme   told
    ("a proxy that refuses to lead on",       faults.proxy_refuses,      "https", "safe"),
    ("a proxy that hangs up",                 faults.proxy_hangs_up,     "https", "safe"),
    ("a proxy that says nothing",             faults.never_answers,      "https", "safe"),
    ("a proxy that answers itself",           faults.proxy_refuses,      "http",  "407"),
    ("a proxy that passes on and hangs up",   faults.proxy_hangs_up,     "http",  "doubt"),
]  # fmt: skip


@pytest.mark.parametrize(("fault", "scheme", "told"), [row[1:] for row in PROXIES], ids=[row[0] for row in PROXIES])
def test_a_proxy_that_fails(make: Make, fault: Fault, scheme: str, told: str) -> None:
    with serving(fault) as proxy:
        options = _through(proxy)
        (result,) = make(options, [Call("POST", f"{scheme}://carrier.example/send?key=secret", {}, b"x")])
    assert (_told(result), len(proxy.requests)) == (told, 1)
    assert "hush" not in f"{result!s} {result!r} {options!r}"
    assert proxy.requests[0].startswith(b"CONNECT carrier.example:443" if scheme == "https" else b"POST http://carrier")


def test_a_proxy_that_nobody_listens_at_is_safe(make: Make) -> None:
    with closed_port() as port:
        (error,) = make(HttpOptions(proxy=f"http://127.0.0.1:{port}"), [Call("POST", "https://carrier.example/")])
    assert _told(error) == "safe"


def test_a_tunnel_leads_to_the_carrier(make: Make, authority: trustme.CA) -> None:
    with (
        serving(answers(faults.OK), _server_tls(authority, "127.0.0.1")) as carrier,
        serving(faults.proxy_leads_on) as proxy,
    ):
        (reply,) = make(_through(proxy, _trusting(authority)), [_post(carrier.port, "https")])
    assert (reply.body, len(carrier.requests), len(proxy.requests)) == (b"ok", 1, 1)


@pytest.mark.parametrize(("trusted", "told"), [(True, "200"), (False, "safe")], ids=["trusted", "not trusted"])
def test_a_proxy_that_speaks_tls_is_held_to_the_same_trust(
    make: Make, authority: trustme.CA, trusted: bool, told: str
) -> None:
    options = _trusting(authority) if trusted else HttpOptions(connect_s=2, read_s=2)
    with serving(answers(faults.OK), _server_tls(authority, "127.0.0.1")) as proxy:
        through = evolve(options, proxy=f"https://127.0.0.1:{proxy.port}")
        (result,) = make(through, [Call("POST", "http://carrier.example/", {}, b"x")])
    assert (_told(result), len(proxy.requests)) == (told, int(trusted))


@pytest.fixture
def proxy_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    with serving(answers(faults.OK, keep=True)) as proxy:
        for name in ("HTTP_PROXY", "http_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.setenv(name, "own.invalid")
        yield proxy


ENVIRONMENT = [
    ("it counts where it is trusted", True, "carrier.invalid", "200"),
    ("it names hosts that are reached straight", True, "own.invalid", "safe"),
    ("it does not count by itself", False, "carrier.invalid", "safe"),
]


@pytest.mark.parametrize(
    ("trust", "host", "told"), [row[1:] for row in ENVIRONMENT], ids=[row[0] for row in ENVIRONMENT]
)
def test_the_proxy_of_the_environment(
    make: Make, proxy_of_the_environment: Server, trust: bool, host: str, told: str
) -> None:
    (result,) = make(HttpOptions(trust_env=trust), [Call("POST", f"http://{host}/")])
    assert _told(result) == told


# ---------------------------------------------------------------- what is no request


def test_a_library_that_is_not_there_is_named(
    make: Make, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = request.node.callspec.id.split()[0]
    monkeypatch.setitem(sys.modules, library, None)
    with serving(answers(faults.OK)) as server, pytest.raises(InvalidInput, match=f"{library} is not installed"):
        make(QUICK, [_post(server.port)])
    assert server.requests == []


NO_REQUESTS = [
    # what                                         call
    ("no address", Call("POST", "")),
    ("an address without a host", Call("POST", "https:///send")),
    ("another scheme", Call("POST", "ftp://carrier.example/?key=secret")),
    ("a port that is none", Call("POST", "https://carrier.example:port/?key=secret")),
    ("a line break in the address", Call("POST", "https://carrier.example/\r\nX: secret")),
    ("a letter that has to be encoded", Call("POST", "https://carrier.example/é?secret")),
    ("a password in the address", Call("POST", "https://user:secret@carrier.example/")),
    ("a key with a line break", Call("POST", "https://carrier.example/", {"X-Key": "secret\n"})),
    ("a key with a letter that no header holds", Call("POST", "https://carrier.example/", {"X-Key": "secret™"})),
    ("a length of the flow's own", Call("POST", "https://carrier.example/", {"Content-Length": "7"}, b"secret")),
    ("a method that is none", Call("secret post", "https://carrier.example/")),
]


@pytest.mark.parametrize("call", [row[1] for row in NO_REQUESTS], ids=[row[0] for row in NO_REQUESTS])
def test_what_is_no_request_is_the_callers_mistake(make: Make, call: Call) -> None:
    with pytest.raises(InvalidInput) as wrong:
        make(QUICK, [call])
    assert "secret" not in str(wrong.value)
