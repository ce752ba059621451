"""What people and logs get to see of a number."""

import pytest

from smskit.phone import mask

MASKED = [
    # what                                   given           shown
    ("E.164 digits", 33612345678, "+336••••••78"),
    ("a text with its plus", "+33612345678", "+336••••••78"),
    ("a national text", "0612345678", "06••••••78"),
    ("spaces around it", " 0612345678 ", "06••••••78"),
    ("a short text shows nothing", "3615", "••••"),
    ("nothing", "", ""),
    ("no number", 0, "••"),
]


@pytest.mark.parametrize(("what", "given", "shown"), MASKED, ids=[row[0] for row in MASKED])
def test_a_number_is_masked(what, given, shown):
    assert mask(given) == shown
