"""A user's script that is killed, and started again, until nothing remains: everybody gets the campaign at most once."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import pairwise
from pathlib import Path
from random import Random
from time import sleep

import pytest
from tests.delivery.campaign_process import BATCH, NOON, FileCarrier

import smskit as sk
from smskit.kinds import RunState, SendState
from smskit.testing.factories import FIRST_NUMBER

PEOPLE, KILLS = 3_000, 20
SCRIPT = Path(__file__).with_name("campaign_process.py")


class Places:
    """The file of customers, the store, and what the carrier received."""

    def __init__(self, folder: Path) -> None:
        self.clients, self.store, self.carrier = folder / "clients.csv", folder / "boutique.db", folder / "carrier.log"
        lines = [f"Prénom {n};+{FIRST_NUMBER + n};12/03/2025;caisse" for n in range(PEOPLE)]
        self.clients.write_text("\n".join(["prenom;mobile;date_optin;origine", *lines]), encoding="utf-8")
        self.carrier.touch()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Let the carrier answer one batch and no other before this is over."""
        hold = Path(f"{self.carrier}.hold")
        hold.touch()
        try:
            yield
        finally:
            hold.unlink()

    def received(self) -> list[tuple[str, int]]:
        """Give reference and number of each message; the last line may be half written."""
        whole = self.carrier.read_text().rpartition("\n")[0]
        return [(reference, int(number)) for reference, number in map(str.split, whole.splitlines())]


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return Places(tmp_path)


@contextmanager
def started(
    mode: str, places: Places, in_flight: int = 1, campaign: str = "soldes"
) -> Iterator[subprocess.Popen[bytes]]:
    files = [str(places.clients), str(places.store), str(places.carrier)]
    command = [sys.executable, str(SCRIPT), mode, *files, str(in_flight), campaign]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
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
    planned = process.stdout.readline()
    assert planned == b"planned\n", process.stderr and process.stderr.read().decode()


def wait_for(size: int, places: Places, process: subprocess.Popen[bytes]) -> None:
    """Wait until the carrier has received so much: a clock would kill early on a slow machine, late on a fast one."""
    while places.carrier.stat().st_size < size and process.poll() is None:
        sleep(0.0005)


def wait_for_loading(places: Places, process: subprocess.Popen[bytes]) -> None:
    with sk.Store(places.store) as store:
        while not store.runs() and process.poll() is None:
            sleep(0.0005)


def killed_again_and_again(mode: str, places: Places, in_flight: int) -> Iterator[str]:
    """Yield after each kill, and once more when a last process has come to the end undisturbed."""
    random = Random(20260624)
    with ExitStack() as stack:
        waiting = stack.enter_context(started(mode, places, in_flight))
        for kill in range(KILLS):
            process, waiting = waiting, stack.enter_context(started(mode, places, in_flight))
            let_go(process)
            if kill == 0:
                wait_for_loading(places, process)
            elif kill < 5 or kill % 5 == 0:
                # While the plan is being written, or the run taken up.
                sleep(random.uniform(0.0, 0.06))
            else:
                wait_for(places.carrier.stat().st_size + random.randrange(1, 4_000), places, process)
                sleep(random.uniform(0.0, 0.004))
            process.kill()
            process.wait()
            yield "killed"
        let_go(waiting)
        assert waiting.wait(timeout=60) == 0
        yield "done"


@pytest.mark.parametrize(("mode", "in_flight"), [("again", 1), ("resume", 1), ("resume", 4)])
def test_a_script_that_is_killed_and_started_again_reaches_everybody_at_most_once(
    mode: str, in_flight: int, places: Places
) -> None:
    doubts = [0]
    loading = sending = 0
    for _ in killed_again_and_again(mode, places, in_flight):
        received = places.received()
        assert len({number for _, number in received}) == len(received), "a person got the campaign twice"
        with sk.Store(places.store) as store:
            runs = store.runs()
            sends = [send for run in runs for send in store.sends(run.run_id)]
            assert all(store.account(run.run_id).closes for run in runs)
        loading += any(run.state is RunState.LOADING for run in runs)
        sending += bool(received) and len(received) < PEOPLE
        states = {send.reference: send.state for send in sends}
        taken = {reference for reference, state in states.items() if state is SendState.ACCEPTED}
        doubtful = {reference for reference, state in states.items() if state is SendState.SUBMITTING}
        assert taken <= {reference for reference, _ in received} <= taken | doubtful
        assert Counter(states.values())[SendState.REJECTED] == 0
        doubts.append(len(doubtful))
    news = [later - earlier for earlier, later in pairwise(doubts)]
    assert all(0 <= new <= BATCH * in_flight for new in news), "more batches a kill than were in flight"
    assert in_flight == 1 or max(news) > BATCH, "no kill met several batches in flight"
    assert doubts[-1] == doubts[-2], "the process that was not killed left no doubt"
    assert loading >= 1, "no kill came while the plan was written"
    assert sending >= 5, "the kills came at quiet moments only"
    _look_at_the_end(mode, places, taken_or_doubtful=taken | doubtful, people={s.reference: s.number for s in sends})


def _look_at_the_end(mode: str, places: Places, *, taken_or_doubtful: set[str], people: dict[str, int]) -> None:
    assert sorted(people[reference] for reference in taken_or_doubtful) == [FIRST_NUMBER + n for n in range(PEOPLE)]
    before = places.received()
    with sk.Store(places.store) as store:
        runs = store.runs()
        assert len(runs) == 1 or mode == "again"
        for run in runs:
            # What an earlier run still had to send, a later one has sent: resuming it sends nothing.
            carrier = FileCarrier(str(places.carrier))
            account = sk.Run(store, run.run_id, carrier, clock=sk.VirtualClock(NOON)).resume().account
            assert account.closes
            assert account.remaining == 0
    assert places.received() == before
