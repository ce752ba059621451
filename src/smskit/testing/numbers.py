"""Telephone numbers for tests and demonstrations: valid, random, and the same for the same seed.

They are in ranges that are given out, so somebody may own one: never send to them. (The ranges set aside for
fiction, 06 39 98 in France or 07700 900 in Britain, are invalid to phonenumbers and so to smskit.)
"""

from __future__ import annotations

import random
from collections.abc import Iterator

import regex

from smskit.errors import InvalidInput
from smskit.phone import NumberReader

# Up to here each digit is chosen among those with which a number can go on; ranges end before, and the digits
# behind are free.
_CHOSEN = 6


def mobile_numbers(region: str, seed: int) -> Iterator[int]:
    """Give mobile numbers of *region* without end, in an order that depends on *seed* alone.

    Args:
        region: ISO 3166 code in capitals.
        seed: the same seed gives the same numbers with the same version of phonenumbers.

    Yields:
        E.164 digits; a number may come again.

    Raises:
        InvalidInput: no such region, or no mobiles in it.
    """
    from phonenumbers import PhoneMetadata

    reader = NumberReader(region)
    metadata = PhoneMetadata.metadata_for_region(region, None)
    if metadata is None or metadata.mobile is None or metadata.mobile.national_number_pattern is None:
        raise InvalidInput(f"{region!r} has no mobile numbers")
    nationals = _nationals(metadata.mobile.national_number_pattern, metadata.mobile.possible_length, seed)
    for batch in _batches(f"+{metadata.country_code}{national}" for national in nationals):
        numbers, _ = reader.read_many(batch)
        yield from filter(None, numbers)


def _batches(texts: Iterator[str]) -> Iterator[list[str]]:
    while True:
        yield [next(texts) for _ in range(100)]


def _nationals(pattern: str, lengths: tuple[int, ...], seed: int) -> Iterator[str]:
    """Give digits that mostly match *pattern*."""
    draw = random.Random(seed)
    numbers = regex.compile(pattern, regex.ASCII)
    continuations: dict[str, list[str]] = {}
    while True:
        digits = ""
        while len(digits) < min(_CHOSEN, *lengths):
            if digits not in continuations:
                ahead = (digits + digit for digit in "0123456789")
                continuations[digits] = [text for text in ahead if numbers.fullmatch(text, partial=True)]
            digits = draw.choice(continuations[digits] or [digits + "0"])
        digits += "".join(draw.choices("0123456789", k=draw.choice(lengths) - len(digits)))
        if numbers.fullmatch(digits):
            yield digits
