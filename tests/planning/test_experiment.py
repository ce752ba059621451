"""The draw: the same salt draws the same people, and the shares are those that were asked for."""

import pytest

from smskit.errors import InvalidInput
from smskit.planning import Experiment

NUMBERS = [33_612_000_000 + place for place in range(20_000)]


def test_the_same_salt_draws_the_same_people_and_another_draws_others():
    first = Experiment("soldes", 0.1).draw(NUMBERS)
    assert first == Experiment("soldes", 0.1).draw(NUMBERS)
    assert first != Experiment("rentrée", 0.1).draw(NUMBERS)


def test_a_person_is_drawn_alone_as_in_a_crowd():
    held, _ = Experiment("soldes", 0.1).draw(NUMBERS)
    assert [Experiment("soldes", 0.1).draw([number])[0][0] for number in NUMBERS[:200]] == held[:200]


def test_shares_are_kept():
    held, arms = Experiment("soldes", 0.1, {"A": 3, "B": 1}).draw(NUMBERS)
    assert sum(held) / len(held) == pytest.approx(0.1, abs=0.01)
    assert arms.count("A") / len(arms) == pytest.approx(0.75, abs=0.015)
    held_in_a = sum(one for one, arm in zip(held, arms, strict=True) if arm == "A")
    assert held_in_a / arms.count("A") == pytest.approx(0.1, abs=0.012)


def test_a_larger_hold_out_holds_those_of_the_smaller_one():
    small, _ = Experiment("soldes", 0.05).draw(NUMBERS)
    large, _ = Experiment("soldes", 0.2).draw(NUMBERS)
    assert all(b for a, b in zip(small, large, strict=True) if a)


WRONG = [
    ("everybody held out", dict(holdout=1.0)),
    ("a negative share", dict(holdout=-0.1)),
    ("no number at all", dict(holdout=float("nan"))),
    ("an arm without weight", dict(weights={"A": 1, "B": 0})),
    ("an arm without a name", dict(weights={"": 1, "B": 1})),
]


@pytest.mark.parametrize("arguments", [case[1] for case in WRONG], ids=[case[0] for case in WRONG])
def test_wrong_shares_are_refused(arguments):
    with pytest.raises(InvalidInput):
        Experiment("soldes", **arguments)
