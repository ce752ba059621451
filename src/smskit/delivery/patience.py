"""How long a run keeps trying, and when it takes the carrier for broken."""

from __future__ import annotations

from typing import Final

from attrs import frozen

from smskit.errors import InvalidInput

LONGEST_WAIT_S: Final = 86_400.0
"""A carrier that wants more is asked again after a day."""


@frozen
class Progress:
    """How far a run has come: messages settled one way or another, of those planned. ``done`` never goes back."""

    done: int
    total: int


@frozen
class Patience:
    """How long an engine keeps trying.

    Args:
        attempts: hand-overs of one message that the carrier postponed, before it counts as rejected; and tries in a
            row to reach the carrier at all, before the run stops.
        wait: whether to sleep until deferred messages may leave, or to return and leave them remaining.
        burst: of how many answered messages, the last ones, more than *refused* may not be refused.
        refused: that share. A number that does not exist, or whose owner objected, is not held against the carrier.
        silent_batches: batches in a row without a single answer, before the run stops: more of them would only put
            more messages in doubt.
        heeds_balance: whether a run whose receipts told that the credit was used up waits for a balance above zero; an
            account that is billed afterwards may stand at zero or below for ever.

    Raises:
        InvalidInput: a count below 1, or a share that is none.
    """

    attempts: int = 5
    wait: bool = False
    burst: int = 200
    refused: float = 0.5
    silent_batches: int = 5
    heeds_balance: bool = True

    def __attrs_post_init__(self) -> None:
        if min(self.attempts, self.burst, self.silent_batches) < 1:
            raise InvalidInput("attempts=, burst= and silent_batches= of a Patience must be 1 or more")
        if not 0 <= self.refused <= 1:
            raise InvalidInput(f"refused={self.refused!r} is a share and must be from 0 to 1")


def pause_s(asked: float | None, usual: float) -> float:
    """Give the seconds to wait: what the carrier asks for, within a day, or else *usual*."""
    # In this order max gives 0 for a number that is none.
    return usual if asked is None else min(LONGEST_WAIT_S, max(0.0, asked))
