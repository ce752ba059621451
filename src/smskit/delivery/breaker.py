"""Stops a run whose carrier takes nothing: no credit, a key that was withdrawn, refusals one after the other."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Sequence
from typing import Final, TypeGuard

from smskit.delivery.line import Line
from smskit.delivery.patience import Patience
from smskit.delivery.settling import OF_THE_LINE
from smskit.errors import CarrierRefuses
from smskit.kinds import FailureClass
from smskit.protocols import Store
from smskit.records import Accepted, Outcome, Postponed, Refused

_OF_THE_NUMBER: Final = frozenset(
    {FailureClass.OPTED_OUT, FailureClass.CHANNEL_UNAVAILABLE, FailureClass.CAPABILITY_UNSUPPORTED}
)

FIRST_BATCH: Final = 100
"""How many messages a carrier gets at once that has not said a word yet."""


class Breaker:
    """Looks at what the carrier answers and at the receipts that come in meanwhile.

    It knows nothing of earlier resumes: whoever resumes has mended what was wrong, or is told again.
    """

    def __init__(
        self,
        store: Store,
        run_id: str,
        carrier: str,
        patience: Patience,
        other_ways: frozenset[FailureClass] = frozenset(),
    ) -> None:
        self._store = store
        self._run_id = run_id
        self._carrier = carrier
        self._patience = patience
        self._other_ways = other_ways
        self._answered = deque[FailureClass | None](maxlen=patience.burst)
        self._silent = 0
        self._is_heard = False
        told, self._mark = store.failures(run_id)
        self._was_without_credit = FailureClass.INSUFFICIENT_CREDIT in told

    async def heed_balance(self, line: Line) -> None:
        """Look whether the account has credit again, where receipts of this run told before that it had none.

        A carrier that tells so only by receipt would take all the rest meanwhile, and send none of it.

        Raises:
            CarrierRefuses: it has none. A carrier that does not tell the balance is believed to have some.
        """
        if self._was_without_credit and self._patience.heeds_balance:
            balance = await line.balance()
            if balance is not None and balance.amount <= 0:
                raise CarrierRefuses(self._carrier, FailureClass.INSUFFICIENT_CREDIT.value)

    def most(self, limit: int) -> int:
        """Give how many messages may be risked at once, of the *limit* that the carrier takes.

        A page of a portal in place of the carrier's answer leaves a batch in doubt. So as long as it has not said a
        word, and after each batch without one, batches are small.
        """
        return limit if self._is_heard else min(limit, FIRST_BATCH)

    def heed_receipts(self) -> None:
        """Look at the receipts that came in since the last call; some carriers tell only so that the credit is gone.

        Raises:
            CarrierRefuses: one of them tells a failure that every other message would meet too.
        """
        failures, self._mark = self._store.failures(self._run_id, after=self._mark)
        for failure in failures:
            if failure.is_of_account and failure not in self._other_ways:
                raise CarrierRefuses(self._carrier, failure.value)

    def judge(self, answers: Sequence[Outcome | None]) -> CarrierRefuses | None:
        """Give what the run must stop with, after the answers about one batch; None when it may go on."""
        for answer in answers:
            if not isinstance(answer, (Refused, Postponed)) or answer.failure in self._other_ways:
                continue
            if answer.failure.is_of_account:
                return CarrierRefuses(self._carrier, answer.failure.value, answer.code)
        return self._count_silence(answers) or self._count_refusals(answers)

    def _count_silence(self, answers: Sequence[Outcome | None]) -> CarrierRefuses | None:
        self._is_heard = any(map(_is_word, answers))
        if self._is_heard:
            self._silent = 0
            return None
        self._silent += 1
        if self._silent < self._patience.silent_batches:
            return None
        return CarrierRefuses(self._carrier, f"no answer to {self._silent} batches in a row")

    def _count_refusals(self, answers: Sequence[Outcome | None]) -> CarrierRefuses | None:
        most = self._patience.burst
        for answer in answers:
            if isinstance(answer, Accepted):
                self._answered.append(None)
            elif _is_final(answer) and is_carriers(answer.failure):
                self._answered.append(answer.failure)
        refused = Counter(failure for failure in self._answered if failure is not None)
        if len(self._answered) < most or refused.total() <= self._patience.refused * most:
            return None
        usual = refused.most_common(1)[0][0].value
        told = f"of the last {most} messages {refused.total()} were refused, most of them for {usual}"
        return CarrierRefuses(self._carrier, told)


def _is_word(answer: Outcome | None) -> bool:
    """Whether the carrier said something of a message; what it was never offered, because another was lost, is none."""
    if isinstance(answer, Postponed):
        return answer.failure not in OF_THE_LINE
    return isinstance(answer, (Accepted, Refused))


def _is_final(answer: Outcome | None) -> TypeGuard[Refused | Postponed]:
    """Whether the message is refused; one put off for the account is, where another takes its place."""
    return isinstance(answer, Refused) or (isinstance(answer, Postponed) and answer.failure.is_of_account)


def is_carriers(failure: FailureClass) -> bool:
    """Whether a refusal says more of the carrier or the campaign than of the one number."""
    return not failure.is_permanent and failure not in _OF_THE_NUMBER
