"""The breaker: no credit, a wrong key, refusals one after the other, silence. Nobody is rejected for the shop's account."""

from decimal import Decimal

import pytest
from tests.delivery.conftest import NOON, Bench, Carrier

import smskit as sk
from smskit.delivery import Patience
from smskit.delivery.guard import Limits
from smskit.errors import CarrierRefuses, InvalidInput, TransportError
from smskit.kinds import DeliveryStatus, EventType, FailureClass, SendState
from smskit.records import Accepted, Balance, Event, Postponed, Refused, Unanswered

OF_ACCOUNT = [failure for failure in FailureClass if failure.is_of_account]


@pytest.mark.parametrize("failure", OF_ACCOUNT, ids=[failure.value for failure in OF_ACCOUNT])
@pytest.mark.parametrize("outcome", [Refused, Postponed])
def test_a_failure_of_the_account_stops_the_run_and_costs_nobody_an_attempt(bench: Bench, failure, outcome):
    bench.load(20, limits=Limits(budget_micros=20 * 45_000))
    is_mended = []

    def answer(message, again):
        seq = int(message.reference[4:])
        return Accepted(message.reference) if is_mended or seq < 7 else outcome(message.reference, failure, code="2031")

    carrier = Carrier(answer, largest_batch=5)
    with pytest.raises(CarrierRefuses, match=rf"{failure.value} \(2031\).*resume the run") as raised:
        bench.run(carrier).resume()
    assert (raised.value.failure, raised.value.code, raised.value.retryable) == (failure.value, "2031", False)
    assert bench.states() == {SendState.ACCEPTED: 7, SendState.PLANNED: 13}
    assert carrier.batches == [5, 5], "nothing was leased after it"
    assert {send.attempts for send in bench.store.sends("run") if send.state is SendState.PLANNED} == {0}
    is_mended.append(True)
    assert bench.run(carrier).resume().account.accepted == 20


def receipt(seq, failure, key="r"):
    return Event(f"{key}-{seq}", EventType.RECEIPT, NOON, reference=f"run-{seq}", status=DeliveryStatus.FAILED, failure=failure)  # fmt: skip


RECEIPTS = [
    # what                                            failure of a receipt                    stops
    ("the credit is used up, told by receipts only",  FailureClass.INSUFFICIENT_CREDIT,       True),
    ("the key was withdrawn",                         FailureClass.AUTH,                      True),
    ("a handset is off",                              FailureClass.UNREACHABLE,               False),
    ("a number does not exist",                       FailureClass.UNKNOWN_SUBSCRIBER,        False),
]  # fmt: skip


@pytest.mark.parametrize(("failure", "stops"), [case[1:] for case in RECEIPTS], ids=[case[0] for case in RECEIPTS])
def test_a_receipt_that_comes_in_between_two_leases(bench: Bench, failure, stops):
    bench.load(20)
    carrier = Carrier(largest_batch=5)
    told = []

    def receive_once(progress):
        if not told:
            told.append(bench.run(carrier).receive([receipt(0, failure)]))

    if stops:
        with pytest.raises(CarrierRefuses, match=failure.value):
            bench.run(carrier).resume(on_progress=receive_once)
    else:
        bench.run(carrier).resume(on_progress=receive_once)
    assert len(carrier.received) == (5 if stops else 20)
    assert bench.run(carrier).resume().account.accepted == 20, "receipts of an earlier resume stop no later one"


def test_a_receipt_that_comes_in_when_all_have_left_stops_nothing(bench: Bench):
    bench.load(5)
    told = lambda progress: sk.receive(bench.store, [receipt(0, FailureClass.INSUFFICIENT_CREDIT)])  # noqa: E731
    assert bench.run(Carrier()).resume(on_progress=told).account.accepted == 5


def refusing(failure, every, **others):
    def answer(message, again):
        seq = int(message.reference[4:])
        return Refused(message.reference, failure) if seq % every == 0 else Accepted(message.reference)

    return answer


BURSTS = [
    # what                                           failure                          one in   stops
    ("all refused for the sender",                   FailureClass.SENDER_INVALID,     1,       True),
    ("half of them refused is not more than half",   FailureClass.SPAM_FILTER,        2,       False),
    ("numbers that do not exist are no burst",       FailureClass.INVALID_NUMBER,     1,       False),
    ("people who objected are no burst",             FailureClass.OPTED_OUT,          1,       False),
]  # fmt: skip


@pytest.mark.parametrize(("failure", "every", "stops"), [case[1:] for case in BURSTS], ids=[case[0] for case in BURSTS])
def test_refusals_one_after_the_other(bench: Bench, failure, every, stops):
    bench.load(100)
    carrier = Carrier(refusing(failure, every), largest_batch=10)
    run, patience = bench.run(carrier), Patience(burst=20)
    if not stops:
        run.resume(patience=patience)
        assert len(carrier.received) == 100
        return
    with pytest.raises(
        CarrierRefuses, match="of the last 20 messages 20 were refused, most of them for sender_invalid"
    ):
        run.resume(patience=patience)
    assert len(carrier.received) == 20
    assert bench.states() == {SendState.REJECTED: 20, SendState.PLANNED: 80}


def test_a_burst_that_is_over_is_forgotten(bench: Bench):
    bench.load(60)
    carrier = Carrier(refusing(FailureClass.SPAM_FILTER, 1), largest_batch=9)

    def mended(progress):
        carrier._answer = lambda m, again: Accepted(m.reference)

    run = bench.run(carrier).resume(patience=Patience(burst=20), on_progress=mended)
    assert (run.account.rejected, run.account.accepted) == (9, 51)


def test_a_carrier_that_says_nothing_at_all_gets_a_few_batches_and_no_more(bench: Bench):
    bench.load(100)
    carrier = Carrier(lambda m, again: Unanswered(m.reference), largest_batch=4)
    with pytest.raises(CarrierRefuses, match="no answer to 5 batches in a row"):
        bench.run(carrier).resume()
    account = bench.store.account("run")
    assert (account.in_doubt, account.remaining) == (20, 80)


def test_one_answer_among_the_silence_is_enough_to_go_on(bench: Bench):
    bench.load(40)
    carrier = Carrier(lambda m, again: Unanswered(m.reference) if int(m.reference[4:]) % 4 else Accepted(m.reference), largest_batch=4)  # fmt: skip
    account = bench.run(carrier).resume().account
    assert (account.in_doubt, account.accepted) == (30, 10)


def test_only_batches_in_a_row_count_as_silence(bench: Bench):
    bench.load(60)
    carrier = Carrier(lambda m, again: Accepted(m.reference) if int(m.reference[4:]) // 4 % 5 == 4 else Unanswered(m.reference), largest_batch=4)  # fmt: skip
    account = bench.run(carrier).resume().account
    assert (account.in_doubt, account.accepted) == (48, 12), "four silent batches, an answer, and so on"


def test_a_refusal_because_the_person_objected_is_an_objection(bench: Bench):
    bench.load(3)
    bench.run(Carrier(refusing(FailureClass.OPTED_OUT, 2))).resume()
    numbers = [33_612_000_000 + seq for seq in range(3)]
    assert set(bench.store.suppressed(numbers)) == {numbers[0], numbers[2]}
    assert bench.store.consents(numbers)[numbers[0]][-1].evidence == "run-0:refused:opt-out"
    bench.load(3, run_id="two", campaign="noel")
    later = Carrier()
    bench.run(later, "two").resume()
    assert [message.number for message in later.received] == [numbers[1]]


def test_several_batches_in_hand_are_recorded_before_the_run_stops(bench: Bench):
    bench.load(40)
    carrier = Carrier(refusing(FailureClass.INSUFFICIENT_CREDIT, 10), largest_batch=5, in_flight=4)
    with pytest.raises(CarrierRefuses):
        bench.run(carrier).resume()
    account = bench.store.account("run")
    assert (account.in_doubt, account.rejected) == (0, 0)
    assert account.accepted == len(carrier.received) - sum(m.reference in ("run-0", "run-10") for m in carrier.received)


WRONG = [{"attempts": 0}, {"burst": 0}, {"silent_batches": 0}, {"refused": 1.5}, {"refused": -0.1}]


@pytest.mark.parametrize("wrong", WRONG, ids=map(str, WRONG))
def test_a_patience_that_makes_no_sense(wrong):
    with pytest.raises(InvalidInput):
        Patience(**wrong)


def test_a_receipt_that_tells_of_an_objection_is_one(bench: Bench):
    bench.load(2)
    run = bench.run(Carrier()).resume()
    number = 33_612_000_000
    assert run.receive([receipt(0, FailureClass.OPTED_OUT)]) == 2
    assert run.receive([receipt(0, FailureClass.OPTED_OUT)]) == 0
    assert bench.store.suppressed([number])[number].reason is sk.Reason.OPTED_OUT
    unknown = Event("r-77", EventType.RECEIPT, NOON, 33_698_000_000, failure=FailureClass.OPTED_OUT)
    assert sk.receive(bench.store, [unknown]) == 2, "a message that we do not know, and a number that we do"
    assert bench.store.suppressed([33_698_000_000])


class MiddleOfABatch(Carrier):
    """Takes the first message of each batch, or loses it, and is too busy for the rest: a request for each of them."""

    def __init__(self, first, failure) -> None:
        self.heads: set[str] = set()
        super().__init__(
            lambda m, _: first(m.reference) if m.reference in self.heads else Postponed(m.reference, failure)
        )

    def submit(self, messages, /):
        self.heads.add(messages[0].reference)
        return (yield from super().submit(messages))


OF_LINE = [FailureClass.THROTTLED, FailureClass.NETWORK, FailureClass.PROVIDER_UNAVAILABLE, FailureClass.PROVIDER_ERROR]


@pytest.mark.parametrize("failure", OF_LINE, ids=[failure.value for failure in OF_LINE])
def test_what_was_not_looked_at_in_the_middle_of_a_batch_is_offered_until_it_is(bench: Bench, failure):
    bench.load(12)
    run = bench.run(MiddleOfABatch(Accepted, failure)).resume(wait=True)
    assert run.account.accepted == 12, "nobody is rejected because a carrier is busy"
    assert {send.attempts for send in run.sends()} == {1}


def test_a_carrier_out_of_order_loses_one_of_each_batch_and_the_run_stops(bench: Bench):
    bench.load(12)
    run = bench.run(MiddleOfABatch(Unanswered, FailureClass.PROVIDER_UNAVAILABLE))
    with pytest.raises(CarrierRefuses, match="no answer to 5 batches in a row"):
        run.resume(wait=True)
    assert bench.states() == {SendState.SUBMITTING: 5, SendState.PLANNED: 7}


class Purse(Carrier):
    """A carrier that tells what the account has left."""

    left = "0"

    def balance(self):
        yield from ()
        if self.left == "?":
            raise TransportError("carrier", "not now", retryable=True)
        return Balance(Decimal(self.left), "EUR")


BALANCES = [
    # what                                         balance   goes on
    ("still nothing", "0", False),
    ("less than nothing", "-3.50", False),
    ("topped up", "51.35", True),
    ("a carrier that does not tell it now", "?", True),
]


@pytest.mark.parametrize(("left", "goes_on"), [case[1:] for case in BALANCES], ids=[case[0] for case in BALANCES])
def test_a_run_that_ran_out_of_credit_looks_at_the_balance_before_it_goes_on(bench: Bench, left, goes_on):
    bench.load(20)
    carrier = Purse(largest_batch=5)
    run = bench.run(carrier)
    with pytest.raises(CarrierRefuses, match="top the account up"):
        run.resume(on_progress=lambda _: run.receive([receipt(0, FailureClass.INSUFFICIENT_CREDIT)]))
    carrier.left = left
    if goes_on:
        assert run.resume().account.accepted == 20
    else:
        with pytest.raises(CarrierRefuses, match="top the account up"):
            run.resume()
        assert run.account.remaining == 15


def test_an_account_that_is_billed_afterwards_may_stand_at_zero(bench: Bench):
    bench.load(20)
    run = bench.run(Purse(largest_batch=5))
    with pytest.raises(CarrierRefuses):
        run.resume(on_progress=lambda _: run.receive([receipt(0, FailureClass.INSUFFICIENT_CREDIT)]))
    assert run.resume(patience=Patience(heeds_balance=False)).account.accepted == 20


def test_a_run_that_never_lacked_credit_asks_for_no_balance(bench: Bench):
    bench.load(20)
    assert bench.run(Purse(largest_batch=5)).resume().account.accepted == 20
