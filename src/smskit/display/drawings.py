"""What can be drawn to scale: lengths, heights and points, each with the interval that it is known to.

    Bars     a length for each label: the stages of a campaign
    Columns  a height for each label, side by side: the hours of a day
    Dots     a point with its interval for each label: what is estimated, such as a rate or a lift

One drawing has four faces: text, HTML, SVG and Vega-Lite. They carry counts and shares, never amounts of money.
"""

from __future__ import annotations

from enum import Enum
from math import isfinite

from attrs import field, frozen

from smskit.display.words import grouped, percent
from smskit.errors import InvalidInput

_LEAST = 1e-9  # a scale that is shorter is none


class Unit(Enum):
    """What the numbers of a drawing are: ``SHARE`` 0.05 is five per cent, ``POINTS`` 0.05 is five points more."""

    COUNT = "count"
    SHARE = "share"
    POINTS = "points"


def _finite(_: object, attribute: object, value: float | None) -> None:
    if value is not None and not isfinite(value):
        raise InvalidInput(
            f"{getattr(attribute, 'name', 'value')}={value!r} cannot be drawn; None stands for not known"
        )


@frozen
class Mark:
    """One thing that is drawn: ``Mark("delivered", 15_700, ("15 700", "97.7 %"), low=15_650, high=15_740)``.

    Args:
        label: what it is.
        value: how much; None is not known, and is never drawn as nothing.
        words: what is written behind it, column by column.
        low: where the true value begins; None without an interval.
        high: where it ends.
        is_muted: drawn in grey: it is there to compare with, or proves nothing.
    """

    label: str
    value: float | None = field(validator=_finite)
    words: tuple[str, ...] = ()
    low: float | None = field(default=None, kw_only=True, validator=_finite)
    high: float | None = field(default=None, kw_only=True, validator=_finite)
    is_muted: bool = field(default=False, kw_only=True)


def _mark(item: Mark | tuple[str, int, int]) -> Mark:
    if isinstance(item, Mark):
        return item
    label, value, whole = item
    share = value / whole if whole > 0 else None
    return Mark(label, share, (grouped(value), percent(share)))


@frozen(init=False)
class Drawing:
    """Marks on one scale; see :class:`Bars`, :class:`Columns` and :class:`Dots`.

    Args:
        marks: what is drawn, in order. A tuple ``("delivered", 15_700, 16_071)`` is a share of its own whole.
        title: above it.
        axis: what the numbers are of: ``messages``.
        unit: what the numbers are.
        whole: where the scale ends, unless a mark needs more; 1 where all marks are such tuples.
    """

    marks: tuple[Mark, ...]
    title: str
    axis: str
    unit: Unit
    whole: float

    def __init__(
        self,
        *marks: Mark | tuple[str, int, int],
        title: str = "",
        axis: str = "",
        unit: Unit = Unit.COUNT,
        whole: float = 0.0,
    ) -> None:
        shares = bool(marks) and all(isinstance(mark, tuple) for mark in marks)
        object.__setattr__(self, "marks", tuple(map(_mark, marks)))
        object.__setattr__(self, "title", title)
        object.__setattr__(self, "axis", axis)
        object.__setattr__(self, "unit", Unit.SHARE if shares else unit)
        object.__setattr__(self, "whole", 1.0 if shares else whole)

    @property
    def known(self) -> tuple[Mark, ...]:
        """The marks whose value is known."""
        return tuple(mark for mark in self.marks if mark.value is not None)

    @property
    def span(self) -> tuple[float, float]:
        """Where the scale begins and ends; nought is always on it, and it is never empty."""
        values = [value for mark in self.marks for value in (mark.value, mark.low, mark.high) if value is not None]
        low, high = min((0.0, *values)), max((0.0, *values))
        if not isinstance(self, Dots):
            # What is more than its whole is shown as full, and its words say how much it is.
            low, high = 0.0, self.whole or high
        if high - low < _LEAST:
            return low, low + 1.0
        # No end of an interval touches the edge of the picture: it might go on there.
        air = (high - low) * 0.06 if isinstance(self, Dots) else 0.0
        return (low - air if low < 0 else 0.0), (high + air if high > 0 else 0.0)

    def place(self, value: float) -> float:
        """Give where on the scale *value* is, from 0 to 1; what leaves the scale is at its end."""
        low, high = self.span
        return min(1.0, max(0.0, (value - low) / (high - low)))


@frozen(init=False)
class Bars(Drawing):
    """A length for each label: ``Bars(("delivered", 15_700, 16_071))``."""


@frozen(init=False)
class Columns(Drawing):
    """A height for each label, side by side: ``Columns(Mark("12 h", 310), Mark("13 h", 120), axis="clicks")``."""


@frozen(init=False)
class Dots(Drawing):
    """A point with its interval for each label: ``Dots(Mark("B", 0.015, low=0.005, high=0.023), unit=Unit.POINTS)``."""


Scaled = Bars | Columns | Dots
"""Any of them."""
