"""One SMPP session without a socket: octets in, events out; requests in, octets out; the time is told.

Whoever owns the connection does four things: give what was read to :meth:`Session.feed`, write what
:meth:`Session.take` gives, call :meth:`Session.tick` at ``next_deadline``, and :meth:`Session.lost` when the connection
is gone. The time is seconds of any clock that never goes back.

A request whose octets nobody took has certainly not been sent. From then on, without an answer, it is in doubt: SMPP
has nothing by which a centre would know it again, so nothing is ever sent twice here.

Source: SMPP 3.4 clause 2; SMPP 5.0 clause 2. What is done about broken peers follows what centres were seen to do.
"""

from __future__ import annotations

from math import inf

from smskit.errors import InvalidInput
from smskit.transports.smpp import tlvs
from smskit.transports.smpp.codec import LAST_SEQUENCE, Frame, encode
from smskit.transports.smpp.events import (
    Answered,
    Asked,
    BindRefused,
    Bound,
    Cause,
    Closed,
    End,
    Event,
    PeerUnbinds,
    Request,
    State,
    Stray,
    Told,
    Turned,
    Unanswered,
    is_success,
)
from smskit.transports.smpp.framing import Framer
from smskit.transports.smpp.pdubase import Answer, Pdu, UnknownPdu
from smskit.transports.smpp.pdus import (
    ANSWERS,
    Bind,
    EnquireLink,
    EnquireLinkResp,
    GenericNack,
    Outbind,
    Unbind,
    UnbindResp,
)
from smskit.transports.smpp.pending import Outbox, Pending
from smskit.transports.smpp.rules import BOUND, MODES, RULES, Limits, NotNow, Role, Timers, may_ask, or_never
from smskit.transports.smpp.statuses import Status

_TIMERS, _LIMITS = Timers(), Limits()
_CONTROL = frozenset({*MODES, EnquireLink, Unbind})
_GOODBYES = {State.UNBINDING: End.UNBOUND, State.LEAVING: End.PEER_UNBOUND}
_OURS = object()
"""The context of requests that the session makes for itself."""


class Session:
    """One connection, as the application or as the centre.

    Args:
        role: which side this is.
        now: the time at which the connection was made.
        timers: how long things may take.
        limits: how much there may be of everything.
        strict: refuse requests of the peer in which anything is odd; otherwise they are handed out with their problems,
            and only what cannot be read is refused.
        bounded: refuse to write texts that are longer than the specification allows, long passwords for one.
        first_sequence: number of the first request.
    """

    def __init__(
        self,
        role: Role,
        now: float,
        *,
        timers: Timers = _TIMERS,
        limits: Limits = _LIMITS,
        strict: bool = False,
        bounded: bool = True,
        first_sequence: int = 1,
    ) -> None:
        if not 1 <= first_sequence <= LAST_SEQUENCE:
            raise InvalidInput(f"first_sequence={first_sequence} must be 1 to {LAST_SEQUENCE:#x}")
        self.role = role
        self.timers = timers
        self.limits = limits
        self.strict = strict
        self.peer_version: int | None = None
        """The ``interface_version`` that the peer told; None for one that told none, which may know no parameters."""
        self._bounded = bounded
        self._now = self._heard_at = self._message_at = self._opened_at = now
        self._framer = Framer(limits.largest_pdu)
        self._out = Outbox()
        self._pending = Pending(first_sequence)
        self._owed: dict[int, Asked] = {}
        self._asked = 0
        self._drained_at = inf
        self._farewell: int | None = None
        self._mode: State | None = None
        self._enter(State.OPEN)

    def __repr__(self) -> str:
        return f"<Session {self.role.value} {self._state.value}, {len(self._pending.messages)} in flight>"

    # ------------------------------------------------------------ what it is like

    @property
    def state(self) -> State:
        """How far it has come."""
        return self._state

    @property
    def is_bound(self) -> bool:
        """Whether messages can be asked for."""
        return self._is_bound

    @property
    def is_closed(self) -> bool:
        """Whether it is over."""
        return self._state is State.CLOSED

    @property
    def in_flight(self) -> int:
        """How many requests wait for an answer; binds, ``enquire_link`` and ``unbind`` do not count."""
        return len(self._pending.messages)

    @property
    def room(self) -> int:
        """How many requests the window still takes; 0 in a session that takes none at all."""
        return self.limits.window - len(self._pending.messages) if self._is_bound else 0

    @property
    def owed(self) -> int:
        """How many requests of the peer have no answer yet."""
        return len(self._owed)

    @property
    def waiting(self) -> int:
        """How many octets :meth:`take` would give."""
        return self._out.size

    @property
    def wants_pause(self) -> bool:
        """Whether the peer should not be read from for now: it does not read either, or we owe it too many answers."""
        return self._out.size > self.limits.most_waiting or self._is_behind()

    @property
    def next_deadline(self) -> float | None:
        """When :meth:`tick` has something to do, None for never; to be asked again after every call.

        It may be earlier than needed, never later.
        """
        if self.is_closed:
            return None
        inactive_at = self._message_at + self._inactivity_s
        soonest = min(self._pending.next_expiry, self._drained_at, self._init_until, inactive_at, self._enquire_at())
        return None if soonest == inf else soonest

    # ------------------------------------------------------------ what the owner asks

    def request(self, pdu: Pdu, now: float, *, expires_in_s: float | None = None, context: object = None) -> Request:
        """Ask the peer for something; its octets wait in :meth:`take`.

        Args:
            pdu: what to ask for. One without an answer (``Outbind``, ``AlertNotification``) is done with at once.
            now: the time.
            expires_in_s: how long to wait for the answer, instead of ``timers.response_s``.
            context: anything; it stands in the event that ends the request.

        Raises:
            NotNow: the state does not allow it, or the window is full.
            InvalidInput: a value that its field cannot hold.
        """
        self._now = now
        kind = pdu.__class__
        if kind not in self._may_ask and not (kind is UnknownPdu and self._is_bound):
            raise NotNow(kind.__name__, f"an {self.role.value} may not ask for it in the state {self._state.value}")
        is_message = kind not in _CONTROL
        if is_message and len(self._pending.messages) >= self.limits.window:
            raise NotNow(kind.__name__, f"{self.limits.window} requests are in flight")
        expires_at = now + (self.timers.response_s if expires_in_s is None else expires_in_s)
        request = self._send_request(pdu, expires_at, context)
        if kind in ANSWERS or kind is UnknownPdu:
            self._pending.add(request, is_message=is_message)
            if is_message:
                self._message_at = now
        if kind in MODES:
            self._enter(State.BINDING)
        elif kind is Outbind:
            self._enter(State.OUTBOUND)
        return request

    def respond(self, asked: Asked, answer: Answer) -> bool:
        """Answer a request of the peer, once; taking its bind opens the session.

        Returns:
            False when nobody is there any more to hear it.

        Raises:
            InvalidInput: not an answer to this command, or it was answered before.
        """
        if type(answer) not in (ANSWERS[type(asked.pdu)], GenericNack):
            raise InvalidInput(f"{type(answer).__name__} does not answer {type(asked.pdu).__name__}")
        if self.is_closed:
            return False
        if self._owed.get(asked.order) is not asked:
            raise InvalidInput(f"{type(asked.pdu).__name__} {asked.sequence} was answered before")
        self._send(answer, asked.sequence)
        del self._owed[asked.order]
        mode = MODES.get(type(asked.pdu))
        if self._may_leave():
            # An answer gives no events: the next tick, which is due at once, tells the end.
            self._drained_at = self._now
        elif mode is not None and self._state is State.BINDING:
            self._mode = mode if is_success(answer) else None
            self._enter(self._mode or State.OPEN)
        self._unbind_when_drained()
        return True

    def unbind(self, now: float, *, drain_s: float | None = None) -> list[Event]:
        """End the session in good order: no new requests, wait for answers (theirs and ours), unbind.

        Args:
            now: the time.
            drain_s: how long to wait, instead of ``timers.drain_s``; then the session unbinds all the same.
        """
        self._now = now
        if not self._is_bound:
            return [] if self._mode is not None or self._state is State.CLOSED else self._end(End.UNBOUND)
        self._drained_at = now + (self.timers.drain_s if drain_s is None else drain_s)
        self._enter(State.DRAINING)
        self._unbind_when_drained()
        return []

    def take(self) -> bytes:
        """Give all octets that wait for being written; from now on their requests may have reached the peer."""
        return self._out.take()

    def lost(self) -> list[Event]:
        """Say that the connection is gone; every request in flight ends, in doubt if it was taken."""
        if self.is_closed:
            return []
        unread = self._framer.unread
        detail = f"{unread} octets of an unfinished PDU" if unread else ""
        # Many peers close instead of answering an unbind, and all may once they have their answer.
        events = self._end(_GOODBYES.get(self._state, End.LOST), detail)
        self.take()
        return events

    # ------------------------------------------------------------ time

    def tick(self, now: float) -> list[Event]:
        """Do what is due at *now*; afterwards ``next_deadline`` is later than it."""
        if self.is_closed:
            return []
        self._now = now
        events: list[Event] = []
        if now >= self._init_until:
            return self._end(End.NOT_BOUND, "no bind came")
        if now >= self._message_at + self._inactivity_s:
            return self._end(End.INACTIVE)
        if now >= self._pending.next_expiry:
            events += self._expire(now)
        if self.is_closed:
            return events
        if now >= self._drained_at:
            events += self._end_drain()
        elif now >= self._enquire_at():
            self._ask_ourselves(EnquireLink(), now + self.timers.enquire_answer_s)
        return events

    def _enquire_at(self) -> float:
        # Mostly nothing of that kind waits, and this is asked after every piece that was read.
        asks = self._pending.control and self._enquires()
        return inf if asks or self._is_behind() else self._heard_at + self._silence_s

    def _is_behind(self) -> bool:
        # Then its owner should not read, so silence says nothing about the peer.
        return len(self._owed) >= self.limits.most_owed

    def _enquires(self) -> bool:
        waiting = self._pending.control.values()
        return any(request.context is _OURS and isinstance(request.pdu, EnquireLink) for request in waiting)

    def _expire(self, now: float) -> list[Event]:
        expired = self._pending.expire(now)
        # First those of the owner: what follows may end the session, and nothing is told after that.
        owners = [request for request in expired if not _is_vital(request)]
        events: list[Event] = [self._given_up(request, Cause.EXPIRED) for request in owners]
        for request in filter(_is_vital, expired):
            events += self._vital_expired(request)
            if self.is_closed:
                return events
        self._after_answer(events)
        return events

    def _vital_expired(self, request: Request) -> list[Event]:
        if isinstance(request.pdu, Bind):
            return [self._given_up(request, Cause.EXPIRED), *self._end(End.NOT_BOUND, "the bind had no answer")]
        if isinstance(request.pdu, Unbind):
            return self._end(End.UNBOUND, "the unbind had no answer")
        # Anything that came since it was asked shows that the peer is there, however slow its answer.
        asked_at = request.expires_at - self.timers.enquire_answer_s
        if self._heard_at > asked_at or self._is_behind():
            return []
        return self._end(End.PEER_SILENT, f"nothing came for {self._now - self._heard_at:g} s")

    def _given_up(self, request: Request, cause: Cause) -> Unanswered:
        in_doubt = not self._out.withdraw(request.order)
        if in_doubt and cause is Cause.EXPIRED:
            self._pending.add_late(request, self._now + self.timers.grace_s)
        return Unanswered(request, cause, in_doubt=in_doubt)

    # ------------------------------------------------------------ octets from the peer

    def feed(self, data: bytes, now: float) -> list[Event]:
        """Take what was read; give what happened, in order. However the octets are cut, the events are the same."""
        if self.is_closed or not data:
            return []
        self._now = now
        events: list[Event] = []
        for frame in self._framer.push(data):
            self._heard_at = now
            self._hear(frame, events)
            if self.is_closed:
                return events
        if self._framer.broken is not None:
            # Without a length there is no next PDU, and guessing where one begins would hand out garbage as messages.
            self._send(GenericNack(Status.ESME_RINVCMDLEN), 0)
            events += self._end(End.BROKEN_FRAME, f"a length of {self._framer.broken} octets")
        return events

    def _hear(self, frame: Frame, events: list[Event]) -> None:
        pdu = frame.pdu
        if isinstance(pdu, Answer) or (isinstance(pdu, UnknownPdu) and pdu.is_answer):
            self._hear_answer(pdu, frame, events)
        elif isinstance(pdu, EnquireLink):
            self._send(EnquireLinkResp(), frame.sequence)
        elif isinstance(pdu, Unbind):
            self._peer_unbinds(frame.sequence, events)
        else:
            self._hear_request(frame, events)

    def _hear_answer(self, pdu: Answer | UnknownPdu, frame: Frame, events: list[Event]) -> None:
        request = self._pending.message_answered(pdu, frame.sequence)
        if request is not None:
            self._message_at = self._now
            events.append(Answered(request, pdu, frame.problems))
            if not self._is_bound:
                self._after_answer(events)
        elif (request := self._pending.control_answered(pdu, frame.sequence)) is not None:
            self._control_answered(request, pdu, frame, events)
        elif (request := self._pending.late_answered(pdu, frame.sequence)) is not None:
            events.append(Answered(request, pdu, frame.problems, late=True))
        else:
            events.append(Stray(pdu, frame.sequence, frame.problems))

    def _after_answer(self, events: list[Event]) -> None:
        self._unbind_when_drained()
        if self._may_leave():
            events += self._end(End.PEER_UNBOUND)

    def _control_answered(self, request: Request, pdu: Answer | UnknownPdu, frame: Frame, events: list[Event]) -> None:
        mode = MODES.get(type(request.pdu))
        if isinstance(request.pdu, Unbind):
            events += self._end(End.UNBOUND)
        elif mode is None:
            if request.context is not _OURS:
                events.append(Answered(request, pdu, frame.problems))
        elif not is_success(pdu):
            events += [BindRefused(request, pdu), *self._end(End.REFUSED)]
        else:
            self.peer_version = tlvs.number(getattr(pdu, "tlvs", ()), tlvs.Tag.SC_INTERFACE_VERSION)
            self._mode = mode
            self._message_at = self._now
            self._enter(mode)
            events.append(Bound(request, pdu, mode))

    def _peer_unbinds(self, sequence: int, events: list[Event]) -> None:
        if self._state in (State.UNBINDING, State.LEAVING):
            self._send(UnbindResp(), sequence)
            return
        events.append(PeerUnbinds())
        for request in [each for each in self._pending.messages.values() if each.order in self._out]:
            del self._pending.messages[request.sequence]
            events.append(self._given_up(request, Cause.ENDED))
        self._farewell = sequence
        self._drained_at = self._now + self.timers.drain_s
        self._enter(State.LEAVING)
        self._after_answer(events)

    def _hear_request(self, frame: Frame, events: list[Event]) -> None:
        pdu, kind = frame.pdu, type(frame.pdu)
        problems = frame.problems
        if kind not in RULES[self.role.peer]:
            self._turn(frame, Status.ESME_RINVCMDID, events)
        elif kind not in self._peer_may_ask:
            already = kind in MODES and self._state is not State.LEAVING
            self._turn(frame, Status.ESME_RALYBND if already else Status.ESME_RINVBNDSTS, events)
        elif problems and (self.strict or problems[-1].unreadable):
            odd = problems[0] if self.strict else problems[-1]
            self._turn(frame, odd.status, events)
        elif kind in ANSWERS:
            self._asked += 1
            asked = self._owed[self._asked] = Asked(pdu, frame.sequence, problems, self._asked)
            events.append(asked)
            if isinstance(pdu, Bind):
                self.peer_version = pdu.interface_version
                self._enter(State.BINDING)
            else:
                self._message_at = self._now
        else:
            if kind is Outbind:
                self._enter(State.OUTBOUND)
            events.append(Told(pdu, frame.sequence, problems))

    def _turn(self, frame: Frame, status: int, events: list[Event]) -> None:
        # A command that is not ours to serve has no answer of its own, nor has one that never gets any.
        answer = ANSWERS.get(type(frame.pdu), GenericNack)
        if status == Status.ESME_RINVCMDID:
            answer = GenericNack
        self._send(answer(status), frame.sequence)
        events.append(Turned(frame.pdu, frame.sequence, status, frame.problems))

    # ------------------------------------------------------------ states

    def _enter(self, state: State) -> None:
        self._state = state
        self._set_limits(state)
        self._may_ask = may_ask(self.role, state) - {Unbind}
        # Until the last answer is there, the peer goes on as it was bound.
        mode = self._mode if state in (State.DRAINING, State.UNBINDING) else None
        self._peer_may_ask = may_ask(self.role.peer, mode or state)

    def _set_limits(self, state: State) -> None:
        timers, self._is_bound = self.timers, state in BOUND
        waits = self.role is Role.SMSC and state in (State.OPEN, State.OUTBOUND)
        listens = self._is_bound or state is State.DRAINING
        self._init_until = self._opened_at + or_never(timers.session_init_s if waits else None)
        self._inactivity_s = or_never(timers.inactivity_s if self._is_bound else None)
        self._silence_s = or_never(timers.enquire_link_s if listens else None)

    def _unbind_when_drained(self) -> None:
        if self._state is State.DRAINING and not self._pending.messages and not self._owed:
            self._send_unbind()

    def _send_unbind(self) -> None:
        self._drained_at = inf
        self._ask_ourselves(Unbind(), self._now + self.timers.response_s)
        self._enter(State.UNBINDING)

    def _may_leave(self) -> bool:
        if self._state is not State.LEAVING or self._owed:
            return False
        if self._farewell is not None:
            # A peer that has its answer may close at once: what it asked for before is answered first.
            self._send(UnbindResp(), self._farewell)
            self._farewell = None
        return not self._pending.messages

    def _end_drain(self) -> list[Event]:
        if self._state is State.LEAVING:
            self._owed.clear()
            self._may_leave()
            return self._end(End.PEER_UNBOUND)
        self._send_unbind()
        return []

    def _end(self, end: End, detail: str = "") -> list[Event]:
        self._enter(State.CLOSED)
        self._drained_at = inf
        events: list[Event] = []
        for request in self._pending.end():
            told = self._given_up(request, Cause.ENDED)
            if request.context is not _OURS:
                events.append(told)
        self._owed.clear()
        return [*events, Closed(end, detail)]

    # ------------------------------------------------------------ octets to the peer

    def _ask_ourselves(self, pdu: Pdu, expires_at: float) -> None:
        request = self._send_request(pdu, expires_at, _OURS)
        self._pending.add(request, is_message=False)

    def _send_request(self, pdu: Pdu, expires_at: float, context: object) -> Request:
        sequence = self._pending.next_sequence()
        return Request(pdu, sequence, context, expires_at, self._send(pdu, sequence))

    def _send(self, pdu: Pdu, sequence: int) -> int:
        return self._out.put(encode(pdu, sequence, bounded=self._bounded))


def _is_vital(request: Request) -> bool:
    """Whether the session cannot go on without an answer to *request*: a bind, and whatever it asks for itself."""
    return request.context is _OURS or isinstance(request.pdu, Bind)
