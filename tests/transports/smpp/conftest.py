"""Sessions that are bound, from either side, and what passes over their wire."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from smskit.transports.smpp import (
    Asked,
    BindReceiver,
    BindReceiverResp,
    BindTransceiver,
    BindTransceiverResp,
    BindTransmitter,
    BindTransmitterResp,
    DeliverSm,
    Frame,
    Limits,
    Pdu,
    Request,
    Role,
    Session,
    SubmitSm,
    decode,
    encode,
)

ANSWERS_TO_BIND = {
    BindTransceiver: BindTransceiverResp,
    BindTransmitter: BindTransmitterResp,
    BindReceiver: BindReceiverResp,
}


class Side:
    """One session with short words for what the tests do to it."""

    def __init__(self, session: Session) -> None:
        self.session = session
        # What this side asks of the other, and what the other asks of this one.
        esme = session.role is Role.ESME
        self.ours: type[SubmitSm] | type[DeliverSm] = SubmitSm if esme else DeliverSm
        self.theirs: type[SubmitSm] | type[DeliverSm] = DeliverSm if esme else SubmitSm

    def ask(self, count: int = 1, *, now: float = 0.0, taken: bool = True) -> list[Request]:
        requests = [
            self.session.request(self.ours(short_message=b"%d" % number), now, context=number)
            for number in range(count)
        ]
        if taken:
            self.session.take()
        return requests

    def hear(self, pdu: Pdu, sequence: int, now: float = 1.0):
        return self.session.feed(encode(pdu, sequence, bounded=False), now)

    def sent(self) -> list[Frame]:
        octets, frames = self.session.take(), []
        while octets:
            length = int.from_bytes(octets[:4], "big")
            frames.append(decode(octets[:length]))
            octets = octets[length:]
        return frames


@pytest.fixture
def opened() -> Callable[..., Side]:
    """Give a session on a fresh connection."""

    def make(role: Role, **options) -> Side:
        return Side(Session(role, 0.0, **options))

    return make


@pytest.fixture
def bound(opened: Callable[..., Side]) -> Callable[..., Side]:
    """Give a session that is bound, with nothing in flight."""

    def make(role: Role, bind: type[Pdu] = BindTransceiver, **options) -> Side:
        side = opened(role, **{"limits": Limits(window=8), **options})
        if role is Role.ESME:
            request = side.session.request(bind("us"), 0.0)
            side.hear(ANSWERS_TO_BIND[bind](0, "centre"), request.sequence, 0.0)
        else:
            [asked] = side.hear(bind("us"), 1, 0.0)
            assert isinstance(asked, Asked)
            assert side.session.respond(asked, ANSWERS_TO_BIND[bind](0, "centre"))
        side.session.take()
        return side

    return make


@pytest.fixture(params=list(Role), ids=["as the application", "as the centre"])
def role(request: pytest.FixtureRequest) -> Role:
    """Both sides."""
    return request.param
