"""A column of cells read at once."""

import pytest

from smskit.phone import NumberReader, Problem, Reading, Repair

COLUMNS = [
    # what                                        cells                                   numbers, remarkable
    ("no cell at all", [], [], {}),
    ("one empty cell", [""], [0], {0: Reading(0, Problem.MISSING)}),
    ("one number", ["0612345678"], [33612345678], {}),
    (
        "empty cells at both ends",
        ["", "0612345678", ""],
        [0, 33612345678, 0],
        {0: Reading(0, Problem.MISSING), 2: Reading(0, Problem.MISSING)},
    ),
    (
        "a line end inside a cell moves nothing",
        ["0612345678\n0752345678", "0612345678", "\n", "\n0752345678"],
        [0, 33612345678, 0, 33752345678],
        {0: Reading(0, Problem.TWO_NUMBERS), 2: Reading(0, Problem.MISSING)},
    ),
    (
        "a repair among plain numbers",
        ["06 12 34 56 78", "612345678", "+33 6 12 34 56 78"],
        [33612345678, 33612345678, 33612345678],
        {1: Reading(33612345678, None, Repair.LOST_ZERO)},
    ),
    (
        "half a number in each of two cells stays two halves",
        ["06123", "45678"],
        [0, 0],
        {0: Reading(0, Problem.TOO_SHORT), 1: Reading(0, Problem.TOO_SHORT)},
    ),
    ("a foreign number is plain too", ["+32470123456", "0612345678"], [32470123456, 33612345678], {}),
]


@pytest.mark.parametrize(("what", "cells", "numbers", "remarkable"), COLUMNS, ids=[column[0] for column in COLUMNS])
def test_a_column_keeps_its_places(what, cells, numbers, remarkable):
    assert NumberReader("FR").read_many(cells) == (numbers, remarkable)


def test_a_tuple_is_a_column_as_well():
    assert NumberReader("BE").read_many(("0470123456",)) == ([32470123456], {})


def test_decimals_are_not_taken_for_digits():
    # Germany has mobiles of ten and of eleven digits: with its .0 the shorter would make a longer one.
    cells = ["01601234567", "01601234567.0", "01601234567.0 ", "01601234567.00", "0160 1234567.0"]
    numbers = [491601234567] * 4 + [4916012345670]
    assert NumberReader("DE").read_many(cells)[0] == numbers
    assert NumberReader("DE", fast=False).read_many(cells)[0] == numbers


def test_a_reader_says_its_region():
    assert repr(NumberReader("BE")) == "NumberReader('BE')"
