"""What each contact would read: filled in, folded, with its STOP mention, counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from attrs import define, field, frozen

from smskit import encoding
from smskit.protocols import Shortener
from smskit.text import Message, Template


@frozen
class Change:
    """One replacement that folding made, over the whole audience."""

    before: str
    after: str
    why: str


@define
class Wording:
    """One arm's message, ready to be filled for a thousand contacts at a time.

    ``columns`` are the contacts' columns in the order of the message's variables.
    """

    message: Message
    columns: tuple[str, ...]
    shortener: Shortener | None
    changes: Counter[Change] = field(factory=Counter[Change])
    _template: Template = field(init=False)
    _fixed: tuple[encoding.Change, ...] = field(init=False, default=())

    def __attrs_post_init__(self) -> None:
        message = self.message
        self._template = message.template
        if message.folds and message.when is encoding.When.ALWAYS:
            # The fixed words are folded once, not once for each contact; what
            # names bring in is folded after filling.
            folded = [message.folded(literal) for literal in message.template.literals]
            self._fixed = tuple(change for one in folded for change in one.changes)
            self._template = message.template.with_literals([one.text for one in folded])

    def fill(self, cells: Callable[[str], Sequence[str]], count: int) -> tuple[list[str], list[int]]:
        """Give the texts of *count* contacts, and the places of those that lack a value (their text is empty).

        Args:
            cells: the cells of a column, one for each contact.
            count: how many contacts.
        """
        missing: set[int] = set()
        columns: list[Sequence[str]] = []
        names = iter(self.columns)
        for variable in self._template.variables:
            if variable.name in self.message.links:
                columns.append([self.message.placeholder(variable.name, self.shortener)] * count)
                continue
            values = cells(next(names))
            if "" in values:
                if variable.fallback is None:
                    missing.update(place for place, value in enumerate(values) if not value)
                else:
                    values = [value or variable.fallback for value in values]
            columns.append(values)
        texts = self._template.fill_columns(columns, count)
        if self.message.folds:
            texts = self._fold_filled(texts)
        for place in missing:
            texts[place] = ""
        return texts, sorted(missing)

    def _fold_filled(self, texts: list[str]) -> list[str]:
        for change in self._fixed:
            self.changes[Change(change.before, change.after, change.why)] += len(texts)
        folded = self.message.folded_many(texts)
        for one in folded:
            for change in one.changes:
                self.changes[Change(change.before, change.after, change.why)] += 1
        return [one.text for one in folded]


def savings(texts: Sequence[str], parts: Sequence[int]) -> list[int]:
    """Give how many parts folding with the French profile would save for each text."""
    folded = encoding.fold_many(texts, "french")
    counted = encoding.measure_many([one.text for one in folded]).parts
    return [max(0, before - after) for before, after in zip(parts, counted, strict=True)]
