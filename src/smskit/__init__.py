"""SMS and RCS campaigns: lawful, priced before sending, through any carrier, with an exact account of each message.

The names below load what they need when they are first used: ``import smskit`` alone loads no HTTP library, no
metadata of telephone numbers and no database.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from smskit.clock import SystemClock as SystemClock
    from smskit.clock import VirtualClock as VirtualClock
    from smskit.compliance import CustomerBasis as CustomerBasis
    from smskit.compliance import Profile as Profile
    from smskit.compliance import Rules as Rules
    from smskit.compliance import Sector as Sector
    from smskit.contacts import ConsentColumns as ConsentColumns
    from smskit.contacts import Contacts as Contacts
    from smskit.contacts import F as F
    from smskit.contacts import Keep as Keep
    from smskit.contacts import Past as Past
    from smskit.contacts import Segment as Segment
    from smskit.contacts import read_suppressions as read_suppressions
    from smskit.contacts import tagged as tagged
    from smskit.delivery import Progress as Progress
    from smskit.delivery import Run as Run
    from smskit.delivery import Sent as Sent
    from smskit.delivery import asend as asend
    from smskit.delivery import follow as follow
    from smskit.delivery import receive as receive
    from smskit.delivery import report as report
    from smskit.delivery import send as send
    from smskit.encoding import Euro as Euro
    from smskit.errors import SmskitError as SmskitError
    from smskit.kinds import Kind as Kind
    from smskit.kinds import Reason as Reason
    from smskit.kit import Kit as Kit
    from smskit.metrics import Attribution as Attribution
    from smskit.metrics import Order as Order
    from smskit.metrics import Report as Report
    from smskit.money import Money as Money
    from smskit.money import Prices as Prices
    from smskit.phone import PhoneNumber as PhoneNumber
    from smskit.planning import Campaign as Campaign
    from smskit.planning import Fallback as Fallback
    from smskit.planning import FrequencyCap as FrequencyCap
    from smskit.planning import Plan as Plan
    from smskit.stores import MemoryStore as MemoryStore
    from smskit.stores import SqliteStore as Store
    from smskit.text import Message as Message
    from smskit.text import ShortLinks as ShortLinks
    from smskit.transports import AsyncClient as AsyncClient
    from smskit.transports import Client as Client
    from smskit.transports import Sandbox as Sandbox
    from smskit.transports import Webhook as Webhook
    from smskit.transports import parse_events as parse_events

__version__ = "0.1.0.dev0"

_HOMES = {
    "AsyncClient": "transports",
    "Attribution": "metrics",
    "Campaign": "planning",
    "Client": "transports",
    "ConsentColumns": "contacts",
    "Contacts": "contacts",
    "CustomerBasis": "compliance",
    "Euro": "encoding",
    "F": "contacts",
    "Fallback": "planning",
    "FrequencyCap": "planning",
    "Keep": "contacts",
    "Kind": "kinds",
    "Kit": "kit",
    "MemoryStore": "stores",
    "Message": "text",
    "Money": "money",
    "Order": "metrics",
    "Past": "contacts",
    "PhoneNumber": "phone",
    "Plan": "planning",
    "Prices": "money",
    "Profile": "compliance",
    "Progress": "delivery",
    "Reason": "kinds",
    "Report": "metrics",
    "Rules": "compliance",
    "Run": "delivery",
    "Sandbox": "transports",
    "Sector": "compliance",
    "Segment": "contacts",
    "Sent": "delivery",
    "ShortLinks": "text",
    "SmskitError": "errors",
    "Store": "stores",
    "SystemClock": "clock",
    "VirtualClock": "clock",
    "Webhook": "transports",
    "asend": "delivery",
    "follow": "delivery",
    "parse_events": "transports",
    "read_suppressions": "contacts",
    "receive": "delivery",
    "report": "delivery",
    "send": "delivery",
    "tagged": "contacts",
}

# The store of the README is the one that lives in a file.
_OTHER_NAMES = {"Store": "SqliteStore"}

__all__ = [
    "AsyncClient", "Attribution", "Campaign", "Client", "ConsentColumns", "Contacts", "CustomerBasis", "Euro", "F",
    "Fallback", "FrequencyCap", "Keep", "Kind", "Kit", "MemoryStore", "Message", "Money", "Order", "Past",
    "PhoneNumber", "Plan", "Prices", "Profile", "Progress", "Reason", "Report", "Rules", "Run", "Sandbox", "Sector",
    "Segment", "Sent", "ShortLinks", "SmskitError", "Store", "SystemClock", "VirtualClock", "Webhook", "asend",
    "follow", "parse_events", "read_suppressions", "receive", "report", "send", "tagged",
]  # fmt: skip


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'smskit' has no attribute {name!r}")
    value: object = getattr(import_module(f"smskit.{home}"), _OTHER_NAMES.get(name, name))
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
