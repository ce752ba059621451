"""The contract of transports: what every way to handsets promises, ours and yours.

Subclass it in a test module, say how your transport is made and, when it makes requests, how they are answered:

    class TestMyCarrier(TransportContract):
        def make_transport(self) -> MyCarrier:
            return MyCarrier(key="k")

        def run(self, flow: Flow[T]) -> T:
            return drive(flow, self.fake_carrier, sleep=lambda _: None)

Nothing here needs pytest; it collects the methods by their names.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar, cast

from smskit.errors import InvalidInput
from smskit.kinds import Channel
from smskit.protocols import Asks, Flow, Polls, Transport
from smskit.records import Accepted, Event, Outcome, Outgoing, Postponed, Refused, Unanswered
from smskit.testing.factories import outgoing, over_rcs, words_of
from smskit.transports.drivers import drive

T = TypeVar("T")


class TransportContract:
    """Each test is one promise; its docstring says which."""

    def make_transport(self) -> Transport:
        """Give a fresh transport of which nothing was asked yet."""
        raise NotImplementedError("subclasses say how their transport is made")

    def run(self, flow: Flow[T]) -> T:
        """Drive one flow; override it for a transport that makes requests."""
        return drive(flow, sleep=_no_sleep)

    def messages(self, count: int) -> list[Outgoing]:
        """Give messages that the transport would take."""
        return [self.outgoing(seq) for seq in range(count)]

    def outgoing(self, seq: int = 0, **said: Any) -> Outgoing:
        """Give one message as :func:`smskit.testing.outgoing` does, for the channel of the transport."""
        message = outgoing(seq, **said)
        return over_rcs(message) if self.make_transport().features.channel is Channel.RCS else message

    # ------------------------------------------------------------ promises

    def test_it_says_its_name_and_what_it_can_do(self) -> None:
        """Its name is one word in small letters, and its features are possible."""
        transport = self.make_transport()
        assert transport.name == transport.name.lower().strip(), "a name is written in small letters"
        assert transport.name.isidentifier(), "a name is one word, for logs and the store"
        features = transport.features
        assert features.largest_batch >= 1
        assert features.in_flight >= 1
        assert features.parts_per_second is None or features.parts_per_second > 0
        assert hasattr(transport, "ask") or not features.can_be_asked, "can_be_asked needs ask()"

    def test_each_message_has_one_outcome(self) -> None:
        """A single message, a few, and a full batch: one outcome for each reference and no other."""
        transport = self.make_transport()
        for count in (1, self._few(transport), transport.features.largest_batch):
            messages = self.messages(count)
            outcomes = self.run(transport.submit(messages))
            assert all(isinstance(outcome, Accepted | Refused | Postponed | Unanswered) for outcome in outcomes)
            told = sorted(outcome.reference for outcome in outcomes)
            assert told == sorted(message.reference for message in messages), "one outcome for each message"

    def test_nothing_submitted_is_nothing_told(self) -> None:
        """An empty batch is no error and has no outcomes."""
        assert tuple(self.run(self.make_transport().submit([]))) == ()

    def test_a_batch_that_is_too_large_is_refused_at_the_call(self) -> None:
        """More than ``largest_batch`` is the caller's mistake, and is said before anything is driven."""
        transport = self.make_transport()
        too_many = self.messages(transport.features.largest_batch + 1)
        _refuses(lambda: transport.submit(too_many))

    def test_a_flow_is_lazy(self) -> None:
        """Nothing leaves before the flow is driven."""
        transport = self.make_transport()
        messages = self.messages(self._few(transport))
        transport.submit(messages).close()
        if transport.features.can_be_asked:
            assert not self._known(transport, messages), "submit sent before it was driven"

    def test_what_it_is_given_stays_as_it_is(self) -> None:
        """The list of messages is the caller's; it may change after the call without changing what is sent."""
        transport = self.make_transport()
        messages = self.messages(self._few(transport))
        given = tuple(messages)
        self.run(transport.submit(messages))
        assert tuple(messages) == given, "submit changed the list that it was given"
        later = self.messages(min(2, transport.features.largest_batch))
        count = len(later)
        flow = transport.submit(later)
        later.clear()
        assert len(self.run(flow)) == count, "submit looked at the list again after the call"

    def test_no_repr_tells_who_or_what(self) -> None:
        """Neither the transport nor what it gives shows a number or a text."""
        transport = self.make_transport()
        messages = self.messages(self._few(transport))
        shown = [repr(self.run(transport.submit(messages))), repr(transport)]
        shown += [repr(event) for event in self._events(transport)]
        for message in messages:
            for text in shown:
                assert str(message.number) not in text, "a number in a repr"
                assert words_of(message) not in text, "a text in a repr"

    def test_a_reference_that_was_never_taken_is_missing(self) -> None:
        """Of what the carrier does not know nothing is said, or that it cannot say: neither a refusal nor a guess."""
        transport = self.make_transport()
        if transport.features.can_be_asked:
            known = dict(self.run(_asks(transport).ask([self.outgoing(seq, run_id="never") for seq in range(2)])))
            assert all(isinstance(outcome, Unanswered) for outcome in known.values()), "an outcome of what nobody sent"
            assert dict(self.run(_asks(transport).ask([]))) == {}

    def test_a_reference_that_was_taken_is_known(self) -> None:
        """Asking tells the same as the answer did; a message in doubt gets its answer."""
        transport = self.make_transport()
        if not transport.features.can_be_asked:
            return
        messages = self.messages(self._few(transport))
        outcomes = self.run(transport.submit(messages))
        known = self.run(_asks(transport).ask(messages))
        for outcome in outcomes:
            told = known.get(outcome.reference)
            if isinstance(outcome, Accepted | Refused) and not isinstance(told, Unanswered):
                assert told == outcome, "asked, the carrier tells something else"

    def test_a_reference_twice_is_one_message(self) -> None:
        """A transport that calls itself idempotent answers a repeated reference as it did before."""
        transport = self.make_transport()
        if transport.features.idempotent:
            first = self.run(transport.submit(self.messages(self._few(transport))))
            again = self.run(transport.submit(self.messages(self._few(transport))))
            assert _accepted(first) == _accepted(again), "the same reference was taken as another message"

    def test_events_are_whole(self) -> None:
        """Polled events know when they happened, with a zone, and repeat themselves under one key only."""
        transport = self.make_transport()
        self.run(transport.submit(self.messages(self._few(transport))))
        by_key: dict[str, Event] = {}
        for event in self._events(transport):
            assert event.at.tzinfo is not None, "an event without a time zone"
            assert event.key, "an event without a key"
            assert by_key.setdefault(event.key, event) == event, "two different events with one key"

    # ------------------------------------------------------------ how they are tried

    def _few(self, transport: Transport) -> int:
        return min(3, transport.features.largest_batch)

    def _known(self, transport: Transport, messages: Sequence[Outgoing]) -> Sequence[Outcome]:
        """Give what the carrier says that it took or refused."""
        told = self.run(_asks(transport).ask(messages)).values()
        return [outcome for outcome in told if not isinstance(outcome, Unanswered)]

    def _events(self, transport: Transport) -> Sequence[Event]:
        if not hasattr(transport, "poll"):
            return ()
        polls = cast("Polls", transport)
        advance: Callable[[float], None] | None = getattr(getattr(transport, "clock", None), "advance", None)
        events = list(self.run(polls.poll()))
        while advance is not None and (pending_s := polls.pending_s()) is not None:
            advance(pending_s)
            events += self.run(polls.poll())
        return events


def _asks(transport: Transport) -> Asks:
    return cast("Asks", transport)


def _accepted(outcomes: Sequence[Outcome]) -> set[Outcome]:
    return {outcome for outcome in outcomes if isinstance(outcome, Accepted)}


def _refuses(call: Callable[[], object]) -> None:
    try:
        call()
    except InvalidInput:
        return
    raise AssertionError("submit must raise InvalidInput for more messages than largest_batch")


def _no_sleep(_: float) -> None:
    """Wait for nothing: a contract has no time to lose."""
