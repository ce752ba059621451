"""Data frames, through the Arrow stream that all of them speak."""

from __future__ import annotations

import sys
from datetime import date, datetime, timezone
from decimal import Decimal
from typing import Any

import pytest

from smskit.contacts import Contacts
from smskit.errors import InvalidInput, UnreadableFile

pa = pytest.importorskip("pyarrow", reason="data frames take pyarrow, the extra 'arrow'")

PEOPLE: dict[str, list[Any]] = {
    "prenom": ["Anaïs", None],
    "mobile": ["0612345678", " 07 45 67 89 01 "],
    "code_postal": ["06308", "13001"],
    "points": [1, None],
    "panier": [12.5, 3.0],
    "dernier_achat": [datetime(2024, 1, 2), datetime(2024, 1, 2, 3, 4, 5)],
    "naissance": [date(1990, 1, 2), None],
    "vip": [True, False],
    "centres": [["vélo", "ski"], []],
}
TEXTS = {
    "prenom": ["Anaïs", ""],
    "mobile": ["0612345678", "07 45 67 89 01"],
    "code_postal": ["06308", "13001"],
    "points": ["1", ""],
    "panier": ["12.5", "3"],
    "dernier_achat": ["2024-01-02", "2024-01-02T03:04:05"],
    "naissance": ["1990-01-02", ""],
    "vip": ["true", "false"],
    "centres": ["vélo; ski", ""],
}


def table(library: str) -> Any:
    if library == "pyarrow":
        return pa.table(PEOPLE)
    module = pytest.importorskip(library, reason=f"{library} is not installed")
    if library == "duckdb":
        people = pa.table(PEOPLE)
        return module.connect().from_arrow(people)
    return module.DataFrame(PEOPLE)


@pytest.mark.parametrize("library", ["pyarrow", "polars", "pandas", "duckdb"])
def test_a_data_frame_is_text_and_can_be_read_again(library: str) -> None:
    contacts = Contacts.read(table(library))
    for _ in range(2):
        (batch,) = contacts.batches()
        assert {name: list(cells) for name, cells in batch.columns.items()} == TEXTS
        assert (batch.first_row, batch.numbers) == (2, [33612345678, 33745678901])


COLUMNS = [
    ("categories", lambda: pa.array(["a", None, "a"]).dictionary_encode(), ["a", "", "a"]),
    ("long texts", lambda: pa.array(["a", None, "c"], pa.large_string()), ["a", "", "c"]),
    ("views of texts", lambda: pa.array(["a", None, "c"], getattr(pa, "string_view", pa.string)()), ["a", "", "c"]),
    ("whole numbers that a float would round", lambda: pa.array([2**60 + 1, None, 0]), [str(2**60 + 1), "", "0"]),
    ("prices", lambda: pa.array([Decimal("1.50"), None, Decimal(2)]), ["1.50", "", "2.00"]),
    ("nothing", lambda: pa.nulls(3), ["", "", ""]),
    (
        "instants to the nanosecond",
        lambda: pa.array([1_704_164_645_000_000_001, None, 0], pa.timestamp("ns")),
        ["2024-01-02T03:04:05", "", "1970-01-01"],
    ),
    (
        "instants with a zone",
        lambda: pa.array([datetime(2024, 7, 1, tzinfo=timezone.utc), None, None], pa.timestamp("us", "Europe/Paris")),
        ["2024-07-01T02:00:00+02:00", "", ""],
    ),
    (
        "a year that Python does not have",
        lambda: pa.array([2**52, None, 0], pa.timestamp("ms")),
        ["<value out of range: 4503599627370496>", "", "1970-01-01"],
    ),
    ("bytes", lambda: pa.array(["é".encode(), None, b""]), ["é", "", ""]),
]  # fmt: skip


@pytest.mark.parametrize(("make", "texts"), [row[1:] for row in COLUMNS], ids=[row[0] for row in COLUMNS])
def test_columns_of_every_type(make: Any, texts: list[str]) -> None:
    (batch,) = Contacts.read(pa.table({"mobile": ["0612345678"] * 3, "x": make()})).batches()
    assert list(batch.columns["x"]) == texts


def test_batches_are_cut_to_size_and_keep_their_rows() -> None:
    people = pa.concat_tables([pa.table({"mobile": ["0612345678"] * count}) for count in (3, 1, 2)])
    assert [list(batch.rows) for batch in Contacts.read(people).batches(2)] == [[2, 3], [4], [5], [6, 7]]


def test_a_row_of_nulls_is_no_row() -> None:
    people = pa.table({"mobile": ["0612345678", None, "0745678901"], "nom": ["A", None, None]})
    assert [list(batch.rows) for batch in Contacts.read(people).batches()] == [[2], [4]]


def test_a_stream_that_ends_after_one_reading_is_refused() -> None:
    with pytest.raises(InvalidInput, match=r"only once.*read_all"):
        Contacts.read(pa.table(PEOPLE).to_reader())


def test_a_single_column_is_no_table() -> None:
    with pytest.raises(InvalidInput, match=r"a ChunkedArray (is no table|can be read only once)"):
        Contacts.read(pa.chunked_array([["0612345678"]]))


def test_a_table_that_is_not_collected_is_refused() -> None:
    polars = pytest.importorskip("polars", reason="polars is not installed")
    with pytest.raises(InvalidInput, match=r"a LazyFrame holds no rows yet; give its \.collect\(\)"):
        Contacts.read(polars.DataFrame(PEOPLE).lazy())


def test_without_the_extra_the_way_out_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    people = pa.table(PEOPLE)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(UnreadableFile, match=r"pip install 'smskit\[arrow\]'"):
        Contacts.read(people)
