"""What a store knows of people: oppositions, dead numbers, what they did with earlier messages."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from itertools import groupby, islice
from sqlite3 import Connection

from attrs import evolve

from smskit.errors import InvalidInput
from smskit.kinds import DeliveryStatus, Reason, SendState
from smskit.protocols import Clock
from smskit.records import Engagement, Suppression
from smskit.stores.database import Database
from smskit.stores.erasure import erase_consents, erase_messages, hash_of, keep_hash, list_changed
from smskit.stores.rows import (
    PLACE_TAKEN,
    SEND_STATES,
    STATUSES,
    Row,
    instant_of,
    json_of,
    micros_of,
    row_of_suppression,
    suppression_of,
)

# Up to so many suppressed numbers are kept in memory (about 70 bytes each), so that asking for a number that
# is not on the list costs a look into a set instead of one into a table.
_KEPT_IN_MEMORY = 100_000

_CHUNK = 10_000

_INSERT_SUPPRESSION = "INSERT INTO suppressions VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"


def insert_suppressions(connection: Connection, rows: Collection[Row]) -> int:
    """Add rows to the list within a transaction; give how many are new."""
    before = connection.total_changes
    connection.executemany(_INSERT_SUPPRESSION, rows)
    new = connection.total_changes - before
    if new:
        list_changed(connection)
    return new


def entry_that_counts(entries: Iterable[Suppression]) -> Suppression:
    """Choose among all entries of one number the one that answers for it.

    Two things can stand against a number: its owner's latest opposition, which a later consent lifts, and our
    own latest entry, which ends at ``until``. Ours counts when it never ends, the opposition otherwise: an
    entry of ours that has run out must not hide that the person said no. The opposition then says until when
    ours holds beside it: no consent lifts that.
    """
    oppositions: list[Suppression] = []
    ours: list[Suppression] = []
    for entry in entries:
        (oppositions if entry.reason is Reason.OPTED_OUT else ours).append(entry)
    latest = max(ours, key=_age, default=None)
    if latest is not None and (latest.until is None or not oppositions):
        return latest
    return evolve(max(oppositions, key=_age), until=latest.until if latest is not None else None)


def _age(entry: Suppression) -> tuple[datetime, bool, datetime, str]:
    # At the same instant the entry that lasts longer is the later one; the source makes the choice certain.
    return entry.at, entry.until is None, entry.until or entry.at, entry.source


def _chunks(rows: Iterator[Row]) -> Iterator[list[Row]]:
    # The caller's iterator may itself use the store: it is read outside the transaction.
    while chunk := list(islice(rows, _CHUNK)):
        yield sorted(chunk)


class People:
    """The part of a store that is about people."""

    _database: Database
    _clock: Clock
    _secret: bytes
    _listed: tuple[int, frozenset[int] | None, frozenset[bytes]] = (-1, None, frozenset())

    # suppressions -------------------------------------------------------

    def suppress(self, entries: Iterable[Suppression], /) -> int:
        """Add to the suppression list; give how many are new.

        Raises:
            InvalidInput: a reason other than OPTED_OUT and SUPPRESSED.
            NaiveDatetime: ``at`` or ``until`` without a zone.
        """
        new = 0
        for chunk in _chunks(map(_checked, entries)):
            with self._database.write() as connection:
                new += insert_suppressions(connection, chunk)
        return new

    def suppressed(self, numbers: Collection[int], /) -> Mapping[int, Suppression]:
        """Give the entry of each of *numbers* that is on the list; see :func:`entry_that_counts`.

        An entry whose ``until`` has passed is given all the same: the caller knows what time it is.
        """
        listed, forgotten = self._on_the_list()
        if listed is not None:
            found = self._entries(listed.intersection(numbers)) if listed else {}
        else:
            found = self._entries(numbers)
        if forgotten:
            for number in numbers:
                hashed = hash_of(self._secret, number)
                if hashed in forgotten:
                    found.setdefault(number, []).append(self._forgotten_entry(number, hashed))
        return {number: entry_that_counts(entries) for number, entries in found.items()}

    def _on_the_list(self) -> tuple[frozenset[int] | None, frozenset[bytes]]:
        """Give the suppressed numbers, None when they are too many, and the hashes of the forgotten ones."""
        ((version,),) = self._database.read("SELECT value FROM facts WHERE name = 'suppressions'")
        if self._listed[0] != version:
            sql = "SELECT DISTINCT number FROM suppressions LIMIT ?"
            rows = self._database.read(sql, (_KEPT_IN_MEMORY + 1,))
            numbers = frozenset(number for (number,) in rows) if len(rows) <= _KEPT_IN_MEMORY else None
            hashes = frozenset(hashed for (hashed,) in self._database.read("SELECT hash FROM forgotten"))
            # An entry that came between these statements has also changed the version: the next call sees it.
            self._listed = (version, numbers, hashes)
        return self._listed[1], self._listed[2]

    def _entries(self, numbers: Collection[int]) -> dict[int, list[Suppression]]:
        if not numbers:
            return {}
        rows = self._database.read(
            "SELECT number, at, reason, source, until FROM suppressions"
            " WHERE number IN (SELECT value FROM json_each(?)) ORDER BY number",
            (json_of(numbers),),
        )
        return {number: [suppression_of(row) for row in group] for number, group in groupby(rows, _first)}

    # erasure ------------------------------------------------------------

    def forget(self, number: int, /) -> None:
        """Erase a person: consents, the number and text of sends and events, short links.

        What was sent stays in the account, as sends to the number 0. What was still to be sent is cancelled. Digest
        and seal of each consent stay, so that the chain holds.
        A keyed hash stays, so that :meth:`suppressed` answers OPTED_OUT for the number, as of now, until a
        later consent.
        """
        now = micros_of("now", self._clock.now())
        with self._database.write() as connection:
            keep_hash(connection, self._secret, number, now)
            connection.execute("DELETE FROM suppressions WHERE number = ?", (number,))
            erase_consents(connection, self._secret, number)
            erase_messages(connection, number)
        self._database.empty_log()

    def _forgotten_entry(self, number: int, hashed: bytes) -> Suppression:
        ((at,),) = self._database.read("SELECT at FROM forgotten WHERE hash = ?", (hashed,))
        return Suppression(number, Reason.OPTED_OUT, instant_of(at), "forgotten")

    # what they did ------------------------------------------------------

    def engagement(self, numbers: Collection[int], /) -> Mapping[int, Engagement]:
        """Give what earlier runs know of each of *numbers* that was ever sent to.

        ``sent`` counts what carriers took or may have taken, ``delivered`` what receipts say arrived,
        ``clicked`` the messages with at least one click, ``replied`` the replies. ``converted`` is 0: orders
        are not in the store.
        """
        if not self._any("recipients"):
            return {}
        rows = self._database.read(_ENGAGEMENT, (json_of(numbers),))
        return {
            number: Engagement(sent, delivered, clicked, replied, 0, None if last is None else instant_of(last))
            for number, sent, delivered, clicked, replied, last in rows
        }

    def _any(self, table: str) -> bool:
        """Say whether a table has a row: planning asks for each thousand contacts, mostly in vain."""
        return bool(self._database.read(f"SELECT EXISTS (SELECT 1 FROM {table})")[0][0])


_ENGAGEMENT = f"""
SELECT r.number, count(*), sum(coalesce(s.status, 0) >= {STATUSES[DeliveryStatus.DELIVERED]}),
    sum(s.clicks > 0), sum(s.replies), max(s.submitted_at)
FROM json_each(?) AS asked
CROSS JOIN recipients AS r ON r.number = asked.value
JOIN sends AS s ON s.run = r.run AND s.seq = r.seq
WHERE s.state IN ({SEND_STATES[SendState.SUBMITTING]}, {SEND_STATES[SendState.ACCEPTED]}) AND NOT {PLACE_TAKEN}
GROUP BY r.number
"""


def _first(row: Row) -> int:
    number: int = row[0]
    return number


def _checked(entry: Suppression) -> Row:
    if entry.reason not in (Reason.OPTED_OUT, Reason.SUPPRESSED):
        raise InvalidInput(f"a number is suppressed as OPTED_OUT or SUPPRESSED, not as {entry.reason.name}")
    return row_of_suppression(entry)
