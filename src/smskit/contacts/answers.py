"""What a condition says of each row of a batch: yes, no, or not known."""

from __future__ import annotations

from attrs import field, frozen

_YES = bytes.maketrans(b"\0\1\2", b"\0\1\0")
_NO = bytes.maketrans(b"\0\1\2", b"\1\0\0")


@frozen
class Answers:
    """One answer for each row.

    The answers are packed, a byte for each row, into two whole numbers, in which a 1 says yes, or no: joining
    conditions is then one operation for a whole batch instead of one for each row.
    """

    size: int
    yes: int = field(repr=False)
    no: int = field(repr=False)

    @classmethod
    def of(cls, codes: bytes) -> Answers:
        """Take one byte for each row: 0 no, 1 yes, 2 not known."""
        yes = int.from_bytes(codes.translate(_YES), "little")
        return cls(len(codes), yes, int.from_bytes(codes.translate(_NO), "little"))

    @classmethod
    def same(cls, size: int, *, yes: bool) -> Answers:
        """Give every row the same answer."""
        return cls.of(bytes((yes,)) * size)

    def __and__(self, other: Answers) -> Answers:
        return Answers(self.size, self.yes & other.yes, self.no | other.no)

    def __or__(self, other: Answers) -> Answers:
        return Answers(self.size, self.yes | other.yes, self.no & other.no)

    def __invert__(self) -> Answers:
        return Answers(self.size, self.no, self.yes)

    @property
    def mask(self) -> list[bool]:
        """Whether each row matches."""
        return list(map(bool, self.yes.to_bytes(self.size, "little")))

    @property
    def matches(self) -> int:
        """How many rows match."""
        return self.yes.bit_count()

    @property
    def missing(self) -> int:
        """How many rows cannot be judged, because a cell that decides is empty or unreadable."""
        return self.size - (self.yes | self.no).bit_count()
