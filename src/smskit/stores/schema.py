"""The tables of a store, and how a file becomes one.

``PRAGMA application_id`` says that a file is ours, ``PRAGMA user_version`` which schema it has. A change to
the tables is a new entry at the end of ``MIGRATIONS``, SQL or a function; what stands there is never edited,
files in the field were made by it.
"""

from __future__ import annotations

import itertools
import secrets
import sqlite3
from collections.abc import Callable

from smskit.compliance.history import seal
from smskit.stores.rows import consent_of

APPLICATION_ID = 0x534D534B  # "SMSK"

# Instants are microseconds since 1970 UTC, numbers are E.164 digits, codes are those of
# ``smskit.stores.rows``. ``suppressions`` and ``consents`` are sets of rows: the whole row is the key, so
# that the same act is kept once.
_FIRST = """
CREATE TABLE facts (name TEXT PRIMARY KEY, value NOT NULL) WITHOUT ROWID;

CREATE TABLE suppressions (
    number INTEGER NOT NULL, at INTEGER NOT NULL, reason TEXT NOT NULL, source TEXT NOT NULL,
    until INTEGER NOT NULL,
    PRIMARY KEY (number, at, reason, source, until)
) WITHOUT ROWID;

CREATE TABLE forgotten (hash BLOB PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID;

CREATE TABLE consents (
    number INTEGER NOT NULL, at INTEGER NOT NULL, action TEXT NOT NULL, source TEXT NOT NULL,
    channel TEXT NOT NULL, advertiser TEXT NOT NULL, wording TEXT NOT NULL, evidence TEXT NOT NULL,
    PRIMARY KEY (number, at, action, source, channel, advertiser, wording, evidence)
) WITHOUT ROWID;

CREATE TABLE runs (
    key INTEGER PRIMARY KEY, run_id TEXT NOT NULL UNIQUE, campaign TEXT NOT NULL, digest TEXT NOT NULL,
    kind TEXT NOT NULL, sender TEXT NOT NULL, at INTEGER NOT NULL, created_at INTEGER NOT NULL,
    state INTEGER NOT NULL, currency TEXT NOT NULL, plan TEXT NOT NULL, planned INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX runs_of_campaign ON runs (campaign);
CREATE INDEX runs_loading ON runs (state) WHERE state = 0;

CREATE TABLE sends (
    run INTEGER NOT NULL, seq INTEGER NOT NULL, row_number INTEGER NOT NULL, number INTEGER NOT NULL,
    text TEXT NOT NULL, parts INTEGER NOT NULL, price_micros INTEGER NOT NULL, territory TEXT NOT NULL,
    not_before INTEGER NOT NULL, arm TEXT NOT NULL, state INTEGER NOT NULL, token TEXT,
    attempts INTEGER NOT NULL DEFAULT 0,
    provider_id TEXT, failure TEXT, reason TEXT, submitted_at INTEGER,
    status INTEGER, status_at INTEGER, status_failure TEXT,
    answered INTEGER NOT NULL DEFAULT 0,
    clicks INTEGER NOT NULL DEFAULT 0, replies INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (run, seq)
) WITHOUT ROWID;
CREATE INDEX sends_due ON sends (run, not_before) WHERE state = 0;

-- Filled, sorted, when a run is opened: an index on sends (number) would touch a page for each row while
-- loading and make it three times slower (benchmarks/store.py).
CREATE TABLE recipients (
    number INTEGER NOT NULL, run INTEGER NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (number, run, seq)
) WITHOUT ROWID;

-- How many sends of an open run are in each state. The trigger keeps it in the same commit, so that the
-- account of a million sends is one look-up; runs.planned is counted once, on opening, so that the account
-- can be seen to close.
CREATE TABLE tallies (
    run INTEGER NOT NULL, state INTEGER NOT NULL,
    sends INTEGER NOT NULL, parts INTEGER NOT NULL, price_micros INTEGER NOT NULL,
    PRIMARY KEY (run, state)
) WITHOUT ROWID;
CREATE TRIGGER sends_moved AFTER UPDATE OF state ON sends WHEN old.state <> new.state BEGIN
    UPDATE tallies
    SET sends = sends - 1, parts = parts - old.parts, price_micros = price_micros - old.price_micros
    WHERE run = old.run AND state = old.state;
    UPDATE tallies
    SET sends = sends + 1, parts = parts + new.parts, price_micros = price_micros + new.price_micros
    WHERE run = new.run AND state = new.state;
END;

CREATE TABLE targets (key INTEGER PRIMARY KEY, url TEXT NOT NULL UNIQUE);
CREATE TABLE links (
    run INTEGER NOT NULL, seq INTEGER NOT NULL, token TEXT NOT NULL, target INTEGER NOT NULL,
    PRIMARY KEY (run, seq, token)
) WITHOUT ROWID;
-- Filled when a run is opened, for the reason given at recipients.
CREATE TABLE tokens (token TEXT PRIMARY KEY, run INTEGER NOT NULL, seq INTEGER NOT NULL) WITHOUT ROWID;

-- run and seq are those of the send that the event is about, when we know it; reference and number are kept
-- only where that send does not tell them.
CREATE TABLE events (
    key TEXT NOT NULL UNIQUE, type INTEGER NOT NULL, at INTEGER NOT NULL, run INTEGER, seq INTEGER,
    number INTEGER, reference TEXT, status INTEGER, failure TEXT, text TEXT, token TEXT
);
CREATE INDEX events_of_run ON events (run, at) WHERE run IS NOT NULL;
CREATE INDEX events_of_number ON events (number) WHERE number IS NOT NULL;
"""

# An event stays in the order in which it came in, behind a seal that covers all before it. The columns of the event
# are empty once the person is forgotten.
_CONSENT_CHAIN = """
ALTER TABLE consents RENAME TO unsealed_consents;
CREATE TABLE consents (
    seq INTEGER PRIMARY KEY, number INTEGER, at INTEGER, action TEXT, source TEXT, channel TEXT, advertiser TEXT,
    wording TEXT, evidence TEXT, digest BLOB NOT NULL, seal BLOB NOT NULL, erasure BLOB
);
CREATE INDEX consents_of_number ON consents (number, at) WHERE number IS NOT NULL;
"""


def _chain_consents(connection: sqlite3.Connection) -> None:
    """Build the chain; a file that kept consents without seals has them sealed in the order of the acts' own times."""
    _migrate(connection, _CONSENT_CHAIN)
    ((secret,),) = connection.execute("SELECT value FROM facts WHERE name = 'secret'").fetchall() or ((b"",),)
    rows = connection.execute(
        "SELECT number, at, action, source, channel, advertiser, wording, evidence FROM unsealed_consents"
        " ORDER BY at, number, action, source, channel, advertiser, wording, evidence"
    )
    kept, sealed = itertools.tee(rows)
    chain = seal(map(consent_of, sealed), key=secret)
    connection.executemany(
        "INSERT INTO consents (number, at, action, source, channel, advertiser, wording, evidence, digest, seal)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        ((*row, bytes.fromhex(link.digest), bytes.fromhex(link.seal)) for row, link in zip(kept, chain, strict=True)),
    )
    connection.execute("DROP TABLE unsealed_consents")


# Code 0 was a status that nobody understood: such a receipt has none now, and changes nothing.
_CARRIERS_WORDS = """
UPDATE sends SET status = NULL, status_at = NULL, status_failure = NULL WHERE status = 0;
UPDATE events SET status = NULL WHERE status = 0;

-- failure and code are those of the answer, status_failure and status_code those of the receipt that counts.
ALTER TABLE sends ADD COLUMN code TEXT;
ALTER TABLE sends ADD COLUMN status_code TEXT;
ALTER TABLE sends ADD COLUMN billed_parts INTEGER;

ALTER TABLE events ADD COLUMN provider_id TEXT;
ALTER TABLE events ADD COLUMN part TEXT;
ALTER TABLE events ADD COLUMN code TEXT;
-- Each holds few of the events, so that the others cost nothing: those that came before the answer which tells their
-- message, those about one part, those of which a run takes notice while it is sent.
CREATE INDEX events_waiting ON events (provider_id, number)
    WHERE run IS NULL AND provider_id IS NOT NULL AND number IS NOT NULL;
CREATE INDEX events_of_parts ON events (run, seq) WHERE run IS NOT NULL AND part IS NOT NULL;
CREATE INDEX events_failed ON events (run) WHERE run IS NOT NULL AND failure IS NOT NULL AND type = 0;

-- When the lane is free again, and the time at which it was last booked.
CREATE TABLE lanes (
    lane TEXT PRIMARY KEY, free_at INTEGER NOT NULL, booked_at INTEGER NOT NULL
) WITHOUT ROWID;
"""

# A campaign over RCS is two runs. In ``fallback`` of a send: 0 nothing stands by for it, 1 a message of the same seq in
# the other run does, 2 that one has taken its place, 3 it arrived and the other is not needed.
_CHANNELS = """
ALTER TABLE runs ADD COLUMN channel INTEGER NOT NULL DEFAULT 0;
ALTER TABLE runs ADD COLUMN fallback_of TEXT;
-- Messages whose place was taken; and the price of those that the carrier had taken: nobody bills what does not arrive.
ALTER TABLE runs ADD COLUMN fell_back INTEGER NOT NULL DEFAULT 0;
ALTER TABLE runs ADD COLUMN fell_back_micros INTEGER NOT NULL DEFAULT 0;
CREATE INDEX runs_falling_back ON runs (fallback_of) WHERE fallback_of IS NOT NULL;

ALTER TABLE sends ADD COLUMN fallback INTEGER NOT NULL DEFAULT 0;
-- Only what may still fall back: what has arrived leaves it.
CREATE INDEX sends_stood_by ON sends (run, seq) WHERE fallback = 1;
-- In any order of answers, receipts and falling back: what arrives after all is billed, what was never taken is not.
CREATE TRIGGER sends_unbilled AFTER UPDATE OF state, status, fallback ON sends
WHEN old.fallback = 2 OR new.fallback = 2 BEGIN
    UPDATE runs SET fell_back = fell_back + (new.fallback = 2) - (old.fallback = 2),
        fell_back_micros = fell_back_micros
            + new.price_micros * (new.fallback = 2 AND new.state = 2 AND coalesce(new.status, 0) < 60)
            - old.price_micros * (old.fallback = 2 AND old.state = 2 AND coalesce(old.status, 0) < 60)
    WHERE key = new.run;
END;

ALTER TABLE events ADD COLUMN postback TEXT;

CREATE TABLE capabilities (
    agent TEXT NOT NULL, number INTEGER NOT NULL, reachable INTEGER NOT NULL, features TEXT, at INTEGER NOT NULL,
    PRIMARY KEY (agent, number)
) WITHOUT ROWID;
CREATE INDEX capabilities_of_number ON capabilities (number);
"""

Migration = str | Callable[[sqlite3.Connection], None]

MIGRATIONS: tuple[Migration, ...] = (_FIRST, _chain_consents, _CARRIERS_WORDS, _CHANNELS)


class NotOurs(Exception):
    """The file holds something else than a store that this version can read; the text says what."""


def prepare(connection: sqlite3.Connection) -> None:
    """Make the tables of a new file and bring those of an older version up to date; one process does it.

    Raises:
        NotOurs: the file belongs to another program, or a newer smskit wrote it.
    """
    if version_of(connection) == len(MIGRATIONS):
        return
    connection.execute("BEGIN IMMEDIATE")
    version = version_of(connection)  # again: another process may have been faster
    for migration in MIGRATIONS[version:]:
        _migrate(connection, migration)
    if version == 0:
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        facts = [("secret", secrets.token_bytes(32)), ("suppressions", 0)]
        connection.executemany("INSERT INTO facts VALUES (?, ?)", facts)
    connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
    connection.execute("COMMIT")


def version_of(connection: sqlite3.Connection) -> int:
    """Give the schema version of a file, 0 for an empty one.

    Raises:
        NotOurs: see :func:`prepare`.
    """
    # One statement sees one instant; between three of them another process may have made the tables.
    application, version, tables = connection.execute(
        "SELECT application_id, user_version, (SELECT count(*) FROM sqlite_master)"
        " FROM pragma_application_id, pragma_user_version"
    ).fetchone()
    if application != APPLICATION_ID and (tables or application or version):
        raise NotOurs("it is the database of another program; give the store a file of its own")
    if version > len(MIGRATIONS):
        raise NotOurs(f"a newer smskit wrote it (schema {version}, this one knows {len(MIGRATIONS)}); upgrade smskit")
    return int(version)


def _migrate(connection: sqlite3.Connection, migration: Migration) -> None:
    if callable(migration):
        migration(connection)
        return
    for statement in _statements(migration):
        connection.execute(statement)


def _statements(script: str) -> list[str]:
    """Cut a script at its semicolons; ``executescript`` would commit before it starts."""
    statements: list[str] = []
    pending = ""
    for line in script.splitlines(keepends=True):
        pending += line
        if sqlite3.complete_statement(pending):
            statements.append(pending)
            pending = ""
    return statements
