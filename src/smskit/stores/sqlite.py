"""The two stores: a file, and the memory of this process. Both speak the same SQL."""

from __future__ import annotations

import os
import threading
from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager
from hashlib import blake2b
from pathlib import Path
from types import TracebackType

from typing_extensions import Self

from smskit.clock import SystemClock
from smskit.errors import InvalidInput, RunBusy, StoreError
from smskit.protocols import Clock
from smskit.stores.consents import Consents
from smskit.stores.database import Database
from smskit.stores.lanes import Lanes
from smskit.stores.ledger import Ledger
from smskit.stores.locks import exclusive
from smskit.stores.mailbox import Mailbox
from smskit.stores.people import People
from smskit.stores.skimming import Skimming
from smskit.stores.standby import Standby


class _Tables(People, Consents, Ledger, Standby, Lanes, Mailbox, Skimming):
    """What both stores share."""

    def __init__(self, database: Database, clock: Clock | None) -> None:
        self._database = database
        self._clock = clock or SystemClock()
        ((self._secret,),) = database.read("SELECT value FROM facts WHERE name = 'secret'")

    @property
    def secret(self) -> bytes:
        """32 random bytes made with the store; keys its tokens and its hashes of forgotten numbers."""
        return self._secret

    def close(self) -> None:
        """Let go of files; using the store afterwards is an error. Closing twice is none."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class SqliteStore(_Tables):
    """A store in one SQLite file: for several processes of one machine, safe against kill -9 and power cuts.

    The file has companions that belong to it: ``-wal`` and ``-shm`` (SQLite's log) and, while a run is
    driven, a ``.lock`` for its campaign. Keep them on a local disk, not on a network share, and copy them
    together or not at all. Threads may share one store; a forked child may go on using it.

    Args:
        path: the file; it is made when it does not exist.
        busy_timeout_s: how long to wait for another process before :class:`~smskit.errors.StoreBusy`.
        clock: says when a person is forgotten; the machine's by default.

    Raises:
        StoreFormat: the file is not a store, a newer smskit wrote it, or it cannot be opened for writing.
        StoreBusy: another process holds the file.
        StoreFull: no room to make it.
        InvalidInput: ``:memory:``, which is what MemoryStore is for.
    """

    def __init__(
        self, path: str | os.PathLike[str], *, busy_timeout_s: float = 30.0, clock: Clock | None = None
    ) -> None:
        name = os.fspath(path)
        if name in ("", ":memory:"):
            raise InvalidInput(f"a store needs a file and {name!r} names none; use MemoryStore() to keep nothing")
        # The working directory may change between now and a lock or a fork.
        self._path = str(Path(name).absolute())
        super().__init__(Database(self._path, busy_timeout_s), clock)

    def __repr__(self) -> str:
        return f"SqliteStore({self._path!r})"

    @property
    def path(self) -> Path:
        """Where the store is."""
        return Path(self._path)

    def hold(self, campaign: str, /) -> AbstractContextManager[None]:
        """Hold a campaign while one of its runs is loaded or driven. A killed process lets go at once.

        Raises:
            RunBusy: another process, or another thread, holds it (on entering the block).
        """
        # A campaign's name may hold any character; a file's name may not.
        name = blake2b(campaign.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
        return self._holding(campaign, f"{self._path}-{name}.lock")

    @contextmanager
    def _holding(self, campaign: str, path: str) -> Generator[None, None, None]:
        try:
            lock = exclusive(path)
            mine = lock.__enter__()
        except OSError as error:
            raise StoreError(f"{path} cannot be made: {error.strerror}") from error
        try:
            if not mine:
                raise RunBusy(campaign)
            yield
        finally:
            lock.__exit__(None, None, None)


class MemoryStore(_Tables):
    """A store that is gone with the process: for notebooks, tests and tries.

    It holds the same tables as :class:`SqliteStore`, in memory. Threads may share it; a forked child gets a
    copy.

    Args:
        clock: says when a person is forgotten; the machine's by default.
    """

    def __init__(self, *, clock: Clock | None = None) -> None:
        super().__init__(Database(None, 0.0), clock)
        self._held: set[str] = set()
        self._holding = threading.Lock()

    def __repr__(self) -> str:
        return "MemoryStore()"

    @contextmanager
    def hold(self, campaign: str, /) -> Generator[None, None, None]:
        """Hold a campaign while one of its runs is loaded or driven.

        Raises:
            RunBusy: another thread holds it.
        """
        with self._holding:
            if campaign in self._held:
                raise RunBusy(campaign)
            self._held.add(campaign)
        try:
            yield
        finally:
            with self._holding:
                self._held.discard(campaign)
