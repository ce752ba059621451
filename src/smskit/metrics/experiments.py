"""Planning an experiment: how many recipients, to see what, how surely."""

from __future__ import annotations

from enum import Enum

from attrs import field, frozen

from smskit.display import Facts, Line, Note, Shown, Table, View, grouped, percent
from smskit.errors import InvalidInput
from smskit.metrics.inference import POWER, detectable_lift, power_of, sample_size

ALPHA = 0.05

PEEKING = (
    "look at the result once, when every arm has its size: who looks ten times and stops when it pleases finds a "
    "difference in 19 of 100 experiments without any, not in 5; with sequential=True look whenever you like"
)


class Against(Enum):
    """Which arms are compared with which."""

    FIRST = "each with the first"
    EACH_OTHER = "all pairs"

    def comparisons(self, arms: int) -> int:
        """Give how many comparisons *arms* arms make."""
        return arms - 1 if self is Against.FIRST else arms * (arms - 1) // 2


@frozen
class ExperimentPlan(Shown):
    """How large an experiment is and what it finds; make one with :meth:`of`.

    Args:
        base: the share that is expected of the first arm, 0.10 for ten per cent.
        effect: the smallest difference that is found, in shares: 0.02 for two points, below zero for a loss.
        per_arm: recipients in each arm.
        power: how often a difference of that size is found.
        alpha: how often a difference is found where there is none, all comparisons together.
        arms: how many there are, with the first.
        against: which arms are compared with which.
    """

    base: float
    effect: float
    per_arm: int
    power: float = POWER
    alpha: float = ALPHA
    arms: int = 2
    against: Against = field(default=Against.FIRST, kw_only=True)

    def __attrs_post_init__(self) -> None:
        _comparisons(self.alpha, self.arms, self.against)
        for name, share in (("base", self.base), ("base + effect", self.base + self.effect)):
            if not 0 < share < 1:
                raise InvalidInput(f"{name}={share!r} must be between 0 and 1, for example 0.10 for ten per cent")
        if self.per_arm < 1 or not self.effect:
            raise InvalidInput(f"per_arm={self.per_arm!r} must be one or more, effect={self.effect!r} not zero")

    @classmethod
    def of(
        cls,
        base: float,
        *,
        absolute: float | None = None,
        relative: float | None = None,
        per_arm: int | None = None,
        power: float | None = None,
        alpha: float = ALPHA,
        arms: int = 2,
        against: Against = Against.FIRST,
    ) -> ExperimentPlan:
        """Work out what is left open: the size, the effect or the power.

        ``of(0.10, absolute=0.02)`` gives the size, ``of(0.10, per_arm=5000)`` the smallest effect, and
        ``of(0.10, absolute=0.02, per_arm=5000)`` the power.

        Args:
            base: the share that is expected of the first arm, 0.10 for ten per cent.
            absolute: the smallest difference worth knowing, 0.02 for two points.
            relative: the same as a share of *base*, 0.2 for twenty per cent more.
            per_arm: recipients in each arm.
            power: how often such a difference is to be found; 0.8 unless it is what is worked out.
            alpha: how often a difference may be found where there is none. With several comparisons each gets an
                equal share of it (Bonferroni; the first step of Holm's correction, which judges them afterwards).
            arms: how many there are, with the first.
            against: which arms are compared with which.

        Raises:
            InvalidInput: a share outside of 0 to 1, fewer than two arms, nothing or everything given, or arms so
                small that they find nothing.
        """
        comparisons = _comparisons(alpha, arms, against)
        confidence = 1 - alpha / comparisons
        effect = _effect(base, absolute, relative)
        if effect is None and per_arm is None:
            raise InvalidInput("say what is worth knowing (absolute= or relative=) or how many there are (per_arm=)")
        if effect is None:
            found = POWER if power is None else power
            effect = _smallest(base, per_arm or 0, found, confidence)
        elif per_arm is None:
            found = POWER if power is None else power
            per_arm = sample_size(base, base + effect, power=found, confidence=confidence)
        elif power is None:
            found = power_of(base, base + effect, per_arm, per_arm, confidence=confidence)
        else:
            raise InvalidInput("effect, per_arm and power are three ends of one string: leave one of them out")
        return cls(base, effect, per_arm or 0, found, alpha, arms, against=against)

    @property
    def relative(self) -> float:
        """The effect as a share of the base, 0.2 for twenty per cent more."""
        return self.effect / self.base

    @property
    def recipients(self) -> int:
        """Recipients in all arms together."""
        return self.per_arm * self.arms

    @property
    def confidence(self) -> float:
        """The confidence of each single comparison: 0.95 for two arms, 0.975 for three."""
        return 1 - self.alpha / self.against.comparisons(self.arms)

    def view(self) -> View:
        """Give what is to be seen."""
        other = self.base + self.effect
        title = f"experiment · {self.arms} arms · {_share(self.base)} or {_share(other)}"
        size = Facts(
            ("recipients in each arm", self.per_arm),
            ("in all", self.recipients),
            ("found", f"{percent(self.power, digits=0)} of the time"),
            ("false alarms", percent(self.alpha, digits=0)),
        )
        sentence = (
            f"With {grouped(self.per_arm)} recipients in each arm a change from {_share(self.base)} to {_share(other)} "
            f"({self.effect * 100:+.2g} points, {self.relative * 100:+.3g}\N{NARROW NO-BREAK SPACE}%) is found "
            f"{percent(self.power, digits=0)} of the time."
        )
        return View(title, size, Line(sentence), self._sizes(), Note(PEEKING))

    def _sizes(self) -> Table:
        """Say what other sizes would find, so that nobody cuts an audience too finely without knowing."""
        rows: list[tuple[str, str]] = []
        for size in (self.per_arm // 4, self.per_arm // 2, self.per_arm, self.per_arm * 2):
            lift = detectable_lift(size, size, base=self.base, power=_usual(self.power), confidence=self.confidence)
            found = "nothing" if lift >= 1 - self.base else f"+{lift * 100:#.3g} points"
            rows.append((grouped(size), found))
        return Table(
            ("in each arm", f"smallest rise found {percent(_usual(self.power), digits=0)} of the time"), rows, "rr"
        )


def _usual(power: float) -> float:
    # A power that was worked out can be next to nothing or next to certain: such a table would help nobody.
    return power if 0.5 <= power <= 0.99 else POWER


def _comparisons(alpha: float, arms: int, against: Against) -> int:
    if not 0 < alpha < 1:
        raise InvalidInput(f"alpha={alpha!r} must be between 0 and 1, for example 0.05")
    if arms < 2:
        raise InvalidInput(f"arms={arms!r}: an experiment has two arms or more")
    return against.comparisons(arms)


def _effect(base: float, absolute: float | None, relative: float | None) -> float | None:
    if absolute is not None and relative is not None:
        raise InvalidInput("say the smallest effect once: absolute= in points, or relative= to the base")
    return base * relative if relative is not None else absolute


def _smallest(base: float, per_arm: int, power: float, confidence: float) -> float:
    lift = detectable_lift(per_arm, per_arm, base=base, power=power, confidence=confidence)
    if lift >= 1 - base:
        raise InvalidInput(f"{per_arm} recipients in each arm find nothing at all; take more, or fewer arms")
    return lift


def _share(share: float) -> str:
    """Write a share with as many digits as tell it from its neighbours: 10.0 %, 11.74 %, 0.0101 %."""
    digits = next((one for one in range(1, 6) if abs(round(share, one + 2) - share) <= share / 1000), 6)
    return percent(share, digits=digits)
