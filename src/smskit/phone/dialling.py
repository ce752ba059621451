"""The fast reader: regular expressions compiled out of the metadata of phonenumbers, one set for each region.

They answer only what :mod:`smskit.phone.exact` would answer, and leave the rest to it. Each pattern repeats
the steps of phonenumbers: what may stand before a national number, that it is not taken for one with a prefix, to
which of the regions of a country code it belongs, and which type it has where the patterns of several fit.

Importing this module loads phonenumbers.
"""

from __future__ import annotations

import re
from functools import cache

from attrs import frozen
from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneMetadata, PhoneNumberDesc

from smskit.phone.exact import LONGEST, SHARED_CODES, SHARED_LENGTH, longest_mobile, metadata_of
from smskit.phone.reading import REFUSED, Problem, Reading, Repair

# The types that outrank fixed_line and mobile when several patterns fit a number.
_SPECIAL = (
    "premium_rate", "toll_free", "shared_cost", "voip", "personal_number", "pager", "uan", "voicemail",
)  # fmt: skip
_TYPES = (*_SPECIAL, "fixed_line", "mobile")
_NEVER = "(?!)"
_CODES = {region: str(code) for code, regions in COUNTRY_CODE_TO_REGION_CODE.items() for region in regions}
_REGIONS = {str(code): regions for code, regions in COUNTRY_CODE_TO_REGION_CODE.items()}


@frozen
class Dialling:
    """How the numbers of one region are written.

    Args:
        code: its country code.
        column: matches each line of a text once; its group is the national number of a mobile of the region in
            a form that needs no repair, and empty for a line that has to be looked at by itself.
        alone: matches one number of the region in any form; groups ``prefix``, ``mobile`` and ``other``, which
            is a valid number of another type.
        abroad: matches what follows the country code; groups ``mobile`` and ``other``.
        overseas: matches a number of the same national plan behind another country code; groups ``RE_mobile``,
            ``RE_other`` and so on for each region.
        vacant: matches a number of the region that has the right length and is not given out, if neither of the
            two before matches it.
        foreign: matches digits that can only be an international number without its plus.
        drops_zero: whether a national number without a prefix has lost its zero.
        double_zero: whether ``00`` is what people dial before a country code.
    """

    code: str
    column: re.Pattern[str]
    alone: re.Pattern[str]
    abroad: re.Pattern[str]
    overseas: re.Pattern[str]
    vacant: re.Pattern[str]
    foreign: re.Pattern[str]
    drops_zero: bool
    double_zero: bool

    def read(self, dialled: str) -> Reading | None:
        """Read digits, with a plus before them where one was written; None leaves them to phonenumbers."""
        found = self.alone.fullmatch(dialled)
        if found:
            repair = Repair.LOST_ZERO if self.drops_zero and found["prefix"] is None else None
            return _reading(self.code, found["mobile"], repair)
        found = self.overseas.fullmatch(dialled)
        if found:
            region, _, kind = (found.lastgroup or "").partition("_")
            mobile: str | None = found[found.lastgroup or 0] if kind == "mobile" else None
            return _reading(_CODES[region], mobile, Repair.OVERSEAS_PREFIX)
        if self.vacant.fullmatch(dialled):
            return REFUSED[Problem.INVALID]
        if dialled.startswith("+"):
            return _read_international(dialled[1:])
        if self.double_zero and dialled.startswith("00"):
            return _read_international(dialled[2:])
        if self.foreign.fullmatch(dialled):
            return _read_international(dialled, Repair.MISSING_PLUS)
        return None


def _reading(code: str, mobile: str | None, repair: Repair | None) -> Reading:
    if mobile is None:
        return REFUSED[Problem.NOT_MOBILE]
    return Reading(int(code + mobile), None, repair)


def _read_international(digits: str, repair: Repair | None = None) -> Reading | None:
    """Read digits that begin with a country code; no code is the beginning of another."""
    for size in (1, 2, 3):
        code = digits[:size]
        regions = _REGIONS.get(code)
        plan = dialling_of(regions[0]) if regions else None
        found = plan.abroad.fullmatch(digits, size) if plan else None
        if found:
            return _reading(code, found["mobile"], repair)
    return None


@cache
def dialling_of(region: str) -> Dialling | None:
    """Compile the patterns of *region*; None where phonenumbers is needed for each number.

    That is Argentina, which moves digits about, and places without mobiles or outside all territories.
    """
    if region == "001":
        return None
    metadata = metadata_of(region)
    parsing = _plain(metadata.national_prefix_for_parsing)
    if metadata.mobile is None or re.match(parsing, ""):
        return None
    prefix, trunk = _prefixes(metadata), _optional_trunk(metadata)
    mobile, any_type = _national(metadata)
    before = f"(?:{prefix})" if _drops_zero(metadata) else f"(?:{prefix})?"
    return Dialling(
        code=str(metadata.country_code),
        column=re.compile(f"^{before}({mobile})$|^.*$", re.MULTILINE | re.ASCII),
        alone=re.compile(f"(?P<prefix>{prefix})?{any_type}", re.ASCII),
        abroad=re.compile(f"{trunk}{any_type}", re.ASCII),
        overseas=_overseas(metadata, prefix),
        vacant=_vacant(metadata, prefix),
        foreign=_foreign(metadata),
        drops_zero=_drops_zero(metadata),
        double_zero=metadata.international_prefix == "00",
    )


def _prefixes(metadata: PhoneMetadata) -> str:
    """Write what may stand before a national number, as alternatives."""
    code, trunk = metadata.country_code, _optional_trunk(metadata)
    not_abroad = f"(?!{_plain(metadata.international_prefix)})"
    # Without its plus a country code is seen only where the digits are too many for a national number.
    too_many = f"(?=[0-9]{{{max(_lengths(metadata)) + 1},}}$)"
    forms = [rf"\+{code}{trunk}", f"{not_abroad}{too_many}{code}{trunk}"]
    if metadata.international_prefix == "00":
        forms.append(f"00{code}{trunk}")
    if trunk:
        forms.append(f"{not_abroad}{metadata.national_prefix}")
    return "|".join(forms)


def _optional_trunk(metadata: PhoneMetadata) -> str:
    """Write the national prefix as optional; nothing where there is none, or none that is plain digits."""
    trunk = metadata.national_prefix
    parsing = metadata.national_prefix_for_parsing or ""
    # With an optional part in its pattern the prefix goes on into the number, as carrier codes do in Brazil.
    return f"(?:{trunk})?" if trunk and "?" not in parsing.replace("(?:", "(") else ""


def _national(metadata: PhoneMetadata, mobile: str = "mobile", other: str = "other") -> tuple[str, str]:
    """Write the national numbers: of a mobile, and of any type with a group for mobiles and one for others."""
    special = _any_of(metadata, _SPECIAL)
    guard = _guard(metadata)
    mobiles = f"{guard}(?!{special}$){_pattern(metadata, 'mobile')}"
    return mobiles, f"(?:(?P<{mobile}>{mobiles})|(?P<{other}>{guard}{_any_of(metadata, _TYPES)}))"


def _guard(metadata: PhoneMetadata) -> str:
    """Refuse digits that begin with a prefix, and those that belong to a region looked at before this one."""
    regions = COUNTRY_CODE_TO_REGION_CODE[metadata.country_code or 0]
    # Behind a plus the prefix of the main region of the code is taken off, whichever region is meant.
    main = metadata_of(regions[0])
    guards = [
        f"(?!{_plain(metadata.international_prefix)})",
        f"(?!{_plain(metadata.national_prefix_for_parsing)})",
        f"(?={_pattern(metadata, 'general_desc')}$)",
    ]
    if main is not metadata:
        guards += [f"(?!{_plain(main.national_prefix_for_parsing)})", _of_length(_lengths(main))]
    for region in regions[: regions.index(metadata.id or "")]:
        earlier = metadata_of(region)
        guards.append(f"(?!{earlier.leading_digits or _any_of(earlier, _TYPES) + '$'})")
    if metadata.leading_digits:
        guards.append(f"(?={metadata.leading_digits})")
    return "".join(guards)


def _overseas(metadata: PhoneMetadata, prefix: str) -> re.Pattern[str]:
    own = metadata.country_code
    if own not in SHARED_CODES:
        return re.compile(_NEVER)
    regions = [region for code in SHARED_CODES if code != own for region in COUNTRY_CODE_TO_REGION_CODE[code]]
    nationals = [_national(metadata_of(region), f"{region}_mobile", f"{region}_other")[1] for region in regions]
    # Digits that begin like the own country code may be that code to phonenumbers; and Saint-Martin, say, has the
    # numbers of Guadeloupe before those of Martinique.
    at_home = "|".join(_any_of(metadata_of(region), _TYPES) for region in COUNTRY_CODE_TO_REGION_CODE[own])
    before = f"(?:{prefix}|(?!{own})){_of_length((SHARED_LENGTH,))}(?!(?:{at_home})$)"
    return re.compile(f"{before}(?:{'|'.join(nationals)})", re.ASCII)


def _vacant(metadata: PhoneMetadata, prefix: str) -> re.Pattern[str]:
    # Only where no other region of the code may have it and a zero is all that can be missing.
    if len(COUNTRY_CODE_TO_REGION_CODE[metadata.country_code or 0]) > 1 or metadata.national_prefix != "0":
        return re.compile(_NEVER)
    # Without a prefix and longer than a mobile it would be tried as an international number.
    alone = f"(?!{metadata.country_code})(?=[0-9]{{1,{longest_mobile(metadata)}}}$)"
    return re.compile(f"(?=.{{1,{LONGEST}}}$)(?:{prefix}|{alone}){_guard(metadata)}[0-9]+", re.ASCII)


def _foreign(metadata: PhoneMetadata) -> re.Pattern[str]:
    """Match digits that are too many for the region and begin with nothing that is dialled in it."""
    prefixes = (metadata.national_prefix_for_parsing, metadata.international_prefix)
    dialled = "|".join(("0", str(metadata.country_code), *map(_plain, prefixes)))
    least = max(_lengths(metadata)) + 1
    return re.compile(f"(?!{dialled})[0-9]{{{least},{LONGEST}}}" if least <= LONGEST else _NEVER, re.ASCII)


def _drops_zero(metadata: PhoneMetadata) -> bool:
    return (metadata.national_prefix or "").startswith("0")


def _lengths(metadata: PhoneMetadata) -> tuple[int, ...]:
    """Give how many digits a national number may have, of whatever type."""
    general = metadata.general_desc
    return general.possible_length if general is not None else ()


def _of_length(lengths: tuple[int, ...]) -> str:
    return f"(?=(?:{'|'.join(f'[0-9]{{{length}}}' for length in lengths)})$)"


def _any_of(metadata: PhoneMetadata, kinds: tuple[str, ...]) -> str:
    return f"(?:{'|'.join(_pattern(metadata, kind) for kind in kinds)})"


def _pattern(metadata: PhoneMetadata, kind: str) -> str:
    description: PhoneNumberDesc | None = getattr(metadata, kind)
    if description is None or description.national_number_pattern is None:
        return _NEVER
    return f"{_of_length(description.possible_length)}(?:{description.national_number_pattern})"


def _plain(pattern: str | None) -> str:
    """Take the groups out of a pattern, so that only ours have numbers."""
    return f"(?:{re.sub(r'[(](?![?])', '(?:', pattern)})" if pattern else _NEVER
