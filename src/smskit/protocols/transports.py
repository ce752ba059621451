"""Ways to handsets: what a transport is, what it can do beyond handing over, and what it says that it can."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime, time
from enum import Enum
from typing import Protocol

from attrs import field, frozen

from smskit.kinds import Channel
from smskit.protocols.flows import Flow
from smskit.records import Balance, Event, Outcome, Outgoing, Reach, Taken


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
        largest_question: about how many numbers one question may be, where it tells who has RCS; None means any.
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
    largest_question: int | None = None

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
        """Ask about *numbers*, at most ``features.largest_question``.

        Raises:
            InvalidInput: no number, or more than the carrier answers for.
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
