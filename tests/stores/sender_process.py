"""A process that sends a run until it is done or killed: ``python sender_process.py STORE CARRIER LEASE``.

CARRIER is a file that stands for what the carrier received: a line for each message, on the disk before the answer is
recorded. It says when it is ready and waits for a line on its standard input, so that no kill is spent on imports.
"""

from __future__ import annotations

import os
import sys
from datetime import datetime, timezone

from smskit.kinds import SendState
from smskit.records import Send, Settlement
from smskit.stores import SqliteStore

NOW = datetime(2026, 6, 24, 10, 0, tzinfo=timezone.utc)


def hand_over(carrier: int, send: Send) -> Settlement:
    """Take it, or certainly not take it (for good, or for now), by its place."""
    if send.seq % 7 == 3:
        return Settlement(send.seq, SendState.REJECTED, attempted=True)
    if send.seq % 5 == 3 and not send.attempts:
        return Settlement(send.seq, SendState.PLANNED, attempted=True)
    os.write(carrier, f"{send.reference}\n".encode())
    return Settlement(send.seq, SendState.ACCEPTED, f"id-{send.seq}", at=NOW, attempted=True)


def main(path: str, carrier_path: str, lease: int) -> None:
    print("ready", flush=True)
    sys.stdin.readline()
    carrier = os.open(carrier_path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    with SqliteStore(path) as store, store.hold("soldes"):
        while sends := store.lease("run", limit=lease, now=NOW):
            settlements = [hand_over(carrier, send) for send in sends]
            os.fsync(carrier)
            store.settle("run", settlements)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
