"""How a transport asks for I/O: calls, pauses and work, yielded by a generator."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from typing import TYPE_CHECKING, TypeVar

from attrs import field, frozen

if TYPE_CHECKING:
    from concurrent.futures import Future

T = TypeVar("T")


@frozen
class Call:
    """One request that a flow wants made; headers and address may hold secrets and are never shown.

    ``label`` is what it is for, in a word that may be logged: ``submit``, ``balance``, ``look_up``.
    """

    method: str
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(factory=dict[str, str], repr=False)
    body: bytes = field(default=b"", repr=False)
    timeout_s: float = 30.0
    label: str = "submit"


@frozen
class Reply:
    """What came back for a :class:`Call`."""

    status: int
    headers: Mapping[str, str] = field(factory=dict[str, str], repr=False)
    body: bytes = field(default=b"", repr=False)


@frozen
class Pause:
    """A flow wants nothing done for a while."""

    seconds: float


@frozen
class Work:
    """Something that no request over HTTP does, such as a batch on a connection that is open already.

    ``start`` begins it and gives its future, which may end in another thread. Its result is the flow's own business:
    nothing is sent back. An error of it is thrown into the flow, as that of a call.
    """

    start: Callable[[], Future[None]]


Flow = Generator[Call | Pause | Work, Reply | None, T]
"""A generator that yields a Call, a Pause or a Work, is sent a Reply (or None), and returns its result."""
