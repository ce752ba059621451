"""A carrier at hand without a run: hand messages over, ask about them, see what is left of the account.

No plan, no store and no rule stands behind a client: it sends what it is given. Campaigns belong to a run, which keeps
an account of each message across crashes.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Generic, TypeVar, cast

from smskit.errors import UnsupportedFeature
from smskit.protocols import (
    Asks,
    Fetches,
    Flow,
    LooksUp,
    Revokes,
    TellsBalance,
    TellsCapabilities,
    Transport,
    Withdraws,
)
from smskit.records import Balance, Event, Outcome, Outgoing, Reach, Taken
from smskit.transports.drivers import BlockingCaller, Caller, adrive, drive
from smskit.transports.handover import Handover, Retries, asking
from smskit.transports.http import BlockingHttpCaller, HttpCaller, HttpOptions

if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Self

T = TypeVar("T")
C = TypeVar("C")


class _Flows(Generic[C]):
    """What both clients do, as flows."""

    def __init__(
        self, transport: Transport, own: C | None, caller: C | None, attempts: int, options: HttpOptions | None
    ) -> None:
        self.transport = transport
        self._own = own
        self._call = cast("C", own or caller)
        self._retries = Retries(attempts=attempts, watch=options.watch if options else None)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.transport.name})"

    def _handover(self, messages: Sequence[Outgoing]) -> Handover:
        return Handover(self.transport, messages, self._retries)

    def _ask(self, messages: Sequence[Outgoing]) -> Flow[Mapping[str, Outcome]]:
        self._check("ask", "asking what became of a message", has=self.transport.features.can_be_asked)
        return self._asking(lambda: cast("Asks", self.transport).ask(messages))

    def _look_up(self, messages: Sequence[Taken]) -> Flow[tuple[Event, ...]]:
        self._check("look_up", "looking up receipts")
        return self._asking(lambda: cast("LooksUp", self.transport).look_up(messages))

    def _fetch(self, since: datetime) -> Flow[tuple[Event, ...]]:
        self._check("fetch", "fetching events")
        return self._asking(lambda: cast("Fetches", self.transport).fetch(since))

    def _balance(self) -> Flow[Balance]:
        self._check("balance", "telling the balance")
        return self._asking(lambda: cast("TellsBalance", self.transport).balance())

    def _withdraw(self, provider_id: str) -> Flow[bool]:
        self._check("withdraw", "taking back a message")
        return self._asking(lambda: cast("Withdraws", self.transport).withdraw(provider_id))

    def _revoke(self, messages: Sequence[Taken]) -> Flow[frozenset[str]]:
        self._check("revoke", "taking back what no handset got")
        return self._asking(lambda: cast("Revokes", self.transport).revoke(messages))

    def _capabilities(self, numbers: Sequence[int]) -> Flow[Reach]:
        self._check("capabilities", "telling who has RCS")
        return self._asking(lambda: cast("TellsCapabilities", self.transport).capabilities(numbers))

    def _check(self, method: str, feature: str, *, has: bool = True) -> None:
        if not has or not hasattr(self.transport, method):
            raise UnsupportedFeature(self.transport.name, feature)

    def _asking(self, make: Callable[[], Flow[T]]) -> Flow[T]:
        return asking(self.transport.name, make, self._retries)


class Client(_Flows[BlockingCaller]):
    """Drives the flows of one transport in ordinary code; :class:`AsyncClient` has the same methods for coroutines.

    Args:
        transport: the carrier, or the sandbox.
        attempts: how often a message is offered that the carrier certainly did not take, and how often a question is
            asked that certainly did not leave. Nothing else is ever sent again.
        options: timeouts, proxy, TLS, hooks.
        caller: makes the requests instead of our own; it stays open when the client is closed.
        sleep: waits that many seconds.
    """

    def __init__(
        self,
        transport: Transport,
        *,
        attempts: int = 3,
        options: HttpOptions | None = None,
        caller: BlockingCaller | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        own = None if caller is not None else BlockingHttpCaller(options)
        super().__init__(transport, own, caller, attempts, options)
        self._sleep = sleep

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def submit(self, messages: Sequence[Outgoing], /) -> tuple[Outcome, ...]:
        """Hand over *messages*, in as many submissions as the carrier needs.

        Returns:
            One outcome for each message, in their order. ``Unanswered`` may have been taken: offering it again is
            how people get a message twice. ``Postponed`` was not taken, in all attempts; that is also what comes back
            of those that were not offered any more, after the account was refused or the carrier out of reach.

        Raises:
            InvalidInput: two messages have one reference, or one could not be sent by anybody; nothing was sent.
            UnsupportedFeature: a message asks for something that the transport does not have; nothing was sent.
        """
        handover = self._handover(messages)
        for flow in handover.flows():
            with handover.one_batch():
                drive(flow, self._call, self._sleep)
        return handover.outcomes

    def ask(self, messages: Sequence[Outgoing], /) -> Mapping[str, Outcome]:
        """Tell the outcome of each message that the carrier knows, by reference.

        Raises:
            UnsupportedFeature: it cannot be asked.
            TransportError: no answer.
        """
        return self._drive(self._ask(messages))

    def look_up(self, messages: Sequence[Taken], /) -> tuple[Event, ...]:
        """Give what is known of each of *messages*; raises what :meth:`ask` raises."""
        return self._drive(self._look_up(messages))

    def fetch(self, since: datetime, /) -> tuple[Event, ...]:
        """Give the events from *since* on; raises what :meth:`ask` raises."""
        return self._drive(self._fetch(since))

    def balance(self) -> Balance:
        """Tell what the account has left; raises what :meth:`ask` raises."""
        return self._drive(self._balance())

    def withdraw(self, provider_id: str, /) -> bool:
        """Take back a message that waits for its time, false when it is too late; raises what :meth:`ask` raises."""
        return self._drive(self._withdraw(provider_id))

    def revoke(self, messages: Sequence[Taken], /) -> frozenset[str]:
        """Take back what no handset got yet; give the references that the carrier took back, or says so of.

        A receipt that says delivered counts all the same. Raises what :meth:`ask` raises.
        """
        return self._drive(self._revoke(messages))

    def capabilities(self, numbers: Sequence[int], /) -> Reach:
        """Tell which numbers have RCS; raises what :meth:`ask` raises."""
        return self._drive(self._capabilities(numbers))

    def run(self, flow: Flow[T], /) -> T:
        """Drive any flow of the transport to its end, such as ``client.run(rbm.upload(url))``; it is tried once."""
        return self._drive(flow)

    def close(self) -> None:
        """Close the connections."""
        if self._own is not None:
            self._own.close()

    def _drive(self, flow: Flow[T]) -> T:
        return drive(flow, self._call, self._sleep)


class AsyncClient(_Flows[Caller]):
    """Does what :class:`Client` does, in coroutines, with up to ``features.in_flight`` submissions at once.

    Args:
        transport: the carrier, or the sandbox.
        attempts: as with :class:`Client`.
        options: timeouts, proxy, TLS, hooks.
        caller: makes the requests instead of our own, such as :class:`smskit.transports.http.AiohttpCaller`; it stays
            open when the client is closed.
        sleep: waits that many seconds; None sleeps on asyncio's clock.
    """

    def __init__(
        self,
        transport: Transport,
        *,
        attempts: int = 3,
        options: HttpOptions | None = None,
        caller: Caller | None = None,
        sleep: Callable[[float], Awaitable[None]] | None = None,
    ) -> None:
        own = None if caller is not None else HttpCaller(options)
        super().__init__(transport, own, caller, attempts, options)
        self._sleep = sleep

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def submit(self, messages: Sequence[Outgoing], /) -> tuple[Outcome, ...]:
        """Hand over *messages*; see :meth:`Client.submit`."""
        handover = self._handover(messages)
        flows = handover.flows()
        hands = min(self.transport.features.in_flight, handover.batches)
        if hands <= 1:
            await self._hand_over(handover, flows)
        else:
            import asyncio  # late, like everything that only sending needs

            await asyncio.gather(*(self._hand_over(handover, flows) for _ in range(hands)))
        return handover.outcomes

    async def _hand_over(self, handover: Handover, flows: Iterator[Flow[None]]) -> None:
        for flow in flows:
            with handover.one_batch():
                await adrive(flow, self._call, self._sleep)

    async def ask(self, messages: Sequence[Outgoing], /) -> Mapping[str, Outcome]:
        """Tell the outcome of each message that the carrier knows; see :meth:`Client.ask`."""
        return await self._drive(self._ask(messages))

    async def look_up(self, messages: Sequence[Taken], /) -> tuple[Event, ...]:
        """Give what is known of each of *messages*; see :meth:`Client.look_up`."""
        return await self._drive(self._look_up(messages))

    async def fetch(self, since: datetime, /) -> tuple[Event, ...]:
        """Give the events from *since* on; see :meth:`Client.fetch`."""
        return await self._drive(self._fetch(since))

    async def balance(self) -> Balance:
        """Tell what the account has left; see :meth:`Client.balance`."""
        return await self._drive(self._balance())

    async def withdraw(self, provider_id: str, /) -> bool:
        """Take back a message that waits for its time; see :meth:`Client.withdraw`."""
        return await self._drive(self._withdraw(provider_id))

    async def revoke(self, messages: Sequence[Taken], /) -> frozenset[str]:
        """Take back what no handset got yet; see :meth:`Client.revoke`."""
        return await self._drive(self._revoke(messages))

    async def capabilities(self, numbers: Sequence[int], /) -> Reach:
        """Tell which numbers have RCS; see :meth:`Client.capabilities`."""
        return await self._drive(self._capabilities(numbers))

    async def run(self, flow: Flow[T], /) -> T:
        """Drive any flow of the transport to its end; see :meth:`Client.run`."""
        return await self._drive(flow)

    async def close(self) -> None:
        """Close the connections."""
        if self._own is not None:
            await self._own.aclose()

    async def _drive(self, flow: Flow[T]) -> T:
        return await adrive(flow, self._call, self._sleep)
