"""Promise 2, with real processes: planned = accepted + rejected + in doubt + cancelled + remaining, killed or not."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import pairwise
from pathlib import Path
from random import Random
from time import sleep

import pytest

from smskit.kinds import DeliveryStatus, EventType, RunState, SendState
from smskit.records import Account, Event
from smskit.stores import SqliteStore
from smskit.testing.stores import loaded
from smskit.testing.stores.rows import after

SENDS, LEASE, KILLS = 5000, 40, 25
SCRIPT = Path(__file__).with_name("sender_process.py")


@pytest.fixture
def places(tmp_path: Path) -> tuple[Path, Path]:
    store, carrier = tmp_path / "boutique.db", tmp_path / "carrier.log"
    carrier.touch()
    with SqliteStore(store) as made:
        loaded(made, SENDS)
        made.set_run_state("run", RunState.READY)
    return store, carrier


@contextmanager
def started(places: tuple[Path, Path]) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, str(SCRIPT), *map(str, places), str(LEASE)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        try:
            yield process
        finally:
            process.kill()


def let_go(process: subprocess.Popen[bytes]) -> None:
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    process.stdin.write(b"go\n")
    process.stdin.flush()


def wait_for(size: int, carrier: Path, process: subprocess.Popen[bytes]) -> None:
    """Wait until the carrier has received so much: a clock would kill early on a slow machine, late on a fast one."""
    while carrier.stat().st_size < size and process.poll() is None:
        sleep(0.0003)


def killed_again_and_again(places: tuple[Path, Path]) -> Iterator[None]:
    """Yield after each kill, and once more when a last process has come to the end undisturbed."""
    random = Random(20260624)
    with ExitStack() as stack:
        waiting = stack.enter_context(started(places))
        for _ in range(KILLS):
            process, waiting = waiting, stack.enter_context(started(places))
            let_go(process)
            wait_for(places[1].stat().st_size + random.randrange(1500), places[1], process)
            sleep(random.uniform(0.0, 0.003))
            process.kill()
            process.wait()
            yield
        let_go(waiting)
        assert waiting.wait(timeout=60) == 0
        yield


def test_a_process_that_is_killed_sends_nothing_twice_and_loses_nothing(places: tuple[Path, Path]) -> None:
    path, carrier = places
    accounts: list[Account] = []
    for _ in killed_again_and_again(places):
        with SqliteStore(path) as store:
            accounts.append(store.account("run"))
            states = {send.reference: send.state for send in store.sends("run")}
        received = carrier.read_text().splitlines()
        assert len(received) == len(set(received)), "a message was sent twice"
        assert accounts[-1].closes
        assert accounts[-1].planned == SENDS
        taken = {reference for reference, state in states.items() if state is SendState.ACCEPTED}
        doubtful = {reference for reference, state in states.items() if state is SendState.SUBMITTING}
        assert taken <= set(received) <= taken | doubtful, "an answer without a message, or a message without a mark"
        assert len(doubtful) == accounts[-1].in_doubt

    doubts = [account.in_doubt for account in accounts]
    assert all(0 <= later - earlier <= LEASE for earlier, later in pairwise([0, *doubts])), "more than one lease"
    assert doubts[-1] == doubts[-2], "the one that was not killed left no doubt"
    assert sum(later > earlier for earlier, later in pairwise(doubts)) >= 5, "the kills came at quiet moments only"
    assert accounts[-1].remaining == 0

    # The receipts of the carrier resolve what can be known: in doubt stays only what never reached it.
    with SqliteStore(path) as store:
        at, sent = after(1), DeliveryStatus.SENT
        store.record_events([Event(line, EventType.RECEIPT, at, reference=line, status=sent) for line in received])
        account = store.account("run")
        assert account.accepted == len(received)
        assert account.closes
