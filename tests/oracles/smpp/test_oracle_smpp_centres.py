"""Our client at centres that nobody here wrote: what it sends they take, what they tell finds its message."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
import trustme
from attrs import evolve
from tests.oracles.smpp.peers import PATIENCE_S, Peer, free_port, node_script, python_script

from smskit.errors import CarrierRefuses
from smskit.kinds import DeliveryStatus, EventType
from smskit.records import Accepted, Event, Outgoing
from smskit.testing.factories import outgoing
from smskit.transports import drive
from smskit.transports.smpp import Limits, Long, Profile, Timers
from smskit.transports.smpp.client import Backoff, Centre, Conduct, Mode, Smpp

LONG = "À la une : ½ prix sur tout le magasin, € 20 remboursés. " * 5
PLAIN = "Commande à retirer en magasin. " * 12


class Ears:
    """Keeps what an account was told."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self._changed = threading.Condition()

    def __call__(self, events: Sequence[Event]) -> None:
        with self._changed:
            self.events += events
            self._changed.notify_all()

    def wait_for(self, condition: Callable[[list[Event]], bool]) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: condition(self.events), PATIENCE_S), f"{len(self.events)} events"

    def delivered(self) -> set[str | None]:
        return {event.reference for event in self.events if event.status is DeliveryStatus.DELIVERED}

    def replies(self) -> list[str]:
        return [event.text for event in self.events if event.type is EventType.REPLY]


def account(port: int, ears: Ears, *, window: int = 10, profile: Profile | None = None, **options) -> Smpp:
    centre = Centre(
        host="127.0.0.1", port=port, system_id="shop", password="secret", limits=Limits(window=window),
        timers=Timers(drain_s=5.0), backoff=Backoff(first_s=0.05, every_s=0.05), **options,
    )  # fmt: skip
    return Smpp(centre, profile=profile or Profile(), conduct=Conduct(patience_s=20.0), on_events=ears)


def messages(count: int, text: str = "") -> list[Outgoing]:
    made = [outgoing(seq) for seq in range(count)]
    return [evolve(one, text=text) for one in made] if text else made


def accepted(carrier: Smpp, some: Sequence[Outgoing]) -> dict[str, str]:
    outcomes = drive(carrier.submit(some))
    assert {type(outcome) for outcome in outcomes} == {Accepted}
    assert len(outcomes) == len(some)
    return {outcome.reference: outcome.provider_id for outcome in outcomes if isinstance(outcome, Accepted)}


def node(**how: object) -> Peer:
    return Peer(node_script("node_centre.js", json.dumps(how)))


def port_of(peer: Peer) -> int:
    port = peer.next("port")["port"]
    assert isinstance(port, int)
    return port


# ---------------------------------------------------------------- the npm package smpp

NODES = [
    ("receipts after answers", {}),
    ("receipts before answers", {"before": True}),
    ("hexadecimal answers, decimal receipts", {"ids": "hex"}),
    ("the same, receipts first", {"ids": "hex", "before": True}),
]


@pytest.mark.parametrize("how", [row[1] for row in NODES], ids=[row[0] for row in NODES])
@pytest.mark.parametrize("window", [1, 100])
def test_node_receipts_find_their_messages(how: dict, window: int) -> None:
    ears, some = Ears(), messages(100)
    with node(replies=["STOP", "Merci, à 20 €"], **how) as peer, account(port_of(peer), ears, window=window) as carrier:
        accepted(carrier, some)
        ears.wait_for(lambda _: len(ears.delivered()) == 100 and len(ears.replies()) == 2)
        assert ears.delivered() == {one.reference for one in some}
        assert sorted(ears.replies()) == ["Merci, à 20 €", "STOP"]
        carrier.close()
        assert [told["delivered"] for told in peer.take("delivered", 100)] == [0] * 100
        peer.next("unbind")


def test_node_throttles_and_nothing_is_lost_or_sent_twice() -> None:
    ears, some = Ears(), messages(30)
    with node(throttled=7) as peer, account(port_of(peer), ears) as carrier:
        accepted(carrier, some)
        told = peer.take("submit", 37)
        assert sum(bool(each["refused"]) for each in told) == 7
        taken = [each["submit"] for each in told if not each["refused"]]
        assert sorted(taken) == sorted(str(one.number) for one in some)


def test_node_with_tls(tmp_path: Path) -> None:
    authority = trustme.CA()
    certificate = authority.issue_cert("localhost")
    key, cert = tmp_path / "key.pem", tmp_path / "cert.pem"
    certificate.private_key_pem.write_to_path(key)
    certificate.cert_chain_pems[0].write_to_path(cert)
    trust = ssl.create_default_context()
    authority.configure_trust(trust)
    ears = Ears()
    with node(tls={"key": str(key), "cert": str(cert)}) as peer:
        port = port_of(peer)
        with account(port, ears, tls=trust, tls_name="localhost") as carrier:
            accepted(carrier, messages(10))
            ears.wait_for(lambda _: len(ears.delivered()) == 10)


@pytest.mark.parametrize("long", list(Long))
@pytest.mark.parametrize("text", [LONG, PLAIN], ids=["ucs-2", "gsm-7"])
def test_node_reads_long_texts(long: Long, text: str) -> None:
    ears, [one] = Ears(), messages(1, text)
    with node() as peer, account(port_of(peer), ears, profile=Profile(long=long)) as carrier:
        accepted(carrier, [one])
        first = peer.next("submit")
        sar = first["sar"]
        assert isinstance(sar, list)
        if long is Long.PAYLOAD:
            assert first["text"] == text
            return
        total = {Long.UDH: -(-len(text) // (67 if text is LONG else 153)), Long.SAR: sar[1]}[long]
        parts = [first, *peer.take("submit", total - 1)]
        assert "".join(str(part["text"]) for part in parts) == text
        assert {part["udh"] for part in parts} == ({1} if long is Long.UDH else {0})
        ears.wait_for(lambda _: ears.delivered() == {one.reference})


def test_node_says_no_to_a_wrong_password() -> None:
    with node() as peer:
        port = port_of(peer)
        centre = Centre(host="127.0.0.1", port=port, system_id="shop", password="wrong")
        with pytest.raises(CarrierRefuses, match="RINVPASWD"):
            Smpp(centre).connect()


def test_node_with_separate_binds() -> None:
    ears = Ears()
    with node(replies=["STOP"]) as peer, account(port_of(peer), ears, mode=Mode.SEPARATE, binds=2) as carrier:
        # This centre sends its receipts over the bind that submitted, which is no business of a transmitter.
        accepted(carrier, messages(20))
        assert sorted(str(told["command"]) for told in peer.take("bind", 3)) == [
            "bind_receiver",
            "bind_transmitter",
            "bind_transmitter",
        ]


# ---------------------------------------------------------------- smpp34


@pytest.mark.parametrize("throttled", [0, 5])
@pytest.mark.parametrize("window", [1, 20])
def test_smpp34_receipts_find_their_messages(throttled: int, window: int) -> None:
    ears, some = Ears(), messages(60)
    how = json.dumps({"throttled": throttled})
    with Peer(python_script("smpp34_centre.py", "smpp34", str(free_port()), how)) as peer:
        with account(port_of(peer), ears, window=window) as carrier:
            told = accepted(carrier, some)
            assert sorted(told.values()) == [f"{number:010x}" for number in range(1, 61)]
            ears.wait_for(lambda _: len(ears.delivered()) == 60 and bool(ears.replies()))
            assert ears.delivered() == {one.reference for one in some}
            assert ears.replies() == ["STOP"]
        numbers = [told["submit"] for told in peer.take("submit", 60 + throttled)]
        assert set(numbers) == {str(one.number) for one in some}
        assert [told["delivered"] for told in peer.take("delivered", 61)] == [0] * 61
        peer.next("unbound")
