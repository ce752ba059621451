"""Hours: both sides of each boundary, in the edition in force, in the recipient's own time."""

from datetime import date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from smskit.compliance import Check, Declaration, Effect, Profile, Rules, Sector
from smskit.errors import InvalidInput, NaiveDatetime
from smskit.kinds import Kind, Reason
from smskit.protocols import Window

LAW, CHARTER, STRICT = Profile.LAW, Profile.CHARTER, Profile.STRICT


def local(text: str, zone: str = "Europe/Paris") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


FRANCE = [
    # what                                          profile  territory asked at             opens at
    ("a second before opening", LAW, "FR", "2026-06-24 07:59:59", "2026-06-24 08:00"),
    ("the opening itself", LAW, "FR", "2026-06-24 08:00", "2026-06-24 08:00"),
    ("edition of 2026, last second", LAW, "FR", "2026-06-24 21:29:59", "2026-06-24 21:29:59"),
    ("edition of 2026, the close is outside", LAW, "FR", "2026-06-24 21:30", "2026-06-25 08:00"),
    ("edition of 2024, last second", LAW, "FR", "2026-02-27 21:59:59", "2026-02-27 21:59:59"),
    ("edition of 2024, the close is outside", LAW, "FR", "2026-02-27 22:00", "2026-02-28 08:00"),
    ("edition of 2024 on its first day", LAW, "FR", "2024-09-02 21:59", "2024-09-02 21:59"),
    ("the last evening of the edition of 2024", LAW, "FR", "2026-02-28 21:45", "2026-02-28 21:45"),
    ("the first working evening of that of 2026", LAW, "FR", "2026-03-02 21:45", "2026-03-03 08:00"),
    ("Saturday evening waits for Monday", LAW, "FR", "2026-06-20 21:30", "2026-06-22 08:00"),
    ("the last second of Saturday's hours", LAW, "FR", "2026-06-20 21:29:59", "2026-06-20 21:29:59"),
    ("Sunday noon waits", LAW, "FR", "2026-06-21 12:00", "2026-06-22 08:00"),
    ("charter of 2026: Sunday may be sent", CHARTER, "FR", "2026-06-21 12:00", "2026-06-21 12:00"),
    ("charter of 2024: Sunday is no working day", CHARTER, "FR", "2026-02-22 12:00", "2026-02-23 08:00"),
    ("strict closes at eight", STRICT, "FR", "2026-06-24 20:00", "2026-06-25 08:00"),
    ("strict, last second", STRICT, "FR", "2026-06-24 19:59:59", "2026-06-24 19:59:59"),
    ("14 July waits", LAW, "FR", "2026-07-14 10:00", "2026-07-15 08:00"),
    ("13 July does not", LAW, "FR", "2026-07-13 10:00", "2026-07-13 10:00"),
    ("charter of 2026: 14 July may be sent", CHARTER, "FR", "2026-07-14 10:00", "2026-07-14 10:00"),
    ("charter of 2024: a holiday is no working day", CHARTER, "FR", "2025-07-14 10:00", "2025-07-15 08:00"),
    ("Easter Monday", LAW, "FR", "2026-04-06 10:00", "2026-04-07 08:00"),
    ("Ascension", LAW, "FR", "2026-05-14 10:00", "2026-05-15 08:00"),
    ("Whit Monday", LAW, "FR", "2026-05-25 10:00", "2026-05-26 08:00"),
    ("Good Friday is a day like others", LAW, "FR", "2026-04-03 10:00", "2026-04-03 10:00"),
    ("Good Friday waits in Alsace-Moselle", LAW, "FR-AM", "2026-04-03 10:00", "2026-04-04 08:00"),
    ("26 December is a day like others", LAW, "FR", "2026-12-26 10:00", "2026-12-26 10:00"),
    ("26 December waits in Alsace-Moselle", LAW, "FR-AM", "2026-12-26 10:00", "2026-12-28 08:00"),
    ("the night the clocks go forward", LAW, "FR", "2026-03-28 23:00", "2026-03-30 08:00"),
    ("the night the clocks go back", LAW, "FR", "2026-10-24 23:00", "2026-10-26 08:00"),
]


@pytest.mark.parametrize(
    ("profile", "territory", "asked", "opens"), [row[1:] for row in FRANCE], ids=[r[0] for r in FRANCE]
)
def test_france_opens(ask, profile, territory, asked, opens):
    opening = ask(profile=profile, at=local(asked)).opening(territory, local(asked))
    assert opening.at == local(opens)
    assert (opening.finding is None) == (asked == opens)


OVERSEAS = [
    # what                                      territory zone                 a day off there
    ("Mayotte, 27 April", "YT", "Indian/Mayotte", "2026-04-27"),
    ("Martinique, 22 May", "MQ", "America/Martinique", "2026-05-22"),
    ("Guadeloupe, 27 May", "GP", "America/Guadeloupe", "2026-05-27"),
    ("Saint-Martin, 28 May", "MF", "America/Marigot", "2026-05-28"),
    ("Guyane, 10 June", "GF", "America/Cayenne", "2026-06-10"),
    ("Saint-Barthélemy, 9 October", "BL", "America/St_Barthelemy", "2026-10-09"),
    ("La Réunion, 20 December", "RE", "Indian/Reunion", "2027-12-20"),
    ("New Caledonia, 24 September", "NC", "Pacific/Noumea", "2026-09-24"),
    ("French Polynesia, 20 November since 2025", "PF", "Pacific/Tahiti", "2026-11-20"),
    ("Wallis and Futuna, 29 July", "WF", "Pacific/Wallis", "2026-07-29"),
]


@pytest.mark.parametrize(("territory", "zone", "day"), [row[1:] for row in OVERSEAS], ids=[row[0] for row in OVERSEAS])
def test_an_overseas_day_off_waits_there_and_not_in_the_mainland(ask, territory, zone, day):
    noon = local(f"{day} 12:00", zone)
    opening = ask(at=noon).opening(territory, noon)
    assert opening.at is not None
    assert opening.at > noon
    assert opening.finding is not None
    assert opening.finding.reason is Reason.HOLIDAY
    paris = local(f"{day} 12:00")
    assert ask(at=paris).opening("FR", paris).at == paris


def test_customary_days_wait_only_in_the_strict_profile(ask):
    noon = local("2026-07-21 12:00", "America/Guadeloupe")
    assert ask(at=noon).opening("GP", noon).at == noon
    assert ask(at=noon, profile=STRICT).opening("GP", noon).at == local("2026-07-22 08:00", "America/Guadeloupe")


PLACES = [
    # what                                                    territory asked (zone)                       opens (zone)
    (
        "Réunion is two hours ahead of Paris in summer",
        "RE",
        ("2026-06-24 19:29", "Europe/Paris"),
        ("2026-06-24 21:29", "Indian/Reunion"),
    ),
    (
        "Réunion has closed a minute later",
        "RE",
        ("2026-06-24 19:30", "Europe/Paris"),
        ("2026-06-25 08:00", "Indian/Reunion"),
    ),
    (
        "Mayotte is an hour ahead and still open",
        "YT",
        ("2026-06-24 19:30", "Europe/Paris"),
        ("2026-06-24 20:30", "Indian/Mayotte"),
    ),
    (
        "Martinique sleeps at nine in Paris",
        "MQ",
        ("2026-06-24 09:00", "Europe/Paris"),
        ("2026-06-24 08:00", "America/Martinique"),
    ),
    (
        "three zones of Polynesia at once: the last opens",
        "PF",
        ("2026-06-24 08:00", "Pacific/Gambier"),
        ("2026-06-24 08:00", "Pacific/Tahiti"),
    ),
    (
        "three zones of Polynesia at once: the first closes",
        "PF",
        ("2026-06-24 21:30", "Pacific/Gambier"),
        ("2026-06-25 08:00", "Pacific/Tahiti"),
    ),
]


@pytest.mark.parametrize(("territory", "asked", "opens"), [row[1:] for row in PLACES], ids=[row[0] for row in PLACES])
def test_every_candidate_zone_has_to_be_open(ask, territory, asked, opens):
    at = local(*asked)
    assert ask(at=at).opening(territory, at).at == local(*opens)


WAITS = [
    ("an evening", "2026-06-24 22:00", Reason.QUIET_HOURS, "FR.QH.HOURS"),
    ("a Sunday", "2026-06-21 12:00", Reason.QUIET_HOURS, "FR.QH.SUNDAY"),
    ("a holiday", "2026-07-14 12:00", Reason.HOLIDAY, "FR.QH.HOLIDAY"),
    ("the evening of a holiday is an evening first", "2026-07-14 22:00", Reason.QUIET_HOURS, "FR.QH.HOURS"),
    ("an evening in 2025", "2025-06-25 22:00", Reason.QUIET_HOURS, "FR.QH.HOURS.2024"),
    ("a holiday in 2025", "2025-07-14 12:00", Reason.HOLIDAY, "FR.QH.HOURS.2024"),
]


@pytest.mark.parametrize(("asked", "reason", "rule_id"), [row[1:] for row in WAITS], ids=[row[0] for row in WAITS])
def test_the_rule_that_made_it_wait_is_named(ask, asked, reason, rule_id):
    finding = ask(at=local(asked)).opening("FR", local(asked)).finding
    assert finding is not None
    assert (finding.reason, finding.rule_id, finding.effect) == (reason, rule_id, Effect.DEFER)


CARRIER = [
    # what                                 window                                              asked               opens
    ("closes before the charter", Window(time(8), time(20)), "2026-06-24 20:00", "2026-06-25 08:00"),
    ("its last minute", Window(time(8), time(20)), "2026-06-24 19:59", "2026-06-24 19:59"),
    ("opens after the charter", Window(time(9), time(20)), "2026-06-24 08:30", "2026-06-24 09:00"),
    ("closes after the charter: the charter counts", Window(time(8), time(22)), "2026-06-24 21:30", "2026-06-25 08:00"),
    ("no Saturday", Window(time(8), time(20), frozenset(range(5))), "2026-06-20 10:00", "2026-06-22 08:00"),
    ("midnight is the end of the day", Window(time(8), time(0)), "2026-06-24 21:29", "2026-06-24 21:29"),
]


@pytest.mark.parametrize(("window", "asked", "opens"), [row[1:] for row in CARRIER], ids=[row[0] for row in CARRIER])
def test_the_carriers_own_hours_are_intersected(ask, window, asked, opens):
    assert ask(at=local(asked), windows={"FR": window}).opening("FR", local(asked)).at == local(opens)


def test_the_carriers_window_of_the_whole_country_holds_in_alsace(ask):
    at = local("2026-06-24 20:30")
    assert ask(at=at, windows={"FR": Window(time(8), time(20))}).opening("FR-AM", at).at == local("2026-06-25 08:00")


def test_holidays_of_the_carrier_wait_in_the_charter_profile_too(ask):
    at = local("2026-07-14 10:00")
    closed = {"*": Window(time(8), time(20), holidays=False)}
    opening = ask(at=at, profile=CHARTER, windows=closed).opening("FR", at)
    assert opening.at == local("2026-07-15 08:00")
    assert opening.finding is not None
    assert opening.finding.rule_id == "GLOBAL.QH.TRANSPORT"


def test_windows_that_exclude_each_other_block(ask):
    at = local("2026-06-24 12:00")
    opening = ask(at=at, windows={"FR": Window(time(22), time(23))}).opening("FR", at)
    assert opening.at is None
    assert opening.finding is not None
    assert opening.finding.effect is Effect.BLOCK


@pytest.mark.parametrize("closes", [time(8), time(20)])
def test_a_window_that_ends_before_it_begins_is_refused(ask, closes):
    at = local("2026-06-24 12:00")
    with pytest.raises(InvalidInput, match="never open"):
        ask(at=at, windows={"FR": Window(time(20), closes)}).opening("FR", at)


@pytest.mark.parametrize("kind", [Kind.NOTIFICATION, Kind.OTP])
def test_what_is_not_marketing_has_no_hours(ask, kind):
    at = local("2026-06-21 03:00")
    assert ask(at=at, kind=kind, text="Votre code : 4821").opening("FR", at).at == at


def test_an_unknown_territory_never_opens(ask):
    at = local("2026-06-24 12:00")
    opening = ask(at=at).opening("ZZ", at)
    assert opening.at is None
    assert opening.finding is not None
    assert opening.finding.reason is Reason.ZONE_UNKNOWN


def test_a_naive_time_is_refused(ask):
    with pytest.raises(NaiveDatetime):
        ask(at=datetime(2026, 6, 24, 12))
    with pytest.raises(NaiveDatetime):
        ask().opening("FR", datetime(2026, 6, 24, 12))


def test_the_hour_that_comes_twice_has_two_answers(ask):
    """01:30 UTC and 00:30 UTC are both 02:30 in Paris and equal in Python; both are night, but not the same night."""
    first = datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo("Europe/Paris"))
    desk = ask(at=first, kind=Kind.NOTIFICATION, text="Votre colis est la")
    assert desk.opening("FR", first).at.astimezone(timezone.utc).hour == 0
    assert desk.opening("FR", first.replace(fold=1)).at.astimezone(timezone.utc).hour == 1


def test_the_answer_is_written_in_the_zone_of_the_question(ask):
    desk = ask()
    utc = datetime(2026, 6, 24, 21, tzinfo=timezone.utc)
    paris = utc.astimezone(ZoneInfo("Europe/Paris"))
    assert desk.opening("FR", utc).at.tzinfo is timezone.utc
    assert desk.opening("FR", paris).at.tzinfo is paris.tzinfo
    assert desk.opening("FR", utc).at == desk.opening("FR", paris).at


ELSEWHERE = [
    # what                                             territory zone                 asked                opens
    ("federal hours open", "US-NY", "America/New_York", "2026-06-24 07:59", "2026-06-24 08:00"),
    ("federal hours close", "US-NY", "America/New_York", "2026-06-24 21:00", "2026-06-25 08:00"),
    ("federal hours, last minute", "US-NY", "America/New_York", "2026-06-24 20:59", "2026-06-24 20:59"),
    ("Connecticut opens at nine", "US-CT", "America/New_York", "2026-06-24 08:59", "2026-06-24 09:00"),
    ("Connecticut closes at eight", "US-CT", "America/New_York", "2026-06-24 20:00", "2026-06-25 09:00"),
    ("Florida has two zones: the later opens", "US-FL", "America/New_York", "2026-06-24 08:00", "2026-06-24 09:00"),
    ("Florida has two zones: the earlier closes", "US-FL", "America/Chicago", "2026-06-24 19:00", "2026-06-25 08:00"),
    ("Texas on a Sunday opens at noon everywhere", "US-TX", "America/Denver", "2026-06-21 11:59", "2026-06-21 12:00"),
    ("Rhode Island on a weekend", "US-RI", "America/New_York", "2026-06-20 17:00", "2026-06-21 10:00"),
    ("Kentucky opens at ten", "US-KY", "America/Chicago", "2026-06-24 09:59", "2026-06-24 10:00"),
    (
        "no state known: Adak opens last, at noon in Los Angeles",
        "US",
        "America/New_York",
        "2026-06-24 08:00",
        "2026-06-24 14:00",
    ),
    ("no state known: Rhode Island closes first", "US", "America/New_York", "2026-06-24 18:00", "2026-06-25 14:00"),
    ("Spain with the Canaries: an hour later", "ES", "Europe/Madrid", "2026-06-24 03:00", "2026-06-24 03:00"),
    ("India opens at ten", "IN", "Asia/Kolkata", "2026-06-24 09:59", "2026-06-24 10:00"),
    ("India closes at nine", "IN", "Asia/Kolkata", "2026-06-24 21:00", "2026-06-25 10:00"),
    ("the Emirates open at half past seven", "AE", "Asia/Dubai", "2026-06-24 07:29", "2026-06-24 07:30"),
    ("Saudi Arabia closes at seven", "SA", "Asia/Riyadh", "2026-06-24 19:00", "2026-06-25 09:00"),
    ("Brazil on Saturday closes at two in Noronha", "BR", "America/Noronha", "2026-06-20 14:00", "2026-06-22 12:00"),
    ("Korea at night", "KR", "Asia/Seoul", "2026-06-24 21:00", "2026-06-25 08:00"),
    ("Korea, last minute", "KR", "Asia/Seoul", "2026-06-24 20:59", "2026-06-24 20:59"),
]


@pytest.mark.parametrize(
    ("territory", "zone", "asked", "opens"), [r[1:] for r in ELSEWHERE], ids=[r[0] for r in ELSEWHERE]
)
def test_other_countries_open(ask, territory, zone, asked, opens):
    at = local(asked, zone)
    assert ask(at=at).opening(territory, at).at == local(opens, zone)


STRICT_ONLY = [
    # what, territory, zone, opens and closes in the strict profile
    ("United Kingdom", "GB", "Europe/London", "09:00", "20:00"),
    ("Belgium", "BE", "Europe/Brussels", "09:00", "20:00"),
    ("Ireland", "IE", "Europe/Dublin", "08:00", "20:00"),
    ("Singapore", "SG", "Asia/Singapore", "07:00", "22:30"),
    ("Norway", "NO", "Europe/Oslo", "09:00", "20:00"),
    ("Hungary", "HU", "Europe/Budapest", "09:00", "20:00"),
    ("Thailand", "TH", "Asia/Bangkok", "09:00", "21:00"),
    ("Kazakhstan", "KZ", "Asia/Almaty", "09:00", "21:00"),
    ("Honduras", "HN", "America/Tegucigalpa", "08:00", "20:00"),
    ("Peru", "PE", "America/Lima", "08:00", "20:00"),
    ("Germany, no hours known: those of courtesy", "DE", "Europe/Berlin", "09:00", "20:00"),
    ("Poland, the same", "PL", "Europe/Warsaw", "09:00", "20:00"),
]


@pytest.mark.parametrize(
    ("territory", "zone", "opens", "closes"), [r[1:] for r in STRICT_ONLY], ids=[r[0] for r in STRICT_ONLY]
)
def test_hours_of_single_providers_count_in_the_strict_profile(ask, territory, zone, opens, closes):
    night = local("2026-06-24 05:00", zone)
    assert ask(at=night).opening(territory, night).at == night
    assert ask(at=night, profile=CHARTER).opening(territory, night).at == night
    assert_hours(ask(at=night, profile=STRICT), territory, zone, "2026-06-24", opens, closes, "2026-06-25")


def assert_hours(desk, territory, zone, day, opens, closes, tomorrow):
    """Both sides of the opening and of the close of one day, asked for one of the territory's zones."""
    first, last = local(f"{day} {opens}", zone), local(f"{day} {closes}", zone)
    second = timedelta(seconds=1)
    for asked, expected in (
        (first - second, first),
        (first, first),
        (last - second, last - second),
        (last, local(f"{tomorrow} {opens}", zone)),
    ):
        assert desk.opening(territory, asked, zones=(zone,)).at == expected


def test_peru_on_a_weekend(ask):
    desk = ask(at=local("2026-06-20 09:00", "America/Lima"), profile=STRICT)
    for asked, opens in (("2026-06-20 12:59", "2026-06-20 12:59"), ("2026-06-20 13:00", "2026-06-22 08:00")):
        assert desk.opening("PE", local(asked, "America/Lima")).at == local(opens, "America/Lima")


EAST, CENTRAL, MOUNTAIN, WEST = "America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles"
STATES = [
    # territory, zone, opens, closes (2026-06-24 is a Wednesday)
    ("US-AL", CENTRAL, "08:00", "20:00"),
    ("US-CA", WEST, "09:00", "21:00"),
    ("US-CT", EAST, "09:00", "20:00"),
    ("US-FL", EAST, "08:00", "20:00"),
    ("US-FL", CENTRAL, "08:00", "20:00"),
    ("US-IL", CENTRAL, "09:00", "21:00"),
    ("US-KY", EAST, "10:00", "21:00"),
    ("US-KY", CENTRAL, "10:00", "21:00"),
    ("US-LA", CENTRAL, "08:00", "20:00"),
    ("US-MA", EAST, "08:00", "20:00"),
    ("US-MD", EAST, "08:00", "20:00"),
    ("US-MI", EAST, "09:00", "21:00"),
    ("US-MN", CENTRAL, "09:00", "21:00"),
    ("US-MS", CENTRAL, "08:00", "20:00"),
    ("US-NJ", EAST, "08:00", "20:00"),
    ("US-OK", CENTRAL, "08:00", "20:00"),
    ("US-RI", EAST, "09:00", "18:00"),
    ("US-TX", CENTRAL, "09:00", "21:00"),
    ("US-TX", MOUNTAIN, "09:00", "21:00"),
    ("US-WA", WEST, "08:00", "20:00"),
    ("US-NY", EAST, "08:00", "21:00"),
    ("US-HI", "Pacific/Honolulu", "08:00", "21:00"),
    ("PR", "America/Puerto_Rico", "08:00", "21:00"),
    ("IN", "Asia/Kolkata", "10:00", "21:00"),
    ("AE", "Asia/Dubai", "07:30", "20:30"),
    ("SA", "Asia/Riyadh", "09:00", "19:00"),
    ("BR", "America/Sao_Paulo", "09:00", "20:00"),
    ("KR", "Asia/Seoul", "08:00", "21:00"),
]


@pytest.mark.parametrize(("territory", "zone", "opens", "closes"), STATES)
def test_both_sides_of_the_hours_of_each_state_and_country(ask, territory, zone, opens, closes):
    desk = ask(at=local("2026-06-24 12:00", zone))
    assert_hours(desk, territory, zone, "2026-06-24", opens, closes, "2026-06-25")


def test_every_rule_of_hours_has_a_row_in_a_table():
    ruled = {rule.region or rule.country for rule in Rules.default() if rule.check is Check.HOURS}
    rows = {row[0] for row in STATES} | {row[1] for row in STRICT_ONLY} | {"FR", "US"}
    assert ruled - {"*"} <= rows


def test_the_zones_of_the_number_narrow_the_country(ask):
    at = local("2026-06-24 12:00", "America/New_York")
    desk = ask(at=at)
    assert desk.opening("US", at).at > at
    assert desk.opening("US", at, zones=("America/New_York",)).at == at
    # Louisville keeps the time of New York: Kentucky's hours stay candidates, those of Texas do not.
    early = local("2026-06-24 09:30", "America/New_York")
    assert desk.opening("US", early, zones=("America/Kentucky/Louisville",)).at == local(
        "2026-06-24 10:00", "America/New_York"
    )


def test_a_separate_consent_opens_the_korean_night(ask):
    at = local("2026-06-24 23:00", "Asia/Seoul")
    assert ask(at=at, declarations={Declaration.NIGHT_CONSENT}).opening("KR", at).at == at


def test_what_the_charter_advises_against_is_a_warning_in_its_profile(ask):
    sunday = ask(at=local("2026-06-21 12:00"), profile=CHARTER)
    assert [found.rule_id for found in sunday.findings("FR")] == ["FR.QH.SUNDAY"]
    holiday = ask(at=local("2026-07-14 12:00"), profile=CHARTER)
    assert [(found.rule_id, found.effect) for found in holiday.findings("FR")] == [("FR.QH.HOLIDAY", Effect.WARN)]
    assert ask(at=local("2026-06-24 12:00"), profile=CHARTER).findings("FR") == ()


VOTES = [
    ("the day before the eve", "2026-03-13 12:00", True),
    ("the eve at one minute past midnight", "2026-03-14 00:01", False),
    ("the eve at noon", "2026-03-14 12:00", False),
    ("the day of the vote", "2026-03-15 12:00", False),
    ("the day after", "2026-03-16 12:00", True),
]


@pytest.mark.parametrize(("asked", "allowed"), [row[1:] for row in VOTES], ids=[row[0] for row in VOTES])
def test_political_messages_fall_silent_on_the_eve(ask, asked, allowed):

    desk = ask(at=local(asked), sector=Sector.POLITICAL, votes={date(2026, 3, 15)})
    assert (desk.refusal("FR") is None) == allowed


# London's clocks go back at 01:00 UTC on 25 October 2026 (01:00 to 02:00 comes twice) and forward at 01:00 UTC on
# 29 March 2026 (01:00 to 02:00 never comes).
CLOCKS = [
    # what, window, asked (UTC), opens (UTC)
    ("the close that comes twice closes the first time", (0, 0, 1, 30), "2026-10-25 00:29", "2026-10-25 00:29"),
    ("and stays closed the second time", (0, 0, 1, 30), "2026-10-25 00:30", "2026-10-26 00:00"),
    ("even while the clock shows an open minute again", (0, 0, 1, 30), "2026-10-25 01:15", "2026-10-26 00:00"),
    ("the opening that comes twice opens the second time", (1, 30, 4, 0), "2026-10-25 00:45", "2026-10-25 01:30"),
    ("the opening that never comes opens late", (1, 30, 4, 0), "2026-03-29 00:45", "2026-03-29 01:30"),
    ("the close that never comes closes early", (0, 0, 1, 30), "2026-03-29 00:29", "2026-03-29 00:29"),
    ("and not a minute later", (0, 0, 1, 30), "2026-03-29 00:30", "2026-03-29 23:00"),
]


@pytest.mark.parametrize(("window", "asked", "opens"), [row[1:] for row in CLOCKS], ids=[row[0] for row in CLOCKS])
def test_a_minute_that_a_change_of_clocks_makes_doubtful_is_closed(ask, window, asked, opens):
    at = local(asked, "UTC")
    desk = ask(at=at, windows={"GB": Window(time(*window[:2]), time(*window[2:]))})
    assert desk.opening("GB", at).at == local(opens, "UTC")
