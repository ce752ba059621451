"""Reports out of a store: a campaign that was sent, looked at from every side."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from inspect import signature
from pathlib import Path
from typing import Any

import pytest
from attrs import fields

import smskit as sk
from smskit.delivery.reporting import report
from smskit.errors import InvalidInput
from smskit.kinds import Channel, EventType, Kind, RunState
from smskit.metrics import Asked, ExperimentPlan, Metric, Order, Rate, RateBasis, Report, build_report
from smskit.metrics import Outcome as ArmOutcome
from smskit.protocols import Store
from smskit.rcs import OpenUrl, RichCard, RichPrices
from smskit.records import Event, RunRecord
from smskit.stores import MemoryStore

NOON = datetime(2026, 6, 24, 10, tzinfo=timezone.utc)
PEOPLE = [
    {"prenom": f"Anne{place}", "mobile": f"06123456{place:02}", "ville": "Lyon" if place % 2 else "Nice"}
    for place in range(40)
]


@pytest.fixture(scope="module")
def contacts() -> sk.Contacts:
    return sk.Contacts.read(PEOPLE)


@pytest.fixture(scope="module")
def store(contacts: sk.Contacts) -> Iterator[MemoryStore]:
    """Send a campaign in two runs, and another one after it, to everybody."""
    with MemoryStore() as made:
        prices = sk.Prices.per_part("0.045")
        for name, at, limit in (
            ("soldes", NOON, 10),
            ("soldes", NOON, None),
            ("rentree", NOON + timedelta(days=7), None),
        ):
            sandbox = sk.Sandbox(starts_at=at)
            campaign = sk.Campaign(name, "Bonjour $prenom", to=contacts, sender="BOUTIQUE", kind=Kind.NOTIFICATION)
            plan = campaign.plan(at=at, prices=prices, store=made, transport=sandbox, clock=sandbox.clock)
            (plan if limit is None else plan.pilot(limit)).send(sandbox)
        yield made


def test_a_campaign_of_several_runs_is_counted_whole(store: MemoryStore) -> None:
    made = report(store, "soldes")
    assert [run.campaign for run in made.runs] == ["soldes", "soldes"]
    assert (made.counts.planned, made.people) == (40, made.counts.sent)
    assert sorted(one.counts.planned for one in made.by("run").values()) == [10, 30]
    assert made.counts.planned == sum(store.account(run.run_id).planned for run in store.runs("soldes"))
    assert made.zone == "Europe/Paris"
    assert not any("make the report again" in note for note in made.notes)


NARROWED = [
    # what                          narrowed by                                                    planned
    ("every campaign", {}, 80),
    ("two by name", {"campaign": ["soldes", "rentree"]}, 80),
    ("a period", {"since": NOON + timedelta(days=3)}, 40),
    ("a period that has ended", {"until": NOON + timedelta(days=3)}, 40),
    ("a channel", {"channel": Channel.SMS}, 80),
    ("a sender", {"sender": "BOUTIQUE"}, 80),
    ("a kind", {"kind": Kind.NOTIFICATION}, 80),
    ("some numbers", {"segment": [33612345600, 33612345601]}, 4),
]  # fmt: skip


@pytest.mark.parametrize(("asked", "planned"), [row[1:] for row in NARROWED], ids=[row[0] for row in NARROWED])
def test_a_report_is_about_what_is_asked(store: MemoryStore, asked: dict[str, object], planned: int) -> None:
    assert report(store, **asked).counts.planned == planned  # type: ignore[arg-type]


def test_a_segment_of_contacts(store: MemoryStore, contacts: sk.Contacts) -> None:
    lyon, nice = (contacts.where(sk.F.ville == town) for town in ("Lyon", "Nice"))
    assert report(store, "soldes", segment=lyon).counts.planned == 20
    assert report(store, "soldes", segment=contacts).counts.planned == 40
    cut = report(store, "soldes", segments={"lyon": lyon, "all": contacts}).by("segment")
    assert {name: one.counts.planned for name, one in cut.items()} == {"lyon": 20, "all": 20}
    assert report(store, "soldes", segments={33612345600: "one"}).by("segment")["one"].counts.planned == 1
    assert report(store, "soldes", segments=lambda number: None).counts.planned == 0
    assert report(store, segment=nice).counts.planned == 40


def test_an_order_is_the_last_campaign_s(store: MemoryStore, tmp_path: Path) -> None:
    orders = tmp_path / "commandes.csv"
    orders.write_text(
        "date;montant;mobile\n01/07/2026 13:00;22,00;0612345600\n24/06/2026 13:00;9;0612345601\n", "utf-8"
    )
    made = report(store, orders=orders)
    assert {name: one.counts.orders for name, one in made.by("campaign").items()} == {"soldes": 1, "rentree": 1}
    assert made.counts.revenue_micros == 31_000_000


def test_nothing_to_report_on(store: MemoryStore) -> None:
    for asked in ({"campaign": "hiver"}, {"channel": Channel.RCS}, {"until": NOON}):
        with pytest.raises(InvalidInput, match="there is no run to report on"):
            report(store, **asked)  # type: ignore[arg-type]
    with MemoryStore() as empty:
        empty.create_run(RunRecord("r", "c", "d", Kind.OTP, "S", NOON, NOON, RunState.LOADING, "EUR", "{}"))
        with pytest.raises(InvalidInput, match="there is no run"):
            report(empty)


def test_a_store_that_cannot_be_skimmed_gives_the_same(store: MemoryStore) -> None:
    class Plain:
        """Another's store, which has what every store has."""

        def runs(self, campaign: str | None = None) -> tuple[RunRecord, ...]:
            return store.runs(campaign)

        sends, events, account = store.sends, store.events, store.account

    plain: Store = Plain()  # type: ignore[assignment]
    orders = [Order(NOON + timedelta(hours=1), "9", 33612345600)]
    one, other = (report(place, orders=orders) for place in (store, plain))
    assert isinstance(one, Report)
    assert one.counts == other.counts
    assert one.to_dict() == other.to_dict()


def test_a_run_reports_in_the_zone_and_currency_of_its_campaign(store: MemoryStore) -> None:
    made = report(store, "soldes", zone="America/New_York")
    assert made.at.utcoffset() == timedelta(hours=-4)
    assert set(made.by("hour")) == {"06"}


@pytest.fixture(scope="module")
def experiment() -> sk.Run:
    contacts = sk.Contacts.read([{"mobile": f"+336{12_000_000 + place}"} for place in range(2_000)])
    lines = {name: sk.Message(f"{name} : $lien", links={"lien": "https://boutique.example"}) for name in "AB"}
    campaign = sk.Campaign(
        "essai", lines["A"], variants={"B": lines["B"]}, weights={"A": 1, "B": 3}, to=contacts, sender="BOUTIQUE",
        kind=Kind.NOTIFICATION, short_links="go.boutique.example",
    )  # fmt: skip
    return campaign.plan(at=NOON, prices=sk.Prices.per_part("0.045")).send(sk.Sandbox())


OUTCOMES = [
    # what                                                asked                                                       outcome
    ("without a plan an experiment is judged as it is",   {},                                                         ArmOutcome.NOT_SHOWN),
    ("it is too early until the planned size",            {"experiment": ExperimentPlan.of(0.08, absolute=0.02)},   ArmOutcome.TOO_EARLY),
    ("it never is for who asked to look at any time",     {"sequential": True},                                       ArmOutcome.NOT_SHOWN),
    ("and then the plan says which effect is looked for", {"experiment": ExperimentPlan.of(0.08, absolute=0.02), "sequential": True}, ArmOutcome.NOT_SHOWN),
]  # fmt: skip


@pytest.mark.parametrize(("asked", "outcome"), [row[1:] for row in OUTCOMES], ids=[row[0] for row in OUTCOMES])
def test_a_report_knows_what_was_planned(experiment: sk.Run, asked: dict[str, Any], outcome: ArmOutcome) -> None:
    by_hand = build_report(experiment.record, experiment.sends(), experiment.store.events(experiment.id), **asked)
    for made in (experiment.report(**asked), report(experiment.store, "essai", **asked), by_hand):
        (compared,) = made.compare()
        assert compared.outcome is outcome
        assert not made.notes


@pytest.mark.parametrize("function", [report, build_report])
def test_what_may_be_asked_of_a_report_has_one_name_everywhere(function: Callable[..., Report]) -> None:
    asked = {one.name for one in fields(Asked)} - {"scope"}  # over a store its parts are asked for one by one
    assert asked <= set(signature(function).parameters)


def test_arms_that_chance_did_not_make_are_told(experiment: sk.Run) -> None:
    """The weights of the draw are 1 and 3; a ledger that lost the sends of an arm shows it."""
    lost = (send for send in experiment.sends() if send.arm == "B" or send.seq % 2)
    made = build_report(experiment.record, lost, experiment.store.events(experiment.id))
    assert any("something other than chance" in note for note in made.notes)


def test_who_hears_nobody_knows_nothing_of_replies() -> None:
    sandbox, store = sk.Sandbox.quiet(), sk.MemoryStore()
    contacts = sk.Contacts.read([{"mobile": f"06123456{place:02}"} for place in range(30)])
    campaign = sk.Campaign("colis", "Votre colis", to=contacts, sender="BOUTIQUE", kind="notification")
    run = campaign.plan(at="2026-06-24 12:00", prices=sk.Prices.per_part("0.05"), store=store).send(sandbox)
    deaf = report(store, "colis", hears=False)
    assert (deaf.reply_rate(), deaf.opt_out_rate()) == (None, None)
    assert all(one.rate(Metric.OPT_OUT_RATE) is None for one in deaf.by("hour").values())
    assert any("hands on no answers" in note for note in deaf.notes)
    heard = run.report()
    assert (str(heard.reply_rate()), heard.notes) == (str(Rate(0, 30, RateBasis.DELIVERED)), ())
    store.record_events([Event("a", EventType.REPLY, run.record.at + timedelta(hours=1), 33_612_345_600, text="Merci")])
    told = report(store, "colis", hears=False).reply_rate()
    assert told is not None
    assert told.numerator == 1


def test_clicks_are_a_share_of_the_messages_that_had_a_link() -> None:
    """The card has one, the SMS behind it has none: who got the SMS could not click."""
    sandbox, store = sk.Sandbox(5, clicked=0.5), sk.MemoryStore()
    contacts = sk.Contacts.read([{"mobile": f"+336{12_000_000 + place}"} for place in range(300)])
    card = RichCard(title="Votre colis", suggestions=[OpenUrl("Voir", "$lien")])
    campaign = sk.Campaign(
        "colis", content=card, links={"lien": "https://boutique.example"}, fallback="Votre colis", to=contacts,
        sender="BOUTIQUE", kind="notification", short_links="go.boutique.example", try_unknown=True,
    )  # fmt: skip
    prices = {"prices": sk.Prices.per_part("0.05"), "rich_prices": RichPrices.of(basic="0.05", single="0.08")}
    made = campaign.plan(at=NOON, **prices, store=store).send(sandbox).report()
    rcs, sms = (made.by("channel")[name] for name in ("rcs", "sms"))
    assert sms.counts.sent
    assert sms.rate(Metric.CLICK_RATE) is None
    for basis in (RateBasis.SENT, RateBasis.DELIVERED, RateBasis.OPENED):
        whole, of_cards = made.click_rate(basis), rcs.counts.click_rate(basis)
        assert whole is not None
        assert whole == of_cards
        assert whole.numerator
