"""One number as a value."""

import phonenumbers
import pytest

from smskit.errors import InvalidInput, InvalidNumber
from smskit.phone import PhoneNumber


class FieldNumber(phonenumbers.PhoneNumber):
    """What django-phonenumber-field gives: a subclass with a str of its own."""

    def __str__(self):
        return "as the field prints it"


WRITTEN = [
    # what                         text                      e164             national            territory, mobile
    ("metropolitan France", "06.12.34.56.78", "+33612345678", "06 12 34 56 78", "FR", True),
    ("a fixed line is a number too", "01 42 34 56 78", "+33142345678", "01 42 34 56 78", "FR", False),
    ("Réunion, repaired", "0692123456", "+262692123456", "0692 12 34 56", "RE", True),
    ("Belgium", "+32470123456", "+32470123456", "0470 12 34 56", "BE", True),
    ("the United Kingdom", "+447400123456", "+447400123456", "07400 123456", "GB", True),
    ("the United States", "+12015550123", "+12015550123", "(201) 555-0123", "US", True),
    ("Ivory Coast keeps its zero", "+2250123456789", "+2250123456789", "01 23 45 6789", "CI", True),
]


@pytest.mark.parametrize(
    ("what", "text", "e164", "national", "territory", "mobile"), WRITTEN, ids=[row[0] for row in WRITTEN]
)
def test_a_number_knows_how_it_is_written(what, text, e164, national, territory, mobile):
    number = PhoneNumber.parse(text)
    assert number.e164 == e164
    assert number.number == int(e164)
    assert number.national().replace("\u00a0", " ") == national
    assert number.territory == territory
    assert number.is_mobile is mobile


def test_printing_hides_it():
    number = PhoneNumber.parse("0612345678")
    assert str(number) == "+336••••••78"
    assert repr(number) == "PhoneNumber(+336••••••78)"


def test_the_same_number_is_equal_and_hashes_alike():
    assert {PhoneNumber.parse("06 12 34 56 78"), PhoneNumber.parse("+33612345678")} == {PhoneNumber(33612345678)}
    assert PhoneNumber(33612345678) < PhoneNumber(33612345679)


@pytest.mark.parametrize("kind", [phonenumbers.PhoneNumber, FieldNumber])
def test_numbers_of_phonenumbers_and_of_django_fields_are_taken(kind):
    assert PhoneNumber.parse(kind(country_code=33, national_number=612345678)).number == 33612345678


def test_an_italian_zero_is_kept():
    fixed = phonenumbers.parse("+390612345678")
    assert PhoneNumber.parse(fixed).e164 == "+390612345678"


UNUSABLE = [
    # what                              given                                                          says
    ("letters", "call me", "letters or signs"),
    ("two numbers", "0612345678/0752345678", "more than one number"),
    ("a range that is not given out", "0639981234", "no such number"),
    ("an object with an extension", phonenumbers.parse("+33612345678 ext. 5"), "extension"),
    ("an object that is not valid", phonenumbers.PhoneNumber(33, 639981234), "no such number"),
    ("what a django field keeps of bad input", FieldNumber(raw_input="call me"), "no such number"),
    ("an object with nothing in it", phonenumbers.PhoneNumber(), "no such number"),
]


@pytest.mark.parametrize(("what", "given", "says"), UNUSABLE, ids=[row[0] for row in UNUSABLE])
def test_what_is_no_number_is_one_clear_error(what, given, says):
    with pytest.raises(InvalidNumber, match=says) as raised:
        PhoneNumber.parse(given)
    for digits in ("0612345678", "0752345678", "639981234", "612345678", "call me"):
        assert digits not in str(raised.value)


def test_the_error_of_a_novel_is_no_novel():
    with pytest.raises(InvalidNumber) as raised:
        PhoneNumber.parse("word " * 10_000)
    assert len(str(raised.value)) < 200


def test_a_region_without_a_plan_is_another_error():
    with pytest.raises(InvalidInput, match="is not a region"):
        PhoneNumber.parse("0612345678", "XX")
