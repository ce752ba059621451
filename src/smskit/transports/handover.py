"""Offering messages to a carrier, and again where that is safe: one flow, without clock or socket, for both clients.

What is offered again is what certainly was not taken: a message that came back ``Postponed``, and a batch that never
left because there was no connection. Everything else is offered once.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from typing import TypeVar

from attrs import frozen

from smskit.errors import InvalidInput, TransportError
from smskit.kinds import FailureClass
from smskit.protocols import Flow, Pause, Transport
from smskit.records import Outcome, Outgoing, Postponed, Unanswered
from smskit.transports.http.watching import Retried, Throttled, Watch, tell
from smskit.transports.outcomes import understood

logger = logging.getLogger("smskit.transports")

T = TypeVar("T")


@frozen(kw_only=True)
class Retries:
    """How often and how long something is tried.

    Args:
        attempts: how often one message is offered, or one question asked, at most.
        longest_wait_s: a carrier that wants us to wait longer is not waited for.
        jitter: gives numbers from 0 up to 1, so that many who were refused at once do not come back at once.
        watch: is told of what is tried again.
    """

    attempts: int = 3
    longest_wait_s: float = 60.0
    jitter: Callable[[], float] = random.random
    watch: Watch | None = None

    def __attrs_post_init__(self) -> None:
        if self.attempts < 1:
            raise InvalidInput("attempts must be at least 1")

    def wait_s(self, attempt: int, asked_s: float | None) -> float | None:
        """Give the seconds to wait after *attempt*; None when it was the last, or the wait would be too long."""
        if attempt >= self.attempts:
            return None
        if asked_s is not None and asked_s >= 0:  # a number that is none is not
            wait_s = asked_s * (1 + self.jitter() / 10)
            return wait_s if asked_s <= self.longest_wait_s else None
        return min(self.longest_wait_s, 2.0 ** (attempt - 1)) * (0.5 + self.jitter() / 2)


def asking(name: str, make: Callable[[], Flow[T]], retries: Retries) -> Flow[T]:
    """Drive the flow that *make* gives, and a new one each time that the request certainly did not leave.

    Raises:
        TransportError: it was the last attempt, or the request may have arrived.
    """
    attempt = 1
    while True:
        try:
            return (yield from make())
        except TransportError as error:
            wait_s = retries.wait_s(attempt, error.retry_after_s) if error.retryable else None
            if wait_s is None:
                raise
        attempt += 1
        tell(retries.watch, Retried(name, attempt, 0, wait_s, "no connection"))
        yield Pause(wait_s)


class Handover:
    """Messages on their way to a carrier, in batches, and what became of each.

    A message is in doubt from the moment it is offered until the carrier's answer was read: whatever is raised in
    between, nobody takes it for one that was not sent.

    Raises:
        InvalidInput: two messages have one reference, or one of them could not be sent by anybody.
        UnsupportedFeature: a message asks for something that the transport does not have.
    """

    def __init__(self, transport: Transport, messages: Sequence[Outgoing], retries: Retries) -> None:
        self._transport = transport
        self._messages = tuple(messages)
        self._retries = retries
        self._offered: set[str] = set()
        self._outcomes: dict[str, Outcome] = {}
        self._begun = False
        self._under_way = 0
        self._stopped_by: FailureClass | None = None
        self._references = [message.reference for message in self._messages]
        if len(set(self._references)) < len(self._references):
            raise InvalidInput("two messages have the same reference; a carrier could not tell them apart")
        size = max(1, transport.features.largest_batch)
        batches = [self._messages[start : start + size] for start in range(0, len(self._messages), size)]
        # Every batch is looked at before the first one leaves.
        self._batches = [(batch, transport.submit(batch)) for batch in batches]

    @property
    def batches(self) -> int:
        """How many submissions there are, tries that are repeated aside."""
        return len(self._batches)

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        """One for each message, in their order; what was never offered is postponed."""
        told = list(map(self._outcomes.get, self._references))
        return tuple([outcome or self._untold(name) for outcome, name in zip(told, self._references, strict=True)])

    def _untold(self, reference: str) -> Outcome:
        if reference in self._offered:
            return Unanswered(reference)
        return Postponed(reference, self._stopped_by or FailureClass.UNSPECIFIED)

    def flows(self) -> Iterator[Flow[None]]:
        """Give a flow for each batch, until the account is refused or the carrier is out of reach."""
        for batch, flow in self._batches:
            if self._stopped_by is not None:
                return
            yield self._offer(batch, flow)

    @contextmanager
    def one_batch(self) -> Generator[None, None, None]:
        """Surround the driving of one flow: an error of ours must not hide what became of the other batches.

        The first thing that happens may be raised: nothing is lost with it. Later it is logged, its batch stays in
        doubt, and no other leaves.
        """
        self._under_way += 1
        try:
            yield
        except Exception as error:
            self._stop(FailureClass.UNSPECIFIED)
            if not self._begun and self._under_way == 1:
                raise
            self._begun = True
            # Without a traceback: the text of the error may hold texts and numbers.
            logger.error("%s: %s; its batch is in doubt", self._transport.name, type(error).__name__)  # noqa: TRY400
        finally:
            self._under_way -= 1

    def _offer(self, batch: Sequence[Outgoing], flow: Flow[tuple[Outcome, ...]]) -> Flow[None]:
        attempt = 1
        while True:
            # From here on they are in doubt; whatever an earlier attempt said of them counts no more.
            offered = {message.reference for message in batch}
            self._offered |= offered
            for reference in offered & self._outcomes.keys() if attempt > 1 else ():
                del self._outcomes[reference]
            try:
                told = understood(self._transport.name, (yield from flow))
            except TransportError as error:
                self._begun = True
                if not error.retryable:
                    return
                told = _not_taken(offered, error)
            self._begun = True
            if not told.keys() <= offered:
                told = {reference: told[reference] for reference in offered & told.keys()}
            self._outcomes.update(told)
            wait_s, again = self._to_offer_again(attempt, told)
            if not again:
                return
            attempt += 1
            batch = tuple(message for message in batch if message.reference in again)
            yield Pause(wait_s)
            flow = self._transport.submit(batch)

    def _to_offer_again(self, attempt: int, told: Mapping[str, Outcome]) -> tuple[float, Mapping[str, Postponed]]:
        """Give those that may be offered again, and when; stop the others where the carrier takes nobody's."""
        longest_s, again = 0.0, dict[str, Postponed]()
        for outcome in [outcome for outcome in told.values() if type(outcome) is Postponed]:
            if outcome.failure.is_of_account:
                self._stop(outcome.failure)
                continue
            wait_s = self._retries.wait_s(attempt, outcome.retry_after_s)
            if wait_s is not None:
                longest_s = max(longest_s, wait_s)
                again[outcome.reference] = outcome
            elif outcome.failure is FailureClass.PROVIDER_UNAVAILABLE:
                self._stop(outcome.failure)
        self._tell(attempt + 1, longest_s, again)
        return longest_s, again

    def _tell(self, attempt: int, wait_s: float, again: Mapping[str, Postponed]) -> None:
        name, watch = self._transport.name, self._retries.watch
        if watch is None or not again:
            return
        failures = [outcome.failure for outcome in again.values()]
        if throttled := failures.count(FailureClass.THROTTLED):
            tell(watch, Throttled(name, throttled, wait_s))
        tell(watch, Retried(name, attempt, len(again), wait_s, failures[0].value))

    def _stop(self, failure: FailureClass) -> None:
        self._stopped_by = self._stopped_by or failure


def _not_taken(offered: Set[str], error: TransportError) -> Mapping[str, Outcome]:
    why = FailureClass.PROVIDER_UNAVAILABLE
    return {reference: Postponed(reference, why, error.retry_after_s) for reference in offered}
