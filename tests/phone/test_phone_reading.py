"""Every form in which numbers come, and what becomes of it."""

import pytest

from smskit.errors import InvalidInput
from smskit.kinds import Reason
from smskit.phone import NumberReader, Problem, Reading, Repair, read_number

MOBILE = 33612345678

PLAIN = [
    # what                                                     text
    ("national, together", "0612345678"),
    ("national, in pairs", "06 12 34 56 78"),
    ("dots", "06.12.34.56.78"),
    ("dashes", "06-12-34-56-78"),
    ("slashes", "06/12/34/56/78"),
    ("a slash in the middle", "0033612/345678"),
    ("underscores", "06_12_34_56_78"),
    ("commas between groups", "06,12,34,56,78"),
    ("a plus and the country code", "+33612345678"),
    ("the same with spaces", "+33 6 12 34 56 78"),
    ("a space behind the plus", "+ 33 6 12 34 56 78"),
    ("two pluses", "++33612345678"),
    ("two zeros and the country code", "0033612345678"),
    ("two zeros with spaces", "00 33 6 12 34 56 78"),
    ("the country code alone", "33612345678"),
    ("a zero in parentheses", "+33 (0)6 12 34 56 78"),
    ("the country code in parentheses", "(+33) 6 12 34 56 78"),
    ("the country code and the zero", "+330612345678"),
    ("two zeros, the country code and the zero", "00330612345678"),
    ("the country code alone and the zero", "330612345678"),
    ("no-break spaces", "06\u00a012\u00a034\u00a056\u00a078"),
    ("narrow no-break spaces", "06\u202f12\u202f34\u202f56\u202f78"),
    ("thin spaces", "06\u200912\u200934\u200956\u200978"),
    ("figure spaces", "06\u200712\u200734\u200756\u200778"),
    ("ideographic spaces", "06\u300012\u300034\u300056\u300078"),
    ("a tab behind", "0612345678\t"),
    ("a line end behind", "0612345678\r\n"),
    ("no-break hyphens", "06\u201112\u201134\u201156\u201178"),
    ("dashes of typographers", "06–12–34–56–78"),
    ("minus signs", "06−12−34−56−78"),
    ("a left-to-right mark before", "\u200e+33612345678"),
    ("embedding marks of a contact export", "\u202a+33 6 12 34 56 78\u202c"),
    ("isolate marks", "\u2068+33612345678\u2069"),
    ("zero-width spaces", "06\u200b12\u200b34\u200b56\u200b78"),
    ("a byte order mark before", "\ufeff0612345678"),
    ("a word joiner", "0612\u2060345678"),
    ("the apostrophe by which spreadsheets mark text", "'0612345678"),
    ("the same, typographic", "’0612345678"),
    ("the formula by which spreadsheets keep a zero", '="0612345678"'),
    ("quotes that a file left", '"0612345678"'),
    ("a trailing separator", "0612345678;"),
    ("a tel link, international", "tel:+33612345678"),
    ("a tel link, national", "tel:0612345678"),
    ("a tel link with hyphens", "tel:+33-6-12-34-56-78"),
    ("a tel link with its context", "tel:0612345678;phone-context=+33"),
    ("a tel link with a parameter that changes nothing", "tel:+33612345678;isub=1"),
    ("a label", "Tél. : 06 12 34 56 78"),
    ("another label", "Mobile 0612345678"),
    ("Arabic-Indic digits", "٠٦١٢٣٤٥٦٧٨"),
    ("Persian digits", "۰۶۱۲۳۴۵۶۷۸"),
    ("full-width digits", "０６１２３４５６７８"),
    ("full-width digits and plus", "＋３３６１２３４５６７８"),
]

REPAIRED = [
    # what                                             text                  number        repair
    ("a lost zero", "612345678", MOBILE, Repair.LOST_ZERO),
    ("a lost zero with spaces", "6 12 34 56 78", MOBILE, Repair.LOST_ZERO),
    ("a lost zero as a spreadsheet gives it", "612345678.0", MOBILE, Repair.LOST_ZERO),
    ("the same in French", "612345678,0", MOBILE, Repair.LOST_ZERO),
    ("the same in full-width digits", "６１２３４５６７８", MOBILE, Repair.LOST_ZERO),
    ("decimals behind a whole number", "33612345678.0", MOBILE, Repair.DECIMAL_TAIL),
    ("two decimals", "33612345678.00", MOBILE, Repair.DECIMAL_TAIL),
    ("Guadeloupe, 0690", "0690 12 34 56", 590690123456, Repair.OVERSEAS_PREFIX),
    ("Guadeloupe, 0691", "0691221234", 590691221234, Repair.OVERSEAS_PREFIX),
    ("Guyane, 0694", "0694201234", 594694201234, Repair.OVERSEAS_PREFIX),
    ("Martinique, 0696", "0696 12 34 56", 596696123456, Repair.OVERSEAS_PREFIX),
    ("Martinique, 0697", "0697123456", 596697123456, Repair.OVERSEAS_PREFIX),
    ("Réunion, 0692", "0692 12 34 56", 262692123456, Repair.OVERSEAS_PREFIX),
    ("Réunion, 0693", "0693011234", 262693011234, Repair.OVERSEAS_PREFIX),
    ("Mayotte, 0639", "0639 01 23 45", 262639012345, Repair.OVERSEAS_PREFIX),
    ("Guadeloupe in the new range 0709", "0709001234", 590709001234, Repair.OVERSEAS_PREFIX),
    ("Saint-Pierre in the range 0708", "0708401234", 508708401234, Repair.OVERSEAS_PREFIX),
    ("overseas without its zero", "690123456", 590690123456, Repair.OVERSEAS_PREFIX),
    ("overseas behind the code of metropolitan France", "+33690123456", 590690123456, Repair.OVERSEAS_PREFIX),
    ("the same with two zeros", "0033 6 96 12 34 56", 596696123456, Repair.OVERSEAS_PREFIX),
    ("the mission's Martinique, without plus", "596696123456", 596696123456, Repair.MISSING_PLUS),
    ("the mission's United Kingdom, without plus", "447700040112", 447700040112, Repair.MISSING_PLUS),
    ("Belgium without plus", "32470123456", 32470123456, Repair.MISSING_PLUS),
]

FOREIGN = [
    # what                                             text                     number
    ("the mission's Martinique", "00596696123456", 596696123456),
    ("Martinique with both prefixes", "+596 0696 12 34 56", 596696123456),
    ("the mission's United Kingdom", "00447700040112", 447700040112),
    ("Belgium", "+32 470 12 34 56", 32470123456),
    ("Belgium with the zero", "+32 (0)470 12 34 56", 32470123456),
    ("the United States, where mobiles look like fixed lines", "+1 201-555-0123", 12015550123),
    ("New Caledonia", "+687 75.12.34", 687751234),
    ("Ivory Coast, whose numbers begin with a zero", "+225 0123456789", 2250123456789),
    ("Argentina, which phonenumbers has to read", "+54 9 11 2345 6789", 5491123456789),
]

REFUSED = [
    # what                                             text                                problem
    ("nothing", "", Problem.MISSING),
    ("spaces", " \u00a0 ", Problem.MISSING),
    ("a dash", "-", Problem.MISSING),
    ("not available", "N/A", Problem.MISSING),
    ("what pandas writes for nothing", "nan", Problem.MISSING),
    ("what a narrow column leaves", "########", Problem.MISSING),
    ("spreadsheet notation, French", "6,12346E+08", Problem.SPREADSHEET_NOTATION),
    ("spreadsheet notation, English", "6.12E+8", Problem.SPREADSHEET_NOTATION),
    ("spreadsheet notation without decimals", "6E+08", Problem.SPREADSHEET_NOTATION),
    ("spreadsheet notation with a country code", "3,36E+10", Problem.SPREADSHEET_NOTATION),
    ("two numbers, slash", "06 12 34 56 78 / 07 52 34 56 78", Problem.TWO_NUMBERS),
    ("two numbers, semicolon", "0612345678;0752345678", Problem.TWO_NUMBERS),
    ("two numbers, comma", "0612345678,0752345678", Problem.TWO_NUMBERS),
    ("two numbers, ou", "0612345678 ou 0752345678", Problem.TWO_NUMBERS),
    ("two numbers, et", "06 12 34 56 78 et 01 42 34 56 78", Problem.TWO_NUMBERS),
    ("two numbers, line end", "0612345678\n0752345678", Problem.TWO_NUMBERS),
    ("two numbers, tab", "0612345678\t0752345678", Problem.TWO_NUMBERS),
    ("two numbers, each with its plus", "+33612345678 +33752345678", Problem.TWO_NUMBERS),
    ("two numbers, spaces only", "06 12 34 56 78  07 52 34 56 78", Problem.TWO_NUMBERS),
    ("two numbers, dash", "0612345678 - 0142345678", Problem.TWO_NUMBERS),
    ("the same number twice", "0612345678 / 0612345678", Problem.TWO_NUMBERS),
    ("an extension", "0612345678 x12", Problem.EXTENSION),
    ("an extension in words", "06 12 34 56 78 poste 12", Problem.EXTENSION),
    ("an extension of a tel link", "tel:+33612345678;ext=12", Problem.EXTENSION),
    ("a name", "Jean Dupont", Problem.NOT_A_NUMBER),
    ("the letter O for a zero", "O612345678", Problem.NOT_A_NUMBER),
    ("the letter l for a one", "06l2345678", Problem.NOT_A_NUMBER),
    ("a remark behind", "0612345678 (maman)", Problem.NOT_A_NUMBER),
    ("an address", "a0612345678@example.org", Problem.NOT_A_NUMBER),
    ("vanity letters", "1-800-FLOWERS", Problem.NOT_A_NUMBER),
    ("a plus inside", "06+12345678", Problem.NOT_A_NUMBER),
    ("superscript digits", "06¹²345678", Problem.NOT_A_NUMBER),
    ("a short code", "3639", Problem.TOO_SHORT),
    ("an emergency number", "15", Problem.TOO_SHORT),
    ("a digit missing", "06 12 34 56 7", Problem.TOO_SHORT),
    ("the mission's United Kingdom with two digits hidden", "0044 77000401", Problem.TOO_SHORT),
    ("a digit too many", "06 12 34 56 78 9", Problem.TOO_LONG),
    ("a card number", "1234 5678 9012 3456 78", Problem.TOO_LONG),
    ("six digits that would be a mobile in Saint-Pierre", "551234", Problem.TOO_SHORT),
    ("the block set aside for fiction", "06 39 98 12 34", Problem.INVALID),
    ("machines, not people", "0700123456", Problem.INVALID),
    ("07 16, which looks French", "07 16 12 34 56", Problem.INVALID),
    ("no such country code", "+999612345678", Problem.INVALID),
    ("a plus before a lost zero", "+612345678", Problem.INVALID),
    ("Paris", "01 42 34 56 78", Problem.NOT_MOBILE),
    ("Paris without its zero", "142345678", Problem.NOT_MOBILE),
    ("Paris, international", "+33142345678", Problem.NOT_MOBILE),
    ("the south-east", "0491234567", Problem.NOT_MOBILE),
    ("a box", "0912345678", Problem.NOT_MOBILE),
    ("freephone", "0800 123 456", Problem.NOT_MOBILE),
    ("premium", "0899 12 34 56", Problem.NOT_MOBILE),
    ("a fixed line in Martinique", "0596 30 12 34", Problem.NOT_MOBILE),
    ("a fixed line in Réunion", "0262 16 12 34", Problem.NOT_MOBILE),
    ("a fixed line in Belgium", "+32 2 234 56 78", Problem.NOT_MOBILE),
    ("a fixed line in Martinique without plus", "596596301234", Problem.NOT_MOBILE),
]

ELSEWHERE = [
    # what                                region  text                       number          repair
    ("Belgium, slash and dots", "BE", "0470/12.34.56", 32470123456, None),
    ("Belgium, a lost zero", "BE", "470123456", 32470123456, Repair.LOST_ZERO),
    ("Belgium reads France", "BE", "0033 6 12 34 56 78", MOBILE, None),
    ("Belgium does not guess overseas", "BE", "0690123456", 0, None),
    ("Switzerland", "CH", "078 123 45 67", 41781234567, None),
    ("the United Kingdom", "GB", "07400 123456", 447400123456, None),
    ("Jersey, whose code is that of the United Kingdom", "JE", "07797 712345", 447797712345, None),
    ("the United Kingdom reads Jersey", "GB", "07797 712345", 447797712345, None),
    ("the United States", "US", "(201) 555-0123", 12015550123, None),
    ("the United States with its prefix", "US", "1-201-555-0123", 12015550123, None),
    ("the United States dial 011", "US", "011 33 6 12 34 56 78", MOBILE, None),
    ("the United States read 00 all the same", "US", "0033 6 12 34 56 78", MOBILE, Repair.MISSING_PLUS),
    ("the United States read France without plus", "US", "33612345678", MOBILE, Repair.MISSING_PLUS),
    ("Canada", "CA", "506-234-5678", 15062345678, None),
    ("Spain has no prefix to lose", "ES", "612 34 56 78", 34612345678, None),
    ("Italy", "IT", "312 345 6789", 393123456789, None),
    ("Hungary dials 06", "HU", "06 20 123 4567", 36201234567, None),
    ("Hungary loses one digit of it", "HU", "6201234567", 36201234567, Repair.LOST_ZERO),
    ("Russia dials 8", "RU", "8 (912) 345-67-89", 79123456789, None),
    ("Argentina moves digits about", "AR", "011 15-2345-6789", 5491123456789, None),
    ("Réunion at home", "RE", "0692 12 34 56", 262692123456, None),
    ("Réunion reads Mayotte", "RE", "0639 01 23 45", 262639012345, None),
    ("Réunion reads metropolitan France", "RE", "06 12 34 56 78", MOBILE, Repair.OVERSEAS_PREFIX),
    ("Panama has freephone numbers that begin like its 00", "PA", "00800860270", 0, None),
    ("Saint-Martin reads Martinique", "MF", "0696123456", 596696123456, Repair.OVERSEAS_PREFIX),
]


def sentences(rows):
    return [row[0] for row in rows]


def one_way(text, region="FR"):
    """Read by itself and in a column, by patterns and by phonenumbers alone: four ways, one answer."""
    reading = read_number(text, region)
    noted = {} if reading.problem is None and reading.repair is None else {1: reading}
    for reader in (NumberReader(region), NumberReader(region, fast=False)):
        assert reader.read(text) == reading
        numbers, remarkable = reader.read_many(["+33612345678", text, "+33612345678"])
        assert numbers == [MOBILE, reading.number, MOBILE]
        assert remarkable == noted
    return reading


@pytest.mark.parametrize(("what", "text"), PLAIN, ids=sentences(PLAIN))
def test_a_plain_mobile_needs_no_remark(what, text):
    assert one_way(text) == Reading(MOBILE)


@pytest.mark.parametrize(("what", "text", "number", "repair"), REPAIRED, ids=sentences(REPAIRED))
def test_a_repair_is_flagged(what, text, number, repair):
    assert one_way(text) == Reading(number, None, repair)


@pytest.mark.parametrize(("what", "text", "number"), FOREIGN, ids=sentences(FOREIGN))
def test_a_country_code_is_read_from_anywhere(what, text, number):
    assert one_way(text) == Reading(number)


@pytest.mark.parametrize(("what", "text", "problem"), REFUSED, ids=sentences(REFUSED))
def test_a_refusal_has_its_reason(what, text, problem):
    assert one_way(text) == Reading(0, problem)


@pytest.mark.parametrize(("what", "region", "text", "number", "repair"), ELSEWHERE, ids=sentences(ELSEWHERE))
def test_the_region_is_a_parameter(what, region, text, number, repair):
    reading = one_way(text, region)
    assert (reading.number, reading.repair) == (number, repair)


def test_two_short_numbers_are_not_one_long_one():
    # Germany has numbers of fifteen digits; these are sixteen.
    assert one_way("4915963395460209", "DE") == Reading(0, Problem.TWO_NUMBERS)


def test_each_problem_and_each_repair_is_reached_by_a_row():
    assert {row[2] for row in REFUSED} == set(Problem)
    assert {row[3] for row in REPAIRED} == set(Repair)


@pytest.mark.parametrize("word", [*Problem, *Repair], ids=lambda word: word.value)
def test_each_has_a_sentence_in_both_languages(word):
    assert word.sentence
    assert word.sentence_fr
    assert word.sentence != word.sentence_fr


@pytest.mark.parametrize("problem", Problem, ids=lambda problem: problem.value)
def test_a_problem_says_what_the_plan_says(problem):
    special = {Problem.MISSING: Reason.MISSING_NUMBER, Problem.NOT_MOBILE: Reason.NOT_MOBILE}
    assert problem.reason is special.get(problem, Reason.INVALID_NUMBER)


def test_a_reading_hides_its_number():
    assert "612345678" not in repr(read_number("0612345678"))
    assert repr(read_number("0612345678")) == "Reading(number=+336••••••78, problem=None, repair=None)"


@pytest.mark.parametrize("region", ["XX", "fr", "", "France", "33", "001"])
def test_a_region_without_a_plan_is_one_clear_error(region):
    with pytest.raises(InvalidInput, match="is not a region"):
        NumberReader(region)
    with pytest.raises(InvalidInput, match="is not a region"):
        read_number("0612345678", region)


def test_a_novel_in_a_cell_takes_no_time():
    # Quadratic patterns would take minutes here; the test would not end.
    for novel in ("1" * 200_000, "1 x" * 70_000, "06;" * 70_000, "e" * 200_000, "0612345678 " * 20_000):
        assert read_number(novel).number == 0
