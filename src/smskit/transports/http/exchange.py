"""One call on its way: what all adapters share, and none of it touches a socket.

The one question that matters when an answer fails to come is whether the request may have arrived. It is not read off
the names of exceptions, which differ by library and by timing: an adapter sets ``left`` at the moment before the first
byte of the request is written, and everything that goes wrong earlier is safe to try again.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable
from time import perf_counter
from typing import TYPE_CHECKING, Generic, TypeVar
from urllib.parse import urlsplit

from smskit.errors import InvalidInput, TransportError
from smskit.protocols import Call, Reply
from smskit.transports.http.options import HttpOptions
from smskit.transports.http.watching import CallBegan, CallEnded, tell

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop
    from types import TracebackType

    from typing_extensions import Self

T = TypeVar("T")

_OURS = frozenset({"content-length", "transfer-encoding", "connection", "expect", "te", "upgrade"})
_PACKED = frozenset({"gzip", "x-gzip", "deflate"})


class BadAnswer(Exception):
    """An answer began and cannot be used."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class NotAgain(Exception):
    """A call was lost, by an error of the class *name*, and the library would send it once more."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class PerLoop(Generic[T]):
    """Connections of each event loop that a caller is used in.

    In another loop than their own (a second ``asyncio.run``, a thread of a web server) they would fail in the middle of
    a request, and leave a doubt for nothing.
    """

    __slots__ = ("_held", "_make")

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._held: dict[AbstractEventLoop, T] = {}

    def here(self) -> T:
        """Give those of the running loop, new ones when it has none."""
        loop = _running_loop()
        if (found := self._held.get(loop)) is None:
            # Nobody can close what a loop left behind that is over; the sockets go with the last reference.
            for over in [other for other in tuple(self._held) if other.is_closed()]:
                self._held.pop(over, None)
            found = self._held[loop] = self._make()
        return found

    def leave(self) -> T | None:
        """Give those of the running loop and forget them."""
        return self._held.pop(_running_loop(), None)


def _running_loop() -> AbstractEventLoop:
    from asyncio import get_running_loop  # late: it loads TLS

    return get_running_loop()


class Exchange:
    """One call, from the look at its address to the reply; as a context it turns any error into a ``TransportError``.

    Raises:
        InvalidInput: no request can be made of the call.
    """

    __slots__ = ("_began", "_options", "call", "headers", "host", "left", "scheme")

    def __init__(self, call: Call, options: HttpOptions) -> None:
        self.call = call
        self.scheme, self.host = _address(call)
        self.headers = _headers(call, options)
        self.left = False
        self._options = options
        self._began = perf_counter()
        if options.watch is not None:
            tell(options.watch, CallBegan(call.label, self.host, call.method, len(call.body)))

    def __enter__(self) -> Self:
        return self

    @property
    def read_s(self) -> float:
        """The longest wait for the next bytes."""
        return min(self._options.read_s, self.call.timeout_s)

    def check_time(self) -> None:
        """Raise ``TimeoutError`` once the call has taken all the time that it may take."""
        if perf_counter() - self._began > self._options.total_s:
            raise TimeoutError

    def body(self, headers: Iterable[tuple[bytes, bytes]]) -> Body:
        """Make room for the body that *headers* announce."""
        return Body(headers, self._options.largest_reply_bytes)

    def reply(self, status: int, body: Body) -> Reply:
        """Give what came back, and tell of it.

        Raises:
            BadAnswer: the body is not whole, or the answer is an interim one.
        """
        if status < 200:
            raise BadAnswer("the answer is to an upgrade that nobody asked for")
        reply = Reply(status, body.headers, body.whole())
        self._tell(status, None, len(reply.body))
        return reply

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            return
        name = error.name if isinstance(error, NotAgain) else type(error).__name__
        self._tell(None, name, 0)
        if isinstance(error, BadAnswer):
            raise TransportError(self.host, error.reason, retryable=False) from None
        if isinstance(error, Exception) and not isinstance(error, InvalidInput):
            # The cause is left out: its text may hold the address, and the address a key or a number.
            what = "no answer" if self.left else "no connection"
            raise TransportError(self.host, f"{what} ({_cause(error) or name})", retryable=not self.left) from None

    def _tell(self, status: int | None, error: str | None, reply_bytes: int) -> None:
        if self._options.watch is None:
            return
        call, seconds = self.call, perf_counter() - self._began
        ended = CallEnded(call.label, self.host, call.method, status, error, seconds, len(call.body), reply_bytes)
        tell(self._options.watch, ended)


def _cause(error: BaseException | None) -> str:
    """Give what lies behind the errors of a library, in words of ours; empty where nothing is known.

    Only kinds of errors are read, and what TLS says of a certificate: any other text may hold an address.
    """
    import socket
    import ssl

    words = {
        ConnectionRefusedError: "refused",
        ConnectionResetError: "reset",
        socket.gaierror: "the name of the host is not known",
        ssl.SSLCertVerificationError: "the certificate is not trusted",
        ssl.SSLError: "TLS failed",
    }
    chain = [error]
    while chain[-1] is not None and len(chain) < 10:
        chain.append(chain[-1].__cause__ or chain[-1].__context__)
    # The last ones of the chain are those of the system, and know most.
    for one in reversed(chain):
        for kind, word in words.items():
            if isinstance(one, kind):
                detail = getattr(one, "verify_message", None) or getattr(one, "reason", None)
                return f"{word}: {detail}" if isinstance(one, ssl.SSLError) and isinstance(detail, str) else word
    return ""


def _address(call: Call) -> tuple[str, str]:
    """Give scheme and host of a call.

    Raises:
        InvalidInput: no request can go there, or the method is none; the address itself is not shown.
    """
    if not (call.method.isascii() and call.method.isalpha() and call.method.isupper()):
        raise InvalidInput(f"{call.label}: a method of HTTP is one word in capitals, such as POST")
    if not (call.url.isascii() and call.url.isprintable()) or " " in call.url:
        raise InvalidInput(f"{call.label}: the address holds a character that has to be percent-encoded")
    try:
        parts = urlsplit(call.url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise InvalidInput(f"{call.label}: the address cannot be read") from None
    if parts.scheme not in ("http", "https") or not host:
        raise InvalidInput(f"{call.label}: the address does not begin with https:// and a host")
    if "@" in parts.netloc:
        raise InvalidInput(f"{call.label}: a password does not belong into an address; use the header Authorization")
    return parts.scheme, host


def _headers(call: Call, options: HttpOptions) -> dict[str, str]:
    headers = {"user-agent": options.user_agent, "accept": "*/*", "accept-encoding": "gzip"}
    for given, value in call.headers.items():
        name = given.lower()
        if name in _OURS:
            raise InvalidInput(f"{call.label}: the header {given} is for the caller to write")
        # A key that was read from a file often ends with a line break.
        if not (name.isascii() and value.isascii() and value.isprintable()) or value != value.strip():
            raise InvalidInput(
                f"{call.label}: the header {given} holds a line break or another character that it cannot"
            )
        headers[name] = value
    return headers


class Body:
    """The body of an answer as it comes in: unpacked, and never more of it than agreed on.

    A few kilobytes of gzip may unpack to gigabytes, so the unpacked size is what counts, and it is bounded while it
    grows and not afterwards.

    Raises:
        BadAnswer: the answer is larger, or in a packing that was not asked for.
    """

    __slots__ = ("_limit", "_pieces", "_size", "_unpacker", "headers")

    def __init__(self, headers: Iterable[tuple[bytes, bytes]], limit: int) -> None:
        self.headers = _joined(headers)
        self._limit = limit
        self._size = 0
        self._pieces: list[bytes] = []
        packing = self.headers.get("content-encoding", "identity").strip().lower()
        if packing not in _PACKED and packing != "identity":
            raise BadAnswer("the answer is in a packing that was not asked for")
        # 32 reads the headers of both gzip and zlib.
        self._unpacker = zlib.decompressobj(32 + zlib.MAX_WBITS) if packing in _PACKED else None
        announced = self.headers.get("content-length", "")
        if announced.isascii() and announced.isdigit() and int(announced) > limit:
            raise BadAnswer("the answer is too large")

    def add(self, piece: bytes) -> None:
        """Take the next bytes off the wire."""
        if self._unpacker is not None:
            try:
                # One byte more than there is room for tells that there would be more.
                piece = self._unpacker.decompress(piece, self._limit - self._size + 1)
            except zlib.error:
                raise BadAnswer("the answer cannot be unpacked") from None
        self._size += len(piece)
        if self._size > self._limit:
            raise BadAnswer("the answer is too large")
        self._pieces.append(piece)

    def whole(self) -> bytes:
        """Give all of it.

        Raises:
            BadAnswer: what was packed ends in the middle.
        """
        packed = self._unpacker
        if packed is not None and self._pieces and (packed.unused_data or not packed.eof):
            raise BadAnswer("the answer ends in the middle, or goes on after its end")
        return self._pieces[0] if len(self._pieces) == 1 else b"".join(self._pieces)


def _joined(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    joined: dict[str, str] = {}
    for raw_name, raw_value in headers:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        joined[name] = f"{joined[name]}, {value}" if name in joined else value
    return joined
