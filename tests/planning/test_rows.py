"""The columns of a plan: who had a number first, at 12 bytes and two columns a row."""

import random
from array import array

import pytest

from smskit.planning import _table

try:
    from smskit.planning import _claims
except ImportError:
    _claims = None

from smskit.kinds import Reason
from smskit.planning.rows import CODE_OF, TO_SEND, Rows


def test_claims_agree_with_a_set_over_growth_and_repetition():
    draw = random.Random(4)
    rows, seen = Rows(), set()
    for _ in range(40):
        numbers = [33_600_000_000 + draw.randrange(60_000) for _ in range(1_000)]
        first = rows.extend(numbers, len(rows) + 2)
        expected = []
        for place, number in enumerate(numbers, first):
            if number in seen:
                expected.append(place)
            seen.add(number)
        assert rows.claim(range(first, first + 1_000)) == expected
    assert all(rows.numbers[rows.first_of(number)] == number for number in list(seen)[:500])
    assert rows.first_of(33_599_999_999) is None


def test_numbers_that_share_a_slot_do_not_share_their_fate():
    rows = Rows()
    clashing = [4093 * k for k in range(1, 200)]
    rows.extend(clashing, 2)
    assert rows.claim(range(199)) == []
    rows.extend(clashing, 201)
    assert rows.claim(range(199, 398)) == list(range(199, 398))


def test_reasons_are_counted_in_their_order():
    rows = Rows()
    rows.extend([1, 2, 3, 4], 2)
    rows.codes[:] = bytes([CODE_OF[Reason.BUDGET], TO_SEND, CODE_OF[Reason.DUPLICATE], CODE_OF[Reason.BUDGET]])
    assert list(rows.reasons().items()) == [(Reason.DUPLICATE, 1), (Reason.BUDGET, 2)]
    assert rows.count(TO_SEND) == 1


def test_every_reason_has_a_code_of_one_byte():
    assert len(set(CODE_OF.values())) == len(Reason)
    assert max(CODE_OF.values()) < 256


TWINS = [
    pytest.param(_table, id="Python"),
    pytest.param(_claims, id="C", marks=pytest.mark.skipif(_claims is None, reason="the extension is not built")),
]


@pytest.mark.skipif(_claims is None, reason="the extension is not built")
def test_both_twins_fill_the_same_table():
    draw = random.Random(9)
    numbers = array("Q", [draw.randrange(1, 700) for _ in range(900)])
    tables = [array("I", bytes(4 * 1021)) for _ in range(2)]
    told = [twin.claim(table, numbers, range(900)) for twin, table in zip((_table, _claims), tables, strict=True)]
    assert told[0] == told[1]
    assert tables[0] == tables[1]
    moved = [array("I", bytes(4 * 2039)) for _ in range(2)]
    for twin, old, new in zip((_table, _claims), tables, moved, strict=True):
        twin.move(old, new, numbers)
    assert sorted(moved[0]) == sorted(moved[1])


@pytest.mark.parametrize("twin", TWINS)
def test_wrong_places_and_columns_are_errors(twin):
    numbers = array("Q", [1, 2])
    with pytest.raises(IndexError):
        twin.claim(array("I", bytes(40)), numbers, [2])
    with pytest.raises(TypeError):
        twin.claim(array("I", bytes(40)), numbers, 3)
