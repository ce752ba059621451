"""The first look at many texts at once: where does anything stand that a rule of content might stop at?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from smskit.compliance.case import Case
from smskit.compliance.markers import words_of
from smskit.compliance.rulebook import Rule
from smskit.compliance.vocabulary import Check

# Each begins with one of few characters and looks back from there: a search then skips the others in C.
_LINKS = re.compile(r"[:\\.%](?:(?<=:)//|(?<=\\)|(?<=\.)[a-z][a-z]|(?<=www\.)|(?<=\d%)|(?<=\d\s%))")
# A short code stands alone: the five digits of an order number such as C60417 are none.
_NUMBERS = re.compile(r"[0368](?<!\d.)(?:(?:(?<=0)(?:033)?|(?<=3)3)\s?8(?:[\s.-]?\d){4}|(?<=[68])(?<!\w.)\d{4}(?!\d))")
_ALIKE = str.maketrans("01345789i", "oleastbgl", "_")
_TOKEN = re.compile("[a-z0-9]+")
_WORD = re.compile("[a-z]+")
_SHORTEST_NAME = 5


class FirstLook:
    """Words, drawings of names, numbers and links, one of which stands in every text that could break a rule.

    Words and names are looked up in sets, for a whole batch at once: an alternation of hundreds of words costs eight
    times as much.
    """

    def __init__(self, rules: Iterable[Rule], case: Case) -> None:
        stems: set[str] = set()
        names: set[str] = set()
        for rule in rules:
            for key in ("markers", "gifts"):
                if key in rule.settings:
                    stems.update(case.markers(rule.settings[key]).stems)
            if rule.check is Check.SELLS:
                stems.update(case.markers("sells").stems)
            if rule.check is Check.BRAND_LINK:
                names.update(name for brand in case.brands(rule.settings["list"]) for name in brand.skeletons)
        self._words = frozenset(stem for stem in stems if _WORD.fullmatch(stem))
        self._names = frozenset(name for name in names if len(name) >= _SHORTEST_NAME)
        odd = "|".join(sorted(stems - self._words))
        self._odd = re.compile(odd) if odd else None

    def places(self, text: str) -> Iterator[int]:
        """Give where in *text* (small ASCII letters) something shows, in any order."""
        for shape in (_LINKS, _NUMBERS, self._odd):
            yield from (match.start() for match in shape.finditer(text)) if shape else ()
        if found := words_of(text) & self._words:
            pattern = rf"(?<![a-z])(?:{'|'.join(sorted(found))})(?![a-z])"
            yield from (match.start() for match in re.finditer(pattern, text))
        if not self._names.isdisjoint(_drawn(text)):
            yield from (match.start() for match in re.finditer(r"\w+", text) if self._is_name(match[0]))

    def _is_name(self, word: str) -> bool:
        return not self._names.isdisjoint(_drawn(word))


def _drawn(text: str) -> list[str]:
    """Give the words of *text* as the eye reads them; see :func:`smskit.compliance.folding.skeleton`."""
    return _TOKEN.findall(text.translate(_ALIKE).replace("rn", "m").replace("vv", "w"))
