"""A user's script: plan a file and send it. ``campaign_process.py again|resume CLIENTS STORE CARRIER [IN_FLIGHT [ID]]``.

CARRIER is a file that stands for what the carrier received: a line for each message, on the disk before it answers.
``again`` is the script that is simply started again; ``resume`` looks for a run first and goes on with it. The script
says when it is ready and waits for a line, so that no kill is spent on imports; then it says when the plan is made.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from datetime import datetime, timezone
from pathlib import Path
from time import sleep

import smskit as sk
from smskit.errors import EmptyAudience
from smskit.kinds import RunState
from smskit.protocols import Features, Flow, Pause, StopForm
from smskit.records import Accepted, Outcome, Outgoing

NOON = datetime(2026, 6, 24, 10, tzinfo=timezone.utc)
BATCH = 40


class FileCarrier:
    """A carrier that cannot be asked and is not idempotent: what it got twice is sent twice."""

    name = "file"

    def __init__(self, path: str, in_flight: int = 1) -> None:
        self.features = Features(
            largest_batch=BATCH, in_flight=in_flight, live=False, stop={"*": StopForm("STOP au 36180")}
        )
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        self._hold = Path(f"{path}.hold")

    def submit(self, messages: Sequence[Outgoing], /) -> Flow[tuple[Outcome, ...]]:
        # As long as there is a file of this name, no batch but the first gets an answer.
        while os.fstat(self._file).st_size and self._hold.exists():
            sleep(0.001)
        for place, message in enumerate(messages):
            # Other batches leave meanwhile, if they may.
            if place % 8 == 0 and self.features.in_flight > 1:
                yield Pause(0.0)
            os.write(self._file, f"{message.reference} {message.number}\n".encode())
        os.fsync(self._file)
        return tuple(Accepted(message.reference) for message in messages)


def plan_of(clients: str, store: sk.Store, campaign_id: str = "soldes") -> sk.Plan:
    contacts = sk.Contacts.read(clients, consent=sk.ConsentColumns(granted_at="date_optin", source="origine"))
    campaign = sk.Campaign(campaign_id, "Bonjour $prenom", to=contacts, sender="MABOUTIQUE", kind=sk.Kind.MARKETING)
    return campaign.plan(at=NOON, prices=sk.Prices.per_part(FR="0.045"), store=store)


def main(
    mode: str, clients: str, path: str, carrier_path: str, in_flight: str = "1", campaign_id: str = "soldes"
) -> None:
    print("ready", flush=True)
    sys.stdin.readline()
    carrier, clock = FileCarrier(carrier_path, int(in_flight)), sk.VirtualClock(NOON)
    with sk.Store(path) as store:
        ready = [run.run_id for run in store.runs(campaign_id) if run.state in (RunState.READY, RunState.PAUSED)]
        if mode == "resume" and ready:
            print("planned", flush=True)
            sk.Run(store, ready[0], carrier, clock=clock).resume()
            return
        plan = plan_of(clients, store, campaign_id)
        print("planned", flush=True)
        try:
            plan.send(carrier, clock=clock)
        except EmptyAudience:
            print("nobody left", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
