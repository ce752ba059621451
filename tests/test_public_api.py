"""What a user meets first: the import is light, every public name is there and explained, numbers are masked."""

from __future__ import annotations

import inspect
import json
import pkgutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timezone
from importlib import import_module

import attrs
import pytest

import smskit
from smskit.kinds import EventType, Kind, Reason, SendState
from smskit.phone import PhoneNumber
from smskit.records import (
    ConsentAction,
    ConsentEvent,
    Event,
    Outgoing,
    PlannedSend,
    Send,
    Suppression,
)

NOON = datetime(2026, 6, 24, 10, tzinfo=timezone.utc)
NUMBER = 33612345678
TEXT = "un texte que personne ne doit lire"

HEAVY = ("httpx", "phonenumbers", "sqlite3", "regex", "smskit.transports", "smskit.stores", "anyio")


def loaded_by(statement: str) -> set[str]:
    """The modules of a fresh interpreter after one statement."""
    code = f"{statement}\nimport json, sys; print(json.dumps(sorted(sys.modules)))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(json.loads(run.stdout))


def test_importing_smskit_loads_nothing_heavy() -> None:
    loaded = loaded_by("import smskit")
    assert "smskit" in loaded
    assert not loaded & set(HEAVY)


@pytest.mark.parametrize("module", ["encoding", "text", "rcs", "transports", "display", "records"])
def test_a_part_alone_loads_no_http_and_no_database(module: str) -> None:
    loaded = loaded_by(f"import smskit.{module}")
    assert f"smskit.{module}" in loaded
    assert not loaded & {"httpx", "phonenumbers", "sqlite3"}


def test_the_check_for_heavy_modules_can_fail() -> None:
    assert "sqlite3" in loaded_by("import smskit, sqlite3")


@pytest.mark.parametrize("name", smskit.__all__)
def test_a_public_name_is_there_and_explained(name: str) -> None:
    value = getattr(smskit, name)
    doc = inspect.getdoc(value if callable(value) else type(value))
    assert doc, f"{name} has no docstring"
    assert doc != inspect.getdoc(type(value)) or not callable(value), f"{name} has no docstring of its own"


def test_public_names_are_listed_once_and_sorted() -> None:
    assert list(smskit.__all__) == sorted(set(smskit.__all__))
    assert set(smskit.__all__) <= set(dir(smskit))


def test_a_name_that_does_not_exist_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="nonsense"):
        smskit.nonsense  # type: ignore[attr-defined]


# ---------------------------------------------------------------- numbers and texts are hidden

RECORDS: list[tuple[str, object]] = [
    ("a message on its way out", Outgoing("r-1", NUMBER, TEXT, 1, "SHOP", Kind.OTP)),
    ("a receipt", Event("k", EventType.RECEIPT, NOON, NUMBER)),
    ("a reply", Event("k", EventType.REPLY, NOON, NUMBER, text=TEXT)),
    ("a planned send", PlannedSend(0, 2, NUMBER, TEXT, 1, 45_000, "FR")),
    (
        "a send",
        Send("r", 0, 2, NUMBER, TEXT, 1, 45_000, "FR", 0, "", SendState.PLANNED, None),
    ),
    ("a consent", ConsentEvent(NUMBER, ConsentAction.GRANTED, NOON, "site")),
    ("a telephone number", PhoneNumber.parse(f"+{NUMBER}")),
    ("a suppression", Suppression(NUMBER, Reason.OPTED_OUT, NOON, "reply")),
]


@pytest.mark.parametrize("record", [row[1] for row in RECORDS], ids=[row[0] for row in RECORDS])
def test_a_record_shows_neither_number_nor_text(record: object) -> None:
    for shown in (repr(record), str(record), repr([record]), f"{record}"):
        assert str(NUMBER) not in shown
        assert TEXT not in shown
        assert "+336••••••78" in shown


def attrs_classes() -> Iterator[type[attrs.AttrsInstance]]:
    for found in pkgutil.walk_packages(smskit.__path__, "smskit."):
        try:
            module = import_module(found.name)
        except ModuleNotFoundError as error:
            if error.name is None or error.name.startswith("smskit"):
                raise
            continue  # it needs an extra that is not installed here
        for value in vars(module).values():
            if inspect.isclass(value) and attrs.has(value) and value.__module__ == module.__name__:
                yield value


# What is called a number and is none, or is masked in another way than by its field.
INNOCENT = {
    "smskit.encoding.splitting.Part.number": "the place of a part among the parts",
    "smskit.phone.number.PhoneNumber.number": "its own repr masks it, see RECORDS",
}


def test_no_attrs_class_anywhere_shows_a_number() -> None:
    classes = list(attrs_classes())
    assert Outgoing in classes
    shown = {
        f"{one.__module__}.{one.__qualname__}.{field.name}"
        for one in classes
        for field in attrs.fields(one)
        if field.name in ("number", "numbers", "msisdn", "e164") and field.repr is True
        if field.type not in (PhoneNumber, "PhoneNumber")
    }
    assert shown - set(INNOCENT) == set()
    assert set(INNOCENT) <= shown, "an excuse that nobody needs any more"
