"""The way to object: where it is due, in which form, and that it stands there once."""

import pytest

from smskit.compliance import Effect, opt_out_word
from smskit.kinds import Kind, Reason
from smskit.protocols import StopForm

FORM = StopForm("STOP au 36180")

THERE = [
    "Promo STOP au 36180", "Promo STOP 36180", "Promo stop sms 36180", "Promo Stop SMS au 36111", "STOP AU 36180 promo",
    "Promo\nSTOP 36180", "Promo stop to 36180",
]  # fmt: skip
NOT_THERE = [
    "Promo", "Promo non-stop 36180", "Promo STOP", "Promo stop 3618", "Promo stop 361800", "Promo stopper au 36180",
    "Le top des promos", "STOP au 38180",
]  # fmt: skip


@pytest.mark.parametrize("text", THERE)
def test_a_mention_that_is_there_is_not_appended(ask, text):
    assert ask().suffix("FR", text) == ""


@pytest.mark.parametrize("text", NOT_THERE)
def test_what_is_no_mention_does_not_count(ask, text):
    assert ask().suffix("FR", text) == " STOP au 36180"


def test_the_suffix_of_the_articles_leaves_146_characters(ask):
    assert 160 - len(ask().suffix("FR", "Bonjour")) == 146


@pytest.mark.parametrize("kind", [Kind.NOTIFICATION, Kind.OTP])
def test_functional_messages_carry_none(ask, kind):
    assert ask(kind=kind, text="Votre code est 4821").suffix("FR", "Votre code est 4821") == ""


FORMS = {"FR": StopForm("STOP 36229"), "GP": StopForm("STOP 36789"), "*": StopForm("STOP")}
TERRITORIES = [("FR", " STOP 36229"), ("FR-AM", " STOP 36229"), ("GP", " STOP 36789"), ("RE", " STOP"), ("BE", " STOP")]


@pytest.mark.parametrize(("territory", "suffix"), TERRITORIES)
def test_the_form_is_that_of_the_territory(ask, territory, suffix):
    assert ask(stop=FORMS).suffix(territory, "Bonjour") == suffix


def test_the_separator_is_the_forms_own(ask):
    assert ask(stop={"FR": StopForm("STOP 36180", "\n")}).suffix("FR", "Bonjour") == "\nSTOP 36180"


def test_what_the_carrier_prints_is_counted_even_when_the_text_has_it_and_warned_of(ask):
    printed = {"*": StopForm("STOP au 36180", printed_by_transport=True)}
    desk = ask(stop=printed, text="Promo STOP au 36180")
    assert desk.suffix("FR", "Promo STOP au 36180") == " STOP au 36180"
    assert [(found.rule_id, found.effect) for found in desk.findings("FR")] == [("GLOBAL.STOP.TWICE", Effect.WARN)]
    assert ask(stop=printed).findings("FR") == ()


PATHS = [
    # what, territory, sender, text, stop, missing
    ("the transport has a form", "FR", "MABOUTIQUE", "Promo", {"*": FORM}, False),
    ("nobody says how", "FR", "MABOUTIQUE", "Promo", {}, True),
    ("the text says how", "FR", "MABOUTIQUE", "Promo STOP au 36180", {}, False),
    ("a bare STOP cannot reach a name", "FR", "MABOUTIQUE", "Promo STOP", {}, True),
    ("a bare STOP reaches the short code that sends", "FR", "36180", "Promo MABOUTIQUE STOP", {}, False),
    ("non-stop is no bare STOP", "FR", "36180", "Promo MABOUTIQUE non-stop", {}, True),
    ("a bare STOP to another short code", "FR", "38180", "Promo MABOUTIQUE STOP", {}, True),
    ("form of another territory", "RE", "MABOUTIQUE", "Promo", {"FR": FORM}, True),
    ("Germany: the word is enough", "DE", "MABOUTIQUE", "Angebot. Abmelden: STOP", {}, False),
    ("Germany: no word", "DE", "MABOUTIQUE", "Angebot", {}, True),
]


@pytest.mark.parametrize(
    ("territory", "sender", "text", "stop", "missing"), [r[1:] for r in PATHS], ids=[r[0] for r in PATHS]
)
def test_a_way_to_object_has_to_be_there(ask, territory, sender, text, stop, missing):
    findings = ask(sender=sender, text=text, stop=stop, advertiser="MABOUTIQUE").findings(territory)
    blocked = [found for found in findings if found.rule_id in ("FR.STOP.MENTION", "GLOBAL.STOP.PATH")]
    assert bool(blocked) == missing
    assert all(found.reason is Reason.OPT_OUT_PATH_MISSING for found in blocked)


NUMBERS = [
    ("a mobile", "Promo STOP au 0612345678", True), ("a mobile of the 07", "Promo STOP 07 12 34 56 78", True),
    ("a premium number", "Promo STOP au 0899123456", True), ("the reporting desk", "Promo STOP au 33700", True),
    ("a transactional code", "Promo STOP au 38180", True), ("an international mobile", "Promo STOP +33612345678", True),
    ("a 36xxx", "Promo STOP au 36180", False),
    ("a mobile for something else", "Appelez le 0612345678. STOP au 36180", False),
]  # fmt: skip


@pytest.mark.parametrize(("text", "blocked"), [row[1:] for row in NUMBERS], ids=[row[0] for row in NUMBERS])
def test_stop_leads_to_no_mobile_premium_or_reporting_number(ask, text, blocked):
    found = [finding.rule_id for finding in ask(text=text).findings("FR")]
    assert ("FR.STOP.NUMBER" in found) == blocked


def test_the_form_of_the_transport_is_held_to_the_same(ask):
    assert ask(stop={"*": StopForm("STOP au 0612345678")}).refusal("FR").rule_id == "FR.STOP.NUMBER"


def test_what_the_mention_asks_for_is_understood_when_it_comes():
    assert opt_out_word(FORM.mention) == "STOP"
