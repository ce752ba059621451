"""The chain of consents in a file: what somebody changes by hand is shown, and older files are sealed."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from attrs import evolve

from smskit.compliance.history import broken_at
from smskit.errors import StoreError
from smskit.records import ConsentAction, ConsentEvent
from smskit.stores import SqliteStore, schema
from smskit.testing.stores.rows import ANNE, BOB, CHLOE, NOON


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "boutique.db"


GIVEN = ConsentEvent(ANNE, ConsentAction.GRANTED, NOON, "form", wording="J'accepte")

BY_HAND = [
    # what                                            statement                                                     place
    ("nothing",                                       "SELECT 1",                                                    None),
    ("another wording",                               "UPDATE consents SET wording = 'x' WHERE seq = 2",             1),
    ("a consent made of a withdrawal",                "UPDATE consents SET action = 'granted' WHERE seq = 3",        2),
    ("a word that is no action",                      "UPDATE consents SET action = 'maybe' WHERE seq = 3",          2),
    ("a time that is none",                           "UPDATE consents SET at = 'noon' WHERE seq = 2",               1),
    ("a row taken out",                               "DELETE FROM consents WHERE seq = 2",                          1),
    ("the last row taken out",                        "DELETE FROM consents WHERE seq = 4",                          3),
    ("two rows exchanged",                            "UPDATE consents SET seq = 9 - seq WHERE seq > 2",             2),
    ("a row put in",                                  "INSERT INTO consents SELECT 9, number, at, 'granted', source, channel, advertiser, wording,"
                                                      " evidence, digest, seal, erasure FROM consents WHERE seq = 4", 4),
    ("a row emptied as if the person was forgotten",  "UPDATE consents SET number = NULL WHERE seq = 3",             2),
    ("a digest that is a text",                       "UPDATE consents SET digest = 'x' WHERE seq = 1",              0),
    ("a forgotten row with another digest",           "UPDATE consents SET digest = zeroblob(32) WHERE seq = 1",     0),
]  # fmt: skip


@pytest.mark.parametrize(("statement", "place"), [row[1:] for row in BY_HAND], ids=[row[0] for row in BY_HAND])
def test_a_hand_in_the_file_is_shown(path: Path, statement: str, place: int | None) -> None:
    with SqliteStore(path) as store:
        taken_back = evolve(GIVEN, number=BOB, action=ConsentAction.WITHDRAWN)
        store.record_consents([GIVEN, evolve(GIVEN, number=BOB), taken_back, evolve(GIVEN, number=CHLOE)])
        store.forget(ANNE)
        head = store.consent_head()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(statement)
        connection.commit()
    with SqliteStore(path) as store:
        assert broken_at(store.consent_log(), key=store.secret, head=head) == place


# ---------------------------------------------------------------- older files


def file_of_schema_1(path: Path) -> None:
    """Make a file as the first version made it, with consents that have no seals."""
    first = schema.MIGRATIONS[0]
    assert isinstance(first, str)
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(first)
        connection.execute(f"PRAGMA application_id = {schema.APPLICATION_ID}")
        connection.execute("PRAGMA user_version = 1")
        connection.executemany("INSERT INTO facts VALUES (?, ?)", [("secret", b"s" * 32), ("suppressions", 0)])
        connection.executemany(
            "INSERT INTO consents VALUES (?, ?, ?, 'form', 'sms', '', 'J''accepte', '')",
            [(ANNE, 2_000_000, "withdrawn"), (ANNE, 1_000_000, "granted"), (BOB, 1_500_000, "granted")],
        )
        connection.commit()


def test_consents_of_the_first_schema_are_sealed(path: Path) -> None:
    file_of_schema_1(path)
    for _ in range(2):
        with SqliteStore(path) as store:
            chain = list(store.consent_log())
            assert [(sealed.event.number, sealed.event.at.second) for sealed in chain if sealed.event] == [
                (ANNE, 1), (BOB, 1), (ANNE, 2),
            ]  # fmt: skip
            assert broken_at(chain, key=b"s" * 32, head=store.consent_head()) is None
            assert [event.action for event in store.consents([ANNE])[ANNE]] == [
                ConsentAction.GRANTED,
                ConsentAction.WITHDRAWN,
            ]
            again = next(iter(store.consents([BOB])[BOB]))
            assert store.record_consents([again]) == 0


def test_what_was_sealed_on_the_way_is_kept_by_all_or_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file_of_schema_1(path)
    with monkeypatch.context() as patch:
        patch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, "CREATE TABLE consents (a);"))
        with pytest.raises(StoreError, match="already exists"):
            SqliteStore(path)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (1,)
        assert connection.execute("SELECT count(*) FROM consents").fetchone() == (3,)
