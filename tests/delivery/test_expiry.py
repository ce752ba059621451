"""Validity: the carrier is told to try no longer, and what waited longer than that is not sent."""

import json
from datetime import timedelta

import pytest
from tests.delivery.conftest import NOON, STOP, Bench, Carrier

import smskit as sk
from smskit.compliance import CampaignFacts, Profile
from smskit.delivery.charter import Charter
from smskit.delivery.guard import Limits
from smskit.errors import InvalidInput, TransportError, UnsupportedFeature
from smskit.kinds import FailureClass, Kind, SendState
from smskit.protocols import StopForm
from smskit.records import Accepted, Postponed

HOUR = Limits(validity_s=3600)
TAKES = (60, 172_800)
AWAY = FailureClass.UNREACHABLE


def test_the_carrier_is_told_for_how_long_it_may_still_try(bench: Bench):
    bench.load(20, limits=HOUR)
    carrier = Carrier(validity_s=TAKES, largest_batch=10, parts_per_second=1.0)
    bench.run(carrier).resume()
    left = [message.validity_s for message in carrier.received]
    assert left == list(range(3600, 3580, -1))


def test_without_a_validity_the_carrier_is_told_nothing(bench: Bench):
    bench.load(1)
    carrier = Carrier(validity_s=TAKES)
    bench.run(carrier).resume()
    assert [message.validity_s for message in carrier.received] == [None]


def test_what_is_left_is_never_less_than_the_carrier_can_be_told(bench: Bench):
    bench.load(1, limits=Limits(validity_s=100))
    carrier = Carrier(validity_s=TAKES)
    carrier.clock.advance(99)
    bench.run(carrier).resume()
    assert [message.validity_s for message in carrier.received] == [60]


CANNOT = [
    # what                       features           validity
    ("it takes none",            None,              3600),
    ("longer than it takes",     (60, 3_599),       3600),
    ("shorter than it takes",    (3_601, 7_200),    3600),
]  # fmt: skip


@pytest.mark.parametrize(("takes", "asked"), [case[1:] for case in CANNOT], ids=[case[0] for case in CANNOT])
def test_a_carrier_that_cannot_be_told_gets_nothing(bench: Bench, takes, asked):
    bench.load(3, limits=Limits(validity_s=asked))
    carrier = Carrier(validity_s=takes)
    with pytest.raises(UnsupportedFeature, match="carrier does not support a validity"):
        bench.run(carrier).resume()
    assert (carrier.received, bench.states()) == ([], {SendState.PLANNED: 3})
    people = sk.Contacts.read([{"mobile": "0612345678"}])
    campaign = sk.Campaign("avis", "Votre colis", to=people, sender="BOUTIQUE", kind="notification",
                           validity=timedelta(seconds=asked))  # fmt: skip
    prices = sk.Prices.per_part(FR="0.045")
    with pytest.raises(UnsupportedFeature):
        campaign.plan(at=NOON, prices=prices, transport=carrier)
    with pytest.raises(UnsupportedFeature):
        campaign.plan(at=NOON, prices=prices).send(carrier)
    with pytest.raises(UnsupportedFeature):
        sk.send("0612345678", "Votre code", kind="otp", transport=carrier, validity=timedelta(seconds=asked))
    assert carrier.received == []


@pytest.mark.parametrize("wrong", [3600, "1h", timedelta(), timedelta(seconds=-5)])
def test_a_validity_that_is_no_time(wrong):
    with pytest.raises(InvalidInput, match="timedelta"):
        sk.send("0612345678", "Votre code", kind="otp", validity=wrong)
    with pytest.raises(InvalidInput, match="timedelta"):
        sk.Campaign("c", "x", to=sk.Contacts.read([{"mobile": "0612345678"}]), sender="B", kind="otp", validity=wrong)


def test_a_campaign_takes_its_validity_along(bench: Bench):
    people = sk.Contacts.read([{"mobile": "0612345678"}])
    campaign = sk.Campaign("avis", "Votre colis", to=people, sender="BOUTIQUE", kind="notification",
                           validity=timedelta(hours=2))  # fmt: skip
    plan = campaign.plan(at=NOON, prices=sk.Prices.per_part(FR="0.045"), store=bench.store)
    carrier = Carrier(validity_s=TAKES)
    run_id = plan.load(carrier).id
    sk.Run(bench.store, run_id, carrier).resume()
    assert [message.validity_s for message in carrier.received] == [7200]
    without = sk.Campaign("avis", "Votre colis", to=people, sender="BOUTIQUE", kind="notification")
    assert without.plan(at=NOON, prices=sk.Prices.per_part(FR="0.045")).digest != plan.digest


# ---------------------------------------------------------------- what waited too long

WAITED = [
    # what                                                  not before   the clock stands   state
    ("sent at its time",                                    0,           0,                 SendState.ACCEPTED),
    ("the last second",                                     0,           3600,              SendState.ACCEPTED),
    ("a second too late",                                   0,           3601,              SendState.CANCELLED),
    ("deferred, it counts from when it was due",            7200,        7200 + 3600,       SendState.ACCEPTED),
    ("deferred, and too late then",                         7200,        7200 + 3601,       SendState.CANCELLED),
]  # fmt: skip


@pytest.mark.parametrize(("due", "now", "state"), [case[1:] for case in WAITED], ids=[case[0] for case in WAITED])
def test_a_message_that_waited_too_long_is_not_sent(bench: Bench, due, now, state):
    bench.load(1, limits=HOUR, kind=Kind.NOTIFICATION, not_before=int(NOON.timestamp()) + due if due else 0)
    carrier = Carrier(validity_s=TAKES)
    carrier.clock.advance(now)
    run = bench.run(carrier).resume()
    assert bench.states() == {state: 1}
    if state is SendState.CANCELLED:
        assert dict(run.differences) == {sk.Reason.EXPIRED: 1}
        assert carrier.received == []


@pytest.mark.parametrize("elsewhere", [False, True], ids=["in one process", "taken up by another process"])
def test_putting_a_message_off_does_not_make_it_younger(bench: Bench, elsewhere):
    bench.load(1, limits=Limits(validity_s=600), kind=Kind.OTP)
    carrier = Carrier(lambda m, again: Postponed(m.reference, AWAY, 250), validity_s=TAKES)
    if elsewhere:
        for _ in range(6):
            bench.run(carrier).resume()
            carrier.clock.advance(260)
    else:
        bench.run(carrier).resume(wait=True, attempts=50)
    assert len(carrier.received) == 3, "at 0, 4 and 8 minutes and no more"
    assert [send.reason for send in bench.store.sends("run")] == [sk.Reason.EXPIRED]


def test_a_deferred_message_that_is_put_off_counts_from_when_it_was_deferred_to(bench: Bench):
    due = int(NOON.timestamp()) + 7200
    bench.load(1, limits=Limits(validity_s=600), kind=Kind.OTP, not_before=due)
    carrier = Carrier(
        lambda m, again: Accepted(m.reference) if again else Postponed(m.reference, AWAY, 250), validity_s=TAKES
    )
    assert bench.run(carrier).resume(wait=True).account.accepted == 1


def test_a_message_that_hours_put_off_within_its_validity_keeps_its_end(bench: Bench):
    bench.load(1, limits=Limits(validity_s=3600 * 14), not_before=int(NOON.timestamp()) + 3600 * 7)
    carrier = Carrier(validity_s=TAKES)
    carrier.clock.advance(3600 * 10.5)  # half past ten in the evening: closed until the morning
    run = bench.run(carrier).resume(wait=True)
    assert run.account.accepted == 1
    (message,) = carrier.received
    waited_s = (carrier.clock.now() - NOON).total_seconds() - 3600 * 7
    assert waited_s > 3600 * 6
    assert message.validity_s == 3600 * 14 - waited_s == 3600


def test_a_carrier_that_is_down_does_not_make_messages_younger(bench: Bench):
    class Down(Carrier):
        is_down = True

        def submit(self, messages, /):
            if self.is_down:
                raise TransportError("carrier", "no route", retryable=True)
            return (yield from super().submit(messages))

    bench.load(5, limits=Limits(validity_s=600))
    carrier = Down(validity_s=TAKES)
    with pytest.raises(TransportError):
        bench.run(carrier).resume()
    carrier.is_down = False
    carrier.clock.advance(600)
    assert dict(bench.run(carrier).resume().differences) == {sk.Reason.EXPIRED: 5}
    assert carrier.received == []


def test_hours_that_close_before_it_left_do_not_put_it_off_beyond_its_time(bench: Bench):
    bench.load(2, limits=Limits(validity_s=3600 * 9), not_before=int(NOON.timestamp()) + 3600)
    carrier = Carrier(validity_s=TAKES)
    carrier.clock.advance(3600 * 9.5)
    run = bench.run(carrier).resume()
    assert dict(run.differences) == {sk.Reason.EXPIRED: 2}, "at once: nobody waits for the morning to say so"


def test_a_doubt_about_an_expired_message_is_not_told_again(bench: Bench):
    bench.load(1, limits=HOUR)
    bench.store.lease("run", limit=1, now=NOON)
    carrier = Carrier(validity_s=TAKES, idempotent=True)
    carrier.clock.advance(3601)
    assert bench.run(carrier).resume().account.in_doubt == 1
    assert carrier.received == []


# ---------------------------------------------------------------- the charter, and who prints the mention


def test_a_charter_of_an_earlier_version_is_read():
    facts = CampaignFacts(kind=Kind.OTP, sender="B", text="x", at=NOON, stop=STOP)
    charter = Charter(facts, Profile.LAW, Limits(cap=2, validity_s=600), "rules", is_test=True)
    assert Charter.from_json(charter.to_json()) == charter
    told = json.loads(charter.to_json())
    del told["limits"]["validity_s"], told["is_test"]
    assert Charter.from_json(json.dumps(told)) == Charter(facts, Profile.LAW, Limits(cap=2), "rules")


PRINTED = {"*": StopForm("STOP 36111", printed_by_transport=True), "GP": StopForm("STOP au 36180")}
PRINTS = [
    # what                                       kind                territory   asked to print
    ("marketing, where the carrier prints it",   Kind.MARKETING,     "FR",       True),
    ("marketing, where we print it",             Kind.MARKETING,     "GP",       False),
    ("a notice has none",                        Kind.NOTIFICATION,  "FR",       False),
]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "territory", "prints"), [case[1:] for case in PRINTS], ids=[case[0] for case in PRINTS]
)
def test_the_carrier_is_asked_to_print_what_the_plan_counted(kind, territory, prints):
    number = {"FR": "+33612345678", "GP": "+590690123456"}[territory]
    contacts = sk.Contacts.read(
        [{"mobile": number, "agreed": "2026-01-05", "source": "checkout"}],
        consent=sk.ConsentColumns(granted_at="agreed", source="source"),
    )
    carrier = Carrier(stop=PRINTED)
    carrier.clock = sk.VirtualClock(NOON + timedelta(hours=4))
    campaign = sk.Campaign("essai", "Bonjour", to=contacts, sender="BOUTIQUE", kind=kind)
    plan = campaign.plan(at=carrier.clock.now(), prices=sk.Prices.per_part(FR="0.045", GP="0.05"), transport=carrier)
    plan.send(carrier)
    (message,) = carrier.received
    assert message.carrier_stop is prints
    assert message.text == ("Bonjour STOP au 36180" if territory == "GP" and kind is Kind.MARKETING else "Bonjour")


def test_a_test_to_oneself_is_counted_and_sent_without_a_mention():
    carrier = Carrier(lambda m, again: Accepted(m.reference), stop=PRINTED)
    sk.send("+33612345678", "Bonjour", kind="marketing", transport=carrier, is_test=True)
    assert [message.carrier_stop for message in carrier.received] == [False]
