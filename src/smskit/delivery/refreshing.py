"""Asking for what the carrier did not tell: receipts that were lost on their way, or that are only fetched."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from smskit.delivery.inbox import receive
from smskit.delivery.line import Line
from smskit.kinds import DeliveryStatus, SendState
from smskit.protocols import Store
from smskit.records import RunRecord, Send, Taken


async def refresh(store: Store, run: RunRecord, line: Line) -> int:
    """Fetch the events of *run*, and look up each message whose receipt is not final; give how many events were new."""
    new = receive(store, await line.poll()) + receive(store, await line.fetch(run.at))
    if not line.looks_up:
        return new
    waiting = _unfinished(store.sends(run.run_id))
    while some := tuple(islice(waiting, line.transport.features.largest_batch)):
        new += receive(store, await line.look_up(some))
    return new


def _unfinished(sends: Iterator[Send]) -> Iterator[Taken]:
    for send in sends:
        is_open = send.status is None or send.status.rank < DeliveryStatus.FAILED.rank
        if send.state is SendState.ACCEPTED and is_open and send.provider_id and send.number:
            yield Taken(send.reference, send.number, send.provider_id)
