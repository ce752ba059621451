"""How values of the library stand in the tables: codes, instants, rows."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta, timezone
from typing import Any

from attrs import evolve

from smskit.errors import NaiveDatetime
from smskit.kinds import Channel, DeliveryStatus, EventType, FailureClass, Kind, Reason, RunState, SendState
from smskit.records import (
    ConsentAction,
    ConsentEvent,
    Event,
    PlannedSend,
    RunRecord,
    Send,
    Suppression,
    reference_of,
)

Row = tuple[Any, ...]

# These integers are in the files of users: a new word gets a new one, none is ever changed.
SEND_STATES = {
    SendState.PLANNED: 0,
    SendState.SUBMITTING: 1,
    SendState.ACCEPTED: 2,
    SendState.REJECTED: 3,
    SendState.CANCELLED: 4,
    SendState.HELD_OUT: 5,
    SendState.STANDBY: 6,
}
RUN_STATES = {RunState.LOADING: 0, RunState.READY: 1, RunState.CANCELLED: 2, RunState.PAUSED: 3}
CHANNELS = {Channel.SMS: 0, Channel.RCS: 1}
NOBODY_STANDS_BY, STOOD_BY, FELL_BACK, ARRIVED = range(4)
EVENT_TYPES = {
    EventType.RECEIPT: 0,
    EventType.REPLY: 1,
    EventType.CLICK: 2,
    EventType.OPT_OUT: 3,
    EventType.OPT_IN: 4,
    EventType.TYPING: 5,
}
# The tens are the rank, the units put words of one rank in an order, so that ties end the same way
# everywhere.
STATUSES = {
    DeliveryStatus.SCHEDULED: 10,
    DeliveryStatus.QUEUED: 20,
    DeliveryStatus.ACCEPTED: 30,
    DeliveryStatus.SENT: 40,
    DeliveryStatus.UNDELIVERED: 50,
    DeliveryStatus.EXPIRED: 51,
    DeliveryStatus.REJECTED: 52,
    DeliveryStatus.BLOCKED: 53,
    DeliveryStatus.CANCELLED: 54,
    DeliveryStatus.FAILED: 55,
    DeliveryStatus.UNKNOWN: 56,
    DeliveryStatus.DELIVERED: 60,
    DeliveryStatus.READ: 70,
}
# Another message went out in its place, and it did not arrive after all: nobody was sent it.
PLACE_TAKEN = f"(s.fallback = {FELL_BACK} AND coalesce(s.status, 0) < {STATUSES[DeliveryStatus.DELIVERED]})"

_SEND_STATES = {code: state for state, code in SEND_STATES.items()}
_RUN_STATES = {code: state for state, code in RUN_STATES.items()}
_CHANNELS = {code: channel for channel, code in CHANNELS.items()}
_EVENT_TYPES = {code: kind for kind, code in EVENT_TYPES.items()}
_STATUSES = {code: status for status, code in STATUSES.items()}

FOREVER = 2**63 - 1  # a suppression without end

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_MICROSECOND = timedelta(microseconds=1)


def micros_of(name: str, at: datetime) -> int:
    """Give an aware datetime as microseconds since 1970 UTC.

    Raises:
        NaiveDatetime: *at* has no zone; *name* is what the error calls it.
    """
    if at.tzinfo is None:
        raise NaiveDatetime(name, at)
    return (at - _EPOCH) // _MICROSECOND


def instant_of(micros: int) -> datetime:
    """Give the instant, in UTC."""
    return _EPOCH + timedelta(microseconds=micros)


def json_of(numbers: Collection[int]) -> str:
    """Write numbers as the array that ``json_each`` reads: any amount of them in one parameter."""
    return f"[{','.join(map(str, numbers))}]"


# ---------------------------------------------------------------- people


def row_of_suppression(entry: Suppression) -> Row:
    """Give the row of an entry."""
    until = FOREVER if entry.until is None else micros_of("until", entry.until)
    return entry.number, micros_of("at", entry.at), entry.reason.value, entry.source, until


def suppression_of(row: Row) -> Suppression:
    """Give the entry of a row."""
    number, at, reason, source, until = row
    return Suppression(number, Reason(reason), instant_of(at), source, None if until == FOREVER else instant_of(until))


def row_of_consent(event: ConsentEvent) -> Row:
    """Give the row of a consent."""
    at = micros_of("at", event.at)
    return (
        event.number, at, event.action.value, event.source,
        event.channel, event.advertiser, event.wording, event.evidence,
    )  # fmt: skip


def consent_of(row: Row) -> ConsentEvent:
    """Give the consent of a row."""
    number, at, action, source, channel, advertiser, wording, evidence = row
    return ConsentEvent(number, ConsentAction(action), instant_of(at), source, channel, advertiser, wording, evidence)


# ---------------------------------------------------------------- runs and sends

RUN_COLUMNS = "run_id, campaign, digest, kind, sender, at, created_at, state, currency, plan, channel, fallback_of"


def row_of_run(run: RunRecord) -> Row:
    """Give the row of a new run, in ``RUN_COLUMNS``; it begins in LOADING whatever the record says."""
    return (
        run.run_id, run.campaign, run.digest, run.kind.value, run.sender, micros_of("at", run.at),
        micros_of("created_at", run.created_at), RUN_STATES[RunState.LOADING], run.currency, run.plan,
        CHANNELS[run.channel], run.fallback_of,
    )  # fmt: skip


def run_of(row: Row) -> RunRecord:
    """Give the run of a row in ``RUN_COLUMNS``."""
    run_id, campaign, digest, kind, sender, at, created_at, state, currency, plan, channel, fallback_of = row
    return RunRecord(
        run_id, campaign, digest, Kind(kind), sender, instant_of(at), instant_of(created_at),
        _RUN_STATES[state], currency, plan, _CHANNELS[channel], fallback_of,
    )  # fmt: skip


PLANNED_COLUMNS = "run, seq, row_number, number, text, parts, price_micros, territory, not_before, arm, state, token"


def row_of_planned(run: int, send: PlannedSend) -> Row:
    """Give the row of a planned send, in ``PLANNED_COLUMNS``."""
    return (
        run, send.seq, send.row, send.number, send.text, send.parts, send.price_micros, send.territory,
        send.not_before, send.arm, SEND_STATES[send.state], send.token,
    )  # fmt: skip


# What a receipt says of a failure, and its code, is later news than what the answer said.
SEND_COLUMNS = """
seq, row_number, number, text, parts, price_micros, territory, not_before, arm, state, token, attempts, provider_id,
coalesce(status_failure, failure), reason, submitted_at, status,
CASE WHEN status IS NOT NULL THEN status_at END, coalesce(status_code, code, ''), billed_parts, fallback
"""


def send_of(run_id: str, row: Row) -> Send:
    """Give the send of a row in ``SEND_COLUMNS``."""
    (
        seq, row_number, number, text, parts, price_micros, territory, not_before, arm, state, token, attempts,
        provider_id, failure, reason, submitted_at, status, status_at, code, billed_parts, fallback,
    ) = row  # fmt: skip
    return Send(
        run_id, seq, row_number, number, text, parts, price_micros, territory, not_before, arm,
        _SEND_STATES[state], token, attempts, provider_id,
        None if failure is None else FailureClass(failure),
        None if reason is None else Reason(reason),
        None if submitted_at is None else instant_of(submitted_at),
        None if status is None else _STATUSES[status],
        None if status_at is None else instant_of(status_at),
        code, billed_parts, fallback == FELL_BACK,
    )  # fmt: skip


# ---------------------------------------------------------------- events

EVENT_COLUMNS = "key, type, at, number, reference, status, failure, text, token, provider_id, part, code, postback"


def storable(event: Event) -> Event:
    """Give *event* without halves of characters, which nothing can write: a long reply is cut in the middle of one."""
    words = (event.text, event.reference, event.provider_id, event.token, event.postback, event.part, event.code)
    try:
        "".join(filter(None, words)).encode()
    except UnicodeEncodeError:
        text, reference, provider_id, token, postback = (word and _mended(word) for word in words[:5])
        part, code = _mended(event.part), _mended(event.code)
        return evolve(
            event, text=text, reference=reference, provider_id=provider_id, token=token, part=part, code=code,
            postback=postback,
        )  # fmt: skip
    return event


def _mended(word: str) -> str:
    return word.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def row_of_event(event: Event) -> Row:
    """Give the row of an event, in ``EVENT_COLUMNS``."""
    return (
        event.key, EVENT_TYPES[event.type], micros_of("at", event.at), event.number, event.reference,
        None if event.status is None else STATUSES[event.status],
        None if event.failure is None else event.failure.value,
        event.text, event.token, event.provider_id or None, event.part or None, event.code or None,
        event.postback,
    )  # fmt: skip


def event_of(run_id: str, seq: int, row: Row) -> Event:
    """Give the event of a row in ``EVENT_COLUMNS`` that is about a known send."""
    key, kind, at, number, _, status, failure, text, token, provider_id, part, code, postback = row
    return Event(
        key, _EVENT_TYPES[kind], instant_of(at), number or None, reference_of(run_id, seq),
        None if status is None else _STATUSES[status],
        None if failure is None else FailureClass(failure),
        text, token, provider_id, part or "", code or "", postback,
    )  # fmt: skip
