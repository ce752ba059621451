"""Choosing among national tables: which pair sends a text in the fewest parts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smskit.encoding.alphabets import GSM7, UCS2, Alphabet, Language, national
from smskit.encoding.arguments import require_text
from smskit.encoding.layouts import STANDARD, Layout
from smskit.encoding.measures import measure_laid_out


def cheapest(text: str, /, *, languages: Iterable[Language] = tuple(Language), layout: Layout = STANDARD) -> Alphabet:
    """Give the alphabet that sends *text* in the fewest parts: GSM-7, a pair of national tables, or UCS-2.

    Tables are worth it only where the whole road lets them through: carrier, switching centre and handset. Name the
    languages that yours do.

    Args:
        text: what the reader sees.
        languages: whose tables may be used.
        layout: as :func:`split` would lay the parts out; the headers that name tables are counted in.

    Returns:
        Of those with the fewest parts the one with the fewest national tables, then the one with most room left; GSM-7
        and UCS-2 need none and so come before any pair.

    Raises:
        TypeError: *text* is not a str.

    Source: 3GPP TS 23.038 Annex A and clause C.3; TS 23.040 clauses 9.2.3.24.15 and 9.2.3.24.16.
    """
    require_text(text)
    best: Alphabet = UCS2 if GSM7.foreign(text) is not None else GSM7
    best_cost = _cost(text, best, layout)
    for pair in _pairs_for(text, tuple(languages)):
        # No pair is better than one part without any: the search may end before it has begun.
        if best_cost[:2] == (1, 0):
            break
        cost = _cost(text, pair, layout)
        if cost < best_cost:
            best, best_cost = pair, cost
    return best


def _cost(text: str, alphabet: Alphabet, layout: Layout) -> tuple[int, int, float]:
    found = measure_laid_out(text, alphabet, layout)
    tables = sum(getattr(alphabet, shift, None) is not None for shift in ("locking", "single"))
    return found.parts, tables, -found.room / found.units_per_part


def _pairs_for(text: str, languages: tuple[Language, ...]) -> Iterator[Alphabet]:
    """Give each pair of tables that has every character of *text*."""
    characters = frozenset(text)
    locking = [None, *(language for language in languages if language is not Language.SPANISH)]
    for main in locking:
        # What the main table has is looked up once for all the tables behind the escape.
        missing = characters.difference(filter(None, national(locking=main).main))
        for single in (None, *languages):
            pair = national(locking=main, single=single)
            if pair is not GSM7 and missing <= pair.shifted.keys():
                yield pair
