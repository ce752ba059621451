"""What comes back: receipts, replies, clicks, oppositions; and the short links that clicks come through."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from sqlite3 import Connection
from typing import Final

from attrs import field, frozen

from smskit.errors import InvalidInput, TokenTaken
from smskit.kinds import DeliveryStatus, EventType, FailureClass, Reason, RunState, SendState
from smskit.phone.mask import mask
from smskit.records import (
    ConsentAction,
    ConsentEvent,
    Event,
    Link,
    Suppression,
    parse_reference,
    reference_of,
)
from smskit.stores.consents import append
from smskit.stores.database import Database
from smskit.stores.people import insert_suppressions
from smskit.stores.rows import (
    EVENT_COLUMNS,
    EVENT_TYPES,
    RUN_STATES,
    SEND_STATES,
    STATUSES,
    Row,
    event_of,
    micros_of,
    row_of_consent,
    row_of_event,
    row_of_suppression,
)

_PAGE = 1000
_LARGEST = 2**63  # SQLite has no larger integer; a reference may
_LOADING = RUN_STATES[RunState.LOADING]


@frozen
class _Place:
    """The send that an event is about; its number is 0 when the person was forgotten."""

    run: int
    seq: int
    number: int = field(repr=mask)


_FROM_PEOPLE: Final = (EventType.REPLY, EventType.OPT_OUT, EventType.OPT_IN)
_ACTIONS: Final = {EventType.OPT_OUT: ConsentAction.WITHDRAWN, EventType.OPT_IN: ConsentAction.GRANTED}

_OPEN_STATES = ", ".join(
    str(SEND_STATES[state])
    for state in (SendState.PLANNED, SendState.SUBMITTING, SendState.ACCEPTED, SendState.REJECTED)
)

# The winner is the greatest (rank, at, word, failure): a maximum does not depend on the order in which
# receipts come. The state follows the winner for as long as the carrier's own answer is missing.
_APPLY = f"""
UPDATE sends SET status = :status, status_at = :at, status_failure = :failure,
    state = CASE WHEN NOT answered AND state IN ({_OPEN_STATES}) THEN coalesce(:inferred, state) ELSE state
    END
WHERE run = :run AND seq = :seq AND (
    status IS NULL
    OR (status / 10, status_at, status, coalesce(status_failure, ''))
        < (:status / 10, :at, :status, coalesce(:failure, ''))
)
"""

_EVENTS_OF_RUN = f"""
SELECT e.at, e.rowid, e.seq,
    e.key, e.type, e.at, coalesce(e.number, s.number), NULL, e.status, e.failure, e.text, e.token
FROM events AS e JOIN sends AS s ON s.run = e.run AND s.seq = e.seq
WHERE e.run = (SELECT key FROM runs WHERE run_id = ?) AND (e.at, e.rowid) > (?, ?)
ORDER BY e.at, e.rowid LIMIT {_PAGE}
"""

# An index ends in the rowid, which is the mark: events are never removed, so later ones have higher ones.
_FAILURES = f"""
SELECT e.failure, count(*), max(e.rowid)
FROM runs LEFT JOIN events AS e INDEXED BY events_failed
ON e.run = runs.key AND e.rowid > ? AND e.failure IS NOT NULL AND e.type = {EVENT_TYPES[EventType.RECEIPT]}
WHERE runs.run_id = ? GROUP BY e.failure
"""

_PLACES = """
SELECT s.run, s.seq, s.number FROM json_each(?) AS asked
CROSS JOIN sends AS s
ON s.run = json_extract(asked.value, '$[0]') AND s.seq = json_extract(asked.value, '$[1]')
"""

_PLACES_OF_TOKENS = """
SELECT t.token, s.run, s.seq, s.number FROM json_each(?) AS asked
CROSS JOIN tokens AS t ON t.token = asked.value
JOIN sends AS s ON s.run = t.run AND s.seq = t.seq
"""

_LINK_OF_TOKEN = """
SELECT runs.run_id, links.seq, targets.url
FROM tokens JOIN links USING (run, seq, token)
JOIN runs ON runs.key = links.run JOIN targets ON targets.key = links.target
WHERE tokens.token = ?
"""
# CROSS JOIN: the few runs that are loading first, not the millions of links.
_LINK_OF_LOADING = f"""
SELECT runs.run_id, links.seq, targets.url
FROM runs CROSS JOIN links ON links.run = runs.key JOIN targets ON targets.key = links.target
WHERE runs.state = {_LOADING} AND links.token = ?
"""

_LATEST_SEND = """
SELECT s.run, s.seq, s.number FROM recipients AS r JOIN sends AS s ON s.run = r.run AND s.seq = r.seq
WHERE r.number = ? AND s.submitted_at <= ? ORDER BY s.submitted_at DESC, s.run DESC, s.seq DESC LIMIT 1
"""


class Mailbox:
    """The part of a store that is about events and links."""

    _database: Database
    _secret: bytes

    # events -------------------------------------------------------------

    def record_events(self, events: Sequence[Event], /) -> int:
        """Keep events and apply them; give how many are new. Any order, any repetition.

        A receipt moves the status of its send up, never down. An OPT_OUT adds a suppression and a withdrawn
        consent in the same commit, an OPT_IN a consent. An event about a send that is not known is kept.

        Raises:
            NaiveDatetime: ``at`` without a zone.
        """
        rows: dict[str, tuple[Event, Row]] = {}
        for event in events:
            rows.setdefault(event.key, (event, row_of_event(event)))
        with self._database.write() as connection:
            for key in _known(connection, rows):
                del rows[key]
            new = [event for event, _ in rows.values()]
            places = _places(connection, new)
            connection.executemany(
                f"INSERT INTO events (run, seq, {EVENT_COLUMNS}) VALUES ({', '.join('?' * 11)})",
                [_placed(row, places.get(key)) for key, (_, row) in rows.items()],
            )
            _apply(connection, new, places)
            _listen(connection, self._secret, new, places)
        return len(new)

    def events(self, run_id: str, /) -> Iterator[Event]:
        """Give the events of a run, in order of time, streaming.

        An event is of a run by its reference, by its token, or, from a person, because the run holds the last
        message that was sent to the number before. Reference and number are filled in from the send.
        """
        at, arrival = -(2**63), 0
        while rows := self._database.read(_EVENTS_OF_RUN, (run_id, at, arrival)):
            for row in rows:
                yield event_of(run_id, row[2], row[3:])
            at, arrival = rows[-1][:2]

    def failures(self, run_id: str, /, *, after: int = 0) -> tuple[Mapping[FailureClass, int], int]:
        """Count the receipts of a run that tell a failure, by its class, that came in after the mark *after*.

        It reads no event twice and no other events, so that it may be asked before each lease.

        Returns:
            The counts, and the mark for the next call.

        Raises:
            InvalidInput: no such run.
        """
        rows = self._database.read(_FAILURES, (after, run_id))
        if not rows:
            raise InvalidInput(f"there is no run {run_id!r} in this store")
        told = [row for row in rows if row[0] is not None]
        mark = max((last for _, _, last in told), default=after)
        return {FailureClass(failure): count for failure, count, _ in told}, mark

    # links --------------------------------------------------------------

    def add_links(self, links: Sequence[Link], /) -> None:
        """Keep short links; the same link twice is kept once.

        Raises:
            InvalidInput: the run of a link does not exist.
            TokenTaken: a token is that of another message.
        """
        if not links:
            return
        with self._database.write(durable=False) as connection:
            runs = _runs(connection, {link.run_id for link in links})
            targets = _targets(connection, {link.target for link in links})
            rows = [(*_run(runs, link.run_id), link.seq, link.token, targets[link.target]) for link in links]
            _refuse_taken(connection, rows)
            connection.executemany(
                "INSERT INTO links (run, seq, token, target) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
                [(run, seq, token, target) for run, _, seq, token, target in rows],
            )
            connection.executemany(
                "INSERT INTO tokens (token, run, seq) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
                [(token, run, seq) for run, state, seq, token, _ in rows if state != _LOADING],
            )

    def link(self, token: str, /) -> Link | None:
        """Give the link of a token."""
        # The tokens of a run that is still loading are not indexed: its links are read through, slow and rare.
        rows = self._database.read(_LINK_OF_TOKEN, (token,)) or self._database.read(_LINK_OF_LOADING, (token,))
        return Link(token, *rows[0]) if rows else None


# ---------------------------------------------------------------- which send an event is about


def _known(connection: Connection, keys: Iterable[str]) -> list[str]:
    sql = "SELECT key FROM events WHERE key IN (SELECT value FROM json_each(?))"
    return [key for (key,) in connection.execute(sql, (json.dumps(list(keys)),))]


def _places(connection: Connection, events: Sequence[Event]) -> dict[str, _Place]:
    """Give the send of each event that has a known one, by the key of the event."""
    by_reference = _places_of_references(connection, {event.reference for event in events if event.reference})
    by_token = _places_of_tokens(connection, {event.token for event in events if event.token})
    places: dict[str, _Place] = {}
    for event in events:
        place = by_reference.get(event.reference or "") or by_token.get(event.token or "")
        if place is None and event.number and event.type in _FROM_PEOPLE:
            place = _place_of_latest(connection, event)
        if place is not None:
            places[event.key] = place
    return places


def _places_of_references(connection: Connection, references: Collection[str]) -> dict[str, _Place]:
    parsed = {reference: parse_reference(reference) for reference in references}
    # "run-07" is not what we call the eighth send of "run": somebody else's reference.
    ours = {text: place for text, place in parsed.items() if place is not None and reference_of(*place) == text}
    runs = _runs(connection, {run_id for run_id, _ in ours.values()})
    wanted = [(runs[run_id][0], seq) for run_id, seq in ours.values() if run_id in runs and seq < _LARGEST]
    rows = connection.execute(_PLACES, (json.dumps(wanted),))
    found = {(run, seq): _Place(run, seq, number) for run, seq, number in rows}
    return {
        text: found[runs[run_id][0], seq]
        for text, (run_id, seq) in ours.items()
        if run_id in runs and (runs[run_id][0], seq) in found
    }


def _places_of_tokens(connection: Connection, tokens: Collection[str]) -> dict[str, _Place]:
    rows = connection.execute(_PLACES_OF_TOKENS, (json.dumps(list(tokens)),)) if tokens else ()
    return {token: _Place(run, seq, number) for token, run, seq, number in rows}


def _place_of_latest(connection: Connection, event: Event) -> _Place | None:
    row = connection.execute(_LATEST_SEND, (event.number, micros_of("at", event.at))).fetchone()
    return None if row is None else _Place(*row)


def _runs(connection: Connection, run_ids: Collection[str]) -> dict[str, tuple[int, int]]:
    """Give key and state of each run that exists."""
    sql = "SELECT run_id, key, state FROM runs WHERE run_id IN (SELECT value FROM json_each(?))"
    return {run_id: (key, state) for run_id, key, state in connection.execute(sql, (json.dumps(list(run_ids)),))}


# ---------------------------------------------------------------- what an event does


def _placed(row: Row, place: _Place | None) -> Row:
    """Put run and seq before the row of an event, and leave out what the send tells."""
    if place is None:
        return None, None, *row
    key, kind, at, number, _, status, failure, text, token = row
    if place.number in (0, number):
        number = None
    if not place.number:
        text = token = None
    return place.run, place.seq, key, kind, at, number, None, status, failure, text, token


def _apply(connection: Connection, events: Sequence[Event], places: Mapping[str, _Place]) -> None:
    """Move the sends that receipts, clicks and replies are about."""
    receipts: list[dict[str, object]] = []
    counted: dict[EventType, list[tuple[int, int]]] = {EventType.CLICK: [], EventType.REPLY: []}
    for event in events:
        place = places.get(event.key)
        if place is None:
            continue
        if event.type in counted:
            counted[event.type].append((place.run, place.seq))
        elif event.type is EventType.RECEIPT and event.status is not None:
            receipts.append(_row_of_receipt(place, event, event.status))
    connection.executemany(_APPLY, receipts)
    connection.executemany("UPDATE sends SET clicks = clicks + 1 WHERE run = ? AND seq = ?", counted[EventType.CLICK])
    connection.executemany("UPDATE sends SET replies = replies + 1 WHERE run = ? AND seq = ?", counted[EventType.REPLY])


def _row_of_receipt(place: _Place, event: Event, status: DeliveryStatus) -> dict[str, object]:
    inferred: int | None = None
    if status in (DeliveryStatus.REJECTED, DeliveryStatus.BLOCKED):
        inferred = SEND_STATES[SendState.REJECTED]
    elif status.rank >= DeliveryStatus.ACCEPTED.rank:
        inferred = SEND_STATES[SendState.ACCEPTED]
    return {
        "run": place.run,
        "seq": place.seq,
        "status": STATUSES[status],
        "at": micros_of("at", event.at),
        "failure": None if event.failure is None else event.failure.value,
        "inferred": inferred,
    }


def _listen(connection: Connection, secret: bytes, events: Sequence[Event], places: Mapping[str, _Place]) -> None:
    """Write down what people said of being written to."""
    consents: list[ConsentEvent] = []
    oppositions: list[Suppression] = []
    for event in events:
        action = _ACTIONS.get(event.type)
        place = places.get(event.key)
        number = event.number or (place.number if place else 0)
        if action is None or not number:
            continue
        wording, source = event.text or "", event.type.value
        consents.append(ConsentEvent(number, action, event.at, source, wording=wording, evidence=event.key))
        if action is ConsentAction.WITHDRAWN:
            oppositions.append(Suppression(number, Reason.OPTED_OUT, event.at, source))
    if consents:
        append(connection, secret, {row_of_consent(consent): consent for consent in consents})
    insert_suppressions(connection, list(map(row_of_suppression, oppositions)))


# ---------------------------------------------------------------- links


def _run(runs: Mapping[str, tuple[int, int]], run_id: str) -> tuple[int, int]:
    if run_id not in runs:
        raise InvalidInput(f"there is no run {run_id!r} in this store")
    return runs[run_id]


def _targets(connection: Connection, urls: Collection[str]) -> dict[str, int]:
    """Give the key of each URL: a campaign has one or a few, its links a million."""
    connection.executemany("INSERT INTO targets (url) VALUES (?) ON CONFLICT DO NOTHING", [(url,) for url in urls])
    sql = "SELECT url, key FROM targets WHERE url IN (SELECT value FROM json_each(?))"
    return dict(connection.execute(sql, (json.dumps(list(urls)),)))


def _refuse_taken(connection: Connection, rows: Sequence[Row]) -> None:
    wanted: dict[str, tuple[int, int]] = {}
    taken: set[str] = set()
    for run, _, seq, token, _ in rows:
        if wanted.setdefault(token, (run, seq)) != (run, seq):
            taken.add(token)
    for token, place in _places_of_tokens(connection, wanted).items():
        if wanted[token] != (place.run, place.seq):
            taken.add(token)
    if taken:
        raise TokenTaken(min(taken))
