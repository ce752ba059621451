"""What a carrier answered, as far as it makes sense; the rest leaves its messages in doubt."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from operator import attrgetter
from typing import Final, cast

from smskit.errors import TransportError
from smskit.kinds import FailureClass
from smskit.records import Accepted, Outcome, Postponed, Refused, Unanswered

logger = logging.getLogger("smskit.transports")

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
    told = tuple(cast("Iterable[Outcome]", answer))
    if _all_make_sense(told):
        # Nearly always so, and each is named once. There may be a thousand: the close look takes several times longer.
        at_once = {outcome.reference: outcome for outcome in told}
        if len(at_once) == len(told):
            return at_once
    outcomes: dict[str, Outcome] = {}
    strange = 0
    for outcome in told:
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


def _all_make_sense(outcomes: tuple[object, ...]) -> bool:
    """Whether all are outcomes with the very types that they promise; a false is no last word."""
    for kind in set(map(type, outcomes)):
        fields, alike = _TYPES.get(kind), [outcome for outcome in outcomes if type(outcome) is kind]
        if fields is None:
            return False
        if not all(set(map(type, map(attrgetter(name), alike))) <= set(types) for name, types in fields.items()):
            return False
    return True


def makes_sense(outcome: object) -> bool:
    """Whether *outcome* is one, with the types that it promises."""
    wanted = _TYPES.get(type(outcome), {})
    return bool(wanted) and all(isinstance(getattr(outcome, name), types) for name, types in wanted.items())


def _nonsense(carrier: str) -> TransportError:
    return TransportError(carrier, "the answer makes no sense", retryable=False)
