"""The slow reader: phonenumbers is the truth, and the repairs that its users have to make for themselves.

Importing this module loads phonenumbers (tens of milliseconds): it is imported where a number is first read.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import phonenumbers
from phonenumbers import (
    NumberParseException,
    PhoneMetadata,
    PhoneNumberFormat,
    PhoneNumberType,
    ValidationResult,
    format_number,
    is_possible_number_with_reason,
    is_valid_number,
    national_significant_number,
    number_type,
)

from smskit.errors import InvalidInput
from smskit.phone.reading import REFUSED, Problem, Reading, Repair

# One national plan of ten digits behind several country codes: France, Guadeloupe, Martinique, Guyane, Réunion with
# Mayotte, Saint-Pierre. In all of them 0696... is Martinique and 0612... metropolitan France; phonenumbers goes by
# the country code alone.
# Source: ARCEP decision 2018-0881 (numbering plan of metropolitan France and the overseas territories).
SHARED_CODES = (33, 590, 596, 594, 262, 508)
SHARED_LENGTH = 9

# Digits of the longest number there can be. Source: ITU-T E.164 clause 6.
LONGEST = 15

# US and Canadian mobiles cannot be told from fixed lines: what may be a mobile is taken for one.
_MOBILE = frozenset({PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE})


def metadata_of(region: str) -> PhoneMetadata:
    """Give what phonenumbers knows of *region*.

    Raises:
        InvalidInput: not a region it knows.
    """
    metadata = PhoneMetadata.metadata_for_region(region, None)
    if metadata is None:
        raise InvalidInput(f"{region!r} is not a region with a numbering plan; give two capitals, FR or BE")
    return metadata


def digits_of(parsed: phonenumbers.PhoneNumber) -> int:
    """Give the E.164 digits of a parsed number."""
    return int(f"{parsed.country_code}{national_significant_number(parsed)}")


def parse(dialled: str, region: str) -> phonenumbers.PhoneNumber | None:
    """Let phonenumbers read plain digits, None when it cannot make any number of them."""
    try:
        return phonenumbers.parse(dialled, region)
    except NumberParseException:
        return None


def is_mobile(parsed: phonenumbers.PhoneNumber) -> bool:
    """Whether a valid number takes text messages, or may."""
    return number_type(parsed) in _MOBILE


def is_valid(parsed: phonenumbers.PhoneNumber) -> bool:
    """Whether the number is in a range that its country has given out."""
    return is_valid_number(parsed)


@lru_cache(maxsize=1 << 12)
def valid_number(dialled: str, region: str) -> tuple[phonenumbers.PhoneNumber, Repair | None] | Problem:
    """Find the valid number that was meant, of whatever type.

    Args:
        dialled: digits, with a plus before them where one was written.
        region: whose national form they may be in.
    """
    parsed = parse(dialled, region)
    if parsed is not None and is_valid_number(parsed):
        return parsed, Repair.LOST_ZERO if _lost_zero(dialled, parsed, region) else None
    for repair, candidate in _repaired(dialled, parsed, region):
        if candidate is not None and is_valid_number(candidate):
            return candidate, repair
    return _problem(dialled, parsed, region)


def read_dialled(dialled: str, region: str) -> Reading:
    """Find the mobile that was meant by plain digits, with a plus before them where one was written."""
    found = valid_number(dialled, region)
    if isinstance(found, Problem):
        return REFUSED[found]
    parsed, repair = found
    return Reading(digits_of(parsed), None, repair) if is_mobile(parsed) else REFUSED[Problem.NOT_MOBILE]


def longest_mobile(metadata: PhoneMetadata) -> int:
    """How many digits a national mobile number has at most; 0 where there are none."""
    mobile = metadata.mobile
    lengths = mobile.possible_length if mobile is not None else ()
    return max(lengths, default=0)


def _lost_zero(dialled: str, parsed: phonenumbers.PhoneNumber, region: str) -> bool:
    """Whether the national prefix is missing where it is a zero, which is what spreadsheets drop."""
    prefix = metadata_of(region).national_prefix
    return prefix is not None and prefix.startswith("0") and dialled == national_significant_number(parsed)


def _repaired(
    dialled: str, parsed: phonenumbers.PhoneNumber | None, region: str
) -> Iterator[tuple[Repair, phonenumbers.PhoneNumber | None]]:
    """Offer other ways to read digits that are no valid number of *region*, surest first."""
    metadata = metadata_of(region)
    if parsed is not None:
        yield from _overseas(parsed, region)
    if dialled.startswith("+"):
        return
    if dialled.startswith("00"):
        # Recommended everywhere (ITU-T E.164), though not what is dialled in the US, Russia or Australia.
        yield Repair.MISSING_PLUS, parse(f"+{dialled[2:]}", region)
    elif len(dialled) > longest_mobile(metadata):
        # Shorter ones may well be a national number with a wrong digit, and are not to be sent abroad.
        yield Repair.MISSING_PLUS, parse(f"+{dialled}", region)
    prefix = metadata.national_prefix
    if prefix is not None and prefix.startswith("0") and len(prefix) > 1:
        # Hungary dials 06: its numbers come back from a spreadsheet with a 6 in front.
        yield Repair.LOST_ZERO, parse(f"0{dialled}", region)


def _overseas(
    parsed: phonenumbers.PhoneNumber, region: str
) -> Iterator[tuple[Repair, phonenumbers.PhoneNumber | None]]:
    own = metadata_of(region).country_code
    national = national_significant_number(parsed)
    if own not in SHARED_CODES or parsed.country_code != own or len(national) != SHARED_LENGTH:
        return
    if national.startswith("0"):
        return  # a digit too few: phonenumbers left the zero on it
    for code in SHARED_CODES:
        if code != own:
            yield Repair.OVERSEAS_PREFIX, parse(f"+{code}{national}", region)


def _problem(dialled: str, parsed: phonenumbers.PhoneNumber | None, region: str) -> Problem:
    """Say what is wrong with digits that nothing could repair."""
    size = len(dialled)
    half = size // 2
    if size > LONGEST and _is_valid(dialled[:half], region) and _is_valid(dialled[half:], region):
        return Problem.TWO_NUMBERS
    if parsed is None:
        return Problem.TOO_LONG if size > LONGEST else Problem.INVALID
    if metadata_of(region).national_prefix == "0":
        # phonenumbers leaves the zero on what is too short without it, and then finds it long enough.
        parsed = phonenumbers.PhoneNumber(parsed.country_code, parsed.national_number)
    possible = is_possible_number_with_reason(parsed)
    if possible in (ValidationResult.TOO_SHORT, ValidationResult.IS_POSSIBLE_LOCAL_ONLY):
        return Problem.TOO_SHORT
    return Problem.TOO_LONG if possible == ValidationResult.TOO_LONG else Problem.INVALID


def _is_valid(dialled: str, region: str) -> bool:
    parsed = parse(dialled, region)
    return parsed is not None and is_valid_number(parsed)


def national(e164: str) -> str:
    """Write a whole number in the national form of its country, with its spaces."""
    parsed = parse(e164, "ZZ")
    return e164 if parsed is None else format_number(parsed, PhoneNumberFormat.NATIONAL)
