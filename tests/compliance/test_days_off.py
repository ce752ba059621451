"""The calendar: our own days off against two packages that exist for nothing else, where those are right."""

from datetime import date, timedelta
from importlib.util import find_spec

import pytest

from smskit.compliance import Rules
from smskit.compliance.calendar import days_off, easter, read_day
from smskit.errors import InvalidInput

YEARS = range(2015, 2036)
RULES = Rules.default()
FRENCH = [code for code in RULES.territories if RULES.territories[code].country == "FR"]


def ours(code, year):
    return days_off(RULES.territory(code).holidays, year)


EASTERS = [
    (1583, "1583-04-10"), (1818, "1818-03-22"), (1943, "1943-04-25"), (2000, "2000-04-23"), (2008, "2008-03-23"),
    (2011, "2011-04-24"), (2024, "2024-03-31"), (2025, "2025-04-20"), (2026, "2026-04-05"), (2027, "2027-03-28"),
    (2038, "2038-04-25"), (2285, "2285-03-22"),
]  # fmt: skip


@pytest.mark.parametrize(("year", "day"), EASTERS)
def test_easter(year, day):
    assert easter(year) == date.fromisoformat(day)


def test_easter_is_a_sunday_between_22_march_and_25_april():
    for year in range(1583, 4100):
        day = easter(year)
        assert day.weekday() == 6
        assert date(year, 3, 22) <= day <= date(year, 4, 25)


DAYS = [
    ("05-27", 2026, "2026-05-27"), ("easter+39", 2026, "2026-05-14"), ("easter-2", 2026, "2026-04-03"),
    ("11-20@2025..", 2024, None), ("11-20@2025..", 2025, "2025-11-20"), ("06-29@..2024", 2024, "2024-06-29"),
    ("06-29@..2024", 2025, None), ("01-01@2020..2021", 2022, None), ("01-01@2020..2021", 2021, "2021-01-01"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "year", "day"), DAYS)
def test_days_are_read(text, year, day):
    assert read_day(text).in_year(year) == (None if day is None else date.fromisoformat(day))


@pytest.mark.parametrize("text", ["", "5-27", "easter", "easter+", "05-27@", "noel", "05-27 "])
def test_what_is_no_day_is_refused(text):
    with pytest.raises(InvalidInput):
        read_day(text)


def test_the_eleven_days_of_the_mainland():
    written = ["01-01", "04-06", "05-01", "05-08", "05-14", "05-25", "07-14", "08-15", "11-01", "11-11", "12-25"]
    assert sorted(day.strftime("%m-%d") for day in ours("FR", 2026)) == written


def test_ascension_on_8_may_is_one_day():
    assert easter(2027) + timedelta(days=39) == date(2027, 5, 6)
    assert easter(2008) + timedelta(days=39) == date(2008, 5, 1)
    assert len(ours("FR", 2008)) == 10


@pytest.mark.skipif(find_spec("dateutil") is None, reason="dateutil, which holidays brings, is not installed")
def test_easter_for_two_thousand_five_hundred_years():
    from dateutil.easter import easter as theirs

    assert [easter(year) for year in range(1583, 4100)] == [theirs(year) for year in range(1583, 4100)]


# ---------------------------------------------------------------- against jours-feries-france (Etalab)

# Their zone names. They know statutory days only, and of the Pacific territories none beyond the eleven: those are
# compared with the other package. For Saint-Martin the two disagree before 2018 (27 or 28 May): the texts of 2012 and
# of the Code du travail did too, and no rule of ours is that old.
ETALAB = {
    "FR": "Métropole", "FR-AM": "Alsace-Moselle", "GP": "Guadeloupe", "GF": "Guyane", "MQ": "Martinique",
    "YT": "Mayotte", "RE": "La Réunion", "BL": "Saint-Barthélémy", "MF": "Saint-Martin",
    "PM": "Saint-Pierre-et-Miquelon",
}  # fmt: skip


@pytest.mark.skipif(find_spec("jours_feries_france") is None, reason="jours-feries-france is not installed")
@pytest.mark.parametrize("code", ETALAB)
def test_equal_to_jours_feries_france(code):
    from jours_feries_france import JoursFeries

    for year in YEARS if code != "MF" else range(2018, 2036):
        assert ours(code, year) == frozenset(JoursFeries.for_year(year, zone=ETALAB[code]).values()), year


# ---------------------------------------------------------------- against holidays

PACKAGED = {
    "FR": None, "FR-AM": "6AE", "GP": "971", "MQ": "972", "GF": "973", "RE": "974", "YT": "976", "BL": "BL",
    "MF": "MF", "NC": "NC", "PF": "PF", "PM": "PM", "WF": "WF",
}  # fmt: skip


@pytest.mark.skipif(find_spec("holidays") is None, reason="holidays is not installed")
@pytest.mark.parametrize("code", PACKAGED)
def test_equal_to_holidays_but_for_customs(code):
    import holidays

    customary = RULES.territory(code).customary
    for year in YEARS:
        theirs = frozenset(holidays.country_holidays("FR", subdiv=PACKAGED[code], years=year))
        # It also lists days off by custom, which ours keeps apart: only the strict profile waits for them.
        assert ours(code, year) <= theirs, (year, sorted(ours(code, year) - theirs))
        assert theirs - ours(code, year) <= days_off(customary, year), (year, sorted(theirs - ours(code, year)))


def test_every_french_territory_is_compared():
    assert set(FRENCH) == set(PACKAGED)
