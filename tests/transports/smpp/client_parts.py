"""What the tests of the client share: a centre to bind to, an account of it, messages, waiting."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from attrs import evolve

from smskit.kinds import Kind
from smskit.records import Outcome, Outgoing
from smskit.testing.factories import outgoing
from smskit.testing.smsc import SMSC
from smskit.transports.drivers import drive
from smskit.transports.smpp import Limits, Timers
from smskit.transports.smpp.client import Backoff, Centre, Conduct, Smpp

QUICK = Backoff(first_s=0.02, longest_s=0.05, every_s=0.01, steady_s=0.0)
TIMERS = Timers(response_s=1.0, drain_s=1.0, grace_s=5.0)


def centre_of(smsc: SMSC, **options) -> Centre:
    given = {
        "host": smsc.host, "port": smsc.port, "system_id": "shop", "password": "secret", "timers": TIMERS,
        "backoff": QUICK, "limits": Limits(window=8), "connect_s": 2.0, "bind_s": 2.0,
    }  # fmt: skip
    return Centre(**{**given, **options})


def account(smsc: SMSC, *, conduct: Conduct | None = None, binds: int = 1, window: int = 8, **options) -> Smpp:
    centre = centre_of(smsc, binds=binds, limits=Limits(window=window), **options.pop("centre", {}))
    return Smpp(centre, conduct=conduct or Conduct(patience_s=5.0), **options)


def messages(count: int, *, text: str | None = None, kind: Kind = Kind.MARKETING, **changes) -> list[Outgoing]:
    made = [evolve(outgoing(seq), kind=kind, **changes) for seq in range(count)]
    return made if text is None else [evolve(one, text=text) for one in made]


def submit(carrier: Smpp, some: Sequence[Outgoing]) -> tuple[Outcome, ...]:
    """Submit and give the outcomes in the order of the messages."""
    told = {outcome.reference: outcome for outcome in drive(carrier.submit(some))}
    assert len(told) == len(some)
    return tuple(told[one.reference] for one in some)


def kinds_of(outcomes: Sequence[Outcome]) -> list[str]:
    return [type(outcome).__name__ for outcome in outcomes]


def wait_for(condition: Callable[[], bool], timeout_s: float = 8.0) -> None:
    until = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.005)
