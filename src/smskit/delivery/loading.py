"""Writing a plan into the store: all of it or nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import NamedTuple

from smskit.kinds import RunState
from smskit.protocols import Store
from smskit.records import Link, PlannedSend, RunRecord


class Loaded(NamedTuple):
    """Some messages of a plan, for one of its runs, with their short links."""

    run_id: str
    sends: Sequence[PlannedSend]
    links: Sequence[Link]


def load(
    store: Store, record: RunRecord, batches: Iterable[Sequence[Loaded]], *, second: RunRecord | None = None
) -> RunRecord:
    """Write a plan into the store, ready to be sent; nothing can leave before all of it is there.

    A process killed on the way leaves a run in LOADING, which no engine touches; loading it again completes it.
    A run that is there already is given as it is: the same plan is never loaded twice. *second* is the run that falls
    back for it; both are opened in one commit.

    Raises:
        PlanChanged: the contacts are no longer those that were planned; the run is removed again.
        TokenTaken: a short link would be that of another message; the run is removed again.
    """
    with store.hold(record.campaign):
        kept = store.create_run(record)
        if kept.state is not RunState.LOADING:
            return kept
        if second is not None:
            store.create_run(second)
        try:
            _write(store, batches)
            store.set_run_state(record.run_id, RunState.READY)
        except BaseException:
            store.discard_run(record.run_id)
            raise
    return store.run(record.run_id) or kept


def _write(store: Store, batches: Iterable[Sequence[Loaded]]) -> None:
    for run_id, sends, links in chain.from_iterable(batches):
        store.add_sends(run_id, sends)
        if links:
            store.add_links(links)
