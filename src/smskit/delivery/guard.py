"""The last look before a message leaves: a plan may be hours old, and people say STOP meanwhile."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from attrs import field, frozen

from smskit.compliance import Desk, Opening
from smskit.delivery.expiry import Expiry
from smskit.delivery.settling import given_back
from smskit.kinds import Kind, Reason, SendState
from smskit.phone import zones_of
from smskit.protocols import Store
from smskit.records import ConsentAction, ConsentEvent, RunRecord, Send, Settlement, Suppression


def _words(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(words)


@frozen
class Limits:
    """What a run must keep to beside the law.

    Args:
        cap: how many messages of its kind a person may get in *cap_days*; None means no cap.
        budget_micros: what the whole campaign may cost; None means no limit.
        defer: whether a message that meets closed hours waits for the opening, or is cancelled.
        late_after_s: how long past its time a run may still begin; None means at any time. A run that has begun may
            go on whenever it likes.
        validity_s: for how many seconds a message is worth sending, and the carrier is to try; None means for ever.
        fallback_on: the conditions, in the words of ``FallbackCondition``, in which the message that stands by for one
            of this run takes its place.
        fallback_after_s: after so many seconds without a final word a message is taken back, and its place taken; None
            leaves the end of its time to the carrier.
    """

    cap: int | None = None
    cap_days: int = 7
    budget_micros: int | None = None
    defer: bool = True
    late_after_s: float | None = None
    validity_s: int | None = None
    fallback_on: tuple[str, ...] = field(default=(), converter=_words)
    fallback_after_s: int | None = None


def still_opposed(
    suppression: Suppression | None, history: Sequence[ConsentEvent], kind: Kind, now: datetime
) -> Reason | None:
    """Give why a number may not be sent to, as the store knows it at *now*; None when it may.

    An opposition ends marketing until a consent that was given later; it leaves codes and parcel notices alone
    (they are not what the person objected to). A number that we suppress ourselves gets nothing of any kind.
    """
    if suppression is not None and holds(suppression, now):
        return Reason.SUPPRESSED
    if kind is not Kind.MARKETING:
        return None
    withdrawn = [event.at for event in history if event.action is ConsentAction.WITHDRAWN]
    if suppression is not None and suppression.reason is Reason.OPTED_OUT:
        withdrawn.append(suppression.at)
    if not withdrawn:
        return None
    last = max(withdrawn)
    # At the same instant the opposition wins: the doubt goes to the person.
    granted = any(event.action is ConsentAction.GRANTED and event.at > last for event in history)
    return None if granted else Reason.OPTED_OUT


def opening_for(desk: Desk, number: int, territory: str, now: datetime) -> Opening:
    """Give when one number may be written to; in a country of several zones the number may tell its own."""
    zones = zones_of(number) if desk.has_zones(territory) else ()
    return desk.opening(territory, now, zones=zones or None)


def holds(suppression: Suppression, now: datetime) -> bool:
    """Whether an entry of ours forbids every kind of message at *now*, apart from what the person said."""
    if suppression.until is not None:
        return suppression.until > now
    return suppression.reason is not Reason.OPTED_OUT


class Guard:
    """Looks at each leased batch and says which of its messages must not leave now."""

    def __init__(self, store: Store, run: RunRecord, desk: Desk, limits: Limits, expiry: Expiry) -> None:
        self._store = store
        self._run = run
        self._desk = desk
        self._limits = limits
        self._expiry = expiry
        self._spent_micros: int | None = None

    def _spent_by_others(self, sends: Sequence[Send]) -> int:
        """Add up what the campaign has cost before *sends*, the first batch in hand; what is in doubt may have left."""
        store, spent = self._store, -sum(send.price_micros for send in sends)
        for run in store.runs(self._run.campaign):
            account = store.account(run.run_id)
            spent += account.cost_micros
            if account.in_doubt:
                spent += sum(s.price_micros for s in store.sends(run.run_id) if s.state is SendState.SUBMITTING)
        return spent

    def recount(self) -> None:
        """Forget what the campaign has cost: another of its runs was sent meanwhile. No batch is in hand."""
        self._spent_micros = None

    def refuse(self, sends: Sequence[Send], now: datetime, *, alone: bool = True) -> dict[int, Settlement]:
        """Give a settlement, by seq, for each send that must not leave now; the others may, and are spent.

        Args:
            sends: a leased batch.
            now: when they would leave.
            alone: whether no other batch waits for its answers. While one does, what is beyond the budget is only put
                back: answers that refuse messages free what those would have cost.
        """
        if self._limits.budget_micros is not None and self._spent_micros is None:
            self._spent_micros = self._spent_by_others(sends)
        refused = self.forbid(sends, now)
        for send in self._beyond_budget([send for send in sends if send.seq not in refused]):
            refused[send.seq] = _cancel(send, Reason.BUDGET, now) if alone else given_back(send)
        return refused

    def forbid(self, sends: Sequence[Send], now: datetime) -> dict[int, Settlement]:
        """Do as :meth:`refuse` without the budget, of messages that are counted in it already."""
        refused: dict[int, Settlement] = {}
        for send, reason in self._opposed(sends, now):
            refused.setdefault(send.seq, _cancel(send, reason, now))
        for send in sends:
            if send.seq not in refused and (settlement := self._too_late(send, now) or self._hours(send, now)):
                refused[send.seq] = settlement
        return refused

    def _opposed(self, sends: Sequence[Send], now: datetime) -> list[tuple[Send, Reason]]:
        numbers = [send.number for send in sends]
        kind, store = self._run.kind, self._store
        suppressed, histories = store.suppressed(numbers), store.consents(numbers)
        elsewhere = store.already_sent(self._run.campaign, numbers, other_than=self._run.run_id)
        capped = self._capped(numbers, now)
        found: list[tuple[Send, Reason]] = []
        for send in sends:
            number = send.number
            reason = still_opposed(suppressed.get(number), histories.get(number, ()), kind, now)
            if reason is None and number in elsewhere:
                reason = Reason.ALREADY_SENT
            if reason is None and number in capped:
                reason = Reason.FREQUENCY_CAP
            if reason is not None:
                found.append((send, reason))
        return found

    def _capped(self, numbers: Sequence[int], now: datetime) -> Mapping[int, int]:
        cap = self._limits.cap
        if cap is None:
            return {}
        since = now - timedelta(days=self._limits.cap_days)
        counts = self._store.recent_sends(numbers, since=since, kind=self._run.kind)
        # The store counts the message in hand too: it is already marked as submitting.
        return {number: count for number, count in counts.items() if count > cap}

    def _too_late(self, send: Send, now: datetime) -> Settlement | None:
        end = self._expiry.end(send)
        return None if end is None or now <= end else _cancel(send, Reason.EXPIRED, now)

    def _hours(self, send: Send, now: datetime) -> Settlement | None:
        opening = opening_for(self._desk, send.number, send.territory, now)
        if opening.at is not None and opening.at <= now:
            return None
        if opening.at is None or not self._limits.defer:
            return _cancel(send, Reason.QUIET_HOURS, now)
        end = self._expiry.end(send)
        if end is not None and opening.at > end:
            return _cancel(send, Reason.EXPIRED, now)
        self._expiry.keep(send)
        return Settlement(send.seq, SendState.PLANNED, not_before=_epoch_up(opening.at))

    def _beyond_budget(self, sends: Sequence[Send]) -> list[Send]:
        budget, spent = self._limits.budget_micros, self._spent_micros
        if budget is None or spent is None:
            return []
        beyond: list[Send] = []
        for send in sends:
            if spent + send.price_micros > budget:
                beyond.append(send)
            else:
                spent += send.price_micros
        self._spent_micros = spent
        return beyond

    def give_back(self, sends: Sequence[Send]) -> None:
        """Free the budget of messages that the carrier did not take after all."""
        if self._spent_micros is not None:
            self._spent_micros -= sum(send.price_micros for send in sends)


def _cancel(send: Send, reason: Reason, now: datetime) -> Settlement:
    return Settlement(send.seq, SendState.CANCELLED, reason=reason, at=now)


def _epoch_up(moment: datetime) -> int:
    # Rounded up: a message must not leave a fraction of a second too early.
    return -int(-moment.timestamp() // 1)
