"""A run over an account: receipts are recorded while it sends, and it closes with nobody twice whatever breaks."""

from __future__ import annotations

import random
import threading

import pytest
from tests.transports.smpp.client_parts import account, wait_for

import smskit as sk
from smskit.errors import CarrierRefuses, TransportError
from smskit.kinds import DeliveryStatus, SendState
from smskit.testing.factories import contact_rows
from smskit.testing.smsc import SMSC, Fault, Receipts
from smskit.transports.smpp import Status
from smskit.transports.smpp.client import Conduct

COUNT = 2_000


def loaded(store: sk.Store, carrier, count: int = COUNT, text: str = "Bonjour, votre colis est la") -> sk.Run:
    contacts = sk.Contacts.read(contact_rows(count))
    campaign = sk.Campaign("avis", text, to=contacts, sender="MABOUTIQUE", kind=sk.Kind.NOTIFICATION)
    plan = campaign.plan(
        prices=sk.Prices.per_part(FR="0.045"), store=store, transport=carrier, at="2026-06-24 12:00"
    )  # fmt: skip
    clock = sk.VirtualClock(plan.inputs.at)
    return sk.Run(store, plan.load(carrier, clock=clock).id, carrier, clock=clock)


def drained(run: sk.Run) -> None:
    for _ in range(100):
        try:
            run.resume(wait=True)
        except TransportError:
            continue
        if not run.account.remaining:
            return
    raise AssertionError(f"the run never ends: {run.account}")


def test_a_run_records_the_receipts_that_come_while_it_sends(tmp_path):
    with sk.Store(tmp_path / "run.db") as store, SMSC(receipts=Receipts(before_answer=True)) as smsc:
        with account(smsc, window=50) as carrier:
            run = loaded(store, carrier, 300)
            drained(run)
            assert run.account.accepted == 300
            delivered = [send for send in run.sends() if send.status is DeliveryStatus.DELIVERED]
            assert len(delivered) >= 250
            with carrier.listen(run.receive):
                wait_for(lambda: all(send.status is DeliveryStatus.DELIVERED for send in run.sends()))


def test_long_messages_are_delivered_when_all_of_their_parts_are(tmp_path):
    with sk.Store(tmp_path / "run.db") as store, SMSC() as smsc:
        with account(smsc, on_events=lambda events: sk.receive(store, events)) as carrier:
            run = loaded(store, carrier, 20, "Bonjour, votre colis est la. " * 10)
            drained(run)
            wait_for(lambda: all(send.status is DeliveryStatus.DELIVERED for send in run.sends()))
            assert {send.billed_parts for send in run.sends()} == {2}


def test_a_wrong_password_stops_the_run_and_rejects_nobody(tmp_path):
    with sk.Store(tmp_path / "run.db") as store, SMSC(accounts={"shop": "another"}) as smsc:
        carrier = account(smsc)
        run = loaded(store, carrier, 30)
        with pytest.raises(CarrierRefuses) as caught:
            run.resume()
        assert "ESME_RINVPASWD" in str(caught.value)
        assert run.account.remaining == 30
        carrier.close()


TROUBLES = [
    # what                                   faults                                                            every
    ("connections that are reset", (Fault.RESET,), 150),
    ("everything that ends a connection", (Fault.RESET, Fault.CUT, Fault.HANG_UP, Fault.UNBIND, Fault.HTTP), 150),
    ("answers that never come", (Fault.SILENT,), 300),
    ("refusals and throttling beside", (Fault.RESET, Fault.UNBIND), 300),
]


@pytest.mark.parametrize(("faults", "every"), [row[1:] for row in TROUBLES], ids=[row[0] for row in TROUBLES])
def test_nobody_is_sent_to_twice_and_the_account_closes(tmp_path, faults, every):
    dice = random.Random(7)
    with sk.Store(tmp_path / "run.db") as store, SMSC(receipts=Receipts(copies=0)) as smsc:
        with account(smsc, binds=2, window=20, largest_batch=100, in_flight=3) as carrier:
            for place in range(0, COUNT, every):
                smsc.go_wrong(dice.choice(faults), after=place + dice.randrange(every))
            if len(faults) == 2:
                smsc.refuse(Status.ESME_RTHROTTLED, after=500, times=3)
                smsc.refuse(Status.ESME_RINVDSTADR, after=900, times=5)
            run = loaded(store, carrier)
            drained(run)
        states = {str(send.number): send.state for send in run.sends()}
        taken = [each.pdu.destination_addr for each in smsc.submissions if each.status == 0]
        assert len(taken) == len(set(taken)), "the centre got a message twice"
        assert run.account.closes
        accepted = {number for number, state in states.items() if state is SendState.ACCEPTED}
        in_doubt = {number for number, state in states.items() if state is SendState.SUBMITTING}
        assert accepted <= set(taken)
        assert set(taken) <= accepted | in_doubt
        assert in_doubt, "nothing went wrong at all"


def test_two_runs_share_an_account(tmp_path):
    with SMSC() as smsc, account(smsc, conduct=Conduct(patience_s=5.0)) as carrier:
        with sk.Store(tmp_path / "one.db") as one, sk.Store(tmp_path / "two.db") as two:
            runs = [loaded(one, carrier, 200), loaded(two, carrier, 200)]
            threads = [threading.Thread(target=drained, args=(run,)) for run in runs]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(30)
            assert [run.account.accepted for run in runs] == [200, 200]
        assert len(smsc.submissions) == 400
