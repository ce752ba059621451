"""An account of a centre as a transport: whoever sends hands it batches, from any thread and any loop."""

from __future__ import annotations

import asyncio
import os
import random
import threading
import weakref
from collections.abc import Callable, Generator, Mapping, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from contextlib import contextmanager
from datetime import timedelta, tzinfo
from functools import lru_cache, partial
from typing import TYPE_CHECKING, TypeVar

from attrs import evolve

from smskit.encoding import Concat
from smskit.errors import (
    CarrierRefuses,
    InvalidInput,
    NaiveDatetime,
    TransportError,
    UnencodableText,
    UnsupportedFeature,
)
from smskit.kinds import FailureClass
from smskit.protocols import Features, Flow, Receipts, StopForm, Window, Work
from smskit.records import Event, Outcome, Outgoing, Postponed, Taken
from smskit.transports.smpp.addresses import Address, recipient_address, sender_address
from smskit.transports.smpp.client.account import Account, Memory
from smskit.transports.smpp.client.batch import Batch
from smskit.transports.smpp.client.centre import Centre, Mode
from smskit.transports.smpp.client.inbox import Handler
from smskit.transports.smpp.client.links import Trouble
from smskit.transports.smpp.client.pool import Conduct
from smskit.transports.smpp.client.reading import Reading
from smskit.transports.smpp.client.thread import LoopThread
from smskit.transports.smpp.client.watching import Watch
from smskit.transports.smpp.fields import Wanted
from smskit.transports.smpp.forms import Form
from smskit.transports.smpp.pdubase import Answer, Pdu, UnknownPdu
from smskit.transports.smpp.pdus import SubmitSm
from smskit.transports.smpp.profiles import PLAIN, Long, Profile, compose
from smskit.transports.smpp.times import LONGEST
from smskit.transports.smpp.tlvs import Tlv

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from types import TracebackType

    from typing_extensions import Self

T = TypeVar("T")

_CONDUCT, _MEMORY = Conduct(), Memory()
_CLOSE_MARGIN_S = 10.0
Composed = tuple[Outgoing, tuple[SubmitSm, ...]]


class _Running:
    """The thread of an account and what lives in it."""

    def __init__(
        self, name: str, centre: Centre, conduct: Conduct, reading: Reading, memory: Memory, watch: Watch | None
    ) -> None:
        self.pid = os.getpid()
        self.drain_s = centre.timers.drain_s
        self.thread = LoopThread(f"smpp-{name}")

        async def make() -> Account:
            return Account(name, centre, conduct, reading, memory, watch)

        self.account = self.thread.start(make()).result()

    def call(self, work: Coroutine[None, None, T], timeout_s: float | None = None) -> T:
        return self.thread.start(work).result(timeout_s)

    def close(self, drain_s: float | None = None) -> None:
        # In a forked child there is no such thread, and the connection is the parent's.
        if self.pid != os.getpid() or self.thread.is_stopped:
            return
        drain_s = self.drain_s if drain_s is None else drain_s
        closing = self.thread.start(self.account.close(drain_s))
        if not self.thread.is_here:
            try:
                closing.result(drain_s + _CLOSE_MARGIN_S)
            finally:
                self.thread.stop()


def _abandon(running: _Running, batch: Batch, done: Future[None]) -> None:
    if done.cancelled():
        running.thread.soon(running.account.pool.abandon, batch)


class Smpp:
    """One account of a centre: a transport of the run engine like any other, and a carrier by itself.

    It binds when something is sent for the first time, or at once in a ``with`` block, and keeps its binds until it is
    closed. Any thread and any loop may use it.

    SMPP has nothing by which a centre would know a message again, so a message whose answer was lost is in doubt, and
    is not sent again unless ``conduct.resend`` says so for its kind.

    Args:
        centre: where it is, as whom we bind, how many binds there are.
        name: the word that logs, reports and the store call it by; two accounts need two.
        profile: what texts are written in, how long ones are cut, types of numbers.
        conduct: pace, patience, what is sent a second time.
        on_events: takes receipts and replies, in a thread of its own: ``lambda events: sk.receive(store, events)``. The
            centre has its answer when it returns, and brings them again when it raises. A run listens for itself while
            it sends.
        zone: that of the dates in the centre's receipts; None takes the time at which they came.
        errors: what ``err`` of its receipts means.
        lenient_receipts: take a delivery for a receipt by its text too.
        memory: how much is remembered of what was sent, and for how long.
        stop: how people object, by territory.
        windows: the carrier's own hours, by country.
        alphanumeric_senders: whether it takes a word as sender.
        largest_batch: messages of one submission.
        in_flight: submissions at once.
        tlvs: parameters that every message has, such as those that some countries ask for.
        watch: is told what happens; see :mod:`smskit.transports.smpp.client.watching`.

    Raises:
        InvalidInput: a size below 1, or a STOP mention that the carrier is to print: SMPP has no word for that.
    """

    def __init__(
        self,
        centre: Centre,
        *,
        name: str = "smpp",
        profile: Profile = PLAIN,
        conduct: Conduct = _CONDUCT,
        on_events: Handler | None = None,
        zone: tzinfo | None = None,
        errors: Mapping[str, FailureClass] | None = None,
        lenient_receipts: bool = False,
        memory: Memory = _MEMORY,
        stop: Mapping[str, StopForm] | None = None,
        windows: Mapping[str, Window] | None = None,
        alphanumeric_senders: bool = True,
        largest_batch: int = 500,
        in_flight: int = 2,
        tlvs: Sequence[Tlv] = (),
        watch: Watch | None = None,
    ) -> None:
        if min(largest_batch, in_flight) < 1:
            raise InvalidInput("largest_batch= and in_flight= take 1 or more")
        if any(form.printed_by_transport for form in (stop or {}).values()):
            raise InvalidInput(
                "a centre cannot be told by SMPP whether to print its own STOP mention; put it into the text"
            )
        self.name = name
        self.centre = centre
        self.profile = profile
        self._conduct = conduct
        self._reading = Reading(
            name=name, profile=profile, zone=zone, errors=errors, lenient_receipts=lenient_receipts
        )  # fmt: skip
        self._on_events = on_events
        self._memory = memory
        self._tlvs = tuple(tlvs)
        self._watch = watch
        hears = centre.mode is not Mode.TRANSMITTER
        wants = profile.receipts.receipt is not Wanted.NONE
        self.features = Features(
            largest_batch=largest_batch, in_flight=in_flight, parts_per_second=conduct.parts_per_second,
            can_be_asked=True, stop=dict(stop or {}), windows=dict(windows or {}),
            alphabets=tuple(alphabet.name for alphabet in profile.alphabets), alphanumeric_senders=alphanumeric_senders,
            schedules=True, validity_s=(1, int(LONGEST.total_seconds())),
            receipts=Receipts.PUSHED if hears and wants else Receipts.NONE, replies=hears,
        )  # fmt: skip
        self._lock = threading.Lock()
        self._running: _Running | None = None
        self._is_closed = False
        self._ends: weakref.finalize[[], Smpp] | None = None
        is_wide = profile.layout.concat is Concat.BITS_16
        self._references = 0x10000 if is_wide else 0x100
        self._reference = random.randrange(self._references)
        self._sender = lru_cache(64)(self._sender_of)

    def __repr__(self) -> str:
        return f"Smpp({self.name!r}, {self.centre.host}:{self.centre.port}, {self.centre.mode.value})"

    # ------------------------------------------------------------ opening and closing

    def __enter__(self) -> Self:
        self.connect()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        await asyncio.to_thread(self.connect)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.to_thread(self.close)

    def connect(self, *, within_s: float | None = None) -> None:
        """Bind, and wait for the first bind; on an open account it does nothing.

        After a refusal that had to be mended (a password), this is what tries again.

        Args:
            within_s: how long to wait; None takes what one attempt may take.

        Raises:
            CarrierRefuses: the centre does not know us; somebody has to mend that.
            TransportError: no bind in time. Nothing is tried any more.
            InvalidInput: it was closed.
        """
        running = self._started(afresh=True)
        limit_s = self.centre.connect_s + self.centre.bind_s + 1 if within_s is None else within_s
        waiting = running.thread.start(running.account.pool.until_bound())
        try:
            trouble = waiting.result(limit_s)
        except (FutureTimeout, TimeoutError):
            waiting.cancel()
            trouble = running.account.pool.trouble or Trouble(FailureClass.NETWORK, "no bind in time")
        if trouble is None:
            return
        self._stop()
        if trouble.lasting:
            raise CarrierRefuses(self.name, trouble.failure.value, trouble.code)
        raise TransportError(self.name, f"no bind at {self.centre.host}: {trouble.code}", retryable=True)

    def close(self, *, drain_s: float | None = None) -> None:
        """Wait for answers, hand over what came in, unbind. What had not left comes back as postponed.

        Args:
            drain_s: how long to wait, instead of ``centre.timers.drain_s``.
        """
        with self._lock:
            self._is_closed = True
        self._stop(drain_s)

    def _stop(self, drain_s: float | None = None) -> None:
        with self._lock:
            running, self._running = self._running, None
            if self._ends is not None:
                self._ends.detach()
        if running is not None:
            running.close(drain_s)

    def _started(self, *, afresh: bool = False) -> _Running:
        """Give the thread of the account, started where there is none; *afresh* also after a lasting refusal."""
        with self._lock:
            if self._is_closed:
                raise InvalidInput(f"{self.name} is closed")
            running = self._running
            trouble = running.account.pool.trouble if running is not None else None
            stale = afresh and trouble is not None and trouble.lasting
            if running is not None and running.pid == os.getpid() and not stale:
                return running
            if running is not None and stale:
                running.close(0.0)
            made = _Running(self.name, self.centre, self._conduct, self._reading, self._memory, self._watch)
            if self._on_events is not None:
                made.thread.soon(made.account.inbox.listen, self._on_events)
            self._running = made
            # Who forgets to close an account is unbound when it is let go of, or at the end of the program.
            self._ends = weakref.finalize(self, made.close)
            return made

    # ------------------------------------------------------------ sending

    def submit(self, messages: Sequence[Outgoing], /) -> Flow[tuple[Outcome, ...]]:
        """Hand over at most ``features.largest_batch`` messages; one outcome for each, in any order.

        A message of several parts is accepted when all of them are. When the centre took some and refuses another,
        the message is refused, and its code says so: it is never offered again as a whole.

        Raises:
            InvalidInput: too many messages, one that nobody could send, or the account is closed.
            UnsupportedFeature: a message asks for something that the profile cannot carry.
        """
        taken = tuple(messages)
        if len(taken) > self.features.largest_batch:
            raise InvalidInput(f"{self.name} takes {self.features.largest_batch} messages at once, not {len(taken)}")
        if self._is_closed:
            raise InvalidInput(f"{self.name} is closed")
        if self.centre.mode is Mode.RECEIVER:
            raise UnsupportedFeature(self.name, "sending, bound as a receiver")
        return self._submit([(message, self._compose(message)) for message in taken])

    def _submit(self, composed: Sequence[Composed]) -> Flow[tuple[Outcome, ...]]:
        if not composed:
            return ()
        try:
            running = self._started()
        except InvalidInput as error:
            raise TransportError(self.name, "it was closed", retryable=True) from error
        batches: list[Batch] = []
        is_cut_there = self.profile.long is Long.PAYLOAD

        def start() -> Future[None]:
            pool = running.account.pool
            batch = Batch(composed, is_cut_there=is_cut_there, now=pool.now, judge=pool)
            batches.append(batch)
            batch.done.add_done_callback(partial(_abandon, running, batch))
            running.thread.soon(pool.submit, batch)
            return batch.done

        yield Work(start)
        outcomes = tuple(batches[0].outcomes)
        if all(isinstance(one, Postponed) and one.failure is FailureClass.NETWORK for one in outcomes):
            trouble = running.account.pool.trouble
            reason = f"no bind at {self.centre.host}: {trouble.code if trouble else 'it was lost'}"
            raise TransportError(self.name, reason, retryable=True)
        return outcomes

    def _compose(self, message: Outgoing) -> tuple[SubmitSm, ...]:
        if message.carrier_stop:
            raise UnsupportedFeature(self.name, "a STOP mention of its own")
        send_at, validity_s = message.send_at, message.validity_s
        if send_at is not None and send_at.utcoffset() is None:
            raise NaiveDatetime("send_at", send_at)
        validity = None
        if validity_s is not None:
            shortest_s, longest_s = self.features.validity_s or (0, 0)
            if not shortest_s <= validity_s <= longest_s:
                raise UnsupportedFeature(
                    self.name, f"a validity of {validity_s} s: it takes {shortest_s} to {longest_s}"
                )
            period = timedelta(seconds=validity_s)
            validity = period if send_at is None else send_at + period
        source, form = self._sender(message.sender)
        if send_at is None and validity is None and (pdu := form.fill(message.number, message.text)) is not None:
            return (pdu,)
        self._reference = reference = (self._reference + 1) % self._references
        try:
            pdus = compose(
                message.text, source, recipient_address(message.number, kinds=self.profile.kinds), profile=self.profile,
                reference=reference, send_at=send_at, validity=validity,
            )  # fmt: skip
        except UnencodableText as error:
            alphabets = ", ".join(self.features.alphabets)
            raise UnsupportedFeature(self.name, f"a character that is not in {alphabets}") from error
        if not self._tlvs:
            return pdus
        return tuple(evolve(pdu, tlvs=(*pdu.tlvs, *self._tlvs)) for pdu in pdus)

    def _sender_of(self, sender: str) -> tuple[Address, Form]:
        source = sender_address(sender, kinds=self.profile.kinds)
        if source.text and not source.text.isdigit() and not self.features.alphanumeric_senders:
            raise UnsupportedFeature(self.name, "a word as sender")
        return source, Form(source, self.profile, self._tlvs)

    # ------------------------------------------------------------ asking

    def ask(self, messages: Sequence[Outgoing], /) -> Flow[Mapping[str, Outcome]]:
        """Tell what late answers said of messages in doubt; ``Unanswered`` for all others.

        A centre is asked by its own id of a message, which is what a lost answer would have told.
        """
        wanted = tuple(messages)
        if not wanted:
            return {}
        yield from ()
        return self._started().account.known(wanted)

    def look_up(self, messages: Sequence[Taken], /) -> Flow[tuple[Event, ...]]:
        """Give the state of each message, by ``query_sm``; nothing for one that the centre does not know.

        Raises:
            TransportError: no bind, or no answer.
        """
        wanted = tuple(messages)
        if not wanted:
            return ()
        return (yield from self._ask_there(lambda account: account.query(wanted)))

    def withdraw(self, provider_id: str, /) -> Flow[bool]:
        """Take back a message, with all its parts while they are remembered, by ``cancel_sm``.

        Raises:
            TransportError: no bind, no answer, or a refusal that is about something else.
        """
        return (yield from self._ask_there(lambda account: account.cancel(provider_id)))

    def request(self, pdu: Pdu, /) -> Future[Answer | UnknownPdu]:
        """Ask the centre for anything: ``replace_sm``, ``submit_multi``, ``data_sm``, a command of its own.

        The future ends with its answer, whatever that says, or with a ``TransportError``. Await it with
        ``asyncio.wrap_future``.
        """
        running = self._started()
        return running.thread.start(running.account.request(pdu))

    # ------------------------------------------------------------ hearing

    @contextmanager
    def listen(self, take: Handler, /) -> Generator[None, None, None]:
        """Give receipts and replies to *take* within the block, beside whoever else listens.

        At its end what came in is handed over first; *take* is not running any more when it is left.
        """
        running = self._started()
        running.thread.soon(running.account.inbox.listen, take)
        try:
            yield
        finally:
            if not running.thread.is_stopped:
                running.call(running.account.inbox.unlisten(take))

    def _ask_there(self, make: Callable[[Account], Coroutine[None, None, T]]) -> Flow[T]:
        """Have a question answered in the account's thread."""
        running = self._started()
        asked: list[Future[T]] = []

        def start() -> Future[None]:
            done: Future[None] = Future()
            future = running.thread.start(make(running.account))
            asked.append(future)
            future.add_done_callback(lambda _: done.set_result(None))
            return done

        yield Work(start)
        return asked[0].result()
