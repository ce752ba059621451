"""Whether a person may be written to: what the row says, what the store remembers, what the law asks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timezone
from typing import Final
from zoneinfo import ZoneInfo

from attrs import evolve

from smskit.cells import parse_date, parse_flag, parse_instant
from smskit.compliance import Desk, Evidence
from smskit.contacts import Batch, ConsentColumns
from smskit.delivery.guard import holds
from smskit.kinds import Kind, Reason
from smskit.records import ConsentAction, ConsentEvent, Suppression

# Rows of one file repeat each other's dates and sources; beyond this many
# different ones the memory is emptied rather than left to grow.
REMEMBERED = 50_000

_OBJECTION: Final = re.compile(
    r"desinscri|desabonn|unsubscri|opt_?outs?(_|$)|opposition|(^|_)stop(_sms)?$|stop_sms|blacklist|liste_noire"
    r"|ne_pas_contacter|do_not_(contact|text)"
)


def objection_column(names: Sequence[str]) -> str | None:
    """Give the first column whose header says that it holds opt-outs, None when none does."""
    return next((name for name in names if _OBJECTION.search(name)), None)


class People:
    """Reads the evidence of each row and asks the desk, once for each different evidence.

    Args:
        columns: which columns hold evidence; None when none was named.
        names: all columns of the file. One that looks like opt-outs is obeyed although nobody named it: whoever
            forgot to must not write to people who said STOP.
        desk: the rules of this campaign.
        at: the planned time; an opposition without a date counts as of then.
        zone: where dates without a zone are meant.
    """

    def __init__(
        self, columns: ConsentColumns | None, names: Sequence[str], desk: Desk, at: datetime, zone: ZoneInfo
    ) -> None:
        self._columns = columns or ConsentColumns()
        self.guessed = None if self.hears_oppositions else objection_column(names)
        if self.guessed is not None:
            self._columns = evolve(self._columns, withdrawn_at=self.guessed)
        self._desk = desk
        self._at = at
        self._zone = zone
        self._fields = self._columns.named
        self._findings: dict[tuple[str, ...], Reason | None] = {}

    @property
    def hears_oppositions(self) -> bool:
        """Whether the file has a column in which people object."""
        return self._columns.withdrawn_at is not None or self._columns.opted_out is not None

    def cells(self, batch: Batch, places: Sequence[str]) -> list[tuple[str, ...]]:
        """Give where each row is and what it says, as written: the key that a verdict is remembered by."""
        return list(zip(places, *(batch.columns[column] for column in self._fields.values()), strict=True))

    def reasons(self, cells: Sequence[tuple[str, ...]]) -> list[Reason | None]:
        """Give, for each row's cells, why it may not be written to; None when it may."""
        known = self._findings
        try:
            return list(map(known.__getitem__, cells))
        except KeyError:
            if len(known) > REMEMBERED:
                known.clear()
        for key in set(cells) - known.keys():
            finding = self._desk.basis(self.evidence(key), key[0])
            known[key] = None if finding is None else finding.reason
        return list(map(known.__getitem__, cells))

    def reason_with_history(
        self, cells: tuple[str, ...], history: Sequence[ConsentEvent], suppression: Suppression | None
    ) -> Reason | None:
        """Give why a person whom the store knows may not be written to; None when it may."""
        if suppression is not None and holds(suppression, self._at):
            return Reason.SUPPRESSED
        evidence = folded(self.evidence(cells), history)
        opposed = suppression is not None and suppression.reason is Reason.OPTED_OUT
        if suppression is not None and opposed and self._desk.kind is Kind.MARKETING:
            last = max(filter(None, (evidence.withdrawn_at, suppression.at)))
            evidence = evolve(evidence, withdrawn_at=last)
        finding = self._desk.basis(evidence, cells[0])
        return None if finding is None else finding.reason

    def evidence(self, cells: tuple[str, ...]) -> Evidence:
        """Read what one row says."""
        row = dict(zip(self._fields, cells[1:], strict=True))
        withdrawn = self._instant(row.get("withdrawn_at"))
        # "oui" in an opposition column has no date, and so does a date that nobody
        # can read: both count, as of now, because not knowing when never means never.
        objects = parse_flag(row.get("opted_out", "")) is not False and bool(row.get("opted_out"))
        says_no = parse_flag(row.get("withdrawn_at", "")) is False
        if objects or (row.get("withdrawn_at") and withdrawn is None and not says_no):
            withdrawn = self._at.astimezone(timezone.utc)
        born = parse_date(row.get("birth_date", ""))
        return Evidence(
            granted_at=self._instant(row.get("granted_at")),
            source=row.get("source", ""),
            withdrawn_at=withdrawn,
            wording=row.get("wording", ""),
            channel=row.get("channel", "").strip().lower() or "sms",
            last_contact=self._instant(row.get("last_contact")),
            purchased_at=self._instant(row.get("purchased_at")),
            birth_date=born.date() if isinstance(born, datetime) else born,
            professional=parse_flag(row.get("professional", "")) is True,
        )

    def _instant(self, cell: str | None) -> datetime | None:
        return parse_instant(cell, self._zone) if cell else None


def folded(evidence: Evidence, history: Sequence[ConsentEvent]) -> Evidence:
    """Give *evidence* with what the store remembers: the latest consent and the latest withdrawal count."""
    for event in history:
        if event.action is ConsentAction.WITHDRAWN:
            if evidence.withdrawn_at is None or event.at > evidence.withdrawn_at:
                evidence = evolve(evidence, withdrawn_at=event.at)
        elif evidence.granted_at is None or event.at > evidence.granted_at:
            evidence = evolve(
                evidence, granted_at=event.at, source=event.source, wording=event.wording, channel=event.channel,
                advertiser=event.advertiser,
            )  # fmt: skip
    return evidence
