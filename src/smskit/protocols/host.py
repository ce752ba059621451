"""What an application may bring of its own: the time, and short links."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """Where the time comes from; tests and sandboxes bring their own."""

    def now(self) -> datetime:
        """Give the present instant, aware."""
        ...

    async def sleep(self, seconds: float, /) -> None:
        """Wait."""
        ...


class Shortener(Protocol):
    """Makes the short link that stands in a text; the redirect is the host's, on the host's own domain."""

    def url(self, token: str, /) -> str:
        """Give the whole short link for *token*; its length must not depend on the token."""
        ...
