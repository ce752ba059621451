"""Messages that stand by for those of another run, and what is known of handsets: RCS first, SMS where it fails.

A message of the second run is let go in one commit with the look at the first: it certainly did not arrive, as far as
anybody has told by then. What arrives is out of the question for good.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from sqlite3 import Connection

from smskit.errors import InvalidInput
from smskit.kinds import DeliveryStatus, RunState, SendState
from smskit.records import Capability, Send
from smskit.stores.database import Database
from smskit.stores.rows import (
    FELL_BACK,
    RUN_STATES,
    SEND_COLUMNS,
    SEND_STATES,
    STATUSES,
    STOOD_BY,
    instant_of,
    json_of,
    micros_of,
    send_of,
)

_PLANNED, _ACCEPTED, _REJECTED, _STANDBY = (
    SEND_STATES[state] for state in (SendState.PLANNED, SendState.ACCEPTED, SendState.REJECTED, SendState.STANDBY)
)
_UNDELIVERED, _DELIVERED, _BLOCKED, _UNKNOWN = (
    STATUSES[word]
    for word in (DeliveryStatus.UNDELIVERED, DeliveryStatus.DELIVERED, DeliveryStatus.BLOCKED, DeliveryStatus.UNKNOWN)
)
_FAILURES = ", ".join(str(code) for status, code in STATUSES.items() if status.is_failure)
_STOPPED = RUN_STATES[RunState.CANCELLED]

_STOOD_BY = f"FROM sends INDEXED BY sends_stood_by WHERE run = ? AND fallback = {STOOD_BY}"
# A word that nobody understands (a code without a status) may be anything, also the last one.
_UNDER_WAY = (
    f"state = {_ACCEPTED} AND coalesce(status, 0) < {_UNDELIVERED} AND (status IS NOT NULL OR status_code IS NULL)"
)
_STRANDED = f"""
SELECT {SEND_COLUMNS} {_STOOD_BY} AND seq > ?
    AND (
        state = {_REJECTED} OR (state = {_ACCEPTED} AND status IN ({_FAILURES})) OR ({_UNDER_WAY} AND submitted_at < ?)
    )
ORDER BY seq LIMIT ?
"""
_OLDEST = f"SELECT min(submitted_at) {_STOOD_BY} AND {_UNDER_WAY} AND provider_id IS NOT NULL AND submitted_at >= ?"

_FALLING = f"""
SELECT s.seq FROM json_each(?) AS asked
CROSS JOIN sends AS s ON s.run = ? AND s.seq = asked.value
JOIN sends AS t ON t.run = ? AND t.seq = s.seq
WHERE s.fallback = {STOOD_BY} AND s.state IN ({_ACCEPTED}, {_REJECTED}) AND t.state = {_STANDBY}
    AND coalesce(s.status, 0) < {_DELIVERED} AND coalesce(s.status, 0) NOT IN ({_BLOCKED}, {_UNKNOWN})
    AND (s.state = {_REJECTED} OR s.status IS NOT NULL OR s.status_code IS NULL)
"""
_AMONG = "run = ? AND seq IN (SELECT value FROM json_each(?))"

_KEEP_CAPABILITY = """
INSERT INTO capabilities (agent, number, reachable, features, at) VALUES (?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET reachable = excluded.reachable, features = coalesce(excluded.features, features),
    at = excluded.at
WHERE excluded.at >= at
"""


def stand_by(connection: Connection, first: int, second: int) -> None:
    """Mark the messages of a run that is being opened for which another stands by."""
    connection.execute(
        f"UPDATE sends SET fallback = {STOOD_BY} WHERE run = ? AND state = {_PLANNED}"
        f" AND seq IN (SELECT seq FROM sends WHERE run = ? AND state = {_STANDBY})",
        (first, second),
    )


def follower_of(connection: Connection, run_id: str) -> tuple[int, int] | None:
    """Give key and state of the run that falls back for this one."""
    sql = "SELECT key, state FROM runs WHERE fallback_of = ?"
    row: tuple[int, int] | None = connection.execute(sql, (run_id,)).fetchone()
    return row


class Standby:
    """The part of a store that is about two channels."""

    _database: Database

    def stranded(
        self, run_id: str, /, *, overdue: datetime | None = None, after: int = -1, limit: int = 1000
    ) -> tuple[Send, ...]:
        """Give sends for which another stands by, and that were refused or that a receipt calls a failure.

        Args:
            run_id: which run.
            overdue: with them those that were handed over before then and of which no final word is known.
            after: of seqs above this one.
            limit: how many at once, by seq.

        Raises:
            InvalidInput: no such run.
            NaiveDatetime: *overdue* without a zone.
        """
        before = -1 if overdue is None else micros_of("overdue", overdue)
        rows = self._database.read(_STRANDED, (self._key(run_id), after, before, limit))
        return tuple(send_of(run_id, row) for row in rows)

    def oldest_under_way(self, run_id: str, /, *, since: datetime | None = None) -> datetime | None:
        """Give when the oldest send was handed over for which another stands by and no final word is known.

        Of those that the carrier has a name for; without one nothing can be taken back. Of those that were handed over
        at *since* or later, when it is given.

        Raises:
            InvalidInput: no such run.
            NaiveDatetime: *since* without a zone.
        """
        earliest = 0 if since is None else micros_of("since", since)
        ((at,),) = self._database.read(_OLDEST, (self._key(run_id), earliest))
        return None if at is None else instant_of(at)

    def fall_back(self, run_id: str, seqs: Collection[int], /, *, now: datetime) -> int:
        """Let the messages go that stand by for *seqs*; give for how many.

        In one commit it looks again: what was delivered or blocked meanwhile, is in doubt, was answered with a word
        that decides nothing, or fell back before is left as it is. Nothing is let go when the other run was cancelled,
        or for a person who was forgotten.

        Raises:
            InvalidInput: no such run.
            NaiveDatetime: *now* without a zone.
        """
        due_s = micros_of("now", now) // 1_000_000
        first = self._key(run_id)
        with self._database.write() as connection:
            second = follower_of(connection, run_id)
            if second is None or second[1] == _STOPPED:
                return 0
            fallen = [seq for (seq,) in connection.execute(_FALLING, (json_of(set(seqs)), first, second[0]))]
            among = json_of(fallen)
            connection.execute(f"UPDATE sends SET fallback = {FELL_BACK} WHERE {_AMONG}", (first, among))
            connection.execute(
                f"UPDATE sends SET state = {_PLANNED}, not_before = ? WHERE {_AMONG}", (due_s, second[0], among)
            )
            connection.execute("UPDATE runs SET planned = planned + ? WHERE key = ?", (len(fallen), second[0]))
        return len(fallen)

    def _key(self, run_id: str) -> int:
        rows = self._database.read("SELECT key FROM runs WHERE run_id = ?", (run_id,))
        if not rows:
            raise InvalidInput(f"there is no run {run_id!r} in this store")
        return int(rows[0][0])

    # what handsets can do -----------------------------------------------

    def record_capabilities(self, agent: str, capabilities: Iterable[Capability], /) -> None:
        """Keep what a carrier told of handsets; of each number the latest word counts.

        Raises:
            NaiveDatetime: ``at`` without a zone.
        """
        rows = [
            (
                agent, one.number, one.is_reachable,
                None if one.features is None else json.dumps(sorted(one.features)), micros_of("at", one.at),
            )
            for one in capabilities
        ]  # fmt: skip
        with self._database.write() as connection:
            connection.executemany(_KEEP_CAPABILITY, rows)

    def capabilities(self, agent: str, numbers: Collection[int], /) -> Mapping[int, Capability]:
        """Give what is known of each of *numbers*, however old it is."""
        rows = self._database.read(
            "SELECT number, reachable, at, features FROM capabilities"
            " WHERE agent = ? AND number IN (SELECT value FROM json_each(?))",
            (agent, json_of(numbers)),
        )
        return {
            number: Capability(
                number, bool(reachable), instant_of(at), None if features is None else frozenset(json.loads(features))
            )
            for number, reachable, at, features in rows
        }
