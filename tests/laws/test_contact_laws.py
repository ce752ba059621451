"""Laws of reading contacts: nothing is lost, nothing raises, every number keeps one row."""

from __future__ import annotations

import csv
import io

from hypothesis import example, given
from hypothesis import strategies as st

from smskit.contacts import Contacts, Keep
from smskit.contacts.columns import names_of
from smskit.errors import InvalidInput

# What cp1252 can write. A cell keeps what stands in it except spaces around it, NUL, and Excel's ="…".
_LETTERS = "abcXYZ 0123éèçœ€’\"';,|/\t\n=+-."
_CELLS = st.text(_LETTERS, max_size=12).map(str.strip)
_ROWS = st.lists(st.tuples(_CELLS, _CELLS, _CELLS).filter(any), max_size=12)


def _is_formula(cell: str) -> bool:
    return cell.startswith('="') and cell.endswith('"')


@given(
    rows=_ROWS.filter(lambda rows: not any(_is_formula(cell) for row in rows for cell in row)),
    separator=st.sampled_from(";,\t|"),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]),
    ends=st.sampled_from(["\n", "\r\n"]),
    size=st.integers(1, 5),
)
def test_what_was_written_is_read_back(
    rows: list[tuple[str, ...]], separator: str, encoding: str, ends: str, size: int
) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=separator, lineterminator=ends)
    writer.writerows([("Prénom", "Mobile", "Note"), *rows])
    contacts = Contacts.read(text.getvalue().encode(encoding), separator=separator)
    batches = list(contacts.batches(size))
    read = [row for batch in batches for row in zip(*batch.columns.values(), strict=True)]
    assert read == rows
    assert [row for batch in batches for row in batch.rows] == list(range(2, len(rows) + 2))


@given(
    data=st.binary(max_size=200) | st.text('ab;,"\n\r\t\0é06=\ufeff', max_size=80).map(str.encode),
    size=st.integers(1, 4),
)
@example(data=b'"', size=1)
@example(data=b'a;b\n"' + b"x;\n" * 3, size=2)
@example(data=b"\xff\xfea", size=1)
def test_any_bytes_behind_a_header_give_rows_and_no_surprise(data: bytes, size: int) -> None:
    try:
        contacts = Contacts.read(b"mobile;nom\n" + data)
    except InvalidInput:
        return
    last = 0
    for batch in contacts.batches(size):
        assert batch.first_row > last
        assert 0 < batch.size <= size
        assert {len(batch.numbers), *map(len, batch.columns.values())} == {batch.size}
        assert all(batch.numbers[index] or reading.problem for index, reading in batch.readings.items())
        last = batch.rows[-1]
    assert contacts.issues.rows == sum(batch.size for batch in contacts.batches())


@given(data=st.binary(max_size=100))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        contacts = Contacts.read(data)
    except InvalidInput:
        return
    assert sum(batch.size for batch in contacts.batches()) == contacts.issues.rows


@given(ends=st.lists(st.integers(0, 9), max_size=30), keep=st.sampled_from(Keep), size=st.integers(1, 7))
def test_each_number_keeps_exactly_one_row(ends: list[int], keep: Keep, size: int) -> None:
    contacts = Contacts.read([{"mobile": f"061234567{end}" if end else "", "nom": "x"} for end in [*ends, 1]])
    left = [
        number
        for batch in contacts.deduplicated(keep).batches(size)
        for index, number in enumerate(batch.numbers)
        if index not in batch.duplicates
    ]
    called = [number for number in left if number]
    assert sorted(called) == sorted({33612345670 + end for end in [*ends, 1] if end})
    assert left.count(0) == ends.count(0)
    assert sum(one.count - 1 for one in contacts.duplicates()) == len(ends) + 1 - len(left)


@given(st.lists(st.text(max_size=6)))
def test_every_column_has_a_name_of_its_own(headers: list[str]) -> None:
    names = names_of(headers)
    assert len(set(names)) == len(names) == len(headers)
    assert all(names)


@given(
    rows=st.lists(st.lists(st.text("abc", min_size=1, max_size=3), min_size=3, max_size=3), min_size=1, max_size=12),
    strays=st.sets(st.tuples(st.integers(0, 11), st.integers(0, 2)), max_size=6),
    size=st.integers(1, 5),
)
def test_quotes_that_are_never_closed_swallow_no_row(
    rows: list[list[str]], strays: set[tuple[int, int]], size: int
) -> None:
    written = [
        ";".join(f'"{cell}' if (number, place) in strays else cell for place, cell in enumerate(row))
        for number, row in enumerate(rows)
    ]
    contacts = Contacts.read("\n".join(["x;y;mobile", *written]).encode())
    read = [list(row) for batch in contacts.batches(size) for row in zip(*batch.columns.values(), strict=True)]
    assert read == rows
