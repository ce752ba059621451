"""Handing over: one engine that leases, paces, submits, records and resumes; and what comes back."""

from smskit.delivery.engine import Progress
from smskit.delivery.inbox import follow, receive
from smskit.delivery.run import Run
from smskit.delivery.single import Sent, asend, send

__all__ = ["Progress", "Run", "Sent", "asend", "follow", "receive", "send"]
