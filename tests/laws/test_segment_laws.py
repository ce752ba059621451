"""Laws of conditions: three answers, any text in a cell, any nesting."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta, timezone

from attrs import frozen
from hypothesis import given
from hypothesis import strategies as st

from smskit.cells import parse_date, parse_flag, parse_instant, parse_number
from smskit.contacts.conditions import Predicate
from smskit.contacts.operands import fold
from smskit.contacts.predicates import F, Past, SegmentContext, tagged
from smskit.records import Engagement

AT = datetime(2026, 6, 24, 12, tzinfo=timezone(timedelta(hours=2)))
COLUMNS = ("a", "b", "c")


@frozen
class Table:
    columns: Mapping[str, Sequence[str]]
    numbers: Sequence[int]

    @property
    def size(self) -> int:
        return len(self.numbers)


cells = st.one_of(
    st.sampled_from(["", " ", "oui", "non", "Nice", "NICE", "13001", "1 234,5 €", "24/06/2026", "23/06/2026 11:00"]),
    st.integers(-5, 5).map(str),
    st.dates(date(2026, 6, 1), date(2026, 7, 1)).map(lambda day: day.strftime("%d/%m/%Y")),
    st.text(max_size=8),
)
values = st.one_of(
    st.integers(-5, 5),
    st.floats(-5, 5),
    st.dates(date(2026, 6, 1), date(2026, 7, 1)),
    st.sampled_from(["Nice", "13", "oui", "É"]),
    st.just(AT),
)
relations: st.SearchStrategy[Callable[[object, object], Predicate]] = st.sampled_from(
    [operator.eq, operator.ne, operator.lt, operator.le, operator.gt, operator.ge]
)
columns = st.sampled_from(COLUMNS).map(lambda name: F[name])
leaves: st.SearchStrategy[Predicate] = st.one_of(
    st.builds(lambda relation, column, value: relation(column, value), relations, columns, values),
    st.builds(lambda column, days: column.within(days=days), columns, st.integers(0, 40)),
    st.builds(lambda column, days: column.older_than(days=days), columns, st.integers(0, 40)),
    st.builds(lambda column, some: column.in_(some), columns, st.lists(st.integers(-3, 3), min_size=1)),
    st.builds(lambda column, text: column.contains(text), columns, st.sampled_from(["i", "1", "É"])),
    st.builds(lambda column: column.is_missing(), columns),
    st.builds(lambda flag, column: column == flag, st.booleans(), columns),
    st.builds(lambda count: Past.clicked >= count, st.integers(0, 3)),
    st.sampled_from([tagged("vip"), tagged("x"), Past.last_sent.within(days=3)]),
)
predicates: st.SearchStrategy[Predicate] = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.builds(operator.and_, inner, inner),
        st.builds(operator.or_, inner, inner),
        st.builds(operator.inv, inner),
    ),
    max_leaves=8,
)
rows = st.lists(st.tuples(cells, cells, cells), max_size=8)
CONTEXT = SegmentContext(
    AT,
    lambda name: name if name in COLUMNS else None,
    {2: Engagement(clicked=2, last_sent=AT - timedelta(days=1)), 3: Engagement(clicked=1)},
    frozenset({"vip"}),
)


def table_of(some: list[tuple[str, str, str]]) -> Table:
    return Table({name: [row[index] for row in some] for index, name in enumerate(COLUMNS)}, list(range(len(some))))


def three(predicate: Predicate, table: Table) -> list[int]:
    """Give 1 for yes, -1 for no, 0 for not known."""
    yes, no = predicate.mask(table, CONTEXT), (~predicate).mask(table, CONTEXT)
    return [a - b for a, b in zip(yes, no, strict=True)]


@given(predicates, rows)
def test_a_row_is_judged_the_same_alone_and_in_a_batch(predicate: Predicate, some: list[tuple[str, str, str]]) -> None:
    table = table_of(some)
    alone = [
        predicate.mask(Table({name: [row[i]] for i, name in enumerate(COLUMNS)}, [number]), CONTEXT)[0]
        for number, row in enumerate(some)
    ]
    assert predicate.mask(table, CONTEXT) == alone


@given(predicates, predicates, rows)
def test_and_or_not_are_least_greatest_and_opposite(
    left: Predicate, right: Predicate, some: list[tuple[str, str, str]]
) -> None:
    table = table_of(some)
    a, b = three(left, table), three(right, table)
    assert three(left & right, table) == list(map(min, a, b))
    assert three(left | right, table) == list(map(max, a, b))
    assert three(~left, table) == [-answer for answer in a]
    assert three(~(left & right), table) == three(~left | ~right, table)


@given(predicates, rows)
def test_every_row_matches_does_not_or_is_not_known(predicate: Predicate, some: list[tuple[str, str, str]]) -> None:
    table = table_of(some)
    answers = predicate.answers(table, CONTEXT)
    assert answers.matches + (~answers).matches + answers.missing == table.size
    assert answers.matches == sum(answers.mask)


@given(predicates)
def test_what_is_saved_comes_back(predicate: Predicate) -> None:
    again = Predicate.from_json(predicate.to_json())
    assert (again, str(again), again.columns) == (predicate, str(predicate), predicate.columns)
    assert set(predicate.columns) <= set(COLUMNS)


@given(st.dates(date(2000, 1, 1), date(2026, 6, 24)), st.integers(0, 4000))
def test_a_past_day_is_within_or_older_and_never_both(day: date, days: int) -> None:
    table = Table({"a": [day.strftime("%d/%m/%Y")]}, [0])
    within, older = F.a.within(days=days).mask(table, CONTEXT), F.a.older_than(days=days).mask(table, CONTEXT)
    assert within != older
    assert within == [(date(2026, 6, 24) - day).days <= days]


@given(st.text())
def test_no_text_makes_a_reader_fail(text: str) -> None:
    parse_number(text)
    parse_date(text)
    parse_flag(text)
    instant = parse_instant(text, timezone.utc)
    assert instant is None or instant.tzinfo is not None


@given(st.integers(-(10**12), 10**12), st.integers(0, 99))
def test_a_number_is_the_same_in_every_hand(units: int, cents: int) -> None:
    exact = float(f"{units}.{cents:02}")
    english = f"{units:,}.{cents:02}"
    for text in (
        english,
        english.replace(",", " ").replace(".", ","),
        english.replace(",", "\u202f").replace(".", ",") + "\u00a0€",
        english.replace(",", "x").replace(".", ",").replace("x", "."),
        english.replace(",", "'"),
        f"{units},{cents:02}",
    ):
        assert parse_number(text) == exact


@given(st.datetimes(datetime(1950, 1, 1), datetime(2049, 12, 31)))
def test_a_date_is_the_same_in_every_hand(moment: datetime) -> None:
    moment = moment.replace(microsecond=0)
    assert parse_date(moment.isoformat()) == moment
    assert parse_date(moment.strftime("%d/%m/%Y %H:%M:%S")) == moment
    assert parse_date(moment.strftime("%d.%m.%y")) == moment.date()


@given(st.text(max_size=20))
def test_folding_twice_changes_nothing_more(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    if text.upper().lower() == text.lower():
        assert fold(text.upper()) == fold(text)
