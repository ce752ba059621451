"""Other processes: one that holds the store, one that sends the same campaign, one that cancels it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from tests.delivery.campaign_process import BATCH, NOON, FileCarrier, plan_of
from tests.delivery.test_killed_process import PEOPLE, Places, let_go, started, wait_for

import smskit as sk
from smskit.errors import StoreBusy
from smskit.kinds import EventType, RunState
from smskit.records import Event
from smskit.testing.factories import FIRST_NUMBER


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return Places(tmp_path)


def test_a_second_process_is_told_who_is_busy_and_nobody_gets_the_campaign_twice(places: Places) -> None:
    told: list[str] = []

    def start_another(progress: sk.Progress) -> None:
        if not told:
            with started("again", places) as second:
                let_go(second)
                told.append(second.communicate(timeout=60)[1].decode())
                assert second.returncode == 1

    with sk.Store(places.store) as store:
        carrier, clock = FileCarrier(str(places.carrier)), sk.VirtualClock(NOON)
        plan_of(str(places.clients), store).send(carrier, clock=clock, on_progress=start_another)
    assert "RunBusy: campaign 'soldes' is being sent by another process" in told[0]
    assert len({number for _, number in places.received()}) == len(places.received()) == PEOPLE


def test_a_run_cancelled_by_another_process_hands_over_no_further_batch(places: Places) -> None:
    with started("again", places) as process, sk.Store(places.store) as store:
        with places.held():
            let_go(process)
            wait_for(1, places, process)
            run = sk.Run(store, store.runs()[0].run_id, FileCarrier(str(places.carrier)))
            at_cancel = run.cancel()
        assert process.wait(timeout=60) == 0
        account = run.account
        assert run.state is RunState.CANCELLED
        assert at_cancel.remaining == account.remaining == account.in_doubt == 0
        assert account.cancelled == at_cancel.cancelled >= PEOPLE - 2 * BATCH
        assert len(places.received()) == account.accepted == at_cancel.accepted + at_cancel.in_doubt
        assert account.closes


@pytest.mark.parametrize("in_flight", [1, 4])
def test_a_run_paused_by_another_process_ends_there_and_goes_on_here(places: Places, in_flight: int) -> None:
    with sk.Store(places.store) as store:
        with started("again", places, in_flight) as process:
            with places.held():
                let_go(process)
                wait_for(1, places, process)
                carrier = FileCarrier(str(places.carrier))
                run = sk.Run(store, store.runs()[0].run_id, carrier, clock=sk.VirtualClock(NOON))
                at_pause = run.pause()
            assert process.wait(timeout=60) == 0
        account = run.account
        assert run.state is RunState.PAUSED
        assert account.in_doubt == 0
        assert account.remaining == at_pause.remaining >= PEOPLE - BATCH * (in_flight + 1)
        assert len(places.received()) == account.accepted == at_pause.accepted + at_pause.in_doubt
        assert run.resume().account.accepted == PEOPLE
    assert len({number for _, number in places.received()}) == len(places.received()) == PEOPLE


def test_an_objection_that_another_process_records_is_obeyed_at_the_next_lease(places: Places) -> None:
    with started("again", places, 4) as process, sk.Store(places.store) as store:
        with places.held():
            let_go(process)
            wait_for(1, places, process)
            last = [FIRST_NUMBER + PEOPLE - 1 - n for n in range(200)]
            sk.receive(store, [Event(f"mo-{n}", EventType.REPLY, NOON, n, text="STOP") for n in last])
        assert process.wait(timeout=60) == 0
        account = store.account(store.runs()[0].run_id)
    assert (account.accepted, account.cancelled) == (PEOPLE - 200, 200)
    assert not {number for _, number in places.received()} & set(last)


def test_two_processes_send_two_campaigns_side_by_side_from_one_store(places: Places) -> None:
    with (
        sk.Store(places.store),
        started("again", places, 2, "soldes") as one,
        started("again", places, 2, "noel") as two,
    ):
        for process in (one, two):
            let_go(process)
        assert one.wait(timeout=60) == two.wait(timeout=60) == 0
    with sk.Store(places.store) as store:
        runs = {run.campaign: store.account(run.run_id) for run in store.runs()}
    assert {name: account.accepted for name, account in runs.items()} == {"soldes": PEOPLE, "noel": PEOPLE}
    assert len(set(places.received())) == len(places.received()) == 2 * PEOPLE


def test_a_report_can_be_made_here_while_the_run_is_sent_there(places: Places) -> None:
    sent: list[int] = []

    def look(store: sk.Store) -> None:
        run = sk.Run(store, store.runs()[0].run_id, FileCarrier(str(places.carrier)))
        counts = run.report().counts
        assert counts.planned == PEOPLE
        assert counts.sent + counts.in_doubt + counts.remaining == PEOPLE
        assert f"planned {PEOPLE:_}".replace("_", " ") in str(run).replace("\N{NARROW NO-BREAK SPACE}", " ")
        sent.append(counts.sent)

    with started("again", places, 4) as process, sk.Store(places.store) as store:
        with places.held():
            let_go(process)
            wait_for(1, places, process)
            look(store)
        while process.poll() is None:
            look(store)
        look(store)
    assert sent == sorted(sent)
    assert sent[0] <= BATCH * 4 < PEOPLE == sent[-1]


def locked(places: Places) -> sqlite3.Connection:
    other = sqlite3.connect(places.store, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    return other


def test_a_store_that_another_process_holds_is_named_and_nothing_is_lost(places: Places) -> None:
    carrier, clock = FileCarrier(str(places.carrier)), sk.VirtualClock(NOON)
    with sk.Store(places.store, busy_timeout_s=0.05) as store:
        with closing(locked(places)):
            plan = plan_of(str(places.clients), store)  # a plan only reads
            with pytest.raises(StoreBusy, match=r"boutique\.db is held by another process"):
                plan.send(carrier, clock=clock)
        assert (places.received(), store.runs()) == ([], ())
        run = plan.load(carrier, clock=clock)
        others: list[sqlite3.Connection] = []

        def hold(progress: sk.Progress) -> None:
            others.append(locked(places))

        with pytest.raises(StoreBusy):
            run.resume(on_progress=hold)
        assert (run.account.accepted, run.account.in_doubt) == (BATCH, 0)
        others[0].close()
        assert run.resume().account.accepted == PEOPLE
    assert len(places.received()) == PEOPLE


def test_the_script_says_so_when_nobody_is_left(places: Places) -> None:
    for last in (False, True):
        with started("again", places) as process:
            let_go(process)
            assert process.stdout is not None
            assert (b"nobody left" in process.stdout.read()) is last
            assert process.wait(timeout=60) == 0
    assert len(places.received()) == PEOPLE
