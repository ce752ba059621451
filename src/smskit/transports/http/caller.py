"""Makes the calls that flows ask for. The only module that imports an HTTP library, and only when a call is made."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from smskit.errors import TransportError
from smskit.protocols import Call, Reply

if TYPE_CHECKING:
    from types import TracebackType

    import httpx
    from typing_extensions import Self


class HttpCaller:
    """Makes requests over HTTP, with one pool of connections for a run.

    It never tries again: whether a request may be repeated is for the flow to say, which knows the carrier. Redirects
    are not followed: a POST that goes elsewhere is a mistake of the address, and would show the key to somebody.
    """

    def __init__(self) -> None:
        self._client: httpx.AsyncClient | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def __call__(self, call: Call, /) -> Reply:
        """Make one request.

        Raises:
            TransportError: no answer. ``retryable`` says that nothing left: the name is unknown, the connection was
                refused. Without it the request may have arrived.
        """
        import httpx

        if self._client is None:
            self._client = httpx.AsyncClient(follow_redirects=False)
        host = urlsplit(call.url).hostname or "carrier"
        try:
            answer = await self._client.request(
                call.method, call.url, headers=dict(call.headers), content=call.body, timeout=call.timeout_s
            )
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise TransportError(host, f"no connection ({type(error).__name__})", retryable=True) from error
        except httpx.HTTPError as error:
            # The text of the error may hold the address, and the address a key.
            raise TransportError(host, f"no answer ({type(error).__name__})", retryable=False) from None
        return Reply(answer.status_code, dict(answer.headers), answer.content)

    async def aclose(self) -> None:
        """Close the connections."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None
