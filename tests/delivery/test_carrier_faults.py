"""Ten thousand messages through a carrier with every fault, on real sockets: nobody twice, and the account closes."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from tests.delivery.fault_server import FaultServer

import smskit as sk
from smskit.errors import TransportError
from smskit.kinds import SendState
from smskit.records import Account
from smskit.testing.factories import contact_rows
from smskit.transports.providers.smsmode import SmsMode
from smskit.transports.wire.webhooks import Webhook, parse_events

COUNT = 10_000
HOOK = "https://shop.example/in/a-long-word-in-the-path"

EVERYTHING = {
    "reset before reading": 0.03,
    "takes and closes": 0.1,
    "takes and resets": 0.03,
    "takes and says half": 0.03,
    "takes and says nothing": 0.01,
    "takes and says it slowly": 0.05,
    "takes and breaks": 0.03,
    "breaks": 0.03,
    "takes and answers nonsense": 0.03,
    "too fast": 0.1,
    "refuses one": 0.05,
}

CARRIERS = [
    # what                                   faults                      batch  in flight
    ("everything goes wrong now and then", EVERYTHING, 50, 4),
    ("too fast, two times of three", {"too fast": 0.66}, 200, 2),
    ("every tenth answer is lost", {"takes and resets": 0.1}, 100, 8),
    ("it breaks, and nobody knows after or before", {"breaks": 0.1, "takes and breaks": 0.1}, 100, 1),
]


@pytest.fixture
def server(request) -> Iterator[FaultServer]:
    server = FaultServer(request.param, seed=7)
    yield server
    server.close()


def plan(store: sk.Store, transport: SmsMode) -> sk.Plan:
    contacts = sk.Contacts.read(contact_rows(COUNT))
    campaign = sk.Campaign(
        "avis", "Bonjour, votre colis est la", to=contacts, sender="MABOUTIQUE", kind=sk.Kind.NOTIFICATION
    )
    return campaign.plan(prices=sk.Prices.per_part(FR="0.045"), store=store, transport=transport, at="2026-06-24 12:00")


def drained(run: sk.Run, server: FaultServer) -> int:
    """Resume as often as somebody would who looks at the errors; give how often."""
    for times in range(1, 200):
        try:
            run.resume(wait=True)
        except TransportError:
            continue
        if not run.account.remaining:
            return times
    raise AssertionError(f"the run never ends: {run.account} {server.requests}")


@pytest.mark.parametrize(
    ("server", "batch", "in_flight"),
    [row[1:] for row in CARRIERS],
    ids=[row[0] for row in CARRIERS],
    indirect=["server"],
)
def test_nobody_is_sent_to_twice_and_the_account_closes(server, batch, in_flight, tmp_path):
    transport = SmsMode(
        key="key-of-the-shop", base_url=server.url, largest_batch=batch, in_flight=in_flight, timeout_s=1.0,
        webhook=Webhook(path_secrets="a-long-word-in-the-path"),
    )  # fmt: skip
    with sk.Store(tmp_path / "run.db") as store:
        made = plan(store, transport)
        clock = sk.VirtualClock(made.inputs.at)
        run = sk.Run(store, made.load(transport, clock=clock).id, transport, clock=clock)
        drained(run, server)
        states = {send.reference: send.state for send in run.sends()}
        assert_nothing_lost(run.account, states, server)
        # The receipts of all that the carrier took end the doubts about them; the others stay, and are said.
        receipts = [receipt(reference, number) for reference, number in server.numbers.items()]
        for body in receipts:
            run.receive(parse_events(transport, {}, body, HOOK))
        after = {send.reference: send.state for send in run.sends()}
        assert {reference for reference, state in after.items() if state is SendState.ACCEPTED} == set(server.taken)
        assert run.account.closes


def assert_nothing_lost(account: Account, states: dict[str, SendState], server: FaultServer) -> None:
    assert max(server.taken.values()) == 1, "the carrier got a message twice"
    assert account.closes
    assert account.planned == COUNT
    assert account.remaining == 0
    accepted = {reference for reference, state in states.items() if state is SendState.ACCEPTED}
    in_doubt = {reference for reference, state in states.items() if state is SendState.SUBMITTING}
    assert accepted <= set(server.taken), "accepted, and the carrier knows nothing of it"
    assert set(server.taken) <= accepted | in_doubt, "the carrier has it, and the account says that it has not"
    rejected = [reference for reference, state in states.items() if state is SendState.REJECTED]
    assert not rejected or server.requests["refuses one"], "a bad day of the carrier rejects nobody"
    assert set(states.values()) <= {SendState.ACCEPTED, SendState.SUBMITTING, SendState.REJECTED}


def receipt(reference: str, number: str) -> bytes:
    told = {"messageId": f"id-{reference}", "refClient": reference, "direction": "MT", "recipient": {"to": number}}
    return json.dumps({**told, "status": {"value": "DELIVERED", "deliveryDate": "2026-06-24T12:00:09Z"}}).encode()
