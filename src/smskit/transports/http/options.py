"""How requests are made: how long to wait, through what, and who is told."""

from __future__ import annotations

import math
import sys
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from attrs import field, frozen

from smskit.errors import InvalidInput
from smskit.transports.http.watching import Watch

if TYPE_CHECKING:
    import ssl


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _without_secret(address: str | None) -> str:
    return "None" if address is None else repr(urlsplit(address).hostname)


@frozen(kw_only=True)
class HttpOptions:
    """How the calls of a caller are made.

    Args:
        connect_s: the longest wait for a connection, TLS included.
        read_s: the longest wait for the next bytes; a ``Call.timeout_s`` below it counts.
        pool_s: the longest wait for one of the connections to be free.
        total_s: the longest that one call may take, whatever trickles in.
        connections: how many at once.
        proxy: address of an HTTP proxy, with its user and password if it needs them.
        trust_env: whether HTTPS_PROXY and NO_PROXY count where *proxy* is None.
        tls: None trusts whom the system trusts.
        largest_reply_bytes: what is longer, unpacked, is cut off, and what was sent is then in doubt.
        product: the application's own word for the user agent, such as ``boutique/2.1``.
        watch: is told of each call; see :mod:`smskit.transports.http.watching`.

    Raises:
        InvalidInput: a time or a number is not above 0, the proxy is no address, the product is no word.
    """

    connect_s: float = 5.0
    read_s: float = 30.0
    pool_s: float = 30.0
    total_s: float = 90.0
    connections: int = 32
    proxy: str | None = field(default=None, repr=_without_secret)
    trust_env: bool = False
    tls: ssl.SSLContext | None = field(default=None, repr=False)
    largest_reply_bytes: int = 16 * 2**20
    product: str = ""
    watch: Watch | None = field(default=None, repr=False)

    def __attrs_post_init__(self) -> None:
        for name in ("connect_s", "read_s", "pool_s", "total_s", "connections", "largest_reply_bytes"):
            if not 0 < getattr(self, name) < math.inf:
                raise InvalidInput(f"{name} must be a number above 0")
        if self.proxy is not None and not _is_address(self.proxy):
            raise InvalidInput("proxy must be the address of an HTTP proxy, such as http://proxy.example:3128")
        if not (self.product.isascii() and self.product.isprintable()):
            raise InvalidInput("product must be printable ASCII, such as boutique/2.1")

    @property
    def user_agent(self) -> str:
        """How we introduce ourselves: ``smskit/x.y python/z``, and the application."""
        return f"{_ourselves()} {self.product}".rstrip()

    def proxy_for(self, scheme: str, host: str) -> str | None:
        """Give the proxy that a request to *host* goes through, None when it goes straight."""
        if self.proxy is not None or not self.trust_env:
            return self.proxy
        from urllib.request import getproxies, proxy_bypass  # late: it loads TLS

        proxies = {} if proxy_bypass(host) else getproxies()
        return proxies.get(scheme) or proxies.get("all")

    def trust(self) -> ssl.SSLContext:
        """Give *tls*, or a context that trusts whom the system trusts; made anew each time, which takes a while."""
        import ssl

        return self.tls or ssl.create_default_context()


@lru_cache(maxsize=1)
def _ourselves() -> str:
    from importlib.metadata import PackageNotFoundError, version  # late: it loads the email package

    try:
        ours = version("smskit")
    except PackageNotFoundError:
        ours = "0"
    return f"smskit/{ours} python/{sys.version_info.major}.{sys.version_info.minor}"
