"""The simulator as tests see it: a context manager with a thread of its own, and questions that it answers."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from threading import Event as Flag
from threading import Thread, get_ident
from types import TracebackType
from typing import TypeVar

from attrs import evolve

from smskit.errors import InvalidInput
from smskit.phone.mask import mask
from smskit.testing.smsc.centre import Behaviour, Centre, Refusal, Rule
from smskit.testing.smsc.connection import Connection, Settings
from smskit.testing.smsc.exchange import Exchange
from smskit.testing.smsc.faults import Armed, Ending, Fault
from smskit.testing.smsc.ids import Ids
from smskit.testing.smsc.receipts import Receipts
from smskit.testing.smsc.records import Binding, Delivered, Oddity, SentMessage, Submission, joined
from smskit.transports.smpp import (
    Bind,
    DataSm,
    DeliverSm,
    Long,
    MessageState,
    Pdu,
    Profile,
    SubmitSm,
    Timers,
    Tlv,
    compose,
    recipient_address,
    sender_address,
)

T = TypeVar("T")

_PATIENCE_S = 10.0


class SMSC:
    """A message centre on loopback for tests: a real server, which plays what centres do and what goes wrong there.

        with SMSC(accounts={"shop": "secret"}) as smsc:
            ...  # your code binds to smsc.host, smsc.port and submits
            smsc.assert_sent("+33612345678", containing="4711")

    It runs in a thread of its own, so it serves blocking code and any running loop; all its methods may be called from
    any thread. The same seed gives messages the same fate, whatever their order.

    Args:
        seed: another seed, other fates.
        accounts: passwords by ``system_id``; None takes everybody.
        host: where it listens; a test has no reason to change it.
        port: 0 finds a free one.
        tls: the context of a server with a certificate; None speaks without TLS.
        ids: how identifiers are written; several are used in turn.
        receipts: how receipts are written, and when they are sent.
        delivered: share of the messages that arrive; see :meth:`decide` for single numbers.
        delivered_after_s: how long a message takes; until then it can be queried, replaced and cancelled.
        latency_s: how long an answer takes, or between which times: then answers overtake each other.
        per_second: messages of one account in a second, beyond which they are throttled.
        queue: messages under way, beyond which the queue is full.
        rule: gives the status of each message.
        answer_tlvs: parameters of each answer to a message that was taken.
        profile: its default alphabet, for reading texts and for writing replies.
        strict: refuse what is odd by the letter of the specification; else only what cannot be read.
        window: deliveries without an answer.
        redelivered_after_s: pause before a delivery for which the application has no room is delivered again.
        chunk: write so many octets at a time only.
        timers: as for any session.

    Raises:
        InvalidInput: a share outside 0 to 1, a negative time, no spelling of ids.
    """

    def __init__(
        self,
        seed: int = 0,
        *,
        accounts: Mapping[str, str] | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        tls: ssl.SSLContext | None = None,
        ids: Ids | tuple[Ids, ...] = Ids.DECIMAL,
        receipts: Receipts | None = None,
        delivered: float = 1.0,
        delivered_after_s: float = 0.0,
        latency_s: float | tuple[float, float] = 0.0,
        per_second: int | None = None,
        queue: int | None = None,
        rule: Rule | None = None,
        answer_tlvs: tuple[Tlv, ...] = (),
        profile: Profile | None = None,
        strict: bool = False,
        window: int = 10,
        redelivered_after_s: float = 0.5,
        chunk: int | None = None,
        timers: Timers | None = None,
    ) -> None:
        behaviour = Behaviour(
            seed=seed, accounts=accounts, ids=ids if isinstance(ids, tuple) else (ids,), rule=rule,
            receipts=receipts or Receipts(), delivered=delivered, delivered_after_s=delivered_after_s,
            latency_s=latency_s if isinstance(latency_s, tuple) else (latency_s, latency_s), queue=queue,
            per_second=per_second, answer_tlvs=answer_tlvs, profile=profile or Profile(),
        )  # fmt: skip
        settings = Settings(
            host=host, port=port, tls=tls, timers=timers or Timers(), window=window, strict=strict, chunk=chunk,
            redelivered_after_s=redelivered_after_s,
        )  # fmt: skip
        self.host = host
        self._centre = Centre(behaviour)
        self._exchange = Exchange(self._centre, settings)
        self._port = port
        self._reference = 0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: Thread | None = None
        self._stop: asyncio.Event
        self._failures: list[BaseException] = []

    def __repr__(self) -> str:
        manner = "strict" if self._exchange.settings.strict else "lenient"
        return f"<SMSC {self.host}:{self._port}, {manner}, {len(self._centre.submissions)} submissions>"

    # ------------------------------------------------------------ running

    @property
    def port(self) -> int:
        """Where it listens.

        Raises:
            InvalidInput: it does not run.
        """
        if self._loop is None:
            raise InvalidInput("the centre listens inside `with SMSC() as smsc:` only")
        return self._port

    def __enter__(self) -> SMSC:
        if self._thread is not None:
            raise InvalidInput("a centre runs once; make another")
        ready = Flag()
        self._thread = Thread(target=lambda: asyncio.run(self._serve(ready)), name="smsc", daemon=True)
        self._thread.start()
        ready.wait()
        if self._loop is None:
            self._thread.join()
            raise self._failures[0]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._thread is None or self._loop is None:
            return
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()
        self._loop = None
        if self._failures and error is None:
            raise self._failures[0]

    async def __aenter__(self) -> SMSC:
        return await asyncio.to_thread(self.__enter__)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.to_thread(self.__exit__, kind, error, trace)

    async def _serve(self, ready: Flag) -> None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(self._failed)
        self._stop = asyncio.Event()
        self._exchange.begin()
        settings = self._exchange.settings
        try:
            server = await loop.create_server(self._connect, settings.host, settings.port, ssl=settings.tls)
        except OSError as error:
            self._failures.append(error)
            ready.set()
            return
        self._port = server.sockets[0].getsockname()[1]
        self._loop = loop
        ready.set()
        await self._stop.wait()
        server.close()
        self._exchange.close()
        # One more turn of the loop lets the sockets be closed before it ends.
        await asyncio.sleep(0.01)

    def _connect(self) -> Connection:
        return Connection(self._exchange)

    def _failed(self, _loop: asyncio.AbstractEventLoop, context: dict[str, object]) -> None:
        # A handshake that a client broke off is its own affair; anything else is a fault of a rule or of ours.
        error = context.get("exception")
        if isinstance(error, BaseException) and not isinstance(error, OSError):
            self._failures.append(error)

    def _do(self, work: Callable[[], T]) -> T:
        """Do *work* in the thread of the loop and give what it gives."""
        if self._loop is None or self._thread is None:
            raise InvalidInput("the centre does this inside `with SMSC() as smsc:` only")
        if get_ident() == self._thread.ident:
            return work()
        done: Future[T] = Future()

        def in_turn() -> None:
            try:
                with self._exchange.turn():
                    done.set_result(work())
            except BaseException as error:  # noqa: BLE001 - it is raised where it belongs: in the caller
                done.set_exception(error)

        self._loop.call_soon_threadsafe(in_turn)
        return done.result(_PATIENCE_S)

    def _each(self, work: Callable[[Connection], None]) -> None:
        def on_all() -> None:
            for connection in tuple(self._exchange.connections):
                work(connection)

        self._do(on_all)

    # ------------------------------------------------------------ what it took

    @property
    def submissions(self) -> tuple[Submission, ...]:
        """Every message that was handed over, part by part, refused ones too, in the order in which they came."""
        with self._exchange.changed:
            return tuple(self._centre.submissions)

    @property
    def taken(self) -> int:
        """How many submissions were taken; a long message counts once for each part."""
        with self._exchange.changed:
            return len(self._centre.kept)

    @property
    def duplicates(self) -> tuple[Submission, ...]:
        """The submissions that were taken and are, octet for octet, one that was taken before."""
        with self._exchange.changed:
            return tuple(self._centre.duplicates)

    @property
    def outbox(self) -> tuple[SentMessage, ...]:
        """Every message that was taken whole, its parts joined, in the order in which they became whole."""
        with self._exchange.changed:
            return joined(self._centre.kept, self._centre.behaviour.profile)

    @property
    def binds(self) -> tuple[Binding, ...]:
        """Every bind that was asked for, refused ones too."""
        with self._exchange.changed:
            return tuple(self._centre.binds)

    @property
    def connections(self) -> int:
        """How many connections are bound now."""
        with self._exchange.changed:
            return sum(each.is_bound for each in self._exchange.connections)

    @property
    def deliveries(self) -> tuple[Delivered, ...]:
        """Every receipt and reply, with what was answered to it."""
        with self._exchange.changed:
            return self._exchange.deliveries()

    @property
    def oddities(self) -> tuple[Oddity, ...]:
        """What the application did and should not have done: odd fields, wrong states, answers to nothing."""
        with self._exchange.changed:
            return tuple(self._exchange.oddities)

    def sent_to(self, number: int | str, /) -> tuple[SentMessage, ...]:
        """Give the messages to one number, oldest first; a plus sign before it or not makes no difference."""
        digits = _digits(number)
        return tuple(message for message in self.outbox if message.number.lstrip("+") == digits)

    def assert_sent(self, number: int | str, /, *, containing: str = "") -> SentMessage:
        """Give the last message to *number* with *containing* in its text; fail the test if there is none."""
        sent = self.sent_to(number)
        fitting = [message for message in sent if containing in (message.text or "")]
        if not fitting:
            masked, others = mask(_digits(number)), len(self.outbox) - len(sent)
            what = f"messages to {masked}: {len(sent)}, and none contains {containing!r}" if sent else ""
            raise AssertionError(what or f"nothing was sent to {masked}; messages to others: {others}")
        return fitting[-1]

    def assert_nothing_sent_to(self, number: int | str, /) -> None:
        """Fail the test when *number* was sent anything."""
        if sent := self.sent_to(number):
            raise AssertionError(f"messages were sent to {mask(_digits(number))}: {len(sent)}")

    def assert_all_acknowledged(self) -> None:
        """Fail the test when a receipt or a reply was not taken by the application."""
        left = [each.status for each in self.deliveries if each.status != 0]
        if left:
            raise AssertionError(f"{len(left)} of {len(self.deliveries)} deliveries were not taken; statuses: {left}")

    def assert_nothing_odd(self) -> None:
        """Fail the test when the application did anything that it should not have done."""
        if odd := self.oddities:
            raise AssertionError(f"{len(odd)} oddities; the first: {type(odd[0].what).__name__} {odd[0].why}")

    def wait_for(self, condition: Callable[[SMSC], bool], /, *, timeout_s: float = _PATIENCE_S) -> None:
        """Wait until *condition* holds for this centre; fail the test when it does not.

        It blocks: in a coroutine, wait for :meth:`until` instead.
        """
        with self._exchange.changed:
            if not self._exchange.changed.wait_for(lambda: condition(self), timeout_s):
                raise AssertionError(f"it did not happen within {timeout_s:g} s: {self!r}")

    async def until(self, condition: Callable[[SMSC], bool], /, *, timeout_s: float = _PATIENCE_S) -> None:
        """Wait until *condition* holds for this centre, without blocking the loop."""
        await asyncio.to_thread(self.wait_for, condition, timeout_s=timeout_s)

    # ------------------------------------------------------------ what it is told to do

    def receive(
        self,
        number: int | str,
        text: str,
        /,
        *,
        to: str = "",
        system_id: str | None = None,
        long: Long = Long.UDH,
    ) -> None:
        """Let *number* write *text*; a long one comes in parts. It waits until somebody is bound who receives.

        Args:
            number: who writes.
            text: what the person wrote.
            to: the short code or number to which it was sent.
            system_id: the account that gets it; None for whoever is there.
            long: how the parts are tied together.
        """
        profile = evolve(self._centre.behaviour.profile, long=long)
        self._reference = self._reference % 0xFF + 1
        source = recipient_address(int(_digits(number)))
        parts = compose(text, source, sender_address(to), profile=profile, reference=self._reference)
        for part in parts:
            self.deliver(_incoming(part), system_id=system_id)

    def deliver(self, pdu: DeliverSm | DataSm, /, *, system_id: str | None = None) -> None:
        """Deliver any PDU, with any octets, ``data_coding`` and parameters."""
        self._do(lambda: self._exchange.post(pdu, system_id))

    def decide(self, number: int | str, state: MessageState, *, error: str = "000") -> None:
        """Decide what becomes of the messages to *number* from now on."""
        digits = _digits(number)
        with self._exchange.changed:
            self._centre.fates[digits] = self._centre.fates[f"+{digits}"] = state, error

    def refuse(self, status: int, *, to: type[Pdu] = SubmitSm, after: int = 0, times: int = 1) -> None:
        """Answer requests with *status* and do nothing else about them.

        Args:
            status: any value.
            to: which requests.
            after: how many of them are served before.
            times: how many are refused then.
        """
        with self._exchange.changed:
            self._centre.refusals.append(Armed(Refusal(status), to, after, _positive(times)))

    def refuse_bind(self, status: int, *, has_body: bool = False, times: int = 1) -> None:
        """Refuse the next binds: without a body as 5.0 asks for, or with one as 3.4 does."""
        with self._exchange.changed:
            self._centre.refusals.append(Armed(Refusal(status, has_body), Bind, 0, _positive(times)))

    def go_wrong(self, fault: Fault, *, to: type[Pdu] = SubmitSm, after: int = 0, times: int = 1) -> None:
        """Let *fault* happen to the answers of requests; see :meth:`refuse` for the arguments."""
        with self._exchange.changed:
            self._exchange.faults.append(Armed(fault, to, after, _positive(times)))

    def unbind(self) -> None:
        """Unbind all connections in good order."""
        self._each(lambda each: each.unbind())

    def drop(self, *, reset: bool = False) -> None:
        """Close all connections without a word, or reset them."""
        ending = Ending.RST if reset else Ending.FIN
        self._each(lambda each: each.end(ending))

    def freeze(self) -> None:
        """Read nothing and write nothing from now on, on all connections that there are."""
        self._each(lambda each: each.freeze(frozen=True))

    def thaw(self) -> None:
        """Go on after :meth:`freeze`."""
        self._each(lambda each: each.freeze(frozen=False))

    def tell(self, octets: bytes, /) -> None:
        """Write *octets* as they are to all connections."""
        self._each(lambda each: each.tell(octets))

    def outbind(self, host: str, port: int, *, system_id: str = "smskit", password: str = "") -> None:
        """Connect to an application that listens there and ask it to bind."""
        if self._loop is None:
            raise InvalidInput("the centre does this inside `with SMSC() as smsc:` only")
        opened = asyncio.run_coroutine_threadsafe(self._loop.create_connection(self._connect, host, port), self._loop)
        _, connection = opened.result(_PATIENCE_S)
        self._do(lambda: connection.outbind(system_id, password))


def _incoming(part: SubmitSm) -> DeliverSm:
    return DeliverSm(
        source_addr_ton=part.source_addr_ton,
        source_addr_npi=part.source_addr_npi,
        source_addr=part.source_addr,
        dest_addr_ton=part.dest_addr_ton,
        dest_addr_npi=part.dest_addr_npi,
        destination_addr=part.destination_addr,
        esm_class=part.esm_class,
        data_coding=part.data_coding,
        short_message=part.short_message,
        tlvs=part.tlvs,
    )


def _positive(times: int) -> int:
    if times < 1:
        raise InvalidInput(f"times={times} must be 1 or more")
    return times


def _digits(number: int | str) -> str:
    digits = str(number).strip().removeprefix("+").replace(" ", "")
    if not (digits.isascii() and digits.isdigit()):
        raise InvalidInput(f"{mask(str(number))} is no number")
    return digits
