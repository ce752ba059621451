"""Territories and time zones."""

import phonenumbers
import pytest
from phonenumbers.tzdata import TIMEZONE_DATA

from smskit.phone import UNKNOWN_TERRITORY, territories_of, territory_of, zones_of

PLACES = [
    # what                                      number         territory  zones
    ("metropolitan France", 33612345678, "FR", ("Europe/Paris",)),
    ("Guadeloupe", 590690001234, "GP", ("America/Guadeloupe",)),
    ("Martinique", 596696201234, "MQ", ("America/Martinique",)),
    ("Guyane", 594694201234, "GF", ("America/Cayenne",)),
    ("Réunion, 692", 262692123456, "RE", ("Indian/Reunion",)),
    ("Réunion, 693", 262693011234, "RE", ("Indian/Reunion",)),
    ("Réunion, new range", 262709201234, "RE", ("Indian/Reunion",)),
    ("Mayotte, 639", 262639012345, "YT", ("Indian/Mayotte",)),
    ("Mayotte, new range", 262709351234, "YT", ("Indian/Mayotte",)),
    ("Mayotte, fixed", 262269601234, "YT", ("Indian/Mayotte",)),
    ("Saint-Pierre", 508551234, "PM", ("America/Miquelon",)),
    ("New Caledonia", 687751234, "NC", ("Pacific/Noumea",)),
    ("Wallis", 681821234, "WF", ("Pacific/Wallis",)),
    ("Polynesia has three", 68987123456, "PF", ("Pacific/Gambier", "Pacific/Marquesas", "Pacific/Tahiti")),
    ("Belgium", 32470123456, "BE", ("Europe/Brussels",)),
    ("Spain has the Canaries", 34612345678, "ES", ("Atlantic/Canary", "Europe/Madrid")),
    ("Portugal has the Azores", 351912345678, "PT", ("Atlantic/Azores", "Europe/Lisbon")),
    (
        "a British mobile is not only Guernsey's",
        447911123456,
        "GG",
        ("Europe/Guernsey", "Europe/Isle_of_Man", "Europe/Jersey", "Europe/London"),
    ),
    ("New York", 12015550123, "US", ("America/New_York",)),
    ("850 is on both sides of a line", 18502345678, "US", ("America/Chicago", "America/New_York")),
    ("423 is on both sides of a line", 14232345678, "US", ("America/Chicago", "America/New_York")),
    ("Canada", 15062345678, "CA", ("America/Halifax",)),
    ("Jamaica", 18762101234, "JM", ("America/Jamaica",)),
    ("Kazakhstan", 77710009998, "KZ", ("Asia/Almaty", "Asia/Aqtobe")),
    ("no such country code", 999123456789, UNKNOWN_TERRITORY, ()),
    ("a satellite is in no territory", 881612345678, UNKNOWN_TERRITORY, ()),
    ("no number", 0, UNKNOWN_TERRITORY, ()),
]


@pytest.mark.parametrize(("what", "number", "territory", "zones"), PLACES, ids=[row[0] for row in PLACES])
def test_a_number_lives_somewhere(what, number, territory, zones):
    assert territory_of(number) == territory
    assert zones_of(number) == zones


def test_a_list_is_read_like_its_numbers():
    numbers = [row[1] for row in PLACES]
    assert territories_of(numbers) == [row[2] for row in PLACES]
    assert territories_of([]) == []


def test_a_russian_mobile_may_be_anywhere_in_russia():
    zones = zones_of(79123456789)
    assert {"Europe/Moscow", "Asia/Vladivostok", "Asia/Kamchatka"} <= set(zones)


def test_an_australian_mobile_may_be_anywhere_in_australia():
    assert {"Australia/Perth", "Australia/Sydney"} <= set(zones_of(61412345678))


def test_a_toll_free_number_may_be_anywhere_in_north_america():
    assert zones_of(18002345678) == TIMEZONE_DATA["1"]


def test_an_area_code_has_every_zone_of_its_exchanges():
    areas = {prefix[:4] for prefix in TIMEZONE_DATA if prefix.startswith("1") and len(prefix) >= 4}
    answered = 0
    for area in areas:
        number = int(f"{area}2345678")
        if territory_of(number) != UNKNOWN_TERRITORY:
            listed = {name for prefix, names in TIMEZONE_DATA.items() if prefix.startswith(area) for name in names}
            assert set(zones_of(number)) == listed
            answered += 1
    assert answered > 300


def test_an_invalid_number_does_not_answer_for_valid_ones():
    # Same first digits; only the longer one exists.
    assert territory_of(44740012345678) == UNKNOWN_TERRITORY
    assert territory_of(447400123456) == "GB"


def test_the_shortest_numbers_do_not_answer_for_each_other():
    # Seven digits with the country code: without the last five not even that is left.
    assert territory_of(6907290) == "TK"
    assert territory_of(6917290) == "FM"


def test_each_region_has_an_example_that_is_placed_as_phonenumbers_places_it():
    placed = 0
    for region in phonenumbers.SUPPORTED_REGIONS:
        example = phonenumbers.example_number_for_type(region, phonenumbers.PhoneNumberType.MOBILE)
        if example is not None:
            number = int(phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164))
            assert territory_of(number) == phonenumbers.region_code_for_number(example)
            assert zones_of(number)
            placed += 1
    assert placed > 200
