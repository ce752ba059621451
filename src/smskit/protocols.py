"""What others may implement: Transport, Store, Clock, Shortener. And the calls by which a transport speaks."""

from __future__ import annotations

from collections.abc import Collection, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime, time
from typing import Protocol, TypeVar

from attrs import field, frozen

from smskit.kinds import Kind, Reason, RunState
from smskit.records import (
    Account,
    ConsentEvent,
    Engagement,
    Event,
    Link,
    Outcome,
    Outgoing,
    PlannedSend,
    RunRecord,
    Sealed,
    Send,
    Settlement,
    Suppression,
)

T = TypeVar("T")

# ---------------------------------------------------------------- flows: how a transport asks for I/O


@frozen
class Call:
    """One request that a flow wants made; headers may hold secrets and are never shown."""

    method: str
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(factory=dict[str, str], repr=False)
    body: bytes = field(default=b"", repr=False)
    timeout_s: float = 30.0


@frozen
class Reply:
    """What came back for a :class:`Call`."""

    status: int
    headers: Mapping[str, str] = field(factory=dict[str, str], repr=False)
    body: bytes = field(default=b"", repr=False)


@frozen
class Pause:
    """A flow wants nothing done for a while."""

    seconds: float


Flow = Generator[Call | Pause, Reply | None, T]
"""A generator that yields a Call or a Pause, is sent a Reply (or None), and returns its result."""


# ---------------------------------------------------------------- transports


@frozen
class Window:
    """The hours in which a carrier takes marketing for a country, in the recipient's local time, half open."""

    opens: time
    closes: time
    weekdays: frozenset[int] = frozenset(range(7))
    holidays: bool = True


@frozen
class StopForm:
    """How a recipient of one territory objects, and who prints it.

    ``mention`` is appended to the text with ``separator`` before it, and is counted and priced. A carrier that
    appends it itself (``printed_by_transport``) must not see it twice: it is counted all the same.
    """

    mention: str
    separator: str = " "
    printed_by_transport: bool = False

    @property
    def suffix(self) -> str:
        """What stands at the end of the text on the handset."""
        return f"{self.separator}{self.mention}"


@frozen
class Features:
    """What a transport can do; nothing is attempted that is not declared here.

    Args:
        largest_batch: how many messages one submission may hold.
        parts_per_second: the pace that the carrier allows to one sender; None means no limit.
        idempotent: whether the same reference twice is sent once.
        can_be_asked: whether :meth:`Asks.ask` tells what became of a reference.
        live: whether real handsets ring.
        stop: how to object, by territory; ``*`` stands for the others.
        windows: the carrier's own hours by country; no entry means no window of its own.
    """

    largest_batch: int = 100
    parts_per_second: float | None = None
    idempotent: bool = False
    can_be_asked: bool = False
    live: bool = True
    stop: Mapping[str, StopForm] = field(factory=dict[str, StopForm])
    windows: Mapping[str, Window] = field(factory=dict[str, Window])

    def stop_for(self, territory: str) -> StopForm | None:
        """Give the way to object for *territory*, None when the transport has none there."""
        return self.stop.get(territory) or self.stop.get(territory[:2]) or self.stop.get("*")


class Transport(Protocol):
    """A way to handsets. It is a description: state lives in connections and stores."""

    @property
    def name(self) -> str:
        """The word that logs, reports and the store call it by."""
        ...

    @property
    def features(self) -> Features:
        """What it can do."""
        ...

    def submit(self, messages: Sequence[Outgoing], /) -> Flow[tuple[Outcome, ...]]:
        """Hand over at most ``features.largest_batch`` messages; one outcome for each, in any order.

        An error raised in the flow leaves the whole batch in doubt, unless it is a ``TransportError`` with
        ``retryable`` true, which promises that nothing was taken.
        """
        ...


class Asks(Protocol):
    """A transport that knows our references and can say what became of them."""

    def ask(self, references: Sequence[str], /) -> Flow[Mapping[str, Outcome]]:
        """Tell the outcome of each reference that the carrier knows; one that is missing was never taken."""
        ...


class Polls(Protocol):
    """A transport whose events are fetched; the others push theirs to a webhook."""

    def poll(self) -> Flow[tuple[Event, ...]]:
        """Give the events that happened since the last call."""
        ...

    def pending_s(self) -> float | None:
        """Seconds until the next event is due, None when none is to come."""
        ...


class Clock(Protocol):
    """Where the time comes from; tests and sandboxes bring their own."""

    def now(self) -> datetime:
        """Give the present instant, aware."""
        ...

    async def sleep(self, seconds: float, /) -> None:
        """Wait."""
        ...


class Shortener(Protocol):
    """Makes the short link that stands in a text; the redirect is the host's, on the host's own domain."""

    def url(self, token: str, /) -> str:
        """Give the whole short link for *token*; its length must not depend on the token."""
        ...


# ---------------------------------------------------------------- the store


class Store(Protocol):
    """Consents, suppressions, runs, sends, events and links. Every method that writes has committed when it returns."""

    # people -------------------------------------------------------------

    def suppress(self, entries: Iterable[Suppression], /) -> int:
        """Add to the suppression list; give how many are new. The latest entry of a number counts."""
        ...

    def suppressed(self, numbers: Collection[int], /) -> Mapping[int, Suppression]:
        """Give the entry of each of *numbers* that is on the list (forgotten numbers among them)."""
        ...

    def record_consents(self, events: Iterable[ConsentEvent], /) -> int:
        """Append consents and withdrawals; give how many are new (the same event twice is kept once)."""
        ...

    def consents(self, numbers: Collection[int], /) -> Mapping[int, tuple[ConsentEvent, ...]]:
        """Give the history of each of *numbers* that has one, oldest first."""
        ...

    def consent_log(self) -> Iterator[Sealed]:
        """Give the chain of all consents and withdrawals in the order in which they were recorded, streaming.

        Each is sealed with the store's secret and covers all before it; of a forgotten person digest and seal stay.
        """
        ...

    def consent_head(self) -> str:
        """Give the last seal of that chain, 64 zeros when it is empty."""
        ...

    def forget(self, number: int, /) -> None:
        """Erase a person: consents, texts, events. A keyed hash stays on the suppression list."""
        ...

    def purge(self, *, now: datetime, years: int = 3, last_contact: Mapping[int, datetime] | None = None) -> int:
        """Erase those with a history of whom nothing was heard for *years*; give how many.

        Heard are consents, withdrawals, replies, clicks, and what *last_contact* tells. Of those who objected a keyed
        hash stays on the suppression list, as of then; the others may be met again and are then new.
        """
        ...

    def engagement(self, numbers: Collection[int], /) -> Mapping[int, Engagement]:
        """Give what earlier runs know of each of *numbers* that was ever sent to."""
        ...

    # runs ---------------------------------------------------------------

    def create_run(self, run: RunRecord, /) -> RunRecord:
        """Keep a new run in state LOADING; if one of the same id is there already, give that one instead."""
        ...

    def add_sends(self, run_id: str, sends: Sequence[PlannedSend], /) -> None:
        """Add rows to a LOADING run; rows whose seq is already there are left as they are."""
        ...

    def set_run_state(self, run_id: str, state: RunState, /) -> None:
        """Open a loaded run for sending, or cancel it. Cancelling settles every PLANNED send as CANCELLED."""
        ...

    def discard_run(self, run_id: str, /) -> None:
        """Remove a run that is still LOADING, with its rows."""
        ...

    def run(self, run_id: str, /) -> RunRecord | None:
        """Give one run."""
        ...

    def runs(self, campaign: str | None = None, /) -> tuple[RunRecord, ...]:
        """Give the runs, oldest first; of one campaign when it is named."""
        ...

    def hold(self, campaign: str, /) -> AbstractContextManager[None]:
        """Hold a campaign while one of its runs is loaded or driven. A killed process lets go at once.

        All runs of a campaign share the lock: two of them at once could send one person the same message twice.

        Raises:
            RunBusy: another process, or another thread, holds it.
        """
        ...

    def lease(self, run_id: str, /, *, limit: int, now: datetime) -> tuple[Send, ...]:
        """Mark up to *limit* PLANNED sends that are due as SUBMITTING, in order of seq, and give them.

        The mark is committed before this returns: whatever happens next, the messages are at worst in doubt.
        """
        ...

    def settle(self, run_id: str, settlements: Sequence[Settlement], /) -> None:
        """Record what became of leased sends. A send that is not SUBMITTING is left as it is."""
        ...

    def next_due(self, run_id: str, /) -> datetime | None:
        """Give the earliest instant at which a PLANNED send may leave, None when no send is left."""
        ...

    def account(self, run_id: str, /) -> Account:
        """Add up a run."""
        ...

    def sends(self, run_id: str, /) -> Iterator[Send]:
        """Give the sends of a run in order of seq, streaming."""
        ...

    def already_sent(
        self, campaign: str, numbers: Collection[int], /, *, other_than: str | None = None
    ) -> Collection[int]:
        """Give those of *numbers* that a run of *campaign* was sent to, is sending to, or held out.

        In doubt (submitting) counts as sent. Planned, rejected, cancelled and LOADING do not. The run named by
        *other_than* is left out of the question.
        """
        ...

    def recent_sends(self, numbers: Collection[int], /, *, since: datetime, kind: Kind) -> Mapping[int, int]:
        """Count what each of *numbers* was handed over since then (in doubt and accepted), by kind of run.

        What is only planned does not count: the cap is looked at again when it leaves.
        """
        ...

    # events -------------------------------------------------------------

    def record_events(self, events: Sequence[Event], /) -> int:
        """Keep events and apply receipts to their sends; give how many are new. Any order, any repetition."""
        ...

    def events(self, run_id: str, /) -> Iterator[Event]:
        """Give the events of a run, in order of time."""
        ...

    def add_links(self, links: Sequence[Link], /) -> None:
        """Keep short links."""
        ...

    def link(self, token: str, /) -> Link | None:
        """Give the link of a token."""
        ...

    @property
    def secret(self) -> bytes:
        """32 random bytes made with the store; keys its tokens and its hashes of forgotten numbers."""
        ...

    def close(self) -> None:
        """Let go of files; using the store afterwards is an error."""
        ...


__all__ = [
    "Account", "Asks", "Call", "Clock", "Features", "Flow", "Pause", "Polls", "Reason", "Reply", "Shortener",
    "StopForm", "Store", "Transport", "Window",
]  # fmt: skip
