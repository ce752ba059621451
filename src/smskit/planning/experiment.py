"""Hold-out and arms: who is drawn is decided by a keyed hash of the number, so that it never changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import blake2b
from itertools import accumulate
from math import isfinite

from attrs import field, frozen

from smskit.errors import InvalidInput

_WHOLE = float(1 << 64)


def _weights(value: Mapping[str, float]) -> Mapping[str, float]:
    weights = dict(value)
    if any(not name for name in weights) or any(not weight > 0 for weight in weights.values()):
        raise InvalidInput("every arm needs a name and a weight above zero, for example {'A': 1, 'B': 1}")
    if not isfinite(sum(weights.values())):
        raise InvalidInput(f"the weights {weights} do not add up; take small ones, for example {{'A': 1, 'B': 1}}")
    return weights


def _share(_instance: object, _attribute: object, value: float) -> None:
    if not 0 <= value < 1:
        raise InvalidInput(f"holdout={value!r} must be a share from 0 to below 1, for example 0.1")


@frozen
class Experiment:
    """How an audience is drawn: first the hold-out, then the arms.

    Args:
        salt: usually the campaign's id. The same salt draws the same people in every process and every year.
        holdout: the share that is sent nothing, to measure what the campaign changed.
        weights: weight by arm; empty means a single arm.
    """

    salt: str
    holdout: float = field(default=0.0, validator=_share)
    weights: Mapping[str, float] = field(default={}, converter=_weights)

    @property
    def draws(self) -> bool:
        """Whether anything is drawn at all."""
        return self.holdout > 0 or len(self.weights) > 1

    def draw(self, numbers: Sequence[int]) -> tuple[list[bool], list[str]]:
        """Give, for each number, whether it is held out and the arm it belongs to.

        Two independent hashes: whoever is held out would have been in an arm all the same, so that arm and
        hold-out can be compared.
        """
        held = [point < self.holdout for point in self._points(numbers, b"holdout")] if self.holdout else []
        return held or [False] * len(numbers), self._arms(numbers)

    def _arms(self, numbers: Sequence[int]) -> list[str]:
        names = list(self.weights) or [""]
        if len(names) == 1:
            return names * len(numbers)
        total = sum(self.weights.values())
        bounds = [edge / total for edge in accumulate(self.weights.values())]
        bounds[-1] = 1.0
        return [
            next(name for name, bound in zip(names, bounds, strict=True) if point < bound)
            for point in self._points(numbers, b"arm")
        ]

    def _points(self, numbers: Sequence[int], purpose: bytes) -> list[float]:
        key = blake2b(self.salt.encode(), digest_size=32, person=purpose).digest()
        # Copying a keyed hasher costs half of keying a new one.
        keyed = blake2b(key=key, digest_size=8)
        points: list[float] = []
        for number in numbers:
            hasher = keyed.copy()
            hasher.update(number.to_bytes(8, "big"))
            points.append(int.from_bytes(hasher.digest(), "big") / _WHOLE)
        return points
