"""What remembers: consents, suppressions, runs, sends, events and links."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from smskit.kinds import FailureClass, Kind, RunState
from smskit.records import (
    Account,
    Capability,
    ConsentEvent,
    Engagement,
    Event,
    EventLine,
    Link,
    PlannedSend,
    RunRecord,
    Sealed,
    Send,
    SendLine,
    Settlement,
    Suppression,
)


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
