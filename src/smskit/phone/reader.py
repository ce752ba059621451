"""Reading a column of numbers: a fast path for the usual forms, phonenumbers for the rest."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from smskit.phone.cells import dialled
from smskit.phone.reading import REFUSED, Problem, Reading, Repair

# What the column is rid of at once. Each is something that reading a cell by itself drops as well, wherever
# it stands; a form that needs more care than that (slashes, labels) is read by itself.
_SEPARATORS = " -()'"
_FOREIGN_SEPARATORS = "\u00a0\u202f\u2009\u2007\u2011\u200b\u200e\u200f\u202a\u202c\u2060\ufeff"


class NumberReader:
    """Reads cells as people of one region write numbers; forms with a country code are read from anywhere.

    Args:
        region: ISO 3166 code in capitals of the country whose national forms are understood.
        fast: read the usual forms by patterns; False asks phonenumbers about each number, which takes many
            times longer and has the same answers.

    Raises:
        InvalidInput: a region without a numbering plan.
    """

    def __init__(self, region: str = "FR", *, fast: bool = True) -> None:
        # The first reader loads phonenumbers; importing smskit does not.
        from smskit.phone import dialling, exact

        exact.metadata_of(region)
        self.region = region
        self._exact = exact.read_dialled
        self._dialling = dialling.dialling_of(region) if fast else None

    def __repr__(self) -> str:
        return f"NumberReader({self.region!r})"

    def read(self, text: str, /) -> Reading:
        """Read one cell; a bad one has a problem and raises nothing."""
        cell = dialled(text)
        if isinstance(cell, Problem):
            return REFUSED[cell]
        reading = self._dialling.read(cell.digits) if self._dialling else None
        if reading is None:
            reading = self._exact(cell.digits, self.region)
        if cell.decimal_tail and reading.number and reading.repair is None:
            return Reading(reading.number, None, Repair.DECIMAL_TAIL)
        return reading

    def read_many(self, cells: Sequence[str], /) -> tuple[list[int], dict[int, Reading]]:
        """Read a column.

        Args:
            cells: the texts of one column; a few thousand at a time is best.

        Returns:
            The E.164 digits of each cell, 0 where there is no number to send to; and by index the readings of
            the cells that have a problem or were repaired.
        """
        numbers = self._plain_mobiles(cells)
        remarkable: dict[int, Reading] = {}
        if 0 not in numbers:
            return numbers, remarkable
        for index, number in enumerate(numbers):
            if not number:
                reading = self.read(cells[index])
                numbers[index] = reading.number
                if reading.problem is not None or reading.repair is not None:
                    remarkable[index] = reading
        return numbers, remarkable

    def _plain_mobiles(self, cells: Sequence[str]) -> list[int]:
        """Read the mobiles of the region that need no repair, 0 for every other cell.

        One text is made of the column, so that each step is one call for all of its cells.
        """
        if self._dialling is None or not cells:
            return [0] * len(cells)
        column = "\n".join(cells)
        if column.count("\n") >= len(cells):
            column = "\n".join("?" if "\n" in cell else cell for cell in cells)
        nationals = self._dialling.column.findall(_without_separators(column))
        code = self._dialling.code
        return [int(code + national) if national else 0 for national in nationals]


def _without_separators(column: str) -> str:
    separators = _SEPARATORS if column.isascii() else _SEPARATORS + _FOREIGN_SEPARATORS
    for separator in separators:
        column = column.replace(separator, "")
    # Dots go last: the decimals of 612345678.0 are no digits of the number; reading it by itself drops them.
    column = f"{column}\n".replace(".0\n", "?\n").replace(".00\n", "?\n")
    return column[:-1].replace(".", "")


@lru_cache(maxsize=32)
def _reader(region: str) -> NumberReader:
    return NumberReader(region)


def read_number(text: str, region: str = "FR") -> Reading:
    """Read one number in any of the forms that people and programs write.

    Args:
        text: a cell, a form field, a ``tel:`` link.
        region: ISO 3166 code in capitals of the country whose national forms are understood.

    Returns:
        A reading with a number, or with the problem why there is none. Bad text raises nothing.

    Raises:
        InvalidInput: a region without a numbering plan.
    """
    return _reader(region).read(text)


__all__ = ["NumberReader", "read_number"]
