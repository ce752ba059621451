"""The two drivers of flows, for ordinary code and for coroutines; all else is written once, as a flow.

A flow is lazy: nothing happens, and no error appears, before it is driven.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from contextlib import closing
from functools import partial
from typing import NoReturn, Protocol, TypeVar, cast

from smskit.errors import InvalidInput, TransportError
from smskit.protocols import Call, Flow, Pause, Reply, Work

T = TypeVar("T")

BlockingSender = Callable[[Call], Reply]
Sender = Callable[[Call], Awaitable[Reply]]


class BlockingCaller(Protocol):
    """Makes the calls of flows in ordinary code, and keeps connections until it is closed.

    This and :class:`Caller` are the whole seam to an HTTP library; an application may bring its own.
    """

    def __call__(self, call: Call, /) -> Reply:
        """Make one request, once.

        Raises:
            InvalidInput: it is no request that could be made; nothing left.
            TransportError: no whole answer. ``retryable`` promises that not a byte of the request left; without it
                the request may have arrived.
        """
        ...

    def close(self) -> None:
        """Close the connections."""
        ...


class Caller(Protocol):
    """Does what :class:`BlockingCaller` does, for coroutines."""

    async def __call__(self, call: Call, /) -> Reply:
        """Make one request, once; raises what :meth:`BlockingCaller.__call__` raises."""
        ...

    async def aclose(self) -> None:
        """Close the connections."""
        ...


def drive(flow: Flow[T], send: BlockingSender | None = None, sleep: Callable[[float], None] = time.sleep) -> T:
    """Run *flow* to its end and give its result.

    Args:
        flow: what a transport's ``submit``, ``ask`` or ``poll`` gave.
        send: makes one request; a ``TransportError`` that it raises is thrown into the flow, which decides
            what a lost line means. None is enough for a transport that makes no requests, such as a sandbox.
        sleep: waits that many seconds.

    Raises:
        InvalidInput: the flow wants a request made and there is no *send*.
    """
    resume = partial(flow.send, None)
    with closing(flow):
        while True:
            try:
                step = resume()
            except StopIteration as stop:
                return cast("T", stop.value)
            if isinstance(step, Pause):
                sleep(step.seconds)
                resume = partial(flow.send, None)
                continue
            try:
                done = step.start().result() if isinstance(step, Work) else (send or _no_sender)(step)
                resume = partial(flow.send, done)
            except TransportError as error:
                resume = partial(flow.throw, error)


async def adrive(
    flow: Flow[T], send: Sender | None = None, sleep: Callable[[float], Awaitable[None]] | None = None
) -> T:
    """Do what :func:`drive` does, with a *send* and a *sleep* that are awaited; None sleeps on asyncio's clock."""
    resume = partial(flow.send, None)
    with closing(flow):
        while True:
            try:
                step = resume()
            except StopIteration as stop:
                return cast("T", stop.value)
            if isinstance(step, Pause):
                await (sleep or _sleep)(step.seconds)
                resume = partial(flow.send, None)
                continue
            try:
                done = await (_work(step) if isinstance(step, Work) else (send or _no_sender)(step))
                resume = partial(flow.send, done)
            except TransportError as error:
                resume = partial(flow.throw, error)


async def _work(step: Work) -> None:
    import asyncio  # late, see below

    await asyncio.wrap_future(step.start())


async def _sleep(seconds: float) -> None:
    import asyncio  # late: it loads TLS and takes 5 MB, and a plan sends nothing

    await asyncio.sleep(seconds)


def _no_sender(call: Call) -> NoReturn:
    raise InvalidInput(
        f"this transport makes requests ({call.method}) and nothing was given to send them; "
        "give the driver a send=, for example smskit.transports.http.HttpCaller()"
    )
