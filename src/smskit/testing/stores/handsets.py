"""What a store promises of handsets: what carriers told of them, and when."""

from __future__ import annotations

from datetime import datetime

from smskit.errors import NaiveDatetime
from smskit.records import Capability
from smskit.testing.stores.rows import ANNE, BOB, CHLOE, NOBODY, NOON, OneStore, after, raises


class HandsetsContract(OneStore):
    """What handsets can do: each test is one promise; its docstring says which."""

    def test_the_latest_word_about_a_handset_counts(self) -> None:
        """In any order of recording; features stay where only its being reachable is told; each agent hears its own."""
        features = frozenset({"RICHCARD_CAROUSEL", "ACTION_DIAL"})
        self.store.record_capabilities("shop", [
            Capability(ANNE, is_reachable=True, at=after(2), features=features),
            Capability(BOB, is_reachable=True, at=after(2)),
        ])  # fmt: skip
        self.store.record_capabilities(
            "shop", [Capability(ANNE, is_reachable=False, at=after(1), features=frozenset())]
        )
        self.store.record_capabilities("shop", iter([Capability(BOB, is_reachable=False, at=after(3))]))
        self.store.record_capabilities("bank", [Capability(CHLOE, is_reachable=True, at=NOON, features=frozenset())])
        known = self.store.capabilities("shop", [ANNE, BOB, CHLOE, NOBODY])
        assert dict(known) == {
            ANNE: Capability(ANNE, is_reachable=True, at=after(2), features=features),
            BOB: Capability(BOB, is_reachable=False, at=after(3)),
        }
        assert self.store.capabilities("bank", [CHLOE])[CHLOE].features == frozenset()
        self.store.record_capabilities("shop", [Capability(ANNE, is_reachable=True, at=after(5))])
        again = self.store.capabilities("shop", [ANNE])[ANNE]
        assert (again.at, again.features) == (after(5), features)
        naive = Capability(ANNE, is_reachable=True, at=datetime(2026, 6, 24))
        raises(NaiveDatetime, lambda: self.store.record_capabilities("shop", [naive]))

    def test_what_is_known_of_a_handset_is_erased_with_the_person(self) -> None:
        """For every agent."""
        for agent in ("shop", "bank"):
            self.store.record_capabilities(agent, [Capability(ANNE, is_reachable=True, at=NOON)])
        self.store.forget(ANNE)
        assert [dict(self.store.capabilities(agent, [ANNE])) for agent in ("shop", "bank")] == [{}, {}]
