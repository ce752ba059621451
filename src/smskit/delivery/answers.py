"""What a carrier answered, as far as it makes sense; the rest leaves its messages in doubt."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from typing import Final, cast

from smskit.errors import TransportError
from smskit.kinds import FailureClass
from smskit.records import Accepted, Outcome, Postponed, Refused, Unanswered

logger = logging.getLogger("smskit.delivery")

LONGEST_WAIT_S: Final = 86_400.0

_NOTHING = type(None)
_TYPES: Final[Mapping[type, Mapping[str, tuple[type, ...]]]] = {
    Accepted: {"reference": (str,), "provider_id": (str, _NOTHING), "parts": (int, _NOTHING)},
    Refused: {"reference": (str,), "failure": (FailureClass,), "code": (str,)},
    Postponed: {
        "reference": (str,),
        "failure": (FailureClass,),
        "retry_after_s": (int, float, _NOTHING),
        "code": (str,),
    },
    Unanswered: {"reference": (str,)},
}


def understood(carrier: str, answer: object) -> Mapping[str, Outcome]:
    """Sort the outcomes of a submission by reference.

    An outcome of wrong types is left out, and one that another contradicts counts as unanswered: an answer misread
    as "not taken" would send a message twice.

    Raises:
        TransportError: the answer holds no outcomes at all.
    """
    if not isinstance(answer, Iterable):
        raise _nonsense(carrier)
    outcomes: dict[str, Outcome] = {}
    strange = 0
    for outcome in cast("Iterable[Outcome]", answer):
        if not makes_sense(outcome):
            strange += 1
            continue
        first = outcomes.setdefault(outcome.reference, outcome)
        if first is not outcome and first != outcome:
            outcomes[outcome.reference] = Unanswered(outcome.reference)
    if strange:
        logger.warning("%s: %d outcomes make no sense", carrier, strange)
    return outcomes


def remembered(carrier: str, answer: object) -> Mapping[str, Outcome]:
    """Give what a carrier tells of the references that it was asked about.

    A reference that is there with nonsense was not forgotten: it counts as unanswered, not as never taken.

    Raises:
        TransportError: the answer is no mapping.
    """
    if not isinstance(answer, Mapping):
        raise _nonsense(carrier)
    told = cast("Mapping[str, Outcome]", answer)
    return {name: outcome if makes_sense(outcome) else Unanswered(name) for name, outcome in told.items()}


def makes_sense(outcome: object) -> bool:
    """Whether *outcome* is one, with the types that it promises."""
    wanted = _TYPES.get(type(outcome), {})
    return bool(wanted) and all(isinstance(getattr(outcome, name), types) for name, types in wanted.items())


def pause_s(asked: float | None, usual: float) -> float:
    """Give the seconds to wait: what the carrier asks for, within a day, or else *usual*."""
    # In this order max gives 0 for a number that is none.
    return usual if asked is None else min(LONGEST_WAIT_S, max(0.0, asked))


def _nonsense(carrier: str) -> TransportError:
    return TransportError(carrier, "the answer makes no sense", retryable=False)
