"""The contract of stores: what every place to keep runs and people promises, ours and yours.

Subclass it in a test module and say how an empty store is made:

    class TestMyStore(StoreContract):
        def make_store(self) -> MyStore:
            return MyStore(...)

Nothing here needs pytest; it collects the methods by their names and closes the store through ``teardown_method``.
"""

from __future__ import annotations

from smskit.testing.stores.carriers import CarriersContract
from smskit.testing.stores.handsets import HandsetsContract
from smskit.testing.stores.lanes import LanesContract
from smskit.testing.stores.ledger import LedgerContract
from smskit.testing.stores.mailbox import MailboxContract
from smskit.testing.stores.people import PeopleContract
from smskit.testing.stores.rows import loaded, opened, planned, receipt, run_record
from smskit.testing.stores.standby import StandbyContract, both_loaded, both_opened


class StoreContract(
    PeopleContract, LedgerContract, LanesContract, MailboxContract, CarriersContract, StandbyContract, HandsetsContract
):
    """All that a store promises; subclass this one."""


__all__ = ["StoreContract", "both_loaded", "both_opened", "loaded", "opened", "planned", "receipt", "run_record"]
