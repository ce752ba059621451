"""What connects the centre to its connections: who is there, what waits to be delivered, what is due when."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from random import Random
from threading import Condition

from attrs import define

from smskit.testing.smsc.centre import Centre
from smskit.testing.smsc.connection import Connection, Settings
from smskit.testing.smsc.faults import Armed, Ending, fire
from smskit.testing.smsc.receipts import Report, write_receipt
from smskit.testing.smsc.records import Delivered, Kept, Oddity
from smskit.transports.smpp import Answered, Asked, DataSm, DeliverSm, Status, Unanswered

_LATER = (Status.ESME_RX_T_APPN, Status.ESME_RTHROTTLED, Status.ESME_RMSGQFUL)


# Mutable: it is tried until it is taken.
@define(eq=False)
class Parcel:
    """A receipt or a message on its way to an application.

    Args:
        pdu: what is sent.
        system_id: of the account; None for any.
        attempts: how often it was sent.
        status: what was answered last.
    """

    pdu: DeliverSm | DataSm
    system_id: str | None
    attempts: int = 0
    status: int | None = None


class Exchange:
    """Everything of one centre; all of it happens in the thread of its loop."""

    def __init__(self, centre: Centre, settings: Settings) -> None:
        self.centre = centre
        self.settings = settings
        self.changed = Condition()
        self.connections: list[Connection] = []
        self.faults: list[Armed] = []
        self.oddities: list[Oddity] = []
        self.parcels: list[Parcel] = []
        self._waiting: dict[str | None, deque[Parcel]] = {}
        # Answers that are given when a parcel was sent for the first time, or when nobody is there to get it.
        self._awaited: dict[Parcel, Callable[[], None]] = {}
        self._loop: asyncio.AbstractEventLoop
        self._latency = Random(f"latency/{centre.behaviour.seed}")

    @property
    def now(self) -> float:
        """The time of the loop, in seconds."""
        return self._loop.time()

    def begin(self) -> None:
        """Take the loop that is running."""
        self._loop = asyncio.get_running_loop()

    @contextmanager
    def turn(self) -> Generator[None]:
        """Change things while nobody looks, then tell those who wait for a change."""
        with self.changed:
            yield
            self.changed.notify_all()

    def later(self, wait_s: float, do: Callable[[], object]) -> asyncio.TimerHandle:
        """Do something in a while."""
        return self.at(self.now + wait_s, do)

    def at(self, when: float, do: Callable[[], object]) -> asyncio.TimerHandle:
        """Do something at a time of the loop."""

        def in_turn() -> None:
            with self.turn():
                do()

        return self._loop.call_at(when, in_turn)

    # ------------------------------------------------------------ what applications ask for

    def serve(self, connection: Connection, asked: Asked) -> None:
        """See to it that *asked* is answered, now or later."""
        answer, kept = self.centre.answer(asked.pdu, connection.system_id, self.now)
        armed = fire(self.faults, asked.pdu)

        def reply() -> None:
            connection.reply(asked, answer, armed)

        low, high = self.centre.behaviour.latency_s
        wait_s = self._latency.uniform(low, high) if high else 0.0
        if kept and self.centre.behaviour.receipts.before_answer:
            self._in_a_while(wait_s, lambda: self._settle_first(kept, reply))
        else:
            self._in_a_while(wait_s, reply)
            for each in kept:
                self._settle_later(each, wait_s)

    def _in_a_while(self, wait_s: float, do: Callable[[], None]) -> None:
        if wait_s:
            self.later(wait_s, do)
        else:
            do()

    def _settle_later(self, kept: Kept, wait_s: float) -> None:
        wait_s += self.centre.lasts_s(kept)
        self.later(wait_s, lambda: self.settle(kept))

    def _settle_first(self, kept: list[Kept], reply: Callable[[], None]) -> None:
        parcels = [parcel for each in kept for parcel in self.settle(each, send=False)]
        if not parcels:
            reply()
            return
        self._awaited[parcels[0]] = reply
        self._wait(parcels)

    # ------------------------------------------------------------ what applications are given

    def settle(self, kept: Kept, *, send: bool = True) -> list[Parcel]:
        """Bring a message to its end; give its receipts, sent or still to be sent."""
        report = self.centre.settle(kept)
        copies = self.centre.behaviour.receipts.copies if report else 0
        parcels = [self._receipt(report, kept.system_id) for _ in range(copies) if report]
        if send:
            self._wait(parcels)
        return parcels

    def _receipt(self, report: Report, system_id: str) -> Parcel:
        parcel = Parcel(write_receipt(report, self.centre.behaviour.receipts), system_id)
        self.parcels.append(parcel)
        return parcel

    def post(self, pdu: DeliverSm | DataSm, system_id: str | None) -> None:
        """Deliver *pdu* to whoever is bound with *system_id*, or binds with it later."""
        parcel = Parcel(pdu, system_id)
        self.parcels.append(parcel)
        self._wait([parcel])

    def pump(self) -> None:
        """Deliver what waits, as far as windows allow."""
        sent: list[Parcel] = []
        for system_id, waiting in tuple(self._waiting.items()):
            receivers = [each for each in self.connections if each.receives and system_id in (None, each.system_id)]
            for connection in receivers:
                while waiting and connection.room:
                    parcel = waiting.popleft()
                    parcel.attempts += 1
                    connection.deliver(parcel.pdu, parcel)
                    sent.append(parcel)
                connection.flush()
            if not receivers:
                sent += [parcel for parcel in self._awaited if parcel.system_id == system_id]
        for parcel in sent if self._awaited else ():
            if then := self._awaited.pop(parcel, None):
                then()

    def _wait(self, parcels: Iterable[Parcel]) -> None:
        for parcel in parcels:
            self._waiting.setdefault(parcel.system_id, deque()).append(parcel)
        self.pump()

    def delivered(self, event: Answered) -> None:
        """Note the answer to a delivery; one that asks for patience is delivered again."""
        parcel = event.request.context
        if not isinstance(parcel, Parcel):
            return
        parcel.status = event.response.status
        if parcel.status in _LATER:
            self._again(parcel, self.settings.redelivered_after_s)

    def undelivered(self, event: Unanswered) -> None:
        """Deliver again what had no answer, as a centre does."""
        parcel = event.request.context
        if isinstance(parcel, Parcel):
            self._again(parcel, 0)

    def _again(self, parcel: Parcel, wait_s: float) -> None:
        self.later(wait_s, lambda: self._wait([parcel]))

    def odd(self, oddity: Oddity) -> None:
        """Note something that an application should not have done."""
        self.oddities.append(oddity)

    def deliveries(self) -> tuple[Delivered, ...]:
        """Give all that was delivered or is to be."""
        return tuple(Delivered(each.pdu, each.system_id, each.attempts, each.status) for each in self.parcels)

    def close(self) -> None:
        """Reset all connections."""
        for connection in tuple(self.connections):
            connection.end(Ending.RST)
