"""Pace: parts of one sender leave no faster than the carrier allows, whoever sends them; codes first, marketing last."""

import asyncio

import pytest
from tests.delivery.conftest import NOON, Bench, Carrier

import smskit as sk
from smskit.delivery.pacing import Lane
from smskit.kinds import FailureClass, Kind, RunState, SendState
from smskit.records import Accepted, Postponed


class Timed(Carrier):
    """Knows when each message came."""

    def __init__(self, answer=None, **features):
        super().__init__(answer, **{"parts_per_second": 10.0, **features})
        self.moments = []

    def submit(self, messages, /):
        self.moments.append(((self.clock.now() - NOON).total_seconds(), sum(message.parts for message in messages)))
        return super().submit(messages)

    def fastest(self, seconds: float) -> int:
        """The most parts that left within *seconds*."""
        return max(sum(p for at, p in self.moments if start <= at < start + seconds) for start, _ in self.moments)


@pytest.mark.parametrize(("parts", "in_flight"), [(1, 1), (3, 1), (1, 4), (7, 4), (25, 2)])
def test_over_time_the_pace_is_exact(bench: Bench, parts, in_flight):
    bench.load(40, parts=parts)
    carrier = Timed(in_flight=in_flight)
    bench.run(carrier).resume()
    last_at, last_parts = carrier.moments[-1]
    assert last_at == pytest.approx((40 * parts - last_parts) / 10.0, abs=1e-3)
    assert max(left for _, left in carrier.moments) <= max(10, parts), "more than a second's worth in one lease"


def test_messages_of_other_sizes_give_back_what_is_over_a_second(bench: Bench):
    bench.load(40)
    sends = list(bench.store.sends("run"))
    assert {send.parts for send in sends} == {1}
    bench.load(40, run_id="two", campaign="noel", first=33_613_000_000, parts=4)
    carrier = Timed(largest_batch=100)
    bench.run(carrier, "two").resume()
    assert {left for _, left in carrier.moments} <= {4, 8}
    assert {send.attempts for send in bench.store.sends("two")} == {1}
    assert len(carrier.received) == 40


def test_a_lane_learns_how_large_messages_are(bench: Bench):
    bench.load(10, parts=4)
    lane = Lane(bench.store, bench.store.run("run"), Timed())
    sends = list(bench.store.sends("run"))
    assert lane.limit == 10
    assert lane.within_a_second(sends) == 2
    assert lane.limit == 3


def test_nothing_is_leased_while_a_turn_is_waited_for(bench: Bench):
    bench.load(30)
    carrier = Timed()
    sleep, in_doubt = carrier.clock.sleep, []

    async def look(seconds):
        in_doubt.append(bench.store.account("run").in_doubt)
        await sleep(seconds)

    carrier.clock.sleep = look
    bench.run(carrier).resume()
    assert in_doubt == [0, 0]


def test_what_was_put_off_keeps_to_the_pace_when_it_comes_again(bench: Bench):
    bench.load(60)
    carrier = Timed(
        lambda m, again: Accepted(m.reference) if again else Postponed(m.reference, FailureClass.THROTTLED, 0)
    )
    assert bench.run(carrier).resume(wait=True).account.accepted == 60
    assert sum(left for _, left in carrier.moments) == 120
    assert carrier.fastest(1.0) <= 10


def test_two_campaigns_of_one_sender_share_its_pace(bench: Bench):
    bench.load(30)
    bench.load(30, run_id="two", campaign="noel", first=33_613_000_000)
    carrier = Timed()

    async def both():
        await asyncio.gather(bench.run(carrier).aresume(), bench.run(carrier, "two").aresume())

    asyncio.run(both())
    assert len(carrier.received) == 60
    assert carrier.fastest(1.0 - 1e-3) <= 10


def test_another_carrier_has_a_pace_of_its_own(bench: Bench):
    bench.load(30)
    bench.run(Timed()).resume()
    bench.load(10, run_id="two", campaign="noel", first=33_613_000_000)
    other = Timed()
    other.name = "other"
    bench.run(other, "two").resume()
    assert other.moments[0][0] == 0.0


WAITS = [
    # what                                  first to leave       then                  waits
    ("a code behind marketing",             Kind.MARKETING,      Kind.OTP,             False),
    ("a code behind notices",               Kind.NOTIFICATION,   Kind.OTP,             False),
    ("a notice behind marketing",           Kind.MARKETING,      Kind.NOTIFICATION,    False),
    ("a notice behind codes",               Kind.OTP,            Kind.NOTIFICATION,    True),
    ("marketing behind codes",              Kind.OTP,            Kind.MARKETING,       True),
    ("marketing behind notices",            Kind.NOTIFICATION,   Kind.MARKETING,       True),
    ("a code behind codes",                 Kind.OTP,            Kind.OTP,             True),
]  # fmt: skip


@pytest.mark.parametrize(("first", "then", "waits"), [case[1:] for case in WAITS], ids=[case[0] for case in WAITS])
def test_codes_go_before_notices_and_notices_before_marketing(bench: Bench, first, then, waits):
    bench.load(10, kind=first)
    bench.load(10, run_id="two", campaign="noel", first=33_613_000_000, kind=then)
    bench.run(Timed()).resume()
    second = Timed()
    bench.run(second, "two").resume()
    assert second.moments[0][0] == (pytest.approx(1.0, abs=1e-3) if waits else 0.0)


def test_a_lane_that_has_nothing_to_send_is_left_free(bench: Bench):
    bench.load(5, not_before=int(NOON.timestamp()) + 3600)
    assert bench.run(Timed()).resume().account.remaining == 5
    bench.load(5, run_id="two", campaign="noel", first=33_613_000_000)
    second = Timed()
    bench.run(second, "two").resume()
    assert second.moments[0][0] == 0.0


def test_a_run_paused_while_it_waits_for_its_turn_leases_no_more(bench: Bench):
    bench.load(30)
    carrier = Timed()
    sleep = carrier.clock.sleep

    async def pause_then_sleep(seconds):
        bench.run(carrier).pause()
        await sleep(seconds)

    carrier.clock.sleep = pause_then_sleep
    run = bench.run(carrier).resume(wait=True)
    assert (run.state, run.account.accepted, run.account.remaining) == (RunState.PAUSED, 10, 20)
    carrier.clock.sleep = sleep
    assert run.resume().account.accepted == 30
    assert run.state is RunState.READY


def test_a_paused_run_says_so_and_a_cancelled_one_cannot_be_paused(bench: Bench):
    bench.load(3)
    run = bench.run(Carrier())
    assert run.pause().remaining == 3
    assert "paused" in str(run)
    assert "call run.resume() to go on" in str(run)
    assert bench.run(Carrier()).resume().account.accepted == 3
    run.cancel()
    with pytest.raises(sk.SmskitError):
        run.pause()


def test_a_run_paused_while_it_waits_for_the_morning_returns(bench: Bench):
    bench.load(3, not_before=int(NOON.timestamp()) + 86_400)
    carrier = Carrier()
    sleep = carrier.clock.sleep

    async def pause_then_sleep(seconds):
        bench.run(carrier).pause()
        await sleep(seconds)

    carrier.clock.sleep = pause_then_sleep
    run = bench.run(carrier).resume(wait=True)
    assert (run.state, run.account.remaining) == (RunState.PAUSED, 3)
    assert bench.states() == {SendState.PLANNED: 3}
