"""Binds that are kept: made, watched, and made again with a growing random pause; a wrong password ends it."""

from __future__ import annotations

import asyncio
import logging
import random
import ssl
from typing import Protocol

from attrs import frozen

from smskit.kinds import FailureClass
from smskit.transports.smpp.client.centre import Backoff, Centre
from smskit.transports.smpp.client.connection import Owner, Wire, open_wire
from smskit.transports.smpp.client.watching import BindEnded, BindFailed, BindOpened, Notice
from smskit.transports.smpp.events import BindRefused, Closed
from smskit.transports.smpp.pdus import Bind
from smskit.transports.smpp.statuses import StatusClass, meaning_of

logger = logging.getLogger("smskit.transports.smpp")


@frozen
class Trouble:
    """Why there is no bind.

    Args:
        failure: what kind it is.
        code: name of the status, or class of the error.
        lasting: whether somebody has to mend something before another try makes sense.
    """

    failure: FailureClass
    code: str
    lasting: bool = False


class Keeper(Owner, Protocol):
    """Whoever the binds are kept for."""

    def bound(self, wire: Wire, /) -> None:
        """Use a wire that is bound now."""
        ...

    def lost(self, wire: Wire, /) -> None:
        """Forget a wire: its session is over, and all that was in flight there was told."""
        ...

    def troubled(self, trouble: Trouble, /) -> None:
        """Hear that a bind failed."""
        ...

    def tell(self, notice: Notice, /) -> None:
        """Tell the watch."""
        ...


class Gate:
    """Lets one attempt to bind pass in so many seconds, for all binds of an account together."""

    def __init__(self, every_s: float) -> None:
        self._every_s = every_s
        self._next = 0.0

    async def turn(self) -> None:
        """Wait for it."""
        now = asyncio.get_running_loop().time()
        at = max(now, self._next)
        self._next = at + self._every_s
        await asyncio.sleep(at - now)


class Link:
    """One bind of an account, over all the connections that it takes."""

    def __init__(self, name: str, centre: Centre, role: type[Bind], gate: Gate, keeper: Keeper) -> None:
        self._name = name
        self._centre = centre
        self._role = role
        self._gate = gate
        self._keeper = keeper
        self._wire: Wire | None = None
        self._failures = 0
        self._leaving = False

    async def keep(self) -> None:
        """Keep the bind until :meth:`leave`, or until somebody has to mend something."""
        while not self._leaving:
            await self._gate.turn()
            try:
                trouble = await self._try()
            except Exception as error:  # noqa: BLE001 - whatever it is, the bind must not be given up in silence
                trouble = Trouble(FailureClass.PROVIDER_ERROR, type(error).__name__)
            if self._leaving:
                return
            wait_s = self._wait_s(self._centre.backoff, trouble)
            if trouble is not None:
                self._tell_trouble(trouble, wait_s)
            if wait_s is None:
                return
            await asyncio.sleep(wait_s)

    def leave(self, drain_s: float) -> bool:
        """Unbind in good order; :meth:`keep` ends when that is done. False when it was not bound: end it."""
        self._leaving = True
        wire = self._wire
        if wire is None or not wire.bound.done():
            return False
        wire.unbind(drain_s)
        return True

    def _wait_s(self, backoff: Backoff, trouble: Trouble | None) -> float | None:
        if trouble is not None and trouble.lasting:
            return None
        self._failures += 1
        return random.uniform(0, backoff.bound_s(self._failures))

    def _tell_trouble(self, trouble: Trouble, wait_s: float | None) -> None:
        again = "not tried again" if wait_s is None else f"again in {wait_s:.1f} s"
        logger.warning("%s: no bind at %s: %s; %s", self._name, self._centre.host, trouble.code, again)
        self._keeper.tell(BindFailed(self._name, self._centre.host, self._role.__name__, trouble.code, wait_s))
        self._keeper.troubled(trouble)

    async def _try(self) -> Trouble | None:
        """Bind, and stay until it is over; give what kept it from being bound."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        try:
            self._wire = wire = await open_wire(self._centre, self._keeper)
        except ssl.SSLCertVerificationError as error:
            return Trouble(FailureClass.ACCOUNT, type(error).__name__, lasting=True)
        except (OSError, asyncio.TimeoutError) as error:
            return Trouble(FailureClass.NETWORK, type(error).__name__)
        try:
            trouble = await self._bind(wire)
            if trouble is None:
                await self._stay(wire, began)
        finally:
            self._wire = None
            wire.abort()
        return trouble

    async def _bind(self, wire: Wire) -> Trouble | None:
        wire.session.request(
            self._centre.bind(self._role), asyncio.get_running_loop().time(), expires_in_s=self._centre.bind_s
        )
        wire.flush()
        try:
            answer = await wire.bound
        except asyncio.CancelledError:
            if not wire.closed.done():
                raise
            return Trouble(FailureClass.NETWORK, wire.closed.result().end.value)
        if not isinstance(answer, BindRefused):
            return None
        meaning = meaning_of(answer.response.status)
        lasting = meaning.kind is StatusClass.PERMANENT_CONFIG
        return Trouble(meaning.failure or FailureClass.PROVIDER_ERROR, meaning.name, lasting=lasting)

    async def _stay(self, wire: Wire, began: float) -> None:
        loop, name, host, role = asyncio.get_running_loop(), self._name, self._centre.host, self._role.__name__
        bound_at = loop.time()
        logger.info("%s: %s at %s", name, role, host)
        self._keeper.tell(BindOpened(name, host, role, bound_at - began))
        self._keeper.bound(wire)
        try:
            closed: Closed = await asyncio.shield(wire.closed)
        finally:
            self._keeper.lost(wire)
        if loop.time() - bound_at >= self._centre.backoff.steady_s:
            self._failures = 0
        logger.info("%s: %s at %s is over: %s", name, role, host, closed.end.value)
        self._keeper.tell(BindEnded(name, host, role, closed.end.value, wire.in_doubt))
