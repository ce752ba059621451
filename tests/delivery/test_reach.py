"""Asking which telephones have RCS: no question is larger than the carrier takes, whatever the size of the audience."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from datetime import datetime, timezone
from typing import cast

import pytest
from attrs import evolve

import smskit as sk
from smskit.delivery.reach import ReachCheck, check_reach
from smskit.errors import UnsupportedFeature
from smskit.protocols import Call, Flow, Reply, Transport
from smskit.records import Reach
from smskit.transports import InfobipRcs, RcsBehaviour, TelnyxRcs
from smskit.transports.rcs_story import RCS_SANDBOX_FEATURES

NOON = datetime(2026, 6, 24, 10, tzinfo=timezone.utc)
INFOBIP = InfobipRcs(key="k", agent="shop")
TELNYX = TelnyxRcs(key="k", profile="p", agent="shop")


def asked(transport: Transport, numbers: Sequence[int], store: sk.MemoryStore) -> ReachCheck:
    return asyncio.run(check_reach(transport, numbers, store, since=NOON, clock=sk.VirtualClock(NOON)))


def numbers(count: int) -> Sequence[int]:
    return range(33_600_000_000, 33_600_000_000 + count)


SIZES: Sequence[tuple[str, int | None, int, list[int]]] = [
    # what                                   largest question   telephones   questions
    ("one that is as large as may be",       10,                10,          [10]),
    ("one more makes two of nearly one size", 10,               11,          [5, 6]),
    ("many",                                 10,                95,          [9, 10, 9, 10, 9, 10, 9, 10, 9, 10]),
    ("any number at once",                   None,              95,          [95]),
    ("nobody",                               10,                0,           []),
]  # fmt: skip


@pytest.mark.parametrize(("largest", "count", "sizes"), [row[1:] for row in SIZES], ids=[row[0] for row in SIZES])
def test_no_question_is_larger_than_the_carrier_takes(largest: int | None, count: int, sizes: list[int]) -> None:
    behaviour = RcsBehaviour(features=evolve(RCS_SANDBOX_FEATURES, largest_question=largest))
    teller, heard = sk.Sandbox(starts_at=NOON, rcs=behaviour).rcs, cast("list[int]", [])

    class Counting:
        name, features, agent = teller.name, teller.features, teller.agent

        def capabilities(self, some: Sequence[int], /) -> Flow[Reach]:
            heard.append(len(some))
            return teller.capabilities(some)

    store = sk.MemoryStore()
    check = asked(cast("Transport", Counting()), numbers(count), store)
    assert heard == sizes
    assert (check.telephones, check.asked) == (count, count)
    assert len(store.capabilities(teller.agent, numbers(count))) == count


CARRIERS = [("Infobip", INFOBIP, "phoneNumbers", 500), ("Telnyx", TELNYX, "phone_numbers", 100)]


@pytest.mark.parametrize(("carrier", "member", "most"), [row[1:] for row in CARRIERS], ids=[row[0] for row in CARRIERS])
def test_carriers_are_asked_about_a_whole_audience(carrier: Transport, member: str, most: int) -> None:
    calls: list[Call] = []

    async def call(made: Call) -> Reply:
        calls.append(made)
        return Reply(200, {}, b"{}")

    asyncio.run(
        check_reach(carrier, numbers(most + 1), sk.MemoryStore(), since=NOON, clock=sk.VirtualClock(NOON), call=call)
    )
    told = [json.loads(made.body)[member] for made in calls]
    assert [len(some) for some in told] == [most // 2, most // 2 + 1]
    assert len({number for some in told for number in some}) == most + 1


def test_a_large_audience_is_asked_about_in_the_sandbox() -> None:
    check = asked(sk.Sandbox(seed=1, starts_at=NOON).rcs, numbers(12_000), sk.MemoryStore())
    assert check.asked == 12_000
    assert 8_500 < check.sampled < 9_500
    assert check.estimate is not None
    share, interval = check.estimate
    assert share in interval
    assert interval.high - interval.low < 0.02


def test_without_a_sample_there_is_no_estimate() -> None:
    assert asked(sk.Sandbox(seed=1, starts_at=NOON).rcs, numbers(20), sk.MemoryStore()).estimate is None


def test_a_carrier_that_does_not_tell_says_so() -> None:
    with pytest.raises(UnsupportedFeature):
        asked(sk.Sandbox(), numbers(3), sk.MemoryStore())
