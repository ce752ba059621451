"""What is wrong with a message, or dearer than it need be: where, by which rule, how much, and how much is allowed."""

from __future__ import annotations

from collections.abc import Iterable

from attrs import frozen

from smskit.display import Level, Note
from smskit.errors import InvalidContent


@frozen
class Finding:
    """One thing to mend.

    Args:
        path: the member of the RBM JSON, such as ``contentMessage.suggestions[0].reply.text``; empty for the whole.
        rule: a limit by its id in ``LIMITS`` (``card.title.max``), or a rule of form (``form.missing``).
        actual: what was found; a count wherever there is one, and never the text of the message.
        limit: what is allowed.
        unit: what both count; empty for words.
        level: ERROR is refused by the platform, WARNING may be refused or costs more, INFO looks worse.
        advice: what to do, where that does not follow.
    """

    path: str
    rule: str
    actual: int | str
    limit: int | str
    unit: str = ""
    level: Level = Level.ERROR
    advice: str = ""

    def under(self, path: str, /) -> Finding:
        """Give the same finding in something larger: its path with *path* before it."""
        joined = f"{path}.{self.path}" if self.path and not self.path.startswith("[") else path + self.path
        return Finding(joined, self.rule, self.actual, self.limit, self.unit, self.level, self.advice)

    def __str__(self) -> str:
        advice = f"; {self.advice}" if self.advice else ""
        return f"{self.path or 'the message'}: {self._contrast()} ({self.rule}){advice}"

    def _contrast(self) -> str:
        if isinstance(self.actual, str) or isinstance(self.limit, str):
            return f"{self.actual} where there should be {self.limit}"
        bound = "at least" if self.actual < self.limit else "at most"
        return f"{self.actual} {self.unit}, {bound} {self.limit}"


def errors_of(findings: Iterable[Finding]) -> list[Finding]:
    """Give those that the platform refuses."""
    return [one for one in findings if one.level is Level.ERROR]


def refuse(findings: Iterable[Finding]) -> None:
    """Raise when any of *findings* is an error.

    Raises:
        InvalidContent: with path, rule, actual and limit of the first, and every one in words.
    """
    errors = errors_of(findings)
    if errors:
        first = errors[0]
        raise InvalidContent(first.path, first.rule, first.actual, first.limit, [str(one) for one in errors])


def notes_of(findings: Iterable[Finding]) -> list[Note]:
    """Give *findings* to be shown, errors first."""
    listed = list(findings)
    by_level = ((level, [str(one) for one in listed if one.level is level]) for level in reversed(Level))
    return [Note(*texts, level=level) for level, texts in by_level if texts]
