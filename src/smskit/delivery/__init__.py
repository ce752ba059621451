"""Handing over: one engine that leases, paces, submits, records and resumes; and what comes back."""

from smskit.delivery.dead_letters import DeadLetter, DeadLetters
from smskit.delivery.inbox import follow, receive
from smskit.delivery.patience import Patience, Progress
from smskit.delivery.reporting import report
from smskit.delivery.run import Run
from smskit.delivery.single import Sent, asend, send

__all__ = [
    "DeadLetter", "DeadLetters", "Patience", "Progress", "Run", "Sent", "asend", "follow", "receive", "report", "send",
]  # fmt: skip
