"""What a centre brings, until somebody took it.

As long as the handler has not returned the centre keeps what it brought: it brings it again after a crash, and after
``ESME_RX_T_APPN``, which it hears when the handler raised or nobody is there. ``ESME_RX_P_APPN`` is never said: it
would have the centre throw away all that it has for us.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from typing import Final

from attrs import define, field, frozen

from smskit.records import Event
from smskit.transports.smpp.client.connection import Wire
from smskit.transports.smpp.client.joining import Joiner, Unfinished
from smskit.transports.smpp.client.matching import Early, Known, Register
from smskit.transports.smpp.client.reading import Reading
from smskit.transports.smpp.client.watching import EventsHandled, Watch, tell
from smskit.transports.smpp.events import Asked
from smskit.transports.smpp.events import Event as SessionEvent
from smskit.transports.smpp.pdubase import Pdu
from smskit.transports.smpp.pdus import DataSm, DataSmResp, DeliverSm, DeliverSmResp, GenericNack
from smskit.transports.smpp.profiles import read_message
from smskit.transports.smpp.receipts import Receipt, is_receipt, read_receipt
from smskit.transports.smpp.statuses import Status

logger = logging.getLogger("smskit.transports.smpp")

Handler = Callable[[Sequence[Event]], object]
"""Takes events, in a thread of its own: when it returns they are safe, when it raises they come again."""

_MOST_AT_ONCE: Final = 500
_LISTENER_S: Final = 5.0
"""So long who stops listening is given what is here already."""

_LOOK_EVERY_S: Final = 0.1
_MOST_UNSURE: Final = 10_000


@frozen(eq=False)
class Delivery:
    """One PDU of the centre that wants an answer."""

    wire: Wire
    asked: Asked

    @property
    def pdu(self) -> Pdu:
        """What it is."""
        return self.asked.pdu

    def answer(self, status: Status) -> bool:
        """Give the answer; false when nobody is there to hear it."""
        kind = DataSmResp if isinstance(self.asked.pdu, DataSm) else DeliverSmResp
        return self.wire.respond(self.asked, kind(status, ""))


@frozen(eq=False)
class _Item:
    """Events on their way to the handler, and the deliveries that are answered when it took them.

    ``mark`` is what a reply is known by when it comes again, and the time that it was given then.
    """

    events: tuple[Event, ...]
    deliveries: Sequence[Delivery]
    at: float
    mark: tuple[str, datetime] | None = None


@define(eq=False)
class _Held:
    """A receipt that waits for the answer to its submission; ``is_told`` once the handler had it all the same."""

    receipt: Receipt = field(repr=False)
    delivery: Delivery
    at: float
    is_told: bool = False


class Inbox:
    """Takes deliveries of all binds of an account. It belongs to the loop that made it.

    Args:
        name: of the account.
        reading: how deliveries are read.
        register: knows whose receipts they are.
        in_flight: how many submissions have no answer yet.
        join_s: for how long the parts of a long reply wait for each other.
        answer_s: for how long a delivery may be without an answer where something is missing.
        watch: is told of what the handler took.
    """

    def __init__(
        self,
        name: str,
        reading: Reading,
        register: Register,
        in_flight: Callable[[], int],
        *,
        join_s: float,
        answer_s: float,
        watch: Watch | None,
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._name = name
        self._reading = reading
        self._register = register
        self._in_flight = in_flight
        self._watch = watch
        self._joiner = Joiner[Delivery](age_s=join_s)
        self._held: deque[_Held] = deque()
        self._queue: deque[_Item] = deque()
        self._unsure: dict[str, datetime] = {}
        self._handlers: list[Handler] = []
        self._most = _MOST_AT_ONCE
        self._is_busy = False
        self._answer_s = answer_s
        self._wake = asyncio.Event()
        self._looking: asyncio.TimerHandle | None = None
        self._thread = ThreadPoolExecutor(1, f"smpp-events-{name}")
        self._worker = self._loop.create_task(self._work())

    # ------------------------------------------------------------ who takes events

    def listen(self, handler: Handler) -> None:
        """Give events to *handler* from now on, beside those that listen already."""
        self._handlers.append(handler)
        self._wake.set()

    async def unlisten(self, handler: Handler, *, within_s: float = _LISTENER_S) -> None:
        """Give it what is here, then nothing more; when this returns it is not running."""
        until = self._loop.time() + within_s
        while (self._is_busy or self._queue) and self._loop.time() < until:
            await asyncio.sleep(0.005)
        if handler in self._handlers:
            self._handlers.remove(handler)
        while self._is_busy and self._loop.time() < until:
            await asyncio.sleep(0.005)

    def hurry(self) -> None:
        """Answer everything soon: the session is about to end. What is not whole the centre brings again."""
        self._answer_s = 0.2
        for unfinished in self._joiner.waiting():
            self._answer_parts(unfinished, Status.ESME_RX_T_APPN)
        self._look_soon()

    async def close(self) -> None:
        """Let the handler finish; what it did not take the centre brings again."""
        for handler in list(self._handlers):
            await self.unlisten(handler, within_s=1.0)
        self._worker.cancel()
        await asyncio.gather(self._worker, return_exceptions=True)
        if self._looking is not None:
            self._looking.cancel()
        self._thread.shutdown(wait=False)

    # ------------------------------------------------------------ what comes in

    def heard(self, wire: Wire, event: SessionEvent) -> None:
        """Take what the centre brings."""
        if not isinstance(event, Asked):
            logger.debug("%s: %s", self._name, type(event).__name__)
            return
        pdu = event.pdu
        if not isinstance(pdu, (DeliverSm, DataSm)):
            wire.respond(event, GenericNack(Status.ESME_RINVCMDID))
            return
        delivery = Delivery(wire, event)
        if wire.session.owed > wire.session.limits.most_owed * 4 // 5:
            # Beyond most_owed nothing more is read, and the answers to our own requests would not come in either.
            delivery.answer(Status.ESME_RX_T_APPN)
        elif is_receipt(pdu, lenient=self._reading.lenient_receipts):
            self._receipt(pdu, delivery)
        else:
            self._reply(pdu, delivery)

    def put(self, event: Event) -> None:
        """Hand on an event that nobody waits for an answer to."""
        self._put(_Item((event,), (), self._loop.time()))

    def _put(self, item: _Item) -> None:
        self._queue.append(item)
        self._wake.set()
        if not self._handlers:
            self._look_soon()

    def _receipt(self, pdu: DeliverSm | DataSm, delivery: Delivery) -> None:
        receipt = read_receipt(pdu, errors=self._reading.errors)
        number, now = self._reading.digits_of(pdu), self._loop.time()
        ids = dict.fromkeys(one for one in (receipt.message_id, receipt.text_id) if one)
        for message_id in ids:
            known = self._register.find(message_id, number)
            if known is not None:
                self._tell(receipt, delivery, known)
                return
        if not receipt.message_id or not self._in_flight():
            self._tell(receipt, delivery, None)
            return
        held = _Held(receipt, delivery, now)
        self._held.append(held)
        early = Early(receipt.message_id, number, now, lambda known: self._claimed(held, known))
        self._register.hold(early)
        self._look_soon()

    def _claimed(self, held: _Held, known: Known) -> None:
        if held.is_told:
            event = self._reading.event_of(held.receipt, held.delivery.pdu, known, self._now(), again=True)
            self.put(event)
            return
        held.is_told = True
        self._tell(held.receipt, held.delivery, known)

    def _tell(self, receipt: Receipt, delivery: Delivery, known: Known | None) -> None:
        event = self._reading.event_of(
            receipt, delivery.pdu, known, self._now(), spelling=self._register.spelling
        )  # fmt: skip
        self._put(_Item((event,), (delivery,), self._loop.time()))

    def _reply(self, pdu: DeliverSm | DataSm, delivery: Delivery) -> None:
        incoming = read_message(pdu, profile=self._reading.profile)
        if incoming.total == 1 or incoming.reference is None:
            self._replied(pdu, incoming.text, (delivery,))
            return
        whose = (pdu.source_addr, pdu.destination_addr, incoming.reference, incoming.total)
        whole = self._joiner.add(whose, incoming, delivery, self._loop.time())
        if whole is not None:
            self._replied(pdu, whole.text, whole.all_deliveries)
        else:
            self._look_soon()

    def _replied(
        self, pdu: DeliverSm | DataSm, text: str | None, deliveries: Sequence[Delivery], part: str = ""
    ) -> None:
        mark = self._reading.mark_of(pdu, text, part)
        # What the centre brings again is the same as it was the first time; two that are alike are two.
        at = self._unsure.pop(mark, None) or self._now()
        event = self._reading.reply_of(pdu, text, at, mark, part=part)
        self._put(_Item((event,), deliveries, self._loop.time(), (mark, at)))

    # ------------------------------------------------------------ handing over

    async def _work(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._queue and self._handlers:
                await self._hand_over()

    async def _hand_over(self) -> None:
        items = [self._queue.popleft() for _ in range(min(self._most, len(self._queue)))]
        events = [event for item in items for event in item.events]
        began = self._loop.time()
        self._is_busy, error = True, None
        try:
            await self._loop.run_in_executor(self._thread, _call, list(self._handlers), events)
        except Exception as raised:  # noqa: BLE001 - whatever it is, the centre keeps the events
            error = type(raised).__name__
            logger.error("%s: %s while handling %d events; they come again", self._name, error, len(events))  # noqa: TRY400
        finally:
            self._is_busy = False
        # What fails together is tried in smaller lots, until one that cannot be taken stands alone.
        self._most = max(1, len(items) // 2) if error else min(_MOST_AT_ONCE, self._most * 2)
        status = Status.ESME_RX_T_APPN if error else Status.ESME_ROK
        for item in items:
            self._answer(item, status)
        tell(self._watch, EventsHandled(self._name, len(events), error, self._loop.time() - began))

    def _answer(self, item: _Item, status: Status) -> None:
        heard = [delivery.answer(status) for delivery in item.deliveries]
        if item.mark is not None and (status is not Status.ESME_ROK or not all(heard)):
            mark, at = item.mark
            self._unsure[mark] = at
            if len(self._unsure) > _MOST_UNSURE:
                del self._unsure[next(iter(self._unsure))]

    # ------------------------------------------------------------ time

    def _now(self) -> datetime:
        return datetime.now(timezone.utc)

    def _look_soon(self) -> None:
        if self._looking is None:
            self._looking = self._loop.call_later(_LOOK_EVERY_S, self._look)

    def _look(self) -> None:
        """Answer what waited long enough, and let go of what waits in vain."""
        self._looking = None
        now = self._loop.time()
        self._register.overdue(now)
        while self._held and (self._held[0].is_told or self._held[0].at <= now - self._answer_s):
            held = self._held.popleft()
            if not held.is_told:
                held.is_told = True
                self._tell(held.receipt, held.delivery, None)
        for unfinished in self._joiner.overdue(now):
            self._part_by_part(unfinished)
        for unfinished in self._joiner.waiting():
            if unfinished.at <= now - self._answer_s:
                self._answer_parts(unfinished)
        while self._queue and not self._handlers and self._queue[0].at <= now - self._answer_s:
            self._answer(self._queue.popleft(), Status.ESME_RX_T_APPN)
        if self._held or len(self._joiner) or self._register.held or (self._queue and not self._handlers):
            self._look_soon()

    def _answer_parts(self, unfinished: Unfinished[Delivery], status: Status = Status.ESME_ROK) -> None:
        # A centre with one delivery in flight would never bring the next part. From here on only we have this one.
        for deliveries in unfinished.deliveries.values():
            for delivery in deliveries:
                delivery.answer(status)
            deliveries[:] = []

    def _part_by_part(self, unfinished: Unfinished[Delivery]) -> None:
        for number, incoming in sorted(unfinished.parts.items()):
            pdu = unfinished.samples[number].pdu
            if isinstance(pdu, (DeliverSm, DataSm)):
                part = f"{incoming.reference}/{number}/{incoming.total}"
                self._replied(pdu, incoming.text, unfinished.deliveries[number], part)


def _call(handlers: Sequence[Handler], events: Sequence[Event]) -> None:
    for handler in handlers:
        handler(events)
