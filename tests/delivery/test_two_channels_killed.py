"""Two channels, and a process that is killed again and again: nobody gets two of a kind, nobody reached gets the SMS."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from random import Random
from time import sleep

from tests.delivery.two_channel_process import BATCH, crosses, has_rcs, is_delivered, lines_of
from tests.delivery.two_ways import HOURS, TwoWays

import smskit as sk
from smskit.kinds import DeliveryStatus, SendState

PEOPLE, AT_ONCE, KILLS = 600, 100, 20
SCRIPT = Path(__file__).with_name("two_channel_process.py")


@contextmanager
def started(store: Path, carrier: Path, hour: float) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, str(SCRIPT), str(store), str(carrier), str(hour)]
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


def killed_again_and_again(store: Path, carrier: Path) -> Iterator[bool]:
    """Yield after each kill, and at the end of each half once a process has come to its end undisturbed.

    The first half is at noon, the second two hours later, when what did not arrive is overdue.
    """
    random = Random(20260624)
    for hour in (0.0, 2.0):
        with ExitStack() as stack:
            waiting = stack.enter_context(started(store, carrier, hour))
            for kill in range(1, KILLS // 2 + 1):
                # Each starts a little later than the one before it ended: what that one let go is due.
                process, waiting = waiting, stack.enter_context(started(store, carrier, hour + kill / 100))
                let_go(process)
                size = carrier.stat().st_size + random.randrange(800)
                while carrier.stat().st_size < size and process.poll() is None:
                    sleep(0.0003)
                sleep(random.uniform(0.0, 0.02))
                process.kill()
                process.wait()
                yield False
            let_go(waiting)
            assert waiting.wait(timeout=60) == 0
            yield True


def test_nobody_gets_both_however_often_the_process_is_killed(tmp_path: Path) -> None:
    path, carrier = tmp_path / "boutique.db", tmp_path / "carrier.log"
    carrier.touch()
    with sk.Store(path) as store:
        TwoWays(store).load(PEOPLE, at_once=AT_ONCE, after_s=HOURS)
    in_the_middle = 0
    for is_end in killed_again_and_again(path, carrier):
        lines = lines_of(carrier)
        counted = Counter(line for line in lines if line[0] != "revoke")
        assert max(counted.values(), default=0) <= 1, "somebody got one of the two twice"
        seen: dict[str, set[int]] = {"rcs": set(), "sms": set(), "revoke": set()}
        for word, place in lines:
            seen[word].add(place)
            if word == "sms" and place < PEOPLE:
                assert place in seen["revoke"] or not has_rcs(place), "its message over RCS was not taken back first"
        assert not {place for place in seen["sms"] if place < PEOPLE and has_rcs(place) and is_delivered(place)}
        assert not {place for place in seen["sms"] if place < PEOPLE and crosses(place)}
        with sk.Store(path) as store:
            world = TwoWays(store)
            world.check()
            doubts = [store.account(run).in_doubt for run in ("run", "run-sms")]
            in_the_middle += not is_end and any(store.account(run).remaining for run in ("run", "run-sms"))
        assert max(doubts) <= BATCH * KILLS
    assert in_the_middle >= 5, "the kills came at quiet moments only"

    with sk.Store(path) as store:
        firsts, seconds = list(store.sends("run")), {send.seq: send for send in store.sends("run-sms")}
        assert store.account("run").remaining == store.account("run-sms").remaining == 0
    for send in firsts:
        place, sms = send.seq, seconds[send.seq].state
        if send.state is SendState.SUBMITTING:
            assert sms is SendState.STANDBY, "in doubt never falls back"
        elif is_delivered(place) or crosses(place):
            assert (send.status, sms) == (DeliveryStatus.DELIVERED, SendState.STANDBY)
        else:
            assert send.fell_back
            assert sms in (SendState.ACCEPTED, SendState.SUBMITTING)
    for place in range(PEOPLE, PEOPLE + AT_ONCE):
        assert seconds[place].state in (SendState.ACCEPTED, SendState.SUBMITTING)
