"""Which messages a report is about, and which runs they are read from."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime, tzinfo

from attrs import Attribute, field, frozen

from smskit.errors import InvalidInput, NaiveDatetime
from smskit.metrics.lines import instant_of, micros_of
from smskit.metrics.tally import BUCKET_MICROS
from smskit.records import Account, Event, EventLine, RunRecord, Send, SendLine

Segments = Mapping[int, str] | Callable[[int], str | None]
"""A word for each number, None (or no entry) for one that the report is not about."""


@frozen(eq=False)
class RunData:
    """A run, with what a report is counted from.

    Args:
        run: which it is.
        sends: its ledger in order of seq, as it stands.
        events: what came back. Receipts among them are passed over, the sends have them already.
        account: the store's account, which the counts are checked against; None checks nothing.
    """

    run: RunRecord
    sends: Iterable[Send] | Iterable[SendLine]
    events: Iterable[Event | EventLine] = ()
    account: Account | None = None


def _aware(_: object, attribute: Attribute[datetime | None], at: datetime | None) -> None:
    if at is not None and at.tzinfo is None:
        raise NaiveDatetime(attribute.name, at)


def _hours(_: object, __: Attribute[frozenset[int] | None], hours: frozenset[int] | None) -> None:
    if hours is not None and not all(0 <= hour < 24 for hour in hours):
        raise InvalidInput(f"hours={sorted(hours)} must be between 0 and 23")


def _some(words: Iterable[str] | str | None) -> frozenset[str] | None:
    return None if words is None else frozenset([words] if isinstance(words, str) else words)


def _numbers(hours: Iterable[int] | int | None) -> frozenset[int] | None:
    return None if hours is None else frozenset([hours] if isinstance(hours, int) else hours)


@frozen(kw_only=True)
class Scope:
    """Which messages of the runs are counted; every message by default.

    Args:
        since: handed over from then on; aware. A message that was not handed over counts by its planned time.
        until: handed over before then; aware.
        arms: of these arms of the experiment.
        hours: handed over in these hours of the day, 0 to 23, by the clocks of the report's zone.
        numbers: to these numbers, E.164 digits.
        segments: to numbers that this has a word for; the words can be cut by.

    Raises:
        NaiveDatetime: an instant without a zone.
        InvalidInput: an hour that no clock shows.
    """

    since: datetime | None = field(default=None, validator=_aware)
    until: datetime | None = field(default=None, validator=_aware)
    arms: frozenset[str] | None = field(default=None, converter=_some)
    hours: frozenset[int] | None = field(default=None, converter=_numbers, validator=_hours)
    numbers: Collection[int] | None = field(default=None, repr=False)
    segments: Segments | None = field(default=None, repr=False)

    @property
    def is_whole(self) -> bool:
        """Whether every message counts."""
        return self.is_of_everybody and self.since is None and self.until is None and self.arms is None

    @property
    def is_of_everybody(self) -> bool:
        """Whether no recipient is left out, so that an order of nobody known may be one of theirs."""
        return self.numbers is None and self.segments is None and self.hours is None


class Gate:
    """A scope, ready to be asked a million times."""

    def __init__(self, scope: Scope, zone: tzinfo) -> None:
        self.scope = scope
        self._zone = zone
        self._since = -_ALWAYS if scope.since is None else micros_of(scope.since)
        self._until = _ALWAYS if scope.until is None else micros_of(scope.until)
        self._segment = _lookup(scope.segments)
        self._in_hours: dict[int, bool] = {}

    def segment(self, number: int, arm: str, moment: int) -> str | None:
        """Give the segment of a message, ``""`` without any; None when the report is not about it."""
        scope = self.scope
        if not self._since <= moment < self._until or (scope.arms is not None and arm not in scope.arms):
            return None
        if scope.hours is not None and not self._is_in_hours(moment // BUCKET_MICROS):
            return None
        if scope.numbers is not None and number not in scope.numbers:
            return None
        return "" if self._segment is None else self._segment(number)

    def admits(self, moment: int) -> bool:
        """Say whether something of that moment may be of the report."""
        return self._since <= moment < self._until

    def _is_in_hours(self, bucket: int) -> bool:
        known = self._in_hours.get(bucket)
        if known is None:
            hour = instant_of(bucket * BUCKET_MICROS).astimezone(self._zone).hour
            known = self._in_hours[bucket] = hour in (self.scope.hours or ())
        return known


def _lookup(segments: Segments | None) -> Callable[[int], str | None] | None:
    if callable(segments) or segments is None:
        return segments
    return segments.get


_ALWAYS = 2**63
