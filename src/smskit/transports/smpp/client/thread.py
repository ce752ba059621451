"""A loop of its own in a thread, so that an account outlives the loops of those who use it.

Not anyio's portal: its thread belongs to whoever opened it and is left on the way out of a block, where this one ends
with the interpreter at the latest, after a last chance to unbind.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import TypeVar

T = TypeVar("T")


class LoopThread:
    """A running loop; any thread may hand it work."""

    def __init__(self, name: str) -> None:
        self._loop = asyncio.new_event_loop()
        # A daemon: a program that forgot to close an account must still be able to end.
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()

    @property
    def is_stopped(self) -> bool:
        """Whether it is over."""
        return not self._thread.is_alive()

    @property
    def is_here(self) -> bool:
        """Whether the caller is in that thread."""
        return threading.current_thread() is self._thread

    def soon(self, work: Callable[..., object], *args: object) -> None:
        """Call *work* there, some time later."""
        self._loop.call_soon_threadsafe(work, *args)

    def start(self, work: Coroutine[None, None, T]) -> Future[T]:
        """Run a coroutine there."""
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def stop(self) -> None:
        """End the loop and wait for its thread."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5.0)
        if not self._thread.is_alive():
            self._loop.close()
