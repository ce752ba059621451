"""Laws of figures: shares stay shares, parts add up, orders of reading do not matter, money is exact."""

from __future__ import annotations

import random
from datetime import datetime, timedelta, timezone
from decimal import Decimal

from hypothesis import assume, given
from hypothesis import strategies as st

from smskit.kinds import DeliveryStatus, EventType, FailureClass, Kind, RunState, SendState
from smskit.metrics import Order, Report, build_report, detectable_lift, newcombe, pooled_z, sample_size, wilson
from smskit.metrics.arms import holm
from smskit.metrics.economics import Economics
from smskit.records import Account, Event, RunRecord, Send

NOON = datetime(2026, 6, 24, 12, tzinfo=timezone.utc)
RUN = RunRecord("r1", "c", "d", Kind.MARKETING, "S", NOON, NOON, RunState.READY, "EUR", "{}")


@st.composite
def groups(draw: st.DrawFn) -> tuple[int, int]:
    trials = draw(st.integers(1, 10**6))
    return draw(st.integers(0, trials)), trials


@given(groups(), st.floats(0.01, 0.999))
def test_a_share_lies_in_its_interval_and_that_between_0_and_1(group: tuple[int, int], confidence: float) -> None:
    interval = wilson(*group, confidence=confidence)
    assert interval is not None
    assert 0 <= interval.low <= group[0] / group[1] <= interval.high <= 1


@given(groups())
def test_failures_mirror_successes(group: tuple[int, int]) -> None:
    successes, trials = group
    one, other = wilson(successes, trials), wilson(trials - successes, trials)
    assert one is not None
    assert other is not None
    assert abs(one.low - (1 - other.high)) < 1e-9
    assert abs(one.high - (1 - other.low)) < 1e-9


@given(groups(), groups())
def test_a_difference_turned_round_is_its_opposite(one: tuple[int, int], other: tuple[int, int]) -> None:
    there, back = newcombe(*one, *other), newcombe(*other, *one)
    assert there is not None
    assert back is not None
    points = one[0] / one[1] - other[0] / other[1]
    assert -1 - 1e-9 <= there.low <= points + 1e-12
    assert points - 1e-12 <= there.high <= 1 + 1e-9
    assert abs(there.low + back.high) < 1e-9
    z, opposite = pooled_z(*one, *other), pooled_z(*other, *one)
    assert (z is None) is (opposite is None)
    assert z is None or opposite is None or abs(z + opposite) < 1e-9


@given(st.floats(0.01, 0.5), st.floats(0.01, 0.3))
def test_what_a_sample_finds_is_what_it_was_made_for(base: float, lift: float) -> None:
    size = sample_size(base, base + lift)
    assert detectable_lift(size, size, base=base) <= lift + 1e-9
    assume(size > 2)
    assert detectable_lift(size - 1, size - 1, base=base) > lift - 1e-9


@given(st.integers(1, 10**5), st.integers(1, 10**5), st.integers(1, 10**5))
def test_more_contacts_never_detect_less(exposed: int, held_out: int, more: int) -> None:
    lift = detectable_lift(exposed, held_out)
    assert 0 < lift <= 0.95
    assert detectable_lift(exposed + more, held_out + more) <= lift + 1e-9


@given(st.lists(st.floats(0, 1), max_size=8))
def test_adjusting_never_makes_a_p_smaller_nor_changes_their_order(p_values: list[float]) -> None:
    adjusted = [p for p in holm(p_values) if p is not None]
    assert all(p <= q <= 1 for p, q in zip(p_values, adjusted, strict=True))
    ranked = [q for _, q in sorted(zip(p_values, adjusted, strict=True))]
    assert ranked == sorted(ranked)


@given(st.integers(1, 10**12), st.integers(-(10**12), 10**12), st.integers(1, 10**6), st.integers(1, 10**6))
def test_money_closes(cost: int, revenue: int, messages: int, conversions: int) -> None:
    money = Economics(cost, revenue, messages, conversions)
    assert money.net.micros + money.cost.micros == money.revenue.micros
    gross, net, roi = money.revenue_per_unit, money.net_per_unit, money.roi_percent
    assert gross is not None
    assert net is not None
    assert roi is not None
    assert abs(gross - net - 1) < Decimal("1e-9") * max(1, abs(gross))
    assert abs(roi - 100 * net) < Decimal("1e-9") * max(1, abs(roi))


# ---------------------------------------------------------------- runs

statuses = st.sampled_from([None, DeliveryStatus.DELIVERED, DeliveryStatus.READ, DeliveryStatus.UNDELIVERED])
rows = st.lists(
    st.tuples(st.sampled_from(list(SendState)), statuses, st.sampled_from(["", "A", "B"]), st.booleans()), max_size=12
)
kinds = st.sampled_from([EventType.CLICK, EventType.REPLY, EventType.OPT_OUT, EventType.RECEIPT])
replies = st.lists(st.tuples(kinds, st.integers(0, 14), st.integers(-5, 5000), st.integers(0, 2)), max_size=20)
sales = st.lists(st.tuples(st.integers(0, 14), st.integers(-2, 200), st.integers(0, 50), st.booleans()), max_size=12)


def ledger(some: list[tuple[SendState, DeliveryStatus | None, str, bool]]) -> list[Send]:
    return [
        Send(
            "r1", seq, seq + 2, 33600000000 + seq, "", 1, 45_000, "FR", 0, arm, state, f"t{seq}" if linked else None, 1,
            None, FailureClass.UNREACHABLE, None, NOON, status if state is SendState.ACCEPTED else None, NOON,
        )
        for seq, (state, status, arm, linked) in enumerate(some)
    ]  # fmt: skip


def happened(some: list[tuple[EventType, int, int, int]]) -> list[Event]:
    keys = ({"reference": "r1-{}"}, {"token": "t{}"}, {"number": "3360000{:04}"})
    made: list[Event] = []
    for place, (kind, seq, seconds, how) in enumerate(some):
        ((name, form),) = keys[how].items()
        value: object = int(form.format(seq)) if name == "number" else form.format(seq)
        made.append(Event(f"e{place}", kind, NOON + timedelta(seconds=seconds), **{name: value}))  # type: ignore[arg-type]
    return made


def ordered(some: list[tuple[int, int, int, bool]]) -> list[Order]:
    return [
        Order(
            NOON + timedelta(hours=hours), euros, None if by_link else 33600000000 + seq,
            token=f"t{seq}" if by_link else None,
        )
        for seq, hours, euros, by_link in some
    ]  # fmt: skip


def made(sends: list[Send], events: list[Event], orders: list[Order]) -> Report:
    held = sum(send.state is SendState.HELD_OUT for send in sends)
    planned = len(sends) - held - sum(send.state is SendState.STANDBY for send in sends)
    return build_report(RUN, sends, events, Account(planned, 0, 0, 0, 0, 0, held), orders=orders)


@given(rows, replies, sales)
def test_every_row_is_counted_once_and_arms_add_up(
    some: list[tuple[SendState, DeliveryStatus | None, str, bool]],
    back: list[tuple[EventType, int, int, int]],
    bought: list[tuple[int, int, int, bool]],
) -> None:
    report = made(ledger(some), happened(back), ordered(bought))
    counts = report.counts
    assert counts.planned + counts.held_out + counts.standby == len(some)
    assert counts.planned == (counts.sent + counts.rejected + counts.in_doubt + counts.cancelled + counts.remaining)
    assert counts.sent == counts.delivered + counts.awaiting + counts.failed - counts.rejected
    assert 0 <= counts.clickers <= counts.clicks <= counts.clicks_raw
    assert 0 <= counts.conversions <= counts.orders <= len(bought)
    assert sum(report.joined.values()) == counts.orders
    assert not any("the ledger has" in note for note in report.notes)
    for name in ("planned", "sent", "delivered", "clicks", "clickers", "replies", "opted_out", "orders", "conversions",
                 "revenue_micros", "cost_micros"):  # fmt: skip
        assert sum(getattr(arm.counts, name) for arm in report.arms) == getattr(counts, name)
    report.to_json()
    assert str(report)


@given(rows, replies, sales, st.randoms(use_true_random=False))
def test_the_order_of_events_and_orders_changes_nothing(
    some: list[tuple[SendState, DeliveryStatus | None, str, bool]],
    back: list[tuple[EventType, int, int, int]],
    bought: list[tuple[int, int, int, bool]],
    shuffled: random.Random,
) -> None:
    events, orders = happened(back), ordered(bought)
    before = made(ledger(some), events, orders).to_dict()
    shuffled.shuffle(events)
    shuffled.shuffle(orders)
    assert made(ledger(some), events, orders).to_dict() == before
