"""Plain messages that are filled into a form are those that are composed, octet by octet."""

from __future__ import annotations

import pytest
from attrs import evolve

from smskit.transports.smpp import Profile, SubmitSm, Tag, compose, encode, recipient_address, sender_address, tlv
from smskit.transports.smpp.codec import encode_by_table
from smskit.transports.smpp.forms import Form

NUMBER = 33612345678
PARAMETERS = (tlv(Tag.USER_MESSAGE_REFERENCE, 7),)


@pytest.mark.parametrize(
    ("sender", "text", "profile"),
    [
        pytest.param("ACME", "Bonjour", Profile(), id="a word as sender"),
        pytest.param("36123", "Prix: 5 € {ok}", Profile(service_type="CMT"), id="letters of two septets"),
        pytest.param("+33612345678", "x" * 160, Profile(gsm_coding=0xF1), id="a full part"),
        pytest.param("", "", Profile(), id="nothing at all"),
    ],
)
def test_a_filled_form_is_the_composed_message(sender: str, text: str, profile: Profile) -> None:
    source = sender_address(sender, kinds=profile.kinds)
    filled = Form(source, profile, PARAMETERS).fill(NUMBER, text)
    (composed,) = compose(text, source, recipient_address(NUMBER), profile=profile)
    composed = evolve(composed, tlvs=PARAMETERS)
    assert filled == composed
    assert repr(filled) == repr(composed)
    assert encode(filled, 9) == encode(composed, 9) == encode_by_table(composed, 9)


@pytest.mark.parametrize(
    ("number", "text", "profile"),
    [
        pytest.param(NUMBER, "x" * 161, Profile(), id="a text of two parts is composed"),
        pytest.param(NUMBER, "Привет", Profile(), id="another alphabet is composed"),
        pytest.param(1234567, "Bonjour", Profile(), id="a number that is too short is for who tells it"),
        pytest.param(10**15, "Bonjour", Profile(), id="a number that is too long is for who tells it"),
        pytest.param(NUMBER, "Bonjour", Profile(service_type="TOOLONG"), id="a field that holds no such value"),
    ],
)
def test_what_is_not_plain_fits_no_form(number: int, text: str, profile: Profile) -> None:
    assert Form(sender_address("ACME"), profile).fill(number, text) is None


def test_a_changed_copy_is_written_as_it_is() -> None:
    filled = Form(sender_address("ACME"), Profile()).fill(NUMBER, "Bonjour")
    assert filled is not None
    changed = evolve(filled, short_message=b"Au revoir")
    assert encode(changed, 1) == encode(SubmitSm(**vars(changed)), 1)
    assert b"Au revoir" in encode(changed, 1)
