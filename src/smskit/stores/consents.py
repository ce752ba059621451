"""What people agreed to: a chain of sealed acts, in the order in which they came in."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from itertools import groupby, islice
from operator import itemgetter
from sqlite3 import Connection

from smskit.compliance.history import GENESIS, due_for_purge, seal
from smskit.kinds import EventType, Reason
from smskit.records import ConsentAction, ConsentEvent, Sealed
from smskit.stores.database import Database
from smskit.stores.erasure import erase_consents, erase_messages, erase_oppositions, keep_hash
from smskit.stores.rows import EVENT_TYPES, Row, consent_of, instant_of, json_of, micros_of, row_of_consent

_COLUMNS = "number, at, action, source, channel, advertiser, wording, evidence"
_INSERT = f"INSERT INTO consents ({_COLUMNS}, digest, seal) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_OF_NUMBERS = f"SELECT {_COLUMNS} FROM consents WHERE number IN (SELECT value FROM json_each(?))"

# hex() reads whatever somebody may have written there, so that the chain can be shown to be broken.
_PAGE_OF_LOG = f"""
SELECT seq, lower(hex(digest)), lower(hex(seal)), lower(hex(erasure)), {_COLUMNS}
FROM consents WHERE seq > ? ORDER BY seq LIMIT 1000
"""

_OWN_ACTS = ", ".join(
    str(EVENT_TYPES[kind]) for kind in (EventType.REPLY, EventType.CLICK, EventType.OPT_OUT, EventType.OPT_IN)
)
# One look through all events: there is no index for what is asked once a day at most.
_LAST_CONTACTS = f"""
SELECT number, max(at) FROM (
    SELECT coalesce(e.number, s.number) AS number, e.at AS at
    FROM events AS e LEFT JOIN sends AS s ON s.run = e.run AND s.seq = e.seq
    WHERE e.type IN ({_OWN_ACTS}) AND e.at > :since
    UNION ALL SELECT number, at FROM suppressions WHERE reason = '{Reason.OPTED_OUT.value}' AND at > :since
) WHERE number > 0 GROUP BY number
"""
_SILENT = "SELECT number, max(at) FROM consents WHERE number > 0 GROUP BY number HAVING max(at) <= ?"
_OPPOSITIONS = f"SELECT max(at) FROM suppressions WHERE number = ? AND reason = '{Reason.OPTED_OUT.value}'"

_CHUNK = 10_000


class Consents:
    """The part of a store that is about consents."""

    _database: Database
    _secret: bytes

    def record_consents(self, events: Iterable[ConsentEvent], /) -> int:
        """Append consents and withdrawals; give how many are new (the same event twice is kept once).

        Raises:
            NaiveDatetime: ``at`` without a zone.
        """
        new = 0
        # The caller's iterator may itself use the store: it is read outside the transaction.
        incoming = ((row_of_consent(event), event) for event in events)
        while chunk := dict(islice(incoming, _CHUNK)):
            with self._database.write() as connection:
                new += append(connection, self._secret, chunk)
        return new

    def consents(self, numbers: Collection[int], /) -> Mapping[int, tuple[ConsentEvent, ...]]:
        """Give the history of each of *numbers* that has one, oldest first.

        Of one instant a withdrawal comes last: it is the one that counts.
        """
        # Planning asks for each thousand contacts, mostly in vain.
        ((known,),) = self._database.read("SELECT EXISTS (SELECT 1 FROM consents WHERE number > 0)")
        if not known:
            return {}
        rows = self._database.read(f"{_OF_NUMBERS} ORDER BY number, at, action", (json_of(numbers),))
        return {number: tuple(map(consent_of, group)) for number, group in groupby(rows, itemgetter(0))}

    def consent_log(self) -> Iterator[Sealed]:
        """Give the chain of all acts in the order in which they were recorded, streaming.

        ``broken_at(store.consent_log(), key=store.secret, head=...)`` tells whether somebody changed it.
        """
        seq = -(2**63)
        while rows := self._database.read(_PAGE_OF_LOG, (seq,)):
            for _, digest, sealed, erasure, *row in rows:
                yield Sealed(_readable(tuple(row)), digest, sealed, erasure)
            seq = rows[-1][0]

    def consent_head(self) -> str:
        """Give the last seal of the chain; kept elsewhere, it shows later that nothing was cut off."""
        rows = self._database.read("SELECT lower(hex(seal)) FROM consents ORDER BY seq DESC LIMIT 1")
        return str(rows[0][0]) if rows else GENESIS

    def purge(self, *, now: datetime, years: int = 3, last_contact: Mapping[int, datetime] | None = None) -> int:
        """Erase the people of whom nothing was heard for *years*; give how many.

        A consent, an opt-out, a reply and a click are heard; a message that was sent or delivered is not. Of those who
        objected a keyed hash stays on the list, as of their opposition; entries of ours (``SUPPRESSED``) stay as they
        are.

        Args:
            now: aware.
            years: three for prospects in France.
            last_contact: what only you know (purchases, visits), by number.

        Raises:
            NaiveDatetime: *now* has no zone.

        Source: FR.RETENTION.PROSPECT, FR.RETENTION.SUPPRESSION.
        """
        micros_of("now", now)
        with self._database.write() as connection:
            due = _due(connection, now, years, last_contact or {})
            for number in due:
                opposed_at = _opposed_at(connection, number)
                if opposed_at is not None:
                    keep_hash(connection, self._secret, number, opposed_at)
                erase_oppositions(connection, number)
                erase_consents(connection, self._secret, number)
                erase_messages(connection, number)
        if due:
            self._database.empty_log()
        return len(due)


def append(connection: Connection, secret: bytes, incoming: Mapping[Row, ConsentEvent]) -> int:
    """Seal acts behind the last one, within a transaction; give how many are new."""
    known = set(connection.execute(_OF_NUMBERS, (json_of({row[0] for row in incoming}),)))
    fresh = {row: event for row, event in incoming.items() if row not in known}
    last = connection.execute("SELECT hex(seal) FROM consents ORDER BY seq DESC LIMIT 1").fetchone()
    chain = seal(fresh.values(), key=secret, after=last[0] if last else GENESIS)
    connection.executemany(
        _INSERT,
        (
            (*row, bytes.fromhex(sealed.digest), bytes.fromhex(sealed.seal))
            for row, sealed in zip(fresh, chain, strict=True)
        ),
    )
    return len(fresh)


def _readable(row: Row) -> ConsentEvent | None:
    """Give the act of a row; None for a forgotten one, and for one that somebody made unreadable."""
    if row[0] is None:
        return None
    try:
        return consent_of(row)
    except (ValueError, TypeError, OverflowError):
        return None


# ---------------------------------------------------------------- retention


def _due(connection: Connection, now: datetime, years: int, heard_of: Mapping[int, datetime]) -> tuple[int, ...]:
    """Find the numbers to purge: those with acts, all of them old, and nothing else heard since."""
    # A little less and a little more than the years: which day it is exactly, the law's own arithmetic says.
    since = micros_of("now", now - timedelta(days=366 * years + 1))
    silent = connection.execute(_SILENT, (micros_of("now", now - timedelta(days=365 * years)),))
    last_acts: dict[int, int] = dict(silent.fetchall())
    contacts = {
        number: instant_of(at)
        for number, at in connection.execute(_LAST_CONTACTS, {"since": since})
        if number in last_acts
    }
    for number in last_acts.keys() & heard_of.keys():
        contacts[number] = max(heard_of[number], contacts.get(number, heard_of[number]))
    histories = {number: (_act(number, at),) for number, at in last_acts.items()}
    return due_for_purge(histories, now=now, years=years, last_contact=contacts)


def _act(number: int, at: int) -> ConsentEvent:
    return ConsentEvent(number, ConsentAction.GRANTED, instant_of(at), "")


def _opposed_at(connection: Connection, number: int) -> int | None:
    """Give when a person objected, None when there was no objection or a later consent lifted it."""
    acts = connection.execute("SELECT action, max(at) FROM consents WHERE number = ? GROUP BY action", (number,))
    last: dict[str, int] = dict(acts.fetchall())
    (listed,) = connection.execute(_OPPOSITIONS, (number,)).fetchone()
    objections = [at for at in (last.get(ConsentAction.WITHDRAWN.value), listed) if at is not None]
    granted = last.get(ConsentAction.GRANTED.value)
    if not objections or (granted is not None and granted > max(objections)):
        return None
    return max(objections)
