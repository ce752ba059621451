"""What is said to every carrier, what is asked afterwards, and what a carrier's package is for the comparison."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any, ClassVar

from attrs import evolve, frozen
from tests.oracles.carrier import Answer, Request

from smskit.records import Outgoing, Taken
from smskit.testing.factories import outgoing
from smskit.transports.client import Client
from smskit.transports.wire.provider import HttpProvider

HOOK = "https://shop.example/sms/in"
NOW = datetime(2026, 6, 24, 10, 0, tzinfo=timezone.utc)
# Some packages look whether a time is ahead: it is so from today on, and on a whole minute as carriers like it.
LATER = datetime.now(timezone.utc).replace(second=0, microsecond=0) + timedelta(days=1)

PLAIN = "Bonjour, -15% jusqu'a dimanche & + ? = #1"
UNICODE = "Noël à Œuilly : ça 🎉"


@frozen
class Case:
    what: str
    messages: tuple[Outgoing, ...]
    callback: str = ""

    @property
    def message(self) -> Outgoing:
        """The first message, which tells what all of them have in common."""
        return self.messages[0]

    @property
    def is_unicode(self) -> bool:
        return self.message.text == UNICODE


def _said(text: str = PLAIN, **changes: Any) -> Outgoing:
    return evolve(outgoing(7, text=text), **changes)


CASES = {
    case.what: case
    for case in (
        Case("plain", (_said(),)),
        Case("unicode", (_said(UNICODE),)),
        Case("several", tuple(evolve(outgoing(seq, text=PLAIN), reference=f"run-{seq}") for seq in (7, 8, 9))),
        Case("scheduled", (_said(send_at=LATER),)),
        Case("validity", (_said(validity_s=7200),)),
        Case("callback", (_said(),), HOOK),
    )
}


Question = tuple[Callable[[Client], object], Callable[[], object]]

BEFORE = _said()
TAKEN = Taken(BEFORE.reference, BEFORE.number, "id-7")


def look_up(client: Client) -> object:
    return client.look_up([TAKEN])


def ask(client: Client) -> object:
    return client.ask([BEFORE])


def withdraw(client: Client) -> object:
    return client.withdraw("id-7")


def balance(client: Client) -> object:
    return client.balance()


class Oracle:
    """One carrier: its hosts, its package, our provider, and an answer that both understand."""

    hosts: ClassVar[Sequence[str]] = ()
    cases: ClassVar[Sequence[str]] = ("plain", "unicode", "callback")
    names_the_message: ClassVar[bool] = False
    log_in_at: ClassVar[Sequence[str]] = ()
    """Hosts that the package asks for a token, which our provider is given."""

    def ours(self, callback: str) -> HttpProvider:
        raise NotImplementedError

    def told(self, case: Case, provider: HttpProvider) -> str:
        """Give the address that our provider tells with *case*: with its reference where the carrier carries none."""
        return provider.callback_for(case.message) if self.names_the_message else provider.callback

    def theirs(self, case: Case, callback: str) -> object:
        """Send *case* with the carrier's package, and have receipts told to *callback*."""
        raise NotImplementedError

    def answer(self, request: Request) -> Answer:
        """Take what was sent."""
        raise NotImplementedError

    def questions(self) -> Mapping[str, Question]:
        """Give what is asked afterwards: by our client, and by the package."""
        return {}
