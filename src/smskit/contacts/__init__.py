"""Contacts: reading files and tables, cleaning numbers, duplicates, segments."""

from smskit.contacts.batches import Batch
from smskit.contacts.consent import ConsentColumns
from smskit.contacts.contacts import Contacts
from smskit.contacts.duplicates import Duplicate, Keep
from smskit.contacts.histories import consent_events
from smskit.contacts.issues import Issue, Issues
from smskit.contacts.operands import SegmentContext
from smskit.contacts.predicates import F, Past, tagged
from smskit.contacts.segments import Segment, inactive, loyal, new
from smskit.contacts.sources import Fault
from smskit.contacts.suppressions import SuppressionFile, read_suppressions

__all__ = [
    "Batch",
    "ConsentColumns",
    "Contacts",
    "Duplicate",
    "F",
    "Fault",
    "Issue",
    "Issues",
    "Keep",
    "Past",
    "Segment",
    "SegmentContext",
    "SuppressionFile",
    "consent_events",
    "inactive",
    "loyal",
    "new",
    "read_suppressions",
    "tagged",
]
