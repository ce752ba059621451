"""Where one PDU ends and the next begins: by the first four octets of each, and by nothing else."""

from __future__ import annotations

from smskit.transports.smpp.codec import HEADER, Frame, read_frame

_LENGTH = 4
_SHORTEST = 16


class Framer:
    """Cuts what is read into PDUs. ``broken`` is a length that no PDU has, once one came: nothing after it is read.

    A PDU that comes octet by octet is put together once, so slow peers cost no more than others.
    """

    def __init__(self, largest: int) -> None:
        self.broken: int | None = None
        self._largest = largest
        self._unread = bytearray()
        self._wanted = _LENGTH

    @property
    def unread(self) -> int:
        """Octets of a PDU that is not whole yet."""
        return len(self._unread)

    def push(self, data: bytes) -> list[Frame]:
        """Give the PDUs that are whole with *data*."""
        if self.broken is not None:
            return []
        if self._unread:
            self._unread += data
            if len(self._unread) < self._wanted:
                return []
            data = bytes(self._unread)
            self._unread.clear()
        frames: list[Frame] = []
        at, end = 0, len(data)
        self._wanted = _LENGTH
        while end - at >= _SHORTEST:
            length, command, status, sequence = HEADER.unpack_from(data, at)
            if end - at < length or not _SHORTEST <= length <= self._largest:
                break
            frames.append(read_frame(data, at + _SHORTEST, at + length, command, status, sequence))
            at += length
        if end - at >= _LENGTH:
            length = int.from_bytes(data[at : at + _LENGTH], "big")
            if not _SHORTEST <= length <= self._largest:
                self.broken = length
                return frames
            self._wanted = length
        if at < end:
            self._unread += data[at:]
        return frames
