"""What each contact would read: filled in, folded, with its STOP mention, weighed and judged.

People share first names and towns: a text is made once for each different set of values, not once for each row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from attrs import frozen

from smskit import encoding
from smskit.compliance import Finding
from smskit.kinds import Reason
from smskit.protocols import Shortener
from smskit.text import Message, is_whole

_HALF = Reason.CONTENT_FORBIDDEN
"""For a value with half a character: no alphabet holds it, and nothing is replaced unasked."""

LONGEST = 255
"""Parts that a concatenation header can number; a longer text cannot be sent at all."""

# Beyond this many different texts the memory is emptied rather than left to grow.
REMEMBERED = 20_000

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
    """

    text: str
    parts: int
    saved: int
    reason: Reason | None
    changes: tuple[Change, ...]


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

    def _made(self, keys: Sequence[Key]) -> Iterable[Said]:
        filled = [self._filled(key) for key in keys]
        folded = self.message.folded_many([text or "" for text in filled])
        texts = [one.text + self.suffix(key[0]) for one, key in zip(folded, keys, strict=True)]
        findings = self._content(texts)
        parts = encoding.measure_many(texts).parts
        saved = _savings(texts, parts)
        for index, text in enumerate(texts):
            reason = self._reason(filled[index], parts[index], findings.get(index)) if is_whole(text) else _HALF
            changes = tuple(Change(one.before, one.after, one.why) for one in folded[index].changes)
            yield Said(text, parts[index], saved.get(index, 0), reason, changes)

    def _filled(self, key: Key) -> str | None:
        values: list[str] = []
        for slot, variable in zip(self._slots, self.message.template.variables, strict=True):
            value = slot if isinstance(slot, str) else key[slot] or variable.fallback
            if value is None:
                return None
            values.append(value)
        return self.message.template.fill(*values)

    def _reason(self, filled: str | None, parts: int, finding: Finding | None) -> Reason | None:
        if filled is None:
            return Reason.MISSING_VARIABLE
        if not filled.strip():
            return Reason.EMPTY_TEXT
        if finding is not None:
            return finding.reason
        return Reason.TOO_MANY_PARTS if parts > (self.message.max_parts or LONGEST) else None


def _savings(texts: Sequence[str], parts: Sequence[int]) -> dict[int, int]:
    """Give how many parts folding would save, by place, for the texts that have more than one."""
    long = [index for index, count in enumerate(parts) if count > 1]
    if not long:
        return {}
    folded = encoding.fold_many([texts[index] for index in long], "french")
    counted = encoding.measure_many([one.text for one in folded]).parts
    return {index: parts[index] - after for index, after in zip(long, counted, strict=True) if after < parts[index]}
