"""What comes back: receipts, replies, clicks, oppositions; and the short links that clicks come through."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from sqlite3 import Connection
from typing import Final

from smskit.errors import InvalidInput, TokenTaken
from smskit.kinds import EventType, FailureClass, Reason, RunState
from smskit.records import (
    ConsentAction,
    ConsentEvent,
    Event,
    Link,
    Suppression,
)
from smskit.stores.consents import append
from smskit.stores.database import Database
from smskit.stores.erasure import hash_of
from smskit.stores.people import insert_suppressions
from smskit.stores.places import FROM_PEOPLE, Place, places_of, places_of_tokens, runs_of
from smskit.stores.receipts import Landed, apply
from smskit.stores.rows import (
    EVENT_COLUMNS,
    EVENT_TYPES,
    RUN_STATES,
    Row,
    event_of,
    row_of_consent,
    row_of_event,
    row_of_suppression,
    storable,
)

_PAGE = 1000
_LOADING = RUN_STATES[RunState.LOADING]
_FROM_PEOPLE: Final = tuple(EVENT_TYPES[kind] for kind in FROM_PEOPLE)
_ACTIONS: Final = {EventType.OPT_OUT: ConsentAction.WITHDRAWN, EventType.OPT_IN: ConsentAction.GRANTED}

_EVENTS_OF_RUN = f"""
SELECT e.at, e.rowid, e.seq,
    e.key, e.type, e.at, coalesce(e.number, s.number), NULL, e.status, e.failure, e.text, e.token,
    e.provider_id, e.part, e.code, e.postback
FROM events AS e JOIN sends AS s ON s.run = e.run AND s.seq = e.seq
WHERE e.run = (SELECT key FROM runs WHERE run_id = ?) AND (e.at, e.rowid) > (?, ?)
ORDER BY e.at, e.rowid LIMIT {_PAGE}
"""

# An index ends in the rowid, which is the mark: events are never removed, so later ones have higher ones.
_FAILURES = f"""
SELECT failure, count(*), max(rowid) FROM events INDEXED BY events_failed
WHERE run = ? AND rowid > ? AND failure IS NOT NULL AND type = {EVENT_TYPES[EventType.RECEIPT]}
GROUP BY failure
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


class Mailbox:
    """The part of a store that is about events and links."""

    _database: Database
    _secret: bytes

    # events -------------------------------------------------------------

    def record_events(self, events: Sequence[Event], /) -> int:
        """Keep events and apply them; give how many are new. Any order, any repetition.

        A receipt moves the status of its send up, never down; a part that was delivered is not the message yet. An
        OPT_OUT adds a suppression and a withdrawn consent in the same commit, an OPT_IN a consent. An event about a
        send that is not known is kept, and applied when a settlement tells the carrier's name of its message.

        Raises:
            NaiveDatetime: ``at`` without a zone.
        """
        rows: dict[str, tuple[Event, Row]] = {}
        for event in map(storable, events):
            rows.setdefault(event.key, (event, row_of_event(event)))
        with self._database.write() as connection:
            for key in _known(connection, rows):
                del rows[key]
            new = [event for event, _ in rows.values()]
            places = places_of(connection, new)
            connection.executemany(
                f"INSERT INTO events (run, seq, {EVENT_COLUMNS}) VALUES ({', '.join('?' * 15)})",
                [
                    _placed(row, places[key]) if key in places else _stray(connection, self._secret, row)
                    for key, (_, row) in rows.items()
                ],
            )
            apply(connection, [_landed(rows[key][1], place) for key, place in places.items()])
            _listen(connection, self._secret, new, places)
        return len(new)

    def events(self, run_id: str, /) -> Iterator[Event]:
        """Give the events of a run, in order of time, streaming.

        An event is of a run by its reference, by its token, by the carrier's name of the message and the number, or,
        from a person, because the run holds the last message that was sent to the number before. Reference and number
        are filled in from the send.
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
        run = self._database.read("SELECT key FROM runs WHERE run_id = ?", (run_id,))
        if not run:
            raise InvalidInput(f"there is no run {run_id!r} in this store")
        rows = self._database.read(_FAILURES, (run[0][0], after))
        mark = max((last for _, _, last in rows), default=after)
        return {FailureClass(failure): count for failure, count, _ in rows}, mark

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
            runs = runs_of(connection, {link.run_id for link in links})
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


def _known(connection: Connection, keys: Iterable[str]) -> list[str]:
    sql = "SELECT key FROM events WHERE key IN (SELECT value FROM json_each(?))"
    return [key for (key,) in connection.execute(sql, (json.dumps(list(keys)),))]


# ---------------------------------------------------------------- what an event does


def _placed(row: Row, place: Place) -> Row:
    """Put run and seq before the row of an event, and leave out what the send tells."""
    key, kind, at, number, _, status, failure, text, token, *carrier = row
    if place.number in (0, number):
        number = None
    if not place.number:
        text = token = carrier[-1] = None
    return place.run, place.seq, key, kind, at, number, None, status, failure, text, token, *carrier


def _stray(connection: Connection, secret: bytes, row: Row) -> Row:
    """Keep an event without a send; that of a person who was forgotten must not tell which send was theirs."""
    key, kind, at, number, reference, status, failure, text, token, provider_id, part, code, postback = row
    if number and (reference or provider_id) and _is_forgotten(connection, secret, number):
        if kind in _FROM_PEOPLE:
            reference = provider_id = None
        else:
            number = text = postback = None
    said = text, token, provider_id, part, code, postback
    return None, None, key, kind, at, number, reference, status, failure, *said


def _is_forgotten(connection: Connection, secret: bytes, number: int) -> bool:
    """Say whether a number was forgotten and no run is to it since."""
    sql = "SELECT EXISTS (SELECT 1 FROM forgotten WHERE hash = ?) > EXISTS (SELECT 1 FROM recipients WHERE number = ?)"
    (forgotten,) = connection.execute(sql, (hash_of(secret, number), number)).fetchone()
    return bool(forgotten)


def _landed(row: Row, place: Place) -> Landed:
    _, kind, at, _, _, status, failure, _, _, _, part, code, _ = row
    return Landed(place.run, place.seq, kind, at, status, failure, part, code)


def _listen(connection: Connection, secret: bytes, events: Sequence[Event], places: Mapping[str, Place]) -> None:
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
    for token, place in places_of_tokens(connection, wanted).items():
        if wanted[token] != (place.run, place.seq):
            taken.add(token)
    if taken:
        raise TokenTaken(min(taken))
