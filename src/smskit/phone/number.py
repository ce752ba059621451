"""One telephone number as a value."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import field, frozen

from smskit.errors import InvalidNumber
from smskit.phone.cells import dialled
from smskit.phone.mask import mask
from smskit.phone.places import territory_of
from smskit.phone.reading import Problem

if TYPE_CHECKING:
    import phonenumbers


@frozen(order=True, repr=False)
class PhoneNumber:
    """A valid number of any type; printing it masks it, ``e164`` and :meth:`national` show it whole.

    Args:
        number: E.164 digits, as everywhere in smskit. Not checked here: :meth:`parse` does.
    """

    number: int = field()

    @classmethod
    def parse(cls, text: str | phonenumbers.PhoneNumber, region: str = "FR") -> PhoneNumber:
        """Read one number of any type.

        Args:
            text: any form that :func:`~smskit.phone.read_number` reads, or a number of phonenumbers or of
                django-phonenumber-field.
            region: ISO 3166 code in capitals of the country whose national forms are understood.

        Raises:
            InvalidNumber: not one valid number.
            InvalidInput: a region without a numbering plan.
        """
        from smskit.phone import exact

        exact.metadata_of(region)
        if not isinstance(text, str):
            return cls(_of_parsed(text))
        cell = dialled(text)
        found = cell if isinstance(cell, Problem) else exact.valid_number(cell.digits, region)
        if isinstance(found, Problem):
            raise InvalidNumber(mask(text[:24]), found.sentence)
        return cls(exact.digits_of(found[0]))

    @property
    def e164(self) -> str:
        """The whole number as carriers take it: ``+33612345678``."""
        return f"+{self.number}"

    @property
    def territory(self) -> str:
        """Its ISO 3166 territory, ``ZZ`` when unknown; see :func:`~smskit.phone.territory_of`."""
        return territory_of(self.number)

    @property
    def is_mobile(self) -> bool:
        """Whether it takes text messages, or may: in the US and Canada mobiles look like fixed lines."""
        from smskit.phone import exact

        parsed = exact.parse(self.e164, self.territory)
        return parsed is not None and exact.is_mobile(parsed)

    def national(self) -> str:
        """Write it whole, as people of its country do: ``06 12 34 56 78``."""
        from smskit.phone import exact

        return exact.national(self.e164)

    def __str__(self) -> str:
        return mask(self.number)

    def __repr__(self) -> str:
        return f"PhoneNumber({mask(self.number)})"


def _of_parsed(parsed: phonenumbers.PhoneNumber) -> int:
    from smskit.phone import exact

    # django-phonenumber-field keeps what it could not parse as a number without a country code.
    if parsed.country_code is None or parsed.national_number is None:
        raise InvalidNumber(mask((parsed.raw_input or "")[:24]), Problem.INVALID.sentence)
    masked = mask(exact.digits_of(parsed))
    if parsed.extension:
        raise InvalidNumber(masked, Problem.EXTENSION.sentence)
    if not exact.is_valid(parsed):
        raise InvalidNumber(masked, Problem.INVALID.sentence)
    return exact.digits_of(parsed)
