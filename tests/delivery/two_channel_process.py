"""A process that goes on with both runs of a campaign until they end or it is killed: ``… STORE CARRIER HOUR``.

CARRIER is a file that stands for what the two carriers received, on the disk before they answer: a line ``rcs`` or
``sms``, ``revoke``, with the place of the person. HOUR is how late it is; messages over RCS are overdue after one. What
the handsets do follows from the place alone, so that every process meets the same people.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from pathlib import Path

import smskit as sk
from smskit.kinds import Channel, DeliveryStatus, EventType, FailureClass
from smskit.protocols import Features, Flow, StopForm
from smskit.records import Accepted, Event, Outcome, Outgoing, Refused, Taken

NOON = datetime(2026, 6, 24, 10, tzinfo=timezone.utc)
FIRST = 33_612_000_000
BATCH = 20


def has_rcs(place: int) -> bool:
    return place % 4 != 3


def is_delivered(place: int) -> bool:
    """Delivered within the hour, and told at once; of the others nothing is told in time."""
    return has_rcs(place) and place % 3 == 0


def crosses(place: int) -> bool:
    """Delivered just when it is revoked, and told so."""
    return has_rcs(place) and place % 11 == 5


class FileCarrier:
    """One of the two; neither can be asked, and what they got twice was sent twice."""

    def __init__(self, name: str, path: Path) -> None:
        self.name = name
        channel = Channel.RCS if name == "rcs" else Channel.SMS
        stop = {"*": StopForm("STOP au 36180")} if name == "sms" else {}
        self.features = Features(largest_batch=BATCH, live=False, stop=stop, channel=channel)
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def write(self, word: str, number: int) -> None:
        os.write(self._file, f"{word} {number - FIRST}\n".encode())

    def submit(self, messages: Sequence[Outgoing], /) -> Flow[tuple[Outcome, ...]]:
        yield from ()
        outcomes: list[Outcome] = []
        for message in messages:
            if self.name == "rcs" and not has_rcs(message.number - FIRST):
                outcomes.append(Refused(message.reference, FailureClass.CHANNEL_UNAVAILABLE))
                continue
            self.write(self.name, message.number)
            outcomes.append(Accepted(message.reference, f"id-{message.reference}"))
        os.fsync(self._file)
        return tuple(outcomes)


class RichCarrier(FileCarrier):
    """Takes back, and tells what arrived: it remembers nothing but the file, and tells each thing again and again."""

    def __init__(self, path: Path, clock: sk.VirtualClock) -> None:
        super().__init__("rcs", path)
        self._path, self._clock = path, clock

    def revoke(self, messages: Sequence[Taken], /) -> Flow[frozenset[str]]:
        yield from ()
        for message in messages:
            self.write("revoke", message.number)
        os.fsync(self._file)
        return frozenset(message.reference for message in messages)

    def poll(self) -> Flow[tuple[Event, ...]]:
        yield from ()
        return tuple(map(self._receipt, delivered(self._path, self._clock.now())))

    def pending_s(self) -> float | None:
        return None

    def _receipt(self, place: int) -> Event:
        return Event(f"delivered {place}", EventType.RECEIPT, NOON, FIRST + place, provider_id=f"id-run-{place}",
                     reference=f"run-{place}", status=DeliveryStatus.DELIVERED)  # fmt: skip


def lines_of(path: Path) -> list[tuple[str, int]]:
    """Give what the carriers received; the last line may be half written."""
    whole = path.read_text().rpartition("\n")[0]
    return [(word, int(place)) for word, place in map(str.split, whole.splitlines())]


def delivered(path: Path, now: datetime) -> list[int]:
    """Give who got the message over RCS by now."""
    lines = lines_of(path)
    revoked = {place for word, place in lines if word == "revoke"}
    is_later = now > NOON + timedelta(minutes=10)
    return [
        place for word, place in lines
        if word == "rcs" and ((is_delivered(place) and is_later) or (crosses(place) and place in revoked))
    ]  # fmt: skip


def main(path: str, carrier_path: str, hour: str) -> None:
    print("ready", flush=True)
    sys.stdin.readline()
    clock, carrier = sk.VirtualClock(NOON + timedelta(hours=float(hour))), Path(carrier_path)
    rich, sms = RichCarrier(carrier, clock), FileCarrier("sms", carrier)
    with sk.Store(path) as store:
        sk.Run(store, "run", rich, fallback=sms, clock=clock).resume()


if __name__ == "__main__":
    main(*sys.argv[1:])
