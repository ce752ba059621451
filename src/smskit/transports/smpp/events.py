"""What a session tells its owner: answers, requests of the peer, requests without an answer, its own end."""

from __future__ import annotations

from enum import Enum

from attrs import define, field, frozen

from smskit.transports.smpp.layouts import Problem
from smskit.transports.smpp.pdubase import Answer, Pdu, UnknownPdu
from smskit.transports.smpp.pdus import GenericNack
from smskit.transports.smpp.statuses import Status

_OK = int(Status.ESME_ROK)
"""A plain integer: an enumeration looks its members up each time, and there is an answer to each message."""


class State(Enum):
    """How far a session has come. Source: SMPP 3.4 clause 2.2; SMPP 5.0 clause 2.3."""

    OPEN = "open"
    OUTBOUND = "outbound"
    BINDING = "binding"
    """A bind is under way: nothing but its answer opens the session."""

    BOUND_TX = "bound_tx"
    BOUND_RX = "bound_rx"
    BOUND_TRX = "bound_trx"
    DRAINING = "draining"
    """No new requests; those in flight are waited for, then we unbind."""

    UNBINDING = "unbinding"
    """We asked to unbind and wait for the answer."""

    LEAVING = "leaving"
    """The peer unbound: it gets the answers to what it asked for, then that one; ours are waited for, then it ends."""

    CLOSED = "closed"


class Cause(Enum):
    """Why a request has no answer."""

    EXPIRED = "expired"
    """Its time was over. An answer that still comes is told as one, with ``late``."""

    ENDED = "ended"
    """The session ended before it."""


class End(Enum):
    """Why a session ended."""

    UNBOUND = "unbound"
    """We unbound in good order."""

    PEER_UNBOUND = "peer_unbound"
    REFUSED = "refused"
    """The bind was refused; the event :class:`BindRefused` before it says why."""

    NOT_BOUND = "not_bound"
    """No bind, or no answer to it, in time."""

    PEER_SILENT = "peer_silent"
    """Nothing came for as long as an ``enquire_link`` may take."""

    INACTIVE = "inactive"
    """No message for as long as the session may be idle."""

    BROKEN_FRAME = "broken_frame"
    """The peer sent a length that no PDU has. What follows cannot be told apart, so nothing more is read."""

    LOST = "lost"
    """The connection is gone."""


# Mutable for the session only: a request is in flight, then it is not, and there is one of them for each message.
@define(eq=False)
class Request:
    """One request of ours.

    Args:
        pdu: what was asked.
        sequence: its number on the wire.
        context: whatever the caller wants to find again in the event that ends it.
        expires_at: when it is given up, on the session's clock.
        order: its place among all that this session wanted to send.
    """

    pdu: Pdu
    sequence: int
    context: object = field(repr=False)
    expires_at: float
    order: int = field(repr=False)


def is_success(response: Answer | UnknownPdu) -> bool:
    """Whether *response* says yes. A nack never does: some peers send it with status 0."""
    return response.status == _OK and not isinstance(response, GenericNack)


@frozen(slots=False)
class Answered:
    """The peer answered; ``response`` is the answer to this command, or a ``GenericNack``.

    Args:
        request: ours.
        response: theirs; ``status`` 0 is a success, whatever else is in it.
        problems: what is odd in it.
        late: whether the request had been told as :class:`Unanswered` before.
    """

    request: Request
    response: Answer | UnknownPdu
    problems: tuple[Problem, ...] = ()
    late: bool = False

    @property
    def is_ok(self) -> bool:
        """Whether the peer took it."""
        return is_success(self.response)


@frozen
class Unanswered:
    """A request of ours ends without an answer.

    Args:
        request: ours.
        cause: why.
        in_doubt: whether its octets were taken for writing, so that the peer may have it; else it certainly has not.
    """

    request: Request
    cause: Cause
    in_doubt: bool


@frozen(slots=False)
class Asked:
    """The peer asks for something: it gets its answer when ``session.respond(asked, ...)`` is called, not before.

    Args:
        pdu: what it asks for.
        sequence: its number, which the answer echoes.
        problems: what is odd in it; only a strict session refuses for that.
        order: its place among all requests of the peer: sequence numbers may come twice.
    """

    pdu: Pdu
    sequence: int
    problems: tuple[Problem, ...] = ()
    order: int = field(default=0, repr=False)


@frozen
class Told:
    """The peer tells something that has no answer: ``Outbind``, ``AlertNotification``."""

    pdu: Pdu
    sequence: int
    problems: tuple[Problem, ...] = ()


@frozen
class Turned:
    """The session itself refused something of the peer: a wrong state, an unknown command, an unreadable body.

    Args:
        pdu: what could be read of it.
        sequence: its number.
        status: what was answered.
        problems: what is odd in it.
    """

    pdu: Pdu
    sequence: int
    status: int
    problems: tuple[Problem, ...] = ()


@frozen
class Stray:
    """An answer to nothing that is in flight: unasked for, a second one, or one for another command. It is left out."""

    pdu: Pdu
    sequence: int
    problems: tuple[Problem, ...] = ()


@frozen
class Bound:
    """Our bind was taken: the session is open for messages."""

    request: Request
    response: Answer | UnknownPdu
    state: State


@frozen
class BindRefused:
    """Our bind was refused; :func:`~smskit.transports.smpp.statuses.meaning_of` tells whether to try again."""

    request: Request
    response: Answer | UnknownPdu


@frozen
class PeerUnbinds:
    """The peer ends the session; nothing more can be asked, answers still come.

    It has its answer when all that it asked for before has one, or after ``timers.drain_s``.
    """


@frozen
class Closed:
    """The session is over. Write what ``take()`` still gives, then close the connection.

    Every request that had no answer was told as :class:`Unanswered` before.
    """

    end: End
    detail: str = ""


Event = Answered | Unanswered | Asked | Told | Turned | Stray | Bound | BindRefused | PeerUnbinds | Closed
