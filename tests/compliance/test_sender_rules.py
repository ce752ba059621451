"""Who speaks: form, length, generic words, protected names and the numbers that machines may use."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from smskit.compliance import Declaration, Effect, Profile
from smskit.compliance.senders import SenderKind, national, sender_kind
from smskit.kinds import Kind, Reason

KINDS = [
    ("MABOUTIQUE", SenderKind.NAME),
    ("3SUISSES", SenderKind.NAME),
    ("36180", SenderKind.SHORT_CODE),
    ("123456", SenderKind.SHORT_CODE),
    ("1234567", SenderKind.NUMBER),
    ("+33937000000", SenderKind.NUMBER),
    ("09 37 00 00 00", SenderKind.NUMBER),
    ("+36180", SenderKind.NUMBER),
    ("", SenderKind.SHARED),
    (" ", SenderKind.SHARED),
    ("É", SenderKind.NAME),
]


@pytest.mark.parametrize(("sender", "kind"), KINDS)
def test_a_name_a_short_code_and_a_number_are_told_apart(sender, kind):
    assert sender_kind(sender) is kind


@pytest.mark.parametrize(
    ("sender", "answer"),
    [
        ("+33612345678", "612345678"),
        ("0612345678", "612345678"),
        ("33612345678", "612345678"),
        ("0033612345678", "612345678"),
        ("+44612345678", None),
        ("44612345678", None),
    ],
)
def test_the_national_part_of_a_number(sender, answer):
    assert national(sender, "33") == answer


FRANCE = [
    # what                                   sender           rule that blocks
    ("a name", "MABOUTIQUE", None),
    ("one character", "M", None),
    ("eleven characters", "MABOUTIQUE1", None),
    ("twelve characters", "MABOUTIQUE12", "FR.OADC.LEN"),
    ("none: the carrier puts a code of its own", "", None),
    ("a digit in front is a provider's worry", "3SUISSES", None),
    ("a blank", "MA BOUTIQUE", "FR.OADC.CHARS"),
    ("a hyphen", "MA-BOUTIQ", "FR.OADC.CHARS"),
    ("an accent", "CAFÉ", "FR.OADC.CHARS"),
    ("Cyrillic letters", "АМЕLI", "FR.OADC.CHARS"),
    ("a number with one letter", "O612345678", "FR.OADC.NOT_NUMERIC"),
    ("seven digits and a letter", "A1234567", None),
    ("a generic word", "PROMO", "FR.OADC.GENERIC"),
    ("a generic word in another case", "SmsInfo", "FR.OADC.GENERIC"),
    ("a name that only begins like one", "PROMODENT", None),
    ("a protected name", "AMELI", "FR.OADC.SENSITIVE"),
    ("with a digit for a letter", "AMEL1", "FR.OADC.SENSITIVE"),
    ("with a zero", "CHR0NOPOST", "FR.OADC.SENSITIVE"),
    ("with a small L for a capital I", "lMPOTS", "FR.OADC.SENSITIVE"),
    ("with two digits", "NETFL1X", "FR.OADC.SENSITIVE"),
    ("one letter more", "PAYPALS", "FR.OADC.SENSITIVE"),
    ("one letter less", "NETFLX", "FR.OADC.SENSITIVE"),
    ("one letter changed", "CHRONOPAST", "FR.OADC.SENSITIVE"),
    ("two letters changed", "CHRONAPAST", None),
    ("one letter changed in a name of five", "AMELA", "FR.OADC.SENSITIVE"),
    ("one letter changed in a name of four", "ULYX", None),
    ("m drawn as rn", "ARNAZON", "FR.OADC.SENSITIVE"),
    ("an alias", "CNAM", "FR.OADC.SENSITIVE"),
    ("honest names pass: CAFEPAUL", "CAFEPAUL", None),
    ("honest names pass: POSTERS", "POSTERS", None),
    ("honest names pass: UPSA", "UPSA", None),
    ("honest names pass: LECLERC", "LECLERC", None),
    ("honest names pass: ULYSSE", "ULYSSE", None),
    ("honest names pass: FREEZE", "FREEZE", None),
    ("a marketing short code", "36180", None),
    ("a transactional short code", "38180", "FR.SHORTCODE.FAMILY"),
    ("a mobile 06", "+33612345678", "FR.OADC.MOBILE"),
    ("a mobile 07", "0712345678", "FR.OADC.MOBILE"),
    ("a long 07000", "07000123456789", None),
    ("a long 07004", "07004123456789", None),
    ("07005 is a mobile", "0700512345", "FR.OADC.MOBILE"),
    ("a fixed line", "0142345678", "FR.OADC.MOBILE"),
    ("an ordinary 09", "0912345678", "FR.OADC.MOBILE"),
    ("0937", "0937123456", None),
    ("0938", "+33938123456", None),
    ("0936", "0936123456", "FR.OADC.MOBILE"),
    ("09390", "0939012345", None),
    ("09394", "0939412345", None),
    ("09395", "0939512345", "FR.OADC.MOBILE"),
    ("0162", "0162123456", None),
    ("0164", "0164123456", "FR.OADC.MOBILE"),
    ("0949", "0949123456", None),
    ("0947", "0947123456", "FR.OADC.MOBILE"),
    ("another country's number", "+447700900123", None),
]


@pytest.mark.parametrize(("sender", "rule_id"), [row[1:] for row in FRANCE], ids=[row[0] for row in FRANCE])
def test_french_senders(ask, sender, rule_id):
    text = "MABOUTIQUE : la collection est là."
    blocks = [
        found
        for found in ask(sender=sender, text=text, advertiser="MABOUTIQUE").findings("FR")
        if found.effect is Effect.BLOCK
    ]
    if rule_id is None:
        assert blocks == []
    else:
        assert rule_id in [found.rule_id for found in blocks]
        assert {found.reason for found in blocks} == {Reason.SENDER_NOT_ALLOWED}


@pytest.mark.parametrize("day", ["2024-01-15", "2025-01-15", "2026-01-15", "2026-06-15"])
def test_eleven_characters_were_the_limit_in_every_edition(ask, day):
    at = datetime.fromisoformat(f"{day} 12:00").replace(tzinfo=ZoneInfo("Europe/Paris"))
    assert ask(at=at, sender="MABOUTIQUE1").refusal("FR") is None
    assert ask(at=at, sender="MABOUTIQUE12").refusal("FR").reason is Reason.SENDER_NOT_ALLOWED


DECLARED = [
    ("a letter of authorisation unlocks a brand", "AMELI", {Declaration.SENDER_AUTHORISED}, True),
    ("it does not unlock a generic word", "PROMO", {Declaration.SENDER_AUTHORISED}, False),
    ("the registered name may be a generic word", "PROMO", {Declaration.SENDER_IS_COMPANY_NAME}, True),
    ("it does not unlock a brand", "AMELI", {Declaration.SENDER_IS_COMPANY_NAME}, False),
    ("a conversation may use a fixed number", "0142345678", {Declaration.CONVERSATIONAL_SENDER}, True),
    ("it may not use a mobile", "0612345678", {Declaration.CONVERSATIONAL_SENDER}, False),
]


@pytest.mark.parametrize(("sender", "declared", "allowed"), [r[1:] for r in DECLARED], ids=[r[0] for r in DECLARED])
def test_what_is_declared_unlocks_only_its_own_rule(ask, sender, declared, allowed):
    desk = ask(sender=sender, declarations=declared, text="MABOUTIQUE est là", advertiser="MABOUTIQUE")
    assert (desk.refusal("FR") is None) == allowed


def test_a_transactional_code_may_send_notifications(ask):
    desk = ask(sender="38180", kind=Kind.NOTIFICATION, text="Votre colis est arrivé")
    assert desk.refusal("FR") is None


def test_a_digit_in_front_is_warned_of_in_the_strict_profile(ask):
    found = ask(sender="3SUISSES", profile=Profile.STRICT).findings("FR")
    assert [(finding.rule_id, finding.effect) for finding in found] == [("FR.OADC.FIRST_LETTER", Effect.WARN)]


IDENTITY = [
    ("the name is the sender", "MABOUTIQUE", "Ma Boutique", "Bonjour", None),
    ("a short code, named in the text", "36180", "Ma Boutique", "Boutique : bonjour", None),
    ("a short code, not named", "36180", "Ma Boutique", "Bonjour", Effect.BLOCK),
    ("a short code, nobody declared", "36180", "", "Bonjour", Effect.WARN),
]


@pytest.mark.parametrize(
    ("sender", "advertiser", "text", "effect"), [r[1:] for r in IDENTITY], ids=[r[0] for r in IDENTITY]
)
def test_the_advertiser_is_named(ask, sender, advertiser, text, effect):
    found = [
        finding
        for finding in ask(sender=sender, advertiser=advertiser, text=text).findings("FR")
        if finding.rule_id == "FR.IDENTITY"
    ]
    assert [finding.effect for finding in found] == ([effect] if effect else [])


ELSEWHERE = [
    # what                                       territory sender        declared                          refused by
    ("London: a hyphen", "GB", "MA-BOUTIQ", set(), None),
    ("London: a hyphen in front", "GB", "-BOUTIQUE", set(), "GB.OADC.LEN"),
    ("London: three characters", "GB", "ABC", set(), None),
    ("London: two characters", "GB", "AB", set(), "GB.OADC.LEN"),
    ("London: a generic word", "GB", "DELIVERY", set(), "GB.OADC.GENERIC"),
    ("Berlin: eleven characters", "DE", "MABOUTIQUE1", set(), None),
    ("Berlin: twelve characters", "DE", "MABOUTIQUE12", set(), "GLOBAL.SENDER.LENGTH"),
    ("Dublin: not registered", "IE", "MABOUTIQUE", set(), "IE.SENDER.REGISTER"),
    ("Dublin: registered", "IE", "MABOUTIQUE", {Declaration.SENDER_REGISTERED}, None),
    ("New York: a name", "US", "MABOUTIQUE", set(), "US.SENDER.10DLC"),
    ("New York: a number that is not registered", "US", "+12125550100", set(), "US.SENDER.10DLC"),
    ("New York: a registered number", "US", "+12125550100", {Declaration.SENDER_REGISTERED}, None),
    ("Dubai: without prefix", "AE", "MABOUTIQUE", set(), "AE.SENDER.AD"),
    ("Dubai: with prefix", "AE", "AD-BOUTIQUE", set(), None),
    ("Dubai: prefix and twelve characters", "AE", "AD-BOUTIQUES", set(), "AE.SENDER.AD"),
    ("Riyadh: with suffix", "SA", "BOUTIQUE-AD", set(), None),
    ("Riyadh: without", "SA", "BOUTIQUE", set(), "SA.SENDER.AD"),
    ("Delhi: an international route", "IN", "123456", {Declaration.SENDER_REGISTERED}, "IN.PROMO.INTL"),
    (
        "Delhi: a domestic route, registered",
        "IN",
        "123456",
        {Declaration.SENDER_REGISTERED, Declaration.DOMESTIC_ROUTE},
        None,
    ),
    ("Delhi: a domestic route, not registered", "IN", "123456", {Declaration.DOMESTIC_ROUTE}, "IN.DLT"),
]


@pytest.mark.parametrize(
    ("territory", "sender", "declared", "rule_id"), [r[1:] for r in ELSEWHERE], ids=[r[0] for r in ELSEWHERE]
)
def test_senders_elsewhere(ask, territory, sender, declared, rule_id):
    desk = ask(sender=sender, declarations=declared, text="MABOUTIQUE is here", advertiser="MABOUTIQUE")
    refusal = desk.refusal(territory)
    assert (refusal and refusal.rule_id) == rule_id


@pytest.mark.parametrize(("day", "refused"), [("2026-09-30", False), ("2026-10-01", True)])
def test_austria_asks_for_registered_names_from_october_2026(ask, day, refused):
    at = datetime.fromisoformat(f"{day} 12:00").replace(tzinfo=ZoneInfo("Europe/Vienna"))
    assert (ask(at=at).refusal("AT") is not None) == refused
    assert ask(at=at, declarations={Declaration.SENDER_REGISTERED}).refusal("AT") is None


@pytest.mark.parametrize(("territory", "rule_id"), [("SG", "SG.SSIR"), ("AU", "AU.SENDER.REGISTER")])
def test_an_unregistered_name_is_only_marked_there(ask, territory, rule_id):
    at = datetime(2026, 7, 1, 12, tzinfo=ZoneInfo("Australia/Sydney"))
    assert [(found.rule_id, found.effect) for found in ask(at=at).findings(territory)] == [(rule_id, Effect.WARN)]
    assert ask(at=at, declarations={Declaration.SENDER_REGISTERED}).findings(territory) == ()
