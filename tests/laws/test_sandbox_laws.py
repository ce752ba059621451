"""The fate of a message in the sandbox is its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timezone
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from smskit.records import Event, Outcome, Outgoing
from smskit.testing.factories import outgoing
from smskit.transports import Sandbox, drive

NOON = datetime(2026, 6, 24, 10, tzinfo=timezone.utc)
MESSAGES = [outgoing(seq, text="https://go.example/abcdefg") for seq in range(30)]


def play(seed: int, batches: Sequence[Sequence[Outgoing]], untidy: bool) -> tuple[set[Outcome], Counter[Event]]:
    sandbox = Sandbox(
        seed, starts_at=NOON, refused=0.1, delivered=0.7, clicked=0.5, scanned=0.5, stopped=0.3, untidy=untidy
    )
    outcomes = {outcome for batch in batches for outcome in drive(sandbox.submit(batch))}
    told: Counter[Event] = Counter()
    while (pending_s := sandbox.pending_s()) is not None:
        sandbox.clock.advance(pending_s)
        told.update(drive(sandbox.poll()))
    return outcomes, told


@given(st.integers(), st.permutations(MESSAGES), st.sets(st.integers(1, 29)), st.booleans())
def test_no_order_and_no_batches_change_a_fate(seed: int, order: list[Outgoing], cuts: set[int], untidy: bool) -> None:
    edges = [0, *sorted(cuts), len(order)]
    batches = [order[start:end] for start, end in pairwise(edges)]
    assert play(seed, batches, untidy) == play(seed, [MESSAGES], untidy)


@given(st.integers(), st.lists(st.sampled_from(MESSAGES), max_size=60))
def test_a_handset_gets_each_reference_once(seed: int, offered: list[Outgoing]) -> None:
    sandbox = Sandbox(seed, starts_at=NOON)
    for message in offered:
        drive(sandbox.submit([message]))
    references = [sent.reference for sent in sandbox.outbox]
    assert sorted(references) == sorted({message.reference for message in offered})
    assert len(sandbox.duplicates) == len(offered) - len(references)
