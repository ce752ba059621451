"""Reading the orders that a report is joined with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from os import PathLike, fspath

from smskit.contacts.opening import FileOptions, opened
from smskit.metrics import Orders, orders_from_rows

_ROWS = 1_000


def read_orders(path: str | PathLike[str], *, region: str = "FR") -> Orders:
    """Read a CSV or spreadsheet of orders: a date, an amount, and a code, a link token or a telephone.

    Raises:
        UnreadableFile: the file cannot be read.
        InvalidInput: no column for the date or the amount.
    """
    return orders_from_rows(_rows(fspath(path), region), region=region)


def _rows(path: str, region: str) -> Iterator[Mapping[str, str]]:
    source = opened(path, region, FileOptions())
    for chunk in source.chunks(_ROWS):
        for cells in zip(*chunk.columns, strict=True):
            yield dict(zip(source.headers, cells, strict=True))
