"""One connection of the centre: a session of the core, and the octets as the faults want them."""

from __future__ import annotations

import asyncio
import socket
import ssl
import struct
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol, cast

from attrs import frozen

from smskit.testing.smsc.faults import BREAKS, Armed, Ending, Fault
from smskit.testing.smsc.records import Oddity
from smskit.transports.smpp import (
    Answer,
    Answered,
    Asked,
    Bind,
    DataSm,
    DeliverSm,
    Event,
    Limits,
    Outbind,
    Role,
    Session,
    State,
    Stray,
    Timers,
    Turned,
    Unanswered,
    UnbindResp,
)

_RECEIVING = (State.BOUND_RX, State.BOUND_TRX)
_MOST_OWED = 1_000_000
"""Faults leave requests without an answer: they must not stop the reading."""

_LINGER_NOT = struct.pack("ii", 1, 0)
_LAST_WORDS_S = 0.5


@frozen(kw_only=True)
class Settings:
    """How the centre speaks; the arguments of :class:`~smskit.testing.smsc.SMSC` say what each is."""

    host: str
    port: int
    tls: ssl.SSLContext | None
    timers: Timers
    window: int
    strict: bool
    chunk: int | None
    redelivered_after_s: float


class Owner(Protocol):
    """What a connection asks of the exchange that it belongs to."""

    settings: Settings
    connections: list[Connection]

    @property
    def now(self) -> float:
        """The time."""
        ...

    def turn(self) -> AbstractContextManager[None]:
        """Let nobody look while things change."""
        ...

    def later(self, wait_s: float, do: Callable[[], object]) -> asyncio.TimerHandle:
        """Do something in a while."""
        ...

    def at(self, when: float, do: Callable[[], object]) -> asyncio.TimerHandle:
        """Do something then."""
        ...

    def pump(self) -> None:
        """Deliver what waits."""
        ...

    def serve(self, connection: Connection, asked: Asked) -> None:
        """Answer a request."""
        ...

    def delivered(self, event: Answered) -> None:
        """Note the answer to a delivery."""
        ...

    def undelivered(self, event: Unanswered) -> None:
        """Note that a delivery has none."""
        ...

    def odd(self, oddity: Oddity) -> None:
        """Note something odd."""
        ...


class Connection(asyncio.Protocol):
    """Moves octets between a socket and a session; what is asked for goes to the exchange."""

    def __init__(self, exchange: Owner) -> None:
        self.exchange = exchange
        self.system_id = ""
        self._transport: asyncio.Transport
        self._session: Session
        self._timer: asyncio.TimerHandle | None = None
        self._held: list[bytes] = []
        self._unsent = bytearray()
        self._ending = Ending.NONE
        self._leaves = False
        self._frozen = False

    @property
    def is_bound(self) -> bool:
        """Whether requests can be made."""
        return self._session.is_bound

    @property
    def receives(self) -> bool:
        """Whether deliveries go over it."""
        return self._session.state in _RECEIVING and not self._leaves and self._ending is Ending.NONE

    @property
    def room(self) -> int:
        """How many deliveries can be sent now."""
        return self._session.room

    # ------------------------------------------------------------ asyncio calls these

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin a session."""
        settings = self.exchange.settings
        limits = Limits(window=settings.window, most_owed=_MOST_OWED, most_waiting=_MOST_OWED)
        self._transport = cast("asyncio.Transport", transport)
        self._session = Session(
            Role.SMSC,
            self.exchange.now,
            timers=settings.timers,
            limits=limits,
            strict=settings.strict,
            bounded=False,
        )
        with self.exchange.turn():
            self.exchange.connections.append(self)
            self.flush()

    def data_received(self, data: bytes) -> None:
        """Hear what came."""
        with self.exchange.turn():
            if self._ending is Ending.NONE:
                self._hear(self._session.feed(data, self.exchange.now))

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - however it ended
        """End the session."""
        with self.exchange.turn():
            self.exchange.connections.remove(self)
            if self._timer is not None:
                self._timer.cancel()
            self._unsent.clear()
            for event in self._session.lost():
                self._note(event)
            self.exchange.pump()

    def pause_writing(self) -> None:
        """Read no more from a peer that does not read."""
        self._transport.pause_reading()

    def resume_writing(self) -> None:
        """Read again."""
        if not self._frozen:
            self._transport.resume_reading()

    # ------------------------------------------------------------ the exchange calls these

    def deliver(self, pdu: DeliverSm | DataSm, context: object) -> None:
        """Send a receipt or a message; *context* is found again in the event that ends it."""
        self._session.request(pdu, self.exchange.now, context=context)

    def tell(self, octets: bytes) -> None:
        """Write *octets* past the session."""
        self.flush()
        self._write(octets)

    def unbind(self) -> None:
        """End the session in good order."""
        self._hear(self._session.unbind(self.exchange.now))

    def outbind(self, system_id: str, password: str) -> None:
        """Ask the application to bind."""
        self._session.request(Outbind(system_id, password), self.exchange.now)
        self.flush()

    def end(self, ending: Ending) -> None:
        """End the connection without a word."""
        if self._ending is not Ending.NONE:
            return
        self._ending = ending
        if ending is Ending.RST:
            connected = self._transport.get_extra_info("socket")
            connected.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT)
            self._transport.abort()
        elif not self._unsent:
            self._close()

    def freeze(self, *, frozen: bool) -> None:
        """Stop reading and writing, or go on."""
        self._frozen = frozen
        if frozen:
            self._transport.pause_reading()
        else:
            self._transport.resume_reading()
            self._tick()

    def flush(self) -> None:
        """Write what waits, and ask to be woken when something is due."""
        if self._frozen:
            return
        self._write(self._session.take())
        if self._session.is_closed:
            self.end(Ending.FIN)
        if self._timer is not None:
            self._timer.cancel()
        due = self._session.next_deadline
        self._timer = None if due is None else self.exchange.at(due, self._tick)

    # ------------------------------------------------------------ what was heard

    def _tick(self) -> None:
        if not self._frozen:
            self._hear(self._session.tick(self.exchange.now))

    def _hear(self, events: list[Event]) -> None:
        for event in events:
            if isinstance(event, Asked):
                self._asked(event)
            else:
                self._note(event)
        self.exchange.pump()
        self.flush()

    def _asked(self, asked: Asked) -> None:
        if asked.problems:
            self.exchange.odd(Oddity(asked.pdu, "something is odd in its fields", asked.problems))
        if isinstance(asked.pdu, Bind):
            self.system_id = asked.pdu.system_id
        self.exchange.serve(self, asked)

    def _note(self, event: Event) -> None:
        if isinstance(event, Answered):
            self.exchange.delivered(event)
        elif isinstance(event, Unanswered):
            self.exchange.undelivered(event)
        elif isinstance(event, Turned):
            self.exchange.odd(Oddity(event.pdu, f"was refused with status {event.status:#x}", event.problems))
        elif isinstance(event, Stray) and isinstance(event.pdu, UnbindResp):
            # We asked for it past the session: everything that came before has its answer, then it is over.
            self._leaves = True
            self._leave()
        elif isinstance(event, Stray):
            self.exchange.odd(Oddity(event.pdu, "answers nothing", event.problems))

    # ------------------------------------------------------------ answers

    def reply(self, asked: Asked, answer: Answer, armed: Armed | None) -> None:
        """Answer *asked*, or do what was armed instead."""
        if self._session.is_closed or self._ending is not Ending.NONE:
            return
        if armed is None:
            self._session.respond(asked, answer)
        else:
            self._break(asked, answer, armed)
        self.exchange.pump()
        self.flush()
        self._leave()

    def _break(self, asked: Asked, answer: Answer, armed: Armed) -> None:
        fault = cast("Fault", armed.what)
        broken = BREAKS[fault]
        if broken.octets is not None:
            self.flush()
            self._session.respond(asked, answer)
            octets = broken.octets(self._session.take())
            if fault is Fault.LAST_FIRST:
                self._held.append(octets)
                octets = b"" if armed.times else b"".join(reversed(self._held))
                self._held = self._held if armed.times else []
            self._write(octets)
        if broken.ending is not Ending.NONE:
            self.end(broken.ending)

    def _leave(self) -> None:
        if self._leaves and not self._session.owed:
            self.end(Ending.FIN)

    # ------------------------------------------------------------ octets

    def _write(self, octets: bytes) -> None:
        chunk = self.exchange.settings.chunk
        if not octets or self._ending is not Ending.NONE or self._transport.is_closing():
            return
        if chunk is None:
            self._transport.write(octets)
            return
        if not self._unsent:
            self.exchange.later(0, self._write_chunk)
        self._unsent += octets

    def _write_chunk(self) -> None:
        chunk = self.exchange.settings.chunk or 1
        if self._transport.is_closing():
            return
        self._transport.write(bytes(self._unsent[:chunk]))
        del self._unsent[:chunk]
        if self._unsent:
            self.exchange.later(0, self._write_chunk)
        elif self._ending is Ending.FIN:
            self._close()

    def _close(self) -> None:
        # Closing with octets unread would reset the connection, and the peer would lose our last words.
        if self._transport.can_write_eof() and not self._transport.is_closing():
            self._transport.write_eof()
            self.exchange.later(_LAST_WORDS_S, self._transport.close)
        else:
            self._transport.close()

    def eof_received(self) -> bool:
        """Close when the peer does."""
        return False
