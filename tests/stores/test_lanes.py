"""The pace that several processes share through one file."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from smskit.stores import SqliteStore
from smskit.testing.stores.rows import NOON


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "boutique.db"


@pytest.fixture
def store(path: Path) -> Iterator[SqliteStore]:
    with SqliteStore(path) as store:
        yield store


def test_a_lane_is_given_away_once_among_processes(path: Path, store: SqliteStore) -> None:
    script = (
        "import sys; from smskit.stores import SqliteStore; from smskit.testing.stores.rows import NOON\n"
        f"store = SqliteStore({str(path)!r}); print('ready', flush=True); sys.stdin.readline()\n"
        "print(*[n for n in range(200) if store.book(f'lane {n}', 1, rate=0.1, now=NOON) == 0.0])"
    )
    with ExitStack() as stack:
        command = [sys.executable, "-c", script]
        children = [
            stack.enter_context(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True))
            for _ in range(3)
        ]
        for child in children:
            assert child.stdout is not None
            assert child.stdout.readline() == "ready\n"
        for child in children:
            assert child.stdin is not None
            child.stdin.write("go\n")
            child.stdin.flush()
        booked = [int(n) for child in children for n in child.communicate(timeout=60)[0].split()]
    assert sorted(booked) == list(range(200))
    assert store.book("lane 0", 1, rate=0.1, now=NOON) == 10.0


def test_what_a_killed_process_booked_stays_booked(path: Path, store: SqliteStore) -> None:
    script = (
        "from smskit.stores import SqliteStore; from smskit.testing.stores.rows import NOON\n"
        f"store, booked = SqliteStore({str(path)!r}), 0\n"
        "while True:\n"
        "    store.book('lane', 1, rate=1, now=NOON, ahead=True); booked += 1; print(booked, flush=True)"
    )
    child = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    told = [child.stdout.readline() for _ in range(50)]
    child.kill()
    told += child.stdout.readlines()
    child.wait()
    child.stdout.close()
    told_last = int(told[-1])
    assert told_last <= store.book("lane", 1, rate=1, now=NOON) <= told_last + 1
