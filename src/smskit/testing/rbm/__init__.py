"""Google's RCS Business Messaging for tests: a real HTTP server on loopback that remembers what it was told.

with FakeRbm() as google:
    rbm = google.transport()
    ...  # your code sends with it
    google.assert_sent("+33612345678", containing="Soldes")
    google.tap("+33612345678", "Voir")
    for call in google.take_calls():
        ...  # your code reads it, as it reads what comes in at its webhook
"""

from __future__ import annotations

from smskit.testing.rbm.fake import FakeRbm
from smskit.testing.rbm.records import FEATURES, Asked, Handset, RbmFault, RbmMessage, RbmState

__all__ = ["FEATURES", "Asked", "FakeRbm", "Handset", "RbmFault", "RbmMessage", "RbmState"]
