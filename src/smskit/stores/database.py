"""One SQLite connection for all threads of a process: transactions, durability, errors, forks."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
import weakref
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from smskit.errors import StoreBusy, StoreError, StoreFormat, StoreFull
from smskit.stores import schema
from smskit.stores.rows import Row

# Connections that a fork brought into this process. SQLite forbids to use or close them there, so they are
# kept.
_inherited: list[sqlite3.Connection] = []
_open: weakref.WeakSet[Database] = weakref.WeakSet()


class Database:
    """The file of a store, or the memory of one when *path* is None.

    Every statement runs under one lock, so that threads may share a store. Writing begins with ``BEGIN
    IMMEDIATE``: two processes that both read before they write would otherwise fail on each other at once,
    without waiting.
    """

    def __init__(self, path: str | None, busy_timeout_s: float) -> None:
        self.path = path
        self.name = path or "the store in memory"
        self._busy_timeout_s = busy_timeout_s
        self._lock = threading.RLock()
        self._closed = False
        self._connection: sqlite3.Connection | None = None
        self._connect()
        _open.add(self)

    def read(self, sql: str, parameters: Sequence[object] = ()) -> list[Row]:
        """Give all rows of a query."""
        with self._lock:
            try:
                return self._live().execute(sql, parameters).fetchall()
            except sqlite3.Error as error:
                raise self._translated(error) from error

    @contextmanager
    def write(self, *, durable: bool = True) -> Generator[sqlite3.Connection, None, None]:
        """Open a transaction; it is committed when the block ends and rolled back when it raises.

        Args:
            durable: also survive a power cut. Without it a crash of the process loses nothing, but a crash of
            the
                machine may take back the last commits, up to the next durable one.
        """
        with self._lock:
            connection = self._live()
            try:
                connection.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
                connection.execute("BEGIN IMMEDIATE")
                yield connection
                connection.execute("COMMIT")
            except BaseException as error:
                # SQLite has already rolled back after some errors (a full disk among them).
                with suppress(sqlite3.Error):
                    connection.rollback()
                if isinstance(error, sqlite3.Error):
                    raise self._translated(error) from error
                raise

    def empty_log(self) -> None:
        """Move the write-ahead log into the file and cut it, as far as other processes allow."""
        with suppress(StoreError):
            self.read("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._closed = True
            _open.discard(self)
            if self._connection is not None:
                self._finalizer()
                self._connection = None

    def after_fork(self) -> None:
        """Start anew in a forked child: the lock may be held by a thread that only the parent has."""
        self._lock = threading.RLock()
        if self.path is not None and self._connection is not None:
            self._finalizer.detach()
            _inherited.append(self._connection)
            self._connection = None

    def _live(self) -> sqlite3.Connection:
        if self._closed:
            raise StoreError(f"{self.name} was closed; open the store again to use it")
        if self._connection is None:
            self._connect()
        assert self._connection is not None
        return self._connection

    def _connect(self) -> None:
        connection: sqlite3.Connection | None = None
        try:
            connection = sqlite3.connect(
                self.path or ":memory:",
                timeout=self._busy_timeout_s,
                isolation_level=None,
                check_same_thread=False,
            )
            self._configure(connection)
            schema.prepare(connection)
        except (sqlite3.Error, schema.NotOurs, StoreError) as error:
            if connection is not None:
                connection.close()
            if isinstance(error, sqlite3.Error):
                raise self._translated(error) from error
            if isinstance(error, schema.NotOurs):
                raise StoreFormat(self.name, str(error)) from None
            raise
        self._connection = connection
        # A store that is dropped without close() (a notebook cell that is run again) must not warn.
        self._finalizer = weakref.finalize(self, connection.close)

    def _configure(self, connection: sqlite3.Connection) -> None:
        # Erased texts and numbers are overwritten, not only unlinked.
        connection.execute("PRAGMA secure_delete = ON")
        if self.path is None:
            return
        schema.version_of(connection)  # before anything is written into the database of another program
        # Opening a large run swells the log; without a limit it would keep that size until the store is closed.
        connection.execute("PRAGMA journal_size_limit = 33554432")
        mode = self._use_log(connection)
        if mode != "wal":
            raise StoreFormat(self.name, "its file system has no shared memory for a write-ahead log; use a local disk")

    def _use_log(self, connection: sqlite3.Connection) -> str:
        """Switch to the write-ahead log; give the mode that the file has then."""
        deadline = time.monotonic() + self._busy_timeout_s
        while (mode := _switched(connection)) is None:
            if time.monotonic() > deadline:
                raise StoreBusy(self.name, self._busy_timeout_s)
            time.sleep(0.005)
        return mode

    def _translated(self, error: sqlite3.Error) -> StoreError:
        text = str(error)
        if "locked" in text or "busy" in text:
            return StoreBusy(self.name, self._busy_timeout_s)
        if "full" in text:
            return StoreFull(self.name)
        if "not a database" in text:
            return StoreFormat(self.name, "it is not an SQLite file; give the store a file of its own")
        if "malformed" in text:
            return StoreFormat(self.name, "the file is damaged; restore it from a backup")
        if "readonly" in text or "unable to open" in text:
            return StoreFormat(self.name, self._why_not_open())
        return StoreError(f"{self.name}: {text}")

    def _why_not_open(self) -> str:
        path = Path(self.name)
        if not path.parent.is_dir():
            return f"the directory {path.parent} does not exist; make it first"
        if path.is_dir():
            return "it is a directory; name a file in it"
        return "it cannot be written; the process needs write access to the file and to its directory"


def _switched(connection: sqlite3.Connection) -> str | None:
    # Of several processes that open a new file, all but one are refused here at once: SQLite does not wait while the
    # kind of its journal changes.
    try:
        (mode,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            return None
        raise
    return str(mode)


def _after_fork() -> None:
    for database in list(_open):
        database.after_fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
