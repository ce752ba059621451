"""A batch of contacts: rows that follow each other, by column."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from attrs import field, frozen

from smskit.contacts.sources import RowFault
from smskit.phone.reading import Reading


class Columns(Mapping[str, Sequence[str]]):
    """Columns of text by name. Spaces around a cell are taken off when its column is first asked for."""

    __slots__ = ("_cells", "_clean", "_places", "_replaced")

    def __init__(
        self,
        places: Mapping[str, int],
        cells: Sequence[Sequence[str]],
        replaced: Mapping[int, Mapping[str, str]] | None = None,
    ) -> None:
        """Take the cells of each column.

        Args:
            places: name to place in *cells*.
            cells: the columns.
            replaced: by index of a row, texts that stand in place of its cells, by name of the column.
        """
        self._places = places
        self._cells = cells
        self._replaced = replaced or {}
        self._clean: dict[str, list[str]] = {}

    def __getitem__(self, name: str) -> Sequence[str]:
        found = self._clean.get(name)
        return self._cleaned(name) if found is None else found

    def _cleaned(self, name: str) -> list[str]:
        # str.strip takes no-break and narrow spaces too; it copies nothing where there is nothing to take.
        column = list(map(str.strip, self._cells[self._places[name]]))
        for index, texts in self._replaced.items():
            column[index] = texts.get(name, column[index])
        self._clean[name] = column
        return column

    def __contains__(self, name: object) -> bool:
        return name in self._places

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)

    def __repr__(self) -> str:
        return f"Columns({', '.join(self._places)})"


@frozen
class Batch:
    """Some rows of the contacts.

    Args:
        first_row: the row of index 0 as a person counts it: headers are row 1, the first contact is row 2.
            The others follow without a gap.
        size: how many rows.
        columns: by name, the cells of each row as text, without spaces around them; empty for none.
        numbers: E.164 digits of each row; 0 for a row whose number cannot be sent to.
        readings: by index, the rows whose number has a problem or was repaired.
        duplicates: indices of the rows that :meth:`Contacts.deduplicated` gave up for another row of their
            number.
        faults: rows that were too short, too long, or had stray quotes.
    """

    first_row: int
    size: int
    columns: Mapping[str, Sequence[str]] = field(repr=False)
    numbers: list[int] = field(repr=False)
    readings: Mapping[int, Reading] = field(repr=False)
    duplicates: frozenset[int] = frozenset()
    faults: tuple[RowFault, ...] = ()

    @property
    def rows(self) -> range:
        """The row of each index, as a person counts."""
        return range(self.first_row, self.first_row + self.size)
