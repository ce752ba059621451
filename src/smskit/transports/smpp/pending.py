"""Requests that wait for their answer, and octets that wait for being written."""

from __future__ import annotations

from math import inf

from smskit.transports.smpp.codec import LAST_SEQUENCE
from smskit.transports.smpp.events import Request
from smskit.transports.smpp.pdubase import ANSWER, Answer, Pdu, UnknownPdu
from smskit.transports.smpp.pdus import (
    GenericNack,
)


class Outbox:
    """PDUs that nobody took yet, in order; one that is no longer here may have reached the peer."""

    def __init__(self) -> None:
        self.size = 0
        self._order = 0
        self._octets: dict[int, bytes] = {}

    def __contains__(self, order: int) -> bool:
        return order in self._octets

    def put(self, octets: bytes) -> int:
        """Add a PDU; give its place among all that were ever added."""
        self._order += 1
        self._octets[self._order] = octets
        self.size += len(octets)
        return self._order

    def withdraw(self, order: int) -> bool:
        """Take a PDU back; false when it is too late."""
        octets = self._octets.pop(order, None)
        if octets is None:
            return False
        self.size -= len(octets)
        return True

    def take(self) -> bytes:
        """Give all octets and forget them."""
        octets = b"".join(self._octets.values())
        self._octets.clear()
        self.size = 0
        return octets


class Pending:
    """Requests in flight by sequence number: messages, control (binds and the like), and those that were given up.

    ``next_expiry`` is a time before which none expires; it is looked up anew only when that time has come, so that an
    answer costs nothing for it.
    """

    def __init__(self, first_sequence: int) -> None:
        self.messages: dict[int, Request] = {}
        self.control: dict[int, Request] = {}
        self.next_expiry = inf
        self._late: dict[int, tuple[Request, float]] = {}
        self._sequence = first_sequence

    def next_sequence(self) -> int:
        """Give the next number that no request has: after a wrap old ones may still wait for their answer."""
        while True:
            sequence = self._sequence
            self._sequence = sequence + 1 if sequence < LAST_SEQUENCE else 1
            if sequence not in self.messages and sequence not in self.control and sequence not in self._late:
                return sequence

    def add(self, request: Request, *, is_message: bool) -> None:
        """Wait for the answer to *request*."""
        (self.messages if is_message else self.control)[request.sequence] = request
        if request.expires_at < self.next_expiry:
            self.next_expiry = request.expires_at

    def add_late(self, request: Request, until: float) -> None:
        """Know an answer to *request*, which was given up, until then."""
        self._late[request.sequence] = request, until

    def message_answered(self, answer: Answer | UnknownPdu, sequence: int) -> Request | None:
        """Give the message that *answer* answers; it waits no longer."""
        return _settled(self.messages, answer, sequence)

    def control_answered(self, answer: Answer | UnknownPdu, sequence: int) -> Request | None:
        """Give the bind, ``enquire_link`` or ``unbind`` that *answer* answers; it waits no longer."""
        settled = _settled(self.control, answer, sequence)
        if not self.control and not self.messages:
            self.next_expiry = inf
        return settled

    def late_answered(self, answer: Answer | UnknownPdu, sequence: int) -> Request | None:
        """Give the request that *answer* answers too late."""
        found = _settled({sequence: self._late[sequence][0]}, answer, sequence) if sequence in self._late else None
        if found is not None:
            del self._late[sequence]
        return found

    def expire(self, now: float) -> list[Request]:
        """Give the requests whose time is over, messages first; they wait no longer."""
        expired: list[Request] = []
        for waiting in (self.messages, self.control):
            over = [request for request in waiting.values() if request.expires_at <= now]
            expired += over
            for request in over:
                del waiting[request.sequence]
        for sequence in [each for each, (_, until) in self._late.items() if until <= now]:
            del self._late[sequence]
        left = (*self.messages.values(), *self.control.values())
        self.next_expiry = min((request.expires_at for request in left), default=inf)
        return expired

    def end(self) -> list[Request]:
        """Give all that still wait, and forget everything."""
        left = [*self.messages.values(), *self.control.values()]
        for held in (self.messages, self.control, self._late):
            held.clear()
        self.next_expiry = inf
        return left


def _settled(waiting: dict[int, Request], answer: Answer | UnknownPdu, sequence: int) -> Request | None:
    request = waiting.get(sequence)
    if request is None or not _answers(answer, request.pdu):
        return None
    del waiting[sequence]
    return request


def _answers(answer: Answer | UnknownPdu, pdu: Pdu) -> bool:
    return answer.command_id == pdu.command_id | ANSWER or isinstance(answer, GenericNack)
