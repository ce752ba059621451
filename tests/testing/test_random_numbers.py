"""Random numbers for tests and demonstrations."""

from itertools import islice

import phonenumbers
import pytest

from smskit.errors import InvalidInput
from smskit.testing.numbers import mobile_numbers


@pytest.mark.parametrize("region", ["FR", "RE", "YT", "GP", "PM", "NC", "BE", "GB", "US", "ES", "DE", "CI", "AR"])
def test_they_are_valid_mobiles_of_the_region(region):
    for number in islice(mobile_numbers(region, 7), 50):
        parsed = phonenumbers.parse(f"+{number}")
        assert phonenumbers.is_valid_number(parsed)
        assert phonenumbers.number_type(parsed) in (
            phonenumbers.PhoneNumberType.MOBILE,
            phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE,
        )
        assert phonenumbers.region_code_for_number(parsed) == region


def test_a_seed_tells_them_all():
    first = list(islice(mobile_numbers("FR", 1), 300))
    assert list(islice(mobile_numbers("FR", 1), 300)) == first
    assert list(islice(mobile_numbers("FR", 2), 300)) != first
    assert len(set(first)) > 290


@pytest.mark.parametrize("region", ["XX", "TA"])
def test_a_region_without_mobiles_is_one_clear_error(region):
    with pytest.raises(InvalidInput):
        next(mobile_numbers(region, 1))
