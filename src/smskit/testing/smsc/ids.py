"""How a centre writes the identifier of a message: in its answer to the submission, and in the receipt."""

from __future__ import annotations

from enum import Enum
from uuid import UUID

_WIDTH = 20


class Ids(Enum):
    """Two spellings of one number: that of the answer, then that of the receipt."""

    DECIMAL = ("decimal", "decimal")
    HEX = ("hex", "hex")
    UUID = ("uuid", "uuid")
    PADDED = ("padded", "padded")
    """With zeros before it, to twenty digits, in both."""

    PADDED_IN_ANSWER = ("padded", "decimal")
    PADDED_IN_RECEIPT = ("decimal", "padded")
    CAPITALS_IN_RECEIPT = ("hex", "capitals")
    DECIMAL_IN_RECEIPT = ("hex", "decimal")
    """The answer is hexadecimal, the receipt decimal: the commonest of all mismatches."""

    HEX_IN_RECEIPT = ("decimal", "hex")

    def of(self, number: int) -> tuple[str, str]:
        """Give the identifier of message *number* as the answer has it, and as the receipt has it."""
        answer, receipt = self.value
        return _spell(number, answer), _spell(number, receipt)


def _spell(number: int, spelling: str) -> str:
    if spelling == "uuid":
        return str(UUID(int=number))
    forms = {"decimal": f"{number}", "hex": f"{number:x}", "capitals": f"{number:X}", "padded": f"{number:0{_WIDTH}}"}
    return forms[spelling]
