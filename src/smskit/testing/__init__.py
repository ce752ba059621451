"""For our tests and for users' own: contracts that transports and stores are held to, rows to test with, carriers.

``SMSC`` and ``FakeRbm`` are real servers on loopback; each is loaded when it is first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from smskit.testing.rbm import FakeRbm as FakeRbm
    from smskit.testing.smsc import SMSC as SMSC

__all__ = ["SMSC", "FakeRbm"]


def __getattr__(name: str) -> object:
    if name == "FakeRbm":
        from smskit.testing.rbm import FakeRbm

        return FakeRbm
    if name == "SMSC":
        from smskit.testing.smsc import SMSC

        return SMSC
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
