"""Reading a run for a report: plain values straight out of the tables, a million of them in seconds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import repeat
from typing import cast

from smskit.kinds import DeliveryStatus, EventType, SendState
from smskit.records import EventLine, SendLine
from smskit.stores.database import Database
from smskit.stores.rows import EVENT_TYPES, FELL_BACK, SEND_STATES, STATUSES, Row

_PAGE = 5_000


def _words(column: str, words: Iterable[tuple[str, int]]) -> str:
    """Turn the codes of a column into the words that they stand for, where it costs least; the usual ones first."""
    return f"CASE {column} {' '.join(f'WHEN {code} THEN {word!r}' for word, code in words)} END"


_ACCEPTED, _DELIVERED = SEND_STATES[SendState.ACCEPTED], STATUSES[DeliveryStatus.DELIVERED]
_STATE = _words("state", sorted(((s.value, code) for s, code in SEND_STATES.items()), key=lambda w: w[1] != _ACCEPTED))
_STATUS = _words("status", sorted(((s.value, code) for s, code in STATUSES.items()), key=lambda w: w[1] != _DELIVERED))
_TYPE = _words("type", ((kind.value, code) for kind, code in EVENT_TYPES.items()))
_RUN = "run = (SELECT key FROM runs WHERE run_id = ?)"
_COUNTED = ", ".join(str(EVENT_TYPES[kind]) for kind in (EventType.CLICK, EventType.REPLY, EventType.OPT_OUT))

# In the order of SendLine. A word of a receipt that nobody understood is no status.
_SENDS = f"""
SELECT seq, number, parts, price_micros, territory, not_before, arm, {_STATE}, token,
    coalesce(status_failure, failure), submitted_at, {_STATUS}, CASE WHEN status IS NOT NULL THEN status_at END,
    billed_parts, fallback = {FELL_BACK}
FROM sends WHERE {_RUN} AND seq > ? ORDER BY seq LIMIT {_PAGE}
"""
# In the order of EventLine, with the mark of the page.
_EVENTS = f"""
SELECT {_TYPE}, at, seq, text, rowid FROM events
WHERE {_RUN} AND (at, rowid) > (?, ?) AND seq IS NOT NULL AND type IN ({_COUNTED})
ORDER BY at, rowid LIMIT {_PAGE}
"""


def _lines(rows: Iterable[Row]) -> Iterator[SendLine]:
    # What _make does, without a step through Python for each row.
    new = cast("Callable[[type[SendLine], Row], SendLine]", getattr(tuple, "__new__"))  # noqa: B009 - its type is not known
    return map(new, repeat(SendLine), rows)


class Skimming:
    """The part of a store that is read by reports."""

    _database: Database

    def skim_sends(self, run_id: str, /) -> Iterator[SendLine]:
        """Give the sends of a run in order of seq, streaming: each page of them is of one instant."""
        seq = -1
        while rows := self._database.read(_SENDS, (run_id, seq)):
            yield from _lines(rows)
            seq = rows[-1][0]

    def skim_responses(self, run_id: str, /) -> Iterator[EventLine]:
        """Give clicks, replies and oppositions of a run in order of time, streaming; no receipts."""
        at, arrival = -(2**63), 0
        while rows := self._database.read(_EVENTS, (run_id, at, arrival)):
            yield from (EventLine._make(row[:4]) for row in rows)
            at, arrival = rows[-1][1], rows[-1][4]
