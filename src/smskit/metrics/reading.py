"""Reading runs past what came back and what was ordered; only those who may have bought are kept."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import repeat

from attrs import define, field, frozen

from smskit.kinds import Channel, DeliveryStatus
from smskit.metrics.attribution import OrderBook, Sale
from smskit.metrics.clicks import ClickRules
from smskit.metrics.difference import Difference
from smskit.metrics.lines import micros_of, send_lines
from smskit.metrics.marks import DEAD_FAILURES, Mark, status_marks
from smskit.metrics.rates import Rate, RateBasis
from smskit.metrics.reactivity import Reaction
from smskit.metrics.responses import Response, Responses
from smskit.metrics.scope import Gate, RunData
from smskit.metrics.tally import (
    ACCEPTED,
    ASSIGNED,
    BUCKET_MICROS,
    HELD_OUT,
    Alike,
    AlikeKey,
    Cell,
    CellKey,
    Tally,
    total,
    was_taken,
)
from smskit.records import RunRecord, SendLine

_MICROS = 1_000_000
_DELIVERED, _READ = DeliveryStatus.DELIVERED.value, DeliveryStatus.READ.value
_MARKS = {channel: status_marks(readable=channel is Channel.RCS) for channel in Channel}
_CLICKED, _REPLIED, _OPTED_OUT, _CONVERTED, _VISITED, _DEAD, _CUSTOMER = map(
    int,
    (Mark.CLICKED, Mark.REPLIED, Mark.OPTED_OUT, Mark.CONVERTED, Mark.VISITED, Mark.DEAD, Mark.CUSTOMER),
)

Placed = tuple[int, SendLine, SendLine | None]
"""The place of a run in the report, a send of it, and the message over another channel whose place it took."""


@define
class Message:
    """A message that somebody reacted to, or may have; instants are microseconds."""

    alike: Alike
    handed_over: int | None
    arrived: int | None
    first: dict[Reaction, int] = field(factory=dict[Reaction, int])


@define
class Groups:
    """Those who were sent to, and those who were held out, as they were drawn."""

    exposed: int = 0
    held_out: int = 0
    exposed_buyers: int = 0
    held_out_buyers: int = 0
    exposed_visitors: int = 0
    held_out_visitors: int = 0
    forgotten: int = 0

    def difference(self, exposed: int, held_out: int) -> Difference | None:
        """Compare; None without one of the groups."""
        if not self.held_out or not self.exposed:
            return None
        return Difference(
            Rate(exposed, self.exposed, RateBasis.ASSIGNED), Rate(held_out, self.held_out, RateBasis.ASSIGNED)
        )


@frozen(eq=False)
class _Leg:
    """What is the same for all sends of a run."""

    place: int
    run: RunRecord
    at: int


@define
class Reader:
    """Reads runs one after the other.

    Args:
        book: what was ordered.
        rules: by which clicks of machines are known.
        gate: which messages are counted.
        counts_people: whether the numbers that were sent to are told apart, which takes eight bytes for each.
    """

    book: OrderBook
    rules: ClickRules
    gate: Gate
    counts_people: bool = False
    alike: dict[AlikeKey, int] = field(factory=dict["AlikeKey", int])
    tallies: dict[Cell, Tally] = field(factory=dict[Cell, Tally])
    touched: list[Message] = field(factory=list[Message])
    click_waits: array[int] = field(factory=lambda: array("q"))
    people: array[int] = field(factory=lambda: array("q"))
    groups: Groups = field(factory=Groups)
    last: Counter[int] = field(factory=Counter[int])
    unclaimed: int = 0

    # ------------------------------------------------------------ runs

    def read(self, place: int, data: RunData) -> None:
        """Read a run; *place* is where it stands in the report."""
        responses = Responses((data.run.run_id,), data.events, self.rules)
        self._read((_Leg(place, data.run, micros_of(data.run.at)),), _alone(place, send_lines(data.sends)), responses)

    def read_pair(self, place: int, data: RunData, fallback_place: int, fallback: RunData) -> None:
        """Read a run and its fallback over another channel: rows of one place are one person, counted once."""
        ids = (data.run.run_id, fallback.run.run_id)
        responses = Responses(ids, (*data.events, *fallback.events), self.rules)
        legs = (
            _Leg(place, data.run, micros_of(data.run.at)),
            _Leg(fallback_place, fallback.run, micros_of(fallback.run.at)),
        )
        self._read(legs, _paired(place, send_lines(data.sends), fallback_place, send_lines(fallback.sends)), responses)

    def _read(self, legs: Sequence[_Leg], lines: Iterable[Placed], responses: Responses) -> None:
        """Go over the lines, a million of them: what is the same for all is looked up before."""
        starts = {leg.place: leg.at for leg in legs}
        marks_of = {leg.place: _MARKS[leg.run.channel] for leg in legs}
        alike, knows, segment = self.alike, self.book.knows, self.gate.segment
        is_whole, notes, has_orders = self.gate.scope.is_whole, self._notes, len(self.book) > 0
        heard, strays = responses.places, responses.has_strays
        word = ""
        for place, line, paid in lines:
            (
                seq, number, parts, price, territory, not_before, arm, state, token, failure,
                submitted, status, _, billed, _,
            ) = line  # fmt: skip
            moment = max(starts[place], not_before * _MICROS) if submitted is None else submitted
            if not is_whole:
                admitted = segment(number, arm, moment)
                if admitted is None:
                    continue
                word = admitted
            taken = state == ACCEPTED or was_taken(state, status)
            marks = marks_of[place][status] if taken else 0
            if taken and failure in DEAD_FAILURES:
                marks |= _DEAD
            more = 0 if billed is None else billed - parts
            cell: CellKey = (place, arm, territory, moment // BUCKET_MICROS, word)
            key = (cell, state, status, failure, token is not None, parts, price, more, marks)
            if notes:
                self._note(line, starts[place], place, taken=taken)
            if paid is not None:
                self._pay(cell, paid)
            if taken and (seq in heard or strays or (has_orders and knows(number, token))):
                self._hear(Alike(*key), line, responses.take(line))
            else:
                alike[key] = alike.get(key, 0) + 1
        self.unclaimed += responses.unclaimed

    @property
    def _notes(self) -> bool:
        """Whether something is to be noted of each line beside what it counts for."""
        return self.book.has_numbers or bool(self.book.rules.codes) or self.counts_people

    def _note(self, line: SendLine, start: int, place: int, *, taken: bool) -> None:
        if taken and self.counts_people:
            self.people.append(line.number)
        if taken and line.submitted is not None and line.submitted > self.last[place]:
            self.last[place] = line.submitted
        if self.book.has_numbers:
            self._compare(line.number, line.state, start)

    def _compare(self, number: int, state: str, start: int) -> None:
        groups, book = self.groups, self.book
        if not number and (state == HELD_OUT or state in ASSIGNED):
            # Nobody can ask whether somebody bought who was forgotten.
            groups.forgotten += 1
        elif state == HELD_OUT:
            groups.held_out += 1
            groups.held_out_buyers += book.bought(number, start)
            groups.held_out_visitors += book.visited(number, start)
        elif state in ASSIGNED:
            groups.exposed += 1
            groups.exposed_buyers += book.bought(number, start)
            groups.exposed_visitors += book.visited(number, start)

    # ------------------------------------------------------------ messages that somebody reacted to

    def _hear(self, alike: Alike, line: SendLine, response: Response | None) -> None:
        """Count what came back about a message, and keep it for the orders where it may have one."""
        # Of a message that was read nobody says when it arrived.
        arrived = line.status_at if line.status == _DELIVERED else None
        message = Message(alike, line.submitted, arrived)
        if response is not None:
            self._answered(message, response)
        if not self.book.knows(line.number, line.token):
            self._finish(message, None)
            return
        told = line.status_at if line.status in (_DELIVERED, _READ) else None
        if self.book.bought_before(line.number, line.submitted if line.submitted is not None else told or 0):
            message.alike = _marked(message.alike, _CUSTOMER)
        self.touched.append(message)
        self.book.touch(message, line.number, line.token, line.submitted, told)

    def _answered(self, message: Message, response: Response) -> None:
        tally, answers = self._tally(Cell(*message.alike.cell)), response.answers
        people, machines = response.sorted_out(self.rules, message.handed_over, message.arrived)
        tally.machines.update(machines)
        tally.clicks += len(people)
        tally.replies += len(answers)
        marks = (_CLICKED if people else 0) | (_REPLIED if answers else 0)
        message.alike = _marked(message.alike, marks | (_OPTED_OUT if response.oppositions else 0))
        if people:
            message.first[Reaction.CLICK] = min(people)
            if message.handed_over is not None:
                self.click_waits.append(min(people) - message.handed_over)
        if answers:
            message.first[Reaction.REPLY] = min(answers)

    def _finish(self, message: Message, sale: Sale | None) -> None:
        tally = self._tally(Cell(*message.alike.cell))
        if sale is not None:
            tally.sale(sale)
            marks = (_CONVERTED if sale.is_conversion else 0) | (_VISITED if sale.visits else 0)
            message.alike = _marked(message.alike, marks)
            if sale.first is not None:
                message.first[Reaction.ORDER] = sale.first
        self.alike[message.alike] = self.alike.get(message.alike, 0) + 1
        if message.first:
            message.first[Reaction.ANY] = min(message.first.values())
        for reaction, at in message.first.items():
            since = [start for start in (message.arrived, message.handed_over) if start is not None and start <= at]
            if since:
                tally.wait(reaction, at - since[0])

    def _pay(self, cell: CellKey, paid: SendLine) -> None:
        """Count what the message cost that did not arrive; its recipient is counted by the other."""
        if was_taken(paid.state, paid.status):
            tally = self._tally(Cell(*cell))
            tally.parts += paid.parts
            tally.cost_micros += paid.price_micros

    def _tally(self, cell: Cell) -> Tally:
        tally = self.tallies.get(cell)
        if tally is None:
            tally = self.tallies[cell] = Tally()
        return tally

    # ------------------------------------------------------------ the end

    def close(self, runs: Sequence[RunRecord]) -> None:
        """Put the orders down to messages and add up; nothing is read after it."""
        sales = {id(message): sale for message, sale in self.book.settle()}
        for message in self.touched:
            self._finish(message, sales.get(id(message)))
        self.touched.clear()
        if self.gate.scope.is_of_everybody:
            # The last touch of a code is the last run that it can belong to.
            for place in sorted(range(len(runs)), key=lambda place: runs[place].at, reverse=True):
                self._close_codes(place, micros_of(runs[place].at))
        self.book.close()
        for key, count in self.alike.items():
            self._tally(Cell(*key[0])).add(Alike(*key), count)
        self.alike.clear()

    def _close_codes(self, place: int, start: int) -> None:
        if self.gate.admits(start):
            for arm, _, sale in self.book.settle_codes(start, max(start, self.last[place])):
                self._tally(Cell(place, arm, "", None, "")).sale(sale)

    @property
    def total(self) -> Tally:
        """All cells together."""
        return total(self.tallies.values())

    @property
    def uplift(self) -> Difference | None:
        """Buyers among the exposed against those held out; None without a hold-out, or when nobody is known."""
        return self.groups.difference(self.groups.exposed_buyers, self.groups.held_out_buyers)

    @property
    def visit_uplift(self) -> Difference | None:
        """The same for those who came to the shop."""
        if not self.book.has_visits:
            return None
        return self.groups.difference(self.groups.exposed_visitors, self.groups.held_out_visitors)


def _marked(alike: Alike, marks: int) -> Alike:
    return alike._replace(marks=alike.marks | marks) if marks else alike


def _alone(place: int, lines: Iterator[SendLine]) -> Iterator[Placed]:
    return zip(repeat(place), lines, repeat(None))


def _paired(place: int, lines: Iterator[SendLine], other: int, others: Iterator[SendLine]) -> Iterator[Placed]:
    """Put the rows of a run and of its fallback together; both are in order of seq."""
    one, two = next(lines, None), next(others, None)
    while one is not None or two is not None:
        if two is None or (one is not None and one.seq < two.seq):
            assert one is not None
            yield place, one, None
            one = next(lines, None)
        elif one is None or two.seq < one.seq:
            yield other, two, None
            two = next(others, None)
        else:
            yield (other, two, one) if one.fell_back else (place, one, None)
            one, two = next(lines, None), next(others, None)
