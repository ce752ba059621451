"""The line to one carrier: messages go out as it wants them, answers come back as far as they make sense."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TypeVar, cast

from smskit.compliance import Desk
from smskit.delivery.expiry import Expiry, takes_validity
from smskit.errors import InvalidInput, TransportError, UnsupportedFeature
from smskit.kinds import Channel, FailureClass, Kind
from smskit.protocols import (
    Asks,
    Call,
    Clock,
    Fetches,
    Flow,
    LooksUp,
    Polls,
    Reply,
    Revokes,
    Store,
    TellsBalance,
    Transport,
)
from smskit.records import Balance, Capability, Event, Outcome, Outgoing, Refused, RunRecord, Send, Taken
from smskit.transports.drivers import Sender, adrive
from smskit.transports.outcomes import remembered, understood

logger = logging.getLogger("smskit.delivery")

T = TypeVar("T")


class Line:
    """Speaks with a transport for one run.

    Args:
        transport: how messages are handed over.
        run: whose messages they are.
        desk: knows which texts need a way to object.
        expiry: knows how long each is worth sending.
        clock: sleeps where a flow pauses.
        call: makes the requests; None for a transport that makes none.
        mentions: whether the carrier is to print its way to object, where it does that itself; a test to oneself was
            counted without it.
        most_s: for how many seconds the carrier is to try at most, because then another message takes the place; None
            leaves it to what each is worth.
        has_the_run: whether this is the carrier that the run was made for: what another one does not know, the first
            may well have taken.
    """

    def __init__(
        self,
        transport: Transport,
        run: RunRecord,
        desk: Desk,
        expiry: Expiry,
        clock: Clock,
        *,
        call: Sender | None = None,
        mentions: bool = True,
        most_s: int | None = None,
        has_the_run: bool = True,
    ) -> None:
        self.transport = transport
        self._run = run
        self._desk = desk
        self._expiry = expiry
        self._clock = clock
        self._call = call
        self.has_the_run = has_the_run
        self._is_rich = run.channel is Channel.RCS
        # Over RCS the platform shows how to object, beside the message.
        self._mentions = mentions and run.kind is Kind.MARKETING and not self._is_rich
        self._most_s = most_s if most_s is not None and takes_validity(transport, most_s) else None

    # ------------------------------------------------------------ handing over

    def offer(self, sends: Sequence[Send], now: datetime) -> Flow[tuple[Outcome, ...]]:
        """Open a submission of *sends*. Nothing has left yet, also when this raises."""
        return self.transport.submit(self._outgoing(sends, now))

    def carries(self, send: Send, now: datetime) -> bool:
        """Whether the carrier would take *send*, as far as that can be said without offering it."""
        try:
            self.offer([send], now).close()
        except (InvalidInput, UnsupportedFeature):
            return False
        return True

    async def answers(self, flow: Flow[tuple[Outcome, ...]]) -> Mapping[str, Outcome]:
        """Drive a submission and give the outcomes that make sense, by reference."""
        return understood(self.transport.name, await self._drive(flow))

    async def ask(self, sends: Sequence[Send], now: datetime) -> Mapping[str, Outcome]:
        """Give what the carrier knows of *sends*, by reference; a missing one was never taken."""
        asks = cast("Asks", self.transport)
        return remembered(self.transport.name, await self._drive(asks.ask(self._outgoing(sends, now))))

    def _outgoing(self, sends: Sequence[Send], now: datetime) -> tuple[Outgoing, ...]:
        run, left_s, prints, is_rich = self._run, self._left_s, self._carrier_prints, self._is_rich
        return tuple(
            Outgoing(
                send.reference, send.number, "" if is_rich else send.text, send.parts, run.sender, run.kind,
                validity_s=left_s(send, now), carrier_stop=prints(send), rich=send.text if is_rich else None,
            )
            for send in sends
        )  # fmt: skip

    def _left_s(self, send: Send, now: datetime) -> int | None:
        left_s = self._expiry.left_s(send, now)
        return left_s if self._most_s is None or (left_s is not None and left_s < self._most_s) else self._most_s

    def _carrier_prints(self, send: Send) -> bool:
        """Tell whether the parts of *send* were counted with a mention that the carrier prints itself."""
        if not self._mentions:
            return False
        form = self.transport.features.stop_for(send.territory)
        return form is not None and form.printed_by_transport and bool(self._desk.suffix(send.territory, send.text))

    # ------------------------------------------------------------ taking back

    async def revoke(self, messages: Sequence[Taken]) -> frozenset[str]:
        """Have messages taken back; give the references of those that the carrier has heard about."""
        return await self._drive(cast("Revokes", self.transport).revoke(messages))

    def learn(self, store: Store, sends: Sequence[Send], answers: Sequence[Outcome | None], now: datetime) -> None:
        """Keep which numbers the carrier says have no RCS: the next plan need not try them."""
        agent: str | None = getattr(self.transport, "agent", None)
        if not self._is_rich or not agent:
            return
        gone = [
            Capability(send.number, is_reachable=False, at=now)
            for send, answer in zip(sends, answers, strict=True)
            if isinstance(answer, Refused) and answer.failure is FailureClass.CHANNEL_UNAVAILABLE and send.number
        ]
        if gone:
            store.record_capabilities(agent, gone)

    # ------------------------------------------------------------ hearing

    @property
    def brings_time(self) -> bool:
        """Whether the transport has a clock of its own, and it is the one that we go by."""
        return getattr(self.transport, "clock", None) is self._clock

    @property
    def polls(self) -> bool:
        """Whether the transport has events to fetch, and forgets what it told."""
        return hasattr(self.transport, "poll")

    async def poll(self) -> tuple[Event, ...]:
        """Give the events since the last call."""
        return await self._drive(cast("Polls", self.transport).poll()) if self.polls else ()

    def pending_s(self) -> float | None:
        """Give the seconds until the next event is told, as far as it is worth waiting for here.

        Only a transport that brings its own time is heard to the end: a real one tells of receipts for days.
        """
        return cast("Polls", self.transport).pending_s() if self.polls and self.brings_time else None

    @property
    def looks_up(self) -> bool:
        """Whether the transport can be asked for receipts."""
        return hasattr(self.transport, "look_up")

    async def look_up(self, messages: Sequence[Taken]) -> tuple[Event, ...]:
        """Give the receipts of *messages*, as far as the carrier has them."""
        return await self._drive(cast("LooksUp", self.transport).look_up(messages))

    async def fetch(self, since: datetime) -> tuple[Event, ...]:
        """Give the events from *since* on; nothing from a transport that remembers none."""
        if not hasattr(self.transport, "fetch"):
            return ()
        return await self._drive(cast("Fetches", self.transport).fetch(since))

    async def balance(self) -> Balance | None:
        """Give what the account has left; None where the carrier does not tell, now or at all."""
        if not hasattr(self.transport, "balance"):
            return None
        try:
            return await self._drive(cast("TellsBalance", self.transport).balance())
        except TransportError as error:
            logger.warning("%s does not tell its balance: %s", self.transport.name, error)
            return None

    async def _drive(self, flow: Flow[T]) -> T:
        return await adrive(flow, self._call and self._make, self._clock.sleep)

    async def _make(self, call: Call) -> Reply:
        """Make a request; one that cannot be made, such as with a line break in the key, leaves nothing in doubt."""
        assert self._call is not None
        try:
            return await self._call(call)
        except InvalidInput as error:
            raise TransportError(self.transport.name, str(error), retryable=True) from None
