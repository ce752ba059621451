"""An application that says octet for octet what a test wants it to say, over a real socket."""

from __future__ import annotations

import socket
from contextlib import AbstractContextManager
from ssl import SSLContext

from smskit.testing import SMSC
from smskit.transports.smpp import (
    ANSWERS,
    Bind,
    BindTransceiver,
    Frame,
    Pdu,
    SubmitSm,
    UnknownPdu,
    decode,
    encode,
)

PATIENCE_S = 10.0
SHOP = BindTransceiver("shop", "secret")
TO = "33612345678"


def message(text: bytes = b"hello", **fields) -> SubmitSm:
    """A message that asks for a receipt."""
    return SubmitSm(**{"source_addr": "SHOP", "source_addr_ton": 5, "destination_addr": TO, "dest_addr_ton": 1,
                       "registered_delivery": 1, "short_message": text, **fields})  # fmt: skip


class Prober(AbstractContextManager["Prober"]):
    """One connection, bound unless told otherwise."""

    def __init__(self, smsc: SMSC, bind: Bind | None = SHOP, tls: SSLContext | None = None):
        self._sequence = 0
        self._unread = b""
        self.socket = socket.create_connection((smsc.host, smsc.port), PATIENCE_S)
        if tls:
            self.socket = tls.wrap_socket(self.socket, server_hostname="localhost")
        if bind is not None:
            try:
                self.ask(bind)
                [self.bound] = self.read()
            except BaseException:
                self.socket.close()
                raise

    def __exit__(self, *_) -> None:
        self.socket.close()

    def ask(self, pdu: Pdu, sequence: int | None = None) -> int:
        """Send a request; give its number."""
        self._sequence += 1
        sequence = self._sequence if sequence is None else sequence
        self.write(encode(pdu, sequence, bounded=False))
        return sequence

    def body(self, kind: type[Pdu], body: bytes, sequence: int = 5) -> None:
        """Send a PDU with any octets as its body."""
        self.write(encode(UnknownPdu(kind.command_id, 0, body), sequence))

    def write(self, octets: bytes) -> None:
        self.socket.sendall(octets)

    def read(self, count: int = 1) -> list[Frame]:
        """Give the next PDUs."""
        return [decode(self._octets(int.from_bytes(self._octets(4, peek=True), "big"))) for _ in range(count)]

    def acknowledge(self, count: int = 1, status: int = 0) -> list[Frame]:
        """Read deliveries and answer them."""
        frames = self.read(count)
        for frame in frames:
            answer = ANSWERS[type(frame.pdu)]
            self.write(encode(answer(status, ""), frame.sequence))
        return frames

    def rest(self) -> bytes:
        """Give everything up to the end of the connection.

        Raises:
            ConnectionResetError: it was reset.
        """
        while data := self.socket.recv(65_536):
            self._unread += data
        unread, self._unread = self._unread, b""
        return unread

    def rest_of_pdus(self) -> list[Frame]:
        octets, frames = self.rest(), []
        while octets:
            length = int.from_bytes(octets[:4], "big")
            frames.append(decode(octets[:length]))
            octets = octets[length:]
        return frames

    def _octets(self, count: int, *, peek: bool = False) -> bytes:
        while len(self._unread) < count:
            data = self.socket.recv(65_536)
            if not data:
                raise EOFError(f"the centre closed; {len(self._unread)} octets were left")
            self._unread += data
        found = self._unread[:count]
        self._unread = self._unread if peek else self._unread[count:]
        return found
