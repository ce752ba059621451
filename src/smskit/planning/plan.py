"""A plan: the account of every row, the parts and the price, before anything is sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timezone
from itertools import islice
from operator import attrgetter
from typing import TYPE_CHECKING

from attrs import evolve, field, frozen

from smskit.clock import SystemClock
from smskit.delivery import Progress, Run
from smskit.delivery.channels import over_both, own_clock, refuse_other_channel
from smskit.delivery.charter import Charter
from smskit.delivery.expiry import refuse_validity, seconds_of
from smskit.delivery.guard import Limits
from smskit.delivery.loading import Loaded, load
from smskit.delivery.reach import ReachCheck, check_reach
from smskit.delivery.run import closing
from smskit.delivery.sync import run_sync
from smskit.display import Shown, View
from smskit.errors import EmptyAudience, InvalidInput, PlanChanged, PlanTooLate, TokenTaken
from smskit.exports import Target, write_csv, write_jsonl
from smskit.kinds import Channel, Kind, Reason, RunState, SendState
from smskit.money import Money
from smskit.phone import mask
from smskit.planning.account import Longer, PlanAccount
from smskit.planning.channels import Channels
from smskit.planning.inputs import Inputs
from smskit.planning.rows import CODE_OF, DEFERRED, HELD_OUT, TO_SEND, Rows
from smskit.planning.schedule import instant
from smskit.planning.sending import Sending
from smskit.planning.view import plan_view
from smskit.planning.wording import Change
from smskit.protocols import Clock, Features, Store, Transport
from smskit.records import PlannedSend, RunRecord
from smskit.transports import Sandbox

if TYPE_CHECKING:
    from smskit.transports.drivers import Sender

_NAMES = {TO_SEND: "to_send", HELD_OUT: "held_out", DEFERRED: "deferred"} | {
    code: reason.value for reason, code in CODE_OF.items()
}

ATTEMPTS = 5
"""How often other tokens are tried when a short link of a plan is taken."""

EXPORTED = ("row", "number", "disposition", "place", "arm", "parts", "price", "not_before", "text")


@frozen(str=False, repr=False, eq=False)
class Plan(Shown):
    """What :meth:`Campaign.plan` answers. Nothing is sent; nothing is written before :meth:`send`.

    Args:
        inputs: what it was made from.
        account: where each row went.
        parts_by_country: parts to send, deferred ones included, by the territory that the price list names.
        openings: when the territories open whose hours are closed at the planned time; with its zones where a number
            tells more than its territory (``US America/New_York``).
        longer: messages that need more parts than most, None when all need the same.
        changes: what folding replaced, and how often.
        warnings: sentences for whoever is about to send.
        digest: names this very plan: the same inputs give the same digest.
        texts_digest: of all texts.
        editions: rules that were in force at the planned time.
        channels: how a campaign over RCS divides, and what each branch costs; None for one by SMS.
    """

    inputs: Inputs
    account: PlanAccount
    parts_by_country: Mapping[str, int]
    openings: Mapping[str, datetime]
    longer: Longer | None
    changes: Mapping[Change, int]
    warnings: tuple[str, ...]
    digest: str
    texts_digest: str
    editions: str
    _rows: Rows = field(alias="rows")
    _flipped: frozenset[int] = field(alias="flipped")
    # Without a store of the application's the plan has one of its own: sent twice, it still sends nothing twice.
    _store: Store = field(alias="store")
    limit: int | None = None
    channels: Channels | None = None

    def __repr__(self) -> str:
        return f"Plan({self.inputs.campaign.id!r}, to_send={self.account.to_send}, digest={self.digest!r})"

    @property
    def parts(self) -> int:
        """Parts of all SMS to send, deferred ones included; not of those that stand by for messages over RCS."""
        return sum(self.parts_by_country.values())

    @property
    def cost(self) -> Money:
        """What carriers will bill if every message is accepted, and every one over RCS delivered."""
        rich = 0 if self.channels is None else self.channels.rich_cost(self.inputs).micros
        return Money(self.sms_cost.micros + rich, self.inputs.prices.currency)

    @property
    def sms_cost(self) -> Money:
        """The part of :attr:`cost` that is for SMS."""
        prices = self.inputs.prices
        micros = sum((prices.micros_for(place) or 0) * parts for place, parts in self.parts_by_country.items())
        return Money(micros, prices.currency)

    @property
    def reasons(self) -> Mapping[Reason, int]:
        """How many rows were left out, by reason, in the order in which they are looked for."""
        return self.account.blocked

    @property
    def run_id(self) -> str:
        """The id that its run will have in the store."""
        return self.digest[:16] if self.limit is None else f"{self.digest[:16]}p{self.limit}"

    @property
    def fallback_id(self) -> str:
        """The id of the run of the SMS behind messages over RCS; empty when there are none."""
        return f"{self.run_id}s" if self.inputs.campaign.fallback is not None else ""

    # ------------------------------------------------------------ sending

    def pilot(self, messages: int) -> Plan:
        """Give a plan for the first *messages* recipients only, to look at before the rest leaves.

        Sending the whole plan afterwards leaves the pilot's recipients out: a number gets a campaign once. The account
        and the cost of a pilot are still those of the whole plan.

        Raises:
            InvalidInput: *messages* is no number of messages.
        """
        if type(messages) is not int or messages < 1:
            raise InvalidInput(f"a pilot of {messages!r} messages is none; give 1 or more")
        told = f"a pilot: of these, only the first {messages} are sent"
        return evolve(self, limit=messages, warnings=(told, *self.warnings))

    def send(
        self,
        transport: Transport | None = None,
        *,
        fallback: Transport | None = None,
        wait: bool | None = None,
        clock: Clock | None = None,
        on_progress: Callable[[Progress], None] | None = None,
        call: Sender | None = None,
    ) -> Run:
        """Write the plan into its store and hand the messages over.

        Opt-outs, hours, caps and budget are looked at again before each batch leaves; ``run.differences`` tells
        what that stopped. Sending the same plan twice sends nothing twice: the second call resumes the run.

        Args:
            transport: how the messages are handed over; None is a sandbox. Real telephones only ring when you give a
                live one.
            fallback: how the SMS behind messages over RCS are handed over; the sandbox does both.
            wait: sleep until deferred messages may leave; None waits only where time is virtual (the sandbox).
            clock: what time it is; None takes the transport's, or the machine's.
            on_progress: called after each batch.
            call: makes the requests of a transport, such as an ``HttpCaller`` with your options; None takes HTTP.

        Raises:
            EmptyAudience: nobody is left to send to.
            PlanTooLate: its time passed by more than the campaign's ``late_after``.
            PlanChanged: the contacts changed, or the transport asks for another STOP mention than was planned.
            UnsupportedFeature: the transport cannot be told the campaign's validity.
            InvalidInput: a transport of the other channel, or none for the SMS behind messages over RCS.
            RunBusy: another process is sending this campaign.
            CarrierRefuses: no credit, a wrong key, refusals one after the other: mend it and call ``run.resume()``.
            TransportError: the carrier cannot be used; what left is in the account.
        """
        transport = transport if transport is not None else Sandbox()
        run = self.load(transport, fallback=fallback, clock=clock, call=call)
        virtual = clock is None and hasattr(transport, "clock")
        return run.resume(wait=virtual if wait is None else wait, on_progress=on_progress)

    async def asend(
        self,
        transport: Transport | None = None,
        *,
        fallback: Transport | None = None,
        wait: bool | None = None,
        clock: Clock | None = None,
        on_progress: Callable[[Progress], None] | None = None,
        call: Sender | None = None,
    ) -> Run:
        """Do as :meth:`send`, from a coroutine."""
        transport = transport if transport is not None else Sandbox()
        run = self.load(transport, fallback=fallback, clock=clock, call=call)
        virtual = clock is None and hasattr(transport, "clock")
        return await run.aresume(wait=virtual if wait is None else wait, on_progress=on_progress)

    def check_reach(
        self, transport: Transport, *, clock: Clock | None = None, call: Sender | None = None
    ) -> ReachCheck:
        """Ask which of those who would be sent to have RCS, and keep it in the store; then plan again.

        Nobody else is asked about, and nobody of whom the answer is younger than the campaign's ``capability_age``.

        Raises:
            InvalidInput: the campaign goes by SMS.
            UnsupportedFeature: the carrier does not tell.
            TransportError: it cannot be asked now.
        """
        campaign, rows = self.inputs.campaign, self._rows
        if not campaign.is_rich:
            raise InvalidInput("the campaign goes by SMS, which every telephone has")
        if self.inputs.store is None:
            raise InvalidInput("the answers would be lost: plan with store=, so that the next plan finds them there")
        transport, _ = over_both(transport, None)
        wanted = {TO_SEND, DEFERRED, CODE_OF[Reason.NO_RCS]}
        numbers = [number for number, code in zip(rows.numbers, rows.codes, strict=True) if code in wanted]
        the_clock: Clock = clock or own_clock(transport) or self.inputs.clock or SystemClock()
        # What the plan will believe at its time, or believes now where that is further ahead than any answer lasts.
        since, now = self.inputs.at - campaign.capability_age, the_clock.now()
        since = since if since <= now else now - campaign.capability_age
        return run_sync(
            lambda: closing(
                call, lambda: check_reach(transport, numbers, self._store, since=since, clock=the_clock, call=call)
            )
        )

    def load(
        self,
        transport: Transport,
        *,
        fallback: Transport | None = None,
        clock: Clock | None = None,
        call: Sender | None = None,
    ) -> Run:
        """Write the plan into its store, ready to be sent by ``run.resume()`` here or in another process.

        Raises as :meth:`send` does, apart from what only happens at hand-over.
        """
        inputs = self.inputs
        if not self.account.to_send + self.account.deferred:
            held_out = {"held_out": self.account.held_out} if self.account.held_out else {}
            left_out = {reason.value: count for reason, count in self.reasons.items()}
            raise EmptyAudience(self.account.rows, {**left_out, **held_out})
        if inputs.campaign.is_rich:
            transport, second = over_both(transport, fallback)
            # One that does both is asked for SMS only where there are some.
            fallback = second if inputs.campaign.fallback is not None else fallback
        self._refuse_other_transports(transport, fallback)
        both = (transport,) if fallback is None else (transport, fallback)
        for one in both:
            refuse_validity(one, seconds_of(inputs.campaign.validity))
            if start := getattr(one, "start", None):
                start(inputs.at)
        the_clock: Clock = clock or own_clock(transport) or inputs.clock or SystemClock()
        store = self._store
        known = store.run(self.run_id)
        if known is None or known.state is RunState.LOADING:
            self._refuse_when_late(the_clock)
            self._write(store, the_clock, [one.name for one in both])
        return Run(
            store, self.run_id, transport, fallback=fallback, rules=inputs.rules, clock=the_clock, call=call
        )  # fmt: skip

    def _refuse_other_transports(self, transport: Transport, fallback: Transport | None) -> None:
        campaign = self.inputs.campaign
        refuse_other_channel(transport, Channel.RCS if campaign.is_rich else Channel.SMS)
        if campaign.fallback is None:
            if fallback is not None:
                raise InvalidInput("the campaign has no fallback, so that fallback= has nothing to send; leave it out")
            if not campaign.is_rich:
                self._refuse_other_terms(transport)
            return
        if fallback is None:
            raise InvalidInput("the campaign falls back to SMS; give the transport that sends them: fallback=")
        refuse_other_channel(fallback, Channel.SMS)
        self._refuse_other_terms(fallback)

    def _write(self, store: Store, clock: Clock, carriers: Sequence[str]) -> None:
        for attempt in range(ATTEMPTS):
            try:
                first, *others = self._run_records(clock, carriers)
                load(store, first, self._batches(store.secret, attempt), second=next(iter(others), None))
            except TokenTaken:
                # One token of a million may be that of an earlier run: others are tried for all.
                if attempt == ATTEMPTS - 1:
                    raise
            else:
                return

    def _refuse_other_terms(self, transport: Transport) -> None:
        if self.inputs.desk().kind is not Kind.MARKETING:
            return
        planned, asked = self.inputs.features, transport.features
        for what, same in (
            ("STOP mention", dict(planned.stop) == dict(asked.stop)),
            ("hours", dict(planned.windows) == dict(asked.windows)),
        ):
            if not same:
                raise PlanChanged(f"the carrier's {what} (plan with transport=, here {transport.name})")

    def _refuse_when_late(self, clock: Clock) -> None:
        now = instant(clock.now(), self.inputs.campaign.zone, "clock.now()")
        late_after = self.inputs.campaign.late_after
        if now - self.inputs.at > late_after:
            raise PlanTooLate(self.inputs.at, now, late_after)

    def _run_records(self, clock: Clock, carriers: Sequence[str]) -> Iterator[RunRecord]:
        """Give the run, and the one that falls back for it."""
        inputs, campaign = self.inputs, self.inputs.campaign
        limits = Limits(
            cap=campaign.cap.messages if campaign.cap else None,
            cap_days=campaign.cap.days if campaign.cap else 7,
            budget_micros=campaign.budget_micros,
            defer=campaign.defer,
            late_after_s=campaign.late_after.total_seconds(),
            validity_s=seconds_of(campaign.validity),
        )
        if inputs.rich is None:
            yield self._run_record(clock, carriers[0], limits, inputs.features)
            return
        fallback, features = campaign.fallback, inputs.rich.of_run()
        if fallback is None:
            yield evolve(self._run_record(clock, carriers[0], limits, features), channel=Channel.RCS)
            return
        falling = evolve(
            limits, fallback_on=sorted(condition.value for condition in fallback.on),
            fallback_after_s=seconds_of(fallback.after),
        )  # fmt: skip
        yield evolve(self._run_record(clock, carriers[0], falling, features), channel=Channel.RCS)
        second = self._run_record(clock, carriers[1], limits, inputs.features)
        yield evolve(second, run_id=self.fallback_id, fallback_of=self.run_id)

    def _run_record(self, clock: Clock, carrier: str, limits: Limits, features: Features) -> RunRecord:
        inputs, campaign = self.inputs, self.inputs.campaign
        facts = campaign.facts(inputs.at, features)
        charter = Charter(facts, inputs.profile, limits, inputs.rules.version, self.to_dict(), carrier=carrier)
        return RunRecord(
            self.run_id, campaign.id, self.digest, inputs.desk().kind, campaign.sender, inputs.at, clock.now(),
            RunState.LOADING, inputs.prices.currency, charter.to_json(),
        )  # fmt: skip

    def _batches(self, secret: bytes = b"", attempt: int = 0) -> Iterator[list[Loaded]]:
        sending = Sending(
            self.inputs, self._rows, self._flipped, self.openings, self.texts_digest, self.run_id, self.fallback_id,
            secret, attempt,
        )  # fmt: skip
        return sending.batches(self.limit)

    # ------------------------------------------------------------ looking

    def messages(self, limit: int | None = None) -> Iterator[PlannedSend]:
        """Give what would be sent, in order; tokens of short links are placeholders, rich messages are their JSON."""
        return islice((send for send in self._sends() if send.state is SendState.PLANNED), limit)

    def _sends(self) -> Iterator[PlannedSend]:
        for batch in self._batches():
            sends = (send for loaded in batch for send in loaded.sends if send.state is not SendState.STANDBY)
            yield from sends if len(batch) == 1 else sorted(sends, key=attrgetter("seq"))

    def rows(self) -> Iterator[tuple[int, int, str]]:
        """Give row, number and disposition of every row read, in order; a number that is none is 0."""
        rows = self._rows
        for row, number, code in zip(rows.counted(), rows.numbers, rows.codes, strict=True):
            yield row, number, _NAMES[code]

    def to_csv(self, target: Target, *, show_numbers: bool = False) -> None:
        """Write one line for each row read: what becomes of it, its text, parts and price.

        Args:
            target: a path or an open text file.
            show_numbers: write whole numbers; they are masked otherwise.
        """
        write_csv(target, EXPORTED, self._exported(show_numbers=show_numbers))

    def to_jsonl(self, target: Target, *, show_numbers: bool = False) -> None:
        """Write what :meth:`to_csv` writes as one JSON object a line."""
        write_jsonl(target, self._exported(show_numbers=show_numbers))

    def _exported(self, *, show_numbers: bool) -> Iterator[dict[str, object]]:
        sends = self._sends()
        planned = next(sends, None)
        for row, number, disposition in self.rows():
            shown = (f"+{number}" if show_numbers else mask(number)) if number else ""
            told: dict[str, object] = dict.fromkeys(EXPORTED, "")
            told.update(row=row, number=shown, disposition=disposition)
            if planned is not None and planned.row == row:
                due = datetime.fromtimestamp(planned.not_before, timezone.utc).isoformat()
                told.update(
                    place=planned.territory, arm=planned.arm, parts=planned.parts,
                    price=f"{planned.price_micros / 1e6:.6f}", not_before=due, text=planned.text,
                )  # fmt: skip
                planned = next(sends, None)
            yield told

    def to_dict(self) -> dict[str, object]:
        """Give the plan as plain values for an archive: who was chosen, at which price, under which rules."""
        inputs, campaign, account = self.inputs, self.inputs.campaign, self.account
        return {
            "campaign": campaign.id,
            "digest": self.digest,
            "at": inputs.at.isoformat(),
            "zone": campaign.zone.key,
            "editions": self.editions,
            "segments": [segment.to_json() for segment in campaign.to.segments],
            **({"weights": dict(campaign.experiment.weights)} if campaign.variants else {}),
            "messages": {arm: message.template.source for arm, message in campaign.arms.items()},
            "prices": {"currency": inputs.prices.currency, "micros_per_part": dict(inputs.prices.per_part_micros)},
            "rows": account.rows,
            "to_send": account.to_send,
            "held_out": account.held_out,
            "deferred": account.deferred,
            "blocked": {reason.value: count for reason, count in account.blocked.items()},
            "parts": self.parts,
            "cost": str(self.cost.amount),
            **self._rich_dict(),
            "changes": [[change.before, change.after, count] for change, count in self.changes.items()],
            "warnings": list(self.warnings),
        }

    def _rich_dict(self) -> dict[str, object]:
        if self.channels is None or self.inputs.rich is None:
            return {}
        campaign, prices = self.inputs.campaign, self.inputs.rich.prices
        return {
            "contents": {arm: template.message.payload() for arm, template in campaign.rich_arms.items()},
            "rich_prices": {"basic": prices.basic_micros, "single": prices.single_micros},
            "rich_messages": {billing.value: count for billing, count in self.channels.messages.items()},
            "by_sms": self.channels.by_sms,
            "standby_cost": str(self.channels.standby_cost(self.inputs).amount),
            "handsets": {handset.value: count for handset, count in self.channels.handsets.items()},
        }

    def view(self) -> View:
        """Give what a person looks at."""
        return plan_view(
            self.inputs, self.account, self.longer, editions=self.editions, parts=self.parts, cost=str(self.cost),
            openings=self.openings, changes=self.changes, warnings=self.warnings,
            channels=() if self.channels is None else self.channels.blocks(self.inputs, self.sms_cost),
        )  # fmt: skip
