"""A campaign over RBM with SMS behind it: real requests to the fake platform, its signed calls handed back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone

import pytest
from attrs import define

import smskit as sk
from smskit.delivery import Run
from smskit.kinds import DeliveryStatus, FailureClass, SendState
from smskit.planning import Plan
from smskit.rcs import OpenUrl, Reply, RichCard, RichMessage, RichPrices
from smskit.records import ConsentAction, Send
from smskit.testing import FakeRbm
from smskit.testing.rbm import RbmFault
from smskit.transports import Rbm

NOON = datetime(2026, 6, 24, 10, tzinfo=timezone.utc)
PEOPLE = 600
NUMBERS = [33_612_000_000 + place for place in range(PEOPLE)]
CARD = RichMessage(
    RichCard(title="Bonjour $prenom", description="-15 %", suggestions=[OpenUrl("Voir", "$lien")]),
    suggestions=[Reply("Plus tard", postback="later")],
)


@define
class PlatformTime:
    """The platform's clock; whoever sleeps on it lets its calls to the webhook come in."""

    google: FakeRbm
    store: sk.MemoryStore
    rbm: Rbm

    def now(self) -> datetime:
        return self.google.now

    async def sleep(self, seconds: float, /) -> None:
        self.google.advance(seconds)
        self.hear()

    def hear(self) -> int:
        calls = self.google.take_calls()
        return sum(
            sk.receive(self.store, sk.parse_events(self.rbm, call.headers, call.body, call.url, now=self.now()))
            for call in calls
        )


@define
class Stage:
    google: FakeRbm
    store: sk.MemoryStore
    sms: sk.Sandbox
    rbm: Rbm
    clock: PlatformTime

    def plan(
        self, *, after: timedelta | None = timedelta(hours=4), name: str = "soldes", try_unknown: bool = True
    ) -> Plan:
        rows = [{"mobile": f"+{number}", "prenom": "Anaïs", "opt": "2026-01-01"} for number in NUMBERS]
        consent = sk.ConsentColumns(granted_at="opt", source="opt")
        campaign = sk.Campaign(
            name, content=CARD, links={"lien": "https://boutique.example/soldes"},
            fallback=sk.Fallback("Bonjour $prenom, -15%", after=after), to=sk.Contacts.read(rows, region="FR", consent=consent),
            sender="BOUTIQUE", kind=sk.Kind.MARKETING, short_links="go.boutique.example", try_unknown=try_unknown, cap=None,
        )  # fmt: skip
        return campaign.plan(
            at=NOON, prices=sk.Prices.per_part(FR="0.045"), rich_prices=RichPrices.of(basic="0.05", single="0.08"),
            store=self.store, transport=self.rbm, fallback=self.sms, clock=self.clock,
        )  # fmt: skip

    def send(self, plan: Plan, *, wait: bool = False) -> Run:
        return plan.send(self.rbm, fallback=self.sms, clock=self.clock, wait=wait)

    def by_number(self, run: Run) -> dict[int, Send]:
        return {send.number: send for send in run.sends()}


@pytest.fixture
def stage() -> Iterator[Stage]:
    with FakeRbm(starts_at=NOON, delivers=True) as google:
        store, rbm = sk.MemoryStore(), google.transport()
        yield Stage(google, store, sk.Sandbox.quiet(starts_at=NOON), rbm, PlatformTime(google, store, rbm))


def test_reach_is_asked_in_one_call_and_the_plan_divides_by_it(stage: Stage) -> None:
    stage.google.set_handset(*NUMBERS[:200], has_rcs=False)
    plan = stage.plan(try_unknown=False)
    assert plan.channels is not None
    assert plan.channels.over_rcs == 0
    check = plan.check_reach(stage.rbm, clock=stage.clock)
    assert (check.asked, check.reachable) == (PEOPLE, 400)
    share, interval = check.estimate or (0.0, None)
    assert interval is not None
    assert 400 / 600 in interval
    assert abs(share - 400 / 600) < 0.05
    again = stage.plan(try_unknown=False)
    assert again.channels is not None
    assert (again.channels.over_rcs, again.channels.by_sms) == (400, 200)
    assert again.check_reach(stage.rbm, clock=stage.clock).asked == 0
    run = stage.send(again)
    assert len(stage.google.sent) == 400
    assert stage.sms.taken == 200
    assert run.account.fell_back == 0


def test_who_has_no_rcs_gets_the_sms_at_once_and_is_remembered(stage: Stage) -> None:
    stage.google.set_handset(*NUMBERS[:50], has_rcs=False)
    run = stage.send(stage.plan())
    assert run.account.rejected == run.account.fell_back == 50
    assert {message.number for message in stage.sms.outbox} == set(NUMBERS[:50])
    assert not any(one.is_reachable for one in stage.store.capabilities(stage.rbm.agent, NUMBERS[:50]).values())
    assert run.account.closes
    assert run.fallback is not None
    assert run.fallback.account.closes


def test_a_phone_that_is_off_gets_the_sms_when_the_time_of_the_card_is_over(stage: Stage) -> None:
    stage.google.set_handset(*NUMBERS[:30], is_online=False)
    run = stage.send(stage.plan(), wait=True)
    rows = stage.by_number(run)
    assert {number for number, send in rows.items() if send.fell_back} == set(NUMBERS[:30])
    assert {message.number for message in stage.sms.outbox} == set(NUMBERS[:30])
    assert all(rows[number].status is DeliveryStatus.EXPIRED for number in NUMBERS[:30])
    assert all(rows[number].failure is FailureClass.VALIDITY_EXPIRED for number in NUMBERS[:30])
    assert all(rows[number].status is DeliveryStatus.DELIVERED for number in NUMBERS[30:])
    assert min(message.at for message in stage.sms.outbox) >= NOON  # the sandbox has a clock of its own


def test_what_was_delivered_while_the_process_was_dead_never_falls_back(stage: Stage) -> None:
    stage.google.set_handset(*NUMBERS[:30], is_online=False)
    run = stage.send(stage.plan())
    assert run.account.fell_back == 0
    stage.google.set_handset(*NUMBERS[:10], is_online=True)
    stage.google.advance(timedelta(hours=5).total_seconds())
    later = Run(stage.store, run.id, stage.rbm, fallback=stage.sms, clock=stage.clock)
    stage.clock.hear()
    later.resume()
    assert {message.number for message in stage.sms.outbox} == set(NUMBERS[10:30])


def test_a_card_is_revoked_before_the_sms_leaves_when_nothing_was_told(stage: Stage) -> None:
    stage.google.set_handset(*NUMBERS[:5], is_online=False)
    run = stage.send(stage.plan())
    stage.google.advance(timedelta(hours=5).total_seconds())
    stage.google.take_calls()  # the platform's word is lost
    before = len(stage.google.requests)
    run.resume()
    asked = stage.google.requests[before:]
    assert sum(request.method == "DELETE" for request in asked) >= 5
    assert {message.number for message in stage.sms.outbox} <= set(NUMBERS)
    assert set(NUMBERS[:5]) <= {message.number for message in stage.sms.outbox}


def test_receipts_reads_and_replies_land_and_stop_is_one_opposition(stage: Stage) -> None:
    run = stage.send(stage.plan())
    stage.clock.hear()
    stage.google.read(*NUMBERS[:100])
    stage.google.tap(NUMBERS[1], "Plus tard")
    stage.google.unsubscribe(NUMBERS[2])
    stage.clock.hear()
    rows = stage.by_number(run)
    assert sum(send.status is DeliveryStatus.READ for send in rows.values()) == 100
    history = stage.store.consents([NUMBERS[2]])[NUMBERS[2]]
    assert {one.action for one in history} == {ConsentAction.WITHDRAWN}  # both tellings are evidence, of one act
    assert [event.postback for event in stage.store.events(run.id) if event.postback] == ["later"]
    report = run.report()
    assert report.open_rate is not None
    assert (report.open_rate.numerator, report.counts.delivered, report.counts.opted_out) == (100, PEOPLE, 1)
    assert stage.plan(name="suite").reasons[sk.Reason.OPTED_OUT] == 1


def test_a_lost_answer_is_told_again_under_the_same_id_and_shown_once(stage: Stage) -> None:
    stage.google.go_wrong(RbmFault.TAKES_AND_RESETS, path="agentMessages", times=20)
    run = stage.send(stage.plan())
    assert run.account.accepted + run.account.in_doubt == PEOPLE
    assert stage.sms.taken == 0  # what is in doubt never falls back
    assert run.resolve().accepted == PEOPLE
    assert len(stage.google.sent) == PEOPLE
    assert stage.google.duplicates >= 4
    assert stage.sms.taken == 0


def test_an_agent_that_is_not_launched_stops_the_run_and_what_it_refused_goes_by_sms() -> None:
    with FakeRbm(starts_at=NOON, is_launched=False) as google:
        store, rbm = sk.MemoryStore(), google.transport()
        stage = Stage(google, store, sk.Sandbox.quiet(starts_at=NOON), rbm, PlatformTime(google, store, rbm))
        plan = stage.plan()
        with pytest.raises(sk.SmskitError, match="refused"):
            stage.send(plan)
        run = Run(store, plan.run_id, rbm, fallback=stage.sms, clock=stage.clock)
        assert run.account.in_doubt == 0
        assert run.account.rejected
        assert {send.state for send in run.sends()} == {SendState.PLANNED, SendState.REJECTED}


def test_links_of_both_channels_are_their_own(stage: Stage) -> None:
    stage.google.set_handset(*NUMBERS[:1], has_rcs=False)
    run = stage.send(stage.plan())
    tokens = [send.token for send in run.sends()]
    assert len({*tokens}) == PEOPLE
    assert all(f"https://go.boutique.example/{send.token}" in send.text for send in run.sends())
    target = sk.follow(stage.store, str(tokens[5]), at=stage.clock.now())
    assert target == "https://boutique.example/soldes"
    clicked = [event for event in stage.store.events(run.id) if event.token]
    assert [event.number for event in clicked] == [NUMBERS[5]]


def test_nobody_needs_to_say_what_time_it_is() -> None:
    """Everything on the machine's clock, as an application has it."""
    with FakeRbm(delivers=True) as google:
        store, rbm = sk.MemoryStore(), google.transport()
        sent = sk.send("+33612345678", RichCard(title="Votre colis"), kind="notification", transport=rbm)
        assert sent.accepted
        campaign = sk.Campaign(
            "colis", content=RichCard(title="Votre colis"), fallback="Votre colis", sender="BOUTIQUE", kind="notification",
            to=sk.Contacts.read([{"mobile": f"+{number}"} for number in NUMBERS[:20]]), try_unknown=True,
        )  # fmt: skip
        plan = campaign.plan(
            prices=sk.Prices.per_part(FR="0.045"), rich_prices=RichPrices.of(basic="0.05", single="0.08"), store=store,
            transport=rbm, fallback=sk.Sandbox.quiet(),
        )  # fmt: skip
        assert plan.check_reach(rbm).reachable == 20
        run = plan.send(rbm, fallback=sk.Sandbox.quiet())
        assert run.account.accepted == 20
        assert Run(store, run.id, rbm, fallback=sk.Sandbox.quiet()).resume().account.accepted == 20
