"""Doubts: asked about, told again while the carrier certainly remembers, or waited for. And receipts that were lost."""

from datetime import timedelta

import pytest
from attrs import evolve
from tests.delivery.conftest import NOON, Bench, Carrier

import smskit as sk
from smskit.delivery.doubts import is_still_known
from smskit.errors import RunBusy, TransportError
from smskit.kinds import DeliveryStatus, EventType, FailureClass, SendState
from smskit.protocols import Features
from smskit.records import Accepted, Event, Postponed, Refused, Unanswered


class Asked(Carrier):
    """Tells what a test says of each message that it is asked about."""

    def __init__(self, told=None, **features):
        super().__init__(**{"can_be_asked": True, **features})
        self.told = told or (lambda message: Accepted(message.reference, "asked"))
        self.asked = []

    def ask(self, messages, /):
        yield from ()
        self.asked += messages
        told = {message.reference: self.told(message) for message in messages}
        return {reference: outcome for reference, outcome in told.items() if outcome is not None}


def doubtful(bench, count=4, at=NOON, **load):
    bench.load(count, **load)
    assert len(bench.store.lease("run", limit=count, now=at)) == count


AGES = [
    # what                                            remembers for   age in s     told again
    ("for ever",                                      None,           10**7,       True),
    ("young enough",                                  3600,           3500,        True),
    ("within the margin of a minute",                 3600,           3541,        False),
    ("of a short memory the margin is a tenth",       100,            89,          True),
    ("and that is over",                              100,            91,          False),
    ("long forgotten",                                3600,           86_400,      False),
    ("the clock was set back: nobody knows its age",  3600,           -10,         False),
]  # fmt: skip


@pytest.mark.parametrize(("lasts", "age", "again"), [case[1:] for case in AGES], ids=[case[0] for case in AGES])
@pytest.mark.parametrize("how", ["resume", "resolve"])
def test_only_what_the_carrier_still_remembers_is_told_again(bench: Bench, lasts, age, again, how):
    hours = {"kind": sk.Kind.NOTIFICATION}  # at any hour
    doubtful(bench, **hours)
    carrier = Carrier(idempotent=True, idempotent_for_s=lasts)
    carrier.clock.advance(age)
    run = bench.run(carrier)
    getattr(run, how)()
    assert len(carrier.received) == (4 if again else 0)
    assert bench.store.account("run").in_doubt == (0 if again else 4)


@pytest.mark.parametrize(("busy_s", "again"), [(0, True), (4, True), (30, False)])
def test_the_age_is_looked_at_when_the_turn_has_come(bench: Bench, busy_s, again):
    doubtful(bench, 1, kind=sk.Kind.NOTIFICATION)
    carrier = Carrier(idempotent=True, idempotent_for_s=100, parts_per_second=1.0)
    carrier.clock.advance(85)
    bench.store.book("carrier/MABOUTIQUE/notification", busy_s, rate=1.0, now=carrier.clock.now())
    assert bench.run(carrier).resolve().in_doubt == (0 if again else 1)
    assert len(carrier.received) == again


def test_a_carrier_that_is_not_idempotent_is_never_told_again(bench: Bench):
    doubtful(bench)
    send = next(bench.store.sends("run"))
    assert not is_still_known(send, Features(idempotent_for_s=None), NOON)
    assert not is_still_known(evolve(send, submitted_at=None), Features(idempotent=True, idempotent_for_s=5), NOON)


AGAIN = [
    # what                                               answer to the second telling                       state
    ("taken, once",                                      lambda m: Accepted(m.reference),                   SendState.ACCEPTED),
    ("the number does not exist",                        lambda m: Refused(m.reference, FailureClass.INVALID_NUMBER), SendState.REJECTED),
    ("too fast: that says nothing of the first",         lambda m: Postponed(m.reference, FailureClass.THROTTLED), SendState.SUBMITTING),
    ("no credit: that says nothing of the first",        lambda m: Refused(m.reference, FailureClass.INSUFFICIENT_CREDIT), SendState.SUBMITTING),
    ("objected meanwhile: it may well have arrived",     lambda m: Refused(m.reference, FailureClass.OPTED_OUT), SendState.SUBMITTING),
    ("no answer again",                                  lambda m: Unanswered(m.reference),                 SendState.SUBMITTING),
]  # fmt: skip


@pytest.mark.parametrize(("answer", "state"), [case[1:] for case in AGAIN], ids=[case[0] for case in AGAIN])
def test_what_the_answer_to_a_second_telling_means(bench: Bench, answer, state):
    doubtful(bench)
    account = bench.run(Carrier(lambda m, again: answer(m), idempotent=True)).resolve()
    assert bench.states() == {state: 4}
    assert account == bench.store.account("run")


ASKED = [
    # what                                          told                                                            state
    ("it was taken",                                lambda m: Accepted(m.reference, "id"),                          SendState.ACCEPTED),
    ("it was refused",                              lambda m: Refused(m.reference, FailureClass.SPAM_FILTER, "9"),  SendState.REJECTED),
    ("it was not taken for want of credit",         lambda m: Refused(m.reference, FailureClass.INSUFFICIENT_CREDIT), SendState.PLANNED),
    ("it was certainly never taken",                lambda m: None,                                                 SendState.PLANNED),
    ("the carrier cannot say",                      lambda m: Unanswered(m.reference),                              SendState.SUBMITTING),
]  # fmt: skip


@pytest.mark.parametrize(("told", "state"), [case[1:] for case in ASKED], ids=[case[0] for case in ASKED])
def test_asking_sends_nothing(bench: Bench, told, state):
    doubtful(bench)
    carrier = Asked(told)
    carrier.clock.advance(60)
    account = bench.run(carrier).resolve()
    assert bench.states() == {state: 4}
    assert account.closes
    assert carrier.received == []
    assert [message.number for message in carrier.asked] == [33_612_000_000 + seq for seq in range(4)]
    if state is SendState.ACCEPTED:
        assert {send.submitted_at for send in bench.store.sends("run")} == {NOON}, "it left when it left"


@pytest.mark.parametrize(("age_s", "in_doubt"), [(29, 4), (30, 0)])
def test_a_request_that_just_left_may_still_be_on_its_way(bench: Bench, age_s, in_doubt):
    doubtful(bench)
    carrier = Asked(lambda m: None, live=True)
    carrier.clock.advance(age_s)
    assert bench.run(carrier).resolve().in_doubt == in_doubt


def test_doubts_are_waited_for_and_looked_at_again(bench: Bench):
    doubtful(bench)
    looks = []

    def later(message):
        looks.append(message.reference)
        return Accepted(message.reference) if len(looks) > 12 else Unanswered(message.reference)

    carrier = Asked(later)
    assert bench.run(carrier).resolve(wait_s=100).in_doubt == 0
    assert (carrier.clock.now() - NOON).total_seconds() == 1 + 2 + 4
    assert bench.run(carrier).resolve(wait_s=100).in_doubt == 0
    assert len(looks) == 16, "there was nothing left to ask"


def test_a_receipt_that_comes_in_ends_a_doubt_without_asking(bench: Bench):
    doubtful(bench, 2)
    carrier = Carrier()
    sleep = carrier.clock.sleep

    async def webhook(seconds):
        told = Event("r-0", EventType.RECEIPT, NOON, reference="run-0", status=DeliveryStatus.DELIVERED)
        sk.receive(bench.store, [told])
        await sleep(seconds)

    carrier.clock.sleep = webhook
    account = bench.run(carrier).resolve(wait_s=30)
    assert (account.accepted, account.in_doubt) == (1, 1)
    assert (carrier.clock.now() - NOON).total_seconds() == 30


def test_resolving_needs_the_campaign_for_itself(bench: Bench):
    doubtful(bench)
    with bench.store.hold("soldes"), pytest.raises(RunBusy):
        bench.run(Asked()).resolve()


def test_resolving_a_paused_or_cancelled_run_tells_nobody_again(bench: Bench):
    doubtful(bench, 4)
    carrier = Carrier(idempotent=True)
    run = bench.run(carrier)
    run.pause()
    assert run.resolve().in_doubt == 4
    run.cancel()
    assert run.resolve().in_doubt == 4
    assert carrier.received == []
    asked = Asked(lambda m: None)
    assert bench.run(asked).resolve().cancelled == 4, "never taken, and nobody wants it any more"


def test_another_carrier_than_the_one_that_has_the_messages_is_neither_asked_nor_told():
    """It knows nothing of them, which proves nothing: the first one may have taken them all."""
    people = sk.Contacts.read([{"mobile": f"+{33_612_000_000 + n}"} for n in range(4)])
    campaign = sk.Campaign("avis", "Votre colis", to=people, sender="B", kind="notification")
    store = sk.MemoryStore()
    first = Carrier(lambda m, again: Unanswered(m.reference))
    run_id = campaign.plan(at=NOON, prices=sk.Prices.per_part(FR="0.045"), store=store).send(first).id
    for second in (Asked(lambda m: None), Carrier(idempotent=True)):
        second.name = "second"
        run = sk.Run(store, run_id, second)
        assert run.resume().account.in_doubt == run.resolve().in_doubt == 4
        assert second.received == []
    assert sk.Run(store, run_id, Asked(lambda m: None)).resume().account.accepted == 4


def test_a_carrier_that_cannot_be_asked_now_says_so(bench: Bench):
    class Broken(Asked):
        def ask(self, messages, /):
            yield from ()
            raise TransportError("carrier", "503", retryable=True)

    doubtful(bench)
    with pytest.raises(TransportError):
        bench.run(Broken()).resolve()
    assert bench.states() == {SendState.SUBMITTING: 4}


# ---------------------------------------------------------------- receipts that were lost


class LooksUp(Carrier):
    """Tells the receipt of each message, by the carrier's own name of it."""

    def __init__(self, **features):
        super().__init__(**features)
        self.looked_up = []

    def look_up(self, messages, /):
        yield from ()
        self.looked_up.append([message.reference for message in messages])
        assert all(message.provider_id == f"id-{message.reference}" for message in messages)
        status = DeliveryStatus.DELIVERED
        return tuple(
            Event(f"up-{m.reference}", EventType.RECEIPT, NOON, m.number, m.reference, status) for m in messages[:-1]
        )


class Fetches(Carrier):
    """Remembers its events."""

    since = None

    def fetch(self, since, /):
        yield from ()
        self.since = since
        return (Event("mo-1", EventType.REPLY, NOON + timedelta(seconds=5), 33_612_000_000, text="STOP"),)


def test_refresh_asks_for_what_has_no_final_receipt_yet(bench: Bench):
    bench.load(7)
    carrier = LooksUp(largest_batch=3)
    run = bench.run(carrier).resume()
    final = [DeliveryStatus.SENT, DeliveryStatus.DELIVERED, DeliveryStatus.UNDELIVERED, DeliveryStatus.UNKNOWN]
    run.receive(
        Event(f"r-{seq}", EventType.RECEIPT, NOON, reference=f"run-{seq}", status=status)
        for seq, status in enumerate(final)
    )
    assert run.refresh() == 2
    assert carrier.looked_up == [["run-0", "run-4", "run-5"], ["run-6"]]
    assert run.refresh() == 1
    assert carrier.looked_up[2:] == [["run-5", "run-6"]]
    assert run.report().counts.delivered == 4


def test_refresh_while_the_run_is_sent_elsewhere(bench: Bench):
    bench.load(4)
    run = bench.run(LooksUp()).resume()
    with bench.store.hold("soldes"):
        assert run.refresh() == 3


def test_refresh_fetches_what_the_carrier_remembers(bench: Bench):
    bench.load(2)
    carrier = Fetches()
    run = bench.run(carrier).resume()
    assert run.refresh() == 2, "the reply and the opposition that it is"
    assert run.refresh() == 0
    assert carrier.since == NOON
    assert bench.store.suppressed([33_612_000_000])


def test_a_carrier_that_only_pushes_has_nothing_to_refresh(bench: Bench):
    bench.load(2)
    assert bench.run(Carrier()).resume().refresh() == 0


def test_what_came_instead_of_an_answer_is_logged_once_for_a_batch_and_without_numbers(bench: Bench, caplog):
    bench.load(10)
    carrier = Carrier(lambda message, again: Unanswered(message.reference, "http-502"), largest_batch=10)
    bench.run(carrier).resume()
    (record,) = [record for record in caplog.records if "in doubt" in record.getMessage()]
    assert record.getMessage() == "run run: carrier left 10 messages in doubt (http-502)"
