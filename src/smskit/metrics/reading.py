"""Reading runs past what came back and what was ordered; only those who may have bought are kept."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import repeat

from attrs import define, field, frozen

from smskit.errors import InvalidInput
from smskit.kinds import Channel, DeliveryStatus
from smskit.metrics.attribution import OrderBook, Sale
from smskit.metrics.clicks import ClickRules
from smskit.metrics.difference import Difference
from smskit.metrics.lines import micros_of, send_lines
from smskit.metrics.marks import DEAD_FAILURES, Mark, status_marks
from smskit.metrics.rates import Rate, RateBasis
from smskit.metrics.responses import Response, Responses
from smskit.metrics.scope import Gate, RunData
from smskit.metrics.tally import (
    ACCEPTED,
    ASSIGNED,
    BUCKET_MICROS,
    HELD_OUT,
    STANDBY,
    Alike,
    AlikeKey,
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

Placed = tuple[int, SendLine]
"""The place of a run in the report, and a send of it."""


_NO_KEY: AlikeKey = ((0, "", "", None, ""), "", None, None, False, 0, 0, 0, 0)


@define(eq=False)
class Message:
    """A message that somebody reacted to, or may have; instants are microseconds.

    Args:
        tally: where it is counted.
        handed_over: when; None is not known.
        arrived: when; None is not known.
        marks: what came back says of it.
        clicked: when a person first did.
        replied: when they first did.
        may_have_bought: whether it waits for the orders.
        key: what it is counted as then.
    """

    tally: Tally
    handed_over: int | None
    arrived: int | None
    marks: int = 0
    clicked: int | None = None
    replied: int | None = None
    may_have_bought: bool = False
    key: AlikeKey = _NO_KEY


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


@define(repr=False)
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
    tallies: dict[CellKey, Tally] = field(factory=dict[CellKey, Tally])
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
        self.read_lines(place, data.run, send_lines(data.sends), responses)

    def read_lines(self, place: int, run: RunRecord, lines: Iterable[SendLine], responses: Responses) -> None:
        """Read sends of a run past what came back."""
        self._read((_Leg(place, run, micros_of(run.at)),), zip(repeat(place), lines), responses)

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
        # Who is not there over RCS has a telephone all the same.
        dead_of = {leg.place: DEAD_FAILURES if leg.run.channel is Channel.SMS else () for leg in legs}
        alike, knows, segment = self.alike, self.book.knows, self.gate.segment
        is_whole, notes, has_orders = self.gate.scope.is_whole, self._notes, len(self.book) > 0
        heard, strays = responses.places, responses.has_strays
        word = ""
        for place, line in lines:
            (
                seq, number, parts, price, territory, not_before, arm, state, token, failure,
                submitted, status, _, billed, fell_back,
            ) = line  # fmt: skip
            moment = max(starts[place], not_before * _MICROS) if submitted is None else submitted
            if not is_whole:
                admitted = segment(number, arm, moment)
                if admitted is None:
                    continue
                word = admitted
            cell: CellKey = (place, arm, territory, moment // BUCKET_MICROS, word)
            if fell_back:
                price = 0  # nobody bills a message whose place another one took
            if notes:
                self._note(line, starts[place], place)
            marks, message = 0, None
            if state == ACCEPTED or was_taken(state, status):
                marks = marks_of[place][status]
                if failure in dead_of[place]:
                    marks |= _DEAD
                if seq in heard or strays or (has_orders and knows(number, token)):
                    message = self._hear(cell, line, responses.take(line))
                    marks |= message.marks
            more = 0 if billed is None else billed - parts
            key = (cell, state, status, failure, token is not None, parts, price, more, marks)
            if message is not None and message.may_have_bought:
                message.key = key
            else:
                alike[key] = alike.get(key, 0) + 1
        self.unclaimed += responses.unclaimed

    @property
    def _notes(self) -> bool:
        """Whether something is to be noted of each line beside what it counts for."""
        return self.book.has_numbers or bool(self.book.rules.codes) or self.counts_people

    def _note(self, line: SendLine, start: int, place: int) -> None:
        if was_taken(line.state, line.status):
            if self.counts_people:
                self.people.append(line.number)
            if line.submitted is not None and line.submitted > self.last[place]:
                self.last[place] = line.submitted
        if self.book.has_numbers:
            self._compare(line.number, line.state, start)

    def _compare(self, number: int, state: str, start: int) -> None:
        groups, book = self.groups, self.book
        if state != HELD_OUT and state not in ASSIGNED:
            return
        if not number:
            groups.forgotten += 1  # nobody can ask whether somebody bought who was forgotten
            return
        is_exposed = state != HELD_OUT
        if is_exposed:
            groups.exposed += 1
        else:
            groups.held_out += 1
        if book.knows(number, None):
            bought, visited = book.bought(number, start), book.visited(number, start)
            groups.exposed_buyers += is_exposed and bought
            groups.exposed_visitors += is_exposed and visited
            groups.held_out_buyers += not is_exposed and bought
            groups.held_out_visitors += not is_exposed and visited

    # ------------------------------------------------------------ messages that somebody reacted to

    def _hear(self, cell: CellKey, line: SendLine, response: Response | None) -> Message:
        """Count what came back about a message, and offer it to the orders where it may have one."""
        # Of a message that was read nobody says when it arrived.
        message = Message(self.tally(cell), line.submitted, line.status_at if line.status == _DELIVERED else None)
        if response is not None:
            self._answered(message, response)
        if len(self.book) and self.book.knows(line.number, line.token):
            self._offer(message, line)
        elif message.marks:
            self._wait(message, None)
        return message

    def _offer(self, message: Message, line: SendLine) -> None:
        message.may_have_bought = True
        told = line.status_at if line.status in (_DELIVERED, _READ) else None
        since = line.submitted if line.submitted is not None else told
        if since is not None and self.book.bought_before(line.number, since):
            message.marks |= _CUSTOMER
        self.touched.append(message)
        self.book.touch(message, line.number, line.token, line.submitted, told)

    def _answered(self, message: Message, response: Response) -> None:
        tally = message.tally
        if response.clicks or response.machines:
            people = response.people(self.rules, message.handed_over, message.arrived, tally.machines)
            if people:
                tally.clicks += len(people)
                message.marks |= _CLICKED
                message.clicked = min(people)
                if message.handed_over is not None:
                    self.click_waits.append(message.clicked - message.handed_over)
        if response.replies and (answers := response.answers):
            tally.replies += len(answers)
            message.marks |= _REPLIED
            message.replied = min(answers)
        if response.oppositions:
            message.marks |= _OPTED_OUT

    def _wait(self, message: Message, bought: int | None) -> None:
        """Note how long it took to the first of each reaction, and to the first of all."""
        waits, arrived, handed_over = message.tally.waits, message.arrived, message.handed_over
        clicked, replied = message.clicked, message.replied
        if clicked is not None:
            _note_wait(waits.clicks, clicked, arrived, handed_over)
        if replied is not None:
            _note_wait(waits.replies, replied, arrived, handed_over)
        if bought is not None:
            _note_wait(waits.orders, bought, arrived, handed_over)
        if clicked is None or replied is not None or bought is not None:
            firsts = [at for at in (clicked, replied, bought) if at is not None]
            if not firsts:
                return
            clicked = min(firsts)
        _note_wait(waits.all, clicked, arrived, handed_over)

    def _sell(self, message: Message, sale: Sale | None) -> None:
        """Count a message that may have been bought after, now that it is known."""
        marks, bought = 0, None
        if sale is not None:
            message.tally.sale(sale)
            marks, bought = (_CONVERTED if sale.is_conversion else 0) | (_VISITED if sale.visits else 0), sale.first
        self._wait(message, bought)
        key: AlikeKey = (*message.key[:-1], message.key[-1] | marks)
        self.alike[key] = self.alike.get(key, 0) + 1

    def tally(self, cell: CellKey) -> Tally:
        """Give the tally of a cell."""
        tally = self.tallies.get(cell)
        if tally is None:
            tally = self.tallies[cell] = Tally()
        return tally

    # ------------------------------------------------------------ the end

    def close(self, runs: Sequence[RunRecord]) -> None:
        """Put the orders down to messages and add up; nothing is read after it."""
        sales = {id(message): sale for message, sale in self.book.settle()}
        for message in self.touched:
            self._sell(message, sales.get(id(message)))
        self.touched.clear()
        if self.gate.scope.is_of_everybody:
            # The last touch of a code is the last run that it can belong to.
            for place in sorted(range(len(runs)), key=lambda place: runs[place].at, reverse=True):
                self._close_codes(place, micros_of(runs[place].at))
        self.book.close()
        for key, count in self.alike.items():
            self.tally(key[0]).add(Alike(*key), count)
        self.alike.clear()

    def _close_codes(self, place: int, start: int) -> None:
        if self.gate.admits(start):
            for arm, _, sale in self.book.settle_codes(start, max(start, self.last[place])):
                self.tally((place, arm, "", None, "")).sale(sale)

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


def _note_wait(noted: array[int], at: int, arrived: int | None, handed_over: int | None) -> None:
    if arrived is not None and arrived <= at:
        noted.append(at - arrived)
    elif handed_over is not None and handed_over <= at:
        noted.append(at - handed_over)


def _in_order(lines: Iterator[SendLine]) -> Iterator[SendLine]:
    last = -1
    for line in lines:
        if line.seq <= last:
            raise InvalidInput("the sends of a run with a fallback have to come in order of seq, each once")
        last = line.seq
        yield line


def _paired(place: int, lines: Iterator[SendLine], other: int, others: Iterator[SendLine]) -> Iterator[Placed]:
    """Put the rows of a run and of its fallback together.

    Raises:
        InvalidInput: one of the two is not in order of seq, so that people would be counted twice.
    """
    lines, others = _in_order(lines), _in_order(others)
    one, two = next(lines, None), next(others, None)
    while one is not None or two is not None:
        if two is None or (one is not None and one.seq < two.seq):
            assert one is not None
            yield place, one
            one = next(lines, None)
        elif one is None or two.seq < one.seq:
            yield other, two
            two = next(others, None)
        else:
            # Who was forgotten meanwhile fell back to nothing.
            yield (other, two) if one.fell_back and two.state != STANDBY else (place, one)
            one, two = next(lines, None), next(others, None)
