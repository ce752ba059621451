"""Telephone numbers: reading, repairing, masking, and where they live."""

from smskit.phone.mask import mask
from smskit.phone.number import PhoneNumber
from smskit.phone.places import UNKNOWN_TERRITORY, territories_of, territory_of, zones_of
from smskit.phone.reader import NumberReader, read_number
from smskit.phone.reading import Problem, Reading, Repair

__all__ = [
    "UNKNOWN_TERRITORY",
    "NumberReader",
    "PhoneNumber",
    "Problem",
    "Reading",
    "Repair",
    "mask",
    "read_number",
    "territories_of",
    "territory_of",
    "zones_of",
]
