"""Asking a carrier which telephones have RCS, as few as need be, and keeping what it says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import cast

from attrs import frozen

from smskit.display import Facts, Line, Shown, View, grouped, percent
from smskit.errors import UnsupportedFeature
from smskit.metrics import Interval, wilson_of_sample
from smskit.protocols import Clock, Store, TellsCapabilities, Transport
from smskit.records import Reach
from smskit.transports.drivers import Sender, adrive
from smskit.transports.http import HttpCaller
from smskit.transports.wire.requests import even_chunks

MOST_AT_ONCE = 50_000
"""So many numbers are asked about before what was told is kept: whoever is interrupted has lost no more."""


@frozen
class ReachCheck(Shown):
    """What a carrier told of some telephones.

    Args:
        agent: in whose name it was asked.
        telephones: how many there are.
        asked: about how many it was asked now; of the others the answer was young enough.
        reachable: how many of those asked about now the agent can reach.
        sampled: how many the carrier drew by chance and looked up on all networks; 0 when it did not.
        reachable_in_sample: how many of these have RCS.
    """

    agent: str
    telephones: int
    asked: int
    reachable: int
    sampled: int = 0
    reachable_in_sample: int = 0

    @property
    def estimate(self) -> tuple[float, Interval] | None:
        """The share that has RCS on any network, and its 95 % interval; None without a sample.

        Counts of several calls are added up, never their shares; :func:`~smskit.metrics.wilson_of_sample` gives the
        interval.
        """
        interval = wilson_of_sample(self.reachable_in_sample, self.sampled, self.asked)
        return None if interval is None else (self.reachable_in_sample / self.sampled, interval)

    def view(self) -> View:
        """Give what a person looks at."""
        facts = Facts(
            ("telephones", self.telephones), ("asked about now", self.asked), ("reachable of them", self.reachable)
        )
        if self.estimate is None:
            return View(f"reach of {self.agent}", facts)
        share, interval = self.estimate
        told = (
            f"on all networks {percent(share)} have RCS ({percent(interval.low)} to {percent(interval.high)}), by a "
            f"sample of {grouped(self.sampled)}"
        )
        return View(f"reach of {self.agent}", facts, Line(told))


async def check_reach(
    transport: Transport,
    numbers: Sequence[int],
    store: Store,
    *,
    since: datetime,
    clock: Clock,
    call: Sender | None = None,
) -> ReachCheck:
    """Ask about those of *numbers* of which nothing was told *since* then, and keep the answers.

    Raises:
        UnsupportedFeature: the carrier does not tell.
        TransportError: it cannot be asked now; what it has told so far is kept.
    """
    if not hasattr(transport, "capabilities"):
        raise UnsupportedFeature(transport.name, "asking which numbers have RCS")
    teller = cast("TellsCapabilities", transport)
    wanted = list(_unknown(store, teller.agent, numbers, since))
    heard: list[Reach] = []
    async with HttpCaller() as caller:
        for some in even_chunks(wanted, min(MOST_AT_ONCE, transport.features.largest_question or MOST_AT_ONCE)):
            told = await adrive(teller.capabilities(some), call or caller, clock.sleep)
            store.record_capabilities(teller.agent, told.capabilities)
            heard.append(told)
    return ReachCheck(
        teller.agent, len(numbers), len(wanted),
        sum(one.is_reachable for told in heard for one in told.capabilities),
        sum(told.sampled for told in heard), sum(told.reachable_in_sample for told in heard),
    )  # fmt: skip


def _unknown(store: Store, agent: str, numbers: Sequence[int], since: datetime) -> Iterator[int]:
    for start in range(0, len(numbers), MOST_AT_ONCE):
        some = numbers[start : start + MOST_AT_ONCE]
        known = store.capabilities(agent, some)
        yield from (number for number in some if number not in known or known[number].at < since)
