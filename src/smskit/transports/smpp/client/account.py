"""What lives in the loop of an account: its binds, what it remembers, what comes in, and single requests."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from typing import Final

from attrs import frozen

from smskit.errors import InvalidInput, TransportError
from smskit.records import Accepted, Event, Outcome, Outgoing, Refused, Taken, Unanswered
from smskit.transports.smpp.addresses import sender_address
from smskit.transports.smpp.client.batch import Message, Part
from smskit.transports.smpp.client.centre import Centre
from smskit.transports.smpp.client.connection import Wire
from smskit.transports.smpp.client.inbox import Inbox
from smskit.transports.smpp.client.matching import Known, Register
from smskit.transports.smpp.client.pool import Conduct, Pool
from smskit.transports.smpp.client.reading import Reading
from smskit.transports.smpp.client.watching import Watch
from smskit.transports.smpp.events import Answered
from smskit.transports.smpp.events import Event as SessionEvent
from smskit.transports.smpp.events import Unanswered as NotAnswered
from smskit.transports.smpp.pdubase import Answer, Pdu, UnknownPdu
from smskit.transports.smpp.pdus import CancelSm, DeliverSm, QuerySm, QuerySmResp
from smskit.transports.smpp.receipts import read_receipt
from smskit.transports.smpp.statuses import Status, meaning_of
from smskit.transports.smpp.times import read_time
from smskit.transports.smpp.tlvs import Tag, tlv

_MOST_LATE: Final = 10_000
_RECEIPT: Final = 0x04
_TOO_LATE: Final = frozenset({Status.ESME_RCANCELFAIL, Status.ESME_RINVMSGID})


@frozen(kw_only=True)
class Memory:
    """What an account remembers, for how long, and how much of it.

    Args:
        ids: of how many parts the centre's ids are kept, for matching receipts.
        ids_s: for how many seconds.
        early_s: for how many seconds a receipt that came before its answer is held.
        early: how many such receipts.
        replies_s: for how many seconds the missing parts of a long reply are waited for.
        answer_s: for how many seconds a delivery is left without an answer because something is missing: its message,
            its other parts, or somebody who listens. Centres wait for about so long before they bring it again.
    """

    ids: int = 100_000
    ids_s: float = 3 * 86_400.0
    early_s: float = 60.0
    early: int = 10_000
    replies_s: float = 600.0
    answer_s: float = 5.0

    def __attrs_post_init__(self) -> None:
        if self.ids < 1 or self.early < 1 or min(self.ids_s, self.early_s, self.replies_s, self.answer_s) <= 0:
            raise InvalidInput("an account remembers at least one of everything, for more than no time")


class Waiter:
    """The context of a single request."""

    def __init__(self) -> None:
        self.end: asyncio.Future[Answered | NotAnswered] = asyncio.get_running_loop().create_future()

    def settled(self, event: Answered | NotAnswered, /) -> None:
        """Hear the end; a late one changes nothing."""
        if not self.end.done():
            self.end.set_result(event)


class Account:
    """Everything of an account that belongs to its loop."""

    def __init__(
        self, name: str, centre: Centre, conduct: Conduct, reading: Reading, memory: Memory, watch: Watch | None
    ) -> None:
        self._name = name
        self._conduct = conduct
        self._reading = reading
        self._loop = asyncio.get_running_loop()
        self.register = Register(
            most=memory.ids, age_s=memory.ids_s, hold_s=memory.early_s, most_early=memory.early
        )  # fmt: skip
        self._late: dict[str, Outcome] = {}
        self.pool = Pool(name, centre, conduct, self, watch)
        self.inbox = Inbox(
            name, reading, self.register, lambda: self.pool.in_flight, join_s=memory.replies_s,
            answer_s=memory.answer_s, watch=watch,
        )  # fmt: skip

    async def close(self, drain_s: float) -> None:
        """Wait for what is in flight, hand over what came in, unbind."""
        self.inbox.hurry()
        await self.pool.close(drain_s)
        await self.inbox.close()

    # ------------------------------------------------------------ what the pool says

    def took(self, message: Message, part: Part, now: float) -> None:
        """Know the id of a part from now on; its receipt may be here already."""
        one, message_id = message.outgoing, message.taken[part.number]
        self.register.add(Known(message_id, one.reference, one.number, part.number, message.total, one.sender, now))

    def took_late(self, message: Message, outcome: Outcome) -> None:
        """Tell what became of a message that had been told as in doubt, and remember it for who asks."""
        if isinstance(outcome, Unanswered):
            return
        self._late[message.outgoing.reference] = outcome
        if len(self._late) > _MOST_LATE:
            del self._late[next(iter(self._late))]
        event = self._reading.late(message.outgoing, outcome, datetime.now(timezone.utc))
        if event is not None:
            self.inbox.put(event)

    def heard(self, wire: Wire, event: SessionEvent) -> None:
        """Take what the centre brings."""
        self.inbox.heard(wire, event)

    # ------------------------------------------------------------ questions

    def known(self, messages: Sequence[Outgoing]) -> Mapping[str, Outcome]:
        """Tell what late answers said; of everything else SMPP cannot be asked without the id that is missing."""
        return {
            one.reference: outcome if isinstance(outcome, (Accepted, Refused)) else Unanswered(one.reference)
            for one in messages
            for outcome in (self._late.get(one.reference),)
        }

    async def request(self, pdu: Pdu) -> Answer | UnknownPdu:
        """Ask the centre for something, on any bind that may; give its answer, whatever it is.

        Raises:
            TransportError: no bind within the patience, or no answer; retryable when it certainly did not leave.
            InvalidInput: a value that its field cannot hold.
        """
        until = self._loop.time() + self._conduct.patience_s
        while (wire := self.pool.wire_for(type(pdu))) is None:
            if self._loop.time() >= until:
                raise TransportError(self._name, "there is no bind for it, or no room", retryable=True)
            await asyncio.sleep(0.01)
        waiter = Waiter()
        wire.send(pdu, waiter)
        wire.flush_soon()
        end = await waiter.end
        if isinstance(end, Answered):
            return end.response
        raise TransportError(self._name, f"no answer: {end.cause.value}", retryable=not end.in_doubt)

    async def query(self, messages: Sequence[Taken]) -> tuple[Event, ...]:
        """Ask for the state of each message."""
        told = await asyncio.gather(*map(self._query, messages))
        return tuple(event for event in told if event is not None)

    async def _query(self, message: Taken) -> Event | None:
        known = self.register.by_id(message.provider_id)
        source = sender_address(known.sender if known else "", kinds=self._reading.profile.kinds)
        pdu = QuerySm(message.provider_id, source.ton, source.npi, source.text)
        answer = await self.request(pdu)
        if not isinstance(answer, QuerySmResp) or answer.status != Status.ESME_ROK:
            return None
        parameters = tlv(Tag.RECEIPTED_MESSAGE_ID, message.provider_id), tlv(Tag.MESSAGE_STATE, answer.message_state)
        played = DeliverSm(source_addr=str(message.number), esm_class=_RECEIPT, tlvs=parameters)
        told = known or Known(message.provider_id, message.reference, message.number, 1, 1, "", 0.0)
        try:
            done = read_time(answer.final_date or "")
        except InvalidInput:
            done = None
        at = done if isinstance(done, datetime) else datetime.now(timezone.utc)
        return self._reading.event_of(read_receipt(played), played, told, at)

    async def cancel(self, message_id: str) -> bool:
        """Take back a message with all its parts, as far as they are known; false when it is too late for one."""
        known = self.register.by_id(message_id)
        ids = self.register.ids_of(known.reference) if known is not None and known.total > 1 else [message_id]
        source = sender_address(known.sender if known else "", kinds=self._reading.profile.kinds)
        done = True
        for each in ids:
            pdu = CancelSm(
                message_id=each, source_addr_ton=source.ton, source_addr_npi=source.npi, source_addr=source.text
            )  # fmt: skip
            answer = await self.request(pdu)
            status = getattr(answer, "status", Status.ESME_RUNKNOWNERR)
            if status in _TOO_LATE:
                done = False
            elif status != Status.ESME_ROK:
                raise TransportError(self._name, f"not cancelled: {meaning_of(status).name}", retryable=False)
        return done
