"""Throws octets at SMPP sessions, guided by which lines they reach; stops at the first thing that should not be.

    python fuzz/smpp.py [--seconds 60] [--seed 1] [--show 10]

Where atheris is installed (pip install atheris) ``--atheris`` hands the same target to libFuzzer. Without it a loop of
its own changes inputs of the corpus, ``smpp_corpus.txt``, and keeps those that reach a line which none reached before.

An input is one octet of choices (side, strictness, whether it is bound) and what the peer sends. Whatever that is: the
session only ever gives events, the same ones however the octets are cut; every request ends once; a PDU in which
nothing is odd is written back as it came; both roads of the codec read alike; receipts and texts have a reading.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from pathlib import Path
from types import FrameType

from smskit.transports.smpp import (
    Answer,
    Answered,
    Asked,
    BindTransceiver,
    BindTransceiverResp,
    Closed,
    DataSm,
    DeliverSm,
    Limits,
    Role,
    Session,
    SubmitSm,
    Unanswered,
    UnknownPdu,
    decode,
    encode,
    is_receipt,
    read_message,
    read_receipt,
)
from smskit.transports.smpp.codec import read_by_table

CORPUS = Path(__file__).with_name("smpp_corpus.txt")
LARGEST = 2000
_MANY = 40


def corpus() -> dict[str, bytes]:
    """Give the inputs to begin with: a name and hexadecimals on each line."""
    rows = (line.split("#", 1)[0].partition(":") for line in CORPUS.read_text("utf-8").splitlines())
    return {name.strip(): bytes.fromhex(octets) for name, colon, octets in rows if colon}


def opened(choices: int) -> tuple[Session, int]:
    """Give a session and how many requests it waits for."""
    role = Role.SMSC if choices & 1 else Role.ESME
    session = Session(role, 0.0, strict=bool(choices & 2), limits=Limits(window=4, largest_pdu=LARGEST))
    if not choices & 4:
        return session, 0
    if role is Role.SMSC:
        [asked] = session.feed(encode(BindTransceiver("us"), 1), 0.0)
        session.respond(asked, BindTransceiverResp(0, ""))
        session.request(DeliverSm(), 0.0)
        return session, 1
    session.request(BindTransceiver("us"), 0.0)
    session.feed(encode(BindTransceiverResp(0, ""), 1), 0.0)
    for _ in range(3):
        session.request(SubmitSm(), 0.0)
    session.take()
    return session, 3


def check(data: bytes) -> None:
    """Hold one input to what is promised of all."""
    if not data:
        return
    octets = data[1:]
    one, waiting = opened(data[0])
    other, _ = opened(data[0])
    events = one.feed(octets, 1.0)
    cut = [event for octet in octets for event in other.feed(bytes((octet,)), 1.0)]
    assert list(map(repr, events)) == list(map(repr, cut))
    assert one.take() == other.take()
    for event in events:
        if isinstance(event, Asked):
            read(event.pdu)
    events += one.tick(1000.0) + one.lost()
    assert isinstance(events[-1], Closed)
    assert sum(isinstance(event, Closed) for event in events) == 1
    # An answer may still come after a request was given up, and here none is: the time stands still before.
    assert sum(isinstance(event, (Answered, Unanswered)) for event in events) == waiting
    frames(octets)


def frames(octets: bytes) -> None:
    """Read each PDU by both roads, and write back those in which nothing is odd."""
    while len(octets) >= 16 and 16 <= (length := int.from_bytes(octets[:4], "big")) <= min(LARGEST, len(octets)):
        piece, octets = octets[:length], octets[length:]
        frame = decode(piece)
        command, sequence = frame.pdu.command_id, frame.sequence
        assert frame == read_by_table(piece, 16, length, command, frame.status, sequence)
        tells_status = isinstance(frame.pdu, (Answer, UnknownPdu)) or not frame.status
        if not frame.problems and tells_status:
            assert encode(frame.pdu, sequence, bounded=False) == piece


def read(pdu: object) -> None:
    """Read what a delivery says."""
    if isinstance(pdu, (DeliverSm, DataSm)):
        is_receipt(pdu, lenient=True)
        receipt = read_receipt(pdu)
        assert receipt.failure is None or receipt.status is not None
        read_message(pdu)


# ---------------------------------------------------------------- the loop


class Lines:
    """The lines of SMPP that an input reaches."""

    def __init__(self) -> None:
        self.seen: set[tuple[str, int]] = set()

    def trace(self, frame: FrameType, event: str, _: object):
        if "smpp" not in frame.f_code.co_filename or frame.f_code.co_filename == __file__:
            return None
        if event == "line":
            self.seen.add((frame.f_code.co_filename, frame.f_lineno))
        return self.trace

    def reached(self, data: bytes) -> int:
        """Run *data*; give how many lines it reached that none had reached before."""
        before = len(self.seen)
        sys.settrace(self.trace)
        try:
            check(data)
        finally:
            sys.settrace(None)
        return len(self.seen) - before


WORDS = [bytes((0, 0, 0, 16)), b"\0", b"\x80", b"\x04\x24", b"\0\x1e", b"id:", b" stat:DELIVRD", b" text:", bytes(4)]


def changed(data: bytes, others: list[bytes], rng: random.Random) -> bytes:
    """Give *data* with a few changes, and mostly with lengths that fit again."""
    octets = bytearray(data)
    for _ in range(rng.randrange(1, 5)):
        at = rng.randrange(len(octets) + 1)
        kind = rng.randrange(6)
        if kind == 0 and octets:
            octets[at % len(octets)] = rng.randrange(256)
        elif kind == 1:
            octets[at:at] = rng.choice(WORDS)
        elif kind == 2:
            del octets[at : at + rng.randrange(1, 9)]
        elif kind == 3:
            octets[at:at] = rng.choice(others)[1:]
        elif kind == 4 and octets:
            octets[at % len(octets)] ^= 1 << rng.randrange(8)
        else:
            octets[at:at] = octets[at : at + rng.randrange(1, 20)]
    if rng.random() < 0.7 and 17 <= len(octets) <= LARGEST:
        octets[1:5] = (len(octets) - 1).to_bytes(4, "big")
    return bytes(octets[: 2 * LARGEST])


def guided(seconds: float, seed: int, show: int) -> None:
    """Go on until the time is over."""
    rng, lines, until = random.Random(seed), Lines(), time.monotonic() + seconds
    pool = list(corpus().values())
    for data in pool:
        lines.reached(data)
    begun, rounds, found = len(lines.seen), 0, 0
    data = b""
    try:
        while time.monotonic() < until:
            rounds += 1
            data = changed(rng.choice(pool[-_MANY:] if rng.random() < 0.3 else pool), pool, rng)
            if lines.reached(data):
                pool.append(data)
                found += 1
                if found <= show:
                    print(f"new: {data.hex()}")
    except BaseException:
        print(f"found with --seed {seed} in round {rounds}: {data.hex()}")
        raise
    print(f"nothing found in {rounds} rounds from seed {seed}; lines {begun} -> {len(lines.seen)}, inputs {len(pool)}")


def main() -> None:
    """Choose the loop."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--show", type=int, default=0, help="print that many new inputs, for the corpus")
    parser.add_argument("--atheris", action="store_true", help="let libFuzzer make the inputs")
    given, rest = parser.parse_known_args()
    if not given.atheris:
        guided(given.seconds, given.seed, given.show)
        return
    import atheris

    atheris.instrument_all()
    atheris.Setup([sys.argv[0], f"-max_total_time={int(given.seconds)}", f"-seed={given.seed}", *rest], check)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
