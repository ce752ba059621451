"""Finding the row of headers at the top of a file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from attrs import frozen

from smskit.contacts.sources import Fault, RowFault

IsData = Callable[[Sequence[str]], bool]

# Exports put a title and a date above their headers, not a page of text.
_LOOKED_AT = 10
_AROUND = "\ufeff \t\xa0\u202f\r\n"


@frozen
class Heading:
    """The headers of a file.

    Args:
        headers: the texts of its columns, or ``column_1`` … when there are none.
        row: where they stand, as a person counts; 0 when there are none.
        titles: how many rows above them were left out: the name of the export, its date.
    """

    headers: tuple[str, ...] = ()
    row: int = 0
    titles: int = 0

    @property
    def faults(self) -> tuple[RowFault, ...]:
        """What is to be said of them."""
        if not self.row:
            return (RowFault(0, Fault.NO_HEADER, len(self.headers)),)
        return (RowFault(0, Fault.TITLE_ROWS, self.titles),) if self.titles else ()


def heading_of(rows: Iterable[Sequence[str]], is_data: IsData) -> Heading | None:
    """Find the headers among the first rows: the first that has any text, unless it is a title.

    A title is a lone text above a row with more of them.

    Args:
        rows: from row 1 on, blank ones included.
        is_data: tells a row that holds data from one that holds headers.

    Returns:
        None when there is not one row with a text.
    """
    lone: Heading | None = None
    above = 0
    for number, row in enumerate(rows, start=1):
        cells = tuple(cell.strip(_AROUND) for cell in row)
        texts = sum(map(bool, cells))
        if not texts:
            continue
        if is_data(cells):
            return lone or Heading(tuple(f"column_{place}" for place in range(1, len(cells) + 1)))
        if texts > 1:
            return Heading(cells, number, above)
        lone = lone or Heading(cells, number)
        above += 1
        if above == _LOOKED_AT:
            break
    return lone
