"""One socket and one session: octets go where the session says, its events to whom they concern.

What is written is what the session has when a turn of the loop ends, in one piece. While the peer does not read,
nothing is taken from the session: what nobody took has certainly not been sent.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from typing import Protocol, cast

from smskit.transports.smpp.client.centre import Centre
from smskit.transports.smpp.events import (
    Answered,
    Asked,
    BindRefused,
    Bound,
    Closed,
    Event,
    PeerUnbinds,
    Request,
    Unanswered,
)
from smskit.transports.smpp.pdubase import Answer, Pdu
from smskit.transports.smpp.rules import Role
from smskit.transports.smpp.session import Session

logger = logging.getLogger("smskit.transports.smpp")

_CLOSE_S = 5.0


class Settles(Protocol):
    """Whoever asked for something through a wire: the context of its request."""

    def settled(self, event: Answered | Unanswered, /) -> None:
        """Hear the end of the request; twice where a late answer comes after all."""
        ...


class Owner(Protocol):
    """Whoever owns a wire."""

    def heard(self, wire: Wire, event: Event, /) -> None:
        """Hear what is no answer: requests of the peer, its unbind, the end of the session."""
        ...

    def turned(self, wire: Wire, /) -> None:
        """Use the room that came; called once after each piece that was read, and when the peer reads again."""
        ...


class Wire(asyncio.Protocol):
    """A connection to a centre. It belongs to the loop that made it."""

    def __init__(self, centre: Centre, owner: Owner) -> None:
        self._loop = asyncio.get_running_loop()
        self._owner = owner
        self.session = Session(
            Role.ESME,
            self._loop.time(),
            timers=centre.timers,
            limits=centre.limits,
            bounded=not centre.allow_long_password,
        )
        self.closed: asyncio.Future[Closed] = self._loop.create_future()
        self.bound: asyncio.Future[Bound | BindRefused] = self._loop.create_future()
        self.in_doubt = 0
        self._transport: asyncio.Transport | None = None
        self._can_write = True
        self._is_reading = True
        self._retired = False
        self._in_turn = False
        self._timer: asyncio.TimerHandle | None = None
        self._flush_soon: asyncio.Handle | None = None

    # ------------------------------------------------------------ what the owner does

    @property
    def room(self) -> int:
        """How many more requests it takes now."""
        return self.session.room if self._can_write and not self._retired else 0

    def send(self, pdu: Pdu, context: Settles, *, expires_in_s: float | None = None) -> Request:
        """Ask for something; it is written by the next :meth:`flush`.

        Raises:
            NotNow: the session does not take it.
            InvalidInput: a value that its field cannot hold.
        """
        return self.session.request(pdu, self._loop.time(), expires_in_s=expires_in_s, context=context)

    def respond(self, asked: Asked, answer: Answer) -> bool:
        """Answer the peer; false when it is gone."""
        done = self.session.respond(asked, answer)
        self.flush_soon()
        return done

    def retire(self) -> None:
        """Ask for nothing more here and close it in good order as soon as all is answered."""
        self._retired = True
        self.unbind()

    def unbind(self, drain_s: float | None = None) -> None:
        """End the session in good order; :attr:`closed` says when it is over."""
        self._dispatch(self.session.unbind(self._loop.time(), drain_s=drain_s))
        self.flush()

    def abort(self) -> None:
        """Drop the connection."""
        if self._transport is not None:
            self._transport.abort()

    def flush(self) -> None:
        """Write what waits, if the peer reads, and set the timer."""
        if self._flush_soon is not None:
            self._flush_soon.cancel()
            self._flush_soon = None
        session = self.session
        transport = self._transport
        if self._in_turn or transport is None or transport.is_closing():
            return
        if self._can_write and session.waiting:
            transport.write(session.take())
        if session.wants_pause is self._is_reading:
            self._is_reading = not self._is_reading
            (transport.resume_reading if self._is_reading else transport.pause_reading)()
        self._set_timer()

    def flush_soon(self) -> None:
        """Write what waits when this turn of the loop ends."""
        if self._flush_soon is None:
            self._flush_soon = self._loop.call_soon(self.flush)

    # ------------------------------------------------------------ what asyncio does

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport; writing stops as soon as the kernel takes no more."""
        self._transport = made = cast("asyncio.Transport", transport)
        # One octet, not none: over TLS asyncio would take an empty buffer for a full one and never go on.
        made.set_write_buffer_limits(high=1, low=0)
        sock = made.get_extra_info("socket")
        if sock is not None:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)

    def data_received(self, data: bytes) -> None:
        """Feed the session."""
        self._in_turn = True
        self._dispatch(self.session.feed(data, self._loop.time()))
        self._owner.turned(self)
        self._in_turn = False
        self.flush()

    def pause_writing(self) -> None:
        """Take nothing more from the session for now."""
        self._can_write = False

    def resume_writing(self) -> None:
        """Go on."""
        self._can_write = True
        self._owner.turned(self)
        self.flush()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - however it ended
        """Tell everybody who waits."""
        self._can_write = False
        for handle in (self._timer, self._flush_soon):
            if handle is not None:
                handle.cancel()
        self._dispatch(self.session.lost())
        self._owner.turned(self)

    # ------------------------------------------------------------ events, time

    def _dispatch(self, events: list[Event]) -> None:
        for event in events:
            try:
                if isinstance(event, Answered):
                    cast("Settles", event.request.context).settled(event)
                elif isinstance(event, Unanswered):
                    self._unanswered(event)
                elif isinstance(event, (Bound, BindRefused)):
                    self.bound.set_result(event)
                elif isinstance(event, Closed):
                    self._end(event)
                else:
                    self._owner.heard(self, event)
                    self._retired = self._retired or isinstance(event, PeerUnbinds)
            except Exception as error:  # noqa: BLE001 - see below
                # Without its text, which may hold a number. The other events must get to their owners all the same.
                logger.error("%s while handling %s", type(error).__name__, type(event).__name__)  # noqa: TRY400
                self.abort()

    def _unanswered(self, event: Unanswered) -> None:
        context = event.request.context
        if context is not None:
            self.in_doubt += event.in_doubt
            cast("Settles", context).settled(event)

    def _end(self, event: Closed) -> None:
        if not self.bound.done():
            self.bound.cancel()
        if not self.closed.done():
            self.closed.set_result(event)
        transport = self._transport
        if transport is not None and not transport.is_closing():
            transport.write(self.session.take())
            transport.close()
            # A peer that does not read would keep it open for ever.
            self._loop.call_later(_CLOSE_S, transport.abort)

    def _set_timer(self) -> None:
        due = self.session.next_deadline
        if due is None:
            return
        timer = self._timer
        # Mostly the next deadline only moves away: then the timer that is set looks again when it is over.
        if timer is None or due < timer.when():
            if timer is not None:
                timer.cancel()
            self._timer = self._loop.call_at(due, self._tick)

    def _tick(self) -> None:
        self._timer = None
        self._dispatch(self.session.tick(self._loop.time()))
        self._owner.turned(self)
        self.flush()


async def open_wire(centre: Centre, owner: Owner) -> Wire:
    """Connect to *centre*; nothing is bound yet.

    Raises:
        OSError: no connection, TLS errors among them.
        TimeoutError: not within ``connect_s``.
    """
    loop = asyncio.get_running_loop()
    context = centre.trust()
    name = (centre.tls_name or centre.host) if context is not None else None
    made = loop.create_connection(
        lambda: Wire(centre, owner), centre.host, centre.port, ssl=context, server_hostname=name
    )
    _, wire = await asyncio.wait_for(made, centre.connect_s)
    return wire
