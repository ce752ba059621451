"""How often one message is posted when the answer is lost: by the carriers' own packages, and by us.

An answer of 500 or 503, or none at all after the request was read, leaves open whether the message was taken. Whoever
posts it again may send it twice. What the packages do is printed; what we do is held.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tests.oracles.conftest import POSTS
from tests.oracles.packages import ORACLES

AMBIGUOUS = ("500", "503", "closed")
REPEATS = {"infobip": 3}
"""Who takes the very same request once, however often it comes (by our messageId): there it is asked again."""

ATTEMPTS = 3
"""How often a message is offered that was certainly not taken."""


@pytest.mark.parametrize("name", ORACLES)
def test_a_message_whose_answer_is_lost_is_posted_once(
    name: str, recorded: Callable[..., Any], record_property: Callable[[str, object], None]
):
    told = recorded("posts", name)
    counts = {what: (len(one["ours"]), len(one["theirs"])) for what, one in told.items()}
    row = "".join(f"{f'{ours} / {theirs}':>10}" for ours, theirs in counts.values())
    record_property(POSTS, f"{name:16}{row}")  # printed at the end: see conftest
    for what in AMBIGUOUS:
        assert counts[what][0] == REPEATS.get(name, 1), what
        assert len({tuple(one) for one in told[what]["ours"]}) == 1, f"{what}: not the very same request"
        assert all(outcome.startswith("Unanswered(") for outcome in told[what]["outcomes"]), told[what]["outcomes"]
        assert counts[what][1] >= 1, f"{what}: the package sent nothing"


@pytest.mark.parametrize("name", ORACLES)
def test_a_message_that_was_not_taken_is_offered_again(name: str, recorded: Callable[..., Any]):
    told = recorded("posts", name)["429"]
    assert len(told["ours"]) == ATTEMPTS
    assert all(outcome.startswith("Postponed(") for outcome in told["outcomes"]), told["outcomes"]
