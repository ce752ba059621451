"""Calls by httpx, or by httpx2, which continues it. The only module that imports either, and only when a call is made.

Its transports are used directly. The client around them would keep cookies, log whole addresses, which may hold keys
and numbers, and take a third of the time of a request.
"""

from __future__ import annotations

from enum import Enum
from importlib import import_module
from threading import Lock
from typing import TYPE_CHECKING, Any, cast

from smskit.errors import InvalidInput
from smskit.protocols import Call, Reply
from smskit.transports.http.exchange import Exchange, PerLoop
from smskit.transports.http.options import HttpOptions

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

    import httpx
    from typing_extensions import Self

KEPT_S = 4.0
"""How long an idle connection is kept. One that the carrier closes just when we write to it leaves the message in
doubt, so we are first: of common servers Apache and Node are the quickest, after 5 s."""


class HttpLibrary(Enum):
    """Who makes the requests; httpx2 has the interface of httpx, and needs Python 3.11."""

    HTTPX = "httpx"
    HTTPX2 = "httpx2"


class HttpCaller:
    """Makes requests over HTTP for coroutines; connections are kept for each event loop, until it is closed there.

    It never tries again: whether a request may be repeated is for the flow to say, which knows the carrier. Redirects
    are not followed: a POST that goes elsewhere is a mistake of the address, and would show the key to somebody.

    One thing it cannot see, as httpx does not tell: a second answer that a server sent to one request is taken for that
    to the next request on the same connection. :class:`smskit.transports.http.AiohttpCaller` does see it.

    Args:
        options: timeouts, proxy, TLS and the like.
        library: who makes the requests.
    """

    def __init__(self, options: HttpOptions | None = None, *, library: HttpLibrary = HttpLibrary.HTTPX) -> None:
        self._options = options or HttpOptions()
        self._library = library
        self._lines = PerLoop(dict[str | None, "httpx.AsyncHTTPTransport"])

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def __call__(self, call: Call, /) -> Reply:
        """Make one request.

        Raises:
            InvalidInput: it is no request that could be made, or the library is not installed; nothing left.
            TransportError: no whole answer. ``retryable`` promises that not a byte of the request left: the name is
                unknown, the connection was refused. Without it the request may have arrived.
        """
        from anyio import fail_after

        with Exchange(call, self._options) as exchange, fail_after(self._options.total_s):
            return await self._exchange(exchange)

    async def _exchange(self, exchange: Exchange) -> Reply:
        async def trace(event: str, info: Mapping[str, Any]) -> None:
            _watch_the_line(exchange, event, info)

        line = self._line(self._options.proxy_for(exchange.scheme, exchange.host))
        answer = await line.handle_async_request(_request(self._library, exchange, self._options, trace))
        try:
            body = exchange.body(answer.headers.raw)
            async for piece in cast("httpx.AsyncByteStream", answer.stream):
                body.add(piece)
        finally:
            await answer.aclose()
        return exchange.reply(answer.status_code, body)

    def _line(self, proxy: str | None) -> httpx.AsyncHTTPTransport:
        lines = self._lines.here()
        if proxy not in lines:
            library = _loaded(self._library)
            lines[proxy] = library.AsyncHTTPTransport(**_settings(library, self._options, proxy))
        return lines[proxy]

    async def aclose(self) -> None:
        """Close the connections of this event loop; another call opens new ones."""
        for line in (self._lines.leave() or {}).values():
            await line.aclose()


class BlockingHttpCaller:
    """Does what :class:`HttpCaller` does, in ordinary code; threads may share it.

    Nothing interrupts a thread: ``total_s`` is looked at each time that bytes of the answer's body come in, and a
    carrier whose headers trickle in is only bound by ``read_s``.
    """

    def __init__(self, options: HttpOptions | None = None, *, library: HttpLibrary = HttpLibrary.HTTPX) -> None:
        self._options = options or HttpOptions()
        self._library = library
        self._lines: dict[str | None, httpx.HTTPTransport] = {}
        self._opening = Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __call__(self, call: Call, /) -> Reply:
        """Make one request; raises what :class:`HttpCaller` raises."""
        with Exchange(call, self._options) as exchange:
            return self._exchange(exchange)

    def _exchange(self, exchange: Exchange) -> Reply:
        def trace(event: str, info: Mapping[str, Any]) -> None:
            _watch_the_line(exchange, event, info)

        line = self._line(self._options.proxy_for(exchange.scheme, exchange.host))
        answer = line.handle_request(_request(self._library, exchange, self._options, trace))
        try:
            body = exchange.body(answer.headers.raw)
            for piece in cast("httpx.SyncByteStream", answer.stream):
                body.add(piece)
                exchange.check_time()
        finally:
            answer.close()
        return exchange.reply(answer.status_code, body)

    def _line(self, proxy: str | None) -> httpx.HTTPTransport:
        with self._opening:
            if proxy not in self._lines:
                library = _loaded(self._library)
                self._lines[proxy] = library.HTTPTransport(**_settings(library, self._options, proxy))
            return self._lines[proxy]

    def close(self) -> None:
        """Close the connections; another call opens new ones."""
        with self._opening:
            while self._lines:
                self._lines.popitem()[1].close()


def _loaded(library: HttpLibrary) -> Any:
    try:
        return import_module(library.value)
    except ImportError:
        raise InvalidInput(f"{library.value} is not installed; pip install {library.value}") from None


def _watch_the_line(exchange: Exchange, event: str, info: Mapping[str, Any]) -> None:
    # A CONNECT goes to the proxy: the request itself has not left.
    if event == "http11.send_request_headers.started" and info["request"].method != b"CONNECT":
        exchange.left = True


def _request(library: HttpLibrary, exchange: Exchange, options: HttpOptions, trace: object) -> httpx.Request:
    http = _loaded(library)
    read_s, total_s = exchange.read_s, options.total_s
    timeout = {
        "connect": min(options.connect_s, total_s),
        "read": min(read_s, total_s),
        "write": min(read_s, total_s),
        "pool": min(options.pool_s, total_s),
    }
    call = exchange.call
    watched = {"timeout": timeout, "trace": trace}
    request: httpx.Request = http.Request(
        call.method, call.url, headers=exchange.headers, content=call.body, extensions=watched
    )
    return request


def _settings(http: Any, options: HttpOptions, proxy: str | None) -> Mapping[str, object]:
    limits = http.Limits(
        max_connections=options.connections, max_keepalive_connections=options.connections, keepalive_expiry=KEPT_S
    )
    trust, through = options.trust(), None
    if proxy is not None:
        # Of a proxy that speaks TLS itself httpx would trust its own list of authorities.
        through = http.Proxy(proxy, ssl_context=trust if proxy.startswith("https:") else None)
    return {"verify": trust, "trust_env": False, "limits": limits, "proxy": through}
