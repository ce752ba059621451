"""Laws of reports: unknown is never zero, slices add up, people are counted once, money is exact."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from decimal import Decimal

from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from smskit.kinds import Channel, DeliveryStatus, EventType, FailureClass, Kind, RunState, SendState
from smskit.metrics import Asked, Attribution, Counts, Cut, Order, Rate, RateBasis, Reaction, Report, RunData, report_on
from smskit.metrics.export import more_rates_of, rates_of
from smskit.money import Money
from smskit.records import Event, RunRecord, Send

NOON = datetime(2026, 6, 24, 12, tzinfo=timezone.utc)
RUN = RunRecord("r", "c", "d", Kind.MARKETING, "S", NOON, NOON, RunState.READY, "EUR", "{}")
SHARES = (Counts.click_rate, Counts.reply_rate, Counts.conversion_rate, Counts.visit_rate, Counts.opt_out_rate)
SUMS = (
    "planned", "sent", "rejected", "in_doubt", "cancelled", "remaining", "held_out", "standby", "delivered", "awaiting",
    "failed", "linked", "clicks_raw", "clicks", "clickers", "replies", "repliers", "opted_out", "orders", "conversions",
    "visits", "visitors", "revenue_micros", "revenue_squares", "parts", "cost_micros",
)  # fmt: skip

Row = tuple[SendState, DeliveryStatus | None, FailureClass | None, str, bool, int | None, bool]
rows = st.lists(
    st.tuples(
        st.sampled_from([*SendState, SendState.ACCEPTED, SendState.ACCEPTED]),
        st.sampled_from([None, *DeliveryStatus]),
        st.sampled_from([None, FailureClass.UNKNOWN_SUBSCRIBER]),
        st.sampled_from(["", "A", "B"]),
        st.booleans(),
        st.none() | st.integers(-9_000, 90_000),
        st.booleans(),
    ),
    max_size=10,
)
events = st.lists(
    st.tuples(st.sampled_from(list(EventType)), st.integers(-1, 11), st.integers(-100, 100_000)), max_size=15
)
orders = st.lists(
    st.builds(
        Order,
        st.integers(-100, 300).map(lambda hours: NOON + timedelta(hours=hours)),
        st.none() | st.builds(Money, st.integers(-5, 90), st.sampled_from(["EUR", "EUR", "CHF"])),
        st.none() | st.integers(0, 11).map(lambda seq: seq and 33_600_000_000 + seq),
        st.sampled_from([None, "ETE"]),
        st.none() | st.integers(0, 11).map(lambda seq: f"rt{seq}"),
        st.sampled_from([None, "1", "2"]),
    ),
    max_size=12,
)
channels = st.sampled_from(list(Channel))


def data(run: RunRecord, some: list[Row], back: list[tuple[EventType, int, int]], first: int = 0) -> RunData:
    sends = [
        Send(
            run.run_id, seq, seq, 33_600_000_000 + first + seq if known else 0, "", 1 + seq % 3, 45_000, "FR", 0, arm,
            state, f"{run.run_id}t{seq}" if known else None, 1, None, failure, None,
            None if handed is None else NOON + timedelta(seconds=handed), status, NOON, fell_back=fell_back,
        )
        for seq, (state, status, failure, arm, known, handed, fell_back) in enumerate(some)
    ]  # fmt: skip
    told = [
        Event(f"{run.run_id}{place}", kind, NOON + timedelta(seconds=seconds), reference=f"{run.run_id}-{seq}")
        for place, (kind, seq, seconds) in enumerate(back)
        if seq >= 0
    ]
    return RunData(run, sends, told)


def report(*runs: RunData, sold: list[Order] | None = None) -> Report:
    return report_on(runs, Asked(orders=sold, attribution=Attribution(codes={"ete": "A"})))


Back = list[tuple[EventType, int, int]]


@given(rows, events, orders, channels)
def test_a_rate_is_a_share_or_not_known(some: list[Row], back: Back, sold: list[Order], channel: Channel) -> None:
    made = report(data(evolve(RUN, channel=channel), some, back), sold=sold)
    for counts in (made.counts, *(one.counts for one in made.by("arm").values())):
        found = {**rates_of(made, counts), **more_rates_of(made, counts)}
        shares = [
            share(counts, basis)
            for share in SHARES
            for basis in RateBasis
            if not (share is Counts.click_rate and basis is RateBasis.CLICKED)
        ]
        for rate in (*found.values(), *shares, *(counts.retention_rate(basis) for basis in RateBasis)):
            assert rate is None or rate.value is None or 0 <= rate.value <= 1
        if counts.sent and not counts.tells_delivery:
            assert counts.delivery_rate is None
            assert counts.reply_rate(RateBasis.DELIVERED) is None
        assert counts.opened is None or (counts.opened > 0 and channel is Channel.RCS)
        assert sum(counts.machine_clicks.values()) + counts.clicks == counts.clicks_raw
        assert sum(counts.marks.values()) == counts.sent
        assert counts.reactivity().reacted <= counts.sent
        assert counts.reactivity(Reaction.CLICK).reacted <= counts.clickers
    assert str(made)
    assert made.to_json()


@given(rows, events, orders, st.sampled_from(list(Cut)))
def test_the_slices_of_every_cut_add_up(some: list[Row], back: Back, sold: list[Order], cut: Cut) -> None:
    made = report(data(RUN, some, back), sold=sold)
    slices = made.by(cut).values()
    for name in SUMS:
        assert sum(getattr(one.counts, name) for one in slices) == getattr(made.counts, name)


@given(rows, rows, events, events)
def test_two_runs_to_different_people_are_their_sum(one: list[Row], two: list[Row], back: Back, more: Back) -> None:
    other = evolve(RUN, run_id="q", campaign="e")
    both = report(data(RUN, one, back), data(other, two, more, first=500))
    alone = report(data(RUN, one, back)), report(data(other, two, more, first=500))
    for name in SUMS:
        assert getattr(both.counts, name) == sum(getattr(each.counts, name) for each in alone)
    assert {name: piece.counts for name, piece in both.by("run").items()} == {
        each.run_id: each.counts for each in alone if each.by("run")
    }


@given(rows, rows, events, events)
def test_who_is_in_a_run_and_in_its_fallback_is_counted_once(
    one: list[Row], two: list[Row], back: Back, more: Back
) -> None:
    first, second = evolve(RUN, channel=Channel.RCS), evolve(RUN, run_id="q", fallback_of="r")
    counts = report(data(first, one, back), data(second, two, more)).counts
    assert counts.planned + counts.held_out + counts.standby == max(len(one), len(two))
    assert counts.planned == counts.assigned + counts.cancelled + counts.remaining


@given(rows, events, orders)
def test_every_order_is_somewhere(some: list[Row], back: Back, sold: list[Order]) -> None:
    made = report(data(RUN, some, back), sold=sold)
    counts = made.counts
    assert made.orders_given == len(sold)
    assert sum(made.joined.values()) == counts.orders
    put_down = len(sold) - sum(made.left_out.values())
    assert counts.orders + counts.visits <= put_down
    assert counts.conversions <= counts.orders
    assert counts.visitors <= counts.visits
    assert (counts.conversions == 0) or counts.revenue_squares > 0


@given(rows, events, orders)
def test_money_is_never_a_float(some: list[Row], back: Back, sold: list[Order]) -> None:
    made = report(data(RUN, some, back), sold=sold)
    for row in made.to_dicts("day"):
        for name in ("cost", "revenue", "rpm", "roi_percent", "unit_cost", "cost_per_conversion"):
            assert row[name] is None or isinstance(row[name], Decimal)
    assert type(made.counts.revenue_micros) is type(made.counts.revenue_squares) is int


@given(rows, events)
def test_a_rate_of_nothing_is_nothing(some: list[Row], back: Back) -> None:
    unsent = [(SendState.PLANNED, None, *row[2:]) for row in some]
    made = report(data(RUN, unsent, back), sold=[])  # type: ignore[arg-type]
    rates = [rate for rate in rates_of(made, made.counts).values() if rate is not None]
    assert all(rate.value is None for rate in rates)
    assert made.delivery_rate == Rate(0, 0, RateBasis.SENT)
