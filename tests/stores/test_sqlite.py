"""The SQLite store as a file: opened, shared, filled up, forked, and as a file of somebody else."""

from __future__ import annotations

import gc
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import pytest
from attrs import evolve

from smskit.errors import InvalidInput, RunBusy, StoreBusy, StoreError, StoreFormat, StoreFull
from smskit.kinds import DeliveryStatus, EventType, FailureClass, Reason, RunState, SendState
from smskit.records import ConsentAction, ConsentEvent, Event, Link, Settlement, Suppression
from smskit.stores import SqliteStore, schema
from smskit.testing.stores import loaded, opened, planned, receipt
from smskit.testing.stores.rows import ANNE, NOON

forks = pytest.mark.skipif(not hasattr(os, "fork"), reason="the system does not fork")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "boutique.db"


@pytest.fixture
def store(path: Path) -> Iterator[SqliteStore]:
    with SqliteStore(path) as store:
        yield store


# ---------------------------------------------------------------- opening


def test_what_was_committed_is_there_when_it_is_opened_again(path: Path) -> None:
    with SqliteStore(str(path)) as store:
        opened(store)
        secret, account = store.secret, store.account("run")
    with SqliteStore(path) as store:
        assert (store.secret, store.account("run")) == (secret, account)


def test_two_stores_of_one_process_see_each_other(path: Path, store: SqliteStore) -> None:
    with SqliteStore(path) as other:
        opened(store)
        assert [send.seq for send in other.lease("run", limit=2, now=NOON)] == [0, 1]
        assert [send.seq for send in store.lease("run", limit=2, now=NOON)] == [2]
        store.suppress([Suppression(ANNE, Reason.SUPPRESSED, NOON, "list")])
        assert set(other.suppressed([ANNE])) == {ANNE}
        other.forget(ANNE)
        assert store.suppressed([ANNE])[ANNE].source == "forgotten"


def test_the_store_stays_where_it_was_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with SqliteStore("boutique.db") as store:
        monkeypatch.chdir(tmp_path.parent)
        with store.hold("soldes"):
            assert len(list(tmp_path.glob("*.lock"))) == 1


def test_several_processes_may_make_the_same_store_at_once(tmp_path: Path) -> None:
    script = (
        "import sys; from smskit.stores import SqliteStore\n"
        "print('ready', flush=True); sys.stdin.readline()\n"
        f"print(*[SqliteStore({str(tmp_path)!r} + f'/{{n}}.db').secret.hex() for n in range(10)])"
    )
    with ExitStack() as stack:
        command = [sys.executable, "-c", script]
        children = [
            stack.enter_context(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True))
            for _ in range(4)
        ]
        for child in children:
            assert child.stdout is not None
            assert child.stdout.readline() == "ready\n"
        for child in children:
            assert child.stdin is not None
            child.stdin.write("go\n")
            child.stdin.flush()
        secrets = {child.communicate(timeout=60)[0] for child in children}
    assert len(secrets) == 1
    assert len(secrets.pop().split()) == 10


def test_a_file_that_another_process_is_making_is_waited_for(path: Path) -> None:
    """SQLite itself does not wait when the journal of a new file is about to change."""
    with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreBusy):
            SqliteStore(path, busy_timeout_s=0.02)
        timer = threading.Timer(0.1, other.rollback)
        timer.start()
        SqliteStore(path).close()
        timer.join()


@pytest.mark.filterwarnings("error")
def test_a_store_that_is_dropped_does_not_warn(path: Path) -> None:
    opened(SqliteStore(path))
    gc.collect()
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT count(*) FROM sends").fetchone() == (3,)


@contextmanager
def without_the_rights_of_root() -> Iterator[None]:
    root = os.geteuid() == 0
    if root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)


@pytest.mark.parametrize("name", ["", ":memory:"], ids=["no name", "SQLite's name for memory"])
def test_a_store_without_a_file_is_the_memory_store(name: str) -> None:
    with pytest.raises(InvalidInput, match="MemoryStore"):
        SqliteStore(name)


def text_file(path: Path) -> None:
    path.write_text("nom;prenom\n" * 500)


def other_program(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE customers (name)")
        connection.commit()


def newer_smskit(path: Path) -> None:
    with SqliteStore(path):
        pass
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version = {len(schema.MIGRATIONS) + 1}")


def damaged(path: Path) -> None:
    with SqliteStore(path) as store:
        opened(store, 300)
    pages = path.read_bytes()
    path.write_bytes(pages[:4096] + b"\xff" * (len(pages) - 4096))


UNUSABLE: list[tuple[str, Callable[[Path], object], str]] = [
    ("a text file is no store", text_file, "not an SQLite file"),
    ("the database of another program is left alone", other_program, "another program"),
    ("a store of a newer smskit asks for an upgrade", newer_smskit, "upgrade smskit"),
    ("a directory is no file", Path.mkdir, "is a directory"),
    ("a damaged file asks for the backup", damaged, "damaged"),
]


@pytest.mark.parametrize(("spoil", "advice"), [row[1:] for row in UNUSABLE], ids=[row[0] for row in UNUSABLE])
def test_a_file_that_cannot_be_used(path: Path, spoil: Callable[[Path], object], advice: str) -> None:
    spoil(path)
    before = path.read_bytes() if path.is_file() else b""
    with pytest.raises(StoreFormat, match=advice):
        SqliteStore(path).account("run")
    assert (path.read_bytes() if path.is_file() else b"") == before, "it was written to"


def test_the_directory_must_exist(tmp_path: Path) -> None:
    with pytest.raises(StoreFormat, match=r"does not exist; make it first"):
        SqliteStore(tmp_path / "nowhere" / "boutique.db")


@pytest.mark.skipif(sys.platform == "win32", reason="rights are others there")
def test_a_file_that_cannot_be_written() -> None:
    with tempfile.TemporaryDirectory() as name:  # tmp_path is closed to others than root, a reason of its own
        directory, path = Path(name), Path(name) / "boutique.db"
        SqliteStore(path).close()
        path.chmod(0o444)
        directory.chmod(0o555)
        with without_the_rights_of_root(), pytest.raises(StoreFormat, match="write access"):
            SqliteStore(path)
        directory.chmod(0o755)


# ---------------------------------------------------------------- durability


def test_what_must_survive_a_power_cut_is_synced(store: SqliteStore) -> None:
    """Reads SQLite's own setting after each call: 2 is FULL, each commit is on the disk; 1 is NORMAL."""
    loaded(store)
    calls: list[tuple[str, Callable[[], object], int]] = [
        ("loading may be repeated", lambda: store.add_sends("run", [planned(7)]), 1),
        ("and so may links", lambda: store.add_links([Link("abc", "run", 0, "https://boutique.example")]), 1),
        ("opening makes all of it last", lambda: store.set_run_state("run", RunState.READY), 2),
        ("a lost mark could send a message twice", lambda: store.lease("run", limit=1, now=NOON), 2),
        ("an answer", lambda: store.settle("run", [Settlement(0, SendState.ACCEPTED)]), 2),
        ("an opposition", lambda: store.suppress([Suppression(ANNE, Reason.OPTED_OUT, NOON, "")]), 2),
        ("a receipt comes once", lambda: store.record_events([receipt(DeliveryStatus.SENT)]), 2),
        ("of pace a few seconds are lost", lambda: store.book("lane", 1, rate=1, now=NOON), 1),
    ]
    for sentence, call, level in calls:
        call()
        assert store._database.read("PRAGMA synchronous") == [(level,)], sentence


def test_what_was_forgotten_is_not_in_the_files(path: Path) -> None:
    with SqliteStore(path) as store:
        opened(store, 50)
        store.add_links([Link("abcdefgh", "run", 3, "https://boutique.example/?c=anne.martin")])
        text = planned(3).text.encode()
        assert any(text in file.read_bytes() for file in path.parent.iterdir())
        store.record_consents([ConsentEvent(planned(3).number, ConsentAction.GRANTED, NOON, "formulaire 8812")])
        store.forget(planned(3).number)
        left = b"".join(file.read_bytes() for file in path.parent.iterdir())
    assert text not in left
    assert b"anne.martin" not in left
    assert b"formulaire 8812" not in left
    assert b"abcdefgh" not in left
    assert planned(4).text.encode() in left


def test_no_name_of_a_carrier_stands_beside_a_forgotten_number(store: SqliteStore) -> None:
    """With the name on the send the two together would tell what was sent to whom."""
    opened(store, 2)
    store.lease("run", limit=2, now=NOON)
    early = Event("early", EventType.RECEIPT, NOON, ANNE, status=DeliveryStatus.SENT, provider_id="a")
    shared = Event("shared", EventType.RECEIPT, NOON, ANNE, "run-1", DeliveryStatus.SENT)
    reply = Event("reply", EventType.REPLY, NOON, ANNE, text="Encore moi", provider_id="a")
    store.record_events([early])
    store.forget(ANNE)
    store.settle("run", [Settlement(0, SendState.ACCEPTED, "a")])
    store.record_events([evolve(early, key="late"), shared, reply])
    kept = store._database.read("SELECT key, number, reference, provider_id, text FROM events ORDER BY rowid")
    assert kept == [
        ("early", None, None, "a", None),
        ("late", None, None, "a", None),
        ("shared", None, "run-1", None, None),
        ("reply", ANNE, None, None, "Encore moi"),  # whoever writes again says nothing of what was sent
    ]


# ---------------------------------------------------------------- sharing


def test_a_store_that_another_process_writes_to_is_busy(path: Path) -> None:
    with SqliteStore(path, busy_timeout_s=0.05) as store, closing(sqlite3.connect(path)) as other:
        opened(store)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreBusy, match=r"more than 0\.05 s"):
            store.lease("run", limit=1, now=NOON)
        assert store.account("run").remaining == 3, "reading goes on"
        other.rollback()
        assert len(store.lease("run", limit=1, now=NOON)) == 1


def test_a_full_disk_loses_nothing_that_was_committed(store: SqliteStore) -> None:
    """PRAGMA max_page_count makes SQLite meet the end of the disk where a real one would."""
    loaded(store, 10)
    ((pages,),) = store._database.read("PRAGMA page_count")
    store._database.read(f"PRAGMA max_page_count = {pages + 20}")
    added = 10

    def fill_up() -> None:
        nonlocal added
        while added < 10_000:
            store.add_sends("run", [planned(seq) for seq in range(added, added + 50)])
            added += 50

    with pytest.raises(StoreFull, match="nothing was lost"):
        fill_up()
    assert [send.seq for send in store.sends("run")] == list(range(added))
    with pytest.raises(StoreFull):
        store.set_run_state("run", RunState.READY)
    assert store.lease("run", limit=1, now=NOON) == (), "the run was not opened"
    store._database.read("PRAGMA max_page_count = 1000000")
    store.set_run_state("run", RunState.READY)
    assert [send.seq for send in store.lease("run", limit=2, now=NOON)] == [0, 1]
    assert store.account("run").closes


def test_a_killed_holder_lets_go(path: Path, store: SqliteStore) -> None:
    script = (
        "import sys, time; from smskit.stores import SqliteStore\n"
        f"with SqliteStore({str(path)!r}).hold('soldes'):\n    print('held', flush=True); time.sleep(600)"
    )
    child = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    try:
        assert child.stdout.readline() == "held\n"
        with pytest.raises(RunBusy, match="soldes"):
            store.hold("soldes").__enter__()
    finally:
        child.kill()
        child.wait()
        child.stdout.close()
    with store.hold("soldes"):
        pass
    if sys.platform != "win32":
        assert list(path.parent.glob("*.lock")) == [], "a lock that nobody holds was left"


def test_two_stores_of_one_process_exclude_each_other(path: Path, store: SqliteStore) -> None:
    with SqliteStore(path) as other, other.hold("soldes"):
        with pytest.raises(RunBusy):
            store.hold("soldes").__enter__()
        with store.hold("noel"):
            pass


def test_threads_take_turns_to_hold(store: SqliteStore) -> None:
    """The lock file is removed and made again all the time: at no moment do two hold it."""
    inside: list[int] = []
    most: list[int] = []

    def work() -> None:
        for _ in range(150):
            try:
                with store.hold("soldes"):
                    inside.append(1)
                    most.append(len(inside))
                    time.sleep(0)
                    inside.pop()
            except RunBusy:
                time.sleep(0)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(most) == {1}


# ---------------------------------------------------------------- forks


def in_a_child(work: Callable[[], object]) -> int:
    """Run *work* in a forked child; give 0 when it returned."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            work()
            status = 0
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@forks
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_forked_child_goes_on_with_the_store(store: SqliteStore) -> None:
    opened(store)
    stop, ready = threading.Event(), threading.Event()

    def occupy() -> None:
        with store._database._lock:
            ready.set()
            stop.wait(30)

    # A thread of the parent has the lock at the moment of the fork: in the child nobody would ever free it.
    thread = threading.Thread(target=occupy)
    thread.start()
    ready.wait(30)
    inherited = store._database._live()

    def go_on() -> None:
        assert store._database._live() is not inherited, "SQLite forbids to use a connection over a fork"
        store.lease("run", limit=1, now=NOON)

    try:
        assert in_a_child(go_on) == 0
    finally:
        stop.set()
        thread.join()
    assert [send.seq for send in store.lease("run", limit=1, now=NOON)] == [1]
    store.close()
    assert in_a_child(store.runs) == 1, "closed in the parent is closed in the child"


@forks
def test_a_child_that_leaves_the_block_does_not_let_go(store: SqliteStore) -> None:
    """A forked child that ends with an exception runs through the end of its parent's block."""
    block = store.hold("soldes")
    block.__enter__()
    assert in_a_child(lambda: block.__exit__(None, None, None)) == 0
    with pytest.raises(RunBusy):
        store.hold("soldes").__enter__()
    block.__exit__(None, None, None)


@forks
def test_a_child_that_outlives_its_killed_parent_does_not_hold_on(store: SqliteStore) -> None:
    """A worker of a pool would otherwise keep the campaign of its parent busy."""
    come, go = os.pipe()
    parent = os.fork()
    if parent == 0:
        block = store.hold("soldes")
        block.__enter__()
        if os.fork() == 0:
            os.write(go, str(os.getpid()).encode())
        time.sleep(60)
        os._exit(1)
    worker = int(os.read(come, 20))
    try:
        with pytest.raises(RunBusy):
            store.hold("soldes").__enter__()
        os.kill(parent, signal.SIGKILL)
        os.waitpid(parent, 0)
        with store.hold("soldes"):
            pass
    finally:
        os.kill(worker, signal.SIGKILL)
        os.close(come)
        os.close(go)


# ---------------------------------------------------------------- growing


def test_a_store_of_the_first_schema_is_brought_up_to_date(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with SqliteStore(path) as store:
        opened(store)
    monkeypatch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, "CREATE TABLE later (a);\nCREATE TABLE still (b);"))
    with SqliteStore(path) as store:
        assert store.account("run").planned == 3
        assert store._database.read("SELECT * FROM later, still") == []
    with SqliteStore(path):
        pass


def test_a_migration_that_fails_changes_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with SqliteStore(path) as store:
        opened(store)
    with monkeypatch.context() as patch:
        patch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, "CREATE TABLE later (a);\nCREATE TABLE later (b);"))
        with pytest.raises(StoreError, match="already exists"):
            SqliteStore(path)
    with SqliteStore(path) as store:
        assert store.account("run").planned == 3


SECOND_SCHEMA = """
INSERT INTO runs VALUES (1, 'run', 'soldes', 'd', 'marketing', 'BOUTIQUE', 0, 0, 1, 'EUR', '{}', 3);
INSERT INTO sends (run, seq, row_number, number, text, parts, price_micros, territory, not_before, arm, state,
    provider_id, status, status_at, status_failure, failure, answered)
VALUES (1, 0, 2, 33612345670, 'a', 1, 5, 'FR', 0, '', 2, 'id-0', 0, 7, 'network', NULL, 1),
    (1, 1, 3, 33612345671, 'b', 1, 5, 'FR', 0, '', 2, 'id-1', 50, 8, 'network', NULL, 1),
    (1, 2, 4, 33612345672, 'c', 1, 5, 'FR', 0, '', 1, NULL, NULL, NULL, NULL, NULL, 0);
INSERT INTO recipients SELECT number, run, seq FROM sends;
INSERT INTO tallies VALUES (1, 0, 0, 0, 0), (1, 1, 1, 1, 5), (1, 2, 2, 2, 10), (1, 3, 0, 0, 0), (1, 4, 0, 0, 0);
INSERT INTO events (key, type, at, run, seq, status, failure)
VALUES ('x', 0, 7, 1, 0, 0, 'network'), ('y', 0, 8, 1, 1, 50, 'network');
"""


def test_a_store_of_the_second_schema_learns_the_carriers_words(path: Path) -> None:
    """Made by the statements of that time; a status that nobody understood is none now."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        first, chain = schema.MIGRATIONS[:2]
        schema._migrate(connection, first)
        connection.execute("INSERT INTO facts VALUES ('secret', zeroblob(32)), ('suppressions', 0)")
        schema._migrate(connection, chain)
        connection.executescript(f"PRAGMA application_id = {schema.APPLICATION_ID}; PRAGMA user_version = 2;")
        connection.executescript(SECOND_SCHEMA)
    network = FailureClass.NETWORK
    for _ in range(2):
        with SqliteStore(path) as store:
            sends = list(store.sends("run"))
            assert [(send.status, send.failure, send.code, send.billed_parts) for send in sends] == [
                (None, None, "", None), (DeliveryStatus.UNDELIVERED, network, "", None), (None, None, "", None),
            ]  # fmt: skip
            assert [send.status_at is None for send in sends] == [True, False, True]
            assert [(e.status, e.failure, e.provider_id, e.part, e.code) for e in store.events("run")] == [
                (None, network, None, "", ""), (DeliveryStatus.UNDELIVERED, network, None, "", ""),
            ]  # fmt: skip
            assert store.failures("run")[0] == {network: 2}
    with SqliteStore(path) as store:
        early = Event("z", EventType.RECEIPT, NOON, 33612345672, status=DeliveryStatus.SENT, provider_id="id-2")
        store.record_events([early, receipt(DeliveryStatus.QUEUED, 0)])
        store.settle("run", [Settlement(2, SendState.ACCEPTED, "id-2", code="ok")])
        assert [send.status for send in store.sends("run")] == [
            DeliveryStatus.QUEUED, DeliveryStatus.UNDELIVERED, DeliveryStatus.SENT,
        ]  # fmt: skip
        assert store.account("run").accepted == 3
        assert store.account("run").closes
