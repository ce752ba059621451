"""Values of tables as the text of a cell."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import Enum

import pytest

from smskit.contacts.written import written


class Colour(Enum):
    RED = "rouge"


VALUES = [
    ("a text stays as it is", " 06308 ", " 06308 "),
    ("nothing is empty", None, ""),
    ("NaN is empty", float("nan"), ""),
    ("a spreadsheet's whole number has no decimals", 612345678.0, "612345678"),
    ("a float keeps its decimals", 12.5, "12.5"),
    ("a float too large to be exact is not called exact", 1e300, "1e+300"),
    ("infinity is no number and raises nothing", float("inf"), "inf"),
    ("a whole number", 6308, "6308"),
    ("yes", True, "true"),
    ("no", False, "false"),
    ("a price keeps its zeros", Decimal("12.50"), "12.50"),
    ("a decimal has no exponent", Decimal("1E+3"), "1000"),
    ("a decimal that is none", Decimal("NaN"), ""),
    ("a date", date(2024, 1, 2), "2024-01-02"),
    ("midnight is a date", datetime(2024, 1, 2), "2024-01-02"),
    ("an hour stays", datetime(2024, 1, 2, 3, 4, 5), "2024-01-02T03:04:05"),
    ("midnight somewhere keeps its zone", datetime(2024, 1, 2, tzinfo=timezone.utc), "2024-01-02T00:00:00+00:00"),
    ("a time of day", time(9, 30), "09:30:00"),
    ("a duration", timedelta(minutes=90), "1:30:00"),
    ("an enum is its value", Colour.RED, "rouge"),
    ("bytes are text", "é".encode(), "é"),
    ("a list is joined", ["vélo", 2, None], "vélo; 2; "),
    ("a dict is shown", {"a": 1}, "{'a': 1}"),
]  # fmt: skip


@pytest.mark.parametrize(("value", "text"), [row[1:] for row in VALUES], ids=[row[0] for row in VALUES])
def test_the_text_of_a_value(value: object, text: str) -> None:
    assert written(value) == text
