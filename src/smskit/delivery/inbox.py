"""What comes back: receipts and clicks are kept, and a reply that says STOP is obeyed at once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from attrs import evolve

from smskit.compliance import opt_in_word, opt_out_word
from smskit.errors import NaiveDatetime
from smskit.kinds import EventType, FailureClass
from smskit.protocols import Store
from smskit.records import Event


def receive(store: Store, events: Iterable[Event], /) -> int:
    """Record events, in any order and as often as the carrier repeats them.

    A reply that means STOP becomes an opt-out of its number in the same commit: the next lease of any run already
    respects it. So does a receipt that tells that the recipient objected: on the carrier's own list is a STOP that we
    did not see. A reply that means START becomes an opt-in.

    Args:
        store: where they go.
        events: receipts, replies and clicks, as a transport parsed them.

    Returns:
        How many events were new, the opt-outs and opt-ins that follow from them included.
    """
    told: list[Event] = []
    for event in events:
        told.append(event)
        if event.type is EventType.REPLY and event.number and event.text:
            if opt_out_word(event.text) is not None:
                told.append(evolve(event, key=f"{event.key}:opt-out", type=EventType.OPT_OUT))
            elif opt_in_word(event.text) is not None:
                told.append(evolve(event, key=f"{event.key}:opt-in", type=EventType.OPT_IN))
        elif event.type is EventType.RECEIPT and event.failure is FailureClass.OPTED_OUT:
            # What a receipt says of its message is no part of what the person said.
            objection = evolve(event, key=f"{event.key}:opt-out", type=EventType.OPT_OUT, status=None, failure=None)
            told.append(evolve(objection, text=None, part="", code=""))
    return store.record_events(told) if told else 0


def follow(store: Store, token: str, /, *, at: datetime, method: str = "GET", user_agent: str = "") -> str | None:
    """Give where a short link leads, and keep that it was opened; what your web application's redirect calls.

    Args:
        store: that of the run.
        token: the last part of the short link's path, as it was asked for.
        at: now, aware.
        method: of the request; HEAD and known preview agents are counted as machines in reports.
        user_agent: of the request.

    Returns:
        The address to redirect to; None for a token that nobody gave out: answer 404.

    Raises:
        NaiveDatetime: *at* has no zone.
    """
    if at.utcoffset() is None:
        raise NaiveDatetime("at", at)
    link = store.link(token)
    if link is None:
        return None
    key = f"click:{token}:{at.isoformat()}:{method}"
    store.record_events([Event(key, EventType.CLICK, at, token=token, text=f"{method} {user_agent}".strip())])
    return link.target
