"""A message centre for tests: a real SMPP server on loopback that plays receipts, replies, throttling and faults.

with SMSC(accounts={"shop": "secret"}, receipts=Receipts(before_answer=True)) as smsc:
    ...  # your code binds to smsc.host, smsc.port and submits
    smsc.assert_sent("+33612345678", containing="4711")
"""

from __future__ import annotations

from smskit.testing.smsc.faults import Fault
from smskit.testing.smsc.ids import Ids
from smskit.testing.smsc.receipts import Dialect, Form, Receipts
from smskit.testing.smsc.records import Binding, Delivered, Oddity, SentMessage, Submission
from smskit.testing.smsc.server import SMSC

__all__ = [
    "SMSC",
    "Binding",
    "Delivered",
    "Dialect",
    "Fault",
    "Form",
    "Ids",
    "Oddity",
    "Receipts",
    "SentMessage",
    "Submission",
]
