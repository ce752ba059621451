"""Where consents, oppositions, runs, sends, events and links are kept: in a file, or in memory."""

from __future__ import annotations

from smskit.stores.sqlite import MemoryStore, SqliteStore

__all__ = ["MemoryStore", "SqliteStore"]
