"""What a file says that people agreed to, as events for the store."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from smskit.cells import parse_flag, parse_instant
from smskit.contacts.contacts import Contacts
from smskit.errors import InvalidInput, NaiveDatetime
from smskit.records import ConsentAction, ConsentEvent


def consent_events(
    contacts: Contacts, /, *, at: datetime, zone: str = "Europe/Paris", advertiser: str = "", file: str = ""
) -> Iterator[ConsentEvent]:
    """Give the consents and withdrawals that stand in the evidence columns of *contacts*, row by row.

    A consent without a date, or with one that nobody can read, is none. A withdrawal without one counts, as of *at*:
    not knowing when never means never. Rows without a mobile number are left out; segments are not asked.

    Args:
        contacts: read with ``consent=ConsentColumns(...)``.
        at: when the file was made; aware.
        zone: where dates without a zone are meant.
        advertiser: to whom consent was given; empty means the one who keeps the file.
        file: what the evidence names in front of the row: ``clients.csv row 12``.

    Raises:
        InvalidInput: *contacts* has no evidence columns.
        NaiveDatetime: *at* has no zone.
        UnreadableFile: the file changed or went away.
    """
    if contacts.consent is None:
        raise InvalidInput("the contacts name no columns of consent; read them with consent=ConsentColumns(...)")
    if at.utcoffset() is None:
        raise NaiveDatetime("at", at)
    return _events(contacts, contacts.consent.named, at, ZoneInfo(zone), advertiser, file)


def _events(
    contacts: Contacts, named: Mapping[str, str], at: datetime, zone: ZoneInfo, advertiser: str, file: str
) -> Iterator[ConsentEvent]:
    for batch in contacts.batches():
        cells = zip(*(batch.columns[column] for column in named.values()), strict=True)
        for number, row, values in zip(batch.numbers, batch.rows, cells, strict=True):
            if not number:
                continue
            told = dict(zip(named, values, strict=True))
            channel = told.get("channel", "").lower() or "sms"
            source, evidence = told.get("source", ""), f"{file} row {row}".strip()
            if given := _instant(told.get("granted_at"), zone):
                wording = told.get("wording", "")
                yield ConsentEvent(
                    number, ConsentAction.GRANTED, given, source, channel, advertiser, wording, evidence
                )  # fmt: skip
            if gone := _withdrawn(told, at, zone):
                yield ConsentEvent(
                    number, ConsentAction.WITHDRAWN, gone, source, channel, advertiser, evidence=evidence
                )  # fmt: skip


def _withdrawn(told: Mapping[str, str], at: datetime, zone: ZoneInfo) -> datetime | None:
    cell = told.get("withdrawn_at", "")
    if dated := _instant(cell, zone):
        return dated
    flag = told.get("opted_out", "")
    says_so = any(word and parse_flag(word) is not False for word in (cell, flag))
    return at if says_so else None


def _instant(cell: str | None, zone: ZoneInfo) -> datetime | None:
    return parse_instant(cell, zone) if cell else None
