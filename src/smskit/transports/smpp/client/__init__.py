"""An SMPP account as a transport: binds that are kept, pace, receipts, and a thread that all of it lives in."""

from __future__ import annotations

from smskit.transports.smpp.client.account import Memory
from smskit.transports.smpp.client.centre import Backoff, Centre, Mode
from smskit.transports.smpp.client.inbox import Handler
from smskit.transports.smpp.client.pool import Conduct
from smskit.transports.smpp.client.transport import Smpp
from smskit.transports.smpp.client.watching import (
    BatchEnded,
    BindEnded,
    BindFailed,
    BindOpened,
    EventsHandled,
    Notice,
    Throttled,
    Watch,
)

__all__ = [
    "Backoff",
    "BatchEnded",
    "BindEnded",
    "BindFailed",
    "BindOpened",
    "Centre",
    "Conduct",
    "EventsHandled",
    "Handler",
    "Memory",
    "Mode",
    "Notice",
    "Smpp",
    "Throttled",
    "Watch",
]
