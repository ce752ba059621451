"""Whether chance could have made the arms as large as they are."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen

from smskit.display import Line, Note, Shown, Table, View, grouped
from smskit.errors import InvalidInput
from smskit.metrics.distributions import chi_square_above

SUSPECT_BELOW = 0.001
"""Small on purpose: each experiment is checked, and a warning that is false one time in twenty is soon not read."""


@frozen
class SampleRatio(Shown):
    """The sizes of the arms beside those that their weights ask for.

    When they do not fit, something other than chance chose who is in which arm (a filter after the draw, messages
    that only one arm lost, a file with an order of its own), and no rate of the experiment means what it says.

    Args:
        sizes: recipients by arm.
        expected: how many the weights ask for.
        chi_square: how far apart they are; None without recipients or with a single arm.
        p_value: how often chance makes them this far apart.
    """

    sizes: Mapping[str, int]
    expected: Mapping[str, float]
    chi_square: float | None
    p_value: float | None

    @property
    def is_suspect(self) -> bool:
        """Whether p is below 0.001: do not read the experiment before the reason is found."""
        return self.p_value is not None and self.p_value < SUSPECT_BELOW

    @property
    def warning(self) -> str | None:
        """What must be said; None when the arms are as large as chance makes them."""
        if not self.is_suspect:
            return None
        return (
            f"the arms are not as large as their weights ask for (p = {self.p_value:.1g}): something other than chance "
            f"chose who is in which; find it before you read any rate"
        )

    def view(self) -> View:
        """Give what is to be seen."""
        rows = [(name, size, grouped(round(self.expected[name]))) for name, size in self.sizes.items()]
        told = "nothing to check" if self.p_value is None else f"p = {self.p_value:.4f}: as chance makes them"
        warning = self.warning
        said = Line(f"sizes of the arms: {told}") if warning is None else Note(warning)
        return View("sample ratio", Table(("arm", "recipients", "expected"), rows, "lrr"), said)


def check_sample_ratio(sizes: Mapping[str, int], *, weights: Mapping[str, float] | None = None) -> SampleRatio:
    """Hold the sizes of the arms against their weights.

    Args:
        sizes: recipients by arm, as they were drawn: ``{arm.name: arm.counts.planned for arm in report.arms}``. Sizes
            after delivery would show the carrier and not the draw.
        weights: the weights of the draw, by arm; equal when None.

    Raises:
        InvalidInput: a size below zero, a weight not above zero, or weights of other arms.

    Source: Pearson's chi-square test; Fabijan et al., Diagnosing sample ratio mismatch, KDD 2019 (the threshold).
    """
    given = dict.fromkeys(sizes, 1.0) if weights is None else dict(weights)
    if set(given) != set(sizes):
        raise InvalidInput(f"weights= must name the arms {', '.join(sizes)}")
    if any(size < 0 for size in sizes.values()) or any(not 0 < weight < float("inf") for weight in given.values()):
        raise InvalidInput("every arm has a size of zero or more and a weight above zero")
    total, whole = sum(sizes.values()), sum(given.values())
    if not whole < float("inf"):
        raise InvalidInput("the weights are too large to be added up; their ratio is all that counts")
    expected = {name: total * given[name] / whole for name in sizes}
    if not total or len(sizes) < 2:
        return SampleRatio(dict(sizes), expected, None, None)
    apart = sum((size - expected[name]) ** 2 / expected[name] for name, size in sizes.items())
    return SampleRatio(dict(sizes), expected, apart, chi_square_above(apart, len(sizes) - 1))
