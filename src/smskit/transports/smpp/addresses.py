"""Numbers and senders as SMPP addresses: the text with its type of number and its numbering plan.

Source: SMPP 3.4 clauses 5.2.5 to 5.2.9; 3GPP TS 23.040 clause 9.1.2.5 (eleven characters of an alphanumeric sender).
"""

from __future__ import annotations

import re

from attrs import field, frozen

from smskit.errors import InvalidInput
from smskit.phone.mask import mask
from smskit.transports.smpp.fields import Npi, Ton

_SHORT_CODE = re.compile(r"\d{3,8}", re.ASCII)
_E164 = re.compile(r"\+?\d{8,15}", re.ASCII)
_LONGEST_WORD = 11


@frozen
class Address:
    """An address; type and plan are plain integers where nobody named the value."""

    text: str = field(repr=mask)
    ton: int = Ton.UNKNOWN
    npi: int = Npi.UNKNOWN


@frozen
class Kinds:
    """Type and plan of each kind of sender. Operators differ most on short codes: 0/0, 0/1, 3/0 and 6/0 are in use."""

    international: tuple[int, int] = (Ton.INTERNATIONAL, Npi.ISDN_E164)
    short_code: tuple[int, int] = (Ton.NETWORK_SPECIFIC, Npi.UNKNOWN)
    word: tuple[int, int] = (Ton.ALPHANUMERIC, Npi.UNKNOWN)


KINDS = Kinds()


def sender_address(sender: str, *, kinds: Kinds = KINDS) -> Address:
    """Give the address of a sender: a word, a short code of 3 to 8 digits, a number, or nothing for the centre's own.

    Eight digits are a number with a plus sign before them, else a short code.

    Raises:
        InvalidInput: it is none of them: a word of more than eleven characters, or digits too few or too many.
    """
    if not sender:
        return Address("")
    if _SHORT_CODE.fullmatch(sender):
        return Address(sender, *kinds.short_code)
    if _E164.fullmatch(sender):
        return Address(sender.lstrip("+"), *kinds.international)
    has_letter = any(character.isalpha() for character in sender)
    if not has_letter or len(sender) > _LONGEST_WORD or not (sender.isascii() and sender.isprintable()):
        raise InvalidInput(
            f"a sender of {len(sender)} characters is no number, no short code of 3 to 8 digits and no word of 1 to "
            f"{_LONGEST_WORD} plain characters with a letter"
        )
    return Address(sender, *kinds.word)


def recipient_address(number: int, *, kinds: Kinds = KINDS) -> Address:
    """Give the address of a recipient by its E.164 digits.

    Raises:
        InvalidInput: not 8 to 15 digits.
    """
    if not 10**7 <= number < 10**15:
        raise InvalidInput(f"{mask(number)} has no 8 to 15 digits")
    ton, npi = kinds.international
    return Address(str(number), ton, npi)


def number_of(address: Address) -> int | None:
    """Give the E.164 digits of an address that a message came from; None for a word, a short code or a national number.

    Many centres say nothing about the type, so eight to fifteen digits will do unless it says something else.
    """
    is_international = address.ton in (Ton.UNKNOWN, Ton.INTERNATIONAL)
    return int(address.text.lstrip("+")) if is_international and _E164.fullmatch(address.text) else None
