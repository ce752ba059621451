"""Both stores keep the contract."""

from __future__ import annotations

from pathlib import Path

import pytest

from smskit.protocols import Store
from smskit.stores import MemoryStore, SqliteStore
from smskit.testing.stores import StoreContract


class TestMemoryStore(StoreContract):
    def make_store(self) -> Store:
        return MemoryStore()


class TestSqliteStore(StoreContract):
    @pytest.fixture(autouse=True)
    def _in_a_directory(self, tmp_path: Path) -> None:
        self.directory = tmp_path
        self.made = 0

    def make_store(self) -> Store:
        self.made += 1
        return SqliteStore(self.directory / f"boutique{self.made}.db")
