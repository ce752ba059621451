"""Reading the orders that a report is joined with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import tzinfo
from os import PathLike, fspath
from zoneinfo import ZoneInfo

from smskit.contacts.opening import FileOptions, opened
from smskit.metrics import Orders, orders_from_rows

_ROWS = 1_000


def read_orders(
    path: str | PathLike[str],
    *,
    region: str = "FR",
    columns: Mapping[str, str] | None = None,
    currency: str = "EUR",
    zone: tzinfo | None = None,
    are_visits: bool = False,
) -> Orders:
    """Read a CSV or spreadsheet of orders: a date, an amount, and a code, a link token or a telephone.

    Args:
        path: the file.
        region: whose national forms of telephone numbers are understood.
        columns: ``{"at": "Date de paiement"}``, for headers that are not known.
        currency: of the amounts.
        zone: of times without an offset; None takes Paris.
        are_visits: each row is a visit to a shop, and no amount is looked for.

    Raises:
        UnreadableFile: the file cannot be read.
        InvalidInput: no column for the date or the amount.
    """
    return orders_from_rows(
        _rows(fspath(path), region), region=region, columns=columns, currency=currency,
        zone=zone or ZoneInfo("Europe/Paris"), are_visits=are_visits,
    )  # fmt: skip


def _rows(path: str, region: str) -> Iterator[Mapping[str, str]]:
    source = opened(path, region, FileOptions())
    for chunk in source.chunks(_ROWS):
        for cells in zip(*chunk.columns, strict=True):
            yield dict(zip(source.headers, cells, strict=True))
