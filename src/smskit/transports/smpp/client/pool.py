"""All binds of an account: parts go where there is room, at the pace that the centre takes, and come back judged."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Mapping
from typing import Final, Protocol

from attrs import frozen

from smskit.errors import InvalidInput
from smskit.kinds import FailureClass, Kind, Retry
from smskit.records import Accepted, Outcome, Postponed, Refused, Unanswered
from smskit.transports.smpp import tlvs
from smskit.transports.smpp.client.batch import Batch, Message, Part
from smskit.transports.smpp.client.centre import Centre
from smskit.transports.smpp.client.connection import Wire
from smskit.transports.smpp.client.links import Gate, Link, Trouble
from smskit.transports.smpp.client.pace import Pace
from smskit.transports.smpp.client.queue import Queue
from smskit.transports.smpp.client.watching import BatchEnded, Notice, Throttled, Watch, tell
from smskit.transports.smpp.events import Answered, Event, State
from smskit.transports.smpp.events import Unanswered as NotAnswered
from smskit.transports.smpp.pdubase import Pdu
from smskit.transports.smpp.pdus import GenericNack, SubmitSmResp
from smskit.transports.smpp.rules import NotNow
from smskit.transports.smpp.statuses import Meaning, Status, StatusClass, meaning_of
from smskit.transports.smpp.tlvs import Tag

logger = logging.getLogger("smskit.transports.smpp")

_LOOK_EVERY_S: Final = 0.25
_MOST_TRIES: Final = 4
_LONGEST_ASIDE_S: Final = 5.0
_STUCK_S: Final = 30.0
_CONGESTED: Final = 95
"""Of ``congestion_state``: 90 is the best use of a centre, from there on it is too much. Source: SMPP 5.0 4.8.4.18."""

_SENDING = (State.BOUND_TX, State.BOUND_TRX)


class Hears(Protocol):
    """Whoever is told of what was taken and what comes in."""

    def took(self, message: Message, part: Part, now: float, /) -> None:
        """Know the id of a part from now on."""
        ...

    def took_late(self, message: Message, outcome: Outcome, /) -> None:
        """Hear what became of a message that had been told as in doubt."""
        ...

    def heard(self, wire: Wire, event: Event, /) -> None:
        """Hear a request of the centre."""
        ...


@frozen(kw_only=True)
class Conduct:
    """How messages are handed over.

    Args:
        parts_per_second: what is agreed with the carrier; None knows no limit until the centre says so.
        patience_s: how long a submission waits while the centre takes nothing of it.
        resend: kinds of messages that are sent once more when they are in doubt: their reader may get them twice.
        statuses: the carrier's own meanings of statuses.
    """

    parts_per_second: float | None = None
    patience_s: float = 30.0
    resend: Collection[Kind] = frozenset()
    statuses: Mapping[int, Meaning] | None = None

    def __attrs_post_init__(self) -> None:
        if self.patience_s <= 0 or (self.parts_per_second is not None and self.parts_per_second <= 0):
            raise InvalidInput("parts_per_second= and patience_s= must be above 0")


class Pool:
    """The binds of one account and what waits for them. It belongs to the loop that made it."""

    def __init__(self, name: str, centre: Centre, conduct: Conduct, hears: Hears, watch: Watch | None) -> None:
        self._loop = asyncio.get_running_loop()
        self._name = name
        self._centre = centre
        self._conduct = conduct
        self._hears = hears
        self._watch = watch
        self._queue = Queue()
        self._pace = Pace(conduct.parts_per_second)
        self._batches: set[Batch] = set()
        self._senders: list[Wire] = []
        self._wires: list[Wire] = []
        self.in_flight = 0
        """How many parts have no answer yet, as far as their answers were looked at: a session is ahead of that."""

        self._accepted = self._looked = 0
        self._timer: asyncio.TimerHandle | None = None
        self._looking: asyncio.TimerHandle | None = None
        self._is_closing = False
        self._changed = asyncio.Event()
        self.trouble: Trouble | None = None
        gate = Gate(centre.backoff.every_s)
        self._links = [Link(name, centre, role, gate, self) for role in centre.roles()]
        self._tasks = [self._loop.create_task(link.keep()) for link in self._links]

    # ------------------------------------------------------------ what the account does

    @property
    def now(self) -> float:
        """The time of its loop; any thread may ask."""
        return self._loop.time()

    def abandon(self, batch: Batch) -> None:
        """Offer nothing more of a batch for which nobody waits any more."""
        if batch in self._batches:
            self._give_up(batch, self.trouble)

    async def until_bound(self) -> Trouble | None:
        """Wait for the first bind; give what keeps it from coming, when that lasts."""
        while not self._wires and not (self.trouble is not None and self.trouble.lasting):
            self._changed.clear()
            await self._changed.wait()
        return None if self._wires else self.trouble

    def submit(self, batch: Batch) -> None:
        """Hand over a batch; its ``done`` says when it is over."""
        if self._is_closing or batch.is_over:
            self._give_up(batch, Trouble(FailureClass.NETWORK, "closed"))
            if not batch.messages:
                batch.done.set_result(None)
            return
        self._batches.add(batch)
        self._queue.add(batch.parts)
        batch.parts = []
        self._pump()
        if self._looking is None:
            self._look()

    def wire_for(self, kind: type[Pdu]) -> Wire | None:
        """Give the bind with the most room that may ask for *kind*; None when there is none."""
        able = [wire for wire in self._wires if wire.room > 0 and (wire in self._senders or kind.__name__ == "DataSm")]
        return max(able, key=_room, default=None)

    async def close(self, drain_s: float) -> None:
        """Take nothing more, wait for what is in flight, unbind."""
        self._is_closing = True
        for batch in list(self._batches):
            self._give_up(batch, Trouble(FailureClass.NETWORK, "closed"))
        for task, link in zip(self._tasks, self._links, strict=True):
            if not link.leave(drain_s):
                task.cancel()
        await asyncio.wait(self._tasks, timeout=drain_s + self._centre.timers.response_s + 1)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for handle in (self._timer, self._looking):
            if handle is not None:
                handle.cancel()

    # ------------------------------------------------------------ what wires and links say

    def heard(self, wire: Wire, event: Event) -> None:
        """Hand on what the centre wants."""
        self._hears.heard(wire, event)

    def turned(self, wire: Wire) -> None:  # noqa: ARG002 - there may be room elsewhere too
        """Use the room that came."""
        self._pump()

    def bound(self, wire: Wire) -> None:
        """Use a new bind."""
        self.trouble = None
        self._wires.append(wire)
        if wire.session.state in _SENDING:
            self._senders.append(wire)
        self._changed.set()
        self._pump()

    def lost(self, wire: Wire) -> None:
        """Go on with the others."""
        self._wires.remove(wire)
        if wire in self._senders:
            self._senders.remove(wire)
        self._pump()

    def troubled(self, trouble: Trouble) -> None:
        """Remember why there is no bind; nothing waits for one that cannot come."""
        self.trouble = trouble
        self._changed.set()
        if trouble.lasting and not self._senders:
            for batch in list(self._batches):
                self._give_up(batch, trouble)

    def tell(self, notice: Notice) -> None:
        """Tell the watch."""
        tell(self._watch, notice)

    # ------------------------------------------------------------ sending

    def _pump(self) -> None:
        """Send as much as pace and windows take, then write it."""
        now, queue = self._loop.time(), self._queue
        used: set[Wire] = set()
        while (wire := self._roomiest()) is not None:
            part = self._fill(wire, queue, now)
            used.add(wire)
            if part is None:
                break
        for wire in used:
            wire.flush()

    def _fill(self, wire: Wire, queue: Queue, now: float) -> Part | None:
        """Send to one wire its share of its room; give the last part, None when there is no more to send now."""
        pace, part = self._pace, None
        for _ in range(max(1, wire.room // len(self._senders))):
            wait_s = pace.wait_s(now)
            if wait_s > 0:
                if queue:
                    self._pump_later(wait_s)
                return None
            part = queue.pop()
            if part is None:
                return None
            if part.message.bad is not None:
                self._done(part)
            elif self._send(part, wire, now):
                pace.spend(now)
            else:
                break
        return part

    def _roomiest(self) -> Wire | None:
        senders = self._senders
        if len(senders) == 1:
            return senders[0] if senders[0].room > 0 else None
        best = max(senders, key=_room, default=None)
        return best if best is not None and best.room > 0 else None

    def _send(self, part: Part, wire: Wire, now: float) -> bool:
        if part.wire is None:
            part.message.batch.untried -= 1
        part.wire = wire
        try:
            wire.session.request(part.pdu, now, context=part)
        except NotNow:
            wire.retire()
            self._queue.put_back(part)
            return False
        except InvalidInput:
            # What it cannot hold, no other bind can.
            self._refuse(part, Refused(part.message.outgoing.reference, FailureClass.BAD_REQUEST, "unwritable"))
            return False
        self.in_flight += 1
        return True

    def _pump_later(self, wait_s: float) -> None:
        if self._timer is None:
            self._timer = self._loop.call_later(wait_s, self._pump_now)

    def _pump_now(self) -> None:
        self._timer = None
        self._pump()

    # ------------------------------------------------------------ judging

    def judge(self, part: Part, event: Answered | NotAnswered) -> None:
        """Decide what the end of a request means for its part."""
        self.in_flight -= not (isinstance(event, Answered) and event.late)
        if isinstance(event, NotAnswered):
            self._unanswered(part, in_doubt=event.in_doubt)
        elif event.is_ok:
            self._took(part, event)
        else:
            self._not_taken(part, event)

    def _took(self, part: Part, event: Answered) -> None:
        message, response = part.message, event.response
        now = self._loop.time()
        message_id = ""
        if isinstance(response, SubmitSmResp):
            message_id = response.message_id or ""
            if response.tlvs and (tlvs.number(response.tlvs, Tag.CONGESTION_STATE) or 0) >= _CONGESTED:
                self._pace.throttled(now)
        message.taken[part.number] = message_id
        if message_id:
            self._hears.took(message, part, now)
        self._accepted += 1
        self._pace.accepted(now)
        if event.late:
            self._took_late(message)
            return
        message.batch.progress_at = now
        self._done(part)

    def _took_late(self, message: Message) -> None:
        # One that is sent a second time is still open, and is told by that.
        message.in_doubt = max(0, message.in_doubt - 1)
        if message.is_told and len(message.taken) == message.total:
            self._hears.took_late(message, message.outcome())

    def _not_taken(self, part: Part, event: Answered) -> None:
        message, response = part.message, event.response
        meaning = meaning_of(response.status, self._conduct.statuses)
        reference = message.outgoing.reference
        failure = meaning.failure or FailureClass.UNSPECIFIED
        code = f"generic_nack {meaning.name}" if isinstance(response, GenericNack) else meaning.name
        if event.late:
            self._refused_late(message, Refused(reference, failure, code))
        elif meaning.kind is StatusClass.THROTTLE:
            self._throttled(part, Postponed(reference, failure, code=code))
        elif meaning.kind is StatusClass.SESSION:
            self._out_of_session(part, Postponed(reference, failure, code=code))
        elif failure.is_of_account or meaning.retry in (Retry.SAFE, Retry.LATER):
            self._put_off(
                part, Postponed(reference, failure, code=code), transient=meaning.kind is StatusClass.TRANSIENT
            )
        else:
            self._refuse(part, Refused(reference, failure, code))

    def _refused_late(self, message: Message, outcome: Refused) -> None:
        message.in_doubt = max(0, message.in_doubt - 1)
        message.bad = message.bad or outcome
        if message.is_told and not message.in_doubt:
            self._hears.took_late(message, message.outcome())

    def _throttled(self, part: Part, outcome: Postponed) -> None:
        """Put a part back first and slow down; one that the centre alone refuses, while it takes others, waits aside.

        A queue may be full for one recipient only, and everybody else would wait for that phone.
        """
        part.tries += 1
        part.last = outcome
        others_pass = part.tries > 1 and self._accepted > part.seen and outcome.code == Status.ESME_RMSGQFUL.name
        part.seen = self._accepted
        if part.message.batch.is_given_up:
            self._refuse(part, outcome)
        elif others_pass:
            self._later(part, outcome)
        else:
            self._queue.put_back(part)
            now = self._loop.time()
            if self._pace.throttled(now):
                self.tell(Throttled(self._name, len(self._queue), self._pace.wait_s(now)))

    def _out_of_session(self, part: Part, outcome: Postponed) -> None:
        """Open another session: this one is bound on our side only."""
        part.tries += 1
        if part.wire is not None:
            part.wire.retire()
        if part.tries >= _MOST_TRIES or part.message.batch.is_given_up:
            self._refuse(part, outcome)
        else:
            self._queue.put_back(part)

    def _put_off(self, part: Part, outcome: Postponed, *, transient: bool) -> None:
        """Leave it to the caller when to offer a message again; a part of one that was taken in part is tried here."""
        part.tries += 1
        if transient and part.message.total > 1 and part.tries < _MOST_TRIES and not part.message.batch.is_given_up:
            self._later(part, outcome)
        else:
            self._refuse(part, outcome)

    def _later(self, part: Part, outcome: Postponed) -> None:
        wait_s = min(_LONGEST_ASIDE_S, self._conduct.patience_s / 2, 0.25 * 2.0**part.tries)
        self._loop.call_later(wait_s, self._again, part, outcome)

    def _again(self, part: Part, outcome: Postponed) -> None:
        if part.message.batch.is_given_up or self._is_closing:
            self._refuse(part, outcome)
        else:
            self._queue.put_back(part)
        self._pump()

    def _refuse(self, part: Part, outcome: Refused | Postponed) -> None:
        part.message.bad = part.message.bad or outcome
        self._done(part)

    def _unanswered(self, part: Part, *, in_doubt: bool) -> None:
        message = part.message
        if not in_doubt:
            if message.batch.is_given_up:
                self._refuse(part, self._because(message, self.trouble))
            else:
                self._queue.put_back(part)
        elif message.outgoing.kind in self._conduct.resend and not part.doubts and not message.batch.is_given_up:
            part.doubts += 1
            self._queue.put_back(part)
        else:
            message.in_doubt += 1
            self._done(part)

    # ------------------------------------------------------------ ends

    def _done(self, part: Part) -> None:
        self._done_with(part.message)

    def _done_with(self, message: Message) -> None:
        batch = message.batch
        if batch.part_done(message):
            self._batches.discard(batch)
            self._tell_end(batch)
            if batch.done.set_running_or_notify_cancel():
                batch.done.set_result(None)

    def _tell_end(self, batch: Batch) -> None:
        if self._watch is None:
            return
        kinds = [type(outcome) for outcome in batch.outcomes]
        accepted, refused, postponed, unanswered = map(kinds.count, (Accepted, Refused, Postponed, Unanswered))
        parts = sum(message.total for message in batch.messages)
        seconds = self._loop.time() - batch.began_at
        self.tell(BatchEnded(self._name, len(kinds), accepted, refused, postponed, unanswered, parts, seconds))

    def _look(self) -> None:
        """Give up what makes no progress, for as long as there is anything to look at."""
        self._looking = None
        now, patience_s = self._loop.time(), self._conduct.patience_s
        lasting = self.trouble is not None and self.trouble.lasting and not self._senders
        goes_on, self._looked = self._accepted > self._looked, self._accepted
        for batch in list(self._batches):
            if goes_on and batch.untried:
                batch.progress_at = now  # its turn comes
            if lasting or now - batch.progress_at > patience_s:
                self._give_up(batch, self.trouble)
            if now - batch.progress_at > patience_s + _STUCK_S + self._centre.timers.response_s:
                self._end_stuck(batch)
        if self._batches:
            self._looking = self._loop.call_later(_LOOK_EVERY_S, self._look)

    def _end_stuck(self, batch: Batch) -> None:
        """End a batch of which a part got lost in here, which nothing but a fault of ours explains."""
        logger.error("%s: an answer was lost in the client; what has none is in doubt", self._name)
        for message in batch.messages:
            while not message.is_told:
                message.in_doubt += 1
                self._done_with(message)

    def _give_up(self, batch: Batch, trouble: Trouble | None) -> None:
        """Offer nothing more of *batch*; what is in flight is waited for."""
        batch.is_given_up = True
        waiting = [*batch.parts, *self._queue.take_out(lambda part: part.message.batch is batch)]
        batch.parts = []
        for part in waiting:
            self._refuse(part, part.last or self._because(part.message, trouble))

    def _because(self, message: Message, trouble: Trouble | None) -> Postponed:
        """Say why a part did not leave."""
        reference = message.outgoing.reference
        if self._senders and not self._is_closing:
            slow = self._pace.rate is not None
            return Postponed(reference, FailureClass.THROTTLED if slow else FailureClass.PROVIDER_UNAVAILABLE)
        trouble = trouble or Trouble(FailureClass.NETWORK, "no bind")
        return Postponed(reference, trouble.failure if trouble.lasting else FailureClass.NETWORK, code=trouble.code)


def _room(wire: Wire) -> int:
    return wire.room
