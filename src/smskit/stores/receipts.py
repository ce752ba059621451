"""What events do to their sends: the status that receipts add up to, clicks and replies counted."""

from __future__ import annotations

from collections.abc import Iterable
from sqlite3 import Connection

from attrs import frozen

from smskit.kinds import DeliveryStatus, EventType, SendState
from smskit.stores.rows import ARRIVED, EVENT_TYPES, SEND_STATES, STATUSES, STOOD_BY, Row, json_of

_RECEIPT, _CLICK, _REPLY = (EVENT_TYPES[kind] for kind in (EventType.RECEIPT, EventType.CLICK, EventType.REPLY))
_TAKEN, _SENT, _DELIVERED = (
    STATUSES[status] for status in (DeliveryStatus.ACCEPTED, DeliveryStatus.SENT, DeliveryStatus.DELIVERED)
)
_NOT_TAKEN = f"{STATUSES[DeliveryStatus.REJECTED]}, {STATUSES[DeliveryStatus.BLOCKED]}"
_OPEN_STATES = ", ".join(
    str(SEND_STATES[state])
    for state in (SendState.PLANNED, SendState.SUBMITTING, SendState.ACCEPTED, SendState.REJECTED)
)


@frozen
class Landed:
    """An event whose send is known, in the codes of the tables."""

    run: int
    seq: int
    kind: int
    at: int
    status: int | None
    failure: str | None
    part: str | None
    code: str | None


_LANDED = "type, at, status, failure, part, code"

# The winner is the greatest (rank, at, word, failure, code): a maximum does not depend on the order in which
# receipts come. The state follows the winner for as long as the carrier's own answer is missing. A word that nobody
# understood (status NULL) is below all others: it leaves its code until one comes that somebody does.
_APPLY = f"""
UPDATE sends SET status = :status, status_at = :at, status_failure = :failure, status_code = :code,
    state = CASE
        WHEN answered OR state NOT IN ({_OPEN_STATES}) OR coalesce(:status, 0) < {_TAKEN} THEN state
        WHEN :status IN ({_NOT_TAKEN}) THEN {SEND_STATES[SendState.REJECTED]}
        ELSE {SEND_STATES[SendState.ACCEPTED]}
    END,
    fallback = CASE WHEN fallback = {STOOD_BY} AND coalesce(:status, 0) >= {_DELIVERED} THEN {ARRIVED} ELSE fallback END
WHERE run = :run AND seq = :seq AND (
    status_at IS NULL
    OR (
        coalesce(status, 0) / 10, status_at, coalesce(status, 0),
        coalesce(status_failure, ''), coalesce(status_code, '')
    ) < (coalesce(:status, 0) / 10, :at, coalesce(:status, 0), coalesce(:failure, ''), coalesce(:code, ''))
)
"""

_DELIVERED_PARTS = f"""
SELECT e.at, coalesce(e.failure, ''), coalesce(e.code, ''), e.part, coalesce(s.billed_parts, s.parts)
FROM sends AS s JOIN events AS e INDEXED BY events_of_parts ON e.run = s.run AND e.seq = s.seq
WHERE s.run = ? AND s.seq = ? AND e.part IS NOT NULL AND e.type = {_RECEIPT} AND e.status >= {_DELIVERED}
"""

# ---------------------------------------------------------------- events of a send that is known


def apply(connection: Connection, landed: Iterable[Landed]) -> None:
    """Move the sends that receipts, clicks and replies are about; the events are in the table already."""
    receipts: list[dict[str, object]] = []
    in_parts: set[tuple[int, int]] = set()
    counted: dict[int, list[tuple[int, int]]] = {_CLICK: [], _REPLY: []}
    for one in landed:
        if one.kind in counted:
            counted[one.kind].append((one.run, one.seq))
        elif one.kind != _RECEIPT:
            continue
        elif one.status is None:
            if one.code is not None:
                receipts.append(_row(one.run, one.seq, None, one.at, None, one.code))
        elif one.part is not None and one.status >= _DELIVERED:
            in_parts.add((one.run, one.seq))
        else:
            receipts.append(_row(one.run, one.seq, one.status, one.at, one.failure, one.code))
    receipts.extend(_of_parts(connection, run, seq) for run, seq in in_parts)
    connection.executemany(_APPLY, receipts)
    connection.executemany("UPDATE sends SET clicks = clicks + 1 WHERE run = ? AND seq = ?", counted[_CLICK])
    connection.executemany("UPDATE sends SET replies = replies + 1 WHERE run = ? AND seq = ?", counted[_REPLY])


def _of_parts(connection: Connection, run: int, seq: int) -> dict[str, object]:
    """Give what the parts that were delivered say of the whole: delivered once all of them are, sent before."""
    rows = connection.execute(_DELIVERED_PARTS, (run, seq)).fetchall()
    at, failure, code, _, parts = max(rows)
    status = _DELIVERED if len({row[3] for row in rows}) >= parts else _SENT
    return _row(run, seq, status, at, failure or None, code or None)


def _row(run: int, seq: int, status: int | None, at: int, failure: str | None, code: str | None) -> dict[str, object]:
    return {"run": run, "seq": seq, "status": status, "at": at, "failure": failure, "code": code}


# ---------------------------------------------------------------- events that were faster than the answer

_ANYTHING_EARLY = """
SELECT EXISTS (
    SELECT 1 FROM events INDEXED BY events_waiting
    WHERE run IS NULL AND provider_id IS NOT NULL AND number IS NOT NULL
), EXISTS (SELECT 1 FROM events INDEXED BY events_of_parts WHERE run = ? AND part IS NOT NULL)
"""

_EARLY = """
SELECT e.rowid, s.seq, e.type, e.at, e.status, e.failure, e.part, e.code
FROM json_each(:seqs) AS settled
CROSS JOIN sends AS s ON s.run = :run AND s.seq = settled.value
CROSS JOIN events AS e INDEXED BY events_waiting
    ON e.run IS NULL AND e.provider_id = s.provider_id AND e.number = s.number
ORDER BY s.seq
"""
# With a rowid of now, as if the event came now: so that whoever counts from a mark on meets it.
_ADOPT = """
UPDATE events SET run = ?, seq = ?, number = NULL, reference = NULL, rowid = (SELECT max(rowid) + 1 FROM events)
WHERE rowid = ?
"""

_MISCOUNTED = f"""
SELECT s.seq, s.billed_parts > s.parts AND s.status = {_DELIVERED}
FROM json_each(:seqs) AS settled CROSS JOIN sends AS s ON s.run = :run AND s.seq = settled.value
WHERE s.billed_parts <> s.parts AND EXISTS (
    SELECT 1 FROM events AS e INDEXED BY events_of_parts
    WHERE e.run = s.run AND e.seq = s.seq AND e.part IS NOT NULL
    AND e.type = {_RECEIPT} AND e.status >= {_DELIVERED}
)
"""
_FORGET_STATUS = """
UPDATE sends SET status = NULL, status_at = NULL, status_failure = NULL, status_code = NULL WHERE run = ? AND seq = ?
"""
_RECEIPTS = f"""
SELECT seq, {_LANDED} FROM events
WHERE run = ? AND type = {_RECEIPT} AND seq IN (SELECT value FROM json_each(?))
"""


def catch_up(connection: Connection, run: int, settled: list[int]) -> None:
    """Apply what came before the answers of these sends were recorded; it costs nothing where nothing did."""
    waiting, in_parts = connection.execute(_ANYTHING_EARLY, (run,)).fetchone()
    if waiting:
        _adopt(connection, run, settled)
    if in_parts:
        _count_parts_again(connection, run, settled)


def _adopt(connection: Connection, run: int, settled: list[int]) -> None:
    """Give the events that only the carrier's name for a message tells to the send that has it now."""
    rows = connection.execute(_EARLY, {"run": run, "seqs": json_of(settled)})
    early: dict[int, Row] = {row[0]: row[1:] for row in rows}
    connection.executemany(_ADOPT, [(run, row[0], rowid) for rowid, row in early.items()])
    apply(connection, [Landed(run, *row) for row in early.values()])


def _count_parts_again(connection: Connection, run: int, settled: list[int]) -> None:
    """Judge the parts by what the carrier says it bills, where receipts came before it said so."""
    rows = connection.execute(_MISCOUNTED, {"run": run, "seqs": json_of(settled)}).fetchall()
    # Delivered is the end, or was too early: then all that was told has to be weighed again. There is no index for
    # that, it takes more parts than we planned and a receipt for each planned one before the answer was recorded.
    early = [seq for seq, too_early in rows if too_early]
    connection.executemany(_FORGET_STATUS, [(run, seq) for seq in early])
    told = connection.execute(_RECEIPTS, (run, json_of(early))).fetchall() if early else ()
    apply(connection, [Landed(run, *row) for row in told])
    connection.executemany(_APPLY, [_of_parts(connection, run, seq) for seq, _ in rows])
