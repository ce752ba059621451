"""A run: one sending of one plan, its account, and the means to go on, stop and report."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext
from datetime import datetime, timedelta
from os import PathLike
from typing import TYPE_CHECKING, TypeVar, cast

from attrs import evolve

from smskit.clock import SystemClock
from smskit.delivery.channels import over_both, own_clock, refuse_other_channel, second_of
from smskit.delivery.charter import Charter
from smskit.delivery.dead_letters import DeadLetters
from smskit.delivery.engine import Engine
from smskit.delivery.expiry import Expiry, refuse_validity
from smskit.delivery.falling_back import FallingBack, other_ways, overdue_at
from smskit.delivery.guard import Guard, opening_for
from smskit.delivery.inbox import receive
from smskit.delivery.line import Line
from smskit.delivery.patience import Patience, Progress
from smskit.delivery.refreshing import refresh
from smskit.delivery.reporting import data_of, orders_of, with_fallback
from smskit.delivery.sync import run_sync
from smskit.delivery.two_channels import Together, TwoChannels
from smskit.display import Facts, Note, Shown, Sum, View
from smskit.errors import InvalidInput, PlanChanged, PlanTooLate
from smskit.exports import Target, write_csv, write_jsonl
from smskit.kinds import Channel, Kind, Reason, RunState, SendState
from smskit.metrics import (
    Asked,
    Attribution,
    Benchmarks,
    ClickRules,
    ExperimentPlan,
    Order,
    Report,
    billed_note,
    report_on,
)
from smskit.phone.mask import mask
from smskit.protocols import Clock, Listens, Store, Transport
from smskit.records import Account, Event, Send, Suppression
from smskit.transports.http import HttpCaller

if TYPE_CHECKING:
    from smskit.compliance import Rules
    from smskit.transports.drivers import Sender

T = TypeVar("T")

EXPORTED = (
    "seq", "row", "number", "state", "reason", "failure", "status", "code", "parts", "billed_parts", "price", "arm",
    "attempts", "provider_id", "submitted_at", "status_at",
)  # fmt: skip


class Run(Shown):
    """A run in a store. It can be opened by any process: everything that it needs is in the store.

    Args:
        store: where it is.
        run_id: which it is.
        transport: how it is handed over. One that does both channels, as the sandbox does, is used for both.
        fallback: how the SMS are handed over that take the place of messages over RCS, in a run that has some.
        rules: the caller's compliance rules; None takes the packaged ones.
        clock: where the time comes from; None takes the transport's own clock, or the machine's.
        call: makes the requests of a transport; None takes HTTP. One that has an ``aclose`` is closed when a call from
            ordinary code returns, and left open for coroutines.

    Raises:
        InvalidInput: the store has no such run, or it goes over another channel than the transport.
    """

    def __init__(
        self,
        store: Store,
        run_id: str,
        transport: Transport,
        *,
        fallback: Transport | None = None,
        rules: Rules | None = None,
        clock: Clock | None = None,
        call: Sender | None = None,
    ) -> None:
        record = store.run(run_id)
        if record is None:
            known = ", ".join(run.run_id for run in store.runs()) or "none"
            raise InvalidInput(f"the store has no run {run_id!r}; it has {known}")
        if record.channel is Channel.RCS:
            transport, fallback = over_both(transport, fallback)
        refuse_other_channel(transport, record.channel)
        self.store = store
        self.record = record
        self.transport = transport
        self._charter = Charter.from_json(record.plan)
        self._rules = rules
        self._clock = clock
        self._call = call
        second = second_of(store, record)
        self.fallback: Run | None = None
        """The run of the messages that take the place of those that do not arrive; None without one."""
        self._falls_back_to = second
        if second is not None and fallback is not None:
            self.fallback = Run(store, second.run_id, fallback, rules=rules, clock=self._the_clock(), call=call)

    def __repr__(self) -> str:
        return f"Run({self.id!r}, campaign={self.record.campaign!r}, transport={self.transport.name!r})"

    @property
    def id(self) -> str:
        """What the store knows it by; it begins the reference of every message."""
        return self.record.run_id

    @property
    def state(self) -> RunState:
        """READY, PAUSED, or CANCELLED."""
        run = self.store.run(self.id)
        return run.state if run else RunState.CANCELLED

    @property
    def account(self) -> Account:
        """Where each planned message is, at this instant."""
        return self.store.account(self.id)

    @property
    def resumes_at(self) -> datetime | None:
        """When to call :meth:`resume` again; None when nothing is left to do.

        The earliest remaining message may leave then, over either channel; or one over RCS is overdue, and an SMS takes
        its place.
        """
        return min((due for due in (self._next_due, self._overdue_at) if due is not None), default=None)

    @property
    def _next_due(self) -> datetime | None:
        return min((due for due in map(self.store.next_due, self._run_ids) if due is not None), default=None)

    @property
    def _overdue_at(self) -> datetime | None:
        if self.fallback is None or RunState.CANCELLED in (self.state, self.fallback.state):
            return None
        return overdue_at(self.store, self.record, self.transport, self._charter.limits)

    @property
    def _run_ids(self) -> tuple[str, ...]:
        return (self.id,) if self._falls_back_to is None else (self.id, self._falls_back_to.run_id)

    @property
    def differences(self) -> Mapping[Reason, int]:
        """What the plan would have sent and the last look before sending stopped, by reason."""
        counts = Counter(send.reason for send in self.sends() if send.state is SendState.CANCELLED and send.reason)
        return {reason: counts[reason] for reason in Reason if reason in counts}

    # ------------------------------------------------------------ sending

    def resume(
        self,
        *,
        wait: bool = False,
        attempts: int = 5,
        on_progress: Callable[[Progress], None] | None = None,
        patience: Patience | None = None,
    ) -> Run:
        """Send what is due. Called again, it goes on where it, or a process that died, stopped, or was paused.

        Args:
            wait: sleep until deferred messages may leave; otherwise they remain, and :attr:`resumes_at` says when
                to call again.
            attempts: hand-overs of one message before a carrier that keeps postponing it counts as refusing.
            on_progress: called after each batch, from the thread that sends.
            patience: when to give up on the carrier; goes before *wait* and *attempts*, which it holds too.

        Raises:
            PlanTooLate: nothing of it was handed over yet, and its time passed too long ago.
            UnsupportedFeature: the transport cannot be told how long the messages are valid.
            RunBusy: another process is sending this campaign.
            CarrierRefuses: no credit, a wrong key, refusals one after the other: mend it and call again.
            TransportError: the carrier cannot be used; the account says what is in doubt.
            StoreFull, StoreBusy: the store cannot be written to.
        """
        self._sync(lambda: self.aresume(wait=wait, attempts=attempts, on_progress=on_progress, patience=patience))
        return self

    async def aresume(
        self,
        *,
        wait: bool = False,
        attempts: int = 5,
        on_progress: Callable[[Progress], None] | None = None,
        patience: Patience | None = None,
    ) -> Run:
        """Do as :meth:`resume`, from a coroutine."""
        self._refuse_other_terms()
        self._refuse_late_start(self._the_clock().now())
        patience = patience or Patience(attempts=attempts, wait=wait)
        if self.fallback is not None:
            await self._resume_both(self.fallback, patience, on_progress)
            return self
        async with self._engine(patience, on_progress) as (engine, _):
            await engine.drain()
        return self

    async def _resume_both(
        self, second: Run, patience: Patience, on_progress: Callable[[Progress], None] | None
    ) -> None:
        second._refuse_other_terms()
        once, clock = evolve(patience, wait=False), self._the_clock()
        told: list[Callable[[Progress], None] | None] = [None, None]
        if on_progress is not None:
            together = Together(on_progress)
            told = [together.part(self.id), together.part(second.id)]
        async with (
            self._engine(once, told[0]) as (first_engine, first_line),
            second._engine(once, told[1]) as (second_engine, second_line),
        ):
            falling = FallingBack(self.store, self.record, first_line, self._charter.limits, clock)
            await TwoChannels(
                self.store, (self.record, first_engine, first_line), (second.record, second_engine, second_line),
                falling, clock, wait=patience.wait,
            ).drain()  # fmt: skip

    def resolve(self, *, wait_s: float = 0.0) -> Account:
        """End the doubts: ask a carrier that can be asked, tell an idempotent one again, or wait for receipts.

        What the carrier says it never took remains, and leaves with the next :meth:`resume`. An idempotent carrier is
        told again only as long as it certainly remembers the reference, and only what may be sent now.

        Args:
            wait_s: for how long to look again, for receipts that come in meanwhile among others.

        Returns:
            The account; what is still in doubt there cannot be told yet, and is not sent again.

        Raises:
            RunBusy: another process is sending this campaign.
            TransportError: the carrier cannot be asked now.
        """
        return self._sync(lambda: self.aresolve(wait_s=wait_s))

    async def aresolve(self, *, wait_s: float = 0.0) -> Account:
        """Do as :meth:`resolve`, from a coroutine."""
        async with self._engine(Patience(), None) as (engine, _):
            await engine.resolve(wait_s)
        if self.fallback is not None:
            await self.fallback.aresolve(wait_s=wait_s)
        return self.account

    def refresh(self) -> int:
        """Fetch what the carrier has to tell: events, and the receipts of messages that have no final one yet.

        It does nothing with a transport that only pushes. Any process may call it, also while the run is sent.

        Returns:
            How many events were new.

        Raises:
            TransportError: the carrier cannot be asked now.
        """
        return self._sync(self.arefresh)

    async def arefresh(self) -> int:
        """Do as :meth:`refresh`, from a coroutine."""
        async with self._engine(Patience(), None) as (_, line):
            new = await refresh(self.store, self.record, line)
        return new + (await self.fallback.arefresh() if self.fallback is not None else 0)

    @asynccontextmanager
    async def _engine(
        self, patience: Patience, on_progress: Callable[[Progress], None] | None
    ) -> AsyncGenerator[tuple[Engine, Line]]:
        charter, record, transport, clock = self._charter, self.record, self.transport, self._the_clock()
        desk = charter.desk(self._rules)

        def opening(send: Send) -> datetime | None:
            return opening_for(desk, send.number, send.territory, record.at).at

        shortest_s, _ = transport.features.validity_s or (1, 1)
        limits = charter.limits
        expiry = Expiry(record, limits.validity_s, shortest_s, opening)
        guard = Guard(self.store, record, desk, limits, expiry)
        async with HttpCaller() as caller:
            line = Line(
                transport, record, desk, expiry, clock, call=self._call or caller, mentions=not charter.is_test,
                most_s=limits.fallback_after_s, has_the_run=charter.carrier in ("", transport.name),
            )  # fmt: skip
            with self._listening():
                yield Engine(
                    self.store, record, line, guard, expiry, clock, patience=patience, on_progress=on_progress,
                    other_ways=other_ways(limits) if self.fallback is not None else frozenset(),
                ), line  # fmt: skip

    def _listening(self) -> AbstractContextManager[None]:
        """Record what the carrier tells over a connection of its own, for as long as the run is driven."""
        if not hasattr(self.transport, "listen"):
            return nullcontext()
        return cast("Listens", self.transport).listen(self.receive)

    def _sync(self, work: Callable[[], Awaitable[T]]) -> T:
        return run_sync(lambda: closing(self._call, work))

    def _refuse_other_terms(self) -> None:
        if self._falls_back_to is not None and self.fallback is None:
            raise InvalidInput(
                f"run {self.id} falls back to SMS; give the transport that sends them too: "
                "Run(store, run_id, rcs, fallback=sms)"
            )
        refuse_validity(self.transport, self._charter.limits.validity_s)
        # Over RCS the platform shows how to object, and nothing stands in the texts.
        if self.record.channel is Channel.SMS:
            self._refuse_other_mention()

    def _refuse_other_mention(self) -> None:
        # The texts are written down with the mention that the plan's carrier asks for, or
        # without the one that it prints itself: another carrier would send no STOP, or two.
        planned = self._charter.facts.stop
        if self.record.kind is Kind.MARKETING and dict(self.transport.features.stop) != dict(planned):
            raise PlanChanged(
                f"the STOP mention ({self.transport.name} has another than the carrier of the plan; plan and send with "
                "the same transport=)"
            )

    def _refuse_late_start(self, now: datetime) -> None:
        # A file restored from a copy, a machine that slept: nobody wants yesterday's
        # noon offer today. What has begun may end.
        late_after_s, store = self._charter.limits.late_after_s, self.store
        accounts, due = map(store.account, self._run_ids), self._next_due
        if late_after_s is None or due is None or any(one.remaining < one.planned for one in accounts):
            return
        if (now - due).total_seconds() > late_after_s:
            raise PlanTooLate(due, now, timedelta(seconds=late_after_s))

    def _the_clock(self) -> Clock:
        return self._clock or own_clock(self.transport) or SystemClock()

    def pause(self) -> Account:
        """Lease nothing more until :meth:`resume` is called; what is in hand is answered and recorded. Any process may.

        Raises:
            InvalidInput: the run was cancelled.
        """
        self.store.set_run_state(self.id, RunState.PAUSED)
        return self.account

    def cancel(self) -> Account:
        """Send nothing more: whatever was not handed over yet is cancelled for good. Any process may call it."""
        self.store.set_run_state(self.id, RunState.CANCELLED)
        return self.account

    def receive(self, events: Iterable[Event]) -> int:
        """Record what came back; see :func:`smskit.receive`."""
        return receive(self.store, events)

    # ------------------------------------------------------------ looking back

    def sends(self) -> Iterator[Send]:
        """Give each message of the run as it stands, in order."""
        return self.store.sends(self.id)

    def report(
        self,
        orders: str | PathLike[str] | Iterable[Order] | None = None,
        *,
        attribution: Attribution | None = None,
        confirmation_price: str | None = None,
        benchmarks: Benchmarks | None = None,
        min_per_arm: int | None = None,
        experiment: ExperimentPlan | None = None,
        sequential: bool = False,
        click_rules: ClickRules | None = None,
    ) -> Report:
        """Count what became of the run, with rates, intervals and money; a fallback by SMS is counted with it.

        Args:
            orders: a CSV file of orders, or :class:`~smskit.metrics.Order` values; None means not known.
            attribution: how orders are put down to messages, promotion codes among it; None takes a week, by link
                and telephone.
            confirmation_price: price of one confirmation of an opposition; None adds nothing.
            benchmarks: what the rates are held against.
            min_per_arm: the planned size of an arm; until each has it, arms are not judged.
            experiment: what was planned of it, with its size.
            sequential: test the arms so that one may look at any time, instead of once at the planned size.
            click_rules: by which clicks of machines are known; None takes ``ClickRules.default()``.

        Raises:
            UnreadableFile: the orders cannot be read.
        """
        runs = with_fallback(self.store, self.record)
        features = self.transport.features
        asked = Asked(
            orders=orders_of(orders, runs), attribution=attribution or Attribution(), benchmarks=benchmarks,
            confirmation_price=confirmation_price, min_per_arm=min_per_arm, experiment=experiment,
            sequential=sequential, click_rules=click_rules or ClickRules.default(),
            receipts=features.receipts if features.live else None, hears=features.replies or not features.live,
        )  # fmt: skip
        return report_on([data_of(self.store, run) for run in runs], asked)

    def hard_failures(self) -> tuple[Suppression, ...]:
        """Give a suppression for each number that the carrier says does not exist, for ``store.suppress``."""
        # The time is that of the failure, never that of the call: told twice, it is one entry.
        if self.record.channel is Channel.RCS:
            return ()  # who has no RCS has a telephone all the same
        source, usual = f"run {self.id}", self.record.at
        return tuple(
            Suppression(send.number, Reason.SUPPRESSED, send.status_at or send.submitted_at or usual, source)
            for send in self.sends()
            if send.failure is not None and send.failure.is_permanent and send.number
        )

    def dead_letters(self) -> DeadLetters:
        """Give the messages that did not arrive and will not by themselves, each with its reason and what to do.

        They were refused, failed on their way, stopped at the last look before sending, or are in doubt.
        """
        return DeadLetters(f"{self.record.campaign} · run {self.id}", self.sends)

    def to_csv(self, target: Target, *, show_numbers: bool = False) -> None:
        """Write one line for each message: place, row, number, state, reason, parts, price, receipt.

        Args:
            target: a path or an open text file.
            show_numbers: write whole numbers; they are masked otherwise.
        """
        write_csv(target, EXPORTED, self._exported(show_numbers=show_numbers))

    def to_jsonl(self, target: Target, *, show_numbers: bool = False) -> None:
        """Write what :meth:`to_csv` writes as one JSON object a line."""
        write_jsonl(target, self._exported(show_numbers=show_numbers))

    def _exported(self, *, show_numbers: bool) -> Iterator[dict[str, object]]:
        for send in self.sends():
            submitted_at, status_at = send.submitted_at, send.status_at
            values = (
                send.seq, send.row, f"+{send.number}" if show_numbers else mask(send.number), send.state.value,
                send.reason and send.reason.value, send.failure and send.failure.value,
                send.status and send.status.value, send.code, send.parts, send.billed_parts,
                f"{send.price_micros / 1e6:.6f}", send.arm, send.attempts, send.provider_id,
                submitted_at and submitted_at.isoformat(), status_at and status_at.isoformat(),
            )  # fmt: skip
            yield dict(zip(EXPORTED, values, strict=True))

    def _word(self, account: Account) -> str:
        if self.state in (RunState.CANCELLED, RunState.PAUSED):
            return str(self.state.value)
        return f"{account.remaining} to go" if account.remaining else "complete"

    def _notes(self, account: Account) -> Iterator[str]:
        if account.in_doubt:
            yield (
                f"{account.in_doubt} in doubt: a request left and no answer was recorded; not sent again; "
                f"run.resolve() asks for them"
            )
        later, remaining = self.resumes_at, sum(self.store.account(one).remaining for one in self._run_ids)
        if later is not None and self.state is RunState.PAUSED:
            yield f"{remaining} remain and the run is paused: call run.resume() to go on"
        elif later is not None and remaining:
            yield f"{remaining} remain; the next may leave at {later.isoformat()}: call run.resume()"
        elif later is not None:
            yield f"an SMS takes the place of what has not arrived at {later.isoformat()}: call run.resume()"
        if more := sum(send.billed_parts - send.parts for send in self.sends() if send.billed_parts is not None):
            yield billed_note(more)

    def view(self) -> View:
        """Give what a person looks at."""
        account = self.account
        others = (("fell back to SMS", account.fell_back), ("standing by", account.standby))
        return View(
            f"{self.record.campaign} · run {self.id} · {self.transport.name} · {self._word(account)}",
            Sum(
                ("planned", account.planned), ("accepted", account.accepted), ("rejected", account.rejected),
                ("in doubt", account.in_doubt), ("cancelled", account.cancelled), ("remaining", account.remaining),
            ),
            Facts(*(fact for fact in others if fact[1])),
            Facts(*((reason.value, count) for reason, count in self.differences.items()), title="stopped at sending"),
            Note(*self._notes(account)),
            *(() if self.fallback is None else (self.fallback.view(),)),
        )  # fmt: skip


async def closing(call: Sender | None, work: Callable[[], Awaitable[T]]) -> T:
    """Await *work*, then close the connections of *call*: they belong to a loop that ends here."""
    try:
        return await work()
    finally:
        aclose: Callable[[], Awaitable[None]] | None = getattr(call, "aclose", None)
        if aclose is not None:
            await aclose()
