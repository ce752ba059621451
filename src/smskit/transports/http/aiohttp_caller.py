"""Calls by aiohttp, several times faster than httpx with many at once; ``pip install smskit[aiohttp]``.

The only module that imports it, and only when a call is made.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from smskit.errors import InvalidInput
from smskit.protocols import Call, Reply
from smskit.transports.http.caller import KEPT_S
from smskit.transports.http.exchange import Exchange, NotAgain, PerLoop
from smskit.transports.http.options import HttpOptions

if TYPE_CHECKING:
    from types import SimpleNamespace, TracebackType

    import aiohttp
    from typing_extensions import Self


class AiohttpCaller:
    """Does what :class:`smskit.transports.http.HttpCaller` does, by aiohttp."""

    def __init__(self, options: HttpOptions | None = None) -> None:
        self._options = options or HttpOptions()
        self._sessions = PerLoop(partial(_session, self._options))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def __call__(self, call: Call, /) -> Reply:
        """Make one request; raises what :class:`smskit.transports.http.HttpCaller` raises.

        Raises:
            InvalidInput: also when aiohttp is not installed.
        """
        session = self._sessions.here()
        with Exchange(call, self._options) as exchange:
            return await self._exchange(session, exchange)

    async def _exchange(self, session: aiohttp.ClientSession, exchange: Exchange) -> Reply:
        from yarl import URL

        call = exchange.call
        # As it stands: a signature may be over the very characters.
        url = URL(call.url, encoded=True)
        async with session.request(
            call.method, url, headers=exchange.headers, data=call.body, allow_redirects=False,
            proxy=self._options.proxy_for(exchange.scheme, exchange.host),
            timeout=_timeout(exchange, self._options), trace_request_ctx=exchange,
        ) as answer:  # fmt: skip
            body = exchange.body(answer.raw_headers)
            async for piece in answer.content.iter_any():
                body.add(piece)
            return exchange.reply(answer.status, body)

    async def aclose(self) -> None:
        """Close the connections of this event loop; another call opens new ones."""
        if (session := self._sessions.leave()) is not None:
            await session.close()


def _session(options: HttpOptions) -> aiohttp.ClientSession:
    try:
        import aiohttp
    except ImportError:
        raise InvalidInput("aiohttp is not installed; pip install smskit[aiohttp], or use HttpCaller") from None
    watch = aiohttp.TraceConfig()
    watch.on_connection_create_end.append(_leaving)
    watch.on_connection_reuseconn.append(_leaving)
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=options.connections, ssl=options.trust(), keepalive_timeout=KEPT_S),
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
        skip_auto_headers=("Content-Type",),
        trace_configs=[watch],
        middlewares=(_once,),
    )


async def _leaving(_: aiohttp.ClientSession, context: SimpleNamespace, __: object) -> None:
    exchange: Exchange = context.trace_request_ctx
    exchange.left = True


async def _once(request: aiohttp.ClientRequest, send: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
    """Keep aiohttp from doing what it does by itself for all but POST and PATCH.

    When a kept connection turns out to be closed it sends the request once more. The first may have arrived, and
    there are carriers that take messages by GET.
    """
    import aiohttp

    try:
        return await send(request)
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        raise NotAgain(type(error).__name__) from None


def _timeout(exchange: Exchange, options: HttpOptions) -> aiohttp.ClientTimeout:
    import aiohttp

    return aiohttp.ClientTimeout(
        total=options.total_s,
        connect=options.pool_s + options.connect_s,
        sock_connect=options.connect_s,
        sock_read=exchange.read_s,
    )
