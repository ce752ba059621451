"""What a report reads straight out of the tables is what the values say."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from smskit.kinds import DeliveryStatus, EventType, FailureClass, SendState
from smskit.metrics.lines import event_line, line_of
from smskit.metrics.responses import COUNTED
from smskit.records import Event, EventLine, SendLine, Settlement, parse_reference
from smskit.stores import MemoryStore, SqliteStore, skimming
from smskit.testing.stores import opened
from smskit.testing.stores.rows import NOON, after

Stores = MemoryStore | SqliteStore


@pytest.fixture(params=["memory", "file"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stores]:
    with MemoryStore() if request.param == "memory" else SqliteStore(tmp_path / "s.db") as made:
        yield made


def happened(store: Stores) -> None:
    """Bring a run to every state, with every word that a receipt may say."""
    opened(store, 20)
    opened(store, 1, run_id="other", campaign="hiver")
    store.lease("run", limit=18, now=NOON)
    settled = [
        Settlement(seq, SendState.ACCEPTED, provider_id=f"p{seq}", at=after(seq / 7), billed_parts=2)
        for seq in range(len(DeliveryStatus))
    ]
    refused = Settlement(16, SendState.REJECTED, failure=FailureClass.SPAM_FILTER, at=after(1), code="x")
    store.settle("run", [*settled, refused])
    receipts = [
        Event(f"r{seq}", EventType.RECEIPT, after(seq), reference=f"run-{seq}", status=status,
              failure=FailureClass.UNREACHABLE if status.is_failure else None)
        for seq, status in enumerate(DeliveryStatus)
    ]  # fmt: skip
    words = [
        Event(f"{kind.value}{seq}", kind, after(9 - seq / 3), reference=f"run-{seq}", text="oui" if seq else None)
        for kind in EventType
        if kind is not EventType.RECEIPT
        for seq in range(3)
    ]
    store.record_events([*receipts, *words])


@pytest.mark.parametrize("page", [2, 5_000])
def test_a_run_is_skimmed_as_its_values_say(store: Stores, page: int, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("_SENDS", "_EVENTS"):
        monkeypatch.setattr(skimming, name, getattr(skimming, name).replace("LIMIT 5000", f"LIMIT {page}"))
    happened(store)
    lines = list(store.skim_sends("run"))
    assert lines == [line_of(send) for send in store.sends("run")]
    assert {line.state for line in lines} == {"accepted", "rejected", "submitting", "planned"}
    assert isinstance(lines[0], SendLine)
    told = list(store.skim_responses("run"))
    assert told == [line for event in store.events("run") if (line := line_of_event(event)).type in COUNTED]
    assert len(told) == 9
    assert isinstance(told[0], EventLine)
    assert not list(store.skim_sends("nobody's"))
    assert not list(store.skim_responses("nobody's"))


def line_of_event(event: Event) -> EventLine:
    named = parse_reference(event.reference or "")
    assert named is not None
    return event_line(event, named[1])


def test_a_line_shows_no_number_and_no_words() -> None:
    line = SendLine(1, 33612345678, 1, 1, "FR", 0, "", "accepted", None, None, None, None, None, None, 0)
    assert "612345678" not in repr(line)
    assert "oui" not in repr(EventLine("reply", 1, 2, "oui"))
