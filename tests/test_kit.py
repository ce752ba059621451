"""The kit: one application's defaults, on the whole road from a file to the next campaign."""

from __future__ import annotations

import asyncio
import csv
import io
import json
from datetime import datetime, timedelta, timezone

import pytest
from attrs import evolve

import smskit as sk
from smskit.errors import InvalidInput, NotPermitted
from smskit.kinds import EventType, FailureClass, Reason, SendState
from smskit.protocols import StopForm
from smskit.records import ConsentAction, ConsentEvent, Event
from smskit.testing.factories import contact_rows

NOON = datetime(2026, 6, 24, 10, tzinfo=timezone.utc)
CONSENT = sk.ConsentColumns(granted_at="date_optin", source="origine")
PRICES = sk.Prices.per_part(FR="0.045")
FIRST = 33_612_000_000


def kit_of(**changes: object) -> sk.Kit:
    usual = {"transport": sk.Sandbox.quiet(starts_at=NOON), "prices": PRICES, "sender": "MABOUTIQUE"}
    return sk.Kit(**{**usual, **changes})


def campaign(kit: sk.Kit, count: int = 20, campaign_id: str = "soldes", **changes: object) -> sk.Campaign:
    contacts = kit.contacts(list(contact_rows(count)), consent=CONSENT)
    usual = {"to": contacts, "sender": kit.sender, "kind": sk.Kind.MARKETING}
    return sk.Campaign(campaign_id, "Bonjour $prenom", **{**usual, **changes})


def test_the_whole_road_needs_no_argument_twice() -> None:
    kit = kit_of()
    plan = kit.plan(campaign(kit), at=NOON)
    run = kit.start(plan)
    assert run.account.accepted == plan.account.to_send == 20
    assert kit.run(run.id).account == run.account
    assert kit.store.runs()[0].run_id == run.id
    assert kit.plan(campaign(kit), at=NOON).reasons == {Reason.ALREADY_SENT: 20}


def test_the_mention_and_the_hours_are_those_of_the_kits_transport() -> None:
    sandbox = sk.Sandbox.quiet(starts_at=NOON)
    sandbox.features = evolve(sandbox.features, stop={"*": StopForm("STOP 36111")})
    kit = kit_of(transport=sandbox)
    run = kit.start(kit.plan(campaign(kit), at=NOON))
    assert {message.text[-10:] for message in sandbox.outbox} == {"STOP 36111"}
    assert run.account.accepted == 20


def test_a_kit_without_prices_says_what_to_do() -> None:
    kit = kit_of(prices=None)
    with pytest.raises(InvalidInput, match="Kit\\(prices="):
        kit.plan(campaign(kit))


def test_now_is_what_the_kits_clock_says() -> None:
    kit = kit_of(clock=sk.VirtualClock(NOON + timedelta(minutes=3)))
    assert kit.plan(campaign(kit)).inputs.at == NOON + timedelta(minutes=3)


def test_a_kit_of_nothing_is_a_sandbox_in_memory_and_each_has_its_own() -> None:
    one, other = sk.Kit(), sk.Kit()
    assert one.store is not other.store
    assert not one.transport.features.live
    assert "secret" not in repr(one).lower()


def test_single_messages_carry_the_kits_sender_and_are_remembered_by_its_store() -> None:
    kit = kit_of()
    sent = kit.send("06 12 34 56 78", "Votre code : 4821", kind=sk.Kind.OTP, reference="a")
    again = asyncio.run(kit.asend("06 12 34 56 78", "Votre code : 4821", kind=sk.Kind.OTP, reference="a"))
    own = kit.send("06 12 34 56 78", "Votre code : 4822", kind=sk.Kind.OTP, sender="AUTRE")
    assert again == sent
    assert str(sent.cost) == "0.04 EUR" or str(sent.cost) == "0.05 EUR"
    assert [message.sender for message in kit.transport.outbox] == ["MABOUTIQUE", "AUTRE"]
    assert own.accepted


def test_a_stop_that_a_webhook_brings_is_in_the_next_plan_and_stops_single_marketing() -> None:
    kit = kit_of()
    kit.start(kit.plan(campaign(kit), at=NOON))
    stop = Event("mo-1", EventType.REPLY, NOON + timedelta(hours=1), FIRST, text="Stop")
    assert (kit.receive([stop]), kit.receive([stop])) == (2, 0)
    later = kit.plan(campaign(kit, campaign_id="noel"), at=NOON + timedelta(days=9))
    assert later.reasons == {Reason.OPTED_OUT: 1}
    kit.store.record_consents([ConsentEvent(FIRST, ConsentAction.GRANTED, NOON - timedelta(days=9), "caisse")])
    with pytest.raises(NotPermitted, match="opted out"):
        kit.send(f"+{FIRST}", "-20% : code ETE", kind=sk.Kind.MARKETING)
    assert kit.send(f"+{FIRST}", "Votre code : 4821", kind=sk.Kind.OTP).accepted


def test_numbers_that_do_not_exist_are_left_out_of_the_next_plan_once_they_are_suppressed() -> None:
    refusing = sk.Sandbox(seed=3, starts_at=NOON, refused=0.3, refusals={FailureClass.INVALID_NUMBER: 1}, stopped=0,
                          delivered=1)  # fmt: skip
    kit = kit_of(transport=refusing)
    run = kit.start(kit.plan(campaign(kit, 60), at=NOON))
    dead = run.hard_failures()
    assert 0 < len(dead) == run.account.rejected < 60
    assert kit.store.suppress(dead) == len(dead)
    assert kit.store.suppress(run.hard_failures()) == 0
    plan = kit.plan(campaign(kit, 60, "noel"), at=NOON + timedelta(days=9))
    assert plan.reasons == {Reason.SUPPRESSED: len(dead)}
    assert not {entry.number for entry in dead} & {send.number for send in plan.messages()}
    assert str(FIRST)[2:8] not in repr(dead)


def test_a_run_is_exported_line_by_line_with_masked_numbers_unless_asked(tmp_path) -> None:
    kit = kit_of()
    run = kit.start(kit.plan(campaign(kit, 5, holdout=0.3), at=NOON))
    table = io.StringIO()
    run.to_csv(table)
    lines = list(csv.DictReader(io.StringIO(table.getvalue())))
    sends = list(run.sends())
    assert [line["state"] for line in lines] == [send.state.value for send in sends]
    assert {line["state"] for line in lines} <= {"accepted", "held_out"}
    assert all(str(send.number) not in table.getvalue() for send in sends)
    assert "Bonjour" not in table.getvalue()
    run.to_jsonl(tmp_path / "run.jsonl", show_numbers=True)
    told = [json.loads(line) for line in (tmp_path / "run.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [line["number"] for line in told] == [f"+{send.number}" for send in sends]
    assert [line["row"] for line in told] == [send.row for send in sends]


def test_a_run_of_another_store_is_not_found() -> None:
    with pytest.raises(InvalidInput, match="has no run 'soldes'; it has none"):
        kit_of().run("soldes")


def test_a_run_can_be_cancelled_through_the_kit_before_its_time() -> None:
    kit = kit_of(clock=sk.VirtualClock(NOON - timedelta(hours=2)))
    run = kit.start(kit.plan(campaign(kit), at=NOON))
    assert run.account.remaining == 20
    assert kit.run(run.id).cancel().cancelled == 20
    assert {send.state for send in run.sends()} == {SendState.CANCELLED}
    assert kit.plan(campaign(kit), at=NOON).account.to_send == 20
