"""Sends and events as plain values, from whatever they come as."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta, timezone
from itertools import chain
from typing import cast

from smskit.records import Event, EventLine, Send, SendLine

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_MICROSECOND = timedelta(microseconds=1)


def micros_of(at: datetime) -> int:
    """Give an aware datetime as microseconds since 1970 UTC."""
    return (at - EPOCH) // _MICROSECOND


def instant_of(micros: int) -> datetime:
    """Give the instant, in UTC."""
    return EPOCH + timedelta(microseconds=micros)


def send_lines(sends: Iterable[Send] | Iterable[SendLine]) -> Iterator[SendLine]:
    """Give each send as a line; either all of them are lines, or none."""
    ahead: Iterator[Send | SendLine] = iter(sends)
    first = next(ahead, None)
    if isinstance(first, SendLine):
        return chain((first,), cast("Iterator[SendLine]", ahead))
    whole = ahead if first is None else chain((first,), ahead)
    return map(line_of, cast("Iterator[Send]", whole))


def line_of(send: Send) -> SendLine:
    """Give a send as a line."""
    return SendLine(
        send.seq, send.number, send.parts, send.price_micros, send.territory, send.not_before, send.arm,
        send.state.value, send.token,
        None if send.failure is None else send.failure.value,
        None if send.submitted_at is None else micros_of(send.submitted_at),
        None if send.status is None else send.status.value,
        None if send.status_at is None else micros_of(send.status_at),
        send.billed_parts, int(send.fell_back),
    )  # fmt: skip


def event_line(event: Event, seq: int) -> EventLine:
    """Give an event about a known send as a line."""
    return EventLine(event.type.value, micros_of(event.at), seq, event.text)
