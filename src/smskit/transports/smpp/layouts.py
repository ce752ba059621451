"""How the fields of a PDU are written: texts up to a NUL, numbers, times, octets with a length before them.

A layout reads whatever it is given. What is odd goes to the notes, with the status by which the peer would be told of
it; only a field that is not there at all makes the rest unreadable.

Source: SMPP 3.4 clause 3.1 (parameter types); SMPP 5.0 clause 3.1.
"""

from __future__ import annotations

from typing import Protocol, TypeVar, cast

from attrs import field, frozen

from smskit.errors import InvalidInput
from smskit.phone.mask import mask
from smskit.transports.smpp.statuses import Status

LAYOUT = "smpp"
"""The key of a field's metadata under which its layout stands."""


@frozen
class Problem:
    """Something odd in a PDU.

    Args:
        where: the field.
        what: what is wrong with it, without its value.
        status: how a peer that insists on the letter is told.
        unreadable: whether the fields from this one on are not there.
    """

    where: str
    what: str
    status: int
    unreadable: bool = False


class Layout(Protocol):
    """Reads and writes one field. ``most`` is what the specification allows; reading goes beyond it and says so."""

    def read(self, name: str, data: bytes, at: int, end: int, notes: list[Problem]) -> tuple[object, int]:
        """Give the value that begins at *at*, and where the next field begins."""
        ...

    def write(self, name: str, value: object, *, bounded: bool) -> bytes:
        """Give the octets of *value*; *bounded* refuses what is longer than the specification allows."""
        ...


def _missing(name: str, notes: list[Problem]) -> None:
    notes.append(Problem(name, "is missing: the PDU ends before it", Status.ESME_RINVCMDLEN, unreadable=True))


@frozen
class Text:
    """A C-octet string, read as Latin-1 so that every octet comes back as it was.

    Args:
        most: octets with the NUL.
        status: what a bad value is refused with.
        whole: whether only nothing or all octets will do, as for times.
    """

    most: int
    status: Status
    whole: bool = False

    def read(self, name: str, data: bytes, at: int, end: int, notes: list[Problem]) -> tuple[str, int]:
        """Read up to the NUL, or up to the end where it is forgotten."""
        if at >= end:
            _missing(name, notes)
            return "", end
        stop = data.find(b"\0", at, end)
        if stop < 0:
            notes.append(Problem(name, "has no NUL at its end", self.status))
            return data[at:end].decode("latin-1"), end
        if self._is_bad(stop - at):
            notes.append(Problem(name, f"has {stop - at} octets, {self.most - 1} are allowed", self.status))
        return data[at:stop].decode("latin-1"), stop + 1

    def write(self, name: str, value: object, *, bounded: bool) -> bytes:
        """Write the text and its NUL."""
        if not isinstance(value, str):
            raise TypeError(f"{name} is a str, not {type(value).__name__}")
        try:
            octets = value.encode("latin-1")
        except UnicodeEncodeError as error:
            raise InvalidInput(f"{name} has a character at index {error.start} that is no octet") from error
        if b"\0" in octets:
            raise InvalidInput(f"{name} holds a NUL, which would end it")
        if bounded and self._is_bad(len(octets)):
            only = "nothing or exactly" if self.whole else "at most"
            raise InvalidInput(f"{name} has {len(octets)} octets; SMPP allows {only} {self.most - 1}")
        return octets + b"\0"

    def _is_bad(self, length: int) -> bool:
        return length >= self.most or (self.whole and length not in (0, self.most - 1))


@frozen
class Number:
    """An unsigned integer, high octet first."""

    octets: int

    def read(self, name: str, data: bytes, at: int, end: int, notes: list[Problem]) -> tuple[int, int]:
        """Read it; any value will do."""
        stop = at + self.octets
        if stop > end:
            _missing(name, notes)
            return 0, end
        return int.from_bytes(data[at:stop], "big"), stop

    def write(self, name: str, value: object, *, bounded: bool) -> bytes:  # noqa: ARG002 - as all layouts
        """Write it; never more than it has room for."""
        if not isinstance(value, int):
            raise TypeError(f"{name} is an int, not {type(value).__name__}")
        if not 0 <= value < 1 << 8 * self.octets:
            raise InvalidInput(f"{name}={int(value)} does not fit into {8 * self.octets} bits")
        return value.to_bytes(self.octets, "big")


@frozen
class Octets:
    """Octets with their number before them. Up to 254 in 3.4 and 255 in 5.0: the larger one is allowed."""

    status: Status

    def read(self, name: str, data: bytes, at: int, end: int, notes: list[Problem]) -> tuple[bytes, int]:
        """Read as many as there are, if not as many as there should be."""
        if at >= end:
            _missing(name, notes)
            return b"", end
        stop = at + 1 + data[at]
        if stop > end:
            notes.append(Problem(name, f"has {end - at - 1} octets where {data[at]} are announced", self.status))
        return data[at + 1 : min(stop, end)], min(stop, end)

    def write(self, name: str, value: object, *, bounded: bool) -> bytes:  # noqa: ARG002 - as all layouts
        """Write them; more than 255 have no place."""
        if not isinstance(value, bytes):
            raise TypeError(f"{name} is bytes, not {type(value).__name__}")
        if len(value) > 0xFF:
            raise InvalidInput(f"{name} has {len(value)} octets and room for 255; use message_payload")
        return bytes((len(value),)) + value


@frozen
class Destination:
    """One recipient of ``submit_multi``: an address, or the name of a distribution list with ``is_list``."""

    address: str = field(repr=mask)
    ton: int = 1
    npi: int = 1
    is_list: bool = False


@frozen
class Undelivered:
    """One recipient that ``submit_multi`` did not take, and why."""

    address: str = field(repr=mask)
    status: int
    ton: int = 1
    npi: int = 1


_Row = TypeVar("_Row", Destination, Undelivered)

_OCTET, _FOUR = Number(1), Number(4)
_ADDRESS = Text(21, Status.ESME_RINVDSTADR)
_LIST_NAME = Text(21, Status.ESME_RINVDLNAME)
_ADDRESS_FLAG, _LIST_FLAG = 1, 2


@frozen
class Destinations:
    """The recipients of ``submit_multi`` with their number before them."""

    def read(self, name: str, data: bytes, at: int, end: int, notes: list[Problem]) -> tuple[object, int]:
        """Read as many as are announced and there."""
        count, at = _OCTET.read("number_of_dests", data, at, end, notes)
        found: list[Destination] = []
        for _ in range(count):
            flag, at = _OCTET.read(name, data, at, end, notes)
            if flag not in (_ADDRESS_FLAG, _LIST_FLAG):
                notes.append(Problem(name, f"has the flag {flag}", Status.ESME_RINVDESTFLAG, unreadable=True))
                return tuple(found), end
            ton = npi = 0
            if flag == _ADDRESS_FLAG:
                ton, at = _OCTET.read(name, data, at, end, notes)
                npi, at = _OCTET.read(name, data, at, end, notes)
            layout = _LIST_NAME if flag == _LIST_FLAG else _ADDRESS
            address, at = layout.read(name, data, at, end, notes)
            found.append(Destination(address, ton, npi, is_list=flag == _LIST_FLAG))
        return tuple(found), at

    def write(self, name: str, value: object, *, bounded: bool) -> bytes:
        """Write them all; more than 255 have no place."""
        rows = _rows(name, value, Destination)
        written = [bytes((len(rows),))]
        for row in rows:
            if row.is_list:
                written.append(b"\2" + _LIST_NAME.write(name, row.address, bounded=bounded))
            else:
                numbers = _OCTET.write(name, row.ton, bounded=True) + _OCTET.write(name, row.npi, bounded=True)
                written.append(b"\1" + numbers + _ADDRESS.write(name, row.address, bounded=bounded))
        return b"".join(written)


@frozen
class NotTaken:
    """The recipients that ``submit_multi`` did not take, with their number before them."""

    def read(self, name: str, data: bytes, at: int, end: int, notes: list[Problem]) -> tuple[object, int]:
        """Read as many as are announced and there."""
        count, at = _OCTET.read("no_unsuccess", data, at, end, notes)
        found: list[Undelivered] = []
        for _ in range(count):
            if at >= end:
                _missing(name, notes)
                break
            ton, at = _OCTET.read(name, data, at, end, notes)
            npi, at = _OCTET.read(name, data, at, end, notes)
            address, at = _ADDRESS.read(name, data, at, end, notes)
            status, at = _FOUR.read(name, data, at, end, notes)
            found.append(Undelivered(address, status, ton, npi))
        return tuple(found), at

    def write(self, name: str, value: object, *, bounded: bool) -> bytes:
        """Write them all; more than 255 have no place."""
        rows = _rows(name, value, Undelivered)
        written = [bytes((len(rows),))]
        for row in rows:
            written.append(_OCTET.write(name, row.ton, bounded=True) + _OCTET.write(name, row.npi, bounded=True))
            written.append(_ADDRESS.write(name, row.address, bounded=bounded))
            written.append(_FOUR.write(name, row.status, bounded=True))
        return b"".join(written)


def _rows(name: str, value: object, kind: type[_Row]) -> tuple[_Row, ...]:
    rows = cast("tuple[object, ...]", value) if isinstance(value, tuple) else (None,)
    found = tuple(row for row in rows if isinstance(row, kind))
    if len(found) < len(rows):
        raise TypeError(f"{name} is a tuple of {kind.__name__}")
    if len(rows) > 0xFF:
        raise InvalidInput(f"{name} has {len(rows)} entries and room for 255")
    return found
