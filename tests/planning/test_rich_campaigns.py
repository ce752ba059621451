"""Campaigns over RCS with SMS behind them: who is tried, what each branch costs, what is sent, what comes back."""

from __future__ import annotations

import csv
import io
import json
import socket
from datetime import datetime, timedelta, timezone

import pytest
from attrs import evolve

import smskit as sk
from smskit.errors import EmptyAudience, InvalidInput, PlanChanged
from smskit.kinds import (
    Channel,
    DeliveryStatus,
    EventType,
    FailureClass,
    FallbackCondition,
    Reason,
    RunState,
    SendState,
)
from smskit.planning.fallback import Fallback
from smskit.planning.rich import Handset
from smskit.rcs import Billing, Carousel, Feature, Media, OpenUrl, Reply, RichCard, RichMessage, RichPrices
from smskit.records import Capability, Event, Settlement
from smskit.transports import RcsBehaviour

AGENT = "sandbox"
AT = datetime(2026, 6, 24, 10, tzinfo=timezone.utc)
RICH_PRICES = RichPrices.of(basic="0.05", single="0.08")
PRICES = sk.Prices.per_part(FR="0.045", RE="0.0715")
CARD = RichCard(title="Bonjour $prenom", description="-15 % jusqu'à dimanche")
EVERY_FEATURE = frozenset(feature.value for feature in Feature)


class House:
    """A shop that writes over RCS: contacts, a store that knows their telephones, plans."""

    def __init__(self, shop) -> None:
        self.shop = shop
        self.store = sk.MemoryStore()
        self.numbers: list[int] = []

    def rows(self, count: int, **cells: str) -> list[dict[str, str]]:
        rows = [self.shop.row(**cells) for _ in range(count)]
        self.numbers += [int(row["mobile"][1:]) for row in rows]
        return rows

    def knows(
        self, *numbers: int, reachable: bool = True, features=EVERY_FEATURE, age: timedelta = timedelta()
    ) -> None:
        told = [Capability(number, is_reachable=reachable, at=AT - age, features=features) for number in numbers]
        self.store.record_capabilities(AGENT, told)

    def campaign(self, rows, content=CARD, fallback: object = "Bonjour $prenom, -15 %", **arguments) -> sk.Campaign:
        contacts = arguments.get("to") or self.shop.contacts(*rows)
        usual = {"to": contacts, "sender": "MABOUTIQUE", "kind": sk.Kind.MARKETING}
        return sk.Campaign("soldes", content=content, fallback=fallback, **{**usual, **arguments})

    def plan(self, rows, content=CARD, fallback: object = "Bonjour $prenom, -15 %", at: object = AT, **arguments):
        prices = PRICES if fallback is not None else None
        campaign = self.campaign(rows, content, fallback, **arguments)
        return campaign.plan(at=at, prices=prices, rich_prices=RICH_PRICES, store=self.store)


@pytest.fixture
def house(shop) -> House:
    return House(shop)


def quiet(**rcs) -> sk.Sandbox:
    """Everything arrives; nobody clicks, writes or objects."""
    behaviour = evolve(RcsBehaviour.quiet(), **rcs)
    return sk.Sandbox(delivered=1, clicked=0, scanned=0, stopped=0, replied=0, rcs=behaviour)


def of(plan) -> tuple[int, int]:
    """Give how many go over RCS, and how many get the SMS at once."""
    return plan.channels.over_rcs, plan.channels.by_sms


# ---------------------------------------------------------------- who is tried


YOUNG, OLD = timedelta(days=30), timedelta(days=30, microseconds=1)
NO_CARDS = EVERY_FEATURE - {Feature.CARD.value}
HANDSETS = [
    # what is known                                            capability                            handset               try unknown   RCS?
    ("nothing",                                                None,                                 Handset.UNKNOWN,      False,        False),
    ("nothing, and the unknown are tried",                     None,                                 Handset.UNKNOWN,      True,         True),
    ("it has all that the message needs",                      {},                                   Handset.REACHABLE,    False,        True),
    ("it is reachable, its features were not told",            {"features": None},                   Handset.REACHABLE,    False,        True),
    ("it lacks what the message needs",                        {"features": NO_CARDS},               Handset.LACKS_FEATURE, True,        False),
    ("it has no features at all",                              {"features": frozenset()},            Handset.LACKS_FEATURE, True,        False),
    ("it has no RCS",                                          {"reachable": False},                 Handset.WITHOUT_RCS,  True,         False),
    ("a word that is just young enough",                       {"age": YOUNG},                       Handset.REACHABLE,    False,        True),
    ("a word that is too old",                                 {"age": OLD},                         Handset.UNKNOWN,      False,        False),
    ("it had no RCS long ago",                                 {"reachable": False, "age": OLD},     Handset.UNKNOWN,      True,         True),
]  # fmt: skip


@pytest.mark.parametrize(("known", "handset", "tries", "rich"), [c[1:] for c in HANDSETS], ids=[c[0] for c in HANDSETS])
def test_who_is_tried_over_rcs(house: House, known, handset, tries, rich):
    rows = house.rows(1)
    if known is not None:
        house.knows(*house.numbers, **known)
    plan = house.plan(rows, try_unknown=tries)
    assert dict(plan.channels.handsets) == {handset: 1}
    assert of(plan) == ((1, 0) if rich else (0, 1))
    assert plan.account.closes
    assert (plan.account.to_send, plan.parts) == (1, 0 if rich else 1)
    alone = house.plan(rows, fallback=None, try_unknown=tries)
    assert dict(alone.reasons) == ({} if rich else {Reason.NO_RCS: 1})
    assert alone.account.closes


def test_how_old_a_word_may_be_is_the_campaigns(house: House):
    rows = house.rows(2)
    house.knows(house.numbers[0], age=timedelta(hours=2))
    house.knows(house.numbers[1], age=timedelta(hours=2, seconds=1))
    assert of(house.plan(rows, capability_age=timedelta(hours=2))) == (1, 1)


def test_what_is_known_of_another_agent_is_not_known(house: House):
    rows = house.rows(1)
    house.store.record_capabilities("bank", [Capability(house.numbers[0], is_reachable=True, at=AT)])
    assert of(house.plan(rows)) == (0, 1)


def test_each_arm_asks_for_its_own_features(house: House):
    rows = house.rows(200)
    house.knows(*house.numbers, features=EVERY_FEATURE - {Feature.CAROUSEL.value})
    photo = Media("https://boutique.example/a.jpg")
    carousel = Carousel([RichCard(title="un", media=photo), RichCard(title="deux", media=photo)])
    plan = house.plan(rows, variants={"B": carousel})
    handsets = plan.channels.handsets
    assert handsets[Handset.REACHABLE] + handsets[Handset.LACKS_FEATURE] == 200
    assert min(handsets.values()) > 50
    assert of(plan) == (handsets[Handset.REACHABLE], handsets[Handset.LACKS_FEATURE])


def test_the_reach_is_estimated_by_what_is_known(house: House):
    rows = house.rows(400)
    assert house.plan(rows).channels.reach is None
    house.knows(*house.numbers[:60])
    house.knows(*house.numbers[60:100], reachable=False)
    share, interval = house.plan(rows).channels.reach
    assert share == 0.6
    assert 0.5 < interval.low < 0.55
    assert 0.65 < interval.high < 0.7
    house.knows(*house.numbers[100:])
    share, interval = house.plan(rows).channels.reach
    assert interval.low == interval.high == share == 0.9, "nothing is left to guess"


# ---------------------------------------------------------------- who is left out


LEFT_OUT = [
    # what                                         content                                                fallback                   cells                reason
    ("a value that the card needs",                CARD,                                                  "-15 %",                   {"prenom": " "},     Reason.MISSING_VARIABLE),
    ("a value that the SMS needs",                 RichCard(title="Soldes"),                              "Bonjour $prenom",         {"prenom": " "},     Reason.MISSING_VARIABLE),
    ("a title that gets too long",                 CARD,                                                  "-15 %",                   {"prenom": "x" * 200}, Reason.INVALID_CONTENT),
    ("a label that gets too long",                 RichMessage("Bonjour", suggestions=[Reply("$prenom")]), "-15 %",                  {"prenom": "x" * 26}, Reason.INVALID_CONTENT),
    ("an SMS that gets too long",                  RichCard(title="Soldes"),                              "Bonjour $prenom",         {"prenom": "x" * 2_000}, Reason.TOO_MANY_PARTS),
    ("no consent",                                 CARD,                                                  "-15 %",                   {"date_optin": "", "origine": ""}, Reason.NO_CONSENT),
    ("an opposition",                              CARD,                                                  "-15 %",                   {"desinscrit_le": "01/05/2026"}, Reason.OPTED_OUT),
]  # fmt: skip


@pytest.mark.parametrize(
    ("content", "fallback", "cells", "reason"), [c[1:] for c in LEFT_OUT], ids=[c[0] for c in LEFT_OUT]
)
def test_who_is_left_out(house: House, content, fallback, cells, reason):
    rows = [*house.rows(1), *house.rows(1, **cells)]
    house.knows(*house.numbers)
    plan = house.plan(rows, content, fallback)
    assert plan.account.closes
    assert dict(plan.reasons) == {reason: 1}
    assert of(plan) == (1, 0)
    run = plan.send(quiet())
    assert (run.account.planned, run.fallback.account.standby) == (1, 1)


def test_the_boundary_of_a_title_is_that_of_the_platform(house: House):
    rows = house.rows(1, prenom="x" * (200 - len("Bonjour ")))
    house.knows(*house.numbers)
    assert dict(house.plan(rows, fallback="-15 %").reasons) == {}


def test_who_would_get_the_sms_needs_no_card(house: House):
    """What only the card lacks does not keep the SMS from somebody without RCS."""
    rows = house.rows(1, prenom="x" * 200)
    assert of(house.plan(rows, fallback="-15 %")) == (0, 1)


def test_nobody_left_is_an_error(house: House):
    with pytest.raises(EmptyAudience, match="no_rcs"):
        house.plan(house.rows(2), fallback=None).send(quiet())


# ---------------------------------------------------------------- what it costs


def test_what_each_branch_costs(house: House):
    rows = house.rows(10)
    house.knows(*house.numbers[:6])
    plan = house.plan(rows)
    assert dict(plan.channels.messages) == {Billing.SINGLE: 6}
    assert (plan.parts, str(plan.sms_cost.amount), str(plan.cost.amount)) == (4, "0.18", "0.66")
    assert str(plan.channels.standby_cost(plan.inputs).amount) == "0.27"


def test_a_short_text_is_billed_as_one(house: House):
    rows = house.rows(1) + house.rows(1, prenom="é" * 80)
    house.knows(*house.numbers)
    plan = house.plan(rows, RichMessage("$prenom !"), fallback="-15 %")
    assert dict(plan.channels.messages) == {Billing.BASIC: 1, Billing.SINGLE: 1}


def test_a_budget_leaves_out_whom_it_does_not_reach(house: House):
    rows = house.rows(10)
    house.knows(*house.numbers[::2])
    plan = house.plan(rows, budget="0.30")
    assert plan.account.closes
    assert str(plan.cost.amount) <= "0.30"
    assert dict(plan.reasons) == {Reason.BUDGET: 10 - plan.account.to_send}
    run = plan.send(quiet())
    assert run.account.cost_micros + run.fallback.account.cost_micros == plan.cost.micros


def test_who_objects_on_a_later_row_is_in_no_branch(house: House):
    """Also where the first row was held out, or beyond the budget: then nothing was counted that could be taken back."""
    for arguments in ({}, {"holdout": 0.5}, {"budget": "0.80"}):
        other = House(house.shop)
        rows = other.rows(60)
        other.knows(*other.numbers[:40])
        later = [{**row, "desinscrit_le": "01/05/2026"} for row in rows[:30]]
        filler = other.rows(2_000 - len(rows))
        plan = other.plan([*rows, *filler, *later], **arguments)
        counted = sum(1 for send in plan.messages() if send.text.startswith("{"))
        assert plan.account.closes
        assert plan.channels.over_rcs == counted, arguments
        assert plan.channels.by_sms == plan.account.to_send - counted, arguments


# ---------------------------------------------------------------- two runs


def test_a_plan_is_two_runs_with_a_row_for_each_person(house: House):
    rows = house.rows(10)
    house.knows(*house.numbers[:6])
    plan = house.plan(rows)
    run = plan.load(quiet())
    first, second = house.store.run(plan.run_id), house.store.run(plan.fallback_id)
    assert (first.channel, second.channel, second.fallback_of) == (Channel.RCS, Channel.SMS, plan.run_id)
    rich, sms = list(run.sends()), list(run.fallback.sends())
    assert [send.number for send in rich] == house.numbers[:6]
    assert sorted(send.number for send in sms) == sorted(house.numbers)
    assert {send.number: send.seq for send in rich}.items() <= {send.number: send.seq for send in sms}.items()
    states = {send.number: send.state for send in sms}
    assert [states[number] for number in house.numbers] == [SendState.STANDBY] * 6 + [SendState.PLANNED] * 4
    assert (
        json.loads(rich[0].text)["contentMessage"]["richCard"]["standaloneCard"]["cardContent"]["title"]
        == "Bonjour Marie"
    )
    assert sms[0].text == "Bonjour Marie, -15 % STOP au 36180"
    assert [send.text for send in plan.messages()] == [send.text for send in (*rich, *sms[6:])]
    assert plan.account.to_send == run.account.planned + run.fallback.account.planned


def test_what_is_sent_is_what_was_planned(house: House):
    rows = house.rows(30)
    house.knows(*house.numbers[:20])
    plan, sandbox = house.plan(rows), quiet()
    run = plan.send(sandbox)
    assert sorted(one.number for one in sandbox.rcs.outbox) == sorted(house.numbers[:20])
    assert sorted(one.number for one in sandbox.outbox) == sorted(house.numbers[20:])
    assert (run.account.accepted, run.account.fell_back) == (20, 0)
    assert run.fallback.account == evolve(run.fallback.account, planned=10, accepted=10, standby=20)
    before = len(sandbox.outbox), len(sandbox.rcs.outbox)
    plan.send(sandbox)
    assert (len(sandbox.outbox), len(sandbox.rcs.outbox)) == before


def test_everybody_gets_one_of_the_two(house: House):
    rows = house.rows(600)
    plan = house.plan(rows, try_unknown=True, fallback=Fallback("Bonjour $prenom", after=timedelta(hours=4)))
    sandbox = sk.Sandbox(7, delivered=1)
    run = plan.send(sandbox)
    first, second = run.account, run.fallback.account
    assert first.closes
    assert second.closes
    assert first.planned + second.planned - first.fell_back == 600
    assert first.fell_back > 150
    delivered = {send.number for send in run.sends() if send.status in (DeliveryStatus.DELIVERED, DeliveryStatus.READ)}
    by_sms = {message.number for message in sandbox.outbox}
    assert not delivered & by_sms
    # Whoever got neither objected meanwhile, or has a word on the way that nobody told.
    neither = {send.number for send in run.sends()} - delivered - by_sms
    objected = {send.number for one in (run, run.fallback) for send in one.sends() if send.reason is Reason.OPTED_OUT}
    assert neither <= objected
    assert len(neither) < 20


def test_the_held_out_are_in_the_run_that_they_would_have_been_in(house: House):
    rows = house.rows(300)
    house.knows(*house.numbers[:150])
    plan = house.plan(rows, holdout=0.3)
    run = plan.send(quiet())
    of_rich = {send.number for send in run.sends() if send.state is SendState.HELD_OUT}
    of_sms = {send.number for send in run.fallback.sends() if send.state is SendState.HELD_OUT}
    assert of_rich <= set(house.numbers[:150])
    assert of_sms <= set(house.numbers[150:])
    assert len(of_rich) + len(of_sms) == plan.account.held_out > 50
    standby = {send.number for send in run.fallback.sends() if send.state is SendState.STANDBY}
    assert not standby & of_rich, "nothing stands by for who is sent nothing"
    again = house.plan(rows, holdout=0.3)
    assert dict(again.reasons) == {Reason.ALREADY_SENT: 300}


def test_arms_are_drawn_alike_over_both_channels(house: House):
    rows = house.rows(400)
    house.knows(*house.numbers[:300])
    plan = house.plan(rows, variants={"B": RichCard(title="Autre")})
    run = plan.load(quiet())
    arms = {send.number: send.arm for send in run.fallback.sends()}
    assert set(arms.values()) == {"A", "B"}
    for send in run.sends():
        assert arms[send.number] == send.arm
        assert ("Autre" in send.text) is (send.arm == "B")


def test_closed_hours_defer_both_channels(house: House):
    rows = house.rows(4)
    house.knows(*house.numbers[:2])
    plan = house.plan(rows, at="2026-06-24 23:00", late_after=timedelta(days=1))
    assert (plan.account.to_send, plan.account.deferred, of(plan)) == (0, 4, (2, 2))
    run = plan.load(quiet())
    due = {send.not_before for one in (run, run.fallback) for send in one.sends()}
    assert len(due) == 1
    sandbox = quiet()
    plan.send(sandbox)
    assert len(sandbox.rcs.outbox) == 2
    assert {message.at.hour for message in (*sandbox.outbox, *sandbox.rcs.outbox)} == {6}


def test_a_pilot_and_then_the_rest(house: House):
    rows = house.rows(40)
    house.knows(*house.numbers[::2])
    plan, sandbox = house.plan(rows), quiet()
    pilot = plan.pilot(10).send(sandbox)
    assert (pilot.account.planned, pilot.fallback.account.planned, pilot.fallback.account.standby) == (5, 5, 5)
    assert pilot.fallback.id == f"{pilot.id}s"
    whole = plan.send(sandbox)
    numbers = [message.number for message in (*sandbox.outbox, *sandbox.rcs.outbox)]
    assert sorted(numbers) == sorted(house.numbers), "each of them once"
    assert whole.differences == {Reason.ALREADY_SENT: 5}
    assert whole.fallback.differences == {Reason.ALREADY_SENT: 5}


def test_who_fell_back_in_the_pilot_is_not_sent_to_again(house: House):
    rows = house.rows(10)
    plan = house.plan(rows, try_unknown=True)
    sandbox = quiet(reachable=0)
    plan.pilot(4).send(sandbox)
    assert len(sandbox.outbox) == 4
    whole = plan.send(sandbox)
    assert sorted(message.number for message in sandbox.outbox) == sorted(house.numbers)
    assert whole.differences == {Reason.ALREADY_SENT: 4}


# ---------------------------------------------------------------- once


def test_a_campaign_reaches_a_person_once(house: House):
    rows = house.rows(4)
    house.knows(*house.numbers[:2])
    house.plan(rows).send(quiet())
    again = house.plan(rows)
    assert dict(again.reasons) == {Reason.ALREADY_SENT: 4}


def test_who_fell_back_was_sent_the_sms(house: House):
    rows = house.rows(2)
    run = house.plan(rows, try_unknown=True).send(quiet(reachable=0))
    assert run.account.fell_back == 2
    assert dict(house.plan(rows).reasons) == {Reason.ALREADY_SENT: 2}


def test_whom_neither_reached_may_be_planned_again(house: House):
    rows = house.rows(2)
    house.plan(rows, fallback=None, try_unknown=True).send(quiet(reachable=0))
    assert house.plan(rows).account.to_send == 2


def test_a_cap_counts_a_person_who_fell_back_once(house: House):
    rows = house.rows(1)
    house.plan(rows, try_unknown=True, cap=sk.FrequencyCap(2)).send(quiet(reachable=0))
    other = sk.Campaign("noel", "Bonjour $prenom", to=house.shop.contacts(*rows), sender="MABOUTIQUE",
                        kind=sk.Kind.MARKETING, cap=sk.FrequencyCap(2))  # fmt: skip
    at = AT + timedelta(days=1)
    assert other.plan(at=at, prices=PRICES, store=house.store).account.to_send == 1
    capped = evolve(other, cap=sk.FrequencyCap(1)).plan(at=at, prices=PRICES, store=house.store)
    assert dict(capped.reasons) == {Reason.FREQUENCY_CAP: 1}


SAID_NO = [
    # what                              event
    ("STOP as a text",                  lambda number: Event("k", EventType.REPLY, AT, number, text="Stop")),
    ("the platform's own word",         lambda number: Event("k", EventType.OPT_OUT, AT, number)),
]  # fmt: skip


@pytest.mark.parametrize("said", [case[1] for case in SAID_NO], ids=[case[0] for case in SAID_NO])
def test_who_says_no_over_rcs_gets_no_sms(house: House, said):
    rows = house.rows(2)
    house.knows(*house.numbers)
    plan = house.plan(rows, fallback=Fallback("Bonjour $prenom", after=timedelta(hours=4)))
    sandbox = quiet(offline=1)
    run = plan.load(sandbox)
    sk.receive(house.store, [said(house.numbers[0])])
    run.resume(wait=True)
    assert [message.number for message in sandbox.outbox] == [house.numbers[1]]
    assert [message.number for message in sandbox.rcs.outbox] == [house.numbers[1]]
    after = house.plan(house.rows(1) + rows, at=AT + timedelta(days=8))
    assert after.reasons[Reason.OPTED_OUT] + after.reasons[Reason.ALREADY_SENT] == 2


def test_an_opposition_while_the_message_is_under_way_stops_the_sms(house: House):
    rows = house.rows(2)
    house.knows(*house.numbers)
    plan, sandbox = house.plan(rows, fallback=Fallback("Bonjour", after=timedelta(hours=4))), quiet(offline=1)
    run = plan.load(sandbox)

    def objects(_: object) -> None:
        sk.receive(house.store, [Event("k", EventType.REPLY, sandbox.clock.now(), house.numbers[0], text="STOP")])

    run.resume(wait=True, on_progress=objects)
    assert len(sandbox.rcs.outbox) == 2
    assert [message.number for message in sandbox.outbox] == [house.numbers[1]]
    assert run.fallback.differences == {Reason.OPTED_OUT: 1}


# ---------------------------------------------------------------- links


LINKED = RichMessage(
    RichCard(
        title="Bonjour", description="Voir $site", suggestions=[OpenUrl("Voir", "$site"), OpenUrl("Plan", "$plan")]
    )
)
LINKS = {"site": "https://boutique.example/soldes", "plan": "https://boutique.example/plan"}


def linked(house: House, rows, **arguments):
    fallback = Fallback(sk.Message("Bonjour $site", links={"site": LINKS["site"]}))
    return house.plan(rows, LINKED, fallback, links=LINKS, short_links="go.boutique.fr", **arguments)


def test_both_messages_to_one_person_have_links_of_their_own(house: House):
    rows = house.rows(20)
    house.knows(*house.numbers)
    run = linked(house, rows).load(quiet())
    rich, sms = list(run.sends()), list(run.fallback.sends())
    tokens: set[str] = set()
    for send in (*rich, *sms):
        urls = {
            part.split('"')[0].split(" ")[0].split("\\")[0] for part in send.text.split("https://go.boutique.fr/")[1:]
        }
        assert len(urls) == (2 if send in rich else 1)
        tokens |= urls
        assert send.token in urls
    assert len(tokens) == 60
    targets = {token: house.store.link(token) for token in tokens}
    assert {link.run_id for link in targets.values()} == {run.id, run.fallback.id}
    for send in rich:
        found = sorted(
            link.target.split("?")[0] for link in targets.values() if (link.run_id, link.seq) == (run.id, send.seq)
        )
        assert found == [LINKS["plan"], LINKS["site"]]


def test_a_click_lands_on_the_message_that_was_opened(house: House):
    rows = house.rows(1)
    house.knows(*house.numbers)
    run = linked(house, rows).load(quiet())
    (rich,), (sms,) = run.sends(), run.fallback.sends()
    assert sk.follow(house.store, sms.token, at=AT + timedelta(hours=1))
    assert [event.reference for event in house.store.events(run.fallback.id)] == [sms.reference]
    assert list(house.store.events(run.id)) == []
    assert sk.follow(house.store, rich.token, at=AT + timedelta(hours=2))
    assert [event.reference for event in house.store.events(run.id)] == [rich.reference]


def test_a_card_is_valid_with_its_links(house: House):
    from smskit.rcs import check

    rows = house.rows(3)
    house.knows(*house.numbers)
    for send in linked(house, rows).load(quiet()).sends():
        assert not check(json.loads(send.text))


# ---------------------------------------------------------------- the same again


def test_the_same_inputs_give_the_same_digest(house: House):
    rows = house.rows(20)
    house.knows(*house.numbers[:10])
    plan = house.plan(rows)
    assert house.plan(rows).digest == plan.digest
    assert plan.fallback_id == f"{plan.digest[:16]}s"


OTHER = [
    # what is other                       what changes
    ("one telephone",                     lambda house: house.knows(house.numbers[10])),
    ("one telephone lost RCS",            lambda house: house.knows(house.numbers[0], reachable=False)),
    ("a word that says the same",         None),
]  # fmt: skip


@pytest.mark.parametrize("change", [case[1] for case in OTHER], ids=[case[0] for case in OTHER])
def test_other_telephones_give_another_digest(house: House, change):
    rows = house.rows(20)
    house.knows(*house.numbers[:10])
    digest = house.plan(rows).digest
    (change or (lambda house: house.knows(house.numbers[0])))(house)
    assert (house.plan(rows).digest == digest) is (change is None)


OTHER_CAMPAIGNS = [
    # what is other                 arguments
    ("the card",                    {"content": RichCard(title="Bonjour")}),
    ("the SMS",                     {"fallback": "Bonsoir $prenom"}),
    ("when it falls back",          {"fallback": Fallback("Bonjour $prenom, -15 %", after=timedelta(hours=1))}),
    ("in which cases",              {"fallback": Fallback("Bonjour $prenom, -15 %", on=[FallbackCondition.EXPIRED])}),
    ("no SMS",                      {"fallback": None}),
]  # fmt: skip


@pytest.mark.parametrize("arguments", [case[1] for case in OTHER_CAMPAIGNS], ids=[case[0] for case in OTHER_CAMPAIGNS])
def test_another_campaign_gives_another_digest(house: House, arguments):
    rows = house.rows(5)
    house.knows(*house.numbers)
    assert house.plan(rows).digest != house.plan(rows, **arguments).digest


def test_telephones_that_change_after_the_plan_change_nothing(house: House):
    """What was planned is sent; the carrier's refusal decides for who has no RCS any more."""
    rows = house.rows(4)
    house.knows(*house.numbers[:2])
    plan = house.plan(rows)
    house.knows(*house.numbers[:2], reachable=False, age=timedelta(seconds=-1))
    sandbox = quiet()
    plan.send(sandbox)
    assert (len(sandbox.rcs.outbox), len(sandbox.outbox)) == (2, 2)


# ---------------------------------------------------------------- what is written down


def test_exports_hold_every_row_once(house: House):
    rows = [*house.rows(3), house.shop.row(mobile="06 12 34")]
    house.knows(house.numbers[1])
    file = io.StringIO()
    plan = house.plan(rows)
    plan.to_csv(file)
    told = list(csv.DictReader(io.StringIO(file.getvalue())))
    assert [line["row"] for line in told] == ["2", "3", "4", "5"]
    assert [line["price"] for line in told] == ["0.045000", "0.080000", "0.045000", ""]
    assert [line["text"][:1] for line in told] == ["B", "{", "B", ""]
    assert str(house.numbers[0]) not in file.getvalue()


def test_the_archive_tells_both_branches(house: House):
    rows = house.rows(3)
    house.knows(house.numbers[1])
    told = json.loads(
        json.dumps(house.plan(rows, fallback=Fallback("Bonjour $prenom", after=timedelta(hours=4))).to_dict())
    )
    assert told["rich_messages"] == {"single": 1}
    assert told["messages"] == {"": "Bonjour $prenom"}
    assert told["contents"][""]["contentMessage"]["richCard"]
    assert told["rich_prices"] == {"basic": 50_000, "single": 80_000}


def test_what_a_person_looks_at_masks_numbers(house: House):
    rows = house.rows(3)
    house.knows(house.numbers[1])
    plan = house.plan(rows)
    run = plan.send(quiet())
    for shown in (str(plan), repr(plan), plan._repr_html_(), str(run), run._repr_html_()):
        assert not any(str(number) in shown for number in house.numbers)
    assert "RCS: messages 1" in str(plan)
    assert "SMS: at once 2" in str(plan)
    assert "standing by 1" in str(run)


def test_planning_uses_no_network(house: House, monkeypatch):
    rows = house.rows(5)
    house.knows(*house.numbers[:2])
    monkeypatch.setattr(socket, "socket", lambda *_, **__: pytest.fail("a plan opened a socket"))
    sandbox = quiet()

    def asked(numbers, /):
        pytest.fail("a plan asked the carrier")

    monkeypatch.setattr(type(sandbox.rcs), "capabilities", asked)
    campaign = house.campaign(rows)
    plan = campaign.plan(at=AT, prices=PRICES, rich_prices=RICH_PRICES, store=house.store, transport=sandbox)
    assert of(plan) == (2, 3)
    assert list(plan.messages())
    plan.to_csv(io.StringIO())


# ---------------------------------------------------------------- mistakes


MISTAKES = [
    # what                                              arguments                                                        error
    ("two messages",                                    {"message": "Bonjour"},                                          "a message= .SMS. or content="),
    ("a link that is in no text",                       {"links": {"lien": "https://a.example"}},                        "in no text"),
    ("an arm of the other channel",                     {"variants": {"B": sk.Message("Bonjour")}},                      "arm B is an SMS"),
    ("a life time in the message",                      {"content": RichMessage("Bonjour", ttl=timedelta(hours=1))},     "life time"),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "error"), [case[1:] for case in MISTAKES], ids=[case[0] for case in MISTAKES])
def test_a_campaign_that_makes_no_sense_is_refused(house: House, arguments, error):
    usual = {"content": CARD, "to": house.shop.contacts(*house.rows(1)), "sender": "X", "kind": sk.Kind.MARKETING}
    with pytest.raises(InvalidInput, match=error):
        sk.Campaign("soldes", **{**usual, **arguments})


FALLBACKS = [
    # what                                  make                                                                        error
    ("a condition that is none",            lambda: Fallback("a", on=["never"]),                                        "conditions"),
    ("a time below a second",               lambda: Fallback("a", after=timedelta(milliseconds=999)),                   "a second or more"),
    ("a time without its condition",        lambda: Fallback("a", on=["unavailable"], after=timedelta(hours=1)),        "EXPIRED"),
]  # fmt: skip


@pytest.mark.parametrize(("make", "error"), [case[1:] for case in FALLBACKS], ids=[case[0] for case in FALLBACKS])
def test_a_fallback_that_makes_no_sense_is_refused(make, error):
    with pytest.raises(InvalidInput, match=error):
        make()


def test_an_sms_that_would_always_be_too_late_is_refused_or_warned_of(house: House):
    """A message is worth sending for its validity, over whichever channel."""
    rows, two = house.rows(1), timedelta(hours=2)
    with pytest.raises(InvalidInput, match="the SMS is too late"):
        house.campaign(rows, fallback=Fallback("Bonjour", after=two), validity=two)
    house.campaign(rows, fallback=Fallback("Bonjour", after=two - timedelta(seconds=1)), validity=two)
    warned = house.plan(rows, fallback="Bonjour", validity=two).warnings
    assert any("is given up when its SMS is too late" in told for told in warned)


def test_a_script_that_died_between_the_two_and_is_started_again_sends_one_sms(house: House):
    """Planned anew, the person has no RCS by now; resumed, the first run knows that somebody else sent it."""
    rows = house.rows(3)
    plan = house.plan(rows, try_unknown=True)
    run = plan.load(quiet(reachable=0))
    for send in house.store.lease(run.id, limit=9, now=AT):
        failed = Settlement(send.seq, SendState.REJECTED, failure=FailureClass.CHANNEL_UNAVAILABLE, at=AT)
        house.store.settle(run.id, [failed])
    assert house.store.fall_back(run.id, [0], now=AT) == 1
    house.knows(*house.numbers, reachable=False)
    sandbox = quiet(reachable=0)
    again = house.plan(rows, try_unknown=True)
    assert of(again) == (0, 3)
    again.send(sandbox)
    assert len(sandbox.outbox) == 3
    run.resume()
    assert run.fallback.differences == {Reason.ALREADY_SENT: 3}
    assert run.account.closes
    assert run.fallback.account.closes


def test_what_fell_back_is_no_dead_letter(house: House):
    """If the SMS failed, that one is."""
    rows = house.rows(4)
    run = house.plan(rows, try_unknown=True).send(quiet(reachable=0))
    assert list(run.dead_letters()) == list(run.fallback.dead_letters()) == []
    both = House(house.shop)
    in_vain = both.plan(both.rows(4), try_unknown=True).send(
        sk.Sandbox(delivered=0, rcs=evolve(RcsBehaviour.quiet(), reachable=0))
    )
    assert list(in_vain.dead_letters()) == []
    assert [letter.seq for letter in in_vain.fallback.dead_letters()] == [0, 1, 2, 3]
    alone = House(house.shop)
    left = alone.plan(alone.rows(2), fallback=None, try_unknown=True).send(quiet(reachable=0))
    assert len(list(left.dead_letters())) == 2


def test_transports_are_of_the_right_channel(house: House):
    rows = house.rows(2)
    house.knows(house.numbers[0])
    plan, sandbox = house.plan(rows), quiet()
    with pytest.raises(InvalidInput, match="give the transport that sends them"):
        plan.send(sandbox.rcs)
    with pytest.raises(InvalidInput, match="sends over RCS"):
        plan.send(sandbox.rcs, fallback=sandbox.rcs)
    alone = house.plan(rows, fallback=None)
    with pytest.raises(InvalidInput, match="no fallback"):
        alone.send(sandbox.rcs, fallback=sandbox)
    assert house.store.runs() == ()
    assert alone.send(sandbox.rcs).account.accepted == 1


def test_the_sms_keep_the_stop_mention_that_was_planned(house: House):
    rows = house.rows(2)
    plan = house.plan(rows)
    sandbox = quiet()
    other = sk.Sandbox(features=evolve(sandbox.features, stop={"*": sk.protocols.StopForm("STOP 36111")}))
    with pytest.raises(PlanChanged, match="STOP mention"):
        plan.send(sandbox.rcs, fallback=other)


def test_contacts_that_changed_leave_neither_run_behind(house: House, tmp_path):
    path = tmp_path / "clients.csv"
    numbers = [int(house.shop.number()[1:]) for _ in range(3)]
    lines = [f"Marie;+{number};12/03/2025;caisse" for number in numbers]
    head = "prenom;mobile;date_optin;origine"
    path.write_text("\n".join([head, *lines]), encoding="utf-8")
    contacts = sk.Contacts.read(path, consent=sk.ConsentColumns(granted_at="date_optin", source="origine"))
    house.knows(*numbers[:2])
    plan = house.plan([], to=contacts)
    path.write_text("\n".join([head, *lines[::-1]]), encoding="utf-8")
    with pytest.raises(PlanChanged):
        plan.send(quiet())
    assert house.store.runs() == ()
    path.write_text("\n".join([head, *lines]), encoding="utf-8")
    assert plan.send(quiet()).state is RunState.READY


REACH_AGES = [
    # what                                                  days until the plan's time   answer's age in days   asked again
    ("an answer that will be too old by then is asked for",  20,                          15,                    True),
    ("one that is young enough then is not",                 10,                          15,                    False),
    ("further ahead than any answer lasts, today counts",    60,                          15,                    False),
    ("and there too an old one is asked for",                60,                          31,                    True),
]  # fmt: skip


@pytest.mark.parametrize(("ahead", "age", "asked"), [row[1:] for row in REACH_AGES], ids=[row[0] for row in REACH_AGES])
def test_reach_is_asked_for_as_the_plan_will_believe_it(ahead: int, age: int, asked: bool) -> None:
    today = datetime(2026, 6, 1, 10, tzinfo=timezone.utc)
    sandbox, store, clock = sk.Sandbox.quiet(starts_at=today), sk.MemoryStore(), sk.VirtualClock(today)
    store.record_capabilities(
        sandbox.rcs.agent, [Capability(33_612_345_678, is_reachable=True, at=today - timedelta(days=age))]
    )
    campaign = sk.Campaign(
        "colis", content=RichCard(title="Votre colis"), fallback="Votre colis", sender="BOUTIQUE", kind="notification",
        to=sk.Contacts.read([{"mobile": "0612345678"}]),
    )  # fmt: skip
    plan = campaign.plan(
        at=today + timedelta(days=ahead), prices=sk.Prices.per_part("0.05"),
        rich_prices=RichPrices.of(basic="0.05", single="0.08"), store=store, transport=sandbox, clock=clock,
    )  # fmt: skip
    assert plan.check_reach(sandbox, clock=clock).asked == asked
