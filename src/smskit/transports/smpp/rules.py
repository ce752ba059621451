"""Who may ask what, and when; how long things may take, and how much of them there may be.

Source: SMPP 3.4 table 2-1 and clause 7.2 (timers); SMPP 5.0 clauses 2.4 and 2.7. ``replace_sm`` on a transceiver is
missing in the table of 3.4 only; ``data_sm`` has every bound state there, and 5.0 narrows it to the direction of the
bind: the wider one is taken, for a receipt may come in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from math import inf

from attrs import frozen

from smskit.errors import InvalidInput, SmskitError
from smskit.transports.smpp.events import State
from smskit.transports.smpp.pdubase import Pdu
from smskit.transports.smpp.pdus import (
    AlertNotification,
    BindReceiver,
    BindTransceiver,
    BindTransmitter,
    BroadcastSm,
    CancelBroadcastSm,
    CancelSm,
    DataSm,
    DeliverSm,
    EnquireLink,
    Outbind,
    QueryBroadcastSm,
    QuerySm,
    ReplaceSm,
    SubmitMulti,
    SubmitSm,
    Unbind,
)


class NotNow(SmskitError):
    """The session cannot take this request now: a wrong state, or the window is full. Nothing was sent."""

    def __init__(self, what: str, why: str) -> None:
        super().__init__(what, why)
        self.what = what
        self.why = why

    def __str__(self) -> str:
        return f"{self.what} was not sent: {self.why}"


class Role(Enum):
    """Which side of the connection a session is."""

    ESME = "esme"
    """The application: it binds and submits."""

    SMSC = "smsc"
    """The centre: it is bound to and delivers."""

    @property
    def peer(self) -> Role:
        """The other side."""
        return Role.SMSC if self is Role.ESME else Role.ESME


@frozen
class Timers:
    """How many seconds things may take; None means for ever.

    Args:
        session_init_s: for a centre, from the connection to the bind.
        enquire_link_s: silence after which the peer is asked whether it is there.
        enquire_answer_s: silence after that, until it is taken for dead.
        inactivity_s: time without a message after which the session is dropped.
        response_s: from a request to its answer.
        grace_s: how long after that an answer is still matched.
        drain_s: how long answers are waited for when a session ends in good order.
    """

    session_init_s: float | None = 10.0
    enquire_link_s: float | None = 30.0
    enquire_answer_s: float = 30.0
    inactivity_s: float | None = None
    response_s: float = 30.0
    grace_s: float = 60.0
    drain_s: float = 30.0


@frozen
class Limits:
    """How much there may be of everything.

    Args:
        window: requests of ours in flight; 3.4 recommends at most ten.
        largest_pdu: octets of one PDU of the peer; a ``message_payload`` may have 65 535.
        most_waiting: octets for the peer that nobody took, beyond which no more of it should be read.
        most_owed: requests of the peer without an answer, beyond which no more of it should be read.
    """

    window: int = 10
    largest_pdu: int = 70_000
    most_waiting: int = 1_000_000
    most_owed: int = 1_000

    def __attrs_post_init__(self) -> None:
        if self.window < 1 or self.largest_pdu < 16 or self.most_waiting < 0 or self.most_owed < 1:
            raise InvalidInput("limits: a window of 1 at least, PDUs of 16 octets at least, nothing below zero")


MODES: Mapping[type[Pdu], State] = {
    BindTransmitter: State.BOUND_TX,
    BindReceiver: State.BOUND_RX,
    BindTransceiver: State.BOUND_TRX,
}
"""What each bind makes of a session, seen from the application."""

BOUND = frozenset(MODES.values())
_UNBOUND = frozenset({State.OPEN, State.OUTBOUND})
_SENDING = frozenset({State.BOUND_TX, State.BOUND_TRX})
_RECEIVING = frozenset({State.BOUND_RX, State.BOUND_TRX})
_ALWAYS = frozenset(State) - {State.CLOSED}

RULES: Mapping[Role, Mapping[type[Pdu], frozenset[State]]] = {
    Role.ESME: {
        BindTransmitter: _UNBOUND,
        BindReceiver: _UNBOUND,
        BindTransceiver: _UNBOUND,
        SubmitSm: _SENDING,
        SubmitMulti: _SENDING,
        DataSm: BOUND,
        QuerySm: _SENDING,
        CancelSm: _SENDING,
        ReplaceSm: _SENDING,
        BroadcastSm: _SENDING,
        QueryBroadcastSm: _SENDING,
        CancelBroadcastSm: _SENDING,
        EnquireLink: _ALWAYS,
        Unbind: _ALWAYS,
    },
    Role.SMSC: {
        Outbind: frozenset({State.OPEN}),
        DeliverSm: _RECEIVING,
        DataSm: BOUND,
        AlertNotification: _RECEIVING,
        EnquireLink: _ALWAYS,
        Unbind: _ALWAYS,
    },
}
"""The states in which each side may ask for each thing; what is not here it may never ask for."""


def or_never(limit_s: float | None) -> float:
    """Give a limit of time, infinite where there is none."""
    return inf if limit_s is None else limit_s


def may_ask(role: Role, state: State) -> frozenset[type[Pdu]]:
    """Give what *role* may ask for in *state*."""
    return frozenset(pdu for pdu, states in RULES[role].items() if state in states)
