"""The words of a report, in English and in French."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import TypedDict

from attrs import frozen

from smskit.display import ENGLISH, Tongue, tongue
from smskit.kinds import FailureClass
from smskit.metrics.benchmarks import Better, Metric, Threshold
from smskit.metrics.rates import Rate, RateBasis


@frozen
class Wording:
    """What a report says in one language, and how that language writes numbers.

    Args:
        tongue: how counts, shares, amounts and times are written.
        words: each word by its English one; what is not there is written as it is.
        failures: why messages do not arrive, in words for who is not of the trade.
        notes: patterns of English sentences, and the sentence to write instead.
    """

    tongue: Tongue
    words: Mapping[str, str]
    failures: Mapping[FailureClass, str]
    notes: tuple[tuple[re.Pattern[str], str], ...] = ()

    def __call__(self, word: str, /, **values: object) -> str:
        """Give *word* in this language, with *values* filled in."""
        return self.words.get(word, word).format(**values)

    def share(self, rate: Rate | None, /, *, digits: int = 1) -> str | None:
        """Write the value of a rate: ``97.7 %``; None for what is not known."""
        return None if rate is None or rate.value is None else self.tongue.percent(rate.value, digits=digits)

    def interval(self, rate: Rate | None, /, *, digits: int = 1) -> str | None:
        """Write where a rate lies: ``97.4 – 97.9 %``; None for what is not known."""
        if rate is None or rate.interval is None:
            return None
        low = self.tongue.number(rate.interval.low * 100, digits=digits)
        return f"{low} – {self.tongue.percent(rate.interval.high, digits=digits)}"

    def of(self, rate: Rate, /) -> str:
        """Say what a rate is a share of: ``15 703 of 16 071 sent``."""
        count = self.tongue.count
        basis = self.words.get(_BASES[rate.basis], rate.basis.value)
        return self("{part} of {whole} {basis}", part=count(rate.numerator), whole=count(rate.denominator), basis=basis)

    def of_what(self, rate: Rate, /) -> str:
        """Say of what: ``of sent``."""
        return self("of {basis}", basis=self.words.get(_BASES[rate.basis], rate.basis.value))

    def threshold(self, threshold: Threshold, /) -> str:
        """Write a threshold: ``> 98 %``."""
        sign = ">" if threshold.better is Better.ABOVE else "<"
        value = threshold.value if threshold.metric is Metric.ROI_PERCENT else threshold.value * 100
        decimals = max(0, -int(value.normalize().as_tuple().exponent))
        return f"{sign} {self.tongue.number(value, digits=decimals)} %"

    def note(self, note: str, /) -> tuple[str, str]:
        """Give a note in this language and the language that it is in; a note that is not known stays English."""
        for pattern, sentence in self.notes:
            found = pattern.fullmatch(note)
            if found:
                return found.expand(sentence), self.tongue.code
        return note, ENGLISH.code


# A basis is said with a word of its own: "sent" alone is a count, "of sent" is not the same word in every language.
_BASES = {basis: f"basis {basis.value}" for basis in RateBasis}

METRICS: Mapping[Metric, str] = {
    Metric.DELIVERY_RATE: "delivered",
    Metric.OPEN_RATE: "opened",
    Metric.CLICK_RATE: "clicked",
    Metric.REPLY_RATE: "replied",
    Metric.CONVERSION_RATE: "converted",
    Metric.OPT_OUT_RATE: "opted out",
    Metric.ROI_PERCENT: "ROI",
}


class _Saved(TypedDict):
    words: dict[str, str]
    failures: dict[str, str]
    notes: list[tuple[str, str]]


@cache
def wording(language: str = "en", /) -> Wording:
    """Give the words of *language*.

    Raises:
        InvalidInput: another language than ``en`` and ``fr``.
    """
    spoken = tongue(language)
    saved: dict[str, _Saved] = json.loads(files("smskit.metrics").joinpath("wordings.json").read_text(encoding="utf-8"))
    own = saved[spoken.code]
    failures = {FailureClass(name): words for name, words in own["failures"].items()}
    return Wording(spoken, own["words"], failures, tuple((re.compile(one), other) for one, other in own["notes"]))
