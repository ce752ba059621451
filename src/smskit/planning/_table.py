"""Who had a number first: the Python twin of ``_claims``, and the reference for it.

The table is an array of places, each one higher than a place in the column of numbers; 0 is a free slot. A number's
first slot is its remainder, the next free one follows.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence


def claim(table: array[int], numbers: array[int], places: Sequence[int], /) -> list[int]:
    """Take each place as the first of its number; give those whose number an earlier place has."""
    size, last = len(table), len(table) - 1
    repeated: list[int] = []
    for place in places:
        number = numbers[place]
        slot = number % size
        while held := table[slot]:
            if numbers[held - 1] == number:
                repeated.append(place)
                break
            slot = slot + 1 if slot < last else 0
        else:
            table[slot] = place + 1
    return repeated


def move(claimed: array[int], table: array[int], numbers: array[int], /) -> None:
    """Put every place of *claimed* into *table*."""
    claim(table, numbers, [held - 1 for held in claimed if held])
