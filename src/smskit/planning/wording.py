"""What each contact would read: filled in, folded, with its STOP mention, weighed and judged.

People share first names and towns: a text is made once for each different set of values, not once for each row.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

from attrs import frozen

from smskit import encoding
from smskit.compliance import Finding
from smskit.kinds import Reason
from smskit.protocols import Shortener
from smskit.rcs import Billing
from smskit.text import Message, is_whole

_HALF = Reason.CONTENT_FORBIDDEN
"""For a value with half a character: no alphabet holds it, and nothing is replaced unasked."""

LONGEST = 255
"""Parts that a concatenation header can number; a longer text cannot be sent at all."""

# Beyond this many different texts the memory is emptied rather than left to grow.
REMEMBERED = 4_000

Key = tuple[str, ...]
"""Where a contact is, and the values of the message's variables, in order."""


@frozen
class Change:
    """One replacement that folding made, over the whole audience."""

    before: str
    after: str
    why: str


class Said(NamedTuple):
    """What contacts with one set of values read.

    Args:
        text: as the handset shows it.
        parts: what the carrier bills.
        saved: parts that folding with the French profile would save.
        reason: why it may not or cannot be said, None when it can.
        changes: what folding replaced.
        billing: what a rich message is billed as, whose text is its JSON; None for an SMS.
    """

    text: str
    parts: int
    saved: int
    reason: Reason | None
    changes: tuple[Change, ...]
    billing: Billing | None = None


class Wording:
    """One arm's message.

    Args:
        message: the message.
        columns: the contacts' columns, in the order of its variables.
        shortener: makes short links, None leaves addresses as they are.
        suffix: gives what the law of a place appends to a text.
        content: finds texts that break a rule of content, by place in the sequence.
    """

    def __init__(
        self,
        message: Message,
        columns: Sequence[str],
        shortener: Shortener | None,
        suffix: Callable[[str, str], str],
        content: Callable[[Sequence[str]], Mapping[int, Finding]],
    ) -> None:
        self.message = message
        self.columns = tuple(columns)
        self._suffix = suffix
        self._content = content
        self._suffixes: dict[str, str] = {}
        self._known: dict[Key, Said] = {}
        self._folded_words: dict[str, str] = {}
        names = iter(range(1, len(self.columns) + 1))
        # For each variable: its place in a key, or the link that stands there for everybody.
        self._slots = tuple(
            message.placeholder(variable.name, shortener) if variable.name in message.links else next(names)
            for variable in message.template.variables
        )

    def suffix(self, place: str) -> str:
        """Give what the law of *place* appends, as the handset shows it."""
        if place not in self._suffixes:
            self._suffixes[place] = self._suffix(place, "".join(self.message.template.literals))
        return self._suffixes[place]

    def say(self, keys: Sequence[Key]) -> list[Said]:
        """Give what the contacts with these values read, in order."""
        known = self._known
        try:
            return list(map(known.__getitem__, keys))
        except KeyError:
            if len(known) > REMEMBERED:
                known.clear()
        new = [key for key in dict.fromkeys(keys) if key not in known]
        known.update(zip(new, self._made(new), strict=True))
        return list(map(known.__getitem__, keys))

    def _made(self, keys: Sequence[Key]) -> Iterator[Said]:
        places, *_ = columns = list(zip(*keys, strict=True))
        values, missing = self._values(columns, len(keys))
        filled = self.message.template.fill_columns(values, len(keys))
        texts, changes = self._folded(filled)
        ends = {place: self.suffix(place) for place in set(places)}
        texts = [text + ends[place] for text, place in zip(texts, places, strict=True)]
        parts = encoding.measure_many(texts).parts
        saved = self._savings(values, [ends[place] for place in places], parts)
        reasons = self._reasons(filled, missing, texts, parts)
        return map(Said, texts, parts, [saved.get(index, 0) for index in range(len(texts))], reasons, changes)

    def _values(self, columns: Sequence[Sequence[str]], count: int) -> tuple[list[Sequence[str]], set[int]]:
        missing: set[int] = set()
        values: list[Sequence[str]] = []
        for slot, variable in zip(self._slots, self.message.template.variables, strict=True):
            column = [slot] * count if isinstance(slot, str) else columns[slot]
            if "" in column and variable.fallback is None:
                missing.update(index for index, value in enumerate(column) if not value)
            elif "" in column:
                column = [value or variable.fallback or "" for value in column]
            values.append(column)
        return values, missing

    def _folded(self, texts: list[str]) -> tuple[list[str], list[tuple[Change, ...]]]:
        if not self.message.folds:
            return texts, [()] * len(texts)
        folded = self.message.folded_many(texts)
        changes = [tuple(Change(one.before, one.after, one.why) for one in made.changes) for made in folded]
        return [made.text for made in folded], changes

    def _reasons(
        self, filled: Sequence[str], missing: Collection[int], texts: Sequence[str], parts: Sequence[int]
    ) -> list[Reason | None]:
        """Give why each text may not or cannot be said; what is looked for first is written last."""
        reasons: list[Reason | None] = [None] * len(texts)
        limit = self.message.max_parts or LONGEST
        if max(parts) > limit:
            for index in [index for index, count in enumerate(parts) if count > limit]:
                reasons[index] = Reason.TOO_MANY_PARTS
        for index, finding in self._content(texts).items():
            reasons[index] = finding.reason
        if not all(map(str.strip, filled)):
            for index in [index for index, text in enumerate(filled) if not text.strip()]:
                reasons[index] = Reason.EMPTY_TEXT
        for index in missing:
            reasons[index] = Reason.MISSING_VARIABLE
        if not is_whole("".join(texts)):
            for index in [index for index, text in enumerate(texts) if not is_whole(text)]:
                reasons[index] = _HALF
        return reasons

    def _savings(self, values: Sequence[Sequence[str]], ends: Sequence[str], parts: Sequence[int]) -> dict[int, int]:
        """Give how many parts folding would save, by place, for the texts that have more than one.

        Words and values are folded by themselves, each once: names repeat even where texts do not.
        """
        long = [index for index, count in enumerate(parts) if count > 1]
        if not long:
            return {}
        columns = [[self._plain(column[index]) for index in long] for column in values]
        template = self.message.template.with_literals(list(map(self._plain, self.message.template.literals)))
        texts = template.fill_columns(columns, len(long))
        texts = [text + self._plain(ends[index]) for text, index in zip(texts, long, strict=True)]
        counted = encoding.measure_many(texts).parts
        return {index: parts[index] - after for index, after in zip(long, counted, strict=True) if after < parts[index]}

    def _plain(self, words: str) -> str:
        plain = self._folded_words.get(words)
        if plain is None:
            if len(self._folded_words) > REMEMBERED:
                self._folded_words.clear()
            plain = self._folded_words[words] = encoding.fold(words, "french").text
        return plain
