"""What others may implement: Transport, Store, Clock, Shortener. And the calls by which a transport speaks."""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime, time
from enum import Enum
from typing import TYPE_CHECKING, Protocol, TypeVar

from attrs import field, frozen

from smskit.kinds import Channel, FailureClass, Kind, Reason, RunState
from smskit.records import (
    Account,
    Balance,
    Capability,
    ConsentEvent,
    Engagement,
    Event,
    EventLine,
    Link,
    Outcome,
    Outgoing,
    PlannedSend,
    Reach,
    RunRecord,
    Sealed,
    Send,
    SendLine,
    Settlement,
    Suppression,
    Taken,
)

if TYPE_CHECKING:
    from concurrent.futures import Future

T = TypeVar("T")

# ---------------------------------------------------------------- flows: how a transport asks for I/O


@frozen
class Call:
    """One request that a flow wants made; headers and address may hold secrets and are never shown.

    ``label`` is what it is for, in a word that may be logged: ``submit``, ``balance``, ``look_up``.
    """

    method: str
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(factory=dict[str, str], repr=False)
    body: bytes = field(default=b"", repr=False)
    timeout_s: float = 30.0
    label: str = "submit"


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


@frozen
class Work:
    """Something that no request over HTTP does, such as a batch on a connection that is open already.

    ``start`` begins it and gives its future, which may end in another thread. Its result is the flow's own business:
    nothing is sent back. An error of it is thrown into the flow, as that of a call.
    """

    start: Callable[[], Future[None]]


Flow = Generator[Call | Pause | Work, Reply | None, T]
"""A generator that yields a Call, a Pause or a Work, is sent a Reply (or None), and returns its result."""


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


class Receipts(Enum):
    """How a carrier tells what became of a message."""

    NONE = "none"
    PUSHED = "pushed"
    FETCHED = "fetched"


@frozen
class Features:
    """What a transport can do; nothing is attempted that is not declared here.

    Args:
        largest_batch: how many messages one submission may hold.
        in_flight: how many submissions may be under way at once.
        parts_per_second: the pace that the carrier allows to one sender; None means no limit.
        idempotent: whether the same reference twice is sent once.
        idempotent_for_s: for how many seconds it remembers a reference; None means for ever.
        can_be_asked: whether :meth:`Asks.ask` tells what became of a reference.
        live: whether real handsets ring.
        stop: how to object, by territory; ``*`` stands for the others.
        windows: the carrier's own hours by country; no entry means no window of its own.
        alphabets: those that it carries, by the names of :mod:`smskit.encoding`.
        largest_parts: of how many parts one message may be; None means 255.
        longest_text: characters of one text; None means no limit beside the parts.
        alphanumeric_senders: whether a sender may be a word.
        schedules: whether it takes ``send_at``.
        validity_s: the shortest and the longest ``validity_s`` that it takes; None means that it takes none.
        receipts: how it tells what became of a message.
        replies: whether it hands on what people answer.
        signature: how its webhooks are signed, in its own words; empty means not at all.
        balance: whether it tells what the account has left.
        channel: what reaches the handset; over RCS each message is rich.
    """

    largest_batch: int = 100
    in_flight: int = 1
    parts_per_second: float | None = None
    idempotent: bool = False
    idempotent_for_s: float | None = None
    can_be_asked: bool = False
    live: bool = True
    stop: Mapping[str, StopForm] = field(factory=dict[str, StopForm])
    windows: Mapping[str, Window] = field(factory=dict[str, Window])
    alphabets: tuple[str, ...] = ("GSM-7", "UCS-2")
    largest_parts: int | None = None
    longest_text: int | None = None
    alphanumeric_senders: bool = True
    schedules: bool = False
    validity_s: tuple[int, int] | None = None
    receipts: Receipts = Receipts.NONE
    replies: bool = False
    signature: str = ""
    balance: bool = False
    channel: Channel = Channel.SMS

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
        ``retryable`` true, which promises that nothing was taken. What is raised at the call, before the flow is
        driven, has sent nothing either.

        Raises:
            InvalidInput: more messages than ``features.largest_batch``, or one that nobody could send.
            UnsupportedFeature: a message asks for something that the features do not have.
        """
        ...


class Asks(Protocol):
    """A transport that can say what became of messages in doubt."""

    def ask(self, messages: Sequence[Outgoing], /) -> Flow[Mapping[str, Outcome]]:
        """Tell the outcome of each message that the carrier knows, by reference.

        One that is missing was certainly never taken; a carrier that cannot say so answers ``Unanswered``.
        """
        ...


class LooksUp(Protocol):
    """A transport that tells the receipt of a message that it took, when it is asked."""

    def look_up(self, messages: Sequence[Taken], /) -> Flow[tuple[Event, ...]]:
        """Give what is known of each of *messages*; one of which nothing is known has no event."""
        ...


class Fetches(Protocol):
    """A transport whose replies or receipts are fetched, and that remembers them."""

    def fetch(self, since: datetime, /) -> Flow[tuple[Event, ...]]:
        """Give the events from *since* on; the same ones again when it is called again."""
        ...


class TellsBalance(Protocol):
    """A transport that tells what the account has left."""

    def balance(self) -> Flow[Balance]:
        """Ask for it."""
        ...


class Withdraws(Protocol):
    """A transport that can take back a message that waits for its time."""

    def withdraw(self, provider_id: str, /) -> Flow[bool]:
        """Take it back; false when it is too late."""
        ...


class Revokes(Protocol):
    """A transport that can take back a message which the handset has not got yet."""

    def revoke(self, messages: Sequence[Taken], /) -> Flow[frozenset[str]]:
        """Take them back; give the references of those whose revocation the carrier has taken.

        A receipt that says delivered may come all the same, and then counts.
        """
        ...


class TellsCapabilities(Protocol):
    """A transport that tells which numbers have RCS."""

    @property
    def agent(self) -> str:
        """In whose name it asks: what one agent reaches, another may not."""
        ...

    def capabilities(self, numbers: Sequence[int], /) -> Flow[Reach]:
        """Ask about *numbers*, as many at once as it likes.

        Raises:
            InvalidInput: fewer, or more, numbers than the carrier answers for.
        """
        ...


@frozen
class WebhookRequest:
    """What came in at a webhook, untouched: the signature is over these very bytes."""

    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    url: str = field(repr=False)
    method: str = "POST"


class Hears(Protocol):
    """A transport whose carrier calls a webhook."""

    def verify(self, request: WebhookRequest, now: datetime, /) -> None:
        """Make sure that the carrier sent it.

        Raises:
            WebhookError: nobody can say so.
        """
        ...

    def parse(self, request: WebhookRequest, now: datetime, /) -> tuple[Event, ...]:
        """Give what it tells.

        Raises:
            WebhookError: it cannot be read at all.
        """
        ...


class Listens(Protocol):
    """A transport that is told its events over a connection, as long as somebody listens."""

    def listen(self, take: Callable[[Sequence[Event]], object], /) -> AbstractContextManager[None]:
        """Give events to *take* within the block, in another thread.

        When *take* returns they are safe and the carrier is told so; when it raises the carrier tells them again.
        """
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
        """Open a loaded run for sending, pause it, or cancel it. Cancelling settles every PLANNED send as CANCELLED."""
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

    def book(self, lane: str, parts: int, /, *, rate: float, now: datetime, ahead: bool = False) -> float:
        """Take *parts* of the pace that all users of this store share on *lane*, at *rate* parts a second.

        Returns:
            0.0 when they are booked and may leave; otherwise the seconds after which to ask again, and nothing is
            booked. *ahead* never waits: what is urgent goes first and the others wait for it.
        """
        ...

    def failures(self, run_id: str, /, *, after: int = 0) -> tuple[Mapping[FailureClass, int], int]:
        """Count the receipts of a run that tell a failure, by its class, that came in after the mark *after*.

        Returns:
            The counts, and the mark for the next call.
        """
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

        In doubt (submitting) counts as sent. Planned, rejected, cancelled and LOADING do not, nor what a receipt calls
        rejected for a failure of the account, such as no credit: nobody saw it. The run named by *other_than* is left
        out of the question.
        """
        ...

    def recent_sends(self, numbers: Collection[int], /, *, since: datetime, kind: Kind) -> Mapping[int, int]:
        """Count what each of *numbers* was handed over since then (in doubt and accepted), by kind of run.

        What is only planned does not count: the cap is looked at again when it leaves.
        """
        ...

    # two channels -------------------------------------------------------

    def stranded(
        self, run_id: str, /, *, overdue: datetime | None = None, after: int = -1, limit: int = 1000
    ) -> tuple[Send, ...]:
        """Give sends for which another stands by, and that were refused or that a receipt calls a failure.

        With them those that were handed over before *overdue* and of which no final word is known. At most *limit* of
        them, by seq, above the seq *after*.
        """
        ...

    def oldest_under_way(self, run_id: str, /, *, since: datetime | None = None) -> datetime | None:
        """Give when the oldest send was handed over for which another stands by and no final word is known.

        Of those that the carrier has a name for; without one nothing can be taken back. Of those that were handed over
        at *since* or later, when it is given.
        """
        ...

    def fall_back(self, run_id: str, seqs: Collection[int], /, *, now: datetime) -> int:
        """Let the messages go that stand by for *seqs*; give for how many.

        In one commit it looks again: what was delivered or blocked meanwhile, is in doubt, or was answered with a word
        that decides nothing, is left as it is.
        """
        ...

    def record_capabilities(self, agent: str, capabilities: Iterable[Capability], /) -> None:
        """Keep what a carrier told of handsets; of each number the latest word counts."""
        ...

    def capabilities(self, agent: str, numbers: Collection[int], /) -> Mapping[int, Capability]:
        """Give what is known of each of *numbers*, however old it is."""
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


class Skims(Protocol):
    """A store that gives a run to a report without building a value of each row; others are read by their sends."""

    def skim_sends(self, run_id: str, /) -> Iterator[SendLine]:
        """Give the sends of a run in order of seq, streaming."""
        ...

    def skim_responses(self, run_id: str, /) -> Iterator[EventLine]:
        """Give clicks, replies and oppositions of a run in order of time, streaming; no receipts."""
        ...


__all__ = [
    "Account", "Asks", "Call", "Clock", "Features", "Fetches", "Flow", "Hears", "Listens", "LooksUp", "Pause", "Polls",
    "Reason", "Receipts", "Reply", "Revokes", "Shortener", "Skims", "StopForm", "Store", "TellsBalance",
    "TellsCapabilities", "Transport", "WebhookRequest", "Window", "Withdraws", "Work",
]  # fmt: skip
