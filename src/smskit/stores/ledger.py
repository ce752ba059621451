"""Runs and their sends: loading, leasing, settling, adding up."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from sqlite3 import Connection, IntegrityError

from smskit.errors import InvalidInput, TokenTaken
from smskit.kinds import DeliveryStatus, FailureClass, Kind, Reason, RunState, SendState
from smskit.records import Account, PlannedSend, RunRecord, Send, Settlement
from smskit.stores.database import Database
from smskit.stores.receipts import catch_up
from smskit.stores.rows import (
    PLACE_TAKEN,
    PLANNED_COLUMNS,
    RUN_COLUMNS,
    RUN_STATES,
    SEND_COLUMNS,
    SEND_STATES,
    STATUSES,
    Row,
    instant_of,
    json_of,
    micros_of,
    row_of_planned,
    row_of_run,
    run_of,
    send_of,
)
from smskit.stores.standby import follower_of, stand_by

_PAGE = 1000

_PLANNED, _SUBMITTING, _ACCEPTED, _REJECTED, _CANCELLED, _HELD_OUT, _STANDBY = (
    SEND_STATES[state] for state in SendState
)
_BEGINNINGS = (SendState.PLANNED, SendState.HELD_OUT, SendState.STANDBY)
_NOT_PLANNED = (_HELD_OUT, _STANDBY)
_NO_ENDS = (SendState.SUBMITTING, SendState.HELD_OUT, SendState.STANDBY)
_LOADING, _READY, _, _STOPPED = (RUN_STATES[state] for state in RunState)

# SQLite would rather read all rows of the run in order of seq, those that are settled long ago included.
_BY_DUE = f"FROM sends INDEXED BY sends_due WHERE run = ? AND state = {_PLANNED}"
_NEXT_DUE = f"SELECT min(not_before) {_BY_DUE}"

# While the carrier's own answer is missing the state may have been inferred from a receipt; the answer corrects it.
# An answer that gives the message back does not: the receipt proves that the carrier has it. Who was forgotten while
# the message was out (number 0) does not get it another time.
_SETTLE = f"""
UPDATE sends SET state = CASE WHEN :state = {_PLANNED} AND number = 0 THEN {_CANCELLED} ELSE :state END,
    answered = :answered, provider_id = :provider_id, failure = :failure, code = :code, billed_parts = :billed_parts,
    reason = CASE WHEN :state = {_PLANNED} AND number = 0 THEN '{Reason.OPTED_OUT.value}' ELSE :reason END,
    attempts = attempts + :attempted,
    not_before = CASE WHEN :state = {_PLANNED} THEN :not_before ELSE not_before END,
    submitted_at = CASE WHEN :answered THEN coalesce(:at, submitted_at) END
WHERE run = :run AND seq = :seq
    AND (state = {_SUBMITTING} OR (:answered AND NOT answered AND state IN ({_ACCEPTED}, {_REJECTED})))
"""

# Of a message that was taken and that a receipt calls rejected for want of credit, or for the account, nobody saw
# anything; once that is mended its recipient may be written to again.
_FOR_THE_ACCOUNT = ", ".join(f"'{failure.value}'" for failure in FailureClass if failure.is_of_account)
_NEVER_LEFT = f"""
(coalesce(s.status, 0) = {STATUSES[DeliveryStatus.REJECTED]} AND coalesce(s.status_failure, '') IN ({_FOR_THE_ACCOUNT}))
"""

_ALREADY_SENT = f"""
SELECT r.number
FROM json_each(?) AS asked
CROSS JOIN recipients AS r ON r.number = asked.value
JOIN runs ON runs.key = r.run
JOIN sends AS s ON s.run = r.run AND s.seq = r.seq
WHERE runs.campaign = ? AND runs.run_id <> ? AND s.state IN ({_SUBMITTING}, {_ACCEPTED}, {_HELD_OUT})
    AND NOT {_NEVER_LEFT} AND NOT {PLACE_TAKEN}
"""

_RECENT_SENDS = f"""
SELECT r.number, count(*)
FROM json_each(?) AS asked
CROSS JOIN recipients AS r ON r.number = asked.value
JOIN runs ON runs.key = r.run
JOIN sends AS s ON s.run = r.run AND s.seq = r.seq
WHERE runs.kind = ? AND s.state IN ({_SUBMITTING}, {_ACCEPTED}) AND NOT {_NEVER_LEFT} AND NOT {PLACE_TAKEN}
    AND coalesce(s.submitted_at, s.status_at) >= ?
GROUP BY r.number
"""


class Ledger:
    """The part of a store that is about runs and sends."""

    _database: Database

    # runs ---------------------------------------------------------------

    def create_run(self, run: RunRecord, /) -> RunRecord:
        """Keep a new run in state LOADING; if one of the same id is there already, give that one instead.

        Raises:
            NaiveDatetime: ``at`` or ``created_at`` without a zone.
        """
        row = row_of_run(run)
        with self._database.write() as connection:
            connection.execute(
                f"INSERT INTO runs ({RUN_COLUMNS}) VALUES ({_marks(len(row))}) ON CONFLICT DO NOTHING", row
            )
        kept = self.run(run.run_id)
        assert kept is not None
        return kept

    def add_sends(self, run_id: str, sends: Sequence[PlannedSend], /) -> None:
        """Add rows to a LOADING run; rows whose seq is already there are left as they are.

        A power cut may take back what the last calls added, as long as the run is LOADING: opening it makes
        all of it last.

        Raises:
            InvalidInput: no such run, it is not LOADING, or a send is neither PLANNED nor HELD_OUT, nor STANDBY in the
                fallback of another run.
        """
        if any(send.state not in _BEGINNINGS for send in sends):
            raise InvalidInput("a send begins as PLANNED, HELD_OUT or STANDBY")
        stands_by = any(send.state is SendState.STANDBY for send in sends)
        with self._database.write(durable=False) as connection:
            run = _key_of(connection, run_id, RunState.LOADING)
            if stands_by and not _is_fallback(connection, run):
                raise InvalidInput(f"run {run_id} is no other run's fallback; its messages cannot stand by")
            connection.executemany(
                f"INSERT INTO sends ({PLANNED_COLUMNS}) VALUES ({_marks(12)}) ON CONFLICT DO NOTHING",
                [row_of_planned(run, send) for send in sends],
            )

    def set_run_state(self, run_id: str, state: RunState, /) -> None:
        """Open a loaded run for sending, pause it, or cancel it. Cancelling settles every PLANNED send as CANCELLED.

        READY and PAUSED change into each other. Messages that are with the carrier when a run is cancelled are settled
        as they would have been; one that is given back then is CANCELLED. A run and the one that falls back for it are
        opened, paused and cancelled together, in one commit; the second can be paused and cancelled by itself.

        Raises:
            InvalidInput: no such run, a cancelled run is to be opened, an open one to be loaded again, or two
                messages have the same short-link token.
        """
        with self._database.write() as connection:
            run, now = _run_of(connection, run_id)
            if RUN_STATES[state] != now and (state is RunState.LOADING or now == _STOPPED):
                raise InvalidInput(f"run {run_id} cannot become {state.value} again; plan a new run")
            second = follower_of(connection, run_id)
            if now == _LOADING and state is not RunState.LOADING:
                if second is not None:
                    stand_by(connection, run, second[0])
                _open(connection, run)
            _become(connection, run, state)
            if second is not None and second[1] != _STOPPED:
                if second[1] == _LOADING and state is not RunState.LOADING:
                    _open(connection, second[0])
                _become(connection, second[0], state)

    def discard_run(self, run_id: str, /) -> None:
        """Remove a run that is still LOADING, with its rows and links; nothing happens when there is none.

        The run that would fall back for it is LOADING as well then, and goes with it.

        Raises:
            InvalidInput: the run was opened, its account has to stay.
        """
        if self.run(run_id) is None:
            return
        with self._database.write() as connection:
            run = _key_of(connection, run_id, RunState.LOADING)
            second = follower_of(connection, run_id)
            for key in (run,) if second is None else (run, second[0]):
                connection.execute("DELETE FROM sends WHERE run = ?", (key,))
                connection.execute("DELETE FROM links WHERE run = ?", (key,))
                connection.execute("DELETE FROM runs WHERE key = ?", (key,))

    def run(self, run_id: str, /) -> RunRecord | None:
        """Give one run."""
        rows = self._database.read(f"SELECT {RUN_COLUMNS} FROM runs WHERE run_id = ?", (run_id,))
        return run_of(rows[0]) if rows else None

    def runs(self, campaign: str | None = None, /) -> tuple[RunRecord, ...]:
        """Give the runs, oldest first; of one campaign when it is named."""
        where, parameters = ("", ()) if campaign is None else ("WHERE campaign = ?", (campaign,))
        sql = f"SELECT {RUN_COLUMNS} FROM runs {where} ORDER BY created_at, key"
        return tuple(map(run_of, self._database.read(sql, parameters)))

    # sending ------------------------------------------------------------

    def lease(self, run_id: str, /, *, limit: int, now: datetime) -> tuple[Send, ...]:
        """Mark up to *limit* PLANNED sends that are due as SUBMITTING, in order of seq, and give them.

        The mark is on the disk before this returns. A run that is not READY gives nothing.

        Raises:
            InvalidInput: no such run, or *limit* is below 1.
            NaiveDatetime: *now* without a zone.
        """
        if limit < 1:
            raise InvalidInput(f"limit={limit} must be 1 or more")
        at = micros_of("now", now)
        with self._database.write() as connection:
            run, state = _run_of(connection, run_id)
            due = _due(connection, run, limit, at // 1_000_000) if state == _READY else []
            if not due:
                return ()
            leased = json_of(due)
            connection.execute(
                f"UPDATE sends SET state = {_SUBMITTING}, submitted_at = ?"
                " WHERE run = ? AND seq IN (SELECT value FROM json_each(?))",
                (at, run, leased),
            )
            rows = connection.execute(
                f"SELECT {SEND_COLUMNS} FROM sends"
                " WHERE run = ? AND seq IN (SELECT value FROM json_each(?)) ORDER BY seq",
                (run, leased),
            ).fetchall()
        return tuple(send_of(run_id, row) for row in rows)

    def settle(self, run_id: str, settlements: Sequence[Settlement], /) -> None:
        """Record what became of leased sends. A send that is not SUBMITTING is left as it is.

        With one exception: where only a receipt has told so far that the carrier took or rejected the
        message, the carrier's own answer is recorded over it. Events that came before the carrier's name of their
        message did are applied in the same commit.

        Raises:
            InvalidInput: no such run, or a settlement is SUBMITTING, HELD_OUT or STANDBY.
            NaiveDatetime: ``at`` without a zone.
        """
        if any(one.state in _NO_ENDS for one in settlements):
            raise InvalidInput("a leased send is settled as PLANNED, ACCEPTED, REJECTED or CANCELLED")
        with self._database.write() as connection:
            run, state = _run_of(connection, run_id)
            back = _CANCELLED if state == _STOPPED else _PLANNED
            connection.executemany(_SETTLE, [_row_of_settlement(run, back, one) for one in settlements])
            catch_up(connection, run, [one.seq for one in settlements])

    def next_due(self, run_id: str, /) -> datetime | None:
        """Give the earliest instant at which a PLANNED send may leave, None when no send is left.

        It is the instant of the run when one may leave with the run.

        Raises:
            InvalidInput: no such run.
        """
        rows = self._database.read(
            f"SELECT at, ({_NEXT_DUE.replace('?', 'key')}) FROM runs WHERE run_id = ?", (run_id,)
        )
        if not rows:
            raise _unknown(run_id)
        at, not_before = rows[0]
        if not_before is None:
            return None
        return instant_of(not_before * 1_000_000 if not_before else at)

    # looking ------------------------------------------------------------

    def account(self, run_id: str, /) -> Account:
        """Add up a run.

        Raises:
            InvalidInput: no such run.
        """
        # One statement, so that what other processes commit meanwhile cannot come between two halves.
        rows = self._database.read(
            "SELECT runs.state, runs.planned, runs.fell_back, runs.fell_back_micros,"
            " t.state, t.sends, t.parts, t.price_micros"
            " FROM runs LEFT JOIN tallies AS t ON t.run = runs.key WHERE runs.run_id = ?",
            (run_id,),
        )
        if not rows:
            raise _unknown(run_id)
        if rows[0][0] != _LOADING:
            return _account(rows[0][1], {row[4]: row[5:] for row in rows}, *rows[0][2:4])
        tallies = {row[0]: row[1:] for row in self._database.read(f"{_TALLY} GROUP BY state", (run_id,))}
        return _account(sum(tally[0] for state, tally in tallies.items() if state not in _NOT_PLANNED), tallies)

    def sends(self, run_id: str, /) -> Iterator[Send]:
        """Give the sends of a run in order of seq, streaming: each thousand of them is of one instant."""
        seq = -1
        while rows := self._database.read(
            f"SELECT {SEND_COLUMNS} FROM sends"
            f" WHERE run = (SELECT key FROM runs WHERE run_id = ?) AND seq > ? ORDER BY seq LIMIT {_PAGE}",
            (run_id, seq),
        ):
            for row in rows:
                yield send_of(run_id, row)
            seq = rows[-1][0]

    def already_sent(
        self, campaign: str, numbers: Collection[int], /, *, other_than: str | None = None
    ) -> Collection[int]:
        """Give those of *numbers* that a run of *campaign* was sent to, is sending to, or held out.

        In doubt (submitting) counts as sent. Planned, rejected, cancelled and LOADING do not, nor what a receipt calls
        rejected for want of credit. The run named by *other_than* is left out of the question.
        """
        besides = other_than or ""
        opened = "SELECT EXISTS (SELECT 1 FROM runs WHERE campaign = ? AND run_id <> ? AND state <> ?)"
        if not self._database.read(opened, (campaign, besides, _LOADING))[0][0]:
            return frozenset()
        rows = self._database.read(_ALREADY_SENT, (json_of(numbers), campaign, besides))
        return frozenset(number for (number,) in rows)

    def recent_sends(self, numbers: Collection[int], /, *, since: datetime, kind: Kind) -> Mapping[int, int]:
        """Count what each of *numbers* was handed over since then (in doubt and accepted), by kind of run.

        What is only planned does not count: the cap is looked at again when it leaves.

        Raises:
            NaiveDatetime: *since* without a zone.
        """
        earliest = micros_of("since", since)
        if not self._database.read("SELECT EXISTS (SELECT 1 FROM recipients)")[0][0]:
            return {}
        return dict(self._database.read(_RECENT_SENDS, (json_of(numbers), kind.value, earliest)))


# ---------------------------------------------------------------- within a transaction


def _open(connection: Connection, run: int) -> None:
    """Build what a run needs once its rows are all there."""
    connection.execute(
        "INSERT INTO recipients SELECT number, run, seq FROM sends WHERE run = ? ORDER BY number", (run,)
    )
    try:
        connection.execute("INSERT INTO tokens SELECT token, run, seq FROM links WHERE run = ? ORDER BY token", (run,))
    except IntegrityError:
        raise TokenTaken("") from None
    connection.execute(
        "INSERT INTO tallies SELECT run, state, count(*), sum(parts), sum(price_micros)"
        " FROM sends WHERE run = ? GROUP BY state",
        (run,),
    )
    connection.executemany(
        "INSERT INTO tallies VALUES (?, ?, 0, 0, 0) ON CONFLICT DO NOTHING",
        [(run, s) for s in SEND_STATES.values()],
    )
    connection.execute(
        "UPDATE runs SET planned = (SELECT sum(sends) FROM tallies WHERE run = key AND state NOT IN (?, ?))"
        " WHERE key = ?",
        (*_NOT_PLANNED, run),
    )


def _become(connection: Connection, run: int, state: RunState) -> None:
    if state is RunState.CANCELLED:
        connection.execute(f"UPDATE sends SET state = {_CANCELLED} WHERE run = ? AND state = {_PLANNED}", (run,))
    connection.execute("UPDATE runs SET state = ? WHERE key = ?", (RUN_STATES[state], run))


def _is_fallback(connection: Connection, run: int) -> bool:
    ((first,),) = connection.execute("SELECT fallback_of FROM runs WHERE key = ?", (run,))
    return first is not None


def _due(connection: Connection, run: int, limit: int, now_s: int) -> list[int]:
    """Give the first *limit* places, by seq, of PLANNED sends with not_before <= now_s.

    The index is ordered by not_before, then seq. There are few distinct not_before (0, the mornings that
    sends were deferred to, the retries under way): the first places of each are merged, so that a lease costs
    the same whether a hundred or a million sends wait for tomorrow.
    """
    places: list[int] = []
    not_before: int | None = connection.execute(_NEXT_DUE, (run,)).fetchone()[0]
    while not_before is not None and not_before <= now_s:
        rows = connection.execute(
            f"SELECT seq {_BY_DUE} AND not_before = ? ORDER BY seq LIMIT ?", (run, not_before, limit)
        )
        places += [seq for (seq,) in rows]
        (not_before,) = connection.execute(f"{_NEXT_DUE} AND not_before > ?", (run, not_before)).fetchone()
    return sorted(places)[:limit]


def _run_of(connection: Connection, run_id: str) -> tuple[int, int]:
    """Give key and state of a run."""
    row: tuple[int, int] | None = connection.execute(
        "SELECT key, state FROM runs WHERE run_id = ?", (run_id,)
    ).fetchone()
    if row is None:
        raise _unknown(run_id)
    return row


def _key_of(connection: Connection, run_id: str, wanted: RunState) -> int:
    run, state = _run_of(connection, run_id)
    if state != RUN_STATES[wanted]:
        raise InvalidInput(f"run {run_id} is not {wanted.value} any more: its rows are fixed")
    return run


def _unknown(run_id: str) -> InvalidInput:
    return InvalidInput(f"there is no run {run_id!r} in this store")


# ---------------------------------------------------------------- rows

_TALLY = """
SELECT state, count(*), sum(parts), sum(price_micros) FROM sends
WHERE run = (SELECT key FROM runs WHERE run_id = ?)
"""


def _account(planned: int, tallies: Mapping[int, Row], fell_back: int = 0, unbilled_micros: int = 0) -> Account:
    nothing = (0, 0, 0)
    accepted, parts, cost = tallies.get(_ACCEPTED, nothing)
    rejected, in_doubt, cancelled, remaining, held_out, standby = (
        tallies.get(state, nothing)[0] for state in (_REJECTED, _SUBMITTING, _CANCELLED, _PLANNED, _HELD_OUT, _STANDBY)
    )
    cost -= unbilled_micros
    return Account(
        planned, accepted, rejected, in_doubt, cancelled, remaining, held_out, parts, cost, standby, fell_back
    )


def _row_of_settlement(run: int, back: int, one: Settlement) -> dict[str, object]:
    given_back = one.state is SendState.PLANNED
    return {
        "run": run,
        "seq": one.seq,
        "state": back if given_back else SEND_STATES[one.state],
        "answered": one.state in (SendState.ACCEPTED, SendState.REJECTED),
        "provider_id": one.provider_id,
        "failure": None if one.failure is None else one.failure.value,
        "reason": None if one.reason is None else one.reason.value,
        "not_before": one.not_before,
        "attempted": one.attempted,
        "code": one.code or None,
        # What was given back is counted anew when it is taken.
        "billed_parts": one.billed_parts if one.state is SendState.ACCEPTED else None,
        "at": None if one.at is None else micros_of("at", one.at),
    }


def _marks(count: int) -> str:
    return ", ".join("?" * count)
