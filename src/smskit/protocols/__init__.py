"""What others may implement: Transport, Store, Clock, Shortener. And the calls by which a transport speaks."""

from smskit.protocols.flows import Call, Flow, Pause, Reply, Work
from smskit.protocols.host import Clock, Shortener
from smskit.protocols.store import Skims, Store
from smskit.protocols.transports import (
    Asks,
    Features,
    Fetches,
    Hears,
    Listens,
    LooksUp,
    Polls,
    Receipts,
    Revokes,
    StopForm,
    TellsBalance,
    TellsCapabilities,
    Transport,
    WebhookRequest,
    Window,
    Withdraws,
)

__all__ = [
    "Asks", "Call", "Clock", "Features", "Fetches", "Flow", "Hears", "Listens", "LooksUp", "Pause", "Polls",
    "Receipts", "Reply", "Revokes", "Shortener", "Skims", "StopForm", "Store", "TellsBalance", "TellsCapabilities",
    "Transport", "WebhookRequest", "Window", "Withdraws", "Work",
]  # fmt: skip
