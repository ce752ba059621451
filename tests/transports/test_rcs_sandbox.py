from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone

import pytest
from attrs import evolve

from smskit import rcs
from smskit.errors import InvalidContent, InvalidInput, TransportError, UnsupportedFeature
from smskit.kinds import Channel, DeliveryStatus, EventType, FailureClass, Kind
from smskit.protocols import Asks, Polls, Revokes, TellsCapabilities, Transport
from smskit.records import Accepted, Event, Outcome, Outgoing, Postponed, Refused, Taken, Unanswered
from smskit.testing.factories import outgoing
from smskit.testing.transports import TransportContract
from smskit.transports import Client, Delays, RcsBehaviour, RcsSandbox, Sandbox, drive
from smskit.transports.played import Played
from smskit.transports.story import OPT_OUT_REPLIES

NOON = datetime(2026, 6, 24, 10, 0, tzinfo=timezone.utc)
ANAIS = "+33612345678"
DELIVERED, EXPIRED, READ = DeliveryStatus.DELIVERED, DeliveryStatus.EXPIRED, DeliveryStatus.READ

TEXT = rcs.RichMessage("Bonjour, on le garde ?")
ASKING = evolve(TEXT, suggestions=[rcs.Reply("Oui", postback="keep:yes"), rcs.Reply("Non", postback="keep:no")])
CAROUSEL = rcs.RichMessage(
    rcs.Carousel(
        [
            rcs.RichCard(title, media=rcs.Media(f"https://media.example/{title}1.jpg", height="medium"))
            for title in ("Sandales", "Robes")
        ]
    )
)
SHEET = evolve(TEXT, suggestions=[rcs.OpenUrl("Voir", "https://shop.example/", view_mode="tall")])

EVERYWHERE = RcsBehaviour.quiet()
"""Every number has all of RCS, every phone is on."""

OFFLINE = evolve(EVERYWHERE, offline=1)


def message(seq: int = 0, content: rcs.RichMessage = TEXT, *, life_s: int | None = None, number: int | None = None):
    whom = 33_600_000_000 + seq if number is None else number
    rich = content.json().decode()
    return Outgoing(f"rcs-{seq}", whom, "", 1, "BOUTIQUE", Kind.MARKETING, validity_s=life_s, rich=rich)


def many(count: int, content: rcs.RichMessage = TEXT, *, life_s: int | None = None) -> list[Outgoing]:
    return [message(seq, content, life_s=life_s) for seq in range(count)]


def taken(messages: Sequence[Outgoing]) -> list[Taken]:
    return [Taken(one.reference, one.number, f"sandbox_rcs-{one.reference}") for one in messages]


def play(behaviour: RcsBehaviour, **people: float) -> Sandbox:
    shares = {"delivered": 1, "clicked": 0, "scanned": 0, "stopped": 0, "replied": 0, **people}
    return Sandbox(starts_at=NOON, rcs=behaviour, **shares)  # type: ignore[arg-type]


def submit(transport: Transport, messages: Sequence[Outgoing], *, size: int = 100) -> list[Outcome]:
    batches = (messages[start : start + size] for start in range(0, len(messages), size))
    return [outcome for batch in batches for outcome in drive(transport.submit(batch))]


def hear_all(transport: RcsSandbox | Sandbox) -> list[Event]:
    told: list[Event] = []
    while (pending_s := transport.pending_s()) is not None:
        transport.clock.advance(pending_s)
        told += drive(transport.poll())
    return told


def told_by(sandbox: Sandbox, messages: Sequence[Outgoing]) -> list[Event]:
    assert all(isinstance(outcome, Accepted) for outcome in submit(sandbox.rcs, messages))
    return hear_all(sandbox.rcs)


def statuses(events: Sequence[Event]) -> Counter[DeliveryStatus | None]:
    return Counter(event.status for event in events if event.type is EventType.RECEIPT)


class TestContract(TransportContract):
    def make_transport(self) -> Transport:
        return Sandbox(rcs=EVERYWHERE).rcs

    def messages(self, count: int) -> list[Outgoing]:
        return many(count)


class TestContractOfADifficultOne(TestContract):
    def make_transport(self) -> Transport:
        difficult = RcsBehaviour(agent_errors=0.1, tapped=1)
        return Sandbox(stopped=1, replied=1, clicked=1, untidy=True, rcs=difficult).rcs

    def messages(self, count: int) -> list[Outgoing]:
        return many(count, ASKING, life_s=600)

    def test_the_sandbox_of_this_test_is_difficult(self) -> None:
        kinds = {type(one).__name__ for one in submit(self.make_transport(), self.messages(50))}
        assert kinds == {"Accepted", "Refused"}


def test_it_is_what_it_says() -> None:
    sandbox = Sandbox()
    transport: Transport = sandbox.rcs
    asks: Asks = sandbox.rcs
    polls: Polls = sandbox.rcs
    revokes: Revokes = sandbox.rcs
    tells: TellsCapabilities = sandbox.rcs
    assert transport is asks is polls is revokes is tells is sandbox.rcs
    features = sandbox.rcs.features
    assert (features.channel, features.idempotent, features.can_be_asked, features.live) == (
        Channel.RCS, True, True, False,
    )  # fmt: skip
    assert features.validity_s == (1, 15 * 86_400)
    assert (sandbox.rcs.name, sandbox.rcs.agent) == ("sandbox_rcs", "sandbox")


def test_both_channels_have_one_seed_and_one_clock() -> None:
    sandbox = Sandbox(3)
    assert sandbox.rcs.seed == 3
    assert sandbox.rcs.clock is sandbox.clock
    sandbox.rcs.start(NOON)
    assert sandbox.clock.now() == NOON
    sandbox.start(NOON - timedelta(days=1))
    assert sandbox.rcs.clock.now() == NOON
    assert str(sandbox.rcs).startswith("sandbox_rcs · seed 3 · 2026-06-24 10:00 UTC\nmessages taken 0")
    assert repr(sandbox.rcs) == "RcsSandbox(seed=3, taken=0)"


# ---------------------------------------------------------------- what each channel carries


def test_each_channel_takes_its_own_messages_only() -> None:
    sandbox = Sandbox(rcs=EVERYWHERE)
    with pytest.raises(UnsupportedFeature, match="sandbox does not support rich messages"):
        sandbox.submit([message()])
    with pytest.raises(UnsupportedFeature, match="sandbox_rcs does not support SMS"):
        sandbox.rcs.submit([outgoing()])
    assert (sandbox.taken, sandbox.rcs.taken) == (0, 0)


def test_what_is_no_rich_message_is_refused_at_the_call() -> None:
    with pytest.raises(InvalidInput, match="no JSON"):
        Sandbox().rcs.submit([evolve(message(), rich="{")])
    with pytest.raises(InvalidContent):
        Sandbox().rcs.submit([evolve(message(), rich='{"contentMessage":{"text":""}}')])


def test_members_that_are_newer_than_we_are_do_not_matter() -> None:
    newer = evolve(TEXT, extra={"contentMessage.newMember": 1})
    assert told_by(play(EVERYWHERE), [message(content=newer)])[0].status is DELIVERED


def test_what_was_sent_is_in_the_outbox_of_its_channel() -> None:
    sandbox = Sandbox(starts_at=NOON, rcs=EVERYWHERE)
    submit(sandbox.rcs, [message(content=ASKING, number=33612345678)])
    submit(sandbox, [outgoing(number=33600000001, text="Bonjour")])
    (rich,), (plain,) = sandbox.rcs.outbox, sandbox.outbox
    assert (rich.message, rich.sender, rich.reference, rich.at) == (ASKING, "BOUTIQUE", "rcs-0", NOON)
    assert plain.text == "Bonjour"
    assert sandbox.rcs.sent_to(ANAIS) == (rich,)
    assert sandbox.rcs.assert_sent(ANAIS, containing="on le garde") is rich
    assert sandbox.rcs.assert_sent(ANAIS, containing="Non") is rich, "labels are read too"
    sandbox.assert_nothing_sent_to(ANAIS)
    sandbox.rcs.assert_nothing_sent_to("+33600000001")
    with pytest.raises(AssertionError, match="none contains 'keep:no'"):
        sandbox.rcs.assert_sent(ANAIS, containing="keep:no")


def test_a_rich_message_hides_itself_in_its_repr_and_shows_itself_when_printed() -> None:
    sandbox = Sandbox(starts_at=NOON, rcs=EVERYWHERE)
    submit(sandbox.rcs, [message(content=CAROUSEL, number=33612345678)])
    (sent,) = sandbox.rcs.outbox
    shown = str(sent)
    assert "612345678" not in repr(sent) + shown + sent._repr_html_()
    assert "Sandales" not in repr(sent)
    assert shown.splitlines()[:2] == ["to +336••••••78 · 2026-06-24 10:00 UTC", "BOUTIQUE"]
    assert "Sandales" in shown
    assert "Robes" in sent._repr_html_()


def test_it_can_forget_what_it_sent() -> None:
    sandbox = Sandbox(keep=False, rcs=EVERYWHERE)
    submit(sandbox.rcs, many(3))
    assert sandbox.rcs.taken == 3
    with pytest.raises(InvalidInput, match="keep=True"):
        _ = sandbox.rcs.outbox


# ---------------------------------------------------------------- who has it


def test_what_the_platform_tells_of_a_number_is_what_a_message_meets() -> None:
    sandbox = play(RcsBehaviour(changed=0, lacking={rcs.Feature.CAROUSEL: 0.2}))
    messages = many(1_000, CAROUSEL)
    reach = drive(sandbox.rcs.capabilities([one.number for one in messages]))
    met = {outcome.reference: outcome for outcome in submit(sandbox.rcs, messages)}
    refusals: Counter[FailureClass | None] = Counter()
    for one, told in zip(messages, reach.capabilities, strict=True):
        outcome = met[one.reference]
        failure = outcome.failure if isinstance(outcome, Refused) else None
        refusals[failure] += 1
        assert told.number == one.number
        assert told.is_reachable == (failure is not FailureClass.CHANNEL_UNAVAILABLE)
        assert (told.features is None) == (not told.is_reachable)
        if told.features is not None:
            assert ("RICHCARD_CAROUSEL" in told.features) == (failure is None)
            assert "REVOCATION" in told.features
    assert refusals[FailureClass.CHANNEL_UNAVAILABLE] / 1_000 == pytest.approx(0.3, abs=0.04)
    assert refusals[FailureClass.CAPABILITY_UNSUPPORTED] / 700 == pytest.approx(0.2, abs=0.05)
    assert refusals[None] == sandbox.rcs.taken


def test_some_numbers_changed_since_the_platform_looked() -> None:
    sandbox = play(RcsBehaviour(changed=0.1, lacking={}))
    messages = many(2_000)
    reach = drive(sandbox.rcs.capabilities([one.number for one in messages]))
    outcomes = submit(sandbox.rcs, messages)
    both = Counter(
        (told.is_reachable, isinstance(outcome, Accepted))
        for told, outcome in zip(reach.capabilities, outcomes, strict=True)
    )
    assert (both[True, False] + both[False, True]) / 2_000 == pytest.approx(0.1, abs=0.02)
    assert min(both[True, False], both[False, True]) > 0, "both ways"


def test_a_number_that_does_not_exist_has_no_rcs() -> None:
    sandbox = Sandbox(delivered=0, failures={FailureClass.UNKNOWN_SUBSCRIBER: 1}, rcs=EVERYWHERE)
    (outcome,) = submit(sandbox.rcs, [message()])
    assert outcome == Refused("rcs-0", FailureClass.CHANNEL_UNAVAILABLE, "sandbox_rcs:channel_unavailable")
    (told,) = drive(sandbox.rcs.capabilities([33600000000])).capabilities
    assert (told.is_reachable, told.features) == (False, None)


SAMPLES = [
    ("too few to count over all networks", 499, 0),
    ("the least that is counted", 500, 375),
    ("as many as can be asked", 10_000, 7_500),
]


@pytest.mark.parametrize(("count", "sampled"), [row[1:] for row in SAMPLES], ids=[row[0] for row in SAMPLES])
def test_reach_is_counted_in_a_sample(count: int, sampled: int) -> None:
    reach = drive(Sandbox().rcs.capabilities(range(33_600_000_000, 33_600_000_000 + count)))
    assert reach.asked == len(reach.capabilities) == count
    assert reach.sampled == pytest.approx(sampled, rel=0.1)
    if sampled:
        assert reach.reachable_in_sample / reach.sampled == pytest.approx(0.7, abs=0.08)


@pytest.mark.parametrize("count", [0, 10_001])
def test_it_answers_for_one_to_ten_thousand_numbers(count: int) -> None:
    with pytest.raises(InvalidInput, match="1 to 10000"):
        Sandbox().rcs.capabilities(range(count))


NEEDS = [
    ("a text needs nothing", TEXT, None),
    ("replies need nothing", ASKING, None),
    ("a carousel is a feature", CAROUSEL, rcs.Feature.CAROUSEL),
    ("a sheet is a feature", SHEET, rcs.Feature.OPEN_URL_IN_WEBVIEW),
]


@pytest.mark.parametrize(("content", "feature"), [row[1:] for row in NEEDS], ids=[row[0] for row in NEEDS])
def test_a_message_is_refused_for_what_the_handset_lacks(content: rcs.RichMessage, feature: rcs.Feature | None) -> None:
    lacks_all = evolve(EVERYWHERE, lacking=dict.fromkeys(rcs.Feature, 1.0))
    (outcome,) = submit(play(lacks_all).rcs, [message(content=content)])
    if feature is None:
        assert isinstance(outcome, Accepted)
        return
    assert outcome == Refused("rcs-0", FailureClass.CAPABILITY_UNSUPPORTED, "sandbox_rcs:capability_unsupported")
    lacks_others = evolve(EVERYWHERE, lacking={one: 1.0 for one in rcs.Feature if one is not feature})
    assert isinstance(submit(play(lacks_others).rcs, [message(content=content)])[0], Accepted)


def test_an_agent_can_be_at_fault() -> None:
    sandbox = play(evolve(EVERYWHERE, agent_errors=0.2))
    outcomes = submit(sandbox.rcs, many(1_000))
    refused = [outcome for outcome in outcomes if isinstance(outcome, Refused)]
    assert len(refused) / 1_000 == pytest.approx(0.2, abs=0.04)
    assert {outcome.failure for outcome in refused} == {FailureClass.SENDER_UNREGISTERED}
    named = play(evolve(EVERYWHERE, agent_errors=1, agent_failure=FailureClass.PROVIDER_ERROR))
    (outcome,) = submit(named.rcs, [message()])
    assert outcome == Refused("rcs-0", FailureClass.PROVIDER_ERROR, "sandbox_rcs:provider_error")


# ---------------------------------------------------------------- arriving, or not


def test_in_a_quiet_sandbox_everything_arrives_and_nobody_answers() -> None:
    sandbox = Sandbox.quiet()
    sheets = many(200, SHEET)
    assert {type(outcome) for outcome in submit(sandbox.rcs, sheets)} == {Accepted}
    assert statuses(hear_all(sandbox.rcs)) == {DELIVERED: 200}


def test_a_phone_that_is_off_is_never_heard_of_without_a_life_time() -> None:
    sandbox = play(evolve(EVERYWHERE, offline=0.3))
    told = told_by(sandbox, many(1_000))
    assert statuses(told).keys() == {DELIVERED}
    assert len(told) / 1_000 == pytest.approx(0.7, abs=0.05)


LIVES = [
    ("asked for beside the message", TEXT, 60, 60),
    ("in the message", evolve(TEXT, ttl=timedelta(minutes=5)), None, 300),
    ("until an instant", evolve(TEXT, expires_at=NOON + timedelta(hours=1)), None, 3_600),
    ("the shorter of two", evolve(TEXT, ttl=timedelta(minutes=5)), 60, 60),
    ("over before it began", evolve(TEXT, expires_at=NOON - timedelta(hours=1)), None, 0),
]


@pytest.mark.parametrize(("content", "life_s", "after_s"), [row[1:] for row in LIVES], ids=[row[0] for row in LIVES])
def test_at_the_end_of_its_life_time_the_platform_takes_a_message_back(
    content: rcs.RichMessage, life_s: int | None, after_s: int
) -> None:
    sandbox = play(evolve(OFFLINE, expired_and_delivered=0, expired_untold=0))
    (told,) = told_by(sandbox, [message(content=content, life_s=life_s)])
    assert (told.type, told.status, told.failure) == (EventType.RECEIPT, EXPIRED, FailureClass.VALIDITY_EXPIRED)
    assert (told.reference, told.number) == ("rcs-0", 33600000000)
    assert told.at == NOON + timedelta(seconds=after_s)


def test_a_phone_that_is_on_may_be_too_slow() -> None:
    sandbox = play(evolve(EVERYWHERE, expired_and_delivered=0, expired_untold=0))
    told = statuses(told_by(sandbox, many(500, life_s=8)))
    assert told[DELIVERED] + told[EXPIRED] == 500
    assert told[EXPIRED] / 500 == pytest.approx(0.37, abs=0.07), "of a mean of eight seconds"


def test_of_what_was_taken_back_some_is_told_twice_and_some_not_at_all() -> None:
    sandbox = play(evolve(OFFLINE, expired_and_delivered=0.3, expired_untold=0.2))
    told = told_by(sandbox, many(1_000, life_s=3_600))
    by_reference: dict[str | None, list[DeliveryStatus | None]] = {}
    for event in told:
        by_reference.setdefault(event.reference, []).append(event.status)
    ways = Counter(map(tuple, by_reference.values()))
    both = ways[DELIVERED, EXPIRED] + ways[EXPIRED, DELIVERED]
    assert ways.keys() == {(EXPIRED,), (DELIVERED, EXPIRED), (EXPIRED, DELIVERED)}
    assert both / 1_000 == pytest.approx(0.3, abs=0.05)
    assert 1 - len(by_reference) / 1_000 == pytest.approx(0.2, abs=0.05)


def test_messages_are_read_after_they_arrived() -> None:
    sandbox = play(evolve(EVERYWHERE, read=0.6))
    told = told_by(sandbox, many(1_000))
    at = {(event.reference, event.status): event.at for event in told}
    read = [reference for reference, status in at if status is READ]
    assert len(read) / 1_000 == pytest.approx(0.6, abs=0.05)
    assert all(at[reference, DELIVERED] <= at[reference, READ] for reference in read)


# ---------------------------------------------------------------- people

LINKED = evolve(TEXT, content="Voir https://go.example/4fT9bQz et https://go.example/1111111")
BUTTON = evolve(TEXT, suggestions=[rcs.OpenUrl("Voir", "https://go.example/4fT9bQz", postback="see")])
CARD = rcs.RichMessage(
    rcs.RichCard(
        "Soldes",
        media=rcs.Media("https://media.example/1111111", height="medium"),
        suggestions=[rcs.OpenUrl("Voir", "https://go.example/4fT9bQz")],
    )
)
LONG = evolve(TEXT, suggestions=[rcs.OpenUrl("Voir", "https://shop.example/soldes", postback="see")])

TWO = evolve(BUTTON, content="https://go.example/1111111")

CLICKS = [
    ("the short link in the text, which comes before that of a button", TWO, "1111111", None),
    ("a short link in the text", LINKED, "4fT9bQz", None),
    ("a short link behind a button", BUTTON, "4fT9bQz", "see"),
    ("a short link in a card, not its picture", CARD, "4fT9bQz", "Voir"),
    ("a long link behind a button", LONG, None, "see"),
]


@pytest.mark.parametrize(("content", "token", "postback"), [row[1:] for row in CLICKS], ids=[row[0] for row in CLICKS])
def test_links_are_clicked(content: rcs.RichMessage, token: str | None, postback: str | None) -> None:
    people = {"delivered": 1, "clicked": 1, "stopped": 0, "replied": 0}
    hasty = Delays(clicked_s=1)
    sandbox = Sandbox(starts_at=NOON, delays=hasty, rcs=evolve(EVERYWHERE, read=1), **people)  # type: ignore[arg-type]
    told = told_by(sandbox, many(50, content))
    read_at = {event.reference: event.at for event in told if event.status is READ}
    clicks = [event for event in told if event.type is EventType.CLICK and not event.key.endswith("scan")]
    taps = [event for event in told if event.type is EventType.REPLY]
    assert {click.token for click in clicks} == ({token} if token else set())
    assert {(tap.text, tap.postback) for tap in taps} == ({("Voir", postback)} if postback else set())
    assert {len(clicks), len(taps)} <= {0, 50}
    opened_at = {event.reference: event.at for event in clicks or taps}
    assert all(opened_at[event.reference] == event.at for event in taps), "a tap opens the link"
    assert all(event.at >= read_at[event.reference] for event in (*clicks, *taps)), "who has not seen it opens nothing"


def test_without_a_link_nobody_clicks() -> None:
    told = told_by(play(EVERYWHERE, clicked=1, scanned=1), [message(content=ASKING)])
    assert {event.type for event in told} == {EventType.RECEIPT}


def test_people_tap_replies_of_the_message_itself() -> None:
    told = told_by(play(evolve(EVERYWHERE, tapped=0.5)), many(400, ASKING))
    taps = [event for event in told if event.type is EventType.REPLY]
    assert len(taps) / 400 == pytest.approx(0.5, abs=0.08)
    assert {(event.text, event.postback) for event in taps} == {("Oui", "keep:yes"), ("Non", "keep:no")}
    assert all(event.reference and event.number for event in taps)


def test_stop_is_told_as_a_text_and_by_the_platform() -> None:
    told = told_by(play(EVERYWHERE, stopped=1), many(100))
    texts = {event.number: event for event in told if event.type is EventType.REPLY}
    words = {event.number: event for event in told if event.type is EventType.OPT_OUT}
    assert len(texts) == len(words) == 100
    for number, text in texts.items():
        assert text.text in OPT_OUT_REPLIES
        assert words[number].text is None
        assert timedelta(0) <= words[number].at - text.at <= timedelta(seconds=5)


def test_a_person_can_write_over_either_channel_and_is_heard_once() -> None:
    sandbox = Sandbox(starts_at=NOON)
    sandbox.receive(ANAIS, "STOP")
    sandbox.rcs.receive(ANAIS, "Bonjour")
    (plain,), (rich,) = drive(sandbox.poll()), drive(sandbox.rcs.poll())
    assert (plain.text, rich.text) == ("STOP", "Bonjour")
    assert plain.key != rich.key
    assert drive(sandbox.poll()) == drive(sandbox.rcs.poll()) == ()


def test_nobody_answers_over_both_channels() -> None:
    def answered(first: Played, second: Played) -> list[tuple[int, int]]:  # type: ignore[type-arg]
        counts = []
        for transport in (first, second):
            submit(transport, many(50) if transport.name == "sandbox_rcs" else plain)
        for transport in (first, second):
            told = hear_all(transport)  # type: ignore[arg-type]
            counts.append((sum(e.type is EventType.REPLY for e in told), sum(e.status is DELIVERED for e in told)))
        return counts

    plain = [outgoing(seq, number=33_600_000_000 + seq) for seq in range(50)]
    sandbox = play(EVERYWHERE, stopped=1)
    assert answered(sandbox.rcs, sandbox) == [(50, 50), (0, 50)]
    sandbox = play(EVERYWHERE, stopped=1)
    assert answered(sandbox, sandbox.rcs) == [(50, 50), (0, 50)]


def test_who_never_got_the_one_answers_the_other() -> None:
    sandbox = play(evolve(EVERYWHERE, late=0), stopped=1)
    submit(sandbox.rcs, [message()])
    drive(sandbox.rcs.revoke(taken([message()])))
    submit(sandbox, [outgoing(number=33_600_000_000)])
    assert EventType.REPLY in {event.type for event in hear_all(sandbox)}
    assert hear_all(sandbox.rcs) == []


def test_a_reference_over_both_channels_is_two_messages() -> None:
    sandbox = play(EVERYWHERE)
    submit(sandbox.rcs, [message()])
    submit(sandbox, [outgoing(run_id="rcs")])
    keys = [event.key for event in [*hear_all(sandbox.rcs), *hear_all(sandbox)]]
    assert sorted(keys) == ["rcs-0/delivered", "rcs-0/rcs/delivered", "rcs-0/sent"]


def test_a_reference_over_both_channels_has_two_fates() -> None:
    sandbox = Sandbox(delivered=1, unanswered=0.5, rcs=EVERYWHERE)
    rich = submit(sandbox.rcs, many(100))
    plain = submit(sandbox, [outgoing(seq, run_id="rcs") for seq in range(100)])
    both = Counter((type(one), type(other)) for one, other in zip(rich, plain, strict=True))
    assert both.keys() == {(one, other) for one in (Accepted, Unanswered) for other in (Accepted, Unanswered)}


# ---------------------------------------------------------------- taking back


def test_what_was_taken_back_is_never_told() -> None:
    sandbox = play(evolve(OFFLINE, late=0))
    messages = many(50, life_s=3_600)
    submit(sandbox.rcs, messages)
    assert drive(sandbox.rcs.revoke(taken(messages))) == {one.reference for one in messages}
    assert sandbox.rcs.pending_s() is None
    assert hear_all(sandbox.rcs) == []


def test_a_message_that_is_on_its_way_is_taken_back_too() -> None:
    sandbox = play(evolve(EVERYWHERE, late=0, read=1), clicked=1, replied=1)
    submit(sandbox.rcs, many(20, LINKED))
    drive(sandbox.rcs.revoke(taken(many(10))))
    assert {event.reference for event in hear_all(sandbox.rcs)} == {f"rcs-{seq}" for seq in range(10, 20)}


def test_some_cross_it_on_their_way_and_are_told_all_the_same() -> None:
    sandbox = play(evolve(OFFLINE, late=0.2, read=1))
    messages = many(500, life_s=3_600)
    submit(sandbox.rcs, messages)
    sandbox.clock.advance(600)
    drive(sandbox.rcs.revoke(taken(messages)))
    told = hear_all(sandbox.rcs)
    counts = statuses(told)
    assert counts.keys() == {DELIVERED, READ}
    assert counts[DELIVERED] == counts[READ]
    assert counts[DELIVERED] / 500 == pytest.approx(0.2, abs=0.06)
    assert all(event.at >= NOON + timedelta(seconds=600) for event in told)


def test_what_crosses_is_heard_within_seconds() -> None:
    sandbox = Sandbox(starts_at=NOON, delivered=1, rcs=evolve(OFFLINE, late=1, late_s=4, read=1))
    submit(sandbox.rcs, many(100))
    drive(sandbox.rcs.revoke(taken(many(100))))
    sandbox.clock.advance(2)
    assert 20 < statuses(drive(sandbox.rcs.poll()))[DELIVERED] < 80
    sandbox.clock.advance(2)
    drive(sandbox.rcs.poll())
    assert sandbox.rcs.pending_s() == 56, "nothing but the round that tells who read it"
    assert statuses(hear_all(sandbox.rcs)) == {READ: 100}


def test_it_knows_what_is_under_way() -> None:
    sandbox = play(evolve(EVERYWHERE, offline=0.5, late=0))
    submit(sandbox.rcs, many(100))
    assert sandbox.rcs.under_way == 100
    arrived = len(hear_all(sandbox.rcs))
    assert 0 < sandbox.rcs.under_way == 100 - arrived
    drive(sandbox.rcs.revoke(taken(many(100))))
    assert sandbox.rcs.under_way == 0


def test_what_has_arrived_stays() -> None:
    sandbox = play(evolve(EVERYWHERE, late=0, read=1))
    submit(sandbox.rcs, many(20))
    sandbox.clock.advance(3_600)  # all arrived, and nothing was fetched yet
    drive(sandbox.rcs.revoke(taken(many(20))))
    assert statuses(hear_all(sandbox.rcs)) == {DELIVERED: 20, READ: 20}
    drive(sandbox.rcs.revoke(taken(many(20))))
    assert hear_all(sandbox.rcs) == []


def test_what_arrived_at_the_last_moment_stays_too() -> None:
    sandbox = play(evolve(OFFLINE, late=0, expired_and_delivered=1, expired_untold=0))
    messages = many(100, life_s=60)
    submit(sandbox.rcs, messages)
    sandbox.clock.advance(45)
    drive(sandbox.rcs.revoke(taken(messages)))
    told = hear_all(sandbox.rcs)
    counts = statuses(told)
    assert 0 < counts[DELIVERED] == counts[EXPIRED] < 100
    assert {event.at <= NOON + timedelta(seconds=45) for event in told if event.status is DELIVERED} == {True}


def test_what_the_platform_took_back_itself_stays_so() -> None:
    sandbox = play(evolve(OFFLINE, late=1, expired_untold=0.5, expired_and_delivered=0))
    messages = many(40, life_s=60)
    submit(sandbox.rcs, messages)
    sandbox.clock.advance(120)
    drive(sandbox.rcs.revoke(taken(messages)))
    told = statuses(hear_all(sandbox.rcs))
    assert told.keys() == {EXPIRED}
    assert 0 < told[EXPIRED] < 40


def test_taking_back_twice_or_something_unknown_is_harmless() -> None:
    sandbox = play(evolve(OFFLINE, late=1))
    submit(sandbox.rcs, [message()])
    for _ in range(2):
        assert drive(sandbox.rcs.revoke(taken([message(), message(7)]))) == {"rcs-0", "rcs-7"}
    assert statuses(hear_all(sandbox.rcs)) == {DELIVERED: 1}
    assert drive(sandbox.rcs.revoke([])) == frozenset()


def test_a_revocation_that_is_not_driven_takes_nothing_back() -> None:
    sandbox = play(EVERYWHERE)
    submit(sandbox.rcs, [message()])
    sandbox.rcs.revoke(taken([message()]))
    assert statuses(hear_all(sandbox.rcs)) == {DELIVERED: 1}


def test_a_message_that_was_taken_back_is_still_the_same_when_it_is_offered_again() -> None:
    sandbox = play(evolve(EVERYWHERE, late=0))
    first = submit(sandbox.rcs, [message()])
    drive(sandbox.rcs.revoke(taken([message()])))
    assert submit(sandbox.rcs, [message()]) == first
    assert sandbox.rcs.duplicates == ("rcs-0",)
    assert hear_all(sandbox.rcs) == []


# ---------------------------------------------------------------- fates, outages


def fates(parts: Sequence[Sequence[Outgoing]], size: int, *, untidy: bool) -> tuple[set[Outcome], Counter[Event]]:
    outcomes: set[Outcome] = set()
    told: Counter[Event] = Counter()
    for part in parts:
        sandbox = Sandbox(5, starts_at=NOON, clicked=0.3, replied=0.2, stopped=0.1, untidy=untidy)
        outcomes.update(submit(sandbox.rcs, part, size=size))
        told.update(hear_all(sandbox.rcs))
    return outcomes, told


@pytest.mark.parametrize("untidy", [False, True], ids=["tidy", "untidy"])
def test_neither_batches_nor_order_nor_interruption_change_a_fate(untidy: bool) -> None:
    messages = many(400, BUTTON, life_s=3_600)
    whole = fates([messages], 100, untidy=untidy)
    assert whole[1]
    assert fates([messages[::-1]], 7, untidy=untidy) == whole, "in another order and other batches"
    assert fates([messages[:150], messages[150:]], 100, untidy=untidy) == whole, "in two processes"


def test_another_seed_is_another_fate() -> None:
    def outcomes(seed: int) -> list[Outcome]:
        return submit(Sandbox(seed).rcs, many(50))

    assert outcomes(1) == outcomes(1) != outcomes(2)


def test_the_sms_do_not_notice_what_happens_over_rcs() -> None:
    plain = [outgoing(seq, text="https://go.example/abcdefg") for seq in range(100)]

    def told(*, with_rcs: bool) -> list[Event]:
        sandbox = Sandbox(3, starts_at=NOON, clicked=0.5, stopped=0.5, replied=0.5)
        if with_rcs:
            submit(sandbox.rcs, many(100))
            drive(sandbox.rcs.revoke(taken(many(50))))
        submit(sandbox, plain)
        return hear_all(sandbox)

    assert told(with_rcs=True) == told(with_rcs=False)


def test_each_channel_has_its_own_outages() -> None:
    sandbox = play(EVERYWHERE)
    sandbox.rcs.go_down(retry_after_s=30)
    sandbox.lose_answers()
    with pytest.raises(TransportError) as error:
        submit(sandbox.rcs, [message()])
    assert (error.value.retryable, error.value.retry_after_s, sandbox.rcs.taken) == (True, 30, 0)
    with pytest.raises(TransportError) as error:
        submit(sandbox, [outgoing()])
    assert not error.value.retryable
    assert submit(sandbox.rcs, [message()]) == [Accepted("rcs-0", "sandbox_rcs-rcs-0")]
    assert drive(sandbox.rcs.ask(many(2))) == {"rcs-0": Accepted("rcs-0", "sandbox_rcs-rcs-0")}
    assert drive(sandbox.ask([message()])) == {}


def test_some_are_put_off_and_some_are_taken_without_an_answer() -> None:
    put_off = Sandbox(postponed=1, rcs=EVERYWHERE).rcs
    assert submit(put_off, [message()]) == [Postponed("rcs-0", FailureClass.THROTTLED, 2.0)]
    assert submit(put_off, [message()]) == [Accepted("rcs-0", "sandbox_rcs-rcs-0")]
    assert submit(Sandbox(unanswered=1, rcs=EVERYWHERE).rcs, [message()]) == [Unanswered("rcs-0")]


def test_a_client_speaks_to_it() -> None:
    sandbox = play(EVERYWHERE)
    with Client(sandbox.rcs) as client:
        outcomes = client.submit(many(250))
    assert Counter(map(type, outcomes)) == {Accepted: 250}


def test_without_rounds_each_event_is_told_at_its_instant() -> None:
    sandbox = Sandbox(starts_at=NOON, delays=Delays(heard_every_s=0), rcs=EVERYWHERE)
    submit(sandbox.rcs, many(50))
    while (pending_s := sandbox.rcs.pending_s()) is not None:
        sandbox.clock.advance(pending_s)
        assert {event.at for event in drive(sandbox.rcs.poll())} == {sandbox.clock.now()}


WRONG: list[tuple[str, dict[str, object]]] = [
    ("a share above one", {"reachable": 70}),
    ("a share below zero", {"late": -0.1}),
    ("no share at all", {"read": float("nan")}),
    ("a feature's share above one", {"lacking": {rcs.Feature.CAROUSEL: 2}}),
    ("more than all together", {"expired_and_delivered": 0.6, "expired_untold": 0.6}),
    ("time that runs backwards", {"read_s": -1}),
]


@pytest.mark.parametrize("arguments", [row[1] for row in WRONG], ids=[row[0] for row in WRONG])
def test_nonsense_is_refused(arguments: dict[str, object]) -> None:
    with pytest.raises(InvalidInput):
        RcsBehaviour(**arguments)  # type: ignore[arg-type]


def test_a_campaign_without_a_single_phone_that_is_on_ends_in_time() -> None:
    sandbox = play(evolve(OFFLINE, expired_and_delivered=0, expired_untold=0))
    submit(sandbox.rcs, many(100, life_s=15 * 86_400))
    instants = {event.at for event in hear_all(sandbox.rcs)}
    assert instants == {NOON + timedelta(days=15)}
    assert sandbox.clock.now() - NOON < timedelta(days=15, minutes=1)
