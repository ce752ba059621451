"""Counting a run out of Arrow tables, by column: the same counts as line by line, some times faster.

Rows that no column can judge, those of people who may have bought and those whose events are known by token or number
alone, are read line by line as ever; they are few.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from smskit.kinds import Channel, DeliveryStatus, EventType
from smskit.metrics.lines import instant_of, micros_of
from smskit.metrics.marks import DEAD_FAILURES, Mark, status_marks
from smskit.metrics.reactivity import Reaction
from smskit.metrics.reading import Reader
from smskit.metrics.responses import CLICK, COUNTED, OPT_OUT, REPLY, Responses
from smskit.metrics.tables import pyarrow
from smskit.metrics.tally import ACCEPTED, ASSIGNED, BUCKET_MICROS, HELD_OUT, SUBMITTING, AlikeKey, CellKey, Tally
from smskit.records import Event, EventLine, RunRecord, SendLine

_MICROS = 1_000_000
_KINDS = {kind.value: kind for kind in EventType}


class Columns:
    """One run in columns; *reader* gets what is counted.

    Args:
        reader: where the counts go, and who reads the rows that columns cannot judge.
        place: where the run stands in the report.
        run: which it is.
        sends: its ledger, as :func:`~smskit.metrics.tables.sends_of` gives it.
        events: what came back, as :func:`~smskit.metrics.tables.events_of` gives it.
    """

    def __init__(self, reader: Reader, place: int, run: RunRecord, sends: Any, events: Any) -> None:
        self._pa, self._pc = pyarrow(), pyarrow(".compute")
        self._reader, self._place, self._run = reader, place, run
        self._start = micros_of(run.at)
        self._tallies: list[tuple[CellKey, Tally]] = []
        pc = self._pc
        self._events = events.filter(pc.is_in(events["type"], value_set=self._pa.array(sorted(COUNTED))))
        self._sends = self._scoped(self._with_moments(sends))

    def count(self) -> None:
        """Count everything."""
        pc = self._pc
        known, plain = self._events, self._sends
        strays = known.filter(pc.is_null(known["seq"]))
        if strays.num_rows or len(self._reader.book):
            special = self._special(strays)
            aside, plain = plain.filter(special), plain.filter(pc.invert(special))
            known = known.filter(pc.is_valid(known["seq"]))
            is_aside = pc.is_in(known["seq"], value_set=aside["seq"].combine_chunks())
            self._read_aside(aside, known.filter(is_aside), strays)
            known = known.filter(pc.invert(is_aside))
        self._note(plain)
        plain = self._judged(plain)
        plain = self._answered(plain, known)
        self._add_alike(plain)

    # ------------------------------------------------------------ which rows

    def _with_moments(self, sends: Any) -> Any:
        pc = self._pc
        planned = pc.max_element_wise(pc.multiply(sends["not_before"], _MICROS), self._start)
        moment = pc.coalesce(sends["submitted"], planned)
        return sends.append_column("moment", moment)

    def _scoped(self, sends: Any) -> Any:
        """Leave out what the report is not about, and write the segment of the others beside them."""
        if self._reader.gate.scope.is_whole:
            return sends.append_column("segment", self._pa.repeat(self._pa.scalar(""), sends.num_rows))
        segment = self._reader.gate.segment
        columns = (sends[name].to_pylist() for name in ("number", "arm", "moment"))
        words = self._pa.array(list(map(segment, *columns)), "string")
        return sends.append_column("segment", words).filter(self._pc.is_valid(words))

    def _special(self, strays: Any) -> Any:
        """Mark the rows that have to be read line by line."""
        pa, pc, sends, book = self._pa, self._pc, self._sends, self._reader.book
        numbers = pa.concat_arrays([pa.array(book.numbers, "int64"), strays["number"].drop_null().combine_chunks()])
        tokens = pa.concat_arrays([pa.array(book.tokens, "string"), strays["token"].drop_null().combine_chunks()])
        named = pa.array(
            [seq for seq in map(self._seq_of, strays["reference"].to_pylist()) if seq is not None], "int64"
        )
        special = pc.is_in(sends["number"], value_set=numbers)
        for column, values in (("token", tokens), ("seq", named)):
            if len(values):
                special = pc.or_(special, pc.is_in(sends[column], value_set=values))
        return special

    def _seq_of(self, reference: str | None) -> int | None:
        run_id, _, seq = (reference or "").rpartition("-")
        return int(seq) if run_id == self._run.run_id and seq.isascii() and seq.isdigit() else None

    def _read_aside(self, aside: Any, known: Any, strays: Any) -> None:
        names = SendLine._fields
        lines = map(SendLine._make, zip(*(aside[name].to_pylist() for name in names), strict=True))
        responses = Responses((self._run.run_id,), self._aside_events(known, strays), self._reader.rules)
        self._reader.read_lines(self._place, self._run, lines, responses)

    def _aside_events(self, known: Any, strays: Any) -> Iterator[Event | EventLine]:
        yield from map(EventLine._make, zip(*(known[name].to_pylist() for name in EventLine._fields), strict=True))
        for row in strays.to_pylist():
            yield Event(
                "", _KINDS[row["type"]], instant_of(row["at"]), row["number"], row["reference"], text=row["text"],
                token=row["token"],
            )  # fmt: skip

    # ------------------------------------------------------------ what is said of each

    def _judged(self, sends: Any) -> Any:
        """Write beside each row whether it was taken, what its receipt says, and what it is counted with."""
        pa, pc = self._pa, self._pc
        state, status = sends["state"].combine_chunks(), sends["status"].combine_chunks()
        taken = self._taken(state, status)
        words = status_marks(readable=self._run.channel is Channel.RCS)
        told = [word for word in words if word is not None]
        known = pa.array([words[word] for word in told], "int64")
        marks = pc.fill_null(pc.take(known, pc.index_in(status, value_set=pa.array(told))), words[None])
        if self._run.channel is Channel.SMS:
            dead = pc.is_in(sends["failure"], value_set=pa.array(sorted(DEAD_FAILURES)))
            marks = pc.add(marks, pc.multiply(dead.cast("int64"), int(Mark.DEAD)))
        billed = sends["billed_parts"]
        columns = {
            "taken": taken,
            "marks": pc.multiply(marks, taken.cast("int64")),
            "more_parts": pc.fill_null(pc.subtract(billed, sends["parts"]), 0),
            "price_micros": pc.if_else(pc.not_equal(sends["fell_back"], 0), 0, sends["price_micros"]),
            "is_linked": pc.is_valid(sends["token"]),
        }
        columns["cell"] = self._cell_of_each(sends, pc.divide(sends["moment"], BUCKET_MICROS))
        kept = ("seq", "state", "status", "failure", "parts", "submitted", "status_at")
        return pa.table({name: sends[name].combine_chunks() for name in kept} | columns)

    def _cell_of_each(self, sends: Any, bucket: Any) -> Any:
        """Number the cells, and give the number of each row's: one column is grouped by faster than four."""
        pc = self._pc
        encoded = [sends[name].combine_chunks().dictionary_encode() for name in ("arm", "territory", "segment")]
        code = bucket.combine_chunks()
        for column in encoded:
            code = pc.add(pc.multiply(code, len(column.dictionary)), column.indices.cast("int64"))
        cells = code.dictionary_encode()
        words = [column.dictionary.to_pylist() for column in encoded]
        self._tallies = [self._tally_of(code, words) for code in cells.dictionary.to_pylist()]
        return cells.indices

    def _tally_of(self, code: int, words: list[list[str]]) -> tuple[CellKey, Tally]:
        places: list[str] = []
        for some in reversed(words):
            code, place = divmod(code, len(some))
            places.append(some[place])
        segment, territory, arm = places
        key = (self._place, arm, territory, code, segment)
        return key, self._reader.tally(key)

    def _taken(self, state: Any, status: Any) -> Any:
        pc = self._pc
        return pc.or_(pc.equal(state, ACCEPTED), pc.and_(pc.equal(state, SUBMITTING), pc.is_valid(status)))

    def _note(self, sends: Any) -> None:
        """Note what a line notes: who was sent to, when the last was, and the groups of a hold-out."""
        pa, pc, reader = self._pa, self._pc, self._reader
        state = sends["state"]
        taken = self._taken(state, sends["status"])
        if reader.counts_people:
            reader.people.extend(sends["number"].filter(taken).to_pylist())
        last = pc.max(pc.if_else(taken, sends["submitted"], None)).as_py()
        reader.last[self._place] = max(reader.last[self._place], last or 0)
        if reader.book.has_numbers:
            is_known, groups = pc.not_equal(sends["number"], 0), reader.groups
            exposed = pc.is_in(state, value_set=pa.array(sorted(ASSIGNED)))
            held_out = pc.equal(state, HELD_OUT)
            groups.exposed += pc.sum(pc.and_(exposed, is_known)).as_py() or 0
            groups.held_out += pc.sum(pc.and_(held_out, is_known)).as_py() or 0
            groups.forgotten += pc.sum(pc.and_not(pc.or_(exposed, held_out), is_known)).as_py() or 0

    # ------------------------------------------------------------ what came back

    def _answered(self, sends: Any, events: Any) -> Any:
        """Put what came back beside its sends; give them with their marks."""
        pa, pc = self._pa, self._pc
        row = pc.index_in(events["seq"].combine_chunks(), value_set=sends["seq"].combine_chunks())
        found = pc.fill_null(pc.take(sends["taken"], row), False)  # noqa: FBT003 - pyarrow's own form
        self._reader.unclaimed += events.num_rows - (pc.sum(found).as_py() or 0)
        events = pa.table({"row": row, "type": events["type"], "at": events["at"], "text": events["text"]}).filter(
            found
        )
        oppositions, replies = (events.filter(pc.equal(events["type"], kind)) for kind in (OPT_OUT, REPLY))
        by_time = ["row", "at"]
        answers = replies.select(by_time).join(oppositions.select(by_time), by_time, join_type="left anti")
        people = self._people(sends, events.filter(pc.equal(events["type"], CLICK)))
        for tally, count in self._by_cell(sends, answers["row"]):
            tally.replies += count
        reacted = pc.unique(events["row"].combine_chunks())
        clicked, replied = (self._firsts(reacted, some) for some in (people, answers))
        opted_out = pc.is_in(reacted, value_set=oppositions["row"].combine_chunks())
        self._note_waits(sends.take(reacted), clicked, replied)
        said = self._marks(
            (Mark.CLICKED, pc.is_valid(clicked)), (Mark.REPLIED, pc.is_valid(replied)), (Mark.OPTED_OUT, opted_out)
        )
        rows = pc.subtract(pc.cumulative_sum(pa.repeat(pa.scalar(1, "int32"), sends.num_rows)), 1)
        more = pc.fill_null(pc.take(said, pc.index_in(rows, value_set=reacted)), 0)
        return sends.set_column(sends.schema.get_field_index("marks"), "marks", pc.add(sends["marks"], more))

    def _marks(self, *marks: tuple[Mark, Any]) -> Any:
        pc = self._pc
        columns = [pc.multiply(has.cast("int64"), int(mark)) for mark, has in marks]
        return pc.add(pc.add(columns[0], columns[1]), columns[2])

    def _people(self, sends: Any, clicks: Any) -> Any:
        """Count the clicks of machines; give those of people."""
        pa, pc, rules = self._pa, self._pc, self._reader.rules
        encoded = clicks["text"].combine_chunks().dictionary_encode()
        known = pa.array([rules.by_request(text) for text in encoded.dictionary.to_pylist()], "string")
        caught = pc.take(known, encoded.indices)
        handed_over = pc.take(sends["submitted"], clicks["row"])
        arrived = pc.take(self._arrivals(sends), clicks["row"])
        for rule in rules.timings:
            since = handed_over if rule.is_since_hand_over else arrived
            early = pc.less(clicks["at"], pc.add(since, rule.micros))
            if not rule.and_before:
                early = pc.and_(early, pc.greater_equal(clicks["at"], since))
            caught = pc.if_else(pc.and_(pc.is_null(caught), pc.fill_null(early, False)), rule.name, caught)  # noqa: FBT003
        machines = clicks.append_column("rule", caught).filter(pc.is_valid(caught))
        for name in pc.unique(machines["rule"]).to_pylist():
            for tally, count in self._by_cell(sends, machines.filter(pc.equal(machines["rule"], name))["row"]):
                tally.machines[name] += count
        people = clicks.filter(pc.is_null(caught))
        for tally, count in self._by_cell(sends, people["row"]):
            tally.clicks += count
        return people

    def _arrivals(self, sends: Any) -> Any:
        pc = self._pc
        delivered = pc.fill_null(pc.equal(sends["status"], DeliveryStatus.DELIVERED.value), False)  # noqa: FBT003
        return pc.if_else(delivered, sends["status_at"], None)

    def _firsts(self, rows: Any, some: Any) -> Any:
        """Give when each row had the first of some events, null where it had none."""
        first = some.group_by("row").aggregate([("at", "min")])
        return self._pc.take(first["at_min"], self._pc.index_in(rows, value_set=first["row"].combine_chunks()))

    def _note_waits(self, sends: Any, clicked: Any, replied: Any) -> None:
        """Note how long it took to the first of each reaction, and to the first of all."""
        pc, cells = self._pc, sends.select(["cell"])
        arrived, handed_over = self._arrivals(sends), sends["submitted"]
        soonest = pc.min_element_wise(clicked, replied)
        self._reader.click_waits.extend(pc.drop_null(pc.subtract(clicked, handed_over)).to_pylist())
        firsts: tuple[tuple[Any, Reaction], ...] = (
            (clicked, Reaction.CLICK), (replied, Reaction.REPLY), (soonest, Reaction.ANY),
        )  # fmt: skip
        for at, reaction in firsts:
            known = pc.fill_null(pc.less_equal(arrived, at), False)  # noqa: FBT003
            by_hand_over = pc.if_else(pc.less_equal(handed_over, at), pc.subtract(at, handed_over), None)
            waits = pc.if_else(known, pc.subtract(at, arrived), by_hand_over)
            told = cells.append_column("wait", waits).filter(pc.is_valid(waits))
            for row in told.group_by("cell").aggregate([("wait", "list")]).to_pylist():
                cell: int = row["cell"]
                dict(self._tallies[cell][1].waits.each)[reaction].extend(row["wait_list"])

    # ------------------------------------------------------------ adding up

    def _by_cell(self, sends: Any, rows: Any) -> Iterator[tuple[Tally, int]]:
        for one in self._pc.value_counts(self._pc.take(sends["cell"], rows)).to_pylist():
            yield self._tallies[one["values"]][1], one["counts"]

    def _add_alike(self, sends: Any) -> None:
        alike = self._reader.alike
        for row in sends.select(_ALIKE).group_by(_ALIKE).aggregate([([], "count_all")]).to_pylist():
            cell: int = row["cell"]
            key: AlikeKey = (self._tallies[cell][0], *(row[name] for name in _ALIKE[1:]))
            alike[key] = alike.get(key, 0) + row["count_all"]


_ALIKE = [
    "cell", "state", "status", "failure", "is_linked", "parts", "price_micros", "more_parts", "marks",
]  # fmt: skip
