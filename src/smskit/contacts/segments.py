"""Segments: a named choice of contacts, and three ready-made ones.

>>> from smskit.contacts.predicates import F
>>> print(Segment("fidèles", F.ca_12_mois >= 200, F.dernier_achat.within(days=90)))
fidèles: ca_12_mois at least 200 and dernier_achat within 90 days
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from math import sqrt
from statistics import NormalDist
from typing import Protocol

from attrs import frozen

from smskit.contacts.conditions import AllOf, Predicate, Saved, all_of, checked
from smskit.contacts.operands import Json, Rows, SegmentContext
from smskit.contacts.predicates import F
from smskit.display import Line, Shown, View
from smskit.errors import InvalidInput
from smskit.records import Engagement

_FORMAT = "segment"
_VERSION = 1

# At the 5 % of buyers that the mission calls good (facts: smsmode, "KPI SMS", 2025), 200 contacts give 10 of
# them: the fewest from which a rate says anything. Below that a segment costs work and cannot be judged.
MIN_SIZE = 200
GOOD_CONVERSION = 0.05

LOYAL_SPENT = 200
LOYAL_DAYS = 90
NEW_DAYS = 30
INACTIVE_DAYS = 180


class Audience(Protocol):
    """Contacts that can be gone through in batches."""

    def batches(self) -> Iterable[Rows]:
        """Give the rows, batch by batch."""
        ...

    def resolve(self, name: str, /) -> str | None:
        """Give the column that *name* stands for, None when there is none."""
        ...

    @property
    def tags(self) -> frozenset[str]:
        """The groups that the contacts were read into."""
        ...

    @property
    def segments(self) -> tuple[Segment, ...]:
        """What they were narrowed to before."""
        ...


@frozen(init=False)
class Segment(Shown):
    """An audience chosen from contacts: a name, and conditions that all hold; without any, everybody."""

    name: str
    predicate: Predicate

    def __init__(self, name: str, /, *predicates: Predicate) -> None:
        if not name.strip():
            raise InvalidInput("a segment needs a name, for example Segment('fidèles', F.ca_12_mois >= 200)")
        # attrs writes __attrs_init__; pyright does not know of it.
        predicate = all_of([checked(predicate) for predicate in predicates])
        self.__attrs_init__(name, predicate)  # pyright: ignore[reportUnknownMemberType, reportAttributeAccessIssue]

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that the contacts have to have."""
        return self.predicate.columns

    @property
    def needs_engagement(self) -> bool:
        """Whether the store has to be asked about earlier runs."""
        return self.predicate.needs_engagement

    def check(self, resolve: Callable[[str], str | None], known: Iterable[str]) -> None:
        """Make sure that every column is there, before a row is read.

        Raises:
            UnknownColumn: names the first that is not.
        """
        self.predicate.check(resolve, known)

    def mask(self, rows: Rows, context: SegmentContext, /) -> list[bool]:
        """Say of each row whether it is in the segment; raises as :meth:`Predicate.mask` does."""
        return self.predicate.mask(rows, context)

    def size(self, contacts: Audience, /, *, at: datetime, engagement: Mapping[int, Engagement] | None = None) -> int:
        """Count the rows of *contacts* that are in the segment, duplicates and opt-outs among them.

        Args:
            contacts: where to choose from; they are gone through once.
            at: the instant that days are counted back from, and in whose zone.
            engagement: what earlier runs know, by number, for segments that need it.

        Raises:
            UnknownColumn: a column is missing.
            NaiveDatetime: *at* has no zone.
            InvalidInput: the segment needs earlier runs and *engagement* is None.
        """
        context = SegmentContext(at, contacts.resolve, engagement, contacts.tags)
        predicate = all_of([self.predicate, *(segment.predicate for segment in contacts.segments)])
        return sum(predicate.answers(batch, context).matches for batch in contacts.batches())

    def warning(self, size: int, /, *, min_size: int = MIN_SIZE) -> str | None:
        """Say why a segment of *size* contacts is too small to be worth a message of its own.

        Args:
            size: how many contacts it has.
            min_size: from how many on there is nothing to warn of.

        Returns:
            One sentence with the precision that *size* allows at a conversion of 5 %, None from *min_size*
            on.
        """
        if size >= min_size:
            return None
        if size <= 0:
            return f"segment {self.name!r} is empty"
        margin = NormalDist().inv_cdf(0.975) * sqrt(GOOD_CONVERSION * (1 - GOOD_CONVERSION) / size)
        return (
            f"segment {self.name!r} has {size} contacts, fewer than {min_size}: a conversion of "
            f"{GOOD_CONVERSION:.0%} would be known to ±{margin * 100:.1f} points only; widen the segment"
        )

    def to_dict(self) -> dict[str, Json]:
        """Give the segment as JSON values."""
        return {"smskit": _FORMAT, "version": _VERSION, "name": self.name, "where": self.predicate.to_dict()}

    def to_json(self) -> str:
        """Save the segment; :meth:`from_json` reads it back."""
        return json.dumps(self.to_dict(), ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str, /) -> Segment:
        """Read a saved segment.

        Raises:
            InvalidInput: not a saved segment, one of a newer version, or one with a test that is not known.
        """
        saved = Saved.document(text, _FORMAT, _VERSION)
        return cls(saved.text("name"), saved.predicate("where"))

    def view(self) -> View:
        """Give each condition on a line of its own, and what it asks of the contacts."""
        parts = self.predicate.parts if isinstance(self.predicate, AllOf) else ()
        asked = [*self.columns, *(["earlier runs of the store"] if self.needs_engagement else [])]
        return View(
            f"segment · {self.name}",
            *(Line(f"· {condition}") for condition in parts or (self.predicate,)),
            *([Line(f"reads {', '.join(asked)}")] if asked else []),
        )

    def __str__(self) -> str:
        return f"{self.name}: {self.predicate}"


# ---------------------------------------------------------------- ready-made segments


def loyal(
    *,
    spent: str = "ca_12_mois",
    at_least: int = LOYAL_SPENT,
    last_purchase: str = "dernier_achat",
    days: int = LOYAL_DAYS,
) -> Segment:
    """Choose customers who spent *at_least* over a year and bought within *days*.

    Args:
        spent: the column of what they spent.
        at_least: in the currency of that column.
        last_purchase: the column of the last purchase.
        days: how recent it is.
    """
    return Segment("loyal", F[spent] >= at_least, F[last_purchase].within(days=days))


def new(*, first_purchase: str = "premier_achat", days: int = NEW_DAYS) -> Segment:
    """Choose customers whose first purchase is at most *days* old."""
    return Segment("new", F[first_purchase].within(days=days))


def inactive(*, last_purchase: str = "dernier_achat", days: int = INACTIVE_DAYS) -> Segment:
    """Choose customers whose last purchase is more than *days* old; who never bought is a prospect."""
    return Segment("inactive", F[last_purchase].older_than(days=days))
