"""Erasing a person: what goes, and the keyed marks that stay."""

from __future__ import annotations

from collections.abc import Collection
from hashlib import blake2b
from sqlite3 import Connection

from smskit.compliance.history import erasure_of
from smskit.kinds import Reason, SendState
from smskit.stores.rows import NOBODY_STANDS_BY, SEND_STATES, STOOD_BY, Row

_EMPTY_CONSENT = """
UPDATE consents SET number = NULL, at = NULL, action = NULL, source = NULL, channel = NULL, advertiser = NULL,
    wording = NULL, evidence = NULL, erasure = ?
WHERE seq = ?
"""


def hash_of(secret: bytes, number: int) -> bytes:
    """Give what stands for a forgotten number."""
    return blake2b(number.to_bytes(8, "big"), key=secret, digest_size=16).digest()


def keep_hash(connection: Connection, secret: bytes, number: int, at: int) -> None:
    """Put a number on the list of oppositions, as of *at*, so that nobody can read it there."""
    connection.execute(
        "INSERT INTO forgotten VALUES (?, ?) ON CONFLICT DO UPDATE SET at = max(at, excluded.at)",
        (hash_of(secret, number), at),
    )
    list_changed(connection)


def list_changed(connection: Connection) -> None:
    """Tell all processes that what they remember of the suppression list is old."""
    connection.execute("UPDATE facts SET value = value + 1 WHERE name = 'suppressions'")


def erase_oppositions(connection: Connection, number: int) -> None:
    """Take the number itself off the list of oppositions; entries of ours stay."""
    connection.execute("DELETE FROM suppressions WHERE number = ? AND reason = ?", (number, Reason.OPTED_OUT.value))
    list_changed(connection)


def erase_consents(connection: Connection, secret: bytes, number: int) -> None:
    """Empty the acts of a person; digest and seal stay in their places."""
    rows = connection.execute("SELECT seq, lower(hex(seal)) FROM consents WHERE number = ?", (number,)).fetchall()
    marks = [(bytes.fromhex(erasure_of(seal, key=secret)), seq) for seq, seal in rows]
    connection.executemany(_EMPTY_CONSENT, marks)


def erase_messages(connection: Connection, number: int) -> None:
    """Erase number and text of what was sent to a person and came back; what was still to be sent is cancelled."""
    # Runs that are still loading have no recipients yet: theirs are found by reading them through.
    sends = connection.execute(
        "SELECT run, seq FROM recipients WHERE number = ? UNION ALL SELECT s.run, s.seq"
        " FROM runs JOIN sends AS s ON s.run = runs.key WHERE runs.state = 0 AND s.number = ?",
        (number, number),
    ).fetchall()
    planned, cancelled = SEND_STATES[SendState.PLANNED], SEND_STATES[SendState.CANCELLED]
    connection.executemany(
        "UPDATE sends SET reason = ?, state = ? WHERE run = ? AND seq = ? AND state = ?",
        [(Reason.OPTED_OUT.value, cancelled, run, seq, planned) for run, seq in sends],
    )
    _erase_links(connection, sends)
    # Nothing stands by for them any more.
    connection.executemany(
        "UPDATE sends SET number = 0, text = '', token = NULL,"
        f" fallback = CASE WHEN fallback = {STOOD_BY} THEN {NOBODY_STANDS_BY} ELSE fallback END"
        " WHERE run = ? AND seq = ?",
        sends,
    )
    connection.executemany(
        "UPDATE events SET number = NULL, text = NULL, token = NULL, postback = NULL WHERE run = ? AND seq = ?", sends
    )
    connection.execute("UPDATE events SET number = NULL, text = NULL, postback = NULL WHERE number = ?", (number,))
    connection.execute("DELETE FROM capabilities WHERE number = ?", (number,))
    connection.execute("DELETE FROM recipients WHERE number = ?", (number,))


def _erase_links(connection: Connection, sends: Collection[Row]) -> None:
    """Remove the short links of sends, and targets that nobody else has: an URL may name a person."""
    links = [
        row
        for place in sends
        for row in connection.execute("SELECT token, target, run, seq FROM links WHERE run = ? AND seq = ?", place)
    ]
    connection.executemany("DELETE FROM tokens WHERE token = ?", [(token,) for token, *_ in links])
    connection.executemany("DELETE FROM links WHERE run = ? AND seq = ?", sends)
    connection.executemany(
        "DELETE FROM targets WHERE key = ? AND NOT EXISTS (SELECT 1 FROM links WHERE target = targets.key)",
        {(target,) for _, target, *_ in links},
    )
