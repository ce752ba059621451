"""What a carrier answered, as far as it makes sense; runs and clients look at it alike."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from attrs import evolve

from smskit.errors import TransportError
from smskit.kinds import FailureClass
from smskit.records import Accepted, Outcome, Postponed, Refused, Unanswered
from smskit.transports.outcomes import makes_sense, remembered, understood

CREDIT = FailureClass.INSUFFICIENT_CREDIT
A, B = Accepted("a", "1", 2), Refused("b", CREDIT, "402")


class Count(int):
    """A number of somebody's own kind."""


ANSWERS: list[tuple[str, list[Any], list[Outcome]]] = [
    # what                                answer                                     understood
    ("nothing", [], []),
    ("one for each", [A, B, Postponed("c", CREDIT, 1.5), Unanswered("d")], [A, B, Postponed("c", CREDIT, 1.5), Unanswered("d")]),
    ("the same twice", [A, B, A], [A, B]),
    ("taken and refused at once", [A, Refused("a", CREDIT)], [Unanswered("a")]),
    ("taken twice under two names", [A, evolve(A, provider_id="2"), A], [Unanswered("a")]),
    ("something else among them", [A, "b", None, 7], [A]),
    ("a failure that is a text", [Refused("b", "credit"), A], [A]),  # type: ignore[arg-type]
    ("a reference that is a number", [Accepted(7), A], [A]),  # type: ignore[arg-type]
    ("parts of somebody's own kind of number", [Accepted("a", None, Count(2))], [Accepted("a", None, Count(2))]),
    ("a wait that is a text", [Postponed("c", CREDIT, "soon")], []),  # type: ignore[arg-type]
]  # fmt: skip


@pytest.mark.parametrize(("answer", "wanted"), [row[1:] for row in ANSWERS], ids=[row[0] for row in ANSWERS])
def test_what_makes_sense_is_taken_and_what_contradicts_itself_is_in_doubt(
    answer: list[Any], wanted: list[Outcome]
) -> None:
    def told() -> Iterator[Any]:
        yield from answer

    for given in (answer, tuple(answer), told()):
        assert dict(understood("carrier", given)) == {outcome.reference: outcome for outcome in wanted}


@pytest.mark.parametrize("nonsense", [None, 7, A], ids=["nothing", "a number", "one outcome alone"])
def test_an_answer_without_outcomes_is_none(nonsense: object) -> None:
    with pytest.raises(TransportError) as told:
        understood("carrier", nonsense)
    assert not told.value.retryable
    with pytest.raises(TransportError):
        remembered("carrier", nonsense)


def test_what_is_remembered_as_nonsense_was_not_forgotten() -> None:
    assert remembered("carrier", {"a": A, "b": "sent"}) == {"a": A, "b": Unanswered("b")}
    assert not makes_sense("sent")
