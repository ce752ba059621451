"""Explaining to people what a text costs and which of its characters make it cost that."""

from __future__ import annotations

import unicodedata
from itertools import islice

from attrs import field, frozen

from smskit.display import Bubble, Facts, Note, Phone, Shown, Table, View, harmless
from smskit.encoding.alphabets import GSM7, Alphabet
from smskit.encoding.folding import fold
from smskit.encoding.layouts import MAX_PARTS, STANDARD, Layout
from smskit.encoding.measures import AUTOMATIC, Choice, Measure, cuts
from smskit.encoding.twin import measure

_MOST_SHOWN = 20


@frozen
class Costly:
    """A character that makes a text heavier.

    Args:
        index: where it stands first.
        character: itself.
        count: how many times it occurs.
        units: what one of it weighs in the alphabet that the text has to be sent in.
        why: in words.
        instead: what :func:`fold` would write, None when it knows nothing better.
    """

    index: int
    character: str
    count: int
    units: int
    why: str
    instead: str | None


@frozen
class Explanation(Shown):
    """What a text weighs and why; prints as a table and shows as coloured HTML in a notebook."""

    measure: Measure
    parts: tuple[str, ...] = field(repr=lambda parts: f"<{len(parts)} parts>")
    weights: tuple[int, ...]
    costly: tuple[Costly, ...]

    def view(self) -> View:
        """Give the text in its parts with the costly characters marked, and both as tables."""
        found = self.measure
        named = {one.character for one in self.costly}
        marks = [index for index, character in enumerate("".join(self.parts)) if character in named]
        note = f"{found.units} units of {found.alphabet} in {found.parts} parts"
        room = [found.units_per_part - weight for weight in self.weights]
        return View(
            "what the text costs",
            Facts(
                ("alphabet", str(found.alphabet)), ("units", found.units), ("parts", found.parts), ("room", found.room)
            ),
            Phone("text", Bubble(self.parts, marks=marks, note=note)),
            Table(
                ("part", "characters", "units", "room"),
                [
                    (str(number), len(text), weight, left)
                    for number, (text, weight, left) in enumerate(zip(self.parts, self.weights, room, strict=True), 1)
                ],
            ),
            *self._characters(),
        )

    def _characters(self) -> tuple[Table | Note, ...]:
        if not self.costly:
            return ()
        rows = [
            (
                one.index,
                _shown(one.character),
                one.count,
                one.units,
                one.why,
                "" if one.instead is None else one.instead,
            )
            for one in self.costly[:_MOST_SHOWN]
        ]
        table = Table(("index", "character", "times", "units", "why", "fold writes"), rows, align="rlrrll")
        left_out = len(self.costly) - len(rows)
        return (table, Note(f"{left_out} further characters are not listed")) if left_out else (table,)


def explain(text: str, /, *, alphabet: Choice = None, layout: Layout = STANDARD) -> Explanation:
    """Say to people what *text* weighs, part by part, and which characters are to blame.

    Args:
        text: what the reader sees, names already filled in.
        alphabet: as for :func:`measure`.
        layout: as for :func:`measure`.

    Returns:
        An object to print, to show in a notebook, or to read: ``costly`` has each character once, those that rule the
        first alphabet out before those that weigh two. Of more than 255 parts the first 255 are shown.

    Raises:
        TypeError: *text* is not a str.
        UnencodableText: an alphabet was asked for and a character has no place in it.
    """
    found = measure(text, alphabet=alphabet, layout=layout)
    first = found.alphabet if isinstance(alphabet, Alphabet) else (*(alphabet or AUTOMATIC),)[0]
    cut = [(len(text), found.units)]
    if found.parts > 1:
        cut = list(islice(cuts(text, found.alphabet, found.units_per_part, layout.cut), MAX_PARTS))
    ends = [end for end, _ in cut]
    parts = tuple(text[start:stop] for start, stop in zip([0, *ends], ends, strict=False))
    return Explanation(found, parts, tuple(units for _, units in cut), _costly(text, first, found.alphabet))


def _costly(text: str, first: Alphabet, chosen: Alphabet) -> tuple[Costly, ...]:
    ruled_out: list[Costly] = []
    heavy: list[Costly] = []
    for character in dict.fromkeys(text):
        units = chosen.weigh(character)
        foreign = chosen is not first and first.foreign(character) is not None
        if not foreign and units == 1:
            continue
        why = f"not in {first}" if foreign else f"weighs {units} in {chosen}"
        folded = fold(character).text if foreign else character
        instead = folded if folded != character and GSM7.foreign(folded) is None else None
        one = Costly(text.index(character), character, text.count(character), units, why, instead)
        (ruled_out if foreign else heavy).append(one)
    return (*ruled_out, *heavy)


def _shown(character: str) -> str:
    code = f"U+{ord(character):04X}"
    name = unicodedata.name(character, "")
    sign = harmless(character) if character.isprintable() and not unicodedata.combining(character) else ""
    return " ".join(word for word in (sign, code, name) if word)
