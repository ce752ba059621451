"""Ways to handsets: the sandbox, providers over HTTP, SMPP; and the drivers that run their flows."""

from __future__ import annotations

from smskit.transports.drivers import adrive, drive
from smskit.transports.sandbox import SANDBOX_FEATURES, Sandbox, SentMessage
from smskit.transports.story import Delays

__all__ = ["SANDBOX_FEATURES", "Delays", "Sandbox", "SentMessage", "adrive", "drive"]
