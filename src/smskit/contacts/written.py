"""Writing any value of a table as the text that a CSV export would hold."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import cast


def written(value: object, /) -> str:
    """Give the text of one cell.

    Nothing and NaN are empty; 612345678.0 is ``612345678`` (spreadsheets keep every number as a float); dates
    are ISO, without the hour when it is midnight (spreadsheets and pandas have no plain dates); booleans are
    ``true`` and ``false``; the members of a list are joined by ``; ``.
    """
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _float(value)
    if isinstance(value, Decimal):
        return "" if value.is_nan() else format(value, "f")
    if isinstance(value, (date, time)):
        return _moment(value)
    return _other(value)


def _float(value: float) -> str:
    # NaN is the one number that differs from itself.
    if value != value:
        return ""
    if value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    return repr(value)


def _moment(value: date | time) -> str:
    # NaT of pandas is a datetime whose text is "NaT" and which differs from itself.
    if value != value:
        return ""
    if isinstance(value, datetime) and value.tzinfo is None and value.time() == time.min:
        return value.date().isoformat()
    return value.isoformat()


def _other(value: object) -> str:
    if isinstance(value, Enum):
        return written(value.value)
    if isinstance(value, timedelta):
        return str(value)
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, (list, tuple, set, frozenset)):
        return "; ".join(map(written, cast("Iterable[object]", value)))
    return str(value)
