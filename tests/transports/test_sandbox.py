from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from hashlib import sha256

import pytest
from attrs import evolve

from smskit.errors import InvalidInput, InvalidNumber, NaiveDatetime, TransportError
from smskit.kinds import DeliveryStatus, EventType, FailureClass, Kind
from smskit.protocols import Asks, Polls, StopForm, Transport
from smskit.records import Accepted, Event, Outcome, Outgoing, Postponed, Refused, Unanswered
from smskit.testing.factories import outgoing
from smskit.transports.drivers import drive
from smskit.transports.sandbox import Sandbox, token_in
from smskit.transports.story import OPT_OUT_REPLIES, OTHER_REPLIES, Delays

NOON = datetime(2026, 6, 24, 10, 0, tzinfo=timezone.utc)
ANAIS = "+33612345678"


def message(seq: int = 0, *, number: int | None = None, text: str = "Bonjour https://go.boutique.example/4fT9bQz STOP"):
    return Outgoing(f"run-{seq}", 33600000000 + seq if number is None else number, text, 1, "SHOP", Kind.MARKETING)


def many(count: int) -> list[Outgoing]:
    return [message(seq) for seq in range(count)]


def submit(sandbox: Sandbox, messages: Sequence[Outgoing], *, size: int = 100) -> list[Outcome]:
    batches = (messages[start : start + size] for start in range(0, len(messages), size))
    return [outcome for batch in batches for outcome in drive(sandbox.submit(batch))]


def hear_all(sandbox: Sandbox) -> list[Event]:
    told: list[Event] = []
    while (pending_s := sandbox.pending_s()) is not None:
        sandbox.clock.advance(pending_s)
        told += drive(sandbox.poll())
    return told


def told_by(sandbox: Sandbox, count: int) -> list[Event]:
    submit(sandbox, many(count))
    return hear_all(sandbox)


def test_it_is_what_it_says() -> None:
    sandbox = Sandbox()
    transport: Transport = sandbox
    asks: Asks = sandbox
    polls: Polls = sandbox
    assert transport is asks is polls
    features = sandbox.features
    assert (features.largest_batch, features.idempotent, features.can_be_asked, features.live) == (
        100,
        True,
        True,
        False,
    )
    stop = features.stop_for("FR")
    assert stop is not None
    assert 160 - len(stop.suffix) == 146, "the room that is left in the example of the mission"


def test_its_features_can_be_changed() -> None:
    features = evolve(Sandbox().features, largest_batch=2, stop={"FR": StopForm("STOP 1234")})
    assert Sandbox(features=features).features is features
    with pytest.raises(InvalidInput, match="at most 2 messages"):
        Sandbox(features=features).submit(many(3))


# ---------------------------------------------------------------- what was sent


def test_what_was_sent_can_be_read_back() -> None:
    sandbox = Sandbox(starts_at=NOON)
    (outcome,) = submit(sandbox, [message(number=33612345678, text="Bonjour Anaïs")])
    assert outcome == Accepted("run-0", "sandbox-run-0")
    (sent,) = sandbox.outbox
    assert (sent.text, sent.sender, sent.parts, sent.reference, sent.at) == (
        "Bonjour Anaïs",
        "SHOP",
        1,
        "run-0",
        NOON,
    )
    assert sandbox.sent_to(ANAIS) == sandbox.sent_to(33612345678) == (sent,)
    assert sandbox.sent_to("+33 6 00 00 00 00") == ()
    assert sandbox.assert_sent(ANAIS, containing="Anaïs") is sent
    sandbox.assert_nothing_sent_to("+33600000001")


def test_assertions_fail_with_masked_numbers_and_without_texts() -> None:
    sandbox = Sandbox()
    submit(sandbox, [message(number=33612345678, text="secret words")])
    with pytest.raises(AssertionError) as none:
        sandbox.assert_sent("+33600000001")
    assert str(none.value) == "nothing was sent to +336••••••01; messages to others: 1"
    with pytest.raises(AssertionError) as other:
        sandbox.assert_sent(ANAIS, containing="Bonjour")
    assert str(other.value) == "messages to +336••••••78: 1, and none contains 'Bonjour'"
    with pytest.raises(AssertionError) as some:
        sandbox.assert_nothing_sent_to(ANAIS)
    assert str(some.value) == "messages were sent to +336••••••78: 1"


def test_a_sent_message_hides_itself_in_its_repr_and_shows_itself_when_printed() -> None:
    sandbox = Sandbox(starts_at=NOON)
    submit(sandbox, [message(number=33612345678, text="Bonjour <Anaïs>")])
    (sent,) = sandbox.outbox
    assert "612345678" not in repr(sent) + str(sent) + sent._repr_html_()
    assert "Bonjour" not in repr(sent)
    assert str(sent).split("\n") == [
        "to +336••••••78", "SHOP", "   │ Bonjour <Anaïs>", "   ╰ 1 part · 2026-06-24 10:00 UTC",
    ]  # fmt: skip
    assert "Bonjour &lt;Anaïs&gt;" in sent._repr_html_()


@pytest.mark.parametrize("number", ["0612345678", "+336abc", "", "+", "33612345678"])
def test_a_number_needs_its_country_code(number: str) -> None:
    with pytest.raises(InvalidNumber, match="country code"):
        Sandbox().sent_to(number)


def test_it_can_forget_what_it_sent() -> None:
    sandbox = Sandbox(keep=False)
    submit(sandbox, many(3))
    assert sandbox.taken == 3
    for read in (
        lambda: sandbox.outbox,
        lambda: sandbox.sent_to(ANAIS),
        lambda: sandbox.assert_nothing_sent_to(ANAIS),
    ):
        with pytest.raises(InvalidInput, match="keep=True"):
            read()


def test_the_same_reference_twice_is_one_message() -> None:
    sandbox = Sandbox()
    first = submit(sandbox, [message()])
    second = submit(sandbox, [message()])
    assert first == second
    assert len(sandbox.outbox) == sandbox.taken == 1
    assert sandbox.duplicates == ("run-0",)
    assert len([event for event in hear_all(sandbox) if event.status is DeliveryStatus.SENT]) == 1


def test_the_sandbox_shows_its_state() -> None:
    sandbox = Sandbox(3, starts_at=NOON, clicked=0, scanned=0, stopped=0, replied=0)
    submit(sandbox, many(2))
    assert repr(sandbox) == "Sandbox(seed=3, taken=2)"
    assert str(sandbox) == (
        "sandbox · seed 3 · 2026-06-24 10:00 UTC\nmessages taken 2   offered twice 0   events to come 4"
    )


# ---------------------------------------------------------------- time


def test_it_starts_with_the_plan_and_never_goes_back() -> None:
    sandbox = Sandbox()
    sandbox.start(NOON)
    assert sandbox.clock.now() == NOON
    sandbox.start(NOON)
    sandbox.start(NOON - timedelta(days=1))
    assert sandbox.clock.now() == NOON
    sandbox.start(NOON + timedelta(days=1))
    assert sandbox.clock.now() == NOON + timedelta(days=1)


def test_a_start_that_was_given_stands() -> None:
    sandbox = Sandbox(starts_at=NOON)
    sandbox.start(NOON - timedelta(hours=1))
    assert sandbox.clock.now() == NOON


def test_sending_starts_it() -> None:
    sandbox = Sandbox()
    submit(sandbox, [message()])
    before = sandbox.clock.now()
    sandbox.start(before - timedelta(days=1))
    assert sandbox.clock.now() == before


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(NaiveDatetime):
        Sandbox(starts_at=datetime(2026, 6, 24))
    with pytest.raises(NaiveDatetime):
        Sandbox().start(datetime(2026, 6, 24))


def test_nothing_is_told_before_its_time() -> None:
    sandbox = Sandbox.quiet(starts_at=NOON)
    submit(sandbox, [message()])
    assert drive(sandbox.poll()) == ()
    pending_s = sandbox.pending_s()
    assert pending_s is not None
    sandbox.clock.advance(pending_s - 0.001)
    assert drive(sandbox.poll()) == ()
    sandbox.clock.advance(0.001)
    (first, *_) = drive(sandbox.poll())
    assert first.status is DeliveryStatus.SENT
    assert first.at <= sandbox.clock.now()


def test_events_are_told_in_rounds_and_each_keeps_its_own_instant() -> None:
    sandbox = Sandbox(starts_at=NOON)
    submit(sandbox, many(300))
    heard = 0
    while (pending_s := sandbox.pending_s()) is not None:
        sandbox.clock.advance(pending_s)
        now = sandbox.clock.now()
        assert (now.second, now.microsecond) == (0, 0)
        for event in drive(sandbox.poll()):
            heard += 1
            assert now - timedelta(seconds=60) < event.at <= now
    assert heard > 600


def test_without_rounds_each_event_is_told_at_its_instant() -> None:
    sandbox = Sandbox(starts_at=NOON, delays=Delays(heard_every_s=0))
    submit(sandbox, many(50))
    while (pending_s := sandbox.pending_s()) is not None:
        sandbox.clock.advance(pending_s)
        assert {event.at for event in drive(sandbox.poll())} == {sandbox.clock.now()}


# ---------------------------------------------------------------- fates


def test_the_same_seed_plays_the_same() -> None:
    assert told_by(Sandbox(1, starts_at=NOON), 500) == told_by(Sandbox(1, starts_at=NOON), 500)
    assert told_by(Sandbox(1, starts_at=NOON), 500) != told_by(Sandbox(2, starts_at=NOON), 500)


PLAYED = [
    ("tidy", False, 698, "0871ba6c509058c4230c7d9f6b5a80a049cbbe18e641327049d08207f5c36187"),
    ("untidy", True, 829, "51de1f9e6e9c3d8c2bff1f2af1a79c15487fa2e2d572ffc4b07f3fcd33bb3852"),
]


@pytest.mark.parametrize(("untidy", "count", "digest"), [row[1:] for row in PLAYED], ids=[row[0] for row in PLAYED])
def test_a_seed_plays_what_it_always_played(untidy: bool, count: int, digest: str) -> None:
    sandbox = Sandbox(
        7, starts_at=NOON, refused=0.1, postponed=0.1, unanswered=0.1, delivered=0.8, clicked=0.4, scanned=0.2,
        stopped=0.2, replied=0.3, untidy=untidy,
    )  # fmt: skip
    outcomes = submit(sandbox, [outgoing(seq, text="https://go.example/abcdefg") for seq in range(300)], size=50)
    answers = [(type(one).__name__, one.reference) for one in outcomes]
    told = hear_all(sandbox)
    facts = [
        (
            one.key, one.type.value, one.at.isoformat(), one.number, one.reference, one.status and one.status.value,
            one.failure and one.failure.value, one.text, one.token,
        )
        for one in told
    ]  # fmt: skip
    assert len(told) == count
    assert sha256(repr((answers, facts)).encode()).hexdigest() == digest


@pytest.mark.parametrize("untidy", [False, True], ids=["tidy", "untidy"])
def test_neither_batches_nor_order_nor_interruption_change_a_fate(untidy: bool) -> None:
    def fates(sandboxes: Sequence[Sandbox], order: Sequence[Outgoing], size: int) -> Counter[Event]:
        share = len(order) // len(sandboxes)
        told: Counter[Event] = Counter()
        for place, sandbox in enumerate(sandboxes):
            submit(sandbox, order[place * share : (place + 1) * share], size=size)
            told.update(hear_all(sandbox))
        return told

    def sandbox() -> Sandbox:
        return Sandbox(5, starts_at=NOON, refused=0.05, clicked=0.3, replied=0.2, untidy=untidy)

    messages = many(400)
    whole = fates([sandbox()], messages, 100)
    assert fates([sandbox()], messages[::-1], 7) == whole, "in another order and other batches"
    assert fates([sandbox(), sandbox()], messages, 100) == whole, "in two processes"


COUNT = 20_000


def test_the_shares_are_those_that_were_asked_for() -> None:
    sandbox = Sandbox(starts_at=NOON, clicked=0.10, scanned=0.05, stopped=0.02, replied=0.03)
    events = told_by(sandbox, COUNT)
    final = Counter(event.status for event in events if event.type is EventType.RECEIPT)
    assert final[DeliveryStatus.SENT] == COUNT
    delivered = final[DeliveryStatus.DELIVERED]
    assert delivered + final[DeliveryStatus.UNDELIVERED] + final[DeliveryStatus.EXPIRED] == COUNT
    assert delivered / COUNT == pytest.approx(0.96, abs=0.005)
    kinds = Counter(event.key.rpartition("/")[2] for event in events)
    for word, share in (("click", 0.10), ("scan", 0.05), ("stop", 0.02), ("reply", 0.03)):
        assert kinds[word] / delivered == pytest.approx(share, abs=0.006), word


def test_failures_have_their_class_and_their_status() -> None:
    sandbox = Sandbox(starts_at=NOON, delivered=0.0, failures={
        FailureClass.UNREACHABLE: 1, FailureClass.VALIDITY_EXPIRED: 1, FailureClass.UNKNOWN_SUBSCRIBER: 2,
    })  # fmt: skip
    ends = [event for event in told_by(sandbox, 2_000) if event.failure]
    assert {(event.failure, event.status) for event in ends} == {
        (FailureClass.UNREACHABLE, DeliveryStatus.UNDELIVERED),
        (FailureClass.VALIDITY_EXPIRED, DeliveryStatus.EXPIRED),
        (FailureClass.UNKNOWN_SUBSCRIBER, DeliveryStatus.UNDELIVERED),
    }
    dead = sum(event.failure is FailureClass.UNKNOWN_SUBSCRIBER for event in ends)
    assert dead / 2_000 == pytest.approx(0.5, abs=0.05)
    expired = next(event for event in ends if event.status is DeliveryStatus.EXPIRED)
    assert expired.at - NOON >= timedelta(days=1)


def test_a_number_that_does_not_exist_never_gets_anything() -> None:
    sandbox = Sandbox(starts_at=NOON, delivered=0.5, failures={FailureClass.UNKNOWN_SUBSCRIBER: 1})
    for run in range(3):
        submit(sandbox, [evolve(one, reference=f"{run}{one.reference}") for one in many(200)])
    fates: dict[int | None, set[DeliveryStatus | None]] = {}
    for event in hear_all(sandbox):
        if event.status in (DeliveryStatus.DELIVERED, DeliveryStatus.UNDELIVERED):
            fates.setdefault(event.number, set()).add(event.status)
    assert len(fates) == 200
    assert all(len(statuses) == 1 for statuses in fates.values())
    assert len({next(iter(statuses)) for statuses in fates.values()}) == 2


def test_nobody_who_did_not_get_it_answers() -> None:
    sandbox = Sandbox(starts_at=NOON, delivered=0.0, clicked=1, scanned=1, stopped=1, replied=1)
    assert {event.type for event in told_by(sandbox, 100)} == {EventType.RECEIPT}


def test_replies_are_told_raw_and_come_after_delivery() -> None:
    events = told_by(Sandbox(starts_at=NOON, delivered=1, stopped=1, replied=1, clicked=0, scanned=0), 300)
    delivered = {event.reference: event.at for event in events if event.status is DeliveryStatus.DELIVERED}
    replies = [event for event in events if event.type is not EventType.RECEIPT]
    assert {event.type for event in replies} == {EventType.REPLY}, "what STOP means is not decided here"
    assert {event.text for event in replies} == {*OPT_OUT_REPLIES, *OTHER_REPLIES}
    assert all(event.at >= delivered[event.reference] for event in replies)


def test_a_machine_clicks_within_three_seconds_and_a_person_later() -> None:
    hasty = Delays(clicked_s=1)
    sandbox = Sandbox(starts_at=NOON, delivered=1, clicked=1, scanned=1, stopped=0, replied=0, delays=hasty)
    events = told_by(sandbox, 300)
    delivered = {event.reference: event.at for event in events if event.status is DeliveryStatus.DELIVERED}
    clicks = [event for event in events if event.type is EventType.CLICK]
    assert {event.token for event in clicks} == {"4fT9bQz"}
    after = [(event.key, event.at - delivered[event.reference]) for event in clicks]
    assert len(after) == 600
    assert all((delay <= timedelta(seconds=3)) == key.endswith("/scan") for key, delay in after)


def test_without_a_link_nobody_clicks() -> None:
    sandbox = Sandbox(clicked=1, scanned=1)
    submit(sandbox, [message(text="Bonjour, rendez-vous à 12h00")])
    assert EventType.CLICK not in {event.type for event in hear_all(sandbox)}


def test_links_can_be_found_in_another_way() -> None:
    sandbox = Sandbox.quiet()
    sandbox = Sandbox(delivered=1, clicked=1, links=lambda text: text.partition("?t=")[2] or None)
    submit(sandbox, [message(text="go.example?t=abc")])
    assert "abc" in {event.token for event in hear_all(sandbox)}


TOKENS = [
    ("a short link", "voir https://go.boutique.example/4fT9bQz", "4fT9bQz"),
    ("a short link before a stop", "https://go.boutique.example/4fT9bQz. STOP", "4fT9bQz"),
    ("the first of two", "https://a.example/1111111 https://a.example/2222222", "1111111"),
    ("a long link", "https://boutique.example/soldes-ete", None),
    ("seven letters that are not a link", "Bonjour Nicolas", None),
    ("eight letters", "https://a.example/12345678", None),
]


@pytest.mark.parametrize(("text", "token"), [row[1:] for row in TOKENS], ids=[row[0] for row in TOKENS])
def test_a_token_is_found(text: str, token: str | None) -> None:
    assert token_in(text) == token


def test_untidy_events_come_twice_late_and_without_reference() -> None:
    def play(*, untidy: bool) -> list[Event]:
        sandbox = Sandbox(starts_at=NOON, delivered=1, clicked=1, stopped=1, untidy=untidy)
        submit(sandbox, many(300))
        return hear_all(sandbox)

    tidy, untidy = play(untidy=False), play(untidy=True)
    assert {event.key for event in tidy} == {event.key for event in untidy}
    assert len({event.key for event in tidy}) == len(tidy) < len(untidy)
    statuses: dict[str | None, list[DeliveryStatus]] = {}
    for event in untidy:
        if event.status:
            statuses.setdefault(event.reference, []).append(event.status)
    assert [DeliveryStatus.DELIVERED, DeliveryStatus.SENT] in statuses.values(), "the wrong order"
    known = {event.type: event.reference is not None for event in untidy}
    assert known == {EventType.RECEIPT: True, EventType.CLICK: False, EventType.REPLY: False}
    assert all(event.reference for event in tidy)


def test_in_a_quiet_sandbox_everything_arrives_and_nobody_answers() -> None:
    events = told_by(Sandbox.quiet(), 500)
    assert Counter(event.status for event in events) == {
        DeliveryStatus.SENT: 500,
        DeliveryStatus.DELIVERED: 500,
    }


# ---------------------------------------------------------------- what goes wrong at submission


def test_some_are_refused_at_once() -> None:
    sandbox = Sandbox(refused=0.2, refusals={FailureClass.SPAM_FILTER: 1})
    outcomes = submit(sandbox, many(1_000))
    refused = [outcome for outcome in outcomes if isinstance(outcome, Refused)]
    assert len(refused) / 1_000 == pytest.approx(0.2, abs=0.04)
    assert {(outcome.failure, outcome.code) for outcome in refused} == {
        (FailureClass.SPAM_FILTER, "sandbox:spam_filter")
    }
    assert sandbox.taken == len(sandbox.outbox) == 1_000 - len(refused)
    assert submit(sandbox, many(1_000)) == outcomes, "and stay refused"


def test_some_are_put_off_once() -> None:
    sandbox = Sandbox(postponed=0.2)
    outcomes = submit(sandbox, many(1_000))
    put_off = [outcome for outcome in outcomes if isinstance(outcome, Postponed)]
    assert len(put_off) / 1_000 == pytest.approx(0.2, abs=0.04)
    assert {(outcome.failure, outcome.retry_after_s) for outcome in put_off} == {(FailureClass.THROTTLED, 2.0)}
    assert drive(sandbox.ask([one for one in many(1_000) if one.reference == put_off[0].reference])) == {}, (
        "it was not taken"
    )
    references = {outcome.reference for outcome in put_off}
    again = submit(sandbox, [one for one in many(1_000) if one.reference in references])
    assert all(isinstance(outcome, Accepted) for outcome in again)
    assert sandbox.taken == 1_000
    assert sandbox.duplicates == ()


def test_some_are_taken_without_an_answer() -> None:
    sandbox = Sandbox(unanswered=1)
    assert submit(sandbox, [message()]) == [Unanswered("run-0")]
    assert sandbox.taken == 1
    assert drive(sandbox.ask(many(2))) == {"run-0": Accepted("run-0", "sandbox-run-0")}
    assert submit(sandbox, [message()]) == [Accepted("run-0", "sandbox-run-0")]


def test_an_outage_takes_nothing_and_may_be_retried() -> None:
    sandbox = Sandbox()
    sandbox.go_down(2, retry_after_s=30)
    for _ in range(2):
        with pytest.raises(TransportError) as error:
            submit(sandbox, [message()])
        assert (error.value.retryable, error.value.retry_after_s) == (True, 30)
    assert sandbox.taken == 0
    assert submit(sandbox, [message()]) == [Accepted("run-0", "sandbox-run-0")]


def test_a_lost_answer_leaves_a_doubt_that_asking_ends() -> None:
    sandbox = Sandbox()
    sandbox.lose_answers()
    with pytest.raises(TransportError) as error:
        submit(sandbox, many(3))
    assert not error.value.retryable
    assert sandbox.taken == 3
    assert set(drive(sandbox.ask(many(4)))) == {"run-0", "run-1", "run-2"}
    assert len(submit(sandbox, [message(3)])) == 1, "and then all is well"


def test_a_flow_that_is_not_driven_sends_nothing() -> None:
    sandbox = Sandbox()
    sandbox.submit([message()])
    assert sandbox.taken == 0


def test_a_person_can_write() -> None:
    sandbox = Sandbox(starts_at=NOON + timedelta(seconds=1))
    sandbox.receive(ANAIS, "STOP")
    sandbox.receive(33612345678, "STOP")
    assert sandbox.pending_s() == 0
    first, second = drive(sandbox.poll())
    assert (first.type, first.number, first.text, first.at) == (
        EventType.REPLY,
        33612345678,
        "STOP",
        sandbox.clock.now(),
    )
    assert first.key != second.key
    assert "612345678" not in repr(first)


WRONG: list[tuple[str, dict[str, object]]] = [
    ("a share above one", {"delivered": 96}),
    ("a share below zero", {"clicked": -0.1}),
    ("no share at all", {"refused": float("nan")}),
    ("no weight", {"failures": {}}),
    ("only zeros", {"refusals": {FailureClass.POLICY: 0}}),
    ("a weight below zero", {"failures": {FailureClass.NETWORK: 2, FailureClass.POLICY: -1}}),
]


@pytest.mark.parametrize("arguments", [row[1] for row in WRONG], ids=[row[0] for row in WRONG])
def test_nonsense_is_refused(arguments: dict[str, object]) -> None:
    with pytest.raises(InvalidInput):
        Sandbox(**arguments)  # type: ignore[arg-type]


def test_time_does_not_run_backwards() -> None:
    with pytest.raises(InvalidInput, match="clicked_s"):
        Delays(clicked_s=-1)
