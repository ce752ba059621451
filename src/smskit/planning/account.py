"""The sums of a plan: where each row went, and why some messages need more parts than others."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import field, frozen

from smskit.kinds import Reason


@frozen
class PlanAccount:
    """Where each row read went; the promise is that it closes."""

    rows: int
    to_send: int
    held_out: int
    deferred: int
    blocked: Mapping[Reason, int]

    @property
    def closes(self) -> bool:
        """Whether every row has exactly one disposition."""
        return self.rows == self.to_send + self.held_out + self.deferred + sum(self.blocked.values())


@frozen
class Longer:
    """Messages that need more parts than most, and an example of the character that did it.

    Args:
        messages: how many messages need more parts than the commonest number.
        most_parts: what the longest of them needs.
        saved: parts that folding with the French profile would save over the whole plan.
        character: one that GSM-7 lacks, empty when the texts are simply long.
        variable: where it came from, empty when it stands in the template itself.
        value: what the contact brought.
    """

    messages: int
    most_parts: int
    saved: int
    character: str = ""
    variable: str = ""
    value: str = field(default="", repr=False)
