"""The transport that needs no account: it plays carriers and handsets, and shows what would have been sent.

It has a clock of its own, so that two days of receipts, clicks and replies pass in a moment; and it is
seeded, so that the same messages have the same fate each time.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from attrs import field, frozen

from smskit.display import Bubble, Phone, Shown, View
from smskit.errors import UnsupportedFeature
from smskit.kinds import FailureClass, Kind
from smskit.phone.mask import mask
from smskit.protocols import Features, StopForm
from smskit.records import Outgoing
from smskit.transports.played import Played, Stage, hidden
from smskit.transports.story import FAILURES, REFUSALS, Behaviour, Delays, Story

if TYPE_CHECKING:
    from smskit.transports.rcs_sandbox import RcsSandbox
    from smskit.transports.rcs_story import RcsBehaviour

SANDBOX_FEATURES = Features(
    largest_batch=100,
    idempotent=True,
    can_be_asked=True,
    live=False,
    stop={"*": StopForm("STOP au 36180")},
    validity_s=(1, 7 * 86_400),
)

_SHORT_LINK = re.compile(r"https?://\S+/([0-9A-Za-z]{7})\b")


def token_in(text: str, /) -> str | None:
    """Give the token of the first short link in *text*: ``https://host/`` and seven letters or digits."""
    found = _SHORT_LINK.search(text)
    return found.group(1) if found else None


@frozen
class SentMessage(Shown):
    """One message as the handset shows it; ``print`` shows its text, its ``repr`` does not."""

    number: int = field(repr=mask)
    text: str = field(repr=hidden)
    sender: str
    parts: int
    reference: str
    at: datetime
    kind: Kind

    def view(self) -> View:
        """Give the handset."""
        parts = f"{self.parts} part" if self.parts == 1 else f"{self.parts} parts"
        bubble = Bubble([self.text], note=f"{parts} · {self.at:%Y-%m-%d %H:%M} UTC")
        return View(f"to {mask(self.number)}", Phone(self.sender, bubble))


class Sandbox(Played[SentMessage]):
    """A transport that plays: implements ``Transport``, ``Asks`` and ``Polls``, and needs no sender.

    It takes SMS; its :attr:`rcs` is a second transport that takes rich messages.

    The fate of a message follows from the seed, its reference and its number alone, never from batches or
    order; but who answers over one channel does not answer over the other. A sandbox serves one thread at a time.

    Args:
        seed: another seed, other fates.
        starts_at: where its clock stands at first; None waits for :meth:`start`, which a run calls with the
            time of its plan, and shows the machine's time until then.
        refused: share of messages that are refused at once.
        postponed: share of messages that are put off once, and taken when they are offered again.
        unanswered: share of messages that are taken without an answer: in doubt until :meth:`ask` is asked.
        delivered: share of the accepted messages that arrive.
        clicked: share of the delivered messages with a short link in which a person opens it.
        scanned: the same for machines, which open it within 3 seconds.
        stopped: share of the delivered messages that are answered with STOP, in one of its spellings.
        replied: share of the delivered messages that are answered with something else.
        failures: weights of the classes of what does not arrive; a number that does not exist never does.
        refusals: weights of the classes of what is refused at once.
        delays: how long things take, and how often the carrier tells of them.
        untidy: events come twice, late and in the wrong order, clicks and replies without the reference, as
            they do in life.
        links: finds the token of the short link in a text; by default a URL that ends in 7 letters or digits.
        keep: whether messages can be read back; False forgets the texts of a campaign of millions.
        features: what it pretends to be able to do.
        rcs: how handsets behave over RCS; None takes the defaults of :class:`RcsBehaviour`.

    Raises:
        InvalidInput: a share outside 0 to 1, weights that are all zero, a negative delay.
        NaiveDatetime: *starts_at* has no zone.
    """

    name = "sandbox"

    def __init__(
        self,
        seed: int = 0,
        *,
        starts_at: datetime | None = None,
        refused: float = 0.0,
        postponed: float = 0.0,
        unanswered: float = 0.0,
        delivered: float = 0.96,
        clicked: float = 0.08,
        scanned: float = 0.02,
        stopped: float = 0.008,
        replied: float = 0.01,
        failures: Mapping[FailureClass, float] = FAILURES,
        refusals: Mapping[FailureClass, float] = REFUSALS,
        delays: Delays | None = None,
        untidy: bool = False,
        links: Callable[[str], str | None] = token_in,
        keep: bool = True,
        features: Features = SANDBOX_FEATURES,
        rcs: RcsBehaviour | None = None,
    ) -> None:
        self.behaviour = Behaviour(
            refused=refused, postponed=postponed, unanswered=unanswered, delivered=delivered, clicked=clicked,
            scanned=scanned, stopped=stopped, replied=replied, failures=failures, refusals=refusals,
            delays=delays or Delays(), untidy=untidy,
        )  # fmt: skip
        every_s = self.behaviour.delays.heard_every_s
        super().__init__(Stage(seed, starts_at), features, heard_every_s=every_s, keep=keep)
        self._links = links
        self._rcs = rcs

    @classmethod
    def quiet(cls, seed: int = 0, *, starts_at: datetime | None = None, keep: bool = True) -> Sandbox:
        """Give one in which everything arrives and nobody clicks or answers: for tests that look at texts."""
        from smskit.transports.rcs_story import RcsBehaviour

        return cls(
            seed, starts_at=starts_at, keep=keep, delivered=1, clicked=0, scanned=0, stopped=0, replied=0,
            rcs=RcsBehaviour.quiet(),
        )  # fmt: skip

    @cached_property
    def rcs(self) -> RcsSandbox:
        """The transport for rich messages: the same clock, seed and people, an outbox and events of its own."""
        # Late, as it is the only part of the sandbox that reads rich messages.
        from smskit.transports.rcs_sandbox import RcsSandbox
        from smskit.transports.rcs_story import RcsBehaviour

        return RcsSandbox(
            self._stage,
            self.behaviour,
            self._rcs or RcsBehaviour(),
            links=self._links,
            keep=self._outbox is not None,
        )

    def _check(self, message: Outgoing) -> None:
        if message.rich is not None:
            raise UnsupportedFeature(self.name, "rich messages (its .rcs does)")

    def _story(self, message: Outgoing) -> Story:
        return Story(
            seed=self.seed,
            reference=message.reference,
            number=message.number,
            token=self._links(message.text),
            behaviour=self.behaviour,
        )

    def _kept(self, message: Outgoing, now: datetime) -> SentMessage:
        return SentMessage(
            number=message.number,
            text=message.text,
            sender=message.sender,
            parts=message.parts,
            reference=message.reference,
            at=now,
            kind=message.kind,
        )
