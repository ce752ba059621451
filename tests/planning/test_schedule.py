"""Times as people write them; what could be meant in two ways is refused."""

from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from smskit.errors import InvalidInput, NaiveDatetime
from smskit.planning.schedule import instant

PARIS = ZoneInfo("Europe/Paris")

READ = [
    # what                                        written                      instant in UTC
    ("ISO with a space, in summer",               "2026-06-24 12:00",          "2026-06-24T10:00"),
    ("ISO with a T, in winter",                   "2026-01-07T08:30",          "2026-01-07T07:30"),
    ("French order",                              "24/06/2026 12:00",          "2026-06-24T10:00"),
    ("French hours",                              "24/06/2026 12h30",          "2026-06-24T10:30"),
    ("an offset says it all",                     "2026-06-24T12:00+00:00",    "2026-06-24T12:00"),
    ("Z for Zulu",                                "2026-06-24T12:00:00Z",      "2026-06-24T12:00"),
    ("the hour that comes twice is the first",    "2026-10-25 02:30",          "2026-10-25T00:30"),
]  # fmt: skip


@pytest.mark.parametrize(("written", "utc"), [case[1:] for case in READ], ids=[case[0] for case in READ])
def test_reads(written, utc):
    # Python calls two zones unequal in the hour that comes twice; instants are what counts.
    assert instant(written, PARIS).timestamp() == datetime.fromisoformat(f"{utc}+00:00").timestamp()


REFUSED = [
    ("a date without a time", "2026-06-24"),
    ("a French date without a time", "24/06/2026"),
    ("a day that does not exist", "2026-02-30 12:00"),
    ("an hour that summer time skips", "2026-03-29 02:30"),
    ("words", "demain midi"),
    ("nothing", ""),
]


@pytest.mark.parametrize("written", [case[1] for case in REFUSED], ids=[case[0] for case in REFUSED])
def test_refuses(written):
    with pytest.raises(InvalidInput, match="at="):
        instant(written, PARIS)


def test_a_datetime_without_a_zone_is_refused_and_one_with_it_is_taken():
    with pytest.raises(NaiveDatetime, match="tzinfo"):
        instant(datetime(2026, 6, 24, 12), PARIS)
    aware = datetime(2026, 6, 24, 12, tzinfo=timezone(timedelta(hours=4)))
    assert instant(aware, PARIS) is aware
