"""What holds for every cell: the patterns and phonenumbers agree, and nothing raises."""

import random
from itertools import islice

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smskit.phone import NumberReader, Problem, read_number, territories_of, territory_of
from smskit.testing.numbers import mobile_numbers

REGIONS = ["FR", "RE", "YT", "GP", "PM", "BL", "BE", "CH", "GB", "JE", "US", "CA", "ES", "DE", "IT", "RU", "AR"]
SEED = 20260624
SHAPES_PER_REGION = 1200
TYPES = [kind for kind in phonenumbers.PhoneNumberType.values() if kind != phonenumbers.PhoneNumberType.UNKNOWN]
MOBILE = (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE)
FRENCH = list(islice(mobile_numbers("FR", 5), 200))
SEPARATORS = ["", "", "", " ", ".", "-", "\u00a0", "\u202f", "\u200e", "/", "'"]


def examples_of(region):
    """One national number of each type that the region has."""
    found = (phonenumbers.example_number_for_type(region, kind) for kind in TYPES)
    return [phonenumbers.national_significant_number(example) for example in found if example is not None]


def national_numbers(draw, region):
    """Mobiles, numbers of every type with other digits in them, and some with a digit more or less."""
    code = str(phonenumbers.country_code_for_region(region))
    mobiles = mobile_numbers(region, draw.randrange(1 << 30)) if region != "BL" else mobile_numbers("GP", 1)
    examples = examples_of(region)
    while True:
        if draw.random() < 0.5:
            national = str(next(mobiles))[len(code) :]
        else:
            example = draw.choice(examples)
            kept = draw.randrange(len(example) + 1)
            national = example[:kept] + "".join(draw.choices("0123456789", k=len(example) - kept))
        noise = draw.random()
        yield national + "7" if noise < 0.05 else national[:-1] if noise < 0.1 else national


def dialled_numbers(draw, region):
    """The same with everything before them that people write, right or wrong."""
    others = [random.Random(region).choice(REGIONS), "FR", "GP", "MQ"]
    sources = {other: national_numbers(draw, other) for other in {region, *others}}
    trunk = phonenumbers.PhoneMetadata.metadata_for_region(region).national_prefix or "0"
    while True:
        source = region if draw.random() < 0.7 else draw.choice(others)
        code = str(phonenumbers.country_code_for_region(source))
        forms = [
            *("+" + code, "00" + code, code, trunk, ""),
            *("+" + code + trunk, "00" + code + trunk, code + trunk, "0", "011" + code, "810" + code),
        ]
        yield draw.choice(forms) + next(sources[source])


def cells(draw, region):
    """The same as cells: with separators, and now and then with what programs leave."""
    for digits in dialled_numbers(draw, region):
        separator = draw.choice(SEPARATORS)
        size = draw.choice([2, 3])
        text = separator.join(digits[at : at + size] for at in range(0, len(digits), size))
        yield draw.choice(["{}"] * 8 + ["'{}", " {} ", "tel:{}", "({})", "\ufeff{}"]).format(text)


@pytest.mark.parametrize("region", REGIONS)
def test_patterns_and_phonenumbers_agree_on_every_cell(region):
    column = list(islice(cells(random.Random(SEED), region), SHAPES_PER_REGION))
    assert NumberReader(region).read_many(column) == NumberReader(region, fast=False).read_many(column)


@pytest.mark.parametrize("region", REGIONS)
def test_what_phonenumbers_finds_valid_is_what_is_read(region):
    valid = 0
    for digits in islice(dialled_numbers(random.Random(SEED + 1), region), SHAPES_PER_REGION):
        try:
            parsed = phonenumbers.parse(digits, region)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(parsed):
            valid += 1
            reading = read_number(digits, region)
            if phonenumbers.number_type(parsed) in MOBILE:
                e164 = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
                assert reading.number == int(e164), digits
            else:
                assert reading.problem is Problem.NOT_MOBILE, digits
    assert valid > SHAPES_PER_REGION / 4


@pytest.mark.parametrize("region", ["FR", "BE", "GB", "US", "ES"])
def test_the_patterns_answer_the_usual_forms_themselves(region):
    # Without this the laws above could hold because everything is left to phonenumbers.
    reader = NumberReader(region)
    reader._exact = None
    numbers = list(islice(mobile_numbers(region, 3), 200))
    code = len(str(phonenumbers.country_code_for_region(region)))
    trunk = phonenumbers.PhoneMetadata.metadata_for_region(region).national_prefix or ""
    for form in (lambda n: f"+{n}", lambda n: f"{n}", lambda n: f"{trunk}{str(n)[code:]}"):
        assert reader.read_many([form(number) for number in numbers]) == (numbers, {})


def test_territories_are_those_of_phonenumbers_in_every_region():
    # Five digits short of the end is enough to know: asked in a list, the numbers answer for each other.
    for region in sorted(phonenumbers.SUPPORTED_REGIONS - {"TA"}):
        numbers = list(islice(mobile_numbers(region, SEED), 15))
        expected = [phonenumbers.region_code_for_number(phonenumbers.parse(f"+{n}")) for n in numbers]
        assert territories_of(numbers) == expected
        assert [territory_of(number) for number in numbers] == expected


ALPHABET = st.sampled_from("0123456789+().-/;,'\"=xeE \n\t\u00a0\u202f\u200e\ufeff٠६０é#*ou&|tel:")


@settings(max_examples=300, deadline=None)
@given(st.lists(st.one_of(st.text(max_size=40), st.text(ALPHABET, max_size=30)), max_size=8))
def test_no_text_raises_and_a_column_reads_like_its_cells(column):
    reader = NumberReader("FR")
    numbers, remarkable = reader.read_many(column)
    readings = [NumberReader("FR", fast=False).read(cell) for cell in column]
    assert numbers == [reading.number for reading in readings]
    assert all(bool(reading.number) == (reading.problem is None) for reading in readings)
    assert remarkable == {index: reading for index, reading in enumerate(readings) if reading.problem or reading.repair}


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 199), st.lists(st.sampled_from(" -\u00a0\u202f\u2009\u200e\u2011_'()"), min_size=10, max_size=10))
def test_separators_change_nothing(which, separators):
    number = FRENCH[which]
    national = f"0{number % 10**9}"
    text = "".join(digit + separator for digit, separator in zip(national, separators, strict=True))
    assert read_number(text).number == number
