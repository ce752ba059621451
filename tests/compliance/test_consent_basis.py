"""May this person be written to: each condition from both sides."""

from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from smskit.compliance import CustomerBasis, Declaration, Evidence, Sector
from smskit.errors import InvalidInput, NaiveDatetime
from smskit.kinds import Kind, Reason

PARIS = ZoneInfo("Europe/Paris")
AT = datetime(2026, 6, 24, 12, tzinfo=PARIS)
GIVEN = datetime(2026, 1, 10, 9, tzinfo=PARIS)
SECOND = timedelta(seconds=1)


def consent(**changes):
    return Evidence(**{"granted_at": GIVEN, "source": "formulaire web", **changes})


CONSENTS = [
    # what                                                evidence                                       reason, rule
    ("consent with a date and a source", consent(), None, None),
    ("nothing on file", Evidence(), Reason.NO_CONSENT, "FR.CONSENT.PRIOR"),
    ("a source without a date is no consent", Evidence(source="web"), Reason.NO_CONSENT, "FR.CONSENT.PRIOR"),
    ("a date without a source cannot be shown", consent(source=""), Reason.CONSENT_INVALID, "FR.CONSENT.PROOF"),
    ("a source of blanks is none", consent(source="  "), Reason.CONSENT_INVALID, "FR.CONSENT.PROOF"),
    ("given the very second of the sending", consent(granted_at=AT), None, None),
    ("the same of somebody whose age is known", consent(granted_at=AT, birth_date=date(1990, 1, 1)), None, None),
    ("given a second after the sending", consent(granted_at=AT + SECOND), Reason.CONSENT_INVALID, "FR.CONSENT.PROOF"),
    (
        "withdrawn a second after it was given",
        consent(withdrawn_at=GIVEN + SECOND),
        Reason.OPTED_OUT,
        "FR.CONSENT.WITHDRAWN",
    ),
    ("withdrawn in the same second", consent(withdrawn_at=GIVEN), Reason.OPTED_OUT, "FR.CONSENT.WITHDRAWN"),
    ("given again a second after the withdrawal", consent(withdrawn_at=GIVEN - SECOND), None, None),
    ("withdrawn and never given", Evidence(withdrawn_at=GIVEN), Reason.OPTED_OUT, "FR.CONSENT.WITHDRAWN"),
    ("given for e-mail", consent(channel="email"), Reason.CONSENT_INVALID, "FR.CONSENT.CHANNEL"),
    ("given to another advertiser", consent(advertiser="Autre"), Reason.CONSENT_INVALID, "FR.CONSENT.CHANNEL"),
    ("given to us by name", consent(advertiser="Ma Boutique"), None, None),
    ("a pre-ticked box", consent(source="case pré-cochée"), Reason.CONSENT_INVALID, "FR.CONSENT.VALID"),
    ("a pre-ticked box in English", consent(source="Pre-ticked box"), Reason.CONSENT_INVALID, "FR.CONSENT.VALID"),
    ("a box that was not pre-ticked", consent(source="case non pré-cochée"), None, None),
    ("acceptance of general terms", consent(source="acceptation CGV"), Reason.CONSENT_INVALID, "FR.CONSENT.VALID"),
    ("a partner's file", consent(source="fichier partenaire"), Reason.CONSENT_INVALID, "FR.CONSENT.VALID"),
    ("a partner's file that names us", consent(source="fichier partenaire", advertiser="Ma Boutique"), None, None),
    ("a bought file", consent(source="achat de fichier"), Reason.CONSENT_INVALID, "FR.CONSENT.VALID"),
    (
        "a bought file that names us is still bought",
        consent(source="achat de fichier", advertiser="Ma Boutique"),
        Reason.CONSENT_INVALID,
        "FR.CONSENT.VALID",
    ),
    ("a directory", consent(source="annuaire"), Reason.CONSENT_INVALID, "FR.CONSENT.VALID"),
    ("a keyword by SMS", consent(source="mot-clé START"), None, None),
    ("three years old tomorrow", consent(granted_at=datetime(2023, 6, 24, 12, 0, 1, tzinfo=PARIS)), None, None),
    (
        "three years old to the second",
        consent(granted_at=datetime(2023, 6, 24, 12, tzinfo=PARIS)),
        Reason.CONSENT_EXPIRED,
        "FR.RETENTION.PROSPECT",
    ),
    ("old, with a click since", consent(granted_at=datetime(2020, 1, 1, tzinfo=PARIS), last_contact=GIVEN), None, None),
    (
        "old, with a purchase since",
        consent(granted_at=datetime(2020, 1, 1, tzinfo=PARIS), purchased_at=GIVEN),
        None,
        None,
    ),
    (
        "old, and an old click",
        consent(granted_at=datetime(2020, 1, 1, tzinfo=PARIS), last_contact=datetime(2023, 6, 1, tzinfo=PARIS)),
        Reason.CONSENT_EXPIRED,
        "FR.RETENTION.PROSPECT",
    ),
    (
        "a contact dated after the sending proves nothing",
        consent(granted_at=datetime(2020, 1, 1, tzinfo=PARIS), last_contact=AT + SECOND),
        Reason.CONSENT_EXPIRED,
        "FR.RETENTION.PROSPECT",
    ),
    ("fifteen today", consent(birth_date=date(2011, 6, 24)), None, None),
    ("fifteen tomorrow", consent(birth_date=date(2011, 6, 25)), Reason.MINOR, "FR.CONSENT.MINOR"),
]


@pytest.mark.parametrize(
    ("evidence", "reason", "rule_id"), [row[1:] for row in CONSENTS], ids=[row[0] for row in CONSENTS]
)
def test_consent(ask, evidence, reason, rule_id):
    finding = ask(advertiser="Ma Boutique").basis(evidence, "FR")
    assert (finding and finding.reason, finding and finding.rule_id) == (reason, rule_id)


def test_three_years_from_29_february_end_on_1_march(ask):
    leap = consent(granted_at=datetime(2024, 2, 29, 12, tzinfo=PARIS))
    assert ask(at=datetime(2027, 3, 1, 11, 59, 59, tzinfo=PARIS)).basis(leap, "FR") is None
    assert ask(at=datetime(2027, 3, 1, 12, tzinfo=PARIS)).basis(leap, "FR").reason is Reason.CONSENT_EXPIRED


def test_a_consent_that_names_somebody_needs_a_campaign_that_does(ask):
    assert ask().basis(consent(advertiser="Ma Boutique"), "FR").rule_id == "FR.CONSENT.CHANNEL"


@pytest.mark.parametrize("kind", [Kind.NOTIFICATION, Kind.OTP])
@pytest.mark.parametrize("evidence", [Evidence(), Evidence(withdrawn_at=GIVEN)], ids=["nothing", "withdrawn"])
def test_functional_messages_need_no_consent(ask, kind, evidence):
    assert ask(kind=kind, text="Votre code est 4821").basis(evidence, "FR") is None


def test_a_notification_that_sells_needs_consent(ask):
    desk = ask(kind=Kind.NOTIFICATION, text="Votre colis est là. -20% sur tout avec le code ETE20")
    assert desk.kind is Kind.MARKETING
    assert desk.basis(Evidence(), "FR").reason is Reason.NO_CONSENT
    assert "FR.TRANSACTIONAL.MIXED" in [finding.rule_id for finding in desk.findings("FR")]


ALL_MET = {"same_entity": True, "collected_from_person": True, "similar_products": True, "opt_out_offered": True}
BUYER = Evidence(purchased_at=GIVEN)

CUSTOMERS = [
    # what                                    conditions                           evidence   rule that speaks
    ("all five are met", ALL_MET, BUYER, None),
    ("nobody declared anything", None, BUYER, "FR.CONSENT.PRIOR"),
    ("no purchase", ALL_MET, Evidence(), "FR.SOFT.CUSTOMER"),
    ("a purchase after the sending", ALL_MET, Evidence(purchased_at=AT + SECOND), "FR.SOFT.CUSTOMER"),
    ("a purchase in the second of the sending", ALL_MET, Evidence(purchased_at=AT), None),
    ("another company sold", {**ALL_MET, "same_entity": False}, BUYER, "FR.SOFT.SAME_ENTITY"),
    ("the number came from elsewhere", {**ALL_MET, "collected_from_person": False}, BUYER, "FR.SOFT.COLLECTED_DIRECT"),
    ("other products", {**ALL_MET, "similar_products": False}, BUYER, "FR.SOFT.SIMILAR"),
    ("no refusal was offered", {**ALL_MET, "opt_out_offered": False}, BUYER, "FR.SOFT.OPTOUT_AT_COLLECTION"),
    ("the customer said STOP", ALL_MET, Evidence(purchased_at=GIVEN, withdrawn_at=GIVEN), "FR.CONSENT.WITHDRAWN"),
    (
        "bought three years ago less a second",
        ALL_MET,
        Evidence(purchased_at=datetime(2023, 6, 24, 12, 0, 1, tzinfo=PARIS)),
        None,
    ),
    (
        "bought three years ago",
        ALL_MET,
        Evidence(purchased_at=datetime(2023, 6, 24, 12, tzinfo=PARIS)),
        "FR.RETENTION.PROSPECT",
    ),
    ("a customer of fourteen", ALL_MET, Evidence(purchased_at=GIVEN, birth_date=date(2012, 1, 1)), "FR.CONSENT.MINOR"),
    (
        "a customer whose consent was pre-ticked is still a customer",
        ALL_MET,
        Evidence(purchased_at=GIVEN, granted_at=GIVEN, source="pré-coché"),
        None,
    ),
]


@pytest.mark.parametrize(
    ("conditions", "evidence", "rule_id"), [r[1:] for r in CUSTOMERS], ids=[r[0] for r in CUSTOMERS]
)
def test_the_customer_exception(ask, conditions, evidence, rule_id):
    customers = None if conditions is None else CustomerBasis(**conditions)
    finding = ask(customers=customers).basis(evidence, "FR")
    assert (finding and finding.rule_id) == rule_id


def test_strict_consent_asks_customers_and_professionals_too(ask):
    desk = ask(customers=CustomerBasis(**ALL_MET), strict_consent=True)
    assert desk.basis(BUYER, "FR").reason is Reason.NO_CONSENT
    informed = {
        Declaration.PROFESSIONAL_RECIPIENTS,
        Declaration.RELATES_TO_PROFESSION,
        Declaration.INFORMED_AT_COLLECTION,
    }
    assert ask(declarations=informed, strict_consent=True).basis(Evidence(), "FR").reason is Reason.NO_CONSENT
    assert ask(strict_consent=True).basis(consent(), "FR") is None


def test_the_written_assessment_is_asked_for(ask):
    without = ask(customers=CustomerBasis(**ALL_MET)).findings("FR")
    assert [finding.rule_id for finding in without] == ["FR.LI.TEST"]
    assert ask(customers=CustomerBasis(**ALL_MET, assessment="LIA-2026-04")).findings("FR") == ()
    assert ask(customers=CustomerBasis(**ALL_MET), strict_consent=True).findings("FR") == ()


RELATED, INFORMED = Declaration.RELATES_TO_PROFESSION, Declaration.INFORMED_AT_COLLECTION
PROFESSIONALS = [
    ("the row says professional, the campaign the rest", {RELATED, INFORMED}, Evidence(professional=True), True),
    ("the campaign says all", {RELATED, INFORMED, Declaration.PROFESSIONAL_RECIPIENTS}, Evidence(), True),
    ("the row says nothing", {RELATED, INFORMED}, Evidence(), False),
    ("nothing to do with the profession", {INFORMED}, Evidence(professional=True), False),
    ("not informed", {RELATED}, Evidence(professional=True), False),
    ("objected", {RELATED, INFORMED}, Evidence(professional=True, withdrawn_at=GIVEN), False),
]


@pytest.mark.parametrize(
    ("declared", "evidence", "allowed"), [r[1:] for r in PROFESSIONALS], ids=[r[0] for r in PROFESSIONALS]
)
def test_professionals(ask, declared, evidence, allowed):
    assert (ask(declarations=declared).basis(evidence, "FR") is None) == allowed


CHARITIES = [
    ("informed at collection", Sector.CHARITY, {INFORMED}, True),
    ("not informed", Sector.CHARITY, set(), False),
    ("a shop is no charity", Sector.OTHER, {INFORMED}, False),
]


@pytest.mark.parametrize(("sector", "declared", "allowed"), [r[1:] for r in CHARITIES], ids=[r[0] for r in CHARITIES])
def test_charities(ask, sector, declared, allowed):
    assert (ask(sector=sector, declarations=declared).basis(Evidence(), "FR") is None) == allowed


COUNTRIES = [
    # country, customers without consent, professionals without consent
    ("DE", True, False),
    ("AT", True, False),
    ("ES", True, False),
    ("IT", False, False),
    ("BE", True, False),
    ("NL", True, False),
    ("CH", True, False),
    ("PT", True, False),
    ("PL", False, False),
    ("IE", False, False),
    ("GB", True, True),
    ("US", False, False),
    ("AU", True, False),
    ("BR", True, False),
    ("CA", True, False),
    ("NO", False, False),
    ("IN", False, False),
    ("KR", False, False),
    ("GP", True, True),
    ("FR-AM", True, True),
]


@pytest.mark.parametrize(("country", "customers", "professionals"), COUNTRIES)
def test_who_may_be_written_to_without_consent_differs_by_country(ask, country, customers, professionals):
    assert ask().basis(Evidence(), country).reason is Reason.NO_CONSENT
    assert ask().basis(consent(), country) is None
    assert (ask(customers=CustomerBasis(**ALL_MET)).basis(BUYER, country) is None) == customers
    desk = ask(declarations={RELATED, INFORMED})
    assert (desk.basis(Evidence(professional=True), country) is None) == professionals


def test_canadian_customers_are_remembered_for_two_years(ask):
    desk = ask(customers=CustomerBasis(same_entity=True))
    assert desk.basis(Evidence(purchased_at=datetime(2024, 6, 24, 12, 0, 1, tzinfo=PARIS)), "CA") is None
    assert desk.basis(Evidence(purchased_at=datetime(2024, 6, 24, 12, tzinfo=PARIS)), "CA").reason is Reason.NO_CONSENT


def test_before_a_countrys_own_law_the_worlds_stands_in(ask):
    before = datetime(2024, 11, 9, 12, tzinfo=PARIS)
    assert ask(at=before).basis(Evidence(), "PL").rule_id == "GLOBAL.CONSENT"
    assert ask(at=before + timedelta(days=1)).basis(Evidence(), "PL").rule_id == "PL.CONSENT"


def test_every_withdrawal_counts_in_every_country(ask):
    for country in ("FR", "US", "NO", "ZZ"):
        assert ask().basis(consent(withdrawn_at=AT), country).reason is Reason.OPTED_OUT


def test_times_without_zone_are_refused():
    with pytest.raises(NaiveDatetime):
        Evidence(granted_at=datetime(2026, 1, 1))
    with pytest.raises(InvalidInput, match="date"):
        Evidence(birth_date=datetime(2026, 1, 1, tzinfo=timezone.utc))


def test_evidence_is_equal_and_hashes_by_value():
    assert {consent(): 1}[consent()] == 1
    assert "wording" not in repr(consent(wording="J'accepte"))
