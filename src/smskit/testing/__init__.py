"""For our tests and for users' own: contracts that transports and stores are held to, rows to test with, a centre.

``SMSC`` is loaded when it is first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from smskit.testing.smsc import SMSC as SMSC

__all__ = ["SMSC"]


def __getattr__(name: str) -> object:
    if name == "SMSC":
        from smskit.testing.smsc import SMSC

        return SMSC
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
