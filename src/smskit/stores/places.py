"""Which send an event is about: by our reference, the carrier's own name, a short link, or whom it is from."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from sqlite3 import Connection
from typing import Final

from attrs import field, frozen

from smskit.kinds import EventType
from smskit.phone.mask import mask
from smskit.records import Event, parse_reference, reference_of
from smskit.stores.rows import Row, micros_of

_LARGEST: Final = 2**63  # SQLite has no larger integer; a reference may

FROM_PEOPLE: Final = (EventType.REPLY, EventType.OPT_OUT, EventType.OPT_IN)


@frozen
class Place:
    """A send that an event is about; its number is 0 when the person was forgotten."""

    run: int
    seq: int
    number: int = field(repr=mask)


_OF_REFERENCES = """
SELECT s.run, s.seq, s.number FROM json_each(?) AS asked
CROSS JOIN sends AS s
ON s.run = json_extract(asked.value, '$[0]') AND s.seq = json_extract(asked.value, '$[1]')
"""

_OF_TOKENS = """
SELECT t.token, s.run, s.seq, s.number FROM json_each(?) AS asked
CROSS JOIN tokens AS t ON t.token = asked.value
JOIN sends AS s ON s.run = t.run AND s.seq = t.seq
"""

_TO_NUMBER = """
SELECT s.run, s.seq, s.number FROM recipients AS r JOIN sends AS s ON s.run = r.run AND s.seq = r.seq
WHERE r.number = ?
"""
# Where a run has several to one number the carrier's name tells which; NULL and other names come last.
_IN_RUN = f"{_TO_NUMBER} AND r.run = ? ORDER BY s.provider_id = ? DESC, s.seq LIMIT 1"
_OF_CARRIER = f"{_TO_NUMBER} AND s.provider_id = ? ORDER BY s.run DESC, s.seq DESC LIMIT 1"
_LATEST = f"{_TO_NUMBER} AND s.submitted_at <= ? ORDER BY s.submitted_at DESC, s.run DESC, s.seq DESC LIMIT 1"


def places_of(connection: Connection, events: Sequence[Event]) -> dict[str, Place]:
    """Give the send of each event that has a known one, by the key of the event."""
    by_reference = _of_references(connection, {event.reference for event in events if event.reference})
    by_token = places_of_tokens(connection, {event.token for event in events if event.token})
    places: dict[str, Place] = {}
    for event in events:
        named = by_reference.get(event.reference or "")
        place = _of_its_number(connection, event, named) if named else by_token.get(event.token or "")
        if place is None and event.number:
            place = _of_number(connection, event, event.number)
        if place is not None:
            places[event.key] = place
    return places


def places_of_tokens(connection: Connection, tokens: Collection[str]) -> dict[str, Place]:
    """Give the send of each short-link token that is in an open run."""
    rows = connection.execute(_OF_TOKENS, (json.dumps(list(tokens)),)) if tokens else ()
    return {token: Place(run, seq, number) for token, run, seq, number in rows}


def runs_of(connection: Connection, run_ids: Collection[str]) -> dict[str, tuple[int, int]]:
    """Give key and state of each run that exists."""
    sql = "SELECT run_id, key, state FROM runs WHERE run_id IN (SELECT value FROM json_each(?))"
    return {run_id: (key, state) for run_id, key, state in connection.execute(sql, (json.dumps(list(run_ids)),))}


def _of_references(connection: Connection, references: Collection[str]) -> dict[str, Place]:
    parsed = {reference: parse_reference(reference) for reference in references}
    # "run-07" is not what we call the eighth send of "run": somebody else's reference.
    ours = {text: place for text, place in parsed.items() if place is not None and reference_of(*place) == text}
    runs = runs_of(connection, {run_id for run_id, _ in ours.values()})
    wanted = [(runs[run_id][0], seq) for run_id, seq in ours.values() if run_id in runs and seq < _LARGEST]
    rows = connection.execute(_OF_REFERENCES, (json.dumps(wanted),))
    found = {(run, seq): Place(run, seq, number) for run, seq, number in rows}
    return {
        text: found[runs[run_id][0], seq]
        for text, (run_id, seq) in ours.items()
        if run_id in runs and (runs[run_id][0], seq) in found
    }


def _of_its_number(connection: Connection, event: Event, named: Place) -> Place | None:
    """Give the send to the event's own number in the run that its reference names.

    Some carriers have one reference for all recipients of a request, and it is that of any of them.
    """
    if not event.number or event.number == named.number:
        return named
    row = connection.execute(_IN_RUN, (event.number, named.run, event.provider_id)).fetchone()
    if row is None and not named.number:
        return named  # the send of somebody forgotten, who is not in the run by number any more
    return _place(row)


def _of_number(connection: Connection, event: Event, number: int) -> Place | None:
    """Give the send to a number that the carrier named, and for what a person says the last one before it."""
    place: Place | None = None
    if event.provider_id:
        place = _place(connection.execute(_OF_CARRIER, (number, event.provider_id)).fetchone())
    if place is None and event.type in FROM_PEOPLE:
        place = _place(connection.execute(_LATEST, (number, micros_of("at", event.at))).fetchone())
    return place


def _place(row: Row | None) -> Place | None:
    return None if row is None else Place(*row)
