"""Calling the engine from ordinary code, also where a loop already runs (a notebook, a web view)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")


def run_sync(work: Callable[[], Awaitable[T]]) -> T:
    """Run *work* on a loop of its own in another thread and give its result.

    Ctrl-C cancels the work; the engine first records the batch in hand.
    """
    from anyio.from_thread import start_blocking_portal

    with start_blocking_portal("asyncio") as portal:
        return portal.call(work)
