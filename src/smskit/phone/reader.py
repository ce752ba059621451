"""Reading a column of numbers: a fast path for the usual forms, phonenumbers for the rest."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from smskit.phone.cells import dialled
from smskit.phone.reading import Problem, Reading, Repair


class NumberReader:
    """Reads cells as people of one region write numbers; forms with a country code are read from anywhere.

    Args:
        region: ISO 3166 code in capitals of the country whose national forms are understood.

    Raises:
        InvalidInput: a region without a numbering plan.
    """

    def __init__(self, region: str = "FR") -> None:
        # The first reader loads phonenumbers; importing smskit does not.
        from smskit.phone import exact

        exact.metadata_of(region)
        self.region = region
        self._exact = exact

    def __repr__(self) -> str:
        return f"NumberReader({self.region!r})"

    def read(self, text: str, /) -> Reading:
        """Read one cell; a bad one has a problem and raises nothing."""
        return self._slow(text)

    def _slow(self, text: str) -> Reading:
        cell = dialled(text)
        if isinstance(cell, Problem):
            return Reading(0, cell)
        reading = self._exact.read_dialled(cell.digits, self.region)
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
        numbers: list[int] = []
        remarkable: dict[int, Reading] = {}
        for index, cell in enumerate(cells):
            reading = self.read(cell)
            numbers.append(reading.number)
            if reading.problem is not None or reading.repair is not None:
                remarkable[index] = reading
        return numbers, remarkable


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
