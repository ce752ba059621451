"""A user's script: plan a file and send it. ``python campaign_process.py again|resume CLIENTS STORE CARRIER``.

CARRIER is a file that stands for what the carrier received: a line for each message, on the disk before it answers.
``again`` is the script that is simply started again; ``resume`` looks for a run first and goes on with it. The script
says when it is ready and waits for a line, so that no kill is spent on imports; then it says when the plan is made.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from datetime import datetime, timezone

import smskit as sk
from smskit.errors import EmptyAudience
from smskit.kinds import RunState
from smskit.protocols import Features, Flow, StopForm
from smskit.records import Accepted, Outcome, Outgoing

NOON = datetime(2026, 6, 24, 10, tzinfo=timezone.utc)
BATCH = 40


class FileCarrier:
    """A carrier that cannot be asked and is not idempotent: what it got twice is sent twice."""

    name = "file"
    features = Features(largest_batch=BATCH, live=False, stop={"*": StopForm("STOP au 36180")})

    def __init__(self, path: str) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def submit(self, messages: Sequence[Outgoing], /) -> Flow[tuple[Outcome, ...]]:
        yield from ()
        for message in messages:
            os.write(self._file, f"{message.reference} {message.number}\n".encode())
        os.fsync(self._file)
        return tuple(Accepted(message.reference) for message in messages)


def plan_of(clients: str, store: sk.Store) -> sk.Plan:
    contacts = sk.Contacts.read(clients, consent=sk.ConsentColumns(granted_at="date_optin", source="origine"))
    campaign = sk.Campaign("soldes", "Bonjour $prenom", to=contacts, sender="MABOUTIQUE", kind=sk.Kind.MARKETING)
    return campaign.plan(at=NOON, prices=sk.Prices.per_part(FR="0.045"), store=store)


def main(mode: str, clients: str, path: str, carrier_path: str) -> None:
    print("ready", flush=True)
    sys.stdin.readline()
    carrier, clock = FileCarrier(carrier_path), sk.VirtualClock(NOON)
    with sk.Store(path) as store:
        ready = [run.run_id for run in store.runs() if run.state is RunState.READY]
        if mode == "resume" and ready:
            print("planned", flush=True)
            sk.Run(store, ready[0], carrier, clock=clock).resume()
            return
        plan = plan_of(clients, store)
        print("planned", flush=True)
        try:
            plan.send(carrier, clock=clock)
        except EmptyAudience:
            print("nobody left", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
