"""When a plan may leave, what it costs, and what it refuses."""

from datetime import datetime, timedelta, timezone
from decimal import Decimal

import pytest

import smskit as sk
from smskit.clock import VirtualClock
from smskit.compliance import Declaration, Profile
from smskit.errors import (
    EmptyAudience,
    InvalidInput,
    MissingPrice,
    NaiveDatetime,
    PlanChanged,
    PlanTooLate,
    UnknownColumn,
)
from smskit.kinds import Reason

HOURS = [
    # what                                              at                    to send  deferred until (Paris)
    ("noon on a Wednesday",                             "2026-06-24 12:00",   True,    None),
    ("the last minute of the edition of 2026",          "2026-06-24 21:29",   True,    None),
    ("its closing minute",                              "2026-06-24 21:30",   False,   "2026-06-25 08:00"),
    ("the same minute under the edition of 2024",       "2026-02-25 21:30",   True,    None),
    ("its own closing minute",                          "2026-02-25 22:00",   False,   "2026-02-26 08:00"),
    ("before eight",                                    "2026-06-24 07:59",   False,   "2026-06-24 08:00"),
    ("a Sunday waits for Monday",                       "2026-06-21 12:00",   False,   "2026-06-22 08:00"),
    ("the national day waits for the next",             "2026-07-14 12:00",   False,   "2026-07-15 08:00"),
    ("Saturday evening waits over the Sunday",          "2026-06-20 22:00",   False,   "2026-06-22 08:00"),
]  # fmt: skip


@pytest.mark.parametrize(("at", "open_", "until"), [case[1:] for case in HOURS], ids=[case[0] for case in HOURS])
def test_hours_of_the_edition_in_force(shop, at, open_, until):
    plan = shop.plan(shop.row(date_optin="12/03/2025"), at=at)
    assert (plan.account.to_send, plan.account.deferred) == ((1, 0) if open_ else (0, 1))
    if until:
        assert f"deferred until (Europe/Paris): FR {until}" in str(plan)


def test_a_territory_that_is_still_asleep_waits_for_its_morning_and_the_mainland_does_not(shop):
    plan = shop.plan(shop.row(), shop.row(mobile="0696123456"), shop.row(mobile="0692123456"))
    assert (plan.account.to_send, plan.account.deferred) == (2, 1)
    sends = {send.territory: send for send in plan.messages()}
    assert sends["MQ"].not_before == datetime(2026, 6, 24, 12, tzinfo=timezone.utc).timestamp()
    assert sends["FR"].not_before == sends["RE"].not_before == plan.inputs.at.timestamp()


def test_good_friday_holds_back_alsace_by_its_postal_code_only(shop):
    plan = shop.plan(shop.row(code_postal="67000"), shop.row(), at="2026-04-03 12:00")
    assert {send.territory: send.not_before > plan.inputs.at.timestamp() for send in plan.messages()} == {
        "FR-AM": True,
        "FR": False,
    }


NEW_YORK, LOS_ANGELES, KENTUCKY = "+12127360123", "+13107360123", "+12707360123"
ABROAD = sk.Prices.per_part(US="0.01", ES="0.05", FR="0.045")
WIDE = [
    # what                                                      at (UTC)            mobile         deferred until (UTC)
    ("ten in New York is open there",                           "2026-06-24 14:00", NEW_YORK,      None),
    ("and seven in California, which waits for nine",           "2026-06-24 14:00", LOS_ANGELES,   "2026-06-24 16:00"),
    ("a minute to ten in New York may be too early in Kentucky", "2026-06-24 13:59", NEW_YORK,      "2026-06-24 14:00"),
    ("an area code in two zones waits for the later one",       "2026-06-24 14:59", KENTUCKY,      "2026-06-24 15:00"),
]  # fmt: skip


@pytest.mark.parametrize(("at", "mobile", "until"), [case[1:] for case in WIDE], ids=[case[0] for case in WIDE])
def test_in_a_wide_country_the_number_tells_its_zone(shop, at, mobile, until):
    plan = shop.plan(
        shop.row(), shop.row(mobile=mobile), at=f"{at}+00:00", prices=ABROAD,
        declarations=[Declaration.SENDER_REGISTERED],
    )  # fmt: skip
    french, american = plan.messages()
    assert french.not_before == plan.inputs.at.timestamp()
    expected = datetime.fromisoformat(f"{until}+00:00") if until else plan.inputs.at
    assert datetime.fromtimestamp(american.not_before, timezone.utc) == expected
    assert (plan.account.to_send, plan.account.deferred) == ((1, 1) if until else (2, 0))


def test_a_plan_names_the_zones_that_wait(shop):
    rows = [shop.row(mobile=mobile) for mobile in (NEW_YORK, LOS_ANGELES)]
    plan = shop.plan(*rows, at="2026-06-24 14:00+00:00", prices=ABROAD, declarations=[Declaration.SENDER_REGISTERED])
    assert list(plan.openings) == ["US America/Los_Angeles"]
    assert "deferred until (Europe/Paris): US America/Los_Angeles 2026-06-24 18:00" in str(plan)


def test_a_spanish_mobile_may_be_in_the_canaries(shop):
    """Half past nine in Madrid is half past eight there: the number does not tell, so it waits for nine."""
    campaign = shop.campaign(shop.contacts(shop.row(mobile="+34612345678"), shop.row()))
    plan = campaign.plan(at="2026-06-24 07:30+00:00", prices=ABROAD, profile=Profile.STRICT)
    spanish, french = plan.messages()
    assert datetime.fromtimestamp(spanish.not_before, timezone.utc) == datetime(2026, 6, 24, 8, tzinfo=timezone.utc)
    assert french.not_before == plan.inputs.at.timestamp()


def test_closed_hours_leave_out_when_nothing_is_to_be_deferred(shop):
    plan = shop.plan(shop.row(), at="2026-06-24 23:00", defer=False)
    assert dict(plan.reasons) == {Reason.QUIET_HOURS: 1}


def test_a_code_leaves_at_any_hour(shop):
    plan = shop.plan(shop.row(date_optin=""), at="2026-06-21 23:00", kind=sk.Kind.OTP, text="Votre code : 4821")
    assert plan.account.to_send == 1


def test_the_price_follows_the_territory_and_the_parts(shop):
    plan = shop.plan(shop.row(), shop.row(mobile="0692123456"), text="x" * 147)
    assert dict(plan.parts_by_country) == {"FR": 2, "RE": 2}
    assert plan.cost.amount == Decimal("0.233")
    assert str(plan.cost) == "0.23 EUR"


def test_a_price_list_without_the_destination_names_it_and_how_many(shop):
    rows = [shop.row(), shop.row(mobile="+32470123456"), shop.row(mobile="+32470123457")]
    with pytest.raises(MissingPrice, match=r"BE \(2 contacts\).*BE='0.07'") as missing:
        shop.plan(*rows, prices=sk.Prices.per_part(FR="0.045"))
    assert missing.value.missing == {"BE": 2}


def test_the_budget_is_never_passed(shop):
    plan = shop.plan(*[shop.row() for _ in range(10)], budget="0.2")
    assert plan.account.to_send == 4
    assert dict(plan.reasons) == {Reason.BUDGET: 6}
    assert plan.cost.amount <= Decimal("0.2")


WRONG = [
    # what                                        arguments                                      error           says
    ("a naive datetime",                          dict(at=datetime(2026, 6, 24, 12)),            NaiveDatetime,  "tzinfo"),
    ("a variable that is no column",              dict(text="Bonjour $prenon"),                  UnknownColumn,  "prenon"),
    ("a kind that does not exist",                dict(kind="promo"),                            InvalidInput,   "MARKETING"),
    ("a campaign for no contacts at all",         dict(to=["+33612345678"]),                     InvalidInput,   "Contacts.read"),
    ("everybody held out",                        dict(holdout=1),                               InvalidInput,   "holdout"),
    ("a variant that takes the name of the first",dict(variants={"A": "x"}),                     InvalidInput,   "arm A"),
    ("weights for arms that do not exist",        dict(variants={"B": "x"}, weights={"C": 1}),   InvalidInput,   "A, B"),
    ("a budget that is no amount",                dict(budget="cher"),                           InvalidInput,   "budget"),
    ("a store that is a path",                    dict(store="boutique.db"),                    InvalidInput,   "smskit.Store"),
    ("a price that is no price list",             dict(prices="0.045"),                         InvalidInput,   "Prices.per_part"),
    ("a cap that is a tuple",                     dict(cap=(1, 7)),                             InvalidInput,   "FrequencyCap"),
    ("a hold-out of people who wait for a code",  dict(kind="otp", holdout=0.1),                InvalidInput,   "in vain"),
    ("a budget as a float",                       dict(budget=0.1),                              InvalidInput,   "quotes"),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "error", "says"), [c[1:] for c in WRONG], ids=[c[0] for c in WRONG])
def test_wrong_arguments_have_a_clear_error(shop, arguments, error, says):
    with pytest.raises(error, match=says):
        shop.plan(shop.row(), **arguments)


def test_a_segment_of_an_unknown_column_names_the_known_ones(shop):
    contacts = shop.contacts(shop.row())
    with pytest.raises(UnknownColumn, match=r"chiffre_affaires.*prenom"):
        contacts.where(sk.F.chiffre_affaires >= 2)


def test_nobody_left_is_said_when_sending_and_not_before(shop):
    plan = shop.plan(shop.row(date_optin=""))
    assert "no_consent 1" in str(plan)
    with pytest.raises(EmptyAudience, match="no_consent 1"):
        plan.send(sk.Sandbox.quiet())


def test_the_same_inputs_give_the_same_digest_and_any_other_gives_another(shop):
    rows = [shop.row(), shop.row(prenom="Léa")]
    digest = shop.plan(*rows).digest
    assert shop.plan(*rows).digest == digest
    others = [
        shop.plan(*rows, at="2026-06-24 12:01"),
        shop.plan(*rows, text="Bonsoir $prenom"),
        shop.plan(*rows, sender="AUTRE"),
        shop.plan(*rows, prices=sk.Prices.per_part(FR="0.046", RE="0.07")),
        shop.plan(rows[0], {**rows[1], "prenom": "Zoé"}),
        shop.plan(rows[1], rows[0]),
        shop.plan(rows[0]),
        shop.plan(*rows, budget="10"),
        shop.plan(*rows, holdout=0.5),
    ]
    digests = [digest, *(plan.digest for plan in others)]
    assert len(set(digests)) == len(digests)


def test_a_plan_refuses_to_start_late_unless_told(shop):
    plan = shop.plan(shop.row())
    late = plan.inputs.at + timedelta(minutes=16)
    with pytest.raises(PlanTooLate, match="0:15:00"):
        plan.send(sk.Sandbox.quiet(), clock=VirtualClock(late))
    patient = shop.plan(shop.row(), late_after=timedelta(hours=1))
    assert patient.send(sk.Sandbox.quiet(), clock=VirtualClock(late)).account.accepted == 1


def test_a_plan_sent_before_its_time_waits_for_it(shop):
    plan = shop.plan(shop.row())
    early = VirtualClock(plan.inputs.at - timedelta(hours=2))
    run = plan.send(sk.Sandbox.quiet(), clock=early)
    assert run.account.remaining == 1
    assert run.resumes_at == plan.inputs.at
    early.advance(2 * 3600)
    assert run.resume().account.accepted == 1


def test_a_file_that_changed_since_the_plan_sends_nothing(shop, tmp_path):
    path, store = tmp_path / "clients.csv", sk.MemoryStore()
    numbers = [shop.number(), shop.number()]

    def write(names):
        lines = [f"{name};{number};12/03/2025;caisse" for name, number in zip(names, numbers, strict=True)]
        path.write_text("\n".join(["prenom;mobile;date_optin;origine", *lines]), encoding="utf-8")

    write(["Marie", "Jean"])
    contacts = sk.Contacts.read(path, consent=sk.ConsentColumns(granted_at="date_optin", source="origine"))
    plan = shop.campaign(contacts).plan(at="2026-06-24 12:00", prices=sk.Prices.per_part(FR="1"), store=store)
    write(["Marie", "Paul"])
    sandbox = sk.Sandbox.quiet()
    with pytest.raises(PlanChanged, match="contacts file"):
        plan.send(sandbox)
    assert sandbox.outbox == ()
    assert store.runs() == ()


def test_a_transport_with_another_mention_than_planned_is_refused(shop):
    plan = shop.plan(shop.row())
    features = sk.Sandbox().features
    from attrs import evolve

    from smskit.protocols import StopForm

    other = sk.Sandbox(features=evolve(features, stop={"*": StopForm("STOP 36111")}))
    with pytest.raises(PlanChanged, match="STOP mention"):
        plan.send(other)


def test_a_plan_sent_without_a_transport_goes_to_a_sandbox(shop):
    run = shop.plan(shop.row()).send()
    assert (run.transport.name, run.account.accepted) == ("sandbox", 1)


def test_a_run_that_was_loaded_and_never_began_does_not_begin_the_next_day(shop):
    store = sk.MemoryStore()
    plan = shop.plan(shop.row(), shop.row(), store=store)
    clock = VirtualClock(plan.inputs.at)
    run = plan.load(sk.Sandbox.quiet(), clock=clock)
    clock.advance(86_400)
    with pytest.raises(PlanTooLate):
        run.resume()
    with pytest.raises(PlanTooLate):
        plan.send(sk.Sandbox.quiet(), clock=clock)
    assert run.account.remaining == 2


def test_a_run_that_began_may_end_the_next_day(shop):
    store = sk.MemoryStore()
    plan = shop.plan(shop.row(), shop.row(), store=store)
    clock = VirtualClock(plan.inputs.at)
    run = plan.load(sk.Sandbox.quiet(), clock=clock)
    assert len(store.lease(run.id, limit=1, now=clock.now())) == 1
    clock.advance(86_400)
    assert run.resume().account.accepted >= 1


def test_a_deferred_message_may_begin_at_its_opening_and_not_a_day_after(shop):
    plan = shop.plan(shop.row(), at="2026-06-24 23:00", store=sk.MemoryStore())
    clock = VirtualClock(plan.inputs.at)
    run = plan.load(sk.Sandbox.quiet(), clock=clock)
    clock.advance(9 * 3600 + 60)
    assert run.resume().account.accepted == 1
