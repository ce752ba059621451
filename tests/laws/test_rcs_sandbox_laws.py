"""Over RCS too the fate of a message is its own, and what was taken back is heard of only where it crossed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timezone
from itertools import pairwise

from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from smskit import rcs
from smskit.kinds import DeliveryStatus
from smskit.records import Accepted, Event, Outcome, Outgoing, Taken
from smskit.testing.factories import outgoing
from smskit.transports import RcsBehaviour, Sandbox, drive

NOON = datetime(2026, 6, 24, 10, tzinfo=timezone.utc)
RICH = rcs.RichMessage(
    "On le garde ?",
    suggestions=[rcs.Reply("Oui"), rcs.Reply("Non"), rcs.OpenUrl("Voir", "https://go.example/abcdefg")],
).json()
MESSAGES = [evolve(outgoing(seq), text="", rich=RICH.decode(), validity_s=30) for seq in range(30)]
PEOPLE = {"clicked": 0.5, "scanned": 0.5, "stopped": 0.3, "replied": 0.3}


def sandbox_of(seed: int, *, untidy: bool, late: float = 0.3) -> Sandbox:
    behaviour = RcsBehaviour(
        changed=0.1, offline=0.3, expired_and_delivered=0.2, expired_untold=0.2, tapped=0.5, late=late
    )
    return Sandbox(seed, starts_at=NOON, untidy=untidy, rcs=behaviour, **PEOPLE)  # type: ignore[arg-type]


def hear_all(sandbox: Sandbox) -> Counter[Event]:
    told: Counter[Event] = Counter()
    while (pending_s := sandbox.rcs.pending_s()) is not None:
        sandbox.clock.advance(pending_s)
        told.update(drive(sandbox.rcs.poll()))
    return told


def play(seed: int, batches: Sequence[Sequence[Outgoing]], untidy: bool) -> tuple[set[Outcome], Counter[Event]]:
    sandbox = sandbox_of(seed, untidy=untidy)
    outcomes = {outcome for batch in batches for outcome in drive(sandbox.rcs.submit(batch))}
    return outcomes, hear_all(sandbox)


@given(st.integers(), st.permutations(MESSAGES), st.sets(st.integers(1, 29)), st.booleans())
def test_no_order_and_no_batches_change_a_fate(seed: int, order: list[Outgoing], cuts: set[int], untidy: bool) -> None:
    edges = [0, *sorted(cuts), len(order)]
    batches = [order[start:end] for start, end in pairwise(edges)]
    assert play(seed, batches, untidy) == play(seed, [MESSAGES], untidy)


@given(st.integers(), st.sets(st.sampled_from(MESSAGES)), st.floats(0, 120), st.booleans())
def test_what_is_taken_back_changes_nothing_for_the_others(
    seed: int, revoked: set[Outgoing], after_s: float, untidy: bool
) -> None:
    """Nor does it make a message that has arrived unheard, nor tell of one that was still on its way."""
    whole = play(seed, [MESSAGES], untidy)[1]
    sandbox = sandbox_of(seed, untidy=untidy, late=0)
    outcomes = drive(sandbox.rcs.submit(MESSAGES))
    taken = {outcome.reference for outcome in outcomes if isinstance(outcome, Accepted)}
    sandbox.clock.advance(after_s)
    asked = [Taken(one.reference, one.number, "-") for one in revoked if one.reference in taken]
    answered = drive(sandbox.rcs.revoke(asked))
    assert answered == {one.reference for one in asked}
    told = hear_all(sandbox)
    numbers = {one.number for one in asked}
    assert {e: n for e, n in told.items() if _whose(e) not in numbers} == {
        e: n for e, n in whole.items() if _whose(e) not in numbers
    }
    assert told <= whole
    over = (DeliveryStatus.DELIVERED, DeliveryStatus.EXPIRED)
    now = NOON.timestamp() + after_s
    for message in asked:
        ended = [e.at.timestamp() for e in whole if e.number == message.number and e.status in over]
        if ended and min(ended) <= now:
            assert all(told[e] for e in whole if e.number == message.number and e.status in over)
        elif ended:
            assert not any(e.number == message.number for e in told)


def _whose(event: Event) -> int | None:
    if event.number is not None:
        return event.number
    # A click on a short link knows nobody's number; its key has the message.
    seq = int(event.key.split("/")[0].rpartition("-")[2])
    return MESSAGES[seq].number
