"""Where a centre is, as whom we bind there, and how a connection to it is kept."""

from __future__ import annotations

import logging
from enum import Enum
from typing import TYPE_CHECKING

from attrs import evolve, field, frozen

from smskit.errors import InvalidInput
from smskit.transports.smpp.codec import encode
from smskit.transports.smpp.pdubase import hide
from smskit.transports.smpp.pdus import Bind, BindReceiver, BindTransceiver, BindTransmitter
from smskit.transports.smpp.rules import Limits, Timers

if TYPE_CHECKING:
    import ssl

logger = logging.getLogger("smskit.transports.smpp")

_LONGEST_PASSWORD = 8


class Mode(Enum):
    """How an account binds."""

    TRANSCEIVER = "transceiver"
    """Each bind sends and receives."""

    SEPARATE = "separate"
    """Transmitters, and one receiver beside them, as centres of the old kind want it."""

    TRANSMITTER = "transmitter"
    """Only sending; receipts and replies come to somebody else, or to nobody."""

    RECEIVER = "receiver"
    """Only receiving."""


@frozen
class Backoff:
    """When a bind that failed or was lost is tried again: a random time below one that doubles.

    Args:
        first_s: the bound of the first wait.
        longest_s: what the bound does not grow beyond.
        every_s: between two attempts of one account, whatever happens.
        steady_s: a bind that held for so long was a good one: the next wait is a first one again.
    """

    first_s: float = 1.0
    longest_s: float = 60.0
    every_s: float = 1.0
    steady_s: float = 10.0

    def bound_s(self, failures: int) -> float:
        """Give the bound of the wait after so many failures, from 1."""
        return min(self.longest_s, self.first_s * 2.0 ** min(failures - 1, 30))


_LIMITS, _TIMERS, _BACKOFF = Limits(), Timers(), Backoff()


@frozen(kw_only=True)
class Centre:
    """A centre and an account of it.

    Args:
        host: name or address.
        port: of TCP.
        system_id: who we are.
        password: never shown. The specification has eight characters at most.
        system_type: what some centres want to know beside.
        tls: True trusts whom the system trusts and checks the name; or a context of your own.
        tls_name: the name that the certificate must have, where it is not *host*.
        mode: what the binds do.
        binds: how many there are at once, a receiver beside transmitters not counted.
        version: ``interface_version``; 0x50 for a centre of SMPP 5.0.
        address_range: the numbers whose messages this bind wants, where the centre asks for it.
        limits: the window among others; 3.4 recommends ten, carriers tell theirs.
        timers: how long answers are waited for, when a silent centre is asked whether it is there.
        connect_s: the longest wait for a connection, TLS included.
        bind_s: the longest wait for the answer to a bind.
        backoff: when a bind is tried again.
        allow_long_password: write a password of more than eight characters, as some operators issue them.

    Raises:
        InvalidInput: a port, a number of binds or a time that cannot be; a text that is too long for a bind.
    """

    host: str
    port: int = 2775
    system_id: str = field(default="", repr=False)
    password: str = field(default="", repr=hide)
    system_type: str = field(default="", repr=False)
    tls: bool | ssl.SSLContext = False
    tls_name: str | None = None
    mode: Mode = Mode.TRANSCEIVER
    binds: int = 1
    version: int = 0x34
    address_range: str = field(default="", repr=False)
    limits: Limits = _LIMITS
    timers: Timers = _TIMERS
    connect_s: float = 10.0
    bind_s: float = 10.0
    backoff: Backoff = _BACKOFF
    allow_long_password: bool = False

    def __attrs_post_init__(self) -> None:
        if not self.host or not 0 < self.port < 0x10000:
            raise InvalidInput(f"host= and port= say where the centre is; {self.port} is no port or the host is empty")
        if self.binds < 1 or self.connect_s <= 0 or self.bind_s <= 0:
            raise InvalidInput("binds=, connect_s= and bind_s= must be above 0")
        if len(self.password) > _LONGEST_PASSWORD:
            if not self.allow_long_password:
                raise InvalidInput(
                    f"the password has {len(self.password)} characters and SMPP has {_LONGEST_PASSWORD}; if the "
                    "operator issued it so, say allow_long_password=True"
                )
            # Told once, here: some centres cut it, and others take it for a wrong one.
            logger.warning("the password for %s has more than %d characters", self.host, _LONGEST_PASSWORD)

        for role in self.roles():
            encode(self.bind(role), 1, bounded=not self.allow_long_password)

    def roles(self) -> tuple[type[Bind], ...]:
        """Give the bind of each connection."""
        if self.mode is Mode.SEPARATE:
            return (*[BindTransmitter] * self.binds, BindReceiver)
        return (_BINDS[self.mode],) * self.binds

    def bind(self, role: type[Bind]) -> Bind:
        """Make the PDU that opens a session."""
        return role(
            system_id=self.system_id,
            password=self.password,
            system_type=self.system_type,
            interface_version=self.version,
            address_range=self.address_range,
        )

    def trust(self) -> ssl.SSLContext | None:
        """Give the context of TLS, None without TLS."""
        if self.tls is False:
            return None
        import ssl

        return ssl.create_default_context() if self.tls is True else self.tls

    def with_limits(self, **changes: int) -> Centre:
        """Give the same with other limits, such as ``window=100``."""
        return evolve(self, limits=evolve(self.limits, **changes))


_BINDS: dict[Mode, type[Bind]] = {
    Mode.TRANSCEIVER: BindTransceiver,
    Mode.TRANSMITTER: BindTransmitter,
    Mode.RECEIVER: BindReceiver,
}
